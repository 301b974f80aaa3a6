/* exit-status - how an error ends a process. */
#pragma once

#include <retort/error.h>

G_BEGIN_DECLS

int retort_error_exit_status (const GError *error); /* of `retort`; NULL is 0 */
int retort_error_cell_status (const GError *error); /* of a cell, where schedulers read sysexits */

G_END_DECLS
