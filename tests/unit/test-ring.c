/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>

#include "bytes.h"
#include "harness.h"
#include "memory_ring.h"
#include "ring.h"

#define DATA_BYTES 4096

static struct bytes bytes;

/* A record of this size, its body filled with a letter. */
static const struct perf_event_header *make(size_t size, char letter)
{
	begin_record(&bytes, PERF_RECORD_SAMPLE, 0);
	while (bytes.count < size)
		put(&bytes, &letter, 1);
	return end_record(&bytes);
}

static void write_record(struct memory_ring *memory, size_t size, char letter)
{
	ck_assert(memory_ring_write(memory, make(size, letter)));
}

static void expect_record(struct memory_ring *memory, uint64_t position,
			  size_t size, char letter)
{
	const struct perf_event_header *record;
	const char *body;
	size_t i;

	ck_assert_int_eq(ring_record_at(memory->ring, position, &record), 0);
	ck_assert_uint_eq(record->size, size);
	body = (const char *)(record + 1);
	for (i = 0; i < size - sizeof(*record); i++)
		ck_assert_int_eq(body[i], letter);
}

static void expect_refresh(struct memory_ring *memory, int ret, uint64_t end)
{
	uint64_t found;

	ck_assert_int_eq(ring_refresh(memory->ring, &found), ret);
	ck_assert_uint_eq(found, end);
}

static void expect_bad(struct memory_ring *memory, uint64_t position)
{
	const struct perf_event_header *record;

	ck_assert_int_eq(ring_record_at(memory->ring, position, &record),
			 -EBADMSG);
}

START_TEST(begins_where_the_tail_is)
{
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 4096000);
	ck_assert_uint_eq(ring_get_tail(memory.ring), 4096000);
	ck_assert_uint_eq(ring_get_data_bytes(memory.ring), DATA_BYTES);
	expect_refresh(&memory, 0, 4096000);
	expect_bad(&memory, 4096000);
	memory_ring_clear(&memory);
	ring_free(NULL);
}
END_TEST

START_TEST(reads_records_in_place)
{
	const struct perf_event_header *record;
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 0);
	write_record(&memory, 8, 'a');
	write_record(&memory, 64, 'b');
	expect_refresh(&memory, 0, 72);
	expect_record(&memory, 0, 8, 'a');
	expect_record(&memory, 8, 64, 'b');
	expect_bad(&memory, 72);
	ck_assert_int_eq(ring_record_at(memory.ring, 8, &record), 0);
	ck_assert_ptr_eq(record, memory.data + 8);
	memory_ring_clear(&memory);
}
END_TEST

START_TEST(sees_nothing_new_before_a_refresh)
{
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 0);
	write_record(&memory, 16, 'a');
	expect_bad(&memory, 0);
	expect_refresh(&memory, 0, 16);
	write_record(&memory, 16, 'b');
	expect_record(&memory, 0, 16, 'a');
	expect_bad(&memory, 16);
	memory_ring_clear(&memory);
}
END_TEST

START_TEST(joins_a_record_that_wraps)
{
	const struct perf_event_header *record;
	struct memory_ring memory;
	size_t place;

	/* Also right behind the header, and not at all. */
	for (place = 8; place <= 64; place += 8) {
		uint64_t start = 7 * DATA_BYTES - place;

		memory_ring_make(&memory, DATA_BYTES, start);
		write_record(&memory, 64, 'w');
		expect_refresh(&memory, 0, start + 64);
		expect_record(&memory, start, 64, 'w');
		ck_assert_int_eq(ring_record_at(memory.ring, start, &record),
				 0);
		ck_assert_int_eq((const void *)record ==
					 memory.data + DATA_BYTES - place,
				 place == 64);
		memory_ring_clear(&memory);
	}
}
END_TEST

START_TEST(joins_the_largest_record)
{
	struct memory_ring memory;

	memory_ring_make(&memory, 65536, 65536 - 16);
	write_record(&memory, 65528, 'L');
	expect_refresh(&memory, 0, 65536 - 16 + 65528);
	expect_record(&memory, 65536 - 16, 65528, 'L');
	memory_ring_clear(&memory);
}
END_TEST

START_TEST(is_read_when_full)
{
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 1000 * DATA_BYTES + 8);
	write_record(&memory, DATA_BYTES, 'f');
	ck_assert(!memory_ring_write(&memory, make(8, 'x')));
	expect_refresh(&memory, 0, 1001 * DATA_BYTES + 8);
	expect_record(&memory, 1000 * DATA_BYTES + 8, DATA_BYTES, 'f');
	memory_ring_clear(&memory);
}
END_TEST

START_TEST(gives_back_what_is_released)
{
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 0);
	write_record(&memory, DATA_BYTES - 8, 'a');
	expect_refresh(&memory, 0, DATA_BYTES - 8);
	ck_assert_uint_eq(memory_ring_get_tail(&memory), 0);
	ring_release(memory.ring, DATA_BYTES - 8);
	ck_assert_uint_eq(ring_get_tail(memory.ring), DATA_BYTES - 8);
	ck_assert_uint_eq(memory_ring_get_tail(&memory), DATA_BYTES - 8);
	write_record(&memory, 32, 'b');
	expect_refresh(&memory, 0, DATA_BYTES + 24);
	expect_record(&memory, DATA_BYTES - 8, 32, 'b');
	memory_ring_clear(&memory);
}
END_TEST

START_TEST(goes_on_when_positions_overflow)
{
	struct memory_ring memory;
	uint64_t start = UINT64_MAX - 15;

	memory_ring_make(&memory, DATA_BYTES, start);
	write_record(&memory, 64, 'o');
	write_record(&memory, 16, 'p');
	expect_refresh(&memory, 0, 64);
	expect_record(&memory, start, 64, 'o');
	expect_record(&memory, 48, 16, 'p');
	memory_ring_clear(&memory);
}
END_TEST

static void expect_bad_size(uint16_t size)
{
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 0);
	write_record(&memory, 64, 'a');
	memory_ring_header(&memory, 0)->size = size;
	expect_refresh(&memory, 0, 64);
	expect_bad(&memory, 0);
	memory_ring_clear(&memory);
}

START_TEST(refuses_sizes_that_no_record_has)
{
	expect_bad_size(0);
	expect_bad_size(7);
	expect_bad_size(9);
	expect_bad_size(63);
	expect_bad_size(65535);
}
END_TEST

START_TEST(refuses_records_beyond_the_end)
{
	expect_bad_size(72);
	expect_bad_size(DATA_BYTES);
	expect_bad_size(DATA_BYTES + 8);
	expect_bad_size(65528);
}
END_TEST

START_TEST(refuses_half_a_header)
{
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 0);
	write_record(&memory, 16, 'a');
	memory_ring_set_head(&memory, 7);
	expect_refresh(&memory, 0, 7);
	expect_bad(&memory, 0);
	memory_ring_clear(&memory);
}
END_TEST

START_TEST(refuses_odd_positions)
{
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 0);
	write_record(&memory, 64, '\0');
	/* What would be a header there. */
	memory.data[10] = 16;
	expect_refresh(&memory, 0, 64);
	expect_bad(&memory, 4);
	memory_ring_clear(&memory);
}
END_TEST

START_TEST(refuses_more_than_it_holds)
{
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 64);
	memory_ring_set_head(&memory, 64 + DATA_BYTES + 8);
	expect_refresh(&memory, -EBADMSG, 64 + DATA_BYTES + 8);
	/* What its reader does then. */
	ring_release(memory.ring, 64 + DATA_BYTES + 8);
	write_record(&memory, 16, 'a');
	expect_refresh(&memory, 0, 64 + DATA_BYTES + 24);
	expect_record(&memory, 64 + DATA_BYTES + 8, 16, 'a');
	memory_ring_clear(&memory);
}
END_TEST

START_TEST(refuses_a_head_behind_the_tail)
{
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 64);
	memory_ring_set_head(&memory, 56);
	expect_refresh(&memory, -EBADMSG, 56);
	memory_ring_clear(&memory);
}
END_TEST

/* The tail stays behind what has been read, so it is no measure. */
START_TEST(refuses_a_head_that_went_back)
{
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 0);
	write_record(&memory, 64, 'a');
	write_record(&memory, 64, 'b');
	expect_refresh(&memory, 0, 128);
	memory_ring_set_head(&memory, 64);
	expect_refresh(&memory, -EBADMSG, 64);
	memory_ring_clear(&memory);
}
END_TEST

/* Such a record would be read beyond the ring's memory. */
START_TEST(refuses_positions_beyond_the_end)
{
	struct memory_ring memory;

	memory_ring_make(&memory, DATA_BYTES, 0);
	write_record(&memory, 64, 'a');
	write_record(&memory, 64, 'b');
	memory_ring_header(&memory, 64)->size = 65528;
	memory_ring_set_head(&memory, 0);
	expect_refresh(&memory, 0, 0);
	expect_bad(&memory, 64);
	memory_ring_clear(&memory);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(begins_where_the_tail_is),
	TEST(reads_records_in_place),
	TEST(sees_nothing_new_before_a_refresh),
	TEST(joins_a_record_that_wraps),
	TEST(joins_the_largest_record),
	TEST(is_read_when_full),
	TEST(gives_back_what_is_released),
	TEST(goes_on_when_positions_overflow),
	TEST(refuses_sizes_that_no_record_has),
	TEST(refuses_records_beyond_the_end),
	TEST(refuses_half_a_header),
	TEST(refuses_odd_positions),
	TEST(refuses_more_than_it_holds),
	TEST(refuses_a_head_behind_the_tail),
	TEST(refuses_a_head_that_went_back),
	TEST(refuses_positions_beyond_the_end),
};

HARNESS_MAIN("ring", tests, HARNESS_UNIT)
