/* cli - what the commands of `retort` share.
 *
 * A command is one file, cmd-NAME.c, that defines `const RetortCommand retort_command_NAME`; main.c lists them all, and
 * meson.build their files. Help, the man page and completions are made from these tables. Results go to stdout, all
 * else to stderr. */
#pragma once

#include <retort/error.h>

G_BEGIN_DECLS

/* The common options, and what the terminal can do. */
typedef struct {
  gboolean json;     /* --json: results as JSON on stdout */
  gboolean quiet;    /* --quiet: no progress */
  gboolean colour;   /* stderr is a terminal, and NO_COLOR is not set */
  char *data;        /* --data DIR, or NULL */
  char *out;         /* --out DIR; "retort-out" */
  char **settings;   /* --set path=value, NULL-terminated, or NULL */
  gint jobs;         /* --jobs N; 0: one for each processor */
} RetortCli;

typedef struct {
  const char *name;
  const char *summary;         /* one line */
  const char *usage;           /* "FILE [FILE...]": what stands behind the options */
  const char *details;         /* paragraphs for the help; or NULL */
  const GOptionEntry *entries; /* the command's own options, ended by a NULL name; or NULL */
  guint min_args, max_args;    /* arguments behind the options; more or fewer are a usage error */
  int (*run) (RetortCli *cli, char **args); /* args NULL-terminated; gives the exit status */
} RetortCommand;

extern const RetortCommand *const retort_commands[]; /* NULL-terminated, in the order of the help */
const RetortCommand *retort_command_find (const char *name);
/* Help of one command, or of all (NULL). */
char *retort_command_help_text (const RetortCommand *command);
/* The man page retort(1), in roff. */
char *retort_command_man (void);
/* Words for a shell's completion: a bash script. */
char *retort_command_completions (void);

/* Says what failed, on stderr, and gives the exit status that belongs to it. */
int retort_cli_fail (const RetortCli *cli, const GError *error);
/* The same where the command line is wrong: exit status 2, with a word on where the help is. */
int retort_cli_usage (const RetortCommand *command, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Prints diagnostics to stderr (with --json as JSON to stdout). */
void retort_cli_diagnose (const RetortCli *cli, const RetortDiagnostics *diagnostics);
/* The store of --out. */
char *retort_cli_store_path (const RetortCli *cli);

G_END_DECLS
