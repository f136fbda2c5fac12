/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BINARY_FILE_H
#define BINARY_FILE_H

/*
 * An ELF file's headers, sections, segments, strings and notes: what the other
 * binary_ files read. Nothing that comes from here reaches outside of the file.
 */

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;
struct binary_file;

/* @fd is borrowed, and must stay open as long as the file lives. */
int binary_file_open(struct log *log, int fd, const char *name,
		     struct binary_file **file);
/* The bytes are copied. */
int binary_file_open_memory(struct log *log, const void *bytes, size_t size,
			    const char *name, struct binary_file **file);
void binary_file_free(struct binary_file *file);

struct log *binary_file_get_log(const struct binary_file *file);
const char *binary_file_get_name(const struct binary_file *file);
/* EM_* */
uint16_t binary_file_get_machine(const struct binary_file *file);
bool binary_file_is_64bit(const struct binary_file *file);
/* How many bytes @count items of this type take in the file. */
size_t binary_file_get_item_bytes(const struct binary_file *file, Elf_Type type,
				  size_t count);

struct binary_section {
	GElf_Shdr header;
	size_t index;
	/* "" when it has none. */
	const char *name;
};

/* By index: 1, or 0 when there is no such section. */
int binary_file_get_section(struct binary_file *file, size_t index,
			    struct binary_section *section);

/* The first one of a type and a name: 1, or 0. NULL: whatever name it has. */
int binary_file_find_section(struct binary_file *file, uint32_t type,
			     const char *name, struct binary_section *section);

/* Owned by the file. Not for SHT_NOBITS. */
int binary_file_read(struct binary_file *file,
		     const struct binary_section *section, Elf_Data **data);

struct binary_strings {
	const char *text;
	/* Up to, and with, the last zero byte. */
	size_t bytes;
};

/* The string table that a section is linked to. */
int binary_file_read_strings(struct binary_file *file,
			     const struct binary_section *section,
			     struct binary_strings *strings);

/* NULL when it is not inside of the table. */
const char *binary_strings_get(const struct binary_strings *strings,
			       uint64_t offset);

struct binary_note {
	/* With its zero byte, where it has one. */
	const char *name;
	size_t name_bytes;
	uint32_t type;
	const uint8_t *content;
	size_t content_bytes;
	/* Of the note in its section. */
	size_t offset;
};

/* 1: the note at @offset, which is moved behind it; 0: no more; -EBADMSG. */
int binary_note_next(Elf_Data *data, size_t *offset, struct binary_note *note);

/* Begin with zeros. */
struct binary_note_sections {
	size_t last;
	uint64_t bytes;
};

/* Sections of notes, one after the other: 1, or 0 when there is no more. */
int binary_file_next_notes(struct binary_file *file,
			   struct binary_note_sections *sections,
			   struct binary_section *section, Elf_Data **data);

/* Notes of a segment, by its number: 1, or 0 when it holds none. */
int binary_file_read_note_segment(struct binary_file *file, size_t index,
				  Elf_Data **data);
size_t binary_file_get_segment_count(const struct binary_file *file);

/* Where in the file a virtual address is; -ERANGE, -EINVAL or -EBADMSG. */
int binary_file_translate(struct binary_file *file, uint64_t address,
			  bool must_be_executable, uint64_t *offset);

/* The virtual address of an offset in an executable segment; -ERANGE. */
int binary_file_locate(struct binary_file *file, uint64_t offset,
		       uint64_t *address);

#endif /* BINARY_FILE_H */
