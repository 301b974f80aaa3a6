/* elf - a look at a shared object before the loader gets it (System V ABI, "Object Files").
 *
 * dlopen maps segments without asking for the size of the file, so a plugin that was copied by half kills the process
 * with SIGBUS. Nothing here trusts a number of the file before it has been compared with the file's size. */
#include "plugin/elf.h"

#include <link.h>
#include <retort/error.h>
#include <string.h>

#if __SIZEOF_POINTER__ == 8
#define OWN_CLASS ELFCLASS64
#else
#define OWN_CLASS ELFCLASS32
#endif
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
#define OWN_ORDER ELFDATA2LSB
#else
#define OWN_ORDER ELFDATA2MSB
#endif

static gboolean check_header (const char *bytes, gsize n_bytes, ElfW (Ehdr) *header, GError **error);
static char *find_build_id (const char *notes, gsize n_bytes);
static gboolean read_own_machine (guint16 *machine);
static gboolean refuse (GError **error, const char *why);

char *
retort_elf_check (const char *path, GError **error)
{
  /* To open a pipe would wait for a writer. */
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    refuse (error, "it is no ordinary file");
    return NULL;
  }
  g_autoptr (GError) failure = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &failure);
  g_autofree char *build_id = NULL;
  ElfW (Ehdr) header;

  if (file == NULL) {
    refuse (error, failure->message);
    return NULL;
  }
  const char *bytes = g_mapped_file_get_contents (file);
  const gsize n_bytes = g_mapped_file_get_length (file);
  if (!check_header (bytes, n_bytes, &header, error))
    return NULL;

  for (guint i = 0; i < header.e_phnum; i++) {
    ElfW (Phdr) segment;
    memcpy (&segment, bytes + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_offset > n_bytes || segment.p_filesz > n_bytes - segment.p_offset) {
      refuse (error, "the file is cut short; copy or build it again");
      return NULL;
    }
    if (segment.p_type == PT_NOTE && build_id == NULL)
      build_id = find_build_id (bytes + segment.p_offset, segment.p_filesz);
  }
  return build_id ? g_steal_pointer (&build_id) : g_strdup ("");
}

static gboolean
check_header (const char *bytes, gsize n_bytes, ElfW (Ehdr) *header, GError **error)
{
  guint16 machine;

  if (n_bytes == 0)
    return refuse (error, "the file is empty");
  if (n_bytes < SELFMAG || memcmp (bytes, ELFMAG, SELFMAG) != 0)
    return refuse (error, "it is not a shared object (it has no ELF header)");
  if (n_bytes < sizeof *header)
    return refuse (error, "the file is cut short; copy or build it again");
  memcpy (header, bytes, sizeof *header);
  if (header->e_ident[EI_CLASS] != OWN_CLASS || header->e_ident[EI_DATA] != OWN_ORDER ||
      (read_own_machine (&machine) && header->e_machine != machine))
    return refuse (error, "it was built for another kind of machine; build it here");
  if (header->e_type != ET_DYN)
    return refuse (error, "it is an object or program, not a shared object; link it with -shared");
  if (header->e_phentsize != sizeof (ElfW (Phdr)) || header->e_phoff > n_bytes ||
      (n_bytes - header->e_phoff) / sizeof (ElfW (Phdr)) < header->e_phnum)
    return refuse (error, "the file is cut short; copy or build it again");
  return TRUE;
}

static char *
find_build_id (const char *notes, gsize n_bytes)
{
  while (n_bytes >= sizeof (ElfW (Nhdr))) {
    ElfW (Nhdr) note;
    memcpy (&note, notes, sizeof note);
    const gsize name_bytes = ((gsize) note.n_namesz + 3) / 4 * 4, text_bytes = ((gsize) note.n_descsz + 3) / 4 * 4;
    if (name_bytes + text_bytes > n_bytes - sizeof note)
      return NULL;
    const guint8 *text = (const guint8 *) notes + sizeof note + name_bytes;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp (notes + sizeof note, "GNU", 4) == 0) {
      GString *hex = g_string_new (NULL);
      for (guint i = 0; i < note.n_descsz; i++)
        g_string_append_printf (hex, "%02x", text[i]);
      return g_string_free (hex, FALSE);
    }
    notes += sizeof note + name_bytes + text_bytes;
    n_bytes -= sizeof note + name_bytes + text_bytes;
  }
  return NULL;
}

/* The running program is of our machine, whatever that is called. */
static gboolean
read_own_machine (guint16 *machine)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new ("/proc/self/exe", FALSE, NULL);
  ElfW (Ehdr) header;

  if (file == NULL || g_mapped_file_get_length (file) < sizeof header)
    return FALSE;
  memcpy (&header, g_mapped_file_get_contents (file), sizeof header);
  *machine = header.e_machine;
  return TRUE;
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, RETORT_ERROR, RETORT_ERROR_PLUGIN, why);
  return FALSE;
}
