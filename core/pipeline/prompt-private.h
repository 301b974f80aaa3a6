/* prompt-private - a prompt file as its loader, renderer and parser share it. */
#pragma once

#include "pipeline/prompt.h"

G_BEGIN_DECLS

typedef enum { PROMPT_INLINE, PROMPT_LIST, PROMPT_JSON, PROMPT_CHOICE } PromptFormKind;
typedef enum { PROMPT_UNIT_LINE, PROMPT_UNIT_PARAGRAPH, PROMPT_UNIT_ANSWER } PromptUnit;

/* A map of the file: what stands left, and what it stands for; in the file's order. */
typedef struct { const char *from, *to; } PromptPair;

typedef struct {
  PromptFormKind kind;
  PromptUnit unit;             /* inline: what one document is */
  GArray *marks;               /* of PromptPair, tag -> label; inline and choice */
  const char **tags;           /* the tags of `marks`, NULL-terminated */
  const char *label;           /* list: of every mention; NULL: lines say it */
  const char *none;            /* list: the answer that says there is none */
  const char *documents, *text; /* json: keys of the answer; `documents` NULL: the object is the one document */
  const char *entities, *entity_id, *entity_label, *entity_text;
  const char *relations, *relation_label, *relation_head, *relation_tail;
  GArray *answers;             /* choice: of PromptPair, answer -> relation label or "" */
  GArray *masks;               /* choice, extract: of PromptPair, entity label -> what stands for it in the prompt */
} PromptForm;

/* One variable and all its values; a value may have a short name. */
typedef struct {
  const char *name;
  GPtrArray *values;           /* of const char * */
  GPtrArray *names;            /* of const char *, NULL where the value has none */
} PromptVariable;

/* A piece of the instruction: text as it stands, or a place to fill. */
typedef enum {
  PROMPT_PIECE_LITERAL, PROMPT_PIECE_VARIABLE, PROMPT_PIECE_TEXT, PROMPT_PIECE_HEAD, PROMPT_PIECE_TAIL,
} PromptPieceKind;
typedef struct {
  PromptPieceKind kind;
  const char *literal;
  guint variable;              /* index in `variables` */
} PromptPiece;

struct _RetortPrompt {
  RetortTask *task;
  RetortPurpose purpose;
  GStringChunk *strings;       /* owns all strings below */
  RetortLabel label;
  GArray *pieces;              /* of PromptPiece */
  GPtrArray *variables;        /* of PromptVariable */
  GArray *cases;               /* of guint [n_cases][n_variables]: values */
  guint n_cases;
  PromptForm form;
  GArray *labels;              /* of PromptPair: what the model writes -> the task's label; "" drops */
};

/* What the task calls what the model wrote; "" if it is to be dropped. Lent. */
const char *retort_prompt_task_label (const RetortPrompt *prompt, const char *written);
/* The relation type of that label, or NULL. */
const RetortRelationType *retort_prompt_relation_type (const RetortPrompt *prompt, const char *label);
/* `given` (NULL: gold) of a document, or NULL. */
const RetortLayer *retort_prompt_given (const RetortDocument *document, const char *given);
/* "0001", "0001.2". Full ownership. */
char *retort_prompt_request_id (guint index, guint round);

/* JSON as models write it: fenced, with words around it, trailing commas, raw line breaks in strings, cut off. What was
 * mended is noted. Of an answer that was cut off, the complete elements of its lists stay. Several values one behind
 * the other come as an array. NULL if there is no JSON. Full ownership. */
JsonNode *retort_loose_json_parse (const char *text, RetortLedger *ledger, const char *where);

G_END_DECLS
