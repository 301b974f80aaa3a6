/* statistics - how sure a difference between systems is: intervals by bootstrap, tests by randomisation.
 *
 * The unit is the document: what is counted in each document of each system is kept, and a score is computed from
 * sums of these counts over documents. Same counts, same seed: same numbers. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RETORT_STATISTICS_ROUNDS 10000

/* From sums [n_columns] to a score; NAN where it is undefined. */
typedef double (*RetortStatistic) (const double *sums, gpointer user);

/* The same documents, in the same order, scored for several systems. All is lent. */
typedef struct {
  guint n_documents, n_columns, n_systems;
  const gint64 *const *counts; /* [n_systems][n_documents * n_columns] */
  const guint *needs;          /* [n_needs] the columns that `statistic` reads; NULL: all. The others stay 0 */
  guint n_needs;
  RetortStatistic statistic;
  gpointer user;
} RetortSample;

/* Percentiles of resampled values; both NAN where none is defined. */
typedef struct {
  double low, high;
  guint n_undefined; /* resamples left out because their value is undefined */
} RetortInterval;

/* The score of one system over all documents. */
double retort_sample_value (const RetortSample *sample, guint system);

/* Percentile bootstrap (Efron 1979): draws n_documents with replacement, `rounds` times, the same draws for every
 * system, so that differences are paired. values[system * rounds + round], full ownership, free with g_free. */
double *retort_bootstrap (const RetortSample *sample, guint rounds, guint64 seed);
/* The middle `level` (0.95) of [n] values, interpolated between order statistics (Hyndman & Fan 1996, type 7). */
RetortInterval retort_interval (const double *values, guint n, double level);

/* Two-sided paired randomisation test (Noreen 1989) of systems `a` and `b`: documents change sides at random, and
 * what is counted is how often |difference| is at least as large as the one observed. Documents on which the two have
 * the same counts cannot matter and are left out. If the rest allow at most `rounds` assignments, all are tried, and p
 * is their exact share; else p = (count + 1) / (rounds + 1). NAN if a score is undefined. */
double retort_randomisation (const RetortSample *sample, guint a, guint b, guint rounds, guint64 seed,
                             gboolean *exact);

/* Holm's step-down correction (1979) of [n] p-values. NAN are no part of the family and stay NAN. */
void retort_holm (const double *p, guint n, double *adjusted);

G_END_DECLS
