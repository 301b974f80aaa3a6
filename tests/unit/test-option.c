/* test-option - option tables: filling, refusing, describing. */
#include "option/options.h"

#include <retort-test.h>
#include <string.h>

typedef struct {
  gboolean fast;
  gint64 steps;
  double c2, patience, price;
  const char *name, *scheme, *path, *secret, *prompt;
  const char *const *items;
  const char *const *map;
} Sample;

static const char *const schemes[] = { "IOB2", "BIOES", NULL };
static const RetortOption options[] = {
  RETORT_OPTION_BOOL (Sample, fast, "fast", "true", "Hurries.", .flags = RETORT_OPTION_TUNING),
  RETORT_OPTION_INT (Sample, steps, "steps", "200", 1, 1000, "At most so many steps.", .unit = "steps"),
  RETORT_OPTION_NUMBER (Sample, c2, "c2", "0.5", 0, 1e6, "Weight of the penalty."),
  RETORT_OPTION_DURATION (Sample, patience, "patience", "1.5h", 0, 1e6, "How long to wait."),
  RETORT_OPTION_MONEY (Sample, price, "price", "2", 0, 100, "What it may cost."),
  RETORT_OPTION_STRING (Sample, name, "name", NULL, "What it is called."),
  RETORT_OPTION_CHOICE (Sample, scheme, "scheme", "IOB2", schemes, "Tags."),
  RETORT_OPTION_PATH (Sample, path, "path", "A file."),
  RETORT_OPTION_STRING (Sample, secret, "secret", NULL, "A key.", .flags = RETORT_OPTION_SECRET),
  RETORT_OPTION_TEMPLATE (Sample, prompt, "prompt", "Say {{word}}.", "What to ask."),
  RETORT_OPTION_LIST (Sample, items, "items", "a, b", "Some things."),
  RETORT_OPTION_MAP (Sample, map, "map", "Some pairs."),
};
static const RetortOptionTable table = { options, G_N_ELEMENTS (options), sizeof (RetortOption), sizeof (Sample) };

/* Fills from YAML text as if it stood in `folder`/p.yaml. */
typedef struct {
  RetortYamlFile *file;
  RetortDiagnostics *diagnostics;
  RetortOptions *options;
  char *messages;
} Filled;

static Filled
fill_at (const char *path, const char *yaml)
{
  g_autoptr (RetortSource) source = retort_source_new (path, yaml, strlen (yaml));
  Filled filled = { .diagnostics = retort_diagnostics_new () };

  filled.file = retort_yaml_parse (source, filled.diagnostics);
  g_assert_nonnull (filled.file->root);
  filled.options = retort_options_fill (&table, filled.file, filled.file->root, filled.file->root, "model/x",
                                        filled.diagnostics);
  filled.messages = retort_diagnostics_to_string (filled.diagnostics, FALSE);
  return filled;
}

static void
filled_clear (Filled *filled)
{
  retort_options_free (filled->options);
  retort_yaml_file_free (filled->file);
  retort_diagnostics_unref (filled->diagnostics);
  g_free (filled->messages);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Filled, filled_clear)

static void
test_defaults (void)
{
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (RetortOptions) filled = retort_options_fill (&table, NULL, NULL, NULL, "model/x", diagnostics);
  const Sample *sample = filled->data;

  g_assert_true (sample->fast);
  g_assert_cmpint (sample->steps, ==, 200);
  g_assert_cmpfloat (sample->c2, ==, 0.5);
  g_assert_cmpfloat (sample->patience, ==, 5400);
  g_assert_cmpfloat (sample->price, ==, 2);
  g_assert_null (sample->name);
  g_assert_cmpstr (sample->scheme, ==, "IOB2");
  g_assert_cmpstr (sample->prompt, ==, "Say {{word}}.");
  g_assert_cmpstr (sample->items[0], ==, "a");
  g_assert_cmpstr (sample->items[1], ==, "b");
  g_assert_null (sample->items[2]);
  g_assert_null (sample->map);
}

static void
test_values (void)
{
  g_auto (Filled) filled = fill_at ("/tmp/p.yaml", "fast: false\nsteps: 1_000\nc2: 1e-3\npatience: 10m\nname: 'yes'\n"
                                                   "scheme: BIOES\nitems: [x]\nmap: {z: 1, a: 2}\nsecret: env:KEY\n");
  g_assert_nonnull (filled.options);
  const Sample *sample = filled.options->data;

  g_assert_false (sample->fast);
  g_assert_cmpint (sample->steps, ==, 1000);
  g_assert_cmpfloat (sample->c2, ==, 1e-3);
  g_assert_cmpfloat (sample->patience, ==, 600);
  g_assert_cmpstr (sample->name, ==, "yes");
  g_assert_cmpstr (sample->items[0], ==, "x");
  g_assert_cmpstr (sample->map[0], ==, "z");
  g_assert_cmpstr (sample->map[3], ==, "2");
  g_assert_null (sample->map[4]);
  g_assert_cmpstr (sample->secret, ==, "env:KEY");
}

/* What a child process reads is what its parent read: maps in order, durations in seconds. */
static void
test_values_fill_again (void)
{
  g_auto (Filled) filled = fill_at ("/tmp/p.yaml", "patience: 90s\nmap: {z: 1, a: 2}\nitems: [b, a]\nc2: 0.1\n");
  g_autofree char *text = retort_json_canonical (filled.options->values);
  g_auto (Filled) again = fill_at ("/elsewhere/spec.json", text);
  g_autofree char *text_again = again.options ? retort_json_canonical (again.options->values) : NULL;

  g_assert_cmpstr (again.messages, ==, "");
  g_assert_cmpstr (text, ==, text_again);
  g_assert_cmpstr (((Sample *) again.options->data)->map[0], ==, "z");
}

static void
test_refusals (void)
{
  static const struct { const char *yaml, *expected; } cases[] = {
    { "step: 1", "p.yaml:1:1: error: model/x has no option 'step' [RT-201]" },
    { "step: 1", "hint: did you mean 'steps'?" },
    { "steps: many", "p.yaml:1:8: error: option 'steps' of model/x takes an integer, not 'many' [RT-202]" },
    { "steps: 1.5", "takes an integer, not '1.5' [RT-202]" },
    { "steps: 0", "takes an integer from 1 to 1000 steps, not 0 [RT-203]" },
    { "steps: 1001", "takes an integer from 1 to 1000 steps, not 1001 [RT-203]" },
    { "steps: [1]", "takes an integer, not a list [RT-202]" },
    { "steps:", "takes an integer, not nothing [RT-202]" },
    { "fast: yes", "takes true or false, not 'yes' [RT-202]" },
    { "c2: .nan", "takes a number, not '.nan' [RT-202]" },
    { "patience: 3 weeks", "takes a duration such as 90s or 1.5h, not '3 weeks' [RT-202]" },
    { "price: 101", "takes an amount in US dollars from 0 to 100, not 101 [RT-203]" },
    { "scheme: iob2", "takes one of IOB2, BIOES, not 'iob2' [RT-204]" },
    { "items: a", "hint: write [a]" },
    { "items: [[a]]", "its item 1 is no plain text or number [RT-202]" },
    { "map: [a]", "takes a map such as {key: value}, not a list [RT-202]" },
    { "path: absent.txt", "names /nowhere/absent.txt, which does not exist [RT-206]" },
    { "secret: sk-123", "says where the secret is, never what it is [RT-207]" },
    { "secret: 'env:'", "[RT-207]" },
    { "prompt: 'Say {{word'", "has a '{{' without its '}}' [RT-209]" },
    { "prompt: 'Say {{ }}'", "has a '{{' without the name of a variable [RT-209]" },
    { "[a]", "the options of model/x are a map: {option: value} [RT-202]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (Filled) filled = fill_at ("/nowhere/p.yaml", cases[i].yaml);
    g_assert_null (filled.options);
    if (strstr (filled.messages, cases[i].expected) == NULL)
      g_error ("expected '%s' in:\n%s", cases[i].expected, filled.messages);
  }
}

static void
test_all_errors_at_once (void)
{
  g_auto (Filled) filled = fill_at ("/tmp/p.yaml", "steps: 0\nc2: x\nwhat: 1\n");

  g_assert_cmpuint (retort_diagnostics_count (filled.diagnostics, RETORT_SEVERITY_ERROR), ==, 3);
}

static void
test_secret_is_never_shown (void)
{
  g_auto (Filled) filled = fill_at ("/tmp/p.yaml", "secret: command:pass show key\n");
  g_autofree char *values = retort_json_canonical (filled.options->values);
  g_autoptr (JsonNode) key = retort_options_key (&table, filled.options, NULL);
  g_autofree char *key_text = retort_json_canonical (key);

  g_assert_null (strstr (values, "secret"));
  g_assert_null (strstr (key_text, "secret"));
}

static void
test_required (void)
{
  static const RetortOption needy[] = {
    RETORT_OPTION_STRING (Sample, name, "name", NULL, "What it is called.", .flags = RETORT_OPTION_REQUIRED),
  };
  const RetortOptionTable needs = { needy, 1, sizeof (RetortOption), sizeof (Sample) };
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();

  g_assert_null (retort_options_fill (&needs, NULL, NULL, NULL, "filter/y", diagnostics));
  g_autofree char *messages = retort_diagnostics_to_string (diagnostics, FALSE);
  g_assert_nonnull (strstr (messages, "filter/y needs the option 'name': a text [RT-205]"));
}

static void
test_key_takes_content (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *one = retort_test_write (folder, "one", "same");
  g_autofree char *file = g_build_filename (folder, "p.yaml", NULL);

  g_free (retort_test_write (folder, "two", "same"));
  g_auto (Filled) first = fill_at (file, "path: one\nfast: false\n"), second = fill_at (file, "path: ./two\n");
  g_assert_cmpstr (((Sample *) first.options->data)->path, ==, one);
  g_autoptr (JsonNode) first_key = retort_options_key (&table, first.options, NULL);
  g_autofree char *first_text = retort_json_canonical (first_key);
  g_assert_null (strstr (first_text, "fast")); /* TUNING */
  g_autoptr (JsonNode) second_key = retort_options_key (&table, second.options, NULL);
  g_autofree char *second_text = retort_json_canonical (second_key);
  g_assert_cmpstr (first_text, ==, second_text);

  g_assert_true (g_file_set_contents (one, "other", -1, NULL));
  g_autoptr (JsonNode) third_key = retort_options_key (&table, first.options, NULL);
  g_autofree char *third_text = retort_json_canonical (third_key);
  g_assert_cmpstr (third_text, !=, second_text);
}

static void
test_stride (void)
{
  struct { RetortOption option; guint8 later[24]; } wide[2] = { { options[1] }, { options[2] } };
  const RetortOptionTable newer = { &wide[0].option, 2, sizeof wide[0], sizeof (Sample) };

  g_assert_cmpstr (retort_option_table_at (&newer, 1)->name, ==, "c2");
  g_assert_true (retort_option_table_find (&newer, "c2") == &wide[1].option);
  g_assert_null (retort_option_table_find (&newer, "fast"));
}

static void
test_table_check (void)
{
  const struct { RetortOption option; const char *expected; } cases[] = {
    { { .name = "Name", .help = "x" }, "has no name that begins with a small letter" },
    { { .name = "a b", .help = "x" }, "has a name with other signs" },
    { { .name = "a", .help = "x", .type = 99 }, "has a type that this version does not know" },
    { { .name = "a" }, "has no help" },
    { { .name = "a", .help = "x", .offset = sizeof (Sample) - 2 }, "lies outside of the options' struct" },
    { { .name = "a", .help = "x", .type = RETORT_OPTION_TYPE_INT }, "has an empty range" },
    { { .name = "a", .help = "x", .type = RETORT_OPTION_TYPE_INT, .preset = "9", .max = 5 }, "an integer from 0 to 5" },
    { { .name = "a", .help = "x", .type = RETORT_OPTION_TYPE_CHOICE }, "has no choices" },
    { { .name = "a", .help = "x", .preset = "maybe" }, "has the default 'maybe', but option 'a' takes true or false" },
    { { .name = "a", .help = "x", .preset = "true", .flags = RETORT_OPTION_REQUIRED }, "is required and has a default" },
    { { .name = "a", .help = "x", .flags = RETORT_OPTION_SECRET }, "is secret, so it must be a string" },
  };
  g_autoptr (GError) none = NULL;

  g_assert_true (retort_option_table_check (&table, &none));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const RetortOptionTable one = { &cases[i].option, 1, sizeof (RetortOption), sizeof (Sample) };
    g_autoptr (GError) error = NULL;
    g_assert_false (retort_option_table_check (&one, &error));
    if (strstr (error->message, cases[i].expected) == NULL)
      g_error ("expected '%s' in: %s", cases[i].expected, error->message);
  }
}

static void
test_help (void)
{
  const RetortOptionTable two = { options + 1, 2, sizeof (RetortOption), sizeof (Sample) };
  g_autofree char *help = retort_options_help (&two);

  g_assert_cmpstr (help, ==, "  steps  int from 1 to 1000 steps  default 200  At most so many steps.\n"
                             "  c2     number from 0 to 1000000  default 0.5  Weight of the penalty.\n");
}

static void
test_schema (void)
{
  const RetortOptionTable two = { options + 6, 1, sizeof (RetortOption), sizeof (Sample) };
  g_autoptr (JsonNode) schema = retort_options_schema (&two);
  g_autofree char *text = retort_json_canonical (schema);

  g_assert_cmpstr (text, ==, "{\"additionalProperties\":false,\"properties\":{\"scheme\":{\"anyOf\":[{\"enum\":[\"IOB2\","
                             "\"BIOES\"],\"type\":\"string\"},{\"pattern\":\"\\\\$\\\\{\",\"type\":\"string\"}],\"default\":"
                             "\"IOB2\",\"description\":\"Tags.\"}},\"type\":\"object\"}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/option/fill/defaults", test_defaults);
  g_test_add_func ("/option/fill/values", test_values);
  g_test_add_func ("/option/fill/values-fill-again", test_values_fill_again);
  g_test_add_func ("/option/fill/refusals-say-place-and-remedy", test_refusals);
  g_test_add_func ("/option/fill/all-errors-at-once", test_all_errors_at_once);
  g_test_add_func ("/option/fill/secret-is-never-shown", test_secret_is_never_shown);
  g_test_add_func ("/option/fill/required", test_required);
  g_test_add_func ("/option/key/takes-content-of-paths", test_key_takes_content);
  g_test_add_func ("/option/table/stride-is-honoured", test_stride);
  g_test_add_func ("/option/table/check", test_table_check);
  g_test_add_func ("/option/help/aligned", test_help);
  g_test_add_func ("/option/schema/choices", test_schema);
  return g_test_run ();
}
