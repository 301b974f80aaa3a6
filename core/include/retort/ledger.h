/* ledger - an account of what became of a language model's words: what was read, grounded, repaired, dropped, and why.
 *
 * Nothing that a model wrote vanishes without an entry here. Entries are counts by (event, reason); the first few of
 * each keep the words and where they stood. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The usual events. */
#define RETORT_LEDGER_ANSWERS "answers"       /* reason: read, failed, missing, empty, not needed; without a document */
#define RETORT_LEDGER_DOCUMENTS "documents"   /* reason: made; answered, unanswered, without a candidate */
#define RETORT_LEDGER_MENTIONS "mentions"     /* reason: a match class; beside it "out of order" and "inside a word" */
#define RETORT_LEDGER_RELATIONS "relations"   /* reason: made, answered no */
#define RETORT_LEDGER_DROPPED "dropped"       /* reason: why something is lost */
#define RETORT_LEDGER_REPAIRED "repaired"     /* reason: what was mended */

typedef struct _RetortLedger RetortLedger;

/* Keeps the first `n_examples` of each (event, reason) that come with words. Not thread-safe. */
RetortLedger *retort_ledger_new (guint n_examples);
void retort_ledger_free (RetortLedger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortLedger, retort_ledger_free)

/* `ledger` may be NULL: then nobody wants the account. */
void retort_ledger_count (RetortLedger *ledger, const char *event, const char *reason, guint64 n);
/* Counts one, and keeps (where, words) if there is room; words beyond 200 bytes are cut. Both may be NULL. */
void retort_ledger_note (RetortLedger *ledger, const char *event, const char *reason, const char *where,
                         const char *words);
guint64 retort_ledger_get (const RetortLedger *ledger, const char *event, const char *reason);
/* The sum over all reasons of an event. */
guint64 retort_ledger_total (const RetortLedger *ledger, const char *event);

/* {"answers":{"read":192},"documents":{...},"mentions":{...},...,"examples":{"dropped":{"reason":[{"where","words"}]}}}
 * The usual events come always and in the order above, others after them; reasons by name, mentions from exact to
 * none. Same entries, same bytes. Full ownership. */
JsonNode *retort_ledger_to_json (const RetortLedger *ledger);

G_END_DECLS
