/* pairs - sentences in which one pair of entities is masked, and whether the pair is related.
 *
 *   The @GENE$ variant is linked to @DISEASE$.<TAB>1
 *
 * So GAD, EU-ADR and ChemProt come in their classification form: two columns, or three with an id before the sentence,
 * perhaps below a header. The masks become entities, and a value listed in `positive` a relation from the first mask
 * of the first kind to the first of the second (of one kind: from its first to its second). A document's id is its
 * id column, or else the number of its line, from 0, without the header. */
#include "file.h"
#include <math.h>
#include <string.h>

typedef struct {
  const char *const *masks, *const *positive, *const *negative;
  const char *header;
  const char *ids;
} Options;

static const char *const header_choices[] = { "auto", "yes", "no", NULL };
static const char *const id_choices[] = { "auto", "yes", "no", NULL };
static const RetortOption options[] = {
  RETORT_OPTION_MAP (Options, masks, "masks",
                     "Each mask and its entity label, head first; unset: @GENE$: Gene, @DISEASE$: Disease."),
  RETORT_OPTION_MAP (Options, positive, "positive",
                     "Each value that means a relation, and the relation's label; unset: \"1\": association."),
  RETORT_OPTION_LIST (Options, negative, "negative", "0,false", "Values that mean no relation."),
  RETORT_OPTION_CHOICE (Options, header, "header", "auto", header_choices,
                        "Whether the first line is a header; auto: if its last column is 'label'."),
  RETORT_OPTION_CHOICE (Options, ids, "ids", "auto", id_choices,
                        "Whether the first column is an id; auto: if there are three (writing: no)."),
};
static const char *const preset_masks[] = { "@GENE$", "Gene", "@DISEASE$", "Disease", NULL };
static const char *const preset_positive[] = { "1", "association", NULL };

static const RetortExample examples[] = {
  { "Two columns", NULL, "@GENE$ is linked to @DISEASE$.\t1\nNo @GENE$ in @DISEASE$.\t0\n",
    "{\"id\":\"0\",\"text\":\"@GENE$ is linked to @DISEASE$.\",\"layers\":{\"gold\":{\"entities\":["
    "{\"id\":\"T1\",\"label\":\"Gene\",\"spans\":[[0,6]],\"text\":\"@GENE$\"},"
    "{\"id\":\"T2\",\"label\":\"Disease\",\"spans\":[[20,29]],\"text\":\"@DISEASE$\"}],"
    "\"relations\":[{\"id\":\"R1\",\"label\":\"association\",\"head\":\"T1\",\"tail\":\"T2\"}]}}}\n"
    "{\"id\":\"1\",\"text\":\"No @GENE$ in @DISEASE$.\",\"layers\":{\"gold\":{\"entities\":["
    "{\"id\":\"T1\",\"label\":\"Gene\",\"spans\":[[3,9]],\"text\":\"@GENE$\"},"
    "{\"id\":\"T2\",\"label\":\"Disease\",\"spans\":[[13,22]],\"text\":\"@DISEASE$\"}]}}}\n" },
  { "Header and ids", "masks: {\"@C$\": Chemical, \"@G$\": Gene}\npositive: {\"CPR:4\": inhibits}",
    "index\tsentence\tlabel\na7\t@G$ falls with @C$\tCPR:4\n",
    "{\"id\":\"a7\",\"text\":\"@G$ falls with @C$\",\"layers\":{\"gold\":{\"entities\":["
    "{\"id\":\"T1\",\"label\":\"Gene\",\"spans\":[[0,3]],\"text\":\"@G$\"},"
    "{\"id\":\"T2\",\"label\":\"Chemical\",\"spans\":[[15,18]],\"text\":\"@C$\"}],"
    "\"relations\":[{\"id\":\"R1\",\"label\":\"inhibits\",\"head\":\"T2\",\"tail\":\"T1\"}]}}}\n" },
};

static void *open_options (RetortContext *context, const void *filled, GError **error);
static gboolean read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink,
                           GError **error);
static gboolean write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer,
                            const char *path, GError **error);

static const char *const extensions[] = { ".pairs.tsv", NULL };
static const RetortFormatRole role = {
  sizeof role, .extensions = extensions, .unit = RETORT_UNIT_CODEPOINTS,
  .cannot_hold = "what the masks cover, other entities, line breaks, tokens, sentences, concepts, scores, metadata; a "
                 "document with several pairs becomes several lines",
  .read = read_file, .write = write_file,
};
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FORMAT, .name = "pairs", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Masked sentences with a yes or no per pair, as GAD and ChemProt.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
  .open = open_options, .close = g_free,
};
RETORT_PLUGIN_EXPORT (plugin)

/* The options, with the maps that were not given. */
static void *
open_options (RetortContext *context, const void *filled, GError **error)
{
  Options *const opts = g_memdup2 (filled, sizeof (Options));

  if (!opts->masks)
    opts->masks = preset_masks;
  if (!opts->positive)
    opts->positive = preset_positive;
  const guint n_strings = g_strv_length ((char **) opts->masks);
  gboolean good = n_strings == 2 || n_strings == 4;
  for (guint i = 0; i < n_strings; i += 2)
    good = good && *opts->masks[i] != '\0' && !strpbrk (opts->masks[i], "\t\r\n");
  if (good)
    return opts;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "'masks' takes one or two masks, not empty and without tabs");
  g_free (opts);
  return NULL;
}

/* --- reading --- */

typedef struct {
  const Options *options;
  RetortCorpusSink *sink;
  Lines *lines;
  guint n_columns; /* of the first line; 0: not known yet */
  guint n_rows;
  guint n_unmasked;
} Reading;

/* Adds every mask of the text as an entity, in order. `first` gets the indices of head and tail, or -1. */
static gboolean
add_masks (const Options *opts, RetortDocumentBuilder *builder, const char *text, gsize n_bytes, gint first[2],
           GError **error)
{
  const gboolean one_kind = opts->masks[2] == NULL;

  first[0] = first[1] = -1;
  for (guint32 at = 0; at < n_bytes;) {
    const char *const *mask = opts->masks;
    while (*mask && !g_str_has_prefix (text + at, mask[0]))
      mask += 2;
    if (!*mask) {
      at++;
      continue;
    }
    const RetortSpan span = { at, at + strlen (mask[0]) };
    const gint index = retort_document_builder_add_span (builder, RETORT_LAYER_GOLD, mask[1], span, NAN, error);
    if (index < 0)
      return FALSE;
    const guint side = one_kind ? first[0] >= 0 : mask != opts->masks;
    if (first[side] < 0)
      first[side] = index;
    at = span.end;
  }
  return TRUE;
}

static gboolean
fill_document (Reading *reading, RetortDocumentBuilder *builder, const char *text, gsize n_bytes, Field value,
               GError **error)
{
  const Options *const opts = reading->options;
  g_autofree char *label_value = field_dup (value);
  const char *const label = file_map_get (opts->positive, label_value);
  gint first[2];

  retort_document_builder_add_layer (builder, RETORT_LAYER_GOLD, FALSE);
  if (!add_masks (opts, builder, text, n_bytes, first, error))
    return FALSE;
  if (!label && !(opts->negative && g_strv_contains (opts->negative, label_value)))
    lines_complain (reading->lines, RETORT_CODE_LABEL_VALUE, value.text, NULL,
                    "'%.*s' is neither a positive nor a negative value", FIELD_ARGS (value));
  if (first[0] < 0 || first[1] < 0) {
    lines_complain (reading->lines, RETORT_CODE_MASK_MISSING, NULL, NULL, "the sentence has no '%s'",
                    first[0] < 0 || !opts->masks[2] ? opts->masks[0] : opts->masks[2]);
    reading->n_unmasked++;
    return TRUE;
  }
  const RetortRelation relation = { .label = label, .head = first[0], .tail = first[1], .score = NAN };
  return !label || retort_document_builder_add_relation (builder, RETORT_LAYER_GOLD, &relation, error) >= 0;
}

static gboolean
is_header (const Reading *reading, Field last)
{
  const char *const header = reading->options->header;

  if (strcmp (header, "auto") == 0)
    return last.n_bytes == 5 && g_ascii_strncasecmp (last.text, "label", 5) == 0;
  return strcmp (header, "yes") == 0;
}

static gboolean
read_line (Reading *reading, const char *line, gsize n_bytes, GError **error)
{
  const char *const ids = reading->options->ids;
  const guint least = strcmp (ids, "yes") == 0 ? 3 : 2, most = strcmp (ids, "no") == 0 ? 2 : 3;
  Field columns[3];
  const guint n_columns = fields_split (line, n_bytes, '\t', columns, 3);

  if (n_columns < least || n_columns > most || (reading->n_columns > 0 && n_columns != reading->n_columns)) {
    lines_complain (reading->lines, RETORT_CODE_COLUMNS, NULL, NULL, "here are %u columns instead of %u%s", n_columns,
                    reading->n_columns ? reading->n_columns : least,
                    reading->n_columns || least == most ? "" : " or 3");
    reading->n_rows++; /* the numbers of the others stay right */
    return TRUE;
  }
  const gboolean first = reading->n_columns == 0;
  reading->n_columns = n_columns;
  if (first && is_header (reading, columns[n_columns - 1]))
    return TRUE;

  const Field sentence = columns[n_columns - 2];
  g_autofree char *text = field_dup (sentence);
  g_autofree char *id = n_columns == 3 ? field_dup (columns[0]) : g_strdup_printf ("%u", reading->n_rows);
  RetortDocumentBuilder *builder;

  reading->n_rows++;
  if (!lines_begin_document (reading->lines, reading->sink, id, text, sentence.n_bytes, lines_number (reading->lines),
                             &builder, error))
    return FALSE;
  if (!builder)
    return TRUE;
  if (!fill_document (reading, builder, text, sentence.n_bytes, columns[n_columns - 1], error)) {
    retort_document_builder_discard (builder);
    return FALSE;
  }
  return retort_corpus_sink_end (reading->sink, builder, error);
}

static gboolean
read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink, GError **error)
{
  g_autoptr(Lines) lines = lines_open (context, path, error);
  Reading reading = { .options = self, .sink = sink, .lines = lines };
  const char *line;
  gsize n_bytes;

  if (!lines)
    return FALSE;
  while ((line = lines_next (lines, &n_bytes)))
    if (n_bytes == 0)
      reading.n_rows++;
    else if (!read_line (&reading, line, n_bytes, error))
      return FALSE;
  file_lost (context, reading.n_unmasked, "sentences without one of the masks");
  return lines_ok (lines, error);
}

/* --- writing --- */

typedef struct {
  const Options *options;
  guint n_breaks, n_unpaired, n_overlapping, n_other;
  guint n_related; /* pairs written with a relation */
  gboolean begun;
} Writing;

static gboolean
can_be (const Options *opts, const RetortEntity *entity, guint side)
{
  const char *const label = opts->masks[opts->masks[2] ? 2 * side + 1 : 1];

  return entity->n_fragments == 1 && strcmp (entity->label, label) == 0;
}

/* The value that stands for the pair's relation, the first that has one. */
static const char *
pair_value (Writing *writing, const RetortLayer *layer, guint head, guint tail)
{
  const Options *const opts = writing->options;

  for (guint i = 0; i < retort_layer_n_relations (layer); i++) {
    const RetortRelation *const relation = retort_layer_relation (layer, i);
    const char *const value = file_map_find (opts->positive, relation->label);
    if (value && relation->head == head && relation->tail == tail) {
      writing->n_related++;
      return value;
    }
  }
  return opts->negative && opts->negative[0] ? opts->negative[0] : "0";
}

/* The document's text with both entities masked. */
static void
append_pair (Writing *writing, const RetortDocument *document, const RetortLayer *layer, guint head, guint tail,
             gboolean alone, GString *out)
{
  const Options *const opts = writing->options;
  const RetortEntity *const ends[2] = { retort_layer_entity (layer, head), retort_layer_entity (layer, tail) };
  const guint left = ends[1]->fragments[0].start < ends[0]->fragments[0].start;
  const RetortSpan a = ends[left]->fragments[0], b = ends[!left]->fragments[0];
  const char *const masks[2] = { opts->masks[0], opts->masks[2] ? opts->masks[2] : opts->masks[0] };
  gsize n_bytes;
  const char *const text = retort_document_text (document, &n_bytes);

  if (strcmp (opts->ids, "yes") == 0) {
    g_string_append (out, retort_document_id (document));
    if (!alone)
      g_string_append_printf (out, ".%s.%s", ends[0]->id, ends[1]->id);
    g_string_append_c (out, '\t');
  }
  writing->n_breaks += file_append_flat (out, text, 0, a.start);
  g_string_append (out, masks[left]);
  writing->n_breaks += file_append_flat (out, text, a.end, b.start);
  g_string_append (out, masks[!left]);
  writing->n_breaks += file_append_flat (out, text, b.end, n_bytes);
  g_string_append_printf (out, "\t%s\n", pair_value (writing, layer, head, tail));
}

/* Whether head and tail make a pair that can be masked. With one kind of mask each pair stands once. */
static gboolean
is_pair (Writing *writing, const RetortLayer *layer, guint head, guint tail)
{
  const Options *const opts = writing->options;
  const RetortEntity *const x = retort_layer_entity (layer, head), *const y = retort_layer_entity (layer, tail);

  if (head == tail || !can_be (opts, x, 0) || !can_be (opts, y, 1) || (!opts->masks[2] && head > tail))
    return FALSE;
  if (x->fragments[0].start < y->fragments[0].end && y->fragments[0].start < x->fragments[0].end) {
    writing->n_overlapping++;
    return FALSE;
  }
  return TRUE;
}

static gboolean
append_document (const RetortDocument *document, const RetortLayer *layer, GString *out, gpointer user, GError **error)
{
  Writing *const writing = user;
  const Options *const opts = writing->options;
  const guint n = retort_layer_n_entities (layer);
  const char *const id = retort_document_id (document);
  g_autoptr(GArray) pairs = g_array_new (FALSE, FALSE, sizeof (RetortCandidate));

  if (strcmp (opts->ids, "yes") == 0 && strpbrk (id, "\t\r\n")) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the document id '%s' has a tab or line break", id);
    return FALSE;
  }
  if (!writing->begun && strcmp (opts->header, "yes") == 0)
    g_string_append (out, strcmp (opts->ids, "yes") == 0 ? "index\tsentence\tlabel\n" : "sentence\tlabel\n");
  writing->begun = TRUE;
  for (guint head = 0; head < n; head++)
    for (guint tail = 0; tail < n; tail++)
      if (is_pair (writing, layer, head, tail)) {
        const RetortCandidate pair = { head, tail };
        g_array_append_val (pairs, pair);
      }
  writing->n_other += retort_layer_n_relations (layer);
  for (guint i = 0; i < pairs->len; i++) {
    const RetortCandidate pair = g_array_index (pairs, RetortCandidate, i);
    append_pair (writing, document, layer, pair.head, pair.tail, pairs->len == 1, out);
  }
  writing->n_unpaired += pairs->len == 0;
  return TRUE;
}

static gboolean
write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer, const char *path,
            GError **error)
{
  Writing writing = { .options = self };

  if (!file_write (context, documents, layer, path, append_document, &writing, error))
    return FALSE;
  file_lost (context, writing.n_breaks, "line breaks and tabs written as spaces");
  file_lost (context, writing.n_unpaired, "documents not written: they have no pair of the masks' labels");
  file_lost (context, writing.n_overlapping, "pairs not written: their mentions overlap");
  file_lost (context, writing.n_other - writing.n_related,
             "relations not written: 'positive' has no value for their label, or no line is for their pair, from head "
             "to tail");
  return TRUE;
}
