/* tags - entities of a document as one label number a token, and back.
 *
 * Number 0 is O. In IOB2 entity e has 1 + 2 e (B) and 2 + 2 e (I); in IOBES 1 + 4 e (B), then I, E, S. */
#pragma once

#include "predict.h"

G_BEGIN_DECLS

typedef struct {
  guint n_entities, n_labels;
  gboolean ends;    /* IOBES */
  guint8 *follows;  /* [L][L] which label may follow which */
  guint8 *allowed;  /* [4][L] by place: inside, first, last, first and last of a sentence */
  char **names;     /* [L + 1] "O", "B-Disease", ... NULL */
} LinearTags;

enum { LINEAR_INSIDE = 0, LINEAR_FIRST = 1, LINEAR_LAST = 2 }; /* places; they add up */

/* NULL with RETORT_ERROR_LIMIT where the labels would be too many. */
LinearTags *linear_tags_new (const RetortTask *task, gboolean ends, GError **error);
void linear_tags_free (LinearTags *tags);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LinearTags, linear_tags_free)

void linear_tags_write (const LinearTags *tags, LinearRange tokens, guint entity, guint16 *labels);
/* Mentions in the labels of one sentence [n]; tokens count from its start. Appends LinearFound without a score. */
void linear_tags_read (const LinearTags *tags, const guint16 *labels, guint n, GArray *mentions);

/* What a tagger of tokens cannot learn from the gold layer as it stands. */
typedef struct { gint64 n_mentions, n_snapped, n_joined, n_split, n_overlapping, n_without_tokens, n_other; } LinearLosses;

/* One label a token [n_tokens] from the layer. A mention takes all tokens that it touches, one of several fragments all
 * between its first and its last; sentences that a mention crosses are joined in `text`; of overlapping mentions the
 * longer one stays (then the first). Each is counted. */
void linear_tags_learn (const LinearTags *tags, const RetortTask *task, LinearText *text, const RetortLayer *layer,
                        guint16 *labels, LinearLosses *losses);
void linear_losses_report (const LinearLosses *losses, RetortContext *context);

G_END_DECLS
