/* results - see results.h. */
#include "pipeline/results.h"

#include "base/util.h"
#include "experiment/table.h"
#include "pipeline/verb.h"
#include <retort/json.h>

static RetortComparison *load_comparison (JsonNode *manifest, RetortStore *store, JsonObject *compare, GError **error);
static char **axes_of (JsonObject *object);
static gboolean write_tables (const char *run, GPtrArray *comparisons, GError **error);
static gboolean write_file (const char *run, const char *name, const char *text, GError **error);

gboolean
retort_results_write (const char *run, RetortLevel level, GError **error)
{
  g_autoptr (JsonNode) manifest = retort_manifest_load (run, error);
  g_autoptr (RetortStore) store = manifest != NULL ? retort_manifest_store (run, error) : NULL;
  g_autoptr (GPtrArray) comparisons = store != NULL ? retort_results_comparisons (manifest, store, error) : NULL;

  return comparisons != NULL && write_tables (run, comparisons, error);
}

GPtrArray *
retort_results_comparisons (JsonNode *manifest, RetortStore *store, GError **error)
{
  JsonArray *compares = json_object_get_array_member (json_node_get_object (manifest), "compares");
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) retort_comparison_free);

  for (guint i = 0; i < json_array_get_length (compares); i++) {
    RetortComparison *comparison =
        load_comparison (manifest, store, json_array_get_object_element (compares, i), error);
    if (comparison == NULL)
      return NULL;
    g_ptr_array_add (list, comparison);
  }
  return g_steal_pointer (&list);
}

/* What the cell computed does not depend on titles and axes; they are put in here. */
static RetortComparison *
load_comparison (JsonNode *manifest, RetortStore *store, JsonObject *compare, GError **error)
{
  JsonObject *cell = retort_manifest_cell (manifest, json_object_get_string_member (compare, "cell"));
  JsonArray *rows = json_object_get_array_member (compare, "rows");

  if (cell == NULL || !json_object_has_member (cell, "key")) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_FAILED, "the manifest names a comparison that it does not have");
    return NULL;
  }
  g_autofree char *folder = retort_store_cell_path (store, json_object_get_string_member (cell, "key"));
  g_autofree char *path = g_build_filename (folder, retort_artifact_files[RETORT_ARTIFACT_COMPARISON], NULL);
  RetortComparison *comparison = retort_comparison_load (path, error);
  if (comparison == NULL)
    return NULL;

  g_free (comparison->title);
  comparison->title = g_strdup (json_object_get_string_member (compare, "title"));
  for (guint i = 0; i < comparison->rows->len && i < json_array_get_length (rows); i++) {
    RetortComparisonRow *row = comparison->rows->pdata[i];
    g_strfreev (row->axes);
    row->axes = axes_of (json_object_get_object_member (json_array_get_object_element (rows, i), "axes"));
  }
  return comparison;
}

/* name, value, ..., NULL */
static char **
axes_of (JsonObject *object)
{
  g_autoptr (GList) names = json_object_get_members (object);
  GPtrArray *axes = g_ptr_array_new ();

  for (GList *item = names; item != NULL; item = item->next) {
    g_ptr_array_add (axes, g_strdup (item->data));
    g_ptr_array_add (axes, g_strdup (json_object_get_string_member (object, item->data)));
  }
  g_ptr_array_add (axes, NULL);
  return (char **) g_ptr_array_free (axes, FALSE);
}

static gboolean
write_tables (const char *run, GPtrArray *comparisons, GError **error)
{
  static const struct { const char *name; RetortTableStyle style; const char *between; } files[] = {
    { "tables.txt", { .format = RETORT_TABLE_TEXT }, "\n" },
    { "tables.md", { .format = RETORT_TABLE_MARKDOWN, .details = TRUE }, "\n" },
    { "tables.csv", { .format = RETORT_TABLE_CSV, .details = TRUE }, "\n" },
  };
  g_autoptr (GString) json = g_string_new ("[");

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GString) all = g_string_new (NULL);
    for (guint k = 0; k < comparisons->len; k++) {
      g_autofree char *one = retort_table (comparisons->pdata[k], &files[i].style);
      g_string_append_printf (all, "%s%s", k > 0 ? files[i].between : "", one);
    }
    if (!write_file (run, files[i].name, all->str, error))
      return FALSE;
  }
  for (guint k = 0; k < comparisons->len; k++) {
    g_autofree char *one = retort_comparison_to_json (comparisons->pdata[k]);
    g_string_append_printf (json, "%s\n%s", k > 0 ? "," : "", g_strchomp (one));
  }
  g_string_append (json, "\n]\n");
  return write_file (run, "comparisons.json", json->str, error);
}

static gboolean
write_file (const char *run, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (run, name, NULL);
  return retort_file_write (path, text, -1, error);
}
