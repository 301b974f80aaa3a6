/* generator/fake - answers with the prompt, and fails on demand. */
#include "fake.h"

static const char *const choices[] = { FAKE_CHOICES, NULL };
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
  if (!fake_act (self, request->document ? request->document : request->id, request->prompt, error))
    return FALSE;
  g_string_append (completion, request->prompt);
  return TRUE;
}
