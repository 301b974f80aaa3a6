/* weights - what a linear learner has learnt: a few weights for each attribute, and one for each pair of labels. */
#pragma once

#include "data.h"
#include "features.h"
#include "payload.h"

G_BEGIN_DECLS

typedef struct {
  guint n_labels;
  LinearAttributes attributes;
  gsize *rows;      /* [n_attributes + 1] first weight of each */
  guint16 *labels;  /* [n_values] ascending within a row */
  double *values;   /* [n_values] */
  gsize n_values;
  double *trans;    /* [L][L] label j after label i; -INFINITY where that is not allowed */
  GPtrArray *names; /* for people: label, feature, and weight of the strongest; lines of text */
} LinearWeights;

/* Zeroes for the pairs of attribute and label that the data show together. Takes the data's attributes.
 * `follows` [L][L] says which labels may follow which; NULL: chains of length one. */
LinearWeights *linear_weights_new (LinearData *data, const guint8 *follows);
void linear_weights_free (LinearWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LinearWeights, linear_weights_free)

/* To the precision of the saved form, so that a model answers the same before and after it was saved. */
void linear_weights_round (LinearWeights *weights);
/* Adds to state [L] what the attributes of one item say; labels that `allowed` forbids get -INFINITY. */
void linear_weights_score (const LinearWeights *weights, const guint32 *attributes, gsize n, double scale,
                           const guint8 *allowed, double *state);
/* The ids of known features, in order, without repeats; gives how many. `ids` has room for features->n. */
guint linear_weights_look_up (const LinearWeights *weights, const LinearFeatures *features, guint32 *ids);

void linear_weights_write (const LinearWeights *weights, LinearWriter *out);
/* NULL if the bytes are damaged; the reader knows why. `follows` as above. */
LinearWeights *linear_weights_read (LinearReader *in, guint n_labels, const guint8 *follows);

/* The n strongest attributes of each label, as a table of their hashes; full ownership. */
LinearAttributes *linear_weights_strongest (const LinearWeights *weights, guint n);
/* Fills `names` from what was spelt out. `label_names` [L]. */
void linear_weights_set_names (LinearWeights *weights, const LinearAttributes *strongest, char *const *spellings,
                               const char *const *label_names);

G_END_DECLS
