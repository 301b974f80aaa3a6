/* predict - see predict.h. */
#include "pipeline/predict.h"

#include "pipeline/run.h"
#include <string.h>

typedef struct {
  RetortModel *model;
  RetortContext *context;
  RetortWant want;
  guint batch;            /* documents of a batch */
  RetortChunk *tokenized; /* what the model sees */
  RetortChunk **out;      /* [n_batches] NULL where it failed */
  GError **errors;        /* [n_batches] */
} Prediction;

static RetortChunk *give_gold_entities (RetortChunk *chunk, GError **error);
static RetortChunk *join (Prediction *prediction, guint n_batches, GError **error);
static void predict_batch (guint batch, gpointer user);
static gboolean check_overlaps (const RetortDocument *document, GError **error);

RetortWant
retort_model_gives (const RetortModel *model)
{
  const RetortModelRole *role = model->model->loaded->role;
  RetortWant asked = RETORT_WANT_ENTITIES | (model->task->n_relations > 0 ? RETORT_WANT_RELATIONS : 0);
  return role->tasks & asked;
}

RetortChunk *
retort_predict_chunk (RetortModel *model, RetortContext *context, RetortWant want, RetortChunk *chunk, GError **error)
{
  const RetortModelRole *role = model->model->loaded->role;
  Prediction prediction = { model, context, want, MAX (role->batch, 1), NULL, NULL, NULL };
  g_autoptr (RetortChunk) given =
      want & RETORT_WANT_ENTITIES ? retort_chunk_ref (chunk) : give_gold_entities (chunk, error);
  g_autoptr (RetortChunk) tokenized =
      given != NULL ? retort_tokenize_chunk (model->tokenizer, context, given, error) : NULL;

  if (tokenized == NULL)
    return NULL;
  guint n_batches = (retort_chunk_n_documents (tokenized) + prediction.batch - 1) / prediction.batch;
  prediction.tokenized = tokenized;
  prediction.out = g_new0 (RetortChunk *, n_batches);
  prediction.errors = g_new0 (GError *, n_batches);
  retort_context_blame (context, model->model->loaded->id);
  retort_context_parallel (context, n_batches, predict_batch, &prediction);
  retort_context_blame (context, NULL);
  RetortChunk *all = join (&prediction, n_batches, error);
  g_free (prediction.out);
  g_free (prediction.errors);
  return all;
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

/* The batches' documents in order, or the first error in order. */
static RetortChunk *
join (Prediction *prediction, guint n_batches, GError **error)
{
  RetortChunk *all = retort_chunk_new ();

  for (guint i = 0; i < n_batches; i++) {
    if (prediction->out[i] == NULL && all != NULL) {
      g_clear_pointer (&all, retort_chunk_unref);
      g_propagate_error (error, g_steal_pointer (&prediction->errors[i]));
    }
    for (guint k = 0; all != NULL && k < retort_chunk_n_documents (prediction->out[i]); k++)
      retort_document_builder_seal (
          retort_document_builder_new_from (all, retort_chunk_document (prediction->out[i], k)));
    g_clear_error (&prediction->errors[i]);
    retort_chunk_unref (prediction->out[i]);
  }
  return all;
}

static gint
compare_places (gconstpointer x, gconstpointer y)
{
  const RetortEntity *a = *(const RetortEntity *const *) x, *b = *(const RetortEntity *const *) y;
  const gint order = strcmp (a->label, b->label);

  return order != 0 ? order : (a->fragments[0].start > b->fragments[0].start) - (a->fragments[0].start < b->fragments[0].start);
}

/* Entities of one label that the model gives must not overlap each other; those of several fragments may. */
static gboolean
check_overlaps (const RetortDocument *document, GError **error)
{
  const RetortLayer *layer = retort_document_layer (document, RETORT_LAYER_PREDICTED);
  g_autoptr (GPtrArray) entities = g_ptr_array_new ();

  for (guint i = 0; i < retort_layer_n_entities (layer); i++)
    if (retort_layer_entity (layer, i)->n_fragments == 1)
      g_ptr_array_add (entities, (gpointer) retort_layer_entity (layer, i));
  g_ptr_array_sort (entities, compare_places);
  for (guint i = 1; i < entities->len; i++) {
    const RetortEntity *a = entities->pdata[i - 1], *b = entities->pdata[i];
    if (!g_str_equal (a->label, b->label) || b->fragments[0].start >= a->fragments[0].end)
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
    retort_document_builder_drop_tokens (builders[i]);
    retort_document_builder_add_layer (builders[i], RETORT_LAYER_PREDICTED, prediction->want & RETORT_WANT_ENTITIES);
  }
  retort_context_at (prediction->context, documents[0]);
  gboolean done = role->predict (model->self, prediction->context, prediction->want, documents, builders, n, error);
  for (guint i = 0; i < n; i++) {
    if (!done) {
      retort_document_builder_discard (builders[i]);
      continue;
    }
    const RetortDocument *predicted = retort_document_builder_seal (builders[i]);
    done = !(prediction->want & RETORT_WANT_ENTITIES) || check_overlaps (predicted, error);
  }
  const char *id = retort_document_id (documents[0]);
  if (!done && *error == NULL)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "it failed and did not say why");
  if (done && retort_cell_check_stdout (model->loaded->id, id, error))
    prediction->out[batch] = g_steal_pointer (&out);
  else if (!g_str_has_prefix ((*error)->message, model->loaded->id))
    g_prefix_error (error, "%s, document '%s'%s: ", model->loaded->id, id, n > 1 ? " or one of its batch" : "");
}
