/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The frame of an ELF file, by elf(5) and the System V ABI's "Object Files":
 * sections are for the linker and hold names, segments are for the loader and
 * say which part of the file is mapped where.
 *
 * libelf reads, by pread(2): over a mapping, whoever truncates the file would
 * end this process with SIGBUS. It mends silently what it finds (a table that
 * ends behind the file is cut, a string without an end is none), so each offset
 * and each size is held against the file's size here, before libelf is asked,
 * and what is wrong has a name. What is done for a file is bounded by its size:
 * its sections can't overlap, so all of them together are no longer than it.
 */
#include "binary_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sys.h"

/* No symbol table is larger; a sparse file costs its maker nothing. */
/* In all, of one file; and of a segment of notes. */
#define MOST_BYTES    (UINT64_C(1) << 30)
#define LARGEST_NOTES (UINT64_C(1) << 20)

struct binary_file {
	struct log *log;
	char *name;
	/* The copy of what was given as memory; libelf wants it writable. */
	char *bytes;
	uint64_t size;
	Elf *elf;
	GElf_Ehdr header;
	size_t section_count;
	size_t segment_count;
	/* Of what may still be read, and which sections have been. */
	uint64_t budget;
	bool *is_read;
	struct binary_strings section_names;
};

struct log *binary_file_get_log(const struct binary_file *file)
{
	return file->log;
}

const char *binary_file_get_name(const struct binary_file *file)
{
	return file->name;
}

uint16_t binary_file_get_machine(const struct binary_file *file)
{
	return file->header.e_machine;
}

bool binary_file_is_64bit(const struct binary_file *file)
{
	return file->header.e_ident[EI_CLASS] == ELFCLASS64;
}

size_t binary_file_get_item_bytes(const struct binary_file *file, Elf_Type type,
				  size_t count)
{
	return gelf_fsize(file->elf, type, count, EV_CURRENT);
}

static bool is_inside(const struct binary_file *file, uint64_t offset,
		      uint64_t size)
{
	return offset <= file->size && size <= file->size - offset;
}

static int fail_truncated(struct binary_file *file, const char *what,
			  uint64_t offset, uint64_t size)
{
	return fail(file->log, -EBADMSG,
		    "%s is truncated: its %s, %" PRIu64 " bytes at %#" PRIx64
		    ", should end within the file's %" PRIu64 " bytes",
		    file->name, what, size, offset, file->size);
}

static int check_kind(struct binary_file *file)
{
	switch (elf_kind(file->elf)) {
	case ELF_K_ELF:
		return 0;
	case ELF_K_AR:
		fail(file->log, -ENOEXEC, "%s is an archive of object files",
		     file->name);
		return fail_remedy(file->log,
				   "name the program it is linked into");
	default:
		return fail(file->log, -ENOEXEC, "%s is not an ELF file",
			    file->name);
	}
}

static int check_type(struct binary_file *file)
{
	switch (file->header.e_type) {
	case ET_EXEC:
	case ET_DYN:
		return 0;
	case ET_REL:
		fail(file->log, -ENOEXEC,
		     "%s is an object file, whose addresses are not known yet",
		     file->name);
		return fail_remedy(file->log, "name the program or the shared "
					      "library it is linked into");
	case ET_CORE:
		fail(file->log, -ENOEXEC, "%s is a core file", file->name);
		return fail_remedy(file->log, "name the program that dumped "
					      "it");
	default:
		return fail(file->log, -ENOEXEC,
			    "%s is neither a program nor a shared library: ELF "
			    "type %u",
			    file->name, file->header.e_type);
	}
}

/* What can't run here can't be probed here either. */
static int check_byte_order(struct binary_file *file)
{
	const int own = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ?
				ELFDATA2LSB :
				ELFDATA2MSB;

	if (file->header.e_ident[EI_DATA] == own)
		return 0;
	return fail(file->log, -ENOEXEC,
		    "%s is for a machine of the other byte order", file->name);
}

static int check_tables(struct binary_file *file)
{
	GElf_Ehdr *header = &file->header;
	size_t segments, sections, bytes;

	if (elf_getphdrnum(file->elf, &segments) ||
	    elf_getshdrnum(file->elf, &sections))
		return fail(file->log, -EBADMSG,
			    "%s: its headers can't be read: %s", file->name,
			    elf_errmsg(-1));
	/* libelf's numbers are cut to what is there. */
	if (header->e_phnum > segments && header->e_phnum != PN_XNUM)
		segments = header->e_phnum;
	if (header->e_shnum > sections)
		sections = header->e_shnum;
	bytes = binary_file_get_item_bytes(file, ELF_T_PHDR, segments);
	if (segments && !is_inside(file, header->e_phoff, bytes))
		return fail_truncated(file, "program headers", header->e_phoff,
				      bytes);
	bytes = binary_file_get_item_bytes(file, ELF_T_SHDR, sections);
	if (header->e_shoff && !is_inside(file, header->e_shoff, bytes))
		return fail_truncated(file, "section headers", header->e_shoff,
				      bytes);
	file->segment_count = segments;
	file->section_count = sections;
	file->budget = MOST_BYTES;
	file->is_read = calloc(sections + 1, sizeof(*file->is_read));
	return file->is_read ? 0 : fail_memory(file->log);
}

static int read_string_table(struct binary_file *file, size_t index,
			     struct binary_strings *strings)
{
	struct binary_section section;
	Elf_Data *data;
	int ret;

	if (!binary_file_get_section(file, index, &section) ||
	    section.header.sh_type != SHT_STRTAB)
		return fail(file->log, -EBADMSG,
			    "%s: section %zu should be a string table",
			    file->name, index);
	ret = binary_file_read(file, &section, &data);
	if (ret < 0)
		return ret;
	strings->text = data->d_buf;
	strings->bytes = data->d_buf ? data->d_size : 0;
	while (strings->bytes && strings->text[strings->bytes - 1])
		strings->bytes--;
	return 0;
}

static int read_section_names(struct binary_file *file)
{
	size_t index;

	if (!file->section_count)
		return 0;
	if (elf_getshdrstrndx(file->elf, &index))
		return fail(file->log, -EBADMSG,
			    "%s: its section names can't be found: %s",
			    file->name, elf_errmsg(-1));
	if (index == SHN_UNDEF)
		return 0;
	return read_string_table(file, index, &file->section_names);
}

static int read_frame(struct binary_file *file)
{
	int ret;

	if (!file->elf)
		return fail(file->log, -EBADMSG,
			    "%s can't be read as an ELF file: %s", file->name,
			    elf_errmsg(-1));
	ret = check_kind(file);
	if (ret < 0)
		return ret;
	if (!gelf_getehdr(file->elf, &file->header))
		return fail(file->log, -EBADMSG,
			    "%s: its ELF header can't be read: %s", file->name,
			    elf_errmsg(-1));
	ret = check_byte_order(file);
	if (!ret)
		ret = check_type(file);
	if (!ret)
		ret = check_tables(file);
	if (!ret)
		ret = read_section_names(file);
	return ret;
}

static struct binary_file *new_file(struct log *log, const char *name)
{
	struct binary_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	/* Tells libelf which version is expected, and has no other effect. */
	elf_version(EV_CURRENT);
	file->log = log;
	file->name = strdup(name);
	if (file->name)
		return file;
	free(file);
	return NULL;
}

int binary_file_open(struct log *log, int fd, const char *name,
		     struct binary_file **file)
{
	struct binary_file *new = new_file(log, name);
	int ret;

	if (!new)
		return fail_memory(log);
	ret = sys_file_bytes(fd, &new->size);
	if (ret < 0) {
		fail(log, ret, "%s: its size can't be read: %s", name,
		     strerror(-ret));
	} else {
		new->elf = elf_begin(fd, ELF_C_READ, NULL);
		ret = read_frame(new);
	}
	if (ret < 0)
		binary_file_free(new);
	else
		*file = new;
	return ret;
}

int binary_file_open_memory(struct log *log, const void *bytes, size_t size,
			    const char *name, struct binary_file **file)
{
	struct binary_file *new = new_file(log, name);
	int ret;

	if (!new)
		return fail_memory(log);
	/* malloc(0) may be NULL. */
	new->bytes = malloc(size + 1);
	if (!new->bytes) {
		ret = fail_memory(log);
	} else {
		memcpy(new->bytes, bytes, size);
		new->size = size;
		new->elf = elf_memory(new->bytes, size);
		ret = read_frame(new);
	}
	if (ret < 0)
		binary_file_free(new);
	else
		*file = new;
	return ret;
}

void binary_file_free(struct binary_file *file)
{
	if (!file)
		return;
	elf_end(file->elf);
	free(file->is_read);
	free(file->bytes);
	free(file->name);
	free(file);
}

const char *binary_strings_get(const struct binary_strings *strings,
			       uint64_t offset)
{
	return offset < strings->bytes ? strings->text + offset : NULL;
}

int binary_file_get_section(struct binary_file *file, size_t index,
			    struct binary_section *section)
{
	Elf_Scn *scn;
	const char *name;

	if (index == SHN_UNDEF || index >= file->section_count)
		return 0;
	scn = elf_getscn(file->elf, index);
	if (!scn || !gelf_getshdr(scn, &section->header))
		return 0;
	name = binary_strings_get(&file->section_names,
				  section->header.sh_name);
	section->index = index;
	section->name = name ? name : "";
	return 1;
}

int binary_file_find_section(struct binary_file *file, uint32_t type,
			     const char *name, struct binary_section *section)
{
	struct binary_section next;
	size_t i;

	for (i = 1; binary_file_get_section(file, i, &next); i++) {
		if (next.header.sh_type != type ||
		    (name && strcmp(next.name, name)))
			continue;
		*section = next;
		return 1;
	}
	return 0;
}

/*
 * A sparse file of a few blocks has sections of any size; libelf keeps what it
 * has read, so that each counts once.
 */
static bool take_from_budget(struct binary_file *file,
			     const struct binary_section *section)
{
	if (file->is_read[section->index])
		return true;
	if (section->header.sh_size > file->budget)
		return false;
	file->budget -= section->header.sh_size;
	file->is_read[section->index] = true;
	return true;
}

int binary_file_read(struct binary_file *file,
		     const struct binary_section *section, Elf_Data **data)
{
	const GElf_Shdr *header = &section->header;
	Elf_Data *found;

	if (header->sh_flags & SHF_COMPRESSED)
		return fail(file->log, -EBADMSG,
			    "%s: section %zu, \"%s\", is compressed",
			    file->name, section->index, section->name);
	if (!is_inside(file, header->sh_offset, header->sh_size))
		return fail(file->log, -EBADMSG,
			    "%s is truncated: section %zu, \"%s\", %" PRIu64
			    " bytes at %#" PRIx64
			    ", should end within the file's %" PRIu64 " bytes",
			    file->name, section->index, section->name,
			    header->sh_size, header->sh_offset, file->size);
	if (!take_from_budget(file, section))
		return fail(file->log, -EBADMSG,
			    "%s: with section %zu, \"%s\", of %" PRIu64
			    " bytes there is more to read than makes sense",
			    file->name, section->index, section->name,
			    header->sh_size);
	found = elf_getdata(elf_getscn(file->elf, section->index), NULL);
	if (!found)
		return fail(file->log, -EBADMSG,
			    "%s: section %zu, \"%s\", can't be read: %s",
			    file->name, section->index, section->name,
			    elf_errmsg(-1));
	*data = found;
	return 0;
}

int binary_file_read_strings(struct binary_file *file,
			     const struct binary_section *section,
			     struct binary_strings *strings)
{
	return read_string_table(file, section->header.sh_link, strings);
}

int binary_note_next(Elf_Data *data, size_t *offset, struct binary_note *note)
{
	size_t name_offset, content_offset, next;
	GElf_Nhdr header;

	if (*offset >= data->d_size)
		return 0;
	next = gelf_getnote(data, *offset, &header, &name_offset,
			    &content_offset);
	if (!next)
		return -EBADMSG;
	note->name = (const char *)data->d_buf + name_offset;
	note->name_bytes = header.n_namesz;
	note->type = header.n_type;
	note->content = (const uint8_t *)data->d_buf + content_offset;
	note->content_bytes = header.n_descsz;
	note->offset = *offset;
	*offset = next;
	return 1;
}

int binary_file_next_notes(struct binary_file *file,
			   struct binary_note_sections *sections,
			   struct binary_section *section, Elf_Data **data)
{
	int ret;

	while (binary_file_get_section(file, ++sections->last, section)) {
		if (section->header.sh_type != SHT_NOTE)
			continue;
		ret = binary_file_read(file, section, data);
		if (ret < 0)
			return ret;
		sections->bytes += section->header.sh_size;
		if (sections->bytes > file->size)
			return fail(file->log, -EBADMSG,
				    "%s: its sections of notes overlap",
				    file->name);
		return 1;
	}
	return 0;
}

size_t binary_file_get_segment_count(const struct binary_file *file)
{
	return file->segment_count;
}

int binary_file_read_note_segment(struct binary_file *file, size_t index,
				  Elf_Data **data)
{
	GElf_Phdr header;

	if (!gelf_getphdr(file->elf, (int)index, &header) ||
	    header.p_type != PT_NOTE ||
	    !is_inside(file, header.p_offset, header.p_filesz) ||
	    header.p_filesz > LARGEST_NOTES)
		return 0;
	*data = elf_getdata_rawchunk(
		file->elf, (int64_t)header.p_offset, header.p_filesz,
		header.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
	return *data != NULL;
}

/* 1: the next loaded segment from @index, which is moved behind it. */
static int next_loaded(struct binary_file *file, size_t *index,
		       GElf_Phdr *header)
{
	while (*index < file->segment_count) {
		if (!gelf_getphdr(file->elf, (int)(*index)++, header))
			return 0;
		if (header->p_type == PT_LOAD)
			return 1;
	}
	return 0;
}

static int fail_not_executable(struct binary_file *file, uint64_t address)
{
	return fail(file->log, -EINVAL,
		    "%s: address %#" PRIx64 " is data, not code", file->name,
		    address);
}

static int fail_not_in_file(struct binary_file *file, uint64_t address)
{
	return fail(file->log, -EINVAL,
		    "%s: address %#" PRIx64
		    " is zeroed memory, which has no place in the file",
		    file->name, address);
}

static int fail_nowhere(struct binary_file *file, uint64_t address)
{
	return fail(file->log, -ERANGE,
		    "%s: address %#" PRIx64
		    " is in no segment that is loaded from it",
		    file->name, address);
}

int binary_file_translate(struct binary_file *file, uint64_t address,
			  bool must_be_executable, uint64_t *offset)
{
	bool is_data = false, is_zeroed = false;
	GElf_Phdr header;
	size_t i = 0;

	while (next_loaded(file, &i, &header)) {
		uint64_t into = address - header.p_vaddr;

		if (address < header.p_vaddr || into >= header.p_memsz)
			continue;
		if (must_be_executable && !(header.p_flags & PF_X)) {
			is_data = true;
			continue;
		}
		if (into >= header.p_filesz) {
			is_zeroed = true;
			continue;
		}
		if (header.p_offset >= file->size ||
		    into >= file->size - header.p_offset)
			return fail_truncated(file, "segment", header.p_offset,
					      header.p_filesz);
		*offset = header.p_offset + into;
		return 0;
	}
	if (is_zeroed)
		return fail_not_in_file(file, address);
	return is_data ? fail_not_executable(file, address) :
			 fail_nowhere(file, address);
}

int binary_file_locate(struct binary_file *file, uint64_t offset,
		       uint64_t *address)
{
	GElf_Phdr header;
	size_t i = 0;

	while (next_loaded(file, &i, &header)) {
		if (!(header.p_flags & PF_X) || offset < header.p_offset ||
		    offset - header.p_offset >= header.p_filesz ||
		    offset >= file->size)
			continue;
		*address = header.p_vaddr + (offset - header.p_offset);
		return 0;
	}
	return fail(file->log, -ERANGE,
		    "%s: offset %#" PRIx64 " is in no executable segment",
		    file->name, offset);
}
