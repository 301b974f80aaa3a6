/* language - the keys of a pipeline file, and the check of a map against them. */
#include "pipeline/language.h"

#include "base/util.h"
#include <string.h>

#define TEXT RETORT_SHAPE_TEXT
#define INT RETORT_SHAPE_INT
#define DURATION RETORT_SHAPE_DURATION
#define LIST RETORT_SHAPE_LIST
#define MAP RETORT_SHAPE_MAP
#define MAPS RETORT_SHAPE_MAPS

const RetortKey retort_keys_pipeline[] = {
  { "retort", INT, TRUE, "The version of the language: 1." },
  { "name", TEXT, FALSE, "What the pipeline is called in reports; the file's name without it." },
  { "about", TEXT, FALSE, "What it is for; shown at the head of reports." },
  { "notes", LIST, FALSE, "Texts shown with the results: what a reader has to know to trust them rightly." },
  { "seed", INT, FALSE, "Where all randomness comes from; 0 if absent." },
  { "task", TEXT | MAP, FALSE, "What is to be found: entities, and relations between them; or a name under `tasks`." },
  { "tasks", MAP, FALSE, "Tasks by name, where there are several." },
  { "tokenizer", TEXT | MAP, FALSE, "What cuts texts into words and sentences; tokenizer/clinical if absent." },
  { "endpoints", MAP, FALSE, "Who may be asked: generators with their options, by name." },
  { "data", MAP, FALSE, "Corpora that are read from files, by name." },
  { "steps", MAP, FALSE, "What is done, by name; the order follows from `in`." },
  { "matrix", MAP, FALSE, "Axes: a list of values, or values by name. Steps that write ${matrix.AXIS} are repeated." },
  { "compare", MAP | MAPS, FALSE, "What is compared with what: one comparison, or a list of them." },
  { NULL },
};

const RetortKey retort_keys_data[] = {
  { "path", TEXT, TRUE, "The file, seen from the folder of the pipeline; `${data}` is the data root." },
  { "format", TEXT, TRUE, "What reads it: format/NAME." },
  { "with", MAP, FALSE, "Options of the format." },
  { "map", MAP, FALSE, "Labels of the file -> labels of the task; `*` stands for all others, \"\" drops." },
  { "label", TEXT, FALSE, "Privacy: public, internal, deidentified, restricted or phi; restricted if absent." },
  { "task", TEXT | MAP, FALSE, "Its task, where it is not the pipeline's." },
  { NULL },
};

const RetortKey retort_keys_endpoint[] = {
  { "use", TEXT, TRUE, "The plugin that asks: generator/NAME." },
  { "with", MAP, FALSE, "Options of the generator." },
  { "clearance", TEXT, FALSE,
    "The highest privacy label that may be sent there; phi if absent, for generators that answer on this machine." },
  { NULL },
};

const RetortKey retort_keys_step[] = {
  { "use", TEXT, TRUE, "What is done: a verb of the core, or a plugin KIND/NAME." },
  { "in", MAP, FALSE, "From what: the inputs, each the name of a step or data entry, or a list of names." },
  { "with", MAP, FALSE, "How: the options of what is used." },
  { "seed", INT, FALSE, "Its randomness; the pipeline's seed if absent." },
  { "task", TEXT | MAP, FALSE, "Its task, where it is not that of its inputs." },
  { "tokenizer", TEXT | MAP, FALSE, "What cuts its texts, where it is not the pipeline's tokenizer." },
  { "limit", MAP, FALSE, "How long it may take." },
  { NULL },
};

const RetortKey retort_keys_task[] = {
  { "entities", LIST, TRUE, "Labels of the entities." },
  { "relations", MAP, FALSE, "Relations by label: [label of the first argument, label of the second]." },
  { "scope", TEXT, FALSE, "How far apart the arguments of a relation may stand: sentence (the default) or document." },
  { NULL },
};

const RetortKey retort_keys_use[] = {
  { "use", TEXT, TRUE, "The plugin: tokenizer/NAME." },
  { "with", MAP, FALSE, "Its options." },
  { NULL },
};

const RetortKey retort_keys_limit[] = {
  { "time", DURATION, FALSE, "At most so long in all: 90s, 20m, 1.5h." },
  { "stall", DURATION, FALSE, "At most so long without any progress." },
  { NULL },
};

const RetortKey retort_keys_compare[] = {
  { "title", TEXT, FALSE, "What the table is called." },
  { "rows", LIST, TRUE, "The steps whose predictions are compared; each instance is a row." },
  { "metric", TEXT, FALSE, "The number compared; the evaluator's first if absent." },
  { "baseline", TEXT, FALSE, "The row that all others are tested against." },
  { "scores", TEXT, FALSE, "The evaluator's step, where several score the rows." },
  { "findings", MAP, FALSE,
    "What others found: a statement, and which row was above which (`a > b`). The report says whether it holds here." },
  { "rounds", INT, FALSE, "Resamples of the intervals, and shuffles of the tests." },
  { NULL },
};

static const struct {
  guint shape;
  const char *name;
} shape_names[] = {
  { TEXT, "a text" },
  { INT, "a whole number, 0 or more" },
  { DURATION, "a duration such as 90s or 1.5h" },
  { LIST, "a list of texts" },
  { MAP, "a map" },
  { MAPS, "a list of maps" },
};

static gboolean has_shape (const RetortYaml *node, guint shapes);
static gboolean all_items (const RetortYaml *node, RetortYamlType type);
static char *shapes_text (guint shapes);

gboolean
retort_keys_check (const RetortKey *keys, const RetortYamlFile *file, const RetortYaml *map, const RetortYaml *at,
                   const char *where, RetortDiagnostics *diagnostics)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  gboolean good = TRUE;

  if (map == NULL || map->type != RETORT_YAML_MAP) {
    g_autofree char *what = retort_yaml_what (map);
    retort_complain (diagnostics, RETORT_CODE_PIPELINE_TYPE, file, map != NULL ? map : at, NULL,
                     "%s takes a map, not %s", where, what);
    return FALSE;
  }
  for (const RetortKey *key = keys; key->name != NULL; key++)
    g_ptr_array_add (names, (char *)key->name);
  g_ptr_array_add (names, NULL);

  for (guint i = 0; i < map->n_items; i++) {
    const RetortKey *key = keys;
    while (key->name != NULL && strcmp (key->name, map->keys[i]->text) != 0)
      key++;
    if (key->name == NULL) {
      g_autofree char *hint = retort_hint (map->keys[i]->text, (const char *const *)names->pdata, "possible keys");
      retort_complain (diagnostics, RETORT_CODE_PIPELINE_KEY, file, map->keys[i], hint, "unknown key '%s' in %s",
                       map->keys[i]->text, where);
      good = FALSE;
    } else if (!has_shape (map->items[i], key->shapes)) {
      g_autofree char *wanted = shapes_text (key->shapes);
      g_autofree char *what = map->items[i]->type == RETORT_YAML_SEQUENCE && (key->shapes & (LIST | MAPS))
                                  ? g_strdup ("a list of other things")
                                  : retort_yaml_what (map->items[i]);
      retort_complain (diagnostics, RETORT_CODE_PIPELINE_TYPE, file, map->items[i], NULL, "'%s' of %s takes %s, not %s",
                       key->name, where, wanted, what);
      good = FALSE;
    }
  }
  for (const RetortKey *key = keys; key->name != NULL; key++)
    if (key->required && retort_yaml_get (map, key->name) == NULL) {
      g_autofree char *hint = g_strdup_printf ("%s: %s", key->name, key->help);
      retort_complain (diagnostics, RETORT_CODE_PIPELINE_MISSING, file, at, hint, "%s has no '%s'", where, key->name);
      good = FALSE;
    }
  return good;
}

void
retort_complain (RetortDiagnostics *diagnostics, RetortCode code, const RetortYamlFile *file, const RetortYaml *at,
                 const char *hint, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  retort_diagnostics_add (diagnostics, code, file->source, at->start, at->end, hint, "%s", message);
}

char *
retort_hint (const char *word, const char *const *candidates, const char *otherwise)
{
  const char *near = retort_suggest (word, candidates);

  if (near != NULL)
    return g_strdup_printf ("did you mean '%s'?", near);
  if (candidates[0] == NULL)
    return NULL;
  g_autofree char *list = g_strjoinv (", ", (char **)candidates);
  return g_strdup_printf ("%s: %s", otherwise, list);
}

char *
retort_yaml_what (const RetortYaml *node)
{
  static const char *const names[] = {
    [RETORT_YAML_NULL] = "nothing",
    [RETORT_YAML_SEQUENCE] = "a list",
    [RETORT_YAML_MAP] = "a map",
  };
  if (node != NULL && node->type == RETORT_YAML_SCALAR)
    return g_strdup_printf (node->quoted ? "the text '%s'" : "'%s'", node->text);
  return g_strdup (names[node != NULL ? node->type : RETORT_YAML_NULL]);
}

gboolean
retort_is_name (const char *text)
{
  return *text != '\0'
         && text[strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] == '\0';
}

/* --- shapes --- */

static gboolean
has_shape (const RetortYaml *node, guint shapes)
{
  gint64 integer;
  double seconds;

  switch (node->type) {
  case RETORT_YAML_NULL:
    return FALSE;
  case RETORT_YAML_SEQUENCE:
    return ((shapes & LIST) && all_items (node, RETORT_YAML_SCALAR))
           || ((shapes & MAPS) && all_items (node, RETORT_YAML_MAP));
  case RETORT_YAML_MAP:
    return (shapes & MAP) != 0;
  case RETORT_YAML_SCALAR:
    break;
  }
  if (strstr (node->text, "${") != NULL || (shapes & TEXT))
    return TRUE;
  if (shapes & INT)
    return !node->quoted && retort_yaml_to_int (node, &integer) && integer >= 0;
  return (shapes & DURATION) && retort_parse_duration (node->text, &seconds);
}

static gboolean
all_items (const RetortYaml *node, RetortYamlType type)
{
  for (guint i = 0; i < node->n_items; i++)
    if (node->items[i]->type != type)
      return FALSE;
  return TRUE;
}

static char *
shapes_text (guint shapes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (shape_names); i++)
    if (shapes & shape_names[i].shape)
      g_string_append_printf (text, "%s%s", text->len > 0 ? " or " : "", shape_names[i].name);
  return g_string_free (text, FALSE);
}
