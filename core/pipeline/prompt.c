/* prompt - prompt files: reading, checking, and the requests they stand for.
 *
 * The check knows everything that can be wrong before a request is made: keys, types, labels, variables without values,
 * values without a variable, cases that lack one. All of it is reported at once. */
#include "base/limit.h"
#include "pipeline/prompt-private.h"
#include <stdarg.h>
#include <string.h>

typedef struct {
  RetortPrompt *prompt;
  const RetortYamlFile *file;
  RetortDiagnostics *diagnostics;
} Loader;

static void load_root (Loader *loader, const RetortYaml *root);
static void load_labels (Loader *loader, const RetortYaml *root);
static void load_variables (Loader *loader, const RetortYaml *root);
static void load_cases (Loader *loader, const RetortYaml *root);
static void make_grid (Loader *loader, const RetortYaml *root);
static void load_instruction (Loader *loader, const RetortYaml *root);
static void load_form (Loader *loader, const RetortYaml *root);
static void check_labels (Loader *loader, const RetortYaml *root);
static void variable_free (gpointer p);

static const char *const root_keys[] = {
  "retort-prompt", "about", "label", "instruction", "variables", "cases", "form", "labels", "examples", NULL,
};

RetortPrompt *
retort_prompt_load (const char *path, const RetortTask *task, RetortPurpose purpose, RetortDiagnostics *diagnostics,
                    GError **error)
{
  g_autoptr(RetortYamlFile) file = retort_yaml_load (path, diagnostics, error);
  g_autoptr(RetortPrompt) prompt = g_new0 (RetortPrompt, 1);
  g_autoptr(RetortDiagnostics) own = retort_diagnostics_new ();

  if (!file)
    return NULL;
  prompt->task = retort_task_copy (task);
  prompt->purpose = purpose;
  prompt->strings = g_string_chunk_new (4096);
  prompt->pieces = g_array_new (FALSE, FALSE, sizeof (PromptPiece));
  prompt->variables = g_ptr_array_new_with_free_func (variable_free);
  prompt->cases = g_array_new (FALSE, FALSE, sizeof (guint));
  prompt->labels = g_array_new (FALSE, FALSE, sizeof (PromptPair));
  prompt->form.marks = g_array_new (FALSE, FALSE, sizeof (PromptPair));
  prompt->form.answers = g_array_new (FALSE, FALSE, sizeof (PromptPair));
  prompt->form.masks = g_array_new (FALSE, FALSE, sizeof (PromptPair));
  Loader loader = { prompt, file, own };
  if (file->root)
    load_root (&loader, file->root);

  g_autofree char *found = retort_diagnostics_to_json (own);
  if (!retort_diagnostics_add_json (diagnostics, found, error))
    return NULL;
  if (!file->root || !retort_diagnostics_ok (own, NULL)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the prompt file %s is wrong", path);
    return NULL;
  }
  return g_steal_pointer (&prompt);
}

void
retort_prompt_free (RetortPrompt *prompt)
{
  if (!prompt)
    return;
  retort_task_free (prompt->task);
  g_string_chunk_free (prompt->strings);
  g_array_unref (prompt->pieces);
  g_ptr_array_unref (prompt->variables);
  g_array_unref (prompt->cases);
  g_array_unref (prompt->labels);
  g_array_unref (prompt->form.marks);
  g_array_unref (prompt->form.answers);
  g_array_unref (prompt->form.masks);
  g_free (prompt->form.tags);
  g_free (prompt);
}

RetortLabel
retort_prompt_label (const RetortPrompt *prompt)
{
  return prompt->label;
}

guint
retort_prompt_n_cases (const RetortPrompt *prompt)
{
  return prompt->n_cases;
}

const char *
retort_prompt_task_label (const RetortPrompt *prompt, const char *written)
{
  for (guint fold = 0; fold < 2; fold++)
    for (guint i = 0; i < prompt->labels->len; i++) {
      const PromptPair *pair = &g_array_index (prompt->labels, PromptPair, i);
      if (fold ? g_ascii_strcasecmp (pair->from, written) == 0 : g_str_equal (pair->from, written))
        return pair->to;
    }
  return written;
}

const RetortRelationType *
retort_prompt_relation_type (const RetortPrompt *prompt, const char *label)
{
  for (guint i = 0; i < prompt->task->n_relations; i++)
    if (g_str_equal (prompt->task->relations[i].label, label))
      return &prompt->task->relations[i];
  return NULL;
}

/* --- checks that all parts share --- */

/* Like retort_diagnostics_add, at a node. */
#define complain(loader, code, node, hint, ...)                                                                        \
  retort_diagnostics_add ((loader)->diagnostics, code, (loader)->file->source, (node)->start, (node)->end, hint,       \
                          __VA_ARGS__)

static void
check_keys (Loader *loader, const RetortYaml *map, const char *const *known, const char *what)
{
  for (guint i = 0; i < map->n_items; i++) {
    const char *key = map->keys[i]->text;
    if (g_strv_contains (known, key))
      continue;
    const char *meant = retort_suggest (key, known);
    g_autofree char *all = g_strjoinv (", ", (char **) known);
    g_autofree char *hint
        = meant ? g_strdup_printf ("did you mean '%s'?", meant) : g_strdup_printf ("it knows %s", all);
    complain (loader, RETORT_CODE_PROMPT_KEY, map->keys[i], hint, "%s has no key '%s'", what, key);
  }
}

/* Absent is fine (NULL); a list or map is a diagnostic. */
static const char *
get_text (Loader *loader, const RetortYaml *map, const char *key, const char *preset)
{
  const RetortYaml *node = retort_yaml_get (map, key);

  if (!node)
    return preset;
  if (node->type == RETORT_YAML_SCALAR)
    return g_string_chunk_insert_const (loader->prompt->strings, node->text);
  complain (loader, RETORT_CODE_PROMPT_TYPE, node, NULL, "'%s' takes a text", key);
  return preset;
}

/* A map of texts, appended to `pairs`; FALSE if absent. An empty or null value is "". */
static gboolean
get_pairs (Loader *loader, const RetortYaml *map, const char *key, GArray *pairs)
{
  const RetortYaml *node = retort_yaml_get (map, key);

  if (!node)
    return FALSE;
  if (node->type != RETORT_YAML_MAP) {
    complain (loader, RETORT_CODE_PROMPT_TYPE, node, NULL, "'%s' takes a map, such as {a: b}", key);
    return TRUE;
  }
  for (guint i = 0; i < node->n_items; i++) {
    const RetortYaml *value = node->items[i];
    if (value->type != RETORT_YAML_SCALAR && value->type != RETORT_YAML_NULL) {
      complain (loader, RETORT_CODE_PROMPT_TYPE, value, NULL, "'%s' takes a text for each of its keys", key);
      continue;
    }
    const PromptPair pair = {
      g_string_chunk_insert_const (loader->prompt->strings, node->keys[i]->text),
      value->type == RETORT_YAML_NULL ? "" : g_string_chunk_insert_const (loader->prompt->strings, value->text),
    };
    g_array_append_val (pairs, pair);
  }
  return TRUE;
}

/* --- the file --- */

/* Examples are somebody's text: without a word on them they count as a corpus without a label does. */
static void
load_privacy (Loader *loader, const RetortYaml *root)
{
  const RetortYaml *node = retort_yaml_get (root, "label");

  loader->prompt->label = retort_yaml_get (root, "examples") ? RETORT_LABEL_RESTRICTED : RETORT_LABEL_PUBLIC;
  if (node && (node->type != RETORT_YAML_SCALAR || !retort_label_parse (node->text, &loader->prompt->label)))
    complain (loader, RETORT_CODE_PROMPT_TYPE, node, "public, internal, deidentified, restricted or phi",
              "'label' is the privacy label of the examples");
}

static void
load_root (Loader *loader, const RetortYaml *root)
{
  gint64 version;

  if (root->type != RETORT_YAML_MAP) {
    complain (loader, RETORT_CODE_PROMPT_TYPE, root, "a prompt file begins with `retort-prompt: 1`",
              "a prompt file is a map");
    return;
  }
  check_keys (loader, root, root_keys, "a prompt file");
  const RetortYaml *version_node = retort_yaml_get (root, "retort-prompt");
  if (!version_node)
    complain (loader, RETORT_CODE_PROMPT_MISSING, root, "put `retort-prompt: 1` on the first line",
              "'retort-prompt' is missing");
  else if (!retort_yaml_to_int (version_node, &version) || version != 1)
    complain (loader, RETORT_CODE_PROMPT_TYPE, version_node, NULL, "'retort-prompt' is 1");
  get_text (loader, root, "about", NULL); /* for people; it only has to be text */
  load_privacy (loader, root);
  load_labels (loader, root);
  load_variables (loader, root);
  load_cases (loader, root);
  load_form (loader, root);
  load_instruction (loader, root);
  check_labels (loader, root);
}

static void
load_labels (Loader *loader, const RetortYaml *root)
{
  get_pairs (loader, root, "labels", loader->prompt->labels);
}

/* --- variables and cases --- */

static void
variable_free (gpointer p)
{
  PromptVariable *variable = p;

  g_ptr_array_unref (variable->values);
  g_ptr_array_unref (variable->names);
  g_free (variable);
}

static PromptVariable *
variable_add (RetortPrompt *prompt, const char *name)
{
  PromptVariable *variable = g_new0 (PromptVariable, 1);

  variable->name = g_string_chunk_insert_const (prompt->strings, name);
  variable->values = g_ptr_array_new ();
  variable->names = g_ptr_array_new ();
  g_ptr_array_add (prompt->variables, variable);
  return variable;
}

static gint
variable_find (const RetortPrompt *prompt, const char *name)
{
  for (guint i = 0; i < prompt->variables->len; i++)
    if (g_str_equal (((PromptVariable *) prompt->variables->pdata[i])->name, name))
      return i;
  return -1;
}

/* Index of the value whose name (or, without one, whose text) is `text`, or -1. */
static gint
value_find (const PromptVariable *variable, const char *text)
{
  for (guint i = 0; i < variable->values->len; i++)
    if (g_strcmp0 (variable->names->pdata[i] ? variable->names->pdata[i] : variable->values->pdata[i], text) == 0)
      return i;
  return -1;
}

static void
value_add (Loader *loader, PromptVariable *variable, const RetortYaml *name, const RetortYaml *value)
{
  GStringChunk *strings = loader->prompt->strings;

  if (value->type != RETORT_YAML_SCALAR) {
    complain (loader, RETORT_CODE_PROMPT_TYPE, value, NULL, "a value of '%s' is a text", variable->name);
    return;
  }
  if (value_find (variable, name ? name->text : value->text) >= 0) {
    complain (loader, RETORT_CODE_PROMPT_CASE, value, NULL, "'%s' has this value twice", variable->name);
    return;
  }
  g_ptr_array_add (variable->values, g_string_chunk_insert_const (strings, value->text));
  g_ptr_array_add (variable->names, name ? g_string_chunk_insert_const (strings, name->text) : NULL);
}

static const char *const reserved[] = { "text", "head", "tail", "entities", "relations", "examples", NULL };

static void
load_variables (Loader *loader, const RetortYaml *root)
{
  const RetortYaml *node = retort_yaml_get (root, "variables");

  if (!node)
    return;
  if (node->type != RETORT_YAML_MAP) {
    complain (loader, RETORT_CODE_PROMPT_TYPE, node, "variables: {topic: [asthma, gout]}", "'variables' takes a map");
    return;
  }
  if (loader->prompt->purpose == RETORT_PURPOSE_EXTRACT) {
    complain (loader, RETORT_CODE_PROMPT_CASE, node,
              "extract asks once about every document; write the words into the instruction",
              "'variables' is for generating text");
    return;
  }
  for (guint i = 0; i < node->n_items; i++) {
    const RetortYaml *values = node->items[i];
    if (g_strv_contains (reserved, node->keys[i]->text)) {
      complain (loader, RETORT_CODE_PROMPT_VARIABLE, node->keys[i], "choose another name",
                "'%s' has a meaning of its own", node->keys[i]->text);
      continue;
    }
    PromptVariable *variable = variable_add (loader->prompt, node->keys[i]->text);
    if (values->type != RETORT_YAML_MAP && values->type != RETORT_YAML_SEQUENCE)
      complain (loader, RETORT_CODE_PROMPT_TYPE, values, "[first, second] or {name: first text, other: second text}",
                "'%s' takes a list of texts, or a map of names to texts", variable->name);
    else if (values->n_items == 0)
      complain (loader, RETORT_CODE_PROMPT_TYPE, values, NULL, "'%s' has no values", variable->name);
    else
      for (guint k = 0; k < values->n_items; k++)
        value_add (loader, variable, values->type == RETORT_YAML_MAP ? values->keys[k] : NULL, values->items[k]);
  }
}

/* The value of one case for one variable; variables that `variables` does not declare take any text. */
static guint
case_value (Loader *loader, const RetortYaml *item, const char *name, guint index, guint n_declared)
{
  PromptVariable *variable = loader->prompt->variables->pdata[index];
  const RetortYaml *node = retort_yaml_get (item, name);

  if (!node) {
    complain (loader, RETORT_CODE_PROMPT_CASE, item, NULL, "the case says nothing about '%s'", name);
    return 0;
  }
  if (node->type != RETORT_YAML_SCALAR) {
    complain (loader, RETORT_CODE_PROMPT_TYPE, node, NULL, "'%s' takes a text", name);
    return 0;
  }
  const gint found = value_find (variable, node->text);
  if (found >= 0)
    return found;
  if (index >= n_declared) {
    value_add (loader, variable, NULL, node);
    return variable->values->len - 1;
  }
  g_autoptr(GPtrArray) known = g_ptr_array_new ();
  for (guint i = 0; i < variable->values->len; i++)
    g_ptr_array_add (known, variable->names->pdata[i] ? variable->names->pdata[i] : variable->values->pdata[i]);
  g_ptr_array_add (known, NULL);
  const char *meant = retort_suggest (node->text, (const char *const *) known->pdata);
  g_autofree char *hint = meant ? g_strdup_printf ("did you mean '%s'?", meant) : NULL;
  complain (loader, RETORT_CODE_PROMPT_CASE, node, hint, "'%s' is no value of '%s'", node->text, name);
  return 0;
}

static void
load_cases (Loader *loader, const RetortYaml *root)
{
  RetortPrompt *prompt = loader->prompt;
  const RetortYaml *node = retort_yaml_get (root, "cases");
  const guint n_declared = prompt->variables->len;

  if (prompt->purpose == RETORT_PURPOSE_EXTRACT) {
    if (node)
      complain (loader, RETORT_CODE_PROMPT_CASE, node, NULL, "'cases' is for generating text");
    return;
  }
  if (!node) {
    make_grid (loader, root);
    return;
  }
  if (node->type != RETORT_YAML_SEQUENCE || node->n_items == 0) {
    complain (loader, RETORT_CODE_PROMPT_TYPE, node, "cases: [{topic: asthma, kind: titles}]",
              "'cases' takes a list of maps");
    return;
  }
  for (guint i = 0; i < node->n_items; i++)
    if (node->items[i]->type == RETORT_YAML_MAP)
      for (guint k = 0; k < node->items[i]->n_items; k++) {
        const char *name = node->items[i]->keys[k]->text;
        if (variable_find (prompt, name) < 0)
          variable_add (prompt, name);
      }
  for (guint i = 0; i < node->n_items; i++) {
    const RetortYaml *item = node->items[i];
    if (item->type != RETORT_YAML_MAP) {
      complain (loader, RETORT_CODE_PROMPT_TYPE, item, NULL, "a case is a map of variables to values");
      continue;
    }
    for (guint v = 0; v < prompt->variables->len; v++) {
      const guint value
          = case_value (loader, item, ((PromptVariable *)prompt->variables->pdata[v])->name, v, n_declared);
      g_array_append_val (prompt->cases, value);
    }
    prompt->n_cases++;
  }
}

/* Every combination, the first variable varying slowest; without variables one case. */
static void
make_grid (Loader *loader, const RetortYaml *root)
{
  RetortPrompt *prompt = loader->prompt;
  const guint n = prompt->variables->len;
  guint64 n_cases = 1;

  for (guint v = 0; v < n; v++) {
    n_cases *= ((PromptVariable *) prompt->variables->pdata[v])->values->len;
    if (n_cases > RETORT_LIMIT_REQUESTS) {
      complain (loader, RETORT_CODE_PROMPT_CASE, retort_yaml_get (root, "variables"),
                "list the wanted ones under `cases`", "the variables have more than %d combinations",
                RETORT_LIMIT_REQUESTS);
      return;
    }
  }
  for (guint64 c = 0; c < n_cases; c++) {
    const guint row = prompt->cases->len;
    g_array_set_size (prompt->cases, row + n);
    guint64 rest = c;
    for (guint v = n; v-- > 0;) {
      const guint n_values = ((PromptVariable *) prompt->variables->pdata[v])->values->len;
      g_array_index (prompt->cases, guint, row + v) = rest % n_values;
      rest /= n_values;
    }
  }
  prompt->n_cases = n_cases;
}

/* --- the instruction --- */

typedef struct {
  GString *literal;       /* text since the last piece */
  guint n_text, n_head, n_examples;
  guint *n_used;          /* [n_variables] */
} Template;

static void
end_literal (Loader *loader, Template *template)
{
  if (template->literal->len == 0)
    return;
  const PromptPiece piece
      = { PROMPT_PIECE_LITERAL, g_string_chunk_insert (loader->prompt->strings, template->literal->str), 0 };
  g_array_append_val (loader->prompt->pieces, piece);
  g_string_truncate (template->literal, 0);
}

static void
append_examples (Loader *loader, const RetortYaml *root, GString *out)
{
  const RetortYaml *node = retort_yaml_get (root, "examples");
  static const char *const keys[] = { "document", "answer", NULL };

  if (!node)
    return;
  if (node->type != RETORT_YAML_SEQUENCE) {
    complain (loader, RETORT_CODE_PROMPT_TYPE, node, "examples: [{document: text, answer: text}]",
              "'examples' takes a list of maps");
    return;
  }
  for (guint i = 0; i < node->n_items; i++) {
    const RetortYaml *item = node->items[i];
    if (item->type != RETORT_YAML_MAP) {
      complain (loader, RETORT_CODE_PROMPT_TYPE, item, NULL,
                "an example is a map with 'answer' and, to extract, 'document'");
      continue;
    }
    check_keys (loader, item, keys, "an example");
    const char *document = get_text (loader, item, "document", NULL), *answer = get_text (loader, item, "answer", NULL);
    if (!answer || (!document && loader->prompt->purpose == RETORT_PURPOSE_EXTRACT)) {
      complain (loader, RETORT_CODE_PROMPT_MISSING, item, NULL, "the example lacks '%s'",
                answer ? "document" : "answer");
      continue;
    }
    if (out->len > 0 && i > 0)
      g_string_append (out, "\n\n");
    g_autofree char *shown = g_strchomp (g_strdup (document ? document : "")), *wanted = g_strchomp (g_strdup (answer));
    if (document)
      g_string_append_printf (out, "Example:\n%s\nAnswer:\n", shown);
    g_string_append (out, wanted);
  }
}

static void
append_labels (const RetortPrompt *prompt, gboolean relations, GString *out)
{
  const guint n = relations ? prompt->task->n_relations : prompt->task->n_entities;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? ", " : "",
                            relations ? prompt->task->relations[i].label : prompt->task->entities[i]);
}

/* {{name}}: what it stands for. `start` and `end` are its place in the file. */
static void
add_variable (Loader *loader, Template *template, const RetortYaml *root, const char *name, gsize start, gsize end)
{
  RetortPrompt *prompt = loader->prompt;
  const gboolean extract = prompt->purpose == RETORT_PURPOSE_EXTRACT;
  const gboolean pairs = extract && prompt->form.kind == PROMPT_CHOICE;
  PromptPiece piece = { PROMPT_PIECE_VARIABLE, NULL, 0 };
  const gint variable = variable_find (prompt, name);

  if (g_str_equal (name, "entities") || g_str_equal (name, "relations")) {
    append_labels (prompt, name[0] == 'r', template->literal);
    return;
  }
  if (g_str_equal (name, "examples")) {
    template->n_examples++;
    append_examples (loader, root, template->literal);
    return;
  }
  if (extract && g_str_equal (name, "text")) {
    piece.kind = PROMPT_PIECE_TEXT;
    template->n_text++;
  } else if (pairs && (g_str_equal (name, "head") || g_str_equal (name, "tail"))) {
    piece.kind = name[0] == 'h' ? PROMPT_PIECE_HEAD : PROMPT_PIECE_TAIL;
    template->n_head++;
  } else if (variable >= 0) {
    piece.variable = variable;
    template->n_used[variable]++;
  } else {
    g_autoptr(GPtrArray) known = g_ptr_array_new ();
    for (guint i = 0; i < prompt->variables->len; i++)
      g_ptr_array_add (known, (gpointer) ((PromptVariable *) prompt->variables->pdata[i])->name);
    if (extract)
      g_ptr_array_add (known, (gpointer) "text");
    for (guint i = 3; reserved[i]; i++)
      g_ptr_array_add (known, (gpointer) reserved[i]);
    g_ptr_array_add (known, NULL);
    const char *meant = retort_suggest (name, (const char *const *) known->pdata);
    g_autofree char *all = g_strjoinv (", ", (char **) known->pdata);
    g_autofree char *hint
        = meant ? g_strdup_printf ("did you mean {{%s}}?", meant) : g_strdup_printf ("there are %s", all);
    retort_diagnostics_add (loader->diagnostics, RETORT_CODE_PROMPT_VARIABLE, loader->file->source, start, end, hint,
                            "{{%s}} has no value", name);
    return;
  }
  end_literal (loader, template);
  g_array_append_val (prompt->pieces, piece);
}

/* Where "{{name" stands in the file, within the instruction; its whole place if it cannot be found. */
static void
locate (const Loader *loader, const RetortYaml *node, const char *name, gsize *start, gsize *end)
{
  const char *source = retort_source_text (loader->file->source, NULL);

  *start = node->start;
  *end = node->end;
  for (const char *p = source + node->start; (p = strstr (p, "{{")) && p < source + node->end; p += 2) {
    const char *inner = p + 2 + strspn (p + 2, " ");
    if (!g_str_has_prefix (inner, name))
      continue;
    inner += strlen (name);
    inner += strspn (inner, " ");
    if (!g_str_has_prefix (inner, "}}"))
      continue;
    *start = p - source;
    *end = inner + 2 - source;
    return;
  }
}

static void
cut_template (Loader *loader, Template *template, const RetortYaml *root, const RetortYaml *node)
{
  const char *at = node->text;

  for (const char *open; (open = strstr (at, "{{")); ) {
    const char *close = strstr (open, "}}");
    g_string_append_len (template->literal, at, open - at);
    if (!close) {
      complain (loader, RETORT_CODE_PROMPT_VARIABLE, node, NULL, "'{{' is never closed by '}}'");
      at = open + strlen (open);
      break;
    }
    g_autofree char *name = g_strstrip (g_strndup (open + 2, close - open - 2));
    gsize start, end;
    locate (loader, node, name, &start, &end);
    add_variable (loader, template, root, name, start, end);
    at = close + 2;
  }
  g_string_append (template->literal, at);
  end_literal (loader, template);
}

static void
load_instruction (Loader *loader, const RetortYaml *root)
{
  RetortPrompt *prompt = loader->prompt;
  const RetortYaml *node = retort_yaml_get (root, "instruction"), *examples = retort_yaml_get (root, "examples");
  const RetortYaml *variables = retort_yaml_get (root, "variables");

  if (!node) {
    complain (loader, RETORT_CODE_PROMPT_MISSING, root, NULL, "'instruction' is missing");
    return;
  }
  if (node->type != RETORT_YAML_SCALAR || !*node->text) {
    complain (loader, RETORT_CODE_PROMPT_TYPE, node, "instruction: |", "'instruction' takes a text");
    return;
  }
  g_autofree guint *n_used = g_new0 (guint, prompt->variables->len + 1);
  g_autoptr(GString) literal = g_string_new (NULL);
  Template template = { literal, 0, 0, 0, n_used };
  cut_template (loader, &template, root, node);
  for (guint i = 0; i < prompt->variables->len; i++) {
    const PromptVariable *variable = prompt->variables->pdata[i];
    if (n_used[i] > 0)
      continue;
    const RetortYaml *at = retort_yaml_get (variables, variable->name);
    complain (loader, RETORT_CODE_PROMPT_UNUSED, at ? at : node, NULL, "the instruction never says {{%s}}",
              variable->name);
  }
  if (prompt->purpose == RETORT_PURPOSE_EXTRACT && template.n_text + template.n_head == 0)
    complain (loader, RETORT_CODE_PROMPT_VARIABLE, node, "put {{text}} where the document is to stand",
              "the instruction never shows the document");
  if (examples && template.n_examples == 0)
    complain (loader, RETORT_CODE_PROMPT_UNUSED, examples, "put {{examples}} where they are to stand",
              "the instruction never shows the examples");
}

/* --- the form --- */

static void
load_marks (Loader *loader, const RetortYaml *settings, const char *form)
{
  PromptForm *out = &loader->prompt->form;

  if (!get_pairs (loader, settings, "marks", out->marks))
    complain (loader, RETORT_CODE_PROMPT_MISSING, settings, "marks: {disease: Disease}, for <disease>..</disease>",
              "the form '%s' lacks 'marks'", form);
  out->tags = g_new0 (const char *, out->marks->len + 1);
  for (guint i = 0; i < out->marks->len; i++)
    out->tags[i] = g_array_index (out->marks, PromptPair, i).from;
}

static void
load_inline (Loader *loader, const RetortYaml *settings)
{
  static const char *const keys[] = { "unit", "marks", NULL };
  static const char *const units[] = { "line", "paragraph", "answer", NULL };
  const char *unit = get_text (loader, settings, "unit", "line");

  check_keys (loader, settings, keys, "the form 'inline'");
  load_marks (loader, settings, "inline");
  for (guint i = 0; units[i]; i++)
    if (g_str_equal (units[i], unit)) {
      loader->prompt->form.unit = (PromptUnit) i;
      return;
    }
  complain (loader, RETORT_CODE_PROMPT_TYPE, retort_yaml_get (settings, "unit"), NULL,
            "'unit' is line, paragraph or answer, not '%s'", unit);
}

static void
load_list (Loader *loader, const RetortYaml *settings)
{
  static const char *const keys[] = { "label", "none", NULL };
  PromptForm *form = &loader->prompt->form;

  check_keys (loader, settings, keys, "the form 'list'");
  form->label = get_text (loader, settings, "label", NULL);
  form->none = get_text (loader, settings, "none", "none");
  if (loader->prompt->purpose == RETORT_PURPOSE_GENERATE)
    complain (loader, RETORT_CODE_PROMPT_FORM, settings, "inline and json answers hold their text",
              "a list of mentions has no text: the form 'list' cannot generate");
}

static void
load_json (Loader *loader, const RetortYaml *settings)
{
  static const char *const keys[] = { "documents", "text", "entities", "entity", "relations", "relation", NULL };
  static const char *const entity_keys[] = { "id", "label", "text", NULL };
  static const char *const relation_keys[] = { "label", "head", "tail", NULL };
  PromptForm *form = &loader->prompt->form;
  const RetortYaml *entity = retort_yaml_get (settings, "entity"), *relation = retort_yaml_get (settings, "relation");

  check_keys (loader, settings, keys, "the form 'json'");
  form->documents = get_text (loader, settings, "documents", NULL);
  form->text = get_text (loader, settings, "text", "text");
  form->entities = get_text (loader, settings, "entities", "entities");
  form->relations = get_text (loader, settings, "relations", "relations");
  for (guint i = 0; i < 2; i++) {
    const RetortYaml *map = i == 0 ? entity : relation;
    if (map && map->type == RETORT_YAML_MAP)
      check_keys (loader, map, i == 0 ? entity_keys : relation_keys, i == 0 ? "'entity'" : "'relation'");
    else if (map)
      complain (loader, RETORT_CODE_PROMPT_TYPE, map, NULL, "'%s' takes a map", i == 0 ? "entity" : "relation");
  }
  form->entity_id = get_text (loader, entity, "id", "id");
  form->entity_label = get_text (loader, entity, "label", "label");
  form->entity_text = get_text (loader, entity, "text", "text");
  form->relation_label = get_text (loader, relation, "label", "label");
  form->relation_head = get_text (loader, relation, "head", "head");
  form->relation_tail = get_text (loader, relation, "tail", "tail");
}

static void
load_choice (Loader *loader, const RetortYaml *settings)
{
  static const char *const keys[] = { "answers", "marks", "masks", NULL };
  PromptForm *form = &loader->prompt->form;
  const gboolean generate = loader->prompt->purpose == RETORT_PURPOSE_GENERATE;

  check_keys (loader, settings, keys, "the form 'choice'");
  if (!get_pairs (loader, settings, "answers", form->answers) || form->answers->len == 0)
    complain (loader, RETORT_CODE_PROMPT_MISSING, settings, "answers: {yes: association, no: \"\"}",
              "the form 'choice' lacks 'answers'");
  if (generate)
    load_marks (loader, settings, "choice");
  get_pairs (loader, settings, "masks", form->masks);
  if (generate && form->masks->len > 0)
    complain (loader, RETORT_CODE_PROMPT_FORM, retort_yaml_get (settings, "masks"), NULL,
              "'masks' is for asking about documents");
}

static void
load_form (Loader *loader, const RetortYaml *root)
{
  static const struct {
    const char *name;
    PromptFormKind kind;
    void (*load) (Loader *, const RetortYaml *);
  } forms[] = {
    { "inline", PROMPT_INLINE, load_inline },
    { "list", PROMPT_LIST, load_list },
    { "json", PROMPT_JSON, load_json },
    { "choice", PROMPT_CHOICE, load_choice },
  };
  static const char *const names[] = { "inline", "list", "json", "choice", NULL };
  const RetortYaml *node = retort_yaml_get (root, "form");

  if (!node) {
    complain (loader, RETORT_CODE_PROMPT_MISSING, root,
              "form: {inline: {..}}, {list: {..}}, {json: {..}} or {choice: {..}}",
              "'form' is missing: nothing says how the answer is to be read");
    return;
  }
  if (node->type != RETORT_YAML_MAP || node->n_items != 1) {
    complain (loader, RETORT_CODE_PROMPT_TYPE, node,
              "form: {inline: {..}}, {list: {..}}, {json: {..}} or {choice: {..}}", "'form' takes a map with one key");
    return;
  }
  check_keys (loader, node, names, "'form'");
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++) {
    if (!g_str_equal (node->keys[0]->text, forms[i].name))
      continue;
    loader->prompt->form.kind = forms[i].kind;
    if (node->items[0]->type != RETORT_YAML_MAP)
      complain (loader, RETORT_CODE_PROMPT_TYPE, node->items[0], NULL, "the form '%s' takes a map of settings",
                forms[i].name);
    else
      forms[i].load (loader, node->items[0]);
  }
}

/* --- labels against the task --- */

static gboolean
in_task (const RetortPrompt *prompt, const char *label)
{
  return retort_task_entity_index (prompt->task, label) >= 0 || retort_prompt_relation_type (prompt, label);
}

/* Warns about labels of `pairs` that neither the label map nor the task knows; gives how many are known. */
static guint
check_pairs (Loader *loader, const RetortYaml *map, const GArray *pairs, gboolean mapped)
{
  guint n_known = 0;

  for (guint i = 0; i < pairs->len && map && map->type == RETORT_YAML_MAP; i++) {
    const PromptPair *pair = &g_array_index (pairs, PromptPair, i);
    const char *label = mapped ? retort_prompt_task_label (loader->prompt, pair->to) : pair->to;
    const RetortYaml *node = retort_yaml_get (map, pair->from);
    n_known += *label && in_task (loader->prompt, label);
    if (*label && !in_task (loader->prompt, label) && node) {
      const char *meant = retort_suggest (label, loader->prompt->task->entities);
      g_autofree char *hint = meant ? g_strdup_printf ("did you mean '%s'?", meant) : NULL;
      complain (loader, RETORT_CODE_PROMPT_LABEL, node, hint,
                "the task has no label '%s': what carries it will be dropped", label);
    }
  }
  return n_known;
}

static void
check_labels (Loader *loader, const RetortYaml *root)
{
  const RetortPrompt *prompt = loader->prompt;
  const PromptForm *form = &prompt->form;
  const RetortYaml *node = retort_yaml_get (root, "form");
  const RetortYaml *settings = node && node->type == RETORT_YAML_MAP && node->n_items == 1 ? node->items[0] : NULL;
  guint n_known = 1;

  check_pairs (loader, retort_yaml_get (root, "labels"), prompt->labels, FALSE);
  if (!settings)
    return;
  if (form->kind == PROMPT_INLINE && form->marks->len > 0)
    n_known = check_pairs (loader, retort_yaml_get (settings, "marks"), form->marks, TRUE);
  else if (form->kind == PROMPT_LIST && form->label)
    n_known = in_task (prompt, retort_prompt_task_label (prompt, form->label));
  else if (form->kind == PROMPT_CHOICE && form->answers->len > 0) {
    check_pairs (loader, retort_yaml_get (settings, "marks"), form->marks, TRUE);
    n_known = 0;
    for (guint i = 0; i < form->answers->len; i++) {
      const char *label = g_array_index (form->answers, PromptPair, i).to;
      n_known += *label && retort_prompt_relation_type (prompt, retort_prompt_task_label (prompt, label));
    }
  }
  if (n_known == 0)
    complain (loader, RETORT_CODE_PROMPT_NO_LABEL, settings, "name labels of the task, or map them under `labels`",
              "the answers can hold no label of the task");
}
