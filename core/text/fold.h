/* fold - text as the aligner compares it: with the differences taken out that models make when they copy, and with the
 * way back to the bytes it came from. */
#pragma once

#include <retort/align.h>

G_BEGIN_DECLS

/* Folds at a level that includes those before it: CASE maps letters (full case folding), SPACE leaves white space out,
 * FORM takes NFKC, leaves hyphens, dashes and invisible characters out, has one kind of quote, and spells Greek letters
 * in Latin ("beta"). */
typedef struct {
  GString *bytes;   /* UTF-8 */
  GArray *start;    /* of guint32 [bytes->len]: where the characters begin that a byte was made of */
  GArray *end;      /* of guint32 [bytes->len]: and where they end */
} RetortFold;

RetortFold *retort_fold_new (const char *text, gsize n_bytes, RetortMatch level);
void retort_fold_free (RetortFold *fold);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortFold, retort_fold_free)

/* Only the bytes. Full ownership. */
char *retort_fold_string (const char *text, gsize n_bytes, RetortMatch level);

/* The best class in which two texts are the same, or NONE (never FUZZY). */
RetortMatch retort_match_class (const char *a, gsize a_bytes, const char *b, gsize b_bytes);

/* Letters, digits, and marks that combine with them. */
gboolean retort_is_word_char (gunichar c);
/* No word goes on across the byte `at`, a character boundary. */
gboolean retort_is_border (const char *text, gsize n_bytes, gsize at);

/* Levenshtein distance in code points of two UTF-8 texts, or `limit` + 1 if it is more. */
guint retort_edit_distance (const char *a, const char *b, guint limit);

G_END_DECLS
