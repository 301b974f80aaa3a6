/* spec - see spec.h. */
#include "pipeline/spec.h"

#include "base/yaml.h"

static gboolean parse_members (RetortSpec *spec, const RetortYamlFile *file, RetortDiagnostics *diagnostics,
                               GError **error);
static gboolean parse_plugin (const RetortYamlFile *file, const RetortYaml *node, RetortDiagnostics *diagnostics,
                              const RetortLoaded **loaded, guint *behaviour, RetortOptions **options, GError **error);
static gboolean parse_task (const RetortYaml *node, RetortTask **task, GError **error);
static GPtrArray *parse_inputs (const RetortYaml *node);
static char *get_text (const RetortYaml *map, const char *key);
static const char *lend_text (const RetortYaml *node);
static void free_input (gpointer data);
static void free_part (gpointer data);

RetortSpec *
retort_spec_parse (const char *name, const char *json, GError **error)
{
  g_autoptr (RetortSource) source = retort_source_new (name, json, strlen (json));
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (RetortYamlFile) file = retort_yaml_parse (source, diagnostics);
  g_autoptr (RetortSpec) spec = g_new0 (RetortSpec, 1);

  if (file != NULL && file->root != NULL && !parse_members (spec, file, diagnostics, error))
    return NULL;
  if (!retort_diagnostics_ok (diagnostics, NULL)) {
    g_autofree char *what = retort_diagnostics_to_string (diagnostics, FALSE);
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: %s", name, what);
    return NULL;
  }
  return g_steal_pointer (&spec);
}

void
retort_spec_free (RetortSpec *spec)
{
  if (spec == NULL)
    return;
  g_free (spec->name);
  g_free (spec->step);
  g_free (spec->use);
  g_free (spec->key);
  g_free (spec->store);
  g_free (spec->prompt);
  g_free (spec->purpose);
  retort_options_free (spec->plugin_options);
  retort_options_free (spec->tokenizer_options);
  retort_options_free (spec->options);
  retort_task_free (spec->task);
  g_clear_pointer (&spec->inputs, g_ptr_array_unref);
  g_free (spec);
}

JsonNode *
retort_spec_plugin (const RetortLoaded *loaded, const RetortOptions *options)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "use", loaded->id);
  json_object_set_int_member (object, "behaviour", loaded->plugin->behaviour);
  json_object_set_string_member (object, "version", loaded->plugin->version);
  if (options != NULL)
    json_object_set_member (object, "options", json_node_copy (options->values));

  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, object);
  return node;
}

JsonNode *
retort_spec_task (const RetortTask *task)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "entities");
  json_builder_begin_array (builder);
  for (guint i = 0; i < task->n_entities; i++)
    json_builder_add_string_value (builder, task->entities[i]);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "relations");
  json_builder_begin_array (builder);
  for (guint i = 0; i < task->n_relations; i++) {
    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "label");
    json_builder_add_string_value (builder, task->relations[i].label);
    json_builder_set_member_name (builder, "head");
    json_builder_add_string_value (builder, task->relations[i].head);
    json_builder_set_member_name (builder, "tail");
    json_builder_add_string_value (builder, task->relations[i].tail);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "scope");
  json_builder_add_string_value (builder, task->scope == RETORT_SCOPE_DOCUMENT ? "document" : "sentence");
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static gboolean
parse_members (RetortSpec *spec, const RetortYamlFile *file, RetortDiagnostics *diagnostics, GError **error)
{
  const RetortYaml *root = file->root;
  g_autofree char *seed = get_text (root, "seed");
  g_autofree char *label = get_text (root, "label");
  gint64 threads = 1;

  spec->name = get_text (root, "name");
  spec->step = get_text (root, "step");
  spec->use = get_text (root, "use");
  spec->key = get_text (root, "key");
  spec->store = get_text (root, "store");
  spec->prompt = get_text (root, "prompt");
  spec->purpose = get_text (root, "purpose");
  spec->seed = seed != NULL ? g_ascii_strtoull (seed, NULL, 10) : 0;
  retort_yaml_to_int (retort_yaml_get (root, "threads"), &threads);
  spec->threads = (guint) CLAMP (threads, 1, 1024);
  if (label == NULL || !retort_label_parse (label, &spec->label)) {
    g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_DATA, "a spec without a privacy label");
    return FALSE;
  }
  if (!parse_plugin (file, retort_yaml_get (root, "plugin"), diagnostics, &spec->plugin, &spec->plugin_behaviour,
                     &spec->plugin_options, error) ||
      !parse_plugin (file, retort_yaml_get (root, "tokenizer"), diagnostics, &spec->tokenizer,
                     &spec->tokenizer_behaviour, &spec->tokenizer_options, error))
    return FALSE;

  const RetortVerb *verb = spec->use != NULL ? retort_verb_find (spec->use) : NULL;
  if (verb != NULL && verb->n_options > 0) {
    RetortOptionTable table = retort_verb_table (verb);
    spec->options = retort_options_fill (&table, file, retort_yaml_get (root, "options"), root, spec->use, diagnostics);
  }
  spec->inputs = parse_inputs (retort_yaml_get (root, "inputs"));
  return parse_task (retort_yaml_get (root, "task"), &spec->task, error);
}

static gboolean
parse_plugin (const RetortYamlFile *file, const RetortYaml *node, RetortDiagnostics *diagnostics,
              const RetortLoaded **loaded, guint *behaviour, RetortOptions **options, GError **error)
{
  if (node == NULL)
    return TRUE;
  g_autofree char *use = get_text (node, "use");
  gint64 number = 0;

  if (use == NULL) {
    g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_DATA, "a spec's plugin without `use`");
    return FALSE;
  }
  *loaded = retort_plugin_find (use, error);
  if (*loaded == NULL)
    return FALSE;
  retort_yaml_to_int (retort_yaml_get (node, "behaviour"), &number);
  *behaviour = (guint) number;
  *options = retort_options_fill (&(*loaded)->table, file, retort_yaml_get (node, "options"), node, use, diagnostics);
  return TRUE;
}

/* NULL is no task. What is not of its form is refused: the header of a model file may come from anybody. */
static gboolean
parse_task (const RetortYaml *node, RetortTask **task, GError **error)
{
  const RetortYaml *entities = retort_yaml_get (node, "entities"), *relations = retort_yaml_get (node, "relations");
  g_autoptr (GPtrArray) labels = g_ptr_array_new ();
  g_autoptr (GArray) types = g_array_new (FALSE, TRUE, sizeof (RetortRelationType));
  gboolean good = TRUE;

  if (node == NULL)
    return TRUE;
  for (guint i = 0; entities != NULL && i < entities->n_items; i++) {
    const char *label = lend_text (entities->items[i]);
    good = good && label != NULL;
    g_ptr_array_add (labels, (gpointer) label);
  }
  for (guint i = 0; relations != NULL && i < relations->n_items; i++) {
    const RetortYaml *item = relations->items[i];
    RetortRelationType type = { lend_text (retort_yaml_get (item, "label")), lend_text (retort_yaml_get (item, "head")),
                                lend_text (retort_yaml_get (item, "tail")) };
    good = good && type.label != NULL && type.head != NULL && type.tail != NULL;
    g_array_append_val (types, type);
  }
  if (!good) {
    g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_DATA, "a spec with a task that is none");
    return FALSE;
  }
  const RetortTask found = {
    .size = sizeof found, .entities = (const char *const *) labels->pdata, .n_entities = labels->len,
    .relations = (const RetortRelationType *) types->data, .n_relations = types->len,
    .scope = g_strcmp0 (lend_text (retort_yaml_get (node, "scope")), "document") == 0 ? RETORT_SCOPE_DOCUMENT
                                                                                      : RETORT_SCOPE_SENTENCE,
  };
  *task = retort_task_copy (&found);
  return TRUE;
}

static GPtrArray *
parse_inputs (const RetortYaml *node)
{
  GPtrArray *inputs = g_ptr_array_new_with_free_func (free_input);

  for (guint i = 0; node != NULL && i < node->n_items; i++) {
    RetortCellRunInput *input = g_new0 (RetortCellRunInput, 1);
    const RetortYaml *parts = retort_yaml_get (node->items[i], "parts");
    input->slot = get_text (node->items[i], "slot");
    input->parts = g_ptr_array_new_with_free_func (free_part);
    for (guint k = 0; parts != NULL && k < parts->n_items; k++) {
      RetortCellPart *part = g_new0 (RetortCellPart, 1);
      part->name = get_text (parts->items[k], "name");
      part->path = get_text (parts->items[k], "path");
      g_ptr_array_add (input->parts, part);
    }
    g_ptr_array_add (inputs, input);
  }
  return inputs;
}

static char *
get_text (const RetortYaml *map, const char *key)
{
  return g_strdup (lend_text (retort_yaml_get (map, key)));
}

/* The text of a scalar; NULL for all else. */
static const char *
lend_text (const RetortYaml *node)
{
  return node != NULL && node->type == RETORT_YAML_SCALAR ? node->text : NULL;
}

static void
free_input (gpointer data)
{
  RetortCellRunInput *input = data;
  g_free (input->slot);
  g_ptr_array_unref (input->parts);
  g_free (input);
}

static void
free_part (gpointer data)
{
  RetortCellPart *part = data;
  g_free (part->name);
  g_free (part->path);
  g_free (part);
}
