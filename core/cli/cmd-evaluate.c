/* cmd-evaluate - scores predicted annotations against gold, files of any format, without a pipeline. */
#include "cli/cli.h"

#include "base/util.h"
#include "experiment/fields.h"
#include "experiment/table.h"
#include "plugin/context.h"
#include "plugin/read.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static char *format, *gold_format, *predicted_format, *evaluator;
static char **settings, **label_maps;
static gint rounds = RETORT_STATISTICS_ROUNDS;

static const GOptionEntry entries[] = {
  { "format", 0, 0, G_OPTION_ARG_STRING, &format, "Format of both files; else by their names", "FORMAT" },
  { "gold-format", 0, 0, G_OPTION_ARG_STRING, &gold_format, "Format of the gold file", "FORMAT" },
  { "predicted-format", 0, 0, G_OPTION_ARG_STRING, &predicted_format, "Format of the predicted file", "FORMAT" },
  { "evaluator", 'e', 0, G_OPTION_ARG_STRING, &evaluator, "What scores; evaluator/spans unless said", "PLUGIN" },
  { "with", 'w', 0, G_OPTION_ARG_STRING_ARRAY, &settings, "An option of the evaluator; may be repeated", "KEY=VALUE" },
  { "map", 'm', 0, G_OPTION_ARG_STRING_ARRAY, &label_maps,
    "Renames a label in both files ('*': all others; nothing behind '=': drops it); may be repeated", "FROM=TO" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "Resamples for the interval (10000)", "N" },
  { NULL },
};

/* The labels that the two files use. */
typedef struct {
  GPtrArray *entities;  /* of char *, each once */
  GArray *relations;    /* of RetortRelationType, each once */
  GStringChunk *strings;
} Labels;

/* One file on its way to a canonical one. */
typedef struct {
  RetortCorpusWriter *writer;
  Labels *labels;
  gboolean predicted;   /* annotations go to the layer predicted */
} Copy;

static gboolean evaluate (const RetortCli *cli, RetortContext *context, const char *folder, char **args, GError **error);
static GHashTable *parse_map (GError **error);
static gboolean copy_file (const char *path, const char *to, const char *its_format, GHashTable *map, Copy *copy,
                           RetortContext *context, GError **error);
static void print_notes (RetortContext *context);
static void print_scores (const RetortComparison *comparison, const RetortScores *scores);
static void print_json (const RetortComparison *comparison, const RetortScores *scores, const RetortPairs *pairs);

static int
run (RetortCli *cli, char **args)
{
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (RetortContext) context = retort_context_new ("retort evaluate", 0, 1, diagnostics);
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("retort-evaluate-XXXXXX", &error);

  const gboolean done = folder != NULL && evaluate (cli, context, folder, args, &error);
  if (folder != NULL)
    retort_folder_remove (folder, NULL);
  const RetortCli plain = { .colour = cli->colour };
  retort_cli_diagnose (done ? &plain : cli, diagnostics); /* where there is a result, stdout is for it */
  if (!done)
    return retort_cli_fail (cli, error);
  print_notes (context);
  return 0;
}

const RetortCommand retort_command_evaluate = {
  .name = "evaluate", .summary = "Scores predicted annotations against gold ones.", .usage = "GOLD PREDICTED",
  .details = "Files of any format that `retort inspect` lists, known by their names or by --format. Documents are\n"
             "matched by id, and their texts must agree; a gold document that is not in PREDICTED counts as nothing\n"
             "predicted. All labels of the two files are scored; the interval is a 95 % bootstrap over documents.",
  .entries = entries, .min_args = 2, .max_args = 2, .run = run,
};

/* --- labels --- */

static void
labels_clear (Labels *labels)
{
  g_ptr_array_unref (labels->entities);
  g_array_unref (labels->relations);
  g_string_chunk_free (labels->strings);
}

static gint
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static gint
compare_types (gconstpointer a, gconstpointer b)
{
  const RetortRelationType *x = a, *y = b;
  const gint labels = strcmp (x->label, y->label), heads = strcmp (x->head, y->head);

  return labels ? labels : heads ? heads : strcmp (x->tail, y->tail);
}

static void
add_relation_type (Labels *labels, const RetortRelationType *type)
{
  for (guint i = 0; i < labels->relations->len; i++)
    if (compare_types (&g_array_index (labels->relations, RetortRelationType, i), type) == 0)
      return;
  const RetortRelationType copy = {
    g_string_chunk_insert_const (labels->strings, type->label), g_string_chunk_insert_const (labels->strings, type->head),
    g_string_chunk_insert_const (labels->strings, type->tail),
  };
  g_array_append_val (labels->relations, copy);
}

static void
collect_labels (Labels *labels, const RetortLayer *layer)
{
  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const char *label = retort_layer_entity (layer, i)->label;
    if (!g_ptr_array_find_with_equal_func (labels->entities, label, g_str_equal, NULL))
      g_ptr_array_add (labels->entities, g_string_chunk_insert_const (labels->strings, label));
  }
  for (guint i = 0; i < retort_layer_n_relations (layer); i++) {
    const RetortRelation *relation = retort_layer_relation (layer, i);
    const RetortRelationType type = { relation->label, retort_layer_entity (layer, relation->head)->label,
                                      retort_layer_entity (layer, relation->tail)->label };
    add_relation_type (labels, &type);
  }
}

/* --- the work --- */

static gboolean
score (const RetortCli *cli, RetortContext *context, const RetortTask *task, const char *gold, const char *predicted,
       GError **error)
{
  const char *id = evaluator != NULL ? evaluator : "evaluator/spans";
  g_autoptr (RetortInstance) instance =
      retort_instance_open_with (id, (const char *const *) settings, context, error);
  RetortMeter meter;

  if (instance == NULL)
    return FALSE;
  if (instance->loaded->plugin->kind != RETORT_KIND_EVALUATOR) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_USAGE, "'%s' is no evaluator", id);
    return FALSE;
  }
  if (!retort_meter_init (&meter, instance->loaded->role, instance->self, task, error))
    return FALSE;

  g_autoptr (RetortPairs) pairs = retort_pairs_open (gold, predicted, retort_context_diagnostics (context), error);
  g_autoptr (RetortScores) scores = retort_scores_new (id, &meter);
  if (pairs == NULL || !retort_scores_add_pairs (scores, &meter, pairs, context, error))
    return FALSE;
  retort_scores_finish (scores, &meter);
  const RetortComparisonInput row = { "predicted", scores, NULL };
  g_autoptr (RetortComparison) comparison =
      retort_comparison_new (NULL, &meter, &row, 1, NULL, NULL, rounds, 0, error);
  if (comparison == NULL)
    return FALSE;
  if (cli->json)
    print_json (comparison, scores, pairs);
  else
    print_scores (comparison, scores);
  return TRUE;
}

static gboolean
evaluate (const RetortCli *cli, RetortContext *context, const char *folder, char **args, GError **error)
{
  g_autofree char *gold = g_build_filename (folder, "gold.jsonl", NULL);
  g_autofree char *predicted = g_build_filename (folder, "predicted.jsonl", NULL);
  g_autoptr (GHashTable) map = parse_map (error);
  Labels labels = { g_ptr_array_new (), g_array_new (FALSE, FALSE, sizeof (RetortRelationType)),
                    g_string_chunk_new (1024) };
  Copy gold_copy = { NULL, &labels, FALSE }, predicted_copy = { NULL, &labels, TRUE };
  gboolean done = FALSE;

  if (rounds < 1 || rounds > 10000000)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_USAGE, "--rounds takes a number from 1 to 10000000");
  else if (map != NULL &&
           copy_file (args[0], gold, gold_format != NULL ? gold_format : format, map, &gold_copy, context, error) &&
           copy_file (args[1], predicted, predicted_format != NULL ? predicted_format : format, map, &predicted_copy,
                      context, error)) {
    g_ptr_array_sort (labels.entities, compare_strings);
    g_array_sort (labels.relations, compare_types);
    const guint n_entities = labels.entities->len;
    g_ptr_array_add (labels.entities, NULL);
    const RetortTask task = {
      sizeof task, (const char *const *) labels.entities->pdata, n_entities,
      (const RetortRelationType *) (gpointer) labels.relations->data, labels.relations->len, RETORT_SCOPE_DOCUMENT,
    };
    done = score (cli, context, &task, gold, predicted, error);
  }
  labels_clear (&labels);
  return done;
}

/* --- reading --- */

static GHashTable *
parse_map (GError **error)
{
  g_autoptr (GHashTable) map = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; label_maps != NULL && label_maps[i] != NULL; i++) {
    const char *equals = strchr (label_maps[i], '=');
    if (equals == NULL || equals == label_maps[i]) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_USAGE, "--map takes FROM=TO, not '%s'", label_maps[i]);
      return NULL;
    }
    g_hash_table_insert (map, g_strndup (label_maps[i], equals - label_maps[i]), g_strdup (equals + 1));
  }
  return g_steal_pointer (&map);
}

/* Entities and relations of one layer, added to another. */
static gboolean
copy_layer (RetortDocumentBuilder *builder, const RetortLayer *from, const char *to, GError **error)
{
  for (guint i = 0; i < retort_layer_n_entities (from); i++)
    if (retort_document_builder_add_entity (builder, to, retort_layer_entity (from, i), error) < 0)
      return FALSE;
  for (guint i = 0; i < retort_layer_n_relations (from); i++)
    if (retort_document_builder_add_relation (builder, to, retort_layer_relation (from, i), error) < 0)
      return FALSE;
  return TRUE;
}

/* Foreign formats read everything as gold. Of a predicted file that is what was predicted, unless the document has a
 * predicted layer of its own. */
static gboolean
copy_document (const RetortDocument *document, gpointer user, GError **error)
{
  Copy *copy = user;
  const RetortLayer *gold = retort_document_layer (document, RETORT_LAYER_GOLD);
  const RetortLayer *own = retort_document_layer (document, RETORT_LAYER_PREDICTED);

  collect_labels (copy->labels, copy->predicted && own != NULL ? own : gold);
  if (!copy->predicted || own != NULL || gold == NULL)
    return retort_corpus_writer_add (copy->writer, document, error);

  g_autoptr (RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = retort_document_builder_new_from (chunk, document);
  retort_document_builder_add_layer (builder, RETORT_LAYER_PREDICTED, TRUE);
  if (!copy_layer (builder, gold, RETORT_LAYER_PREDICTED, error)) {
    retort_document_builder_discard (builder);
    return FALSE;
  }
  return retort_corpus_writer_add (copy->writer, retort_document_builder_seal (builder), error);
}

static gboolean
copy_file (const char *path, const char *to, const char *its_format, GHashTable *map, Copy *copy,
           RetortContext *context, GError **error)
{
  g_autoptr (RetortInstance) reader = retort_format_open (path, its_format, NULL, context, error);
  g_autoptr (RetortCorpusWriter) writer = reader != NULL ? retort_corpus_writer_open (to, error) : NULL;

  copy->writer = writer;
  return writer != NULL && retort_format_read (reader, context, path, map, copy_document, copy, NULL, error) &&
         retort_corpus_writer_finish (writer, error);
}

/* --- words --- */

/* Warnings and counters, for people. */
static void
print_notes (RetortContext *context)
{
  g_autoptr (JsonNode) notes = retort_context_notes (context);
  JsonObject *object = json_node_get_object (notes);
  JsonArray *warnings = json_object_get_array_member (object, "warnings");
  JsonObjectIter iter;
  const char *name;
  JsonNode *n;

  for (guint i = 0; i < json_array_get_length (warnings); i++)
    fprintf (stderr, "warning: %s\n", json_array_get_string_element (warnings, i));
  json_object_iter_init_ordered (&iter, json_object_get_object_member (object, "counts"));
  while (json_object_iter_next_ordered (&iter, &name, &n))
    fprintf (stderr, "note: %s: %" G_GINT64_FORMAT "\n", name, json_node_get_int (n));
}

static char *
count_cell (gint64 count)
{
  return count < 0 ? g_strdup ("") : retort_format_count (count);
}

/* Every metric on a line. */
static void
print_scores (const RetortComparison *comparison, const RetortScores *scores)
{
  static const char *const titles[] = { "metric", "score", "gold", "found", "spurious", "missed" };
  const RetortComparisonRow *row = comparison->rows->pdata[0];
  g_autoptr (RetortGrid) grid = retort_grid_new (1, titles, G_N_ELEMENTS (titles));
  g_autofree char *value = retort_format_points (row->value);

  for (guint i = 0; i < scores->scores->len; i++) {
    const RetortScore *one = scores->scores->pdata[i];
    char *const cells[] = { g_strdup (one->name), retort_format_points (one->value), count_cell (one->support),
                            count_cell (one->tp), count_cell (one->fp), count_cell (one->fn) };
    retort_grid_take_row (grid, cells);
  }
  g_autofree char *table = retort_grid_to_text (grid, FALSE);
  printf ("%s %s", comparison->metric, value);
  if (!isnan (row->interval.low))
    printf (" (95 %% CI %.1f to %.1f)", 100 * row->interval.low, 100 * row->interval.high);
  printf (", %u documents\n\n%s", scores->ids->len, table);
}

static void
print_json (const RetortComparison *comparison, const RetortScores *scores, const RetortPairs *pairs)
{
  const RetortComparisonRow *row = comparison->rows->pdata[0];
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *list = json_array_new ();

  json_node_take_object (node, object);
  json_object_set_string_member (object, "evaluator", scores->evaluator);
  json_object_set_int_member (object, "documents", scores->ids->len);
  json_object_set_int_member (object, "missing", retort_pairs_n_missing (pairs));
  json_object_set_int_member (object, "extra", retort_pairs_n_extra (pairs));
  json_object_set_string_member (object, "metric", comparison->metric);
  retort_fields_set_number (object, "value", row->value);
  retort_fields_set_number (object, "low", row->interval.low);
  retort_fields_set_number (object, "high", row->interval.high);
  for (guint i = 0; i < scores->scores->len; i++) {
    const RetortScore *one = scores->scores->pdata[i];
    JsonObject *item = json_object_new ();
    json_object_set_string_member (item, "name", one->name);
    retort_fields_set_number (item, "value", one->value);
    retort_fields_set_count (item, "gold", one->support);
    retort_fields_set_count (item, "found", one->tp);
    retort_fields_set_count (item, "spurious", one->fp);
    retort_fields_set_count (item, "missed", one->fn);
    json_array_add_object_element (list, item);
  }
  json_object_set_array_member (object, "metrics", list);
  g_autofree char *text = retort_json_pretty (node);
  fputs (text, stdout);
}
