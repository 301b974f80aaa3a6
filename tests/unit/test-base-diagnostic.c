/* test-base-diagnostic - what users see of what is wrong in their files. */
#include "retort-test.h"

#include "base/limit.h"
#include <string.h>

#define A RETORT_CODE_YAML_SYNTAX
#define B RETORT_CODE_ENCODING

static void
test_caret (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortSource) source = retort_source_new ("f.yaml", "one\nkey: value\n", 15);

  retort_diagnostics_add (diagnostics, A, source, 9, 14, "a hint", "'%s' is wrong", "value");
  retort_test_expect_diagnostics (diagnostics, "f.yaml:2:6: error: 'value' is wrong [RT-101]\n"
                                               "  2 | key: value\n"
                                               "    |      ^~~~~\n"
                                               "  hint: a hint\n");
}

static void
test_widths (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  const char *text = "\ta\tx \xe6\x97\xa5\xe6\x9c\xac e\xcc\x81 Z\r\n"; /* tabs, two wide, one combining */
  g_autoptr(RetortSource) source = retort_source_new ("f", text, strlen (text));
  const gsize z = (gsize)(strchr (text, 'Z') - text);

  retort_diagnostics_add (diagnostics, A, source, 5, 11, NULL, "wide");
  retort_diagnostics_add (diagnostics, A, source, z, z + 1, NULL, "behind");
  retort_test_expect_diagnostics (diagnostics, "f:1:6: error: wide [RT-101]\n"
                                               "  1 |     a   x \xe6\x97\xa5\xe6\x9c\xac e\xcc\x81 Z\n"
                                               "    |           ^~~~\n"
                                               "f:1:12: error: behind [RT-101]\n"
                                               "  1 |     a   x \xe6\x97\xa5\xe6\x9c\xac e\xcc\x81 Z\n"
                                               "    |                  ^\n");
}

static void
test_end_of_file_and_empty_ranges (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortSource) source = retort_source_new ("f", "ab", 2);
  g_autoptr(RetortSource) empty = retort_source_new ("g", NULL, 0);

  retort_diagnostics_add (diagnostics, A, source, 2, 2, NULL, "end");
  retort_diagnostics_add (diagnostics, A, source, 99, 5, NULL, "beyond");
  retort_diagnostics_add (diagnostics, A, empty, 0, 0, NULL, "nothing");
  retort_test_expect_diagnostics (diagnostics, "f:1:3: error: beyond [RT-101]\n  1 | ab\n    |   ^\n"
                                               "f:1:3: error: end [RT-101]\n  1 | ab\n    |   ^\n"
                                               "g:1:1: error: nothing [RT-101]\n  1 | \n    | ^\n");
}

static void
test_range_over_lines_stays_in_its_first (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortSource) source = retort_source_new ("f", "a: b\nc: d\n", 10);

  retort_diagnostics_add (diagnostics, A, source, 3, 9, NULL, "x");
  retort_test_expect_diagnostics (diagnostics, "f:1:4: error: x [RT-101]\n  1 | a: b\n    |    ^\n");
}

/* A line of 8 MB is shown as a window, with the caret under the right character. */
static void
test_long_line (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autofree char *text = g_strnfill (8 << 20, '.');
  const gsize at = 4 << 20;
  memcpy (text + at, "HERE", 4);
  g_autoptr(RetortSource) source = retort_source_new ("f", text, 8 << 20);

  retort_diagnostics_add (diagnostics, A, source, at, at + 4, NULL, "x");
  g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);
  g_auto(GStrv) lines = g_strsplit (listing, "\n", -1);
  g_assert_cmpstr (lines[0], ==, "f:1:4194305: error: x [RT-101]");
  g_assert_cmpint (g_utf8_strlen (lines[1], -1), <, 120);
  const char *here = strstr (lines[1], "HERE"), *caret = strstr (lines[2], "^~~~");
  g_assert_nonnull (here);
  g_assert_nonnull (caret);
  g_assert_cmpint (g_utf8_pointer_to_offset (lines[1], here), ==, g_utf8_pointer_to_offset (lines[2], caret));
}

/* A pile of marks without width cannot make the window large. */
static void
test_combining_pile (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  GString *text = g_string_new ("a");
  for (guint i = 0; i < 100000; i++)
    g_string_append (text, "\xcc\x81");
  g_autoptr(RetortSource) source = retort_source_new ("f", text->str, text->len);

  retort_diagnostics_add (diagnostics, A, source, 100001, 100001, NULL, "x");
  g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);
  g_assert_cmpuint (strlen (listing), <, 20000);
  g_assert_true (g_utf8_validate (listing, -1, NULL));
  g_string_free (text, TRUE);
}

static void
test_nothing_steers_the_terminal (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  const char text[] = "a\033[31m\xff\xe2\x80\xae" "b";
  g_autoptr(RetortSource) source = retort_source_new ("f", text, sizeof text - 1);

  retort_diagnostics_add (diagnostics, A, source, 0, 1, "two\nlines", "word \033[2J\xfe");
  retort_test_expect_diagnostics (diagnostics, "f:1:1: error: word \xef\xbf\xbd[2J\xef\xbf\xbd [RT-101]\n"
                                               "  1 | a\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd" "b\n"
                                               "    | ^\n"
                                               "  hint: two lines\n");
}

static void
test_streamed_lines (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();

  retort_diagnostics_add_line (diagnostics, A, "c", 0, 0, NULL, NULL, "the file");
  retort_diagnostics_add_line (diagnostics, A, "c", 10, 0, "text\n", NULL, "the line");
  retort_diagnostics_add_line (diagnostics, A, "c", 10, 3, "\xc3\xa9\xc3\xa9z", NULL, "the column");
  retort_diagnostics_add_line (diagnostics, A, "c", 11, 4, NULL, NULL, "no text");
  retort_test_expect_diagnostics (diagnostics, "c: error: the file [RT-101]\n"
                                               "c:10: error: the line [RT-101]\n  10 | text\n"
                                               "c:10:3: error: the column [RT-101]\n  10 | \xc3\xa9\xc3\xa9z\n"
                                               "     |   ^\n"
                                               "c:11:4: error: no text [RT-101]\n");
}

static void
test_sorted (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();

  retort_diagnostics_add_line (diagnostics, B, "b", 1, 1, NULL, NULL, "5");
  retort_diagnostics_add_line (diagnostics, B, "a", 10, 1, NULL, NULL, "4");
  retort_diagnostics_add_line (diagnostics, B, "a", 9, 2, NULL, NULL, "3");
  retort_diagnostics_add_line (diagnostics, B, "a", 9, 1, NULL, NULL, "2");
  retort_diagnostics_add_line (diagnostics, A, "a", 9, 1, NULL, NULL, "1");
  retort_test_expect_diagnostics (diagnostics, "a:9:1: error: 1 [RT-101]\na:9:1: error: 2 [RT-105]\n"
                                               "a:9:2: error: 3 [RT-105]\na:10:1: error: 4 [RT-105]\n"
                                               "b:1:1: error: 5 [RT-105]\n");
}

static void
add_many (RetortDiagnostics *diagnostics, guint n)
{
  for (guint i = 1; i <= n; i++)
    retort_diagnostics_add_line (diagnostics, A, "f", i, 0, NULL, NULL, "x");
}

static void
test_limit_of_one_code (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();

  add_many (diagnostics, RETORT_LIMIT_DIAGNOSTICS + 7);
  retort_diagnostics_add_line (diagnostics, B, "f", 1, 0, NULL, NULL, "other code");
  g_assert_cmpuint (retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR), ==, RETORT_LIMIT_DIAGNOSTICS + 8);
  g_assert_cmpuint (retort_diagnostics_count (diagnostics, RETORT_SEVERITY_WARNING), ==, 0);
  g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);
  g_assert_nonnull (strstr (listing, "other code"));
  g_assert_true (g_str_has_suffix (listing, "7 more of RT-101 (The file is not YAML)\n"));
}

static void
test_same_thing_twice_is_one (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();

  for (guint i = 0; i < 3; i++)
    retort_diagnostics_add_line (diagnostics, A, "f", 3, 0, NULL, NULL, "x");
  g_assert_cmpuint (retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR), ==, 1);
}

static void
test_ok (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;

  g_assert_true (retort_diagnostics_ok (diagnostics, &error));
  add_many (diagnostics, 1);
  g_assert_false (retort_diagnostics_ok (diagnostics, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  g_assert_cmpstr (error->message, ==, "1 error in f");
  g_clear_error (&error);
  retort_diagnostics_add_line (diagnostics, B, "g", 1, 0, NULL, NULL, "x");
  g_assert_false (retort_diagnostics_ok (diagnostics, &error));
  g_assert_cmpstr (error->message, ==, "2 errors in 2 files");
}

static void
test_json_round_trip (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortDiagnostics) copy = retort_diagnostics_new ();
  g_autoptr(RetortSource) source = retort_source_new ("p \"q\"", "a\tb\xff", 4);
  g_autoptr(GError) error = NULL;

  add_many (diagnostics, RETORT_LIMIT_DIAGNOSTICS + 7);
  retort_diagnostics_add (diagnostics, B, source, 3, 4, "hint \\", "message");
  g_autofree char *json = retort_diagnostics_to_json (diagnostics);
  g_assert_true (retort_diagnostics_add_json (copy, json, &error));
  g_assert_no_error (error);
  g_autofree char *before = retort_diagnostics_to_string (diagnostics, TRUE);
  g_autofree char *after = retort_diagnostics_to_string (copy, TRUE);
  g_assert_cmpstr (before, ==, after);
  g_autofree char *json_after = retort_diagnostics_to_json (copy);
  g_assert_cmpstr (json, ==, json_after);
}

static void
test_json_from_elsewhere_is_checked (void)
{
  static const char *const wrong[] = {
    "", "{}", "[1]", "[{}]",
    "[{\"severity\":\"error\",\"code\":\"RT-100\",\"path\":\"p\",\"message\":\"m\"}]",
    "[{\"severity\":\"note\",\"code\":\"RT-101\",\"path\":\"p\",\"message\":\"m\"}]",
    "[{\"severity\":\"error\",\"code\":\"RT-101\",\"path\":\"p\"}]",
    "[{\"severity\":\"error\",\"code\":\"RT-101\",\"path\":7,\"message\":\"m\"}]",
    "[{\"severity\":\"error\",\"code\":\"RT-101\",\"path\":\"p\",\"message\":\"m\",\"line\":-1}]",
    "[{\"severity\":\"error\",\"code\":\"RT-101\",\"path\":\"p\",\"message\":\"m\",\"caret\":99999999}]",
    "[{\"severity\":\"error\",\"code\":\"RT-101\",\"path\":\"p\",\"message\":\"m\"},7]",
  };
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_false (retort_diagnostics_add_json (diagnostics, wrong[i], &error));
    g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  }
  retort_test_expect_diagnostics (diagnostics, "");
}

static void *
add_from_thread (void *data)
{
  for (guint i = 0; i < 1000; i++)
    retort_diagnostics_add_line (data, i % 2 ? A : B, "f", 1 + i / 2, 0, NULL, NULL, "x");
  return NULL;
}

/* Beyond the stored ones repeats cannot be told from new ones, so the count lies between the two. */
static void
test_threads (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  GThread *threads[8];

  for (guint i = 0; i < 8; i++)
    threads[i] = g_thread_new ("add", add_from_thread, diagnostics);
  for (guint i = 0; i < 8; i++)
    g_thread_join (threads[i]);
  const guint n = retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR);
  g_assert_cmpuint (n, >=, 2 * 500);
  g_assert_cmpuint (n, <=, 8 * 1000);
}

/* Which ones are stored must not depend on who came first. */
static void
test_limit_keeps_the_first_lines (void)
{
  g_autoptr(RetortDiagnostics) up = retort_diagnostics_new (), down = retort_diagnostics_new ();

  for (guint i = 1; i <= 30; i++) {
    retort_diagnostics_add_line (up, A, "f", i, 0, NULL, NULL, "x");
    retort_diagnostics_add_line (down, A, "f", 31 - i, 0, NULL, NULL, "x");
  }
  g_autofree char *expected = retort_diagnostics_to_string (up, FALSE);
  g_autofree char *is = retort_diagnostics_to_string (down, FALSE);
  g_assert_cmpstr (is, ==, expected);
  g_assert_nonnull (strstr (is, "f:20: "));
  g_assert_null (strstr (is, "f:21: "));
  g_assert_nonnull (strstr (is, "10 more of "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diagnostic/caret/under-the-range", test_caret);
  g_test_add_func ("/diagnostic/caret/tabs-wide-and-combining", test_widths);
  g_test_add_func ("/diagnostic/caret/end-of-file", test_end_of_file_and_empty_ranges);
  g_test_add_func ("/diagnostic/caret/range-over-lines-stays-in-its-first", test_range_over_lines_stays_in_its_first);
  g_test_add_func ("/diagnostic/caret/long-line-is-cut", test_long_line);
  g_test_add_func ("/diagnostic/caret/pile-of-combining-marks", test_combining_pile);
  g_test_add_func ("/diagnostic/print/nothing-steers-the-terminal", test_nothing_steers_the_terminal);
  g_test_add_func ("/diagnostic/print/streamed-lines", test_streamed_lines);
  g_test_add_func ("/diagnostic/print/sorted-by-place", test_sorted);
  g_test_add_func ("/diagnostic/count/limit-of-one-code", test_limit_of_one_code);
  g_test_add_func ("/diagnostic/count/limit-keeps-the-first-lines", test_limit_keeps_the_first_lines);
  g_test_add_func ("/diagnostic/count/same-thing-twice-is-one", test_same_thing_twice_is_one);
  g_test_add_func ("/diagnostic/count/ok", test_ok);
  g_test_add_func ("/diagnostic/json/round-trip", test_json_round_trip);
  g_test_add_func ("/diagnostic/json/from-elsewhere-is-checked", test_json_from_elsewhere_is_checked);
  g_test_add_func ("/diagnostic/threads/none-is-lost", test_threads);
  return g_test_run ();
}
