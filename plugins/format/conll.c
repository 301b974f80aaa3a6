/* conll - a token a line with its tag, a blank line after each sentence.
 *
 *   Identification<TAB>O
 *   of<TAB>O
 *   colon<TAB>B-Disease
 *   cancer<TAB>I-Disease
 *
 * The format has no text: it is made of the tokens, joined by one space, and sentences, joined by a line break. The
 * tokens and sentences of the file are kept, so models see the tokens that the tags were made for.
 *
 * Lines that begin with -DOCSTART- (CoNLL-2003) or -X- (conlleval) part documents. Writing cuts entities that do not
 * fall on token borders, overlap others or are discontinuous: they are counted. */
#include "file.h"
#include <math.h>
#include <string.h>

typedef struct {
  gint64 token_column, tag_column;
  const char *delimiter, *scheme, *reading, *label, *documents;
} Options;

static const char *const delimiters[] = { "auto", "tab", "space", NULL };
static const char *const schemes[] = { "IOB1", "IOB2", "IOE1", "IOE2", "IO", "IOBES", "BILOU", NULL };
static const char *const readings[] = { "lenient", "strict", NULL };
static const char *const document_choices[] = { "sentence", "docstart", "file", NULL };

#define MAX_COLUMNS 64

static const RetortOption options[] = {
  RETORT_OPTION_INT (Options, token_column, "token-column", "1", 1, MAX_COLUMNS, "The column of the tokens, from 1."),
  RETORT_OPTION_INT (Options, tag_column, "tag-column", "0", 0, MAX_COLUMNS,
                     "The column of the tags, from 1; 0 is the last."),
  RETORT_OPTION_CHOICE (Options, delimiter, "delimiter", "auto", delimiters,
                        "Between columns: tab, or runs of spaces; auto takes tab if the first line has one."),
  RETORT_OPTION_CHOICE (Options, scheme, "scheme", "IOB2", schemes, "The tags for strict reading and for writing."),
  RETORT_OPTION_CHOICE (Options, reading, "reading", "lenient", readings,
                        "Lenient: as conlleval reads any scheme; strict: only what is legal in the scheme counts."),
  RETORT_OPTION_STRING (Options, label, "label", NULL, "What bare B, I, O stand for."),
  RETORT_OPTION_CHOICE (Options, documents, "documents", "sentence", document_choices,
                        "What a document is: each sentence, what is between -DOCSTART- lines, or the file."),
};

static const RetortExample examples[] = {
  { "Two columns, a document per sentence", NULL,
    "colon\tB-Disease\ncancer\tI-Disease\n\nNone\tO\n",
    "{\"id\":\"1\",\"text\":\"colon cancer\",\"sentences\":[[0,12]],\"tokens\":[[0,5],[6,12]],\"layers\":{\"gold\":"
    "{\"entities\":[{\"id\":\"T1\",\"label\":\"Disease\",\"spans\":[[0,12]],\"text\":\"colon cancer\"}]}}}\n"
    "{\"id\":\"2\",\"text\":\"None\",\"sentences\":[[0,4]],\"tokens\":[[0,4]],\"layers\":{\"gold\":{}}}\n" },
  { "Four columns with spaces, bare tags, documents", "label: Gene\ndocuments: docstart",
    "-DOCSTART- -X- -X- O\n\np53 NN I-NP B\nbinds VB I-VP O\n\nIt PRP I-NP O\n",
    "{\"id\":\"1\",\"text\":\"p53 binds\\nIt\",\"sentences\":[[0,9],[10,12]],\"tokens\":[[0,3],[4,9],[10,12]],"
    "\"layers\":{\"gold\":{\"entities\":[{\"id\":\"T1\",\"label\":\"Gene\",\"spans\":[[0,3]],\"text\":\"p53\"}]}}}\n" },
};

static void *open_options (RetortContext *context, const void *options, GError **error);
static gboolean read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink,
                           GError **error);
static gboolean write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer,
                            const char *path, GError **error);

static const char *const extensions[] = { ".conll", ".bio", ".iob", ".tsv", NULL };
static const RetortFormatRole role = {
  sizeof role, .extensions = extensions, .unit = RETORT_UNIT_CODEPOINTS,
  .cannot_hold = "the text between tokens, document ids, discontinuous and overlapping mentions, mentions that cut "
                 "tokens, relations, concepts, scores, metadata",
  .read = read_file, .write = write_file, .writes_tokens = TRUE,
};
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_FORMAT, .name = "conll", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "CoNLL: a token and its tag a line, a blank line after each sentence.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
  .open = open_options,
};
RETORT_PLUGIN_EXPORT (plugin)

static void *
open_options (RetortContext *context, const void *filled, GError **error)
{
  const Options *const opts = filled;

  if (opts->token_column != opts->tag_column)
    return (void *) opts;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "token-column and tag-column are the same column");
  return NULL;
}

static RetortScheme
scheme_of (const Options *opts)
{
  guint i = 0;

  while (strcmp (retort_scheme_names[i], opts->scheme) != 0)
    i++;
  return i;
}

/* --- reading --- */

/* An entity of the document being read. */
typedef struct { RetortSpan span; char *label; } Found;

static void
found_clear (gpointer found)
{
  g_free (((Found *) found)->label);
}

typedef struct {
  const Options *options;
  RetortCorpusSink *sink;
  Lines *lines;
  char delimiter;       /* 0: not known yet */
  guint n_columns;      /* of the first line; 0: not known yet */
  guint n_documents;
  guint first_line;     /* of the document */
  GString *text;        /* of the document */
  GArray *tokens, *sentences, *found; /* RetortSpan, RetortSpan, Found */
  guint sentence_token; /* index of the sentence's first token */
  GPtrArray *tags;      /* of the sentence */
  guint n_illegal;
} Reading;

/* Whether the tag belongs to a scheme; complains if not. */
static gboolean
check_tag (Reading *reading, Field tag)
{
  const gboolean prefixed = tag.n_bytes > 0 && strchr ("BIELSU", *tag.text);

  if (field_is (tag, "O") || (prefixed && tag.n_bytes > 2 && tag.text[1] == '-'))
    return TRUE;
  if (prefixed && tag.n_bytes == 1) {
    if (reading->options->label)
      return TRUE;
    lines_complain (reading->lines, RETORT_CODE_TAG_UNKNOWN, tag.text, "Set the option 'label'.",
                    "what the bare tag '%.*s' stands for is not known", FIELD_ARGS (tag));
  } else
    lines_complain (reading->lines, RETORT_CODE_TAG_UNKNOWN, tag.text, NULL, "'%.*s' is no tag", FIELD_ARGS (tag));
  return FALSE;
}

static void
add_token (Reading *reading, Field token, Field tag)
{
  if (reading->tokens->len == 0)
    reading->first_line = lines_number (reading->lines);
  else
    g_string_append_c (reading->text, reading->tags->len > 0 ? ' ' : '\n');

  RetortSpan span = { reading->text->len, 0 };
  g_string_append_len (reading->text, token.text, token.n_bytes);
  span.end = reading->text->len;
  g_array_append_val (reading->tokens, span);
  g_ptr_array_add (reading->tags, check_tag (reading, tag) ? field_dup (tag) : g_strdup ("O"));
}

static void
end_sentence (Reading *reading)
{
  const Options *const opts = reading->options;
  const guint first = reading->sentence_token, n_tags = reading->tags->len;

  if (n_tags == 0)
    return;
  const char *const *tags = (const char *const *) reading->tags->pdata;
  g_autoptr(GArray) lenient = retort_tags_read_lenient (tags, n_tags);
  g_autoptr(GArray) strict = strcmp (opts->reading, "strict") == 0
                               ? retort_tags_read_strict (scheme_of (opts), tags, n_tags) : g_array_ref (lenient);

  reading->n_illegal += lenient->len - MIN (strict->len, lenient->len);
  for (guint i = 0; i < strict->len; i++) {
    const RetortTokenSpan *const entity = &g_array_index (strict, RetortTokenSpan, i);
    const Found found = {
      { g_array_index (reading->tokens, RetortSpan, first + entity->start).start,
        g_array_index (reading->tokens, RetortSpan, first + entity->end - 1).end },
      g_strdup (*entity->label ? entity->label : opts->label),
    };
    g_array_append_val (reading->found, found);
  }
  const RetortSpan sentence = { g_array_index (reading->tokens, RetortSpan, first).start, reading->text->len };
  g_array_append_val (reading->sentences, sentence);
  g_ptr_array_set_size (reading->tags, 0);
  reading->sentence_token = reading->tokens->len;
}

static gboolean
fill_document (Reading *reading, RetortDocumentBuilder *builder, GError **error)
{
  retort_document_builder_add_layer (builder, RETORT_LAYER_GOLD, FALSE);
  if (!retort_document_builder_set_tokens (builder, (RetortSpan *) reading->tokens->data, reading->tokens->len, error)
      || !retort_document_builder_set_sentences (builder, (RetortSpan *) reading->sentences->data,
                                                 reading->sentences->len, error)) {
    retort_document_builder_discard (builder);
    return FALSE;
  }
  for (guint i = 0; i < reading->found->len; i++) {
    const Found *const found = &g_array_index (reading->found, Found, i);
    g_autoptr(GError) inner = NULL;
    if (retort_document_builder_add_span (builder, RETORT_LAYER_GOLD, found->label, found->span, NAN, &inner) < 0)
      lines_complain_of (reading->lines, reading->first_line, RETORT_CODE_ANNOTATION, NULL, "%s", inner->message);
  }
  return TRUE;
}

static gboolean
end_document (Reading *reading, GError **error)
{
  end_sentence (reading);
  if (reading->tokens->len == 0)
    return TRUE;
  g_autofree char *id = g_strdup_printf ("%u", ++reading->n_documents);
  RetortDocumentBuilder *builder;
  gboolean ok = lines_begin_document (reading->lines, reading->sink, id, reading->text->str, reading->text->len,
                                      reading->first_line, &builder, error);

  if (ok && builder)
    ok = fill_document (reading, builder, error) && retort_corpus_sink_end (reading->sink, builder, error);
  g_string_truncate (reading->text, 0);
  g_array_set_size (reading->tokens, 0);
  g_array_set_size (reading->sentences, 0);
  g_array_set_size (reading->found, 0);
  reading->sentence_token = 0;
  return ok;
}

static gboolean
is_border (Field first)
{
  return field_is (first, "-DOCSTART-") || field_is (first, "-X-");
}

static gboolean
read_line (Reading *reading, const char *line, gsize n_bytes, GError **error)
{
  const Options *const opts = reading->options;
  Field columns[MAX_COLUMNS];

  if (line[strspn (line, " \t")] == '\0') {
    end_sentence (reading);
    return strcmp (opts->documents, "sentence") != 0 || end_document (reading, error);
  }
  if (!reading->delimiter || reading->n_columns == 0)
    reading->delimiter = strcmp (opts->delimiter, "auto") == 0 ? strchr (line, '\t') ? '\t' : ' '
                         : strcmp (opts->delimiter, "tab") == 0 ? '\t' : ' ';
  const guint n_columns = fields_split (line, n_bytes, reading->delimiter, columns, MAX_COLUMNS);
  if (n_columns > 0 && is_border (columns[0])) {
    end_sentence (reading);
    return strcmp (opts->documents, "file") == 0 || end_document (reading, error);
  }
  if (reading->n_columns == 0 && n_columns >= MAX (2, MAX (opts->token_column, opts->tag_column))
      && n_columns <= MAX_COLUMNS)
    reading->n_columns = n_columns;
  if (n_columns != reading->n_columns) {
    if (reading->n_columns == 0)
      lines_complain (reading->lines, RETORT_CODE_COLUMNS, NULL, NULL,
                      "here are %u columns, but token and tag need %u to %u", n_columns,
                      (guint) MAX (2, MAX (opts->token_column, opts->tag_column)), MAX_COLUMNS);
    else
      lines_complain (reading->lines, RETORT_CODE_COLUMNS, NULL, NULL,
                      "here are %u columns, but the lines before have %u", n_columns, reading->n_columns);
    return TRUE;
  }
  const Field token = columns[opts->token_column - 1];
  const Field tag = columns[(opts->tag_column ? opts->tag_column : n_columns) - 1];
  if (token.n_bytes == 0)
    lines_complain (reading->lines, RETORT_CODE_COLUMNS, token.text, NULL, "the token is empty");
  else
    add_token (reading, token, tag);
  return TRUE;
}

static gboolean
read_file (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink, GError **error)
{
  g_autoptr(Lines) lines = lines_open (context, path, error);

  if (!lines)
    return FALSE;
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GArray) tokens = g_array_new (FALSE, FALSE, sizeof (RetortSpan));
  g_autoptr(GArray) sentences = g_array_new (FALSE, FALSE, sizeof (RetortSpan));
  g_autoptr(GArray) found = g_array_new (FALSE, FALSE, sizeof (Found));
  g_autoptr(GPtrArray) tags = g_ptr_array_new_with_free_func (g_free);
  Reading reading = { .options = self, .sink = sink, .lines = lines, .text = text, .tokens = tokens,
                      .sentences = sentences, .found = found, .tags = tags };
  const char *line;
  gsize n_bytes;

  g_array_set_clear_func (found, found_clear);
  while ((line = lines_next (lines, &n_bytes)))
    if (!read_line (&reading, line, n_bytes, error))
      return FALSE;
  if (!lines_ok (lines, error) || !end_document (&reading, error))
    return FALSE;
  file_lost (context, reading.n_illegal, "mentions dropped: their tags are not legal in the scheme");
  return TRUE;
}

/* --- writing --- */

typedef struct {
  const Options *options;
  guint n_cut, n_overlapping, n_relations, n_spaces, n_empty, n_outside;
} Writing;

static gint
compare_entities (gconstpointer a, gconstpointer b)
{
  const RetortSpan x = (*(const RetortEntity *const *) a)->fragments[0];
  const RetortSpan y = (*(const RetortEntity *const *) b)->fragments[0];

  if (x.start != y.start)
    return x.start < y.start ? -1 : 1;
  return (x.end < y.end) - (x.end > y.end); /* the longer first */
}

/* The entities with one fragment, by start. */
static GPtrArray *
sorted_entities (Writing *writing, const RetortLayer *layer)
{
  GPtrArray *entities = g_ptr_array_new ();

  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *const entity = retort_layer_entity (layer, i);
    if (entity->n_fragments == 1)
      g_ptr_array_add (entities, (gpointer) entity);
    else
      writing->n_cut++;
  }
  g_ptr_array_sort (entities, compare_entities);
  return entities;
}

/* Puts entities that fit the tokens [n] into the sentence's spans. `next` runs over the entities, sentence after
 * sentence. */
static GArray *
place_entities (Writing *writing, const GPtrArray *entities, guint *next, const RetortSpan *tokens, guint n)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (RetortTokenSpan));
  guint t = 0, taken = 0;

  for (; *next < entities->len; ++*next) {
    const RetortEntity *const entity = entities->pdata[*next];
    const RetortSpan span = entity->fragments[0];
    if (span.start >= tokens[n - 1].end)
      break;
    while (t < n && tokens[t].start < span.start)
      t++;
    guint last = t;
    while (last < n && tokens[last].end < span.end)
      last++;
    if (t == n || last == n || tokens[t].start != span.start || tokens[last].end != span.end) {
      writing->n_cut++;
      continue;
    }
    if (t < taken) {
      writing->n_overlapping++;
      continue;
    }
    const char *const label = g_strcmp0 (entity->label, writing->options->label) == 0 ? "" : entity->label;
    const RetortTokenSpan placed = { t, last + 1, label };
    g_array_append_val (spans, placed);
    taken = last + 1;
  }
  return spans;
}

/* The token with spaces inside as underscores. */
static void
append_token (Writing *writing, GString *out, const char *text, RetortSpan token)
{
  for (const char *p = text + token.start; p < text + token.end; p = g_utf8_next_char (p)) {
    const gunichar c = g_utf8_get_char (p);
    writing->n_spaces += g_unichar_isspace (c);
    g_string_append_unichar (out, g_unichar_isspace (c) ? '_' : c);
  }
}

/* One line: token and tag in their columns, "_" in others. */
static void
append_line (Writing *writing, GString *out, const char *text, RetortSpan token, const char *tag)
{
  const Options *const opts = writing->options;
  const gint64 tag_column = opts->tag_column ? opts->tag_column : opts->token_column + 1;
  const char delimiter = strcmp (opts->delimiter, "space") == 0 ? ' ' : '\t';

  for (gint64 column = 1; column <= MAX (opts->token_column, tag_column); column++) {
    if (column > 1)
      g_string_append_c (out, delimiter);
    if (column == tag_column)
      g_string_append (out, tag);
    else if (column == opts->token_column)
      append_token (writing, out, text, token);
    else
      g_string_append_c (out, '_');
  }
  g_string_append_c (out, '\n');
}

static gboolean
append_document (const RetortDocument *document, const RetortLayer *layer, GString *out, gpointer user, GError **error)
{
  Writing *const writing = user;
  guint n_tokens, n_sentences, next = 0, t = 0;
  gsize n_bytes;
  const char *const text = retort_document_text (document, &n_bytes);
  const RetortSpan *const tokens = retort_document_tokens (document, &n_tokens);
  const RetortSpan *sentences = retort_document_sentences (document, &n_sentences);
  const RetortSpan whole = { 0, n_bytes };
  g_autoptr(GPtrArray) entities = sorted_entities (writing, layer);

  for (guint i = 0; i < entities->len; i++) {
    const char *const label = ((const RetortEntity *) entities->pdata[i])->label;
    if (strpbrk (label, " \t\r\n")) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "no tag can hold the label '%s'", label);
      return FALSE;
    }
  }
  if (!tokens && text[strspn (text, " \n")] != '\0') {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "document '%s' has no tokens", retort_document_id (document));
    return FALSE;
  }
  if (!sentences) {
    sentences = &whole;
    n_sentences = 1;
  }
  if (strcmp (writing->options->documents, "docstart") == 0)
    g_string_append_printf (out, "-DOCSTART-%cO\n\n", strcmp (writing->options->delimiter, "space") == 0 ? ' ' : '\t');
  for (guint s = 0; s < n_sentences; s++) {
    const guint first = t;
    while (t < n_tokens && tokens[t].end <= sentences[s].end)
      t++;
    if (t == first)
      continue;
    g_autoptr(GArray) spans = place_entities (writing, entities, &next, tokens + first, t - first);
    g_auto(GStrv) tags = retort_tags_write (scheme_of (writing->options), (RetortTokenSpan *) spans->data, spans->len,
                                            t - first);
    for (guint i = first; i < t; i++)
      append_line (writing, out, text, tokens[i], tags[i - first]);
    g_string_append_c (out, '\n');
  }
  writing->n_cut += entities->len - next;
  writing->n_outside += n_tokens - t;
  writing->n_empty += n_tokens == 0;
  writing->n_relations += retort_layer_n_relations (layer);
  return TRUE;
}

static gboolean
write_file (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer, const char *path,
            GError **error)
{
  Writing writing = { .options = self };

  if (!file_write (context, documents, layer, path, append_document, &writing, error))
    return FALSE;
  file_lost (context, writing.n_cut, "mentions not written: their borders are not those of tokens of one sentence");
  file_lost (context, writing.n_overlapping, "mentions not written: they overlap another");
  file_lost (context, writing.n_relations, "relations not written");
  file_lost (context, writing.n_outside, "tokens not written: they are in no sentence");
  file_lost (context, writing.n_empty, "documents not written: they have no tokens");
  file_lost (context, writing.n_spaces, "spaces inside tokens written as underscores");
  return TRUE;
}
