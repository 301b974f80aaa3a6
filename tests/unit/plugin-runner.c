/* plugin-runner - opens tokenizers and formats as the engine does; see plugin-runner.h. */
#include "plugin-runner.h"

#include "text/sink.h"
#include <glib/gstdio.h>
#include <string.h>

static char *folder (void);

const RetortLoaded *
runner_find (const char *id)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder_of_tests = g_path_get_dirname (program);
  g_autofree char *plugins = g_build_filename (folder_of_tests, "..", "..", "plugins", NULL);
  g_autoptr(GError) error = NULL;

  g_setenv ("RETORT_PLUGIN_PATH", plugins, TRUE);
  const RetortLoaded *const loaded = retort_plugin_find (id, &error);
  g_assert_no_error (error);
  return loaded;
}

RetortInstance *
runner_open (const char *id, const char *options)
{
  g_autoptr(GError) error = NULL;
  const RetortLoaded *const loaded = runner_find (id);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  const char *const text = options ? options : "";
  g_autoptr(RetortSource) source = retort_source_new ("options.yaml", text, strlen (text));
  g_autoptr(RetortYamlFile) file = options ? retort_yaml_parse (source, diagnostics) : NULL;
  RetortOptions *filled = retort_options_fill (&loaded->table, file, file ? file->root : NULL,
                                               file ? file->root : NULL, id, diagnostics);
  retort_test_expect_diagnostics (diagnostics, "");
  RetortContext *context = retort_context_new (id, 1, 1, diagnostics);
  RetortInstance *instance = retort_instance_open (loaded, filled, context, &error);
  g_assert_no_error (error);
  retort_context_free (context);
  return instance;
}

/* --- tokenizers --- */

RetortTokens
runner_cut (const RetortInstance *tokenizer, const char *text, gsize n_bytes)
{
  const RetortTokenizerRole *const role = tokenizer->loaded->role;
  RetortTokens out = { g_array_new (FALSE, FALSE, sizeof (RetortSpan)),
                       g_array_new (FALSE, FALSE, sizeof (RetortSpan)) };
  g_autoptr(GError) error = NULL;

  g_assert_true (role->tokenize (tokenizer->self, text, n_bytes, &out, &error));
  g_assert_no_error (error);
  return out;
}

void
runner_tokens_clear (RetortTokens *tokens)
{
  g_array_unref (tokens->tokens);
  g_array_unref (tokens->sentences);
}

char *
runner_tokenize (const RetortInstance *tokenizer, const char *text, gsize n_bytes)
{
  RetortTokens cut = runner_cut (tokenizer, text, n_bytes);
  g_autoptr(GString) out = g_string_new (NULL);
  guint t = 0;

  for (guint s = 0; s < cut.sentences->len; s++) {
    const RetortSpan sentence = g_array_index (cut.sentences, RetortSpan, s);
    g_string_append (out, s ? "\n" : "");
    for (guint first = t; t < cut.tokens->len && g_array_index (cut.tokens, RetortSpan, t).end <= sentence.end; t++) {
      const RetortSpan token = g_array_index (cut.tokens, RetortSpan, t);
      g_assert_cmpuint (token.start, >=, sentence.start);
      g_string_append (out, t > first ? "|" : "");
      g_string_append_len (out, text + token.start, token.end - token.start);
    }
  }
  g_assert_cmpuint (t, ==, cut.tokens->len);
  runner_tokens_clear (&cut);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* --- formats --- */

static gboolean
keep_document (const RetortDocument *document, gpointer user, GError **error)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  const RetortLayer *const gold = retort_document_layer (document, RETORT_LAYER_GOLD);
  RunnerRead *const read = user;

  g_assert_nonnull (gold);
  read->n_entities += retort_layer_n_entities (gold);
  read->n_relations += retort_layer_n_relations (gold);
  retort_document_builder_seal (retort_document_builder_new_from (chunk, document));
  retort_corpus_add_chunk (read->corpus, chunk);
  return TRUE;
}

RunnerRead *
runner_read (const char *id, const char *options, const char *path)
{
  g_autoptr(RetortInstance) format = runner_open (id, options);
  const RetortFormatRole *const role = format->loaded->role;
  RunnerRead *const read = g_new0 (RunnerRead, 1);

  read->diagnostics = retort_diagnostics_new ();
  read->context = retort_context_new (id, 1, 1, read->diagnostics);
  read->corpus = retort_corpus_new ();
  g_autoptr(RetortCorpusSink) sink = retort_corpus_sink_new (path, read->diagnostics, keep_document, read);
  read->ok = role->read (format->self, read->context, path, sink, &read->error);
  g_assert_true (read->ok == (read->error == NULL));
  return read;
}

RunnerRead *
runner_read_text (const char *id, const char *options, const char *text, gssize n_bytes)
{
  g_autofree char *path = g_build_filename (folder (), "input", NULL);
  g_autoptr(GError) error = NULL;

  g_unlink (path); /* or replacing it would be synced to disk, thousands of times */
  g_file_set_contents (path, text, n_bytes, &error);
  g_assert_no_error (error);
  return runner_read (id, options, path);
}

void
runner_read_free (RunnerRead *read)
{
  g_clear_error (&read->error);
  retort_context_free (read->context);
  retort_diagnostics_unref (read->diagnostics);
  retort_corpus_unref (read->corpus);
  g_free (read);
}

guint
runner_errors (const RunnerRead *read)
{
  return retort_diagnostics_count (read->diagnostics, RETORT_SEVERITY_ERROR);
}

guint
runner_warnings (const RunnerRead *read)
{
  return retort_diagnostics_count (read->diagnostics, RETORT_SEVERITY_WARNING);
}

char *
runner_listing (const RunnerRead *read)
{
  g_autofree char *listing = retort_diagnostics_to_string (read->diagnostics, FALSE);
  g_autofree char *path = g_build_filename (folder (), "input", NULL);
  g_auto(GStrv) pieces = g_strsplit (listing, path, -1);

  return g_strjoinv ("FILE", pieces);
}

gint64
runner_count (RetortContext *context, const char *name)
{
  g_autoptr(JsonNode) notes = retort_context_notes (context);
  JsonObject *const counts = json_object_get_object_member (json_node_get_object (notes), "counts");

  return counts && json_object_has_member (counts, name) ? json_object_get_int_member (counts, name) : 0;
}

/* The corpus as a file of ours. Full ownership of the path. */
static char *
store (const RetortCorpus *corpus)
{
  char *path = g_build_filename (folder (), "corpus.jsonl", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(RetortCorpusWriter) writer = retort_corpus_writer_open (path, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < retort_corpus_n_documents (corpus); i++)
    g_assert_true (retort_corpus_writer_add (writer, retort_corpus_document (corpus, i), &error));
  g_assert_true (retort_corpus_writer_finish (writer, &error));
  return path;
}

char *
runner_lines (const RetortCorpus *corpus)
{
  g_autofree char *path = store (corpus);
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return g_strdup (strchr (text, '\n') + 1);
}

char *
runner_write (const char *id, const char *options, const RetortCorpus *corpus, RetortContext **context, GError **error)
{
  g_autoptr(RetortInstance) format = runner_open (id, options);
  const RetortFormatRole *const role = format->loaded->role;
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortContext) used = retort_context_new (id, 1, 1, diagnostics);
  g_autofree char *from = store (corpus);
  g_autofree char *path = g_build_filename (folder (), "output", NULL);
  g_autoptr(RetortCorpusReader) reader = retort_corpus_reader_open (from, diagnostics, error);
  char *text = NULL;

  g_assert_nonnull (reader);
  if (role->write (format->self, used, reader, RETORT_LAYER_GOLD, path, error))
    g_assert_true (g_file_get_contents (path, &text, NULL, error));
  retort_test_expect_diagnostics (diagnostics, "");
  if (context)
    *context = g_steal_pointer (&used);
  return text;
}

static void
check_format_example (const char *id, const RetortExample *example)
{
  g_autoptr(RunnerRead) first = runner_read_text (id, example->options, example->input, -1);
  g_autofree char *listing = runner_listing (first);
  g_autofree char *lines = runner_lines (first->corpus);
  g_autoptr(GError) error = NULL;

  g_assert_cmpstr (listing, ==, "");
  g_assert_cmpstr (lines, ==, example->output);
  g_autofree char *written = runner_write (id, example->options, first->corpus, NULL, &error);
  g_assert_no_error (error);
  g_autoptr(RunnerRead) second = runner_read_text (id, example->options, written, -1);
  g_autofree char *text = runner_write (id, example->options, second->corpus, NULL, &error);
  g_assert_cmpstr (text, ==, written);
  g_assert_cmpuint (second->n_entities, ==, first->n_entities);
  g_assert_cmpuint (second->n_relations, ==, first->n_relations);
}

void
runner_examples (const char *id)
{
  const RetortLoaded *const loaded = runner_find (id);

  g_assert_cmpuint (loaded->plugin->n_examples, >, 0);
  for (gsize i = 0; i < loaded->plugin->n_examples; i++) {
    const RetortExample *const example = &loaded->plugin->examples[i];
    g_test_message ("%s", example->title);
    if (loaded->plugin->kind == RETORT_KIND_FORMAT) {
      check_format_example (id, example);
      continue;
    }
    g_autoptr(RetortInstance) tokenizer = runner_open (id, example->options);
    g_autofree char *tokens = runner_tokenize (tokenizer, example->input, strlen (example->input));
    g_assert_cmpstr (tokens, ==, example->output);
  }
}

/* A few changes: bytes set, doubled, removed, cut off. */
static void
damage (GRand *random, GString *text)
{
  static const char likely[] = "\t\n\r|<>/\"{}[],:-0129 #B\xc3\xa9\xff";

  for (gint n = g_rand_int_range (random, 1, 5); n > 0 && text->len > 0; n--) {
    const gsize at = g_rand_int_range (random, 0, text->len);
    switch (g_rand_int_range (random, 0, 5)) {
    case 0: text->str[at] = likely[g_rand_int_range (random, 0, sizeof likely)]; break;
    case 1: g_string_insert_c (text, at, likely[g_rand_int_range (random, 0, sizeof likely)]); break;
    case 2: g_string_erase (text, at, 1); break;
    case 3: g_string_truncate (text, at); break;
    default: g_string_append_len (text, text->str + at, text->len - at); break;
    }
  }
}

void
runner_damage (const char *id, guint n_rounds)
{
  const RetortLoaded *const loaded = runner_find (id);
  GRand *const random = g_rand_new_with_seed (17);
  guint n_complaints = 0;

  for (guint i = 0; i < n_rounds; i++) {
    const RetortExample *const example = &loaded->plugin->examples[i % loaded->plugin->n_examples];
    g_autoptr(GString) text = g_string_new (example->input);
    damage (random, text);
    g_autoptr(RunnerRead) read = runner_read_text (id, example->options, text->str, text->len);
    g_assert_no_error (read->error);
    g_autofree char *listing = runner_listing (read);
    g_assert_true (g_utf8_validate (listing, -1, NULL));
    g_free (runner_lines (read->corpus));
    n_complaints += runner_errors (read) > 0;
  }
  g_rand_free (random);
  g_assert_cmpuint (n_complaints, >, n_rounds / 10);
}

static char *
folder (void)
{
  static char *made;

  if (!made)
    made = retort_test_temp_folder ();
  return made;
}
