/* diagnostic - what is wrong in users' files: collected, sorted, shown with the line and a caret.
 *
 * The line is made fit to print when a diagnostic is added, not when it is shown: tabs become spaces, what a terminal
 * would obey or could not show becomes U+FFFD, and of a long line only a window round the caret is kept, so a line of
 * 200 MB costs nothing. Widths are counted in terminal cells (wide characters two, combining ones none). */
#include <retort/error.h>

#include "base/code-info.h"
#include "base/limit.h"
#include <retort/json.h>
#include <string.h>

enum {
  WINDOW_CELLS = 100, /* of a line, shown */
  BEFORE_CELLS = 60,  /* of them before the caret */
  WINDOW_BYTES = 4096, /* looked at on either side; only a pile of combining marks needs more */
  TAB_CELLS = 4,
};

typedef struct {
  RetortCode code;
  char *path;
  guint line, column;      /* from 1; 0: unknown */
  char *message;
  char *hint;              /* or NULL */
  char *line_text;         /* or NULL; fit to print */
  guint caret, caret_cells; /* where in `line_text`; 0 cells: no caret */
} Diagnostic;

/* The diagnostics of one code. */
typedef struct {
  RetortCode code;
  RetortSeverity severity;
  GPtrArray *stored; /* Diagnostic, the first RETORT_LIMIT_DIAGNOSTICS in the listing's order */
  guint more;        /* seen beyond those */
} Group;

struct _RetortDiagnostics {
  gatomicrefcount refs;
  GMutex mutex;
  GPtrArray *groups; /* Group, ascending by code */
};

static const struct {
  const char *name, *colour;
} severities[] = {
  [RETORT_SEVERITY_ERROR] = { "error", "\033[1;31m" },
  [RETORT_SEVERITY_WARNING] = { "warning", "\033[1;35m" },
  [RETORT_SEVERITY_NOTE] = { "note", "\033[1;36m" },
};

static void diagnostic_free (void *pointer);
static void group_free (void *pointer);
static Group *group_of (RetortDiagnostics *diagnostics, RetortCode code);
static void store (RetortDiagnostics *diagnostics, Diagnostic *diagnostic);
static GPtrArray *sorted (const RetortDiagnostics *diagnostics);
static char *printable (const char *text);
static void show_line (Diagnostic *diagnostic, const char *line, gsize n_bytes, gsize start, gsize end);
static gsize column_offset (const char *line, gsize n_bytes, guint column);
static void print (GString *out, const Diagnostic *diagnostic, gboolean colour);
static void print_json (GString *out, const Diagnostic *diagnostic, guint more);
static Diagnostic *read_json (JsonNode *node, guint *more, GError **error);

/* The lock changes nothing that a reader of a const object can see. */
#define LOCK(diagnostics)                                                                                              \
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new ((GMutex *)&(diagnostics)->mutex)

RetortDiagnostics *
retort_diagnostics_new (void)
{
  RetortDiagnostics *diagnostics = g_new0 (RetortDiagnostics, 1);

  g_atomic_ref_count_init (&diagnostics->refs);
  g_mutex_init (&diagnostics->mutex);
  diagnostics->groups = g_ptr_array_new_with_free_func (group_free);
  return diagnostics;
}

RetortDiagnostics *
retort_diagnostics_ref (RetortDiagnostics *diagnostics)
{
  g_atomic_ref_count_inc (&diagnostics->refs);
  return diagnostics;
}

void
retort_diagnostics_unref (RetortDiagnostics *diagnostics)
{
  if (!diagnostics || !g_atomic_ref_count_dec (&diagnostics->refs))
    return;
  g_ptr_array_unref (diagnostics->groups);
  g_mutex_clear (&diagnostics->mutex);
  g_free (diagnostics);
}

void
retort_diagnostics_add (RetortDiagnostics *diagnostics, RetortCode code, const RetortSource *source, gsize start,
                        gsize end, const char *hint, const char *format, ...)
{
  Diagnostic *diagnostic = g_new0 (Diagnostic, 1);
  gsize n_bytes, line_start;
  const char *text = retort_source_text (source, &n_bytes);

  va_list args;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  start = MIN (start, n_bytes);
  diagnostic->code = code;
  diagnostic->path = printable (retort_source_name (source));
  diagnostic->message = printable (message);
  diagnostic->hint = hint ? printable (hint) : NULL;
  retort_source_locate (source, start, &diagnostic->line, &diagnostic->column);

  for (line_start = start; line_start > 0 && text[line_start - 1] != '\n';)
    line_start--;
  if (line_start == 0 && n_bytes >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    line_start = 3;
  const char *newline = line_start < n_bytes ? memchr (text + line_start, '\n', n_bytes - line_start) : NULL;
  const gsize line_bytes = (newline ? (gsize)(newline - text) : n_bytes) - line_start;
  start = MAX (start, line_start) - line_start;
  end = MAX (end, line_start) - line_start;
  show_line (diagnostic, text + line_start, line_bytes, start, end);
  store (diagnostics, diagnostic);
}

void
retort_diagnostics_add_line (RetortDiagnostics *diagnostics, RetortCode code, const char *path, guint line,
                             guint column, const char *line_text, const char *hint, const char *format, ...)
{
  Diagnostic *diagnostic = g_new0 (Diagnostic, 1);

  va_list args;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  *diagnostic = (Diagnostic){
    .code = code, .path = printable (path), .line = line, .column = line > 0 ? column : 0,
    .message = printable (message), .hint = hint ? printable (hint) : NULL,
  };
  if (line_text && line > 0) {
    const gsize n_bytes = strcspn (line_text, "\n");
    const gsize start = column > 0 ? column_offset (line_text, n_bytes, column) : 0;
    show_line (diagnostic, line_text, n_bytes, start, start);
    if (column == 0)
      diagnostic->caret_cells = 0;
  }
  store (diagnostics, diagnostic);
}

guint
retort_diagnostics_count (const RetortDiagnostics *diagnostics, RetortSeverity severity)
{
  guint n = 0;

  LOCK (diagnostics);
  for (guint i = 0; i < diagnostics->groups->len; i++) {
    const Group *group = diagnostics->groups->pdata[i];
    if (group->severity == severity)
      n += group->stored->len + group->more;
  }
  return n;
}

char *
retort_diagnostics_to_string (const RetortDiagnostics *diagnostics, gboolean colour)
{
  GString *out = g_string_new (NULL);

  LOCK (diagnostics);
  g_autoptr(GPtrArray) all = sorted (diagnostics);
  for (guint i = 0; i < all->len; i++)
    print (out, all->pdata[i], colour);
  for (guint i = 0; i < diagnostics->groups->len; i++) {
    const Group *group = diagnostics->groups->pdata[i];
    if (group->more > 0)
      g_string_append_printf (out, "%u more of RT-%d (%s)\n", group->more, group->code,
                              retort_code_info (group->code)->title);
  }
  return g_string_free (out, FALSE);
}

char *
retort_diagnostics_to_json (const RetortDiagnostics *diagnostics)
{
  GString *out = g_string_new ("[");

  LOCK (diagnostics);
  g_autoptr(GPtrArray) all = sorted (diagnostics);
  for (guint i = 0; i < all->len; i++) {
    const Diagnostic *diagnostic = all->pdata[i];
    guint more = 0;
    for (guint g = 0; g < diagnostics->groups->len; g++) {
      const Group *group = diagnostics->groups->pdata[g];
      if (group->code == diagnostic->code && group->stored->pdata[group->stored->len - 1] == diagnostic)
        more = group->more;
    }
    g_string_append (out, i > 0 ? ",\n " : "");
    print_json (out, diagnostic, more);
  }
  g_string_append (out, "]\n");
  return g_string_free (out, FALSE);
}

gboolean
retort_diagnostics_add_json (RetortDiagnostics *diagnostics, const char *json, GError **error)
{
  g_autoptr(JsonNode) root = retort_json_parse (json, strlen (json), error);
  if (!root) {
    g_prefix_error (error, "diagnostics: ");
    return FALSE;
  }
  if (!JSON_NODE_HOLDS_ARRAY (root)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "diagnostics: a list is wanted");
    return FALSE;
  }

  /* All are read before one is added. */
  JsonArray *array = json_node_get_array (root);
  const guint n = json_array_get_length (array);
  g_autoptr(GPtrArray) read = g_ptr_array_new_with_free_func (diagnostic_free);
  g_autofree guint *more = g_new0 (guint, n + 1);
  for (guint i = 0; i < n; i++) {
    Diagnostic *diagnostic = read_json (json_array_get_element (array, i), &more[i], error);
    if (!diagnostic) {
      g_prefix_error (error, "diagnostics: item %u: ", i + 1);
      return FALSE;
    }
    g_ptr_array_add (read, diagnostic);
  }
  g_ptr_array_set_free_func (read, NULL);
  for (guint i = 0; i < n; i++) {
    const RetortCode code = ((Diagnostic *)read->pdata[i])->code;
    store (diagnostics, read->pdata[i]);
    LOCK (diagnostics);
    group_of (diagnostics, code)->more += more[i];
  }
  return TRUE;
}

gboolean
retort_diagnostics_ok (const RetortDiagnostics *diagnostics, GError **error)
{
  const guint n = retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR);
  if (n == 0)
    return TRUE;

  LOCK (diagnostics);
  g_autoptr(GPtrArray) all = sorted (diagnostics);
  const char *path = NULL;
  guint n_files = 0; /* sorted by path, so each new one differs from the last */
  for (guint i = 0; i < all->len; i++) {
    const Diagnostic *diagnostic = all->pdata[i];
    if (retort_code_info (diagnostic->code)->severity != RETORT_SEVERITY_ERROR)
      continue;
    n_files += g_strcmp0 (path, diagnostic->path) != 0;
    path = diagnostic->path;
  }
  if (n_files == 1)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%u error%s in %s", n, n == 1 ? "" : "s", path);
  else
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%u errors in %u files", n, n_files);
  return FALSE;
}

static void
diagnostic_free (void *pointer)
{
  Diagnostic *diagnostic = pointer;

  g_free (diagnostic->path);
  g_free (diagnostic->message);
  g_free (diagnostic->hint);
  g_free (diagnostic->line_text);
  g_free (diagnostic);
}

static void
group_free (void *pointer)
{
  Group *group = pointer;

  g_ptr_array_unref (group->stored);
  g_free (group);
}

/* Found or new. The caller holds the lock. */
static Group *
group_of (RetortDiagnostics *diagnostics, RetortCode code)
{
  guint i = 0;

  for (; i < diagnostics->groups->len; i++) {
    Group *group = diagnostics->groups->pdata[i];
    if (group->code == code)
      return group;
    if (group->code > code)
      break;
  }
  const RetortCodeInfo *info = retort_code_info (code);
  g_assert (info);
  Group *group = g_new0 (Group, 1);
  group->code = code;
  group->severity = info->severity;
  group->stored = g_ptr_array_new_with_free_func (diagnostic_free);
  g_ptr_array_insert (diagnostics->groups, (int)i, group);
  return group;
}

/* The order of the listing: by place, then by what is said; so threads cannot change it. */
static int
compare (const Diagnostic *a, const Diagnostic *b)
{
  const int by_path = strcmp (a->path, b->path);

  if (by_path != 0)
    return by_path;
  if (a->line != b->line)
    return a->line < b->line ? -1 : 1;
  if (a->column != b->column)
    return a->column < b->column ? -1 : 1;
  if (a->code != b->code)
    return a->code < b->code ? -1 : 1;
  return strcmp (a->message, b->message);
}

static int
compare_pointers (gconstpointer a, gconstpointer b)
{
  return compare (*(const Diagnostic *const *)a, *(const Diagnostic *const *)b);
}

/* Takes the diagnostic. The same thing said twice of the same place (steps of a matrix share their YAML) is one. Stored
 * are the first in the listing's order, whatever order they come in. */
static void
store (RetortDiagnostics *diagnostics, Diagnostic *diagnostic)
{
  LOCK (diagnostics);
  Group *group = group_of (diagnostics, diagnostic->code);
  guint last = 0;

  for (guint i = 0; i < group->stored->len; i++) {
    if (compare (group->stored->pdata[i], diagnostic) == 0) {
      diagnostic_free (diagnostic);
      return;
    }
    if (compare (group->stored->pdata[i], group->stored->pdata[last]) > 0)
      last = i;
  }
  if (group->stored->len < RETORT_LIMIT_DIAGNOSTICS) {
    g_ptr_array_add (group->stored, diagnostic);
    return;
  }
  group->more++;
  if (compare (diagnostic, group->stored->pdata[last]) < 0) {
    Diagnostic *beyond = group->stored->pdata[last];
    group->stored->pdata[last] = diagnostic;
    diagnostic = beyond;
  }
  diagnostic_free (diagnostic);
}

/* Lent diagnostics. The caller holds the lock. */
static GPtrArray *
sorted (const RetortDiagnostics *diagnostics)
{
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; i < diagnostics->groups->len; i++) {
    const Group *group = diagnostics->groups->pdata[i];
    for (guint j = 0; j < group->stored->len; j++)
      g_ptr_array_add (all, group->stored->pdata[j]);
  }
  g_ptr_array_sort (all, compare_pointers);
  return all;
}

/* Decodes one character of text[0,n), n > 0: its bytes, and what to show for it. */
static gsize
decode (const char *text, gsize n, gunichar *shown)
{
  const gunichar c = g_utf8_get_char_validated (text, (gssize)MIN (n, 6));

  if (c == (gunichar)-1 || c == (gunichar)-2) {
    *shown = 0xfffd;
    return 1;
  }
  /* Controls, and the marks that turn the direction of text, would let a file rewrite what a terminal shows. */
  const gboolean steers = (c < 0x20 && c != '\t') || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e)
                          || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029 || c == 0xfeff;
  *shown = steers ? 0xfffd : c;
  return MAX (1, (gsize)(g_utf8_next_char (text) - text));
}

static guint
cells_of (gunichar c)
{
  if (c == '\t')
    return TAB_CELLS;
  return g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
}

/* One line of valid UTF-8 without controls. */
static char *
printable (const char *text)
{
  GString *out = g_string_new (NULL);
  gsize n = strlen (text);

  while (n > 0) {
    gunichar c;
    const gsize bytes = decode (text, n, &c);
    g_string_append_unichar (out, *text == '\n' || *text == '\t' ? ' ' : c);
    text += bytes;
    n -= bytes;
  }
  return g_string_free (out, FALSE);
}

/* Where the character before `at` begins. */
static gsize
step_back (const char *line, gsize at)
{
  gunichar c;

  for (gsize bytes = 4; bytes > 1; bytes--)
    if (at >= bytes && decode (line + at - bytes, bytes, &c) == bytes)
      return at - bytes;
  return at - 1;
}

/* Where to begin so that the caret stands about BEFORE_CELLS from the left; never on a combining mark. */
static gsize
window_start (const char *line, gsize caret)
{
  const gsize first = caret > WINDOW_BYTES ? caret - WINDOW_BYTES : 0;
  gsize at = caret, start = caret;
  guint cells = 0;

  while (at > first && cells < BEFORE_CELLS) {
    gunichar c;
    at = step_back (line, at);
    decode (line + at, caret - at, &c);
    cells += cells_of (c);
    if (cells_of (c) > 0)
      start = at;
  }
  return at == 0 ? 0 : start;
}

/* Sets line_text and the caret of bytes [start,end) of a line. */
static void
show_line (Diagnostic *diagnostic, const char *line, gsize n_bytes, gsize start, gsize end)
{
  GString *out = g_string_new (NULL);
  guint cells = 0, caret = 0, caret_end = 0;

  if (n_bytes > 0 && line[n_bytes - 1] == '\r')
    n_bytes--;
  start = MIN (start, n_bytes);
  end = CLAMP (end, start, n_bytes);
  gsize at = window_start (line, start);
  if (at > 0) {
    g_string_append (out, "…");
    cells++;
  }
  const gsize last = at + MIN (n_bytes - at, 2 * WINDOW_BYTES);
  while (at < last && cells < WINDOW_CELLS) {
    gunichar c;
    const gsize bytes = decode (line + at, n_bytes - at, &c);
    guint width = cells_of (c);
    if (c == '\t')
      width -= cells % TAB_CELLS;
    if (at <= start)
      caret = cells;
    if (c == '\t')
      g_string_append_printf (out, "%*s", (int)width, "");
    else
      g_string_append_unichar (out, c);
    at += bytes;
    cells += width;
    if (at <= end)
      caret_end = cells;
  }
  if (at <= start) /* behind the last character */
    caret = cells;
  if (at < n_bytes) {
    g_string_append (out, "…");
    caret_end = MAX (caret_end, end > at ? cells : 0);
  }
  diagnostic->line_text = g_string_free (out, FALSE);
  diagnostic->caret = caret;
  diagnostic->caret_cells = caret_end > caret ? caret_end - caret : 1;
}

static gsize
column_offset (const char *line, gsize n_bytes, guint column)
{
  gsize at = 0;

  for (; column > 1 && at < n_bytes; column--) {
    gunichar c;
    at += decode (line + at, n_bytes - at, &c);
  }
  return at;
}

static void
print (GString *out, const Diagnostic *diagnostic, gboolean colour)
{
  const RetortSeverity severity = retort_code_info (diagnostic->code)->severity;
  const char *bold = colour ? "\033[1m" : "", *tint = colour ? severities[severity].colour : "";
  const char *plain = colour ? "\033[0m" : "";

  g_string_append_printf (out, "%s%s", bold, diagnostic->path);
  if (diagnostic->line > 0)
    g_string_append_printf (out, ":%u", diagnostic->line);
  if (diagnostic->column > 0)
    g_string_append_printf (out, ":%u", diagnostic->column);
  g_string_append_printf (out, ":%s %s%s:%s %s [RT-%d]\n", plain, tint, severities[severity].name, plain,
                          diagnostic->message, diagnostic->code);
  if (diagnostic->line_text) {
    const int margin = g_snprintf (NULL, 0, "%u", diagnostic->line);
    g_string_append_printf (out, "  %u | %s\n", diagnostic->line, diagnostic->line_text);
    if (diagnostic->caret_cells > 0) {
      g_string_append_printf (out, "  %*s | %*s%s^", margin, "", (int)diagnostic->caret, "", tint);
      for (guint i = 1; i < diagnostic->caret_cells; i++)
        g_string_append_c (out, '~');
      g_string_append_printf (out, "%s\n", plain);
    }
  }
  if (diagnostic->hint)
    g_string_append_printf (out, "  hint: %s\n", diagnostic->hint);
}

static void
print_member (GString *out, const char *name, const char *value)
{
  g_string_append_printf (out, ",\"%s\":", name);
  if (value)
    retort_json_append_string (out, value, -1);
  else
    g_string_append (out, "null");
}

static void
print_json (GString *out, const Diagnostic *diagnostic, guint more)
{
  g_string_append_printf (out, "{\"severity\":\"%s\",\"code\":\"RT-%d\"",
                          severities[retort_code_info (diagnostic->code)->severity].name, diagnostic->code);
  print_member (out, "path", diagnostic->path);
  g_string_append_printf (out, ",\"line\":%u,\"column\":%u", diagnostic->line, diagnostic->column);
  print_member (out, "message", diagnostic->message);
  print_member (out, "hint", diagnostic->hint);
  print_member (out, "line_text", diagnostic->line_text);
  g_string_append_printf (out, ",\"caret\":%u,\"caret_cells\":%u", diagnostic->caret, diagnostic->caret_cells);
  if (more > 0)
    g_string_append_printf (out, ",\"more\":%u", more);
  g_string_append_c (out, '}');
}

/* The texts and numbers of one item, by name; what another process wrote is checked like any input. */
static Diagnostic *
read_json (JsonNode *node, guint *more, GError **error)
{
  Diagnostic read = { 0 };
  char *code = NULL, *severity = NULL;
  const struct {
    const char *name;
    char **text;
    guint *number;
  } members[] = {
    { "severity", &severity, NULL },
    { "code", &code, NULL },
    { "path", &read.path, NULL },
    { "line", NULL, &read.line },
    { "column", NULL, &read.column },
    { "message", &read.message, NULL },
    { "hint", &read.hint, NULL },
    { "line_text", &read.line_text, NULL },
    { "caret", NULL, &read.caret },
    { "caret_cells", NULL, &read.caret_cells },
    { "more", NULL, more },
  };

  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "an object is wanted");
    return NULL;
  }
  JsonObject *object = json_node_get_object (node);
  const char *bad = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (members) && !bad; i++) {
    JsonNode *member = json_object_get_member (object, members[i].name);
    const GType type = member && JSON_NODE_HOLDS_VALUE (member) ? json_node_get_value_type (member) : G_TYPE_INVALID;
    if (!member || JSON_NODE_HOLDS_NULL (member))
      continue;
    if (members[i].text && type == G_TYPE_STRING)
      *members[i].text = (char *)json_node_get_string (member); /* lent, copied below */
    else if (members[i].number && type == G_TYPE_INT64 && json_node_get_int (member) >= 0
             && json_node_get_int (member) <= G_MAXINT)
      *members[i].number = (guint)json_node_get_int (member);
    else
      bad = members[i].name;
  }
  const RetortCodeInfo *info = code ? retort_code_info_parse (code) : NULL;
  if (!bad)
    bad = !info ? "code" : !read.path ? "path" : !read.message ? "message" : NULL;
  if (!bad && g_strcmp0 (severity, severities[info->severity].name) != 0)
    bad = "severity";
  if (!bad && (read.caret > 2 * WINDOW_CELLS || read.caret_cells > 2 * WINDOW_CELLS))
    bad = "caret";
  if (bad) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "'%s' is missing or wrong", bad);
    return NULL;
  }
  read.code = info->code;
  read.path = printable (read.path);
  read.message = printable (read.message);
  read.hint = read.hint ? printable (read.hint) : NULL;
  read.line_text = read.line_text ? printable (read.line_text) : NULL;
  return g_memdup2 (&read, sizeof read);
}
