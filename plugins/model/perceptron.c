/* perceptron - the averaged structured perceptron (Collins 2002) for entities, and its case of one item, the averaged
 * multiclass perceptron, for relations.
 *
 * Each pass visits the sentences in a new order, decodes, and where the answer is wrong adds the right features and
 * takes away the wrong ones, times the document's weight. The weights that are kept are the mean of those after every
 * visit: rather than summing them at each one, every change is entered a second time multiplied by the number of
 * visits before it, w_mean = w - u / visits (Daume 2006, figure 2.3). */

#include "linear/lattice.h"
#include "linear/model.h"
#include <math.h>
#include <string.h>

typedef struct {
  const char *scheme, *learn;
  gint64 passes, min_count;
  double relation_balance, relation_negative_weight;
  gint64 relation_passes, relation_min_count;
} Options;

static const RetortOption options[] = {
  RETORT_OPTION_CHOICE (Options, learn, "learn", "all", linear_learn_what, "What to learn of the task."),
  RETORT_OPTION_CHOICE (Options, scheme, "scheme", "IOBES", linear_schemes, "Tags of the chain."),
  RETORT_OPTION_INT (Options, passes, "passes", "15", 1, 10000, "Times that every sentence is visited."),
  RETORT_OPTION_INT (Options, min_count, "min-count", "1", 1, 1000000, "Features seen less often are left out.",
                     .unit = "tokens"),
  RETORT_OPTION_INT (Options, relation_passes, "relation-passes", "15", 1, 10000, "Times that every pair is visited."),
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

/* The weights, and the same changes times the visits before them. */
typedef struct {
  const LinearData *data;
  LinearWeights *weights;
  double *values_u;  /* [n_values] */
  double *trans_u;   /* [L][L] */
  double visits;
} Learner;

static gboolean fit (const LinearData *data, LinearWeights *weights, gboolean relations, const void *user,
                     RetortContext *context, GError **error);
static gboolean visit (Learner *learner, guint32 chain, LinearLattice *lattice, guint16 *labels);
static void change_item (Learner *learner, guint32 item, guint16 label, double by);
static void change_edge (Learner *learner, guint16 before, guint16 after, double by);
static void average (Learner *learner);

static void *
open_model (RetortContext *context, const void *data, GError **error)
{
  const Options *option = data;

  return linear_model_new (&(LinearSettings) {
    .fit = fit, .options = option, .probabilities = FALSE, .ends = !strcmp (option->scheme, "IOBES"),
    .learn = option->learn, .min_count = option->min_count, .relation_min_count = option->relation_min_count,
    .balance = option->relation_balance, .negative_weight = option->relation_negative_weight,
  });
}

static gboolean
fit (const LinearData *data, LinearWeights *weights, gboolean relations, const void *user, RetortContext *context,
     GError **error)
{
  const Options *option = user;
  const guint n_passes = relations ? option->relation_passes : option->passes;
  g_autofree guint32 *order = g_new (guint32, data->n_chains);
  g_autofree double *values_u = g_new0 (double, weights->n_values);
  g_autofree double *trans_u = g_new0 (double, (gsize) data->n_labels * data->n_labels);
  Learner learner = { data, weights, values_u, trans_u, 0 };
  RetortRandom random;
  guint longest = 0;

  retort_context_random (context, relations ? "order of pairs" : "order of sentences", &random);
  for (guint32 c = 0; c < data->n_chains; c++) {
    order[c] = c;
    longest = MAX (longest, data->chains[c + 1] - data->chains[c]);
  }
  g_autofree guint16 *labels = g_new (guint16, longest);
  for (guint pass = 0; pass < n_passes; pass++) {
    guint n_wrong = 0;

    if (retort_context_cancelled (context)) {
      g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_CANCELLED, "asked to stop");
      return FALSE;
    }
    retort_random_shuffle (&random, order, data->n_chains, sizeof *order);
    for (guint32 c = 0; c < data->n_chains; c++) {
      /* Weights change between visits, so the transitions are read anew: they are few. */
      LinearTransitions transitions;
      LinearLattice lattice;
      linear_transitions_init (&transitions, data->n_labels, weights->trans);
      linear_lattice_init (&lattice, &transitions);
      n_wrong += !visit (&learner, order[c], &lattice, labels);
      linear_lattice_clear (&lattice);
      linear_transitions_clear (&transitions);
    }
    retort_context_progress (context, pass + 1, n_passes, "passes");
    if (n_wrong == 0) /* nothing will change any more: the rest of the visits only adds to the mean */
      learner.visits += (double) (n_passes - pass - 1) * data->n_chains;
    if (n_wrong == 0)
      break;
  }
  average (&learner);
  return TRUE;
}

/* TRUE if the answer was right. */
static gboolean
visit (Learner *learner, guint32 chain, LinearLattice *lattice, guint16 *labels)
{
  const LinearData *data = learner->data;
  const gsize L = data->n_labels;
  const guint32 first = data->chains[chain], n = data->chains[chain + 1] - first;
  const double weight = data->weights[chain];
  double *state = linear_lattice_begin (lattice, n);
  gboolean right = TRUE;

  for (guint32 t = 0; t < n; t++)
    linear_weights_score (learner->weights, data->entries + data->rows[first + t],
                          data->rows[first + t + 1] - data->rows[first + t], data->scales[first + t],
                          data->allowed + data->masks[first + t] * L, state + t * L);
  linear_lattice_best (lattice, labels);
  for (guint32 t = 0; t < n; t++) {
    const guint16 gold = data->gold[first + t];
    if (labels[t] != gold) {
      right = FALSE;
      change_item (learner, first + t, gold, weight);
      change_item (learner, first + t, labels[t], -weight);
    }
    if (t > 0 && (labels[t] != gold || labels[t - 1] != data->gold[first + t - 1])) {
      change_edge (learner, data->gold[first + t - 1], gold, weight);
      change_edge (learner, labels[t - 1], labels[t], -weight);
    }
  }
  learner->visits++;
  return right;
}

static void
change_item (Learner *learner, guint32 item, guint16 label, double by)
{
  const LinearData *data = learner->data;
  const LinearWeights *weights = learner->weights;

  by *= data->scales[item];
  for (gsize e = data->rows[item]; e < data->rows[item + 1]; e++)
    for (gsize k = weights->rows[data->entries[e]]; k < weights->rows[data->entries[e] + 1]; k++)
      if (weights->labels[k] == label) {
        weights->values[k] += by;
        learner->values_u[k] += by * learner->visits;
      }
}

static void
change_edge (Learner *learner, guint16 before, guint16 after, double by)
{
  const gsize k = (gsize) before * learner->data->n_labels + after;

  learner->weights->trans[k] += by;
  learner->trans_u[k] += by * learner->visits;
}

static void
average (Learner *learner)
{
  LinearWeights *weights = learner->weights;
  const double visits = MAX (learner->visits, 1);

  for (gsize k = 0; k < weights->n_values; k++)
    weights->values[k] -= learner->values_u[k] / visits;
  for (gsize k = 0; k < (gsize) weights->n_labels * weights->n_labels; k++)
    weights->trans[k] -= learner->trans_u[k] / visits;
}

static const RetortModelRole role = {
  sizeof role, .tasks = RETORT_WANT_ENTITIES | RETORT_WANT_RELATIONS, .batch = 32, .train = linear_model_train,
  .save = linear_model_save, .load = linear_model_load, .predict = linear_model_predict,
  .describe = linear_model_describe,
};

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_MODEL, .name = "perceptron", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Averaged perceptron: structured for entities, multiclass for relations.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role, .open = open_model, .close = linear_model_free,
};
RETORT_PLUGIN_EXPORT (plugin)
