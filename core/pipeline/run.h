/* run - what a verb's run function gets, in the process of its cell. */
#pragma once

#include "pipeline/plan.h"
#include "plugin/context.h"
#include "text/sink.h"

G_BEGIN_DECLS

typedef struct {
  char *name; /* the step it comes from */
  char *path; /* folder of the finished cell; "" if it failed and the slot takes what there is */
} RetortCellPart;

typedef struct {
  char *slot;
  GPtrArray *parts; /* of RetortCellPart */
} RetortCellRunInput;

struct _RetortCellRun {
  const RetortVerb *verb;
  char *name;                /* of the cell, for messages */
  char *step;                /* in the YAML */
  char *use;
  char *key;
  char *out;                 /* folder to write into */
  RetortContext *context;
  RetortDiagnostics *diagnostics;
  RetortOptions *options;    /* of core verbs, or NULL */
  RetortInstance *plugin;    /* or NULL */
  RetortInstance *tokenizer; /* or NULL */
  RetortTask *task;          /* or NULL */
  char *prompt, *purpose;    /* or NULL */
  RetortLabel label;
  guint64 seed;
  GPtrArray *inputs;         /* of RetortCellRunInput */
};

/* Parts under `slot`; 0 if there is no such input. */
guint retort_cell_n_parts (const RetortCellRun *run, const char *slot);
const RetortCellPart *retort_cell_part (const RetortCellRun *run, const char *slot, guint i);
/* Path of the artifact's file of part i: ".../corpus.jsonl". Full ownership. */
char *retort_cell_input (const RetortCellRun *run, const char *slot, guint i, RetortArtifact artifact);
/* Path to write the verb's artifact to, or another file beside it. Full ownership. */
char *retort_cell_output (const RetortCellRun *run);
char *retort_cell_output_file (const RetortCellRun *run, const char *name);
/* Calls func for every document of part i of a corpus slot. */
gboolean retort_cell_each_document (RetortCellRun *run, const char *slot, guint part, RetortSinkFunc func, gpointer user,
                                    GError **error);
/* RETORT_ERROR_PLUGIN if a plugin has printed to stdout since; `document` names the first suspect, or NULL. */
gboolean retort_cell_check_stdout (const char *plugin, const char *document, GError **error);

/* Copies with tokens and sentences as the tokenizer cuts them; what a tokenizer does wrong names it and the document. */
RetortChunk *retort_tokenize_chunk (RetortInstance *tokenizer, RetortContext *context, RetortChunk *chunk,
                                    GError **error);
/* A corpus file as another one, with tokens. */
gboolean retort_tokenize_file (RetortInstance *tokenizer, RetortContext *context, const char *from, const char *to,
                               GError **error);
RetortCorpus *retort_tokenize_corpus (RetortInstance *tokenizer, RetortContext *context, RetortCorpus *corpus,
                                      GError **error);

/* Beside a comparison: the findings of others that were tried on its rows, an array of comparisons of two rows. */
#define RETORT_FINDINGS_FILE "findings.json"

/* The stages of the plugin kinds and verbs, one function each (steps-*.c). */
gboolean retort_run_read (RetortCellRun *run, GError **error);
gboolean retort_run_concat (RetortCellRun *run, GError **error);
gboolean retort_run_split (RetortCellRun *run, GError **error);
gboolean retort_run_folds (RetortCellRun *run, GError **error);
gboolean retort_run_declassify (RetortCellRun *run, GError **error);
gboolean retort_run_filter (RetortCellRun *run, GError **error);
gboolean retort_run_train (RetortCellRun *run, GError **error);
gboolean retort_run_predict (RetortCellRun *run, GError **error);
gboolean retort_run_evaluate (RetortCellRun *run, GError **error);
gboolean retort_run_compare (RetortCellRun *run, GError **error);
gboolean retort_run_render (RetortCellRun *run, GError **error);
gboolean retort_run_fetch (RetortCellRun *run, GError **error);
gboolean retort_run_parse (RetortCellRun *run, GError **error);

G_END_DECLS
