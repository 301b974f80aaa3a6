/* model/fake - calls every token with a capital letter by the task's first label, and fails on demand. */
#include "fake.h"

static const char *const choices[] = { FAKE_CHOICES, NULL };
static const RetortOption options[] = { FAKE_OPTIONS (choices) };

typedef struct {
  const FakeOptions *options;
  char *label;
} Fake;

static void *open_fake (RetortContext *context, const void *filled, GError **error);
static void close_fake (void *self);
static gboolean train (void *self, RetortContext *context, const RetortTask *task, const RetortCorpus *train_corpus,
                       const RetortCorpus *dev, GError **error);
static gboolean save (void *self, RetortBytes *out, GError **error);
static gboolean load (void *self, RetortContext *context, const RetortTask *task, const guint8 *bytes, gsize n_bytes,
                      GError **error);
static gboolean predict (void *self, RetortContext *context, RetortWant want, const RetortDocument *const *documents,
                         RetortDocumentBuilder *const *out, gsize n_documents, GError **error);

static const RetortModelRole role = {
  sizeof role, .tasks = RETORT_WANT_ENTITIES, .train = train, .save = save, .load = load, .predict = predict,
};
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_MODEL, .name = "fake", .behaviour = 1, .version = "1.0", .licence = "MIT",
  .summary = "For tests: marks tokens with a capital letter, fails on demand.",
  RETORT_PLUGIN_OPTIONS (FakeOptions, options), .role = &role, .open = open_fake, .close = close_fake,
};
RETORT_PLUGIN_EXPORT (plugin)

static void *
open_fake (RetortContext *context, const void *filled, GError **error)
{
  Fake *fake = g_new0 (Fake, 1);

  fake->options = filled;
  return fake;
}

static void
close_fake (void *self)
{
  Fake *fake = self;

  g_free (fake->label);
  g_free (fake);
}

/* Misbehaves in training only where `at` stands in a training document. */
static gboolean
train (void *self, RetortContext *context, const RetortTask *task, const RetortCorpus *train_corpus,
       const RetortCorpus *dev, GError **error)
{
  Fake *fake = self;

  fake->label = g_strdup (task->entities[0]);
  for (guint i = 0; fake->options->at != NULL && i < retort_corpus_n_documents (train_corpus); i++) {
    const RetortDocument *document = retort_corpus_document (train_corpus, i);
    retort_context_at (context, document);
    if (!fake_act (fake->options, retort_document_id (document), retort_document_text (document, NULL), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
save (void *self, RetortBytes *out, GError **error)
{
  const Fake *fake = self;

  return retort_bytes_write (out, fake->label, strlen (fake->label), error);
}

static gboolean
load (void *self, RetortContext *context, const RetortTask *task, const guint8 *bytes, gsize n_bytes, GError **error)
{
  Fake *fake = self;

  fake->label = g_strndup ((const char *) bytes, n_bytes);
  if (retort_task_entity_index (task, fake->label) >= 0)
    return TRUE;
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the model knows '%s', the task does not", fake->label);
  return FALSE;
}

static gboolean
predict (void *self, RetortContext *context, RetortWant want, const RetortDocument *const *documents,
         RetortDocumentBuilder *const *out, gsize n_documents, GError **error)
{
  const Fake *fake = self;

  for (gsize i = 0; i < n_documents; i++) {
    const char *text = retort_document_text (documents[i], NULL);
    guint n;
    const RetortSpan *tokens = retort_document_tokens (documents[i], &n);
    retort_context_at (context, documents[i]);
    if (!fake_act (fake->options, retort_document_id (documents[i]), text, error))
      return FALSE;
    retort_document_builder_add_layer (out[i], RETORT_LAYER_PREDICTED, FALSE);
    for (guint t = 0; t < n; t++)
      if (g_ascii_isupper (text[tokens[t].start]) &&
          retort_document_builder_add_span (out[i], RETORT_LAYER_PREDICTED, fake->label, tokens[t], 1, error) < 0)
        return FALSE;
  }
  return TRUE;
}
