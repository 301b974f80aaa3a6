/* sandbox - see sandbox.h.
 *
 * The filter allows everything but making sockets (so inherited pipes are all there is) and io_uring, which could make
 * sockets without the system call. It is kept across fork and exec. A namespace is taken as well where it is allowed:
 * with the right to (root in most containers) directly, else inside a user namespace. */
#include "pipeline/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>

static gboolean
refuse_sockets (void)
{
  static const char *const refused[] = { "socket", "io_uring_setup", "io_uring_enter", "io_uring_register" };
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  gboolean done = filter != NULL;

  for (guint i = 0; done && i < G_N_ELEMENTS (refused); i++) {
    int call = seccomp_syscall_resolve_name (refused[i]);
    if (call == __NR_SCMP_ERROR)
      continue; /* libseccomp or the architecture does not know it, so nobody can call it by name */
    done = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EACCES), call, 0) == 0;
  }
  done = done && seccomp_load (filter) == 0;
  if (filter != NULL)
    seccomp_release (filter);
  return done;
}

RetortSandbox
retort_sandbox_enter (void)
{
  RetortSandbox sandbox = 0;

  if (unshare (CLONE_NEWNET) == 0 || unshare (CLONE_NEWUSER | CLONE_NEWNET) == 0)
    sandbox |= RETORT_SANDBOX_NAMESPACE;
  if (refuse_sockets ())
    sandbox |= RETORT_SANDBOX_SECCOMP;
  return sandbox;
}
