/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ELF_IMAGE_H
#define ELF_IMAGE_H

/* ELF files as a linker would have made them, or would not, put together. */

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

#define IMAGE_SECTIONS 32
#define IMAGE_SEGMENTS 8

struct image_section {
	const char *name;
	uint32_t type;
	uint64_t flags;
	uint64_t address;
	const void *content;
	size_t bytes;
	uint32_t link;
	/* Filled by image_add_section(). */
	uint64_t offset;
};

struct image_segment {
	uint32_t type;
	uint32_t flags;
	uint64_t address;
	uint64_t offset;
	uint64_t file_bytes;
	uint64_t memory_bytes;
};

struct image_symbol {
	const char *name;
	uint64_t address;
	uint64_t size;
	unsigned char type;
	unsigned char binding;
	uint16_t section;
};

struct image {
	bool is_64bit;
	struct image_section sections[IMAGE_SECTIONS];
	size_t section_count;
	struct image_segment segments[IMAGE_SEGMENTS];
	size_t segment_count;
	struct bytes bytes;
	/* Where things are, to break them; known at the end. */
	size_t section_headers;
	size_t segment_headers;
};

void image_begin(struct image *image, bool is_64bit);

/* Its index. */
uint16_t image_add_section(struct image *image,
			   const struct image_section *section);
/* A table of symbols and, before it, its strings. Its index. */
uint16_t image_add_symbols(struct image *image, uint32_t type,
			   const struct image_symbol *symbols, size_t count);
/* With .shstrtab and with headers. */
void image_add_segment(struct image *image,
		       const struct image_segment *segment);
void image_end(struct image *image, uint16_t type);

/* Of a 64-bit image that was ended. */
Elf64_Ehdr *image_header(struct image *image);
Elf64_Shdr *image_section_header(struct image *image, size_t index);
Elf64_Phdr *image_segment_header(struct image *image, size_t index);

#endif /* ELF_IMAGE_H */
