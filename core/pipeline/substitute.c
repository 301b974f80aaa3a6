/* substitute - ${data} and ${matrix.AXIS}. `$${` stands for a plain `${`. */
#include "pipeline/planner.h"

#include <string.h>

/* The next ${name} at or after `text`; NULL name: there is none. */
typedef struct {
  const char *start, *end; /* of "${name}" */
  char *name;
} Variable;

static gboolean next_variable (const char *text, Variable *variable);
static gint axis_index (RetortPlanner *planner, const RetortYaml *at, const char *variable);
static RetortYaml *replace (RetortPlanner *planner, RetortYaml *node, const gint *choices);
static RetortYaml *replace_scalar (RetortPlanner *planner, RetortYaml *node, const gint *choices);
static void splice (RetortPlanner *planner, RetortYaml *list);
static RetortYaml *choice_value (RetortPlanner *planner, const char *variable, const RetortYaml *at,
                                 const gint *choices);

gboolean
retort_planner_mentions (RetortPlanner *planner, const RetortYaml *node, gboolean *axes)
{
  gboolean good = TRUE;
  Variable variable;

  if (node == NULL)
    return TRUE;
  for (guint i = 0; i < node->n_items; i++)
    good = retort_planner_mentions (planner, node->items[i], axes) && good;
  if (node->type != RETORT_YAML_SCALAR)
    return good;
  for (const char *text = node->text; next_variable (text, &variable); text = variable.end) {
    if (strcmp (variable.name, "data") != 0) {
      const gint axis = axis_index (planner, node, variable.name);
      if (axis >= 0)
        axes[axis] = ((RetortAxis *)planner->axes->pdata[axis])->mentioned = TRUE;
      good = good && axis >= 0;
    }
    g_free (variable.name);
  }
  return good;
}

const RetortYaml *
retort_planner_substitute (RetortPlanner *planner, const RetortYaml *node, const gint *choices)
{
  return replace (planner, retort_yaml_copy (planner->file, node), choices);
}

static RetortYaml *
replace (RetortPlanner *planner, RetortYaml *node, const gint *choices)
{
  gboolean good = TRUE;

  if (node->type == RETORT_YAML_SCALAR)
    return strstr (node->text, "${") != NULL ? replace_scalar (planner, node, choices) : node;
  for (guint i = 0; i < node->n_items; i++) {
    RetortYaml *item = replace (planner, node->items[i], choices);
    if (item != NULL)
      node->items[i] = item;
    good = good && item != NULL;
  }
  if (good && node->type == RETORT_YAML_SEQUENCE)
    splice (planner, node);
  return good ? node : NULL;
}

static RetortYaml *
replace_scalar (RetortPlanner *planner, RetortYaml *node, const gint *choices)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *at = node->text;
  Variable variable;

  while (next_variable (at, &variable)) {
    g_autofree char *name = variable.name;
    g_string_append_len (text, at, variable.start - at);
    if (strcmp (name, "data") == 0)
      g_string_append (text, planner->data_root);
    else {
      RetortYaml *value = choice_value (planner, name, node, choices);
      if (value == NULL)
        return NULL;
      if (variable.start == node->text && *variable.end == '\0')
        return value;
      if (value->type != RETORT_YAML_SCALAR) {
        retort_planner_complain (planner, RETORT_CODE_MATRIX_LIST, node, "write '${...}' alone, as the whole value",
                                 "a list cannot stand inside a longer text: '%s'", node->text);
        return NULL;
      }
      g_string_append (text, value->text);
    }
    at = variable.end;
  }
  g_string_append (text, at);
  for (char *escaped; (escaped = strstr (text->str, "$${")) != NULL;)
    g_string_erase (text, escaped - text->str, 1);
  return retort_yaml_new_scalar (planner->file, node, text->str, TRUE);
}

/* [real, "${matrix.more}"] with more = [a, b] is [real, a, b]. */
static void
splice (RetortPlanner *planner, RetortYaml *list)
{
  for (guint i = 0; i < list->n_items;) {
    RetortYaml *inner = list->items[i];
    if (inner->type != RETORT_YAML_SEQUENCE) {
      i++;
      continue;
    }
    const guint n_items = list->n_items - 1 + inner->n_items;
    RetortYaml **items = g_new (RetortYaml *, n_items + 1);
    memcpy (items, list->items, i * sizeof *items);
    memcpy (items + i, inner->items, inner->n_items * sizeof *items);
    memcpy (items + i + inner->n_items, list->items + i + 1, (list->n_items - i - 1) * sizeof *items);
    g_free (list->items);
    list->items = items;
    list->n_items = n_items;
  }
}

static RetortYaml *
choice_value (RetortPlanner *planner, const char *variable, const RetortYaml *at, const gint *choices)
{
  const gint i = axis_index (planner, at, variable);

  if (i < 0)
    return NULL;
  if (choices == NULL) {
    ((RetortAxis *)planner->axes->pdata[i])->mentioned = TRUE;
    retort_planner_complain (planner, RETORT_CODE_UNKNOWN_VARIABLE, at, "axes repeat steps, nothing else",
                             "'${%s}' stands outside of the steps", variable);
    return NULL;
  }
  g_assert (choices[i] >= 0);
  const RetortAxis *axis = planner->axes->pdata[i];
  const RetortAxisChoice *choice = &g_array_index (axis->choices, RetortAxisChoice, choices[i]);
  return replace (planner, retort_yaml_copy (planner->file, choice->value), NULL);
}

static gboolean
next_variable (const char *text, Variable *variable)
{
  for (const char *start = strstr (text, "${"); start != NULL; start = strstr (start + 2, "${")) {
    const char *end = strchr (start, '}');
    if (end == NULL)
      return FALSE;
    if (start > text && start[-1] == '$')
      continue;
    *variable = (Variable){ start, end + 1, g_strndup (start + 2, end - start - 2) };
    return TRUE;
  }
  return FALSE;
}

/* Of "matrix.NAME", or -1 with a complaint. */
static gint
axis_index (RetortPlanner *planner, const RetortYaml *at, const char *variable)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (!g_str_has_prefix (variable, "matrix.")) {
    retort_planner_complain (planner, RETORT_CODE_UNKNOWN_VARIABLE, at, "there are ${data} and ${matrix.AXIS}",
                             "unknown variable '${%s}'", variable);
    return -1;
  }
  const char *name = variable + strlen ("matrix.");
  for (guint i = 0; i < planner->axes->len; i++) {
    const RetortAxis *axis = planner->axes->pdata[i];
    if (strcmp (axis->name, name) == 0)
      return (gint)i;
    g_ptr_array_add (names, (char *)axis->name);
  }
  g_ptr_array_add (names, NULL);
  const char *near = retort_suggest (name, (const char *const *)names->pdata);
  for (guint i = 0; near != NULL && i < planner->axes->len; i++) {
    RetortAxis *axis = planner->axes->pdata[i];
    axis->mentioned = axis->mentioned || axis->name == near; /* that nobody mentions it would be no news */
  }
  g_autofree char *hint = names->len > 1 ? retort_hint (name, (const char *const *)names->pdata, "axes")
                                         : g_strdup ("the pipeline has no `matrix`");
  retort_planner_complain (planner, RETORT_CODE_UNKNOWN_AXIS, at, hint, "there is no axis '%s'", name);
  return -1;
}
