/* test-models - what the local models share: forms of tokens, features, pairs, marks, damage; and each of them from
 * training through its bytes to predictions. */
#include "plugin-runner.h"

#include "linear/features.h"
#include "linear/pairs.h"
#include "linear/tags.h"
#include "plugin/bytes.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static const char *const models[] = { "model/crf", "model/perceptron", "model/dictionary" };

static const char *const entities[] = { "Drug", "Effect", NULL };
static const RetortRelationType relations[] = { { "causes", "Drug", "Effect" }, { "treats", "Drug", "Effect" } };
static const RetortTask task = { sizeof task, entities, 2, relations, 2, RETORT_SCOPE_SENTENCE };

/* --- documents from marked text: "[Drug zinc] caused [Effect rash] ."; tokens at white space; "|" ends a sentence --- */

static const RetortDocument *
add_document (RetortChunk *chunk, const char *id, const char *marked, const char *relation)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GArray) spans = g_array_new (FALSE, FALSE, sizeof (RetortSpan));
  g_autoptr(GArray) tokens = g_array_new (FALSE, FALSE, sizeof (RetortSpan));
  g_autoptr(GArray) sentences = g_array_new (FALSE, FALSE, sizeof (RetortSpan));
  g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);
  guint32 sentence = 0, drug = G_MAXUINT32, effect = G_MAXUINT32;

  for (const char *at = marked; *at;) {
    const char *space = *at == '[' ? strchr (at, ' ') : NULL, *close = space ? strchr (space, ']') : NULL;
    if (close) {
      const RetortSpan span = { text->len, text->len + (close - space - 1) };
      g_ptr_array_add (labels, g_strndup (at + 1, space - at - 1));
      g_string_append_len (text, space + 1, close - space - 1);
      g_array_append_val (spans, span);
      at = close + 1;
    } else if (*at == '|') {
      const RetortSpan span = { sentence, text->len };
      g_array_append_val (sentences, span);
      sentence = text->len + 1;
      g_string_append_c (text, ' ');
      at++;
    } else {
      g_string_append_c (text, *at++);
    }
  }
  if (text->len > sentence) {
    const RetortSpan span = { sentence, text->len };
    g_array_append_val (sentences, span);
  }
  for (guint32 start = 0; start < text->len;) {
    const guint32 end = start + strcspn (text->str + start, " ");
    const RetortSpan span = { start, end };
    if (end > start)
      g_array_append_val (tokens, span);
    start = end + 1;
  }

  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, id, text->str, text->len, NULL);
  g_assert_nonnull (builder);
  g_assert_true (retort_document_builder_set_tokens (builder, (RetortSpan *) tokens->data, tokens->len, NULL));
  g_assert_true (retort_document_builder_set_sentences (builder, (RetortSpan *) sentences->data, sentences->len, NULL));
  retort_document_builder_add_layer (builder, RETORT_LAYER_GOLD, FALSE);
  for (guint i = 0; i < spans->len; i++) {
    const char *label = labels->pdata[i];
    const gint index = retort_document_builder_add_span (builder, RETORT_LAYER_GOLD, label,
                                                         g_array_index (spans, RetortSpan, i), NAN, NULL);
    g_assert_cmpint (index, >=, 0);
    if (!strcmp (label, "Drug"))
      drug = index;
    else
      effect = index;
  }
  if (relation)
    g_assert_cmpint (retort_document_builder_add_relation (builder, RETORT_LAYER_GOLD, &(RetortRelation) {
                       .label = relation, .head = drug, .tail = effect, .score = NAN }, NULL), >=, 0);
  return retort_document_builder_seal (builder);
}

static RetortCorpus *
small_corpus (void)
{
  static const struct { const char *text, *relation; } documents[] = {
    { "[Drug Zinc] caused a [Effect rash] .", "causes" },
    { "[Drug Aspirin] caused [Effect severe headache] in two men .", "causes" },
    { "[Drug Zinc] relieved the [Effect rash] .", "treats" },
    { "[Drug Iron] relieved [Effect fatigue] in all .", "treats" },
    { "no drug was given to the others .", NULL },
    { "[Effect fatigue] was seen before [Drug iron] .", NULL },
    { "[Drug Gold] caused [Effect fever] .|All men were well .", "causes" },
    { "", NULL },
  };
  RetortCorpus *corpus = retort_corpus_new ();
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();

  for (guint i = 0; i < G_N_ELEMENTS (documents); i++) {
    g_autofree char *id = g_strdup_printf ("d%u", i);
    add_document (chunk, id, documents[i].text, documents[i].relation);
  }
  retort_corpus_add_chunk (corpus, chunk);
  return corpus;
}

/* --- features --- */

static gboolean
has_feature (const LinearFeatures *features, const char *family, const char *a, const char *b)
{
  LinearFeatures one = { 0 };
  const LinearAtom first = linear_atom (a ? a : ""), second = linear_atom (b ? b : "");
  gboolean found = FALSE;

  linear_features_add (&one, family, a ? &first : NULL, b ? &second : NULL, NULL);
  for (guint i = 0; i < features->n && !found; i++)
    found = features->hashes[i] == one.hashes[0];
  linear_features_clear (&one);
  return found;
}

static void
assert_form (const LinearToken *token, LinearForm form, const char *expected)
{
  g_autofree char *text = g_strndup (token->forms[form].text, token->forms[form].n_bytes);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_forms (void)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  g_autoptr(LinearText) text = linear_text_new (add_document (chunk, "d", "IL-2 p53 \xc3\x84rzte III +", NULL), NULL);

  assert_form (&text->tokens[0], LINEAR_LOWER, "il-2");
  assert_form (&text->tokens[0], LINEAR_SHAPE, "AA-0");
  assert_form (&text->tokens[0], LINEAR_BRIEF, "A-0");
  assert_form (&text->tokens[0], LINEAR_CLASS, "C0-");
  assert_form (&text->tokens[1], LINEAR_SHAPE, "a00");
  assert_form (&text->tokens[1], LINEAR_PREFIX4, "p53");
  assert_form (&text->tokens[2], LINEAR_LOWER, "\xc3\xa4rzte");
  assert_form (&text->tokens[2], LINEAR_PREFIX1, "\xc3\xa4");
  assert_form (&text->tokens[2], LINEAR_SUFFIX3, "zte");
  assert_form (&text->tokens[2], LINEAR_CLASS, "U");
  assert_form (&text->tokens[3], LINEAR_CLASS, "CR");
  assert_form (&text->tokens[4], LINEAR_CLASS, ".");
}

static void
test_window (void)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  g_autoptr(LinearText) text = linear_text_new (add_document (chunk, "d", "Severe Rash|was seen", NULL), NULL);
  g_autoptr(LinearTagger) tagger = linear_tagger_new (text);
  LinearFeatures features = { 0 };

  g_assert_cmpuint (text->n_sentences, ==, 2);
  linear_tagger_features (tagger, text->sentences[0], 1, &features);
  g_assert_true (has_feature (&features, "word", "Rash", NULL));
  g_assert_true (has_feature (&features, "lower[-1]", "severe", NULL));
  g_assert_true (has_feature (&features, "lower[-1..0]", "severe", "rash"));
  g_assert_true (has_feature (&features, "lower[1]", "</s>", NULL)); /* the next sentence is out of sight */
  g_assert_false (has_feature (&features, "lower[1]", "was", NULL));
  linear_features_clear (&features);
}

static void
test_short_form (void)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  g_autoptr(LinearText) text = linear_text_new (
    add_document (chunk, "d", "the familial adenomatous polyposis ( FAP ) gene|FAP ( see TP53 ) is rare", NULL), NULL);
  g_autoptr(LinearTagger) tagger = linear_tagger_new (text);
  g_autoptr(GArray) pairs = linear_short_forms (text);
  LinearFeatures features = { 0 };

  g_assert_cmpuint (pairs->len, ==, 1);
  const LinearShortForm *pair = &g_array_index (pairs, LinearShortForm, 0);
  g_assert_cmpuint (pair->sf, ==, 5);
  g_assert_cmpuint (pair->lf.start, ==, 1);
  g_assert_cmpuint (pair->lf.end, ==, 4);
  linear_tagger_features (tagger, text->sentences[1], 8, &features); /* in the other sentence too */
  g_assert_true (has_feature (&features, "short for", "polyposis", NULL));
  features.n = 0;
  linear_tagger_features (tagger, text->sentences[0], 0, &features);
  g_assert_false (has_feature (&features, "short for", "polyposis", NULL));
  linear_features_clear (&features);
}

static void
pair_features (const char *marked, LinearFeatures *features)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  const RetortDocument *document = add_document (chunk, "d", marked, NULL);
  const RetortLayer *gold = retort_document_layer (document, RETORT_LAYER_GOLD);
  g_autoptr(LinearText) text = linear_text_new (document, NULL);
  g_autoptr(GArray) candidates = retort_task_candidates (&task, document, gold);

  g_assert_cmpuint (candidates->len, ==, 1);
  linear_pair_features (text, gold, g_array_index (candidates, RetortCandidate, 0), features);
}

static void
test_pairs (void)
{
  LinearFeatures features = { 0 };

  pair_features ("two men got [Effect rash] not from [Drug zinc] tablets", &features);
  g_assert_true (has_feature (&features, "word in", "from", "between"));
  g_assert_true (has_feature (&features, "word in", "men", "before"));
  g_assert_true (has_feature (&features, "word in", "tablets", "after"));
  g_assert_true (has_feature (&features, "words", "from", "<head Drug>"));
  g_assert_true (has_feature (&features, "arguments", "<tail Effect>", "<head Drug>")); /* in the order of the text */
  g_assert_true (has_feature (&features, "negation", "between", NULL));
  g_assert_true (has_feature (&features, "[-1]", "<head Drug>", "from"));
  g_assert_false (has_feature (&features, "word", "zinc", NULL));
  linear_features_clear (&features);
}

/* Masked and plain text differ only in what the arguments say themselves. */
static void
test_masks (void)
{
  LinearFeatures plain = { 0 }, masked = { 0 };
  guint n_plain = 0, n_masked = 0;

  pair_features ("in men [Drug zinc sulphate] causes [Effect rash] today", &plain);
  pair_features ("in men [Drug @DRUG$] causes [Effect @EFFECT$] today", &masked);
  for (guint i = 0; i < plain.n; i++) {
    gboolean shared = FALSE;
    for (guint k = 0; k < masked.n && !shared; k++)
      shared = plain.hashes[i] == masked.hashes[k];
    n_plain += !shared;
  }
  for (guint k = 0; k < masked.n; k++) {
    gboolean shared = FALSE;
    for (guint i = 0; i < plain.n && !shared; i++)
      shared = plain.hashes[i] == masked.hashes[k];
    n_masked += !shared;
  }
  g_assert_cmpuint (n_plain, ==, 13);  /* three tokens with three features each; first and last of two arguments */
  g_assert_cmpuint (n_masked, ==, 10); /* the same of two tokens */
  linear_features_clear (&plain);
  linear_features_clear (&masked);
}

/* --- marks --- */

static char *
marks (const char *marked, gboolean ends, LinearLosses *losses)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  const RetortDocument *document = add_document (chunk, "d", marked, NULL);
  g_autoptr(LinearText) text = linear_text_new (document, NULL);
  g_autoptr(LinearTags) tags = linear_tags_new (&task, ends, NULL);
  g_autofree guint16 *labels = g_new (guint16, text->n_tokens);
  g_autoptr(GString) out = g_string_new (NULL);

  linear_tags_learn (tags, &task, text, retort_document_layer (document, RETORT_LAYER_GOLD), labels, losses);
  for (guint s = 0; s < text->n_sentences; s++) {
    for (guint t = text->sentences[s].start; t < text->sentences[s].end; t++)
      g_string_append_printf (out, "%s ", tags->names[labels[t]]);
    g_string_append (out, "/ ");
  }
  return g_strchomp (g_string_free (g_steal_pointer (&out), FALSE));
}

static void
test_marks (void)
{
  static const struct { const char *text; gboolean ends; const char *marks; LinearLosses losses; } cases[] = {
    { "a [Drug b c] d", FALSE, "O B-Drug I-Drug O /", { .n_mentions = 1 } },
    { "a [Drug b c d] [Drug e]", TRUE, "O B-Drug I-Drug E-Drug S-Drug /", { .n_mentions = 2 } },
    { "x [Drug in]sulin", FALSE, "O B-Drug /", { .n_mentions = 1, .n_snapped = 1 } },
    { "a [Other b] c", FALSE, "O O O /", { .n_other = 1 } },
    { "a [Drug  ]b", FALSE, "O O /", { .n_mentions = 1, .n_without_tokens = 1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    LinearLosses losses = { 0 };
    g_autofree char *given = marks (cases[i].text, cases[i].ends, &losses);
    g_assert_cmpstr (given, ==, cases[i].marks);
    g_assert_cmpmem (&losses, sizeof losses, &cases[i].losses, sizeof losses);
  }
}

/* Nested, overlapping, of two fragments, and over the end of a sentence. */
static void
test_bent_marks (void)
{
  static const RetortSpan sentences[] = { { 0, 9 }, { 10, 15 } };
  static const RetortSpan tokens[] = { { 0, 1 }, { 2, 3 }, { 4, 5 }, { 6, 7 }, { 8, 9 }, { 10, 11 }, { 12, 13 }, { 14, 15 } };
  const RetortSpan parts[] = { { 0, 1 }, { 4, 5 } };
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, "d", "a b c d e f g h", -1, NULL);
  LinearLosses losses = { 0 };

  retort_document_builder_set_sentences (builder, sentences, 2, NULL);
  retort_document_builder_set_tokens (builder, tokens, 8, NULL);
  retort_document_builder_add_entity (builder, RETORT_LAYER_GOLD, &(RetortEntity) {
    .label = "Drug", .fragments = parts, .n_fragments = 2, .score = NAN }, NULL);
  retort_document_builder_add_span (builder, RETORT_LAYER_GOLD, "Effect", (RetortSpan) { 2, 3 }, NAN, NULL);
  retort_document_builder_add_span (builder, RETORT_LAYER_GOLD, "Effect", (RetortSpan) { 8, 13 }, NAN, NULL);
  const RetortDocument *document = retort_document_builder_seal (builder);

  g_autoptr(LinearText) text = linear_text_new (document, NULL);
  g_autoptr(LinearTags) tags = linear_tags_new (&task, FALSE, NULL);
  guint16 labels[8];
  linear_tags_learn (tags, &task, text, retort_document_layer (document, RETORT_LAYER_GOLD), labels, &losses);
  const guint16 expected[8] = { 1, 2, 2, 0, 3, 4, 4, 0 };
  g_assert_cmpmem (labels, sizeof labels, expected, sizeof expected);
  g_assert_cmpuint (text->n_sentences, ==, 1);
  g_assert_cmpint (losses.n_mentions, ==, 3);
  g_assert_cmpint (losses.n_split, ==, 1);
  g_assert_cmpint (losses.n_joined, ==, 1);
  g_assert_cmpint (losses.n_overlapping, ==, 1);
}

/* --- whole models --- */

static RetortInstance *
trained (const char *id, const char *options, const RetortCorpus *corpus, guint n_threads)
{
  RetortInstance *instance = runner_open (id, options);
  const RetortModelRole *role = instance->loaded->role;
  g_autoptr(RetortContext) context = retort_context_new (id, 1, n_threads, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (role->train (instance->self, context, &task, corpus, NULL, &error));
  g_assert_no_error (error);
  return instance;
}

static char *
saved (const RetortInstance *instance, gsize *n_bytes)
{
  const RetortModelRole *role = instance->loaded->role;
  g_autofree char *folder = retort_test_temp_folder (), *path = g_build_filename (folder, "model", NULL);
  const int fd = g_open (path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
  guint64 n_written;
  g_autoptr(RetortBytes) out = retort_bytes_new_fd (fd);
  g_autoptr(GError) error = NULL;
  char *bytes;

  g_assert_true (role->save (instance->self, out, &error));
  g_free (retort_bytes_finish (out, &n_written, &error));
  g_assert_no_error (error);
  close (fd);
  g_assert_true (g_file_get_contents (path, &bytes, n_bytes, NULL));
  return bytes;
}

static gboolean
loaded (RetortInstance *instance, const RetortTask *for_task, const char *bytes, gsize n_bytes, GError **error)
{
  const RetortModelRole *role = instance->loaded->role;
  g_autoptr(RetortContext) context = retort_context_new (instance->loaded->id, 1, 1, NULL);

  return role->load (instance->self, context, for_task, (const guint8 *) bytes, n_bytes, error);
}

/* What the model says about each document, as canonical lines; NULL with an error if it refuses. */
static char *
predicted (const RetortInstance *instance, const RetortCorpus *corpus, GError **error)
{
  const RetortModelRole *role = instance->loaded->role;
  g_autoptr(RetortContext) context = retort_context_new (instance->loaded->id, 1, 1, NULL);
  g_autoptr(RetortCorpus) result = retort_corpus_new ();
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();

  for (guint i = 0; i < retort_corpus_n_documents (corpus); i++) {
    const RetortDocument *document = retort_corpus_document (corpus, i);
    RetortDocumentBuilder *builder = retort_document_builder_new_from (chunk, document);
    if (!role->predict (instance->self, context, RETORT_WANT_ENTITIES | RETORT_WANT_RELATIONS, &document, &builder, 1,
                        error)) {
      retort_document_builder_discard (builder);
      return NULL;
    }
    retort_document_builder_seal (builder);
  }
  retort_corpus_add_chunk (result, chunk);
  return runner_lines (result);
}

static void
test_round_trip (gconstpointer id)
{
  g_autoptr(RetortCorpus) corpus = small_corpus ();
  g_autoptr(RetortInstance) first = trained (id, NULL, corpus, 1), second = runner_open (id, NULL);
  g_autoptr(GError) error = NULL;
  gsize n_bytes, n_again;
  g_autofree char *bytes = saved (first, &n_bytes);

  g_assert_true (loaded (second, &task, bytes, n_bytes, &error));
  g_assert_no_error (error);
  g_autofree char *again = saved (second, &n_again);
  g_assert_cmpmem (bytes, n_bytes, again, n_again);
  g_autofree char *before = predicted (first, corpus, &error), *after = predicted (second, corpus, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (before, ==, after);
  g_assert_nonnull (strstr (before, "\"predicted\""));

  g_autoptr(GString) description = g_string_new (NULL);
  const RetortModelRole *role = second->loaded->role;
  g_assert_true (role->describe (second->self, description, NULL));
  g_assert_nonnull (strstr (description->str, "Effect"));
}

static void
test_threads (gconstpointer id)
{
  g_autoptr(RetortCorpus) corpus = small_corpus ();
  g_autofree char *first = NULL;
  const guint n_threads[] = { 1, 2, 7 };
  gsize n_first = 0;

  for (guint i = 0; i < G_N_ELEMENTS (n_threads); i++) {
    g_autoptr(RetortInstance) instance = trained (id, NULL, corpus, n_threads[i]);
    gsize n_bytes;
    g_autofree char *bytes = saved (instance, &n_bytes);
    if (first)
      g_assert_cmpmem (bytes, n_bytes, first, n_first);
    g_free (first);
    first = g_steal_pointer (&bytes);
    n_first = n_bytes;
  }
}

/* Cut at every length and with bits flipped, a model is refused or read, and what is read can be used. */
static void
test_damage (gconstpointer id)
{
  g_autoptr(RetortCorpus) corpus = small_corpus ();
  g_autoptr(RetortInstance) whole = trained (id, NULL, corpus, 1);
  RetortRandom random;
  gsize n_bytes;
  g_autofree char *bytes = saved (whole, &n_bytes);
  const gsize step = MAX (1, n_bytes / 300);

  for (gsize n = 0; n < n_bytes; n += step) {
    g_autoptr(RetortInstance) instance = runner_open (id, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *cut = g_memdup2 (bytes, n); /* so that reading beyond is seen by the sanitizers */
    g_assert_false (loaded (instance, &task, cut, n, &error));
    g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  }
  retort_random_init (&random, 1, "damage", NULL);
  for (guint round = 0; round < 400; round++) {
    g_autoptr(RetortInstance) instance = runner_open (id, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *bent = g_memdup2 (bytes, n_bytes);
    /* Half of them near the beginning, where the counts are. */
    const guint32 reach = round % 2 ? n_bytes : MIN (n_bytes, 400);
    bent[retort_random_below (&random, reach)] ^= 1 << retort_random_below (&random, 8);
    if (loaded (instance, &task, bent, n_bytes, &error))
      g_free (predicted (instance, corpus, &error)); /* a part may be gone: then it says so */
    if (error)
      g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  }
}

static void
test_other_task (gconstpointer id)
{
  static const char *const turned[] = { "Effect", "Drug", NULL };
  const RetortTask other = { sizeof other, turned, 2, relations, 2, RETORT_SCOPE_SENTENCE };
  g_autoptr(RetortCorpus) corpus = small_corpus ();
  g_autoptr(RetortInstance) instance = trained (id, NULL, corpus, 1), reader = runner_open (id, NULL);
  g_autoptr(GError) error = NULL;
  gsize n_bytes;
  g_autofree char *bytes = saved (instance, &n_bytes);

  g_assert_false (loaded (reader, &other, bytes, n_bytes, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, "labels"));
}

/* Nothing to learn from: no documents, an empty one, one label, one token. */
static void
test_degenerate (gconstpointer id)
{
  static const char *const texts[] = { NULL, "", "word", "[Drug word]", "all of this is nothing", "[Other a] b" };
  g_autoptr(RetortCorpus) test = small_corpus ();

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr(RetortCorpus) corpus = retort_corpus_new ();
    g_autoptr(RetortChunk) chunk = retort_chunk_new ();
    if (texts[i])
      add_document (chunk, "d", texts[i], NULL);
    retort_corpus_add_chunk (corpus, chunk);
    g_autoptr(RetortInstance) instance = trained (id, NULL, corpus, 2), reader = runner_open (id, NULL);
    g_autoptr(GError) error = NULL;
    gsize n_bytes;
    g_autofree char *bytes = saved (instance, &n_bytes);
    g_assert_true (loaded (reader, &task, bytes, n_bytes, &error));
    g_assert_no_error (error);
    g_free (predicted (reader, test, &error));
    g_assert_no_error (error);
  }
}

static void
test_no_tokens (gconstpointer id)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  g_autoptr(RetortCorpus) corpus = retort_corpus_new ();
  g_autoptr(RetortInstance) instance = runner_open (id, NULL);
  g_autoptr(RetortContext) context = retort_context_new (id, 1, 1, NULL);
  g_autoptr(GError) error = NULL;
  const RetortModelRole *role = instance->loaded->role;

  retort_document_builder_seal (retort_document_builder_new (chunk, "raw", "never cut", -1, NULL));
  retort_corpus_add_chunk (corpus, chunk);
  g_assert_false (role->train (instance->self, context, &task, corpus, NULL, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, "'raw' has no tokens"));
}

/* Relations over entities that are given, by their indices. */
static void
test_given_entities (gconstpointer id)
{
  g_autoptr(RetortCorpus) corpus = small_corpus ();
  g_autoptr(RetortInstance) instance = trained (id, "{learn: relations}", corpus, 1);
  const RetortModelRole *role = instance->loaded->role;
  g_autoptr(RetortContext) context = retort_context_new (id, 1, 1, NULL);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  g_autoptr(GError) error = NULL;
  RetortDocumentBuilder *builder = retort_document_builder_new_from (
    chunk, add_document (chunk, "t", "Copper caused a cough .", NULL));

  retort_document_builder_add_span (builder, RETORT_LAYER_PREDICTED, "Effect", (RetortSpan) { 16, 21 }, NAN, NULL);
  retort_document_builder_add_span (builder, RETORT_LAYER_PREDICTED, "Drug", (RetortSpan) { 0, 6 }, NAN, NULL);
  const RetortDocument *given = retort_document_builder_seal (builder);
  builder = retort_document_builder_new_from (chunk, given);
  g_assert_true (role->predict (instance->self, context, RETORT_WANT_RELATIONS, &given, &builder, 1, &error));
  const RetortLayer *layer = retort_document_layer (retort_document_builder_seal (builder), RETORT_LAYER_PREDICTED);
  g_assert_cmpuint (retort_layer_n_entities (layer), ==, 2);
  g_assert_cmpuint (retort_layer_n_relations (layer), ==, 1);
  g_assert_cmpstr (retort_layer_relation (layer, 0)->label, ==, "causes");
  g_assert_cmpuint (retort_layer_relation (layer, 0)->head, ==, 1);
  g_assert_cmpuint (retort_layer_relation (layer, 0)->tail, ==, 0);

  builder = retort_document_builder_new_from (chunk, given);
  g_assert_false (role->predict (instance->self, context, RETORT_WANT_ENTITIES, &given, &builder, 1, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  retort_document_builder_discard (builder);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (gconstpointer id); } tests[] = {
    { "round-trip", test_round_trip }, { "same-bytes-for-any-threads", test_threads }, { "damage-is-refused", test_damage },
    { "other-labels-are-refused", test_other_task }, { "degenerate-data", test_degenerate },
    { "text-without-tokens-is-refused", test_no_tokens }, { "relations-of-given-entities", test_given_entities },
  };

  g_test_init (&argc, &argv, NULL);
  retort_test_use_plugins ();
  g_test_add_func ("/models/text/forms", test_forms);
  g_test_add_func ("/models/features/window-stays-in-its-sentence", test_window);
  g_test_add_func ("/models/features/short-forms-know-their-long-form", test_short_form);
  g_test_add_func ("/models/pairs/regions-and-order", test_pairs);
  g_test_add_func ("/models/pairs/masked-text-looks-like-plain-text", test_masks);
  g_test_add_func ("/models/tags/marks", test_marks);
  g_test_add_func ("/models/tags/bent-marks-are-counted", test_bent_marks);
  for (guint m = 0; m < G_N_ELEMENTS (models); m++)
    for (guint t = 0; t < G_N_ELEMENTS (tests); t++) {
      g_autofree char *path = g_strdup_printf ("/%s/%s", models[m], tests[t].name);
      g_test_add_data_func (path, models[m], tests[t].test);
    }
  return g_test_run ();
}
