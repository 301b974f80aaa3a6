/* align - from what a language model wrote to places in a text. Offsets that a model wrote are never trusted; its words
 * are looked for.
 *
 * Two forms: mentions that were quoted apart from the text (lists, JSON), and marks inside the text
 * (`the <disease>Wilms tumour</disease> gene`). */
#pragma once

#include <retort/document.h>
#include <retort/ledger.h>

G_BEGIN_DECLS

/* How the words of a mention fit the text, best first. */
typedef enum {
  RETORT_MATCH_EXACT, /* the same bytes */
  RETORT_MATCH_CASE,  /* but for upper and lower case */
  RETORT_MATCH_SPACE, /* but for white space (and case) */
  RETORT_MATCH_FORM,  /* but for hyphens, dashes, quotes, ligatures, accents' composition (NFKC) (and case, space) */
  RETORT_MATCH_FUZZY, /* close: a few letters differ */
  RETORT_MATCH_NONE,  /* not in the text */
} RetortMatch;

/* In order, NULL-terminated: "exact" ... "none". */
extern const char *const retort_match_names[];

/* --- quoted mentions --- */

typedef struct {
  const char *text;  /* what was quoted */
  const char *label;
} RetortMention;

typedef struct {
  RetortSpan span;        /* in the text; empty if not grounded */
  RetortMatch match;
  gboolean out_of_order;  /* stands elsewhere than between its neighbours in the list */
  gboolean inside_word;   /* begins or ends inside a word: the text has it nowhere else */
  const char *reason;     /* why it is not grounded, a literal; NULL if it is */
} RetortGrounding;

/* Finds mentions [n] in the text and fills groundings [n].
 *
 * Mentions are taken to be quoted in the order of the text. Of all ways to place them in that order the one is chosen
 * that grounds most, then in the best match classes, then earliest; places at the borders of words go before places
 * inside words. What is left is placed where its words still stand free, and noted as out of order. Two mentions
 * share a place only if their labels differ; a mention that repeats has its next occurrence. */
void retort_align_mentions (const char *text, gsize n_bytes, const RetortMention *mentions, guint n,
                            RetortGrounding *groundings);

/* Counts groundings [n] by class, and what is lost. */
void retort_align_account (RetortLedger *ledger, const char *where, const RetortMention *mentions, guint n,
                           const RetortGrounding *groundings);

/* --- marks inside the text --- */

typedef struct {
  const char *tag;   /* "disease" */
  const char *id;    /* the attribute `id`, or NULL */
  RetortSpan span;   /* in `text` of RetortMarked; without white space at its edges; not empty */
  RetortMatch match; /* exact, until transferred to another text */
} RetortMark;

typedef struct {
  char *text;           /* without marks */
  gsize n_bytes;
  GArray *marks;        /* of RetortMark, by start, the outer before the inner */
  GStringChunk *strings; /* private */
} RetortMarked;

/* Reads text with <tag>, <tag id=1>, </tag>. `tags` (NULL-terminated) are those that may stand; other things in angle
 * brackets that look like a tag are taken out of the text and counted as dropped, and what does not look like one ("P <
 * 0.001") is text. NULL `tags`: any. Nesting is fine. A mark that is never closed or never opened is dropped, crossing
 * marks are both kept, white space at the edges of a mark is left outside; all with a reason in the ledger.
 * The entities &lt; &gt; &amp; &quot; &apos; are decoded if the text is escaped throughout (no bare `&`). */
RetortMarked *retort_marked_parse (const char *marked, gssize n_bytes, const char *const *tags, RetortLedger *ledger,
                                   const char *where);
void retort_marked_free (RetortMarked *marked);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortMarked, retort_marked_free)

/* Moves the marks onto the text that the model was to copy, where its copy drifted: same words are aligned in order
 * (longest common subsequence), and a mark follows the words it stands around. A mark that loses more than half of its
 * words is dropped. Afterwards marked->text is `text`. Gives the number of words that differ. */
guint retort_marked_transfer (RetortMarked *marked, const char *text, gsize n_bytes, RetortLedger *ledger,
                              const char *where);

G_END_DECLS
