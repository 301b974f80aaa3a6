/* A default that nobody may write. */
#include <retort/plugin.h>

static gboolean
tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error)
{
  return TRUE;
}

static const RetortTokenizerRole role = { sizeof role, .tokenize = tokenize };

typedef struct { gint64 size; } Options;
static const RetortOption options[] = {
  RETORT_OPTION_INT (Options, size, "size", "10", 0, 9, "Too much."),
};

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .behaviour = 1, .version = "1.0", .licence = "MIT",
  .summary = "Broken.", .role = &role, .name = "default-out-of-range", RETORT_PLUGIN_OPTIONS (Options, options),
};
RETORT_PLUGIN_EXPORT (plugin)
