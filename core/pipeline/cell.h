/* cell - one cell, in the process of its own (`retort cell FOLDER`).
 *
 * The parent makes FOLDER in the store's work with spec.json, and gives the child FOLDER/stdout and FOLDER/stderr, the
 * lock, and the status mapping. The child works in FOLDER/out, which becomes the finished cell. What went wrong it
 * leaves in FOLDER/error.json: {"message":..,"code":N,"diagnostics":[..]}. */
#pragma once

#include "pipeline/sandbox.h"
#include "plugin/context.h"

G_BEGIN_DECLS

/* The descriptor on which the child finds the status mapping, and the one that holds the lock. */
#define RETORT_CELL_STATUS_FD 3
#define RETORT_CELL_LOCK_FD 4

typedef struct {
  gboolean allow_network; /* no sandbox: for a debugger, or where the user insists */
  gboolean in_process;    /* called by the parent itself: no handlers, no sandbox, stdout left alone */
  gint parent;            /* process that must be alive for this to go on; 0: none */
  RetortStatus *status;   /* in_process: the parent's; else NULL, and the mapping is inherited */
} RetortCellOptions;

/* Does all that `retort cell` does; gives the exit status (base/exit-status.h), 0 when the cell is in the store. */
int retort_cell_main (const char *folder, const RetortCellOptions *options);

G_END_DECLS
