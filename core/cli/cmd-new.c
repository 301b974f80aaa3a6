/* cmd-new - a folder with a small, working plugin of a kind, to begin from. The files are in core/cli/new. */
#include "cli/cli.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "plugin/registry.h"

static gboolean write_files (const char *kind, const char *name, GError **error);
static gboolean write_file (const char *folder, const char *resource, const char *file, const char *kind,
                            const char *name, GError **error);
static int run (RetortCli *cli, char **args);

const RetortCommand retort_command_new = {
  .name = "new", .summary = "Writes a plugin to begin from.", .usage = "KIND/NAME",
  .details = "KIND is generator, tokenizer, model, evaluator, format or filter. NAME is made of small letters, digits\n"
             "and dashes; a folder of that name is made here, with the plugin, its build files and a README.",
  .min_args = 1, .max_args = 1, .run = run,
};

static int
run (RetortCli *cli, char **args)
{
  const char *slash = strchr (args[0], '/');
  g_autofree char *kind_name = slash ? g_strndup (args[0], (gsize) (slash - args[0])) : NULL;
  g_autoptr (GError) error = NULL;
  RetortKind kind;

  if (slash == NULL || !retort_kind_parse (kind_name, &kind)) {
    const char *meant = retort_suggest (slash ? kind_name : args[0], retort_kind_names);
    return retort_cli_usage (&retort_command_new, "'%s' does not begin with a kind and a slash%s%s%s", args[0],
                             meant ? "; did you mean '" : "", meant ? meant : "", meant ? "/...'?" : "");
  }
  const char *name = slash + 1;
  if (!g_ascii_islower (name[0]) || strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen (name))
    return retort_cli_usage (&retort_command_new, "the name '%s' is not of small letters, digits and dashes", name);
  if (!write_files (kind_name, name, &error))
    return retort_cli_fail (cli, error);
  printf ("%s/%s.c is %s. Next: cd %s && meson setup build && meson test -C build\n", name, name, args[0], name);
  return 0;
}

static gboolean
write_files (const char *kind, const char *name, GError **error)
{
  g_autofree char *code = g_strconcat (kind, ".c", NULL), *file = g_strconcat (name, ".c", NULL);
  const struct { const char *resource, *file; } files[] = {
    { code, file }, { "meson.build.in", "meson.build" }, { "Makefile.in", "Makefile" }, { "README.md.in", "README.md" },
  };

  if (g_mkdir (name, 0777) != 0) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_USAGE, "cannot make the folder %s: %s", name, g_strerror (errno));
    return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (!write_file (name, files[i].resource, files[i].file, kind, name, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_file (const char *folder, const char *resource, const char *file, const char *kind, const char *name,
            GError **error)
{
  g_autofree char *source = g_strconcat ("/retort/new/", resource, NULL), *path = g_build_filename (folder, file, NULL);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (source, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

  if (bytes == NULL)
    return FALSE;
  g_autoptr (GString) text = g_string_new_len (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
  g_string_replace (text, "@KIND@", kind, 0);
  g_string_replace (text, "@NAME@", name, 0);
  return g_file_set_contents (path, text->str, (gssize) text->len, error);
}
