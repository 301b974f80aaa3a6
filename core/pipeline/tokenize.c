/* tokenize - documents with the tokens and sentences that a tokenizer plugin finds. */
#include "pipeline/run.h"

/* Documents of one piece of parallel work; fixed, so that any number of threads gives the same chunks. */
#define BLOCK 64
/* Documents of a file read at once. */
#define PIECE 256

typedef struct {
  RetortInstance *tokenizer;
  RetortContext *context;
  RetortChunk *chunk;
  RetortChunk **blocks; /* [n_blocks] */
  GError **errors;      /* [n_blocks] */
} Work;

static void tokenize_block (guint block, gpointer user);
static gboolean tokenize_document (RetortInstance *tokenizer, RetortContext *context, RetortChunk *into,
                                   const RetortDocument *document, RetortTokens *tokens, GError **error);

static gboolean
tokenize_into (RetortInstance *tokenizer, RetortContext *context, RetortChunk *chunk, GPtrArray *out, GError **error)
{
  guint n_blocks = (retort_chunk_n_documents (chunk) + BLOCK - 1) / BLOCK;
  g_autofree RetortChunk **blocks = g_new0 (RetortChunk *, n_blocks);
  g_autofree GError **errors = g_new0 (GError *, n_blocks);
  Work work = { tokenizer, context, chunk, blocks, errors };
  gboolean done = TRUE;

  retort_context_blame (context, tokenizer->loaded->id);
  retort_context_parallel (context, n_blocks, tokenize_block, &work);
  retort_context_blame (context, NULL);
  for (guint i = 0; i < n_blocks; i++) {
    g_ptr_array_add (out, blocks[i]);
    if (errors[i] == NULL)
      continue;
    if (done)
      g_propagate_error (error, errors[i]); /* the first in order, whichever thread was faster */
    else
      g_error_free (errors[i]);
    done = FALSE;
  }
  return done;
}

/* All blocks as one chunk: its documents share what the blocks hold. */
RetortChunk *
retort_tokenize_chunk (RetortInstance *tokenizer, RetortContext *context, RetortChunk *chunk, GError **error)
{
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) retort_chunk_unref);
  g_autoptr (RetortChunk) all = retort_chunk_new ();

  if (!tokenize_into (tokenizer, context, chunk, blocks, error))
    return NULL;
  for (guint i = 0; i < blocks->len; i++)
    for (guint k = 0; k < retort_chunk_n_documents (blocks->pdata[i]); k++)
      retort_document_builder_seal (
          retort_document_builder_new_from (all, retort_chunk_document (blocks->pdata[i], k)));
  return g_steal_pointer (&all);
}

RetortCorpus *
retort_tokenize_corpus (RetortInstance *tokenizer, RetortContext *context, RetortCorpus *corpus, GError **error)
{
  g_autoptr (RetortCorpus) tokenized = retort_corpus_new ();
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) retort_chunk_unref);
  g_autoptr (RetortChunk) all = retort_chunk_new ();
  guint n = retort_corpus_n_documents (corpus);

  for (guint i = 0; i < n; i++)
    retort_document_builder_seal (retort_document_builder_new_from (all, retort_corpus_document (corpus, i)));
  if (!tokenize_into (tokenizer, context, all, blocks, error))
    return NULL;
  for (guint i = 0; i < blocks->len; i++)
    retort_corpus_add_chunk (tokenized, blocks->pdata[i]);
  return g_steal_pointer (&tokenized);
}

gboolean
retort_tokenize_file (RetortInstance *tokenizer, RetortContext *context, const char *from, const char *to,
                      GError **error)
{
  g_autoptr (RetortCorpusReader) reader = retort_corpus_reader_open (from, retort_context_diagnostics (context), error);
  g_autoptr (RetortCorpusWriter) writer = reader != NULL ? retort_corpus_writer_open (to, error) : NULL;
  g_autoptr (GError) failed = NULL;

  if (writer == NULL)
    return FALSE;
  for (;;) {
    g_autoptr (RetortChunk) chunk = retort_corpus_reader_next (reader, PIECE, &failed);
    g_autoptr (RetortChunk) tokenized =
        chunk != NULL ? retort_tokenize_chunk (tokenizer, context, chunk, &failed) : NULL;
    if (tokenized == NULL)
      break;
    for (guint i = 0; i < retort_chunk_n_documents (tokenized); i++)
      if (!retort_corpus_writer_add (writer, retort_chunk_document (tokenized, i), error))
        return FALSE;
  }
  if (failed != NULL) {
    g_propagate_error (error, g_steal_pointer (&failed));
    return FALSE;
  }
  return retort_corpus_writer_finish (writer, error);
}

static void
tokenize_block (guint block, gpointer user)
{
  Work *work = user;
  guint end = MIN ((block + 1) * BLOCK, retort_chunk_n_documents (work->chunk));
  RetortTokens tokens = { g_array_new (FALSE, FALSE, sizeof (RetortSpan)),
                          g_array_new (FALSE, FALSE, sizeof (RetortSpan)) };

  work->blocks[block] = retort_chunk_new ();
  for (guint i = block * BLOCK; i < end && work->errors[block] == NULL; i++)
    tokenize_document (work->tokenizer, work->context, work->blocks[block], retort_chunk_document (work->chunk, i),
                       &tokens, &work->errors[block]);
  g_array_unref (tokens.tokens);
  g_array_unref (tokens.sentences);
}

static gboolean
tokenize_document (RetortInstance *tokenizer, RetortContext *context, RetortChunk *into,
                   const RetortDocument *document, RetortTokens *tokens, GError **error)
{
  const RetortTokenizerRole *role = tokenizer->loaded->role;
  g_autoptr (GError) failed = NULL;
  gsize n_bytes;
  const char *text = retort_document_text (document, &n_bytes);

  retort_context_at (context, document);
  g_array_set_size (tokens->tokens, 0);
  g_array_set_size (tokens->sentences, 0);
  if (!role->tokenize (tokenizer->self, text, n_bytes, tokens, &failed)) {
    g_propagate_prefixed_error (error, g_steal_pointer (&failed), "%s, document '%s': ", tokenizer->loaded->id,
                                retort_document_id (document));
    return FALSE;
  }
  if (!retort_cell_check_stdout (tokenizer->loaded->id, retort_document_id (document), error))
    return FALSE;
  RetortDocumentBuilder *builder = retort_document_builder_new_from (into, document);
  if (retort_document_builder_set_tokens (builder, (RetortSpan *) tokens->tokens->data, tokens->tokens->len, &failed) &&
      retort_document_builder_set_sentences (builder, (RetortSpan *) tokens->sentences->data, tokens->sentences->len,
                                             &failed)) {
    retort_document_builder_seal (builder);
    return TRUE;
  }
  /* To the builder these are bad data; here they are the plugin's doing. */
  retort_document_builder_discard (builder);
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "%s, document '%s': %s", tokenizer->loaded->id,
               retort_document_id (document), failed->message);
  return FALSE;
}
