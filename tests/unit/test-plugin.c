/* test-plugin - plugins found, opened or refused; what the context lends them; where models write themselves. */
#include "plugin/bytes.h"
#include "plugin/context.h"
#include "plugin/registry.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <retort-test.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"

/* A folder with what the museum cannot keep: files that are no plugins at all. */
static char *
make_ruins (void)
{
  char *folder = retort_test_temp_folder ();
  g_autofree char *sound = g_build_filename (g_getenv ("RETORT_TEST_BROKEN"), "tokenizer-sound.so", NULL);
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL), *whole = NULL, *object = NULL;
  gsize n_bytes, n_object;

  g_assert_true (g_file_get_contents (sound, &whole, &n_bytes, NULL));
  g_assert_true (g_file_get_contents (program, &object, &n_object, NULL));
  g_autofree char *truncated = g_build_filename (folder, "tokenizer-truncated.so", NULL);
  g_assert_true (g_file_set_contents (truncated, whole, (gssize) MIN (n_bytes / 4, 6000), NULL));
  /* A relocatable file: the type stands behind the 16 bytes of identification. */
  object[16] = 1, object[17] = 0;
  g_autofree char *relocatable = g_build_filename (folder, "tokenizer-program.so", NULL);
  g_assert_true (g_file_set_contents (relocatable, object, (gssize) n_object, NULL));
  g_free (retort_test_write (folder, "tokenizer-empty.so", ""));
  g_free (retort_test_write (folder, "tokenizer-text.so", "This is not a plugin.\n"));
  g_free (retort_test_write (folder, "mine.so", "Nor is this one.\n"));
  g_autofree char *pipe = g_build_filename (folder, "tokenizer-pipe.so", NULL);
  g_assert_cmpint (mkfifo (pipe, 0666), ==, 0);
  g_autofree char *dangling = g_build_filename (folder, "tokenizer-dangling.so", NULL);
  g_assert_cmpint (symlink ("nothing", dangling), ==, 0);
  return folder;
}

static void
test_museum (void)
{
  g_autofree char *list = retort_test_source_path ("tests/broken-plugins/expected.txt"), *text = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents (list, &text, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char *colon = strstr (lines[i], ": ");
    if (lines[i][0] == '#' || colon == NULL)
      continue;
    *colon = '\0';
    g_autofree char *id = g_strconcat ("tokenizer/", lines[i], NULL), *file = g_strdup_printf ("tokenizer-%s.so", lines[i]);
    g_autoptr (GError) error = NULL;
    g_assert_null (retort_plugin_find (id, &error));
    g_assert_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN);
    if (strstr (error->message, colon + 2) == NULL || strstr (error->message, file) == NULL)
      g_error ("expected '%s' of %s in: %s", colon + 2, file, error->message);
    n++;
  }
  g_assert_cmpuint (n, >=, 20);
}

static void
test_sound (void)
{
  g_autoptr (GError) error = NULL;
  const RetortLoaded *loaded = retort_plugin_find ("tokenizer/sound", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (loaded->id, ==, "tokenizer/sound");
  g_assert_cmpuint (strlen (loaded->build_id), >=, 16);
  g_assert_true (loaded == retort_plugin_find ("tokenizer/sound", NULL));
  g_assert_nonnull (((const RetortTokenizerRole *) loaded->role)->tokenize);
}

static void
test_unknown (void)
{
  static const struct { const char *id, *expected; } cases[] = {
    { "tokenizer/soundd", "there is no plugin 'tokenizer/soundd'; did you mean 'tokenizer/sound'?; searched: " },
    { "sound", "there is no plugin 'sound'" },
    { "tokenizer/../sound", "there is no plugin 'tokenizer/../sound'" },
    { "tokenizer/", "there is no plugin 'tokenizer/'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (retort_plugin_find (cases[i].id, &error));
    g_assert_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN);
    if (strstr (error->message, cases[i].expected) == NULL)
      g_error ("expected '%s' in: %s", cases[i].expected, error->message);
  }
}

static void
test_list (void)
{
  g_autoptr (GPtrArray) list = retort_plugin_list ();
  gboolean saw_sound = FALSE, saw_foreign = FALSE;

  for (guint i = 0; i < list->len; i++) {
    const RetortFound *found = list->pdata[i];
    g_assert_true ((found->loaded != NULL) != (found->reason != NULL));
    g_assert_true (i == 0 || strcmp (((RetortFound *) list->pdata[i - 1])->id, found->id) <= 0);
    saw_sound |= found->loaded != NULL && g_str_equal (found->id, "tokenizer/sound");
    saw_foreign |= found->reason != NULL && strstr (found->reason, "its name is not KIND-NAME.so") != NULL;
  }
  g_assert_true (saw_sound);
  g_assert_true (saw_foreign);
}

/* A folder named twice, in other words too, is searched once: nothing is hidden by itself. */
static void
test_folder_twice (void)
{
  g_autofree char *before = g_strdup (g_getenv ("RETORT_PLUGIN_PATH"));
  g_autofree char *links = retort_test_temp_folder (), *link = g_build_filename (links, "link", NULL);
  const char *broken = g_getenv ("RETORT_TEST_BROKEN");
  g_autofree char *path = g_strdup_printf ("%s:%s/:%s/../%s:%s:/absent:/absent", broken, broken, broken,
                                           strrchr (broken, '/') + 1, link);
  g_autofree char *resolved = realpath (broken, NULL);

  g_assert_cmpint (symlink (resolved, link), ==, 0);
  g_setenv ("RETORT_PLUGIN_PATH", path, TRUE);
  g_auto (GStrv) folders = retort_plugin_folders ();
  g_autoptr (GPtrArray) list = retort_plugin_list ();
  g_setenv ("RETORT_PLUGIN_PATH", before, TRUE);

  g_assert_cmpstr (folders[0], ==, broken);
  g_assert_cmpstr (folders[1], ==, "/absent");
  g_assert_cmpstr (folders[2], !=, "/absent");
  for (guint i = 0; i < list->len; i++) {
    const RetortFound *found = list->pdata[i];
    g_assert_true (found->reason == NULL || strstr (found->reason, "hidden by") == NULL);
  }
}

/* --- context --- */

static void
square (guint item, gpointer user)
{
  ((guint *) user)[item] += item * item;
}

static void
test_parallel (void)
{
  const guint threads[] = { 1, 2, 7 };

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    g_autoptr (RetortContext) context = retort_context_new ("filter/x", 1, threads[i], NULL);
    guint results[1000] = { 0 };
    retort_context_parallel (context, 1000, square, results);
    for (guint j = 0; j < 1000; j++)
      g_assert_cmpuint (results[j], ==, j * j);
    retort_context_parallel (context, 0, square, NULL);
  }
}

static void
count_item (guint item, gpointer user)
{
  retort_context_count (user, item % 2 ? "odd" : "even", 2);
  retort_context_warn (user, "item %03u", item);
}

/* Whatever the threads do, the notes are the same bytes. */
static void
test_notes (void)
{
  for (guint threads = 1; threads < 8; threads += 3) {
    g_autoptr (RetortContext) context = retort_context_new ("filter/x", 1, threads, NULL);
    retort_context_parallel (context, 5, count_item, context);
    g_autoptr (JsonNode) notes = retort_context_notes (context);
    g_autofree char *text = retort_json_canonical (notes);
    g_assert_cmpstr (text, ==, "{\"counts\":{\"even\":6,\"odd\":4},\"warnings\":[\"item 000\",\"item 001\",\"item 002\","
                               "\"item 003\",\"item 004\"]}");
  }
}

/* A plugin may cut a text anywhere; the notes are still JSON. */
static void
test_notes_utf8 (void)
{
  g_autoptr (RetortContext) context = retort_context_new ("filter/x", 1, 1, NULL);
  g_autoptr (GError) error = NULL;

  retort_context_warn (context, "near '%s'", "caf\xc3");
  retort_context_count (context, "caf\xc3", 1);
  g_autoptr (JsonNode) notes = retort_context_notes (context);
  g_autofree char *text = retort_json_canonical (notes);
  g_autoptr (JsonNode) again = retort_json_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_nonnull (again);
}

static void
test_random (void)
{
  g_autoptr (RetortContext) one = retort_context_new ("model/a", 7, 1, NULL);
  g_autoptr (RetortContext) other = retort_context_new ("model/b", 7, 1, NULL);
  RetortRandom a, again, b;

  retort_context_random (one, "order", &a);
  retort_context_random (one, "order", &again);
  retort_context_random (other, "order", &b);
  const guint64 drawn = retort_random_u64 (&a);
  g_assert_cmpuint (drawn, ==, retort_random_u64 (&again));
  g_assert_cmpuint (drawn, !=, retort_random_u64 (&b));
}

static void
test_status (void)
{
  g_autoptr (RetortContext) context = retort_context_new ("model/a", 7, 1, NULL);
  g_autoptr (RetortChunk) chunk = retort_chunk_new ();
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, "d/1", "text", -1, NULL);
  const RetortDocument *document = retort_document_builder_seal (builder);
  RetortStatus status = { 0 };

  retort_context_set_status (context, &status);
  retort_context_stage (context, "train");
  retort_context_at (context, document);
  retort_context_progress (context, 3, 10, "documents");
  g_assert_cmpstr (status.plugin, ==, "model/a");
  g_assert_cmpstr (status.stage, ==, "train");
  g_assert_cmpstr (status.document, ==, "d/1");
  g_assert_cmpstr (retort_context_current_document (), ==, "d/1");
  g_assert_cmpfloat (status.done, ==, 3);
  g_assert_cmpuint (status.beats, >=, 3);
  retort_context_at (context, NULL);
  g_assert_null (retort_context_current_document ());
  g_assert_false (retort_context_cancelled (context));
  retort_context_cancel (context);
  g_assert_true (retort_context_cancelled (context));
  g_assert_null (retort_context_checkpoint (context, "state"));
}

/* --- bytes --- */

static void
test_bytes (void)
{
  g_autofree char *folder = retort_test_temp_folder (), *path = g_build_filename (folder, "model", NULL), *read = NULL;
  g_autofree guint8 *large = g_malloc (300000);
  const int fd = open (path, O_RDWR | O_CREAT, 0666);
  g_autoptr (RetortBytes) bytes = retort_bytes_new_fd (fd);
  guint64 n_bytes = 0;
  gsize n_read;

  for (guint i = 0; i < 300000; i++)
    large[i] = (guint8) (i * 7);
  for (guint i = 0; i < 30000; i++)
    g_assert_true (retort_bytes_write (bytes, "abc", 3, NULL));
  g_assert_true (retort_bytes_write (bytes, large, 300000, NULL));
  g_assert_true (retort_bytes_write (bytes, "end", 3, NULL));
  g_autofree char *digest = retort_bytes_finish (bytes, &n_bytes, NULL);
  close (fd);
  g_assert_cmpuint (n_bytes, ==, 390003);
  g_assert_true (g_file_get_contents (path, &read, &n_read, NULL));
  g_assert_cmpuint (n_read, ==, 390003);
  g_assert_cmpmem (read + 90000, 300000, large, 300000);
  g_autofree char *expected = retort_digest_bytes (read, n_read);
  g_assert_cmpstr (digest, ==, expected);
}

/* A plugin that overlooks a failed write still fails. */
static void
test_bytes_full (void)
{
  const int fd = open ("/dev/full", O_WRONLY);
  g_autofree guint8 *large = g_malloc0 (300000);
  g_autoptr (GError) error = NULL;
  guint64 n_bytes;

  if (fd < 0) {
    g_test_skip ("no /dev/full");
    return;
  }
  g_autoptr (RetortBytes) bytes = retort_bytes_new_fd (fd);
  g_assert_false (retort_bytes_write (bytes, large, 300000, NULL));
  g_assert_null (retort_bytes_finish (bytes, &n_bytes, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autofree char *ruins = make_ruins ();
  g_autofree char *path = g_strjoin (":", g_getenv ("RETORT_TEST_BROKEN"), ruins, NULL);
  g_setenv ("RETORT_PLUGIN_PATH", path, TRUE);
  g_test_add_func ("/plugin/refused/the-whole-museum", test_museum);
  g_test_add_func ("/plugin/find/sound-one-loads-once", test_sound);
  g_test_add_func ("/plugin/find/unknown-names-what-was-meant", test_unknown);
  g_test_add_func ("/plugin/list/everything-loads-or-has-a-reason", test_list);
  g_test_add_func ("/plugin/list/a-folder-named-twice-is-searched-once", test_folder_twice);
  g_test_add_func ("/plugin/context/parallel-runs-every-item-once", test_parallel);
  g_test_add_func ("/plugin/context/notes-do-not-depend-on-threads", test_notes);
  g_test_add_func ("/plugin/context/notes-are-utf-8-whatever-a-plugin-says", test_notes_utf8);
  g_test_add_func ("/plugin/context/random-is-the-plugins-own", test_random);
  g_test_add_func ("/plugin/context/status-says-where", test_status);
  g_test_add_func ("/plugin/bytes/small-and-large-writes", test_bytes);
  g_test_add_func ("/plugin/bytes/a-failure-stays", test_bytes_full);
  return g_test_run ();
}
