/* task - what is to be found: entity labels, and relations between them. */
#pragma once

#include <retort/document.h>

G_BEGIN_DECLS

typedef struct {
  const char *label;  /* "Adverse_event" */
  const char *head;   /* entity label of the first argument: "Drug" */
  const char *tail;   /* of the second: "Effect" */
} RetortRelationType;

typedef enum { RETORT_SCOPE_SENTENCE, RETORT_SCOPE_DOCUMENT } RetortScope;

typedef struct {
  gsize size;                          /* sizeof (RetortTask) */
  const char *const *entities;         /* NULL-terminated, in the user's order */
  guint n_entities;
  const RetortRelationType *relations; /* [n_relations] in the user's order */
  guint n_relations;
  RetortScope scope;                   /* how far apart the arguments of a relation may stand */
} RetortTask;

/* An ordered pair of entities of one layer that the task says could be related. */
typedef struct { guint head, tail; } RetortCandidate;

/* All candidates of a layer, by (head, tail); GArray of RetortCandidate, full ownership. An entity belongs to the
 * sentence in which it begins; a document without sentences is one sentence. */
GArray *retort_task_candidates (const RetortTask *task, const RetortDocument *document, const RetortLayer *layer);
/* Index in task->entities, or -1. */
gint retort_task_entity_index (const RetortTask *task, const char *label);
/* A deep copy, and its release. */
RetortTask *retort_task_copy (const RetortTask *task);
void retort_task_free (RetortTask *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortTask, retort_task_free)

G_END_DECLS
