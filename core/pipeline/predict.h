/* predict - a model at work on a chunk of documents: tokenize, batches in parallel, checks of what comes out. */
#pragma once

#include "pipeline/model-file.h"

G_BEGIN_DECLS

/* What the model was trained to find. */
RetortWant retort_model_gives (const RetortModel *model);

/* The documents with a layer "predicted" (and sentences, but without tokens), in order. Without RETORT_WANT_ENTITIES the
 * gold entities are given to the model and stand in that layer. What a plugin does wrong names it and the document. */
RetortChunk *retort_predict_chunk (RetortModel *model, RetortContext *context, RetortWant want, RetortChunk *chunk,
                                   GError **error);

G_END_DECLS
