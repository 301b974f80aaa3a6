/* fold - text as the aligner compares it, and the way back.
 *
 * Folding goes by cluster (a character and the marks that combine with it), since NFKC joins and splits no more than
 * that; every byte of a cluster's folded form points at the whole cluster. */
#include "text/fold.h"
#include <string.h>

static gsize cluster_end (const char *text, gsize n_bytes, gsize at);
static void fold_cluster (const char *cluster, gsize n_bytes, RetortMatch level, GString *out);
static void fold_form (gunichar c, GString *out);

RetortFold *
retort_fold_new (const char *text, gsize n_bytes, RetortMatch level)
{
  RetortFold *fold = g_new (RetortFold, 1);

  fold->bytes = g_string_sized_new (n_bytes);
  fold->start = g_array_sized_new (FALSE, FALSE, sizeof (guint32), n_bytes);
  fold->end = g_array_sized_new (FALSE, FALSE, sizeof (guint32), n_bytes);
  for (gsize at = 0; at < n_bytes;) {
    const guint32 start = at, end = cluster_end (text, n_bytes, at);
    fold_cluster (text + start, end - start, level, fold->bytes);
    while (fold->start->len < fold->bytes->len) {
      g_array_append_val (fold->start, start);
      g_array_append_val (fold->end, end);
    }
    at = end;
  }
  return fold;
}

void
retort_fold_free (RetortFold *fold)
{
  if (!fold)
    return;
  g_string_free (fold->bytes, TRUE);
  g_array_unref (fold->start);
  g_array_unref (fold->end);
  g_free (fold);
}

char *
retort_fold_string (const char *text, gsize n_bytes, RetortMatch level)
{
  GString *out = g_string_sized_new (n_bytes);

  for (gsize at = 0; at < n_bytes;) {
    const gsize end = cluster_end (text, n_bytes, at);
    fold_cluster (text + at, end - at, level, out);
    at = end;
  }
  return g_string_free (out, FALSE);
}

RetortMatch
retort_match_class (const char *a, gsize a_bytes, const char *b, gsize b_bytes)
{
  if (a_bytes == b_bytes && memcmp (a, b, a_bytes) == 0)
    return RETORT_MATCH_EXACT;
  for (RetortMatch level = RETORT_MATCH_CASE; level <= RETORT_MATCH_FORM; level++) {
    g_autofree char *x = retort_fold_string (a, a_bytes, level);
    g_autofree char *y = retort_fold_string (b, b_bytes, level);
    if (g_str_equal (x, y))
      return level;
  }
  return RETORT_MATCH_NONE;
}

gboolean
retort_is_word_char (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c);
}

gboolean
retort_is_border (const char *text, gsize n_bytes, gsize at)
{
  if (at == 0 || at >= n_bytes)
    return TRUE;
  const gunichar before = g_utf8_get_char (g_utf8_prev_char (text + at));
  return !retort_is_word_char (before) || !retort_is_word_char (g_utf8_get_char (text + at));
}

guint
retort_edit_distance (const char *a, const char *b, guint limit)
{
  glong n, m;
  g_autofree gunichar *x = g_utf8_to_ucs4_fast (a, -1, &n);
  g_autofree gunichar *y = g_utf8_to_ucs4_fast (b, -1, &m);

  if ((guint) ABS (n - m) > limit)
    return limit + 1;
  g_autofree guint *row = g_new (guint, m + 1); /* distances of x[0..i) to every prefix of y */
  for (glong j = 0; j <= m; j++)
    row[j] = j;
  for (glong i = 1; i <= n; i++) {
    guint diagonal = row[0], best = row[0] = i;
    for (glong j = 1; j <= m; j++) {
      const guint replaced = diagonal + (x[i - 1] != y[j - 1]);
      diagonal = row[j];
      row[j] = MIN (replaced, MIN (row[j], row[j - 1]) + 1);
      best = MIN (best, row[j]);
    }
    if (best > limit)
      return limit + 1;
  }
  return MIN (row[m], limit + 1);
}

/* One character and the combining marks behind it. */
static gsize
cluster_end (const char *text, gsize n_bytes, gsize at)
{
  do
    at = g_utf8_next_char (text + at) - text;
  while (at < n_bytes && (guchar) text[at] >= 0x80 && g_unichar_ismark (g_utf8_get_char (text + at)));
  return MIN (at, n_bytes);
}

static void
fold_cluster (const char *cluster, gsize n_bytes, RetortMatch level, GString *out)
{
  if (n_bytes == 1) {
    const char c = cluster[0];
    if (level >= RETORT_MATCH_SPACE && g_ascii_isspace (c))
      return;
    if (level < RETORT_MATCH_FORM)
      g_string_append_c (out, g_ascii_tolower (c));
    else
      fold_form (g_ascii_tolower (c), out);
    return;
  }
  if (level >= RETORT_MATCH_SPACE && g_unichar_isspace (g_utf8_get_char (cluster)))
    return;
  if (level < RETORT_MATCH_FORM) {
    g_autofree char *folded = g_utf8_casefold (cluster, n_bytes);
    g_string_append (out, folded);
    return;
  }
  g_autofree char *compatible = g_utf8_normalize (cluster, n_bytes, G_NORMALIZE_NFKC);
  g_autofree char *folded = g_utf8_casefold (compatible, -1);
  g_autofree char *normal = g_utf8_normalize (folded, -1, G_NORMALIZE_NFKC);
  for (const char *p = normal; *p; p = g_utf8_next_char (p))
    fold_form (g_utf8_get_char (p), out);
}

/* Alpha to omega, U+03B1 to U+03C9; both sigmas. */
static const char *const greek[] = {
  "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
  "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
};

static void
fold_form (gunichar c, GString *out)
{
  if (c >= 0x03B1 && c < 0x03B1 + G_N_ELEMENTS (greek)) {
    g_string_append (out, greek[c - 0x03B1]);
    return;
  }
  switch (c) {
    case '-': case 0x00AD: case 0x2043: case 0x2212:  /* hyphens; also U+2010 to U+2015 */
    case 0x200B: case 0x200C: case 0x200D: case 0x2060: case 0xFEFF: /* invisible */
      return;
    case '"': case '`': case 0x00B4: case 0x2018: case 0x2019: case 0x201A: case 0x201B: case 0x201C: case 0x201D:
    case 0x201E: case 0x201F: case 0x2032: case 0x2033: case 0x00AB: case 0x00BB: case 0x2039: case 0x203A:
      g_string_append_c (out, '\'');
      return;
    default:
      if ((c >= 0x2010 && c <= 0x2015) || g_unichar_isspace (c))
        return;
      g_string_append_unichar (out, c);
  }
}
