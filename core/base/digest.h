/* digest - SHA-256 (FIPS 180-4, by GLib) of bytes, files and trees, as 64 lower-case hex digits. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *retort_digest_bytes (const void *bytes, gsize n_bytes);
char *retort_digest_file (const char *path, GError **error); /* streaming */
/* Of a file: its digest. Of a folder: the digest of the sorted lines `relative/path<TAB>digest`. Links are followed. */
char *retort_digest_path (const char *path, GError **error);

G_END_DECLS
