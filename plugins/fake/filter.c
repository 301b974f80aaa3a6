/* filter/fake - lets everything pass, and fails on demand. */
#include "fake.h"

static const char *const choices[] = { FAKE_CHOICES, NULL };
static const RetortOption options[] = { FAKE_OPTIONS (choices) };
static const RetortExample examples[] = {
  { "Honest by default", NULL, "{\"id\":\"1\",\"text\":\"no fever\"}\n", "{\"id\":\"1\",\"text\":\"no fever\"}\n" },
};

static gboolean run (void *self, RetortContext *context, RetortCorpusReader *in, RetortCorpusSink *out, GError **error);

static const RetortFilterRole role = { sizeof role, .run = run };
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FILTER, .name = "fake", .behaviour = 1, .version = "1.0", .licence = "MIT",
  .summary = "For tests: lets everything pass, fails on demand.",
  RETORT_PLUGIN_OPTIONS (FakeOptions, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

static gboolean
run (void *self, RetortContext *context, RetortCorpusReader *in, RetortCorpusSink *out, GError **error)
{
  GError *failure = NULL;

  for (;;) {
    g_autoptr (RetortChunk) chunk = retort_corpus_reader_next (in, 64, &failure);
    if (chunk == NULL)
      break;
    for (guint i = 0; i < retort_chunk_n_documents (chunk); i++) {
      const RetortDocument *document = retort_chunk_document (chunk, i);
      retort_context_at (context, document);
      if (!fake_act (self, retort_document_id (document), retort_document_text (document, NULL), error) ||
          !retort_corpus_sink_add (out, document, error))
        return FALSE;
    }
  }
  if (failure != NULL)
    g_propagate_error (error, failure);
  return failure == NULL;
}
