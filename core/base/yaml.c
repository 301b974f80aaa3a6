/* yaml - libyaml's events made into a tree whose nodes know their bytes.
 *
 * Surprising: libyaml's marks count characters, not bytes, so places are translated here; and a block collection ends
 * where the next thing begins, so its end is taken from its last child. */
#include "base/yaml.h"

#include "base/limit.h"
#include <math.h>
#include <string.h>
#include <yaml.h>

/* A collection that is still open. */
typedef struct {
  RetortYaml *node;
  GPtrArray *items, *keys;
  GHashTable *seen; /* map: key text -> key node, lent */
  RetortYaml *key;  /* map: the key whose value comes next, or NULL */
  gboolean flow;
} Frame;

typedef struct {
  RetortYamlFile *file;
  RetortDiagnostics *diagnostics;
  const char *text;
  gsize n_bytes;
  gsize bom_bytes;             /* of a byte order mark, which libyaml does not see */
  gsize mark_index, mark_byte; /* the last mark translated; marks come nearly in order */
  GArray *frames;              /* Frame */
  gboolean usable;             /* the tree says what the file says */
} Parse;

static gboolean check_text (Parse *parse);
static gboolean parse_events (Parse *parse, yaml_parser_t *parser);
static gboolean take_event (Parse *parse, const yaml_event_t *event);
static gboolean add_node (Parse *parse, RetortYaml *node);
static gboolean open_frame (Parse *parse, RetortYamlType type, gboolean flow, gsize start, gsize end);
static void close_frame (Parse *parse, gsize end);
static void report_problem (Parse *parse, const yaml_parser_t *parser);
static void clear_frame (void *pointer);
static void free_node (void *pointer);
static RetortYaml *new_node (RetortYamlFile *file, RetortYamlType type, gsize start, gsize end);
static gsize mark_to_byte (Parse *parse, const yaml_mark_t *mark);
static gboolean is_null (const char *text);
static char *without_underscores (const RetortYaml *node);
static void emit (yaml_emitter_t *emitter, const RetortYaml *node);
static int append_to_string (void *data, unsigned char *bytes, size_t n_bytes);

RetortYamlFile *
retort_yaml_load (const char *path, RetortDiagnostics *diagnostics, GError **error)
{
  g_autoptr(GError) read_error = NULL;
  g_autoptr(RetortSource) source = retort_source_load (path, RETORT_LIMIT_YAML_BYTES, &read_error);

  if (source)
    return retort_yaml_parse (source, diagnostics);
  if (!g_error_matches (read_error, RETORT_ERROR, RETORT_ERROR_LIMIT)) {
    g_propagate_error (error, g_steal_pointer (&read_error));
    return NULL;
  }
  source = retort_source_new (path, "", 0);
  retort_diagnostics_add_line (diagnostics, RETORT_CODE_YAML_LIMIT, path, 0, 0, NULL, NULL,
                               "the file is longer than %d bytes", RETORT_LIMIT_YAML_BYTES);
  RetortYamlFile *file = g_new0 (RetortYamlFile, 1);
  file->source = g_steal_pointer (&source);
  file->nodes = g_ptr_array_new_with_free_func (free_node);
  return file;
}

RetortYamlFile *
retort_yaml_parse (RetortSource *source, RetortDiagnostics *diagnostics)
{
  RetortYamlFile *file = g_new0 (RetortYamlFile, 1);
  Parse parse = { .file = file, .diagnostics = diagnostics, .usable = TRUE };
  yaml_parser_t parser;

  file->source = retort_source_ref (source);
  file->nodes = g_ptr_array_new_with_free_func (free_node);
  parse.text = retort_source_text (source, &parse.n_bytes);
  if (!check_text (&parse))
    return file;

  parse.mark_byte = parse.n_bytes >= 3 && memcmp (parse.text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  parse.frames = g_array_new (FALSE, TRUE, sizeof (Frame));
  g_array_set_clear_func (parse.frames, clear_frame);
  g_assert (yaml_parser_initialize (&parser));
  yaml_parser_set_encoding (&parser, YAML_UTF8_ENCODING);
  parse.bom_bytes = parse.mark_byte;
  yaml_parser_set_input_string (&parser, (const guchar *)parse.text + parse.bom_bytes, parse.n_bytes - parse.bom_bytes);
  if (!parse_events (&parse, &parser) || !parse.usable)
    file->root = NULL;
  else if (!file->root)
    retort_diagnostics_add_line (diagnostics, RETORT_CODE_YAML_SYNTAX, retort_source_name (source), 0, 0, NULL, NULL,
                                 "the file is empty");
  yaml_parser_delete (&parser);
  g_array_unref (parse.frames);
  return file;
}

void
retort_yaml_file_free (RetortYamlFile *file)
{
  if (!file)
    return;
  retort_source_unref (file->source);
  g_ptr_array_unref (file->nodes);
  g_free (file);
}

RetortYaml *
retort_yaml_get (const RetortYaml *node, const char *key)
{
  if (!node || node->type != RETORT_YAML_MAP)
    return NULL;
  for (guint i = 0; i < node->n_items; i++)
    if (strcmp (node->keys[i]->text, key) == 0)
      return node->items[i];
  return NULL;
}

RetortYaml *
retort_yaml_new_scalar (RetortYamlFile *file, const RetortYaml *at, const char *text, gboolean quoted)
{
  const gboolean null = !quoted && is_null (text);
  RetortYaml *node = new_node (file, null ? RETORT_YAML_NULL : RETORT_YAML_SCALAR, at ? at->start : 0, at ? at->end : 0);

  node->text = g_strdup (text);
  node->quoted = quoted;
  return node;
}

RetortYaml *
retort_yaml_copy (RetortYamlFile *file, const RetortYaml *node)
{
  RetortYaml *copy = new_node (file, node->type, node->start, node->end);

  copy->quoted = node->quoted;
  copy->text = g_strdup (node->text);
  copy->n_items = node->n_items;
  copy->items = g_new0 (RetortYaml *, node->n_items);
  for (guint i = 0; i < node->n_items; i++)
    copy->items[i] = retort_yaml_copy (file, node->items[i]);
  if (node->type == RETORT_YAML_MAP) {
    copy->keys = g_new0 (RetortYaml *, node->n_items);
    for (guint i = 0; i < node->n_items; i++)
      copy->keys[i] = retort_yaml_copy (file, node->keys[i]);
  }
  return copy;
}

void
retort_yaml_set (RetortYamlFile *file, RetortYaml *map, const char *key, RetortYaml *value)
{
  g_assert (map->type == RETORT_YAML_MAP);
  for (guint i = 0; i < map->n_items; i++)
    if (strcmp (map->keys[i]->text, key) == 0) {
      map->items[i] = value;
      return;
    }
  RetortYaml *key_node = new_node (file, RETORT_YAML_SCALAR, map->start, map->start);
  key_node->text = g_strdup (key);
  map->items = g_renew (RetortYaml *, map->items, map->n_items + 1);
  map->keys = g_renew (RetortYaml *, map->keys, map->n_items + 1);
  map->items[map->n_items] = value;
  map->keys[map->n_items++] = key_node;
}

gboolean
retort_yaml_to_bool (const RetortYaml *node, gboolean *value)
{
  if (!node || node->type != RETORT_YAML_SCALAR || node->quoted)
    return FALSE;
  if (strcmp (node->text, "true") != 0 && strcmp (node->text, "false") != 0)
    return FALSE;
  *value = node->text[0] == 't';
  return TRUE;
}

/* A leading zero is no decimal to YAML 1.1 (octal) and often an id to its author: 007 stays text. */
gboolean
retort_yaml_to_int (const RetortYaml *node, gint64 *value)
{
  g_autofree char *text = without_underscores (node);
  if (!text)
    return FALSE;

  const char *digits = text + (*text == '-' || *text == '+');
  const gsize n = strspn (digits, "0123456789");
  if (n == 0 || digits[n] || (n > 1 && digits[0] == '0'))
    return FALSE;
  return g_ascii_string_to_signed (*text == '+' ? digits : text, 10, G_MININT64, G_MAXINT64, value, NULL);
}

gboolean
retort_yaml_to_number (const RetortYaml *node, double *value)
{
  g_autofree char *text = without_underscores (node);
  if (!text)
    return FALSE;

  const char *at = text + (*text == '-' || *text == '+');
  const gsize whole = strspn (at, "0123456789");
  if (whole > 1 && at[0] == '0')
    return FALSE;
  at += whole;
  gsize fraction = 0;
  if (*at == '.') {
    fraction = strspn (++at, "0123456789");
    at += fraction;
  }
  if (whole + fraction == 0)
    return FALSE;
  if (*at == 'e' || *at == 'E') {
    at++;
    at += *at == '-' || *at == '+';
    const gsize exponent = strspn (at, "0123456789");
    if (exponent == 0)
      return FALSE;
    at += exponent;
  }
  const double number = *at ? NAN : g_ascii_strtod (text, NULL);
  if (!isfinite (number))
    return FALSE;
  *value = number;
  return TRUE;
}

JsonNode *
retort_yaml_to_json (const RetortYaml *node)
{
  gboolean boolean;
  gint64 integer;
  double number;

  switch (node->type) {
  case RETORT_YAML_NULL:
    return json_node_init_null (json_node_alloc ());
  case RETORT_YAML_SCALAR:
    if (retort_yaml_to_bool (node, &boolean))
      return json_node_init_boolean (json_node_alloc (), boolean);
    if (retort_yaml_to_int (node, &integer))
      return json_node_init_int (json_node_alloc (), integer);
    if (retort_yaml_to_number (node, &number))
      return json_node_init_double (json_node_alloc (), number);
    return json_node_init_string (json_node_alloc (), node->text);
  case RETORT_YAML_SEQUENCE: {
    JsonArray *array = json_array_new ();
    for (guint i = 0; i < node->n_items; i++)
      json_array_add_element (array, retort_yaml_to_json (node->items[i]));
    JsonNode *json = json_node_alloc ();
    json_node_init (json, JSON_NODE_ARRAY);
    json_node_take_array (json, array);
    return json;
  }
  case RETORT_YAML_MAP: {
    JsonObject *object = json_object_new ();
    for (guint i = 0; i < node->n_items; i++)
      json_object_set_member (object, node->keys[i]->text, retort_yaml_to_json (node->items[i]));
    JsonNode *json = json_node_alloc ();
    json_node_init (json, JSON_NODE_OBJECT);
    json_node_take_object (json, object);
    return json;
  }
  }
  g_assert_not_reached ();
}

char *
retort_yaml_to_string (const RetortYaml *node)
{
  GString *out = g_string_new (NULL);
  yaml_emitter_t emitter;
  yaml_event_t event;

  g_assert (yaml_emitter_initialize (&emitter));
  yaml_emitter_set_output (&emitter, append_to_string, out);
  yaml_emitter_set_unicode (&emitter, 1);
  yaml_emitter_set_indent (&emitter, 2);
  yaml_emitter_set_width (&emitter, -1);
  yaml_stream_start_event_initialize (&event, YAML_UTF8_ENCODING);
  g_assert (yaml_emitter_emit (&emitter, &event));
  yaml_document_start_event_initialize (&event, NULL, NULL, NULL, 1);
  g_assert (yaml_emitter_emit (&emitter, &event));
  emit (&emitter, node);
  yaml_document_end_event_initialize (&event, 1);
  g_assert (yaml_emitter_emit (&emitter, &event));
  yaml_stream_end_event_initialize (&event);
  g_assert (yaml_emitter_emit (&emitter, &event));
  yaml_emitter_delete (&emitter);
  return g_string_free (out, FALSE);
}

/* Size and encoding, before libyaml sees the text. */
static gboolean
check_text (Parse *parse)
{
  const char *bad;

  if (parse->n_bytes > RETORT_LIMIT_YAML_BYTES) {
    retort_diagnostics_add_line (parse->diagnostics, RETORT_CODE_YAML_LIMIT, retort_source_name (parse->file->source),
                                 0, 0, NULL, NULL, "the file is longer than %d bytes", RETORT_LIMIT_YAML_BYTES);
    return FALSE;
  }
  if (g_utf8_validate_len (parse->text, parse->n_bytes, &bad))
    return TRUE;
  const gsize at = (gsize)(bad - parse->text);
  if (parse->n_bytes >= 2 && (memcmp (parse->text, "\xff\xfe", 2) == 0 || memcmp (parse->text, "\xfe\xff", 2) == 0))
    retort_diagnostics_add (parse->diagnostics, RETORT_CODE_ENCODING, parse->file->source, 0, 1,
                            "convert it: iconv -f UTF-16 -t UTF-8", "the file is UTF-16");
  else if (*bad == 0)
    retort_diagnostics_add (parse->diagnostics, RETORT_CODE_ENCODING, parse->file->source, at, at + 1, NULL,
                            "a NUL byte");
  else
    retort_diagnostics_add (parse->diagnostics, RETORT_CODE_ENCODING, parse->file->source, at, at + 1, NULL,
                            "byte 0x%02X is not UTF-8", (guchar)*bad);
  return FALSE;
}

static gboolean
parse_events (Parse *parse, yaml_parser_t *parser)
{
  for (gboolean going = TRUE; going;) {
    yaml_event_t event;
    if (!yaml_parser_parse (parser, &event)) {
      report_problem (parse, parser);
      return FALSE;
    }
    going = event.type != YAML_STREAM_END_EVENT;
    const gboolean taken = take_event (parse, &event);
    yaml_event_delete (&event);
    if (!taken)
      return FALSE;
  }
  return TRUE;
}

static void
unsupported (Parse *parse, gsize start, gsize end, const char *hint, const char *message)
{
  retort_diagnostics_add (parse->diagnostics, RETORT_CODE_YAML_UNSUPPORTED, parse->file->source, start, end, hint, "%s",
                          message);
  parse->usable = FALSE;
}

static void
check_decoration (Parse *parse, const yaml_char_t *anchor, const yaml_char_t *tag, gsize start)
{
  if (anchor)
    unsupported (parse, start, start + 1 + strlen ((const char *)anchor), "write the text out where it is wanted",
                 "anchors are not read");
  if (tag)
    unsupported (parse, start, start + 1, "quote a text that begins with '!'", "tags are not read");
}

static gboolean
take_scalar (Parse *parse, const yaml_event_t *event, gsize start, gsize end)
{
  const char *text = (const char *)event->data.scalar.value;
  const gboolean quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  RetortYaml *node
      = new_node (parse->file, !quoted && is_null (text) ? RETORT_YAML_NULL : RETORT_YAML_SCALAR, start, end);

  check_decoration (parse, event->data.scalar.anchor, event->data.scalar.tag, start);
  if (strlen (text) != event->data.scalar.length)
    unsupported (parse, start, end, NULL, "a text may not hold NUL");
  node->text = g_strdup (text);
  node->quoted = quoted;
  return add_node (parse, node);
}

static gboolean
take_event (Parse *parse, const yaml_event_t *event)
{
  const gsize start = mark_to_byte (parse, &event->start_mark);
  const gsize end = mark_to_byte (parse, &event->end_mark);

  switch (event->type) {
  case YAML_DOCUMENT_START_EVENT:
    if (parse->file->root)
      unsupported (parse, start, end, NULL, "a second document begins here; only one is read");
    if (event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end)
      unsupported (parse, start, start, NULL, "tag directives are not read");
    return parse->usable || !parse->file->root;
  case YAML_ALIAS_EVENT:
    unsupported (parse, start, end, "quote a text that begins with '*'", "aliases are not read");
    return add_node (parse, new_node (parse->file, RETORT_YAML_NULL, start, end));
  case YAML_SCALAR_EVENT:
    return take_scalar (parse, event, start, end);
  case YAML_SEQUENCE_START_EVENT:
    check_decoration (parse, event->data.sequence_start.anchor, event->data.sequence_start.tag, start);
    return open_frame (parse, RETORT_YAML_SEQUENCE, event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE, start,
                       end);
  case YAML_MAPPING_START_EVENT:
    check_decoration (parse, event->data.mapping_start.anchor, event->data.mapping_start.tag, start);
    return open_frame (parse, RETORT_YAML_MAP, event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE, start, end);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    close_frame (parse, end);
    return TRUE;
  default:
    return TRUE;
  }
}

/* Puts a node where the open collection wants one. FALSE: stop reading. */
static gboolean
add_node (Parse *parse, RetortYaml *node)
{
  RetortYamlFile *file = parse->file;

  if (file->nodes->len > RETORT_LIMIT_YAML_NODES) {
    retort_diagnostics_add (parse->diagnostics, RETORT_CODE_YAML_LIMIT, file->source, node->start, node->start, NULL,
                            "more than %d values in one file", RETORT_LIMIT_YAML_NODES);
    return FALSE;
  }
  if (parse->frames->len == 0) {
    file->root = node;
    return TRUE;
  }
  Frame *frame = &g_array_index (parse->frames, Frame, parse->frames->len - 1);
  if (frame->node->type == RETORT_YAML_SEQUENCE) {
    g_ptr_array_add (frame->items, node);
    return TRUE;
  }
  if (frame->key) {
    const RetortYaml *first = g_hash_table_lookup (frame->seen, frame->key->text);
    if (first) {
      guint line, column;
      retort_source_locate (file->source, first->start, &line, &column);
      retort_diagnostics_add (parse->diagnostics, RETORT_CODE_YAML_DUPLICATE_KEY, file->source, frame->key->start,
                              frame->key->end, NULL, "the key '%s' stands already in line %u", first->text, line);
    } else {
      g_hash_table_insert (frame->seen, (char *)frame->key->text, frame->key);
      g_ptr_array_add (frame->keys, frame->key);
      g_ptr_array_add (frame->items, node);
    }
    frame->key = NULL;
    return TRUE;
  }
  if (node->type == RETORT_YAML_NULL && node->text) /* `null: 1` */
    node->type = RETORT_YAML_SCALAR;
  if (node->type != RETORT_YAML_SCALAR) {
    const gboolean braces = node->type == RETORT_YAML_MAP && parse->text[node->start] == '{';
    if (parse->usable)
      unsupported (parse, node->start, node->start + 1,
                   braces ? "quote a text that begins with '{'" : "quote a text that begins with '['",
                   "a key must be a plain or quoted text");
    node->text = g_strdup (""); /* never seen: the file is refused */
  }
  frame->key = node;
  return TRUE;
}

static gboolean
open_frame (Parse *parse, RetortYamlType type, gboolean flow, gsize start, gsize end)
{
  RetortYaml *node = new_node (parse->file, type, start, end);

  if (parse->frames->len >= RETORT_LIMIT_YAML_DEPTH) {
    retort_diagnostics_add (parse->diagnostics, RETORT_CODE_YAML_LIMIT, parse->file->source, start, end, NULL,
                            "nested more than %d levels deep", RETORT_LIMIT_YAML_DEPTH);
    return FALSE;
  }
  if (!add_node (parse, node))
    return FALSE;
  Frame frame = { .node = node, .items = g_ptr_array_new (), .keys = g_ptr_array_new (), .flow = flow };
  if (type == RETORT_YAML_MAP)
    frame.seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_array_append_val (parse->frames, frame);
  return TRUE;
}

static void
close_frame (Parse *parse, gsize end)
{
  Frame *frame = &g_array_index (parse->frames, Frame, parse->frames->len - 1);
  RetortYaml *node = frame->node;

  node->n_items = frame->items->len;
  if (frame->flow)
    node->end = end;
  else if (node->n_items > 0)
    node->end = MAX (node->end, ((RetortYaml *)frame->items->pdata[node->n_items - 1])->end);
  node->items = (RetortYaml **)g_ptr_array_free (g_steal_pointer (&frame->items), FALSE);
  if (node->type == RETORT_YAML_MAP)
    node->keys = (RetortYaml **)g_ptr_array_free (g_steal_pointer (&frame->keys), FALSE);
  g_array_set_size (parse->frames, parse->frames->len - 1);
}

/* What libyaml's messages usually mean. */
static const char *
hint_for (const char *problem, char at)
{
  static const struct {
    const char *problem, *hint;
  } hints[] = {
    { "mapping values are not allowed", "quote a text that holds ': '; if it is a key, check the indentation" },
    { "cannot start any token", "quote a text that begins with '@', '`' or '%'" },
    { "did not find expected key", "check the indentation of this line and of the one above" },
    { "did not find expected '-' indicator", "check the indentation of this line and of the one above" },
    { "could not find expected ':'", "a key needs ': ' behind it" },
    { "did not find expected ',' or", "a bracket is not closed, or a comma is missing" },
    { "unexpected end of stream", "a quote is not closed" },
    { "unknown escape character", "in double quotes a backslash is written \\\\; or use single quotes" },
    { "undefined tag handle", "quote a text that begins with '!'" },
    { "alphabetic or numeric character", "quote a text that begins with '*' or '&'" },
  };

  if (at == '\t')
    return "indent with spaces, not tabs";
  if (at == '{' && strstr (problem, "did not find expected ',' or"))
    return "quote a text that holds brackets: \"${data}/file\"";
  for (guint i = 0; i < G_N_ELEMENTS (hints); i++)
    if (strstr (problem, hints[i].problem))
      return hints[i].hint;
  return NULL;
}

static void
report_problem (Parse *parse, const yaml_parser_t *parser)
{
  const char *problem = parser->problem ? parser->problem : "it cannot be read";

  if (parser->error == YAML_READER_ERROR) { /* its place is in bytes */
    const gsize at = MIN (parser->problem_offset + parse->bom_bytes, parse->n_bytes);
    retort_diagnostics_add (parse->diagnostics, RETORT_CODE_YAML_SYNTAX, parse->file->source, at, at + 1, NULL,
                            "%s (U+%04X)", problem, (guint)parser->problem_value);
    return;
  }
  const gsize at = mark_to_byte (parse, &parser->problem_mark);
  const char *hint = hint_for (problem, at < parse->n_bytes ? parse->text[at] : 0);
  if (parser->context && parser->context_mark.line != parser->problem_mark.line)
    retort_diagnostics_add (parse->diagnostics, RETORT_CODE_YAML_SYNTAX, parse->file->source, at, at + 1, hint,
                            "%s %s that begins in line %" G_GSIZE_FORMAT, problem, parser->context,
                            parser->context_mark.line + 1);
  else if (parser->context)
    retort_diagnostics_add (parse->diagnostics, RETORT_CODE_YAML_SYNTAX, parse->file->source, at, at + 1, hint, "%s %s",
                            problem, parser->context);
  else
    retort_diagnostics_add (parse->diagnostics, RETORT_CODE_YAML_SYNTAX, parse->file->source, at, at + 1, hint, "%s",
                            problem);
}

static void
clear_frame (void *pointer)
{
  Frame *frame = pointer;

  g_clear_pointer (&frame->items, g_ptr_array_unref);
  g_clear_pointer (&frame->keys, g_ptr_array_unref);
  g_clear_pointer (&frame->seen, g_hash_table_unref);
}

static void
free_node (void *pointer)
{
  RetortYaml *node = pointer;

  g_free ((char *)node->text);
  g_free (node->items);
  g_free (node->keys);
  g_free (node);
}

static RetortYaml *
new_node (RetortYamlFile *file, RetortYamlType type, gsize start, gsize end)
{
  RetortYaml *node = g_new0 (RetortYaml, 1);

  node->type = type;
  node->start = start;
  node->end = end;
  g_ptr_array_add (file->nodes, node);
  return node;
}

static gsize
mark_to_byte (Parse *parse, const yaml_mark_t *mark)
{
  while (parse->mark_index < mark->index && parse->mark_byte < parse->n_bytes) {
    parse->mark_byte += (gsize)g_utf8_skip[(guchar)parse->text[parse->mark_byte]];
    parse->mark_index++;
  }
  while (parse->mark_index > mark->index) {
    parse->mark_byte = (gsize)(g_utf8_prev_char (parse->text + parse->mark_byte) - parse->text);
    parse->mark_index--;
  }
  return MIN (parse->mark_byte, parse->n_bytes);
}

static gboolean
is_null (const char *text)
{
  return *text == 0 || strcmp (text, "~") == 0 || strcmp (text, "null") == 0;
}

/* Of an unquoted scalar; NULL if an underscore is not between two digits, or it is something else. */
static char *
without_underscores (const RetortYaml *node)
{
  if (!node || node->type != RETORT_YAML_SCALAR || node->quoted)
    return NULL;

  g_autofree char *text = g_malloc (strlen (node->text) + 1);
  char *out = text;
  for (const char *at = node->text; *at; at++) {
    if (*at != '_')
      *out++ = *at;
    else if (at == node->text || !g_ascii_isdigit (at[-1]) || !g_ascii_isdigit (at[1]))
      return NULL;
  }
  *out = 0;
  return g_steal_pointer (&text);
}

/* Literal blocks are for people, so only for text that they show as it is; the emitter quotes what is left. */
static yaml_scalar_style_t
style_of (const RetortYaml *node)
{
  if (!node->quoted)
    return YAML_PLAIN_SCALAR_STYLE;
  const gboolean block = strchr (node->text, '\n') && !strchr (node->text, '\r') && !strstr (node->text, " \n")
                         && !g_ascii_isspace (node->text[0]);
  return block ? YAML_LITERAL_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
}

static void
emit (yaml_emitter_t *emitter, const RetortYaml *node)
{
  yaml_event_t event;

  switch (node->type) {
  case RETORT_YAML_NULL:
    yaml_scalar_event_initialize (&event, NULL, NULL, (const guchar *)"null", 4, 1, 1, YAML_PLAIN_SCALAR_STYLE);
    g_assert (yaml_emitter_emit (emitter, &event));
    return;
  case RETORT_YAML_SCALAR:
    yaml_scalar_event_initialize (&event, NULL, NULL, (const guchar *)node->text, (int)strlen (node->text), 1, 1,
                                  style_of (node));
    g_assert (yaml_emitter_emit (emitter, &event));
    return;
  case RETORT_YAML_SEQUENCE:
    yaml_sequence_start_event_initialize (&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);
    g_assert (yaml_emitter_emit (emitter, &event));
    for (guint i = 0; i < node->n_items; i++)
      emit (emitter, node->items[i]);
    yaml_sequence_end_event_initialize (&event);
    g_assert (yaml_emitter_emit (emitter, &event));
    return;
  case RETORT_YAML_MAP:
    yaml_mapping_start_event_initialize (&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
    g_assert (yaml_emitter_emit (emitter, &event));
    for (guint i = 0; i < node->n_items; i++) {
      emit (emitter, node->keys[i]);
      emit (emitter, node->items[i]);
    }
    yaml_mapping_end_event_initialize (&event);
    g_assert (yaml_emitter_emit (emitter, &event));
    return;
  }
}

static int
append_to_string (void *data, unsigned char *bytes, size_t n_bytes)
{
  g_string_append_len (data, (const char *)bytes, (gssize)n_bytes);
  return 1;
}
