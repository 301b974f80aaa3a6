/* cmd-schema - JSON Schemas of the files that users write, for their editors. */
#include "cli/cli.h"

#include "pipeline/plan.h"
#include <stdio.h>

extern const RetortCommand retort_command_schema;

static int
run (RetortCli *cli, char **args)
{
  if (args[0] != NULL && !g_str_equal (args[0], "pipeline"))
    return retort_cli_usage (&retort_command_schema, "there is no schema of '%s'", args[0]);
  g_autoptr (GPtrArray) plugins = retort_plugin_list ();
  g_autoptr (JsonNode) schema = retort_plan_schema (plugins);
  g_autofree char *text = retort_json_pretty (schema);
  fputs (text, stdout);
  return 0;
}

const RetortCommand retort_command_schema = {
  .name = "schema",
  .summary = "Prints the JSON Schema of pipeline files, for editors.",
  .usage = "[pipeline]",
  .details = "The schema knows the plugins that are found here. In a pipeline file, point to it with a first line\n"
             "`# yaml-language-server: $schema=FILE`.",
  .max_args = 1,
  .run = run,
};
