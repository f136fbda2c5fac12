/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A marker is a nop in the code and a note in the section .note.stapsdt, of the
 * owner "stapsdt" and type 3, by systemtap's UserSpaceProbeImplementation:
 *
 *	location of the nop, base, semaphore	addresses, 4 or 8 bytes each
 *	provider, name, arguments		texts that a zero byte ends
 *
 * Addresses are those that the linker knew. prelink(8) moves what is loaded and
 * not the notes, which are not; how far, is told by the section .stapsdt.base:
 * it is loaded, and the note has the address that it had. A location of 0 is
 * code that the linker has thrown away (--gc-sections).
 *
 * A semaphore is a counter in the program's data, which whoever traces the
 * marker increments as long as it does; 0 is none.
 */
#include "binary_markers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "binary_file.h"
#include "log.h"

#define SECTION	    ".note.stapsdt"
#define OWNER	    "stapsdt"
#define MARKER_TYPE 3

struct reader {
	struct binary_file *file;
	bool has_base;
	uint64_t base;
	struct binary_marker *markers;
	size_t count;
	size_t room;
};

/* The unread rest of a note. */
struct rest {
	const uint8_t *at;
	size_t bytes;
};

static int refuse(struct reader *reader, const struct binary_note *note,
		  const char *reason)
{
	return fail(binary_file_get_log(reader->file), -EBADMSG,
		    "%s: marker %zu, at %#zx of " SECTION ": %s",
		    binary_file_get_name(reader->file), reader->count + 1,
		    note->offset, reason);
}

/* The reason is what was stored last. */
static int refuse_address(struct reader *reader, const struct binary_note *note)
{
	return refuse(reader, note,
		      log_get_error(binary_file_get_log(reader->file)));
}

static bool take_address(struct reader *reader, struct rest *rest,
			 uint64_t *address)
{
	size_t bytes = binary_file_is_64bit(reader->file) ? 8 : 4;
	uint32_t word;

	if (rest->bytes < bytes)
		return false;
	if (bytes == sizeof(word)) {
		memcpy(&word, rest->at, sizeof(word));
		*address = word;
	} else {
		memcpy(address, rest->at, sizeof(*address));
	}
	rest->at += bytes;
	rest->bytes -= bytes;
	return true;
}

static bool take_text(struct rest *rest, const char **text)
{
	size_t length = strnlen((const char *)rest->at, rest->bytes);

	if (length == rest->bytes)
		return false;
	*text = (const char *)rest->at;
	rest->at += length + 1;
	rest->bytes -= length + 1;
	return true;
}

static uint64_t adjust(struct reader *reader, uint64_t address, uint64_t base)
{
	if (!reader->has_base || !base)
		return address;
	address += reader->base - base;
	return binary_file_is_64bit(reader->file) ? address : (uint32_t)address;
}

static int find_places(struct reader *reader, const struct binary_note *note,
		       uint64_t base, struct binary_marker *marker)
{
	marker->address = adjust(reader, marker->address, base);
	if (binary_file_translate(reader->file, marker->address, true,
				  &marker->offset))
		return refuse_address(reader, note);
	if (!marker->semaphore_address)
		return 0;
	marker->semaphore_address =
		adjust(reader, marker->semaphore_address, base);
	if (binary_file_translate(reader->file, marker->semaphore_address,
				  false, &marker->semaphore_offset))
		return refuse_address(reader, note);
	return 0;
}

static int append(struct reader *reader, const struct binary_marker *marker)
{
	if (reader->count == reader->room) {
		size_t room = reader->room ? 2 * reader->room : 16;
		struct binary_marker *larger =
			reallocarray(reader->markers, room, sizeof(*larger));

		if (!larger)
			return fail_memory(binary_file_get_log(reader->file));
		reader->markers = larger;
		reader->room = room;
	}
	reader->markers[reader->count++] = *marker;
	return 0;
}

static int read_marker(struct reader *reader, const struct binary_note *note)
{
	struct rest rest = { note->content, note->content_bytes };
	struct binary_marker marker = { 0 };
	uint64_t base;
	int ret;

	if (!take_address(reader, &rest, &marker.address) ||
	    !take_address(reader, &rest, &base) ||
	    !take_address(reader, &rest, &marker.semaphore_address))
		return refuse(reader, note, "too short for its addresses");
	if (!take_text(&rest, &marker.provider) ||
	    !take_text(&rest, &marker.name) ||
	    !take_text(&rest, &marker.arguments))
		return refuse(reader, note, "a text does not end within it");
	if (!*marker.provider || !*marker.name)
		return refuse(reader, note, "it has no name");
	if (!marker.address)
		return 0;
	ret = find_places(reader, note, base, &marker);
	return ret ? ret : append(reader, &marker);
}

static bool is_marker(const struct binary_note *note)
{
	return note->type == MARKER_TYPE && note->name_bytes == sizeof(OWNER) &&
	       !memcmp(note->name, OWNER, sizeof(OWNER));
}

static int read_section(struct reader *reader, Elf_Data *data)
{
	struct binary_note note = { 0 };
	size_t offset = 0;
	int ret;

	while ((ret = binary_note_next(data, &offset, &note)) > 0) {
		if (!is_marker(&note))
			continue;
		ret = read_marker(reader, &note);
		if (ret < 0)
			return ret;
	}
	if (!ret)
		return 0;
	note.offset = offset;
	return refuse(reader, &note, "it does not end within the section");
}

static int read_sections(struct reader *reader)
{
	struct binary_note_sections sections = { 0 };
	struct binary_section section;
	Elf_Data *data;
	int ret;

	while ((ret = binary_file_next_notes(reader->file, &sections, &section,
					     &data)) > 0) {
		if (strcmp(section.name, SECTION))
			continue;
		ret = read_section(reader, data);
		if (ret < 0)
			return ret;
	}
	return ret;
}

int binary_markers_read(struct binary_file *file,
			struct binary_marker **markers, size_t *count)
{
	struct reader reader = { .file = file };
	struct binary_section base;
	int ret;

	if (binary_file_find_section(file, SHT_PROGBITS, ".stapsdt.base",
				     &base)) {
		reader.has_base = true;
		reader.base = base.header.sh_addr;
	}
	ret = read_sections(&reader);
	if (ret < 0) {
		free(reader.markers);
		return ret;
	}
	*markers = reader.markers;
	*count = reader.count;
	return 0;
}
