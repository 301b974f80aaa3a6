/* sink - the door through which every document of a format reader or a filter goes: ids made unique, labels mapped.
 *
 * Documents are built in a chunk that is renewed often, so memory does not grow with the corpus; whoever gets them
 * from the sink copies what is to stay (a document derived from one keeps its chunk alive). */
#include "text/sink.h"

#include "base/limit.h"
#include "text/chunk.h"

#include <string.h>

enum { CHUNK_BYTES = 1 << 20 };

struct _RetortCorpusSink {
  char *path;
  RetortDiagnostics *diagnostics;
  RetortSinkFunc func;
  gpointer user;
  GHashTable *map;       /* label -> label, or NULL */
  GHashTable *ids;       /* id -> how often it came */
  RetortChunk *chunk;    /* where documents are built at present; NULL: nowhere yet */
  RetortChunk *source;   /* what the documents in `chunk` are derived from; kept alive by it */
  gsize n_bytes;         /* of text in `chunk` */
  guint line;            /* where the document at hand begins; 0: nobody said */
  guint n_documents, n_dropped, n_repeated;
};

static RetortChunk *chunk_for (RetortCorpusSink *sink, RetortChunk *source, gsize n_bytes);
static gboolean settle_id (RetortCorpusSink *sink, RetortDocumentBuilder *builder, GError **error);
static gboolean has_changes (const RetortCorpusSink *sink, const RetortDocument *document);
static const RetortDocument *map_labels (RetortCorpusSink *sink, const RetortDocument *document, GError **error);

RetortCorpusSink *
retort_corpus_sink_new (const char *path, RetortDiagnostics *diagnostics, RetortSinkFunc func, gpointer user)
{
  RetortCorpusSink *sink = g_new0 (RetortCorpusSink, 1);

  sink->path = g_strdup (path);
  sink->diagnostics = retort_diagnostics_ref (diagnostics);
  sink->func = func;
  sink->user = user;
  sink->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return sink;
}

void
retort_corpus_sink_free (RetortCorpusSink *sink)
{
  if (!sink)
    return;
  g_clear_pointer (&sink->map, g_hash_table_unref);
  g_hash_table_unref (sink->ids);
  retort_chunk_unref (sink->chunk);
  retort_diagnostics_unref (sink->diagnostics);
  g_free (sink->path);
  g_free (sink);
}

void
retort_corpus_sink_set_label_map (RetortCorpusSink *sink, GHashTable *map)
{
  if (map)
    g_hash_table_ref (map);
  g_clear_pointer (&sink->map, g_hash_table_unref);
  sink->map = map;
}

guint
retort_corpus_sink_n_documents (const RetortCorpusSink *sink)
{
  return sink->n_documents;
}

guint
retort_corpus_sink_n_dropped (const RetortCorpusSink *sink)
{
  return sink->n_dropped;
}

guint
retort_corpus_sink_n_repeated (const RetortCorpusSink *sink)
{
  return sink->n_repeated;
}

RetortDocumentBuilder *
retort_corpus_sink_begin (RetortCorpusSink *sink, const char *id, const char *text, gssize n_bytes, guint line,
                          GError **error)
{
  const gsize n = n_bytes < 0 ? strlen (text) : (gsize)n_bytes;

  sink->line = line;
  return retort_document_builder_new (chunk_for (sink, NULL, n), id, text, (gssize)n, error);
}

RetortDocumentBuilder *
retort_corpus_sink_begin_from (RetortCorpusSink *sink, const RetortDocument *document, GError **error)
{
  sink->line = 0;
  return retort_document_builder_new_from (chunk_for (sink, document->chunk, document->n_bytes), document);
}

gboolean
retort_corpus_sink_end (RetortCorpusSink *sink, RetortDocumentBuilder *builder, GError **error)
{
  if (!settle_id (sink, builder, error)) {
    retort_document_builder_discard (builder);
    return FALSE;
  }
  const RetortDocument *document = retort_document_builder_seal (builder);
  if (has_changes (sink, document) && !(document = map_labels (sink, document, error)))
    return FALSE;
  sink->n_documents++;
  return sink->func (document, sink->user, error);
}

gboolean
retort_corpus_sink_add (RetortCorpusSink *sink, const RetortDocument *document, GError **error)
{
  if (!g_hash_table_contains (sink->ids, document->id) && !has_changes (sink, document)) {
    g_hash_table_insert (sink->ids, g_strdup (document->id), GUINT_TO_POINTER (1));
    sink->n_documents++;
    return sink->func (document, sink->user, error);
  }
  RetortDocumentBuilder *builder = retort_corpus_sink_begin_from (sink, document, error);
  return builder && retort_corpus_sink_end (sink, builder, error);
}

/* A new chunk once the old one is large, or when it would keep a second source alive. */
static RetortChunk *
chunk_for (RetortCorpusSink *sink, RetortChunk *source, gsize n_bytes)
{
  if (!sink->chunk || sink->n_bytes > CHUNK_BYTES || retort_chunk_n_documents (sink->chunk) >= 256 ||
      (source && source != sink->source)) {
    retort_chunk_unref (sink->chunk);
    sink->chunk = retort_chunk_new ();
    sink->source = NULL;
    sink->n_bytes = 0;
  }
  if (source)
    sink->source = source;
  sink->n_bytes += n_bytes;
  return sink->chunk;
}

/* An id that came before gets a suffix: the number of its coming, or the next one that is free. */
static gboolean
settle_id (RetortCorpusSink *sink, RetortDocumentBuilder *builder, GError **error)
{
  const char *id = retort_document_builder_id (builder);
  g_autofree char *other = NULL;
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (sink->ids, id));

  if (!*id || !g_utf8_validate (id, -1, NULL) || strlen (id) > RETORT_LIMIT_ID_BYTES - 16) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: the id of document %u is %s", sink->path,
                 sink->n_documents + 1,
                 !*id ? "empty" : strlen (id) > RETORT_LIMIT_ID_BYTES - 16 ? "too long" : "not valid UTF-8");
    return FALSE;
  }
  if (n == 0) {
    g_hash_table_insert (sink->ids, g_strdup (id), GUINT_TO_POINTER (1));
    return TRUE;
  }
  do {
    g_free (other);
    other = g_strdup_printf ("%s#%u", id, ++n);
  } while (g_hash_table_contains (sink->ids, other));
  g_hash_table_insert (sink->ids, g_strdup (id), GUINT_TO_POINTER (n));
  g_hash_table_insert (sink->ids, g_strdup (other), GUINT_TO_POINTER (1));
  retort_diagnostics_add_line (sink->diagnostics, RETORT_CODE_CORPUS_REPEATED_ID, sink->path, sink->line, 0, NULL, NULL,
                               "the id '%s' came before; this document is called '%s'", id, other);
  sink->n_repeated++;
  retort_document_builder_set_id (builder, other);
  return TRUE;
}

/* What becomes of a label; "" drops. */
static const char *
mapped (const RetortCorpusSink *sink, const char *label)
{
  const char *to = g_hash_table_lookup (sink->map, label);

  if (!to)
    to = g_hash_table_lookup (sink->map, "*");
  return to ? to : label;
}

static gboolean
has_changes (const RetortCorpusSink *sink, const RetortDocument *document)
{
  if (!sink->map)
    return FALSE;
  for (guint i = 0; i < document->n_layers; i++) {
    const RetortLayer *layer = document->layers[i].layer;
    for (guint k = 0; k < layer->n_entities; k++)
      if (strcmp (mapped (sink, layer->entities[k].label), layer->entities[k].label) != 0)
        return TRUE;
    for (guint k = 0; k < layer->n_relations; k++)
      if (strcmp (mapped (sink, layer->relations[k].label), layer->relations[k].label) != 0)
        return TRUE;
  }
  return FALSE;
}

/* Fails only if a new label is too long. */
static gboolean
map_layer (RetortCorpusSink *sink, RetortDocumentBuilder *builder, const char *name, const RetortLayer *layer,
           GError **error)
{
  g_autofree gint *index = g_new (gint, layer->n_entities + 1); /* in the new layer; -1: dropped */

  retort_document_builder_add_layer (builder, name, TRUE);
  for (guint i = 0; i < layer->n_entities; i++) {
    RetortEntity entity = layer->entities[i];
    entity.label = mapped (sink, entity.label);
    index[i] = -1;
    if (!*entity.label) {
      sink->n_dropped++;
      continue;
    }
    index[i] = retort_document_builder_add_entity (builder, name, &entity, error);
    if (index[i] < 0)
      return FALSE;
  }
  for (guint i = 0; i < layer->n_relations; i++) {
    RetortRelation relation = layer->relations[i];
    relation.label = mapped (sink, relation.label);
    if (!*relation.label || index[relation.head] < 0 || index[relation.tail] < 0) {
      sink->n_dropped++;
      continue;
    }
    relation.head = (guint)index[relation.head];
    relation.tail = (guint)index[relation.tail];
    if (retort_document_builder_add_relation (builder, name, &relation, error) < 0)
      return FALSE;
  }
  return TRUE;
}

static const RetortDocument *
map_labels (RetortCorpusSink *sink, const RetortDocument *document, GError **error)
{
  RetortDocumentBuilder *builder = retort_document_builder_new_from (sink->chunk, document);

  for (guint i = 0; i < document->n_layers; i++)
    if (!map_layer (sink, builder, document->layers[i].name, document->layers[i].layer, error)) {
      retort_document_builder_discard (builder);
      return NULL;
    }
  return retort_document_builder_seal (builder);
}
