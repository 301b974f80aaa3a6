/* Calls a function that is nowhere. */
#include <retort/plugin.h>

void retort_from_the_future (void);

static gboolean
tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error)
{
  retort_from_the_future ();
  return TRUE;
}

static const RetortTokenizerRole role = { sizeof role, .tokenize = tokenize };

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .behaviour = 1, .version = "1.0", .licence = "MIT",
  .summary = "Broken.", .role = &role, .name = "undefined-symbol",
};
RETORT_PLUGIN_EXPORT (plugin)
