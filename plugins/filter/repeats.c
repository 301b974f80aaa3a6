/* filter/repeats - labels what a language model forgot to label: the same words, labelled elsewhere.
 *
 * Where a surface that is labelled stands again at word borders and touches no entity, it gets the label. Longer
 * surfaces go first, then the leftmost. With scope corpus, what is labelled anywhere counts everywhere, so rare slips
 * of the pen would spread; therefore a surface must be labelled in a share of the places where it stands. Places
 * inside longer entities do not count against it. */
#include "each.h"

#include <math.h>
#include <string.h>

static const char *const scopes[] = { "document", "corpus", NULL };

typedef struct {
  const char *scope;
  double agreement;
  gint64 min_count, min_length;
} Options;

static const RetortOption options[] = {
  RETORT_OPTION_CHOICE (Options, scope, "scope", "document", scopes, "Where a surface must be labelled to be labelled again."),
  RETORT_OPTION_NUMBER (Options, agreement, "agreement", "0.5", 0, 1,
                        "Scope corpus: only surfaces labelled in at least this share of the places where they stand."),
  RETORT_OPTION_INT (Options, min_count, "min-count", "1", 1, 1e9, "Scope corpus: only surfaces labelled so often."),
  RETORT_OPTION_INT (Options, min_length, "min-length", "3", 1, 1000, "Only surfaces of so many characters.",
                     .unit = "characters"),
};

/* Something that is labelled. */
typedef struct {
  char *text;
  gsize n_bytes;
  GPtrArray *labels;  /* in the order of their coming */
  GArray *counts;     /* guint [labels] */
  guint n_labelled, n_free; /* places where it is labelled, and where it stands free */
} Surface;

/* Surfaces by their first word, so that a text is searched word by word. */
typedef struct {
  GHashTable *by_text;  /* char * -> Surface, owned */
  GHashTable *by_word;  /* char * -> GPtrArray of Surface, longest first */
} Lexicon;

typedef struct {
  const Options *options;
  RetortContext *context;
  RetortCorpusSink *out;
  Lexicon *lexicon;     /* of the corpus, or NULL: of each document */
} Repeats;

typedef void (*FoundFunc) (Surface *surface, RetortSpan span, gpointer user);

static Lexicon *lexicon_new (void);
static void lexicon_free (Lexicon *lexicon);
static void lexicon_add (Lexicon *lexicon, const Options *chosen, const RetortDocument *document);
static void lexicon_index (Lexicon *lexicon);
static void find_free (const Lexicon *lexicon, const RetortDocument *document, FoundFunc found, gpointer user);
static const char *best_label (const Surface *surface);
static gboolean is_agreed (const Surface *surface, const Options *chosen);

static gboolean
learn (const RetortDocument *document, gpointer user, GError **error)
{
  Repeats *repeats = user;

  lexicon_add (repeats->lexicon, repeats->options, document);
  return TRUE;
}

static void
count_free (Surface *surface, RetortSpan span, gpointer user)
{
  surface->n_free++;
}

static gboolean
count (const RetortDocument *document, gpointer user, GError **error)
{
  Repeats *repeats = user;

  if (retort_document_layer (document, RETORT_LAYER_GOLD))
    find_free (repeats->lexicon, document, count_free, NULL);
  return TRUE;
}

typedef struct { RetortDocumentBuilder *builder; GError *error; guint n; } Labelling;

static void
label_free (Surface *surface, RetortSpan span, gpointer user)
{
  Labelling *labelling = user;
  const RetortEntity entity = {
    .label = best_label (surface), .fragments = &span, .n_fragments = 1, .score = NAN, .source = "filter/repeats",
  };

  if (!labelling->error &&
      retort_document_builder_add_entity (labelling->builder, RETORT_LAYER_GOLD, &entity, &labelling->error) >= 0)
    labelling->n++;
}

static gboolean
pass (const RetortDocument *document, gpointer user, GError **error)
{
  Repeats *repeats = user;
  Lexicon *own = NULL;

  if (!retort_document_layer (document, RETORT_LAYER_GOLD))
    return retort_corpus_sink_add (repeats->out, document, error);
  if (!repeats->lexicon) {
    own = lexicon_new ();
    lexicon_add (own, repeats->options, document);
    lexicon_index (own);
  }
  Labelling labelling = { .builder = retort_corpus_sink_begin_from (repeats->out, document, error) };
  if (labelling.builder)
    find_free (own ? own : repeats->lexicon, document, label_free, &labelling);
  lexicon_free (own);
  if (!labelling.builder)
    return FALSE;
  if (labelling.error) {
    retort_document_builder_discard (labelling.builder);
    g_propagate_error (error, labelling.error);
    return FALSE;
  }
  if (labelling.n > 0) {
    retort_context_count (repeats->context, "mentions labelled", labelling.n);
    retort_context_count (repeats->context, "documents changed", 1);
  }
  return retort_corpus_sink_end (repeats->out, labelling.builder, error);
}

/* Two passes over the corpus learn what agrees; the third labels. */
static gboolean
learn_corpus (Repeats *repeats, RetortCorpusReader *in, GError **error)
{
  GHashTableIter iter;
  gpointer surface;
  guint n_refused = 0;

  if (!each_document (repeats->context, in, learn, repeats, error) || !retort_corpus_reader_rewind (in, error))
    return FALSE;
  lexicon_index (repeats->lexicon);
  if (!each_document (repeats->context, in, count, repeats, error) || !retort_corpus_reader_rewind (in, error))
    return FALSE;
  g_hash_table_iter_init (&iter, repeats->lexicon->by_text);
  while (g_hash_table_iter_next (&iter, NULL, &surface))
    if (!is_agreed (surface, repeats->options)) {
      n_refused++;
      g_hash_table_iter_remove (&iter);
    }
  lexicon_index (repeats->lexicon);
  retort_context_count (repeats->context, "surfaces refused, labelled too rarely", n_refused);
  return TRUE;
}

static gboolean
run (void *self, RetortContext *context, RetortCorpusReader *in, RetortCorpusSink *out, GError **error)
{
  const Options *chosen = self;
  Repeats repeats = { .options = chosen, .context = context, .out = out };
  gboolean ok = TRUE;

  retort_context_count (context, "mentions labelled", 0);
  if (strcmp (chosen->scope, "corpus") == 0) {
    repeats.lexicon = lexicon_new ();
    ok = learn_corpus (&repeats, in, error);
  }
  ok = ok && each_document (context, in, pass, &repeats, error);
  lexicon_free (repeats.lexicon);
  return ok;
}

/* --- surfaces --- */

static gboolean
is_word (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c);
}

/* Whether no word goes on across `at`. */
static gboolean
is_border (const char *text, gsize n_bytes, gsize at)
{
  return at == 0 || at == n_bytes || !is_word (g_utf8_get_char (text + at)) ||
         !is_word (g_utf8_get_char (g_utf8_prev_char (text + at)));
}

/* Bytes of the word that begins at `at`, or of the one character there. */
static gsize
word_bytes (const char *at, const char *end)
{
  const char *next = at;

  while (next < end && is_word (g_utf8_get_char (next)))
    next = g_utf8_next_char (next);
  return next > at ? (gsize)(next - at) : (gsize)(g_utf8_next_char (at) - at);
}

static void
surface_free (gpointer pointer)
{
  Surface *surface = pointer;

  g_free (surface->text);
  g_ptr_array_unref (surface->labels);
  g_array_unref (surface->counts);
  g_free (surface);
}

static Lexicon *
lexicon_new (void)
{
  Lexicon *lexicon = g_new0 (Lexicon, 1);

  lexicon->by_text = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, surface_free);
  lexicon->by_word = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  return lexicon;
}

static void
lexicon_free (Lexicon *lexicon)
{
  if (!lexicon)
    return;
  g_hash_table_unref (lexicon->by_word);
  g_hash_table_unref (lexicon->by_text);
  g_free (lexicon);
}

static void
lexicon_add (Lexicon *lexicon, const Options *chosen, const RetortDocument *document)
{
  const RetortLayer *layer = retort_document_layer (document, RETORT_LAYER_GOLD);

  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    g_autofree char *text = retort_entity_surface (document, entity);
    if (entity->n_fragments > 1 || g_utf8_strlen (text, -1) < chosen->min_length)
      continue;
    Surface *surface = g_hash_table_lookup (lexicon->by_text, text);
    if (!surface) {
      surface = g_new0 (Surface, 1);
      surface->n_bytes = strlen (text);
      surface->text = g_steal_pointer (&text);
      surface->labels = g_ptr_array_new_with_free_func (g_free);
      surface->counts = g_array_new (FALSE, TRUE, sizeof (guint));
      g_hash_table_insert (lexicon->by_text, surface->text, surface);
    }
    guint at = 0;
    while (at < surface->labels->len && strcmp (surface->labels->pdata[at], entity->label) != 0)
      at++;
    if (at == surface->labels->len) {
      g_ptr_array_add (surface->labels, g_strdup (entity->label));
      g_array_set_size (surface->counts, at + 1);
    }
    g_array_index (surface->counts, guint, at)++;
    surface->n_labelled++;
  }
}

static int
compare_surfaces (gconstpointer a, gconstpointer b)
{
  const Surface *x = *(Surface *const *)a, *y = *(Surface *const *)b;

  if (x->n_bytes != y->n_bytes)
    return x->n_bytes > y->n_bytes ? -1 : 1;
  return strcmp (x->text, y->text);
}

static void
lexicon_index (Lexicon *lexicon)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_remove_all (lexicon->by_word);
  g_hash_table_iter_init (&iter, lexicon->by_text);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Surface *surface = value;
    g_autofree char *word = g_strndup (surface->text, word_bytes (surface->text, surface->text + surface->n_bytes));
    GPtrArray *list = g_hash_table_lookup (lexicon->by_word, word);
    if (!list) {
      list = g_ptr_array_new ();
      g_hash_table_insert (lexicon->by_word, g_steal_pointer (&word), list);
    }
    g_ptr_array_add (list, surface);
  }
  g_hash_table_iter_init (&iter, lexicon->by_word);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_sort (value, compare_surfaces);
}

/* The label that it has most often; the first to come where two are even. */
static const char *
best_label (const Surface *surface)
{
  guint best = 0;

  for (guint i = 1; i < surface->counts->len; i++)
    if (g_array_index (surface->counts, guint, i) > g_array_index (surface->counts, guint, best))
      best = i;
  return surface->labels->pdata[best];
}

static gboolean
is_agreed (const Surface *surface, const Options *chosen)
{
  guint most = 0;

  for (guint i = 0; i < surface->counts->len; i++)
    most = MAX (most, g_array_index (surface->counts, guint, i));
  return most >= chosen->min_count && most >= chosen->agreement * (surface->n_labelled + surface->n_free);
}

/* --- search --- */

/* Marks every byte that an entity covers; full ownership. */
static guint8 *
covered_bytes (const RetortDocument *document, gsize n_bytes)
{
  const RetortLayer *layer = retort_document_layer (document, RETORT_LAYER_GOLD);
  guint8 *covered = g_new0 (guint8, n_bytes + 1);

  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    const RetortSpan *last = &entity->fragments[entity->n_fragments - 1];
    /* All from the first fragment to the last: what lies between belongs to nobody else. */
    memset (covered + entity->fragments[0].start, 1, last->end - entity->fragments[0].start);
  }
  return covered;
}

/* Calls `found` for every free place of a surface, from left to right, the longest at each. */
static void
find_free (const Lexicon *lexicon, const RetortDocument *document, FoundFunc found, gpointer user)
{
  gsize n_bytes;
  const char *text = retort_document_text (document, &n_bytes);
  g_autofree guint8 *covered = covered_bytes (document, n_bytes);
  g_autoptr(GString) word = g_string_new (NULL);

  if (g_hash_table_size (lexicon->by_word) == 0)
    return;
  for (gsize at = 0; at < n_bytes;) {
    const gsize n_word = word_bytes (text + at, text + n_bytes);
    g_string_truncate (word, 0);
    g_string_append_len (word, text + at, (gssize)n_word);
    const GPtrArray *list = is_border (text, n_bytes, at) ? g_hash_table_lookup (lexicon->by_word, word->str) : NULL;
    gsize next = at + n_word;
    for (guint i = 0; list && i < list->len; i++) {
      Surface *surface = list->pdata[i];
      const gsize end = at + surface->n_bytes;
      if (end > n_bytes || memcmp (text + at, surface->text, surface->n_bytes) != 0 || !is_border (text, n_bytes, end) ||
          memchr (covered + at, 1, surface->n_bytes))
        continue;
      found (surface, (RetortSpan){ (guint32)at, (guint32)end }, user);
      next = end;
      break;
    }
    at = next;
  }
}

#define ENTITY(id, label, start, end, text) \
  "{\"id\":\"" id "\",\"label\":\"" label "\",\"spans\":[[" #start "," #end "]],\"text\":\"" text "\"}"
#define REPEAT(id, label, start, end, text) \
  "{\"id\":\"" id "\",\"label\":\"" label "\",\"spans\":[[" #start "," #end "]],\"text\":\"" text \
  "\",\"source\":\"filter/repeats\"}"
#define DOCUMENT(id, text, entities) \
  "{\"id\":\"" id "\",\"text\":\"" text "\",\"layers\":{\"gold\":{\"entities\":[" entities "]}}}\n"

static const RetortExample examples[] = {
  { "The second zinc is labelled too; zincates are another word", NULL,
    DOCUMENT ("a", "Zinc helps. Zinc, not Zincates.", ENTITY ("T1", "Drug", 0, 4, "Zinc")),
    DOCUMENT ("a", "Zinc helps. Zinc, not Zincates.",
              ENTITY ("T1", "Drug", 0, 4, "Zinc") "," REPEAT ("T2", "Drug", 12, 16, "Zinc")) },
  { "In the whole corpus, if labelled in half of its places", "{scope: corpus}",
    DOCUMENT ("a", "gout and pain", ENTITY ("T1", "Disease", 0, 4, "gout"))
    DOCUMENT ("b", "pain is pain", ENTITY ("T1", "Disease", 0, 4, "pain"))
    "{\"id\":\"c\",\"text\":\"gout\",\"layers\":{\"gold\":{}}}\n",
    DOCUMENT ("a", "gout and pain", ENTITY ("T1", "Disease", 0, 4, "gout"))
    DOCUMENT ("b", "pain is pain", ENTITY ("T1", "Disease", 0, 4, "pain"))
    DOCUMENT ("c", "gout", REPEAT ("T1", "Disease", 0, 4, "gout")) },
};

static const RetortFilterRole role = { sizeof role, .run = run };

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FILTER, .name = "repeats", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Labels unlabelled repeats of labelled mentions.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)
