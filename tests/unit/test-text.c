/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "comms.h"
#include "context.h"
#include "fake_tracefs.h"
#include "harness.h"
#include "log.h"
#include "record.h"

static const struct stamp stamp = {
	.pid = 100, .tid = 101, .time = 1234567890123, .cpu = 3, .id = 42
};

static struct fake_tracefs fake;
static struct perftrace_event *event;
static struct comms *comms;
static struct record_context record_context;
static struct perftrace_record storage;
static struct perftrace_record *const record = &storage;
static struct record_binding binding;
static struct bytes bytes;

/* What every line of this thread begins with. */
#define HEAD "            task     101 [003]  1234.567890: "

static void begin(void)
{
	fake_tracefs_make(&fake);
	fake_tracefs_add(&fake, "test:number", 42,
			 "\tfield:int number;\toffset:8;\tsize:4;\tsigned:1;\n",
			 "\"number=%d\", REC->number");
	ck_assert_int_eq(
		perftrace_event_find(fake.context, "test:number", &event), 0);
	comms = comms_new();
	comms_set(comms, 101, "task");
	record_context =
		(struct record_context){ context_get_log(fake.context), comms };
	record_init(record, &record_context);
	binding = (struct record_binding){
		.event = event,
		.sample_type = RECORD_SAMPLE_TYPE | PERF_SAMPLE_RAW,
		.period = 1,
	};
}

static void end(void)
{
	comms_free(comms);
	perftrace_event_unref(event);
	fake_tracefs_clear(&fake);
}

static void parse(void)
{
	ck_assert_int_eq(record_parse(record, end_record(&bytes), &binding), 0);
}

static void parse_number(int32_t number)
{
	int32_t raw[3] = { 42, 0, number };

	begin_sample(&bytes, &stamp);
	put_raw(&bytes, raw, sizeof(raw));
	parse();
}

static void expect_line(const char *expected)
{
	char line[512];

	ck_assert_int_eq(perftrace_record_format(record, line, sizeof(line)),
			 (int64_t)strlen(expected));
	ck_assert_str_eq(line, expected);
}

START_TEST(formats_samples)
{
	begin();
	parse_number(-7);
	expect_line(HEAD "test:number: number=-7");
	end();
}
END_TEST

START_TEST(formats_callchains)
{
	int32_t raw[3] = { 42, 0, 5 };

	begin();
	binding.sample_type |= PERF_SAMPLE_CALLCHAIN;
	begin_sample(&bytes, &stamp);
	put_u64(&bytes, 2);
	put_u64(&bytes, 0xffffffff81000000);
	put_u64(&bytes, 0x1234);
	put_raw(&bytes, raw, sizeof(raw));
	parse();
	expect_line(HEAD "test:number: number=5\n"
			 "\tffffffff81000000\n"
			 "\t            1234");
	end();
}
END_TEST

START_TEST(formats_lost)
{
	begin();
	begin_record(&bytes, PERF_RECORD_LOST, 0);
	put_u64(&bytes, 42);
	put_u64(&bytes, 1234);
	put_sample_id(&bytes, &stamp);
	parse();
	expect_line(HEAD "PERF_RECORD_LOST lost 1234");
	end();
}
END_TEST

static void expect_bare(uint32_t type, const char *expected)
{
	begin();
	begin_record(&bytes, type, 0);
	put_u64(&bytes, 1);
	put_u64(&bytes, 42);
	put_u64(&bytes, 42);
	put_sample_id(&bytes, &stamp);
	parse();
	expect_line(expected);
	end();
}

START_TEST(formats_throttle)
{
	expect_bare(PERF_RECORD_THROTTLE, HEAD "PERF_RECORD_THROTTLE");
	expect_bare(PERF_RECORD_UNTHROTTLE, HEAD "PERF_RECORD_UNTHROTTLE");
}
END_TEST

START_TEST(formats_what_it_does_not_know)
{
	expect_bare(12345, HEAD "PERF_RECORD_?");
}
END_TEST

static void expect_task(uint32_t type, const char *expected)
{
	begin();
	begin_record(&bytes, type, 0);
	put_u32(&bytes, 200);
	put_u32(&bytes, 100);
	put_u32(&bytes, 201);
	put_u32(&bytes, 101);
	put_u64(&bytes, 5);
	put_sample_id(&bytes, &stamp);
	comms_set(comms, 201, "child");
	parse();
	expect_line(expected);
	end();
}

START_TEST(formats_fork_and_exit)
{
	expect_task(PERF_RECORD_FORK,
		    "            task     201 [003]  1234.567890: "
		    "PERF_RECORD_FORK(200:201):(100:101)");
	expect_task(PERF_RECORD_EXIT,
		    "           child     201 [003]  1234.567890: "
		    "PERF_RECORD_EXIT(200:201):(100:101)");
}
END_TEST

static void expect_comm(uint16_t misc, const char *expected)
{
	begin();
	begin_record(&bytes, PERF_RECORD_COMM, misc);
	put_u32(&bytes, 100);
	put_u32(&bytes, 101);
	put_text(&bytes, "new name");
	pad(&bytes);
	put_sample_id(&bytes, &stamp);
	parse();
	expect_line(expected);
	end();
}

START_TEST(formats_comm)
{
	expect_comm(0, "        new name     101 [003]  1234.567890: "
		       "PERF_RECORD_COMM: new name:100/101");
	expect_comm(PERF_RECORD_MISC_COMM_EXEC,
		    "        new name     101 [003]  1234.567890: "
		    "PERF_RECORD_COMM exec: new name:100/101");
}
END_TEST

START_TEST(formats_mmap)
{
	begin();
	begin_record(&bytes, PERF_RECORD_MMAP2, 0);
	put_u32(&bytes, 100);
	put_u32(&bytes, 101);
	put_u64(&bytes, 0x7f0000000000);
	put_u64(&bytes, 0x21000);
	put_u64(&bytes, 0x3000);
	put(&bytes, (char[40]){ 0 }, 32);
	put_text(&bytes, "/lib/libc.so.6");
	pad(&bytes);
	put_sample_id(&bytes, &stamp);
	parse();
	expect_line(HEAD "PERF_RECORD_MMAP2 100/101: "
			 "[0x7f0000000000(0x21000) @ 0x3000]: /lib/libc.so.6");
	end();
}
END_TEST

START_TEST(formats_threads_without_a_name)
{
	begin();
	record_make_lost(record, 0, 1500, 3);
	expect_line("             :-1      -1 [000]     0.000001: "
		    "PERF_RECORD_LOST lost 3");
	end();
}
END_TEST

/* Columns get wider where they have to, as printf(3)'s do. */
START_TEST(formats_heads_of_any_width)
{
	begin();
	comms_set(comms, 12345678, "a name of a task");
	record_make_lost(record, 1234, 1234567890123456789, 5);
	expect_line("             :-1      -1 [1234] 1234567890.123456: "
		    "PERF_RECORD_LOST lost 5");
	record_make_lost(record, -1, 99999999999999, 5);
	expect_line("             :-1      -1 [-01] 99999.999999: "
		    "PERF_RECORD_LOST lost 5");
	begin_record(&bytes, PERF_RECORD_LOST, 0);
	put_u64(&bytes, 42);
	put_u64(&bytes, 5);
	put_sample_id(&bytes, &(struct stamp){ .pid = 12345678,
					       .tid = 12345678,
					       .time = 100000000000000,
					       .cpu = 12,
					       .id = 42 });
	parse();
	expect_line(" a name of a tas 12345678 [012] 100000.000000: "
		    "PERF_RECORD_LOST lost 5");
	end();
}
END_TEST

START_TEST(formats_overwritten)
{
	uint64_t gap[RECORD_OVERWRITTEN_BYTES / sizeof(uint64_t)];

	begin();
	record_fill_overwritten(gap, 0, 1500, 3, 360);
	ck_assert_int_eq(record_parse(record, (const void *)gap, NULL), 0);
	expect_line("             :-1      -1 [000]     0.000001: "
		    "OVERWRITTEN records 3 bytes 360");
	end();
}
END_TEST

START_TEST(formats_gaps)
{
	begin();
	record_make_gap(record, 3, 1002003, 2001500000);
	expect_line("             :-1      -1 [003]     2.001500: "
		    "PERFTRACE_RECORD_GAP since 0.001002");
	end();
}
END_TEST

START_TEST(formats_fields_alone)
{
	char text[64];

	begin();
	parse_number(12);
	ck_assert_int_eq(
		perftrace_record_format_fields(record, text, sizeof(text)), 9);
	ck_assert_str_eq(text, "number=12");
	end();
}
END_TEST

START_TEST(formats_no_fields_of_what_is_no_sample)
{
	char text[64] = "#";

	begin();
	record_make_lost(record, 0, 0, 1);
	ck_assert_int_eq(perftrace_record_format_fields(record, text,
							sizeof(text)),
			 -EINVAL);
	ck_assert_str_eq(perftrace_context_error(fake.context),
			 "the record is no sample, and has no fields");
	ck_assert_str_eq(text, "");
	end();
}
END_TEST

typedef int64_t formatter(struct perftrace_record *, char *, size_t);

/* Like snprintf(3): every room gets what fits, and the length of all. */
static void expect_length_contract(formatter *format, const char *whole)
{
	int64_t length = (int64_t)strlen(whole);
	char text[256];
	size_t room;

	ck_assert_int_eq(format(record, NULL, 0), length);
	for (room = 1; room < strlen(whole) + 3; room++) {
		size_t fits = room <= strlen(whole) ? room - 1 : strlen(whole);

		memset(text, '#', sizeof(text));
		ck_assert_int_eq(format(record, text, room), length);
		ck_assert_uint_eq(strlen(text), fits);
		ck_assert_mem_eq(text, whole, fits);
		ck_assert_int_eq(text[room], '#');
	}
}

START_TEST(cuts_what_does_not_fit)
{
	begin();
	parse_number(12);
	expect_length_contract(perftrace_record_format,
			       HEAD "test:number: number=12");
	expect_length_contract(perftrace_record_format_fields, "number=12");
	record_make_lost(record, 0, 1500, 3);
	expect_length_contract(perftrace_record_format,
			       "             :-1      -1 [000]     0.000001: "
			       "PERF_RECORD_LOST lost 3");
	end();
}
END_TEST

START_TEST(refuses_fields_beyond_the_record)
{
	char text[64];

	begin();
	begin_sample(&bytes, &stamp);
	put_raw(&bytes, "*\0\0\0", 4);
	parse();
	ck_assert_int_eq(perftrace_record_format(record, text, sizeof(text)),
			 -EBADMSG);
	ck_assert_str_eq(perftrace_context_error(fake.context),
			 "field common_pid lies outside of a record of 4 "
			 "bytes");
	ck_assert_int_eq(perftrace_record_print(record, -1), -EBADMSG);
	end();
}
END_TEST

/* What perftrace_record_print() writes. */
static char *print(size_t *size)
{
	FILE *file = tmpfile();
	char *text = calloc(1, 8192);

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(perftrace_record_print(record, fileno(file)), 0);
	*size = (size_t)pread(fileno(file), text, 8191, 0);
	fclose(file);
	return text;
}

START_TEST(prints_a_line)
{
	char *text;
	size_t size;

	begin();
	parse_number(12);
	text = print(&size);
	ck_assert_str_eq(text, HEAD "test:number: number=12\n");
	ck_assert_uint_eq(size, strlen(text));
	free(text);
	end();
}
END_TEST

/* Around the size of the buffer that is tried first. */
static void expect_printed_path(size_t path_bytes)
{
	char path[3000], *text;
	size_t size;

	memset(path, 'p', path_bytes);
	path[path_bytes] = '\0';
	begin_record(&bytes, PERF_RECORD_MMAP2, 0);
	put(&bytes, (char[64]){ 0 }, 64);
	put_text(&bytes, path);
	pad(&bytes);
	put_sample_id(&bytes, &stamp);
	parse();
	text = print(&size);
	ck_assert_uint_eq(strlen(text), size);
	ck_assert_int_eq(perftrace_record_format(record, NULL, 0),
			 (int64_t)size - 1);
	ck_assert_int_eq(text[size - 1], '\n');
	ck_assert_mem_eq(text + size - 1 - path_bytes, path, path_bytes);
	free(text);
}

START_TEST(prints_long_lines)
{
	size_t path_bytes;

	begin();
	for (path_bytes = 900; path_bytes < 1030; path_bytes++)
		expect_printed_path(path_bytes);
	expect_printed_path(2999);
	end();
}
END_TEST

START_TEST(says_why_it_cannot_print)
{
	begin();
	parse_number(12);
	ck_assert_int_eq(perftrace_record_print(record, -1), -EBADF);
	ck_assert_str_eq(perftrace_context_error(fake.context),
			 "write to -1: Bad file descriptor");
	end();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(formats_samples),
	TEST(formats_callchains),
	TEST(formats_lost),
	TEST(formats_throttle),
	TEST(formats_what_it_does_not_know),
	TEST(formats_fork_and_exit),
	TEST(formats_comm),
	TEST(formats_mmap),
	TEST(formats_threads_without_a_name),
	TEST(formats_heads_of_any_width),
	TEST(formats_overwritten),
	TEST(formats_gaps),
	TEST(formats_fields_alone),
	TEST(formats_no_fields_of_what_is_no_sample),
	TEST(cuts_what_does_not_fit),
	TEST(refuses_fields_beyond_the_record),
	TEST(prints_a_line),
	TEST(prints_long_lines),
	TEST(says_why_it_cannot_print),
};

HARNESS_MAIN("text", tests, HARNESS_UNIT)
