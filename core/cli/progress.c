/* progress - see progress.h. */
#include "cli/progress.h"

#include "base/util.h"
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Off a terminal: a sign of life from running steps after so long without any other line. */
#define SPARSE_SECONDS 30
#define USUAL_COLUMNS 100

struct _RetortProgress {
  gboolean quiet, terminal;
  gboolean *told;      /* [cells] finished and said so */
  gint64 *started;     /* [cells] microseconds, when first seen running */
  gint64 last_line;
  gint64 begun;
};

static void tell_finished (RetortProgress *progress, const RetortExecution *execution);
static void tell_running (RetortProgress *progress, const RetortExecution *execution);
static void describe_running (RetortProgress *progress, const RetortExecution *execution, guint i, GString *line);
static void print_living_line (const char *line);

RetortProgress *
retort_progress_new (gboolean quiet)
{
  RetortProgress *progress = g_new0 (RetortProgress, 1);

  progress->quiet = quiet;
  progress->terminal = isatty (STDERR_FILENO);
  progress->begun = progress->last_line = g_get_monotonic_time ();
  return progress;
}

void
retort_progress_free (RetortProgress *progress)
{
  if (progress == NULL)
    return;
  if (progress->terminal && !progress->quiet)
    fputs ("\r\033[K", stderr);
  g_free (progress->told);
  g_free (progress->started);
  g_free (progress);
}

void
retort_progress_show (const RetortExecution *execution, gpointer user)
{
  RetortProgress *progress = user;
  guint n = execution->plan->cells->len;

  if (progress->quiet)
    return;
  if (progress->told == NULL) {
    progress->told = g_new0 (gboolean, n);
    progress->started = g_new0 (gint64, n);
  }
  for (guint i = 0; i < n; i++)
    if (execution->outcomes[i].state == RETORT_STATE_RUNNING && progress->started[i] == 0)
      progress->started[i] = g_get_monotonic_time ();
  tell_finished (progress, execution);
  tell_running (progress, execution);
}

/* What came from the store is only counted; a warm run would otherwise be all lines. */
static void
tell_finished (RetortProgress *progress, const RetortExecution *execution)
{
  for (guint i = 0; i < execution->plan->cells->len; i++) {
    const RetortCell *cell = execution->plan->cells->pdata[i];
    const RetortOutcome *outcome = &execution->outcomes[i];
    if (progress->told[i] || outcome->state == RETORT_STATE_WAITING || outcome->state == RETORT_STATE_RUNNING)
      continue;
    progress->told[i] = TRUE;
    if (outcome->state == RETORT_STATE_CACHED || progress->terminal)
      continue;
    g_autofree char *time = retort_format_seconds (outcome->seconds);
    fprintf (stderr, "%3u/%u %-7s %s%s%s\n", execution->n_finished, execution->plan->cells->len,
             retort_state_names[outcome->state], cell->name, outcome->state == RETORT_STATE_DONE ? "  " : "",
             outcome->state == RETORT_STATE_DONE ? time : "");
    progress->last_line = g_get_monotonic_time ();
  }
}

static void
tell_running (RetortProgress *progress, const RetortExecution *execution)
{
  g_autofree char *elapsed =
      retort_format_seconds ((double) ((g_get_monotonic_time () - progress->begun) / G_USEC_PER_SEC));
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_append_printf (line, "%u/%u steps, %s", execution->n_finished, execution->plan->cells->len, elapsed);
  for (guint i = 0; i < execution->plan->cells->len; i++)
    if (execution->outcomes[i].state == RETORT_STATE_RUNNING)
      describe_running (progress, execution, i, line);
  if (progress->terminal) {
    print_living_line (line->str);
  } else if (g_get_monotonic_time () - progress->last_line > SPARSE_SECONDS * G_USEC_PER_SEC) {
    fprintf (stderr, "%s\n", line->str);
    progress->last_line = g_get_monotonic_time ();
  }
}

/* "; model[source=real] 34/200 iterations, 2.1/s, 1 m 20 s left" */
static void
describe_running (RetortProgress *progress, const RetortExecution *execution, guint i, GString *line)
{
  const RetortCell *cell = execution->plan->cells->pdata[i];
  const RetortStatus *status = execution->outcomes[i].status;
  double seconds = (double) (g_get_monotonic_time () - progress->started[i]) / G_USEC_PER_SEC;

  g_string_append_printf (line, " | %s", cell->name);
  if (status == NULL)
    return;
  double done = status->done, total = status->total;
  g_autofree char *unit = g_strndup (status->unit, sizeof status->unit);
  if (!(done > 0) || *unit == '\0')
    return;
  g_autofree char *count = retort_format_count ((gint64) done);
  g_autofree char *of = total > 0 ? retort_format_count ((gint64) total) : NULL;
  g_string_append_printf (line, " %s%s%s %s", count, of != NULL ? "/" : "", of != NULL ? of : "", unit);
  if (seconds < 1)
    return;
  g_string_append_printf (line, done / seconds < 10 ? ", %.1f/s" : ", %.0f/s", done / seconds);
  if (total > done) {
    g_autofree char *left = retort_format_seconds ((total - done) * seconds / done);
    g_string_append_printf (line, ", %s left", left);
  }
}

static void
print_living_line (const char *line)
{
  struct winsize size;
  gsize columns = ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL_COLUMNS;
  g_autofree char *cut = (gsize) g_utf8_strlen (line, -1) >= columns
                             ? g_utf8_substring (line, 0, (glong) columns - 1)
                             : g_strdup (line);
  fprintf (stderr, "\r%s\033[K", cut);
  fflush (stderr);
}
