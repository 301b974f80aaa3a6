/* steps-corpus - the steps that make a corpus of corpora: read, concat, split, folds, declassify, filter. All stream. */
#include "pipeline/run.h"

/* Documents read at once. */
#define PIECE 256

static gboolean keep_document (const RetortDocument *document, gpointer writer, GError **error);
static GHashTable *map_of_pairs (const char *const *pairs);

/* --- read --- */

typedef struct {
  RetortCellRun *run;
  RetortCorpusWriter *writer;
  const char *path;
  GHashTable *unknown; /* label -> set of those complained of */
  GPtrArray *relations; /* of char *, the task's relation labels, NULL-terminated */
  guint n_relations_left_out;
} Read;

/* `known`: the task's labels of that kind, NULL-terminated. */
static void
check_label (Read *read, const char *what, const char *label, const char *const *known, const RetortDocument *document)
{
  if (g_strv_contains (known, label))
    return;
  g_autofree char *quoted = g_strdup_printf ("%s %s", what, label);
  if (!g_hash_table_add (read->unknown, g_steal_pointer (&quoted)))
    return;
  const char *meant = retort_suggest (label, known);
  g_autofree char *hint = g_strdup_printf ("map it on the data entry: map: {\"%s\": %s}, or drop it: map: {\"%s\": \"\"}",
                                           label, meant != NULL ? meant : known[0] != NULL ? known[0] : "X", label);
  retort_diagnostics_add_line (read->run->diagnostics, RETORT_CODE_CORPUS_UNKNOWN_LABEL, read->path, 0, 0, NULL, hint,
                               "document '%s' has %s label '%s', which the task does not have",
                               retort_document_id (document), what, label);
}

/* The document without its gold relations. */
static const RetortDocument *
without_relations (RetortChunk *chunk, const RetortDocument *document, GError **error)
{
  const RetortLayer *gold = retort_document_layer (document, RETORT_LAYER_GOLD);
  RetortDocumentBuilder *builder = retort_document_builder_new_from (chunk, document);

  retort_document_builder_add_layer (builder, RETORT_LAYER_GOLD, TRUE);
  for (guint i = 0; i < retort_layer_n_entities (gold); i++)
    if (retort_document_builder_add_entity (builder, RETORT_LAYER_GOLD, retort_layer_entity (gold, i), error) < 0) {
      retort_document_builder_discard (builder);
      return NULL;
    }
  return retort_document_builder_seal (builder);
}

static gboolean
keep_read (const RetortDocument *document, gpointer user, GError **error)
{
  Read *read = user;
  const RetortTask *task = read->run->task;
  const RetortLayer *gold = retort_document_layer (document, RETORT_LAYER_GOLD);
  const guint n_relations = retort_layer_n_relations (gold);
  g_autoptr (RetortChunk) chunk = retort_chunk_new ();

  for (guint i = 0; task != NULL && i < retort_layer_n_entities (gold); i++)
    check_label (read, "entity", retort_layer_entity (gold, i)->label, task->entities, document);
  for (guint i = 0; task != NULL && task->n_relations > 0 && i < n_relations; i++)
    check_label (read, "relation", retort_layer_relation (gold, i)->label, (const char *const *) read->relations->pdata,
                 document);
  if (task != NULL && task->n_relations == 0 && n_relations > 0) {
    read->n_relations_left_out += n_relations;
    document = without_relations (chunk, document, error);
  }
  return document != NULL && retort_corpus_writer_add (read->writer, document, error) &&
         retort_cell_check_stdout (read->run->plugin->loaded->id, retort_document_id (document), error);
}

gboolean
retort_run_read (RetortCellRun *run, GError **error)
{
  const RetortReadOptions *options = run->options->data;
  const RetortFormatRole *role = run->plugin->loaded->role;
  g_autofree char *path = retort_cell_output (run);
  g_autoptr (RetortCorpusWriter) writer = retort_corpus_writer_open (path, error);
  g_autoptr (GHashTable) map = map_of_pairs (options->map);
  g_autoptr (GHashTable) unknown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) relations = g_ptr_array_new ();

  if (writer == NULL)
    return FALSE;
  for (guint i = 0; run->task != NULL && i < run->task->n_relations; i++)
    g_ptr_array_add (relations, (gpointer) run->task->relations[i].label);
  g_ptr_array_add (relations, NULL);
  Read read = { run, writer, options->path, unknown, relations, 0 };
  g_autoptr (RetortCorpusSink) sink = retort_corpus_sink_new (options->path, run->diagnostics, keep_read, &read);
  retort_corpus_sink_set_label_map (sink, map);
  if (!role->read (run->plugin->self, run->context, options->path, sink, error) ||
      !retort_diagnostics_ok (run->diagnostics, error))
    return FALSE;

  guint n = retort_corpus_sink_n_documents (sink);
  if (n == 0)
    retort_diagnostics_add_line (run->diagnostics, RETORT_CODE_CORPUS_EMPTY, options->path, 0, 0, NULL,
                                 "is it the right file, and the right format?", "%s found no document",
                                 run->plugin->loaded->id);
  retort_context_count (run->context, "documents", n);
  if (retort_corpus_sink_n_dropped (sink) > 0)
    retort_context_count (run->context, "annotations dropped by the label map", retort_corpus_sink_n_dropped (sink));
  if (read.n_relations_left_out > 0)
    retort_context_count (run->context, "relations left out: the task has none", read.n_relations_left_out);
  return retort_corpus_writer_finish (writer, error);
}

/* --- concat --- */

typedef struct { RetortCorpusSink *sink; double weight; } Concat;

static gboolean
concat_document (const RetortDocument *document, gpointer user, GError **error)
{
  const Concat *concat = user;
  RetortDocumentBuilder *builder = retort_corpus_sink_begin_from (concat->sink, document, error);

  if (builder == NULL)
    return FALSE;
  retort_document_builder_set_weight (builder, concat->weight * retort_document_weight (document));
  return retort_corpus_sink_end (concat->sink, builder, error);
}

gboolean
retort_run_concat (RetortCellRun *run, GError **error)
{
  const RetortConcatOptions *options = run->options->data;
  g_autofree char *path = retort_cell_output (run);
  g_autoptr (RetortCorpusWriter) writer = retort_corpus_writer_open (path, error);
  g_autoptr (GHashTable) weights = map_of_pairs (options->weights);

  if (writer == NULL)
    return FALSE;
  /* Ids that stand in two inputs get a suffix; that is no mistake of anybody's, so it is counted, not warned of. */
  g_autoptr (RetortDiagnostics) quiet = retort_diagnostics_new ();
  g_autoptr (RetortCorpusSink) sink = retort_corpus_sink_new (run->name, quiet, keep_document, writer);
  for (guint i = 0; i < retort_cell_n_parts (run, "corpora"); i++) {
    const char *name = retort_cell_part (run, "corpora", i)->name;
    const char *text = weights != NULL ? g_hash_table_lookup (weights, name) : NULL;
    char *end = NULL;
    Concat concat = { sink, text != NULL ? g_ascii_strtod (text, &end) : 1 };
    if (text != NULL && (end == text || *end != '\0' || !(concat.weight > 0) || concat.weight > 1e6)) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the weight of '%s' is '%s', which is no number above 0",
                   name, text);
      return FALSE;
    }
    if (!retort_cell_each_document (run, "corpora", i, concat_document, &concat, error))
      return FALSE;
  }
  retort_context_count (run->context, "documents", retort_corpus_sink_n_documents (sink));
  if (retort_corpus_sink_n_repeated (sink) > 0)
    retort_context_count (run->context, "ids that stood in two inputs", retort_corpus_sink_n_repeated (sink));
  return retort_corpus_writer_finish (writer, error);
}

/* --- split and folds: a document's place is drawn by its id (or group), so it is the same in whatever order --- */

typedef struct {
  RetortCellRun *run;
  RetortCorpusWriter *writer;
  const char *group;
  double share;
  guint k, fold;
  gboolean inside;
  guint n_kept, n_groupless;
} Division;

static double
draw_place (Division *division, const RetortDocument *document)
{
  const char *value = division->group != NULL ? retort_document_meta (document, division->group) : NULL;
  RetortRandom random;

  if (division->group != NULL && value == NULL)
    division->n_groupless++;
  retort_random_init (&random, division->run->seed, value != NULL ? "group" : "document",
                      value != NULL ? value : retort_document_id (document));
  return retort_random_uniform (&random);
}

static gboolean
divide_document (const RetortDocument *document, gpointer user, GError **error)
{
  Division *division = user;
  double place = draw_place (division, document);
  gboolean inside = division->k > 0 ? (guint) (place * division->k) == division->fold : place < division->share;

  if (inside != division->inside)
    return TRUE;
  division->n_kept++;
  return retort_corpus_writer_add (division->writer, document, error);
}

static gboolean
divide (RetortCellRun *run, Division *division, GError **error)
{
  g_autofree char *path = retort_cell_output (run);
  g_autoptr (RetortCorpusWriter) writer = retort_corpus_writer_open (path, error);

  division->run = run;
  division->writer = writer;
  if (writer == NULL || !retort_cell_each_document (run, "corpus", 0, divide_document, division, error))
    return FALSE;
  retort_context_count (run->context, "documents", division->n_kept);
  if (division->n_groupless > 0)
    retort_context_warn (run->context, "%u documents have no '%s'; each of them stands for itself",
                         division->n_groupless, division->group);
  return retort_corpus_writer_finish (writer, error);
}

gboolean
retort_run_split (RetortCellRun *run, GError **error)
{
  const RetortSplitOptions *options = run->options->data;
  Division division = { .group = options->group, .share = options->share,
                        .inside = g_str_equal (options->part, "inside") };
  return divide (run, &division, error);
}

gboolean
retort_run_folds (RetortCellRun *run, GError **error)
{
  const RetortFoldsOptions *options = run->options->data;
  Division division = { .group = options->group, .k = (guint) options->k, .fold = (guint) options->fold - 1,
                        .inside = g_str_equal (options->part, "test") };

  if (options->fold > options->k) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "fold %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " does not exist",
                 options->fold, options->k);
    return FALSE;
  }
  return divide (run, &division, error);
}

/* --- declassify: the text is the same; the label and the statement are what changes --- */

gboolean
retort_run_declassify (RetortCellRun *run, GError **error)
{
  const RetortDeclassifyOptions *options = run->options->data;
  g_autofree char *path = retort_cell_output (run);
  g_autoptr (RetortCorpusWriter) writer = retort_corpus_writer_open (path, error);

  if (writer == NULL || !retort_cell_each_document (run, "corpus", 0, keep_document, writer, error))
    return FALSE;
  retort_context_warn (run->context, "declassified to '%s' by %s: %s (method: %s)", options->to, options->who,
                       options->why, options->method);
  return retort_corpus_writer_finish (writer, error);
}

/* --- filter --- */

/* A filter that needs tokens reads a tokenized copy, which is not part of the result. */
static char *
tokenized_copy (RetortCellRun *run, GError **error)
{
  g_autofree char *from = retort_cell_input (run, "corpus", 0, RETORT_ARTIFACT_CORPUS);
  g_autofree char *to = g_strconcat (run->out, "-tokenized.jsonl", NULL);

  return retort_tokenize_file (run->tokenizer, run->context, from, to, error) ? g_steal_pointer (&to) : NULL;
}

typedef struct { const char *plugin; RetortCorpusWriter *writer; } Filtered;

static gboolean
keep_filtered (const RetortDocument *document, gpointer user, GError **error)
{
  const Filtered *filtered = user;
  return retort_corpus_writer_add (filtered->writer, document, error) &&
         retort_cell_check_stdout (filtered->plugin, retort_document_id (document), error);
}

gboolean
retort_run_filter (RetortCellRun *run, GError **error)
{
  const RetortFilterRole *role = run->plugin->loaded->role;
  g_autofree char *from = role->needs_tokens ? tokenized_copy (run, error)
                                             : retort_cell_input (run, "corpus", 0, RETORT_ARTIFACT_CORPUS);
  g_autofree char *path = retort_cell_output (run);
  g_autoptr (RetortCorpusReader) reader = from != NULL ? retort_corpus_reader_open (from, run->diagnostics, error) : NULL;
  g_autoptr (RetortCorpusWriter) writer = reader != NULL ? retort_corpus_writer_open (path, error) : NULL;

  if (writer == NULL)
    return FALSE;
  Filtered filtered = { run->plugin->loaded->id, writer };
  g_autoptr (RetortCorpusSink) sink = retort_corpus_sink_new (from, run->diagnostics, keep_filtered, &filtered);
  if (!role->run (run->plugin->self, run->context, reader, sink, error)) {
    g_prefix_error (error, "%s: ", run->plugin->loaded->id);
    return FALSE;
  }
  retort_context_count (run->context, "documents", retort_corpus_sink_n_documents (sink));
  return retort_corpus_writer_finish (writer, error);
}

/* --- helpers --- */

gboolean
retort_cell_each_document (RetortCellRun *run, const char *slot, guint part, RetortSinkFunc func, gpointer user,
                           GError **error)
{
  g_autofree char *path = retort_cell_input (run, slot, part, RETORT_ARTIFACT_CORPUS);
  g_autoptr (RetortCorpusReader) reader = retort_corpus_reader_open (path, run->diagnostics, error);
  g_autoptr (GError) failed = NULL;

  if (reader == NULL)
    return FALSE;
  for (;;) {
    g_autoptr (RetortChunk) chunk = retort_corpus_reader_next (reader, PIECE, &failed);
    if (chunk == NULL)
      break;
    for (guint i = 0; i < retort_chunk_n_documents (chunk); i++)
      if (!func (retort_chunk_document (chunk, i), user, error))
        return FALSE;
  }
  if (failed == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failed));
  return FALSE;
}

/* For sinks. */
static gboolean
keep_document (const RetortDocument *document, gpointer writer, GError **error)
{
  return retort_corpus_writer_add (writer, document, error);
}

/* key, value, ..., NULL as a table; NULL if there are none. */
static GHashTable *
map_of_pairs (const char *const *pairs)
{
  GHashTable *map = pairs != NULL ? g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free) : NULL;
  for (guint i = 0; pairs != NULL && pairs[i] != NULL && pairs[i + 1] != NULL; i += 2)
    g_hash_table_insert (map, g_strdup (pairs[i]), g_strdup (pairs[i + 1]));
  return map;
}
