/* ask - the three cells of `generate` and `extract`: render writes the requests, fetch gets the answers, parse makes
 * documents of them; and the privacy rule: nothing is asked of an endpoint whose clearance is below its label. */
#include "pipeline/planner.h"

#include "pipeline/prompt.h"
#include <string.h>

static RetortEndpoint *find_endpoint (RetortPlanner *planner, const RetortYaml *at);
static gboolean check_prompt (RetortPlanner *planner, const RetortYaml *at, const char *path, const RetortTask *task,
                              gboolean generates, RetortLabel *label);
static gboolean check_clearance (RetortPlanner *planner, const RetortPartInstance *instance, const RetortYaml *at,
                                 RetortLabel label, const RetortEndpoint *endpoint);
static RetortLabel inputs_label (const RetortPartInstance *instance);
static RetortCell *asking_cell (RetortPlanner *planner, RetortPartInstance *instance, const char *suffix,
                                const char *verb, const RetortTask *task, const char *prompt);

RetortCell *
retort_planner_bind_asking (RetortPlanner *planner, RetortPartInstance *instance, RetortTask *task)
{
  static const char *const parse_keys[] = { "accept", NULL };
  const gboolean generates = strcmp (instance->verb->name, "generate") == 0;
  const RetortYaml *with = retort_yaml_get (instance->node, "with");
  const RetortYaml *endpoint_at = retort_yaml_get (with, "endpoint"), *prompt_at = retort_yaml_get (with, "prompt");
  const RetortOptionTable table = retort_verb_table (instance->verb);
  g_autoptr (RetortOptions) options = retort_options_fill (&table, planner->file, with, instance->part->at,
                                                           instance->verb->name, planner->diagnostics);
  const char *prompt
      = generates ? ((RetortGenerateOptions *)options->data)->prompt : ((RetortExtractOptions *)options->data)->prompt;

  RetortEndpoint *endpoint = find_endpoint (planner, endpoint_at);
  RetortLabel label = inputs_label (instance);
  gboolean good = check_prompt (planner, prompt_at, prompt, task, generates, &label);
  if (endpoint == NULL || endpoint->plugin.options == NULL
      || !check_clearance (planner, instance, endpoint_at, label, endpoint) || !good)
    return NULL;

  RetortCell *render = asking_cell (planner, instance, ":render", "render", task, prompt);
  retort_planner_bind_inputs (instance, render, render->verb);
  render->label = label;

  RetortCell *fetch = asking_cell (planner, instance, ":fetch", "fetch", task, NULL);
  const RetortYaml *node = retort_planner_substitute (planner, endpoint->node, NULL);
  retort_planner_use (planner, retort_yaml_get (node, "use"), retort_yaml_get (node, "with"), "generator",
                      &fetch->plugin);
  fetch->clearance = endpoint->clearance;
  retort_cell_add_input (fetch, "requests", render);

  RetortCell *parse = asking_cell (planner, instance, NULL, "parse", task, prompt);
  const RetortOptionTable parse_table = retort_verb_table (parse->verb);
  parse->options = retort_options_fill (&parse_table, planner->file, retort_planner_pick (planner, with, parse_keys),
                                        instance->part->at, "parse", planner->diagnostics);
  retort_cell_add_input (parse, "answers", fetch);
  retort_cell_add_input (parse, "requests", render);
  retort_planner_bind_inputs (instance, parse, instance->verb);
  return parse;
}

void
retort_planner_check_endpoint (RetortPlanner *planner, const RetortPartInstance *instance)
{
  const RetortYaml *at = retort_yaml_get (retort_yaml_get (instance->node, "with"), "endpoint");

  if (at != NULL && at->type == RETORT_YAML_SCALAR)
    find_endpoint (planner, at);
}

static RetortEndpoint *
find_endpoint (RetortPlanner *planner, const RetortYaml *at)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < planner->endpoints->len; i++) {
    RetortEndpoint *endpoint = planner->endpoints->pdata[i];
    if (strcmp (endpoint->name, at->text) == 0)
      return endpoint;
    g_ptr_array_add (names, (char *)endpoint->name);
  }
  g_ptr_array_add (names, NULL);
  g_autofree char *hint = names->len > 1 ? retort_hint (at->text, (const char *const *)names->pdata, "endpoints")
                                         : g_strdup ("who may be asked stands under `endpoints`");
  retort_planner_complain (planner, RETORT_CODE_UNKNOWN_ENDPOINT, at, hint, "there is no endpoint '%s'", at->text);
  return NULL;
}

static gboolean
check_prompt (RetortPlanner *planner, const RetortYaml *at, const char *path, const RetortTask *task,
              gboolean generates, RetortLabel *label)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RetortPrompt) prompt = retort_prompt_load (
      path, task, generates ? RETORT_PURPOSE_GENERATE : RETORT_PURPOSE_EXTRACT, planner->diagnostics, &error);

  if (prompt == NULL && !g_error_matches (error, RETORT_ERROR, RETORT_ERROR_DATA))
    retort_planner_complain (planner, RETORT_CODE_PROMPT_FILE, at, NULL, "%s", error->message);
  if (prompt != NULL)
    *label = MAX (*label, retort_prompt_label (prompt)); /* its examples are asked as well */
  return prompt != NULL;
}

static gboolean
check_clearance (RetortPlanner *planner, const RetortPartInstance *instance, const RetortYaml *at, RetortLabel label,
                 const RetortEndpoint *endpoint)
{
  g_autoptr (GString) others = g_string_new (NULL);

  if (label <= endpoint->clearance)
    return TRUE;
  for (guint i = 0; i < planner->endpoints->len; i++) {
    const RetortEndpoint *other = planner->endpoints->pdata[i];
    if (other->plugin.options != NULL && other->clearance >= label)
      g_string_append_printf (others, "%s%s", others->len > 0 ? ", " : "", other->name);
  }
  g_autofree char *hint = g_strdup_printf (
      "ask an endpoint that is cleared for it%s%s%s, or lower the label where someone answers for it "
      "(`use: declassify`)",
      others->len > 0 ? " (" : "", others->str, others->len > 0 ? ")" : "");
  planner->n_refused++;
  retort_planner_complain (planner, RETORT_CODE_CLEARANCE, at, hint,
                           "step '%s' would send text labelled '%s' to '%s', which is cleared for '%s'",
                           instance->part->name, retort_label_names[label], endpoint->name,
                           retort_label_names[endpoint->clearance]);
  return FALSE;
}

static RetortLabel
inputs_label (const RetortPartInstance *instance)
{
  RetortLabel label = RETORT_LABEL_PUBLIC;

  for (guint i = 0; i < instance->inputs->len; i++) {
    const RetortPartInput *input = &g_array_index (instance->inputs, RetortPartInput, i);
    for (guint j = 0; j < input->from->len; j++)
      label = MAX (label, ((RetortPartInstance *)input->from->pdata[j])->cell->label);
  }
  return label;
}

static RetortCell *
asking_cell (RetortPlanner *planner, RetortPartInstance *instance, const char *suffix, const char *verb,
             const RetortTask *task, const char *prompt)
{
  RetortCell *cell = retort_planner_instance_cell (planner, instance, suffix, retort_verb_find (verb), verb);

  cell->task = retort_task_copy (task);
  cell->prompt = g_strdup (prompt);
  cell->purpose = prompt != NULL ? instance->verb->name : NULL;
  return cell;
}
