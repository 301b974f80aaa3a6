/* steps-model - training, predicting, scoring, comparing. */
#include "pipeline/model-file.h"
#include "pipeline/run.h"
#include "pipeline/spec.h"

/* Documents read and predicted at once: memory does not grow with the corpus. */
#define PIECE 512

static RetortCorpus *load_tokenized (RetortCellRun *run, const char *slot, GError **error);
static guint count_gold (const RetortCorpus *corpus, guint *n_relations);

/* --- train --- */

static JsonObject *
model_header (RetortCellRun *run, guint n_documents, guint n_entities, guint n_relations)
{
  JsonObject *header = json_object_new (), *trained = json_object_new ();
  g_autoptr (JsonNode) plugin = retort_spec_plugin (run->plugin->loaded, run->plugin->options);
  JsonObject *options = json_object_get_object_member (json_node_get_object (plugin), "options");
  const RetortOptionTable *table = &run->plugin->loaded->table;

  /* Files named by options are not needed any more: what they gave is in the model. */
  for (gsize i = 0; i < table->n_options; i++)
    if (retort_option_table_at (table, i)->type == RETORT_OPTION_TYPE_PATH)
      json_object_remove_member (options, retort_option_table_at (table, i)->name);

  json_object_set_string_member (header, "retort", "model");
  json_object_set_string_member (header, "name", run->name);
  json_object_set_string_member (header, "label", retort_label_names[run->label]);
  json_object_set_member (header, "plugin", g_steal_pointer (&plugin));
  json_object_set_member (header, "tokenizer", retort_spec_plugin (run->tokenizer->loaded, run->tokenizer->options));
  json_object_set_member (header, "task", retort_spec_task (run->task));
  json_object_set_string_member (trained, "key", run->key);
  json_object_set_int_member (trained, "documents", n_documents);
  json_object_set_int_member (trained, "entities", n_entities);
  json_object_set_int_member (trained, "relations", n_relations);
  json_object_set_object_member (header, "trained", trained);
  return header;
}

gboolean
retort_run_train (RetortCellRun *run, GError **error)
{
  const RetortModelRole *role = run->plugin->loaded->role;
  g_autoptr (RetortCorpus) train = load_tokenized (run, "train", error);
  g_autoptr (RetortCorpus) dev = NULL;
  guint n_relations, n_entities;

  if (train == NULL)
    return FALSE;
  if (retort_cell_n_parts (run, "dev") > 0 && (dev = load_tokenized (run, "dev", error)) == NULL)
    return FALSE;
  n_entities = count_gold (train, &n_relations);
  if (n_entities == 0) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: none of the %u training documents has an entity",
                 run->name, retort_corpus_n_documents (train));
    return FALSE;
  }
  retort_context_count (run->context, "training documents", retort_corpus_n_documents (train));
  retort_context_count (run->context, "training entities", n_entities);
  if (run->task->n_relations > 0)
    retort_context_count (run->context, "training relations", n_relations);

  retort_context_stage (run->context, "train");
  retort_context_at (run->context, NULL);
  if (!role->train (run->plugin->self, run->context, run->task, train, dev, error)) {
    g_prefix_error (error, "%s: ", run->plugin->loaded->id);
    return FALSE;
  }
  g_autofree char *path = retort_cell_output (run);
  g_autoptr (JsonObject) header = model_header (run, retort_corpus_n_documents (train), n_entities, n_relations);
  return retort_model_file_write (path, header, run->plugin, error);
}

/* --- predict --- */

typedef struct {
  RetortCellRun *run;
  RetortModel *model;
  RetortWant want;
  guint batch;
  RetortChunk *tokenized;     /* what the model sees */
  RetortChunk **out;          /* [n_batches] what is written: without tokens */
  GError **errors;            /* [n_batches] */
} Prediction;

static void predict_batch (guint batch, gpointer user);
static gboolean predict_chunk (Prediction *prediction, RetortChunk *chunk, RetortCorpusWriter *writer, GError **error);

gboolean
retort_run_predict (RetortCellRun *run, GError **error)
{
  const RetortPredictOptions *options = run->options->data;
  g_autofree char *model_path = retort_cell_input (run, "model", 0, RETORT_ARTIFACT_MODEL);
  g_autofree char *corpus_path = retort_cell_input (run, "corpus", 0, RETORT_ARTIFACT_CORPUS);
  g_autofree char *path = retort_cell_output (run);
  g_autoptr (RetortModel) model = retort_model_open (model_path, run->context, error);
  g_autoptr (RetortCorpusReader) reader =
      model != NULL ? retort_corpus_reader_open (corpus_path, run->diagnostics, error) : NULL;
  g_autoptr (RetortCorpusWriter) writer = reader != NULL ? retort_corpus_writer_open (path, error) : NULL;
  g_autoptr (GError) failed = NULL;
  guint n_done = 0;

  if (writer == NULL)
    return FALSE;
  const RetortModelRole *role = model->model->loaded->role;
  Prediction prediction = { .run = run, .model = model, .batch = MAX (role->batch, 1) };
  prediction.want = role->tasks & (RETORT_WANT_ENTITIES | (model->task->n_relations > 0 ? RETORT_WANT_RELATIONS : 0));
  if (g_str_equal (options->entities, "gold"))
    prediction.want &= ~(guint) RETORT_WANT_ENTITIES;
  retort_context_stage (run->context, model->model->loaded->id);
  for (;;) {
    g_autoptr (RetortChunk) chunk = retort_corpus_reader_next (reader, PIECE, &failed);
    if (chunk == NULL)
      break;
    if (!predict_chunk (&prediction, chunk, writer, error))
      return FALSE;
    n_done += retort_chunk_n_documents (chunk);
    retort_context_progress (run->context, n_done, 0, "documents");
  }
  if (failed != NULL) {
    g_propagate_error (error, g_steal_pointer (&failed));
    return FALSE;
  }
  retort_context_count (run->context, "documents", n_done);
  return retort_corpus_writer_finish (writer, error);
}

/* A copy of every document whose layer "predicted" holds the gold entities and no relations. */
static RetortChunk *
give_gold_entities (RetortChunk *chunk, GError **error)
{
  g_autoptr (RetortChunk) given = retort_chunk_new ();

  for (guint i = 0; i < retort_chunk_n_documents (chunk); i++) {
    const RetortDocument *document = retort_chunk_document (chunk, i);
    const RetortLayer *gold = retort_document_layer (document, RETORT_LAYER_GOLD);
    RetortDocumentBuilder *builder = retort_document_builder_new_from (given, document);
    retort_document_builder_add_layer (builder, RETORT_LAYER_PREDICTED, TRUE);
    for (guint k = 0; k < retort_layer_n_entities (gold); k++)
      if (retort_document_builder_add_entity (builder, RETORT_LAYER_PREDICTED, retort_layer_entity (gold, k), error) < 0) {
        retort_document_builder_discard (builder);
        return NULL;
      }
    retort_document_builder_seal (builder);
  }
  return g_steal_pointer (&given);
}

static gboolean
predict_chunk (Prediction *prediction, RetortChunk *chunk, RetortCorpusWriter *writer, GError **error)
{
  RetortCellRun *run = prediction->run;
  g_autoptr (RetortChunk) given =
      prediction->want & RETORT_WANT_ENTITIES ? retort_chunk_ref (chunk) : give_gold_entities (chunk, error);
  g_autoptr (RetortChunk) tokenized =
      given != NULL ? retort_tokenize_chunk (prediction->model->tokenizer, run->context, given, error) : NULL;
  gboolean done = TRUE;

  if (tokenized == NULL)
    return FALSE;
  guint n_batches = (retort_chunk_n_documents (tokenized) + prediction->batch - 1) / prediction->batch;
  prediction->tokenized = tokenized;
  prediction->out = g_new0 (RetortChunk *, n_batches);
  prediction->errors = g_new0 (GError *, n_batches);
  retort_context_parallel (run->context, n_batches, predict_batch, prediction);

  for (guint i = 0; i < n_batches; i++) {
    if (done && prediction->errors[i] != NULL)
      g_propagate_error (error, g_steal_pointer (&prediction->errors[i]));
    done = done && prediction->out[i] != NULL;
    for (guint k = 0; done && k < retort_chunk_n_documents (prediction->out[i]); k++)
      done = retort_corpus_writer_add (writer, retort_chunk_document (prediction->out[i], k), error);
    g_clear_error (&prediction->errors[i]);
    retort_chunk_unref (prediction->out[i]);
  }
  g_clear_pointer (&prediction->out, g_free);
  g_clear_pointer (&prediction->errors, g_free);
  return done;
}

/* Entities of one label that the model gives must not overlap each other. */
static gboolean
check_overlaps (const RetortDocument *document, GError **error)
{
  const RetortLayer *layer = retort_document_layer (document, RETORT_LAYER_PREDICTED);

  for (guint i = 0; i < retort_layer_n_entities (layer); i++)
    for (guint k = i + 1; k < retort_layer_n_entities (layer); k++) {
      const RetortEntity *a = retort_layer_entity (layer, i), *b = retort_layer_entity (layer, k);
      if (!g_str_equal (a->label, b->label) || a->fragments[0].start >= b->fragments[b->n_fragments - 1].end ||
          b->fragments[0].start >= a->fragments[a->n_fragments - 1].end || a->n_fragments + b->n_fragments > 2)
        continue;
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "entities %s and %s, both %s, overlap at bytes %u and %u",
                   a->id, b->id, a->label, a->fragments[0].start, b->fragments[0].start);
      return FALSE;
    }
  return TRUE;
}

static void
predict_batch (guint batch, gpointer user)
{
  Prediction *prediction = user;
  RetortCellRun *run = prediction->run;
  RetortInstance *model = prediction->model->model;
  const RetortModelRole *role = model->loaded->role;
  guint first = batch * prediction->batch;
  guint n = MIN (prediction->batch, retort_chunk_n_documents (prediction->tokenized) - first);
  g_autofree const RetortDocument **documents = g_new (const RetortDocument *, n);
  g_autofree RetortDocumentBuilder **builders = g_new (RetortDocumentBuilder *, n);
  g_autoptr (RetortChunk) out = retort_chunk_new ();
  GError **error = &prediction->errors[batch];

  for (guint i = 0; i < n; i++) {
    documents[i] = retort_chunk_document (prediction->tokenized, first + i);
    builders[i] = retort_document_builder_new_from (out, documents[i]);
    retort_document_builder_set_tokens (builders[i], NULL, 0, NULL);
    retort_document_builder_add_layer (builders[i], RETORT_LAYER_PREDICTED, prediction->want & RETORT_WANT_ENTITIES);
  }
  retort_context_at (run->context, documents[0]);
  gboolean done = role->predict (model->self, run->context, prediction->want, documents, builders, n, error);
  for (guint i = 0; i < n; i++) {
    if (!done) {
      retort_document_builder_discard (builders[i]);
      continue;
    }
    const RetortDocument *predicted = retort_document_builder_seal (builders[i]);
    done = !(prediction->want & RETORT_WANT_ENTITIES) || check_overlaps (predicted, error);
  }
  const char *id = retort_document_id (documents[0]);
  if (done && retort_cell_check_stdout (run, model->loaded->id, id, error))
    prediction->out[batch] = g_steal_pointer (&out);
  else if (!g_str_has_prefix ((*error)->message, model->loaded->id))
    g_prefix_error (error, "%s, document '%s'%s: ", model->loaded->id, id, n > 1 ? " or one of its batch" : "");
}

/* --- helpers --- */

static RetortCorpus *
load_tokenized (RetortCellRun *run, const char *slot, GError **error)
{
  g_autofree char *path = retort_cell_input (run, slot, 0, RETORT_ARTIFACT_CORPUS);
  g_autoptr (RetortCorpusReader) reader = retort_corpus_reader_open (path, run->diagnostics, error);
  g_autoptr (RetortCorpus) corpus = reader != NULL ? retort_corpus_reader_load (reader, error) : NULL;

  return corpus != NULL ? retort_tokenize_corpus (run->tokenizer, run->context, corpus, error) : NULL;
}

static guint
count_gold (const RetortCorpus *corpus, guint *n_relations)
{
  guint n_entities = 0;

  *n_relations = 0;
  for (guint i = 0; i < retort_corpus_n_documents (corpus); i++) {
    const RetortLayer *gold = retort_document_layer (retort_corpus_document (corpus, i), RETORT_LAYER_GOLD);
    n_entities += retort_layer_n_entities (gold);
    *n_relations += retort_layer_n_relations (gold);
  }
  return n_entities;
}
