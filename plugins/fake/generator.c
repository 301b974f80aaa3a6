/* generator/fake - answers with the prompt, and fails on demand. */
#include "fake.h"

static const char *const choices[] = { FAKE_CHOICES, "garble", NULL };
static const RetortOption options[] = { FAKE_OPTIONS (choices) };
static const RetortExample examples[] = {
  { "Honest by default", NULL, "Say something.", "Say something." },
};

static gboolean answer (void *self, RetortContext *context, const RetortRequest *request, GString *completion,
                        GError **error);

static const RetortGeneratorRole role = { sizeof role, .answer = answer };
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_GENERATOR, .name = "fake", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "For tests: answers with the prompt, fails on demand.",
  RETORT_PLUGIN_OPTIONS (FakeOptions, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

static gboolean
answer (void *self, RetortContext *context, const RetortRequest *request, GString *completion, GError **error)
{
  const FakeOptions *fake = self;

  if (!fake_act (fake, request->document ? request->document : request->id, request->prompt, error))
    return FALSE;
  g_string_append (completion, request->prompt);
  if (strcmp (fake->what, "garble") == 0 && fake_chosen (fake, request->document, request->prompt))
    g_string_append_c (completion, (char) 0xff); /* in no UTF-8 */
  return TRUE;
}
