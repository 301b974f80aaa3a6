/* util - a few things that GLib lacks: durable files, folders, units for people. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* At most `max_bytes`, else RETORT_ERROR_LIMIT; `*bytes` is NUL-terminated beyond `*n_bytes`. */
gboolean retort_file_read (const char *path, gsize max_bytes, char **bytes, gsize *n_bytes, GError **error);
/* Writes, fsyncs, renames, fsyncs the folder: afterwards `path` is whole, or as it was. */
gboolean retort_file_write (const char *path, const char *bytes, gssize n_bytes, GError **error);
gboolean retort_file_sync (const char *path, GError **error);   /* fsync of a file or folder */
gboolean retort_folder_remove (const char *path, GError **error); /* recursive; does not follow links; absent is fine */
/* "1.2 kB", "3.4 MB"; "1 m 20 s", "850 ms"; "12,345". */
char *retort_format_bytes (guint64 bytes);
char *retort_format_seconds (double seconds);
char *retort_format_count (gint64 count);
/* "90", "90s", "1.5h", "10m", "250ms", "2d" -> seconds. */
gboolean retort_parse_duration (const char *text, double *seconds);
/* The path of `relative` as seen from the folder of `file`; absolute and normalised (no `..`). */
char *retort_path_beside (const char *file, const char *relative);

G_END_DECLS
