/* key - what a cell's output depends on, and nothing else. */
#pragma once

#include "pipeline/plan.h"
#include "pipeline/store.h"

G_BEGIN_DECLS

/* In the place of a key: the cell failed, so there is none, and there will be none. */
#define RETORT_KEY_LOST ""

/* The key of a cell: SHA-256 of canonical JSON of its use, behaviours, filled options (without tuning and secrets,
 * paths by their content), task, tokenizer, prompt, seed, privacy label, and its inputs' content digests. NULL without
 * error if an input is not in the store yet: "unknown until it has run". `keys` [cells] are those known so far. */
char *retort_cell_key (const RetortCell *cell, const RetortStore *store, char *const *keys, GError **error);

/* The spec (spec.h) that the cell's process is given. */
char *retort_cell_spec (const RetortCell *cell, const RetortStore *store, char *const *keys, guint threads);

G_END_DECLS
