/* data - training examples as the learners see them: chains of items, items as lists of attribute numbers.
 *
 * An entity tagger's chain is a sentence; a relation classifier's is one candidate pair. */
#pragma once

#include "attributes.h"

G_BEGIN_DECLS

typedef struct {
  guint n_labels;
  guint n_chains, n_items, n_attributes;
  gsize n_entries;
  guint32 *chains;     /* [n_chains + 1] first item of each */
  gsize *rows;         /* [n_items + 1]  first entry of each */
  guint32 *entries;    /* [n_entries]    attribute numbers */
  guint16 *gold;       /* [n_items]      labels */
  guint16 *masks;      /* [n_items]      which labels are allowed: a row of `allowed` */
  const guint8 *allowed; /* [n_masks][n_labels] 0 or 1; lent */
  double *weights;     /* [n_chains]     of the log-likelihood */
  double *scales;      /* [n_items]      the value that each of the item's attributes has */
  LinearAttributes attributes;
  /* while it grows */
  gsize chains_room, items_room, entries_room, last_items_room;
  guint32 *last_items; /* [n_known] the last item that has each attribute */
  guint32 n_known;
} LinearData;

LinearData *linear_data_new (guint n_labels, const guint8 *allowed);
void linear_data_free (LinearData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LinearData, linear_data_free)

/* Appends an item to the chain that is being built; `hashes` may repeat, a repeated one counts once. */
void linear_data_add (LinearData *data, const guint64 *hashes, guint n_hashes, guint16 gold, guint16 mask);
void linear_data_end_chain (LinearData *data, double weight);
/* Forgets attributes that fewer than min_count items have and numbers the others anew, in order of first sight. With
 * `normalise` an item's attributes share a vector of length 1, else each has the value 1. */
void linear_data_finish (LinearData *data, guint min_count, gboolean normalise);

/* Where each attribute stands: items [places[a] .. places[a + 1]) of `items`, ascending. Free both. */
void linear_data_invert (const LinearData *data, gsize **places, guint32 **items);

G_END_DECLS
