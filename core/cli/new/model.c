/* model/@NAME@ - remembers the words that were entities, and finds them again. */
#include <retort/plugin.h>
#include <string.h>

/* Options first: the engine checks them, fills the struct, and prints their help. */
typedef struct {
  gint64 least;
} Options;

static const RetortOption options[] = {
  RETORT_OPTION_INT (Options, least, "least", "1", 1, 1000000, "Remembers what was seen at least so often."),
};

/* The first tests, and the documentation: documents with the layer gold are for training, the others for the test;
 * what comes out is id, label and words of each prediction, with tabs between. */
static const RetortExample examples[] = {
  { "What was seen is found", NULL,
    "{\"id\":\"1\",\"text\":\"No gout today\",\"layers\":{\"gold\":{\"entities\":[{\"id\":\"T1\",\"label\":\"Disease\","
    "\"spans\":[[3,7]],\"text\":\"gout\"}]}}}\n"
    "{\"id\":\"2\",\"text\":\"Has gout and fever\"}\n",
    "2\tDisease\tgout\n" },
};

/* An instance: what it was given, and what it has learnt. */
typedef struct {
  const Options *options;
  GHashTable *labels; /* word -> label */
} Memory;

static void *open_memory (RetortContext *context, const void *filled, GError **error);
static void close_memory (void *self);
static gboolean train (void *self, RetortContext *context, const RetortTask *task, const RetortCorpus *corpus,
                       const RetortCorpus *dev, GError **error);
static gboolean save (void *self, RetortBytes *out, GError **error);
static gboolean load (void *self, RetortContext *context, const RetortTask *task, const guint8 *bytes, gsize n_bytes,
                      GError **error);
static gboolean predict (void *self, RetortContext *context, RetortWant want, const RetortDocument *const *documents,
                         RetortDocumentBuilder *const *out, gsize n_documents, GError **error);

static const RetortModelRole role = {
  sizeof role, .tasks = RETORT_WANT_ENTITIES, .train = train, .save = save, .load = load, .predict = predict,
};
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_MODEL, .name = "@NAME@", .behaviour = 1, .version = "0.1",
  .licence = "MIT", .summary = "Remembers the words that were entities.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
  .open = open_memory, .close = close_memory,
};
RETORT_PLUGIN_EXPORT (plugin)

static void *
open_memory (RetortContext *context, const void *filled, GError **error)
{
  Memory *memory = g_new0 (Memory, 1);

  memory->options = filled;
  memory->labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return memory;
}

static void
close_memory (void *self)
{
  Memory *memory = self;

  g_hash_table_unref (memory->labels);
  g_free (memory);
}

/* Counts "word<TAB>label"; a word with two labels keeps the first that is seen often enough. */
static gboolean
train (void *self, RetortContext *context, const RetortTask *task, const RetortCorpus *corpus, const RetortCorpus *dev,
       GError **error)
{
  Memory *memory = self;
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const guint n = retort_corpus_n_documents (corpus);

  for (guint d = 0; d < n; d++) {
    const RetortDocument *document = retort_corpus_document (corpus, d);
    const RetortLayer *gold = retort_document_layer (document, RETORT_LAYER_GOLD);
    retort_context_at (context, document);
    retort_context_progress (context, d, n, "documents");
    if (retort_context_cancelled (context)) {
      g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_CANCELLED, "asked to stop");
      return FALSE;
    }
    for (guint i = 0; i < retort_layer_n_entities (gold); i++) {
      const RetortEntity *entity = retort_layer_entity (gold, i);
      g_autofree char *word = retort_entity_surface (document, entity);
      char *pair = g_strconcat (word, "\t", entity->label, NULL);
      const gsize seen = GPOINTER_TO_SIZE (g_hash_table_lookup (counts, pair)) + 1;
      g_hash_table_insert (counts, pair, GSIZE_TO_POINTER (seen));
      if (seen >= (gsize) memory->options->least && !g_hash_table_contains (memory->labels, word))
        g_hash_table_insert (memory->labels, g_steal_pointer (&word), g_strdup (entity->label));
    }
  }
  return TRUE;
}

/* Lines "word<TAB>label", sorted: the same model is the same bytes. */
static gboolean
save (void *self, RetortBytes *out, GError **error)
{
  const Memory *memory = self;
  g_autoptr (GList) words = g_list_sort (g_hash_table_get_keys (memory->labels), (GCompareFunc) strcmp);

  for (const GList *word = words; word != NULL; word = word->next) {
    g_autofree char *line = g_strdup_printf ("%s\t%s\n", (const char *) word->data,
                                             (const char *) g_hash_table_lookup (memory->labels, word->data));
    if (!retort_bytes_write (out, line, strlen (line), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
load (void *self, RetortContext *context, const RetortTask *task, const guint8 *bytes, gsize n_bytes, GError **error)
{
  Memory *memory = self;
  g_autofree char *text = g_strndup ((const char *) bytes, n_bytes);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++) {
    char *tab = strrchr (lines[i], '\t');
    if (tab != NULL)
      g_hash_table_insert (memory->labels, g_strndup (lines[i], (gsize) (tab - lines[i])), g_strdup (tab + 1));
  }
  return TRUE;
}

/* Several threads may be here at once: nothing of `self` changes. */
static gboolean
predict (void *self, RetortContext *context, RetortWant want, const RetortDocument *const *documents,
         RetortDocumentBuilder *const *out, gsize n_documents, GError **error)
{
  const Memory *memory = self;

  for (gsize d = 0; d < n_documents; d++) {
    const char *text = retort_document_text (documents[d], NULL);
    guint n;
    const RetortSpan *tokens = retort_document_tokens (documents[d], &n);
    retort_context_at (context, documents[d]);
    retort_document_builder_add_layer (out[d], RETORT_LAYER_PREDICTED, FALSE);
    for (guint t = 0; t < n; t++) {
      g_autofree char *word = g_strndup (text + tokens[t].start, tokens[t].end - tokens[t].start);
      const char *label = g_hash_table_lookup (memory->labels, word);
      if (label != NULL &&
          retort_document_builder_add_span (out[d], RETORT_LAYER_PREDICTED, label, tokens[t], 1, error) < 0)
        return FALSE;
    }
  }
  return TRUE;
}
