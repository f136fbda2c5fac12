/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>

#include "bytes.h"
#include "comms.h"
#include "context.h"
#include "fake_tracefs.h"
#include "harness.h"
#include "log.h"
#include "record.h"

static const char all_fields[] =
	"\tfield:u8 u8v;\toffset:8;\tsize:1;\tsigned:0;\n"
	"\tfield:signed char s8v;\toffset:9;\tsize:1;\tsigned:1;\n"
	"\tfield:unsigned short u16v;\toffset:10;\tsize:2;\tsigned:0;\n"
	"\tfield:s16 s16v;\toffset:12;\tsize:2;\tsigned:1;\n"
	"\tfield:bool flag;\toffset:14;\tsize:1;\tsigned:0;\n"
	"\tfield:char letter;\toffset:15;\tsize:1;\tsigned:1;\n"
	"\tfield:u32 u32v;\toffset:16;\tsize:4;\tsigned:0;\n"
	"\tfield:int s32v;\toffset:20;\tsize:4;\tsigned:1;\n"
	"\tfield:unsigned long long u64v;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:long s64v;\toffset:32;\tsize:8;\tsigned:1;\n"
	"\tfield:void * pointer;\toffset:40;\tsize:8;\tsigned:0;\n"
	"\tfield:char text[8];\toffset:48;\tsize:8;\tsigned:0;\n"
	"\tfield:u8 octets[4];\toffset:56;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned char address[4];\toffset:60;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned long args[2];\toffset:64;\tsize:16;\tsigned:0;\n"
	"\tfield:int pair[2];\toffset:80;\tsize:8;\tsigned:1;\n"
	"\tfield:struct point place;\toffset:88;\tsize:8;\tsigned:0;\n"
	"\tfield:__data_loc char[] name;\toffset:96;\tsize:4;\tsigned:0;\n"
	"\tfield:__data_loc u64[] list;\toffset:100;\tsize:4;\tsigned:0;\n"
	"\tfield:__rel_loc char[] relative;\toffset:104;\tsize:4;\tsigned:0;\n"
	"\tfield:__rel_loc int[] numbers;\toffset:108;\tsize:4;\tsigned:1;\n"
	"\tfield:__data_loc struct point[] points;\toffset:112;\tsize:4;"
	"\tsigned:0;\n";

static struct fake_tracefs fake;
static struct perftrace_event *event;
static struct comms *comms;
static struct record_context record_context;
static struct perftrace_record storage;
static struct perftrace_record *const record = &storage;
static struct record_binding binding;
static struct bytes bytes;

/* What the kernel would have written; dynamic data follows the fields. */
static const struct __attribute__((packed)) {
	uint16_t type;
	uint8_t flags, preempt_count;
	int32_t pid;
	uint8_t u8v;
	int8_t s8v;
	uint16_t u16v;
	int16_t s16v;
	uint8_t flag;
	char letter;
	uint32_t u32v;
	int32_t s32v;
	uint64_t u64v;
	int64_t s64v;
	uint64_t pointer;
	char text[8];
	uint8_t octets[4], address[4];
	uint64_t args[2];
	int32_t pair[2];
	uint32_t place[2];
	uint32_t name, list, relative, numbers, points;
	/* At 116. */
	char name_data[4];
	uint64_t list_data[2];
	char relative_data[4];
	int32_t numbers_data[3];
} raw = {
	.type = 42,
	.pid = -5,
	.u8v = 0xfe,
	.s8v = -2,
	.u16v = 0xfedc,
	.s16v = -3,
	.flag = 1,
	.letter = 'x',
	.u32v = 0xfedcba98,
	.s32v = -4,
	.u64v = 0xfedcba9876543210,
	.s64v = 6000000000,
	.pointer = 0xffffffff81000000,
	.text = "8 bytes",
	.octets = { 1, 2, 3, 255 },
	.address = { 4, 5, 6, 254 },
	.args = { INT64_MAX, UINT64_MAX },
	.pair = { 11, -12 },
	.place = { 13, 14 },
	.name = 4 << 16 | 116,
	.list = 16 << 16 | 120,
	/* From the end of the word, at 108, to 136. */
	.relative = 4 << 16 | 28,
	/* From 112 to 140. */
	.numbers = 12 << 16 | 28,
	.points = 8 << 16 | 88,
	.name_data = "abc",
	.list_data = { 20, UINT64_MAX },
	.relative_data = "defg",
	.numbers_data = { 21, -22, 23 },
};

static void parse_part(size_t size)
{
	static const struct stamp stamp = { .pid = 1, .tid = 1, .id = 1 };

	begin_sample(&bytes, &stamp);
	put_u32(&bytes, (uint32_t)size);
	put(&bytes, &raw, size);
	pad(&bytes);
	ck_assert_int_eq(record_parse(record, end_record(&bytes), &binding), 0);
}

static void begin(void)
{
	fake_tracefs_make(&fake);
	fake_tracefs_add(&fake, "test:values", 42, all_fields, "\"\"");
	ck_assert_int_eq(
		perftrace_event_find(fake.context, "test:values", &event), 0);
	comms = comms_new();
	record_context =
		(struct record_context){ context_get_log(fake.context), comms };
	record_init(record, &record_context);
	binding = (struct record_binding){
		.event = event,
		.sample_type = RECORD_SAMPLE_TYPE | PERF_SAMPLE_RAW,
		.period = 1,
	};
	parse_part(sizeof(raw));
}

static void end(void)
{
	comms_free(comms);
	perftrace_event_unref(event);
	fake_tracefs_clear(&fake);
}

static struct perftrace_field *find(const char *name)
{
	struct perftrace_field *field;

	ck_assert_int_eq(perftrace_event_find_field(event, name, &field), 0);
	return field;
}

static void expect_failure(int ret, int code, const char *error)
{
	ck_assert_int_eq(ret, code);
	ck_assert_int_eq(perftrace_context_get_error_code(fake.context), code);
	ck_assert_str_eq(perftrace_context_error(fake.context), error);
}

static void expect_u64(const char *name, uint64_t expected)
{
	uint64_t value;

	ck_assert_int_eq(perftrace_record_get_u64(record, find(name), &value),
			 0);
	ck_assert_uint_eq(value, expected);
}

static void expect_s64(const char *name, int64_t expected)
{
	int64_t value;

	ck_assert_int_eq(perftrace_record_get_s64(record, find(name), &value),
			 0);
	ck_assert_int_eq(value, expected);
}

START_TEST(reads_unsigned_integers)
{
	begin();
	expect_u64("common_type", 42);
	expect_u64("u8v", 0xfe);
	expect_u64("u16v", 0xfedc);
	expect_u64("u32v", 0xfedcba98);
	expect_u64("u64v", 0xfedcba9876543210);
	expect_u64("flag", 1);
	expect_u64("pointer", 0xffffffff81000000);
	end();
}
END_TEST

START_TEST(reads_signed_integers)
{
	begin();
	expect_s64("common_pid", -5);
	expect_s64("s8v", -2);
	expect_s64("s16v", -3);
	expect_s64("s32v", -4);
	expect_s64("s64v", 6000000000);
	expect_s64("letter", 'x');
	end();
}
END_TEST

START_TEST(reads_integers_of_the_other_sign_that_fit)
{
	int64_t largest;

	begin();
	expect_s64("u8v", 0xfe);
	expect_s64("u16v", 0xfedc);
	expect_s64("u32v", 0xfedcba98);
	expect_u64("s64v", 6000000000);
	expect_u64("letter", 'x');
	ck_assert_int_eq(perftrace_record_get_element_s64(record, find("args"),
							  0, &largest),
			 0);
	ck_assert_int_eq(largest, INT64_MAX);
	end();
}
END_TEST

START_TEST(refuses_integers_of_the_other_sign)
{
	uint64_t number = 77;
	int64_t integer = 77;

	begin();
	expect_failure(perftrace_record_get_u64(record, find("s8v"), &number),
		       -ERANGE, "field s8v is -2, which no unsigned number is");
	expect_failure(perftrace_record_get_u64(record, find("s32v"), &number),
		       -ERANGE,
		       "field s32v is -4, which no unsigned number is");
	expect_failure(perftrace_record_get_s64(record, find("u64v"), &integer),
		       -ERANGE,
		       "field u64v is 18364758544493064720, more than a signed "
		       "number holds");
	ck_assert_uint_eq(number, 77);
	ck_assert_int_eq(integer, 77);
	end();
}
END_TEST

static void expect_string(const char *name, const char *expected)
{
	const char *string;
	size_t length;

	ck_assert_int_eq(perftrace_record_get_string(record, find(name),
						     &string, &length),
			 0);
	ck_assert_uint_eq(length, strlen(expected));
	ck_assert_mem_eq(string, expected, length);
}

START_TEST(reads_strings)
{
	begin();
	expect_string("text", "8 bytes");
	expect_string("name", "abc");
	/* Without a zero byte. */
	expect_string("relative", "defg");
	end();
}
END_TEST

START_TEST(reads_a_string_that_fills_its_array)
{
	struct perftrace_field *field;
	const char *string;
	size_t length;

	begin();
	field = find("text");
	memset(memmem(bytes.data, bytes.count, "8 bytes", 8), 'z', 8);
	ck_assert_int_eq(perftrace_record_get_string(record, field, &string,
						     &length),
			 0);
	ck_assert_uint_eq(length, 8);
	ck_assert_mem_eq(string, "zzzzzzzz", 8);
	end();
}
END_TEST

static void expect_elements(const char *name, size_t count,
			    const uint64_t *expected)
{
	struct perftrace_field *field = find(name);
	uint64_t value;
	size_t i;

	ck_assert_int_eq(perftrace_record_get_num_elements(record, field, &i),
			 0);
	ck_assert_uint_eq(i, count);
	for (i = 0; i < count; i++) {
		ck_assert_int_eq(perftrace_record_get_element_u64(record, field,
								  i, &value),
				 0);
		ck_assert_uint_eq(value, expected[i]);
	}
}

START_TEST(reads_arrays)
{
	begin();
	expect_elements("octets", 4, (uint64_t[]){ 1, 2, 3, 255 });
	expect_elements("address", 4, (uint64_t[]){ 4, 5, 6, 254 });
	expect_elements("args", 2, (uint64_t[]){ INT64_MAX, UINT64_MAX });
	expect_elements("list", 2, (uint64_t[]){ 20, UINT64_MAX });
	end();
}
END_TEST

static void expect_signed_elements(const char *name, size_t count,
				   const int64_t *expected)
{
	struct perftrace_field *field = find(name);
	int64_t value;
	size_t i;

	ck_assert_int_eq(perftrace_record_get_num_elements(record, field, &i),
			 0);
	ck_assert_uint_eq(i, count);
	for (i = 0; i < count; i++) {
		ck_assert_int_eq(perftrace_record_get_element_s64(record, field,
								  i, &value),
				 0);
		ck_assert_int_eq(value, expected[i]);
	}
}

START_TEST(reads_signed_arrays)
{
	begin();
	expect_signed_elements("pair", 2, (int64_t[]){ 11, -12 });
	expect_signed_elements("numbers", 3, (int64_t[]){ 21, -22, 23 });
	expect_signed_elements("octets", 4, (int64_t[]){ 1, 2, 3, 255 });
	end();
}
END_TEST

START_TEST(refuses_elements_of_the_other_sign)
{
	uint64_t number;
	int64_t integer;

	begin();
	expect_failure(perftrace_record_get_element_u64(record, find("pair"), 1,
							&number),
		       -ERANGE,
		       "field pair is -12, which no unsigned number is");
	expect_failure(perftrace_record_get_element_s64(record, find("list"), 1,
							&integer),
		       -ERANGE,
		       "field list is 18446744073709551615, more than a signed "
		       "number holds");
	end();
}
END_TEST

START_TEST(refuses_elements_that_are_not_there)
{
	uint64_t number;
	int64_t integer;

	begin();
	expect_failure(perftrace_record_get_element_u64(record, find("args"), 2,
							&number),
		       -EINVAL, "field args has 2 elements, none at 2");
	expect_failure(perftrace_record_get_element_s64(record, find("numbers"),
							SIZE_MAX, &integer),
		       -EINVAL,
		       "field numbers has 3 elements, none at "
		       "18446744073709551615");
	end();
}
END_TEST

static void expect_bytes(const char *name, size_t offset, size_t size)
{
	const void *found;
	size_t found_size;

	ck_assert_int_eq(perftrace_record_get_bytes(record, find(name), &found,
						    &found_size),
			 0);
	ck_assert_uint_eq(found_size, size);
	ck_assert_mem_eq(found, (const char *)&raw + offset, size);
}

START_TEST(reads_bytes_of_every_kind)
{
	begin();
	expect_bytes("u8v", 8, 1);
	expect_bytes("s64v", 32, 8);
	expect_bytes("text", 48, 8);
	expect_bytes("args", 64, 16);
	expect_bytes("place", 88, 8);
	expect_bytes("name", 116, 4);
	expect_bytes("list", 120, 16);
	expect_bytes("relative", 136, 4);
	expect_bytes("numbers", 140, 12);
	expect_bytes("points", 88, 8);
	end();
}
END_TEST

START_TEST(refuses_what_is_of_another_kind)
{
	struct perftrace_field *field;
	uint64_t number;
	int64_t integer;
	const char *string;
	size_t size;

	begin();
	expect_failure(perftrace_record_get_u64(record, find("text"), &number),
		       -EINVAL,
		       "field text is a string (char[8]), not an integer");
	expect_failure(
		perftrace_record_get_s64(record, find("place"), &integer),
		-EINVAL, "field place is bytes (struct point), not an integer");
	expect_failure(perftrace_record_get_string(record, find("octets"),
						   &string, &size),
		       -EINVAL,
		       "field octets is an array (u8[4]), not a string");
	field = find("u8v");
	expect_failure(perftrace_record_get_num_elements(record, field, &size),
		       -EINVAL, "field u8v is an integer (u8), not an array");
	expect_failure(perftrace_record_get_element_u64(record, field, 0,
							&number),
		       -EINVAL, "field u8v is an integer (u8), not an array");
	end();
}
END_TEST

START_TEST(refuses_fields_of_another_event)
{
	struct perftrace_event *other;
	struct perftrace_field *field;
	uint64_t number;

	begin();
	fake_tracefs_add(&fake, "test:other", 43, all_fields, "\"\"");
	ck_assert_int_eq(
		perftrace_event_find(fake.context, "test:other", &other), 0);
	ck_assert_int_eq(perftrace_event_find_field(other, "u8v", &field), 0);
	expect_failure(perftrace_record_get_u64(record, field, &number),
		       -EINVAL,
		       "field u8v belongs to another event than test:values, "
		       "which the record is of");
	perftrace_event_unref(other);
	end();
}
END_TEST

START_TEST(refuses_fields_of_what_is_no_sample)
{
	const void *found;
	size_t size;

	begin();
	record_make_lost(record, 0, 0, 1);
	expect_failure(perftrace_record_get_bytes(record, find("u8v"), &found,
						  &size),
		       -EINVAL,
		       "field u8v: the record is no sample, and has no fields");
	end();
}
END_TEST

START_TEST(refuses_fields_beyond_the_record)
{
	uint64_t number;
	size_t size;

	begin();
	for (size = 0; size < 20; size++) {
		parse_part(size);
		ck_assert_int_eq(perftrace_record_get_u64(record, find("u32v"),
							  &number),
				 -EBADMSG);
	}
	expect_failure(perftrace_record_get_u64(record, find("u32v"), &number),
		       -EBADMSG,
		       "field u32v lies outside of a record of 19 bytes");
	parse_part(20);
	expect_u64("u32v", 0xfedcba98);
	end();
}
END_TEST

START_TEST(refuses_dynamic_data_beyond_the_record)
{
	uint64_t number;
	const char *string;
	size_t size;

	begin();
	parse_part(119);
	expect_failure(perftrace_record_get_string(record, find("name"),
						   &string, &size),
		       -EBADMSG,
		       "field name lies outside of a record of 119 bytes");
	parse_part(120);
	expect_string("name", "abc");
	expect_failure(perftrace_record_get_element_u64(record, find("list"), 0,
							&number),
		       -EBADMSG,
		       "field list lies outside of a record of 120 bytes");
	parse_part(151);
	expect_failure(perftrace_record_get_num_elements(
			       record, find("numbers"), &size),
		       -EBADMSG,
		       "field numbers lies outside of a record of 151 bytes");
	end();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(reads_unsigned_integers),
	TEST(reads_signed_integers),
	TEST(reads_integers_of_the_other_sign_that_fit),
	TEST(refuses_integers_of_the_other_sign),
	TEST(reads_strings),
	TEST(reads_a_string_that_fills_its_array),
	TEST(reads_arrays),
	TEST(reads_signed_arrays),
	TEST(refuses_elements_of_the_other_sign),
	TEST(refuses_elements_that_are_not_there),
	TEST(reads_bytes_of_every_kind),
	TEST(refuses_what_is_of_another_kind),
	TEST(refuses_fields_of_another_event),
	TEST(refuses_fields_of_what_is_no_sample),
	TEST(refuses_fields_beyond_the_record),
	TEST(refuses_dynamic_data_beyond_the_record),
};

HARNESS_MAIN("value", tests, HARNESS_UNIT)
