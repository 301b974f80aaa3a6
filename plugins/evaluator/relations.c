/* relations - predicted relations against gold relations.
 *
 * A relation is found if a predicted one has its label, and both arguments have the same label and fragments. Both
 * sides are sets: saying a relation twice counts once. micro, macro_type and each label's rates are as in `spans`.
 *
 * entities: end-to-end  arguments are predicted too; a relation with a wrong argument is spurious and misses one.
 * entities: given       arguments are gold (predicted entities that differ are an error), and relations are a choice
 *                       for each candidate pair of the task. A pair's class is its label, or none; a pair with several
 *                       labels counts as the first of them in the task's order, and is counted. From the confusion
 *                       matrix C [gold][predicted] of the candidates:
 *   accuracy            share of candidates with the right class
 *   mcc                 R_K (Gorodkin 2004), which for one label is Matthews' correlation. Undefined where gold has one
 *                       class only; 0 where all answers are the same
 *   positive.f1         F1 of "related at all", whichever the label
 *   all_positive.f1     micro F1 of answering every candidate with the most frequent gold label of its signature (the
 *                       labels of its head and tail), as counted in the documents scored: what saying yes is worth
 * Gold relations that are no candidate (too far apart, other signature) count as missed, and are counted. */
#include "scoring.h"

typedef struct { const char *entities; } Options;

static const char *const entity_choices[] = { "end-to-end", "given", NULL };
static const RetortOption option_table[] = {
  RETORT_OPTION_CHOICE (Options, entities, "entities", "end-to-end", entity_choices,
                        "Whether the arguments were predicted too, or given as in gold."),
};

/* A relation with its arguments resolved. */
typedef struct {
  gint label;                        /* index in Relations.labels */
  const RetortEntity *head, *tail;
} Item;

typedef struct { const char *head, *tail; } Signature;

typedef struct {
  RetortContext *context;
  gboolean given;
  RetortTask *task;
  GPtrArray *labels;      /* of const char *: the task's relation labels, each once */
  GArray *signatures;     /* of Signature: the task's pairs of entity labels, each once */
  guint confusion;        /* first column of C, [n_labels + 1][n_labels + 1]; the last class is none */
  guint by_signature;     /* first column of [n_signatures][1 + n_labels]: candidates, then gold relations by label */
  Table table;
} Relations;

/* Columns: all labels; each label; given: confusion, by_signature.
 * Metrics: micro rates; macro_type.f1; each label's rates; given: accuracy, mcc, positive.f1, all_positive.f1. */
enum { ALL = 0, LABELS = N_COUNTS };

static void *open_relations (RetortContext *context, const void *options, GError **error);
static void close_relations (void *data);
static const RetortMeasures *prepare (void *data, const RetortTask *task, GError **error);
static gboolean count (void *data, const RetortDocument *gold, const RetortDocument *predicted, gint64 *columns,
                       GError **error);
static void measure (void *data, const double *sums, double *values);

static const RetortEvaluatorRole role = {
  sizeof role, .tasks = RETORT_WANT_RELATIONS, .prepare = prepare, .count = count, .measure = measure,
};

#define ENTITIES \
  "{\"id\":\"T1\",\"label\":\"Drug\",\"spans\":[[0,4]],\"text\":\"Zinc\"}," \
  "{\"id\":\"T2\",\"label\":\"Effect\",\"spans\":[[6,10]],\"text\":\"rash\"}," \
  "{\"id\":\"T3\",\"label\":\"Effect\",\"spans\":[[12,17]],\"text\":\"fever\"}"
static const RetortExample examples[] = {
  { "One relation found, one missed", NULL,
    "{\"id\":\"1\",\"text\":\"Zinc caused a rash\",\"layers\":{\"gold\":{\"entities\":[{\"id\":\"T1\",\"label\":\"Drug\",\"spans\":[[0,4]],\"text\":\"Zinc\"},"
    "{\"id\":\"T2\",\"label\":\"Effect\",\"spans\":[[14,18]],\"text\":\"rash\"}],"
    "\"relations\":[{\"id\":\"R1\",\"label\":\"causes\",\"head\":\"T1\",\"tail\":\"T2\"}]},"
    "\"predicted\":{\"entities\":[{\"id\":\"T1\",\"label\":\"Drug\",\"spans\":[[0,4]],\"text\":\"Zinc\"},"
    "{\"id\":\"T2\",\"label\":\"Effect\",\"spans\":[[14,18]],\"text\":\"rash\"}],"
    "\"relations\":[{\"id\":\"R1\",\"label\":\"causes\",\"head\":\"T1\",\"tail\":\"T2\"}]}}}\n"
    "{\"id\":\"2\",\"text\":\"Zinc caused a rash\",\"layers\":{\"gold\":{\"entities\":[{\"id\":\"T1\",\"label\":\"Drug\",\"spans\":[[0,4]],\"text\":\"Zinc\"},"
    "{\"id\":\"T2\",\"label\":\"Effect\",\"spans\":[[14,18]],\"text\":\"rash\"}],"
    "\"relations\":[{\"id\":\"R1\",\"label\":\"causes\",\"head\":\"T1\",\"tail\":\"T2\"}]},"
    "\"predicted\":{}}}\n",
    "end_to_end.micro.precision 1\nend_to_end.micro.recall 0.5\n" },
  { "Entities given: zinc with the rash is found, with the fever too, which is wrong", "entities: given",
    "{\"id\":\"1\",\"text\":\"Zinc, rash, fever\",\"layers\":{\"gold\":{\"entities\":[" ENTITIES "],"
    "\"relations\":[{\"id\":\"R1\",\"label\":\"causes\",\"head\":\"T1\",\"tail\":\"T2\"}]},"
    "\"predicted\":{\"entities\":[" ENTITIES "],"
    "\"relations\":[{\"id\":\"R1\",\"label\":\"causes\",\"head\":\"T1\",\"tail\":\"T2\"},"
    "{\"id\":\"R2\",\"label\":\"causes\",\"head\":\"T1\",\"tail\":\"T3\"}]}}}\n",
    "given.micro.precision 0.5\ngiven.micro.recall 1\ngiven.accuracy 0.5\n" },
};

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_EVALUATOR, .name = "relations", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Relations found with the right label between the right entities.",
  RETORT_PLUGIN_OPTIONS (Options, option_table), RETORT_PLUGIN_EXAMPLES (examples),
  .role = &role, .open = open_relations, .close = close_relations,
};
RETORT_PLUGIN_EXPORT (plugin)

static void *
open_relations (RetortContext *context, const void *options, GError **error)
{
  const Options *given = options;
  Relations *self = g_new0 (Relations, 1);

  self->context = context;
  self->given = g_str_equal (given->entities, "given");
  self->labels = g_ptr_array_new ();
  self->signatures = g_array_new (FALSE, FALSE, sizeof (Signature));
  table_init (&self->table);
  return self;
}

static void
close_relations (void *data)
{
  Relations *self = data;

  table_clear (&self->table);
  g_ptr_array_unref (self->labels);
  g_array_unref (self->signatures);
  retort_task_free (self->task);
  g_free (self);
}

/* --- what is counted --- */

static gint
label_index (const Relations *self, const char *label)
{
  for (guint i = 0; i < self->labels->len; i++)
    if (g_str_equal (self->labels->pdata[i], label))
      return i;
  return -1;
}

static gint
signature_index (const Relations *self, const char *head, const char *tail)
{
  for (guint i = 0; i < self->signatures->len; i++) {
    const Signature *signature = &g_array_index (self->signatures, Signature, i);
    if (g_str_equal (signature->head, head) && g_str_equal (signature->tail, tail))
      return i;
  }
  return -1;
}

static const char *
class_name (const Relations *self, guint i)
{
  return i < self->labels->len ? self->labels->pdata[i] : "none";
}

static void
add_candidate_scores (Relations *self)
{
  Table *table = &self->table;
  const guint n_labels = self->labels->len, n_classes = n_labels + 1;
  const guint n_confusion = n_classes * n_classes, n_by_signature = self->signatures->len * (1 + n_labels);

  self->confusion = table->columns->len;
  for (guint g = 0; g < n_classes; g++)
    for (guint p = 0; p < n_classes; p++)
      table_add_column (table, g_strdup_printf ("given.confusion.%s.%s", class_name (self, g), class_name (self, p)));
  self->by_signature = table->columns->len;
  for (guint s = 0; s < self->signatures->len; s++) {
    const Signature *signature = &g_array_index (self->signatures, Signature, s);
    table_add_column (table, g_strdup_printf ("given.%s-%s.candidates", signature->head, signature->tail));
    for (guint r = 0; r < n_labels; r++)
      table_add_column (table, g_strdup_printf ("given.%s-%s.gold.%s", signature->head, signature->tail,
                                                class_name (self, r)));
  }
  table_add_metric (table, g_strdup ("given.accuracy"), self->confusion, n_confusion);
  table_add_metric (table, g_strdup ("given.mcc"), self->confusion, n_confusion);
  table_add_metric (table, g_strdup ("given.positive.f1"), self->confusion, n_confusion);
  /* The relations that saying yes cannot find are in the gold count of all labels, so from there on. */
  table_add_metric (table, g_strdup ("given.all_positive.f1"), ALL, self->by_signature + n_by_signature);
  for (guint i = table->metrics->len - 4; i < table->metrics->len; i++)
    g_array_index (table->metrics, RetortMetric, i).support_column = ALL + GOLD;
}

static const RetortMeasures *
prepare (void *data, const RetortTask *task, GError **error)
{
  static const char *const reserved[] = { "micro", "macro_type", "positive", "all_positive", "none", "confusion", NULL };
  Relations *self = data;
  Table *table = &self->table;
  const char *mode = self->given ? "given" : "end_to_end";

  self->task = retort_task_copy (task);
  for (guint i = 0; i < task->n_relations; i++) {
    const RetortRelationType *type = &self->task->relations[i];
    if (!label_is_free (type->label, reserved, error))
      return NULL;
    if (label_index (self, type->label) < 0)
      g_ptr_array_add (self->labels, (char *) type->label);
    if (signature_index (self, type->head, type->tail) < 0)
      g_array_append_val (self->signatures, ((Signature) { type->head, type->tail }));
  }

  g_autofree char *micro = g_strconcat (mode, ".micro", NULL);
  table_add_rates (table, micro, NULL, table_add_block (table, mode));
  table_add_metric (table, g_strconcat (mode, ".macro_type.f1", NULL), LABELS, N_COUNTS * self->labels->len)
      ->support_column = ALL + GOLD;
  for (guint i = 0; i < self->labels->len; i++) {
    g_autofree char *prefix = g_strconcat (mode, ".", class_name (self, i), NULL);
    table_add_rates (table, prefix, self->labels->pdata[i], table_add_block (table, prefix));
  }
  if (self->given)
    add_candidate_scores (self);
  return table_finish (table);
}

/* --- counting --- */

static gint
compare_arguments (const Relations *self, const RetortEntity *a, const RetortEntity *b)
{
  return compare_entities (a, retort_task_entity_index (self->task, a->label),
                           b, retort_task_entity_index (self->task, b->label));
}

static gint
compare_pairs (const Relations *self, const Item *a, const Item *b)
{
  const gint heads = compare_arguments (self, a->head, b->head);

  return heads ? heads : compare_arguments (self, a->tail, b->tail);
}

/* By pair, then by label in the task's order. */
static gint
compare_items (gconstpointer a, gconstpointer b, gpointer user)
{
  const Item *x = a, *y = b;
  const gint pairs = compare_pairs (user, x, y);

  return pairs ? pairs : (x->label > y->label) - (x->label < y->label);
}

/* The layer's relations, sorted, each once. An argument whose label the task does not name compares by place alone,
 * but such a relation cannot have a label and signature of the task. */
static GArray *
sorted_items (Relations *self, const RetortLayer *layer, const char *side)
{
  g_autoptr(GArray) all = g_array_new (FALSE, FALSE, sizeof (Item));
  GArray *items = g_array_new (FALSE, FALSE, sizeof (Item));
  gint64 n_outside = 0;

  for (guint i = 0; i < retort_layer_n_relations (layer); i++) {
    const RetortRelation *relation = retort_layer_relation (layer, i);
    const Item item = { label_index (self, relation->label), retort_layer_entity (layer, relation->head),
                        retort_layer_entity (layer, relation->tail) };
    if (item.label < 0 || retort_task_entity_index (self->task, item.head->label) < 0 ||
        retort_task_entity_index (self->task, item.tail->label) < 0)
      n_outside++;
    else
      g_array_append_val (all, item);
  }
  if (n_outside > 0) {
    g_autofree char *name = g_strdup_printf ("%s relations with a label outside the task, left out", side);
    retort_context_count (self->context, name, n_outside);
  }

  g_array_sort_with_data (all, compare_items, self);
  for (guint i = 0; i < all->len; i++)
    if (i == 0 || compare_items (&g_array_index (all, Item, i - 1), &g_array_index (all, Item, i), self) != 0)
      g_array_append_val (items, g_array_index (all, Item, i));
  return items;
}

static gint
compare_entity_pointers (gconstpointer a, gconstpointer b, gpointer user)
{
  return compare_arguments (user, *(RetortEntity *const *) a, *(RetortEntity *const *) b);
}

static GPtrArray *
sorted_entities (Relations *self, const RetortLayer *layer)
{
  GPtrArray *entities = g_ptr_array_new ();

  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    if (retort_task_entity_index (self->task, entity->label) >= 0)
      g_ptr_array_add (entities, (gpointer) entity);
  }
  g_ptr_array_sort_with_data (entities, compare_entity_pointers, self);
  return entities;
}

/* TRUE if both layers have the same entities of the task's labels. No predicted layer: nothing was predicted, not even
 * entities, and that is no difference. */
static gboolean
check_given (Relations *self, const RetortDocument *gold, const RetortDocument *predicted, GError **error)
{
  const RetortLayer *theirs = retort_document_layer (predicted, RETORT_LAYER_PREDICTED);
  g_autoptr(GPtrArray) a = sorted_entities (self, retort_document_layer (gold, RETORT_LAYER_GOLD));
  g_autoptr(GPtrArray) b = sorted_entities (self, theirs);
  gboolean same = theirs == NULL || a->len == b->len;

  for (guint i = 0; same && theirs && i < a->len; i++)
    same = compare_arguments (self, a->pdata[i], b->pdata[i]) == 0;
  if (!same)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA,
                 "document '%s': predicted entities (%u) differ from gold (%u), but evaluator/relations has "
                 "`entities: given`; predict with gold entities, or score `entities: end-to-end`",
                 retort_document_id (gold), b->len, a->len);
  return same;
}

/* The range of sorted items that relate this pair. */
static guint
find_pair (const Relations *self, const GArray *items, const Item *pair, guint *end)
{
  guint low = 0, high = items->len;

  while (low < high) {
    const guint middle = (low + high) / 2;
    if (compare_pairs (self, &g_array_index (items, Item, middle), pair) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  for (*end = low; *end < items->len && compare_pairs (self, &g_array_index (items, Item, *end), pair) == 0;)
    ++*end;
  return low;
}

/* The class of a pair: the first of its labels, or none. */
static guint
class_of (Relations *self, const GArray *items, guint start, guint end)
{
  if (end - start > 1)
    retort_context_count (self->context, "candidates with several labels, classed by the first", 1);
  return start < end ? (guint) g_array_index (items, Item, start).label : self->labels->len;
}

static void
count_candidates (Relations *self, const RetortDocument *gold, const GArray *wanted, const GArray *found,
                  gint64 *columns)
{
  const RetortLayer *layer = retort_document_layer (gold, RETORT_LAYER_GOLD);
  const guint n_labels = self->labels->len;
  g_autoptr(GArray) candidates = retort_task_candidates (self->task, gold, layer);
  g_autofree gboolean *reached = g_new0 (gboolean, wanted->len + 1); /* gold relations that are candidates */

  for (guint i = 0; i < candidates->len; i++) {
    const RetortCandidate *candidate = &g_array_index (candidates, RetortCandidate, i);
    const Item pair = { 0, retort_layer_entity (layer, candidate->head), retort_layer_entity (layer, candidate->tail) };
    const gint signature = signature_index (self, pair.head->label, pair.tail->label);
    gint64 *by_signature = columns + self->by_signature + (guint) signature * (1 + n_labels);
    guint wanted_end, found_end;
    const guint wanted_start = find_pair (self, wanted, &pair, &wanted_end);
    const guint found_start = find_pair (self, found, &pair, &found_end);

    g_assert (signature >= 0);
    columns[self->confusion + class_of (self, wanted, wanted_start, wanted_end) * (n_labels + 1) +
            class_of (self, found, found_start, found_end)]++;
    by_signature[0]++;
    for (guint r = wanted_start; r < wanted_end; r++) {
      by_signature[1 + g_array_index (wanted, Item, r).label] += !reached[r];
      reached[r] = TRUE;
    }
  }

  guint n_out_of_reach = 0;
  for (guint r = 0; r < wanted->len; r++)
    n_out_of_reach += !reached[r];
  if (n_out_of_reach > 0)
    retort_context_count (self->context, "gold relations that are no candidate, missed", n_out_of_reach);
}

static gboolean
count (void *data, const RetortDocument *gold, const RetortDocument *predicted, gint64 *columns, GError **error)
{
  Relations *self = data;

  if (self->given && !check_given (self, gold, predicted, error))
    return FALSE;
  g_autoptr(GArray) wanted = sorted_items (self, retort_document_layer (gold, RETORT_LAYER_GOLD), "gold");
  g_autoptr(GArray) found =
      sorted_items (self, retort_document_layer (predicted, RETORT_LAYER_PREDICTED), "predicted");

  for (guint g = 0, p = 0; g < wanted->len || p < found->len;) {
    const Item *a = g < wanted->len ? &g_array_index (wanted, Item, g) : NULL;
    const Item *b = p < found->len ? &g_array_index (found, Item, p) : NULL;
    const gint order = !a ? 1 : !b ? -1 : compare_items (a, b, self);
    gint64 *block = columns + LABELS + N_COUNTS * (order <= 0 ? a->label : b->label);
    count_match (columns + ALL, block, order == 0 ? TP : order < 0 ? FN : FP);
    g += order <= 0;
    p += order >= 0;
  }
  if (self->given)
    count_candidates (self, gold, wanted, found, columns);
  return TRUE;
}

/* --- measuring --- */

/* R_K = (c s - sum_k t_k p_k) / sqrt (s^2 - sum p_k^2) / sqrt (s^2 - sum t_k^2), where s is the number of candidates,
 * c how many are right, t_k how many are k, p_k how many were called k (Gorodkin 2004, eq. 8). */
static double
r_k (const double *confusion, guint n)
{
  double s = 0, c = 0, tp = 0, tt = 0, pp = 0;

  for (guint k = 0; k < n; k++) {
    double t_k = 0, p_k = 0;
    for (guint l = 0; l < n; l++) {
      t_k += confusion[k * n + l];
      p_k += confusion[l * n + k];
    }
    s += t_k;
    c += confusion[k * n + k];
    tp += t_k * p_k;
    tt += t_k * t_k;
    pp += p_k * p_k;
  }
  if (s * s <= tt)
    return NAN;
  return s * s > pp ? (c * s - tp) / sqrt (s * s - pp) / sqrt (s * s - tt) : 0;
}

static double
accuracy (const double *confusion, guint n)
{
  double all = 0, right = 0;

  for (guint i = 0; i < n * n; i++)
    all += confusion[i];
  for (guint k = 0; k < n; k++)
    right += confusion[k * n + k];
  return ratio (right, all);
}

/* `none` is the last class. */
static double
positive_f1 (const double *confusion, guint n)
{
  double block[N_COUNTS] = { 0 };

  for (guint g = 0; g < n; g++)
    for (guint p = 0; p < n; p++)
      if (g < n - 1 || p < n - 1)
        block[g == n - 1 ? FP : p == n - 1 ? FN : TP] += confusion[g * n + p];
  return f1_of (block);
}

static double
all_positive_f1 (const Relations *self, const double *sums)
{
  const guint n_labels = self->labels->len;
  const double n_gold = sums[ALL + TP] + sums[ALL + FN];
  const double *by_signature = sums + self->by_signature;
  double right = 0, n_answers = 0;

  for (guint s = 0; s < self->signatures->len; s++, by_signature += 1 + n_labels) {
    double most = 0;
    for (guint r = 0; r < n_labels; r++)
      most = MAX (most, by_signature[1 + r]);
    right += most;
    n_answers += by_signature[0];
  }
  return ratio (2 * right, n_answers + n_gold);
}

static void
measure (void *data, const double *sums, double *values)
{
  const Relations *self = data;
  const guint n_labels = self->labels->len;

  rates_of (sums + ALL, values);
  values += N_RATES;
  *values++ = mean_f1 (sums + LABELS, n_labels);
  for (guint i = 0; i < n_labels; i++, values += N_RATES)
    rates_of (sums + LABELS + N_COUNTS * i, values);
  if (!self->given)
    return;
  *values++ = accuracy (sums + self->confusion, n_labels + 1);
  *values++ = r_k (sums + self->confusion, n_labels + 1);
  *values++ = positive_f1 (sums + self->confusion, n_labels + 1);
  *values++ = all_positive_f1 (self, sums);
}
