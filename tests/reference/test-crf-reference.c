/* test-crf-reference - forward-backward and Viterbi against all paths, gradients against differences, the fitted model
 * against its own conditions, any number of threads against one. */
#include "crf.c"

#include "plugin/context.h"
#include "retort-test.h"

/* --- a chain small enough to count its paths --- */

typedef struct {
  guint L, T;
  double *trans, *state;     /* as in lattice.h */
  double log_z, best;        /* by counting */
  double *nodes, *edges;     /* [T][L] and [L][L] expected */
  guint16 *labels;           /* the best path; the lowest labels among equals, the last item first */
} Chain;

static double
path_score (const Chain *chain, const guint16 *path)
{
  double score = 0;

  for (guint t = 0; t < chain->T; t++)
    score += chain->state[t * chain->L + path[t]] + (t > 0 ? chain->trans[path[t - 1] * chain->L + path[t]] : 0);
  return score;
}

/* Viterbi chooses from the last item to the first: so does this order. */
static gboolean
comes_first (const guint16 *path, const guint16 *other, guint T)
{
  for (guint t = T; t-- > 0;)
    if (path[t] != other[t])
      return path[t] < other[t];
  return FALSE;
}

static gboolean
next_path (guint16 *path, guint T, guint L)
{
  for (guint t = 0; t < T; t++) {
    if (++path[t] < L)
      return TRUE;
    path[t] = 0;
  }
  return FALSE;
}

static void
count_paths (Chain *chain)
{
  g_autofree guint16 *path = g_new0 (guint16, chain->T);
  double top = -INFINITY, sum = 0;

  chain->best = -INFINITY;
  do {
    const double score = path_score (chain, path);
    top = MAX (top, score);
    if (score > chain->best || (score == chain->best && comes_first (path, chain->labels, chain->T))) {
      chain->best = score;
      memcpy (chain->labels, path, chain->T * sizeof *path);
    }
  } while (next_path (path, chain->T, chain->L));
  do
    sum += exp (path_score (chain, path) - top);
  while (next_path (path, chain->T, chain->L));
  chain->log_z = top + log (sum);
  do {
    const double p = exp (path_score (chain, path) - chain->log_z);
    for (guint t = 0; t < chain->T; t++) {
      chain->nodes[t * chain->L + path[t]] += p;
      if (t > 0)
        chain->edges[path[t - 1] * chain->L + path[t]] += p;
    }
  } while (next_path (path, chain->T, chain->L));
}

/* Scores are multiples of 1/8 times `size`, so that equal sums are equal in floating point too. */
static void
random_chain (Chain *chain, RetortRandom *random, double size, gboolean forbid)
{
  chain->L = 1 + retort_random_below (random, 4);
  chain->T = 1 + retort_random_below (random, 5);
  chain->trans = g_new (double, chain->L * chain->L);
  chain->state = g_new (double, chain->T * chain->L);
  chain->nodes = g_new0 (double, chain->T * chain->L);
  chain->edges = g_new0 (double, chain->L * chain->L);
  chain->labels = g_new0 (guint16, chain->T);
  for (guint k = 0; k < chain->L * chain->L; k++)
    chain->trans[k] = size * ((gint) retort_random_below (random, 33) - 16) / 8;
  for (guint k = 0; k < chain->T * chain->L; k++)
    chain->state[k] = size * ((gint) retort_random_below (random, 33) - 16) / 8;
  for (guint j = 1; forbid && j < chain->L; j++) { /* label 0 may always stand, and always goes to itself */
    for (guint i = 0; i < chain->L; i++)
      if (retort_random_below (random, 3) == 0)
        chain->trans[i * chain->L + j] = -INFINITY;
    if (retort_random_below (random, 2) == 0)
      chain->state[j] = -INFINITY;
  }
  count_paths (chain);
}

static void
chain_clear (Chain *chain)
{
  g_free (chain->trans);
  g_free (chain->state);
  g_free (chain->nodes);
  g_free (chain->edges);
  g_free (chain->labels);
}

static void
check_chain (const Chain *chain, double tolerance)
{
  LinearTransitions transitions;
  LinearLattice lattice;
  g_autofree guint16 *labels = g_new (guint16, chain->T);
  g_autofree double *p = g_new (double, chain->L), *edges = g_new0 (double, chain->L * chain->L);

  linear_transitions_init (&transitions, chain->L, chain->trans);
  linear_lattice_init (&lattice, &transitions);
  memcpy (linear_lattice_begin (&lattice, chain->T), chain->state, chain->T * chain->L * sizeof (double));

  g_assert_cmpfloat_with_epsilon (linear_lattice_best (&lattice, labels), chain->best, tolerance);
  g_assert_cmpmem (labels, chain->T * sizeof *labels, chain->labels, chain->T * sizeof *labels);
  g_assert_cmpfloat_with_epsilon (linear_lattice_sum (&lattice), chain->log_z, tolerance);
  linear_lattice_add_edges (&lattice, 1, edges);
  for (guint t = 0; t < chain->T; t++) {
    linear_lattice_marginals (&lattice, t, p);
    for (guint j = 0; j < chain->L; j++)
      g_assert_cmpfloat_with_epsilon (p[j], chain->nodes[t * chain->L + j], 1e-9);
  }
  for (guint k = 0; k < chain->L * chain->L; k++)
    g_assert_cmpfloat_with_epsilon (edges[k], chain->edges[k], 1e-9);

  /* The conditionals along the best path multiply to its probability. */
  linear_lattice_marginals (&lattice, 0, p);
  double product = p[labels[0]];
  for (guint t = 1; t < chain->T; t++) {
    linear_lattice_conditional (&lattice, t, labels[t - 1], p);
    product *= p[labels[t]];
  }
  g_assert_cmpfloat_with_epsilon (product, exp (chain->best - chain->log_z), 1e-9);
  linear_lattice_clear (&lattice);
  linear_transitions_clear (&transitions);
}

static void
test_paths (gconstpointer size)
{
  RetortRandom random;

  retort_random_init (&random, 1, "paths", NULL);
  for (guint round = 0; round < 400; round++) {
    Chain chain;
    random_chain (&chain, &random, *(const double *) size, round % 2);
    check_chain (&chain, 1e-9 * MAX (1, *(const double *) size));
    chain_clear (&chain);
  }
}

static const double ordinary = 1, extreme = 1000, equal = 0;

static void
test_ties (void)
{
  const double trans[9] = { 0 };
  guint16 labels[4] = { 9, 9, 9, 9 };
  LinearTransitions transitions;
  LinearLattice lattice;

  linear_transitions_init (&transitions, 3, trans);
  linear_lattice_init (&lattice, &transitions);
  linear_lattice_begin (&lattice, 4);
  linear_lattice_best (&lattice, labels);
  for (guint t = 0; t < 4; t++)
    g_assert_cmpuint (labels[t], ==, 0);
  linear_lattice_clear (&lattice);
  linear_transitions_clear (&transitions);
}

/* Both ways of summing give the same over 10,000 tokens, and marginals are probabilities at every one. */
static void
test_long (void)
{
  enum { T = 10000, L = 3 };
  const double trans[L * L] = { 0.5, -1, -INFINITY, 0.25, -2, 1, 0, -0.5, 2 };
  RetortRandom random;
  LinearTransitions transitions;
  LinearLattice fast, safe;
  double p[L], q[L];

  retort_random_init (&random, 1, "long", NULL);
  linear_transitions_init (&transitions, L, trans);
  linear_lattice_init (&fast, &transitions);
  linear_lattice_init (&safe, &transitions);
  double *a = linear_lattice_begin (&fast, T), *b = linear_lattice_begin (&safe, T);
  for (guint k = 0; k < T * L; k++)
    a[k] = b[k] = 20 * retort_random_uniform (&random) - 10;
  b[T * L - 1] = a[T * L - 1] = -400; /* spread beyond what the fast way takes */
  const double log_z = linear_lattice_sum (&safe);
  g_assert_true (safe.in_logs);
  a[T * L - 1] = -100; /* as good as never, either way */
  g_assert_cmpfloat_with_epsilon (linear_lattice_sum (&fast), log_z, 1e-6);
  g_assert_false (fast.in_logs);
  for (guint t = 0; t < T; t++) {
    linear_lattice_marginals (&fast, t, p);
    linear_lattice_marginals (&safe, t, q);
    g_assert_cmpfloat_with_epsilon (p[0] + p[1] + p[2], 1, 1e-9);
    for (guint j = 0; j < L; j++)
      g_assert_cmpfloat_with_epsilon (p[j], q[j], 1e-8);
  }
  linear_lattice_clear (&fast);
  linear_lattice_clear (&safe);
  linear_transitions_clear (&transitions);
}

/* --- the objective --- */

static const guint8 all_allowed[4 * 3] = { 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0 };
static const guint8 some_follow[3 * 3] = { 1, 1, 0, 1, 1, 1, 1, 1, 1 };

/* Sentences whose labels depend on their features, a little. The label 2 never stands first, nor after 0. */
static LinearData *
random_data (guint n_chains, guint n_words)
{
  LinearData *data = linear_data_new (3, all_allowed);
  RetortRandom random;

  retort_random_init (&random, 1, "data", NULL);
  for (guint c = 0; c < n_chains; c++) {
    const guint T = 1 + retort_random_below (&random, 12);
    guint16 before = 0;
    for (guint t = 0; t < T; t++) {
      const guint64 word = retort_random_below (&random, n_words);
      const guint64 hashes[] = { word, 1000 + word % 7, 2000, word };
      guint16 label = (word + retort_random_below (&random, 2)) % 3;
      if (label == 2 && (t == 0 || before == 0))
        label = 1;
      linear_data_add (data, hashes, G_N_ELEMENTS (hashes), label, t == 0);
      before = label;
    }
    linear_data_end_chain (data, c % 5 == 0 ? 0.5 : 1);
  }
  linear_data_finish (data, 1, n_chains % 2);
  return data;
}

static void
test_gradient (void)
{
  for (guint round = 0; round < 2; round++) {
    g_autoptr(LinearData) data = random_data (40 + round, 12);
    g_autoptr(LinearWeights) weights = linear_weights_new (data, some_follow);
    g_autoptr(RetortContext) context = retort_context_new ("model/crf", 1, 2, NULL);
    Problem problem = { .c2 = 0.7 };
    RetortRandom random;

    problem_init (&problem, data, weights, context);
    g_autofree double *w = g_new (double, problem.n), *g = g_new (double, problem.n), *unused = g_new (double, problem.n);
    retort_random_init (&random, round, "weights", NULL);
    for (gsize k = 0; k < problem.n; k++)
      w[k] = retort_random_uniform (&random) - 0.5;
    objective (w, g, &problem);
    for (gsize k = 0; k < problem.n; k++) {
      const double h = 1e-5, at = w[k];
      w[k] = at + h;
      const double more = objective (w, unused, &problem);
      w[k] = at - h;
      const double less = objective (w, unused, &problem);
      w[k] = at;
      g_assert_cmpfloat_with_epsilon (g[k], (more - less) / (2 * h), 1e-5);
    }
    problem_clear (&problem);
  }
}

/* At the minimum: c2 w = observed - expected, for every weight. */
static void
test_minimum (void)
{
  g_autoptr(LinearData) data = random_data (60, 12);
  g_autoptr(LinearWeights) weights = linear_weights_new (data, some_follow);
  g_autoptr(RetortContext) context = retort_context_new ("model/crf", 1, 1, NULL);
  const Options option = { .c2 = 0.5, .iterations = 1000, .tolerance = 0 };
  Problem problem = { .c2 = 0.5 };
  g_autoptr(GError) error = NULL;

  g_assert_true (fit (data, weights, FALSE, &option, context, &error));
  g_assert_no_error (error);
  problem_init (&problem, data, weights, context);
  g_autofree double *w = g_new (double, problem.n), *g = g_new (double, problem.n);
  memcpy (w, weights->values, weights->n_values * sizeof *w);
  for (gsize e = 0; e < problem.n_edges; e++)
    w[weights->n_values + e] = weights->trans[problem.edges[e]];
  objective (w, g, &problem);
  for (gsize k = 0; k < problem.n; k++)
    g_assert_cmpfloat_with_epsilon (g[k], 0, 1e-4);
  problem_clear (&problem);
}

/* A weight of 2 is the sentence twice. */
static void
test_document_weight (void)
{
  g_autoptr(RetortContext) context = retort_context_new ("model/crf", 1, 1, NULL);
  const Options option = { .c2 = 1, .iterations = 500, .tolerance = 0 };
  double values[2];

  for (guint twice = 0; twice < 2; twice++) {
    g_autoptr(LinearData) data = linear_data_new (3, all_allowed);
    const guint64 a = 1, b = 2;
    linear_data_add (data, &a, 1, 1, 1);
    linear_data_end_chain (data, twice ? 1 : 2);
    if (twice) {
      linear_data_add (data, &a, 1, 1, 1);
      linear_data_end_chain (data, 1);
    }
    linear_data_add (data, &b, 1, 0, 1);
    linear_data_end_chain (data, 1);
    linear_data_finish (data, 1, FALSE);
    g_autoptr(LinearWeights) weights = linear_weights_new (data, some_follow);
    g_assert_true (fit (data, weights, FALSE, &option, context, NULL));
    values[twice] = weights->values[0];
  }
  g_assert_cmpfloat (values[0], >, 0.1);
  g_assert_cmpfloat_with_epsilon (values[0], values[1], 1e-6);
}

static void
test_threads (void)
{
  const Options option = { .c2 = 0.5, .iterations = 30, .tolerance = 0 };
  const guint n_threads[] = { 1, 2, 7 };
  g_autofree double *first = NULL;
  gsize n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (n_threads); i++) {
    g_autoptr(LinearData) data = random_data (5000, 900);
    g_autoptr(LinearWeights) weights = linear_weights_new (data, some_follow);
    g_autoptr(RetortContext) context = retort_context_new ("model/crf", 1, n_threads[i], NULL);
    g_assert_true (fit (data, weights, FALSE, &option, context, NULL));
    if (first)
      g_assert_cmpmem (weights->values, weights->n_values * sizeof *first, first, n * sizeof *first);
    n = weights->n_values;
    g_free (first);
    first = g_memdup2 (weights->values, n * sizeof *first);
  }
}

/* --- the minimiser by itself --- */

/* Rosenbrock's valley, whose floor is curved: minimum 0 at (1, 1). */
static double
rosenbrock (const double *w, double *gradient, void *user)
{
  const double a = 1 - w[0], b = w[1] - w[0] * w[0];

  gradient[0] = -2 * a - 400 * w[0] * b;
  gradient[1] = 200 * b;
  return a * a + 100 * b * b;
}

static void
test_minimiser (void)
{
  const LinearMinimiseOptions limits = { .iterations = 500, .tolerance = 0 };
  double w[2] = { -1.2, 1 };
  guint n_iterations;

  g_assert_true (linear_minimise (w, 2, &limits, rosenbrock, NULL, NULL, &n_iterations, NULL));
  g_assert_cmpfloat_with_epsilon (w[0], 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (w[1], 1, 1e-6);
  g_assert_cmpuint (n_iterations, <, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/crf/lattice/equals-all-paths", &ordinary, test_paths);
  g_test_add_data_func ("/crf/lattice/equals-all-paths-at-extreme-scores", &extreme, test_paths);
  g_test_add_data_func ("/crf/lattice/equals-all-paths-where-all-are-equal", &equal, test_paths);
  g_test_add_func ("/crf/viterbi/ties-keep-lowest-label", test_ties);
  g_test_add_func ("/crf/lattice/ten-thousand-tokens", test_long);
  g_test_add_func ("/crf/objective/gradient-equals-differences", test_gradient);
  g_test_add_func ("/crf/fit/gradient-vanishes", test_minimum);
  g_test_add_func ("/crf/fit/weight-two-is-twice", test_document_weight);
  g_test_add_func ("/crf/fit/same-bytes-for-any-threads", test_threads);
  g_test_add_func ("/crf/minimise/rosenbrock", test_minimiser);
  return g_test_run ();
}
