/* cmd-export - what a run made, out of the store: a model file, a corpus, scores. */
#include "cli/cli.h"

#include "base/util.h"
#include "pipeline/manifest.h"
#include "pipeline/verb.h"
#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <unistd.h>

static int list_cells (JsonNode *manifest);
static int list_json (JsonNode *manifest);
static gboolean export_cell (RetortStore *store, JsonObject *cell, const char *target, GError **error);
static JsonObject *find_cell (JsonNode *manifest, const char *name, GError **error);

static int
run (RetortCli *cli, char **args)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) manifest = retort_manifest_load (args[0], &error);
  g_autoptr (RetortStore) store = manifest != NULL ? retort_manifest_store (args[0], &error) : NULL;

  if (store == NULL)
    return retort_cli_fail (cli, error);
  if (args[1] == NULL)
    return cli->json ? list_json (manifest) : list_cells (manifest);
  if (args[2] == NULL) {
    fprintf (stderr, "retort export: where to? usage: retort export RUN STEP FILE\n");
    return 2;
  }
  JsonObject *cell = find_cell (manifest, args[1], &error);
  if (cell == NULL || !export_cell (store, cell, args[2], &error))
    return retort_cli_fail (cli, error);
  return 0;
}

/* The file of the cell's artifact. */
static char *
artifact_path (RetortStore *store, JsonObject *cell, GError **error)
{
  const char *use = json_object_get_string_member (cell, "use");
  const RetortVerb *verb = retort_verb_find (use);

  if (verb != NULL)
    return retort_manifest_file (cell, store, retort_artifact_files[verb->gives], error);
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "the manifest has a step `use: %s`, which there is not", use);
  return NULL;
}

static int
list_cells (JsonNode *manifest)
{
  JsonArray *cells = json_object_get_array_member (json_node_get_object (manifest), "cells");

  for (guint i = 0; i < json_array_get_length (cells); i++) {
    JsonObject *cell = json_array_get_object_element (cells, i);
    const RetortVerb *verb = retort_verb_find (json_object_get_string_member (cell, "use"));
    if (verb == NULL || !json_object_has_member (cell, "key"))
      continue;
    printf ("%-10s  %-12s  %s\n", retort_artifact_names[verb->gives], json_object_get_string_member (cell, "label"),
            json_object_get_string_member (cell, "name"));
  }
  return 0;
}

/* The manifest's own words. */
static int
list_json (JsonNode *manifest)
{
  g_autofree char *text = retort_json_pretty (json_object_get_member (json_node_get_object (manifest), "cells"));
  fputs (text, stdout);
  return 0;
}

static JsonObject *
find_cell (JsonNode *manifest, const char *name, GError **error)
{
  JsonArray *cells = json_object_get_array_member (json_node_get_object (manifest), "cells");
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  JsonObject *cell = retort_manifest_cell (manifest, name);

  if (cell != NULL && json_object_has_member (cell, "key"))
    return cell;
  for (guint i = 0; i < json_array_get_length (cells); i++)
    g_ptr_array_add (names, (gpointer) json_object_get_string_member (json_array_get_object_element (cells, i), "name"));
  g_ptr_array_add (names, NULL);
  const char *meant = retort_suggest (name, (const char *const *) names->pdata);
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s '%s'%s%s%s; without STEP all are listed",
               cell != NULL ? "the run did not finish" : "the run has no", name, meant != NULL ? "; did you mean '" : "",
               meant != NULL ? meant : "", meant != NULL ? "'?" : "");
  return NULL;
}

/* Whole or not at all, also on another file system. The privacy label goes along in words, since a file has none. */
static gboolean
export_cell (RetortStore *store, JsonObject *cell, const char *target, GError **error)
{
  g_autofree char *path = artifact_path (store, cell, error);
  if (path == NULL)
    return FALSE;
  g_autoptr (GFile) from = g_file_new_for_path (path);
  g_autofree char *partial = g_strconcat (target, ".part", NULL);
  g_autoptr (GFile) to = g_file_new_for_path (partial);

  if (!g_file_copy (from, to, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, error) || !retort_file_sync (partial, error)) {
    unlink (partial);
    return FALSE;
  }
  if (rename (partial, target) != 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "cannot write %s: %s", target,
                 g_strerror (errno));
    unlink (partial);
    return FALSE;
  }
  fprintf (stderr, "%s: %s, privacy label %s\n", target, json_object_get_string_member (cell, "name"),
           json_object_get_string_member (cell, "label"));
  return TRUE;
}

const RetortCommand retort_command_export = {
  .name = "export", .summary = "Takes a model, a corpus or scores of a run out of the store.", .usage = "RUN [STEP FILE]",
  .details = "RUN is a folder under retort-out/runs. Without STEP, what the run has is listed. A model goes with `retort tag`, "
             "a corpus is JSON lines, which `retort convert` turns into other formats.",
  .min_args = 1, .max_args = 3, .run = run,
};
