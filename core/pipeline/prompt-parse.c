/* prompt-parse - what a language model answered, as documents.
 *
 * An answer goes through three hands: wrapping is taken off (reasoning, code fences, line ends), the form cuts it into
 * texts, mentions and relations, and these are grounded, given the task's labels, and added to a document. Whatever is
 * mended or lost on the way is in the ledger. */
#include "pipeline/prompt-private.h"
#include <math.h>
#include <string.h>

/* What a form hands on: annotations of one text before they are checked. */
typedef struct {
  const char *label;   /* the task's */
  RetortSpan span;
} Found;

/* Where an answer is read to. */
typedef struct {
  const RetortPrompt *prompt;
  RetortLedger *ledger;
  const char *where;        /* the document, or the request */
  RetortDocumentBuilder *builder;
  const char *layer;
  GHashTable *seen;         /* "start end label" -> entity index + 1 */
  GArray *labels;           /* of const char *: of the layer's entities */
  GHashTable *related;      /* "label head tail" */
} Target;

/* generate: what documents are made with. */
typedef struct {
  const RetortPrompt *prompt;
  RetortLedger *ledger;
  const char *step;
  const RetortAnswer *answer;
  guint n_made, n_max;      /* of all answers */
  guint k;                  /* of this answer */
  RetortSinkFunc func;
  gpointer user;
} Maker;

static char *unwrap (const char *completion, RetortLedger *ledger, const char *where);
static gboolean make_inline (Maker *maker, const char *content, GError **error);
static gboolean make_json (Maker *maker, const char *content, GError **error);
static gboolean make_choice (Maker *maker, const char *content, GError **error);
static void read_inline (Target *target, const RetortDocument *document, const char *content);
static void read_list (Target *target, const RetortDocument *document, const char *content);
static void read_json (Target *target, const RetortDocument *document, const char *content);
static gboolean extract_pairs (const RetortPrompt *prompt, const RetortDocument *document, const char *given,
                               guint *index, const RetortAnswers *answers, Target *target, GError **error);
static gboolean finish (RetortDocumentBuilder *builder, RetortSinkFunc func, gpointer user, GError **error);

/* --- generate --- */

gboolean
retort_prompt_parse_generated (const RetortPrompt *prompt, const char *step, const RetortAnswers *answers, guint n_max,
                               RetortLedger *ledger, RetortSinkFunc func, gpointer user, GError **error)
{
  static gboolean (*const make[]) (Maker *, const char *, GError **) = {
    [PROMPT_INLINE] = make_inline, [PROMPT_JSON] = make_json, [PROMPT_CHOICE] = make_choice,
  };
  Maker maker = { prompt, ledger, step, .n_max = n_max, .func = func, .user = user };

  for (guint i = 0; i < retort_answers_n (answers); i++) {
    const RetortAnswer *answer = retort_answers_at (answers, i);
    if (!answer->completion) {
      retort_ledger_note (ledger, RETORT_LEDGER_ANSWERS, "failed", answer->id, answer->error);
      continue;
    }
    if (n_max > 0 && maker.n_made >= n_max) {
      retort_ledger_count (ledger, RETORT_LEDGER_ANSWERS, "not needed", 1);
      continue;
    }
    g_autofree char *content = unwrap (answer->completion, ledger, answer->id);
    retort_ledger_count (ledger, RETORT_LEDGER_ANSWERS, *content ? "read" : "empty", 1);
    maker.answer = answer;
    maker.k = 0;
    if (*content && !make[prompt->form.kind](&maker, content, error))
      return FALSE;
    if (*content && maker.k == 0)
      retort_ledger_note (ledger, RETORT_LEDGER_ANSWERS, "without a document", answer->id, content);
  }
  return TRUE;
}

/* The case that an id such as "0012" or "0012.3" was rendered from, or NULL. */
static const guint *
case_of (const RetortPrompt *prompt, const char *id)
{
  char *behind;
  const guint64 number = g_ascii_strtoull (id, &behind, 10);

  if (behind == id || (*behind && *behind != '.') || number == 0 || number > prompt->n_cases)
    return NULL;
  return (const guint *) prompt->cases->data + (gsize) (number - 1) * prompt->variables->len;
}

/* Begins the answer's next document in a chunk of its own, and a target for its gold layer. NULL with the reason in the
 * ledger if the text cannot be one. */
static RetortDocumentBuilder *
begin_document (Maker *maker, RetortChunk *chunk, const char *text, gsize n_bytes)
{
  const RetortPrompt *prompt = maker->prompt;
  const RetortAnswer *answer = maker->answer;
  g_autoptr(GError) error = NULL;
  g_autofree char *id = g_strdup_printf ("%s/%s/%u", maker->step, answer->id, maker->k + 1);
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, id, text, n_bytes, &error);

  if (!builder) {
    retort_ledger_note (maker->ledger, RETORT_LEDGER_DROPPED, "text is not valid", answer->id, error->message);
    return NULL;
  }
  const guint *values = case_of (prompt, answer->id);
  for (guint v = 0; values && v < prompt->variables->len; v++) {
    const PromptVariable *variable = prompt->variables->pdata[v];
    const char *name = variable->names->pdata[values[v]];
    retort_document_builder_set_meta (builder, variable->name, name ? name : variable->values->pdata[values[v]]);
  }
  retort_document_builder_add_layer (builder, RETORT_LAYER_GOLD, FALSE);
  maker->k++;
  return builder;
}

static void
target_init (Target *target, const RetortPrompt *prompt, RetortLedger *ledger, const char *where,
             RetortDocumentBuilder *builder, const char *layer)
{
  *target = (Target){ prompt, ledger, where, builder, layer };
  target->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  target->labels = g_array_new (FALSE, FALSE, sizeof (const char *));
  target->related = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
target_clear (Target *target)
{
  g_hash_table_unref (target->seen);
  g_array_unref (target->labels);
  g_hash_table_unref (target->related);
}

static gboolean
end_document (Maker *maker, RetortDocumentBuilder *builder, GError **error)
{
  retort_ledger_count (maker->ledger, RETORT_LEDGER_DOCUMENTS, "made", 1);
  maker->n_made++;
  return finish (builder, maker->func, maker->user, error);
}

/* Seals the builder and hands the document on. */
static gboolean
finish (RetortDocumentBuilder *builder, RetortSinkFunc func, gpointer user, GError **error)
{
  return func (retort_document_builder_seal (builder), user, error);
}

static gboolean
enough (Maker *maker)
{
  return maker->n_max > 0 && maker->n_made >= maker->n_max;
}

/* --- annotations --- */

/* Adds an entity under the task's name for `written`; the index, or -1 with the reason in the ledger. */
static gint
add_entity (Target *target, const char *written, RetortSpan span, const char *words)
{
  const char *label = retort_prompt_task_label (target->prompt, written);
  g_autoptr(GError) error = NULL;

  if (!*label || retort_task_entity_index (target->prompt->task, label) < 0) {
    g_autofree char *example = g_strdup_printf ("%s: %s", written, words);
    retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED,
                        *label ? "label is not of the task" : "label is mapped to nothing", target->where, example);
    return -1;
  }
  g_autofree char *key = g_strdup_printf ("%u %u %s", span.start, span.end, label);
  if (g_hash_table_contains (target->seen, key)) {
    retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED, "same words marked twice", target->where, words);
    return GPOINTER_TO_INT (g_hash_table_lookup (target->seen, key)) - 1;
  }
  const gint index = retort_document_builder_add_span (target->builder, target->layer, label, span, NAN, &error);
  if (index < 0) {
    retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED, "mention does not fit the text", target->where,
                        error->message);
    return -1;
  }
  g_hash_table_insert (target->seen, g_steal_pointer (&key), GINT_TO_POINTER (index + 1));
  if ((guint) index >= target->labels->len)
    g_array_set_size (target->labels, index + 1);
  g_array_index (target->labels, const char *, index) = label;
  return index;
}

/* Entity `index` has the label, which may also be what the layer had before. */
static gboolean
has_label (const Target *target, gint index, const char *label)
{
  return (guint)index < target->labels->len
         && g_strcmp0 (g_array_index (target->labels, const char *, index), label) == 0;
}

/* Adds a relation under the task's name for `written`, its arguments the other way round if only so they fit. */
static void
add_relation (Target *target, const char *written, gint head, gint tail)
{
  const char *label = retort_prompt_task_label (target->prompt, written);
  const RetortRelationType *type = retort_prompt_relation_type (target->prompt, label);
  g_autoptr(GError) error = NULL;

  if (!type) {
    retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED,
                        *label ? "relation is not of the task" : "relation is mapped to nothing", target->where,
                        written);
    return;
  }
  if (!has_label (target, head, type->head) || !has_label (target, tail, type->tail)) {
    if (!has_label (target, tail, type->head) || !has_label (target, head, type->tail)) {
      retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED, "relation does not fit its arguments", target->where,
                          written);
      return;
    }
    retort_ledger_note (target->ledger, RETORT_LEDGER_REPAIRED, "arguments were the other way round", target->where,
                        written);
    const gint other = head;
    head = tail;
    tail = other;
  }
  g_autofree char *key = g_strdup_printf ("%s %d %d", label, head, tail);
  if (head == tail || !g_hash_table_add (target->related, g_steal_pointer (&key))) {
    retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED,
                        head == tail ? "relation of something with itself" : "same relation twice", target->where,
                        written);
    return;
  }
  const RetortRelation relation = { NULL, label, head, tail, NAN, NULL };
  if (retort_document_builder_add_relation (target->builder, target->layer, &relation, &error) < 0)
    retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED, "relation does not fit the text", target->where,
                        error->message);
  else
    retort_ledger_count (target->ledger, RETORT_LEDGER_RELATIONS, "made", 1);
}

static const char *
mark_label (const PromptForm *form, const char *tag)
{
  for (guint i = 0; i < form->marks->len; i++)
    if (g_str_equal (g_array_index (form->marks, PromptPair, i).from, tag))
      return g_array_index (form->marks, PromptPair, i).to;
  g_assert_not_reached (); /* the reader of marks knows no other tags */
}

static void
add_marks (Target *target, const RetortMarked *marked)
{
  for (guint i = 0; i < marked->marks->len; i++) {
    const RetortMark *mark = &g_array_index (marked->marks, RetortMark, i);
    g_autofree char *words = g_strndup (marked->text + mark->span.start, mark->span.end - mark->span.start);
    if (mark->match == RETORT_MATCH_EXACT)
      retort_ledger_count (target->ledger, RETORT_LEDGER_MENTIONS, retort_match_names[mark->match], 1);
    else
      retort_ledger_note (target->ledger, RETORT_LEDGER_MENTIONS, retort_match_names[mark->match], target->where,
                          words);
    add_entity (target, mark_label (&target->prompt->form, mark->tag), mark->span, words);
  }
}

/* --- wrapping --- */

/* Takes out every <think>..</think>. */
static void
drop_reasoning (GString *text, RetortLedger *ledger, const char *where)
{
  static const char *const tags[][2] = { { "<think>", "</think>" }, { "<thinking>", "</thinking>" } };

  for (guint i = 0; i < G_N_ELEMENTS (tags); i++)
    for (const char *open; (open = strstr (text->str, tags[i][0]));) {
      const char *close = strstr (open, tags[i][1]);
      const gsize end = close ? (gsize) (close - text->str) + strlen (tags[i][1]) : text->len;
      retort_ledger_note (ledger, RETORT_LEDGER_REPAIRED, "reasoning left out", where, NULL);
      g_string_erase (text, open - text->str, end - (open - text->str));
    }
}

static gboolean
only_space (const char *text, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    if (!g_ascii_isspace (text[i]))
      return FALSE;
  return TRUE;
}

/* If there are code fences, only what is inside them stays. */
static void
drop_fences (GString *text, RetortLedger *ledger, const char *where)
{
  g_autoptr(GString) inside = g_string_new (NULL);
  gboolean open = FALSE, any = FALSE, around = FALSE;

  for (const char *at = text->str; *at;) {
    const char *end = at + strcspn (at, "\n");
    const char *first = at + strspn (at, " \t");
    if (g_str_has_prefix (first, "```")) {
      open = !open;
      any = TRUE;
    } else if (open) {
      g_string_append_len (inside, at, end - at);
      g_string_append_c (inside, '\n');
    } else
      around |= !only_space (at, end - at);
    at = *end ? end + 1 : end;
  }
  if (!any)
    return;
  retort_ledger_note (ledger, RETORT_LEDGER_REPAIRED, "code fence", where, NULL);
  if (around)
    retort_ledger_note (ledger, RETORT_LEDGER_REPAIRED, "words around the answer", where, text->str);
  g_string_assign (text, inside->str);
}

/* The answer without wrapping; empty if there is nothing in it. Full ownership. */
static char *
unwrap (const char *completion, RetortLedger *ledger, const char *where)
{
  g_autoptr(GString) text = g_string_new (completion);

  if (g_str_has_prefix (text->str, "\xef\xbb\xbf"))
    g_string_erase (text, 0, 3);
  if (memchr (text->str, '\r', text->len)) {
    retort_ledger_note (ledger, RETORT_LEDGER_REPAIRED, "line ends", where, NULL);
    g_string_replace (text, "\r\n", "\n", 0);
    g_string_replace (text, "\r", "\n", 0);
  }
  drop_reasoning (text, ledger, where);
  drop_fences (text, ledger, where);
  return g_strstrip (g_strdup (text->str));
}

/* --- lines --- */

/* "3. text", "3) text", "- text", "* text": the bytes before the text; 0 if the line does not begin so. A number counts
 * only where it is the line's own, so that "3. degree burns" in line 1 stays; `number` is the line's, from 1, and
 * `introduced` says that the first line only announced the others. */
static gsize
bullet_bytes (const char *line, guint number, gboolean introduced)
{
  static const char *const bullets[] = { "- ", "* ", "\xe2\x80\xa2 ", "\xe2\x80\x93 ", "\xc2\xb7 " };
  char *behind;

  for (guint i = 0; i < G_N_ELEMENTS (bullets); i++)
    if (g_str_has_prefix (line, bullets[i]))
      return strlen (bullets[i]);
  if (!g_ascii_isdigit (*line) || g_ascii_strtoull (line, &behind, 10) != number - introduced)
    return 0;
  if ((*behind != '.' && *behind != ')') || (behind[1] != ' ' && behind[1] != '\t'))
    return 0;
  return behind + 2 - line;
}

/* Takes matching quotes off that stand around all of the line and nowhere in it; TRUE if there were. */
static gboolean
strip_quotes (char *line)
{
  static const char *const quotes[][2] = {
    { "\"", "\"" }, { "'", "'" }, { "`", "`" }, { "\xe2\x80\x9c", "\xe2\x80\x9d" }, { "\xe2\x80\x98", "\xe2\x80\x99" },
  };
  const gsize n = strlen (line);

  for (guint i = 0; i < G_N_ELEMENTS (quotes); i++) {
    const gsize a = strlen (quotes[i][0]), b = strlen (quotes[i][1]);
    if (n <= a + b || !g_str_has_prefix (line, quotes[i][0]) || !g_str_has_suffix (line, quotes[i][1]))
      continue;
    const char *next = strstr (line + a, quotes[i][1]);
    if (next != line + n - b)
      continue;
    memmove (line, line + a, n - a - b);
    line[n - a - b] = '\0';
    return TRUE;
  }
  return FALSE;
}

/* The lines of an answer without bullets and blank lines; with `paragraphs`, blocks between blank lines. */
static GPtrArray *
cut_lines (const char *content, gboolean paragraphs, RetortLedger *ledger, const char *where)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  g_auto(GStrv) parts = g_strsplit (content, paragraphs ? "\n\n" : "\n", -1);

  for (guint i = 0; parts[i]; i++) {
    char *line = g_strstrip (parts[i]);
    if (!*line)
      continue;
    const gboolean introduced = lines->len > 0 && g_str_has_suffix (lines->pdata[0], ":");
    const gsize n = bullet_bytes (line, lines->len + 1, introduced);
    if (n > 0) {
      retort_ledger_note (ledger, RETORT_LEDGER_REPAIRED, "numbers or bullets before lines", where, line);
      line = g_strchug (line + n);
    }
    g_ptr_array_add (lines, g_strdup (line));
  }
  return lines;
}

/* "None.", "none": nothing else. */
static gboolean
says_none (const char *line, const char *none)
{
  g_autofree char *word = g_strdup (line);

  while (strip_quotes (word));
  gsize n = strlen (word);
  while (n > 0 && strchr (".!", word[n - 1]))
    word[--n] = '\0';
  return g_ascii_strcasecmp (word, none) == 0;
}

/* "Here are ten sentences:" */
static gboolean
is_introduction (const GPtrArray *lines, guint i)
{
  const char *line = lines->pdata[i];

  return i == 0 && lines->len > 1 && g_str_has_suffix (line, ":") && !strchr (line, '<') && !strchr (line, '\t');
}

/* --- inline --- */

static gboolean
make_marked (Maker *maker, const char *line, GError **error)
{
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  const char *where = maker->answer->id;
  g_autoptr(RetortMarked) marked = retort_marked_parse (line, -1, maker->prompt->form.tags, maker->ledger, where);
  Target target;

  if (only_space (marked->text, marked->n_bytes)) {
    retort_ledger_note (maker->ledger, RETORT_LEDGER_DROPPED, "no text", where, line);
    return TRUE;
  }
  RetortDocumentBuilder *builder = begin_document (maker, chunk, marked->text, marked->n_bytes);
  if (!builder)
    return TRUE;
  target_init (&target, maker->prompt, maker->ledger, where, builder, RETORT_LAYER_GOLD);
  add_marks (&target, marked);
  target_clear (&target);
  return end_document (maker, builder, error);
}

static gboolean
make_inline (Maker *maker, const char *content, GError **error)
{
  const PromptUnit unit = maker->prompt->form.unit;
  const char *where = maker->answer->id;

  if (unit == PROMPT_UNIT_ANSWER)
    return make_marked (maker, content, error);
  g_autoptr(GPtrArray) lines = cut_lines (content, unit == PROMPT_UNIT_PARAGRAPH, maker->ledger, where);
  for (guint i = 0; i < lines->len && !enough (maker); i++) {
    char *line = lines->pdata[i];
    if (is_introduction (lines, i)) {
      retort_ledger_note (maker->ledger, RETORT_LEDGER_REPAIRED, "words around the answer", where, line);
      continue;
    }
    if (strip_quotes (line))
      retort_ledger_note (maker->ledger, RETORT_LEDGER_REPAIRED, "quotes round a line", where, line);
    if (!make_marked (maker, line, error))
      return FALSE;
  }
  return TRUE;
}

static void
read_inline (Target *target, const RetortDocument *document, const char *content)
{
  gsize n_bytes;
  const char *text = retort_document_text (document, &n_bytes);
  g_autoptr(RetortMarked) marked
      = retort_marked_parse (content, -1, target->prompt->form.tags, target->ledger, target->where);

  retort_ledger_count (target->ledger, "drift", "words that differ",
                       retort_marked_transfer (marked, text, n_bytes, target->ledger, target->where));
  add_marks (target, marked);
}

/* --- list --- */

typedef struct {
  GArray *mentions;   /* of RetortMention; text and label are owned by `strings` */
  GStringChunk *strings;
} MentionList;

static void
mention_add (MentionList *list, const char *label, const char *text)
{
  const RetortMention mention
      = { g_string_chunk_insert (list->strings, text), g_string_chunk_insert_const (list->strings, label) };

  g_array_append_val (list->mentions, mention);
}

/* The text has these words somewhere, close or not. */
static gboolean
is_there (const RetortDocument *document, const char *words)
{
  gsize n_bytes;
  const char *text = retort_document_text (document, &n_bytes);
  const RetortMention mention = { words, "" };
  RetortGrounding grounding;

  retort_align_mentions (text, n_bytes, &mention, 1, &grounding);
  return grounding.match <= RETORT_MATCH_FORM;
}

/* Cuts a line that is a list by itself ("gout, asthma; rickets") where its parts stand in the text and the whole does
 * not. */
static gboolean
split_line (Target *target, const RetortDocument *document, MentionList *list, const char *label, const char *line)
{
  g_auto(GStrv) parts = g_strsplit_set (line, ",;", -1);
  for (guint i = 0; parts[i]; i++)
    if (!*g_strstrip (parts[i]) || !is_there (document, parts[i]))
      return FALSE;
  retort_ledger_note (target->ledger, RETORT_LEDGER_REPAIRED, "several mentions on one line", target->where, line);
  for (guint i = 0; parts[i]; i++)
    mention_add (list, label, parts[i]);
  return TRUE;
}

static void
read_mention (Target *target, const RetortDocument *document, MentionList *list, const char *label, char *line)
{
  const char *text = retort_document_text (document, NULL);

  if (strstr (text, line)) {
    mention_add (list, label, line);
    return;
  }
  if (strip_quotes (line))
    retort_ledger_note (target->ledger, RETORT_LEDGER_REPAIRED, "quotes round a mention", target->where, line);
  const gsize n = strlen (line);
  if (n > 1 && strchr (".,;:", line[n - 1]) && !strstr (text, line)) {
    retort_ledger_note (target->ledger, RETORT_LEDGER_REPAIRED, "sign behind a mention", target->where, line);
    line[n - 1] = '\0';
  }
  if (strpbrk (line, ",;") && !is_there (document, line) && split_line (target, document, list, label, line))
    return;
  mention_add (list, label, line);
}

/* "Label: mention": cuts the line in two; NULL (and counted) if it is not so. */
static const char *
label_of_line (Target *target, char **line)
{
  char *colon = strchr (*line, ':');

  if (!colon || colon == *line) {
    retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED, "line without a label", target->where, *line);
    return NULL;
  }
  *colon = '\0';
  const char *label = g_strstrip (*line);
  *line = g_strstrip (colon + 1);
  return label;
}

static void
ground_list (Target *target, const RetortDocument *document, const MentionList *list, gint *entities)
{
  gsize n_bytes;
  const char *text = retort_document_text (document, &n_bytes);
  const RetortMention *mentions = (const RetortMention *) list->mentions->data;
  const guint n = list->mentions->len;
  g_autofree RetortGrounding *groundings = g_new0 (RetortGrounding, n + 1);

  retort_align_mentions (text, n_bytes, mentions, n, groundings);
  retort_align_account (target->ledger, target->where, mentions, n, groundings);
  for (guint i = 0; i < n; i++) {
    const gint index = groundings[i].match == RETORT_MATCH_NONE
                           ? -1 : add_entity (target, mentions[i].label, groundings[i].span, mentions[i].text);
    if (entities)
      entities[i] = index;
  }
}

static void
read_list (Target *target, const RetortDocument *document, const char *content)
{
  const PromptForm *form = &target->prompt->form;
  g_autoptr(GPtrArray) lines = cut_lines (content, FALSE, target->ledger, target->where);
  MentionList list = { g_array_new (FALSE, FALSE, sizeof (RetortMention)), g_string_chunk_new (1024) };

  for (guint i = 0; i < lines->len; i++) {
    char *line = lines->pdata[i];
    if (says_none (line, form->none)) {
      if (lines->len > 1)
        retort_ledger_note (target->ledger, RETORT_LEDGER_REPAIRED, "'none' among mentions", target->where, line);
      continue;
    }
    if (is_introduction (lines, i) && !is_there (document, line)) {
      retort_ledger_note (target->ledger, RETORT_LEDGER_REPAIRED, "words around the answer", target->where, line);
      continue;
    }
    const char *label = form->label ? form->label : label_of_line (target, &line);
    if (label && *line && !says_none (line, form->none))
      read_mention (target, document, &list, label, line);
  }
  ground_list (target, document, &list, NULL);
  g_array_unref (list.mentions);
  g_string_chunk_free (list.strings);
}

/* --- json --- */

/* The string under `key`; numbers as their text; NULL if there is none. */
static const char *
json_text (JsonObject *object, const char *key, GStringChunk *strings)
{
  JsonNode *node = json_object_get_member (object, key);

  if (!node || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  if (json_node_get_value_type (node) != G_TYPE_INT64)
    return NULL;
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return g_string_chunk_insert_const (strings, number);
}

/* The list under `key`; NULL if there is none (which is repaired to an empty one, and counted). */
static JsonArray *
json_list (Target *target, JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);

  if (node && JSON_NODE_HOLDS_ARRAY (node))
    return json_node_get_array (node);
  retort_ledger_note (target->ledger, RETORT_LEDGER_REPAIRED, "a list is missing", target->where, key);
  return NULL;
}

/* The entities that could be read; `ids` gets their ids. */
static void
json_entities (Target *target, JsonArray *array, MentionList *list, GPtrArray *ids)
{
  const PromptForm *form = &target->prompt->form;

  for (guint i = 0; array && i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const char *text = object ? json_text (object, form->entity_text, list->strings) : NULL;
    const char *label = object ? json_text (object, form->entity_label, list->strings) : NULL;
    if (!text || !label) {
      retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED, "entity without text or label", target->where, text);
      continue;
    }
    mention_add (list, label, text);
    g_autofree char *place = g_strdup_printf ("%u", i + 1);
    const char *id = json_text (object, form->entity_id, list->strings);
    g_ptr_array_add (ids, g_string_chunk_insert_const (list->strings, id ? id : place));
  }
}

/* The entity that carries the id; -1 if it was dropped, -2 if there is none. */
static gint
entity_by_id (const GPtrArray *ids, const gint *entities, const char *id)
{
  for (guint i = 0; id && i < ids->len; i++)
    if (g_str_equal (ids->pdata[i], id))
      return entities[i];
  return -2;
}

static void
json_relations (Target *target, JsonArray *array, const GPtrArray *ids, const gint *entities, GStringChunk *strings)
{
  const PromptForm *form = &target->prompt->form;

  for (guint i = 0; array && i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const char *label = object ? json_text (object, form->relation_label, strings) : NULL;
    if (!label) {
      retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED, "relation without a label", target->where, NULL);
      continue;
    }
    const gint head = entity_by_id (ids, entities, json_text (object, form->relation_head, strings));
    const gint tail = entity_by_id (ids, entities, json_text (object, form->relation_tail, strings));
    if (head >= 0 && tail >= 0)
      add_relation (target, label, head, tail);
    else
      retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED,
                          head == -2 || tail == -2 ? "relation names no entity" : "argument of a relation was dropped",
                          target->where, label);
  }
}

/* Entities and relations of one object, onto the target's text. */
static void
read_object (Target *target, const char *text, gsize n_bytes, JsonObject *object)
{
  const PromptForm *form = &target->prompt->form;
  MentionList list = { g_array_new (FALSE, FALSE, sizeof (RetortMention)), g_string_chunk_new (1024) };
  g_autoptr(GPtrArray) ids = g_ptr_array_new ();

  json_entities (target, json_list (target, object, form->entities), &list, ids);
  const RetortMention *mentions = (const RetortMention *) list.mentions->data;
  const guint n = list.mentions->len;
  g_autofree RetortGrounding *groundings = g_new0 (RetortGrounding, n + 1);
  g_autofree gint *entities = g_new0 (gint, n + 1);
  retort_align_mentions (text, n_bytes, mentions, n, groundings);
  retort_align_account (target->ledger, target->where, mentions, n, groundings);
  for (guint i = 0; i < n; i++)
    entities[i] = groundings[i].match == RETORT_MATCH_NONE
                      ? -1 : add_entity (target, mentions[i].label, groundings[i].span, mentions[i].text);
  if (target->prompt->task->n_relations > 0 || json_object_has_member (object, form->relations))
    json_relations (target, json_list (target, object, form->relations), ids, entities, list.strings);
  g_array_unref (list.mentions);
  g_string_chunk_free (list.strings);
}

static gboolean
make_json_document (Maker *maker, JsonNode *node, GError **error)
{
  const char *where = maker->answer->id;
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *text_node = object ? json_object_get_member (object, maker->prompt->form.text) : NULL;
  Target target;

  if (!text_node || json_node_get_value_type (text_node) != G_TYPE_STRING) {
    retort_ledger_note (maker->ledger, RETORT_LEDGER_DROPPED, "no text", where, NULL);
    return TRUE;
  }
  g_autofree char *text = g_strstrip (g_strdup (json_node_get_string (text_node)));
  if (!*text) {
    retort_ledger_note (maker->ledger, RETORT_LEDGER_DROPPED, "no text", where, NULL);
    return TRUE;
  }
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = begin_document (maker, chunk, text, strlen (text));
  if (!builder)
    return TRUE;
  target_init (&target, maker->prompt, maker->ledger, where, builder, RETORT_LAYER_GOLD);
  read_object (&target, text, strlen (text), object);
  target_clear (&target);
  return end_document (maker, builder, error);
}

static gboolean
make_json (Maker *maker, const char *content, GError **error)
{
  const PromptForm *form = &maker->prompt->form;
  const char *where = maker->answer->id;
  g_autoptr(JsonNode) root = retort_loose_json_parse (content, maker->ledger, where);
  JsonNode *list = root;

  if (!root) {
    retort_ledger_note (maker->ledger, RETORT_LEDGER_DROPPED, "answer is not JSON", where, content);
    return TRUE;
  }
  if (JSON_NODE_HOLDS_OBJECT (root) && form->documents
      && json_object_has_member (json_node_get_object (root), form->documents))
    list = json_object_get_member (json_node_get_object (root), form->documents);
  else if (form->documents)
    retort_ledger_note (maker->ledger, RETORT_LEDGER_REPAIRED, "documents without their list", where, form->documents);
  if (!JSON_NODE_HOLDS_ARRAY (list))
    return make_json_document (maker, list, error);
  JsonArray *array = json_node_get_array (list);
  for (guint i = 0; i < json_array_get_length (array) && !enough (maker); i++)
    if (!make_json_document (maker, json_array_get_element (array, i), error))
      return FALSE;
  return TRUE;
}

static void
read_json (Target *target, const RetortDocument *document, const char *content)
{
  const PromptForm *form = &target->prompt->form;
  g_autoptr(JsonNode) root = retort_loose_json_parse (content, target->ledger, target->where);
  JsonNode *node = root;
  gsize n_bytes;
  const char *text = retort_document_text (document, &n_bytes);

  if (node && JSON_NODE_HOLDS_OBJECT (node) && form->documents)
    node = json_object_get_member (json_node_get_object (node), form->documents);
  if (node && JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) > 0) {
    JsonArray *array = json_node_get_array (node);
    if (!form->documents || json_array_get_length (array) > 1)
      retort_ledger_note (target->ledger, RETORT_LEDGER_REPAIRED, "several objects for one document", target->where,
                          NULL);
    node = json_array_get_element (array, 0);
  }
  if (node && JSON_NODE_HOLDS_OBJECT (node))
    read_object (target, text, n_bytes, json_node_get_object (node));
  else
    retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED, "answer is not JSON", target->where, content);
}

/* --- choice --- */

/* The relation that the answer's first word stands for ("" for none), and where the rest begins; NULL if it is no
 * answer. */
static const char *
choice_of (const PromptForm *form, const char *line, const char **rest)
{
  const char *word = line + strspn (line, " \t\"'`*([");

  for (guint i = 0; i < form->answers->len; i++) {
    const PromptPair *pair = &g_array_index (form->answers, PromptPair, i);
    const gsize n = strlen (pair->from);
    if (g_ascii_strncasecmp (word, pair->from, n) != 0 || g_ascii_isalnum (word[n]) || word[n] == '-' || word[n] == '_')
      continue;
    *rest = word + n;
    return pair->to;
  }
  return NULL;
}

/* The only candidate of a document that is being built: one entity of the head's label and one of the tail's. */
static gboolean
only_pair (const Target *target, const RetortRelationType *type, gint *head, gint *tail)
{
  guint n_heads = 0, n_tails = 0;

  for (guint i = 0; i < target->labels->len; i++) {
    if (has_label (target, i, type->head)) {
      *head = i;
      n_heads++;
    } else if (has_label (target, i, type->tail)) {
      *tail = i;
      n_tails++;
    }
  }
  return n_heads == 1 && n_tails == 1;
}

static gboolean
make_choice_line (Maker *maker, const char *line, GError **error)
{
  const char *where = maker->answer->id, *rest = NULL;
  const char *relation = choice_of (&maker->prompt->form, line, &rest);
  Target target;

  if (!relation) {
    retort_ledger_note (maker->ledger, RETORT_LEDGER_DROPPED, "line without an answer", where, line);
    return TRUE;
  }
  if (*rest != '\t')
    retort_ledger_note (maker->ledger, RETORT_LEDGER_REPAIRED, "no tab behind the answer", where, line);
  rest += strspn (rest, " \t:;,.|-\"'`*)]");
  g_autoptr(RetortMarked) marked = retort_marked_parse (rest, -1, maker->prompt->form.tags, maker->ledger, where);
  if (only_space (marked->text, marked->n_bytes)) {
    retort_ledger_note (maker->ledger, RETORT_LEDGER_DROPPED, "no text", where, line);
    return TRUE;
  }
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = begin_document (maker, chunk, marked->text, marked->n_bytes);
  if (!builder)
    return TRUE;
  target_init (&target, maker->prompt, maker->ledger, where, builder, RETORT_LAYER_GOLD);
  add_marks (&target, marked);
  const char *label = retort_prompt_task_label (maker->prompt, relation);
  const RetortRelationType *type = *label ? retort_prompt_relation_type (maker->prompt, label) : NULL;
  gint head = -1, tail = -1;
  const gboolean fits = !type || only_pair (&target, type, &head, &tail);
  if (type && fits)
    add_relation (&target, relation, head, tail);
  else if (!type)
    retort_ledger_count (maker->ledger, RETORT_LEDGER_RELATIONS, "answered no", 1);
  target_clear (&target);
  if (fits)
    return end_document (maker, builder, error);
  retort_ledger_note (maker->ledger, RETORT_LEDGER_DROPPED, "not one pair that the answer could be about", where, line);
  retort_document_builder_discard (builder);
  maker->k--;
  return TRUE;
}

static gboolean
make_choice (Maker *maker, const char *content, GError **error)
{
  g_autoptr(GPtrArray) lines = cut_lines (content, FALSE, maker->ledger, maker->answer->id);

  for (guint i = 0; i < lines->len && !enough (maker); i++) {
    if (is_introduction (lines, i)) {
      retort_ledger_note (maker->ledger, RETORT_LEDGER_REPAIRED, "words around the answer", maker->answer->id,
                          lines->pdata[i]);
      continue;
    }
    if (!make_choice_line (maker, lines->pdata[i], error))
      return FALSE;
  }
  return TRUE;
}

/* --- extract --- */

/* The answer to the next request about the document, counted; *content is NULL if there is none. */
static gboolean
next_answer (const RetortAnswers *answers, const char *document, guint *index, RetortLedger *ledger, char **content,
             GError **error)
{
  g_autofree char *id = retort_prompt_request_id ((*index)++, 0);
  const RetortAnswer *answer = retort_answers_find (answers, id);

  *content = NULL;
  if (!answer) {
    retort_ledger_note (ledger, RETORT_LEDGER_ANSWERS, "missing", document, NULL);
    return TRUE;
  }
  if (answer->document && !g_str_equal (answer->document, document)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "answer %s is about '%s', but request %s asked about '%s'", id,
                 answer->document, id, document);
    return FALSE;
  }
  if (!answer->completion) {
    retort_ledger_note (ledger, RETORT_LEDGER_ANSWERS, "failed", document, answer->error);
    return TRUE;
  }
  *content = unwrap (answer->completion, ledger, document);
  retort_ledger_count (ledger, RETORT_LEDGER_ANSWERS, **content ? "read" : "empty", 1);
  if (!**content)
    g_clear_pointer (content, g_free);
  return TRUE;
}

gboolean
retort_prompt_parse_extracted (const RetortPrompt *prompt, const RetortDocument *document, const char *given,
                               guint *index, const RetortAnswers *answers, RetortLedger *ledger, RetortSinkFunc func,
                               gpointer user, GError **error)
{
  static void (*const read[]) (Target *, const RetortDocument *, const char *) = {
    [PROMPT_INLINE] = read_inline, [PROMPT_LIST] = read_list, [PROMPT_JSON] = read_json,
  };
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = retort_document_builder_new_from (chunk, document);
  const char *id = retort_document_id (document);
  gboolean done = TRUE;
  Target target;

  retort_document_builder_add_layer (builder, RETORT_LAYER_PREDICTED, TRUE);
  target_init (&target, prompt, ledger, id, builder, RETORT_LAYER_PREDICTED);
  if (prompt->form.kind == PROMPT_CHOICE)
    done = extract_pairs (prompt, document, given, index, answers, &target, error);
  else {
    g_autofree char *content = NULL;
    done = next_answer (answers, id, index, ledger, &content, error);
    if (content)
      read[prompt->form.kind](&target, document, content);
    if (done)
      retort_ledger_count (ledger, RETORT_LEDGER_DOCUMENTS, content ? "answered" : "unanswered", 1);
  }
  target_clear (&target);
  if (done)
    return finish (builder, func, user, error);
  retort_document_builder_discard (builder);
  return FALSE;
}

/* Entities of the given layer as they are; FALSE cannot happen to a sealed document. */
static void
copy_entities (Target *target, const RetortLayer *layer)
{
  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    const gint index = retort_document_builder_add_entity (target->builder, target->layer, entity, NULL);
    g_assert (index == (gint) i);
    g_array_append_val (target->labels, entity->label);
  }
}

static gboolean
extract_pairs (const RetortPrompt *prompt, const RetortDocument *document, const char *given, guint *index,
               const RetortAnswers *answers, Target *target, GError **error)
{
  const RetortLayer *layer = retort_prompt_given (document, given);
  const char *id = retort_document_id (document);
  g_autoptr(GArray) candidates = retort_task_candidates (prompt->task, document, layer);
  guint n_answered = 0;

  copy_entities (target, layer);
  for (guint i = 0; i < candidates->len; i++) {
    const RetortCandidate *candidate = &g_array_index (candidates, RetortCandidate, i);
    g_autofree char *content = NULL;
    const char *rest = NULL;
    if (!next_answer (answers, id, index, target->ledger, &content, error))
      return FALSE;
    if (!content)
      continue;
    const char *relation = choice_of (&prompt->form, content, &rest);
    if (!relation) {
      retort_ledger_note (target->ledger, RETORT_LEDGER_DROPPED, "answer is none of the choices", id, content);
      continue;
    }
    n_answered++;
    if (rest[strspn (rest, " \t\n.!\"'`*)]")])
      retort_ledger_note (target->ledger, RETORT_LEDGER_REPAIRED, "words around the answer", id, content);
    if (*relation)
      add_relation (target, relation, candidate->head, candidate->tail);
    else
      retort_ledger_count (target->ledger, RETORT_LEDGER_RELATIONS, "answered no", 1);
  }
  retort_ledger_count (target->ledger, RETORT_LEDGER_DOCUMENTS,
                       candidates->len == 0 ? "without a candidate" : n_answered > 0 ? "answered" : "unanswered", 1);
  return TRUE;
}
