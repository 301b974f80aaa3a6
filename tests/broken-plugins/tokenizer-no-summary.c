/* Keeps what it is to itself. */
#include <retort/plugin.h>

static gboolean
tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error)
{
  return TRUE;
}

static const RetortTokenizerRole role = { sizeof role, .tokenize = tokenize };

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .behaviour = 1, .version = "1.0", .licence = "MIT",
  .role = &role, .name = "no-summary",
};
RETORT_PLUGIN_EXPORT (plugin)
