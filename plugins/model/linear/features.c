/* features - templates over a window of tokens, and links within the document.
 *
 * The templates are those of the biomedical taggers since Settles (2004) and Leaman & Gonzalez (2008): words, shapes
 * and affixes near the token, and their pairs. The document adds what one sentence cannot say: a short form is
 * described by the words of its long form wherever it stands, and a word by its neighbours elsewhere
 * (context aggregation: Chieu & Ng 2003). */

#include "features.h"
#include <string.h>

typedef struct {
  const char *name;
  guint8 n;
  struct { LinearForm form; gint8 at; } parts[3];
} Template;

#define ONE(label, form, at) { label, 1, { { form, at } } }
#define TWO(label, form1, at1, form2, at2) { label, 2, { { form1, at1 }, { form2, at2 } } }
#define THREE(label, form1, at1, form2, at2, form3, at3) \
  { label, 3, { { form1, at1 }, { form2, at2 }, { form3, at3 } } }

static const Template templates[] = {
  ONE ("word", LINEAR_WORD, 0),
  ONE ("lower[-2]", LINEAR_LOWER, -2),
  ONE ("lower[-1]", LINEAR_LOWER, -1),
  ONE ("lower", LINEAR_LOWER, 0),
  ONE ("lower[1]", LINEAR_LOWER, 1),
  ONE ("lower[2]", LINEAR_LOWER, 2),
  ONE ("shape[-1]", LINEAR_SHAPE, -1),
  ONE ("shape", LINEAR_SHAPE, 0),
  ONE ("shape[1]", LINEAR_SHAPE, 1),
  ONE ("brief[-2]", LINEAR_BRIEF, -2),
  ONE ("brief[-1]", LINEAR_BRIEF, -1),
  ONE ("brief", LINEAR_BRIEF, 0),
  ONE ("brief[1]", LINEAR_BRIEF, 1),
  ONE ("brief[2]", LINEAR_BRIEF, 2),
  ONE ("class", LINEAR_CLASS, 0),
  ONE ("prefix1", LINEAR_PREFIX1, 0),
  ONE ("prefix2", LINEAR_PREFIX2, 0),
  ONE ("prefix3", LINEAR_PREFIX3, 0),
  ONE ("prefix4", LINEAR_PREFIX4, 0),
  ONE ("suffix1", LINEAR_SUFFIX1, 0),
  ONE ("suffix2", LINEAR_SUFFIX2, 0),
  ONE ("suffix3", LINEAR_SUFFIX3, 0),
  ONE ("suffix4", LINEAR_SUFFIX4, 0),
  ONE ("suffix5", LINEAR_SUFFIX5, 0),
  ONE ("suffix3[-1]", LINEAR_SUFFIX3, -1),
  ONE ("suffix3[1]", LINEAR_SUFFIX3, 1),
  ONE ("suffix4[-1]", LINEAR_SUFFIX4, -1),
  ONE ("suffix4[1]", LINEAR_SUFFIX4, 1),
  TWO ("lower[-2..-1]", LINEAR_LOWER, -2, LINEAR_LOWER, -1),
  TWO ("lower[-1..0]", LINEAR_LOWER, -1, LINEAR_LOWER, 0),
  TWO ("lower[0..1]", LINEAR_LOWER, 0, LINEAR_LOWER, 1),
  TWO ("lower[1..2]", LINEAR_LOWER, 1, LINEAR_LOWER, 2),
  TWO ("lower[-1,1]", LINEAR_LOWER, -1, LINEAR_LOWER, 1),
  TWO ("brief[-1..0]", LINEAR_BRIEF, -1, LINEAR_BRIEF, 0),
  TWO ("brief[0..1]", LINEAR_BRIEF, 0, LINEAR_BRIEF, 1),
  TWO ("suffix3[-1..0]", LINEAR_SUFFIX3, -1, LINEAR_SUFFIX3, 0),
  TWO ("suffix3[0..1]", LINEAR_SUFFIX3, 0, LINEAR_SUFFIX3, 1),
  TWO ("lower[-1] class", LINEAR_LOWER, -1, LINEAR_CLASS, 0),
  TWO ("class lower[1]", LINEAR_CLASS, 0, LINEAR_LOWER, 1),
  THREE ("lower[-1..1]", LINEAR_LOWER, -1, LINEAR_LOWER, 0, LINEAR_LOWER, 1),
  THREE ("lower[0..2]", LINEAR_LOWER, 0, LINEAR_LOWER, 1, LINEAR_LOWER, 2),
  THREE ("lower[-2..0]", LINEAR_LOWER, -2, LINEAR_LOWER, -1, LINEAR_LOWER, 0),
  THREE ("brief[-1..1]", LINEAR_BRIEF, -1, LINEAR_BRIEF, 0, LINEAR_BRIEF, 1),
};

/* Tokens of the document with one word in common. */
typedef struct {
  guint32 next;  /* the next token with the same word, or LINEAR_ABSENT */
  guint32 first; /* the first one */
} Link;

struct _LinearTagger {
  const LinearText *text;
  LinearAtom begin, end;  /* stand for the tokens beyond a sentence */
  Link *links;            /* [n_tokens] by word, chained in order */
  LinearRange *long_form; /* [n_tokens] of the short form that the token is, or empty */
  gboolean *in_long_form; /* [n_tokens] */
};

static void spell (LinearFeatures *features, guint64 hash, const char *family, const LinearAtom *const atoms[3]);
static const LinearAtom *form_at (const LinearTagger *tagger, LinearRange sentence, gint64 t, LinearForm form);
static void add_literal (LinearFeatures *features, const char *family, const char *value);
static void add_place (const LinearTagger *tagger, LinearRange sentence, guint t, LinearFeatures *features);
static void add_long_form (const LinearTagger *tagger, guint t, LinearFeatures *features);
static void add_elsewhere (const LinearTagger *tagger, guint t, LinearFeatures *features);
static void link_words (LinearTagger *tagger);
static void link_short_forms (LinearTagger *tagger);
static gboolean is_short_form (const LinearAtom *word);
static gboolean match_long_form (const LinearText *text, guint bracket, guint sentence_start, LinearRange *lf);

void
linear_features_clear (LinearFeatures *features)
{
  g_clear_pointer (&features->hashes, g_free);
  features->n = features->capacity = 0;
}

void
linear_features_add (LinearFeatures *features, const char *family, const LinearAtom *a, const LinearAtom *b,
                     const LinearAtom *c)
{
  guint64 hash = linear_hash (family, strlen (family));

  hash = linear_mix (hash, a ? a->hash : 1);
  hash = b ? linear_mix (hash, b->hash) : hash;
  hash = c ? linear_mix (hash, c->hash) : hash;

  if (features->n == features->capacity) {
    features->capacity = MAX (128, 2 * features->capacity);
    features->hashes = g_renew (guint64, features->hashes, features->capacity);
  }
  features->hashes[features->n++] = hash;
  if (features->wanted)
    spell (features, hash, family, (const LinearAtom *const[]) { a, b, c });
}

LinearTagger *
linear_tagger_new (const LinearText *text)
{
  LinearTagger *tagger = g_new0 (LinearTagger, 1);

  tagger->text = text;
  tagger->begin = linear_atom ("<s>");
  tagger->end = linear_atom ("</s>");
  tagger->links = g_new (Link, text->n_tokens);
  tagger->long_form = g_new0 (LinearRange, text->n_tokens);
  tagger->in_long_form = g_new0 (gboolean, text->n_tokens);
  link_words (tagger);
  link_short_forms (tagger);
  return tagger;
}

void
linear_tagger_free (LinearTagger *tagger)
{
  if (!tagger)
    return;
  g_free (tagger->links);
  g_free (tagger->long_form);
  g_free (tagger->in_long_form);
  g_free (tagger);
}

void
linear_tagger_features (const LinearTagger *tagger, LinearRange sentence, guint t, LinearFeatures *features)
{
  linear_features_add (features, "bias", NULL, NULL, NULL);
  for (guint k = 0; k < G_N_ELEMENTS (templates); k++) {
    const Template *template = &templates[k];
    const LinearAtom *atoms[3] = { NULL };
    for (guint i = 0; i < template->n; i++)
      atoms[i] = form_at (tagger, sentence, (gint64) t + template->parts[i].at, template->parts[i].form);
    linear_features_add (features, template->name, atoms[0], atoms[1], atoms[2]);
  }
  add_place (tagger, sentence, t, features);
  add_long_form (tagger, t, features);
  add_elsewhere (tagger, t, features);
}

GArray *
linear_short_forms (const LinearText *text)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (LinearShortForm));

  for (guint s = 0; s < text->n_sentences; s++) {
    const LinearRange sentence = text->sentences[s];
    for (guint t = sentence.start + 1; t + 2 < sentence.end; t++) {
      const gunichar close = text->tokens[t + 2].only;
      LinearShortForm pair = { .sf = t + 1 };
      if (text->tokens[t].only != '(' || (close != ')' && close != ',' && close != ';'))
        continue;
      if (is_short_form (&text->tokens[t + 1].forms[LINEAR_WORD])
          && match_long_form (text, t, sentence.start, &pair.lf))
        g_array_append_val (found, pair);
    }
  }
  return found;
}

static void
spell (LinearFeatures *features, guint64 hash, const char *family, const LinearAtom *const atoms[3])
{
  const guint32 id = linear_attributes_find (features->wanted, hash);

  if (id == LINEAR_ABSENT || features->names[id])
    return;
  g_autoptr(GString) spelling = g_string_new (family);
  for (guint i = 0; i < 3 && atoms[i]; i++) {
    g_string_append_c (spelling, i == 0 ? '=' : ' ');
    g_string_append_len (spelling, atoms[i]->text, atoms[i]->n_bytes);
  }
  features->names[id] = g_string_free (g_steal_pointer (&spelling), FALSE);
}

static const LinearAtom *
form_at (const LinearTagger *tagger, LinearRange sentence, gint64 t, LinearForm form)
{
  if (t < sentence.start)
    return &tagger->begin;
  if (t >= sentence.end)
    return &tagger->end;
  return &tagger->text->tokens[t].forms[form];
}

static void
add_literal (LinearFeatures *features, const char *family, const char *value)
{
  const LinearAtom atom = linear_atom (value);
  linear_features_add (features, family, &atom, NULL, NULL);
}

static void
add_place (const LinearTagger *tagger, LinearRange sentence, guint t, LinearFeatures *features)
{
  const LinearToken *token = &tagger->text->tokens[t];

  if (t == sentence.start)
    add_literal (features, "place", "first");
  if (t + 1 == sentence.end)
    add_literal (features, "place", "last");
  if (token->depth > 0)
    add_literal (features, "place", "in brackets");
  if (t > sentence.start && tagger->text->tokens[t - 1].span.end == token->span.start)
    linear_features_add (features, "glued to", form_at (tagger, sentence, (gint64) t - 1, LINEAR_BRIEF), NULL, NULL);
}

static void
add_long_form (const LinearTagger *tagger, guint t, LinearFeatures *features)
{
  const LinearRange lf = tagger->long_form[t];

  if (tagger->in_long_form[t])
    add_literal (features, "long form", "inside");
  if (lf.start == lf.end)
    return;
  const LinearToken *last = &tagger->text->tokens[lf.end - 1];
  linear_features_add (features, "short form", NULL, NULL, NULL);
  linear_features_add (features, "short for", &last->forms[LINEAR_LOWER], NULL, NULL);
  linear_features_add (features, "short for suffix3", &last->forms[LINEAR_SUFFIX3], NULL, NULL);
  linear_features_add (features, "short for suffix4", &last->forms[LINEAR_SUFFIX4], NULL, NULL);
  for (guint i = lf.start; i < lf.end; i++)
    linear_features_add (features, "short for any", &tagger->text->tokens[i].forms[LINEAR_LOWER], NULL, NULL);
}

/* The neighbours of the same word at its other places: at most three, the first ones of the document. */
static void
add_elsewhere (const LinearTagger *tagger, guint t, LinearFeatures *features)
{
  const LinearText *text = tagger->text;
  guint n_seen = 0;

  if (text->tokens[t].forms[LINEAR_WORD].n_bytes < 3)
    return;
  for (guint32 at = tagger->links[t].first; at != LINEAR_ABSENT && n_seen < 3; at = tagger->links[at].next) {
    if (at == t)
      continue;
    n_seen++;
    if (at > 0)
      linear_features_add (features, "elsewhere[-1]", &text->tokens[at - 1].forms[LINEAR_LOWER], NULL, NULL);
    if (at + 1 < text->n_tokens)
      linear_features_add (features, "elsewhere[1]", &text->tokens[at + 1].forms[LINEAR_LOWER], NULL, NULL);
  }
}

static void
link_words (LinearTagger *tagger)
{
  const LinearText *text = tagger->text;
  g_autofree guint32 *last = g_new (guint32, text->n_tokens); /* [distinct words] */
  LinearAttributes words;

  linear_attributes_init (&words);
  for (guint32 t = 0; t < text->n_tokens; t++) {
    const guint32 n_before = words.n, word = linear_attributes_add (&words, text->tokens[t].forms[LINEAR_WORD].hash);
    tagger->links[t] = (Link) { LINEAR_ABSENT, t };
    if (word < n_before) {
      tagger->links[last[word]].next = t;
      tagger->links[t].first = tagger->links[last[word]].first;
    }
    last[word] = t;
  }
  linear_attributes_clear (&words);
}

/* The first definition of a short form holds in the whole document. */
static void
link_short_forms (LinearTagger *tagger)
{
  g_autoptr(GArray) pairs = linear_short_forms (tagger->text);

  for (guint i = 0; i < pairs->len; i++) {
    const LinearShortForm *pair = &g_array_index (pairs, LinearShortForm, i);
    for (guint t = pair->lf.start; t < pair->lf.end; t++)
      tagger->in_long_form[t] = TRUE;
    if (tagger->long_form[pair->sf].start != tagger->long_form[pair->sf].end)
      continue;
    for (guint32 t = tagger->links[pair->sf].first; t != LINEAR_ABSENT; t = tagger->links[t].next)
      tagger->long_form[t] = pair->lf;
  }
}

/* 2 to 10 characters, begins with a letter or digit, has a capital. */
static gboolean
is_short_form (const LinearAtom *word)
{
  gboolean has_capital = FALSE;

  if (word->n_bytes < 2 || word->n_bytes > 10 || !g_ascii_isalnum (word->text[0]))
    return FALSE;
  for (guint i = 0; i < word->n_bytes; i++)
    has_capital |= g_ascii_isupper (word->text[i]);
  return has_capital;
}

/* From the right, each letter of the short form is found in the words before the bracket; its first must begin one. */
static gboolean
match_long_form (const LinearText *text, guint bracket, guint sentence_start, LinearRange *lf)
{
  const LinearAtom *sf = &text->tokens[bracket + 1].forms[LINEAR_LOWER];
  const guint reach = MIN (sf->n_bytes + 5, 2 * sf->n_bytes);
  const guint from = bracket - sentence_start > reach ? bracket - reach : sentence_start;
  guint token = bracket;
  guint32 at = 0; /* bytes of `token` not yet looked at */

  for (guint32 s = sf->n_bytes; s-- > 0;) {
    const char c = sf->text[s];
    gboolean found = FALSE;
    if (!g_ascii_isalnum (c))
      continue;
    while (!found) {
      if (at == 0) {
        if (token == from)
          return FALSE;
        at = text->tokens[--token].forms[LINEAR_LOWER].n_bytes;
        continue;
      }
      const LinearAtom *word = &text->tokens[token].forms[LINEAR_LOWER];
      at--;
      found = word->text[at] == c && (s > 0 || at == 0);
    }
  }
  *lf = (LinearRange) { token, bracket };
  return TRUE;
}
