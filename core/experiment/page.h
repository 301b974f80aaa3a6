/* page - the report as one HTML page that needs nothing else: no network, no script; light and dark; printable. */
#pragma once

#include "experiment/comparison.h"
#include "experiment/errors.h"

G_BEGIN_DECLS

typedef enum {
  RETORT_PAGE_FULL,
  RETORT_PAGE_AGGREGATE, /* no text, no document ids, no warnings; counts of 1 to 4 are "<5" */
} RetortPageLevel;

/* The errors of one row. */
typedef struct {
  const char *row;
  const RetortErrorAnalysis *analysis;
} RetortPageErrors;

/* What a cell reported: {"counts":{...},"warnings":[...]} of retort_context_notes, and its ledger; either may be NULL. */
typedef struct {
  const char *cell;
  JsonNode *notes;
  JsonNode *ledger;  /* of retort_ledger_to_json */
} RetortPageCell;

typedef struct {
  const char *name, *value;
} RetortPageFact;

/* All that a page tells. All is lent; anything may be NULL or 0. */
typedef struct {
  const char *title;                         /* "disease-ner" */
  const char *about;                         /* one sentence */
  const char *const *notes;                  /* NULL-terminated: what a reader must know to judge the numbers */
  const RetortComparison *const *comparisons;
  guint n_comparisons;
  const RetortPageErrors *errors;
  guint n_errors;
  const RetortPageCell *cells;
  guint n_cells;
  const RetortPageFact *labels;              /* artifact -> privacy label */
  guint n_labels;
  const RetortPageFact *facts;               /* versions, digests, times */
  guint n_facts;
  const char *pipeline;                      /* the fully filled pipeline, YAML */
  RetortPageLevel level;
} RetortPageData;

/* Same data, same bytes. Full ownership. */
char *retort_page (const RetortPageData *data);

G_END_DECLS
