/* text - forms of tokens, computed once per document. */

#include "text.h"
#include "attributes.h"
#include <string.h>


static void cut_sentences (LinearText *text);
static void fill_forms (LinearText *text, LinearToken *token);
static LinearAtom keep (LinearText *text, const GString *string);
static LinearAtom piece (const char *start, const char *end);
static void fill_affixes (LinearToken *token);
static void describe_class (const LinearToken *token, GString *out);
static void count_depth (LinearText *text);
static char shape_of (gunichar c);

LinearAtom
linear_atom (const char *text)
{
  return piece (text, text + strlen (text));
}

LinearText *
linear_text_new (const RetortDocument *document, GError **error)
{
  guint n;
  const RetortSpan *spans = retort_document_tokens (document, &n);

  if (!spans && *retort_document_text (document, NULL)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "document '%s' has no tokens: it must pass a tokenizer first",
                 retort_document_id (document));
    return NULL;
  }
  LinearText *text = g_new0 (LinearText, 1);
  text->document = document;
  text->strings = g_string_chunk_new (4096);
  text->n_tokens = n;
  text->tokens = g_new0 (LinearToken, n);
  for (guint i = 0; i < n; i++) {
    text->tokens[i].span = spans[i];
    fill_forms (text, &text->tokens[i]);
  }
  cut_sentences (text);
  count_depth (text);
  return text;
}

void
linear_text_free (LinearText *text)
{
  if (!text)
    return;
  g_string_chunk_free (text->strings);
  g_free (text->tokens);
  g_free (text->sentences);
  g_free (text);
}

LinearRange
linear_text_tokens (const LinearText *text, RetortSpan span)
{
  guint low = 0, high = text->n_tokens;

  while (low < high) { /* the first token that ends behind the span's start */
    const guint middle = low + (high - low) / 2;
    if (text->tokens[middle].span.end > span.start)
      high = middle;
    else
      low = middle + 1;
  }
  while (high < text->n_tokens && text->tokens[high].span.start < span.end)
    high++;
  return (LinearRange) { low, high };
}

guint
linear_text_sentence (const LinearText *text, guint token)
{
  guint low = 0, high = text->n_sentences;

  while (low + 1 < high) {
    const guint middle = low + (high - low) / 2;
    if (text->sentences[middle].start <= token)
      low = middle;
    else
      high = middle;
  }
  return low;
}

guint
linear_text_join (LinearText *text, LinearRange range)
{
  if (range.start >= range.end)
    return 0;
  const guint first = linear_text_sentence (text, range.start), last = linear_text_sentence (text, range.end - 1);
  const guint joined = last - first;

  if (joined > 0) {
    text->sentences[first].end = text->sentences[last].end;
    memmove (text->sentences + first + 1, text->sentences + last + 1,
             (text->n_sentences - last - 1) * sizeof *text->sentences);
    text->n_sentences -= joined;
    count_depth (text);
  }
  return joined;
}

/* A sentence begins with the first token at or behind its start, so that no token is left out. */
static void
cut_sentences (LinearText *text)
{
  guint n_spans, token = 0;
  const RetortSpan *spans = retort_document_sentences (text->document, &n_spans);

  text->sentences = g_new (LinearRange, n_spans + 1);
  for (guint s = 0; s <= n_spans && token < text->n_tokens; s++) {
    const guint start = token;
    const guint32 end = s + 1 < n_spans ? spans[s + 1].start : G_MAXUINT32;
    while (token < text->n_tokens && text->tokens[token].span.start < end)
      token++;
    if (token > start)
      text->sentences[text->n_sentences++] = (LinearRange) { start, token };
  }
}

static void
fill_forms (LinearText *text, LinearToken *token)
{
  g_autoptr(GString) lower = g_string_new (NULL), shape = g_string_new (NULL), brief = g_string_new (NULL);
  const char *start = retort_document_text (text->document, NULL) + token->span.start;
  const char *end = start + (token->span.end - token->span.start);
  guint n_chars = 0;

  for (const char *at = start; at < end; at = g_utf8_next_char (at), n_chars++) {
    const gunichar c = g_utf8_get_char (at);
    const char sign = shape_of (c);
    if (n_chars == 0)
      token->only = c;
    g_string_append_unichar (lower, g_unichar_tolower (c));
    if (sign)
      g_string_append_c (shape, sign);
    else
      g_string_append_unichar (shape, c);
    if (!sign)
      g_string_append_unichar (brief, c);
    else if (brief->len == 0 || brief->str[brief->len - 1] != sign)
      g_string_append_c (brief, sign);
  }
  if (n_chars > 1)
    token->only = 0;

  token->forms[LINEAR_WORD] = piece (start, end);
  token->forms[LINEAR_LOWER] = keep (text, lower);
  token->forms[LINEAR_SHAPE] = keep (text, shape);
  token->forms[LINEAR_BRIEF] = keep (text, brief);
  fill_affixes (token);
  g_string_truncate (lower, 0);
  describe_class (token, lower);
  token->forms[LINEAR_CLASS] = keep (text, lower);
}

static LinearAtom
keep (LinearText *text, const GString *string)
{
  const char *kept = g_string_chunk_insert_len (text->strings, string->str, string->len);
  return piece (kept, kept + string->len);
}

static LinearAtom
piece (const char *start, const char *end)
{
  return (LinearAtom) { start, end - start, linear_hash (start, end - start) };
}

static void
fill_affixes (LinearToken *token)
{
  const LinearAtom *lower = &token->forms[LINEAR_LOWER];
  const char *end = lower->text + lower->n_bytes, *at = lower->text;

  for (guint form = LINEAR_PREFIX1; form <= LINEAR_PREFIX4; form++) {
    if (at < end)
      at = g_utf8_next_char (at);
    token->forms[form] = piece (lower->text, at);
  }
  at = end;
  for (guint form = LINEAR_SUFFIX1; form <= LINEAR_SUFFIX5; form++) {
    if (at > lower->text)
      at = g_utf8_prev_char (at);
    token->forms[form] = piece (at, end);
  }
}

/* l lower, U upper first, M mixed case, c one capital, C capitals, 0 has digits, 9 digits and no letters, - has a
 * hyphen, . neither letters nor digits, R perhaps a Roman numeral. */
static void
describe_class (const LinearToken *token, GString *out)
{
  const LinearAtom *shape = &token->forms[LINEAR_SHAPE], *word = &token->forms[LINEAR_WORD];
  guint n_upper = 0, n_lower = 0, n_digit = 0, n_hyphen = 0, n_roman = 0;

  for (guint i = 0; i < shape->n_bytes; i++) {
    n_upper += shape->text[i] == 'A';
    n_lower += shape->text[i] == 'a';
    n_digit += shape->text[i] == '0';
    n_hyphen += shape->text[i] == '-';
  }
  for (guint i = 0; i < word->n_bytes; i++)
    n_roman += strchr ("IVX", word->text[i]) != NULL;

  if (n_lower > 0 && n_upper == 0)
    g_string_append_c (out, 'l');
  if (n_lower > 0 && n_upper == 1 && shape->text[0] == 'A')
    g_string_append_c (out, 'U');
  else if (n_lower > 0 && n_upper > 0)
    g_string_append_c (out, 'M');
  if (n_upper > 0 && n_lower == 0)
    g_string_append_c (out, n_upper == 1 ? 'c' : 'C');
  if (n_digit > 0)
    g_string_append_c (out, n_upper + n_lower == 0 ? '9' : '0');
  if (n_hyphen > 0)
    g_string_append_c (out, '-');
  if (n_upper + n_lower + n_digit == 0)
    g_string_append_c (out, '.');
  if (n_roman == word->n_bytes)
    g_string_append_c (out, 'R');
}

static void
count_depth (LinearText *text)
{
  for (guint s = 0; s < text->n_sentences; s++) {
    guint depth = 0;
    for (guint t = text->sentences[s].start; t < text->sentences[s].end; t++) {
      const gunichar c = text->tokens[t].only;
      if ((c == ')' || c == ']') && depth > 0)
        depth--;
      text->tokens[t].depth = depth;
      if (c == '(' || c == '[')
        depth++;
    }
  }
}

/* 0: the character stands for itself. */
static char
shape_of (gunichar c)
{
  if (g_unichar_isupper (c) || g_unichar_istitle (c))
    return 'A';
  if (g_unichar_isalpha (c))
    return 'a';
  if (g_unichar_isdigit (c))
    return '0';
  return 0;
}
