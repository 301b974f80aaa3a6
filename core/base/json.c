/* json - a strict, bounded pull reader (RFC 8259), trees built by it, and writers of text.
 *
 * The reader never recurses and allocates nothing per event: strings are decoded into one buffer. The keys of all
 * open objects lie in a stack, and one hash table over that stack finds a repeated key. As objects close in the
 * reverse order of their opening, keys leave the table in the reverse order of their coming, and open addressing
 * needs no marks for the deleted. The hash is keyed at random, so that no file can be built to be slow. */
#include <retort/json.h>

#include "base/limit.h"
#include "base/util.h"
#include <float.h>
#include <math.h>
#include <string.h>

typedef enum { WANT_VALUE, WANT_VALUE_OR_END, WANT_KEY, WANT_KEY_OR_END, WANT_COLON, WANT_COMMA, DONE } Want;

typedef struct {
  guint64 hash;
  gsize start, n_bytes; /* in `key_bytes`, NUL-terminated beyond */
} Key;

typedef struct {
  guint first_key; /* of the object in `keys`; of an array: G_MAXUINT */
  gsize first_byte;
} Frame;

typedef struct {
  Want want;
  RetortJsonEvent last;
  const char *error; /* NULL: none so far */
  gsize error_offset;
  GString *buffer;    /* the string or number at hand */
  GString *key_bytes; /* the keys of the open objects */
  Key *keys;
  guint n_keys, keys_room;
  guint32 *slots; /* [slots_mask + 1]  1 + index into `keys`; 0: free */
  guint slots_mask;
  guint64 secret;
  Frame frames[RETORT_LIMIT_JSON_DEPTH];
} State;

static RetortJsonEvent fail (RetortJsonReader *reader, const char *what, gsize offset);
static RetortJsonEvent next_event (RetortJsonReader *reader);
static RetortJsonEvent open_container (RetortJsonReader *reader, RetortJsonEvent event);
static RetortJsonEvent close_container (RetortJsonReader *reader, RetortJsonEvent event);
static RetortJsonEvent read_key (RetortJsonReader *reader);
static RetortJsonEvent read_value (RetortJsonReader *reader);
static RetortJsonEvent read_word (RetortJsonReader *reader, const char *word, RetortJsonEvent event, gboolean boolean);
static RetortJsonEvent read_number (RetortJsonReader *reader);
static gboolean read_string (RetortJsonReader *reader, GString *out);
static gboolean is_in_object (const RetortJsonReader *reader);
static void add_to_tree (JsonNode *parent, const char *key, JsonNode *child);
static void write_node (GString *out, JsonNode *node, int indent);
static void number_digits (double number, guint64 *digits, int *exponent);

void
retort_json_reader_init (RetortJsonReader *reader, const char *text, gsize n_bytes)
{
  State *state = g_new (State, 1);

  memset (state, 0, offsetof (State, frames));
  state->buffer = g_string_sized_new (256);
  state->key_bytes = g_string_sized_new (256);
  state->secret = (guint64)g_random_int () << 32 | g_random_int ();
  *reader = (RetortJsonReader){
    .text = text, .n_bytes = n_bytes, .max_depth = RETORT_LIMIT_JSON_DEPTH, .state = state,
  };
}

void
retort_json_reader_clear (RetortJsonReader *reader)
{
  State *state = reader->state;

  if (!state)
    return;
  g_string_free (state->buffer, TRUE);
  g_string_free (state->key_bytes, TRUE);
  g_free (state->keys);
  g_free (state->slots);
  g_free (state);
  reader->state = NULL;
}

RetortJsonEvent
retort_json_reader_next (RetortJsonReader *reader)
{
  State *state = reader->state;

  if (state->error)
    return RETORT_JSON_ERROR;
  return state->last = next_event (reader);
}

gboolean
retort_json_reader_skip (RetortJsonReader *reader)
{
  State *state = reader->state;

  if (state->last == RETORT_JSON_KEY)
    retort_json_reader_next (reader);
  if (state->last == RETORT_JSON_OBJECT || state->last == RETORT_JSON_ARRAY)
    for (const guint outside = reader->depth - 1; reader->depth > outside;)
      if (retort_json_reader_next (reader) == RETORT_JSON_ERROR)
        return FALSE;
  return state->last != RETORT_JSON_ERROR;
}

const char *
retort_json_reader_error (const RetortJsonReader *reader, gsize *offset)
{
  const State *state = reader->state;

  if (offset)
    *offset = state->error_offset;
  return state->error;
}

JsonNode *
retort_json_parse (const char *text, gsize n_bytes, GError **error)
{
  g_auto(RetortJsonReader) reader;
  JsonNode *open[RETORT_LIMIT_JSON_DEPTH]; /* the containers round the event, outermost first; lent */
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GString) key = g_string_new (NULL);
  guint n_open = 0;

  retort_json_reader_init (&reader, text, n_bytes);
  for (;;) {
    const RetortJsonEvent event = retort_json_reader_next (&reader);
    JsonNode *node = NULL;
    switch (event) {
    case RETORT_JSON_EOF:
      return g_steal_pointer (&root);
    case RETORT_JSON_ERROR: {
      gsize offset;
      guint line, column;
      const char *what = retort_json_reader_error (&reader, &offset);
      g_autoptr(RetortSource) source = retort_source_new ("", text, n_bytes);
      retort_source_locate (source, offset, &line, &column);
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%u:%u: %s", line, column, what);
      return NULL;
    }
    case RETORT_JSON_OBJECT_END:
    case RETORT_JSON_ARRAY_END:
      n_open--;
      continue;
    case RETORT_JSON_KEY:
      g_string_assign (key, reader.string);
      continue;
    case RETORT_JSON_OBJECT:
      node = json_node_init_object (json_node_alloc (), NULL);
      json_node_take_object (node, json_object_new ());
      break;
    case RETORT_JSON_ARRAY:
      node = json_node_init_array (json_node_alloc (), NULL);
      json_node_take_array (node, json_array_new ());
      break;
    case RETORT_JSON_STRING:
      node = json_node_init_string (json_node_alloc (), reader.string);
      break;
    case RETORT_JSON_INT:
      node = json_node_init_int (json_node_alloc (), reader.integer);
      break;
    case RETORT_JSON_NUMBER:
      node = json_node_init_double (json_node_alloc (), reader.number);
      break;
    case RETORT_JSON_BOOL:
      node = json_node_init_boolean (json_node_alloc (), reader.boolean);
      break;
    case RETORT_JSON_NULL:
      node = json_node_init_null (json_node_alloc ());
      break;
    }
    if (n_open == 0)
      root = node;
    else
      add_to_tree (open[n_open - 1], key->str, node);
    if (event == RETORT_JSON_OBJECT || event == RETORT_JSON_ARRAY)
      open[n_open++] = node;
  }
}

JsonNode *
retort_json_load (const char *path, gsize max_bytes, GError **error)
{
  g_autofree char *text = NULL;
  gsize n_bytes;

  if (!retort_file_read (path, max_bytes, &text, &n_bytes, error))
    return NULL;
  JsonNode *node = retort_json_parse (text, n_bytes, error);
  if (!node)
    g_prefix_error (error, "%s:", path);
  return node;
}

char *
retort_json_canonical (JsonNode *node)
{
  GString *out = g_string_new (NULL);

  write_node (out, node, -1);
  return g_string_free (out, FALSE);
}

char *
retort_json_pretty (JsonNode *node)
{
  GString *out = g_string_new (NULL);

  write_node (out, node, 0);
  g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}

void
retort_json_append_string (GString *out, const char *string, gssize n_bytes)
{
  static const char letters[0x20] = { ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't' };
  const char *end = string + (n_bytes < 0 ? strlen (string) : (gsize)n_bytes);

  g_string_append_c (out, '"');
  for (const char *at = string; at < end;) {
    const char *plain = at;
    while (at < end && (guchar)*at >= 0x20 && *at != '"' && *at != '\\')
      at++;
    g_string_append_len (out, plain, at - plain);
    if (at == end)
      break;
    const guchar c = (guchar)*at++;
    if (c >= 0x20 || letters[c]) {
      g_string_append_c (out, '\\');
      g_string_append_c (out, c >= 0x20 ? (char)c : letters[c]);
    } else
      g_string_append_printf (out, "\\u%04x", c);
  }
  g_string_append_c (out, '"');
}

/* The layout of ECMAScript's Number::toString, which RFC 8785 asks for; but -0 stays -0. */
void
retort_json_append_number (GString *out, double number)
{
  guint64 digits;
  int exponent; /* number = 0.DIGITS * 10^exponent */

  if (!isfinite (number)) {
    g_string_append (out, "null");
    return;
  }
  if (signbit (number))
    g_string_append_c (out, '-');
  number = fabs (number);
  if (number < 0x1p53 && number == floor (number)) {
    g_string_append_printf (out, "%" G_GUINT64_FORMAT, (guint64)number);
    return;
  }
  number_digits (number, &digits, &exponent);
  char text[24];
  const int n = g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, digits);
  if (n <= exponent && exponent <= 21)
    g_string_append_printf (out, "%s%.*s", text, exponent - n, "000000000000000000000");
  else if (0 < exponent && exponent <= 21)
    g_string_append_printf (out, "%.*s.%s", exponent, text, text + exponent);
  else if (-6 < exponent && exponent <= 0)
    g_string_append_printf (out, "0.%.*s%s", -exponent, "000000", text);
  else
    g_string_append_printf (out, "%c%s%se%+d", text[0], n > 1 ? "." : "", text + 1, exponent - 1);
}

static RetortJsonEvent
fail (RetortJsonReader *reader, const char *what, gsize offset)
{
  State *state = reader->state;

  state->error = what;
  state->error_offset = offset;
  reader->string = NULL;
  return state->last = RETORT_JSON_ERROR;
}

static int
peek (RetortJsonReader *reader)
{
  while (reader->at < reader->n_bytes) {
    const char c = reader->text[reader->at];
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
      return (guchar)c;
    reader->at++;
  }
  return -1;
}

static RetortJsonEvent
next_event (RetortJsonReader *reader)
{
  State *state = reader->state;

  if (reader->n_bytes > RETORT_LIMIT_JSON_BYTES)
    return fail (reader, "the value is too long", 0);
  for (;;) {
    const int c = peek (reader);
    reader->offset = reader->at;
    switch (state->want) {
    case DONE:
      return c < 0 ? RETORT_JSON_EOF : fail (reader, "nothing may follow the value", reader->at);
    case WANT_VALUE_OR_END:
      if (c == ']')
        return close_container (reader, RETORT_JSON_ARRAY_END);
      return read_value (reader);
    case WANT_VALUE:
      return read_value (reader);
    case WANT_KEY_OR_END:
      if (c == '}')
        return close_container (reader, RETORT_JSON_OBJECT_END);
      return read_key (reader);
    case WANT_KEY:
      return read_key (reader);
    case WANT_COLON:
      if (c != ':')
        return fail (reader, c < 0 ? "the text ends too early" : "':' is wanted here", reader->at);
      reader->at++;
      state->want = WANT_VALUE;
      break;
    case WANT_COMMA:
      if (c == (is_in_object (reader) ? '}' : ']'))
        return close_container (reader, c == '}' ? RETORT_JSON_OBJECT_END : RETORT_JSON_ARRAY_END);
      if (c != ',')
        return fail (reader,
                     c < 0                    ? "the text ends too early"
                     : is_in_object (reader) ? "',' or '}' is wanted here"
                                              : "',' or ']' is wanted here",
                     reader->at);
      reader->at++;
      state->want = is_in_object (reader) ? WANT_KEY : WANT_VALUE;
      break;
    }
  }
}

static gboolean
is_in_object (const RetortJsonReader *reader)
{
  const State *state = reader->state;

  return reader->depth > 0 && state->frames[reader->depth - 1].first_key != G_MAXUINT;
}

static RetortJsonEvent
open_container (RetortJsonReader *reader, RetortJsonEvent event)
{
  State *state = reader->state;

  if (reader->depth >= MIN (reader->max_depth, RETORT_LIMIT_JSON_DEPTH))
    return fail (reader, "nested too deeply", reader->at);
  reader->at++;
  state->frames[reader->depth++] = (Frame){
    .first_key = event == RETORT_JSON_OBJECT ? state->n_keys : G_MAXUINT, .first_byte = state->key_bytes->len,
  };
  state->want = event == RETORT_JSON_OBJECT ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
  return event;
}

static guint
slot_of (const State *state, guint index)
{
  guint slot = (guint)state->keys[index].hash & state->slots_mask;

  while (state->slots[slot] != 0 && state->slots[slot] != index + 1)
    slot = (slot + 1) & state->slots_mask;
  return slot;
}

static RetortJsonEvent
close_container (RetortJsonReader *reader, RetortJsonEvent event)
{
  State *state = reader->state;
  const Frame *frame = &state->frames[--reader->depth];

  reader->at++;
  if (event == RETORT_JSON_OBJECT_END) {
    while (state->n_keys > frame->first_key) {
      state->n_keys--;
      state->slots[slot_of (state, state->n_keys)] = 0;
    }
    g_string_truncate (state->key_bytes, frame->first_byte);
  }
  state->want = reader->depth > 0 ? WANT_COMMA : DONE;
  return event;
}

static guint64
mix (guint64 a, guint64 b)
{
  const unsigned __int128 product = (unsigned __int128)a * b;

  return (guint64)product ^ (guint64)(product >> 64);
}

static guint64
hash_key (const char *bytes, gsize n_bytes, guint64 secret)
{
  guint64 hash = secret ^ n_bytes;

  for (; n_bytes > 0; bytes += MIN (n_bytes, 8), n_bytes -= MIN (n_bytes, 8)) {
    guint64 piece = 0;
    memcpy (&piece, bytes, MIN (n_bytes, 8));
    hash = mix (hash ^ piece, 0x9e3779b97f4a7c15u ^ secret) + secret;
  }
  return mix (hash, 0xd1342543de82ef95u) ^ hash;
}

/* Room for one more key, in a table at most half full. */
static void
grow_keys (State *state)
{
  if (state->n_keys < state->keys_room)
    return;
  state->keys_room = state->keys_room ? state->keys_room * 2 : 32;
  state->keys = g_renew (Key, state->keys, state->keys_room);
  g_free (state->slots);
  state->slots = g_new0 (guint32, (gsize)state->keys_room * 2);
  state->slots_mask = state->keys_room * 2 - 1;
  for (guint i = 0; i < state->n_keys; i++) /* in the order of their coming */
    state->slots[slot_of (state, i)] = i + 1;
}

/* Takes the key that lies at the end of `key_bytes`; FALSE if the object has it already. */
static gboolean
add_key (State *state, guint first_key, gsize start, gsize n_bytes)
{
  grow_keys (state);
  const char *bytes = state->key_bytes->str + start;
  const guint64 hash = hash_key (bytes, n_bytes, state->secret + first_key);
  guint slot = (guint)hash & state->slots_mask;

  for (; state->slots[slot] != 0; slot = (slot + 1) & state->slots_mask) {
    const guint index = state->slots[slot] - 1;
    const Key *key = &state->keys[index];
    if (key->hash == hash && index >= first_key && key->n_bytes == n_bytes
        && memcmp (state->key_bytes->str + key->start, bytes, n_bytes) == 0)
      return FALSE;
  }
  state->keys[state->n_keys++] = (Key){ hash, start, n_bytes };
  state->slots[slot] = state->n_keys;
  return TRUE;
}

static RetortJsonEvent
read_key (RetortJsonReader *reader)
{
  State *state = reader->state;
  const gsize start = state->key_bytes->len;

  if (reader->at >= reader->n_bytes)
    return fail (reader, "the text ends too early", reader->at);
  if (reader->text[reader->at] != '"')
    return fail (reader, "a key in double quotes is wanted here", reader->at);
  if (!read_string (reader, state->key_bytes))
    return RETORT_JSON_ERROR;
  const gsize n_bytes = state->key_bytes->len - start;
  g_string_append_c (state->key_bytes, 0);
  if (!add_key (state, state->frames[reader->depth - 1].first_key, start, n_bytes))
    return fail (reader, "the key stands twice in one object", reader->offset);
  reader->string = state->key_bytes->str + start;
  reader->string_bytes = n_bytes;
  state->want = WANT_COLON;
  return RETORT_JSON_KEY;
}

static RetortJsonEvent
read_value (RetortJsonReader *reader)
{
  State *state = reader->state;

  if (reader->at >= reader->n_bytes)
    return fail (reader, reader->at == 0 ? "the text is empty" : "the text ends too early", reader->at);
  const char c = reader->text[reader->at];
  if (c == '{' || c == '[')
    return open_container (reader, c == '{' ? RETORT_JSON_OBJECT : RETORT_JSON_ARRAY);
  state->want = reader->depth > 0 ? WANT_COMMA : DONE;
  switch (c) {
  case '"':
    g_string_truncate (state->buffer, 0);
    if (!read_string (reader, state->buffer))
      return RETORT_JSON_ERROR;
    reader->string = state->buffer->str;
    reader->string_bytes = state->buffer->len;
    return RETORT_JSON_STRING;
  case 't':
    return read_word (reader, "true", RETORT_JSON_BOOL, TRUE);
  case 'f':
    return read_word (reader, "false", RETORT_JSON_BOOL, FALSE);
  case 'n':
    return read_word (reader, "null", RETORT_JSON_NULL, FALSE);
  case '\xef':
    return fail (reader, "a value is wanted here (is this a byte order mark?)", reader->at);
  default:
    if (c == '-' || g_ascii_isdigit (c))
      return read_number (reader);
    return fail (reader, "a value is wanted here", reader->at);
  }
}

static RetortJsonEvent
read_word (RetortJsonReader *reader, const char *word, RetortJsonEvent event, gboolean boolean)
{
  const gsize n = strlen (word);
  const gsize after = reader->at + n;

  if (reader->n_bytes - reader->at < n || memcmp (reader->text + reader->at, word, n) != 0
      || (after < reader->n_bytes && g_ascii_isalnum (reader->text[after])))
    return fail (reader, "a value is wanted here (words are true, false and null)", reader->at);
  reader->at = after;
  reader->boolean = boolean;
  return event;
}

static gsize
skip_digits (const RetortJsonReader *reader, gsize at)
{
  while (at < reader->n_bytes && g_ascii_isdigit (reader->text[at]))
    at++;
  return at;
}

static RetortJsonEvent
read_integer (RetortJsonReader *reader, const char *digits, gsize n_digits, gboolean negative)
{
  const guint64 most = (guint64)G_MAXINT64 + negative;
  guint64 value = 0;

  for (gsize i = 0; i < n_digits; i++) {
    const guint digit = (guint)(digits[i] - '0');
    if (value > (most - digit) / 10)
      return fail (reader, "the integer does not fit into 64 bits", reader->offset);
    value = value * 10 + digit;
  }
  reader->integer = (gint64)(negative ? -value : value);
  reader->number = negative ? -(double)value : (double)value;
  return RETORT_JSON_INT;
}

/* A decimal of at most 15 digits and a power of ten up to 22 are both exact doubles, so that one operation rounds
 * correctly (Clinger 1990). FALSE: the slow way. */
static gboolean
read_short_decimal (const char *at, const char *end, double *number)
{
  static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  const gboolean negative = *at == '-';
  gint64 digits = 0;
  int n_digits = 0, n_fraction = 0;
  gboolean fraction = FALSE;

  for (at += negative; at < end; at++) {
    if (*at == '.')
      fraction = TRUE;
    else if (*at == 'e' || *at == 'E' || ++n_digits > 15)
      return FALSE;
    else {
      digits = digits * 10 + (*at - '0');
      n_fraction += fraction;
    }
  }
  const double value = (double)digits / powers[n_fraction];
  *number = negative ? -value : value;
  return TRUE;
}

static RetortJsonEvent
read_number (RetortJsonReader *reader)
{
  State *state = reader->state;
  const char *text = reader->text;
  const gsize n = reader->n_bytes, start = reader->at;
  const gboolean negative = text[start] == '-';
  const gsize digits = start + negative;
  gsize at = skip_digits (reader, digits);
  gboolean integer = TRUE;

  if (at == digits)
    return fail (reader, "a digit is wanted here", at);
  if (text[digits] == '0' && at > digits + 1)
    return fail (reader, "a number may not begin with 0", start);
  const gsize digits_end = at;
  if (at < n && text[at] == '.') {
    integer = FALSE;
    const gsize from = ++at;
    at = skip_digits (reader, at);
    if (at == from)
      return fail (reader, "a digit is wanted here", at);
  }
  if (at < n && (text[at] == 'e' || text[at] == 'E')) {
    integer = FALSE;
    at++;
    if (at < n && (text[at] == '+' || text[at] == '-'))
      at++;
    const gsize from = at;
    at = skip_digits (reader, at);
    if (at == from)
      return fail (reader, "a digit is wanted here", at);
  }
  reader->at = at;
  if (integer)
    return read_integer (reader, text + digits, digits_end - digits, negative);
  if (!read_short_decimal (text + start, text + at, &reader->number)) {
    g_string_truncate (state->buffer, 0);
    g_string_append_len (state->buffer, text + start, (gssize)(at - start));
    reader->number = g_ascii_strtod (state->buffer->str, NULL);
  }
  if (!isfinite (reader->number))
    return fail (reader, "the number is too large", start);
  return RETORT_JSON_NUMBER;
}

/* The four digits of a \u escape at `at`; -1 if they are not there. */
static int
read_hex4 (const RetortJsonReader *reader, gsize at)
{
  int value = 0;

  if (reader->n_bytes - at < 4)
    return -1;
  for (gsize i = 0; i < 4; i++) {
    const int digit = g_ascii_xdigit_value (reader->text[at + i]);
    if (digit < 0)
      return -1;
    value = value << 4 | digit;
  }
  return value;
}

/* The escape whose backslash is at reader->at. */
static gboolean
read_escape (RetortJsonReader *reader, GString *out)
{
  static const char plain[256] = {
    ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
  };
  const gsize start = reader->at++;

  if (reader->at >= reader->n_bytes)
    return fail (reader, "the string does not end", reader->offset), FALSE;
  const guchar letter = (guchar)reader->text[reader->at++];
  if (plain[letter]) {
    g_string_append_c (out, plain[letter]);
    return TRUE;
  }
  const int unit = letter == 'u' ? read_hex4 (reader, reader->at) : -1;
  if (unit < 0)
    return fail (reader, "this escape is not JSON", start), FALSE;
  if (unit == 0)
    return fail (reader, "a string may not hold NUL", start), FALSE;
  reader->at += 4;
  gunichar c = (gunichar)unit;
  if ((c & 0xf800) == 0xd800) {
    int low = -1;
    if (c < 0xdc00 && reader->n_bytes - reader->at >= 6 && memcmp (reader->text + reader->at, "\\u", 2) == 0)
      low = read_hex4 (reader, reader->at + 2);
    if (low < 0xdc00 || low > 0xdfff)
      return fail (reader, "half of a surrogate pair", start), FALSE;
    reader->at += 6;
    c = 0x10000 + ((c & 0x3ff) << 10) + ((gunichar)low & 0x3ff);
  }
  g_string_append_unichar (out, c);
  return TRUE;
}

/* Appends the decoded string whose quote is at reader->at. */
static gboolean
read_string (RetortJsonReader *reader, GString *out)
{
  const char *text = reader->text;
  const gsize n = reader->n_bytes, before = out->len;

  reader->at++;
  for (;;) {
    const gsize start = reader->at;
    gsize at = start;
    guchar high = 0;
    while (at < n && (guchar)text[at] >= 0x20 && text[at] != '"' && text[at] != '\\')
      high |= (guchar)text[at++];
    const char *bad;
    if (high >= 0x80 && !g_utf8_validate_len (text + start, at - start, &bad))
      return fail (reader, "this is not UTF-8", (gsize)(bad - text)), FALSE;
    if (out->len - before + (at - start) > RETORT_LIMIT_JSON_STRING_BYTES)
      return fail (reader, "the string is too long", reader->offset), FALSE;
    g_string_append_len (out, text + start, (gssize)(at - start));
    reader->at = at;
    if (at >= n)
      return fail (reader, "the string does not end", reader->offset), FALSE;
    if (text[at] == '"') {
      reader->at++;
      return TRUE;
    }
    if (text[at] != '\\')
      return fail (reader, "a control character must be escaped in a string", at), FALSE;
    if (!read_escape (reader, out))
      return FALSE;
  }
}

/* Takes the child. */
static void
add_to_tree (JsonNode *parent, const char *key, JsonNode *child)
{
  if (JSON_NODE_HOLDS_OBJECT (parent))
    json_object_set_member (json_node_get_object (parent), key, child);
  else
    json_array_add_element (json_node_get_array (parent), child);
}

static void
write_break (GString *out, int indent)
{
  if (indent < 0)
    return;
  g_string_append_c (out, '\n');
  for (int i = 0; i < indent; i++)
    g_string_append (out, "  ");
}

static void
write_value (GString *out, JsonNode *node, gboolean canonical)
{
  const GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING)
    retort_json_append_string (out, json_node_get_string (node), -1);
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
  else if (type == G_TYPE_INT64)
    g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (node));
  else {
    const double number = json_node_get_double (node);
    retort_json_append_number (out, canonical && number == 0 ? 0 : number);
  }
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static void
write_object (GString *out, JsonObject *object, int indent)
{
  g_autoptr(GList) keys = json_object_get_members (object);

  if (indent < 0)
    keys = g_list_sort (keys, compare_keys);
  g_string_append_c (out, '{');
  for (const GList *at = keys; at; at = at->next) {
    if (at != keys)
      g_string_append_c (out, ',');
    write_break (out, indent < 0 ? -1 : indent + 1);
    retort_json_append_string (out, at->data, -1);
    g_string_append (out, indent < 0 ? ":" : ": ");
    write_node (out, json_object_get_member (object, at->data), indent < 0 ? -1 : indent + 1);
  }
  if (keys)
    write_break (out, indent);
  g_string_append_c (out, '}');
}

static void
write_array (GString *out, JsonArray *array, int indent)
{
  const guint n = json_array_get_length (array);

  g_string_append_c (out, '[');
  for (guint i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c (out, ',');
    write_break (out, indent < 0 ? -1 : indent + 1);
    write_node (out, json_array_get_element (array, i), indent < 0 ? -1 : indent + 1);
  }
  if (n > 0)
    write_break (out, indent);
  g_string_append_c (out, ']');
}

/* `indent` -1: canonical. Trees of json-glib are walked by recursion there too; ours have at most
 * RETORT_LIMIT_JSON_DEPTH levels. */
static void
write_node (GString *out, JsonNode *node, int indent)
{
  switch (json_node_get_node_type (node)) {
  case JSON_NODE_OBJECT:
    write_object (out, json_node_get_object (node), indent);
    break;
  case JSON_NODE_ARRAY:
    write_array (out, json_node_get_array (node), indent);
    break;
  case JSON_NODE_VALUE:
    write_value (out, node, indent < 0);
    break;
  case JSON_NODE_NULL:
    g_string_append (out, "null");
    break;
  }
}

static double
from_digits (guint64 digits, int exponent)
{
  char text[48];

  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT "e%d", digits, exponent);
  return g_ascii_strtod (text, NULL);
}

/* The fewest digits that read back as `number` > 0, without trailing zeros: number = 0.DIGITS * 10^exponent.
 * A normal double holds any decimal of 15 digits, so if fewer do, 15 show it; 17 always suffice. With 16 the nearest decimal is tried, and the one above:
 * at a power of two the doubles below lie closer, so the nearest may fail where the one above does not. */
static void
number_digits (double number, guint64 *digits, int *exponent)
{
  for (int n = number < DBL_MIN ? 1 : 15;; n++) {
    char text[40], format[8];
    guint64 value = 0;
    g_snprintf (format, sizeof format, "%%.%de", n - 1);
    g_ascii_formatd (text, sizeof text, format, number);
    const char *e = strchr (text, 'e');
    for (const char *at = text; at < e; at++)
      if (*at != '.')
        value = value * 10 + (guint64)(*at - '0');
    const int power = (int)g_ascii_strtoll (e + 1, NULL, 10) + 1;
    if (n < 17 && from_digits (value, power - n) != number) {
      if (n != 16 || from_digits (value + 1, power - n) != number)
        continue;
      value++;
    }
    const gboolean carried = value == 10000000000000000u && n == 16;
    while (value % 10 == 0)
      value /= 10;
    *digits = value;
    *exponent = power + carried;
    return;
  }
}
