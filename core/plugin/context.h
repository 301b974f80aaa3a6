/* context - the engine's side of RetortContext. */
#pragma once

#include <json-glib/json-glib.h>
#include <retort/context.h>

G_BEGIN_DECLS

/* Shared with the process that watches: an anonymous mapping that survives the child's crash. */
typedef struct {
  char plugin[128];    /* what runs: "model/crf" */
  char stage[64];      /* what it is doing: "train" */
  char document[256];  /* id of the last document begun; torn reads are harmless */
  char unit[32];
  char message[1024];  /* what it ended with, should the disk have no room for more */
  double done, total;
  guint64 beats;       /* grows with every sign of life */
} RetortStatus;

RetortContext *retort_context_new (const char *plugin, guint64 seed, guint n_threads, RetortDiagnostics *diagnostics);
void retort_context_free (RetortContext *context);
/* Where retort_context_at and progress write; NULL: nowhere. Lent. */
void retort_context_set_status (RetortContext *context, RetortStatus *status);
void retort_context_set_checkpoints (RetortContext *context, const char *folder);
void retort_context_stage (RetortContext *context, const char *stage);
/* Whose code runs from now on: the one to name if it crashes or hangs. NULL: the step's own again. */
void retort_context_blame (RetortContext *context, const char *plugin);
/* Async-signal-safe: from a SIGTERM handler. */
void retort_context_cancel (RetortContext *context);
/* {"counts":{name:n},"warnings":[...]}; names sorted. Full ownership. */
JsonNode *retort_context_notes (RetortContext *context);
/* The id that this thread gave last to retort_context_at, in a buffer of as many bytes as RetortStatus.document has,
 * or NULL. Async-signal-safe: a handler of SIGSEGV copies it to the status. */
const char *retort_context_current_document (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortContext, retort_context_free)

G_END_DECLS
