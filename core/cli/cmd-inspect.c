/* cmd-inspect - what plugins there are, and what each takes and does. */
#include "cli/cli.h"

#include "cli/check-plugin.h"
#include "pipeline/model-file.h"
#include "plugin/context.h"
#include <stdio.h>
#include <string.h>

static gboolean check;
static char *golden_path;

static const GOptionEntry entries[] = {
  { "check", 'c', 0, G_OPTION_ARG_NONE, &check, "Run the examples: what they say, with 1, 2 and 7 threads", NULL },
  { "golden", 0, 0, G_OPTION_ARG_FILENAME, &golden_path, "With --check: fail where output moved and behaviour did not",
    "FILE" },
  { NULL },
};

static int list_plugins (const RetortCli *cli);
static int check_plugins (const RetortCli *cli, const char *id);
static int inspect_plugin (const RetortCli *cli, const char *id);
static int inspect_model (const RetortCli *cli, const char *path);
static void print_plugin (const RetortLoaded *loaded);
static void print_indented (const char *title, const char *text);
static void print_json (JsonBuilder *builder);
static void add_plugin (JsonBuilder *builder, const RetortLoaded *loaded);
static void add_member (JsonBuilder *builder, const char *name, const char *text);

static int
run (RetortCli *cli, char **args)
{
  if (check)
    return check_plugins (cli, args[0]);
  if (args[0] == NULL)
    return list_plugins (cli);
  return g_file_test (args[0], G_FILE_TEST_IS_REGULAR) ? inspect_model (cli, args[0]) : inspect_plugin (cli, args[0]);
}

const RetortCommand retort_command_inspect = {
  .name = "inspect", .summary = "Shows the plugins that are found, one of them, or a model.", .usage = "[KIND/NAME|MODEL]",
  .details = "Without an argument: every plugin in the plugin folders, and those that were refused, with the reason.\n"
             "With KIND/NAME: what the plugin is, its options, its examples.\n"
             "With the file of a model: who made it, from what, and what it says about what it has learnt.\n"
             "With --check: whether it (or each of them) keeps its contract.",
  .entries = entries, .max_args = 1, .run = run,
};

static int
list_plugins (const RetortCli *cli)
{
  g_autoptr (GPtrArray) list = retort_plugin_list ();
  guint width = 0, n_refused = 0;

  if (cli->json) {
    g_autoptr (JsonBuilder) builder = json_builder_new ();
    json_builder_begin_array (builder);
    for (guint i = 0; i < list->len; i++) {
      const RetortFound *found = list->pdata[i];
      json_builder_begin_object (builder);
      add_member (builder, "id", found->id);
      add_member (builder, "path", found->path);
      add_member (builder, "version", found->loaded ? found->loaded->plugin->version : NULL);
      add_member (builder, "summary", found->loaded ? found->loaded->plugin->summary : NULL);
      add_member (builder, "refused", found->reason);
      json_builder_end_object (builder);
    }
    json_builder_end_array (builder);
    print_json (builder);
    return 0;
  }

  for (guint i = 0; i < list->len; i++)
    width = MAX (width, strlen (((RetortFound *) list->pdata[i])->id));
  for (guint i = 0; i < list->len; i++) {
    const RetortFound *found = list->pdata[i];
    if (found->loaded != NULL)
      printf ("%-*s  %s\n", (int) width, found->id, found->loaded->plugin->summary);
    n_refused += found->loaded == NULL;
  }
  if (n_refused > 0)
    printf ("\nRefused:\n");
  for (guint i = 0; i < list->len; i++) {
    const RetortFound *found = list->pdata[i];
    if (found->loaded == NULL)
      printf ("%-*s  %s\n", (int) width, found->id, found->reason);
  }
  if (list->len == 0) {
    g_auto (GStrv) folders = retort_plugin_folders ();
    g_autofree char *searched = g_strjoinv (", ", folders);
    fprintf (stderr, "retort inspect: no plugins found; searched: %s\n", searched);
  }
  return 0;
}

static int
inspect_plugin (const RetortCli *cli, const char *id)
{
  g_autoptr (GError) error = NULL;
  const RetortLoaded *loaded = retort_plugin_find (id, &error);

  if (loaded == NULL)
    return retort_cli_fail (cli, error);
  if (!cli->json) {
    print_plugin (loaded);
    return 0;
  }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  add_plugin (builder, loaded);
  print_json (builder);
  return 0;
}

/* The header as it stands in the file, then the plugin's own words. */
static int
inspect_model (const RetortCli *cli, const char *path)
{
  g_autoptr (RetortContext) context = retort_context_new ("retort inspect", 0, 1, NULL);
  g_autoptr (GString) words = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RetortModel) model = retort_model_open (path, context, &error);

  if (model == NULL)
    return retort_cli_fail (cli, error);
  g_autofree char *header = retort_json_pretty (model->file->header);
  fputs (header, stdout);
  const RetortModelRole *role = model->model->loaded->role;
  if (cli->json || role->describe == NULL)
    return 0;
  if (!role->describe (model->model->self, words, &error))
    return retort_cli_fail (cli, error);
  printf ("\n%s", words->str);
  return 0;
}

/* One, or (NULL) every plugin that loads; a refused one is a failure too. */
static int
check_plugins (const RetortCli *cli, const char *id)
{
  g_autoptr (GPtrArray) list = id ? NULL : retort_plugin_list ();
  g_autoptr (GString) report = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *golden = NULL;
  gboolean good = TRUE;

  if (golden_path != NULL && !g_file_get_contents (golden_path, &golden, NULL, &error))
    return retort_cli_fail (cli, error);
  if (id != NULL) {
    const RetortLoaded *loaded = retort_plugin_find (id, &error);
    if (loaded == NULL)
      return retort_cli_fail (cli, error);
    good = retort_check_plugin (loaded, golden, report);
  }
  for (guint i = 0; list != NULL && i < list->len; i++) {
    const RetortFound *found = list->pdata[i];
    if (found->loaded != NULL) {
      good &= retort_check_plugin (found->loaded, golden, report);
    } else {
      g_string_append_printf (report, "FAILED  %s: %s\n", found->id, found->reason);
      good = FALSE;
    }
  }
  fputs (report->str, stdout);
  return good ? 0 : 1;
}

static void
print_plugin (const RetortLoaded *loaded)
{
  const RetortPlugin *plugin = loaded->plugin;

  printf ("%s %s: %s\n\n", loaded->id, plugin->version, plugin->summary);
  printf ("licence    %s\nbehaviour  %u\nfile       %s\nbuild      %s%s\n", plugin->licence, plugin->behaviour,
          loaded->path, loaded->build_id, loaded->in_work ? " (not installed, so part of every key)" : "");

  if (plugin->n_options > 0) {
    g_autofree char *help = retort_options_help (&loaded->table);
    printf ("\nOptions:\n%s", help);
  }
  for (gsize i = 0; i < plugin->n_examples; i++) {
    printf ("\nExample: %s\n", plugin->examples[i].title);
    if (plugin->examples[i].options != NULL)
      print_indented ("with", plugin->examples[i].options);
    print_indented ("in", plugin->examples[i].input);
    print_indented ("out", plugin->examples[i].output);
  }
}

static void
print_indented (const char *title, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (i == 0 || lines[i][0] != '\0' || lines[i + 1] != NULL)
      printf ("  %-4s | %s\n", i == 0 ? title : "", lines[i]);
}

static void
print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = retort_json_pretty (root);

  fputs (text, stdout);
}

static void
add_plugin (JsonBuilder *builder, const RetortLoaded *loaded)
{
  const RetortPlugin *plugin = loaded->plugin;

  json_builder_begin_object (builder);
  add_member (builder, "id", loaded->id);
  add_member (builder, "version", plugin->version);
  add_member (builder, "licence", plugin->licence);
  add_member (builder, "summary", plugin->summary);
  add_member (builder, "path", loaded->path);
  add_member (builder, "build", loaded->build_id);
  json_builder_set_member_name (builder, "behaviour");
  json_builder_add_int_value (builder, plugin->behaviour);
  json_builder_set_member_name (builder, "options");
  json_builder_add_value (builder, retort_options_schema (&loaded->table));
  json_builder_set_member_name (builder, "examples");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < plugin->n_examples; i++) {
    json_builder_begin_object (builder);
    add_member (builder, "title", plugin->examples[i].title);
    add_member (builder, "options", plugin->examples[i].options);
    add_member (builder, "input", plugin->examples[i].input);
    add_member (builder, "output", plugin->examples[i].output);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* Nothing for NULL. */
static void
add_member (JsonBuilder *builder, const char *name, const char *text)
{
  if (text == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}
