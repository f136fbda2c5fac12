/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every event that the kernel has, printed by its compiled print format and by
 * libtraceevent: the texts must be the same, byte for byte. Records are made up,
 * from a fixed seed: most events never happen here, and those that do seldom
 * have what is hard to print.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "field.h"
#include "format.h"
#include "harness.h"
#include "log.h"

/* Of all events, how many must have a compiled print format, in percent. */
#define LEAST_COMPILED 95

#define NUM_RECORDS 48
#define EVENTS	    "/sys/kernel/tracing/events"
#define TAIL_BYTES  96

static struct log *event_log;

/* What the records have been compared, and what stands in the way of others. */
static size_t num_compiled, num_interpreted, num_compared, num_cut;

static uint64_t state;

/* xorshift64: the same numbers in every run. */
static uint64_t next_number(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t next_below(uint64_t limit)
{
	return next_number() % limit;
}

/* What printk_formats would say, for fields that point to strings. */
#define STRING_ADDRESS 0xffffffff81234560

static void add_strings(struct format *format)
{
	char text[] = "0xffffffff81234560 : \"a string of the kernel's\\n\"\n";

	ck_assert_int_eq(format_add_strings(format, event_log, text), 0);
}

static char *resolve(void *data, unsigned long long *address, char **module)
{
	static char name[] = "some_function";

	(void)data;
	(void)module;
	if (!(*address >> 63))
		return NULL;
	*address -= *address % 0x100;
	return name;
}

static size_t fixed_bytes(struct format *format)
{
	size_t i, bytes = 0;

	for (i = 0; i < format_get_num_fields(format); i++) {
		struct perftrace_field *field = format_get_field(format, i);
		size_t end = perftrace_field_get_offset_bytes(field) +
			     perftrace_field_get_size_bytes(field);

		if (end > bytes)
			bytes = end;
	}
	return bytes;
}

static void fill_text(unsigned char *at, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		at[i] = (unsigned char)('!' + next_below(94));
	if (bytes && next_below(2))
		at[next_below(bytes)] = '\0';
}

static void fill_number(unsigned char *at, size_t bytes)
{
	uint64_t number = next_number();

	switch (next_below(6)) {
	case 0:
		number %= 64;
		break;
	case 1:
		number = 1ULL << number % 64;
		break;
	case 2:
		number = -(number % 64);
		break;
	case 3:
		number = STRING_ADDRESS;
		break;
	case 4:
		number = number % 2;
		break;
	}
	memcpy(at, &number, bytes < sizeof(number) ? bytes : sizeof(number));
}

static void fill_field(struct perftrace_field *field, unsigned char *raw)
{
	unsigned char *at = raw + perftrace_field_get_offset_bytes(field);
	size_t bytes = perftrace_field_get_size_bytes(field), width, i;

	if (perftrace_field_get_kind(field) == PERFTRACE_FIELD_STRING) {
		fill_text(at, bytes);
		return;
	}
	width = perftrace_field_get_element_size_bytes(field);
	if (width == 1)
		width = bytes > 8 ? 8 : bytes;
	for (i = 0; width && i + width <= bytes; i += width)
		fill_number(at + i, width);
}

/* Inside of the record, most of them of a length that a string would have. */
static void fill_location(struct perftrace_field *field, unsigned char *raw,
			  size_t fixed, size_t raw_bytes)
{
	size_t base = perftrace_field_get_offset_bytes(field);
	size_t offset = fixed + next_below(raw_bytes - fixed + 1);
	size_t length = next_below(raw_bytes - offset + 1);
	uint32_t word;

	if (next_below(4))
		length = length / 8 * 8;
	if (perftrace_field_is_relative(field))
		offset -= base + sizeof(word);
	word = (uint32_t)(length << 16 | offset);
	memcpy(raw + base, &word, sizeof(word));
}

static void fill_all(struct format *format, unsigned char *raw, size_t fixed,
		     size_t raw_bytes)
{
	size_t i;

	fill_text(raw + fixed, raw_bytes - fixed);
	for (i = 0; i < format_get_num_fields(format); i++)
		fill_field(format_get_field(format, i), raw);
}

static void fill_bytes(unsigned char *raw, size_t raw_bytes)
{
	size_t i;

	for (i = 0; i < raw_bytes; i++)
		raw[i] = (unsigned char)next_number();
}

static void set_locations(struct format *format, unsigned char *raw,
			  size_t fixed, size_t raw_bytes)
{
	size_t i;

	for (i = 0; i < format_get_num_fields(format); i++) {
		struct perftrace_field *field = format_get_field(format, i);

		if (perftrace_field_is_dynamic(field))
			fill_location(field, raw, fixed, raw_bytes);
	}
}

/* Nothing, everything, anything, and what the fields' types allow. */
static void fill(struct format *format, size_t pattern, unsigned char *raw,
		 size_t fixed, size_t raw_bytes, uint16_t type)
{
	if (pattern < 2)
		memset(raw, pattern ? 0xff : 0, raw_bytes);
	else if (pattern % 4 == 2)
		fill_bytes(raw, raw_bytes);
	else
		fill_all(format, raw, fixed, raw_bytes);
	if (pattern)
		set_locations(format, raw, fixed, raw_bytes);
	memcpy(raw, &type, sizeof(type));
}

static void show(const char *text, size_t bytes)
{
	printf("#\t%.*s\n", (int)bytes, text);
}

static void compare(struct format *format, const char *name, size_t pattern,
		    const unsigned char *raw, size_t raw_bytes)
{
	const char *quick, *slow;
	size_t quick_bytes, slow_bytes;
	bool is_cut;

	ck_assert_msg(!format_print_quickly(format, event_log, raw, raw_bytes,
					    &quick, &quick_bytes, &is_cut),
		      "%s: %s", name, log_get_error(event_log));
	if (is_cut) {
		num_cut++;
		return;
	}
	ck_assert_msg(!format_print_slowly(format, event_log, 0, raw, raw_bytes,
					   &slow, &slow_bytes),
		      "%s: %s", name, log_get_error(event_log));
	num_compared++;
	if (quick_bytes == slow_bytes && !memcmp(quick, slow, slow_bytes))
		return;
	show(quick, quick_bytes);
	show(slow, slow_bytes);
	fflush(stdout);
	ck_abort_msg("%s: record %zu differs", name, pattern);
}

static void compare_records(struct format *format, const char *name,
			    uint16_t type)
{
	/* No longer than the record, for a sanitizer to see its end. */
	size_t fixed = fixed_bytes(format), i;

	for (i = 0; i < NUM_RECORDS; i++) {
		size_t raw_bytes = fixed + next_below(TAIL_BYTES);
		unsigned char *raw = malloc(raw_bytes);

		ck_assert_ptr_nonnull(raw);
		fill(format, i, raw, fixed, raw_bytes, type);
		compare(format, name, i, raw, raw_bytes);
		free(raw);
	}
}

static void compare_event(const char *name, const char *text, size_t text_bytes)
{
	struct format *format;
	const char *reason;
	uint64_t id;

	ck_assert_int_eq(format_read_id(text, &id), 0);
	if (format_parse(event_log, name, text, text_bytes, event_log,
			 &format)) {
		printf("# %s: %s\n", name, log_get_error(event_log));
		num_interpreted++;
		return;
	}
	add_strings(format);
	format_set_resolver(format, resolve, NULL);
	reason = format_compile(format);
	/* A difference that has been seen before these records see it. */
	ck_assert_msg(!reason || !strstr(reason, "otherwise"), "%s: %s", name,
		      reason);
	if (reason) {
		printf("# %s: %s\n", name, reason);
		num_interpreted++;
	} else {
		num_compiled++;
		compare_records(format, name, (uint16_t)id);
	}
	format_free(format);
}

static char *read_file(const char *path, size_t *bytes)
{
	size_t room = 256 * 1024, used = 0;
	char *text = malloc(room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t part = 1;

	ck_assert_ptr_nonnull(text);
	while (fd >= 0 && part > 0 && used < room - 1) {
		part = read(fd, text + used, room - 1 - used);
		used += part > 0 ? (size_t)part : 0;
	}
	if (fd >= 0)
		close(fd);
	text[used] = '\0';
	*bytes = used;
	return text;
}

static void compare_file(const char *system, const char *event)
{
	char path[700], name[600];
	size_t bytes;
	char *text;

	snprintf(path, sizeof(path), EVENTS "/%s/%s/format", system, event);
	snprintf(name, sizeof(name), "%s:%s", system, event);
	text = read_file(path, &bytes);
	if (bytes)
		compare_event(name, text, bytes);
	free(text);
}

static void walk_system(const char *system)
{
	char path[320];
	struct dirent *entry;
	DIR *directory;

	snprintf(path, sizeof(path), EVENTS "/%s", system);
	directory = opendir(path);
	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory))) {
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			compare_file(system, entry->d_name);
	}
	closedir(directory);
}

static void walk_systems(void)
{
	DIR *directory = opendir(EVENTS);
	struct dirent *entry;

	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory))) {
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			walk_system(entry->d_name);
	}
	closedir(directory);
}

START_TEST(prints_every_event_as_libtraceevent_does)
{
	state = 88172645463325252;
	event_log = log_new();
	walk_systems();
	log_free(event_log);
	printf("# %zu of %zu print formats are compiled; %zu records were "
	       "compared, %zu led outside of themselves\n",
	       num_compiled, num_compiled + num_interpreted, num_compared,
	       num_cut);
	fflush(stdout);
	ck_assert_uint_ge(num_compiled * 100,
			  (num_compiled + num_interpreted) * LEAST_COMPILED);
	/* Most records are for both of them. */
	ck_assert_uint_gt(num_compared, num_compiled * NUM_RECORDS / 2);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(prints_every_event_as_libtraceevent_does),
};

HARNESS_MAIN("print", tests, HARNESS_LIVE)
