/* attributes - features by their 64-bit hash: counted, numbered, and found again.
 *
 * A feature's text is never stored: with a million features the chance that any two share a hash is below 1 in 10^7. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LINEAR_ABSENT G_MAXUINT32

/* Open addressing; ids count from 0 in order of first sight. */
typedef struct {
  guint64 *hashes;  /* [n] by id */
  guint32 *slots;   /* [n_slots] id + 1, or 0 */
  guint32 n, capacity;
  gsize n_slots;    /* a power of 2 */
} LinearAttributes;

void linear_attributes_init (LinearAttributes *attributes);
void linear_attributes_clear (LinearAttributes *attributes);
/* The id, LINEAR_ABSENT if never seen; `add` numbers what is new. */
guint32 linear_attributes_find (const LinearAttributes *attributes, guint64 hash);
guint32 linear_attributes_add (LinearAttributes *attributes, guint64 hash);

/* --- hashing: the same on every machine --- */

static inline guint64
linear_mix (guint64 a, guint64 b)
{
  a = (a ^ b) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);
  a ^= a >> 29;
  a *= G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);
  return a ^ a >> 32;
}

guint64 linear_hash (const char *text, gsize n_bytes);

G_END_DECLS
