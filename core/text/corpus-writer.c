/* corpus-writer - documents as JSON lines. Same documents, same bytes: keys come in one fixed order, what is empty is
 * left out, numbers are the shortest that read back. */
#include <retort/corpus.h>
#include <retort/json.h>

#include "base/limit.h"
#include "text/corpus-format.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 20 };

struct _RetortCorpusWriter {
  char *path;
  int fd;          /* -1: finished */
  GString *buffer; /* what is not written yet */
};

static gboolean flush (RetortCorpusWriter *writer, GError **error);
static void fail (const RetortCorpusWriter *writer, const char *what, GError **error);
static void append_spans (GString *out, const RetortSpan *spans, guint n, const RetortOffsets *offsets);
static void append_layer (GString *out, const RetortDocument *document, const RetortLayer *layer,
                          const RetortOffsets *offsets);
static void append_entity (GString *out, const RetortDocument *document, const RetortEntity *entity,
                           const RetortOffsets *offsets);
static void append_score (GString *out, double score, const char *source);
static void append_key (GString *out, const char *key);

RetortCorpusWriter *
retort_corpus_writer_open (const char *path, GError **error)
{
  g_autoptr(RetortCorpusWriter) writer = g_new0 (RetortCorpusWriter, 1);

  writer->path = g_strdup (path);
  writer->buffer = g_string_sized_new (BUFFER_BYTES + 4096);
  writer->fd = g_open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (writer->fd < 0) {
    fail (writer, "create", error);
    return NULL;
  }
  g_string_append (writer->buffer, RETORT_CORPUS_HEADER "\n");
  return g_steal_pointer (&writer);
}

gboolean
retort_corpus_writer_add (RetortCorpusWriter *writer, const RetortDocument *document, GError **error)
{
  const gsize start = writer->buffer->len;

  /* Texts and labels were checked when they came; ids and metadata that a plugin set were not. */
  if (MAX (retort_document_n_meta (document), retort_document_n_layers (document)) > RETORT_LIMIT_NAMED) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: document '%s' has more than %d pieces of metadata or layers",
                 writer->path, retort_document_id (document), RETORT_LIMIT_NAMED);
    return FALSE;
  }
  retort_corpus_append_line (writer->buffer, document);
  if (!g_utf8_validate_len (writer->buffer->str + start, writer->buffer->len - start, NULL)) {
    g_string_truncate (writer->buffer, start);
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: the id or metadata of a document is not valid UTF-8",
                 writer->path);
    return FALSE;
  }
  return writer->buffer->len < BUFFER_BYTES || flush (writer, error);
}

gboolean
retort_corpus_writer_finish (RetortCorpusWriter *writer, GError **error)
{
  if (!flush (writer, error))
    return FALSE;
  if (fsync (writer->fd) != 0 && errno != EINVAL && errno != EROFS) { /* pipes and the like cannot */
    fail (writer, "sync", error);
    return FALSE;
  }
  const int fd = writer->fd;
  writer->fd = -1;
  if (close (fd) != 0) {
    fail (writer, "close", error);
    return FALSE;
  }
  return TRUE;
}

void
retort_corpus_writer_free (RetortCorpusWriter *writer)
{
  if (!writer)
    return;
  if (writer->fd >= 0)
    close (writer->fd);
  g_string_free (writer->buffer, TRUE);
  g_free (writer->path);
  g_free (writer);
}

void
retort_corpus_append_line (GString *out, const RetortDocument *document)
{
  gsize n_bytes;
  guint n;
  const char *text = retort_document_text (document, &n_bytes);
  g_autoptr(RetortOffsets) offsets = retort_offsets_new (text, n_bytes, RETORT_UNIT_CODEPOINTS);

  g_string_append (out, "{\"id\":");
  retort_json_append_string (out, retort_document_id (document), -1);
  g_string_append (out, ",\"text\":");
  retort_json_append_string (out, text, (gssize)n_bytes);
  if (retort_document_weight (document) != 1) {
    g_string_append (out, ",\"weight\":");
    retort_json_append_number (out, retort_document_weight (document));
  }
  if (retort_document_n_meta (document) > 0) {
    g_string_append (out, ",\"meta\":{");
    for (guint i = 0; i < retort_document_n_meta (document); i++) {
      const char *key;
      const char *value = retort_document_meta_at (document, i, &key);
      append_key (out, key);
      retort_json_append_string (out, value, -1);
    }
    g_string_append_c (out, '}');
  }
  const RetortSpan *spans = retort_document_sentences (document, &n);
  if (spans) {
    g_string_append (out, ",\"sentences\":");
    append_spans (out, spans, n, offsets);
  }
  spans = retort_document_tokens (document, &n);
  if (spans) {
    g_string_append (out, ",\"tokens\":");
    append_spans (out, spans, n, offsets);
  }
  if (retort_document_n_layers (document) > 0) {
    g_string_append (out, ",\"layers\":{");
    for (guint i = 0; i < retort_document_n_layers (document); i++) {
      const char *name;
      const RetortLayer *layer = retort_document_layer_at (document, i, &name);
      append_key (out, name);
      append_layer (out, document, layer, offsets);
    }
    g_string_append_c (out, '}');
  }
  g_string_append (out, "}\n");
}

static gboolean
flush (RetortCorpusWriter *writer, GError **error)
{
  gsize done = 0;

  while (done < writer->buffer->len) {
    const gssize n = write (writer->fd, writer->buffer->str + done, writer->buffer->len - done);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      fail (writer, "write", error);
      return FALSE;
    }
    done += (gsize)n;
  }
  g_string_truncate (writer->buffer, 0);
  return TRUE;
}

static void
fail (const RetortCorpusWriter *writer, const char *what, GError **error)
{
  const int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "cannot %s %s: %s", what, writer->path,
               g_strerror (code));
}

static void
append_unsigned (GString *out, guint32 number)
{
  char digits[10];
  guint at = sizeof digits;

  do
    digits[--at] = (char)('0' + number % 10);
  while (number /= 10);
  g_string_append_len (out, digits + at, sizeof digits - at);
}

static void
append_spans (GString *out, const RetortSpan *spans, guint n, const RetortOffsets *offsets)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < n; i++) {
    g_string_append (out, i > 0 ? ",[" : "[");
    append_unsigned (out, retort_offsets_from_byte (offsets, spans[i].start));
    g_string_append_c (out, ',');
    append_unsigned (out, retort_offsets_from_byte (offsets, spans[i].end));
    g_string_append_c (out, ']');
  }
  g_string_append_c (out, ']');
}

static void
append_layer (GString *out, const RetortDocument *document, const RetortLayer *layer, const RetortOffsets *offsets)
{
  const guint n_entities = retort_layer_n_entities (layer), n_relations = retort_layer_n_relations (layer);

  g_string_append_c (out, '{');
  if (n_entities > 0) {
    g_string_append (out, "\"entities\":[");
    for (guint i = 0; i < n_entities; i++) {
      if (i > 0)
        g_string_append_c (out, ',');
      append_entity (out, document, retort_layer_entity (layer, i), offsets);
    }
    g_string_append_c (out, ']');
  }
  if (n_relations > 0) {
    g_string_append (out, n_entities > 0 ? ",\"relations\":[" : "\"relations\":[");
    for (guint i = 0; i < n_relations; i++) {
      const RetortRelation *relation = retort_layer_relation (layer, i);
      g_string_append (out, i > 0 ? ",{\"id\":" : "{\"id\":");
      retort_json_append_string (out, relation->id, -1);
      append_key (out, "label");
      retort_json_append_string (out, relation->label, -1);
      append_key (out, "head");
      retort_json_append_string (out, retort_layer_entity (layer, relation->head)->id, -1);
      append_key (out, "tail");
      retort_json_append_string (out, retort_layer_entity (layer, relation->tail)->id, -1);
      append_score (out, relation->score, relation->source);
      g_string_append_c (out, '}');
    }
    g_string_append_c (out, ']');
  }
  g_string_append_c (out, '}');
}

static void
append_entity (GString *out, const RetortDocument *document, const RetortEntity *entity, const RetortOffsets *offsets)
{
  const char *text = retort_document_text (document, NULL);

  g_string_append (out, "{\"id\":");
  retort_json_append_string (out, entity->id, -1);
  append_key (out, "label");
  retort_json_append_string (out, entity->label, -1);
  append_key (out, "spans");
  append_spans (out, entity->fragments, entity->n_fragments, offsets);
  append_key (out, "text");
  if (entity->n_fragments == 1) {
    const RetortSpan span = entity->fragments[0];
    retort_json_append_string (out, text + span.start, (gssize)(span.end - span.start));
  } else {
    g_autofree char *surface = retort_entity_surface (document, entity);
    retort_json_append_string (out, surface, -1);
  }
  if (entity->n_concepts > 0) {
    append_key (out, "concepts");
    for (guint i = 0; i < entity->n_concepts; i++) {
      g_string_append_c (out, i > 0 ? ',' : '[');
      retort_json_append_string (out, entity->concepts[i], -1);
    }
    g_string_append_c (out, ']');
  }
  append_score (out, entity->score, entity->source);
  g_string_append_c (out, '}');
}

static void
append_score (GString *out, double score, const char *source)
{
  if (!isnan (score)) {
    append_key (out, "score");
    retort_json_append_number (out, score);
  }
  if (source) {
    append_key (out, "source");
    retort_json_append_string (out, source, -1);
  }
}

/* `"key":`, after a comma unless it is the first. */
static void
append_key (GString *out, const char *key)
{
  if (out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  retort_json_append_string (out, key, -1);
  g_string_append_c (out, ':');
}
