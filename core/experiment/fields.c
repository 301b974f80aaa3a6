/* fields - strict reading of small JSON files. */
#include "experiment/fields.h"
#include <math.h>
#include <retort/error.h>

static JsonNode *
member (JsonObject *object, const char *where, const char *key, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (!node)
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: '%s' is missing", where, key);
  return node;
}

static gboolean
wrong (const char *where, const char *key, const char *what, GError **error)
{
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: '%s' must be %s", where, key, what);
  return FALSE;
}

JsonObject *
retort_fields_object (JsonNode *node, const char *where, const char *const *keys, GError **error)
{
  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: must be an object", where);
    return NULL;
  }

  JsonObject *object = json_node_get_object (node);
  JsonObjectIter iter;
  const char *key;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &key, NULL))
    if (!g_strv_contains (keys, key)) {
      g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "%s: unknown key '%s'", where, key);
      return NULL;
    }
  return object;
}

gboolean
retort_fields_string (JsonObject *object, const char *where, const char *key, const char **value, GError **error)
{
  JsonNode *node = member (object, where, key, error);

  if (!node)
    return FALSE;
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return wrong (where, key, "a string", error);
  *value = json_node_get_string (node);
  return TRUE;
}

gboolean
retort_fields_int (JsonObject *object, const char *where, const char *key, gint64 min, gint64 max, gint64 *value,
                   GError **error)
{
  JsonNode *node = member (object, where, key, error);

  if (!node)
    return FALSE;
  if (json_node_get_value_type (node) != G_TYPE_INT64 || json_node_get_int (node) < min ||
      json_node_get_int (node) > max)
    return wrong (where, key, "an integer in its range", error);
  *value = json_node_get_int (node);
  return TRUE;
}

gboolean
retort_fields_number (JsonObject *object, const char *where, const char *key, double *value, GError **error)
{
  JsonNode *node = member (object, where, key, error);

  if (!node)
    return FALSE;
  if (JSON_NODE_HOLDS_NULL (node))
    *value = NAN;
  else if (json_node_get_value_type (node) == G_TYPE_INT64 || json_node_get_value_type (node) == G_TYPE_DOUBLE)
    *value = json_node_get_double (node);
  else
    return wrong (where, key, "a number or null", error);
  return TRUE;
}

gboolean
retort_fields_bool (JsonObject *object, const char *where, const char *key, gboolean *value, GError **error)
{
  JsonNode *node = member (object, where, key, error);

  if (!node)
    return FALSE;
  if (json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return wrong (where, key, "true or false", error);
  *value = json_node_get_boolean (node);
  return TRUE;
}

gboolean
retort_fields_array (JsonObject *object, const char *where, const char *key, JsonArray **value, GError **error)
{
  JsonNode *node = member (object, where, key, error);

  if (!node)
    return FALSE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return wrong (where, key, "an array", error);
  *value = json_node_get_array (node);
  return TRUE;
}

void
retort_fields_set_number (JsonObject *object, const char *key, double value)
{
  if (isnan (value))
    json_object_set_null_member (object, key);
  else
    json_object_set_double_member (object, key, value);
}

gboolean
retort_fields_count (JsonObject *object, const char *where, const char *key, gint64 *value, GError **error)
{
  if (!json_object_has_member (object, key) || !json_object_get_null_member (object, key))
    return retort_fields_int (object, where, key, 0, G_MAXINT64, value, error);
  *value = -1;
  return TRUE;
}

void
retort_fields_set_count (JsonObject *object, const char *key, gint64 count)
{
  if (count < 0)
    json_object_set_null_member (object, key);
  else
    json_object_set_int_member (object, key, count);
}
