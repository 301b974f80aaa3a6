/* cmd-compare - the comparisons of a run again, in another dress. */
#include "cli/cli.h"

#include "experiment/table.h"
#include "pipeline/results.h"
#include <stdio.h>

static char *format_name;
static gboolean details;

static const GOptionEntry entries[] = {
  { "format", 0, 0, G_OPTION_ARG_STRING, &format_name, "text (default), markdown, csv or json", "FORMAT" },
  { "details", 0, 0, G_OPTION_ARG_NONE, &details, "Each label's scores too", NULL },
  { NULL },
};

static int
find_format (const char *name)
{
  for (int i = 0; retort_table_format_names[i] != NULL; i++)
    if (g_str_equal (retort_table_format_names[i], name))
      return i;
  return -1;
}

static int
run (RetortCli *cli, char **args)
{
  const char *name = cli->json ? "json" : format_name != NULL ? format_name : "text";
  int format = find_format (name);
  g_autoptr (GError) error = NULL;

  if (format < 0) {
    fprintf (stderr, "retort compare: --format takes text, markdown, csv or json, not '%s'\n", name);
    return 2;
  }
  g_autoptr (JsonNode) manifest = retort_manifest_load (args[0], &error);
  g_autoptr (RetortStore) store = manifest != NULL ? retort_manifest_store (args[0], &error) : NULL;
  g_autoptr (GPtrArray) comparisons = store != NULL ? retort_results_comparisons (manifest, store, &error) : NULL;
  if (comparisons == NULL)
    return retort_cli_fail (cli, error);

  const RetortTableStyle style = { .format = (RetortTableFormat) format, .details = details };
  if (format == RETORT_TABLE_JSON)
    puts ("[");
  for (guint i = 0; i < comparisons->len; i++) {
    g_autofree char *table = retort_table (comparisons->pdata[i], &style);
    printf ("%s%s", i == 0 ? "" : format == RETORT_TABLE_JSON ? ",\n" : "\n", table);
  }
  if (format == RETORT_TABLE_JSON)
    puts ("]");
  return 0;
}

const RetortCommand retort_command_compare = {
  .name = "compare", .summary = "Prints the comparisons of a run.", .usage = "RUN",
  .details = "RUN is a folder under retort-out/runs.",
  .entries = entries, .min_args = 1, .max_args = 1, .run = run,
};
