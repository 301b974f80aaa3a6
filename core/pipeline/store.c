/* store - content-addressed folders; see store.h.
 *
 * The order of a commit: files, fsync of each, result.json, fsync of the folder, rename, fsync of the parent. A
 * machine that dies in between leaves either a work folder, which is swept, or a whole cell. */
#include "pipeline/store.h"

#include "base/digest.h"
#include "base/util.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <retort/json.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESULT "result.json"
#define TIMING "timing.json"
#define MAX_RESULT_BYTES (64 << 20)

struct _RetortStore {
  char *root;
};

static void remove_work (const char *folder);
static gboolean make_folder (const char *path, GError **error);
static GPtrArray *list_outputs (const char *folder, GError **error);
static JsonObject *digest_outputs (const char *folder, gboolean sync, char **digest, GError **error);
static JsonNode *describe_outputs (const char *folder, JsonObject *about, GError **error);
static RetortStored *describe_stored (const RetortStore *store, const char *key);
static void free_stored (gpointer data);
static gint compare_stored (gconstpointer a, gconstpointer b);
static gboolean same_result (RetortStore *store, const char *key, JsonNode *result, GError **error);

RetortStore *
retort_store_open (const char *root, GError **error)
{
  static const char *const folders[] = { "cells", "work", "checkpoints" };
  g_autoptr (RetortStore) store = g_new0 (RetortStore, 1);

  store->root = g_canonicalize_filename (root, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *path = g_build_filename (store->root, folders[i], NULL);
    if (!make_folder (path, error))
      return NULL;
  }
  return g_steal_pointer (&store);
}

void
retort_store_free (RetortStore *store)
{
  if (store == NULL)
    return;
  g_free (store->root);
  g_free (store);
}

const char *
retort_store_root (const RetortStore *store)
{
  return store->root;
}

char *
retort_store_cell_path (const RetortStore *store, const char *key)
{
  const char shard[] = { key[0], key[1], '\0' };
  return g_build_filename (store->root, "cells", shard, key, NULL);
}

gboolean
retort_store_has (const RetortStore *store, const char *key)
{
  g_autofree char *cell = retort_store_cell_path (store, key);
  g_autofree char *result = g_build_filename (cell, RESULT, NULL);
  return g_file_test (result, G_FILE_TEST_IS_REGULAR);
}

JsonNode *
retort_store_result (const RetortStore *store, const char *key, GError **error)
{
  g_autofree char *cell = retort_store_cell_path (store, key);
  g_autofree char *path = g_build_filename (cell, RESULT, NULL);
  g_autoptr (JsonNode) node = retort_json_load (path, MAX_RESULT_BYTES, error);

  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (node) ||
      json_object_get_string_member_with_default (json_node_get_object (node), "digest", NULL) == NULL) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_FAILED, "%s is damaged; remove the folder and run again", path);
    return NULL;
  }
  return g_steal_pointer (&node);
}

char *
retort_store_digest (const RetortStore *store, const char *key, GError **error)
{
  g_autoptr (JsonNode) result = retort_store_result (store, key, error);
  if (result == NULL)
    return NULL;
  return g_strdup (json_object_get_string_member (json_node_get_object (result), "digest"));
}

char *
retort_store_work_new (RetortStore *store, const char *key, int *lock_fd, GError **error)
{
  for (;;) {
    g_autofree char *name = g_strdup_printf ("%s.XXXXXX", key);
    g_autofree char *folder = g_build_filename (store->root, "work", name, NULL);
    if (g_mkdtemp (folder) == NULL) {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot make a folder in %s/work: %s",
                   store->root, g_strerror (errno));
      return NULL;
    }
    g_autofree char *lock = g_build_filename (folder, "lock", NULL);
    struct stat file;
    int fd = open (lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 && errno == ENOENT)
      continue; /* swept before it had a lock */
    if (fd < 0 || flock (fd, LOCK_EX) != 0 || fstat (fd, &file) != 0) {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot lock %s: %s", lock,
                   g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
    if (file.st_nlink > 0) {
      *lock_fd = fd;
      return g_steal_pointer (&folder);
    }
    close (fd); /* swept before the lock was held */
  }
}

void
retort_store_work_end (const char *folder, int lock_fd)
{
  remove_work (folder);
  if (lock_fd >= 0)
    close (lock_fd);
}

void
retort_store_sweep (RetortStore *store)
{
  g_autofree char *work = g_build_filename (store->root, "work", NULL);
  g_autoptr (GDir) dir = g_dir_open (work, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *folder = g_build_filename (work, name, NULL);
    g_autofree char *lock = g_build_filename (folder, "lock", NULL);
    int fd = open (lock, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
      g_rmdir (folder); /* not yet begun, or all but gone: empty in either case */
      continue;
    }
    if (flock (fd, LOCK_EX | LOCK_NB) == 0)
      remove_work (folder);
    close (fd);
  }
}

gboolean
retort_store_commit (RetortStore *store, const char *key, const char *folder, JsonObject *about, GError **error)
{
  g_autoptr (JsonNode) result = describe_outputs (folder, about, error);
  if (result == NULL)
    return FALSE;

  g_autofree char *text = retort_json_pretty (result);
  g_autofree char *result_path = g_build_filename (folder, RESULT, NULL);
  if (!retort_file_write (result_path, text, -1, error))
    return FALSE;

  g_autofree char *cell = retort_store_cell_path (store, key);
  g_autofree char *shard = g_path_get_dirname (cell);
  if (!make_folder (shard, error))
    return FALSE;
  int moved = rename (folder, cell);
  if (moved != 0 && (errno == ENOTEMPTY || errno == EEXIST)) {
    if (retort_store_has (store, key))
      return same_result (store, key, result, error);
    if (!retort_store_remove (store, key, error)) /* a folder without result.json is no cell, whoever made it so */
      return FALSE;
    moved = rename (folder, cell);
  }
  if (moved != 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot move %s to %s: %s", folder, cell,
                 g_strerror (errno));
    return FALSE;
  }
  return retort_file_sync (shard, error);
}

GPtrArray *
retort_store_list (RetortStore *store)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (free_stored);
  g_autofree char *cells = g_build_filename (store->root, "cells", NULL);
  g_autoptr (GDir) shards = g_dir_open (cells, 0, NULL);
  const char *shard_name, *key;

  while (shards != NULL && (shard_name = g_dir_read_name (shards)) != NULL) {
    g_autofree char *shard = g_build_filename (cells, shard_name, NULL);
    g_autoptr (GDir) dir = g_dir_open (shard, 0, NULL);
    while (dir != NULL && (key = g_dir_read_name (dir)) != NULL)
      g_ptr_array_add (list, describe_stored (store, key));
  }
  g_ptr_array_sort (list, compare_stored);
  return list;
}

gboolean
retort_store_remove (RetortStore *store, const char *key, GError **error)
{
  g_autofree char *cell = retort_store_cell_path (store, key);
  g_autofree char *checkpoint = g_build_filename (store->root, "checkpoints", key, NULL);
  int lock_fd;
  g_autofree char *work = retort_store_work_new (store, key, &lock_fd, error);
  if (work == NULL)
    return FALSE;

  /* Out of the way at once: a cell that is half removed would neither be there nor leave its place to a new one. */
  g_autofree char *out = g_build_filename (work, "out", NULL);
  gboolean done = rename (cell, out) == 0;
  if (!done)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot remove %s: %s", cell,
                 g_strerror (errno));
  retort_store_work_end (work, lock_fd);
  return done && retort_folder_remove (checkpoint, error);
}

gboolean
retort_store_verify (RetortStore *store, const char *key, GError **error)
{
  g_autoptr (JsonNode) result = retort_store_result (store, key, error);
  g_autofree char *cell = retort_store_cell_path (store, key);
  g_autofree char *digest = NULL;
  g_autoptr (JsonObject) outputs = result != NULL ? digest_outputs (cell, FALSE, &digest, error) : NULL;
  if (outputs == NULL)
    return FALSE;

  if (g_str_equal (digest, json_object_get_string_member (json_node_get_object (result), "digest")))
    return TRUE;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_FAILED, "%s is not what was written", cell);
  return FALSE;
}

void
retort_store_touch (RetortStore *store, const char *key)
{
  g_autofree char *cell = retort_store_cell_path (store, key);
  g_autofree char *result = g_build_filename (cell, RESULT, NULL);
  /* The time of change, which nobody sets by only reading the file. */
  const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_nsec = UTIME_NOW } };
  utimensat (AT_FDCWD, result, times, 0);
}

/* The lock goes last: what is in a folder without a lock would be nobody's. */
static void
remove_work (const char *folder)
{
  g_autofree char *lock = g_build_filename (folder, "lock", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    if (!g_str_equal (name, "lock"))
      retort_folder_remove (path, NULL);
  }
  g_unlink (lock);
  g_rmdir (folder);
}

static gboolean
make_folder (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0777) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot make the folder %s: %s", path,
               g_strerror (errno));
  return FALSE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names of the files that the digest covers, sorted. */
static GPtrArray *
list_outputs (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  const char *name;

  if (dir == NULL)
    return NULL;
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (!g_str_equal (name, RESULT) && !g_str_equal (name, TIMING))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* Name -> digest of each file, and the digest of them all. */
static JsonObject *
digest_outputs (const char *folder, gboolean sync, char **digest, GError **error)
{
  g_autoptr (GPtrArray) names = list_outputs (folder, error);
  if (names == NULL)
    return NULL;

  g_autoptr (JsonObject) outputs = json_object_new ();
  g_autoptr (GString) lines = g_string_new (NULL);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
    g_autofree char *one = retort_digest_file (path, error);
    if (one == NULL || (sync && !retort_file_sync (path, error)))
      return NULL;
    json_object_set_string_member (outputs, names->pdata[i], one);
    g_string_append_printf (lines, "%s\t%s\n", (char *) names->pdata[i], one);
  }
  *digest = retort_digest_bytes (lines->str, lines->len);
  return g_steal_pointer (&outputs);
}

/* `about` with the outputs' digests and the digest of them all. */
static JsonNode *
describe_outputs (const char *folder, JsonObject *about, GError **error)
{
  g_autofree char *digest = NULL;
  JsonObject *outputs = digest_outputs (folder, TRUE, &digest, error);
  if (outputs == NULL)
    return NULL;

  json_object_set_object_member (about, "outputs", outputs);
  json_object_set_string_member (about, "digest", digest);
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, about);
  return node;
}

/* A cell whose result.json cannot be read has "?" as its use. */
static RetortStored *
describe_stored (const RetortStore *store, const char *key)
{
  g_autoptr (JsonNode) result = retort_store_result (store, key, NULL);
  g_autofree char *cell = retort_store_cell_path (store, key);
  g_autofree char *result_path = g_build_filename (cell, RESULT, NULL);
  g_autoptr (GPtrArray) files = list_outputs (cell, NULL);
  RetortStored *stored = g_new0 (RetortStored, 1);
  GStatBuf file;

  stored->key = g_strdup (key);
  stored->use = g_strdup (result != NULL ? json_object_get_string_member_with_default (json_node_get_object (result),
                                                                                       "use", "?")
                                         : "?");
  stored->used = g_stat (result_path, &file) == 0 ? (gint64) file.st_mtime : 0;
  for (guint i = 0; files != NULL && i < files->len; i++) {
    g_autofree char *output = g_build_filename (cell, files->pdata[i], NULL);
    if (g_stat (output, &file) == 0)
      stored->bytes += (guint64) file.st_size;
  }
  return stored;
}

static void
free_stored (gpointer data)
{
  RetortStored *stored = data;
  g_free (stored->key);
  g_free (stored->use);
  g_free (stored);
}

static gint
compare_stored (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const RetortStored *const *) a)->key, (*(const RetortStored *const *) b)->key);
}

static gboolean
same_result (RetortStore *store, const char *key, JsonNode *result, GError **error)
{
  g_autofree char *there = retort_store_digest (store, key, error);
  if (there == NULL)
    return FALSE;

  const char *here = json_object_get_string_member (json_node_get_object (result), "digest");
  if (g_str_equal (there, here))
    return TRUE;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_FAILED,
               "two runs of one cell gave different results (%.12s and %.12s): a plugin is not deterministic", there,
               here);
  return FALSE;
}
