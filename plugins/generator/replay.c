/* replay - answers that were recorded, given again.
 *
 * The whole file is read when the plugin opens, so that everything that is wrong in it is known, with its lines, before
 * the first request. A request that failed or was refused when it was recorded is a recording too: it is warned of at
 * its line, and its failure is given again. */
#include <retort/plugin.h>
#include <string.h>

#define FILE_BYTES_MAX (1u << 30)

typedef struct {
  const char *path, *match;
} Options;

static const char *const matches[] = { "prompt", "document", "id", "order", NULL };

static const RetortOption options[] = {
  RETORT_OPTION_PATH (
      Options, path, "path",
      "Recordings, JSON lines {id, document, prompt, completion}, or the output file of an OpenAI batch.",
      .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_CHOICE (
      Options, match, "match", "prompt", matches,
      "What finds the answer to a request: the same prompt, document or id, or its place in the file."),
};

/* One line of the file; strings are in the replay's chunk. */
typedef struct {
  const char *key;         /* what it is found by; NULL with order */
  const char *completion;  /* NULL: the recorded request failed */
  const char *failure;
  guint line;
} Recording;

typedef struct {
  const Options *options;
  GStringChunk *strings;
  GArray *recordings;      /* of Recording, in the file's order */
  GHashTable *by_key;      /* key -> index + 1 */
} Replay;

static gboolean read_line (Replay *self, const char *text, gsize n_bytes, guint line, RetortDiagnostics *diagnostics,
                           GError **error);
static gboolean read_own (Replay *self, JsonObject *object, Recording *recording, GError **error);
static gboolean read_batch (Replay *self, JsonObject *object, Recording *recording, GError **error);
static void index_recording (Replay *self, const Recording *recording, RetortDiagnostics *diagnostics);
static gboolean is_blank (const char *text, gsize n_bytes);
static void close_replay (void *self);

static void *
open_replay (RetortContext *context, const void *filled, GError **error)
{
  const Options *given = filled;
  g_autoptr(RetortSource) source = retort_source_load (given->path, FILE_BYTES_MAX, error);
  RetortDiagnostics *diagnostics = retort_context_diagnostics (context);
  guint n_wrong = 0;
  gsize n_bytes;

  if (!source)
    return NULL;
  Replay *self = g_new0 (Replay, 1);
  self->options = given;
  self->strings = g_string_chunk_new (1 << 16);
  self->recordings = g_array_new (FALSE, FALSE, sizeof (Recording));
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  const char *text = retort_source_text (source, &n_bytes);
  guint line = 1;
  for (gsize at = 0; at < n_bytes; line++) {
    const char *newline = memchr (text + at, '\n', n_bytes - at);
    const gsize end = newline ? (gsize) (newline - text) : n_bytes;
    g_autoptr(GError) problem = NULL;
    if (!is_blank (text + at, end - at) && !read_line (self, text + at, end - at, line, diagnostics, &problem)) {
      g_autofree char *line_text = g_utf8_make_valid (text + at, MIN (end - at, 200));
      retort_diagnostics_add_line (diagnostics, RETORT_CODE_ANSWERS_LINE, given->path, line, 0, line_text, NULL, "%s",
                                   problem->message);
      n_wrong++;
    }
    at = end + 1;
  }
  if (n_wrong == 0 && self->recordings->len > 0)
    return self;
  if (n_wrong > 0)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: %u of %u lines cannot be read", given->path, n_wrong,
                 line - 1);
  else
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: no recording in it", given->path);
  close_replay (self);
  return NULL;
}

static void
close_replay (void *instance)
{
  Replay *self = instance;

  g_string_chunk_free (self->strings);
  g_array_unref (self->recordings);
  g_hash_table_unref (self->by_key);
  g_free (self);
}

static gboolean
answer (void *instance, RetortContext *context, const RetortRequest *request, GString *completion, GError **error)
{
  const Replay *self = instance;
  const char *match = self->options->match;
  const char *key = g_str_equal (match, "prompt") ? request->prompt
                    : g_str_equal (match, "id")   ? request->id
                                                  : request->document;
  guint found = 0; /* index + 1 */

  if (g_str_equal (match, "order"))
    found = request->index < self->recordings->len ? request->index + 1 : 0;
  else if (key)
    found = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_key, key));
  if (found == 0) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "no recorded answer with the %s of request %s%s%s",
                 g_str_equal (match, "order") ? "place" : match, request->id, request->document ? " about " : "",
                 request->document ? request->document : "");
    return FALSE;
  }
  const Recording *recording = &g_array_index (self->recordings, Recording, found - 1);
  if (!recording->completion) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "line %u records a failure: %s", recording->line,
                 recording->failure);
    return FALSE;
  }
  g_string_append (completion, recording->completion);
  return TRUE;
}

static const RetortGeneratorRole role = { sizeof role, .answer = answer };
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_GENERATOR, .name = "replay", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Gives recorded answers of a language model.",
  RETORT_PLUGIN_OPTIONS (Options, options), .role = &role, .open = open_replay, .close = close_replay,
};
RETORT_PLUGIN_EXPORT (plugin)

/* --- lines --- */

static gboolean
is_blank (const char *text, gsize n_bytes)
{
  gsize at = 0;

  while (at < n_bytes && g_ascii_isspace (text[at]))
    at++;
  return at == n_bytes;
}

static gboolean
read_line (Replay *self, const char *text, gsize n_bytes, guint line, RetortDiagnostics *diagnostics, GError **error)
{
  Recording recording = { .line = line };
  g_autoptr(JsonNode) node = retort_json_parse (text, n_bytes, error);

  if (!node)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the line is not a JSON object");
    return FALSE;
  }
  JsonObject *object = json_node_get_object (node);
  const gboolean batch = json_object_has_member (object, "custom_id");
  if (!(batch ? read_batch : read_own) (self, object, &recording, error))
    return FALSE;
  g_array_append_val (self->recordings, recording);
  index_recording (self, &recording, diagnostics);
  if (!recording.completion)
    retort_diagnostics_add_line (diagnostics, RETORT_CODE_ANSWERS_FAILURE, self->options->path, line, 0, NULL, NULL,
                                 "this records a failure: %s", recording.failure);
  return TRUE;
}

/* The string under `name`, lent; NULL without error if it is absent and not needed. */
static const char *
get_string (JsonObject *object, const char *name, gboolean needed, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  if (node || needed)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, node ? "'%s' is no string" : "'%s' is missing", name);
  return NULL;
}

static gboolean
read_own (Replay *self, JsonObject *object, Recording *recording, GError **error)
{
  const char *match = self->options->match;
  JsonNode *node = json_object_get_member (object, "completion");

  if (node && JSON_NODE_HOLDS_NULL (node)) {
    recording->failure = "the completion is null";
  } else {
    const char *completion = get_string (object, "completion", TRUE, error);
    if (!completion)
      return FALSE;
    recording->completion = g_string_chunk_insert (self->strings, completion);
  }
  if (g_str_equal (match, "order"))
    return TRUE;
  const char *key = get_string (object, match, TRUE, error);
  if (!key)
    return FALSE;
  recording->key = g_string_chunk_insert (self->strings, key);
  return TRUE;
}

static JsonObject *
member_object (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* response.body.choices[0].message, or NULL. */
static JsonObject *
batch_message (JsonObject *object)
{
  JsonObject *body = member_object (member_object (object, "response"), "body");
  JsonNode *choices = body ? json_object_get_member (body, "choices") : NULL;

  if (!choices || !JSON_NODE_HOLDS_ARRAY (choices) || json_array_get_length (json_node_get_array (choices)) == 0)
    return NULL;
  JsonNode *first = json_array_get_element (json_node_get_array (choices), 0);
  return JSON_NODE_HOLDS_OBJECT (first) ? member_object (json_node_get_object (first), "message") : NULL;
}

/* The message's text: its content, or the text of the content's parts. NULL if there is none. Full ownership. */
static char *
message_text (JsonObject *message)
{
  JsonNode *content = message ? json_object_get_member (message, "content") : NULL;
  g_autoptr(GString) text = g_string_new (NULL);
  guint n_parts = 0;

  if (!content || !JSON_NODE_HOLDS_ARRAY (content))
    return message ? g_strdup (get_string (message, "content", FALSE, NULL)) : NULL;
  JsonArray *parts = json_node_get_array (content);
  for (guint i = 0; i < json_array_get_length (parts); i++) {
    JsonNode *part = json_array_get_element (parts, i);
    const char *piece =
        JSON_NODE_HOLDS_OBJECT (part) ? get_string (json_node_get_object (part), "text", FALSE, NULL) : NULL;
    if (piece) {
      g_string_append (text, piece);
      n_parts++;
    }
  }
  return n_parts > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/* Why there is no text. Full ownership. */
static char *
batch_failure (JsonObject *object, JsonObject *message)
{
  JsonObject *failure = member_object (object, "error");
  if (!failure)
    failure = member_object (member_object (member_object (object, "response"), "body"), "error");
  const char *reason = failure ? get_string (failure, "message", FALSE, NULL) : NULL;
  const char *refusal = message ? get_string (message, "refusal", FALSE, NULL) : NULL;

  if (!reason && refusal)
    return g_strconcat ("refused: ", refusal, NULL);
  return g_strdup (reason ? reason : "no text in the response");
}

static gboolean
read_batch (Replay *self, JsonObject *object, Recording *recording, GError **error)
{
  const char *match = self->options->match, *id = get_string (object, "custom_id", TRUE, error);
  JsonObject *message = batch_message (object);
  g_autofree char *content = message_text (message);

  if (!id)
    return FALSE;
  if (!g_str_equal (match, "id") && !g_str_equal (match, "order")) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "a batch output has no %ss: use `match: id` or `match: order`",
                 match);
    return FALSE;
  }
  recording->key = g_str_equal (match, "id") ? g_string_chunk_insert (self->strings, id) : NULL;
  if (content) {
    recording->completion = g_string_chunk_insert (self->strings, content);
    return TRUE;
  }
  g_autofree char *failure = batch_failure (object, message);
  recording->failure = g_string_chunk_insert (self->strings, failure);
  return TRUE;
}

/* The first of several stays, unless it failed and was tried again; that a later one says something else is worth a
 * warning. */
static void
index_recording (Replay *self, const Recording *recording, RetortDiagnostics *diagnostics)
{
  if (!recording->key)
    return;
  const guint first = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_key, recording->key));
  if (first == 0) {
    g_hash_table_insert (self->by_key, (gpointer) recording->key, GUINT_TO_POINTER (self->recordings->len));
    return;
  }
  const Recording *kept = &g_array_index (self->recordings, Recording, first - 1);
  if (!kept->completion) {
    g_hash_table_replace (self->by_key, (gpointer) recording->key, GUINT_TO_POINTER (self->recordings->len));
    return;
  }
  if (!recording->completion || strcmp (kept->completion, recording->completion) == 0)
    return;
  retort_diagnostics_add_line (diagnostics, RETORT_CODE_ANSWERS_REPEATED, self->options->path, recording->line, 0, NULL,
                               "match: order uses every line",
                               "another answer with the %s of line %u; the first is kept", self->options->match,
                               kept->line);
}
