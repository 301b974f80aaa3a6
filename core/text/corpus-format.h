/* corpus-format - what the reader and the writer of Retort's own files share. */
#pragma once

#include <retort/corpus.h>

G_BEGIN_DECLS

#define RETORT_CORPUS_HEADER "{\"retort\":\"corpus\",\"version\":1,\"offsets\":\"codepoints\"}"

/* Appends the document as one line, with its newline. */
void retort_corpus_append_line (GString *out, const RetortDocument *document);

G_END_DECLS
