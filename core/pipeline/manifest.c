/* manifest - see manifest.h. */
#include "pipeline/manifest.h"

#include "base/digest.h"
#include "base/util.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <retort/json.h>
#include <sys/file.h>
#include <unistd.h>

#define MAX_MANIFEST_BYTES (256 << 20)

static gboolean looks_whole (JsonNode *manifest);
static char *run_folder (const RetortExecution *execution, const char *out);
static JsonNode *describe_run (const RetortExecution *execution);
static JsonArray *describe_cells (const RetortExecution *execution);
static void add_options (JsonObject *object, const RetortCell *cell);
static JsonArray *describe_compares (const RetortExecution *execution, JsonArray *notes);
static JsonArray *describe_plugins (const RetortPlan *plan);
static JsonObject *axes_object (const RetortCell *cell);
static gboolean cell_is_there (const RetortExecution *execution, const RetortCell *cell);
static gboolean write_json (const char *folder, const char *name, JsonNode *node, GError **error);
static JsonNode *describe_timing (const RetortExecution *execution);

char *
retort_manifest_write (const RetortExecution *execution, const char *out, GError **error)
{
  g_autofree char *folder = run_folder (execution, out);
  g_autofree char *pipeline = g_build_filename (folder, "pipeline.yaml", NULL);

  if (g_mkdir_with_parents (folder, 0777) != 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot make %s: %s", folder,
                 g_strerror (errno));
    return NULL;
  }
  g_autoptr (JsonNode) manifest = describe_run (execution);
  g_autoptr (JsonNode) timing = describe_timing (execution);
  const int lock = retort_manifest_lock (folder);
  const gboolean done = retort_file_write (pipeline, execution->plan->filled, -1, error) &&
                        write_json (folder, "timing.json", timing, error) &&
                        write_json (folder, RETORT_MANIFEST, manifest, error);
  if (lock >= 0)
    close (lock);
  return done ? g_steal_pointer (&folder) : NULL;
}

int
retort_manifest_lock (const char *run)
{
  const int fd = open (run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const char *name;

  if (fd >= 0 && flock (fd, LOCK_EX) != 0) {
    close (fd);
    return -1;
  }
  g_autoptr (GDir) dir = fd >= 0 ? g_dir_open (run, 0, NULL) : NULL;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (run, name, NULL);
    const gsize n = strlen (name);
    if (n > 8 && name[0] == '.' && name[n - 7] == '.') /* ".NAME.XXXXXX": retort_file_write's, before it has its name */
      g_unlink (path);
  }
  return fd;
}

JsonNode *
retort_manifest_load (const char *run, GError **error)
{
  g_autofree char *path = g_build_filename (run, RETORT_MANIFEST, NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_USAGE,
                 "%s is no run: there is no %s in it; `retort run` makes runs as folders under retort-out/runs", run,
                 RETORT_MANIFEST);
    return NULL;
  }
  g_autoptr (JsonNode) node = retort_json_load (path, MAX_MANIFEST_BYTES, error);
  if (node == NULL)
    return NULL;
  if (!looks_whole (node)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s is no manifest of a run", path);
    return NULL;
  }
  return g_steal_pointer (&node);
}

RetortStore *
retort_manifest_store (const char *run, GError **error)
{
  g_autofree char *relative = g_build_filename (run, "..", "..", "store", NULL);
  g_autofree char *path = g_canonicalize_filename (relative, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return retort_store_open (path, error);
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_FAILED, "the store of the run is not there: %s", path);
  return NULL;
}

JsonObject *
retort_manifest_cell (JsonNode *manifest, const char *name)
{
  JsonArray *cells = json_object_get_array_member (json_node_get_object (manifest), "cells");

  for (guint i = 0; i < json_array_get_length (cells); i++) {
    JsonObject *cell = json_array_get_object_element (cells, i);
    if (g_strcmp0 (json_object_get_string_member_with_default (cell, "name", NULL), name) == 0)
      return cell;
  }
  return NULL;
}

char *
retort_manifest_file (JsonObject *cell, const RetortStore *store, const char *name, GError **error)
{
  const char *key = json_object_get_string_member_with_default (cell, "key", NULL);

  if (key == NULL || strlen (key) < 2 || !retort_store_has (store, key)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_FAILED, "what '%s' made is %s; run the pipeline again",
                 json_object_get_string_member_with_default (cell, "name", "?"),
                 key == NULL ? "missing: it was not finished" : "no longer in the store");
    return NULL;
  }
  g_autofree char *folder = retort_store_cell_path (store, key);
  return g_build_filename (folder, name, NULL);
}

static gboolean
looks_whole (JsonNode *manifest)
{
  static const char *const lists[] = { "plugins", "cells", "compares", "notes" };

  if (!JSON_NODE_HOLDS_OBJECT (manifest))
    return FALSE;
  JsonObject *object = json_node_get_object (manifest);
  if (g_strcmp0 (json_object_get_string_member_with_default (object, "retort", NULL), "run") != 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    JsonNode *list = json_object_get_member (object, lists[i]);
    if (list == NULL || !JSON_NODE_HOLDS_ARRAY (list))
      return FALSE;
  }
  return TRUE;
}

/* Named by the work: the pipeline's name and the digest of all keys (and of steps that never got one). */
static char *
run_folder (const RetortExecution *execution, const char *out)
{
  g_autoptr (GString) keys = g_string_new (NULL);

  for (guint i = 0; i < execution->plan->cells->len; i++) {
    const RetortCell *cell = execution->plan->cells->pdata[i];
    g_string_append_printf (keys, "%s\t%s\n", cell->name, execution->keys[i] != NULL ? execution->keys[i] : "-");
  }
  g_autofree char *digest = retort_digest_bytes (keys->str, keys->len);
  g_autofree char *name = g_strdup_printf ("%s-%.8s", execution->plan->name, digest);
  g_strdelimit (name, "/", '-'); /* a name is free text, a folder's name is not */
  g_autofree char *relative = g_build_filename (out, "runs", name, NULL);
  return g_canonicalize_filename (relative, NULL);
}

static JsonNode *
describe_run (const RetortExecution *execution)
{
  const RetortPlan *plan = execution->plan;
  JsonObject *run = json_object_new ();
  JsonArray *notes = json_array_new ();
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, plan->seed);
  g_autofree char *pipeline = retort_digest_bytes (plan->filled, strlen (plan->filled));

  json_object_set_string_member (run, "retort", "run");
  json_object_set_int_member (run, "version", 1);
  json_object_set_string_member (run, "name", plan->name);
  if (plan->about != NULL)
    json_object_set_string_member (run, "about", plan->about);
  for (guint i = 0; i < plan->notes->len; i++)
    json_array_add_string_element (notes, plan->notes->pdata[i]);
  json_object_set_string_member (run, "seed", seed);
  json_object_set_int_member (run, "core behaviour", RETORT_CORE_BEHAVIOUR);
  json_object_set_string_member (run, "pipeline", pipeline);
  json_object_set_array_member (run, "plugins", describe_plugins (plan));
  json_object_set_array_member (run, "cells", describe_cells (execution));
  json_object_set_array_member (run, "compares", describe_compares (execution, notes));
  json_object_set_array_member (run, "notes", notes);

  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, run);
  return node;
}

static JsonArray *
describe_cells (const RetortExecution *execution)
{
  JsonArray *cells = json_array_new ();

  for (guint i = 0; i < execution->plan->cells->len; i++) {
    const RetortCell *cell = execution->plan->cells->pdata[i];
    JsonObject *object = json_object_new ();
    JsonArray *inputs = json_array_new ();
    json_object_set_string_member (object, "name", cell->name);
    json_object_set_string_member (object, "step", cell->step);
    json_object_set_string_member (object, "use", cell->use);
    json_object_set_string_member (object, "label", retort_label_names[cell->label]);
    json_object_set_object_member (object, "axes", axes_object (cell));
    add_options (object, cell);
    for (guint k = 0; k < cell->inputs->len; k++) {
      const RetortCellInput *input = &g_array_index (cell->inputs, RetortCellInput, k);
      for (guint m = 0; m < input->from->len; m++)
        json_array_add_string_element (inputs, ((RetortCell *) input->from->pdata[m])->name);
    }
    json_object_set_array_member (object, "inputs", inputs);
    if (cell_is_there (execution, cell)) {
      g_autofree char *digest = retort_store_digest (execution->store, execution->keys[i], NULL);
      json_object_set_string_member (object, "key", execution->keys[i]);
      json_object_set_string_member (object, "digest", digest != NULL ? digest : "");
    } else {
      json_object_set_string_member (object, "missing",
                                     execution->outcomes[i].state == RETORT_STATE_FAILED ? "failed" : "not run");
    }
    json_array_add_object_element (cells, object);
  }
  return cells;
}

/* As the key has them: filled, files by their digest, so the same on every host. */
static void
add_options (JsonObject *object, const RetortCell *cell)
{
  const RetortOptionTable table = retort_verb_table (cell->verb);
  JsonNode *own = cell->options != NULL ? retort_options_key (&table, cell->options, NULL) : NULL;
  JsonNode *plugin = cell->plugin.options != NULL
                         ? retort_options_key (&cell->plugin.loaded->table, cell->plugin.options, NULL)
                         : NULL;

  if (own != NULL)
    json_object_set_member (object, "options", own);
  if (plugin != NULL)
    json_object_set_member (object, "plugin options", plugin);
}

static JsonArray *
describe_compares (const RetortExecution *execution, JsonArray *notes)
{
  JsonArray *compares = json_array_new ();

  for (guint i = 0; i < execution->plan->compares->len; i++) {
    const RetortComparePlan *compare = execution->plan->compares->pdata[i];
    if (!cell_is_there (execution, compare->cell)) {
      g_autofree char *note =
          g_strdup_printf ("The comparison '%s' is missing: none of its rows was finished.", compare->title);
      json_array_add_string_element (notes, note);
      continue;
    }
    JsonObject *object = json_object_new ();
    JsonArray *rows = json_array_new ();
    json_object_set_string_member (object, "title", compare->title);
    json_object_set_string_member (object, "metric", compare->metric);
    json_object_set_string_member (object, "cell", compare->cell->name);
    if (compare->baseline >= 0)
      json_object_set_string_member (object, "baseline", compare->row_labels->pdata[compare->baseline]);
    for (guint k = 0; k < compare->rows->len; k++) {
      const RetortCell *scores = compare->rows->pdata[k], *subject = compare->row_subjects->pdata[k];
      if (!cell_is_there (execution, scores)) {
        g_autofree char *note = g_strdup_printf ("The row '%s' of '%s' is missing: a step that it needs failed.",
                                                 (char *) compare->row_labels->pdata[k], compare->title);
        json_array_add_string_element (notes, note);
        continue;
      }
      JsonObject *row = json_object_new ();
      json_object_set_string_member (row, "label", compare->row_labels->pdata[k]);
      json_object_set_string_member (row, "scores", scores->name);
      json_object_set_string_member (row, "subject", subject->name);
      json_object_set_object_member (row, "axes", axes_object (subject));
      json_array_add_object_element (rows, row);
    }
    json_object_set_array_member (object, "rows", rows);
    json_array_add_object_element (compares, object);
  }
  return compares;
}

static void
add_plugin (GHashTable *seen, JsonArray *plugins, const RetortLoaded *loaded)
{
  if (loaded == NULL || !g_hash_table_add (seen, (gpointer) loaded))
    return;
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "use", loaded->id);
  json_object_set_int_member (object, "behaviour", loaded->plugin->behaviour);
  json_object_set_string_member (object, "version", loaded->plugin->version);
  json_object_set_string_member (object, "licence", loaded->plugin->licence);
  json_object_set_string_member (object, "build", loaded->build_id);
  json_array_add_object_element (plugins, object);
}

static JsonArray *
describe_plugins (const RetortPlan *plan)
{
  JsonArray *plugins = json_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < plan->cells->len; i++) {
    const RetortCell *cell = plan->cells->pdata[i];
    add_plugin (seen, plugins, cell->plugin.loaded);
    add_plugin (seen, plugins, cell->tokenizer.loaded);
  }
  return plugins;
}

static JsonObject *
axes_object (const RetortCell *cell)
{
  JsonObject *axes = json_object_new ();

  for (guint i = 0; i < cell->axes->len; i++) {
    const RetortAxisValue *value = &g_array_index (cell->axes, RetortAxisValue, i);
    json_object_set_string_member (axes, value->axis, value->value);
  }
  return axes;
}

static gboolean
cell_is_there (const RetortExecution *execution, const RetortCell *cell)
{
  RetortState state = execution->outcomes[cell->index].state;
  return state == RETORT_STATE_CACHED || state == RETORT_STATE_DONE;
}

static JsonNode *
describe_timing (const RetortExecution *execution)
{
  JsonObject *timing = json_object_new (), *cells = json_object_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *when = g_date_time_format_iso8601 (now);

  json_object_set_string_member (timing, "finished", when);
  json_object_set_string_member (timing, "host", g_get_host_name ());
  json_object_set_int_member (timing, "processors", g_get_num_processors ());
  json_object_set_double_member (timing, "seconds", execution->seconds);
  for (guint i = 0; i < execution->plan->cells->len; i++) {
    const RetortCell *cell = execution->plan->cells->pdata[i];
    JsonObject *one = json_object_new ();
    json_object_set_string_member (one, "state", retort_state_names[execution->outcomes[i].state]);
    json_object_set_double_member (one, "seconds", execution->outcomes[i].seconds);
    json_object_set_object_member (cells, cell->name, one);
  }
  json_object_set_object_member (timing, "cells", cells);

  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, timing);
  return node;
}

static gboolean
write_json (const char *folder, const char *name, JsonNode *node, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = retort_json_pretty (node);
  return retort_file_write (path, text, -1, error);
}
