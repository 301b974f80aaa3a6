/* predict - from what a model finds in a text to entities and relations of a document: the same for every model here. */
#pragma once

#include "text.h"
#include <retort/plugin.h>

G_BEGIN_DECLS

typedef struct {
  LinearRange tokens;
  guint entity;  /* index in the task */
  double score;  /* 0..1 or NAN */
} LinearFound;

/* What a model can do. `self` is its instance. */
typedef struct {
  /* Appends LinearFound, sorted and apart. NULL: entities were not learnt. */
  void (*find) (void *self, const LinearText *text, GArray *found);
  /* Judges candidate i: gives 1 + the index of its relation in the task, or 0. NULL: relations were not learnt. */
  guint (*judge) (void *self, const LinearText *text, const RetortLayer *layer, const GArray *candidates, guint i,
                  double *score);
} LinearPredictor;

/* The `predict` of RetortModelRole. */
gboolean linear_predict (const LinearPredictor *predictor, void *self, const RetortTask *task, RetortContext *context,
                         RetortWant want, const RetortDocument *const *documents, RetortDocumentBuilder *const *out,
                         gsize n_documents, GError **error);

G_END_DECLS
