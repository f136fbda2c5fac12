/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fake_tracefs.h"
#include "field.h"
#include "format.h"
#include "harness.h"
#include "log.h"

static const int owner;
static struct log *event_log;

static int parse(const char *text, struct format **format)
{
	if (!event_log)
		event_log = log_new();
	return format_parse(event_log, "system:event", text, strlen(text),
			    &owner, format);
}

static void release(struct format *format)
{
	format_free(format);
	log_free(event_log);
	event_log = NULL;
}

static struct format *make(const char *fields, const char *print)
{
	char *text = fake_format("event", 42, fields, print);
	struct format *format;

	ck_assert_int_eq(parse(text, &format), 0);
	free(text);
	return format;
}

static void expect_id(const char *text, uint64_t id)
{
	uint64_t found;

	ck_assert_int_eq(format_read_id(text, &found), 0);
	ck_assert_uint_eq(found, id);
}

static void expect_no_id(const char *text)
{
	uint64_t found;

	ck_assert_int_eq(format_read_id(text, &found), -EBADMSG);
}

START_TEST(reads_the_id)
{
	expect_id("name: x\nID: 42\nformat:\n", 42);
	expect_id("name: x\nID:42", 42);
	expect_id("name: x\nID:\t 0\n", 0);
	expect_id("name: x\nID: 18446744073709551615\n", UINT64_MAX);
	expect_no_id("");
	expect_no_id("name: x\n");
	expect_no_id("name: ID: 42\n");
	expect_no_id("name: x\nID:");
	expect_no_id("name: x\nID: \n");
	expect_no_id("name: x\nID: -1\n");
	expect_no_id("name: x\nID: 4x\n");
	expect_no_id("name: x\nID: 18446744073709551616\n");
	expect_no_id("name: x\nID: \n7");
}
END_TEST

static void expect_field(struct format *format, size_t index, const char *name,
			 const char *type, enum perftrace_field_kind kind)
{
	struct perftrace_field *field = format_get_field(format, index);

	ck_assert_str_eq(perftrace_field_get_name(field), name);
	ck_assert_str_eq(perftrace_field_get_type(field), type);
	ck_assert_int_eq(perftrace_field_get_kind(field), kind);
	ck_assert_int_eq(perftrace_field_is_common(field), index < 4);
	ck_assert_ptr_eq(field_get_owner(field), &owner);
}

START_TEST(finds_all_fields_in_order)
{
	struct format *format =
		make("\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
		     "\tfield:long number;\toffset:24;\tsize:8;\tsigned:1;\n"
		     "\tfield:__data_loc char[] name;\toffset:32;\tsize:4;"
		     "\tsigned:0;\n"
		     "\tfield:__rel_loc u64[] list;\toffset:36;\tsize:4;"
		     "\tsigned:0;\n"
		     "\tfield:u8 octets[6];\toffset:40;\tsize:6;\tsigned:0;\n",
		     "\"%s\", REC->comm");

	ck_assert_uint_eq(format_get_num_fields(format), 9);
	expect_field(format, 0, "common_type", "unsigned short",
		     PERFTRACE_FIELD_INTEGER);
	expect_field(format, 3, "common_pid", "int", PERFTRACE_FIELD_INTEGER);
	expect_field(format, 4, "comm", "char[16]", PERFTRACE_FIELD_STRING);
	expect_field(format, 5, "number", "long", PERFTRACE_FIELD_INTEGER);
	expect_field(format, 6, "name", "__data_loc char[]",
		     PERFTRACE_FIELD_STRING);
	expect_field(format, 7, "list", "__rel_loc u64[]",
		     PERFTRACE_FIELD_ARRAY);
	expect_field(format, 8, "octets", "u8[6]", PERFTRACE_FIELD_ARRAY);
	ck_assert(perftrace_field_is_signed(format_get_field(format, 5)));
	ck_assert(perftrace_field_is_dynamic(format_get_field(format, 6)));
	ck_assert(!perftrace_field_is_relative(format_get_field(format, 6)));
	ck_assert(perftrace_field_is_relative(format_get_field(format, 7)));
	release(format);
	format_free(NULL);
}
END_TEST

START_TEST(has_common_fields_alone)
{
	struct format *format = make("", "\"nothing\"");

	ck_assert_uint_eq(format_get_num_fields(format), 4);
	release(format);
}
END_TEST

static void expect_nonsense(const char *text)
{
	struct format *format = NULL;

	ck_assert_int_eq(parse(text, &format), -EBADMSG);
	ck_assert_ptr_null(format);
	ck_assert_str_eq(log_get_error(event_log),
			 "system:event: its format file makes no sense");
	release(NULL);
}

START_TEST(refuses_what_is_no_format)
{
	expect_nonsense("");
	expect_nonsense("\n");
	expect_nonsense("name: event\n");
	expect_nonsense("name: event\nID: 42\n");
	expect_nonsense("name: event\nID: 42\nformat:\n\tfield:int x;\n");
}
END_TEST

/* libtraceevent stops at the second field, and says nothing. */
START_TEST(misses_no_field_in_silence)
{
	char *text = fake_format("event", 42,
				 "\tfield:int x;\toffset:8;\tsize:4;"
				 "\tsigned:1;\n"
				 "\tfield:int y;\tsize:4;\toffset:12;"
				 "\tsigned:1;\n",
				 "\"\"");

	expect_nonsense(text);
	free(text);
}
END_TEST

START_TEST(refuses_places_that_no_record_has)
{
	char *text = fake_format("event", 42,
				 "\tfield:int x;\toffset:4294967295;\tsize:4;"
				 "\tsigned:1;\n",
				 "\"\"");

	expect_nonsense(text);
	free(text);
}
END_TEST

static const char number_field[] =
	"\tfield:int number;\toffset:8;\tsize:4;\tsigned:1;\n";

START_TEST(keeps_fields_of_a_print_format_it_cannot_read)
{
	struct format *format = make(number_field, "\"%d\", unknown(REC->x");

	ck_assert_uint_eq(format_get_num_fields(format), 5);
	expect_field(format, 4, "number", "int", PERFTRACE_FIELD_INTEGER);
	release(format);
}
END_TEST

static void expect_print(struct format *format, const void *raw,
			 size_t raw_bytes, const char *expected)
{
	char text[128];
	size_t text_bytes;

	ck_assert_int_eq(format_print(format, event_log, 0, raw, raw_bytes,
				      text, sizeof(text), &text_bytes),
			 0);
	ck_assert_uint_eq(text_bytes, strlen(expected));
	ck_assert_mem_eq(text, expected, text_bytes);
}

/* common_type is what libtraceevent finds the event by. */
struct number_event {
	uint16_t type;
	uint8_t flags, preempt_count;
	int32_t pid, number;
};

START_TEST(prints)
{
	struct format *format =
		make(number_field, "\"number=%d\", REC->number");
	struct number_event event = { .type = 42, .number = -7 };

	expect_print(format, &event, sizeof(event), "number=-7");
	event.number = 12345;
	expect_print(format, &event, sizeof(event), "number=12345");
	release(format);
}
END_TEST

START_TEST(prints_fields_by_name_without_a_print_format)
{
	struct format *format = make(number_field, "\"%d\", unknown(REC->x");
	struct number_event event = { .type = 42, .number = 5 };
	char text[128] = "";
	size_t text_bytes;

	ck_assert_ptr_nonnull(format_compile(format));
	ck_assert_int_eq(format_print(format, event_log, 0, &event,
				      sizeof(event), text, sizeof(text) - 1,
				      &text_bytes),
			 0);
	ck_assert_ptr_nonnull(strstr(text, "number=5"));
	release(format);
}
END_TEST

START_TEST(does_not_print_beyond_the_record)
{
	struct format *format =
		make(number_field, "\"number=%d\", REC->number");
	struct number_event event = { .type = 42 };
	char text[32];
	size_t text_bytes, i;

	for (i = 0; i < sizeof(event); i++)
		ck_assert_int_eq(format_print(format, event_log, 0, &event, i,
					      text, sizeof(text), &text_bytes),
				 -EBADMSG);
	ck_assert_str_eq(log_get_error(event_log),
			 "field number lies outside of a record of 11 bytes");
	release(format);
}
END_TEST

START_TEST(prints_a_string_without_an_end)
{
	static const char field[] = "\tfield:char text[4];\toffset:8;\tsize:4;"
				    "\tsigned:0;\n";
	struct format *format = make(field, "\"<%s>\", REC->text");
	unsigned char raw[12] = { 42, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 'c', 'd' };

	expect_print(format, raw, sizeof(raw), "<abcd>");
	release(format);
}
END_TEST

static char *resolve(void *data, unsigned long long *address, char **module)
{
	(void)module;
	if (*address < 0x1000)
		return NULL;
	*address = 0x1000;
	return data;
}

static char *resolve_nothing(void *data, unsigned long long *address,
			     char **module)
{
	(void)data;
	(void)address;
	(void)module;
	return NULL;
}

START_TEST(names_functions)
{
	static const char field[] = "\tfield:void * ip;\toffset:8;\tsize:8;"
				    "\tsigned:0;\n";
	static char name[] = "function";
	struct format *format = make(field, "\"%pS\", (void *)REC->ip");
	uint64_t raw[2] = { 42, 0x1004 };

	format_set_resolver(format, resolve_nothing, NULL);
	expect_print(format, raw, sizeof(raw), "0x1004");
	format_set_resolver(format, resolve, name);
	expect_print(format, raw, sizeof(raw), "function+0x4");
	release(format);
}
END_TEST

START_TEST(prints_strings_that_fields_point_to)
{
	static const char field[] = "\tfield:const char * s;\toffset:8;"
				    "\tsize:8;\tsigned:0;\n";
	char strings[] = "0x1000 : \"one two\"\n"
			 "0x1008 : \"line\\n\"\n"
			 "0x1010 : \"ab\"\n"
			 "0x1018 : \"a\"\n"
			 "0x1020 : \"\"\n"
			 "0x1028\n"
			 "\n"
			 "nonsense \"text\"\n"
			 "0x1030 : \"last\"";
	struct format *format = make(field, "\"%s\", REC->s");
	uint64_t raw[2] = { 42, 0x1000 };

	ck_assert(format_has_string_pointers(format));
	ck_assert_int_eq(format_add_strings(format, event_log, strings), 0);
	expect_print(format, raw, sizeof(raw), "one two");
	raw[1] = 0x1008;
	expect_print(format, raw, sizeof(raw), "line");
	raw[1] = 0x1010;
	expect_print(format, raw, sizeof(raw), "ab");
	raw[1] = 0x1028;
	expect_print(format, raw, sizeof(raw), "1028");
	raw[1] = 0x1030;
	expect_print(format, raw, sizeof(raw), "last");
	release(format);
}
END_TEST

START_TEST(tells_strings_from_pointers_to_them)
{
	static const char fields[] =
		"\tfield:char comm[8];\toffset:8;\tsize:8;\tsigned:0;\n"
		"\tfield:__data_loc char[] name;\toffset:16;\tsize:4;"
		"\tsigned:0;\n"
		"\tfield:void * ip;\toffset:24;\tsize:8;\tsigned:0;\n";
	struct format *format = make(fields, "\"%s\", REC->comm");

	ck_assert(!format_has_string_pointers(format));
	release(format);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(reads_the_id),
	TEST(finds_all_fields_in_order),
	TEST(has_common_fields_alone),
	TEST(refuses_what_is_no_format),
	TEST(misses_no_field_in_silence),
	TEST(refuses_places_that_no_record_has),
	TEST(keeps_fields_of_a_print_format_it_cannot_read),
	TEST(prints),
	TEST(prints_fields_by_name_without_a_print_format),
	TEST(does_not_print_beyond_the_record),
	TEST(prints_a_string_without_an_end),
	TEST(names_functions),
	TEST(prints_strings_that_fields_point_to),
	TEST(tells_strings_from_pointers_to_them),
};

HARNESS_MAIN("format", tests, HARNESS_UNIT)
