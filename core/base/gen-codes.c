/* gen-codes - turns errors.yaml into codes.h, codes-table.c or errors.md, on stdout.
 *
 * Runs while Retort is built, so it uses libyaml alone. A registry that is wrong in any way (unknown or missing
 * field, number out of order, odd name) stops the build. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { CODE, NAME, SEVERITY, TITLE, EXPLAIN, EXAMPLE, N_FIELDS };
static const char *const field_names[N_FIELDS] = { "code", "name", "severity", "title", "explain", "example" };

typedef struct {
  const char *fields[N_FIELDS]; /* NULL: absent */
} Entry;

typedef struct {
  Entry *entries;
  size_t n;
} Registry;

static Registry read_registry (const char *path, yaml_document_t *document);
static void write_header (const Registry *registry);
static void write_table (const Registry *registry);
static void write_markdown (const Registry *registry);

static const struct {
  const char *mode;
  void (*write) (const Registry *registry);
} modes[] = { { "header", write_header }, { "table", write_table }, { "markdown", write_markdown } };

int
main (int argc, char **argv)
{
  for (size_t i = 0; argc == 3 && i < sizeof modes / sizeof *modes; i++)
    if (strcmp (argv[1], modes[i].mode) == 0) {
      yaml_document_t document;
      Registry registry = read_registry (argv[2], &document);
      modes[i].write (&registry);
      free (registry.entries);
      yaml_document_delete (&document);
      return fflush (stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
  fputs ("usage: gen-codes header|table|markdown errors.yaml\n", stderr);
  return EXIT_FAILURE;
}

static _Noreturn void
stop (const char *path, size_t line, const char *what, const char *word)
{
  fprintf (stderr, "%s:%zu: %s%s%s\n", path, line + 1, what, word ? ": " : "", word ? word : "");
  exit (EXIT_FAILURE);
}

static int
field_of (const char *name)
{
  for (int i = 0; i < N_FIELDS; i++)
    if (strcmp (name, field_names[i]) == 0)
      return i;
  return -1;
}

static Entry
read_entry (const char *path, yaml_document_t *document, const yaml_node_t *node)
{
  Entry entry = { { NULL } };

  if (node->type != YAML_MAPPING_NODE)
    stop (path, node->start_mark.line, "a map is wanted here", NULL);
  for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
    const yaml_node_t *key = yaml_document_get_node (document, pair->key);
    const yaml_node_t *value = yaml_document_get_node (document, pair->value);
    if (key->type != YAML_SCALAR_NODE || value->type != YAML_SCALAR_NODE)
      stop (path, key->start_mark.line, "key and value must be scalars", NULL);
    const char *name = (const char *)key->data.scalar.value;
    const int field = field_of (name);
    if (field < 0 || entry.fields[field])
      stop (path, key->start_mark.line, field < 0 ? "unknown field" : "field given twice", name);
    entry.fields[field] = (const char *)value->data.scalar.value;
  }
  for (int i = 0; i < EXAMPLE; i++)
    if (!entry.fields[i] || !*entry.fields[i])
      stop (path, node->start_mark.line, "missing field", field_names[i]);
  return entry;
}

static void
check_entry (const char *path, size_t line, const Registry *before, const Entry *entry)
{
  const char *severity = entry->fields[SEVERITY];

  if (strlen (entry->fields[CODE]) != 3 || strspn (entry->fields[CODE], "0123456789") != 3)
    stop (path, line, "a code has three digits", entry->fields[CODE]);
  if (before->n > 0 && strcmp (before->entries[before->n - 1].fields[CODE], entry->fields[CODE]) >= 0)
    stop (path, line, "codes must ascend", entry->fields[CODE]);
  if (strspn (entry->fields[NAME], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen (entry->fields[NAME]))
    stop (path, line, "a name is UPPER_CASE", entry->fields[NAME]);
  for (size_t i = 0; i < before->n; i++)
    if (strcmp (before->entries[i].fields[NAME], entry->fields[NAME]) == 0)
      stop (path, line, "name used twice", entry->fields[NAME]);
  if (strcmp (severity, "error") != 0 && strcmp (severity, "warning") != 0 && strcmp (severity, "note") != 0)
    stop (path, line, "unknown severity", severity);
  if (strstr (entry->fields[TITLE], "*/") || strchr (entry->fields[TITLE], '\n'))
    stop (path, line, "a title is one line of plain text", entry->fields[TITLE]);
}

static Registry
read_registry (const char *path, yaml_document_t *document)
{
  Registry registry = { NULL, 0 };
  yaml_parser_t parser;
  FILE *file = fopen (path, "rb");

  if (!file)
    stop (path, 0, "cannot be opened", NULL);
  yaml_parser_initialize (&parser);
  yaml_parser_set_input_file (&parser, file);
  if (!yaml_parser_load (&parser, document))
    stop (path, parser.problem_mark.line, parser.problem ? parser.problem : "cannot be read", NULL);

  const yaml_node_t *root = yaml_document_get_root_node (document);
  if (!root || root->type != YAML_SEQUENCE_NODE)
    stop (path, 0, "a sequence is wanted", NULL);
  registry.entries = calloc ((size_t)(root->data.sequence.items.top - root->data.sequence.items.start) + 1,
                             sizeof *registry.entries);
  for (yaml_node_item_t *item = root->data.sequence.items.start; item < root->data.sequence.items.top; item++) {
    const yaml_node_t *node = yaml_document_get_node (document, *item);
    const Entry entry = read_entry (path, document, node);
    check_entry (path, node->start_mark.line, &registry, &entry);
    registry.entries[registry.n++] = entry;
  }
  yaml_parser_delete (&parser);
  fclose (file);
  return registry;
}

static void
write_header (const Registry *registry)
{
  puts ("/* codes - the codes of diagnostics. Generated from core/base/errors.yaml: change that file. */\n"
        "#pragma once\n\n"
        "typedef enum {");
  for (size_t i = 0; i < registry->n; i++) {
    const Entry *entry = &registry->entries[i];
    printf ("  /* %s: %s. */\n", entry->fields[SEVERITY], entry->fields[TITLE]);
    printf ("  RETORT_CODE_%s = %s,\n", entry->fields[NAME], entry->fields[CODE]);
  }
  puts ("} RetortCode;");
}

static void
write_c_string (const char *text)
{
  if (!text) {
    fputs ("NULL", stdout);
    return;
  }
  putchar ('"');
  for (const unsigned char *c = (const unsigned char *)text; *c; c++)
    if (*c == '\n')
      fputs (c[1] ? "\\n\"\n    \"" : "\\n", stdout);
    else if (*c == '"' || *c == '\\' || *c == '?' || *c < 0x20 || *c >= 0x7f)
      printf ("\\%03o", *c);
    else
      putchar (*c);
  putchar ('"');
}

static void
write_table (const Registry *registry)
{
  puts ("/* codes-table - what `retort explain` says. Generated from core/base/errors.yaml: change that file. */\n"
        "#include \"base/code-info.h\"\n\n"
        "const RetortCodeInfo retort_code_table[] = {");
  for (size_t i = 0; i < registry->n; i++) {
    const Entry *entry = &registry->entries[i];
    printf ("  { RETORT_CODE_%s, RETORT_SEVERITY_", entry->fields[NAME]);
    for (const char *c = entry->fields[SEVERITY]; *c; c++)
      putchar (toupper ((unsigned char)*c));
    static const int texts[] = { NAME, TITLE, EXPLAIN, EXAMPLE };
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
      fputs (",\n    ", stdout);
      write_c_string (entry->fields[texts[t]]);
    }
    puts (" },");
  }
  printf ("};\n\nconst guint retort_code_table_n = %zu;\n", registry->n);
}

static void
write_markdown (const Registry *registry)
{
  puts ("<!-- Generated from core/base/errors.yaml: change that file. -->\n"
        "# Diagnostic codes\n\n"
        "`retort explain CODE` prints the same text. A number is never used again for something else.");
  for (size_t i = 0; i < registry->n; i++) {
    const Entry *entry = &registry->entries[i];
    printf ("\n## RT-%s %s\n\n*%s*\n\n%s", entry->fields[CODE], entry->fields[TITLE], entry->fields[SEVERITY],
            entry->fields[EXPLAIN]);
    if (entry->fields[EXPLAIN][strlen (entry->fields[EXPLAIN]) - 1] != '\n')
      putchar ('\n');
    if (entry->fields[EXAMPLE]) {
      printf ("\nFor example:\n\n```\n%s", entry->fields[EXAMPLE]);
      if (entry->fields[EXAMPLE][0] && entry->fields[EXAMPLE][strlen (entry->fields[EXAMPLE]) - 1] != '\n')
        putchar ('\n');
      puts ("```");
    }
  }
}
