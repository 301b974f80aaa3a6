/* clinical - words and sentences of clinical and biomedical English.
 *
 * Tokens are cut finer than a linguist would, so that the borders of entities inside hyphenated words (G6PD in
 * "G6PD-deficient") are borders of tokens: a run of letters and digits is a token, and so is every punctuation mark.
 * Exceptions keep together what has a meaning of its own only as a whole: decimal numbers, dotted abbreviations
 * (q.i.d.), the endings 's and n't, runs of one mark and arrows (-->), emoji; and a number parts from its unit (5mg).
 * Scripts without spaces (Han, kana, bopomofo) give a token a character. All but white space is in some token.
 *
 * A sentence ends at . ! ? or their full-width kin when what comes before (abbreviation, initial, number of a list)
 * and after (white space, then no lower-case word) allow it, and always at a blank line.
 *
 * One pass: each step looks at most at the token before, the gap, and the word that begins. */
#include <retort/plugin.h>
#include <string.h>

typedef struct { const char *newline; } Options;

static const char *const newline_choices[] = { "space", "end", NULL };
static const RetortOption options[] = {
  RETORT_OPTION_CHOICE (Options, newline, "newline", "space", newline_choices,
                        "What a single line break is: as good as a space, or the end of a sentence."),
};

static const RetortExample examples[] = {
  { "Names keep their digits, hyphens part", NULL, "p53 and G6PD-deficient IL-2", "p53|and|G6PD|-|deficient|IL|-|2" },
  { "Doses", NULL, "Take 2.5 mg/kg q.i.d. or 10mg p.o. Stop at 45%.",
    "Take|2.5|mg|/|kg|q.i.d.|or|10|mg|p.o.\nStop|at|45|%|." },
  { "Abbreviations end no sentence", NULL, "Dr. J. Smith et al. saw E. coli (Fig. 2). He left.",
    "Dr|.|J|.|Smith|et|al|.|saw|E|.|coli|(|Fig|.|2|)|.\nHe|left|." },
  { "Endings", NULL, "The patient's fever didn't rise", "The|patient|'s|fever|did|n't|rise" },
  { "Variants and powers", NULL, "1178G-->A, p.Arg72Pro, 3x10^6, <0.05",
    "1178G|-->|A|,|p|.|Arg72Pro|,|3|x|10|^|6|,|<|0.05" },
  { "A blank line ends a sentence", NULL, "HISTORY\n\nno fever\nno cough", "HISTORY\nno|fever|no|cough" },
  { "Line breaks may end sentences", "newline: end", "no fever\nno cough", "no|fever\nno|cough" },
};

static gboolean tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error);

static const RetortTokenizerRole role = { sizeof role, .tokenize = tokenize };

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .name = "clinical", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Words, numbers and marks of clinical English, cut at hyphens; sentences by rules.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

/* --- what the rules know; all compared without case, ASCII --- */

/* Before a period these never end a sentence. */
static const char *const open_abbreviations[] = {
  "approx", "avg", "ca", "capt", "cf", "dr", "drs", "eg", "eq", "eqs", "esp", "fig", "figs", "gen", "ie", "incl", "mr",
  "mrs", "ms", "mt", "ph", "prof", "pt", "pts", "ref", "refs", "resp", "rev", "spp", "ssp", "st", "subsp", "suppl",
  "vs", "viz", "wt", NULL
};
/* The same, if a number follows. */
static const char *const number_abbreviations[] = {
  "art", "chap", "ed", "no", "nos", "p", "pp", "sec", "sect", "tab", "var", "vol", NULL
};
/* Dotted ones that never end a sentence; others (p.o., a.m.) may. */
static const char *const open_dotted[] = { "e.g.", "i.e.", "c.f.", NULL };
/* After these a sentence goes on even before a capital, unless the next word is a starter. */
static const char *const half_open_abbreviations[] = { "al", "sp", NULL };
/* Words that begin sentences so often that they outweigh an initial before them ("hepatitis B. The"). */
static const char *const starters[] = {
  "after", "all", "although", "an", "and", "as", "at", "because", "before", "both", "but", "by", "conclusion",
  "conclusions", "despite", "during", "each", "finally", "first", "for", "from", "furthermore", "given",
  "he", "her", "here", "his", "how", "however", "if", "in", "it", "its", "methods", "moreover", "most", "no", "of",
  "on", "one", "only", "our", "patient", "patients", "results", "second", "several", "she", "since", "some", "such",
  "that", "the", "their", "there", "therefore", "these", "they", "this", "those", "three", "thus", "to", "two", "until",
  "using", "we", "what", "when", "whereas", "whether", "which", "while", "who", "with", NULL
};
/* "5mg" is two tokens. */
static const char *const units[] = {
  "cc", "cm", "dl", "fl", "hr", "hrs", "iu", "kcal", "kg", "kj", "mcg", "meq", "mg", "min", "ml", "mm", "mmhg",
  "mmol", "mol", "ng", "nm", "nmol", "pg", "pmol", "ug", "um", "umol", "\xc2\xb5g", "\xce\xbcg", "\xc2\xb5l",
  "\xce\xbcl", "\xc2\xb5m", "\xce\xbcm", NULL
};
/* Written with several marks, meant as one; the longest first. Runs of one mark are found by rule. */
static const char *const operators[] = { "+/-", "<->", "->", "=>", "<-", "<=", ">=", NULL };
static const char runs[] = "-.=_*#~";
static const char *const endings[] = { "s", "re", "ve", "ll", "d", "m", NULL };

/* --- characters --- */

typedef enum {
  OTHER,     /* punctuation and symbols: a token each */
  SPACE,
  LETTER,
  DIGIT,
  EXTEND,    /* combining marks, joiners: belongs to what stands before */
  IDEOGRAPH, /* letters of scripts without spaces */
} Class;

static const guint8 ascii_class[128] = {
  ['\t'] = SPACE, ['\n'] = SPACE, ['\f'] = SPACE, ['\r'] = SPACE, [' '] = SPACE,
  ['0' ... '9'] = DIGIT, ['A' ... 'Z'] = LETTER, ['a' ... 'z'] = LETTER,
};

#define ZERO_WIDTH_JOINER 0x200D

static Class
class_of_wide (gunichar c)
{
  switch (g_unichar_type (c)) {
  case G_UNICODE_UPPERCASE_LETTER: case G_UNICODE_LOWERCASE_LETTER: case G_UNICODE_TITLECASE_LETTER:
  case G_UNICODE_LETTER_NUMBER: case G_UNICODE_OTHER_NUMBER:
    return LETTER;
  case G_UNICODE_MODIFIER_LETTER: case G_UNICODE_OTHER_LETTER:
    switch (g_unichar_get_script (c)) {
    case G_UNICODE_SCRIPT_HAN: case G_UNICODE_SCRIPT_HIRAGANA: case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_BOPOMOFO:
      return IDEOGRAPH;
    default:
      return LETTER;
    }
  case G_UNICODE_DECIMAL_NUMBER:
    return DIGIT;
  case G_UNICODE_NON_SPACING_MARK: case G_UNICODE_SPACING_MARK: case G_UNICODE_ENCLOSING_MARK: case G_UNICODE_FORMAT:
    return EXTEND;
  default:
    return g_unichar_isspace (c) ? SPACE : OTHER;
  }
}

/* The class at p, and where the next character begins. At the end: SPACE. */
static inline Class
class_at (const char *p, const char *end, const char **next)
{
  if (p >= end) {
    *next = end;
    return SPACE;
  }
  if ((guchar) *p < 0x80) {
    *next = p + 1;
    return ascii_class[(guchar) *p];
  }
  *next = g_utf8_next_char (p);
  return class_of_wide (g_utf8_get_char (p));
}

static gboolean
is_word (Class class)
{
  return class == LETTER || class == DIGIT || class == EXTEND;
}

static gboolean
in_list (const char *const *list, const char *p, gsize n_bytes)
{
  for (; *list; list++)
    if (g_ascii_strncasecmp (*list, p, n_bytes) == 0 && (*list)[n_bytes] == '\0')
      return TRUE;
  return FALSE;
}

static gboolean
is_skin_tone (gunichar c)
{
  return c >= 0x1F3FB && c <= 0x1F3FF;
}

static gboolean
is_regional (gunichar c)
{
  return c >= 0x1F1E6 && c <= 0x1F1FF;
}

/* An apostrophe, straight or curly: its length in bytes, else 0. */
static gsize
apostrophe_at (const char *p, const char *end)
{
  if (p < end && *p == '\'')
    return 1;
  return end - p >= 3 && memcmp (p, "\xe2\x80\x99", 3) == 0 ? 3 : 0;
}

/* --- tokens: each function gives the end of the token that begins at p, or p if there is no such token --- */

/* The end of the letters, digits and marks from p on. */
static const char *
word_end (const char *p, const char *end)
{
  const char *next;

  while (is_word (class_at (p, end, &next)))
    p = next;
  return p;
}

static const char *
digits_end (const char *p, const char *end)
{
  while (p < end && g_ascii_isdigit (*p))
    p++;
  return p;
}

/* 2.5, 12.03.2001, .05, 1,000; of "3x10" the 3; of "5mg" the 5. Plain digits with other letters are a word. */
static const char *
number_end (const char *start, const char *p, const char *end)
{
  const char *next;
  const gboolean bare_point = *p == '.' && (p == start || !is_word (class_at (g_utf8_prev_char (p), end, &next)));

  if (!g_ascii_isdigit (*p) && !(bare_point && p + 1 < end && g_ascii_isdigit (p[1])))
    return p;
  const char *const digits = digits_end (p, end);
  const char *q = digits;

  while (end - q >= 4 && *q == ',' && digits_end (q + 1, end) == q + 4)
    q += 4;
  while (end - q >= 2 && *q == '.' && g_ascii_isdigit (q[1]))
    q = digits_end (q + 1, end);
  if (q > digits)
    return q;

  const char *const word = word_end (q, end);
  if (end - q >= 2 && *q == 'x' && g_ascii_isdigit (q[1]) && digits_end (q + 1, end) == word)
    return q;
  return word > q && in_list (units, q, word - q) ? q : p;
}

/* The x of "3x10", once the 3 is cut. */
static const char *
times_end (const char *start, const char *p, const char *end)
{
  return p > start && g_ascii_isdigit (p[-1]) && *p == 'x' && end - p >= 2 && g_ascii_isdigit (p[1]) ? p + 1 : p;
}

/* q.i.d., U.S.: single letters, each with a period, two at least. */
static const char *
dotted_end (const char *p, const char *end)
{
  const char *q = p;

  while (end - q >= 2 && g_ascii_isalpha (*q) && q[1] == '.')
    q += 2;
  return q - p >= 4 ? q : p;
}

/* 's, 're ... after a word. */
static const char *
ending_end (const char *start, const char *p, const char *end)
{
  const char *next;
  const gsize mark = apostrophe_at (p, end);

  if (mark == 0 || p == start)
    return p;
  const Class before = class_at (g_utf8_prev_char (p), end, &next);
  const char *const q = word_end (p + mark, end);
  if (q == p + mark || !in_list (endings, p + mark, q - p - mark))
    return p;
  return before == LETTER || (before == DIGIT && q - p - mark == 1 && (q[-1] | 0x20) == 's') ? q : p;
}

/* n't, which stands at p. */
static const char *
not_end (const char *p, const char *end)
{
  if (end - p < 3 || (*p | 0x20) != 'n')
    return p;
  const gsize mark = apostrophe_at (p + 1, end);
  const char *const t = p + 1 + mark;

  return mark > 0 && t < end && (*t | 0x20) == 't' && word_end (t, end) == t + 1 ? t + 1 : p;
}

/* A word; of "didn't" the "did". */
static const char *
plain_word_end (const char *p, const char *end)
{
  const char *const q = word_end (p, end);

  return q - p >= 2 && not_end (q - 1, end) > q - 1 ? q - 1 : q;
}

static const char *
operator_end (const char *p, const char *end)
{
  const char *q = p;

  if (strchr (runs, *p)) {
    while (q < end && *q == *p)
      q++;
    if (q < end && *q == '>' && (*p == '-' || *p == '='))
      q++;
    if (q - p > 1)
      return q;
  }
  for (const char *const *o = operators; *o; o++)
    if ((gsize) (end - p) >= strlen (*o) && memcmp (p, *o, strlen (*o)) == 0)
      return p + strlen (*o);
  return p;
}

/* One character with what belongs to it: marks, skin tones, the second half of a flag, joined emoji. */
static const char *
cluster_end (const char *p, const char *end)
{
  const char *next;
  const gboolean flag = is_regional (g_utf8_get_char (p));
  gboolean joined = FALSE;

  p = g_utf8_next_char (p);
  if (flag && p < end && is_regional (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);
  while (p < end && (guchar) *p >= 0x80) {
    const gunichar c = g_utf8_get_char (p);
    const Class class = class_at (p, end, &next);
    if (class != EXTEND && !is_skin_tone (c) && !(joined && class == OTHER))
      break;
    joined = c == ZERO_WIDTH_JOINER;
    p = next;
  }
  return p;
}

static const char *
token_end (const char *start, const char *p, const char *end)
{
  const char *q, *next;

  switch (class_at (p, end, &next)) {
  case DIGIT:
    if ((q = number_end (start, p, end)) > p)
      return q;
    return plain_word_end (p, end);
  case LETTER:
    if ((q = times_end (start, p, end)) > p || (q = dotted_end (p, end)) > p || (q = not_end (p, end)) > p)
      return q;
    return plain_word_end (p, end);
  case EXTEND: case IDEOGRAPH:
    return cluster_end (p, end);
  default:
    if ((guchar) *p < 0x80 && ((q = number_end (start, p, end)) > p || (q = operator_end (p, end)) > p))
      return q;
    if ((q = ending_end (start, p, end)) > p)
      return q;
    return cluster_end (p, end);
  }
}

/* --- sentences --- */

typedef struct {
  const char *text, *end;
  gboolean newline_ends;
  const GArray *tokens;
  guint first;      /* index of the sentence's first token */
  gint terminator;  /* index of the . ! ? after which only closing marks came, or -1 */
} Cutter;

#define TOKEN(cutter, i) g_array_index ((cutter)->tokens, RetortSpan, i)

static gboolean
is_ideographic_stop (const char *token)
{
  static const char *const stops[] = { "\xe3\x80\x82", "\xef\xbc\x81", "\xef\xbc\x9f", NULL }; /* ideographic . ! ? */

  for (const char *const *s = stops; *s; s++)
    if (strncmp (token, *s, 3) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_terminator (const char *token, gsize n_bytes)
{
  return token[n_bytes - 1] == '.' || *token == '!' || *token == '?' || strncmp (token, "\xe2\x80\xa6", 3) == 0
         || is_ideographic_stop (token);
}

static gboolean
is_closer (const char *token)
{
  const gunichar c = g_utf8_get_char (token);

  return c == '"' || c == '\'' || g_unichar_type (c) == G_UNICODE_CLOSE_PUNCTUATION
         || g_unichar_type (c) == G_UNICODE_FINAL_PUNCTUATION;
}

/* How what follows begins, behind opening brackets and quotes. */
typedef struct {
  gboolean lower;   /* a word all in lower case */
  gboolean digit;
  gboolean starter;
} Follow;

static Follow
look_ahead (const char *p, const char *end)
{
  Follow follow = { FALSE };
  const char *next;

  for (guint i = 0; i < 4 && class_at (p, end, &next) == OTHER && g_unichar_ispunct (g_utf8_get_char (p)); i++)
    p = next;
  const char *const q = word_end (p, end);
  if (q == p)
    return follow;
  follow.digit = class_at (p, end, &next) == DIGIT;
  follow.starter = in_list (starters, p, q - p);
  follow.lower = TRUE;
  for (; p < q && follow.lower; p = g_utf8_next_char (p))
    follow.lower = (g_unichar_islower (g_utf8_get_char (p)) || class_at (p, end, &next) == EXTEND);
  return follow;
}

/* Whether the period token `stop` can end a sentence before what follows. */
static gboolean
period_ends (const Cutter *cutter, guint stop, Follow follow)
{
  const RetortSpan period = TOKEN (cutter, stop);
  const char *const p = cutter->text + period.start;

  if (period.end - period.start >= 4 && g_ascii_isalpha (*p)) { /* dotted */
    if (in_list (open_dotted, p, period.end - period.start) || follow.digit)
      return FALSE;
    return g_ascii_islower (*p) || follow.starter;
  }
  if (stop == cutter->first)
    return TRUE;
  const RetortSpan word = TOKEN (cutter, stop - 1);
  const char *const w = cutter->text + word.start;
  const gsize n_bytes = word.end - word.start;
  const gboolean short_item = n_bytes <= 2 && (g_ascii_isdigit (*w) || n_bytes == 1);

  if (word.end != period.start)
    return TRUE;
  if (short_item && stop - 1 == cutter->first) /* "1. Take ..." */
    return FALSE;
  if (follow.digit && g_ascii_isdigit (w[n_bytes - 1]) && n_bytes != 4) /* "EC 1. 1. 1. 49", but "in 1999. 20 men" */
    return FALSE;
  if (in_list (open_abbreviations, w, n_bytes))
    return FALSE;
  if (follow.digit && in_list (number_abbreviations, w, n_bytes))
    return FALSE;
  if (in_list (half_open_abbreviations, w, n_bytes) || (n_bytes == 1 && g_ascii_isalpha (*w)))
    return follow.starter;
  return TRUE;
}

/* Whether a sentence ends before the token that begins at p; `n_newlines` in the gap before it. */
static gboolean
ends_before (const Cutter *cutter, const char *p, guint n_newlines)
{
  if (cutter->tokens->len == cutter->first)
    return FALSE;
  if (n_newlines >= (cutter->newline_ends ? 1 : 2))
    return TRUE;
  if (cutter->terminator < 0)
    return FALSE;

  const RetortSpan stop = TOKEN (cutter, cutter->terminator);
  const char *const s = cutter->text + stop.start;
  const gboolean gap = p > cutter->text + TOKEN (cutter, cutter->tokens->len - 1).end;
  if (is_ideographic_stop (s))
    return gap || (!is_closer (p) && !is_terminator (p, 1));
  if (!gap)
    return FALSE;
  const Follow follow = look_ahead (p, cutter->end);
  if (follow.lower)
    return FALSE;
  return s[stop.end - stop.start - 1] != '.' || period_ends (cutter, cutter->terminator, follow);
}

static void
end_sentence (Cutter *cutter, GArray *sentences)
{
  if (cutter->tokens->len == cutter->first)
    return;
  const RetortSpan sentence = { TOKEN (cutter, cutter->first).start, TOKEN (cutter, cutter->tokens->len - 1).end };

  g_array_append_val (sentences, sentence);
  cutter->first = cutter->tokens->len;
  cutter->terminator = -1;
}

/* Whether a sentence could end after the token just added. */
static void
note_token (Cutter *cutter)
{
  const guint last = cutter->tokens->len - 1;
  const RetortSpan token = TOKEN (cutter, last);
  const char *const p = cutter->text + token.start;

  if (is_terminator (p, token.end - token.start))
    cutter->terminator = last;
  else if (cutter->terminator >= 0 && !(TOKEN (cutter, last - 1).end == token.start && is_closer (p)))
    cutter->terminator = -1;
}

/* --- the pass --- */

static gboolean
tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error)
{
  const Options *const opts = self;
  const char *const end = text + n_bytes;
  Cutter cutter = { text, end, strcmp (opts->newline, "end") == 0, out->tokens, 0, -1 };
  guint n_newlines = 0;
  const char *next;

  for (const char *p = text; p < end; p = next) {
    if (class_at (p, end, &next) == SPACE) {
      n_newlines += *p == '\n';
      continue;
    }
    if (ends_before (&cutter, p, n_newlines))
      end_sentence (&cutter, out->sentences);
    next = token_end (text, p, end);
    const RetortSpan token = { p - text, next - text };
    g_array_append_val (out->tokens, token);
    note_token (&cutter);
    n_newlines = 0;
  }
  end_sentence (&cutter, out->sentences);
  return TRUE;
}
