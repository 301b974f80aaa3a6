/* fill - the filled pipeline: what the user wrote, with --set applied and every default written out. The matrix stays,
 * so the text is a pipeline that means the same.
 *
 * Where `use` is an axis, its values may have different options: only the defaults that all of them share are written
 * out (each cell's own options are in the manifest). */
#include "pipeline/planner.h"

#include <string.h>

static void fill_scalar (RetortPlanner *planner, RetortYaml *map, const char *key, const char *text, gboolean quoted);
static void fill_tokenizer (RetortPlanner *planner, RetortYaml *map, gboolean always);
static void fill_endpoint (RetortPlanner *planner, RetortYaml *node, const RetortEndpoint *endpoint);
static void fill_part (RetortPlanner *planner, RetortYaml *node, const RetortPart *part);
static void fill_options (RetortPlanner *planner, RetortYaml *node, const GArray *tables);
static gboolean shared_default (const GArray *tables, const RetortOption *option);
static RetortYaml *default_value (RetortPlanner *planner, const RetortOption *option, const RetortYaml *at);
static void add_table (GArray *tables, RetortOptionTable table);

char *
retort_planner_fill (RetortPlanner *planner)
{
  RetortYaml *root = retort_yaml_copy (planner->file, planner->file->root);
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, planner->plan->seed);

  fill_scalar (planner, root, "name", planner->plan->name, TRUE);
  fill_scalar (planner, root, "seed", seed, FALSE);
  fill_tokenizer (planner, root, TRUE);
  for (guint i = 0; i < planner->endpoints->len; i++) {
    const RetortEndpoint *endpoint = planner->endpoints->pdata[i];
    fill_endpoint (planner, retort_yaml_get (retort_yaml_get (root, "endpoints"), endpoint->name), endpoint);
  }
  for (guint i = 0; i < planner->parts->len; i++) {
    const RetortPart *part = planner->parts->pdata[i];
    fill_part (planner, retort_yaml_get (retort_yaml_get (root, part->is_data ? "data" : "steps"), part->name), part);
  }
  return retort_yaml_to_string (root);
}

static void
fill_scalar (RetortPlanner *planner, RetortYaml *map, const char *key, const char *text, gboolean quoted)
{
  if (retort_yaml_get (map, key) == NULL)
    retort_yaml_set (planner->file, map, key, retort_yaml_new_scalar (planner->file, map, text, quoted));
}

/* As a map {use, with}. */
static void
fill_tokenizer (RetortPlanner *planner, RetortYaml *map, gboolean always)
{
  const RetortYaml *old = retort_yaml_get (map, "tokenizer");
  g_autoptr (GArray) tables = g_array_new (FALSE, FALSE, sizeof (RetortOptionTable));

  if (old == NULL && !always)
    return;
  const RetortYaml *use = old != NULL && old->type == RETORT_YAML_MAP ? retort_yaml_get (old, "use") : old;
  const char *id = use != NULL ? use->text : "tokenizer/clinical";
  RetortYaml *filled = retort_planner_value (planner, "tokenizer", "{}", map);
  fill_scalar (planner, filled, "use", id, TRUE);
  if (retort_yaml_get (old, "with") != NULL)
    retort_yaml_set (planner->file, filled, "with", retort_yaml_copy (planner->file, retort_yaml_get (old, "with")));
  const RetortLoaded *loaded = retort_plugin_find (id, NULL); /* an axis, as text, is no plugin */
  if (loaded != NULL)
    add_table (tables, loaded->table);
  fill_options (planner, filled, tables);
  retort_yaml_set (planner->file, map, "tokenizer", filled);
}

static void
fill_endpoint (RetortPlanner *planner, RetortYaml *node, const RetortEndpoint *endpoint)
{
  g_autoptr (GArray) tables = g_array_new (FALSE, FALSE, sizeof (RetortOptionTable));

  add_table (tables, endpoint->plugin.loaded->table);
  fill_options (planner, node, tables);
  fill_scalar (planner, node, "clearance", retort_label_names[endpoint->clearance], FALSE);
}

static void
fill_part (RetortPlanner *planner, RetortYaml *node, const RetortPart *part)
{
  g_autoptr (GArray) tables = g_array_new (FALSE, FALSE, sizeof (RetortOptionTable));

  for (guint i = 0; i < part->instances->len; i++) {
    const RetortPartInstance *instance = part->instances->pdata[i];
    const gboolean has_plugin = instance->cell->plugin.loaded != NULL;
    add_table (tables, has_plugin ? instance->cell->plugin.loaded->table : retort_verb_table (instance->verb));
  }
  fill_options (planner, node, tables);
  if (part->is_data)
    fill_scalar (planner, node, "label", retort_label_names[RETORT_LABEL_RESTRICTED], FALSE);
  else
    fill_tokenizer (planner, node, FALSE);
}

static void
fill_options (RetortPlanner *planner, RetortYaml *node, const GArray *tables)
{
  RetortYaml *with = retort_yaml_get (node, "with");

  for (guint i = 0; tables->len > 0 && i < g_array_index (tables, RetortOptionTable, 0).n_options; i++) {
    const RetortOption *option = retort_option_table_at (&g_array_index (tables, RetortOptionTable, 0), i);
    if (option->preset == NULL || (option->flags & (RETORT_OPTION_SECRET | RETORT_OPTION_DEPRECATED))
        || retort_yaml_get (with, option->name) != NULL || !shared_default (tables, option))
      continue;
    RetortYaml *value = default_value (planner, option, node);
    if (with == NULL) {
      with = retort_planner_value (planner, "with", "{}", node);
      retort_yaml_set (planner->file, node, "with", with);
    }
    retort_yaml_set (planner->file, with, option->name, value);
  }
}

static gboolean
shared_default (const GArray *tables, const RetortOption *option)
{
  for (guint i = 1; i < tables->len; i++) {
    const RetortOption *other = retort_option_table_find (&g_array_index (tables, RetortOptionTable, i), option->name);
    if (other == NULL || other->type != option->type || g_strcmp0 (other->preset, option->preset) != 0)
      return FALSE;
  }
  return TRUE;
}

static RetortYaml *
default_value (RetortPlanner *planner, const RetortOption *option, const RetortYaml *at)
{
  const gboolean is_text = option->type == RETORT_OPTION_TYPE_STRING || option->type == RETORT_OPTION_TYPE_TEMPLATE
                           || option->type == RETORT_OPTION_TYPE_CHOICE || option->type == RETORT_OPTION_TYPE_PATH;

  if (option->type != RETORT_OPTION_TYPE_LIST)
    return retort_yaml_new_scalar (planner->file, at, option->preset, is_text);
  g_auto (GStrv) items = g_strsplit (option->preset, ",", -1);
  g_autoptr (GString) text = g_string_new ("[");
  for (guint i = 0; items[i] != NULL; i++) {
    g_string_append (text, i > 0 ? ", " : "");
    retort_json_append_string (text, g_strstrip (items[i]), -1);
  }
  g_string_append_c (text, ']');
  return retort_planner_value (planner, option->name, text->str, at);
}

static void
add_table (GArray *tables, RetortOptionTable table)
{
  for (guint i = 0; i < tables->len; i++)
    if (g_array_index (tables, RetortOptionTable, i).options == table.options)
      return;
  g_array_append_val (tables, table);
}
