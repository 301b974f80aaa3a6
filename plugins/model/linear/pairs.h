/* pairs - what the relation classifiers look at: a set of hashed features for each candidate pair of entities. */
#pragma once

#include "features.h"
#include <retort/task.h>

G_BEGIN_DECLS

/* The features of one candidate of `layer`. The arguments' own words stand in no feature, only their labels, so that
 * masked text ("@GENE$") and plain text look alike. */
void linear_pair_features (const LinearText *text, const RetortLayer *layer, RetortCandidate candidate,
                           LinearFeatures *features);

G_END_DECLS
