/* verb - the table of what a step can be. Core verbs first, then the kinds of plugins, then what expansion makes. */
#include "pipeline/verb.h"

#include "pipeline/run.h"

const char *const retort_artifact_names[] = { "corpus", "model", "requests", "answers", "scores", "comparison", NULL };
const char *const retort_artifact_files[] = { "corpus.jsonl",  "model.retort", "requests.jsonl",
                                              "answers.jsonl", "scores.json",  "comparison.json", NULL };

static const char *const entities_choices[] = { "predicted", "gold", NULL };
static const char *const split_parts[] = { "inside", "outside", NULL };
static const char *const fold_parts[] = { "train", "test", NULL };
static const char *const lower_labels[] = { "public", "internal", "deidentified", "restricted", NULL };

static const RetortOption generate_options[] = {
  RETORT_OPTION_STRING (RetortGenerateOptions, endpoint, "endpoint", NULL, "Who is asked: a name under `endpoints`.",
                        .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_PATH (RetortGenerateOptions, prompt, "prompt", "The prompt file.", .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_STRING (RetortGenerateOptions, accept, "accept", "all",
                        "How many documents are wanted: `all` that the prompt's requests give, or the first N."),
};

static const RetortOption extract_options[] = {
  RETORT_OPTION_STRING (RetortExtractOptions, endpoint, "endpoint", NULL, "Who is asked: a name under `endpoints`.",
                        .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_PATH (RetortExtractOptions, prompt, "prompt", "The prompt file.", .flags = RETORT_OPTION_REQUIRED),
};

static const RetortOption predict_options[] = {
  RETORT_OPTION_CHOICE (RetortPredictOptions, entities, "entities", "predicted", entities_choices,
                        "Whose entities relations are looked for between: the model's own, or the gold ones as given."),
};

static const RetortOption concat_options[] = {
  RETORT_OPTION_MAP (RetortConcatOptions, weights, "weights",
                     "Weight in training of the documents of an input, by its step's name; 1 where absent."),
};

static const RetortOption split_options[] = {
  RETORT_OPTION_NUMBER (RetortSplitOptions, share, "share", NULL, 0, 1, "Share of the documents that are inside.",
                        .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_CHOICE (RetortSplitOptions, part, "part", "inside", split_parts,
                        "Which part this step gives; two steps of one seed and input give both."),
  RETORT_OPTION_STRING (RetortSplitOptions, group, "group", NULL,
                        "Metadata key: documents of one value (a patient, a seed note) stay together."),
};

static const RetortOption folds_options[] = {
  RETORT_OPTION_INT (RetortFoldsOptions, k, "k", "10", 2, 1000, "Number of folds."),
  RETORT_OPTION_INT (RetortFoldsOptions, fold, "fold", NULL, 1, 1000, "Which fold is the test part.",
                     .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_CHOICE (RetortFoldsOptions, part, "part", "train", fold_parts, "The fold itself, or all the others."),
  RETORT_OPTION_STRING (RetortFoldsOptions, group, "group", NULL,
                        "Metadata key: documents of one value (a patient, a seed note) stay together."),
};

static const RetortOption declassify_options[] = {
  RETORT_OPTION_CHOICE (RetortDeclassifyOptions, to, "to", NULL, lower_labels, "The lower label.",
                        .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_STRING (RetortDeclassifyOptions, who, "who", NULL, "Who answers for it.",
                        .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_STRING (RetortDeclassifyOptions, why, "why", NULL, "Why it is right.",
                        .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_STRING (RetortDeclassifyOptions, method, "method", NULL, "By what method the text was made safe.",
                        .flags = RETORT_OPTION_REQUIRED),
};

static const RetortOption read_options[] = {
  RETORT_OPTION_PATH (RetortReadOptions, path, "path", "The file; `${data}` is the data root.",
                      .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_STRING (RetortReadOptions, format, "format", NULL, "A plugin `format/NAME`.",
                        .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_MAP (RetortReadOptions, map, "map",
                     "Labels of the file -> labels of the task; `*` stands for all others, \"\" drops."),
};

static const RetortOption parse_options[] = {
  RETORT_OPTION_STRING (RetortParseOptions, accept, "accept", "all", "How many documents: `all`, or the first N."),
};

static const RetortOption compare_options[] = {
  RETORT_OPTION_STRING (RetortCompareOptions, metric, "metric", NULL, "The metric compared.",
                        .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_LIST (RetortCompareOptions, rows, "rows", NULL, "Names of the rows, in the inputs' order.",
                      .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_STRING (RetortCompareOptions, baseline, "baseline", NULL, "The row that the others are compared with."),
  RETORT_OPTION_MAP (RetortCompareOptions, findings, "findings",
                     "Statements to be tried on these rows: a sentence, and `better > worse`."),
  RETORT_OPTION_INT (RetortCompareOptions, rounds, "rounds", "10000", 100, 10000000,
                     "Resamples of the intervals, and shuffles of the tests."),
};

#define OPTIONS(S, table) .options = table, .n_options = G_N_ELEMENTS (table), .options_size = sizeof (S)

static const RetortVerb verbs[] = {
  { .name = "generate", .summary = "Has a language model write labelled documents.", .user = TRUE, .uses_task = TRUE,
    .gives = RETORT_ARTIFACT_CORPUS, OPTIONS (RetortGenerateOptions, generate_options) },
  { .name = "extract", .summary = "Asks a language model what stands in documents (zero-shot, or with examples).",
    .user = TRUE, .uses_task = TRUE, .slots = { { "corpus", RETORT_ARTIFACT_CORPUS, .required = TRUE } },
    .gives = RETORT_ARTIFACT_CORPUS, OPTIONS (RetortExtractOptions, extract_options) },
  { .name = "predict", .summary = "Adds what a model predicts.", .user = TRUE, .uses_task = TRUE, .behaviour = 1,
    .slots = { { "model", RETORT_ARTIFACT_MODEL, .required = TRUE }, { "corpus", RETORT_ARTIFACT_CORPUS, .required = TRUE } },
    .gives = RETORT_ARTIFACT_CORPUS, OPTIONS (RetortPredictOptions, predict_options), .run = retort_run_predict },
  { .name = "concat", .summary = "One corpus after the other, as one.", .user = TRUE, .behaviour = 1,
    .slots = { { "corpora", RETORT_ARTIFACT_CORPUS, .required = TRUE, .many = TRUE } },
    .gives = RETORT_ARTIFACT_CORPUS, OPTIONS (RetortConcatOptions, concat_options), .run = retort_run_concat },
  { .name = "split", .summary = "A random part of the documents, or the rest.", .user = TRUE, .behaviour = 1,
    .slots = { { "corpus", RETORT_ARTIFACT_CORPUS, .required = TRUE } },
    .gives = RETORT_ARTIFACT_CORPUS, OPTIONS (RetortSplitOptions, split_options), .run = retort_run_split },
  { .name = "folds", .summary = "One fold of a cross-validation, or all but that.", .user = TRUE, .behaviour = 1,
    .slots = { { "corpus", RETORT_ARTIFACT_CORPUS, .required = TRUE } },
    .gives = RETORT_ARTIFACT_CORPUS, OPTIONS (RetortFoldsOptions, folds_options), .run = retort_run_folds },
  { .name = "declassify", .summary = "States that a corpus may carry a lower privacy label, and who says so.",
    .user = TRUE, .behaviour = 1, .slots = { { "corpus", RETORT_ARTIFACT_CORPUS, .required = TRUE } },
    .gives = RETORT_ARTIFACT_CORPUS, OPTIONS (RetortDeclassifyOptions, declassify_options), .run = retort_run_declassify },

  { .name = "model", .summary = "Trains a model.", .user = TRUE, .is_kind = TRUE, .tokenizes = TRUE, .uses_task = TRUE,
    .behaviour = 1,
    .slots = { { "train", RETORT_ARTIFACT_CORPUS, .required = TRUE }, { "dev", RETORT_ARTIFACT_CORPUS } },
    .gives = RETORT_ARTIFACT_MODEL, .run = retort_run_train },
  { .name = "filter", .summary = "Drops or mends documents.", .user = TRUE, .is_kind = TRUE, .tokenizes = TRUE,
    .behaviour = 1, .slots = { { "corpus", RETORT_ARTIFACT_CORPUS, .required = TRUE } },
    .gives = RETORT_ARTIFACT_CORPUS, .run = retort_run_filter },
  { .name = "evaluator", .summary = "Scores predictions against gold.", .user = TRUE, .is_kind = TRUE,
    .uses_task = TRUE, .behaviour = 1,
    .slots = { { "gold", RETORT_ARTIFACT_CORPUS, .required = TRUE },
               { "predicted", RETORT_ARTIFACT_CORPUS, .required = TRUE, .fans_out = TRUE } },
    .gives = RETORT_ARTIFACT_SCORES, .run = retort_run_evaluate },

  { .name = "read", .summary = "Reads a corpus from a file.", .uses_task = TRUE, .behaviour = 1,
    .gives = RETORT_ARTIFACT_CORPUS, OPTIONS (RetortReadOptions, read_options), .run = retort_run_read },
  { .name = "render", .summary = "Writes the requests of a generate or extract step.", .uses_task = TRUE,
    .behaviour = 1, .slots = { { "corpus", RETORT_ARTIFACT_CORPUS } },
    .gives = RETORT_ARTIFACT_REQUESTS, .run = retort_run_render },
  { .name = "fetch", .summary = "Gets the answers.", .behaviour = 1,
    .slots = { { "requests", RETORT_ARTIFACT_REQUESTS, .required = TRUE } },
    .gives = RETORT_ARTIFACT_ANSWERS, .run = retort_run_fetch },
  { .name = "parse", .summary = "Makes documents of the answers.", .uses_task = TRUE, .behaviour = 1,
    .slots = { { "answers", RETORT_ARTIFACT_ANSWERS, .required = TRUE },
               { "requests", RETORT_ARTIFACT_REQUESTS, .required = TRUE }, { "corpus", RETORT_ARTIFACT_CORPUS } },
    .gives = RETORT_ARTIFACT_CORPUS, OPTIONS (RetortParseOptions, parse_options), .run = retort_run_parse },
  { .name = "compare", .summary = "Compares scores: intervals, differences, tests.", .uses_task = TRUE, .behaviour = 1,
    .slots = { { "scores", RETORT_ARTIFACT_SCORES, .required = TRUE, .many = TRUE, .partial = TRUE } },
    .gives = RETORT_ARTIFACT_COMPARISON, OPTIONS (RetortCompareOptions, compare_options), .run = retort_run_compare },
};

const RetortVerb *
retort_verb_at (guint i)
{
  return i < G_N_ELEMENTS (verbs) ? &verbs[i] : NULL;
}

const RetortVerb *
retort_verb_find (const char *use)
{
  const char *slash = strchr (use, '/');
  gsize length = slash != NULL ? (gsize) (slash - use) : strlen (use);

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (verbs[i].is_kind == (slash != NULL) && strlen (verbs[i].name) == length &&
        strncmp (verbs[i].name, use, length) == 0)
      return &verbs[i];
  return NULL;
}

const RetortSlot *
retort_verb_slot (const RetortVerb *verb, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (verb->slots) && verb->slots[i].name != NULL; i++)
    if (g_str_equal (verb->slots[i].name, name))
      return &verb->slots[i];
  return NULL;
}

RetortOptionTable
retort_verb_table (const RetortVerb *verb)
{
  return (RetortOptionTable) { verb->options, verb->n_options, sizeof (RetortOption), verb->options_size };
}
