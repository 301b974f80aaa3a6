/* suggest - "did you mean".
 *
 * Damerau-Levenshtein distance with neighbours swapped once (optimal string alignment), over case-folded code
 * points: `Disaese` and `DISEASE` are both near `disease`. */
#include <retort/error.h>

enum { MAX_CHARS = 64 }; /* nobody mistypes longer names by a letter or two */

static guint fold (const char *word, gunichar chars[MAX_CHARS]);
static guint distance (const gunichar *a, guint n_a, const gunichar *b, guint n_b);

const char *
retort_suggest (const char *word, const char *const *candidates)
{
  gunichar a[MAX_CHARS], b[MAX_CHARS];
  const guint n_a = fold (word, a);
  const char *best = NULL;
  guint best_distance = G_MAXUINT;

  for (; n_a > 0 && *candidates; candidates++) {
    const guint n_b = fold (*candidates, b);
    if (n_b == 0)
      continue;
    const guint d = distance (a, n_a, b, n_b);
    if (d * 3 <= MAX (n_a, n_b) && d < best_distance) {
      best = *candidates;
      best_distance = d;
    }
  }
  return best;
}

/* The number of code points; 0 where the word is empty, too long or not UTF-8. */
static guint
fold (const char *word, gunichar chars[MAX_CHARS])
{
  guint n = 0;

  if (!g_utf8_validate (word, -1, NULL))
    return 0;
  for (; *word; word = g_utf8_next_char (word)) {
    if (n == MAX_CHARS)
      return 0;
    chars[n++] = g_unichar_tolower (g_utf8_get_char (word));
  }
  return n;
}

static guint
distance (const gunichar *a, guint n_a, const gunichar *b, guint n_b)
{
  guint d[MAX_CHARS + 1][MAX_CHARS + 1]; /* d[i][j]: from the first i of a to the first j of b */

  for (guint i = 0; i <= n_a; i++)
    d[i][0] = i;
  for (guint j = 0; j <= n_b; j++)
    d[0][j] = j;
  for (guint i = 1; i <= n_a; i++)
    for (guint j = 1; j <= n_b; j++) {
      const guint change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      d[i][j] = MIN (change, MIN (d[i - 1][j], d[i][j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = MIN (d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[n_a][n_b];
}
