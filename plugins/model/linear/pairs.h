/* pairs - what the relation classifiers look at: a set of hashed features for each candidate pair of entities. */
#pragma once

#include "features.h"
#include <retort/task.h>

G_BEGIN_DECLS

/* The features of one candidate of `layer`. In the sentence each argument is one word, its role and label, so that
 * masked text ("@GENE$") and plain text look alike; the arguments' own words have features apart. */
void linear_pair_features (const LinearText *text, const RetortLayer *layer, RetortCandidate candidate,
                           LinearFeatures *features);

G_END_DECLS
