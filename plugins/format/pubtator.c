/* pubtator - title, abstract and mentions of PubMed records, as NCBI's tools and corpora exchange them.
 *
 *   10192393|t|A common human skin tumour is caused by ...
 *   10192393|a|WNT signalling orchestrates ...
 *   10192393<TAB>15<TAB>26<TAB>skin tumour<TAB>DiseaseClass<TAB>D012878
 *   10192393<TAB>CID<TAB>D015738<TAB>D003693
 *
 * and a blank line between records. The text is title, one space, abstract; offsets count characters of it. After the
 * type a mention may have concept ids (several with | , ; or +; "-" and "-1" are none), and after these its score, or
 * the parts of a composite mention, which are not kept. The title stays known as metadata "title".
 *
 * Relations are between concepts of the document, not between mentions. Retort's are between mentions, so by default
 * they are counted and left out; `relations: first-mention` puts each between the first mentions of its concepts, and
 * those that so become the same relation are counted. A score must be from 0 to 1; others are left out and counted. */
#include "file.h"
#include <math.h>
#include <string.h>

typedef struct { const char *relations; } Options;

static const char *const relation_choices[] = { "ignore", "first-mention", NULL };
static const RetortOption options[] = {
  RETORT_OPTION_CHOICE (Options, relations, "relations", "ignore", relation_choices,
                        "What becomes of relations between concepts: left out, or kept between their first mentions."),
};

#define SAMPLE \
  "7|t|Lithium and tremor.\n" \
  "7|a|Tremor is common.\n" \
  "7\t0\t7\tLithium\tChemical\tD008094\n" \
  "7\t12\t18\ttremor\tDisease\tD014202|D004195\n" \
  "7\tCID\tD008094\tD014202\n"
#define SAMPLE_DOCUMENT \
  "{\"id\":\"7\",\"text\":\"Lithium and tremor. Tremor is common.\",\"meta\":{\"title\":\"Lithium and tremor.\"}," \
  "\"layers\":{\"gold\":{\"entities\":[{\"id\":\"T1\",\"label\":\"Chemical\",\"spans\":[[0,7]],\"text\":\"Lithium\"," \
  "\"concepts\":[\"D008094\"]},{\"id\":\"T2\",\"label\":\"Disease\",\"spans\":[[12,18]],\"text\":\"tremor\"," \
  "\"concepts\":[\"D014202\",\"D004195\"]}]"
static const RetortExample examples[] = {
  { "Mentions with concepts; relations are left out", NULL, SAMPLE, SAMPLE_DOCUMENT "}}}\n" },
  { "Relations between first mentions", "relations: first-mention", SAMPLE,
    SAMPLE_DOCUMENT ",\"relations\":[{\"id\":\"R1\",\"label\":\"CID\",\"head\":\"T1\",\"tail\":\"T2\"}]}}}\n" },
};

static gboolean read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink,
                           GError **error);
static gboolean write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer,
                            const char *path, GError **error);

static const char *const extensions[] = { ".pubtator.txt", ".pubtator", ".PubTator", ".PubTator.txt", NULL };
static const RetortFormatRole role = {
  sizeof role, .extensions = extensions, .unit = RETORT_UNIT_CODEPOINTS,
  .cannot_hold = "discontinuous mentions, line breaks, tokens, sentences, relations between mentions (they become "
                 "relations between concepts), metadata but the title",
  .read = read_file, .write = write_file,
};
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FORMAT, .name = "pubtator", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "PubTator: title, abstract, mentions with offsets and concept ids.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

/* --- reading --- */

#define MAX_COLUMNS 7

/* The record being read. */
typedef struct {
  const Options *options;
  RetortCorpusSink *sink;
  Lines *lines;
  char *id, *title;               /* NULL: no record */
  guint title_line;
  char *text;                     /* NULL until the abstract */
  RetortDocumentBuilder *builder; /* the same */
  gboolean skipped;               /* the record makes no document */
  RetortOffsets *offsets;
  GHashTable *first_mention;      /* concept -> index + 1 of the first entity that has it */
  GHashTable *related;            /* "label head tail" of the relations so far */
  guint n_mismatches, n_parts, n_relations, n_repeated, n_scores;
} Reading;

static void
clear_record (Reading *reading)
{
  g_clear_pointer (&reading->id, g_free);
  g_clear_pointer (&reading->title, g_free);
  g_clear_pointer (&reading->text, g_free);
  g_clear_pointer (&reading->offsets, retort_offsets_free);
  g_hash_table_remove_all (reading->first_mention);
  g_hash_table_remove_all (reading->related);
  reading->skipped = FALSE;
}

/* Makes the document of title and abstract. */
static gboolean
begin_document (Reading *reading, Field abstract, GError **error)
{
  if (abstract.n_bytes == 0) /* no space either: offsets stay the same */
    reading->text = g_strdup (reading->title);
  else
    reading->text = g_strdup_printf ("%s %.*s", reading->title, (int) abstract.n_bytes, abstract.text);
  if (!lines_begin_document (reading->lines, reading->sink, reading->id, reading->text, -1, reading->title_line,
                             &reading->builder, error))
    return FALSE;
  reading->skipped = reading->builder == NULL;
  if (reading->skipped)
    return TRUE;
  if (*reading->title)
    retort_document_builder_set_meta (reading->builder, "title", reading->title);
  retort_document_builder_add_layer (reading->builder, RETORT_LAYER_GOLD, FALSE);
  reading->offsets = retort_offsets_new (reading->text, strlen (reading->text), RETORT_UNIT_CODEPOINTS);
  return TRUE;
}

static gboolean
end_record (Reading *reading, GError **error)
{
  gboolean ok = TRUE;

  if (reading->id && !reading->text) {
    lines_complain_of (reading->lines, reading->title_line, RETORT_CODE_DOCUMENT_BROKEN, NULL,
                       "document '%s' has a title, but no abstract follows", reading->id);
    ok = begin_document (reading, (Field) { "", 0 }, error);
  }
  if (ok && reading->builder)
    ok = retort_corpus_sink_end (reading->sink, g_steal_pointer (&reading->builder), error);
  clear_record (reading);
  return ok;
}

/* ID|t|title and ID|a|abstract. */
static gboolean
read_text_line (Reading *reading, Field id, char part, Field text, GError **error)
{
  if (part == 't') {
    if (!end_record (reading, error))
      return FALSE;
    reading->id = field_dup (id);
    reading->title = field_dup (text);
    reading->title_line = lines_number (reading->lines);
    return TRUE;
  }
  if (!reading->id || !field_is (id, reading->id) || reading->text) {
    lines_complain (reading->lines, RETORT_CODE_DOCUMENT_BROKEN, NULL, NULL,
                    "an abstract of '%.*s' stands here, but not after the title of '%.*s'", FIELD_ARGS (id),
                    FIELD_ARGS (id));
    return TRUE;
  }
  return begin_document (reading, text, error);
}

/* The ids in a column, without those that mean none. */
static GPtrArray *
split_concepts (Field column)
{
  GPtrArray *concepts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = field_dup (column);
  g_auto(GStrv) pieces = g_strsplit_set (text, "|,;+", -1);

  for (char **piece = pieces; *piece; piece++) {
    g_strstrip (*piece);
    if (**piece && strcmp (*piece, "-") != 0 && strcmp (*piece, "-1") != 0)
      g_ptr_array_add (concepts, g_strdup (*piece));
  }
  return concepts;
}

/* FALSE: the column is no number. A score outside 0 to 1 is not kept. */
static gboolean
read_score (Reading *reading, Field column, double *score)
{
  double number;

  if (!field_to_number (column, &number))
    return FALSE;
  if (number >= 0 && number <= 1)
    *score = number;
  else
    reading->n_scores++;
  return TRUE;
}

/* Columns: id, start, end, mention, type [, concepts [, score or parts]]. */
static void
read_mention (Reading *reading, const Field *columns, guint n_columns)
{
  Lines *const lines = reading->lines;
  const Field mention = columns[3];
  guint64 start, end;
  RetortSpan span;
  double score = NAN;

  if (n_columns < 5) {
    lines_complain (lines, RETORT_CODE_COLUMNS, NULL, NULL, "a mention takes 5 to 7 columns, here are %u", n_columns);
    return;
  }
  if (!field_to_offset (columns[1], &start) || !field_to_offset (columns[2], &end) || start >= end) {
    lines_complain (lines, RETORT_CODE_MENTION_OFFSETS, columns[1].text, NULL,
                    "'%.*s' and '%.*s' are not the start and end of a mention", FIELD_ARGS (columns[1]),
                    FIELD_ARGS (columns[2]));
    return;
  }
  if (!retort_offsets_to_byte (reading->offsets, start, &span.start)
      || !retort_offsets_to_byte (reading->offsets, end, &span.end)) {
    lines_complain (lines, RETORT_CODE_MENTION_OFFSETS, columns[1].text, NULL,
                    "%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT " is outside the text of %u characters", start, end,
                    retort_offsets_length (reading->offsets));
    return;
  }
  const Field found = { reading->text + span.start, span.end - span.start };
  if (found.n_bytes != mention.n_bytes || memcmp (found.text, mention.text, mention.n_bytes) != 0) {
    lines_complain (lines, RETORT_CODE_MENTION_MISMATCH, mention.text, NULL,
                    "the mention says '%.*s', but the text at %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT " is '%.*s'",
                    FIELD_ARGS (mention), start, end, FIELD_ARGS (found));
    reading->n_mismatches++;
    return;
  }
  if (n_columns == MAX_COLUMNS && !read_score (reading, columns[6], &score))
    reading->n_parts++;

  g_autofree char *label = field_dup (columns[4]);
  g_autoptr(GPtrArray) concepts = split_concepts (n_columns > 5 ? columns[5] : (Field) { "", 0 });
  g_autoptr(GError) inner = NULL;
  const RetortEntity entity = {
    .label = label, .fragments = &span, .n_fragments = 1, .concepts = (const char *const *) concepts->pdata,
    .n_concepts = concepts->len, .score = score,
  };
  const gint index = retort_document_builder_add_entity (reading->builder, RETORT_LAYER_GOLD, &entity, &inner);
  if (index < 0) {
    lines_complain (lines, RETORT_CODE_ANNOTATION, NULL, NULL, "%s", inner->message);
    return;
  }
  for (guint i = 0; i < concepts->len; i++)
    if (!g_hash_table_contains (reading->first_mention, concepts->pdata[i]))
      g_hash_table_insert (reading->first_mention, g_strdup (concepts->pdata[i]), GINT_TO_POINTER (index + 1));
}

/* Columns: id, label, concept, concept [, score]. */
static void
read_relation (Reading *reading, const Field *columns, guint n_columns)
{
  double score = NAN;
  gint ends[2];

  if (strcmp (reading->options->relations, "ignore") == 0) {
    reading->n_relations++;
    return;
  }
  if (n_columns == 5 && !read_score (reading, columns[4], &score)) {
    lines_complain (reading->lines, RETORT_CODE_RELATION_FORM, columns[4].text, NULL,
                    "'%.*s' is no score", FIELD_ARGS (columns[4]));
    return;
  }
  for (guint i = 0; i < 2; i++) {
    g_autofree char *concept = field_dup (columns[2 + i]);
    ends[i] = GPOINTER_TO_INT (g_hash_table_lookup (reading->first_mention, concept)) - 1;
    if (ends[i] < 0) {
      lines_complain (reading->lines, RETORT_CODE_RELATION_ENDS, columns[2 + i].text, NULL,
                      "no mention of '%s' stands before this relation", concept);
      reading->n_relations++;
      return;
    }
  }
  g_autofree char *label = field_dup (columns[1]);
  if (!g_hash_table_add (reading->related, g_strdup_printf ("%s %d %d", label, ends[0], ends[1]))) {
    reading->n_repeated++;
    return;
  }
  g_autoptr(GError) inner = NULL;
  const RetortRelation relation = { .label = label, .head = ends[0], .tail = ends[1], .score = score };
  if (retort_document_builder_add_relation (reading->builder, RETORT_LAYER_GOLD, &relation, &inner) < 0)
    lines_complain (reading->lines, RETORT_CODE_ANNOTATION, NULL, NULL, "%s", inner->message);
}

static gboolean
read_annotation (Reading *reading, const char *line, gsize n_bytes, GError **error)
{
  Field columns[MAX_COLUMNS];
  const guint n_columns = fields_split (line, n_bytes, '\t', columns, MAX_COLUMNS);
  const gboolean numbered = n_columns > 1 && columns[1].n_bytes > 0 && g_ascii_isdigit (*columns[1].text);

  if (n_columns < 4 || n_columns > MAX_COLUMNS || (!numbered && n_columns > 5)) {
    lines_complain (reading->lines, RETORT_CODE_COLUMNS, NULL, NULL,
                    "neither 'ID|t|title', 'ID|a|abstract', a mention (5 to 7 columns) nor a relation (4 or 5); "
                    "here are %u columns", n_columns);
    return TRUE;
  }
  if (!reading->id || !field_is (columns[0], reading->id)) {
    lines_complain (reading->lines, RETORT_CODE_DOCUMENT_BROKEN, columns[0].text, NULL,
                    "an annotation of '%.*s' stands outside that document", FIELD_ARGS (columns[0]));
    return TRUE;
  }
  if (!reading->text) {
    lines_complain (reading->lines, RETORT_CODE_DOCUMENT_BROKEN, NULL, NULL,
                    "document '%s' has no abstract before its annotations", reading->id);
    if (!begin_document (reading, (Field) { "", 0 }, error))
      return FALSE;
  }
  if (reading->skipped)
    return TRUE;
  if (numbered)
    read_mention (reading, columns, n_columns);
  else
    read_relation (reading, columns, n_columns);
  return TRUE;
}

static gboolean
read_line (Reading *reading, const char *line, gsize n_bytes, GError **error)
{
  const gsize id_bytes = strcspn (line, "|\t");

  if (line[strspn (line, " \t")] == '\0')
    return end_record (reading, error);
  if (line[id_bytes] == '|' && strchr ("ta", line[id_bytes + 1] ? line[id_bytes + 1] : '|')
      && line[id_bytes + 2] == '|') {
    const Field text = { line + id_bytes + 3, n_bytes - id_bytes - 3 };
    return read_text_line (reading, (Field) { line, id_bytes }, line[id_bytes + 1], text, error);
  }
  return read_annotation (reading, line, n_bytes, error);
}

static gboolean
read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink, GError **error)
{
  g_autoptr(Lines) lines = lines_open (context, path, error);
  Reading reading = { .options = self, .sink = sink, .lines = lines };
  const char *line;
  gsize n_bytes;
  gboolean ok = TRUE;

  if (!lines)
    return FALSE;
  reading.first_mention = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  reading.related = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while (ok && (line = lines_next (lines, &n_bytes)))
    ok = read_line (&reading, line, n_bytes, error);
  ok = ok && lines_ok (lines, error) && end_record (&reading, error);
  if (reading.builder)
    retort_document_builder_discard (reading.builder);
  clear_record (&reading);
  g_hash_table_unref (reading.first_mention);
  g_hash_table_unref (reading.related);
  file_lost (context, reading.n_mismatches, "mentions dropped: the text at their offsets differs");
  file_lost (context, reading.n_parts, "parts of composite mentions not kept");
  file_lost (context, reading.n_relations, "relations between concepts left out");
  file_lost (context, reading.n_repeated, "relations left out: their concepts' first mentions are related already");
  file_lost (context, reading.n_scores, "scores left out: they are not from 0 to 1");
  return ok;
}

/* --- writing --- */

typedef struct { guint n_split, n_breaks, n_unnamed, n_concepts; } Losses;

/* A label is a column; that of a relation stands where the start of a mention would. */
static gboolean
check_label (const char *label, gboolean of_relation, GError **error)
{
  if (!strpbrk (label, "\t\r\n") && !(of_relation && g_ascii_isdigit (*label)))
    return TRUE;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "PubTator cannot hold the label '%s'", label);
  return FALSE;
}

/* Whether reading would give the concept back. */
static gboolean
can_hold (const char *concept)
{
  return *concept != '\0' && !strpbrk (concept, "|,;+\t\r\n") && strcmp (concept, "-") != 0
         && strcmp (concept, "-1") != 0;
}

/* Concept -> index + 1 of the first written entity that has it, as reading finds it. */
static GHashTable *
index_concepts (const RetortLayer *layer)
{
  GHashTable *first_mention = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *const entity = retort_layer_entity (layer, i);
    for (guint c = 0; entity->n_fragments == 1 && c < entity->n_concepts; c++)
      if (can_hold (entity->concepts[c]) && !g_hash_table_contains (first_mention, entity->concepts[c]))
        g_hash_table_insert (first_mention, (gpointer) entity->concepts[c], GUINT_TO_POINTER (i + 1));
  }
  return first_mention;
}

/* The concept that names the entity in a relation: one whose first mention it is, so that reading finds it again; else
 * its first. NULL: none can be written. */
static const char *
naming_concept (GHashTable *first_mention, const RetortLayer *layer, guint index)
{
  const RetortEntity *const entity = retort_layer_entity (layer, index);
  const char *other = NULL;

  for (guint i = 0; i < entity->n_concepts; i++) {
    const guint first = GPOINTER_TO_UINT (g_hash_table_lookup (first_mention, entity->concepts[i]));
    if (first == index + 1)
      return entity->concepts[i];
    if (first > 0 && !other)
      other = entity->concepts[i];
  }
  return other;
}

static void
append_score (double score, GString *out)
{
  if (isnan (score))
    return;
  g_string_append_c (out, '\t');
  retort_json_append_number (out, score);
}

static void
append_mention (const RetortDocument *document, const RetortOffsets *offsets, const RetortEntity *entity, GString *out,
                Losses *losses)
{
  const RetortSpan span = entity->fragments[0];

  g_string_append_printf (out, "%s\t%u\t%u\t", retort_document_id (document),
                          retort_offsets_from_byte (offsets, span.start), retort_offsets_from_byte (offsets, span.end));
  file_append_flat (out, retort_document_text (document, NULL), span.start, span.end);
  g_string_append_printf (out, "\t%s\t", entity->label);
  const gsize before = out->len;
  for (guint i = 0; i < entity->n_concepts; i++)
    if (can_hold (entity->concepts[i]))
      g_string_append_printf (out, "%s%s", out->len > before ? "|" : "", entity->concepts[i]);
    else
      losses->n_concepts++;
  if (out->len == before)
    g_string_append (out, "-1");
  append_score (entity->score, out);
  g_string_append_c (out, '\n');
}

/* Relations by concepts of their ends, each once. */
static gboolean
append_relations (const RetortDocument *document, const RetortLayer *layer, GString *out, Losses *losses,
                  GError **error)
{
  g_autoptr(GHashTable) written = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) first_mention = index_concepts (layer);

  for (guint i = 0; i < retort_layer_n_relations (layer); i++) {
    const RetortRelation *const relation = retort_layer_relation (layer, i);
    const char *const head = naming_concept (first_mention, layer, relation->head);
    const char *const tail = naming_concept (first_mention, layer, relation->tail);
    if (!check_label (relation->label, TRUE, error))
      return FALSE;
    if (!head || !tail) {
      losses->n_unnamed++;
      continue;
    }
    char *const line
        = g_strdup_printf ("%s\t%s\t%s\t%s", retort_document_id (document), relation->label, head, tail);
    if (!g_hash_table_contains (written, line)) {
      g_string_append (out, line);
      append_score (relation->score, out);
      g_string_append_c (out, '\n');
    }
    g_hash_table_add (written, line);
  }
  return TRUE;
}

/* Where the title ends: at the end of the metadata's title, if the text begins with it and goes on, else at the end of
 * the text. */
static gsize
title_end (const RetortDocument *document)
{
  gsize n_bytes;
  const char *const text = retort_document_text (document, &n_bytes);
  const char *const title = retort_document_meta (document, "title");
  const gsize title_bytes = title ? strlen (title) : 0;

  if (title && g_str_has_prefix (text, title) && (text[title_bytes] == ' ' || text[title_bytes] == '\n')
      && text[title_bytes + 1] != '\0')
    return title_bytes;
  return *text == ' ' ? 0 : n_bytes;
}

static gboolean
append_document (const RetortDocument *document, const RetortLayer *layer, GString *out, gpointer user, GError **error)
{
  Losses *const losses = user;
  gsize n_bytes;
  const char *const id = retort_document_id (document);
  const char *const text = retort_document_text (document, &n_bytes);
  const gsize title = title_end (document);

  if (strpbrk (id, "|\t\r\n") || *id == '\0') {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "PubTator cannot hold the document id '%s'", id);
    return FALSE;
  }
  g_string_append_printf (out, "%s|t|", id);
  losses->n_breaks += file_append_flat (out, text, 0, title) + (text[title] == '\n');
  g_string_append_printf (out, "\n%s|a|", id);
  losses->n_breaks += file_append_flat (out, text, MIN (title + 1, n_bytes), n_bytes);
  g_string_append_c (out, '\n');

  g_autoptr(RetortOffsets) offsets = retort_offsets_new (text, n_bytes, RETORT_UNIT_CODEPOINTS);
  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *const entity = retort_layer_entity (layer, i);
    if (!check_label (entity->label, FALSE, error))
      return FALSE;
    if (entity->n_fragments == 1)
      append_mention (document, offsets, entity, out, losses);
    else
      losses->n_split++;
  }
  if (!append_relations (document, layer, out, losses, error))
    return FALSE;
  g_string_append_c (out, '\n');
  return TRUE;
}

static gboolean
write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer, const char *path,
            GError **error)
{
  Losses losses = { 0 };

  if (!file_write (context, documents, layer, path, append_document, &losses, error))
    return FALSE;
  file_lost (context, losses.n_split, "discontinuous mentions not written");
  file_lost (context, losses.n_breaks, "line breaks and tabs written as spaces");
  file_lost (context, losses.n_unnamed, "relations not written: a mention has no concept");
  file_lost (context, losses.n_concepts, "concepts not written: their ids have a mark that parts ids");
  return TRUE;
}
