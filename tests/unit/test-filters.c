/* test-filters - what the filters keep, drop and add, beyond the examples that they carry. */
#include "plugin/context.h"
#include "plugin/registry.h"
#include "retort-test.h"
#include "text/corpus-format.h"
#include "text/sink.h"

#include <math.h>
#include <string.h>

static gboolean
collect (const RetortDocument *document, gpointer user, GError **error)
{
  retort_corpus_append_line (user, document);
  return TRUE;
}

/* What `id` with `options` makes of these lines; its counters go to `notes` if that is wanted. Full ownership. */
static char *
filtered (const char *id, const char *options, guint64 seed, const char *lines, char **notes)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *text = g_strconcat (RETORT_CORPUS_HEADER "\n", lines, NULL);
  g_autofree char *path = retort_test_write (folder, "in.jsonl", text);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortContext) context = retort_context_new (id, seed, 1, diagnostics);
  g_autoptr(RetortSource) source = retort_source_new ("options", options, strlen (options));
  g_autoptr(RetortYamlFile) file = retort_yaml_parse (source, diagnostics);
  const RetortLoaded *loaded = retort_plugin_find (id, &error);
  g_assert_no_error (error);
  RetortOptions *filled = retort_options_fill (&loaded->table, file, file->root, NULL, id, diagnostics);
  retort_test_expect_diagnostics (diagnostics, "");
  g_autoptr(RetortInstance) instance = retort_instance_open (loaded, filled, context, &error);
  g_assert_no_error (error);
  g_autoptr(RetortCorpusReader) in = retort_corpus_reader_open (path, diagnostics, &error);
  g_assert_no_error (error);
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(RetortCorpusSink) sink = retort_corpus_sink_new (path, diagnostics, collect, out);
  const RetortFilterRole *role = loaded->role;

  g_assert_true (role->run (instance->self, context, in, sink, &error));
  g_assert_no_error (error);
  if (notes) {
    g_autoptr(JsonNode) node = retort_context_notes (context);
    *notes = retort_json_canonical (node);
  }
  return g_strdup (out->str);
}

static void
check (const char *id, const char *options, const char *lines, const char *expected)
{
  g_autofree char *out = filtered (id, options, 1, lines, NULL);

  g_assert_cmpstr (out, ==, expected);
}

/* --- sample --- */

static char *
numbered (guint n)
{
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (lines, "{\"id\":\"d%03u\",\"text\":\"%u\"}\n", i, i);
  return g_string_free (lines, FALSE);
}

/* The lines of `part` stand in `whole` in the same order. */
static void
check_within (const char *part, const char *whole, guint n)
{
  g_auto(GStrv) lines = g_strsplit (part, "\n", -1);
  const char *at = whole;

  g_assert_cmpuint (g_strv_length (lines), ==, n + 1);
  for (guint i = 0; i < n; i++) {
    at = strstr (at, lines[i]);
    g_assert_nonnull (at);
    at += strlen (lines[i]);
  }
}

static void
test_sample_nests (void)
{
  g_autofree char *all = numbered (600), *notes = NULL;
  g_autofree char *s500 = filtered ("filter/sample", "{n: 500}", 7, all, &notes);
  g_autofree char *s250 = filtered ("filter/sample", "{n: 250}", 7, all, NULL);
  g_autofree char *half = filtered ("filter/sample", "{share: 0.5}", 7, all, NULL);
  g_autofree char *again = filtered ("filter/sample", "{n: 250}", 7, all, NULL);
  g_autofree char *other = filtered ("filter/sample", "{n: 250}", 8, all, NULL);
  g_autofree char *more = filtered ("filter/sample", "{n: 601}", 7, all, NULL);

  check_within (s500, all, 500);
  check_within (s250, s500, 250);
  check_within (s250, half, 250);
  check_within (half, s500, 300);
  g_assert_cmpstr (again, ==, s250);
  g_assert_cmpstr (other, !=, s250);
  g_assert_cmpstr (more, ==, all);
  g_assert_nonnull (strstr (notes, "\"documents sampled\":500"));
}

/* Each document stays about as often as every other. */
static void
test_sample_uniform (void)
{
  g_autofree char *all = numbered (20);
  guint stayed[20] = { 0 };

  for (guint seed = 0; seed < 200; seed++) {
    g_autofree char *some = filtered ("filter/sample", "{n: 5}", seed, all, NULL);
    for (guint i = 0; i < 20; i++) {
      g_autofree char *id = g_strdup_printf ("\"d%03u\"", i);
      stayed[i] += strstr (some, id) != NULL;
    }
  }
  for (guint i = 0; i < 20; i++) { /* 50 expected, standard deviation 6.1 */
    g_assert_cmpuint (stayed[i], >, 20);
    g_assert_cmpuint (stayed[i], <, 80);
  }
}

/* --- dedup --- */

static void
test_dedup_exact (void)
{
  check ("filter/dedup", "{}",
         "{\"id\":\"a\",\"text\":\"caf\xc3\xa9 STRASSE\"}\n{\"id\":\"b\",\"text\":\" Cafe\xcc\x81\\n\\tstra\xc3\x9f""e\"}\n"
         "{\"id\":\"c\",\"text\":\"cafe strasse\"}\n{\"id\":\"d\",\"text\":\"\"}\n{\"id\":\"e\",\"text\":\" \"}\n",
         "{\"id\":\"a\",\"text\":\"caf\xc3\xa9 STRASSE\"}\n{\"id\":\"c\",\"text\":\"cafe strasse\"}\n"
         "{\"id\":\"d\",\"text\":\"\"}\n");
}

/* Texts of 60 words of which some are replaced: near duplicates as their 5-grams, counted by hand, say. */
static void
test_dedup_near (void)
{
  for (guint replaced = 0; replaced <= 60; replaced += 4) {
    g_autoptr(GString) lines = g_string_new ("{\"id\":\"a\",\"text\":\"");
    for (guint i = 0; i < 60; i++)
      g_string_append_printf (lines, "w%u ", i);
    g_string_append (lines, "end\"}\n{\"id\":\"b\",\"text\":\"");
    for (guint i = 0; i < 60; i++) /* the first words, so the grams that stay are those after them */
      g_string_append_printf (lines, i < replaced ? "x%u " : "w%u ", i);
    g_string_append (lines, "end\"}\n");
    const double shared = MAX (0, 57 - (double)replaced), jaccard = shared / (2 * 57 - shared);
    g_autofree char *notes = NULL;
    g_autofree char *out = filtered ("filter/dedup", "{near: 0.5}", 1, lines->str, &notes);
    const gboolean dropped = strstr (out, "\"b\"") == NULL;
    if (fabs (jaccard - 0.5) > 0.15) /* 128 minima: a standard deviation of at most 0.044 */
      g_assert_cmpint (dropped, ==, jaccard > 0.5);
    if (dropped && replaced > 0)
      g_assert_nonnull (strstr (notes, "\"documents dropped, similar text\":1"));
  }
}

/* --- repeats --- */

#define ENTITY(id, label, start, end, text) \
  "{\"id\":\"" id "\",\"label\":\"" label "\",\"spans\":[[" #start "," #end "]],\"text\":\"" text "\"}"
#define REPEAT(id, label, start, end, text) \
  "{\"id\":\"" id "\",\"label\":\"" label "\",\"spans\":[[" #start "," #end "]],\"text\":\"" text \
  "\",\"source\":\"filter/repeats\"}"
#define DOCUMENT(text, entities) "{\"id\":\"d\",\"text\":\"" text "\",\"layers\":{\"gold\":{\"entities\":[" entities "]}}}\n"

static void
test_repeats_borders (void)
{
  check ("filter/repeats", "{}",
         DOCUMENT ("p53, p53-null, xp53 p53x \xc3\xa9p53 (p53)", ENTITY ("T1", "G", 0, 3, "p53")),
         DOCUMENT ("p53, p53-null, xp53 p53x \xc3\xa9p53 (p53)",
                   ENTITY ("T1", "G", 0, 3, "p53") "," REPEAT ("T2", "G", 5, 8, "p53") "," REPEAT ("T3", "G", 31, 34, "p53")));
}

static void
test_repeats_longest (void)
{
  check ("filter/repeats", "{}",
         DOCUMENT ("gout; acute gout. acute gout, gout", ENTITY ("T1", "S", 0, 4, "gout") "," ENTITY ("T2", "L", 6, 16, "acute gout")),
         DOCUMENT ("gout; acute gout. acute gout, gout",
                   ENTITY ("T1", "S", 0, 4, "gout") "," ENTITY ("T2", "L", 6, 16, "acute gout") ","
                   REPEAT ("T3", "L", 18, 28, "acute gout") "," REPEAT ("T4", "S", 30, 34, "gout")));
}

static void
test_repeats_short (void)
{
  check ("filter/repeats", "{}", DOCUMENT ("Zn and Zn", ENTITY ("T1", "D", 0, 2, "Zn")),
         DOCUMENT ("Zn and Zn", ENTITY ("T1", "D", 0, 2, "Zn")));
  check ("filter/repeats", "{min-length: 2}", DOCUMENT ("Zn and Zn", ENTITY ("T1", "D", 0, 2, "Zn")),
         DOCUMENT ("Zn and Zn", ENTITY ("T1", "D", 0, 2, "Zn") "," REPEAT ("T2", "D", 7, 9, "Zn")));
}

/* Majority of labels; no gold layer, no change. */
static void
test_repeats_majority (void)
{
  check ("filter/repeats", "{}",
         DOCUMENT ("zinc zinc zinc zinc", ENTITY ("T1", "A", 0, 4, "zinc") "," ENTITY ("T2", "B", 5, 9, "zinc") ","
                   ENTITY ("T3", "B", 10, 14, "zinc")) "{\"id\":\"e\",\"text\":\"zinc\"}\n",
         DOCUMENT ("zinc zinc zinc zinc", ENTITY ("T1", "A", 0, 4, "zinc") "," ENTITY ("T2", "B", 5, 9, "zinc") ","
                   ENTITY ("T3", "B", 10, 14, "zinc") "," REPEAT ("T4", "B", 15, 19, "zinc")) "{\"id\":\"e\",\"text\":\"zinc\"}\n");
}

static void
test_repeats_agreement (void)
{
  static const char lines[] = DOCUMENT ("zinc zinc zinc", ENTITY ("T1", "A", 0, 4, "zinc"));

  check ("filter/repeats", "{scope: corpus}", lines, lines);
  check ("filter/repeats", "{scope: corpus, agreement: 0.3}", lines,
         DOCUMENT ("zinc zinc zinc", ENTITY ("T1", "A", 0, 4, "zinc") "," REPEAT ("T2", "A", 5, 9, "zinc") ","
                   REPEAT ("T3", "A", 10, 14, "zinc")));
  check ("filter/repeats", "{scope: corpus, agreement: 0.3, min-count: 2}", lines, lines);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  retort_test_use_plugins ();
  g_test_add_func ("/filter/sample/small-within-large", test_sample_nests);
  g_test_add_func ("/filter/sample/uniform", test_sample_uniform);
  g_test_add_func ("/filter/dedup/folds-form-case-space", test_dedup_exact);
  g_test_add_func ("/filter/dedup/near-follows-jaccard", test_dedup_near);
  g_test_add_func ("/filter/repeats/word-borders", test_repeats_borders);
  g_test_add_func ("/filter/repeats/longest-first", test_repeats_longest);
  g_test_add_func ("/filter/repeats/short-surfaces-stay", test_repeats_short);
  g_test_add_func ("/filter/repeats/majority", test_repeats_majority);
  g_test_add_func ("/filter/repeats/agreement", test_repeats_agreement);
  return g_test_run ();
}
