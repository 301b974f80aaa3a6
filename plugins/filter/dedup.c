/* filter/dedup - drops documents whose text came before.
 *
 * Exact: texts that are the same after Unicode NFC, folding case, and taking every run of white space as one space.
 * Near: MinHash (Broder 1997) over 5-grams of words; the share of equal minima estimates the Jaccard similarity.
 * Two signatures of which at least `near` of the minima are equal differ in at most D places; so of D + 1 bands at
 * least one is equal as a whole, and looking up bands finds every such pair. */
#include "each.h"

#include <math.h>
#include <string.h>

enum { MINIMA = 128, GRAM_WORDS = 5 };

typedef struct {
  double near;
} Options;

static const RetortOption options[] = {
  RETORT_OPTION_NUMBER (Options, near, "near", "0", 0, 1,
                        "Drops also what is at least so similar to an earlier text (about 0.8 is usual); 0: only equal texts."),
};

typedef struct { guint64 minima[MINIMA]; } Signature;
typedef struct { guint kept, next; } Entry; /* of a band's list; `next` 1 + index into `entries`, or 0 */

typedef struct {
  RetortContext *context;
  RetortCorpusSink *out;
  guint needed, n_bands;   /* equal minima that make a near duplicate; 0 needed: exact only */
  GHashTable *texts;       /* digests of folded texts */
  GArray *signatures;      /* Signature, of the documents kept */
  GHashTable *bands;       /* guint64 * hash of a band -> 1 + index into `entries` */
  GArray *entries;         /* Entry */
  GArray *seen;            /* guint [kept]: the last document (from 1) compared with it */
  guint n;                 /* documents so far */
} Dedup;

static char *fold (const RetortDocument *document);
static gboolean sign (const char *folded, Signature *signature);
static gboolean is_near (Dedup *dedup, const Signature *signature);
static void keep (Dedup *dedup, const Signature *signature);

static gboolean
pass (const RetortDocument *document, gpointer user, GError **error)
{
  Dedup *dedup = user;
  Signature signature;
  g_autofree char *folded = fold (document);

  dedup->n++;
  if (!g_hash_table_add (dedup->texts, g_compute_checksum_for_string (G_CHECKSUM_SHA256, folded, -1))) {
    retort_context_count (dedup->context, "documents dropped, equal text", 1);
    return TRUE;
  }
  if (dedup->needed > 0 && sign (folded, &signature)) {
    if (is_near (dedup, &signature)) {
      retort_context_count (dedup->context, "documents dropped, similar text", 1);
      return TRUE;
    }
    keep (dedup, &signature);
  }
  retort_context_count (dedup->context, "documents kept", 1);
  return retort_corpus_sink_add (dedup->out, document, error);
}

static gboolean
run (void *self, RetortContext *context, RetortCorpusReader *in, RetortCorpusSink *out, GError **error)
{
  const Options *chosen = self;
  g_autoptr(GHashTable) texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) bands = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr(GArray) signatures = g_array_new (FALSE, FALSE, sizeof (Signature));
  g_autoptr(GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autoptr(GArray) seen = g_array_new (FALSE, FALSE, sizeof (guint));
  Dedup dedup = {
    .context = context, .out = out, .needed = (guint)ceil (chosen->near * MINIMA), .texts = texts,
    .signatures = signatures, .bands = bands, .entries = entries, .seen = seen,
  };

  dedup.n_bands = MINIMA - dedup.needed + 1;
  retort_context_count (context, "documents dropped, equal text", 0);
  if (dedup.needed > 0)
    retort_context_count (context, "documents dropped, similar text", 0);
  return each_document (context, in, pass, &dedup, error);
}

/* Full ownership. */
static char *
fold (const RetortDocument *document)
{
  gsize n_bytes;
  const char *text = retort_document_text (document, &n_bytes);
  g_autofree char *cased = g_utf8_casefold (text, (gssize)n_bytes);
  g_autofree char *folded = g_utf8_normalize (cased, -1, G_NORMALIZE_NFC);
  GString *out = g_string_sized_new (n_bytes);
  gboolean space = FALSE;

  for (const char *at = folded; *at; at = g_utf8_next_char (at)) {
    const gunichar c = g_utf8_get_char (at);
    if (g_unichar_isspace (c)) {
      space = TRUE;
      continue;
    }
    if (space && out->len > 0)
      g_string_append_c (out, ' ');
    space = FALSE;
    g_string_append_unichar (out, c);
  }
  return g_string_free (out, FALSE);
}

/* A bijection of 64 bits without structure (the finalizer of SplitMix64: Steele, Lea, Flood 2014). */
static guint64
mix (guint64 x)
{
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

/* FALSE if there is no word. A text of fewer words than a gram has is one gram. */
static gboolean
sign (const char *folded, Signature *signature)
{
  g_autoptr(GArray) starts = g_array_new (FALSE, FALSE, sizeof (gsize));
  const gsize n_bytes = strlen (folded);

  for (gsize i = 0; i < n_bytes; i++)
    if (i == 0 || folded[i - 1] == ' ')
      g_array_append_val (starts, i);
  if (starts->len == 0)
    return FALSE;
  memset (signature, 0xff, sizeof *signature);
  const guint n_grams = MAX (starts->len, GRAM_WORDS) - GRAM_WORDS + 1;
  for (guint g = 0; g < n_grams; g++) {
    const gsize start = g_array_index (starts, gsize, g);
    const gsize end = g + GRAM_WORDS < starts->len ? g_array_index (starts, gsize, g + GRAM_WORDS) - 1 : n_bytes;
    const guint64 hash = retort_random_hash (folded + start, end - start);
    for (guint k = 0; k < MINIMA; k++) {
      const guint64 value = mix (hash + k * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
      if (value < signature->minima[k])
        signature->minima[k] = value;
    }
  }
  return TRUE;
}

static guint64
band_hash (const Dedup *dedup, const Signature *signature, guint band)
{
  guint64 hash = band;

  for (guint k = band * MINIMA / dedup->n_bands; k < (band + 1) * MINIMA / dedup->n_bands; k++)
    hash = mix (hash * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) + signature->minima[k]);
  return hash;
}

static gboolean
is_near (Dedup *dedup, const Signature *signature)
{
  for (guint band = 0; band < dedup->n_bands; band++) {
    const guint64 hash = band_hash (dedup, signature, band);
    guint at = GPOINTER_TO_UINT (g_hash_table_lookup (dedup->bands, &hash));
    while (at > 0) {
      const Entry entry = g_array_index (dedup->entries, Entry, at - 1);
      guint *seen = &g_array_index (dedup->seen, guint, entry.kept);
      guint equal = 0;
      at = entry.next;
      if (*seen == dedup->n)
        continue;
      *seen = dedup->n;
      const Signature *other = &g_array_index (dedup->signatures, Signature, entry.kept);
      for (guint k = 0; k < MINIMA; k++)
        equal += signature->minima[k] == other->minima[k];
      if (equal >= dedup->needed)
        return TRUE;
    }
  }
  return FALSE;
}

static void
keep (Dedup *dedup, const Signature *signature)
{
  const guint kept = dedup->signatures->len, never = 0;

  g_array_append_vals (dedup->signatures, signature, 1);
  g_array_append_val (dedup->seen, never);
  for (guint band = 0; band < dedup->n_bands; band++) {
    const guint64 hash = band_hash (dedup, signature, band);
    const Entry entry = { kept, GPOINTER_TO_UINT (g_hash_table_lookup (dedup->bands, &hash)) };
    g_array_append_val (dedup->entries, entry);
    guint64 *key = g_new (guint64, 1);
    *key = hash;
    g_hash_table_insert (dedup->bands, key, GUINT_TO_POINTER (dedup->entries->len));
  }
}

static const RetortExample examples[] = {
  { "Case and white space make no difference; the first stays", NULL,
    "{\"id\":\"a\",\"text\":\"Acute renal failure.\"}\n{\"id\":\"b\",\"text\":\"acute  renal\\nfailure. \"}\n"
    "{\"id\":\"c\",\"text\":\"Chronic renal failure.\"}\n",
    "{\"id\":\"a\",\"text\":\"Acute renal failure.\"}\n{\"id\":\"c\",\"text\":\"Chronic renal failure.\"}\n" },
  { "Near duplicates share most of their five-word runs", "{near: 0.6}",
    "{\"id\":\"a\",\"text\":\"the patient was treated with zinc for eight weeks and then seen again at home by the same "
    "nurse\"}\n"
    "{\"id\":\"b\",\"text\":\"the patient was treated with zinc for eight weeks and then seen again at home by the same "
    "doctor\"}\n"
    "{\"id\":\"c\",\"text\":\"zinc was never given\"}\n",
    "{\"id\":\"a\",\"text\":\"the patient was treated with zinc for eight weeks and then seen again at home by the same "
    "nurse\"}\n"
    "{\"id\":\"c\",\"text\":\"zinc was never given\"}\n" },
};

static const RetortFilterRole role = { sizeof role, .run = run };

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FILTER, .name = "dedup", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Drops documents whose text equals, or resembles, that of an earlier one.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)
