/* schema - the JSON Schema (draft-07) of pipeline files, for editors: from the tables of keys, verbs and options.
 *
 * It says less than the planner (no names of steps, no tasks) but says it while one types. Any value may be an axis, so
 * everything inside a step also allows a text with ${...}. */
#include "pipeline/language.h"
#include "pipeline/plan.h"

#include <string.h>

#define SCALAR "{\"type\":[\"string\",\"number\",\"boolean\"]}"
#define NAMED(definition)                                                                                              \
  "{\"type\":\"object\",\"propertyNames\":{\"pattern\":\"^[A-Za-z0-9_-]+$\"},"                                         \
  "\"additionalProperties\":{\"$ref\":\"#/definitions/" definition "\"}}"
#define REF(definition) "{\"$ref\":\"#/definitions/" definition "\"}"
#define LABELS "{\"enum\":[\"public\",\"internal\",\"deidentified\",\"restricted\",\"phi\"]}"

/* Where the table of keys says less than is known. */
static const struct {
  const RetortKey *keys;
  const char *key, *json;
} details[] = {
  { retort_keys_pipeline, "retort", "{\"const\":1}" },
  { retort_keys_pipeline, "task", REF ("task-or-name") },
  { retort_keys_pipeline, "tasks", NAMED ("task") },
  { retort_keys_pipeline, "tokenizer", REF ("tokenizer") },
  { retort_keys_pipeline, "endpoints", NAMED ("endpoint") },
  { retort_keys_pipeline, "data", NAMED ("data") },
  { retort_keys_pipeline, "steps", NAMED ("step") },
  { retort_keys_pipeline, "matrix", NAMED ("axis") },
  { retort_keys_pipeline, "compare",
    "{\"anyOf\":[" REF ("compare") ",{\"type\":\"array\",\"items\":" REF ("compare") "}]}" },
  { retort_keys_data, "map", "{\"type\":\"object\",\"additionalProperties\":" SCALAR "}" },
  { retort_keys_data, "label", LABELS },
  { retort_keys_data, "task", REF ("task-or-name") },
  { retort_keys_endpoint, "clearance", LABELS },
  { retort_keys_step, "task", REF ("task-or-name") },
  { retort_keys_step, "tokenizer", REF ("tokenizer") },
  { retort_keys_step, "limit", REF ("limit") },
  { retort_keys_compare, "findings",
    "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\",\"pattern\":\" > \"}}" },
  { retort_keys_task, "relations",
    "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
    "\"minItems\":2,\"maxItems\":2}}" },
  { retort_keys_task, "scope", "{\"enum\":[\"sentence\",\"document\"]}" },
};

/* What stands for one shape. */
static const struct {
  RetortShape shape;
  const char *json;
} shapes[] = {
  { RETORT_SHAPE_TEXT, SCALAR },
  { RETORT_SHAPE_INT, "{\"type\":\"integer\",\"minimum\":0}" },
  { RETORT_SHAPE_DURATION, "{\"type\":[\"string\",\"number\"]}" },
  { RETORT_SHAPE_LIST, "{\"type\":\"array\",\"items\":" SCALAR "}" },
  { RETORT_SHAPE_MAP, "{\"type\":\"object\"}" },
  { RETORT_SHAPE_MAPS, "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}" },
};

static const struct {
  const char *name;
  const RetortKey *keys;
} definitions[] = {
  { "data", retort_keys_data },       { "endpoint", retort_keys_endpoint }, { "step", retort_keys_step },
  { "task", retort_keys_task },       { "use", retort_keys_use },           { "limit", retort_keys_limit },
  { "compare", retort_keys_compare },
};

static JsonNode *json (const char *text);
static JsonObject *keys_schema (const RetortKey *keys);
static JsonNode *key_schema (const RetortKey *keys, const RetortKey *key);
static void add_definitions (JsonObject *root, GPtrArray *plugins);
static void describe_steps (JsonObject *step, GPtrArray *plugins);
static void describe_plugins (JsonObject *object, const char *key, const char *kind, GPtrArray *plugins);
static gboolean is_of_kind (const RetortFound *found, const char *kind);
static JsonArray *choices_of (JsonObject *object);
static void add_choice (JsonObject *object, const char *key, const char *use, const char *summary, JsonNode *with,
                        JsonNode *in);
static gboolean has_required (JsonNode *schema);
static void allow_use (JsonObject *object, const char *key, JsonArray *choices, const char *pattern);
static JsonNode *slots_schema (const RetortVerb *verb);
static JsonNode *with_schema (RetortOptionTable table);
static JsonNode *or_variable (JsonNode *schema);

JsonNode *
retort_plan_schema (GPtrArray *plugins)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = keys_schema (retort_keys_pipeline), *head = json_object_new ();

  json_object_set_string_member (head, "$schema", "http://json-schema.org/draft-07/schema#");
  json_object_set_string_member (head, "title", "Retort pipeline");
  json_object_set_string_member (head, "$comment", "Made by `retort schema pipeline`.");
  g_autoptr (GList) names = json_object_get_members (root);
  for (GList *at = names; at != NULL; at = at->next)
    json_object_set_member (head, at->data, json_object_dup_member (root, at->data));
  json_object_unref (root);
  add_definitions (head, plugins);
  json_node_take_object (node, head);
  return node;
}

/* A literal of this file. */
static JsonNode *
json (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = retort_json_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return node;
}

static JsonObject *
keys_schema (const RetortKey *keys)
{
  JsonObject *object = json_object_new (), *properties = json_object_new ();
  JsonArray *required = json_array_new ();

  for (const RetortKey *key = keys; key->name != NULL; key++) {
    JsonNode *property = key_schema (keys, key);
    json_object_set_string_member (json_node_get_object (property), "description", key->help);
    json_object_set_member (properties, key->name, property);
    if (key->required)
      json_array_add_string_element (required, key->name);
  }
  json_object_set_string_member (object, "type", "object");
  json_object_set_object_member (object, "properties", properties);
  json_object_set_array_member (object, "required", required);
  json_object_set_boolean_member (object, "additionalProperties", FALSE);
  return object;
}

static JsonNode *
key_schema (const RetortKey *keys, const RetortKey *key)
{
  JsonArray *any = json_array_new ();
  JsonNode *node;

  for (guint i = 0; i < G_N_ELEMENTS (details); i++)
    if (details[i].keys == keys && strcmp (details[i].key, key->name) == 0)
      json_array_add_element (any, json (details[i].json));
  for (guint i = 0; i < G_N_ELEMENTS (shapes) && json_array_get_length (any) == 0; i++)
    if (key->shapes == (guint)shapes[i].shape)
      json_array_add_element (any, json (shapes[i].json));
  if (json_array_get_length (any) == 0)
    for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
      if (key->shapes & shapes[i].shape)
        json_array_add_element (any, json (shapes[i].json));

  /* Beside a $ref, draft-07 ignores the description. */
  JsonObject *only = json_array_get_length (any) == 1 ? json_array_get_object_element (any, 0) : NULL;
  if (only != NULL && !json_object_has_member (only, "$ref"))
    node = json_array_dup_element (any, 0);
  else {
    node = json ("{}");
    json_object_set_array_member (json_node_get_object (node), "anyOf", json_array_ref (any));
  }
  json_array_unref (any);
  return keys == retort_keys_step && (key->shapes & (RETORT_SHAPE_MAP | RETORT_SHAPE_TEXT)) == 0 ? or_variable (node)
                                                                                                 : node;
}

static void
add_definitions (JsonObject *root, GPtrArray *plugins)
{
  JsonObject *all = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (definitions); i++)
    json_object_set_object_member (all, definitions[i].name, keys_schema (definitions[i].keys));
  json_object_set_member (all, "task-or-name", json ("{\"anyOf\":[{\"type\":\"string\"}," REF ("task") "]}"));
  json_object_set_member (all, "tokenizer", json ("{\"anyOf\":[{\"type\":\"string\"}," REF ("use") "]}"));
  json_object_set_member (all, "axis",
                          json ("{\"anyOf\":[{\"type\":\"array\",\"minItems\":1,\"items\":" SCALAR
                                "},{\"type\":\"object\","
                                "\"minProperties\":1,\"additionalProperties\":{\"anyOf\":[" SCALAR
                                ",{\"type\":\"array\",\"items\":" SCALAR "}]}}]}"));
  describe_steps (json_object_get_object_member (all, "step"), plugins);
  describe_plugins (json_object_get_object_member (all, "data"), "format", "format", plugins);
  describe_plugins (json_object_get_object_member (all, "endpoint"), "use", "generator", plugins);
  describe_plugins (json_object_get_object_member (all, "use"), "use", "tokenizer", plugins);
  json_object_set_object_member (root, "definitions", all);
}

/* --- what `use` allows, and what follows from it for `in` and `with` --- */

static void
describe_steps (JsonObject *step, GPtrArray *plugins)
{
  JsonArray *choices = choices_of (step);
  const RetortVerb *verb;

  for (guint i = 0; (verb = retort_verb_at (i)) != NULL; i++) {
    if (verb->user && !verb->is_kind)
      add_choice (step, "use", verb->name, verb->summary, with_schema (retort_verb_table (verb)), slots_schema (verb));
    for (guint j = 0; verb->user && verb->is_kind && j < plugins->len; j++) {
      const RetortFound *found = plugins->pdata[j];
      if (is_of_kind (found, verb->name))
        add_choice (step, "use", found->id, found->loaded->plugin->summary, with_schema (found->loaded->table),
                    slots_schema (verb));
    }
  }
  allow_use (step, "use", choices, "\\$\\{|^[a-z]+/");
}

static void
describe_plugins (JsonObject *object, const char *key, const char *kind, GPtrArray *plugins)
{
  JsonArray *choices = choices_of (object);
  g_autofree char *pattern = g_strdup_printf ("^%s/", kind);

  for (guint i = 0; i < plugins->len; i++) {
    const RetortFound *found = plugins->pdata[i];
    if (is_of_kind (found, kind))
      add_choice (object, key, found->id, found->loaded->plugin->summary, with_schema (found->loaded->table), NULL);
  }
  allow_use (object, key, choices, pattern);
}

/* The fakes of the tests are plugins too, but nobody should be offered them. */
static gboolean
is_of_kind (const RetortFound *found, const char *kind)
{
  return found->loaded != NULL && strcmp (retort_kind_names[found->loaded->plugin->kind], kind) == 0
         && strcmp (found->loaded->plugin->name, "fake") != 0;
}

/* {"const","description"} of each choice, and the conditions under `allOf`. */
static JsonArray *
choices_of (JsonObject *object)
{
  JsonArray *choices = json_array_new ();

  json_object_set_array_member (object, "allOf", json_array_new ());
  json_object_set_array_member (object, "choices", choices);
  return choices;
}

static void
add_choice (JsonObject *object, const char *key, const char *use, const char *summary, JsonNode *with, JsonNode *in)
{
  g_autofree char *text = g_strdup_printf ("{\"if\":{\"properties\":{\"%s\":{\"const\":\"%s\"}},\"required\":[\"%s\"]},"
                                           "\"then\":{\"properties\":{}}}",
                                           key, use, key);
  JsonNode *rule = json (text);
  JsonNode *choice = json ("{}");
  JsonObject *properties = json_object_get_object_member (
      json_object_get_object_member (json_node_get_object (rule), "then"), "properties");

  if (has_required (with))
    json_object_set_member (json_object_get_object_member (json_node_get_object (rule), "then"), "required",
                            json ("[\"with\"]"));
  json_object_set_member (properties, "with", with);
  if (in != NULL)
    json_object_set_member (properties, "in", in);
  json_array_add_element (json_object_get_array_member (object, "allOf"), rule);
  json_object_set_string_member (json_node_get_object (choice), "const", use);
  json_object_set_string_member (json_node_get_object (choice), "description", summary);
  json_array_add_element (json_object_get_array_member (object, "choices"), choice);
}

static gboolean
has_required (JsonNode *schema)
{
  JsonNode *required = json_object_get_member (json_node_get_object (schema), "required");

  return required != NULL && json_array_get_length (json_node_get_array (required)) > 0;
}

/* One of the choices, or what the pattern allows: a plugin that is not installed here, or an axis. */
static void
allow_use (JsonObject *object, const char *key, JsonArray *choices, const char *pattern)
{
  JsonObject *use = json_object_get_object_member (json_object_get_object_member (object, "properties"), key);
  JsonObject *other = json_object_new ();

  json_object_set_string_member (other, "type", "string");
  json_object_set_string_member (other, "pattern", pattern);
  json_array_add_object_element (choices, other);
  json_object_remove_member (use, "type");
  json_object_set_array_member (use, "anyOf", json_array_ref (choices));
  json_object_remove_member (object, "choices");
}

static JsonNode *
slots_schema (const RetortVerb *verb)
{
  JsonNode *node = json ("{\"type\":\"object\",\"additionalProperties\":false}");
  JsonObject *properties = json_object_new ();
  JsonArray *required = json_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (verb->slots) && verb->slots[i].name != NULL; i++) {
    const RetortSlot *slot = &verb->slots[i];
    g_autofree char *help = g_strdup_printf ("A %s%s.", retort_artifact_names[slot->takes],
                                             slot->many       ? ", or several as one"
                                             : slot->fans_out ? ", or several, each alone"
                                                              : "");
    JsonNode *names = json (
        "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":1}]}");
    if (!slot->many && !slot->fans_out) {
      json_node_unref (names);
      names = json ("{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
                    "\"minItems\":1,\"maxItems\":1}]}");
    }
    json_object_set_string_member (json_node_get_object (names), "description", help);
    json_object_set_member (properties, slot->name, names);
    if (slot->required)
      json_array_add_string_element (required, slot->name);
  }
  json_object_set_object_member (json_node_get_object (node), "properties", properties);
  json_object_set_array_member (json_node_get_object (node), "required", required);
  return node;
}

static JsonNode *
with_schema (RetortOptionTable table)
{
  JsonNode *schema = retort_options_schema (&table);
  JsonObject *properties = json_object_get_object_member (json_node_get_object (schema), "properties");

  if (properties == NULL)
    return schema;
  g_autoptr (GList) names = json_object_get_members (properties);
  for (GList *at = names; at != NULL; at = at->next)
    json_object_set_member (properties, at->data, or_variable (json_object_dup_member (properties, at->data)));
  return schema;
}

/* Takes a schema; its description moves to the outside, where editors look. */
static JsonNode *
or_variable (JsonNode *schema)
{
  JsonNode *node = json ("{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"\\\\$\\\\{\"}]}");
  JsonObject *inner = json_node_get_object (schema);

  if (json_object_has_member (inner, "description")) {
    json_object_set_member (json_node_get_object (node), "description", json_object_dup_member (inner, "description"));
    json_object_remove_member (inner, "description");
  }
  json_array_add_element (json_object_get_array_member (json_node_get_object (node), "anyOf"), schema);
  return node;
}
