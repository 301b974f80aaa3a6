/* tags - entities as one tag a token, in the schemes of the field.
 *
 * IOB1: B- only between adjacent entities of one label (Ramshaw & Marcus 1995). IOB2: B- begins every entity.
 * IOE1, IOE2: the same with E- at the end. IO: no borders. IOBES (= BIOES): S- alone, E- last. BILOU: U- alone, L- last. */
#pragma once

#include <retort/error.h>

G_BEGIN_DECLS

typedef enum {
  RETORT_SCHEME_IOB1, RETORT_SCHEME_IOB2, RETORT_SCHEME_IOE1, RETORT_SCHEME_IOE2, RETORT_SCHEME_IO,
  RETORT_SCHEME_IOBES, RETORT_SCHEME_BILOU,
} RetortScheme;

/* Names in the enum's order, NULL-terminated: "IOB1" ... */
extern const char *const retort_scheme_names[];

typedef struct {
  guint start, end;  /* tokens, half-open */
  const char *label; /* lent: points behind the dash of a tag, or to what the caller gave; "" for bare B, I, O */
} RetortTokenSpan;

/* Reads one sentence's tags. Lenient as conlleval (Tjong Kim Sang 2004): whatever is not O belongs to an entity; an
 * entity ends before O, before another label, before B/S/U, after E/L/S/U, and at the end. Strict: only entities that
 * are legal in `scheme` count. Result sorted by start; GArray of RetortTokenSpan. */
GArray *retort_tags_read_lenient (const char *const *tags, guint n_tags);
GArray *retort_tags_read_strict (RetortScheme scheme, const char *const *tags, guint n_tags);

/* Writes spans (sorted, apart) as tags of one sentence. Full ownership: NULL-terminated, free with g_strfreev. */
char **retort_tags_write (RetortScheme scheme, const RetortTokenSpan *spans, guint n_spans, guint n_tokens);

G_END_DECLS
