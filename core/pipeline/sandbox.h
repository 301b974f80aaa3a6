/* sandbox - takes the network away from this process, for good. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  RETORT_SANDBOX_SECCOMP = 1 << 0,   /* socket(2) and io_uring are refused */
  RETORT_SANDBOX_NAMESPACE = 1 << 1, /* a network namespace without interfaces */
} RetortSandbox;

/* Applies what the kernel allows, and says what that was; 0: nothing. To be called while there is one thread. */
RetortSandbox retort_sandbox_enter (void);

G_END_DECLS
