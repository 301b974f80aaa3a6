/* weights - sparse rows: an attribute has a weight for each label that it was seen with in training, and no other.
 *
 * (The "observed" features of Okazaki's CRFsuite: about a third of all pairs, and hardly a difference in quality.) */

#include "weights.h"
#include <math.h>
#include <string.h>

#define AHEAD 8

typedef struct { double value; gsize at; guint32 attribute; } Strong;

static void init_transitions (LinearWeights *weights, const guint8 *follows);
static int by_strength (const void *a, const void *b);

LinearWeights *
linear_weights_new (LinearData *data, const guint8 *follows)
{
  const guint L = data->n_labels;
  LinearWeights *weights = g_new0 (LinearWeights, 1);
  g_autofree gsize *places = NULL;
  g_autofree guint32 *items = NULL;
  g_autofree guint8 *seen = g_new0 (guint8, L);
  g_autoptr(GArray) labels = g_array_new (FALSE, FALSE, sizeof (guint16));

  linear_data_invert (data, &places, &items);
  weights->n_labels = L;
  weights->attributes = data->attributes;
  linear_attributes_init (&data->attributes);
  weights->rows = g_new (gsize, (gsize) weights->attributes.n + 1);
  for (guint32 a = 0; a < weights->attributes.n; a++) {
    weights->rows[a] = labels->len;
    memset (seen, 0, L);
    for (gsize k = places[a]; k < places[a + 1]; k++)
      seen[data->gold[items[k]]] = 1;
    for (guint16 j = 0; j < L; j++)
      if (seen[j])
        g_array_append_val (labels, j);
  }
  weights->n_values = weights->rows[weights->attributes.n] = labels->len;
  weights->labels = (guint16 *) g_array_free (g_steal_pointer (&labels), FALSE);
  weights->values = g_new0 (double, weights->n_values);
  init_transitions (weights, follows);
  return weights;
}

void
linear_weights_free (LinearWeights *weights)
{
  if (!weights)
    return;
  linear_attributes_clear (&weights->attributes);
  g_free (weights->rows);
  g_free (weights->labels);
  g_free (weights->values);
  g_free (weights->trans);
  g_clear_pointer (&weights->names, g_ptr_array_unref);
  g_free (weights);
}

void
linear_weights_round (LinearWeights *weights)
{
  for (gsize k = 0; k < weights->n_values; k++)
    weights->values[k] = (float) weights->values[k];
  for (gsize k = 0; k < (gsize) weights->n_labels * weights->n_labels; k++)
    weights->trans[k] = (float) weights->trans[k];
}

void
linear_weights_score (const LinearWeights *weights, const guint32 *attributes, gsize n, double scale,
                      const guint8 *allowed, double *state)
{
  for (gsize i = 0; i < n; i++) {
    /* Rows lie far apart in memory: ask for them before they are needed. */
    if (i + 2 * AHEAD < n)
      __builtin_prefetch (&weights->rows[attributes[i + 2 * AHEAD]]);
    if (i + AHEAD < n) {
      const gsize k = weights->rows[attributes[i + AHEAD]];
      __builtin_prefetch (&weights->labels[k]);
      __builtin_prefetch (&weights->values[k]);
    }
    for (gsize k = weights->rows[attributes[i]]; k < weights->rows[attributes[i] + 1]; k++)
      state[weights->labels[k]] += weights->values[k];
  }
  for (guint j = 0; j < weights->n_labels; j++)
    state[j] = allowed[j] ? scale * state[j] : -INFINITY;
}

guint
linear_weights_look_up (const LinearWeights *weights, const LinearFeatures *features, guint32 *ids)
{
  guint n = 0;

  for (guint i = 0; i < features->n; i++) {
    const guint32 id = linear_attributes_find (&weights->attributes, features->hashes[i]);
    gboolean fresh = id != LINEAR_ABSENT;
    for (guint k = 0; k < n && fresh; k++)
      fresh = ids[k] != id;
    if (fresh)
      ids[n++] = id;
  }
  return n;
}

void
linear_weights_write (const LinearWeights *weights, LinearWriter *out)
{
  linear_write_u32 (out, weights->attributes.n);
  for (guint32 a = 0; a < weights->attributes.n; a++) {
    linear_write_u64 (out, weights->attributes.hashes[a]);
    linear_write_u32 (out, weights->rows[a + 1] - weights->rows[a]);
  }
  for (gsize k = 0; k < weights->n_values; k++) {
    linear_write_u32 (out, weights->labels[k]);
    linear_write_float (out, weights->values[k]);
  }
  for (gsize k = 0; k < (gsize) weights->n_labels * weights->n_labels; k++)
    linear_write_float (out, isinf (weights->trans[k]) ? 0 : weights->trans[k]);
  linear_write_u32 (out, weights->names ? weights->names->len : 0);
  for (guint i = 0; weights->names && i < weights->names->len; i++)
    linear_write_string (out, weights->names->pdata[i]);
}

LinearWeights *
linear_weights_read (LinearReader *in, guint n_labels, const guint8 *follows)
{
  g_autoptr(LinearWeights) weights = g_new0 (LinearWeights, 1);
  const guint32 n = linear_read_count (in, 12);

  weights->n_labels = n_labels;
  weights->rows = g_new0 (gsize, (gsize) n + 1);
  linear_attributes_init (&weights->attributes);
  for (guint32 a = 0; a < n && !in->damage; a++) {
    if (linear_attributes_add (&weights->attributes, linear_read_u64 (in)) != a)
      linear_reader_damaged (in, "a feature stands twice");
    weights->rows[a + 1] = weights->rows[a] + linear_read_u32 (in);
  }
  if (weights->rows[n] > (gsize) (in->end - in->at) / 8)
    linear_reader_damaged (in, "a count is larger than the file");
  if (in->damage)
    return NULL;

  weights->n_values = weights->rows[n];
  weights->labels = g_new (guint16, weights->n_values);
  weights->values = g_new (double, weights->n_values);
  for (gsize k = 0; k < weights->n_values && !in->damage; k++) {
    const guint32 label = linear_read_u32 (in);
    if (label >= n_labels)
      linear_reader_damaged (in, "a weight belongs to no label");
    weights->labels[k] = label;
    weights->values[k] = linear_read_float (in);
  }
  init_transitions (weights, follows);
  for (gsize k = 0; k < (gsize) n_labels * n_labels; k++)
    weights->trans[k] += linear_read_float (in);

  weights->names = g_ptr_array_new_with_free_func (g_free);
  for (guint32 left = linear_read_count (in, 4); left > 0 && !in->damage; left--)
    g_ptr_array_add (weights->names, linear_read_string (in));
  return in->damage ? NULL : g_steal_pointer (&weights);
}

LinearAttributes *
linear_weights_strongest (const LinearWeights *weights, guint n)
{
  LinearAttributes *strongest = g_new0 (LinearAttributes, 1);
  g_autoptr(GArray) all = g_array_new (FALSE, FALSE, sizeof (Strong));

  linear_attributes_init (strongest);
  for (guint j = 0; j < weights->n_labels; j++) {
    g_array_set_size (all, 0);
    for (guint32 a = 0; a < weights->attributes.n; a++)
      for (gsize k = weights->rows[a]; k < weights->rows[a + 1]; k++)
        if (weights->labels[k] == j && weights->values[k] > 0)
          g_array_append_val (all, ((Strong) { weights->values[k], k, a }));
    g_array_sort (all, by_strength);
    for (guint i = 0; i < MIN (n, all->len); i++)
      linear_attributes_add (strongest, weights->attributes.hashes[g_array_index (all, Strong, i).attribute]);
  }
  return strongest;
}

void
linear_weights_set_names (LinearWeights *weights, const LinearAttributes *strongest, char *const *spellings,
                          const char *const *label_names)
{
  g_clear_pointer (&weights->names, g_ptr_array_unref);
  weights->names = g_ptr_array_new_with_free_func (g_free);
  for (guint j = 0; j < weights->n_labels; j++) {
    g_autoptr(GArray) all = g_array_new (FALSE, FALSE, sizeof (Strong));
    for (guint32 s = 0; s < strongest->n; s++) {
      const guint32 a = linear_attributes_find (&weights->attributes, strongest->hashes[s]);
      for (gsize k = weights->rows[a]; k < weights->rows[a + 1]; k++)
        if (weights->labels[k] == j && weights->values[k] > 0)
          g_array_append_val (all, ((Strong) { weights->values[k], k, s }));
    }
    g_array_sort (all, by_strength);
    for (guint i = 0; i < all->len; i++) {
      const Strong *strong = &g_array_index (all, Strong, i);
      if (spellings[strong->attribute])
        g_ptr_array_add (weights->names, g_strdup_printf ("%s\t%.3f\t%s", label_names[j], strong->value,
                                                          spellings[strong->attribute]));
    }
  }
}

static void
init_transitions (LinearWeights *weights, const guint8 *follows)
{
  const gsize n = (gsize) weights->n_labels * weights->n_labels;

  weights->trans = g_new0 (double, n);
  for (gsize k = 0; k < n; k++)
    weights->trans[k] = follows && follows[k] ? 0 : -INFINITY;
}

static int
by_strength (const void *a, const void *b)
{
  const Strong *one = a, *other = b;

  if (one->value != other->value)
    return one->value > other->value ? -1 : 1;
  return one->at < other->at ? -1 : one->at > other->at;
}
