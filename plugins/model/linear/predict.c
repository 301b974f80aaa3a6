/* predict - entities first, then relations over them, or over those that the document brings. */

#include "predict.h"

/* One document on its way through a model. */
typedef struct {
  const LinearPredictor *predictor;
  void *self;
  const RetortTask *task;
  const LinearText *text;
  RetortDocumentBuilder *out;
} Passage;

static gboolean predict_document (Passage *passage, RetortWant want, const RetortDocument *document, GError **error);
static gboolean add_entities (Passage *passage, RetortDocumentBuilder *copy, gint *first, GError **error);
static gboolean add_relations (Passage *passage, const RetortDocument *document, gint first, GError **error);

gboolean
linear_predict (const LinearPredictor *predictor, void *self, const RetortTask *task, RetortContext *context,
                RetortWant want, const RetortDocument *const *documents, RetortDocumentBuilder *const *out,
                gsize n_documents, GError **error)
{
  const gboolean no_entities = want & RETORT_WANT_ENTITIES && !predictor->find;

  if (no_entities || (want & RETORT_WANT_RELATIONS && !predictor->judge)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the model has not learnt %s",
                 no_entities ? "entities" : "relations");
    return FALSE;
  }
  for (gsize i = 0; i < n_documents; i++) {
    retort_context_at (context, documents[i]);
    g_autoptr(LinearText) text = linear_text_new (documents[i], error);
    if (!text)
      return FALSE;
    Passage passage = { predictor, self, task, text, out[i] };
    retort_document_builder_add_layer (out[i], RETORT_LAYER_PREDICTED, FALSE);
    if (!predict_document (&passage, want, documents[i], error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
predict_document (Passage *passage, RetortWant want, const RetortDocument *document, GError **error)
{
  const gboolean relations = (want & RETORT_WANT_RELATIONS) != 0;

  if (!(want & RETORT_WANT_ENTITIES))
    return !relations || add_relations (passage, document, 0, error);

  /* Candidates are those of a sealed document, so the entities go to a copy too. */
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *copy = retort_document_builder_new_from (chunk, document);
  gint first = 0;
  retort_document_builder_add_layer (copy, RETORT_LAYER_PREDICTED, TRUE);
  if (!add_entities (passage, copy, &first, error)) {
    retort_document_builder_discard (copy);
    return FALSE;
  }
  const RetortDocument *tagged = retort_document_builder_seal (copy);
  return !relations || add_relations (passage, tagged, first, error);
}

/* `first`: the index in the result of the first entity. */
static gboolean
add_entities (Passage *passage, RetortDocumentBuilder *copy, gint *first, GError **error)
{
  g_autoptr(GArray) found = g_array_new (FALSE, FALSE, sizeof (LinearFound));

  passage->predictor->find (passage->self, passage->text, found);
  for (guint i = 0; i < found->len; i++) {
    const LinearFound *mention = &g_array_index (found, LinearFound, i);
    const RetortSpan span = { passage->text->tokens[mention->tokens.start].span.start,
                              passage->text->tokens[mention->tokens.end - 1].span.end };
    const char *label = passage->task->entities[mention->entity];
    const gint index = retort_document_builder_add_span (passage->out, RETORT_LAYER_PREDICTED, label, span,
                                                         mention->score, error);
    if (index < 0
        || retort_document_builder_add_span (copy, RETORT_LAYER_PREDICTED, label, span, mention->score, error) < 0)
      return FALSE;
    if (i == 0)
      *first = index;
  }
  return TRUE;
}

/* Entity i of the layer "predicted" of `document` has the index first + i in the result. */
static gboolean
add_relations (Passage *passage, const RetortDocument *document, gint first, GError **error)
{
  const RetortLayer *layer = retort_document_layer (document, RETORT_LAYER_PREDICTED);

  if (!layer)
    return TRUE;
  g_autoptr(GArray) candidates = retort_task_candidates (passage->task, document, layer);
  for (guint i = 0; i < candidates->len; i++) {
    const RetortCandidate pair = g_array_index (candidates, RetortCandidate, i);
    double score;
    const guint answer = passage->predictor->judge (passage->self, passage->text, layer, candidates, i, &score);
    if (answer == 0)
      continue;
    const RetortRelation relation = { .label = passage->task->relations[answer - 1].label, .head = first + pair.head,
                                      .tail = first + pair.tail, .score = score };
    if (retort_document_builder_add_relation (passage->out, RETORT_LAYER_PREDICTED, &relation, error) < 0)
      return FALSE;
  }
  return TRUE;
}
