/* rows - comparisons: which scores stand in a table, what its rows are called, and by which metric. */
#include "pipeline/planner.h"

#include "plugin/context.h"
#include <string.h>

/* One comparison while it is made. */
typedef struct {
  RetortPlanner *planner;
  const RetortYaml *node;
  RetortComparePlan *plan;
  GPtrArray *instances; /* of RetortPartInstance: the evaluations behind the rows */
  gboolean silent;      /* something was wrong before, so what is missing here is no news */
} Comparison;

static void compare (RetortPlanner *planner, const RetortYaml *node, char *name);
static gboolean find_rows (Comparison *comparison);
static void find_evaluations (Comparison *comparison, const RetortPart *row, const RetortPart *evaluator,
                              GPtrArray *steps);
static gboolean check_one_evaluator (Comparison *comparison, const RetortYaml *rows, GPtrArray *steps);
static gboolean find_metric (Comparison *comparison);
static RetortOptions *evaluator_options (RetortPlanner *planner, const RetortPartInstance *instance);
static RetortInstance *open_evaluator (Comparison *comparison, const RetortPartInstance *instance,
                                       const RetortMeasures **measures);
static gboolean check_metric (Comparison *comparison, const RetortMeasures *measures,
                              const RetortPartInstance *instance);
static void name_rows (Comparison *comparison);
static char *row_name (Comparison *comparison, const RetortPartInstance *instance, gboolean with_step);
static gboolean find_baseline (Comparison *comparison);
static RetortOptions *compare_options (Comparison *comparison, const RetortVerb *verb);
static void compare_all (RetortPlanner *planner);
static void compare_plan_free (gpointer plan);

void
retort_planner_compare (RetortPlanner *planner)
{
  const RetortYaml *node = retort_yaml_get (planner->file->root, "compare");

  g_ptr_array_set_free_func (planner->plan->compares, compare_plan_free);
  if (node == NULL)
    compare_all (planner);
  if (node != NULL && node->type == RETORT_YAML_MAP)
    compare (planner, node, g_strdup ("compare"));
  for (guint i = 0; node != NULL && node->type == RETORT_YAML_SEQUENCE && i < node->n_items; i++)
    compare (planner, node->items[i], g_strdup_printf ("compare:%u", i + 1));
}

/* Where a pipeline has evaluations and compares nothing, each evaluator's scores are a table of their own. */
static void
compare_all (RetortPlanner *planner)
{
  for (guint i = 0; i < planner->order->len; i++) {
    const RetortPart *part = planner->order->pdata[i];
    g_autoptr (GPtrArray) subjects = g_ptr_array_new ();
    g_autoptr (GString) text = g_string_new (NULL);
    for (guint k = 0; k < part->instances->len; k++) {
      const RetortPartInstance *instance = part->instances->pdata[k];
      if (instance->cell == NULL || instance->subject == NULL || instance->verb->gives != RETORT_ARTIFACT_SCORES
          || g_ptr_array_find (subjects, instance->subject->part, NULL))
        continue;
      g_string_append_printf (text, "%s%s", subjects->len > 0 ? ", " : "", instance->subject->part->name);
      g_ptr_array_add (subjects, instance->subject->part);
    }
    if (subjects->len == 0)
      continue;
    g_autofree char *map = g_strdup_printf ("{title: %s, scores: %s, rows: [%s]}", part->name, part->name, text->str);
    const RetortYaml *node = retort_planner_value (planner, "compare", map, part->at);
    compare (planner, node, g_strdup_printf ("compare:%s", part->name));
  }
}

static void
compare (RetortPlanner *planner, const RetortYaml *node, char *name)
{
  g_autofree char *own_name = name;
  g_autoptr (GPtrArray) instances = g_ptr_array_new ();
  RetortComparePlan *plan = g_new0 (RetortComparePlan, 1);
  Comparison comparison = { planner, node, plan, instances, FALSE };
  const RetortYaml *title = retort_yaml_get (node, "title");
  const RetortVerb *verb = retort_verb_find ("compare");

  plan->rows = g_ptr_array_new ();
  plan->row_labels = g_ptr_array_new_with_free_func (g_free);
  plan->row_subjects = g_ptr_array_new ();
  plan->baseline = -1;
  g_ptr_array_add (planner->plan->compares, plan);
  if (!retort_keys_check (retort_keys_compare, planner->file, node, node, "a comparison", planner->diagnostics)
      || !find_rows (&comparison))
    return;
  plan->title = g_strdup (title != NULL ? title->text : planner->plan->name);
  name_rows (&comparison);
  const gboolean good = find_metric (&comparison);
  if (!find_baseline (&comparison) || !good)
    return;

  RetortOptions *options = compare_options (&comparison, verb);
  if (options == NULL)
    return;
  plan->cell = retort_planner_cell (planner, g_steal_pointer (&own_name), "compare", verb->name, verb, node);
  plan->cell->options = options;
  for (guint i = 0; i < plan->rows->len; i++)
    retort_cell_add_input (plan->cell, "scores", plan->rows->pdata[i]);
  const RetortTask *task = ((RetortCell *)plan->rows->pdata[0])->task;
  plan->cell->task = task != NULL ? retort_task_copy (task) : NULL;
  /* The evaluator measures again what bootstrap and randomisation draw. */
  const RetortPartInstance *scored = instances->pdata[0];
  plan->cell->plugin.loaded = scored->cell->plugin.loaded;
  plan->cell->plugin.options = evaluator_options (planner, scored);
}

/* --- which evaluations --- */

static gboolean
find_rows (Comparison *comparison)
{
  RetortPlanner *planner = comparison->planner;
  const RetortYaml *rows = retort_yaml_get (comparison->node, "rows");
  const RetortYaml *scores = retort_yaml_get (comparison->node, "scores");
  g_autoptr (GPtrArray) steps = g_ptr_array_new ();
  g_auto (GStrv) names = retort_planner_part_names (planner);
  gboolean good = TRUE;

  if (scores != NULL && retort_planner_part (planner, scores->text) == NULL) {
    g_autofree char *hint = retort_hint (scores->text, (const char *const *)names, "steps and data");
    retort_planner_complain (planner, RETORT_CODE_UNKNOWN_STEP, scores, hint, "there is no step '%s'", scores->text);
    good = FALSE;
  }
  for (guint i = 0; i < rows->n_items; i++) {
    const RetortPart *row = retort_planner_part (planner, rows->items[i]->text);
    const guint n_before = comparison->instances->len;
    if (row == NULL) {
      g_autofree char *hint = retort_hint (rows->items[i]->text, (const char *const *)names, "steps and data");
      retort_planner_complain (planner, RETORT_CODE_UNKNOWN_STEP, rows->items[i], hint, "there is no step '%s'",
                               rows->items[i]->text);
      good = FALSE;
      continue;
    }
    for (guint j = 0; j < planner->order->len; j++) {
      const RetortPart *evaluator = planner->order->pdata[j];
      if (scores == NULL || strcmp (evaluator->name, scores->text) == 0)
        find_evaluations (comparison, row, evaluator, steps);
    }
    if (comparison->instances->len > n_before)
      continue;
    if (good && !comparison->silent)
      retort_planner_complain (planner, RETORT_CODE_COMPARE_ROW, rows->items[i],
                               "a step `use: evaluator/...` has to have it among its `predicted`", "%s scores '%s'",
                               scores != NULL ? scores->text : "no step", row->name);
    good = FALSE;
  }
  if (rows->n_items == 0)
    retort_planner_complain (planner, RETORT_CODE_COMPARE_ROW, rows, NULL, "a comparison has at least one row");
  return good && comparison->instances->len > 0 && check_one_evaluator (comparison, rows, steps);
}

static void
find_evaluations (Comparison *comparison, const RetortPart *row, const RetortPart *evaluator, GPtrArray *steps)
{
  comparison->silent = comparison->silent || evaluator->broken || row->broken;
  for (guint i = 0; i < evaluator->instances->len; i++) {
    RetortPartInstance *instance = evaluator->instances->pdata[i];
    comparison->silent = comparison->silent || instance->cell == NULL;
    if (instance->verb->gives != RETORT_ARTIFACT_SCORES || instance->subject == NULL || instance->subject->part != row
        || instance->cell == NULL)
      continue;
    g_ptr_array_add (comparison->instances, instance);
    g_ptr_array_add (comparison->plan->rows, instance->cell);
    g_ptr_array_add (comparison->plan->row_subjects, instance->subject->cell);
    if (!g_ptr_array_find (steps, evaluator, NULL))
      g_ptr_array_add (steps, (gpointer)evaluator);
  }
}

static gboolean
check_one_evaluator (Comparison *comparison, const RetortYaml *rows, GPtrArray *steps)
{
  g_autoptr (GString) names = g_string_new (NULL);

  if (steps->len == 1)
    return TRUE;
  for (guint i = 0; i < steps->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", ((RetortPart *)steps->pdata[i])->name);
  g_autofree char *hint = g_strdup_printf ("scores: %s", ((RetortPart *)steps->pdata[0])->name);
  retort_planner_complain (comparison->planner, RETORT_CODE_COMPARE_SCORES, rows, hint,
                           "several steps score these rows: %s; say which one with 'scores'", names->str);
  return FALSE;
}

/* --- metric --- */

static gboolean
find_metric (Comparison *comparison)
{
  const RetortYaml *metric = retort_yaml_get (comparison->node, "metric");
  const RetortPartInstance *last = NULL;

  comparison->plan->metric = metric != NULL ? g_strdup (metric->text) : NULL;
  for (guint i = 0; i < comparison->instances->len; i++) {
    const RetortPartInstance *instance = comparison->instances->pdata[i];
    const RetortMeasures *measures;
    if (last != NULL && last->node == instance->node && retort_task_equal (last->cell->task, instance->cell->task))
      continue;
    g_autoptr (RetortInstance) evaluator = open_evaluator (comparison, instance, &measures);
    if (evaluator == NULL || !check_metric (comparison, measures, instance))
      return FALSE;
    last = instance;
  }
  return TRUE;
}

static RetortOptions *
evaluator_options (RetortPlanner *planner, const RetortPartInstance *instance)
{
  const RetortLoaded *loaded = instance->cell->plugin.loaded;
  return retort_options_fill (&loaded->table, planner->file, retort_yaml_get (instance->node, "with"),
                              retort_yaml_get (instance->node, "use"), loaded->id, planner->diagnostics);
}

static RetortInstance *
open_evaluator (Comparison *comparison, const RetortPartInstance *instance, const RetortMeasures **measures)
{
  RetortPlanner *planner = comparison->planner;
  const RetortLoaded *loaded = instance->cell->plugin.loaded;
  const RetortEvaluatorRole *role = loaded->role;
  const RetortYaml *use = retort_yaml_get (instance->node, "use");
  g_autoptr (GError) error = NULL;
  g_autoptr (RetortContext) context = retort_context_new (loaded->id, instance->cell->seed, 1, planner->diagnostics);
  g_autoptr (RetortInstance) evaluator =
      retort_instance_open (loaded, evaluator_options (planner, instance), context, &error);

  *measures = evaluator != NULL ? role->prepare (evaluator->self, instance->cell->task, &error) : NULL;
  if (*measures == NULL)
    retort_planner_complain (planner, RETORT_CODE_TASK_NEEDS, use, NULL, "%s cannot score the task of step '%s': %s",
                             loaded->id, instance->part->name, error->message);
  return *measures != NULL ? g_steal_pointer (&evaluator) : NULL;
}

static gboolean
check_metric (Comparison *comparison, const RetortMeasures *measures, const RetortPartInstance *instance)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *metric = comparison->plan->metric;

  if (metric == NULL) {
    comparison->plan->metric = g_strdup (measures->metrics[0].name);
    return TRUE;
  }
  for (guint i = 0; i < measures->n_metrics; i++) {
    if (strcmp (measures->metrics[i].name, metric) == 0)
      return TRUE;
    g_ptr_array_add (names, (char *)measures->metrics[i].name);
  }
  g_ptr_array_add (names, NULL);
  const RetortYaml *at = retort_yaml_get (comparison->node, "metric");
  g_autofree char *hint = retort_hint (metric, (const char *const *)names->pdata, "metrics");
  retort_planner_complain (comparison->planner, RETORT_CODE_COMPARE_METRIC, at != NULL ? at : comparison->node, hint,
                           "step '%s' (%s) has no metric '%s'", instance->part->name, instance->cell->use, metric);
  return FALSE;
}

/* --- names of rows --- */

/* As short as can be told apart: with the step's name only where two rows would be called the same. */
static void
name_rows (Comparison *comparison)
{
  GPtrArray *labels = comparison->plan->row_labels;
  const guint n = comparison->instances->len;
  g_autoptr (GHashTable) count = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < n; i++) {
    char *name = row_name (comparison, comparison->instances->pdata[i], FALSE);
    g_hash_table_insert (count, name, GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (count, name)) + 1));
  }
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = row_name (comparison, comparison->instances->pdata[i], FALSE);
    const gboolean unique = GPOINTER_TO_UINT (g_hash_table_lookup (count, name)) == 1;
    g_ptr_array_add (labels, row_name (comparison, comparison->instances->pdata[i], !unique));
  }
}

/* "both / crf" */
static char *
row_name (Comparison *comparison, const RetortPartInstance *instance, gboolean with_step)
{
  GString *name = g_string_new (NULL);
  RetortKind kind;

  for (guint i = 0; i < instance->cell->axes->len; i++) {
    const char *value = g_array_index (instance->cell->axes, RetortAxisValue, i).value;
    const char *slash = strchr (value, '/');
    g_autofree char *before = slash != NULL ? g_strndup (value, slash - value) : NULL;
    if (before != NULL && slash[1] != '\0' && retort_kind_parse (before, &kind))
      value = slash + 1;
    g_string_append_printf (name, "%s%s", name->len > 0 ? " / " : "", value);
  }
  if (name->len == 0)
    g_string_assign (name, instance->subject->part->name);
  else if (with_step) {
    g_string_prepend (name, " / ");
    g_string_prepend (name, instance->subject->part->name);
  }
  return g_string_free (name, FALSE);
}

/* Index of the row called `text`, or of the only row of a step called so; -1 after a complaint at `at`. */
static gint
find_row (Comparison *comparison, const char *text, const RetortYaml *at, RetortCode code)
{
  const RetortComparePlan *plan = comparison->plan;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < plan->row_labels->len; i++) {
    const RetortPartInstance *instance = comparison->instances->pdata[i];
    if (strcmp (plan->row_labels->pdata[i], text) == 0
        || (instance->cell->axes->len == 0 && strcmp (instance->subject->part->name, text) == 0))
      return (gint)i;
    g_ptr_array_add (names, plan->row_labels->pdata[i]);
  }
  g_ptr_array_add (names, NULL);
  g_autofree char *hint = retort_hint (text, (const char *const *)names->pdata, "rows");
  retort_planner_complain (comparison->planner, code, at, hint, "no row of this comparison is called '%s'", text);
  return -1;
}

static gboolean
find_baseline (Comparison *comparison)
{
  const RetortYaml *baseline = retort_yaml_get (comparison->node, "baseline");

  if (baseline == NULL)
    return TRUE;
  comparison->plan->baseline = find_row (comparison, baseline->text, baseline, RETORT_CODE_COMPARE_BASELINE);
  return comparison->plan->baseline >= 0;
}

/* Every finding is `better > worse`, two rows; appended as a map of statement -> the rows' labels in that form. */
static gboolean
append_findings (Comparison *comparison, GString *out)
{
  const RetortYaml *findings = retort_yaml_get (comparison->node, "findings");
  const RetortComparePlan *plan = comparison->plan;
  gboolean good = TRUE;

  for (guint i = 0; findings != NULL && i < findings->n_items; i++) {
    const RetortYaml *at = findings->items[i];
    g_auto (GStrv) sides = g_strsplit (at->text != NULL ? at->text : "", " > ", 2);
    if (g_strv_length (sides) != 2) {
      retort_planner_complain (comparison->planner, RETORT_CODE_COMPARE_FINDING, at, "for instance: synthetic / crf > zero-shot",
                               "a finding names two rows, the better one first: `better > worse`");
      good = FALSE;
      continue;
    }
    const gint better = find_row (comparison, g_strstrip (sides[0]), at, RETORT_CODE_COMPARE_FINDING);
    const gint worse = find_row (comparison, g_strstrip (sides[1]), at, RETORT_CODE_COMPARE_FINDING);
    good = good && better >= 0 && worse >= 0;
    if (!good)
      continue;
    g_autofree char *rows = g_strdup_printf ("%s > %s", (char *)plan->row_labels->pdata[better],
                                             (char *)plan->row_labels->pdata[worse]);
    g_string_append (out, i > 0 ? ", " : ", findings: {");
    retort_json_append_string (out, findings->keys[i]->text, -1);
    g_string_append (out, ": ");
    retort_json_append_string (out, rows, -1);
  }
  g_string_append (out, good && findings != NULL && findings->n_items > 0 ? "}" : "");
  return good;
}

/* The table of the verb fills them, as for any other cell. */
static RetortOptions *
compare_options (Comparison *comparison, const RetortVerb *verb)
{
  const RetortComparePlan *plan = comparison->plan;
  const RetortYaml *rounds = retort_yaml_get (comparison->node, "rounds");
  const RetortOptionTable table = retort_verb_table (verb);
  g_autoptr (GString) text = g_string_new ("{metric: ");

  retort_json_append_string (text, plan->metric, -1);
  g_string_append (text, ", rows: [");
  for (guint i = 0; i < plan->row_labels->len; i++) {
    g_string_append (text, i > 0 ? ", " : "");
    retort_json_append_string (text, plan->row_labels->pdata[i], -1);
  }
  g_string_append (text, "]");
  if (plan->baseline >= 0) {
    g_string_append (text, ", baseline: ");
    retort_json_append_string (text, plan->row_labels->pdata[plan->baseline], -1);
  }
  if (rounds != NULL)
    g_string_append_printf (text, ", rounds: %s", rounds->text);
  if (!append_findings (comparison, text))
    return NULL;
  g_string_append (text, "}");
  RetortYaml *map
      = retort_planner_value (comparison->planner, "compare", text->str, rounds != NULL ? rounds : comparison->node);
  return retort_options_fill (&table, comparison->planner->file, map, comparison->node, "compare",
                              comparison->planner->diagnostics);
}

static void
compare_plan_free (gpointer pointer)
{
  RetortComparePlan *plan = pointer;

  g_free (plan->title);
  g_ptr_array_unref (plan->rows);
  g_ptr_array_unref (plan->row_labels);
  g_ptr_array_unref (plan->row_subjects);
  g_free (plan->metric);
  g_free (plan);
}
