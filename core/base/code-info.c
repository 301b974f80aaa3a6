/* code-info - finds a diagnostic code in the generated table. */
#include "base/code-info.h"

const RetortCodeInfo *
retort_code_info (int code)
{
  for (guint i = 0; i < retort_code_table_n; i++)
    if ((int)retort_code_table[i].code == code)
      return &retort_code_table[i];
  return NULL;
}

const RetortCodeInfo *
retort_code_info_parse (const char *text)
{
  guint64 code;

  if (g_ascii_strncasecmp (text, "RT-", 3) == 0)
    text += 3;
  if (!g_ascii_string_to_unsigned (text, 10, 1, 999, &code, NULL))
    return NULL;
  return retort_code_info ((int)code);
}
