/* data - compressed rows, grown as they come. */

#include "data.h"
#include <math.h>

#define GROW(array, room, needed) \
  G_STMT_START { \
    if ((gsize) (needed) > (room)) { \
      (room) = MAX ((gsize) (needed), 2 * (room)); \
      (array) = g_realloc_n ((array), (room), sizeof *(array)); \
    } \
  } G_STMT_END

LinearData *
linear_data_new (guint n_labels, const guint8 *allowed)
{
  LinearData *data = g_new0 (LinearData, 1);

  data->n_labels = n_labels;
  data->allowed = allowed;
  data->chains = g_new0 (guint32, 1);
  data->rows = g_new0 (gsize, 1);
  data->chains_room = data->items_room = 1;
  linear_attributes_init (&data->attributes);
  return data;
}

void
linear_data_free (LinearData *data)
{
  if (!data)
    return;
  g_free (data->chains);
  g_free (data->rows);
  g_free (data->entries);
  g_free (data->gold);
  g_free (data->masks);
  g_free (data->weights);
  g_free (data->scales);
  g_free (data->last_items);
  linear_attributes_clear (&data->attributes);
  g_free (data);
}

void
linear_data_add (LinearData *data, const guint64 *hashes, guint n_hashes, guint16 gold, guint16 mask)
{
  gsize at = data->rows[data->n_items];

  GROW (data->entries, data->entries_room, at + n_hashes);
  for (guint i = 0; i < n_hashes; i++) {
    const guint32 id = linear_attributes_add (&data->attributes, hashes[i]);
    GROW (data->last_items, data->last_items_room, (gsize) id + 1);
    if (id < data->n_known && data->last_items[id] == data->n_items)
      continue;
    data->n_known = data->attributes.n;
    data->last_items[id] = data->n_items;
    data->entries[at++] = id;
  }

  const gsize room = data->items_room;
  GROW (data->rows, data->items_room, data->n_items + 2);
  if (data->items_room != room) {
    data->gold = g_renew (guint16, data->gold, data->items_room);
    data->masks = g_renew (guint16, data->masks, data->items_room);
  }
  data->gold[data->n_items] = gold;
  data->masks[data->n_items] = mask;
  data->rows[++data->n_items] = at;
  data->n_entries = at;
}

void
linear_data_end_chain (LinearData *data, double weight)
{
  const gsize room = data->chains_room;

  GROW (data->chains, data->chains_room, data->n_chains + 2);
  if (data->chains_room != room)
    data->weights = g_renew (double, data->weights, data->chains_room);
  data->weights[data->n_chains] = weight;
  data->chains[++data->n_chains] = data->n_items;
}

void
linear_data_finish (LinearData *data, guint min_count, gboolean normalise)
{
  g_autofree guint32 *counts = g_new0 (guint32, data->attributes.n);
  g_autofree guint32 *renamed = g_new (guint32, data->attributes.n);
  LinearAttributes kept;
  gsize at = 0;

  for (gsize k = 0; k < data->n_entries; k++)
    counts[data->entries[k]]++;
  g_clear_pointer (&data->last_items, g_free);
  linear_attributes_init (&kept);
  for (guint32 a = 0; a < data->attributes.n; a++)
    renamed[a] = counts[a] >= min_count ? linear_attributes_add (&kept, data->attributes.hashes[a]) : LINEAR_ABSENT;
  linear_attributes_clear (&data->attributes);
  data->attributes = kept;
  data->n_attributes = kept.n;

  data->scales = g_new (double, data->n_items);
  for (guint item = 0; item < data->n_items; item++) {
    const gsize end = data->rows[item + 1], start = at;
    for (gsize k = data->rows[item]; k < end; k++)
      if (renamed[data->entries[k]] != LINEAR_ABSENT)
        data->entries[at++] = renamed[data->entries[k]];
    data->scales[item] = normalise && at > start ? 1 / sqrt (at - start) : 1;
    data->rows[item] = start;
  }
  data->rows[data->n_items] = data->n_entries = at;
}

void
linear_data_invert (const LinearData *data, gsize **places, guint32 **items)
{
  const guint32 n = data->n_attributes;
  gsize *ends = g_new0 (gsize, (gsize) n + 2);
  guint32 *where = g_new (guint32, data->n_entries);

  for (gsize k = 0; k < data->n_entries; k++)
    ends[data->entries[k] + 2]++;
  for (guint32 a = 2; a < n + 2; a++)
    ends[a] += ends[a - 1];
  for (guint32 item = 0; item < data->n_items; item++)
    for (gsize k = data->rows[item]; k < data->rows[item + 1]; k++)
      where[ends[data->entries[k] + 1]++] = item;
  *places = ends;
  *items = where;
}
