/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "harness.h"
#include "log.h"
#include "memory_ring.h"
#include "merge.h"
#include "record.h"
#include "ring.h"

#define MOST_RINGS 8
#define DATA_BYTES 65536
/* Of make_timed(). */
#define RECORD_BYTES 40
/* Of merge.c. */
#define WINDOW 32

static struct bytes bytes;
static struct memory_ring rings[MOST_RINGS];
static size_t num_rings;
static struct log *event_log;
static struct merge *merge;

static void begin(size_t count, size_t data_bytes, bool is_ordered,
		  uint64_t horizon_ns)
{
	struct ring *borrowed[MOST_RINGS];
	size_t i;

	num_rings = count;
	for (i = 0; i < count; i++) {
		/* Each wraps elsewhere. */
		memory_ring_make(&rings[i], data_bytes,
				 4 * data_bytes - 104 * (i + 1));
		borrowed[i] = rings[i].ring;
	}
	event_log = log_new();
	merge = merge_new(event_log, borrowed, count, is_ordered, horizon_ns);
	ck_assert_ptr_nonnull(merge);
}

static void end(void)
{
	size_t i;

	merge_free(merge);
	for (i = 0; i < num_rings; i++)
		memory_ring_clear(&rings[i]);
	log_free(event_log);
}

static void write_time(size_t ring, uint64_t time)
{
	ck_assert(memory_ring_write(&rings[ring], make_timed(&bytes, time, 0)));
}

static void write_times(size_t ring, size_t count, const uint64_t *times)
{
	size_t i;

	for (i = 0; i < count; i++)
		write_time(ring, times[i]);
}

static void refresh(uint64_t now)
{
	ck_assert_int_eq(merge_refresh(merge, now), 0);
}

static uint64_t time_of(const struct perf_event_header *record)
{
	struct record_stamp stamp;

	ck_assert_int_eq(record_read_stamp(record, &stamp), 0);
	return stamp.time;
}

static void expect(uint64_t time, size_t ring)
{
	const struct perf_event_header *record;
	size_t from;

	ck_assert_int_eq(merge_next(merge, &record, &from), 1);
	ck_assert_uint_eq(time_of(record), time);
	ck_assert_uint_eq(from, ring);
}

static void expect_end(void)
{
	const struct perf_event_header *record;
	size_t ring;

	ck_assert_int_eq(merge_next(merge, &record, &ring), 0);
	ck_assert_int_eq(merge_next(merge, &record, &ring), 0);
}

static void expect_fault(const char *error)
{
	const struct perf_event_header *record;
	size_t ring;

	ck_assert_int_eq(merge_next(merge, &record, &ring), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(log_get_error(event_log), error));
}

static void expect_violations(uint64_t count)
{
	ck_assert_uint_eq(merge_get_num_violations(merge), count);
}

START_TEST(has_nothing_to_hand_out)
{
	begin(3, DATA_BYTES, true, 0);
	expect_end();
	refresh(1000);
	expect_end();
	ck_assert_uint_eq(merge_get_time(merge), 0);
	end();
	merge_free(NULL);
}
END_TEST

START_TEST(hands_out_by_time)
{
	begin(3, DATA_BYTES, true, 0);
	write_times(0, 2, (uint64_t[]){ 10, 40 });
	write_times(1, 3, (uint64_t[]){ 20, 30, 60 });
	write_times(2, 1, (uint64_t[]){ 50 });
	refresh(1000);
	expect(10, 0);
	expect(20, 1);
	expect(30, 1);
	expect(40, 0);
	ck_assert_uint_eq(merge_get_time(merge), 40);
	expect(50, 2);
	expect(60, 1);
	expect_end();
	expect_violations(0);
	end();
}
END_TEST

START_TEST(hands_out_equal_times_by_ring)
{
	begin(4, DATA_BYTES, true, 0);
	write_times(3, 2, (uint64_t[]){ 5, 5 });
	write_times(1, 2, (uint64_t[]){ 5, 5 });
	write_times(0, 1, (uint64_t[]){ 5 });
	write_times(2, 1, (uint64_t[]){ 5 });
	refresh(1000);
	expect(5, 0);
	expect(5, 1);
	expect(5, 1);
	expect(5, 2);
	expect(5, 3);
	expect(5, 3);
	expect_end();
	expect_violations(0);
	end();
}
END_TEST

START_TEST(keeps_the_order_of_equal_times_in_a_ring)
{
	const struct perf_event_header *record;
	struct record_stamp stamp;
	size_t ring;
	uint64_t i;

	begin(1, DATA_BYTES, true, 0);
	for (i = 0; i < 100; i++)
		ck_assert(
			memory_ring_write(&rings[0], make_timed(&bytes, 5, i)));
	refresh(1000);
	for (i = 0; i < 100; i++) {
		ck_assert_int_eq(merge_next(merge, &record, &ring), 1);
		ck_assert_int_eq(record_read_stamp(record, &stamp), 0);
		ck_assert_uint_eq(stamp.id, i);
	}
	end();
}
END_TEST

START_TEST(sorts_inversions_in_a_ring)
{
	begin(2, DATA_BYTES, true, 0);
	write_times(0, 5, (uint64_t[]){ 10, 40, 30, 20, 50 });
	write_times(1, 2, (uint64_t[]){ 35, 15 });
	refresh(1000);
	expect(10, 0);
	expect(15, 1);
	expect(20, 0);
	expect(30, 0);
	expect(35, 1);
	expect(40, 0);
	expect(50, 0);
	expect_end();
	expect_violations(0);
	end();
}
END_TEST

START_TEST(sorts_all_that_the_window_holds)
{
	uint64_t i;

	begin(1, DATA_BYTES, true, 0);
	for (i = 0; i < WINDOW; i++)
		write_time(0, 1000 - i);
	refresh(2000);
	for (i = WINDOW; i-- > 0;)
		expect(1000 - i, 0);
	expect_end();
	expect_violations(0);
	end();
}
END_TEST

START_TEST(counts_inversions_beyond_the_window)
{
	uint64_t i;

	begin(1, DATA_BYTES, true, 0);
	for (i = 0; i < 2 * WINDOW; i++)
		write_time(0, 100 + i);
	write_times(0, 2, (uint64_t[]){ 50, 51 });
	refresh(2000);
	for (i = 0; i <= WINDOW; i++)
		expect(100 + i, 0);
	/* Into the window when what is 32 places before has left. */
	expect(50, 0);
	expect(51, 0);
	for (i = WINDOW + 1; i < 2 * WINDOW; i++)
		expect(100 + i, 0);
	expect_end();
	expect_violations(2);
	ck_assert_uint_eq(merge_get_time(merge), 100 + 2 * WINDOW - 1);
	end();
}
END_TEST

START_TEST(holds_back_what_is_young)
{
	begin(2, DATA_BYTES, true, 100);
	write_times(0, 2, (uint64_t[]){ 10, 201 });
	write_times(1, 2, (uint64_t[]){ 200, 300 });
	refresh(300);
	expect(10, 0);
	expect(200, 1);
	expect_end();
	refresh(301);
	expect(201, 0);
	expect_end();
	refresh(400);
	expect(300, 1);
	expect_end();
	end();
}
END_TEST

START_TEST(waits_for_a_record_that_comes_late)
{
	begin(2, DATA_BYTES, true, 100);
	write_time(0, 50);
	refresh(100);
	expect_end();
	write_time(1, 40);
	refresh(200);
	expect(40, 1);
	expect(50, 0);
	expect_violations(0);
	end();
}
END_TEST

START_TEST(counts_what_comes_too_late)
{
	begin(2, DATA_BYTES, true, 100);
	write_times(0, 2, (uint64_t[]){ 50, 60 });
	refresh(200);
	expect(50, 0);
	expect(60, 0);
	write_times(1, 2, (uint64_t[]){ 40, 70 });
	refresh(200);
	expect(40, 1);
	expect(70, 1);
	expect_violations(1);
	end();
}
END_TEST

/* The clock has not come as far as the horizon. */
START_TEST(holds_back_all_at_first)
{
	begin(1, DATA_BYTES, true, 100);
	write_time(0, 1);
	refresh(50);
	expect_end();
	refresh(100);
	expect_end();
	refresh(101);
	expect(1, 0);
	end();
}
END_TEST

START_TEST(hands_out_all_at_the_end)
{
	begin(2, DATA_BYTES, true, 1000000);
	write_times(0, 1, (uint64_t[]){ UINT64_MAX });
	write_times(1, 2, (uint64_t[]){ 1, UINT64_MAX - 1 });
	refresh(1000);
	expect_end();
	refresh(UINT64_MAX);
	expect(1, 1);
	expect(UINT64_MAX - 1, 1);
	expect(UINT64_MAX, 0);
	expect_end();
	end();
}
END_TEST

START_TEST(hands_out_nothing_of_the_next_round)
{
	begin(1, DATA_BYTES, true, 0);
	write_time(0, 1);
	refresh(1000);
	write_time(0, 2);
	expect(1, 0);
	expect_end();
	refresh(1000);
	expect(2, 0);
	end();
}
END_TEST

START_TEST(goes_ring_by_ring_without_order)
{
	begin(3, DATA_BYTES, false, 1000000);
	write_times(0, 2, (uint64_t[]){ 40, 10 });
	write_times(2, 2, (uint64_t[]){ 20, 30 });
	refresh(0);
	expect(40, 0);
	expect(10, 0);
	expect(20, 2);
	expect(30, 2);
	expect_end();
	expect_violations(0);
	ck_assert_uint_eq(merge_get_time(merge), 40);
	end();
}
END_TEST

static void spoil(size_t ring, size_t index)
{
	uint64_t start = 4 * DATA_BYTES - 104 * (ring + 1);

	memory_ring_header(&rings[ring], start + index * RECORD_BYTES)->size =
		7;
}

START_TEST(skips_a_ring_that_makes_no_sense)
{
	begin(2, DATA_BYTES, true, 0);
	write_times(0, 2, (uint64_t[]){ 10, 20 });
	write_times(1, 2, (uint64_t[]){ 15, 25 });
	spoil(1, 0);
	ck_assert_int_eq(merge_refresh(merge, 1000), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(log_get_error(event_log), "ring 1"));
	ck_assert_ptr_nonnull(
		strstr(log_get_error(event_log), "80 were skipped"));
	expect(10, 0);
	expect(20, 0);
	expect_end();
	write_time(1, 30);
	refresh(1000);
	expect(30, 1);
	expect_end();
	end();
}
END_TEST

START_TEST(hands_out_what_lies_before_the_fault)
{
	begin(2, DATA_BYTES, true, 0);
	write_times(0, 3, (uint64_t[]){ 10, 20, 30 });
	write_times(1, 2, (uint64_t[]){ 15, 25 });
	spoil(0, 2);
	ck_assert_int_eq(merge_refresh(merge, 1000), -EBADMSG);
	expect(10, 0);
	expect(15, 1);
	expect(20, 0);
	expect(25, 1);
	expect_end();
	expect_violations(0);
	end();
}
END_TEST

START_TEST(finds_a_fault_while_handing_out)
{
	uint64_t i;

	begin(2, DATA_BYTES, true, 0);
	for (i = 0; i <= WINDOW; i++)
		write_time(0, 100 + 2 * i);
	spoil(0, WINDOW);
	write_time(1, 103);
	refresh(1000);
	expect_fault("ring 0");
	expect(100, 0);
	expect(102, 0);
	expect(103, 1);
	for (i = 2; i < WINDOW; i++)
		expect(100 + 2 * i, 0);
	expect_end();
	expect_violations(0);
	end();
}
END_TEST

/* It is looked at twice, and comes late once. */
START_TEST(counts_a_violation_once_at_a_fault)
{
	uint64_t i;

	begin(1, DATA_BYTES, true, 0);
	write_time(0, 500);
	refresh(1000);
	expect(500, 0);
	for (i = 0; i <= WINDOW; i++)
		write_time(0, 400 + i);
	spoil(0, 1 + WINDOW);
	refresh(1000);
	expect_fault("ring 0");
	for (i = 0; i < WINDOW; i++)
		expect(400 + i, 0);
	expect_end();
	expect_violations(WINDOW);
	end();
}
END_TEST

START_TEST(keeps_the_order_of_equal_times_at_a_fault)
{
	const struct perf_event_header *record;
	struct record_stamp stamp;
	size_t ring;
	uint64_t i;

	begin(1, DATA_BYTES, true, 0);
	for (i = 0; i <= WINDOW; i++)
		ck_assert(
			memory_ring_write(&rings[0], make_timed(&bytes, 5, i)));
	spoil(0, WINDOW);
	refresh(1000);
	expect_fault("ring 0");
	for (i = 0; i < WINDOW; i++) {
		ck_assert_int_eq(merge_next(merge, &record, &ring), 1);
		ck_assert_int_eq(record_read_stamp(record, &stamp), 0);
		ck_assert_uint_eq(stamp.id, i);
	}
	end();
}
END_TEST

START_TEST(skips_a_ring_without_order)
{
	begin(2, DATA_BYTES, false, 0);
	write_times(0, 2, (uint64_t[]){ 10, 20 });
	write_times(1, 1, (uint64_t[]){ 15 });
	spoil(0, 1);
	refresh(1000);
	expect(10, 0);
	expect_fault("ring 0");
	expect(15, 1);
	expect_end();
	end();
}
END_TEST

/* A record too short for its time. */
START_TEST(skips_a_ring_with_a_record_too_short)
{
	begin(1, DATA_BYTES, true, 0);
	begin_record(&bytes, PERF_RECORD_SAMPLE, 0);
	ck_assert(memory_ring_write(&rings[0], end_record(&bytes)));
	write_time(0, 10);
	ck_assert_int_eq(merge_refresh(merge, 1000), -EBADMSG);
	expect_end();
	end();
}
END_TEST

static void expect_recovery(bool is_ordered, uint64_t distance)
{
	begin(2, DATA_BYTES, is_ordered, 0);
	write_times(0, 2, (uint64_t[]){ 10, 20 });
	refresh(1000);
	expect(10, 0);
	memory_ring_set_head(&rings[0],
			     memory_ring_get_head(&rings[0]) + distance);
	write_time(1, 30);
	ck_assert_int_eq(merge_refresh(merge, 1000), -EBADMSG);
	expect(30, 1);
	expect_end();
	refresh(1000);
	ck_assert_uint_eq(memory_ring_get_tail(&rings[0]),
			  memory_ring_get_head(&rings[0]));
	write_time(0, 40);
	refresh(1000);
	expect(40, 0);
	expect_end();
	end();
}

START_TEST(recovers_from_a_head_that_jumps)
{
	expect_recovery(true, 8 * DATA_BYTES);
	expect_recovery(true, (uint64_t)-RECORD_BYTES);
	expect_recovery(true, (uint64_t)-8 * DATA_BYTES);
	expect_recovery(false, 8 * DATA_BYTES);
	expect_recovery(false, (uint64_t)-RECORD_BYTES);
	expect_recovery(false, (uint64_t)-8 * DATA_BYTES);
}
END_TEST

START_TEST(leaves_the_last_record_in_the_ring)
{
	const struct perf_event_header *record;
	uint64_t position;
	size_t ring;

	begin(1, 4096, true, 0);
	position = memory_ring_get_tail(&rings[0]);
	while (memory_ring_write(&rings[0], make_timed(&bytes, 7, 0)))
		;
	refresh(1000);
	while (merge_next(merge, &record, &ring) == 1) {
		/* What the kernel may write over lies before it. */
		ck_assert_int_le(
			(int64_t)(memory_ring_get_tail(&rings[0]) - position),
			0);
		position += record->size;
	}
	end();
}
END_TEST

static void expect_room(bool is_ordered)
{
	uint64_t written = 0, read = 0;
	int round;

	begin(2, 4096, is_ordered, 0);
	for (round = 0; round < 100; round++) {
		const struct perf_event_header *record;
		size_t ring;

		while (memory_ring_write(&rings[round % 2],
					 make_timed(&bytes, written + 1, 0)))
			written++;
		refresh(UINT64_MAX);
		while (merge_next(merge, &record, &ring) == 1)
			read++;
	}
	ck_assert_uint_eq(read, written);
	/* Each round had the whole ring, but for the first bytes. */
	ck_assert_uint_ge(written, 99 * (4096 / RECORD_BYTES - 1));
	end();
}

START_TEST(gives_the_room_back)
{
	expect_room(true);
	expect_room(false);
}
END_TEST

START_TEST(gives_room_back_while_it_reads)
{
	const struct perf_event_header *record;
	uint64_t start;
	size_t ring, i;

	begin(1, DATA_BYTES, true, 0);
	start = memory_ring_get_tail(&rings[0]);
	for (i = 0; i < DATA_BYTES / RECORD_BYTES; i++)
		write_time(0, i);
	refresh(UINT64_MAX);
	for (i = 0; i < DATA_BYTES / RECORD_BYTES / 2; i++)
		ck_assert_int_eq(merge_next(merge, &record, &ring), 1);
	ck_assert_uint_ge(memory_ring_get_tail(&rings[0]) - start,
			  DATA_BYTES / 4);
	end();
}
END_TEST

/* xorshift: the same numbers in each run. */
static uint64_t random_state = 88172645463325252;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static int compare_times(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

#define NUM_SENT   20000
#define FIRST_TICK 1000
static uint64_t times[NUM_SENT];
static uint64_t sorted[NUM_SENT];
static bool was_read[NUM_SENT];

/*
 * A record for each tick of the clock, its time up to 16 ticks back: less than
 * the horizon, and no more than the window sorts.
 */
static void plan_times(void)
{
	size_t i;

	for (i = 0; i < NUM_SENT; i++)
		sorted[i] = times[i] = FIRST_TICK + i - next_random() % 17;
	qsort(sorted, NUM_SENT, sizeof(*sorted), compare_times);
	memset(was_read, 0, sizeof(was_read));
}

static size_t read_round(size_t num_read, bool is_ordered)
{
	const struct perf_event_header *record;
	struct record_stamp stamp;
	size_t ring;

	while (merge_next(merge, &record, &ring) == 1) {
		ck_assert_int_eq(record_read_stamp(record, &stamp), 0);
		ck_assert_uint_lt(stamp.id, NUM_SENT);
		ck_assert_uint_eq(stamp.time, times[stamp.id]);
		ck_assert(!was_read[stamp.id]);
		was_read[stamp.id] = true;
		if (is_ordered)
			ck_assert_uint_eq(stamp.time, sorted[num_read]);
		num_read++;
	}
	return num_read;
}

static void run_randomised(bool is_ordered)
{
	size_t i, num_read = 0;

	begin(MOST_RINGS, DATA_BYTES, is_ordered, 200);
	plan_times();
	for (i = 0; i < NUM_SENT; i++) {
		size_t ring = next_random() % MOST_RINGS;

		ck_assert(memory_ring_write(&rings[ring],
					    make_timed(&bytes, times[i], i)));
		if (next_random() % 100)
			continue;
		refresh(FIRST_TICK + i);
		num_read = read_round(num_read, is_ordered);
	}
	refresh(UINT64_MAX);
	ck_assert_uint_eq(read_round(num_read, is_ordered), NUM_SENT);
	expect_violations(0);
	end();
}

START_TEST(agrees_with_a_sort)
{
	run_randomised(true);
}
END_TEST

START_TEST(loses_nothing_without_order)
{
	run_randomised(false);
}
END_TEST

/* Times at random: nothing is in order, and still nothing is lost. */
START_TEST(loses_nothing_in_disorder)
{
	const struct perf_event_header *record;
	uint64_t violations = 0, youngest = 0;
	size_t sent, ring, num_read = 0;

	begin(MOST_RINGS, DATA_BYTES, true, 0);
	for (sent = 0; sent < 8000; sent++)
		write_time(sent % MOST_RINGS, next_random() >> 1);
	refresh(UINT64_MAX);
	while (merge_next(merge, &record, &ring) == 1) {
		uint64_t time = time_of(record);

		violations += time < youngest;
		youngest = time > youngest ? time : youngest;
		num_read++;
	}
	ck_assert_uint_eq(num_read, 8000);
	ck_assert_uint_gt(violations, 0);
	expect_violations(violations);
	end();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(has_nothing_to_hand_out),
	TEST(hands_out_by_time),
	TEST(hands_out_equal_times_by_ring),
	TEST(keeps_the_order_of_equal_times_in_a_ring),
	TEST(sorts_inversions_in_a_ring),
	TEST(sorts_all_that_the_window_holds),
	TEST(counts_inversions_beyond_the_window),
	TEST(holds_back_what_is_young),
	TEST(waits_for_a_record_that_comes_late),
	TEST(counts_what_comes_too_late),
	TEST(holds_back_all_at_first),
	TEST(hands_out_all_at_the_end),
	TEST(hands_out_nothing_of_the_next_round),
	TEST(goes_ring_by_ring_without_order),
	TEST(skips_a_ring_that_makes_no_sense),
	TEST(hands_out_what_lies_before_the_fault),
	TEST(finds_a_fault_while_handing_out),
	TEST(counts_a_violation_once_at_a_fault),
	TEST(keeps_the_order_of_equal_times_at_a_fault),
	TEST(skips_a_ring_without_order),
	TEST(skips_a_ring_with_a_record_too_short),
	TEST(recovers_from_a_head_that_jumps),
	TEST(leaves_the_last_record_in_the_ring),
	TEST(gives_the_room_back),
	TEST(gives_room_back_while_it_reads),
	TEST(agrees_with_a_sort),
	TEST(loses_nothing_without_order),
	TEST(loses_nothing_in_disorder),
};

HARNESS_MAIN("merge", tests, HARNESS_UNIT)
