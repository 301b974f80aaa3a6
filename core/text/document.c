/* document - sealed documents, and the builder that checks what goes into them.
 *
 * A builder's layer is that of the document it began from until something is added; then it becomes a list of its
 * own (a shallow copy: the entities' strings and fragments stay where they are). */
#include "base/limit.h"
#include "text/chunk.h"

#include <math.h>
#include <string.h>

/* The ids of a layer's entities, or of its relations. */
typedef struct {
  GHashTable *taken; /* all of them; NULL as long as they are exactly T1, T2, ... (R1, R2, ...) */
  guint next;        /* with `taken`: the number to try first */
} Ids;

typedef struct {
  const char *name;
  const RetortLayer *shared; /* taken over unchanged, or NULL */
  GArray *entities;          /* RetortEntity; NULL while shared */
  GArray *relations;         /* RetortRelation; NULL while shared */
  Ids entity_ids, relation_ids;
} LayerBuilder;

struct _RetortDocumentBuilder {
  RetortChunk *chunk;
  RetortDocument document;    /* becomes the sealed one; its meta and layers are empty until then */
  GArray *meta;               /* RetortMeta */
  GArray *layers;             /* LayerBuilder */
};

static gboolean check_name (const char *what, const char *name, GError **error);
static gboolean check_text (const char *text, gsize n_bytes, GError **error);
static gboolean check_span (const RetortDocumentBuilder *builder, RetortSpan span, GError **error);
static gboolean check_score (double score, GError **error);
static gboolean set_spans (RetortDocumentBuilder *builder, const char *what, const RetortSpan *spans, guint n,
                           const RetortSpan **out, guint *n_out, GError **error);
static const RetortSpan *copy_fragments (RetortDocumentBuilder *builder, const RetortEntity *entity, GError **error);
static const char *take_id (RetortChunk *chunk, Ids *ids, char letter, const char *id, guint n_before, GError **error);
static gboolean check_room (const char *what, guint n, GError **error);
static LayerBuilder *open_layer (RetortDocumentBuilder *builder, const char *name, gboolean clear);
static LayerBuilder *find_layer (const RetortDocumentBuilder *builder, const char *name);
static void own_layer (LayerBuilder *layer);
static void clear_layer (void *pointer);
static const RetortLayer *seal_layer (RetortChunk *chunk, const LayerBuilder *layer);
static void free_builder (RetortDocumentBuilder *builder);

/* --- reading --- */

const char *
retort_document_id (const RetortDocument *document)
{
  return document->id;
}

const char *
retort_document_text (const RetortDocument *document, gsize *n_bytes)
{
  if (n_bytes)
    *n_bytes = document->n_bytes;
  return document->text;
}

double
retort_document_weight (const RetortDocument *document)
{
  return document->weight;
}

const char *
retort_document_meta (const RetortDocument *document, const char *key)
{
  for (guint i = 0; i < document->n_meta; i++)
    if (strcmp (document->meta[i].key, key) == 0)
      return document->meta[i].value;
  return NULL;
}

guint
retort_document_n_meta (const RetortDocument *document)
{
  return document->n_meta;
}

const char *
retort_document_meta_at (const RetortDocument *document, guint i, const char **key)
{
  g_assert (i < document->n_meta);
  if (key)
    *key = document->meta[i].key;
  return document->meta[i].value;
}

const RetortSpan *
retort_document_sentences (const RetortDocument *document, guint *n)
{
  if (n)
    *n = document->n_sentences;
  return document->sentences;
}

const RetortSpan *
retort_document_tokens (const RetortDocument *document, guint *n)
{
  if (n)
    *n = document->n_tokens;
  return document->tokens;
}

const RetortLayer *
retort_document_layer (const RetortDocument *document, const char *name)
{
  for (guint i = 0; i < document->n_layers; i++)
    if (strcmp (document->layers[i].name, name) == 0)
      return document->layers[i].layer;
  return NULL;
}

guint
retort_document_n_layers (const RetortDocument *document)
{
  return document->n_layers;
}

const RetortLayer *
retort_document_layer_at (const RetortDocument *document, guint i, const char **name)
{
  g_assert (i < document->n_layers);
  if (name)
    *name = document->layers[i].name;
  return document->layers[i].layer;
}

guint
retort_layer_n_entities (const RetortLayer *layer)
{
  return layer ? layer->n_entities : 0;
}

guint
retort_layer_n_relations (const RetortLayer *layer)
{
  return layer ? layer->n_relations : 0;
}

const RetortEntity *
retort_layer_entity (const RetortLayer *layer, guint i)
{
  g_assert (i < layer->n_entities);
  return &layer->entities[i];
}

const RetortRelation *
retort_layer_relation (const RetortLayer *layer, guint i)
{
  g_assert (i < layer->n_relations);
  return &layer->relations[i];
}

char *
retort_entity_surface (const RetortDocument *document, const RetortEntity *entity)
{
  GString *surface = g_string_new (NULL);

  for (guint i = 0; i < entity->n_fragments; i++) {
    const RetortSpan span = entity->fragments[i];
    if (i > 0)
      g_string_append_c (surface, ' ');
    g_string_append_len (surface, document->text + span.start, span.end - span.start);
  }
  return g_string_free (surface, FALSE);
}

/* --- building --- */

RetortDocumentBuilder *
retort_document_builder_new (RetortChunk *chunk, const char *id, const char *text, gssize n_bytes, GError **error)
{
  const gsize n = n_bytes < 0 ? strlen (text) : (gsize)n_bytes;

  if (!check_name ("id", id, error) || !check_text (text, n, error))
    return NULL;
  char *copy = retort_chunk_alloc (chunk, n + 1);
  memcpy (copy, text, n);
  copy[n] = '\0';

  RetortDocumentBuilder *builder = g_new0 (RetortDocumentBuilder, 1);
  builder->chunk = chunk;
  builder->document = (RetortDocument){
    .chunk = chunk, .id = retort_chunk_strdup (chunk, id), .text = copy, .n_bytes = n, .weight = 1,
  };
  builder->meta = g_array_new (FALSE, FALSE, sizeof (RetortMeta));
  builder->layers = g_array_new (FALSE, TRUE, sizeof (LayerBuilder));
  g_array_set_clear_func (builder->layers, clear_layer);
  return builder;
}

RetortDocumentBuilder *
retort_document_builder_new_from (RetortChunk *chunk, const RetortDocument *document)
{
  RetortDocumentBuilder *builder = g_new0 (RetortDocumentBuilder, 1);

  retort_chunk_keep (chunk, document->chunk);
  builder->chunk = chunk;
  builder->document = *document;
  builder->document.chunk = chunk;
  builder->meta = g_array_new (FALSE, FALSE, sizeof (RetortMeta));
  if (document->n_meta > 0)
    g_array_append_vals (builder->meta, document->meta, document->n_meta);
  builder->layers = g_array_new (FALSE, TRUE, sizeof (LayerBuilder));
  g_array_set_clear_func (builder->layers, clear_layer);
  for (guint i = 0; i < document->n_layers; i++) {
    const LayerBuilder layer = { .name = document->layers[i].name, .shared = document->layers[i].layer };
    g_array_append_val (builder->layers, layer);
  }
  return builder;
}

const RetortDocument *
retort_document_builder_seal (RetortDocumentBuilder *builder)
{
  RetortChunk *chunk = builder->chunk;
  RetortDocument *document = retort_chunk_copy (chunk, &builder->document, sizeof *document);
  RetortNamedLayer *layers = retort_chunk_alloc (chunk, builder->layers->len * sizeof *layers);

  document->n_meta = builder->meta->len;
  document->meta = retort_chunk_copy (chunk, builder->meta->data, builder->meta->len * sizeof (RetortMeta));
  for (guint i = 0; i < builder->layers->len; i++) {
    const LayerBuilder *layer = &g_array_index (builder->layers, LayerBuilder, i);
    layers[i] = (RetortNamedLayer){ layer->name, seal_layer (chunk, layer) };
  }
  document->n_layers = builder->layers->len;
  document->layers = layers;
  retort_chunk_add (chunk, document);
  free_builder (builder);
  return document;
}

void
retort_document_builder_discard (RetortDocumentBuilder *builder)
{
  if (builder)
    free_builder (builder);
}

void
retort_document_builder_set_id (RetortDocumentBuilder *builder, const char *id)
{
  builder->document.id = retort_chunk_strdup (builder->chunk, id);
}

void
retort_document_builder_set_meta (RetortDocumentBuilder *builder, const char *key, const char *value)
{
  for (guint i = 0; i < builder->meta->len; i++) {
    RetortMeta *meta = &g_array_index (builder->meta, RetortMeta, i);
    if (strcmp (meta->key, key) != 0)
      continue;
    if (value)
      meta->value = retort_chunk_strdup (builder->chunk, value);
    else
      g_array_remove_index (builder->meta, i);
    return;
  }
  if (value) {
    const RetortMeta meta = { retort_chunk_intern (builder->chunk, key), retort_chunk_strdup (builder->chunk, value) };
    g_array_append_val (builder->meta, meta);
  }
}

void
retort_document_builder_set_weight (RetortDocumentBuilder *builder, double weight)
{
  g_assert (isfinite (weight) && weight >= 0);
  builder->document.weight = weight;
}

gboolean
retort_document_builder_set_sentences (RetortDocumentBuilder *builder, const RetortSpan *spans, guint n, GError **error)
{
  return set_spans (builder, "sentence", spans, n, &builder->document.sentences, &builder->document.n_sentences, error);
}

gboolean
retort_document_builder_set_tokens (RetortDocumentBuilder *builder, const RetortSpan *spans, guint n, GError **error)
{
  return set_spans (builder, "token", spans, n, &builder->document.tokens, &builder->document.n_tokens, error);
}

void
retort_document_builder_drop_tokens (RetortDocumentBuilder *builder)
{
  builder->document.tokens = NULL;
  builder->document.n_tokens = 0;
}

void
retort_document_builder_add_layer (RetortDocumentBuilder *builder, const char *layer, gboolean clear)
{
  open_layer (builder, layer, clear);
}

gint
retort_document_builder_add_entity (RetortDocumentBuilder *builder, const char *layer, const RetortEntity *entity,
                                    GError **error)
{
  RetortChunk *chunk = builder->chunk;
  RetortEntity copy = { .n_fragments = entity->n_fragments, .n_concepts = entity->n_concepts, .score = entity->score };

  if (!check_name ("label", entity->label, error) || !check_score (entity->score, error) ||
      (entity->source && !check_name ("source", entity->source, error)))
    return -1;
  for (guint i = 0; i < entity->n_concepts; i++)
    if (!check_name ("concept", entity->concepts[i], error))
      return -1;
  copy.fragments = copy_fragments (builder, entity, error);
  if (!copy.fragments)
    return -1;

  LayerBuilder *to = open_layer (builder, layer, FALSE);
  own_layer (to);
  if (!check_room ("entities", to->entities->len, error))
    return -1;
  copy.id = take_id (chunk, &to->entity_ids, 'T', entity->id, to->entities->len, error);
  if (!copy.id)
    return -1;
  copy.label = retort_chunk_intern (chunk, entity->label);
  copy.source = retort_chunk_intern (chunk, entity->source);
  if (entity->n_concepts > 0) {
    const char **concepts = retort_chunk_alloc (chunk, entity->n_concepts * sizeof *concepts);
    for (guint i = 0; i < entity->n_concepts; i++)
      concepts[i] = retort_chunk_intern (chunk, entity->concepts[i]);
    copy.concepts = concepts;
  }
  g_array_append_val (to->entities, copy);
  return (gint)to->entities->len - 1;
}

gint
retort_document_builder_add_relation (RetortDocumentBuilder *builder, const char *layer,
                                      const RetortRelation *relation, GError **error)
{
  RetortChunk *chunk = builder->chunk;
  RetortRelation copy = { .head = relation->head, .tail = relation->tail, .score = relation->score };

  if (!check_name ("label", relation->label, error) || !check_score (relation->score, error) ||
      (relation->source && !check_name ("source", relation->source, error)))
    return -1;
  LayerBuilder *to = open_layer (builder, layer, FALSE);
  own_layer (to);
  if (relation->head >= to->entities->len || relation->tail >= to->entities->len) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "a relation joins entities %u and %u of %u (counted from 0)",
                 relation->head, relation->tail, to->entities->len);
    return -1;
  }
  if (!check_room ("relations", to->relations->len, error))
    return -1;
  copy.id = take_id (chunk, &to->relation_ids, 'R', relation->id, to->relations->len, error);
  if (!copy.id)
    return -1;
  copy.label = retort_chunk_intern (chunk, relation->label);
  copy.source = retort_chunk_intern (chunk, relation->source);
  g_array_append_val (to->relations, copy);
  return (gint)to->relations->len - 1;
}

gint
retort_document_builder_add_span (RetortDocumentBuilder *builder, const char *layer, const char *label,
                                  RetortSpan span, double score, GError **error)
{
  const RetortEntity entity = { .label = label, .fragments = &span, .n_fragments = 1, .score = score };

  return retort_document_builder_add_entity (builder, layer, &entity, error);
}

/* --- looking into a builder --- */

const char *
retort_document_builder_text (const RetortDocumentBuilder *builder, gsize *n_bytes)
{
  return retort_document_text (&builder->document, n_bytes);
}

const char *
retort_document_builder_id (const RetortDocumentBuilder *builder)
{
  return builder->document.id;
}

guint
retort_document_builder_n_entities (const RetortDocumentBuilder *builder, const char *layer)
{
  const LayerBuilder *found = find_layer (builder, layer);

  return !found ? 0 : found->shared ? found->shared->n_entities : found->entities->len;
}

const RetortEntity *
retort_document_builder_entity (const RetortDocumentBuilder *builder, const char *layer, guint i)
{
  const LayerBuilder *found = find_layer (builder, layer);

  g_assert (i < retort_document_builder_n_entities (builder, layer));
  return found->shared ? &found->shared->entities[i] : &g_array_index (found->entities, RetortEntity, i);
}

/* --- checks --- */

/* Ids, labels and the like. */
static gboolean
check_name (const char *what, const char *name, GError **error)
{
  if (!name || !*name) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the %s is empty", what);
    return FALSE;
  }
  const gsize n_bytes = strlen (name);
  if (n_bytes > RETORT_LIMIT_ID_BYTES) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the %s has %" G_GSIZE_FORMAT " bytes; at most %d are allowed",
                 what, n_bytes, RETORT_LIMIT_ID_BYTES);
    return FALSE;
  }
  if (!g_utf8_validate (name, n_bytes, NULL)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the %s is not valid UTF-8", what);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_text (const char *text, gsize n_bytes, GError **error)
{
  const char *bad = NULL;

  if (n_bytes > RETORT_LIMIT_DOCUMENT_BYTES) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the text has %" G_GSIZE_FORMAT " bytes; at most %d are allowed",
                 n_bytes, RETORT_LIMIT_DOCUMENT_BYTES);
    return FALSE;
  }
  if (g_utf8_validate_len (text, n_bytes, &bad))
    return TRUE;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, *bad ? "the text is not valid UTF-8 at byte %" G_GSIZE_FORMAT
               : "the text holds a NUL at byte %" G_GSIZE_FORMAT, (gsize)(bad - text));
  return FALSE;
}

static gboolean
on_border (const RetortDocument *document, guint32 offset)
{
  return ((guint8)document->text[offset] & 0xC0) != 0x80;
}

static gboolean
check_span (const RetortDocumentBuilder *builder, RetortSpan span, GError **error)
{
  const RetortDocument *document = &builder->document;

  if (span.start >= span.end || span.end > document->n_bytes)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, span.start >= span.end
                 ? "the span %u-%u is empty (the text has %" G_GSIZE_FORMAT " bytes)"
                 : "the span %u-%u is outside the text of %" G_GSIZE_FORMAT " bytes",
                 span.start, span.end, document->n_bytes);
  else if (!on_border (document, span.start) || !on_border (document, span.end))
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the span %u-%u begins or ends inside a character",
                 span.start, span.end);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_score (double score, GError **error)
{
  if (isnan (score) || (score >= 0 && score <= 1))
    return TRUE;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the score %g is not from 0 to 1", score);
  return FALSE;
}

static gboolean
check_room (const char *what, guint n, GError **error)
{
  if (n < RETORT_LIMIT_ANNOTATIONS)
    return TRUE;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "more than %d %s in one document", RETORT_LIMIT_ANNOTATIONS, what);
  return FALSE;
}

/* --- parts --- */

static gboolean
set_spans (RetortDocumentBuilder *builder, const char *what, const RetortSpan *spans, guint n, const RetortSpan **out,
           guint *n_out, GError **error)
{
  for (guint i = 0; i < n; i++) {
    if (!check_span (builder, spans[i], error)) {
      g_prefix_error (error, "%s %u: ", what, i);
      return FALSE;
    }
    if (i > 0 && spans[i].start < spans[i - 1].end) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s %u begins before the end of the one before it",
                   what, i);
      return FALSE;
    }
  }
  *out = retort_chunk_copy (builder->chunk, spans, n * sizeof *spans);
  *n_out = n;
  return TRUE;
}

static int
compare_spans (const void *a, const void *b)
{
  const RetortSpan *x = a, *y = b;

  return (x->start > y->start) - (x->start < y->start);
}

/* Sorted, checked, in the arena. */
static const RetortSpan *
copy_fragments (RetortDocumentBuilder *builder, const RetortEntity *entity, GError **error)
{
  const guint n = entity->n_fragments;

  if (n == 0) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the entity has no span");
    return NULL;
  }
  for (guint i = 0; i < n; i++)
    if (!check_span (builder, entity->fragments[i], error))
      return NULL;
  RetortSpan *fragments = retort_chunk_copy (builder->chunk, entity->fragments, n * sizeof *fragments);
  if (n > 1)
    qsort (fragments, n, sizeof *fragments, compare_spans);
  for (guint i = 1; i < n; i++)
    if (fragments[i].start < fragments[i - 1].end) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "two fragments of the entity overlap");
      return NULL;
    }
  return fragments;
}

/* `id` checked and copied, or the next free one. While all ids are the counted ones no set is needed. */
static const char *
take_id (RetortChunk *chunk, Ids *ids, char letter, const char *id, guint n_before, GError **error)
{
  char counted[16];

  g_snprintf (counted, sizeof counted, "%c%u", letter, n_before + 1);
  if (!ids->taken) {
    if (!id || strcmp (id, counted) == 0)
      return retort_chunk_strdup (chunk, counted);
    ids->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 1; i <= n_before; i++)
      g_hash_table_add (ids->taken, g_strdup_printf ("%c%u", letter, i));
    ids->next = n_before + 1;
  }
  if (id && !check_name ("id", id, error))
    return NULL;
  if (id && g_hash_table_contains (ids->taken, id)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the id '%s' stands twice in one layer", id);
    return NULL;
  }
  while (!id) {
    g_snprintf (counted, sizeof counted, "%c%u", letter, ids->next++);
    if (!g_hash_table_contains (ids->taken, counted))
      id = counted;
  }
  g_hash_table_add (ids->taken, g_strdup (id));
  return retort_chunk_strdup (chunk, id);
}

static LayerBuilder *
open_layer (RetortDocumentBuilder *builder, const char *name, gboolean clear)
{
  static const RetortLayer empty = { .counted_entities = TRUE, .counted_relations = TRUE };

  LayerBuilder *layer = find_layer (builder, name);

  if (!layer) {
    const LayerBuilder new = { .name = retort_chunk_intern (builder->chunk, name), .shared = &empty };
    g_array_append_val (builder->layers, new);
    return &g_array_index (builder->layers, LayerBuilder, builder->layers->len - 1);
  }
  if (clear) {
    clear_layer (layer);
    *layer = (LayerBuilder){ .name = layer->name, .shared = &empty };
  }
  return layer;
}

static LayerBuilder *
find_layer (const RetortDocumentBuilder *builder, const char *name)
{
  for (guint i = 0; i < builder->layers->len; i++)
    if (strcmp (g_array_index (builder->layers, LayerBuilder, i).name, name) == 0)
      return &g_array_index (builder->layers, LayerBuilder, i);
  return NULL;
}

/* Makes the layer ready to be added to. */
static void
own_layer (LayerBuilder *layer)
{
  const RetortLayer *shared = layer->shared;

  if (!shared)
    return;
  layer->shared = NULL;
  layer->entities = g_array_sized_new (FALSE, FALSE, sizeof (RetortEntity), shared->n_entities);
  layer->relations = g_array_sized_new (FALSE, FALSE, sizeof (RetortRelation), shared->n_relations);
  if (shared->n_entities > 0)
    g_array_append_vals (layer->entities, shared->entities, shared->n_entities);
  if (shared->n_relations > 0)
    g_array_append_vals (layer->relations, shared->relations, shared->n_relations);
  if (!shared->counted_entities) {
    layer->entity_ids = (Ids){ g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL), 1 };
    for (guint i = 0; i < shared->n_entities; i++)
      g_hash_table_add (layer->entity_ids.taken, g_strdup (shared->entities[i].id));
  }
  if (!shared->counted_relations) {
    layer->relation_ids = (Ids){ g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL), 1 };
    for (guint i = 0; i < shared->n_relations; i++)
      g_hash_table_add (layer->relation_ids.taken, g_strdup (shared->relations[i].id));
  }
}

static void
clear_layer (void *pointer)
{
  LayerBuilder *layer = pointer;

  g_clear_pointer (&layer->entities, g_array_unref);
  g_clear_pointer (&layer->relations, g_array_unref);
  g_clear_pointer (&layer->entity_ids.taken, g_hash_table_unref);
  g_clear_pointer (&layer->relation_ids.taken, g_hash_table_unref);
}

static const RetortLayer *
seal_layer (RetortChunk *chunk, const LayerBuilder *builder)
{
  if (builder->shared)
    return builder->shared;
  const RetortLayer layer = {
    .entities = retort_chunk_copy (chunk, builder->entities->data, builder->entities->len * sizeof (RetortEntity)),
    .n_entities = builder->entities->len,
    .relations = retort_chunk_copy (chunk, builder->relations->data, builder->relations->len * sizeof (RetortRelation)),
    .n_relations = builder->relations->len,
    .counted_entities = !builder->entity_ids.taken,
    .counted_relations = !builder->relation_ids.taken,
  };
  return retort_chunk_copy (chunk, &layer, sizeof layer);
}

static void
free_builder (RetortDocumentBuilder *builder)
{
  g_array_unref (builder->meta);
  g_array_unref (builder->layers);
  g_free (builder);
}
