/* table - comparisons for terminals, documents and spreadsheets. */
#include "experiment/table.h"
#include "base/util.h"
#include <math.h>
#include <retort/json.h>
#include <string.h>

const char *const retort_table_format_names[] = { "text", "markdown", "csv", "json", NULL };

/* --- cells --- */

static GPtrArray *
strings_new (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

static RetortGrid *
grid_new (guint n_left)
{
  RetortGrid *grid = g_new0 (RetortGrid, 1);

  grid->header = strings_new ();
  grid->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  grid->n_left = n_left;
  return grid;
}

RetortGrid *
retort_grid_new (guint n_left, const char *const *titles, guint n_titles)
{
  RetortGrid *grid = grid_new (n_left);

  for (guint i = 0; i < n_titles; i++)
    g_ptr_array_add (grid->header, g_strdup (titles[i]));
  return grid;
}

void
retort_grid_take_row (RetortGrid *grid, char *const *cells)
{
  GPtrArray *row = strings_new ();

  for (guint c = 0; c < grid->header->len; c++)
    g_ptr_array_add (row, cells[c]);
  g_ptr_array_add (grid->rows, row);
}

void
retort_grid_free (RetortGrid *grid)
{
  if (!grid)
    return;
  g_ptr_array_unref (grid->header);
  g_ptr_array_unref (grid->rows);
  g_free (grid);
}

char *
retort_format_points (double value)
{
  return isnan (value) ? g_strdup ("n/a") : g_strdup_printf ("%.1f", 100 * value + 0.0);
}

static char *
format_interval (const RetortInterval *interval, gboolean with_sign)
{
  const char *format = with_sign ? "%+.1f to %+.1f" : "%.1f to %.1f";

  return isnan (interval->low) ? g_strdup ("n/a") : g_strdup_printf (format, 100 * interval->low, 100 * interval->high);
}

static char *
format_count (gint64 count)
{
  return count == RETORT_COUNT_FEW ? g_strdup ("<5") : count < 0 ? g_strdup ("n/a") : retort_format_count (count);
}

static char *
format_p (double p)
{
  return isnan (p) ? g_strdup ("n/a") : p < 0.001 ? g_strdup ("<0.001") : g_strdup_printf ("%.3f", p);
}

/* "F1" for "strict.micro.f1", "MCC", "accuracy". */
static char *
value_title (const char *metric)
{
  const char *dot = strrchr (metric, '.');
  const char *name = dot ? dot + 1 : metric;

  return strlen (name) <= 3 ? g_ascii_strup (name, -1) : g_strdup (name);
}

static void
add_header (RetortGrid *grid, const char *title)
{
  g_ptr_array_add (grid->header, g_strdup (title));
}

RetortGrid *
retort_grid_rows (const RetortComparison *comparison)
{
  RetortGrid *grid = grid_new (1);
  gboolean has_rates = FALSE;

  for (guint i = 0; i < comparison->rows->len; i++)
    has_rates |= ((RetortComparisonRow *) comparison->rows->pdata[i])->tp != -1;
  add_header (grid, "row");
  g_ptr_array_add (grid->header, value_title (comparison->metric));
  add_header (grid, "95 % CI");
  if (has_rates) {
    add_header (grid, "P");
    add_header (grid, "R");
  }
  add_header (grid, "gold");
  if (comparison->baseline) {
    add_header (grid, "difference");
    add_header (grid, "95 % CI");
    add_header (grid, "p (Holm)");
  }

  for (guint i = 0; i < comparison->rows->len; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    GPtrArray *cells = strings_new ();
    g_ptr_array_add (grid->rows, cells);
    g_ptr_array_add (cells, g_strdup (row->label));
    g_ptr_array_add (cells, retort_format_points (row->value));
    g_ptr_array_add (cells, format_interval (&row->interval, FALSE));
    if (has_rates) {
      g_ptr_array_add (cells, retort_format_points (row->precision));
      g_ptr_array_add (cells, retort_format_points (row->recall));
    }
    g_ptr_array_add (cells, format_count (row->support));
    if (!comparison->baseline)
      continue;
    g_ptr_array_add (cells, !row->compared ? g_strdup ("baseline") : isnan (row->difference) ? g_strdup ("n/a")
                     : g_strdup_printf ("%+.1f", 100 * row->difference));
    g_ptr_array_add (cells, row->compared ? format_interval (&row->difference_interval, TRUE) : g_strdup (""));
    g_ptr_array_add (cells, row->compared ? format_p (row->p_holm) : g_strdup (""));
  }
  return grid;
}

RetortGrid *
retort_grid_labels (const RetortComparison *comparison)
{
  const RetortComparisonRow *first = comparison->rows->len ? comparison->rows->pdata[0] : NULL;

  if (!first || first->labels->len < 2)
    return NULL;
  RetortGrid *grid = grid_new (2);
  static const char *const titles[] = { "P", "R", "gold", "found", "spurious", "missed" };
  add_header (grid, "row");
  add_header (grid, "label");
  g_ptr_array_add (grid->header, value_title (comparison->label_measure));
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    add_header (grid, titles[i]);
  for (guint i = 0; i < comparison->rows->len; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    for (guint l = 0; l < row->labels->len; l++) {
      const RetortLabelScore *score = row->labels->pdata[l];
      GPtrArray *cells = strings_new ();
      g_ptr_array_add (grid->rows, cells);
      g_ptr_array_add (cells, g_strdup (row->label));
      g_ptr_array_add (cells, g_strdup (score->label));
      g_ptr_array_add (cells, retort_format_points (score->value));
      g_ptr_array_add (cells, retort_format_points (score->precision));
      g_ptr_array_add (cells, retort_format_points (score->recall));
      g_ptr_array_add (cells, format_count (score->support));
      g_ptr_array_add (cells, format_count (score->tp));
      g_ptr_array_add (cells, format_count (score->fp));
      g_ptr_array_add (cells, format_count (score->fn));
    }
  }
  return grid;
}

/* --- a grid as text --- */

/* Columns that a terminal gives the string. */
static guint
text_width (const char *text)
{
  guint width = 0;

  for (; *text; text = g_utf8_next_char (text)) {
    const gunichar c = g_utf8_get_char (text);
    width += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
  }
  return width;
}

static guint *
column_widths (const RetortGrid *grid)
{
  guint *widths = g_new (guint, grid->header->len + 1);

  for (guint c = 0; c < grid->header->len; c++) {
    widths[c] = text_width (grid->header->pdata[c]);
    for (guint r = 0; r < grid->rows->len; r++)
      widths[c] = MAX (widths[c], text_width (((GPtrArray *) grid->rows->pdata[r])->pdata[c]));
  }
  return widths;
}

static void
append_padding (GString *out, guint n)
{
  for (guint i = 0; i < n; i++)
    g_string_append_c (out, ' ');
}

static void
append_line (GString *out, const RetortGrid *grid, const GPtrArray *cells, const guint *widths, gboolean boxes)
{
  g_string_append (out, boxes ? "│ " : "");
  for (guint c = 0; c < cells->len; c++) {
    const guint padding = widths[c] - text_width (cells->pdata[c]);
    const gboolean left = c < grid->n_left, last = c + 1 == cells->len;
    append_padding (out, left ? 0 : padding);
    g_string_append (out, cells->pdata[c]);
    append_padding (out, left && (!last || boxes) ? padding : 0);
    if (!last)
      g_string_append (out, boxes ? " │ " : "  ");
  }
  if (boxes)
    g_string_append (out, " │");
  while (!boxes && out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  g_string_append_c (out, '\n');
}

static void
append_rule (GString *out, const RetortGrid *grid, const guint *widths, const char *left, const char *dash,
             const char *cross, const char *right, guint margin)
{
  g_string_append (out, left);
  for (guint c = 0; c < grid->header->len; c++) {
    for (guint i = 0; i < widths[c] + margin; i++)
      g_string_append (out, dash);
    g_string_append (out, c + 1 < grid->header->len ? cross : right);
  }
  g_string_append_c (out, '\n');
}

char *
retort_grid_to_text (const RetortGrid *grid, gboolean boxes)
{
  GString *out = g_string_new (NULL);
  g_autofree guint *widths = column_widths (grid);

  if (boxes)
    append_rule (out, grid, widths, "┌", "─", "┬", "┐", 2);
  append_line (out, grid, grid->header, widths, boxes);
  if (boxes)
    append_rule (out, grid, widths, "├", "─", "┼", "┤", 2);
  else
    append_rule (out, grid, widths, "", "-", "  ", "", 0);
  for (guint r = 0; r < grid->rows->len; r++)
    append_line (out, grid, grid->rows->pdata[r], widths, boxes);
  if (boxes)
    append_rule (out, grid, widths, "└", "─", "┴", "┘", 2);
  return g_string_free (out, FALSE);
}

static void
append_markdown_line (GString *out, const GPtrArray *cells)
{
  g_string_append_c (out, '|');
  for (guint c = 0; c < cells->len; c++) {
    g_string_append_c (out, ' ');
    for (const char *p = cells->pdata[c]; *p; p++) {
      if (strchr ("|\\`*_<>[]", *p))
        g_string_append_c (out, '\\');
      g_string_append_c (out, *p == '\n' ? ' ' : *p);
    }
    g_string_append (out, " |");
  }
  g_string_append_c (out, '\n');
}

char *
retort_grid_to_markdown (const RetortGrid *grid)
{
  GString *out = g_string_new (NULL);

  append_markdown_line (out, grid->header);
  g_string_append_c (out, '|');
  for (guint c = 0; c < grid->header->len; c++)
    g_string_append (out, c < grid->n_left ? " --- |" : " ---: |");
  g_string_append_c (out, '\n');
  for (guint r = 0; r < grid->rows->len; r++)
    append_markdown_line (out, grid->rows->pdata[r]);
  return g_string_free (out, FALSE);
}

static void
append_csv_line (GString *out, const GPtrArray *cells)
{
  for (guint c = 0; c < cells->len; c++) {
    const char *cell = cells->pdata[c];
    if (c > 0)
      g_string_append_c (out, ',');
    if (!strpbrk (cell, ",\"\r\n")) {
      g_string_append (out, cell);
      continue;
    }
    g_string_append_c (out, '"');
    for (const char *p = cell; *p; p++) {
      if (*p == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *p);
    }
    g_string_append_c (out, '"');
  }
  g_string_append_c (out, '\n');
}

char *
retort_grid_to_csv (const RetortGrid *grid)
{
  GString *out = g_string_new (NULL);

  append_csv_line (out, grid->header);
  for (guint r = 0; r < grid->rows->len; r++)
    append_csv_line (out, grid->rows->pdata[r]);
  return g_string_free (out, FALSE);
}

/* --- a comparison --- */

static char *
headline (const RetortComparison *comparison)
{
  g_autofree char *n_documents = format_count (comparison->n_documents);
  g_autofree char *rounds = retort_format_count (comparison->rounds);

  return g_strdup_printf ("%s (%s), %s document%s, intervals from %s resamples", comparison->metric,
                          comparison->evaluator, n_documents, comparison->n_documents == 1 ? "" : "s", rounds);
}

/* Green for a gain, red for a loss, where a difference is shown. */
static const char *
verdict_colour (const RetortComparisonRow *row)
{
  if (isnan (row->p_holm) || row->p_holm >= RETORT_COMPARISON_ALPHA)
    return "";
  return row->difference < 0 ? "\033[31m" : "\033[32m";
}

static char *
comparison_to_text (const RetortComparison *comparison, const RetortTableStyle *style)
{
  GString *out = g_string_new (NULL);
  g_autoptr(RetortGrid) rows = retort_grid_rows (comparison);
  g_autoptr(RetortGrid) labels = style->details ? retort_grid_labels (comparison) : NULL;
  g_autofree char *table = retort_grid_to_text (rows, style->boxes);
  g_autofree char *head = headline (comparison);

  if (comparison->title)
    g_string_append_printf (out, style->colour ? "\033[1m%s\033[0m\n" : "%s\n", comparison->title);
  g_string_append_printf (out, "%s\n\n%s\n", head, table);
  for (guint i = 0; i < comparison->rows->len; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    if (row->verdict)
      g_string_append_printf (out, "%s%s%s\n", style->colour ? verdict_colour (row) : "", row->verdict,
                              style->colour && *verdict_colour (row) ? "\033[0m" : "");
  }
  for (guint i = 0; i < comparison->caveats->len; i++)
    g_string_append_printf (out, "note: %s\n", (char *) comparison->caveats->pdata[i]);
  if (labels) {
    g_autofree char *details = retort_grid_to_text (labels, style->boxes);
    g_string_append_printf (out, "\n%s", details);
  }
  return g_string_free (out, FALSE);
}

static char *
comparison_to_markdown (const RetortComparison *comparison, const RetortTableStyle *style)
{
  GString *out = g_string_new (NULL);
  g_autoptr(RetortGrid) rows = retort_grid_rows (comparison);
  g_autoptr(RetortGrid) labels = style->details ? retort_grid_labels (comparison) : NULL;
  g_autofree char *table = retort_grid_to_markdown (rows);
  g_autofree char *head = headline (comparison);

  if (comparison->title)
    g_string_append_printf (out, "### %s\n\n", comparison->title);
  g_string_append_printf (out, "%s\n\n%s\n", head, table);
  for (guint i = 0; i < comparison->rows->len; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    if (row->verdict)
      g_string_append_printf (out, "- %s\n", row->verdict);
  }
  for (guint i = 0; i < comparison->caveats->len; i++)
    g_string_append_printf (out, "- Note: %s\n", (char *) comparison->caveats->pdata[i]);
  if (labels) {
    g_autofree char *details = retort_grid_to_markdown (labels);
    g_string_append_printf (out, "\n%s", details);
  }
  return g_string_free (out, FALSE);
}

/* In full; empty where undefined. */
static char *
csv_number (double number)
{
  GString *out = g_string_new (NULL);

  if (!isnan (number))
    retort_json_append_number (out, number);
  return g_string_free (out, FALSE);
}

static char *
csv_count (gint64 count)
{
  return count == RETORT_COUNT_FEW ? g_strdup ("<5") : count < 0 ? g_strdup ("")
         : g_strdup_printf ("%" G_GINT64_FORMAT, count);
}

static void
add_csv_row (RetortGrid *grid, const RetortComparison *comparison, const RetortComparisonRow *row,
             const RetortLabelScore *label)
{
  GPtrArray *cells = strings_new ();
  const RetortInterval none = { NAN, NAN, 0 };
  const RetortInterval *interval = label ? &none : &row->interval;
  const RetortInterval *difference = label ? &none : &row->difference_interval;

  g_ptr_array_add (grid->rows, cells);
  g_ptr_array_add (cells, g_strdup (comparison->metric));
  g_ptr_array_add (cells, g_strdup (row->label));
  g_ptr_array_add (cells, g_strdup (label ? label->label : ""));
  g_ptr_array_add (cells, csv_number (label ? label->value : row->value));
  g_ptr_array_add (cells, csv_number (interval->low));
  g_ptr_array_add (cells, csv_number (interval->high));
  g_ptr_array_add (cells, csv_number (label ? label->precision : row->precision));
  g_ptr_array_add (cells, csv_number (label ? label->recall : row->recall));
  g_ptr_array_add (cells, csv_count (label ? label->support : row->support));
  g_ptr_array_add (cells, csv_count (label ? label->tp : row->tp));
  g_ptr_array_add (cells, csv_count (label ? label->fp : row->fp));
  g_ptr_array_add (cells, csv_count (label ? label->fn : row->fn));
  g_ptr_array_add (cells, g_strdup (comparison->baseline && row->compared && !label ? comparison->baseline : ""));
  g_ptr_array_add (cells, csv_number (label ? NAN : row->difference));
  g_ptr_array_add (cells, csv_number (difference->low));
  g_ptr_array_add (cells, csv_number (difference->high));
  g_ptr_array_add (cells, csv_number (label ? NAN : row->p));
  g_ptr_array_add (cells, csv_number (label ? NAN : row->p_holm));
}

static char *
comparison_to_csv (const RetortComparison *comparison, const RetortTableStyle *style)
{
  static const char *const titles[] = {
    "metric", "row", "label", "value", "low", "high", "precision", "recall", "gold", "found", "spurious", "missed",
    "baseline", "difference", "difference_low", "difference_high", "p", "p_holm",
  };
  g_autoptr(RetortGrid) grid = retort_grid_new (3, titles, G_N_ELEMENTS (titles));

  for (guint i = 0; i < comparison->rows->len; i++) {
    const RetortComparisonRow *row = comparison->rows->pdata[i];
    add_csv_row (grid, comparison, row, NULL);
    for (guint l = 0; style->details && l < row->labels->len; l++)
      add_csv_row (grid, comparison, row, row->labels->pdata[l]);
  }
  return retort_grid_to_csv (grid);
}

static char *
comparison_to_json (const RetortComparison *comparison, const RetortTableStyle *style)
{
  return retort_comparison_to_json (comparison);
}

char *
retort_table (const RetortComparison *comparison, const RetortTableStyle *style)
{
  static char *(*const writers[]) (const RetortComparison *, const RetortTableStyle *) = {
    [RETORT_TABLE_TEXT] = comparison_to_text, [RETORT_TABLE_MARKDOWN] = comparison_to_markdown,
    [RETORT_TABLE_CSV] = comparison_to_csv, [RETORT_TABLE_JSON] = comparison_to_json,
  };

  return writers[style->format] (comparison, style);
}
