/* file - what the text formats share: bounded lines in, with complaints at their place; documents out.
 *
 * A line that is no UTF-8 is complained of and handed on with U+FFFD for what is wrong, so that its file is still read
 * to the end and all else that is wrong in it is found. */
#pragma once

#include <retort/plugin.h>

#define FILE_LINE_BYTES (64 << 20) /* a longer line ends the reading */

/* --- reading --- */

typedef struct _Lines Lines;

Lines *lines_open (RetortContext *context, const char *path, GError **error);
void lines_close (Lines *lines);
/* The next line without its line break (LF or CR LF); lent until the next call. NULL at the end, or when reading
 * failed. `n_bytes` may be NULL. */
const char *lines_next (Lines *lines, gsize *n_bytes);
guint lines_number (const Lines *lines); /* of the line just read, from 1 */
/* FALSE, with the error, if reading failed before the end. */
gboolean lines_ok (Lines *lines, GError **error);
/* Complains of the line just read; `at` points into it, or is NULL: the whole line. */
void lines_complain (Lines *lines, RetortCode code, const char *at, const char *hint, const char *format, ...)
    G_GNUC_PRINTF (5, 6);
/* The same of an earlier line, or (0) of the whole file. */
void lines_complain_of (Lines *lines, guint number, RetortCode code, const char *hint, const char *format, ...)
    G_GNUC_PRINTF (5, 6);
/* Begins a document of line `number`. FALSE only for errors that are not the file's; a document that cannot be (no id,
 * too long) is complained of, and *builder is NULL: skip it. */
gboolean lines_begin_document (Lines *lines, RetortCorpusSink *sink, const char *id, const char *text, gssize n_bytes,
                               guint number, RetortDocumentBuilder **builder, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Lines, lines_close)

/* A piece of a line. For printing: "%.*s", FIELD_ARGS (field) */
typedef struct { const char *text; gsize n_bytes; } Field;
#define FIELD_ARGS(field) field_width (field), (field).text

/* Cuts at every tab, or (space) at runs of spaces. Fills at most `max`; gives how many there are. */
guint fields_split (const char *line, gsize n_bytes, char delimiter, Field *fields, guint max);
int field_width (Field field); /* bytes to print: long ones are cut, between characters */
gboolean field_is (Field field, const char *text);
char *field_dup (Field field);
/* Decimal digits only, less than 2^32. */
gboolean field_to_offset (Field field, guint64 *offset);
/* A number, and nothing else. */
gboolean field_to_number (Field field, double *number);

/* --- writing --- */

/* Appends one document's text in the format. `layer` is there. */
typedef gboolean (*FileAppend) (const RetortDocument *document, const RetortLayer *layer, GString *out, gpointer user,
                                GError **error);

/* Writes all documents and syncs the file. A document without the layer is an error: nobody annotated it. */
gboolean file_write (RetortContext *context, RetortCorpusReader *documents, const char *layer, const char *path,
                     FileAppend append, gpointer user, GError **error);
/* Tells the user, and the step's counters, that `n` of `what` were lost; nothing if n is 0. */
void file_lost (RetortContext *context, guint n, const char *what);
/* Appends text [start,end) with line breaks and tabs as spaces; gives how many were replaced. */
guint file_append_flat (GString *out, const char *text, guint32 start, guint32 end);
/* The value of `key` in a list key, value, ..., NULL; or NULL. */
const char *file_map_get (const char *const *map, const char *key);
/* The first key that has `value`, or NULL. */
const char *file_map_find (const char *const *map, const char *value);
