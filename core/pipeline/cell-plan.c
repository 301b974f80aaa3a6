/* cell-plan - cells as the plan holds them, and the privacy labels that they carry. */
#include "pipeline/planner.h"

#include "base/limit.h"
#include <string.h>

const char *const retort_label_names[] = { "public", "internal", "deidentified", "restricted", "phi", NULL };

static void input_clear (gpointer input);

gboolean
retort_label_parse (const char *text, RetortLabel *label)
{
  for (guint i = 0; retort_label_names[i] != NULL; i++)
    if (strcmp (text, retort_label_names[i]) == 0) {
      *label = (RetortLabel)i;
      return TRUE;
    }
  return FALSE;
}

RetortCell *
retort_planner_cell (RetortPlanner *planner, char *name, const char *step, const char *use, const RetortVerb *verb,
                     const RetortYaml *at)
{
  RetortCell *cell = g_new0 (RetortCell, 1);

  cell->index = planner->plan->cells->len;
  cell->name = name;
  cell->step = step;
  cell->use = use;
  cell->verb = verb;
  cell->at = at;
  cell->inputs = g_array_new (FALSE, FALSE, sizeof (RetortCellInput));
  g_array_set_clear_func (cell->inputs, input_clear);
  cell->axes = g_array_new (FALSE, FALSE, sizeof (RetortAxisValue));
  cell->label = RETORT_LABEL_PUBLIC;
  cell->seed = planner->plan->seed;
  cell->time_limit = RETORT_LIMIT_CELL_SECONDS;
  cell->stall_limit = RETORT_LIMIT_STALL_SECONDS;
  g_ptr_array_add (planner->plan->cells, cell);
  return cell;
}

void
retort_cell_add_input (RetortCell *cell, const char *slot, RetortCell *from)
{
  RetortCellInput *last
      = cell->inputs->len > 0 ? &g_array_index (cell->inputs, RetortCellInput, cell->inputs->len - 1) : NULL;

  if (last != NULL && strcmp (last->slot, slot) == 0)
    g_ptr_array_add (last->from, from);
  else {
    RetortCellInput input = { slot, g_ptr_array_new () };
    g_ptr_array_add (input.from, from);
    g_array_append_val (cell->inputs, input);
  }
  cell->label = MAX (cell->label, from->label);
}

void
retort_cell_free (gpointer pointer)
{
  RetortCell *cell = pointer;

  g_free (cell->name);
  retort_options_free (cell->plugin.options);
  retort_options_free (cell->tokenizer.options);
  retort_options_free (cell->options);
  retort_task_free (cell->task);
  g_free (cell->prompt);
  g_array_unref (cell->inputs);
  g_array_unref (cell->axes);
  g_free (cell);
}

gboolean
retort_task_equal (const RetortTask *a, const RetortTask *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  if (a->n_entities != b->n_entities || a->n_relations != b->n_relations || a->scope != b->scope)
    return FALSE;
  for (guint i = 0; i < a->n_entities; i++)
    if (strcmp (a->entities[i], b->entities[i]) != 0)
      return FALSE;
  for (guint i = 0; i < a->n_relations; i++)
    if (strcmp (a->relations[i].label, b->relations[i].label) != 0
        || strcmp (a->relations[i].head, b->relations[i].head) != 0
        || strcmp (a->relations[i].tail, b->relations[i].tail) != 0)
      return FALSE;
  return TRUE;
}

static void
input_clear (gpointer input)
{
  g_ptr_array_unref (((RetortCellInput *)input)->from);
}
