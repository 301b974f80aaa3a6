/* json-spans - JSON lines: an object a document, with a text and mentions by offsets, as PHEE, doccano and others.
 *
 *   {"id": "d1", "text": "Rash after zinc", "entities": [{"id": "T1", "label": "Effect", "start_offset": 0,
 *    "end_offset": 4, "text": "Rash"}], "relations": [{"id": "R1", "from_id": "T2", "to_id": "T1", "type": "ADE"}]}
 *
 * The option `keys` says what a file calls each of them. Ids may be numbers; without one a document's id is the number
 * of its line, from 0. If a mention repeats its text, that is checked. Other keys are counted and left out. */
#include "file.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the keys are called unless the option `keys` says otherwise. */
enum { ID, TEXT, ENTITIES, ENTITY_ID, LABEL, START, END, SURFACE, RELATIONS, RELATION_ID, HEAD, TAIL, TYPE, N_KEYS };
static const struct { const char *name, *preset; } key_table[N_KEYS] = {
  [ID] = { "id", "id" },
  [TEXT] = { "text", "text" },
  [ENTITIES] = { "entities", "entities" },
  [ENTITY_ID] = { "entity-id", "id" },
  [LABEL] = { "label", "label" },
  [START] = { "start", "start_offset" },
  [END] = { "end", "end_offset" },
  [SURFACE] = { "surface", "text" },
  [RELATIONS] = { "relations", "relations" },
  [RELATION_ID] = { "relation-id", "id" },
  [HEAD] = { "head", "from_id" },
  [TAIL] = { "tail", "to_id" },
  [TYPE] = { "relation-label", "type" },
};
/* Those of an object of each kind. */
static const guint document_keys[] = { ID, TEXT, ENTITIES, RELATIONS };
static const guint entity_keys[] = { ENTITY_ID, LABEL, START, END, SURFACE };
static const guint relation_keys[] = { RELATION_ID, HEAD, TAIL, TYPE };

static const char *const unit_names[] = { "bytes", "codepoints", "utf16", NULL }; /* as RetortUnit */

typedef struct { const char *const *keys; const char *unit; } Options;

static const RetortOption options[] = {
  RETORT_OPTION_MAP (Options, keys, "keys",
                     "What the file calls id, text, entities, entity-id, label, start, end, surface, relations, "
                     "relation-id, head, tail, relation-label; unset: as in PHEE and doccano."),
  RETORT_OPTION_CHOICE (Options, unit, "unit", "codepoints", unit_names, "What offsets count."),
};

static const RetortExample examples[] = {
  { "As in PHEE", NULL,
    "{\"id\": \"d1\", \"text\": \"Rash after zinc\", \"entities\": [{\"id\": \"T1\", \"label\": \"Effect\", "
    "\"start_offset\": 0, \"end_offset\": 4, \"text\": \"Rash\"}, {\"id\": \"T2\", \"label\": \"Drug\", "
    "\"start_offset\": 11, \"end_offset\": 15, \"text\": \"zinc\"}], \"relations\": [{\"id\": \"R1\", \"from_id\": "
    "\"T2\", \"to_id\": \"T1\", \"type\": \"Adverse_event\"}]}\n",
    "{\"id\":\"d1\",\"text\":\"Rash after zinc\",\"layers\":{\"gold\":{\"entities\":["
    "{\"id\":\"T1\",\"label\":\"Effect\",\"spans\":[[0,4]],\"text\":\"Rash\"},"
    "{\"id\":\"T2\",\"label\":\"Drug\",\"spans\":[[11,15]],\"text\":\"zinc\"}],"
    "\"relations\":[{\"id\":\"R1\",\"label\":\"Adverse_event\",\"head\":\"T2\",\"tail\":\"T1\"}]}}}\n" },
  { "Other keys, no ids", "keys: {entities: spans, start: b, end: e, label: type}",
    "{\"text\": \"No zinc\", \"spans\": [{\"type\": \"Drug\", \"b\": 3, \"e\": 7}]}\n",
    "{\"id\":\"0\",\"text\":\"No zinc\",\"layers\":{\"gold\":{\"entities\":["
    "{\"id\":\"T1\",\"label\":\"Drug\",\"spans\":[[3,7]],\"text\":\"zinc\"}]}}}\n" },
};

static void *open_options (RetortContext *context, const void *filled, GError **error);
static gboolean read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink,
                           GError **error);
static gboolean write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer,
                            const char *path, GError **error);

static const char *const extensions[] = { ".spans.jsonl", NULL };
static const RetortFormatRole role = {
  sizeof role, .extensions = extensions, .unit = RETORT_UNIT_CODEPOINTS,
  .cannot_hold = "discontinuous mentions, tokens, sentences, concepts, scores, metadata",
  .read = read_file, .write = write_file,
};
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FORMAT, .name = "json-spans", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "JSON lines with text and mentions by offsets, under keys of your choice.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
  .open = open_options, .close = g_free,
};
RETORT_PLUGIN_EXPORT (plugin)

/* The instance. */
typedef struct { const char *keys[N_KEYS]; RetortUnit unit; } Format;

static void *
open_options (RetortContext *context, const void *filled, GError **error)
{
  const Options *const opts = filled;
  g_autofree Format *format = g_new0 (Format, 1);

  for (guint i = 0; i < N_KEYS; i++)
    format->keys[i] = key_table[i].preset;
  for (const char *const *pair = opts->keys; pair && *pair; pair += 2) {
    guint i = 0;
    while (i < N_KEYS && strcmp (key_table[i].name, pair[0]) != 0)
      i++;
    if (i == N_KEYS) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "'keys' knows no '%s'", pair[0]);
      return NULL;
    }
    format->keys[i] = pair[1];
  }
  while (strcmp (unit_names[format->unit], opts->unit) != 0)
    format->unit++;
  return g_steal_pointer (&format);
}

/* --- reading --- */

typedef struct {
  const Format *format;
  Lines *lines;
  const char *text;
  RetortOffsets *offsets;
  RetortDocumentBuilder *builder;
  GHashTable *entities;  /* id in the file -> index + 1; 0: dropped */
  guint n_mismatches, n_loose, n_other;
} Reading;

static void G_GNUC_PRINTF (2, 3)
complain (Reading *reading, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  lines_complain (reading->lines, RETORT_CODE_RECORD, NULL, NULL, "%s", message);
}

/* A string or a whole number, as text; NULL if absent or of another type (complained of if `what` is not NULL). */
static char *
get_text (Reading *reading, JsonObject *object, const char *key, const char *what)
{
  JsonNode *const node = json_object_get_member (object, key);

  if (node && JSON_NODE_HOLDS_VALUE (node)) {
    if (json_node_get_value_type (node) == G_TYPE_STRING)
      return g_strdup (json_node_get_string (node));
    if (json_node_get_value_type (node) == G_TYPE_INT64)
      return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  }
  if (what)
    complain (reading, node ? "%s: '%s' is no string" : "%s has no '%s'", what, key);
  return NULL;
}

static gboolean
get_offset (Reading *reading, JsonObject *object, const char *key, guint64 *offset)
{
  JsonNode *const node = json_object_get_member (object, key);

  if (!node || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64
      || json_node_get_int (node) < 0) {
    complain (reading, node ? "an entity's '%s' is no offset" : "an entity has no '%s'", key);
    return FALSE;
  }
  *offset = json_node_get_int (node);
  return TRUE;
}

/* The array under `key`: NULL if absent, null or (complained of) something else. */
static JsonArray *
get_array (Reading *reading, JsonObject *object, const char *key)
{
  JsonNode *const node = json_object_get_member (object, key);

  if (!node || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_node_get_array (node);
  complain (reading, "'%s' is no array", key);
  return NULL;
}

/* The entity's place. FALSE, complained of: it has none. */
static gboolean
find_place (Reading *reading, JsonObject *object, RetortSpan *span)
{
  const char *const *const keys = reading->format->keys;
  guint64 start, end;

  if (!get_offset (reading, object, keys[START], &start) || !get_offset (reading, object, keys[END], &end))
    return FALSE;
  if (start >= end || !retort_offsets_to_byte (reading->offsets, start, &span->start)
      || !retort_offsets_to_byte (reading->offsets, end, &span->end)) {
    lines_complain (reading->lines, RETORT_CODE_MENTION_OFFSETS, NULL, NULL,
                    "%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT " is no place in a text of %u %s", start, end,
                    retort_offsets_length (reading->offsets), unit_names[reading->format->unit]);
    return FALSE;
  }
  g_autofree char *surface = json_object_has_member (object, keys[SURFACE])
                               ? get_text (reading, object, keys[SURFACE], "an entity") : NULL;
  const Field found = { reading->text + span->start, span->end - span->start };
  if (!surface || field_is (found, surface))
    return TRUE;
  lines_complain (reading->lines, RETORT_CODE_MENTION_MISMATCH, NULL, NULL,
                  "an entity says '%s', but the text at %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT " is '%.*s'", surface,
                  start, end, FIELD_ARGS (found));
  reading->n_mismatches++;
  return FALSE;
}

/* Counts the object's keys that are not among the `n` known ones. */
static void
count_others (Reading *reading, JsonObject *object, const guint *known, guint n)
{
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, NULL)) {
    guint i = 0;
    while (i < n && strcmp (reading->format->keys[known[i]], name) != 0)
      i++;
    reading->n_other += i == n;
  }
}

static void
read_entity (Reading *reading, JsonObject *object)
{
  const char *const *const keys = reading->format->keys;
  g_autofree char *id = get_text (reading, object, keys[ENTITY_ID], NULL);
  g_autofree char *label = get_text (reading, object, keys[LABEL], "an entity");
  g_autoptr(GError) inner = NULL;
  RetortSpan span;
  gint index = -1;

  count_others (reading, object, entity_keys, G_N_ELEMENTS (entity_keys));
  if (label && find_place (reading, object, &span)) {
    const RetortEntity entity = { .id = id, .label = label, .fragments = &span, .n_fragments = 1, .score = NAN };
    index = retort_document_builder_add_entity (reading->builder, RETORT_LAYER_GOLD, &entity, &inner);
    if (inner)
      lines_complain (reading->lines, RETORT_CODE_ANNOTATION, NULL, NULL, "%s", inner->message);
  }
  if (id && !g_hash_table_contains (reading->entities, id))
    g_hash_table_insert (reading->entities, g_steal_pointer (&id), GINT_TO_POINTER (index + 1));
}

static void
read_relation (Reading *reading, JsonObject *object)
{
  const char *const *const keys = reading->format->keys;
  g_autofree char *id = get_text (reading, object, keys[RELATION_ID], NULL);
  g_autofree char *label = get_text (reading, object, keys[TYPE], "a relation");
  g_autofree char *head = get_text (reading, object, keys[HEAD], "a relation");
  g_autofree char *tail = get_text (reading, object, keys[TAIL], "a relation");
  g_autoptr(GError) inner = NULL;

  count_others (reading, object, relation_keys, G_N_ELEMENTS (relation_keys));
  if (!label || !head || !tail)
    return;
  const gint from = GPOINTER_TO_INT (g_hash_table_lookup (reading->entities, head)) - 1;
  const gint to = GPOINTER_TO_INT (g_hash_table_lookup (reading->entities, tail)) - 1;
  if (from < 0 || to < 0) {
    lines_complain (reading->lines, RETORT_CODE_RELATION_ENDS, NULL, NULL, "the document has no entity '%s'",
                    from < 0 ? head : tail);
    reading->n_loose++;
    return;
  }
  const RetortRelation relation = { .id = id, .label = label, .head = from, .tail = to, .score = NAN };
  if (retort_document_builder_add_relation (reading->builder, RETORT_LAYER_GOLD, &relation, &inner) < 0)
    lines_complain (reading->lines, RETORT_CODE_ANNOTATION, NULL, NULL, "%s", inner->message);
}

static void
read_array (Reading *reading, JsonObject *object, guint key, void (*read) (Reading *reading, JsonObject *object))
{
  JsonArray *const array = get_array (reading, object, reading->format->keys[key]);

  for (guint i = 0; array && i < json_array_get_length (array); i++) {
    JsonNode *const node = json_array_get_element (array, i);
    if (JSON_NODE_HOLDS_OBJECT (node))
      read (reading, json_node_get_object (node));
    else
      complain (reading, "'%s' has something that is no object", reading->format->keys[key]);
  }
}

static gboolean
read_document (Reading *reading, RetortCorpusSink *sink, JsonObject *object, GError **error)
{
  const char *const *const keys = reading->format->keys;
  const guint number = lines_number (reading->lines);
  g_autofree char *text = get_text (reading, object, keys[TEXT], "the document");
  g_autofree char *id = get_text (reading, object, keys[ID], NULL);

  if (!text)
    return TRUE;
  if (!id)
    id = g_strdup_printf ("%u", number - 1);
  if (!lines_begin_document (reading->lines, sink, id, text, -1, number, &reading->builder, error))
    return FALSE;
  if (!reading->builder)
    return TRUE;
  reading->text = text;
  reading->offsets = retort_offsets_new (text, strlen (text), reading->format->unit);
  count_others (reading, object, document_keys, G_N_ELEMENTS (document_keys));
  retort_document_builder_add_layer (reading->builder, RETORT_LAYER_GOLD, FALSE);
  read_array (reading, object, ENTITIES, read_entity);
  read_array (reading, object, RELATIONS, read_relation);
  g_clear_pointer (&reading->offsets, retort_offsets_free);
  g_hash_table_remove_all (reading->entities);
  return retort_corpus_sink_end (sink, g_steal_pointer (&reading->builder), error);
}

/* The line as an object; NULL, complained of at the place that the parser names. */
static JsonNode *
parse_line (Reading *reading, const char *line, gsize n_bytes)
{
  g_autoptr(GError) inner = NULL;
  JsonNode *const node = retort_json_parse (line, n_bytes, &inner);

  if (node && JSON_NODE_HOLDS_OBJECT (node))
    return node;
  if (node) {
    json_node_unref (node);
    complain (reading, "the line is no JSON object");
    return NULL;
  }
  const char *message = inner->message; /* "line:column: what" */
  char *after;
  const gulong row = strtoul (message, &after, 10);
  const gulong column = row == 1 && *after == ':' ? strtoul (after + 1, &after, 10) : 0;
  if (column > 0 && g_str_has_prefix (after, ": "))
    message = after + 2;
  const gboolean inside = column > 0 && column <= (gulong) g_utf8_strlen (line, -1) + 1;
  lines_complain (reading->lines, RETORT_CODE_RECORD, inside ? g_utf8_offset_to_pointer (line, column - 1) : NULL, NULL,
                  "%s", message);
  return NULL;
}

static gboolean
read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink, GError **error)
{
  g_autoptr(Lines) lines = lines_open (context, path, error);
  Reading reading = { .format = self, .lines = lines };
  const char *line;
  gsize n_bytes;
  gboolean ok = TRUE;

  if (!lines)
    return FALSE;
  reading.entities = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while (ok && (line = lines_next (lines, &n_bytes))) {
    if (line[strspn (line, " \t")] == '\0')
      continue;
    JsonNode *const node = parse_line (&reading, line, n_bytes);
    if (!node)
      continue;
    ok = read_document (&reading, sink, json_node_get_object (node), error);
    json_node_unref (node);
  }
  ok = ok && lines_ok (lines, error);
  g_hash_table_unref (reading.entities);
  file_lost (context, reading.n_mismatches, "mentions dropped: the text at their offsets differs");
  file_lost (context, reading.n_loose, "relations dropped: a mention of theirs is not there");
  file_lost (context, reading.n_other, "values of keys that are not read");
  return ok;
}

/* --- writing --- */

typedef struct { const Format *format; guint n_split, n_loose; } Writing;

static void
append_key (GString *out, const char *key)
{
  if (!strchr ("{[", out->str[out->len - 1]))
    g_string_append (out, ", ");
  retort_json_append_string (out, key, -1);
  g_string_append (out, ": ");
}

static void
append_text (GString *out, const char *key, const char *value, gssize n_bytes)
{
  append_key (out, key);
  retort_json_append_string (out, value, n_bytes);
}

/* Begins the next object of an array. */
static void
begin_item (GString *out)
{
  g_string_append (out, out->str[out->len - 1] == '[' ? "{" : ", {");
}

static void
append_entity (const Writing *writing, const RetortDocument *document, const RetortOffsets *offsets,
               const RetortEntity *entity, GString *out)
{
  const char *const *const keys = writing->format->keys;
  const RetortSpan span = entity->fragments[0];

  begin_item (out);
  append_text (out, keys[ENTITY_ID], entity->id, -1);
  append_text (out, keys[LABEL], entity->label, -1);
  append_key (out, keys[START]);
  g_string_append_printf (out, "%u", retort_offsets_from_byte (offsets, span.start));
  append_key (out, keys[END]);
  g_string_append_printf (out, "%u", retort_offsets_from_byte (offsets, span.end));
  append_text (out, keys[SURFACE], retort_document_text (document, NULL) + span.start, span.end - span.start);
  g_string_append_c (out, '}');
}

static gboolean
append_document (const RetortDocument *document, const RetortLayer *layer, GString *out, gpointer user, GError **error)
{
  Writing *const writing = user;
  const char *const *const keys = writing->format->keys;
  gsize n_bytes;
  const char *const text = retort_document_text (document, &n_bytes);
  g_autoptr(RetortOffsets) offsets = retort_offsets_new (text, n_bytes, writing->format->unit);

  g_string_append_c (out, '{');
  append_text (out, keys[ID], retort_document_id (document), -1);
  append_text (out, keys[TEXT], text, n_bytes);
  append_key (out, keys[ENTITIES]);
  g_string_append_c (out, '[');
  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *const entity = retort_layer_entity (layer, i);
    if (entity->n_fragments == 1)
      append_entity (writing, document, offsets, entity, out);
    else
      writing->n_split++;
  }
  g_string_append_c (out, ']');
  append_key (out, keys[RELATIONS]);
  g_string_append_c (out, '[');
  for (guint i = 0; i < retort_layer_n_relations (layer); i++) {
    const RetortRelation *const relation = retort_layer_relation (layer, i);
    const RetortEntity *const head = retort_layer_entity (layer, relation->head);
    const RetortEntity *const tail = retort_layer_entity (layer, relation->tail);
    if (head->n_fragments > 1 || tail->n_fragments > 1) {
      writing->n_loose++;
      continue;
    }
    begin_item (out);
    append_text (out, keys[RELATION_ID], relation->id, -1);
    append_text (out, keys[HEAD], head->id, -1);
    append_text (out, keys[TAIL], tail->id, -1);
    append_text (out, keys[TYPE], relation->label, -1);
    g_string_append_c (out, '}');
  }
  g_string_append (out, "]}\n");
  return TRUE;
}

static gboolean
write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer, const char *path,
            GError **error)
{
  Writing writing = { .format = self };

  if (!file_write (context, documents, layer, path, append_document, &writing, error))
    return FALSE;
  file_lost (context, writing.n_split, "discontinuous mentions not written");
  file_lost (context, writing.n_loose, "relations not written: a mention of theirs is discontinuous");
  return TRUE;
}
