/* test-statistics - intervals and tests against naive twins, and against numbers of other programs where present. */
#include "experiment/statistics.h"
#include "retort-test.h"
#include <math.h>
#include <retort/json.h>
#include <retort/random.h>
#include <string.h>

/* Micro F1 of columns tp, fp, fn. */
static double
f1 (const double *sums, gpointer user)
{
  const double all = 2 * sums[0] + sums[1] + sums[2];

  return all > 0 ? 2 * sums[0] / all : NAN;
}

/* [n][3] random counts, the same for the same seed. */
static gint64 *
random_counts (guint n, guint64 seed)
{
  gint64 *counts = g_new (gint64, n * 3);
  RetortRandom random;

  retort_random_init (&random, seed, "counts", NULL);
  for (guint i = 0; i < n * 3; i++)
    counts[i] = retort_random_below (&random, 5);
  return counts;
}

static RetortSample
sample_of (guint n, const gint64 *const *counts, guint n_systems)
{
  return (RetortSample) { .n_documents = n, .n_columns = 3, .n_systems = n_systems, .counts = counts, .statistic = f1 };
}

/* --- bootstrap --- */

static void
test_bootstrap_naive (void)
{
  enum { N = 23, ROUNDS = 50 };
  g_autofree gint64 *a = random_counts (N, 1), *b = random_counts (N, 2);
  const gint64 *const counts[] = { a, b };
  const RetortSample sample = sample_of (N, counts, 2);
  g_autofree double *values = retort_bootstrap (&sample, ROUNDS, 7);
  RetortRandom random;

  /* The twin draws the same documents and adds them one by one. */
  retort_random_init (&random, 7, "bootstrap", NULL);
  for (guint r = 0; r < ROUNDS; r++) {
    double sums_a[3] = { 0 }, sums_b[3] = { 0 };
    for (guint i = 0; i < N; i++) {
      const guint d = retort_random_below (&random, N);
      for (guint c = 0; c < 3; c++) {
        sums_a[c] += a[d * 3 + c];
        sums_b[c] += b[d * 3 + c];
      }
    }
    g_assert_cmpfloat (values[r], ==, f1 (sums_a, NULL));
    g_assert_cmpfloat (values[ROUNDS + r], ==, f1 (sums_b, NULL));
  }
}

static void
test_bootstrap_needs (void)
{
  /* Column 1 is not needed by a statistic that reads 0 and 2 only; naming the needs changes nothing. */
  enum { N = 40, ROUNDS = 100 };
  static const guint all[] = { 2, 0, 1 };
  g_autofree gint64 *a = random_counts (N, 3);
  const gint64 *const counts[] = { a };
  RetortSample sample = sample_of (N, counts, 1);
  g_autofree double *expected = retort_bootstrap (&sample, ROUNDS, 1);

  sample.needs = all;
  sample.n_needs = 3;
  g_autofree double *values = retort_bootstrap (&sample, ROUNDS, 1);
  g_assert_cmpmem (values, ROUNDS * sizeof *values, expected, ROUNDS * sizeof *expected);
}

static void
test_bootstrap_covers (void)
{
  /* A fair coin per document: over many corpora a 95 % interval holds the truth about 95 times in 100. */
  enum { N = 120, TRIALS = 300, ROUNDS = 300 };
  guint n_covered = 0;

  for (guint t = 0; t < TRIALS; t++) {
    gint64 coins[N * 3] = { 0 };
    const gint64 *const counts[] = { coins };
    RetortRandom random;
    retort_random_init (&random, t, "coins", NULL);
    for (guint d = 0; d < N; d++)
      coins[d * 3 + (retort_random_u32 (&random) & 1)] = 1; /* one right or one spurious entity */
    const RetortSample sample = sample_of (N, counts, 1);
    g_autofree double *values = retort_bootstrap (&sample, ROUNDS, t);
    const RetortInterval interval = retort_interval (values, ROUNDS, 0.95);
    n_covered += interval.low <= 2.0 / 3 && 2.0 / 3 <= interval.high; /* F1 at tp = fp */
  }
  g_assert_cmpuint (n_covered, >=, TRIALS * 90 / 100);
  g_assert_cmpuint (n_covered, <=, TRIALS * 99 / 100);
}

static void
test_interval_type7 (void)
{
  /* 1 .. 11 shuffled: type 7 gives the 10 % quantile 2 and the 90 % quantile 10 exactly. */
  const double values[] = { 11, 3, NAN, 7, 1, 10, 2, 5, 9, 4, 8, 6 };
  const RetortInterval interval = retort_interval (values, G_N_ELEMENTS (values), 0.8);

  g_assert_cmpfloat_with_epsilon (interval.low, 2, 1e-12);
  g_assert_cmpfloat_with_epsilon (interval.high, 10, 1e-12);
  g_assert_cmpuint (interval.n_undefined, ==, 1);
}

static void
test_interval_undefined (void)
{
  const double values[] = { NAN, NAN };
  const RetortInterval interval = retort_interval (values, 2, 0.95);

  g_assert_true (isnan (interval.low) && isnan (interval.high));
}

/* --- randomisation --- */

/* All 2^n assignments, each summed anew. */
static double
naive_exact (const gint64 *a, const gint64 *b, guint n)
{
  guint count = 0;
  double observed = 0;

  for (guint bits = 0; bits < 1u << n; bits++) {
    double sums_a[3] = { 0 }, sums_b[3] = { 0 };
    for (guint d = 0; d < n; d++)
      for (guint c = 0; c < 3; c++) {
        const gboolean exchanged = bits >> d & 1;
        sums_a[c] += (exchanged ? b : a)[d * 3 + c];
        sums_b[c] += (exchanged ? a : b)[d * 3 + c];
      }
    const double difference = fabs (f1 (sums_a, NULL) - f1 (sums_b, NULL));
    if (bits == 0)
      observed = difference;
    count += difference >= observed - 1e-12;
  }
  return (double) count / (1u << n);
}

static void
test_randomisation_exact (void)
{
  for (guint n = 1; n <= 9; n++)
    for (guint seed = 0; seed < 10; seed++) {
      g_autofree gint64 *a = random_counts (n, seed), *b = random_counts (n, 1000 + seed);
      const gint64 *const counts[] = { a, b };
      const RetortSample sample = sample_of (n, counts, 2);
      gboolean exact = FALSE;
      const double p = retort_randomisation (&sample, 0, 1, 10000, 1, &exact);
      if (isnan (p))
        continue; /* no entity at all on one side */
      g_assert_true (exact);
      g_assert_cmpfloat (p, ==, naive_exact (a, b, n));
    }
}

static void
test_randomisation_approximate (void)
{
  /* With 12 documents and 3,000 rounds the share is drawn; it must be near the exact one, and of the form (c+1)/(R+1). */
  enum { N = 12, ROUNDS = 3000 };
  g_autofree gint64 *a = random_counts (N, 21), *b = random_counts (N, 22);
  const gint64 *const counts[] = { a, b };
  const RetortSample sample = sample_of (N, counts, 2);
  gboolean exact = TRUE;
  const double p = retort_randomisation (&sample, 0, 1, ROUNDS, 5, &exact), c = p * (ROUNDS + 1) - 1;

  g_assert_false (exact);
  g_assert_cmpfloat_with_epsilon (p, naive_exact (a, b, N), 0.04);
  g_assert_cmpfloat_with_epsilon (c, round (c), 1e-6);
  g_assert_cmpfloat (p, ==, retort_randomisation (&sample, 0, 1, ROUNDS, 5, NULL));
}

static void
test_randomisation_same (void)
{
  g_autofree gint64 *a = random_counts (100, 9);
  const gint64 *const counts[] = { a, a };
  const RetortSample sample = sample_of (100, counts, 2);

  g_assert_cmpfloat (retort_randomisation (&sample, 0, 1, 100, 1, NULL), ==, 1);
}

static void
test_randomisation_undefined (void)
{
  const gint64 none[3] = { 0 }, some[3] = { 1, 1, 1 };
  const gint64 *const counts[] = { none, some };
  const RetortSample sample = sample_of (1, counts, 2);

  g_assert_true (isnan (retort_randomisation (&sample, 0, 1, 100, 1, NULL)));
}

/* --- Holm --- */

/* By definition: the adjusted value is the largest (m - rank) p among those not above it. */
static double
naive_holm (const double *p, guint n, guint at)
{
  double highest = 0;

  for (guint i = 0; i < n; i++) {
    guint n_before = 0;
    for (guint j = 0; j < n; j++)
      n_before += p[j] < p[i] || (p[j] == p[i] && j < i);
    if (p[i] < p[at] || (p[i] == p[at] && i <= at))
      highest = fmax (highest, (n - n_before) * p[i]);
  }
  return fmin (highest, 1);
}

static void
test_holm_naive (void)
{
  RetortRandom random;

  retort_random_init (&random, 1, "p", NULL);
  for (guint trial = 0; trial < 50; trial++) {
    double p[9], adjusted[9];
    for (guint i = 0; i < 9; i++)
      p[i] = retort_random_below (&random, 20) / 40.0; /* with ties */
    retort_holm (p, 9, adjusted);
    for (guint i = 0; i < 9; i++)
      g_assert_cmpfloat_with_epsilon (adjusted[i], naive_holm (p, 9, i), 1e-12);
  }
}

static void
test_holm_undefined (void)
{
  const double p[] = { 0.01, NAN, 0.04 };
  double adjusted[3];

  retort_holm (p, 3, adjusted);
  g_assert_cmpfloat_with_epsilon (adjusted[0], 0.02, 1e-15);
  g_assert_true (isnan (adjusted[1]));
  g_assert_cmpfloat_with_epsilon (adjusted[2], 0.04, 1e-15);
}

/* --- other programs' numbers --- */

typedef void (*LineFunc) (JsonObject *line);

/* Calls func for every line of a file of shared vectors; skips the test where it is absent. */
static void
each_vector (const char *name, guint n_at_least, LineFunc func)
{
  g_autofree char *relative = g_build_filename ("data", "conformance", name, NULL);
  g_autofree char *path = retort_test_shared_path (relative);
  g_autofree char *bytes = NULL;
  g_autoptr(GError) error = NULL;
  guint n = 0;

  if (!path) {
    g_test_skip ("the shared vectors are not here");
    return;
  }
  g_file_get_contents (path, &bytes, NULL, &error);
  g_assert_no_error (error);
  g_auto(GStrv) lines = g_strsplit (bytes, "\n", -1);
  for (guint i = 0; lines[i]; i++) {
    if (!*lines[i])
      continue;
    g_autoptr(JsonNode) node = retort_json_parse (lines[i], strlen (lines[i]), &error);
    g_assert_no_error (error);
    func (json_node_get_object (node));
    n++;
  }
  g_assert_cmpuint (n, >=, n_at_least);
}

static gint64 *
read_counts (JsonObject *line, const char *name, guint *n)
{
  JsonArray *documents = json_object_get_array_member (line, name);
  gint64 *counts = g_new (gint64, json_array_get_length (documents) * 3);

  *n = json_array_get_length (documents);
  for (guint d = 0; d < *n; d++)
    for (guint c = 0; c < 3; c++)
      counts[d * 3 + c] = json_array_get_int_element (json_array_get_array_element (documents, d), c);
  return counts;
}

static void
check_significance (JsonObject *line)
{
  guint n;
  g_autofree gint64 *a = read_counts (line, "docs_a", &n), *b = read_counts (line, "docs_b", &n);
  const gint64 *const counts[] = { a, b };
  const RetortSample sample = sample_of (n, counts, 2);

  g_assert_cmpfloat_with_epsilon (retort_sample_value (&sample, 0),
                                  json_object_get_double_member (line, "micro_f1_a"), 1e-12);
  g_assert_cmpfloat_with_epsilon (retort_sample_value (&sample, 1),
                                  json_object_get_double_member (line, "micro_f1_b"), 1e-12);
  g_assert_cmpfloat_with_epsilon (retort_randomisation (&sample, 0, 1, RETORT_STATISTICS_ROUNDS, 1, NULL),
                                  json_object_get_double_member (line, "exact_ar_two_sided"), 1e-12);
}

static void
check_holm (JsonObject *line)
{
  JsonArray *p = json_object_get_array_member (line, "p"), *holm = json_object_get_array_member (line, "holm");
  const guint n = json_array_get_length (p);
  g_autofree double *values = g_new (double, n), *adjusted = g_new (double, n);

  for (guint i = 0; i < n; i++)
    values[i] = json_array_get_double_element (p, i);
  retort_holm (values, n, adjusted);
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (adjusted[i], json_array_get_double_element (holm, i), 1e-12);
}

static void
test_vectors_significance (void)
{
  each_vector ("significance.jsonl", 30, check_significance);
}

static void
test_vectors_holm (void)
{
  each_vector ("padjust.jsonl", 20, check_holm);
}

/* --- speed --- */

static void
test_speed (void)
{
  enum { N = 1000, SYSTEMS = 12 };
  gint64 *counts[SYSTEMS];
  double p = 0;

  for (guint s = 0; s < SYSTEMS; s++)
    counts[s] = random_counts (N, s);
  const RetortSample sample = sample_of (N, (const gint64 *const *) counts, SYSTEMS);
  g_test_timer_start ();
  g_autofree double *values = retort_bootstrap (&sample, RETORT_STATISTICS_ROUNDS, 1);
  for (guint s = 1; s < SYSTEMS; s++)
    p += retort_randomisation (&sample, 0, s, RETORT_STATISTICS_ROUNDS, 1, NULL);
  const double seconds = g_test_timer_elapsed ();
  g_test_message ("12 systems, 1,000 documents, 10,000 rounds: %.2f s", seconds);
  g_assert_true (isfinite (values[0]) && isfinite (p));
  g_assert_cmpfloat (seconds, <, 60); /* seconds on any machine; more means the work is done wrongly */
  for (guint s = 0; s < SYSTEMS; s++)
    g_free (counts[s]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/statistics/bootstrap/as-the-naive-twin", test_bootstrap_naive);
  g_test_add_func ("/statistics/bootstrap/needs-in-any-order", test_bootstrap_needs);
  g_test_add_func ("/statistics/bootstrap/covers-the-truth", test_bootstrap_covers);
  g_test_add_func ("/statistics/interval/interpolates-type-7", test_interval_type7);
  g_test_add_func ("/statistics/interval/undefined-without-values", test_interval_undefined);
  g_test_add_func ("/statistics/randomisation/exact-as-the-naive-twin", test_randomisation_exact);
  g_test_add_func ("/statistics/randomisation/approximate-is-near-exact", test_randomisation_approximate);
  g_test_add_func ("/statistics/randomisation/same-counts-give-1", test_randomisation_same);
  g_test_add_func ("/statistics/randomisation/undefined-score", test_randomisation_undefined);
  g_test_add_func ("/statistics/holm/as-the-naive-twin", test_holm_naive);
  g_test_add_func ("/statistics/holm/undefined-stays-out", test_holm_undefined);
  g_test_add_func ("/statistics/vectors/exact-randomisation", test_vectors_significance);
  g_test_add_func ("/statistics/vectors/holm", test_vectors_holm);
  g_test_add_func ("/statistics/speed/twelve-systems", test_speed);
  return g_test_run ();
}
