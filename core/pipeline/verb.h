/* verb - what a step can be: the verbs of the core, and what plugins of a kind do as a step. One table says for each
 * which inputs it takes, what it makes, and its options. */
#pragma once

#include "plugin/registry.h"

G_BEGIN_DECLS

/* What a cell makes, and the file in its folder that holds it. */
typedef enum {
  RETORT_ARTIFACT_CORPUS,     /* corpus.jsonl; documents with gold and/or predicted layers */
  RETORT_ARTIFACT_MODEL,      /* model.retort */
  RETORT_ARTIFACT_REQUESTS,   /* requests.jsonl */
  RETORT_ARTIFACT_ANSWERS,    /* answers.jsonl */
  RETORT_ARTIFACT_SCORES,     /* scores.json */
  RETORT_ARTIFACT_COMPARISON, /* comparison.json */
} RetortArtifact;

extern const char *const retort_artifact_names[]; /* "corpus" ... */
extern const char *const retort_artifact_files[]; /* "corpus.jsonl" ... */

typedef struct {
  const char *name;       /* the key under `in` */
  RetortArtifact takes;
  gboolean required;
  gboolean many;          /* a list of steps is one input with several parts, in order */
  gboolean fans_out;      /* a list of steps makes one cell each */
  gboolean partial;       /* of several parts those whose step failed may be missing, if one is there */
} RetortSlot;

typedef struct _RetortCellRun RetortCellRun; /* run.h */

typedef struct {
  const char *name;       /* "predict", or the kind of plugin: "model" */
  const char *summary;    /* one sentence */
  gboolean user;          /* users may write it as `use`; FALSE: made by expansion (read, render, fetch, parse, compare) */
  gboolean is_kind;       /* `use` is name/plugin, options are the plugin's */
  gboolean tokenizes;     /* needs tokens: the tokenizer is part of its key */
  gboolean uses_task;     /* the task is part of its key */
  guint behaviour;        /* raised whenever its output changes */
  RetortSlot slots[4];    /* name NULL ends */
  RetortArtifact gives;
  const RetortOption *options; /* [n_options]; for verbs of the core */
  gsize n_options, options_size;
  gboolean (*run) (RetortCellRun *run, GError **error); /* in the cell's process */
} RetortVerb;

/* Raised whenever the core's own work on documents (alignment, reading of answers, tokens' checks) changes output; in
 * the key of every cell. */
#define RETORT_CORE_BEHAVIOUR 1

/* All verbs, in the order of docs; NULL beyond the last. `generate` and `extract` are here for their options and slots;
 * the planner replaces them by render, fetch, parse (run is NULL). */
const RetortVerb *retort_verb_at (guint i);
const RetortVerb *retort_verb_find (const char *use); /* "predict", or by kind: "model/crf" */
const RetortSlot *retort_verb_slot (const RetortVerb *verb, const char *name); /* or NULL */
RetortOptionTable retort_verb_table (const RetortVerb *verb);

/* The options of the verbs. */
typedef struct { const char *endpoint; const char *prompt; const char *accept; } RetortGenerateOptions; /* "all" or a number */
typedef struct { const char *endpoint; const char *prompt; } RetortExtractOptions;
typedef struct { const char *entities; /* "predicted" or "gold" */ } RetortPredictOptions;
typedef struct { const char *const *weights; /* input step, weight */ } RetortConcatOptions;
typedef struct { double share; const char *part; /* "inside" or "outside" */ const char *group; } RetortSplitOptions;
typedef struct { gint64 k, fold; const char *part; /* "train" or "test" */ const char *group; } RetortFoldsOptions;
typedef struct { const char *to, *who, *why, *method; } RetortDeclassifyOptions;
typedef struct {
  const char *path, *format;
  const char *const *map;
} RetortReadOptions; /* beside them the format plugin's own options */
typedef struct { const char *accept; } RetortParseOptions;
typedef struct {
  const char *metric;
  const char *const *rows;
  const char *baseline;
  const char *const *findings; /* statement, "better > worse" */
  gint64 rounds;
} RetortCompareOptions;

G_END_DECLS
