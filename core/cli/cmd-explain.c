/* cmd-explain - what a diagnostic code means, from the registry of codes. */
#include "cli/cli.h"

#include "base/code-info.h"
#include <retort/json.h>
#include <stdio.h>

static const char *const severities[] = { "error", "warning", "note" };

static void
explain (const RetortCodeInfo *info)
{
  printf ("RT-%d (%s): %s\n\n%s\n", info->code, severities[info->severity], info->title, info->explain);
  if (info->example != NULL)
    printf ("For instance:\n\n%s\n", info->example);
}

static JsonObject *
describe (const RetortCodeInfo *info)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "code", info->code);
  json_object_set_string_member (object, "severity", severities[info->severity]);
  json_object_set_string_member (object, "title", info->title);
  json_object_set_string_member (object, "explain", info->explain);
  if (info->example != NULL)
    json_object_set_string_member (object, "example", info->example);
  return object;
}

/* One code, or all of them (NULL) as a list. */
static void
explain_json (const RetortCodeInfo *info)
{
  g_autoptr (JsonNode) node = json_node_new (info != NULL ? JSON_NODE_OBJECT : JSON_NODE_ARRAY);

  if (info != NULL) {
    json_node_take_object (node, describe (info));
  } else {
    json_node_take_array (node, json_array_new ());
    for (guint i = 0; i < retort_code_table_n; i++)
      json_array_add_object_element (json_node_get_array (node), describe (&retort_code_table[i]));
  }
  g_autofree char *text = retort_json_pretty (node);
  fputs (text, stdout);
}

static int
run (RetortCli *cli, char **args)
{
  if (args[0] == NULL && cli->json) {
    explain_json (NULL);
    return 0;
  }
  if (args[0] == NULL) {
    for (guint i = 0; i < retort_code_table_n; i++)
      printf ("RT-%d  %-8s %s\n", retort_code_table[i].code, severities[retort_code_table[i].severity],
              retort_code_table[i].title);
    return 0;
  }
  const RetortCodeInfo *info = retort_code_info_parse (args[0]);
  if (info == NULL) {
    fprintf (stderr, "retort explain: there is no code '%s'; without an argument all are listed\n", args[0]);
    return 2;
  }
  if (cli->json)
    explain_json (info);
  else
    explain (info);
  return 0;
}

const RetortCommand retort_command_explain = {
  .name = "explain", .summary = "Says what a code such as RT-201 means, and what to do.", .usage = "[CODE]",
  .max_args = 1, .run = run,
};
