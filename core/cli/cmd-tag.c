/* cmd-tag - a model file at work without a pipeline: text in on stdin, what the model finds out on stdout. */
#include "cli/cli.h"

#include "pipeline/predict.h"
#include "plugin/context.h"
#include "text/corpus-format.h"
#include <errno.h>
#include <retort/corpus.h>
#include <stdio.h>
#include <string.h>

/* Lines read before the model works on them. */
#define PIECE 1024
#define MAX_LINE_BYTES (16 << 20)

static char *output;

static const GOptionEntry entries[] = {
  { "output", 0, 0, G_OPTION_ARG_STRING, &output, "inline (default): text with <Label>marks</Label>; spans: one a line, "
    "line, start, end, label, score, text; jsonl: documents", "FORM" },
  { NULL },
};

typedef void (*PrintFunc) (const RetortDocument *document);

static void print_inline (const RetortDocument *document);
static void print_spans (const RetortDocument *document);
static void print_jsonl (const RetortDocument *document);

static const struct { const char *name; PrintFunc print; } forms[] = {
  { "inline", print_inline },
  { "spans", print_spans },
  { "jsonl", print_jsonl },
};

static PrintFunc find_form (const char *name);
static gboolean tag_stream (RetortModel *model, RetortContext *context, PrintFunc print, GError **error);
static gboolean read_lines (RetortChunk *chunk, guint *n_lines, GError **error);

static int
run (RetortCli *cli, char **args)
{
  PrintFunc print = find_form (cli->json ? "jsonl" : output != NULL ? output : "inline");
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (GError) error = NULL;

  if (print == NULL) {
    fprintf (stderr, "retort tag: --output takes inline, spans or jsonl, not '%s'\n", output);
    return 2;
  }
  guint threads = cli->jobs > 0 ? (guint) cli->jobs : g_get_num_processors ();
  g_autoptr (RetortContext) context = retort_context_new ("retort tag", 0, threads, diagnostics);
  g_autoptr (RetortModel) model = retort_model_open (args[0], context, &error);
  if (model != NULL && print == print_jsonl)
    puts (RETORT_CORPUS_HEADER);
  if (model == NULL || !tag_stream (model, context, print, &error)) {
    retort_cli_diagnose (cli, diagnostics);
    return retort_cli_fail (cli, error);
  }
  return 0;
}

static PrintFunc
find_form (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_str_equal (forms[i].name, name))
      return forms[i].print;
  return NULL;
}

static gboolean
tag_stream (RetortModel *model, RetortContext *context, PrintFunc print, GError **error)
{
  guint n_lines = 0;

  for (;;) {
    g_autoptr (RetortChunk) chunk = retort_chunk_new ();
    if (!read_lines (chunk, &n_lines, error))
      return FALSE;
    if (retort_chunk_n_documents (chunk) == 0)
      return TRUE;
    g_autoptr (RetortChunk) tagged =
        retort_predict_chunk (model, context, retort_model_gives (model), chunk, error);
    if (tagged == NULL)
      return FALSE;
    for (guint i = 0; i < retort_chunk_n_documents (tagged); i++)
      print (retort_chunk_document (tagged, i));
    if (ferror (stdout)) {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot write: %s", g_strerror (errno));
      return FALSE;
    }
  }
}

/* A line is a document; its number is its id. */
static gboolean
read_lines (RetortChunk *chunk, guint *n_lines, GError **error)
{
  g_autofree char *line = NULL;
  gsize size = 0;
  gssize n;

  for (guint i = 0; i < PIECE && (n = getline (&line, &size, stdin)) >= 0; i++) {
    g_autofree char *id = g_strdup_printf ("%u", ++*n_lines);
    if (n > MAX_LINE_BYTES) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_LIMIT, "line %u is longer than %d bytes", *n_lines, MAX_LINE_BYTES);
      return FALSE;
    }
    while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
      n--;
    RetortDocumentBuilder *builder = retort_document_builder_new (chunk, id, line, n, error);
    if (builder == NULL) {
      g_prefix_error (error, "line %u: ", *n_lines);
      return FALSE;
    }
    retort_document_builder_seal (builder);
  }
  if (ferror (stdin)) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot read: %s", g_strerror (errno));
    return FALSE;
  }
  return TRUE;
}

typedef struct { guint32 at; gboolean opens; const char *label; guint order; } Mark;

/* Closing marks before opening ones; of two that open at one place the longer first. */
static gint
compare_marks (gconstpointer a, gconstpointer b)
{
  const Mark *x = a, *y = b;

  if (x->at != y->at)
    return x->at < y->at ? -1 : 1;
  if (x->opens != y->opens)
    return x->opens ? 1 : -1;
  return x->order < y->order ? -1 : x->order > y->order;
}

static void
print_inline (const RetortDocument *document)
{
  const RetortLayer *layer = retort_document_layer (document, RETORT_LAYER_PREDICTED);
  g_autoptr (GArray) marks = g_array_new (FALSE, FALSE, sizeof (Mark));
  const char *text = retort_document_text (document, NULL);
  guint32 at = 0;

  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    for (guint k = 0; k < entity->n_fragments; k++) {
      Mark open = { entity->fragments[k].start, TRUE, entity->label, i };
      Mark close = { entity->fragments[k].end, FALSE, entity->label, G_MAXUINT - i };
      g_array_append_val (marks, open);
      g_array_append_val (marks, close);
    }
  }
  g_array_sort (marks, compare_marks);
  for (guint i = 0; i < marks->len; i++) {
    const Mark *mark = &g_array_index (marks, Mark, i);
    printf ("%.*s<%s%s>", (int) (mark->at - at), text + at, mark->opens ? "" : "/", mark->label);
    at = mark->at;
  }
  puts (text + at);
}

static void
print_spans (const RetortDocument *document)
{
  const RetortLayer *layer = retort_document_layer (document, RETORT_LAYER_PREDICTED);
  gsize n_bytes;
  const char *text = retort_document_text (document, &n_bytes);
  g_autoptr (RetortOffsets) offsets = retort_offsets_new (text, n_bytes, RETORT_UNIT_CODEPOINTS);

  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    g_autofree char *surface = retort_entity_surface (document, entity);
    printf ("%s\t%u\t%u\t%s\t%.3f\t%s\n", retort_document_id (document),
            retort_offsets_from_byte (offsets, entity->fragments[0].start),
            retort_offsets_from_byte (offsets, entity->fragments[entity->n_fragments - 1].end), entity->label,
            entity->score, surface);
  }
  for (guint i = 0; i < retort_layer_n_relations (layer); i++) {
    const RetortRelation *relation = retort_layer_relation (layer, i);
    g_autofree char *head = retort_entity_surface (document, retort_layer_entity (layer, relation->head));
    g_autofree char *tail = retort_entity_surface (document, retort_layer_entity (layer, relation->tail));
    printf ("%s\t-\t-\t%s\t%.3f\t%s -> %s\n", retort_document_id (document), relation->label, relation->score, head, tail);
  }
}

static void
print_jsonl (const RetortDocument *document)
{
  g_autoptr (GString) line = g_string_new (NULL);
  retort_corpus_append_line (line, document);
  fwrite (line->str, 1, line->len, stdout);
}

const RetortCommand retort_command_tag = {
  .name = "tag", .summary = "Finds entities and relations in text: stdin to stdout.", .usage = "MODEL",
  .details = "Every line of the input is a document. MODEL is a model file, such as `retort export` writes. Memory does not "
             "grow with the input.",
  .entries = entries, .min_args = 1, .max_args = 1, .run = run,
};
