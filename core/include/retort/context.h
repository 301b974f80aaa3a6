/* context - what the engine lends a plugin while it works: randomness, threads, progress, messages, the wish to stop. */
#pragma once

#include <retort/document.h>
#include <retort/random.h>

G_BEGIN_DECLS

typedef struct _RetortContext RetortContext;

/* All functions may be called from any thread. */

/* A random stream that depends on the step's seed, the plugin's kind/name and `stream` alone. */
void retort_context_random (RetortContext *context, const char *stream, RetortRandom *random);

/* Says what is being worked on, so that a crash or a hang can be blamed; cheap. `document` may be NULL. */
void retort_context_at (RetortContext *context, const RetortDocument *document);
/* How far the work is: shown to people, and proof of life. `unit` is a literal such as "documents". */
void retort_context_progress (RetortContext *context, double done, double total, const char *unit);
/* TRUE once the user or the scheduler asked to stop: save what can be saved, return with RETORT_ERROR_CANCELLED. */
gboolean retort_context_cancelled (RetortContext *context);

/* A message for the user, kept with the step's result. */
void retort_context_warn (RetortContext *context, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Adds to a named counter of the step's result: "mentions labelled". Shown by the report. */
void retort_context_count (RetortContext *context, const char *name, gint64 n);
/* Where complaints about the user's files go; lent. */
RetortDiagnostics *retort_context_diagnostics (RetortContext *context);

/* Calls func (item, user) for item = 0 .. n_items-1, spread over the step's threads. Which thread runs an item is
 * left to chance: for the same bytes with any number of threads, cut the work by its own size, not by theirs, and
 * reduce the pieces in order. Returns when all are done. Not to be nested. */
typedef void (*RetortParallelFunc) (guint item, gpointer user);
void retort_context_parallel (RetortContext *context, guint n_items, RetortParallelFunc func, gpointer user);

/* A file inside the folder where an interrupted step may leave its state for the next try; NULL outside a pipeline.
 * Full ownership. */
char *retort_context_checkpoint (RetortContext *context, const char *name);

G_END_DECLS
