/* steps-answers - the three stages of asking: render writes the requests, fetch gets the answers, parse reads them.
 *
 * Render and parse are pure. Fetch here asks generators that answer by themselves (recorded answers, templates) and
 * needs no network; what asks over a network takes its place behind the same two files. */
#include "pipeline/prompt.h"
#include "pipeline/run.h"

#include "base/limit.h"
#include "base/util.h"
#include <errno.h>
#include <retort/json.h>
#include <stdio.h>

/* Completions are written to the file when so many bytes have come together. */
#define FLUSH_BYTES (1 << 20)
/* Of each reason, so many words of the model are kept for people to read. */
#define LEDGER_EXAMPLES 10

static RetortPrompt *load_prompt (RetortCellRun *run, GError **error);
static FILE *open_output (RetortCellRun *run, GError **error);
static gboolean close_output (FILE *file, const char *path, GError **error);

/* --- render --- */

typedef struct {
  const RetortPrompt *prompt;
  FILE *file;
  GString *line;
  guint index, n_requests;
} Render;

static gboolean
write_request (const RetortRequest *request, gpointer user, GError **error)
{
  Render *render = user;

  render->n_requests++;
  g_string_truncate (render->line, 0);
  retort_request_append (request, render->line);
  fwrite (render->line->str, 1, render->line->len, render->file);
  return TRUE;
}

static gboolean
render_document (const RetortDocument *document, gpointer user, GError **error)
{
  Render *render = user;
  return retort_prompt_render_document (render->prompt, document, NULL, &render->index, write_request, render, error);
}

gboolean
retort_run_render (RetortCellRun *run, GError **error)
{
  g_autoptr (RetortPrompt) prompt = load_prompt (run, error);
  g_autofree char *path = retort_cell_output (run);
  g_autoptr (GString) line = g_string_new (NULL);

  if (prompt == NULL)
    return FALSE;
  Render render = { prompt, open_output (run, error), line, 0, 0 };
  if (render.file == NULL)
    return FALSE;
  gboolean done = g_str_equal (run->purpose, "generate")
                      ? retort_prompt_render_cases (prompt, 0, write_request, &render, error)
                      : retort_cell_each_document (run, "corpus", 0, render_document, &render, error);
  retort_context_count (run->context, "requests", render.n_requests);
  return close_output (render.file, path, done ? error : NULL) && done;
}

/* --- fetch --- */

typedef struct {
  RetortCellRun *run;
  FILE *file;
  GString *lines, *completion;
  guint n_done, n_failed;
  char *first_failure;
} Fetch;

/* What cannot be kept as a JSON string is no answer. */
static gboolean
check_completion (const GString *completion, GError **error)
{
  if (completion->len > RETORT_LIMIT_COMPLETION_BYTES)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the answer is longer than %d bytes",
                 RETORT_LIMIT_COMPLETION_BYTES);
  else if (!g_utf8_validate_len (completion->str, completion->len, NULL))
    g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_DATA, "the answer is not valid UTF-8, or holds a NUL");
  else
    return TRUE;
  return FALSE;
}

static gboolean
fetch_one (const RetortRequest *request, gpointer user, GError **error)
{
  Fetch *fetch = user;
  RetortCellRun *run = fetch->run;
  const RetortGeneratorRole *role = run->plugin->loaded->role;
  g_autoptr (GError) failed = NULL;

  if (retort_context_cancelled (run->context)) {
    g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_CANCELLED, "asked to stop");
    return FALSE;
  }
  g_string_truncate (fetch->completion, 0);
  if (role->answer (run->plugin->self, run->context, request, fetch->completion, &failed)
      && check_completion (fetch->completion, &failed)) {
    retort_answer_append (request->id, request->document, fetch->completion->str, NULL, fetch->lines);
  } else if (g_error_matches (failed, RETORT_ERROR, RETORT_ERROR_DATA)) {
    fetch->n_failed++;
    retort_answer_append (request->id, request->document, NULL, failed->message, fetch->lines);
    if (fetch->first_failure == NULL)
      fetch->first_failure = g_strdup (failed->message);
  } else {
    g_propagate_prefixed_error (error, g_steal_pointer (&failed), "%s, request '%s': ", run->plugin->loaded->id,
                                request->id);
    return FALSE;
  }
  if (fetch->lines->len > FLUSH_BYTES) {
    fwrite (fetch->lines->str, 1, fetch->lines->len, fetch->file);
    g_string_truncate (fetch->lines, 0);
  }
  retort_context_progress (run->context, ++fetch->n_done, 0, "answers");
  return retort_cell_check_stdout (run->plugin->loaded->id, request->document, error);
}

gboolean
retort_run_fetch (RetortCellRun *run, GError **error)
{
  const RetortGeneratorRole *role = run->plugin->loaded->role;
  g_autofree char *requests = retort_cell_input (run, "requests", 0, RETORT_ARTIFACT_REQUESTS);
  g_autofree char *path = retort_cell_output (run);
  g_autoptr (GString) lines = g_string_new (NULL), completion = g_string_new (NULL);
  Fetch fetch = { .run = run, .lines = lines, .completion = completion };

  if (role->answer == NULL) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "%s does not answer by itself", run->plugin->loaded->id);
    return FALSE;
  }
  fetch.file = open_output (run, error);
  if (fetch.file == NULL)
    return FALSE;
  gboolean done = retort_requests_read (requests, fetch_one, &fetch, run->diagnostics, error);
  fwrite (lines->str, 1, lines->len, fetch.file);
  done = close_output (fetch.file, path, done ? error : NULL) && done;

  retort_context_count (run->context, "answers", fetch.n_done - fetch.n_failed);
  if (fetch.n_failed > 0) {
    retort_context_count (run->context, "requests without an answer", fetch.n_failed);
    retort_context_warn (run->context, "%u of %u requests got no answer; the first: %s", fetch.n_failed, fetch.n_done,
                         fetch.first_failure);
  }
  if (done && fetch.n_done > 0 && fetch.n_failed == fetch.n_done) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "not one of %u requests got an answer: %s", fetch.n_done,
                 fetch.first_failure);
    done = FALSE;
  }
  g_free (fetch.first_failure);
  return done;
}

/* --- parse --- */

typedef struct {
  const RetortPrompt *prompt;
  const RetortAnswers *answers;
  RetortLedger *ledger;
  RetortCorpusWriter *writer;
  guint index, n_documents;
} Parse;

static gboolean
keep_parsed (const RetortDocument *document, gpointer user, GError **error)
{
  Parse *parse = user;
  parse->n_documents++;
  return retort_corpus_writer_add (parse->writer, document, error);
}

static gboolean
parse_document (const RetortDocument *document, gpointer user, GError **error)
{
  Parse *parse = user;
  return retort_prompt_parse_extracted (parse->prompt, document, NULL, &parse->index, parse->answers, parse->ledger,
                                        keep_parsed, parse, error);
}

/* "all" is 0. */
static gboolean
parse_accept (const char *accept, guint *n, GError **error)
{
  guint64 number;

  *n = 0;
  if (g_str_equal (accept, "all"))
    return TRUE;
  if (!g_ascii_string_to_unsigned (accept, 10, 1, G_MAXUINT, &number, NULL)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "accept is '%s': it must be `all` or a number above 0", accept);
    return FALSE;
  }
  *n = (guint) number;
  return TRUE;
}

gboolean
retort_run_parse (RetortCellRun *run, GError **error)
{
  const RetortParseOptions *options = run->options->data;
  g_autofree char *answers_path = retort_cell_input (run, "answers", 0, RETORT_ARTIFACT_ANSWERS);
  g_autofree char *path = retort_cell_output (run);
  g_autofree char *ledger_path = retort_cell_output_file (run, "ledger.json");
  g_autoptr (RetortPrompt) prompt = load_prompt (run, error);
  g_autoptr (RetortAnswers) answers =
      prompt != NULL ? retort_answers_load (answers_path, run->diagnostics, error) : NULL;
  g_autoptr (RetortLedger) ledger = retort_ledger_new (LEDGER_EXAMPLES);
  g_autoptr (RetortCorpusWriter) writer = answers != NULL ? retort_corpus_writer_open (path, error) : NULL;
  guint n_max;

  if (writer == NULL || !parse_accept (options->accept, &n_max, error))
    return FALSE;
  Parse parse = { prompt, answers, ledger, writer, 0, 0 };
  gboolean generate = g_str_equal (run->purpose, "generate");
  if (generate ? !retort_prompt_parse_generated (prompt, run->step, answers, n_max, ledger, keep_parsed, &parse, error)
               : !retort_cell_each_document (run, "corpus", 0, parse_document, &parse, error))
    return FALSE;

  g_autoptr (JsonNode) node = retort_ledger_to_json (ledger);
  g_autofree char *text = retort_json_pretty (node);
  if (!retort_file_write (ledger_path, text, -1, error))
    return FALSE;
  retort_context_count (run->context, "documents", parse.n_documents);
  if (generate && parse.n_documents < MAX (n_max, 1)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_LIMIT,
                 "%u documents were accepted, but %u were asked for, and the prompt has no more requests",
                 parse.n_documents, MAX (n_max, 1));
    return FALSE;
  }
  return retort_corpus_writer_finish (writer, error);
}

/* --- helpers --- */

static RetortPrompt *
load_prompt (RetortCellRun *run, GError **error)
{
  RetortPurpose purpose =
      g_str_equal (run->purpose, "generate") ? RETORT_PURPOSE_GENERATE : RETORT_PURPOSE_EXTRACT;
  return retort_prompt_load (run->prompt, run->task, purpose, run->diagnostics, error);
}

static FILE *
open_output (RetortCellRun *run, GError **error)
{
  g_autofree char *path = retort_cell_output (run);
  FILE *file = fopen (path, "we");

  if (file == NULL)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot write %s: %s", path, g_strerror (errno));
  return file;
}

/* Closes in any case. What could not be written is found here, a full disk among it. */
static gboolean
close_output (FILE *file, const char *path, GError **error)
{
  gboolean failed = fflush (file) != 0 || ferror (file);
  int number = errno;

  if (fclose (file) == 0 && !failed)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "cannot write %s: %s", path, g_strerror (number));
  return FALSE;
}
