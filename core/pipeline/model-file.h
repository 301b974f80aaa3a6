/* model-file - a trained model as one file: who made it and how, then the plugin's own bytes.
 *
 *   bytes 0..15    "retort model 1\n\0"; the 1 is the version of this layout
 *   16..23         0x0123456789abcdef as the machine writes it: a file from a machine of other endianness is refused
 *   24..31         bytes of the header
 *   32..39         where the payload begins: a multiple of 64
 *   40..47         bytes of the payload
 *   48..111        SHA-256 of the header, as hex digits
 *   112..          the header, JSON: {"plugin","behaviour","version","options","tokenizer":{...},"task":{...},
 *                  "label","trained":{...},"payload":"sha-256"}, then zeroes, then the payload
 *
 * The payload is mapped, not read; it is checked against its digest when the file is opened. */
#pragma once

#include "pipeline/plan.h"
#include "plugin/registry.h"

G_BEGIN_DECLS

typedef struct {
  JsonNode *header;
  GMappedFile *mapping;
  const guint8 *payload;
  gsize payload_bytes;
} RetortModelFile;

/* Writes the header with the digest added, and what `save` of the instance writes. */
gboolean retort_model_file_write (const char *path, JsonObject *header, RetortInstance *model, GError **error);
RetortModelFile *retort_model_file_open (const char *path, GError **error);
void retort_model_file_free (RetortModelFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortModelFile, retort_model_file_free)

/* A model ready to predict: the plugin named in the header, its options, its tokenizer. */
typedef struct {
  RetortModelFile *file;
  RetortTask *task;
  RetortInstance *model;
  RetortInstance *tokenizer;
  RetortLabel label;
} RetortModel;

RetortModel *retort_model_open (const char *path, RetortContext *context, GError **error);
void retort_model_free (RetortModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortModel, retort_model_free)

G_END_DECLS
