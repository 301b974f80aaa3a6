/* manifest - what a run was: one folder that says all, and points into the store beside it.
 *
 *   OUT/store/                     the store
 *   OUT/runs/NAME-DIGEST/          a run; DIGEST is of the cells' keys, so the same work has the same folder
 *     manifest.json                names, versions, keys, digests: the same for every run of the same work
 *     pipeline.yaml                the fully filled pipeline
 *     timing.json                  when, where and how long: different for every run
 *
 * Tables and the page are written beside them from these files alone (experiment/results.h). */
#pragma once

#include "pipeline/execute.h"

G_BEGIN_DECLS

#define RETORT_MANIFEST "manifest.json"

/* The folder of the run; full ownership. Compares whose cells are missing are left out and named in `notes`. */
char *retort_manifest_write (const RetortExecution *execution, const char *out, GError **error);
/* Takes the run's folder for writing, waiting for whoever has it, and removes what a writer left that was killed. A
 * descriptor to be closed when all is written; -1 where folders cannot be locked. */
int retort_manifest_lock (const char *run);
/* The manifest of a run folder. */
JsonNode *retort_manifest_load (const char *run, GError **error);
/* The store that belongs to a run folder. */
RetortStore *retort_manifest_store (const char *run, GError **error);
/* The member of "cells" whose "name" is `name`, or NULL; lent. */
JsonObject *retort_manifest_cell (JsonNode *manifest, const char *name);
/* Path of a file that a cell made; NULL with error if the cell was not finished, or has gone from the store since. */
char *retort_manifest_file (JsonObject *cell, const RetortStore *store, const char *name, GError **error);

G_END_DECLS
