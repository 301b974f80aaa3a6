/* statistics - bootstrap over documents, paired randomisation, Holm.
 *
 * Counts are summed as doubles, which is exact below 2^53. Only needed columns that are not zero throughout are
 * packed and summed; a round costs n_documents * columns adds and one call of the statistic. */
#include "experiment/statistics.h"
#include <math.h>
#include <retort/random.h>
#include <string.h>

/* Equal differences reached by different assignments may differ in the last bits. */
#define TIE 1e-12

/* The columns in play, contiguous. */
typedef struct {
  guint n_columns;  /* packed */
  guint *columns;   /* [n_columns] where each came from */
  double **rows;    /* [n_systems][n_documents * n_columns] */
  double *sums;     /* [sample->n_columns] what the statistic reads */
  guint n_systems;
} Packed;

static Packed *pack (const RetortSample *sample);
static void packed_free (Packed *packed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Packed, packed_free)
static double evaluate (const RetortSample *sample, Packed *packed, const double *totals);

double
retort_sample_value (const RetortSample *sample, guint system)
{
  g_autofree double *sums = g_new0 (double, sample->n_columns + 1);
  const guint n_needs = sample->needs ? sample->n_needs : sample->n_columns;

  for (guint i = 0; i < n_needs; i++) {
    const guint c = sample->needs ? sample->needs[i] : i;
    for (guint d = 0; d < sample->n_documents; d++)
      sums[c] += (double) sample->counts[system][(gsize) d * sample->n_columns + c];
  }
  return sample->statistic (sums, sample->user);
}

double *
retort_bootstrap (const RetortSample *sample, guint rounds, guint64 seed)
{
  const guint n = sample->n_documents;
  double *values = g_new (double, (gsize) sample->n_systems * rounds + 1);
  g_autoptr(Packed) packed = pack (sample);
  g_autofree double *totals = g_new (double, packed->n_columns + 1);
  g_autofree guint32 *drawn = g_new (guint32, n + 1);
  RetortRandom random;

  retort_random_init (&random, seed, "bootstrap", NULL);
  for (guint r = 0; r < rounds; r++) {
    for (guint d = 0; d < n; d++)
      drawn[d] = retort_random_below (&random, n);
    for (guint s = 0; s < sample->n_systems; s++) {
      memset (totals, 0, packed->n_columns * sizeof *totals);
      for (guint d = 0; d < n; d++) {
        const double *row = packed->rows[s] + (gsize) drawn[d] * packed->n_columns;
        for (guint c = 0; c < packed->n_columns; c++)
          totals[c] += row[c];
      }
      values[(gsize) s * rounds + r] = evaluate (sample, packed, totals);
    }
  }
  return values;
}

static int
compare_doubles (const void *a, const void *b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
quantile (const double *sorted, guint n, double q)
{
  const double at = q * (n - 1);
  const guint below = (guint) floor (at);

  return below + 1 < n ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[n - 1];
}

RetortInterval
retort_interval (const double *values, guint n, double level)
{
  g_autofree double *sorted = g_new (double, n + 1);
  guint n_defined = 0;

  for (guint i = 0; i < n; i++)
    if (!isnan (values[i]))
      sorted[n_defined++] = values[i];
  if (n_defined == 0)
    return (RetortInterval) { NAN, NAN, n };

  qsort (sorted, n_defined, sizeof *sorted, compare_doubles);
  return (RetortInterval) { quantile (sorted, n_defined, (1 - level) / 2),
                            quantile (sorted, n_defined, (1 + level) / 2), n - n_defined };
}

/* --- randomisation --- */

/* Two systems on the documents where they differ. Exchanging a document's sides takes `change` from one total and
 * adds it to the other. */
typedef struct {
  const RetortSample *sample;
  Packed *packed;
  guint n_differ;
  double *change;               /* [n_differ][n_columns] b - a */
  double *total_a, *total_b;    /* [n_columns] as observed */
  double *a, *b;                /* [n_columns] work */
  double observed;              /* |difference| */
} Exchange;

/* Whether exchanging the documents set in `bits` gives a difference as large as the observed. An undefined one counts:
 * it must not make a p-value smaller. */
static gboolean
as_large (Exchange *x, const guint32 *bits)
{
  const guint n_columns = x->packed->n_columns;

  memcpy (x->a, x->total_a, n_columns * sizeof *x->a);
  memcpy (x->b, x->total_b, n_columns * sizeof *x->b);
  for (guint d = 0; d < x->n_differ; d++) {
    if (!(bits[d / 32] >> (d % 32) & 1))
      continue;
    const double *change = x->change + (gsize) d * n_columns;
    for (guint c = 0; c < n_columns; c++) {
      x->a[c] += change[c];
      x->b[c] -= change[c];
    }
  }
  const double difference = evaluate (x->sample, x->packed, x->a) - evaluate (x->sample, x->packed, x->b);
  return !(fabs (difference) < x->observed - TIE);
}

static void
exchange_init (Exchange *x, const RetortSample *sample, Packed *packed, guint a, guint b)
{
  const guint n_columns = packed->n_columns;

  *x = (Exchange) { .sample = sample, .packed = packed };
  x->change = g_new (double, (gsize) sample->n_documents * n_columns + 1);
  x->total_a = g_new0 (double, n_columns + 1);
  x->total_b = g_new0 (double, n_columns + 1);
  x->a = g_new0 (double, n_columns + 1);
  x->b = g_new0 (double, n_columns + 1);
  for (guint d = 0; d < sample->n_documents; d++) {
    const double *row_a = packed->rows[a] + (gsize) d * n_columns, *row_b = packed->rows[b] + (gsize) d * n_columns;
    double *change = x->change + (gsize) x->n_differ * n_columns;
    gboolean differ = FALSE;
    for (guint c = 0; c < n_columns; c++) {
      x->total_a[c] += row_a[c];
      x->total_b[c] += row_b[c];
      change[c] = row_b[c] - row_a[c];
      differ |= change[c] != 0;
    }
    x->n_differ += differ;
  }
  x->observed = fabs (evaluate (sample, packed, x->total_a) - evaluate (sample, packed, x->total_b));
}

static void
exchange_clear (Exchange *x)
{
  g_free (x->change);
  g_free (x->total_a);
  g_free (x->total_b);
  g_free (x->a);
  g_free (x->b);
}

double
retort_randomisation (const RetortSample *sample, guint a, guint b, guint rounds, guint64 seed, gboolean *exact)
{
  g_autoptr(Packed) packed = pack (sample);
  guint64 count = 0;
  double p = NAN;
  Exchange x;

  exchange_init (&x, sample, packed, a, b);
  const gboolean all = x.n_differ < 31 && (1u << x.n_differ) <= rounds;
  if (exact)
    *exact = all;
  if (!isnan (x.observed) && all) {
    for (guint32 bits = 0; bits < 1u << x.n_differ; bits++)
      count += as_large (&x, &bits);
    p = (double) count / (1u << x.n_differ);
  } else if (!isnan (x.observed)) {
    const guint n_words = (x.n_differ + 31) / 32;
    g_autofree guint32 *bits = g_new (guint32, n_words + 1);
    RetortRandom random;
    retort_random_init (&random, seed, "randomisation", NULL);
    for (guint r = 0; r < rounds; r++) {
      for (guint w = 0; w < n_words; w++)
        bits[w] = retort_random_u32 (&random);
      count += as_large (&x, bits);
    }
    p = (count + 1.0) / (rounds + 1.0);
  }
  exchange_clear (&x);
  return p;
}

/* --- Holm --- */

void
retort_holm (const double *p, guint n, double *adjusted)
{
  g_autofree guint *order = g_new (guint, n + 1);
  guint m = 0;

  /* Insertion keeps ties in the given order; families are small. */
  for (guint i = 0; i < n; i++) {
    adjusted[i] = NAN;
    if (isnan (p[i]))
      continue;
    guint at = m++;
    for (; at > 0 && p[order[at - 1]] > p[i]; at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
  double highest = 0;
  for (guint i = 0; i < m; i++) {
    highest = MAX (highest, MIN (1, (m - i) * p[order[i]]));
    adjusted[order[i]] = highest;
  }
}

/* --- packing --- */

static gboolean
all_zero (const RetortSample *sample, guint column)
{
  for (guint s = 0; s < sample->n_systems; s++)
    for (guint d = 0; d < sample->n_documents; d++)
      if (sample->counts[s][(gsize) d * sample->n_columns + column])
        return FALSE;
  return TRUE;
}

static Packed *
pack (const RetortSample *sample)
{
  Packed *packed = g_new0 (Packed, 1);
  const guint n_needs = sample->needs ? sample->n_needs : sample->n_columns;

  packed->columns = g_new (guint, n_needs + 1);
  for (guint i = 0; i < n_needs; i++) {
    const guint c = sample->needs ? sample->needs[i] : i;
    if (!all_zero (sample, c))
      packed->columns[packed->n_columns++] = c;
  }
  packed->sums = g_new0 (double, sample->n_columns + 1);
  packed->n_systems = sample->n_systems;
  packed->rows = g_new (double *, sample->n_systems + 1);
  for (guint s = 0; s < sample->n_systems; s++) {
    double *row = packed->rows[s] = g_new (double, (gsize) sample->n_documents * packed->n_columns + 1);
    for (guint d = 0; d < sample->n_documents; d++)
      for (guint c = 0; c < packed->n_columns; c++)
        *row++ = (double) sample->counts[s][(gsize) d * sample->n_columns + packed->columns[c]];
  }
  return packed;
}

static void
packed_free (Packed *packed)
{
  for (guint s = 0; s < packed->n_systems; s++)
    g_free (packed->rows[s]);
  g_free (packed->rows);
  g_free (packed->columns);
  g_free (packed->sums);
  g_free (packed);
}

static double
evaluate (const RetortSample *sample, Packed *packed, const double *totals)
{
  for (guint c = 0; c < packed->n_columns; c++)
    packed->sums[packed->columns[c]] = totals[c];
  return sample->statistic (packed->sums, sample->user);
}
