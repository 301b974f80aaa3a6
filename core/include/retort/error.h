/* error - what can fail in a correct program (GError), and where a user's file is wrong (diagnostics).
 *
 * Two kinds, never mixed:
 *   - A file that a user wrote is wrong: a *diagnostic*, with place, code (RT-201) and hint. All of a file's
 *     diagnostics are collected before anything stops.
 *   - Anything else that can happen to a correct program: a GError of the domain RETORT_ERROR or of GLib,
 *     passed up unchanged. */
#pragma once

#include <glib.h>
#include <retort/codes.h> /* generated from core/base/errors.yaml: RetortCode */

G_BEGIN_DECLS

#define RETORT_ERROR (retort_error_quark ())
GQuark retort_error_quark (void);

/* The exit status of `retort` and of a cell that ends in the error stands beside each. */
typedef enum {
  RETORT_ERROR_FAILED,    /*  3  something went wrong in a step */
  RETORT_ERROR_DATA,      /*  1  (cell: 65) input is wrong; details are in the diagnostics, if any */
  RETORT_ERROR_USAGE,     /*  2  the command line is wrong */
  RETORT_ERROR_PLUGIN,    /*  3  (cell: 69) a plugin is missing, refused, or broke its contract */
  RETORT_ERROR_LIMIT,     /*  4  a limit or budget was reached */
  RETORT_ERROR_AGAIN,     /*  3  (cell: 75) try again later: nothing is wrong with the input */
  RETORT_ERROR_POLICY,    /* 77  a privacy label forbids it */
  RETORT_ERROR_CANCELLED, /* 130 (cell: 75) asked to stop */
} RetortError;

/* A source is the text of one file that diagnostics point into. */
typedef struct _RetortSource RetortSource;

RetortSource *retort_source_load (const char *path, gsize max_bytes, GError **error); /* UTF-8 is not required */
RetortSource *retort_source_new (const char *name, const char *text, gsize n_bytes); /* copies */
RetortSource *retort_source_ref (RetortSource *source);
void retort_source_unref (RetortSource *source);
const char *retort_source_name (const RetortSource *source);
const char *retort_source_text (const RetortSource *source, gsize *n_bytes); /* NUL-terminated beyond n_bytes */
/* 1-based line, and column in code points, of a byte offset (<= n_bytes). */
void retort_source_locate (const RetortSource *source, gsize offset, guint *line, guint *column);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortSource, retort_source_unref)

typedef enum { RETORT_SEVERITY_ERROR, RETORT_SEVERITY_WARNING, RETORT_SEVERITY_NOTE } RetortSeverity;

/* Diagnostics collect; they are printed sorted by file, line, column. Thread-safe. Of one code the first
 * RETORT_LIMIT_DIAGNOSTICS in that order are stored, the others counted. */
typedef struct _RetortDiagnostics RetortDiagnostics;

RetortDiagnostics *retort_diagnostics_new (void);
RetortDiagnostics *retort_diagnostics_ref (RetortDiagnostics *diagnostics);
void retort_diagnostics_unref (RetortDiagnostics *diagnostics);

/* At bytes [start,end) of a source. `hint` may be NULL. The severity is the code's. */
void retort_diagnostics_add (RetortDiagnostics *diagnostics, RetortCode code, const RetortSource *source, gsize start,
                             gsize end, const char *hint, const char *format, ...) G_GNUC_PRINTF (7, 8);
/* In a streamed file, of which only the line is at hand. `line` 0: the whole file; `column` 0: the whole line;
 * columns count code points from 1. `line_text` may be NULL. */
void retort_diagnostics_add_line (RetortDiagnostics *diagnostics, RetortCode code, const char *path, guint line,
                                  guint column, const char *line_text, const char *hint, const char *format, ...)
    G_GNUC_PRINTF (8, 9);

guint retort_diagnostics_count (const RetortDiagnostics *diagnostics, RetortSeverity severity);
/* The whole listing as users see it: `path:9:12: error: ... [RT-201]`, the line, a caret, `hint: ...`. */
char *retort_diagnostics_to_string (const RetortDiagnostics *diagnostics, gboolean colour);
/* [{"severity","code","path","line","column","message","hint"}]; JSON text. */
char *retort_diagnostics_to_json (const RetortDiagnostics *diagnostics);
/* Adds what `to_json` wrote in another process; `line_text` travels with it. */
gboolean retort_diagnostics_add_json (RetortDiagnostics *diagnostics, const char *json, GError **error);
/* If there is an error among them, sets RETORT_ERROR_DATA ("2 errors in path") and returns FALSE. */
gboolean retort_diagnostics_ok (const RetortDiagnostics *diagnostics, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortDiagnostics, retort_diagnostics_unref)

/* Of NULL-terminated `candidates` the one a typist may have meant by `word`, or NULL (Damerau-Levenshtein
 * distance at most a third of the length, ties to the first). */
const char *retort_suggest (const char *word, const char *const *candidates);

G_END_DECLS
