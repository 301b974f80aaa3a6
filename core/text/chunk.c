/* chunk - documents that live and die together, in one arena.
 *
 * The arena is a list of blocks that double in size up to 1 MiB; what is larger than a block gets one of its own.
 * A document may point into the chunk of the document that it was derived from; its own chunk then holds a
 * reference to that one. Chunks are derived from finished ones, so these references form no circle. */
#include "text/chunk.h"

#include <string.h>

enum { FIRST_BLOCK = 4 << 10, LAST_BLOCK = 1 << 20, ALIGNMENT = 16 };

struct _RetortChunk {
  gatomicrefcount refs;
  GPtrArray *blocks;    /* owned */
  guint8 *free, *end;   /* what is left of the newest ordinary block */
  gsize block_bytes;    /* of the next one */
  GHashTable *strings;  /* interned; keys lie in the arena */
  GPtrArray *documents; /* RetortDocument, in the arena */
  GPtrArray *kept;      /* RetortChunk, referenced */
};

RetortChunk *
retort_chunk_new (void)
{
  RetortChunk *chunk = g_new0 (RetortChunk, 1);

  g_atomic_ref_count_init (&chunk->refs);
  chunk->blocks = g_ptr_array_new_with_free_func (g_free);
  chunk->block_bytes = FIRST_BLOCK;
  chunk->strings = g_hash_table_new (g_str_hash, g_str_equal);
  chunk->documents = g_ptr_array_new ();
  chunk->kept = g_ptr_array_new_with_free_func ((GDestroyNotify)retort_chunk_unref);
  return chunk;
}

RetortChunk *
retort_chunk_ref (RetortChunk *chunk)
{
  g_atomic_ref_count_inc (&chunk->refs);
  return chunk;
}

void
retort_chunk_unref (RetortChunk *chunk)
{
  if (!chunk || !g_atomic_ref_count_dec (&chunk->refs))
    return;
  g_hash_table_unref (chunk->strings);
  g_ptr_array_unref (chunk->documents);
  g_ptr_array_unref (chunk->blocks);
  g_ptr_array_unref (chunk->kept);
  g_free (chunk);
}

guint
retort_chunk_n_documents (const RetortChunk *chunk)
{
  return chunk->documents->len;
}

const RetortDocument *
retort_chunk_document (const RetortChunk *chunk, guint i)
{
  g_assert (i < chunk->documents->len);
  return chunk->documents->pdata[i];
}

void *
retort_chunk_alloc (RetortChunk *chunk, gsize n_bytes)
{
  n_bytes = (MAX (n_bytes, 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (n_bytes > (gsize)(chunk->end - chunk->free)) {
    if (n_bytes > chunk->block_bytes / 4) {
      guint8 *own = g_malloc (n_bytes);
      g_ptr_array_add (chunk->blocks, own);
      return own;
    }
    chunk->free = g_malloc (chunk->block_bytes);
    chunk->end = chunk->free + chunk->block_bytes;
    g_ptr_array_add (chunk->blocks, chunk->free);
    chunk->block_bytes = MIN (2 * chunk->block_bytes, LAST_BLOCK);
  }
  guint8 *result = chunk->free;
  chunk->free += n_bytes;
  return result;
}

void *
retort_chunk_copy (RetortChunk *chunk, const void *bytes, gsize n_bytes)
{
  void *copy = retort_chunk_alloc (chunk, n_bytes);

  if (n_bytes > 0)
    memcpy (copy, bytes, n_bytes);
  return copy;
}

char *
retort_chunk_strdup (RetortChunk *chunk, const char *string)
{
  return retort_chunk_copy (chunk, string, strlen (string) + 1);
}

const char *
retort_chunk_intern (RetortChunk *chunk, const char *string)
{
  if (!string)
    return NULL;
  const char *known = g_hash_table_lookup (chunk->strings, string);
  if (!known) {
    known = retort_chunk_strdup (chunk, string);
    g_hash_table_add (chunk->strings, (char *)known);
  }
  return known;
}

void
retort_chunk_keep (RetortChunk *chunk, RetortChunk *other)
{
  /* Documents come from few chunks, and mostly from the one that the last came from. */
  for (guint i = chunk->kept->len; i > 0; i--)
    if (chunk->kept->pdata[i - 1] == other)
      return;
  if (other != chunk)
    g_ptr_array_add (chunk->kept, retort_chunk_ref (other));
}

void
retort_chunk_add (RetortChunk *chunk, RetortDocument *document)
{
  g_ptr_array_add (chunk->documents, document);
}
