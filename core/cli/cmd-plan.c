/* cmd-plan - what a run would do: every step after expansion, and whether the store has it. */
#include "cli/cli.h"

#include "pipeline/key.h"
#include "pipeline/plan.h"
#include "pipeline/store.h"
#include <retort/json.h>
#include <stdio.h>

/* What is known of a cell before it runs. */
static const char *
state_of (const RetortStore *store, const char *key)
{
  return key == NULL ? "unknown" : retort_store_has (store, key) ? "stored" : "to run";
}

/* The first input that is not there yet: what the key waits for. */
static const char *
waits_for (const RetortCell *cell, const RetortStore *store, char *const *keys)
{
  for (guint i = 0; i < cell->inputs->len; i++) {
    const RetortCellInput *input = &g_array_index (cell->inputs, RetortCellInput, i);
    for (guint k = 0; k < input->from->len; k++) {
      const RetortCell *from = input->from->pdata[k];
      if (keys[from->index] == NULL || !retort_store_has (store, keys[from->index]))
        return from->name;
    }
  }
  return "";
}

static void
print_cell (const RetortCell *cell, const RetortStore *store, char *const *keys, int name_width)
{
  const char *state = state_of (store, keys[cell->index]);

  printf ("%-8s %-*s  %-20s %-12s", state, name_width, cell->name, cell->use, retort_label_names[cell->label]);
  if (keys[cell->index] != NULL)
    printf (" %.12s\n", keys[cell->index]);
  else
    printf (" until %s has run\n", waits_for (cell, store, keys));
}

static JsonObject *
cell_object (const RetortCell *cell, const RetortStore *store, char *const *keys)
{
  JsonObject *object = json_object_new ();
  JsonArray *inputs = json_array_new ();

  json_object_set_string_member (object, "name", cell->name);
  json_object_set_string_member (object, "use", cell->use);
  json_object_set_string_member (object, "label", retort_label_names[cell->label]);
  json_object_set_string_member (object, "state", state_of (store, keys[cell->index]));
  if (keys[cell->index] != NULL)
    json_object_set_string_member (object, "key", keys[cell->index]);
  for (guint i = 0; i < cell->inputs->len; i++) {
    const RetortCellInput *input = &g_array_index (cell->inputs, RetortCellInput, i);
    for (guint k = 0; k < input->from->len; k++)
      json_array_add_string_element (inputs, ((RetortCell *) input->from->pdata[k])->name);
  }
  json_object_set_array_member (object, "inputs", inputs);
  return object;
}

static void
print_json (const RetortPlan *plan, const RetortStore *store, char *const *keys)
{
  JsonArray *cells = json_array_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; i < plan->cells->len; i++)
    json_array_add_object_element (cells, cell_object (plan->cells->pdata[i], store, keys));
  json_node_take_array (node, cells);
  g_autofree char *text = retort_json_pretty (node);
  fputs (text, stdout);
}

static void
print_text (const RetortPlan *plan, const RetortStore *store, char *const *keys)
{
  guint n_stored = 0;
  int width = 0;

  for (guint i = 0; i < plan->cells->len; i++)
    width = MAX (width, (int) strlen (((RetortCell *) plan->cells->pdata[i])->name));
  for (guint i = 0; i < plan->cells->len; i++) {
    print_cell (plan->cells->pdata[i], store, keys, width);
    n_stored += keys[i] != NULL && retort_store_has (store, keys[i]);
  }
  printf ("%u steps, %u of them in the store\n", plan->cells->len, n_stored);
}

static int
run (RetortCli *cli, char **args)
{
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (GError) error = NULL;
  const RetortPlanOptions options = { cli->data, (const char *const *) cli->settings };
  g_autoptr (RetortPlan) plan = retort_plan_load (args[0], &options, diagnostics, &error);
  g_autofree char *path = retort_cli_store_path (cli);

  if (plan == NULL || !cli->json)
    retort_cli_diagnose (cli, diagnostics);
  g_autoptr (RetortStore) store = plan != NULL ? retort_store_open (path, &error) : NULL;
  if (store == NULL)
    return retort_cli_fail (cli, error);

  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free); /* some keys are NULL, so no GStrv */
  g_autofree char **keys = g_new0 (char *, plan->cells->len);
  for (guint i = 0; i < plan->cells->len; i++) {
    keys[i] = retort_cell_key (plan->cells->pdata[i], store, keys, &error);
    if (error != NULL)
      return retort_cli_fail (cli, error);
    g_ptr_array_add (kept, keys[i]);
  }
  if (cli->json)
    print_json (plan, store, keys);
  else
    print_text (plan, store, keys);
  return 0;
}

const RetortCommand retort_command_plan = {
  .name = "plan", .summary = "Shows what a run would do, step by step.", .usage = "FILE",
  .details = "Every step after expansion of the matrix: stored, to run, or unknown until what it needs has run, since "
             "inputs are known by their content; its privacy label; its key.",
  .min_args = 1, .max_args = 1, .run = run,
};
