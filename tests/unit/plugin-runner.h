/* plugin-runner - opens tokenizers and formats with options from YAML, as the engine does, and runs them in a test. */
#pragma once

#include "plugin/context.h"
#include "plugin/registry.h"
#include "retort-test.h"

G_BEGIN_DECLS

/* The plugin of this build. */
const RetortLoaded *runner_find (const char *id);
/* An instance, whose options are right. */
RetortInstance *runner_open (const char *id, const char *options);

/* Tokens joined by "|", sentences by a line break: as the examples of tokenizers. Checks what every tokenizer keeps. */
char *runner_tokenize (const RetortInstance *tokenizer, const char *text, gsize n_bytes);
/* The same, as spans. */
RetortTokens runner_cut (const RetortInstance *tokenizer, const char *text, gsize n_bytes);
void runner_tokens_clear (RetortTokens *tokens);

/* What reading a file gave. */
typedef struct {
  gboolean ok;
  GError *error;
  RetortDiagnostics *diagnostics;
  RetortContext *context;
  RetortCorpus *corpus;
  guint n_entities, n_relations; /* of all documents */
} RunnerRead;

RunnerRead *runner_read (const char *id, const char *options, const char *path);
RunnerRead *runner_read_text (const char *id, const char *options, const char *text, gssize n_bytes);
void runner_read_free (RunnerRead *read);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunnerRead, runner_read_free)

guint runner_errors (const RunnerRead *read);
guint runner_warnings (const RunnerRead *read);
/* The listing of the diagnostics, with the file called FILE. */
char *runner_listing (const RunnerRead *read);
gint64 runner_count (RetortContext *context, const char *name);
/* The documents as canonical lines, without the header. */
char *runner_lines (const RetortCorpus *corpus);

/* The file that the format writes of the layer gold, and (may be NULL) the context it used. NULL if it refuses. */
char *runner_write (const char *id, const char *options, const RetortCorpus *corpus, RetortContext **context,
                    GError **error);
/* Runs all examples of a format or tokenizer; for formats writes and reads back each result too. */
void runner_examples (const char *id);
/* Reads each example of the format with its bytes changed at random: nothing may crash, and what is read is whole. */
void runner_damage (const char *id, guint n_rounds);

G_END_DECLS
