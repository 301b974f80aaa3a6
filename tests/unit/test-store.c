/* test-store - cells go into the store whole, are listed, verified, removed. */
#include "pipeline/store.h"

#include "retort-test.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <retort/json.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_A "aa11111111111111111111111111111111111111111111111111111111111111"
#define KEY_B "bb22222222222222222222222222222222222222222222222222222222222222"

static RetortStore *
open_store (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autoptr (GError) error = NULL;
  RetortStore *store = retort_store_open (folder, &error);

  g_assert_no_error (error);
  return store;
}

/* A cell with one file, `text`; what the commit says. */
static gboolean
commit (RetortStore *store, const char *key, const char *text, GError **error)
{
  int lock_fd = -1;
  g_autofree char *work = retort_store_work_new (store, key, &lock_fd, error);
  g_assert_nonnull (work);
  g_autofree char *out = g_build_filename (work, "out", NULL);
  g_autoptr (JsonObject) about = json_object_new ();

  g_assert_cmpint (g_mkdir (out, 0777), ==, 0);
  g_free (retort_test_write (out, "corpus.jsonl", text));
  g_free (retort_test_write (out, "timing.json", "{}"));
  json_object_set_string_member (about, "use", "read");
  const gboolean done = retort_store_commit (store, key, out, about, error);
  close (lock_fd);
  return done;
}

static char *
path_in_cell (RetortStore *store, const char *key, const char *name)
{
  g_autofree char *cell = retort_store_cell_path (store, key);
  return g_build_filename (cell, name, NULL);
}

static void
test_commit_twice (void)
{
  g_autoptr (RetortStore) store = open_store ();
  g_autoptr (GError) error = NULL;

  g_assert_true (commit (store, KEY_A, "one", &error));
  g_assert_true (commit (store, KEY_A, "one", &error));
  g_assert_no_error (error);
  g_assert_false (commit (store, KEY_A, "other", &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_FAILED);
}

static void
test_debris (void)
{
  g_autoptr (RetortStore) store = open_store ();
  g_autoptr (GError) error = NULL;

  g_assert_true (commit (store, KEY_A, "one", &error));
  g_autofree char *result = path_in_cell (store, KEY_A, "result.json");
  g_unlink (result);
  g_assert_false (retort_store_has (store, KEY_A));
  g_assert_true (commit (store, KEY_A, "two", &error));
  g_assert_no_error (error);
  g_assert_true (retort_store_verify (store, KEY_A, &error));
}

static void
test_list (void)
{
  g_autoptr (RetortStore) store = open_store ();

  g_assert_true (commit (store, KEY_B, "four", NULL));
  g_assert_true (commit (store, KEY_A, "one", NULL));
  g_autofree char *result = path_in_cell (store, KEY_B, "result.json");
  g_assert_true (g_file_set_contents (result, "{", -1, NULL));
  g_autoptr (GPtrArray) cells = retort_store_list (store);
  g_assert_cmpuint (cells->len, ==, 2);
  const RetortStored *a = cells->pdata[0], *b = cells->pdata[1];
  g_assert_cmpstr (a->key, ==, KEY_A);
  g_assert_cmpstr (a->use, ==, "read");
  g_assert_cmpuint (a->bytes, ==, 3);
  g_assert_cmpstr (b->key, ==, KEY_B);
  g_assert_cmpstr (b->use, ==, "?");
}

/* Listing reads result.json, which must not count as use of the cell. */
static void
test_used (void)
{
  g_autoptr (RetortStore) store = open_store ();
  const struct timespec long_ago[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };

  g_assert_true (commit (store, KEY_A, "one", NULL));
  g_autofree char *result = path_in_cell (store, KEY_A, "result.json");
  g_assert_cmpint (utimensat (AT_FDCWD, result, long_ago, 0), ==, 0);
  g_autoptr (GPtrArray) first = retort_store_list (store);
  g_autoptr (GPtrArray) again = retort_store_list (store);
  g_assert_cmpint (((RetortStored *) first->pdata[0])->used, ==, 1000000);
  g_assert_cmpint (((RetortStored *) again->pdata[0])->used, ==, 1000000);
  retort_store_touch (store, KEY_A);
  g_autoptr (GPtrArray) touched = retort_store_list (store);
  g_assert_cmpint (((RetortStored *) touched->pdata[0])->used, >, 1000000);
}

static void
test_verify (void)
{
  g_autoptr (RetortStore) store = open_store ();
  g_autoptr (GError) changed = NULL, more = NULL, damaged = NULL;

  g_assert_true (commit (store, KEY_A, "one", NULL));
  g_assert_true (retort_store_verify (store, KEY_A, NULL));
  g_autofree char *cell = retort_store_cell_path (store, KEY_A);
  g_free (retort_test_write (cell, "corpus.jsonl", "ONE"));
  g_assert_false (retort_store_verify (store, KEY_A, &changed));
  g_assert_nonnull (changed);
  g_free (retort_test_write (cell, "corpus.jsonl", "one"));
  g_assert_true (retort_store_verify (store, KEY_A, NULL));
  g_free (retort_test_write (cell, "extra", "one"));
  g_assert_false (retort_store_verify (store, KEY_A, &more));
  g_assert_nonnull (more);
  g_free (retort_test_write (cell, "result.json", "{\"digest\": 7}"));
  g_assert_false (retort_store_verify (store, KEY_A, &damaged));
  g_assert_nonnull (damaged);
}

static void
test_remove (void)
{
  g_autoptr (RetortStore) store = open_store ();
  g_autoptr (GError) error = NULL;
  g_autofree char *work = g_build_filename (retort_store_root (store), "work", NULL);

  g_assert_true (commit (store, KEY_A, "one", &error));
  g_assert_true (retort_store_remove (store, KEY_A, &error));
  g_assert_no_error (error);
  g_autofree char *cell = retort_store_cell_path (store, KEY_A);
  g_assert_false (g_file_test (cell, G_FILE_TEST_EXISTS));
  retort_store_sweep (store);
  g_assert_cmpint (g_rmdir (work), ==, 0); /* nothing is left in it */
  g_assert_false (retort_store_remove (store, KEY_B, &error));
  g_assert_nonnull (error);
}

static void
test_sweep (void)
{
  g_autoptr (RetortStore) store = open_store ();
  int held, left;
  g_autofree char *busy = retort_store_work_new (store, KEY_A, &held, NULL);
  g_autofree char *orphan = retort_store_work_new (store, KEY_B, &left, NULL);

  g_autofree char *unborn = g_build_filename (retort_store_root (store), "work", "KEY.XXXXXX", NULL);

  close (left);
  g_assert_cmpint (g_mkdir (unborn, 0777), ==, 0);
  retort_store_sweep (store);
  g_assert_false (g_file_test (unborn, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (busy, G_FILE_TEST_IS_DIR));
  g_assert_false (g_file_test (orphan, G_FILE_TEST_EXISTS));
  close (held);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/commit/the-same-twice-is-harmless-another-is-an-alarm", test_commit_twice);
  g_test_add_func ("/store/commit/replaces-a-folder-without-result", test_debris);
  g_test_add_func ("/store/list/by-key-with-damaged-cells", test_list);
  g_test_add_func ("/store/list/reading-is-no-use", test_used);
  g_test_add_func ("/store/verify/finds-what-changed", test_verify);
  g_test_add_func ("/store/remove/leaves-nothing", test_remove);
  g_test_add_func ("/store/sweep/takes-what-nobody-holds", test_sweep);
  return g_test_run ();
}
