/* test-text-document - documents, layers, builders, offsets, candidates. */
#include "base/limit.h"
#include "retort-test.h"
#include <retort/task.h>

#include <math.h>
#include <string.h>

/* e + combining acute, an emoji outside the BMP, CR LF. */
#define HARD "cafe\xcc\x81 \xf0\x9f\x98\x80 x\r\ny"

static const RetortDocument *
seal_simple (RetortChunk *chunk, const char *id, const char *text)
{
  return retort_document_builder_seal (retort_document_builder_new (chunk, id, text, -1, NULL));
}

static void
expect_data_error (GError **error, const char *part)
{
  g_assert_error (*error, RETORT_ERROR, RETORT_ERROR_DATA);
  g_assert_nonnull (strstr ((*error)->message, part));
  g_clear_error (error);
}

static void
test_keeps_all (void)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  GError *error = NULL;
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, "d1", HARD, -1, &error);
  const RetortSpan sentences[] = { { 0, 13 }, { 15, 16 } }, tokens[] = { { 0, 6 }, { 7, 11 }, { 12, 13 }, { 15, 16 } };
  const RetortSpan fragments[] = { { 12, 13 }, { 0, 6 } };
  const char *const concepts[] = { "C1", "C2" };
  const RetortEntity entity = {
    .label = "A", .fragments = fragments, .n_fragments = 2, .concepts = concepts, .n_concepts = 2, .score = 0.5,
    .source = "x",
  };
  const char *name;
  gsize n_bytes;
  guint n;

  g_assert_no_error (error);
  retort_document_builder_set_meta (builder, "k", "v");
  retort_document_builder_set_meta (builder, "l", "w");
  retort_document_builder_set_meta (builder, "k", "v2");
  retort_document_builder_set_meta (builder, "l", NULL);
  retort_document_builder_set_weight (builder, 0.25);
  g_assert_true (retort_document_builder_set_sentences (builder, sentences, 2, &error));
  g_assert_true (retort_document_builder_set_tokens (builder, tokens, 4, &error));
  g_assert_cmpint (retort_document_builder_add_entity (builder, "gold", &entity, &error), ==, 0);
  g_assert_cmpint (retort_document_builder_add_span (builder, "gold", "B", (RetortSpan){ 7, 11 }, NAN, &error), ==, 1);
  const RetortRelation relation = { .label = "r", .head = 1, .tail = 0, .score = NAN };
  g_assert_cmpint (retort_document_builder_add_relation (builder, "gold", &relation, &error), ==, 0);
  retort_document_builder_add_layer (builder, "empty", FALSE);
  const RetortDocument *document = retort_document_builder_seal (builder);

  g_assert_true (retort_chunk_document (chunk, 0) == document && retort_chunk_n_documents (chunk) == 1);
  g_assert_cmpstr (retort_document_text (document, &n_bytes), ==, HARD);
  g_assert_cmpuint (n_bytes, ==, strlen (HARD));
  g_assert_cmpuint (retort_document_n_meta (document), ==, 1);
  g_assert_cmpstr (retort_document_meta (document, "k"), ==, "v2");
  g_assert_null (retort_document_meta (document, "l"));
  g_assert_cmpfloat (retort_document_weight (document), ==, 0.25);
  g_assert_cmpuint (retort_document_tokens (document, &n)[3].start, ==, 15);
  g_assert_cmpuint (n, ==, 4);
  retort_document_sentences (document, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_null (retort_document_layer (document, "predicted"));
  g_assert_nonnull (retort_document_layer (document, "empty"));
  g_assert_cmpuint (retort_document_n_layers (document), ==, 2);
  retort_document_layer_at (document, 1, &name);
  g_assert_cmpstr (name, ==, "empty");
  const RetortLayer *gold = retort_document_layer (document, "gold");
  g_assert_cmpuint (retort_layer_n_entities (gold), ==, 2);
  const RetortEntity *first = retort_layer_entity (gold, 0);
  g_assert_cmpstr (first->id, ==, "T1");
  g_assert_cmpuint (first->fragments[0].start, ==, 0);
  g_assert_cmpuint (first->fragments[1].start, ==, 12);
  g_assert_cmpstr (first->concepts[1], ==, "C2");
  g_assert_cmpstr (first->source, ==, "x");
  g_autofree char *surface = retort_entity_surface (document, first);
  g_assert_cmpstr (surface, ==, "cafe\xcc\x81 x");
  g_assert_cmpstr (retort_layer_relation (gold, 0)->id, ==, "R1");
  g_assert_cmpuint (retort_layer_relation (gold, 0)->head, ==, 1);
}

static void
test_refuses_text (void)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  g_autofree char *large = g_malloc (RETORT_LIMIT_DOCUMENT_BYTES + 1);
  g_autofree char *long_id = g_strnfill (RETORT_LIMIT_ID_BYTES + 1, 'x');
  GError *error = NULL;

  g_assert_null (retort_document_builder_new (chunk, "d", "a\xff", -1, &error));
  expect_data_error (&error, "UTF-8 at byte 1");
  g_assert_null (retort_document_builder_new (chunk, "d", "a\xc3", -1, &error));
  expect_data_error (&error, "UTF-8 at byte 1");
  g_assert_null (retort_document_builder_new (chunk, "d", "ab\0c", 4, &error));
  expect_data_error (&error, "NUL at byte 2");
  memset (large, 'x', RETORT_LIMIT_DOCUMENT_BYTES + 1);
  g_assert_null (retort_document_builder_new (chunk, "d", large, RETORT_LIMIT_DOCUMENT_BYTES + 1, &error));
  expect_data_error (&error, "at most");
  g_assert_null (retort_document_builder_new (chunk, "", "a", -1, &error));
  expect_data_error (&error, "id is empty");
  g_assert_null (retort_document_builder_new (chunk, long_id, "a", -1, &error));
  expect_data_error (&error, "at most");
  g_assert_cmpuint (retort_chunk_n_documents (chunk), ==, 0);
}

static void
test_refuses_spans (void)
{
  static const struct { RetortSpan span; const char *part; } cases[] = {
    { { 0, 0 }, "empty" }, { { 3, 2 }, "empty" }, { { 16, 18 }, "outside" }, { { 4, 5 }, "inside a character" },
    { { 5, 6 }, "inside a character" }, { { 8, 11 }, "inside a character" }, { { 0, G_MAXUINT32 }, "outside" },
  };
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, "d", HARD, -1, NULL);
  GError *error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_cmpint (retort_document_builder_add_span (builder, "gold", "A", cases[i].span, NAN, &error), ==, -1);
    expect_data_error (&error, cases[i].part);
    g_assert_false (retort_document_builder_set_tokens (builder, &cases[i].span, 1, &error));
    expect_data_error (&error, cases[i].part);
  }
  const RetortSpan overlapping[] = { { 0, 3 }, { 2, 4 } }, unsorted[] = { { 2, 3 }, { 0, 1 } };
  g_assert_false (retort_document_builder_set_sentences (builder, overlapping, 2, &error));
  expect_data_error (&error, "sentence 1");
  g_assert_false (retort_document_builder_set_tokens (builder, unsorted, 2, &error));
  expect_data_error (&error, "token 1");
  RetortEntity entity = { .label = "A", .fragments = overlapping, .n_fragments = 2, .score = NAN };
  g_assert_cmpint (retort_document_builder_add_entity (builder, "gold", &entity, &error), ==, -1);
  expect_data_error (&error, "overlap");
  entity.n_fragments = 0;
  g_assert_cmpint (retort_document_builder_add_entity (builder, "gold", &entity, &error), ==, -1);
  expect_data_error (&error, "no span");
  entity.n_fragments = 1;
  entity.score = 1.5;
  g_assert_cmpint (retort_document_builder_add_entity (builder, "gold", &entity, &error), ==, -1);
  expect_data_error (&error, "0 to 1");
  entity.score = NAN;
  entity.label = "";
  g_assert_cmpint (retort_document_builder_add_entity (builder, "gold", &entity, &error), ==, -1);
  expect_data_error (&error, "label is empty");
  const RetortRelation relation = { .label = "r", .head = 0, .tail = 0, .score = NAN };
  g_assert_cmpint (retort_document_builder_add_relation (builder, "gold", &relation, &error), ==, -1);
  expect_data_error (&error, "entities 0 and 0 of 0");
  const RetortDocument *document = retort_document_builder_seal (builder);
  g_assert_null (retort_document_tokens (document, NULL));
  g_assert_cmpuint (retort_layer_n_entities (retort_document_layer (document, "gold")), ==, 0);
}

/* Adds entities with these ids ("" for none given) and compares what they are called. */
static void
check_ids (RetortDocumentBuilder *builder, const char *const *given, const char *const *expected)
{
  for (guint i = 0; given[i]; i++) {
    const RetortSpan span = { 0, 1 };
    const RetortEntity entity = {
      .id = *given[i] ? given[i] : NULL, .label = "A", .fragments = &span, .n_fragments = 1, .score = NAN,
    };
    g_autoptr(GError) error = NULL;
    const gint added = retort_document_builder_add_entity (builder, "gold", &entity, &error);
    g_assert_cmpint (added >= 0, ==, expected[i] != NULL && *expected[i]);
    g_assert_true ((added < 0) == (error != NULL));
  }
}

static void
test_ids (void)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, "d", "abc", -1, NULL);
  const char *const given[] = { "", "T2", "", "T9", "T5", "", "", "T9", "T1", "x", NULL };
  const char *const expected[] = { "T1", "T2", "T3", "T9", "T5", "T4", "T6", "", "", "x", NULL };
  const char *const left[] = { "T1", "T2", "T3", "T9", "T5", "T4", "T6", "x" };

  check_ids (builder, given, expected);
  const RetortDocument *document = retort_document_builder_seal (builder);
  const RetortLayer *gold = retort_document_layer (document, "gold");
  g_assert_cmpuint (retort_layer_n_entities (gold), ==, G_N_ELEMENTS (left));
  for (guint i = 0; i < G_N_ELEMENTS (left); i++)
    g_assert_cmpstr (retort_layer_entity (gold, i)->id, ==, left[i]);

  /* A derived document knows which ids are taken. */
  builder = retort_document_builder_new_from (chunk, document);
  const char *const more[] = { "x", "", NULL }, *const more_expected[] = { "", "T7", NULL };
  check_ids (builder, more, more_expected);
  document = retort_document_builder_seal (builder);
  g_assert_cmpstr (retort_layer_entity (retort_document_layer (document, "gold"), 8)->id, ==, "T7");
}

static void
test_derived_outlives (void)
{
  g_autoptr(RetortChunk) late = retort_chunk_new ();
  RetortChunk *early = retort_chunk_new ();
  RetortDocumentBuilder *builder = retort_document_builder_new (early, "d", HARD, -1, NULL);

  retort_document_builder_add_span (builder, "gold", "A", (RetortSpan){ 7, 11 }, NAN, NULL);
  retort_document_builder_set_meta (builder, "k", "v");
  const RetortDocument *first = retort_document_builder_seal (builder);
  builder = retort_document_builder_new_from (late, first);
  retort_document_builder_set_id (builder, "e");
  retort_document_builder_add_layer (builder, "predicted", FALSE);
  const RetortDocument *second = retort_document_builder_seal (builder);
  builder = retort_document_builder_new_from (late, first);
  retort_document_builder_add_layer (builder, "gold", TRUE);
  const RetortDocument *cleared = retort_document_builder_seal (builder);
  g_assert_cmpuint (retort_layer_n_entities (retort_document_layer (first, "gold")), ==, 1);
  g_assert_null (retort_document_layer (first, "predicted"));
  retort_chunk_unref (early);

  g_assert_cmpstr (retort_document_id (second), ==, "e");
  g_assert_cmpstr (retort_document_text (second, NULL), ==, HARD);
  g_assert_cmpstr (retort_document_meta (second, "k"), ==, "v");
  g_autofree char *surface =
      retort_entity_surface (second, retort_layer_entity (retort_document_layer (second, "gold"), 0));
  g_assert_cmpstr (surface, ==, "\xf0\x9f\x98\x80");
  g_assert_cmpuint (retort_layer_n_entities (retort_document_layer (cleared, "gold")), ==, 0);
}

static void
test_many_documents (void)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();

  for (guint i = 0; i < 5000; i++) {
    g_autofree char *text = g_strnfill (i, 'x');
    seal_simple (chunk, "d", text);
  }
  for (guint i = 0; i < 5000; i++) {
    gsize n_bytes;
    g_assert_cmpuint (strlen (retort_document_text (retort_chunk_document (chunk, i), &n_bytes)), ==, i);
    g_assert_cmpuint (n_bytes, ==, i);
  }
}

/* --- offsets, against a walk from the start --- */

static void
check_offsets (const char *text, gsize n_bytes, RetortUnit unit)
{
  g_autoptr(RetortOffsets) offsets = retort_offsets_new (text, n_bytes, unit);
  guint64 units = 0;
  guint32 byte = 77;

  for (const char *at = text; at < text + n_bytes; at = g_utf8_next_char (at)) {
    const gsize here = (gsize)(at - text), width = (gsize)(g_utf8_next_char (at) - at);
    const guint n = unit == RETORT_UNIT_BYTES ? (guint)width
                    : unit == RETORT_UNIT_UTF16 && g_utf8_get_char (at) > 0xffff ? 2 : 1;
    g_assert_true (retort_offsets_to_byte (offsets, units, &byte));
    g_assert_cmpuint (byte, ==, here);
    g_assert_cmpuint (retort_offsets_from_byte (offsets, (guint32)here), ==, units);
    for (guint inside = 1; inside < n; inside++)
      g_assert_false (retort_offsets_to_byte (offsets, units + inside, &byte));
    units += n;
  }
  g_assert_cmpuint (retort_offsets_length (offsets), ==, units);
  g_assert_true (retort_offsets_to_byte (offsets, units, &byte));
  g_assert_cmpuint (byte, ==, n_bytes);
  g_assert_cmpuint (retort_offsets_from_byte (offsets, (guint32)n_bytes), ==, units);
  g_assert_false (retort_offsets_to_byte (offsets, units + 1, &byte));
  g_assert_false (retort_offsets_to_byte (offsets, G_MAXUINT64, &byte));
}

static void
test_offsets (void)
{
  for (guint round = 0; round < 400; round++) {
    g_autoptr(GString) text = g_string_new (NULL);
    const gint length = g_test_rand_int_range (0, round % 4 == 0 ? 1200 : 40);
    const gint kinds = g_test_rand_int_range (1, 5);
    for (gint i = 0; i < length; i++) {
      static const gunichar from[] = { 1, 0x80, 0x800, 0x10000 }, to[] = { 0x80, 0x800, 0xd800, 0x110000 };
      const gint kind = g_test_rand_int_range (0, kinds);
      g_string_append_unichar (text, (gunichar)g_test_rand_int_range ((gint)from[kind], (gint)to[kind]));
    }
    check_offsets (text->str, text->len, RETORT_UNIT_BYTES);
    check_offsets (text->str, text->len, RETORT_UNIT_CODEPOINTS);
    check_offsets (text->str, text->len, RETORT_UNIT_UTF16);
  }
  for (gsize n = 250; n < 262; n++) { /* characters across the checkpoint */
    g_autofree char *head = g_strnfill (n, 'x');
    g_autofree char *text = g_strconcat (head, "\xf0\x9f\x98\x80 tail", NULL);
    check_offsets (text, strlen (text), RETORT_UNIT_CODEPOINTS);
    check_offsets (text, strlen (text), RETORT_UNIT_UTF16);
  }
}

/* --- candidates --- */

static void
check_candidates (const RetortTask *task, const RetortDocument *document, const char *expected)
{
  g_autoptr(GArray) candidates = retort_task_candidates (task, document, retort_document_layer (document, "gold"));
  g_autoptr(GString) found = g_string_new (NULL);

  for (guint i = 0; i < candidates->len; i++) {
    const RetortCandidate candidate = g_array_index (candidates, RetortCandidate, i);
    g_string_append_printf (found, "%u-%u ", candidate.head, candidate.tail);
  }
  g_assert_cmpstr (found->str, ==, expected);
}

static void
test_candidates (void)
{
  static const char *const entities[] = { "Drug", "Effect", NULL };
  static const RetortRelationType relations[] = { { "adverse", "Drug", "Effect" }, { "treats", "Drug", "Effect" },
                                                  { "with", "Drug", "Drug" } };
  RetortTask task = { .size = sizeof task, .entities = entities, .n_entities = 2, .relations = relations,
                      .n_relations = 3, .scope = RETORT_SCOPE_SENTENCE };
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, "d", "0123456789", -1, NULL);
  const RetortSpan sentences[] = { { 1, 4 }, { 5, 10 } };

  retort_document_builder_add_span (builder, "gold", "Effect", (RetortSpan){ 6, 7 }, NAN, NULL); /* 0: second sentence */
  retort_document_builder_add_span (builder, "gold", "Drug", (RetortSpan){ 1, 6 }, NAN, NULL);   /* 1: begins in the first */
  retort_document_builder_add_span (builder, "gold", "Drug", (RetortSpan){ 0, 1 }, NAN, NULL);   /* 2: before the first */
  retort_document_builder_add_span (builder, "gold", "Effect", (RetortSpan){ 4, 5 }, NAN, NULL); /* 3: between the two */
  retort_document_builder_add_span (builder, "gold", "Drug", (RetortSpan){ 9, 10 }, NAN, NULL);  /* 4: second */
  const RetortDocument *uncut = retort_document_builder_seal (builder);
  builder = retort_document_builder_new_from (chunk, uncut);
  g_assert_true (retort_document_builder_set_sentences (builder, sentences, 2, NULL));
  const RetortDocument *cut = retort_document_builder_seal (builder);

  check_candidates (&task, cut, "1-2 1-3 2-1 2-3 4-0 ");
  check_candidates (&task, uncut, "1-0 1-2 1-3 1-4 2-0 2-1 2-3 2-4 4-0 4-1 4-2 4-3 ");
  g_autoptr(RetortTask) copy = retort_task_copy (&task);
  copy->scope = RETORT_SCOPE_DOCUMENT;
  check_candidates (copy, cut, "1-0 1-2 1-3 1-4 2-0 2-1 2-3 2-4 4-0 4-1 4-2 4-3 ");
  g_assert_cmpint (retort_task_entity_index (copy, "Effect"), ==, 1);
  g_assert_cmpint (retort_task_entity_index (copy, "effect"), ==, -1);
  g_assert_cmpstr (copy->relations[2].label, ==, "with");
  g_assert_null (copy->entities[2]);
  g_autoptr(GArray) none = retort_task_candidates (&task, cut, NULL);
  g_assert_cmpuint (none->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/document/keeps-all", test_keeps_all);
  g_test_add_func ("/text/document/refuses-text", test_refuses_text);
  g_test_add_func ("/text/document/refuses-spans", test_refuses_spans);
  g_test_add_func ("/text/document/ids-are-unique", test_ids);
  g_test_add_func ("/text/document/derived-outlives-its-source", test_derived_outlives);
  g_test_add_func ("/text/document/many-in-one-chunk", test_many_documents);
  g_test_add_func ("/text/offsets/equal-a-walk", test_offsets);
  g_test_add_func ("/text/task/candidates", test_candidates);
  return g_test_run ();
}
