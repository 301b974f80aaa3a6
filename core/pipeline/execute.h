/* execute - runs a plan's cells: what the store has is taken, the rest runs in child processes of this machine. */
#pragma once

#include "pipeline/plan.h"
#include "pipeline/store.h"
#include "plugin/context.h"

G_BEGIN_DECLS

typedef enum {
  RETORT_STATE_WAITING, RETORT_STATE_RUNNING, RETORT_STATE_CACHED, RETORT_STATE_DONE, RETORT_STATE_FAILED,
  RETORT_STATE_SKIPPED, /* something that it needs failed */
} RetortState;

extern const char *const retort_state_names[];

typedef struct {
  RetortState state;
  double seconds;             /* of this run; 0 if cached */
  RetortError error;          /* failed: of what kind */
  const RetortStatus *status; /* while running: what the child says; may change under the reader's eyes */
} RetortOutcome;

typedef struct _RetortExecution RetortExecution;
struct _RetortExecution {
  RetortPlan *plan;          /* lent */
  RetortStore *store;        /* lent */
  char **keys;               /* [cells] NULL where unknown */
  RetortOutcome *outcomes;   /* [cells] */
  guint n_finished, n_cached, n_failed;
  double seconds;
  gboolean interrupted;
};

typedef struct {
  guint jobs;              /* threads in all, and cells at once; 0: one for each processor */
  gboolean in_process;     /* cells one after the other in this process: for debuggers */
  gboolean allow_network;
  const char *program;     /* what to run as `PROGRAM cell FOLDER`; NULL: this one */
  void (*progress) (const RetortExecution *execution, gpointer user); /* some times a second; may be NULL */
  gpointer user;
} RetortExecuteOptions;

/* Runs every cell that can run. A cell that fails becomes a diagnostic at its step, after those that it gave itself;
 * the cells that need it are skipped, all others finish. The only errors are those of the machinery. SIGINT and SIGTERM
 * ask the children to save and stop; a second one kills them. */
RetortExecution *retort_execute (RetortPlan *plan, RetortStore *store, const RetortExecuteOptions *options,
                                 RetortDiagnostics *diagnostics, GError **error);
void retort_execution_free (RetortExecution *execution);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortExecution, retort_execution_free)

G_END_DECLS
