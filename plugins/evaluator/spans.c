/* spans - predicted entities against gold entities.
 *
 * strict: an entity is found if a predicted one has its label and exactly its fragments. Each gold entity is matched
 * by at most one predicted entity (both sides are multisets), so the order never matters.
 *
 * For each label, and over all labels, columns count what is right (tp), spurious (fp) and missed (fn):
 *   micro           P = tp / (tp + fp), R = tp / (tp + fn), F1 = 2 tp / (2 tp + fp + fn), over all entities
 *   macro_type.f1   mean of the labels' F1, over labels that occur in gold or predicted
 *   macro_doc.f1    mean of the documents' F1, over documents with a gold or predicted entity
 * Zero by zero is undefined. Labels that the task does not name are left out on both sides, and counted. */
#include "scoring.h"

#define MODE "strict"
/* Columns: all labels; the documents' F1, summed in units of 1e-9, and how many documents; each label. */
enum { ALL = 0, DOC_F1 = N_COUNTS, DOC_N, LABELS };
#define DOC_F1_UNITS 1e9
/* Metrics: micro rates, macro_type.f1, macro_doc.f1, each label's rates. */

typedef struct {
  RetortContext *context;
  RetortTask *task;
  Table table;
} Spans;

/* An entity of the document at hand, in one of the task's labels. */
typedef struct { const RetortEntity *entity; gint label; } Item;

static void *open_spans (RetortContext *context, const void *options, GError **error);
static void close_spans (void *data);
static const RetortMeasures *prepare (void *data, const RetortTask *task, GError **error);
static gboolean count (void *data, const RetortDocument *gold, const RetortDocument *predicted, gint64 *columns,
                       GError **error);
static void measure (void *data, const double *sums, double *values);

static const RetortEvaluatorRole role = {
  sizeof role, .tasks = RETORT_WANT_ENTITIES, .prepare = prepare, .count = count, .measure = measure,
};

static const RetortExample examples[] = {
  { "One right, one with a wrong end, one missed", NULL,
    "gold: [Lynch syndrome] and [colon cancer] or [gout]\npredicted: [Lynch syndrome] and [colon] cancer or gout\n",
    "strict.micro.precision 0.5\nstrict.micro.f1 0.4\n" },
};

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_EVALUATOR, .name = "spans", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Entities found with the right label in exactly the right place.",
  RETORT_PLUGIN_EXAMPLES (examples), .role = &role, .open = open_spans, .close = close_spans,
};
RETORT_PLUGIN_EXPORT (plugin)

static void *
open_spans (RetortContext *context, const void *options, GError **error)
{
  Spans *self = g_new0 (Spans, 1);

  self->context = context;
  table_init (&self->table);
  return self;
}

static void
close_spans (void *data)
{
  Spans *self = data;

  table_clear (&self->table);
  retort_task_free (self->task);
  g_free (self);
}

static const RetortMeasures *
prepare (void *data, const RetortTask *task, GError **error)
{
  static const char *const reserved[] = { "micro", "macro_type", "macro_doc", NULL };
  Spans *self = data;
  Table *table = &self->table;

  for (guint i = 0; i < task->n_entities; i++)
    if (!label_is_free (task->entities[i], reserved, error))
      return NULL;
  self->task = retort_task_copy (task);

  table_add_block (table, MODE);
  table_add_column (table, g_strdup (MODE ".macro_doc.f1_sum"));
  table_add_column (table, g_strdup (MODE ".macro_doc.documents"));
  table_add_rates (table, MODE ".micro", NULL, ALL);
  table_add_metric (table, g_strdup (MODE ".macro_type.f1"), LABELS, N_COUNTS * task->n_entities)->support_column =
      ALL + GOLD;
  table_add_metric (table, g_strdup (MODE ".macro_doc.f1"), DOC_F1, 2)->support_column = DOC_N;
  for (guint i = 0; i < task->n_entities; i++) {
    g_autofree char *prefix = g_strconcat (MODE ".", task->entities[i], NULL);
    table_add_rates (table, prefix, self->task->entities[i], table_add_block (table, prefix));
  }
  return table_finish (table);
}

static gint
compare_items (gconstpointer a, gconstpointer b)
{
  const Item *x = a, *y = b;

  return compare_entities (x->entity, x->label, y->entity, y->label);
}

static GArray *
sorted_items (Spans *self, const RetortLayer *layer, const char *side)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (Item));
  gint64 n_outside = 0;

  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    const Item item = { entity, retort_task_entity_index (self->task, entity->label) };
    if (item.label >= 0)
      g_array_append_val (items, item);
    else
      n_outside++;
  }
  if (n_outside > 0) {
    g_autofree char *name = g_strdup_printf ("%s entities with a label outside the task, left out", side);
    retort_context_count (self->context, name, n_outside);
  }
  g_array_sort (items, compare_items);
  return items;
}

static gboolean
count (void *data, const RetortDocument *gold, const RetortDocument *predicted, gint64 *columns, GError **error)
{
  Spans *self = data;
  g_autoptr(GArray) wanted = sorted_items (self, retort_document_layer (gold, RETORT_LAYER_GOLD), "gold");
  g_autoptr(GArray) found =
      sorted_items (self, retort_document_layer (predicted, RETORT_LAYER_PREDICTED), "predicted");
  gint64 all[N_COUNTS] = { 0 };

  for (guint g = 0, p = 0; g < wanted->len || p < found->len;) {
    const Item *a = g < wanted->len ? &g_array_index (wanted, Item, g) : NULL;
    const Item *b = p < found->len ? &g_array_index (found, Item, p) : NULL;
    const gint order = !a ? 1 : !b ? -1 : compare_items (a, b);
    gint64 *block = columns + LABELS + N_COUNTS * (order <= 0 ? a->label : b->label);
    count_match (all, block, order == 0 ? TP : order < 0 ? FN : FP);
    g += order <= 0;
    p += order >= 0;
  }

  for (guint c = 0; c < N_COUNTS; c++)
    columns[ALL + c] += all[c];
  if (wanted->len + found->len > 0) {
    columns[DOC_F1] += llround (DOC_F1_UNITS * 2 * all[TP] / (wanted->len + found->len));
    columns[DOC_N]++;
  }
  return TRUE;
}

static void
measure (void *data, const double *sums, double *values)
{
  const Spans *self = data;

  rates_of (sums + ALL, values);
  values += N_RATES;
  *values++ = mean_f1 (sums + LABELS, self->task->n_entities);
  *values++ = ratio (sums[DOC_F1] / DOC_F1_UNITS, sums[DOC_N]);
  for (guint i = 0; i < self->task->n_entities; i++, values += N_RATES)
    rates_of (sums + LABELS + N_COUNTS * i, values);
}
