/* minimise - L-BFGS: the two-loop recursion (Nocedal & Wright 2006, algorithms 7.4 and 7.5) and a line search by
 * bisection for the weak Wolfe conditions (Lewis & Overton 2013, algorithm 2.6), which keep y's > 0.
 *
 * One thread: the sums over variables are always in the same order. */

#include "minimise.h"
#include <math.h>
#include <string.h>

#define ARMIJO 1e-4
#define CURVATURE 0.9
#define PERIOD 10       /* iterations over which progress is judged */
#define LINE_TRIALS 40  /* of one search; more would be below the precision of f */

typedef struct {
  gsize n;
  guint memory, n_pairs, newest; /* ring of pairs */
  double **s, **y;               /* [memory][n] differences of w and of the gradient */
  double *rho;                   /* [memory] 1 / y's */
} History;

static void history_init (History *history, gsize n, guint memory);
static void history_clear (History *history);
static void history_add (History *history, const double *w, const double *w_old, const double *g, const double *g_old);
static void find_direction (const History *history, const double *g, double *d);
static double dot (const double *a, const double *b, gsize n);

gboolean
linear_minimise (double *w, gsize n, const LinearMinimiseOptions *options, LinearObjective objective, LinearStep step,
                 void *user, guint *n_iterations, GError **error)
{
  g_autofree double *g = g_new (double, n), *d = g_new (double, n);
  g_autofree double *w_old = g_new (double, n), *g_old = g_new (double, n);
  double past[PERIOD];
  double f = objective (w, g, user);
  gboolean going = TRUE;
  guint k = 0;
  History history;

  history_init (&history, n, options->memory ? options->memory : 6);
  while (k < options->iterations) {
    const double norm = sqrt (dot (g, g, n));
    double slope, length, low = 0, high = INFINITY, f_old = f;
    gboolean found = FALSE;

    if (norm <= 1e-8 * MAX (1, sqrt (dot (w, w, n))))
      break;
    find_direction (&history, g, d);
    slope = dot (g, d, n);
    if (!(slope < 0)) { /* rounding spoilt the history: begin again with the steepest descent */
      history.n_pairs = 0;
      find_direction (&history, g, d);
      slope = dot (g, d, n);
    }
    length = history.n_pairs ? 1 : MIN (1, 1 / norm);
    memcpy (w_old, w, n * sizeof *w);
    memcpy (g_old, g, n * sizeof *g);

    for (guint trial = 0; trial < LINE_TRIALS && !found; trial++) {
      for (gsize i = 0; i < n; i++)
        w[i] = w_old[i] + length * d[i];
      f = objective (w, g, user);
      if (!(f <= f_old + ARMIJO * length * slope))
        high = length;
      else if (dot (g, d, n) < CURVATURE * slope)
        low = length;
      else
        found = TRUE;
      if (!found)
        length = isinf (high) ? 2 * length : (low + high) / 2;
    }
    if (!found && !(f < f_old)) { /* as low as rounding lets us go */
      memcpy (w, w_old, n * sizeof *w);
      break;
    }
    history_add (&history, w, w_old, g, g_old);

    if (step && !step (k + 1, f, user, error)) {
      going = FALSE;
      break;
    }
    const gboolean settled = k >= PERIOD && past[k % PERIOD] - f < options->tolerance * fabs (f);
    past[k++ % PERIOD] = f;
    if (settled)
      break;
  }
  history_clear (&history);
  if (n_iterations)
    *n_iterations = k;
  return going;
}

static void
history_init (History *history, gsize n, guint memory)
{
  *history = (History) { .n = n, .memory = memory };
  history->s = g_new0 (double *, memory);
  history->y = g_new0 (double *, memory);
  history->rho = g_new0 (double, memory);
}

static void
history_clear (History *history)
{
  for (guint i = 0; i < history->memory; i++) {
    g_free (history->s[i]);
    g_free (history->y[i]);
  }
  g_free (history->s);
  g_free (history->y);
  g_free (history->rho);
}

static void
history_add (History *history, const double *w, const double *w_old, const double *g, const double *g_old)
{
  const guint at = history->n_pairs ? (history->newest + 1) % history->memory : 0;
  double ys = 0;

  if (!history->s[at]) {
    history->s[at] = g_new (double, history->n);
    history->y[at] = g_new (double, history->n);
  }
  for (gsize i = 0; i < history->n; i++) {
    history->s[at][i] = w[i] - w_old[i];
    history->y[at][i] = g[i] - g_old[i];
    ys += history->s[at][i] * history->y[at][i];
  }
  if (!(ys > 0)) { /* a search that ran out of trials: no curvature to learn from */
    history->n_pairs = 0;
    return;
  }
  history->rho[at] = 1 / ys;
  history->newest = at;
  history->n_pairs = MIN (history->n_pairs + 1, history->memory);
}

/* d = -H g, H the estimate of the inverse Hessian. */
static void
find_direction (const History *history, const double *g, double *d)
{
  g_autofree double *a = g_new0 (double, history->memory);

  for (gsize i = 0; i < history->n; i++)
    d[i] = -g[i];
  if (history->n_pairs == 0)
    return;

  for (guint p = 0; p < history->n_pairs; p++) {
    const guint at = (history->newest + history->memory - p) % history->memory;
    a[at] = history->rho[at] * dot (history->s[at], d, history->n);
    for (gsize i = 0; i < history->n; i++)
      d[i] -= a[at] * history->y[at][i];
  }
  const double *y = history->y[history->newest];
  const double gamma = 1 / (history->rho[history->newest] * dot (y, y, history->n));
  for (gsize i = 0; i < history->n; i++)
    d[i] *= gamma;
  for (guint p = history->n_pairs; p-- > 0;) {
    const guint at = (history->newest + history->memory - p) % history->memory;
    const double b = history->rho[at] * dot (history->y[at], d, history->n);
    for (gsize i = 0; i < history->n; i++)
      d[i] += (a[at] - b) * history->s[at][i];
  }
}

/* Four sums side by side, then added: always the same order, and the processor need not wait for each. */
static double
dot (const double *a, const double *b, gsize n)
{
  double sum[4] = { 0 };
  gsize i = 0;

  for (; i + 4 <= n; i += 4)
    for (guint k = 0; k < 4; k++)
      sum[k] += a[i + k] * b[i + k];
  for (; i < n; i++)
    sum[0] += a[i] * b[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}
