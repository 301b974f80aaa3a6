/* settings - --set path=value: one value of the pipeline replaced, or added where the language has such a key. */
#include "pipeline/planner.h"

#include <string.h>

static gboolean list_index (const RetortYaml *node, const char *word, guint *index);
static void place (RetortYaml *node, const RetortYaml *at);
static gboolean complain (RetortPlanner *planner, const char *setting, const RetortYaml *node, const char *word);

/* Maps that may be absent in what they belong to. */
static const char *const optional_maps[] = { "with", "map", "limit", "in", NULL };

gboolean
retort_planner_set (RetortPlanner *planner, const char *setting)
{
  const char *equals = strchr (setting, '=');
  RetortYaml *node = planner->file->root;

  if (equals == NULL || equals == setting) {
    retort_planner_complain (planner, RETORT_CODE_SETTING, node, "write --set steps.model.with.c2=0.5",
                             "--set %s: there is no path=value", setting);
    return FALSE;
  }
  g_autofree char *name = g_strdup_printf ("--set %s", setting);
  g_autofree char *path = g_strndup (setting, equals - setting);
  g_auto (GStrv) words = g_strsplit (path, ".", -1);

  for (guint i = 0; words[i + 1] != NULL; i++) {
    RetortYaml *next = NULL;
    guint item;
    if (list_index (node, words[i], &item))
      next = node->items[item];
    else if (node->type == RETORT_YAML_MAP)
      next = retort_yaml_get (node, words[i]);
    if (next == NULL && node->type == RETORT_YAML_MAP && g_strv_contains (optional_maps, words[i])) {
      next = retort_planner_value (planner, name, "{}", node);
      retort_yaml_set (planner->file, node, words[i], next);
    }
    if (next == NULL || (next->type != RETORT_YAML_MAP && next->type != RETORT_YAML_SEQUENCE))
      return complain (planner, setting, node, words[i]);
    node = next;
  }

  const char *last = words[g_strv_length (words) - 1];
  guint item;
  if (node->type == RETORT_YAML_SEQUENCE) {
    if (!list_index (node, last, &item))
      return complain (planner, setting, node, last);
    RetortYaml *value = retort_planner_value (planner, name, equals + 1, node->items[item]);
    if (value != NULL)
      node->items[item] = value;
    return value != NULL;
  }
  /* A new step, entry or endpoint cannot be meant: what stands in these maps is named by the file. */
  const RetortYaml *old = retort_yaml_get (node, last);
  if (old == NULL && (*last == '\0' || (words[1] != NULL && words[2] == NULL && strcmp (words[0], "compare") != 0)))
    return complain (planner, setting, node, last);
  RetortYaml *value = retort_planner_value (planner, name, equals + 1, old != NULL ? old : node);
  if (value != NULL)
    retort_yaml_set (planner->file, node, last, value);
  return value != NULL;
}

RetortYaml *
retort_planner_value (RetortPlanner *planner, const char *name, const char *text, const RetortYaml *at)
{
  g_autoptr (RetortSource) source = retort_source_new (name, text, strlen (text));
  g_autoptr (RetortYamlFile) parsed = retort_yaml_parse (source, planner->diagnostics);

  if (parsed->root == NULL)
    return NULL;
  RetortYaml *value = retort_yaml_copy (planner->file, parsed->root);
  place (value, at);
  return value;
}

static gboolean
list_index (const RetortYaml *node, const char *word, guint *index)
{
  guint64 value;

  if (node->type != RETORT_YAML_SEQUENCE || node->n_items == 0
      || !g_ascii_string_to_unsigned (word, 10, 0, node->n_items - 1, &value, NULL))
    return FALSE;
  *index = (guint)value;
  return TRUE;
}

static void
place (RetortYaml *node, const RetortYaml *at)
{
  node->start = at->start;
  node->end = at->end;
  for (guint i = 0; i < node->n_items; i++) {
    place (node->items[i], at);
    if (node->keys != NULL)
      place (node->keys[i], at);
  }
}

static gboolean
complain (RetortPlanner *planner, const char *setting, const RetortYaml *node, const char *word)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; node->type == RETORT_YAML_MAP && i < node->n_items; i++)
    g_ptr_array_add (names, (char *)node->keys[i]->text);
  g_ptr_array_add (names, NULL);
  g_autofree char *hint = retort_hint (word, (const char *const *)names->pdata, "there are");
  retort_planner_complain (planner, RETORT_CODE_SETTING, node, hint, "--set %s: there is no '%s' here", setting, word);
  return FALSE;
}
