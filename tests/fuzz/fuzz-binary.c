/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes as an ELF file: whatever is asked of it has an answer, or a reason. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "binary.h"
#include "log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct log *fuzz_log;

/* Read it, so that a sanitizer sees where it is. */
static size_t touch(const char *text)
{
	return text ? strlen(text) : 0;
}

static void expect_reason(int ret)
{
	if (ret < 0 && !*log_get_error(fuzz_log))
		abort();
}

static void look_at_place(int ret, size_t size,
			  const struct binary_place *place)
{
	expect_reason(ret);
	if (ret < 0)
		return;
	if (place->offset >= size)
		abort();
	touch(place->name);
}

static void find_functions(struct binary *binary, size_t size)
{
	static const char *const names[] = {
		"",
		"main",
		"first",
		"twin",
		"chosen",
		"chosen@V1",
		"chosen@@V2",
		"puts",
		"indirect",
		"data",
		"x",
		"_Z1fv",
		"ns::Class::method",
		"method(int)",
		"operator()",
		"f<int>",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct binary_place place;
		uint64_t address;
		int ret = binary_find_function(binary, names[i], &place);

		look_at_place(ret, size, &place);
		expect_reason(
			binary_find_symbol_address(binary, names[i], &address));
	}
}

static void find_places(struct binary *binary, size_t size)
{
	uint64_t address, offset;

	for (address = 0; address < 0x4000; address += 0x73) {
		struct binary_place place;

		look_at_place(binary_find_address(binary, address, &place),
			      size, &place);
		expect_reason(binary_find_offset(binary, address, &place));
		if (!binary_translate(binary, address, false, &offset) &&
		    offset >= size)
			abort();
	}
}

static void read_markers(struct binary *binary, size_t size)
{
	const struct binary_marker *markers;
	size_t count, i;

	if (binary_get_markers(binary, &markers, &count))
		return;
	for (i = 0; i < count; i++) {
		touch(markers[i].provider);
		touch(markers[i].name);
		touch(markers[i].arguments);
		if (markers[i].offset >= size ||
		    markers[i].semaphore_offset >= size)
			abort();
	}
}

static void read_identity(struct binary *binary)
{
	volatile uint8_t last;
	const uint8_t *id;
	uint32_t crc;
	size_t length = binary_get_build_id(binary, &id);

	if (length)
		last = id[length - 1];
	(void)last;
	touch(binary_get_debug_link(binary, &crc));
}

static void look_at_all(struct binary *binary, size_t size)
{
	read_identity(binary);
	find_functions(binary, size);
	find_places(binary, size);
	read_markers(binary, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct binary *binary, *debug;

	if (!fuzz_log)
		fuzz_log = log_new();
	if (binary_open_memory(fuzz_log, data, size, "file", &binary)) {
		expect_reason(-1);
		return 0;
	}
	look_at_all(binary, size);
	/* Its own debug file: all is there twice. */
	if (binary_open_memory(fuzz_log, data, size, "debug", &debug) ||
	    binary_set_debug(binary, debug))
		abort();
	find_functions(binary, size);
	binary_free(binary);
	return 0;
}
