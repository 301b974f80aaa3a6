/* retort-test - what the unit tests share. */
#pragma once

#include <retort/error.h>

G_BEGIN_DECLS

/* A file or folder of the public corpora: under $RETORT_TEST_SHARED, else under ../shared beside the source tree.
 * NULL where it is absent: skip the test then. */
char *retort_test_shared_path (const char *relative);
/* A file of this source tree. */
char *retort_test_source_path (const char *relative);
/* Lets this program find the plugins of the build. */
void retort_test_use_plugins (void);
/* A new, empty folder, removed when the test program ends. */
char *retort_test_temp_folder (void);
/* Writes `folder`/`name`; its path. */
char *retort_test_write (const char *folder, const char *name, const char *text);

/* The whole listing, without colour. */
#define retort_test_expect_diagnostics(diagnostics, expected)                                                          \
  G_STMT_START {                                                                                                       \
    g_autofree char *listing_ = retort_diagnostics_to_string (diagnostics, FALSE);                                     \
    g_assert_cmpstr (listing_, ==, expected);                                                                          \
  }                                                                                                                    \
  G_STMT_END

G_END_DECLS
