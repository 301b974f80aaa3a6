/* cmd-check - says all that is wrong with a pipeline, and runs nothing. */
#include "cli/cli.h"

#include "base/exit-status.h"
#include "pipeline/plan.h"
#include <stdio.h>

static int
run (RetortCli *cli, char **args)
{
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  const RetortPlanOptions options = { cli->data, (const char *const *)cli->settings };
  int status = 0;

  for (guint i = 0; args[i] != NULL; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RetortDiagnostics) own = retort_diagnostics_new ();
    g_autoptr (RetortPlan) plan = retort_plan_load (args[i], &options, own, &error);
    if (plan == NULL && retort_diagnostics_count (own, RETORT_SEVERITY_ERROR) == 0) {
      status = retort_cli_fail (cli, error); /* it cannot be read; the others can */
      continue;
    }
    g_autofree char *json = retort_diagnostics_to_json (own);
    if (!retort_diagnostics_add_json (diagnostics, json, NULL))
      g_assert_not_reached ();
    if (plan == NULL)
      status = retort_error_exit_status (error);
    else if (!cli->json)
      printf ("%s: ok, %u cells\n", args[i], plan->cells->len);
  }
  retort_cli_diagnose (cli, diagnostics);
  return status;
}

const RetortCommand retort_command_check = {
  .name = "check",
  .summary = "Says what is wrong with pipeline files, without running them.",
  .usage = "FILE [FILE...]",
  .details = "Reports everything that can be known before a step runs: keys, names, options, plugins, tasks, privacy\n"
             "labels, files that are missing, prompts. `retort explain CODE` says more about each complaint.",
  .min_args = 1,
  .max_args = 1000,
  .run = run,
};
