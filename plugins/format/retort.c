/* format/retort - Retort's own files, by the core's reader and writer. They hold all layers; so writing keeps all. */
#include <retort/plugin.h>

static gboolean
read_corpus (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink, GError **error)
{
  g_autoptr(RetortCorpusReader) reader = retort_corpus_reader_open (path, retort_context_diagnostics (context), error);

  if (!reader)
    return FALSE;
  for (;;) {
    GError *failure = NULL;
    g_autoptr(RetortChunk) chunk = retort_corpus_reader_next (reader, 256, &failure);
    if (failure) {
      g_propagate_error (error, failure);
      return FALSE;
    }
    if (!chunk)
      return TRUE;
    for (guint i = 0; i < retort_chunk_n_documents (chunk); i++) {
      retort_context_at (context, retort_chunk_document (chunk, i));
      if (!retort_corpus_sink_add (sink, retort_chunk_document (chunk, i), error))
        return FALSE;
    }
  }
}

static gboolean
write_corpus (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer, const char *path,
              GError **error)
{
  g_autoptr(RetortCorpusWriter) writer = retort_corpus_writer_open (path, error);

  while (writer) {
    GError *failure = NULL;
    g_autoptr(RetortChunk) chunk = retort_corpus_reader_next (documents, 256, &failure);
    if (failure) {
      g_propagate_error (error, failure);
      return FALSE;
    }
    if (!chunk)
      return retort_corpus_writer_finish (writer, error);
    for (guint i = 0; i < retort_chunk_n_documents (chunk); i++)
      if (!retort_corpus_writer_add (writer, retort_chunk_document (chunk, i), error))
        return FALSE;
  }
  return FALSE;
}

static const RetortExample examples[] = {
  { "Offsets count characters; what is written is read back as it was", NULL,
    "{\"retort\":\"corpus\",\"version\":1,\"offsets\":\"codepoints\"}\n"
    "{\"id\":\"d1\",\"text\":\"naïve T cells\",\"layers\":{\"gold\":{\"entities\":[{\"id\":\"T1\",\"label\":\"Cell\","
    "\"spans\":[[6,13]],\"text\":\"T cells\"}]}}}\n",
    "{\"id\":\"d1\",\"text\":\"naïve T cells\",\"layers\":{\"gold\":{\"entities\":[{\"id\":\"T1\",\"label\":\"Cell\","
    "\"spans\":[[6,13]],\"text\":\"T cells\"}]}}}\n" },
  { "A repeated id gets a suffix", NULL,
    "{\"retort\":\"corpus\",\"version\":1,\"offsets\":\"codepoints\"}\n"
    "{\"id\":\"d1\",\"text\":\"one\"}\n"
    "{\"id\":\"d1\",\"text\":\"two\"}\n",
    "{\"id\":\"d1\",\"text\":\"one\"}\n"
    "{\"id\":\"d1#2\",\"text\":\"two\"}\n" },
};

static const char *const extensions[] = { ".jsonl", ".retort.jsonl", NULL };

static const RetortFormatRole role = {
  sizeof role, .extensions = extensions, .unit = RETORT_UNIT_CODEPOINTS, .read = read_corpus, .write = write_corpus,
};

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FORMAT, .name = "retort", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Retort's own corpora: JSON lines with every layer.",
  RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)
