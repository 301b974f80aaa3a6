/* plan - a pipeline file, read, checked and expanded into cells; the order of the work is in `make`. */
#include "pipeline/planner.h"

#include <string.h>

static RetortPlanner *planner_new (RetortPlan *plan, const char *data_root, RetortDiagnostics *diagnostics);
static void planner_free (RetortPlanner *planner);
static void make (RetortPlanner *planner, const char *const *settings);
static void check_axes (RetortPlanner *planner);
static char *find_data_root (const char *given);
static void axis_free (gpointer axis);
static void named_task_free (gpointer named);
static void endpoint_free (gpointer endpoint);
static void part_free (gpointer part);
static void instance_free (gpointer instance);

RetortPlan *
retort_plan_load (const char *path, const RetortPlanOptions *options, RetortDiagnostics *diagnostics, GError **error)
{
  RetortYamlFile *file = retort_yaml_load (path, diagnostics, error);
  guint n_refused = 0;

  if (file == NULL)
    return NULL;
  g_autoptr (RetortPlan) plan = g_new0 (RetortPlan, 1);
  plan->file = file;
  plan->cells = g_ptr_array_new_with_free_func (retort_cell_free);
  plan->compares = g_ptr_array_new ();
  plan->notes = g_ptr_array_new_with_free_func (g_free);
  if (file->root != NULL) {
    g_autofree char *data_root = find_data_root (options != NULL ? options->data_root : NULL);
    RetortPlanner *planner = planner_new (plan, data_root, diagnostics);
    make (planner, options != NULL ? options->settings : NULL);
    if (retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR) == 0)
      plan->filled = retort_planner_fill (planner);
    n_refused = planner->n_refused;
    planner_free (planner);
  }
  if (n_refused > 0 && n_refused == retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_POLICY, "%s: privacy labels forbid it", path);
    return NULL;
  }
  if (!retort_diagnostics_ok (diagnostics, error))
    return NULL;
  return g_steal_pointer (&plan);
}

void
retort_plan_free (RetortPlan *plan)
{
  if (plan == NULL)
    return;
  g_ptr_array_unref (plan->cells);
  g_ptr_array_unref (plan->compares);
  g_ptr_array_unref (plan->notes);
  retort_yaml_file_free (plan->file);
  g_free (plan->name);
  g_free (plan->about);
  g_free (plan->filled);
  g_free (plan);
}

static void
make (RetortPlanner *planner, const char *const *settings)
{
  gboolean good = TRUE;

  for (guint i = 0; settings != NULL && settings[i] != NULL; i++)
    good = retort_planner_set (planner, settings[i]) && good;
  if (!good)
    return;
  retort_planner_parse (planner);
  retort_planner_expand (planner);
  check_axes (planner);
  if (planner->too_many)
    return;
  retort_planner_bind (planner);
  retort_planner_check_leaks (planner);
  retort_planner_compare (planner);
}

static void
check_axes (RetortPlanner *planner)
{
  for (guint i = 0; i < planner->axes->len; i++) {
    const RetortAxis *axis = planner->axes->pdata[i];
    g_autofree char *hint = g_strdup_printf ("write ${matrix.%s} where its values belong, or remove it", axis->name);
    if (!axis->mentioned)
      retort_planner_complain (planner, RETORT_CODE_UNUSED_AXIS, axis->at, hint, "no step mentions the axis '%s'",
                               axis->name);
  }
}

static char *
find_data_root (const char *given)
{
  if (given == NULL)
    given = g_getenv ("RETORT_DATA");
  if (given != NULL && *given != '\0')
    return g_canonicalize_filename (given, NULL);
  return g_build_filename (g_get_user_data_dir (), "retort", "data", NULL);
}

/* --- the planner --- */

static RetortPlanner *
planner_new (RetortPlan *plan, const char *data_root, RetortDiagnostics *diagnostics)
{
  RetortPlanner *planner = g_new0 (RetortPlanner, 1);

  planner->plan = plan;
  planner->file = plan->file;
  planner->diagnostics = diagnostics;
  planner->data_root = data_root;
  planner->axes = g_ptr_array_new_with_free_func (axis_free);
  planner->tasks = g_ptr_array_new_with_free_func (named_task_free);
  planner->endpoints = g_ptr_array_new_with_free_func (endpoint_free);
  planner->parts = g_ptr_array_new_with_free_func (part_free);
  planner->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  planner->order = g_ptr_array_new ();
  planner->path = g_ptr_array_new ();
  return planner;
}

static void
planner_free (RetortPlanner *planner)
{
  g_ptr_array_unref (planner->order);
  g_ptr_array_unref (planner->path);
  g_hash_table_unref (planner->by_name);
  g_ptr_array_unref (planner->parts);
  g_ptr_array_unref (planner->endpoints);
  g_ptr_array_unref (planner->tasks);
  g_ptr_array_unref (planner->axes);
  retort_task_free (planner->task);
  g_free (planner);
}

static void
axis_free (gpointer pointer)
{
  RetortAxis *axis = pointer;

  g_array_unref (axis->choices);
  g_free (axis);
}

static void
named_task_free (gpointer pointer)
{
  RetortNamedTask *named = pointer;

  retort_task_free (named->task);
  g_free (named);
}

static void
endpoint_free (gpointer pointer)
{
  RetortEndpoint *endpoint = pointer;

  retort_options_free (endpoint->plugin.options);
  g_free (endpoint);
}

static void
part_free (gpointer pointer)
{
  RetortPart *part = pointer;

  g_ptr_array_set_free_func (part->instances, instance_free);
  g_ptr_array_unref (part->instances);
  g_free (part->axes);
  g_free (part);
}

static void
instance_free (gpointer pointer)
{
  RetortPartInstance *instance = pointer;

  for (guint i = 0; i < instance->inputs->len; i++)
    g_ptr_array_unref (g_array_index (instance->inputs, RetortPartInput, i).from);
  g_array_unref (instance->inputs);
  g_free (instance->choices);
  g_free (instance->name);
  g_free (instance);
}
