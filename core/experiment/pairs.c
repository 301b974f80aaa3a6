/* pairs - gold and predicted documents side by side. */
#include "experiment/pairs.h"

/* One file and the chunk at hand. */
typedef struct {
  RetortCorpusReader *reader;
  RetortChunk *chunk;
  guint at; /* next document of `chunk` */
} Side;

/* A predicted document that came before its gold one. */
typedef struct {
  RetortChunk *chunk;
  const RetortDocument *document;
} Early;

struct _RetortPairs {
  Side gold, predicted;
  GHashTable *seen;       /* ids of gold documents so far */
  GHashTable *early;      /* id -> Early */
  Early current;          /* the predicted document that was lent last */
  guint n_missing;
  guint n_extra;          /* predicted documents read after the last gold one */
};

#define CHUNK_DOCUMENTS 256

static void
early_free (gpointer data)
{
  Early *early = data;

  retort_chunk_unref (early->chunk);
  g_free (early);
}

RetortPairs *
retort_pairs_open (const char *gold_path, const char *predicted_path, RetortDiagnostics *diagnostics, GError **error)
{
  g_autoptr(RetortPairs) pairs = g_new0 (RetortPairs, 1);

  pairs->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  pairs->early = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, early_free);
  pairs->gold.reader = retort_corpus_reader_open (gold_path, diagnostics, error);
  if (!pairs->gold.reader)
    return NULL;
  pairs->predicted.reader = retort_corpus_reader_open (predicted_path, diagnostics, error);
  if (!pairs->predicted.reader)
    return NULL;
  return g_steal_pointer (&pairs);
}

static void
side_clear (Side *side)
{
  retort_chunk_unref (side->chunk);
  if (side->reader)
    retort_corpus_reader_close (side->reader);
}

void
retort_pairs_free (RetortPairs *pairs)
{
  if (!pairs)
    return;
  side_clear (&pairs->gold);
  side_clear (&pairs->predicted);
  retort_chunk_unref (pairs->current.chunk);
  g_hash_table_unref (pairs->seen);
  g_hash_table_unref (pairs->early);
  g_free (pairs);
}

/* The side's next document, or NULL at the end or with an error. */
static const RetortDocument *
side_next (Side *side, GError **error)
{
  while (!side->chunk || side->at == retort_chunk_n_documents (side->chunk)) {
    g_clear_pointer (&side->chunk, retort_chunk_unref);
    side->at = 0;
    side->chunk = retort_corpus_reader_next (side->reader, CHUNK_DOCUMENTS, error);
    if (!side->chunk)
      return NULL;
  }
  return retort_chunk_document (side->chunk, side->at++);
}

/* Makes the predicted document of `id` current; its document stays NULL if there is none. */
static gboolean
find_predicted (RetortPairs *pairs, const char *id, GError **error)
{
  g_clear_pointer (&pairs->current.chunk, retort_chunk_unref);
  pairs->current.document = NULL;

  gpointer key, value;
  if (g_hash_table_steal_extended (pairs->early, id, &key, &value)) {
    pairs->current = *(Early *) value;
    g_free (key);
    g_free (value);
    return TRUE;
  }

  const RetortDocument *document;
  g_autoptr(GError) reading = NULL;
  while ((document = side_next (&pairs->predicted, &reading))) {
    const Early found = { retort_chunk_ref (pairs->predicted.chunk), document };
    const char *found_id = retort_document_id (document);
    if (g_str_equal (found_id, id)) {
      pairs->current = found;
      return TRUE;
    }
    if (g_hash_table_contains (pairs->seen, found_id) || g_hash_table_contains (pairs->early, found_id)) {
      retort_chunk_unref (found.chunk);
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "predicted document '%s' stands twice", found_id);
      return FALSE;
    }
    g_hash_table_insert (pairs->early, g_strdup (found_id), g_memdup2 (&found, sizeof found));
  }
  if (!reading)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reading));
  return FALSE;
}

/* Nothing was predicted: the same text without annotations. */
static gboolean
make_missing (RetortPairs *pairs, const RetortDocument *gold, GError **error)
{
  gsize n_bytes;
  const char *text = retort_document_text (gold, &n_bytes);

  pairs->n_missing++;
  pairs->current.chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder =
      retort_document_builder_new (pairs->current.chunk, retort_document_id (gold), text, n_bytes, error);
  if (!builder)
    return FALSE;
  pairs->current.document = retort_document_builder_seal (builder);
  return TRUE;
}

static gboolean
check_pair (const RetortDocument *gold, const RetortDocument *predicted, GError **error)
{
  const char *id = retort_document_id (gold);

  if (!retort_document_layer (gold, RETORT_LAYER_GOLD)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "document '%s' of the gold corpus has no gold annotations", id);
    return FALSE;
  }
  if (!g_str_equal (retort_document_text (gold, NULL), retort_document_text (predicted, NULL))) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA,
                 "document '%s' has another text in the predicted corpus than in gold", id);
    return FALSE;
  }
  return TRUE;
}

gboolean
retort_pairs_next (RetortPairs *pairs, const RetortDocument **gold, const RetortDocument **predicted, GError **error)
{
  g_autoptr(GError) failure = NULL;
  const RetortDocument *document = side_next (&pairs->gold, &failure);

  if (!document) {
    while (!failure && side_next (&pairs->predicted, &failure))
      pairs->n_extra++; /* read to the end: it is checked too */
    if (failure)
      g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }

  const char *id = retort_document_id (document);
  if (!g_hash_table_add (pairs->seen, g_strdup (id))) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "gold document '%s' stands twice", id);
    return FALSE;
  }
  if (!find_predicted (pairs, id, error))
    return FALSE;
  if (!pairs->current.document && !make_missing (pairs, document, error))
    return FALSE;
  if (!check_pair (document, pairs->current.document, error))
    return FALSE;
  *gold = document;
  *predicted = pairs->current.document;
  return TRUE;
}

guint
retort_pairs_n_missing (const RetortPairs *pairs)
{
  return pairs->n_missing;
}

guint
retort_pairs_n_extra (const RetortPairs *pairs)
{
  return pairs->n_extra + g_hash_table_size (pairs->early);
}
