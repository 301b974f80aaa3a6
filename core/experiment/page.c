/* page - the report as one self-contained HTML page.
 *
 * Everything that comes from outside goes through `append_text`; the rest is literal here. Figures are inline SVG in
 * the text's own colours, so they follow light, dark and print. */
#include "experiment/page.h"
#include "base/util.h"
#include "experiment/table.h"
#include <math.h>
#include <string.h>

static void append_text (GString *out, const char *text, gssize n_bytes);
static void append_comparison (GString *out, const RetortPageData *data, const RetortComparison *comparison);
static void append_intervals (GString *out, const RetortComparison *comparison);
static void append_curve (GString *out, const RetortComparison *comparison);
static void append_errors (GString *out, const RetortPageData *data);
static void append_cells (GString *out, const RetortPageData *data);
static void append_facts (GString *out, const char *title, const char *about, const RetortPageFact *facts, guint n);

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1c1c1e;--paper:#fff;--dim:#66666b;--line:#d8d8dc;--soft:#f4f4f6;"
    "--gold:#0a6b3d;--gold-soft:#d9f2e3;--pred:#a33b00;--pred-soft:#ffe3d1;--mark:#2457a6;--good:#0a6b3d;--bad:#a3201d}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#ececf0;--paper:#17171a;--dim:#a0a0a8;--line:#3a3a40;--soft:#222226;"
    "--gold:#6fd6a0;--gold-soft:#143524;--pred:#ffab7d;--pred-soft:#43230f;--mark:#8db8ff;--good:#6fd6a0;--bad:#ff8a86}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:62rem;padding:1.5rem 1rem 4rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);"
    "background:var(--paper)}\n"
    "h1{font-size:1.7rem;margin:0 0 .3rem}h2{font-size:1.25rem;margin:2.4rem 0 .6rem;border-bottom:1px solid var(--line)}"
    "h3{font-size:1rem;margin:1.4rem 0 .4rem}\n"
    "p{margin:.4rem 0}.dim{color:var(--dim)}.good{color:var(--good)}.bad{color:var(--bad)}\n"
    ".note{border-left:3px solid var(--pred);padding:.1rem .8rem;margin:.6rem 0;background:var(--soft)}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;margin:.6rem 0;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}"
    "th{color:var(--dim);font-weight:600}th.w,td.w{text-align:left}tr.base td{background:var(--soft)}\n"
    "svg{display:block;max-width:100%;height:auto;margin:.8rem 0;font:13px system-ui,sans-serif}"
    "svg text{fill:var(--ink)}svg .axis{stroke:var(--line)}svg .tick{fill:var(--dim)}"
    "svg .bar{stroke:var(--mark);stroke-width:2}svg .dot{fill:var(--mark)}svg .band{fill:var(--soft)}"
    "svg .path{fill:none;stroke:var(--mark);stroke-width:2}\n"
    ".s1 .bar,.s1 .path{stroke:var(--pred)}.s1 .dot{fill:var(--pred)}.s2 .bar,.s2 .path{stroke:var(--gold)}"
    ".s2 .dot{fill:var(--gold)}.s3 .bar,.s3 .path{stroke:var(--dim)}.s3 .dot{fill:var(--dim)}\n"
    ".case{margin:.5rem 0;padding:.4rem .7rem;background:var(--soft);border-radius:.3rem;line-height:1.8;"
    "white-space:pre-wrap;overflow-wrap:anywhere}\n"
    ".g{background:var(--gold-soft);border-bottom:2px solid var(--gold)}"
    ".p{background:var(--pred-soft);border-bottom:2px dashed var(--pred)}"
    ".b{background:var(--gold-soft);border-bottom:2px solid var(--gold);outline:2px dashed var(--pred)}"
    "sub{font-size:.7em;color:var(--dim)}\n"
    "pre{overflow-x:auto;background:var(--soft);padding:.8rem;font-size:.85rem;line-height:1.4}"
    "code,.mono{font-family:ui-monospace,monospace;font-size:.9em}td.mono{white-space:normal;overflow-wrap:anywhere}\n"
    "@media print{:root{color-scheme:light}body{max-width:none;font-size:11pt}h2{break-after:avoid}"
    "svg,tr,.case{break-inside:avoid}pre{white-space:pre-wrap}}\n";

static void
append_head (GString *out, const RetortPageData *data)
{
  const char *title = data->title ? data->title : "Report";

  g_string_append (out,
                   "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" "
                   "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>");
  append_text (out, title, -1);
  g_string_append_printf (out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style);
  append_text (out, title, -1);
  g_string_append (out, "</h1>\n");
  if (data->about) {
    g_string_append (out, "<p class=\"dim\">");
    append_text (out, data->about, -1);
    g_string_append (out, "</p>\n");
  }
  if (data->level == RETORT_PAGE_AGGREGATE)
    g_string_append (out, "<p class=\"dim\">Aggregate report: no text is shown, and counts from 1 to 4 are &lt;5.</p>\n");
  for (guint i = 0; data->notes && data->notes[i]; i++) {
    g_string_append (out, "<p class=\"note\">");
    append_text (out, data->notes[i], -1);
    g_string_append (out, "</p>\n");
  }
}

char *
retort_page (const RetortPageData *data)
{
  GString *out = g_string_new (NULL);

  append_head (out, data);
  for (guint i = 0; i < data->n_comparisons; i++) {
    g_autoptr(RetortComparison) shown = data->level == RETORT_PAGE_AGGREGATE
                                            ? retort_comparison_suppress (data->comparisons[i]) : NULL;
    append_comparison (out, data, shown ? shown : data->comparisons[i]);
  }
  append_errors (out, data);
  append_cells (out, data);
  append_facts (out, "Privacy labels", "Each artifact carries the highest label of what it was made from.", data->labels,
                data->n_labels);
  if (data->pipeline) {
    g_string_append (out, "<h2>The pipeline, fully filled</h2>\n<pre>");
    append_text (out, data->pipeline, -1);
    g_string_append (out, "</pre>\n");
  }
  append_facts (out, "Versions and digests", NULL, data->facts, data->n_facts);
  if (data->n_comparisons > 0)
    g_string_append (out,
                     "<h2>How to read this page</h2>\n"
                     "<p>Scores are in points: 85.1 is 0.851. P (precision) is the share of predicted items that are in "
                     "gold, R (recall) the share of gold items that were predicted, F1 their harmonic mean; "
                     "<em>gold</em> is how many items there were to find. Intervals hold the middle 95 % of the scores "
                     "of resampled sets of documents (percentile bootstrap). p is the chance of a difference at least "
                     "as large if the two rows were interchangeable (paired approximate randomisation over documents, "
                     "two-sided), corrected by Holm&#39;s method for the number of rows compared.</p>\n");
  g_string_append (out, "</body>\n</html>\n");
  return g_string_free (out, FALSE);
}

/* --- text --- */

/* Escaped for content and for quoted attributes; control characters become U+FFFD. */
static void
append_text (GString *out, const char *text, gssize n_bytes)
{
  const char *end = text + (n_bytes < 0 ? strlen (text) : (gsize) n_bytes);

  for (const char *p = text; p < end; p++) {
    const guchar c = *p;
    if (c == '&')
      g_string_append (out, "&amp;");
    else if (c == '<')
      g_string_append (out, "&lt;");
    else if (c == '>')
      g_string_append (out, "&gt;");
    else if (c == '"')
      g_string_append (out, "&quot;");
    else if (c == '\'')
      g_string_append (out, "&#39;");
    else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
      g_string_append (out, "\xEF\xBF\xBD");
    else
      g_string_append_c (out, c);
  }
}

/* Decimals with a point in every locale, two digits behind it. */
static void
append_number (GString *out, double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (out, g_ascii_formatd (buffer, sizeof buffer, "%.2f", number));
}

static void
append_count (GString *out, const RetortPageData *data, gint64 count)
{
  g_autofree char *text = retort_format_count (count);

  g_string_append (out, data->level == RETORT_PAGE_AGGREGATE && count >= 1 && count <= 4 ? "&lt;5" : text);
}

/* --- a comparison --- */

static void
append_grid (GString *out, const RetortGrid *grid, const char *base)
{
  g_string_append (out, "<div class=\"scroll\"><table>\n<tr>");
  for (guint c = 0; c < grid->header->len; c++) {
    g_string_append (out, c < grid->n_left ? "<th class=\"w\" scope=\"col\">" : "<th scope=\"col\">");
    append_text (out, grid->header->pdata[c], -1);
    g_string_append (out, "</th>");
  }
  g_string_append (out, "</tr>\n");
  for (guint r = 0; r < grid->rows->len; r++) {
    const GPtrArray *cells = grid->rows->pdata[r];
    g_string_append (out, base && g_str_equal (cells->pdata[0], base) ? "<tr class=\"base\">" : "<tr>");
    for (guint c = 0; c < cells->len; c++) {
      g_string_append (out, c < grid->n_left ? "<td class=\"w\">" : "<td>");
      append_text (out, cells->pdata[c], -1);
      g_string_append (out, "</td>");
    }
    g_string_append (out, "</tr>\n");
  }
  g_string_append (out, "</table></div>\n");
}

static void
append_summary (GString *out, const RetortPageData *data, const RetortComparison *comparison)
{
  g_autofree char *rounds = retort_format_count (comparison->rounds);

  g_string_append_printf (out, "<p>%u row%s on ", comparison->rows->len, comparison->rows->len == 1 ? "" : "s");
  if (comparison->n_documents == RETORT_COUNT_FEW)
    g_string_append (out, "&lt;5");
  else
    append_count (out, data, comparison->n_documents);
  g_string_append (out, " documents, by <code>");
  append_text (out, comparison->metric, -1);
  g_string_append (out, "</code> of <code>");
  append_text (out, comparison->evaluator, -1);
  g_string_append (out, "</code>");
  if (comparison->baseline) {
    g_string_append (out, ", against <em>");
    append_text (out, comparison->baseline, -1);
    g_string_append (out, "</em>");
  }
  g_string_append_printf (out, "; %s resamples.</p>\n", rounds);
}

static void
append_verdicts (GString *out, const RetortComparison *comparison)
{
  if (!comparison->baseline)
    return;
  g_string_append (out, "<ul>\n");
  for (guint i = 0; i < comparison->rows->len; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    if (!row->verdict)
      continue;
    const gboolean shown = !isnan (row->p_holm) && row->p_holm < RETORT_COMPARISON_ALPHA;
    g_string_append_printf (out, "<li%s>", !shown ? "" : row->difference < 0 ? " class=\"bad\"" : " class=\"good\"");
    append_text (out, row->verdict, -1);
    g_string_append (out, "</li>\n");
  }
  g_string_append (out, "</ul>\n");
}

static void
append_comparison (GString *out, const RetortPageData *data, const RetortComparison *comparison)
{
  g_autoptr(RetortGrid) rows = retort_grid_rows (comparison), labels = retort_grid_labels (comparison);

  g_string_append (out, "<h2>");
  append_text (out, comparison->title ? comparison->title : comparison->metric, -1);
  g_string_append (out, "</h2>\n");
  append_summary (out, data, comparison);
  append_verdicts (out, comparison);
  for (guint i = 0; i < comparison->caveats->len; i++) {
    g_string_append (out, "<p class=\"note\">");
    append_text (out, comparison->caveats->pdata[i], -1);
    g_string_append (out, "</p>\n");
  }
  append_grid (out, rows, comparison->baseline);
  append_intervals (out, comparison);
  append_curve (out, comparison);
  if (labels) {
    g_string_append (out, "<h3>By label</h3>\n");
    append_grid (out, labels, comparison->baseline);
  }
}

/* --- figures --- */

/* A scale of scores: from and to are whole steps of 1, 2, 5 or 10 ... points. */
typedef struct { double low, high, step; } Scale;

/* Over the intervals (and values) of all rows; FALSE if there is nothing to draw. */
static gboolean
find_scale (const RetortComparison *comparison, guint n_ticks, Scale *scale)
{
  static const double steps[] = { 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1 };
  double low = INFINITY, high = -INFINITY;

  for (guint i = 0; i < comparison->rows->len; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    if (isnan (row->value))
      continue;
    low = fmin (low, fmin (row->value, row->interval.low)); /* fmin passes over NAN */
    high = fmax (high, fmax (row->value, row->interval.high));
  }
  if (!(low <= high))
    return FALSE;
  guint s = 0;
  while (s + 1 < G_N_ELEMENTS (steps) && (high - low) / steps[s] > n_ticks)
    s++;
  scale->step = steps[s];
  scale->low = floor (low / steps[s] + 1e-9) * steps[s];
  scale->high = ceil (high / steps[s] - 1e-9) * steps[s];
  if (scale->high <= scale->low)
    scale->high = scale->low + steps[s];
  return TRUE;
}

static void
append_line (GString *out, const char *class, double x1, double y1, double x2, double y2)
{
  const double numbers[] = { x1, y1, x2, y2 };
  static const char *const names[] = { "x1", "y1", "x2", "y2" };

  g_string_append_printf (out, "<line class=\"%s\"", class);
  for (guint i = 0; i < 4; i++) {
    g_string_append_printf (out, " %s=\"", names[i]);
    append_number (out, numbers[i]);
    g_string_append_c (out, '"');
  }
  g_string_append (out, "/>\n");
}

static void
append_dot (GString *out, double x, double y)
{
  g_string_append (out, "<circle class=\"dot\" r=\"4\" cx=\"");
  append_number (out, x);
  g_string_append (out, "\" cy=\"");
  append_number (out, y);
  g_string_append (out, "\"/>\n");
}

static void
append_label (GString *out, const char *class, const char *anchor, double x, double y, const char *text)
{
  g_string_append_printf (out, "<text class=\"%s\" text-anchor=\"%s\" x=\"", class, anchor);
  append_number (out, x);
  g_string_append (out, "\" y=\"");
  append_number (out, y);
  g_string_append (out, "\">");
  append_text (out, text, -1);
  g_string_append (out, "</text>\n");
}

static void
append_figure (GString *out, guint width, guint height, const char *what, const char *metric)
{
  g_string_append_printf (out, "<svg viewBox=\"0 0 %u %u\" width=\"%u\" height=\"%u\" role=\"img\" aria-label=\"%s ",
                          width, height, width, height, what);
  append_text (out, metric, -1);
  g_string_append (out, "\">\n");
}

static guint
words_width (const RetortComparison *comparison)
{
  glong longest = 0;

  for (guint i = 0; i < comparison->rows->len; i++)
    longest = MAX (longest, g_utf8_strlen (((RetortComparisonRow *) comparison->rows->pdata[i])->label, -1));
  return MIN (20 + 7 * longest, 330);
}

/* A line for each row: the interval, and a dot at the score; the baseline's interval is a band behind all. */
static void
append_intervals (GString *out, const RetortComparison *comparison)
{
  enum { PLOT = 480, LINE = 26, TOP = 8, BOTTOM = 26, RIGHT = 60 };
  const guint left = words_width (comparison), n = comparison->rows->len, bottom = TOP + n * LINE;
  Scale scale;

  if (!find_scale (comparison, 10, &scale))
    return;
#define X(value) (left + PLOT * ((value) - scale.low) / (scale.high - scale.low))
  append_figure (out, left + PLOT + RIGHT, bottom + BOTTOM, "95 % intervals of", comparison->metric);
  for (guint i = 0; i < n; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    if (g_strcmp0 (row->label, comparison->baseline) != 0 || isnan (row->interval.low))
      continue;
    g_string_append (out, "<rect class=\"band\" x=\"");
    append_number (out, X (row->interval.low));
    g_string_append (out, "\" width=\"");
    append_number (out, X (row->interval.high) - X (row->interval.low));
    g_string_append_printf (out, "\" y=\"%d\" height=\"%u\"/>\n", TOP, n * LINE);
  }
  for (double tick = scale.low; tick <= scale.high + scale.step / 2; tick += scale.step) {
    g_autofree char *text = g_strdup_printf ("%.0f", 100 * tick);
    append_line (out, "axis", X (tick), TOP, X (tick), bottom);
    append_label (out, "tick", "middle", X (tick), bottom + 18, text);
  }
  for (guint i = 0; i < n; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    const double y = TOP + LINE * (i + 0.5);
    g_autofree char *points = retort_format_points (row->value);
    append_label (out, "row", "end", left - 10, y + 4, row->label);
    append_label (out, "row", "start", left + PLOT + 10, y + 4, points);
    if (isnan (row->value))
      continue;
    if (!isnan (row->interval.low))
      append_line (out, "bar", X (row->interval.low), y, X (row->interval.high), y);
    append_dot (out, X (row->value), y);
  }
  g_string_append (out, "</svg>\n");
#undef X
}

/* --- the learning curve --- */

static const char *
axis_value (const RetortComparisonRow *row, const char *axis)
{
  for (guint i = 0; row->axes[i] && row->axes[i + 1]; i += 2)
    if (g_str_equal (row->axes[i], axis))
      return row->axes[i + 1];
  return NULL;
}

static double
to_number (const char *text)
{
  char *end;
  const double number = g_ascii_strtod (text, &end);

  return end > text && *end == '\0' && isfinite (number) ? number : NAN;
}

/* Numbers rising, then words ("all") in the rows' order. */
static gint
compare_amounts (gconstpointer a, gconstpointer b)
{
  const double x = to_number (*(char *const *) a), y = to_number (*(char *const *) b);

  return isnan (x) || isnan (y) ? isnan (x) - isnan (y) : (x > y) - (x < y);
}

/* The values of an axis in order, if it is one of amounts: at least three, at most one of them a word. */
static GPtrArray *
amounts_of (const RetortComparison *comparison, const char *axis)
{
  g_autoptr(GPtrArray) amounts = g_ptr_array_new ();
  guint n_words = 0;

  for (guint i = 0; i < comparison->rows->len; i++) {
    const char *value = axis_value (comparison->rows->pdata[i], axis);
    if (!value || g_ptr_array_find_with_equal_func (amounts, value, g_str_equal, NULL))
      continue;
    n_words += isnan (to_number (value));
    g_ptr_array_add (amounts, (gpointer) value);
  }
  if (amounts->len < 3 || n_words > 1)
    return NULL;
  g_ptr_array_sort (amounts, compare_amounts);
  return g_steal_pointer (&amounts);
}

/* The row's other axes, which name its curve. */
static char *
series_of (const RetortComparisonRow *row, const char *axis)
{
  GString *series = g_string_new (NULL);

  for (guint i = 0; row->axes[i] && row->axes[i + 1]; i += 2)
    if (!g_str_equal (row->axes[i], axis))
      g_string_append_printf (series, "%s%s", series->len ? " / " : "", row->axes[i + 1]);
  return g_string_free (series, FALSE);
}

static const RetortComparisonRow *
row_at (const RetortComparison *comparison, const char *axis, const char *amount, const char *series)
{
  for (guint i = 0; i < comparison->rows->len; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    g_autofree char *its = series_of (row, axis);
    if (g_strcmp0 (axis_value (row, axis), amount) == 0 && g_str_equal (its, series))
      return row;
  }
  return NULL;
}

#define CURVE_LEFT 50
#define CURVE_STEP 110
#define CURVE_TOP 12
#define CURVE_HEIGHT 220

static double
curve_y (const Scale *scale, double value)
{
  return CURVE_TOP + CURVE_HEIGHT * (scale->high - value) / (scale->high - scale->low);
}

static void
append_series (GString *out, const RetortComparison *comparison, const char *axis, const GPtrArray *amounts,
               const char *series, guint index, const Scale *scale)
{
  gboolean drawing = FALSE;

  g_string_append_printf (out, "<g class=\"s%u\">\n<path class=\"path\" d=\"", index % 4);
  for (guint a = 0; a < amounts->len; a++) {
    const RetortComparisonRow *row = row_at (comparison, axis, amounts->pdata[a], series);
    if (!row || isnan (row->value)) {
      drawing = FALSE;
      continue;
    }
    g_string_append (out, drawing ? "L" : "M");
    append_number (out, CURVE_LEFT + CURVE_STEP * (a + 0.5));
    g_string_append_c (out, ' ');
    append_number (out, curve_y (scale, row->value));
    drawing = TRUE;
  }
  g_string_append (out, "\"/>\n");
  for (guint a = 0; a < amounts->len; a++) {
    const RetortComparisonRow *row = row_at (comparison, axis, amounts->pdata[a], series);
    if (!row || isnan (row->value))
      continue;
    const double x = CURVE_LEFT + CURVE_STEP * (a + 0.5);
    if (!isnan (row->interval.low))
      append_line (out, "bar", x, curve_y (scale, row->interval.low), x, curve_y (scale, row->interval.high));
    append_dot (out, x, curve_y (scale, row->value));
  }
  append_dot (out, CURVE_LEFT + CURVE_STEP * amounts->len + 16, CURVE_TOP + 6 + 20 * index);
  append_label (out, "row", "start", CURVE_LEFT + CURVE_STEP * amounts->len + 28, CURVE_TOP + 10 + 20 * index,
                *series ? series : comparison->metric);
  g_string_append (out, "</g>\n");
}

static void
append_axis_curve (GString *out, const RetortComparison *comparison, const char *axis, const GPtrArray *amounts)
{
  const guint right = CURVE_LEFT + CURVE_STEP * amounts->len, bottom = CURVE_TOP + CURVE_HEIGHT;
  g_autoptr(GPtrArray) series = g_ptr_array_new_with_free_func (g_free);
  Scale scale;

  if (!find_scale (comparison, 8, &scale))
    return;
  for (guint i = 0; i < comparison->rows->len; i++) {
    char *name = series_of (comparison->rows->pdata[i], axis);
    if (axis_value (comparison->rows->pdata[i], axis) &&
        !g_ptr_array_find_with_equal_func (series, name, g_str_equal, NULL))
      g_ptr_array_add (series, name);
    else
      g_free (name);
  }

  g_string_append (out, "<h3>By ");
  append_text (out, axis, -1);
  g_string_append (out, "</h3>\n");
  append_figure (out, right + 240, MAX (bottom + 30, CURVE_TOP + 20 * series->len + 10), "learning curve of",
                 comparison->metric);
  for (double tick = scale.low; tick <= scale.high + scale.step / 2; tick += scale.step) {
    g_autofree char *text = g_strdup_printf ("%.0f", 100 * tick);
    append_line (out, "axis", CURVE_LEFT, curve_y (&scale, tick), right, curve_y (&scale, tick));
    append_label (out, "tick", "end", CURVE_LEFT - 8, curve_y (&scale, tick) + 4, text);
  }
  for (guint a = 0; a < amounts->len; a++)
    append_label (out, "tick", "middle", CURVE_LEFT + CURVE_STEP * (a + 0.5), bottom + 20, amounts->pdata[a]);
  for (guint s = 0; s < series->len; s++)
    append_series (out, comparison, axis, amounts, series->pdata[s], s, &scale);
  g_string_append (out, "</svg>\n");
}

static void
append_curve (GString *out, const RetortComparison *comparison)
{
  g_autoptr(GPtrArray) axes = g_ptr_array_new ();

  for (guint i = 0; i < comparison->rows->len; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    for (guint a = 0; row->axes[a] && row->axes[a + 1]; a += 2)
      if (!g_ptr_array_find_with_equal_func (axes, row->axes[a], g_str_equal, NULL))
        g_ptr_array_add (axes, row->axes[a]);
  }
  for (guint i = 0; i < axes->len; i++) {
    g_autoptr(GPtrArray) amounts = amounts_of (comparison, axes->pdata[i]);
    if (amounts)
      append_axis_curve (out, comparison, axes->pdata[i], amounts);
  }
}

/* --- errors --- */

/* Which marks cover a byte. */
static const char *
class_at (const RetortErrorExample *example, guint at)
{
  gboolean gold = FALSE, predicted = FALSE;

  for (guint i = 0; i < example->marks->len; i++) {
    const RetortErrorMark *mark = example->marks->pdata[i];
    if (mark->start <= at && at < mark->end)
      *(mark->predicted ? &predicted : &gold) = TRUE;
  }
  return gold && predicted ? "b" : gold ? "g" : predicted ? "p" : NULL;
}

/* The next byte after `at` where a mark begins or ends, or the end. */
static guint
next_edge (const RetortErrorExample *example, guint at, guint end)
{
  for (guint i = 0; i < example->marks->len; i++) {
    const RetortErrorMark *mark = example->marks->pdata[i];
    if (mark->start > at)
      end = MIN (end, mark->start);
    if (mark->end > at)
      end = MIN (end, mark->end);
  }
  return end;
}

static void
append_passage (GString *out, const RetortErrorExample *example)
{
  const guint n_bytes = strlen (example->passage);

  g_string_append (out, example->cut_before ? "<bdi>…" : "<bdi>");
  for (guint at = 0, next; at < n_bytes; at = next) {
    const char *class = class_at (example, at);
    next = next_edge (example, at, n_bytes);
    if (class)
      g_string_append_printf (out, "<span class=\"%s\">", class);
    append_text (out, example->passage + at, next - at);
    if (class)
      g_string_append (out, "</span>");
    for (guint i = 0; i < example->marks->len; i++) {
      const RetortErrorMark *mark = example->marks->pdata[i];
      if (mark->end != next)
        continue;
      g_string_append (out, mark->predicted ? "<sub>predicted " : "<sub>gold ");
      append_text (out, mark->label, -1);
      g_string_append (out, "</sub>");
    }
  }
  g_string_append (out, example->cut_after ? "…</bdi>" : "</bdi>");
}

static void
append_examples (GString *out, const RetortErrorAnalysis *analysis, guint kind)
{
  const GPtrArray *examples = analysis->examples[kind];

  if (examples->len == 0)
    return;
  g_string_append_printf (out, "<h3>%c%s: %u of %" G_GUINT64_FORMAT "</h3>\n",
                          g_ascii_toupper (*retort_difference_names[kind]), retort_difference_names[kind] + 1,
                          examples->len, analysis->counts[kind]);
  for (guint i = 0; i < examples->len; i++) {
    const RetortErrorExample *example = examples->pdata[i];
    g_string_append (out, "<div class=\"case\"><span class=\"dim mono\">");
    append_text (out, example->document, -1);
    g_string_append (out, "</span> ");
    if (example->relation) {
      g_string_append (out, "<strong>");
      append_text (out, example->relation, -1);
      g_string_append (out, "</strong> ");
    }
    append_passage (out, example);
    g_string_append (out, "</div>\n");
  }
}

static void
append_error_counts (GString *out, const RetortPageData *data)
{
  g_string_append (out, "<div class=\"scroll\"><table>\n<tr><th class=\"w\" scope=\"col\">row</th>");
  for (guint k = 0; k < RETORT_N_DIFFERENCES; k++)
    g_string_append_printf (out, "<th scope=\"col\">%s</th>", retort_difference_names[k]);
  g_string_append (out, "</tr>\n");
  for (guint i = 0; i < data->n_errors; i++) {
    g_string_append (out, "<tr><td class=\"w\">");
    append_text (out, data->errors[i].row, -1);
    g_string_append (out, "</td>");
    for (guint k = 0; k < RETORT_N_DIFFERENCES; k++) {
      g_string_append (out, "<td>");
      append_count (out, data, data->errors[i].analysis->counts[k]);
      g_string_append (out, "</td>");
    }
    g_string_append (out, "</tr>\n");
  }
  g_string_append (out, "</table></div>\n");
}

static void
append_errors (GString *out, const RetortPageData *data)
{
  if (data->n_errors == 0)
    return;
  g_string_append (out, "<h2>Errors</h2>\n");
  append_error_counts (out, data);
  if (data->level == RETORT_PAGE_AGGREGATE)
    return;
  g_string_append (out, "<p><span class=\"g\">gold</span> <span class=\"p\">predicted</span> "
                        "<span class=\"b\">both</span>. Which errors are shown is drawn at random, the same every "
                        "time.</p>\n");
  for (guint i = 0; i < data->n_errors; i++) {
    g_string_append (out, "<h2>Errors of ");
    append_text (out, data->errors[i].row, -1);
    g_string_append (out, "</h2>\n");
    for (guint k = 0; k < RETORT_N_DIFFERENCES; k++)
      append_examples (out, data->errors[i].analysis, k);
  }
}

/* --- what the cells said --- */

static JsonObject *
object_member (JsonNode *node, const char *name)
{
  JsonNode *found = node && JSON_NODE_HOLDS_OBJECT (node) && name
                        ? json_object_get_member (json_node_get_object (node), name) : NULL;

  return found && JSON_NODE_HOLDS_OBJECT (found) ? json_node_get_object (found) : NULL;
}

static void
append_counts (GString *out, const RetortPageData *data, const char *event, JsonObject *counts)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, counts);
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    if (!JSON_NODE_HOLDS_VALUE (value))
      continue;
    g_string_append (out, "<tr><td class=\"w\">");
    append_text (out, event, -1);
    g_string_append (out, "</td><td class=\"w\">");
    append_text (out, name, -1);
    g_string_append (out, "</td><td>");
    append_count (out, data, json_node_get_int (value));
    g_string_append (out, "</td></tr>\n");
  }
}

/* Every event of the ledger but its examples. */
static void
append_ledger (GString *out, const RetortPageData *data, JsonNode *ledger)
{
  JsonObjectIter iter;
  const char *event;
  JsonNode *value;

  if (!ledger || !JSON_NODE_HOLDS_OBJECT (ledger))
    return;
  json_object_iter_init_ordered (&iter, json_node_get_object (ledger));
  while (json_object_iter_next_ordered (&iter, &event, &value))
    if (JSON_NODE_HOLDS_OBJECT (value) && !g_str_equal (event, "examples"))
      append_counts (out, data, event, json_node_get_object (value));
}

static const char *
string_member (JsonNode *node, const char *name)
{
  JsonNode *found = JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_member (json_node_get_object (node), name) : NULL;

  return found && json_node_get_value_type (found) == G_TYPE_STRING ? json_node_get_string (found) : NULL;
}

/* The words that the ledger kept: {"dropped":{"reason":[{"where","words"}]}}. */
static void
append_ledger_examples (GString *out, JsonNode *ledger)
{
  JsonObject *events = object_member (ledger, "examples");
  JsonObjectIter event_iter, reason_iter;
  const char *event, *reason;
  JsonNode *reasons, *list;

  if (!events || json_object_get_size (events) == 0)
    return;
  g_string_append (out, "<ul>\n");
  json_object_iter_init_ordered (&event_iter, events);
  while (json_object_iter_next_ordered (&event_iter, &event, &reasons)) {
    if (!JSON_NODE_HOLDS_OBJECT (reasons))
      continue;
    json_object_iter_init_ordered (&reason_iter, json_node_get_object (reasons));
    while (json_object_iter_next_ordered (&reason_iter, &reason, &list))
      for (guint i = 0; JSON_NODE_HOLDS_ARRAY (list) && i < json_array_get_length (json_node_get_array (list)); i++) {
        JsonNode *item = json_array_get_element (json_node_get_array (list), i);
        const char *where = string_member (item, "where"), *words = string_member (item, "words");
        g_string_append (out, "<li>");
        append_text (out, event, -1);
        g_string_append (out, ", ");
        append_text (out, reason, -1);
        g_string_append (out, ": <q>");
        append_text (out, words ? words : "", -1);
        g_string_append (out, "</q> <span class=\"dim\">");
        append_text (out, where ? where : "", -1);
        g_string_append (out, "</span></li>\n");
      }
  }
  g_string_append (out, "</ul>\n");
}

static void
append_warnings (GString *out, JsonNode *notes)
{
  JsonNode *node = notes && JSON_NODE_HOLDS_OBJECT (notes)
                       ? json_object_get_member (json_node_get_object (notes), "warnings") : NULL;
  JsonArray *warnings = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; warnings && i < json_array_get_length (warnings); i++) {
    const char *warning = json_node_get_string (json_array_get_element (warnings, i));
    g_string_append (out, "<p class=\"note\">");
    append_text (out, warning ? warning : "", -1);
    g_string_append (out, "</p>\n");
  }
}

static gboolean
cell_has_counts (const RetortPageCell *cell)
{
  JsonObject *counts = object_member (cell->notes, "counts");

  return cell->ledger || (counts && json_object_get_size (counts) > 0);
}

static void
append_cells (GString *out, const RetortPageData *data)
{
  if (data->n_cells == 0)
    return;
  g_string_append (out, "<h2>What the steps counted</h2>\n");
  for (guint i = 0; i < data->n_cells; i++) {
    const RetortPageCell *cell = &data->cells[i];
    GString *body = g_string_new (NULL);
    if (data->level == RETORT_PAGE_FULL)
      append_warnings (body, cell->notes);
    if (cell_has_counts (cell)) {
      g_string_append (body, "<div class=\"scroll\"><table>\n");
      append_ledger (body, data, cell->ledger);
      if (object_member (cell->notes, "counts"))
        append_counts (body, data, "counted", object_member (cell->notes, "counts"));
      g_string_append (body, "</table></div>\n");
    }
    if (data->level == RETORT_PAGE_FULL)
      append_ledger_examples (body, cell->ledger);
    if (body->len > 0) {
      g_string_append (out, "<h3>");
      append_text (out, cell->cell, -1);
      g_string_append_printf (out, "</h3>\n%s", body->str);
    }
    g_string_free (body, TRUE);
  }
}

/* --- facts --- */

static void
append_facts (GString *out, const char *title, const char *about, const RetortPageFact *facts, guint n)
{
  if (n == 0)
    return;
  g_string_append_printf (out, "<h2>%s</h2>\n", title);
  if (about)
    g_string_append_printf (out, "<p class=\"dim\">%s</p>\n", about);
  g_string_append (out, "<table>\n");
  for (guint i = 0; i < n; i++) {
    g_string_append (out, "<tr><th class=\"w\" scope=\"row\">");
    append_text (out, facts[i].name, -1);
    g_string_append (out, "</th><td class=\"w mono\">");
    append_text (out, facts[i].value, -1);
    g_string_append (out, "</td></tr>\n");
  }
  g_string_append (out, "</table>\n");
}
