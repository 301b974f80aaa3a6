/* registry - plugins found by name, opened through GModule, refused with reasons. */
#pragma once

#include "option/options.h"
#include <retort/plugin.h>

G_BEGIN_DECLS

/* Names in the enum's order, NULL-terminated: "generator" ... */
extern const char *const retort_kind_names[];
gboolean retort_kind_parse (const char *text, RetortKind *kind);

/* An opened plugin; lives to the end of the process. Descriptor and role are copies widened with zeroes to the sizes
 * of this build, so every field may be read. */
typedef struct {
  const RetortPlugin *plugin;
  const void *role;        /* of this build's role size */
  RetortOptionTable table;
  char *path;              /* of the shared object */
  char *id;                /* "model/crf" */
  char *build_id;          /* GNU build-id in hex, or the file's digest */
  gboolean in_work; /* not from the installed folder, so perhaps still being written: the build-id is part of keys */
} RetortLoaded;

/* Folders that are searched, in order: RETORT_PLUGIN_PATH, the folder `plugins` beside the running program if it is a
 * build tree, $XDG_DATA_HOME/retort/plugins-1, the installed folder. A folder that comes twice stands once. Full
 * ownership, NULL-terminated. */
char **retort_plugin_folders (void);

/* Opens kind/name ("model/crf"). RETORT_ERROR_PLUGIN says which file, why, both ABI numbers and the remedy; for an
 * unknown name what was searched and what was perhaps meant. Thread-safe; the same name gives the same pointer. */
const RetortLoaded *retort_plugin_find (const char *id, GError **error);

/* Every kind-name.so in the folders: either loaded or with the reason why not. */
typedef struct {
  char *path;
  char *id;                  /* from the file name */
  const RetortLoaded *loaded; /* or NULL */
  char *reason;              /* or NULL */
} RetortFound;
GPtrArray *retort_plugin_list (void); /* of RetortFound; sorted by id; full ownership */

/* An instance with its options. */
typedef struct {
  const RetortLoaded *loaded;
  RetortOptions *options;
  void *self;
} RetortInstance;

/* Takes the options. */
RetortInstance *retort_instance_open (const RetortLoaded *loaded, RetortOptions *options, RetortContext *context,
                                      GError **error);
void retort_instance_free (RetortInstance *instance);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortInstance, retort_instance_free)

G_END_DECLS
