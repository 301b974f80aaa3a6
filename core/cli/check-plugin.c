/* check-plugin - runs a plugin's examples and compares what comes out, byte by byte.
 *
 * What input and output of an example look like is told per kind in docs/plugin-guide.md; here is one function for each
 * kind, from the example's input to its output. Models have a practice corpus too, for few come with examples. */
#include "cli/check-plugin.h"

#include <glib/gstdio.h>
#include <math.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/util.h"
#include "plugin/bytes.h"
#include "plugin/context.h"
#include "text/sink.h"

#define HEADER "{\"retort\":\"corpus\",\"version\":1,\"offsets\":\"codepoints\"}\n"
#define MODEL_BYTES "model's bytes: "
#define N_REPEATS 16 /* calls at once on one instance */

static const guint threads[] = { 1, 2, 7 };

static const char practice[] =
  "{\"id\":\"1\",\"text\":\"Zinc caused a rash .\",\"layers\":{\"gold\":{\"entities\":[{\"id\":\"T1\",\"label\":\"Drug\","
  "\"spans\":[[0,4]],\"text\":\"Zinc\"},{\"id\":\"T2\",\"label\":\"Effect\",\"spans\":[[14,18]],\"text\":\"rash\"}],"
  "\"relations\":[{\"id\":\"R1\",\"label\":\"causes\",\"head\":\"T1\",\"tail\":\"T2\"}]}}}\n"
  "{\"id\":\"2\",\"text\":\"Aspirin caused a severe headache .\",\"layers\":{\"gold\":{\"entities\":[{\"id\":\"T1\","
  "\"label\":\"Drug\",\"spans\":[[0,7]],\"text\":\"Aspirin\"},{\"id\":\"T2\",\"label\":\"Effect\",\"spans\":[[17,32]],"
  "\"text\":\"severe headache\"}],\"relations\":[{\"id\":\"R1\",\"label\":\"causes\",\"head\":\"T1\",\"tail\":\"T2\"}]}}}\n"
  "{\"id\":\"3\",\"text\":\"Zinc helped against fever .\",\"layers\":{\"gold\":{\"entities\":[{\"id\":\"T1\",\"label\":"
  "\"Drug\",\"spans\":[[0,4]],\"text\":\"Zinc\"},{\"id\":\"T2\",\"label\":\"Effect\",\"spans\":[[20,25]],\"text\":"
  "\"fever\"}]}}}\n"
  "{\"id\":\"4\",\"text\":\"No rash today .\",\"layers\":{\"gold\":{\"entities\":[{\"id\":\"T1\",\"label\":\"Effect\","
  "\"spans\":[[3,7]],\"text\":\"rash\"}]}}}\n"
  "{\"id\":\"5\",\"text\":\"Aspirin caused a rash .\"}\n";

typedef struct {
  const RetortLoaded *loaded;
  char *folder;          /* temporary */
  RetortContext *context;
  RetortDiagnostics *diagnostics;
  const RetortOptions *options; /* of the example */
  RetortInstance *instance;
  const char *expected;  /* evaluators print what the example names */
  GString *out;
} Trial;

/* One document given to a plugin many times at once. */
typedef struct {
  Trial *trial;
  const char *text;
  char *results[N_REPEATS];
  GError *errors[N_REPEATS];
} Repeats;

typedef gboolean (*RunFunc) (Trial *trial, const char *input, GError **error);

static gboolean run_generator (Trial *trial, const char *input, GError **error);
static gboolean run_tokenizer (Trial *trial, const char *input, GError **error);
static gboolean run_model (Trial *trial, const char *input, GError **error);
static gboolean run_evaluator (Trial *trial, const char *input, GError **error);
static gboolean run_format (Trial *trial, const char *input, GError **error);
static gboolean run_filter (Trial *trial, const char *input, GError **error);

static const RunFunc run_funcs[] = { run_generator, run_tokenizer, run_model, run_evaluator, run_format, run_filter };

static gboolean check_example (const RetortLoaded *loaded, const RetortExample *example, GString *outputs,
                               GString *report);
static char *try_once (const RetortLoaded *loaded, const RetortExample *example, guint n_threads, GError **error);
static gboolean needs_file (const RetortLoaded *loaded);
static gboolean check_golden (const RetortLoaded *loaded, const char *golden, const char *digest, GString *report);
static gboolean fail (GString *report, const char *id, const char *format, ...) G_GNUC_PRINTF (3, 4);

gboolean
retort_check_plugin (const RetortLoaded *loaded, const char *golden, GString *report)
{
  const RetortPlugin *plugin = loaded->plugin;
  const RetortExample drill = { "the practice corpus", NULL, practice, NULL };
  g_autoptr (GString) outputs = g_string_new (NULL);
  gboolean good = TRUE;

  for (gsize i = 0; i < plugin->n_examples; i++)
    good &= check_example (loaded, &plugin->examples[i], outputs, report);
  if (plugin->kind == RETORT_KIND_MODEL)
    good &= check_example (loaded, &drill, outputs, report);
  else if (plugin->n_examples == 0 && !needs_file (loaded))
    good &= fail (report, loaded->id, "has no examples; they are its first tests");

  g_autofree char *digest = retort_digest_bytes (outputs->str, outputs->len);
  if (good && golden != NULL)
    good = check_golden (loaded, golden, digest, report);
  if (good)
    g_string_append_printf (report, "ok      %s: %" G_GSIZE_FORMAT " examples, with 1, 2 and 7 threads\n", loaded->id,
                            plugin->n_examples);
  return good;
}

static gboolean
check_example (const RetortLoaded *loaded, const RetortExample *example, GString *outputs, GString *report)
{
  g_autofree char *first = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *output = try_once (loaded, example, threads[i], &error);
    if (output == NULL)
      return fail (report, loaded->id, "%s: %s", example->title, error->message);
    g_strchomp (output);
    if (first != NULL && !g_str_equal (first, output))
      return fail (report, loaded->id, "%s: with %u threads it gives\n%s\nand with 1 thread\n%s", example->title,
                   threads[i], output, first);
    if (first == NULL)
      first = g_steal_pointer (&output);
  }
  g_autofree char *expected = example->output ? g_strchomp (g_strdup (example->output)) : NULL;
  if (expected != NULL && !g_str_equal (first, expected))
    return fail (report, loaded->id, "%s: it gives\n%s\nand its example says\n%s", example->title, first, expected);
  /* A model's own bytes hang on the compiler's arithmetic too; its predictions are to be the same everywhere. */
  char *bytes = expected == NULL ? strstr (first, MODEL_BYTES) : NULL;
  if (bytes != NULL)
    *bytes = '\0';
  g_string_append_printf (outputs, "%s\n", first);
  return TRUE;
}

static char *
try_once (const RetortLoaded *loaded, const RetortExample *example, guint n_threads, GError **error)
{
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (RetortYamlFile) file = NULL;
  g_autoptr (RetortContext) context = retort_context_new (loaded->id, 1, n_threads, diagnostics);
  g_autofree char *folder = g_dir_make_tmp ("retort-check-XXXXXX", error);
  Trial trial = { loaded, folder, context, diagnostics, .expected = example->output };

  if (folder == NULL)
    return NULL;
  if (example->options != NULL) {
    g_autoptr (RetortSource) source = retort_source_new (example->title, example->options, strlen (example->options));
    file = retort_yaml_parse (source, diagnostics);
  }
  RetortOptions *options = retort_options_fill (&loaded->table, file, file ? file->root : NULL, NULL, loaded->id,
                                                diagnostics);
  trial.options = options;
  trial.out = g_string_new (NULL);
  gboolean done = options != NULL &&
                  (trial.instance = retort_instance_open (loaded, options, context, error)) != NULL &&
                  run_funcs[loaded->plugin->kind] (&trial, example->input, error);
  retort_instance_free (trial.instance);
  retort_folder_remove (folder, NULL);

  /* What the plugin says about the input comes before what it returns. */
  if (retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR) > 0) {
    g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);
    g_clear_error (error);
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s", listing);
    done = FALSE;
  } else if (!done && error != NULL && *error == NULL) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "it failed and did not say why");
  }
  return g_string_free (trial.out, !done);
}

/* An example has no files, so a plugin that cannot do without one has no examples. */
static gboolean
needs_file (const RetortLoaded *loaded)
{
  for (gsize i = 0; i < loaded->table.n_options; i++) {
    const RetortOption *option = retort_option_table_at (&loaded->table, i);
    if (option->type == RETORT_OPTION_TYPE_PATH && option->flags & RETORT_OPTION_REQUIRED)
      return TRUE;
  }
  return FALSE;
}

static gboolean
check_golden (const RetortLoaded *loaded, const char *golden, const char *digest, GString *report)
{
  g_autofree char *line = g_strdup_printf ("%s %u %s", loaded->id, loaded->plugin->behaviour, digest);
  g_autofree char *head = g_strdup_printf ("%s ", loaded->id), *same = g_strdup_printf ("%s %u ", loaded->id,
                                                                                      loaded->plugin->behaviour);
  g_auto (GStrv) lines = g_strsplit (golden, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++) {
    if (!g_str_has_prefix (lines[i], head))
      continue;
    if (g_str_equal (lines[i], line))
      return TRUE;
    if (g_str_has_prefix (lines[i], same))
      return fail (report, loaded->id, "its output moved and its behaviour is still %u: raise it, and set the line to\n"
                   "%s %u %s\n(or, if only examples were added, to\n%s)", loaded->plugin->behaviour, loaded->id,
                   loaded->plugin->behaviour + 1, digest, line);
    return fail (report, loaded->id, "its behaviour changed; set the line of the golden file to\n%s", line);
  }
  return fail (report, loaded->id, "add this line to the golden file:\n%s", line);
}

/* --- documents in and out --- */

static gboolean
write_document (const RetortDocument *document, gpointer user, GError **error)
{
  return retort_corpus_writer_add (user, document, error);
}

/* Writes JSON lines as a corpus and opens it. */
static RetortCorpusReader *
open_corpus (Trial *trial, const char *lines, GError **error)
{
  g_autofree char *path = g_build_filename (trial->folder, "in.jsonl", NULL), *text = g_strconcat (HEADER, lines, NULL);

  return g_file_set_contents (path, text, -1, error) ? retort_corpus_reader_open (path, trial->diagnostics, error) : NULL;
}

/* Calls the plugin with a sink whose documents become the output. */
static gboolean
collect (Trial *trial, const char *path, RetortCorpusReader *in, GError **error)
{
  const RetortFilterRole *filter = trial->loaded->role;
  const RetortFormatRole *format = trial->loaded->role;
  g_autofree char *out = g_build_filename (trial->folder, "out.jsonl", NULL), *text = NULL;
  g_autoptr (RetortCorpusWriter) writer = retort_corpus_writer_open (out, error);
  gboolean done;

  if (writer == NULL)
    return FALSE;
  g_autoptr (RetortCorpusSink) sink = retort_corpus_sink_new (path, trial->diagnostics, write_document, writer);
  if (in != NULL)
    done = filter->run (trial->instance->self, trial->context, in, sink, error);
  else
    done = format->read (trial->instance->self, trial->context, path, sink, error);
  if (!done || !retort_corpus_writer_finish (writer, error) || !g_file_get_contents (out, &text, NULL, error))
    return FALSE;
  g_string_append (trial->out, strchr (text, '\n') + 1);
  return TRUE;
}

static gboolean
run_format (Trial *trial, const char *input, GError **error)
{
  const RetortFormatRole *role = trial->loaded->role;
  g_autofree char *name = g_strconcat ("example", role->extensions[0] ? role->extensions[0] : "", NULL);
  g_autofree char *path = g_build_filename (trial->folder, name, NULL);

  return g_file_set_contents (path, input, -1, error) && collect (trial, path, NULL, error);
}

static gboolean
run_filter (Trial *trial, const char *input, GError **error)
{
  g_autoptr (RetortCorpusReader) in = open_corpus (trial, input, error);

  return in != NULL && collect (trial, "example", in, error);
}

/* --- generators --- */

static gboolean
run_generator (Trial *trial, const char *input, GError **error)
{
  const RetortGeneratorRole *role = trial->loaded->role;
  const RetortRequest request = { .size = sizeof request, .id = "example/0", .prompt = input };

  return role->answer (trial->instance->self, trial->context, &request, trial->out, error);
}

/* --- tokenizers --- */

static gboolean
check_spans (GArray *spans, GArray *inside, const char *text, gsize n_bytes, const char *what, GError **error)
{
  guint32 last = 0;
  guint s = 0;

  for (guint i = 0; i < spans->len; i++) {
    const RetortSpan span = g_array_index (spans, RetortSpan, i);
    const char *why = NULL;
    while (inside != NULL && s < inside->len && g_array_index (inside, RetortSpan, s).end <= span.start)
      s++;
    if (span.start >= span.end || span.end > n_bytes)
      why = "is empty or outside the text";
    else if (span.start < last)
      why = "overlaps the one before it, or stands before it";
    else if ((text[span.start] & 0xc0) == 0x80 || (text[span.end] & 0xc0) == 0x80)
      why = "begins or ends inside a character";
    else if (inside != NULL && (s == inside->len || g_array_index (inside, RetortSpan, s).start > span.start ||
                                g_array_index (inside, RetortSpan, s).end < span.end))
      why = "is not inside of one sentence";
    else if (inside != NULL && (g_ascii_isspace (text[span.start]) || g_ascii_isspace (text[span.end - 1])))
      why = "has white space at its edges";
    if (why != NULL) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "%s %u (bytes %u-%u) %s", what, i + 1, span.start, span.end,
                   why);
      return FALSE;
    }
    last = span.end;
  }
  return TRUE;
}

static void
tokenize_once (guint item, gpointer user)
{
  Repeats *repeats = user;
  const RetortTokenizerRole *role = repeats->trial->loaded->role;
  const gsize n_bytes = strlen (repeats->text);
  RetortTokens tokens = { g_array_new (FALSE, FALSE, sizeof (RetortSpan)), g_array_new (FALSE, FALSE, sizeof (RetortSpan)) };
  GString *out = g_string_new (NULL);
  GError **error = &repeats->errors[item];

  if (role->tokenize (repeats->trial->instance->self, repeats->text, n_bytes, &tokens, error) &&
      check_spans (tokens.sentences, NULL, repeats->text, n_bytes, "sentence", error) &&
      check_spans (tokens.tokens, tokens.sentences, repeats->text, n_bytes, "token", error))
    for (guint t = 0, s = 0; t < tokens.tokens->len; t++) {
      const RetortSpan token = g_array_index (tokens.tokens, RetortSpan, t);
      gboolean begins = FALSE;
      for (; g_array_index (tokens.sentences, RetortSpan, s).end <= token.start; s++)
        begins = TRUE;
      g_string_append (out, t == 0 ? "" : begins ? "\n" : "|");
      g_string_append_len (out, repeats->text + token.start, token.end - token.start);
    }
  g_array_unref (tokens.tokens);
  g_array_unref (tokens.sentences);
  repeats->results[item] = g_string_free (out, FALSE);
}

static gboolean
run_tokenizer (Trial *trial, const char *input, GError **error)
{
  Repeats repeats = { .trial = trial, .text = input };
  gboolean same = TRUE, done = TRUE;

  retort_context_parallel (trial->context, N_REPEATS, tokenize_once, &repeats);
  g_string_append (trial->out, repeats.results[0]);
  for (guint i = 0; i < N_REPEATS; i++) {
    same &= g_str_equal (repeats.results[i], repeats.results[0]);
    if (repeats.errors[i] != NULL && done) {
      g_propagate_error (error, g_steal_pointer (&repeats.errors[i]));
      done = FALSE;
    }
    g_clear_error (&repeats.errors[i]);
  }
  for (guint i = 0; i < N_REPEATS; i++)
    g_free (repeats.results[i]);
  if (done && !same)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "calls at the same time give different tokens");
  return done && same;
}

/* --- tasks: what stands in the documents is what is looked for --- */

typedef struct {
  RetortTask task;
  GPtrArray *entities; /* lent by the documents */
  GArray *relations;   /* of RetortRelationType */
} Wanted;

static void
add_layer (Wanted *wanted, const RetortLayer *layer)
{
  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const char *label = retort_layer_entity (layer, i)->label;
    if (!g_ptr_array_find_with_equal_func (wanted->entities, label, g_str_equal, NULL))
      g_ptr_array_add (wanted->entities, (gpointer) label);
  }
  for (guint i = 0; i < retort_layer_n_relations (layer); i++) {
    const RetortRelation *relation = retort_layer_relation (layer, i);
    const RetortRelationType type = { relation->label, retort_layer_entity (layer, relation->head)->label,
                                      retort_layer_entity (layer, relation->tail)->label };
    gboolean known = FALSE;
    for (guint j = 0; j < wanted->relations->len; j++) {
      const RetortRelationType *other = &g_array_index (wanted->relations, RetortRelationType, j);
      known |= g_str_equal (other->label, type.label) && g_str_equal (other->head, type.head) &&
               g_str_equal (other->tail, type.tail);
    }
    if (!known)
      g_array_append_val (wanted->relations, type);
  }
}

static Wanted
wanted_of (const RetortCorpus *corpus)
{
  Wanted wanted = { .entities = g_ptr_array_new (), .relations = g_array_new (FALSE, FALSE, sizeof (RetortRelationType)) };

  for (guint i = 0; i < retort_corpus_n_documents (corpus); i++) {
    add_layer (&wanted, retort_document_layer (retort_corpus_document (corpus, i), RETORT_LAYER_GOLD));
    add_layer (&wanted, retort_document_layer (retort_corpus_document (corpus, i), RETORT_LAYER_PREDICTED));
  }
  wanted.task = (RetortTask) { sizeof (RetortTask), .n_entities = wanted.entities->len,
                               .relations = (const RetortRelationType *) (gpointer) wanted.relations->data,
                               .n_relations = wanted.relations->len, .scope = RETORT_SCOPE_SENTENCE };
  g_ptr_array_add (wanted.entities, NULL);
  wanted.task.entities = (const char *const *) wanted.entities->pdata;
  return wanted;
}

static void
wanted_clear (Wanted *wanted)
{
  g_ptr_array_unref (wanted->entities);
  g_array_unref (wanted->relations);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wanted, wanted_clear)

/* --- models --- */

/* Tokens where the example has none: at white space; the whole text is one sentence. */
static gboolean
give_tokens (RetortDocumentBuilder *builder, const RetortDocument *document, GError **error)
{
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (RetortSpan));
  gsize n_bytes;
  const char *text = retort_document_text (document, &n_bytes);
  const RetortSpan all = { 0, (guint32) n_bytes };

  for (guint32 at = 0; at < n_bytes;) {
    RetortSpan token = { at + (guint32) strspn (text + at, " \t\r\n"), 0 };
    at = token.end = token.start + (guint32) strcspn (text + token.start, " \t\r\n");
    if (token.end > token.start)
      g_array_append_val (tokens, token);
  }
  return (n_bytes == 0 || retort_document_builder_set_sentences (builder, &all, 1, error)) &&
         retort_document_builder_set_tokens (builder, (const RetortSpan *) (gpointer) tokens->data, tokens->len, error);
}

/* Those with the layer gold are for training, the others for the test; all tokenized. */
static gboolean
divide (const RetortCorpus *corpus, RetortChunk *train, RetortChunk *test, GError **error)
{
  for (guint i = 0; i < retort_corpus_n_documents (corpus); i++) {
    const RetortDocument *document = retort_corpus_document (corpus, i);
    RetortDocumentBuilder *builder = retort_document_builder_new_from (
        retort_document_layer (document, RETORT_LAYER_GOLD) ? train : test, document);
    guint n;
    if (retort_document_tokens (document, &n) == NULL && !give_tokens (builder, document, error)) {
      retort_document_builder_discard (builder);
      return FALSE;
    }
    retort_document_builder_seal (builder);
  }
  return TRUE;
}

static void
print_layer (GString *out, const RetortDocument *document, const RetortLayer *layer)
{
  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    g_autofree char *surface = retort_entity_surface (document, entity);
    g_string_append_printf (out, "%s\t%s\t%s\n", retort_document_id (document), entity->label, surface);
  }
  for (guint i = 0; i < retort_layer_n_relations (layer); i++) {
    const RetortRelation *relation = retort_layer_relation (layer, i);
    g_autofree char *head = retort_entity_surface (document, retort_layer_entity (layer, relation->head));
    g_autofree char *tail = retort_entity_surface (document, retort_layer_entity (layer, relation->tail));
    g_string_append_printf (out, "%s\t%s\t%s\t%s\n", retort_document_id (document), relation->label, head, tail);
  }
}

static gboolean
predict_all (Trial *trial, void *self, RetortWant want, const RetortChunk *test, GString *out, GError **error)
{
  const RetortModelRole *role = trial->loaded->role;
  g_autoptr (RetortChunk) chunk = retort_chunk_new ();

  for (guint i = 0; i < retort_chunk_n_documents (test); i++) {
    const RetortDocument *document = retort_chunk_document (test, i);
    RetortDocumentBuilder *builder = retort_document_builder_new_from (chunk, document);
    retort_document_builder_add_layer (builder, RETORT_LAYER_PREDICTED, FALSE);
    if (!role->predict (self, trial->context, want, &document, &builder, 1, error)) {
      retort_document_builder_discard (builder);
      return FALSE;
    }
    const RetortDocument *done = retort_document_builder_seal (builder);
    print_layer (out, done, retort_document_layer (done, RETORT_LAYER_PREDICTED));
  }
  return TRUE;
}

/* Its bytes, in memory aligned as a model file's are. */
static GMappedFile *
save_model (Trial *trial, GError **error)
{
  const RetortModelRole *role = trial->loaded->role;
  g_autofree char *path = g_build_filename (trial->folder, "model", NULL);
  const int fd = g_open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  g_autoptr (RetortBytes) bytes = retort_bytes_new_fd (fd);
  guint64 n_bytes;

  g_autofree char *digest = role->save (trial->instance->self, bytes, error) ? retort_bytes_finish (bytes, &n_bytes, error)
                                                                             : NULL;
  if (fd >= 0)
    close (fd);
  return digest ? g_mapped_file_new (path, FALSE, error) : NULL;
}

static gboolean
run_model (Trial *trial, const char *input, GError **error)
{
  const RetortModelRole *role = trial->loaded->role;
  g_autoptr (RetortCorpusReader) in = open_corpus (trial, input, error);
  g_autoptr (RetortCorpus) corpus = in ? retort_corpus_reader_load (in, error) : NULL;
  g_autoptr (RetortCorpus) training = retort_corpus_new ();
  g_autoptr (RetortChunk) train = retort_chunk_new (), test = retort_chunk_new ();
  g_autoptr (GString) again = g_string_new (NULL);

  if (corpus == NULL || !divide (corpus, train, test, error))
    return FALSE;
  retort_corpus_add_chunk (training, train);
  g_auto (Wanted) wanted = wanted_of (training);
  const RetortWant want = role->tasks & ~(wanted.task.n_relations == 0 ? RETORT_WANT_RELATIONS : 0);

  /* A model for relations alone has its entities given, which an example cannot do: it is trained, saved, loaded. */
  const gboolean predicts = want & RETORT_WANT_ENTITIES;
  if (!role->train (trial->instance->self, trial->context, &wanted.task, training, NULL, error) ||
      (predicts && !predict_all (trial, trial->instance->self, want, test, trial->out, error)))
    return FALSE;
  g_autoptr (GMappedFile) saved = save_model (trial, error);
  if (saved == NULL)
    return FALSE;

  /* What was saved predicts the same. Its bytes are part of what must not depend on threads. */
  const guint8 *bytes = (const guint8 *) g_mapped_file_get_contents (saved);
  const gsize n_bytes = g_mapped_file_get_length (saved);
  void *fresh = trial->loaded->plugin->open ? trial->loaded->plugin->open (trial->context, trial->options->data, error)
                                            : trial->options->data;
  gboolean done = fresh != NULL && role->load (fresh, trial->context, &wanted.task, bytes, n_bytes, error) &&
                  (!predicts || predict_all (trial, fresh, want, test, again, error));
  if (fresh != NULL && trial->loaded->plugin->close != NULL)
    trial->loaded->plugin->close (fresh);
  if (done && !g_string_equal (again, trial->out)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "the model predicts otherwise once it is saved and loaded");
    return FALSE;
  }
  if (done && trial->expected == NULL) {
    g_autofree char *digest = retort_digest_bytes (bytes, n_bytes);
    g_string_append_printf (trial->out, MODEL_BYTES "%s\n", digest);
  }
  return done;
}

/* --- evaluators --- */

/* "gold: a [b] c": the text without brackets, what is in brackets as entities of the label Entity. */
static gboolean
read_brackets (RetortChunk *chunk, const char *line, const char *layer, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (RetortSpan));
  RetortSpan span = { 0, 0 };

  for (const char *c = line; *c != '\0'; c++) {
    if (*c == '[') {
      span.start = (guint32) text->len;
    } else if (*c == ']') {
      span.end = (guint32) text->len;
      g_array_append_val (spans, span);
    } else {
      g_string_append_c (text, *c);
    }
  }
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, "1", text->str, (gssize) text->len, error);
  if (builder == NULL)
    return FALSE;
  retort_document_builder_add_layer (builder, layer, FALSE);
  for (guint i = 0; i < spans->len; i++)
    if (retort_document_builder_add_span (builder, layer, "Entity", g_array_index (spans, RetortSpan, i), NAN, error) < 0) {
      retort_document_builder_discard (builder);
      return FALSE;
    }
  retort_document_builder_seal (builder);
  return TRUE;
}

/* Documents with both layers; or lines `gold: ...` and `predicted: ...`, two for each document. */
static gboolean
read_judged (Trial *trial, const char *input, RetortCorpus **gold, RetortCorpus **predicted, GError **error)
{
  if (input[0] == '{') {
    g_autoptr (RetortCorpusReader) in = open_corpus (trial, input, error);
    *gold = in ? retort_corpus_reader_load (in, error) : NULL;
    *predicted = *gold ? retort_corpus_ref (*gold) : NULL;
    return *gold != NULL;
  }

  g_autoptr (RetortChunk) golds = retort_chunk_new (), predictions = retort_chunk_new ();
  g_auto (GStrv) lines = g_strsplit (input, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const gboolean is_gold = g_str_has_prefix (lines[i], "gold: ");
    if (!is_gold && !g_str_has_prefix (lines[i], "predicted: "))
      continue;
    if (!read_brackets (is_gold ? golds : predictions, strchr (lines[i], ' ') + 1,
                        is_gold ? RETORT_LAYER_GOLD : RETORT_LAYER_PREDICTED, error))
      return FALSE;
  }
  retort_corpus_add_chunk (*gold = retort_corpus_new (), golds);
  retort_corpus_add_chunk (*predicted = retort_corpus_new (), predictions);
  return TRUE;
}

/* The numbers that the example names, in its order. */
static void
print_numbers (Trial *trial, const RetortMeasures *measures, const double *sums, const double *values)
{
  g_auto (GStrv) lines = g_strsplit (trial->expected, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++) {
    g_autofree char *name = g_strndup (lines[i], strcspn (lines[i], " "));
    if (name[0] == '\0')
      continue;
    g_string_append_printf (trial->out, "%s ", name);
    gboolean found = FALSE;
    for (guint c = 0; c < measures->n_columns && !found; c++)
      if ((found = g_str_equal (measures->columns[c], name)))
        retort_json_append_number (trial->out, sums[c]);
    for (guint m = 0; m < measures->n_metrics && !found; m++)
      if (measures->metrics[m].label == NULL && (found = g_str_equal (measures->metrics[m].name, name)))
        retort_json_append_number (trial->out, values[m]);
    g_string_append (trial->out, found ? "\n" : "is no column and no metric\n");
  }
}

static gboolean
run_evaluator (Trial *trial, const char *input, GError **error)
{
  const RetortEvaluatorRole *role = trial->loaded->role;
  void *self = trial->instance->self;
  g_autoptr (RetortCorpus) gold = NULL;
  g_autoptr (RetortCorpus) predicted = NULL;

  if (!read_judged (trial, input, &gold, &predicted, error))
    return FALSE;
  g_auto (Wanted) wanted = wanted_of (gold);
  const RetortMeasures *measures = role->prepare (self, &wanted.task, error);
  if (measures == NULL)
    return FALSE;
  g_autofree gint64 *counts = g_new0 (gint64, measures->n_columns + 1);
  g_autofree double *sums = g_new0 (double, measures->n_columns + 1), *values = g_new0 (double, measures->n_metrics + 1);
  for (guint i = 0; i < MIN (retort_corpus_n_documents (gold), retort_corpus_n_documents (predicted)); i++)
    if (!role->count (self, retort_corpus_document (gold, i), retort_corpus_document (predicted, i), counts, error))
      return FALSE;
  for (guint c = 0; c < measures->n_columns; c++)
    sums[c] = (double) counts[c];
  role->measure (self, sums, values);
  print_numbers (trial, measures, sums, values);
  return TRUE;
}

static gboolean
fail (GString *report, const char *id, const char *format, ...)
{
  va_list arguments;

  g_string_append_printf (report, "FAILED  %s: ", id);
  va_start (arguments, format);
  g_string_append_vprintf (report, format, arguments);
  va_end (arguments);
  g_string_append_c (report, '\n');
  return FALSE;
}
