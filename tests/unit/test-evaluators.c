/* test-evaluators - spans and relations against naive twins and against scores worked out by hand. */
#include "experiment/scores.h"
#include "plugin/context.h"
#include "plugin/read.h"
#include "retort-test.h"
#include <math.h>
#include <retort/random.h>
#include <string.h>

/* --- an evaluator at work --- */

typedef struct {
  RetortDiagnostics *diagnostics;
  RetortContext *context;
  RetortYamlFile *file;
  RetortInstance *instance;
  RetortMeter meter;
  gint64 *columns;    /* sums */
} Bench;

static const RetortRelationType relation_types[] = {
  { "harms", "Drug", "Effect" }, { "heals", "Drug", "Effect" }, { "follows", "Effect", "Effect" },
};
static const char *const entity_labels[] = { "Drug", "Effect", NULL };
static const RetortTask task = {
  sizeof task, entity_labels, 2, relation_types, G_N_ELEMENTS (relation_types), RETORT_SCOPE_DOCUMENT,
};

static void
bench_open (Bench *bench, const char *id, const char *options, const RetortTask *bench_task)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(RetortSource) source = retort_source_new ("options", options, strlen (options));

  bench->diagnostics = retort_diagnostics_new ();
  bench->context = retort_context_new (id, 1, 1, bench->diagnostics);
  bench->file = retort_yaml_parse (source, bench->diagnostics);
  const RetortLoaded *loaded = retort_plugin_find (id, &error);
  g_assert_no_error (error);
  RetortOptions *filled = retort_options_fill (&loaded->table, bench->file, bench->file->root, NULL, id,
                                               bench->diagnostics);
  g_assert_nonnull (filled);
  bench->instance = retort_instance_open (loaded, filled, bench->context, &error);
  g_assert_no_error (error);
  retort_meter_init (&bench->meter, loaded->role, bench->instance->self, bench_task, &error);
  g_assert_no_error (error);
  bench->columns = g_new0 (gint64, bench->meter.measures->n_columns);
}

static void
bench_close (Bench *bench)
{
  g_free (bench->columns);
  retort_instance_free (bench->instance);
  retort_yaml_file_free (bench->file);
  retort_context_free (bench->context);
  retort_diagnostics_unref (bench->diagnostics);
}

static void
bench_count (Bench *bench, const RetortDocument *document)
{
  g_autoptr(GError) error = NULL;

  bench->meter.role->count (bench->meter.self, document, document, bench->columns, &error);
  g_assert_no_error (error);
}

static double
bench_value (const Bench *bench, const char *metric)
{
  g_autoptr(GError) error = NULL;
  const RetortMeasures *measures = bench->meter.measures;
  g_autofree double *sums = g_new (double, measures->n_columns), *values = g_new (double, measures->n_metrics);
  const gint at = retort_meter_metric (&bench->meter, metric, &error);

  g_assert_no_error (error);
  for (guint c = 0; c < measures->n_columns; c++)
    sums[c] = (double) bench->columns[c];
  bench->meter.role->measure (bench->meter.self, sums, values);
  return values[at];
}

static gint64
bench_column (const Bench *bench, const char *name)
{
  for (guint c = 0; c < bench->meter.measures->n_columns; c++)
    if (g_str_equal (bench->meter.measures->columns[c], name))
      return bench->columns[c];
  g_error ("no column %s", name);
}

static gint64
noted (const Bench *bench, const char *counter)
{
  g_autoptr(JsonNode) notes = retort_context_notes (bench->context);
  JsonObject *counts = json_object_get_object_member (json_node_get_object (notes), "counts");

  return json_object_has_member (counts, counter) ? json_object_get_int_member (counts, counter) : 0;
}

/* --- documents --- */

typedef struct { const char *label; guint start, end, start2, end2; } Mention; /* start2 < end2: a second fragment */
typedef struct { const char *label; guint head, tail; } Link;
typedef struct { const Mention *mentions; guint n_mentions; const Link *links; guint n_links; } Side;

#define SIDE(mentions, links) { mentions, G_N_ELEMENTS (mentions), links, G_N_ELEMENTS (links) }
#define MENTIONS(mentions) { mentions, G_N_ELEMENTS (mentions), NULL, 0 }

static void
add_side (RetortDocumentBuilder *builder, const char *layer, const Side *side)
{
  g_autoptr(GError) error = NULL;

  retort_document_builder_add_layer (builder, layer, FALSE);
  for (guint i = 0; i < side->n_mentions; i++) {
    const Mention *m = &side->mentions[i];
    const RetortSpan fragments[] = { { m->start, m->end }, { m->start2, m->end2 } };
    const RetortEntity entity = {
      .label = m->label, .fragments = fragments, .n_fragments = m->start2 < m->end2 ? 2 : 1, .score = NAN };
    retort_document_builder_add_entity (builder, layer, &entity, &error);
    g_assert_no_error (error);
  }
  for (guint i = 0; i < side->n_links; i++) {
    const RetortRelation relation = {
      .label = side->links[i].label, .head = side->links[i].head, .tail = side->links[i].tail, .score = NAN };
    retort_document_builder_add_relation (builder, layer, &relation, &error);
    g_assert_no_error (error);
  }
}

/* A text of 100 letters with both layers; `predicted` NULL: no such layer. */
static const RetortDocument *
make_document (RetortChunk *chunk, const Side *gold, const Side *predicted)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = g_strnfill (100, 'x');
  g_autofree char *id = g_strdup_printf ("d%u", retort_chunk_n_documents (chunk));
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, id, text, -1, &error);

  g_assert_no_error (error);
  add_side (builder, RETORT_LAYER_GOLD, gold);
  if (predicted)
    add_side (builder, RETORT_LAYER_PREDICTED, predicted);
  return retort_document_builder_seal (builder);
}

/* --- spans --- */

static void
test_spans_by_hand (void)
{
  /* Right, wrong end, wrong label, missed, spurious. */
  const Mention gold[] = { { "Drug", 0, 4 }, { "Drug", 10, 14 }, { "Effect", 20, 24 }, { "Effect", 30, 34 } };
  const Mention found[] = { { "Drug", 0, 4 }, { "Drug", 10, 15 }, { "Drug", 20, 24 }, { "Effect", 50, 52 } };
  const Side gold_side = MENTIONS (gold), found_side = MENTIONS (found);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/spans", "{}", &task);
  bench_count (&bench, make_document (chunk, &gold_side, &found_side));
  g_assert_cmpint (bench_column (&bench, "strict.tp"), ==, 1);
  g_assert_cmpint (bench_column (&bench, "strict.fp"), ==, 3);
  g_assert_cmpint (bench_column (&bench, "strict.fn"), ==, 3);
  g_assert_cmpint (bench_column (&bench, "strict.Drug.fp"), ==, 2);
  g_assert_cmpint (bench_column (&bench, "strict.Effect.fn"), ==, 2);
  g_assert_cmpint (bench_column (&bench, "strict.Effect.gold"), ==, 2);
  g_assert_cmpfloat (bench_value (&bench, "strict.micro.f1"), ==, 0.25);
  g_assert_cmpfloat (bench_value (&bench, "strict.Drug.precision"), ==, 1.0 / 3);
  g_assert_cmpfloat (bench_value (&bench, "strict.Drug.recall"), ==, 0.5);
  g_assert_cmpfloat (bench_value (&bench, "strict.Effect.f1"), ==, 0);
  g_assert_cmpfloat (bench_value (&bench, "strict.macro_type.f1"), ==, 0.2);
  g_assert_cmpstr (bench.meter.measures->metrics[0].name, ==, "strict.micro.f1");
  bench_close (&bench);
}

static void
test_spans_fragments (void)
{
  /* Same ends, other fragments: not the same entity. */
  const Mention gold[] = { { "Drug", 0, 4, 8, 12 }, { "Effect", 20, 24, 28, 30 } };
  const Mention found[] = { { "Drug", 0, 12 }, { "Effect", 20, 24, 28, 30 } };
  const Side gold_side = MENTIONS (gold), found_side = MENTIONS (found);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/spans", "{}", &task);
  bench_count (&bench, make_document (chunk, &gold_side, &found_side));
  g_assert_cmpfloat (bench_value (&bench, "strict.Drug.f1"), ==, 0);
  g_assert_cmpfloat (bench_value (&bench, "strict.Effect.f1"), ==, 1);
  bench_close (&bench);
}

static void
test_spans_once (void)
{
  /* One gold entity, said three times: one right, two spurious. */
  const Mention gold[] = { { "Drug", 0, 4 } };
  const Mention found[] = { { "Drug", 0, 4 }, { "Drug", 0, 4 }, { "Drug", 0, 4 } };
  const Side gold_side = MENTIONS (gold), found_side = MENTIONS (found);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/spans", "{}", &task);
  bench_count (&bench, make_document (chunk, &gold_side, &found_side));
  g_assert_cmpint (bench_column (&bench, "strict.tp"), ==, 1);
  g_assert_cmpint (bench_column (&bench, "strict.fp"), ==, 2);
  bench_close (&bench);
}

static void
test_spans_macro_doc (void)
{
  const Mention one[] = { { "Drug", 0, 4 } }, other[] = { { "Drug", 0, 5 } };
  const Side right = MENTIONS (one), wrong = MENTIONS (other), empty = { NULL, 0, NULL, 0 };
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/spans", "{}", &task);
  g_assert_true (isnan (bench_value (&bench, "strict.macro_doc.f1")));
  bench_count (&bench, make_document (chunk, &right, &right));
  bench_count (&bench, make_document (chunk, &right, &right));
  bench_count (&bench, make_document (chunk, &right, &wrong));
  bench_count (&bench, make_document (chunk, &empty, &empty)); /* nothing to find, nothing found: does not count */
  g_assert_cmpfloat_with_epsilon (bench_value (&bench, "strict.macro_doc.f1"), 2.0 / 3, 1e-9);
  bench_close (&bench);
}

static void
test_spans_undefined (void)
{
  const Mention found[] = { { "Drug", 0, 4 } };
  const Side none = { NULL, 0, NULL, 0 }, some = MENTIONS (found);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/spans", "{}", &task);
  bench_count (&bench, make_document (chunk, &none, &some));
  g_assert_true (isnan (bench_value (&bench, "strict.micro.recall")));
  g_assert_cmpfloat (bench_value (&bench, "strict.micro.precision"), ==, 0);
  g_assert_cmpfloat (bench_value (&bench, "strict.micro.f1"), ==, 0);
  g_assert_true (isnan (bench_value (&bench, "strict.Effect.f1")));
  bench_close (&bench);
}

static void
test_spans_outside_task (void)
{
  const Mention gold[] = { { "Drug", 0, 4 }, { "Gene", 10, 14 } }, found[] = { { "Gene", 30, 34 } };
  const Side gold_side = MENTIONS (gold), found_side = MENTIONS (found);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/spans", "{}", &task);
  bench_count (&bench, make_document (chunk, &gold_side, &found_side));
  g_assert_cmpint (bench_column (&bench, "strict.fn"), ==, 1);
  g_assert_cmpint (bench_column (&bench, "strict.fp"), ==, 0);
  g_assert_cmpint (noted (&bench, "gold entities with a label outside the task, left out"), ==, 1);
  g_assert_cmpint (noted (&bench, "predicted entities with a label outside the task, left out"), ==, 1);
  bench_close (&bench);
}

static void
test_spans_reserved_label (void)
{
  static const char *const labels[] = { "micro", NULL };
  const RetortTask bad = { sizeof bad, labels, 1, NULL, 0, RETORT_SCOPE_SENTENCE };
  g_autoptr(GError) error = NULL;
  Bench bench;
  RetortMeter meter;

  bench_open (&bench, "evaluator/spans", "{}", &task);
  g_assert_false (retort_meter_init (&meter, bench.meter.role, bench.meter.self, &bad, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  bench_close (&bench);
}

/* Random mentions among few places, so that many coincide. */
static guint
random_mentions (RetortRandom *random, Mention *mentions)
{
  const guint n = retort_random_below (random, 8);

  for (guint i = 0; i < n; i++) {
    const guint start = 2 * retort_random_below (random, 4);
    mentions[i] = (Mention) { entity_labels[retort_random_below (random, 2)], start,
                              start + 1 + retort_random_below (random, 2) };
    if (retort_random_below (random, 4) == 0) {
      mentions[i].start2 = 20;
      mentions[i].end2 = 22;
    }
  }
  return n;
}

static gboolean
same_mention (const Mention *a, const Mention *b)
{
  return g_str_equal (a->label, b->label) && a->start == b->start && a->end == b->end && a->start2 == b->start2 &&
         a->end2 == b->end2;
}

static void
test_spans_naive (void)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  gint64 tp = 0, fp = 0, fn = 0;
  RetortRandom random;
  Bench bench;

  retort_random_init (&random, 5, "mentions", NULL);
  bench_open (&bench, "evaluator/spans", "{}", &task);
  for (guint d = 0; d < 200; d++) {
    Mention gold[8], found[8];
    gboolean used[8] = { FALSE };
    const Side gold_side = { gold, random_mentions (&random, gold), NULL, 0 };
    const Side found_side = { found, random_mentions (&random, found), NULL, 0 };
    gint64 matched = 0;
    for (guint g = 0; g < gold_side.n_mentions; g++)
      for (guint p = 0; p < found_side.n_mentions; p++)
        if (!used[p] && same_mention (&gold[g], &found[p])) {
          used[p] = TRUE;
          matched++;
          break;
        }
    tp += matched;
    fn += gold_side.n_mentions - matched;
    fp += found_side.n_mentions - matched;
    bench_count (&bench, make_document (chunk, &gold_side, &found_side));
  }
  g_assert_cmpint (tp, >, 50);
  g_assert_cmpint (bench_column (&bench, "strict.tp"), ==, tp);
  g_assert_cmpint (bench_column (&bench, "strict.fp"), ==, fp);
  g_assert_cmpint (bench_column (&bench, "strict.fn"), ==, fn);
  g_assert_cmpint (bench_column (&bench, "strict.Drug.tp") + bench_column (&bench, "strict.Effect.tp"), ==, tp);
  bench_close (&bench);
}

/* --- relations --- */

static const Mention three[] = { { "Drug", 0, 4 }, { "Effect", 10, 14 }, { "Effect", 20, 24 } };

static void
test_relations_end_to_end (void)
{
  /* Right; right but said twice; wrong label; wrong tail. */
  const Mention found[] = { { "Effect", 10, 14 }, { "Drug", 0, 4 }, { "Effect", 20, 25 } };
  const Link gold_links[] = { { "harms", 0, 1 }, { "harms", 0, 2 }, { "follows", 1, 2 } };
  const Link found_links[] = { { "harms", 1, 0 }, { "harms", 1, 0 }, { "harms", 1, 2 }, { "heals", 1, 0 } };
  const Side gold_side = SIDE (three, gold_links), found_side = SIDE (found, found_links);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/relations", "{}", &task);
  bench_count (&bench, make_document (chunk, &gold_side, &found_side));
  g_assert_cmpint (bench_column (&bench, "end_to_end.tp"), ==, 1);
  g_assert_cmpint (bench_column (&bench, "end_to_end.fp"), ==, 2);
  g_assert_cmpint (bench_column (&bench, "end_to_end.fn"), ==, 2);
  g_assert_cmpfloat (bench_value (&bench, "end_to_end.harms.f1"), ==, 0.5);
  g_assert_cmpfloat (bench_value (&bench, "end_to_end.heals.f1"), ==, 0);
  g_assert_cmpfloat_with_epsilon (bench_value (&bench, "end_to_end.macro_type.f1"), 0.5 / 3, 1e-15);
  bench_close (&bench);
}

static void
test_relations_direction (void)
{
  const Link gold_links[] = { { "follows", 1, 2 } }, found_links[] = { { "follows", 2, 1 } };
  const Side gold_side = SIDE (three, gold_links), found_side = SIDE (three, found_links);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/relations", "{}", &task);
  bench_count (&bench, make_document (chunk, &gold_side, &found_side));
  g_assert_cmpint (bench_column (&bench, "end_to_end.tp"), ==, 0);
  bench_close (&bench);
}

static void
test_relations_given_by_hand (void)
{
  /* Candidates: Drug-Effect twice, Effect-Effect twice (both directions). Gold: harms, none, follows, none.
   * Answers: harms, harms, none, none. */
  const Link gold_links[] = { { "harms", 0, 1 }, { "follows", 1, 2 } };
  const Link found_links[] = { { "harms", 0, 1 }, { "harms", 0, 2 } };
  const Side gold_side = SIDE (three, gold_links), found_side = SIDE (three, found_links);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/relations", "{entities: given}", &task);
  bench_count (&bench, make_document (chunk, &gold_side, &found_side));
  g_assert_cmpfloat (bench_value (&bench, "given.micro.f1"), ==, 0.5);
  g_assert_cmpfloat (bench_value (&bench, "given.accuracy"), ==, 0.5);
  g_assert_cmpfloat (bench_value (&bench, "given.positive.f1"), ==, 0.5);
  /* Saying harms, harms, follows, follows: 2 of 4 right, nothing missed: 2 * 2 / (4 + 2). */
  g_assert_cmpfloat_with_epsilon (bench_value (&bench, "given.all_positive.f1"), 2.0 / 3, 1e-15);
  g_assert_cmpint (bench_column (&bench, "given.Drug-Effect.candidates"), ==, 2);
  g_assert_cmpint (bench_column (&bench, "given.confusion.none.harms"), ==, 1);
  bench_close (&bench);
}

static void
test_relations_given_differs (void)
{
  const Mention found[] = { { "Drug", 0, 4 }, { "Effect", 10, 15 }, { "Effect", 20, 24 } };
  const Side gold_side = MENTIONS (three), found_side = MENTIONS (found);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  g_autoptr(GError) error = NULL;
  Bench bench;

  bench_open (&bench, "evaluator/relations", "{entities: given}", &task);
  const RetortDocument *document = make_document (chunk, &gold_side, &found_side);
  g_assert_false (bench.meter.role->count (bench.meter.self, document, document, bench.columns, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, "'d0'"));
  bench_close (&bench);
}

static void
test_relations_given_missing (void)
{
  const Link gold_links[] = { { "harms", 0, 1 } };
  const Side gold_side = SIDE (three, gold_links);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/relations", "{entities: given}", &task);
  bench_count (&bench, make_document (chunk, &gold_side, NULL));
  g_assert_cmpint (bench_column (&bench, "given.fn"), ==, 1);
  g_assert_cmpint (bench_column (&bench, "given.confusion.harms.none"), ==, 1);
  bench_close (&bench);
}

static void
test_relations_out_of_reach (void)
{
  /* An Effect cannot harm a Drug by the task: no candidate, so it can only be missed. */
  const Link gold_links[] = { { "harms", 1, 0 } };
  const Side gold_side = SIDE (three, gold_links), found_side = MENTIONS (three);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/relations", "{entities: given}", &task);
  bench_count (&bench, make_document (chunk, &gold_side, &found_side));
  g_assert_cmpint (bench_column (&bench, "given.fn"), ==, 1);
  g_assert_cmpfloat (bench_value (&bench, "given.accuracy"), ==, 1);
  g_assert_cmpfloat (bench_value (&bench, "given.all_positive.f1"), ==, 0);
  g_assert_cmpint (noted (&bench, "gold relations that are no candidate, missed"), ==, 1);
  bench_close (&bench);
}

/* R_K as a correlation of class indicators over single candidates: cov (X, Y) / sqrt (cov (X, X) cov (Y, Y)). */
static double
naive_r_k (const guint *gold, const guint *found, guint n, guint n_classes)
{
  double xy = 0, xx = 0, yy = 0;

  for (guint k = 0; k < n_classes; k++) {
    double mean_x = 0, mean_y = 0;
    for (guint i = 0; i < n; i++) {
      mean_x += (double) (found[i] == k) / n;
      mean_y += (double) (gold[i] == k) / n;
    }
    for (guint i = 0; i < n; i++) {
      const double x = (found[i] == k) - mean_x, y = (gold[i] == k) - mean_y;
      xy += x * y;
      xx += x * x;
      yy += y * y;
    }
  }
  return xy / sqrt (xx * yy);
}

static void
test_relations_mcc (void)
{
  /* One Drug and one Effect a document: one candidate, of class harms, heals or none. */
  static const char *const names[] = { "harms", "heals" };
  static const RetortTask one = { sizeof one, entity_labels, 2, relation_types, 2, RETORT_SCOPE_DOCUMENT };
  enum { N = 60 };
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  guint gold[N], found[N];
  RetortRandom random;
  Bench bench;

  retort_random_init (&random, 3, "classes", NULL);
  bench_open (&bench, "evaluator/relations", "{entities: given}", &one);
  for (guint i = 0; i < N; i++) {
    gold[i] = retort_random_below (&random, 3);
    found[i] = retort_random_below (&random, 2) ? gold[i] : retort_random_below (&random, 3);
    const Link gold_link = { names[gold[i] % 2], 0, 1 }, found_link = { names[found[i] % 2], 0, 1 };
    const Side gold_side = { three, 2, &gold_link, gold[i] < 2 }, found_side = { three, 2, &found_link, found[i] < 2 };
    bench_count (&bench, make_document (chunk, &gold_side, &found_side));
  }
  g_assert_cmpfloat_with_epsilon (bench_value (&bench, "given.mcc"), naive_r_k (gold, found, N, 3), 1e-12);
  bench_close (&bench);
}

static void
test_relations_mcc_constant (void)
{
  const Link link = { "harms", 0, 1 };
  const Side yes = { three, 2, &link, 1 }, no = { three, 2, NULL, 0 };
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  Bench bench;

  bench_open (&bench, "evaluator/relations", "{entities: given}", &task);
  bench_count (&bench, make_document (chunk, &yes, &yes));
  g_assert_true (isnan (bench_value (&bench, "given.mcc"))); /* gold has one class */
  bench_count (&bench, make_document (chunk, &no, &yes));
  g_assert_cmpfloat (bench_value (&bench, "given.mcc"), ==, 0); /* all answers are the same */
  g_assert_cmpfloat_with_epsilon (bench_value (&bench, "given.all_positive.f1"), 2.0 / 3, 1e-15);
  bench_close (&bench);
}

/* --- both: measure depends on what a metric says it needs, and on no more --- */

static void
check_needs (const char *id, const char *options)
{
  RetortRandom random;
  Bench bench;

  bench_open (&bench, id, options, &task);
  const RetortMeasures *measures = bench.meter.measures;
  g_autofree double *sums = g_new (double, measures->n_columns), *values = g_new (double, measures->n_metrics);
  g_autofree double *needed = g_new (double, measures->n_columns), *again = g_new (double, measures->n_metrics);
  retort_random_init (&random, 1, "sums", NULL);
  for (guint trial = 0; trial < 20; trial++) {
    for (guint c = 0; c < measures->n_columns; c++)
      sums[c] = 1 + retort_random_below (&random, 50);
    bench.meter.role->measure (bench.meter.self, sums, values);
    for (guint i = 0; i < measures->n_metrics; i++) {
      memset (needed, 0, measures->n_columns * sizeof *needed);
      for (guint k = 0; k < measures->metrics[i].n_needs; k++)
        needed[measures->metrics[i].needs[k]] = sums[measures->metrics[i].needs[k]];
      bench.meter.role->measure (bench.meter.self, needed, again);
      g_assert_cmpfloat (again[i], ==, values[i]);
    }
  }
  bench_close (&bench);
}

static void
test_needs (void)
{
  check_needs ("evaluator/spans", "{}");
  check_needs ("evaluator/relations", "{}");
  check_needs ("evaluator/relations", "{entities: given}");
}

/* --- the scorer of BioCreative V --- */

static gboolean
write_document (const RetortDocument *document, gpointer user, GError **error)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = retort_document_builder_new_from (chunk, document);
  const RetortLayer *gold = retort_document_layer (document, RETORT_LAYER_GOLD);

  retort_document_builder_add_layer (builder, RETORT_LAYER_PREDICTED, TRUE);
  for (guint i = 0; i < retort_layer_n_entities (gold); i++)
    retort_document_builder_add_entity (builder, RETORT_LAYER_PREDICTED, retort_layer_entity (gold, i), error);
  return retort_corpus_writer_add (user, retort_document_builder_seal (builder), error);
}

/* A PubTator file as one of ours, its annotations in both layers. */
static void
import_pubtator (const char *path, const char *to)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortContext) context = retort_context_new ("format/pubtator", 1, 1, diagnostics);
  g_autoptr(GError) error = NULL;
  g_autoptr(RetortInstance) format = retort_format_open (path, "pubtator", NULL, context, &error);
  g_assert_no_error (error);
  g_autoptr(RetortCorpusWriter) writer = retort_corpus_writer_open (to, &error);
  g_assert_no_error (error);
  retort_format_read (format, context, path, NULL, write_document, writer, NULL, &error);
  g_assert_no_error (error);
  retort_corpus_writer_finish (writer, &error);
  g_assert_no_error (error);
}

static void
test_spans_biocreative (void)
{
  static const char *const labels[] = { "Disease", NULL };
  const RetortTask diseases = { sizeof diseases, labels, 1, NULL, 0, RETORT_SCOPE_DOCUMENT };
  g_autofree char *gold = retort_test_shared_path ("data/formats/bc5cdr-evaluation/CDR_sample.gold.PubTator");
  g_autofree char *found = retort_test_shared_path ("data/formats/bc5cdr-evaluation/CDR_sample.test.DNER.PubTator");
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *gold_path = g_build_filename (folder, "gold.jsonl", NULL);
  g_autofree char *found_path = g_build_filename (folder, "found.jsonl", NULL);
  g_autoptr(GError) error = NULL;
  Bench bench;

  if (!gold || !found) {
    g_test_skip ("the scorer's sample is not here");
    return;
  }
  import_pubtator (gold, gold_path);
  import_pubtator (found, found_path);
  bench_open (&bench, "evaluator/spans", "{}", &diseases);
  g_autoptr(RetortPairs) pairs = retort_pairs_open (gold_path, found_path, bench.diagnostics, &error);
  g_autoptr(RetortScores) scores = retort_scores_new ("evaluator/spans", &bench.meter);
  g_assert_no_error (error);
  retort_scores_add_pairs (scores, &bench.meter, pairs, bench.context, &error);
  g_assert_no_error (error);
  retort_scores_finish (scores, &bench.meter);
  const RetortScore *score = retort_scores_find (scores, "strict.Disease.f1");
  g_assert_cmpint (score->tp, ==, 303);
  g_assert_cmpint (score->fp, ==, 105);
  g_assert_cmpint (score->fn, ==, 121);
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  retort_test_use_plugins ();
  g_test_add_func ("/evaluators/spans/by-hand", test_spans_by_hand);
  g_test_add_func ("/evaluators/spans/fragments-must-agree", test_spans_fragments);
  g_test_add_func ("/evaluators/spans/a-gold-entity-matches-once", test_spans_once);
  g_test_add_func ("/evaluators/spans/macro-doc-means-documents", test_spans_macro_doc);
  g_test_add_func ("/evaluators/spans/zero-by-zero-is-undefined", test_spans_undefined);
  g_test_add_func ("/evaluators/spans/labels-outside-the-task", test_spans_outside_task);
  g_test_add_func ("/evaluators/spans/label-named-micro-is-refused", test_spans_reserved_label);
  g_test_add_func ("/evaluators/spans/as-the-naive-twin", test_spans_naive);
  g_test_add_func ("/evaluators/spans/as-the-biocreative-scorer", test_spans_biocreative);
  g_test_add_func ("/evaluators/relations/end-to-end-by-hand", test_relations_end_to_end);
  g_test_add_func ("/evaluators/relations/direction-matters", test_relations_direction);
  g_test_add_func ("/evaluators/relations/given-by-hand", test_relations_given_by_hand);
  g_test_add_func ("/evaluators/relations/given-entities-must-agree", test_relations_given_differs);
  g_test_add_func ("/evaluators/relations/given-without-prediction", test_relations_given_missing);
  g_test_add_func ("/evaluators/relations/no-candidate-is-missed", test_relations_out_of_reach);
  g_test_add_func ("/evaluators/relations/mcc-as-the-naive-twin", test_relations_mcc);
  g_test_add_func ("/evaluators/relations/mcc-of-one-class", test_relations_mcc_constant);
  g_test_add_func ("/evaluators/both/needs-are-all", test_needs);
  return g_test_run ();
}
