/* random - counter-based random numbers: the n-th number of a stream is a function of (seed, stream, n) alone.
 *
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). So the draw for one document
 * is the same on any thread, in any order. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint32 key[2];
  guint32 counter[4]; /* [0..1] position, [2..3] stream */
  guint32 block[4];
  guint n_left;       /* unused words of `block` */
} RetortRandom;

/* `stream` names what is drawn, e.g. "model/perceptron" or a document id; `stream2` may be NULL. */
void retort_random_init (RetortRandom *random, guint64 seed, const char *stream, const char *stream2);
guint32 retort_random_u32 (RetortRandom *random);
guint64 retort_random_u64 (RetortRandom *random);
double retort_random_uniform (RetortRandom *random);               /* [0,1), 53 bits */
guint32 retort_random_below (RetortRandom *random, guint32 bound); /* [0,bound), unbiased (Lemire 2019); bound > 0 */
/* Fisher-Yates of [n] items of `item_bytes` bytes each. */
void retort_random_shuffle (RetortRandom *random, void *items, gsize n, gsize item_bytes);
/* A 64-bit hash of bytes, the same on every machine and in every release (first 8 bytes of SHA-256, little-endian). */
guint64 retort_random_hash (const void *bytes, gsize n_bytes);

G_END_DECLS
