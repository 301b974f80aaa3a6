/* read - files of any format as documents. */
#include "plugin/read.h"

#include "plugin/context.h"
#include <retort/corpus.h>
#include <stdio.h>
#include <string.h>

RetortInstance *
retort_instance_open_with (const char *id, const char *const *settings, RetortContext *context, GError **error)
{
  RetortDiagnostics *diagnostics = retort_context_diagnostics (context);
  const RetortLoaded *loaded = retort_plugin_find (id, error);
  g_autoptr(GString) text = g_string_new (NULL);

  if (!loaded)
    return NULL;
  for (guint i = 0; settings && settings[i]; i++) {
    const char *equals = strchr (settings[i], '=');
    if (!equals || equals == settings[i] || strchr (settings[i], '\n')) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_USAGE, "'%s' is not of the form key=value", settings[i]);
      return NULL;
    }
    g_string_append_printf (text, "%.*s: %s\n", (int) (equals - settings[i]), settings[i], equals + 1);
  }

  if (text->len == 0)
    g_string_assign (text, "{}");
  g_autoptr(RetortSource) source = retort_source_new ("options", text->str, text->len);
  g_autoptr(RetortYamlFile) file = retort_yaml_parse (source, diagnostics);
  RetortOptions *options =
      file->root ? retort_options_fill (&loaded->table, file, file->root, file->root, id, diagnostics) : NULL;
  if (!options) {
    retort_diagnostics_ok (diagnostics, error);
    return NULL;
  }
  return retort_instance_open (loaded, options, context, error);
}

/* --- which format --- */

/* Of ours by its first bytes, whatever the name. */
static gboolean
is_ours (const char *path)
{
  static const char begin[] = "{\"retort\":\"corpus\"";
  char bytes[sizeof begin - 1];
  FILE *file = fopen (path, "rb");
  const gsize n = file ? fread (bytes, 1, sizeof bytes, file) : 0;

  if (file)
    fclose (file);
  return n == sizeof bytes && memcmp (bytes, begin, n) == 0;
}

/* Length of the longest of the format's extensions that the path ends in; 0: none. */
static gsize
longest_extension (const RetortLoaded *loaded, const char *path)
{
  const RetortFormatRole *role = loaded->role;
  gsize longest = 0;

  for (guint i = 0; role->extensions && role->extensions[i]; i++)
    if (g_str_has_suffix (path, role->extensions[i]))
      longest = MAX (longest, strlen (role->extensions[i]));
  return longest;
}

char *
retort_format_guess (const char *path, GError **error)
{
  g_autoptr(GPtrArray) plugins = retort_plugin_list (), fitting = g_ptr_array_new ();
  gsize longest = 1;

  if (is_ours (path))
    return g_strdup ("format/retort");
  for (guint i = 0; i < plugins->len; i++) {
    const RetortFound *found = plugins->pdata[i];
    if (!found->loaded || found->loaded->plugin->kind != RETORT_KIND_FORMAT)
      continue;
    const gsize length = longest_extension (found->loaded, path);
    if (length > longest) {
      g_ptr_array_set_size (fitting, 0);
      longest = length;
    }
    if (length == longest)
      g_ptr_array_add (fitting, found->id);
  }
  if (fitting->len == 1)
    return g_strdup (fitting->pdata[0]);

  g_ptr_array_add (fitting, NULL);
  g_autofree char *names = g_strjoinv (", ", (char **) fitting->pdata);
  if (fitting->len > 1)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_USAGE, "%s: several formats have this extension: %s; say which",
                 path, names);
  else
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_USAGE,
                 "%s: no format has this extension; say which (`retort inspect` lists them)", path);
  return NULL;
}

RetortInstance *
retort_format_open (const char *path, const char *format, const char *const *settings, RetortContext *context,
                    GError **error)
{
  g_autofree char *id = !format ? retort_format_guess (path, error)
                        : strchr (format, '/') ? g_strdup (format) : g_strconcat ("format/", format, NULL);

  if (!id)
    return NULL;
  if (!g_str_has_prefix (id, "format/")) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_USAGE, "'%s' is no format", id);
    return NULL;
  }
  return retort_instance_open_with (id, settings, context, error);
}

gboolean
retort_format_read (RetortInstance *format, RetortContext *context, const char *path, GHashTable *map,
                    RetortSinkFunc func, gpointer user, RetortReadCounts *counts, GError **error)
{
  RetortDiagnostics *diagnostics = retort_context_diagnostics (context);
  const RetortFormatRole *role = format->loaded->role;
  g_autoptr(RetortCorpusSink) sink = retort_corpus_sink_new (path, diagnostics, func, user);

  retort_corpus_sink_set_label_map (sink, map);
  if (!role->read (format->self, context, path, sink, error) || !retort_diagnostics_ok (diagnostics, error))
    return FALSE;
  if (retort_corpus_sink_n_documents (sink) == 0) {
    retort_diagnostics_add_line (diagnostics, RETORT_CODE_CORPUS_EMPTY, path, 0, 0, NULL,
                                 "is it the right file, and the right format?", "%s found no document",
                                 format->loaded->id);
    return retort_diagnostics_ok (diagnostics, error);
  }
  if (counts)
    *counts = (RetortReadCounts) { retort_corpus_sink_n_documents (sink), retort_corpus_sink_n_dropped (sink) };
  return TRUE;
}
