/* json - a strict, bounded pull reader (RFC 8259) for everything untrusted or large, and text escapes for writers.
 *
 * Strict: UTF-8 only, no comments, no trailing commas, no duplicate keys in one object, no lone surrogates, no NUL,
 * integers that do not fit are errors, nothing after the value. Bounded: depth, string length, total length.
 * (json-glib builds the small documents that we write ourselves.) */
#pragma once

#include <json-glib/json-glib.h>
#include <retort/error.h>

G_BEGIN_DECLS

typedef enum {
  RETORT_JSON_OBJECT, RETORT_JSON_OBJECT_END, RETORT_JSON_ARRAY, RETORT_JSON_ARRAY_END,
  RETORT_JSON_KEY, RETORT_JSON_STRING, RETORT_JSON_INT, RETORT_JSON_NUMBER, RETORT_JSON_BOOL, RETORT_JSON_NULL,
  RETORT_JSON_EOF, RETORT_JSON_ERROR,
} RetortJsonEvent;

/* Reads one value from memory; allocate on the stack, begin with retort_json_reader_init. Not thread-safe. */
typedef struct {
  /* what the last event carried */
  const char *string; /* KEY, STRING: decoded, NUL-terminated; lent until the next event */
  gsize string_bytes;
  gint64 integer;     /* INT */
  double number;      /* INT and NUMBER; always finite */
  gboolean boolean;   /* BOOL */
  gsize offset;       /* byte where the event's text begins */
  /* private */
  const char *text;
  gsize n_bytes, at;
  guint depth, max_depth;
  void *state;
} RetortJsonReader;

void retort_json_reader_init (RetortJsonReader *reader, const char *text, gsize n_bytes);
void retort_json_reader_clear (RetortJsonReader *reader);
/* RETORT_JSON_ERROR is final: every later call returns it; `retort_json_reader_error` says what and where. */
RetortJsonEvent retort_json_reader_next (RetortJsonReader *reader);
/* Skips the value whose first event was just returned (or, after KEY, the value that follows). */
gboolean retort_json_reader_skip (RetortJsonReader *reader);
const char *retort_json_reader_error (const RetortJsonReader *reader, gsize *offset);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RetortJsonReader, retort_json_reader_clear)

/* The whole value as a tree, by the strict reader. The error message says `line:column: what`. Full ownership. */
JsonNode *retort_json_parse (const char *text, gsize n_bytes, GError **error);
/* A file of ours, at most `max_bytes`. */
JsonNode *retort_json_load (const char *path, gsize max_bytes, GError **error);

/* Canonical JSON (RFC 8785 in spirit: keys sorted by bytes, no space, shortest round-trip numbers): the form that
 * keys and digests are taken of. */
char *retort_json_canonical (JsonNode *node);
/* Indented by two, keys in the given order, final newline: for files that people read. */
char *retort_json_pretty (JsonNode *node);
/* Appends "string" with quotes and escapes; `n_bytes` -1: NUL-terminated. Valid UTF-8 is the caller's promise. */
void retort_json_append_string (GString *out, const char *string, gssize n_bytes);
/* Appends the shortest decimal that reads back as the same double; NAN and infinities become null. */
void retort_json_append_number (GString *out, double number);

G_END_DECLS
