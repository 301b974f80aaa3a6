/* pairs - bags and sequences of words before, between and after two arguments.
 *
 * The sentence is read once more with each argument as one word: its role and label. What follows are the classical
 * features of relation extraction without a parser (Zhou et al. 2005; Giuliano et al. 2006, the "global context" and
 * "local context" kernels): n-grams by region, windows round the arguments, order, distance, what else stands between.
 * Cue words of negation are counted by region as well. */

#include "pairs.h"
#include <string.h>

/* A word of the sentence as the classifier reads it. */
typedef struct {
  const LinearAtom *lower, *stem;
  guint8 region;
} Word;

enum { BEFORE, BETWEEN, AFTER, FIRST, SECOND, N_REGIONS };

static const char *const region_names[N_REGIONS] = { "before", "between", "after", "first", "second" };

static const char *const negations[] = {
  "no", "not", "without", "nor", "neither", "lack", "lacks", "lacked", "absence", "absent", "cannot", "never", "none",
  "fail", "failed", "fails", "failure", "unlikely", "unrelated", "negative", "nonsignificant", "insignificant",
};

typedef struct {
  const LinearText *text;
  LinearRange sentence, first, second; /* first: the argument that stands first */
  gboolean overlap, reversed;          /* the tail stands first */
  LinearAtom labels[2];                /* of the argument that stands first, second */
  LinearAtom regions[N_REGIONS];
  GArray *words;
} Pair;

static void read_pair (Pair *pair, const LinearText *text, const RetortLayer *layer, RetortCandidate candidate);
static LinearRange entity_tokens (const LinearText *text, const RetortEntity *entity);
static void add_frame (const Pair *pair, const RetortLayer *layer, RetortCandidate candidate, LinearFeatures *features);
static void add_arguments (const Pair *pair, LinearFeatures *features);
static void add_words (const Pair *pair, LinearFeatures *features);
static void add_windows (const Pair *pair, LinearFeatures *features);
static void add_between (const Pair *pair, LinearFeatures *features);
static LinearAtom bucket (guint n);
static LinearAtom argument_atom (GStringChunk *strings, const char *role, const char *label);

void
linear_pair_features (const LinearText *text, const RetortLayer *layer, RetortCandidate candidate,
                      LinearFeatures *features)
{
  Pair pair = { 0 };

  read_pair (&pair, text, layer, candidate);
  add_frame (&pair, layer, candidate, features);
  add_arguments (&pair, features);
  add_words (&pair, features);
  add_windows (&pair, features);
  add_between (&pair, features);
  g_array_unref (pair.words);
}

static void
read_pair (Pair *pair, const LinearText *text, const RetortLayer *layer, RetortCandidate candidate)
{
  const RetortEntity *head = retort_layer_entity (layer, candidate.head);
  const RetortEntity *tail = retort_layer_entity (layer, candidate.tail);
  LinearRange first = entity_tokens (text, head), second = entity_tokens (text, tail);

  pair->text = text;
  pair->reversed = second.start < first.start;
  if (pair->reversed) {
    const LinearRange swap = first;
    first = second;
    second = swap;
  }
  pair->first = first;
  pair->second = second;
  pair->overlap = second.start < first.end;
  pair->labels[pair->reversed] = argument_atom (text->strings, "head", head->label);
  pair->labels[!pair->reversed] = argument_atom (text->strings, "tail", tail->label);
  for (guint r = 0; r < N_REGIONS; r++)
    pair->regions[r] = linear_atom (region_names[r]);

  /* From the first argument's sentence to the second's: with the scope of a document they may differ. */
  if (text->n_tokens > 0) {
    const guint last = MAX (first.end, second.end);
    pair->sentence.start = text->sentences[linear_text_sentence (text, MIN (first.start, text->n_tokens - 1))].start;
    pair->sentence.end = text->sentences[linear_text_sentence (text, last > 0 ? last - 1 : 0)].end;
  }
  pair->words = g_array_new (FALSE, FALSE, sizeof (Word));
  for (guint t = pair->sentence.start; t < pair->sentence.end; t++) {
    const LinearToken *token = &text->tokens[t];
    Word word = { &token->forms[LINEAR_LOWER], &token->forms[LINEAR_PREFIX4], AFTER };
    if (t >= first.start && t < first.end)
      word = (Word) { &pair->labels[0], &pair->labels[0], FIRST };
    else if (t >= second.start && t < second.end)
      word = (Word) { &pair->labels[1], &pair->labels[1], SECOND };
    else if (t < first.start)
      word.region = BEFORE;
    else if (t < second.start)
      word.region = BETWEEN;
    if ((word.region == FIRST && t > first.start) || (word.region == SECOND && t > second.start && t > first.end))
      continue; /* one word an argument */
    g_array_append_val (pair->words, word);
  }
}

static LinearRange
entity_tokens (const LinearText *text, const RetortEntity *entity)
{
  return linear_text_tokens (text, (RetortSpan) { entity->fragments[0].start,
                                                  entity->fragments[entity->n_fragments - 1].end });
}

/* How the arguments stand, and what else stands around. */
static void
add_frame (const Pair *pair, const RetortLayer *layer, RetortCandidate candidate, LinearFeatures *features)
{
  const guint gap = pair->overlap ? 0 : pair->second.start - pair->first.end;
  const LinearAtom *a = &pair->labels[0], *b = &pair->labels[1];
  const LinearAtom distance = bucket (gap);
  guint n_between = 0, n_around = 0;

  linear_features_add (features, "arguments", a, b, NULL);
  linear_features_add (features, "distance", &distance, a, NULL);
  if (pair->overlap)
    linear_features_add (features, "overlap", a, b, NULL);

  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    const LinearRange tokens = entity_tokens (pair->text, entity);
    const LinearAtom label = linear_atom (entity->label);
    if (i == candidate.head || i == candidate.tail || tokens.start < pair->sentence.start
        || tokens.start >= pair->sentence.end)
      continue;
    const gboolean between = tokens.start >= pair->first.end && tokens.end <= pair->second.start;
    n_between += between;
    n_around++;
    linear_features_add (features, "other entity", &label, &pair->regions[between ? BETWEEN : AFTER], NULL);
  }
  const LinearAtom between = bucket (n_between), around = bucket (n_around);
  linear_features_add (features, "entities between", &between, NULL, NULL);
  linear_features_add (features, "entities around", &around, NULL, NULL);
}

/* What the arguments say themselves, apart from all else: "complete recovery" is no adverse effect. */
static void
add_arguments (const Pair *pair, LinearFeatures *features)
{
  const LinearRange ranges[2] = { pair->first, pair->second };

  for (guint i = 0; i < 2; i++)
    for (guint t = ranges[i].start; t < ranges[i].end; t++) {
      const LinearToken *token = &pair->text->tokens[t];
      linear_features_add (features, "argument", &pair->labels[i], &token->forms[LINEAR_LOWER], NULL);
      linear_features_add (features, "argument stem", &pair->labels[i], &token->forms[LINEAR_PREFIX4], NULL);
      linear_features_add (features, "argument suffix", &pair->labels[i], &token->forms[LINEAR_SUFFIX3], NULL);
      if (t == ranges[i].start)
        linear_features_add (features, "argument first", &pair->labels[i], &token->forms[LINEAR_LOWER], NULL);
      if (t + 1 == ranges[i].end)
        linear_features_add (features, "argument last", &pair->labels[i], &token->forms[LINEAR_LOWER], NULL);
    }
}

/* N-grams of the whole sentence and of each region. */
static void
add_words (const Pair *pair, LinearFeatures *features)
{
  const Word *words = (const Word *) pair->words->data;
  const guint n = pair->words->len;

  for (guint i = 0; i < n; i++) {
    const LinearAtom *region = &pair->regions[words[i].region];
    if (words[i].region < FIRST) {
      linear_features_add (features, "word", words[i].lower, NULL, NULL);
      linear_features_add (features, "stem", words[i].stem, NULL, NULL);
      linear_features_add (features, "word in", words[i].lower, region, NULL);
      linear_features_add (features, "stem in", words[i].stem, region, NULL);
    }
    if (i + 1 < n)
      linear_features_add (features, "words", words[i].lower, words[i + 1].lower, NULL);
    if (i + 2 < n)
      linear_features_add (features, "words", words[i].lower, words[i + 1].lower, words[i + 2].lower);
    for (guint k = 0; k < G_N_ELEMENTS (negations); k++)
      if (strlen (negations[k]) == words[i].lower->n_bytes
          && !strncmp (negations[k], words[i].lower->text, words[i].lower->n_bytes))
        linear_features_add (features, "negation", region, NULL, NULL);
  }
}

/* The three words on either side of each argument, by place. */
static void
add_windows (const Pair *pair, LinearFeatures *features)
{
  static const struct { const char *family; gint at; } places[] = {
    { "[-3]", -3 }, { "[-2]", -2 }, { "[-1]", -1 }, { "[1]", 1 }, { "[2]", 2 }, { "[3]", 3 },
  };
  const Word *words = (const Word *) pair->words->data;
  const gint64 n = pair->words->len;
  const LinearAtom edge = linear_atom ("<s>");

  for (gint64 i = 0; i < n; i++) {
    if (words[i].region < FIRST)
      continue;
    for (guint k = 0; k < G_N_ELEMENTS (places); k++) {
      const gint64 at = i + places[k].at;
      linear_features_add (features, places[k].family, words[i].lower, at < 0 || at >= n ? &edge : words[at].lower, NULL);
    }
  }
}

/* The words between as one sequence, if they are few; the first and the last of them. */
static void
add_between (const Pair *pair, LinearFeatures *features)
{
  const Word *words = (const Word *) pair->words->data;
  guint64 all = 0;
  guint n = 0;
  LinearAtom path = linear_atom ("");
  g_autoptr(GString) spelling = g_string_new (NULL);

  for (guint i = 0; i < pair->words->len; i++) {
    if (words[i].region != BETWEEN)
      continue;
    all = linear_mix (all, words[i].lower->hash);
    n++;
    if (features->wanted) {
      g_string_append_len (spelling, words[i].lower->text, words[i].lower->n_bytes);
      g_string_append_c (spelling, ' ');
    }
  }
  if (pair->overlap || n > 6)
    return;
  path = (LinearAtom) { spelling->str, spelling->len, all };
  linear_features_add (features, "path", &pair->labels[0], &path, &pair->labels[1]);
}

/* 0 1 2 3 4 5- 7- 10- 15- 20- 30- */
static LinearAtom
bucket (guint n)
{
  static const struct { guint from; const char *name; } buckets[] = {
    { 30, "30-" }, { 20, "20-" }, { 15, "15-" }, { 10, "10-" }, { 7, "7-" }, { 5, "5-" },
    { 4, "4" }, { 3, "3" }, { 2, "2" }, { 1, "1" }, { 0, "0" },
  };
  guint i = 0;

  while (n < buckets[i].from)
    i++;
  return linear_atom (buckets[i].name);
}

static LinearAtom
argument_atom (GStringChunk *strings, const char *role, const char *label)
{
  g_autofree char *name = g_strdup_printf ("<%s %s>", role, label);
  return linear_atom (g_string_chunk_insert_const (strings, name));
}
