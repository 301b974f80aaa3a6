/* features - what the taggers look at: a set of hashed features for each token. */
#pragma once

#include "attributes.h"
#include "text.h"

G_BEGIN_DECLS

/* Where extractors put features. Those in `wanted`, if set, are spelt out too: "lower[-1]=severe". */
typedef struct {
  guint64 *hashes;
  guint n, capacity;
  const LinearAttributes *wanted;
  char **names; /* [wanted->n] by id; NULL until seen */
} LinearFeatures;

void linear_features_clear (LinearFeatures *features);
/* The feature `family` of up to three atoms; the unused are NULL. */
void linear_features_add (LinearFeatures *features, const char *family, const LinearAtom *a, const LinearAtom *b,
                          const LinearAtom *c);

/* What the document as a whole says about its tokens. */
typedef struct _LinearTagger LinearTagger;

LinearTagger *linear_tagger_new (const LinearText *text);
void linear_tagger_free (LinearTagger *tagger);
/* Appends the features of token t, which stands in `sentence`. */
void linear_tagger_features (const LinearTagger *tagger, LinearRange sentence, guint t, LinearFeatures *features);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LinearTagger, linear_tagger_free)

/* A short form and its long form, "familial adenomatous polyposis (FAP)" (Schwartz & Hearst 2003). */
typedef struct {
  guint sf;        /* token */
  LinearRange lf;  /* tokens before the bracket */
} LinearShortForm;
/* All of a text, in order; GArray, full ownership. */
GArray *linear_short_forms (const LinearText *text);

G_END_DECLS
