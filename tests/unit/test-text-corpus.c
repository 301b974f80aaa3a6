/* test-text-corpus - Retort's own files: there and back, what is refused and how, damage; and the sink. */
#include "retort-test.h"
#include "text/corpus-format.h"
#include "text/sink.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define HEADER RETORT_CORPUS_HEADER "\n"
#define GOLD(entities) "{\"id\":\"d\",\"text\":\"the p53 gene\",\"layers\":{\"gold\":{\"entities\":[" entities "]}}}\n"

/* One with everything, one with nothing. */
static const char everything[] =
    HEADER
    "{\"id\":\"d1\",\"text\":\"caf\xc3\xa9 \xf0\x9f\x98\x80 \\\"x\\\"\\r\\ny\\u0001\",\"weight\":0.5,\"meta\":{\"k\":\"v\",\"\":\"\"},"
    "\"sentences\":[[0,10],[12,14]],\"tokens\":[[0,4],[5,6]],\"layers\":{\"gold\":{\"entities\":["
    "{\"id\":\"T1\",\"label\":\"A\",\"spans\":[[0,4],[5,6]],\"text\":\"caf\xc3\xa9 \xf0\x9f\x98\x80\",\"concepts\":[\"C1\",\"C2\"],"
    "\"score\":0.1,\"source\":\"s\"},{\"id\":\"T7\",\"label\":\"B\",\"spans\":[[7,10]],\"text\":\"\\\"x\\\"\"}],"
    "\"relations\":[{\"id\":\"R1\",\"label\":\"r\",\"head\":\"T7\",\"tail\":\"T1\",\"score\":1}]},\"predicted\":{}}}\n"
    "{\"id\":\"d2\",\"text\":\"\"}\n"
    "{\"id\":\"d3\",\"text\":\"x\",\"sentences\":[],\"tokens\":[]}\n";

static RetortCorpus *
load (const char *path, RetortDiagnostics *diagnostics, GError **error)
{
  g_autoptr(RetortCorpusReader) reader = retort_corpus_reader_open (path, diagnostics, error);

  return reader ? retort_corpus_reader_load (reader, error) : NULL;
}

static char *
written (const RetortCorpus *corpus, const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(RetortCorpusWriter) writer = retort_corpus_writer_open (path, &error);
  char *text = NULL;

  g_assert_no_error (error);
  for (guint i = 0; i < retort_corpus_n_documents (corpus); i++)
    g_assert_true (retort_corpus_writer_add (writer, retort_corpus_document (corpus, i), &error));
  g_assert_true (retort_corpus_writer_finish (writer, &error));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* Reads `text`, writes it, and expects `expected`. */
static void
check_reads (const char *text, const char *expected)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "in.jsonl", text);
  g_autofree char *out = g_build_filename (folder, "out.jsonl", NULL);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(RetortCorpus) corpus = load (path, diagnostics, &error);

  retort_test_expect_diagnostics (diagnostics, "");
  g_assert_no_error (error);
  g_autofree char *again = written (corpus, out);
  g_assert_cmpstr (again, ==, expected);
}

static void
test_round_trip (void)
{
  check_reads (everything, everything);
  check_reads (HEADER, HEADER);
}

static void
test_crlf (void)
{
  check_reads (RETORT_CORPUS_HEADER "\r\n{\"id\":\"d\",\"text\":\"a\\r\\nb\"}\r\n", HEADER "{\"id\":\"d\",\"text\":\"a\\r\\nb\"}\n");
}

static void
test_no_final_newline (void)
{
  check_reads (HEADER "{\"id\":\"d\",\"text\":\"a\"}", HEADER "{\"id\":\"d\",\"text\":\"a\"}\n");
}

static void
test_key_order (void)
{
  check_reads ("{\"version\":1, \"retort\":\"corpus\", \"offsets\":\"codepoints\"}\n"
               "{\"layers\":{\"gold\":{\"relations\":[{\"tail\":\"T2\",\"head\":\"T1\",\"label\":\"r\"}],\"entities\":"
               "[{\"text\":\"a\",\"spans\":[[0,1]],\"label\":\"A\"},{\"text\":\"b\",\"spans\":[[1,2]],\"label\":\"A\"}]}},"
               "\"weight\":2,\"text\":\"ab\",\"id\":\"d\"}\n",
               HEADER "{\"id\":\"d\",\"text\":\"ab\",\"weight\":2,\"layers\":{\"gold\":{\"entities\":"
               "[{\"id\":\"T1\",\"label\":\"A\",\"spans\":[[0,1]],\"text\":\"a\"},{\"id\":\"T2\",\"label\":\"A\",\"spans\":"
               "[[1,2]],\"text\":\"b\"}],\"relations\":[{\"id\":\"R1\",\"label\":\"r\",\"head\":\"T1\",\"tail\":\"T2\"}]}}}\n");
}

/* --- what is refused: each line that `complaints` has must begin a message --- */

static void
check_refused (const char *text, const char *const *complaints)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "c.jsonl", text);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(RetortCorpus) corpus = load (path, diagnostics, &error);
  g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);
  guint n = 0;

  g_assert_null (corpus);
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  for (; complaints[n]; n++) {
    g_autofree char *whole = g_strdup_printf ("%s:%s", path, complaints[n]);
    if (!strstr (listing, whole))
      g_test_message ("no '%s' in\n%s", whole, listing);
    g_assert_nonnull (strstr (listing, whole));
  }
  g_assert_cmpuint (retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR), ==, n);
}
#define REFUSED(text, ...) check_refused (text, (const char *const[]){ __VA_ARGS__, NULL })

static void
test_refuses_header (void)
{
  REFUSED ("", " error: the file is empty [RT-343]");
  REFUSED ("{\"id\":\"d\"}\n", "1:1: error: this is not the header");
  REFUSED ("{\"retort\":\"corpus\",\"version\":2,\"offsets\":\"codepoints\"}\n", "1:1: error: this is not the header");
  REFUSED ("{\"retort\":\"corpus\",\"version\":1,\"offsets\":\"bytes\"}\n", "1:1: error: this is not the header");
  REFUSED ("\xff\n", "1:1: error: this is not the header");
}

static void
test_refuses_surface (void)
{
  REFUSED (HEADER GOLD ("{\"id\":\"T1\",\"label\":\"G\",\"spans\":[[4,7]],\"text\":\"p53\"},"
                        "{\"id\":\"T2\",\"label\":\"G\",\"spans\":[[0,3]],\"text\":\"p53\"}"),
           "2:162: error: entity T2 says 'p53' but the text at 0-3 is 'the' [RT-340]");
}

static void
test_refuses_spans (void)
{
  REFUSED (HEADER GOLD ("{\"label\":\"G\",\"spans\":[[4,70]],\"text\":\"p53\"},{\"label\":\"G\",\"spans\":[[-1,3]],\"text\":\"the\"},"
                        "{\"label\":\"G\",\"spans\":[[3,3]],\"text\":\"\"},{\"label\":\"G\",\"spans\":[],\"text\":\"\"},"
                        "{\"label\":\"G\",\"spans\":[[0,3],[2,4]],\"text\":\"\"}"),
           "2:85: error: the span 4-70 is outside the text of 12 characters [RT-341]",
           "2:129: error: the span -1-3 is no span [RT-341]", "2:173: error: the span 3-3 is empty [RT-341]",
           "2:191: error: the entity has no 'spans' [RT-347]",
           "2:226: error: two fragments of the entity overlap [RT-348]");
  REFUSED (HEADER "{\"id\":\"d\",\"text\":\"abc\",\"tokens\":[[1,2],[0,1]]}\n",
           "2:33: error: token 1 begins before the end of the one before it [RT-341]");
}

static void
test_refuses_keys (void)
{
  REFUSED (HEADER "{\"id\":\"d\",\"text\":\"a\",\"sentence\":[]}\n{\"text\":\"a\"}\n{\"id\":\"d\"}\n{\"id\":\"\",\"text\":\"a\"}\n",
           "2:22: error: a document has no key 'sentence' [RT-347]", "3:1: error: the document has no 'id' [RT-347]",
           "4:1: error: the document has no 'text' [RT-347]", "5:7: error: the id is empty [RT-348]");
  REFUSED (HEADER "{\"id\":\"d\",\"tokens\":[],\"weight\":1}\n", "2:1: error: the document has no 'text'");
}

static void
test_suggests_key (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "c.jsonl", HEADER "{\"id\":\"d\",\"txet\":\"a\"}\n");
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortCorpus) corpus = load (path, diagnostics, NULL);
  g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);

  g_assert_null (corpus);
  g_assert_nonnull (strstr (listing, "did you mean 'text'?"));
}

static void
test_refuses_values (void)
{
  REFUSED (HEADER "{\"id\":\"d\",\"text\":\"a\",\"weight\":-1}\n[]\n{\"id\":1}\n{\"id\":\"d\",\"text\":\"a\",\"meta\":{\"k\":1}}\n"
           "{\"id\":\"d\",\"text\":\"a\",\"tokens\":[[0]]}\n",
           "2:31: error: a number that is not negative is expected here [RT-348]",
           "3:1: error: a document {...} is expected here [RT-348]", "4:7: error: a string is expected here [RT-348]",
           "5:34: error: a string is expected here [RT-348]", "6:34: error: an integer is expected here [RT-348]");
}

/* Looking for the places of a million mistakes in one line, or for as many keys one by one, would take hours. */
static void
test_refuses_masses (void)
{
  g_autofree char *folder = retort_test_temp_folder (), *path = g_build_filename (folder, "c.jsonl", NULL);
  g_autoptr(GString) entities = g_string_new (HEADER "{\"id\":\"d\",\"text\":\"a\",\"layers\":{\"gold\":{\"entities\":[");
  g_autoptr(GString) meta = g_string_new (HEADER "{\"id\":\"d\",\"text\":\"a\",\"meta\":{");
  g_autoptr(GString) layers = g_string_new (HEADER "{\"id\":\"d\",\"text\":\"a\",\"layers\":{");

  for (guint i = 0; i < 200000; i++) {
    g_string_append_printf (entities, "%s{\"label\":\"A\",\"spans\":[[0,9]],\"text\":\"a\"}", i > 0 ? "," : "");
    g_string_append_printf (meta, "%s\"%u\":\"\"", i > 0 ? "," : "", i);
    g_string_append_printf (layers, "%s\"%u\":{}", i > 0 ? "," : "", i);
  }
  g_string_append (entities, "]}}}\n");
  g_string_append (meta, "}}\n");
  g_string_append (layers, "}}\n");
  const struct { const GString *text; const char *complaint; } cases[] = {
    { entities, "error: the span 0-9 is outside the text of 1 characters" },
    { meta, "error: the document has more than 4096 pieces of metadata" },
    { layers, "error: the document has more than 4096 layers" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
    g_autoptr(GError) error = NULL;
    g_assert_true (g_file_set_contents (path, cases[i].text->str, -1, NULL));
    g_autoptr(RetortCorpus) corpus = load (path, diagnostics, &error);
    g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);
    g_assert_null (corpus);
    g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
    if (!strstr (listing, cases[i].complaint))
      g_error ("expected '%s' in: %s", cases[i].complaint, listing);
  }
}

static void
test_refuses_arguments (void)
{
  REFUSED (HEADER "{\"id\":\"d\",\"text\":\"a\",\"layers\":{\"gold\":{\"entities\":[{\"label\":\"A\",\"spans\":[[0,1]],\"text\":\"a\"}],"
           "\"relations\":[{\"label\":\"r\",\"head\":\"T1\",\"tail\":\"T2\"}]}}}\n",
           "2:107: error: the layer 'gold' has no entity 'T2' [RT-342]");
}

static void
test_refuses_json (void)
{
  REFUSED (HEADER "{\"id\":\"d\",}\n\n{\"id\":\"d\",\"text\":\"a\"} x\n{\"id\":\"d\",\"id\":\"d\"}\n{\"id\":\"a\",\"text\":\"abc",
           "2:11: error:", "3:1: error:", "4:23: error:", "5:11: error:",
           "6:18: error: the last line is cut off: the string does not end [RT-345]");
}

static void
test_stops_after_error (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "c.jsonl", HEADER "{\"id\":\"d\",\"text\":\"a\"}\n{}\n{\"id\":\"e\",\"text\":\"a\"}\n");
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortCorpusReader) reader = retort_corpus_reader_open (path, diagnostics, NULL);
  g_autoptr(RetortChunk) first = retort_corpus_reader_next (reader, 1, NULL);

  g_assert_cmpuint (retort_chunk_n_documents (first), ==, 1);
  for (guint i = 0; i < 2; i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null (retort_corpus_reader_next (reader, 1, &error));
    g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  }
}

/* --- reading in pieces --- */

static void
test_chunks (void)
{
  g_autoptr(GString) text = g_string_new (HEADER);
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *long_text = g_strnfill (100000, 'x');
  for (guint i = 0; i < 100; i++)
    g_string_append_printf (text, "{\"id\":\"d%u\",\"text\":\"%s\"}\n", i, long_text);
  g_autofree char *path = retort_test_write (folder, "c.jsonl", text->str);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortCorpusReader) reader = retort_corpus_reader_open (path, diagnostics, NULL);
  RetortChunk *chunk;

  for (guint round = 0; round < 2; round++) {
    guint seen = 0, largest = 0;
    while ((chunk = retort_corpus_reader_next (reader, round ? 7 : G_MAXUINT, NULL))) {
      for (guint i = 0; i < retort_chunk_n_documents (chunk); i++) {
        g_autofree char *id = g_strdup_printf ("d%u", seen++);
        g_assert_cmpstr (retort_document_id (retort_chunk_document (chunk, i)), ==, id);
      }
      largest = MAX (largest, retort_chunk_n_documents (chunk));
      retort_chunk_unref (chunk);
    }
    g_assert_cmpuint (seen, ==, 100);
    g_assert_cmpuint (largest, ==, round ? 7 : 42);
    g_assert_true (retort_corpus_reader_rewind (reader, NULL));
  }
  retort_test_expect_diagnostics (diagnostics, "");
}

static void
test_writer_needs_utf8 (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = g_build_filename (folder, "c.jsonl", NULL);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, "d", "x", -1, NULL);
  retort_document_builder_set_meta (builder, "k", "\xff");
  const RetortDocument *document = retort_document_builder_seal (builder);
  g_autoptr(RetortCorpusWriter) writer = retort_corpus_writer_open (path, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (retort_corpus_writer_add (writer, document, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
}

static void
test_missing_file (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = g_build_filename (folder, "none.jsonl", NULL);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;

  g_assert_null (retort_corpus_reader_open (path, diagnostics, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* --- damage: whatever happens to a file, it is read, or refused with a complaint --- */

static void
check_damaged (const char *folder, const char *text, gsize n_bytes)
{
  g_autofree char *path = g_build_filename (folder, "damaged.jsonl", NULL);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;
  FILE *file = g_fopen (path, "wb");

  g_assert_cmpuint (fwrite (text, 1, n_bytes, file), ==, n_bytes);
  fclose (file);
  g_autoptr(RetortCorpus) corpus = load (path, diagnostics, &error);
  const guint n_errors = retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR);
  g_assert_true ((corpus == NULL) == (n_errors > 0));
  g_assert_true ((corpus == NULL) == (error != NULL));
}

static void
test_damage (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  const gsize n_bytes = strlen (everything);

  for (gsize n = 0; n < n_bytes; n++)
    check_damaged (folder, everything, n);
  for (guint round = 0; round < 1000; round++) {
    g_autofree char *copy = g_strdup (everything);
    const guint n_changes = (guint)g_test_rand_int_range (1, 4);
    for (guint i = 0; i < n_changes; i++) {
      static const char likely[] = "\"[]{},:0123456789\n\\-T";
      const gsize at = (gsize)g_test_rand_int_range ((gint)strlen (HEADER), (gint)n_bytes);
      copy[at] = g_test_rand_int_range (0, 2) ? likely[g_test_rand_int_range (0, sizeof likely - 1)]
                                              : (char)g_test_rand_int_range (0, 256);
    }
    check_damaged (folder, copy, n_bytes);
  }
}

/* --- the sink --- */

static gboolean
collect (const RetortDocument *document, gpointer user, GError **error)
{
  retort_corpus_append_line (user, document);
  return TRUE;
}

static void
test_sink_ids (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(RetortCorpusSink) sink = retort_corpus_sink_new ("x.txt", diagnostics, collect, out);
  static const char *const ids[] = { "a", "a#2", "b", "a", "a" };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    RetortDocumentBuilder *builder = retort_corpus_sink_begin (sink, ids[i], "", -1, i + 1, NULL);
    g_assert_true (retort_corpus_sink_end (sink, builder, NULL));
  }
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  const RetortDocument *b = retort_document_builder_seal (retort_document_builder_new (chunk, "b", "", -1, NULL));
  g_assert_true (retort_corpus_sink_add (sink, b, NULL));
  g_assert_cmpstr (out->str, ==,
                   "{\"id\":\"a\",\"text\":\"\"}\n{\"id\":\"a#2\",\"text\":\"\"}\n{\"id\":\"b\",\"text\":\"\"}\n"
                   "{\"id\":\"a#3\",\"text\":\"\"}\n{\"id\":\"a#4\",\"text\":\"\"}\n{\"id\":\"b#2\",\"text\":\"\"}\n");
  g_assert_cmpuint (retort_corpus_sink_n_documents (sink), ==, 6);
  g_assert_cmpuint (retort_corpus_sink_n_repeated (sink), ==, 3);
  g_assert_cmpuint (retort_diagnostics_count (diagnostics, RETORT_SEVERITY_WARNING), ==, 3);
  g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);
  g_assert_nonnull (strstr (listing, "x.txt:4: warning: the id 'a' came before; this document is called 'a#3' [RT-349]"));
}

static void
check_map (GHashTable *map, const char *expected, guint n_dropped)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(RetortCorpusSink) sink = retort_corpus_sink_new ("x.txt", diagnostics, collect, out);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, "d", "abc", -1, NULL);
  static const char *const labels[] = { "A", "B", "C" };
  for (guint i = 0; i < 3; i++)
    retort_document_builder_add_span (builder, "gold", labels[i], (RetortSpan){ i, i + 1 }, NAN, NULL);
  for (guint i = 0; i < 3; i++) {
    const RetortRelation relation = { .label = i == 2 ? "s" : "r", .head = i, .tail = (i + 1) % 3, .score = NAN };
    retort_document_builder_add_relation (builder, "gold", &relation, NULL);
  }
  const RetortDocument *document = retort_document_builder_seal (builder);

  retort_corpus_sink_set_label_map (sink, map);
  g_assert_true (retort_corpus_sink_add (sink, document, NULL));
  g_autoptr(GString) found = g_string_new (NULL);
  g_auto(GStrv) parts = g_strsplit (out->str, "\"label\":\"", -1);
  for (guint i = 1; parts[i]; i++) {
    g_autofree char *label = g_strndup (parts[i], strcspn (parts[i], "\""));
    const char *head = strstr (parts[i], "\"head\":\"");
    g_string_append_printf (found, "%s%.2s ", label, head ? head + 8 : "");
  }
  g_assert_cmpstr (found->str, ==, expected);
  g_assert_cmpuint (retort_corpus_sink_n_dropped (sink), ==, n_dropped);
}

static void
test_sink_map (void)
{
  g_autoptr(GHashTable) map = g_hash_table_new (g_str_hash, g_str_equal);

  check_map (map, "A B C rT1 rT2 sT3 ", 0);
  g_hash_table_insert (map, "A", "X");
  check_map (map, "X B C rT1 rT2 sT3 ", 0);
  g_hash_table_insert (map, "s", "");
  check_map (map, "X B C rT1 rT2 ", 1);
  g_hash_table_insert (map, "B", "");
  check_map (map, "X C ", 4);
  g_hash_table_insert (map, "B", "B");
  g_hash_table_insert (map, "*", "Z");
  check_map (map, "X B Z ZT1 ZT2 ", 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/corpus/round-trip-keeps-bytes", test_round_trip);
  g_test_add_func ("/text/corpus/takes-crlf", test_crlf);
  g_test_add_func ("/text/corpus/takes-no-final-newline", test_no_final_newline);
  g_test_add_func ("/text/corpus/keys-in-any-order", test_key_order);
  g_test_add_func ("/text/corpus/refuses-header", test_refuses_header);
  g_test_add_func ("/text/corpus/refuses-surface", test_refuses_surface);
  g_test_add_func ("/text/corpus/refuses-spans", test_refuses_spans);
  g_test_add_func ("/text/corpus/refuses-keys", test_refuses_keys);
  g_test_add_func ("/text/corpus/suggests-key", test_suggests_key);
  g_test_add_func ("/text/corpus/refuses-values", test_refuses_values);
  g_test_add_func ("/text/corpus/refuses-masses-in-good-time", test_refuses_masses);
  g_test_add_func ("/text/corpus/refuses-arguments", test_refuses_arguments);
  g_test_add_func ("/text/corpus/refuses-json", test_refuses_json);
  g_test_add_func ("/text/corpus/stops-after-error", test_stops_after_error);
  g_test_add_func ("/text/corpus/chunks-and-rewind", test_chunks);
  g_test_add_func ("/text/corpus/writer-needs-utf8", test_writer_needs_utf8);
  g_test_add_func ("/text/corpus/missing-file", test_missing_file);
  g_test_add_func ("/text/corpus/damage-is-found", test_damage);
  g_test_add_func ("/text/sink/repeated-ids", test_sink_ids);
  g_test_add_func ("/text/sink/label-map", test_sink_map);
  return g_test_run ();
}
