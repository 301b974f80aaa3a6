/* test-execute - what goes wrong with the machinery itself; tests/pipelines has what goes wrong in steps. */
#include "pipeline/execute.h"

#include "retort-test.h"
#include <glib/gstdio.h>

static const char pipeline[] =
    "retort: 1\n"
    "task: {entities: [Disease]}\n"
    "data: {all: {path: corpus.jsonl, format: format/retort, label: public}}\n"
    "steps: {part: {use: split, in: {corpus: all}, with: {share: 0.5}}}\n";

/* No step can begin any more. */
static void
take_work_away (const RetortExecution *execution, gpointer user)
{
  g_autofree char *work = g_build_filename (retort_store_root (execution->store), "work", NULL);

  g_assert_cmpint (execution->n_finished, ==, 1);
  g_assert_cmpint (g_rmdir (work), ==, 0);
}

static void
test_no_work_folder (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "pipeline.yaml", pipeline);
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (GError) error = NULL;

  g_free (retort_test_write (folder, "corpus.jsonl", "{\"retort\":\"corpus\",\"version\":1,\"offsets\":\"codepoints\"}\n"
                                                     "{\"id\":\"a\",\"text\":\"Fever.\",\"layers\":{\"gold\":{}}}\n"));
  g_autoptr (RetortPlan) plan = retort_plan_load (path, NULL, diagnostics, &error);
  g_assert_no_error (error);
  g_autoptr (RetortStore) store = retort_store_open (folder, &error);
  g_assert_no_error (error);
  const RetortExecuteOptions options = { .jobs = 1, .in_process = TRUE, .progress = take_work_away };
  g_autoptr (RetortExecution) execution = retort_execute (plan, store, &options, diagnostics, &error);
  g_assert_null (execution);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "work"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  retort_test_use_plugins ();
  g_test_add_func ("/execute/no-step-can-begin/is-an-error", test_no_work_folder);
  return g_test_run ();
}
