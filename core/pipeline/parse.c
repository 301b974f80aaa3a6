/* parse - a pipeline file's top level: axes, tasks, endpoints, data entries, steps. */
#include "pipeline/planner.h"

#include <string.h>

typedef void (*EntryFunc) (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value);

static void each_entry (RetortPlanner *planner, const char *section, EntryFunc func);
static void parse_head (RetortPlanner *planner);
static void check_tokenizer (RetortPlanner *planner);
static void parse_axis (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value);
static void add_choice (RetortPlanner *planner, RetortAxis *axis, const char *name, const RetortYaml *value);
static void parse_named_task (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value);
static void parse_endpoint (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value);
static gboolean find_clearance (RetortPlanner *planner, RetortEndpoint *endpoint, gboolean plugin_known);
static void parse_data (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value);
static void parse_step (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value);
static void add_part (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value, gboolean is_data);
static RetortTask *inline_task (RetortPlanner *planner, const RetortYaml *node, const char *where);
static gboolean read_entities (RetortPlanner *planner, const RetortYaml *list, GPtrArray *entities);
static gboolean read_relations (RetortPlanner *planner, const RetortYaml *map, GPtrArray *entities, GArray *relations);
static gboolean text_in (GPtrArray *texts, const char *text);

void
retort_planner_parse (RetortPlanner *planner)
{
  RetortYamlFile *file = planner->file;

  retort_keys_check (retort_keys_pipeline, file, file->root, file->root, "the pipeline", planner->diagnostics);
  if (file->root->type != RETORT_YAML_MAP)
    return;
  parse_head (planner);
  each_entry (planner, "matrix", parse_axis);
  each_entry (planner, "tasks", parse_named_task);
  const RetortYaml *task = retort_yaml_get (file->root, "task");
  if (task != NULL) {
    planner->task = retort_planner_task (planner, task, "the pipeline");
    planner->task_broken = planner->task == NULL;
  }
  check_tokenizer (planner);
  each_entry (planner, "endpoints", parse_endpoint);
  each_entry (planner, "data", parse_data);
  each_entry (planner, "steps", parse_step);
  if (retort_yaml_get (file->root, "data") == NULL && retort_yaml_get (file->root, "steps") == NULL)
    retort_planner_complain (planner, RETORT_CODE_PIPELINE_MISSING, file->root, NULL,
                             "the pipeline has neither 'data' nor 'steps'");
}

RetortTask *
retort_planner_task (RetortPlanner *planner, const RetortYaml *node, const char *where)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (node->type == RETORT_YAML_MAP)
    return inline_task (planner, node, where);
  if (node->type != RETORT_YAML_SCALAR)
    return NULL; /* the keys' check has said so */
  for (guint i = 0; i < planner->tasks->len; i++) {
    const RetortNamedTask *named = planner->tasks->pdata[i];
    if (strcmp (named->name, node->text) == 0)
      return named->task != NULL ? retort_task_copy (named->task) : NULL;
    g_ptr_array_add (names, (char *)named->name);
  }
  g_ptr_array_add (names, NULL);
  g_autofree char *hint = names->len > 1 ? retort_hint (node->text, (const char *const *)names->pdata, "tasks")
                                         : g_strdup ("tasks with names stand under `tasks`");
  retort_planner_complain (planner, RETORT_CODE_TASK, node, hint, "there is no task '%s'", node->text);
  return NULL;
}

gboolean
retort_planner_label (RetortPlanner *planner, const RetortYaml *node, const char *where, RetortLabel *label)
{
  if (node->type != RETORT_YAML_SCALAR)
    return FALSE;
  if (retort_label_parse (node->text, label))
    return TRUE;
  g_autofree char *hint = retort_hint (node->text, retort_label_names, "labels, lowest first");
  retort_planner_complain (planner, RETORT_CODE_LABEL, node, hint, "%s: there is no privacy label '%s'", where,
                           node->text);
  return FALSE;
}

RetortPart *
retort_planner_part (RetortPlanner *planner, const char *name)
{
  return g_hash_table_lookup (planner->by_name, name);
}

char **
retort_planner_part_names (RetortPlanner *planner)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < planner->parts->len; i++)
    g_ptr_array_add (names, g_strdup (((RetortPart *)planner->parts->pdata[i])->name));
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

/* The entries of a section whose names are names. */
static void
each_entry (RetortPlanner *planner, const char *section, EntryFunc func)
{
  const RetortYaml *map = retort_yaml_get (planner->file->root, section);

  if (map == NULL || map->type != RETORT_YAML_MAP)
    return;
  for (guint i = 0; i < map->n_items; i++)
    if (retort_is_name (map->keys[i]->text))
      func (planner, map->keys[i], map->items[i]);
    else
      retort_planner_complain (planner, RETORT_CODE_PIPELINE_NAME, map->keys[i],
                               "names have letters, digits, '-' and '_'", "'%s' cannot be a name", map->keys[i]->text);
}

static void
parse_head (RetortPlanner *planner)
{
  RetortPlan *plan = planner->plan;
  const RetortYaml *root = planner->file->root;
  const RetortYaml *version = retort_yaml_get (root, "retort");
  const RetortYaml *name = retort_yaml_get (root, "name");
  const RetortYaml *about = retort_yaml_get (root, "about");
  const RetortYaml *notes = retort_yaml_get (root, "notes");
  gint64 integer;

  if (version != NULL && retort_yaml_to_int (version, &integer) && integer != 1)
    retort_planner_complain (planner, RETORT_CODE_PIPELINE_VERSION, version, "write `retort: 1`",
                             "this retort reads version 1 of the language, not %s", version->text);
  if (name != NULL && name->type == RETORT_YAML_SCALAR)
    plan->name = g_strdup (name->text);
  else {
    g_autofree char *base = g_path_get_basename (retort_source_name (planner->file->source));
    plan->name = g_strndup (base, strcspn (base, "."));
  }
  if (about != NULL && about->type == RETORT_YAML_SCALAR)
    plan->about = g_strdup (about->text);
  for (guint i = 0; notes != NULL && notes->type == RETORT_YAML_SEQUENCE && i < notes->n_items; i++)
    if (notes->items[i]->type == RETORT_YAML_SCALAR)
      g_ptr_array_add (plan->notes, g_strdup (notes->items[i]->text));
  const RetortYaml *seed = retort_yaml_get (root, "seed");
  if (seed != NULL && retort_yaml_to_int (seed, &integer) && integer >= 0)
    plan->seed = (guint64)integer;
}

/* Also where no step needs it: what stands in the file is right. */
static void
check_tokenizer (RetortPlanner *planner)
{
  const RetortYaml *node = retort_yaml_get (planner->file->root, "tokenizer");
  RetortUse use = { 0 };

  if (node != NULL && (node->type == RETORT_YAML_SCALAR || node->type == RETORT_YAML_MAP))
    retort_planner_tokenizer (planner, node, &use);
  retort_options_free (use.options);
}

/* --- matrix --- */

static void
parse_axis (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value)
{
  RetortAxis *axis = g_new0 (RetortAxis, 1);

  axis->name = key->text;
  axis->at = key;
  axis->choices = g_array_new (FALSE, FALSE, sizeof (RetortAxisChoice));
  g_ptr_array_add (planner->axes, axis);
  if (value->type != RETORT_YAML_SEQUENCE && value->type != RETORT_YAML_MAP) {
    g_autofree char *what = retort_yaml_what (value);
    retort_planner_complain (planner, RETORT_CODE_PIPELINE_TYPE, value, NULL,
                             "axis '%s' takes a list of values, or a map of values by name, not %s", axis->name, what);
    return;
  }
  if (value->n_items == 0)
    retort_planner_complain (planner, RETORT_CODE_PIPELINE_TYPE, value, NULL, "axis '%s' has no values", axis->name);
  for (guint i = 0; i < value->n_items; i++)
    add_choice (planner, axis, value->type == RETORT_YAML_MAP ? value->keys[i]->text : value->items[i]->text,
                value->items[i]);
}

static void
add_choice (RetortPlanner *planner, RetortAxis *axis, const char *name, const RetortYaml *value)
{
  gboolean good = value->type == RETORT_YAML_SCALAR || value->type == RETORT_YAML_SEQUENCE;

  for (guint i = 0; value->type == RETORT_YAML_SEQUENCE && i < value->n_items; i++)
    good = good && value->items[i]->type == RETORT_YAML_SCALAR;
  if (!good || name == NULL) {
    g_autofree char *what = retort_yaml_what (value);
    retort_planner_complain (planner, RETORT_CODE_PIPELINE_TYPE, value,
                             name == NULL ? "values that are lists need names: `axis: {both: [a, b]}`" : NULL,
                             "a value of axis '%s' is a text%s, not %s", axis->name,
                             name == NULL ? "" : " or a list of texts", what);
    return;
  }
  for (guint i = 0; i < axis->choices->len; i++)
    if (strcmp (g_array_index (axis->choices, RetortAxisChoice, i).name, name) == 0) {
      retort_planner_complain (planner, RETORT_CODE_PIPELINE_NAME, value, NULL, "axis '%s' has the value '%s' twice",
                               axis->name, name);
      return;
    }
  g_array_append_val (axis->choices, ((RetortAxisChoice){ name, value }));
}

/* --- tasks --- */

static void
parse_named_task (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value)
{
  RetortNamedTask *named = g_new0 (RetortNamedTask, 1);
  g_autofree char *where = g_strdup_printf ("task '%s'", key->text);

  named->name = key->text;
  named->task = inline_task (planner, value, where);
  g_ptr_array_add (planner->tasks, named);
}

static RetortTask *
inline_task (RetortPlanner *planner, const RetortYaml *node, const char *where)
{
  g_autoptr (GPtrArray) entities = g_ptr_array_new ();
  g_autoptr (GArray) relations = g_array_new (FALSE, FALSE, sizeof (RetortRelationType));
  g_autofree char *what
      = g_str_has_prefix (where, "task") ? g_strdup (where) : g_strdup_printf ("the task of %s", where);
  const char *const scopes[] = { "sentence", "document", NULL };
  RetortTask task = { .size = sizeof task, .scope = RETORT_SCOPE_SENTENCE };

  if (!retort_keys_check (retort_keys_task, planner->file, node, node, what, planner->diagnostics))
    return NULL;
  gboolean good = read_entities (planner, retort_yaml_get (node, "entities"), entities);
  good = read_relations (planner, retort_yaml_get (node, "relations"), entities, relations) && good;

  const RetortYaml *scope = retort_yaml_get (node, "scope");
  if (scope != NULL && !g_strv_contains (scopes, scope->text)) {
    g_autofree char *hint = retort_hint (scope->text, scopes, "scopes");
    retort_planner_complain (planner, RETORT_CODE_TASK, scope, hint, "%s has no scope '%s'", what, scope->text);
    good = FALSE;
  } else if (scope != NULL && strcmp (scope->text, scopes[1]) == 0)
    task.scope = RETORT_SCOPE_DOCUMENT;
  if (!good)
    return NULL;

  g_ptr_array_add (entities, NULL);
  task.entities = (const char *const *)entities->pdata;
  task.n_entities = entities->len - 1;
  task.relations = (const RetortRelationType *)(gpointer)relations->data;
  task.n_relations = relations->len;
  return retort_task_copy (&task);
}

static gboolean
read_entities (RetortPlanner *planner, const RetortYaml *list, GPtrArray *entities)
{
  gboolean good = TRUE;

  if (list->n_items == 0) {
    retort_planner_complain (planner, RETORT_CODE_TASK, list, NULL, "a task has at least one entity label");
    return FALSE;
  }
  for (guint i = 0; i < list->n_items; i++) {
    const char *label = list->items[i]->text;
    if (*label == '\0' || text_in (entities, label)) {
      retort_planner_complain (planner, RETORT_CODE_TASK, list->items[i], NULL,
                               *label == '\0' ? "an entity label is not empty%s" : "entity label '%s' stands twice",
                               label);
      good = FALSE;
    }
    g_ptr_array_add (entities, (char *)label);
  }
  return good;
}

static gboolean
read_relations (RetortPlanner *planner, const RetortYaml *map, GPtrArray *entities, GArray *relations)
{
  g_autoptr (GPtrArray) candidates = g_ptr_array_copy (entities, NULL, NULL);
  gboolean good = TRUE;

  g_ptr_array_add (candidates, NULL);
  for (guint i = 0; map != NULL && i < map->n_items; i++) {
    const RetortYaml *pair = map->items[i];
    if (pair->type != RETORT_YAML_SEQUENCE || pair->n_items != 2 || pair->items[0]->type != RETORT_YAML_SCALAR
        || pair->items[1]->type != RETORT_YAML_SCALAR) {
      retort_planner_complain (planner, RETORT_CODE_TASK, pair, "write `Causes: [Drug, Effect]`",
                               "relation '%s' takes two entity labels", map->keys[i]->text);
      good = FALSE;
      continue;
    }
    for (guint j = 0; j < 2; j++)
      if (!text_in (entities, pair->items[j]->text)) {
        g_autofree char *hint
            = retort_hint (pair->items[j]->text, (const char *const *)candidates->pdata, "entity labels");
        retort_planner_complain (planner, RETORT_CODE_TASK, pair->items[j], hint,
                                 "relation '%s': the task has no entity label '%s'", map->keys[i]->text,
                                 pair->items[j]->text);
        good = FALSE;
      }
    g_array_append_val (relations,
                        ((RetortRelationType){ map->keys[i]->text, pair->items[0]->text, pair->items[1]->text }));
  }
  return good;
}

static gboolean
text_in (GPtrArray *texts, const char *text)
{
  return g_ptr_array_find_with_equal_func (texts, text, g_str_equal, NULL);
}

/* --- endpoints --- */

static void
parse_endpoint (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value)
{
  RetortEndpoint *endpoint = g_new0 (RetortEndpoint, 1);
  g_autofree char *where = g_strdup_printf ("endpoint '%s'", key->text);

  endpoint->name = key->text;
  endpoint->at = key;
  endpoint->node = value;
  g_ptr_array_add (planner->endpoints, endpoint);
  if (!retort_keys_check (retort_keys_endpoint, planner->file, value, key, where, planner->diagnostics))
    return;
  const RetortYaml *node = retort_planner_substitute (planner, value, NULL);
  if (node == NULL)
    return;
  const gboolean good = retort_planner_use (planner, retort_yaml_get (node, "use"), retort_yaml_get (node, "with"),
                                            "generator", &endpoint->plugin);
  if (!find_clearance (planner, endpoint, good))
    g_clear_pointer (&endpoint->plugin.options, retort_options_free);
}

/* Absent, it is the highest where nothing leaves the machine. */
static gboolean
find_clearance (RetortPlanner *planner, RetortEndpoint *endpoint, gboolean plugin_known)
{
  const RetortYaml *clearance = retort_yaml_get (endpoint->node, "clearance");
  g_autofree char *where = g_strdup_printf ("endpoint '%s'", endpoint->name);

  endpoint->clearance = RETORT_LABEL_PHI;
  if (clearance != NULL)
    return retort_planner_label (planner, clearance, where, &endpoint->clearance);
  if (!plugin_known)
    return FALSE;
  const RetortGeneratorRole *role = endpoint->plugin.loaded->role;
  if (role->answer != NULL)
    return TRUE;
  retort_planner_complain (planner, RETORT_CODE_PIPELINE_MISSING, endpoint->at,
                           "clearance: the highest privacy label that may be sent there",
                           "endpoint '%s' has no 'clearance', and %s sends text to other machines", endpoint->name,
                           endpoint->plugin.loaded->id);
  return FALSE;
}

/* --- data entries and steps --- */

static void
parse_data (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value)
{
  add_part (planner, key, value, TRUE);
}

static void
parse_step (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value)
{
  add_part (planner, key, value, FALSE);
}

static void
add_part (RetortPlanner *planner, const RetortYaml *key, const RetortYaml *value, gboolean is_data)
{
  RetortPart *part = g_new0 (RetortPart, 1);
  g_autofree char *where = g_strdup_printf (is_data ? "data entry '%s'" : "step '%s'", key->text);

  part->name = key->text;
  part->at = key;
  part->node = value;
  part->is_data = is_data;
  part->axes = g_new0 (gboolean, planner->axes->len + 1);
  part->instances = g_ptr_array_new ();
  g_ptr_array_add (planner->parts, part);
  if (strcmp (part->name, "compare") == 0) {
    retort_planner_complain (planner, RETORT_CODE_PIPELINE_NAME, key, NULL,
                             "the name 'compare' is kept for the comparison");
    part->broken = TRUE;
  } else if (retort_planner_part (planner, part->name) != NULL) {
    retort_planner_complain (planner, RETORT_CODE_PIPELINE_NAME, key, "steps and data share their names",
                             "the name '%s' is taken by a data entry", part->name);
    part->broken = TRUE;
  } else
    g_hash_table_insert (planner->by_name, (char *)part->name, part);
  if (!retort_keys_check (is_data ? retort_keys_data : retort_keys_step, planner->file, value, key, where,
                          planner->diagnostics))
    part->broken = TRUE;
  if (!is_data && !retort_planner_mentions (planner, value, part->axes))
    part->broken = TRUE;
}
