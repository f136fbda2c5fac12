/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a session takes of descriptors and locked memory, and what is left. */
#include <errno.h>
#include <stdio.h>

#include "access_plan.h"
#include "harness.h"

START_TEST(counts_descriptors)
{
	struct perftrace_report *report;
	struct made_plan plan;

	/* A ring, a side-band, two events and who leads them on each CPU. */
	plan_make(&plan, ALL_CPUS, STREAM);
	plan_add(&plan, &sched_event, 0);
	plan_add(&plan, &syscall_event, 0)->num_places = 1;
	report = plan_ask(&plan, "uid=0,descriptors=20,descriptor_limit=32");
	ck_assert_uint_eq(perftrace_report_get_num_descriptors(report),
			  2 * (1 + 1 + 2 + 1) + 2);
	ck_assert_uint_eq(
		perftrace_report_get_num_descriptors_available(report), 12);
	expect_error(report, 0);
	perftrace_report_unref(report);

	/* Three places of a probe, and a child. */
	plan_make(&plan, CHILD, STREAM);
	plan_add(&plan, &sched_event, 0)->num_places = 3;
	report = plan_ask(&plan, "uid=0,descriptor_limit=unlimited");
	ck_assert_uint_eq(perftrace_report_get_num_descriptors(report),
			  3 + 2 + 2 + 2 * 3 + 2);
	ck_assert_uint_eq(
		perftrace_report_get_num_descriptors_available(report),
		UINT64_MAX);
	perftrace_report_unref(report);

	plan_make(&plan, OWN_PROCESS, COUNT);
	plan_add(&plan, &sched_event, 0);
	report = plan_ask(&plan, "uid=0,descriptors=20,descriptor_limit=5");
	ck_assert_uint_eq(perftrace_report_get_num_descriptors(report), 4);
	ck_assert_uint_eq(
		perftrace_report_get_num_descriptors_available(report), 0);
	perftrace_report_unref(report);
}
END_TEST

/* However many are missing, and wherever: it is told once, and as a whole. */
START_TEST(tells_of_the_lack_of_descriptors_once)
{
	struct perftrace_report *report;
	struct made_plan plan;
	char host[128];
	int limit;

	plan_make(&plan, ALL_CPUS, STREAM);
	plan_add(&plan, &sched_event, 0);
	plan_add(&plan, &syscall_event, 0)->num_places = 2;
	for (limit = 20; limit < 34; limit++) {
		snprintf(host, sizeof(host),
			 "uid=0,descriptors=20,descriptor_limit=%d", limit);
		report = plan_ask(&plan, host);
		expect_error(report, -EMFILE);
		ck_assert_uint_eq(perftrace_report_get_num_findings(report), 1);
		ck_assert_str_eq(
			perftrace_finding_get_remedy(
				perftrace_report_get_finding(report, 0), 0),
			/* 14 for the session. */
			"RLIMIT_NOFILE=34");
		perftrace_report_unref(report);
	}
	report = plan_ask(&plan, "uid=0,descriptors=20,descriptor_limit=34");
	expect_error(report, 0);
	perftrace_report_unref(report);
}
END_TEST

START_TEST(adds_up_locked_memory)
{
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, OWN_PROCESS, STREAM);
	plan_add(&plan, &syscall_event, SHAPE_XK);
	report = plan_ask(&plan, "memlock_bytes=65536");
	ck_assert_uint_eq(perftrace_report_get_locked_kib(report),
			  2 * (512 + 4));
	ck_assert_uint_eq(perftrace_report_get_locked_kib_available(report),
			  2 * 516 + 64);
	ck_assert_uint_eq(perftrace_report_get_ring_size_bytes(report),
			  MADE_RING);
	expect_error(report, 0);
	perftrace_report_unref(report);

	report = plan_ask(&plan, "uid=0");
	ck_assert_uint_eq(perftrace_report_get_locked_kib_available(report),
			  UINT64_MAX);
	perftrace_report_unref(report);

	plan_make(&plan, OWN_PROCESS, COUNT);
	plan_add(&plan, &syscall_event, SHAPE_XK);
	report = plan_ask(&plan, "memlock_bytes=0,mlock_kib=0");
	ck_assert_uint_eq(perftrace_report_get_locked_kib(report), 0);
	ck_assert_uint_eq(perftrace_report_get_ring_size_bytes(report), 0);
	expect_error(report, 0);
	perftrace_report_unref(report);
}
END_TEST

START_TEST(helps_where_locked_memory_is_missing)
{
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, OWN_PROCESS, STREAM);
	plan_add(&plan, &syscall_event, SHAPE_XK);
	plan.plan.ring_bytes *= 2;
	report = plan_ask(&plan, "memlock_bytes=65536");
	expect_error(report, -EPERM);
	expect_remedies(report, PERFTRACE_GATE_LOCKED_MEMORY, -1,
			"setting ring_size_bytes=524288; "
			"limit RLIMIT_MEMLOCK=2105344; "
			"capability CAP_IPC_LOCK; "
			"sysctl kernel.perf_event_mlock_kb=1032; "
			"sysctl kernel.perf_event_paranoid=-1; " HAND_OVER);
	perftrace_report_unref(report);
}
END_TEST

START_TEST(fits_rings_into_the_budget)
{
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, OWN_PROCESS, STREAM);
	plan_add(&plan, &syscall_event, SHAPE_XK);
	plan.plan.min_ring_bytes = 65536;
	report = plan_ask(&plan, "memlock_bytes=0,locked_kib=4");
	expect_error(report, 0);
	ck_assert_uint_eq(perftrace_report_get_ring_size_bytes(report),
			  MADE_RING / 2);
	expect_gates(report, LIMITED, "locked_memory");
	ck_assert_str_eq(perftrace_finding_get_message(
				 perftrace_report_get_finding(report, 0)),
			 "rings of 256 KiB instead of 512 KiB, to fit into the "
			 "1028 KiB of locked memory that the user has left");
	perftrace_report_unref(report);

	/* Not below what was said: and that is refused. */
	report = plan_ask(&plan, "memlock_bytes=0,mlock_kib=60");
	ck_assert_uint_eq(perftrace_report_get_ring_size_bytes(report), 65536);
	expect_error(report, -EPERM);
	perftrace_report_unref(report);
}
END_TEST

/* mmap(2) was refused, although there should have been enough. */
START_TEST(helps_where_others_have_used_it_up)
{
	struct access_failure failure = { .has_call = true,
					  .step = ACCESS_RING,
					  .source = -1,
					  .error = -EPERM,
					  .cpu = 1,
					  .tid = -1 };
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, OWN_PROCESS, STREAM);
	plan_add(&plan, &syscall_event, SHAPE_XK);
	report = plan_blame(&plan, "memlock_bytes=65536", &failure);
	expect_error(report, -EPERM);
	expect_gates(report, REFUSED, "locked_memory");
	/* 1032 KiB more than there is now. */
	expect_remedies(report, PERFTRACE_GATE_LOCKED_MEMORY, -1,
			"limit RLIMIT_MEMLOCK=1056768; "
			"capability CAP_IPC_LOCK; "
			"sysctl kernel.perf_event_mlock_kb=1036; "
			"sysctl kernel.perf_event_paranoid=-1; " HAND_OVER);
	perftrace_report_unref(report);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(counts_descriptors),
	TEST(tells_of_the_lack_of_descriptors_once),
	TEST(adds_up_locked_memory),
	TEST(helps_where_locked_memory_is_missing),
	TEST(fits_rings_into_the_budget),
	TEST(helps_where_others_have_used_it_up),
};

HARNESS_MAIN("plan", tests, HARNESS_UNIT)
