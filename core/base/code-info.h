/* code-info - what is known of each diagnostic code, from errors.yaml. */
#pragma once

#include <retort/error.h>

G_BEGIN_DECLS

typedef struct {
  RetortCode code;
  RetortSeverity severity;
  const char *name;    /* without RETORT_CODE_ */
  const char *title;   /* one line */
  const char *explain; /* Markdown */
  const char *example; /* or NULL */
} RetortCodeInfo;

/* All codes, ascending: [retort_code_table_n]. */
extern const RetortCodeInfo retort_code_table[];
extern const guint retort_code_table_n;

/* NULL if there is no such code. */
const RetortCodeInfo *retort_code_info (int code);
/* Of "RT-201", "rt-201" or "201". */
const RetortCodeInfo *retort_code_info_parse (const char *text);

G_END_DECLS
