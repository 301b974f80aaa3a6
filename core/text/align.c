/* align - quoted mentions onto places in a text.
 *
 * Occurrences of a mention are looked for once per distinct mention, in a folded copy of the text, and then classed by
 * what the text really has there. The assignment in order is a longest-chain problem: over (mention, occurrence) pairs
 * in the mentions' order, the best chain that ends before an occurrence begins is a prefix maximum, held in a Fenwick
 * tree over text positions, so the whole costs O(C log n) for C pairs. What the chain leaves out is placed afterwards.
 *
 * Surprising: case must not be folded for short abbreviations ("AS" is not "as"), and fuzzy matching must not touch
 * digits, single letters or Roman numerals ("factor VII" is not "factor VIII"). */
#include "text/fold.h"
#include <string.h>

#define PAIRS_MAX (4u << 20)  /* (mention, occurrence) pairs; beyond it repeated mentions are placed one by one */
#define ABBREVIATION_CHARS 5  /* so short, capitals count */
#define INSIDE_CHARS 4        /* shorter mentions are not looked for inside words */
#define FUZZY_CHARS 5         /* shorter mentions are not matched fuzzily */
#define FUZZY_DISTANCE_MAX 4
#define FUZZY_ANCHORS_MAX 256 /* words with a commoner beginning lead nowhere */

const char *const retort_match_names[] = { "exact", "case", "space", "form", "fuzzy", "none", NULL };

/* A place where a mention could stand. */
typedef struct {
  RetortSpan span;
  RetortMatch match;
} Place;

/* One distinct mention text. */
typedef struct {
  GArray *places;       /* of Place, by start */
  gboolean inside_word;
  const char *reason;   /* if there are none */
} Sought;

typedef struct { guint32 start, end, chars; } Word; /* chars: of all words up to this one, folded */

typedef struct {
  const char *text;
  gsize n_bytes;
  RetortFold *form;       /* the text, folded */
  GHashTable *sought;     /* mention text -> Sought */
  GArray *words;          /* of Word; made for fuzzy search only */
  GHashTable *prefixes;   /* first letters -> GArray of guint: words that begin so */
} Aligner;

static const Sought *seek (Aligner *aligner, const char *mention);
static void seek_folded (Aligner *aligner, const char *mention, gsize n_bytes, gboolean inside, GArray *places);
static void seek_raw (Aligner *aligner, const char *mention, gsize n_bytes, GArray *places);
static void seek_fuzzy (Aligner *aligner, const char *mention, gsize n_bytes, GArray *places);
static gboolean case_differs_much (const char *a, gsize a_bytes, const char *b, gsize b_bytes);
static void sought_free (gpointer p);
static void assign_in_order (Aligner *aligner, const RetortMention *mentions, guint n, RetortGrounding *groundings);
static void place_one_by_one (Aligner *aligner, const RetortMention *mentions, guint n, RetortGrounding *groundings);
static void place_rest (Aligner *aligner, const RetortMention *mentions, guint n, RetortGrounding *groundings);
static void ground (RetortGrounding *grounding, const Sought *sought, const Place *place);

void
retort_align_mentions (const char *text, gsize n_bytes, const RetortMention *mentions, guint n,
                       RetortGrounding *groundings)
{
  Aligner aligner = { .text = text, .n_bytes = n_bytes };
  guint64 n_pairs = 0;

  aligner.form = retort_fold_new (text, n_bytes, RETORT_MATCH_FORM);
  aligner.sought = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, sought_free);
  for (guint i = 0; i < n; i++) {
    const Sought *sought = seek (&aligner, mentions[i].text);
    n_pairs += sought->places->len;
    groundings[i] = (RetortGrounding){ .match = RETORT_MATCH_NONE, .reason = sought->reason };
  }
  if (n_pairs <= PAIRS_MAX)
    assign_in_order (&aligner, mentions, n, groundings);
  else
    place_one_by_one (&aligner, mentions, n, groundings);
  place_rest (&aligner, mentions, n, groundings);

  g_hash_table_unref (aligner.sought);
  g_clear_pointer (&aligner.prefixes, g_hash_table_unref);
  g_clear_pointer (&aligner.words, g_array_unref);
  retort_fold_free (aligner.form);
}

void
retort_align_account (RetortLedger *ledger, const char *where, const RetortMention *mentions, guint n,
                      const RetortGrounding *groundings)
{
  for (guint i = 0; i < n; i++) {
    const RetortGrounding *grounding = &groundings[i];
    const char *class_name = retort_match_names[grounding->match];
    if (grounding->match == RETORT_MATCH_EXACT)
      retort_ledger_count (ledger, RETORT_LEDGER_MENTIONS, class_name, 1);
    else
      retort_ledger_note (ledger, RETORT_LEDGER_MENTIONS, class_name, where, mentions[i].text);
    if (grounding->match == RETORT_MATCH_NONE)
      retort_ledger_note (ledger, RETORT_LEDGER_DROPPED, grounding->reason, where, mentions[i].text);
    if (grounding->out_of_order)
      retort_ledger_note (ledger, RETORT_LEDGER_MENTIONS, "out of order", where, mentions[i].text);
    if (grounding->inside_word)
      retort_ledger_note (ledger, RETORT_LEDGER_MENTIONS, "inside a word", where, mentions[i].text);
  }
}

/* --- occurrences --- */

static gint
place_compare (gconstpointer a, gconstpointer b)
{
  const Place *x = a, *y = b;

  if (x->span.start != y->span.start)
    return x->span.start < y->span.start ? -1 : 1;
  return (x->span.end > y->span.end) - (x->span.end < y->span.end);
}

/* Sorts, and keeps one place of each span. */
static void
tidy_places (GArray *places)
{
  guint n = 0;

  g_array_sort (places, place_compare);
  for (guint i = 0; i < places->len; i++)
    if (n == 0 || place_compare (&g_array_index (places, Place, i), &g_array_index (places, Place, n - 1)) != 0)
      g_array_index (places, Place, n++) = g_array_index (places, Place, i);
  g_array_set_size (places, n);
}

static const Sought *
seek (Aligner *aligner, const char *mention)
{
  Sought *sought = g_hash_table_lookup (aligner->sought, mention);

  if (sought)
    return sought;
  sought = g_new0 (Sought, 1);
  sought->places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_hash_table_insert (aligner->sought, g_strdup (mention), sought);

  g_autofree char *trimmed = g_strstrip (g_strdup (mention));
  const gsize n_bytes = strlen (trimmed);
  if (n_bytes == 0) {
    sought->reason = "empty mention";
    return sought;
  }
  if (!g_utf8_validate (trimmed, n_bytes, NULL)) {
    sought->reason = "mention is not UTF-8";
    return sought;
  }
  seek_folded (aligner, trimmed, n_bytes, FALSE, sought->places);
  seek_raw (aligner, trimmed, n_bytes, sought->places);
  if (sought->places->len == 0)
    seek_fuzzy (aligner, trimmed, n_bytes, sought->places); /* "tumour" is rather "tumours" than a part of it */
  if (sought->places->len == 0 && g_utf8_strlen (trimmed, -1) >= INSIDE_CHARS) {
    seek_folded (aligner, trimmed, n_bytes, TRUE, sought->places);
    sought->inside_word = sought->places->len > 0;
  }
  tidy_places (sought->places);
  if (sought->places->len == 0)
    sought->reason = "mention is not in the text";
  return sought;
}

static void
sought_free (gpointer p)
{
  g_array_unref (((Sought *) p)->places);
  g_free (p);
}

/* Whether bytes [start,end) of the folded text begin and end with whole characters of the text. */
static gboolean
whole_clusters (const RetortFold *fold, gsize start, gsize end)
{
  const guint32 *starts = (const guint32 *) fold->start->data;

  return (start == 0 || starts[start] != starts[start - 1])
         && (end == fold->bytes->len || starts[end] != starts[end - 1]);
}

static void
seek_folded (Aligner *aligner, const char *mention, gsize n_bytes, gboolean inside, GArray *places)
{
  g_autofree char *needle = retort_fold_string (mention, n_bytes, RETORT_MATCH_FORM);
  const gsize needle_bytes = strlen (needle);
  const GString *hay = aligner->form->bytes;

  if (needle_bytes == 0)
    return;
  for (const char *hit = hay->str; (hit = memmem (hit, hay->str + hay->len - hit, needle, needle_bytes)); hit++) {
    const gsize at = hit - hay->str;
    if (!whole_clusters (aligner->form, at, at + needle_bytes))
      continue;
    Place place = { { g_array_index (aligner->form->start, guint32, at),
                      g_array_index (aligner->form->end, guint32, at + needle_bytes - 1) }, RETORT_MATCH_NONE };
    const gboolean borders = retort_is_border (aligner->text, aligner->n_bytes, place.span.start) &&
                             retort_is_border (aligner->text, aligner->n_bytes, place.span.end);
    if (borders == inside)
      continue;
    const char *surface = aligner->text + place.span.start;
    const gsize surface_bytes = place.span.end - place.span.start;
    place.match = retort_match_class (mention, n_bytes, surface, surface_bytes);
    if (place.match == RETORT_MATCH_NONE ||
        (place.match != RETORT_MATCH_EXACT && case_differs_much (mention, n_bytes, surface, surface_bytes)))
      continue;
    g_array_append_val (places, place);
  }
}

/* What folding leaves out at a mention's edges ("-/-", "5'-") is found byte by byte. */
static void
seek_raw (Aligner *aligner, const char *mention, gsize n_bytes, GArray *places)
{
  const char *end = aligner->text + aligner->n_bytes;
  g_autofree char *first = retort_fold_string (mention, g_utf8_next_char (mention) - mention, RETORT_MATCH_FORM);
  const char *last_char = g_utf8_find_prev_char (mention, mention + n_bytes);
  g_autofree char *last = retort_fold_string (last_char, mention + n_bytes - last_char, RETORT_MATCH_FORM);

  if (first[0] && last[0])
    return; /* the folded search has found all of them */
  for (const char *hit = aligner->text; (hit = memmem (hit, end - hit, mention, n_bytes)); hit++) {
    const gsize at = hit - aligner->text;
    if (!retort_is_border (aligner->text, aligner->n_bytes, at) ||
        !retort_is_border (aligner->text, aligner->n_bytes, at + n_bytes))
      continue;
    const Place place = { { at, at + n_bytes }, RETORT_MATCH_EXACT };
    g_array_append_val (places, place);
  }
}

/* Letters only: all of them capitals. */
static gboolean
all_capitals (const char *text, gsize n_bytes)
{
  guint n_letters = 0;

  for (const char *p = text; p < text + n_bytes; p = g_utf8_next_char (p)) {
    const gunichar c = g_utf8_get_char (p);
    if (g_unichar_isalpha (c) && !g_unichar_isupper (c))
      return FALSE;
    n_letters += g_unichar_isalpha (c) != 0;
  }
  return n_letters > 0;
}

/* "AS" and "as", "ALL" and "All": an abbreviation is not a word. */
static gboolean
case_differs_much (const char *a, gsize a_bytes, const char *b, gsize b_bytes)
{
  if (g_utf8_strlen (a, a_bytes) > ABBREVIATION_CHARS)
    return FALSE;
  return all_capitals (a, a_bytes) != all_capitals (b, b_bytes);
}

/* --- fuzzy --- */

static GArray *
cut_words (const char *text, gsize n_bytes)
{
  GArray *words = g_array_new (FALSE, FALSE, sizeof (Word));
  const char *end = text + n_bytes;
  guint32 chars = 0;

  for (const char *p = text; p < end;) {
    while (p < end && !retort_is_word_char (g_utf8_get_char (p)))
      p = g_utf8_next_char (p);
    Word word = { p - text, 0, 0 };
    while (p < end && retort_is_word_char (g_utf8_get_char (p)))
      p = g_utf8_next_char (p);
    word.end = p - text;
    if (word.end == word.start)
      continue;
    g_autofree char *folded = retort_fold_string (text + word.start, word.end - word.start, RETORT_MATCH_FORM);
    word.chars = chars += g_utf8_strlen (folded, -1);
    g_array_append_val (words, word);
  }
  return words;
}

/* The first three letters, by which words are indexed; NULL for shorter words. Full ownership. */
static char *
prefix_of (const char *text, const Word *word)
{
  g_autofree char *folded = retort_fold_string (text + word->start, word->end - word->start, RETORT_MATCH_FORM);

  if (g_utf8_strlen (folded, -1) < 3)
    return NULL;
  return g_strndup (folded, g_utf8_offset_to_pointer (folded, 3) - folded);
}

static void
index_words (Aligner *aligner)
{
  if (aligner->words)
    return;
  aligner->words = cut_words (aligner->text, aligner->n_bytes);
  aligner->prefixes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  for (guint i = 0; i < aligner->words->len; i++) {
    g_autofree char *prefix = prefix_of (aligner->text, &g_array_index (aligner->words, Word, i));
    if (!prefix)
      continue;
    GArray *at = g_hash_table_lookup (aligner->prefixes, prefix);
    if (!at) {
      at = g_array_new (FALSE, FALSE, sizeof (guint));
      g_hash_table_insert (aligner->prefixes, g_steal_pointer (&prefix), at);
    }
    g_array_append_val (at, i);
  }
}

/* Digits, words of one or two letters, Roman numerals: what tells one disease from the next and must be the same. Full
 * ownership. */
static char *
fixed_part (const char *text, gsize n_bytes)
{
  g_autoptr(GArray) words = cut_words (text, n_bytes);
  GString *fixed = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++) {
    const Word *word = &g_array_index (words, Word, i);
    g_autofree char *folded = retort_fold_string (text + word->start, word->end - word->start, RETORT_MATCH_FORM);
    if (strlen (folded) <= 2 || strspn (folded, "ivx") == strlen (folded)) {
      g_string_append_printf (fixed, "%s ", folded);
      continue;
    }
    for (const char *p = folded; *p; p++)
      if (g_ascii_isdigit (*p))
        g_string_append_c (fixed, *p);
    g_string_append_c (fixed, ' ');
  }
  return g_string_free (fixed, FALSE);
}

typedef struct {
  char *folded, *fixed;
  guint chars, distance_max;
} FuzzyNeedle;

/* The words [first,first+count) of the text, if they are close enough. */
static guint
fuzzy_distance (const Aligner *aligner, const FuzzyNeedle *needle, gint first, gint count, Place *place)
{
  if (first < 0 || count < 1 || first + count > (gint) aligner->words->len)
    return G_MAXUINT;
  place->span.start = g_array_index (aligner->words, Word, first).start;
  place->span.end = g_array_index (aligner->words, Word, first + count - 1).end;
  place->match = RETORT_MATCH_FUZZY;
  const char *surface = aligner->text + place->span.start;
  const gsize n_bytes = place->span.end - place->span.start;
  const guint word_chars = g_array_index (aligner->words, Word, first + count - 1).chars -
                           (first > 0 ? g_array_index (aligner->words, Word, first - 1).chars : 0);
  if (word_chars > needle->chars + needle->distance_max ||
      word_chars + (n_bytes - MIN (n_bytes, word_chars)) + needle->distance_max < needle->chars)
    return G_MAXUINT; /* the lengths alone say no */
  g_autofree char *folded = retort_fold_string (surface, n_bytes, RETORT_MATCH_FORM);
  const guint distance = retort_edit_distance (needle->folded, folded, needle->distance_max);
  if (distance > needle->distance_max)
    return G_MAXUINT;
  g_autofree char *fixed = fixed_part (surface, n_bytes);
  return g_str_equal (fixed, needle->fixed) ? distance : G_MAXUINT;
}

/* Words of the text that begin as word `w` of the mention anchor windows of as many words as the mention has, one more
 * or one less; the closest of each anchor is kept. */
static void
seek_fuzzy (Aligner *aligner, const char *mention, gsize n_bytes, GArray *places)
{
  if (g_utf8_strlen (mention, n_bytes) < FUZZY_CHARS || all_capitals (mention, n_bytes))
    return;
  index_words (aligner);
  g_autoptr(GArray) words = cut_words (mention, n_bytes);
  g_autofree char *folded = retort_fold_string (mention, n_bytes, RETORT_MATCH_FORM);
  g_autofree char *fixed = fixed_part (mention, n_bytes);
  const guint length = g_utf8_strlen (folded, -1);
  const FuzzyNeedle needle = { folded, fixed, length, MIN (MAX (length / 8, 1), FUZZY_DISTANCE_MAX) };

  const GArray *anchors = NULL; /* of the rarest prefix */
  guint anchor_word = 0;
  for (guint w = 0; w < words->len; w++) {
    g_autofree char *prefix = prefix_of (mention, &g_array_index (words, Word, w));
    const GArray *at = prefix ? g_hash_table_lookup (aligner->prefixes, prefix) : NULL;
    if (at && (!anchors || at->len < anchors->len)) {
      anchors = at;
      anchor_word = w;
    }
  }
  if (!anchors || anchors->len > FUZZY_ANCHORS_MAX)
    return;
  for (guint i = 0; i < anchors->len; i++) {
    const gint at = g_array_index (anchors, guint, i);
    Place best = { { 0, 0 }, RETORT_MATCH_NONE };
    guint best_distance = G_MAXUINT;
    for (gint shift = -1; shift <= 1; shift++)
      for (gint more = -1; more <= 1; more++) {
        Place place;
        const guint distance
            = fuzzy_distance (aligner, &needle, at - (gint)anchor_word + shift, words->len + more, &place);
        if (distance < best_distance) {
          best_distance = distance;
          best = place;
        }
      }
    if (best_distance != G_MAXUINT)
      g_array_append_val (places, best);
  }
}

/* --- the chain --- */

/* A pair of the chain: mention i at its place p. */
typedef struct {
  gint64 score;     /* of the best chain that ends here */
  gint32 before;    /* the pair before it in that chain, or -1 */
  guint32 mention, place;
  guint32 end;
} Pair;

#define SCORE_ONE ((gint64) 1 << 32) /* a grounded mention; the cost of its class is taken off */

/* Of two chains the better; of equal ones that which ends earlier. */
static gint32
better (const GArray *pairs, gint32 a, gint32 b)
{
  if (a < 0 || b < 0)
    return MAX (a, b);
  const Pair *x = &g_array_index (pairs, Pair, a), *y = &g_array_index (pairs, Pair, b);
  if (x->score != y->score)
    return x->score > y->score ? a : b;
  return x->end <= y->end ? a : b;
}

static void
assign_in_order (Aligner *aligner, const RetortMention *mentions, guint n, RetortGrounding *groundings)
{
  g_autoptr(GArray) pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  const gsize n_positions = aligner->n_bytes + 1;
  g_autofree gint32 *tree = g_new (gint32, n_positions + 1); /* Fenwick: best chain that ends at or before a byte */

  memset (tree, 0xff, (n_positions + 1) * sizeof *tree);
  for (guint i = 0; i < n; i++) {
    const Sought *sought = seek (aligner, mentions[i].text);
    const guint first = pairs->len;
    for (guint p = 0; p < sought->places->len; p++) {
      const Place *place = &g_array_index (sought->places, Place, p);
      Pair pair = { SCORE_ONE - (gint64) place->match, -1, i, p, place->span.end };
      for (gsize at = place->span.start + 1; at > 0; at -= at & -at)
        pair.before = better (pairs, tree[at], pair.before);
      if (pair.before >= 0)
        pair.score += g_array_index (pairs, Pair, pair.before).score;
      g_array_append_val (pairs, pair);
    }
    /* Only now, so that one mention does not stand twice in a chain. */
    for (guint k = first; k < pairs->len; k++)
      for (gsize at = g_array_index (pairs, Pair, k).end + 1; at <= n_positions; at += at & -at)
        tree[at] = better (pairs, tree[at], k);
  }
  gint32 last = -1;
  for (gsize at = n_positions; at > 0; at -= at & -at)
    last = better (pairs, tree[at], last);
  for (; last >= 0; last = g_array_index (pairs, Pair, last).before) {
    const Pair *pair = &g_array_index (pairs, Pair, last);
    const Sought *sought = seek (aligner, mentions[pair->mention].text);
    ground (&groundings[pair->mention], sought, &g_array_index (sought->places, Place, pair->place));
  }
}

/* For monstrous lists: each mention at its first place behind the one before it. */
static void
place_one_by_one (Aligner *aligner, const RetortMention *mentions, guint n, RetortGrounding *groundings)
{
  guint32 behind = 0;

  for (guint i = 0; i < n; i++) {
    const Sought *sought = seek (aligner, mentions[i].text);
    guint low = 0, high = sought->places->len;
    while (low < high) {
      const guint middle = (low + high) / 2;
      if (g_array_index (sought->places, Place, middle).span.start < behind)
        low = middle + 1;
      else
        high = middle;
    }
    if (low == sought->places->len)
      continue;
    const Place *place = &g_array_index (sought->places, Place, low);
    ground (&groundings[i], sought, place);
    behind = place->span.end;
  }
}

static void
ground (RetortGrounding *grounding, const Sought *sought, const Place *place)
{
  grounding->span = place->span;
  grounding->match = place->match;
  grounding->inside_word = sought->inside_word;
  grounding->reason = NULL;
}

/* --- what the chain left out --- */

typedef struct { RetortSpan span; const char *label; } Taken;

static guint
taken_hash (gconstpointer p)
{
  const Taken *taken = p;

  return (taken->span.start * 2654435761u) ^ (taken->span.end * 40503u) ^ g_str_hash (taken->label);
}

static gboolean
taken_equal (gconstpointer a, gconstpointer b)
{
  const Taken *x = a, *y = b;

  return x->span.start == y->span.start && x->span.end == y->span.end && g_str_equal (x->label, y->label);
}

static const char *
label_of (const RetortMention *mention)
{
  return mention->label ? mention->label : "";
}

/* Free places by preference: apart from everything, then in order (nested in its neighbours), then the earliest. */
static const Place *
free_place (const Sought *sought, const char *label, GHashTable *taken, const guint8 *covered, RetortSpan between,
            guint *cursor)
{
  const Place *nested = NULL, *any = NULL;

  for (guint p = *cursor; p < sought->places->len; p++) {
    const Place *place = &g_array_index (sought->places, Place, p);
    const Taken key = { place->span, label };
    if (g_hash_table_contains (taken, &key)) {
      if (p == *cursor)
        *cursor = p + 1; /* never free again */
      continue;
    }
    if (!memchr (covered + place->span.start, 1, place->span.end - place->span.start))
      return place;
    if (!nested && place->span.start >= between.start && place->span.end <= between.end)
      nested = place;
    if (!any)
      any = place;
  }
  return nested ? nested : any;
}

static void
place_rest (Aligner *aligner, const RetortMention *mentions, guint n, RetortGrounding *groundings)
{
  g_autoptr(GHashTable) taken = g_hash_table_new_full (taken_hash, taken_equal, g_free, NULL);
  g_autofree guint8 *covered = g_malloc0 (aligner->n_bytes + 1);
  g_autofree guint32 *next_end = g_new (guint32, n + 1); /* where the next grounded mention ends */
  g_autoptr(GHashTable) cursors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  next_end[n] = aligner->n_bytes;
  for (guint i = n; i-- > 0;) {
    const RetortGrounding *grounding = &groundings[i];
    next_end[i] = grounding->match == RETORT_MATCH_NONE ? next_end[i + 1] : grounding->span.end;
    if (grounding->match == RETORT_MATCH_NONE)
      continue;
    const Taken key = { grounding->span, label_of (&mentions[i]) };
    g_hash_table_add (taken, g_memdup2 (&key, sizeof key));
    memset (covered + key.span.start, 1, key.span.end - key.span.start);
  }
  RetortSpan between = { 0, 0 };
  for (guint i = 0; i < n; i++) {
    RetortGrounding *grounding = &groundings[i];
    if (grounding->match == RETORT_MATCH_NONE && !grounding->reason) {
      const Sought *sought = seek (aligner, mentions[i].text);
      const char *label = label_of (&mentions[i]);
      g_autofree char *name = g_strconcat (label, "\n", mentions[i].text, NULL);
      guint *cursor = g_hash_table_lookup (cursors, name);
      if (!cursor)
        g_hash_table_insert (cursors, g_steal_pointer (&name), cursor = g_new0 (guint, 1));
      between.end = next_end[i + 1];
      const Place *place = free_place (sought, label, taken, covered, between, cursor);
      if (!place) {
        grounding->reason = "repeated more often than in the text";
        continue;
      }
      ground (grounding, sought, place);
      grounding->out_of_order = place->span.start < between.start || place->span.end > between.end;
      const Taken key = { place->span, label };
      g_hash_table_add (taken, g_memdup2 (&key, sizeof key));
      memset (covered + key.span.start, 1, key.span.end - key.span.start);
      continue;
    }
    if (grounding->match != RETORT_MATCH_NONE)
      between.start = grounding->span.start;
  }
}
