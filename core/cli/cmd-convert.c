/* cmd-convert - a corpus from one format to another. */
#include "cli/cli.h"

#include "base/util.h"
#include "pipeline/run.h"
#include "plugin/context.h"
#include "plugin/read.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *from, *to, *layer, *tokenizer_id;
static char **from_settings, **to_settings;

static const GOptionEntry entries[] = {
  { "from", 0, 0, G_OPTION_ARG_STRING, &from, "Format of IN; else by its name", "FORMAT" },
  { "to", 0, 0, G_OPTION_ARG_STRING, &to, "Format of OUT; else by its name", "FORMAT" },
  { "from-with", 0, 0, G_OPTION_ARG_STRING_ARRAY, &from_settings, "An option of IN's format; may be repeated",
    "KEY=VALUE" },
  { "with", 'w', 0, G_OPTION_ARG_STRING_ARRAY, &to_settings, "An option of OUT's format; may be repeated",
    "KEY=VALUE" },
  { "tokenizer", 0, 0, G_OPTION_ARG_STRING, &tokenizer_id, "For formats of tokens: what cuts the text (tokenizer/clinical)",
    "TOKENIZER" },
  { "layer", 0, 0, G_OPTION_ARG_STRING, &layer, "The annotations to write: gold unless said", "LAYER" },
  { NULL },
};

static gboolean convert (RetortContext *context, const char *folder, char **args, guint *n_documents, GError **error);
static void print_warnings (RetortContext *context);

static int
run (RetortCli *cli, char **args)
{
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (RetortContext) context = retort_context_new ("retort convert", 0, 1, diagnostics);
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("retort-convert-XXXXXX", &error);
  guint n_documents = 0;

  const gboolean done = folder != NULL && convert (context, folder, args, &n_documents, &error);
  if (folder != NULL)
    retort_folder_remove (folder, NULL);
  const RetortCli plain = { .colour = cli->colour };
  retort_cli_diagnose (done ? &plain : cli, diagnostics); /* where there is a result, stdout is for it */
  print_warnings (context);
  if (!done)
    return retort_cli_fail (cli, error);
  fprintf (stderr, "%u document%s written to %s\n", n_documents, n_documents == 1 ? "" : "s", args[1]);
  return 0;
}

const RetortCommand retort_command_convert = {
  .name = "convert", .summary = "Turns a corpus of one format into another.", .usage = "IN OUT",
  .details = "Formats are those that `retort inspect` lists; they are known by the files' names, or by --from and --to.\n"
             "What OUT's format cannot hold is said on stderr.",
  .entries = entries, .min_args = 2, .max_args = 2, .run = run,
};

static gboolean
write_document (const RetortDocument *document, gpointer user, GError **error)
{
  return retort_corpus_writer_add (user, document, error);
}

/* IN to a file of ours, streaming. */
static gboolean
read_all (RetortContext *context, const char *path, const char *middle, guint *n_documents, GError **error)
{
  g_autoptr (RetortInstance) reader =
      retort_format_open (path, from, (const char *const *) from_settings, context, error);
  g_autoptr (RetortCorpusWriter) writer = reader != NULL ? retort_corpus_writer_open (middle, error) : NULL;
  RetortReadCounts counts;

  if (writer == NULL ||
      !retort_format_read (reader, context, path, NULL, write_document, writer, &counts, error) ||
      !retort_corpus_writer_finish (writer, error))
    return FALSE;
  *n_documents = counts.n_documents;
  return TRUE;
}

/* The file of ours again, now with tokens. */
static gboolean
tokenize (RetortContext *context, const char *middle, GError **error)
{
  g_autofree char *plain = g_strconcat (middle, ".plain", NULL);
  g_autoptr (RetortInstance) tokenizer =
      retort_instance_open_with (tokenizer_id != NULL ? tokenizer_id : "tokenizer/clinical", NULL, context, error);

  if (tokenizer == NULL)
    return FALSE;
  if (rename (middle, plain) != 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot rename %s: %s", middle, g_strerror (errno));
    return FALSE;
  }
  return retort_tokenize_file (tokenizer, context, plain, middle, error);
}

/* What was there before stays until the new file is whole. */
static gboolean
write_whole (RetortInstance *writer, RetortContext *context, RetortCorpusReader *reader, const char *path, GError **error)
{
  const RetortFormatRole *role = writer->loaded->role;
  g_autofree char *partial = g_strconcat (path, ".part", NULL);

  if (!role->write (writer->self, context, reader, layer != NULL ? layer : RETORT_LAYER_GOLD, partial, error)) {
    unlink (partial);
    return FALSE;
  }
  if (rename (partial, path) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot write %s: %s", path, g_strerror (errno));
  unlink (partial);
  return FALSE;
}

static gboolean
convert (RetortContext *context, const char *folder, char **args, guint *n_documents, GError **error)
{
  g_autofree char *middle = g_build_filename (folder, "corpus.jsonl", NULL);
  g_autoptr (RetortInstance) writer = retort_format_open (args[1], to, (const char *const *) to_settings, context, error);

  if (writer == NULL)
    return FALSE;
  const RetortFormatRole *role = writer->loaded->role;
  if (role->write == NULL) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_USAGE, "%s can be read but not written", writer->loaded->id);
    return FALSE;
  }
  if (!read_all (context, args[0], middle, n_documents, error))
    return FALSE;
  if (role->writes_tokens && !tokenize (context, middle, error))
    return FALSE;
  if (role->cannot_hold != NULL)
    fprintf (stderr, "note: %s cannot hold %s\n", writer->loaded->id, role->cannot_hold);
  g_autoptr (RetortCorpusReader) reader =
      retort_corpus_reader_open (middle, retort_context_diagnostics (context), error);
  return reader != NULL && write_whole (writer, context, reader, args[1], error);
}

/* What the formats lost. */
static void
print_warnings (RetortContext *context)
{
  g_autoptr (JsonNode) notes = retort_context_notes (context);
  JsonArray *warnings = json_object_get_array_member (json_node_get_object (notes), "warnings");

  for (guint i = 0; i < json_array_get_length (warnings); i++)
    fprintf (stderr, "warning: %s\n", json_array_get_string_element (warnings, i));
}
