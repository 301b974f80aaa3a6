/* fake - what the fake plugins share: misbehaving on demand, so that tests can see how the engine takes it.
 *
 * `do` says what happens, `at` where: to the document (or prompt) whose id is `at` or whose text holds it; to every one
 * if it is not set. Elsewhere the plugin does its plain, honest work. */
#pragma once

#include <retort/plugin.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  const char *what;
  const char *at;
  double pause;
} FakeOptions;

#define FAKE_OPTIONS(choices) \
  RETORT_OPTION_CHOICE (FakeOptions, what, "do", "ok", choices, "What happens at the chosen place."), \
  RETORT_OPTION_STRING (FakeOptions, at, "at", NULL, "Id of a document, or a part of its text; all if not set."), \
  RETORT_OPTION_DURATION (FakeOptions, pause, "pause", "50ms", 0, 86400, "How long `slow` takes.", \
                          .flags = RETORT_OPTION_TUNING)

#define FAKE_CHOICES "ok", "crash", "hang", "stdout", "error", "slow", "leak", "socket", "exit", "child", "silent"

static inline gboolean
fake_chosen (const FakeOptions *options, const char *id, const char *text)
{
  return options->at == NULL || (id != NULL && strcmp (id, options->at) == 0) || strstr (text, options->at) != NULL;
}

/* Misbehaves, if this is the place; FALSE with an error for `error`. `id` may be NULL. */
static inline gboolean
fake_act (const FakeOptions *options, const char *id, const char *text, GError **error)
{
  if (!fake_chosen (options, id, text))
    return TRUE;
  int *volatile nowhere = (int *) 8;
  if (strcmp (options->what, "crash") == 0)
    *nowhere = 0;
  if (strcmp (options->what, "hang") == 0)
    for (;;)
      g_usleep (G_USEC_PER_SEC);
  if (strcmp (options->what, "stdout") == 0) {
    puts ("fake: this must not be here");
    fflush (stdout);
  }
  if (strcmp (options->what, "slow") == 0)
    g_usleep ((gulong) (options->pause * G_USEC_PER_SEC));
  if (strcmp (options->what, "leak") == 0)
    memset (g_malloc (1 << 20), 1, 1 << 20); /* lost, and really taken from the machine */
  if (strcmp (options->what, "exit") == 0)
    _exit (0);
  if (strcmp (options->what, "child") == 0 && fork () == 0) { /* left behind, with a name to find it by */
    prctl (PR_SET_NAME, "retort-left");
    sleep (60);
    _exit (0);
  }
  if (strcmp (options->what, "socket") == 0) {
    const int descriptor = socket (AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_FAILED, "no socket: %s", g_strerror (errno));
      return FALSE;
    }
    close (descriptor);
  }
  if (strcmp (options->what, "silent") == 0)
    return FALSE;
  if (strcmp (options->what, "error") == 0) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_FAILED, "failed on demand%s%s%s", id ? " at '" : "", id ? id : "",
                 id ? "'" : "");
    return FALSE;
  }
  return TRUE;
}
