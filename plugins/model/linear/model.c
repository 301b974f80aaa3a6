/* model - training data from documents, predictions into documents, bytes.
 *
 * One model holds a tagger, a classifier of pairs, or both. They share nothing but the task; relations learn from
 * candidates over gold entities and are predicted over whatever entities there are. */

#include "model.h"
#include "lattice.h"
#include "pairs.h"
#include "predict.h"
#include <math.h>
#include <string.h>

#define MAGIC 0x4e494c52 /* "RLIN" */
#define VERSION 1
#define N_NAMES 50       /* strongest features of each label that keep their spelling */
#define EVERY 64         /* documents between two signs of life */

enum { HAS_TAGGER = 1, HAS_PAIRS = 2, HAS_ENDS = 4 };

const char *const linear_schemes[] = { "IOB2", "IOBES", NULL };
const char *const linear_learn_what[] = { "all", "entities", "relations", NULL };

/* Counts of what relations of the gold layer cannot be learnt from. */
typedef struct { gint64 n_candidates, n_related, n_out_of_reach, n_twice; } PairCounts;

typedef gboolean (*Extract) (LinearModel *model, const RetortDocument *document, LinearFeatures *features,
                             LinearData *data, void *counts, GError **error);

static gboolean begin (LinearModel *model, const RetortTask *task, GError **error);
static void make_pair_masks (LinearModel *model);
static guint pair_mask (const LinearModel *model, const char *head, const char *tail);
static LinearWeights *learn (LinearModel *model, RetortContext *context, const RetortCorpus *train, gboolean relations,
                             GError **error);
static gboolean walk (LinearModel *model, RetortContext *context, const RetortCorpus *train, Extract extract,
                      LinearFeatures *features, LinearData *data, void *counts, GError **error);
static gboolean extract_sentences (LinearModel *model, const RetortDocument *document, LinearFeatures *features,
                                   LinearData *data, void *counts, GError **error);
static gboolean extract_pairs (LinearModel *model, const RetortDocument *document, LinearFeatures *features,
                               LinearData *data, void *counts, GError **error);
static void balance (LinearData *data, double power, double negative_weight);
static void report_pairs (const PairCounts *counts, RetortContext *context);
static void find_mentions (void *self, const LinearText *text, GArray *found);
static guint judge_pair (void *self, const LinearText *text, const RetortLayer *layer, const GArray *candidates, guint i,
                         double *score);
static guint place_of (LinearRange sentence, guint t);
static double mention_score (const LinearModel *model, const LinearLattice *lattice, const guint16 *labels,
                             LinearRange tokens);
static const char *const *label_names (const LinearModel *model, gboolean relations);

LinearModel *
linear_model_new (const LinearSettings *settings)
{
  LinearModel *model = g_new0 (LinearModel, 1);
  model->settings = *settings;
  return model;
}

void
linear_model_free (void *self)
{
  LinearModel *model = self;

  if (!model)
    return;
  linear_weights_free (model->tagger);
  linear_weights_free (model->pairs);
  linear_tags_free (model->tags);
  g_free (model->pair_masks);
  g_clear_pointer (&model->task, retort_task_free);
  g_free (model);
}

gboolean
linear_model_train (void *self, RetortContext *context, const RetortTask *task, const RetortCorpus *train,
                    const RetortCorpus *dev, GError **error)
{
  LinearModel *model = self;
  const gboolean entities = g_strcmp0 (model->settings.learn, "relations") && task->n_entities > 0;
  const gboolean relations = g_strcmp0 (model->settings.learn, "entities") && task->n_relations > 0;

  if (!entities && !relations) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "option 'learn' says '%s', but the task has none",
                 model->settings.learn);
    return FALSE;
  }
  if (!begin (model, task, error))
    return FALSE;
  if (entities && !(model->tagger = learn (model, context, train, FALSE, error)))
    return FALSE;
  if (relations && !(model->pairs = learn (model, context, train, TRUE, error)))
    return FALSE;
  return TRUE;
}

gboolean
linear_model_save (void *self, RetortBytes *out, GError **error)
{
  g_autoptr(GByteArray) bytes = linear_model_bytes (self);
  return retort_bytes_write (out, bytes->data, bytes->len, error);
}

GByteArray *
linear_model_bytes (const LinearModel *model)
{
  LinearWriter out = { g_byte_array_new () };

  linear_write_header (&out, MAGIC, VERSION);
  linear_write_u32 (&out, (model->tagger ? HAS_TAGGER : 0) | (model->pairs ? HAS_PAIRS : 0)
                            | (model->tags->ends ? HAS_ENDS : 0));
  linear_write_task (&out, model->task);
  if (model->tagger)
    linear_weights_write (model->tagger, &out);
  if (model->pairs)
    linear_weights_write (model->pairs, &out);
  return out.bytes;
}

gboolean
linear_model_load (void *self, RetortContext *context, const RetortTask *task, const guint8 *bytes, gsize n_bytes,
                   GError **error)
{
  LinearModel *model = self;
  LinearReader in = { bytes, bytes + n_bytes, NULL };

  linear_read_header (&in, MAGIC, VERSION);
  const guint32 has = linear_read_u32 (&in);
  if (has & ~(HAS_TAGGER | HAS_PAIRS | HAS_ENDS))
    linear_reader_damaged (&in, "it has unknown parts");
  model->settings.ends = (has & HAS_ENDS) != 0;
  linear_read_task (&in, task);
  if (!in.damage && !begin (model, task, error))
    return FALSE;
  if (!in.damage && has & HAS_TAGGER)
    model->tagger = linear_weights_read (&in, model->tags->n_labels, model->tags->follows);
  if (!in.damage && has & HAS_PAIRS)
    model->pairs = linear_weights_read (&in, 1 + model->task->n_relations, NULL);
  return linear_reader_finish (&in, error);
}

gboolean
linear_model_predict (void *self, RetortContext *context, RetortWant want, const RetortDocument *const *documents,
                      RetortDocumentBuilder *const *out, gsize n_documents, GError **error)
{
  LinearModel *model = self;
  const LinearPredictor predictor = { model->tagger ? find_mentions : NULL, model->pairs ? judge_pair : NULL };
  return linear_predict (&predictor, model, model->task, context, want, documents, out, n_documents, error);
}

gboolean
linear_model_describe (void *self, GString *out, GError **error)
{
  const LinearModel *model = self;
  const struct { const char *title; const LinearWeights *weights; } parts[] = {
    { "entities", model->tagger }, { "relations", model->pairs },
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    const LinearWeights *weights = parts[i].weights;
    if (!weights)
      continue;
    g_string_append_printf (out, "%s: %u labels, %u features, %" G_GSIZE_FORMAT " weights; the strongest by label:\n",
                            parts[i].title, weights->n_labels, weights->attributes.n, weights->n_values);
    for (guint k = 0; weights->names && k < weights->names->len; k++)
      g_string_append_printf (out, "  %s\n", (const char *) weights->names->pdata[k]);
  }
  return TRUE;
}

static gboolean
begin (LinearModel *model, const RetortTask *task, GError **error)
{
  model->task = retort_task_copy (task);
  model->tags = linear_tags_new (task, model->settings.ends, error);
  if (!model->tags)
    return FALSE;
  make_pair_masks (model);
  return TRUE;
}

/* Row 0: no relation fits. Row r + 1: what fits arguments with the labels of relation r. */
static void
make_pair_masks (LinearModel *model)
{
  const RetortTask *task = model->task;
  const guint L = 1 + task->n_relations;

  model->n_pair_masks = L;
  model->pair_masks = g_new0 (guint8, (gsize) L * L);
  for (guint m = 0; m < L; m++) {
    model->pair_masks[(gsize) m * L] = 1;
    for (guint r = 0; m > 0 && r < task->n_relations; r++)
      model->pair_masks[(gsize) m * L + 1 + r] = !strcmp (task->relations[r].head, task->relations[m - 1].head)
                                                 && !strcmp (task->relations[r].tail, task->relations[m - 1].tail);
  }
}

static guint
pair_mask (const LinearModel *model, const char *head, const char *tail)
{
  for (guint r = 0; r < model->task->n_relations; r++)
    if (!strcmp (model->task->relations[r].head, head) && !strcmp (model->task->relations[r].tail, tail))
      return r + 1;
  return 0;
}

static LinearWeights *
learn (LinearModel *model, RetortContext *context, const RetortCorpus *train, gboolean relations, GError **error)
{
  const LinearSettings *settings = &model->settings;
  const Extract extract = relations ? extract_pairs : extract_sentences;
  g_autoptr(LinearData) data = relations ? linear_data_new (1 + model->task->n_relations, model->pair_masks)
                                         : linear_data_new (model->tags->n_labels, model->tags->allowed);
  g_autoptr(LinearWeights) weights = NULL;
  LinearFeatures features = { 0 };
  LinearLosses losses = { 0 };
  PairCounts pairs = { 0 };

  gboolean done = walk (model, context, train, extract, &features, data, relations ? (void *) &pairs : &losses, error);
  if (done) {
    if (relations)
      report_pairs (&pairs, context);
    else
      linear_losses_report (&losses, context);
    if (relations)
      balance (data, settings->balance, settings->negative_weight);
    linear_data_finish (data, relations ? settings->relation_min_count : settings->min_count, relations);
    weights = linear_weights_new (data, relations ? NULL : model->tags->follows);
    done = settings->fit (data, weights, relations, settings->options, context, error);
  }
  if (done) { /* once more over the texts, to spell out what turned out to matter */
    LinearAttributes *strongest = linear_weights_strongest (weights, N_NAMES);
    g_autofree const char *const *names = label_names (model, relations);
    linear_weights_round (weights);
    features.wanted = strongest;
    features.names = g_new0 (char *, strongest->n);
    done = walk (model, context, train, extract, &features, NULL, NULL, error);
    linear_weights_set_names (weights, strongest, features.names, names);
    for (guint32 i = 0; i < strongest->n; i++)
      g_free (features.names[i]);
    g_free (features.names);
    linear_attributes_clear (strongest);
    g_free (strongest);
  }
  linear_features_clear (&features);
  return done ? g_steal_pointer (&weights) : NULL;
}

/* `data` and `counts` NULL: only for the features. */
static gboolean
walk (LinearModel *model, RetortContext *context, const RetortCorpus *train, Extract extract, LinearFeatures *features,
      LinearData *data, void *counts, GError **error)
{
  const guint n = retort_corpus_n_documents (train);

  for (guint i = 0; i < n; i++) {
    const RetortDocument *document = retort_corpus_document (train, i);
    retort_context_at (context, document);
    if (i % EVERY == 0)
      retort_context_progress (context, i, n, "documents");
    if (retort_context_cancelled (context)) {
      g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_CANCELLED, "asked to stop");
      return FALSE;
    }
    if (!extract (model, document, features, data, counts, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
extract_sentences (LinearModel *model, const RetortDocument *document, LinearFeatures *features, LinearData *data,
                   void *counts, GError **error)
{
  LinearLosses unwanted = { 0 };
  g_autoptr(LinearText) text = linear_text_new (document, error);
  if (!text)
    return FALSE;
  g_autofree guint16 *labels = g_new (guint16, text->n_tokens);
  linear_tags_learn (model->tags, model->task, text, retort_document_layer (document, RETORT_LAYER_GOLD), labels,
                     counts ? counts : &unwanted);

  g_autoptr(LinearTagger) tagger = linear_tagger_new (text);
  for (guint s = 0; s < text->n_sentences; s++) {
    const LinearRange sentence = text->sentences[s];
    for (guint t = sentence.start; t < sentence.end; t++) {
      features->n = 0;
      linear_tagger_features (tagger, sentence, t, features);
      if (data)
        linear_data_add (data, features->hashes, features->n, labels[t],
                         place_of (sentence, t));
    }
    if (data)
      linear_data_end_chain (data, retort_document_weight (document));
  }
  return TRUE;
}

static gboolean
extract_pairs (LinearModel *model, const RetortDocument *document, LinearFeatures *features, LinearData *data,
               void *counts, GError **error)
{
  const RetortLayer *gold = retort_document_layer (document, RETORT_LAYER_GOLD);
  PairCounts unwanted = { 0 }, *count = counts ? counts : &unwanted;
  g_autoptr(GHashTable) related = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr(LinearText) text = linear_text_new (document, error);
  if (!text)
    return FALSE;

  for (guint i = 0; i < retort_layer_n_relations (gold); i++) {
    const RetortRelation *relation = retort_layer_relation (gold, i);
    const gint64 key = (gint64) relation->head << 32 | relation->tail;
    for (guint r = 0; r < model->task->n_relations; r++)
      if (!strcmp (model->task->relations[r].label, relation->label)
          && !strcmp (model->task->relations[r].head, retort_layer_entity (gold, relation->head)->label)
          && !strcmp (model->task->relations[r].tail, retort_layer_entity (gold, relation->tail)->label)) {
        if (g_hash_table_contains (related, &key))
          count->n_twice++;
        else
          g_hash_table_insert (related, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (r + 1));
        break;
      }
  }

  g_autoptr(GArray) candidates = retort_task_candidates (model->task, document, gold);
  for (guint i = 0; i < candidates->len; i++) {
    const RetortCandidate pair = g_array_index (candidates, RetortCandidate, i);
    const gint64 key = (gint64) pair.head << 32 | pair.tail;
    const guint label = GPOINTER_TO_UINT (g_hash_table_lookup (related, &key));
    features->n = 0;
    linear_pair_features (text, gold, pair, features);
    count->n_candidates++;
    count->n_related += label > 0;
    g_hash_table_remove (related, &key);
    if (!data)
      continue;
    linear_data_add (data, features->hashes, features->n, label,
                     pair_mask (model, retort_layer_entity (gold, pair.head)->label,
                                retort_layer_entity (gold, pair.tail)->label));
    linear_data_end_chain (data, retort_document_weight (document));
  }
  count->n_out_of_reach += g_hash_table_size (related);
  return TRUE;
}

/* Multiplies the weight of each pair by (all / (labels * those with its label)) ^ power, weights counted: 0 leaves the
 * labels as frequent as they are, 1 makes all weigh the same. */
static void
balance (LinearData *data, double power, double negative_weight)
{
  g_autofree double *mass = g_new0 (double, data->n_labels);
  double all = 0;
  guint n_seen = 0;

  for (guint c = 0; c < data->n_chains; c++) {
    mass[data->gold[c]] += data->weights[c];
    all += data->weights[c];
  }
  for (guint j = 0; j < data->n_labels; j++)
    n_seen += mass[j] > 0;
  for (guint c = 0; c < data->n_chains; c++)
    if (data->weights[c] > 0)
      data->weights[c] *= pow (all / (n_seen * mass[data->gold[c]]), power) * (data->gold[c] == 0 ? negative_weight : 1);
}

static void
report_pairs (const PairCounts *counts, RetortContext *context)
{
  retort_context_count (context, "candidate pairs in training", counts->n_candidates);
  retort_context_count (context, "related pairs in training", counts->n_related);
  if (counts->n_twice > 0) {
    retort_context_count (context, "second relations of a pair not learned", counts->n_twice);
    retort_context_warn (context, "%" G_GINT64_FORMAT " pairs have more than one relation: the first is learned",
                         counts->n_twice);
  }
  if (counts->n_out_of_reach > 0) {
    retort_context_count (context, "relations out of reach not learned", counts->n_out_of_reach);
    retort_context_warn (context, "%" G_GINT64_FORMAT " relations are between entities that are no candidates "
                         "(further apart than the task's scope)", counts->n_out_of_reach);
  }
}

static void
find_mentions (void *self, const LinearText *text, GArray *found)
{
  const LinearModel *model = self;
  const LinearWeights *weights = model->tagger;
  const guint L = weights->n_labels;
  g_autoptr(LinearTagger) tagger = linear_tagger_new (text);
  g_autofree guint16 *labels = g_new (guint16, text->n_tokens);
  g_autofree guint32 *ids = NULL;
  LinearFeatures features = { 0 };
  LinearTransitions transitions;
  LinearLattice lattice;

  linear_transitions_init (&transitions, L, weights->trans);
  linear_lattice_init (&lattice, &transitions);
  for (guint s = 0; s < text->n_sentences; s++) {
    const LinearRange sentence = text->sentences[s];
    const guint n = sentence.end - sentence.start, before = found->len;
    double *state = linear_lattice_begin (&lattice, n);
    for (guint t = 0; t < n; t++) {
      features.n = 0;
      linear_tagger_features (tagger, sentence, sentence.start + t, &features);
      ids = g_renew (guint32, ids, features.n);
      linear_weights_score (weights, ids, linear_weights_look_up (weights, &features, ids), 1,
                            model->tags->allowed + (gsize) place_of (sentence, sentence.start + t) * L,
                            state + (gsize) t * L);
    }
    linear_lattice_best (&lattice, labels);
    linear_tags_read (model->tags, labels, n, found);
    if (found->len > before && model->settings.probabilities)
      linear_lattice_sum (&lattice);
    for (guint m = before; m < found->len; m++) {
      LinearFound *mention = &g_array_index (found, LinearFound, m);
      mention->score = model->settings.probabilities ? mention_score (model, &lattice, labels, mention->tokens) : NAN;
      mention->tokens.start += sentence.start;
      mention->tokens.end += sentence.start;
    }
  }
  linear_lattice_clear (&lattice);
  linear_transitions_clear (&transitions);
  linear_features_clear (&features);
}

/* P(these labels on these tokens, and the mention ends there): a product of exact conditionals along the chain. */
static double
mention_score (const LinearModel *model, const LinearLattice *lattice, const guint16 *labels, LinearRange tokens)
{
  const guint L = lattice->transitions->n_labels;
  g_autofree double *p = g_new (double, L);

  linear_lattice_marginals (lattice, tokens.start, p);
  double score = p[labels[tokens.start]];
  for (guint t = tokens.start + 1; t < tokens.end; t++) {
    linear_lattice_conditional (lattice, t, labels[t - 1], p);
    score *= p[labels[t]];
  }
  if (tokens.end < lattice->n_items && !model->tags->ends) {
    const guint16 last = labels[tokens.end - 1], inside = last + last % 2; /* B and I are 1 + 2 e and 2 + 2 e */
    linear_lattice_conditional (lattice, tokens.end, last, p);
    score *= 1 - p[inside];
  }
  return CLAMP (score, 0, 1);
}

static guint
judge_pair (void *self, const LinearText *text, const RetortLayer *layer, const GArray *candidates, guint i,
            double *score)
{
  const LinearModel *model = self;
  const LinearWeights *weights = model->pairs;
  const RetortCandidate pair = g_array_index (candidates, RetortCandidate, i);
  const guint L = weights->n_labels;
  const guint mask = pair_mask (model, retort_layer_entity (layer, pair.head)->label,
                                retort_layer_entity (layer, pair.tail)->label);
  g_autofree double *state = g_new0 (double, L);
  LinearFeatures features = { 0 };
  guint best = 0;
  double sum = 0;

  linear_pair_features (text, layer, pair, &features);
  g_autofree guint32 *ids = g_new (guint32, features.n);
  const guint n = linear_weights_look_up (weights, &features, ids);
  linear_weights_score (weights, ids, n, n > 0 ? 1 / sqrt (n) : 1, model->pair_masks + (gsize) mask * L, state);
  linear_features_clear (&features);

  for (guint j = 1; j < L; j++)
    if (state[j] > state[best])
      best = j;
  for (guint j = 0; j < L; j++)
    sum += exp (state[j] - state[best]);
  *score = model->settings.probabilities ? 1 / sum : NAN;
  return best;
}

/* Where in its sentence token t stands. */
static guint
place_of (LinearRange sentence, guint t)
{
  return (t == sentence.start ? LINEAR_FIRST : 0) + (t + 1 == sentence.end ? LINEAR_LAST : 0);
}

static const char *const *
label_names (const LinearModel *model, gboolean relations)
{
  const guint L = relations ? 1 + model->task->n_relations : model->tags->n_labels;
  const char **names = g_new (const char *, L);

  for (guint j = 0; j < L; j++)
    names[j] = !relations ? model->tags->names[j] : j == 0 ? "none" : model->task->relations[j - 1].label;
  return names;
}
