/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "harness.h"
#include "lots.h"

#define MOST 40

START_TEST(has_no_more_lots_than_rings)
{
	ck_assert_uint_eq(lots_count(4, 1), 1);
	ck_assert_uint_eq(lots_count(4, 3), 3);
	ck_assert_uint_eq(lots_count(4, 4), 4);
	ck_assert_uint_eq(lots_count(4, 5), 4);
	ck_assert_uint_eq(lots_count(4, UINT32_MAX), 4);
	/* Someone has to wait, also where there is nothing to read. */
	ck_assert_uint_eq(lots_count(0, 1), 1);
	ck_assert_uint_eq(lots_count(0, 7), 1);
}
END_TEST

/* Each ring is in one lot, in order, and no lot has two more than another. */
static void expect_deal(size_t num_rings, size_t num_lots)
{
	struct lot lots[MOST] = { { 0 } };
	size_t next = 0, i, ring;

	lots_deal(num_rings, lots, num_lots);
	for (i = 0; i < num_lots; i++) {
		ck_assert_uint_eq(lots[i].first_ring, next);
		ck_assert_uint_ge(lots[i].num_rings, num_rings / num_lots);
		ck_assert_uint_le(lots[i].num_rings,
				  (num_rings + num_lots - 1) / num_lots);
		for (ring = next; ring < next + lots[i].num_rings; ring++)
			ck_assert_ptr_eq(lots_find(lots, num_lots, ring),
					 &lots[i]);
		next += lots[i].num_rings;
	}
	ck_assert_uint_eq(next, num_rings);
	ck_assert_ptr_null(lots_find(lots, num_lots, num_rings));
}

START_TEST(deals_evenly)
{
	size_t num_rings, num_lots;

	for (num_rings = 0; num_rings < MOST; num_rings++) {
		for (num_lots = 1; num_lots < MOST; num_lots++)
			expect_deal(num_rings, num_lots);
	}
}
END_TEST

static const struct harness_test tests[] = {
	TEST(has_no_more_lots_than_rings),
	TEST(deals_evenly),
};

HARNESS_MAIN("lots", tests, HARNESS_UNIT)
