/* Its behaviour has no number. */
#include <retort/plugin.h>

static gboolean
tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error)
{
  return TRUE;
}

static const RetortTokenizerRole role = { sizeof role, .tokenize = tokenize };

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .version = "1.0", .licence = "MIT",
  .summary = "Broken.", .role = &role, .name = "no-behaviour",
};
RETORT_PLUGIN_EXPORT (plugin)
