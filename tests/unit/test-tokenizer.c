/* test-tokenizer - the tokenizers: their examples, clinical text, and properties over made and real text. */
#include "plugin-runner.h"

#include <string.h>

static const char *const tokenizers[] = { "tokenizer/whitespace", "tokenizer/clinical" };

static void
test_examples (gconstpointer id)
{
  runner_examples (id);
}

static const struct { const char *text, *tokens; } cases[] = {
  { "p53, IL-2 and G6PD", "p53|,|IL|-|2|and|G6PD" },
  { "2.5 mg/kg q.i.d., 1,000 of 1,2-x; p<.05", "2.5|mg|/|kg|q.i.d.|,|1,000|of|1|,|2|-|x|;|p|<|.05" },
  { "10(-8) 1178G-->A p.Arg72Pro 3x10^6", "10|(|-|8|)|1178G|-->|A|p|.|Arg72Pro|3|x|10|^|6" },
  { "COX-2-selective beta-catenin anti-TNF", "COX|-|2|-|selective|beta|-|catenin|anti|-|TNF" },
  { "45% <0.05 Na+ CD4+ 5'-UTR", "45|%|<|0.05|Na|+|CD4|+|5|'|-|UTR" },
  { "don't patient's patient\xe2\x80\x99s can\xe2\x80\x99t",
    "do|n't|patient|'s|patient|\xe2\x80\x99s|ca|n\xe2\x80\x99t" },
  { "(TNF)-alpha \"glucose-6-phosphate\"", "(|TNF|)|-|alpha|\"|glucose|-|6|-|phosphate|\"" },
  { "37\xc2\xb0""C 10\xc2\xb5g 81mg 3T3", "37|\xc2\xb0|C|10|\xc2\xb5g|81|mg|3T3" },
  { "ok \xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd\xf0\x9f\x98\x80",
    "ok|\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd|\xf0\x9f\x98\x80" }, /* skin tone */
  { "\xf0\x9f\x87\xab\xf0\x9f\x87\xb7\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa",
    "\xf0\x9f\x87\xab\xf0\x9f\x87\xb7|\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa" }, /* two flags */
  { "\xe6\x82\xa3\xe8\x80\x85\xe3\x80\x82\xe6\xac\xa1",
    "\xe6\x82\xa3|\xe8\x80\x85|\xe3\x80\x82\n\xe6\xac\xa1" }, /* Han */
  { "cafe\xcc\x81-noir", "cafe\xcc\x81|-|noir" }, /* combining acute */
  { "wait... no -- ___", "wait|...|no|--|___" },
};

static void
test_clinical_tokens (void)
{
  g_autoptr(RetortInstance) clinical = runner_open ("tokenizer/clinical", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *tokens = runner_tokenize (clinical, cases[i].text, strlen (cases[i].text));
    g_assert_cmpstr (tokens, ==, cases[i].tokens);
  }
}

/* A slash stands where a sentence must end; everywhere else none may. */
static const char *const sentences[] = {
  "Dr. Smith gave 5 mg p.o. daily, e.g. aspirin, i.e. ASA./ Then it helped.",
  "It was taken q.i.d. for days.",
  "Drug vs. placebo, approx. 2.5 g, see Fig. 2 and No. 5.",
  "Smith et al. (1999) and Jones et al. found E. coli in J. R. Brown.",
  "He has hepatitis B./ The liver is large.",
  "Is it so?/ No!/ \"He left.\"/ She came (at 5 p.m.)./ Then",
  "1. Take aspirin./ 2. Rest.",
  "In the U.S. Army.",
  "He came in 1999./ 20 women came too.",
  "The enzyme EC 1. 1. 1. 49 is absent.",
  "HISTORY/\n\nno fever\nno cough/\r\n\r\nplan",
  "It rose to 3.5./ p53 mutations fell.",
};

static void
test_clinical_sentences (void)
{
  g_autoptr(RetortInstance) clinical = runner_open ("tokenizer/clinical", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++) {
    g_auto(GStrv) wanted = g_strsplit (sentences[i], "/", -1);
    g_autofree char *text = g_strjoinv ("", wanted);
    RetortTokens cut = runner_cut (clinical, text, strlen (text));
    g_autoptr(GString) found = g_string_new (NULL);
    g_autoptr(GString) expected = g_string_new (NULL);
    for (guint s = 0; s < cut.sentences->len; s++) {
      const RetortSpan span = g_array_index (cut.sentences, RetortSpan, s);
      g_string_append_printf (found, "[%.*s]", (int) (span.end - span.start), text + span.start);
    }
    for (char **w = wanted; *w; w++)
      g_string_append_printf (expected, "[%s]", g_strstrip (*w));
    g_assert_cmpstr (found->str, ==, expected->str);
    runner_tokens_clear (&cut);
  }
}

/* Tokens and the white space between are the text; every token is in exactly one sentence. */
static void
check_whole (const RetortInstance *tokenizer, const char *text, gsize n_bytes)
{
  RetortTokens cut = runner_cut (tokenizer, text, n_bytes);
  guint32 at = 0, sentence = 0;

  for (guint i = 0; i <= cut.tokens->len; i++) {
    const RetortSpan token = i < cut.tokens->len ? g_array_index (cut.tokens, RetortSpan, i)
                                                 : (RetortSpan) { n_bytes, n_bytes };
    g_assert_cmpuint (token.start, >=, at);
    for (const char *p = text + at; p < text + token.start; p = g_utf8_next_char (p))
      g_assert_true (g_unichar_isspace (g_utf8_get_char (p)));
    if (i == cut.tokens->len)
      break;
    g_assert_cmpuint (token.end, >, token.start);
    g_assert_cmpuint (token.end, <=, n_bytes);
    g_assert_true (g_utf8_validate (text + token.start, token.end - token.start, NULL));
    g_assert_false (g_unichar_isspace (g_utf8_get_char (text + token.start)));
    while (sentence < cut.sentences->len && g_array_index (cut.sentences, RetortSpan, sentence).end <= token.start)
      sentence++;
    g_assert_cmpuint (sentence, <, cut.sentences->len);
    g_assert_cmpuint (g_array_index (cut.sentences, RetortSpan, sentence).start, <=, token.start);
    g_assert_cmpuint (g_array_index (cut.sentences, RetortSpan, sentence).end, >=, token.end);
    at = token.end;
  }
  for (guint i = 1; i < cut.sentences->len; i++)
    g_assert_cmpuint (g_array_index (cut.sentences, RetortSpan, i - 1).end, <=,
                      g_array_index (cut.sentences, RetortSpan, i).start);
  runner_tokens_clear (&cut);
}

static void
test_whole (gconstpointer id)
{
  static const gunichar alphabet[] = {
    'a', 'n', 't', 's', 'E', 'x', '0', '5', '.', '.', ',', ' ', ' ', '\n', '\'', 0x2019, '-', '>', '=', '+', '/', '(',
    ')', '"', '!', '?', '%', '<', '_', 0xE9, 0x3B2, 0xB5, 0x301, 0x200D, 0x200B, 0xFE0F, 0x1F600, 0x1F3FD,
    0x1F1EB, 0x1F1F7, 0x60A3, 0x3042, 0x3002, 0xA0, 0x2009, 0xFEFF, 0xB2, '\t', '\r', 0x1, 0x85, 0x2026, 0xE000, 0x10FFFF,
  };
  g_autoptr(RetortInstance) tokenizer = runner_open (id, NULL);
  GRand *const random = g_rand_new_with_seed (5);

  for (guint round = 0; round < 20000; round++) {
    g_autoptr(GString) text = g_string_new (NULL);
    for (gint n = g_rand_int_range (random, 0, 30); n > 0; n--)
      g_string_append_unichar (text, alphabet[g_rand_int_range (random, 0, G_N_ELEMENTS (alphabet))]);
    check_whole (tokenizer, text->str, text->len);
  }
  g_rand_free (random);
}

/* Borders of gold mentions are borders of tokens, and no sentence ends inside a mention. */
static const struct {
  const char *path, *format;
  double least;        /* share of borders */
  guint most_crossing; /* mentions cut by the end of a sentence */
} corpora[] = {
  { "data/ncbi-disease/train.pubtator.txt", "format/pubtator", .995, 0 },
  { "data/ncbi-disease/devel.pubtator.txt", "format/pubtator", .995, 0 },
  { "data/bc5cdr/train.pubtator.txt", "format/pubtator", .995, 0 },
  { "data/bc5cdr/dev.pubtator.txt", "format/pubtator", .995, 0 },
  { "data/phee/train.jsonl", "format/json-spans", .995, 0 },
  { "data/phee/dev.jsonl", "format/json-spans", .995, 0 },
};

static void
count_borders (const RetortInstance *tokenizer, const RetortDocument *document, guint *n_good, guint *n_crossing)
{
  gsize n_bytes;
  const char *const text = retort_document_text (document, &n_bytes);
  const RetortLayer *const gold = retort_document_layer (document, RETORT_LAYER_GOLD);
  RetortTokens cut = runner_cut (tokenizer, text, n_bytes);
  g_autofree guint8 *border = g_new0 (guint8, n_bytes + 1); /* 1: a token begins, 2: ends, 4: a sentence ends */

  for (guint i = 0; i < cut.tokens->len; i++) {
    border[g_array_index (cut.tokens, RetortSpan, i).start] |= 1;
    border[g_array_index (cut.tokens, RetortSpan, i).end] |= 2;
  }
  for (guint i = 0; i < cut.sentences->len; i++)
    border[g_array_index (cut.sentences, RetortSpan, i).end] |= 4;
  for (guint i = 0; i < retort_layer_n_entities (gold); i++) {
    const RetortSpan span = retort_layer_entity (gold, i)->fragments[0];
    gboolean crossing = FALSE;
    *n_good += ((border[span.start] & 1) != 0) + ((border[span.end] & 2) != 0);
    for (guint32 at = span.start; at < span.end; at++)
      crossing = crossing || border[at] & 4;
    *n_crossing += crossing;
  }
  runner_tokens_clear (&cut);
}

static void
test_clinical_borders (void)
{
  g_autoptr(RetortInstance) clinical = runner_open ("tokenizer/clinical", NULL);
  guint n_there = 0;

  for (guint i = 0; i < G_N_ELEMENTS (corpora); i++) {
    g_autofree char *path = retort_test_shared_path (corpora[i].path);
    guint n_good = 0, n_crossing = 0;
    if (!path)
      continue;
    g_autoptr(RunnerRead) read = runner_read (corpora[i].format, NULL, path);
    g_assert_no_error (read->error);
    for (guint d = 0; d < retort_corpus_n_documents (read->corpus); d++)
      count_borders (clinical, retort_corpus_document (read->corpus, d), &n_good, &n_crossing);
    g_test_message ("%s: %u mentions, %.3f %% of borders, %u crossing", corpora[i].path, read->n_entities,
                    50.0 * n_good / read->n_entities, n_crossing);
    g_assert_cmpfloat (n_good / (2.0 * read->n_entities), >=, corpora[i].least);
    g_assert_cmpuint (n_crossing, <=, corpora[i].most_crossing);
    n_there++;
  }
  if (n_there == 0)
    g_test_skip ("the public corpora are not there");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tokenizers); i++) {
    g_autofree char *examples = g_strdup_printf ("/%s/examples", tokenizers[i]);
    g_autofree char *whole = g_strdup_printf ("/%s/nothing-is-lost-or-overlaps", tokenizers[i]);
    g_test_add_data_func (examples, tokenizers[i], test_examples);
    g_test_add_data_func (whole, tokenizers[i], test_whole);
  }
  g_test_add_func ("/tokenizer/clinical/tokens", test_clinical_tokens);
  g_test_add_func ("/tokenizer/clinical/sentences", test_clinical_sentences);
  g_test_add_func ("/tokenizer/clinical/gold-borders-are-token-borders", test_clinical_borders);
  return g_test_run ();
}
