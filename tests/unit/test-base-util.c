/* test-base-util - files, folders, digests, units for people, exit statuses, "did you mean". */
#include "retort-test.h"

#include "base/code-info.h"
#include "base/digest.h"
#include "base/exit-status.h"
#include "base/util.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
test_format_bytes (void)
{
  static const struct {
    guint64 bytes;
    const char *text;
  } cases[] = {
    { 0, "0 B" },           { 999, "999 B" },       { 1000, "1.0 kB" },    { 1234, "1.2 kB" },
    { 999949, "999.9 kB" }, { 999950, "1.0 MB" },   { 3400000, "3.4 MB" }, { G_MAXUINT64, "18.4 EB" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = retort_format_bytes (cases[i].bytes);
    g_assert_cmpstr (text, ==, cases[i].text);
  }
}

static void
test_format_seconds (void)
{
  static const struct {
    double seconds;
    const char *text;
  } cases[] = {
    { 0, "0 ms" },        { 0.85, "850 ms" },     { 0.9996, "1.0 s" },    { 9.94, "9.9 s" },       { 9.96, "10 s" },
    { 59.4, "59 s" },     { 59.6, "1 m 0 s" },    { 80, "1 m 20 s" },     { 3599.7, "1 h 0 m" },   { 7500, "2 h 5 m" },
    { 90000, "1 d 1 h" }, { -1, "?" },            { 1e300, "?" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = retort_format_seconds (cases[i].seconds);
    g_assert_cmpstr (text, ==, cases[i].text);
  }
}

static void
test_format_count (void)
{
  static const struct {
    gint64 count;
    const char *text;
  } cases[] = {
    { 0, "0" }, { 999, "999" }, { 12345, "12,345" }, { -1000, "-1,000" }, { G_MININT64, "-9,223,372,036,854,775,808" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = retort_format_count (cases[i].count);
    g_assert_cmpstr (text, ==, cases[i].text);
  }
}

static void
test_durations (void)
{
  static const struct {
    const char *text;
    double seconds;
  } cases[] = { { "90", 90 }, { "90s", 90 }, { "1.5h", 5400 }, { "10m", 600 }, { "250ms", 0.25 }, { "2d", 172800 } };
  static const char *const wrong[] = { "", "s", "-1", "1 s", "1e3", "inf", "0x10", "1.", ".5s", "1.2.3", "5y", "1ss" };
  double seconds = -7;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_true (retort_parse_duration (cases[i].text, &seconds));
    g_assert_cmpfloat_with_epsilon (seconds, cases[i].seconds, 1e-9);
  }
  seconds = -7;
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (retort_parse_duration (wrong[i], &seconds));
  g_assert_cmpfloat (seconds, ==, -7);
}

static void
test_path_beside (void)
{
  g_autofree char *sibling = retort_path_beside ("/a/b/file.yaml", "../c/./d.txt");
  g_autofree char *absolute = retort_path_beside ("/a/b/file.yaml", "/x/../y");

  g_assert_cmpstr (sibling, ==, "/a/c/d.txt");
  g_assert_cmpstr (absolute, ==, "/y");
}

static void
test_write_replaces_and_leaves_nothing_beside (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "file", "old");
  g_autoptr(GError) error = NULL;
  g_autofree char *bytes = NULL;
  gsize n_bytes, n_entries = 0;

  g_assert_true (retort_file_write (path, "n\0w", 3, &error));
  g_assert_no_error (error);
  g_assert_true (retort_file_read (path, 3, &bytes, &n_bytes, &error));
  g_assert_cmpmem (bytes, n_bytes, "n\0w", 3);
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  while (g_dir_read_name (dir))
    n_entries++;
  g_assert_cmpuint (n_entries, ==, 1);
}

static void
test_write_fails_whole (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *inside = g_build_filename (folder, "full", NULL);
  g_autofree char *below = g_build_filename (inside, "x", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (below, 0700), ==, 0);
  g_assert_false (retort_file_write (inside, "text", -1, &error)); /* a folder is not replaced */
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_autofree char *nowhere = g_build_filename (folder, "absent", "file", NULL);
  g_assert_false (retort_file_write (nowhere, "text", -1, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
test_read_stops_at_the_limit (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "file", "12345");
  g_autoptr(GError) error = NULL;
  char *bytes = NULL;
  gsize n_bytes;

  g_assert_false (retort_file_read (path, 4, &bytes, &n_bytes, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_LIMIT);
  g_assert_null (bytes);
  g_clear_error (&error);
  g_assert_false (retort_file_read (folder, 100, &bytes, &n_bytes, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_clear_error (&error);
  g_assert_true (retort_file_read (path, 5, &bytes, &n_bytes, &error));
  g_assert_cmpstr (bytes, ==, "12345");
  g_free (bytes);
}

static void
test_remove_does_not_follow_links (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *kept = retort_test_write (folder, "kept", "text");
  g_autofree char *tree = g_build_filename (folder, "tree", "deep", NULL);
  g_autofree char *top = g_build_filename (folder, "tree", NULL);
  g_autofree char *link = g_build_filename (tree, "link", NULL);
  g_autoptr(GError) error = NULL;

  g_mkdir_with_parents (tree, 0700);
  g_assert_cmpint (symlink (folder, link), ==, 0);
  g_assert_true (retort_folder_remove (top, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (top, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
  g_assert_true (retort_folder_remove (top, &error)); /* absent is fine */
}

#define SHA256_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* FIPS 180-4, B.1 */

static void
test_digests (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "file", "abc");
  g_autofree char *bytes = retort_digest_bytes ("abc", 3);
  g_autofree char *empty = retort_digest_bytes (NULL, 0);
  g_autofree char *file = retort_digest_file (path, NULL);
  g_autofree char *same = retort_digest_path (path, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpstr (bytes, ==, SHA256_ABC);
  g_assert_cmpstr (empty, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  g_assert_cmpstr (file, ==, SHA256_ABC);
  g_assert_cmpstr (same, ==, SHA256_ABC);
  g_assert_null (retort_digest_file ("/nonexistent/file", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
test_digest_of_a_folder (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *sub = g_build_filename (folder, "a", NULL);
  g_mkdir (sub, 0700);
  g_free (retort_test_write (folder, "a.txt", "abc"));
  g_free (retort_test_write (sub, "b", "abc"));
  const char *listing = "a.txt\t" SHA256_ABC "\na/b\t" SHA256_ABC "\n"; /* '.' sorts before '/' */
  g_autofree char *want = retort_digest_bytes (listing, strlen (listing));
  g_autofree char *got = retort_digest_path (folder, NULL);

  g_assert_cmpstr (got, ==, want);
}

static void
test_digest_refuses_a_circle (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (symlink (folder, link), ==, 0);
  g_assert_null (retort_digest_path (folder, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
}

static void
test_digest_does_not_hang_on_a_pipe (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (retort_digest_path (folder, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  g_clear_error (&error);
  g_assert_null (retort_digest_path (pipe, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
}

static void
test_suggest (void)
{
  static const char *const words[] = { "max_chars", "label", "tokenizer", "Disease", "in", NULL };
  static const struct {
    const char *word, *meant;
  } cases[] = {
    { "max_char", "max_chars" }, { "lable", "label" },  { "tokeniser", "tokenizer" }, { "disease", "Disease" },
    { "DISEASES", "Disease" },   { "xyz", NULL },       { "im", NULL },               { "", NULL },
    { "max", NULL },             { "\xff", NULL },      { "in", "in" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (retort_suggest (cases[i].word, words), ==, cases[i].meant);
  g_autofree char *long_word = g_strnfill (100000, 'a');
  g_assert_null (retort_suggest (long_word, words));
}

static void
test_suggest_ties_to_the_first (void)
{
  static const char *const words[] = { "axxx", "bxxx", NULL };

  g_assert_cmpstr (retort_suggest ("cxxx", words), ==, "axxx");
}

static void
test_exit_statuses (void)
{
  static const struct {
    RetortError code;
    int tool, cell;
  } cases[] = {
    { RETORT_ERROR_FAILED, 3, 3 }, { RETORT_ERROR_DATA, 1, 65 }, { RETORT_ERROR_USAGE, 2, 2 },
    { RETORT_ERROR_PLUGIN, 3, 69 }, { RETORT_ERROR_LIMIT, 4, 4 }, { RETORT_ERROR_AGAIN, 3, 75 },
    { RETORT_ERROR_POLICY, 77, 77 }, { RETORT_ERROR_CANCELLED, 130, 75 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr(GError) error = g_error_new_literal (RETORT_ERROR, (int)cases[i].code, "x");
    g_assert_cmpint (retort_error_exit_status (error), ==, cases[i].tool);
    g_assert_cmpint (retort_error_cell_status (error), ==, cases[i].cell);
  }
  g_autoptr(GError) absent = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOENT, "x");
  g_autoptr(GError) full = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "x");
  g_assert_cmpint (retort_error_exit_status (absent), ==, 1);
  g_assert_cmpint (retort_error_exit_status (full), ==, 3);
  g_assert_cmpint (retort_error_exit_status (NULL), ==, 0);
}

static void
test_code_info (void)
{
  g_assert_cmpstr (retort_code_info (RETORT_CODE_YAML_SYNTAX)->name, ==, "YAML_SYNTAX");
  g_assert_true (retort_code_info_parse ("rt-101") == retort_code_info (101));
  g_assert_true (retort_code_info_parse ("101") == retort_code_info (101));
  g_assert_null (retort_code_info_parse ("RT-"));
  g_assert_null (retort_code_info_parse ("RT-100000"));
  g_assert_null (retort_code_info (100));
}

static void
test_source_locate (void)
{
  const char text[] = "\xef\xbb\xbf" "ab\r\n\xc3\xa9\xf0\x9f\x98\x80x\n\n\xff\xfey";
  g_autoptr(RetortSource) source = retort_source_new ("name", text, sizeof text - 1);
  static const struct {
    gsize offset;
    guint line, column;
  } cases[] = {
    { 0, 1, 1 }, { 3, 1, 1 }, { 5, 1, 3 }, { 7, 2, 1 }, { 9, 2, 2 }, { 13, 2, 3 }, { 15, 3, 1 }, { 16, 4, 1 },
    { 17, 4, 2 }, { 18, 4, 3 }, { 19, 4, 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint line, column;
    retort_source_locate (source, cases[i].offset, &line, &column);
    g_assert_cmpuint (line, ==, cases[i].line);
    g_assert_cmpuint (column, ==, cases[i].column);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/util/format/bytes", test_format_bytes);
  g_test_add_func ("/util/format/seconds", test_format_seconds);
  g_test_add_func ("/util/format/count", test_format_count);
  g_test_add_func ("/util/duration/with-and-without-unit", test_durations);
  g_test_add_func ("/util/path/beside-is-normalised", test_path_beside);
  g_test_add_func ("/util/write/replaces-and-leaves-nothing-beside", test_write_replaces_and_leaves_nothing_beside);
  g_test_add_func ("/util/write/fails-whole", test_write_fails_whole);
  g_test_add_func ("/util/read/stops-at-the-limit", test_read_stops_at_the_limit);
  g_test_add_func ("/util/remove/does-not-follow-links", test_remove_does_not_follow_links);
  g_test_add_func ("/digest/bytes-and-files", test_digests);
  g_test_add_func ("/digest/folder-is-its-sorted-listing", test_digest_of_a_folder);
  g_test_add_func ("/digest/circle-is-refused", test_digest_refuses_a_circle);
  g_test_add_func ("/digest/pipe-does-not-hang", test_digest_does_not_hang_on_a_pipe);
  g_test_add_func ("/suggest/near-words", test_suggest);
  g_test_add_func ("/suggest/ties-to-the-first", test_suggest_ties_to_the_first);
  g_test_add_func ("/error/exit-statuses", test_exit_statuses);
  g_test_add_func ("/error/code-info", test_code_info);
  g_test_add_func ("/source/locate-counts-code-points", test_source_locate);
  return g_test_run ();
}
