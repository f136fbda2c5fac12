/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of the stream under a load that disturbs it: system calls on all
 * CPUs, with the interrupts that nest in them, the switches that they cause, and
 * more tasks than CPUs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "harness.h"
#include "setup.h"
#include "tally.h"

/* Each is there on every kernel; an interrupt's records nest in others. */
static const char *const disturbances[] = {
	"sched:sched_switch",	 "sched:sched_wakeup",
	"timer:hrtimer_cancel",	 "timer:hrtimer_expire_entry",
	"timer:hrtimer_start",	 "irq:softirq_entry",
	"irq:softirq_exit",	 "sched:sched_stat_runtime",
	"raw_syscalls:sys_exit",
};

#define NUM_DISTURBANCES (sizeof(disturbances) / sizeof(*disturbances))
#define NUM_CALLS	 "60000"

static struct perftrace_session *
new_disturbed(struct perftrace_context *context,
	      const struct session_request *request)
{
	struct perftrace_session *session = new_session(context, request);
	size_t i;

	for (i = 0; i < NUM_DISTURBANCES; i++)
		add_event(context, session, disturbances[i],
			  &(struct session_request){ .period = 1 });
	return session;
}

static void expect_certain(struct session_request *request)
{
	static const uint64_t produced = 60000;
	const char *const command[] = { getppid_path(), NUM_CALLS, "8", "2",
					NULL };
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_source *source;
	struct tally tally = { 0 };

	request->event = SYS_ENTER;
	request->filter = GETPPID_CALLS;
	request->command = command;
	request->order = PERFTRACE_ORDER_CERTAIN;
	session = new_disturbed(context, request);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &tally);
	ck_assert_uint_gt(tally.num_samples, 100);
	ck_assert_uint_eq(tally.num_inversions, 0);
	ck_assert_uint_eq(perftrace_session_get_num_order_violations(session),
			  0);
	source = perftrace_session_get_source(session, 0);
	ck_assert_uint_eq(delivered_by(context, source) +
				  lost_by(context, source),
			  counted_by(context, source));
	/* Others may ask for their parent as well. */
	ck_assert_uint_ge(counted_by(context, source), produced);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(certain_order_has_no_violation)
{
	expect_certain(&(struct session_request){ .ring_bytes = 16 << 20 });
	expect_certain(&(struct session_request){ .ring_bytes = 16 << 20,
						  .is_system_wide = true });
	/* A reader at the writers' heels. */
	expect_certain(&(struct session_request){ .ring_bytes = 16 << 20,
						  .watermark_bytes = 1 });
}
END_TEST

/* The rings are full long before a grace period ends: lost, but in order. */
START_TEST(certain_order_loses_before_it_errs)
{
	expect_certain(&(struct session_request){ .ring_bytes = 16384 });
	expect_certain(&(struct session_request){ .ring_bytes = 16384,
						  .is_system_wide = true });
}
END_TEST

/* Everything that is stamped before a read is there with the next but one. */
START_TEST(certain_order_does_not_withhold)
{
	struct perftrace_context *context = new_context();
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.is_self = true,
		.order = PERFTRACE_ORDER_CERTAIN,
	};
	struct perftrace_session *session = new_session(context, &request);
	struct tally tally = { 0 };

	succeed(context, perftrace_session_start(session));
	call_getppid(10);
	tally_drain(context, session, &tally);
	ck_assert_uint_eq(tally.num_samples, 10);
	call_getppid(5);
	tally_drain(context, session, &tally);
	ck_assert_uint_eq(tally.num_samples, 15);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 15);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/*
 * Whatever the horizon is, what is delivered late is counted, and it is all
 * there: also where the ring is shorter than the horizon.
 */
static void expect_counted(struct session_request *request)
{
	const char *const command[] = { getppid_path(), NUM_CALLS, "8", "2",
					NULL };
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };

	request->event = SYS_ENTER;
	request->filter = GETPPID_CALLS;
	request->command = command;
	session = new_disturbed(context, request);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &tally);
	ck_assert_uint_eq(tally.num_inversions,
			  perftrace_session_get_num_order_violations(session));
	ck_assert_uint_eq(
		delivered_by(context,
			     perftrace_session_get_source(session, 0)) +
			lost_by(context,
				perftrace_session_get_source(session, 0)),
		strtoul(NUM_CALLS, NULL, 10));
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(time_order_counts_its_violations)
{
	expect_counted(&(struct session_request){ .ring_bytes = 4 << 20 });
	expect_counted(&(struct session_request){ .ring_bytes = 4 << 20,
						  .watermark_bytes = 1,
						  .has_no_horizon = true });
	expect_counted(&(struct session_request){ .ring_bytes = 16384 });
	expect_counted(&(struct session_request){ .ring_bytes = 16384,
						  .horizon_ns = 1000000000 });
}
END_TEST

/*
 * Far more than a ring holds within the horizon: were it kept, most would be
 * lost, for the reader is as quick as the writer.
 */
START_TEST(horizon_yields_to_the_ring)
{
	struct perftrace_context *context = new_context();
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.is_self = true,
		.ring_bytes = 65536,
		.horizon_ns = 1000000000,
	};
	struct perftrace_session *session = new_session(context, &request);
	struct tally tally = { 0 };
	int round;

	succeed(context, perftrace_session_start(session));
	for (round = 0; round < 40; round++) {
		call_getppid(150);
		tally_drain(context, session, &tally);
	}
	ck_assert_uint_gt(tally.num_samples, 40 * 150 - 65536 / 64);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	ck_assert_uint_eq(tally.lost, 0);
	expect_account(context, session, &tally, 40 * 150);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(certain_order_has_no_violation),
	TEST(certain_order_loses_before_it_errs),
	TEST(certain_order_does_not_withhold),
	TEST(time_order_counts_its_violations),
	TEST(horizon_yields_to_the_ring),
};

HARNESS_MAIN("order", tests, HARNESS_LIVE)
