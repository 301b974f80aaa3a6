/* cmd-cache - what the store holds: list, verify, prune, remove. */
#include "cli/cli.h"

#include "base/util.h"
#include "pipeline/store.h"
#include <retort/json.h>
#include <stdio.h>
#include <string.h>

static char *older;

static const GOptionEntry entries[] = {
  { "older", 0, 0, G_OPTION_ARG_STRING, &older, "prune: cells not used for so long (30d)", "DURATION" },
  { NULL },
};

typedef int (*Action) (RetortCli *cli, RetortStore *store, GPtrArray *cells, const char *argument);

static int list (RetortCli *cli, RetortStore *store, GPtrArray *cells, const char *argument);
static void list_json (GPtrArray *cells);
static int verify (RetortCli *cli, RetortStore *store, GPtrArray *cells, const char *argument);
static int prune (RetortCli *cli, RetortStore *store, GPtrArray *cells, const char *argument);
static int remove_cell (RetortCli *cli, RetortStore *store, GPtrArray *cells, const char *argument);

static const struct { const char *name; Action action; } actions[] = {
  { "list", list }, { "verify", verify }, { "prune", prune }, { "remove", remove_cell },
};

static int
run (RetortCli *cli, char **args)
{
  const char *name = args[0] != NULL ? args[0] : "list";
  g_autofree char *path = retort_cli_store_path (cli);
  g_autoptr (GError) error = NULL;
  g_autoptr (RetortStore) store = retort_store_open (path, &error);

  if (store == NULL)
    return retort_cli_fail (cli, error);
  retort_store_sweep (store);
  g_autoptr (GPtrArray) cells = retort_store_list (store);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].name, name))
      return actions[i].action (cli, store, cells, args[0] != NULL ? args[1] : NULL);
  fprintf (stderr, "retort cache: '%s' is none of list, verify, prune, remove\n", name);
  return 2;
}

static int
list (RetortCli *cli, RetortStore *store, GPtrArray *cells, const char *argument)
{
  guint64 bytes = 0;

  if (cli->json) {
    list_json (cells);
    return 0;
  }
  for (guint i = 0; i < cells->len; i++) {
    const RetortStored *cell = cells->pdata[i];
    g_autofree char *size = retort_format_bytes (cell->bytes);
    g_autoptr (GDateTime) used = g_date_time_new_from_unix_local (cell->used);
    g_autofree char *day = g_date_time_format (used, "%Y-%m-%d");
    printf ("%.16s  %-10s  %8s  %s\n", cell->key, day, size, cell->use);
    bytes += cell->bytes;
  }
  g_autofree char *all = retort_format_bytes (bytes);
  printf ("%u cells, %s, in %s\n", cells->len, all, retort_store_root (store));
  return 0;
}

static void
print_array (JsonArray *array)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  g_autofree char *text = retort_json_pretty (node);
  fputs (text, stdout);
}

static void
list_json (GPtrArray *cells)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < cells->len; i++) {
    const RetortStored *cell = cells->pdata[i];
    JsonObject *object = json_object_new ();
    json_object_set_string_member (object, "key", cell->key);
    json_object_set_string_member (object, "use", cell->use);
    json_object_set_int_member (object, "bytes", (gint64) cell->bytes);
    json_object_set_int_member (object, "used", cell->used);
    json_array_add_object_element (array, object);
  }
  print_array (array);
}

static int
verify (RetortCli *cli, RetortStore *store, GPtrArray *cells, const char *argument)
{
  JsonArray *damaged = json_array_new ();
  guint n_bad = 0;

  for (guint i = 0; i < cells->len; i++) {
    const RetortStored *cell = cells->pdata[i];
    g_autoptr (GError) error = NULL;
    if (retort_store_verify (store, cell->key, &error))
      continue;
    JsonObject *object = json_object_new ();
    json_object_set_string_member (object, "key", cell->key);
    json_object_set_string_member (object, "message", error->message);
    json_array_add_object_element (damaged, object);
    if (!cli->json)
      printf ("%s\n", error->message);
    n_bad++;
  }
  if (cli->json) {
    print_array (damaged);
    return n_bad > 0 ? 3 : 0;
  }
  json_array_unref (damaged);
  printf ("%u cells, %u damaged%s\n", cells->len, n_bad, n_bad > 0 ? "; `retort cache remove KEY` removes one" : "");
  return n_bad > 0 ? 3 : 0;
}

static int
prune (RetortCli *cli, RetortStore *store, GPtrArray *cells, const char *argument)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  guint64 bytes = 0;
  guint n = 0;
  double age;

  if (!retort_parse_duration (older != NULL ? older : "30d", &age)) {
    fprintf (stderr, "retort cache: --older takes a duration such as 12h or 30d, not '%s'\n", older);
    return 2;
  }
  for (guint i = 0; i < cells->len; i++) {
    const RetortStored *cell = cells->pdata[i];
    g_autoptr (GError) error = NULL;
    if ((double) (now - cell->used) < age)
      continue;
    if (!retort_store_remove (store, cell->key, &error))
      return retort_cli_fail (cli, error);
    bytes += cell->bytes;
    n++;
  }
  g_autofree char *freed = retort_format_bytes (bytes);
  printf ("%u cells removed, %s\n", n, freed);
  return 0;
}

static int
remove_cell (RetortCli *cli, RetortStore *store, GPtrArray *cells, const char *argument)
{
  const RetortStored *found = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; argument != NULL && i < cells->len; i++) {
    const RetortStored *cell = cells->pdata[i];
    if (!g_str_has_prefix (cell->key, argument))
      continue;
    if (found != NULL) {
      fprintf (stderr, "retort cache: '%s' fits several cells; give more of the key\n", argument);
      return 2;
    }
    found = cell;
  }
  if (found == NULL) {
    fprintf (stderr, "retort cache: remove takes the beginning of a key that `retort cache` lists\n");
    return 2;
  }
  return retort_store_remove (store, found->key, &error) ? 0 : retort_cli_fail (cli, error);
}

const RetortCommand retort_command_cache = {
  .name = "cache", .summary = "Lists, verifies and prunes the store.", .usage = "[list | verify | prune | remove KEY]",
  .details = "With --json: list gives every cell, verify those that are damaged.",
  .entries = entries, .max_args = 2, .run = run,
};
