/* options - the engine's side of option tables: fill, check, describe, key. */
#pragma once

#include "base/yaml.h"
#include <retort/option.h>

G_BEGIN_DECLS

/* A table with its stride, so that older plugins' tables can be walked. */
typedef struct {
  const RetortOption *options;
  gsize n_options, stride;
  gsize struct_size;
} RetortOptionTable;

const RetortOption *retort_option_table_at (const RetortOptionTable *table, gsize i);
const RetortOption *retort_option_table_find (const RetortOptionTable *table, const char *name);
/* What an author can get wrong: names (form, twice), types, ranges, defaults, fields outside of the struct. The other
 * functions need a table that has passed. */
gboolean retort_option_table_check (const RetortOptionTable *table, GError **error);

/* Filled options: the struct, what owns its strings, and the values as JSON. In `values` a map is a list of objects
 * with one member each, so that its order survives; secrets are not in it. Filling from `values` gives the same. */
typedef struct {
  void *data;          /* the plugin's struct, zero where unset */
  JsonNode *values;    /* object of every option that is set, by user or default, typed; paths absolute */
  GStringChunk *strings;
  GPtrArray *arrays; /* private: of lists and maps */
} RetortOptions;

/* Fills from a YAML map (NULL: all defaults). Wrong types, ranges, choices, unknown names (with suggestions), missing
 * required ones and missing paths are diagnostics at the value's place; then NULL. Relative paths are seen from the
 * folder of the source's file. `where` opens messages: "model/crf". */
RetortOptions *retort_options_fill (const RetortOptionTable *table, const RetortYamlFile *file, const RetortYaml *map,
                                    const RetortYaml *at, const char *where, RetortDiagnostics *diagnostics);
void retort_options_free (RetortOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortOptions, retort_options_free)

/* The values that belong in a key: without TUNING and SECRET, each path replaced by its content's digest. */
JsonNode *retort_options_key (const RetortOptionTable *table, const RetortOptions *options, GError **error);
/* A JSON Schema object for the map. */
JsonNode *retort_options_schema (const RetortOptionTable *table);
/* What `retort inspect` prints: name, type, default, range, help; aligned. */
char *retort_options_help (const RetortOptionTable *table);

G_END_DECLS
