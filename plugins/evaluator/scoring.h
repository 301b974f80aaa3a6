/* scoring - what the evaluators share: rates from counts, and when two entities are the same. */
#pragma once

#include <math.h>
#include <retort/plugin.h>

/* One block of columns: what is right, spurious, missed; and gold, the support. */
enum { TP, FP, FN, GOLD, N_COUNTS };
static const char *const count_names[N_COUNTS] = { "tp", "fp", "fn", "gold" };

/* The metrics made of a block. F1 comes first: it is the one to show. */
enum { F1, PRECISION, RECALL, N_RATES };
static const char *const rate_names[N_RATES] = { "f1", "precision", "recall" };

static inline double
ratio (double part, double whole)
{
  return whole > 0 ? part / whole : NAN; /* zero by zero is undefined, not 0 */
}

static inline double
f1_of (const double *block)
{
  return ratio (2 * block[TP], 2 * block[TP] + block[FP] + block[FN]);
}

static inline void
rates_of (const double *block, double *rates)
{
  rates[F1] = f1_of (block);
  rates[PRECISION] = ratio (block[TP], block[TP] + block[FP]);
  rates[RECALL] = ratio (block[TP], block[TP] + block[FN]);
}

/* Mean F1 of the blocks in which anything was gold or predicted. */
static inline double
mean_f1 (const double *blocks, guint n_blocks)
{
  double sum = 0;
  guint n = 0;

  for (guint i = 0; i < n_blocks; i++) {
    const double f1 = f1_of (blocks + i * N_COUNTS);
    if (isnan (f1))
      continue;
    sum += f1;
    n++;
  }
  return ratio (sum, n);
}

static inline void
count_match (gint64 *total, gint64 *block, guint which)
{
  total[which]++;
  block[which]++;
  if (which != FP) {
    total[GOLD]++;
    block[GOLD]++;
  }
}

/* By place, then by `label`, an index in the task: 0 if they are the same entity for an evaluator. */
static inline gint
compare_entities (const RetortEntity *a, gint label_a, const RetortEntity *b, gint label_b)
{
  if (a->n_fragments != b->n_fragments)
    return a->n_fragments < b->n_fragments ? -1 : 1;
  for (guint i = 0; i < a->n_fragments; i++) {
    if (a->fragments[i].start != b->fragments[i].start)
      return a->fragments[i].start < b->fragments[i].start ? -1 : 1;
    if (a->fragments[i].end != b->fragments[i].end)
      return a->fragments[i].end < b->fragments[i].end ? -1 : 1;
  }
  return (label_a > label_b) - (label_a < label_b);
}

/* --- building the measures --- */

typedef struct {
  RetortMeasures measures;
  GPtrArray *names;   /* owns the strings */
  GPtrArray *columns; /* of char *, in `names` */
  GArray *metrics;    /* of RetortMetric */
  GArray *needs;      /* of guint: 0, 1, 2, ...; every metric needs a run of columns */
} Table;

static inline void
table_init (Table *table)
{
  table->names = g_ptr_array_new_with_free_func (g_free);
  table->columns = g_ptr_array_new ();
  table->metrics = g_array_new (FALSE, TRUE, sizeof (RetortMetric));
  table->needs = g_array_new (FALSE, FALSE, sizeof (guint));
}

static inline void
table_clear (Table *table)
{
  g_ptr_array_unref (table->names);
  g_ptr_array_unref (table->columns);
  g_array_unref (table->metrics);
  g_array_unref (table->needs);
}

/* Takes the name. Gives the column's index. */
static inline guint
table_add_column (Table *table, char *name)
{
  const guint at = table->columns->len;

  g_ptr_array_add (table->names, name);
  g_ptr_array_add (table->columns, name);
  g_array_append_val (table->needs, at);
  return at;
}

/* A block of counts named "prefix.tp" ...; gives its first column. */
static inline guint
table_add_block (Table *table, const char *prefix)
{
  const guint first = table->columns->len;

  for (guint c = 0; c < N_COUNTS; c++)
    table_add_column (table, g_strdup_printf ("%s.%s", prefix, count_names[c]));
  return first;
}

/* Takes the name. Made of columns [first, first + n); `needs` is set by table_finish. */
static inline RetortMetric *
table_add_metric (Table *table, char *name, guint first, guint n)
{
  const RetortMetric metric = {
    .name = name, .support_column = -1, .tp = -1, .fp = -1, .fn = -1,
    .needs = GUINT_TO_POINTER (first), .n_needs = n,
  };

  g_ptr_array_add (table->names, name);
  g_array_append_val (table->metrics, metric);
  return &g_array_index (table->metrics, RetortMetric, table->metrics->len - 1);
}

/* F1, precision and recall of a block, named "prefix.f1" ... */
static inline void
table_add_rates (Table *table, const char *prefix, const char *label, guint block)
{
  for (guint i = 0; i < N_RATES; i++) {
    RetortMetric *metric = table_add_metric (table, g_strdup_printf ("%s.%s", prefix, rate_names[i]), block, FN + 1);
    metric->label = label;
    metric->support_column = block + GOLD;
    metric->tp = block + TP;
    metric->fp = block + FP;
    metric->fn = block + FN;
  }
}

static inline const RetortMeasures *
table_finish (Table *table)
{
  for (guint i = 0; i < table->metrics->len; i++) {
    RetortMetric *metric = &g_array_index (table->metrics, RetortMetric, i);
    metric->needs = &g_array_index (table->needs, guint, GPOINTER_TO_UINT (metric->needs));
  }
  table->measures = (RetortMeasures) {
    sizeof table->measures, (const char *const *) table->columns->pdata, table->columns->len,
    (const RetortMetric *) (gpointer) table->metrics->data, table->metrics->len,
  };
  return &table->measures;
}

/* A label that would make two metrics of one name. */
static inline gboolean
label_is_free (const char *label, const char *const *reserved, GError **error)
{
  if (!g_strv_contains (reserved, label))
    return TRUE;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA,
               "label '%s' is also the name of a score; rename it with `map`", label);
  return FALSE;
}
