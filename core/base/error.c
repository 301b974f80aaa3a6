/* error - the error domain, and the exit status that belongs to each error. */
#include "base/exit-status.h"

G_DEFINE_QUARK (retort-error-quark, retort_error)

static const struct {
  int tool;
  int cell; /* sysexits.h, so that schedulers know what may be tried again */
} statuses[] = {
  [RETORT_ERROR_FAILED] = { 3, 3 },     [RETORT_ERROR_DATA] = { 1, 65 },   [RETORT_ERROR_USAGE] = { 2, 2 },
  [RETORT_ERROR_PLUGIN] = { 3, 69 },    [RETORT_ERROR_LIMIT] = { 4, 4 },   [RETORT_ERROR_AGAIN] = { 3, 75 },
  [RETORT_ERROR_POLICY] = { 77, 77 },   [RETORT_ERROR_CANCELLED] = { 130, 75 },
};

/* Errors of GLib's own domains are failures, but for wrong command lines and wrong file names. */
static RetortError
kind_of (const GError *error)
{
  if (error->domain == RETORT_ERROR && error->code >= 0 && error->code < (int)G_N_ELEMENTS (statuses))
    return error->code;
  if (error->domain == G_OPTION_ERROR)
    return RETORT_ERROR_USAGE;
  if (error->domain == G_FILE_ERROR && (error->code == G_FILE_ERROR_NOENT || error->code == G_FILE_ERROR_ACCES ||
                                        error->code == G_FILE_ERROR_ISDIR || error->code == G_FILE_ERROR_NOTDIR))
    return RETORT_ERROR_DATA; /* the file that was named is not there, or cannot be read */
  return RETORT_ERROR_FAILED;
}

int
retort_error_exit_status (const GError *error)
{
  return error ? statuses[kind_of (error)].tool : 0;
}

int
retort_error_cell_status (const GError *error)
{
  return error ? statuses[kind_of (error)].cell : 0;
}
