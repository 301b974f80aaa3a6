/* Gives no descriptor. */
#include <retort/plugin.h>

G_MODULE_EXPORT const RetortPlugin *retort_plugin (void);
const RetortPlugin *
retort_plugin (void)
{
  return NULL;
}
