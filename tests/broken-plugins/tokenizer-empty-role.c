/* A role without its function. */
#include <retort/plugin.h>


static const RetortTokenizerRole role = { sizeof role };

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .behaviour = 1, .version = "1.0", .licence = "MIT",
  .summary = "Broken.", .role = &role, .name = "empty-role",
};
RETORT_PLUGIN_EXPORT (plugin)
