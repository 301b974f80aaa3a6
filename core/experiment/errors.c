/* errors - what sort of error each difference between gold and predicted is. */
#include "experiment/errors.h"
#include <retort/random.h>
#include <string.h>

const char *const retort_difference_names[RETORT_N_DIFFERENCES] = {
  "missed", "spurious", "wrong boundary", "wrong label", "relation missed", "relation spurious",
};

/* Text shown on each side of the marks. */
#define MARGIN_BYTES 90
/* Marks farther apart than this (a relation across a document) are shown with all that is between, up to here. */
#define PASSAGE_BYTES 1200

/* --- entities --- */

static gboolean
in_task (const RetortTask *task, const char *label)
{
  return !task || retort_task_entity_index (task, label) >= 0;
}

static gboolean
same_place (const RetortEntity *a, const RetortEntity *b)
{
  return a->n_fragments == b->n_fragments &&
         memcmp (a->fragments, b->fragments, a->n_fragments * sizeof *a->fragments) == 0;
}

static gboolean
same_entity (const RetortEntity *a, const RetortEntity *b)
{
  return g_str_equal (a->label, b->label) && same_place (a, b);
}

static gboolean
overlap (const RetortEntity *a, const RetortEntity *b)
{
  for (guint i = 0; i < a->n_fragments; i++)
    for (guint j = 0; j < b->n_fragments; j++)
      if (a->fragments[i].start < b->fragments[j].end && b->fragments[j].start < a->fragments[i].end)
        return TRUE;
  return FALSE;
}

static gboolean
overlap_same_label (const RetortEntity *a, const RetortEntity *b)
{
  return g_str_equal (a->label, b->label) && overlap (a, b);
}

/* How entities are paired, best first, and what a pair then is. */
static const struct {
  gboolean (*pairs) (const RetortEntity *a, const RetortEntity *b);
  gint kind; /* -1: right */
} passes[] = {
  { same_entity, -1 },
  { same_place, RETORT_DIFFERENCE_WRONG_LABEL },
  { overlap_same_label, RETORT_DIFFERENCE_WRONG_BOUNDARY },
  { overlap, RETORT_DIFFERENCE_WRONG_LABEL },
};

/* Indices of the layer's entities of the task, by place. */
static GArray *
entity_order (const RetortLayer *layer, const RetortTask *task)
{
  GArray *order = g_array_new (FALSE, FALSE, sizeof (gint));

  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    guint at = order->len;
    const gint index = i;
    if (!in_task (task, entity->label))
      continue;
    while (at > 0 && retort_layer_entity (layer, g_array_index (order, gint, at - 1))->fragments[0].start >
                         entity->fragments[0].start)
      at--;
    g_array_insert_val (order, at, index);
  }
  return order;
}

static void
add (GArray *differences, RetortDifferenceKind kind, gint gold, gint predicted)
{
  const RetortDifference difference = { kind, gold, predicted };

  g_array_append_val (differences, difference);
}

/* Removes paired indices from both orders. */
static void
pair_entities (GArray *differences, const RetortLayer *gold, const RetortLayer *predicted, GArray *left, GArray *right)
{
  for (guint pass = 0; pass < G_N_ELEMENTS (passes); pass++)
    for (guint g = 0; g < left->len;) {
      const gint gold_at = g_array_index (left, gint, g);
      gboolean paired = FALSE;
      for (guint p = 0; p < right->len && !paired; p++) {
        const gint predicted_at = g_array_index (right, gint, p);
        paired = passes[pass].pairs (retort_layer_entity (gold, gold_at), retort_layer_entity (predicted, predicted_at));
        if (!paired)
          continue;
        if (passes[pass].kind >= 0)
          add (differences, passes[pass].kind, gold_at, predicted_at);
        g_array_remove_index (right, p);
      }
      if (paired)
        g_array_remove_index (left, g);
      else
        g++;
    }
}

/* --- relations --- */

static gboolean
same_relation (const RetortLayer *a, const RetortRelation *x, const RetortLayer *b, const RetortRelation *y)
{
  return g_str_equal (x->label, y->label) &&
         same_entity (retort_layer_entity (a, x->head), retort_layer_entity (b, y->head)) &&
         same_entity (retort_layer_entity (a, x->tail), retort_layer_entity (b, y->tail));
}

static gboolean
relation_in_task (const RetortTask *task, const RetortRelation *relation)
{
  for (guint i = 0; task && i < task->n_relations; i++)
    if (g_str_equal (task->relations[i].label, relation->label))
      return TRUE;
  return task == NULL;
}

/* TRUE if `layer` has the relation among its first n. */
static gboolean
has_relation (const RetortLayer *layer, guint n, const RetortLayer *of, const RetortRelation *relation)
{
  for (guint i = 0; i < n; i++)
    if (same_relation (layer, retort_layer_relation (layer, i), of, relation))
      return TRUE;
  return FALSE;
}

static void
add_relations (GArray *differences, const RetortLayer *layer, const RetortLayer *other, const RetortTask *task,
               RetortDifferenceKind kind)
{
  for (guint i = 0; i < retort_layer_n_relations (layer); i++) {
    const RetortRelation *relation = retort_layer_relation (layer, i);
    if (!relation_in_task (task, relation) || has_relation (layer, i, layer, relation) ||
        has_relation (other, retort_layer_n_relations (other), layer, relation))
      continue;
    add (differences, kind, kind == RETORT_DIFFERENCE_RELATION_MISSED ? (gint) i : -1,
         kind == RETORT_DIFFERENCE_RELATION_MISSED ? -1 : (gint) i);
  }
}

static gint
compare_kinds (gconstpointer a, gconstpointer b)
{
  return (gint) ((const RetortDifference *) a)->kind - (gint) ((const RetortDifference *) b)->kind;
}

GArray *
retort_differences (const RetortDocument *gold, const RetortDocument *predicted, const RetortTask *task)
{
  const RetortLayer *wanted = retort_document_layer (gold, RETORT_LAYER_GOLD);
  const RetortLayer *found = retort_document_layer (predicted, RETORT_LAYER_PREDICTED);
  GArray *differences = g_array_new (FALSE, FALSE, sizeof (RetortDifference));
  g_autoptr(GArray) left = entity_order (wanted, task), right = entity_order (found, task);

  pair_entities (differences, wanted, found, left, right);
  for (guint i = 0; i < left->len; i++)
    add (differences, RETORT_DIFFERENCE_MISSED, g_array_index (left, gint, i), -1);
  for (guint i = 0; i < right->len; i++)
    add (differences, RETORT_DIFFERENCE_SPURIOUS, -1, g_array_index (right, gint, i));
  add_relations (differences, wanted, found, task, RETORT_DIFFERENCE_RELATION_MISSED);
  add_relations (differences, found, wanted, task, RETORT_DIFFERENCE_RELATION_SPURIOUS);
  g_array_sort (differences, compare_kinds); /* g_array_sort is stable */
  return differences;
}

/* --- examples --- */

static void
mark_free (gpointer data)
{
  RetortErrorMark *mark = data;

  g_free (mark->label);
  g_free (mark);
}

static void
example_free (gpointer data)
{
  RetortErrorExample *example = data;

  g_free (example->document);
  g_free (example->passage);
  g_free (example->relation);
  g_ptr_array_unref (example->marks);
  g_free (example);
}

static void
add_marks (RetortErrorExample *example, const RetortEntity *entity, gboolean predicted, const char *role)
{
  for (guint i = 0; i < entity->n_fragments; i++) {
    RetortErrorMark *mark = g_new0 (RetortErrorMark, 1);
    mark->start = entity->fragments[i].start;
    mark->end = entity->fragments[i].end;
    mark->predicted = predicted;
    mark->label = role ? g_strdup_printf ("%s: %s", role, entity->label) : g_strdup (entity->label);
    g_ptr_array_add (example->marks, mark);
  }
}

/* Cuts the text around the marks, and makes them relative to it. A mark beyond the passage is cut or dropped. */
static void
cut_passage (RetortErrorExample *example, const char *text, guint n_bytes)
{
  guint start = G_MAXUINT, end = 0;

  for (guint i = 0; i < example->marks->len; i++) {
    const RetortErrorMark *mark = example->marks->pdata[i];
    start = MIN (start, mark->start);
    end = MAX (end, mark->end);
  }
  start = start > MARGIN_BYTES ? start - MARGIN_BYTES : 0;
  end = MIN (MIN (end + MARGIN_BYTES, n_bytes), start + PASSAGE_BYTES);
  while (start > 0 && (text[start] & 0xC0) == 0x80)
    start--;
  while (end < n_bytes && (text[end] & 0xC0) == 0x80)
    end++;
  example->passage = g_strndup (text + start, end - start);
  example->cut_before = start > 0;
  example->cut_after = end < n_bytes;
  for (guint i = 0; i < example->marks->len;) {
    RetortErrorMark *mark = example->marks->pdata[i];
    if (mark->start >= end) {
      g_ptr_array_remove_index (example->marks, i);
      continue;
    }
    mark->start -= start;
    mark->end = MIN (mark->end, end) - start;
    i++;
  }
}

static RetortErrorExample *
example_new (const RetortDocument *gold, const RetortDocument *predicted, const RetortDifference *difference,
             guint64 order)
{
  const RetortLayer *wanted = retort_document_layer (gold, RETORT_LAYER_GOLD);
  const RetortLayer *found = retort_document_layer (predicted, RETORT_LAYER_PREDICTED);
  RetortErrorExample *example = g_new0 (RetortErrorExample, 1);
  gsize n_bytes;
  const char *text = retort_document_text (gold, &n_bytes);

  example->document = g_strdup (retort_document_id (gold));
  example->marks = g_ptr_array_new_with_free_func (mark_free);
  example->order = order;
  if (difference->kind < RETORT_DIFFERENCE_RELATION_MISSED) {
    if (difference->gold >= 0)
      add_marks (example, retort_layer_entity (wanted, difference->gold), FALSE, NULL);
    if (difference->predicted >= 0)
      add_marks (example, retort_layer_entity (found, difference->predicted), TRUE, NULL);
  } else {
    const gboolean missed = difference->kind == RETORT_DIFFERENCE_RELATION_MISSED;
    const RetortLayer *layer = missed ? wanted : found;
    const RetortRelation *relation =
        retort_layer_relation (layer, missed ? difference->gold : difference->predicted);
    example->relation = g_strdup (relation->label);
    add_marks (example, retort_layer_entity (layer, relation->head), !missed, "head");
    add_marks (example, retort_layer_entity (layer, relation->tail), !missed, "tail");
  }
  cut_passage (example, text, n_bytes);
  return example;
}

RetortErrorAnalysis *
retort_error_analysis_new (guint n_examples)
{
  RetortErrorAnalysis *analysis = g_new0 (RetortErrorAnalysis, 1);

  analysis->n_examples = n_examples;
  for (guint k = 0; k < RETORT_N_DIFFERENCES; k++)
    analysis->examples[k] = g_ptr_array_new_with_free_func (example_free);
  return analysis;
}

void
retort_error_analysis_free (RetortErrorAnalysis *analysis)
{
  if (!analysis)
    return;
  for (guint k = 0; k < RETORT_N_DIFFERENCES; k++)
    g_ptr_array_unref (analysis->examples[k]);
  g_free (analysis);
}

/* Keeps the examples with the smallest draws, sorted by them. */
static void
keep_example (RetortErrorAnalysis *analysis, const RetortDocument *gold, const RetortDocument *predicted,
              const RetortDifference *difference, guint index)
{
  GPtrArray *kept = analysis->examples[difference->kind];
  g_autofree char *name = g_strdup_printf ("%s %u %u", retort_document_id (gold), difference->kind, index);
  const guint64 order = retort_random_hash (name, strlen (name));
  guint at = kept->len;

  while (at > 0 && ((RetortErrorExample *) kept->pdata[at - 1])->order > order)
    at--;
  if (at >= analysis->n_examples)
    return;
  g_ptr_array_insert (kept, at, example_new (gold, predicted, difference, order));
  if (kept->len > analysis->n_examples)
    g_ptr_array_set_size (kept, analysis->n_examples);
}

void
retort_error_analysis_add (RetortErrorAnalysis *analysis, const RetortDocument *gold, const RetortDocument *predicted,
                           const RetortTask *task)
{
  g_autoptr(GArray) differences = retort_differences (gold, predicted, task);

  for (guint i = 0; i < differences->len; i++) {
    const RetortDifference *difference = &g_array_index (differences, RetortDifference, i);
    analysis->counts[difference->kind]++;
    keep_example (analysis, gold, predicted, difference, i);
  }
}

gboolean
retort_error_analysis_add_pairs (RetortErrorAnalysis *analysis, RetortPairs *pairs, const RetortTask *task,
                                 GError **error)
{
  const RetortDocument *gold, *predicted;
  g_autoptr(GError) failure = NULL;

  while (retort_pairs_next (pairs, &gold, &predicted, &failure))
    retort_error_analysis_add (analysis, gold, predicted, task);
  if (!failure)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
