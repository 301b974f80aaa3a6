/* table - a comparison as text for people, Markdown, CSV and JSON. */
#pragma once

#include "experiment/comparison.h"

G_BEGIN_DECLS

/* Rows of cells, all strings. */
typedef struct {
  GPtrArray *header; /* of char * */
  GPtrArray *rows;   /* of GPtrArray of char *, each header->len long */
  guint n_left;      /* so many first columns are words, to the left; the rest are numbers, to the right */
} RetortGrid;

/* A row for each row of the comparison: value, interval, P, R, gold, difference, its interval, p. Columns that would
 * be empty are not there. Scores in points (0.851 is 85.1). */
RetortGrid *retort_grid_rows (const RetortComparison *comparison);
/* A row for each row and label; NULL if there are no labels, or only one. */
RetortGrid *retort_grid_labels (const RetortComparison *comparison);
/* An empty grid, and a row for it: takes the [header->len] strings. */
RetortGrid *retort_grid_new (guint n_left, const char *const *titles, guint n_titles);
void retort_grid_take_row (RetortGrid *grid, char *const *cells);
void retort_grid_free (RetortGrid *grid);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortGrid, retort_grid_free)

char *retort_grid_to_text (const RetortGrid *grid, gboolean boxes);
char *retort_grid_to_markdown (const RetortGrid *grid);
char *retort_grid_to_csv (const RetortGrid *grid); /* RFC 4180, but lines end in \n */

/* "85.1"; "n/a" if undefined. */
char *retort_format_points (double value);

typedef enum { RETORT_TABLE_TEXT, RETORT_TABLE_MARKDOWN, RETORT_TABLE_CSV, RETORT_TABLE_JSON } RetortTableFormat;
extern const char *const retort_table_format_names[]; /* "text" ..., NULL-terminated */

/* `details`: each label's scores too. `boxes` and `colour` are for text. CSV has a line for each row and, with
 * details, label, with all numbers in full. */
typedef struct {
  RetortTableFormat format;
  gboolean details, boxes, colour;
} RetortTableStyle;

char *retort_table (const RetortComparison *comparison, const RetortTableStyle *style);

G_END_DECLS
