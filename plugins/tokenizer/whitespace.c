/* whitespace - tokens are what stands between white space, and every line is a sentence.
 *
 * For text that is already cut, and the plugin to copy when you write your own: options (none here), examples, the
 * work, the descriptor. White space is what Unicode calls so (g_unichar_isspace); a line ends at "\n". */
#include <retort/plugin.h>

static const RetortExample examples[] = {
  { "Only white space cuts", NULL, "Aspirin, 2.5 mg/kg.", "Aspirin,|2.5|mg/kg." },
  { "A sentence per line", NULL, "No fever.\n\n  Pulse 72", "No|fever.\nPulse|72" },
};

static gboolean tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error);

static const RetortTokenizerRole role = { sizeof role, .tokenize = tokenize };

static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .name = "whitespace", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "Tokens between white space; a sentence per line.",
  RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

static void
end_line (RetortSpan *line, RetortTokens *out)
{
  if (line->end > line->start)
    g_array_append_val (out->sentences, *line);
  *line = (RetortSpan) { 0, 0 };
}

static gboolean
tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error)
{
  const char *const end = text + n_bytes;
  RetortSpan line = { 0, 0 }; /* from the line's first token to its last; empty: no token yet */

  for (const char *p = text; p < end;) {
    if (g_unichar_isspace (g_utf8_get_char (p))) {
      if (*p == '\n')
        end_line (&line, out);
      p = g_utf8_next_char (p);
      continue;
    }

    RetortSpan token = { p - text, 0 };
    while (p < end && !g_unichar_isspace (g_utf8_get_char (p)))
      p = g_utf8_next_char (p);
    token.end = p - text;
    g_array_append_val (out->tokens, token);

    if (line.end == 0)
      line.start = token.start;
    line.end = token.end;
  }
  end_line (&line, out);
  return TRUE;
}
