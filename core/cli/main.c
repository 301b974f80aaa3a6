/* main - finds the command and hands over. */
#include "cli/cli.h"

#include "base/exit-status.h"
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COMMANDS(X) \
  X (run) X (check) X (plan) X (report) X (compare) X (tag) X (evaluate) X (convert) X (export) X (inspect) X (new) \
  X (explain) X (schema) X (cache) X (cell) X (help)

#define DECLARE(name) extern const RetortCommand retort_command_##name;
#define LIST(name) &retort_command_##name,

COMMANDS (DECLARE)
const RetortCommand *const retort_commands[] = { COMMANDS (LIST) NULL };

static GOptionContext *context_of (const RetortCommand *command, RetortCli *cli);
static int run_command (const RetortCommand *command, RetortCli *cli, int argc, char **argv);
static int unknown_command (const char *word);
static void clear_cli (RetortCli *cli);

int
main (int argc, char **argv)
{
  RetortCli cli = { 0 };
  const char *word = argc > 1 ? argv[1] : "help";

  setlocale (LC_CTYPE, "C.UTF-8"); /* messages are UTF-8 wherever we run; numbers stay as in C */
  cli.colour = isatty (STDERR_FILENO) && g_getenv ("NO_COLOR") == NULL;
  if (g_str_equal (word, "--help") || g_str_equal (word, "-h"))
    word = "help";
  if (g_str_equal (word, "--version")) {
    puts ("retort " RETORT_VERSION);
    return 0;
  }
  const RetortCommand *command = retort_command_find (word);
  if (command == NULL)
    return unknown_command (word);
  int status = run_command (command, &cli, argc > 1 ? argc - 1 : 1, argc > 1 ? argv + 1 : argv);
  clear_cli (&cli);
  return fflush (stdout) == 0 ? status : 3;
}

const RetortCommand *
retort_command_find (const char *name)
{
  for (guint i = 0; retort_commands[i] != NULL; i++)
    if (g_str_equal (retort_commands[i]->name, name))
      return retort_commands[i];
  return NULL;
}

int
retort_cli_fail (const RetortCli *cli, const GError *error)
{
  fprintf (stderr, "%sretort: error:%s %s\n", cli->colour ? "\033[1;31m" : "", cli->colour ? "\033[0m" : "",
           error->message);
  return retort_error_exit_status (error);
}

int
retort_cli_usage (const RetortCommand *command, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, "retort %s: %s\nusage: retort %s [OPTION...] %s   (retort help %s says more)\n", command->name,
           message, command->name, command->usage, command->name);
  return 2;
}

void
retort_cli_diagnose (const RetortCli *cli, const RetortDiagnostics *diagnostics)
{
  if (cli->json) {
    g_autofree char *json = retort_diagnostics_to_json (diagnostics);
    puts (json);
    return;
  }
  g_autofree char *text = retort_diagnostics_to_string (diagnostics, cli->colour);
  fputs (text, stderr);
}

char *
retort_cli_store_path (const RetortCli *cli)
{
  return g_build_filename (cli->out, "store", NULL);
}

/* Before what RETORT_PLUGIN_PATH says, and for child processes too. */
static gboolean
add_plugin_path (const char *option, const char *value, gpointer data, GError **error)
{
  g_autofree char *folder = g_canonicalize_filename (value, NULL);
  const char *old = g_getenv ("RETORT_PLUGIN_PATH");
  g_autofree char *path = g_strjoin (G_SEARCHPATH_SEPARATOR_S, folder, old, NULL);

  return g_setenv ("RETORT_PLUGIN_PATH", path, TRUE);
}

static void
add_common_entries (GOptionContext *context, RetortCli *cli)
{
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &cli->json, "Results as JSON", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &cli->quiet, "No progress", NULL },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &cli->out, "Folder of the store and the runs (retort-out)", "DIR" },
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &cli->data, "What ${data} stands for in pipelines", "DIR" },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &cli->settings, "Overrides a value of the pipeline", "PATH=VALUE" },
    { "plugin-path", 0, 0, G_OPTION_ARG_CALLBACK, add_plugin_path, "A folder to look for plugins in first", "DIR" },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &cli->jobs, "Threads in all (one for each processor)", "N" },
    { NULL },
  };
  g_option_context_add_main_entries (context, entries, NULL);
}

static GOptionContext *
context_of (const RetortCommand *command, RetortCli *cli)
{
  g_autofree char *parameters = g_strdup_printf ("%s", command->usage);
  GOptionContext *context = g_option_context_new (parameters);

  g_option_context_set_summary (context, command->summary);
  if (command->details != NULL)
    g_option_context_set_description (context, command->details);
  add_common_entries (context, cli);
  if (command->entries != NULL)
    g_option_context_add_main_entries (context, command->entries, NULL);
  return context;
}

char *
retort_command_help_text (const RetortCommand *command)
{
  if (command != NULL) {
    RetortCli unused = { 0 };
    g_autoptr (GOptionContext) context = context_of (command, &unused);
    g_autofree char *program = g_strdup_printf ("retort %s", command->name);
    g_set_prgname (program);
    return g_option_context_get_help (context, TRUE, NULL);
  }
  GString *help = g_string_new (
      "Retort: labelled text from language models, small models that learn from it, and a fair comparison.\n\n"
      "usage: retort COMMAND [OPTION...] [ARGUMENT...]\n\n");
  for (guint i = 0; retort_commands[i] != NULL; i++)
    g_string_append_printf (help, "  %-10s %s\n", retort_commands[i]->name, retort_commands[i]->summary);
  g_string_append (help, "\nretort help COMMAND says more. First steps: retort run pipelines/quickstart.yaml\n");
  return g_string_free (help, FALSE);
}

/* "-j4", as make takes it; GOption knows only "-j 4". */
static void
split_jobs (GPtrArray *kept, int argc, char **argv)
{
  for (int i = 1; i < argc && !g_str_equal (argv[i], "--"); i++)
    if (g_str_has_prefix (argv[i], "-j") && g_ascii_isdigit (argv[i][2])) {
      argv[i] = g_strconcat ("--jobs=", argv[i] + 2, NULL);
      g_ptr_array_add (kept, argv[i]);
    }
}

static int
run_command (const RetortCommand *command, RetortCli *cli, int argc, char **argv)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GOptionContext) context = context_of (command, cli);
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_strdup_printf ("retort %s", command->name);

  g_set_prgname (program);
  split_jobs (kept, argc, argv);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return retort_cli_usage (command, "%s", error->message);
  if (argc > 1 && g_str_equal (argv[1], "--")) {
    argv++;
    argc--;
  }
  guint n_args = (guint) argc - 1;
  if (n_args < command->min_args)
    return retort_cli_usage (command, n_args == 0 ? "what shall it work on?" : "something is missing");
  if (n_args > command->max_args)
    return retort_cli_usage (command, "'%s' is one argument too many", argv[command->max_args + 1]);
  if (cli->jobs < 0 || cli->jobs > 1024)
    return retort_cli_usage (command, "--jobs takes a number from 0 to 1024");
  if (cli->out == NULL)
    cli->out = g_strdup ("retort-out");
  return command->run (cli, argv + 1);
}

static int
unknown_command (const char *word)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; retort_commands[i] != NULL; i++)
    g_ptr_array_add (names, (gpointer) retort_commands[i]->name);
  g_ptr_array_add (names, NULL);
  const char *meant = retort_suggest (word, (const char *const *) names->pdata);
  fprintf (stderr, "retort: '%s' is no command%s%s%s; retort help lists them\n", word,
           meant != NULL ? "; did you mean '" : "", meant != NULL ? meant : "", meant != NULL ? "'?" : "");
  return 2;
}

static void
clear_cli (RetortCli *cli)
{
  g_free (cli->data);
  g_free (cli->out);
  g_strfreev (cli->settings);
}
