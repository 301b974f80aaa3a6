/* bytes - the engine's side of RetortBytes: a file descriptor that is written to and digested at once. */
#pragma once

#include <retort/plugin.h>

G_BEGIN_DECLS

/* Writes where the descriptor stands; it stays the caller's. */
RetortBytes *retort_bytes_new_fd (int fd);
/* Writes what is still held back; gives the SHA-256 in hex, and the number of bytes. Full ownership. An error of an
 * earlier write comes again, so a plugin that overlooks one does not leave half a file behind. */
char *retort_bytes_finish (RetortBytes *bytes, guint64 *n_bytes, GError **error);
void retort_bytes_free (RetortBytes *bytes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortBytes, retort_bytes_free)

G_END_DECLS
