/* comparison - several systems on the same documents, by one metric, against a baseline: values with intervals,
 * differences with intervals and tests, and a verdict in words. */
#pragma once

#include "experiment/scores.h"
#include "experiment/statistics.h"

G_BEGIN_DECLS

typedef struct {
  const char *label;           /* "synthetic / crf"; unique */
  const RetortScores *scores;
  const char *const *axes;     /* name, value, ..., NULL: where the row stands in the matrix; or NULL */
} RetortComparisonInput;

/* One label's score within a row. */
typedef struct {
  char *label;
  double value, precision, recall; /* NAN: undefined */
  gint64 support, tp, fp, fn;      /* -1 where that means nothing */
} RetortLabelScore;

typedef struct {
  char *label;
  char **axes;                     /* name, value, ..., NULL */
  double value, precision, recall; /* NAN: undefined, or (P, R) not what the metric is about */
  gint64 support, tp, fp, fn;
  RetortInterval interval;         /* 95 % of the value */
  gboolean compared;               /* there is a baseline, and this row is not it */
  double difference;               /* value - baseline's */
  RetortInterval difference_interval;
  double p, p_holm;                /* as measured; corrected for all compared rows */
  gboolean exact;                  /* p is the share of all assignments, not of drawn ones */
  char *verdict;                   /* one sentence; NULL unless compared */
  GPtrArray *labels;               /* of RetortLabelScore */
} RetortComparisonRow;

typedef struct {
  char *title;                     /* or NULL */
  char *evaluator, *metric;
  char *label_measure;             /* what the labels' values are: "f1" */
  char *baseline;                  /* label of a row, or NULL: none */
  gint64 n_documents;
  guint rounds;
  guint64 seed;
  GPtrArray *rows;                 /* of RetortComparisonRow, as given */
  GPtrArray *caveats;              /* of char *: what a reader should know of these numbers */
} RetortComparison;

/* In place of a count that is 1 to 4 and must not be told. */
#define RETORT_COUNT_FEW (-2)

/* p_holm below this is a difference. */
#define RETORT_COMPARISON_ALPHA 0.05

/* `metric` NULL: the evaluator's first. `baseline` NULL: rows are shown, not compared. RETORT_ERROR_DATA if the rows do
 * not have the same documents and counts, for an unknown metric or baseline, or two rows of one name. */
RetortComparison *retort_comparison_new (const char *title, const RetortMeter *meter,
                                         const RetortComparisonInput *inputs, guint n_inputs, const char *metric,
                                         const char *baseline, guint rounds, guint64 seed, GError **error);
void retort_comparison_free (RetortComparison *comparison);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortComparison, retort_comparison_free)

/* A copy for readers who must not see small groups. A row or label with 1 to 4 gold items keeps its name only; if that
 * hides one label alone, the next smallest is hidden too, or the sum would tell. Other counts of 1 to 4 become
 * RETORT_COUNT_FEW, written "<5". */
RetortComparison *retort_comparison_suppress (const RetortComparison *comparison);

/* Same comparison, same bytes; reads back to the same. */
char *retort_comparison_to_json (const RetortComparison *comparison);
gboolean retort_comparison_write (const RetortComparison *comparison, const char *path, GError **error);
RetortComparison *retort_comparison_load (const char *path, GError **error);
RetortComparison *retort_comparison_parse (const char *json, gsize n_bytes, GError **error);

G_END_DECLS
