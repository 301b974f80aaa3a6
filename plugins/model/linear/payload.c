/* payload - numbers and strings to bytes and back, with bounds. */

#include "payload.h"
#include <math.h>
#include <string.h>

static gboolean take (LinearReader *in, void *to, gsize n_bytes);

void
linear_write_u32 (LinearWriter *out, guint32 value)
{
  const guint32 little = GUINT32_TO_LE (value);
  g_byte_array_append (out->bytes, (const guint8 *) &little, sizeof little);
}

void
linear_write_u64 (LinearWriter *out, guint64 value)
{
  const guint64 little = GUINT64_TO_LE (value);
  g_byte_array_append (out->bytes, (const guint8 *) &little, sizeof little);
}

void
linear_write_float (LinearWriter *out, double value)
{
  const float narrow = value;
  guint32 bits;

  memcpy (&bits, &narrow, sizeof bits);
  linear_write_u32 (out, bits);
}

void
linear_write_string (LinearWriter *out, const char *string)
{
  const guint32 n_bytes = strlen (string);

  linear_write_u32 (out, n_bytes);
  g_byte_array_append (out->bytes, (const guint8 *) string, n_bytes);
}

void
linear_write_header (LinearWriter *out, guint32 magic, guint32 version)
{
  linear_write_u32 (out, magic);
  linear_write_u32 (out, version);
}

void
linear_write_task (LinearWriter *out, const RetortTask *task)
{
  linear_write_u32 (out, task->n_entities);
  for (guint i = 0; i < task->n_entities; i++)
    linear_write_string (out, task->entities[i]);
  linear_write_u32 (out, task->n_relations);
  for (guint i = 0; i < task->n_relations; i++) {
    linear_write_string (out, task->relations[i].label);
    linear_write_string (out, task->relations[i].head);
    linear_write_string (out, task->relations[i].tail);
  }
}

guint32
linear_read_u32 (LinearReader *in)
{
  guint32 value = 0;
  return take (in, &value, sizeof value) ? GUINT32_FROM_LE (value) : 0;
}

guint64
linear_read_u64 (LinearReader *in)
{
  guint64 value = 0;
  return take (in, &value, sizeof value) ? GUINT64_FROM_LE (value) : 0;
}

double
linear_read_float (LinearReader *in)
{
  const guint32 bits = linear_read_u32 (in);
  float value;

  memcpy (&value, &bits, sizeof value);
  if (isfinite (value))
    return value;
  linear_reader_damaged (in, "a weight is not finite");
  return 0;
}

char *
linear_read_string (LinearReader *in)
{
  const guint64 n_bytes = linear_read_count (in, 1);
  g_autofree char *string = g_new0 (char, n_bytes + 1);

  if (!take (in, string, n_bytes))
    return g_strdup ("");
  if (strlen (string) != n_bytes || !g_utf8_validate (string, n_bytes, NULL)) {
    linear_reader_damaged (in, "a string is not text");
    return g_strdup ("");
  }
  return g_steal_pointer (&string);
}

guint64
linear_read_count (LinearReader *in, gsize n_bytes)
{
  const guint32 count = linear_read_u32 (in);

  if (count <= (gsize) (in->end - in->at) / n_bytes)
    return count;
  linear_reader_damaged (in, "a count is larger than the file");
  return 0;
}

void
linear_read_header (LinearReader *in, guint32 magic, guint32 version)
{
  if (linear_read_u32 (in) != magic)
    linear_reader_damaged (in, "it does not begin as a model of this plugin");
  else if (linear_read_u32 (in) != version)
    linear_reader_damaged (in, "it has another version's format; train it again");
}

void
linear_read_task (LinearReader *in, const RetortTask *task)
{
  LinearWriter expected = { g_byte_array_new () };

  linear_write_task (&expected, task);
  const gsize n_bytes = expected.bytes->len;
  if ((gsize) (in->end - in->at) >= n_bytes && !memcmp (in->at, expected.bytes->data, n_bytes))
    in->at += n_bytes;
  else
    linear_reader_damaged (in, "its labels are not those of the task");
  g_byte_array_unref (expected.bytes);
}

void
linear_reader_damaged (LinearReader *in, const char *what)
{
  if (!in->damage)
    in->damage = g_strdup (what);
  in->at = in->end;
}

gboolean
linear_reader_finish (LinearReader *in, GError **error)
{
  g_autofree char *damage = NULL;

  if (!in->damage && in->at != in->end)
    linear_reader_damaged (in, "it goes on behind its end");
  damage = g_steal_pointer (&in->damage);
  if (damage)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the model cannot be read: %s", damage);
  return !damage;
}

static gboolean
take (LinearReader *in, void *to, gsize n_bytes)
{
  if ((gsize) (in->end - in->at) < n_bytes) {
    linear_reader_damaged (in, "it ends too early");
    return FALSE;
  }
  if (n_bytes > 0)
    memcpy (to, in->at, n_bytes);
  in->at += n_bytes;
  return TRUE;
}
