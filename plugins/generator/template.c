/* template - sentences from patterns and word lists: what can be had without a language model, to compare with.
 *
 * "{drug} caused {effect} in {n} patients" draws a word for each slot. Words of slots that carry labels stand in
 * inline marks, so the prompt's form `inline` reads them. */
#include <retort/plugin.h>
#include <string.h>

#define LIST_BYTES_MAX (64u << 20)

typedef struct {
  const char *const *templates;
  const char *const *slots, *const *marks;
  const char *lists;
  gint64 lines;
} Options;

static const RetortOption options[] = {
  RETORT_OPTION_LIST (Options, templates, "templates", NULL, "Sentences with {slots}; `{{` is a brace.",
                      .flags = RETORT_OPTION_REQUIRED),
  RETORT_OPTION_MAP (Options, slots, "slots", "The words of each slot, with a bar between them: \"gout | asthma\"."),
  RETORT_OPTION_PATH (Options, lists, "lists",
                      "A folder with a file SLOT.txt for each longer list, one word or phrase a line."),
  RETORT_OPTION_MAP (Options, marks, "marks", "The tag in which the words of a slot stand: {disease: disease}."),
  RETORT_OPTION_INT (Options, lines, "lines", "10", 1, 100000, "Sentences an answer.", .unit = "lines"),
};

typedef struct {
  const Options *options;
  GHashTable *words;   /* slot -> GPtrArray of char * */
} Templates;

static gboolean read_lists (Templates *self, GError **error);
static gboolean add_words (Templates *self, const char *slot, const char *text, const char *separator, GError **error);
static gboolean write_line (const Templates *self, const RetortRequest *request, RetortRandom *random, GString *out,
                            GError **error);
static void close_templates (void *self);

static void *
open_templates (RetortContext *context, const void *filled, GError **error)
{
  const Options *given = filled;
  Templates *self = g_new0 (Templates, 1);

  self->options = given;
  self->words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  gboolean done = given->templates && given->templates[0];
  if (!done)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "'templates' is empty");
  for (guint i = 0; done && given->slots && given->slots[i]; i += 2)
    done = add_words (self, given->slots[i], given->slots[i + 1], "|", error);
  if (done && (!given->lists || read_lists (self, error)))
    return self;
  close_templates (self);
  return NULL;
}

static void
close_templates (void *instance)
{
  Templates *self = instance;

  g_hash_table_unref (self->words);
  g_free (self);
}

static gboolean
answer (void *instance, RetortContext *context, const RetortRequest *request, GString *completion, GError **error)
{
  const Templates *self = instance;
  RetortRandom random;

  retort_context_random (context, request->id, &random);
  for (gint64 i = 0; i < self->options->lines; i++)
    if (!write_line (self, request, &random, completion, error))
      return FALSE;
  return TRUE;
}

static const RetortExample examples[] = {
  { "A marked slot", "{templates: ['{disease} is rare.'], slots: {disease: gout}, marks: {disease: disease}, lines: 2}",
    "Write two sentences.", "<disease>gout</disease> is rare.\n<disease>gout</disease> is rare.\n" },
};

static const RetortGeneratorRole role = { sizeof role, .answer = answer };
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_GENERATOR, .name = "template", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Writes sentences from patterns and word lists: the baseline of generators.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role, .open = open_templates,
  .close = close_templates,
};
RETORT_PLUGIN_EXPORT (plugin)

/* --- words --- */

static gboolean
add_words (Templates *self, const char *slot, const char *text, const char *separator, GError **error)
{
  g_auto(GStrv) parts = g_strsplit (text, separator, -1);
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; parts[i]; i++)
    if (*g_strstrip (parts[i]))
      g_ptr_array_add (words, g_strdup (parts[i]));
  if (words->len == 0) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the slot '%s' has no words", slot);
    return FALSE;
  }
  if (g_hash_table_contains (self->words, slot)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the slot '%s' has both 'slots' and a list file", slot);
    return FALSE;
  }
  g_hash_table_insert (self->words, g_strdup (slot), g_steal_pointer (&words));
  return TRUE;
}

static gboolean
read_lists (Templates *self, GError **error)
{
  g_autoptr(GDir) folder = g_dir_open (self->options->lists, 0, error);

  if (!folder)
    return FALSE;
  for (const char *name; (name = g_dir_read_name (folder));) {
    if (!g_str_has_suffix (name, ".txt"))
      continue;
    g_autofree char *path = g_build_filename (self->options->lists, name, NULL);
    g_autofree char *slot = g_strndup (name, strlen (name) - strlen (".txt"));
    g_autoptr(RetortSource) source = retort_source_load (path, LIST_BYTES_MAX, error);
    gsize n_bytes;
    if (!source)
      return FALSE;
    const char *text = retort_source_text (source, &n_bytes);
    if (!g_utf8_validate (text, n_bytes, NULL)) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: not valid UTF-8", path);
      return FALSE;
    }
    if (!add_words (self, slot, text, "\n", error))
      return FALSE;
  }
  return TRUE;
}

/* --- sentences --- */

static const char *
tag_of (const Templates *self, const char *slot)
{
  for (guint i = 0; self->options->marks && self->options->marks[i]; i += 2)
    if (g_str_equal (self->options->marks[i], slot))
      return self->options->marks[i + 1];
  return NULL;
}

/* A word for the slot, other than those that the sentence has already as long as there are any; or the request's
 * variable of that name. NULL with an error if there is neither. */
static const char *
draw (const Templates *self, const RetortRequest *request, const char *slot, GHashTable *used, RetortRandom *random,
      GError **error)
{
  const GPtrArray *words = g_hash_table_lookup (self->words, slot);

  for (guint i = 0; !words && i < request->n_variables; i++)
    if (g_str_equal (request->variables[2 * i], slot))
      return request->variables[2 * i + 1];
  if (!words) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_FAILED,
                 "a template has the slot {%s}, and neither 'slots' nor 'lists' nor the prompt's variables have it",
                 slot);
    return NULL;
  }
  const guint first = retort_random_below (random, words->len);
  for (guint i = 0; i < words->len; i++) {
    const char *word = words->pdata[(first + i) % words->len];
    if (g_hash_table_add (used, (gpointer) word))
      return word;
  }
  return words->pdata[first];
}

static gboolean
write_line (const Templates *self, const RetortRequest *request, RetortRandom *random, GString *out, GError **error)
{
  const char *const *templates = self->options->templates;
  const char *at = templates[retort_random_below (random, g_strv_length ((char **) templates))];
  g_autoptr(GHashTable) used = g_hash_table_new (g_str_hash, g_str_equal);

  while (*at) {
    const char *end = *at == '{' && at[1] != '{' ? strchr (at, '}') : NULL;
    if (!end) {
      at += at[0] == '{' && at[1] == '{';
      g_string_append_c (out, *at++);
      continue;
    }
    g_autofree char *slot = g_strndup (at + 1, end - at - 1);
    const char *word = draw (self, request, slot, used, random, error), *tag = tag_of (self, slot);
    if (!word)
      return FALSE;
    if (tag)
      g_string_append_printf (out, "<%s>%s</%s>", tag, word, tag);
    else
      g_string_append (out, word);
    at = end + 1;
  }
  g_string_append_c (out, '\n');
  return TRUE;
}
