/* sink - the engine's side of RetortCorpusSink: label map, repeated ids, where the documents go. */
#pragma once

#include <retort/corpus.h>

G_BEGIN_DECLS

/* Gets every finished document; lent. */
typedef gboolean (*RetortSinkFunc) (const RetortDocument *document, gpointer user, GError **error);

/* `path` names the file in messages. */
RetortCorpusSink *retort_corpus_sink_new (const char *path, RetortDiagnostics *diagnostics, RetortSinkFunc func,
                                          gpointer user);
void retort_corpus_sink_free (RetortCorpusSink *sink);
/* Renames labels of entities and relations as documents pass: map[label], else map["*"], else unchanged; to "" drops
 * it (a relation whose entity is dropped is dropped too). `map` has keys and values as strings and is referenced. */
void retort_corpus_sink_set_label_map (RetortCorpusSink *sink, GHashTable *map);
/* What passed. */
guint retort_corpus_sink_n_documents (const RetortCorpusSink *sink);
guint retort_corpus_sink_n_dropped (const RetortCorpusSink *sink); /* entities and relations that the map dropped */
guint retort_corpus_sink_n_repeated (const RetortCorpusSink *sink); /* ids that got a suffix */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortCorpusSink, retort_corpus_sink_free)

G_END_DECLS
