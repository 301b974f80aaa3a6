/* expand - the matrix: parts -> instances.
 *
 * A step is repeated for each combination of the axes that it mentions. For each of these its inputs are known by name,
 * and it joins with their instances: those that agree on every axis that both depend on. So an instance depends on an
 * axis only if its own text, or what it was made from, does: where `source: {synthetic: [clean], real: [real]}`, the
 * model of `real` is not repeated for a seed that only `clean` depends on. A slot that fans out joins with one subject
 * at a time. */
#include "pipeline/planner.h"

#include "base/limit.h"
#include <string.h>

/* The names under one slot. */
typedef struct {
  const RetortSlot *slot;
  GPtrArray *parts; /* of RetortPart */
  const RetortYaml *at;
} Reference;

/* A join on its way: which instances were chosen so far. */
typedef struct {
  RetortPlanner *planner;
  RetortPart *part;
  const RetortVerb *verb;
  const RetortYaml *node;
  GArray *references; /* of Reference */
  GPtrArray *chosen;  /* of RetortPartInstance; as the references' parts, in order, but one for a slot that fans out */
} Join;

static void visit (RetortPlanner *planner, RetortPart *part, const RetortYaml *at);
static void complain_cycle (RetortPlanner *planner, RetortPart *part, const RetortYaml *at);
static void expand_axes (RetortPlanner *planner, RetortPart *part, gint *choices, guint axis);
static void expand_part (RetortPlanner *planner, RetortPart *part, const gint *choices);
static gboolean within_limit (RetortPlanner *planner, const RetortPart *part, guint *counter);
static const RetortVerb *find_verb (RetortPlanner *planner, const RetortYaml *use);
static gboolean find_references (RetortPlanner *planner, RetortPart *part, const RetortVerb *verb,
                                 const RetortYaml *node, GArray *references);
static gboolean find_reference (RetortPlanner *planner, RetortPart *part, const RetortSlot *slot,
                                const RetortYaml *value, GArray *references);
static gboolean check_slots (RetortPlanner *planner, RetortPart *part, const RetortVerb *verb, const RetortYaml *in);
static void join (Join *state, const gint *choices, guint reference, guint item);
static void join_with (Join *state, const gint *choices, RetortPart *input, guint reference, guint item);
static void add_instance (Join *state, const gint *choices);
static void add_broken_instance (Join *state, const gint *choices);
static char *instance_name (RetortPlanner *planner, const RetortPartInstance *instance);
static int compare_instances (gconstpointer a, gconstpointer b, gpointer n_axes);

void
retort_planner_expand (RetortPlanner *planner)
{
  for (guint i = 0; i < planner->parts->len; i++) {
    RetortPart *part = planner->parts->pdata[i];
    visit (planner, part, part->at);
  }
}

/* Inputs first; a part that is met on the way to itself is a cycle. */
static void
visit (RetortPlanner *planner, RetortPart *part, const RetortYaml *at)
{
  if (part->state == RETORT_PART_VISITED)
    complain_cycle (planner, part, at);
  if (part->state != RETORT_PART_NEW)
    return;
  part->state = RETORT_PART_VISITED;
  g_ptr_array_add (planner->path, part);
  if (!part->broken) {
    g_autofree gint *choices = g_new (gint, planner->axes->len + 1);
    for (guint i = 0; i < planner->axes->len; i++)
      choices[i] = -1;
    expand_axes (planner, part, choices, 0);
  }
  g_ptr_array_set_size (planner->path, planner->path->len - 1);
  part->state = RETORT_PART_DONE;
  g_ptr_array_sort_with_data (part->instances, compare_instances, GUINT_TO_POINTER (planner->axes->len));
  g_ptr_array_add (planner->order, part);
}

static void
complain_cycle (RetortPlanner *planner, RetortPart *part, const RetortYaml *at)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint first = 0;

  while (planner->path->pdata[first] != part)
    first++;
  for (guint i = first; i < planner->path->len; i++) {
    RetortPart *member = planner->path->pdata[i];
    g_string_append_printf (names, "%s <- ", member->name);
    member->broken = TRUE;
  }
  retort_planner_complain (planner, RETORT_CODE_CYCLE, at, "one of these inputs has to come from elsewhere",
                           "steps wait for each other: %s%s", names->str, part->name);
}

/* --- the axes that a part itself mentions --- */

static void
expand_axes (RetortPlanner *planner, RetortPart *part, gint *choices, guint axis)
{
  while (axis < planner->axes->len && !part->axes[axis])
    axis++;
  if (planner->too_many)
    return;
  if (axis == planner->axes->len) {
    expand_part (planner, part, choices);
    return;
  }
  const guint n_choices = ((RetortAxis *)planner->axes->pdata[axis])->choices->len;
  for (guint i = 0; i < n_choices; i++) {
    choices[axis] = (gint)i;
    expand_axes (planner, part, choices, axis + 1);
  }
  choices[axis] = -1;
}

static void
expand_part (RetortPlanner *planner, RetortPart *part, const gint *choices)
{
  g_autoptr (GArray) references = g_array_new (FALSE, FALSE, sizeof (Reference));
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();

  if (!within_limit (planner, part, &planner->n_combinations))
    return;
  const RetortYaml *node = retort_planner_substitute (planner, part->node, part->is_data ? NULL : choices);
  if (node == NULL) {
    part->broken = TRUE;
    return;
  }
  g_autofree char *where = g_strdup_printf (part->is_data ? "data entry '%s'" : "step '%s'", part->name);
  const RetortVerb *verb = part->is_data ? retort_verb_find ("read") : NULL;
  if (!retort_keys_check (part->is_data ? retort_keys_data : retort_keys_step, planner->file, node, part->at, where,
                          planner->diagnostics)
      || (verb == NULL && (verb = find_verb (planner, retort_yaml_get (node, "use"))) == NULL)) {
    part->broken = TRUE;
    return;
  }
  Join state = { planner, part, verb, node, references, chosen };
  if (find_references (planner, part, verb, node, references))
    join (&state, choices, 0, 0);
  else
    add_broken_instance (&state, choices);
  for (guint i = 0; i < references->len; i++)
    g_ptr_array_unref (g_array_index (references, Reference, i).parts);
}

/* Both what is tried and what comes of it are bounded. */
static gboolean
within_limit (RetortPlanner *planner, const RetortPart *part, guint *counter)
{
  if (++*counter <= RETORT_LIMIT_CELLS)
    return TRUE;
  if (!planner->too_many)
    retort_planner_complain (planner, RETORT_CODE_TOO_MANY_CELLS, part->at, "leave values out of an axis, or an axis",
                             "the matrix makes more than %d cells; step '%s' is where it passes that",
                             RETORT_LIMIT_CELLS, part->name);
  planner->too_many = TRUE;
  return FALSE;
}

static const RetortVerb *
find_verb (RetortPlanner *planner, const RetortYaml *use)
{
  const RetortVerb *verb = retort_verb_find (use->text), *other;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (verb != NULL && verb->user)
    return verb;
  for (guint i = 0; (other = retort_verb_at (i)) != NULL; i++)
    if (other->user)
      g_ptr_array_add (names, g_strconcat (other->name, other->is_kind ? "/NAME" : NULL, NULL));
  g_ptr_array_add (names, NULL);
  const char *const *list = (const char *const *)names->pdata;
  g_autofree char *all = g_strjoinv (", ", (char **)list);
  const char *near = retort_suggest (use->text, list);
  g_autofree char *hint
      = near != NULL ? g_strdup_printf ("did you mean '%s'?", near) : g_strdup_printf ("a step can be: %s", all);

  /* "modle/crf": what stands before the slash decides. */
  const char *slash = strchr (use->text, '/');
  if (slash != NULL && near == NULL) {
    g_autofree char *kind = g_strdup_printf ("%.*s/NAME", (int)(slash - use->text), use->text);
    if ((near = retort_suggest (kind, list)) != NULL) {
      g_free (hint);
      hint = g_strdup_printf ("did you mean '%.*s%s'?", (int)(strchr (near, '/') - near), near, slash);
    }
  }
  retort_planner_complain (planner, RETORT_CODE_UNKNOWN_VERB, use, hint, "a step cannot be '%s'", use->text);
  return NULL;
}

/* --- inputs by name --- */

static gboolean
find_references (RetortPlanner *planner, RetortPart *part, const RetortVerb *verb, const RetortYaml *node,
                 GArray *references)
{
  const RetortYaml *in = retort_yaml_get (node, "in");
  gboolean good = check_slots (planner, part, verb, in);

  for (const RetortSlot *slot = verb->slots; slot < verb->slots + G_N_ELEMENTS (verb->slots) && slot->name != NULL;
       slot++) {
    const RetortYaml *value = retort_yaml_get (in, slot->name);
    if (value != NULL)
      good = find_reference (planner, part, slot, value, references) && good;
    else if (slot->required) {
      g_autofree char *hint = g_strdup_printf ("in: {%s: STEP}", slot->name);
      retort_planner_complain (planner, RETORT_CODE_MISSING_INPUT, in != NULL ? in : part->at, hint,
                               "step '%s' (%s) needs the input '%s'", part->name, verb->name, slot->name);
      good = FALSE;
    }
  }
  return good;
}

static gboolean
check_slots (RetortPlanner *planner, RetortPart *part, const RetortVerb *verb, const RetortYaml *in)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  gboolean good = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (verb->slots) && verb->slots[i].name != NULL; i++)
    g_ptr_array_add (names, (char *)verb->slots[i].name);
  g_ptr_array_add (names, NULL);
  for (guint i = 0; in != NULL && i < in->n_items; i++)
    if (!g_strv_contains ((const char *const *)names->pdata, in->keys[i]->text)) {
      g_autofree char *hint = retort_hint (in->keys[i]->text, (const char *const *)names->pdata, "inputs");
      retort_planner_complain (planner, RETORT_CODE_UNKNOWN_SLOT, in->keys[i], hint, "step '%s' (%s) has no input '%s'",
                               part->name, verb->name, in->keys[i]->text);
      good = FALSE;
    }
  return good;
}

static gboolean
find_reference (RetortPlanner *planner, RetortPart *part, const RetortSlot *slot, const RetortYaml *value,
                GArray *references)
{
  Reference reference = { slot, g_ptr_array_new (), value };
  const gboolean is_list = value->type == RETORT_YAML_SEQUENCE;
  const guint n_names = is_list ? value->n_items : 1;
  gboolean good = TRUE;

  g_array_append_val (references, reference);
  if (is_list && (n_names == 0 || (n_names > 1 && !slot->many && !slot->fans_out))) {
    retort_planner_complain (planner, RETORT_CODE_SLOT_LIST, value,
                             n_names == 0 ? NULL : "a step `use: concat` makes one corpus of several",
                             n_names == 0 ? "input '%s' of step '%s' is an empty list"
                                          : "input '%s' of step '%s' takes one name, not a list",
                             slot->name, part->name);
    good = FALSE;
  }
  for (guint i = 0; i < n_names; i++) {
    const RetortYaml *name = is_list ? value->items[i] : value;
    if (name->type != RETORT_YAML_SCALAR) {
      g_autofree char *what = retort_yaml_what (name);
      retort_planner_complain (planner, RETORT_CODE_PIPELINE_TYPE, name, NULL,
                               "input '%s' of step '%s' takes the name of a step, not %s", slot->name, part->name,
                               what);
      good = FALSE;
      continue;
    }
    RetortPart *input = retort_planner_part (planner, name->text);
    if (input == NULL) {
      g_auto (GStrv) names = retort_planner_part_names (planner);
      g_autofree char *hint = retort_hint (name->text, (const char *const *)names, "steps and data");
      retort_planner_complain (planner, RETORT_CODE_UNKNOWN_STEP, name, hint, "there is no step or data entry '%s'",
                               name->text);
      good = FALSE;
      continue;
    }
    visit (planner, input, name);
    good = good && input->state == RETORT_PART_DONE && input->instances->len > 0;
    if (!slot->fans_out || !g_ptr_array_find (reference.parts, input, NULL))
      g_ptr_array_add (reference.parts, input);
  }
  return good;
}

/* --- the join --- */

/* Chooses for part `item` of reference `reference`, and all after it. */
static void
join (Join *state, const gint *choices, guint reference, guint item)
{
  if (reference == state->references->len) {
    add_instance (state, choices);
    return;
  }
  const Reference *current = &g_array_index (state->references, Reference, reference);
  if (current->slot->fans_out)
    for (guint i = 0; i < current->parts->len; i++)
      join_with (state, choices, current->parts->pdata[i], reference + 1, 0);
  else if (item < current->parts->len)
    join_with (state, choices, current->parts->pdata[item], reference, item + 1);
  else
    join (state, choices, reference + 1, 0);
}

static void
join_with (Join *state, const gint *choices, RetortPart *input, guint reference, guint item)
{
  const guint n_axes = state->planner->axes->len;
  g_autofree gint *both = g_new (gint, n_axes + 1);

  for (guint i = 0; i < input->instances->len && !state->planner->too_many; i++) {
    RetortPartInstance *instance = input->instances->pdata[i];
    gboolean agree = TRUE;
    for (guint j = 0; j < n_axes && agree; j++) {
      agree = choices[j] < 0 || instance->choices[j] < 0 || choices[j] == instance->choices[j];
      both[j] = MAX (choices[j], instance->choices[j]);
    }
    if (!agree)
      continue;
    g_ptr_array_add (state->chosen, instance);
    join (state, both, reference, item);
    g_ptr_array_set_size (state->chosen, state->chosen->len - 1);
  }
}

static void
add_instance (Join *state, const gint *choices)
{
  RetortPlanner *planner = state->planner;
  guint at = 0;

  if (!within_limit (planner, state->part, &planner->n_instances))
    return;
  RetortPartInstance *instance = g_new0 (RetortPartInstance, 1);
  instance->part = state->part;
  instance->verb = state->verb;
  instance->node = state->node;
  instance->choices = g_memdup2 (choices, sizeof *choices * (planner->axes->len + 1));
  instance->inputs = g_array_new (FALSE, FALSE, sizeof (RetortPartInput));
  for (guint i = 0; i < state->references->len; i++) {
    const Reference *reference = &g_array_index (state->references, Reference, i);
    RetortPartInput input = { reference->slot, g_ptr_array_new (), reference->at };
    const guint n_chosen = reference->slot->fans_out ? 1 : reference->parts->len;
    for (guint j = 0; j < n_chosen; j++)
      g_ptr_array_add (input.from, state->chosen->pdata[at++]);
    if (reference->slot->fans_out)
      instance->subject = input.from->pdata[0];
    g_array_append_val (instance->inputs, input);
  }
  instance->name = instance_name (planner, instance);
  g_ptr_array_add (state->part->instances, instance);
}

/* Its inputs are wrong, and it will not become a cell; but what else is wrong in it shall be found. */
static void
add_broken_instance (Join *state, const gint *choices)
{
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (Reference));
  Join alone = *state;

  state->part->broken = TRUE;
  alone.references = none;
  add_instance (&alone, choices);
  if (!state->planner->too_many)
    ((RetortPartInstance *)state->part->instances->pdata[state->part->instances->len - 1])->broken = TRUE;
}

/* "model[source=both,backend=model/crf]"; what a subject says already is not said again. */
static char *
instance_name (RetortPlanner *planner, const RetortPartInstance *instance)
{
  GString *name = g_string_new (instance->part->name);
  gboolean open = FALSE;

  for (guint i = 0; i < planner->axes->len; i++) {
    const RetortAxis *axis = planner->axes->pdata[i];
    if (instance->choices[i] < 0 || (instance->subject != NULL && instance->subject->choices[i] >= 0))
      continue;
    g_string_append_printf (name, "%s%s=%s", open ? "," : "[", axis->name,
                            g_array_index (axis->choices, RetortAxisChoice, instance->choices[i]).name);
    open = TRUE;
  }
  if (open)
    g_string_append_c (name, ']');
  if (instance->subject != NULL)
    g_string_append_printf (name, "(%s)", instance->subject->name);
  return g_string_free (name, FALSE);
}

/* A stable sort keeps subjects in the order of the list. */
static int
compare_instances (gconstpointer a, gconstpointer b, gpointer n_axes)
{
  const RetortPartInstance *left = *(RetortPartInstance *const *)a, *right = *(RetortPartInstance *const *)b;

  for (guint i = 0; i < GPOINTER_TO_UINT (n_axes); i++)
    if (left->choices[i] != right->choices[i])
      return left->choices[i] < right->choices[i] ? -1 : 1;
  return 0;
}
