/* A descriptor of four fields; nothing beyond them may be read, so it ends where its page ends. */
#include <retort/plugin.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

G_MODULE_EXPORT const RetortPlugin *retort_plugin (void);
const RetortPlugin *
retort_plugin (void)
{
  const gsize page = (gsize) sysconf (_SC_PAGESIZE), bytes = offsetof (RetortPlugin, option_stride);
  char *pages = mmap (NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const RetortPlugin head = { .size = bytes, .abi_major = RETORT_ABI_MAJOR, .abi_minor = RETORT_ABI_MINOR };

  mprotect (pages + page, page, PROT_NONE);
  memcpy (pages + page - bytes, &head, bytes);
  return (const RetortPlugin *) (pages + page - bytes);
}
