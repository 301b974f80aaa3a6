/* Two options of one name. */
#include <retort/plugin.h>

static gboolean
tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error)
{
  return TRUE;
}

static const RetortTokenizerRole role = { sizeof role, .tokenize = tokenize };

typedef struct { gint64 size; } Options;
static const RetortOption options[] = {
  RETORT_OPTION_INT (Options, size, "size", "1", 0, 9, "One."),
  RETORT_OPTION_INT (Options, size, "size", "1", 0, 9, "The same."),
};

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .behaviour = 1, .version = "1.0", .licence = "MIT",
  .summary = "Broken.", .role = &role, .name = "option-twice", RETORT_PLUGIN_OPTIONS (Options, options),
};
RETORT_PLUGIN_EXPORT (plugin)
