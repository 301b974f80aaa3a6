/* store - what cells made, under the digest of what went into them.
 *
 *   ROOT/cells/ab/abcd.../        one finished cell: its artifact, ledger or notes, and result.json
 *   ROOT/work/KEY.XXXXXX/         a cell being made; `lock` is held while somebody works in it
 *   ROOT/checkpoints/KEY/         what an interrupted cell may continue from
 *
 * A cell is written in `work`, synced, and renamed into `cells`, so what is present is complete. All files of a cell
 * are a function of its key, except timing.json. Several processes, also on several hosts, may share a store. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct _RetortStore RetortStore;

RetortStore *retort_store_open (const char *root, GError **error); /* makes the folders */
void retort_store_free (RetortStore *store);
const char *retort_store_root (const RetortStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortStore, retort_store_free)

/* Folder of the cell, whether it is there or not. Full ownership. */
char *retort_store_cell_path (const RetortStore *store, const char *key);
gboolean retort_store_has (const RetortStore *store, const char *key);
/* The content digest that result.json states. NULL with error if the cell is absent or damaged. Full ownership. */
char *retort_store_digest (const RetortStore *store, const char *key, GError **error);
/* result.json; full ownership. */
JsonNode *retort_store_result (const RetortStore *store, const char *key, GError **error);

/* A new work folder with its lock taken. */
char *retort_store_work_new (RetortStore *store, const char *key, int *lock_fd, GError **error);
/* Removes it and closes the lock; -1: there is none. */
void retort_store_work_end (const char *folder, int lock_fd);
/* Removes work folders that nobody holds. */
void retort_store_sweep (RetortStore *store);
/* Writes result.json for the files now in `folder`, syncs, and moves it into place. If the cell is there already, the
 * two must be equal: a different digest is RETORT_ERROR_FAILED, an alarm. */
gboolean retort_store_commit (RetortStore *store, const char *key, const char *folder, JsonObject *about,
                              GError **error);

/* Cells present, their bytes; for `retort cache`. */
typedef struct { char *key; char *use; guint64 bytes; gint64 used; } RetortStored;
GPtrArray *retort_store_list (RetortStore *store); /* of RetortStored, by key; full ownership */
gboolean retort_store_remove (RetortStore *store, const char *key, GError **error);
/* Rereads every file of a cell against result.json. */
gboolean retort_store_verify (RetortStore *store, const char *key, GError **error);
/* Marks the cell as used now, so that `retort cache prune` keeps it. */
void retort_store_touch (RetortStore *store, const char *key);

G_END_DECLS
