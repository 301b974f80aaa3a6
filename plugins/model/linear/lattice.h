/* lattice - what a linear chain says about one sequence: log Z, marginals, the best labels.
 *
 * Scores are log potentials. state[t][j] is the score of label j at item t, trans[i][j] of label j after label i;
 * -INFINITY forbids. At least one path must be allowed. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Transitions of a chain in the forms that the sums need; made once for many sequences. */
typedef struct {
  guint n_labels;
  double *trans;      /* [L][L] log */
  double *expo;       /* [L][L] exp (trans - top) */
  double top, spread; /* the largest allowed score; largest minus smallest */
} LinearTransitions;

void linear_transitions_init (LinearTransitions *transitions, guint n_labels, const double *trans);
void linear_transitions_clear (LinearTransitions *transitions);

/* Room for one sequence after the other; grows as needed. */
typedef struct {
  const LinearTransitions *transitions;
  guint n_items, capacity;
  gboolean in_logs; /* the last sums were done with logarithms */
  double *state;    /* [T][L] log; filled by the caller after linear_lattice_begin */
  double *psi;      /* [T][L] exp (state - largest of the row) */
  double *alpha;    /* [T][L] rescaled: rows sum to 1 (in logs: log alpha) */
  double *beta;     /* [T][L] rescaled (in logs: log beta) */
  double *scale;    /* [T]    1 / row sum of alpha before rescaling */
  double *work;     /* [2 L] */
  guint32 *back;    /* [T][L] best label before */
} LinearLattice;

void linear_lattice_init (LinearLattice *lattice, const LinearTransitions *transitions);
void linear_lattice_clear (LinearLattice *lattice);
/* The room for n_items rows of state scores, filled with zeroes. */
double *linear_lattice_begin (LinearLattice *lattice, guint n_items);

/* Forward and backward sums; gives log Z. */
double linear_lattice_sum (LinearLattice *lattice);
/* After the sums: P(label j at t) for all j, and expected transitions added to edges [L][L] times `weight`. */
void linear_lattice_marginals (const LinearLattice *lattice, guint t, double *p);
void linear_lattice_add_edges (LinearLattice *lattice, double weight, double *edges);
/* After the sums: P(label j at t | label i at t - 1), exact, for all j. */
void linear_lattice_conditional (const LinearLattice *lattice, guint t, guint i, double *p);

/* The best labels [T]; among equals the lowest label wins. Gives their score. */
double linear_lattice_best (LinearLattice *lattice, guint16 *labels);

G_END_DECLS
