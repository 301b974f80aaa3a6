/* filter/sample - a uniform sample without replacement, in the corpus's order.
 *
 * Every document draws a number that depends on its id and the seed alone, and the smallest numbers stay. So with one
 * seed a small sample is contained in every larger one, and what a curve over amounts adds is only more. */
#include "each.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  gint64 n;
  double share;
} Options;

static const RetortOption options[] = {
  RETORT_OPTION_INT (Options, n, "n", "0", 0, 1e9, "At most so many documents stay; 0 sets no bound."),
  RETORT_OPTION_NUMBER (Options, share, "share", "1", 0, 1, "This share of the documents stays, rounded to whole ones."),
};

typedef struct {
  guint64 number;
  guint index; /* of the document */
} Draw;

typedef struct {
  RetortContext *context;
  RetortCorpusSink *out;
  GArray *draws;   /* Draw, one a document */
  guint8 *stays;   /* [documents] */
  guint index;
} Sample;

static gboolean
draw (const RetortDocument *document, gpointer user, GError **error)
{
  Sample *sample = user;
  RetortRandom random;

  retort_context_random (sample->context, retort_document_id (document), &random);
  const Draw drawn = { retort_random_u64 (&random), sample->draws->len };
  g_array_append_val (sample->draws, drawn);
  return TRUE;
}

static gboolean
pass (const RetortDocument *document, gpointer user, GError **error)
{
  Sample *sample = user;

  return !sample->stays[sample->index++] || retort_corpus_sink_add (sample->out, document, error);
}

static int
compare_draws (const void *a, const void *b)
{
  const Draw *x = a, *y = b;

  if (x->number != y->number)
    return x->number < y->number ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

static gboolean
run (void *self, RetortContext *context, RetortCorpusReader *in, RetortCorpusSink *out, GError **error)
{
  const Options *chosen = self;
  g_autoptr(GArray) draws = g_array_new (FALSE, FALSE, sizeof (Draw));
  Sample sample = { .context = context, .out = out, .draws = draws };

  if (!each_document (context, in, draw, &sample, error))
    return FALSE;
  gint64 n = llround (chosen->share * draws->len);
  if (chosen->n > draws->len)
    retort_context_warn (context, "asked for %" G_GINT64_FORMAT " documents, but there are only %u", chosen->n, draws->len);
  if (chosen->n > 0)
    n = MIN (n, chosen->n);
  g_array_sort (draws, compare_draws);
  g_autofree guint8 *stays = g_new0 (guint8, draws->len + 1);
  for (guint i = 0; i < n; i++)
    stays[g_array_index (draws, Draw, i).index] = 1;
  sample.stays = stays;
  retort_context_count (context, "documents sampled", n);
  retort_context_count (context, "documents left out", draws->len - n);
  return retort_corpus_reader_rewind (in, error) && each_document (context, in, pass, &sample, error);
}

static const RetortExample examples[] = {
  { "The order stays; which stay depends on ids and seed alone", "{share: 1}",
    "{\"id\":\"b\",\"text\":\"one\"}\n{\"id\":\"a\",\"text\":\"two\"}\n",
    "{\"id\":\"b\",\"text\":\"one\"}\n{\"id\":\"a\",\"text\":\"two\"}\n" },
  { "Nothing of nothing", "{n: 5}", "", "" },
};

static const RetortFilterRole role = { sizeof role, .run = run };

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FILTER, .name = "sample", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "A random sample of the documents; smaller samples lie within larger ones.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)
