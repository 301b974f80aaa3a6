/* elf - a look at a shared object before the loader gets it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Checks that the file is a whole shared object for this machine: the loader would take the process down over one that
 * is cut short. Gives its GNU build-id in hex, or "" if it has none. NULL on error (RETORT_ERROR_PLUGIN). */
char *retort_elf_check (const char *path, GError **error);

G_END_DECLS
