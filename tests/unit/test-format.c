/* test-format - the foreign formats: examples, what each says of wrong files, round trips, damage, and real corpora. */
#include "plugin-runner.h"

#include <glib/gstdio.h>
#include <string.h>

static const char *const formats[] = {
  "format/conll", "format/inline", "format/json-spans", "format/pairs", "format/pubtator",
};

static void
test_examples (gconstpointer id)
{
  runner_examples (id);
}

static void
test_damage (gconstpointer id)
{
  runner_damage (id, 1000);
}

/* --- what is said of wrong files: the listing without the quoted lines and carets --- */

static const struct {
  const char *name, *format, *options, *text;
  const char *complaints; /* a line each */
  guint n_documents, n_entities;
} wrong[] = {
  { "pubtator/mismatch-is-dropped", "format/pubtator", NULL,
    "1|t|A b.\n1|a|C d.\n1\t0\t1\tB\tX\tC1\n1\t2\t3\tb\tX\tC1\n",
    "FILE:3:7: warning: the mention says 'B', but the text at 0-1 is 'A' [RT-314]\n", 1, 1 },
  { "pubtator/offsets", "format/pubtator", NULL,
    "1|t|A b.\n1|a|C d.\n1\t3\t1\tB\tX\tC1\n1\t0\t99\tb\tX\tC1\n",
    "FILE:3:3: error: '3' and '1' are not the start and end of a mention [RT-315]\n"
    "FILE:4:3: error: 0-99 is outside the text of 9 characters [RT-315]\n", 1, 0 },
  { "pubtator/columns", "format/pubtator", NULL, "1|t|A b.\n1|a|C d.\n1\t0\t1\tA\nx y\n",
    "FILE:3: error: a mention takes 5 to 7 columns, here are 4 [RT-312]\n"
    "FILE:4: error: neither 'ID|t|title', 'ID|a|abstract', a mention (5 to 7 columns) nor a relation (4 or 5); "
    "here are 1 columns [RT-312]\n", 1, 0 },
  { "pubtator/cut-after-the-title", "format/pubtator", NULL, "1|t|A b.\n",
    "FILE:1: error: document '1' has a title, but no abstract follows [RT-316]\n", 1, 0 },
  { "pubtator/other-document", "format/pubtator", NULL, "1|t|A b.\n1|a|C d.\n2\t0\t1\tA\tX\n\n2|a|x\n",
    "FILE:3:1: error: an annotation of '2' stands outside that document [RT-316]\n"
    "FILE:5: error: an abstract of '2' stands here, but not after the title of '2' [RT-316]\n", 1, 0 },
  { "pubtator/relation-of-no-mention", "format/pubtator", "relations: first-mention",
    "1|t|A b.\n1|a|C d.\n1\t0\t1\tA\tX\tC1\n1\tCID\tC1\tC2\n",
    "FILE:4:10: warning: no mention of 'C2' stands before this relation [RT-317]\n", 1, 1 },
  { "pubtator/scores", "format/pubtator", "relations: first-mention",
    "1|t|A b.\n1|a|C d.\n1\t0\t1\tA\tX\tC1\t1.5\n1\tCID\tC1\tC1\t-2\n1\tCIE\tC1\tC1\tmaybe\n",
    "FILE:5:13: error: 'maybe' is no score [RT-323]\n", 1, 1 },
  { "conll/columns", "format/conll", NULL, "a\tO\nb\nc\tX\tO\n",
    "FILE:2: error: here are 1 columns, but the lines before have 2 [RT-312]\n"
    "FILE:3: error: here are 3 columns, but the lines before have 2 [RT-312]\n", 1, 0 },
  { "conll/tags", "format/conll", NULL, "a\tB\nb\tDisease\nc\tO\n",
    "FILE:1:3: error: what the bare tag 'B' stands for is not known [RT-313]\n"
    "FILE:2:3: error: 'Disease' is no tag [RT-313]\n", 1, 0 },
  { "conll/empty-token", "format/conll", NULL, "a\tO\n\tO\n", "FILE:2:1: error: the token is empty [RT-312]\n", 1, 0 },
  { "pairs/values", "format/pairs", NULL, "@GENE$ @DISEASE$\t1\n@GENE$ @DISEASE$\tmaybe\n",
    "FILE:2:18: error: 'maybe' is neither a positive nor a negative value [RT-320]\n", 2, 4 },
  { "pairs/mask", "format/pairs", NULL, "@GENE$ alone\t1\n",
    "FILE:1: warning: the sentence has no '@DISEASE$' [RT-321]\n",
    1, 1 },
  { "pairs/columns", "format/pairs", NULL, "@GENE$ @DISEASE$\t1\n@GENE$ @DISEASE$\n",
    "FILE:2: error: here are 1 columns instead of 2 [RT-312]\n", 1, 2 },
  { "inline/unclosed", "format/inline", NULL, "a <x>b\n",
    "FILE:1:3: error: the mark <x> is not closed [RT-318]\n", 1, 0 },
  { "inline/crossing", "format/inline", NULL, "<x>a<y>b</x>c</y>\n",
    "FILE:1:1: error: the mark <x> is not closed [RT-318]\n"
    "FILE:1:9: error: </x> stands where </y> is due [RT-318]\n", 1, 1 },
  { "inline/unknown", "format/inline", "marks: {x: X}", "<x>a</x> <y>b</y>\n",
    "FILE:1:10: error: the mark <y> is not listed in 'marks' [RT-319]\n", 1, 1 },
  { "inline/empty-and-unopened", "format/inline", NULL, "<x></x>a</y>\n",
    "FILE:1:4: error: the mark <x> is around nothing [RT-318]\n"
    "FILE:1:9: error: </y> closes no mark [RT-318]\n", 1, 0 },
  { "inline/before-the-first-block", "format/inline", "layout: blocks", "text\n### a\nb\n",
    "FILE:1: error: text stands before the first block ('### id') [RT-316]\n", 1, 0 },
  { "inline/relations", "format/inline", "layout: tsv", "a\t<x id=1>b</x>\tR(1,2) R(1\n",
    "FILE:1:21: warning: no mark has the id '2' [RT-317]\n"
    "FILE:1:24: error: 'R(1' is no relation like 'Label(1,2)' [RT-323]\n", 1, 1 },
  { "json-spans/cut", "format/json-spans", NULL, "{\"id\":\"1\",\"text\":\"a\"}\n[]\n",
    "FILE:2: error: the line is no JSON object [RT-322]\n", 1, 0 },
  { "json-spans/keys", "format/json-spans", NULL,
    "{\"id\":1}\n{\"text\":\"ab\",\"entities\":[{\"label\":\"X\",\"end_offset\":1},5,{\"label\":\"X\","
    "\"start_offset\":0,\"end_offset\":9},{\"id\":\"T\",\"label\":\"X\",\"start_offset\":0,\"end_offset\":1,\"text\":\"b\"}"
    "],\"relations\":[{\"from_id\":\"T\",\"to_id\":\"T\",\"type\":\"R\"}]}\n",
    "FILE:1: error: the document has no 'text' [RT-322]\n"
    "FILE:2: warning: an entity says 'b', but the text at 0-1 is 'a' [RT-314]\n"
    "FILE:2: error: 0-9 is no place in a text of 2 codepoints [RT-315]\n"
    "FILE:2: warning: the document has no entity 'T' [RT-317]\n"
    "FILE:2: error: 'entities' has something that is no object [RT-322]\n"
    "FILE:2: error: an entity has no 'start_offset' [RT-322]\n", 1, 0 },
};

/* The listing's lines that say where and what, sorted as they stand. */
static char *
complaints_of (const RunnerRead *read)
{
  g_autofree char *listing = runner_listing (read);
  g_auto(GStrv) lines = g_strsplit (listing, "\n", -1);
  g_autoptr(GString) out = g_string_new (NULL);

  for (char **line = lines; *line; line++)
    if (g_str_has_prefix (*line, "FILE:"))
      g_string_append_printf (out, "%s\n", *line);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_wrong (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autoptr(RunnerRead) read = runner_read_text (wrong[i].format, wrong[i].options, wrong[i].text, -1);
  g_autofree char *complaints = complaints_of (read);

  g_assert_no_error (read->error);
  g_assert_cmpstr (complaints, ==, wrong[i].complaints);
  g_assert_cmpuint (retort_corpus_n_documents (read->corpus), ==, wrong[i].n_documents);
  g_assert_cmpuint (read->n_entities, ==, wrong[i].n_entities);
}

/* --- what is written, and what is said of that which cannot be --- */

#define LINE(id, text, layer) "{\"id\":\"" id "\",\"text\":\"" text "\",\"layers\":{\"gold\":{" layer "}}}\n"
#define ENTITY(id, label, start, end, text, more) \
  "{\"id\":\"" id "\",\"label\":\"" label "\",\"spans\":[[" #start "," #end "]],\"text\":\"" text "\"" more "}"
#define RELATION(id, label, head, tail) \
  "{\"id\":\"" id "\",\"label\":\"" label "\",\"head\":\"" head "\",\"tail\":\"" tail "\"}"

static const struct {
  const char *name, *format, *options, *documents;
  const char *written; /* or the error */
  const char *lost;    /* a warning a line */
} writings[] = {
  { "pubtator/concepts", "format/pubtator", NULL,
    LINE ("1", "ab c", "\"entities\":[" ENTITY ("T1", "1X", 0, 2, "ab", ",\"concepts\":[\"D1|2\",\"D3\"]") ","
          ENTITY ("T2", "X", 3, 4, "c", ",\"concepts\":[\"-1\"]") "],\"relations\":["
          RELATION ("R1", "r", "T1", "T2") "," RELATION ("R2", "r", "T1", "T1") "]"),
    "1|t|ab c\n1|a|\n1\t0\t2\tab\t1X\tD3\n1\t3\t4\tc\tX\t-1\n1\tr\tD3\tD3\n\n",
    "1 relations not written: a mention has no concept\n"
    "2 concepts not written: their ids have a mark that parts ids\n" },
  /* T3 is the first mention of D2, not of D1 */
  { "pubtator/relations", "format/pubtator", NULL,
    LINE ("1", "a b c", "\"entities\":[" ENTITY ("T1", "X", 0, 1, "a", ",\"concepts\":[\"D1\"]") ","
          ENTITY ("T2", "X", 2, 3, "b", ",\"concepts\":[\"D1\"]") ","
          ENTITY ("T3", "X", 4, 5, "c", ",\"concepts\":[\"D1\",\"D2\"]") "],\"relations\":["
          "{\"id\":\"R1\",\"label\":\"r\",\"head\":\"T1\",\"tail\":\"T3\",\"score\":0.5},"
          RELATION ("R2", "r", "T2", "T3") "]"),
    "1|t|a b c\n1|a|\n1\t0\t1\ta\tX\tD1\n1\t2\t3\tb\tX\tD1\n1\t4\t5\tc\tX\tD1|D2\n1\tr\tD1\tD2\t0.5\n\n", "" },
  { "pubtator/label", "format/pubtator", NULL,
    LINE ("1", "ab", "\"entities\":[" ENTITY ("T1", "X\\tY", 0, 2, "ab", "") "]"),
    "PubTator cannot hold the label 'X\tY'", "" },
  { "pubtator/relation-label", "format/pubtator", NULL,
    LINE ("1", "ab", "\"entities\":[" ENTITY ("T1", "X", 0, 2, "ab", ",\"concepts\":[\"D1\"]") "],\"relations\":["
          RELATION ("R1", "2r", "T1", "T1") "]"),
    "PubTator cannot hold the label '2r'", "" },
  { "pubtator/space-at-the-end", "format/pubtator", NULL,
    "{\"id\":\"1\",\"text\":\"ab \",\"meta\":{\"title\":\"ab\"},\"layers\":{\"gold\":{}}}\n"
    "{\"id\":\"2\",\"text\":\"ab\\nc\",\"meta\":{\"title\":\"ab\"},\"layers\":{\"gold\":{}}}\n",
    "1|t|ab \n1|a|\n\n2|t|ab\n2|a|c\n\n", "1 line breaks and tabs written as spaces\n" },
  /* A line can only say that the first mask has to do with the second. */
  { "pairs/relations", "format/pairs", "masks: {'@X': X}\npositive: {'1': r}",
    LINE ("1", "a b", "\"entities\":[" ENTITY ("T1", "X", 0, 1, "a", "") "," ENTITY ("T2", "X", 2, 3, "b", "")
          "],\"relations\":[" RELATION ("R1", "r", "T2", "T1") "]")
    LINE ("2", "a b", "\"entities\":[" ENTITY ("T1", "X", 0, 1, "a", "") "," ENTITY ("T2", "X", 2, 3, "b", "")
          "],\"relations\":[" RELATION ("R1", "r", "T1", "T2") "," RELATION ("R2", "other", "T1", "T2") "]"),
    "@X @X\t0\n@X @X\t1\n",
    "2 relations not written: 'positive' has no value for their label, or no line is for their pair, from head to "
    "tail\n" },
  { "pairs/id", "format/pairs", "ids: yes", LINE ("a\\tb", "x", ""),
    "the document id 'a\tb' has a tab or line break", "" },
  { "conll/lost", "format/conll", NULL,
    "{\"id\":\"1\",\"text\":\"a b\",\"sentences\":[[0,1]],\"tokens\":[[0,1],[2,3]],\"layers\":{\"gold\":{}}}\n"
    "{\"id\":\"2\",\"text\":\" \",\"tokens\":[],\"layers\":{\"gold\":{}}}\n",
    "a\tO\n\n", "1 documents not written: they have no tokens\n1 tokens not written: they are in no sentence\n" },
  { "conll/label", "format/conll", NULL,
    "{\"id\":\"1\",\"text\":\"a\",\"tokens\":[[0,1]],\"layers\":{\"gold\":{\"entities\":["
    ENTITY ("T1", "X Y", 0, 1, "a", "") "]}}}\n",
    "no tag can hold the label 'X Y'", "" },
};

static void
test_writing (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autofree char *text
      = g_strconcat ("{\"retort\":\"corpus\",\"version\":1,\"offsets\":\"codepoints\"}\n", writings[i].documents, NULL);
  g_autoptr(RunnerRead) read = runner_read_text ("format/retort", NULL, text, -1);
  g_autoptr(RetortContext) context = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_no_error (read->error);
  g_autofree char *written
      = runner_write (writings[i].format, writings[i].options, read->corpus, &context, &error);
  g_assert_cmpstr (written ? written : error->message, ==, writings[i].written);
  g_autoptr(JsonNode) notes = retort_context_notes (context);
  JsonArray *const warnings = json_object_get_array_member (json_node_get_object (notes), "warnings");
  g_autoptr(GString) lost = g_string_new (NULL);
  for (guint w = 0; w < json_array_get_length (warnings); w++)
    g_string_append_printf (lost, "%s\n", json_array_get_string_element (warnings, w));
  g_assert_cmpstr (lost->str, ==, writings[i].lost);
}

/* --- what all share --- */

static void
test_encoding (gconstpointer id)
{
  g_autoptr(RunnerRead) read = runner_read_text (id, NULL, "ab\xc3\xa9\xff cd\n", -1);
  g_autofree char *complaints = complaints_of (read);

  g_assert_no_error (read->error);
  g_assert_true (g_str_has_prefix (complaints, "FILE:1:4: error: byte ff is not valid UTF-8 [RT-105]\n")
                 || strstr (complaints, "\nFILE:1:4: error: byte ff is not valid UTF-8 [RT-105]\n"));
}

static void
test_nul (gconstpointer id)
{
  g_autoptr(RunnerRead) read = runner_read_text (id, NULL, "ab\0cd\n", 6);
  g_autofree char *complaints = complaints_of (read);

  g_assert_nonnull (strstr (complaints, "FILE:1:3: error: a NUL (byte 00) stands in the text [RT-105]\n"));
}

/* CR LF, a byte order mark, and a missing last line break change nothing but for a note. */
static void
test_line_ends (gconstpointer id)
{
  const RetortLoaded *const loaded = runner_find (id);

  for (gsize i = 0; i < loaded->plugin->n_examples; i++) {
    const RetortExample *const example = &loaded->plugin->examples[i];
    g_auto(GStrv) lines = g_strsplit (example->input, "\n", -1);
    g_autofree char *crlf = g_strjoinv ("\r\n", lines);
    g_autofree char *marked = g_strconcat ("\xef\xbb\xbf", crlf, NULL);
    g_autofree char *open = g_strndup (example->input, strlen (example->input) - 1);
    g_autoptr(RunnerRead) read = runner_read_text (id, example->options, marked, -1);
    g_autofree char *documents = runner_lines (read->corpus);
    g_autofree char *listing = runner_listing (read);
    g_assert_cmpstr (documents, ==, example->output);
    g_assert_cmpstr (listing, ==, "");

    g_autoptr(RunnerRead) cut = runner_read_text (id, example->options, open, -1);
    g_autofree char *same = runner_lines (cut->corpus);
    g_assert_cmpstr (same, ==, example->output);
    g_assert_cmpuint (retort_diagnostics_count (cut->diagnostics, RETORT_SEVERITY_NOTE), ==, 1);
  }
}

static void
test_absent (gconstpointer id)
{
  g_autoptr(RunnerRead) read = runner_read (id, NULL, "/nowhere/at/all");

  g_assert_error (read->error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* Every complaint has its column, and finding it takes no time that grows with the line. */
static void
test_many_mistakes (void)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < 200000; i++)
    g_string_append (text, "\xc3\xa9</y>");
  g_string_append_c (text, '\n');
  g_autoptr(RunnerRead) read = runner_read_text ("format/inline", NULL, text->str, text->len);
  g_autofree char *complaints = complaints_of (read);
  g_assert_cmpuint (runner_errors (read), ==, 200000);
  g_assert_nonnull (strstr (complaints, "FILE:1:2: error: </y> closes no mark [RT-318]\nFILE:1:7: error: "));
}

static void
test_other_keys (void)
{
  g_autoptr(RunnerRead) read = runner_read_text (
      "format/json-spans", "keys: {id: text}",
      "{\"text\":\"ab\",\"x\":1,\"entities\":[{\"id\":\"T1\",\"label\":\"X\",\"start_offset\":0,\"end_offset\":1,"
      "\"y\":2}],\"relations\":[{\"from_id\":\"T1\",\"to_id\":\"T1\",\"type\":\"r\",\"z\":3}]}\n", -1);

  g_assert_cmpint (runner_count (read->context, "values of keys that are not read"), ==, 3);
}

/* Two relations between concepts of the same two mentions are one between mentions; so writing and reading again gives
 * the same documents. */
static void
test_repeated_relation (void)
{
  g_autoptr(RunnerRead) read = runner_read_text (
      "format/pubtator", "relations: first-mention",
      "1|t|A b.\n1|a|\n1\t0\t1\tA\tX\tC1|C2\n1\t2\t3\tb\tX\tC3\n1\tCID\tC1\tC3\n1\tCID\tC2\tC3\t0.5\n", -1);

  g_assert_cmpuint (read->n_relations, ==, 1);
  g_assert_cmpint (runner_count (read->context,
                                 "relations left out: their concepts' first mentions are related already"), ==, 1);
}

/* --- real corpora --- */

static const struct {
  const char *name, *format, *options, *path;
  guint n_documents, n_entities, n_relations, n_warnings;
} corpora[] = {
  /* one mismatch, and a repeated document */
  { "ncbi-train", "format/pubtator", NULL, "data/ncbi-disease/train.pubtator.txt", 593, 5144, 0, 2 },
  { "ncbi-devel", "format/pubtator", NULL, "data/ncbi-disease/devel.pubtator.txt", 100, 787, 0, 0 },
  /* 1,038 relations; one names a concept that no mention has, 25 have the first mentions of another */
  { "bc5cdr-train", "format/pubtator", "relations: first-mention", "data/bc5cdr/train.pubtator.txt",
    500, 9385, 1012, 1 },
  { "bc5cdr-dev", "format/pubtator", NULL, "data/bc5cdr/dev.pubtator.txt", 500, 9591, 0, 0 },
  { "ncbi-conll-train", "format/conll", NULL, "data/ncbi-disease-conll/train.tsv", 5424, 5134, 0, 0 },
  { "ncbi-conll-devel", "format/conll", NULL, "data/ncbi-disease-conll/devel.tsv", 923, 787, 0, 0 },
  { "bc2gm-devel", "format/conll", NULL, "data/bc2gm/devel.tsv", 2519, 3061, 0, 0 },
  { "phee-train", "format/json-spans", NULL, "data/phee/train.jsonl", 2898, 6548, 3520, 0 },
  { "phee-free", "format/json-spans", NULL, "data/phee/chatgpt-free.jsonl", 2249, 4408, 2142, 0 },
  { "phee-dev", "format/json-spans", NULL, "data/phee/dev.jsonl", 961, 2163, 1136, 0 },
  { "gad-train", "format/pairs", NULL, "data/gad/train.tsv", 4262, 8524, 2228, 0 },
  { "gad-dev", "format/pairs", NULL, "data/gad/dev.tsv", 534, 1068, 292, 0 },
};

static void
test_corpus (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autofree char *path = retort_test_shared_path (corpora[i].path);

  if (!path) {
    g_test_skip ("the public corpora are not there");
    return;
  }
  g_autoptr(RunnerRead) read = runner_read (corpora[i].format, corpora[i].options, path);
  g_assert_no_error (read->error);
  g_assert_cmpuint (runner_errors (read), ==, 0);
  g_assert_cmpuint (runner_warnings (read), ==, corpora[i].n_warnings);
  g_assert_cmpuint (retort_corpus_n_documents (read->corpus), ==, corpora[i].n_documents);
  g_assert_cmpuint (read->n_entities, ==, corpora[i].n_entities);
  g_assert_cmpuint (read->n_relations, ==, corpora[i].n_relations);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; GTestDataFunc func; } shared[] = {
    { "examples", test_examples },
    { "damage-never-crashes", test_damage },
    { "bad-utf8-has-its-place", test_encoding },
    { "nul-has-its-place", test_nul },
    { "line-ends", test_line_ends },
    { "absent-file", test_absent },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/format/inline/a-line-of-mistakes", test_many_mistakes);
  g_test_add_func ("/format/json-spans/other-keys-are-counted", test_other_keys);
  g_test_add_func ("/format/pubtator/relations-of-the-same-mentions-are-one", test_repeated_relation);
  for (guint f = 0; f < G_N_ELEMENTS (formats); f++)
    for (guint i = 0; i < G_N_ELEMENTS (shared); i++) {
      g_autofree char *name = g_strdup_printf ("/%s/%s", formats[f], shared[i].name);
      g_test_add_data_func (name, formats[f], shared[i].func);
    }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *name = g_strdup_printf ("/format/%s", wrong[i].name);
    g_test_add_data_func (name, GUINT_TO_POINTER (i), test_wrong);
  }
  for (guint i = 0; i < G_N_ELEMENTS (writings); i++) {
    g_autofree char *name = g_strdup_printf ("/format/writing/%s", writings[i].name);
    g_test_add_data_func (name, GUINT_TO_POINTER (i), test_writing);
  }
  for (guint i = 0; i < G_N_ELEMENTS (corpora); i++) {
    g_autofree char *name = g_strdup_printf ("/format/corpora/%s", corpora[i].name);
    g_test_add_data_func (name, GUINT_TO_POINTER (i), test_corpus);
  }
  return g_test_run ();
}
