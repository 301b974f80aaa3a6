/* corpus - documents of several chunks, in order, in memory. */
#include <retort/corpus.h>

struct _RetortCorpus {
  gatomicrefcount refs;
  GPtrArray *chunks;    /* RetortChunk, referenced */
  GPtrArray *documents; /* RetortDocument, of the chunks */
};

RetortCorpus *
retort_corpus_new (void)
{
  RetortCorpus *corpus = g_new0 (RetortCorpus, 1);

  g_atomic_ref_count_init (&corpus->refs);
  corpus->chunks = g_ptr_array_new_with_free_func ((GDestroyNotify)retort_chunk_unref);
  corpus->documents = g_ptr_array_new ();
  return corpus;
}

RetortCorpus *
retort_corpus_ref (RetortCorpus *corpus)
{
  g_atomic_ref_count_inc (&corpus->refs);
  return corpus;
}

void
retort_corpus_unref (RetortCorpus *corpus)
{
  if (!corpus || !g_atomic_ref_count_dec (&corpus->refs))
    return;
  g_ptr_array_unref (corpus->documents);
  g_ptr_array_unref (corpus->chunks);
  g_free (corpus);
}

void
retort_corpus_add_chunk (RetortCorpus *corpus, RetortChunk *chunk)
{
  g_ptr_array_add (corpus->chunks, retort_chunk_ref (chunk));
  for (guint i = 0; i < retort_chunk_n_documents (chunk); i++)
    g_ptr_array_add (corpus->documents, (RetortDocument *)retort_chunk_document (chunk, i));
}

guint
retort_corpus_n_documents (const RetortCorpus *corpus)
{
  return corpus ? corpus->documents->len : 0;
}

const RetortDocument *
retort_corpus_document (const RetortCorpus *corpus, guint i)
{
  g_assert (i < corpus->documents->len);
  return corpus->documents->pdata[i];
}
