/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "batch.h"
#include "bytes.h"
#include "comms.h"
#include "context.h"
#include "fake_tracefs.h"
#include "harness.h"
#include "log.h"
#include "memory_ring.h"
#include "reader.h"
#include "record.h"
#include "session_config.h"

#define VALUES	 PERFTRACE_BUFFER_VALUES
#define OFFSETS	 PERFTRACE_BUFFER_OFFSETS
#define VALIDITY PERFTRACE_BUFFER_VALIDITY

static const struct stamp stamp = {
	.pid = 100, .tid = 101, .time = 1234567890123, .cpu = 3, .id = 42
};

/* The raw data of test:all. */
struct all {
	uint16_t type;
	uint8_t flags, preempt_count;
	int32_t pid;
	uint8_t u8v;
	int8_t s8v;
	uint16_t u16v;
	int16_t s16v;
	uint16_t reserved;
	uint32_t u32v;
	int32_t s32v;
	uint64_t u64v;
	int64_t s64v;
	char text[8];
	uint8_t octets[4];
	int32_t pair[2];
	char place[8];
	uint32_t name, relative, list;
	char tail[32];
};

static const char all_fields[] =
	"\tfield:u8 u8v;\toffset:8;\tsize:1;\tsigned:0;\n"
	"\tfield:signed char s8v;\toffset:9;\tsize:1;\tsigned:1;\n"
	"\tfield:unsigned short u16v;\toffset:10;\tsize:2;\tsigned:0;\n"
	"\tfield:s16 s16v;\toffset:12;\tsize:2;\tsigned:1;\n"
	"\tfield:u32 u32v;\toffset:16;\tsize:4;\tsigned:0;\n"
	"\tfield:int s32v;\toffset:20;\tsize:4;\tsigned:1;\n"
	"\tfield:unsigned long long u64v;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:long s64v;\toffset:32;\tsize:8;\tsigned:1;\n"
	"\tfield:char text[8];\toffset:40;\tsize:8;\tsigned:0;\n"
	"\tfield:u8 octets[4];\toffset:48;\tsize:4;\tsigned:0;\n"
	"\tfield:int pair[2];\toffset:52;\tsize:8;\tsigned:1;\n"
	"\tfield:struct point place;\toffset:60;\tsize:8;\tsigned:0;\n"
	"\tfield:__data_loc char[] name;\toffset:68;\tsize:4;\tsigned:0;\n"
	"\tfield:__rel_loc char[] relative;\toffset:72;\tsize:4;\tsigned:0;\n"
	"\tfield:__data_loc u64[] list;\toffset:76;\tsize:4;\tsigned:0;\n";

/* Same names, other types. The raw data is an int32_t behind the head. */
static const char other_fields[] =
	"\tfield:int number;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:s8 u8v;\toffset:8;\tsize:1;\tsigned:1;\n"
	"\tfield:u32 s32v;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:u32 u32v;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:u8 u64v;\toffset:8;\tsize:1;\tsigned:0;\n"
	"\tfield:u64 s64v;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:int text;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:u16 octets[2];\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned int pair[1];\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:char name[4];\toffset:8;\tsize:4;\tsigned:0;\n";

static struct fake_tracefs fake;
static struct perftrace_event *all_event, *other_event;
static struct perftrace_session *session;
static struct perftrace_source *all_source, *other_source;
static struct comms *comms;
static struct record_context record_context;
static struct perftrace_record storage;
static struct perftrace_record *const record = &storage;
static struct perftrace_batch *batch;
static struct bytes bytes;

static void succeed(int ret)
{
	ck_assert_msg(!ret, "%d: %s", ret,
		      perftrace_context_error(fake.context));
}

static void expect_error(const char *part)
{
	const char *error = perftrace_context_error(fake.context);

	ck_assert_msg(strstr(error, part), "\"%s\" has no \"%s\"", error, part);
}

static void refuse(int ret, int code, const char *part)
{
	ck_assert_int_eq(ret, code);
	expect_error(part);
}

static struct perftrace_event *add_event(const char *name, uint64_t id,
					 const char *fields)
{
	struct perftrace_event *event;

	fake_tracefs_add(&fake, name, id, fields, "\"text\"");
	succeed(perftrace_event_find(fake.context, name, &event));
	return event;
}

/* The session is never opened: it only has sources. */
static void begin(size_t capacity)
{
	fake_tracefs_make(&fake);
	all_event = add_event("test:all", 42, all_fields);
	other_event = add_event("test:other", 43, other_fields);
	succeed(perftrace_session_new(fake.context, NULL, &session));
	succeed(perftrace_session_add_event(session, other_event, NULL,
					    &other_source));
	succeed(perftrace_session_add_event(session, all_event, NULL,
					    &all_source));
	comms = comms_new();
	comms_set(comms, 101, "task");
	record_context =
		(struct record_context){ context_get_log(fake.context), comms };
	record_init(record, &record_context);
	succeed(perftrace_batch_new(fake.context, capacity, &batch));
}

static void end(void)
{
	perftrace_batch_free(batch);
	comms_free(comms);
	perftrace_session_free(session);
	perftrace_event_unref(other_event);
	perftrace_event_unref(all_event);
	fake_tracefs_clear(&fake);
}

static size_t add_own(int32_t own)
{
	size_t column;

	succeed(perftrace_batch_add_column(batch, own, &column));
	return column;
}

static size_t add_field(struct perftrace_event *event, const char *name)
{
	size_t column;

	succeed(perftrace_batch_add_field(batch, event, name, &column));
	return column;
}

static size_t add_session_field(const char *name)
{
	size_t column;

	succeed(perftrace_batch_add_session_field(batch, session, name,
						  &column));
	return column;
}

static struct perftrace_source *source_at(size_t index)
{
	return perftrace_session_get_source(session, index);
}

static void begin_batch(void)
{
	struct perftrace_source *sources[8];
	size_t i, count = perftrace_session_get_num_sources(session);

	for (i = 0; i < count; i++)
		sources[i] = source_at(i);
	succeed(batch_begin(batch, sources, count));
}

static bool add_record(const struct record_binding *binding)
{
	ck_assert_int_eq(record_parse(record, end_record(&bytes), binding), 0);
	return batch_add(batch, record);
}

static bool add_sample(struct perftrace_source *source, const void *raw,
		       size_t raw_bytes)
{
	const struct record_binding binding = {
		.source = source,
		.event = perftrace_source_get_event(source),
		.sample_type = RECORD_SAMPLE_TYPE | PERF_SAMPLE_RAW,
		.period = 7,
		.raw_offset =
			record_raw_offset(RECORD_SAMPLE_TYPE | PERF_SAMPLE_RAW),
	};

	begin_sample(&bytes, &stamp);
	put_raw(&bytes, raw, raw_bytes);
	return add_record(&binding);
}

static bool add_all(const struct all *raw)
{
	return add_sample(all_source, raw, sizeof(*raw));
}

static bool add_other(int32_t number)
{
	const int32_t raw[3] = { 43, 0, number };

	return add_sample(other_source, raw, sizeof(raw));
}

static bool add_lost(uint64_t lost)
{
	begin_record(&bytes, PERF_RECORD_LOST, 0);
	put_u64(&bytes, 42);
	put_u64(&bytes, lost);
	put_sample_id(&bytes, &stamp);
	return add_record(NULL);
}

static const void *buffer(size_t column, int32_t which)
{
	return perftrace_batch_get_buffer(batch, column, which);
}

static bool is_valid(size_t column, size_t row)
{
	const uint8_t *validity = buffer(column, VALIDITY);

	return !validity || (validity[row / 8] >> row % 8 & 1);
}

static size_t width_of(const char *format)
{
	static const char formats[] = "cCsSiIlL";
	const char *at = strchr(formats, *format);

	ck_assert_uint_eq(strlen(format), 1);
	if (*format == 'z')
		return 0;
	ck_assert_ptr_nonnull(at);
	return (size_t)1 << (at - formats) / 2;
}

/* A number, as Arrow would read it. */
static int64_t number(size_t column, size_t row)
{
	const char *format = perftrace_batch_get_column_format(batch, column);
	const void *values = buffer(column, VALUES);

	switch (*format) {
	case 'c':
		return ((const int8_t *)values)[row];
	case 'C':
		return ((const uint8_t *)values)[row];
	case 's':
		return ((const int16_t *)values)[row];
	case 'S':
		return ((const uint16_t *)values)[row];
	case 'i':
		return ((const int32_t *)values)[row];
	case 'I':
		return ((const uint32_t *)values)[row];
	case 'l':
		return ((const int64_t *)values)[row];
	default:
		ck_assert_str_eq(format, "L");
		return (int64_t)((const uint64_t *)values)[row];
	}
}

static void check_offsets(size_t column, size_t num_rows)
{
	const int32_t *offsets = buffer(column, OFFSETS);
	size_t row, room;

	ck_assert_uint_ge(perftrace_batch_get_buffer_bytes(batch, column,
							   OFFSETS),
			  (num_rows + 1) * sizeof(*offsets));
	ck_assert_int_eq(offsets[0], 0);
	for (row = 0; row < num_rows; row++) {
		ck_assert_int_ge(offsets[row + 1], offsets[row]);
		if (!is_valid(column, row))
			ck_assert_int_eq(offsets[row + 1], offsets[row]);
	}
	room = perftrace_batch_get_buffer_bytes(batch, column, VALUES);
	ck_assert_uint_le((size_t)offsets[num_rows], room);
}

static void check_numbers(size_t column, size_t width, size_t num_rows)
{
	size_t row;

	ck_assert_ptr_null(buffer(column, OFFSETS));
	ck_assert_uint_ge(perftrace_batch_get_buffer_bytes(batch, column,
							   VALUES),
			  num_rows * width);
	for (row = 0; row < num_rows; row++) {
		if (!is_valid(column, row))
			ck_assert_int_eq(number(column, row), 0);
	}
}

static void check_validity(size_t column, size_t num_rows)
{
	const uint8_t *validity = buffer(column, VALIDITY);
	size_t row, num_nulls = 0;

	for (row = 0; row < num_rows; row++)
		num_nulls += !is_valid(column, row);
	ck_assert_uint_eq(perftrace_batch_get_null_count(batch, column),
			  num_nulls);
	/* What stands behind the last row in its byte. */
	if (validity && num_rows % 8)
		ck_assert_uint_eq(validity[num_rows / 8] >> num_rows % 8, 0);
}

static void check_alignment(size_t column, size_t alignment)
{
	int32_t which;

	for (which = VALUES; which <= VALIDITY; which++)
		ck_assert_uint_eq((uintptr_t)buffer(column, which) % alignment,
				  0);
}

/* The rules of Arrow's columnar format, for all that a batch holds. */
static void check_arrow(size_t alignment)
{
	size_t column, count = perftrace_batch_get_num_columns(batch);
	size_t num_rows = perftrace_batch_get_num_records(batch);

	for (column = 0; column < count; column++) {
		size_t width = width_of(
			perftrace_batch_get_column_format(batch, column));

		check_alignment(column, alignment);
		check_validity(column, num_rows);
		if (width)
			check_numbers(column, width, num_rows);
		else
			check_offsets(column, num_rows);
	}
}

static void end_batch(size_t num_rows)
{
	ck_assert_int_eq(batch_end(batch), (int)num_rows);
	ck_assert_uint_eq(perftrace_batch_get_num_records(batch), num_rows);
	check_arrow(64);
}

static void expect_number(size_t column, size_t row, int64_t expected)
{
	ck_assert(is_valid(column, row));
	ck_assert_int_eq(number(column, row), expected);
}

static void expect_null(size_t column, size_t row)
{
	ck_assert(!is_valid(column, row));
}

static void expect_bytes(size_t column, size_t row, const void *expected,
			 size_t size)
{
	const int32_t *offsets = buffer(column, OFFSETS);
	const char *values = buffer(column, VALUES);

	ck_assert(is_valid(column, row));
	ck_assert_int_eq(offsets[row + 1] - offsets[row], (int)size);
	ck_assert_mem_eq(values + offsets[row], expected, size);
}

static void expect_text(size_t column, size_t row, const char *expected)
{
	expect_bytes(column, row, expected, strlen(expected));
}

static void expect_type(size_t column, const char *name, const char *format)
{
	ck_assert_str_eq(perftrace_batch_get_column_name(batch, column), name);
	ck_assert_str_eq(perftrace_batch_get_column_format(batch, column),
			 format);
}

static uint32_t location(size_t offset, size_t length)
{
	return (uint32_t)(length << 16 | offset);
}

/* Dynamic values that lie where nothing is in the way. */
static struct all make_all(const char *name)
{
	struct all raw = { .type = 42, .pid = 101 };
	size_t start = offsetof(struct all, tail);

	strcpy(raw.tail, name);
	raw.name = location(start, strlen(name) + 1);
	raw.relative = location(start - offsetof(struct all, list), 0);
	raw.list = location(start, 0);
	return raw;
}

START_TEST(takes_what_all_records_have)
{
	static const struct {
		int32_t own;
		const char *name, *format;
		int64_t of_sample, of_lost;
	} columns[] = {
		{ PERFTRACE_COLUMN_KIND, "kind", "i", PERFTRACE_RECORD_SAMPLE,
		  PERFTRACE_RECORD_LOST },
		{ PERFTRACE_COLUMN_TIME_NS, "time_ns", "L", 1234567890123,
		  1234567890123 },
		{ PERFTRACE_COLUMN_CPU, "cpu", "i", 3, 3 },
		{ PERFTRACE_COLUMN_PID, "pid", "i", 100, 100 },
		{ PERFTRACE_COLUMN_TID, "tid", "i", 101, 101 },
		{ PERFTRACE_COLUMN_SOURCE, "source", "i", 1, -1 },
		{ PERFTRACE_COLUMN_PERIOD, "period", "L", 7, 0 },
		{ PERFTRACE_COLUMN_LOST, "lost", "L", 0, 1234 },
		{ PERFTRACE_COLUMN_PARENT_PID, "parent_pid", "i", -1, -1 },
		{ PERFTRACE_COLUMN_PARENT_TID, "parent_tid", "i", -1, -1 },
		{ PERFTRACE_COLUMN_IS_EXEC, "is_exec", "C", 0, 0 },
		{ PERFTRACE_COLUMN_MAP_ADDRESS, "map_address", "L", 0, 0 },
	};
	size_t i, count = sizeof(columns) / sizeof(*columns);
	struct all raw = make_all("name");

	begin(16);
	for (i = 0; i < count; i++) {
		ck_assert_uint_eq(add_own(columns[i].own), i);
		expect_type(i, columns[i].name, columns[i].format);
		ck_assert_ptr_null(buffer(i, VALIDITY));
	}
	begin_batch();
	add_all(&raw);
	add_lost(1234);
	end_batch(2);
	for (i = 0; i < count; i++) {
		expect_number(i, 0, columns[i].of_sample);
		expect_number(i, 1, columns[i].of_lost);
	}
	end();
}
END_TEST

static void add_comm(const char *name)
{
	begin_record(&bytes, PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC);
	put_u32(&bytes, 100);
	put_u32(&bytes, 102);
	put_text(&bytes, name);
	pad(&bytes);
	put_sample_id(&bytes, &stamp);
	add_record(NULL);
}

static void add_map(const char *path)
{
	begin_record(&bytes, PERF_RECORD_MMAP2, 0);
	put_u32(&bytes, 100);
	put_u32(&bytes, 101);
	put_u64(&bytes, 0x7f0000000000);
	put_u64(&bytes, 0x21000);
	put_u64(&bytes, 0x3000);
	put_u32(&bytes, 8);
	put_u32(&bytes, 259);
	put_u64(&bytes, 4711);
	put_u64(&bytes, 1);
	put_u32(&bytes, 5);
	put_u32(&bytes, 2);
	put_text(&bytes, path);
	pad(&bytes);
	put_sample_id(&bytes, &stamp);
	add_record(NULL);
}

static void add_fork(void)
{
	begin_record(&bytes, PERF_RECORD_FORK, 0);
	put_u32(&bytes, 200);
	put_u32(&bytes, 100);
	put_u32(&bytes, 201);
	put_u32(&bytes, 101);
	put_u64(&bytes, 5);
	put_sample_id(&bytes, &stamp);
	add_record(NULL);
}

START_TEST(takes_what_other_records_tell)
{
	/* All that there are: a column's number is its own. */
	int32_t own;

	begin(16);
	for (own = 0; own <= PERFTRACE_COLUMN_MAP_PATH; own++)
		ck_assert_uint_eq(add_own(own), (size_t)own);
	begin_batch();
	add_fork();
	add_comm("renamed");
	add_map("/lib/libc.so.6");
	end_batch(3);
	expect_number(PERFTRACE_COLUMN_PID, 0, 200);
	expect_number(PERFTRACE_COLUMN_PARENT_PID, 0, 100);
	expect_number(PERFTRACE_COLUMN_PARENT_TID, 0, 101);
	expect_text(PERFTRACE_COLUMN_COMM, 0, "task");
	expect_number(PERFTRACE_COLUMN_IS_EXEC, 0, 0);
	expect_number(PERFTRACE_COLUMN_IS_EXEC, 1, 1);
	expect_text(PERFTRACE_COLUMN_COMM, 1, "renamed");
	expect_null(PERFTRACE_COLUMN_MAP_PATH, 1);
	expect_null(PERFTRACE_COLUMN_RAW, 1);
	expect_null(PERFTRACE_COLUMN_CALLCHAIN, 1);
	expect_number(PERFTRACE_COLUMN_MAP_ADDRESS, 2, 0x7f0000000000);
	expect_number(PERFTRACE_COLUMN_MAP_LENGTH_BYTES, 2, 0x21000);
	expect_number(PERFTRACE_COLUMN_MAP_OFFSET_BYTES, 2, 0x3000);
	expect_number(PERFTRACE_COLUMN_MAP_DEVICE, 2, (int64_t)makedev(8, 259));
	expect_number(PERFTRACE_COLUMN_MAP_INODE, 2, 4711);
	expect_number(PERFTRACE_COLUMN_MAP_PROTECTION, 2, 5);
	expect_number(PERFTRACE_COLUMN_MAP_FLAGS, 2, 2);
	expect_text(PERFTRACE_COLUMN_MAP_PATH, 2, "/lib/libc.so.6");
	end();
}
END_TEST

START_TEST(takes_raw_data_and_callchains)
{
	const uint64_t addresses[] = { PERF_CONTEXT_USER, 0x401000 };
	const struct record_binding binding = {
		.source = all_source,
		.sample_type = RECORD_SAMPLE_TYPE | PERF_SAMPLE_CALLCHAIN |
			       PERF_SAMPLE_RAW,
		.raw_offset = RECORD_NO_RAW_OFFSET,
	};
	size_t raw, callchain;

	begin(16);
	raw = add_own(PERFTRACE_COLUMN_RAW);
	callchain = add_own(PERFTRACE_COLUMN_CALLCHAIN);
	expect_type(callchain, "callchain", "z");
	begin_batch();
	begin_sample(&bytes, &stamp);
	put_u64(&bytes, 2);
	put(&bytes, addresses, sizeof(addresses));
	put_raw(&bytes, "0123456789ab", 12);
	add_record(&binding);
	end_batch(1);
	expect_bytes(callchain, 0, addresses, sizeof(addresses));
	expect_bytes(raw, 0, "0123456789ab", 12);
	end();
}
END_TEST

static const char *const integers[] = { "u8v",	"s8v",	"u16v", "s16v",
					"u32v", "s32v", "u64v", "s64v" };

START_TEST(keeps_width_and_sign)
{
	static const char *const formats[] = { "C", "c", "S", "s",
					       "I", "i", "L", "l" };
	const struct all greatest = {
		.u8v = UINT8_MAX,
		.s8v = INT8_MAX,
		.u16v = UINT16_MAX,
		.s16v = INT16_MAX,
		.u32v = UINT32_MAX,
		.s32v = INT32_MAX,
		.u64v = UINT64_MAX,
		.s64v = INT64_MAX,
	};
	const struct all least = {
		.s8v = INT8_MIN,
		.s16v = INT16_MIN,
		.s32v = INT32_MIN,
		.s64v = INT64_MIN,
	};
	const int64_t greatest_values[] = { UINT8_MAX, INT8_MAX,   UINT16_MAX,
					    INT16_MAX, UINT32_MAX, INT32_MAX,
					    -1,	       INT64_MAX };
	const int64_t least_values[] = { 0, INT8_MIN,  0, INT16_MIN,
					 0, INT32_MIN, 0, INT64_MIN };
	size_t i;

	begin(16);
	for (i = 0; i < 8; i++) {
		ck_assert_uint_eq(add_field(all_event, integers[i]), i);
		expect_type(i, integers[i], formats[i]);
	}
	begin_batch();
	add_all(&greatest);
	add_all(&least);
	end_batch(2);
	for (i = 0; i < 8; i++) {
		expect_number(i, 0, greatest_values[i]);
		expect_number(i, 1, least_values[i]);
	}
	end();
}
END_TEST

START_TEST(strings_end_at_their_zero_byte)
{
	struct all raw = make_all("dynamic");
	size_t text, name, relative;

	begin(16);
	text = add_field(all_event, "text");
	name = add_field(all_event, "name");
	relative = add_field(all_event, "relative");
	expect_type(text, "text", "z");
	begin_batch();
	strcpy(raw.text, "text");
	raw.relative = location(4, 3);
	add_all(&raw);
	/* One that has none, and one that is not as long as it says. */
	memcpy(raw.text, "12345678", 8);
	raw.name = location(offsetof(struct all, tail), 4);
	raw.relative = location(4, 12);
	add_all(&raw);
	raw.text[0] = '\0';
	raw.name = location(sizeof(raw), 0);
	add_all(&raw);
	end_batch(3);
	expect_text(text, 0, "text");
	expect_text(name, 0, "dynamic");
	expect_text(relative, 0, "dyn");
	expect_text(text, 1, "12345678");
	expect_text(name, 1, "dyna");
	expect_text(relative, 1, "dynamic");
	expect_text(text, 2, "");
	expect_text(name, 2, "");
	end();
}
END_TEST

START_TEST(arrays_are_all_their_bytes)
{
	struct all raw = make_all("");
	const uint64_t list[] = { 1, UINT64_MAX };
	size_t octets, pair, place, listed;

	begin(16);
	octets = add_field(all_event, "octets");
	pair = add_field(all_event, "pair");
	place = add_field(all_event, "place");
	listed = add_field(all_event, "list");
	expect_type(listed, "list", "z");
	begin_batch();
	memcpy(raw.octets, "\0\1\0\2", 4);
	raw.pair[0] = -1;
	raw.pair[1] = 5;
	memcpy(raw.place, "p\0l\0a\0c\0", 8);
	memcpy(raw.tail, list, sizeof(list));
	raw.list = location(offsetof(struct all, tail), sizeof(list));
	add_all(&raw);
	end_batch(1);
	expect_bytes(octets, 0, "\0\1\0\2", 4);
	expect_bytes(pair, 0, raw.pair, 8);
	expect_bytes(place, 0, "p\0l\0a\0c\0", 8);
	expect_bytes(listed, 0, list, sizeof(list));
	end();
}
END_TEST

START_TEST(is_null_where_there_is_no_value)
{
	struct all raw = make_all("name");
	size_t s32v, name, row;

	begin(64);
	s32v = add_field(all_event, "s32v");
	name = add_field(all_event, "name");
	begin_batch();
	raw.s32v = -5;
	/* More than a byte of bits, and not a whole number of them. */
	for (row = 0; row < 21; row += 3) {
		add_all(&raw);
		add_other(9);
		add_lost(1);
	}
	end_batch(21);
	ck_assert_uint_eq(perftrace_batch_get_null_count(batch, s32v), 14);
	for (row = 0; row < 21; row += 3) {
		expect_number(s32v, row, -5);
		expect_text(name, row, "name");
		expect_null(s32v, row + 1);
		expect_null(name, row + 1);
		expect_null(s32v, row + 2);
	}
	end();
}
END_TEST

START_TEST(is_null_where_a_record_is_too_short)
{
	struct all raw = make_all("name");
	size_t u8v, s64v, text, name;

	begin(16);
	u8v = add_field(all_event, "u8v");
	s64v = add_field(all_event, "s64v");
	text = add_field(all_event, "text");
	name = add_field(all_event, "name");
	begin_batch();
	/* Padded to 36 bytes. */
	add_sample(all_source, &raw, 36);
	/* Its end is not in the record. */
	raw.name = location(offsetof(struct all, tail), sizeof(raw.tail) + 9);
	add_all(&raw);
	raw.name = location(0xffff, 1);
	add_all(&raw);
	end_batch(3);
	expect_number(u8v, 0, 0);
	expect_null(s64v, 0);
	expect_null(text, 0);
	expect_null(name, 0);
	expect_number(s64v, 1, 0);
	expect_null(name, 1);
	expect_null(name, 2);
	end();
}
END_TEST

START_TEST(widens_integers_of_several_events)
{
	struct all raw = make_all("");
	size_t u8v, s32v, u32v, u64v;

	begin(16);
	/* u8 and s8, int and u32, u32 twice, u64 and u8. */
	u8v = add_session_field("u8v");
	s32v = add_session_field("s32v");
	u32v = add_session_field("u32v");
	u64v = add_session_field("u64v");
	expect_type(u8v, "u8v", "s");
	expect_type(s32v, "s32v", "l");
	expect_type(u32v, "u32v", "I");
	expect_type(u64v, "u64v", "L");
	begin_batch();
	raw.u8v = 255;
	raw.s32v = -2;
	raw.u32v = UINT32_MAX;
	raw.u64v = UINT64_MAX;
	add_all(&raw);
	add_other(-3);
	end_batch(2);
	expect_number(u8v, 0, 255);
	expect_number(u8v, 1, -3);
	expect_number(s32v, 0, -2);
	expect_number(s32v, 1, (uint32_t)-3);
	expect_number(u32v, 0, UINT32_MAX);
	expect_number(u32v, 1, (uint32_t)-3);
	expect_number(u64v, 0, -1);
	expect_number(u64v, 1, (uint8_t)-3);
	end();
}
END_TEST

START_TEST(joins_strings_of_several_events)
{
	struct all raw = make_all("dynamic");
	size_t name;

	begin(16);
	name = add_session_field("name");
	ck_assert_uint_eq(perftrace_batch_get_min_buffer_bytes(batch, name,
							       VALUES),
			  UINT16_MAX);
	begin_batch();
	add_all(&raw);
	add_other('x' | 'y' << 8);
	end_batch(2);
	expect_text(name, 0, "dynamic");
	expect_text(name, 1, "xy");
	end();
}
END_TEST

START_TEST(takes_what_some_events_have)
{
	struct all raw = make_all("");
	size_t number_column;

	begin(16);
	number_column = add_session_field("number");
	expect_type(number_column, "number", "i");
	begin_batch();
	add_all(&raw);
	add_other(12);
	end_batch(2);
	expect_null(number_column, 0);
	expect_number(number_column, 1, 12);
	end();
}
END_TEST

static void refuse_session_field(const char *name, const char *first,
				 const char *second)
{
	size_t column = 99;

	refuse(perftrace_batch_add_session_field(batch, session, name, &column),
	       -EINVAL, first);
	expect_error(second);
	expect_error("test:other");
	expect_error("test:all");
	ck_assert_uint_eq(column, 99);
}

START_TEST(refuses_what_no_column_holds)
{
	begin(16);
	refuse_session_field("s64v", "\"u64\" in test:other", "\"long\"");
	refuse_session_field("text", "\"int\"", "char");
	refuse_session_field("octets", "u16", "u8");
	refuse_session_field("pair", "unsigned int", "int");
	expect_error("column of its own");
	ck_assert_uint_eq(perftrace_batch_get_num_columns(batch), 0);
	end();
}
END_TEST

START_TEST(refuses_fields_that_are_not_there)
{
	begin(16);
	refuse(perftrace_batch_add_field(batch, all_event, "s46v", NULL),
	       -ENOENT, "s64v");
	refuse(perftrace_batch_add_field(batch, all_event, NULL, NULL), -EINVAL,
	       "no field name");
	refuse(perftrace_batch_add_session_field(batch, session, "nowhere",
						 NULL),
	       -ENOENT, "none of the session's 2 events has a field nowhere");
	refuse(perftrace_batch_add_session_field(batch, session, NULL, NULL),
	       -EINVAL, "no field name");
	ck_assert_uint_eq(perftrace_batch_get_num_columns(batch), 0);
	end();
}
END_TEST

START_TEST(says_what_the_only_event_has)
{
	struct perftrace_session *alone;

	begin(16);
	succeed(perftrace_session_new(fake.context, NULL, &alone));
	refuse(perftrace_batch_add_session_field(batch, alone, "s46v", NULL),
	       -ENOENT, "0 events");
	succeed(perftrace_session_add_event(alone, all_event, NULL, NULL));
	refuse(perftrace_batch_add_session_field(batch, alone, "s46v", NULL),
	       -ENOENT, "s64v");
	perftrace_session_free(alone);
	end();
}
END_TEST

START_TEST(refuses_what_is_of_another_context)
{
	struct perftrace_context *context;
	struct perftrace_batch *foreign;

	begin(16);
	succeed(perftrace_context_new(&context));
	succeed(perftrace_batch_new(context, 1, &foreign));
	ck_assert_int_eq(perftrace_batch_add_field(foreign, all_event, "s32v",
						   NULL),
			 -EINVAL);
	ck_assert_int_eq(perftrace_batch_add_session_field(foreign, session,
							   "s32v", NULL),
			 -EINVAL);
	succeed(perftrace_batch_add_column(foreign, 0, NULL));
	ck_assert_int_eq(perftrace_session_read_batch(session, 0, foreign),
			 -EINVAL);
	ck_assert_ptr_nonnull(
		strstr(perftrace_context_error(context), "another context"));
	perftrace_batch_free(foreign);
	perftrace_context_unref(context);
	end();
}
END_TEST

START_TEST(refuses_capacities_and_columns)
{
	struct perftrace_batch *none = NULL;

	begin(16);
	refuse(perftrace_batch_new(fake.context, 0, &none), -EINVAL,
	       "a batch of 0 records");
	refuse(perftrace_batch_new(fake.context, (size_t)INT32_MAX + 1, &none),
	       -EINVAL, "2147483648");
	ck_assert_ptr_null(none);
	refuse(perftrace_batch_add_column(batch, -1, NULL), -EINVAL, "-1");
	refuse(perftrace_batch_add_column(batch, PERFTRACE_COLUMN_MAP_PATH + 1,
					  NULL),
	       -EINVAL, "enum perftrace_column");
	perftrace_batch_free(NULL);
	end();
}
END_TEST

START_TEST(has_nothing_of_columns_that_are_not_there)
{
	begin(16);
	add_own(PERFTRACE_COLUMN_CPU);
	ck_assert_ptr_null(perftrace_batch_get_column_name(batch, 1));
	ck_assert_ptr_null(perftrace_batch_get_column_format(batch, 1));
	ck_assert_uint_eq(perftrace_batch_get_null_count(batch, 1), 0);
	ck_assert_ptr_null(buffer(1, VALUES));
	ck_assert_ptr_null(buffer(0, OFFSETS));
	ck_assert_ptr_null(buffer(0, 3));
	ck_assert_ptr_null(buffer(0, -1));
	ck_assert_uint_eq(perftrace_batch_get_buffer_bytes(batch, 1, VALUES),
			  0);
	ck_assert_uint_eq(perftrace_batch_get_buffer_bytes(batch, 0, VALIDITY),
			  0);
	ck_assert_uint_eq(
		perftrace_batch_get_min_buffer_bytes(batch, 1, VALUES), 0);
	ck_assert_uint_eq(perftrace_batch_get_min_buffer_bytes(batch, 0, -1),
			  0);
	end();
}
END_TEST

START_TEST(refuses_columns_after_a_read)
{
	begin(16);
	add_own(PERFTRACE_COLUMN_CPU);
	begin_batch();
	end_batch(0);
	refuse(perftrace_batch_add_column(batch, PERFTRACE_COLUMN_PID, NULL),
	       -EBUSY, "has been read into");
	refuse(perftrace_batch_add_field(batch, all_event, "s32v", NULL),
	       -EBUSY, "has been read into");
	refuse(perftrace_batch_add_session_field(batch, session, "s32v", NULL),
	       -EBUSY, "has been read into");
	ck_assert_uint_eq(perftrace_batch_get_num_columns(batch), 1);
	end();
}
END_TEST

START_TEST(takes_as_many_as_its_capacity)
{
	size_t number_column, row;

	begin(1);
	number_column = add_field(other_event, "number");
	begin_batch();
	ck_assert(!add_other(5));
	end_batch(1);
	expect_number(number_column, 0, 5);
	perftrace_batch_free(batch);
	succeed(perftrace_batch_new(fake.context, 9, &batch));
	ck_assert_uint_eq(perftrace_batch_get_capacity(batch), 9);
	add_field(other_event, "number");
	begin_batch();
	for (row = 0; row < 9; row++)
		ck_assert_int_eq(add_other((int32_t)row), row < 8);
	end_batch(9);
	begin_batch();
	ck_assert_uint_eq(perftrace_batch_get_num_records(batch), 0);
	ck_assert(add_other(77));
	end_batch(1);
	expect_number(number_column, 0, 77);
	end();
}
END_TEST

START_TEST(starts_over_with_each_read)
{
	struct all raw = make_all("name");
	size_t name, round, row;

	begin(64);
	name = add_field(all_event, "name");
	for (round = 0; round < 3; round++) {
		begin_batch();
		for (row = 0; row < 11; row++) {
			if (row % 2 == round % 2)
				add_all(&raw);
			else
				add_other(1);
		}
		end_batch(11);
		for (row = 0; row < 11; row++)
			ck_assert_int_eq(is_valid(name, row),
					 row % 2 == round % 2);
	}
	end();
}
END_TEST

/* Each in a memory of its own: a sanitizer sees whoever writes beyond. */
static void *give_buffer(size_t column, int32_t which, size_t size)
{
	void *data = malloc(size);

	ck_assert_ptr_nonnull(data);
	memset(data, 0xa5, size);
	succeed(perftrace_batch_set_buffer(batch, column, which, data, size));
	ck_assert_ptr_eq(buffer(column, which), data);
	ck_assert_uint_eq(
		perftrace_batch_get_buffer_bytes(batch, column, which), size);
	return data;
}

static void *give_least(size_t column, int32_t which)
{
	return give_buffer(column, which,
			   perftrace_batch_get_min_buffer_bytes(batch, column,
								which));
}

START_TEST(fills_arrays_of_the_caller)
{
	struct all raw = make_all("name");
	void *given[5];
	size_t s32v, name, i;

	begin(3);
	s32v = add_field(all_event, "s32v");
	name = add_field(all_event, "name");
	given[0] = give_least(s32v, VALUES);
	given[1] = give_least(s32v, VALIDITY);
	given[2] = give_buffer(name, VALUES, 3 * 65536);
	given[3] = give_least(name, OFFSETS);
	given[4] = give_least(name, VALIDITY);
	begin_batch();
	raw.s32v = 1;
	ck_assert(add_all(&raw));
	ck_assert(add_other(2));
	raw.s32v = 3;
	ck_assert(!add_all(&raw));
	ck_assert_int_eq(batch_end(batch), 3);
	check_arrow(8);
	ck_assert_int_eq(((int32_t *)given[0])[2], 3);
	ck_assert_uint_eq(*(uint8_t *)given[1], 5);
	ck_assert_mem_eq(given[2], "namename", 8);
	ck_assert_int_eq(((int32_t *)given[3])[3], 8);
	perftrace_batch_free(batch);
	batch = NULL;
	/* They are still the caller's. */
	for (i = 0; i < 5; i++)
		free(given[i]);
	end();
}
END_TEST

START_TEST(refuses_arrays_that_do_not_fit)
{
	_Alignas(8) static char memory[65536];
	size_t s32v, text;

	begin(4);
	s32v = add_field(all_event, "s32v");
	text = add_field(all_event, "text");
	refuse(perftrace_batch_set_buffer(batch, 2, VALUES, memory, 16),
	       -EINVAL, "no column 2");
	refuse(perftrace_batch_set_buffer(batch, s32v, OFFSETS, memory, 16),
	       -EINVAL, "column s32v has no buffer 1");
	refuse(perftrace_batch_set_buffer(batch, s32v, 17, memory, 16), -EINVAL,
	       "no buffer 17");
	refuse(perftrace_batch_set_buffer(batch, s32v, VALUES, NULL, 16),
	       -EINVAL, "no memory");
	refuse(perftrace_batch_set_buffer(batch, s32v, VALUES, memory + 4, 16),
	       -EINVAL, "not aligned to 8");
	refuse(perftrace_batch_set_buffer(batch, s32v, VALUES, memory, 15),
	       -EINVAL, "15 bytes for its values are too few, it takes 16");
	refuse(perftrace_batch_set_buffer(batch, text, OFFSETS, memory, 19),
	       -EINVAL, "takes 20");
	refuse(perftrace_batch_set_buffer(batch, text, VALIDITY, memory, 0),
	       -EINVAL, "takes 1");
	refuse(perftrace_batch_set_buffer(batch, text, VALUES, memory, 7),
	       -EINVAL, "takes 8");
	ck_assert_ptr_ne(buffer(s32v, VALUES), memory);
	end();
}
END_TEST

START_TEST(exchanges_arrays_between_reads)
{
	_Alignas(64) static int32_t first[4], second[4];
	size_t number_column;

	begin(4);
	number_column = add_field(other_event, "number");
	succeed(perftrace_batch_set_buffer(batch, number_column, VALUES, first,
					   sizeof(first)));
	begin_batch();
	add_other(1);
	end_batch(1);
	succeed(perftrace_batch_set_buffer(batch, number_column, VALUES, second,
					   sizeof(second)));
	ck_assert_uint_eq(perftrace_batch_get_num_records(batch), 0);
	ck_assert_uint_eq(perftrace_batch_get_null_count(batch, number_column),
			  0);
	begin_batch();
	add_other(2);
	end_batch(1);
	ck_assert_int_eq(first[0], 1);
	ck_assert_int_eq(second[0], 2);
	end();
}
END_TEST

/* Records as they would come, each with another string. */
static size_t take_strings(size_t name, size_t first, size_t count)
{
	size_t taken = 0;
	bool has_room = true;

	begin_batch();
	while (has_room && first + taken < count) {
		char text[32];
		struct all raw;

		snprintf(text, sizeof(text), "string %zu", first + taken);
		raw = make_all(text);
		has_room = add_all(&raw);
		taken++;
	}
	ck_assert_int_eq(batch_end(batch), (int)taken);
	check_arrow(8);
	while (taken-- > 0) {
		char text[32];

		snprintf(text, sizeof(text), "string %zu", first + taken);
		expect_text(name, taken, text);
	}
	return perftrace_batch_get_num_records(batch);
}

START_TEST(ends_where_bytes_might_not_fit)
{
	size_t name, taken = 0, rounds = 0;
	void *room;

	begin(1000);
	name = add_field(all_event, "name");
	/* The longest, and 64 bytes more. */
	room = give_buffer(name, VALUES, 65536 + 64);
	while (taken < 100) {
		size_t more = take_strings(name, taken, 100);

		/* 8 or 9 bytes each: beyond 65, one might not fit. */
		ck_assert_uint_le(more, 9);
		ck_assert(more > 7 || taken + more == 100);
		taken += more;
		rounds++;
	}
	ck_assert_uint_eq(taken, 100);
	ck_assert_uint_gt(rounds, 10);
	perftrace_batch_free(batch);
	batch = NULL;
	free(room);
	end();
}
END_TEST

START_TEST(takes_the_longest_string_alone)
{
	/* As long as a record can be: beyond, there is no way to say it. */
	static char raw[65536 - 64];
	struct all *head = (struct all *)raw;
	size_t name, length = sizeof(raw) - offsetof(struct all, tail);
	void *room;

	begin(8);
	name = add_field(all_event, "name");
	room = give_buffer(name, VALUES, 65536);
	memset(raw, 'x', sizeof(raw));
	head->name = location(offsetof(struct all, tail), length);
	begin_batch();
	ck_assert(!add_sample(all_source, raw, sizeof(raw)));
	ck_assert_int_eq(batch_end(batch), 1);
	expect_bytes(name, 0, head->tail, length);
	perftrace_batch_free(batch);
	batch = NULL;
	free(room);
	end();
}
END_TEST

START_TEST(has_room_for_all_short_strings)
{
	struct all raw = make_all("");
	size_t text, row;

	begin(1000);
	text = add_field(all_event, "text");
	memcpy(raw.text, "12345678", 8);
	begin_batch();
	for (row = 0; row < 1000; row++)
		ck_assert_int_eq(add_all(&raw), row < 999);
	end_batch(1000);
	expect_text(text, 999, "12345678");
	end();
}
END_TEST

START_TEST(leaves_its_arrays_where_they_are)
{
	const void *before[4][3];
	size_t column, round, row;
	int32_t which;

	begin(100);
	add_own(PERFTRACE_COLUMN_TIME_NS);
	add_own(PERFTRACE_COLUMN_COMM);
	add_field(all_event, "name");
	add_session_field("s32v");
	for (column = 0; column < 4; column++) {
		for (which = VALUES; which <= VALIDITY; which++)
			before[column][which] = buffer(column, which);
	}
	for (round = 0; round < 3; round++) {
		struct all raw = make_all("a string that is long");

		begin_batch();
		for (row = 0; row < 100; row++)
			add_all(&raw);
		end_batch(100);
	}
	for (column = 0; column < 4; column++) {
		for (which = VALUES; which <= VALIDITY; which++)
			ck_assert_ptr_eq(buffer(column, which),
					 before[column][which]);
	}
	end();
}
END_TEST

START_TEST(numbers_sources_of_one_event)
{
	struct perftrace_source *again;
	struct all raw = make_all("");
	size_t number_column, s32v;

	begin(16);
	number_column = add_own(PERFTRACE_COLUMN_SOURCE);
	s32v = add_session_field("s32v");
	begin_batch();
	add_all(&raw);
	end_batch(1);
	expect_number(number_column, 0, 1);
	/* The session has one more than at the last read. */
	succeed(perftrace_session_add_event(session, all_event, NULL, &again));
	begin_batch();
	raw.s32v = 6;
	add_sample(again, &raw, sizeof(raw));
	add_other(7);
	add_all(&raw);
	end_batch(3);
	expect_number(number_column, 0, 2);
	expect_number(s32v, 0, 6);
	expect_number(number_column, 1, 0);
	expect_number(s32v, 1, 7);
	expect_number(number_column, 2, 1);
	end();
}
END_TEST

START_TEST(serves_one_session_after_the_other)
{
	struct all raw = make_all("");
	size_t number_column, s32v;

	begin(16);
	number_column = add_own(PERFTRACE_COLUMN_SOURCE);
	s32v = add_session_field("s32v");
	begin_batch();
	add_other(1);
	end_batch(1);
	expect_number(number_column, 0, 0);
	/* Maybe at the same addresses, and the other way round. */
	perftrace_session_free(session);
	succeed(perftrace_session_new(fake.context, NULL, &session));
	succeed(perftrace_session_add_event(session, all_event, NULL,
					    &all_source));
	succeed(perftrace_session_add_event(session, other_event, NULL,
					    &other_source));
	begin_batch();
	raw.s32v = -9;
	add_all(&raw);
	add_other(8);
	end_batch(2);
	expect_number(number_column, 0, 0);
	expect_number(s32v, 0, -9);
	expect_number(number_column, 1, 1);
	expect_number(s32v, 1, 8);
	end();
}
END_TEST

START_TEST(holds_its_events)
{
	struct perftrace_context *context;
	size_t number_column;

	begin(16);
	number_column = add_field(other_event, "number");
	context = perftrace_context_ref(fake.context);
	perftrace_session_free(session);
	perftrace_event_unref(other_event);
	perftrace_context_unref(fake.context);
	expect_type(number_column, "number", "i");
	other_event = NULL;
	fake.context = context;
	session = NULL;
	end();
}
END_TEST

START_TEST(refuses_to_read_what_does_not_run)
{
	begin(16);
	refuse(perftrace_session_read_batch(session, 0, batch), -EINVAL,
	       "no column");
	add_own(PERFTRACE_COLUMN_TIME_NS);
	refuse(perftrace_session_read_batch(session, 0, batch), -EINVAL,
	       "not been started");
	begin_batch();
	add_other(1);
	end_batch(1);
	perftrace_session_close(session);
	refuse(perftrace_session_read_batch(session, 0, batch), -EINVAL,
	       "closed");
	ck_assert_uint_eq(perftrace_batch_get_num_records(batch), 0);
	end();
}
END_TEST

static void write_lost(struct memory_ring *ring, uint64_t lost)
{
	begin_record(&bytes, PERF_RECORD_LOST, 0);
	put_u64(&bytes, 42);
	put_u64(&bytes, lost);
	put_sample_id(&bytes, &stamp);
	ck_assert(memory_ring_write(ring, end_record(&bytes)));
}

static struct reader *new_reader(struct memory_ring *ring,
				 const struct session_settings *settings)
{
	struct ring *rings[] = { ring->ring };
	struct reader *reader = reader_new(context_get_log(fake.context), rings,
					   1, settings, true);

	ck_assert_ptr_nonnull(reader);
	return reader;
}

#define NUM_RUN 21

/* Samples of two sources in turn, each of some length. */
struct run {
	struct bytes bytes[NUM_RUN];
	struct record_binding bindings[2];
	struct perftrace_record records[NUM_RUN];
};

static void bind_run(struct run *run)
{
	const uint64_t type = RECORD_SAMPLE_TYPE | PERF_SAMPLE_RAW;
	struct perftrace_source *sources[] = { all_source, other_source };
	size_t i;

	for (i = 0; i < 2; i++)
		run->bindings[i] = (struct record_binding){
			.source = sources[i],
			.event = perftrace_source_get_event(sources[i]),
			.sample_type = type,
			.raw_offset = record_raw_offset(type),
		};
}

static void make_run(struct run *run)
{
	size_t i;

	bind_run(run);
	for (i = 0; i < NUM_RUN; i++) {
		const struct stamp written = { .pid = 1000 + (uint32_t)i,
					       .tid = 2000 + (uint32_t)i,
					       .time = 3000 + i,
					       .cpu = (uint32_t)i % 3 };
		struct all raw;

		memset(&raw, (int)(0x11 * i), sizeof(raw));
		begin_sample(&run->bytes[i], &written);
		/* Some end before the last fields. */
		put_raw(&run->bytes[i], &raw, i % 4 ? sizeof(raw) : 20);
		record_init(&run->records[i], &record_context);
		ck_assert(record_take_sample(&run->records[i],
					     end_record(&run->bytes[i]),
					     &run->bindings[i / 9 % 2]));
	}
}

static void add_run(struct run *run)
{
	size_t done = 0, count;

	while (done < NUM_RUN) {
		count = batch_add_run(batch, run->records + done,
				      NUM_RUN - done);
		ck_assert_uint_gt(count, 0);
		/* Of one source. */
		ck_assert_uint_le(count, 9);
		done += count;
	}
	ck_assert_uint_eq(batch_add_run(batch, run->records, 1), 0);
}

static void add_one_by_one(struct run *run)
{
	size_t i;

	for (i = 0; i < NUM_RUN; i++)
		ck_assert_int_eq(batch_add(batch, &run->records[i]),
				 i < NUM_RUN - 1);
}

#define NUM_RUN_COLUMNS 12
#define BUFFER_ROOM	1024

struct copy {
	char buffers[NUM_RUN_COLUMNS][2][BUFFER_ROOM];
	uint64_t num_nulls[NUM_RUN_COLUMNS];
};

static void copy_batch(struct copy *copy)
{
	static const int32_t kinds[] = { PERFTRACE_BUFFER_VALIDITY,
					 PERFTRACE_BUFFER_VALUES };
	size_t column, i;

	memset(copy, 0, sizeof(*copy));
	for (column = 0; column < NUM_RUN_COLUMNS; column++) {
		copy->num_nulls[column] =
			perftrace_batch_get_null_count(batch, column);
		for (i = 0; i < 2; i++) {
			const void *data = perftrace_batch_get_buffer(
				batch, column, kinds[i]);
			size_t size = perftrace_batch_get_buffer_bytes(
				batch, column, kinds[i]);

			ck_assert_uint_le(size, BUFFER_ROOM);
			if (data)
				memcpy(copy->buffers[column][i], data, size);
		}
	}
}

static void add_run_columns(void)
{
	static const char *const names[] = { "u8v",  "s8v",  "u16v", "u32v",
					     "s32v", "u64v", "s64v" };
	static const int32_t own[] = { PERFTRACE_COLUMN_TIME_NS,
				       PERFTRACE_COLUMN_CPU,
				       PERFTRACE_COLUMN_PID,
				       PERFTRACE_COLUMN_TID,
				       PERFTRACE_COLUMN_SOURCE };
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(*own); i++)
		add_own(own[i]);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		add_field(all_event, names[i]);
}

START_TEST(runs_are_what_single_rows_are)
{
	static struct copy runs, rows;
	static struct run run;

	begin(NUM_RUN);
	add_run_columns();
	make_run(&run);
	begin_batch();
	add_run(&run);
	ck_assert_int_eq(batch_end(batch), NUM_RUN);
	copy_batch(&runs);
	begin_batch();
	add_one_by_one(&run);
	ck_assert_int_eq(batch_end(batch), NUM_RUN);
	copy_batch(&rows);
	ck_assert_mem_eq(&runs, &rows, sizeof(runs));
	/* It is no comparison of nothing: other sources, and cut records. */
	ck_assert_uint_eq(runs.num_nulls[0], 0);
	ck_assert_uint_ge(runs.num_nulls[11], 9 + 3);
	expect_number(1, 5, 2);
	expect_number(3, 20, 2020);
	end();
}
END_TEST

START_TEST(runs_are_of_samples_and_of_numbers)
{
	static struct run run;

	begin(NUM_RUN);
	add_own(PERFTRACE_COLUMN_LOST);
	make_run(&run);
	begin_batch();
	record_make_lost(record, 0, 1, 1);
	ck_assert_uint_eq(batch_add_run(batch, record, 1), 0);
	end();
	begin(NUM_RUN);
	add_field(all_event, "name");
	make_run(&run);
	begin_batch();
	ck_assert_uint_eq(batch_add_run(batch, run.records, 3), 0);
	end();
}
END_TEST

static struct perftrace_record *first_of(struct reader *reader)
{
	struct perftrace_record *first = reader_pop(reader_get_cursor(reader));

	if (first)
		return first;
	ck_assert_int_eq(reader_fill(reader), 1);
	return reader_pop(reader_get_cursor(reader));
}

START_TEST(takes_a_round_of_the_reader)
{
	const struct session_settings settings = {
		.order = PERFTRACE_ORDER_NONE
	};
	struct perftrace_record *first;
	struct memory_ring ring;
	struct reader *reader;
	size_t lost;

	begin(3);
	lost = add_own(PERFTRACE_COLUMN_LOST);
	memory_ring_make(&ring, 4096, 4096 - 80);
	reader = new_reader(&ring, &settings);
	for (uint64_t i = 1; i <= 5; i++)
		write_lost(&ring, i);
	ck_assert_int_eq(reader_refresh(reader, true), 0);
	begin_batch();
	first = first_of(reader);
	ck_assert_int_eq(batch_take(batch, first, reader), 3);
	expect_number(lost, 2, 3);
	begin_batch();
	first = first_of(reader);
	ck_assert_int_eq(batch_take(batch, first, reader), 2);
	expect_number(lost, 0, 4);
	expect_number(lost, 1, 5);
	ck_assert_int_eq(batch_take_fault(batch), 0);
	reader_free(reader);
	memory_ring_clear(&ring);
	end();
}
END_TEST

START_TEST(keeps_a_fault_for_the_next_read)
{
	const struct session_settings settings = {
		.order = PERFTRACE_ORDER_NONE
	};
	struct perftrace_record *first;
	struct memory_ring ring;
	struct reader *reader;
	uint64_t position;

	begin(16);
	add_own(PERFTRACE_COLUMN_LOST);
	memory_ring_make(&ring, 4096, 0);
	reader = new_reader(&ring, &settings);
	write_lost(&ring, 1);
	write_lost(&ring, 2);
	position = memory_ring_get_head(&ring);
	write_lost(&ring, 3);
	memory_ring_header(&ring, position)->size = 7;
	ck_assert_int_eq(reader_refresh(reader, true), 0);
	begin_batch();
	first = first_of(reader);
	ck_assert_int_eq(batch_take(batch, first, reader), 2);
	/* Something else fails in between. */
	ck_assert_int_eq(perftrace_batch_add_column(batch, -1, NULL), -EBUSY);
	ck_assert_int_eq(perftrace_session_read_batch(session, 0, batch),
			 -EBADMSG);
	expect_error("skipped");
	ck_assert_uint_eq(perftrace_batch_get_num_records(batch), 0);
	/* Once. */
	refuse(perftrace_session_read_batch(session, 0, batch), -EINVAL,
	       "not been started");
	reader_free(reader);
	memory_ring_clear(&ring);
	end();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(takes_what_all_records_have),
	TEST(takes_what_other_records_tell),
	TEST(takes_raw_data_and_callchains),
	TEST(keeps_width_and_sign),
	TEST(strings_end_at_their_zero_byte),
	TEST(arrays_are_all_their_bytes),
	TEST(is_null_where_there_is_no_value),
	TEST(is_null_where_a_record_is_too_short),
	TEST(widens_integers_of_several_events),
	TEST(joins_strings_of_several_events),
	TEST(takes_what_some_events_have),
	TEST(refuses_what_no_column_holds),
	TEST(refuses_fields_that_are_not_there),
	TEST(says_what_the_only_event_has),
	TEST(refuses_what_is_of_another_context),
	TEST(refuses_capacities_and_columns),
	TEST(has_nothing_of_columns_that_are_not_there),
	TEST(refuses_columns_after_a_read),
	TEST(takes_as_many_as_its_capacity),
	TEST(starts_over_with_each_read),
	TEST(fills_arrays_of_the_caller),
	TEST(refuses_arrays_that_do_not_fit),
	TEST(exchanges_arrays_between_reads),
	TEST(ends_where_bytes_might_not_fit),
	TEST(takes_the_longest_string_alone),
	TEST(has_room_for_all_short_strings),
	TEST(leaves_its_arrays_where_they_are),
	TEST(numbers_sources_of_one_event),
	TEST(serves_one_session_after_the_other),
	TEST(holds_its_events),
	TEST(refuses_to_read_what_does_not_run),
	TEST(takes_a_round_of_the_reader),
	TEST(runs_are_what_single_rows_are),
	TEST(runs_are_of_samples_and_of_numbers),
	TEST(keeps_a_fault_for_the_next_read),
};

HARNESS_MAIN("batch", tests, HARNESS_UNIT)
