/* offsets - between bytes, which memory counts, and code points or UTF-16 units, which files count.
 *
 * One pass counts the units before every 256th byte (from the first character that begins there). Either way is then
 * a look into that table and a walk over at most 256 bytes and a character. Pure ASCII needs no table. */
#include <retort/document.h>

enum { STEP = 256 };

struct _RetortOffsets {
  const char *text;  /* lent */
  gsize n_bytes;
  RetortUnit unit;
  gboolean same;     /* every offset is the same in both units */
  guint32 length;    /* of the text, in units */
  GArray *units;     /* guint32 [n_bytes / STEP + 1]: units before border (i * STEP); NULL if `same` */
};

static gsize border (const RetortOffsets *offsets, gsize byte);
static guint32 width (const RetortOffsets *offsets, gsize byte, guint *units);
static guint32 count (const RetortOffsets *offsets, gsize from, gsize to);

RetortOffsets *
retort_offsets_new (const char *text, gsize n_bytes, RetortUnit unit)
{
  RetortOffsets *offsets = g_new0 (RetortOffsets, 1);
  guint8 all = 0;

  g_assert (n_bytes <= G_MAXUINT32);
  *offsets = (RetortOffsets){ .text = text, .n_bytes = n_bytes, .unit = unit, .length = (guint32)n_bytes };
  for (gsize i = 0; i < n_bytes; i++)
    all |= (guint8)text[i];
  offsets->same = all < 0x80 || unit == RETORT_UNIT_BYTES;
  if (offsets->same)
    return offsets;
  offsets->units = g_array_sized_new (FALSE, FALSE, sizeof (guint32), (guint)(n_bytes / STEP + 1));
  offsets->length = 0;
  for (gsize at = 0, step = 0;; step += STEP) {
    const gsize next = border (offsets, step);
    offsets->length += count (offsets, at, next);
    at = next;
    g_array_append_val (offsets->units, offsets->length);
    if (step + STEP > n_bytes)
      break;
  }
  const gsize last = (gsize)(offsets->units->len - 1) * STEP;
  offsets->length += count (offsets, border (offsets, last), n_bytes);
  return offsets;
}

void
retort_offsets_free (RetortOffsets *offsets)
{
  if (!offsets)
    return;
  g_clear_pointer (&offsets->units, g_array_unref);
  g_free (offsets);
}

gboolean
retort_offsets_to_byte (const RetortOffsets *offsets, guint64 offset, guint32 *byte)
{
  if (offset > offsets->length)
    return FALSE;
  if (offsets->same) {
    if (offset < offsets->n_bytes && border (offsets, offset) != offset)
      return FALSE;
    *byte = (guint32)offset;
    return TRUE;
  }
  const guint32 *units = (const guint32 *)(void *)offsets->units->data;
  guint low = 0, high = offsets->units->len; /* units[low] <= offset < units[high] */
  while (high - low > 1) {
    const guint middle = low + (high - low) / 2;
    if (units[middle] <= offset)
      low = middle;
    else
      high = middle;
  }
  guint64 seen = units[low];
  gsize at = border (offsets, (gsize)low * STEP);
  while (seen < offset) {
    guint n;
    at += width (offsets, at, &n);
    seen += n;
  }
  if (seen != offset)
    return FALSE;
  *byte = (guint32)at;
  return TRUE;
}

guint32
retort_offsets_from_byte (const RetortOffsets *offsets, guint32 byte)
{
  g_assert (byte <= offsets->n_bytes && border (offsets, byte) == byte);
  if (offsets->same)
    return byte;
  const guint i = byte / STEP;
  return g_array_index (offsets->units, guint32, i) + count (offsets, border (offsets, (gsize)i * STEP), byte);
}

guint32
retort_offsets_length (const RetortOffsets *offsets)
{
  return offsets->length;
}

/* The first place from `byte` on where a character begins, or the end. */
static gsize
border (const RetortOffsets *offsets, gsize byte)
{
  while (byte < offsets->n_bytes && ((guint8)offsets->text[byte] & 0xC0) == 0x80)
    byte++;
  return byte;
}

/* Bytes of the character at `byte`, and how many units it counts. */
static guint32
width (const RetortOffsets *offsets, gsize byte, guint *units)
{
  const guint8 first = (guint8)offsets->text[byte];

  *units = offsets->unit == RETORT_UNIT_UTF16 && first >= 0xF0 ? 2 : 1;
  return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Units of the characters that begin in [from,to). */
static guint32
count (const RetortOffsets *offsets, gsize from, gsize to)
{
  guint32 n = 0;

  for (gsize i = from; i < to; i++) {
    const guint8 c = (guint8)offsets->text[i];
    n += (c & 0xC0) != 0x80;
    n += offsets->unit == RETORT_UNIT_UTF16 && c >= 0xF0;
  }
  return n;
}
