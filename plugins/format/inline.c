/* inline - text with its mentions marked where they stand: <disease>Wilms tumour</disease>.
 *
 * Layouts:
 *   blocks  "### id", then lines that are joined (by `join`) into one text; the first is the title
 *   lines   a document a line; its id is its number, from 0
 *   tsv     id<TAB>marked text<TAB>relations: "Treats(1,2) Adverse_event(3,2)", or "-"
 *
 * A mark is <name>..</name> or <name id=1>..</name>; marks may stand inside each other. What does not look like a mark
 * ("P < 0.001") is text. The option `marks` says what label each name stands for; without it a name is its label. */
#include "file.h"
#include <math.h>
#include <string.h>

typedef struct {
  const char *layout, *join;
  const char *const *marks;
} Options;

static const char *const layouts[] = { "blocks", "lines", "tsv", NULL };
static const RetortOption options[] = {
  RETORT_OPTION_CHOICE (Options, layout, "layout", "lines", layouts, "How documents stand in the file."),
  RETORT_OPTION_MAP (Options, marks, "marks",
                     "Each mark's name and the entity label it stands for; unset: any name, as its own label."),
  RETORT_OPTION_STRING (Options, join, "join", " ", "What the lines of a block are joined with."),
};

static const RetortExample examples[] = {
  { "A document a line", "marks: {disease: Disease}", "No <disease>colon cancer</disease> if P < 0.05\n",
    "{\"id\":\"0\",\"text\":\"No colon cancer if P < 0.05\",\"layers\":{\"gold\":{\"entities\":["
    "{\"id\":\"T1\",\"label\":\"Disease\",\"spans\":[[3,15]],\"text\":\"colon cancer\"}]}}}\n" },
  { "Blocks with a title", "layout: blocks\nmarks: {disease: Disease}",
    "### a/1\n<disease>Gout</disease> in men\nIt hurts.\n",
    "{\"id\":\"a/1\",\"text\":\"Gout in men It hurts.\",\"meta\":{\"title\":\"Gout in men\"},\"layers\":{\"gold\":"
    "{\"entities\":[{\"id\":\"T1\",\"label\":\"Disease\",\"spans\":[[0,4]],\"text\":\"Gout\"}]}}}\n" },
  { "Columns with relations", "layout: tsv",
    "s1\t<Effect id=1>Rash</Effect> after <Drug id=2>zinc</Drug>\tAdverse_event(2,1)\n",
    "{\"id\":\"s1\",\"text\":\"Rash after zinc\",\"layers\":{\"gold\":{\"entities\":["
    "{\"id\":\"T1\",\"label\":\"Effect\",\"spans\":[[0,4]],\"text\":\"Rash\"},"
    "{\"id\":\"T2\",\"label\":\"Drug\",\"spans\":[[11,15]],\"text\":\"zinc\"}],"
    "\"relations\":[{\"id\":\"R1\",\"label\":\"Adverse_event\",\"head\":\"T2\",\"tail\":\"T1\"}]}}}\n" },
};

static gboolean read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink,
                           GError **error);
static gboolean write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer,
                            const char *path, GError **error);

static const char *const extensions[] = { ".inline.txt", NULL };
static const RetortFormatRole role = {
  sizeof role, .extensions = extensions, .unit = RETORT_UNIT_CODEPOINTS,
  .cannot_hold = "discontinuous and crossing mentions, line breaks but the title's, tokens, sentences, concepts, "
                 "scores, metadata but the title; relations and (layout lines) ids only in layout tsv",
  .read = read_file, .write = write_file,
};
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FORMAT, .name = "inline", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Text with mentions in marks: <disease>Wilms tumour</disease>.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

/* --- marks --- */

/* What stands at a '<'. */
typedef struct {
  gboolean closes;
  Field name;
  Field id;        /* empty: none */
  const char *end; /* behind '>' */
} Tag;

static const char *
name_end (const char *p)
{
  if (!g_ascii_isalpha (*p) && *p != '_')
    return p;
  while (g_ascii_isalnum (*p) || (*p && strchr ("_-.", *p)))
    p++;
  return p;
}

/* <name>, <name id=1>, <name id="a b">, </name>; FALSE: text. The text is NUL-terminated. */
static gboolean
parse_tag (const char *p, Tag *tag)
{
  if (*p != '<')
    return FALSE;
  tag->closes = p[1] == '/';
  p += 1 + tag->closes;
  const char *const name = p;
  p = name_end (p);
  tag->name = (Field) { name, p - name };
  tag->id = (Field) { p, 0 };
  if (p == name)
    return FALSE;
  if (!tag->closes && g_str_has_prefix (p, " id=")) {
    const gboolean quoted = p[4] == '"';
    const char *const id = p + 4 + quoted;
    p = id + strcspn (id, quoted ? "\"<>" : " \"<>");
    tag->id = (Field) { id, p - id };
    if (p == id || (quoted && *p++ != '"'))
      return FALSE;
  }
  tag->end = p + 1;
  return *p == '>';
}

/* --- reading --- */

/* A mention of the document being read. */
typedef struct {
  char *label, *id; /* label NULL: complained of; id NULL: none */
  RetortSpan span;
} Mention;

static void
mention_clear (gpointer data)
{
  Mention *const mention = data;

  g_free (mention->label);
  g_free (mention->id);
}

/* A mark not closed yet. */
typedef struct { Field name; guint mention; } Open;

typedef struct {
  const Options *options;
  RetortCorpusSink *sink;
  Lines *lines;
  char *id;           /* of the document; NULL: none begun */
  guint first_line;
  GString *text;
  gsize title_bytes;  /* 0: no title */
  guint n_lines;      /* of the document's text */
  GArray *mentions;   /* Mention */
  GArray *open;       /* Open; of the line */
  guint n_documents;
  gboolean stray;     /* complained of text before the first block */
} Reading;

static void
open_mark (Reading *reading, const char *at, const Tag *tag)
{
  g_autofree char *name = field_dup (tag->name);
  const char *const label = reading->options->marks ? file_map_get (reading->options->marks, name) : name;

  if (!label)
    lines_complain (reading->lines, RETORT_CODE_MARK_UNKNOWN, at, NULL, "the mark <%s> is not listed in 'marks'", name);
  const Open open = { tag->name, reading->mentions->len };
  const Mention mention = {
    g_strdup (label), tag->id.n_bytes ? field_dup (tag->id) : NULL,
    { reading->text->len, 0 },
  };
  g_array_append_val (reading->mentions, mention);
  g_array_append_val (reading->open, open);
}

static void
close_mark (Reading *reading, const char *at, const Tag *tag)
{
  const guint n = reading->open->len;
  const Open open = n ? g_array_index (reading->open, Open, n - 1) : (Open) { { "", 0 }, 0 };

  if (n == 0) {
    lines_complain (reading->lines, RETORT_CODE_MARK, at, NULL, "</%.*s> closes no mark", FIELD_ARGS (tag->name));
    return;
  }
  if (open.name.n_bytes != tag->name.n_bytes || memcmp (open.name.text, tag->name.text, open.name.n_bytes) != 0) {
    lines_complain (reading->lines, RETORT_CODE_MARK, at, NULL, "</%.*s> stands where </%.*s> is due",
                    FIELD_ARGS (tag->name), FIELD_ARGS (open.name));
    return;
  }
  Mention *const mention = &g_array_index (reading->mentions, Mention, open.mention);
  mention->span.end = reading->text->len;
  if (mention->span.end == mention->span.start)
    lines_complain (reading->lines, RETORT_CODE_MARK, at, NULL, "the mark <%.*s> is around nothing",
                    FIELD_ARGS (open.name));
  g_array_set_size (reading->open, n - 1);
}

/* Appends a line's text to the document's, and its marks to the mentions. */
static void
read_marked (Reading *reading, const char *line, gsize n_bytes)
{
  const char *const end = line + n_bytes;
  Tag tag;

  for (const char *p = line; p < end;) {
    const gsize plain = strcspn (p, "<");
    g_string_append_len (reading->text, p, MIN (plain, (gsize) (end - p)));
    p += plain;
    if (p >= end)
      break;
    if (!parse_tag (p, &tag) || tag.end > end) {
      g_string_append_c (reading->text, *p++);
      continue;
    }
    if (tag.closes)
      close_mark (reading, p, &tag);
    else
      open_mark (reading, p, &tag);
    p = tag.end;
  }
  for (guint i = 0; i < reading->open->len; i++) {
    const Open *const open = &g_array_index (reading->open, Open, i);
    lines_complain (reading->lines, RETORT_CODE_MARK, open->name.text - 1, NULL, "the mark <%.*s> is not closed",
                    FIELD_ARGS (open->name));
  }
  g_array_set_size (reading->open, 0);
}

static void
begin_document (Reading *reading, char *id)
{
  reading->id = id;
  reading->first_line = lines_number (reading->lines);
  reading->title_bytes = 0;
  reading->n_lines = 0;
  g_string_truncate (reading->text, 0);
  g_array_set_size (reading->mentions, 0);
}

/* Adds the mentions that are whole. `indices` [n_mentions] gets their index or -1. */
static void
add_mentions (Reading *reading, RetortDocumentBuilder *builder, gint *indices)
{
  for (guint i = 0; i < reading->mentions->len; i++) {
    const Mention *const mention = &g_array_index (reading->mentions, Mention, i);
    g_autoptr(GError) inner = NULL;

    indices[i] = -1;
    if (!mention->label || mention->span.end <= mention->span.start) /* complained of already */
      continue;
    indices[i] = retort_document_builder_add_span (builder, RETORT_LAYER_GOLD, mention->label, mention->span, NAN,
                                                   &inner);
    if (inner)
      lines_complain_of (reading->lines, reading->first_line, RETORT_CODE_ANNOTATION, NULL, "%s", inner->message);
  }
}

/* Id -> index in the layer, + 1; 0: dropped. Of two marks with one id, which relations could mean either, the first. */
static GHashTable *
index_ids (Reading *reading, const gint *indices)
{
  GHashTable *by_id = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < reading->mentions->len; i++) {
    char *const id = g_array_index (reading->mentions, Mention, i).id;
    if (id && g_hash_table_contains (by_id, id))
      lines_complain_of (reading->lines, reading->first_line, RETORT_CODE_ANNOTATION, NULL,
                         "two marks have the id '%s'", id);
    else if (id)
      g_hash_table_insert (by_id, id, GINT_TO_POINTER (indices[i] + 1));
  }
  return by_id;
}

/* "Label(1,2)" */
static void
read_relation (Reading *reading, RetortDocumentBuilder *builder, GHashTable *by_id, Field item)
{
  const char *const end = item.text + item.n_bytes;
  const char *const open = memchr (item.text, '(', item.n_bytes);
  const char *const comma = open ? memchr (open, ',', end - open) : NULL;

  if (!comma || open == item.text || end[-1] != ')' || memchr (comma + 1, ',', end - comma - 1)) {
    lines_complain (reading->lines, RETORT_CODE_RELATION_FORM, item.text, NULL,
                    "'%.*s' is no relation like 'Label(1,2)'", FIELD_ARGS (item));
    return;
  }
  const Field ids[2] = { { open + 1, comma - open - 1 }, { comma + 1, end - comma - 2 } };
  gint ends[2];
  for (guint i = 0; i < 2; i++) {
    g_autofree char *id = field_dup (ids[i]);
    ends[i] = GPOINTER_TO_INT (g_hash_table_lookup (by_id, id)) - 1;
    if (ends[i] < 0) {
      lines_complain (reading->lines, RETORT_CODE_RELATION_ENDS, ids[i].text, NULL, "no mark has the id '%.*s'",
                      FIELD_ARGS (ids[i]));
      return;
    }
  }
  g_autofree char *label = g_strndup (item.text, open - item.text);
  g_autoptr(GError) inner = NULL;
  const RetortRelation relation = { .label = label, .head = ends[0], .tail = ends[1], .score = NAN };
  if (retort_document_builder_add_relation (builder, RETORT_LAYER_GOLD, &relation, &inner) < 0)
    lines_complain (reading->lines, RETORT_CODE_ANNOTATION, item.text, NULL, "%s", inner->message);
}

static void
read_relations (Reading *reading, RetortDocumentBuilder *builder, GHashTable *by_id, Field relations)
{
  const char *const end = relations.text + relations.n_bytes;

  if (field_is (relations, "-"))
    return;
  for (const char *p = relations.text; p < end;) {
    const gsize n_bytes = MIN (strcspn (p, " "), (gsize) (end - p));
    if (n_bytes > 0)
      read_relation (reading, builder, by_id, (Field) { p, n_bytes });
    p += n_bytes + 1;
  }
}

static gboolean
end_document (Reading *reading, Field relations, GError **error)
{
  if (!reading->id)
    return TRUE;
  RetortDocumentBuilder *builder;
  const gboolean ok = lines_begin_document (reading->lines, reading->sink, reading->id, reading->text->str,
                                            reading->text->len, reading->first_line, &builder, error);
  g_clear_pointer (&reading->id, g_free);
  if (!ok || !builder)
    return ok;
  if (reading->title_bytes > 0 && reading->n_lines > 1) {
    g_autofree char *title = g_strndup (reading->text->str, reading->title_bytes);
    retort_document_builder_set_meta (builder, "title", title);
  }
  g_autofree gint *indices = g_new (gint, reading->mentions->len + 1);

  retort_document_builder_add_layer (builder, RETORT_LAYER_GOLD, FALSE);
  add_mentions (reading, builder, indices);
  g_autoptr(GHashTable) by_id = index_ids (reading, indices);
  read_relations (reading, builder, by_id, relations);
  return retort_corpus_sink_end (reading->sink, builder, error);
}

static const Field no_relations = { "-", 1 };

static gboolean
read_block_line (Reading *reading, const char *line, gsize n_bytes, GError **error)
{
  if (strncmp (line, "###", 3) == 0) {
    g_autofree char *id = g_strstrip (g_strdup (line + 3));
    if (!end_document (reading, no_relations, error))
      return FALSE;
    begin_document (reading, g_steal_pointer (&id));
    return TRUE;
  }
  if (!reading->id) {
    if (!reading->stray)
      lines_complain (reading->lines, RETORT_CODE_DOCUMENT_BROKEN, NULL, "Is the layout 'lines' or 'tsv'?",
                      "text stands before the first block ('### id')");
    reading->stray = TRUE;
    return TRUE;
  }
  if (reading->n_lines > 0)
    g_string_append (reading->text, reading->options->join);
  read_marked (reading, line, n_bytes);
  if (reading->n_lines++ == 0)
    reading->title_bytes = reading->text->len;
  return TRUE;
}

static gboolean
read_tsv_line (Reading *reading, const char *line, gsize n_bytes, GError **error)
{
  Field columns[3];
  const guint n_columns = fields_split (line, n_bytes, '\t', columns, 3);

  if (n_columns != 3) {
    lines_complain (reading->lines, RETORT_CODE_COLUMNS, NULL, NULL,
                    "id, marked text and relations (or -) are 3 columns, here are %u", n_columns);
    return TRUE;
  }
  begin_document (reading, field_dup (columns[0]));
  read_marked (reading, columns[1].text, columns[1].n_bytes);
  return end_document (reading, columns[2], error);
}

static gboolean
read_line (Reading *reading, const char *line, gsize n_bytes, GError **error)
{
  const gboolean blank = line[strspn (line, " \t")] == '\0';

  if (strcmp (reading->options->layout, "lines") == 0) {
    begin_document (reading, g_strdup_printf ("%u", reading->n_documents++));
    read_marked (reading, line, n_bytes);
    return end_document (reading, no_relations, error);
  }
  if (blank)
    return TRUE;
  return strcmp (reading->options->layout, "tsv") == 0 ? read_tsv_line (reading, line, n_bytes, error)
                                                        : read_block_line (reading, line, n_bytes, error);
}

static gboolean
read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink, GError **error)
{
  g_autoptr(Lines) lines = lines_open (context, path, error);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GArray) mentions = g_array_new (FALSE, FALSE, sizeof (Mention));
  g_autoptr(GArray) open = g_array_new (FALSE, FALSE, sizeof (Open));
  Reading reading = { .options = self, .sink = sink, .lines = lines, .text = text, .mentions = mentions, .open = open };
  const char *line;
  gsize n_bytes;
  gboolean ok = TRUE;

  if (!lines)
    return FALSE;
  g_array_set_clear_func (mentions, mention_clear);
  while (ok && (line = lines_next (lines, &n_bytes)))
    ok = read_line (&reading, line, n_bytes, error);
  ok = ok && lines_ok (lines, error) && end_document (&reading, no_relations, error);
  g_free (reading.id);
  return ok;
}

/* --- writing --- */

typedef struct {
  const Options *options;
  guint n_split, n_crossing, n_breaks, n_relations;
} Writing;

/* A mention to write, and its number. */
typedef struct { RetortSpan span; const char *name; guint number; } Marked;

static gint
compare_marked (gconstpointer a, gconstpointer b)
{
  const Marked *const x = a, *const y = b;

  if (x->span.start != y->span.start)
    return x->span.start < y->span.start ? -1 : 1;
  if (x->span.end != y->span.end)
    return x->span.end > y->span.end ? -1 : 1; /* the outer first */
  return x->number < y->number ? -1 : 1;
}

/* The entities as marks that stand apart or inside each other, by start. numbers [n_entities]: their number in the
 * text, from 1; 0: not written. */
static GArray *
collect_marks (Writing *writing, const RetortLayer *layer, guint *numbers, GError **error)
{
  g_autoptr(GArray) all = g_array_new (FALSE, FALSE, sizeof (Marked));
  g_autoptr(GArray) ends = g_array_new (FALSE, FALSE, sizeof (guint32)); /* of the marks open */
  GArray *kept = g_array_new (FALSE, FALSE, sizeof (Marked));

  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *const entity = retort_layer_entity (layer, i);
    const char *const name = writing->options->marks ? file_map_find (writing->options->marks, entity->label)
                                                     : entity->label;
    numbers[i] = 0;
    if (!name || *name == '\0' || *name_end (name) != '\0') {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "no mark can stand for the label '%s'%s", entity->label,
                   writing->options->marks ? "; add it to 'marks'" : "; set 'marks'");
      g_array_unref (kept);
      return NULL;
    }
    const Marked marked = { entity->fragments[0], name, i };
    if (entity->n_fragments == 1)
      g_array_append_val (all, marked);
    else
      writing->n_split++;
  }
  g_array_sort (all, compare_marked);
  for (guint i = 0; i < all->len; i++) {
    Marked marked = g_array_index (all, Marked, i);
    while (ends->len > 0 && g_array_index (ends, guint32, ends->len - 1) <= marked.span.start)
      g_array_set_size (ends, ends->len - 1);
    if (ends->len > 0 && g_array_index (ends, guint32, ends->len - 1) < marked.span.end) {
      writing->n_crossing++;
      continue;
    }
    g_array_append_val (ends, marked.span.end);
    numbers[marked.number] = kept->len + 1;
    marked.number = kept->len + 1;
    g_array_append_val (kept, marked);
  }
  return kept;
}

/* The title is a line of its own in layout blocks, if reading joins it to the same text. */
static gsize
title_end (const Writing *writing, const RetortDocument *document, const char *text)
{
  const char *const title = retort_document_meta (document, "title");

  if (strcmp (writing->options->layout, "blocks") != 0 || !title || !*title || !g_str_has_prefix (text, title))
    return 0;
  const gsize n_bytes = strlen (title);
  return g_str_has_prefix (text + n_bytes, writing->options->join) && text[n_bytes] ? n_bytes : 0;
}

/* The text with its marks. Line breaks become spaces but for the title's. */
static void
append_marked (Writing *writing, const char *text, gsize n_bytes, gsize title, const GArray *marks, gboolean numbered,
               GString *out)
{
  const gsize join_bytes = title ? strlen (writing->options->join) : 0;
  g_autoptr(GArray) open = g_array_new (FALSE, FALSE, sizeof (Marked));
  guint next = 0;

  for (gsize i = 0; i <= n_bytes;) {
    while (open->len > 0 && g_array_index (open, Marked, open->len - 1).span.end <= i) {
      g_string_append_printf (out, "</%s>", g_array_index (open, Marked, open->len - 1).name);
      g_array_set_size (open, open->len - 1);
    }
    if (title && i == title && open->len == 0) {
      g_string_append_c (out, '\n');
      i += join_bytes;
      title = 0;
      continue;
    }
    for (; next < marks->len && g_array_index (marks, Marked, next).span.start <= i; next++) {
      const Marked marked = g_array_index (marks, Marked, next);
      g_string_append_printf (out, numbered ? "<%s id=%u>" : "<%s>", marked.name, marked.number);
      g_array_append_val (open, marked);
    }
    if (i < n_bytes)
      writing->n_breaks += file_append_flat (out, text, i, i + 1);
    i++;
  }
}

/* FALSE for text that reading would take for a mark, or for the line of a block's id. */
static gboolean
check_text (const Writing *writing, const RetortDocument *document, GError **error)
{
  const char *const text = retort_document_text (document, NULL);
  const gsize title = title_end (writing, document, text);
  const char *const body = title ? text + title + strlen (writing->options->join) : text;
  Tag tag;

  if (strcmp (writing->options->layout, "blocks") == 0
      && (g_str_has_prefix (text, "###") || g_str_has_prefix (body, "###"))) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "document '%s' has a text that looks like a block's begin",
                 retort_document_id (document));
    return FALSE;
  }

  for (const char *p = strchr (text, '<'); p; p = strchr (p + 1, '<'))
    if (parse_tag (p, &tag)) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "document '%s' has a text that looks like a mark: '%.*s'",
                   retort_document_id (document), (int) MIN (tag.end - p, 80), p);
      return FALSE;
    }
  return TRUE;
}

static void
append_relations (Writing *writing, const RetortLayer *layer, const guint *numbers, GString *out)
{
  const gsize begin = out->len;

  for (guint i = 0; i < retort_layer_n_relations (layer); i++) {
    const RetortRelation *const relation = retort_layer_relation (layer, i);
    if (numbers[relation->head] && numbers[relation->tail] && !strpbrk (relation->label, " \t\r\n("))
      g_string_append_printf (out, "%s%s(%u,%u)", out->len > begin ? " " : "", relation->label,
                              numbers[relation->head], numbers[relation->tail]);
    else
      writing->n_relations++;
  }
  if (out->len == begin)
    g_string_append_c (out, '-');
}

static gboolean
append_document (const RetortDocument *document, const RetortLayer *layer, GString *out, gpointer user, GError **error)
{
  Writing *const writing = user;
  const gboolean tsv = strcmp (writing->options->layout, "tsv") == 0;
  g_autofree guint *numbers = g_new (guint, retort_layer_n_entities (layer) + 1);
  g_autoptr(GArray) marks = check_text (writing, document, error) ? collect_marks (writing, layer, numbers, error)
                                                                  : NULL;
  gsize n_bytes;
  const char *const text = retort_document_text (document, &n_bytes);
  const char *const id = retort_document_id (document);

  if (!marks)
    return FALSE;
  if (strpbrk (id, "\t\r\n")) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the document id '%s' has a tab or line break", id);
    return FALSE;
  }
  if (tsv)
    g_string_append_printf (out, "%s\t", id);
  else if (strcmp (writing->options->layout, "blocks") == 0)
    g_string_append_printf (out, "### %s\n", id);
  append_marked (writing, text, n_bytes, title_end (writing, document, text), marks, tsv, out);
  if (tsv) {
    g_string_append_c (out, '\t');
    append_relations (writing, layer, numbers, out);
  } else
    writing->n_relations += retort_layer_n_relations (layer);
  g_string_append_c (out, '\n');
  return TRUE;
}

static gboolean
write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer, const char *path,
            GError **error)
{
  Writing writing = { .options = self };

  if (!file_write (context, documents, layer, path, append_document, &writing, error))
    return FALSE;
  file_lost (context, writing.n_split, "discontinuous mentions not written");
  file_lost (context, writing.n_crossing, "mentions not written: they cross another");
  file_lost (context, writing.n_breaks, "line breaks and tabs written as spaces");
  file_lost (context, writing.n_relations, "relations not written");
  return TRUE;
}
