/* each - all documents of a reader, one after the other. */
#pragma once

#include <retort/plugin.h>

typedef gboolean (*EachFunc) (const RetortDocument *document, gpointer user, GError **error);

/* Stops at the first FALSE, and when the user wants it to. */
static inline gboolean
each_document (RetortContext *context, RetortCorpusReader *in, EachFunc func, gpointer user, GError **error)
{
  for (guint done = 0;;) {
    GError *failure = NULL;
    g_autoptr(RetortChunk) chunk = retort_corpus_reader_next (in, 256, &failure);
    if (failure) {
      g_propagate_error (error, failure);
      return FALSE;
    }
    if (!chunk)
      return TRUE;
    for (guint i = 0; i < retort_chunk_n_documents (chunk); i++, done++) {
      retort_context_at (context, retort_chunk_document (chunk, i));
      if (!func (retort_chunk_document (chunk, i), user, error))
        return FALSE;
    }
    retort_context_progress (context, done, 0, "documents");
    if (retort_context_cancelled (context)) {
      g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_CANCELLED, "stopped");
      return FALSE;
    }
  }
}
