/* fields - small JSON files of ours, read strictly: every key known, every type right, or an error that names the place. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The object in `node`, with no key but `keys` (NULL-terminated); NULL with RETORT_ERROR_DATA. `where` opens messages:
 * "rows[2]". All results are lent. */
JsonObject *retort_fields_object (JsonNode *node, const char *where, const char *const *keys, GError **error);
gboolean retort_fields_string (JsonObject *object, const char *where, const char *key, const char **value,
                               GError **error);
gboolean retort_fields_int (JsonObject *object, const char *where, const char *key, gint64 min, gint64 max,
                            gint64 *value, GError **error);
/* null reads as NAN. */
gboolean retort_fields_number (JsonObject *object, const char *where, const char *key, double *value, GError **error);
gboolean retort_fields_bool (JsonObject *object, const char *where, const char *key, gboolean *value, GError **error);
gboolean retort_fields_array (JsonObject *object, const char *where, const char *key, JsonArray **value,
                              GError **error);

/* A count, or null: -1. */
gboolean retort_fields_count (JsonObject *object, const char *where, const char *key, gint64 *value, GError **error);

/* The other way: NAN and -1 become null. */
void retort_fields_set_number (JsonObject *object, const char *key, double value);
void retort_fields_set_count (JsonObject *object, const char *key, gint64 count);

G_END_DECLS
