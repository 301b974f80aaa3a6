/* test-align - quoted mentions and marks, onto text; the ledger. */
#include "retort-test.h"
#include "text/fold.h"
#include <retort/json.h>
#include <string.h>

/* Aligns mentions separated by '|' with label X, or "label=mention", and describes where they went:
 * "start-end class" with '!' for out of order and '~' for inside a word, "-" for nowhere. */
static char *
aligned (const char *text, const char *list)
{
  g_auto(GStrv) parts = g_strsplit (list, "|", -1);
  const guint n = g_strv_length (parts);
  g_autofree RetortMention *mentions = g_new0 (RetortMention, n + 1);
  g_autofree RetortGrounding *groundings = g_new0 (RetortGrounding, n + 1);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < n; i++) {
    char *equals = strchr (parts[i], '=');
    mentions[i] = (RetortMention){ equals ? equals + 1 : parts[i], "X" };
    if (equals) {
      *equals = '\0';
      mentions[i].label = parts[i];
    }
  }
  retort_align_mentions (text, strlen (text), mentions, n, groundings);
  for (guint i = 0; i < n; i++) {
    const RetortGrounding *g = &groundings[i];
    if (i > 0)
      g_string_append_c (out, ' ');
    if (g->match == RETORT_MATCH_NONE)
      g_string_append_printf (out, "-(%s)", g->reason);
    else
      g_string_append_printf (out, "%u-%u%s%s%s%s", g->span.start, g->span.end, g->out_of_order ? "!" : "",
                              g->inside_word ? "~" : "", g->match == RETORT_MATCH_EXACT ? "" : ":",
                              g->match == RETORT_MATCH_EXACT ? "" : retort_match_names[g->match]);
  }
  return g_string_free (out, FALSE);
}

#define expect(text, list, wanted)                                                                                     \
  G_STMT_START {                                                                                                       \
    g_autofree char *got_ = aligned (text, list);                                                                      \
    g_assert_cmpstr (got_, ==, wanted);                                                                                \
  }                                                                                                                    \
  G_STMT_END

static void
test_repeats (void)
{
  expect ("gout, then gout, then gout", "gout|gout|gout", "0-4 11-15 22-26");
  expect ("gout, then gout", "gout|gout|gout", "0-4 11-15 -(repeated more often than in the text)");
}

static void
test_order (void)
{
  /* The second gout, since asthma stands between; greedy search from the left would lose it. */
  expect ("gout and asthma and gout", "asthma|gout", "9-15 20-24");
  /* Skipping the first gout grounds all three in order. */
  expect ("gout, rickets, gout, asthma", "rickets|gout|asthma", "6-13 15-19 21-27");
  expect ("asthma before gout", "gout|asthma", "14-18! 0-6");
}

static void
test_most_mentions_win (void)
{
  /* One late mention quoted first must not push all others out of order. */
  expect ("a1 b2 c3 d4 e5", "e5|a1|b2|c3", "12-14! 0-2 3-5 6-8");
}

static void
test_nested (void)
{
  expect ("hereditary breast cancer", "hereditary breast cancer|breast cancer", "0-24 11-24");
  expect ("hereditary breast cancer and breast cancer", "hereditary breast cancer|breast cancer", "0-24 29-42");
}

static void
test_labels (void)
{
  expect ("insulin", "A=insulin|B=insulin", "0-7 0-7");
  expect ("insulin", "A=insulin|A=insulin", "0-7 -(repeated more often than in the text)");
}

static void
test_borders (void)
{
  expect ("at least in the east", "east", "16-20");
  expect ("the deficiencies", "deficienc", "4-13~");
  expect ("the least", "eas", "-(mention is not in the text)"); /* too short to be looked for inside words */
  expect ("p53 and p5", "p5", "8-10");
}

static void
test_classes (void)
{
  expect ("Wilms Tumour", "wilms tumour", "0-12:case");
  expect ("Wilms\n  tumour", "Wilms tumour", "0-14:space");
  expect ("non\xe2\x80\x91small-cell cancer", "non-small cell cancer", "0-23:form");
  expect ("Alzheimer\xe2\x80\x99s disease", "Alzheimer's disease", "0-21:form");
  expect ("beta-thalassaemia", "\xce\xb2-thalassaemia", "0-17:form");
  expect ("\xef\xac\x81" "brosis", "fibrosis", "0-9:case"); /* a ligature */
  expect ("CO\xe2\x82\x82 retention", "CO2 retention", "0-15:form"); /* a subscript */
  expect ("Sj\x6f\xcc\x88gren", "Sj\xc3\xb6gren", "0-9:form"); /* composed, decomposed */
  expect ("the Wilms tumor gene", "Wilms tumour", "4-15:fuzzy");
  expect ("exact Gout, gout", "gout", "12-16");
}

static void
test_offsets_are_bytes (void)
{
  expect ("\xc3\xa9\xc3\xa9 gout \xf0\x9f\x98\x80 gout", "gout|gout", "5-9 15-19");
}

static void
test_abbreviations_keep_case (void)
{
  expect ("as AS is as", "AS", "3-5");
  expect ("as it is", "AS", "-(mention is not in the text)");
  expect ("All patients", "ALL", "-(mention is not in the text)");
}

static void
test_fuzzy_is_conservative (void)
{
  static const char none[] = "-(mention is not in the text)";

  expect ("factor VIII deficiency", "factor VII deficiency", none);
  expect ("type 2 diabetes mellitus", "type 1 diabetes mellitus", none);
  expect ("haemophilia A disease", "haemophilia B disease", none);
  expect ("hyperthyroidism", "hypothyroidism", none);
  expect ("psoriatic arthropathy", "psoriatic arthritis", none);
  expect ("tumours", "tumour", "0-7:fuzzy");
}

static void
test_edges (void)
{
  expect ("ATM -/- mice", "ATM -/-", "0-7");
  expect ("", "gout", "-(mention is not in the text)");
  expect ("gout", " ", "-(empty mention)");
  expect ("gout", "  gout\n", "0-4");
  expect ("a - b", "-", "2-3");
}

/* The chain is the best there is: against all assignments of small random cases. */
static guint
best_chain (const char *text, char *const *mentions, guint n, guint i, gsize from)
{
  if (i == n)
    return 0;
  guint best = best_chain (text, mentions, n, i + 1, from);
  for (const char *hit = text + from; (hit = strstr (hit, mentions[i])); hit++)
    best = MAX (best, 1 + best_chain (text, mentions, n, i + 1, hit - text + strlen (mentions[i])));
  return best;
}

static void
test_chain_is_longest (void)
{
  static const char *const words[] = { "aa", "bb", "cc", "dd" };
  g_autoptr(GRand) random = g_rand_new_with_seed (5);

  for (guint round = 0; round < 300; round++) {
    g_autoptr(GString) text = g_string_new (NULL);
    char *mentions[6];
    RetortMention given[6];
    RetortGrounding groundings[6];
    guint n_in_order = 0;
    for (guint i = 0; i < 8; i++)
      g_string_append_printf (text, "%s ", words[g_rand_int_range (random, 0, 4)]);
    for (guint i = 0; i < 6; i++) {
      mentions[i] = (char *) words[g_rand_int_range (random, 0, 4)];
      given[i] = (RetortMention){ mentions[i], "X" };
    }
    retort_align_mentions (text->str, text->len, given, 6, groundings);
    gsize end = 0;
    for (guint i = 0; i < 6; i++) {
      if (groundings[i].match == RETORT_MATCH_NONE || groundings[i].out_of_order)
        continue;
      g_assert_cmpuint (groundings[i].span.start, >=, end);
      end = groundings[i].span.end;
      n_in_order++;
    }
    g_assert_cmpuint (n_in_order, ==, best_chain (text->str, mentions, 6, 0, 0));
  }
}

/* 64 KiB and 1,000 mentions, present, missing, and always the same. */
static void
test_large (void)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree RetortMention *mentions = g_new0 (RetortMention, 1000);
  g_autofree RetortGrounding *groundings = g_new0 (RetortGrounding, 1000);
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; text->len < 65536; i++)
    g_string_append_printf (text, "word%u disease ", i * 7919 % 10007);
  for (guint i = 0; i < 1000; i++) {
    g_ptr_array_add (words, g_strdup_printf (i % 3 == 0   ? "word%u disease"
                                             : i % 3 == 1 ? "wxrd%uqq disease"
                                                          : "disease",
                                             i * 7919 % 10007));
    mentions[i] = (RetortMention){ words->pdata[i], "X" };
  }
  const gint64 start = g_get_monotonic_time ();
  retort_align_mentions (text->str, text->len, mentions, 1000, groundings);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC); /* 50 ms; generous for sanitizers */
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpint (groundings[i].match, ==, i % 3 == 1 ? RETORT_MATCH_NONE : RETORT_MATCH_EXACT);
}

static void
test_account (void)
{
  const RetortMention mentions[] = { { "gout", "X" }, { "GOUTY arthritis", "X" }, { "rickets", "X" } };
  RetortGrounding groundings[3];
  g_autoptr(RetortLedger) ledger = retort_ledger_new (2);
  const char *text = "gout and gouty arthritis";

  retort_align_mentions (text, strlen (text), mentions, 3, groundings);
  retort_align_account (ledger, "d1", mentions, 3, groundings);
  g_autoptr(JsonNode) node = retort_ledger_to_json (ledger);
  g_autofree char *json = json_to_string (node, FALSE);
  g_assert_cmpstr (
      json, ==,
      "{\"answers\":{},\"documents\":{},\"mentions\":{\"exact\":1,\"case\":1,\"none\":1},\"relations\":{},"
      "\"dropped\":{\"mention is not in the text\":1},\"repaired\":{},\"examples\":{\"dropped\":{"
      "\"mention is not in the text\":[{\"where\":\"d1\",\"words\":\"rickets\"}]},\"mentions\":{\"case\":"
      "[{\"where\":\"d1\",\"words\":\"GOUTY arthritis\"}],\"none\":[{\"where\":\"d1\",\"words\":\"rickets\"}]}}}");
}

static void
test_examples_are_bounded (void)
{
  g_autoptr(RetortLedger) ledger = retort_ledger_new (2);
  g_autofree char *long_words = g_strnfill (5000, 'x');

  for (guint i = 0; i < 5; i++)
    retort_ledger_note (ledger, RETORT_LEDGER_DROPPED, "why", "here", long_words);
  g_autoptr(JsonNode) node = retort_ledger_to_json (ledger);
  g_autofree char *json = json_to_string (node, FALSE);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_DROPPED, "why"), ==, 5);
  g_assert_cmpuint (retort_ledger_total (ledger, RETORT_LEDGER_DROPPED), ==, 5);
  g_assert_cmpuint (strlen (json), <, 700);
}

/* --- marks --- */

/* "text|tag(id) start-end ..." and, behind a bar, the ledger's losses and repairs. */
static char *
described (const RetortMarked *marked, RetortLedger *ledger)
{
  GString *out = g_string_new (marked->text);

  g_string_append_c (out, '|');
  for (guint i = 0; i < marked->marks->len; i++) {
    const RetortMark *mark = &g_array_index (marked->marks, RetortMark, i);
    g_string_append_printf (out, "%s%s", i > 0 ? " " : "", mark->tag);
    if (mark->id)
      g_string_append_printf (out, "(%s)", mark->id);
    g_string_append_printf (out, " %u-%u", mark->span.start, mark->span.end);
  }
  g_autoptr(JsonNode) node = retort_ledger_to_json (ledger);
  JsonObject *object = json_node_get_object (node);
  for (guint i = 0; i < 2; i++) {
    JsonObject *event = json_object_get_object_member (object, i == 0 ? "dropped" : "repaired");
    g_autoptr(GList) reasons = json_object_get_members (event);
    for (GList *reason = reasons; reason; reason = reason->next)
      g_string_append_printf (out, "|%s %d", (char *)reason->data,
                              (int)json_object_get_int_member (event, reason->data));
  }
  return g_string_free (out, FALSE);
}

#define expect_marks(text, wanted)                                                                                     \
  G_STMT_START {                                                                                                       \
    static const char *const tags_[] = { "d", "drug", NULL };                                                          \
    g_autoptr(RetortLedger) ledger_ = retort_ledger_new (3);                                                           \
    g_autoptr(RetortMarked) marked_ = retort_marked_parse (text, -1, tags_, ledger_, "here");                          \
    g_autofree char *got_ = described (marked_, ledger_);                                                              \
    g_assert_cmpstr (got_, ==, wanted);                                                                                \
  }                                                                                                                    \
  G_STMT_END

static void
test_marks_plain (void)
{
  expect_marks ("no <d>gout</d> here", "no gout here|d 3-7");
  expect_marks ("<drug id=1>zinc</drug> and <drug id=\"b 2\">iron</drug>", "zinc and iron|drug(1) 0-4 drug(b 2) 9-13");
  expect_marks ("<d>familial <d>gout</d></d>", "familial gout|d 0-13 d 9-13");
  expect_marks ("P < 0.001 and a<b, x>y, <D>gout</D>", "P < 0.001 and a<b, x>y, gout|d 24-28");
  expect_marks ("if <d and e> then", "if <d and e> then|");
}

static void
test_marks_mended (void)
{
  expect_marks ("<d> gout </d>", " gout |d 1-5|white space at the edge of a mark 1");
  expect_marks ("<d>gout", "gout||tag opened but not closed 1");
  expect_marks ("gout</d>", "gout||tag closed but not open 1");
  expect_marks ("<d>a<drug>b</d>c</drug>", "abc|d 0-2 drug 1-3|marks cross 1");
  expect_marks ("<b>gout</b> <d></d>", "gout ||empty mark 1|unknown tag 2");
  expect_marks ("<d>gout<d> and <d>asthma</d>", "gout and asthma|d 9-15|tag opened but not closed 2");
}

static void
test_marks_entities (void)
{
  expect_marks ("P &lt; 0.05 &amp; <d>gout</d>", "P < 0.05 & gout|d 11-15|entities decoded 1");
  expect_marks ("AT&T &lt; 1", "AT&T &lt; 1|");
  expect_marks ("1 < 2 &amp; 3", "1 < 2 &amp; 3|");
}

static void
test_marks_any_tag (void)
{
  g_autoptr(RetortMarked) marked = retort_marked_parse ("<any>x</any>", -1, NULL, NULL, NULL);

  g_assert_cmpuint (marked->marks->len, ==, 1);
  g_assert_cmpstr (g_array_index (marked->marks, RetortMark, 0).tag, ==, "any");
}

#define expect_moved(marked_text, text_, drift, wanted)                                                                \
  G_STMT_START {                                                                                                       \
    g_autoptr(RetortLedger) ledger_ = retort_ledger_new (3);                                                           \
    g_autoptr(RetortMarked) marked_ = retort_marked_parse (marked_text, -1, NULL, ledger_, "here");                    \
    g_assert_cmpuint (retort_marked_transfer (marked_, text_, strlen (text_), ledger_, "here"), ==, drift);            \
    g_autofree char *got_ = described (marked_, ledger_);                                                              \
    g_assert_cmpstr (got_, ==, wanted);                                                                                \
  }                                                                                                                    \
  G_STMT_END

static void
test_transfer (void)
{
  expect_moved ("He has <d>gout</d>.", "He has gout.", 0, "He has gout.|d 7-11");
  expect_moved ("He has  <d>gout</d> .", "He has gout.", 0, "He has gout.|d 7-11");
  expect_moved ("Sure! He has <d>gout</d>.", "He has gout.", 2,
                "He has gout.|d 7-11|text was not copied exactly 1");
  expect_moved ("the <d>Wilms tumour</d> gene", "the Wilms tumor gene", 1,
                "the Wilms tumor gene|d 4-15|text was not copied exactly 1");
  expect_moved ("<d>rickets</d> and gout", "and gout", 1,
                "and gout||marked words are not in the text 1|text was not copied exactly 1");
}

/* Marks stay on their words when words are dropped and added elsewhere, also in texts too long for the table. */
static void
test_transfer_long (void)
{
  g_autoptr(GString) marked_text = g_string_new (NULL), text = g_string_new (NULL);
  g_autoptr(GRand) random = g_rand_new_with_seed (3);
  guint n = 0;

  for (guint i = 0; i < 4000; i++) {
    const guint word = g_rand_int_range (random, 0, 900);
    if (g_rand_int_range (random, 0, 20) != 0 || i % 10 == 0)
      g_string_append_printf (text, "w%u%s ", i % 10 == 0 ? 5000 + i : word, i % 10 == 0 ? "disease" : "");
    if (i % 10 == 0) {
      g_string_append_printf (marked_text, "<d>w%udisease</d> ", 5000 + i);
      n++;
    } else if (g_rand_int_range (random, 0, 20) != 0)
      g_string_append_printf (marked_text, "w%u ", word);
  }
  g_autoptr(RetortMarked) marked = retort_marked_parse (marked_text->str, -1, NULL, NULL, NULL);
  retort_marked_transfer (marked, text->str, text->len, NULL, NULL);
  g_assert_cmpuint (marked->marks->len, ==, n);
  for (guint i = 0; i < n; i++) {
    const RetortMark *mark = &g_array_index (marked->marks, RetortMark, i);
    g_autofree char *surface = g_strndup (marked->text + mark->span.start, mark->span.end - mark->span.start);
    g_autofree char *wanted = g_strdup_printf ("w%udisease", 5000 + i * 10);
    g_assert_cmpstr (surface, ==, wanted);
  }
}

static void
test_edit_distance (void)
{
  g_assert_cmpuint (retort_edit_distance ("kitten", "sitting", 5), ==, 3);
  g_assert_cmpuint (retort_edit_distance ("kitten", "sitting", 2), ==, 3);
  g_assert_cmpuint (retort_edit_distance ("\xc3\xa9", "e", 5), ==, 1);
  g_assert_cmpuint (retort_edit_distance ("", "abc", 5), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/align/mentions/repeats-take-successive-places", test_repeats);
  g_test_add_func ("/align/mentions/order-chooses-among-places", test_order);
  g_test_add_func ("/align/mentions/most-mentions-win", test_most_mentions_win);
  g_test_add_func ("/align/mentions/nested-only-where-nothing-is-free", test_nested);
  g_test_add_func ("/align/mentions/one-label-once-a-place", test_labels);
  g_test_add_func ("/align/mentions/word-borders-first", test_borders);
  g_test_add_func ("/align/mentions/match-classes", test_classes);
  g_test_add_func ("/align/mentions/offsets-are-bytes", test_offsets_are_bytes);
  g_test_add_func ("/align/mentions/abbreviations-keep-case", test_abbreviations_keep_case);
  g_test_add_func ("/align/mentions/fuzzy-is-conservative", test_fuzzy_is_conservative);
  g_test_add_func ("/align/mentions/edges", test_edges);
  g_test_add_func ("/align/mentions/chain-is-longest", test_chain_is_longest);
  g_test_add_func ("/align/mentions/large", test_large);
  g_test_add_func ("/align/ledger/accounts-for-every-mention", test_account);
  g_test_add_func ("/align/ledger/examples-are-bounded", test_examples_are_bounded);
  g_test_add_func ("/align/marks/plain", test_marks_plain);
  g_test_add_func ("/align/marks/mended-with-a-reason", test_marks_mended);
  g_test_add_func ("/align/marks/entities-only-if-escaped-throughout", test_marks_entities);
  g_test_add_func ("/align/marks/any-tag", test_marks_any_tag);
  g_test_add_func ("/align/transfer/marks-follow-their-words", test_transfer);
  g_test_add_func ("/align/transfer/long-texts", test_transfer_long);
  g_test_add_func ("/align/edit-distance", test_edit_distance);
  return g_test_run ();
}
