/* yaml - a YAML file as a tree in which every node knows its place.
 *
 * A small, safe part of YAML 1.1 as libyaml parses it: one document; maps with scalar keys, sequences, scalars.
 * Refused with a diagnostic: duplicate keys, anchors and aliases, tags, several documents, invalid UTF-8, depth and
 * size beyond the limits. Plain scalars keep their text; what they mean is decided by who asks for a type
 * (so `no` is never a boolean by accident). JSON is read by the same code. */
#pragma once

#include <retort/json.h>

G_BEGIN_DECLS

typedef enum { RETORT_YAML_NULL, RETORT_YAML_SCALAR, RETORT_YAML_SEQUENCE, RETORT_YAML_MAP } RetortYamlType;

typedef struct _RetortYaml RetortYaml;
struct _RetortYaml {
  RetortYamlType type;
  gboolean quoted;     /* scalar: in quotes or a block, so surely a string */
  const char *text;    /* scalar: its value */
  guint n_items;       /* sequence, map */
  RetortYaml **items;  /* [n_items] values, in the file's order */
  RetortYaml **keys;   /* [n_items] map: the key nodes, all scalars */
  gsize start, end;    /* bytes of the source */
};

/* A parsed file owns its nodes. The root is NULL if the file could not be parsed (there are diagnostics then). */
typedef struct {
  RetortSource *source;
  RetortYaml *root;
  GPtrArray *nodes; /* private */
} RetortYamlFile;

/* The only errors are those of reading; what is wrong inside the file becomes diagnostics. */
RetortYamlFile *retort_yaml_load (const char *path, RetortDiagnostics *diagnostics, GError **error);
RetortYamlFile *retort_yaml_parse (RetortSource *source, RetortDiagnostics *diagnostics);
void retort_yaml_file_free (RetortYamlFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortYamlFile, retort_yaml_file_free)

/* The value under `key`, or NULL. `node` may be NULL or no map. */
RetortYaml *retort_yaml_get (const RetortYaml *node, const char *key);
/* New nodes in `file`, for --set and matrix substitution. Their place is that of `at`. */
RetortYaml *retort_yaml_new_scalar (RetortYamlFile *file, const RetortYaml *at, const char *text, gboolean quoted);
RetortYaml *retort_yaml_copy (RetortYamlFile *file, const RetortYaml *node); /* deep; places kept */
/* Sets or adds map[key]. */
void retort_yaml_set (RetortYamlFile *file, RetortYaml *map, const char *key, RetortYaml *value);

/* Types on demand. `true`/`false` only. Integers decimal, with optional sign and `_` between digits. */
gboolean retort_yaml_to_bool (const RetortYaml *node, gboolean *value);
gboolean retort_yaml_to_int (const RetortYaml *node, gint64 *value);
gboolean retort_yaml_to_number (const RetortYaml *node, double *value); /* finite */
/* As JSON: unquoted true/false/null/numbers become those, all else strings. */
JsonNode *retort_yaml_to_json (const RetortYaml *node);
/* As YAML text, block style, two spaces: for the fully filled pipeline. Reads back to the same tree. */
char *retort_yaml_to_string (const RetortYaml *node);

G_END_DECLS
