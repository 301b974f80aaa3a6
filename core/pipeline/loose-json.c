/* loose-json - JSON as language models write it.
 *
 * Strict reading comes first; only what it refuses is read here, by recursive descent that mends what is clear and
 * notes each kind of mending. Where the text ends too early every open value is closed: lists keep their complete
 * elements, objects keep the members that are complete or are lists and objects themselves. */
#include "base/limit.h"
#include "pipeline/prompt-private.h"
#include <retort/json.h>
#include <string.h>

typedef struct {
  const char *at, *end;
  guint depth;
  gboolean cut;       /* the text ended inside a value */
  gboolean failed;    /* this is no JSON */
  RetortLedger *ledger;
  const char *where;
} Loose;

static JsonNode *read_value (Loose *loose);
static JsonNode *read_object (Loose *loose);
static JsonNode *read_array (Loose *loose);
static char *read_string (Loose *loose);
static JsonNode *read_scalar (Loose *loose);

static void
mended (Loose *loose, const char *what)
{
  retort_ledger_note (loose->ledger, RETORT_LEDGER_REPAIRED, what, loose->where, NULL);
}

static gboolean
blank (const char *start, const char *end)
{
  while (start < end && g_ascii_isspace (*start))
    start++;
  return start == end;
}

JsonNode *
retort_loose_json_parse (const char *text, RetortLedger *ledger, const char *where)
{
  const gsize n_bytes = strlen (text);
  JsonNode *strict = retort_json_parse (text, n_bytes, NULL);

  if (strict)
    return strict;
  g_autoptr(JsonArray) values = json_array_new ();
  Loose loose = { text, text + n_bytes, 0, FALSE, FALSE, ledger, where };
  gboolean around = FALSE;
  while (loose.at < loose.end) {
    const char *start = loose.at + strcspn (loose.at, "{[");
    around |= !blank (loose.at, start);
    if (start >= loose.end)
      break;
    loose.at = start;
    loose.failed = FALSE;
    JsonNode *value = read_value (&loose);
    if (value)
      json_array_add_element (values, value);
    else {
      loose.at = start + 1; /* a bracket in prose */
      around = TRUE;
    }
  }
  if (json_array_get_length (values) == 0)
    return NULL;
  if (around)
    mended (&loose, "words around the answer");
  if (loose.cut)
    mended (&loose, "answer cut off");
  if (json_array_get_length (values) == 1)
    return json_array_dup_element (values, 0);
  mended (&loose, "several JSON values");
  JsonNode *node = json_node_alloc ();
  return json_node_init_array (node, values);
}

static void
skip_space (Loose *loose)
{
  while (loose->at < loose->end && g_ascii_isspace (*loose->at))
    loose->at++;
  if (loose->at == loose->end)
    loose->cut = TRUE;
}

/* NULL: failed, or cut off before anything could be kept. */
static JsonNode *
read_value (Loose *loose)
{
  JsonNode *node = NULL;

  skip_space (loose);
  if (loose->cut || loose->depth >= RETORT_LIMIT_JSON_DEPTH) {
    loose->failed |= !loose->cut;
    return NULL;
  }
  loose->depth++;
  if (*loose->at == '{')
    node = read_object (loose);
  else if (*loose->at == '[')
    node = read_array (loose);
  else if (*loose->at == '"') {
    g_autofree char *string = read_string (loose);
    if (string)
      node = json_node_init_string (json_node_alloc (), string);
  } else
    node = read_scalar (loose);
  loose->depth--;
  return node;
}

/* At a comma or the closing bracket; TRUE if another element follows. */
static gboolean
next_element (Loose *loose, char closing, gboolean first)
{
  skip_space (loose);
  if (loose->cut)
    return FALSE;
  if (*loose->at == closing) {
    loose->at++;
    return FALSE;
  }
  if (first)
    return TRUE;
  if (*loose->at != ',') {
    if (*loose->at != '{' && *loose->at != '"' && *loose->at != '[') {
      loose->failed = TRUE;
      return FALSE;
    }
    mended (loose, "missing comma");
    return TRUE;
  }
  loose->at++;
  skip_space (loose);
  if (loose->cut)
    return FALSE;
  if (*loose->at == closing) {
    mended (loose, "trailing comma");
    loose->at++;
    return FALSE;
  }
  return TRUE;
}

static JsonNode *
read_object (Loose *loose)
{
  g_autoptr(JsonObject) object = json_object_new ();

  loose->at++;
  for (gboolean first = TRUE; next_element (loose, '}', first); first = FALSE) {
    if (*loose->at != '"') {
      loose->failed = TRUE;
      break;
    }
    g_autofree char *key = read_string (loose);
    if (!key)
      break;
    skip_space (loose);
    if (loose->cut)
      break;
    if (*loose->at != ':') {
      loose->failed = TRUE;
      break;
    }
    loose->at++;
    JsonNode *value = read_value (loose);
    if (!value)
      break;
    if (json_object_has_member (object, key)) {
      mended (loose, "a key stands twice");
      json_node_unref (value);
    } else
      json_object_set_member (object, key, value);
    if (loose->cut)
      break;
  }
  if (loose->failed)
    return NULL;
  return json_node_init_object (json_node_alloc (), object);
}

static JsonNode *
read_array (Loose *loose)
{
  g_autoptr(JsonArray) array = json_array_new ();

  loose->at++;
  for (gboolean first = TRUE; next_element (loose, ']', first); first = FALSE) {
    JsonNode *value = read_value (loose);
    if (loose->cut) {
      retort_ledger_note (loose->ledger, RETORT_LEDGER_DROPPED, "cut off", loose->where, NULL);
      g_clear_pointer (&value, json_node_unref);
    }
    if (!value)
      break;
    json_array_add_element (array, value);
  }
  if (loose->failed)
    return NULL;
  return json_node_init_array (json_node_alloc (), array);
}

/* Four hex digits at `p`, or -1. */
static gint32
hex4 (const char *p, const char *end)
{
  gint32 value = 0;

  if (end - p < 4)
    return -1;
  for (guint i = 0; i < 4; i++) {
    if (!g_ascii_isxdigit (p[i]))
      return -1;
    value = value * 16 + g_ascii_xdigit_value (p[i]);
  }
  return value;
}

/* \uXXXX behind the backslash, with its second half; NUL and lone halves become U+FFFD. */
static void
read_unicode (Loose *loose, GString *out)
{
  gint32 c = hex4 (loose->at + 1, loose->end);

  if (c < 0) {
    mended (loose, "bad escape");
    g_string_append_c (out, '\\');
    return;
  }
  loose->at += 5;
  if (c >= 0xD800 && c < 0xDC00 && loose->end - loose->at >= 6 && loose->at[0] == '\\' && loose->at[1] == 'u') {
    const gint32 low = hex4 (loose->at + 2, loose->end);
    if (low >= 0xDC00 && low < 0xE000) {
      loose->at += 6;
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
  }
  if (c == 0 || (c >= 0xD800 && c < 0xE000)) {
    mended (loose, "bad escape");
    c = 0xFFFD;
  }
  g_string_append_unichar (out, c);
}

/* At the opening quote; NULL if cut off. */
static char *
read_string (Loose *loose)
{
  g_autoptr(GString) out = g_string_new (NULL);
  static const char plain[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";

  loose->at++;
  while (loose->at < loose->end && *loose->at != '"') {
    if (*loose->at != '\\') {
      if (*loose->at == '\n')
        mended (loose, "line break in a string");
      g_string_append_c (out, *loose->at++);
      continue;
    }
    if (++loose->at == loose->end)
      break;
    const char *escape = strchr (plain, *loose->at);
    if (escape && *escape) {
      g_string_append_c (out, meant[escape - plain]);
      loose->at++;
    } else if (*loose->at == 'u')
      read_unicode (loose, out);
    else {
      mended (loose, "bad escape"); /* "\alpha": a backslash that was meant */
      g_string_append_c (out, '\\');
    }
  }
  if (loose->at == loose->end) {
    loose->cut = TRUE;
    return NULL;
  }
  loose->at++;
  return g_strdup (out->str);
}

/* Numbers and words. */
static JsonNode *
read_scalar (Loose *loose)
{
  static const struct { const char *word; gboolean is_null, value; } words[] = {
    { "true", FALSE, TRUE }, { "false", FALSE, FALSE }, { "null", TRUE, FALSE },
    { "True", FALSE, TRUE }, { "False", FALSE, FALSE }, { "None", TRUE, FALSE },
  };
  const gsize n = strspn (loose->at, "+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
  g_autofree char *word = g_strndup (loose->at, n);

  if (loose->at + n >= loose->end) {
    loose->at = loose->end;
    loose->cut = TRUE; /* "12" may have been "123" */
    return NULL;
  }
  loose->at += n;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (word, words[i].word))
      return words[i].is_null ? json_node_init_null (json_node_alloc ())
                              : json_node_init_boolean (json_node_alloc (), words[i].value);
  char *behind = NULL;
  const gint64 integer = g_ascii_strtoll (word, &behind, 10);
  if (n > 0 && !*behind)
    return json_node_init_int (json_node_alloc (), integer);
  const double number = n > 0 ? g_ascii_strtod (word, &behind) : 0;
  if (n > 0 && !*behind)
    return json_node_init_double (json_node_alloc (), number);
  loose->failed = TRUE;
  return NULL;
}
