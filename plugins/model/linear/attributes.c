/* attributes - a table of hashes: one word a feature, no strings. */

#include "attributes.h"
#include <string.h>

static void grow (LinearAttributes *attributes);
static void put (LinearAttributes *attributes, guint32 id);

void
linear_attributes_init (LinearAttributes *attributes)
{
  memset (attributes, 0, sizeof *attributes);
  attributes->n_slots = 1024;
  attributes->slots = g_new0 (guint32, attributes->n_slots);
}

void
linear_attributes_clear (LinearAttributes *attributes)
{
  g_clear_pointer (&attributes->hashes, g_free);
  g_clear_pointer (&attributes->slots, g_free);
  attributes->n = attributes->capacity = 0;
  attributes->n_slots = 0;
}

guint32
linear_attributes_find (const LinearAttributes *attributes, guint64 hash)
{
  if (attributes->n_slots == 0)
    return LINEAR_ABSENT;
  for (gsize at = hash & (attributes->n_slots - 1);; at = (at + 1) & (attributes->n_slots - 1)) {
    const guint32 slot = attributes->slots[at];
    if (slot == 0)
      return LINEAR_ABSENT;
    if (attributes->hashes[slot - 1] == hash)
      return slot - 1;
  }
}

guint32
linear_attributes_add (LinearAttributes *attributes, guint64 hash)
{
  const guint32 found = linear_attributes_find (attributes, hash);

  if (found != LINEAR_ABSENT)
    return found;
  if (attributes->n == attributes->capacity) {
    attributes->capacity = MAX (1024, 2 * attributes->capacity);
    attributes->hashes = g_renew (guint64, attributes->hashes, attributes->capacity);
  }
  attributes->hashes[attributes->n] = hash;
  if (2 * ((gsize) attributes->n + 1) > attributes->n_slots)
    grow (attributes);
  put (attributes, attributes->n);
  return attributes->n++;
}

/* FNV-1a (Fowler, Noll, Vo), stirred once more so that its low bits are good enough for the table. */
guint64
linear_hash (const char *text, gsize n_bytes)
{
  guint64 hash = G_GUINT64_CONSTANT (0xCBF29CE484222325);

  for (gsize i = 0; i < n_bytes; i++)
    hash = (hash ^ (guchar) text[i]) * G_GUINT64_CONSTANT (0x100000001B3);
  return linear_mix (hash, n_bytes);
}

static void
grow (LinearAttributes *attributes)
{
  g_free (attributes->slots);
  attributes->n_slots *= 2;
  attributes->slots = g_new0 (guint32, attributes->n_slots);
  for (guint32 id = 0; id < attributes->n; id++)
    put (attributes, id);
}

static void
put (LinearAttributes *attributes, guint32 id)
{
  gsize at = attributes->hashes[id] & (attributes->n_slots - 1);

  while (attributes->slots[at] != 0)
    at = (at + 1) & (attributes->n_slots - 1);
  attributes->slots[at] = id + 1;
}
