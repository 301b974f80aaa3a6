/* test-report - scores, comparisons, tables, errors and pages. Golden files are in tests/golden; with
 * RETORT_TEST_UPDATE=1 in the environment they are written anew: read the difference before committing it. */
#include "experiment/page.h"
#include "experiment/table.h"
#include "retort-test.h"
#include <math.h>
#include <retort/random.h>
#include <string.h>

/* --- an evaluator made here: two labels --- */

static const char *const columns[] = { "tp", "fp", "fn", "gold", "A.tp", "A.fp", "A.fn", "A.gold",
                                       "B.tp", "B.fp", "B.fn", "B.gold" };
static const guint micro_needs[] = { 0, 1, 2 };
static const RetortMetric metrics[] = {
  { .name = "strict.micro.f1", .support_column = 3, .tp = 0, .fp = 1, .fn = 2, .needs = micro_needs, .n_needs = 3 },
  { .name = "strict.A.f1", .label = "A", .support_column = 7, .tp = 4, .fp = 5, .fn = 6 },
  { .name = "strict.B.f1", .label = "B", .support_column = 11, .tp = 8, .fp = 9, .fn = 10 },
  { .name = "strict.wrong", .support_column = -1, .tp = -1, .fp = -1, .fn = -1, .needs = micro_needs, .n_needs = 1 },
};
static const RetortMeasures measures = { sizeof measures, columns, G_N_ELEMENTS (columns), metrics,
                                         G_N_ELEMENTS (metrics) };

static const RetortMeasures *
prepare (void *self, const RetortTask *task, GError **error)
{
  return &measures;
}

static double
f1 (const double *block)
{
  const double all = 2 * block[0] + block[1] + block[2];

  return all > 0 ? 2 * block[0] / all : NAN;
}

static void
measure (void *self, const double *sums, double *values)
{
  values[0] = f1 (sums);
  values[1] = f1 (sums + 4);
  values[2] = f1 (sums + 8);
  values[3] = f1 (sums); /* says that it needs tp alone, and lies */
}

static const RetortEvaluatorRole role = { sizeof role, .prepare = prepare, .measure = measure };
static const RetortMeter meter = { &role, NULL, &measures };

/* `skill` of 10 gold items found; label B occurs in few documents. */
static RetortScores *
make_scores (guint n, guint skill, guint gold_b)
{
  RetortScores *scores = retort_scores_new ("evaluator/test", &meter);
  RetortRandom random;

  retort_random_init (&random, 100 + skill, "scores", NULL);
  for (guint d = 0; d < n; d++) {
    g_autofree char *id = g_strdup_printf ("doc-%u", d);
    g_autoptr(GError) error = NULL;
    gint64 counts[G_N_ELEMENTS (columns)] = { 0 };
    const guint gold[] = { 5, d < gold_b };
    for (guint l = 0; l < 2; l++) {
      gint64 *block = counts + 4 + 4 * l;
      block[3] = gold[l];
      for (guint i = 0; i < gold[l]; i++)
        block[retort_random_below (&random, 10) < skill ? 0 : 2]++;
      block[1] = retort_random_below (&random, 10) >= skill;
      for (guint c = 0; c < 4; c++)
        counts[c] += block[c];
    }
    retort_scores_add_document (scores, id, counts, &error);
    g_assert_no_error (error);
  }
  retort_scores_finish (scores, &meter);
  return scores;
}

static RetortComparison *
make_comparison (guint gold_b)
{
  static const char *const amounts[][7] = {
    { "source", "real", "sentences", "100" }, { "source", "real", "sentences", "1000" },
    { "source", "real", "sentences", "all" },
  };
  g_autoptr(RetortScores) low = make_scores (40, 4, gold_b), middle = make_scores (40, 7, gold_b);
  g_autoptr(RetortScores) high = make_scores (40, 8, gold_b);
  const RetortComparisonInput inputs[] = {
    { "100 | \"few\"", low, amounts[0] }, { "1,000", middle, amounts[1] }, { "all", high, amounts[2] },
  };
  g_autoptr(GError) error = NULL;
  RetortComparison *comparison =
      retort_comparison_new ("How much <is> enough?", &meter, inputs, 3, NULL, "1,000", 2000, 17, &error);

  g_assert_no_error (error);
  return comparison;
}

static void
expect_golden (const char *name, const char *text)
{
  g_autofree char *relative = g_build_filename ("tests", "golden", name, NULL);
  g_autofree char *path = retort_test_source_path (relative);
  g_autofree char *expected = NULL;
  g_autoptr(GError) error = NULL;

  if (g_getenv ("RETORT_TEST_UPDATE"))
    g_file_set_contents (path, text, -1, NULL);
  g_file_get_contents (path, &expected, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

/* --- scores --- */

static void
test_scores_round_trip (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = g_build_filename (folder, "scores.json", NULL);
  g_autoptr(RetortScores) scores = make_scores (5, 6, 1);
  g_autoptr(GError) error = NULL;

  retort_scores_write (scores, path, &error);
  g_assert_no_error (error);
  g_autoptr(RetortScores) read = retort_scores_load (path, &error);
  g_assert_no_error (error);
  g_autofree char *before = retort_scores_to_json (scores), *after = retort_scores_to_json (read);
  g_assert_cmpstr (after, ==, before);
  g_assert_true (retort_scores_check (read, &meter, &error));
  g_assert_cmpint (retort_scores_find (read, "strict.B.f1")->support, ==, 1);
}

static void
test_scores_strict (void)
{
#define HEAD "{\"retort\":\"scores\",\"version\":1,\"evaluator\":\"e\",\"metrics\":[],\"columns\":[\"a\",\"b\"],"
  static const struct { const char *text, *complaint; } wrong[] = {
    { HEAD "\"documents\":[{\"id\":\"d\",\"counts\":[[2,1]]}]}", "documents[0]: counts[0]" },
    { HEAD "\"documents\":[{\"id\":\"d\",\"counts\":[[1,1],[0,1]]}]}", "documents[0]: counts[1]" },
    { HEAD "\"documents\":[{\"id\":\"d\",\"counts\":[[0,0]]}]}", "documents[0]: counts[0]" },
    { HEAD "\"documents\":[{\"id\":\"d\",\"counts\":[]},{\"id\":\"d\",\"counts\":[]}]}", "'d' is scored twice" },
    { HEAD "\"documents\":[],\"more\":1}", "unknown key 'more'" },
    { HEAD "\"documents\":{}}", "'documents' must be an array" },
    { "{\"retort\":\"corpus\",\"version\":1,\"evaluator\":\"e\",\"metrics\":[],\"columns\":[],\"documents\":[]}",
      "a file of 'corpus'" },
    { "{\"retort\":\"scores\",\"version\":2,\"evaluator\":\"e\",\"metrics\":[],\"columns\":[],\"documents\":[]}",
      "'version'" },
    { "[]", "must be an object" },
  };
#undef HEAD
  g_autofree char *folder = retort_test_temp_folder ();

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *path = retort_test_write (folder, "scores.json", wrong[i].text);
    g_autoptr(GError) error = NULL;
    g_assert_null (retort_scores_load (path, &error));
    g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
    g_assert_nonnull (strstr (error->message, wrong[i].complaint));
    g_assert_true (g_str_has_prefix (error->message, path));
  }
}

/* --- pairs --- */

#define LINE(id, layers) "{\"id\":\"" id "\",\"text\":\"text of " id "\"," "\"layers\":{" layers "}}\n"
#define CORPUS "{\"retort\":\"corpus\",\"version\":1,\"offsets\":\"codepoints\"}\n"

/* The ids in order, "!" behind those without a prediction. */
static char *
read_pairs (const char *gold_text, const char *predicted_text, guint *n_extra, GError **error)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *gold_path = retort_test_write (folder, "gold.jsonl", gold_text);
  g_autofree char *predicted_path = retort_test_write (folder, "predicted.jsonl", predicted_text);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortPairs) pairs = retort_pairs_open (gold_path, predicted_path, diagnostics, error);
  const RetortDocument *gold, *predicted;
  GString *ids = g_string_new (NULL);

  while (pairs && retort_pairs_next (pairs, &gold, &predicted, error)) {
    g_assert_cmpstr (retort_document_id (gold), ==, retort_document_id (predicted));
    g_string_append (ids, retort_document_id (gold));
    g_string_append (ids, retort_document_layer (predicted, RETORT_LAYER_PREDICTED) ? " " : "! ");
  }
  *n_extra = pairs ? retort_pairs_n_extra (pairs) : 0;
  return g_string_free (ids, FALSE);
}

static void
test_pairs_any_order (void)
{
  g_autoptr(GError) error = NULL;
  guint n_extra;
  g_autofree char *ids = read_pairs (
      CORPUS LINE ("a", "\"gold\":{}") LINE ("b", "\"gold\":{}") LINE ("c", "\"gold\":{}") LINE ("d", "\"gold\":{}"),
      CORPUS LINE ("x", "\"predicted\":{}") LINE ("c", "\"predicted\":{}") LINE ("a", "\"predicted\":{}")
      LINE ("d", "\"predicted\":{}") LINE ("y", "\"predicted\":{}"), &n_extra, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (ids, ==, "a b! c d ");
  g_assert_cmpuint (n_extra, ==, 2);
}

static void
test_pairs_refused (void)
{
  static const struct { const char *gold, *predicted, *complaint; } wrong[] = {
    { CORPUS LINE ("a", ""), CORPUS, "no gold annotations" },
    { CORPUS LINE ("a", "\"gold\":{}"), CORPUS "{\"id\":\"a\",\"text\":\"other\"}\n", "another text" },
    { CORPUS LINE ("a", "\"gold\":{}"), CORPUS LINE ("b", "") LINE ("b", ""), "stands twice" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr(GError) error = NULL;
    guint n_extra;
    g_autofree char *ids = read_pairs (wrong[i].gold, wrong[i].predicted, &n_extra, &error);
    g_assert_cmpstr (ids, ==, "");
    g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
    g_assert_nonnull (strstr (error->message, wrong[i].complaint));
  }
}

/* --- comparison --- */

static void
test_comparison_numbers (void)
{
  g_autoptr(RetortComparison) comparison = make_comparison (20);
  const RetortComparisonRow *low = comparison->rows->pdata[0], *base = comparison->rows->pdata[1];
  const RetortComparisonRow *high = comparison->rows->pdata[2];

  g_assert_false (base->compared);
  g_assert_true (low->compared && high->compared);
  g_assert_cmpfloat (low->difference, ==, low->value - base->value);
  g_assert_cmpfloat (low->interval.low, <, low->value);
  g_assert_cmpfloat (low->interval.high, >, low->value);
  g_assert_cmpfloat (low->p_holm, >=, low->p);
  g_assert_cmpfloat (low->p_holm, <, 0.05);
  g_assert_cmpint (low->support, ==, 40 * 5 + 20);
  g_assert_true (g_str_has_prefix (low->verdict, "100 | \"few\" falls behind 1,000 by "));
}

static void
test_comparison_alone (void)
{
  /* One row and no baseline: a value and its interval, no test. */
  g_autoptr(RetortScores) scores = make_scores (40, 6, 3);
  const RetortComparisonInput input = { "only", scores, NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(RetortComparison) comparison =
      retort_comparison_new (NULL, &meter, &input, 1, "strict.A.f1", NULL, 500, 1, &error);

  g_assert_no_error (error);
  const RetortComparisonRow *row = comparison->rows->pdata[0];
  g_assert_false (row->compared);
  g_assert_null (row->verdict);
  g_assert_cmpfloat (row->value, ==, retort_scores_find (scores, "strict.A.f1")->value);
}

static void
test_comparison_any_order (void)
{
  /* Documents in another order are the same documents. */
  g_autoptr(RetortScores) scores = make_scores (6, 6, 3), turned = retort_scores_new ("evaluator/test", &meter);
  g_autoptr(GError) error = NULL;

  for (guint d = 6; d-- > 0;)
    retort_scores_add_document (turned, scores->ids->pdata[d],
                                &g_array_index (scores->counts, gint64, d * G_N_ELEMENTS (columns)), NULL);
  retort_scores_finish (turned, &meter);
  const RetortComparisonInput inputs[] = { { "a", scores, NULL }, { "b", turned, NULL } };
  g_autoptr(RetortComparison) comparison = retort_comparison_new (NULL, &meter, inputs, 2, NULL, "a", 100, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (((RetortComparisonRow *) comparison->rows->pdata[1])->p, ==, 1);
}

static void
test_comparison_refused (void)
{
  g_autoptr(RetortScores) six = make_scores (6, 6, 3), seven = make_scores (7, 6, 3);
  const RetortComparisonInput inputs[] = { { "six", six, NULL }, { "seven", seven, NULL } };
  const RetortComparisonInput twice[] = { { "six", six, NULL }, { "six", six, NULL } };
  static const struct { guint n; gboolean same; const char *metric, *baseline, *complaint; gint code; } wrong[] = {
    { 2, FALSE, NULL, NULL, "7 documents, others on 6", RETORT_ERROR_DATA },
    { 2, TRUE, NULL, NULL, "two rows are called 'six'", RETORT_ERROR_DATA },
    { 1, FALSE, "strict.micro.f2", NULL, "did you mean 'strict.micro.f1'?", RETORT_ERROR_DATA },
    { 1, FALSE, NULL, "sx", "did you mean 'six'?", RETORT_ERROR_DATA },
    { 0, FALSE, NULL, NULL, "nothing to compare", RETORT_ERROR_DATA },
    { 1, FALSE, "strict.wrong", NULL, "does not name among its needs", RETORT_ERROR_PLUGIN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null (retort_comparison_new (NULL, &meter, wrong[i].same ? twice : inputs, wrong[i].n, wrong[i].metric,
                                          wrong[i].baseline, 10, 1, &error));
    g_assert_error (error, RETORT_ERROR, wrong[i].code);
    g_assert_nonnull (strstr (error->message, wrong[i].complaint));
  }
}

static void
test_comparison_undefined (void)
{
  /* Nothing to find and nothing found: no value, no test, and it says so. */
  g_autoptr(RetortScores) scores = make_scores (40, 8, 3), none = retort_scores_new ("evaluator/test", &meter);
  const gint64 zero[G_N_ELEMENTS (columns)] = { 0 };
  g_autoptr(GError) error = NULL;

  for (guint d = 0; d < 40; d++)
    retort_scores_add_document (none, scores->ids->pdata[d], zero, NULL);
  retort_scores_finish (none, &meter);
  const RetortComparisonInput inputs[] = { { "some", scores, NULL }, { "none", none, NULL } };
  g_autoptr(RetortComparison) comparison = retort_comparison_new (NULL, &meter, inputs, 2, NULL, "some", 50, 1, &error);
  g_assert_no_error (error);
  const RetortComparisonRow *row = comparison->rows->pdata[1];
  g_assert_true (isnan (row->value) && isnan (row->p_holm));
  g_assert_nonnull (strstr (row->verdict, "cannot be compared"));
  g_autofree char *json = retort_comparison_to_json (comparison);
  g_autoptr(RetortComparison) read = retort_comparison_parse (json, strlen (json), &error);
  g_assert_no_error (error);
  g_assert_true (isnan (((RetortComparisonRow *) read->rows->pdata[1])->value));
}

static void
test_comparison_suppressed (void)
{
  g_autoptr(RetortComparison) comparison = make_comparison (3);
  g_autoptr(RetortComparison) shown = retort_comparison_suppress (comparison);

  for (guint i = 0; i < shown->rows->len; i++) {
    const RetortComparisonRow *row = shown->rows->pdata[i];
    const RetortLabelScore *a = row->labels->pdata[0], *b = row->labels->pdata[1];
    g_assert_cmpint (b->support, ==, RETORT_COUNT_FEW);
    g_assert_true (isnan (b->value) && isnan (b->recall));
    g_assert_cmpint (a->support, ==, RETORT_COUNT_FEW); /* or the row's total would tell */
    g_assert_cmpint (row->support, ==, 203);
  }
}

/* --- tables --- */

static void
test_table_golden (void)
{
  static const struct { const char *name; RetortTableStyle style; } tables[] = {
    { "comparison.txt", { RETORT_TABLE_TEXT, .details = TRUE } },
    { "comparison-boxes.txt", { RETORT_TABLE_TEXT, .boxes = TRUE } },
    { "comparison.md", { RETORT_TABLE_MARKDOWN, .details = TRUE } },
    { "comparison.csv", { RETORT_TABLE_CSV, .details = TRUE } },
    { "comparison.json", { RETORT_TABLE_JSON, .details = TRUE } },
  };
  g_autoptr(RetortComparison) comparison = make_comparison (20);

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++) {
    g_autofree char *text = retort_table (comparison, &tables[i].style);
    expect_golden (tables[i].name, text);
  }
}

static void
test_table_suppressed (void)
{
  g_autoptr(RetortComparison) comparison = make_comparison (3);
  g_autoptr(RetortComparison) shown = retort_comparison_suppress (comparison);
  const RetortTableStyle style = { RETORT_TABLE_TEXT, .details = TRUE };
  g_autofree char *text = retort_table (shown, &style);

  expect_golden ("comparison-aggregate.txt", text);
}

static void
test_table_round_trip (void)
{
  g_autoptr(RetortComparison) comparison = make_comparison (3);
  g_autoptr(RetortComparison) shown = retort_comparison_suppress (comparison);
  const RetortComparison *const both[] = { comparison, shown };

  for (guint i = 0; i < 2; i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *before = retort_comparison_to_json (both[i]);
    g_autoptr(RetortComparison) read = retort_comparison_parse (before, strlen (before), &error);
    g_assert_no_error (error);
    g_autofree char *after = retort_comparison_to_json (read);
    g_assert_cmpstr (after, ==, before);
  }
}

static void
test_table_wide (void)
{
  /* A wide and a combining character: columns stay under each other. */
  g_autoptr(RetortScores) scores = make_scores (40, 6, 3);
  const RetortComparisonInput inputs[] = { { "漢字", scores, NULL }, { "e\xCC\x81tude", scores, NULL } };
  g_autoptr(GError) error = NULL;
  g_autoptr(RetortComparison) comparison = retort_comparison_new (NULL, &meter, inputs, 2, NULL, NULL, 10, 1, &error);
  g_autoptr(RetortGrid) grid = retort_grid_rows (comparison);
  g_autofree char *text = retort_grid_to_text (grid, FALSE);
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  g_assert_cmpint (g_utf8_strlen (lines[1], -1), ==, g_utf8_strlen (lines[2], -1) + 2);
  g_assert_cmpint (g_utf8_strlen (lines[1], -1), ==, g_utf8_strlen (lines[3], -1) - 1);
}

/* --- errors --- */

/* "strong aspirin caused severe headache and gout" with entities as given: label, start, end. */
typedef struct { const char *label; guint start, end; } Mention;

static const RetortDocument *
make_document (RetortChunk *chunk, const Mention *gold, guint n_gold, const Mention *found, guint n_found)
{
  const struct { const char *layer; const Mention *mentions; guint n; } sides[] = {
    { RETORT_LAYER_GOLD, gold, n_gold }, { RETORT_LAYER_PREDICTED, found, n_found } };
  g_autoptr(GError) error = NULL;
  RetortDocumentBuilder *builder =
      retort_document_builder_new (chunk, "d<1>", "strong aspirin caused severe <headache> and gout", -1, &error);

  for (guint s = 0; s < 2; s++) {
    retort_document_builder_add_layer (builder, sides[s].layer, FALSE);
    for (guint i = 0; i < sides[s].n; i++)
      retort_document_builder_add_span (builder, sides[s].layer, sides[s].mentions[i].label,
                                        (RetortSpan) { sides[s].mentions[i].start, sides[s].mentions[i].end }, NAN,
                                        &error);
  }
  const RetortRelation relation = { .label = "causes", .head = 0, .tail = 1, .score = NAN };
  if (n_gold > 1)
    retort_document_builder_add_relation (builder, RETORT_LAYER_GOLD, &relation, &error);
  g_assert_no_error (error);
  return retort_document_builder_seal (builder);
}

static const Mention gold_mentions[] = { { "Drug", 7, 14 }, { "Effect", 22, 39 }, { "Effect", 44, 48 }, { "Effect", 0, 6 } };
static const Mention found_mentions[] = { { "Drug", 0, 14 }, { "Drug", 22, 39 }, { "Drug", 40, 43 } };

static void
test_errors_kinds (void)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  const RetortDocument *document = make_document (chunk, gold_mentions, 4, found_mentions, 3);
  g_autoptr(GArray) differences = retort_differences (document, document, NULL);
  static const RetortDifference expected[] = {
    { RETORT_DIFFERENCE_MISSED, 3, -1 }, { RETORT_DIFFERENCE_MISSED, 2, -1 },
    { RETORT_DIFFERENCE_SPURIOUS, -1, 2 }, { RETORT_DIFFERENCE_WRONG_BOUNDARY, 0, 0 },
    { RETORT_DIFFERENCE_WRONG_LABEL, 1, 1 }, { RETORT_DIFFERENCE_RELATION_MISSED, 0, -1 },
  };

  g_assert_cmpuint (differences->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < differences->len; i++) {
    const RetortDifference *difference = &g_array_index (differences, RetortDifference, i);
    g_assert_cmpint (difference->kind, ==, expected[i].kind);
    g_assert_cmpint (difference->gold, ==, expected[i].gold);
    g_assert_cmpint (difference->predicted, ==, expected[i].predicted);
  }
}

static void
test_errors_exact_first (void)
{
  /* The exact match is taken although an overlapping one comes before it. */
  const Mention gold[] = { { "Drug", 0, 14 }, { "Drug", 7, 14 } }, found[] = { { "Drug", 7, 14 } };
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  const RetortDocument *document = make_document (chunk, gold, 1, found, 1);
  const RetortDocument *nested = make_document (chunk, gold, 2, found, 1);
  g_autoptr(GArray) one = retort_differences (document, document, NULL), two = retort_differences (nested, nested, NULL);

  g_assert_cmpint (g_array_index (one, RetortDifference, 0).kind, ==, RETORT_DIFFERENCE_WRONG_BOUNDARY);
  g_assert_cmpint (g_array_index (two, RetortDifference, 0).kind, ==, RETORT_DIFFERENCE_MISSED);
  g_assert_cmpint (g_array_index (two, RetortDifference, 0).gold, ==, 0);
}

static void
test_errors_draw (void)
{
  /* Ten of many, the same whatever the order of the documents. */
  enum { N = 60 };
  g_autoptr(RetortErrorAnalysis) forward = retort_error_analysis_new (10), backward = retort_error_analysis_new (10);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  const Mention gold[] = { { "Drug", 0, 2 } };
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < N; i++) {
    g_autofree char *id = g_strdup_printf ("d%u", i);
    RetortDocumentBuilder *builder = retort_document_builder_new (chunk, id, "word", -1, &error);
    retort_document_builder_add_span (builder, RETORT_LAYER_GOLD, gold->label, (RetortSpan) { 0, 2 }, NAN, &error);
    retort_document_builder_seal (builder);
  }
  g_assert_no_error (error);
  for (guint i = 0; i < N; i++) {
    const RetortDocument *first = retort_chunk_document (chunk, i), *last = retort_chunk_document (chunk, N - 1 - i);
    retort_error_analysis_add (forward, first, first, NULL);
    retort_error_analysis_add (backward, last, last, NULL);
  }
  g_assert_cmpuint (forward->counts[RETORT_DIFFERENCE_MISSED], ==, N);
  g_assert_cmpuint (forward->examples[RETORT_DIFFERENCE_MISSED]->len, ==, 10);
  for (guint i = 0; i < 10; i++)
    g_assert_cmpstr (((RetortErrorExample *) forward->examples[0]->pdata[i])->document, ==,
                     ((RetortErrorExample *) backward->examples[0]->pdata[i])->document);
}

/* --- pages --- */

static char *
make_page (RetortPageLevel level)
{
  static const char *const notes[] = { "Read <b>this</b> & that.", NULL };
  static const RetortPageFact facts[] = { { "retort", "0.1.0" }, { "model", "sha256 \"00ff\"" } };
  static const RetortPageFact labels[] = { { "test", "public" } };
  g_autoptr(RetortComparison) comparison = make_comparison (3);
  const RetortComparison *const comparisons[] = { comparison };
  g_autoptr(RetortErrorAnalysis) analysis = retort_error_analysis_new (10);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  const RetortDocument *document = make_document (chunk, gold_mentions, 4, found_mentions, 3);
  g_autoptr(JsonNode) cell_notes =
      json_from_string ("{\"counts\":{\"mentions <labelled>\":3,\"kept\":1200},\"warnings\":[\"odd </script> text\"]}", NULL);
  g_autoptr(JsonNode) ledger = json_from_string (
      "{\"answers\":{\"read\":192},\"dropped\":{\"not in text\":2},"
      "\"examples\":{\"dropped\":{\"not in text\":[{\"where\":\"a1\",\"words\":\"<script>alert(1)</script>\"}]}}}", NULL);
  const RetortPageErrors errors[] = { { "all", analysis } };
  const RetortPageCell cells[] = { { "parse", cell_notes, ledger } };
  const RetortPageData data = {
    .title = "test <page>", .about = "About & around.", .notes = notes, .comparisons = comparisons, .n_comparisons = 1,
    .errors = errors, .n_errors = 1, .cells = cells, .n_cells = 1, .labels = labels, .n_labels = 1, .facts = facts,
    .n_facts = 2, .pipeline = "retort: 1\nname: \"<x>\"\n", .level = level,
  };

  retort_error_analysis_add (analysis, document, document, NULL);
  return retort_page (&data);
}

static void
test_page_golden (void)
{
  g_autofree char *full = make_page (RETORT_PAGE_FULL), *aggregate = make_page (RETORT_PAGE_AGGREGATE);

  expect_golden ("page.html", full);
  expect_golden ("page-aggregate.html", aggregate);
}

static void
test_page_self_contained (void)
{
  static const char *const never[] = { "<script", "src=", "href=", "url(", "@import", "<b>", "http:", "https:", NULL };
  g_autofree char *page = make_page (RETORT_PAGE_FULL);

  for (guint i = 0; never[i]; i++)
    g_assert_null (strstr (page, never[i]));
  g_assert_nonnull (strstr (page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  g_assert_nonnull (strstr (page, "severe &lt;headache&gt;"));
  g_assert_true (g_utf8_validate (page, -1, NULL));
}

static void
test_page_aggregate (void)
{
  static const char *const never[] = { "aspirin", "headache", "d&lt;1&gt;", "alert", "odd ", "class=\"case\"", NULL };
  g_autofree char *page = make_page (RETORT_PAGE_AGGREGATE);

  for (guint i = 0; never[i]; i++)
    g_assert_null (strstr (page, never[i]));
  g_assert_nonnull (strstr (page, "not in text</td><td>&lt;5</td>"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/scores/round-trip", test_scores_round_trip);
  g_test_add_func ("/report/scores/strict", test_scores_strict);
  g_test_add_func ("/report/pairs/in-any-order", test_pairs_any_order);
  g_test_add_func ("/report/pairs/refused", test_pairs_refused);
  g_test_add_func ("/report/comparison/numbers", test_comparison_numbers);
  g_test_add_func ("/report/comparison/one-row-alone", test_comparison_alone);
  g_test_add_func ("/report/comparison/documents-in-any-order", test_comparison_any_order);
  g_test_add_func ("/report/comparison/refused", test_comparison_refused);
  g_test_add_func ("/report/comparison/undefined", test_comparison_undefined);
  g_test_add_func ("/report/comparison/small-groups-are-hidden", test_comparison_suppressed);
  g_test_add_func ("/report/table/golden", test_table_golden);
  g_test_add_func ("/report/table/small-groups-are-hidden", test_table_suppressed);
  g_test_add_func ("/report/table/json-round-trip", test_table_round_trip);
  g_test_add_func ("/report/table/wide-characters", test_table_wide);
  g_test_add_func ("/report/errors/kinds", test_errors_kinds);
  g_test_add_func ("/report/errors/exact-matches-first", test_errors_exact_first);
  g_test_add_func ("/report/errors/examples-are-drawn", test_errors_draw);
  g_test_add_func ("/report/page/golden", test_page_golden);
  g_test_add_func ("/report/page/self-contained-and-escaped", test_page_self_contained);
  g_test_add_func ("/report/page/aggregate-shows-no-text", test_page_aggregate);
  return g_test_run ();
}
