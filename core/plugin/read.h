/* read - files of any format as documents, without a pipeline: the format found by the file's name, its options given
 * as key=value. */
#pragma once

#include "plugin/registry.h"
#include "text/sink.h"

G_BEGIN_DECLS

/* An instance of a plugin with options from "key=value" strings (values as in YAML; NULL: none). What is wrong with
 * them goes to the context's diagnostics. */
RetortInstance *retort_instance_open_with (const char *id, const char *const *settings, RetortContext *context,
                                           GError **error);

/* The id of the format that a file's name stands for ("format/pubtator"): the longest extension that fits. Where
 * several formats share it, a file of ours is known by its first line; else RETORT_ERROR_USAGE names them. */
char *retort_format_guess (const char *path, GError **error);
/* `format`: "format/conll", "conll", or NULL: by the name. */
RetortInstance *retort_format_open (const char *path, const char *format, const char *const *settings,
                                    RetortContext *context, GError **error);

typedef struct {
  guint n_documents, n_dropped; /* annotations that the map dropped */
} RetortReadCounts;

/* Gives every document of the file to func. Errors of the file end in the context's diagnostics, and fail the read;
 * so does a file without documents. `map` renames labels (or NULL); `counts` may be NULL. */
gboolean retort_format_read (RetortInstance *format, RetortContext *context, const char *path, GHashTable *map,
                             RetortSinkFunc func, gpointer user, RetortReadCounts *counts, GError **error);

G_END_DECLS
