/* Does nothing. */
#include <retort/plugin.h>


static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .behaviour = 1, .version = "1.0", .licence = "MIT",
  .summary = "Broken.", .name = "no-role",
};
RETORT_PLUGIN_EXPORT (plugin)
