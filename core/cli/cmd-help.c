/* cmd-help - help for people, the man page, and completions, all from the commands' tables. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static gboolean as_man, as_completions;

static const GOptionEntry entries[] = {
  { "man", 0, 0, G_OPTION_ARG_NONE, &as_man, "The man page, as roff", NULL },
  { "completions", 0, 0, G_OPTION_ARG_NONE, &as_completions, "A bash completion script", NULL },
  { NULL },
};

static int
run (RetortCli *cli, char **args)
{
  const RetortCommand *command = args[0] != NULL ? retort_command_find (args[0]) : NULL;

  if (args[0] != NULL && command == NULL) {
    fprintf (stderr, "retort help: '%s' is no command\n", args[0]);
    return 2;
  }
  g_autofree char *text = as_man           ? retort_command_man ()
                          : as_completions ? retort_command_completions ()
                                           : retort_command_help_text (command);
  fputs (text, stdout);
  return 0;
}

/* Roff takes a leading dot or quote for a request, and a backslash for an escape. */
static void
append_roff (GString *out, const char *text)
{
  gboolean line_start = TRUE;

  for (const char *c = text; *c != '\0'; c++) {
    if (line_start && (*c == '.' || *c == '\''))
      g_string_append (out, "\\&");
    if (*c == '\\')
      g_string_append (out, "\\e");
    else if (*c == '-')
      g_string_append (out, "\\-");
    else
      g_string_append_c (out, *c);
    line_start = *c == '\n';
  }
}

char *
retort_command_man (void)
{
  GString *man = g_string_new (".TH RETORT 1 \"\" \"Retort " RETORT_VERSION "\" \"User Commands\"\n.SH NAME\n"
                               "retort \\- labelled text from language models, and the small models that learn from it\n"
                               ".SH SYNOPSIS\n.B retort\n.I COMMAND\n[OPTION...] [ARGUMENT...]\n.SH COMMANDS\n");

  for (guint i = 0; retort_commands[i] != NULL; i++) {
    const RetortCommand *command = retort_commands[i];
    g_string_append_printf (man, ".SS retort %s ", command->name);
    append_roff (man, command->usage);
    g_string_append_c (man, '\n');
    append_roff (man, command->summary);
    g_string_append_c (man, '\n');
    if (command->details != NULL) {
      g_string_append (man, ".PP\n");
      append_roff (man, command->details);
      g_string_append_c (man, '\n');
    }
    for (const GOptionEntry *entry = command->entries; entry != NULL && entry->long_name != NULL; entry++) {
      g_string_append (man, ".TP\n.B \\-\\-");
      append_roff (man, entry->long_name);
      if (entry->arg_description != NULL)
        g_string_append_printf (man, " %s", entry->arg_description);
      g_string_append_c (man, '\n');
      append_roff (man, entry->description);
      g_string_append_c (man, '\n');
    }
  }
  g_string_append (man, ".SH EXIT STATUS\n0 done; 1 input is wrong; 2 the command line is wrong; 3 a step failed; 4 a "
                        "limit or budget was reached; 77 refused by policy; 130 interrupted.\n");
  return g_string_free (man, FALSE);
}

char *
retort_command_completions (void)
{
  GString *script = g_string_new ("_retort () {\n  local word=${COMP_WORDS[COMP_CWORD]}\n"
                                  "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"");

  for (guint i = 0; retort_commands[i] != NULL; i++)
    g_string_append_printf (script, "%s%s", i > 0 ? " " : "", retort_commands[i]->name);
  g_string_append (script, "\" -- \"$word\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n");
  for (guint i = 0; retort_commands[i] != NULL; i++) {
    const RetortCommand *command = retort_commands[i];
    g_string_append_printf (script, "    %s) COMPREPLY=($(compgen -f -W \"--json --quiet --out --data --set --jobs", command->name);
    for (const GOptionEntry *entry = command->entries; entry != NULL && entry->long_name != NULL; entry++)
      g_string_append_printf (script, " --%s", entry->long_name);
    g_string_append (script, "\" -- \"$word\")) ;;\n");
  }
  g_string_append (script, "  esac\n}\ncomplete -o filenames -F _retort retort\n");
  return g_string_free (script, FALSE);
}

const RetortCommand retort_command_help = {
  .name = "help", .summary = "Says what a command does and takes.", .usage = "[COMMAND]", .entries = entries,
  .max_args = 1, .run = run,
};
