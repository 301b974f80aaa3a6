/* option - one table per plugin says what can be set; the check, the help, the JSON Schema, the cache key and the
 * reference pages are made from it.
 *
 *   typedef struct { double c2; gint64 iterations; const char *scheme; } Options;
 *   static const RetortOption options[] = {
 *     RETORT_OPTION_NUMBER (Options, c2, "c2", "1", 0, 1e6, "Weight of the L2 penalty, 0.5 * c2 * |w|^2."),
 *     RETORT_OPTION_INT (Options, iterations, "iterations", "200", 1, 100000, "At most so many steps of L-BFGS."),
 *     RETORT_OPTION_CHOICE (Options, scheme, "scheme", "IOB2", schemes, "Tags of the chain."),
 *   };
 * A field of the wrong C type does not compile. The engine fills the struct; a plugin never sees YAML.
 */
#pragma once

#include <retort/error.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef enum {
  RETORT_OPTION_TYPE_BOOL,     /* gboolean */
  RETORT_OPTION_TYPE_INT,      /* gint64 */
  RETORT_OPTION_TYPE_NUMBER,   /* double */
  RETORT_OPTION_TYPE_STRING,   /* const char * */
  RETORT_OPTION_TYPE_CHOICE,   /* const char *; one of `choices` */
  RETORT_OPTION_TYPE_PATH,     /* const char *; absolute when the plugin sees it; its content's digest is in the key */
  RETORT_OPTION_TYPE_DURATION, /* double; seconds; "90s", "1.5h" */
  RETORT_OPTION_TYPE_MONEY,    /* double; US dollars */
  RETORT_OPTION_TYPE_LIST,     /* const char *const *; NULL-terminated */
  RETORT_OPTION_TYPE_MAP,      /* const char *const *; key, value, key, value, NULL; in the file's order */
  RETORT_OPTION_TYPE_TEMPLATE, /* const char *; text with {{variables}} */
} RetortOptionType;

typedef enum {
  RETORT_OPTION_REQUIRED = 1 << 0,
  RETORT_OPTION_SECRET = 1 << 1,     /* names where the secret is (env:NAME, command:...); never its value */
  RETORT_OPTION_TUNING = 1 << 2,     /* changes speed, never output; not in the key */
  RETORT_OPTION_DEPRECATED = 1 << 3,
} RetortOptionFlags;

typedef struct {
  const char *name;            /* as users write it, "max-length" */
  RetortOptionType type;
  gsize offset;                /* of the field in the plugin's struct */
  const char *preset;          /* the default, as users write it (lists: comma-separated); NULL: unset (0, NULL) */
  double min, max;             /* INT, NUMBER, DURATION, MONEY: inclusive */
  const char *const *choices;  /* CHOICE: NULL-terminated */
  const char *unit;            /* "tokens", or NULL */
  const char *help;            /* one sentence */
  RetortOptionFlags flags;
} RetortOption;

/* The offset of S.field if it has type T; else an error of the compiler. */
#define RETORT_FIELD(S, field, T) (_Generic (&((S *) NULL)->field, T *: offsetof (S, field)))

#define RETORT_OPTION(S, field, user_name, kind, T, ...) \
  { .name = user_name, .type = RETORT_OPTION_TYPE_##kind, .offset = RETORT_FIELD (S, field, T), __VA_ARGS__ }
#define RETORT_OPTION_BOOL(S, field, user_name, default_, help_, ...) \
  RETORT_OPTION (S, field, user_name, BOOL, gboolean, .preset = default_, .help = help_, __VA_ARGS__)
#define RETORT_OPTION_INT(S, field, user_name, default_, min_, max_, help_, ...) \
  RETORT_OPTION (S, field, user_name, INT, gint64, .preset = default_, .min = min_, .max = max_, .help = help_, __VA_ARGS__)
#define RETORT_OPTION_NUMBER(S, field, user_name, default_, min_, max_, help_, ...) \
  RETORT_OPTION (S, field, user_name, NUMBER, double, .preset = default_, .min = min_, .max = max_, .help = help_, __VA_ARGS__)
#define RETORT_OPTION_STRING(S, field, user_name, default_, help_, ...) \
  RETORT_OPTION (S, field, user_name, STRING, const char *, .preset = default_, .help = help_, __VA_ARGS__)
#define RETORT_OPTION_CHOICE(S, field, user_name, default_, choices_, help_, ...) \
  RETORT_OPTION (S, field, user_name, CHOICE, const char *, .preset = default_, .choices = choices_, .help = help_, __VA_ARGS__)
#define RETORT_OPTION_PATH(S, field, user_name, help_, ...) \
  RETORT_OPTION (S, field, user_name, PATH, const char *, .help = help_, __VA_ARGS__)
#define RETORT_OPTION_DURATION(S, field, user_name, default_, min_, max_, help_, ...) \
  RETORT_OPTION (S, field, user_name, DURATION, double, .preset = default_, .min = min_, .max = max_, .help = help_, __VA_ARGS__)
#define RETORT_OPTION_MONEY(S, field, user_name, default_, min_, max_, help_, ...) \
  RETORT_OPTION (S, field, user_name, MONEY, double, .preset = default_, .min = min_, .max = max_, .help = help_, __VA_ARGS__)
#define RETORT_OPTION_LIST(S, field, user_name, default_, help_, ...) \
  RETORT_OPTION (S, field, user_name, LIST, const char *const *, .preset = default_, .help = help_, __VA_ARGS__)
#define RETORT_OPTION_MAP(S, field, user_name, help_, ...) \
  RETORT_OPTION (S, field, user_name, MAP, const char *const *, .help = help_, __VA_ARGS__)
#define RETORT_OPTION_TEMPLATE(S, field, user_name, default_, help_, ...) \
  RETORT_OPTION (S, field, user_name, TEMPLATE, const char *, .preset = default_, .help = help_, __VA_ARGS__)

G_END_DECLS
