/* limit - every bound on what grows with input, in one place. Each is generous for honest data. */
#pragma once

#define RETORT_LIMIT_YAML_BYTES (16 << 20)      /* one pipeline or prompt file */
#define RETORT_LIMIT_YAML_DEPTH 64
#define RETORT_LIMIT_YAML_NODES (1 << 20)
#define RETORT_LIMIT_JSON_DEPTH 128
#define RETORT_LIMIT_JSON_BYTES (1 << 30)       /* one JSON value */
#define RETORT_LIMIT_JSON_STRING_BYTES (64 << 20)
#define RETORT_LIMIT_LINE_BYTES (256 << 20)     /* one line of a corpus */
#define RETORT_LIMIT_DOCUMENT_BYTES (64 << 20)  /* the text of one document */
#define RETORT_LIMIT_ANNOTATIONS (4 << 20)      /* entities, or relations, of one document */
#define RETORT_LIMIT_NAMED 4096                 /* metadata, or layers, of one document: they are looked for one by one */
#define RETORT_LIMIT_ID_BYTES 4096              /* an id or a label */
#define RETORT_LIMIT_COMPLETION_BYTES RETORT_LIMIT_JSON_STRING_BYTES /* one answer; it is kept as a JSON string */
#define RETORT_LIMIT_DIAGNOSTICS 20             /* of one code, stored; the rest is counted */
#define RETORT_LIMIT_REQUESTS (1 << 20)         /* requests of one round */
#define RETORT_LIMIT_CELLS 100000               /* cells of one pipeline after its matrix is expanded */
#define RETORT_LIMIT_CELL_SECONDS (24 * 3600)   /* default wall time of a cell */
#define RETORT_LIMIT_STALL_SECONDS 600          /* default time without any progress before a cell counts as hung */
