/* progress - how a run is getting on, on stderr: one living line on a terminal, a line per finished step elsewhere. */
#pragma once

#include "pipeline/execute.h"

G_BEGIN_DECLS

typedef struct _RetortProgress RetortProgress;

/* `quiet`: says nothing at all. */
RetortProgress *retort_progress_new (gboolean quiet);
/* Clears the living line. */
void retort_progress_free (RetortProgress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortProgress, retort_progress_free)

/* For RetortExecuteOptions.progress; `user` is the RetortProgress. */
void retort_progress_show (const RetortExecution *execution, gpointer user);

G_END_DECLS
