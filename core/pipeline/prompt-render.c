/* prompt-render - requests made of a prompt, and the files that requests and answers travel in.
 *
 * Files are written by hand rather than by a JSON library: one order of keys, one way to escape, so the same requests
 * are the same bytes. */
#include "base/limit.h"
#include "pipeline/prompt-private.h"
#include <retort/json.h>
#include <string.h>

static gboolean send_request (const RetortPrompt *prompt, RetortRequest *request, const guint *values,
                              const RetortDocument *document, const RetortLayer *layer,
                              const RetortCandidate *candidate, RetortRequestFunc func, gpointer user, GError **error);
static void fill_template (const RetortPrompt *prompt, const guint *values, const RetortDocument *document,
                           const RetortLayer *layer, const RetortCandidate *candidate, GString *out);
static void append_masked (const RetortPrompt *prompt, const RetortDocument *document, const RetortLayer *layer,
                           const RetortCandidate *candidate, GString *out);

const RetortLayer *
retort_prompt_given (const RetortDocument *document, const char *given)
{
  return retort_document_layer (document, given ? given : RETORT_LAYER_GOLD);
}

char *
retort_prompt_request_id (guint index, guint round)
{
  return round == 0 ? g_strdup_printf ("%04u", index + 1) : g_strdup_printf ("%04u.%u", index + 1, round + 1);
}

gboolean
retort_prompt_render_cases (const RetortPrompt *prompt, guint round, RetortRequestFunc func, gpointer user,
                            GError **error)
{
  const guint n = prompt->variables->len;
  g_autofree const char **variables = g_new0 (const char *, 2 * n + 1);

  for (guint i = 0; i < prompt->n_cases; i++) {
    const guint *values = (const guint *) prompt->cases->data + (gsize) i * n;
    g_autofree char *id = retort_prompt_request_id (i, round);
    RetortRequest request = { sizeof request, .id = id, .index = round * prompt->n_cases + i, .n_variables = n,
                              .variables = variables };
    for (guint v = 0; v < n; v++) {
      const PromptVariable *variable = prompt->variables->pdata[v];
      variables[2 * v] = variable->name;
      variables[2 * v + 1] = variable->values->pdata[values[v]];
    }
    if (!send_request (prompt, &request, values, NULL, NULL, NULL, func, user, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
retort_prompt_render_document (const RetortPrompt *prompt, const RetortDocument *document, const char *given,
                               guint *index, RetortRequestFunc func, gpointer user, GError **error)
{
  const RetortLayer *layer = retort_prompt_given (document, given);
  g_autoptr(GArray) candidates = NULL;
  const gboolean pairs = prompt->form.kind == PROMPT_CHOICE;

  if (pairs)
    candidates = retort_task_candidates (prompt->task, document, layer);
  for (guint i = 0; i < (pairs ? candidates->len : 1); i++) {
    g_autofree char *id = retort_prompt_request_id (*index, 0);
    RetortRequest request = { sizeof request, .id = id, .index = *index, .document = retort_document_id (document) };
    const RetortCandidate *candidate = pairs ? &g_array_index (candidates, RetortCandidate, i) : NULL;
    if (!send_request (prompt, &request, NULL, document, layer, candidate, func, user, error))
      return FALSE;
    ++*index;
  }
  return TRUE;
}

static gboolean
send_request (const RetortPrompt *prompt, RetortRequest *request, const guint *values, const RetortDocument *document,
              const RetortLayer *layer, const RetortCandidate *candidate, RetortRequestFunc func, gpointer user,
              GError **error)
{
  g_autoptr(GString) text = g_string_new (NULL);

  fill_template (prompt, values, document, layer, candidate, text);
  request->prompt = text->str;
  return func (request, user, error);
}

static void
append_surface (const RetortDocument *document, const RetortEntity *entity, GString *out)
{
  g_autofree char *surface = retort_entity_surface (document, entity);

  g_string_append (out, surface);
}

static void
fill_template (const RetortPrompt *prompt, const guint *values, const RetortDocument *document,
               const RetortLayer *layer, const RetortCandidate *candidate, GString *out)
{
  for (guint i = 0; i < prompt->pieces->len; i++) {
    const PromptPiece *piece = &g_array_index (prompt->pieces, PromptPiece, i);
    switch (piece->kind) {
      case PROMPT_PIECE_LITERAL:
        g_string_append (out, piece->literal);
        break;
      case PROMPT_PIECE_VARIABLE: {
        const PromptVariable *variable = prompt->variables->pdata[piece->variable];
        g_string_append (out, variable->values->pdata[values[piece->variable]]);
        break;
      }
      case PROMPT_PIECE_TEXT:
        append_masked (prompt, document, layer, candidate, out);
        break;
      case PROMPT_PIECE_HEAD:
        append_surface (document, retort_layer_entity (layer, candidate->head), out);
        break;
      case PROMPT_PIECE_TAIL:
        append_surface (document, retort_layer_entity (layer, candidate->tail), out);
        break;
    }
  }
}

/* The mask of an entity's label, or NULL. */
static const char *
mask_of (const RetortPrompt *prompt, const RetortEntity *entity)
{
  for (guint i = 0; i < prompt->form.masks->len; i++) {
    const PromptPair *pair = &g_array_index (prompt->form.masks, PromptPair, i);
    if (g_str_equal (pair->from, entity->label))
      return pair->to;
  }
  return NULL;
}

/* The text, with the arguments of the candidate replaced by their masks: one mask for each, where it begins. Fragments
 * beyond the first are left out; where the two overlap, the later stays as it is. */
static void
append_masked (const RetortPrompt *prompt, const RetortDocument *document, const RetortLayer *layer,
               const RetortCandidate *candidate, GString *out)
{
  gsize n_bytes, at = 0;
  const char *text = retort_document_text (document, &n_bytes);

  if (candidate && prompt->form.masks->len > 0) {
    const RetortEntity *a = retort_layer_entity (layer, candidate->head),
                       *b = retort_layer_entity (layer, candidate->tail);
    const RetortEntity *sorted[] = { a->fragments[0].start <= b->fragments[0].start ? a : b,
                                     a->fragments[0].start <= b->fragments[0].start ? b : a };
    for (guint i = 0; i < 2; i++) {
      const char *mask = mask_of (prompt, sorted[i]);
      const RetortSpan span = sorted[i]->fragments[0];
      if (!mask || span.start < at)
        continue;
      g_string_append_len (out, text + at, span.start - at);
      g_string_append (out, mask);
      at = span.end;
    }
  }
  g_string_append_len (out, text + at, n_bytes - at);
}

/* --- files --- */

static void
append_member (GString *out, const char *name, const char *value)
{
  g_string_append_c (out, ',');
  retort_json_append_string (out, name, -1);
  g_string_append_c (out, ':');
  retort_json_append_string (out, value, -1);
}

void
retort_request_append (const RetortRequest *request, GString *out)
{
  g_string_append (out, "{\"id\":");
  retort_json_append_string (out, request->id, -1);
  g_string_append_printf (out, ",\"index\":%u", request->index);
  if (request->document)
    append_member (out, "document", request->document);
  append_member (out, "prompt", request->prompt);
  g_string_append (out, ",\"variables\":{");
  for (guint i = 0; i < request->n_variables; i++) {
    if (i > 0)
      g_string_append_c (out, ',');
    retort_json_append_string (out, request->variables[2 * i], -1);
    g_string_append_c (out, ':');
    retort_json_append_string (out, request->variables[2 * i + 1], -1);
  }
  g_string_append (out, "}}\n");
}

void
retort_answer_append (const char *id, const char *document, const char *completion, const char *error_text,
                      GString *out)
{
  g_string_append (out, "{\"id\":");
  retort_json_append_string (out, id, -1);
  if (document)
    append_member (out, "document", document);
  append_member (out, error_text ? "error" : "completion", error_text ? error_text : completion);
  g_string_append (out, "}\n");
}

/* Calls func with every line's object. A line that is none becomes a diagnostic, and so does one that func refuses with
 * RETORT_ERROR_DATA. */
typedef gboolean (*LineFunc) (JsonObject *object, gpointer user, GError **error);

static gboolean
read_lines (const char *path, LineFunc func, gpointer user, RetortDiagnostics *diagnostics, GError **error)
{
  g_autoptr(RetortSource) source = retort_source_load (path, RETORT_LIMIT_JSON_BYTES, error);
  gsize n_bytes;
  guint n_wrong = 0, line = 1;

  if (!source)
    return FALSE;
  const char *text = retort_source_text (source, &n_bytes);
  for (gsize at = 0; at < n_bytes; line++) {
    const char *newline = memchr (text + at, '\n', n_bytes - at);
    const gsize end = newline ? (gsize) (newline - text) : n_bytes;
    g_autoptr(GError) problem = NULL;
    g_autoptr(JsonNode) node = retort_json_parse (text + at, end - at, &problem);
    if (node && !JSON_NODE_HOLDS_OBJECT (node))
      g_set_error (&problem, RETORT_ERROR, RETORT_ERROR_DATA, "the line is not a JSON object");
    if (!problem && !func (json_node_get_object (node), user, &problem) &&
        !g_error_matches (problem, RETORT_ERROR, RETORT_ERROR_DATA)) {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
    if (problem) {
      g_autofree char *line_text = g_utf8_make_valid (text + at, MIN (end - at, 200));
      retort_diagnostics_add_line (diagnostics, RETORT_CODE_ANSWERS_LINE, path, line, 0, line_text, NULL, "%s",
                                   problem->message);
      n_wrong++;
    }
    at = end + 1;
  }
  if (n_wrong == 0)
    return TRUE;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: %u of %u lines cannot be read", path, n_wrong, line - 1);
  return FALSE;
}

/* The string under `name`; NULL if absent, or with an error if it is something else or missing but needed. */
static const char *
get_string (JsonObject *object, const char *name, gboolean needed, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  if (node)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "'%s' is no string", name);
  else if (needed)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "'%s' is missing", name);
  return NULL;
}

typedef struct {
  RetortRequestFunc func;
  gpointer user;
  GError *stopped;  /* why `func` wants no more; whatever it is, the line is not to blame */
} RequestReader;

static gboolean
read_request (JsonObject *object, gpointer user, GError **error)
{
  RequestReader *reader = user;
  g_autoptr(GError) problem = NULL;
  RetortRequest request = {
    sizeof request,
    .id = get_string (object, "id", TRUE, &problem),
    .document = problem ? NULL : get_string (object, "document", FALSE, &problem),
    .prompt = problem ? NULL : get_string (object, "prompt", TRUE, &problem),
  };
  g_autoptr(GPtrArray) variables = g_ptr_array_new ();
  JsonNode *index = json_object_get_member (object, "index"), *map = json_object_get_member (object, "variables");

  if (!problem && (!index || json_node_get_value_type (index) != G_TYPE_INT64 || json_node_get_int (index) < 0 ||
                   json_node_get_int (index) > G_MAXUINT))
    g_set_error (&problem, RETORT_ERROR, RETORT_ERROR_DATA, "'index' is no count");
  if (!problem && map && !JSON_NODE_HOLDS_OBJECT (map))
    g_set_error (&problem, RETORT_ERROR, RETORT_ERROR_DATA, "'variables' is no object");
  if (!problem && map) {
    JsonObject *values = json_node_get_object (map);
    g_autoptr(GList) names = json_object_get_members (values);
    for (GList *name = names; name && !problem; name = name->next) {
      g_ptr_array_add (variables, name->data);
      g_ptr_array_add (variables, (gpointer) get_string (values, name->data, TRUE, &problem));
    }
  }
  if (problem) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  request.index = json_node_get_int (index);
  request.n_variables = variables->len / 2;
  request.variables = (const char *const *) variables->pdata;
  if (reader->func (&request, reader->user, &reader->stopped))
    return TRUE;
  g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_CANCELLED, "stopped");
  return FALSE;
}

gboolean
retort_requests_read (const char *path, RetortRequestFunc func, gpointer user, RetortDiagnostics *diagnostics,
                      GError **error)
{
  RequestReader reader = { func, user, NULL };
  const gboolean done = read_lines (path, read_request, &reader, diagnostics, error);

  if (!reader.stopped)
    return done;
  g_clear_error (error);
  g_propagate_error (error, reader.stopped);
  return FALSE;
}

/* --- answers --- */

struct _RetortAnswers {
  GPtrArray *answers;   /* of RetortAnswer */
  GHashTable *by_id;    /* lent */
};

static void
answer_free (gpointer p)
{
  RetortAnswer *answer = p;

  g_free (answer->id);
  g_free (answer->document);
  g_free (answer->completion);
  g_free (answer->error);
  g_free (answer);
}

static gboolean
read_answer (JsonObject *object, gpointer user, GError **error)
{
  RetortAnswers *answers = user;
  g_autoptr(GError) problem = NULL;
  const char *id = get_string (object, "id", TRUE, &problem);
  const char *document = problem ? NULL : get_string (object, "document", FALSE, &problem);
  const char *failed = problem ? NULL : get_string (object, "error", FALSE, &problem);
  const char *completion = problem ? NULL : get_string (object, "completion", !failed, &problem);

  if (!problem && g_hash_table_contains (answers->by_id, id))
    g_set_error (&problem, RETORT_ERROR, RETORT_ERROR_DATA, "the request '%s' has two answers", id);
  if (problem) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  RetortAnswer *answer = g_new0 (RetortAnswer, 1);
  *answer
      = (RetortAnswer){ g_strdup (id), g_strdup (document), g_strdup (failed ? NULL : completion), g_strdup (failed) };
  g_ptr_array_add (answers->answers, answer);
  g_hash_table_insert (answers->by_id, answer->id, answer);
  return TRUE;
}

RetortAnswers *
retort_answers_load (const char *path, RetortDiagnostics *diagnostics, GError **error)
{
  g_autoptr(RetortAnswers) answers = g_new0 (RetortAnswers, 1);

  answers->answers = g_ptr_array_new_with_free_func (answer_free);
  answers->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  if (!read_lines (path, read_answer, answers, diagnostics, error))
    return NULL;
  return g_steal_pointer (&answers);
}

void
retort_answers_free (RetortAnswers *answers)
{
  if (!answers)
    return;
  g_hash_table_unref (answers->by_id);
  g_ptr_array_unref (answers->answers);
  g_free (answers);
}

guint
retort_answers_n (const RetortAnswers *answers)
{
  return answers->answers->len;
}

const RetortAnswer *
retort_answers_at (const RetortAnswers *answers, guint i)
{
  return answers->answers->pdata[i];
}

const RetortAnswer *
retort_answers_find (const RetortAnswers *answers, const char *id)
{
  return g_hash_table_lookup (answers->by_id, id);
}
