/* errors - where predicted annotations differ from gold: what sort of error each is, how many, and some of each to
 * look at. */
#pragma once

#include "experiment/pairs.h"
#include <retort/task.h>

G_BEGIN_DECLS

typedef enum {
  RETORT_DIFFERENCE_MISSED,           /* a gold entity that no predicted one overlaps */
  RETORT_DIFFERENCE_SPURIOUS,         /* a predicted entity that overlaps no gold one */
  RETORT_DIFFERENCE_WRONG_BOUNDARY,   /* overlapping, same label, other place */
  RETORT_DIFFERENCE_WRONG_LABEL,      /* same place or overlapping, other label */
  RETORT_DIFFERENCE_RELATION_MISSED,
  RETORT_DIFFERENCE_RELATION_SPURIOUS,
  RETORT_N_DIFFERENCES,
} RetortDifferenceKind;

extern const char *const retort_difference_names[RETORT_N_DIFFERENCES]; /* "missed", ..., "relation missed", ... */

typedef struct {
  RetortDifferenceKind kind;
  gint gold, predicted; /* indices of entities or relations of the two layers, or -1 */
} RetortDifference;

/* All differences of a document, in the order of kinds, then of place. Exact matches are taken out first; what is left
 * is paired one to one: same place, then overlap with the same label, then any overlap, leftmost first. `task` (or
 * NULL) names the labels that count. GArray of RetortDifference, full ownership. */
GArray *retort_differences (const RetortDocument *gold, const RetortDocument *predicted, const RetortTask *task);

/* A piece of text with what gold and the prediction say about it. */
typedef struct {
  guint start, end;    /* bytes of the passage */
  gboolean predicted;  /* else gold */
  char *label;         /* of the entity; of a relation: "head: Drug" */
} RetortErrorMark;

typedef struct {
  char *document;
  char *passage;       /* around the marks; cut on characters */
  gboolean cut_before, cut_after;
  char *relation;      /* its label, or NULL */
  GPtrArray *marks;    /* of RetortErrorMark */
  guint64 order;       /* private: its place in the draw */
} RetortErrorExample;

/* Counts and examples over a corpus. Which examples are kept is a draw by document id, the same every time. */
typedef struct {
  guint64 counts[RETORT_N_DIFFERENCES];
  GPtrArray *examples[RETORT_N_DIFFERENCES]; /* of RetortErrorExample, at most n_examples each */
  guint n_examples;
} RetortErrorAnalysis;

RetortErrorAnalysis *retort_error_analysis_new (guint n_examples);
void retort_error_analysis_free (RetortErrorAnalysis *analysis);
void retort_error_analysis_add (RetortErrorAnalysis *analysis, const RetortDocument *gold,
                                const RetortDocument *predicted, const RetortTask *task);
/* Adds every pair of two corpora of ours. */
gboolean retort_error_analysis_add_pairs (RetortErrorAnalysis *analysis, RetortPairs *pairs, const RetortTask *task,
                                          GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortErrorAnalysis, retort_error_analysis_free)

G_END_DECLS
