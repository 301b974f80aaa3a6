/* results - see results.h. */
#include "pipeline/results.h"

#include "base/util.h"
#include "experiment/page.h"
#include "experiment/table.h"
#include "pipeline/run.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <retort/json.h>
#include <unistd.h>

/* Of each kind of error, so many are shown. */
#define ERROR_EXAMPLES 10
#define MAX_LEDGER_BYTES (64 << 20)

static char *compare_file (JsonNode *manifest, RetortStore *store, JsonObject *compare, const char *name,
                           GError **error);
static char *tell_finding (const RetortComparison *finding);
static RetortComparison *load_comparison (JsonNode *manifest, RetortStore *store, JsonObject *compare, GError **error);
static char **axes_of (JsonObject *object);
static void suppress (GPtrArray *comparisons);
static gboolean write_tables (const char *folder, GPtrArray *comparisons, GPtrArray *words, GError **error);
static gboolean write_page (const char *run, const char *folder, JsonNode *manifest, RetortStore *store, GPtrArray *comparisons,
                            GPtrArray *words, RetortPageLevel level, GError **error);
static gboolean write_file (const char *folder, const char *name, const char *text, GError **error);

gboolean
retort_results_write (const char *run, RetortPageLevel level, GError **error)
{
  g_autoptr (JsonNode) manifest = retort_manifest_load (run, error);
  g_autoptr (RetortStore) store = manifest != NULL ? retort_manifest_store (run, error) : NULL;
  g_autoptr (GPtrArray) comparisons = store != NULL ? retort_results_comparisons (manifest, store, error) : NULL;
  g_autoptr (GPtrArray) words = comparisons != NULL ? retort_results_words (manifest, store, error) : NULL;

  if (words == NULL)
    return FALSE;
  g_autofree char *folder = level == RETORT_PAGE_FULL ? g_strdup (run) : g_build_filename (run, "aggregate", NULL);
  if (level == RETORT_PAGE_AGGREGATE)
    suppress (comparisons);
  if (g_mkdir_with_parents (folder, 0777) != 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot make %s: %s", folder, g_strerror (errno));
    return FALSE;
  }
  const int lock = retort_manifest_lock (run);
  const gboolean done = write_tables (folder, comparisons, words, error) &&
                        write_page (run, folder, manifest, store, comparisons, words, level, error);
  if (lock >= 0)
    close (lock);
  return done;
}

/* Small counts leave the tables too, not only the page. */
static void
suppress (GPtrArray *comparisons)
{
  for (guint i = 0; i < comparisons->len; i++) {
    RetortComparison *whole = comparisons->pdata[i];
    comparisons->pdata[i] = retort_comparison_suppress (whole);
    retort_comparison_free (whole);
  }
}

GPtrArray *
retort_results_words (JsonNode *manifest, RetortStore *store, GError **error)
{
  JsonArray *compares = json_object_get_array_member (json_node_get_object (manifest), "compares");
  JsonArray *notes = json_object_get_array_member (json_node_get_object (manifest), "notes");
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < json_array_get_length (notes); i++)
    g_ptr_array_add (words, g_strdup (json_array_get_string_element (notes, i)));

  for (guint i = 0; i < json_array_get_length (compares); i++) {
    g_autofree char *path = compare_file (manifest, store, json_array_get_object_element (compares, i),
                                          RETORT_FINDINGS_FILE, error);
    g_autoptr (JsonNode) node = path != NULL ? retort_json_load (path, MAX_LEDGER_BYTES, error) : NULL;
    if (node == NULL)
      return NULL;
    JsonArray *list = json_node_get_array (node);
    for (guint k = 0; k < json_array_get_length (list); k++) {
      g_autofree char *text = retort_json_canonical (json_array_get_element (list, k));
      g_autoptr (RetortComparison) finding = retort_comparison_parse (text, strlen (text), error);
      if (finding == NULL)
        return NULL;
      g_ptr_array_add (words, tell_finding (finding));
    }
  }
  return g_steal_pointer (&words);
}

/* Row 0 is the one that was worse elsewhere. */
static char *
tell_finding (const RetortComparison *finding)
{
  const RetortComparisonRow *row = finding->rows->pdata[1];
  gboolean shown = row->p_holm < RETORT_COMPARISON_ALPHA;
  const char *outcome = !shown               ? "Not shown here"
                        : row->difference > 0 ? "It holds here"
                                              : "Here it is the other way round";
  return g_strdup_printf ("Found elsewhere: %s. %s: %s.", finding->title, outcome, row->verdict);
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

/* Path of a file of the cell that computed the comparison. */
static char *
compare_file (JsonNode *manifest, RetortStore *store, JsonObject *compare, const char *name, GError **error)
{
  JsonObject *cell = retort_manifest_cell (manifest, json_object_get_string_member (compare, "cell"));

  if (cell != NULL)
    return retort_manifest_file (cell, store, name, error);
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_FAILED, "the manifest names a comparison that it does not have");
  return NULL;
}

/* What the cell computed does not depend on titles and axes; they are put in here. */
static RetortComparison *
load_comparison (JsonNode *manifest, RetortStore *store, JsonObject *compare, GError **error)
{
  JsonArray *rows = json_object_get_array_member (compare, "rows");
  g_autofree char *path =
      compare_file (manifest, store, compare, retort_artifact_files[RETORT_ARTIFACT_COMPARISON], error);
  RetortComparison *comparison = path != NULL ? retort_comparison_load (path, error) : NULL;
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
write_tables (const char *folder, GPtrArray *comparisons, GPtrArray *words, GError **error)
{
  static const struct { const char *name; RetortTableStyle style; const char *bullet; } files[] = {
    { "tables.txt", { .format = RETORT_TABLE_TEXT }, "" },
    { "tables.md", { .format = RETORT_TABLE_MARKDOWN, .details = TRUE }, "* " },
    { "tables.csv", { .format = RETORT_TABLE_CSV, .details = TRUE }, NULL }, /* no words */
  };
  g_autoptr (GString) json = g_string_new ("[");

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GString) all = g_string_new (NULL);
    for (guint k = 0; k < comparisons->len; k++) {
      g_autofree char *one = retort_table (comparisons->pdata[k], &files[i].style);
      g_string_append_printf (all, "%s%s", k > 0 ? "\n" : "", one);
    }
    for (guint k = 0; files[i].bullet != NULL && k < words->len; k++)
      g_string_append_printf (all, "\n%s%s\n", files[i].bullet, (char *) words->pdata[k]);
    if (!write_file (folder, files[i].name, all->str, error))
      return FALSE;
  }
  for (guint k = 0; k < comparisons->len; k++) {
    g_autofree char *one = retort_comparison_to_json (comparisons->pdata[k]);
    g_string_append_printf (json, "%s\n%s", k > 0 ? "," : "", g_strchomp (one));
  }
  g_string_append (json, "\n]\n");
  return write_file (folder, "comparisons.json", json->str, error);
}

/* --- the page --- */

/* What the page borrows while it is written. */
typedef struct {
  GPtrArray *strings;  /* of char * */
  GPtrArray *nodes;    /* of JsonNode */
  GPtrArray *analyses; /* of RetortErrorAnalysis */
  GArray *errors;      /* of RetortPageErrors */
  GArray *cells;       /* of RetortPageCell */
  GArray *labels;      /* of RetortPageFact */
  GArray *facts;       /* of RetortPageFact */
} Page;

static gboolean add_errors (Page *page, JsonNode *manifest, RetortStore *store, JsonObject *compare, GError **error);
static gboolean add_cell (Page *page, RetortStore *store, JsonObject *cell, GError **error);
static void add_facts (Page *page, JsonObject *manifest);
static void free_page (Page *page);

static gboolean
write_page (const char *run, const char *folder, JsonNode *node, RetortStore *store, GPtrArray *comparisons, GPtrArray *words,
            RetortPageLevel level, GError **error)
{
  JsonObject *manifest = json_node_get_object (node);
  JsonArray *compares = json_object_get_array_member (manifest, "compares");
  JsonArray *cells = json_object_get_array_member (manifest, "cells");
  g_autofree char *pipeline_path = g_build_filename (run, "pipeline.yaml", NULL);
  g_autofree char *pipeline = NULL;
  g_autoptr (GPtrArray) note_texts = g_ptr_array_new ();
  Page page = {
    .strings = g_ptr_array_new_with_free_func (g_free),
    .nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref),
    .analyses = g_ptr_array_new_with_free_func ((GDestroyNotify) retort_error_analysis_free),
    .errors = g_array_new (FALSE, FALSE, sizeof (RetortPageErrors)),
    .cells = g_array_new (FALSE, FALSE, sizeof (RetortPageCell)),
    .labels = g_array_new (FALSE, FALSE, sizeof (RetortPageFact)),
    .facts = g_array_new (FALSE, FALSE, sizeof (RetortPageFact)),
  };
  gboolean done = g_file_get_contents (pipeline_path, &pipeline, NULL, error);

  for (guint i = 0; done && i < json_array_get_length (compares); i++)
    done = add_errors (&page, node, store, json_array_get_object_element (compares, i), error);
  for (guint i = 0; done && i < json_array_get_length (cells); i++)
    done = add_cell (&page, store, json_array_get_object_element (cells, i), error);
  for (guint i = 0; i < words->len; i++)
    g_ptr_array_add (note_texts, words->pdata[i]);
  g_ptr_array_add (note_texts, NULL);
  add_facts (&page, manifest);

  if (done) {
    const RetortPageData data = {
      .title = json_object_get_string_member (manifest, "name"),
      .about = json_object_get_string_member_with_default (manifest, "about", NULL),
      .notes = (const char *const *) note_texts->pdata,
      .comparisons = (const RetortComparison *const *) comparisons->pdata, .n_comparisons = comparisons->len,
      .errors = (RetortPageErrors *) page.errors->data, .n_errors = page.errors->len,
      .cells = (RetortPageCell *) page.cells->data, .n_cells = page.cells->len,
      .labels = (RetortPageFact *) page.labels->data, .n_labels = page.labels->len,
      .facts = (RetortPageFact *) page.facts->data, .n_facts = page.facts->len,
      .pipeline = level == RETORT_PAGE_FULL ? pipeline : NULL, /* options may quote texts */
      .level = level,
    };
    g_autofree char *html = retort_page (&data);
    done = write_file (folder, "report.html", html, error);
  }
  free_page (&page);
  return done;
}

/* Gold against what is predicted, for each row; a subject of several comparisons is looked at once. */
static gboolean
add_errors (Page *page, JsonNode *manifest, RetortStore *store, JsonObject *compare, GError **error)
{
  JsonArray *rows = json_object_get_array_member (compare, "rows");

  for (guint i = 0; i < json_array_get_length (rows); i++) {
    JsonObject *row = json_array_get_object_element (rows, i);
    const char *label = json_object_get_string_member (row, "label");
    const char *subject_name = json_object_get_string_member (row, "subject");
    JsonObject *scores = retort_manifest_cell (manifest, json_object_get_string_member (row, "scores"));
    JsonObject *subject = retort_manifest_cell (manifest, subject_name);
    JsonArray *inputs = json_object_get_array_member (scores, "inputs");
    JsonObject *gold = retort_manifest_cell (manifest, json_array_get_string_element (inputs, 0));
    g_autofree char *name = g_strdup_printf ("%s (%s)", label, subject_name);
    gboolean seen = FALSE;

    for (guint k = 0; k < page->errors->len; k++)
      seen = seen || g_str_equal (g_array_index (page->errors, RetortPageErrors, k).row, name);
    if (seen || gold == NULL || subject == NULL)
      continue;
    const char *file = retort_artifact_files[RETORT_ARTIFACT_CORPUS];
    g_autofree char *gold_path = retort_manifest_file (gold, store, file, error);
    g_autofree char *predicted_path = gold_path != NULL ? retort_manifest_file (subject, store, file, error) : NULL;
    g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
    g_autoptr (RetortPairs) pairs =
        predicted_path != NULL ? retort_pairs_open (gold_path, predicted_path, diagnostics, error) : NULL;
    RetortErrorAnalysis *analysis = retort_error_analysis_new (ERROR_EXAMPLES);
    g_ptr_array_add (page->analyses, analysis);
    if (pairs == NULL || !retort_error_analysis_add_pairs (analysis, pairs, NULL, error))
      return FALSE;
    RetortPageErrors errors = { name, analysis };
    g_array_append_val (page->errors, errors);
    g_ptr_array_add (page->strings, g_steal_pointer (&name));
  }
  return TRUE;
}

/* Its counters and warnings, its ledger if it read answers, and its privacy label. */
static gboolean
add_cell (Page *page, RetortStore *store, JsonObject *cell, GError **error)
{
  const char *name = json_object_get_string_member (cell, "name");
  RetortPageFact label = { name, json_object_get_string_member (cell, "label") };

  g_array_append_val (page->labels, label);
  if (!json_object_has_member (cell, "key"))
    return TRUE;
  const char *key = json_object_get_string_member (cell, "key");
  g_autofree char *ledger_path = retort_manifest_file (cell, store, "ledger.json", error);
  g_autoptr (JsonNode) result = ledger_path != NULL ? retort_store_result (store, key, error) : NULL;
  if (result == NULL)
    return FALSE;
  RetortPageCell entry = { .cell = name };
  entry.notes = json_node_copy (json_object_get_member (json_node_get_object (result), "notes"));
  g_ptr_array_add (page->nodes, entry.notes);
  if (g_file_test (ledger_path, G_FILE_TEST_EXISTS)) {
    entry.ledger = retort_json_load (ledger_path, MAX_LEDGER_BYTES, error);
    if (entry.ledger == NULL)
      return FALSE;
    g_ptr_array_add (page->nodes, entry.ledger);
  }
  g_array_append_val (page->cells, entry);
  return TRUE;
}

static void
add_fact (Page *page, char *name, char *value)
{
  RetortPageFact fact = { name, value };

  g_array_append_val (page->facts, fact);
  g_ptr_array_add (page->strings, name);
  g_ptr_array_add (page->strings, value);
}

/* No times: the page of the same work is the same page. */
static void
add_facts (Page *page, JsonObject *manifest)
{
  JsonArray *plugins = json_object_get_array_member (manifest, "plugins");
  JsonArray *cells = json_object_get_array_member (manifest, "cells");

  add_fact (page, g_strdup ("seed"), g_strdup (json_object_get_string_member (manifest, "seed")));
  add_fact (page, g_strdup ("pipeline"), g_strdup_printf ("sha-256 %s", json_object_get_string_member (manifest, "pipeline")));
  add_fact (page, g_strdup ("core"),
            g_strdup_printf ("behaviour %d", (int) json_object_get_int_member (manifest, "core behaviour")));
  for (guint i = 0; i < json_array_get_length (plugins); i++) {
    JsonObject *plugin = json_array_get_object_element (plugins, i);
    add_fact (page, g_strdup (json_object_get_string_member (plugin, "use")),
              g_strdup_printf ("version %s, behaviour %d, build %s", json_object_get_string_member (plugin, "version"),
                               (int) json_object_get_int_member (plugin, "behaviour"),
                               json_object_get_string_member (plugin, "build")));
  }
  for (guint i = 0; i < json_array_get_length (cells); i++) {
    JsonObject *cell = json_array_get_object_element (cells, i);
    if (json_object_has_member (cell, "digest"))
      add_fact (page, g_strdup (json_object_get_string_member (cell, "name")),
                g_strdup_printf ("sha-256 %s", json_object_get_string_member (cell, "digest")));
  }
}

static void
free_page (Page *page)
{
  g_ptr_array_unref (page->strings);
  g_ptr_array_unref (page->nodes);
  g_ptr_array_unref (page->analyses);
  g_array_unref (page->errors);
  g_array_unref (page->cells);
  g_array_unref (page->labels);
  g_array_unref (page->facts);
}

static gboolean
write_file (const char *folder, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return retort_file_write (path, text, -1, error);
}
