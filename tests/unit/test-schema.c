/* test-schema - the JSON Schema that editors use, against pipelines: by a small validator of what it uses of draft-07.
 */
#include "pipeline/plan.h"

#include "retort-test.h"
#include <string.h>

static JsonNode *schema;

static gboolean valid (JsonNode *rule, JsonNode *value);

/* One keyword each; FALSE where the value breaks it. Keywords about other types than the value's hold. */

static gboolean
valid_type (JsonNode *type, JsonNode *value)
{
  if (JSON_NODE_HOLDS_ARRAY (type)) {
    for (guint i = 0; i < json_array_get_length (json_node_get_array (type)); i++)
      if (valid_type (json_array_get_element (json_node_get_array (type), i), value))
        return TRUE;
    return FALSE;
  }
  const char *name = json_node_get_string (type);
  const GType held = JSON_NODE_HOLDS_VALUE (value) ? json_node_get_value_type (value) : G_TYPE_NONE;
  if (g_str_equal (name, "object"))
    return JSON_NODE_HOLDS_OBJECT (value);
  if (g_str_equal (name, "array"))
    return JSON_NODE_HOLDS_ARRAY (value);
  if (g_str_equal (name, "string"))
    return held == G_TYPE_STRING;
  if (g_str_equal (name, "boolean"))
    return held == G_TYPE_BOOLEAN;
  if (g_str_equal (name, "integer"))
    return held == G_TYPE_INT64;
  g_assert_cmpstr (name, ==, "number");
  return held == G_TYPE_INT64 || held == G_TYPE_DOUBLE;
}

static gboolean
valid_range (const char *keyword, JsonNode *bound, JsonNode *value)
{
  gboolean is_number
      = JSON_NODE_HOLDS_VALUE (value)
        && (json_node_get_value_type (value) == G_TYPE_INT64 || json_node_get_value_type (value) == G_TYPE_DOUBLE);
  const double limit = json_node_get_double (bound);
  double size;

  if (g_str_has_suffix (keyword, "imum")) {
    if (!is_number)
      return TRUE;
    size = json_node_get_double (value);
  } else if (g_str_has_suffix (keyword, "Items")) {
    if (!JSON_NODE_HOLDS_ARRAY (value))
      return TRUE;
    size = json_array_get_length (json_node_get_array (value));
  } else {
    if (!JSON_NODE_HOLDS_OBJECT (value))
      return TRUE;
    size = json_object_get_size (json_node_get_object (value));
  }
  return g_str_has_prefix (keyword, "min") ? size >= limit : size <= limit;
}

static gboolean
valid_list (const char *keyword, JsonArray *rules, JsonNode *value)
{
  guint n_valid = 0;

  for (guint i = 0; i < json_array_get_length (rules); i++)
    n_valid += valid (json_array_get_element (rules, i), value);
  if (g_str_equal (keyword, "allOf"))
    return n_valid == json_array_get_length (rules);
  return g_str_equal (keyword, "oneOf") ? n_valid == 1 : n_valid > 0;
}

static gboolean
valid_members (JsonObject *rule, JsonObject *value)
{
  JsonObject *properties
      = json_object_has_member (rule, "properties") ? json_object_get_object_member (rule, "properties") : NULL;
  JsonNode *others = json_object_get_member (rule, "additionalProperties");
  JsonNode *names = json_object_get_member (rule, "propertyNames");
  g_autoptr (GList) members = json_object_get_members (value);

  for (GList *at = members; at != NULL; at = at->next) {
    JsonNode *member = json_object_get_member (value, at->data);
    g_autoptr (JsonNode) name = json_node_init_string (json_node_alloc (), at->data);
    JsonNode *own = properties != NULL ? json_object_get_member (properties, at->data) : NULL;
    if ((names != NULL && !valid (names, name)) || (own != NULL && !valid (own, member))
        || (own == NULL && others != NULL && !valid (others, member)))
      return FALSE;
  }
  JsonArray *required
      = json_object_has_member (rule, "required") ? json_object_get_array_member (rule, "required") : NULL;
  for (guint i = 0; required != NULL && i < json_array_get_length (required); i++)
    if (!json_object_has_member (value, json_array_get_string_element (required, i)))
      return FALSE;
  return TRUE;
}

static gboolean
valid_items (JsonNode *rule, JsonArray *array)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!valid (rule, json_array_get_element (array, i)))
      return FALSE;
  return TRUE;
}

static gboolean
valid_keyword (JsonObject *rule, const char *keyword, JsonNode *value)
{
  static const char *const ignored[]
      = { "$schema",       "$comment",   "title",      "description", "default",
          "definitions",   "then",       "properties", "required",    "additionalProperties",
          "propertyNames", "deprecated", NULL };
  JsonNode *with = json_object_get_member (rule, keyword);

  if (g_strv_contains (ignored, keyword))
    return TRUE;
  if (g_str_equal (keyword, "$ref")) {
    const char *name = json_node_get_string (with);
    g_assert_true (g_str_has_prefix (name, "#/definitions/"));
    JsonNode *to = json_object_get_member (json_object_get_object_member (json_node_get_object (schema), "definitions"),
                                           name + strlen ("#/definitions/"));
    g_assert_nonnull (to);
    return valid (to, value);
  }
  if (g_str_equal (keyword, "type"))
    return valid_type (with, value);
  if (g_str_equal (keyword, "const"))
    return json_node_equal (with, value);
  if (g_str_equal (keyword, "enum")) {
    for (guint i = 0; i < json_array_get_length (json_node_get_array (with)); i++)
      if (json_node_equal (json_array_get_element (json_node_get_array (with), i), value))
        return TRUE;
    return FALSE;
  }
  if (g_str_equal (keyword, "pattern"))
    return !JSON_NODE_HOLDS_VALUE (value) || json_node_get_value_type (value) != G_TYPE_STRING
           || g_regex_match_simple (json_node_get_string (with), json_node_get_string (value), 0, 0);
  if (g_str_equal (keyword, "items"))
    return !JSON_NODE_HOLDS_ARRAY (value) || valid_items (with, json_node_get_array (value));
  if (g_str_has_prefix (keyword, "min") || g_str_has_prefix (keyword, "max"))
    return valid_range (keyword, with, value);
  if (g_str_has_suffix (keyword, "Of"))
    return valid_list (keyword, json_node_get_array (with), value);
  if (g_str_equal (keyword, "if"))
    return !valid (with, value) || valid (json_object_get_member (rule, "then"), value);
  g_error ("the schema uses '%s', which this test does not know", keyword);
}

static gboolean
valid (JsonNode *rule, JsonNode *value)
{
  if (JSON_NODE_HOLDS_VALUE (rule))
    return json_node_get_boolean (rule);
  JsonObject *object = json_node_get_object (rule);
  g_autoptr (GList) keywords = json_object_get_members (object);
  for (GList *at = keywords; at != NULL; at = at->next)
    if (!valid_keyword (object, at->data, value))
      return FALSE;
  return !JSON_NODE_HOLDS_OBJECT (value) || valid_members (object, json_node_get_object (value));
}

static gboolean
valid_yaml (const char *text)
{
  g_autoptr (RetortSource) source = retort_source_new ("test", text, strlen (text));
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (RetortYamlFile) file = retort_yaml_parse (source, diagnostics);

  retort_test_expect_diagnostics (diagnostics, "");
  g_autoptr (JsonNode) value = retort_yaml_to_json (file->root);
  return valid (schema, value);
}

static void
test_pipelines (void)
{
  g_autofree char *folder = retort_test_source_path ("pipelines");
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  for (const char *name; (name = g_dir_read_name (dir)) != NULL;) {
    g_autofree char *path = g_build_filename (folder, name, NULL), *text = NULL;
    if (!g_str_has_suffix (name, ".yaml"))
      continue;
    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    g_test_message ("%s", name);
    g_assert_true (valid_yaml (text));
    n++;
  }
  g_assert_cmpuint (n, >=, 4);
}

#define STEP(step) "retort: 1\nsteps: {s: " step "}\n"

static void
test_right (void)
{
  static const char *const right[] = {
    STEP ("{use: model/crf, in: {train: a}}"),
    STEP ("{use: model/crf, in: {train: a, dev: b}, with: {c2: 0.5, iterations: 10}, seed: 3}"),
    STEP (
        "{use: model/crf, in: {train: \"${matrix.source}\"}, with: {c2: \"${matrix.c2}\"}, seed: \"${matrix.seed}\"}"),
    STEP ("{use: \"${matrix.backend}\", in: {train: a}, with: {anything: 1}}"),
    STEP ("{use: model/elsewhere, in: {train: a}, with: {anything: 1}}"),
    STEP ("{use: concat, in: {corpora: [a, b]}}"),
    STEP ("{use: predict, in: {model: m, corpus: a}, task: {entities: [A]}, limit: {time: 1h}}"),
    "retort: 1\ndata: {a: {path: x, format: format/conll, label: public, map: {\"*\": A}, with: {documents: file}}}\n",
    "retort: 1\nmatrix: {a: [1, b], c: {d: e, f: [g]}}\ncompare: [{rows: [s]}]\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (right); i++) {
    g_test_message ("%s", right[i]);
    g_assert_true (valid_yaml (right[i]));
  }
}

static void
test_wrong (void)
{
  static const char *const wrong[] = {
    "name: no version\n",
    "retort: 2\n",
    "retort: 1\nsteps: [a]\n",
    "retort: 1\nsead: 3\n",
    "retort: 1\nseed: -1\n",
    STEP ("{in: {train: a}}"),
    STEP ("{use: predicts, in: {model: m, corpus: a}}"),
    STEP ("{use: predict, in: {model: m}}"),
    STEP ("{use: predict, in: {model: m, corpus: [a, b]}}"),
    STEP ("{use: predict, in: {model: m, corpora: a}}"),
    STEP ("{use: model/crf, in: {train: a}, with: {c2: much}}"),
    STEP ("{use: model/crf, in: {train: a}, with: {c2: -1}}"),
    STEP ("{use: model/crf, in: {train: a}, with: {c3: 1}}"),
    STEP ("{use: split, in: {corpus: a}}"),
    STEP ("{use: split, in: {corpus: a}, with: {share: 0.5, part: middle}}"),
    "retort: 1\ndata: {a: {path: x, format: format/conll, label: secret}}\n",
    "retort: 1\ndata: {a b: {path: x, format: format/conll}}\n",
    "retort: 1\ndata: {a: {path: x, format: format/conll, with: {nothing: 1}}}\n",
    "retort: 1\ntask: {entities: [A], relations: {R: [A]}}\n",
    "retort: 1\nmatrix: {a: []}\n",
    "retort: 1\nmatrix: {a: {b: {c: d}}}\n",
    "retort: 1\ncompare: {metric: x}\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_test_message ("%s", wrong[i]);
    g_assert_false (valid_yaml (wrong[i]));
  }
}

int
main (int argc, char **argv)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *build = g_path_get_dirname (program);
  g_autofree char *folder = g_build_filename (build, "..", "..", "plugins", NULL);

  g_test_init (&argc, &argv, NULL);
  g_setenv ("RETORT_PLUGIN_PATH", folder, FALSE);
  g_autoptr (GPtrArray) plugins = retort_plugin_list ();
  schema = retort_plan_schema (plugins);
  g_test_add_func ("/schema/accepts-all-pipelines-of-the-tree", test_pipelines);
  g_test_add_func ("/schema/accepts-what-is-right", test_right);
  g_test_add_func ("/schema/refuses-what-is-wrong", test_wrong);
  const int status = g_test_run ();
  json_node_unref (schema);
  return status;
}
