/* document - a text that never changes, and annotations that point into it.
 *
 * In memory every place is a byte offset, ranges are half-open [start,end), on character boundaries. Files speak of
 * code points (or UTF-16 units); `RetortOffsets` converts at the border.
 *
 * A document is built once and sealed; sealed it is immutable, and any thread may read it. Documents live in a chunk:
 * one arena, freed at once when the last reference to the chunk goes. Strings and arrays that a document lends live
 * as long as its chunk. A document derived from another shares its text and keeps its chunk alive. */
#pragma once

#include <retort/error.h>

G_BEGIN_DECLS

/* The two layers that the engine knows. A corpus may have more, under other names. */
#define RETORT_LAYER_GOLD "gold"
#define RETORT_LAYER_PREDICTED "predicted"

typedef struct { guint32 start, end; } RetortSpan; /* bytes */

typedef struct {
  const char *id;               /* unique in its layer: "T1" */
  const char *label;
  const RetortSpan *fragments;  /* [n_fragments] sorted, not empty, not overlapping; nearly always one */
  guint n_fragments;
  const char *const *concepts;  /* [n_concepts] ids in a terminology: "MESH:D003110" */
  guint n_concepts;
  double score;                 /* 0..1, or NAN: nobody said */
  const char *source;           /* what made it, if not the layer's usual maker: "filter/repeats"; or NULL */
} RetortEntity;

typedef struct {
  const char *id;               /* unique in its layer: "R1" */
  const char *label;
  guint head, tail;             /* indices of entities of the same layer */
  double score;                 /* 0..1, or NAN */
  const char *source;           /* or NULL */
} RetortRelation;

typedef struct _RetortChunk RetortChunk;
typedef struct _RetortDocument RetortDocument;
typedef struct _RetortLayer RetortLayer;
typedef struct _RetortDocumentBuilder RetortDocumentBuilder;

/* --- reading --- */

const char *retort_document_id (const RetortDocument *document);
const char *retort_document_text (const RetortDocument *document, gsize *n_bytes); /* NUL-terminated; n_bytes may be NULL */
double retort_document_weight (const RetortDocument *document);                    /* in training; 1 unless set */
const char *retort_document_meta (const RetortDocument *document, const char *key); /* or NULL */
guint retort_document_n_meta (const RetortDocument *document);
const char *retort_document_meta_at (const RetortDocument *document, guint i, const char **key); /* in order of setting */
/* NULL and 0 if the document was never cut. */
const RetortSpan *retort_document_sentences (const RetortDocument *document, guint *n);
const RetortSpan *retort_document_tokens (const RetortDocument *document, guint *n);
/* NULL if there is no such layer: "never annotated" differs from "annotated, nothing found". */
const RetortLayer *retort_document_layer (const RetortDocument *document, const char *name);
guint retort_document_n_layers (const RetortDocument *document);
const RetortLayer *retort_document_layer_at (const RetortDocument *document, guint i, const char **name);

guint retort_layer_n_entities (const RetortLayer *layer);   /* NULL: 0 */
guint retort_layer_n_relations (const RetortLayer *layer);  /* NULL: 0 */
const RetortEntity *retort_layer_entity (const RetortLayer *layer, guint i);
const RetortRelation *retort_layer_relation (const RetortLayer *layer, guint i);

/* The entity's surface: its fragments' text joined by one space. Full ownership. */
char *retort_entity_surface (const RetortDocument *document, const RetortEntity *entity);

/* --- building --- */

RetortChunk *retort_chunk_new (void);
RetortChunk *retort_chunk_ref (RetortChunk *chunk);   /* thread-safe */
void retort_chunk_unref (RetortChunk *chunk);         /* thread-safe; NULL is fine */
guint retort_chunk_n_documents (const RetortChunk *chunk);
const RetortDocument *retort_chunk_document (const RetortChunk *chunk, guint i);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortChunk, retort_chunk_unref)

/* A chunk is built by one thread at a time, one document after the other. `text` is copied; RETORT_ERROR_DATA if it
 * is no valid UTF-8, holds NUL, or is over the limit. `n_bytes` -1: NUL-terminated. The builder is freed by seal or
 * discard. */
RetortDocumentBuilder *retort_document_builder_new (RetortChunk *chunk, const char *id, const char *text,
                                                    gssize n_bytes, GError **error);
/* Begins with all that `document` has; its text and annotations are shared, not copied. */
RetortDocumentBuilder *retort_document_builder_new_from (RetortChunk *chunk, const RetortDocument *document);
const RetortDocument *retort_document_builder_seal (RetortDocumentBuilder *builder);
void retort_document_builder_discard (RetortDocumentBuilder *builder);

void retort_document_builder_set_id (RetortDocumentBuilder *builder, const char *id);
void retort_document_builder_set_meta (RetortDocumentBuilder *builder, const char *key, const char *value); /* NULL removes */
void retort_document_builder_set_weight (RetortDocumentBuilder *builder, double weight);
/* Spans must be sorted, not empty, inside the text, on character boundaries and apart; else RETORT_ERROR_DATA. */
gboolean retort_document_builder_set_sentences (RetortDocumentBuilder *builder, const RetortSpan *spans, guint n,
                                                GError **error);
gboolean retort_document_builder_set_tokens (RetortDocumentBuilder *builder, const RetortSpan *spans, guint n,
                                             GError **error);
/* As if tokens had never been cut. */
void retort_document_builder_drop_tokens (RetortDocumentBuilder *builder);
/* Makes the layer exist, empty if it is new; `clear` empties an old one. */
void retort_document_builder_add_layer (RetortDocumentBuilder *builder, const char *layer, gboolean clear);
/* Adds to `layer` (made if new). All strings are copied; `entity->id` NULL: the next free T number. Fragments may come
 * unsorted. Gives the index in the layer, or -1 with RETORT_ERROR_DATA (outside the text, inside a character,
 * overlapping fragments, repeated id, score outside 0..1). */
gint retort_document_builder_add_entity (RetortDocumentBuilder *builder, const char *layer, const RetortEntity *entity,
                                         GError **error);
gint retort_document_builder_add_relation (RetortDocumentBuilder *builder, const char *layer,
                                           const RetortRelation *relation, GError **error);
/* The usual entity: one fragment, no id, no concepts. */
gint retort_document_builder_add_span (RetortDocumentBuilder *builder, const char *layer, const char *label,
                                       RetortSpan span, double score, GError **error);

/* --- offsets at the border --- */

typedef enum { RETORT_UNIT_BYTES, RETORT_UNIT_CODEPOINTS, RETORT_UNIT_UTF16 } RetortUnit;

/* Converts between bytes and a unit; O(1) for pure ASCII, else O(log) after one pass. */
typedef struct _RetortOffsets RetortOffsets;

RetortOffsets *retort_offsets_new (const char *text, gsize n_bytes, RetortUnit unit);
void retort_offsets_free (RetortOffsets *offsets);
/* FALSE if beyond the text or (UTF-16) between the halves of a pair. */
gboolean retort_offsets_to_byte (const RetortOffsets *offsets, guint64 offset, guint32 *byte);
guint32 retort_offsets_from_byte (const RetortOffsets *offsets, guint32 byte); /* on a character boundary */
guint32 retort_offsets_length (const RetortOffsets *offsets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortOffsets, retort_offsets_free)

G_END_DECLS
