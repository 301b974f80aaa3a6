/* spec - a cell, or a trained model, described in JSON: what plugin, with what options, for what task.
 *
 *   {"retort":"cell","name":..,"use":..,"key":..,"store":..,"seed":"17","threads":2,"label":"public",
 *    "plugin":{"use":"model/crf","behaviour":1,"version":"1.0","options":{..}},
 *    "tokenizer":{..as plugin..},"options":{..},
 *    "task":{"entities":[..],"relations":[{"label":..,"head":..,"tail":..}],"scope":"sentence"},
 *    "prompt":PATH,"purpose":"generate","inputs":[{"slot":"train","parts":[{"name":..,"path":..}]}]}
 *
 * Members that mean nothing for a cell are absent. A model file's header is the same with "plugin", "tokenizer",
 * "task" and "label" alone, and what it says of its training. Options are read by the same code as those in YAML. */
#pragma once

#include "pipeline/run.h"

G_BEGIN_DECLS

typedef struct {
  char *name, *step, *use, *key, *store, *prompt, *purpose;
  guint64 seed;
  guint threads;
  RetortLabel label;
  const RetortLoaded *plugin, *tokenizer; /* or NULL */
  guint plugin_behaviour, tokenizer_behaviour;
  RetortOptions *plugin_options, *tokenizer_options, *options; /* or NULL */
  RetortTask *task;  /* or NULL */
  GPtrArray *inputs; /* of RetortCellRunInput */
} RetortSpec;

/* `name` is for messages. Opens the plugins that it names. */
RetortSpec *retort_spec_parse (const char *name, const char *json, GError **error);
void retort_spec_free (RetortSpec *spec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortSpec, retort_spec_free)

/* Parts of a spec. */
JsonNode *retort_spec_plugin (const RetortLoaded *loaded, const RetortOptions *options);
JsonNode *retort_spec_task (const RetortTask *task);

G_END_DECLS
