/* util - a few things that GLib lacks: durable files, folders, units for people. */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <math.h>
#include <retort/error.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean fail (GError **error, const char *doing, const char *path);
static gboolean write_all (int fd, const char *bytes, gsize n_bytes);
static int remove_entry (const char *path, const struct stat *info, int kind, struct FTW *place);

gboolean
retort_file_read (const char *path, gsize max_bytes, char **bytes, gsize *n_bytes, GError **error)
{
  const int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return fail (error, "cannot open", path);

  /* Not sized by fstat: a pipe has no size, and a file may grow while it is read. */
  gsize room = 1 << 16, n = 0;
  char *text = g_malloc (room + 1);
  gssize got;
  while ((got = read (fd, text + n, room - n)) > 0 || (got < 0 && errno == EINTR)) {
    n += got > 0 ? (gsize)got : 0;
    if (n > max_bytes)
      break;
    if (n == room)
      text = g_realloc (text, (room *= 2) + 1);
  }
  const int read_errno = errno;
  close (fd);
  if (got >= 0 && n <= max_bytes) {
    text[n] = 0;
    *bytes = text;
    *n_bytes = n;
    return TRUE;
  }
  g_free (text);
  if (got > 0) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_LIMIT, "%s: longer than %" G_GSIZE_FORMAT " bytes", path, max_bytes);
    return FALSE;
  }
  errno = read_errno;
  return fail (error, "cannot read", path);
}

gboolean
retort_file_write (const char *path, const char *bytes, gssize n_bytes, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *temporary = g_strdup_printf ("%s/.%s.XXXXXX", folder, base);
  const gsize length = n_bytes < 0 ? strlen (bytes) : (gsize)n_bytes;
  const int fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0666);

  if (fd < 0)
    return fail (error, "cannot write beside", path);
  if (!write_all (fd, bytes, length) || fsync (fd) != 0) {
    fail (error, "cannot write", path);
    close (fd);
    g_unlink (temporary);
    return FALSE;
  }
  if (close (fd) != 0 || g_rename (temporary, path) != 0) {
    fail (error, "cannot write", path);
    g_unlink (temporary);
    return FALSE;
  }
  return retort_file_sync (folder, error);
}

gboolean
retort_file_sync (const char *path, GError **error)
{
  const int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return fail (error, "cannot open", path);
  if (fsync (fd) != 0) {
    fail (error, "cannot make durable", path);
    close (fd);
    return FALSE;
  }
  close (fd);
  return TRUE;
}

gboolean
retort_folder_remove (const char *path, GError **error)
{
  if (nftw (path, remove_entry, 16, FTW_PHYS | FTW_DEPTH) == 0 || errno == ENOENT)
    return TRUE;
  return fail (error, "cannot remove", path);
}

char *
retort_format_bytes (guint64 bytes)
{
  static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
  double value = (double)bytes;
  guint unit = 0;

  for (; value >= (unit == 0 ? 1000 : 999.95) && unit + 1 < G_N_ELEMENTS (units); unit++)
    value /= 1000;
  return g_strdup_printf (unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

char *
retort_format_seconds (double seconds)
{
  if (!isfinite (seconds) || seconds < 0 || seconds > 1e12)
    return g_strdup ("?");
  if (seconds < 0.9995)
    return g_strdup_printf ("%.0f ms", seconds * 1000);
  if (seconds < 9.95)
    return g_strdup_printf ("%.1f s", seconds);

  const gint64 s = llround (seconds);
  if (s < 60)
    return g_strdup_printf ("%d s", (int)s);
  if (s < 3600)
    return g_strdup_printf ("%d m %d s", (int)(s / 60), (int)(s % 60));
  if (s < 24 * 3600)
    return g_strdup_printf ("%d h %d m", (int)(s / 3600), (int)(s / 60 % 60));
  return g_strdup_printf ("%" G_GINT64_FORMAT " d %d h", s / (24 * 3600), (int)(s / 3600 % 24));
}

char *
retort_format_count (gint64 count)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, count < 0 ? -(guint64)count : (guint64)count);
  GString *out = g_string_new (count < 0 ? "-" : "");
  const gsize n = strlen (digits);

  for (gsize i = 0; i < n; i++) {
    if (i > 0 && (n - i) % 3 == 0)
      g_string_append_c (out, ',');
    g_string_append_c (out, digits[i]);
  }
  return g_string_free (out, FALSE);
}

gboolean
retort_parse_duration (const char *text, double *seconds)
{
  static const struct {
    const char *name;
    double seconds;
  } units[] = { { "", 1 }, { "ms", 1e-3 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 24 * 3600 } };
  const gsize n = strspn (text, "0123456789.");

  /* strtod alone would also take "1e5", "0x10", "inf" and leading space. */
  if (n == 0 || n > 32 || !g_ascii_isdigit (text[0]) || !g_ascii_isdigit (text[n - 1]))
    return FALSE;
  g_autofree char *number = g_strndup (text, n);
  char *rest;
  const double value = g_ascii_strtod (number, &rest);
  if (*rest)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (text + n, units[i].name) == 0) {
      *seconds = value * units[i].seconds;
      return TRUE;
    }
  return FALSE;
}

char *
retort_path_beside (const char *file, const char *relative)
{
  g_autofree char *absolute = g_canonicalize_filename (file, NULL);
  g_autofree char *folder = g_path_get_dirname (absolute);

  return g_canonicalize_filename (relative, folder);
}

/* Sets a GError from errno; always FALSE. */
static gboolean
fail (GError **error, const char *doing, const char *path)
{
  const int number = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "%s '%s': %s", doing, path, g_strerror (number));
  return FALSE;
}

static gboolean
write_all (int fd, const char *bytes, gsize n_bytes)
{
  while (n_bytes > 0) {
    const gssize n = write (fd, bytes, n_bytes);
    if (n < 0 && errno != EINTR)
      return FALSE;
    bytes += MAX (n, 0);
    n_bytes -= (gsize)MAX (n, 0);
  }
  return TRUE;
}

static int
remove_entry (const char *path, const struct stat *info, int kind, struct FTW *place)
{
  (void)info, (void)kind, (void)place;
  return remove (path) == 0 || errno == ENOENT ? 0 : -1; /* another process may clean up too */
}
