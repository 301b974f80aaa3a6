/* test-base-random - Philox against the known answers of its authors, and what is derived from it. */
#include "retort-test.h"
#include <math.h>
#include <retort/random.h>
#include <string.h>

/* Random123 1.09, kat_vectors, philox4x32 with 10 rounds: counter, key, result. */
static void
test_known_answers (void)
{
  static const struct {
    guint32 counter[4], key[2], result[4];
  } known[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
      { 0xffffffff, 0xffffffff },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
      { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++) {
    RetortRandom random = { 0 };
    memcpy (random.counter, known[i].counter, sizeof random.counter);
    memcpy (random.key, known[i].key, sizeof random.key);
    for (guint j = 0; j < 4; j++)
      g_assert_cmphex (retort_random_u32 (&random), ==, known[i].result[j]);
  }
}

static void
test_position_carries (void)
{
  RetortRandom random = { .counter = { 0xffffffff, 6, 7, 8 } };

  retort_random_u32 (&random);
  g_assert_cmphex (random.counter[0], ==, 0);
  g_assert_cmphex (random.counter[1], ==, 7);
  g_assert_cmphex (random.counter[2], ==, 7);
}

static guint64
first_of (guint64 seed, const char *stream, const char *stream2)
{
  RetortRandom random;

  retort_random_init (&random, seed, stream, stream2);
  return retort_random_u64 (&random);
}

static void
test_streams_differ (void)
{
  const guint64 draws[] = {
    first_of (1, "a", "bc"), first_of (1, "ab", "c"),     first_of (1, "abc", NULL), first_of (1, "abc", ""),
    first_of (2, "a", "bc"), first_of (1ull << 32, "a", "bc"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (draws); i++)
    for (guint j = 0; j < i; j++)
      g_assert_cmphex (draws[i], !=, draws[j]);
  g_assert_cmphex (first_of (1, "a", "bc"), ==, draws[0]);
}

/* SHA-256 ("abc") begins ba7816bf 8f01cfea (FIPS 180-4, B.1). */
static void
test_hash_is_little_endian_sha256 (void)
{
  g_assert_cmphex (retort_random_hash ("abc", 3), ==, 0xeacf018fbf1678ba);
}

static void
test_uniform_is_in_range_and_even (void)
{
  RetortRandom random;
  double sum = 0, squares = 0;
  const guint n = 100000;

  retort_random_init (&random, 17, "uniform", NULL);
  for (guint i = 0; i < n; i++) {
    const double u = retort_random_uniform (&random);
    g_assert_true (u >= 0 && u < 1);
    sum += u;
    squares += u * u;
  }
  g_assert_cmpfloat (fabs (sum / n - 0.5), <, 0.005);
  g_assert_cmpfloat (fabs (squares / n - 1.0 / 3), <, 0.005);
}

static void
test_below_is_even (void)
{
  RetortRandom random;
  guint counts[6] = { 0 };
  double chi2 = 0;

  retort_random_init (&random, 17, "below", NULL);
  for (guint i = 0; i < 60000; i++)
    counts[retort_random_below (&random, 6)]++;
  for (guint i = 0; i < 6; i++)
    chi2 += (counts[i] - 10000.0) * (counts[i] - 10000.0) / 10000.0;
  g_assert_cmpfloat (chi2, <, 20.5); /* 5 degrees of freedom, p = 0.001 */
  g_assert_cmpuint (retort_random_below (&random, 1), ==, 0);
}

/* With this bound a third of all words must be rejected; without rejection the lower half comes up too often. */
static void
test_below_rejects_the_uneven_rest (void)
{
  RetortRandom random;
  const guint32 bound = 0xc0000000;
  guint thirds[3] = { 0 };

  retort_random_init (&random, 17, "reject", NULL);
  for (guint i = 0; i < 30000; i++) {
    const guint32 draw = retort_random_below (&random, bound);
    g_assert_cmpuint (draw, <, bound);
    thirds[draw % 3]++;
  }
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (ABS ((int)thirds[i] - 10000), <, 400);
}

static void
test_shuffle_gives_every_order (void)
{
  RetortRandom random;
  guint counts[256] = { 0 };

  retort_random_init (&random, 17, "shuffle", NULL);
  for (guint i = 0; i < 24000; i++) {
    guint8 items[4] = { 0, 1, 2, 3 };
    retort_random_shuffle (&random, items, 4, 1);
    counts[items[0] | items[1] << 2 | items[2] << 4 | items[3] << 6]++;
  }
  guint n_orders = 0;
  for (guint i = 0; i < 256; i++)
    if (counts[i] > 0) {
      n_orders++;
      g_assert_cmpuint (ABS ((int)counts[i] - 1000), <, 150);
    }
  g_assert_cmpuint (n_orders, ==, 24);
}

static void
test_shuffle_moves_whole_items (void)
{
  struct {
    guint64 a, b[20];
  } items[50];
  RetortRandom random;
  guint64 seen = 0;

  for (guint i = 0; i < 50; i++) {
    items[i].a = i;
    for (guint j = 0; j < 20; j++)
      items[i].b[j] = i;
  }
  retort_random_init (&random, 17, "items", NULL);
  retort_random_shuffle (&random, items, 50, sizeof *items);
  retort_random_shuffle (&random, items, 0, sizeof *items);
  for (guint i = 0; i < 50; i++) {
    seen |= 1ull << items[i].a;
    for (guint j = 0; j < 20; j++)
      g_assert_cmpuint (items[i].b[j], ==, items[i].a);
  }
  g_assert_cmphex (seen, ==, (1ull << 50) - 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/philox/known-answers", test_known_answers);
  g_test_add_func ("/random/philox/position-carries-into-its-high-word", test_position_carries);
  g_test_add_func ("/random/init/streams-and-seeds-differ", test_streams_differ);
  g_test_add_func ("/random/hash/little-endian-sha256", test_hash_is_little_endian_sha256);
  g_test_add_func ("/random/uniform/in-range-and-even", test_uniform_is_in_range_and_even);
  g_test_add_func ("/random/below/even", test_below_is_even);
  g_test_add_func ("/random/below/rejects-the-uneven-rest", test_below_rejects_the_uneven_rest);
  g_test_add_func ("/random/shuffle/every-order-equally-often", test_shuffle_gives_every_order);
  g_test_add_func ("/random/shuffle/moves-whole-items", test_shuffle_moves_whole_items);
  return g_test_run ();
}
