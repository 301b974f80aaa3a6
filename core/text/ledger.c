/* ledger - counts by (event, reason), and the first few examples of each.
 *
 * There are few reasons and many countings, so entries sit in one hash table and are sorted only when written. */
#include <retort/align.h>
#include <string.h>

#define WORDS_BYTES 200 /* of one example */

typedef struct { char *where, *words; } Example;

typedef struct {
  char *event, *reason;
  guint64 n;
  GArray *examples; /* of Example; NULL until the first */
} Entry;

struct _RetortLedger {
  guint n_examples;
  GHashTable *entries; /* Entry -> itself */
};

static guint entry_hash (gconstpointer p);
static gboolean entry_equal (gconstpointer a, gconstpointer b);
static void entry_free (gpointer p);
static Entry *entry_get (RetortLedger *ledger, const char *event, const char *reason);
static GPtrArray *entries_sorted (const RetortLedger *ledger);
static void add_examples (JsonObject *examples, const Entry *entry);
static JsonObject *member (JsonObject *object, const char *name);

/* What every ledger shows, in this order, even where nothing happened. */
static const char *const usual_events[] = {
  RETORT_LEDGER_ANSWERS, RETORT_LEDGER_DOCUMENTS, RETORT_LEDGER_MENTIONS, RETORT_LEDGER_RELATIONS,
  RETORT_LEDGER_DROPPED, RETORT_LEDGER_REPAIRED, NULL,
};

RetortLedger *
retort_ledger_new (guint n_examples)
{
  RetortLedger *ledger = g_new0 (RetortLedger, 1);

  ledger->n_examples = n_examples;
  ledger->entries = g_hash_table_new_full (entry_hash, entry_equal, NULL, entry_free);
  return ledger;
}

void
retort_ledger_free (RetortLedger *ledger)
{
  if (!ledger)
    return;
  g_hash_table_unref (ledger->entries);
  g_free (ledger);
}

void
retort_ledger_count (RetortLedger *ledger, const char *event, const char *reason, guint64 n)
{
  if (ledger && n > 0)
    entry_get (ledger, event, reason)->n += n;
}

void
retort_ledger_note (RetortLedger *ledger, const char *event, const char *reason, const char *where, const char *words)
{
  if (!ledger)
    return;
  Entry *entry = entry_get (ledger, event, reason);

  entry->n++;
  if (!entry->examples)
    entry->examples = g_array_new (FALSE, FALSE, sizeof (Example));
  if (entry->examples->len >= ledger->n_examples)
    return;
  g_autofree char *valid = words ? g_utf8_make_valid (words, -1) : NULL;
  const gboolean cut = valid && strlen (valid) > WORDS_BYTES;
  if (cut)
    *g_utf8_find_prev_char (valid, valid + WORDS_BYTES + 1) = '\0';
  Example example = { g_strdup (where), cut ? g_strconcat (valid, "...", NULL) : g_strdup (valid) };
  g_array_append_val (entry->examples, example);
}

guint64
retort_ledger_get (const RetortLedger *ledger, const char *event, const char *reason)
{
  const Entry key = { (char *) event, (char *) reason, 0, NULL };
  const Entry *entry = ledger ? g_hash_table_lookup (ledger->entries, &key) : NULL;

  return entry ? entry->n : 0;
}

guint64
retort_ledger_total (const RetortLedger *ledger, const char *event)
{
  guint64 n = 0;
  GHashTableIter iter;
  gpointer key;

  if (!ledger)
    return 0;
  g_hash_table_iter_init (&iter, ledger->entries);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (g_str_equal (((Entry *) key)->event, event))
      n += ((Entry *) key)->n;
  return n;
}

JsonNode *
retort_ledger_to_json (const RetortLedger *ledger)
{
  JsonObject *root = json_object_new ();
  g_autoptr(JsonObject) examples = json_object_new ();
  g_autoptr(GPtrArray) entries = entries_sorted (ledger);

  for (guint i = 0; usual_events[i]; i++)
    member (root, usual_events[i]);
  for (guint i = 0; i < entries->len; i++) {
    const Entry *entry = entries->pdata[i];
    json_object_set_int_member (member (root, entry->event), entry->reason, (gint64) entry->n);
    if (entry->examples && entry->examples->len > 0)
      add_examples (member (examples, entry->event), entry);
  }
  json_object_set_object_member (root, "examples", g_steal_pointer (&examples));

  JsonNode *node = json_node_alloc ();
  json_node_init_object (node, root);
  json_object_unref (root);
  return node;
}

static guint
entry_hash (gconstpointer p)
{
  const Entry *entry = p;

  return g_str_hash (entry->event) * 31 + g_str_hash (entry->reason);
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  return g_str_equal (x->event, y->event) && g_str_equal (x->reason, y->reason);
}

static void
entry_free (gpointer p)
{
  Entry *entry = p;

  for (guint i = 0; entry->examples && i < entry->examples->len; i++) {
    g_free (g_array_index (entry->examples, Example, i).where);
    g_free (g_array_index (entry->examples, Example, i).words);
  }
  g_clear_pointer (&entry->examples, g_array_unref);
  g_free (entry->event);
  g_free (entry->reason);
  g_free (entry);
}

static Entry *
entry_get (RetortLedger *ledger, const char *event, const char *reason)
{
  const Entry key = { (char *) event, (char *) reason, 0, NULL };
  Entry *entry = g_hash_table_lookup (ledger->entries, &key);

  if (entry)
    return entry;
  entry = g_new0 (Entry, 1);
  entry->event = g_strdup (event);
  entry->reason = g_strdup (reason);
  g_hash_table_add (ledger->entries, entry);
  return entry;
}

/* Match classes stand in their own order, everything else by name behind them. */
static guint
match_rank (const char *reason)
{
  guint i = 0;

  while (retort_match_names[i] && !g_str_equal (retort_match_names[i], reason))
    i++;
  return i;
}

static gint
entry_compare (gconstpointer a, gconstpointer b)
{
  const Entry *x = *(Entry *const *) a, *y = *(Entry *const *) b;
  const gint by_event = strcmp (x->event, y->event);

  if (by_event != 0)
    return by_event;
  const guint i = match_rank (x->reason), j = match_rank (y->reason);
  if (i != j)
    return i < j ? -1 : 1;
  return strcmp (x->reason, y->reason);
}

static GPtrArray *
entries_sorted (const RetortLedger *ledger)
{
  GPtrArray *entries = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, ledger->entries);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (entries, key);
  g_ptr_array_sort (entries, entry_compare);
  return entries;
}

static void
add_examples (JsonObject *examples, const Entry *entry)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < entry->examples->len; i++) {
    const Example *example = &g_array_index (entry->examples, Example, i);
    JsonObject *object = json_object_new ();
    if (example->where)
      json_object_set_string_member (object, "where", example->where);
    if (example->words)
      json_object_set_string_member (object, "words", example->words);
    json_array_add_object_element (array, object);
  }
  json_object_set_array_member (examples, entry->reason, array);
}

/* The object under `name`, made if it is new; lent. */
static JsonObject *
member (JsonObject *object, const char *name)
{
  if (!json_object_has_member (object, name))
    json_object_set_object_member (object, name, json_object_new ());
  return json_object_get_object_member (object, name);
}
