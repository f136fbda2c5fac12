/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "bytes.h"
#include "comms.h"
#include "harness.h"
#include "log.h"
#include "record.h"

static const struct stamp stamp = {
	.pid = 100, .tid = 101, .time = 123456789, .cpu = 3, .id = 42
};

static struct bytes bytes;
static struct log *event_log;
static struct comms *comms;
static struct record_context record_context;
static struct perftrace_record storage;
static struct perftrace_record *const record = &storage;

static void begin(void)
{
	event_log = log_new();
	comms = comms_new();
	record_context = (struct record_context){ event_log, comms };
	record_init(record, &record_context);
}

static void end(void)
{
	comms_free(comms);
	log_free(event_log);
}

/* The bytes end with their memory. */
static int parse_part(size_t size, const struct record_binding *binding)
{
	struct perf_event_header *copy = malloc(size);
	int ret;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes.data, size);
	copy->size = (uint16_t)size;
	ret = record_parse(record, copy, binding);
	free(copy);
	return ret;
}

static int parse(const struct record_binding *binding)
{
	return record_parse(record, end_record(&bytes), binding);
}

static void expect_nonsense(size_t size, const struct record_binding *binding)
{
	ck_assert_int_eq(parse_part(size, binding), -EBADMSG);
	ck_assert_int_eq(log_get_code(event_log), -EBADMSG);
	ck_assert_ptr_nonnull(
		strstr(log_get_error(event_log), "makes no sense"));
}

static void expect_stamp(enum perftrace_record_kind kind)
{
	ck_assert_int_eq(perftrace_record_get_kind(record), kind);
	ck_assert_uint_eq(perftrace_record_get_time_ns(record), stamp.time);
	ck_assert_int_eq(perftrace_record_get_cpu(record), (int)stamp.cpu);
	ck_assert_int_eq(perftrace_record_get_pid(record), (int)stamp.pid);
	ck_assert_int_eq(perftrace_record_get_tid(record), (int)stamp.tid);
}

/* What a record of another kind has not. */
static void expect_no_sample(void)
{
	const uint64_t *addresses = &stamp.time;
	size_t size = 1;

	ck_assert_ptr_null(perftrace_record_get_source(record));
	ck_assert_ptr_null(perftrace_record_get_event(record));
	ck_assert_uint_eq(perftrace_record_get_period(record), 0);
	ck_assert_ptr_null(perftrace_record_get_raw(record, &size));
	ck_assert_uint_eq(size, 0);
	ck_assert_uint_eq(perftrace_record_get_callchain(record, &addresses),
			  0);
	ck_assert_ptr_null(addresses);
}

static void expect_no_task(void)
{
	ck_assert_int_eq(perftrace_record_get_parent_pid(record), -1);
	ck_assert_int_eq(perftrace_record_get_parent_tid(record), -1);
	ck_assert(!perftrace_record_is_exec(record));
}

static void expect_no_map(void)
{
	ck_assert_uint_eq(perftrace_record_get_map_address(record), 0);
	ck_assert_uint_eq(perftrace_record_get_map_length_bytes(record), 0);
	ck_assert_uint_eq(perftrace_record_get_map_offset_bytes(record), 0);
	ck_assert_uint_eq(perftrace_record_get_map_device(record), 0);
	ck_assert_uint_eq(perftrace_record_get_map_inode(record), 0);
	ck_assert_uint_eq(perftrace_record_get_map_protection(record), 0);
	ck_assert_uint_eq(perftrace_record_get_map_flags(record), 0);
	ck_assert_ptr_null(perftrace_record_get_map_path(record));
}

/* Only ever compared. */
#define EVENT  ((struct perftrace_event *)&stamp)
#define SOURCE ((struct perftrace_source *)&bytes)

static const struct record_binding raw_binding = {
	.source = SOURCE,
	.event = EVENT,
	.sample_type = RECORD_SAMPLE_TYPE | PERF_SAMPLE_RAW,
	.period = 7,
};

static const struct record_binding full_binding = {
	.source = SOURCE,
	.event = EVENT,
	.sample_type = RECORD_SAMPLE_TYPE | PERF_SAMPLE_PERIOD |
		       PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_RAW,
	.period = 7,
};

static void build_full_sample(void)
{
	begin_sample(&bytes, &stamp);
	put_u64(&bytes, 1000);
	put_u64(&bytes, 2);
	put_u64(&bytes, PERF_CONTEXT_KERNEL);
	put_u64(&bytes, 0xffffffff81000000);
	put_raw(&bytes, "0123456789", 10);
}

START_TEST(parses_a_sample)
{
	const uint64_t *addresses;
	const void *raw;
	size_t size;

	begin();
	build_full_sample();
	ck_assert_int_eq(parse(&full_binding), 0);
	expect_stamp(PERFTRACE_RECORD_SAMPLE);
	ck_assert_ptr_eq(perftrace_record_get_source(record), SOURCE);
	ck_assert_ptr_eq(perftrace_record_get_event(record), EVENT);
	ck_assert_uint_eq(perftrace_record_get_period(record), 1000);
	ck_assert_uint_eq(perftrace_record_get_callchain(record, &addresses),
			  2);
	ck_assert_uint_eq(addresses[0], PERF_CONTEXT_KERNEL);
	ck_assert_uint_eq(addresses[1], 0xffffffff81000000);
	raw = perftrace_record_get_raw(record, &size);
	ck_assert_uint_eq(size, 12);
	ck_assert_mem_eq(raw, "0123456789\0", 12);
	expect_no_task();
	expect_no_map();
	end();
}
END_TEST

START_TEST(takes_the_period_from_the_source)
{
	begin();
	begin_sample(&bytes, &stamp);
	put_raw(&bytes, "abcd", 4);
	ck_assert_int_eq(parse(&raw_binding), 0);
	ck_assert_uint_eq(perftrace_record_get_period(record), 7);
	end();
}
END_TEST

START_TEST(parses_a_sample_of_nothing)
{
	const struct record_binding binding = {
		.event = EVENT, .sample_type = RECORD_SAMPLE_TYPE
	};
	size_t size;

	begin();
	begin_sample(&bytes, &stamp);
	ck_assert_int_eq(parse(&binding), 0);
	expect_stamp(PERFTRACE_RECORD_SAMPLE);
	ck_assert_ptr_null(perftrace_record_get_raw(record, &size));
	ck_assert_uint_eq(size, 0);
	end();
}
END_TEST

START_TEST(refuses_a_sample_cut_anywhere)
{
	size_t size;

	begin();
	build_full_sample();
	for (size = sizeof(struct perf_event_header); size < bytes.count;
	     size++)
		expect_nonsense(size, &full_binding);
	ck_assert_int_eq(parse_part(bytes.count, &full_binding), 0);
	end();
}
END_TEST

START_TEST(refuses_a_sample_of_nobody)
{
	begin();
	build_full_sample();
	expect_nonsense(bytes.count, NULL);
	end();
}
END_TEST

static void expect_bad_callchain(uint64_t count)
{
	begin_sample(&bytes, &stamp);
	put_u64(&bytes, 1);
	put_u64(&bytes, count);
	/* Without an address, this would be raw data. */
	put_u32(&bytes, 4);
	put_u32(&bytes, 0);
	expect_nonsense(bytes.count, &full_binding);
}

START_TEST(refuses_a_callchain_that_is_too_long)
{
	begin();
	/* With one, the raw data is missing. */
	expect_bad_callchain(1);
	expect_bad_callchain(2);
	/* Times 8, these are small. */
	expect_bad_callchain(UINT64_C(1) << 61);
	expect_bad_callchain((UINT64_C(1) << 61) + 1);
	expect_bad_callchain(UINT64_MAX);
	end();
}
END_TEST

static void expect_bad_raw(uint32_t size)
{
	begin_sample(&bytes, &stamp);
	put_u32(&bytes, size);
	put_u32(&bytes, 0);
	expect_nonsense(bytes.count, &raw_binding);
}

START_TEST(refuses_raw_data_that_is_too_long)
{
	begin();
	expect_bad_raw(5);
	expect_bad_raw(65536);
	expect_bad_raw(UINT32_MAX);
	end();
}
END_TEST

START_TEST(leaves_nothing_of_what_it_refused)
{
	begin();
	expect_bad_raw(UINT32_MAX);
	expect_no_sample();
	expect_bad_callchain(2);
	expect_no_sample();
	ck_assert_int_eq(perftrace_record_get_kind(record),
			 PERFTRACE_RECORD_OTHER);
	end();
}
END_TEST

/* Every length that a ring lets through. */
static void expect_nonsense_when_cut(void)
{
	size_t size;

	for (size = sizeof(struct perf_event_header); size < bytes.count;
	     size += 8)
		expect_nonsense(size, NULL);
}

static void build_lost(void)
{
	begin_record(&bytes, PERF_RECORD_LOST, 0);
	put_u64(&bytes, 42);
	put_u64(&bytes, 1234);
	put_sample_id(&bytes, &stamp);
}

START_TEST(parses_lost)
{
	begin();
	build_lost();
	ck_assert_int_eq(parse(&raw_binding), 0);
	expect_stamp(PERFTRACE_RECORD_LOST);
	ck_assert_uint_eq(perftrace_record_get_lost(record), 1234);
	expect_no_sample();
	expect_no_task();
	expect_no_map();
	expect_nonsense_when_cut();
	end();
}
END_TEST

static void expect_throttle(uint32_t type, enum perftrace_record_kind kind)
{
	begin();
	begin_record(&bytes, type, 0);
	put_u64(&bytes, 99);
	put_u64(&bytes, 42);
	put_u64(&bytes, 42);
	put_sample_id(&bytes, &stamp);
	ck_assert_int_eq(parse(NULL), 0);
	expect_stamp(kind);
	expect_no_sample();
	/* Whom it throttles, but it has no fields. */
	ck_assert_int_eq(parse(&full_binding), 0);
	ck_assert_ptr_eq(perftrace_record_get_source(record), SOURCE);
	ck_assert_ptr_null(perftrace_record_get_event(record));
	ck_assert_uint_eq(perftrace_record_get_period(record), 0);
	expect_nonsense(sizeof(struct perf_event_header) + 24, NULL);
	end();
}

START_TEST(parses_throttle)
{
	expect_throttle(PERF_RECORD_THROTTLE, PERFTRACE_RECORD_THROTTLE);
	expect_throttle(PERF_RECORD_UNTHROTTLE, PERFTRACE_RECORD_UNTHROTTLE);
}
END_TEST

static void build_task(uint32_t type)
{
	begin_record(&bytes, type, 0);
	put_u32(&bytes, 200);
	put_u32(&bytes, 100);
	put_u32(&bytes, 201);
	put_u32(&bytes, 101);
	put_u64(&bytes, 5);
	put_sample_id(&bytes, &stamp);
}

static void expect_task(uint32_t type, enum perftrace_record_kind kind)
{
	begin();
	build_task(type);
	ck_assert_int_eq(parse(NULL), 0);
	ck_assert_int_eq(perftrace_record_get_kind(record), kind);
	ck_assert_int_eq(perftrace_record_get_pid(record), 200);
	ck_assert_int_eq(perftrace_record_get_tid(record), 201);
	ck_assert_int_eq(perftrace_record_get_parent_pid(record), 100);
	ck_assert_int_eq(perftrace_record_get_parent_tid(record), 101);
	/* Not the body's: that is of another clock. */
	ck_assert_uint_eq(perftrace_record_get_time_ns(record), stamp.time);
	ck_assert_int_eq(perftrace_record_get_cpu(record), 3);
	expect_no_sample();
	expect_no_map();
	expect_nonsense_when_cut();
	end();
}

START_TEST(parses_fork_and_exit)
{
	expect_task(PERF_RECORD_FORK, PERFTRACE_RECORD_FORK);
	expect_task(PERF_RECORD_EXIT, PERFTRACE_RECORD_EXIT);
}
END_TEST

static void build_comm(uint16_t misc, uint32_t tid, const char *name)
{
	begin_record(&bytes, PERF_RECORD_COMM, misc);
	put_u32(&bytes, 200);
	put_u32(&bytes, tid);
	put_text(&bytes, name);
	pad(&bytes);
	put_sample_id(&bytes, &stamp);
}

START_TEST(parses_comm)
{
	begin();
	build_comm(0, 201, "renamed");
	ck_assert_int_eq(parse(NULL), 0);
	ck_assert_int_eq(perftrace_record_get_kind(record),
			 PERFTRACE_RECORD_COMM);
	ck_assert_str_eq(perftrace_record_get_comm(record), "renamed");
	ck_assert_int_eq(perftrace_record_get_pid(record), 200);
	ck_assert_int_eq(perftrace_record_get_tid(record), 201);
	ck_assert(!perftrace_record_is_exec(record));
	expect_no_sample();
	build_comm(PERF_RECORD_MISC_COMM_EXEC, 201, "executed");
	ck_assert_int_eq(parse(NULL), 0);
	ck_assert(perftrace_record_is_exec(record));
	end();
}
END_TEST

START_TEST(refuses_comm_when_cut)
{
	begin();
	/* 8 bytes with the zero byte: cut by 8, there is no name. */
	build_comm(0, 201, "7 bytes");
	expect_nonsense_when_cut();
	end();
}
END_TEST

START_TEST(refuses_comm_without_an_end)
{
	begin();
	begin_record(&bytes, PERF_RECORD_COMM, 0);
	put_u32(&bytes, 200);
	put_u32(&bytes, 201);
	put(&bytes, "8 bytes!", 8);
	put_sample_id(&bytes, &stamp);
	expect_nonsense(bytes.count, NULL);
	ck_assert_ptr_null(perftrace_record_get_map_path(record));
	end();
}
END_TEST

static void build_mmap_body(void)
{
	begin_record(&bytes, PERF_RECORD_MMAP2, 0);
	put_u32(&bytes, 200);
	put_u32(&bytes, 201);
	put_u64(&bytes, 0x7f0000000000);
	put_u64(&bytes, 0x21000);
	put_u64(&bytes, 0x3000);
	put_u32(&bytes, 8);
	put_u32(&bytes, 259);
	put_u64(&bytes, 4711);
	put_u64(&bytes, 1);
	put_u32(&bytes, 5);
	put_u32(&bytes, 2);
}

static void build_mmap(const char *path)
{
	build_mmap_body();
	put_text(&bytes, path);
	pad(&bytes);
	put_sample_id(&bytes, &stamp);
}

START_TEST(parses_mmap)
{
	begin();
	build_mmap("/lib/libc.so.6");
	ck_assert_int_eq(parse(NULL), 0);
	ck_assert_int_eq(perftrace_record_get_kind(record),
			 PERFTRACE_RECORD_MMAP);
	ck_assert_int_eq(perftrace_record_get_pid(record), 200);
	ck_assert_int_eq(perftrace_record_get_tid(record), 201);
	ck_assert_uint_eq(perftrace_record_get_map_address(record),
			  0x7f0000000000);
	ck_assert_uint_eq(perftrace_record_get_map_length_bytes(record),
			  0x21000);
	ck_assert_uint_eq(perftrace_record_get_map_offset_bytes(record),
			  0x3000);
	ck_assert_uint_eq(perftrace_record_get_map_device(record),
			  makedev(8, 259));
	ck_assert_uint_eq(perftrace_record_get_map_inode(record), 4711);
	ck_assert_uint_eq(perftrace_record_get_map_protection(record), 5);
	ck_assert_uint_eq(perftrace_record_get_map_flags(record), 2);
	ck_assert_str_eq(perftrace_record_get_map_path(record),
			 "/lib/libc.so.6");
	expect_no_sample();
	end();
}
END_TEST

START_TEST(refuses_mmap_when_cut)
{
	begin();
	build_mmap("7 bytes");
	expect_nonsense_when_cut();
	end();
}
END_TEST

START_TEST(refuses_mmap_without_an_end)
{
	begin();
	build_mmap_body();
	put(&bytes, "8 bytes!", 8);
	put_sample_id(&bytes, &stamp);
	expect_nonsense(bytes.count, NULL);
	end();
}
END_TEST

START_TEST(hands_out_what_it_does_not_know)
{
	begin();
	begin_record(&bytes, 12345, 0xffff);
	put_u64(&bytes, 1);
	put_sample_id(&bytes, &stamp);
	ck_assert_int_eq(parse(&raw_binding), 0);
	expect_stamp(PERFTRACE_RECORD_OTHER);
	expect_no_sample();
	expect_no_task();
	expect_no_map();
	end();
}
END_TEST

START_TEST(forgets_the_record_before)
{
	begin();
	build_mmap("/lib/libc.so.6");
	ck_assert_int_eq(parse(NULL), 0);
	build_lost();
	ck_assert_int_eq(parse(NULL), 0);
	expect_no_map();
	build_full_sample();
	ck_assert_int_eq(parse(&full_binding), 0);
	ck_assert_uint_eq(perftrace_record_get_lost(record), 0);
	build_task(PERF_RECORD_EXIT);
	ck_assert_int_eq(parse(NULL), 0);
	expect_no_sample();
	end();
}
END_TEST

START_TEST(follows_names)
{
	begin();
	build_comm(0, 101, "parent");
	ck_assert_int_eq(parse(NULL), 0);
	build_task(PERF_RECORD_FORK);
	ck_assert_int_eq(parse(NULL), 0);
	ck_assert_str_eq(perftrace_record_get_comm(record), "parent");
	build_comm(0, 201, "child");
	ck_assert_int_eq(parse(NULL), 0);
	build_full_sample();
	ck_assert_int_eq(parse(&full_binding), 0);
	ck_assert_str_eq(perftrace_record_get_comm(record), "parent");
	ck_assert_str_eq(comms_get(comms, 201), "child");
	end();
}
END_TEST

START_TEST(gap_of_a_cpu)
{
	begin();
	record_make_gap(record, 2, 50, 99);
	ck_assert_int_eq(perftrace_record_get_kind(record),
			 PERFTRACE_RECORD_GAP);
	ck_assert_int_eq(perftrace_record_get_cpu(record), 2);
	ck_assert_uint_eq(perftrace_record_get_time_ns(record), 99);
	ck_assert_uint_eq(perftrace_record_get_gap_begin_ns(record), 50);
	ck_assert_uint_eq(perftrace_record_get_lost(record), 0);
	ck_assert_ptr_null(perftrace_record_get_event(record));
	/* What is made of the same record afterwards has none. */
	record_make_lost(record, 2, 99, 17);
	ck_assert_uint_eq(perftrace_record_get_gap_begin_ns(record), 0);
	end();
}
END_TEST

START_TEST(makes_lost)
{
	begin();
	build_full_sample();
	ck_assert_int_eq(parse(&full_binding), 0);
	record_make_lost(record, 2, 99, 17);
	ck_assert_int_eq(perftrace_record_get_kind(record),
			 PERFTRACE_RECORD_LOST);
	ck_assert_int_eq(perftrace_record_get_cpu(record), 2);
	ck_assert_uint_eq(perftrace_record_get_time_ns(record), 99);
	ck_assert_uint_eq(perftrace_record_get_lost(record), 17);
	ck_assert_int_eq(perftrace_record_get_pid(record), -1);
	ck_assert_int_eq(perftrace_record_get_tid(record), -1);
	ck_assert_ptr_null(perftrace_record_get_comm(record));
	expect_no_sample();
	end();
}
END_TEST

START_TEST(fills_and_parses_overwritten)
{
	uint64_t gap[RECORD_OVERWRITTEN_BYTES / sizeof(uint64_t)];
	const struct perf_event_header *header = (const void *)gap;

	begin();
	record_fill_overwritten(gap, 3, 99, 17, 2040);
	ck_assert_uint_eq(header->size, RECORD_OVERWRITTEN_BYTES);
	ck_assert_int_eq(record_parse(record, header, NULL), 0);
	ck_assert_int_eq(perftrace_record_get_kind(record),
			 PERFTRACE_RECORD_OVERWRITTEN);
	ck_assert_int_eq(perftrace_record_get_cpu(record), 3);
	ck_assert_uint_eq(perftrace_record_get_time_ns(record), 99);
	ck_assert_uint_eq(perftrace_record_get_overwritten(record), 17);
	ck_assert_uint_eq(perftrace_record_get_overwritten_bytes(record), 2040);
	ck_assert_uint_eq(perftrace_record_get_lost(record), 0);
	ck_assert_int_eq(perftrace_record_get_pid(record), -1);
	ck_assert_int_eq(perftrace_record_get_tid(record), -1);
	expect_no_sample();
	/* Of another record, nothing of it is left. */
	build_full_sample();
	ck_assert_int_eq(parse(&full_binding), 0);
	ck_assert_uint_eq(perftrace_record_get_overwritten(record), 0);
	ck_assert_uint_eq(perftrace_record_get_overwritten_bytes(record), 0);
	end();
}
END_TEST

START_TEST(reads_numbers_of_bytes)
{
	begin();
	build_lost();
	ck_assert_uint_eq(record_read_lost(end_record(&bytes)), 1234);
	begin_sample(&bytes, &stamp);
	put_u64(&bytes, 5678);
	ck_assert_uint_eq(record_read_period(end_record(&bytes)), 5678);
	begin_sample(&bytes, &stamp);
	ck_assert_uint_eq(record_read_period(end_record(&bytes)), 0);
	begin_record(&bytes, PERF_RECORD_LOST, 0);
	put_u64(&bytes, 42);
	put_sample_id(&bytes, &stamp);
	ck_assert_uint_eq(record_read_lost(end_record(&bytes)), 0);
	end();
}
END_TEST

START_TEST(reads_stamps)
{
	const struct perf_event_header *header;

	build_full_sample();
	header = end_record(&bytes);
	ck_assert_uint_eq(record_time_of(header), stamp.time);
	ck_assert_uint_eq(record_id_of(header), stamp.id);
	build_lost();
	header = end_record(&bytes);
	ck_assert_uint_eq(record_time_of(header), stamp.time);
	ck_assert_uint_eq(record_id_of(header), stamp.id);
}
END_TEST

static struct record_binding bind(uint64_t sample_type)
{
	return (struct record_binding){
		.source = SOURCE,
		.event = EVENT,
		.sample_type = RECORD_SAMPLE_TYPE | sample_type,
		.period = 7,
		.raw_offset =
			record_raw_offset(RECORD_SAMPLE_TYPE | sample_type),
	};
}

/* The bytes end with their memory. */
static bool take_part(size_t size, const struct record_binding *binding)
{
	struct perf_event_header *copy = malloc(size);
	bool is_taken;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes.data, size);
	copy->size = (uint16_t)size;
	is_taken = record_take_sample(record, copy, binding);
	free(copy);
	return is_taken;
}

START_TEST(takes_a_sample_quickly)
{
	const struct record_binding plain = bind(PERF_SAMPLE_RAW);
	const struct record_binding weighed =
		bind(PERF_SAMPLE_RAW | PERF_SAMPLE_PERIOD);
	size_t size;

	begin();
	build_mmap("/lib/libc.so.6");
	ck_assert_int_eq(parse(NULL), 0);
	begin_sample(&bytes, &stamp);
	put_raw(&bytes, "0123456789", 10);
	ck_assert(record_take_sample(record, end_record(&bytes), &plain));
	expect_stamp(PERFTRACE_RECORD_SAMPLE);
	ck_assert_uint_eq(perftrace_record_get_period(record), 7);
	ck_assert_mem_eq(perftrace_record_get_raw(record, &size),
			 "0123456789\0", 12);
	ck_assert_uint_eq(size, 12);
	expect_no_task();
	expect_no_map();
	begin_sample(&bytes, &stamp);
	put_u64(&bytes, 1000);
	put_raw(&bytes, "0123456789", 10);
	ck_assert(record_take_sample(record, end_record(&bytes), &weighed));
	ck_assert_uint_eq(perftrace_record_get_period(record), 1000);
	ck_assert_mem_eq(perftrace_record_get_raw(record, &size),
			 "0123456789\0", 12);
	end();
}
END_TEST

/* What it does not take goes the long way, and is refused there. */
START_TEST(takes_no_sample_cut_anywhere)
{
	const struct record_binding binding =
		bind(PERF_SAMPLE_RAW | PERF_SAMPLE_PERIOD);
	size_t size;

	begin();
	begin_sample(&bytes, &stamp);
	put_u64(&bytes, 1000);
	put_raw(&bytes, "0123456789", 10);
	for (size = sizeof(struct perf_event_header); size < bytes.count;
	     size++)
		ck_assert(!take_part(size, &binding));
	ck_assert(take_part(bytes.count, &binding));
	end();
}
END_TEST

START_TEST(takes_no_sample_without_a_place_for_raw_data)
{
	const struct record_binding none = bind(0);
	const struct record_binding behind_others =
		bind(PERF_SAMPLE_RAW | PERF_SAMPLE_CALLCHAIN);

	begin();
	build_full_sample();
	ck_assert(!record_take_sample(record, end_record(&bytes), &none));
	ck_assert(!record_take_sample(record, end_record(&bytes),
				      &behind_others));
	end();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(parses_a_sample),
	TEST(takes_the_period_from_the_source),
	TEST(parses_a_sample_of_nothing),
	TEST(refuses_a_sample_cut_anywhere),
	TEST(refuses_a_sample_of_nobody),
	TEST(refuses_a_callchain_that_is_too_long),
	TEST(refuses_raw_data_that_is_too_long),
	TEST(leaves_nothing_of_what_it_refused),
	TEST(parses_lost),
	TEST(parses_throttle),
	TEST(parses_fork_and_exit),
	TEST(parses_comm),
	TEST(refuses_comm_when_cut),
	TEST(refuses_comm_without_an_end),
	TEST(parses_mmap),
	TEST(refuses_mmap_when_cut),
	TEST(refuses_mmap_without_an_end),
	TEST(hands_out_what_it_does_not_know),
	TEST(forgets_the_record_before),
	TEST(follows_names),
	TEST(makes_lost),
	TEST(fills_and_parses_overwritten),
	TEST(reads_numbers_of_bytes),
	TEST(reads_stamps),
	TEST(takes_a_sample_quickly),
	TEST(takes_no_sample_cut_anywhere),
	TEST(takes_no_sample_without_a_place_for_raw_data),
	TEST(gap_of_a_cpu),
};

HARNESS_MAIN("record", tests, HARNESS_UNIT)
