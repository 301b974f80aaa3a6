/* minimise - L-BFGS for smooth convex functions of many variables. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Gives f (w) and writes its gradient. */
typedef double (*LinearObjective) (const double *w, double *gradient, void *user);
/* Called after each iteration; FALSE with an error stops. */
typedef gboolean (*LinearStep) (guint iteration, double f, void *user, GError **error);

typedef struct {
  guint iterations;  /* at most */
  double tolerance;  /* ends when f fell by less than this part of itself in the last 10 iterations */
  guint memory;      /* pairs of differences kept; 0: 6 */
} LinearMinimiseOptions;

/* Moves w [n] to a minimum. FALSE only if `step` failed. `n_iterations` may be NULL. */
gboolean linear_minimise (double *w, gsize n, const LinearMinimiseOptions *options, LinearObjective objective,
                          LinearStep step, void *user, guint *n_iterations, GError **error);

G_END_DECLS
