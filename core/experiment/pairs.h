/* pairs - gold and predicted documents of two corpora, matched by id.
 *
 * Streams both files side by side; only where their order differs are documents kept. */
#pragma once

#include <retort/corpus.h>

G_BEGIN_DECLS

typedef struct _RetortPairs RetortPairs;

RetortPairs *retort_pairs_open (const char *gold_path, const char *predicted_path, RetortDiagnostics *diagnostics,
                                GError **error);
void retort_pairs_free (RetortPairs *pairs);
/* The next pair in gold's order, lent until the next call; FALSE at the end and on error. A gold document that nothing
 * was predicted for comes with an unannotated copy of itself. A gold document without a gold layer, an id that stands
 * twice, or texts that differ are RETORT_ERROR_DATA. */
gboolean retort_pairs_next (RetortPairs *pairs, const RetortDocument **gold, const RetortDocument **predicted,
                            GError **error);
guint retort_pairs_n_missing (const RetortPairs *pairs); /* gold documents so far without a predicted one */
/* After the last pair: predicted documents that gold does not have. */
guint retort_pairs_n_extra (const RetortPairs *pairs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortPairs, retort_pairs_free)

G_END_DECLS
