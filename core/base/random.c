/* random - Philox4x32-10 (Salmon et al. 2011, section 3.3 and table 2), keyed by the seed.
 *
 * The counter's low half is the position, its high half a hash of the stream's names; so streams of one seed never
 * overlap before 2^64 blocks, but for a collision of 64-bit hashes. */
#include <retort/random.h>

#include <string.h>

static void next_block (RetortRandom *random);
static guint64 below64 (RetortRandom *random, guint64 bound);
static void swap (guint8 *a, guint8 *b, gsize n_bytes);

void
retort_random_init (RetortRandom *random, guint64 seed, const char *stream, const char *stream2)
{
  /* Each name with its NUL, so that ("ab", "c"), ("a", "bc") and ("abc", NULL) differ. */
  g_autoptr(GByteArray) names = g_byte_array_new ();
  g_byte_array_append (names, (const guint8 *)stream, strlen (stream) + 1);
  if (stream2)
    g_byte_array_append (names, (const guint8 *)stream2, strlen (stream2) + 1);
  const guint64 hash = retort_random_hash (names->data, names->len);

  *random = (RetortRandom){
    .key = { (guint32)seed, (guint32)(seed >> 32) },
    .counter = { 0, 0, (guint32)hash, (guint32)(hash >> 32) },
  };
}

guint32
retort_random_u32 (RetortRandom *random)
{
  if (random->n_left == 0)
    next_block (random);
  return random->block[4 - random->n_left--];
}

guint64
retort_random_u64 (RetortRandom *random)
{
  const guint64 low = retort_random_u32 (random);
  return low | (guint64)retort_random_u32 (random) << 32;
}

double
retort_random_uniform (RetortRandom *random)
{
  return (double)(retort_random_u64 (random) >> 11) * 0x1p-53;
}

guint32
retort_random_below (RetortRandom *random, guint32 bound)
{
  g_assert (bound > 0);
  guint64 product = (guint64)retort_random_u32 (random) * bound;
  if ((guint32)product < bound) {
    const guint32 reject = -bound % bound; /* 2^32 mod bound */
    while ((guint32)product < reject)
      product = (guint64)retort_random_u32 (random) * bound;
  }
  return (guint32)(product >> 32);
}

void
retort_random_shuffle (RetortRandom *random, void *items, gsize n, gsize item_bytes)
{
  guint8 *bytes = items;

  for (gsize i = n; i > 1; i--) {
    const gsize j = i <= G_MAXUINT32 ? retort_random_below (random, (guint32)i) : below64 (random, i);
    if (j != i - 1)
      swap (bytes + j * item_bytes, bytes + (i - 1) * item_bytes, item_bytes);
  }
}

guint64
retort_random_hash (const void *bytes, gsize n_bytes)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize digest_bytes = sizeof digest;
  guint64 hash = 0;

  /* g_checksum_update takes a signed length and reads -1 as "to the NUL". */
  for (const guint8 *at = bytes; n_bytes > 0;) {
    const gsize part = MIN (n_bytes, (gsize)G_MAXINT);
    g_checksum_update (checksum, at, (gssize)part);
    at += part;
    n_bytes -= part;
  }
  g_checksum_get_digest (checksum, digest, &digest_bytes);
  for (guint i = 0; i < 8; i++)
    hash |= (guint64)digest[i] << (8 * i);
  return hash;
}

static void
next_block (RetortRandom *random)
{
  guint32 c0 = random->counter[0], c1 = random->counter[1], c2 = random->counter[2], c3 = random->counter[3];
  guint32 k0 = random->key[0], k1 = random->key[1];

  for (guint round = 0; round < 10; round++) {
    const guint64 p0 = (guint64)c0 * 0xd2511f53u, p1 = (guint64)c2 * 0xcd9e8d57u;
    c0 = (guint32)(p1 >> 32) ^ c1 ^ k0;
    c1 = (guint32)p1;
    c2 = (guint32)(p0 >> 32) ^ c3 ^ k1;
    c3 = (guint32)p0;
    k0 += 0x9e3779b9u; /* golden ratio */
    k1 += 0xbb67ae85u; /* sqrt (3) - 1 */
  }
  random->block[0] = c0, random->block[1] = c1, random->block[2] = c2, random->block[3] = c3;
  random->n_left = 4;
  if (++random->counter[0] == 0)
    random->counter[1]++;
}

static guint64
below64 (RetortRandom *random, guint64 bound)
{
  const guint64 reject = -bound % bound;
  guint64 draw;

  do
    draw = retort_random_u64 (random);
  while (draw < reject);
  return draw % bound;
}

static void
swap (guint8 *a, guint8 *b, gsize n_bytes)
{
  guint8 piece[64];

  for (gsize at = 0; at < n_bytes; at += sizeof piece) {
    const gsize n = MIN (sizeof piece, n_bytes - at);
    memcpy (piece, a + at, n);
    memcpy (a + at, b + at, n);
    memcpy (b + at, piece, n);
  }
}
