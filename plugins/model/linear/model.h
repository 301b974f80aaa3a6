/* model - what crf and perceptron share: documents to training data, predictions to documents, the saved form.
 *
 * The two differ only in how weights are fitted (LinearFit) and in whether scores are probabilities. */
#pragma once

#include "tags.h"
#include "weights.h"
#include <retort/plugin.h>

G_BEGIN_DECLS

/* Fits zeroed weights to data. `relations`: chains have length one. */
typedef gboolean (*LinearFit) (const LinearData *data, LinearWeights *weights, gboolean relations,
                               const void *options, RetortContext *context, GError **error);

typedef struct {
  LinearFit fit;
  const void *options;        /* for `fit`; lent */
  gboolean probabilities;     /* predictions have scores */
  gboolean ends;              /* IOBES instead of IOB2 */
  const char *learn;          /* "all", "entities", "relations" */
  guint min_count, relation_min_count;
  double balance;             /* of the labels of pairs, 0..1 */
  double negative_weight;     /* of candidate pairs without a relation */
} LinearSettings;

extern const char *const linear_schemes[];    /* of the option "scheme" */
extern const char *const linear_learn_what[]; /* of the option "learn" */

typedef struct {
  LinearSettings settings;
  RetortTask *task;
  LinearTags *tags;
  guint8 *pair_masks;        /* [1 + distinct signatures of relations][1 + n_relations] */
  guint n_pair_masks;
  LinearWeights *tagger, *pairs; /* NULL: not learnt */
} LinearModel;

LinearModel *linear_model_new (const LinearSettings *settings);

/* The functions of RetortPlugin and RetortModelRole; `self` is a LinearModel. `dev` is not used yet. */
void linear_model_free (void *self);
gboolean linear_model_train (void *self, RetortContext *context, const RetortTask *task, const RetortCorpus *train,
                             const RetortCorpus *dev, GError **error);
gboolean linear_model_save (void *self, RetortBytes *out, GError **error);
gboolean linear_model_load (void *self, RetortContext *context, const RetortTask *task, const guint8 *bytes,
                            gsize n_bytes, GError **error);
gboolean linear_model_predict (void *self, RetortContext *context, RetortWant want,
                               const RetortDocument *const *documents, RetortDocumentBuilder *const *out,
                               gsize n_documents, GError **error);
gboolean linear_model_describe (void *self, GString *out, GError **error);

/* The bytes of a model, without a place to put them; full ownership. */
GByteArray *linear_model_bytes (const LinearModel *model);

G_END_DECLS
