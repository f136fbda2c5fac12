/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The build id is a note of ld(1) (--build-id), which is in a section and in a
 * segment. Sections are asked first: the segments of a debug file tell where
 * things are in the file that it was split from. The debug link is a section of
 * objcopy(1) (--add-gnu-debuglink): a name, zero bytes up to a multiple of 4,
 * and the CRC-32 of the file with this name. Names of libraries are in the
 * dynamic section, elf(5).
 *
 * What is not understood here is left out: a file can be probed without it.
 */
#include "binary_identity.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "binary_file.h"
#include "log.h"

static bool find_build_id(Elf_Data *data, struct binary_identity *identity)
{
	struct binary_note note;
	size_t offset = 0;

	while (binary_note_next(data, &offset, &note) > 0) {
		if (note.type != NT_GNU_BUILD_ID ||
		    note.name_bytes != sizeof(ELF_NOTE_GNU) ||
		    memcmp(note.name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)))
			continue;
		identity->build_id = note.content;
		identity->build_id_bytes = note.content_bytes;
		return note.content_bytes;
	}
	return false;
}

static void read_build_id_of_segments(struct binary_file *file,
				      struct binary_identity *identity)
{
	/* Honest files have two or three; notes may overlap in others. */
	size_t i, count = 0;
	Elf_Data *data;

	for (i = 0; i < binary_file_get_segment_count(file) && count < 16;
	     i++) {
		if (!binary_file_read_note_segment(file, i, &data))
			continue;
		if (find_build_id(data, identity))
			return;
		count++;
	}
}

static int read_build_id(struct binary_file *file,
			 struct binary_identity *identity)
{
	struct binary_note_sections sections = { 0 };
	struct binary_section section;
	Elf_Data *data;
	int ret;

	while ((ret = binary_file_next_notes(file, &sections, &section,
					     &data)) > 0) {
		if (find_build_id(data, identity))
			return 0;
	}
	if (!ret)
		read_build_id_of_segments(file, identity);
	return ret;
}

static int read_debug_link(struct binary_file *file,
			   struct binary_identity *identity)
{
	struct binary_section section;
	size_t length, place;
	Elf_Data *data;
	int ret;

	if (!binary_file_find_section(file, SHT_PROGBITS, ".gnu_debuglink",
				      &section))
		return 0;
	ret = binary_file_read(file, &section, &data);
	if (ret < 0 || !data->d_size)
		return ret;
	length = strnlen(data->d_buf, data->d_size);
	place = (length + sizeof(uint32_t)) & ~(sizeof(uint32_t) - 1);
	if (!length || place > data->d_size ||
	    data->d_size - place < sizeof(uint32_t))
		return 0;
	identity->debug_link = data->d_buf;
	memcpy(&identity->debug_link_crc, (const char *)data->d_buf + place,
	       sizeof(uint32_t));
	return 0;
}

static void take_entry(const GElf_Dyn *entry,
		       const struct binary_strings *strings,
		       struct binary_identity *identity)
{
	const char *name;

	if (entry->d_tag != DT_NEEDED)
		return;
	name = binary_strings_get(strings, entry->d_un.d_val);
	if (name && *name)
		identity->needed[identity->needed_count++] = name;
}

static int read_dynamic(struct binary_file *file,
			struct binary_identity *identity)
{
	struct binary_section section;
	struct binary_strings strings;
	Elf_Data *data;
	GElf_Dyn entry;
	size_t count;
	int ret, i;

	if (!binary_file_find_section(file, SHT_DYNAMIC, NULL, &section))
		return 0;
	ret = binary_file_read(file, &section, &data);
	if (!ret)
		ret = binary_file_read_strings(file, &section, &strings);
	if (ret < 0)
		return ret;
	count = data->d_size / binary_file_get_item_bytes(file, ELF_T_DYN, 1);
	identity->needed = calloc(count + 1, sizeof(*identity->needed));
	if (!identity->needed)
		return fail_memory(binary_file_get_log(file));
	for (i = 0; (size_t)i < count && gelf_getdyn(data, i, &entry); i++) {
		if (entry.d_tag == DT_NULL)
			break;
		take_entry(&entry, &strings, identity);
	}
	return 0;
}

int binary_identity_read(struct binary_file *file,
			 struct binary_identity *identity)
{
	struct binary_identity found = { 0 };
	int ret;

	ret = read_build_id(file, &found);
	if (!ret)
		ret = read_debug_link(file, &found);
	if (!ret)
		ret = read_dynamic(file, &found);
	if (ret < 0)
		binary_identity_release(&found);
	else
		*identity = found;
	return ret;
}

void binary_identity_release(struct binary_identity *identity)
{
	free(identity->needed);
	identity->needed = NULL;
	identity->needed_count = 0;
}
