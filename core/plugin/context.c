/* context - what the engine lends a plugin while it works. */
#include "plugin/context.h"

#include <string.h>

/* More warnings than this are counted, not kept. */
#define MAX_WARNINGS 1000

struct _RetortContext {
  char *plugin;
  guint64 seed;
  guint n_threads;
  RetortDiagnostics *diagnostics;
  RetortStatus *status; /* lent, or NULL */
  char *checkpoints;    /* folder, or NULL */
  gint cancelled;       /* atomic */
  GMutex mutex;         /* of the notes */
  GHashTable *counts;   /* name -> gint64 * */
  GPtrArray *warnings;
  guint n_more_warnings;
};

/* One call of retort_context_parallel. */
typedef struct {
  RetortParallelFunc func;
  gpointer user;
  guint n_items;
  guint next; /* atomic */
} Loop;

/* Of the initial-exec model, so that a signal handler reaches it without an allocation. */
static __thread char current_document[sizeof ((RetortStatus *) NULL)->document]
    __attribute__ ((tls_model ("initial-exec")));

static gpointer work (gpointer data);
static void beat (RetortContext *context);
static int compare_strings (gconstpointer a, gconstpointer b);

RetortContext *
retort_context_new (const char *plugin, guint64 seed, guint n_threads, RetortDiagnostics *diagnostics)
{
  RetortContext *context = g_new0 (RetortContext, 1);

  context->plugin = g_strdup (plugin);
  context->seed = seed;
  context->n_threads = MAX (n_threads, 1);
  context->diagnostics = diagnostics ? retort_diagnostics_ref (diagnostics) : retort_diagnostics_new ();
  g_mutex_init (&context->mutex);
  context->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  context->warnings = g_ptr_array_new_with_free_func (g_free);
  return context;
}

void
retort_context_free (RetortContext *context)
{
  if (context == NULL)
    return;
  g_free (context->plugin);
  g_free (context->checkpoints);
  retort_diagnostics_unref (context->diagnostics);
  g_mutex_clear (&context->mutex);
  g_hash_table_unref (context->counts);
  g_ptr_array_unref (context->warnings);
  g_free (context);
}

void
retort_context_set_status (RetortContext *context, RetortStatus *status)
{
  context->status = status;
  if (status != NULL)
    g_strlcpy (status->plugin, context->plugin, sizeof status->plugin);
}

void
retort_context_set_checkpoints (RetortContext *context, const char *folder)
{
  g_free (context->checkpoints);
  context->checkpoints = g_strdup (folder);
}

void
retort_context_stage (RetortContext *context, const char *stage)
{
  if (context->status == NULL)
    return;
  g_strlcpy (context->status->stage, stage, sizeof context->status->stage);
  context->status->done = context->status->total = 0;
  beat (context);
}

void
retort_context_blame (RetortContext *context, const char *plugin)
{
  if (context->status != NULL)
    g_strlcpy (context->status->plugin, plugin != NULL ? plugin : context->plugin, sizeof context->status->plugin);
}

void
retort_context_cancel (RetortContext *context)
{
  g_atomic_int_set (&context->cancelled, TRUE);
}

JsonNode *
retort_context_notes (RetortContext *context)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&context->mutex);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (context->counts), (GCompareFunc) strcmp);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "counts");
  json_builder_begin_object (builder);
  for (const GList *name = names; name != NULL; name = name->next) {
    json_builder_set_member_name (builder, name->data);
    json_builder_add_int_value (builder, *(gint64 *) g_hash_table_lookup (context->counts, name->data));
  }
  json_builder_end_object (builder);

  /* Sorted: in which order threads complain is left to chance. */
  g_ptr_array_sort (context->warnings, compare_strings);
  json_builder_set_member_name (builder, "warnings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < context->warnings->len; i++)
    json_builder_add_string_value (builder, context->warnings->pdata[i]);
  if (context->n_more_warnings > 0) {
    g_autofree char *more = g_strdup_printf ("and %u more warnings", context->n_more_warnings);
    json_builder_add_string_value (builder, more);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

const char *
retort_context_current_document (void)
{
  return current_document[0] != '\0' ? current_document : NULL;
}

/* --- what plugins call --- */

void
retort_context_random (RetortContext *context, const char *stream, RetortRandom *random)
{
  retort_random_init (random, context->seed, context->plugin, stream);
}

void
retort_context_at (RetortContext *context, const RetortDocument *document)
{
  g_strlcpy (current_document, document ? retort_document_id (document) : "", sizeof current_document);
  if (context->status == NULL)
    return;
  memcpy (context->status->document, current_document, sizeof current_document);
  beat (context);
}

void
retort_context_progress (RetortContext *context, double done, double total, const char *unit)
{
  if (context->status == NULL)
    return;
  context->status->done = done;
  context->status->total = total;
  g_strlcpy (context->status->unit, unit, sizeof context->status->unit);
  beat (context);
}

gboolean
retort_context_cancelled (RetortContext *context)
{
  return g_atomic_int_get (&context->cancelled);
}

void
retort_context_warn (RetortContext *context, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&context->mutex);
  if (context->warnings->len < MAX_WARNINGS)
    g_ptr_array_add (context->warnings, g_utf8_make_valid (message, -1));
  else
    context->n_more_warnings++;
}

void
retort_context_count (RetortContext *context, const char *name, gint64 n)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&context->mutex);
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  gint64 *count = g_hash_table_lookup (context->counts, valid);

  if (count == NULL) {
    count = g_new0 (gint64, 1);
    g_hash_table_insert (context->counts, g_steal_pointer (&valid), count);
  }
  *count += n;
}

RetortDiagnostics *
retort_context_diagnostics (RetortContext *context)
{
  return context->diagnostics;
}

/* Threads live for one call: to start one costs less than a thousandth of a piece of work worth sharing, and none is
 * left when a cell forks, dies or is sandboxed. */
void
retort_context_parallel (RetortContext *context, guint n_items, RetortParallelFunc func, gpointer user)
{
  Loop loop = { func, user, n_items, 0 };
  const guint n_helpers = MIN (context->n_threads, n_items) > 1 ? MIN (context->n_threads, n_items) - 1 : 0;
  g_autofree GThread **helpers = g_new (GThread *, n_helpers);
  guint n_started = 0;

  /* Where the system lends no more threads, the work takes longer. */
  while (n_started < n_helpers && (helpers[n_started] = g_thread_try_new ("retort", work, &loop, NULL)) != NULL)
    n_started++;
  work (&loop);
  for (guint i = 0; i < n_started; i++)
    g_thread_join (helpers[i]);
}

char *
retort_context_checkpoint (RetortContext *context, const char *name)
{
  g_assert (strchr (name, G_DIR_SEPARATOR) == NULL);
  if (context->checkpoints == NULL)
    return NULL;
  g_mkdir_with_parents (context->checkpoints, 0777);
  return g_build_filename (context->checkpoints, name, NULL);
}

static gpointer
work (gpointer data)
{
  Loop *loop = data;

  for (guint item; (item = (guint) g_atomic_int_add ((gint *) &loop->next, 1)) < loop->n_items;)
    loop->func (item, loop->user);
  return NULL;
}

static void
beat (RetortContext *context)
{
  __atomic_fetch_add (&context->status->beats, 1, __ATOMIC_RELAXED);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}
