/* corpus - documents in order: in memory, streamed from Retort's own files, or pushed by a reader of a foreign format.
 *
 * Retort's own format is JSON lines. Line 1 is the header:
 *   {"retort":"corpus","version":1,"offsets":"codepoints"}
 * then a document a line (keys may be absent where empty; unknown keys are errors):
 *   {"id":"d1","text":"...","weight":0.5,"meta":{"k":"v"},"sentences":[[0,12]],"tokens":[[0,4]],
 *    "layers":{"gold":{"entities":[{"id":"T1","label":"Drug","spans":[[0,4]],"text":"Zinc","concepts":["C1"],
 *    "score":0.9,"source":"x"}],"relations":[{"id":"R1","label":"treats","head":"T1","tail":"T2"}]}}}
 * "text" of an entity repeats its surface, and the reader checks it. Same documents, same bytes. */
#pragma once

#include <retort/document.h>

G_BEGIN_DECLS

/* --- in memory --- */

typedef struct _RetortCorpus RetortCorpus;

RetortCorpus *retort_corpus_new (void);
RetortCorpus *retort_corpus_ref (RetortCorpus *corpus);
void retort_corpus_unref (RetortCorpus *corpus);
void retort_corpus_add_chunk (RetortCorpus *corpus, RetortChunk *chunk); /* takes a reference; all its documents */
guint retort_corpus_n_documents (const RetortCorpus *corpus);            /* NULL: 0 */
const RetortDocument *retort_corpus_document (const RetortCorpus *corpus, guint i);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortCorpus, retort_corpus_unref)

/* --- streaming from a file of ours --- */

typedef struct _RetortCorpusReader RetortCorpusReader;

/* What is wrong in the file becomes diagnostics (path:line) and ends the reading with RETORT_ERROR_DATA. */
RetortCorpusReader *retort_corpus_reader_open (const char *path, RetortDiagnostics *diagnostics, GError **error);
void retort_corpus_reader_close (RetortCorpusReader *reader);
/* At most `n_max` documents, and not many more than 4 MiB; NULL without error at the end. Full ownership. */
RetortChunk *retort_corpus_reader_next (RetortCorpusReader *reader, guint n_max, GError **error);
gboolean retort_corpus_reader_rewind (RetortCorpusReader *reader, GError **error);
RetortCorpus *retort_corpus_reader_load (RetortCorpusReader *reader, GError **error); /* all that is left */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortCorpusReader, retort_corpus_reader_close)

typedef struct _RetortCorpusWriter RetortCorpusWriter;

RetortCorpusWriter *retort_corpus_writer_open (const char *path, GError **error);
gboolean retort_corpus_writer_add (RetortCorpusWriter *writer, const RetortDocument *document, GError **error);
/* Flushes and fsyncs; without it the file is not complete. */
gboolean retort_corpus_writer_finish (RetortCorpusWriter *writer, GError **error);
void retort_corpus_writer_free (RetortCorpusWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RetortCorpusWriter, retort_corpus_writer_free)

/* --- the sink: where format readers and filters put documents, one after the other --- */

typedef struct _RetortCorpusSink RetortCorpusSink;

/* Begins a document that `sink_end` adds; a repeated id becomes "id#2", with a warning. `line` is where the document
 * begins in `path`, for messages. */
RetortDocumentBuilder *retort_corpus_sink_begin (RetortCorpusSink *sink, const char *id, const char *text,
                                                 gssize n_bytes, guint line, GError **error);
/* Begins a document with all that `document` has. */
RetortDocumentBuilder *retort_corpus_sink_begin_from (RetortCorpusSink *sink, const RetortDocument *document,
                                                      GError **error);
gboolean retort_corpus_sink_end (RetortCorpusSink *sink, RetortDocumentBuilder *builder, GError **error);
/* Adds the document as it is. */
gboolean retort_corpus_sink_add (RetortCorpusSink *sink, const RetortDocument *document, GError **error);

G_END_DECLS
