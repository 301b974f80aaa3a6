/* plan - a pipeline file, read, checked and expanded into cells.
 *
 * All that can be known to be wrong is known here, before anything runs: diagnostics with places, all of them. */
#pragma once

#include "base/yaml.h"
#include "pipeline/verb.h"
#include <retort/task.h>

G_BEGIN_DECLS

/* Privacy labels, a chain; the join of several is the highest. */
typedef enum {
  RETORT_LABEL_PUBLIC, RETORT_LABEL_INTERNAL, RETORT_LABEL_DEIDENTIFIED, RETORT_LABEL_RESTRICTED, RETORT_LABEL_PHI,
} RetortLabel;
extern const char *const retort_label_names[]; /* in order, NULL-terminated */
gboolean retort_label_parse (const char *text, RetortLabel *label);

/* A plugin with its options, as the plan knows it. */
typedef struct {
  const RetortLoaded *loaded;
  RetortOptions *options;
} RetortUse;

typedef struct _RetortCell RetortCell;

typedef struct {
  const char *slot;     /* "train" */
  GPtrArray *from;      /* of RetortCell; one, unless the slot takes many */
} RetortCellInput;

typedef struct { const char *axis, *value; } RetortAxisValue; /* value: the axis value's name */

struct _RetortCell {
  guint index;             /* in plan->cells, which is in an order that respects inputs */
  char *name;              /* "model[source=both,backend=model/crf]", "synthetic:fetch" */
  const char *step;        /* the step or data entry in the YAML: "model" */
  const char *use;         /* "model/crf", "predict", "read" */
  const RetortVerb *verb;
  RetortUse plugin;        /* of plugin kinds; read: the format; fetch: the generator; else loaded is NULL */
  RetortOptions *options;  /* of core verbs (read: RetortReadOptions); NULL for plugin kinds */
  RetortTask *task;        /* or NULL where none is known */
  RetortUse tokenizer;     /* where verb->tokenizes */
  char *prompt;            /* render, parse: absolute path of the prompt file */
  const char *purpose;     /* render, parse: "generate" or "extract" */
  GArray *inputs;          /* of RetortCellInput, in the verb's order */
  GArray *axes;            /* of RetortAxisValue, in the matrix's order: only those the cell depends on */
  RetortLabel label;       /* the join of its inputs' labels; read: the entry's; declassify: its `to` */
  RetortLabel clearance;   /* fetch: the endpoint's */
  guint64 seed;
  double time_limit, stall_limit; /* seconds */
  const RetortYaml *at;    /* its place in the pipeline file */
};

typedef struct {
  char *title;
  GPtrArray *rows;         /* of RetortCell: score cells */
  GPtrArray *row_labels;   /* of char *: unique names for people: "both / crf" */
  GPtrArray *row_subjects; /* of RetortCell: the predicted corpora behind the rows */
  char *metric;
  gint baseline;           /* index of the row, or -1 */
  RetortCell *cell;        /* the compare cell that computes it */
} RetortComparePlan;

typedef struct {
  RetortYamlFile *file;
  char *name;
  char *about;             /* shown at the head of reports; or NULL */
  GPtrArray *notes;        /* of char *: caveats to be shown with the results */
  guint64 seed;
  GPtrArray *cells;        /* of RetortCell */
  GPtrArray *compares;     /* of RetortComparePlan */
  char *filled;            /* the fully filled pipeline, as YAML: --set applied, defaults written out */
} RetortPlan;

typedef struct {
  const char *data_root;       /* ${data}; NULL: RETORT_DATA, else $XDG_DATA_HOME/retort/data */
  const char *const *settings; /* --set path=value, NULL-terminated; or NULL */
} RetortPlanOptions;

/* NULL if there are errors among the diagnostics (then error is RETORT_ERROR_DATA, or RETORT_ERROR_POLICY if all of them
 * are refusals of the privacy rule), or if the file cannot be read. */
RetortPlan *retort_plan_load (const char *path, const RetortPlanOptions *options, RetortDiagnostics *diagnostics,
                              GError **error);
void retort_plan_free (RetortPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortPlan, retort_plan_free)

/* The JSON Schema of pipeline files, from the same tables. `plugins`: of RetortFound. */
JsonNode *retort_plan_schema (GPtrArray *plugins);

G_END_DECLS
