/* planner - what the parts of the planner share while they turn a file into cells:
 *
 *   settings.c   --set
 *   parse.c      the file -> axes, tasks, endpoints, parts (data entries and steps)
 *   substitute.c ${data}, ${matrix.AXIS}
 *   expand.c     parts -> instances: one for each combination of the axes that a part depends on
 *   bind.c       instances -> cells: plugins, options, tasks, labels
 *   ask.c        the three cells of generate and extract, and the privacy rule
 *   leak.c       nothing is learnt from test data
 *   rows.c       comparisons
 *   fill.c       the filled pipeline, as text
 *
 * Whoever finds an error complains and marks the part as broken; what depends on a broken part is left in silence,
 * because complaints about it would be noise. All memory is the planner's or the file's. */
#pragma once

#include "pipeline/language.h"
#include "pipeline/plan.h"

G_BEGIN_DECLS

typedef struct {
  const char *name;        /* how rows and cells call it: "both", "model/crf" */
  const RetortYaml *value; /* a scalar, or a list of scalars */
} RetortAxisChoice;

typedef struct {
  const char *name;
  const RetortYaml *at; /* its key */
  GArray *choices;      /* of RetortAxisChoice */
  gboolean mentioned;
} RetortAxis;

typedef struct {
  const char *name;
  RetortTask *task; /* NULL: there are errors in it */
} RetortNamedTask;

typedef struct {
  const char *name;
  const RetortYaml *at, *node;
  RetortUse plugin; /* options NULL: there are errors in it */
  RetortLabel clearance;
} RetortEndpoint;

typedef enum { RETORT_PART_NEW, RETORT_PART_VISITED, RETORT_PART_DONE } RetortPartState;

/* A data entry or a step. */
typedef struct {
  const char *name;
  const RetortYaml *at;   /* its key */
  const RetortYaml *node; /* its map, as written */
  gboolean is_data;
  gboolean broken;
  gboolean *axes; /* [n_axes] written in the step itself */
  RetortPartState state;
  GPtrArray *instances; /* of RetortPartInstance, in the matrix's order */
} RetortPart;

typedef struct _RetortPartInstance RetortPartInstance;

typedef struct {
  const RetortSlot *slot;
  GPtrArray *from; /* of RetortPartInstance */
  const RetortYaml *at;
} RetortPartInput;

struct _RetortPartInstance {
  RetortPart *part;
  const RetortVerb *verb;
  const RetortYaml *node;      /* the part's map with ${...} replaced */
  gint *choices;               /* [n_axes] index of the axis's value, or -1: does not depend on it */
  GArray *inputs;              /* of RetortPartInput, in the verb's order; only those given */
  RetortPartInstance *subject; /* what a slot that fans out took, or NULL */
  char *name;
  gboolean broken;  /* its inputs are wrong */
  RetortCell *cell; /* the last of its cells; NULL: broken */
};

typedef struct {
  RetortPlan *plan;
  RetortYamlFile *file; /* of the plan */
  RetortDiagnostics *diagnostics;
  const char *data_root;
  GPtrArray *axes;      /* of RetortAxis */
  GPtrArray *tasks;     /* of RetortNamedTask */
  GPtrArray *endpoints; /* of RetortEndpoint */
  GPtrArray *parts;     /* of RetortPart: data entries, then steps, in the file's order */
  GHashTable *by_name;  /* name -> RetortPart */
  GPtrArray *order;     /* of RetortPart: inputs first */
  GPtrArray *path;      /* of RetortPart: on the way from a part to its inputs */
  RetortTask *task;     /* the pipeline's, or NULL */
  gboolean task_broken;
  guint n_combinations, n_instances;
  gboolean too_many; /* cells; said once */
  guint n_refused;   /* complaints of the privacy rule */
} RetortPlanner;

/* Shorthand: at a node of the pipeline. */
#define retort_planner_complain(planner, code, at, ...)                                                                \
  retort_complain ((planner)->diagnostics, code, (planner)->file, at, __VA_ARGS__)

/* settings.c: FALSE if one is wrong. */
gboolean retort_planner_set (RetortPlanner *planner, const char *setting);
/* A text read as YAML (`name` stands in messages about its syntax); its place is that of `at`. NULL after a complaint.
 */
RetortYaml *retort_planner_value (RetortPlanner *planner, const char *name, const char *text, const RetortYaml *at);

/* parse.c */
void retort_planner_parse (RetortPlanner *planner);
/* A `task` value: a map or a name. NULL with a complaint; full ownership. */
RetortTask *retort_planner_task (RetortPlanner *planner, const RetortYaml *node, const char *where);
gboolean retort_planner_label (RetortPlanner *planner, const RetortYaml *node, const char *where, RetortLabel *label);
RetortPart *retort_planner_part (RetortPlanner *planner, const char *name); /* or NULL */
char **retort_planner_part_names (RetortPlanner *planner);                  /* full ownership */

/* substitute.c: sets axes[i] for every ${matrix.AXIS} below `node`; unknown names are complained about, then FALSE. */
gboolean retort_planner_mentions (RetortPlanner *planner, const RetortYaml *node, gboolean *axes);
/* A copy with ${...} replaced. `choices` NULL: axes may not be mentioned. NULL after a complaint. */
const RetortYaml *retort_planner_substitute (RetortPlanner *planner, const RetortYaml *node, const gint *choices);

/* expand.c */
void retort_planner_expand (RetortPlanner *planner);

/* bind.c */
void retort_planner_bind (RetortPlanner *planner);
/* Copies of the keys of `map` that are among `keys` (NULL-terminated). */
RetortYaml *retort_planner_pick (RetortPlanner *planner, const RetortYaml *map, const char *const *keys);
/* A `tokenizer` value: a plugin's name, or a map {use, with}. */
gboolean retort_planner_tokenizer (RetortPlanner *planner, const RetortYaml *node, RetortUse *use);
/* What all cells of an instance have; `use` of the plugin comes later. */
RetortCell *retort_planner_instance_cell (RetortPlanner *planner, RetortPartInstance *instance, const char *suffix,
                                          const RetortVerb *verb, const char *use);
void retort_planner_bind_inputs (RetortPartInstance *instance, RetortCell *cell, const RetortVerb *verb);

/* ask.c: generate, extract -> render, fetch, parse. */
RetortCell *retort_planner_bind_asking (RetortPlanner *planner, RetortPartInstance *instance, RetortTask *task);
/* Complains of an endpoint that there is none, where the instance has other errors already. */
void retort_planner_check_endpoint (RetortPlanner *planner, const RetortPartInstance *instance);
/* Opens the plugin and fills its options; `at` is the `use` value. FALSE after a complaint. */
gboolean retort_planner_use (RetortPlanner *planner, const RetortYaml *at, const RetortYaml *with, const char *kind,
                             RetortUse *use);

/* leak.c, rows.c, fill.c */
void retort_planner_check_leaks (RetortPlanner *planner);
void retort_planner_compare (RetortPlanner *planner);
char *retort_planner_fill (RetortPlanner *planner);

/* cell.c */
RetortCell *retort_planner_cell (RetortPlanner *planner, char *name, const char *step, const char *use,
                                 const RetortVerb *verb,
                                 const RetortYaml *at); /* takes the name; adds it to the plan */
void retort_cell_add_input (RetortCell *cell, const char *slot, RetortCell *from); /* joins the labels */
void retort_cell_free (gpointer cell);
/* Entity labels, relations and scope are the same; NULL equals NULL. */
gboolean retort_task_equal (const RetortTask *a, const RetortTask *b);

G_END_DECLS
