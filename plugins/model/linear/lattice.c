/* lattice - forward-backward and Viterbi over one sequence.
 *
 * Sums run in the linear domain and are rescaled at each item (Rabiner 1989, V.A): one exp per state score instead of
 * one per edge. Where the scores lie so far apart that a rescaled number could vanish, the same sums run with
 * logarithms: slower by an order of magnitude, and safe for any finite weights. */

#include "lattice.h"
#include <math.h>
#include <string.h>

/* A few steps of the largest spread must stay inside the range of a double, exp (+-700): a few, because a label that
 * cannot follow every other is reached through one that can. */
#define SAFE_SPREAD 150

static gboolean spread_is_safe (const LinearLattice *lattice);
static double sum_linear (LinearLattice *lattice);
static double sum_in_logs (LinearLattice *lattice);
static double log_sum (const double *values, guint n);
static guint best_of (const double *values, guint n);
static void exp_normalise (double *values, guint n);

void
linear_transitions_init (LinearTransitions *transitions, guint n_labels, const double *trans)
{
  const gsize n = (gsize) n_labels * n_labels;
  double top = -INFINITY, bottom = INFINITY;

  for (gsize k = 0; k < n; k++) {
    if (trans[k] == -INFINITY)
      continue;
    top = MAX (top, trans[k]);
    bottom = MIN (bottom, trans[k]);
  }
  if (top == -INFINITY) /* nothing may follow anything: sequences of one item */
    top = bottom = 0;

  transitions->n_labels = n_labels;
  transitions->trans = g_memdup2 (trans, n * sizeof *trans);
  transitions->expo = g_new (double, n);
  transitions->top = top;
  transitions->spread = top - bottom;
  for (gsize k = 0; k < n; k++)
    transitions->expo[k] = exp (trans[k] - top);
}

void
linear_transitions_clear (LinearTransitions *transitions)
{
  g_clear_pointer (&transitions->trans, g_free);
  g_clear_pointer (&transitions->expo, g_free);
}

void
linear_lattice_init (LinearLattice *lattice, const LinearTransitions *transitions)
{
  memset (lattice, 0, sizeof *lattice);
  lattice->transitions = transitions;
  lattice->work = g_new (double, 2 * (gsize) transitions->n_labels);
}

void
linear_lattice_clear (LinearLattice *lattice)
{
  g_free (lattice->state);
  g_free (lattice->psi);
  g_free (lattice->alpha);
  g_free (lattice->beta);
  g_free (lattice->scale);
  g_free (lattice->work);
  g_free (lattice->back);
}

double *
linear_lattice_begin (LinearLattice *lattice, guint n_items)
{
  const gsize L = lattice->transitions->n_labels;

  if (n_items > lattice->capacity) {
    const gsize n = MAX (n_items, 2 * lattice->capacity);
    lattice->state = g_renew (double, lattice->state, n * L);
    lattice->psi = g_renew (double, lattice->psi, n * L);
    lattice->alpha = g_renew (double, lattice->alpha, n * L);
    lattice->beta = g_renew (double, lattice->beta, n * L);
    lattice->scale = g_renew (double, lattice->scale, n);
    lattice->back = g_renew (guint32, lattice->back, n * L);
    lattice->capacity = n;
  }
  lattice->n_items = n_items;
  if (n_items > 0)
    memset (lattice->state, 0, n_items * L * sizeof (double));
  return lattice->state;
}

double
linear_lattice_sum (LinearLattice *lattice)
{
  if (lattice->n_items == 0)
    return 0;
  lattice->in_logs = !spread_is_safe (lattice);
  return lattice->in_logs ? sum_in_logs (lattice) : sum_linear (lattice);
}

void
linear_lattice_marginals (const LinearLattice *lattice, guint t, double *p)
{
  const guint L = lattice->transitions->n_labels;
  const double *alpha = lattice->alpha + (gsize) t * L, *beta = lattice->beta + (gsize) t * L;

  if (lattice->in_logs) {
    for (guint j = 0; j < L; j++)
      p[j] = alpha[j] + beta[j];
    exp_normalise (p, L);
  } else {
    for (guint j = 0; j < L; j++)
      p[j] = alpha[j] * beta[j];
  }
}

void
linear_lattice_add_edges (LinearLattice *lattice, double weight, double *edges)
{
  const LinearTransitions *transitions = lattice->transitions;
  const guint L = transitions->n_labels;
  double *into = lattice->work; /* [L] what lies at and behind label j at t */

  for (guint t = 1; t < lattice->n_items; t++) {
    const gsize row = (gsize) t * L;

    if (lattice->in_logs) {
      double *p = lattice->work + L;
      linear_lattice_marginals (lattice, t - 1, p);
      for (guint i = 0; i < L; i++) {
        if (p[i] == 0)
          continue;
        linear_lattice_conditional (lattice, t, i, into);
        for (guint j = 0; j < L; j++)
          edges[(gsize) i * L + j] += weight * p[i] * into[j];
      }
      continue;
    }
    for (guint j = 0; j < L; j++)
      into[j] = lattice->psi[row + j] * lattice->beta[row + j] * lattice->scale[t] * weight;
    for (guint i = 0; i < L; i++) {
      const double from = lattice->alpha[row - L + i];
      for (guint j = 0; j < L; j++)
        edges[(gsize) i * L + j] += from * transitions->expo[(gsize) i * L + j] * into[j];
    }
  }
}

void
linear_lattice_conditional (const LinearLattice *lattice, guint t, guint i, double *p)
{
  const LinearTransitions *transitions = lattice->transitions;
  const guint L = transitions->n_labels;
  const gsize row = (gsize) t * L;
  double sum = 0;

  if (lattice->in_logs) {
    for (guint j = 0; j < L; j++)
      p[j] = transitions->trans[(gsize) i * L + j] + lattice->state[row + j] + lattice->beta[row + j];
    exp_normalise (p, L);
    return;
  }
  for (guint j = 0; j < L; j++)
    sum += p[j] = transitions->expo[(gsize) i * L + j] * lattice->psi[row + j] * lattice->beta[row + j];
  for (guint j = 0; j < L; j++)
    p[j] = sum > 0 ? p[j] / sum : 0;
}

double
linear_lattice_best (LinearLattice *lattice, guint16 *labels)
{
  const double *trans = lattice->transitions->trans;
  const guint L = lattice->transitions->n_labels, T = lattice->n_items;
  double *now = lattice->work, *before = lattice->work + L;

  if (T == 0)
    return 0;
  memcpy (now, lattice->state, L * sizeof *now);
  for (guint t = 1; t < T; t++) {
    double *swap = before;
    before = now;
    now = swap;
    for (guint j = 0; j < L; j++) {
      double best = -INFINITY;
      guint from = 0;
      for (guint i = 0; i < L; i++) {
        const double score = before[i] + trans[(gsize) i * L + j];
        if (score > best) {
          best = score;
          from = i;
        }
      }
      now[j] = best + lattice->state[(gsize) t * L + j];
      lattice->back[(gsize) t * L + j] = from;
    }
  }

  guint label = best_of (now, L);
  const double score = now[label];
  for (guint t = T; t-- > 0;) {
    labels[t] = label;
    if (t > 0)
      label = lattice->back[(gsize) t * L + label];
  }
  return score;
}

static gboolean
spread_is_safe (const LinearLattice *lattice)
{
  const guint L = lattice->transitions->n_labels;

  for (guint t = 0; t < lattice->n_items; t++) {
    double top = -INFINITY, bottom = INFINITY;
    for (guint j = 0; j < L; j++) {
      const double score = lattice->state[(gsize) t * L + j];
      if (score == -INFINITY)
        continue;
      top = MAX (top, score);
      bottom = MIN (bottom, score);
    }
    if (!(top - bottom + lattice->transitions->spread < SAFE_SPREAD))
      return FALSE;
  }
  return TRUE;
}

static double
sum_linear (LinearLattice *lattice)
{
  const LinearTransitions *transitions = lattice->transitions;
  const guint L = transitions->n_labels, T = lattice->n_items;
  double log_z = (T - 1) * transitions->top;

  for (guint t = 0; t < T; t++) {
    const double *state = lattice->state + (gsize) t * L, *before = lattice->alpha + (gsize) t * L - L;
    double *psi = lattice->psi + (gsize) t * L, *alpha = lattice->alpha + (gsize) t * L;
    const double top = state[best_of (state, L)];
    double sum = 0;

    for (guint j = 0; j < L; j++)
      psi[j] = exp (state[j] - top);
    if (t == 0) {
      memcpy (alpha, psi, L * sizeof *alpha);
    } else {
      memset (alpha, 0, L * sizeof *alpha);
      for (guint i = 0; i < L; i++)
        for (guint j = 0; j < L; j++)
          alpha[j] += before[i] * transitions->expo[(gsize) i * L + j];
      for (guint j = 0; j < L; j++)
        alpha[j] *= psi[j];
    }
    for (guint j = 0; j < L; j++)
      sum += alpha[j];
    lattice->scale[t] = 1 / sum;
    for (guint j = 0; j < L; j++)
      alpha[j] *= lattice->scale[t];
    log_z += top + log (sum);
  }

  for (guint j = 0; j < L; j++)
    lattice->beta[(gsize) (T - 1) * L + j] = 1;
  for (guint t = T - 1; t-- > 0;) {
    const gsize next = (gsize) (t + 1) * L;
    double *into = lattice->work;
    for (guint j = 0; j < L; j++)
      into[j] = lattice->psi[next + j] * lattice->beta[next + j] * lattice->scale[t + 1];
    for (guint i = 0; i < L; i++) {
      double sum = 0;
      for (guint j = 0; j < L; j++)
        sum += transitions->expo[(gsize) i * L + j] * into[j];
      lattice->beta[(gsize) t * L + i] = sum;
    }
  }
  return log_z;
}

static double
sum_in_logs (LinearLattice *lattice)
{
  const double *trans = lattice->transitions->trans;
  const guint L = lattice->transitions->n_labels, T = lattice->n_items;
  double *terms = lattice->work;

  memcpy (lattice->alpha, lattice->state, L * sizeof (double));
  for (guint t = 1; t < T; t++)
    for (guint j = 0; j < L; j++) {
      for (guint i = 0; i < L; i++)
        terms[i] = lattice->alpha[(gsize) (t - 1) * L + i] + trans[(gsize) i * L + j];
      lattice->alpha[(gsize) t * L + j] = log_sum (terms, L) + lattice->state[(gsize) t * L + j];
    }

  for (guint j = 0; j < L; j++)
    lattice->beta[(gsize) (T - 1) * L + j] = 0;
  for (guint t = T - 1; t-- > 0;) {
    const gsize next = (gsize) (t + 1) * L;
    for (guint i = 0; i < L; i++) {
      for (guint j = 0; j < L; j++)
        terms[j] = trans[(gsize) i * L + j] + lattice->state[next + j] + lattice->beta[next + j];
      lattice->beta[(gsize) t * L + i] = log_sum (terms, L);
    }
  }
  return log_sum (lattice->alpha + (gsize) (T - 1) * L, L);
}

static double
log_sum (const double *values, guint n)
{
  const double top = values[best_of (values, n)];
  double sum = 0;

  if (top == -INFINITY)
    return -INFINITY;
  for (guint i = 0; i < n; i++)
    sum += exp (values[i] - top);
  return top + log (sum);
}

static guint
best_of (const double *values, guint n)
{
  guint best = 0;

  for (guint i = 1; i < n; i++)
    if (values[i] > values[best])
      best = i;
  return best;
}

/* Logarithms to probabilities that sum to 1; all zero if nothing is allowed. */
static void
exp_normalise (double *values, guint n)
{
  const double all = log_sum (values, n);

  for (guint i = 0; i < n; i++)
    values[i] = all == -INFINITY ? 0 : exp (values[i] - all);
}
