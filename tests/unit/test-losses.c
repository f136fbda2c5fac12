/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "losses.h"

#include "harness.h"

/* A period of 1, one descriptor, and a kernel that counts what it lost. */
static struct loss_facts facts;

static void begin(uint64_t counted, uint64_t delivered, uint64_t kernel_lost)
{
	facts = (struct loss_facts){
		.period = 1,
		.has_single_counter = true,
		.has_kernel_lost = true,
		.kernel_lost = kernel_lost,
		.counted = counted,
		.delivered = delivered,
		.taken_period = delivered,
	};
}

static void expect(uint64_t overrun, uint64_t unaccounted)
{
	struct losses losses;

	losses_find(&facts, &losses);
	ck_assert_uint_eq(losses.overrun, overrun);
	ck_assert(losses.has_unaccounted);
	ck_assert_uint_eq(losses.unaccounted, unaccounted);
}

static void expect_unknown(uint64_t overrun)
{
	struct losses losses;

	losses_find(&facts, &losses);
	ck_assert_uint_eq(losses.overrun, overrun);
	ck_assert(!losses.has_unaccounted);
	ck_assert_uint_eq(losses.unaccounted, 0);
}

START_TEST(count_is_shared_out)
{
	begin(100, 60, 40);
	expect(40, 0);
	begin(100, 60, 30);
	expect(30, 10);
	facts.discarded = 4;
	expect(30, 6);
	begin(0, 0, 0);
	expect(0, 0);
	/* All of it was lost. */
	begin(100, 0, 100);
	expect(100, 0);
}
END_TEST

/* More samples than were counted can't be, but for torn reads. */
START_TEST(nothing_is_below_zero)
{
	begin(100, 101, 0);
	expect(0, 0);
	begin(100, 60, 50);
	expect(50, 0);
}
END_TEST

/* What is delivered is samples, and what is counted is not. */
START_TEST(weights_are_no_measure)
{
	begin(5000, 3, 1);
	facts.has_weight = true;
	expect_unknown(1);
	/* But for a period of them. */
	facts.period = 1000;
	expect(1, 1);
	facts.has_kernel_lost = false;
	facts.period = 1;
	facts.taken_period = 4000;
	expect_unknown(1000);
}
END_TEST

START_TEST(periods_are_whole)
{
	begin(1009, 90, 10);
	facts.period = 10;
	expect(10, 0);
	facts.counted = 1010;
	expect(10, 1);
	facts.discarded = 1;
	expect(10, 0);
	/* Each counter has a rest of its own. */
	facts.has_single_counter = false;
	expect_unknown(10);
}
END_TEST

START_TEST(what_is_not_counted_is_inferred)
{
	begin(100, 60, 0);
	facts.has_kernel_lost = false;
	facts.reported_lost = 7;
	expect_unknown(40);
	facts.discarded = 30;
	facts.taken_period = 90;
	expect_unknown(10);
	facts.period = 10;
	facts.delivered = 4;
	facts.discarded = 1;
	expect_unknown(5);
	facts.was_throttled = true;
	expect_unknown(7);
	facts.was_throttled = false;
	facts.has_single_counter = false;
	expect_unknown(7);
}
END_TEST

START_TEST(throttling_adds_up)
{
	struct throttling throttling = { 0 };

	/* It began before there was anything to read. */
	throttling_end(&throttling, 50);
	ck_assert_uint_eq(throttling.throttled_ns, 0);
	throttling_begin(&throttling, 100);
	ck_assert_uint_eq(throttling.num_throttles, 1);
	throttling_end(&throttling, 130);
	ck_assert_uint_eq(throttling.throttled_ns, 30);
	/* The end was lost, or another task's event came to it. */
	throttling_begin(&throttling, 200);
	throttling_begin(&throttling, 300);
	throttling_end(&throttling, 400);
	throttling_end(&throttling, 500);
	ck_assert_uint_eq(throttling.num_throttles, 3);
	ck_assert_uint_eq(throttling.throttled_ns, 230);
	/* Out of order. */
	throttling_begin(&throttling, 600);
	throttling_end(&throttling, 590);
	ck_assert_uint_eq(throttling.throttled_ns, 230);
	ck_assert_uint_eq(throttling.since_ns, 0);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(count_is_shared_out),
	TEST(nothing_is_below_zero),
	TEST(weights_are_no_measure),
	TEST(periods_are_whole),
	TEST(what_is_not_counted_is_inferred),
	TEST(throttling_adds_up),
};

HARNESS_MAIN("losses", tests, HARNESS_UNIT)
