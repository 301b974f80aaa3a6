/* digest - SHA-256 of bytes, files and trees. */
#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <retort/error.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Folder Folder;
struct Folder {
  const Folder *parent; /* or NULL */
  dev_t device;
  ino_t inode;
};

static void *fail (GError **error, const char *path);
static gboolean digest_tree (const char *path, const char *relative, const Folder *parent, GPtrArray *lines,
                             GError **error);
static gboolean digest_entries (const char *path, const char *relative, const Folder *folder, GPtrArray *lines,
                                GError **error);
static int compare_lines (gconstpointer a, gconstpointer b);

char *
retort_digest_bytes (const void *bytes, gsize n_bytes)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  /* g_checksum_update takes a signed length and reads -1 as "to the NUL". */
  for (const guint8 *at = bytes; n_bytes > 0;) {
    const gsize part = MIN (n_bytes, (gsize)G_MAXINT);
    g_checksum_update (checksum, at, (gssize)part);
    at += part;
    n_bytes -= part;
  }
  return g_strdup (g_checksum_get_string (checksum));
}

char *
retort_digest_file (const char *path, GError **error)
{
  const int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return fail (error, path);

  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *piece = g_malloc (1 << 16);
  gssize n;
  while ((n = read (fd, piece, 1 << 16)) > 0 || (n < 0 && errno == EINTR))
    if (n > 0)
      g_checksum_update (checksum, piece, n);
  if (n < 0) {
    fail (error, path);
    close (fd);
    return NULL;
  }
  close (fd);
  return g_strdup (g_checksum_get_string (checksum));
}

char *
retort_digest_path (const char *path, GError **error)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return fail (error, path);
  if (S_ISREG (info.st_mode))
    return retort_digest_file (path, error);

  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  if (!digest_tree (path, "", NULL, lines, error))
    return NULL;
  g_ptr_array_sort (lines, compare_lines);
  g_autoptr(GString) listing = g_string_new (NULL);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (listing, "%s\n", (const char *)lines->pdata[i]);
  return retort_digest_bytes (listing->str, listing->len);
}

static void *
fail (GError **error, const char *path)
{
  const int number = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "cannot read '%s': %s", path, g_strerror (number));
  return NULL;
}

/* Appends `relative/path<TAB>digest` of each file under `path`. */
static gboolean
digest_tree (const char *path, const char *relative, const Folder *parent, GPtrArray *lines, GError **error)
{
  struct stat info;

  if (stat (path, &info) != 0) {
    fail (error, path);
    return FALSE;
  }
  if (S_ISREG (info.st_mode)) {
    g_autofree char *digest = retort_digest_file (path, error);
    if (digest)
      g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", relative, digest));
    return digest != NULL;
  }
  if (!S_ISDIR (info.st_mode)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "'%s' is neither a file nor a folder", path);
    return FALSE;
  }
  for (const Folder *above = parent; above; above = above->parent)
    if (above->device == info.st_dev && above->inode == info.st_ino) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "'%s' links to a folder that holds it", path);
      return FALSE;
    }
  return digest_entries (path, relative, &(Folder){ parent, info.st_dev, info.st_ino }, lines, error);
}

static gboolean
digest_entries (const char *path, const char *relative, const Folder *folder, GPtrArray *lines, GError **error)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, error);
  const char *name;

  if (!dir)
    return FALSE;
  while ((name = g_dir_read_name (dir))) {
    if (strpbrk (name, "\t\n")) { /* or two different trees could have one listing */
      g_autofree char *escaped = g_strescape (name, NULL);
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "a name in '%s' holds a tab or line break: %s", path, escaped);
      return FALSE;
    }
    g_autofree char *child = g_build_filename (path, name, NULL);
    g_autofree char *child_relative = *relative ? g_strconcat (relative, "/", name, NULL) : g_strdup (name);
    if (!digest_tree (child, child_relative, folder, lines, error))
      return FALSE;
  }
  return TRUE;
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}
