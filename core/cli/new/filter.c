/* filter/@NAME@ - drops documents that are too short. */
#include <retort/plugin.h>

/* Options first: the engine checks them, fills the struct, and prints their help. */
typedef struct {
  gint64 least;
} Options;

static const RetortOption options[] = {
  RETORT_OPTION_INT (Options, least, "least", "10", 0, 1e9, "Shorter texts are dropped.", .unit = "bytes"),
};

/* The first tests, and the documentation: corpora without their header line. */
static const RetortExample examples[] = {
  { "A short text goes", NULL,
    "{\"id\":\"1\",\"text\":\"Long enough.\"}\n{\"id\":\"2\",\"text\":\"Short.\"}\n",
    "{\"id\":\"1\",\"text\":\"Long enough.\"}\n" },
};

static gboolean run (void *self, RetortContext *context, RetortCorpusReader *in, RetortCorpusSink *out, GError **error);

static const RetortFilterRole role = { sizeof role, .run = run };
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FILTER, .name = "@NAME@", .behaviour = 1, .version = "0.1",
  .licence = "MIT", .summary = "Drops documents that are too short.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

/* `self` is the options struct, because the plugin has no `open`. */
static gboolean
run (void *self, RetortContext *context, RetortCorpusReader *in, RetortCorpusSink *out, GError **error)
{
  const Options *given = self;
  GError *failure = NULL;
  RetortChunk *chunk;

  while ((chunk = retort_corpus_reader_next (in, 256, &failure)) != NULL) {
    gboolean done = TRUE;
    for (guint i = 0; i < retort_chunk_n_documents (chunk) && done; i++) {
      const RetortDocument *document = retort_chunk_document (chunk, i);
      gsize n_bytes;
      retort_context_at (context, document);
      retort_document_text (document, &n_bytes);
      if (n_bytes >= (gsize) given->least)
        done = retort_corpus_sink_add (out, document, error);
      else
        retort_context_count (context, "documents dropped: too short", 1);
    }
    retort_chunk_unref (chunk);
    if (!done)
      return FALSE;
  }
  if (failure != NULL)
    g_propagate_error (error, failure);
  return failure == NULL;
}
