/* retort-test - what the unit tests share. */
#include "retort-test.h"

#include "base/util.h"
#include <glib/gstdio.h>
#include <stdlib.h>

static GPtrArray *folders; /* temporary ones */

static void
remove_folders (void)
{
  for (guint i = 0; i < folders->len; i++)
    retort_folder_remove (folders->pdata[i], NULL);
  g_ptr_array_unref (folders);
}

char *
retort_test_shared_path (const char *relative)
{
  const char *shared = g_getenv ("RETORT_TEST_SHARED");
  g_autofree char *path = shared ? g_build_filename (shared, relative, NULL)
                                 : g_build_filename (RETORT_TEST_SOURCE_ROOT, "..", "shared", relative, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

char *
retort_test_source_path (const char *relative)
{
  return g_build_filename (RETORT_TEST_SOURCE_ROOT, relative, NULL);
}

void
retort_test_use_plugins (void)
{
  g_setenv ("RETORT_PLUGIN_PATH", RETORT_TEST_BUILD_ROOT "/plugins", TRUE);
}

char *
retort_test_temp_folder (void)
{
  g_autoptr(GError) error = NULL;
  char *path = g_dir_make_tmp ("retort-test-XXXXXX", &error);

  g_assert_no_error (error);
  if (!folders) {
    folders = g_ptr_array_new_with_free_func (g_free);
    atexit (remove_folders);
  }
  g_ptr_array_add (folders, g_strdup (path));
  return path;
}

char *
retort_test_write (const char *folder, const char *name, const char *text)
{
  g_autoptr(GError) error = NULL;
  char *path = g_build_filename (folder, name, NULL);

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}
