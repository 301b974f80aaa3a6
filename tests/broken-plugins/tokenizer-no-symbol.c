/* Exports something else. */
#include <gmodule.h>

G_MODULE_EXPORT int retort_plugim (void);
int
retort_plugim (void)
{
  return 1;
}
