/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How events are divided into groups. */
#include <stdint.h>

#include "grouping.h"
#include "harness.h"

static void expect_groups(size_t num_events, size_t num_places,
			  size_t num_groups)
{
	struct grouping grouping = { 0 };
	size_t i, num_first = 0;

	for (i = 0; i < num_events; i++)
		num_first += grouping_add(&grouping, num_places);
	ck_assert_uint_eq(grouping.num_groups, num_groups);
	ck_assert_uint_eq(num_first, num_groups);
}

START_TEST(fills_one_after_the_other)
{
	expect_groups(0, 1, 0);
	expect_groups(1, 1, 1);
	expect_groups(256, 1, 1);
	expect_groups(257, 1, 2);
	expect_groups(690, 1, 3);
	expect_groups(2305, 1, 10);
}
END_TEST

/* The places of an event start together. */
START_TEST(does_not_divide_an_event)
{
	expect_groups(3, 100, 2);
	expect_groups(2, 255, 2);
	expect_groups(3, 256, 3);
	/* A group of more than it likes, rather than none. */
	expect_groups(2, 1000, 2);
	expect_groups(1, SIZE_MAX, 1);
}
END_TEST

START_TEST(goes_on_after_a_large_one)
{
	struct grouping grouping = { 0 };

	ck_assert(grouping_add(&grouping, 1));
	ck_assert(grouping_add(&grouping, 300));
	ck_assert(grouping_add(&grouping, 1));
	ck_assert(!grouping_add(&grouping, 255));
	ck_assert(grouping_add(&grouping, 1));
}
END_TEST

START_TEST(one_event_needs_no_leader)
{
	ck_assert(!grouping_pays(0));
	ck_assert(!grouping_pays(1));
	ck_assert(grouping_pays(2));
}
END_TEST

/* It could be throttled, and would stop the others. */
START_TEST(takes_no_other_period_than_one)
{
	ck_assert(grouping_takes(0));
	ck_assert(grouping_takes(1));
	ck_assert(!grouping_takes(2));
	ck_assert(!grouping_takes(UINT64_MAX));
}
END_TEST

static const struct harness_test tests[] = {
	TEST(fills_one_after_the_other),      TEST(does_not_divide_an_event),
	TEST(goes_on_after_a_large_one),      TEST(one_event_needs_no_leader),
	TEST(takes_no_other_period_than_one),
};

HARNESS_MAIN("grouping", tests, HARNESS_UNIT)
