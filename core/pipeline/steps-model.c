/* steps-model - training, predicting, scoring, comparing. */
#include "pipeline/predict.h"
#include "pipeline/run.h"
#include "pipeline/spec.h"

/* Documents read and predicted at once: memory does not grow with the corpus. */
#define PIECE 512

static RetortCorpus *load_tokenized (RetortCellRun *run, const char *slot, GError **error);
static guint count_gold (const RetortCorpus *corpus, guint *n_relations);

/* --- train --- */

/* Files named by options are not needed any more: what they gave is in the model. What only changes speed is no part
 * of the key, so it must not be part of the model. */
static JsonNode *
describe_plugin (const RetortInstance *model)
{
  JsonNode *plugin = retort_spec_plugin (model->loaded, model->options);
  JsonObject *options = json_object_get_object_member (json_node_get_object (plugin), "options");
  const RetortOptionTable *table = &model->loaded->table;

  for (gsize i = 0; i < table->n_options; i++) {
    const RetortOption *option = retort_option_table_at (table, i);
    if (option->type == RETORT_OPTION_TYPE_PATH || (option->flags & (RETORT_OPTION_TUNING | RETORT_OPTION_SECRET)))
      json_object_remove_member (options, option->name);
  }
  return plugin;
}

/* Like all of the model, a function of the cell's key: the step's name is not in it. */
static JsonObject *
model_header (RetortCellRun *run, guint n_documents, guint n_entities, guint n_relations)
{
  JsonObject *header = json_object_new (), *trained = json_object_new ();

  json_object_set_string_member (header, "retort", "model");
  json_object_set_string_member (header, "label", retort_label_names[run->label]);
  json_object_set_member (header, "plugin", describe_plugin (run->plugin));
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

static gboolean write_chunk (RetortCorpusWriter *writer, RetortChunk *chunk, GError **error);

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
  RetortWant want = retort_model_gives (model);
  if (g_str_equal (options->entities, "gold"))
    want &= ~(guint) RETORT_WANT_ENTITIES;
  retort_context_stage (run->context, model->model->loaded->id);
  for (;;) {
    g_autoptr (RetortChunk) chunk = retort_corpus_reader_next (reader, PIECE, &failed);
    if (chunk == NULL)
      break;
    g_autoptr (RetortChunk) predicted = retort_predict_chunk (model, run->context, want, chunk, error);
    if (predicted == NULL || !write_chunk (writer, predicted, error))
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

static gboolean
write_chunk (RetortCorpusWriter *writer, RetortChunk *chunk, GError **error)
{
  for (guint i = 0; i < retort_chunk_n_documents (chunk); i++)
    if (!retort_corpus_writer_add (writer, retort_chunk_document (chunk, i), error))
      return FALSE;
  return TRUE;
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
