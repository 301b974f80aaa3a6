/* key - see key.h. */
#include "pipeline/key.h"

#include "base/digest.h"
#include "pipeline/spec.h"
#include <retort/json.h>

static gboolean add_use (JsonObject *key, const char *member, const RetortUse *use, GError **error);
static gboolean add_inputs (JsonObject *key, const RetortCell *cell, const RetortStore *store, char *const *keys,
                            gboolean *known, GError **error);
static char *canonical (JsonObject *object);

char *
retort_cell_key (const RetortCell *cell, const RetortStore *store, char *const *keys, GError **error)
{
  g_autoptr (JsonObject) key = json_object_new ();
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, cell->seed);
  gboolean known = TRUE;

  if (!add_inputs (key, cell, store, keys, &known, error) || !known)
    return NULL;
  json_object_set_int_member (key, "core", RETORT_CORE_BEHAVIOUR);
  json_object_set_string_member (key, "use", cell->use);
  json_object_set_int_member (key, "behaviour", cell->verb->behaviour);
  json_object_set_string_member (key, "label", retort_label_names[cell->label]);
  json_object_set_string_member (key, "seed", seed);
  if (!add_use (key, "plugin", &cell->plugin, error))
    return NULL;
  if (cell->verb->tokenizes && !add_use (key, "tokenizer", &cell->tokenizer, error))
    return NULL;
  if (cell->options != NULL) {
    RetortOptionTable table = retort_verb_table (cell->verb);
    JsonNode *options = retort_options_key (&table, cell->options, error);
    if (options == NULL)
      return NULL;
    json_object_set_member (key, "options", options);
  }
  if (cell->verb->uses_task && cell->task != NULL)
    json_object_set_member (key, "task", retort_spec_task (cell->task));
  if (cell->prompt != NULL) {
    g_autofree char *digest = retort_digest_file (cell->prompt, error);
    if (digest == NULL)
      return NULL;
    json_object_set_string_member (key, "prompt", digest);
    json_object_set_string_member (key, "purpose", cell->purpose);
    json_object_set_string_member (key, "step", cell->step); /* document ids begin with it */
  }
  g_autofree char *text = canonical (key);
  return retort_digest_bytes (text, strlen (text));
}

char *
retort_cell_spec (const RetortCell *cell, const RetortStore *store, char *const *keys, guint threads)
{
  g_autoptr (JsonObject) spec = json_object_new ();
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, cell->seed);

  json_object_set_string_member (spec, "retort", "cell");
  json_object_set_string_member (spec, "name", cell->name);
  json_object_set_string_member (spec, "step", cell->step);
  json_object_set_string_member (spec, "use", cell->use);
  json_object_set_string_member (spec, "key", keys[cell->index]);
  json_object_set_string_member (spec, "store", retort_store_root (store));
  json_object_set_string_member (spec, "seed", seed);
  json_object_set_int_member (spec, "threads", threads);
  json_object_set_string_member (spec, "label", retort_label_names[cell->label]);
  if (cell->plugin.loaded != NULL)
    json_object_set_member (spec, "plugin", retort_spec_plugin (cell->plugin.loaded, cell->plugin.options));
  if (cell->tokenizer.loaded != NULL)
    json_object_set_member (spec, "tokenizer", retort_spec_plugin (cell->tokenizer.loaded, cell->tokenizer.options));
  if (cell->options != NULL)
    json_object_set_member (spec, "options", json_node_copy (cell->options->values));
  if (cell->task != NULL)
    json_object_set_member (spec, "task", retort_spec_task (cell->task));
  if (cell->prompt != NULL) {
    json_object_set_string_member (spec, "prompt", cell->prompt);
    json_object_set_string_member (spec, "purpose", cell->purpose);
  }

  JsonArray *inputs = json_array_new ();
  for (guint i = 0; i < cell->inputs->len; i++) {
    const RetortCellInput *input = &g_array_index (cell->inputs, RetortCellInput, i);
    JsonObject *one = json_object_new ();
    JsonArray *parts = json_array_new ();
    for (guint k = 0; k < input->from->len; k++) {
      const RetortCell *from = input->from->pdata[k];
      JsonObject *part = json_object_new ();
      gboolean lost = g_str_equal (keys[from->index], RETORT_KEY_LOST);
      g_autofree char *path = lost ? g_strdup ("") : retort_store_cell_path (store, keys[from->index]);
      json_object_set_string_member (part, "name", from->step);
      json_object_set_string_member (part, "path", path);
      json_array_add_object_element (parts, part);
    }
    json_object_set_string_member (one, "slot", input->slot);
    json_object_set_array_member (one, "parts", parts);
    json_array_add_object_element (inputs, one);
  }
  json_object_set_array_member (spec, "inputs", inputs);
  return canonical (spec);
}

/* A plugin that is not installed may still be being written, so its build-id counts too. */
static gboolean
add_use (JsonObject *key, const char *member, const RetortUse *use, GError **error)
{
  if (use->loaded == NULL)
    return TRUE;
  JsonObject *object = json_object_new ();
  json_object_set_object_member (key, member, object);
  json_object_set_string_member (object, "use", use->loaded->id);
  json_object_set_int_member (object, "behaviour", use->loaded->plugin->behaviour);
  if (use->loaded->in_work)
    json_object_set_string_member (object, "build", use->loaded->build_id);
  if (use->options == NULL)
    return TRUE;
  JsonNode *options = retort_options_key (&use->loaded->table, use->options, error);
  if (options == NULL)
    return FALSE;
  json_object_set_member (object, "options", options);
  return TRUE;
}

/* The weights of a concat are given by its inputs' names. */
static gboolean
speaks_of_parts (const RetortCell *cell)
{
  return g_str_equal (cell->verb->name, "concat") && ((RetortConcatOptions *) cell->options->data)->weights != NULL;
}

/* Inputs by content. Names of parts count only where options speak of them. */
static gboolean
add_inputs (JsonObject *key, const RetortCell *cell, const RetortStore *store, char *const *keys, gboolean *known,
            GError **error)
{
  JsonArray *inputs = json_array_new ();

  json_object_set_array_member (key, "inputs", inputs);
  for (guint i = 0; i < cell->inputs->len; i++) {
    const RetortCellInput *input = &g_array_index (cell->inputs, RetortCellInput, i);
    for (guint k = 0; k < input->from->len; k++) {
      const RetortCell *from = input->from->pdata[k];
      const char *from_key = keys[from->index];
      if (from_key != NULL && g_str_equal (from_key, RETORT_KEY_LOST)) {
        json_array_add_null_element (inputs);
        continue;
      }
      if (from_key == NULL || !retort_store_has (store, from_key)) {
        *known = FALSE;
        return TRUE;
      }
      g_autofree char *digest = retort_store_digest (store, from_key, error);
      if (digest == NULL)
        return FALSE;
      JsonArray *part = json_array_new ();
      json_array_add_string_element (part, input->slot);
      json_array_add_string_element (part, digest);
      if (speaks_of_parts (cell))
        json_array_add_string_element (part, from->step);
      json_array_add_array_element (inputs, part);
    }
  }
  return TRUE;
}

static char *
canonical (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, object);
  return retort_json_canonical (node);
}
