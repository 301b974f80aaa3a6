/* model-file - see model-file.h for the layout. */
#include "pipeline/model-file.h"

#include "base/digest.h"
#include "base/util.h"
#include "pipeline/spec.h"
#include "plugin/bytes.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define MAGIC "retort model 1\n" /* 16 bytes with its NUL */
#define ENDIAN G_GUINT64_CONSTANT (0x0123456789abcdef)
#define ALIGNMENT 64

typedef struct {
  char magic[16];
  guint64 endian, header_bytes, payload_start, payload_bytes;
  char header_digest[64];
} Preamble;

static gboolean write_all (int fd, const void *data, gsize n_bytes, const char *path, GError **error);
static gboolean refuse (const char *path, GError **error, const char *why);

/* The payload is written first, to a place behind the longest header, so that its digest can stand in the header. */
gboolean
retort_model_file_write (const char *path, JsonObject *header, RetortInstance *model, GError **error)
{
  const RetortModelRole *role = model->loaded->role;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  char digest[65];

  /* A digest of the right length, to learn the header's size. */
  memset (digest, '0', 64);
  digest[64] = '\0';
  json_object_set_string_member (header, "payload", digest);
  json_node_set_object (node, header);
  g_autofree char *measure = retort_json_canonical (node);
  Preamble preamble = { .magic = MAGIC, .endian = ENDIAN, .header_bytes = strlen (measure) };
  preamble.payload_start = (sizeof preamble + preamble.header_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

  int fd = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0 || lseek (fd, (off_t) preamble.payload_start, SEEK_SET) < 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot write %s: %s", path, g_strerror (errno));
    if (fd >= 0)
      close (fd);
    return FALSE;
  }

  g_autoptr (RetortBytes) bytes = retort_bytes_new_fd (fd);
  g_autofree char *payload = NULL;
  gboolean done = role->save (model->self, bytes, error);
  done = done && (payload = retort_bytes_finish (bytes, &preamble.payload_bytes, error)) != NULL;
  if (done) {
    json_object_set_string_member (header, "payload", payload);
    g_autofree char *text = retort_json_canonical (node);
    g_autofree char *header_digest = retort_digest_bytes (text, preamble.header_bytes);
    g_assert (strlen (text) == preamble.header_bytes);
    memcpy (preamble.header_digest, header_digest, sizeof preamble.header_digest);
    done = lseek (fd, 0, SEEK_SET) == 0 && write_all (fd, &preamble, sizeof preamble, path, error) &&
           write_all (fd, text, preamble.header_bytes, path, error);
  }
  close (fd);
  return done;
}

RetortModelFile *
retort_model_file_open (const char *path, GError **error)
{
  g_autoptr (RetortModelFile) file = g_new0 (RetortModelFile, 1);
  Preamble preamble;

  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return refuse (path, error, "it is no file that can be mapped into memory"), NULL;
  file->mapping = g_mapped_file_new (path, FALSE, error);
  if (file->mapping == NULL)
    return NULL;
  const guint8 *bytes = (const guint8 *) g_mapped_file_get_contents (file->mapping);
  gsize n_bytes = g_mapped_file_get_length (file->mapping);

  if (n_bytes < sizeof preamble)
    return refuse (path, error, "it is too short for a model file"), NULL;
  memcpy (&preamble, bytes, sizeof preamble);
  if (memcmp (preamble.magic, MAGIC, sizeof preamble.magic) != 0)
    return refuse (path, error, "it is no model file of this version of Retort"), NULL;
  if (preamble.endian != ENDIAN)
    return refuse (path, error, "it was written on a machine of other byte order"), NULL;
  if (preamble.header_bytes > n_bytes - sizeof preamble || preamble.payload_start % ALIGNMENT != 0 ||
      preamble.payload_start < sizeof preamble + preamble.header_bytes || preamble.payload_start > n_bytes ||
      preamble.payload_bytes != n_bytes - preamble.payload_start)
    return refuse (path, error, "it is cut off or damaged"), NULL;

  g_autofree char *header_digest = retort_digest_bytes (bytes + sizeof preamble, preamble.header_bytes);
  if (memcmp (header_digest, preamble.header_digest, sizeof preamble.header_digest) != 0)
    return refuse (path, error, "its header is not what was written: it is damaged"), NULL;
  file->header = retort_json_parse ((const char *) bytes + sizeof preamble, preamble.header_bytes, error);
  if (file->header == NULL) {
    g_prefix_error (error, "%s: ", path);
    return NULL;
  }
  file->payload = bytes + preamble.payload_start;
  file->payload_bytes = preamble.payload_bytes;

  g_autofree char *digest = retort_digest_bytes (file->payload, file->payload_bytes);
  if (!JSON_NODE_HOLDS_OBJECT (file->header) ||
      !g_str_equal (digest, json_object_get_string_member_with_default (json_node_get_object (file->header), "payload", "")))
    return refuse (path, error, "its content is not what was written: it is damaged"), NULL;
  return g_steal_pointer (&file);
}

void
retort_model_file_free (RetortModelFile *file)
{
  if (file == NULL)
    return;
  g_clear_pointer (&file->header, json_node_unref);
  g_clear_pointer (&file->mapping, g_mapped_file_unref);
  g_free (file);
}

RetortModel *
retort_model_open (const char *path, RetortContext *context, GError **error)
{
  g_autoptr (RetortModel) model = g_new0 (RetortModel, 1);
  g_autoptr (RetortSpec) spec = NULL;

  model->file = retort_model_file_open (path, error);
  if (model->file == NULL)
    return NULL;

  g_autofree char *text = retort_json_canonical (model->file->header);
  spec = retort_spec_parse (path, text, error);
  if (spec == NULL)
    return NULL;
  if (spec->plugin == NULL || spec->tokenizer == NULL || spec->task == NULL)
    return refuse (path, error, "its header lacks the plugin, the tokenizer or the task"), NULL;
  if (spec->plugin->plugin->kind != RETORT_KIND_MODEL || spec->tokenizer->plugin->kind != RETORT_KIND_TOKENIZER)
    return refuse (path, error, "its header names a plugin of another kind"), NULL;
  if (spec->plugin_behaviour != spec->plugin->plugin->behaviour ||
      spec->tokenizer_behaviour != spec->tokenizer->plugin->behaviour) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN,
                 "%s was made by %s behaviour %u on %s behaviour %u, but here are %u and %u; train it again", path,
                 spec->plugin->id, spec->plugin_behaviour, spec->tokenizer->id, spec->tokenizer_behaviour,
                 spec->plugin->plugin->behaviour, spec->tokenizer->plugin->behaviour);
    return NULL;
  }

  model->label = spec->label;
  model->task = g_steal_pointer (&spec->task);
  model->tokenizer = retort_instance_open (spec->tokenizer, g_steal_pointer (&spec->tokenizer_options), context, error);
  if (model->tokenizer == NULL)
    return NULL;
  model->model = retort_instance_open (spec->plugin, g_steal_pointer (&spec->plugin_options), context, error);
  if (model->model == NULL)
    return NULL;

  const RetortModelRole *role = model->model->loaded->role;
  if (!role->load (model->model->self, context, model->task, model->file->payload, model->file->payload_bytes, error)) {
    if (error != NULL && *error == NULL)
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, "%s failed and did not say why", model->model->loaded->id);
    g_prefix_error (error, "%s: ", path);
    return NULL;
  }
  return g_steal_pointer (&model);
}

void
retort_model_free (RetortModel *model)
{
  if (model == NULL)
    return;
  retort_instance_free (model->model);
  retort_instance_free (model->tokenizer);
  retort_task_free (model->task);
  retort_model_file_free (model->file);
  g_free (model);
}

static gboolean
write_all (int fd, const void *data, gsize n_bytes, const char *path, GError **error)
{
  for (gsize done = 0; done < n_bytes;) {
    gssize n = write (fd, (const char *) data + done, n_bytes - done);
    if (n < 0 && errno != EINTR) {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot write %s: %s", path,
                   g_strerror (errno));
      return FALSE;
    }
    done += n > 0 ? (gsize) n : 0;
  }
  return TRUE;
}

static gboolean
refuse (const char *path, GError **error, const char *why)
{
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "cannot read %s as a model: %s", path, why);
  return FALSE;
}
