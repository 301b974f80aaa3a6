/* tags - a table of labels, the marks of a gold layer, and what had to be bent to make them. */

#include "tags.h"
#include <math.h>
#include <string.h>

#define MAX_LABELS 4096 /* the table of transitions has the square of it */

typedef enum { O, B, I, E, S } Part;

typedef struct { LinearRange tokens; guint entity; } Marked;

static Part part_of (const LinearTags *tags, guint label);
static gboolean may_follow (const LinearTags *tags, guint before, guint after);
static int by_length (const void *a, const void *b);

LinearTags *
linear_tags_new (const RetortTask *task, gboolean ends, GError **error)
{
  const guint parts = ends ? 4 : 2, L = 1 + parts * task->n_entities;

  if (L > MAX_LABELS) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_LIMIT, "%u entity labels are too many for a chain: at most %u",
                 task->n_entities, (MAX_LABELS - 1) / parts);
    return NULL;
  }
  LinearTags *tags = g_new0 (LinearTags, 1);
  tags->n_entities = task->n_entities;
  tags->n_labels = L;
  tags->ends = ends;
  tags->follows = g_new (guint8, (gsize) L * L);
  tags->allowed = g_new (guint8, 4 * (gsize) L);
  tags->names = g_new0 (char *, L + 1);
  for (guint j = 0; j < L; j++) {
    const Part part = part_of (tags, j);
    for (guint i = 0; i < L; i++)
      tags->follows[(gsize) i * L + j] = may_follow (tags, i, j);
    for (guint place = 0; place < 4; place++) {
      const gboolean begins = !(place & LINEAR_FIRST) || part == O || part == B || part == S;
      const gboolean closes = !(place & LINEAR_LAST) || !ends || part == O || part == E || part == S;
      tags->allowed[place * L + j] = begins && closes;
    }
    tags->names[j] = part == O ? g_strdup ("O")
                               : g_strdup_printf ("%c-%s", "OBIES"[part], task->entities[(j - 1) / parts]);
  }
  return tags;
}

void
linear_tags_free (LinearTags *tags)
{
  if (!tags)
    return;
  g_free (tags->follows);
  g_free (tags->allowed);
  g_strfreev (tags->names);
  g_free (tags);
}

void
linear_tags_write (const LinearTags *tags, LinearRange tokens, guint entity, guint16 *labels)
{
  const guint first = 1 + (tags->ends ? 4 : 2) * entity;

  for (guint t = tokens.start; t < tokens.end; t++) {
    Part part = t == tokens.start ? B : I;
    if (tags->ends && t + 1 == tokens.end)
      part = part == B ? S : E;
    labels[t] = first + part - B;
  }
}

void
linear_tags_read (const LinearTags *tags, const guint16 *labels, guint n, GArray *mentions)
{
  for (guint t = 0; t < n;) {
    if (labels[t] == 0) {
      t++;
      continue;
    }
    LinearFound mention = { { t, t + 1 }, (labels[t] - 1) / (tags->ends ? 4 : 2), NAN };
    while (mention.tokens.end < n && (part_of (tags, labels[mention.tokens.end]) == I
                                      || part_of (tags, labels[mention.tokens.end]) == E))
      mention.tokens.end++;
    g_array_append_val (mentions, mention);
    t = mention.tokens.end;
  }
}

void
linear_tags_learn (const LinearTags *tags, const RetortTask *task, LinearText *text, const RetortLayer *layer,
                   guint16 *labels, LinearLosses *losses)
{
  const guint n = retort_layer_n_entities (layer);
  g_autoptr(GArray) marked = g_array_new (FALSE, FALSE, sizeof (Marked));

  if (text->n_tokens > 0)
    memset (labels, 0, text->n_tokens * sizeof *labels);
  for (guint i = 0; i < n; i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    const gint label = retort_task_entity_index (task, entity->label);
    const RetortSpan span = { entity->fragments[0].start, entity->fragments[entity->n_fragments - 1].end };
    const LinearRange tokens = linear_text_tokens (text, span);

    if (label < 0) {
      losses->n_other++;
      continue;
    }
    losses->n_mentions++;
    if (tokens.start == tokens.end) {
      losses->n_without_tokens++;
      continue;
    }
    losses->n_split += entity->n_fragments > 1;
    losses->n_snapped += text->tokens[tokens.start].span.start != span.start
                         || text->tokens[tokens.end - 1].span.end != span.end;
    g_array_append_val (marked, ((Marked) { tokens, label }));
  }

  g_array_sort (marked, by_length);
  for (guint i = 0; i < marked->len; i++) {
    const Marked *mention = &g_array_index (marked, Marked, i);
    gboolean is_free = TRUE;
    for (guint t = mention->tokens.start; t < mention->tokens.end && is_free; t++)
      is_free = labels[t] == 0;
    if (!is_free) {
      losses->n_overlapping++;
      continue;
    }
    losses->n_joined += linear_text_join (text, mention->tokens);
    linear_tags_write (tags, mention->tokens, mention->entity, labels);
  }
}

void
linear_losses_report (const LinearLosses *losses, RetortContext *context)
{
  const struct { gint64 n; const char *what, *why; } table[] = {
    { losses->n_snapped, "mentions moved to token borders", "the tokenizer does not cut where they begin or end" },
    { losses->n_split, "mentions of several fragments learned as one span", "a chain has one span a mention" },
    { losses->n_joined, "sentences joined", "a mention crosses their border" },
    { losses->n_overlapping, "overlapping mentions not learned", "a longer or earlier one covers their tokens" },
    { losses->n_without_tokens, "mentions without tokens not learned", "the tokenizer found no word in them" },
    { losses->n_other, "mentions of other labels not learned", "the task does not name their label" },
  };

  retort_context_count (context, "mentions in training", losses->n_mentions);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    if (table[i].n == 0)
      continue;
    retort_context_count (context, table[i].what, table[i].n);
    retort_context_warn (context, "%" G_GINT64_FORMAT " %s: %s", table[i].n, table[i].what, table[i].why);
  }
}

static Part
part_of (const LinearTags *tags, guint label)
{
  return label == 0 ? O : B + (label - 1) % (tags->ends ? 4 : 2);
}

static gboolean
may_follow (const LinearTags *tags, guint before, guint after)
{
  const guint parts = tags->ends ? 4 : 2;
  const Part from = part_of (tags, before), to = part_of (tags, after);
  const gboolean same = before > 0 && after > 0 && (before - 1) / parts == (after - 1) / parts;

  if (to == I || to == E) /* goes on: only behind the same entity, while that is open */
    return same && (from == B || from == I);
  return !tags->ends || from == O || from == E || from == S;
}

static int
by_length (const void *a, const void *b)
{
  const Marked *one = a, *other = b;
  const guint one_length = one->tokens.end - one->tokens.start, other_length = other->tokens.end - other->tokens.start;

  if (one_length != other_length)
    return one_length > other_length ? -1 : 1;
  if (one->tokens.start != other->tokens.start)
    return one->tokens.start < other->tokens.start ? -1 : 1;
  return one->entity < other->entity ? -1 : one->entity > other->entity;
}
