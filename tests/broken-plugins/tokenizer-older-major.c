/* Built for an interface long gone. */
#include <retort/plugin.h>

static gboolean
tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error)
{
  return TRUE;
}

static const RetortTokenizerRole role = { sizeof role, .tokenize = tokenize };

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .behaviour = 1, .version = "1.0", .licence = "MIT",
  .summary = "Broken.", .role = &role, .name = "older-major", .abi_major = 0, .abi_minor = 9,
};
RETORT_PLUGIN_EXPORT (plugin)
