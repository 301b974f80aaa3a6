/* test-text-tags - tag schemes: against a reference scorer's reading, and there and back. */
#include "retort-test.h"
#include <retort/json.h>
#include <retort/tags.h>

#include <string.h>

static char *
show (const GArray *spans)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < spans->len; i++) {
    const RetortTokenSpan *span = &g_array_index (spans, RetortTokenSpan, i);
    g_string_append_printf (out, "%s%u-%u ", span->label, span->start, span->end);
  }
  return g_string_free (out, FALSE);
}

static void
check (RetortScheme scheme, const char *text, const char *lenient, const char *strict)
{
  g_auto(GStrv) tags = g_strsplit (text, " ", -1);
  const guint n = g_strv_length (tags);
  g_autoptr(GArray) loose = retort_tags_read_lenient ((const char *const *)tags, n);
  g_autoptr(GArray) legal = retort_tags_read_strict (scheme, (const char *const *)tags, n);
  g_autofree char *loose_text = show (loose), *legal_text = show (legal);

  g_assert_cmpstr (loose_text, ==, lenient);
  g_assert_cmpstr (legal_text, ==, strict);
}

static void
test_by_hand (void)
{
  check (RETORT_SCHEME_IOB2, "B I O I", "0-2 3-4 ", "0-2 ");
  check (RETORT_SCHEME_IOB2, "B-X-Y I-X-Y", "X-Y0-2 ", "X-Y0-2 ");
  check (RETORT_SCHEME_IOBES, "S-X S-X B-X I-X", "X0-1 X1-2 X2-4 ", "X0-1 X1-2 ");
  check (RETORT_SCHEME_IOBES, "B-X E-X E-X", "X0-2 X2-3 ", "X0-2 ");
  check (RETORT_SCHEME_BILOU, "U-X B-X I-X L-X U-Y", "X0-1 X1-4 Y4-5 ", "X0-1 X1-4 Y4-5 ");
  check (RETORT_SCHEME_BILOU, "B-X L-Y S-X", "X0-1 Y1-2 X2-3 ", "");
  check (RETORT_SCHEME_IO, "I-X I-X I-Y O I-X", "X0-2 Y2-3 X4-5 ", "X0-2 Y2-3 X4-5 ");
  check (RETORT_SCHEME_IO, "B-X I-X", "X0-2 ", "X1-2 ");
  check (RETORT_SCHEME_IOE1, "I-X E-X I-X O E-X", "X0-2 X2-3 X4-5 ", "X0-2 X2-3 ");
  check (RETORT_SCHEME_IOE2, "I-X E-X I-X O E-X", "X0-2 X2-3 X4-5 ", "X0-2 X4-5 ");
  check (RETORT_SCHEME_IO, "Gene Gene O", "Gene0-2 ", "Gene0-2 ");
}

/* --- every way of laying labelled spans on up to six tokens, written and read --- */

static void
check_round_trip (GArray *spans, guint n_tokens)
{
  g_autofree char *expected = show (spans);

  for (guint scheme = 0; retort_scheme_names[scheme]; scheme++) {
    g_auto(GStrv) tags = retort_tags_write (scheme, (const RetortTokenSpan *)(void *)spans->data, spans->len, n_tokens);
    g_assert_cmpuint (g_strv_length (tags), ==, n_tokens);
    gboolean merged = FALSE; /* IO cannot hold neighbours of one label */
    for (guint i = 1; i < spans->len; i++) {
      const RetortTokenSpan *a = &g_array_index (spans, RetortTokenSpan, i - 1), *b = a + 1;
      merged |= a->end == b->start && strcmp (a->label, b->label) == 0;
    }
    if (scheme == RETORT_SCHEME_IO && merged)
      continue;
    g_autoptr(GArray) strict = retort_tags_read_strict (scheme, (const char *const *)tags, n_tokens);
    g_autoptr(GArray) lenient = retort_tags_read_lenient ((const char *const *)tags, n_tokens);
    g_autofree char *strict_text = show (strict), *lenient_text = show (lenient);
    g_assert_cmpstr (strict_text, ==, expected);
    g_assert_cmpstr (lenient_text, ==, expected);
  }
}

static void
lay (GArray *spans, guint from, guint n_tokens)
{
  check_round_trip (spans, n_tokens);
  for (guint start = from; start < n_tokens; start++)
    for (guint end = start + 1; end <= n_tokens; end++)
      for (guint label = 0; label < 2; label++) {
        const RetortTokenSpan span = { start, end, label ? "Y" : "X" };
        g_array_append_val (spans, span);
        lay (spans, end, n_tokens);
        g_array_set_size (spans, spans->len - 1);
      }
}

static void
test_round_trip (void)
{
  g_autoptr(GArray) spans = g_array_new (FALSE, FALSE, sizeof (RetortTokenSpan));

  for (guint n_tokens = 0; n_tokens <= 6; n_tokens++)
    lay (spans, 0, n_tokens);
}

/* --- random tags never give overlaps, and backwards schemes mirror their forward ones --- */

static void
test_random (void)
{
  static const char *const alphabet[] = { "O", "B-X", "I-X", "E-X", "S-X", "L-X", "U-X", "B-Y", "I-Y", "E-Y", "", "B", "I-" };

  for (guint round = 0; round < 20000; round++) {
    const char *tags[12];
    const guint n = (guint)g_test_rand_int_range (0, 13);
    for (guint i = 0; i < n; i++)
      tags[i] = alphabet[g_test_rand_int_range (0, G_N_ELEMENTS (alphabet))];
    for (gint scheme = -1; scheme <= RETORT_SCHEME_BILOU; scheme++) {
      g_autoptr(GArray) spans = scheme < 0 ? retort_tags_read_lenient (tags, n) : retort_tags_read_strict (scheme, tags, n);
      guint done = 0;
      for (guint i = 0; i < spans->len; i++) {
        const RetortTokenSpan *span = &g_array_index (spans, RetortTokenSpan, i);
        g_assert_cmpuint (span->start, >=, done);
        g_assert_cmpuint (span->end, >, span->start);
        g_assert_cmpuint (span->end, <=, n);
        done = span->end;
      }
    }
  }
}

/* --- the reference's reading of all short sequences --- */

static char *
reference_spans (JsonArray *array)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonArray *span = json_array_get_array_element (array, i);
    g_string_append_printf (out, "%s%u-%u ", json_array_get_string_element (span, 0),
                            (guint)json_array_get_int_element (span, 1), (guint)json_array_get_int_element (span, 2) + 1);
  }
  return g_string_free (out, FALSE);
}

static void
test_reference (void)
{
  g_autofree char *path = retort_test_shared_path ("data/conformance/spans_exhaustive.jsonl");
  g_autofree char *text = NULL;
  guint n_lenient = 0, n_strict = 0;

  if (!path) {
    g_test_skip ("the reference readings are not here");
    return;
  }
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint l = 0; lines[l] && *lines[l]; l++) {
    g_autoptr(JsonNode) node = retort_json_parse (lines[l], strlen (lines[l]), NULL);
    g_assert_nonnull (node);
    JsonObject *row = json_node_get_object (node);
    JsonArray *array = json_object_get_array_member (row, "tags");
    const guint n = json_array_get_length (array);
    g_autofree const char **tags = g_new0 (const char *, n + 1);
    for (guint i = 0; i < n; i++)
      tags[i] = json_array_get_string_element (array, i);
    g_autoptr(GArray) lenient = retort_tags_read_lenient (tags, n);
    g_autofree char *is = show (lenient), *expected = reference_spans (json_object_get_array_member (row, "conll"));
    /* The reference does not know L and U as ends; there the header's definition holds. */
    if (!json_object_has_member (row, "strict_BILOU")) {
      if (strcmp (is, expected) != 0)
        g_test_message ("%s", lines[l]);
      g_assert_cmpstr (is, ==, expected);
      n_lenient++;
    }
    for (guint scheme = 0; retort_scheme_names[scheme]; scheme++) {
      g_autofree char *member = g_strconcat ("strict_", retort_scheme_names[scheme], NULL);
      if (!json_object_has_member (row, member) || json_object_get_null_member (row, member))
        continue;
      g_autoptr(GArray) strict = retort_tags_read_strict (scheme, tags, n);
      g_autofree char *strict_is = show (strict);
      g_autofree char *strict_expected = reference_spans (json_object_get_array_member (row, member));
      if (strcmp (strict_is, strict_expected) != 0)
        g_test_message ("%s: %s", retort_scheme_names[scheme], lines[l]);
      g_assert_cmpstr (strict_is, ==, strict_expected);
      n_strict++;
    }
  }
  g_test_message ("%u lenient, %u strict readings agree", n_lenient, n_strict);
  g_assert_cmpuint (n_lenient, >, 1000);
  g_assert_cmpuint (n_strict, >, 1500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/tags/by-hand", test_by_hand);
  g_test_add_func ("/text/tags/round-trip", test_round_trip);
  g_test_add_func ("/text/tags/random-never-overlap", test_random);
  g_test_add_func ("/text/tags/reference", test_reference);
  return g_test_run ();
}
