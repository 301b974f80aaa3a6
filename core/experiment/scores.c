/* scores - counts per document, and their file.
 *
 * {"retort":"scores","version":1,"evaluator":"evaluator/spans",
 *  "metrics":[{"name":"strict.micro.f1","label":null,"value":0.5,"support":2,"tp":1,"fp":1,"fn":1},...],
 *  "columns":["strict.tp",...],
 *  "documents":[{"id":"d1","counts":[[0,1],[3,2]]},...]}
 * where a pair of counts is [column, count]; columns that are 0 are left out. */
#include "experiment/scores.h"
#include "base/limit.h"
#include "base/util.h"
#include "experiment/fields.h"
#include <retort/json.h>
#include <string.h>

static void
score_free (gpointer data)
{
  RetortScore *score = data;

  g_free (score->name);
  g_free (score->label);
  g_free (score);
}

static RetortScores *
scores_new (const char *evaluator)
{
  RetortScores *scores = g_new0 (RetortScores, 1);

  scores->evaluator = g_strdup (evaluator);
  scores->columns = g_ptr_array_new_with_free_func (g_free);
  scores->scores = g_ptr_array_new_with_free_func (score_free);
  scores->ids = g_ptr_array_new_with_free_func (g_free);
  scores->counts = g_array_new (FALSE, TRUE, sizeof (gint64));
  scores->known = g_hash_table_new (g_str_hash, g_str_equal);
  return scores;
}

/* --- the evaluator --- */

static gboolean
column_is_good (const RetortMeasures *measures, gint column)
{
  return column >= -1 && column < (gint) measures->n_columns;
}

static gboolean
metric_is_good (const RetortMeasures *measures, const RetortMetric *metric)
{
  if (!metric->name || !column_is_good (measures, metric->support_column) || !column_is_good (measures, metric->tp) ||
      !column_is_good (measures, metric->fp) || !column_is_good (measures, metric->fn))
    return FALSE;
  for (guint i = 0; metric->needs && i < metric->n_needs; i++)
    if (metric->needs[i] >= measures->n_columns)
      return FALSE;
  return TRUE;
}

gboolean
retort_meter_init (RetortMeter *meter, const RetortEvaluatorRole *role, void *self, const RetortTask *task,
                   GError **error)
{
  g_autoptr(GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  const RetortMeasures *measures = role->prepare (self, task, error);

  if (!measures)
    return FALSE;
  gboolean good = measures->n_metrics > 0 && measures->n_columns > 0;
  for (guint i = 0; good && i < measures->n_metrics; i++)
    good = metric_is_good (measures, &measures->metrics[i]) &&
           g_hash_table_add (names, (gpointer) measures->metrics[i].name);
  if (!good) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN,
                 "the evaluator names no metrics, a metric twice, or a column that it does not have");
    return FALSE;
  }
  *meter = (RetortMeter) { role, self, measures };
  return TRUE;
}

gint
retort_meter_metric (const RetortMeter *meter, const char *name, GError **error)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new ();

  if (!name)
    return 0;
  for (guint i = 0; i < meter->measures->n_metrics; i++) {
    if (g_str_equal (meter->measures->metrics[i].name, name))
      return i;
    g_ptr_array_add (names, (gpointer) meter->measures->metrics[i].name);
  }
  g_ptr_array_add (names, NULL);
  const char *meant = retort_suggest (name, (const char *const *) names->pdata);
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the evaluator has no metric '%s'%s%s%s", name,
               meant ? "; did you mean '" : ", but ", meant ? meant : (const char *) names->pdata[0],
               meant ? "'?" : " and others");
  return -1;
}

/* --- counting --- */

RetortScores *
retort_scores_new (const char *evaluator, const RetortMeter *meter)
{
  RetortScores *scores = scores_new (evaluator);

  for (guint c = 0; c < meter->measures->n_columns; c++)
    g_ptr_array_add (scores->columns, g_strdup (meter->measures->columns[c]));
  return scores;
}

void
retort_scores_free (RetortScores *scores)
{
  if (!scores)
    return;
  g_free (scores->evaluator);
  g_ptr_array_unref (scores->columns);
  g_ptr_array_unref (scores->scores);
  g_hash_table_unref (scores->known);
  g_ptr_array_unref (scores->ids);
  g_array_unref (scores->counts);
  g_free (scores);
}

gboolean
retort_scores_add_document (RetortScores *scores, const char *id, const gint64 *counts, GError **error)
{
  if (g_hash_table_contains (scores->known, id)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "document '%s' is scored twice", id);
    return FALSE;
  }
  for (guint c = 0; c < scores->columns->len; c++)
    if (counts[c] < 0) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "document '%s': %s counted %" G_GINT64_FORMAT " in '%s'",
                   id, scores->evaluator, counts[c], (const char *) scores->columns->pdata[c]);
      return FALSE;
    }

  char *copy = g_strdup (id);
  g_ptr_array_add (scores->ids, copy);
  g_hash_table_add (scores->known, copy);
  g_array_append_vals (scores->counts, counts, scores->columns->len);
  return TRUE;
}

gboolean
retort_scores_add_pairs (RetortScores *scores, const RetortMeter *meter, RetortPairs *pairs, RetortContext *context,
                         GError **error)
{
  const RetortDocument *gold, *predicted;
  g_autofree gint64 *counts = g_new (gint64, scores->columns->len);
  g_autoptr(GError) failure = NULL;

  while (retort_pairs_next (pairs, &gold, &predicted, &failure)) {
    retort_context_at (context, gold);
    memset (counts, 0, scores->columns->len * sizeof *counts);
    if (!meter->role->count (meter->self, gold, predicted, counts, error) ||
        !retort_scores_add_document (scores, retort_document_id (gold), counts, error))
      return FALSE;
    retort_context_progress (context, scores->ids->len, 0, "documents");
    if (retort_context_cancelled (context)) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_CANCELLED, "stopped");
      return FALSE;
    }
  }
  if (failure) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  if (retort_pairs_n_missing (pairs) > 0)
    retort_context_warn (context, "%u of %u documents have no prediction; they count as nothing predicted",
                         retort_pairs_n_missing (pairs), scores->ids->len);
  if (retort_pairs_n_extra (pairs) > 0)
    retort_context_warn (context, "%u predicted documents are not in the gold corpus; they are left out",
                         retort_pairs_n_extra (pairs));
  return TRUE;
}

void
retort_scores_finish (RetortScores *scores, const RetortMeter *meter)
{
  const RetortMeasures *measures = meter->measures;
  const guint n_columns = scores->columns->len;
  g_autofree gint64 *sums = g_new0 (gint64, n_columns);
  g_autofree double *real_sums = g_new0 (double, n_columns), *values = g_new (double, measures->n_metrics);

  for (guint i = 0; i < scores->counts->len; i++)
    sums[i % n_columns] += g_array_index (scores->counts, gint64, i);
  for (guint c = 0; c < n_columns; c++)
    real_sums[c] = (double) sums[c];
  meter->role->measure (meter->self, real_sums, values);

  g_ptr_array_set_size (scores->scores, 0);
  for (guint i = 0; i < measures->n_metrics; i++) {
    const RetortMetric *metric = &measures->metrics[i];
    RetortScore *score = g_new0 (RetortScore, 1);
    score->name = g_strdup (metric->name);
    score->label = g_strdup (metric->label);
    score->value = values[i];
    score->support = metric->support_column < 0 ? -1 : sums[metric->support_column];
    score->tp = metric->tp < 0 ? -1 : sums[metric->tp];
    score->fp = metric->fp < 0 ? -1 : sums[metric->fp];
    score->fn = metric->fn < 0 ? -1 : sums[metric->fn];
    g_ptr_array_add (scores->scores, score);
  }
}

const RetortScore *
retort_scores_find (const RetortScores *scores, const char *name)
{
  for (guint i = 0; i < scores->scores->len; i++) {
    const RetortScore *score = scores->scores->pdata[i];
    if (g_str_equal (score->name, name))
      return score;
  }
  return NULL;
}

gboolean
retort_scores_check (const RetortScores *scores, const RetortMeter *meter, GError **error)
{
  gboolean same = scores->columns->len == meter->measures->n_columns;

  for (guint c = 0; same && c < scores->columns->len; c++)
    same = g_str_equal (scores->columns->pdata[c], meter->measures->columns[c]);
  if (!same)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA,
                 "the scores of %s were counted for another task or with other options", scores->evaluator);
  return same;
}

/* --- the file: writing --- */

static void
append_count (GString *out, const char *key, gint64 count)
{
  if (count < 0)
    g_string_append_printf (out, ",\"%s\":null", key);
  else
    g_string_append_printf (out, ",\"%s\":%" G_GINT64_FORMAT, key, count);
}

static void
append_score (GString *out, const RetortScore *score)
{
  g_string_append (out, "{\"name\":");
  retort_json_append_string (out, score->name, -1);
  g_string_append (out, ",\"label\":");
  if (score->label)
    retort_json_append_string (out, score->label, -1);
  else
    g_string_append (out, "null");
  g_string_append (out, ",\"value\":");
  retort_json_append_number (out, score->value);
  append_count (out, "support", score->support);
  append_count (out, "tp", score->tp);
  append_count (out, "fp", score->fp);
  append_count (out, "fn", score->fn);
  g_string_append_c (out, '}');
}

static void
append_document (GString *out, const RetortScores *scores, guint d)
{
  const guint n_columns = scores->columns->len;
  gboolean first = TRUE;

  g_string_append (out, "{\"id\":");
  retort_json_append_string (out, scores->ids->pdata[d], -1);
  g_string_append (out, ",\"counts\":[");
  for (guint c = 0; c < n_columns; c++) {
    const gint64 count = g_array_index (scores->counts, gint64, (gsize) d * n_columns + c);
    if (count == 0)
      continue;
    g_string_append_printf (out, "%s[%u,%" G_GINT64_FORMAT "]", first ? "" : ",", c, count);
    first = FALSE;
  }
  g_string_append (out, "]}");
}

char *
retort_scores_to_json (const RetortScores *scores)
{
  GString *out = g_string_new ("{\"retort\":\"scores\",\"version\":1,\"evaluator\":");

  retort_json_append_string (out, scores->evaluator, -1);
  g_string_append (out, ",\n\"metrics\":[");
  for (guint i = 0; i < scores->scores->len; i++) {
    g_string_append (out, i ? ",\n" : "\n");
    append_score (out, scores->scores->pdata[i]);
  }
  g_string_append (out, "],\n\"columns\":[");
  for (guint c = 0; c < scores->columns->len; c++) {
    g_string_append (out, c ? "," : "");
    retort_json_append_string (out, scores->columns->pdata[c], -1);
  }
  g_string_append (out, "],\n\"documents\":[");
  for (guint d = 0; d < scores->ids->len; d++) {
    g_string_append (out, d ? ",\n" : "\n");
    append_document (out, scores, d);
  }
  g_string_append (out, "]}\n");
  return g_string_free (out, FALSE);
}

gboolean
retort_scores_write (const RetortScores *scores, const char *path, GError **error)
{
  g_autofree char *text = retort_scores_to_json (scores);

  return retort_file_write (path, text, -1, error);
}

/* --- the file: reading --- */

static gboolean
read_score (RetortScores *scores, JsonNode *node, const char *where, GError **error)
{
  static const char *const keys[] = { "name", "label", "value", "support", "tp", "fp", "fn", NULL };
  JsonObject *object = retort_fields_object (node, where, keys, error);
  const char *name, *label = NULL;
  RetortScore read;

  if (!object || !retort_fields_string (object, where, "name", &name, error))
    return FALSE;
  if (!(json_object_has_member (object, "label") && json_object_get_null_member (object, "label")) &&
      !retort_fields_string (object, where, "label", &label, error))
    return FALSE;
  if (!retort_fields_number (object, where, "value", &read.value, error) ||
      !retort_fields_count (object, where, "support", &read.support, error) ||
      !retort_fields_count (object, where, "tp", &read.tp, error) ||
      !retort_fields_count (object, where, "fp", &read.fp, error) ||
      !retort_fields_count (object, where, "fn", &read.fn, error))
    return FALSE;
  if (retort_scores_find (scores, name)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: metric '%s' stands twice", where, name);
    return FALSE;
  }
  read.name = g_strdup (name);
  read.label = g_strdup (label);
  g_ptr_array_add (scores->scores, g_memdup2 (&read, sizeof read));
  return TRUE;
}

/* A pair [column, count] with a column after `*after`. */
static gboolean
read_cell (const RetortScores *scores, JsonNode *node, gint64 *after, gint64 *counts)
{
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;

  JsonArray *pair = json_node_get_array (node);
  if (json_array_get_length (pair) != 2)
    return FALSE;
  JsonNode *column = json_array_get_element (pair, 0), *count = json_array_get_element (pair, 1);
  if (json_node_get_value_type (column) != G_TYPE_INT64 || json_node_get_value_type (count) != G_TYPE_INT64)
    return FALSE;
  const gint64 at = json_node_get_int (column), value = json_node_get_int (count);
  if (at <= *after || at >= scores->columns->len || value <= 0)
    return FALSE;
  counts[at] = value;
  *after = at;
  return TRUE;
}

static gboolean
read_document (RetortScores *scores, JsonNode *node, const char *where, GError **error)
{
  static const char *const keys[] = { "id", "counts", NULL };
  JsonObject *object = retort_fields_object (node, where, keys, error);
  g_autofree gint64 *counts = g_new0 (gint64, scores->columns->len + 1);
  const char *id;
  JsonArray *cells;
  gint64 after = -1;

  if (!object || !retort_fields_string (object, where, "id", &id, error) ||
      !retort_fields_array (object, where, "counts", &cells, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (cells); i++)
    if (!read_cell (scores, json_array_get_element (cells, i), &after, counts)) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA,
                   "%s: counts[%u] must be [column, count], columns rising, counts above 0", where, i);
      return FALSE;
    }
  return retort_scores_add_document (scores, id, counts, error);
}

static gboolean
read_column (RetortScores *scores, JsonNode *node, const char *where, GError **error)
{
  if (json_node_get_value_type (node) != G_TYPE_STRING) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: must be a string", where);
    return FALSE;
  }
  g_ptr_array_add (scores->columns, json_node_dup_string (node));
  return TRUE;
}

typedef gboolean (*ReadItem) (RetortScores *scores, JsonNode *node, const char *where, GError **error);

static gboolean
read_list (RetortScores *scores, JsonObject *object, const char *key, ReadItem read, GError **error)
{
  JsonArray *array;

  if (!retort_fields_array (object, "scores", key, &array, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++) {
    g_autofree char *where = g_strdup_printf ("%s[%u]", key, i);
    if (!read (scores, json_array_get_element (array, i), where, error))
      return FALSE;
  }
  return TRUE;
}

static RetortScores *
scores_from_node (JsonNode *node, GError **error)
{
  static const char *const keys[] = { "retort", "version", "evaluator", "metrics", "columns", "documents", NULL };
  JsonObject *object = retort_fields_object (node, "scores", keys, error);
  const char *kind, *evaluator;
  gint64 version;

  if (!object || !retort_fields_string (object, "scores", "retort", &kind, error) ||
      !retort_fields_int (object, "scores", "version", 1, 1, &version, error) ||
      !retort_fields_string (object, "scores", "evaluator", &evaluator, error))
    return NULL;
  if (!g_str_equal (kind, "scores")) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "this is a file of '%s', not of scores", kind);
    return NULL;
  }

  g_autoptr(RetortScores) scores = scores_new (evaluator);
  if (!read_list (scores, object, "metrics", read_score, error) ||
      !read_list (scores, object, "columns", read_column, error) ||
      !read_list (scores, object, "documents", read_document, error))
    return NULL;
  return g_steal_pointer (&scores);
}

RetortScores *
retort_scores_load (const char *path, GError **error)
{
  g_autoptr(JsonNode) node = retort_json_load (path, RETORT_LIMIT_JSON_BYTES, error);

  if (!node)
    return NULL;
  RetortScores *scores = scores_from_node (node, error);
  if (!scores)
    g_prefix_error (error, "%s: ", path);
  return scores;
}
