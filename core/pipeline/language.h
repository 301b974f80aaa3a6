/* language - the keys of a pipeline file. One table says which keys a map may have and what they mean; the check, the
 * JSON Schema and "did you mean" read it. */
#pragma once

#include "base/yaml.h"

G_BEGIN_DECLS

/* What may stand under a key; several may be allowed. */
typedef enum {
  RETORT_SHAPE_TEXT = 1 << 0,
  RETORT_SHAPE_INT = 1 << 1,      /* a whole number, not negative */
  RETORT_SHAPE_DURATION = 1 << 2, /* "90s" */
  RETORT_SHAPE_LIST = 1 << 3,     /* of texts */
  RETORT_SHAPE_MAP = 1 << 4,
  RETORT_SHAPE_MAPS = 1 << 5, /* a list of maps */
} RetortShape;

typedef struct {
  const char *name; /* NULL ends */
  guint shapes;     /* of RetortShape */
  gboolean required;
  const char *help; /* one sentence */
} RetortKey;

extern const RetortKey retort_keys_pipeline[];
extern const RetortKey retort_keys_data[];
extern const RetortKey retort_keys_endpoint[];
extern const RetortKey retort_keys_step[];
extern const RetortKey retort_keys_task[];
extern const RetortKey retort_keys_use[]; /* a tokenizer with options */
extern const RetortKey retort_keys_limit[];
extern const RetortKey retort_keys_compare[];

/* Checks names, presence and shapes; `where` is "step 'model'". A text that holds ${...} passes for any shape. FALSE if
 * something was wrong. */
gboolean retort_keys_check (const RetortKey *keys, const RetortYamlFile *file, const RetortYaml *map,
                            const RetortYaml *at, const char *where, RetortDiagnostics *diagnostics);

/* Complains at a node. Exact repeats, as the instances of one step make them, are stored once. */
void retort_complain (RetortDiagnostics *diagnostics, RetortCode code, const RetortYamlFile *file, const RetortYaml *at,
                      const char *hint, const char *format, ...) G_GNUC_PRINTF (6, 7);
/* "did you mean 'model'?" or, where nothing is near, `otherwise` and the candidates: "steps: a, b". Full ownership. */
char *retort_hint (const char *word, const char *const *candidates, const char *otherwise);
/* "a map", "a list", "'word'": what a node is, for messages. Full ownership. */
char *retort_yaml_what (const RetortYaml *node);
/* Letters, digits, '-' and '_'; not empty. */
gboolean retort_is_name (const char *text);

G_END_DECLS
