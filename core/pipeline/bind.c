/* bind - instances -> cells: plugins opened, options filled, tasks found, inputs joined. */
#include "pipeline/planner.h"

#include "base/limit.h"
#include "base/util.h"
#include <string.h>

/* What becomes of an instance while it is checked. */
typedef struct {
  RetortUse plugin, tokenizer;
  RetortOptions *options;
  RetortTask *task;
} Parts;

static void bind_instance (RetortPlanner *planner, RetortPartInstance *instance);
static void clear_parts (Parts *parts);
static gboolean find_parts (RetortPlanner *planner, RetortPartInstance *instance, Parts *parts);
static gboolean find_read (RetortPlanner *planner, RetortPartInstance *instance, Parts *parts);
static gboolean needs_tokens (const RetortPartInstance *instance, const RetortUse *plugin);
static gboolean check_options (RetortPlanner *planner, RetortPartInstance *instance, const RetortOptions *options);
static gboolean check_weights (RetortPlanner *planner, const RetortYaml *weights);
static gboolean inputs_stand (const RetortPartInstance *instance);
static gboolean check_artifacts (RetortPlanner *planner, const RetortPartInstance *instance);
static gboolean find_task (RetortPlanner *planner, RetortPartInstance *instance, RetortTask **task);
static gboolean inputs_task (RetortPlanner *planner, const RetortPartInstance *instance, RetortTask **task);
static gboolean check_task (RetortPlanner *planner, const RetortPartInstance *instance, const RetortUse *plugin,
                            const RetortTask *task);
static gboolean find_label (RetortPlanner *planner, const RetortPartInstance *instance, RetortCell *cell);

void
retort_planner_bind (RetortPlanner *planner)
{
  for (guint i = 0; i < planner->order->len; i++) {
    RetortPart *part = planner->order->pdata[i];
    for (guint j = 0; j < part->instances->len; j++)
      bind_instance (planner, part->instances->pdata[j]);
  }
  if (planner->plan->cells->len > RETORT_LIMIT_CELLS) /* generate and extract are three each */
    retort_planner_complain (planner, RETORT_CODE_TOO_MANY_CELLS, retort_yaml_get (planner->file->root, "steps"),
                             "leave values out of an axis, or an axis", "the pipeline makes %u cells, more than %d",
                             planner->plan->cells->len, RETORT_LIMIT_CELLS);
}

gboolean
retort_planner_use (RetortPlanner *planner, const RetortYaml *at, const RetortYaml *with, const char *kind,
                    RetortUse *use)
{
  g_autoptr (GError) error = NULL;
  const char *slash = strchr (at->text, '/');

  if (slash == NULL || (gsize)(slash - at->text) != strlen (kind) || !g_str_has_prefix (at->text, kind)) {
    g_autofree char *hint = g_strdup_printf ("write %s/NAME; `retort inspect` lists what there is", kind);
    retort_planner_complain (planner, RETORT_CODE_UNKNOWN_PLUGIN, at, hint, "'%s' is no %s", at->text, kind);
    return FALSE;
  }
  use->loaded = retort_plugin_find (at->text, &error);
  if (use->loaded == NULL) {
    retort_planner_complain (planner, RETORT_CODE_UNKNOWN_PLUGIN, at, NULL, "%s", error->message);
    return FALSE;
  }
  use->options
      = retort_options_fill (&use->loaded->table, planner->file, with, at, use->loaded->id, planner->diagnostics);
  return use->options != NULL;
}

gboolean
retort_planner_tokenizer (RetortPlanner *planner, const RetortYaml *node, RetortUse *use)
{
  const RetortYaml *at = node, *with = NULL;

  if (node->type == RETORT_YAML_MAP) {
    if (!retort_keys_check (retort_keys_use, planner->file, node, node, "a tokenizer", planner->diagnostics))
      return FALSE;
    at = retort_yaml_get (node, "use");
    with = retort_yaml_get (node, "with");
  }
  if (at->type != RETORT_YAML_SCALAR || !retort_planner_use (planner, at, with, "tokenizer", use))
    return FALSE;
  if (!((const RetortTokenizerRole *)use->loaded->role)->subwords)
    return TRUE;
  retort_planner_complain (planner, RETORT_CODE_SUBWORDS, at, "a model that works on pieces of words brings its own",
                           "%s cuts pieces of words; steps work on whole words", use->loaded->id);
  g_clear_pointer (&use->options, retort_options_free);
  return FALSE;
}

RetortYaml *
retort_planner_pick (RetortPlanner *planner, const RetortYaml *map, const char *const *keys)
{
  RetortYaml *picked = retort_yaml_copy (planner->file, map);
  guint n = 0;

  for (guint i = 0; i < picked->n_items; i++)
    if (g_strv_contains (keys, picked->keys[i]->text)) {
      picked->keys[n] = picked->keys[i];
      picked->items[n++] = picked->items[i];
    }
  picked->n_items = n;
  return picked;
}

RetortCell *
retort_planner_instance_cell (RetortPlanner *planner, RetortPartInstance *instance, const char *suffix,
                              const RetortVerb *verb, const char *use)
{
  RetortCell *cell = retort_planner_cell (planner, g_strconcat (instance->name, suffix, NULL), instance->part->name,
                                          use, verb, instance->part->at);
  const RetortYaml *seed = instance->part->is_data ? NULL : retort_yaml_get (instance->node, "seed");
  const RetortYaml *limit = retort_yaml_get (instance->node, "limit");
  const RetortYaml *time = retort_yaml_get (limit, "time"), *stall = retort_yaml_get (limit, "stall");
  gint64 integer;

  if (seed != NULL && retort_yaml_to_int (seed, &integer))
    cell->seed = (guint64)integer;
  if (time != NULL)
    retort_parse_duration (time->text, &cell->time_limit);
  if (stall != NULL)
    retort_parse_duration (stall->text, &cell->stall_limit);
  for (guint i = 0; i < planner->axes->len; i++)
    if (instance->choices[i] >= 0) {
      const RetortAxis *axis = planner->axes->pdata[i];
      RetortAxisValue value
          = { axis->name, g_array_index (axis->choices, RetortAxisChoice, instance->choices[i]).name };
      g_array_append_val (cell->axes, value);
    }
  return cell;
}

void
retort_planner_bind_inputs (RetortPartInstance *instance, RetortCell *cell, const RetortVerb *verb)
{
  for (guint i = 0; i < G_N_ELEMENTS (verb->slots) && verb->slots[i].name != NULL; i++)
    for (guint j = 0; j < instance->inputs->len; j++) {
      const RetortPartInput *input = &g_array_index (instance->inputs, RetortPartInput, j);
      for (guint k = 0; k < input->from->len && strcmp (input->slot->name, verb->slots[i].name) == 0; k++)
        retort_cell_add_input (cell, input->slot->name, ((RetortPartInstance *)input->from->pdata[k])->cell);
    }
}

/* --- one instance --- */

static void
bind_instance (RetortPlanner *planner, RetortPartInstance *instance)
{
  const RetortVerb *verb = instance->verb;
  Parts parts = { 0 };
  gboolean good = find_parts (planner, instance, &parts);

  good = !instance->broken && inputs_stand (instance) && good;
  good = (!inputs_stand (instance) || check_artifacts (planner, instance)) && good;
  good = find_task (planner, instance, &parts.task) && good;
  if (parts.plugin.loaded != NULL && parts.task != NULL)
    good = check_task (planner, instance, &parts.plugin, parts.task) && good;
  if (!good) {
    if (verb->run == NULL)
      retort_planner_check_endpoint (planner, instance);
    clear_parts (&parts);
    return;
  }
  if (verb->run == NULL) { /* generate, extract */
    instance->cell = retort_planner_bind_asking (planner, instance, parts.task);
    clear_parts (&parts);
    return;
  }
  const RetortYaml *use = retort_yaml_get (instance->node, "use");
  RetortCell *cell = retort_planner_instance_cell (planner, instance, NULL, verb, use != NULL ? use->text : verb->name);
  cell->plugin = parts.plugin;
  cell->tokenizer = parts.tokenizer;
  cell->options = parts.options;
  cell->task = parts.task;
  retort_planner_bind_inputs (instance, cell, verb);
  if (find_label (planner, instance, cell))
    instance->cell = cell;
}

static void
clear_parts (Parts *parts)
{
  retort_options_free (parts->plugin.options);
  retort_options_free (parts->tokenizer.options);
  retort_options_free (parts->options);
  retort_task_free (parts->task);
}

/* Plugin, options, tokenizer: what does not depend on inputs. */
static gboolean
find_parts (RetortPlanner *planner, RetortPartInstance *instance, Parts *parts)
{
  const RetortVerb *verb = instance->verb;
  const RetortYaml *node = instance->node;
  const RetortYaml *with = retort_yaml_get (node, "with"), *use = retort_yaml_get (node, "use");
  const RetortYaml *tokenizer = retort_yaml_get (node, "tokenizer");
  const RetortYaml *limit = retort_yaml_get (node, "limit");
  gboolean good, limit_good = TRUE;

  if (instance->part->is_data)
    return find_read (planner, instance, parts);
  if (limit != NULL)
    limit_good = retort_keys_check (retort_keys_limit, planner->file, limit, limit, "a limit", planner->diagnostics);
  if (verb->is_kind)
    good = retort_planner_use (planner, use, with, verb->name, &parts->plugin);
  else {
    const RetortOptionTable table = retort_verb_table (verb);
    parts->options = retort_options_fill (&table, planner->file, with, use, verb->name, planner->diagnostics);
    good = parts->options != NULL && check_options (planner, instance, parts->options);
  }
  if (tokenizer == NULL && parts->plugin.loaded != NULL && needs_tokens (instance, &parts->plugin)) {
    tokenizer = retort_yaml_get (planner->file->root, "tokenizer");
    if (tokenizer == NULL)
      tokenizer = retort_yaml_new_scalar (planner->file, use, "tokenizer/clinical", FALSE);
  }
  if (tokenizer != NULL) {
    good = retort_planner_tokenizer (planner, tokenizer, &parts->tokenizer) && good;
    if (parts->plugin.loaded != NULL && !needs_tokens (instance, &parts->plugin)) {
      g_clear_pointer (&parts->tokenizer.options, retort_options_free);
      parts->tokenizer.loaded = NULL;
    }
  }
  return good && limit_good;
}

static gboolean
find_read (RetortPlanner *planner, RetortPartInstance *instance, Parts *parts)
{
  static const char *const own[] = { "path", "format", "map", NULL };
  const RetortYaml *entry = instance->node, *label = retort_yaml_get (entry, "label");
  const RetortOptionTable table = retort_verb_table (instance->verb);
  g_autofree char *where = g_strdup_printf ("data entry '%s'", instance->part->name);
  RetortLabel ignored;
  gboolean good = retort_planner_use (planner, retort_yaml_get (entry, "format"), retort_yaml_get (entry, "with"),
                                      "format", &parts->plugin);

  parts->options = retort_options_fill (&table, planner->file, retort_planner_pick (planner, entry, own),
                                        instance->part->at, where, planner->diagnostics);
  good = (label == NULL || retort_planner_label (planner, label, where, &ignored)) && good;
  return parts->options != NULL && good;
}

static gboolean
needs_tokens (const RetortPartInstance *instance, const RetortUse *plugin)
{
  if (plugin->loaded->plugin->kind == RETORT_KIND_FILTER)
    return ((const RetortFilterRole *)plugin->loaded->role)->needs_tokens;
  return instance->verb->tokenizes;
}

/* What the tables of options cannot say. */
static gboolean
check_options (RetortPlanner *planner, RetortPartInstance *instance, const RetortOptions *options)
{
  const RetortYaml *with = retort_yaml_get (instance->node, "with");

  if (strcmp (instance->verb->name, "folds") == 0) {
    const RetortFoldsOptions *folds = options->data;
    if (folds->fold > folds->k) {
      retort_planner_complain (planner, RETORT_CODE_VERB_OPTION, retort_yaml_get (with, "fold"), NULL,
                               "there are %" G_GINT64_FORMAT " folds; no fold is number %" G_GINT64_FORMAT, folds->k,
                               folds->fold);
      return FALSE;
    }
  }
  if (strcmp (instance->verb->name, "concat") == 0)
    return check_weights (planner, retort_yaml_get (with, "weights"));
  if (strcmp (instance->verb->name, "generate") == 0) {
    const RetortGenerateOptions *generate = options->data;
    guint64 n;
    if (strcmp (generate->accept, "all") != 0
        && !g_ascii_string_to_unsigned (generate->accept, 10, 1, G_MAXUINT32, &n, NULL)) {
      retort_planner_complain (planner, RETORT_CODE_VERB_OPTION, retort_yaml_get (with, "accept"), NULL,
                               "'accept' takes `all` or a number of documents, not '%s'", generate->accept);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_weights (RetortPlanner *planner, const RetortYaml *weights)
{
  g_auto (GStrv) names = retort_planner_part_names (planner);
  gboolean good = TRUE;
  double weight;

  for (guint i = 0; weights != NULL && i < weights->n_items; i++) {
    if (retort_planner_part (planner, weights->keys[i]->text) == NULL) {
      g_autofree char *hint = retort_hint (weights->keys[i]->text, (const char *const *)names, "steps and data");
      retort_planner_complain (planner, RETORT_CODE_UNKNOWN_STEP, weights->keys[i], hint,
                               "there is no step or data entry '%s'", weights->keys[i]->text);
      good = FALSE;
    }
    if (!retort_yaml_to_number (weights->items[i], &weight) || weight <= 0 || weight > 1e6) {
      g_autofree char *what = retort_yaml_what (weights->items[i]);
      retort_planner_complain (planner, RETORT_CODE_VERB_OPTION, weights->items[i], NULL,
                               "the weight of '%s' is a number above 0 and at most 1000000, not %s",
                               weights->keys[i]->text, what);
      good = FALSE;
    }
  }
  return good;
}

/* --- inputs --- */

static gboolean
inputs_stand (const RetortPartInstance *instance)
{
  for (guint i = 0; i < instance->inputs->len; i++) {
    const RetortPartInput *input = &g_array_index (instance->inputs, RetortPartInput, i);
    for (guint j = 0; j < input->from->len; j++)
      if (((RetortPartInstance *)input->from->pdata[j])->cell == NULL)
        return FALSE;
  }
  return TRUE;
}

static gboolean
check_artifacts (RetortPlanner *planner, const RetortPartInstance *instance)
{
  static const char *const artifacts[] = {
    [RETORT_ARTIFACT_CORPUS] = "a corpus", [RETORT_ARTIFACT_MODEL] = "a model",
    [RETORT_ARTIFACT_REQUESTS] = "requests", [RETORT_ARTIFACT_ANSWERS] = "answers",
    [RETORT_ARTIFACT_SCORES] = "scores", [RETORT_ARTIFACT_COMPARISON] = "a comparison",
  };
  gboolean good = TRUE;

  for (guint i = 0; i < instance->inputs->len; i++) {
    const RetortPartInput *input = &g_array_index (instance->inputs, RetortPartInput, i);
    for (guint j = 0; j < input->from->len; j++) {
      const RetortPartInstance *from = input->from->pdata[j];
      if (from->verb->gives == input->slot->takes)
        continue;
      const gboolean is_list = input->at->type == RETORT_YAML_SEQUENCE;
      g_autofree char *hint = g_strdup_printf ("'%s' is `use: %s`", from->part->name, from->cell->use);
      retort_planner_complain (
          planner, RETORT_CODE_WRONG_ARTIFACT, is_list ? input->at->items[MIN (j, input->at->n_items - 1)] : input->at,
          hint, "input '%s' of step '%s' takes %s, but '%s' makes %s", input->slot->name, instance->part->name,
          artifacts[input->slot->takes], from->part->name, artifacts[from->verb->gives]);
      good = FALSE;
    }
  }
  return good;
}

/* --- tasks --- */

/* Its own, else that of its inputs, else the pipeline's. FALSE with a complaint if there is one to make. */
static gboolean
find_task (RetortPlanner *planner, RetortPartInstance *instance, RetortTask **task)
{
  const RetortYaml *own = retort_yaml_get (instance->node, "task");
  g_autofree char *where
      = g_strdup_printf (instance->part->is_data ? "data entry '%s'" : "step '%s'", instance->part->name);

  if (own != NULL) {
    *task = retort_planner_task (planner, own, where);
    return *task != NULL;
  }
  if (instance->broken || !inputs_stand (instance))
    return FALSE;
  if (instance->inputs->len > 0) {
    if (!inputs_task (planner, instance, task))
      return FALSE;
  } else if (planner->task != NULL)
    *task = retort_task_copy (planner->task);
  if (*task != NULL || instance->part->is_data || !instance->verb->uses_task)
    return !planner->task_broken;
  if (!planner->task_broken)
    retort_planner_complain (planner, RETORT_CODE_TASK_MISSING, instance->part->at,
                             "task: {entities: [LABEL, ...]}, at the top, on a data entry, or on the step",
                             "step '%s' (%s) needs a task, and none is given", instance->part->name,
                             instance->verb->name);
  return FALSE;
}

static gboolean
inputs_task (RetortPlanner *planner, const RetortPartInstance *instance, RetortTask **task)
{
  const RetortPartInstance *first = NULL;

  for (guint i = 0; i < instance->inputs->len; i++) {
    const RetortPartInput *input = &g_array_index (instance->inputs, RetortPartInput, i);
    for (guint j = 0; j < input->from->len; j++) {
      const RetortPartInstance *from = input->from->pdata[j];
      if (from->cell->task == NULL)
        continue;
      if (first != NULL && !retort_task_equal (first->cell->task, from->cell->task)) {
        retort_planner_complain (planner, RETORT_CODE_TASK_CONFLICT, instance->part->at,
                                 "say which one holds: `task: ...` on the step",
                                 "the inputs of step '%s' have different tasks: '%s' and '%s'", instance->part->name,
                                 first->part->name, from->part->name);
        return FALSE;
      }
      if (first == NULL)
        first = from;
    }
  }
  if (first != NULL)
    *task = retort_task_copy (first->cell->task);
  return TRUE;
}

/* What is to be found against what can be found. */
static gboolean
check_task (RetortPlanner *planner, const RetortPartInstance *instance, const RetortUse *plugin, const RetortTask *task)
{
  const RetortYaml *use = retort_yaml_get (instance->node, "use");
  const gboolean is_model = plugin->loaded->plugin->kind == RETORT_KIND_MODEL;
  RetortWant can;

  if (is_model)
    can = ((const RetortModelRole *)plugin->loaded->role)->tasks;
  else if (plugin->loaded->plugin->kind == RETORT_KIND_EVALUATOR)
    can = ((const RetortEvaluatorRole *)plugin->loaded->role)->tasks;
  else
    return TRUE;
  if (can == RETORT_WANT_RELATIONS && task->n_relations == 0) {
    retort_planner_complain (planner, RETORT_CODE_TASK_NEEDS, use, "task: {entities: [A, B], relations: {R: [A, B]}}",
                             "%s is for relations, but the task of step '%s' has none", plugin->loaded->id,
                             instance->part->name);
    return FALSE;
  }
  if (is_model && can == RETORT_WANT_ENTITIES && task->n_relations > 0) {
    retort_planner_complain (
        planner, RETORT_CODE_TASK_NEEDS, use, "use a model for relations, or give the step a task of entities alone",
        "%s finds entities only, but the task of step '%s' has relations", plugin->loaded->id, instance->part->name);
    return FALSE;
  }
  return TRUE;
}

/* --- privacy --- */

/* Labels come from inputs; only reading and declassifying state one. */
static gboolean
find_label (RetortPlanner *planner, const RetortPartInstance *instance, RetortCell *cell)
{
  const RetortYaml *label = retort_yaml_get (instance->node, "label");

  if (instance->part->is_data) {
    cell->label = RETORT_LABEL_RESTRICTED;
    return label == NULL || retort_label_parse (label->text, &cell->label);
  }
  if (strcmp (cell->verb->name, "declassify") != 0)
    return TRUE;
  const RetortDeclassifyOptions *options = cell->options->data;
  const RetortYaml *to = retort_yaml_get (retort_yaml_get (instance->node, "with"), "to");
  RetortLabel lower = RETORT_LABEL_PHI;
  gboolean known = retort_label_parse (options->to, &lower);
  g_assert (known);
  if (lower >= cell->label) {
    retort_planner_complain (planner, RETORT_CODE_DECLASSIFY, to, "leave the step out, or name a lower label",
                             "declassify lowers a label, but the input of '%s' is '%s' already, not above '%s'",
                             instance->part->name, retort_label_names[cell->label], options->to);
    return FALSE;
  }
  cell->label = lower;
  return TRUE;
}
