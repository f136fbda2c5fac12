/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "access.h"
#include "access_host.h"
#include "export.h"
#include "harness.h"

static const struct access_rule *hit;

/* Of 8 pages each, until there is no memory for another one. */
static uint64_t count_rings(const char *host)
{
	static const struct perf_event_attr attr;
	struct access_call call = { .step = ACCESS_RING,
				    .attr = &attr,
				    .event = &dummy_event };
	struct facts facts;

	host_make(&facts, host);
	call.ring_bytes = 8 * facts.page_bytes;
	while (call.num_rings_before < 100000 &&
	       !access_try(&facts, &call, &hit))
		call.num_rings_before++;
	if (call.num_rings_before < 100000) {
		ck_assert_int_eq(hit->gate, PERFTRACE_GATE_LOCKED_MEMORY);
		ck_assert_int_eq(hit->error, -EPERM);
	}
	facts_clear(&facts);
	return call.num_rings_before;
}

/* As measured: 516 KiB for each CPU. */
START_TEST(counts_locked_memory_as_the_kernel_does)
{
	ck_assert_uint_eq(count_rings("memlock_bytes=0"), 28);
	ck_assert_uint_eq(count_rings("memlock_bytes=65536"), 30);
	ck_assert_uint_eq(count_rings("cpus=0-3,memlock_bytes=0"), 57);
	ck_assert_uint_eq(count_rings("cpus=0-3,memlock_bytes=65536"), 59);
	/* What has been used is missing. */
	ck_assert_uint_eq(count_rings("memlock_bytes=0,locked_kib=36"), 27);
	ck_assert_uint_eq(count_rings("memlock_bytes=65536,pinned_kib=64"), 28);
	ck_assert_uint_eq(count_rings("memlock_bytes=65536,locked_kib=1032"),
			  1);
	/* Whole pages alone. */
	ck_assert_uint_eq(count_rings("memlock_bytes=0,mlock_kib=519"), 28);
	ck_assert_uint_eq(count_rings("memlock_bytes=0,mlock_kib=0"), 0);
	ck_assert_uint_eq(count_rings("memlock_bytes=0,page_bytes=65536"), 1);
}
END_TEST

START_TEST(refuses_any_ring_to_who_has_pinned_more)
{
	ck_assert_uint_eq(count_rings("memlock_bytes=65536,pinned_kib=68"), 0);
	ck_assert_uint_ne(count_rings("memlock_bytes=65536,pinned_kib=64"), 0);
}
END_TEST

START_TEST(knows_whom_the_budget_does_not_bind)
{
	static const char *const free_ones[] = {
		"memlock_bytes=0,caps=ipc_lock",
		"memlock_bytes=0,paranoid=-1",
		"memlock_bytes=0,uid=0",
		"memlock_bytes=unlimited",
		"memlock_bytes=0,pinned_kib=100,caps=ipc_lock",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(free_ones); i++)
		ck_assert_uint_eq(count_rings(free_ones[i]), 100000);
	ck_assert_uint_eq(count_rings("memlock_bytes=0,caps=perfmon"), 28);
	ck_assert_uint_eq(count_rings("memlock_bytes=0,paranoid=0"), 28);
	ck_assert_uint_eq(count_rings("memlock_bytes=0,uid=0,userns=other"),
			  28);
}
END_TEST

START_TEST(refuses_rings_that_are_too_large)
{
	static const struct perf_event_attr attr;
	struct access_call call = { .step = ACCESS_RING,
				    .attr = &attr,
				    .event = &dummy_event,
				    .ring_bytes = UINT64_C(4096) << 19 };
	struct facts facts;

	host_make(&facts, "uid=0");
	ck_assert_int_eq(access_try(&facts, &call, &hit), -ENOMEM);
	ck_assert_int_eq(hit->gate, PERFTRACE_GATE_RING_SIZE);
	/* The limit is asked first. */
	host_change(&facts, "uid=1000,memlock_bytes=0");
	ck_assert_int_eq(access_try(&facts, &call, NULL), -EPERM);
	facts_clear(&facts);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(counts_locked_memory_as_the_kernel_does),
	TEST(refuses_any_ring_to_who_has_pinned_more),
	TEST(knows_whom_the_budget_does_not_bind),
	TEST(refuses_rings_that_are_too_large),
};

HARNESS_MAIN("locked", tests, HARNESS_UNIT)
