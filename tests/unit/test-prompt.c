/* test-prompt - prompt files, the requests made of them, and what becomes of answers: also of all that was recorded. */
#include "base/util.h"
#include "pipeline/prompt.h"
#include "retort-test.h"
#include <retort/corpus.h>
#include <string.h>

/* --- helpers --- */

static const char *const disease_labels[] = { "Disease", NULL };
static const char *const ade_labels[] = { "Drug", "Effect", NULL };
static const char *const gene_labels[] = { "GENE", "DISEASE", NULL };
static const RetortRelationType ade_relations[] = {
  { "Adverse_event", "Drug", "Effect" }, { "Potential_therapeutic_event", "Drug", "Effect" },
};
static const RetortRelationType gene_relations[] = { { "association", "GENE", "DISEASE" } };

static const RetortTask diseases = { sizeof (RetortTask), disease_labels, 1, NULL, 0, RETORT_SCOPE_DOCUMENT };
static const RetortTask events = { sizeof (RetortTask), ade_labels, 2, ade_relations, 2, RETORT_SCOPE_DOCUMENT };
static const RetortTask genes = { sizeof (RetortTask), gene_labels, 2, gene_relations, 1, RETORT_SCOPE_DOCUMENT };

static RetortPrompt *
load_named (const char *name, const RetortTask *task, RetortPurpose purpose)
{
  g_autofree char *relative = g_strconcat ("pipelines/prompts/", name, ".yaml", NULL);
  g_autofree char *path = retort_test_source_path (relative);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;
  RetortPrompt *prompt = retort_prompt_load (path, task, purpose, diagnostics, &error);

  retort_test_expect_diagnostics (diagnostics, "");
  g_assert_no_error (error);
  return prompt;
}

/* A prompt from YAML that must be right. */
static RetortPrompt *
load_text (const char *yaml, const RetortTask *task, RetortPurpose purpose)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "prompt.yaml", yaml);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;
  RetortPrompt *prompt = retort_prompt_load (path, task, purpose, diagnostics, &error);

  retort_test_expect_diagnostics (diagnostics, "");
  g_assert_no_error (error);
  return prompt;
}

/* The messages of a prompt that is wrong, one a line: "line:column code message". */
static char *
complaints (const char *yaml, const RetortTask *task, RetortPurpose purpose)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "prompt.yaml", yaml);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortPrompt) prompt = retort_prompt_load (path, task, purpose, diagnostics, NULL);
  g_autofree char *json = retort_diagnostics_to_json (diagnostics);
  g_autoptr(JsonNode) node = retort_json_parse (json, strlen (json), NULL);
  GString *out = g_string_new (NULL);
  JsonArray *array = json_node_get_array (node);

  g_assert_true ((prompt == NULL) == (retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR) > 0));
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonObject *object = json_array_get_object_element (array, i);
    g_string_append_printf (out, "%d:%d %s %s\n", (int) json_object_get_int_member (object, "line"),
                            (int) json_object_get_int_member (object, "column"),
                            json_object_get_string_member (object, "code"),
                            json_object_get_string_member (object, "message"));
  }
  return g_string_free (out, FALSE);
}

/* Recorded or rendered lines. */
typedef struct { char *id, *document, *prompt, *completion; } Line;

static void
line_free (gpointer p)
{
  Line *line = p;

  g_free (line->id);
  g_free (line->document);
  g_free (line->prompt);
  g_free (line->completion);
  g_free (line);
}

static GPtrArray *
recordings (const char *path)
{
  g_autofree char *text = NULL;
  GPtrArray *lines = g_ptr_array_new_with_free_func (line_free);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_auto(GStrv) rows = g_strsplit (text, "\n", -1);
  for (guint i = 0; rows[i]; i++) {
    if (!*rows[i])
      continue;
    g_autoptr(JsonNode) node = retort_json_parse (rows[i], strlen (rows[i]), NULL);
    JsonObject *object = json_node_get_object (node);
    Line *line = g_new0 (Line, 1);
    line->id = g_strdup (json_object_get_string_member (object, "id"));
    line->document = g_strdup (json_object_get_string_member_with_default (object, "document", NULL));
    line->prompt = g_strdup (json_object_get_string_member (object, "prompt"));
    line->completion = g_strdup (json_object_get_string_member (object, "completion"));
    g_ptr_array_add (lines, line);
  }
  return lines;
}

static gboolean
keep_request (const RetortRequest *request, gpointer user, GError **error)
{
  Line *line = g_new0 (Line, 1);

  g_assert_cmpuint (request->index, ==, ((GPtrArray *) user)->len);
  line->id = g_strdup (request->id);
  line->document = g_strdup (request->document);
  line->prompt = g_strdup (request->prompt);
  g_ptr_array_add (user, line);
  return TRUE;
}

/* Answers of `lines` to the requests `asked`, through a file. */
static RetortAnswers *
answers_of (const GPtrArray *asked, const GPtrArray *lines)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < lines->len; i++) {
    const Line *request = asked->pdata[i], *line = lines->pdata[i];
    retort_answer_append (request->id, request->document, line->completion, NULL, text);
  }
  g_autofree char *path = retort_test_write (folder, "answers.jsonl", text->str);
  RetortAnswers *answers = retort_answers_load (path, diagnostics, &error);
  g_assert_no_error (error);
  return answers;
}

/* One answer, with the id of the first request. */
static RetortAnswers *
one_answer (const char *completion)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();

  retort_answer_append ("0001", NULL, completion, completion ? NULL : "no answer", text);
  g_autofree char *path = retort_test_write (folder, "answers.jsonl", text->str);
  RetortAnswers *answers = retort_answers_load (path, diagnostics, &error);
  g_assert_no_error (error);
  return answers;
}

/* A document in a line: `id text | label:surface ... | relation(head,tail)`; checks that surfaces are in place. */
static gboolean
describe (const RetortDocument *document, gpointer user, GError **error)
{
  GString *out = user;
  const RetortLayer *layer = retort_document_layer (document, RETORT_LAYER_PREDICTED);

  if (!layer)
    layer = retort_document_layer (document, RETORT_LAYER_GOLD);
  g_assert_nonnull (layer);
  g_string_append_printf (out, "%s %s |", retort_document_id (document), retort_document_text (document, NULL));
  for (guint i = 0; i < retort_layer_n_entities (layer); i++) {
    const RetortEntity *entity = retort_layer_entity (layer, i);
    g_autofree char *surface = retort_entity_surface (document, entity);
    g_string_append_printf (out, " %s:%s", entity->label, surface);
  }
  for (guint i = 0; i < retort_layer_n_relations (layer); i++) {
    const RetortRelation *relation = retort_layer_relation (layer, i);
    g_string_append_printf (out, " %s(%u,%u)", relation->label, relation->head, relation->tail);
  }
  g_string_append_c (out, '\n');
  return TRUE;
}

static char *
losses (const RetortLedger *ledger)
{
  g_autoptr(JsonNode) node = retort_ledger_to_json (ledger);
  JsonObject *object = json_node_get_object (node);
  GString *out = g_string_new (NULL);
  static const char *const events_shown[] = { "dropped", "repaired" };

  for (guint i = 0; i < 2; i++) {
    JsonObject *event = json_object_get_object_member (object, events_shown[i]);
    g_autoptr(GList) reasons = json_object_get_members (event);
    for (GList *reason = reasons; reason; reason = reason->next)
      g_string_append_printf (out, "%s%s %d", out->len > 0 ? "; " : "", (char *) reason->data,
                              (int) json_object_get_int_member (event, reason->data));
  }
  return g_string_free (out, FALSE);
}

#define expect_made(yaml, task, completion, documents, lost)                                                           \
  G_STMT_START {                                                                                                       \
    g_autoptr(RetortPrompt) prompt_ = load_text (yaml, task, RETORT_PURPOSE_GENERATE);                                 \
    g_autoptr(RetortAnswers) answers_ = one_answer (completion);                                                       \
    g_autoptr(RetortLedger) ledger_ = retort_ledger_new (2);                                                           \
    g_autoptr(GString) out_ = g_string_new (NULL);                                                                     \
    g_autoptr(GError) error_ = NULL;                                                                                   \
    retort_prompt_parse_generated (prompt_, "s", answers_, 0, ledger_, describe, out_, &error_);                       \
    g_assert_no_error (error_);                                                                                        \
    g_assert_cmpstr (out_->str, ==, documents);                                                                        \
    g_autofree char *lost_ = losses (ledger_);                                                                         \
    g_assert_cmpstr (lost_, ==, lost);                                                                                 \
  }                                                                                                                    \
  G_STMT_END

/* A document with a gold entity for every (label, surface). */
static const RetortDocument *
document_of (RetortChunk *chunk, const char *id, const char *text, const char *const *entities)
{
  g_autoptr(GError) error = NULL;
  RetortDocumentBuilder *builder = retort_document_builder_new (chunk, id, text, -1, &error);

  retort_document_builder_add_layer (builder, RETORT_LAYER_GOLD, FALSE);
  for (guint i = 0; entities && entities[i]; i += 2) {
    const char *at = strstr (text, entities[i + 1]);
    const RetortSpan span = { at - text, at - text + strlen (entities[i + 1]) };
    retort_document_builder_add_span (builder, RETORT_LAYER_GOLD, entities[i], span, 1, &error);
  }
  g_assert_no_error (error);
  return retort_document_builder_seal (builder);
}

#define expect_read(yaml, task, text, completion, documents, lost)                                                     \
  G_STMT_START {                                                                                                       \
    g_autoptr(RetortPrompt) prompt_ = load_text (yaml, task, RETORT_PURPOSE_EXTRACT);                                  \
    g_autoptr(RetortAnswers) answers_ = one_answer (completion);                                                       \
    g_autoptr(RetortLedger) ledger_ = retort_ledger_new (2);                                                           \
    g_autoptr(GString) out_ = g_string_new (NULL);                                                                     \
    g_autoptr(GError) error_ = NULL;                                                                                   \
    g_autoptr(RetortChunk) chunk_ = retort_chunk_new ();                                                               \
    guint index_ = 0;                                                                                                  \
    retort_prompt_parse_extracted (prompt_, document_of (chunk_, "d", text, NULL), NULL, &index_, answers_, ledger_,   \
                                   describe, out_, &error_);                                                           \
    g_assert_no_error (error_);                                                                                        \
    g_assert_cmpstr (out_->str, ==, documents);                                                                        \
    g_autofree char *lost_ = losses (ledger_);                                                                         \
    g_assert_cmpstr (lost_, ==, lost);                                                                                 \
  }                                                                                                                    \
  G_STMT_END

/* --- files --- */

#define HEAD "retort-prompt: 1\n"
#define INLINE_FORM "form: {inline: {marks: {d: Disease}}}\n"
#define INLINE HEAD "instruction: Write.\n" INLINE_FORM

static void
test_grid (void)
{
  g_autoptr(RetortPrompt) prompt
      = load_text (HEAD "instruction: '{{a}} {{ b }}!'\nvariables: {a: [x, y], b: {one: '1', two: '2'}}\n" INLINE_FORM,
                   &diseases, RETORT_PURPOSE_GENERATE);
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (line_free);
  static const char *const wanted[] = { "x 1!", "x 2!", "y 1!", "y 2!" };

  g_assert_cmpuint (retort_prompt_n_cases (prompt), ==, 4);
  retort_prompt_render_cases (prompt, 0, keep_request, lines, NULL);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpstr (((Line *) lines->pdata[i])->prompt, ==, wanted[i]);
  g_assert_cmpstr (((Line *) lines->pdata[3])->id, ==, "0004");
  retort_prompt_render_cases (prompt, 1, keep_request, lines, NULL);
  g_assert_cmpstr (((Line *) lines->pdata[4])->id, ==, "0001.2");
}

static void
test_task_labels_and_examples (void)
{
  g_autoptr(RetortPrompt) prompt
      = load_text (HEAD "instruction: \"{{entities}}; {{relations}}\\n{{examples}}\\nText: {{text}}\"\n"
                        "examples: [{document: Zinc., answer: none}]\nform: {json: {}}\n",
                   &events, RETORT_PURPOSE_EXTRACT);
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (line_free);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  guint index = 0;

  retort_prompt_render_document (prompt, document_of (chunk, "d", "Iron {{x}}", NULL), NULL, &index, keep_request,
                                 lines, NULL);
  g_assert_cmpuint (index, ==, 1);
  g_assert_cmpstr (
      ((Line *)lines->pdata[0])->prompt, ==,
      "Drug, Effect; Adverse_event, Potential_therapeutic_event\nExample:\nZinc.\nAnswer:\nnone\nText: Iron {{x}}");
}

#define expect_complaints(yaml, task, purpose, wanted)                                                                 \
  G_STMT_START {                                                                                                       \
    g_autofree char *got_ = complaints (yaml, task, purpose);                                                          \
    g_assert_cmpstr (got_, ==, wanted);                                                                                \
  }                                                                                                                    \
  G_STMT_END

static void
test_wrong_files (void)
{
  expect_complaints (HEAD "instructions: x\nform: {inlin: {}}\n", &diseases, RETORT_PURPOSE_GENERATE,
                     "1:1 RT-703 'instruction' is missing\n"
                     "2:1 RT-701 a prompt file has no key 'instructions'\n"
                     "3:8 RT-701 'form' has no key 'inlin'\n");
  expect_complaints (HEAD "instruction: 'Write about {{topik}}.'\nvariables: {topic: [a]}\n" INLINE_FORM, &diseases,
                     RETORT_PURPOSE_GENERATE,
                     "2:27 RT-704 {{topik}} has no value\n3:20 RT-705 the instruction never says {{topic}}\n");
  expect_complaints (
      HEAD "instruction: '{{a}}{{b}}'\nvariables: {a: {x: X}}\ncases: [{a: y, b: 1}, {a: x}]\n" INLINE_FORM, &diseases,
      RETORT_PURPOSE_GENERATE, "4:13 RT-706 'y' is no value of 'a'\n4:23 RT-706 the case says nothing about 'b'\n");
  expect_complaints (INLINE "labels: [a]\n", &diseases, RETORT_PURPOSE_GENERATE,
                     "4:9 RT-702 'labels' takes a map, such as {a: b}\n");
  expect_complaints (INLINE, &diseases, RETORT_PURPOSE_EXTRACT,
                     "2:14 RT-704 the instruction never shows the document\n");
  expect_complaints (INLINE, &events, RETORT_PURPOSE_GENERATE,
                     "3:16 RT-709 the answers can hold no label of the task\n"
                     "3:28 RT-708 the task has no label 'Disease': what carries it will be dropped\n");
  expect_complaints (HEAD "instruction: x\nform: {list: {label: Disease}}\n", &diseases, RETORT_PURPOSE_GENERATE,
                     "3:14 RT-707 a list of mentions has no text: the form 'list' cannot generate\n");
}

/* --- answers, mended --- */

static void
test_inline_lines (void)
{
  expect_made (INLINE, &diseases, "A <d>gout</d> case\nNone here\n",
               "s/0001/1 A gout case | Disease:gout\ns/0001/2 None here |\n", "");
  expect_made (INLINE, &diseases, "Here are two:\r\n\r\n1. A <d>gout</d> case\r\n2. \"No disease\"\r\n",
               "s/0001/1 A gout case | Disease:gout\ns/0001/2 No disease |\n",
               "line ends 1; numbers or bullets before lines 2; quotes round a line 1; words around the answer 1");
  expect_made (INLINE, &diseases, "Sure!\n```text\n- <d>gout</d>\n```\nDone.", "s/0001/1 gout | Disease:gout\n",
               "code fence 1; numbers or bullets before lines 1; words around the answer 1");
  expect_made (INLINE, &diseases, "<think>ten lines...</think>\n<d>gout</d> and <x>pain</x>",
               "s/0001/1 gout and pain | Disease:gout\n", "unknown tag 2; reasoning left out 1");
  expect_made (INLINE, &diseases, "3. degree burns and <d>gout</d>",
               "s/0001/1 3. degree burns and gout | Disease:gout\n", "");
  expect_made (INLINE, &diseases, "<d><d>gout</d></d>", "s/0001/1 gout | Disease:gout\n", "same words marked twice 1");
}

static void
test_units_and_limits (void)
{
  expect_made (HEAD "instruction: x\nform: {inline: {unit: paragraph, marks: {d: Disease}}}\n", &diseases,
               "a\nb <d>c</d>\n\nd", "s/0001/1 a\nb c | Disease:c\ns/0001/2 d |\n", "");
  expect_made (HEAD "instruction: x\nlabels: {D: Disease, E: ''}\nform: {inline: {marks: {d: D, e: E}}}\n", &diseases,
               "<d>a</d> <e>b</e>", "s/0001/1 a b | Disease:a\n", "label is mapped to nothing 1");
}

#define JSON HEAD "instruction: x\nform: {json: {documents: docs, relation: {label: type, head: drug, tail: effect}}}\n"

static void
test_json (void)
{
  static const char one[]
      = "{\"text\":\"Zinc caused pain.\",\"entities\":[{\"id\":1,\"label\":\"Drug\",\"text\":\"Zinc\"},"
        "{\"id\":2,\"label\":\"Effect\",\"text\":\"pain\"}],\"relations\":[{\"type\":\"Adverse_event\",\"drug\":1,"
        "\"effect\":2}]}";
  static const char made[] = "s/0001/1 Zinc caused pain. | Drug:Zinc Effect:pain Adverse_event(0,1)\n";
  g_autofree char *whole = g_strdup_printf ("{\"docs\":[%s]}", one);
  g_autofree char *fenced = g_strdup_printf ("Here:\n```json\n{\"docs\":[%s,]}\n```", one);
  g_autofree char *around = g_strdup_printf ("Sure. {\"docs\":[%s]} I hope this helps {smile}", one);
  g_autofree char *cut = g_strdup_printf ("{\"docs\":[%s,{\"text\":\"Iron caused na", one);
  g_autofree char *bare = g_strdup_printf ("[%s]", one);

  expect_made (JSON, &events, whole, made, "");
  expect_made (JSON, &events, fenced, made, "code fence 1; trailing comma 1; words around the answer 1");
  expect_made (JSON, &events, around, made, "words around the answer 1");
  expect_made (JSON, &events, cut, made, "cut off 1; answer cut off 1");
  expect_made (JSON, &events, bare, made, "documents without their list 1");
  expect_made (JSON, &events, "no JSON at all", "", "answer is not JSON 1");
}

static void
test_json_losses (void)
{
  expect_made (
      JSON, &events,
      "{\"docs\":[{\"text\":\"Zinc caused pain.\",\"entities\":[{\"id\":1,\"label\":\"Drug\",\"text\":\"Iron\"},"
      "{\"id\":2,\"label\":\"Effect\",\"text\":\"pain\"},{\"id\":3,\"label\":\"Dose\",\"text\":\"Zinc\"}],"
      "\"relations\":["
      "{\"type\":\"Adverse_event\",\"drug\":1,\"effect\":2},{\"type\":\"Adverse_event\",\"drug\":7,\"effect\":2},"
      "{\"type\":\"Treats\",\"drug\":2,\"effect\":2}]}]}",
      "s/0001/1 Zinc caused pain. | Effect:pain\n",
      "argument of a relation was dropped 1; label is not of the task 1; mention is not in the text 1; "
      "relation is not of the task 1; relation names no entity 1");
  expect_made (
      JSON, &events,
      "{\"docs\":[{\"text\":\"Zinc caused pain.\",\"entities\":[{\"id\":\"a\",\"label\":\"Drug\",\"text\":\"zinc\"},"
      "{\"id\":\"b\",\"label\":\"Effect\",\"text\":\"pain\"}],\"relations\":[{\"type\":\"Adverse_event\",\"drug\":"
      "\"b\",\"effect\":\"a\"},"
      "{\"type\":\"Adverse_event\",\"drug\":\"a\",\"effect\":\"b\"}]},{\"text\":\"\"}]}",
      "s/0001/1 Zinc caused pain. | Drug:Zinc Effect:pain Adverse_event(0,1)\n",
      "no text 1; same relation twice 1; arguments were the other way round 1");
}

#define CHOICE                                                                                                         \
  HEAD "instruction: x\nform: {choice: {answers: {yes: association, no: ''}, marks: {gene: GENE, disease: "            \
       "DISEASE}}}\n"

static void
test_choice_lines (void)
{
  expect_made (CHOICE, &genes,
               "yes\t<gene>p53</gene> in <disease>gout</disease>\nno\t<gene>p53</gene> not in <disease>gout</disease>",
               "s/0001/1 p53 in gout | GENE:p53 DISEASE:gout association(0,1)\ns/0001/2 p53 not in gout | GENE:p53 "
               "DISEASE:gout\n",
               "");
  expect_made (CHOICE, &genes,
               "Yes: <gene>p53</gene> in <disease>gout</disease>\nmaybe\tx\nyes\t<gene>p53</gene> alone",
               "s/0001/1 p53 in gout | GENE:p53 DISEASE:gout association(0,1)\n",
               "line without an answer 1; not one pair that the answer could be about 1; no tab behind the answer 1");
}

#define LIST HEAD "instruction: '{{text}}'\nform: {list: {label: Disease}}\n"
#define LABELLED HEAD "instruction: '{{text}}'\nlabels: {Medicine: Drug}\nform: {list: {}}\n"

static void
test_list (void)
{
  expect_read (LIST, &diseases, "gout and asthma", "gout\nasthma\n",
               "d gout and asthma | Disease:gout Disease:asthma\n", "");
  expect_read (LIST, &diseases, "gout", "None.", "d gout |\n", "");
  expect_read (
      LIST, &diseases, "gout and asthma", "Mentions:\n1. \"gout\"\n2. asthma,\n3. none",
      "d gout and asthma | Disease:gout Disease:asthma\n",
      "'none' among mentions 1; numbers or bullets before lines 3; quotes round a mention 1; sign behind a mention 1; "
      "words around the answer 1");
  expect_read (LIST, &diseases, "gout and asthma", "gout, asthma", "d gout and asthma | Disease:gout Disease:asthma\n",
               "several mentions on one line 1");
  expect_read (LIST, &diseases, "gout", "rickets", "d gout |\n", "mention is not in the text 1");
  expect_read (LABELLED, &events, "Zinc caused pain", "Medicine: Zinc\nEffect: pain\nzinc",
               "d Zinc caused pain | Drug:Zinc Effect:pain\n", "line without a label 1");
}

static void
test_extract_inline (void)
{
  static const char form[] = HEAD "instruction: '{{text}}'\nform: {inline: {unit: answer, marks: {d: Disease}}}\n";

  expect_read (form, &diseases, "He has gout.", "He has <d>gout</d>.", "d He has gout. | Disease:gout\n", "");
  expect_read (form, &diseases, "the Wilms tumor gene", "The <d>Wilms tumour</d> gene",
               "d the Wilms tumor gene | Disease:Wilms tumor\n", "text was not copied exactly 1");
}

static void
test_unanswered (void)
{
  g_autoptr(RetortPrompt) prompt = load_text (LIST, &diseases, RETORT_PURPOSE_EXTRACT);
  g_autoptr(RetortAnswers) answers = one_answer (NULL);
  g_autoptr(RetortLedger) ledger = retort_ledger_new (2);
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  guint index = 0;

  retort_prompt_parse_extracted (prompt, document_of (chunk, "d1", "gout", NULL), NULL, &index, answers, ledger,
                                 describe, out, NULL);
  retort_prompt_parse_extracted (prompt, document_of (chunk, "d2", "gout", NULL), NULL, &index, answers, ledger,
                                 describe, out, NULL);
  g_assert_cmpstr (out->str, ==, "d1 gout |\nd2 gout |\n");
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_ANSWERS, "failed"), ==, 1);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_ANSWERS, "missing"), ==, 1);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_DOCUMENTS, "unanswered"), ==, 2);
}

static void
test_answers_of_others (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "answers.jsonl",
                                             "{\"id\":\"0001\",\"document\":\"other\",\"completion\":\"gout\"}\n");
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(RetortAnswers) answers = retort_answers_load (path, diagnostics, NULL);
  g_autoptr(RetortPrompt) prompt = load_text (LIST, &diseases, RETORT_PURPOSE_EXTRACT);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  g_autoptr(GError) error = NULL;
  guint index = 0;

  g_assert_false (retort_prompt_parse_extracted (prompt, document_of (chunk, "d", "gout", NULL), NULL, &index, answers,
                                                 NULL, describe, NULL, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
}

static void
test_choice_pairs (void)
{
  static const char *const entities[] = { "GENE", "BRCA1", "DISEASE", "gout", "DISEASE", "asthma", NULL };
  g_autoptr(RetortPrompt) prompt = load_named ("gene-disease-choice", &genes, RETORT_PURPOSE_EXTRACT);
  g_autoptr(RetortChunk) chunk = retort_chunk_new ();
  const RetortDocument *document = document_of (chunk, "d", "BRCA1 in gout, not asthma.", entities);
  g_autoptr(GPtrArray) asked = g_ptr_array_new_with_free_func (line_free),
                        given = g_ptr_array_new_with_free_func (line_free);
  g_autoptr(RetortLedger) ledger = retort_ledger_new (2);
  g_autoptr(GString) out = g_string_new (NULL);
  guint index = 0;

  retort_prompt_render_document (prompt, document, NULL, &index, keep_request, asked, NULL);
  g_assert_cmpuint (asked->len, ==, 2);
  g_assert_true (g_str_has_suffix (((Line *) asked->pdata[0])->prompt, "Sentence: @GENE$ in @DISEASE$, not asthma.\n"));
  g_assert_true (g_str_has_suffix (((Line *) asked->pdata[1])->prompt, "Sentence: @GENE$ in gout, not @DISEASE$.\n"));
  for (guint i = 0; i < 2; i++) {
    Line *line = g_new0 (Line, 1);
    line->completion = g_strdup (i == 0 ? "Yes, it does." : "no");
    g_ptr_array_add (given, line);
  }
  g_autoptr(RetortAnswers) answers = answers_of (asked, given);
  index = 0;
  retort_prompt_parse_extracted (prompt, document, NULL, &index, answers, ledger, describe, out, NULL);
  g_assert_cmpstr (out->str, ==,
                   "d BRCA1 in gout, not asthma. | GENE:BRCA1 DISEASE:gout DISEASE:asthma association(0,1)\n");
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_REPAIRED, "words around the answer"), ==, 1);
}

static void
test_files_round_trip (void)
{
  const char *const variables[] = { "a", "x \"y\"\n", "b", "\xc3\xa9" };
  const RetortRequest request = { sizeof request, "0001", 0, "d/1", "Say\t{}\n", 2, variables };
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *folder = retort_test_temp_folder ();
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (line_free);
  g_autoptr(GError) error = NULL;

  retort_request_append (&request, text);
  g_autofree char *path = retort_test_write (folder, "requests.jsonl", text->str);
  g_assert_true (retort_requests_read (path, keep_request, lines, diagnostics, &error));
  g_assert_cmpstr (((Line *) lines->pdata[0])->prompt, ==, request.prompt);
  g_assert_cmpstr (((Line *) lines->pdata[0])->document, ==, "d/1");
  g_assert_cmpstr (text->str, ==, "{\"id\":\"0001\",\"index\":0,\"document\":\"d/1\",\"prompt\":\"Say\\t{}\\n\","
                                  "\"variables\":{\"a\":\"x \\\"y\\\"\\n\",\"b\":\"\xc3\xa9\"}}\n");
}

static gboolean
refuse (const RetortRequest *request, gpointer user, GError **error)
{
  g_set_error (error, RETORT_ERROR, RETORT_ERROR_DATA, "not this one");
  return FALSE;
}

static void
test_refusal_is_no_bad_line (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (folder, "requests.jsonl", "{\"id\":\"1\",\"index\":0,\"prompt\":\"P\"}\n");
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;

  g_assert_false (retort_requests_read (path, refuse, NULL, diagnostics, &error));
  g_assert_cmpstr (error->message, ==, "not this one");
  retort_test_expect_diagnostics (diagnostics, "");
}

static void
test_malformed_lines (void)
{
  g_autofree char *folder = retort_test_temp_folder ();
  g_autofree char *path = retort_test_write (
      folder, "answers.jsonl",
      "{\"id\":\"1\",\"completion\":\"a\"}\n{\"id\":\"1\",\"completion\":\"b\"}\n{\"id\":2}\nnot JSON\n[]\n");
  g_autoptr(RetortDiagnostics) diagnostics = retort_diagnostics_new ();
  g_autoptr(GError) error = NULL;

  g_assert_null (retort_answers_load (path, diagnostics, &error));
  g_assert_error (error, RETORT_ERROR, RETORT_ERROR_DATA);
  g_assert_cmpuint (retort_diagnostics_count (diagnostics, RETORT_SEVERITY_ERROR), ==, 4);
}

/* --- the recordings --- */

/* Rendered prompts are those that were recorded, byte for byte, and give the documents that the data's README counts.
 */
static RetortLedger *
check_generate (const char *prompt_name, const char *recorded, const RetortTask *task, GString *out)
{
  g_autoptr(RetortPrompt) prompt = load_named (prompt_name, task, RETORT_PURPOSE_GENERATE);
  g_autofree char *relative = g_strconcat ("data/recordings/", recorded, ".jsonl", NULL);
  g_autofree char *path = retort_test_source_path (relative);
  g_autoptr(GPtrArray) lines = recordings (path), asked = g_ptr_array_new_with_free_func (line_free);
  RetortLedger *ledger = retort_ledger_new (3);
  g_autoptr(GError) error = NULL;

  retort_prompt_render_cases (prompt, 0, keep_request, asked, NULL);
  g_assert_cmpuint (asked->len, ==, lines->len);
  for (guint i = 0; i < lines->len; i++)
    g_assert_cmpstr (((Line *) asked->pdata[i])->prompt, ==, ((Line *) lines->pdata[i])->prompt);
  g_autoptr(RetortAnswers) answers = answers_of (asked, lines);
  retort_prompt_parse_generated (prompt, "s", answers, 0, ledger, describe, out, &error);
  g_assert_no_error (error);
  return ledger;
}

static guint
occurrences (const char *text, const char *what)
{
  guint n = 0;

  for (const char *p = text; (p = strstr (p, what)); p += strlen (what))
    n++;
  return n;
}

static void
show (const char *name, const RetortLedger *ledger)
{
  g_autoptr(JsonNode) node = retort_ledger_to_json (ledger);
  g_autofree char *json = json_to_string (node, FALSE);

  g_test_message ("%s: %s", name, json);
}

static void
test_recorded_diseases (void)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(RetortLedger) ledger = check_generate ("disease-inline", "disease-ner", &diseases, out);

  show ("disease-ner", ledger);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_DOCUMENTS, "made"), ==, 1920);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_MENTIONS, "exact"), ==, 2994);
  g_assert_cmpuint (occurrences (out->str, " Disease:"), ==, 2994);
  g_assert_cmpuint (retort_ledger_total (ledger, RETORT_LEDGER_DROPPED), ==, 0);
}

static void
test_recorded_events (void)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(RetortLedger) ledger = check_generate ("ade-json", "ade", &events, out);

  show ("ade", ledger);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_DOCUMENTS, "made"), ==, 800);
  g_assert_cmpuint (occurrences (out->str, " Drug:") + occurrences (out->str, " Effect:"), ==, 2041);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_RELATIONS, "made"), ==, 1147);
  g_assert_cmpuint (retort_ledger_total (ledger, RETORT_LEDGER_DROPPED), ==, 0);
}

static void
test_recorded_genes (void)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(RetortLedger) ledger = check_generate ("gene-disease-lines", "gene-disease-re", &genes, out);

  show ("gene-disease-re", ledger);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_DOCUMENTS, "made"), ==, 1440);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_RELATIONS, "made"), ==, 720);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_RELATIONS, "answered no"), ==, 720);
  g_assert_cmpuint (retort_ledger_total (ledger, RETORT_LEDGER_DROPPED), ==, 0);
}

/* A set of documents that a recording was about: id and text with marks of any kind. */
typedef struct {
  RetortChunk *chunk;
  GHashTable *by_id; /* id -> RetortDocument */
} Documents;

static void
documents_add (Documents *documents, const char *id, const char *marked_text, const char *const *entities)
{
  g_autoptr(RetortMarked) marked = retort_marked_parse (marked_text, -1, NULL, NULL, NULL);
  const RetortDocument *document = document_of (documents->chunk, id, marked->text, entities);

  g_hash_table_insert (documents->by_id, (gpointer) retort_document_id (document), (gpointer) document);
}

static RetortLedger *
check_extract (const char *prompt_name, const char *path, const RetortTask *task, Documents *documents, GString *out)
{
  g_autoptr(RetortPrompt) prompt = load_named (prompt_name, task, RETORT_PURPOSE_EXTRACT);
  g_autoptr(GPtrArray) lines = recordings (path), asked = g_ptr_array_new_with_free_func (line_free);
  RetortLedger *ledger = retort_ledger_new (3);
  g_autoptr(GError) error = NULL;
  guint index = 0;

  for (guint i = 0; i < lines->len; i++) {
    const Line *line = lines->pdata[i];
    const RetortDocument *document = g_hash_table_lookup (documents->by_id, line->document);
    g_assert_nonnull (document);
    retort_prompt_render_document (prompt, document, NULL, &index, keep_request, asked, NULL);
    g_assert_cmpuint (asked->len, ==, i + 1);
    g_assert_cmpstr (((Line *) asked->pdata[i])->prompt, ==, line->prompt);
  }
  g_autoptr(RetortAnswers) answers = answers_of (asked, lines);
  index = 0;
  for (guint i = 0; i < lines->len; i++) {
    const RetortDocument *document = g_hash_table_lookup (documents->by_id, ((Line *) lines->pdata[i])->document);
    retort_prompt_parse_extracted (prompt, document, NULL, &index, answers, ledger, describe, out, &error);
    g_assert_no_error (error);
  }
  g_hash_table_unref (documents->by_id);
  retort_chunk_unref (documents->chunk);
  return ledger;
}

static Documents
documents_new (void)
{
  return (Documents){ retort_chunk_new (), g_hash_table_new (g_str_hash, g_str_equal) };
}

static void
test_recorded_disease_answers (void)
{
  g_autofree char *corpus = retort_test_source_path ("data/mini/disease-test.txt");
  g_autofree char *path = retort_test_source_path ("data/recordings/mini-disease-zero-shot.jsonl");
  g_autofree char *text = NULL;
  g_autoptr(GString) out = g_string_new (NULL);
  Documents documents = documents_new ();

  g_assert_true (g_file_get_contents (corpus, &text, NULL, NULL));
  g_auto(GStrv) blocks = g_strsplit (text, "### ", -1);
  for (guint i = 1; blocks[i]; i++) {
    char *body = strchr (blocks[i], '\n');
    *body++ = '\0';
    documents_add (&documents, blocks[i], g_strdelimit (g_strstrip (body), "\n", ' '), NULL);
  }
  g_autoptr(RetortLedger) ledger = check_extract ("disease-list", path, &diseases, &documents, out);
  show ("mini-disease-zero-shot", ledger);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_DOCUMENTS, "answered"), ==, 40);
  g_assert_cmpuint (retort_ledger_total (ledger, RETORT_LEDGER_DROPPED), ==, 0);
  g_assert_cmpuint (occurrences (out->str, " Disease:"), ==,
                    retort_ledger_get (ledger, RETORT_LEDGER_MENTIONS, "exact"));
}

static void
test_recorded_event_answers (void)
{
  g_autofree char *corpus = retort_test_source_path ("data/mini/ade-test.tsv");
  g_autofree char *path = retort_test_source_path ("data/recordings/mini-ade-zero-shot.jsonl");
  g_autofree char *text = NULL;
  g_autoptr(GString) out = g_string_new (NULL);
  Documents documents = documents_new ();

  g_assert_true (g_file_get_contents (corpus, &text, NULL, NULL));
  g_auto(GStrv) rows = g_strsplit (text, "\n", -1);
  for (guint i = 0; rows[i] && *rows[i]; i++) {
    g_auto(GStrv) columns = g_strsplit (rows[i], "\t", -1);
    documents_add (&documents, columns[0], columns[1], NULL);
  }
  g_autoptr(RetortLedger) ledger = check_extract ("ade-extract", path, &events, &documents, out);
  show ("mini-ade-zero-shot", ledger);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_DOCUMENTS, "answered"), ==, 100);
  g_assert_cmpuint (retort_ledger_total (ledger, RETORT_LEDGER_DROPPED), ==, 0);
}

static void
test_recorded_ncbi_answers (void)
{
  g_autofree char *corpus = retort_test_shared_path ("data/ncbi-disease/devel.pubtator.txt");
  g_autofree char *path = retort_test_shared_path ("recordings/ncbi-devel-zero-shot.jsonl");
  g_autofree char *text = NULL;
  g_autoptr(GString) out = g_string_new (NULL);
  Documents documents = documents_new ();

  if (!corpus || !path) {
    g_test_skip ("no public corpora");
    return;
  }
  g_assert_true (g_file_get_contents (corpus, &text, NULL, NULL));
  g_auto(GStrv) rows = g_strsplit (text, "\n", -1);
  for (guint i = 0; rows[i]; i++) {
    char *bar = strstr (rows[i], "|t|");
    if (!bar)
      continue;
    g_autofree char *whole = g_strconcat (bar + 3, " ", strstr (rows[i + 1], "|a|") + 3, NULL);
    *bar = '\0';
    g_hash_table_insert (documents.by_id, rows[i], (gpointer) document_of (documents.chunk, rows[i], whole, NULL));
  }
  g_autoptr(RetortLedger) ledger = check_extract ("disease-list", path, &diseases, &documents, out);
  show ("ncbi-devel-zero-shot", ledger);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_MENTIONS, "exact"), ==, 747);
  g_assert_cmpuint (retort_ledger_total (ledger, RETORT_LEDGER_DROPPED), ==, 0);
}

static void
test_recorded_gad_answers (void)
{
  static const char *const entities[] = { "GENE", "@GENE$", "DISEASE", "@DISEASE$", NULL };
  g_autofree char *corpus = retort_test_shared_path ("data/gad/dev.tsv");
  g_autofree char *path = retort_test_shared_path ("recordings/gad-dev-zero-shot.jsonl");
  g_autofree char *text = NULL;
  g_autoptr(GString) out = g_string_new (NULL);
  Documents documents = documents_new ();

  if (!corpus || !path) {
    g_test_skip ("no public corpora");
    return;
  }
  g_assert_true (g_file_get_contents (corpus, &text, NULL, NULL));
  g_auto(GStrv) rows = g_strsplit (text, "\n", -1);
  for (guint i = 0; rows[i] && *rows[i]; i++) {
    g_auto(GStrv) columns = g_strsplit (rows[i], "\t", -1);
    g_autofree char *id = g_strdup_printf ("%u", i);
    const RetortDocument *document = document_of (documents.chunk, id, columns[0], entities);
    g_hash_table_insert (documents.by_id, (gpointer) retort_document_id (document), (gpointer) document);
  }
  g_autoptr(RetortLedger) ledger = check_extract ("gene-disease-choice", path, &genes, &documents, out);
  show ("gad-dev-zero-shot", ledger);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_RELATIONS, "made"), ==, 365);
  g_assert_cmpuint (retort_ledger_get (ledger, RETORT_LEDGER_RELATIONS, "answered no"), ==, 169);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prompt/file/grid-varies-the-first-slowest", test_grid);
  g_test_add_func ("/prompt/file/labels-and-examples", test_task_labels_and_examples);
  g_test_add_func ("/prompt/file/what-is-wrong-is-said-with-its-place", test_wrong_files);
  g_test_add_func ("/prompt/generate/lines", test_inline_lines);
  g_test_add_func ("/prompt/generate/units-and-label-map", test_units_and_limits);
  g_test_add_func ("/prompt/generate/json-is-mended", test_json);
  g_test_add_func ("/prompt/generate/json-losses-are-counted", test_json_losses);
  g_test_add_func ("/prompt/generate/choice-lines", test_choice_lines);
  g_test_add_func ("/prompt/extract/list", test_list);
  g_test_add_func ("/prompt/extract/inline", test_extract_inline);
  g_test_add_func ("/prompt/extract/unanswered-documents-come-out", test_unanswered);
  g_test_add_func ("/prompt/extract/answers-about-others-are-refused", test_answers_of_others);
  g_test_add_func ("/prompt/extract/choice-asks-about-every-pair", test_choice_pairs);
  g_test_add_func ("/prompt/files/round-trip", test_files_round_trip);
  g_test_add_func ("/prompt/files/malformed-lines", test_malformed_lines);
  g_test_add_func ("/prompt/files/a-refused-request-is-no-bad-line", test_refusal_is_no_bad_line);
  g_test_add_func ("/prompt/recorded/disease-ner", test_recorded_diseases);
  g_test_add_func ("/prompt/recorded/ade", test_recorded_events);
  g_test_add_func ("/prompt/recorded/gene-disease-re", test_recorded_genes);
  g_test_add_func ("/prompt/recorded/mini-disease-zero-shot", test_recorded_disease_answers);
  g_test_add_func ("/prompt/recorded/mini-ade-zero-shot", test_recorded_event_answers);
  g_test_add_func ("/prompt/recorded/ncbi-devel-zero-shot", test_recorded_ncbi_answers);
  g_test_add_func ("/prompt/recorded/gad-dev-zero-shot", test_recorded_gad_answers);
  return g_test_run ();
}
