/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes as the fields of a format file, and as a record that is read by them.
 *
 * The text around them is always well formed: libtraceevent 1.7.1, which parses
 * it, ends in SIGSEGV on "field:int x[" or "print fmt: "%d", __print_flags(" at
 * the end of a text, and leaks tokens of many others. Format files come from
 * the kernel, whole; what is checked here is what this library makes of them.
 */
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "format.h"
#include "log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST_FIELDS 8

/* Before and behind the name; an array's length follows. */
static const struct {
	const char *before;
	const char *behind;
	int is_array;
} types[] = {
	{ "int", "", 0 },
	{ "unsigned char", "", 0 },
	{ "s64", "", 0 },
	{ "const char *", "", 0 },
	{ "struct point", "", 0 },
	{ "char", "[", 1 },
	{ "u8", "[", 1 },
	{ "unsigned long", "[", 1 },
	{ "struct point", "[", 1 },
	{ "__data_loc char[]", "", 0 },
	{ "__data_loc u64[]", "", 0 },
	{ "__data_loc unsigned int[]", "", 0 },
	{ "__rel_loc char[]", "", 0 },
	{ "__rel_loc s16[]", "", 0 },
	{ "__data_loc struct point[]", "", 0 },
	{ "__data_loc cpumask_t", "", 0 },
};

/* Of the input, for each field. */
struct line {
	uint8_t type;
	uint8_t length;
	uint8_t is_signed;
	/* One bit for each: take the number as it is, or small. */
	uint8_t is_wild;
	uint32_t offset;
	uint32_t size;
};

static volatile uint64_t sink;

static uint32_t tame(uint32_t number, int is_wild)
{
	return is_wild ? number : number % 64;
}

static void write_line(FILE *text, const struct line *line)
{
	size_t type = line->type % (sizeof(types) / sizeof(*types));

	fprintf(text, "\tfield:%s name%s", types[type].before,
		types[type].behind);
	if (types[type].is_array)
		fprintf(text, "%u]", line->length);
	fprintf(text, ";\toffset:%u;\tsize:%u;\tsigned:%u;\n",
		tame(line->offset, line->is_wild & 1),
		tame(line->size, line->is_wild & 2), line->is_signed & 1);
}

static char *write_text(const uint8_t *data, size_t num_lines,
			size_t *text_bytes)
{
	struct line line;
	char *buffer;
	FILE *text = open_memstream(&buffer, text_bytes);

	if (!text)
		abort();
	fputs("name: event\nID: 42\nformat:\n", text);
	fputs("\tfield:int common_type;\toffset:0;\tsize:4;\tsigned:1;\n\n",
	      text);
	for (; num_lines--; data += sizeof(line)) {
		memcpy(&line, data, sizeof(line));
		write_line(text, &line);
	}
	fputs("\nprint fmt: \"\"\n", text);
	if (fclose(text))
		abort();
	return buffer;
}

static void load_elements(struct perftrace_field *field, const void *value,
			  size_t value_bytes)
{
	size_t width = perftrace_field_get_element_size_bytes(field), i;

	for (i = 0; i < value_bytes / width; i++)
		sink += field_load(field, value, i);
}

static void load_bytes(const void *value, size_t value_bytes)
{
	size_t i;

	for (i = 0; i < value_bytes; i++)
		sink += ((const unsigned char *)value)[i];
}

static void read_field(struct perftrace_field *field, const void *raw,
		       size_t raw_bytes)
{
	int32_t kind = perftrace_field_get_kind(field);
	const void *value;
	size_t value_bytes;

	sink += perftrace_field_get_num_elements(field);
	if (field_locate(field, raw, raw_bytes, &value, &value_bytes))
		return;
	load_bytes(value, value_bytes);
	if (kind == PERFTRACE_FIELD_INTEGER || kind == PERFTRACE_FIELD_ARRAY)
		load_elements(field, value, value_bytes);
}

static void read_fields(struct format *format, const uint8_t *data, size_t size)
{
	uint8_t *raw = malloc(size ? size : 1);
	size_t i;

	if (!raw)
		abort();
	memcpy(raw, data, size);
	for (i = 0; i < format_get_num_fields(format); i++)
		read_field(format_get_field(format, i), raw, size);
	free(raw);
}

/* This is read without libtraceevent. */
static void read_id(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	uint64_t id;

	if (!text)
		abort();
	if (!format_read_id(text, &id))
		sink += id;
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t num_lines = size ? *data % (MOST_FIELDS + 1) : 0, text_bytes;
	struct format *format;
	struct log *log;
	char *text;

	read_id(data, size);
	if (size < 1 + num_lines * sizeof(struct line))
		return 0;
	log = log_new();
	text = write_text(data + 1, num_lines, &text_bytes);
	data += 1 + num_lines * sizeof(struct line);
	size -= 1 + num_lines * sizeof(struct line);
	if (!format_parse(log, "test:event", text, text_bytes, log, &format)) {
		read_fields(format, data, size);
		format_free(format);
	}
	free(text);
	log_free(log);
	return 0;
}
