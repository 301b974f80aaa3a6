/* execute - see execute.h.
 *
 * One loop: start what can start, wait for a signal or a tenth of a second, see who ended, who is silent, who is late.
 * The parent believes the store alone: a child that says it is done and left no cell has failed. */
#include "pipeline/execute.h"

#include "base/util.h"
#include "pipeline/cell.h"
#include "pipeline/key.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <retort/json.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_NANOSECONDS 100000000
#define MAX_ERROR_BYTES (16 << 20)
#define STDERR_TAIL_BYTES 2000
/* Inherited descriptors are moved up here first, so that none is in the way of another. */
#define FIRST_FREE_FD 10

const char *const retort_state_names[] = { "waiting", "running", "cached", "done", "failed", "skipped", NULL };

typedef struct {
  RetortCell *cell;
  char *folder;
  int lock_fd;
  pid_t pid;
  RetortStatus *status; /* shared with the child */
  guint64 beats;        /* as last seen */
  gint64 started, heard; /* microseconds, monotonic */
  const char *killed;    /* why we ended it, or NULL */
} Child;

typedef struct {
  RetortExecution *execution;
  const RetortExecuteOptions *options;
  RetortDiagnostics *diagnostics;
  char *program;
  guint jobs;
  GPtrArray *children; /* of Child */
  guint n_interrupts;
  sigset_t signals;
} Executor;

static gboolean start_ready (Executor *executor, GError **error);
static gboolean cell_is_ready (Executor *executor, const RetortCell *cell);
static gboolean key_is_running (Executor *executor, const char *key);
static gboolean start_cell (Executor *executor, RetortCell *cell, guint threads, GError **error);
static gboolean spawn (Executor *executor, Child *child, int status_fd, GError **error);
static void run_here (Executor *executor, Child *child);
static void wait_a_little (Executor *executor);
static void reap (Executor *executor);
static void watch_limits (Executor *executor);
static void finish (Executor *executor, Child *child, int wait_status);
static void conclude (Executor *executor, const RetortCell *cell, RetortState state);
static void explain (Executor *executor, Child *child, gboolean done, int wait_status);
static char *last_words (const Child *child);
static void free_child (gpointer data);

RetortExecution *
retort_execute (RetortPlan *plan, RetortStore *store, const RetortExecuteOptions *options,
                RetortDiagnostics *diagnostics, GError **error)
{
  g_autoptr (RetortExecution) execution = g_new0 (RetortExecution, 1);
  Executor executor = { .execution = execution, .options = options, .diagnostics = diagnostics };
  gint64 started = g_get_monotonic_time ();
  sigset_t before;
  gboolean done = TRUE;

  execution->plan = plan;
  execution->store = store;
  execution->keys = g_new0 (char *, plan->cells->len + 1);
  execution->outcomes = g_new0 (RetortOutcome, plan->cells->len);
  executor.jobs = options->jobs > 0 ? options->jobs : g_get_num_processors ();
  executor.program =
      options->program != NULL ? g_strdup (options->program) : g_file_read_link ("/proc/self/exe", NULL);
  executor.children = g_ptr_array_new_with_free_func (free_child);

  sigemptyset (&executor.signals);
  if (!options->in_process) { /* there the user's debugger wants them */
    sigaddset (&executor.signals, SIGCHLD);
    sigaddset (&executor.signals, SIGINT);
    sigaddset (&executor.signals, SIGTERM);
    signal (SIGCHLD, SIG_DFL); /* where it was ignored, nobody could be waited for */
  }
  pthread_sigmask (SIG_BLOCK, &executor.signals, &before);
  retort_store_sweep (store);
  while (execution->n_finished < plan->cells->len) {
    done = start_ready (&executor, error);
    if (!done || (executor.children->len == 0 && execution->interrupted))
      break;
    if (executor.children->len > 0)
      wait_a_little (&executor);
    reap (&executor);
    watch_limits (&executor);
    if (options->progress != NULL)
      options->progress (execution, options->user);
  }
  g_ptr_array_unref (executor.children);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  g_free (executor.program);
  execution->seconds = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
  return done ? g_steal_pointer (&execution) : NULL;
}

void
retort_execution_free (RetortExecution *execution)
{
  if (execution == NULL)
    return;
  for (guint i = 0; execution->keys != NULL && i < execution->plan->cells->len; i++)
    g_free (execution->keys[i]);
  g_free (execution->keys);
  g_free (execution->outcomes);
  g_free (execution);
}

/* Cells stand in an order that respects inputs, so one pass finds all that can be taken or started. */
static gboolean
start_ready (Executor *executor, GError **error)
{
  RetortExecution *execution = executor->execution;
  g_autoptr (GPtrArray) ready = g_ptr_array_new ();

  if (execution->interrupted)
    return TRUE;
  for (guint i = 0; i < execution->plan->cells->len; i++) {
    RetortCell *cell = execution->plan->cells->pdata[i];
    if (execution->outcomes[i].state != RETORT_STATE_WAITING || !cell_is_ready (executor, cell))
      continue;
    if (execution->keys[i] == NULL) {
      g_autoptr (GError) failed = NULL;
      execution->keys[i] = retort_cell_key (cell, execution->store, execution->keys, &failed);
      if (execution->keys[i] == NULL) {
        retort_diagnostics_add (executor->diagnostics, RETORT_CODE_STEP_FAILED, execution->plan->file->source,
                                cell->at->start, cell->at->end, NULL, "step '%s': %s", cell->name,
                                failed != NULL ? failed->message : "an input has gone from the store");
        conclude (executor, cell, RETORT_STATE_FAILED);
        continue;
      }
    }
    if (retort_store_has (execution->store, execution->keys[i])) {
      retort_store_touch (execution->store, execution->keys[i]);
      conclude (executor, cell, RETORT_STATE_CACHED);
    } else if (!key_is_running (executor, execution->keys[i])) {
      g_ptr_array_add (ready, cell);
    }
  }

  guint n_running = executor->children->len;
  guint threads = MAX (1, executor->jobs / MAX (1, MIN (executor->jobs, n_running + ready->len)));
  for (guint i = 0; i < ready->len && executor->children->len < executor->jobs; i++)
    if (!key_is_running (executor, execution->keys[((RetortCell *) ready->pdata[i])->index]) &&
        !start_cell (executor, ready->pdata[i], threads, error))
      return FALSE;
  return TRUE;
}

/* TRUE if all inputs are there that can come. If too many can never come, the cell is concluded as skipped. */
static gboolean
cell_is_ready (Executor *executor, const RetortCell *cell)
{
  gboolean ready = TRUE;

  for (guint i = 0; i < cell->inputs->len; i++) {
    const RetortCellInput *input = &g_array_index (cell->inputs, RetortCellInput, i);
    guint n_lost = 0;
    for (guint k = 0; k < input->from->len; k++) {
      const RetortCell *from = input->from->pdata[k];
      RetortState state = executor->execution->outcomes[from->index].state;
      n_lost += state == RETORT_STATE_FAILED || state == RETORT_STATE_SKIPPED;
      ready = ready && state != RETORT_STATE_WAITING && state != RETORT_STATE_RUNNING;
    }
    if (n_lost > 0 && (n_lost == input->from->len || !retort_verb_slot (cell->verb, input->slot)->partial)) {
      conclude (executor, cell, RETORT_STATE_SKIPPED);
      return FALSE;
    }
  }
  return ready;
}

/* Two steps that say the same are one work: the second waits for the first. */
static gboolean
key_is_running (Executor *executor, const char *key)
{
  for (guint i = 0; i < executor->children->len; i++) {
    const Child *child = executor->children->pdata[i];
    if (g_str_equal (executor->execution->keys[child->cell->index], key))
      return TRUE;
  }
  return FALSE;
}

static gboolean
start_cell (Executor *executor, RetortCell *cell, guint threads, GError **error)
{
  RetortExecution *execution = executor->execution;
  Child *child = g_new0 (Child, 1);

  g_ptr_array_add (executor->children, child);
  child->cell = cell;
  child->lock_fd = -1;
  child->status = MAP_FAILED;
  child->folder = retort_store_work_new (execution->store, execution->keys[cell->index], &child->lock_fd, error);
  if (child->folder == NULL)
    return FALSE;
  g_autofree char *spec = retort_cell_spec (cell, execution->store, execution->keys, threads);
  g_autofree char *spec_path = g_build_filename (child->folder, "spec.json", NULL);
  if (!g_file_set_contents (spec_path, spec, -1, error))
    return FALSE;

  int status_fd = memfd_create ("retort-status", MFD_CLOEXEC);
  if (status_fd < 0 || ftruncate (status_fd, sizeof (RetortStatus)) != 0 ||
      (child->status = mmap (NULL, sizeof (RetortStatus), PROT_READ | PROT_WRITE, MAP_SHARED, status_fd, 0)) ==
          MAP_FAILED) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot make a status mapping: %s",
                 g_strerror (errno));
    if (status_fd >= 0)
      close (status_fd);
    return FALSE;
  }
  child->started = child->heard = g_get_monotonic_time ();
  execution->outcomes[cell->index].state = RETORT_STATE_RUNNING;
  execution->outcomes[cell->index].status = child->status;
  if (executor->options->in_process) {
    close (status_fd);
    run_here (executor, child);
    return TRUE;
  }
  gboolean started = spawn (executor, child, status_fd, error);
  close (status_fd);
  return started;
}

static gboolean
spawn (Executor *executor, Child *child, int status_fd, GError **error)
{
  g_autofree char *out = g_build_filename (child->folder, "stdout", NULL);
  g_autofree char *err = g_build_filename (child->folder, "stderr", NULL);
  g_autofree char *parent = g_strdup_printf ("--parent=%d", (int) getpid ());
  char *argv[] = { executor->program, (char *) "cell", child->folder, parent,
                   executor->options->allow_network ? (char *) "--allow-network" : NULL, NULL };
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none;

  int status_high = fcntl (status_fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
  int lock_high = fcntl (child->lock_fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_addopen (&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen (&actions, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_APPEND, 0666);
  posix_spawn_file_actions_addopen (&actions, STDERR_FILENO, err, O_WRONLY | O_CREAT | O_APPEND, 0666);
  posix_spawn_file_actions_adddup2 (&actions, status_high, RETORT_CELL_STATUS_FD);
  posix_spawn_file_actions_adddup2 (&actions, lock_high, RETORT_CELL_LOCK_FD);
  posix_spawnattr_init (&attributes);
  sigemptyset (&none);
  posix_spawnattr_setsigmask (&attributes, &none);
  posix_spawnattr_setpgroup (&attributes, 0);
  posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  int failed = posix_spawn (&child->pid, executor->program, &actions, &attributes, argv, environ);
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);
  close (status_high);
  close (lock_high);
  if (failed == 0)
    return TRUE;
  child->pid = 0;
  g_set_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED, "cannot start %s: %s", executor->program,
               g_strerror (failed));
  return FALSE;
}

static void
run_here (Executor *executor, Child *child)
{
  RetortCellOptions options = { .in_process = TRUE, .status = child->status };
  finish (executor, child, W_EXITCODE (retort_cell_main (child->folder, &options), 0));
}

static void
wait_a_little (Executor *executor)
{
  const struct timespec tick = { .tv_nsec = TICK_NANOSECONDS };
  int signal = sigtimedwait (&executor->signals, NULL, &tick);

  if (signal != SIGINT && signal != SIGTERM)
    return;
  executor->execution->interrupted = TRUE;
  executor->n_interrupts++;
  for (guint i = 0; i < executor->children->len; i++) {
    Child *child = executor->children->pdata[i];
    child->killed = "interrupted";
    kill (-child->pid, executor->n_interrupts > 1 ? SIGKILL : SIGTERM);
  }
}

/* What a child has left running in its process group ends with it; until it is waited for, its id is nobody else's. */
static void
reap (Executor *executor)
{
  for (guint i = executor->children->len; i-- > 0;) {
    Child *child = executor->children->pdata[i];
    siginfo_t ended = { .si_pid = 0 };
    int wait_status;
    if (waitid (P_PID, (id_t) child->pid, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0)
      continue;
    kill (-child->pid, SIGKILL);
    waitpid (child->pid, &wait_status, 0);
    child->pid = 0;
    finish (executor, child, wait_status);
  }
}

static void
watch_limits (Executor *executor)
{
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < executor->children->len; i++) {
    Child *child = executor->children->pdata[i];
    if (child->status->beats != child->beats) {
      child->beats = child->status->beats;
      child->heard = now;
    }
    const gboolean late = (double) (now - child->started) > child->cell->time_limit * G_USEC_PER_SEC;
    const gboolean silent = (double) (now - child->heard) > child->cell->stall_limit * G_USEC_PER_SEC;
    if (!late && !silent)
      continue;
    if (child->killed == NULL) /* one that was asked to stop and hangs is ended too, but not blamed */
      child->killed = late ? "time" : "stall";
    kill (-child->pid, SIGKILL);
  }
}

static void
finish (Executor *executor, Child *child, int wait_status)
{
  RetortExecution *execution = executor->execution;
  RetortCell *cell = child->cell;
  gboolean done = WIFEXITED (wait_status) && WEXITSTATUS (wait_status) == 0 &&
                  retort_store_has (execution->store, execution->keys[cell->index]);

  execution->outcomes[cell->index].seconds = (double) (g_get_monotonic_time () - child->started) / G_USEC_PER_SEC;
  execution->outcomes[cell->index].status = NULL;
  explain (executor, child, done, wait_status);
  if (done)
    conclude (executor, cell, RETORT_STATE_DONE);
  else if (execution->interrupted)
    execution->outcomes[cell->index].state = RETORT_STATE_WAITING; /* nothing is wrong with it */
  else
    conclude (executor, cell, RETORT_STATE_FAILED);
  g_ptr_array_remove (executor->children, child);
}

static void
conclude (Executor *executor, const RetortCell *cell, RetortState state)
{
  executor->execution->outcomes[cell->index].state = state;
  executor->execution->n_finished++;
  executor->execution->n_cached += state == RETORT_STATE_CACHED;
  executor->execution->n_failed += state == RETORT_STATE_FAILED;
  if (state == RETORT_STATE_FAILED || state == RETORT_STATE_SKIPPED) {
    g_free (executor->execution->keys[cell->index]);
    executor->execution->keys[cell->index] = g_strdup (RETORT_KEY_LOST);
  }
}

/* The diagnostics that the child left, and for a failure what became of the step. */
static void
explain (Executor *executor, Child *child, gboolean done, int wait_status)
{
  const RetortCell *cell = child->cell;
  const RetortSource *source = executor->execution->plan->file->source;
  const RetortStatus *status = child->status;
  g_autofree char *path = g_build_filename (child->folder, "error.json", NULL);
  g_autoptr (JsonNode) node = retort_json_load (path, MAX_ERROR_BYTES, NULL);
  g_autofree char *who = *status->plugin != '\0' ? g_strndup (status->plugin, sizeof status->plugin)
                                                 : g_strdup (cell->use); /* it did not come to say */
  g_autofree char *document = g_strndup (status->document, sizeof status->document);
  g_autofree char *at = *document != '\0' ? g_strdup_printf (" at document '%s'", document) : g_strdup ("");
  g_autofree char *short_message = g_utf8_make_valid (status->message, -1);
  const char *message = *status->message != '\0' ? short_message : NULL;

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node)) {
    JsonObject *object = json_node_get_object (node);
    JsonNode *diagnostics = json_object_get_member (object, "diagnostics");
    g_autofree char *list = diagnostics != NULL ? retort_json_canonical (diagnostics) : g_strdup ("[]");
    retort_diagnostics_add_json (executor->diagnostics, list, NULL);
    message = json_object_get_string_member_with_default (object, "message", message);
    executor->execution->outcomes[cell->index].error =
        (RetortError) json_object_get_int_member_with_default (object, "code", RETORT_ERROR_FAILED);
  }
  if (done || g_strcmp0 (child->killed, "interrupted") == 0)
    return;
  if (g_strcmp0 (child->killed, "stall") == 0) {
    g_autofree char *limit = retort_format_seconds (cell->stall_limit);
    retort_diagnostics_add (executor->diagnostics, RETORT_CODE_STEP_HUNG, source, cell->at->start, cell->at->end,
                            "if it is only slow: limit: {stall: 1h} on the step",
                            "step '%s': no sign of life from %s for %s%s; it was ended", cell->name, who, limit, at);
  } else if (g_strcmp0 (child->killed, "time") == 0) {
    g_autofree char *limit = retort_format_seconds (cell->time_limit);
    retort_diagnostics_add (executor->diagnostics, RETORT_CODE_STEP_TIMEOUT, source, cell->at->start, cell->at->end,
                            "limit: {time: 2h} on the step gives it longer", "step '%s': %s ran longer than %s%s; it was ended",
                            cell->name, who, limit, at);
  } else if (WIFSIGNALED (wait_status)) {
    g_autofree char *hint = last_words (child);
    retort_diagnostics_add (executor->diagnostics, RETORT_CODE_STEP_CRASHED, source, cell->at->start, cell->at->end, hint,
                            "step '%s': %s crashed (%s)%s", cell->name, who, g_strsignal (WTERMSIG (wait_status)), at);
  } else if (message != NULL) {
    retort_diagnostics_add (executor->diagnostics, RETORT_CODE_STEP_FAILED, source, cell->at->start, cell->at->end, NULL,
                            "step '%s': %s", cell->name, message);
  } else {
    g_autofree char *hint = last_words (child);
    retort_diagnostics_add (executor->diagnostics, RETORT_CODE_STEP_CRASHED, source, cell->at->start, cell->at->end, hint,
                            "step '%s': %s ended its process (exit status %d) without a result%s", cell->name, who,
                            WEXITSTATUS (wait_status), at);
  }
}

/* What stands last in its stderr, as a hint; NULL if nothing does. */
static char *
last_words (const Child *child)
{
  g_autofree char *path = g_build_filename (child->folder, "stderr", NULL);
  g_autofree char *text = NULL;
  gsize n = 0;

  if (!g_file_get_contents (path, &text, &n, NULL) || n == 0)
    return NULL;
  g_autofree char *said = g_utf8_make_valid (text + (n > STDERR_TAIL_BYTES ? n - STDERR_TAIL_BYTES : 0), -1);
  return g_strdup_printf ("it last said: %s", g_strstrip (said));
}

static void
free_child (gpointer data)
{
  Child *child = data;

  if (child->pid > 0) {
    kill (-child->pid, SIGKILL);
    waitpid (child->pid, NULL, 0);
  }
  if (child->status != MAP_FAILED)
    munmap (child->status, sizeof (RetortStatus));
  if (child->folder != NULL)
    retort_store_work_end (child->folder, child->lock_fd);
  g_free (child->folder);
  g_free (child);
}
