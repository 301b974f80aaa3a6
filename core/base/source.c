/* source - the text of a file, and where its lines begin. */
#include <retort/error.h>

#include "base/util.h"
#include <string.h>

struct _RetortSource {
  gatomicrefcount refs;
  char *name;
  char *text;
  gsize n_bytes;
  GArray *lines; /* gsize  where each line begins; the first after a byte order mark */
};

static RetortSource *source_take (const char *name, char *text, gsize n_bytes);

RetortSource *
retort_source_load (const char *path, gsize max_bytes, GError **error)
{
  char *text;
  gsize n_bytes;

  if (!retort_file_read (path, max_bytes, &text, &n_bytes, error))
    return NULL;
  return source_take (path, text, n_bytes);
}

RetortSource *
retort_source_new (const char *name, const char *text, gsize n_bytes)
{
  char *copy = g_malloc (n_bytes + 1);

  if (n_bytes > 0)
    memcpy (copy, text, n_bytes);
  copy[n_bytes] = 0;
  return source_take (name, copy, n_bytes);
}

RetortSource *
retort_source_ref (RetortSource *source)
{
  g_atomic_ref_count_inc (&source->refs);
  return source;
}

void
retort_source_unref (RetortSource *source)
{
  if (!source || !g_atomic_ref_count_dec (&source->refs))
    return;
  g_free (source->name);
  g_free (source->text);
  g_array_unref (source->lines);
  g_free (source);
}

const char *
retort_source_name (const RetortSource *source)
{
  return source->name;
}

const char *
retort_source_text (const RetortSource *source, gsize *n_bytes)
{
  if (n_bytes)
    *n_bytes = source->n_bytes;
  return source->text;
}

void
retort_source_locate (const RetortSource *source, gsize offset, guint *line, guint *column)
{
  guint low = 0, high = source->lines->len; /* the line is in [low,high) */

  while (high - low > 1) {
    const guint middle = low + (high - low) / 2;
    if (g_array_index (source->lines, gsize, middle) <= offset)
      low = middle;
    else
      high = middle;
  }
  *line = low + 1;
  *column = 1;
  /* Every byte that continues no character starts one; so it also counts in text that is not UTF-8. */
  for (gsize at = g_array_index (source->lines, gsize, low); at < offset; at++)
    if (at + 1 >= source->n_bytes || (source->text[at + 1] & 0xc0) != 0x80)
      ++*column;
}

static RetortSource *
source_take (const char *name, char *text, gsize n_bytes)
{
  RetortSource *source = g_new0 (RetortSource, 1);
  gsize start = n_bytes >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

  g_atomic_ref_count_init (&source->refs);
  source->name = g_strdup (name);
  source->text = text;
  source->n_bytes = n_bytes;
  source->lines = g_array_new (FALSE, FALSE, sizeof start);
  g_array_append_val (source->lines, start);
  while (start < n_bytes) {
    const char *end = memchr (text + start, '\n', n_bytes - start);
    if (!end)
      break;
    start = (gsize)(end - text) + 1;
    g_array_append_val (source->lines, start);
  }
  return source;
}
