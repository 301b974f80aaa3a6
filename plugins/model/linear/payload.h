/* payload - the bytes of a saved model: little-endian numbers, strings and arrays, one after the other.
 *
 * A reader that meets something impossible notes the first reason and gives zeroes from then on; who reads checks
 * once, at the end, and before every allocation that a number from the bytes decides. */
#pragma once

#include <retort/task.h>

G_BEGIN_DECLS

typedef struct { GByteArray *bytes; } LinearWriter;

void linear_write_u32 (LinearWriter *out, guint32 value);
void linear_write_u64 (LinearWriter *out, guint64 value);
void linear_write_float (LinearWriter *out, double value);
void linear_write_string (LinearWriter *out, const char *string);
void linear_write_header (LinearWriter *out, guint32 magic, guint32 version);
void linear_write_task (LinearWriter *out, const RetortTask *task);

typedef struct {
  const guint8 *at, *end;
  char *damage; /* the first thing that is wrong, or NULL; free it */
} LinearReader;

guint32 linear_read_u32 (LinearReader *in);
guint64 linear_read_u64 (LinearReader *in);
double linear_read_float (LinearReader *in); /* finite */
char *linear_read_string (LinearReader *in); /* valid UTF-8; full ownership; never NULL */
/* A count of things that take at least `n_bytes` each: more than the bytes can hold is damage, and gives 0. */
guint64 linear_read_count (LinearReader *in, gsize n_bytes);
void linear_read_header (LinearReader *in, guint32 magic, guint32 version);
/* The labels must be those of `task`, in order: the rest of the bytes refers to them by number. */
void linear_read_task (LinearReader *in, const RetortTask *task);
void linear_reader_damaged (LinearReader *in, const char *what);
/* FALSE with RETORT_ERROR_DATA if something was wrong, or bytes are left over. Clears the reader. */
gboolean linear_reader_finish (LinearReader *in, GError **error);

G_END_DECLS
