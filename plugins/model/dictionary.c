/* dictionary - the baseline: what was labelled in training is labelled again.
 *
 * Entities: the longest run of tokens that is a known mention, from left to right. Upper and lower case are the same,
 * but not for names in capitals and for those of at most three characters ("AS" is not "as"). A mention is known if at
 * least the share `labelled` of its occurrences in training was labelled; its label is the most frequent one.
 *
 * Relations: of each signature (head label, tail label), apart for nearest pairs and others, the answer that is the
 * most frequent in training, which may be: none. A pair is nearest if no other candidate of its head is closer. */

#include "linear/model.h"
#include <math.h>
#include <string.h>

#define MAGIC 0x54434944 /* "DICT" */
#define VERSION 1
#define MAX_TOKENS 64    /* of a mention; longer ones are not worth a dictionary */
#define N_SHOWN 20

typedef struct { const char *learn; double labelled; } Options;

static const RetortOption options[] = {
  RETORT_OPTION_CHOICE (Options, learn, "learn", "all", linear_learn_what, "What to learn of the task."),
  RETORT_OPTION_NUMBER (Options, labelled, "labelled", "0.5", 0, 1,
                        "A name is known if at least this part of its occurrences in training was labelled."),
};

static const RetortExample examples[] = {
  { "A name seen in training", NULL,
    "{\"id\":\"a\",\"text\":\"gout hurts\",\"layers\":{\"gold\":{\"entities\":[{\"label\":\"Disease\",\"spans\":[[0,4]],\"text\":\"gout\"}]}}}\n"
    "{\"id\":\"b\",\"text\":\"she has gout .\",\"layers\":{\"gold\":{\"entities\":[{\"label\":\"Disease\",\"spans\":[[8,12]],\"text\":\"gout\"}]}}}\n"
    "{\"id\":\"c\",\"text\":\"no pain\",\"layers\":{\"gold\":{}}}\n"
    "{\"id\":\"d\",\"text\":\"has gout\"}\n",
    "d\tDisease\tgout\n" },
};

/* A name. Its key is the hash of its tokens: of their words, or of their lower case. */
typedef struct {
  guint64 key;
  char *surface;   /* as first seen */
  guint32 n_tokens;
  double *labels;  /* [n_entities] weight of the mentions with each label */
  double labelled, seen; /* weight of its mentions, and of its occurrences in the text */
  guint32 label;
} Name;

typedef struct {
  const Options *options;
  RetortTask *task;
  LinearTags *tags;
  GPtrArray *names;   /* Name, in order of first sight */
  GHashTable *by_key; /* key -> Name */
  guint32 longest;
  double *answers;    /* [n_relations][other or nearest][1 + n_relations] weight of each answer, none first; pairs
                         count in the row of the first relation that fits their labels */
  guint *signatures;  /* [n_relations] that first relation */
  gboolean knows_entities, knows_relations;
} Dictionary;

static gboolean begin (Dictionary *dictionary, const RetortTask *task, GError **error);
static void learn_names (Dictionary *dictionary, LinearText *text, LinearLosses *losses);
static void count_occurrences (Dictionary *dictionary, const LinearText *text);
static void choose_names (Dictionary *dictionary);
static void learn_relations (Dictionary *dictionary, const LinearText *text);
static void find_names (void *self, const LinearText *text, GArray *found);
static guint judge_pair (void *self, const LinearText *text, const RetortLayer *layer, const GArray *candidates, guint i,
                         double *score);
static guint best_answer (const Dictionary *dictionary, const double *answers);
static guint64 key_of (const LinearText *text, LinearRange tokens);
static gboolean is_exact (const LinearText *text, LinearRange tokens);
static Name *longest_at (const Dictionary *dictionary, const LinearText *text, guint t, guint end);
static double *answers_of (const Dictionary *dictionary, const RetortLayer *layer, const GArray *candidates, guint i);
static guint32 gap_of (const RetortLayer *layer, RetortCandidate pair);
static int by_weight (const void *a, const void *b);
static void name_free (void *data);

static void *
open_model (RetortContext *context, const void *data, GError **error)
{
  Dictionary *dictionary = g_new0 (Dictionary, 1);

  dictionary->options = data;
  dictionary->names = g_ptr_array_new_with_free_func (name_free);
  dictionary->by_key = g_hash_table_new (g_int64_hash, g_int64_equal);
  return dictionary;
}

static void
close_model (void *self)
{
  Dictionary *dictionary = self;

  g_hash_table_unref (dictionary->by_key);
  g_ptr_array_unref (dictionary->names);
  g_clear_pointer (&dictionary->task, retort_task_free);
  linear_tags_free (dictionary->tags);
  g_free (dictionary->answers);
  g_free (dictionary->signatures);
  g_free (dictionary);
}

static gboolean
train (void *self, RetortContext *context, const RetortTask *task, const RetortCorpus *corpus, const RetortCorpus *dev,
       GError **error)
{
  Dictionary *dictionary = self;
  const guint n = retort_corpus_n_documents (corpus);
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify) linear_text_free);
  LinearLosses losses = { 0 };

  if (!begin (dictionary, task, error))
    return FALSE;
  dictionary->knows_entities = strcmp (dictionary->options->learn, "relations") && task->n_entities > 0;
  dictionary->knows_relations = strcmp (dictionary->options->learn, "entities") && task->n_relations > 0;
  if (!dictionary->knows_entities && !dictionary->knows_relations) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "option 'learn' says '%s', but the task has none",
                 dictionary->options->learn);
    return FALSE;
  }
  for (guint i = 0; i < n; i++) {
    retort_context_at (context, retort_corpus_document (corpus, i));
    LinearText *text = linear_text_new (retort_corpus_document (corpus, i), error);
    if (!text)
      return FALSE;
    g_ptr_array_add (texts, text);
    if (dictionary->knows_entities)
      learn_names (dictionary, text, &losses);
    if (dictionary->knows_relations)
      learn_relations (dictionary, text);
  }
  for (guint k = 0; k < task->n_relations * 2 * (1 + task->n_relations); k++)
    dictionary->answers[k] = (float) dictionary->answers[k]; /* as it is saved */
  if (dictionary->knows_entities) {
    for (guint i = 0; i < n; i++)
      count_occurrences (dictionary, texts->pdata[i]);
    choose_names (dictionary);
    linear_losses_report (&losses, context);
    retort_context_count (context, "names known", dictionary->names->len);
  }
  return TRUE;
}

static gboolean
save (void *self, RetortBytes *out, GError **error)
{
  const Dictionary *dictionary = self;
  const guint R = dictionary->task->n_relations;
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  LinearWriter writer = { bytes };

  linear_write_header (&writer, MAGIC, VERSION);
  linear_write_u32 (&writer, dictionary->knows_entities | dictionary->knows_relations << 1);
  linear_write_task (&writer, dictionary->task);
  linear_write_u32 (&writer, dictionary->names->len);
  for (guint i = 0; i < dictionary->names->len; i++) {
    const Name *name = dictionary->names->pdata[i];
    linear_write_u64 (&writer, name->key);
    linear_write_string (&writer, name->surface);
    linear_write_u32 (&writer, name->n_tokens);
    linear_write_u32 (&writer, name->label);
    linear_write_float (&writer, name->labelled);
    linear_write_float (&writer, name->seen);
  }
  for (guint k = 0; k < R * 2 * (1 + R); k++)
    linear_write_float (&writer, dictionary->answers[k]);
  return retort_bytes_write (out, bytes->data, bytes->len, error);
}

static gboolean
load (void *self, RetortContext *context, const RetortTask *task, const guint8 *bytes, gsize n_bytes, GError **error)
{
  Dictionary *dictionary = self;
  const guint R = task->n_relations;
  LinearReader in = { bytes, bytes + n_bytes, NULL };

  if (!begin (dictionary, task, error))
    return FALSE;
  linear_read_header (&in, MAGIC, VERSION);
  const guint32 knows = linear_read_u32 (&in);
  if (knows == 0 || knows > 3)
    linear_reader_damaged (&in, "it has unknown parts");
  dictionary->knows_entities = knows & 1;
  dictionary->knows_relations = knows >> 1 & 1;
  linear_read_task (&in, task);
  for (guint32 left = linear_read_count (&in, 28); left > 0 && !in.damage; left--) {
    Name *name = g_new0 (Name, 1);
    name->key = linear_read_u64 (&in);
    name->surface = linear_read_string (&in);
    name->n_tokens = linear_read_u32 (&in);
    name->label = linear_read_u32 (&in);
    name->labelled = linear_read_float (&in);
    name->seen = linear_read_float (&in);
    g_ptr_array_add (dictionary->names, name);
    dictionary->longest = MAX (dictionary->longest, name->n_tokens);
    if (!in.damage && (name->label >= task->n_entities || name->n_tokens == 0 || name->n_tokens > MAX_TOKENS
                       || !(name->labelled > 0 && name->labelled <= name->seen)
                       || !g_hash_table_insert (dictionary->by_key, &name->key, name)))
      linear_reader_damaged (&in, "a name is not as names are");
  }
  for (guint k = 0; k < R * 2 * (1 + R) && !in.damage; k++) {
    dictionary->answers[k] = linear_read_float (&in);
    if (dictionary->answers[k] < 0)
      linear_reader_damaged (&in, "a count is negative");
  }
  return linear_reader_finish (&in, error);
}

static gboolean
predict (void *self, RetortContext *context, RetortWant want, const RetortDocument *const *documents,
         RetortDocumentBuilder *const *out, gsize n_documents, GError **error)
{
  const Dictionary *dictionary = self;
  const LinearPredictor predictor = { dictionary->knows_entities ? find_names : NULL,
                                      dictionary->knows_relations ? judge_pair : NULL };
  return linear_predict (&predictor, self, dictionary->task, context, want, documents, out, n_documents, error);
}

static gboolean
describe (void *self, GString *out, GError **error)
{
  const Dictionary *dictionary = self;
  const RetortTask *task = dictionary->task;
  g_autoptr(GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < dictionary->names->len; i++)
    g_ptr_array_add (names, dictionary->names->pdata[i]);
  g_ptr_array_sort (names, by_weight);
  if (dictionary->knows_entities)
    g_string_append_printf (out, "entities: %u names; the most frequent:\n", names->len);
  for (guint i = 0; i < MIN (names->len, N_SHOWN); i++) {
    const Name *name = names->pdata[i];
    g_string_append_printf (out, "  %s\t%g of %g\t%s\n", task->entities[name->label], name->labelled, name->seen,
                            name->surface);
  }
  for (guint r = 0; dictionary->knows_relations && r < task->n_relations; r++)
    for (guint nearest = 0; nearest < 2; nearest++) {
      const guint best = best_answer (dictionary, dictionary->answers + (2 * r + nearest) * (1 + task->n_relations));
      if (dictionary->signatures[r] == r)
        g_string_append_printf (out, "relations: %s, %s, %s pairs: %s\n", task->relations[r].head,
                                task->relations[r].tail, nearest ? "nearest" : "other",
                                best ? task->relations[best - 1].label : "none");
    }
  return TRUE;
}

static gboolean
begin (Dictionary *dictionary, const RetortTask *task, GError **error)
{
  const guint R = task->n_relations;

  dictionary->task = retort_task_copy (task);
  dictionary->tags = linear_tags_new (task, FALSE, error);
  dictionary->answers = g_new0 (double, R * 2 * (1 + R));
  dictionary->signatures = g_new (guint, R);
  for (guint r = 0; r < R; r++) {
    guint same = 0;
    while (strcmp (task->relations[same].head, task->relations[r].head)
           || strcmp (task->relations[same].tail, task->relations[r].tail))
      same++;
    dictionary->signatures[r] = same;
  }
  return dictionary->tags != NULL;
}

static void
learn_names (Dictionary *dictionary, LinearText *text, LinearLosses *losses)
{
  const guint n_entities = dictionary->task->n_entities;
  const double weight = retort_document_weight (text->document);
  g_autofree guint16 *labels = g_new (guint16, text->n_tokens);
  g_autoptr(GArray) found = g_array_new (FALSE, FALSE, sizeof (LinearFound));

  linear_tags_learn (dictionary->tags, dictionary->task, text,
                     retort_document_layer (text->document, RETORT_LAYER_GOLD), labels, losses);
  linear_tags_read (dictionary->tags, labels, text->n_tokens, found);
  for (guint i = 0; i < found->len; i++) {
    const LinearFound *mention = &g_array_index (found, LinearFound, i);
    const guint n_tokens = mention->tokens.end - mention->tokens.start;
    const guint64 key = key_of (text, mention->tokens);
    Name *name = g_hash_table_lookup (dictionary->by_key, &key);
    if (n_tokens > MAX_TOKENS)
      continue;
    if (!name) {
      const guint32 start = text->tokens[mention->tokens.start].span.start;
      const guint32 end = text->tokens[mention->tokens.end - 1].span.end;
      name = g_new0 (Name, 1);
      name->key = key;
      name->surface = g_strndup (retort_document_text (text->document, NULL) + start, end - start);
      name->n_tokens = n_tokens;
      name->labels = g_new0 (double, n_entities);
      g_ptr_array_add (dictionary->names, name);
      g_hash_table_insert (dictionary->by_key, &name->key, name);
      dictionary->longest = MAX (dictionary->longest, n_tokens);
    }
    name->labels[mention->entity] += weight;
    name->labelled += weight;
  }
}

/* An occurrence inside a longer name is not one of its own. */
static void
count_occurrences (Dictionary *dictionary, const LinearText *text)
{
  for (guint s = 0; s < text->n_sentences; s++)
    for (guint t = text->sentences[s].start; t < text->sentences[s].end;) {
      Name *name = longest_at (dictionary, text, t, text->sentences[s].end);
      if (name)
        name->seen += retort_document_weight (text->document);
      t += name ? name->n_tokens : 1;
    }
}

static void
choose_names (Dictionary *dictionary)
{
  for (guint i = 0; i < dictionary->names->len;) {
    Name *name = dictionary->names->pdata[i];
    /* A mention may have been inside a longer name all the time; it was labelled all the same. */
    name->seen = (float) MAX (name->seen, name->labelled);
    name->labelled = (float) name->labelled;
    for (guint label = 1; label < dictionary->task->n_entities; label++)
      if (name->labels[label] > name->labels[name->label])
        name->label = label;
    if (name->labelled > 0 && name->labelled >= dictionary->options->labelled * name->seen) {
      i++;
      continue;
    }
    g_hash_table_remove (dictionary->by_key, &name->key);
    g_ptr_array_remove_index (dictionary->names, i);
  }
}

static void
learn_relations (Dictionary *dictionary, const LinearText *text)
{
  const RetortTask *task = dictionary->task;
  const RetortLayer *gold = retort_document_layer (text->document, RETORT_LAYER_GOLD);
  g_autoptr(GArray) candidates = retort_task_candidates (task, text->document, gold);

  for (guint i = 0; i < candidates->len; i++) {
    const RetortCandidate pair = g_array_index (candidates, RetortCandidate, i);
    guint answer = 0;
    for (guint k = 0; k < retort_layer_n_relations (gold) && answer == 0; k++) {
      const RetortRelation *relation = retort_layer_relation (gold, k);
      for (guint r = 0; r < task->n_relations && relation->head == pair.head && relation->tail == pair.tail; r++)
        if (!strcmp (task->relations[r].label, relation->label))
          answer = r + 1;
    }
    answers_of (dictionary, gold, candidates, i)[answer] += retort_document_weight (text->document);
  }
}

static void
find_names (void *self, const LinearText *text, GArray *found)
{
  const Dictionary *dictionary = self;

  for (guint s = 0; s < text->n_sentences; s++)
    for (guint t = text->sentences[s].start; t < text->sentences[s].end;) {
      const Name *name = longest_at (dictionary, text, t, text->sentences[s].end);
      if (name)
        g_array_append_val (found, ((LinearFound) { { t, t + name->n_tokens }, name->label,
                                                    name->labelled / name->seen }));
      t += name ? name->n_tokens : 1;
    }
}

static guint
judge_pair (void *self, const LinearText *text, const RetortLayer *layer, const GArray *candidates, guint i,
            double *score)
{
  const Dictionary *dictionary = self;
  const double *answers = answers_of (dictionary, layer, candidates, i);
  const guint best = best_answer (dictionary, answers);
  double all = 0;

  for (guint j = 0; j <= dictionary->task->n_relations; j++)
    all += answers[j];
  *score = all > 0 ? answers[best] / all : NAN;
  return best;
}

/* Among equals the first; none before all relations. */
static guint
best_answer (const Dictionary *dictionary, const double *answers)
{
  guint best = 0;

  for (guint j = 1; j <= dictionary->task->n_relations; j++)
    if (answers[j] > answers[best])
      best = j;
  return best;
}

/* The hash of the tokens' words, or of their lower case, and of which of the two. */
static guint64
key_of (const LinearText *text, LinearRange tokens)
{
  const gboolean exact = is_exact (text, tokens);
  guint64 key = linear_mix (exact, 1);

  for (guint t = tokens.start; t < tokens.end; t++)
    key = linear_mix (key, text->tokens[t].forms[exact ? LINEAR_WORD : LINEAR_LOWER].hash);
  return key;
}

/* In capitals (digits and signs aside), or of at most three bytes. */
static gboolean
is_exact (const LinearText *text, LinearRange tokens)
{
  guint n_bytes = 0, n_upper = 0, n_lower = 0;

  for (guint t = tokens.start; t < tokens.end; t++) {
    const LinearAtom *shape = &text->tokens[t].forms[LINEAR_SHAPE];
    n_bytes += text->tokens[t].forms[LINEAR_WORD].n_bytes;
    for (guint i = 0; i < shape->n_bytes; i++) {
      n_upper += shape->text[i] == 'A';
      n_lower += shape->text[i] == 'a';
    }
  }
  return n_bytes <= 3 || (n_upper > 0 && n_lower == 0);
}

static Name *
longest_at (const Dictionary *dictionary, const LinearText *text, guint t, guint end)
{
  for (guint n = MIN (dictionary->longest, end - t); n > 0; n--) {
    const guint64 key = key_of (text, (LinearRange) { t, t + n });
    Name *name = g_hash_table_lookup (dictionary->by_key, &key);
    if (name && name->n_tokens == n)
      return name;
  }
  return NULL;
}

/* The row of counts for candidate i. */
static double *
answers_of (const Dictionary *dictionary, const RetortLayer *layer, const GArray *candidates, guint i)
{
  const RetortTask *task = dictionary->task;
  const RetortCandidate pair = g_array_index (candidates, RetortCandidate, i);
  const guint32 gap = gap_of (layer, pair);
  guint nearest = 1, r = 0;

  for (guint k = 0; k < candidates->len && nearest; k++) {
    const RetortCandidate other = g_array_index (candidates, RetortCandidate, k);
    nearest = other.head != pair.head || gap_of (layer, other) >= gap;
  }
  while (r + 1 < task->n_relations && (strcmp (task->relations[r].head, retort_layer_entity (layer, pair.head)->label)
                                       || strcmp (task->relations[r].tail, retort_layer_entity (layer, pair.tail)->label)))
    r++;
  return dictionary->answers + (2 * r + nearest) * (1 + task->n_relations);
}

/* Bytes between the two, 0 if they touch or overlap. */
static guint32
gap_of (const RetortLayer *layer, RetortCandidate pair)
{
  const RetortEntity *head = retort_layer_entity (layer, pair.head), *tail = retort_layer_entity (layer, pair.tail);
  const guint32 head_end = head->fragments[head->n_fragments - 1].end;
  const guint32 tail_end = tail->fragments[tail->n_fragments - 1].end;

  if (head_end <= tail->fragments[0].start)
    return tail->fragments[0].start - head_end;
  return tail_end <= head->fragments[0].start ? head->fragments[0].start - tail_end : 0;
}

/* The most frequent first. */
static int
by_weight (const void *a, const void *b)
{
  const Name *one = *(Name *const *) a, *other = *(Name *const *) b;

  if (one->labelled != other->labelled)
    return one->labelled > other->labelled ? -1 : 1;
  return strcmp (one->surface, other->surface);
}

static void
name_free (void *data)
{
  Name *name = data;

  g_free (name->surface);
  g_free (name->labels);
  g_free (name);
}

static const RetortModelRole role = {
  sizeof role, .tasks = RETORT_WANT_ENTITIES | RETORT_WANT_RELATIONS, .batch = 32, .train = train, .save = save,
  .load = load, .predict = predict, .describe = describe,
};

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_MODEL, .name = "dictionary", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Baseline: labels known names again, and the usual relation of each pair of labels.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role, .open = open_model, .close = close_model,
};
RETORT_PLUGIN_EXPORT (plugin)
