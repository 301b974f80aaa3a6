/* marks - text with <tag>..</tag> inside, as models and small corpora write it.
 *
 * Not XML: "P < 0.001" and "a<b" are text, marks may cross, and a slip in one mark must not cost the others. A tag is
 * what looks like one: a name directly behind `<` or `</`, then nothing but name=value pairs. */
#include "text/fold.h"
#include <string.h>

#define TAG_BYTES_MAX 256 /* a longer thing in angle brackets is text */

/* A tag as it stands in the text. */
typedef struct {
  gsize end;            /* bytes behind the tag */
  gboolean closes;      /* </tag> */
  gboolean closed;      /* <tag/> */
  char name[TAG_BYTES_MAX], id[TAG_BYTES_MAX];
  gboolean has_id;
} Tag;

typedef struct {
  RetortMarked *marked;
  GString *text;
  GArray *open;         /* of RetortMark: begun, not ended */
  gboolean escaped;
  RetortLedger *ledger;
  const char *where;
} Reader;

static gboolean read_tag (const char *text, gsize n_bytes, Tag *tag);
static gboolean is_escaped (const char *text, gsize n_bytes);
static gsize read_entity (const char *text, gsize n_bytes, char *character);
static const char *known_tag (const char *name, const char *const *tags);
static void open_mark (Reader *reader, const Tag *tag, const char *name);
static void close_mark (Reader *reader, const char *name);
static void finish_mark (Reader *reader, RetortMark mark);
static gint mark_compare (gconstpointer a, gconstpointer b);

RetortMarked *
retort_marked_parse (const char *marked, gssize n_bytes, const char *const *tags, RetortLedger *ledger,
                     const char *where)
{
  const gsize length = n_bytes < 0 ? strlen (marked) : (gsize) n_bytes;
  RetortMarked *result = g_new0 (RetortMarked, 1);
  Reader reader = { .marked = result, .ledger = ledger, .where = where };

  result->marks = g_array_new (FALSE, FALSE, sizeof (RetortMark));
  result->strings = g_string_chunk_new (256);
  reader.text = g_string_sized_new (length);
  reader.open = g_array_new (FALSE, FALSE, sizeof (RetortMark));
  reader.escaped = is_escaped (marked, length);
  if (reader.escaped)
    retort_ledger_note (ledger, RETORT_LEDGER_REPAIRED, "entities decoded", where, marked);

  for (gsize at = 0; at < length;) {
    Tag tag;
    char character;
    gsize skip;
    if (marked[at] == '<' && read_tag (marked + at, length - at, &tag)) {
      const char *name = known_tag (tag.name, tags);
      if (!name) {
        g_autofree char *words = g_strndup (marked + at, tag.end);
        retort_ledger_note (ledger, RETORT_LEDGER_DROPPED, "unknown tag", where, words);
      } else if (tag.closes)
        close_mark (&reader, name);
      else
        open_mark (&reader, &tag, name);
      at += tag.end;
    } else if (reader.escaped && marked[at] == '&' && (skip = read_entity (marked + at, length - at, &character)) > 0) {
      g_string_append_c (reader.text, character);
      at += skip;
    } else
      g_string_append_c (reader.text, marked[at++]);
  }
  for (guint i = 0; i < reader.open->len; i++) {
    const RetortMark *mark = &g_array_index (reader.open, RetortMark, i);
    retort_ledger_note (ledger, RETORT_LEDGER_DROPPED, "tag opened but not closed", where,
                        reader.text->str + mark->span.start);
  }
  g_array_unref (reader.open);
  result->n_bytes = reader.text->len;
  result->text = g_string_free (reader.text, FALSE);
  g_array_sort (result->marks, mark_compare);
  return result;
}

void
retort_marked_free (RetortMarked *marked)
{
  if (!marked)
    return;
  g_free (marked->text);
  g_array_unref (marked->marks);
  g_string_chunk_free (marked->strings);
  g_free (marked);
}

/* --- reading --- */

static gsize
skip_space (const char *text, gsize n_bytes, gsize at)
{
  while (at < n_bytes && g_ascii_isspace (text[at]))
    at++;
  return at;
}

static gsize
read_name (const char *text, gsize n_bytes, gsize at, char *name)
{
  gsize n = 0;

  while (at + n < n_bytes && n < TAG_BYTES_MAX - 1 &&
         (g_ascii_isalnum (text[at + n]) || (n > 0 && strchr ("_-.:", text[at + n]))))
    n++;
  if (n == 0 || g_ascii_isdigit (text[at]))
    return 0;
  memcpy (name, text + at, n);
  name[n] = '\0';
  return n;
}

/* name=value, name="value" or name='value' at `at`; gives the byte behind it, or 0. */
static gsize
read_attribute (const char *text, gsize n_bytes, gsize at, Tag *tag)
{
  char name[TAG_BYTES_MAX];
  gsize n = read_name (text, n_bytes, at, name);

  if (n == 0)
    return 0;
  at = skip_space (text, n_bytes, at + n);
  if (at >= n_bytes || text[at] != '=')
    return 0;
  at = skip_space (text, n_bytes, at + 1);
  const char quote = at < n_bytes && (text[at] == '"' || text[at] == '\'') ? text[at] : '\0';
  const gsize start = quote ? at + 1 : at;
  gsize end = start;
  while (end < n_bytes
         && (quote ? text[end] != quote : !g_ascii_isspace (text[end]) && text[end] != '>' && text[end] != '/'))
    end++;
  if (end >= n_bytes || (!quote && end == start))
    return 0;
  if (g_ascii_strcasecmp (name, "id") == 0) {
    tag->has_id = TRUE;
    memcpy (tag->id, text + start, end - start);
    tag->id[end - start] = '\0';
  }
  return quote ? end + 1 : end;
}

/* The tag that begins at text[0] == '<'. */
static gboolean
read_tag (const char *text, gsize n_bytes, Tag *tag)
{
  gsize at = 1;

  n_bytes = MIN (n_bytes, TAG_BYTES_MAX);
  tag->closes = at < n_bytes && text[at] == '/';
  tag->closed = tag->has_id = FALSE;
  at += tag->closes;
  const gsize n = read_name (text, n_bytes, at, tag->name);
  if (n == 0)
    return FALSE;
  at = skip_space (text, n_bytes, at + n);
  while (at < n_bytes && text[at] != '>' && text[at] != '/') {
    const gsize behind = read_attribute (text, n_bytes, at, tag);
    if (behind == 0)
      return FALSE;
    at = skip_space (text, n_bytes, behind);
  }
  if (at < n_bytes && text[at] == '/') {
    tag->closed = TRUE;
    at++;
  }
  if (at >= n_bytes || text[at] != '>')
    return FALSE;
  tag->end = at + 1;
  return TRUE;
}

static const struct { const char *entity; char character; } entities[] = {
  { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&apos;", '\'' }, { "&#39;", '\'' },
};

static gsize
read_entity (const char *text, gsize n_bytes, char *character)
{
  for (guint i = 0; i < G_N_ELEMENTS (entities); i++) {
    const gsize n = strlen (entities[i].entity);
    if (n <= n_bytes && memcmp (text, entities[i].entity, n) == 0) {
      *character = entities[i].character;
      return n;
    }
  }
  return 0;
}

/* There are entities, and no `&` that is none, and no `<` that opens no tag. */
static gboolean
is_escaped (const char *text, gsize n_bytes)
{
  gboolean any = FALSE;
  char character;
  Tag tag;

  if (!memchr (text, '&', n_bytes))
    return FALSE;
  for (gsize at = 0; at < n_bytes; at++) {
    if (text[at] == '&') {
      if (read_entity (text + at, n_bytes - at, &character) == 0)
        return FALSE;
      any = TRUE;
    } else if (text[at] == '<' && !read_tag (text + at, n_bytes - at, &tag))
      return FALSE;
  }
  return any;
}

static const char *
known_tag (const char *name, const char *const *tags)
{
  if (!tags)
    return name;
  for (guint i = 0; tags[i]; i++)
    if (g_ascii_strcasecmp (tags[i], name) == 0)
      return tags[i];
  return NULL;
}

static void
open_mark (Reader *reader, const Tag *tag, const char *name)
{
  const RetortMark mark = {
    .tag = g_string_chunk_insert_const (reader->marked->strings, name),
    .id = tag->has_id ? g_string_chunk_insert (reader->marked->strings, tag->id) : NULL,
    .span = { reader->text->len, reader->text->len },
  };

  if (tag->closed)
    retort_ledger_note (reader->ledger, RETORT_LEDGER_DROPPED, "empty mark", reader->where, name);
  else
    g_array_append_val (reader->open, mark);
}

static void
close_mark (Reader *reader, const char *name)
{
  guint i = reader->open->len;

  while (i > 0 && g_ascii_strcasecmp (g_array_index (reader->open, RetortMark, i - 1).tag, name) != 0)
    i--;
  if (i == 0) {
    retort_ledger_note (reader->ledger, RETORT_LEDGER_DROPPED, "tag closed but not open", reader->where, name);
    return;
  }
  RetortMark mark = g_array_index (reader->open, RetortMark, i - 1);
  mark.span.end = reader->text->len;
  if (i < reader->open->len)
    retort_ledger_note (reader->ledger, RETORT_LEDGER_REPAIRED, "marks cross", reader->where,
                        reader->text->str + mark.span.start);
  g_array_remove_index (reader->open, i - 1);
  finish_mark (reader, mark);
}

/* Leaves white space outside. */
static void
finish_mark (Reader *reader, RetortMark mark)
{
  const char *text = reader->text->str;
  RetortSpan span = mark.span;

  while (span.start < span.end && g_unichar_isspace (g_utf8_get_char (text + span.start)))
    span.start = g_utf8_next_char (text + span.start) - text;
  while (span.end > span.start) {
    const guint32 before = g_utf8_prev_char (text + span.end) - text;
    if (!g_unichar_isspace (g_utf8_get_char (text + before)))
      break;
    span.end = before;
  }
  if (span.start == span.end) {
    retort_ledger_note (reader->ledger, RETORT_LEDGER_DROPPED, "empty mark", reader->where, mark.tag);
    return;
  }
  if (span.start != mark.span.start || span.end != mark.span.end)
    retort_ledger_note (reader->ledger, RETORT_LEDGER_REPAIRED, "white space at the edge of a mark", reader->where,
                        text + mark.span.start);
  mark.span = span;
  g_array_append_val (reader->marked->marks, mark);
}

static gint
mark_compare (gconstpointer a, gconstpointer b)
{
  const RetortMark *x = a, *y = b;

  if (x->span.start != y->span.start)
    return x->span.start < y->span.start ? -1 : 1;
  return (x->span.end < y->span.end) - (x->span.end > y->span.end);
}

/* --- transfer ---
 *
 * Words are aligned by patience: what both texts begin and end with, then words that both have once as anchors, and
 * between anchors a table for the longest common subsequence where it is small. What remains in gaps of equal length is
 * paired where the words are close ("tumour", "tumor"). */

#define TABLE_CELLS_MAX (1u << 20)

typedef struct {
  const char *text;
  GArray *spans;    /* of RetortSpan: words, and single signs that are no space */
  char **keys;      /* [spans->len] folded */
} Words;

typedef struct {
  const Words *from, *to;
  gint32 *to_of;    /* [from->spans->len] the word of `to`, or -1 */
} Diff;

static void diff_range (Diff *diff, guint a, guint a_end, guint b, guint b_end);
static void pair_gaps (Diff *diff);

static void
words_init (Words *words, const char *text, gsize n_bytes)
{
  const char *end = text + n_bytes;

  words->text = text;
  words->spans = g_array_new (FALSE, FALSE, sizeof (RetortSpan));
  for (const char *p = text; p < end;) {
    const gunichar c = g_utf8_get_char (p);
    const char *next = g_utf8_next_char (p);
    if (g_unichar_isspace (c)) {
      p = next;
      continue;
    }
    while (retort_is_word_char (c) && next < end && retort_is_word_char (g_utf8_get_char (next)))
      next = g_utf8_next_char (next);
    const RetortSpan span = { p - text, next - text };
    g_array_append_val (words->spans, span);
    p = next;
  }
  words->keys = g_new0 (char *, words->spans->len + 1);
  for (guint i = 0; i < words->spans->len; i++) {
    const RetortSpan *span = &g_array_index (words->spans, RetortSpan, i);
    words->keys[i] = retort_fold_string (text + span->start, span->end - span->start, RETORT_MATCH_CASE);
  }
}

static void
words_clear (Words *words)
{
  g_array_unref (words->spans);
  g_strfreev (words->keys);
}

static gboolean
same (const Diff *diff, guint a, guint b)
{
  return g_str_equal (diff->from->keys[a], diff->to->keys[b]);
}

/* Gives the mark its place in the new text; FALSE if less than half of its words are there. */
static gboolean
move_mark (const Diff *diff, RetortMark *mark)
{
  const GArray *from = diff->from->spans, *to = diff->to->spans;
  gint32 first = -1, last = -1;
  guint n_words = 0, n_found = 0;
  guint low = 0, high = from->len;

  while (low < high) { /* the first word that ends behind the mark's start */
    const guint middle = (low + high) / 2;
    if (g_array_index (from, RetortSpan, middle).end <= mark->span.start)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < from->len && g_array_index (from, RetortSpan, low).start < mark->span.end; low++) {
    n_words++;
    if (diff->to_of[low] < 0)
      continue;
    n_found++;
    first = first < 0 ? diff->to_of[low] : first;
    last = diff->to_of[low];
  }
  if (2 * n_found < n_words || n_found == 0)
    return FALSE;
  const char *old = diff->from->text + mark->span.start;
  const gsize old_bytes = mark->span.end - mark->span.start;
  mark->span = (RetortSpan){ g_array_index (to, RetortSpan, first).start, g_array_index (to, RetortSpan, last).end };
  const RetortMatch match = retort_match_class (old, old_bytes, diff->to->text + mark->span.start,
                                                mark->span.end - mark->span.start);
  mark->match = match == RETORT_MATCH_NONE ? RETORT_MATCH_FUZZY : match;
  return TRUE;
}

guint
retort_marked_transfer (RetortMarked *marked, const char *text, gsize n_bytes, RetortLedger *ledger, const char *where)
{
  guint n_drifted = 0, n_kept = 0;

  if (marked->n_bytes == n_bytes && memcmp (marked->text, text, n_bytes) == 0)
    return 0;
  Words from, to;
  words_init (&from, marked->text, marked->n_bytes);
  words_init (&to, text, n_bytes);
  g_autofree gint32 *to_of = g_new (gint32, from.spans->len + 1);
  memset (to_of, 0xff, (from.spans->len + 1) * sizeof *to_of);
  Diff diff = { &from, &to, to_of };

  diff_range (&diff, 0, from.spans->len, 0, to.spans->len);
  guint n_same = 0;
  for (guint i = 0; i < from.spans->len; i++)
    n_same += to_of[i] >= 0;
  n_drifted = MAX (from.spans->len, to.spans->len) - n_same;
  pair_gaps (&diff);
  for (guint i = 0; i < marked->marks->len; i++) {
    RetortMark mark = g_array_index (marked->marks, RetortMark, i);
    g_autofree char *words = g_strndup (marked->text + mark.span.start, mark.span.end - mark.span.start);
    if (move_mark (&diff, &mark))
      g_array_index (marked->marks, RetortMark, n_kept++) = mark;
    else {
      retort_ledger_note (ledger, RETORT_LEDGER_MENTIONS, retort_match_names[RETORT_MATCH_NONE], where, words);
      retort_ledger_note (ledger, RETORT_LEDGER_DROPPED, "marked words are not in the text", where, words);
    }
  }
  g_array_set_size (marked->marks, n_kept);
  g_array_sort (marked->marks, mark_compare);
  if (n_drifted > 0)
    retort_ledger_note (ledger, RETORT_LEDGER_REPAIRED, "text was not copied exactly", where, marked->text);
  g_free (marked->text);
  marked->text = g_strndup (text, n_bytes);
  marked->n_bytes = n_bytes;
  words_clear (&from);
  words_clear (&to);
  return n_drifted;
}

/* The longest common subsequence of two short ranges. */
static void
diff_table (Diff *diff, guint a, guint a_end, guint b, guint b_end)
{
  const guint n = a_end - a, m = b_end - b;
  g_autofree guint32 *best = g_new0 (guint32, (gsize) (n + 1) * (m + 1)); /* of the suffixes from (i, j) */

  for (guint i = n; i-- > 0;)
    for (guint j = m; j-- > 0;)
      best[i * (m + 1) + j] = same (diff, a + i, b + j) ? best[(i + 1) * (m + 1) + j + 1] + 1
                                                        : MAX (best[(i + 1) * (m + 1) + j], best[i * (m + 1) + j + 1]);
  for (guint i = 0, j = 0; i < n && j < m;) {
    if (same (diff, a + i, b + j))
      diff->to_of[a + i++] = b + j++;
    else if (best[(i + 1) * (m + 1) + j] >= best[i * (m + 1) + j + 1])
      i++;
    else
      j++;
  }
}

typedef struct { guint a, b, n_a, n_b; } Unique;

/* Words that stand once in both ranges, as pairs by `a`. */
static GArray *
unique_words (const Diff *diff, guint a, guint a_end, guint b, guint b_end)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  GArray *unique = g_array_new (FALSE, FALSE, sizeof (Unique));

  for (guint i = a; i < a_end; i++) {
    Unique *word = g_hash_table_lookup (seen, diff->from->keys[i]);
    if (!word)
      g_hash_table_insert (seen, diff->from->keys[i], word = g_new0 (Unique, 1));
    word->a = i;
    word->n_a++;
  }
  for (guint j = b; j < b_end; j++) {
    Unique *word = g_hash_table_lookup (seen, diff->to->keys[j]);
    if (!word)
      continue;
    word->b = j;
    word->n_b++;
  }
  for (guint i = a; i < a_end; i++) {
    const Unique *word = g_hash_table_lookup (seen, diff->from->keys[i]);
    if (word->n_a == 1 && word->n_b == 1)
      g_array_append_val (unique, *word);
  }
  return unique;
}

/* Marks the longest run of pairs that rises in `b` too (patience sorting), and works between them. FALSE: no pair. */
static gboolean
diff_anchors (Diff *diff, guint a, guint a_end, guint b, guint b_end)
{
  g_autoptr(GArray) unique = unique_words (diff, a, a_end, b, b_end);
  const Unique *pairs = (const Unique *) unique->data;
  g_autofree guint *tails = g_new (guint, unique->len + 1);  /* last pair of the best run of each length */
  g_autofree gint *before = g_new (gint, unique->len + 1);
  guint length = 0;

  if (unique->len == 0)
    return FALSE;
  for (guint i = 0; i < unique->len; i++) {
    guint low = 0, high = length;
    while (low < high) {
      const guint middle = (low + high) / 2;
      if (pairs[tails[middle]].b < pairs[i].b)
        low = middle + 1;
      else
        high = middle;
    }
    before[i] = low > 0 ? (gint) tails[low - 1] : -1;
    tails[low] = i;
    length = MAX (length, low + 1);
  }
  guint a_last = a_end, b_last = b_end;
  for (gint i = tails[length - 1]; i >= 0; i = before[i]) {
    diff->to_of[pairs[i].a] = pairs[i].b;
    diff_range (diff, pairs[i].a + 1, a_last, pairs[i].b + 1, b_last);
    a_last = pairs[i].a;
    b_last = pairs[i].b;
  }
  diff_range (diff, a, a_last, b, b_last);
  return TRUE;
}

static void
diff_range (Diff *diff, guint a, guint a_end, guint b, guint b_end)
{
  while (a < a_end && b < b_end && same (diff, a, b))
    diff->to_of[a++] = b++;
  while (a < a_end && b < b_end && same (diff, a_end - 1, b_end - 1))
    diff->to_of[--a_end] = --b_end;
  if (a == a_end || b == b_end)
    return;
  if ((guint64) (a_end - a + 1) * (b_end - b + 1) <= TABLE_CELLS_MAX)
    diff_table (diff, a, a_end, b, b_end);
  else
    diff_anchors (diff, a, a_end, b, b_end); /* without anchors the ranges have too little in common */
}

/* Words that were replaced one for one, if they are close. */
static void
pair_gaps (Diff *diff)
{
  const guint n = diff->from->spans->len, m = diff->to->spans->len;

  for (guint a = 0, b = 0; a < n;) {
    if (diff->to_of[a] >= 0) {
      b = diff->to_of[a++] + 1;
      continue;
    }
    guint a_end = a;
    while (a_end < n && diff->to_of[a_end] < 0)
      a_end++;
    const guint b_end = a_end < n ? (guint) diff->to_of[a_end] : m;
    if (a_end - a == b_end - b)
      for (guint i = 0; i < a_end - a; i++) {
        const char *x = diff->from->keys[a + i], *y = diff->to->keys[b + i];
        const guint limit = g_utf8_strlen (x, -1) / 3;
        if (limit > 0 && retort_edit_distance (x, y, limit) <= limit)
          diff->to_of[a + i] = b + i;
      }
    a = a_end;
    b = b_end;
  }
}
