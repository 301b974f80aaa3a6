/* format/@NAME@ - a document a line: its id, a tab, its text. */
#include <retort/plugin.h>
#include <stdio.h>
#include <string.h>

/* The first tests, and the documentation: a file, and the corpus without its header line. */
static const RetortExample examples[] = {
  { "Two documents", NULL, "a\tNo fever.\nb\tPulse 72.\n",
    "{\"id\":\"a\",\"text\":\"No fever.\",\"layers\":{\"gold\":{}}}\n"
    "{\"id\":\"b\",\"text\":\"Pulse 72.\",\"layers\":{\"gold\":{}}}\n" },
};

static gboolean read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink,
                           GError **error);
static gboolean write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer,
                            const char *path, GError **error);

static const char *const extensions[] = { ".id-text.tsv", NULL };
static const RetortFormatRole role = {
  sizeof role, .extensions = extensions, .unit = RETORT_UNIT_BYTES, .cannot_hold = "annotations, tabs, line breaks",
  .read = read_file, .write = write_file,
};
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FORMAT, .name = "@NAME@", .behaviour = 1, .version = "0.1",
  .licence = "MIT", .summary = "A document a line: its id, a tab, its text.",
  RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

static gboolean
read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink, GError **error)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (lines[i][0] == '\0')
      continue;
    char *tab = strchr (lines[i], '\t');
    if (tab == NULL) {
      /* What is wrong in a file goes to the diagnostics, with its place, and reading goes on. */
      retort_diagnostics_add_line (retort_context_diagnostics (context), RETORT_CODE_CORPUS_LINE, path, i + 1, 0,
                                   lines[i], "write ID, a tab, TEXT", "the line has no tab");
      continue;
    }
    *tab = '\0';
    RetortDocumentBuilder *builder = retort_corpus_sink_begin (sink, lines[i], tab + 1, -1, i + 1, error);
    if (builder == NULL)
      return FALSE;
    retort_document_builder_add_layer (builder, RETORT_LAYER_GOLD, FALSE);
    if (!retort_corpus_sink_end (sink, builder, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer, const char *path,
            GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  GError *failure = NULL;
  RetortChunk *chunk;

  while ((chunk = retort_corpus_reader_next (documents, 256, &failure)) != NULL) {
    for (guint i = 0; i < retort_chunk_n_documents (chunk); i++) {
      const RetortDocument *document = retort_chunk_document (chunk, i);
      g_autofree char *text = g_strdelimit (g_strdup (retort_document_text (document, NULL)), "\t\n\r", ' ');
      g_string_append_printf (out, "%s\t%s\n", retort_document_id (document), text);
    }
    retort_chunk_unref (chunk);
  }
  if (failure != NULL) {
    g_propagate_error (error, failure);
    return FALSE;
  }
  return g_file_set_contents (path, out->str, (gssize) out->len, error);
}
