/* bytes - where a model writes itself: collected into large writes, digested on the way. */
#include "plugin/bytes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define HELD_BYTES (64 * 1024)

struct _RetortBytes {
  int fd;
  GChecksum *digest;
  guint64 n_bytes; /* given so far, written or held */
  gsize n_held;
  GError *failure; /* the first */
  guint8 held[HELD_BYTES];
};

static gboolean flush (RetortBytes *bytes, const guint8 *data, gsize n_bytes);
static gboolean report (const RetortBytes *bytes, GError **error);

RetortBytes *
retort_bytes_new_fd (int fd)
{
  RetortBytes *bytes = g_new0 (RetortBytes, 1);

  bytes->fd = fd;
  bytes->digest = g_checksum_new (G_CHECKSUM_SHA256);
  return bytes;
}

gboolean
retort_bytes_write (RetortBytes *bytes, const void *data, gsize n_bytes, GError **error)
{
  const guint8 *from = data;

  if (bytes->failure != NULL)
    return report (bytes, error);
  bytes->n_bytes += n_bytes;
  for (gsize at = 0; at < n_bytes; at += G_MAXINT)
    g_checksum_update (bytes->digest, from + at, (gssize) MIN (n_bytes - at, G_MAXINT));

  if (bytes->n_held + n_bytes > HELD_BYTES) {
    if (!flush (bytes, bytes->held, bytes->n_held))
      return report (bytes, error);
    bytes->n_held = 0;
  }
  if (n_bytes > HELD_BYTES)
    return flush (bytes, from, n_bytes) || report (bytes, error);
  if (n_bytes > 0)
    memcpy (bytes->held + bytes->n_held, from, n_bytes);
  bytes->n_held += n_bytes;
  return TRUE;
}

char *
retort_bytes_finish (RetortBytes *bytes, guint64 *n_bytes, GError **error)
{
  if (bytes->failure == NULL && flush (bytes, bytes->held, bytes->n_held))
    bytes->n_held = 0;
  if (bytes->failure != NULL) {
    report (bytes, error);
    return NULL;
  }
  *n_bytes = bytes->n_bytes;
  return g_strdup (g_checksum_get_string (bytes->digest));
}

void
retort_bytes_free (RetortBytes *bytes)
{
  if (bytes == NULL)
    return;
  g_checksum_free (bytes->digest);
  g_clear_error (&bytes->failure);
  g_free (bytes);
}

static gboolean
flush (RetortBytes *bytes, const guint8 *data, gsize n_bytes)
{
  while (n_bytes > 0) {
    const gssize n = write (bytes->fd, data, n_bytes);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      g_set_error (&bytes->failure, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot write the model: %s",
                   g_strerror (errno));
      return FALSE;
    }
    data += n;
    n_bytes -= (gsize) n;
  }
  return TRUE;
}

static gboolean
report (const RetortBytes *bytes, GError **error)
{
  g_propagate_error (error, g_error_copy (bytes->failure));
  return FALSE;
}
