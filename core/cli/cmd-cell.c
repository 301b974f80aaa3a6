/* cmd-cell - one step of a pipeline, in a process of its own: what `retort run` starts. */
#include "cli/cli.h"

#include "pipeline/cell.h"

static gboolean allow_network;
static gint parent;

static const GOptionEntry entries[] = {
  { "allow-network", 0, 0, G_OPTION_ARG_NONE, &allow_network, "Do not take the network away first", NULL },
  { "parent", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &parent, "Ends when this process does", "ID" },
  { NULL },
};

static int
run (RetortCli *cli, char **args)
{
  const RetortCellOptions options = { .allow_network = allow_network, .parent = parent };
  return retort_cell_main (args[0], &options);
}

const RetortCommand retort_command_cell = {
  .name = "cell", .summary = "Runs one step from its work folder; `run` does this.", .usage = "FOLDER",
  .details = "FOLDER holds spec.json, and gets what the step makes, then moves into the store. What went wrong is left in "
             "FOLDER/error.json.",
  .entries = entries, .min_args = 1, .max_args = 1, .run = run,
};
