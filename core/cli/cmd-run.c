/* cmd-run - runs a pipeline: what is not in the store yet, then the comparison and the page. */
#include "cli/cli.h"
#include "cli/progress.h"

#include "base/util.h"

#include "pipeline/manifest.h"
#include "pipeline/results.h"
#include <retort/json.h>
#include <stdio.h>

static gboolean in_process, allow_network;

static const GOptionEntry entries[] = {
  { "in-process", 0, 0, G_OPTION_ARG_NONE, &in_process, "Steps in this process, one by one, with the network (for a debugger)", NULL },
  { "allow-network", 0, 0, G_OPTION_ARG_NONE, &allow_network, "Do not take the network from steps", NULL },
  { NULL },
};

static RetortExecution *execute (RetortCli *cli, RetortPlan *plan, RetortStore *store, RetortDiagnostics *diagnostics,
                                 GError **error);
static int exit_status (const RetortExecution *execution);
static void say_how_it_went (const RetortExecution *execution);
static gboolean print_tables (const char *folder, GError **error);
static gboolean print_json (const char *folder, const RetortDiagnostics *diagnostics, GError **error);

static int
run (RetortCli *cli, char **args)
{
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (GError) error = NULL;
  const RetortPlanOptions plan_options = { cli->data, (const char *const *) cli->settings };
  g_autoptr (RetortPlan) plan = retort_plan_load (args[0], &plan_options, diagnostics, &error);

  if (plan == NULL) {
    retort_cli_diagnose (cli, diagnostics);
    return retort_cli_fail (cli, error);
  }
  g_autofree char *store_path = retort_cli_store_path (cli);
  g_autoptr (RetortStore) store = retort_store_open (store_path, &error);
  g_autoptr (RetortExecution) execution =
      store != NULL ? execute (cli, plan, store, diagnostics, &error) : NULL;
  if (execution == NULL || !cli->json)
    retort_cli_diagnose (cli, diagnostics);
  if (execution == NULL)
    return retort_cli_fail (cli, error);
  say_how_it_went (execution);
  if (execution->interrupted)
    return exit_status (execution);

  g_autofree char *folder = retort_manifest_write (execution, cli->out, &error);
  if (folder == NULL || !retort_results_write (folder, RETORT_PAGE_FULL, &error) ||
      !(cli->json ? print_json (folder, diagnostics, &error) : print_tables (folder, &error)))
    return retort_cli_fail (cli, error);
  return exit_status (execution);
}

static RetortExecution *
execute (RetortCli *cli, RetortPlan *plan, RetortStore *store, RetortDiagnostics *diagnostics, GError **error)
{
  g_autoptr (RetortProgress) progress = retort_progress_new (cli->quiet);
  const RetortExecuteOptions options = {
    .jobs = (guint) cli->jobs, .in_process = in_process, .allow_network = allow_network,
    .progress = retort_progress_show, .user = progress,
  };
  return retort_execute (plan, store, &options, diagnostics, error);
}

/* If all that failed did so for one reason, that; else that a step failed. */
static int
exit_status (const RetortExecution *execution)
{
  gboolean all_data = TRUE;

  if (execution->interrupted)
    return 130;
  for (guint i = 0; i < execution->plan->cells->len; i++) {
    const RetortOutcome *outcome = &execution->outcomes[i];
    if (outcome->state != RETORT_STATE_FAILED)
      continue;
    if (outcome->error == RETORT_ERROR_POLICY)
      return 77;
    if (outcome->error == RETORT_ERROR_LIMIT)
      return 4;
    all_data = all_data && outcome->error == RETORT_ERROR_DATA;
  }
  return execution->n_failed == 0 ? 0 : all_data ? 1 : 3;
}

static void
say_how_it_went (const RetortExecution *execution)
{
  g_autofree char *time = retort_format_seconds (execution->seconds);
  guint n = execution->plan->cells->len;

  if (execution->interrupted)
    fprintf (stderr, "Interrupted after %s: %u of %u steps are in the store; the same command goes on from there.\n",
             time, execution->n_finished, n);
  else if (execution->n_failed > 0)
    fprintf (stderr, "%u of %u steps failed, and what needs them was skipped; the rest is in the store.\n",
             execution->n_failed, n);
  else if (execution->n_cached == n)
    fprintf (stderr, "All %u steps were in the store already.\n", n);
  else
    fprintf (stderr, "%u steps in %s, %u of them from the store.\n", n, time, execution->n_cached);
}

/* The tables, then where the page is. */
static gboolean
print_tables (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "tables.txt", NULL);
  g_autofree char *page = g_build_filename (folder, "report.html", NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  printf ("%s%sReport: %s\n", text, *text != '\0' ? "\n" : "", page);
  return TRUE;
}

static gboolean
print_json (const char *folder, const RetortDiagnostics *diagnostics, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "comparisons.json", NULL);
  g_autofree char *comparisons = NULL;
  g_autofree char *list = retort_diagnostics_to_json (diagnostics);
  g_autoptr (GString) run = g_string_new (NULL);

  if (!g_file_get_contents (path, &comparisons, NULL, error))
    return FALSE;
  retort_json_append_string (run, folder, -1);
  printf ("{\"run\": %s,\n\"comparisons\": %s,\n\"diagnostics\": %s}\n", run->str, g_strchomp (comparisons),
          g_strchomp (list));
  return TRUE;
}

const RetortCommand retort_command_run = {
  .name = "run", .summary = "Runs a pipeline and prints the comparison.", .usage = "FILE",
  .details = "What is in the store already is taken from there, so a run that was interrupted goes on where it stopped, "
             "and a changed step runs again with all that depends on it. Ctrl-C once lets the steps at work save what they can and stops, twice stops now. "
             "With --json: an object of the run's folder, its comparisons, and the diagnostics; of a pipeline that is wrong, "
             "the diagnostics alone.",
  .entries = entries, .min_args = 1, .max_args = 1, .run = run,
};
