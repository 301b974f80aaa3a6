/* test-perceptron-reference - lazy averaging against the plain mean of all weights after each visit. */
#include "perceptron.c"

#include "plugin/context.h"
#include "retort-test.h"

static const guint8 allowed[4 * 3] = { 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0 };
static const guint8 follows[3 * 3] = { 1, 1, 0, 1, 1, 1, 1, 1, 1 };

static LinearData *
random_data (guint n_chains)
{
  LinearData *data = linear_data_new (3, allowed);
  RetortRandom random;

  retort_random_init (&random, 1, "data", NULL);
  for (guint c = 0; c < n_chains; c++) {
    const guint T = 1 + retort_random_below (&random, 9);
    guint16 before = 0;
    for (guint t = 0; t < T; t++) {
      const guint64 word = retort_random_below (&random, 30);
      const guint64 hashes[] = { word, 1000 + word % 7, 2000 };
      guint16 label = (word + retort_random_below (&random, 2)) % 3;
      if (label == 2 && (t == 0 || before == 0))
        label = 1;
      linear_data_add (data, hashes, G_N_ELEMENTS (hashes), label, t == 0);
      before = label;
    }
    linear_data_end_chain (data, c % 4 == 0 ? 0.25 : 1);
  }
  linear_data_finish (data, 1, FALSE);
  return data;
}

/* Sums the weights after each visit, and divides at the end. */
static void
naive_fit (const LinearData *data, LinearWeights *weights, guint n_passes, RetortContext *context)
{
  g_autofree double *values_u = g_new0 (double, weights->n_values), *trans_u = g_new0 (double, 9);
  g_autofree double *sums = g_new0 (double, weights->n_values);
  g_autofree guint32 *order = g_new (guint32, data->n_chains);
  Learner learner = { data, weights, values_u, trans_u, 0 };
  double trans[9] = { 0 };
  guint16 labels[16];
  RetortRandom random;

  retort_context_random (context, "order of sentences", &random);
  for (guint32 c = 0; c < data->n_chains; c++)
    order[c] = c;
  for (guint pass = 0; pass < n_passes; pass++) {
    retort_random_shuffle (&random, order, data->n_chains, sizeof *order);
    for (guint32 c = 0; c < data->n_chains; c++) {
      LinearTransitions transitions;
      LinearLattice lattice;
      linear_transitions_init (&transitions, 3, weights->trans);
      linear_lattice_init (&lattice, &transitions);
      visit (&learner, order[c], &lattice, labels);
      linear_lattice_clear (&lattice);
      linear_transitions_clear (&transitions);
      for (gsize k = 0; k < weights->n_values; k++)
        sums[k] += weights->values[k];
      for (guint k = 0; k < 9; k++)
        trans[k] += weights->trans[k];
    }
  }
  for (gsize k = 0; k < weights->n_values; k++)
    weights->values[k] = sums[k] / learner.visits;
  for (guint k = 0; k < 9; k++)
    weights->trans[k] = trans[k] / learner.visits;
}

static void
test_average (void)
{
  const Options option = { .passes = 7 };
  g_autoptr(RetortContext) context = retort_context_new ("model/perceptron", 3, 1, NULL);
  g_autoptr(LinearData) data = random_data (80), same = random_data (80);
  g_autoptr(LinearWeights) fast = linear_weights_new (data, follows), slow = linear_weights_new (same, follows);

  g_assert_true (fit (data, fast, FALSE, &option, context, NULL));
  naive_fit (same, slow, 7, context);
  g_assert_cmpuint (fast->n_values, ==, slow->n_values);
  for (gsize k = 0; k < fast->n_values; k++)
    g_assert_cmpfloat_with_epsilon (fast->values[k], slow->values[k], 1e-9);
  for (guint k = 0; k < 9; k++)
    g_assert_true (fast->trans[k] == slow->trans[k] || fabs (fast->trans[k] - slow->trans[k]) < 1e-9);
}

/* Once no answer is wrong, the rest of the passes is skipped: the mean must be that of all passes. */
static void
test_early_end (void)
{
  const Options option = { .passes = 50 };
  g_autoptr(RetortContext) context = retort_context_new ("model/perceptron", 3, 1, NULL);
  g_autoptr(LinearData) data = random_data (3), same = random_data (3);
  g_autoptr(LinearWeights) fast = linear_weights_new (data, follows), slow = linear_weights_new (same, follows);

  g_assert_true (fit (data, fast, FALSE, &option, context, NULL));
  naive_fit (same, slow, 50, context);
  for (gsize k = 0; k < fast->n_values; k++)
    g_assert_cmpfloat_with_epsilon (fast->values[k], slow->values[k], 1e-9);
}

static void
test_seed (void)
{
  const Options option = { .passes = 3 };
  double *values[3] = { NULL };
  gsize n = 0;
  const guint64 seeds[3] = { 1, 1, 2 };

  for (guint i = 0; i < 3; i++) {
    g_autoptr(RetortContext) context = retort_context_new ("model/perceptron", seeds[i], 1, NULL);
    g_autoptr(LinearData) data = random_data (80);
    g_autoptr(LinearWeights) weights = linear_weights_new (data, follows);
    g_assert_true (fit (data, weights, FALSE, &option, context, NULL));
    n = weights->n_values * sizeof (double);
    values[i] = g_memdup2 (weights->values, n);
  }
  g_assert_cmpmem (values[0], n, values[1], n);
  g_assert_cmpint (memcmp (values[0], values[2], n), !=, 0);
  g_free (values[0]);
  g_free (values[1]);
  g_free (values[2]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/perceptron/average/equals-the-plain-mean", test_average);
  g_test_add_func ("/perceptron/average/early-end-changes-nothing", test_early_end);
  g_test_add_func ("/perceptron/order/depends-on-the-seed-alone", test_seed);
  return g_test_run ();
}
