/* leak - nothing is learnt or selected on test data.
 *
 * The rule: if an evaluator scores what came, by however many steps, from a model, then no corpus that the model was
 * given (`train`, `dev`) may share documents with the evaluator's gold. Two corpora may share documents if they come
 * from the same data entry, or from two entries that read the same file, whatever filters, concats, predictions or
 * extractions lie between; unless `split` or `folds` parted them: two such steps over the same input, with the same
 * seed, share and group (or k and group), that give different parts. Text that a model wrote anew shares nothing. */
#include "pipeline/planner.h"

#include <string.h>

typedef struct {
  RetortPlanner *planner;
  GHashTable *seen; /* indices of two cells -> the data entry that both come from, or NULL */
} Search;

static void check_evaluation (Search *search, const RetortCell *scores);
static void check_model (Search *search, const RetortCell *model, const RetortCell *scores, const RetortCell *gold);
static void mark_ancestors (const RetortCell *cell, gboolean *marks);
static const RetortCell *input_of (const RetortCell *cell, const char *slot);
static const RetortCell *shared (Search *search, const RetortCell *a, const RetortCell *b);
static const RetortCell *find_shared (Search *search, const RetortCell *a, const RetortCell *b);
static const RetortCell *shared_with_inputs (Search *search, const RetortCell *a, const RetortCell *b);
static gboolean is_part (const RetortCell *cell);
static gboolean are_apart (const RetortCell *a, const RetortCell *b);

void
retort_planner_check_leaks (RetortPlanner *planner)
{
  Search search = { planner, g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL) };
  const GPtrArray *cells = planner->plan->cells;

  for (guint i = 0; i < cells->len; i++) {
    const RetortCell *cell = cells->pdata[i];
    if (cell->verb->gives == RETORT_ARTIFACT_SCORES)
      check_evaluation (&search, cell);
  }
  g_hash_table_unref (search.seen);
}

static void
check_evaluation (Search *search, const RetortCell *scores)
{
  const GPtrArray *cells = search->planner->plan->cells;
  const RetortCell *gold = input_of (scores, "gold"), *predicted = input_of (scores, "predicted");
  g_autofree gboolean *marks = g_new0 (gboolean, cells->len);

  if (gold == NULL || predicted == NULL)
    return;
  mark_ancestors (predicted, marks);
  for (guint i = 0; i < cells->len; i++) {
    const RetortCell *cell = cells->pdata[i];
    if (marks[i] && cell->verb->gives == RETORT_ARTIFACT_MODEL)
      check_model (search, cell, scores, gold);
  }
}

static void
check_model (Search *search, const RetortCell *model, const RetortCell *scores, const RetortCell *gold)
{
  RetortPlanner *planner = search->planner;

  for (guint i = 0; i < model->inputs->len; i++) {
    const RetortCellInput *input = &g_array_index (model->inputs, RetortCellInput, i);
    for (guint j = 0; j < input->from->len; j++) {
      const RetortCell *from = input->from->pdata[j], *entry = shared (search, from, gold);
      if (entry == NULL)
        continue;
      const RetortPart *part = retort_planner_part (planner, model->step);
      const RetortYaml *at = retort_yaml_get (retort_yaml_get (part->node, "in"), input->slot);
      retort_planner_complain (planner, RETORT_CODE_TEST_LEAK, at,
                               "take other data, or part it with `split` or `folds` before both",
                               "'%s' of step '%s' holds documents of '%s', on which '%s' tests it", input->slot,
                               model->step, entry->step, scores->step);
    }
  }
}

static void
mark_ancestors (const RetortCell *cell, gboolean *marks)
{
  if (marks[cell->index])
    return;
  marks[cell->index] = TRUE;
  for (guint i = 0; i < cell->inputs->len; i++) {
    const GPtrArray *from = g_array_index (cell->inputs, RetortCellInput, i).from;
    for (guint j = 0; j < from->len; j++)
      mark_ancestors (from->pdata[j], marks);
  }
}

static const RetortCell *
input_of (const RetortCell *cell, const char *slot)
{
  for (guint i = 0; i < cell->inputs->len; i++) {
    const RetortCellInput *input = &g_array_index (cell->inputs, RetortCellInput, i);
    if (strcmp (input->slot, slot) == 0)
      return input->from->pdata[0];
  }
  return NULL;
}

/* --- do two corpora share documents? --- */

/* The data entry that documents of both may come from, or NULL. */
static const RetortCell *
shared (Search *search, const RetortCell *a, const RetortCell *b)
{
  const gint64 pair = ((gint64)a->index << 32) | b->index;
  gpointer known;

  if (g_hash_table_lookup_extended (search->seen, &pair, NULL, &known))
    return known;
  const RetortCell *entry = find_shared (search, a, b);
  g_hash_table_insert (search->seen, g_memdup2 (&pair, sizeof pair), (gpointer)entry);
  return entry;
}

/* Whatever is no part of something is replaced by its inputs first; then parts stand against parts. A part holds some
 * of its input, so two parts share documents only if each also shares with the other's input. */
static const RetortCell *
find_shared (Search *search, const RetortCell *a, const RetortCell *b)
{
  if (a->inputs->len > 0 && !is_part (a))
    return shared_with_inputs (search, a, b);
  if (b->inputs->len > 0 && !is_part (b))
    return shared_with_inputs (search, b, a);
  if (is_part (a) && is_part (b) && are_apart (a, b))
    return NULL;
  if (is_part (a) && is_part (b) && a != b)
    return shared_with_inputs (search, b, a) != NULL ? shared_with_inputs (search, a, b) : NULL;
  if (is_part (a))
    return shared_with_inputs (search, a, b);
  if (is_part (b))
    return shared_with_inputs (search, b, a);
  if (a == b && strcmp (a->verb->name, "read") == 0)
    return a;
  if (strcmp (a->verb->name, "read") == 0 && strcmp (b->verb->name, "read") == 0
      && strcmp (((const RetortReadOptions *)a->options->data)->path,
                 ((const RetortReadOptions *)b->options->data)->path)
             == 0)
    return a;
  return NULL;
}

static const RetortCell *
shared_with_inputs (Search *search, const RetortCell *a, const RetortCell *b)
{
  const RetortCell *entry = NULL;

  for (guint i = 0; i < a->inputs->len && entry == NULL; i++) {
    const GPtrArray *from = g_array_index (a->inputs, RetortCellInput, i).from;
    for (guint j = 0; j < from->len && entry == NULL; j++)
      entry = shared (search, from->pdata[j], b);
  }
  return entry;
}

static gboolean
is_part (const RetortCell *cell)
{
  return strcmp (cell->verb->name, "split") == 0 || strcmp (cell->verb->name, "folds") == 0;
}

static gboolean
are_apart (const RetortCell *a, const RetortCell *b)
{
  if (a->verb != b->verb || a->seed != b->seed || input_of (a, "corpus") != input_of (b, "corpus"))
    return FALSE;
  if (strcmp (a->verb->name, "split") == 0) {
    const RetortSplitOptions *x = a->options->data, *y = b->options->data;
    return x->share == y->share && g_strcmp0 (x->group, y->group) == 0 && strcmp (x->part, y->part) != 0;
  }
  const RetortFoldsOptions *x = a->options->data, *y = b->options->data;
  if (x->k != y->k || g_strcmp0 (x->group, y->group) != 0)
    return FALSE;
  return x->fold == y->fold ? strcmp (x->part, y->part) != 0
                            : strcmp (x->part, "test") == 0 && strcmp (y->part, "test") == 0;
}
