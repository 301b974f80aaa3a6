/* steps-scores - an evaluation, and the comparison of several. */
#include "experiment/comparison.h"
#include "experiment/scores.h"
#include "pipeline/run.h"

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
  guint n = retort_cell_n_parts (run, "scores");
  g_autoptr (GPtrArray) scores = g_ptr_array_new_with_free_func ((GDestroyNotify) retort_scores_free);
  g_autofree RetortComparisonInput *rows = g_new0 (RetortComparisonInput, n);
  g_autofree char *path = retort_cell_output (run);
  RetortMeter meter;

  if (g_strv_length ((char **) options->rows) != n) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%u rows are named, but there are %u",
                 g_strv_length ((char **) options->rows), n);
    return FALSE;
  }
  if (!retort_meter_init (&meter, run->plugin->loaded->role, run->plugin->self, run->task, error))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    g_autofree char *from = retort_cell_input (run, "scores", i, RETORT_ARTIFACT_SCORES);
    RetortScores *one = retort_scores_load (from, error);
    if (one == NULL)
      return FALSE;
    g_ptr_array_add (scores, one);
    rows[i] = (RetortComparisonInput) { .label = options->rows[i], .scores = one };
  }
  g_autoptr (RetortComparison) comparison = retort_comparison_new (
      NULL, &meter, rows, n, options->metric, options->baseline, (guint) options->rounds, run->seed, error);
  return comparison != NULL && retort_comparison_write (comparison, path, error);
}
