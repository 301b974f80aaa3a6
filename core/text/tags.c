/* tags - one tag a token, read and written.
 *
 * What the strict reading counts was settled by running seqeval 1.2 over all short sequences; where seqeval has no
 * answer (IO) or an unfinished one (IOE1), IO takes every run of one label, and IOE1 is IOB1 read from the other end. */
#include <retort/tags.h>

#include <string.h>

const char *const retort_scheme_names[] = { "IOB1", "IOB2", "IOE1", "IOE2", "IO", "IOBES", "BILOU", NULL };

typedef enum { RUNS, BEGIN_WHERE_NEEDED, BEGIN_ALWAYS, BOTH_ENDS } Borders;

/* How each scheme marks borders; the end schemes are the begin schemes read backwards. */
static const struct {
  Borders borders;
  gboolean backwards;
  char edge;         /* the tag that marks the first token (backwards: the last) */
  char last, single; /* BOTH_ENDS */
} schemes[] = {
  [RETORT_SCHEME_IOB1] = { BEGIN_WHERE_NEEDED, FALSE, 'B' },
  [RETORT_SCHEME_IOB2] = { BEGIN_ALWAYS, FALSE, 'B' },
  [RETORT_SCHEME_IOE1] = { BEGIN_WHERE_NEEDED, TRUE, 'E' },
  [RETORT_SCHEME_IOE2] = { BEGIN_ALWAYS, TRUE, 'E' },
  [RETORT_SCHEME_IO] = { RUNS },
  [RETORT_SCHEME_IOBES] = { BOTH_ENDS, FALSE, 'B', 'E', 'S' },
  [RETORT_SCHEME_BILOU] = { BOTH_ENDS, FALSE, 'B', 'L', 'U' },
};

typedef struct {
  char prefix;       /* 'O', or one of BIESLU */
  const char *label;
} Tag;

static Tag parse_tag (const char *text);
static gboolean same (Tag a, Tag b);
static gboolean legal_entity (RetortScheme scheme, const Tag *tags, guint i, guint *end);
static int compare_starts (const void *a, const void *b);

GArray *
retort_tags_read_lenient (const char *const *tags, guint n_tags)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (RetortTokenSpan));
  Tag open = { 'O', "" }; /* the tag before, if its entity goes on */
  guint start = 0;

  for (guint i = 0; i <= n_tags; i++) {
    const Tag tag = i < n_tags ? parse_tag (tags[i]) : (Tag){ 'O', "" };
    const gboolean goes_on = open.prefix != 'O' && same (open, tag) && !strchr ("BSU", tag.prefix);
    if (open.prefix != 'O' && !goes_on) {
      const RetortTokenSpan span = { start, i, open.label };
      g_array_append_val (spans, span);
    }
    if (!goes_on)
      start = i;
    open = tag;
    if (strchr ("ELSU", tag.prefix)) {
      const RetortTokenSpan span = { start, i + 1, tag.label };
      g_array_append_val (spans, span);
      open.prefix = 'O';
    }
  }
  return spans;
}

GArray *
retort_tags_read_strict (RetortScheme scheme, const char *const *tags, guint n_tags)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (RetortTokenSpan));
  const gboolean backwards = schemes[scheme].backwards;
  g_autofree Tag *parsed = g_new (Tag, n_tags + 1);

  for (guint i = 0; i < n_tags; i++)
    parsed[backwards ? n_tags - 1 - i : i] = parse_tag (tags[i]);
  parsed[n_tags] = (Tag){ 'O', "" };
  for (guint i = 0, end; i < n_tags; i = end) {
    if (!legal_entity (scheme, parsed, i, &end))
      continue;
    const RetortTokenSpan span = {
      backwards ? n_tags - end : i, backwards ? n_tags - i : end, parsed[i].label,
    };
    g_array_append_val (spans, span);
  }
  if (backwards)
    g_array_sort (spans, compare_starts);
  return spans;
}

char **
retort_tags_write (RetortScheme scheme, const RetortTokenSpan *spans, guint n_spans, guint n_tokens)
{
  char **tags = g_new0 (char *, n_tokens + 1);
  const Borders borders = schemes[scheme].borders;
  guint done = 0;

  for (guint s = 0; s < n_spans; s++) {
    const RetortTokenSpan span = spans[s];
    g_assert (done <= span.start && span.start < span.end && span.end <= n_tokens);
    const guint edge = schemes[scheme].backwards ? span.end - 1 : span.start;
    const RetortTokenSpan *beside = schemes[scheme].backwards ? (s + 1 < n_spans ? &spans[s + 1] : NULL)
                                                              : (s > 0 ? &spans[s - 1] : NULL);
    const gboolean touches = beside && (beside->end == span.start || beside->start == span.end) &&
                             strcmp (beside->label, span.label) == 0;
    while (done < span.start)
      tags[done++] = g_strdup ("O");
    for (; done < span.end; done++) {
      char prefix = 'I';
      if (borders == BOTH_ENDS && span.end - span.start == 1)
        prefix = schemes[scheme].single;
      else if (borders == BOTH_ENDS && done + 1 == span.end)
        prefix = schemes[scheme].last;
      else if (done == edge && (borders == BOTH_ENDS || borders == BEGIN_ALWAYS || (borders == BEGIN_WHERE_NEEDED && touches)))
        prefix = schemes[scheme].edge;
      tags[done] = *span.label ? g_strdup_printf ("%c-%s", prefix, span.label) : g_strdup_printf ("%c", prefix);
    }
  }
  while (done < n_tokens)
    tags[done++] = g_strdup ("O");
  return tags;
}

/* "B-X" is B and X, "B" is B without label; what has no known prefix is I with itself as label. */
static Tag
parse_tag (const char *text)
{
  if (!*text || strcmp (text, "O") == 0)
    return (Tag){ 'O', "" };
  if (strchr ("BIESLU", *text) && (text[1] == '-' || !text[1]))
    return (Tag){ *text, text[1] ? text + 2 : text + 1 };
  return (Tag){ 'I', text };
}

static gboolean
same (Tag a, Tag b)
{
  return a.prefix != 'O' && b.prefix != 'O' && strcmp (a.label, b.label) == 0;
}

/* Whether an entity that counts begins at `i`; `end` is where to look on. `tags` has an O beyond its end. */
static gboolean
legal_entity (RetortScheme scheme, const Tag *tags, guint i, guint *end)
{
  const Borders borders = schemes[scheme].borders;
  const char edge = schemes[scheme].edge;
  const gboolean on_edge = edge && tags[i].prefix == edge;
  const Tag before = i > 0 ? tags[i - 1] : (Tag){ 'O', "" };

  *end = i + 1;
  if (borders == BOTH_ENDS && tags[i].prefix == schemes[scheme].single)
    return TRUE;
  if (!on_edge && (tags[i].prefix != 'I' || borders == BEGIN_ALWAYS || borders == BOTH_ENDS))
    return FALSE;
  const gboolean before_known = before.prefix == 'I' || before.prefix == edge;
  if (borders == BEGIN_WHERE_NEEDED && on_edge && !(before_known && same (before, tags[i])))
    return FALSE; /* a border where none is needed */

  while (tags[*end].prefix == 'I' && same (tags[i], tags[*end]))
    *end += 1;
  if (borders == BOTH_ENDS) {
    if (tags[*end].prefix != schemes[scheme].last || !same (tags[i], tags[*end]))
      return FALSE;
    *end += 1;
  }
  /* seqeval's IOB1: a border after another label is illegal, and takes the single token before it along. */
  if (borders == BEGIN_WHERE_NEEDED && on_edge && *end == i + 1 && tags[*end].prefix == edge && !same (tags[i], tags[*end]))
    return FALSE;
  return TRUE;
}

static int
compare_starts (const void *a, const void *b)
{
  const RetortTokenSpan *x = a, *y = b;

  return (x->start > y->start) - (x->start < y->start);
}
