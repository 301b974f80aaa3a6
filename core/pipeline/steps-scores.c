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
