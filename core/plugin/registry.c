/* registry - plugins found by name, opened through GModule, refused with reasons.
 *
 * A plugin is a stranger's file until it has passed: first the file (elf.c), then the loader with every symbol bound at
 * once, then the descriptor, of which no field is read before `size` has shown that it is there. What passed is copied
 * into structs of this build's size, so the rest of the core never asks how old a plugin is.
 *
 * Rule of versions: the major number must be the same, and the minor must not be above ours; a plugin for a newer minor
 * may count on functions and fields that this build does not have. */
#include "plugin/registry.h"

#include <gmodule.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "plugin/elf.h"

#define SUFFIX "." G_MODULE_SUFFIX
/* Through the last field of ABI 1.0. These sizes never change; fields that come later stand behind them. */
#define THROUGH(S, field) (offsetof (S, field) + sizeof ((S *) NULL)->field)
#define PLUGIN_BYTES THROUGH (RetortPlugin, close)
#define OPTION_BYTES THROUGH (RetortOption, flags)
#define EXAMPLE_BYTES THROUGH (RetortExample, output)

const char *const retort_kind_names[] = { "generator", "tokenizer", "model", "evaluator", "format", "filter", NULL };

static const char *check_generator (const void *role);
static const char *check_tokenizer (const void *role);
static const char *check_model (const void *role);
static const char *check_evaluator (const void *role);
static const char *check_format (const void *role);
static const char *check_filter (const void *role);

/* By RetortKind: sizes of the role in ABI 1.0 and in this build; why a role cannot work, or NULL. */
static const struct {
  gsize least, bytes;
  const char *(*check) (const void *role);
} roles[] = {
  { THROUGH (RetortGeneratorRole, answer), sizeof (RetortGeneratorRole), check_generator },
  { THROUGH (RetortTokenizerRole, tokenize), sizeof (RetortTokenizerRole), check_tokenizer },
  { THROUGH (RetortModelRole, describe), sizeof (RetortModelRole), check_model },
  { THROUGH (RetortEvaluatorRole, measure), sizeof (RetortEvaluatorRole), check_evaluator },
  { THROUGH (RetortFormatRole, write), sizeof (RetortFormatRole), check_format },
  { THROUGH (RetortFilterRole, run), sizeof (RetortFilterRole), check_filter },
};

static GMutex mutex;           /* of what follows */
static GHashTable *loaded_ids; /* id -> RetortLoaded, to the end of the process */

static const RetortLoaded *open_locked (const char *path, const char *id, GError **error);
static gboolean load (RetortLoaded *loaded, GError **error);
static void copy_descriptor (RetortLoaded *loaded, const RetortPlugin *plugin);
static const RetortPlugin *open_module (const char *path, GError **error);
static gboolean check_abi (const RetortPlugin *plugin, GError **error);
static gboolean check_identity (const RetortPlugin *plugin, const char *id, GError **error);
static gboolean check_words (const RetortPlugin *plugin, GError **error);
static void *widen (const void *from, gsize from_bytes, gsize bytes);
static void *widen_array (const void *from, gsize n, gsize stride, gsize bytes);
static void loaded_free (RetortLoaded *loaded);
static void add_folder (GStrvBuilder *folders, GHashTable *known, const char *folder);
static char *file_id (const char *name);
static gboolean parse_id (const char *id, RetortKind *kind);
static gboolean folder_is_built (const char *folder);
static void set_unknown (const char *id, char **folders, GError **error);
static void list_folder (const char *folder, GHashTable *seen, GPtrArray *found);
static void found_free (gpointer found);
static int compare_found (gconstpointer a, gconstpointer b);
static int compare_strings (gconstpointer a, gconstpointer b);
static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

gboolean
retort_kind_parse (const char *text, RetortKind *kind)
{
  for (guint i = 0; retort_kind_names[i] != NULL; i++)
    if (g_str_equal (retort_kind_names[i], text)) {
      *kind = (RetortKind) i;
      return TRUE;
    }
  return FALSE;
}

char **
retort_plugin_folders (void)
{
  g_autoptr (GStrvBuilder) folders = g_strv_builder_new ();
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, free, NULL);
  g_auto (GStrv) asked = g_strsplit (g_getenv ("RETORT_PLUGIN_PATH") ? g_getenv ("RETORT_PLUGIN_PATH") : "",
                                     G_SEARCHPATH_SEPARATOR_S, -1);
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "retort", "plugins-" G_STRINGIFY (RETORT_ABI_MAJOR), NULL);

  for (guint i = 0; asked[i] != NULL; i++)
    if (asked[i][0] != '\0')
      add_folder (folders, known, asked[i]);
  if (program != NULL) {
    g_autofree char *beside = g_path_get_dirname (program);
    g_autofree char *built = g_build_filename (beside, "plugins", NULL);
    if (folder_is_built (built))
      add_folder (folders, known, built);
  }
  add_folder (folders, known, own);
  add_folder (folders, known, RETORT_PLUGIN_DIR);
  return g_strv_builder_end (folders);
}

const RetortLoaded *
retort_plugin_find (const char *id, GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&mutex);
  g_auto (GStrv) folders = NULL;
  RetortKind kind;

  const RetortLoaded *loaded = loaded_ids ? g_hash_table_lookup (loaded_ids, id) : NULL;
  if (loaded != NULL)
    return loaded;

  folders = retort_plugin_folders ();
  if (parse_id (id, &kind)) {
    g_autofree char *name = g_strdup_printf ("%s-%s" SUFFIX, retort_kind_names[kind], strchr (id, '/') + 1);
    for (guint i = 0; folders[i] != NULL; i++) {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);
      if (g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK)) /* a link to nothing is refused, not missed */
        return open_locked (path, id, error);
    }
  }
  set_unknown (id, folders, error);
  return NULL;
}

GPtrArray *
retort_plugin_list (void)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&mutex);
  g_auto (GStrv) folders = retort_plugin_folders ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GPtrArray *found = g_ptr_array_new_with_free_func (found_free);

  for (guint i = 0; folders[i] != NULL; i++)
    list_folder (folders[i], seen, found);
  g_ptr_array_sort (found, compare_found);
  return found;
}

RetortInstance *
retort_instance_open (const RetortLoaded *loaded, RetortOptions *options, RetortContext *context, GError **error)
{
  g_autoptr (RetortInstance) instance = g_new0 (RetortInstance, 1);
  GError *reason = NULL;

  instance->loaded = loaded;
  instance->options = options;
  if (loaded->plugin->open == NULL) {
    instance->self = options->data;
    return g_steal_pointer (&instance);
  }
  instance->self = loaded->plugin->open (context, options->data, &reason);
  if (instance->self != NULL && reason == NULL)
    return g_steal_pointer (&instance);
  if (reason != NULL)
    g_propagate_prefixed_error (error, reason, "%s: ", loaded->id);
  else
    refuse (error, "%s: `open` failed and did not say why", loaded->id);
  return NULL;
}

void
retort_instance_free (RetortInstance *instance)
{
  if (instance == NULL)
    return;
  if (instance->self != NULL && instance->self != instance->options->data && instance->loaded->plugin->close != NULL)
    instance->loaded->plugin->close (instance->self);
  retort_options_free (instance->options);
  g_free (instance);
}

/* --- opening --- */

static const RetortLoaded *
open_locked (const char *path, const char *id, GError **error)
{
  RetortLoaded *loaded = loaded_ids ? g_hash_table_lookup (loaded_ids, id) : NULL;

  if (loaded != NULL)
    return loaded;
  loaded = g_new0 (RetortLoaded, 1);
  loaded->path = g_strdup (path);
  loaded->id = g_strdup (id);
  if (!load (loaded, error)) {
    g_prefix_error (error, "cannot use %s: ", path);
    loaded_free (loaded);
    return NULL;
  }
  if (loaded_ids == NULL)
    loaded_ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_insert (loaded_ids, loaded->id, loaded);
  return loaded;
}

static gboolean
load (RetortLoaded *loaded, GError **error)
{
  const RetortPlugin *plugin;

  if ((loaded->build_id = retort_elf_check (loaded->path, error)) == NULL ||
      (plugin = open_module (loaded->path, error)) == NULL || !check_abi (plugin, error) ||
      !check_identity (plugin, loaded->id, error) || !check_words (plugin, error))
    return FALSE;
  copy_descriptor (loaded, plugin);

  const char *why = roles[plugin->kind].check (loaded->role);
  if (why != NULL)
    return refuse (error, "its role %s", why);
  if (!retort_option_table_check (&loaded->table, error))
    return FALSE;
  for (gsize i = 0; i < plugin->n_examples; i++) {
    const RetortExample *example = &loaded->plugin->examples[i];
    if (!example->title || !example->input || !example->output)
      return refuse (error, "its example %" G_GSIZE_FORMAT " lacks title, input or output", i + 1);
  }

  if (loaded->build_id[0] == '\0') {
    g_free (loaded->build_id);
    loaded->build_id = retort_digest_file (loaded->path, error);
  }
  g_autofree char *folder = g_path_get_dirname (loaded->path);
  loaded->in_work = !g_str_equal (folder, RETORT_PLUGIN_DIR);
  return loaded->build_id != NULL;
}

/* Copies of this build's sizes: what the plugin does not have reads as zero. */
static void
copy_descriptor (RetortLoaded *loaded, const RetortPlugin *plugin)
{
  RetortPlugin *copy = widen (plugin, plugin->size, sizeof *plugin);

  copy->options = widen_array (plugin->options, plugin->n_options, plugin->option_stride, sizeof (RetortOption));
  copy->option_stride = sizeof (RetortOption);
  copy->examples = widen_array (plugin->examples, plugin->n_examples, plugin->example_stride, sizeof (RetortExample));
  copy->example_stride = sizeof (RetortExample);
  loaded->role = widen (plugin->role, *(const gsize *) plugin->role, roles[plugin->kind].bytes);
  copy->role = loaded->role;
  loaded->table = (RetortOptionTable) { copy->options, copy->n_options, sizeof (RetortOption), copy->options_size };
  loaded->plugin = copy;
}

static const RetortPlugin *
open_module (const char *path, GError **error)
{
  union { gpointer pointer; const RetortPlugin *(*call) (void); } symbol;

  /* Every symbol now, so that a missing one is a message here and not a crash in the middle of a night. */
  GModule *module = g_module_open (path, G_MODULE_BIND_LOCAL);
  if (module == NULL) {
    refuse (error, "the loader says: %s", g_module_error ());
    return NULL;
  }
  g_module_make_resident (module);
  if (!g_module_symbol (module, "retort_plugin", &symbol.pointer) || symbol.pointer == NULL) {
    refuse (error, "it does not export `retort_plugin`; end its source with RETORT_PLUGIN_EXPORT (plugin)");
    return NULL;
  }
  const RetortPlugin *plugin = symbol.call ();
  if (plugin == NULL)
    refuse (error, "`retort_plugin` gives no descriptor (NULL)");
  return plugin;
}

static gboolean
check_abi (const RetortPlugin *plugin, GError **error)
{
  if (plugin->size < THROUGH (RetortPlugin, abi_minor))
    return refuse (error, "its descriptor says it has %" G_GSIZE_FORMAT " bytes, too few for any version; begin it with "
                   "RETORT_PLUGIN_HEADER", plugin->size);
  if (plugin->abi_major != RETORT_ABI_MAJOR || plugin->abi_minor > RETORT_ABI_MINOR)
    return refuse (error, "it was built for plugin interface %u.%u, this Retort has %u.%u; %s", plugin->abi_major,
                   plugin->abi_minor, RETORT_ABI_MAJOR, RETORT_ABI_MINOR,
                   plugin->abi_major < RETORT_ABI_MAJOR ? "build it again with the headers of this Retort"
                                                        : "update Retort, or build it with the headers of this one");
  if (plugin->size < PLUGIN_BYTES)
    return refuse (error, "its descriptor has %" G_GSIZE_FORMAT " bytes, version %u.%u has at least %" G_GSIZE_FORMAT
                   "; begin it with RETORT_PLUGIN_HEADER and build it again", plugin->size, plugin->abi_major,
                   plugin->abi_minor, (gsize) PLUGIN_BYTES);
  if (plugin->option_stride < OPTION_BYTES || plugin->example_stride < EXAMPLE_BYTES)
    return refuse (error, "its options have %" G_GSIZE_FORMAT " and its examples %" G_GSIZE_FORMAT " bytes each, version "
                   "%u.%u has at least %" G_GSIZE_FORMAT " and %" G_GSIZE_FORMAT "; begin the descriptor with "
                   "RETORT_PLUGIN_HEADER", plugin->option_stride, plugin->example_stride, plugin->abi_major,
                   plugin->abi_minor, (gsize) OPTION_BYTES, (gsize) EXAMPLE_BYTES);
  return TRUE;
}

static gboolean
check_identity (const RetortPlugin *plugin, const char *id, GError **error)
{
  if ((guint) plugin->kind >= G_N_ELEMENTS (roles))
    return refuse (error, "its kind is number %u, this Retort knows 0 to %u; update Retort", (guint) plugin->kind,
                   (guint) G_N_ELEMENTS (roles) - 1);
  if (plugin->name == NULL)
    return refuse (error, "it has no name");
  g_autofree char *own = g_strdup_printf ("%s/%s", retort_kind_names[plugin->kind], plugin->name);
  if (!g_str_equal (own, id))
    return refuse (error, "it calls itself '%s', its file says '%s'; name the file %s-%s" SUFFIX, own, id,
                   retort_kind_names[plugin->kind], plugin->name);
  if (plugin->role == NULL)
    return refuse (error, "it has no role; set `.role` to its %s functions", retort_kind_names[plugin->kind]);

  const gsize role_bytes = *(const gsize *) plugin->role;
  if (role_bytes < roles[plugin->kind].least)
    return refuse (error, "its role has %" G_GSIZE_FORMAT " bytes, version %u.%u has at least %" G_GSIZE_FORMAT
                   "; begin it with sizeof role", role_bytes, plugin->abi_major, plugin->abi_minor,
                   roles[plugin->kind].least);
  return TRUE;
}

static gboolean
check_words (const RetortPlugin *plugin, GError **error)
{
  const struct { const char *name, *text; } words[] = {
    { "version", plugin->version }, { "licence", plugin->licence }, { "summary", plugin->summary },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (words[i].text == NULL || words[i].text[0] == '\0')
      return refuse (error, "it has no %s", words[i].name);
  if (plugin->behaviour == 0)
    return refuse (error, "its behaviour is 0; begin with 1, and raise it when the same input gives other output");
  if ((plugin->n_options > 0 && plugin->options == NULL) || (plugin->n_examples > 0 && plugin->examples == NULL))
    return refuse (error, "it counts options or examples and has no table of them");
  if (plugin->close != NULL && plugin->open == NULL)
    return refuse (error, "it has `close` without `open`");
  return TRUE;
}

/* A role that lacks what its kind is for. */
static const char *
check_generator (const void *role)
{
  return ((const RetortGeneratorRole *) role)->answer ? NULL : "lacks `answer`";
}

static const char *
check_tokenizer (const void *role)
{
  return ((const RetortTokenizerRole *) role)->tokenize ? NULL : "lacks `tokenize`";
}

static const char *
check_model (const void *role)
{
  const RetortModelRole *model = role;

  if (model->tasks == 0)
    return "learns nothing (`tasks` is 0)";
  return model->train && model->save && model->load && model->predict ? NULL
                                                                      : "lacks `train`, `save`, `load` or `predict`";
}

static const char *
check_evaluator (const void *role)
{
  const RetortEvaluatorRole *evaluator = role;

  if (evaluator->tasks == 0)
    return "measures nothing (`tasks` is 0)";
  return evaluator->prepare && evaluator->count && evaluator->measure ? NULL
                                                                      : "lacks `prepare`, `count` or `measure`";
}

static const char *
check_format (const void *role)
{
  const RetortFormatRole *format = role;

  if (format->extensions == NULL)
    return "lacks `extensions` (an empty list will do)";
  return format->read ? NULL : "lacks `read`";
}

static const char *
check_filter (const void *role)
{
  return ((const RetortFilterRole *) role)->run ? NULL : "lacks `run`";
}

static void *
widen (const void *from, gsize from_bytes, gsize bytes)
{
  void *to = g_malloc0 (bytes);

  memcpy (to, from, MIN (from_bytes, bytes));
  return to;
}

static void *
widen_array (const void *from, gsize n, gsize stride, gsize bytes)
{
  char *to = g_malloc0_n (n, bytes);

  for (gsize i = 0; i < n; i++)
    memcpy (to + i * bytes, (const char *) from + i * stride, MIN (stride, bytes));
  return to;
}

static void
loaded_free (RetortLoaded *loaded)
{
  if (loaded->plugin != NULL) {
    g_free ((gpointer) loaded->plugin->options);
    g_free ((gpointer) loaded->plugin->examples);
    g_free ((gpointer) loaded->plugin);
  }
  g_free ((gpointer) loaded->role);
  g_free (loaded->path);
  g_free (loaded->id);
  g_free (loaded->build_id);
  g_free (loaded);
}

/* --- finding --- */

/* Once, however it is spelled: else everything in it would be hidden by itself. `known` owns real paths. */
static void
add_folder (GStrvBuilder *folders, GHashTable *known, const char *folder)
{
  char *real = realpath (folder, NULL);

  if (g_hash_table_add (known, real ? real : strdup (folder)))
    g_strv_builder_add (folders, folder);
}

/* "model/crf" of "model-crf.so", or NULL. */
static char *
file_id (const char *name)
{
  g_autofree char *id = g_str_has_suffix (name, SUFFIX) ? g_strndup (name, strlen (name) - strlen (SUFFIX)) : NULL;
  char *dash = id ? strchr (id, '-') : NULL;
  RetortKind kind;

  if (dash == NULL)
    return NULL;
  *dash = '/';
  return parse_id (id, &kind) ? g_steal_pointer (&id) : NULL;
}

static gboolean
parse_id (const char *id, RetortKind *kind)
{
  const char *slash = strchr (id, '/');
  g_autofree char *kind_name = slash ? g_strndup (id, (gsize) (slash - id)) : NULL;

  return slash != NULL && slash[1] != '\0' && retort_kind_parse (kind_name, kind) &&
         strspn (slash + 1, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen (slash + 1);
}

/* Meson leaves its notes in a folder beside `plugins`. */
static gboolean
folder_is_built (const char *folder)
{
  g_autofree char *notes = g_build_filename (folder, "..", "meson-private", NULL);

  return g_file_test (notes, G_FILE_TEST_IS_DIR);
}

static void
set_unknown (const char *id, char **folders, GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *searched = g_strjoinv (", ", folders);

  for (guint i = 0; folders[i] != NULL; i++) {
    g_autoptr (GDir) dir = g_dir_open (folders[i], 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name (dir)) != NULL;) {
      char *other = file_id (name);
      if (other != NULL)
        g_ptr_array_add (known, other);
    }
  }
  g_ptr_array_sort (known, compare_strings);
  g_ptr_array_add (known, NULL);

  const char *meant = retort_suggest (id, (const char *const *) known->pdata);
  refuse (error, "there is no plugin '%s'%s%s%s; searched: %s", id, meant ? "; did you mean '" : "", meant ? meant : "",
          meant ? "'?" : "", searched);
}

/* `seen` holds id -> path of what stands in folders before. */
static void
list_folder (const char *folder, GHashTable *seen, GPtrArray *found)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  for (const char *name; dir != NULL && (name = g_dir_read_name (dir)) != NULL;) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    if (!g_str_has_suffix (name, SUFFIX) || g_file_test (path, G_FILE_TEST_IS_DIR))
      continue;
    RetortFound *entry = g_new0 (RetortFound, 1);
    g_ptr_array_add (found, entry);
    entry->path = g_strdup (path);
    entry->id = file_id (name);
    if (entry->id == NULL) {
      entry->id = g_strdup (name);
      entry->reason = g_strdup_printf ("%s: its name is not KIND-NAME" SUFFIX, path);
      continue;
    }
    const char *other = g_hash_table_lookup (seen, entry->id);
    if (other != NULL) {
      entry->reason = g_strdup_printf ("%s: hidden by %s, which is searched before", path, other);
      continue;
    }
    g_hash_table_insert (seen, g_strdup (entry->id), g_strdup (path));
    g_autoptr (GError) error = NULL;
    entry->loaded = open_locked (path, entry->id, &error);
    if (error != NULL)
      entry->reason = g_strdup (error->message);
  }
}

static void
found_free (gpointer data)
{
  RetortFound *found = data;

  g_free (found->path);
  g_free (found->id);
  g_free (found->reason);
  g_free (found);
}

static int
compare_found (gconstpointer a, gconstpointer b)
{
  const RetortFound *first = *(RetortFound *const *) a, *second = *(RetortFound *const *) b;
  const int order = strcmp (first->id, second->id);

  return order ? order : strcmp (first->path, second->path);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Gives FALSE, so that a check can end with it. */
static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, message);
  return FALSE;
}
