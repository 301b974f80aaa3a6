/* scores - what an evaluator counted in each document, and the numbers it makes of the sums: one evaluation, as a file.
 *
 * The counts per document are kept, so that intervals, tests and comparisons need no second look at the documents. */
#pragma once

#include "experiment/pairs.h"
#include <retort/plugin.h>

G_BEGIN_DECLS

/* A prepared evaluator: sums of its columns become values of its metrics. All is lent. */
typedef struct {
  const RetortEvaluatorRole *role;
  void *self;
  const RetortMeasures *measures;
} RetortMeter;

/* Calls `prepare`, and checks what the evaluator says: RETORT_ERROR_PLUGIN if its columns or metrics are no good. */
gboolean retort_meter_init (RetortMeter *meter, const RetortEvaluatorRole *role, void *self, const RetortTask *task,
                            GError **error);
/* Index of a metric (NULL: the first); else -1 with RETORT_ERROR_DATA and what was perhaps meant. */
gint retort_meter_metric (const RetortMeter *meter, const char *name, GError **error);

typedef struct {
  char *name;
  char *label;                 /* or NULL: over all */
  double value;                /* NAN: undefined */
  gint64 support, tp, fp, fn;  /* -1 where that means nothing */
} RetortScore;

typedef struct {
  char *evaluator;     /* "evaluator/spans" */
  GPtrArray *columns;  /* of char * */
  GPtrArray *scores;   /* of RetortScore, in the evaluator's order; empty until finished */
  GPtrArray *ids;      /* of char *: the documents, in order */
  GArray *counts;      /* of gint64: [n_documents][n_columns] */
  GHashTable *known;   /* private: ids as a set */
} RetortScores;

RetortScores *retort_scores_new (const char *evaluator, const RetortMeter *meter);
void retort_scores_free (RetortScores *scores);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortScores, retort_scores_free)
/* RETORT_ERROR_DATA if the id was there before; RETORT_ERROR_PLUGIN if a count is negative. */
gboolean retort_scores_add_document (RetortScores *scores, const char *id, const gint64 *counts, GError **error);
/* Counts every pair. `context` gets progress, and warnings about missing and extra documents. */
gboolean retort_scores_add_pairs (RetortScores *scores, const RetortMeter *meter, RetortPairs *pairs,
                                  RetortContext *context, GError **error);
/* Sums, and measures. */
void retort_scores_finish (RetortScores *scores, const RetortMeter *meter);
/* Lent; NULL if there is no such score. */
const RetortScore *retort_scores_find (const RetortScores *scores, const char *name);

/* One JSON object, a line for each metric and document. Same scores, same bytes. */
char *retort_scores_to_json (const RetortScores *scores);
gboolean retort_scores_write (const RetortScores *scores, const char *path, GError **error);
/* Strict; an error names the file and the place. */
RetortScores *retort_scores_load (const char *path, GError **error);
/* That the counts are of this evaluator, with these columns. */
gboolean retort_scores_check (const RetortScores *scores, const RetortMeter *meter, GError **error);

G_END_DECLS
