/* prompt - prompt files, the requests made of them, and the reading of answers.
 *
 * A prompt file is YAML: an instruction with {{variables}}, what they may be, and the form of the answer. For
 * `generate` every combination of the variables (or every case of an explicit list) is a request, and an answer becomes
 * new documents with a layer gold; for `extract` every document (or every candidate pair of it, with the form choice)
 * is a request, and an answer becomes the document's layer predicted. The language of the file is described in
 * docs/prompt-files.md.
 *
 * All functions are pure: files in, files or documents out. */
#pragma once

#include "pipeline/plan.h"
#include "text/sink.h"
#include <retort/align.h>
#include <retort/plugin.h>

G_BEGIN_DECLS

typedef enum { RETORT_PURPOSE_GENERATE, RETORT_PURPOSE_EXTRACT } RetortPurpose;

typedef struct _RetortPrompt RetortPrompt;

/* Reads and checks a prompt file against the task. What is wrong in it becomes diagnostics, all of them; then NULL with
 * RETORT_ERROR_DATA. The task is copied. */
RetortPrompt *retort_prompt_load (const char *path, const RetortTask *task, RetortPurpose purpose,
                                  RetortDiagnostics *diagnostics, GError **error);
void retort_prompt_free (RetortPrompt *prompt);
/* The privacy label of what the file quotes: as it says; else restricted if it has examples, public if not. */
RetortLabel retort_prompt_label (const RetortPrompt *prompt);
/* generate: requests of one round. */
guint retort_prompt_n_cases (const RetortPrompt *prompt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortPrompt, retort_prompt_free)

/* --- render --- */

/* Gets every request; lent until it returns. */
typedef gboolean (*RetortRequestFunc) (const RetortRequest *request, gpointer user, GError **error);

/* generate: the requests of a round (from 0). Ids are "0001", in later rounds "0001.2". */
gboolean retort_prompt_render_cases (const RetortPrompt *prompt, guint round, RetortRequestFunc func, gpointer user,
                                     GError **error);
/* extract: the requests for one document; one, or with the form choice one for every candidate pair of the layer
 * `given` (NULL: gold). `index` counts requests over the documents and begins at 0; ids are "0001" of it. */
gboolean retort_prompt_render_document (const RetortPrompt *prompt, const RetortDocument *document, const char *given,
                                        guint *index, RetortRequestFunc func, gpointer user, GError **error);

/* --- requests.jsonl and answers.jsonl --- */

/* Appends {"id","index","document"?,"prompt","variables":{...}} and a newline. */
void retort_request_append (const RetortRequest *request, GString *out);
/* Appends {"id","document"?,"completion"} or, with `error_text`, {"id","document"?,"error"}, and a newline. */
void retort_answer_append (const char *id, const char *document, const char *completion, const char *error_text,
                           GString *out);

/* Reads requests.jsonl, handing out one after the other. Malformed lines are diagnostics. */
gboolean retort_requests_read (const char *path, RetortRequestFunc func, gpointer user, RetortDiagnostics *diagnostics,
                               GError **error);

typedef struct {
  char *id;
  char *document;    /* or NULL */
  char *completion;  /* or NULL: failed */
  char *error;       /* or NULL */
} RetortAnswer;

/* Answers in the file's order, found by id. */
typedef struct _RetortAnswers RetortAnswers;

RetortAnswers *retort_answers_load (const char *path, RetortDiagnostics *diagnostics, GError **error);
void retort_answers_free (RetortAnswers *answers);
guint retort_answers_n (const RetortAnswers *answers);
const RetortAnswer *retort_answers_at (const RetortAnswers *answers, guint i);
const RetortAnswer *retort_answers_find (const RetortAnswers *answers, const char *id); /* or NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortAnswers, retort_answers_free)

/* --- parse --- */

/* generate: the documents of all answers, in the order of the answers; ids are "<step>/<request id>/<k>" with k from 1,
 * and the variables of the request are their meta data. Stops after `n_max` documents (0: no limit), and counts the
 * answers that were not needed. */
gboolean retort_prompt_parse_generated (const RetortPrompt *prompt, const char *step, const RetortAnswers *answers,
                                        guint n_max, RetortLedger *ledger, RetortSinkFunc func, gpointer user,
                                        GError **error);
/* extract: one document with its layer predicted. To be called for the documents in the order of rendering, with the
 * same `given` and a running `index`. A document without an answer gets an empty layer and is counted. */
gboolean retort_prompt_parse_extracted (const RetortPrompt *prompt, const RetortDocument *document, const char *given,
                                        guint *index, const RetortAnswers *answers, RetortLedger *ledger,
                                        RetortSinkFunc func, gpointer user, GError **error);

G_END_DECLS
