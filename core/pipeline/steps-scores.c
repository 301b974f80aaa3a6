/* steps-scores - an evaluation, and the comparison of several. */
#include "base/util.h"
#include "experiment/comparison.h"
#include "experiment/scores.h"
#include "pipeline/run.h"

static const RetortComparisonInput *find_input (const RetortComparisonInput *rows, guint n, const char *label);
static gboolean try_findings (RetortCellRun *run, const RetortMeter *meter, const RetortComparisonInput *rows, guint n,
                              GError **error);

gboolean
retort_run_evaluate (RetortCellRun *run, GError **error)
{
  g_autofree char *gold = retort_cell_input (run, "gold", 0, RETORT_ARTIFACT_CORPUS);
  g_autofree char *predicted = retort_cell_input (run, "predicted", 0, RETORT_ARTIFACT_CORPUS);
  g_autofree char *path = retort_cell_output (run);
  RetortMeter meter;

  if (!retort_meter_init (&meter, run->plugin->loaded->role, run->plugin->self, run->task, error))
    return FALSE;
  g_autoptr (RetortPairs) pairs = retort_pairs_open (gold, predicted, run->diagnostics, error);
  g_autoptr (RetortScores) scores = retort_scores_new (run->plugin->loaded->id, &meter);
  if (pairs == NULL || !retort_scores_add_pairs (scores, &meter, pairs, run->context, error))
    return FALSE;
  retort_scores_finish (scores, &meter);
  return retort_scores_write (scores, path, error);
}

gboolean
retort_run_compare (RetortCellRun *run, GError **error)
{
  const RetortCompareOptions *options = run->options->data;
  guint n_parts = retort_cell_n_parts (run, "scores"), n = 0;
  g_autoptr (GPtrArray) scores = g_ptr_array_new_with_free_func ((GDestroyNotify) retort_scores_free);
  g_autofree RetortComparisonInput *rows = g_new0 (RetortComparisonInput, n_parts);
  g_autofree char *path = retort_cell_output (run);
  RetortMeter meter;

  if (g_strv_length ((char **) options->rows) != n_parts) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%u rows are named, but there are %u",
                 g_strv_length ((char **) options->rows), n_parts);
    return FALSE;
  }
  if (!retort_meter_init (&meter, run->plugin->loaded->role, run->plugin->self, run->task, error))
    return FALSE;
  for (guint i = 0; i < n_parts; i++) {
    if (*retort_cell_part (run, "scores", i)->path == '\0') {
      retort_context_warn (run->context, "the row '%s' is missing: a step that it needs failed", options->rows[i]);
      continue;
    }
    g_autofree char *from = retort_cell_input (run, "scores", i, RETORT_ARTIFACT_SCORES);
    RetortScores *one = retort_scores_load (from, error);
    if (one == NULL)
      return FALSE;
    g_ptr_array_add (scores, one);
    rows[n++] = (RetortComparisonInput) { .label = options->rows[i], .scores = one };
  }
  const char *baseline =
      options->baseline != NULL && find_input (rows, n, options->baseline) != NULL ? options->baseline : NULL;
  g_autoptr (RetortComparison) comparison = retort_comparison_new (
      NULL, &meter, rows, n, options->metric, baseline, (guint) options->rounds, run->seed, error);
  return comparison != NULL && retort_comparison_write (comparison, path, error) &&
         try_findings (run, &meter, rows, n, error);
}

static const RetortComparisonInput *
find_input (const RetortComparisonInput *rows, guint n, const char *label)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (rows[i].label, label))
      return &rows[i];
  return NULL;
}

/* A finding of others is a comparison of two rows, with the statement as its title. */
static gboolean
try_findings (RetortCellRun *run, const RetortMeter *meter, const RetortComparisonInput *rows, guint n, GError **error)
{
  const RetortCompareOptions *options = run->options->data;
  g_autofree char *path = retort_cell_output_file (run, RETORT_FINDINGS_FILE);
  g_autoptr (GString) json = g_string_new ("[");

  for (guint i = 0; options->findings != NULL && options->findings[i] != NULL; i += 2) {
    g_auto (GStrv) sides = g_strsplit (options->findings[i + 1], " > ", 2);
    const RetortComparisonInput *better = find_input (rows, n, sides[0]), *worse = find_input (rows, n, sides[1]);
    if (better == NULL || worse == NULL)
      continue; /* a row is missing, which has been said; the planner checked the names */
    const RetortComparisonInput pair[] = { *worse, *better };
    g_autoptr (RetortComparison) finding =
        retort_comparison_new (options->findings[i], meter, pair, 2, options->metric, worse->label,
                               (guint) options->rounds, run->seed, error);
    if (finding == NULL)
      return FALSE;
    g_autofree char *one = retort_comparison_to_json (finding);
    g_string_append_printf (json, "%s\n%s", json->len > 1 ? "," : "", g_strchomp (one));
  }
  g_string_append (json, "\n]\n");
  return retort_file_write (path, json->str, (gssize) json->len, error);
}
