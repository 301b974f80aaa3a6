/* crf - a linear-chain conditional random field (Lafferty, McCallum & Pereira 2001) for entities, and its case of one
 * item, maximum entropy (Berger et al. 1996), for relations.
 *
 * Minimises 0.5 c2 |w|^2 - sum over sentences of weight * log p(labels | sentence) by L-BFGS. An evaluation has two
 * passes. Forward: for blocks of sentences in parallel, scores, sums, and for each token and label the difference of
 * expected and observed. Backward: for blocks of attributes in parallel, each weight's gradient is gathered from the
 * tokens that have its attribute. So no thread has a gradient of its own, and every sum has one order. */

#include "linear/lattice.h"
#include "linear/minimise.h"
#include "linear/model.h"
#include <math.h>
#include <string.h>

#define BLOCK_ITEMS 2048      /* tokens in a block of sentences, at least */
#define BLOCK_ENTRIES 262144  /* places in a block of attributes, at least */

typedef struct {
  const char *scheme, *learn;
  double c2, tolerance;
  gint64 iterations, min_count;
  double relation_c2, relation_balance, relation_negative_weight;
  gint64 relation_min_count;
} Options;

static const RetortOption options[] = {
  RETORT_OPTION_CHOICE (Options, learn, "learn", "all", linear_learn_what, "What to learn of the task."),
  RETORT_OPTION_CHOICE (Options, scheme, "scheme", "IOBES", linear_schemes, "Tags of the chain."),
  RETORT_OPTION_NUMBER (Options, c2, "c2", "0.5", 0, 1e6, "Weight of the L2 penalty of the tagger, 0.5 * c2 * |w|^2."),
  RETORT_OPTION_INT (Options, iterations, "iterations", "200", 1, 100000, "At most so many steps of L-BFGS."),
  RETORT_OPTION_NUMBER (Options, tolerance, "tolerance", "0.0001", 0, 1,
                        "Ends when ten steps improved the objective by less than this part."),
  RETORT_OPTION_INT (Options, min_count, "min-count", "1", 1, 1000000, "Features seen less often are left out.",
                     .unit = "tokens"),
  RETORT_OPTION_NUMBER (Options, relation_c2, "relation-c2", "0.25", 0, 1e6,
                        "Weight of the L2 penalty of the relation classifier."),
  RETORT_OPTION_NUMBER (Options, relation_balance, "relation-balance", "1", 0, 1,
                        "How far rare relations are raised to the weight of frequent ones: 0 not at all, 1 fully."),
  RETORT_OPTION_NUMBER (Options, relation_negative_weight, "relation-negative-weight", "1", 0, 1000,
                        "Weight of candidate pairs that have no relation."),
  RETORT_OPTION_INT (Options, relation_min_count, "relation-min-count", "1", 1, 1000000,
                     "Features of pairs seen less often are left out.", .unit = "pairs"),
};

static const RetortExample examples[] = {
  { "A name seen in training", NULL,
    "{\"id\":\"a\",\"text\":\"gout hurts\",\"layers\":{\"gold\":{\"entities\":[{\"label\":\"Disease\",\"spans\":[[0,4]],\"text\":\"gout\"}]}}}\n"
    "{\"id\":\"b\",\"text\":\"she has gout .\",\"layers\":{\"gold\":{\"entities\":[{\"label\":\"Disease\",\"spans\":[[8,12]],\"text\":\"gout\"}]}}}\n"
    "{\"id\":\"c\",\"text\":\"no pain\",\"layers\":{\"gold\":{}}}\n"
    "{\"id\":\"d\",\"text\":\"has gout\"}\n",
    "d\tDisease\tgout\n" },
  { "What the words between two entities say", NULL,
    "{\"id\":\"a\",\"text\":\"rash from zinc\",\"layers\":{\"gold\":{\"entities\":[{\"label\":\"Drug\",\"spans\":[[10,14]],\"text\":\"zinc\"},{\"label\":\"Effect\",\"spans\":[[0,4]],\"text\":\"rash\"}],\"relations\":[{\"label\":\"causes\",\"head\":\"T1\",\"tail\":\"T2\"}]}}}\n"
    "{\"id\":\"b\",\"text\":\"rash despite zinc\",\"layers\":{\"gold\":{\"entities\":[{\"label\":\"Drug\",\"spans\":[[13,17]],\"text\":\"zinc\"},{\"label\":\"Effect\",\"spans\":[[0,4]],\"text\":\"rash\"}]}}}\n"
    "{\"id\":\"c\",\"text\":\"fever from iron\",\"layers\":{\"gold\":{\"entities\":[{\"label\":\"Drug\",\"spans\":[[11,15]],\"text\":\"iron\"},{\"label\":\"Effect\",\"spans\":[[0,5]],\"text\":\"fever\"}],\"relations\":[{\"label\":\"causes\",\"head\":\"T1\",\"tail\":\"T2\"}]}}}\n"
    "{\"id\":\"d\",\"text\":\"fever despite iron\",\"layers\":{\"gold\":{\"entities\":[{\"label\":\"Drug\",\"spans\":[[14,18]],\"text\":\"iron\"},{\"label\":\"Effect\",\"spans\":[[0,5]],\"text\":\"fever\"}]}}}\n"
    "{\"id\":\"e\",\"text\":\"rash from iron\"}\n"
    "{\"id\":\"f\",\"text\":\"fever despite zinc\"}\n",
    "e\tEffect\trash\ne\tDrug\tiron\ne\tcauses\tiron\trash\nf\tEffect\tfever\nf\tDrug\tzinc\n" },
};

/* What an evaluation of the objective works on. */
typedef struct {
  const LinearData *data;
  LinearWeights *weights;      /* its arrays are set from w */
  double c2;
  gsize n;                     /* weights, transitions last */
  const double *w;             /* [n] */
  double *gradient;            /* [n] */
  gsize *places;               /* where each attribute stands */
  guint32 *items;
  double *delta;               /* [n_items][L] weight * scale * (expected - observed) */
  GArray *chain_blocks;        /* guint32; first chain of each, and the end */
  GArray *attribute_blocks;    /* guint32; first attribute of each, and the end */
  double *block_loss;          /* [blocks] */
  double *block_edges;         /* [blocks][L][L] */
  guint32 *edges;              /* [n_edges] allowed pairs i * L + j: those have weights */
  gsize n_edges;
  LinearTransitions transitions;
  guint limit;
  double tolerance;
  RetortContext *context;
} Problem;

static gboolean fit (const LinearData *data, LinearWeights *weights, gboolean relations, const void *user,
                     RetortContext *context, GError **error);
static void problem_init (Problem *problem, const LinearData *data, LinearWeights *weights, RetortContext *context);
static void problem_clear (Problem *problem);
static void set_weights (Problem *problem, const double *w);
static double objective (const double *w, double *gradient, void *user);
static void forward_block (guint block, gpointer user);
static void backward_block (guint block, gpointer user);
static gboolean after_step (guint iteration, double f, void *user, GError **error);
static double sum_tree (const double *values, gsize n, gsize stride);

static void *
open_model (RetortContext *context, const void *data, GError **error)
{
  const Options *option = data;

  return linear_model_new (&(LinearSettings) {
    .fit = fit, .options = option, .probabilities = TRUE, .ends = !strcmp (option->scheme, "IOBES"),
    .learn = option->learn, .min_count = option->min_count, .relation_min_count = option->relation_min_count,
    .balance = option->relation_balance, .negative_weight = option->relation_negative_weight,
  });
}

static gboolean
fit (const LinearData *data, LinearWeights *weights, gboolean relations, const void *user, RetortContext *context,
     GError **error)
{
  const Options *option = user;
  const LinearMinimiseOptions limits = { .iterations = option->iterations, .tolerance = option->tolerance };
  Problem problem = { .c2 = relations ? option->relation_c2 : option->c2, .limit = option->iterations };
  guint n_iterations;

  problem_init (&problem, data, weights, context);
  g_autofree double *w = g_new0 (double, problem.n);
  const gboolean done = linear_minimise (w, problem.n, &limits, objective, after_step, &problem, &n_iterations, error);
  set_weights (&problem, w);
  problem_clear (&problem);
  retort_context_count (context, relations ? "iterations, relations" : "iterations, entities", n_iterations);
  retort_context_count (context, relations ? "weights, relations" : "weights, entities", problem.n);
  return done;
}

static void
problem_init (Problem *problem, const LinearData *data, LinearWeights *weights, RetortContext *context)
{
  const gsize L = data->n_labels;
  guint32 start = 0;

  problem->data = data;
  problem->weights = weights;
  problem->context = context;
  problem->edges = g_new (guint32, L * L);
  for (gsize k = 0; k < L * L; k++)
    if (weights->trans[k] != -INFINITY)
      problem->edges[problem->n_edges++] = k;
  problem->n = weights->n_values + problem->n_edges;
  linear_data_invert (data, &problem->places, &problem->items);
  problem->delta = g_new (double, data->n_items * L);

  problem->chain_blocks = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_val (problem->chain_blocks, start);
  for (guint32 c = 1; c <= data->n_chains; c++)
    if (c == data->n_chains || data->chains[c] - data->chains[start] >= BLOCK_ITEMS) {
      g_array_append_val (problem->chain_blocks, c);
      start = c;
    }
  problem->attribute_blocks = g_array_new (FALSE, FALSE, sizeof (guint32));
  start = 0;
  g_array_append_val (problem->attribute_blocks, start);
  for (guint32 a = 1; a <= weights->attributes.n; a++)
    if (a == weights->attributes.n || problem->places[a] - problem->places[start] >= BLOCK_ENTRIES) {
      g_array_append_val (problem->attribute_blocks, a);
      start = a;
    }
  problem->block_loss = g_new (double, problem->chain_blocks->len);
  problem->block_edges = g_new (double, problem->chain_blocks->len * L * L);
}

static void
problem_clear (Problem *problem)
{
  g_free (problem->edges);
  g_free (problem->places);
  g_free (problem->items);
  g_free (problem->delta);
  g_array_unref (problem->chain_blocks);
  g_array_unref (problem->attribute_blocks);
  g_free (problem->block_loss);
  g_free (problem->block_edges);
}

static void
set_weights (Problem *problem, const double *w)
{
  LinearWeights *weights = problem->weights;

  if (weights->n_values > 0)
    memcpy (weights->values, w, weights->n_values * sizeof *w);
  for (gsize e = 0; e < problem->n_edges; e++)
    weights->trans[problem->edges[e]] = w[weights->n_values + e];
}

static double
objective (const double *w, double *gradient, void *user)
{
  Problem *problem = user;
  const gsize L = problem->data->n_labels, n_values = problem->weights->n_values;
  const guint n_blocks = problem->chain_blocks->len - 1;
  double penalty = 0;

  problem->w = w;
  problem->gradient = gradient;
  set_weights (problem, w);
  linear_transitions_init (&problem->transitions, L, problem->weights->trans);
  retort_context_parallel (problem->context, n_blocks, forward_block, problem);
  retort_context_parallel (problem->context, problem->attribute_blocks->len - 1, backward_block, problem);
  linear_transitions_clear (&problem->transitions);

  for (gsize e = 0; e < problem->n_edges; e++)
    gradient[n_values + e] = sum_tree (problem->block_edges + problem->edges[e], n_blocks, L * L);
  for (gsize k = 0; k < problem->n; k++) {
    penalty += w[k] * w[k];
    gradient[k] += problem->c2 * w[k];
  }
  return 0.5 * problem->c2 * penalty + sum_tree (problem->block_loss, n_blocks, 1);
}

static void
forward_block (guint block, gpointer user)
{
  Problem *problem = user;
  const LinearData *data = problem->data;
  const gsize L = data->n_labels;
  const guint32 *chains = &g_array_index (problem->chain_blocks, guint32, block);
  double *edges = problem->block_edges + block * L * L, loss = 0;
  LinearLattice lattice;

  memset (edges, 0, L * L * sizeof *edges);
  linear_lattice_init (&lattice, &problem->transitions);
  for (guint32 c = chains[0]; c < chains[1]; c++) {
    const guint32 first = data->chains[c], n = data->chains[c + 1] - first;
    const double weight = data->weights[c];
    double *state = linear_lattice_begin (&lattice, n), gold = 0;

    for (guint32 t = 0; t < n; t++) {
      const guint32 item = first + t;
      linear_weights_score (problem->weights, data->entries + data->rows[item], data->rows[item + 1] - data->rows[item],
                            data->scales[item], data->allowed + data->masks[item] * L, state + t * L);
      gold += state[t * L + data->gold[item]];
      if (t > 0)
        gold += problem->weights->trans[data->gold[item - 1] * L + data->gold[item]];
    }
    loss += weight * (linear_lattice_sum (&lattice) - gold);
    for (guint32 t = 0; t < n; t++) {
      const guint32 item = first + t;
      double *delta = problem->delta + item * L;
      linear_lattice_marginals (&lattice, t, delta);
      delta[data->gold[item]] -= 1;
      for (gsize j = 0; j < L; j++)
        delta[j] *= weight * data->scales[item];
      if (t > 0)
        edges[data->gold[item - 1] * L + data->gold[item]] -= weight;
    }
    linear_lattice_add_edges (&lattice, weight, edges);
  }
  linear_lattice_clear (&lattice);
  problem->block_loss[block] = loss;
}

static void
backward_block (guint block, gpointer user)
{
  Problem *problem = user;
  const LinearWeights *weights = problem->weights;
  const gsize L = weights->n_labels;
  const guint32 *attributes = &g_array_index (problem->attribute_blocks, guint32, block);

  for (guint32 a = attributes[0]; a < attributes[1]; a++)
    for (gsize k = weights->rows[a]; k < weights->rows[a + 1]; k++) {
      const double *delta = problem->delta + weights->labels[k];
      double sum = 0;
      for (gsize p = problem->places[a]; p < problem->places[a + 1]; p++)
        sum += delta[problem->items[p] * L];
      problem->gradient[k] = sum;
    }
}

static gboolean
after_step (guint iteration, double f, void *user, GError **error)
{
  Problem *problem = user;

  retort_context_progress (problem->context, iteration, problem->limit, "iterations");
  if (!retort_context_cancelled (problem->context))
    return TRUE;
  g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_CANCELLED, "asked to stop");
  return FALSE;
}

/* Pairwise, so that the order of the sum depends on the number of blocks alone and rounding stays small. */
static double
sum_tree (const double *values, gsize n, gsize stride)
{
  if (n == 0)
    return 0;
  if (n == 1)
    return *values;
  return sum_tree (values, n / 2, stride) + sum_tree (values + n / 2 * stride, n - n / 2, stride);
}

static const RetortModelRole role = {
  sizeof role, .tasks = RETORT_WANT_ENTITIES | RETORT_WANT_RELATIONS, .batch = 32, .train = linear_model_train,
  .save = linear_model_save, .load = linear_model_load, .predict = linear_model_predict,
  .describe = linear_model_describe,
};

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_MODEL, .name = "crf", .behaviour = 1, .version = "1.0", .licence = "MIT",
  .summary = "Linear-chain conditional random field for entities, maximum entropy for relations.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role, .open = open_model, .close = linear_model_free,
};
RETORT_PLUGIN_EXPORT (plugin)
