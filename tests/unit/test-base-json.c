/* test-base-json - the strict reader against RFC 8259, damaged input, and the writers. */
#include "retort-test.h"

#include "base/limit.h"
#include <math.h>
#include <retort/json.h>
#include <retort/random.h>
#include <string.h>

static const char *const event_names[] = { "{", "}", "[", "]", "key", "string", "int", "number", "bool", "null" };

/* The events as one text; with the error in parentheses. */
static char *
events_of (const char *text, gsize n_bytes)
{
  /* A copy of exactly its length, so that a sanitizer sees any byte read beyond. */
  g_autofree char *exact = n_bytes > 0 ? g_memdup2 (text, n_bytes) : NULL;
  g_auto(RetortJsonReader) reader;
  GString *out = g_string_new (NULL);
  RetortJsonEvent event;

  retort_json_reader_init (&reader, exact, n_bytes);
  while ((event = retort_json_reader_next (&reader)) < RETORT_JSON_EOF) {
    g_string_append_printf (out, "%s%s", out->len ? " " : "", event_names[event]);
    if (event == RETORT_JSON_KEY || event == RETORT_JSON_STRING) {
      g_assert_cmpuint (strlen (reader.string), ==, reader.string_bytes);
      g_assert_true (g_utf8_validate (reader.string, -1, NULL));
      g_string_append_printf (out, ":%s", reader.string);
    } else if (event == RETORT_JSON_INT)
      g_string_append_printf (out, ":%" G_GINT64_FORMAT, reader.integer);
    else if (event == RETORT_JSON_NUMBER)
      g_string_append_printf (out, ":%.17g", reader.number);
    else if (event == RETORT_JSON_BOOL)
      g_string_append (out, reader.boolean ? ":true" : ":false");
    g_assert_cmpuint (reader.offset, <=, n_bytes);
  }
  if (event == RETORT_JSON_ERROR) {
    gsize offset;
    const char *what = retort_json_reader_error (&reader, &offset);
    g_assert_nonnull (what);
    g_assert_cmpuint (offset, <=, n_bytes);
    g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_ERROR); /* it is final */
    g_string_append_printf (out, "%s(%" G_GSIZE_FORMAT ": %s)", out->len ? " " : "", offset, what);
  } else
    g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_EOF);
  return g_string_free (out, FALSE);
}

static void
expect (const char *text, const char *events)
{
  g_autofree char *got = events_of (text, strlen (text));

  g_assert_cmpstr (got, ==, events);
}

static void
test_values (void)
{
  expect (" {\"a\" : [1, -2.5,\ttrue,false,null],\r\n\"b\":{}} ",
          "{ key:a [ int:1 number:-2.5 bool:true bool:false null ] key:b { } }");
  expect ("\"x\"", "string:x");
  expect ("0", "int:0");
  expect ("[]", "[ ]");
}

static void
test_strings (void)
{
  expect ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "string:\"\\/\b\f\n\r\t");
  expect ("\"\\u00e9\\ud83d\\ude00 \xc3\xa9\"", "string:\xc3\xa9\xf0\x9f\x98\x80 \xc3\xa9");
  expect ("\"\\uD834\\uDD1E\\u007f\"", "string:\xf0\x9d\x84\x9e\x7f");
}

static void
test_numbers (void)
{
  expect ("[9223372036854775807,-9223372036854775808,-0]", "[ int:9223372036854775807 int:-9223372036854775808 int:0 ]");
  expect ("9223372036854775808", "(0: the integer does not fit into 64 bits)");
  expect ("[-9223372036854775809]", "[ (1: the integer does not fit into 64 bits)");
  expect ("[1e3,1E+3,1.5e-3,0.1,123456789012345.5,1e-400]",
          "[ number:1000 number:1000 number:0.0015 number:0.10000000000000001 number:123456789012345.5 number:0 ]");
  expect ("1e400", "(0: the number is too large)");
  expect ("[01]", "[ (1: a number may not begin with 0)");
  expect ("[-]", "[ (2: a digit is wanted here)");
  expect ("[1.]", "[ (3: a digit is wanted here)");
  expect ("[1e+]", "[ (4: a digit is wanted here)");
  expect ("[+1]", "[ (1: a value is wanted here)");
  expect ("[.5]", "[ (1: a value is wanted here)");
}

/* Short decimals take a fast path, which must round as strtod does. */
static void
test_short_decimals_round_correctly (void)
{
  RetortRandom random;

  retort_random_init (&random, 1, "decimals", NULL);
  for (guint i = 0; i < 20000; i++) {
    char text[48];
    const guint places = retort_random_below (&random, 14) + 1;
    g_snprintf (text, sizeof text, "%s%u.%0*u", i % 2 ? "-" : "", retort_random_below (&random, 100000), (int)places,
                retort_random_u32 (&random));
    g_auto(RetortJsonReader) reader;
    retort_json_reader_init (&reader, text, strlen (text));
    g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_NUMBER);
    g_assert_true (reader.number == g_ascii_strtod (text, NULL));
  }
}

static void
test_refusals (void)
{
  static const struct {
    const char *text, *events;
  } cases[] = {
    { "", "(0: the text is empty)" },
    { " ", "(1: the text ends too early)" },
    { "[1,]", "[ int:1 (3: a value is wanted here)" },
    { "{\"a\":1,}", "{ key:a int:1 (7: a key in double quotes is wanted here)" },
    { "[1 2]", "[ int:1 (3: ',' or ']' is wanted here)" },
    { "{\"a\":1]", "{ key:a int:1 (6: ',' or '}' is wanted here)" },
    { "{\"a\" 1}", "{ key:a (5: ':' is wanted here)" },
    { "{a:1}", "{ (1: a key in double quotes is wanted here)" },
    { "{1:1}", "{ (1: a key in double quotes is wanted here)" },
    { "[1", "[ int:1 (2: the text ends too early)" },
    { "{\"a\"", "{ key:a (4: the text ends too early)" },
    { "{", "{ (1: the text ends too early)" },
    { "]", "(0: a value is wanted here)" },
    { "1 2", "int:1 (2: nothing may follow the value)" },
    { "{}}", "{ } (2: nothing may follow the value)" },
    { "[1]//x", "[ int:1 ] (3: nothing may follow the value)" },
    { "[/*x*/1]", "[ (1: a value is wanted here)" },
    { "nul", "(0: a value is wanted here (words are true, false and null))" },
    { "nulls", "(0: a value is wanted here (words are true, false and null))" },
    { "NaN", "(0: a value is wanted here)" },
    { "'a'", "(0: a value is wanted here)" },
    { "\"a", "(0: the string does not end)" },
    { "\"a\\", "(0: the string does not end)" },
    { "\"a\\\"", "(0: the string does not end)" },
    { "\"a\nb\"", "(2: a control character must be escaped in a string)" },
    { "\"\\x41\"", "(1: this escape is not JSON)" },
    { "\"\\u12g4\"", "(1: this escape is not JSON)" },
    { "\"\\u12", "(1: this escape is not JSON)" },
    { "\"\\u0000\"", "(1: a string may not hold NUL)" },
    { "\"\\ud800\"", "(1: half of a surrogate pair)" },
    { "\"\\ud800\\u0041\"", "(1: half of a surrogate pair)" },
    { "\"\\udc00\\ud800\"", "(1: half of a surrogate pair)" },
    { "\"\xff\"", "(1: this is not UTF-8)" },
    { "\"a\xc3\"", "(2: this is not UTF-8)" },
    { "\"\xed\xa0\x80\"", "(1: this is not UTF-8)" },
    { "\xef\xbb\xbf{}", "(0: a value is wanted here (is this a byte order mark?))" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    expect (cases[i].text, cases[i].events);
  g_autofree char *nul = events_of ("\"a\0b\"", 5);
  g_assert_cmpstr (nul, ==, "(2: a control character must be escaped in a string)");
}

static void
test_duplicate_keys (void)
{
  expect ("{\"a\":1,\"b\":2,\"a\":3}", "{ key:a int:1 key:b int:2 (13: the key stands twice in one object)");
  expect ("{\"a\":1,\"\\u0061\":3}", "{ key:a int:1 (7: the key stands twice in one object)");
  expect ("{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]},\"b\":1}",
          "{ key:a { key:a [ { key:a int:1 } { key:a int:1 } ] } key:b int:1 }");
  expect ("{\"\":{\"x\":1},\"\":1}", "{ key: { key:x int:1 } (12: the key stands twice in one object)");
}

/* The same objects, by a set per object: random nesting with keys from a small and a large pool. */
static void
test_duplicate_keys_against_sets (void)
{
  RetortRandom random;
  guint n_duplicates = 0;

  retort_random_init (&random, 2, "keys", NULL);
  for (guint round = 0; round < 300; round++) {
    GString *text = g_string_new ("{");
    GPtrArray *sets = g_ptr_array_new_with_free_func ((GDestroyNotify)g_hash_table_unref);
    gboolean duplicate = FALSE, first = TRUE;
    const guint pool = round % 2 ? 40 : 4000;
    g_ptr_array_add (sets, g_hash_table_new (NULL, NULL));
    for (guint i = 0; i < 60 && !duplicate; i++) {
      if (sets->len > 1 && retort_random_below (&random, 4) == 0) {
        g_string_append_c (text, '}');
        g_ptr_array_remove_index (sets, sets->len - 1);
        first = FALSE;
        continue;
      }
      const guint key = retort_random_below (&random, pool);
      duplicate = !g_hash_table_add (sets->pdata[sets->len - 1], GUINT_TO_POINTER (key));
      g_string_append_printf (text, "%s\"k%u\":", first ? "" : ",", key);
      first = retort_random_below (&random, 3) == 0;
      if (first)
        g_ptr_array_add (sets, g_hash_table_new (NULL, NULL));
      g_string_append_c (text, first ? '{' : '1');
    }
    for (guint i = 0; i < sets->len; i++)
      g_string_append_c (text, '}');
    g_autofree char *events = events_of (text->str, text->len);
    g_assert_cmpint (strstr (events, "twice") != NULL, ==, duplicate);
    g_assert_cmpint (strstr (events, "(") != NULL, ==, duplicate);
    n_duplicates += duplicate;
    g_ptr_array_unref (sets);
    g_string_free (text, TRUE);
  }
  g_assert_cmpuint (n_duplicates, >, 50);
  g_assert_cmpuint (n_duplicates, <, 250);
}

/* One object of 300,000 keys: with a linear search this would take minutes. */
static void
test_many_keys (void)
{
  GString *text = g_string_new ("{\"k\":0");
  const gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < 300000; i++)
    g_string_append_printf (text, ",\"%u\":0", i);
  g_string_append (text, ",\"123456\":0}");
  g_autofree char *events = events_of (text->str, text->len);
  g_assert_true (g_str_has_suffix (events, "the key stands twice in one object)"));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
  g_string_free (text, TRUE);
}

static void
test_depth (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < RETORT_LIMIT_JSON_DEPTH; i++)
    g_string_append_c (text, '[');
  for (guint i = 0; i < RETORT_LIMIT_JSON_DEPTH; i++)
    g_string_append_c (text, ']');
  g_autofree char *deepest = events_of (text->str, text->len);
  g_assert_null (strstr (deepest, "("));
  g_string_prepend (text, "[");
  g_string_append (text, "]");
  g_autofree char *too_deep = events_of (text->str, text->len);
  g_assert_nonnull (strstr (too_deep, "(128: nested too deeply)"));
  g_string_free (text, TRUE);
}

static void
test_skip (void)
{
  const char text[] = "{\"a\":{\"x\":[1,{\"y\":2}]},\"b\":[[],{}],\"c\":7,\"d\":\"z\"}";
  g_auto(RetortJsonReader) reader;

  retort_json_reader_init (&reader, text, sizeof text - 1);
  g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_OBJECT);
  g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_KEY);
  g_assert_true (retort_json_reader_skip (&reader)); /* after a key: its value */
  g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_KEY);
  g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_ARRAY);
  g_assert_true (retort_json_reader_skip (&reader)); /* after its first event: the rest */
  g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_KEY);
  g_assert_cmpstr (reader.string, ==, "c");
  g_assert_true (retort_json_reader_skip (&reader));
  g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_KEY);
  g_assert_cmpstr (reader.string, ==, "d");
  g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_STRING);
  g_assert_true (retort_json_reader_skip (&reader)); /* a scalar is over already */
  g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_OBJECT_END);
  g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_EOF);
}

static void
test_skip_stays_strict (void)
{
  const char text[] = "{\"a\":{\"x\":1,\"x\":2}}";
  g_auto(RetortJsonReader) reader;

  retort_json_reader_init (&reader, text, sizeof text - 1);
  retort_json_reader_next (&reader);
  retort_json_reader_next (&reader);
  g_assert_false (retort_json_reader_skip (&reader));
  g_assert_cmpint (retort_json_reader_next (&reader), ==, RETORT_JSON_ERROR);
}

static gboolean
accepts (const char *text, gsize n_bytes)
{
  g_auto(RetortJsonReader) reader;
  RetortJsonEvent event;

  retort_json_reader_init (&reader, text, n_bytes);
  do
    event = retort_json_reader_next (&reader);
  while (event < RETORT_JSON_EOF);
  return event == RETORT_JSON_EOF;
}

/* Thousands of damaged texts: no crash, no hang, and whatever is still accepted means the same when written and read
 * again. */
static void
test_damaged_input (void)
{
  static const char seed_text[]
      = "{\"id\":\"d1\",\"text\":\"Caf\xc3\xa9 \\u00e9 \\ud83d\\ude00 \\\"q\\\"\",\"spans\":[{\"start\":0,\"end\":4,"
        "\"score\":0.25},{\"start\":-5,\"end\":1e3,\"label\":null}],\"ok\":true,\"n\":[[],{},[[1.5E-7]]]}";
  static const char interesting[] = "{}[]\",:\\0-+.eEu\xff\xc3\x80 \n\ttfn19";
  RetortRandom random;
  guint n_accepted = 0, n_refused = 0;

  retort_random_init (&random, 3, "damage", NULL);
  for (guint round = 0; round < 30000; round++) {
    g_autoptr(GString) text = g_string_new_len (seed_text, sizeof seed_text - 1);
    for (guint edits = 1 + retort_random_below (&random, 3); edits > 0 && text->len > 0; edits--) {
      const gsize at = retort_random_below (&random, (guint32)text->len);
      const gsize n = 1 + retort_random_below (&random, 4);
      const char c = interesting[retort_random_below (&random, sizeof interesting - 1)];
      switch (retort_random_below (&random, 5)) {
      case 0:
        text->str[at] = c;
        break;
      case 1:
        text->str[at] ^= (char)(1 << retort_random_below (&random, 8));
        break;
      case 2:
        g_string_insert_c (text, (gssize)at, c);
        break;
      case 3:
        g_string_erase (text, (gssize)at, (gssize)MIN (text->len - at, n));
        break;
      case 4:
        g_string_truncate (text, at);
        break;
      }
    }
    g_free (events_of (text->str, text->len)); /* checks what each event carries */
    g_autoptr(JsonNode) node = retort_json_parse (text->str, text->len, NULL);
    g_assert_cmpint (node != NULL, ==, accepts (text->str, text->len));
    if (!node) {
      n_refused++;
      continue;
    }
    n_accepted++;
    g_autofree char *once = retort_json_canonical (node);
    g_autoptr(JsonNode) again = retort_json_parse (once, strlen (once), NULL);
    g_assert_nonnull (again);
    g_autofree char *twice = retort_json_canonical (again);
    g_assert_cmpstr (once, ==, twice);
  }
  g_assert_cmpuint (n_accepted, >, 1000);
  g_assert_cmpuint (n_refused, >, 1000);
}

static void
test_every_prefix_is_refused (void)
{
  const char text[] = "{\"a\":[1.5,\"\\ud83d\\ude00\",true,{\"b\":null}]}";

  for (gsize n = 0; n < sizeof text - 1; n++)
    g_assert_null (retort_json_parse (text, n, NULL));
  g_autoptr(JsonNode) whole = retort_json_parse (text, sizeof text - 1, NULL);
  g_assert_nonnull (whole);
}

static void
test_parse_says_where (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (retort_json_parse ("{\n \"\xc3\xa9\": x}", 11, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  g_assert_cmpstr (error->message, ==, "2:7: a value is wanted here");
}

static void
test_load (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *good = retort_test_write (folder, "good.json", "[1]");
  g_autofree char *bad = retort_test_write (folder, "bad.json", "[1");
  g_autofree char *message = g_strdup_printf ("%s:1:3: the text ends too early", bad);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = retort_json_load (good, 3, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (node)), ==, 1);
  g_assert_null (retort_json_load (bad, 100, &error));
  g_assert_cmpstr (error->message, ==, message);
  g_clear_error (&error);
  g_assert_null (retort_json_load (good, 2, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_LIMIT);
}

static void
test_canonical (void)
{
  const char text[] = "{\"b\": [1.0, -0.0, 1e2], \"a\\n\": \"\\u00e9\\u0001\\/\", \"B\": {}, \"\xc3\xa9\": null}";
  g_autoptr(JsonNode) node = retort_json_parse (text, sizeof text - 1, NULL);
  g_autofree char *canonical = retort_json_canonical (node);

  g_assert_cmpstr (canonical, ==, "{\"B\":{},\"a\\n\":\"\xc3\xa9\\u0001/\",\"b\":[1,0,100],\"\xc3\xa9\":null}");
}

static void
test_pretty (void)
{
  const char text[] = "{\"b\":[1,{}],\"a\":{\"x\":[]}}";
  g_autoptr(JsonNode) node = retort_json_parse (text, sizeof text - 1, NULL);
  g_autofree char *pretty = retort_json_pretty (node);

  g_assert_cmpstr (pretty, ==, "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": {\n    \"x\": []\n  }\n}\n");
}

/* Most of these are of RFC 8785, appendix B. */
static void
test_number_layout (void)
{
  static const struct {
    double number;
    const char *text;
  } cases[] = {
    { 0, "0" }, { -0.0, "-0" }, { 1, "1" }, { 0.1, "0.1" }, { -1.5, "-1.5" }, { 1e21, "1e+21" }, { 1e20, "100000000000000000000" },
    { 1e-6, "0.000001" }, { 1e-7, "1e-7" }, { 1.5e-7, "1.5e-7" }, { 123456.789, "123456.789" },
    { 5e-324, "5e-324" }, { -5e-324, "-5e-324" }, { 1.7976931348623157e308, "1.7976931348623157e+308" },
    { 9007199254740992, "9007199254740992" }, { -9007199254740992, "-9007199254740992" },
    { 295147905179352830000.0, "295147905179352830000" }, { 9.999999999999997e22, "9.999999999999997e+22" },
    { 1e23, "1e+23" }, { 1.0000000000000001e23, "1.0000000000000001e+23" }, { 999999999999999700000.0, "999999999999999700000" },
    { 999999999999999900000.0, "999999999999999900000" }, { 333333333.3333332, "333333333.3333332" },
    { 333333333.33333325, "333333333.33333325" }, { 333333333.3333334, "333333333.3333334" },
    { -0.0000033333333333333333, "-0.0000033333333333333333" }, { 1424953923781206.2, "1424953923781206.2" },
    { 0x1p-44, "5.684341886080802e-14" }, { NAN, "null" }, { INFINITY, "null" },
    { 2.2250738585072014e-308, "2.2250738585072014e-308" }, { 2.225073858507201e-308, "2.225073858507201e-308" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr(GString) out = g_string_new (NULL);
    retort_json_append_number (out, cases[i].number);
    g_assert_cmpstr (out->str, ==, cases[i].text);
  }
}

static guint
significant_digits (const char *text)
{
  g_autofree char *digits = g_strdup (text);
  char *e = strchr (digits, 'e');
  guint n = 0, zeros = 0;

  if (e)
    *e = 0;
  for (const char *at = digits; *at; at++) {
    if (!g_ascii_isdigit (*at) || (n == 0 && *at == '0'))
      continue;
    n++;
    zeros = *at == '0' ? zeros + 1 : 0;
  }
  return n - zeros;
}

/* Of any bit pattern: reads back as itself, and %.*e with fewer digits does not. */
static void
test_numbers_are_shortest (void)
{
  RetortRandom random;

  retort_random_init (&random, 4, "doubles", NULL);
  for (guint i = 0; i < 20000; i++) {
    const guint64 bits = retort_random_u64 (&random);
    double number;
    memcpy (&number, &bits, sizeof number);
    if (i % 4 == 1) /* powers of two, where the gap below is half the gap above */
      number = ldexp (1, (int)retort_random_below (&random, 2098) - 1074);
    if (i % 4 == 2) /* short decimals */
      number = retort_random_below (&random, 1000000) / 1000.0;
    if (!isfinite (number) || number == 0)
      continue;
    g_autoptr(GString) out = g_string_new (NULL);
    retort_json_append_number (out, number);
    g_assert_true (g_ascii_strtod (out->str, NULL) == number);
    const guint n = significant_digits (out->str);
    g_assert_cmpuint (n, <=, 17);
    for (guint fewer = 1; fewer < n; fewer++) {
      char format[8], text[40];
      g_snprintf (format, sizeof format, "%%.%ue", fewer - 1);
      g_ascii_formatd (text, sizeof text, format, number);
      g_assert_true (g_ascii_strtod (text, NULL) != number);
    }
  }
}

static void
test_strings_are_escaped (void)
{
  g_autoptr(GString) out = g_string_new (NULL);

  retort_json_append_string (out, "a\"\\\b\f\n\r\t\x01\x1f\x7f\xc3\xa9/", -1);
  retort_json_append_string (out, "abcdef", 3);
  retort_json_append_string (out, "a\0b", 3);
  g_assert_cmpstr (out->str, ==,
                   "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9/\"\"abc\"\"a\\u0000b\"");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/read/values", test_values);
  g_test_add_func ("/json/read/strings", test_strings);
  g_test_add_func ("/json/read/numbers", test_numbers);
  g_test_add_func ("/json/read/short-decimals-round-correctly", test_short_decimals_round_correctly);
  g_test_add_func ("/json/read/refusals", test_refusals);
  g_test_add_func ("/json/read/duplicate-keys", test_duplicate_keys);
  g_test_add_func ("/json/read/duplicate-keys-against-sets", test_duplicate_keys_against_sets);
  g_test_add_func ("/json/read/many-keys-are-fast", test_many_keys);
  g_test_add_func ("/json/read/depth", test_depth);
  g_test_add_func ("/json/read/damaged-input", test_damaged_input);
  g_test_add_func ("/json/read/every-prefix-is-refused", test_every_prefix_is_refused);
  g_test_add_func ("/json/skip/values", test_skip);
  g_test_add_func ("/json/skip/stays-strict", test_skip_stays_strict);
  g_test_add_func ("/json/parse/says-where", test_parse_says_where);
  g_test_add_func ("/json/load/bounded-with-path", test_load);
  g_test_add_func ("/json/write/canonical", test_canonical);
  g_test_add_func ("/json/write/pretty", test_pretty);
  g_test_add_func ("/json/write/number-layout", test_number_layout);
  g_test_add_func ("/json/write/numbers-are-shortest", test_numbers_are_shortest);
  g_test_add_func ("/json/write/strings-are-escaped", test_strings_are_escaped);
  return g_test_run ();
}
