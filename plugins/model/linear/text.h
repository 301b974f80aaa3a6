/* text - a tokenized document as the feature extractors see it: each token in several forms, in sentences. */
#pragma once

#include <retort/document.h>

G_BEGIN_DECLS

/* A piece of text and its hash. */
typedef struct {
  const char *text; /* not NUL-terminated */
  guint32 n_bytes;
  guint64 hash;
} LinearAtom;

LinearAtom linear_atom (const char *text); /* a literal */

/* The forms of a token. */
typedef enum {
  LINEAR_WORD,  /* as written */
  LINEAR_LOWER, /* lower case */
  LINEAR_SHAPE, /* "IL-2" AA-0, "p53" a00 */
  LINEAR_BRIEF, /* runs of one class as one: A-0, a0 */
  LINEAR_PREFIX1, LINEAR_PREFIX2, LINEAR_PREFIX3, LINEAR_PREFIX4, /* of lower; shorter words give what they have */
  LINEAR_SUFFIX1, LINEAR_SUFFIX2, LINEAR_SUFFIX3, LINEAR_SUFFIX4, LINEAR_SUFFIX5,
  LINEAR_CLASS, /* one letter for each of the token's classes, see text.c */
  LINEAR_N_FORMS,
} LinearForm;

typedef struct {
  RetortSpan span;
  LinearAtom forms[LINEAR_N_FORMS];
  gunichar only;   /* the character of a token that has but one, else 0 */
  guint depth;     /* brackets open before it in its sentence */
} LinearToken;

typedef struct { guint32 start, end; } LinearRange; /* tokens, half-open */

typedef struct {
  const RetortDocument *document;
  LinearToken *tokens;
  guint n_tokens;
  LinearRange *sentences; /* [n_sentences] they cover all tokens */
  guint n_sentences;
  GStringChunk *strings;
} LinearText;

/* RETORT_ERROR_DATA if the document was never tokenized. */
LinearText *linear_text_new (const RetortDocument *document, GError **error);
void linear_text_free (LinearText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LinearText, linear_text_free)

/* The tokens that a span of bytes touches; start == end if none. */
LinearRange linear_text_tokens (const LinearText *text, RetortSpan span);
/* The sentence that has the token. */
guint linear_text_sentence (const LinearText *text, guint token);
/* Joins sentences so that none ends inside the range; gives how many were joined away. */
guint linear_text_join (LinearText *text, LinearRange range);

G_END_DECLS
