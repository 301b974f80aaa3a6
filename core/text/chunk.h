/* chunk - the inside of chunks and documents: the arena, and what a sealed document is. Shared by chunk.c, document.c. */
#pragma once

#include <retort/document.h>

G_BEGIN_DECLS

struct _RetortLayer {
  const RetortEntity *entities;     /* [n_entities] */
  guint n_entities;
  const RetortRelation *relations;  /* [n_relations] */
  guint n_relations;
  gboolean counted_entities;        /* ids are exactly T1, T2, ...: no need to look for repeated ones */
  gboolean counted_relations;       /* the same for R1, R2, ... */
};

typedef struct { const char *key, *value; } RetortMeta;
typedef struct { const char *name; const RetortLayer *layer; } RetortNamedLayer;

struct _RetortDocument {
  RetortChunk *chunk;               /* not a reference: the document is a part of it */
  const char *id, *text;
  gsize n_bytes;
  double weight;
  const RetortMeta *meta;           /* [n_meta] */
  guint n_meta;
  const RetortSpan *sentences;      /* [n_sentences]; NULL: never cut */
  guint n_sentences;
  const RetortSpan *tokens;         /* [n_tokens]; NULL: never cut */
  guint n_tokens;
  const RetortNamedLayer *layers;   /* [n_layers] */
  guint n_layers;
};

/* Memory that lives as long as the chunk, aligned for any type. `n_bytes` 0 gives a pointer that is not NULL. */
void *retort_chunk_alloc (RetortChunk *chunk, gsize n_bytes);
void *retort_chunk_copy (RetortChunk *chunk, const void *bytes, gsize n_bytes);
char *retort_chunk_strdup (RetortChunk *chunk, const char *string);
/* The chunk's one copy of a string that comes often (labels, keys); NULL gives NULL. */
const char *retort_chunk_intern (RetortChunk *chunk, const char *string);
/* Keeps `other` alive as long as `chunk`. */
void retort_chunk_keep (RetortChunk *chunk, RetortChunk *other);
void retort_chunk_add (RetortChunk *chunk, RetortDocument *document);
/* What a builder holds so far; lent until it is changed. */
const char *retort_document_builder_text (const RetortDocumentBuilder *builder, gsize *n_bytes);
const char *retort_document_builder_id (const RetortDocumentBuilder *builder);
guint retort_document_builder_n_entities (const RetortDocumentBuilder *builder, const char *layer);
const RetortEntity *retort_document_builder_entity (const RetortDocumentBuilder *builder, const char *layer, guint i);

G_END_DECLS
