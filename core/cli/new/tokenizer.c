/* tokenizer/@NAME@ - words, numbers and single marks. */
#include <retort/plugin.h>

/* Options first: the engine checks them, fills the struct, and prints their help. */
typedef struct {
  gboolean lines;
} Options;

static const RetortOption options[] = {
  RETORT_OPTION_BOOL (Options, lines, "lines", "true", "Whether a line break ends a sentence."),
};

/* The first tests, and the documentation: tokens joined by |, a sentence per line. */
static const RetortExample examples[] = {
  { "Marks stand alone", NULL, "No fever (38.5).", "No|fever|(|38|.|5|)|." },
  { "A sentence per line", NULL, "No fever\nPulse 72", "No|fever\nPulse|72" },
  { "One sentence in all", "lines: false", "No fever\nPulse 72", "No|fever|Pulse|72" },
};

static gboolean tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error);

static const RetortTokenizerRole role = { sizeof role, .tokenize = tokenize };
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .name = "@NAME@", .behaviour = 1, .version = "0.1",
  .licence = "MIT", .summary = "Words, numbers and single marks.",
  RETORT_PLUGIN_OPTIONS (Options, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

/* Part of a word: letters, digits, and every byte of a character beyond ASCII. */
static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || (c & 0x80);
}

static void
end_sentence (RetortTokens *out, guint *first)
{
  if (*first == out->tokens->len)
    return;
  const RetortSpan sentence = { g_array_index (out->tokens, RetortSpan, *first).start,
                                g_array_index (out->tokens, RetortSpan, out->tokens->len - 1).end };
  g_array_append_val (out->sentences, sentence);
  *first = out->tokens->len;
}

/* `self` is the options struct, because the plugin has no `open`. */
static gboolean
tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error)
{
  const Options *given = self;
  guint first = 0; /* token of the sentence */

  for (guint32 at = 0; at < n_bytes;) {
    RetortSpan token = { at, at + 1 };
    if (text[at] == '\n' && given->lines)
      end_sentence (out, &first);
    if (is_word (text[at]))
      while (token.end < n_bytes && is_word (text[token.end]))
        token.end++;
    if (!g_ascii_isspace (text[at]) && !g_ascii_iscntrl (text[at]))
      g_array_append_val (out->tokens, token);
    at = token.end;
  }
  end_sentence (out, &first);
  return TRUE;
}
