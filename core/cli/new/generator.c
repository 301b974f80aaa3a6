/* generator/@NAME@ - answers with a template around the prompt. */
#include <retort/plugin.h>
#include <string.h>

/* Options first: the engine checks them, fills the struct, and prints their help. */
typedef struct {
  const char *answer;
} Options;

static const RetortOption options[] = {
  RETORT_OPTION_TEMPLATE (Options, answer, "answer", "You said: {{prompt}}", "The answer; {{prompt}} is the question."),
};

/* The first tests, and the documentation: a prompt, and the completion. */
static const RetortExample examples[] = {
  { "The prompt comes back", NULL, "Hello.", "You said: Hello." },
  { "Another answer", "answer: 'No.'", "Hello.", "No." },
};

static gboolean answer (void *self, RetortContext *context, const RetortRequest *request, GString *completion,
                        GError **error);

static const RetortGeneratorRole role = { sizeof role, .answer = answer };
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_GENERATOR, .name = "@NAME@", .behaviour = 1, .version = "0.1",
  .licence = "MIT", .summary = "Answers with a template around the prompt.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

/* `self` is the options struct, because the plugin has no `open`. */
static gboolean
answer (void *self, RetortContext *context, const RetortRequest *request, GString *completion, GError **error)
{
  const Options *given = self;
  g_auto (GStrv) parts = g_strsplit (given->answer, "{{prompt}}", -1);
  g_autofree char *text = g_strjoinv (request->prompt, parts);

  g_string_append (completion, text);
  return TRUE;
}
