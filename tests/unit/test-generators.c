/* test-generators - replay and template at work. */
#include "plugin/context.h"
#include "plugin/registry.h"
#include "retort-test.h"
#include <retort/json.h>
#include <string.h>

typedef struct {
  RetortDiagnostics *diagnostics;
  RetortContext *context;
  RetortYamlFile *file;
  RetortInstance *instance;  /* NULL: could not be opened */
  GError *error;             /* why */
} Bench;

static Bench
bench_open (const char *id, const char *options, guint64 seed)
{
  Bench bench = { retort_diagnostics_new () };
  g_autoptr(RetortSource) source = retort_source_new ("options", options, strlen (options));

  bench.context = retort_context_new (id, seed, 1, bench.diagnostics);
  bench.file = retort_yaml_parse (source, bench.diagnostics);
  const RetortLoaded *loaded = retort_plugin_find (id, &bench.error);
  g_assert_no_error (bench.error);
  RetortOptions *filled
      = retort_options_fill (&loaded->table, bench.file, bench.file->root, NULL, id, bench.diagnostics);
  g_assert_nonnull (filled);
  bench.instance = retort_instance_open (loaded, filled, bench.context, &bench.error);
  return bench;
}

static void
bench_close (Bench *bench)
{
  g_clear_pointer (&bench->instance, retort_instance_free);
  g_clear_error (&bench->error);
  retort_yaml_file_free (bench->file);
  retort_context_free (bench->context);
  retort_diagnostics_unref (bench->diagnostics);
}

static Bench
replay_open (const char *lines, const char *match)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "recorded.jsonl", lines);
  g_autofree char *options = g_strdup_printf ("{path: %s, match: %s}", path, match);

  return bench_open ("generator/replay", options, 1);
}

/* The completion, or "error CODE: message". */
static char *
ask_request (Bench *bench, const RetortRequest *request)
{
  const RetortGeneratorRole *role = bench->instance->loaded->role;
  g_autoptr(GString) completion = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  if (role->answer (bench->instance->self, bench->context, request, completion, &error))
    return g_strdup (completion->str);
  g_assert_nonnull (error);
  return g_strdup_printf ("error %d: %s", error->code, error->message);
}

static char *
ask (Bench *bench, const char *id, guint index, const char *document, const char *prompt)
{
  const RetortRequest request = { sizeof request, id, index, document, prompt };

  return ask_request (bench, &request);
}

#define expect(bench, id, index, document, prompt, wanted)                                                             \
  G_STMT_START {                                                                                                       \
    g_autofree char *got_ = ask (bench, id, index, document, prompt);                                                  \
    g_assert_cmpstr (got_, ==, wanted);                                                                                \
  }                                                                                                                    \
  G_STMT_END

#define TWO "{\"id\":\"a\",\"document\":\"d1\",\"prompt\":\"P\",\"completion\":\"one\"}\n" \
            "{\"id\":\"b\",\"document\":\"d2\",\"prompt\":\"Q\",\"completion\":\"two\"}\n"

static void
test_match (void)
{
  static const char *const matches[] = { "prompt", "document", "id", "order" };

  for (guint i = 0; i < G_N_ELEMENTS (matches); i++) {
    Bench bench = replay_open (TWO, matches[i]);
    /* A request that agrees with the second line in this one thing alone. */
    g_autofree char *got = ask (&bench, i == 2 ? "b" : "x", i == 3 ? 1 : 7, i == 1 ? "d2" : "x", i == 0 ? "Q" : "x");
    g_assert_cmpstr (got, ==, "two");
    bench_close (&bench);
  }
}

static void
test_missing (void)
{
  Bench bench = replay_open (TWO, "prompt");

  expect (&bench, "0001", 0, "d9", "R", "error 1: no recorded answer with the prompt of request 0001 about d9");
  expect (&bench, "0001", 0, NULL, "P", "one");
  bench_close (&bench);
  bench = replay_open (TWO, "order");
  expect (&bench, "0003", 2, NULL, "P", "error 1: no recorded answer with the place of request 0003");
  bench_close (&bench);
  bench = replay_open (TWO, "document");
  expect (&bench, "0003", 2, NULL, "P", "error 1: no recorded answer with the document of request 0003");
  bench_close (&bench);
}

static void
test_first_of_several (void)
{
  Bench bench = replay_open (
      TWO "{\"prompt\":\"P\",\"completion\":\"one\"}\n{\"prompt\":\"Q\",\"completion\":\"other\"}\n", "prompt");

  expect (&bench, "0001", 0, NULL, "P", "one");
  expect (&bench, "0001", 0, NULL, "Q", "two");
  g_assert_cmpuint (retort_diagnostics_count (bench.diagnostics, RETORT_SEVERITY_WARNING), ==, 1);
  bench_close (&bench);
}

static void
test_batch_output (void)
{
  static const char lines[] =
      "{\"id\":\"r1\",\"custom_id\":\"0001\",\"response\":{\"status_code\":200,\"body\":{\"choices\":[{\"message\":"
      "{\"role\":\"assistant\",\"content\":\"gout\"}}]}},\"error\":null}\n"
      "{\"id\":\"r2\",\"custom_id\":\"0002\",\"response\":null,\"error\":{\"message\":\"expired\"}}\n";
  Bench bench = replay_open (lines, "id");

  expect (&bench, "0001", 0, NULL, "P", "gout");
  expect (&bench, "0002", 1, NULL, "P", "error 1: line 2 records a failure: expired");
  bench_close (&bench);
  bench = replay_open (lines, "prompt");
  g_assert_null (bench.instance);
  g_assert_error (bench.error, RETORT_ERROR, RETORT_ERROR_DATA);
  bench_close (&bench);
}

/* Warnings and errors: "LINE: message", one a line. */
static char *
complaints (const Bench *bench)
{
  g_autofree char *listing = retort_diagnostics_to_string (bench->diagnostics, FALSE);
  g_autoptr(GRegex) place = g_regex_new ("^\\S+recorded\\.jsonl:([0-9]+): (?:error|warning): (.*) \\[RT-7\\d\\d\\]$",
                                         G_REGEX_MULTILINE, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  g_autoptr(GString) out = g_string_new (NULL);

  for (g_regex_match (place, listing, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL)) {
    g_autofree char *line = g_match_info_fetch (match, 1);
    g_autofree char *message = g_match_info_fetch (match, 2);
    g_string_append_printf (out, "%s: %s\n", line, message);
  }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* A completion that is null is a refusal, not a broken file; a later answer to the same request takes its place. */
static void
test_refused (void)
{
  Bench bench = replay_open ("{\"prompt\":\"P\",\"completion\":null}\n\n{\"prompt\":\"Q\",\"completion\":null}\n"
                             "{\"prompt\":\"Q\",\"completion\":\"two\"}\n",
                             "prompt");
  g_autofree char *said = complaints (&bench);

  g_assert_no_error (bench.error);
  expect (&bench, "0001", 0, NULL, "P", "error 1: line 1 records a failure: the completion is null");
  expect (&bench, "0002", 1, NULL, "Q", "two");
  g_assert_cmpstr (said, ==, "1: this records a failure: the completion is null\n"
                             "3: this records a failure: the completion is null\n");
  bench_close (&bench);
}

#define BATCH(id, body) "{\"custom_id\":\"" id "\",\"response\":{\"body\":{" body "}}}\n"
#define MESSAGE(id, fields) BATCH (id, "\"choices\":[{\"message\":{" fields "}}]")

static void
test_batch_parts_and_failures (void)
{
  Bench bench = replay_open (
      MESSAGE ("1", "\"content\":[{\"type\":\"text\",\"text\":\"go\"},7,{\"type\":\"text\",\"text\":\"ut\"}]")
      MESSAGE ("2", "\"content\":null,\"refusal\":\"I cannot\"") BATCH ("3", "\"error\":{\"message\":\"too long\"}")
      MESSAGE ("4", "\"content\":[]") MESSAGE ("5", "\"content\":\"\"") BATCH ("6", "\"choices\":[]"),
      "id");
  g_autofree char *said = complaints (&bench);

  g_assert_no_error (bench.error);
  expect (&bench, "1", 0, NULL, "P", "gout");
  expect (&bench, "2", 1, NULL, "P", "error 1: line 2 records a failure: refused: I cannot");
  expect (&bench, "3", 2, NULL, "P", "error 1: line 3 records a failure: too long");
  expect (&bench, "4", 3, NULL, "P", "error 1: line 4 records a failure: no text in the response");
  expect (&bench, "5", 4, NULL, "P", "");
  g_assert_cmpstr (said, ==, "2: this records a failure: refused: I cannot\n3: this records a failure: too long\n"
                             "4: this records a failure: no text in the response\n"
                             "6: this records a failure: no text in the response\n");
  bench_close (&bench);
}

static void
test_malformed (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "recorded.jsonl", TWO "not JSON\n{\"prompt\":\"P\"}\n[]\n");
  g_autofree char *options = g_strdup_printf ("{path: %s}", path);
  Bench bench = bench_open ("generator/replay", options, 1);

  g_assert_null (bench.instance);
  g_assert_error (bench.error, RETORT_ERROR, RETORT_ERROR_DATA);
  g_assert_cmpuint (retort_diagnostics_count (bench.diagnostics, RETORT_SEVERITY_ERROR), ==, 3);
  g_autofree char *listing = retort_diagnostics_to_string (bench.diagnostics, FALSE);
  g_autofree char *place = g_strdup_printf ("%s:4", path);
  g_assert_nonnull (strstr (listing, place));
  g_assert_nonnull (strstr (listing, "'completion' is missing"));
  bench_close (&bench);
  bench = replay_open ("", "prompt");
  g_assert_null (bench.instance);
  bench_close (&bench);
}

/* --- template --- */

static void
test_template_is_a_function_of_seed_and_request (void)
{
  static const char options[]
      = "{templates: ['{d} in {p}.', 'No {p}.'], slots: {d: a|b|c, p: x|y|z}, marks: {d: disease}, lines: 20}";
  char *answers[4];

  for (guint i = 0; i < 4; i++) {
    Bench bench = bench_open ("generator/template", options, i == 2 ? 8 : 7);
    g_assert_no_error (bench.error);
    answers[i] = ask (&bench, i == 3 ? "0002" : "0001", i, NULL, "whatever");
    bench_close (&bench);
  }
  g_assert_cmpstr (answers[0], ==, answers[1]);
  g_assert_cmpstr (answers[0], !=, answers[2]);
  g_assert_cmpstr (answers[0], !=, answers[3]);
  g_auto(GStrv) lines = g_strsplit (answers[0], "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 21);
  for (guint i = 0; i < 20; i++)
    g_assert_true (g_regex_match_simple ("^(<disease>[abc]</disease> in|No) [xyz]\\.$", lines[i], 0, 0));
  for (guint i = 0; i < 4; i++)
    g_free (answers[i]);
}

static void
test_template_words_differ (void)
{
  Bench bench = bench_open ("generator/template", "{templates: ['{d} {d} {{d}'], slots: {d: a|b}, lines: 50}", 3);
  g_autofree char *text = ask (&bench, "1", 0, NULL, "");
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; i < 50; i++)
    g_assert_true (g_str_equal (lines[i], "a b {d}") || g_str_equal (lines[i], "b a {d}"));
  bench_close (&bench);
}

static void
test_template_lists_and_variables (void)
{
  const char *const variables[] = { "topic", "joints" };
  const RetortRequest request = { sizeof request, "1", 0, NULL, "", 1, variables };
  g_autofree char *folder = retort_test_temp_folder ();
  g_free (retort_test_write (folder, "d.txt", "gout\r\n\n"));
  g_autofree char *options = g_strdup_printf ("{templates: ['{d} of {topic}'], lists: %s, lines: 1}", folder);
  Bench bench = bench_open ("generator/template", options, 3);
  g_autofree char *text = ask_request (&bench, &request);

  g_assert_cmpstr (text, ==, "gout of joints\n");
  expect (
      &bench, "1", 0, NULL, "",
      "error 0: a template has the slot {topic}, and neither 'slots' nor 'lists' nor the prompt's variables have it");
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  retort_test_use_plugins ();
  g_test_add_func ("/generators/replay/finds-by-one-thing", test_match);
  g_test_add_func ("/generators/replay/missing-answers", test_missing);
  g_test_add_func ("/generators/replay/first-of-several", test_first_of_several);
  g_test_add_func ("/generators/replay/batch-output", test_batch_output);
  g_test_add_func ("/generators/replay/a-refusal-is-a-failure", test_refused);
  g_test_add_func ("/generators/replay/batch-parts-and-failures", test_batch_parts_and_failures);
  g_test_add_func ("/generators/replay/malformed-lines-have-places", test_malformed);
  g_test_add_func ("/generators/template/function-of-seed-and-request",
                   test_template_is_a_function_of_seed_and_request);
  g_test_add_func ("/generators/template/words-of-a-sentence-differ", test_template_words_differ);
  g_test_add_func ("/generators/template/lists-and-variables", test_template_lists_and_variables);
  return g_test_run ();
}
