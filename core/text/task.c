/* task - candidates for relations, and a task that owns its strings. */
#include <retort/task.h>

#include <string.h>

/* What retort_task_copy makes; the task comes first, so its address is the copy's. */
typedef struct {
  RetortTask task;
  GStringChunk *strings;
} OwnedTask;

/* What an entity can be in some relation. */
enum { HEAD = 1, TAIL = 2 };

static guint8 roles_of (const RetortTask *task, const char *label);
static gboolean related (const RetortTask *task, const RetortEntity *head, const RetortEntity *tail);
static guint sentence_of (const RetortSpan *sentences, guint n_sentences, guint32 byte);

GArray *
retort_task_candidates (const RetortTask *task, const RetortDocument *document, const RetortLayer *layer)
{
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (RetortCandidate));
  const guint n = retort_layer_n_entities (layer);
  guint n_sentences;
  const RetortSpan *sentences = retort_document_sentences (document, &n_sentences);

  if (task->scope == RETORT_SCOPE_DOCUMENT || n_sentences == 0)
    n_sentences = 1;
  /* tails[from[s] .. from[s+1]) are the entities of sentence s that can be a tail, ascending: thousands of one kind in
   * one sentence make no pairs, and so cost none. */
  g_autofree guint *sentence = g_new (guint, n + 1);
  g_autofree guint *from = g_new0 (guint, n_sentences + 2);
  g_autofree guint *tails = g_new (guint, n + 1);
  g_autofree guint8 *roles = g_new (guint8, n + 1);
  for (guint i = 0; i < n; i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    sentence[i] = n_sentences == 1 ? 0 : sentence_of (sentences, n_sentences, entity->fragments[0].start);
    roles[i] = roles_of (task, entity->label);
    from[sentence[i] + 2] += (roles[i] & TAIL) != 0;
  }
  for (guint s = 2; s < n_sentences + 2; s++)
    from[s] += from[s - 1];
  for (guint i = 0; i < n; i++)
    if (roles[i] & TAIL)
      tails[from[sentence[i] + 1]++] = i;

  for (guint head = 0; head < n; head++)
    for (guint k = from[sentence[head]]; (roles[head] & HEAD) && k < from[sentence[head] + 1]; k++) {
      const RetortCandidate candidate = { head, tails[k] };
      if (candidate.head != candidate.tail &&
          related (task, retort_layer_entity (layer, head), retort_layer_entity (layer, candidate.tail)))
        g_array_append_val (candidates, candidate);
    }
  return candidates;
}

gint
retort_task_entity_index (const RetortTask *task, const char *label)
{
  for (guint i = 0; i < task->n_entities; i++)
    if (strcmp (task->entities[i], label) == 0)
      return (gint)i;
  return -1;
}

RetortTask *
retort_task_copy (const RetortTask *task)
{
  OwnedTask *copy = g_new0 (OwnedTask, 1);
  GStringChunk *strings = g_string_chunk_new (256);
  const char **entities = g_new0 (const char *, task->n_entities + 1);
  RetortRelationType *relations = g_new0 (RetortRelationType, task->n_relations);

  for (guint i = 0; i < task->n_entities; i++)
    entities[i] = g_string_chunk_insert_const (strings, task->entities[i]);
  for (guint i = 0; i < task->n_relations; i++)
    relations[i] = (RetortRelationType){
      .label = g_string_chunk_insert_const (strings, task->relations[i].label),
      .head = g_string_chunk_insert_const (strings, task->relations[i].head),
      .tail = g_string_chunk_insert_const (strings, task->relations[i].tail),
    };
  copy->strings = strings;
  copy->task = (RetortTask){
    .size = sizeof (RetortTask), .entities = entities, .n_entities = task->n_entities,
    .relations = relations, .n_relations = task->n_relations, .scope = task->scope,
  };
  return &copy->task;
}

void
retort_task_free (RetortTask *task)
{
  OwnedTask *copy = (OwnedTask *)task;

  if (!copy)
    return;
  g_string_chunk_free (copy->strings);
  g_free ((void *)task->entities);
  g_free ((void *)task->relations);
  g_free (copy);
}

static guint8
roles_of (const RetortTask *task, const char *label)
{
  guint8 roles = 0;

  for (guint i = 0; i < task->n_relations; i++)
    roles |= (strcmp (task->relations[i].head, label) == 0 ? HEAD : 0) |
             (strcmp (task->relations[i].tail, label) == 0 ? TAIL : 0);
  return roles;
}

static gboolean
related (const RetortTask *task, const RetortEntity *head, const RetortEntity *tail)
{
  for (guint i = 0; i < task->n_relations; i++)
    if (strcmp (task->relations[i].head, head->label) == 0 && strcmp (task->relations[i].tail, tail->label) == 0)
      return TRUE;
  return FALSE;
}

/* The last sentence that begins at or before `byte`; what stands before the first belongs to the first. */
static guint
sentence_of (const RetortSpan *sentences, guint n_sentences, guint32 byte)
{
  guint low = 0, high = n_sentences;

  while (high - low > 1) {
    const guint middle = low + (high - low) / 2;
    if (sentences[middle].start <= byte)
      low = middle;
    else
      high = middle;
  }
  return low;
}
