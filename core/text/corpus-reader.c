/* corpus-reader - documents from Retort's own JSON lines, a chunk at a time.
 *
 * A line is read by the strict pull reader straight into a document builder. Keys may come in any order; but offsets
 * need the text, so where "text" comes late it is looked for first, in a second pass over the line.
 * A line with something wrong in it gives all its complaints that do not follow from one another, and so do the lines
 * after it; then the reading ends. */
#include <retort/corpus.h>
#include <retort/json.h>

#include "base/limit.h"
#include "text/chunk.h"
#include "text/corpus-format.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 256 << 10, CHUNK_BYTES = 4 << 20, SHOWN_CHARACTERS = 60 };

/* A relation, until its layer is complete. */
typedef struct {
  const char *head, *tail;   /* ids */
  RetortRelation relation;
  gsize offset;
} Pending;

struct _RetortCorpusReader {
  char *path;
  RetortDiagnostics *diagnostics;
  int fd;
  gboolean failed;           /* nothing more comes */
  guint n_complaints;

  GString *buffer;           /* what was read; the line at hand is in it */
  gsize next;                /* where the next line begins */
  gboolean at_end;           /* of the file */
  guint line;                /* from 1 */
  const char *text;          /* [n_bytes] of the line, without its end; followed by an end of line or NUL */
  gsize n_bytes;
  gboolean closed;           /* the line had an end */

  /* of the document at hand */
  RetortJsonReader json;
  RetortChunk *chunk;        /* lent */
  RetortDocumentBuilder *builder; /* NULL: no text yet */
  RetortOffsets *offsets;
  GStringChunk *strings;
  const char *id;            /* NULL: not yet */
  const char *layer;
  RetortEntity entity;       /* at hand */
  const char *surface;
  gsize surface_offset;
  GArray *spans;             /* RetortSpan */
  GPtrArray *concepts;
  GArray *pending;           /* Pending */
};

typedef gboolean (*ReadValue) (RetortCorpusReader *reader, RetortJsonEvent event);
typedef struct {
  const char *name;
  ReadValue read;            /* gets the first event of the value */
} Key;

static void begin (RetortCorpusReader *reader);
static gboolean fill (RetortCorpusReader *reader, GError **error);
static gboolean next_line (RetortCorpusReader *reader, gboolean *found, GError **error);
static gboolean read_header (RetortCorpusReader *reader, GError **error);
static gboolean give_up (RetortCorpusReader *reader, GError **error);
static gboolean read_document (RetortCorpusReader *reader, RetortChunk *chunk);
static void complain (RetortCorpusReader *reader, RetortCode code, gsize offset, const char *hint, const char *format,
                      ...) G_GNUC_PRINTF (5, 6);

RetortCorpusReader *
retort_corpus_reader_open (const char *path, RetortDiagnostics *diagnostics, GError **error)
{
  g_autoptr(RetortCorpusReader) reader = g_new0 (RetortCorpusReader, 1);

  reader->path = g_strdup (path);
  reader->diagnostics = retort_diagnostics_ref (diagnostics);
  reader->buffer = g_string_new (NULL);
  reader->strings = g_string_chunk_new (4096);
  reader->spans = g_array_new (FALSE, FALSE, sizeof (RetortSpan));
  reader->concepts = g_ptr_array_new ();
  reader->pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  reader->fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  if (reader->fd < 0) {
    const int code = errno;
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "cannot open %s: %s", path, g_strerror (code));
    return NULL;
  }
  begin (reader);
  return read_header (reader, error) ? g_steal_pointer (&reader) : NULL;
}

void
retort_corpus_reader_close (RetortCorpusReader *reader)
{
  if (!reader)
    return;
  if (reader->fd >= 0)
    close (reader->fd);
  g_array_unref (reader->pending);
  g_ptr_array_unref (reader->concepts);
  g_array_unref (reader->spans);
  g_string_chunk_free (reader->strings);
  g_string_free (reader->buffer, TRUE);
  retort_diagnostics_unref (reader->diagnostics);
  g_free (reader->path);
  g_free (reader);
}

RetortChunk *
retort_corpus_reader_next (RetortCorpusReader *reader, guint n_max, GError **error)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  gboolean found = TRUE;

  g_assert (n_max > 0);
  if (reader->failed) {
    give_up (reader, error);
    return NULL;
  }
  for (gsize n_bytes = 0; n_bytes < CHUNK_BYTES && retort_chunk_n_documents (chunk) < n_max; n_bytes += reader->n_bytes) {
    if (!next_line (reader, &found, error))
      return NULL;
    if (!found)
      break;
    if (!read_document (reader, chunk)) {
      give_up (reader, error);
      return NULL;
    }
  }
  return retort_chunk_n_documents (chunk) > 0 ? g_steal_pointer (&chunk) : NULL;
}

gboolean
retort_corpus_reader_rewind (RetortCorpusReader *reader, GError **error)
{
  if (lseek (reader->fd, 0, SEEK_SET) != 0) {
    const int code = errno;
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "cannot read %s a second time: %s", reader->path,
                 g_strerror (code));
    return FALSE;
  }
  begin (reader);
  return read_header (reader, error);
}

RetortCorpus *
retort_corpus_reader_load (RetortCorpusReader *reader, GError **error)
{
  g_autoptr(RetortCorpus) corpus = retort_corpus_new ();
  GError *failure = NULL;
  RetortChunk *chunk;

  while ((chunk = retort_corpus_reader_next (reader, G_MAXUINT, &failure))) {
    retort_corpus_add_chunk (corpus, chunk);
    retort_chunk_unref (chunk);
  }
  if (failure) {
    g_propagate_error (error, failure);
    return NULL;
  }
  return g_steal_pointer (&corpus);
}

/* --- lines --- */

static void
begin (RetortCorpusReader *reader)
{
  g_string_truncate (reader->buffer, 0);
  reader->next = 0;
  reader->line = 0;
  reader->at_end = FALSE;
}

/* Reads more behind what is in the buffer. */
static gboolean
fill (RetortCorpusReader *reader, GError **error)
{
  const gsize before = reader->buffer->len;
  gssize n;

  g_string_set_size (reader->buffer, before + READ_BYTES);
  do
    n = read (reader->fd, reader->buffer->str + before, READ_BYTES);
  while (n < 0 && errno == EINTR);
  const int code = errno;
  g_string_truncate (reader->buffer, before + (gsize)MAX (n, 0));
  if (n < 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "cannot read %s: %s", reader->path,
                 g_strerror (code));
    return FALSE;
  }
  reader->at_end = n == 0;
  return TRUE;
}

static gboolean
next_line (RetortCorpusReader *reader, gboolean *found, GError **error)
{
  gsize looked = 0; /* bytes of the line known to hold no end */
  const char *end;

  for (;;) {
    const char *start = reader->buffer->str + reader->next;
    const gsize n_bytes = reader->buffer->len - reader->next;
    end = memchr (start + looked, '\n', n_bytes - looked);
    if (end || reader->at_end || n_bytes > RETORT_LIMIT_LINE_BYTES)
      break;
    g_string_erase (reader->buffer, 0, (gssize)reader->next);
    reader->next = 0;
    looked = n_bytes;
    if (!fill (reader, error))
      return FALSE;
  }
  reader->text = reader->buffer->str + reader->next;
  reader->n_bytes = end ? (gsize)(end - reader->text) : reader->buffer->len - reader->next;
  reader->closed = end != NULL;
  *found = reader->closed || reader->n_bytes > 0;
  if (!*found)
    return TRUE;
  reader->line++;
  if (reader->n_bytes > RETORT_LIMIT_LINE_BYTES) {
    complain (reader, RETORT_CODE_CORPUS_LINE, 0, NULL, "the line has more than %d bytes", RETORT_LIMIT_LINE_BYTES);
    reader->failed = TRUE;
    return retort_diagnostics_ok (reader->diagnostics, error);
  }
  reader->next += reader->n_bytes + reader->closed;
  if (reader->closed && reader->n_bytes > 0 && reader->text[reader->n_bytes - 1] == '\r')
    reader->n_bytes--;
  return TRUE;
}

/* No more is looked for, nor in a line with a million mistakes: each complaint counts the line's columns. */
static gboolean
heard_enough (const RetortCorpusReader *reader)
{
  return reader->n_complaints >= RETORT_LIMIT_DIAGNOSTICS;
}

/* Something was wrong: looks through the rest for more of it, and ends the reading. */
static gboolean
give_up (RetortCorpusReader *reader, GError **error)
{
  gboolean found = TRUE;

  while (!reader->failed && !heard_enough (reader)) {
    g_autoptr(RetortChunk) scratch = retort_chunk_new ();
    if (!next_line (reader, &found, error))
      return FALSE;
    if (!found)
      break;
    read_document (reader, scratch);
  }
  reader->failed = TRUE;
  return retort_diagnostics_ok (reader->diagnostics, error);
}

/* --- complaints --- */

static void
complain (RetortCorpusReader *reader, RetortCode code, gsize offset, const char *hint, const char *format, ...)
{
  guint column = 1;
  va_list args;

  for (gsize i = 0; i < MIN (offset, reader->n_bytes); i++)
    column += ((guint8)reader->text[i] & 0xC0) != 0x80;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  retort_diagnostics_add_line (reader->diagnostics, code, reader->path, reader->line, column, reader->text, hint, "%s",
                               message);
  reader->n_complaints++;
}

/* The JSON itself is wrong; ends the line. */
static gboolean
complain_json (RetortCorpusReader *reader)
{
  gsize offset;
  const char *what = retort_json_reader_error (&reader->json, &offset);

  if (!reader->closed)
    complain (reader, RETORT_CODE_CORPUS_TRUNCATED, offset, NULL, "the last line is cut off: %s", what);
  else
    complain (reader, RETORT_CODE_CORPUS_JSON, offset, NULL, "%s", what);
  return FALSE;
}

/* The value is of the wrong kind; ends the line, as what follows may be misread. */
static gboolean
complain_value (RetortCorpusReader *reader, RetortJsonEvent event, const char *expected)
{
  if (event == RETORT_JSON_ERROR)
    return complain_json (reader);
  complain (reader, RETORT_CODE_CORPUS_VALUE, reader->json.offset, NULL, "%s is expected here", expected);
  return FALSE;
}

/* Ends the line. */
static gboolean
complain_many (RetortCorpusReader *reader, const char *what)
{
  complain (reader, RETORT_CODE_CORPUS_VALUE, reader->json.offset, NULL, "the document has more than %d %s",
            RETORT_LIMIT_NAMED, what);
  return FALSE;
}

/* Consumes the error of a builder. */
static void
complain_error (RetortCorpusReader *reader, RetortCode code, gsize offset, GError *error)
{
  complain (reader, code, offset, NULL, "%s", error->message);
  g_error_free (error);
}

/* As much of a surface as fits into a message. Full ownership. */
static char *
shown (const char *text)
{
  if (g_utf8_strlen (text, -1) <= SHOWN_CHARACTERS)
    return g_strdup (text);
  g_autofree char *head = g_utf8_substring (text, 0, SHOWN_CHARACTERS - 1);
  return g_strconcat (head, "…", NULL);
}

/* --- values --- */

static gboolean
read_string (RetortCorpusReader *reader, RetortJsonEvent event, const char **out)
{
  if (event != RETORT_JSON_STRING)
    return complain_value (reader, event, "a string");
  *out = g_string_chunk_insert_len (reader->strings, reader->json.string, (gssize)reader->json.string_bytes);
  return TRUE;
}

static gboolean
read_number (RetortCorpusReader *reader, RetortJsonEvent event, double min, double max, const char *expected, double *out)
{
  if ((event != RETORT_JSON_INT && event != RETORT_JSON_NUMBER) || reader->json.number < min || reader->json.number > max)
    return complain_value (reader, event, expected);
  *out = reader->json.number;
  return TRUE;
}

/* One key after the other; OBJECT was read. */
static gboolean
read_object (RetortCorpusReader *reader, const char *what, const Key *keys, guint n_keys)
{
  RetortJsonEvent event;

  while ((event = retort_json_reader_next (&reader->json)) == RETORT_JSON_KEY) {
    const Key *key = NULL;
    for (guint i = 0; i < n_keys && !key; i++)
      if (strcmp (keys[i].name, reader->json.string) == 0)
        key = &keys[i];
    if (key) {
      if (!key->read (reader, retort_json_reader_next (&reader->json)))
        return FALSE;
      continue;
    }
    g_autofree const char **names = g_new0 (const char *, n_keys + 1);
    for (guint i = 0; i < n_keys; i++)
      names[i] = keys[i].name;
    const char *meant = retort_suggest (reader->json.string, names);
    g_autofree char *hint = meant ? g_strdup_printf ("did you mean '%s'?", meant) : NULL;
    g_autofree char *name = shown (reader->json.string);
    complain (reader, RETORT_CODE_CORPUS_KEY, reader->json.offset, hint, "%s has no key '%s'", what, name);
    if (!retort_json_reader_skip (&reader->json))
      return complain_json (reader);
    if (heard_enough (reader))
      return FALSE;
  }
  return event == RETORT_JSON_OBJECT_END || complain_value (reader, event, "a key");
}

/* Each item of an array by `read`. */
static gboolean
read_array (RetortCorpusReader *reader, RetortJsonEvent event, ReadValue read)
{
  if (event != RETORT_JSON_ARRAY)
    return complain_value (reader, event, "an array");
  while ((event = retort_json_reader_next (&reader->json)) != RETORT_JSON_ARRAY_END)
    if (!read (reader, event) || heard_enough (reader))
      return FALSE;
  return TRUE;
}

/* `[start, end]`, in code points; appended to reader->spans as bytes. A pair that does not fit is a complaint, and
 * the line goes on: G_MAXUINT32 stands for it. */
static gboolean
read_span (RetortCorpusReader *reader, RetortJsonEvent event)
{
  const gsize offset = reader->json.offset;
  gint64 ends[2];
  RetortSpan span = { G_MAXUINT32, G_MAXUINT32 };

  if (event != RETORT_JSON_ARRAY)
    return complain_value (reader, event, "a span [start, end]");
  for (guint i = 0; i < 2; i++) {
    if ((event = retort_json_reader_next (&reader->json)) != RETORT_JSON_INT)
      return complain_value (reader, event, "an integer");
    ends[i] = reader->json.integer;
  }
  if ((event = retort_json_reader_next (&reader->json)) != RETORT_JSON_ARRAY_END)
    return complain_value (reader, event, "the end of the span, after start and end,");
  if (ends[0] < 0 || ends[0] >= ends[1])
    complain (reader, RETORT_CODE_CORPUS_SPAN, offset, NULL, "the span %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT " %s",
              ends[0], ends[1], ends[0] == ends[1] ? "is empty" : "is no span");
  else if (!retort_offsets_to_byte (reader->offsets, (guint64)ends[1], &span.end))
    complain (reader, RETORT_CODE_CORPUS_SPAN, offset, "offsets count code points",
              "the span %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT " is outside the text of %u characters", ends[0], ends[1],
              retort_offsets_length (reader->offsets));
  else
    retort_offsets_to_byte (reader->offsets, (guint64)ends[0], &span.start);
  g_array_append_val (reader->spans, span);
  return TRUE;
}

/* Fills reader->spans; `ok` says whether all fit. */
static gboolean
read_spans (RetortCorpusReader *reader, RetortJsonEvent event, gboolean *ok)
{
  const guint before = reader->n_complaints;

  g_array_set_size (reader->spans, 0);
  if (!read_array (reader, event, read_span))
    return FALSE;
  *ok = reader->n_complaints == before;
  return TRUE;
}

/* --- entities and relations --- */

static gboolean
read_entity_id (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_string (reader, event, &reader->entity.id);
}

static gboolean
read_entity_label (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_string (reader, event, &reader->entity.label);
}

static gboolean
read_entity_spans (RetortCorpusReader *reader, RetortJsonEvent event)
{
  gboolean ok;

  return read_spans (reader, event, &ok);
}

static gboolean
read_entity_text (RetortCorpusReader *reader, RetortJsonEvent event)
{
  reader->surface_offset = reader->json.offset;
  return read_string (reader, event, &reader->surface);
}

static gboolean
read_concept (RetortCorpusReader *reader, RetortJsonEvent event)
{
  const char *concept = NULL;

  if (!read_string (reader, event, &concept))
    return FALSE;
  g_ptr_array_add (reader->concepts, (char *)concept);
  return TRUE;
}

static gboolean
read_concepts (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_array (reader, event, read_concept);
}

static gboolean
read_entity_score (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_number (reader, event, 0, 1, "a number from 0 to 1", &reader->entity.score);
}

static gboolean
read_entity_source (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_string (reader, event, &reader->entity.source);
}

static void
check_surface (RetortCorpusReader *reader, const RetortEntity *entity)
{
  g_autoptr(GString) surface = g_string_new (NULL);
  g_autoptr(GString) place = g_string_new (NULL);
  const char *text = retort_document_builder_text (reader->builder, NULL);

  for (guint i = 0; i < entity->n_fragments; i++) {
    const RetortSpan span = entity->fragments[i];
    if (i > 0)
      g_string_append_c (surface, ' ');
    g_string_append_len (surface, text + span.start, span.end - span.start);
  }
  if (strcmp (surface->str, reader->surface) == 0)
    return;
  for (guint i = 0; i < entity->n_fragments; i++)
    g_string_append_printf (place, "%s%u-%u", i > 0 ? ", " : "",
                            retort_offsets_from_byte (reader->offsets, entity->fragments[i].start),
                            retort_offsets_from_byte (reader->offsets, entity->fragments[i].end));
  g_autofree char *says = shown (reader->surface);
  g_autofree char *is = shown (surface->str);
  complain (reader, RETORT_CODE_CORPUS_SURFACE, reader->surface_offset, NULL,
            "entity %s says '%s' but the text at %s is '%s'", entity->id, says, place->str, is);
}

static gboolean
read_entity (RetortCorpusReader *reader, RetortJsonEvent event)
{
  static const Key keys[] = {
    { "id", read_entity_id }, { "label", read_entity_label }, { "spans", read_entity_spans },
    { "text", read_entity_text }, { "concepts", read_concepts }, { "score", read_entity_score },
    { "source", read_entity_source },
  };
  const guint before = reader->n_complaints;
  const gsize offset = reader->json.offset;
  GError *error = NULL;

  if (event != RETORT_JSON_OBJECT)
    return complain_value (reader, event, "an entity {...}");
  reader->entity = (RetortEntity){ .score = NAN };
  reader->surface = NULL;
  g_array_set_size (reader->spans, 0);
  g_ptr_array_set_size (reader->concepts, 0);
  if (!read_object (reader, "an entity", keys, G_N_ELEMENTS (keys)))
    return FALSE;
  if (reader->n_complaints > before)
    return TRUE;
  if (!reader->entity.label || reader->spans->len == 0 || !reader->surface) {
    complain (reader, RETORT_CODE_CORPUS_KEY, offset, NULL, "the entity has no '%s'",
              !reader->entity.label ? "label" : reader->spans->len == 0 ? "spans" : "text");
    return TRUE;
  }
  reader->entity.fragments = (const RetortSpan *)(void *)reader->spans->data;
  reader->entity.n_fragments = reader->spans->len;
  reader->entity.concepts = (const char *const *)reader->concepts->pdata;
  reader->entity.n_concepts = reader->concepts->len;
  const gint i = retort_document_builder_add_entity (reader->builder, reader->layer, &reader->entity, &error);
  if (i < 0)
    complain_error (reader, RETORT_CODE_CORPUS_VALUE, offset, error);
  else
    check_surface (reader, retort_document_builder_entity (reader->builder, reader->layer, (guint)i));
  return TRUE;
}

static Pending *
pending (RetortCorpusReader *reader)
{
  return &g_array_index (reader->pending, Pending, reader->pending->len - 1);
}

static gboolean
read_relation_id (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_string (reader, event, &pending (reader)->relation.id);
}

static gboolean
read_relation_label (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_string (reader, event, &pending (reader)->relation.label);
}

static gboolean
read_head (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_string (reader, event, &pending (reader)->head);
}

static gboolean
read_tail (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_string (reader, event, &pending (reader)->tail);
}

static gboolean
read_relation_score (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_number (reader, event, 0, 1, "a number from 0 to 1", &pending (reader)->relation.score);
}

static gboolean
read_relation_source (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_string (reader, event, &pending (reader)->relation.source);
}

static gboolean
read_relation (RetortCorpusReader *reader, RetortJsonEvent event)
{
  static const Key keys[] = {
    { "id", read_relation_id }, { "label", read_relation_label }, { "head", read_head }, { "tail", read_tail },
    { "score", read_relation_score }, { "source", read_relation_source },
  };
  const Pending new = { .relation.score = NAN, .offset = reader->json.offset };

  if (event != RETORT_JSON_OBJECT)
    return complain_value (reader, event, "a relation {...}");
  g_array_append_val (reader->pending, new);
  if (!read_object (reader, "a relation", keys, G_N_ELEMENTS (keys)))
    return FALSE;
  const Pending *read = pending (reader);
  const char *missing = !read->relation.label ? "label" : !read->head ? "head" : !read->tail ? "tail" : NULL;
  if (missing)
    complain (reader, RETORT_CODE_CORPUS_KEY, read->offset, NULL, "the relation has no '%s'", missing);
  return TRUE;
}

/* The layer is complete: relations find their entities. */
static void
add_relations (RetortCorpusReader *reader)
{
  g_autoptr(GHashTable) indices = g_hash_table_new (g_str_hash, g_str_equal); /* id -> index */

  for (guint i = 0; i < retort_document_builder_n_entities (reader->builder, reader->layer); i++)
    g_hash_table_insert (indices, (char *)retort_document_builder_entity (reader->builder, reader->layer, i)->id,
                         GUINT_TO_POINTER (i));
  for (guint i = 0; i < reader->pending->len && !heard_enough (reader); i++) {
    Pending *read = &g_array_index (reader->pending, Pending, i);
    gpointer head, tail;
    GError *error = NULL;
    const gboolean head_found = g_hash_table_lookup_extended (indices, read->head, NULL, &head);
    if (!head_found || !g_hash_table_lookup_extended (indices, read->tail, NULL, &tail)) {
      g_autofree char *id = shown (head_found ? read->tail : read->head);
      complain (reader, RETORT_CODE_CORPUS_ARGUMENT, read->offset, NULL, "the layer '%s' has no entity '%s'",
                reader->layer, id);
      continue;
    }
    read->relation.head = GPOINTER_TO_UINT (head);
    read->relation.tail = GPOINTER_TO_UINT (tail);
    if (retort_document_builder_add_relation (reader->builder, reader->layer, &read->relation, &error) < 0)
      complain_error (reader, RETORT_CODE_CORPUS_VALUE, read->offset, error);
  }
}

static gboolean
read_entities (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_array (reader, event, read_entity);
}

static gboolean
read_relations (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_array (reader, event, read_relation);
}

/* --- documents --- */

/* Begins the document with the text that was just read. */
static gboolean
begin_document (RetortCorpusReader *reader, RetortJsonReader *json)
{
  GError *error = NULL;
  gsize n_bytes;

  reader->builder = retort_document_builder_new (reader->chunk, "?", json->string, (gssize)json->string_bytes, &error);
  if (!reader->builder) {
    complain_error (reader, RETORT_CODE_CORPUS_VALUE, json->offset, error);
    return FALSE;
  }
  const char *text = retort_document_builder_text (reader->builder, &n_bytes);
  reader->offsets = retort_offsets_new (text, n_bytes, RETORT_UNIT_CODEPOINTS);
  return TRUE;
}

/* For keys that need the text: if it has not come yet, looks for it in the whole line. */
static gboolean
need_text (RetortCorpusReader *reader)
{
  g_auto(RetortJsonReader) json = { 0 };
  RetortJsonEvent event;

  if (reader->builder)
    return TRUE;
  retort_json_reader_init (&json, reader->text, reader->n_bytes);
  retort_json_reader_next (&json);
  while ((event = retort_json_reader_next (&json)) == RETORT_JSON_KEY) {
    if (strcmp (json.string, "text") == 0 && retort_json_reader_next (&json) == RETORT_JSON_STRING)
      return begin_document (reader, &json);
    retort_json_reader_skip (&json);
  }
  if (event == RETORT_JSON_ERROR) {
    while (retort_json_reader_next (&reader->json) != RETORT_JSON_ERROR)
      ;
    return complain_json (reader);
  }
  complain (reader, RETORT_CODE_CORPUS_KEY, 0, NULL, "the document has no 'text'");
  return FALSE;
}

static gboolean
read_id (RetortCorpusReader *reader, RetortJsonEvent event)
{
  const gsize offset = reader->json.offset;

  if (!read_string (reader, event, &reader->id))
    return FALSE;
  const gsize n_bytes = strlen (reader->id);
  if (n_bytes == 0 || n_bytes > RETORT_LIMIT_ID_BYTES)
    complain (reader, RETORT_CODE_CORPUS_VALUE, offset, NULL, n_bytes == 0 ? "the id is empty" : "the id is too long");
  return TRUE;
}

static gboolean
read_text (RetortCorpusReader *reader, RetortJsonEvent event)
{
  if (event != RETORT_JSON_STRING)
    return complain_value (reader, event, "a string");
  return reader->builder || begin_document (reader, &reader->json);
}

static gboolean
read_weight (RetortCorpusReader *reader, RetortJsonEvent event)
{
  double weight = 1;

  if (!need_text (reader) || !read_number (reader, event, 0, G_MAXDOUBLE, "a number that is not negative", &weight))
    return FALSE;
  retort_document_builder_set_weight (reader->builder, weight);
  return TRUE;
}

static gboolean
read_meta (RetortCorpusReader *reader, RetortJsonEvent event)
{
  if (!need_text (reader))
    return FALSE;
  if (event != RETORT_JSON_OBJECT)
    return complain_value (reader, event, "an object of strings");
  for (guint n = 0; (event = retort_json_reader_next (&reader->json)) == RETORT_JSON_KEY; n++) {
    if (n == RETORT_LIMIT_NAMED)
      return complain_many (reader, "pieces of metadata");
    const char *key = g_string_chunk_insert (reader->strings, reader->json.string);
    if ((event = retort_json_reader_next (&reader->json)) != RETORT_JSON_STRING)
      return complain_value (reader, event, "a string");
    retort_document_builder_set_meta (reader->builder, key, reader->json.string);
  }
  return event == RETORT_JSON_OBJECT_END || complain_value (reader, event, "a key");
}

typedef gboolean (*SetSpans) (RetortDocumentBuilder *builder, const RetortSpan *spans, guint n, GError **error);

static gboolean
read_cuts (RetortCorpusReader *reader, RetortJsonEvent event, SetSpans set)
{
  const gsize offset = reader->json.offset;
  GError *error = NULL;
  gboolean ok;

  if (!need_text (reader) || !read_spans (reader, event, &ok))
    return FALSE;
  if (ok && !set (reader->builder, (const RetortSpan *)(void *)reader->spans->data, reader->spans->len, &error))
    complain_error (reader, RETORT_CODE_CORPUS_SPAN, offset, error);
  return TRUE;
}

static gboolean
read_sentences (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_cuts (reader, event, retort_document_builder_set_sentences);
}

static gboolean
read_tokens (RetortCorpusReader *reader, RetortJsonEvent event)
{
  return read_cuts (reader, event, retort_document_builder_set_tokens);
}

static gboolean
read_layers (RetortCorpusReader *reader, RetortJsonEvent event)
{
  static const Key keys[] = { { "entities", read_entities }, { "relations", read_relations } };

  if (!need_text (reader))
    return FALSE;
  if (event != RETORT_JSON_OBJECT)
    return complain_value (reader, event, "an object of layers");
  for (guint n = 0; (event = retort_json_reader_next (&reader->json)) == RETORT_JSON_KEY; n++) {
    const guint before = reader->n_complaints;
    if (n == RETORT_LIMIT_NAMED)
      return complain_many (reader, "layers");
    if (reader->json.string_bytes == 0 || reader->json.string_bytes > RETORT_LIMIT_ID_BYTES)
      return complain_value (reader, event, "the name of a layer");
    reader->layer = g_string_chunk_insert (reader->strings, reader->json.string);
    retort_document_builder_add_layer (reader->builder, reader->layer, FALSE);
    g_array_set_size (reader->pending, 0);
    if ((event = retort_json_reader_next (&reader->json)) != RETORT_JSON_OBJECT)
      return complain_value (reader, event, "a layer {...}");
    if (!read_object (reader, "a layer", keys, G_N_ELEMENTS (keys)))
      return FALSE;
    if (reader->n_complaints == before && reader->pending->len > 0)
      add_relations (reader);
  }
  return event == RETORT_JSON_OBJECT_END || complain_value (reader, event, "a key");
}

static gboolean
read_whole_line (RetortCorpusReader *reader)
{
  static const Key keys[] = {
    { "id", read_id }, { "text", read_text }, { "weight", read_weight }, { "meta", read_meta },
    { "sentences", read_sentences }, { "tokens", read_tokens }, { "layers", read_layers },
  };
  RetortJsonEvent event = retort_json_reader_next (&reader->json);

  if (event != RETORT_JSON_OBJECT)
    return complain_value (reader, event, "a document {...}");
  if (!read_object (reader, "a document", keys, G_N_ELEMENTS (keys)))
    return FALSE;
  if ((event = retort_json_reader_next (&reader->json)) != RETORT_JSON_EOF)
    return complain_value (reader, event, "the end of the line");
  if (reader->id && reader->builder)
    return TRUE;
  complain (reader, RETORT_CODE_CORPUS_KEY, 0, NULL, "the document has no '%s'", reader->id ? "text" : "id");
  return FALSE;
}

/* Adds the document of the line to the chunk, unless there is something to complain about. */
static gboolean
read_document (RetortCorpusReader *reader, RetortChunk *chunk)
{
  const guint before = reader->n_complaints;

  g_string_chunk_clear (reader->strings);
  reader->chunk = chunk;
  reader->id = NULL;
  retort_json_reader_init (&reader->json, reader->text, reader->n_bytes);
  const gboolean ok = read_whole_line (reader) && reader->n_complaints == before;
  retort_json_reader_clear (&reader->json);
  if (ok) {
    retort_document_builder_set_id (reader->builder, reader->id);
    retort_document_builder_seal (g_steal_pointer (&reader->builder));
  }
  g_clear_pointer (&reader->builder, retort_document_builder_discard);
  g_clear_pointer (&reader->offsets, retort_offsets_free);
  reader->chunk = NULL;
  return ok;
}

/* --- the header --- */

/* What the line should have been is short, so it is compared as a whole tree. */
static gboolean
read_header (RetortCorpusReader *reader, GError **error)
{
  gboolean found;

  if (!next_line (reader, &found, error))
    return FALSE;
  if (!found) {
    retort_diagnostics_add_line (reader->diagnostics, RETORT_CODE_CORPUS_HEADER, reader->path, 0, 0, NULL,
                                 "the first line is " RETORT_CORPUS_HEADER, "the file is empty");
    reader->n_complaints++;
  } else {
    g_autoptr(JsonNode) header = retort_json_parse (reader->text, reader->n_bytes, NULL);
    g_autofree char *is = header ? retort_json_canonical (header) : NULL;
    g_autoptr(JsonNode) known = retort_json_parse (RETORT_CORPUS_HEADER, strlen (RETORT_CORPUS_HEADER), NULL);
    g_autofree char *expected = retort_json_canonical (known);
    if (g_strcmp0 (is, expected) == 0)
      return TRUE;
    complain (reader, RETORT_CODE_CORPUS_HEADER, 0, "the first line is " RETORT_CORPUS_HEADER,
              "this is not the header of a corpus that this version reads");
  }
  reader->failed = TRUE;
  return retort_diagnostics_ok (reader->diagnostics, error);
}
