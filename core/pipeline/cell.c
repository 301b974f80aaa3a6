/* cell - see cell.h. The order matters: die with the parent, give up the network, and only then open a plugin. */
#include "pipeline/cell.h"

#include "base/exit-status.h"
#include "base/util.h"
#include "pipeline/spec.h"
#include "pipeline/store.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SPEC_BYTES (64 << 20)

/* For the signal handlers: the one cell that runs in this process. */
static RetortContext *running_context;
static RetortStatus *running_status;
static volatile sig_atomic_t asked_to_stop;
/* Stdout is a file of this cell's own, in which nothing may stand. */
static gboolean watch_stdout;

static void prepare_process (pid_t parent, RetortStatus **status);
static RetortCellRun *new_run (const char *folder, RetortSpec *spec, RetortStatus *status);
static gboolean open_run (RetortCellRun *run, const char *folder, RetortSpec *spec, GError **error);
static void free_run (RetortCellRun *run);
static gboolean run_and_commit (RetortCellRun *run, RetortSpec *spec, gint64 started, RetortSandbox sandbox,
                                GError **error);
static JsonObject *describe (const RetortCellRun *run, const RetortSpec *spec);
static gboolean write_timing (const RetortCellRun *run, const RetortSpec *spec, gint64 started, RetortSandbox sandbox,
                              GError **error);
static void leave_error (const char *folder, const GError *error, RetortDiagnostics *diagnostics);

int
retort_cell_main (const char *folder, const RetortCellOptions *options)
{
  gint64 started = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RetortSpec) spec = NULL;
  RetortCellRun *run = NULL;
  RetortStatus *status = options->status;
  RetortSandbox sandbox = 0;
  gboolean done = FALSE;

  if (!options->in_process) {
    prepare_process (options->parent, &status);
    if (!options->allow_network)
      sandbox = retort_sandbox_enter ();
  }

  g_autofree char *spec_path = g_build_filename (folder, "spec.json", NULL);
  g_autofree char *text = NULL;
  if (g_file_get_contents (spec_path, &text, NULL, &error))
    spec = retort_spec_parse (spec_path, text, &error);
  if (spec != NULL && spec->label >= RETORT_LABEL_RESTRICTED && sandbox == 0 && !options->allow_network &&
      !options->in_process) {
    g_set_error (&error, RETORT_ERROR, RETORT_ERROR_POLICY,
                 "the kernel allows neither seccomp nor namespaces, so a cell on %s data could reach the network; "
                 "--allow-network accepts that",
                 retort_label_names[spec->label]);
  } else if (spec != NULL) {
    run = new_run (folder, spec, status);
    done = open_run (run, folder, spec, &error) && run_and_commit (run, spec, started, sandbox, &error);
  }

  if (!done && error == NULL)
    g_set_error (&error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "%s failed and did not say why",
                 spec != NULL && spec->plugin != NULL ? spec->plugin->id : "a plugin");
  int result = done ? 0 : retort_error_cell_status (error);
  if (error != NULL && !options->in_process)
    g_printerr ("%s\n", error->message); /* for who started it by hand */
  if (run != NULL || error != NULL)
    leave_error (folder, error, run != NULL ? run->diagnostics : NULL);
  if (error != NULL && status != NULL)
    g_strlcpy (status->message, error->message, sizeof status->message);
  free_run (run);
  return result;
}

guint
retort_cell_n_parts (const RetortCellRun *run, const char *slot)
{
  for (guint i = 0; i < run->inputs->len; i++) {
    const RetortCellRunInput *input = run->inputs->pdata[i];
    if (g_str_equal (input->slot, slot))
      return input->parts->len;
  }
  return 0;
}

const RetortCellPart *
retort_cell_part (const RetortCellRun *run, const char *slot, guint i)
{
  for (guint k = 0; k < run->inputs->len; k++) {
    const RetortCellRunInput *input = run->inputs->pdata[k];
    if (g_str_equal (input->slot, slot))
      return i < input->parts->len ? input->parts->pdata[i] : NULL;
  }
  return NULL;
}

char *
retort_cell_input (const RetortCellRun *run, const char *slot, guint i, RetortArtifact artifact)
{
  const RetortCellPart *part = retort_cell_part (run, slot, i);
  return part != NULL ? g_build_filename (part->path, retort_artifact_files[artifact], NULL) : NULL;
}

char *
retort_cell_output (const RetortCellRun *run)
{
  return retort_cell_output_file (run, retort_artifact_files[run->verb->gives]);
}

char *
retort_cell_output_file (const RetortCellRun *run, const char *name)
{
  return g_build_filename (run->out, name, NULL);
}

gboolean
retort_cell_check_stdout (const char *plugin, const char *document, GError **error)
{
  struct stat file;

  if (!watch_stdout)
    return TRUE;
  fflush (stdout);
  if (fstat (STDOUT_FILENO, &file) != 0 || !S_ISREG (file.st_mode) || file.st_size == 0)
    return TRUE;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "%s printed to stdout%s%s%s; plugins report through the context",
               plugin, document != NULL ? " at document '" : "", document != NULL ? document : "",
               document != NULL ? "'" : "");
  return FALSE;
}

static void
on_terminate (int signal)
{
  asked_to_stop = TRUE;
  if (running_context != NULL)
    retort_context_cancel (running_context);
}

/* Keeps the id of the document that this very thread was at, then dies as it would have. */
static void
on_crash (int signal)
{
  const char *document = retort_context_current_document ();

  if (running_status != NULL && document != NULL)
    memcpy (running_status->document, document, sizeof running_status->document);
  struct sigaction usual = { .sa_handler = SIG_DFL };
  sigaction (signal, &usual, NULL);
  raise (signal);
}

static void
prepare_process (pid_t parent, RetortStatus **status)
{
  static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
  struct sigaction terminate = { .sa_handler = on_terminate };
  struct sigaction crash = { .sa_handler = on_crash, .sa_flags = SA_NODEFER | SA_RESETHAND };

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (parent != 0 && getppid () != parent)
    raise (SIGKILL); /* it died before it could be said that we die with it */
  sigaction (SIGTERM, &terminate, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (crashes); i++)
    sigaction (crashes[i], &crash, NULL);

  void *mapping =
      mmap (NULL, sizeof (RetortStatus), PROT_READ | PROT_WRITE, MAP_SHARED, RETORT_CELL_STATUS_FD, 0);
  *status = mapping != MAP_FAILED ? mapping : NULL;
  /* Programs that a plugin starts have no business with these. */
  fcntl (RETORT_CELL_STATUS_FD, F_SETFD, FD_CLOEXEC);
  fcntl (RETORT_CELL_LOCK_FD, F_SETFD, FD_CLOEXEC);
  running_status = *status;
  watch_stdout = TRUE;
}

static RetortCellRun *
new_run (const char *folder, RetortSpec *spec, RetortStatus *status)
{
  RetortCellRun *run = g_new0 (RetortCellRun, 1);

  run->verb = spec->use != NULL ? retort_verb_find (spec->use) : NULL;
  run->name = g_strdup (spec->name);
  run->step = g_strdup (spec->step);
  run->use = g_strdup (spec->use);
  run->key = g_strdup (spec->key);
  run->out = g_build_filename (folder, "out", NULL);
  run->label = spec->label;
  run->seed = spec->seed;
  run->prompt = g_strdup (spec->prompt);
  run->purpose = g_strdup (spec->purpose);
  run->options = g_steal_pointer (&spec->options);
  run->task = g_steal_pointer (&spec->task);
  run->inputs = g_steal_pointer (&spec->inputs);
  run->diagnostics = retort_diagnostics_new ();

  const char *who = spec->plugin != NULL ? spec->plugin->id : spec->use;
  run->context = retort_context_new (who, spec->seed, spec->threads, run->diagnostics);
  retort_context_set_status (run->context, status);
  retort_context_stage (run->context, spec->use);
  running_context = run->context;
  if (asked_to_stop) /* before there was a context to tell */
    retort_context_cancel (running_context);
  if (spec->store != NULL && spec->key != NULL) {
    g_autofree char *checkpoints = g_build_filename (spec->store, "checkpoints", spec->key, NULL);
    retort_context_set_checkpoints (run->context, checkpoints);
  }

  return run;
}

/* What is wrong with what the plugins open is in the run's diagnostics. */
static gboolean
open_run (RetortCellRun *run, const char *folder, RetortSpec *spec, GError **error)
{
  if (run->verb == NULL || run->verb->run == NULL || spec->store == NULL || spec->key == NULL) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s/spec.json describes no cell", folder);
  } else if (g_mkdir_with_parents (run->out, 0777) != 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot make %s: %s", run->out,
                 g_strerror (errno));
  } else if (spec->tokenizer != NULL &&
             (run->tokenizer = retort_instance_open (spec->tokenizer, g_steal_pointer (&spec->tokenizer_options),
                                                     run->context, error)) == NULL) {
    ;
  } else if (spec->plugin == NULL ||
             (run->plugin = retort_instance_open (spec->plugin, g_steal_pointer (&spec->plugin_options), run->context,
                                                  error)) != NULL) {
    return TRUE;
  }
  return FALSE;
}

static void
free_run (RetortCellRun *run)
{
  if (run == NULL)
    return;
  running_context = NULL;
  retort_instance_free (run->plugin);
  retort_instance_free (run->tokenizer);
  retort_options_free (run->options);
  retort_context_free (run->context);
  retort_diagnostics_unref (run->diagnostics);
  retort_task_free (run->task);
  g_ptr_array_unref (run->inputs);
  g_free (run->name);
  g_free (run->step);
  g_free (run->use);
  g_free (run->key);
  g_free (run->out);
  g_free (run->prompt);
  g_free (run->purpose);
  g_free (run);
}

static gboolean
run_and_commit (RetortCellRun *run, RetortSpec *spec, gint64 started, RetortSandbox sandbox, GError **error)
{
  const char *plugin = run->plugin != NULL ? run->plugin->loaded->id : run->use;
  g_autoptr (RetortStore) store = retort_store_open (spec->store, error);

  if (store == NULL || !run->verb->run (run, error) || !retort_diagnostics_ok (run->diagnostics, error) ||
      !retort_cell_check_stdout (plugin, NULL, error))
    return FALSE;
  g_autoptr (JsonObject) about = describe (run, spec);
  if (!write_timing (run, spec, started, sandbox, error) ||
      !retort_store_commit (store, run->key, run->out, about, error))
    return FALSE;
  g_autofree char *checkpoints = g_build_filename (spec->store, "checkpoints", run->key, NULL);
  retort_folder_remove (checkpoints, NULL); /* of no more use; left behind it does no harm */
  return TRUE;
}

/* What result.json says beside the outputs: a function of the key alone. */
static JsonObject *
describe (const RetortCellRun *run, const RetortSpec *spec)
{
  JsonObject *about = json_object_new ();

  json_object_set_string_member (about, "retort", "result");
  json_object_set_string_member (about, "key", run->key);
  json_object_set_string_member (about, "use", run->use);
  json_object_set_string_member (about, "artifact", retort_artifact_names[run->verb->gives]);
  json_object_set_string_member (about, "label", retort_label_names[run->label]);
  if (run->plugin != NULL)
    json_object_set_member (about, "plugin", retort_spec_plugin (run->plugin->loaded, NULL));
  json_object_set_member (about, "notes", retort_context_notes (run->context));
  return about;
}

static gboolean
write_timing (const RetortCellRun *run, const RetortSpec *spec, gint64 started, RetortSandbox sandbox, GError **error)
{
  g_autofree char *path = g_build_filename (run->out, "timing.json", NULL);
  g_autofree char *text = g_strdup_printf (
      "{\"seconds\": %.3f, \"threads\": %u, \"host\": \"%s\", \"seccomp\": %s, \"namespace\": %s}\n",
      (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC, spec->threads, g_get_host_name (),
      sandbox & RETORT_SANDBOX_SECCOMP ? "true" : "false", sandbox & RETORT_SANDBOX_NAMESPACE ? "true" : "false");
  return retort_file_write (path, text, -1, error);
}

static void
leave_error (const char *folder, const GError *error, RetortDiagnostics *diagnostics)
{
  g_autofree char *path = g_build_filename (folder, "error.json", NULL);
  g_autoptr (GString) text = g_string_new ("{\"message\":");

  if (error == NULL && !g_file_test (folder, G_FILE_TEST_IS_DIR))
    return;
  if (error != NULL)
    retort_json_append_string (text, error->message, -1);
  else
    g_string_append (text, "null");
  g_string_append_printf (text, ",\"code\":%d,\"diagnostics\":",
                          error != NULL && error->domain == RETORT_ERROR ? error->code : RETORT_ERROR_FAILED);
  g_autofree char *list = diagnostics != NULL ? retort_diagnostics_to_json (diagnostics) : g_strdup ("[]");
  g_string_append (text, list);
  g_string_append (text, "}\n");
  g_file_set_contents (path, text->str, (gssize) text->len, NULL);
}
