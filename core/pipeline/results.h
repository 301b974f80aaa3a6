/* results - the tables and the page of a run, from its manifest and the store alone.
 *
 *   tables.txt  tables.md  tables.csv   the comparisons, for people and for other programs
 *   comparisons.json                    the same with everything that was computed
 *   report.html                         one page that needs nothing beside it
 */
#pragma once

#include "pipeline/manifest.h"

G_BEGIN_DECLS

/* How much a report may tell: with texts and small counts, or not. */
typedef enum { RETORT_LEVEL_FULL, RETORT_LEVEL_AGGREGATE } RetortLevel;

/* Writes all of them into the run's folder. */
gboolean retort_results_write (const char *run, RetortLevel level, GError **error);
/* The comparisons of a run, in order, with titles and axes; of RetortComparison, full ownership. */
GPtrArray *retort_results_comparisons (JsonNode *manifest, RetortStore *store, GError **error);

G_END_DECLS
