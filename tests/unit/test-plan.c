/* test-plan - from a pipeline's text to its cells. What is wrong in pipelines is tested by the files of tests/invalid.
 */
#include "pipeline/plan.h"

#include "base/limit.h"
#include "retort-test.h"
#include <string.h>

#define HEAD "retort: 1\nseed: 5\ntask: {entities: [Disease]}\n"
#define DATA                                                                                                           \
  "data:\n"                                                                                                            \
  "  train: {path: train.conll, format: format/conll, label: public}\n"                                                \
  "  more: {path: more.conll, format: format/conll, label: public}\n"                                                  \
  "  test: {path: test.conll, format: format/conll, label: public}\n"

static char *folder;

/* The plan of a text, which has to be right. */
static RetortPlan *
load (const char *text, const char *const *settings)
{
  g_autofree char *path = retort_test_write (folder, "pipeline.yaml", text);
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (GError) error = NULL;
  RetortPlan *plan = retort_plan_load (path, &(RetortPlanOptions){ folder, settings }, diagnostics, &error);

  retort_test_expect_diagnostics (diagnostics, "");
  g_assert_no_error (error);
  return plan;
}

/* All that is said about a text, which has to be wrong; paths without their folder. */
static char *
complaints (const char *text, const char *const *settings)
{
  g_autofree char *path = retort_test_write (folder, "pipeline.yaml", text);
  g_autofree char *prefix = g_strconcat (folder, "/", NULL);
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RetortPlan) plan = retort_plan_load (path, &(RetortPlanOptions){ folder, settings }, diagnostics, &error);

  g_assert_null (plan);
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);
  g_auto (GStrv) parts = g_strsplit (listing, prefix, -1);
  return g_strjoinv ("", parts);
}

static const RetortCell *
find (const RetortPlan *plan, const char *name)
{
  for (guint i = 0; i < plan->cells->len; i++)
    if (g_str_equal (((const RetortCell *)plan->cells->pdata[i])->name, name))
      return plan->cells->pdata[i];
  g_test_message ("there is no cell %s", name);
  return NULL;
}

/* "slot=cell+cell slot=cell" */
static char *
inputs (const RetortCell *cell)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < cell->inputs->len; i++) {
    const RetortCellInput *input = &g_array_index (cell->inputs, RetortCellInput, i);
    g_string_append_printf (text, "%s%s=", i > 0 ? " " : "", input->slot);
    for (guint j = 0; j < input->from->len; j++)
      g_string_append_printf (text, "%s%s", j > 0 ? "+" : "", ((const RetortCell *)input->from->pdata[j])->name);
  }
  return g_string_free (text, FALSE);
}

static void
expect_inputs (const RetortPlan *plan, const char *name, const char *expected)
{
  const RetortCell *cell = find (plan, name);

  g_assert_nonnull (cell);
  g_autofree char *text = inputs (cell);
  g_assert_cmpstr (text, ==, expected);
}

/* The names of all cells that come from a step, in order. */
static void
expect_cells (const RetortPlan *plan, const char *step, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < plan->cells->len; i++) {
    const RetortCell *cell = plan->cells->pdata[i];
    g_assert_cmpuint (cell->index, ==, i);
    if (g_str_equal (cell->step, step))
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", cell->name);
  }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
expect_order (const RetortPlan *plan)
{
  for (guint i = 0; i < plan->cells->len; i++) {
    const RetortCell *cell = plan->cells->pdata[i];
    for (guint j = 0; j < cell->inputs->len; j++) {
      const GPtrArray *from = g_array_index (cell->inputs, RetortCellInput, j).from;
      for (guint k = 0; k < from->len; k++)
        g_assert_cmpuint (((const RetortCell *)from->pdata[k])->index, <, i);
    }
  }
}

/* --- expansion --- */

static void
test_plain (void)
{
  g_autoptr (RetortPlan) plan
      = load (HEAD DATA "steps:\n"
                        "  scores: {use: evaluator/spans, in: {gold: test, predicted: tagged}}\n"
                        "  tagged: {use: predict, in: {model: model, corpus: test}}\n"
                        "  model: {use: model/crf, in: {train: train}}\n",
              NULL);

  /* `more` is read although no step uses it; and what is scored comes in a table, asked for or not. */
  g_assert_cmpuint (plan->cells->len, ==, 7);
  g_assert_cmpuint (plan->compares->len, ==, 1);
  expect_inputs (plan, "compare:scores", "scores=scores(tagged)");
  expect_cells (plan, "model", "model");
  expect_inputs (plan, "tagged", "model=model corpus=test");
  expect_inputs (plan, "scores(tagged)", "gold=test predicted=tagged");
  expect_order (plan);
  g_assert_cmpstr (find (plan, "model")->use, ==, "model/crf");
  g_assert_cmpstr (find (plan, "model")->tokenizer.loaded->id, ==, "tokenizer/clinical");
  g_assert_null (find (plan, "tagged")->tokenizer.loaded);
  g_assert_cmpstr (find (plan, "test")->use, ==, "read");
  g_assert_cmpstr (find (plan, "test")->plugin.loaded->id, ==, "format/conll");
  g_assert_cmpstr (plan->name, ==, "pipeline");
}

#define MATRIX                                                                                                         \
  HEAD DATA "steps:\n"                                                                                                 \
            "  clean: {use: filter/dedup, in: {corpus: more}, seed: \"${matrix.seed}\"}\n"                             \
            "  all: {use: concat, in: {corpora: \"${matrix.source}\"}}\n"                                              \
            "  model: {use: \"${matrix.backend}\", in: {train: all}}\n"                                                \
            "  lexicon: {use: model/perceptron, in: {train: train}}\n"                                                 \
            "  known: {use: predict, in: {model: lexicon, corpus: test}}\n"                                            \
            "  tagged: {use: predict, in: {model: model, corpus: test}}\n"                                             \
            "  scores: {use: evaluator/spans, in: {gold: test, predicted: [tagged, known]}}\n"                         \
            "matrix:\n"                                                                                                \
            "  source: {made: [clean], real: train, both: [clean, train]}\n"                                           \
            "  seed: [1, 2]\n"                                                                                         \
            "  backend: [model/crf, model/perceptron]\n"

static void
test_instances (void)
{
  g_autoptr (RetortPlan) plan = load (MATRIX, NULL);

  expect_cells (plan, "clean", "clean[seed=1] clean[seed=2]");
  expect_cells (plan, "all",
                "all[source=made,seed=1] all[source=made,seed=2] all[source=real] all[source=both,seed=1] "
                "all[source=both,seed=2]");
  expect_cells (plan, "lexicon", "lexicon");
  expect_inputs (plan, "all[source=both,seed=2]", "corpora=clean[seed=2]+train");
  expect_inputs (plan, "all[source=real]", "corpora=train");
  expect_inputs (plan, "model[source=made,seed=1,backend=model/perceptron]", "train=all[source=made,seed=1]");
  expect_inputs (plan, "tagged[source=real,backend=model/crf]",
                 "model=model[source=real,backend=model/crf] corpus=test");
  expect_order (plan);
}

static void
test_fan_out (void)
{
  g_autoptr (RetortPlan) plan = load (MATRIX, NULL);
  guint n = 0;

  for (guint i = 0; i < plan->cells->len; i++)
    n += g_str_equal (((const RetortCell *)plan->cells->pdata[i])->step, "scores");
  g_assert_cmpuint (n, ==, 10 + 1);
  expect_inputs (plan, "scores(known)", "gold=test predicted=known");
  expect_inputs (plan, "scores(tagged[source=real,backend=model/crf])",
                 "gold=test predicted=tagged[source=real,backend=model/crf]");
  const RetortCell *cell = find (plan, "scores(tagged[source=both,seed=2,backend=model/crf])");
  g_assert_cmpuint (cell->axes->len, ==, 3);
  g_assert_cmpstr (g_array_index (cell->axes, RetortAxisValue, 1).axis, ==, "seed");
  g_assert_cmpstr (g_array_index (cell->axes, RetortAxisValue, 1).value, ==, "2");
}

/* What an evaluation depends on beside its subject stands before it. */
static void
test_fan_out_own_axes (void)
{
  g_autoptr (RetortPlan) plan
      = load (HEAD DATA "steps:\n"
                        "  model: {use: model/crf, in: {train: train}}\n"
                        "  tagged: {use: predict, in: {model: model, corpus: test}}\n"
                        "  part: {use: folds, in: {corpus: test}, with: {k: 2, fold: "
                        "\"${matrix.fold}\", part: test}}\n"
                        "  scores: {use: evaluator/spans, in: {gold: part, predicted: tagged}}\n"
                        "matrix: {fold: [1, 2]}\n",
              NULL);

  expect_cells (plan, "scores", "scores[fold=1](tagged) scores[fold=2](tagged)");
  expect_inputs (plan, "scores[fold=2](tagged)", "gold=part[fold=2] predicted=tagged");
}

/* Two inputs that depend on one axis meet only where they agree. */
static void
test_shared_axes (void)
{
  g_autoptr (RetortPlan) plan = load (
      HEAD DATA "steps:\n"
                "  inside: {use: folds, in: {corpus: train}, with: {k: 2, fold: \"${matrix.fold}\"}}\n"
                "  outside: {use: folds, in: {corpus: train}, with: {k: 2, fold: \"${matrix.fold}\", part: test}}\n"
                "  model: {use: \"${matrix.backend}\", in: {train: inside}}\n"
                "  tagged: {use: predict, in: {model: model, corpus: outside}}\n"
                "  scores: {use: evaluator/spans, in: {gold: outside, predicted: tagged}}\n"
                "matrix: {backend: [model/crf, model/perceptron], fold: [1, 2]}\n",
      NULL);

  expect_cells (plan, "tagged",
                "tagged[backend=model/crf,fold=1] tagged[backend=model/crf,fold=2] "
                "tagged[backend=model/perceptron,fold=1] tagged[backend=model/perceptron,fold=2]");
  expect_inputs (plan, "tagged[backend=model/perceptron,fold=2]",
                 "model=model[backend=model/perceptron,fold=2] corpus=outside[fold=2]");
  expect_inputs (plan, "scores(tagged[backend=model/crf,fold=1])",
                 "gold=outside[fold=1] predicted=tagged[backend=model/crf,fold=1]");
}

static void
test_substitution (void)
{
  g_autoptr (RetortPlan) plan = load (HEAD DATA "steps:\n"
                                                "  a: {use: concat, in: {corpora: [train, \"${matrix.extra}\"]}}\n"
                                                "  model: {use: \"model/${matrix.backend}\", in: {train: a}}\n"
                                                "matrix: {extra: {two: [more, test]}, backend: [crf]}\n",
                                      NULL);

  expect_inputs (plan, "a[extra=two]", "corpora=train+more+test");
  g_assert_cmpstr (find (plan, "model[extra=two,backend=crf]")->use, ==, "model/crf");
}

static void
test_asking (void)
{
  g_autoptr (RetortPlan) plan = load (
      HEAD DATA "endpoints:\n"
                "  local: {use: generator/replay, with: {path: answers.jsonl}}\n"
                "steps:\n"
                "  made: {use: generate, with: {endpoint: local, prompt: write.yaml, accept: 7}}\n"
                "  asked: {use: extract, in: {corpus: \"${matrix.set}\"}, with: {endpoint: local, prompt: find.yaml}}\n"
                "matrix: {set: [more, test]}\n",
      NULL);

  expect_cells (plan, "made", "made:render made:fetch made");
  expect_cells (plan, "asked",
                "asked[set=more]:render asked[set=more]:fetch asked[set=more] asked[set=test]:render "
                "asked[set=test]:fetch asked[set=test]");
  expect_inputs (plan, "made:render", "");
  expect_inputs (plan, "made:fetch", "requests=made:render");
  expect_inputs (plan, "made", "answers=made:fetch requests=made:render");
  expect_inputs (plan, "asked[set=test]:render", "corpus=test");
  expect_inputs (plan, "asked[set=test]", "answers=asked[set=test]:fetch requests=asked[set=test]:render corpus=test");
  const RetortCell *render = find (plan, "made:render"), *fetch = find (plan, "made:fetch"),
                   *parse = find (plan, "made");
  g_assert_cmpstr (render->purpose, ==, "generate");
  g_assert_true (g_str_has_suffix (render->prompt, "/write.yaml"));
  g_assert_cmpstr (parse->prompt, ==, render->prompt);
  g_assert_cmpstr (((const RetortParseOptions *)parse->options->data)->accept, ==, "7");
  g_assert_cmpstr (fetch->plugin.loaded->id, ==, "generator/replay");
  g_assert_nonnull (fetch->plugin.options);
  g_assert_cmpint (fetch->clearance, ==, RETORT_LABEL_PHI);
  g_assert_null (fetch->prompt);
  g_assert_cmpstr (find (plan, "asked[set=more]")->purpose, ==, "extract");
}

static void
test_seeds_and_limits (void)
{
  g_autoptr (RetortPlan) plan = load (
      HEAD DATA "steps:\n"
                "  a: {use: model/perceptron, in: {train: train}}\n"
                "  b: {use: model/perceptron, in: {train: train}, seed: \"${matrix.seed}\", limit: {time: 1.5h, "
                "stall: 30s}}\n"
                "matrix: {seed: [17, 9007199254740993]}\n",
      NULL);

  g_assert_cmpuint (plan->seed, ==, 5);
  g_assert_cmpuint (find (plan, "a")->seed, ==, 5);
  g_assert_cmpuint (find (plan, "b[seed=17]")->seed, ==, 17);
  g_assert_cmpuint (find (plan, "b[seed=9007199254740993]")->seed, ==, G_GUINT64_CONSTANT (9007199254740993));
  g_assert_cmpfloat (find (plan, "a")->time_limit, ==, RETORT_LIMIT_CELL_SECONDS);
  g_assert_cmpfloat (find (plan, "b[seed=17]")->time_limit, ==, 5400);
  g_assert_cmpfloat (find (plan, "b[seed=17]")->stall_limit, ==, 30);
}

/* --- tasks, labels --- */

static void
test_tasks (void)
{
  g_autoptr (RetortPlan) plan
      = load ("retort: 1\n"
              "task: illnesses\n"
              "tasks:\n"
              "  illnesses: {entities: [Disease]}\n"
              "  drugs: {entities: [Drug, Effect], relations: {Causes: [Drug, Effect]}, scope: document}\n"
              "data:\n"
              "  train: {path: train.conll, format: format/conll, label: public}\n"
              "  more: {path: more.conll, format: format/conll, label: public, task: drugs}\n"
              "steps:\n"
              "  a: {use: model/perceptron, in: {train: train}}\n"
              "  b: {use: model/perceptron, in: {train: more}}\n"
              "  c: {use: model/perceptron, in: {train: more}, task: {entities: [Drug]}}\n"
              "  d: {use: concat, in: {corpora: [train, more]}, task: illnesses}\n",
              NULL);

  g_assert_cmpstr (find (plan, "a")->task->entities[0], ==, "Disease");
  g_assert_cmpint (find (plan, "a")->task->scope, ==, RETORT_SCOPE_SENTENCE);
  g_assert_cmpuint (find (plan, "b")->task->n_entities, ==, 2);
  g_assert_cmpint (find (plan, "b")->task->scope, ==, RETORT_SCOPE_DOCUMENT);
  g_assert_cmpstr (find (plan, "b")->task->relations[0].tail, ==, "Effect");
  g_assert_cmpuint (find (plan, "c")->task->n_entities, ==, 1);
  g_assert_cmpstr (find (plan, "d")->task->entities[0], ==, "Disease");
}

static void
test_labels (void)
{
  g_autoptr (RetortPlan) plan
      = load (HEAD "data:\n"
                   "  a: {path: train.conll, format: format/conll, label: internal}\n"
                   "  b: {path: more.conll, format: format/conll, label: phi}\n"
                   "  c: {path: test.conll, format: format/conll}\n"
                   "endpoints:\n"
                   "  local: {use: generator/replay, with: {path: answers.jsonl}, clearance: internal}\n"
                   "steps:\n"
                   "  both: {use: concat, in: {corpora: [a, b]}}\n"
                   "  model: {use: model/crf, in: {train: both}}\n"
                   "  tagged: {use: predict, in: {model: model, corpus: a}}\n"
                   "  open: {use: declassify, in: {corpus: both}, with: {to: internal, who: A, why: B, method: C}}\n"
                   "  asked: {use: extract, in: {corpus: open}, with: {endpoint: local, prompt: find.yaml}}\n"
                   "  made: {use: generate, with: {endpoint: local, prompt: write.yaml}}\n",
              NULL);

  g_assert_cmpint (find (plan, "a")->label, ==, RETORT_LABEL_INTERNAL);
  g_assert_cmpint (find (plan, "c")->label, ==, RETORT_LABEL_RESTRICTED);
  g_assert_cmpint (find (plan, "both")->label, ==, RETORT_LABEL_PHI);
  g_assert_cmpint (find (plan, "tagged")->label, ==, RETORT_LABEL_PHI); /* through the model */
  g_assert_cmpint (find (plan, "open")->label, ==, RETORT_LABEL_INTERNAL);
  g_assert_cmpint (find (plan, "asked:fetch")->label, ==, RETORT_LABEL_INTERNAL);
  g_assert_cmpint (find (plan, "asked:fetch")->clearance, ==, RETORT_LABEL_INTERNAL);
  g_assert_cmpint (find (plan, "asked")->label, ==, RETORT_LABEL_INTERNAL);
  g_assert_cmpint (find (plan, "made")->label, ==, RETORT_LABEL_PUBLIC);
}

/* --- test data --- */

#define PARTS(first, second)                                                                                           \
  HEAD DATA "steps:\n"                                                                                                 \
            "  inside: {use: split, in: {corpus: train}, with: {share: 0.8}}\n"                                        \
            "  outside: {use: split, in: {corpus: train}, with: {share: " first ", part: outside}" second "}\n"        \
            "  clean: {use: filter/dedup, in: {corpus: outside}}\n"                                                    \
            "  model: {use: model/crf, in: {train: inside}}\n"                                                         \
            "  tagged: {use: predict, in: {model: model, corpus: clean}}\n"                                            \
            "  scores: {use: evaluator/spans, in: {gold: clean, predicted: tagged}}\n"

static void
test_leak_parts (void)
{
  g_autoptr (RetortPlan) plan = load (PARTS ("0.8", ""), NULL);
  g_autofree char *share = complaints (PARTS ("0.7", ""), NULL);
  g_autofree char *seed = complaints (PARTS ("0.8", ", seed: 6"), NULL);

  g_assert_nonnull (plan);
  g_assert_nonnull (strstr (share, "'train' of step 'model' holds documents of 'train', on which 'scores' tests it"));
  g_assert_nonnull (strstr (seed, "[RT-264]"));
}

/* A part of a part still stands apart from the other part of the whole. */
static void
test_leak_nested_parts (void)
{
  g_autoptr (RetortPlan) plan
      = load (HEAD DATA "steps:\n"
                        "  rest: {use: split, in: {corpus: train}, with: {share: 0.8}}\n"
                        "  held: {use: split, in: {corpus: train}, with: {share: 0.8, part: outside}}\n"
                        "  learn: {use: split, in: {corpus: rest}, with: {share: 0.9}}\n"
                        "  dev: {use: split, in: {corpus: rest}, with: {share: 0.9, part: outside}}\n"
                        "  model: {use: model/crf, in: {train: learn, dev: dev}}\n"
                        "  tagged: {use: predict, in: {model: model, corpus: held}}\n"
                        "  scores: {use: evaluator/spans, in: {gold: held, predicted: tagged}}\n",
              NULL);
  g_assert_nonnull (plan);
}

/* A model that learns from what a model predicted was taught by that model's data too. */
static void
test_leak_through_models (void)
{
  g_autofree char *said
      = complaints (HEAD DATA "steps:\n"
                              "  teacher: {use: model/crf, in: {train: test}}\n"
                              "  silver: {use: predict, in: {model: teacher, corpus: more}}\n"
                              "  pupil: {use: model/crf, in: {train: silver}}\n"
                              "  tagged: {use: predict, in: {model: pupil, corpus: test}}\n"
                              "  scores: {use: evaluator/spans, in: {gold: test, predicted: tagged}}\n",
                    NULL);

  g_assert_nonnull (strstr (said, "'train' of step 'teacher' holds documents of 'test'"));
  g_assert_nonnull (strstr (said, "'train' of step 'pupil' holds documents of 'test'"));
}

/* --- comparisons --- */

static void
test_compare (void)
{
  g_autoptr (RetortPlan) plan
      = load (MATRIX "compare: {rows: [known, tagged], metric: strict.micro.f1, baseline: known, rounds: 500}\n", NULL);
  const RetortComparePlan *compare = plan->compares->pdata[0];
  const RetortCompareOptions *options = compare->cell->options->data;

  g_assert_cmpuint (compare->rows->len, ==, 11);
  g_assert_cmpstr (compare->row_labels->pdata[0], ==, "known");
  g_assert_cmpstr (compare->row_labels->pdata[1], ==, "made / 1 / crf");
  g_assert_cmpstr (((const RetortCell *)compare->rows->pdata[0])->name, ==, "scores(known)");
  g_assert_cmpstr (((const RetortCell *)compare->row_subjects->pdata[0])->name, ==, "known");
  g_assert_cmpint (compare->baseline, ==, 0);
  g_assert_cmpstr (compare->cell->name, ==, "compare");
  g_assert_cmpstr (compare->title, ==, "pipeline");
  g_assert_cmpstr (options->metric, ==, "strict.micro.f1");
  g_assert_cmpstr (options->baseline, ==, "known");
  g_assert_cmpint (options->rounds, ==, 500);
  g_assert_cmpstr (options->rows[1], ==, "made / 1 / crf");
  g_assert_cmpuint (g_strv_length ((char **)options->rows), ==, 11);
}

static void
test_compare_names (void)
{
  g_autoptr (RetortPlan) plan
      = load (HEAD DATA "steps:\n"
                        "  first: {use: \"${matrix.backend}\", in: {train: train}}\n"
                        "  second: {use: \"${matrix.backend}\", in: {train: more}}\n"
                        "  a: {use: predict, in: {model: first, corpus: test}}\n"
                        "  b: {use: predict, in: {model: second, corpus: test}}\n"
                        "  scores: {use: evaluator/spans, in: {gold: test, predicted: [a, b]}}\n"
                        "matrix: {backend: [model/crf, model/perceptron]}\n"
                        "compare:\n"
                        "  - {rows: [a, b], metric: strict.micro.f1, baseline: b / crf}\n"
                        "  - {title: One, rows: [a], baseline: perceptron}\n",
              NULL);
  const RetortComparePlan *both = plan->compares->pdata[0], *one = plan->compares->pdata[1];

  g_assert_cmpstr (both->row_labels->pdata[0], ==, "a / crf");
  g_assert_cmpstr (both->row_labels->pdata[3], ==, "b / perceptron");
  g_assert_cmpint (both->baseline, ==, 2);
  g_assert_cmpstr (both->cell->name, ==, "compare:1");
  g_assert_cmpstr (one->row_labels->pdata[0], ==, "crf");
  g_assert_cmpint (one->baseline, ==, 1);
  g_assert_cmpstr (one->title, ==, "One");
  g_assert_nonnull (one->metric); /* the evaluator's first */
}

/* --- settings, filling --- */

static void
test_settings (void)
{
  const char *const settings[] = { "seed=3",
                                   "steps.model.with.c2=0.25",
                                   "matrix.source.made=[more, train]",
                                   "steps.model.limit.time=20s",
                                   "data.train.label=internal",
                                   NULL };
  g_autoptr (RetortPlan) plan = load (HEAD DATA "steps:\n"
                                                "  all: {use: concat, in: {corpora: \"${matrix.source}\"}}\n"
                                                "  model: {use: model/crf, in: {train: all}}\n"
                                                "matrix: {source: {made: [more]}}\n",
                                      settings);
  const RetortCell *model = find (plan, "model[source=made]");
  JsonNode *c2 = json_object_get_member (json_node_get_object (model->plugin.options->values), "c2");

  g_assert_cmpuint (plan->seed, ==, 3);
  g_assert_cmpfloat (json_node_get_double (c2), ==, 0.25);
  expect_inputs (plan, "all[source=made]", "corpora=more+train");
  g_assert_cmpfloat (model->time_limit, ==, 20);
  g_assert_cmpint (find (plan, "train")->label, ==, RETORT_LABEL_INTERNAL);
}

static void
test_wrong_settings (void)
{
  const char *const settings[] = { "steps.modle.with.c2=1", "seed", "steps.new=1", "matrix.source.0=1", NULL };
  g_autofree char *said = complaints (HEAD DATA "steps:\n  model: {use: model/crf, in: {train: train}}\n", settings);

  g_assert_nonnull (strstr (said, "--set steps.modle.with.c2=1: there is no 'modle' here [RT-270]"));
  g_assert_nonnull (strstr (said, "did you mean 'model'?"));
  g_assert_nonnull (strstr (said, "--set seed: there is no path=value"));
  g_assert_nonnull (strstr (said, "--set steps.new=1: there is no 'new' here"));
  g_assert_nonnull (strstr (said, "there is no 'matrix' here"));
}

/* A value that --set gave is checked as if it stood in the file. */
static void
test_checked_settings (void)
{
  const char *const settings[] = { "steps.model.with.c2=much", "data.train.colour=red", NULL };
  g_autofree char *said = complaints (HEAD DATA "steps:\n  model: {use: model/crf, in: {train: train}}\n", settings);

  g_assert_nonnull (strstr (said, "option 'c2' of model/crf takes a number"));
  g_assert_nonnull (strstr (said, "unknown key 'colour' in data entry 'train'"));
}

static void
test_filled (void)
{
  const char *const settings[] = { "seed=8", NULL };
  g_autoptr (RetortPlan) plan = load (MATRIX, settings);
  g_autofree char *filled = g_strdup (plan->filled);

  g_assert_nonnull (strstr (filled, "seed: 8"));
  g_assert_nonnull (strstr (filled, "${matrix.backend}"));
  g_assert_nonnull (strstr (filled, "tokenizer/clinical"));
  g_assert_nonnull (strstr (filled, "passes: 15"));

  /* It means the same, and is full already. */
  g_autoptr (RetortPlan) again = load (filled, NULL);
  g_assert_cmpstr (again->filled, ==, filled);
  g_assert_cmpuint (again->cells->len, ==, plan->cells->len);
  for (guint i = 0; i < plan->cells->len; i++) {
    const RetortCell *a = plan->cells->pdata[i], *b = again->cells->pdata[i];
    g_assert_cmpstr (a->name, ==, b->name);
    g_assert_cmpuint (a->seed, ==, b->seed);
    if (a->plugin.options != NULL)
      g_assert_true (json_node_equal (a->plugin.options->values, b->plugin.options->values));
  }
}

/* --- the whole --- */

/* Everything wrong in a file is said at once, and nothing that only follows from it. */
static void
test_all_at_once (void)
{
  g_autofree char *said = complaints (HEAD "data:\n"
                                           "  train: {path: nowhere, format: format/conll, label: public}\n"
                                           "  test: {path: test.conll, format: format/conll}\n"
                                           "steps:\n"
                                           "  model: {use: model/crf, in: {train: train}, with: {c2: -1}}\n"
                                           "  tagged: {use: predict, in: {model: modell, corpus: test}}\n"
                                           "  scores: {use: evaluator/spans, in: {gold: test, predicted: tagged}}\n"
                                           "compare: {rows: [tagged], metric: strict.micro.f1, baseline: tagged}\n",
                                      NULL);
  g_auto (GStrv) parts = g_strsplit (said, " error: ", -1);

  g_assert_cmpuint (g_strv_length (parts), ==, 1 + 3);
  g_assert_true (g_str_has_prefix (parts[0], "pipeline.yaml:5:17:"));
  g_assert_nonnull (strstr (said, "did you mean 'model'?"));
}

static void
test_names_of_the_root (void)
{
  g_autoptr (RetortPlan) plan = load (HEAD "name: a name\nabout: why\nnotes: [one, two]\n" DATA, NULL);

  g_assert_cmpstr (plan->name, ==, "a name");
  g_assert_cmpstr (plan->about, ==, "why");
  g_assert_cmpuint (plan->notes->len, ==, 2);
  g_assert_cmpstr (plan->notes->pdata[1], ==, "two");
  g_assert_cmpuint (plan->compares->len, ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name, *text;
  } files[] = {
    { "train.conll", "Gout\tB-Disease\n" },
    { "more.conll", "Mumps\tB-Disease\n" },
    { "test.conll", "Gout\tB-Disease\n" },
    { "answers.jsonl", "{\"id\": \"1\", \"completion\": \"none\"}\n" },
    { "find.yaml",
      "retort-prompt: 1\ninstruction: \"List the diseases in: {{text}}\"\nform: {list: {label: Disease}}\n" },
    { "write.yaml", "retort-prompt: 1\ninstruction: Write a sentence about a <disease>disease</disease>.\n"
                    "form: {inline: {unit: line, marks: {disease: Disease}}}\n" },
  };
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *build = g_path_get_dirname (program);
  g_autofree char *plugins = g_build_filename (build, "..", "..", "plugins", NULL);

  g_test_init (&argc, &argv, NULL);
  g_setenv ("RETORT_PLUGIN_PATH", plugins, FALSE);
  folder = retort_test_temp_folder ();
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    g_free (retort_test_write (folder, files[i].name, files[i].text));

  g_test_add_func ("/plan/expand/plain-steps", test_plain);
  g_test_add_func ("/plan/expand/only-over-axes-it-depends-on", test_instances);
  g_test_add_func ("/plan/expand/fan-out-makes-one-cell-each", test_fan_out);
  g_test_add_func ("/plan/expand/fan-out-with-axes-of-its-own", test_fan_out_own_axes);
  g_test_add_func ("/plan/expand/shared-axes-agree", test_shared_axes);
  g_test_add_func ("/plan/expand/values-inside-lists-and-texts", test_substitution);
  g_test_add_func ("/plan/expand/asking-is-three-cells", test_asking);
  g_test_add_func ("/plan/expand/seeds-and-limits", test_seeds_and_limits);
  g_test_add_func ("/plan/task/from-inputs-else-pipeline", test_tasks);
  g_test_add_func ("/plan/label/highest-of-inputs", test_labels);
  g_test_add_func ("/plan/leak/parts-of-one-split-are-apart", test_leak_parts);
  g_test_add_func ("/plan/leak/parts-of-parts-are-apart", test_leak_nested_parts);
  g_test_add_func ("/plan/leak/through-other-models", test_leak_through_models);
  g_test_add_func ("/plan/compare/rows-of-all-instances", test_compare);
  g_test_add_func ("/plan/compare/names-tell-rows-apart", test_compare_names);
  g_test_add_func ("/plan/set/values-and-absent-maps", test_settings);
  g_test_add_func ("/plan/set/wrong-paths", test_wrong_settings);
  g_test_add_func ("/plan/set/values-are-checked", test_checked_settings);
  g_test_add_func ("/plan/filled/means-the-same", test_filled);
  g_test_add_func ("/plan/errors/all-at-once-and-no-echo", test_all_at_once);
  g_test_add_func ("/plan/head/names-and-notes", test_names_of_the_root);
  const int status = g_test_run ();
  g_free (folder);
  return status;
}
