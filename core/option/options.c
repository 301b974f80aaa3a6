/* options - one reader for what users write and for defaults, so that both obey the same rules.
 *
 * A value goes from a YAML node to `Value` (read_value: type, range, choice), and from there into the plugin's struct
 * and into `values` (store). Schema and help walk the same table. */
#include "option/options.h"

#include <math.h>
#include <string.h>

#include "base/digest.h"
#include "base/util.h"

/* By RetortOptionType. */
static const struct {
  const char *name;  /* in help */
  const char *takes; /* in messages: "takes ..." */
  gsize bytes;       /* of the field */
} types[] = {
  { "bool", "true or false", sizeof (gboolean) },
  { "int", "an integer", sizeof (gint64) },
  { "number", "a number", sizeof (double) },
  { "string", "a text", sizeof (char *) },
  { "choice", "one of a few words", sizeof (char *) },
  { "path", "a path", sizeof (char *) },
  { "duration", "a duration such as 90s or 1.5h", sizeof (double) },
  { "money", "an amount in US dollars", sizeof (double) },
  { "list", "a list such as [a, b]", sizeof (char **) },
  { "map", "a map such as {key: value}", sizeof (char **) },
  { "template", "a text with {{variables}}", sizeof (char *) },
};

/* What a node says, once it has been read. */
typedef struct {
  gboolean boolean;
  gint64 integer;
  double number;
  char *text;
  GPtrArray *texts; /* LIST: items; MAP: key, value, key, value */
} Value;

typedef struct {
  RetortCode code;
  char *message; /* continues "option 'x' "; NULL: all is well */
  char *hint;
} Fault;

typedef struct {
  const RetortOptionTable *table;
  const RetortYamlFile *file; /* or NULL: all defaults */
  const char *where;
  RetortDiagnostics *diagnostics;
  guint n_errors;
} Filling;

static void fill_given (Filling *filling, RetortOptions *options, const RetortYaml *map, gboolean *given);
static void fill_rest (Filling *filling, RetortOptions *options, const RetortYaml *at, const gboolean *given);
static void complain (Filling *filling, RetortCode code, const RetortYaml *at, const char *hint, const char *format, ...)
    G_GNUC_PRINTF (5, 6);
static Fault read_value (const RetortOption *option, const RetortYaml *node, Value *value);
static char *data_root_hint (const Filling *filling, const RetortYaml *node);
static Fault read_preset (const RetortOption *option, Value *value);
static Fault read_texts (const RetortOption *option, const RetortYaml *node, Value *value);
static Fault check_secret (const RetortOption *option, const Value *value);
static Fault check_template (const RetortOption *option, const Value *value);
static Fault resolve_path (const Filling *filling, Value *value);
static Fault wrong_type (const RetortOption *option, const RetortYaml *node);
static void store (RetortOptions *options, const RetortOption *option, const Value *value);
static JsonNode *value_to_json (const RetortOption *option, const Value *value);
static void value_clear (Value *value);
static void fault_clear (Fault *fault);
static gboolean is_ranged (const RetortOption *option);
static char *range_text (const RetortOption *option);
static char *number_text (double number);
static const char *check_option (const RetortOptionTable *table, gsize i);
static JsonNode *option_schema (const RetortOption *option);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Value, value_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fault, fault_clear)

const RetortOption *
retort_option_table_at (const RetortOptionTable *table, gsize i)
{
  return (const RetortOption *) ((const char *) table->options + i * table->stride);
}

const RetortOption *
retort_option_table_find (const RetortOptionTable *table, const char *name)
{
  for (gsize i = 0; i < table->n_options; i++)
    if (g_str_equal (retort_option_table_at (table, i)->name, name))
      return retort_option_table_at (table, i);
  return NULL;
}

gboolean
retort_option_table_check (const RetortOptionTable *table, GError **error)
{
  for (gsize i = 0; i < table->n_options; i++) {
    const RetortOption *option = retort_option_table_at (table, i);
    const char *why = check_option (table, i);
    if (why != NULL) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "option %" G_GSIZE_FORMAT " ('%s') %s", i + 1,
                   option->name ? option->name : "", why);
      return FALSE;
    }
    if (option->preset == NULL)
      continue;
    g_auto (Value) value = { 0 };
    g_auto (Fault) fault = read_preset (option, &value);
    if (fault.message != NULL) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN,
                   "option %" G_GSIZE_FORMAT " has the default '%s', but option '%s' %s", i + 1, option->preset,
                   option->name, fault.message);
      return FALSE;
    }
  }
  return TRUE;
}

RetortOptions *
retort_options_fill (const RetortOptionTable *table, const RetortYamlFile *file, const RetortYaml *map,
                     const RetortYaml *at, const char *where, RetortDiagnostics *diagnostics)
{
  Filling filling = { table, file, where, diagnostics, 0 };
  g_autoptr (RetortOptions) options = g_new0 (RetortOptions, 1);
  g_autofree gboolean *given = g_new0 (gboolean, table->n_options + 1);

  options->data = g_malloc0 (MAX (table->struct_size, 1));
  options->values = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (options->values, json_object_new ());
  options->strings = g_string_chunk_new (256);
  options->arrays = g_ptr_array_new_with_free_func (g_free);

  if (map != NULL && map->type == RETORT_YAML_MAP)
    fill_given (&filling, options, map, given);
  else if (map != NULL && map->type != RETORT_YAML_NULL)
    complain (&filling, RETORT_CODE_OPTION_TYPE, map, NULL, "the options of %s are a map: {option: value}", where);
  fill_rest (&filling, options, map ? map : at, given);

  return filling.n_errors == 0 ? g_steal_pointer (&options) : NULL;
}

void
retort_options_free (RetortOptions *options)
{
  if (options == NULL)
    return;
  g_free (options->data);
  json_node_unref (options->values);
  g_string_chunk_free (options->strings);
  g_ptr_array_unref (options->arrays);
  g_free (options);
}

JsonNode *
retort_options_key (const RetortOptionTable *table, const RetortOptions *options, GError **error)
{
  JsonObject *values = json_node_get_object (options->values);
  g_autoptr (JsonNode) key = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (key, json_object_new ());
  for (gsize i = 0; i < table->n_options; i++) {
    const RetortOption *option = retort_option_table_at (table, i);
    if (option->flags & (RETORT_OPTION_TUNING | RETORT_OPTION_SECRET) || !json_object_has_member (values, option->name))
      continue;
    JsonNode *value = json_object_get_member (values, option->name);
    if (option->type != RETORT_OPTION_TYPE_PATH) {
      json_object_set_member (json_node_get_object (key), option->name, json_node_copy (value));
      continue;
    }
    g_autofree char *digest = retort_digest_path (json_node_get_string (value), error);
    if (digest == NULL)
      return NULL;
    json_object_set_string_member (json_node_get_object (key), option->name, digest);
  }
  return g_steal_pointer (&key);
}

JsonNode *
retort_options_schema (const RetortOptionTable *table)
{
  JsonNode *schema = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();
  JsonObject *properties = json_object_new ();
  JsonArray *required = json_array_new ();

  json_node_take_object (schema, root);
  json_object_set_string_member (root, "type", "object");
  json_object_set_boolean_member (root, "additionalProperties", FALSE);
  for (gsize i = 0; i < table->n_options; i++) {
    const RetortOption *option = retort_option_table_at (table, i);
    json_object_set_member (properties, option->name, option_schema (option));
    if (option->flags & RETORT_OPTION_REQUIRED)
      json_array_add_string_element (required, option->name);
  }
  json_object_set_object_member (root, "properties", properties);
  if (json_array_get_length (required) > 0)
    json_object_set_array_member (root, "required", required);
  else
    json_array_unref (required);
  return schema;
}

char *
retort_options_help (const RetortOptionTable *table)
{
  g_autoptr (GPtrArray) ranges = g_ptr_array_new_with_free_func (g_free);
  GString *out = g_string_new (NULL);
  guint name_width = 0, range_width = 0, preset_width = 0;

  for (gsize i = 0; i < table->n_options; i++) {
    const RetortOption *option = retort_option_table_at (table, i);
    g_autofree char *range = range_text (option);
    char *text = g_strdup_printf ("%s%s%s%s%s", types[option->type].name, range[0] ? " " : "", range,
                                  option->unit ? " " : "", option->unit ? option->unit : "");
    g_ptr_array_add (ranges, text);
    name_width = MAX (name_width, strlen (option->name));
    range_width = MAX (range_width, strlen (text));
    preset_width = MAX (preset_width, option->preset ? strlen (option->preset) + strlen ("default ") : strlen ("required"));
  }

  for (gsize i = 0; i < table->n_options; i++) {
    const RetortOption *option = retort_option_table_at (table, i);
    g_autofree char *preset = option->preset ? g_strconcat ("default ", option->preset, NULL)
                              : g_strdup (option->flags & RETORT_OPTION_REQUIRED ? "required" : "");
    g_string_append_printf (out, "  %-*s  %-*s  %-*s  %s%s%s%s\n", (int) name_width, option->name, (int) range_width,
                            (char *) ranges->pdata[i], (int) preset_width, preset, option->help,
                            option->flags & RETORT_OPTION_SECRET ? " (env:NAME or command:...)" : "",
                            option->flags & RETORT_OPTION_TUNING ? " (changes speed, never output)" : "",
                            option->flags & RETORT_OPTION_DEPRECATED ? " (deprecated)" : "");
  }
  return g_string_free (out, FALSE);
}

/* --- filling --- */

static void
fill_given (Filling *filling, RetortOptions *options, const RetortYaml *map, gboolean *given)
{
  const RetortOptionTable *table = filling->table;
  g_autofree const char **names = g_new0 (const char *, table->n_options + 1);

  for (gsize i = 0; i < table->n_options; i++)
    names[i] = retort_option_table_at (table, i)->name;

  for (guint i = 0; i < map->n_items; i++) {
    const char *name = map->keys[i]->text;
    const RetortOption *option = retort_option_table_find (table, name);
    if (option == NULL) {
      const char *meant = retort_suggest (name, names);
      g_autofree char *hint = meant ? g_strdup_printf ("did you mean '%s'?", meant) : NULL;
      complain (filling, RETORT_CODE_OPTION_UNKNOWN, map->keys[i], hint, "%s has no option '%s'%s", filling->where, name,
                table->n_options == 0 ? "; it has none at all" : "");
      continue;
    }
    for (gsize j = 0; j < table->n_options; j++)
      given[j] |= retort_option_table_at (table, j) == option;

    g_auto (Value) value = { 0 };
    g_auto (Fault) fault = read_value (option, map->items[i], &value);
    if (fault.message == NULL && option->type == RETORT_OPTION_TYPE_PATH)
      fault = resolve_path (filling, &value);
    if (fault.message != NULL) {
      if (fault.code == RETORT_CODE_OPTION_PATH && fault.hint == NULL)
        fault.hint = data_root_hint (filling, map->items[i]);
      complain (filling, fault.code, map->items[i], fault.hint, "option '%s' of %s %s", name, filling->where,
                fault.message);
      continue;
    }
    if (option->flags & RETORT_OPTION_DEPRECATED)
      complain (filling, RETORT_CODE_OPTION_DEPRECATED, map->keys[i], option->help, "option '%s' of %s is going away",
                name, filling->where);
    store (options, option, &value);
  }
}

/* Defaults, and what is missing. */
static void
fill_rest (Filling *filling, RetortOptions *options, const RetortYaml *at, const gboolean *given)
{
  for (gsize i = 0; i < filling->table->n_options; i++) {
    const RetortOption *option = retort_option_table_at (filling->table, i);
    if (given[i])
      continue;
    if (option->preset != NULL) {
      g_auto (Value) value = { 0 };
      g_auto (Fault) fault = read_preset (option, &value);
      g_assert (fault.message == NULL); /* retort_option_table_check has seen to it */
      store (options, option, &value);
    } else if (option->flags & RETORT_OPTION_REQUIRED) {
      complain (filling, RETORT_CODE_OPTION_MISSING, at, option->help, "%s needs the option '%s': %s", filling->where,
                option->name, types[option->type].takes);
    }
  }
}

static void
complain (Filling *filling, RetortCode code, const RetortYaml *at, const char *hint, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  if (filling->file != NULL && at != NULL)
    retort_diagnostics_add (filling->diagnostics, code, filling->file->source, at->start, at->end, hint, "%s", message);
  else
    retort_diagnostics_add_line (filling->diagnostics, code, filling->where, 0, 0, NULL, hint, "%s", message);
  if (code != RETORT_CODE_OPTION_DEPRECATED)
    filling->n_errors++;
}

static Fault
read_value (const RetortOption *option, const RetortYaml *node, Value *value)
{
  gboolean read = node->type == RETORT_YAML_SCALAR;

  switch (option->type) {
  case RETORT_OPTION_TYPE_LIST:
  case RETORT_OPTION_TYPE_MAP:
    return read_texts (option, node, value);
  case RETORT_OPTION_TYPE_BOOL:
    read = read && retort_yaml_to_bool (node, &value->boolean);
    break;
  case RETORT_OPTION_TYPE_INT:
    read = read && retort_yaml_to_int (node, &value->integer);
    value->number = (double) value->integer;
    break;
  case RETORT_OPTION_TYPE_NUMBER:
  case RETORT_OPTION_TYPE_MONEY:
    read = read && retort_yaml_to_number (node, &value->number);
    break;
  case RETORT_OPTION_TYPE_DURATION:
    read = read && (retort_yaml_to_number (node, &value->number) || retort_parse_duration (node->text, &value->number));
    break;
  default:
    value->text = read ? g_strdup (node->text) : NULL;
  }
  if (!read)
    return wrong_type (option, node);

  if (is_ranged (option) && (value->number < option->min || value->number > option->max)) {
    g_autofree char *range = range_text (option);
    return (Fault) { RETORT_CODE_OPTION_RANGE,
                     g_strdup_printf ("takes %s %s%s%s, not %s", types[option->type].takes, range,
                                      option->unit ? " " : "", option->unit ? option->unit : "", node->text) };
  }
  if (option->type == RETORT_OPTION_TYPE_CHOICE && !g_strv_contains (option->choices, value->text)) {
    const char *meant = retort_suggest (value->text, option->choices);
    g_autofree char *choices = g_strjoinv (", ", (char **) option->choices);
    return (Fault) { RETORT_CODE_OPTION_CHOICE, g_strdup_printf ("takes one of %s, not '%s'", choices, value->text),
                     meant ? g_strdup_printf ("did you mean '%s'?", meant) : NULL };
  }
  if (option->flags & RETORT_OPTION_SECRET)
    return check_secret (option, value);
  if (option->type == RETORT_OPTION_TYPE_TEMPLATE)
    return check_template (option, value);
  return (Fault) { 0 };
}

static Fault
read_preset (const RetortOption *option, Value *value)
{
  const RetortYaml node = { .type = RETORT_YAML_SCALAR, .text = option->preset };

  if (option->type != RETORT_OPTION_TYPE_LIST)
    return read_value (option, &node, value);

  g_auto (GStrv) items = g_strsplit (option->preset, ",", -1);
  value->texts = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; items[i] != NULL; i++)
    g_ptr_array_add (value->texts, g_strdup (g_strstrip (items[i])));
  return (Fault) { 0 };
}

/* A map may also come as a list of maps with one key each. So it stands in `values`, because canonical JSON sorts the
 * keys of a map, and their order may matter to the plugin. */
static Fault
read_texts (const RetortOption *option, const RetortYaml *node, Value *value)
{
  const gboolean is_map = option->type == RETORT_OPTION_TYPE_MAP;

  if (node->type != RETORT_YAML_SEQUENCE && !(is_map && node->type == RETORT_YAML_MAP))
    return wrong_type (option, node);
  value->texts = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < node->n_items; i++) {
    const RetortYaml *item = node->items[i], *key = NULL;
    if (is_map && node->type == RETORT_YAML_MAP) {
      key = node->keys[i];
    } else if (is_map) {
      if (item->type != RETORT_YAML_MAP || item->n_items != 1)
        return wrong_type (option, node);
      key = item->keys[0];
      item = item->items[0];
    }
    if (item->type != RETORT_YAML_SCALAR)
      return (Fault) { RETORT_CODE_OPTION_TYPE, g_strdup_printf ("takes %s; its item %u is no plain text or number",
                                                                 types[option->type].takes, i + 1) };
    if (key != NULL)
      g_ptr_array_add (value->texts, g_strdup (key->text));
    g_ptr_array_add (value->texts, g_strdup (item->text));
  }
  return (Fault) { 0 };
}

/* The text itself is not repeated in the message: it may be the secret. */
static Fault
check_secret (const RetortOption *option, const Value *value)
{
  const char *const prefixes[] = { "env:", "command:" };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (value->text, prefixes[i]) && value->text[strlen (prefixes[i])] != '\0')
      return (Fault) { 0 };
  return (Fault) { RETORT_CODE_OPTION_SECRET, g_strdup ("says where the secret is, never what it is"),
                   g_strdup ("write env:NAME or command:PROGRAM ARGUMENTS") };
}

static Fault
check_template (const RetortOption *option, const Value *value)
{
  for (const char *at = strstr (value->text, "{{"); at != NULL; at = strstr (at, "{{")) {
    const char *end = strstr (at, "}}");
    if (end == NULL)
      return (Fault) { RETORT_CODE_OPTION_TEMPLATE, g_strdup ("has a '{{' without its '}}'") };
    g_autofree char *name = g_strstrip (g_strndup (at + 2, (gsize) (end - at - 2)));
    if (name[0] == '\0' || strstr (name, "{{") != NULL)
      return (Fault) { RETORT_CODE_OPTION_TEMPLATE, g_strdup ("has a '{{' without the name of a variable") };
    at = end + 2;
  }
  return (Fault) { 0 };
}

static Fault
resolve_path (const Filling *filling, Value *value)
{
  char *path = filling->file ? retort_path_beside (retort_source_name (filling->file->source), value->text)
                             : g_canonicalize_filename (value->text, NULL);

  g_free (value->text);
  value->text = path;
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return (Fault) { 0 };
  return (Fault) { RETORT_CODE_OPTION_PATH, g_strdup_printf ("names %s, which does not exist", path) };
}

/* Where the user wrote `${data}` and the file is not there, most often nobody has said where the data is. */
static char *
data_root_hint (const Filling *filling, const RetortYaml *node)
{
  gsize n_bytes;
  const char *text = retort_source_text (filling->file->source, &n_bytes);
  g_autofree char *written = g_strndup (text + node->start, node->end - node->start);

  return strstr (written, "${data}") != NULL
             ? g_strdup ("${data} is the folder that --data or RETORT_DATA names; data/sources.yaml says where corpora are")
             : NULL;
}

static Fault
wrong_type (const RetortOption *option, const RetortYaml *node)
{
  static const char *const is[] = { "nothing", "a single value", "a list", "a map" }; /* by RetortYamlType */
  const char *takes = types[option->type].takes;

  if (node->type != RETORT_YAML_SCALAR)
    return (Fault) { RETORT_CODE_OPTION_TYPE, g_strdup_printf ("takes %s, not %s", takes, is[node->type]),
                     node->type == RETORT_YAML_NULL ? g_strdup ("leave the option out to have its default") : NULL };
  if (option->flags & RETORT_OPTION_SECRET)
    return (Fault) { RETORT_CODE_OPTION_TYPE, g_strdup_printf ("takes %s", takes) };
  return (Fault) { RETORT_CODE_OPTION_TYPE, g_strdup_printf ("takes %s, not '%s'", takes, node->text),
                   option->type == RETORT_OPTION_TYPE_LIST ? g_strdup_printf ("write [%s]", node->text) : NULL };
}

static void
store (RetortOptions *options, const RetortOption *option, const Value *value)
{
  void *field = (char *) options->data + option->offset;

  switch (option->type) {
  case RETORT_OPTION_TYPE_BOOL:
    *(gboolean *) field = value->boolean;
    break;
  case RETORT_OPTION_TYPE_INT:
    *(gint64 *) field = value->integer;
    break;
  case RETORT_OPTION_TYPE_NUMBER:
  case RETORT_OPTION_TYPE_DURATION:
  case RETORT_OPTION_TYPE_MONEY:
    *(double *) field = value->number;
    break;
  case RETORT_OPTION_TYPE_LIST:
  case RETORT_OPTION_TYPE_MAP: {
    const char **texts = g_new0 (const char *, value->texts->len + 1);
    for (guint i = 0; i < value->texts->len; i++)
      texts[i] = g_string_chunk_insert (options->strings, value->texts->pdata[i]);
    g_ptr_array_add (options->arrays, texts);
    *(const char *const **) field = texts;
    break;
  }
  default:
    *(const char **) field = g_string_chunk_insert (options->strings, value->text);
  }

  if (!(option->flags & RETORT_OPTION_SECRET))
    json_object_set_member (json_node_get_object (options->values), option->name, value_to_json (option, value));
}

static JsonNode *
value_to_json (const RetortOption *option, const Value *value)
{
  JsonNode *node = json_node_alloc ();

  switch (option->type) {
  case RETORT_OPTION_TYPE_BOOL:
    return json_node_init_boolean (node, value->boolean);
  case RETORT_OPTION_TYPE_INT:
    return json_node_init_int (node, value->integer);
  case RETORT_OPTION_TYPE_NUMBER:
  case RETORT_OPTION_TYPE_DURATION:
  case RETORT_OPTION_TYPE_MONEY:
    return json_node_init_double (node, value->number);
  case RETORT_OPTION_TYPE_LIST:
  case RETORT_OPTION_TYPE_MAP: {
    g_autoptr (JsonArray) array = json_array_new ();
    for (guint i = 0; i < value->texts->len; i++) {
      if (option->type == RETORT_OPTION_TYPE_LIST) {
        json_array_add_string_element (array, value->texts->pdata[i]);
        continue;
      }
      JsonObject *pair = json_object_new ();
      json_object_set_string_member (pair, value->texts->pdata[i], value->texts->pdata[i + 1]);
      json_array_add_object_element (array, pair);
      i++;
    }
    return json_node_init_array (node, array);
  }
  default:
    return json_node_init_string (node, value->text);
  }
}

static void
value_clear (Value *value)
{
  g_free (value->text);
  g_clear_pointer (&value->texts, g_ptr_array_unref);
}

static void
fault_clear (Fault *fault)
{
  g_free (fault->message);
  g_free (fault->hint);
}

/* --- describing --- */

static gboolean
is_ranged (const RetortOption *option)
{
  return option->type == RETORT_OPTION_TYPE_INT || option->type == RETORT_OPTION_TYPE_NUMBER ||
         option->type == RETORT_OPTION_TYPE_DURATION || option->type == RETORT_OPTION_TYPE_MONEY;
}

/* "from 1 to 100", "from 0", "a|b|c", or "". */
static char *
range_text (const RetortOption *option)
{
  if (option->type == RETORT_OPTION_TYPE_CHOICE)
    return g_strjoinv ("|", (char **) option->choices);
  if (!is_ranged (option))
    return g_strdup ("");

  g_autofree char *min = number_text (option->min), *max = number_text (option->max);
  if (isinf (option->min) || isinf (option->max))
    return isinf (option->max) ? (isinf (option->min) ? g_strdup ("") : g_strconcat ("from ", min, NULL))
                               : g_strconcat ("up to ", max, NULL);
  return g_strconcat ("from ", min, " to ", max, NULL);
}

static char *
number_text (double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (fabs (number) < 1e15 && number == floor (number))
    return g_strdup_printf ("%.0f", number);
  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.6g", number));
}

/* Why option i of the table is wrong, but for its default; or NULL. */
static const char *
check_option (const RetortOptionTable *table, gsize i)
{
  const RetortOption *option = retort_option_table_at (table, i);

  if (option->name == NULL || !g_ascii_islower (option->name[0]))
    return "has no name that begins with a small letter";
  for (const char *c = option->name; *c != '\0'; c++)
    if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && *c != '-' && *c != '_')
      return "has a name with other signs than small letters, digits, dashes and underscores";
  for (gsize j = 0; j < i; j++)
    if (g_str_equal (retort_option_table_at (table, j)->name, option->name))
      return "stands twice in the table";
  if ((guint) option->type >= G_N_ELEMENTS (types))
    return "has a type that this version does not know";
  if (option->help == NULL || option->help[0] == '\0')
    return "has no help";
  if (option->offset > table->struct_size || table->struct_size - option->offset < types[option->type].bytes)
    return "lies outside of the options' struct";
  if (is_ranged (option) && !(option->min < option->max))
    return "has an empty range";
  if (option->type == RETORT_OPTION_TYPE_CHOICE && (option->choices == NULL || option->choices[0] == NULL))
    return "has no choices";
  if (option->preset != NULL && option->flags & RETORT_OPTION_REQUIRED)
    return "is required and has a default: one of the two is wrong";
  if (option->preset != NULL && (option->type == RETORT_OPTION_TYPE_PATH || option->type == RETORT_OPTION_TYPE_MAP))
    return "has a default, but paths and maps have none";
  if (option->flags & RETORT_OPTION_SECRET && (option->type != RETORT_OPTION_TYPE_STRING || option->preset != NULL))
    return "is secret, so it must be a string without default";
  return NULL;
}

static JsonNode *
option_schema (const RetortOption *option)
{
  static const char *const names[] = { "boolean", "integer", "number", "string", "string", "string",
                                       "number", "number", "array", "object", "string" }; /* by RetortOptionType */
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new (), *value = json_object_new (), *reference = json_object_new ();
  JsonArray *ways = json_array_new ();

  json_object_set_string_member (value, "type", names[option->type]);
  if (is_ranged (option) && !isinf (option->min))
    json_object_set_double_member (value, "minimum", option->min);
  if (is_ranged (option) && !isinf (option->max))
    json_object_set_double_member (value, "maximum", option->max);
  if (option->type == RETORT_OPTION_TYPE_CHOICE) {
    JsonArray *choices = json_array_new ();
    for (guint i = 0; option->choices[i] != NULL; i++)
      json_array_add_string_element (choices, option->choices[i]);
    json_object_set_array_member (value, "enum", choices);
  }
  if (option->flags & RETORT_OPTION_SECRET)
    json_object_set_string_member (value, "pattern", "^(env|command):.");
  json_array_add_object_element (ways, value);

  /* Or a place that the matrix or the data root fills; or a duration with its unit. */
  json_object_set_string_member (reference, "type", "string");
  json_object_set_string_member (reference, "pattern", option->type == RETORT_OPTION_TYPE_DURATION
                                                         ? "\\$\\{|^[0-9.]+(ms|s|m|h|d)$" : "\\$\\{");
  json_array_add_object_element (ways, reference);

  json_node_take_object (node, root);
  json_object_set_string_member (root, "description", option->help);
  json_object_set_array_member (root, "anyOf", ways);
  if (option->preset != NULL) {
    g_auto (Value) preset = { 0 };
    g_auto (Fault) fault = read_preset (option, &preset);
    g_assert (fault.message == NULL);
    json_object_set_member (root, "default", value_to_json (option, &preset));
  }
  if (option->flags & RETORT_OPTION_DEPRECATED)
    json_object_set_boolean_member (root, "deprecated", TRUE);
  return node;
}
