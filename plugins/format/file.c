/* file - what the text formats share; see file.h. */
#include "file.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_BYTES (64 << 10)
#define LINES_PER_SIGN 1024 /* between signs of life */
#define SHOWN_PER_LINE 100  /* complaints that show their line; to show a long one takes time */

struct _Lines {
  RetortContext *context;
  char *path;
  FILE *stream;
  char block[BLOCK_BYTES];
  gsize at, filled;    /* in block */
  GString *line;
  guint number;
  const char *mark;    /* in line, at its column: columns are counted from there */
  guint mark_column, n_complaints; /* of the line */
  gboolean ended;
  goffset done, total; /* bytes */
  GError *error;
};

static gboolean fill_block (Lines *lines);
static gboolean read_line (Lines *lines);
static void check_encoding (Lines *lines);
static guint column_of (Lines *lines, const char *at);

Lines *
lines_open (RetortContext *context, const char *path, GError **error)
{
  struct stat status;
  FILE *const stream = fopen (path, "rb");

  if (!stream) {
    const int code = errno;
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));
    return NULL;
  }
  Lines *lines = g_new0 (Lines, 1);
  lines->context = context;
  lines->path = g_strdup (path);
  lines->stream = stream;
  lines->line = g_string_new (NULL);
  lines->total = fstat (fileno (stream), &status) == 0 ? status.st_size : 0;
  return lines;
}

void
lines_close (Lines *lines)
{
  if (!lines)
    return;
  fclose (lines->stream);
  g_string_free (lines->line, TRUE);
  g_clear_error (&lines->error);
  g_free (lines->path);
  g_free (lines);
}

const char *
lines_next (Lines *lines, gsize *n_bytes)
{
  if (!read_line (lines))
    return NULL;
  lines->number++;
  if (lines->number == 1 && g_str_has_prefix (lines->line->str, "\xef\xbb\xbf")) /* byte order mark */
    g_string_erase (lines->line, 0, 3);
  if (lines->number % LINES_PER_SIGN == 0) {
    retort_context_progress (lines->context, lines->done, lines->total, "bytes");
    if (retort_context_cancelled (lines->context)) {
      g_set_error (&lines->error, RETORT_ERROR, RETORT_ERROR_CANCELLED, "asked to stop");
      return NULL;
    }
  }
  lines->n_complaints = 0;
  check_encoding (lines);
  if (n_bytes)
    *n_bytes = lines->line->len;
  return lines->line->str;
}

guint
lines_number (const Lines *lines)
{
  return lines->number;
}

gboolean
lines_ok (Lines *lines, GError **error)
{
  if (!lines->error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&lines->error));
  return FALSE;
}

void
lines_complain (Lines *lines, RetortCode code, const char *at, const char *hint, const char *format, ...)
{
  if (lines->n_complaints++ == 0) {
    lines->mark = lines->line->str;
    lines->mark_column = 1;
  }
  const guint column = at ? column_of (lines, at) : 0;
  const gboolean shown = lines->n_complaints <= SHOWN_PER_LINE;
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  retort_diagnostics_add_line (retort_context_diagnostics (lines->context), code, lines->path, lines->number, column,
                               shown ? lines->line->str : NULL, hint, "%s", message);
}

void
lines_complain_of (Lines *lines, guint number, RetortCode code, const char *hint, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  retort_diagnostics_add_line (retort_context_diagnostics (lines->context), code, lines->path, number, 0, NULL, hint,
                               "%s", message);
}

gboolean
lines_begin_document (Lines *lines, RetortCorpusSink *sink, const char *id, const char *text, gssize n_bytes,
                      guint number, RetortDocumentBuilder **builder, GError **error)
{
  GError *inner = NULL;

  *builder = retort_corpus_sink_begin (sink, id, text, n_bytes, number, &inner);
  if (!inner)
    return TRUE;
  if (!g_error_matches (inner, RETORT_ERROR, RETORT_ERROR_DATA)) {
    g_propagate_error (error, inner);
    return FALSE;
  }
  lines_complain_of (lines, number, RETORT_CODE_DOCUMENT_BROKEN, NULL, "the document is skipped: %s", inner->message);
  g_error_free (inner);
  return TRUE;
}

guint
fields_split (const char *line, gsize n_bytes, char delimiter, Field *fields, guint max)
{
  const char *const end = line + n_bytes;
  guint n = 0;

  for (const char *p = line; p <= end; p++) {
    const char *const cut = memchr (p, delimiter, end - p);
    const char *const stop = cut ? cut : end;
    if (delimiter != ' ' || stop > p) {
      if (n < max)
        fields[n] = (Field) { p, stop - p };
      n++;
    }
    p = stop;
  }
  return n;
}

int
field_width (Field field)
{
  gsize n_bytes = MIN (field.n_bytes, 200);

  while (n_bytes > 0 && n_bytes < field.n_bytes && ((guchar) field.text[n_bytes] & 0xC0) == 0x80)
    n_bytes--;
  return n_bytes;
}

gboolean
field_is (Field field, const char *text)
{
  return strlen (text) == field.n_bytes && memcmp (field.text, text, field.n_bytes) == 0;
}

char *
field_dup (Field field)
{
  return g_strndup (field.text, field.n_bytes);
}

gboolean
field_to_offset (Field field, guint64 *offset)
{
  guint64 value = 0;

  if (field.n_bytes == 0 || field.n_bytes > 10)
    return FALSE;
  for (gsize i = 0; i < field.n_bytes; i++) {
    if (!g_ascii_isdigit (field.text[i]))
      return FALSE;
    value = value * 10 + (field.text[i] - '0');
  }
  *offset = value;
  return value <= G_MAXUINT32;
}

gboolean
field_to_number (Field field, double *number)
{
  g_autofree char *text = field_dup (field);
  char *end;

  if (!g_ascii_isdigit (text[*text == '-']))
    return FALSE;
  *number = g_ascii_strtod (text, &end);
  return *end == '\0';
}

gboolean
file_write (RetortContext *context, RetortCorpusReader *documents, const char *layer, const char *path,
            FileAppend append, gpointer user, GError **error)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(GError) inner = NULL;
  RetortChunk *chunk;
  guint n_done = 0;
  FILE *const stream = fopen (path, "wb");
  gboolean ok = stream != NULL;

  while (ok && !inner && (chunk = retort_corpus_reader_next (documents, 64, &inner))) {
    for (guint i = 0; i < retort_chunk_n_documents (chunk) && ok && !inner; i++) {
      const RetortDocument *const document = retort_chunk_document (chunk, i);
      const RetortLayer *const from = retort_document_layer (document, layer);
      g_string_truncate (out, 0);
      retort_context_at (context, document);
      if (!from)
        g_set_error (&inner, RETORT_ERROR, RETORT_ERROR_DATA, "document '%s' has no layer '%s'",
                     retort_document_id (document), layer);
      else if (append (document, from, out, user, &inner))
        ok = fwrite (out->str, 1, out->len, stream) == out->len;
      retort_context_progress (context, ++n_done, 0, "documents");
    }
    retort_chunk_unref (chunk);
    if (!inner && retort_context_cancelled (context))
      g_set_error (&inner, RETORT_ERROR, RETORT_ERROR_CANCELLED, "asked to stop");
  }
  ok = ok && fflush (stream) == 0 && (fsync (fileno (stream)) == 0 || errno == EINVAL); /* EINVAL: a pipe */
  int code = errno;
  if (stream && fclose (stream) != 0 && ok) {
    code = errno;
    ok = FALSE;
  }
  if (inner)
    g_propagate_error (error, g_steal_pointer (&inner));
  else if (!ok)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));
  else
    return TRUE;
  return FALSE;
}

void
file_lost (RetortContext *context, guint n, const char *what)
{
  if (n == 0)
    return;
  retort_context_count (context, what, n);
  retort_context_warn (context, "%u %s", n, what);
}

guint
file_append_flat (GString *out, const char *text, guint32 start, guint32 end)
{
  guint n_replaced = 0;

  for (guint32 i = start; i < end; i++) {
    const gboolean flat = text[i] != '\n' && text[i] != '\r' && text[i] != '\t';
    n_replaced += !flat;
    g_string_append_c (out, flat ? text[i] : ' ');
  }
  return n_replaced;
}

const char *
file_map_get (const char *const *map, const char *key)
{
  for (; map && *map; map += 2)
    if (strcmp (map[0], key) == 0)
      return map[1];
  return NULL;
}

const char *
file_map_find (const char *const *map, const char *value)
{
  for (; map && *map; map += 2)
    if (strcmp (map[1], value) == 0)
      return map[0];
  return NULL;
}

/* FALSE at the end and after errors. */
static gboolean
fill_block (Lines *lines)
{
  lines->at = 0;
  lines->filled = fread (lines->block, 1, BLOCK_BYTES, lines->stream);
  lines->done += lines->filled;
  if (lines->filled == 0 && ferror (lines->stream))
    g_set_error (&lines->error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s: cannot be read: %s", lines->path,
                 g_strerror (errno));
  return lines->filled > 0;
}

static gboolean
read_line (Lines *lines)
{
  g_string_truncate (lines->line, 0);
  while (!lines->ended && !lines->error) {
    if (lines->at == lines->filled && !fill_block (lines)) {
      lines->ended = TRUE;
      if (lines->error || lines->line->len == 0)
        return FALSE;
      lines_complain_of (lines, lines->number + 1, RETORT_CODE_LAST_LINE_OPEN, NULL,
                         "the last line has no line break; was the file cut short?");
      return TRUE;
    }
    const char *const from = lines->block + lines->at;
    const char *const stop = memchr (from, '\n', lines->filled - lines->at);
    const gsize n_bytes = stop ? (gsize) (stop - from) : lines->filled - lines->at;
    if (lines->line->len + n_bytes > FILE_LINE_BYTES) {
      lines_complain_of (lines, lines->number + 1, RETORT_CODE_LINE_TOO_LONG, NULL,
                         "the line is longer than %d MiB; reading stops here", FILE_LINE_BYTES >> 20);
      lines->ended = TRUE;
      return FALSE;
    }
    g_string_append_len (lines->line, from, n_bytes);
    lines->at += n_bytes + (stop != NULL);
    if (stop) {
      if (lines->line->len > 0 && lines->line->str[lines->line->len - 1] == '\r')
        g_string_truncate (lines->line, lines->line->len - 1);
      return TRUE;
    }
  }
  return FALSE;
}

static void
check_encoding (Lines *lines)
{
  const char *bad;

  if (g_utf8_validate (lines->line->str, lines->line->len, &bad))
    return;
  const gsize at = bad - lines->line->str;
  const guint byte = (guchar) *bad;
  g_autofree char *valid = g_utf8_make_valid (lines->line->str, lines->line->len);

  g_string_assign (lines->line, valid);
  lines_complain (lines, RETORT_CODE_ENCODING, lines->line->str + at, "Convert the file: iconv -f ISO-8859-1 -t UTF-8",
                  byte == 0 ? "a NUL (byte %02x) stands in the text" : "byte %02x is not valid UTF-8", byte);
}

/* Counted from the last place asked for, so that a line of a million mistakes is walked once. */
static guint
column_of (Lines *lines, const char *at)
{
  lines->mark_column += g_utf8_pointer_to_offset (lines->mark, at);
  lines->mark = at;
  return lines->mark_column;
}
