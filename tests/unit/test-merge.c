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
/* Of lane.c. */
#define WINDOW LANE_WINDOW
#define AHEAD  128
#define ROOM   (WINDOW + AHEAD)

static struct bytes bytes;
static struct memory_ring rings[MOST_RINGS];
static size_t num_rings;
static struct log *event_log;
static struct merge *merge;
/* Of what was handed out. */
static uint64_t youngest;
static uint64_t num_violations;

static void begin(size_t count, size_t data_bytes, enum merge_order order,
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
	merge = merge_new(event_log, borrowed, count, order, horizon_ns);
	youngest = num_violations = 0;
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

/* One at a time: the record before is done with. */
static int next(struct lane_item *item)
{
	int ret = merge_take(merge, item, 1);
	uint64_t time;

	if (ret <= 0)
		return ret;
	ck_assert_int_eq(ret, 1);
	time = record_time_of(item->header);
	num_violations += time < youngest;
	youngest = time > youngest ? time : youngest;
	return 1;
}

static void expect(uint64_t time, size_t ring)
{
	struct lane_item item;

	ck_assert_int_eq(next(&item), 1);
	ck_assert_uint_eq(record_time_of(item.header), time);
	ck_assert_uint_eq(item.ring, ring);
}

static void expect_end(void)
{
	struct lane_item item;

	ck_assert_int_eq(next(&item), 0);
	ck_assert_int_eq(next(&item), 0);
}

static void expect_fault(const char *error)
{
	struct lane_item item;

	ck_assert_int_eq(next(&item), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(log_get_error(event_log), error));
}

static void expect_violations(uint64_t count)
{
	ck_assert_uint_eq(num_violations, count);
}

START_TEST(has_nothing_to_hand_out)
{
	begin(3, DATA_BYTES, MERGE_TIME, 0);
	expect_end();
	refresh(1000);
	expect_end();
	end();
	merge_free(NULL);
}
END_TEST

START_TEST(hands_out_by_time)
{
	begin(3, DATA_BYTES, MERGE_TIME, 0);
	write_times(0, 2, (uint64_t[]){ 10, 40 });
	write_times(1, 3, (uint64_t[]){ 20, 30, 60 });
	write_times(2, 1, (uint64_t[]){ 50 });
	refresh(1000);
	expect(10, 0);
	expect(20, 1);
	expect(30, 1);
	expect(40, 0);
	expect(50, 2);
	expect(60, 1);
	expect_end();
	expect_violations(0);
	end();
}
END_TEST

START_TEST(hands_out_equal_times_by_ring)
{
	begin(4, DATA_BYTES, MERGE_TIME, 0);
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
	struct lane_item item;
	uint64_t i;

	begin(1, DATA_BYTES, MERGE_TIME, 0);
	for (i = 0; i < 100; i++)
		ck_assert(
			memory_ring_write(&rings[0], make_timed(&bytes, 5, i)));
	refresh(1000);
	for (i = 0; i < 100; i++) {
		ck_assert_int_eq(next(&item), 1);
		ck_assert_uint_eq(record_id_of(item.header), i);
	}
	end();
}
END_TEST

START_TEST(sorts_inversions_in_a_ring)
{
	begin(2, DATA_BYTES, MERGE_TIME, 0);
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

	begin(1, DATA_BYTES, MERGE_TIME, 0);
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

	begin(1, DATA_BYTES, MERGE_TIME, 0);
	for (i = 0; i < ROOM; i++)
		write_time(0, 100 + i);
	write_times(0, 2, (uint64_t[]){ 50, 51 });
	refresh(2000);
	/* They come to sight when the window has to be filled again. */
	for (i = 0; i <= AHEAD; i++)
		expect(100 + i, 0);
	expect(50, 0);
	expect(51, 0);
	for (; i < ROOM; i++)
		expect(100 + i, 0);
	expect_end();
	expect_violations(2);
	end();
}
END_TEST

START_TEST(holds_back_what_is_young)
{
	begin(2, DATA_BYTES, MERGE_TIME, 100);
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
	begin(2, DATA_BYTES, MERGE_TIME, 100);
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
	begin(2, DATA_BYTES, MERGE_TIME, 100);
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
	begin(1, DATA_BYTES, MERGE_TIME, 100);
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
	begin(2, DATA_BYTES, MERGE_TIME, 1000000);
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
	begin(1, DATA_BYTES, MERGE_TIME, 0);
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
	begin(3, DATA_BYTES, MERGE_UNORDERED, 1000000);
	write_times(0, 2, (uint64_t[]){ 40, 10 });
	write_times(2, 2, (uint64_t[]){ 20, 30 });
	refresh(0);
	expect(40, 0);
	expect(10, 0);
	expect(20, 2);
	expect(30, 2);
	expect_end();
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
	begin(2, DATA_BYTES, MERGE_TIME, 0);
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
	begin(2, DATA_BYTES, MERGE_TIME, 0);
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

	begin(2, DATA_BYTES, MERGE_TIME, 0);
	for (i = 0; i <= ROOM; i++)
		write_time(0, 100 + 2 * i);
	spoil(0, ROOM);
	write_time(1, 103);
	refresh(10000);
	expect(100, 0);
	expect(102, 0);
	expect(103, 1);
	for (i = 2; i < AHEAD + 1; i++)
		expect(100 + 2 * i, 0);
	expect_fault("ring 0");
	for (; i < ROOM; i++)
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

	begin(1, DATA_BYTES, MERGE_TIME, 0);
	write_time(0, 500);
	refresh(1000);
	expect(500, 0);
	for (i = 0; i <= WINDOW; i++)
		write_time(0, 400 + i);
	spoil(0, 1 + WINDOW);
	ck_assert_int_eq(merge_refresh(merge, 1000), -EBADMSG);
	for (i = 0; i < WINDOW; i++)
		expect(400 + i, 0);
	expect_end();
	expect_violations(WINDOW);
	end();
}
END_TEST

START_TEST(keeps_the_order_of_equal_times_at_a_fault)
{
	struct lane_item item;
	uint64_t i;

	begin(1, DATA_BYTES, MERGE_TIME, 0);
	for (i = 0; i <= WINDOW; i++)
		ck_assert(
			memory_ring_write(&rings[0], make_timed(&bytes, 5, i)));
	spoil(0, WINDOW);
	ck_assert_int_eq(merge_refresh(merge, 1000), -EBADMSG);
	for (i = 0; i < WINDOW; i++) {
		ck_assert_int_eq(next(&item), 1);
		ck_assert_uint_eq(record_id_of(item.header), i);
	}
	end();
}
END_TEST

START_TEST(skips_a_ring_without_order)
{
	begin(2, DATA_BYTES, MERGE_UNORDERED, 0);
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
	begin(1, DATA_BYTES, MERGE_TIME, 0);
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
	struct lane_item item;
	uint64_t position;

	begin(1, 4096, MERGE_TIME, 0);
	position = memory_ring_get_tail(&rings[0]);
	while (memory_ring_write(&rings[0], make_timed(&bytes, 7, 0)))
		;
	refresh(1000);
	while (next(&item) == 1) {
		/* What the kernel may write over lies before it. */
		ck_assert_int_le(
			(int64_t)(memory_ring_get_tail(&rings[0]) - position),
			0);
		position += item.header->size;
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
		struct lane_item item;

		while (memory_ring_write(&rings[round % 2],
					 make_timed(&bytes, written + 1, 0)))
			written++;
		refresh(UINT64_MAX);
		while (next(&item) == 1)
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
	struct lane_item item;
	uint64_t start;
	size_t i;

	begin(1, DATA_BYTES, MERGE_TIME, 0);
	start = memory_ring_get_tail(&rings[0]);
	for (i = 0; i < DATA_BYTES / RECORD_BYTES; i++)
		write_time(0, i);
	refresh(UINT64_MAX);
	for (i = 0; i < DATA_BYTES / RECORD_BYTES / 2; i++)
		ck_assert_int_eq(next(&item), 1);
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

#define NUM_SENT   8000
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

static void check_item(const struct lane_item *item, bool is_ordered,
		       size_t num_read)
{
	uint64_t id = record_id_of(item->header);
	uint64_t time = record_time_of(item->header);

	ck_assert_uint_lt(id, NUM_SENT);
	ck_assert_uint_eq(time, times[id]);
	ck_assert(!was_read[id]);
	was_read[id] = true;
	if (is_ordered)
		ck_assert_uint_eq(time, sorted[num_read]);
}

static size_t read_round(size_t num_read, bool is_ordered, size_t most)
{
	struct lane_item items[64];
	int count, i;

	while ((count = merge_take(merge, items, most)) > 0) {
		for (i = 0; i < count; i++)
			check_item(&items[i], is_ordered, num_read++);
	}
	ck_assert_int_eq(count, 0);
	return num_read;
}

static void run_randomised(enum merge_order order, size_t most, size_t count)
{
	bool is_ordered = order != MERGE_UNORDERED;
	size_t i, num_read = 0;

	begin(count, DATA_BYTES, order, 200);
	plan_times();
	for (i = 0; i < NUM_SENT; i++) {
		size_t ring = next_random() % count;

		ck_assert(memory_ring_write(&rings[ring],
					    make_timed(&bytes, times[i], i)));
		if (next_random() % 100)
			continue;
		/* What comes later is younger by then, and must be. */
		refresh(order == MERGE_CERTAIN ? FIRST_TICK + i - 17 :
						 FIRST_TICK + i);
		num_read = read_round(num_read, is_ordered, most);
	}
	refresh(UINT64_MAX);
	ck_assert_uint_eq(read_round(num_read, is_ordered, most), NUM_SENT);
	end();
}

START_TEST(agrees_with_a_sort)
{
	run_randomised(MERGE_TIME, 1, MOST_RINGS);
	run_randomised(MERGE_TIME, 1, 2);
	run_randomised(MERGE_TIME, 7, MOST_RINGS);
	run_randomised(MERGE_TIME, 7, 2);
	run_randomised(MERGE_TIME, 64, MOST_RINGS);
	run_randomised(MERGE_TIME, 64, 2);
	run_randomised(MERGE_CERTAIN, 1, MOST_RINGS);
	run_randomised(MERGE_CERTAIN, 1, 2);
	run_randomised(MERGE_CERTAIN, 64, MOST_RINGS);
	run_randomised(MERGE_CERTAIN, 64, 2);
}
END_TEST

START_TEST(loses_nothing_without_order)
{
	run_randomised(MERGE_UNORDERED, 1, MOST_RINGS);
	run_randomised(MERGE_UNORDERED, 1, 2);
	run_randomised(MERGE_UNORDERED, 64, MOST_RINGS);
	run_randomised(MERGE_UNORDERED, 64, 2);
}
END_TEST

/* Times at random: nothing is in order, and still nothing is lost. */
static void run_disorder(enum merge_order order)
{
	size_t sent, num_read = 0;
	struct lane_item item;

	begin(MOST_RINGS, DATA_BYTES, order, 0);
	for (sent = 0; sent < 8000; sent++)
		write_time(sent % MOST_RINGS, next_random() >> 1);
	refresh(UINT64_MAX);
	while (next(&item) == 1)
		num_read++;
	ck_assert_uint_eq(num_read, 8000);
}

START_TEST(loses_nothing_in_disorder)
{
	run_disorder(MERGE_TIME);
	ck_assert_uint_gt(num_violations, 0);
	end();
}
END_TEST

/* Not a window of it. */
START_TEST(sorts_all_that_is_visible_to_be_certain)
{
	run_disorder(MERGE_CERTAIN);
	expect_violations(0);
	end();
}
END_TEST

START_TEST(hands_out_up_to_the_clock_to_be_certain)
{
	begin(2, DATA_BYTES, MERGE_CERTAIN, 100);
	write_times(0, 3, (uint64_t[]){ 30, 10, 300 });
	write_times(1, 2, (uint64_t[]){ 20, 301 });
	refresh(300);
	expect(10, 0);
	expect(20, 1);
	expect(30, 0);
	expect(300, 0);
	expect_end();
	ck_assert(merge_has_rest(merge));
	refresh(301);
	expect(301, 1);
	expect_end();
	ck_assert(!merge_has_rest(merge));
	end();
}
END_TEST

/* Of a ring: all but a record, or two. */
static void fill_ring(size_t ring, uint64_t first_time)
{
	while (memory_ring_write(&rings[ring],
				 make_timed(&bytes, first_time, 0)))
		first_time++;
}

/* Up to a half of the ring stays, and that of the other as well. */
START_TEST(lets_the_horizon_yield_to_a_full_ring)
{
	struct lane_item item;
	size_t num_read = 0;

	begin(2, 4096, MERGE_TIME, 1000000);
	fill_ring(0, 1000);
	write_times(1, 2, (uint64_t[]){ 1001, 5000 });
	refresh(1200);
	while (next(&item) == 1) {
		ck_assert_uint_lt(record_time_of(item.header), 5000);
		num_read++;
	}
	ck_assert_uint_ge(num_read, 4096 / RECORD_BYTES / 2);
	ck_assert_uint_lt(num_read, 4096 / RECORD_BYTES * 2 / 3);
	expect_violations(0);
	end();
}
END_TEST

START_TEST(lets_certainty_yield_to_nothing)
{
	begin(1, 4096, MERGE_CERTAIN, 0);
	fill_ring(0, 1000);
	refresh(999);
	expect_end();
	end();
}
END_TEST

/* As another process would, that maps the same rings. */
static void carry_on(const struct lane_item *left, size_t num_left)
{
	struct ring *borrowed[MOST_RINGS];
	struct lane_progress progress;
	struct merge *other;
	size_t i;

	for (i = 0; i < num_rings; i++)
		borrowed[i] = rings[i].ring;
	other = merge_new(event_log, borrowed, num_rings, MERGE_TIME, 100);
	ck_assert_ptr_nonnull(other);
	for (i = 0; i < num_rings; i++) {
		ck_assert_int_eq(merge_get_progress(merge, i, left, num_left,
						    &progress),
				 0);
		ck_assert_int_eq(merge_set_progress(other, i, &progress), 0);
	}
	merge_free(merge);
	merge = other;
}

START_TEST(goes_on_where_another_was)
{
	begin(2, DATA_BYTES, MERGE_TIME, 100);
	/* Read, before what stands in front of it: the late 15. */
	write_times(0, 5, (uint64_t[]){ 10, 30, 200, 15, 220 });
	write_times(1, 2, (uint64_t[]){ 20, 210 });
	refresh(120);
	expect(10, 0);
	expect(15, 0);
	expect(20, 1);
	carry_on(NULL, 0);
	refresh(121);
	expect_end();
	refresh(1000);
	expect(30, 0);
	carry_on(NULL, 0);
	refresh(1000);
	expect(200, 0);
	expect(210, 1);
	expect(220, 0);
	expect_end();
	end();
}
END_TEST

START_TEST(goes_on_with_what_was_taken_and_not_read)
{
	struct lane_item items[8];

	begin(2, DATA_BYTES, MERGE_TIME, 100);
	write_times(0, 3, (uint64_t[]){ 10, 30, 20 });
	write_times(1, 2, (uint64_t[]){ 25, 40 });
	refresh(1000);
	ck_assert_int_eq(merge_take(merge, items, 4), 4);
	carry_on(items + 2, 2);
	refresh(1000);
	expect(25, 1);
	expect(30, 0);
	expect(40, 1);
	expect_end();
	end();
}
END_TEST

/* The one that wraps is a copy, and stands nowhere in the ring. */
START_TEST(goes_on_at_a_record_that_wraps)
{
	struct lane_item items[64];
	uint64_t i;
	int count;

	begin(1, 4096, MERGE_UNORDERED, 0);
	for (i = 0; i < 16; i++)
		write_time(0, i);
	refresh(1000);
	count = merge_take(merge, items, 64);
	ck_assert_int_eq(count, 16);
	for (i = 0; i < 16; i++) {
		carry_on(items + i, 16 - i);
		refresh(1000);
		ck_assert_int_eq(merge_take(merge, items, 64), 16 - i);
		ck_assert_uint_eq(record_time_of(items[0].header), i);
		carry_on(items, 16 - i);
		refresh(1000);
		ck_assert_int_eq(merge_take(merge, items + i, 64 - i), 16 - i);
	}
	end();
}
END_TEST

START_TEST(refuses_to_go_on_where_there_is_nothing)
{
	struct lane_progress progress;

	begin(1, 4096, MERGE_TIME, 0);
	write_times(0, 3, (uint64_t[]){ 1, 2, 3 });
	ck_assert_int_eq(merge_get_progress(merge, 0, NULL, 0, &progress), 0);
	progress.position -= 8;
	ck_assert_int_eq(merge_set_progress(merge, 0, &progress), -EBADMSG);
	progress.position += 8 + 4 * RECORD_BYTES;
	ck_assert_int_eq(merge_set_progress(merge, 0, &progress), -EBADMSG);
	progress.position -= 4 * RECORD_BYTES;
	progress.taken[0] = progress.position;
	progress.num_taken = 1;
	ck_assert_int_eq(merge_set_progress(merge, 0, &progress), -EBADMSG);
	progress.taken[0] += 4 * RECORD_BYTES;
	ck_assert_int_eq(merge_set_progress(merge, 0, &progress), -EBADMSG);
	progress.taken[0] -= 3 * RECORD_BYTES;
	ck_assert_int_eq(merge_set_progress(merge, 0, &progress), 0);
	refresh(1000);
	expect(1, 0);
	expect(3, 0);
	end();
}
END_TEST

/* More than there is room to say. */
START_TEST(says_when_too_much_was_read_ahead)
{
	struct lane_progress progress;
	uint64_t i;

	begin(1, DATA_BYTES, MERGE_TIME, 100);
	write_time(0, 1000);
	for (i = 0; i <= LANE_MOST_TAKEN; i++)
		write_time(0, 1 + i);
	refresh(1000);
	for (i = 0; i < LANE_MOST_TAKEN; i++)
		expect(1 + i, 0);
	ck_assert_int_eq(merge_get_progress(merge, 0, NULL, 0, &progress), 0);
	ck_assert_uint_eq(progress.num_taken, LANE_MOST_TAKEN);
	expect(1 + i, 0);
	ck_assert_int_eq(merge_get_progress(merge, 0, NULL, 0, &progress),
			 -ENOBUFS);
	end();
}
END_TEST

START_TEST(nothing_younger_than_a_hold)
{
	begin(2, DATA_BYTES, MERGE_TIME, 0);
	write_times(0, 2, (const uint64_t[]){ 10, 30 });
	write_time(1, 20);
	merge_hold(merge, 19);
	refresh(100);
	expect(10, 0);
	expect_end();
	ck_assert(merge_has_reached(merge, 20));
	merge_hold(merge, UINT64_MAX);
	expect(20, 1);
	expect(30, 0);
	expect_end();
	end();
}
END_TEST

START_TEST(a_hold_beyond_the_horizon)
{
	begin(1, DATA_BYTES, MERGE_TIME, 50);
	write_time(0, 60);
	merge_hold(merge, 69);
	refresh(100);
	expect_end();
	ck_assert(!merge_has_reached(merge, 70));
	refresh(119);
	expect(60, 0);
	expect_end();
	ck_assert(!merge_has_reached(merge, 70));
	refresh(120);
	expect_end();
	ck_assert(merge_has_reached(merge, 70));
	end();
}
END_TEST

static void join(enum merge_order order)
{
	begin(2, DATA_BYTES, order, 0);
	write_times(0, 2, (const uint64_t[]){ 10, 30 });
	write_times(1, 2, (const uint64_t[]){ 20, 40 });
	refresh(100);
	expect(10, 0);
	/* In the middle of a round, from the next one on. */
	memory_ring_make(&rings[2], DATA_BYTES, 0);
	num_rings = 3;
	ck_assert_int_eq(merge_add(merge, rings[2].ring), 0);
	write_times(2, 2, (const uint64_t[]){ 110, 130 });
}

START_TEST(a_ring_joins)
{
	join(MERGE_CERTAIN);
	expect(20, 1);
	expect(30, 0);
	expect(40, 1);
	expect_end();
	write_time(0, 120);
	refresh(200);
	expect(110, 2);
	expect(120, 0);
	expect(130, 2);
	expect_end();
	ck_assert_uint_eq(num_violations, 0);
	end();
}
END_TEST

START_TEST(a_ring_joins_without_order)
{
	join(MERGE_UNORDERED);
	expect(30, 0);
	expect(20, 1);
	expect(40, 1);
	expect_end();
	refresh(200);
	expect(110, 2);
	expect(130, 2);
	expect_end();
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
	TEST(sorts_all_that_is_visible_to_be_certain),
	TEST(hands_out_up_to_the_clock_to_be_certain),
	TEST(lets_the_horizon_yield_to_a_full_ring),
	TEST(lets_certainty_yield_to_nothing),
	TEST(goes_on_where_another_was),
	TEST(goes_on_with_what_was_taken_and_not_read),
	TEST(goes_on_at_a_record_that_wraps),
	TEST(refuses_to_go_on_where_there_is_nothing),
	TEST(says_when_too_much_was_read_ahead),
	TEST(nothing_younger_than_a_hold),
	TEST(a_hold_beyond_the_horizon),
	TEST(a_ring_joins),
	TEST(a_ring_joins_without_order),
};

HARNESS_MAIN("merge", tests, HARNESS_UNIT)
