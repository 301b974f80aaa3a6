/* cmd-report - writes the tables and the page of a run again. */
#include "cli/cli.h"

#include "pipeline/results.h"
#include <retort/json.h>
#include <stdio.h>

static char *level_name;

static const GOptionEntry entries[] = {
  { "level", 0, 0, G_OPTION_ARG_STRING, &level_name, "full (default), or aggregate: no texts, no small counts", "LEVEL" },
  { NULL },
};

static int
run (RetortCli *cli, char **args)
{
  const char *name = level_name != NULL ? level_name : "full";
  RetortPageLevel level = g_str_equal (name, "aggregate") ? RETORT_PAGE_AGGREGATE : RETORT_PAGE_FULL;
  g_autoptr (GError) error = NULL;

  if (level == RETORT_PAGE_FULL && !g_str_equal (name, "full")) {
    fprintf (stderr, "retort report: --level takes full or aggregate, not '%s'\n", name);
    return 2;
  }
  if (!retort_results_write (args[0], level, &error))
    return retort_cli_fail (cli, error);
  g_autofree char *page = g_build_filename (args[0], level == RETORT_PAGE_FULL ? "." : "aggregate", "report.html", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  if (cli->json)
    retort_json_append_string (text, page, -1);
  puts (cli->json ? text->str : page);
  return 0;
}

const RetortCommand retort_command_report = {
  .name = "report", .summary = "Writes the tables and the page of a run again.", .usage = "RUN",
  .details = "RUN is a folder under retort-out/runs. With --level aggregate what is written to RUN/aggregate can leave "
             "a hospital: it has no texts, and counts below 5 are shown as <5.",
  .entries = entries, .min_args = 1, .max_args = 1, .run = run,
};
