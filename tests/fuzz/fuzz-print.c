/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes as the record of an event, printed by a compiled print format; what the
 * first byte chooses. Where the record does not lead outside of itself, the text
 * must be libtraceevent's.
 *
 * The formats are fixed: see fuzz-format.c about libtraceevent's parser.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TYPE 42

static const char fields[] =
	"name: event\nID: 42\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\n"
	"\tfield:u8 octet;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:s8 sign;\toffset:3;\tsize:1;\tsigned:1;\n"
	"\tfield:int number;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\tfield:u64 wide;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:__data_loc char[] name;\toffset:16;\tsize:4;\tsigned:0;\n"
	"\tfield:__data_loc u8[] bytes;\toffset:20;\tsize:4;\tsigned:0;\n"
	"\tfield:__rel_loc char[] near;\toffset:24;\tsize:4;\tsigned:0;\n"
	"\tfield:const char * where;\toffset:32;\tsize:8;\tsigned:0;\n"
	"\tfield:char comm[6];\toffset:40;\tsize:6;\tsigned:0;\n"
	"\tfield:u16 half;\toffset:46;\tsize:2;\tsigned:0;\n"
	"\tfield:u8 address[16];\toffset:48;\tsize:16;\tsigned:0;\n";

static const char *const prints[] = {
	"\"%d %u %x %o %i\", REC->number, REC->number, REC->number, "
	"REC->number, REC->sign",
	"\"%08lx %-8d %#x %.3d %5u %#o\", REC->wide, REC->number, REC->half, "
	"REC->octet, REC->half, REC->octet",
	"\"%hd %hhu %lld %zu\", REC->wide, REC->wide, REC->wide, REC->wide",
	"\"%*d %.*d\", REC->octet, REC->number, REC->sign, REC->number",
	"\"%s %10s %-10s %.3s\", REC->comm, REC->comm, REC->comm, REC->comm",
	"\"%.*s\", REC->sign, REC->comm",
	"\"%s %s %.4s\", __get_str(name), __get_rel_str(near), __get_str(name)",
	"\"%s\", REC->where",
	"\"%s\", __print_flags(REC->wide, \"|\", { 1, \"a\" }, { 6, \"b\" }, "
	"{ 0x100, \"c\" })",
	"\"%s\", __print_symbolic(REC->octet, { 0, \"zero\" }, { 1, \"one\" }, "
	"{ 255, \"all\" })",
	"\"%s\", __print_hex(__get_dynamic_array(bytes), REC->octet)",
	"\"%s\", __print_hex_str(REC->address, REC->number)",
	"\"%s\", __print_array(__get_dynamic_array(bytes), "
	"__get_dynamic_array_len(bytes) / 4, 4)",
	"\"%s\", __print_array(REC->address, REC->octet, REC->sign)",
	"\"%s %s\", __get_bitmask(bytes), __get_cpumask(bytes)",
	"\"%x\", ((u16 *)__get_dynamic_array(bytes))[2]",
	"\"%u\", REC->address[5] + REC->address[15]",
	"\"%d\", REC->number / REC->octet + REC->wide % REC->half",
	"\"%lx\", (u8)REC->wide << REC->octet >> REC->half",
	"\"%s\", REC->octet & 3 ? __get_str(name) : REC->comm",
	"\"%pI6c %pU %pI6\", REC->address, REC->address, REC->address",
	"\"%pISpc\", __get_dynamic_array(bytes)",
	"\"%*phC %*ph\", REC->sign, __get_dynamic_array(bytes), 4, "
	"__get_dynamic_array(bytes)",
	"\"%p %pS\", REC->wide, REC->wide",
};

#define NUM_PRINTS (sizeof(prints) / sizeof(*prints))

static struct format *formats[NUM_PRINTS];
static struct log *event_log;

static void make_format(size_t i)
{
	char *text;
	int length = asprintf(&text, "%s\nprint fmt: %s\n", fields, prints[i]);

	if (length < 0 ||
	    format_parse(event_log, "test:event", text, (size_t)length,
			 event_log, &formats[i]) ||
	    format_compile(formats[i])) {
		fprintf(stderr, "not compiled: %s\n", prints[i]);
		abort();
	}
	free(text);
}

static void make_formats(void)
{
	size_t i;

	event_log = log_new();
	if (!event_log)
		abort();
	for (i = 0; i < NUM_PRINTS; i++)
		make_format(i);
}

static void compare(struct format *format, const void *raw, size_t raw_bytes)
{
	const char *text, *other;
	size_t text_bytes, other_bytes;
	bool is_cut;

	if (format_print_quickly(format, event_log, raw, raw_bytes, &text,
				 &text_bytes, &is_cut) ||
	    is_cut)
		return;
	if (format_print_slowly(format, event_log, 0, raw, raw_bytes, &other,
				&other_bytes) ||
	    text_bytes != other_bytes || memcmp(text, other, text_bytes)) {
		fprintf(stderr, "%s\n%s\n", text, other);
		abort();
	}
}

/* In little room, and in none. */
static void print_part(struct format *format, const void *raw, size_t raw_bytes,
		       size_t room)
{
	char *part = room ? malloc(room) : NULL;
	size_t text_bytes;

	format_print(format, event_log, 0, raw, raw_bytes, part, room,
		     &text_bytes);
	free(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint16_t type = TYPE;
	struct format *format;
	uint8_t *raw;

	if (!event_log)
		make_formats();
	if (!size)
		return 0;
	format = formats[data[0] % NUM_PRINTS];
	data++;
	size--;
	/* Of its own size, for a sanitizer to see its end. */
	raw = malloc(size ? size : 1);
	if (!raw)
		abort();
	memcpy(raw, data, size);
	if (size >= sizeof(type))
		memcpy(raw, &type, sizeof(type));
	compare(format, raw, size);
	print_part(format, raw, size, size % 32);
	free(raw);
	return 0;
}
