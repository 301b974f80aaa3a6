/* test-base-yaml - YAML as a tree with places, what is refused, and the way back to text. */
#include "retort-test.h"

#include "base/limit.h"
#include "base/yaml.h"
#include <retort/random.h>
#include <string.h>

static RetortYamlFile *
parse_bytes (const char *text, gsize n_bytes, RetortDiagnostics *diagnostics)
{
  g_autoptr(RetortSource) source = retort_source_new ("f", text, n_bytes);

  return retort_yaml_parse (source, diagnostics);
}

/* The tree as canonical JSON, of a text that is right. */
static char *
json_of (const char *text)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortYamlFile) file = parse_bytes (text, strlen (text), diagnostics);

  retort_test_expect_diagnostics (diagnostics, "");
  g_assert_nonnull (file->root);
  g_autoptr(JsonNode) node = retort_yaml_to_json (file->root);
  return retort_json_canonical (node);
}

static void
expect_json (const char *text, const char *json)
{
  g_autofree char *got = json_of (text);

  g_assert_cmpstr (got, ==, json);
}

static void
test_values (void)
{
  expect_json ("a: 1\nb: [x, 'y', \"5\"]\nc: {d: ~, e: null, f: }\n",
               "{\"a\":1,\"b\":[\"x\",\"y\",\"5\"],\"c\":{\"d\":null,\"e\":null,\"f\":null}}");
  expect_json ("[no, yes, on, True, true, false, NULL]", "[\"no\",\"yes\",\"on\",\"True\",true,false,\"NULL\"]");
  expect_json ("[1, -2, +3, 1_000, 007, 0x10, 0o7, 1:30, 9223372036854775808]",
               "[1,-2,3,1000,\"007\",\"0x10\",\"0o7\",\"1:30\",9223372036854776000]");
  expect_json ("[1.5, 1e3, .5, 5., .inf, .nan, 1e999, _1, 1_, 1__0]",
               "[1.5,1000,0.5,5,\".inf\",\".nan\",\"1e999\",\"_1\",\"1_\",\"1__0\"]");
  expect_json ("a: |\n  one\n   two\nb: >-\n  x\n  y\n", "{\"a\":\"one\\n two\\n\",\"b\":\"x y\"}");
  expect_json ("null: 1\n'': 2\n3: x\n", "{\"\":2,\"3\":\"x\",\"null\":1}");
  expect_json ("--- 5\n...\n", "5");
}

static void
test_json_is_read_too (void)
{
  expect_json ("{\"a\": [1, 2.5, true, null, \"x\\u00e9\\n\\/\"],\n\t\"b\": {}}\n",
               "{\"a\":[1,2.5,true,null,\"x\xc3\xa9\\n/\"],\"b\":{}}");
}

static void
test_line_ends_and_byte_order_mark (void)
{
  expect_json ("\xef\xbb\xbf" "a: 1\r\nb: |\r\n  x\r\n  y\r\n", "{\"a\":1,\"b\":\"x\\ny\\n\"}");
}

/* Marks count characters; nodes must know bytes. */
static void
test_places_are_bytes (void)
{
  static const char *const texts[] = {
    "\xc3\xa9: {k: [\xf0\x9f\x98\x80, two]}\nz:\n  - 'q'\n  - w\n",
    "\xef\xbb\xbf\xc3\xa9: {k: [\xf0\x9f\x98\x80, two]}\r\nz:\r\n  - 'q'\r\n  - w\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
    g_autoptr(RetortYamlFile) file = parse_bytes (texts[i], strlen (texts[i]), diagnostics);
    const RetortYaml *k = retort_yaml_get (retort_yaml_get (file->root, "\xc3\xa9"), "k");
    const RetortYaml *z = retort_yaml_get (file->root, "z");
    const struct {
      const RetortYaml *node;
      const char *text;
    } cases[] = {
      { k, "[\xf0\x9f\x98\x80, two]" }, { k->items[0], "\xf0\x9f\x98\x80" }, { k->items[1], "two" },
      { z->items[0], "'q'" },           { z->items[1], "w" },                { file->root->keys[0], "\xc3\xa9" },
      { file->root->keys[1], "z" },
    };
    for (guint j = 0; j < G_N_ELEMENTS (cases); j++)
      g_assert_cmpmem (texts[i] + cases[j].node->start, cases[j].node->end - cases[j].node->start, cases[j].text,
                       strlen (cases[j].text));
    g_assert_cmpuint (z->end, ==, z->items[1]->end);
  }
}

static void
expect_refusal (const char *text, gsize n_bytes, const char *listing)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortYamlFile) file = parse_bytes (text, n_bytes, diagnostics);

  retort_test_expect_diagnostics (diagnostics, listing);
  g_assert_null (file->root);
}

static void
test_refusals (void)
{
  static const struct {
    const char *text, *listing;
  } cases[] = {
    { "", "f: error: the file is empty [RT-101]\n" },
    { "# only this\n", "f: error: the file is empty [RT-101]\n" },
    { "a:\n\tb: 1\n", "f:2:1: error: found character that cannot start any token while scanning for the next token "
                      "[RT-101]\n  2 |     b: 1\n    | ^~~~\n  hint: indent with spaces, not tabs\n" },
    { "a: b: c\n", "f:1:5: error: mapping values are not allowed in this context [RT-101]\n"
                   "  1 | a: b: c\n    |     ^\n"
                   "  hint: quote a text that holds ': '; if it is a key, check the indentation\n" },
    { "a: 1\nb: [x\nc: 2\n", "f:3:2: error: did not find expected ',' or ']' while parsing a flow sequence that begins "
                             "in line 2 [RT-101]\n  3 | c: 2\n    |  ^\n"
                             "  hint: a bracket is not closed, or a comma is missing\n" },
    { "a: &x 1\nb: *x\n", "f:1:4: error: anchors are not read [RT-103]\n  1 | a: &x 1\n    |    ^~\n"
                          "  hint: write the text out where it is wanted\n"
                          "f:2:4: error: aliases are not read [RT-103]\n  2 | b: *x\n    |    ^~\n"
                          "  hint: quote a text that begins with '*'\n" },
    { "a: !!str 1\n", "f:1:4: error: tags are not read [RT-103]\n  1 | a: !!str 1\n    |    ^\n"
                      "  hint: quote a text that begins with '!'\n" },
    { "a: {{x}}\n", "f:1:5: error: a key must be a plain or quoted text [RT-103]\n  1 | a: {{x}}\n    |     ^\n"
                    "  hint: quote a text that begins with '{'\n" },
    { "a: 1\n---\nb: 2\n", "f:2:1: error: a second document begins here; only one is read [RT-103]\n"
                           "  2 | ---\n    | ^~~\n" },
    { "a: \"x\\0y\"\n", "f:1:4: error: a text may not hold NUL [RT-103]\n  1 | a: \"x\\0y\"\n    |    ^~~~~~\n" },
    { "a: x\xe9\n", "f:1:5: error: byte 0xE9 is not UTF-8 [RT-105]\n  1 | a: x\xef\xbf\xbd\n    |     ^\n" },
    { "\xef\xbb\xbf" "ab: \x01\n", "f:1:5: error: control characters are not allowed (U+0001) [RT-101]\n"
                                   "  1 | ab: \xef\xbf\xbd\n    |     ^\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    expect_refusal (cases[i].text, strlen (cases[i].text), cases[i].listing);
  expect_refusal ("a: \0b\n", 6, "f:1:4: error: a NUL byte [RT-105]\n  1 | a: \xef\xbf\xbd" "b\n    |    ^\n");
  expect_refusal ("\xff\xfe" "a\0", 4, "f:1:1: error: the file is UTF-16 [RT-105]\n"
                                       "  1 | \xef\xbf\xbd\xef\xbf\xbd" "a\xef\xbf\xbd\n    | ^\n"
                                       "  hint: convert it: iconv -f UTF-16 -t UTF-8\n");
}

/* All are told, the first value counts, and the tree stays for further checks. */
static void
test_duplicate_keys (void)
{
  const char text[] = "a: 1\nb: {x: 1, 'x': 2}\na: 3\n";
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortYamlFile) file = parse_bytes (text, sizeof text - 1, diagnostics);
  gint64 value = 0;

  retort_test_expect_diagnostics (diagnostics, "f:2:11: error: the key 'x' stands already in line 2 [RT-102]\n"
                                               "  2 | b: {x: 1, 'x': 2}\n    |           ^~~\n"
                                               "f:3:1: error: the key 'a' stands already in line 1 [RT-102]\n"
                                               "  3 | a: 3\n    | ^\n");
  g_assert_cmpuint (file->root->n_items, ==, 2);
  g_assert_true (retort_yaml_to_int (retort_yaml_get (file->root, "a"), &value));
  g_assert_cmpint (value, ==, 1);
}

static char *
nested (const char *open, const char *close, guint depth)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, open);
  g_string_append_c (text, 'x');
  for (guint i = 0; i < depth; i++)
    g_string_append (text, close);
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  g_autofree char *deepest = nested ("[", "]", RETORT_LIMIT_YAML_DEPTH);
  g_autofree char *got = json_of (deepest);
  static const char *const brackets[][2] = { { "[", "]" }, { "{a: ", "}" }, { "- ", "" } };

  g_assert_cmpuint (strlen (got), ==, 2 * RETORT_LIMIT_YAML_DEPTH + 3);
  for (guint i = 0; i < G_N_ELEMENTS (brackets); i++) {
    g_autofree char *text = nested (brackets[i][0], brackets[i][1], 20000);
    g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
    g_autoptr(RetortYamlFile) file = parse_bytes (text, strlen (text), diagnostics);
    g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);
    g_assert_null (file->root);
    g_assert_nonnull (strstr (listing, "nested more than 64 levels deep [RT-104]"));
  }
}

static void
test_size (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *text = g_strnfill (RETORT_LIMIT_YAML_BYTES + 1, '#');
  g_autofree char *path = retort_test_write (folder, "large.yaml", text);
  g_autofree char *want = g_strdup_printf ("%s: error: the file is longer than %d bytes [RT-104]\n", path,
                                           RETORT_LIMIT_YAML_BYTES);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(RetortYamlFile) file = retort_yaml_load (path, diagnostics, &error);

  g_assert_no_error (error);
  g_assert_null (file->root);
  retort_test_expect_diagnostics (diagnostics, want);
  expect_refusal (text, strlen (text), "f: error: the file is longer than 16777216 bytes [RT-104]\n");
}

static void
test_number_of_values (void)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < RETORT_LIMIT_YAML_NODES + 10; i++)
    g_string_append (text, "1,");
  g_string_append (text, "1]");
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortYamlFile) file = parse_bytes (text->str, text->len, diagnostics);
  g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);
  g_assert_null (file->root);
  g_assert_nonnull (strstr (listing, "more than 1048576 values in one file [RT-104]"));
  g_string_free (text, TRUE);
}

static void
test_missing_file (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;

  g_assert_null (retort_yaml_load ("/nonexistent/file.yaml", diagnostics, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  retort_test_expect_diagnostics (diagnostics, "");
}

static void
test_types_on_demand (void)
{
  const char text[] = "{q: '5', n: 5, f: 5.0, t: true, s: 'true', l: [1]}";
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortYamlFile) file = parse_bytes (text, sizeof text - 1, diagnostics);
  const RetortYaml *root = file->root;
  gint64 integer = -1;
  double number = -1;
  gboolean boolean = -1;

  g_assert_false (retort_yaml_to_int (retort_yaml_get (root, "q"), &integer));
  g_assert_false (retort_yaml_to_number (retort_yaml_get (root, "q"), &number));
  g_assert_false (retort_yaml_to_int (retort_yaml_get (root, "f"), &integer));
  g_assert_false (retort_yaml_to_bool (retort_yaml_get (root, "s"), &boolean));
  g_assert_false (retort_yaml_to_int (retort_yaml_get (root, "l"), &integer));
  g_assert_false (retort_yaml_to_int (retort_yaml_get (root, "absent"), &integer));
  g_assert_null (retort_yaml_get (NULL, "x"));
  g_assert_null (retort_yaml_get (retort_yaml_get (root, "l"), "x"));
  g_assert_true (integer == -1 && number == -1 && boolean == -1); /* outputs are left alone */
  g_assert_true (retort_yaml_to_number (retort_yaml_get (root, "n"), &number) && number == 5);
  g_assert_true (retort_yaml_to_number (retort_yaml_get (root, "f"), &number) && number == 5);
  g_assert_true (retort_yaml_to_bool (retort_yaml_get (root, "t"), &boolean) && boolean == TRUE);
}

static void
test_set_and_copy (void)
{
  const char text[] = "a: {x: 1}\nb: 2\n";
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortYamlFile) file = parse_bytes (text, sizeof text - 1, diagnostics);
  RetortYaml *a = retort_yaml_get (file->root, "a");
  RetortYaml *copy = retort_yaml_copy (file, a);

  retort_yaml_set (file, a, "x", retort_yaml_new_scalar (file, a, "5", TRUE));
  retort_yaml_set (file, a, "y", retort_yaml_new_scalar (file, a, "5", FALSE));
  retort_yaml_set (file, a, "z", retort_yaml_new_scalar (file, a, "null", FALSE));
  retort_yaml_set (file, file->root, "c", copy);
  g_autoptr(JsonNode) node = retort_yaml_to_json (file->root);
  g_autofree char *json = retort_json_canonical (node);
  g_assert_cmpstr (json, ==, "{\"a\":{\"x\":\"5\",\"y\":5,\"z\":null},\"b\":2,\"c\":{\"x\":1}}");
  g_assert_cmpuint (copy->start, ==, a->start);
  g_assert_cmpuint (retort_yaml_get (a, "y")->start, ==, a->start);
}

static gboolean
same (const RetortYaml *a, const RetortYaml *b)
{
  if (a->type != b->type || a->n_items != b->n_items)
    return FALSE;
  if (a->type == RETORT_YAML_SCALAR && (strcmp (a->text, b->text) != 0 || a->quoted != b->quoted))
    return FALSE;
  for (guint i = 0; i < a->n_items; i++)
    if (!same (a->items[i], b->items[i]) || (a->keys && strcmp (a->keys[i]->text, b->keys[i]->text) != 0))
      return FALSE;
  return TRUE;
}

/* A text of pieces that YAML could take for something else. */
static char *
random_text (RetortRandom *random)
{
  static const char *const pieces[] = {
    "a", "b", " ", "  ", "\n", "\n\n", "\t", "\r\n", ": ", "#", " #", "- ", "'", "\"", "\\", "{", "}", "[", "]", ",", "&", "*",
    "!", "|", ">", "%", "@", "`", "---", "...", "true", "null", "~", "5", "1e3", "\xc3\xa9", "\xf0\x9f\x98\x80",
    "\xe2\x80\xa8", "\xc2\x85", "\xef\xbb\xbf", "\x01", "\x7f", "\xc2\xa0", "?", "<<", "=",
  };
  GString *text = g_string_new (NULL);

  for (guint n = retort_random_below (random, 7); n > 0; n--)
    g_string_append (text, pieces[retort_random_below (random, G_N_ELEMENTS (pieces))]);
  return g_string_free (text, FALSE);
}

static RetortYaml *
random_node (RetortYamlFile *file, RetortRandom *random, guint depth)
{
  static const char *const plain[] = { "true", "null", "5", "-1.5", "word", "two words", "007", "~", "a/b" };
  const guint kind = retort_random_below (random, depth == 0 ? 2 : 4);

  if (kind == 0)
    return retort_yaml_new_scalar (file, NULL, plain[retort_random_below (random, G_N_ELEMENTS (plain))], FALSE);
  if (kind == 1) {
    g_autofree char *text = random_text (random);
    return retort_yaml_new_scalar (file, NULL, text, TRUE);
  }
  const char *empty = kind == 2 ? "{}" : "[]";
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortYamlFile) other = parse_bytes (empty, 2, diagnostics);
  RetortYaml *node = retort_yaml_copy (file, other->root);
  const guint n = retort_random_below (random, 4);
  if (kind == 3) {
    node->items = g_renew (RetortYaml *, node->items, n);
    for (; node->n_items < n; node->n_items++)
      node->items[node->n_items] = random_node (file, random, depth - 1);
    return node;
  }
  for (guint i = 0; i < n; i++) {
    g_autofree char *key = random_text (random);
    retort_yaml_set (file, node, key, random_node (file, random, depth - 1));
  }
  return node;
}

static void
test_written_text_reads_back (void)
{
  RetortRandom random;

  retort_random_init (&random, 5, "trees", NULL);
  for (guint i = 0; i < 3000; i++) {
    g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
    g_autoptr(RetortYamlFile) file = parse_bytes ("x", 1, diagnostics);
    const RetortYaml *tree = random_node (file, &random, 3);
    g_autofree char *text = retort_yaml_to_string (tree);
    g_autoptr(RetortYamlFile) again = parse_bytes (text, strlen (text), diagnostics);
    retort_test_expect_diagnostics (diagnostics, "");
    if (!same (tree, again->root)) {
      g_autofree char *twice = retort_yaml_to_string (again->root);
      g_test_message ("written:\n%s\nread and written again:\n%s", text, twice);
      g_test_fail ();
      return;
    }
  }
}

static void
test_written_text_is_for_people (void)
{
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  const char text[] = "{name: disease, seed: 17, steps: {a: {use: generate, in: [x, y]}}, prompt: \"one\\ntwo\\n\"}";
  g_autoptr(RetortYamlFile) file = parse_bytes (text, sizeof text - 1, diagnostics);
  g_autofree char *written = retort_yaml_to_string (file->root);

  g_assert_cmpstr (written, ==, "name: disease\nseed: 17\nsteps:\n  a:\n    use: generate\n    in:\n    - x\n    - y\n"
                                "prompt: |\n  one\n  two\n");
}

/* Damaged files: no crash, and either a tree or a reason. */
static void
test_damaged_input (void)
{
  static const char seed_text[] = "retort: 1\n# note\nname: 'x y'\ntask: {entities: [Disease, \"A\\tB\"]}\n"
                                  "steps:\n  caf\xc3\xa9: {use: generate, with: {n: 5}}\n  b:\n    - |\n      t\xc3\xa9xt\n"
                                  "    - >-\n      folded\n      text\n  ? k\n  : v\n";
  static const char interesting[] = "{}[]\"',:\\-?#&*!|>%@ \n\t\r\x01\xff\xc3";
  RetortRandom random;
  guint n_trees = 0, n_refused = 0;

  retort_random_init (&random, 6, "damage", NULL);
  for (guint round = 0; round < 10000; round++) {
    g_autoptr(GString) text = g_string_new_len (seed_text, sizeof seed_text - 1);
    for (guint edits = 1 + retort_random_below (&random, 4); edits > 0 && text->len > 0; edits--) {
      const gsize at = retort_random_below (&random, (guint32)text->len);
      const gsize n = 1 + retort_random_below (&random, 9);
      const char c = interesting[retort_random_below (&random, sizeof interesting - 1)];
      switch (retort_random_below (&random, 4)) {
      case 0:
        text->str[at] = c;
        break;
      case 1:
        g_string_insert_c (text, (gssize)at, c);
        break;
      case 2:
        g_string_erase (text, (gssize)at, (gssize)MIN (text->len - at, n));
        break;
      case 3:
        g_string_truncate (text, at);
        break;
      }
    }
    g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
    g_autoptr(RetortYamlFile) file = parse_bytes (text->str, text->len, diagnostics);
    g_autofree char *listing = retort_diagnostics_to_string (diagnostics, FALSE);
    g_assert_true (g_utf8_validate (listing, -1, NULL));
    if (file->root) {
      n_trees++;
      g_autofree char *written = retort_yaml_to_string (file->root);
      g_autoptr(RetortDiagnostics) none = retort_diagnostics_new ();
      g_autoptr(RetortYamlFile) again = parse_bytes (written, strlen (written), none);
      retort_test_expect_diagnostics (none, "");
      g_assert_nonnull (again->root);
    } else {
      n_refused++;
      g_assert_cmpuint (retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR), >, 0);
    }
  }
  g_assert_cmpuint (n_trees, >, 500);
  g_assert_cmpuint (n_refused, >, 500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/yaml/read/values", test_values);
  g_test_add_func ("/yaml/read/json", test_json_is_read_too);
  g_test_add_func ("/yaml/read/line-ends-and-byte-order-mark", test_line_ends_and_byte_order_mark);
  g_test_add_func ("/yaml/read/places-are-bytes", test_places_are_bytes);
  g_test_add_func ("/yaml/read/refusals", test_refusals);
  g_test_add_func ("/yaml/read/duplicate-keys", test_duplicate_keys);
  g_test_add_func ("/yaml/read/depth", test_depth);
  g_test_add_func ("/yaml/read/size", test_size);
  g_test_add_func ("/yaml/read/number-of-values", test_number_of_values);
  g_test_add_func ("/yaml/read/missing-file", test_missing_file);
  g_test_add_func ("/yaml/read/damaged-input", test_damaged_input);
  g_test_add_func ("/yaml/types/on-demand", test_types_on_demand);
  g_test_add_func ("/yaml/change/set-and-copy", test_set_and_copy);
  g_test_add_func ("/yaml/write/reads-back", test_written_text_reads_back);
  g_test_add_func ("/yaml/write/for-people", test_written_text_is_for_people);
  return g_test_run ();
}
