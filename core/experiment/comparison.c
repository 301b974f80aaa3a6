/* comparison - values, differences, verdicts. */
#include "experiment/comparison.h"
#include "base/limit.h"
#include "base/util.h"
#include "experiment/fields.h"
#include <math.h>
#include <retort/json.h>
#include <string.h>

#define LEVEL 0.95
#define FEW_DOCUMENTS 30
#define FEW "<5"

/* One metric of an evaluator, as a statistic. */
typedef struct {
  const RetortMeter *meter;
  guint metric;
  double *values; /* [n_metrics] work */
} Statistic;

static gboolean check_inputs (const RetortMeter *meter, const RetortComparisonInput *inputs, guint n_inputs,
                              const char *baseline, gint *baseline_at, GError **error);
static gint64 *aligned_counts (const RetortScores *scores, const RetortScores *reference, const char *label,
                               GError **error);
static RetortComparisonRow *row_new (const RetortMeter *meter, const RetortComparisonInput *input, guint metric);
static gboolean compute (RetortComparison *comparison, const RetortMeter *meter, guint metric, gint baseline,
                         const gint64 *const *counts, GError **error);
static void write_verdicts (RetortComparison *comparison);
static void add_caveats (RetortComparison *comparison);

/* "f1" of "strict.micro.f1". */
static const char *
last_part (const char *name)
{
  const char *dot = strrchr (name, '.');

  return dot ? dot + 1 : name;
}

static void
label_score_free (gpointer data)
{
  RetortLabelScore *score = data;

  g_free (score->label);
  g_free (score);
}

static void
row_free (gpointer data)
{
  RetortComparisonRow *row = data;

  g_free (row->label);
  g_strfreev (row->axes);
  g_free (row->verdict);
  g_ptr_array_unref (row->labels);
  g_free (row);
}

static RetortComparison *
comparison_alloc (void)
{
  RetortComparison *comparison = g_new0 (RetortComparison, 1);

  comparison->rows = g_ptr_array_new_with_free_func (row_free);
  comparison->caveats = g_ptr_array_new_with_free_func (g_free);
  return comparison;
}

static RetortComparisonRow *
row_alloc (void)
{
  RetortComparisonRow *row = g_new0 (RetortComparisonRow, 1);

  row->value = row->precision = row->recall = row->difference = row->p = row->p_holm = NAN;
  row->interval = row->difference_interval = (RetortInterval) { NAN, NAN, 0 };
  row->support = row->tp = row->fp = row->fn = -1;
  row->labels = g_ptr_array_new_with_free_func (label_score_free);
  return row;
}

void
retort_comparison_free (RetortComparison *comparison)
{
  if (!comparison)
    return;
  g_free (comparison->title);
  g_free (comparison->evaluator);
  g_free (comparison->metric);
  g_free (comparison->label_measure);
  g_free (comparison->baseline);
  g_ptr_array_unref (comparison->rows);
  g_ptr_array_unref (comparison->caveats);
  g_free (comparison);
}

RetortComparison *
retort_comparison_new (const char *title, const RetortMeter *meter, const RetortComparisonInput *inputs,
                       guint n_inputs, const char *metric, const char *baseline, guint rounds, guint64 seed,
                       GError **error)
{
  gint baseline_at;
  const gint metric_at = retort_meter_metric (meter, metric, error);

  if (metric_at < 0 || !check_inputs (meter, inputs, n_inputs, baseline, &baseline_at, error))
    return NULL;

  g_autoptr(GPtrArray) counts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(RetortComparison) comparison = comparison_alloc ();
  comparison->title = g_strdup (title);
  comparison->evaluator = g_strdup (inputs[0].scores->evaluator);
  comparison->metric = g_strdup (meter->measures->metrics[metric_at].name);
  comparison->label_measure = g_strdup (last_part (meter->measures->metrics[0].name));
  comparison->baseline = g_strdup (baseline);
  comparison->n_documents = inputs[0].scores->ids->len;
  comparison->rounds = rounds;
  comparison->seed = seed;
  for (guint i = 0; i < n_inputs; i++) {
    gint64 *aligned = aligned_counts (inputs[i].scores, inputs[0].scores, inputs[i].label, error);
    if (!aligned)
      return NULL;
    g_ptr_array_add (counts, aligned);
    g_ptr_array_add (comparison->rows, row_new (meter, &inputs[i], metric_at));
  }
  if (!compute (comparison, meter, metric_at, baseline_at, (const gint64 *const *) counts->pdata, error))
    return NULL;
  write_verdicts (comparison);
  add_caveats (comparison);
  return g_steal_pointer (&comparison);
}

/* --- what can be compared --- */

static gboolean
check_inputs (const RetortMeter *meter, const RetortComparisonInput *inputs, guint n_inputs, const char *baseline,
              gint *baseline_at, GError **error)
{
  g_autoptr(GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) names = g_ptr_array_new ();

  *baseline_at = -1;
  for (guint i = 0; i < n_inputs; i++) {
    if (!g_hash_table_add (labels, (gpointer) inputs[i].label)) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "two rows are called '%s'", inputs[i].label);
      return FALSE;
    }
    if (!retort_scores_check (inputs[i].scores, meter, error)) {
      g_prefix_error (error, "row '%s': ", inputs[i].label);
      return FALSE;
    }
    if (baseline && g_str_equal (baseline, inputs[i].label))
      *baseline_at = i;
    g_ptr_array_add (names, (gpointer) inputs[i].label);
  }
  if (n_inputs == 0 || inputs[0].scores->ids->len == 0) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "there is nothing to compare: no rows, or no documents");
    return FALSE;
  }
  if (baseline && *baseline_at < 0) {
    g_ptr_array_add (names, NULL);
    const char *meant = retort_suggest (baseline, (const char *const *) names->pdata);
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the baseline '%s' is none of the rows%s%s%s", baseline,
                 meant ? "; did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
    return FALSE;
  }
  return TRUE;
}

/* The rows of counts in the order of the reference's documents. */
static gint64 *
aligned_counts (const RetortScores *scores, const RetortScores *reference, const char *label, GError **error)
{
  const guint n = reference->ids->len, n_columns = scores->columns->len;
  g_autoptr(GHashTable) at = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree gint64 *counts = g_new (gint64, (gsize) n * n_columns);

  for (guint d = 0; d < scores->ids->len; d++)
    g_hash_table_insert (at, scores->ids->pdata[d], GUINT_TO_POINTER (d));
  for (guint d = 0; d < n; d++) {
    gpointer found;
    if (!g_hash_table_lookup_extended (at, reference->ids->pdata[d], NULL, &found)) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA,
                   "row '%s' was not scored on document '%s'; rows are compared on the same documents only", label,
                   (const char *) reference->ids->pdata[d]);
      return NULL;
    }
    memcpy (counts + (gsize) d * n_columns,
            &g_array_index (scores->counts, gint64, (gsize) GPOINTER_TO_UINT (found) * n_columns),
            n_columns * sizeof *counts);
  }
  if (scores->ids->len != n) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA,
                 "row '%s' was scored on %u documents, others on %u; rows are compared on the same documents only",
                 label, scores->ids->len, n);
    return NULL;
  }
  return g_steal_pointer (&counts);
}

/* --- rows --- */

static double
share (gint64 part, gint64 rest)
{
  return part < 0 || rest < 0 || part + rest == 0 ? NAN : (double) part / (double) (part + rest);
}

/* Each label's score of the sort that `measure` names. */
static void
add_labels (RetortComparisonRow *row, const RetortScores *scores, const char *measure)
{
  for (guint i = 0; i < scores->scores->len; i++) {
    const RetortScore *score = scores->scores->pdata[i];
    if (!score->label || !g_str_equal (last_part (score->name), measure))
      continue;
    const RetortLabelScore read = {
      g_strdup (score->label), score->value, share (score->tp, score->fp), share (score->tp, score->fn),
      score->support, score->tp, score->fp, score->fn,
    };
    g_ptr_array_add (row->labels, g_memdup2 (&read, sizeof read));
  }
}

static RetortComparisonRow *
row_new (const RetortMeter *meter, const RetortComparisonInput *input, guint metric)
{
  RetortComparisonRow *row = row_alloc ();
  const RetortScore *score = retort_scores_find (input->scores, meter->measures->metrics[metric].name);

  row->label = g_strdup (input->label);
  row->axes = input->axes ? g_strdupv ((char **) input->axes) : g_new0 (char *, 1);
  if (score) {
    row->support = score->support;
    row->tp = score->tp;
    row->fp = score->fp;
    row->fn = score->fn;
    row->precision = share (score->tp, score->fp);
    row->recall = share (score->tp, score->fn);
  }
  add_labels (row, input->scores, last_part (meter->measures->metrics[0].name));
  return row;
}

/* --- numbers --- */

static double
statistic (const double *sums, gpointer user)
{
  Statistic *self = user;

  self->meter->role->measure (self->meter->self, sums, self->values);
  return self->values[self->metric];
}

/* What a metric says it needs must be all it needs, or intervals would be wrong in silence. */
static gboolean
needs_are_all (RetortSample sample, const RetortMetric *metric, GError **error)
{
  for (guint s = 0; s < sample.n_systems; s++) {
    sample.needs = metric->needs;
    const double part = retort_sample_value (&sample, s);
    sample.needs = NULL;
    const double whole = retort_sample_value (&sample, s);
    if (part == whole || (isnan (part) && isnan (whole)))
      continue;
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN,
                 "metric '%s' depends on columns that the evaluator does not name among its needs", metric->name);
    return FALSE;
  }
  return TRUE;
}

static void
compute_differences (RetortComparison *comparison, const RetortSample *sample, const double *values, guint baseline)
{
  const guint n_rows = comparison->rows->len, rounds = comparison->rounds;
  const RetortComparisonRow *base = comparison->rows->pdata[baseline];
  g_autofree double *p = g_new (double, n_rows), *adjusted = g_new (double, n_rows);
  g_autofree double *differences = g_new (double, rounds + 1);

  for (guint i = 0; i < n_rows; i++) {
    RetortComparisonRow *row = comparison->rows->pdata[i];
    p[i] = NAN;
    if (i == baseline)
      continue;
    for (guint r = 0; r < rounds; r++)
      differences[r] = values[(gsize) i * rounds + r] - values[(gsize) baseline * rounds + r];
    row->compared = TRUE;
    row->difference = row->value - base->value;
    row->difference_interval = retort_interval (differences, rounds, LEVEL);
    row->p = p[i] = retort_randomisation (sample, i, baseline, rounds, comparison->seed, &row->exact);
  }
  retort_holm (p, n_rows, adjusted);
  for (guint i = 0; i < n_rows; i++)
    ((RetortComparisonRow *) comparison->rows->pdata[i])->p_holm = adjusted[i];
}

static gboolean
compute (RetortComparison *comparison, const RetortMeter *meter, guint metric, gint baseline,
         const gint64 *const *counts, GError **error)
{
  const RetortMetric *described = &meter->measures->metrics[metric];
  g_autofree double *work = g_new (double, meter->measures->n_metrics);
  Statistic measured = { meter, metric, work };
  const RetortSample sample = {
    .n_documents = comparison->n_documents, .n_columns = meter->measures->n_columns,
    .n_systems = comparison->rows->len, .counts = counts, .needs = described->needs, .n_needs = described->n_needs,
    .statistic = statistic, .user = &measured,
  };

  if (described->needs && !needs_are_all (sample, described, error))
    return FALSE;
  g_autofree double *values = retort_bootstrap (&sample, comparison->rounds, comparison->seed);
  for (guint i = 0; i < comparison->rows->len; i++) {
    RetortComparisonRow *row = comparison->rows->pdata[i];
    row->value = retort_sample_value (&sample, i);
    row->interval = retort_interval (values + (gsize) i * comparison->rounds, comparison->rounds, LEVEL);
  }
  if (baseline >= 0)
    compute_differences (comparison, &sample, values, baseline);
  return TRUE;
}

/* --- words --- */

static char *
format_p (double p)
{
  return p < 0.001 ? g_strdup ("p < 0.001") : g_strdup_printf ("p = %.3f", p);
}

static char *
verdict (const RetortComparison *comparison, const RetortComparisonRow *row, gboolean corrected)
{
  if (isnan (row->difference) || isnan (row->p_holm))
    return g_strdup_printf ("%s cannot be compared with %s: a score is undefined (nothing to count)", row->label,
                            comparison->baseline);

  g_autofree char *p = format_p (row->p_holm);
  const double points = 100 * row->difference;
  const gboolean negative = points < 0;
  const double low = 100 * row->difference_interval.low, high = 100 * row->difference_interval.high;
  const char *correction = corrected ? "corrected " : "";
  if (row->p_holm >= RETORT_COMPARISON_ALPHA)
    return g_strdup_printf ("no difference shown between %s and %s: %+.1f points (95 %% CI %.1f to %.1f, %s%s)",
                            row->label, comparison->baseline, points, low, high, correction, p);
  return g_strdup_printf ("%s %s %s by %.1f points (95 %% CI %.1f to %.1f, %s%s)", row->label,
                          negative ? "falls behind" : "beats", comparison->baseline, fabs (points),
                          negative ? -high : low, negative ? -low : high, correction, p);
}

static void
write_verdicts (RetortComparison *comparison)
{
  guint n_compared = 0;

  for (guint i = 0; i < comparison->rows->len; i++)
    n_compared += ((RetortComparisonRow *) comparison->rows->pdata[i])->compared;
  for (guint i = 0; i < comparison->rows->len; i++) {
    RetortComparisonRow *row = comparison->rows->pdata[i];
    if (row->compared)
      row->verdict = verdict (comparison, row, n_compared > 1);
  }
}

static void
add_caveats (RetortComparison *comparison)
{
  if (comparison->n_documents < FEW_DOCUMENTS)
    g_ptr_array_add (comparison->caveats,
                     g_strdup_printf ("Only %" G_GINT64_FORMAT " documents: intervals and tests are rough.",
                                      comparison->n_documents));
  for (guint i = 0; i < comparison->rows->len; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    if (isnan (row->value))
      g_ptr_array_add (comparison->caveats,
                       g_strdup_printf ("%s: %s is undefined on these documents.", row->label, comparison->metric));
    else if (row->interval.n_undefined > 0)
      g_ptr_array_add (comparison->caveats,
                       g_strdup_printf ("%s: %s is undefined in %u of %u resamples; its interval is of the others.",
                                        row->label, comparison->metric, row->interval.n_undefined,
                                        comparison->rounds));
  }
}

/* --- small groups --- */

static gboolean
is_few (gint64 count)
{
  return count >= 1 && count <= 4;
}

static gint64
suppressed (gint64 count)
{
  return is_few (count) ? RETORT_COUNT_FEW : count;
}

static void
hide_label (RetortLabelScore *score)
{
  score->value = score->precision = score->recall = NAN;
  score->support = score->tp = score->fp = score->fn = RETORT_COUNT_FEW;
}

/* Supports are those of gold, so every row hides the same labels. */
static void
suppress_labels (GPtrArray *labels)
{
  RetortLabelScore *smallest = NULL;
  guint n_hidden = 0;

  for (guint i = 0; i < labels->len; i++) {
    RetortLabelScore *score = labels->pdata[i];
    if (is_few (score->support)) {
      hide_label (score);
      n_hidden++;
      continue;
    }
    if (score->support > 0 && (!smallest || score->support < smallest->support))
      smallest = score;
    score->tp = suppressed (score->tp);
    score->fp = suppressed (score->fp);
    score->fn = suppressed (score->fn);
  }
  if (n_hidden == 1 && smallest)
    hide_label (smallest);
}

static void
suppress_row (RetortComparisonRow *row)
{
  suppress_labels (row->labels);
  if (!is_few (row->support)) {
    row->tp = suppressed (row->tp);
    row->fp = suppressed (row->fp);
    row->fn = suppressed (row->fn);
    return;
  }
  row->value = row->precision = row->recall = row->difference = row->p = row->p_holm = NAN;
  row->interval = row->difference_interval = (RetortInterval) { NAN, NAN, 0 };
  row->support = row->tp = row->fp = row->fn = RETORT_COUNT_FEW;
  if (row->verdict) {
    g_free (row->verdict);
    row->verdict = g_strdup_printf ("%s has too few gold items to report", row->label);
  }
}

RetortComparison *
retort_comparison_suppress (const RetortComparison *comparison)
{
  g_autofree char *json = retort_comparison_to_json (comparison);
  RetortComparison *copy = retort_comparison_parse (json, strlen (json), NULL);

  g_assert (copy != NULL); /* what we write we read */
  for (guint i = 0; i < copy->rows->len; i++)
    suppress_row (copy->rows->pdata[i]);
  if (is_few (copy->n_documents)) {
    copy->n_documents = RETORT_COUNT_FEW;
    g_ptr_array_set_size (copy->caveats, 0);
    g_ptr_array_add (copy->caveats, g_strdup ("Fewer than 5 documents: intervals and tests mean little."));
  }
  return copy;
}

/* --- the file: writing --- */

static void
set_count (JsonObject *object, const char *key, gint64 count)
{
  if (count == RETORT_COUNT_FEW)
    json_object_set_string_member (object, key, FEW);
  else
    retort_fields_set_count (object, key, count);
}

static void
set_string (JsonObject *object, const char *key, const char *string)
{
  if (string)
    json_object_set_string_member (object, key, string);
  else
    json_object_set_null_member (object, key);
}

static void
set_counts (JsonObject *object, gint64 support, gint64 tp, gint64 fp, gint64 fn)
{
  set_count (object, "support", support);
  set_count (object, "tp", tp);
  set_count (object, "fp", fp);
  set_count (object, "fn", fn);
}

static void
set_interval (JsonObject *object, const char *key, const RetortInterval *interval)
{
  JsonObject *inner = json_object_new ();

  retort_fields_set_number (inner, "low", interval->low);
  retort_fields_set_number (inner, "high", interval->high);
  json_object_set_int_member (inner, "undefined", interval->n_undefined);
  json_object_set_object_member (object, key, inner);
}

static JsonObject *
label_to_json (const RetortLabelScore *score)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "label", score->label);
  retort_fields_set_number (object, "value", score->value);
  retort_fields_set_number (object, "precision", score->precision);
  retort_fields_set_number (object, "recall", score->recall);
  set_counts (object, score->support, score->tp, score->fp, score->fn);
  return object;
}

static JsonObject *
row_to_json (const RetortComparisonRow *row)
{
  JsonObject *object = json_object_new ();
  JsonArray *axes = json_array_new (), *labels = json_array_new ();

  json_object_set_string_member (object, "label", row->label);
  for (guint i = 0; row->axes[i]; i++)
    json_array_add_string_element (axes, row->axes[i]);
  json_object_set_array_member (object, "axes", axes);
  retort_fields_set_number (object, "value", row->value);
  set_interval (object, "interval", &row->interval);
  retort_fields_set_number (object, "precision", row->precision);
  retort_fields_set_number (object, "recall", row->recall);
  set_counts (object, row->support, row->tp, row->fp, row->fn);
  json_object_set_boolean_member (object, "compared", row->compared);
  retort_fields_set_number (object, "difference", row->difference);
  set_interval (object, "difference_interval", &row->difference_interval);
  retort_fields_set_number (object, "p", row->p);
  retort_fields_set_number (object, "p_holm", row->p_holm);
  json_object_set_boolean_member (object, "exact", row->exact);
  set_string (object, "verdict", row->verdict);
  for (guint i = 0; i < row->labels->len; i++)
    json_array_add_object_element (labels, label_to_json (row->labels->pdata[i]));
  json_object_set_array_member (object, "labels", labels);
  return object;
}

char *
retort_comparison_to_json (const RetortComparison *comparison)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *rows = json_array_new (), *caveats = json_array_new ();

  json_node_take_object (node, object);
  json_object_set_string_member (object, "retort", "comparison");
  json_object_set_int_member (object, "version", 1);
  set_string (object, "title", comparison->title);
  json_object_set_string_member (object, "evaluator", comparison->evaluator);
  json_object_set_string_member (object, "metric", comparison->metric);
  json_object_set_string_member (object, "label_measure", comparison->label_measure);
  set_string (object, "baseline", comparison->baseline);
  set_count (object, "n_documents", comparison->n_documents);
  json_object_set_int_member (object, "rounds", comparison->rounds);
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, comparison->seed);
  json_object_set_string_member (object, "seed", seed); /* a string: JSON integers end at 2^63 */
  for (guint i = 0; i < comparison->rows->len; i++)
    json_array_add_object_element (rows, row_to_json (comparison->rows->pdata[i]));
  json_object_set_array_member (object, "rows", rows);
  for (guint i = 0; i < comparison->caveats->len; i++)
    json_array_add_string_element (caveats, comparison->caveats->pdata[i]);
  json_object_set_array_member (object, "caveats", caveats);
  return retort_json_pretty (node);
}

gboolean
retort_comparison_write (const RetortComparison *comparison, const char *path, GError **error)
{
  g_autofree char *text = retort_comparison_to_json (comparison);

  return retort_file_write (path, text, -1, error);
}

/* --- the file: reading --- */

static gboolean
read_count (JsonObject *object, const char *where, const char *key, gint64 *value, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (!node || json_node_get_value_type (node) != G_TYPE_STRING || !g_str_equal (json_node_get_string (node), FEW))
    return retort_fields_count (object, where, key, value, error);
  *value = RETORT_COUNT_FEW;
  return TRUE;
}

/* NULL where the file says null. Full ownership of *value. */
static gboolean
read_string (JsonObject *object, const char *where, const char *key, char **value, GError **error)
{
  const char *string;

  if (json_object_has_member (object, key) && json_object_get_null_member (object, key))
    return TRUE;
  if (!retort_fields_string (object, where, key, &string, error))
    return FALSE;
  *value = g_strdup (string);
  return TRUE;
}

static gboolean
read_interval (JsonObject *object, const char *where, const char *key, RetortInterval *interval, GError **error)
{
  static const char *const keys[] = { "low", "high", "undefined", NULL };
  g_autofree char *place = g_strdup_printf ("%s.%s", where, key);
  JsonNode *node = json_object_get_member (object, key);
  gint64 n_undefined;

  if (!node) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s is missing", place);
    return FALSE;
  }
  JsonObject *inner = retort_fields_object (node, place, keys, error);
  if (!inner || !retort_fields_number (inner, place, "low", &interval->low, error) ||
      !retort_fields_number (inner, place, "high", &interval->high, error) ||
      !retort_fields_int (inner, place, "undefined", 0, G_MAXUINT, &n_undefined, error))
    return FALSE;
  interval->n_undefined = n_undefined;
  return TRUE;
}

static gboolean
read_label (RetortComparisonRow *row, JsonNode *node, const char *where, GError **error)
{
  static const char *const keys[] = { "label", "value", "precision", "recall", "support", "tp", "fp", "fn", NULL };
  JsonObject *object = retort_fields_object (node, where, keys, error);
  const char *label;

  if (!object || !retort_fields_string (object, where, "label", &label, error))
    return FALSE;
  RetortLabelScore *score = g_new0 (RetortLabelScore, 1);
  score->label = g_strdup (label);
  g_ptr_array_add (row->labels, score);
  return retort_fields_number (object, where, "value", &score->value, error) &&
         retort_fields_number (object, where, "precision", &score->precision, error) &&
         retort_fields_number (object, where, "recall", &score->recall, error) &&
         read_count (object, where, "support", &score->support, error) &&
         read_count (object, where, "tp", &score->tp, error) && read_count (object, where, "fp", &score->fp, error) &&
         read_count (object, where, "fn", &score->fn, error);
}

static char **
read_strings (JsonObject *object, const char *where, const char *key, GError **error)
{
  g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  JsonArray *array;

  if (!retort_fields_array (object, where, key, &array, error))
    return NULL;
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    if (json_node_get_value_type (node) != G_TYPE_STRING) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: '%s' must hold strings", where, key);
      return NULL;
    }
    g_ptr_array_add (strings, json_node_dup_string (node));
  }
  g_ptr_array_add (strings, NULL);
  return (char **) g_ptr_array_steal (strings, NULL);
}

static gboolean
read_row (RetortComparison *comparison, JsonNode *node, const char *where, GError **error)
{
  static const char *const keys[] = {
    "label", "axes", "value", "interval", "precision", "recall", "support", "tp", "fp", "fn", "compared",
    "difference", "difference_interval", "p", "p_holm", "exact", "verdict", "labels", NULL,
  };
  JsonObject *object = retort_fields_object (node, where, keys, error);
  const char *label;
  JsonArray *labels;

  if (!object || !retort_fields_string (object, where, "label", &label, error))
    return FALSE;
  RetortComparisonRow *row = row_alloc ();
  row->label = g_strdup (label);
  g_ptr_array_add (comparison->rows, row);
  row->axes = read_strings (object, where, "axes", error);
  if (!row->axes || !retort_fields_number (object, where, "value", &row->value, error) ||
      !read_interval (object, where, "interval", &row->interval, error) ||
      !retort_fields_number (object, where, "precision", &row->precision, error) ||
      !retort_fields_number (object, where, "recall", &row->recall, error) ||
      !read_count (object, where, "support", &row->support, error) ||
      !read_count (object, where, "tp", &row->tp, error) || !read_count (object, where, "fp", &row->fp, error) ||
      !read_count (object, where, "fn", &row->fn, error) ||
      !retort_fields_bool (object, where, "compared", &row->compared, error) ||
      !retort_fields_number (object, where, "difference", &row->difference, error) ||
      !read_interval (object, where, "difference_interval", &row->difference_interval, error) ||
      !retort_fields_number (object, where, "p", &row->p, error) ||
      !retort_fields_number (object, where, "p_holm", &row->p_holm, error) ||
      !retort_fields_bool (object, where, "exact", &row->exact, error) ||
      !read_string (object, where, "verdict", &row->verdict, error) ||
      !retort_fields_array (object, where, "labels", &labels, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (labels); i++) {
    g_autofree char *place = g_strdup_printf ("%s.labels[%u]", where, i);
    if (!read_label (row, json_array_get_element (labels, i), place, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_head (RetortComparison *comparison, JsonObject *object, GError **error)
{
  const char *where = "comparison", *kind, *evaluator, *metric, *label_measure, *seed;
  gint64 version, rounds;

  if (!retort_fields_string (object, where, "retort", &kind, error) ||
      !retort_fields_int (object, where, "version", 1, 1, &version, error) ||
      !read_string (object, where, "title", &comparison->title, error) ||
      !retort_fields_string (object, where, "evaluator", &evaluator, error) ||
      !retort_fields_string (object, where, "metric", &metric, error) ||
      !retort_fields_string (object, where, "label_measure", &label_measure, error) ||
      !read_string (object, where, "baseline", &comparison->baseline, error) ||
      !read_count (object, where, "n_documents", &comparison->n_documents, error) ||
      !retort_fields_int (object, where, "rounds", 0, G_MAXUINT, &rounds, error) ||
      !retort_fields_string (object, where, "seed", &seed, error))
    return FALSE;
  if (!g_str_equal (kind, "comparison")) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "this is a file of '%s', not a comparison", kind);
    return FALSE;
  }
  comparison->evaluator = g_strdup (evaluator);
  comparison->metric = g_strdup (metric);
  comparison->label_measure = g_strdup (label_measure);
  comparison->rounds = rounds;
  return g_ascii_string_to_unsigned (seed, 10, 0, G_MAXUINT64, &comparison->seed, error);
}

static RetortComparison *
comparison_from_node (JsonNode *node, GError **error)
{
  static const char *const keys[] = { "retort", "version", "title", "evaluator", "metric", "label_measure", "baseline",
                                      "n_documents", "rounds", "seed", "rows", "caveats", NULL };
  g_autoptr(RetortComparison) comparison = comparison_alloc ();
  JsonObject *object = retort_fields_object (node, "comparison", keys, error);
  JsonArray *rows;

  if (!object || !read_head (comparison, object, error) ||
      !retort_fields_array (object, "comparison", "rows", &rows, error))
    return NULL;
  for (guint i = 0; i < json_array_get_length (rows); i++) {
    g_autofree char *where = g_strdup_printf ("rows[%u]", i);
    if (!read_row (comparison, json_array_get_element (rows, i), where, error))
      return NULL;
  }
  g_auto(GStrv) caveats = read_strings (object, "comparison", "caveats", error);
  if (!caveats)
    return NULL;
  for (guint i = 0; caveats[i]; i++)
    g_ptr_array_add (comparison->caveats, g_strdup (caveats[i]));
  return g_steal_pointer (&comparison);
}

RetortComparison *
retort_comparison_parse (const char *json, gsize n_bytes, GError **error)
{
  g_autoptr(JsonNode) node = retort_json_parse (json, n_bytes, error);

  return node ? comparison_from_node (node, error) : NULL;
}

RetortComparison *
retort_comparison_load (const char *path, GError **error)
{
  g_autoptr(JsonNode) node = retort_json_load (path, RETORT_LIMIT_JSON_BYTES, error);

  if (!node)
    return NULL;
  RetortComparison *comparison = comparison_from_node (node, error);
  if (!comparison)
    g_prefix_error (error, "%s: ", path);
  return comparison;
}
