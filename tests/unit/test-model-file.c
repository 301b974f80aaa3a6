/* test-model-file - files that are no model, or say of themselves what is not so, are refused. */
#include "pipeline/model-file.h"

#include "base/digest.h"
#include "plugin/context.h"
#include "retort-test.h"
#include <string.h>

#define TOKENIZER "\"tokenizer\": {\"use\": \"tokenizer/whitespace\", \"behaviour\": 1, \"options\": {}}"
#define MODEL "\"plugin\": {\"use\": \"model/perceptron\", \"behaviour\": 1, \"options\": {}}"
#define TASK "\"task\": {\"entities\": [\"Disease\"], \"relations\": [], \"scope\": \"sentence\"}"

typedef struct { char magic[16]; guint64 endian, header_bytes, payload_start, payload_bytes; char header_digest[64]; } Preamble;

/* A file of the right layout around a header, which is given without its braces; `%s` in it is the payload's digest. */
static GByteArray *
make (const char *members, const char *payload)
{
  g_autofree char *digest = retort_digest_bytes (payload, strlen (payload));
  g_autofree char *header = g_strdup_printf ("{\"payload\": \"%s\", %s}", digest, members);
  Preamble preamble = { "retort model 1\n", 0x0123456789abcdef, strlen (header) };
  g_autofree char *header_digest = retort_digest_bytes (header, strlen (header));
  GByteArray *file = g_byte_array_new ();

  memcpy (preamble.header_digest, header_digest, sizeof preamble.header_digest);
  preamble.payload_start = (sizeof preamble + strlen (header) + 63) / 64 * 64;
  preamble.payload_bytes = strlen (payload);
  g_byte_array_append (file, (const guint8 *) &preamble, sizeof preamble);
  g_byte_array_append (file, (const guint8 *) header, (guint) strlen (header));
  const guint n = file->len;
  g_byte_array_set_size (file, (guint) preamble.payload_start);
  memset (file->data + n, 0, file->len - n);
  g_byte_array_append (file, (const guint8 *) payload, (guint) strlen (payload));
  return file;
}

/* What is said against the first `n` bytes of a file. */
static char *
refusal_of_bytes (const GByteArray *file, gsize n)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = g_build_filename (folder, "m.retort", NULL);
  g_autoptr (RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr (RetortContext) context = retort_context_new ("test", 0, 1, diagnostics);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, (const char *) file->data, (gssize) n, NULL));
  g_assert_null (retort_model_open (path, context, &error));
  g_assert_nonnull (error);
  return g_strdup (error->message);
}

static void
expect (const char *members, const char *why)
{
  g_autoptr (GByteArray) file = make (members, "payload");
  g_autofree char *said = refusal_of_bytes (file, file->len);

  if (strstr (said, why) == NULL)
    g_error ("'%s' is not in: %s", why, said);
}

static void
test_header (void)
{
  expect ("\"label\": \"public\", " TASK ", " TOKENIZER ", \"plugin\": {\"use\": \"tokenizer/whitespace\"}", "another kind");
  expect ("\"label\": \"public\", " TASK ", " MODEL ", \"tokenizer\": {\"use\": \"model/perceptron\"}", "another kind");
  expect ("\"label\": \"public\", " TOKENIZER ", " MODEL, "lacks");
  expect ("\"label\": \"public\", " TASK ", " TOKENIZER ", \"plugin\": {\"use\": \"model/../../x\"}", "model/../../x");
  expect ("\"label\": \"public\", " TASK ", " TOKENIZER ", \"plugin\": 7", "without `use`");
  expect ("\"label\": \"public\", " TOKENIZER ", " MODEL ", \"task\": {\"entities\": [{\"a\": 1}]}", "task");
  expect ("\"label\": \"public\", " TOKENIZER ", " MODEL ", \"task\": {\"relations\": [7]}", "task");
  expect ("\"label\": \"public\", " TOKENIZER ", " MODEL ", \"task\": {\"relations\": [{\"label\": \"R\", \"head\": [], "
          "\"tail\": \"A\"}]}", "task");
  expect ("\"label\": \"secret\", " TASK ", " TOKENIZER ", " MODEL, "label");
  expect (TASK ", " TOKENIZER ", " MODEL, "label");
}

static void
test_layout (void)
{
  g_autoptr (GByteArray) file = make ("\"label\": \"public\", " TASK ", " TOKENIZER ", " MODEL, "payload");
  const gsize places[] = { 0, 1, 47, 48, 111, 112, 150, file->len - 8, file->len - 1 };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    g_free (refusal_of_bytes (file, places[i]));
  /* Every byte of the numbers and of the header, and one of the payload. */
  Preamble preamble;
  memcpy (&preamble, file->data, sizeof preamble);
  for (guint i = 16; i < sizeof preamble + preamble.header_bytes; i++) {
    file->data[i] ^= 0x81;
    g_free (refusal_of_bytes (file, file->len));
    file->data[i] ^= 0x81;
  }
  file->data[file->len - 1] ^= 1;
  g_autofree char *said = refusal_of_bytes (file, file->len);
  g_assert_nonnull (strstr (said, "damaged"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  retort_test_use_plugins ();
  g_test_add_func ("/model-file/header/what-it-names-must-be-of-its-kind", test_header);
  g_test_add_func ("/model-file/layout/damage-is-found", test_layout);
  return g_test_run ();
}
