/* check-plugin - does a plugin keep its contract? Its examples give what they say, with 1, 2 and 7 threads. */
#pragma once

#include "plugin/registry.h"

G_BEGIN_DECLS

/* Adds to `report` a line per check. `golden` is the text of tests/golden/behaviour.txt, or NULL: lines `KIND/NAME
 * BEHAVIOUR DIGEST`; output that moved under the same behaviour is a failure. FALSE if anything failed. */
gboolean retort_check_plugin (const RetortLoaded *loaded, const char *golden, GString *report);

G_END_DECLS
