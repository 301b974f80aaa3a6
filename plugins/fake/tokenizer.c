/* tokenizer/fake - cuts at white space, and fails on demand. */
#include "fake.h"

static const char *const choices[] = { FAKE_CHOICES, "overlap", NULL };
static const RetortOption options[] = { FAKE_OPTIONS (choices) };
static const RetortExample examples[] = {
  { "Honest by default", NULL, "no fever", "no|fever" },
};

static gboolean tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error);

static const RetortTokenizerRole role = { sizeof role, .tokenize = tokenize };
static const RetortPlugin plugin = {
  RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .name = "fake", .behaviour = 1, .version = "1.0",
  .licence = "MIT", .summary = "For tests: cuts at white space, fails on demand.",
  RETORT_PLUGIN_OPTIONS (FakeOptions, options), RETORT_PLUGIN_EXAMPLES (examples), .role = &role,
};
RETORT_PLUGIN_EXPORT (plugin)

static gboolean
tokenize (void *self, const char *text, gsize n_bytes, RetortTokens *out, GError **error)
{
  const FakeOptions *fake = self;
  const gboolean overlap = strcmp (fake->what, "overlap") == 0 && fake_chosen (fake, NULL, text);

  if (!fake_act (fake, NULL, text, error))
    return FALSE;
  for (guint32 at = 0; at < n_bytes;) {
    RetortSpan token = { at + (guint32) strspn (text + at, " \t\r\n"), 0 };
    at = token.end = token.start + (guint32) strcspn (text + token.start, " \t\r\n");
    if (token.end > token.start)
      g_array_append_val (out->tokens, token);
    if (token.end > token.start && overlap)
      g_array_append_val (out->tokens, token);
  }
  if (out->tokens->len > 0) {
    const RetortSpan sentence = { g_array_index (out->tokens, RetortSpan, 0).start,
                                  g_array_index (out->tokens, RetortSpan, out->tokens->len - 1).end };
    g_array_append_val (out->sentences, sentence);
  }
  return TRUE;
}
