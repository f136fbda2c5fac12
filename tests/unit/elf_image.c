/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "elf_image.h"

#include <check.h>
#include <string.h>

#define OWN_BYTE_ORDER                                                         \
	(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB)

void image_begin(struct image *image, bool is_64bit)
{
	memset(image, 0, sizeof(*image));
	image->is_64bit = is_64bit;
	image->section_count = 1;
	/* Room for the header. */
	image->bytes.count = sizeof(Elf64_Ehdr);
}

uint16_t image_add_section(struct image *image,
			   const struct image_section *section)
{
	struct image_section *copy = &image->sections[image->section_count];

	ck_assert_uint_lt(image->section_count, IMAGE_SECTIONS);
	*copy = *section;
	pad(&image->bytes);
	copy->offset = image->bytes.count;
	if (section->type != SHT_NOBITS)
		put(&image->bytes, section->content, section->bytes);
	return (uint16_t)image->section_count++;
}

static void put_symbol(struct bytes *bytes, bool is_64bit, uint32_t name,
		       const struct image_symbol *symbol)
{
	unsigned char info = ELF64_ST_INFO(symbol->binding, symbol->type);

	if (is_64bit) {
		Elf64_Sym entry = { .st_name = name,
				    .st_info = info,
				    .st_shndx = symbol->section,
				    .st_value = symbol->address,
				    .st_size = symbol->size };

		put(bytes, &entry, sizeof(entry));
	} else {
		Elf32_Sym entry = { .st_name = name,
				    .st_info = info,
				    .st_shndx = symbol->section,
				    .st_value = (uint32_t)symbol->address,
				    .st_size = (uint32_t)symbol->size };

		put(bytes, &entry, sizeof(entry));
	}
}

uint16_t image_add_symbols(struct image *image, uint32_t type,
			   const struct image_symbol *symbols, size_t count)
{
	static const struct image_symbol none = { .name = "" };
	struct bytes strings = { .count = 0 }, table = { .count = 0 };
	bool is_dynamic = type == SHT_DYNSYM;
	uint16_t link;
	size_t i;

	put_text(&strings, "");
	put_symbol(&table, image->is_64bit, 0, &none);
	for (i = 0; i < count; i++) {
		put_symbol(&table, image->is_64bit, (uint32_t)strings.count,
			   &symbols[i]);
		put_text(&strings, symbols[i].name);
	}
	link = image_add_section(image, &(struct image_section){
						.name = is_dynamic ? ".dynstr" :
								     ".strtab",
						.type = SHT_STRTAB,
						.content = strings.data,
						.bytes = strings.count,
					});
	return image_add_section(image, &(struct image_section){
						.name = is_dynamic ? ".dynsym" :
								     ".symtab",
						.type = type,
						.content = table.data,
						.bytes = table.count,
						.link = link,
					});
}

void image_add_segment(struct image *image, const struct image_segment *segment)
{
	ck_assert_uint_lt(image->segment_count, IMAGE_SEGMENTS);
	image->segments[image->segment_count++] = *segment;
}

static size_t entry_bytes(const struct image *image, uint32_t type)
{
	switch (type) {
	case SHT_SYMTAB:
	case SHT_DYNSYM:
		return image->is_64bit ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	case SHT_DYNAMIC:
		return image->is_64bit ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	case SHT_GNU_versym:
		return sizeof(Elf64_Half);
	default:
		return 0;
	}
}

static void put_section_header(struct image *image, uint32_t name,
			       const struct image_section *section)
{
	size_t entry = entry_bytes(image, section->type);
	uint64_t alignment = section->type == SHT_NOTE ? 4 : 8;

	if (image->is_64bit) {
		Elf64_Shdr header = { .sh_name = name,
				      .sh_type = section->type,
				      .sh_flags = section->flags,
				      .sh_addr = section->address,
				      .sh_offset = section->offset,
				      .sh_size = section->bytes,
				      .sh_link = section->link,
				      .sh_addralign = alignment,
				      .sh_entsize = entry };

		put(&image->bytes, &header, sizeof(header));
	} else {
		Elf32_Shdr header = { .sh_name = name,
				      .sh_type = section->type,
				      .sh_flags = (uint32_t)section->flags,
				      .sh_addr = (uint32_t)section->address,
				      .sh_offset = (uint32_t)section->offset,
				      .sh_size = (uint32_t)section->bytes,
				      .sh_link = section->link,
				      .sh_addralign = (uint32_t)alignment,
				      .sh_entsize = (uint32_t)entry };

		put(&image->bytes, &header, sizeof(header));
	}
}

static void put_segment_header(struct image *image,
			       const struct image_segment *segment)
{
	if (image->is_64bit) {
		Elf64_Phdr header = { .p_type = segment->type,
				      .p_flags = segment->flags,
				      .p_offset = segment->offset,
				      .p_vaddr = segment->address,
				      .p_filesz = segment->file_bytes,
				      .p_memsz = segment->memory_bytes,
				      .p_align = 4 };

		put(&image->bytes, &header, sizeof(header));
	} else {
		Elf32_Phdr header = { .p_type = segment->type,
				      .p_flags = segment->flags,
				      .p_offset = (uint32_t)segment->offset,
				      .p_vaddr = (uint32_t)segment->address,
				      .p_filesz = (uint32_t)segment->file_bytes,
				      .p_memsz =
					      (uint32_t)segment->memory_bytes,
				      .p_align = 4 };

		put(&image->bytes, &header, sizeof(header));
	}
}

static void put_section_headers(struct image *image)
{
	static const struct image_section none = { .name = "" };
	struct bytes names = { .count = 0 };
	uint32_t places[IMAGE_SECTIONS] = { 0 };
	size_t i;

	put_text(&names, "");
	for (i = 1; i < image->section_count; i++) {
		places[i] = (uint32_t)names.count;
		put_text(&names, image->sections[i].name);
	}
	places[i] = (uint32_t)names.count;
	put_text(&names, ".shstrtab");
	image_add_section(image, &(struct image_section){
					 .name = ".shstrtab",
					 .type = SHT_STRTAB,
					 .content = names.data,
					 .bytes = names.count,
				 });
	pad(&image->bytes);
	image->section_headers = image->bytes.count;
	put_section_header(image, 0, &none);
	for (i = 1; i < image->section_count; i++)
		put_section_header(image, places[i], &image->sections[i]);
}

static void write_header_64(struct image *image, uint16_t type)
{
	Elf64_Ehdr header = { .e_type = type,
			      .e_machine = EM_X86_64,
			      .e_version = EV_CURRENT,
			      .e_phoff = image->segment_headers,
			      .e_shoff = image->section_headers,
			      .e_ehsize = sizeof(header),
			      .e_phentsize = sizeof(Elf64_Phdr),
			      .e_phnum = (uint16_t)image->segment_count,
			      .e_shentsize = sizeof(Elf64_Shdr),
			      .e_shnum = (uint16_t)image->section_count,
			      .e_shstrndx =
				      (uint16_t)(image->section_count - 1) };

	memcpy(image->bytes.data, &header, sizeof(header));
}

static void write_header_32(struct image *image, uint16_t type)
{
	Elf32_Ehdr header = { .e_type = type,
			      .e_machine = EM_386,
			      .e_version = EV_CURRENT,
			      .e_phoff = (uint32_t)image->segment_headers,
			      .e_shoff = (uint32_t)image->section_headers,
			      .e_ehsize = sizeof(header),
			      .e_phentsize = sizeof(Elf32_Phdr),
			      .e_phnum = (uint16_t)image->segment_count,
			      .e_shentsize = sizeof(Elf32_Shdr),
			      .e_shnum = (uint16_t)image->section_count,
			      .e_shstrndx =
				      (uint16_t)(image->section_count - 1) };

	memcpy(image->bytes.data, &header, sizeof(header));
}

void image_end(struct image *image, uint16_t type)
{
	unsigned char *identity = image->bytes.data;
	size_t i;

	pad(&image->bytes);
	image->segment_headers = image->bytes.count;
	for (i = 0; i < image->segment_count; i++)
		put_segment_header(image, &image->segments[i]);
	put_section_headers(image);
	if (image->is_64bit)
		write_header_64(image, type);
	else
		write_header_32(image, type);
	memcpy(identity, ELFMAG, SELFMAG);
	identity[EI_CLASS] = image->is_64bit ? ELFCLASS64 : ELFCLASS32;
	identity[EI_DATA] = OWN_BYTE_ORDER;
	identity[EI_VERSION] = EV_CURRENT;
}

Elf64_Ehdr *image_header(struct image *image)
{
	return (Elf64_Ehdr *)(void *)image->bytes.data;
}

Elf64_Shdr *image_section_header(struct image *image, size_t index)
{
	return (Elf64_Shdr *)(void *)(image->bytes.data +
				      image->section_headers) +
	       index;
}

Elf64_Phdr *image_segment_header(struct image *image, size_t index)
{
	return (Elf64_Phdr *)(void *)(image->bytes.data +
				      image->segment_headers) +
	       index;
}
