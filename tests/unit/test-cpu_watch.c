/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cpu_watch.h"
#include "harness.h"

START_TEST(looks_now_and_then)
{
	struct cpu_watch *watch = cpu_watch_new(1, true);

	ck_assert(cpu_watch_is_due(watch, 1000000000));
	ck_assert(!cpu_watch_is_due(watch, 1000000001));
	ck_assert(!cpu_watch_is_due(watch, 1099999999));
	ck_assert(cpu_watch_is_due(watch, 1100000000));
	cpu_watch_free(watch);
	cpu_watch_free(NULL);
}
END_TEST

static bool has_signs(struct cpu_watch *watch, int64_t num_uevents,
		      int64_t asleep_ns)
{
	const struct cpu_signs signs = {
		.num_uevents = num_uevents,
		.asleep_ns = asleep_ns,
	};

	return cpu_watch_has_signs(watch, &signs);
}

START_TEST(signs_are_told_once)
{
	struct cpu_watch *watch = cpu_watch_new(1, true);
	const struct cpu_signs unknown = { .are_unknown = true };

	ck_assert(has_signs(watch, 7, 5000));
	ck_assert(!has_signs(watch, 7, 5000));
	/* Two clocks are not read at once. */
	ck_assert(!has_signs(watch, 7, 5900));
	ck_assert(has_signs(watch, 8, 5000));
	ck_assert(has_signs(watch, 8, 2000000));
	ck_assert(!has_signs(watch, 8, 2000000));
	watch->is_unsettled = true;
	ck_assert(has_signs(watch, 8, 2000000));
	ck_assert(!watch->has_new_signs);
	watch->is_unsettled = false;
	ck_assert(cpu_watch_has_signs(watch, &unknown));
	ck_assert(cpu_watch_has_signs(watch, &unknown));
	cpu_watch_free(watch);
}
END_TEST

START_TEST(offline_is_dead)
{
	struct watched_cpu cpu = { .state = CPU_RECORDS };

	ck_assert(watched_cpu_judge(&cpu, false, false, 10));
}
END_TEST

START_TEST(a_count_that_stands_still_is_dead)
{
	struct watched_cpu cpu = { .state = CPU_RECORDS };

	/* Without a sign nobody asks. */
	ck_assert(!watched_cpu_judge(&cpu, true, false, 10));
	ck_assert_int_eq(cpu.state, CPU_RECORDS);
	ck_assert(!watched_cpu_judge(&cpu, true, true, 10));
	ck_assert_int_eq(cpu.state, CPU_SUSPECT);
	ck_assert(watched_cpu_judge(&cpu, true, false, 10));
}
END_TEST

START_TEST(a_count_that_moves_is_alive)
{
	struct watched_cpu cpu = { .state = CPU_RECORDS };

	ck_assert(!watched_cpu_judge(&cpu, true, true, 10));
	ck_assert(!watched_cpu_judge(&cpu, true, false, 11));
	ck_assert_int_eq(cpu.state, CPU_RECORDS);
}
END_TEST

/* It was alive after the first sign, and died with the second. */
START_TEST(each_sign_is_looked_into)
{
	struct watched_cpu cpu = { .state = CPU_RECORDS };

	ck_assert(!watched_cpu_judge(&cpu, true, true, 10));
	ck_assert(!watched_cpu_judge(&cpu, true, true, 15));
	ck_assert_int_eq(cpu.state, CPU_SUSPECT);
	ck_assert(watched_cpu_judge(&cpu, true, false, 15));
}
END_TEST

START_TEST(gaps_begin_where_the_count_ended)
{
	struct watched_cpu cpu = { .state = CPU_RECORDS };

	watched_cpu_start(&cpu, 1000, 50);
	/* 300 of 700 ns were recorded. */
	watched_cpu_note_gone(&cpu, 350, 1700, 90000);
	ck_assert_int_eq(cpu.state, CPU_GONE);
	ck_assert_uint_eq(cpu.gap_begin_ns, 89600);
	/* Of two clocks, one may be ahead. */
	watched_cpu_note_gone(&cpu, 1050, 1700, 90000);
	ck_assert_uint_eq(cpu.gap_begin_ns, 90000);
}
END_TEST

START_TEST(others_join)
{
	struct cpu_watch *watch = cpu_watch_new(2, true);

	ck_assert_int_eq(cpu_watch_add(watch, 77), 0);
	ck_assert_uint_eq(watch->count, 3);
	ck_assert_int_eq(watch->cpus[2].state, CPU_GONE);
	ck_assert_uint_eq(watch->cpus[2].gap_begin_ns, 77);
	ck_assert_int_eq(watch->cpus[0].state, CPU_RECORDS);
	cpu_watch_free(watch);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(looks_now_and_then),
	TEST(signs_are_told_once),
	TEST(offline_is_dead),
	TEST(a_count_that_stands_still_is_dead),
	TEST(a_count_that_moves_is_alive),
	TEST(each_sign_is_looked_into),
	TEST(gaps_begin_where_the_count_ended),
	TEST(others_join),
};

HARNESS_MAIN("cpu_watch", tests, HARNESS_UNIT)
