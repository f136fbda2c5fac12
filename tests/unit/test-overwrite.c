/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "overwrite.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "record.h"

#define ROOM 1024

/* A copy, written from its end downward as the kernel writes a ring. */
struct copy {
	uint64_t words[ROOM / 8];
	size_t begin;
};

struct lost_record {
	struct perf_event_header header;
	uint64_t id, lost;
	uint32_t pid, tid;
	uint64_t time;
	uint32_t cpu, reserved;
	uint64_t stamp_id;
};

struct sample {
	struct perf_event_header header;
	uint64_t id;
	uint32_t pid, tid;
	uint64_t time;
	uint32_t cpu, reserved;
};

static void begin(struct copy *copy)
{
	memset(copy->words, 0xa5, sizeof(copy->words));
	copy->begin = ROOM;
}

static char *bytes_of(struct copy *copy)
{
	return (char *)copy->words + copy->begin;
}

static size_t size_of(const struct copy *copy)
{
	return ROOM - copy->begin;
}

static struct sample *add_sample(struct copy *copy, uint64_t time,
				 uint16_t size)
{
	struct sample sample = {
		.header = { .type = PERF_RECORD_SAMPLE, .size = size },
		.id = 7,
		.time = time,
	};

	ck_assert_uint_ge(copy->begin, size);
	copy->begin -= size;
	memset(bytes_of(copy), (int)time, size);
	return memcpy(bytes_of(copy), &sample, sizeof(sample));
}

/* In front of the sample that found room again. */
static void add_lost(struct copy *copy, uint64_t time, uint64_t lost)
{
	struct lost_record record = {
		.header = { .type = PERF_RECORD_LOST, .size = sizeof(record) },
		.lost = lost,
		.time = time,
	};

	copy->begin -= sizeof(record);
	memcpy(bytes_of(copy), &record, sizeof(record));
}

/* The times of all that is whole, in the order of the bytes. */
static int walk(struct copy *copy, size_t size, uint64_t *times, size_t *count,
		size_t *at)
{
	struct overwrite_unit unit;
	int ret;

	*count = *at = 0;
	while ((ret = overwrite_next(bytes_of(copy), size, at, &unit)) > 0) {
		ck_assert_ptr_eq((const char *)unit.bytes + unit.size,
				 bytes_of(copy) + *at);
		times[(*count)++] = unit.time;
	}
	return ret;
}

static void expect(struct copy *copy, size_t size, int code, size_t num_whole,
		   size_t whole_bytes)
{
	uint64_t times[ROOM / 8];
	size_t count, at, whole, i;

	ck_assert_int_eq(walk(copy, size, times, &count, &at), code);
	ck_assert_uint_eq(count, num_whole);
	ck_assert_uint_eq(at, whole_bytes);
	ck_assert_int_eq(overwrite_measure(bytes_of(copy), size, &whole), code);
	ck_assert_uint_eq(whole, whole_bytes);
	for (i = 1; i < count; i++)
		ck_assert_uint_lt(times[i], times[i - 1]);
}

START_TEST(nothing_is_nothing)
{
	struct copy copy;

	begin(&copy);
	expect(&copy, 0, 0, 0, 0);
	ck_assert_uint_eq(overwrite_count_younger(bytes_of(&copy), 0, 0), 0);
}
END_TEST

START_TEST(all_is_whole)
{
	struct copy copy;

	begin(&copy);
	add_sample(&copy, 1, 40);
	add_sample(&copy, 2, 104);
	add_sample(&copy, 3, 48);
	expect(&copy, size_of(&copy), 0, 3, 192);
}
END_TEST

START_TEST(exactly_full)
{
	struct copy copy;
	uint64_t i;

	begin(&copy);
	for (i = 1; i <= ROOM / 64; i++)
		add_sample(&copy, i, 64);
	ck_assert_uint_eq(size_of(&copy), ROOM);
	expect(&copy, ROOM, 0, ROOM / 64, ROOM);
}
END_TEST

/* Wherever the newest has cut it, also inside of a header. */
START_TEST(the_oldest_is_cut)
{
	struct copy copy;
	size_t size;

	begin(&copy);
	add_sample(&copy, 1, 64);
	add_sample(&copy, 2, 72);
	add_sample(&copy, 3, 48);
	for (size = 0; size <= 184; size++) {
		size_t whole = size < 48 ? 0 : size < 120 ? 48 : 120;
		size_t count = size < 48 ? 0 : size < 120 ? 1 : 2;

		if (size < 184)
			expect(&copy, size, 0, count, whole);
		else
			expect(&copy, size, 0, 3, 184);
	}
}
END_TEST

START_TEST(sizes_that_lie)
{
	static const uint16_t sizes[] = { 0, 1, 7, 8, 9, 12, 32, 41, 65535 };
	struct copy copy;
	struct sample *liar;
	size_t i;

	begin(&copy);
	add_sample(&copy, 1, 64);
	liar = add_sample(&copy, 2, 64);
	add_sample(&copy, 3, 64);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		liar->header.size = sizes[i];
		expect(&copy, size_of(&copy), -EBADMSG, 1, 64);
	}
	/* As if it were cut. */
	liar->header.size = 65528;
	expect(&copy, size_of(&copy), 0, 1, 64);
	liar->header.size = 136;
	expect(&copy, size_of(&copy), 0, 1, 64);
	/* The stamp of another kind stands at its end. */
	liar->header.size = 32;
	liar->header.type = PERF_RECORD_COMM;
	expect(&copy, size_of(&copy), -EBADMSG, 1, 64);
}
END_TEST

START_TEST(losses_stay_with_their_record)
{
	struct copy copy;
	struct overwrite_unit unit;
	size_t at = 0, size;

	begin(&copy);
	add_sample(&copy, 1, 48);
	add_sample(&copy, 3, 48);
	add_lost(&copy, 3, 12);
	add_sample(&copy, 4, 48);
	expect(&copy, size_of(&copy), 0, 3, 200);
	ck_assert_int_eq(
		overwrite_next(bytes_of(&copy), size_of(&copy), &at, &unit), 1);
	ck_assert_ptr_null(unit.lost);
	ck_assert_ptr_eq(unit.record, unit.bytes);
	ck_assert_int_eq(
		overwrite_next(bytes_of(&copy), size_of(&copy), &at, &unit), 1);
	ck_assert_ptr_eq(unit.lost, unit.bytes);
	ck_assert_uint_eq(record_read_lost(unit.lost), 12);
	ck_assert_uint_eq(unit.record->type, PERF_RECORD_SAMPLE);
	ck_assert_uint_eq(unit.size, sizeof(struct lost_record) + 48);
	/* One without the other is nothing. */
	for (size = 48; size < 152; size++)
		expect(&copy, size, 0, 1, 48);
	expect(&copy, 152, 0, 2, 152);
}
END_TEST

START_TEST(losses_before_nonsense)
{
	struct copy copy;
	struct sample *liar;

	begin(&copy);
	liar = add_sample(&copy, 1, 48);
	add_lost(&copy, 1, 12);
	add_sample(&copy, 2, 48);
	liar->header.size = 4;
	expect(&copy, size_of(&copy), -EBADMSG, 1, 48);
}
END_TEST

START_TEST(the_younger_are_counted)
{
	struct copy copy;
	const char *bytes;
	size_t size;

	begin(&copy);
	add_sample(&copy, 10, 48);
	add_sample(&copy, 20, 56);
	add_sample(&copy, 30, 64);
	bytes = bytes_of(&copy);
	size = size_of(&copy);
	ck_assert_uint_eq(overwrite_count_younger(bytes, size, 30), 0);
	ck_assert_uint_eq(overwrite_count_younger(bytes, size, 29), 64);
	ck_assert_uint_eq(overwrite_count_younger(bytes, size, 20), 64);
	ck_assert_uint_eq(overwrite_count_younger(bytes, size, 10), 120);
	ck_assert_uint_eq(overwrite_count_younger(bytes, size, 0), size);
	/* The cut one's time is not known. */
	ck_assert_uint_eq(overwrite_count_younger(bytes, size - 8, 0), 120);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(nothing_is_nothing),     TEST(all_is_whole),
	TEST(exactly_full),	      TEST(the_oldest_is_cut),
	TEST(sizes_that_lie),	      TEST(losses_stay_with_their_record),
	TEST(losses_before_nonsense), TEST(the_younger_are_counted),
};

HARNESS_MAIN("overwrite", tests, HARNESS_UNIT)
