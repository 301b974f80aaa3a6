/* results - the tables and the page of a run, from its manifest and the store alone.
 *
 *   tables.txt  tables.md  tables.csv   the comparisons, for people and for other programs
 *   comparisons.json                    the same with everything that was computed
 *   report.html                         one page that needs nothing beside it
 */
#pragma once

#include "experiment/page.h"
#include "pipeline/manifest.h"

G_BEGIN_DECLS

/* Writes all of them into the run's folder; at the level aggregate, into `aggregate` in it. */
gboolean retort_results_write (const char *run, RetortPageLevel level, GError **error);
/* The comparisons of a run, in order, with titles and axes; of RetortComparison, full ownership. */
GPtrArray *retort_results_comparisons (JsonNode *manifest, RetortStore *store, GError **error);
/* What a reader has to know: the run's notes, then what became of the findings of others on its rows. Of char *, full
 * ownership. */
GPtrArray *retort_results_words (JsonNode *manifest, RetortStore *store, GError **error);

G_END_DECLS
