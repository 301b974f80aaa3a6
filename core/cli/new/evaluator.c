/* evaluator/@NAME@ - the share of documents in which every entity is right. */
#include <math.h>
#include <retort/plugin.h>
#include <string.h>

/* The first tests, and the documentation: a document judged, and the numbers to come. */
static const RetortExample examples[] = {
  { "One of two documents is right", NULL,
    "gold: no [gout]\npredicted: no [gout]\ngold: [colon cancer]\npredicted: colon [cancer]\n",
    "exact.right 1\nexact.accuracy 0.5\n" },
};

static const RetortMeasures *prepare (void *self, const RetortTask *task, GError **error);
static gboolean count (void *self, const RetortDocument *gold, const RetortDocument *predicted, gint64 *columns,
                       GError **error);
static void measure (void *self, const double *sums, double *values);

static const RetortEvaluatorRole role = {
  sizeof role, .tasks = RETORT_WANT_ENTITIES, .prepare = prepare, .count = count, .measure = measure,
};
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_EVALUATOR, .name = "@NAME@", .behaviour = 1, .version = "0.1",
  .licence = "MIT", .summary = "The share of documents in which every entity is right.",
  RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

enum { DOCUMENTS, RIGHT, N_COLUMNS };

static const RetortMeasures *
prepare (void *self, const RetortTask *task, GError **error)
{
  static const char *const columns[N_COLUMNS] = { "exact.documents", "exact.right" };
  static const RetortMetric metrics[] = {
    { .name = "exact.accuracy", .support_column = DOCUMENTS, .tp = RIGHT, .fp = -1, .fn = -1 },
  };
  static const RetortMeasures measures = { sizeof measures, columns, N_COLUMNS, metrics, G_N_ELEMENTS (metrics) };

  return &measures;
}

/* Same label, same first and last byte. */
static gboolean
has_entity (const RetortLayer *layer, const RetortEntity *wanted)
{
  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    if (strcmp (entity->label, wanted->label) == 0 && entity->fragments[0].start == wanted->fragments[0].start &&
        entity->fragments[entity->n_fragments - 1].end == wanted->fragments[wanted->n_fragments - 1].end)
      return TRUE;
  }
  return FALSE;
}

static gboolean
count (void *self, const RetortDocument *gold, const RetortDocument *predicted, gint64 *columns, GError **error)
{
  const RetortLayer *wanted = retort_document_layer (gold, RETORT_LAYER_GOLD);
  const RetortLayer *found = retort_document_layer (predicted, RETORT_LAYER_PREDICTED);
  gboolean right = retort_layer_n_entities (wanted) == retort_layer_n_entities (found);

  for (guint i = 0; i < retort_layer_n_entities (wanted) && right; i++)
    right = has_entity (found, retort_layer_entity (wanted, i));
  columns[DOCUMENTS]++;
  columns[RIGHT] += right;
  return TRUE;
}

static void
measure (void *self, const double *sums, double *values)
{
  values[0] = sums[DOCUMENTS] > 0 ? sums[RIGHT] / sums[DOCUMENTS] : NAN;
}
