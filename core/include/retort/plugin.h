/* plugin - the one symbol that a plugin exports, and the role of each kind.
 *
 * A plugin is a shared object KIND-NAME.so that exports `retort_plugin` and nothing else:
 *
 *   static const RetortTokenizerRole role = { sizeof role, .tokenize = tokenize };
 *   static const RetortPlugin plugin = {
 *     RETORT_PLUGIN_HEADER, .kind = RETORT_KIND_TOKENIZER, .name = "mine", .behaviour = 1, .version = "1.0",
 *     .licence = "MIT", .summary = "Words at spaces.", .role = &role,
 *   };
 *   RETORT_PLUGIN_EXPORT (plugin)
 *
 * Nothing of a plugin runs when it is loaded, and it is never unloaded. Every struct begins with its size; fields are
 * only appended, so an older plugin's missing fields read as zero. Functions that may fail set a GError.
 *
 * Thread rules: `open`, `train`, `load`, `close` are called by one thread. `tokenize`, `predict`, `count`, `measure`
 * may be called on one instance by several threads at once, so they change nothing in it. A plugin keeps no globals,
 * leaves no threads running, and prints nothing. */
#pragma once

#include <gmodule.h>
#include <retort/context.h>
#include <retort/corpus.h>
#include <retort/json.h>
#include <retort/option.h>
#include <retort/tags.h>
#include <retort/task.h>

G_BEGIN_DECLS

#define RETORT_ABI_MAJOR 1
#define RETORT_ABI_MINOR 0

typedef enum {
  RETORT_KIND_GENERATOR, RETORT_KIND_TOKENIZER, RETORT_KIND_MODEL, RETORT_KIND_EVALUATOR, RETORT_KIND_FORMAT,
  RETORT_KIND_FILTER,
} RetortKind;

/* An example is the first test and the documentation at once: options as YAML, input, and what must come out. What
 * input and output look like depends on the kind; see docs/plugin-guide.md. */
typedef struct {
  const char *title;
  const char *options; /* YAML map, or NULL */
  const char *input;
  const char *output;
} RetortExample;

typedef struct {
  gsize size;
  guint16 abi_major, abi_minor;
  gsize option_stride, example_stride; /* sizeof (RetortOption), sizeof (RetortExample) where the plugin was built */
  RetortKind kind;
  const char *name;             /* lower case, digits, dashes */
  guint behaviour;              /* raised whenever the same input gives other output; part of every key */
  const char *version;
  const char *licence;
  const char *summary;          /* one sentence */
  const RetortOption *options;  /* [n_options] */
  gsize n_options;
  gsize options_size;           /* sizeof the struct that the options fill */
  const RetortExample *examples; /* [n_examples] */
  gsize n_examples;
  const void *role;             /* the role struct of the kind */

  /* Makes an instance. `options` is filled, checked, and outlives the instance. NULL function: the instance is the
   * options struct itself. For what the table cannot check, set RETORT_ERROR_DATA. */
  void *(*open) (RetortContext *context, const void *options, GError **error);
  void (*close) (void *self);
} RetortPlugin;

#define RETORT_PLUGIN_HEADER \
  .size = sizeof (RetortPlugin), .abi_major = RETORT_ABI_MAJOR, .abi_minor = RETORT_ABI_MINOR, \
  .option_stride = sizeof (RetortOption), .example_stride = sizeof (RetortExample)
#define RETORT_PLUGIN_OPTIONS(S, table) \
  .options = table, .n_options = G_N_ELEMENTS (table), .options_size = sizeof (S)
#define RETORT_PLUGIN_EXAMPLES(table) .examples = table, .n_examples = G_N_ELEMENTS (table)
#define RETORT_PLUGIN_EXPORT(plugin) \
  G_MODULE_EXPORT const RetortPlugin *retort_plugin (void); \
  const RetortPlugin *retort_plugin (void) { return &plugin; }

/* --- tokenizer: text -> tokens and sentences --- */

typedef struct {
  GArray *tokens;    /* RetortSpan; sorted, apart, no white space at their edges */
  GArray *sentences; /* RetortSpan; sorted, apart; every token lies inside one */
} RetortTokens;

typedef struct {
  gsize size;
  gboolean subwords; /* tokens are pieces of words; only models that ask for it take them */
  /* Appends to the two arrays, which come empty. */
  gboolean (*tokenize) (void *self, const char *text, gsize n_bytes, RetortTokens *tokens, GError **error);
} RetortTokenizerRole;

/* --- model: learns from the gold layer, predicts --- */

typedef enum { RETORT_WANT_ENTITIES = 1 << 0, RETORT_WANT_RELATIONS = 1 << 1 } RetortWant;

typedef struct _RetortBytes RetortBytes; /* where a model writes itself */
gboolean retort_bytes_write (RetortBytes *bytes, const void *data, gsize n_bytes, GError **error);

typedef struct {
  gsize size;
  RetortWant tasks;  /* what it can learn; more than one: one model holds both */
  guint batch;       /* documents it likes to get at once in predict; 0 counts as 1 */
  /* Documents are tokenized, and their gold layer is there. `dev` may be NULL. Called once on a fresh instance. */
  gboolean (*train) (void *self, RetortContext *context, const RetortTask *task, const RetortCorpus *train,
                     const RetortCorpus *dev, GError **error);
  gboolean (*save) (void *self, RetortBytes *out, GError **error);
  /* On a fresh instance with the options of its training. The bytes are a read-only mapping of the model file,
   * aligned to 64, checked against their digest, and outlive the instance. */
  gboolean (*load) (void *self, RetortContext *context, const RetortTask *task, const guint8 *bytes, gsize n_bytes,
                    GError **error);
  /* Adds to the layer "predicted" of out[i] what is wanted. Where entities are not wanted they are given: the layer
   * "predicted" of documents[i] has them, and relations refer to their indices. */
  gboolean (*predict) (void *self, RetortContext *context, RetortWant want, const RetortDocument *const *documents,
                       RetortDocumentBuilder *const *out, gsize n_documents, GError **error);
  /* Optional: lines of text about what the model has learnt (`retort inspect MODEL`). */
  gboolean (*describe) (void *self, GString *out, GError **error);
} RetortModelRole;

/* --- evaluator: gold and predicted -> counts per document -> named numbers --- */

typedef struct {
  const char *name;      /* "strict.micro.f1" */
  const char *label;     /* the entity or relation label it is about, or NULL: over all */
  gint support_column;   /* the column whose sum is its support (gold items), or -1 */
  gint tp, fp, fn;       /* the columns behind it, for people; -1 where that means nothing */
  const guint *needs;    /* [n_needs] the only columns it is made of, so that resampling sums no others; NULL: all */
  guint n_needs;
} RetortMetric;

/* What an evaluator counts for one task. Arrays are owned by the instance. */
typedef struct {
  gsize size;
  const char *const *columns;   /* [n_columns] names of the counts: "strict.Disease.tp" */
  guint n_columns;
  const RetortMetric *metrics;  /* [n_metrics]; the first is the one to show where nobody says which */
  guint n_metrics;
} RetortMeasures;

typedef struct {
  gsize size;
  RetortWant tasks;
  /* Called once, before the others. */
  const RetortMeasures *(*prepare) (void *self, const RetortTask *task, GError **error);
  /* Adds one document's counts to columns [n_columns]. `gold` has the layer "gold", `predicted` the layer
   * "predicted"; both have the same id and text. */
  gboolean (*count) (void *self, const RetortDocument *gold, const RetortDocument *predicted, gint64 *columns,
                     GError **error);
  /* From sums over any set of documents (an average of sums too, hence doubles) to values [n_metrics]; NAN where
   * undefined, e.g. recall without gold. Must be cheap: intervals and tests call it thousands of times. */
  void (*measure) (void *self, const double *sums, double *values);
} RetortEvaluatorRole;

/* --- generator: asks a language model --- */

typedef struct {
  gsize size;
  const char *id;        /* "render/0007": unique and stable within the step */
  guint index;           /* from 0, in the step's order */
  const char *document;  /* the document asked about, or NULL when text is to be written */
  const char *prompt;
  guint n_variables;     /* what the prompt was rendered from */
  const char *const *variables; /* [2 n_variables] name, value, ... */
} RetortRequest;

typedef struct {
  gsize size;
  /* Local generators answer at once: appends the completion. RETORT_ERROR_DATA: this request has no answer (counted,
   * the others go on); any other error ends the step. */
  gboolean (*answer) (void *self, RetortContext *context, const RetortRequest *request, GString *completion,
                      GError **error);
} RetortGeneratorRole;

/* --- format: foreign files <-> documents --- */

typedef struct {
  gsize size;
  const char *const *extensions; /* NULL-terminated: ".pubtator.txt"; for guessing by name */
  RetortUnit unit;               /* of the offsets in its files */
  const char *cannot_hold;       /* what writing loses: "relations, scores", or NULL */
  /* Pushes every document. What is wrong in the file goes to the context's diagnostics, and reading goes on where it
   * can; the engine fails the step afterwards if there was an error among them. Annotations go to the layer gold. */
  gboolean (*read) (void *self, RetortContext *context, const char *path, RetortCorpusSink *sink, GError **error);
  /* Writes the layer `layer` of each document. Optional. */
  gboolean (*write) (void *self, RetortContext *context, RetortCorpusReader *documents, const char *layer,
                     const char *path, GError **error);
  gboolean writes_tokens; /* `write` needs documents that have been cut into tokens */
} RetortFormatRole;

/* --- filter: corpus -> corpus --- */

typedef struct {
  gsize size;
  gboolean needs_tokens;
  /* Reads (and may rewind) `in`, pushes what stays. Says in counters what it did. */
  gboolean (*run) (void *self, RetortContext *context, RetortCorpusReader *in, RetortCorpusSink *out, GError **error);
} RetortFilterRole;

G_END_DECLS
