/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A session's life, in all its orders, and its one descriptor in an event loop.
 */
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "caller.h"
#include "harness.h"
#include "setup.h"
#include "tally.h"

/* Long enough for any machine; a test that waits this long has failed. */
#define PATIENCE_MS 20000

static const struct session_request own_calls = {
	.event = SYS_ENTER,
	.filter = GETPPID_CALLS,
	.is_self = true,
};

static int can_read(struct perftrace_session *session, int timeout_ms)
{
	struct pollfd poller = {
		.fd = perftrace_session_get_fd(session),
		.events = POLLIN,
	};

	ck_assert_int_ge(poller.fd, 0);
	return poll(&poller, 1, timeout_ms);
}

static struct perftrace_source *only_source(struct perftrace_session *session)
{
	return perftrace_session_get_source(session, 0);
}

static void expect_closed_numbers(struct perftrace_context *context,
				  struct perftrace_session *session)
{
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session), 0);
	refuse(context, perftrace_session_get_fd(session), -EINVAL, "not open");
}

START_TEST(nothing_works_before_open)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &own_calls);
	struct perftrace_record *record;
	struct perftrace_counts *counts;
	struct perftrace_ledger *ledger;

	refuse(context, perftrace_session_read(session, 0, &record), -EINVAL,
	       "started");
	refuse(context, perftrace_session_wait(session, 0), -EINVAL, "started");
	refuse(context, perftrace_session_stop(session), -EINVAL,
	       "not running");
	refuse(context,
	       perftrace_source_get_counts(only_source(session), &counts),
	       -EINVAL, SYS_ENTER, "never open");
	refuse(context,
	       perftrace_source_get_ledger(only_source(session), &ledger),
	       -EINVAL, SYS_ENTER, "never open");
	expect_closed_numbers(context, session);
	ck_assert_uint_eq(perftrace_session_get_num_cpus(session), 0);
	ck_assert_int_eq(perftrace_session_get_cpu(session, 0), -1);
	ck_assert_int_eq(perftrace_session_get_command_pid(session), -1);
	ck_assert_ptr_null(perftrace_session_get_source(session, 1));
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(nothing_starts_before_start)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &own_calls);
	struct perftrace_record *record;
	struct tally tally = { 0 };

	succeed(context, perftrace_session_open(session));
	refuse(context, perftrace_session_open(session), -EBUSY, "is open");
	refuse(context, perftrace_session_read(session, 0, &record), -EINVAL,
	       "started");
	refuse(context, perftrace_session_stop(session), -EINVAL,
	       "not running");
	refuse(context,
	       perftrace_session_add_spec(session, "sched:sched_switch", NULL),
	       -EBUSY, "sched:sched_switch", "opened");
	ck_assert_uint_eq(perftrace_session_get_num_sources(session), 1);
	call_getppid(10);
	succeed(context, perftrace_session_start(session));
	refuse(context, perftrace_session_start(session), -EINVAL, "running");
	call_getppid(5);
	succeed(context, perftrace_session_stop(session));
	call_getppid(10);
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 5);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(nothing_works_after_close)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &own_calls);
	struct perftrace_record *record;

	perftrace_session_close(session);
	refuse(context, perftrace_session_open(session), -EINVAL, "closed");
	perftrace_session_close(session);
	perftrace_session_free(session);

	session = new_session(context, &own_calls);
	succeed(context, perftrace_session_start(session));
	perftrace_session_close(session);
	refuse(context, perftrace_session_open(session), -EINVAL, "closed");
	refuse(context, perftrace_session_start(session), -EINVAL, "closed");
	refuse(context, perftrace_session_stop(session), -EINVAL,
	       "not running");
	refuse(context, perftrace_session_read(session, 0, &record), -EINVAL,
	       "closed");
	refuse(context, perftrace_session_wait(session, 0), -EINVAL, "closed");
	refuse(context,
	       perftrace_session_add_spec(session, "sched:sched_switch", NULL),
	       -EBUSY, "sched:sched_switch");
	expect_closed_numbers(context, session);
	perftrace_session_close(session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(wants_a_source)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;

	succeed(context, perftrace_session_new(context, NULL, &session));
	refuse(context, perftrace_session_open(session), -EINVAL, "no event");
	refuse(context, perftrace_session_start(session), -EINVAL, "no event");
	perftrace_session_free(session);
	perftrace_session_free(NULL);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(refuses_odd_timeouts)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &own_calls);
	struct perftrace_record *record;

	succeed(context, perftrace_session_start(session));
	refuse(context, perftrace_session_read(session, -2, &record), -EINVAL,
	       "-2 ms");
	refuse(context, perftrace_session_wait(session, INT32_MIN), -EINVAL,
	       "-2147483648 ms");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(stop_keeps_what_was_recorded)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &own_calls);
	struct perftrace_record *record;
	struct tally tally = { 0 };

	succeed(context, perftrace_session_start(session));
	call_getppid(300);
	succeed(context, perftrace_session_stop(session));
	refuse(context, perftrace_session_stop(session), -EINVAL,
	       "not running");
	ck_assert_int_eq(perftrace_session_wait(session, -1), 0);
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 300);
	ck_assert_int_eq(perftrace_session_read(session, -1, &record), 0);
	ck_assert_int_eq(perftrace_session_read(session, 0, &record), 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(goes_on_after_stop)
{
	struct perftrace_context *context = new_context();
	struct session_request request = own_calls;
	struct perftrace_session *session;
	struct tally tally = { 0 };
	int round;

	request.ring_bytes = 4096;
	session = new_session(context, &request);
	for (round = 1; round <= 5; round++) {
		succeed(context, perftrace_session_start(session));
		call_getppid(200);
		succeed(context, perftrace_session_stop(session));
		call_getppid(1);
		/* Losses are settled, and none of them twice. */
		if (round % 2)
			tally_read(context, session, &tally);
		if (round % 2)
			expect_account(context, session, &tally,
				       200 * (uint64_t)round);
	}
	ck_assert_uint_gt(tally.lost, 0);
	ck_assert_uint_eq(counted_by(context, only_source(session)), 1000);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void close_with_unread(struct perftrace_context *context,
			      const struct session_request *request)
{
	struct perftrace_session *session = new_session(context, request);
	struct perftrace_source *source = only_source(session);
	struct perftrace_record *record;
	int i;

	succeed(context, perftrace_session_start(session));
	call_getppid(100);
	for (i = 0; i < 10; i++)
		ck_assert_int_eq(perftrace_session_read(session, -1, &record),
				 1);
	call_getppid(100);
	perftrace_session_close(session);
	ck_assert_uint_eq(delivered_by(context, source), 10);
	ck_assert_uint_eq(lost_by(context, source), 190);
	ck_assert_uint_eq(counted_by(context, source), 200);
	perftrace_session_close(session);
	ck_assert_uint_eq(lost_by(context, source), 190);
	perftrace_session_free(session);
}

START_TEST(close_loses_what_was_not_read)
{
	struct perftrace_context *context = new_context();
	struct session_request request = own_calls;

	close_with_unread(context, &request);
	request.order = PERFTRACE_ORDER_NONE;
	close_with_unread(context, &request);
	request.is_self = false;
	request.pid = getpid();
	close_with_unread(context, &request);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(counts_can_be_read_at_any_time)
{
	struct perftrace_context *context = new_context();
	struct session_request request = own_calls;
	struct perftrace_session *session;
	struct perftrace_source *source;
	struct perftrace_ledger *ledger;
	struct perftrace_record *record;

	request.mode = PERFTRACE_MODE_COUNT;
	session = new_session(context, &request);
	source = only_source(session);
	succeed(context, perftrace_session_open(session));
	ck_assert_uint_eq(counted_by(context, source), 0);
	succeed(context, perftrace_session_start(session));
	call_getppid(7);
	ck_assert_uint_eq(counted_by(context, source), 7);
	call_getppid(7);
	ck_assert_uint_eq(counted_by(context, source), 14);
	refuse(context, perftrace_session_read(session, 0, &record), -EINVAL,
	       "counts");
	refuse(context, perftrace_source_get_ledger(source, &ledger), -EINVAL,
	       SYS_ENTER, "ledger");
	ck_assert_int_eq(perftrace_session_wait(session, 0), -EAGAIN);
	succeed(context, perftrace_session_stop(session));
	ck_assert_int_eq(perftrace_session_wait(session, -1), 0);
	ck_assert_uint_eq(counted_by(context, source), 14);
	succeed(context, perftrace_session_start(session));
	call_getppid(6);
	perftrace_session_close(session);
	ck_assert_uint_eq(counted_by(context, source), 20);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(counting_waits_for_the_end)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { getppid_path(), "500", NULL };
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.command = command,
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_session *session = new_session(context, &request);
	struct caller caller;

	succeed(context, perftrace_session_start(session));
	ck_assert_int_eq(perftrace_session_wait(session, -1), 0);
	ck_assert_int_eq(perftrace_session_wait(session, -1), 0);
	ck_assert_uint_eq(counted_by(context, only_source(session)), 500);
	perftrace_session_free(session);

	caller_start(&caller, 3);
	request.command = NULL;
	request.pid = caller.pid;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	caller_run(&caller, &(struct caller_task){ 50, 2, 2 });
	/* Threads and children have ended, the process has not. */
	ck_assert_int_eq(perftrace_session_wait(session, 0), -EAGAIN);
	caller_end(&caller);
	ck_assert_int_eq(perftrace_session_wait(session, -1), 0);
	ck_assert_uint_eq(counted_by(context, only_source(session)), 350);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void open_and_close(struct perftrace_context *context)
{
	const struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.is_self = true,
		.ring_bytes = 4096,
	};
	struct perftrace_session *session = new_session(context, &request);

	add_event(context, session, "raw_syscalls:sys_exit",
		  &(struct session_request){ .period = 3 });
	add_event(context, session, "syscalls:sys_enter_getppid",
		  &(struct session_request){ .period = 1 });
	succeed(context, perftrace_session_start(session));
	call_getppid(1);
	perftrace_session_free(session);
}

START_TEST(a_thousand_rounds_leave_nothing)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held[] = {
		hold_event(context, SYS_ENTER),
		hold_event(context, "raw_syscalls:sys_exit"),
		hold_event(context, "syscalls:sys_enter_getppid"),
	};
	size_t descriptors, bytes, i;

	for (i = 0; i < 20; i++)
		open_and_close(context);
	descriptors = count_descriptors();
	bytes = mallinfo2().uordblks;
	for (i = 0; i < 1000; i++)
		open_and_close(context);
	ck_assert_uint_eq(count_descriptors(), descriptors);
	/* The smallest block has 32 bytes: not one of them stays each time. */
	ck_assert_uint_lt(mallinfo2().uordblks, bytes + 1000 * 16);
	for (i = 0; i < 3; i++)
		perftrace_session_free(held[i]);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(wakes_on_the_watermark)
{
	struct perftrace_context *context = new_context();
	struct session_request request = own_calls;
	struct perftrace_session *session;
	struct tally tally = { 0 };

	request.order = PERFTRACE_ORDER_NONE;
	request.ring_bytes = 64 * 1024;
	request.watermark_bytes = 32 * 1024;
	request.never_flushes = true;
	session = new_session(context, &request);
	ck_assert_uint_eq(perftrace_session_get_ring_size_bytes(session),
			  64 * 1024);
	ck_assert_uint_eq(perftrace_session_get_watermark_bytes(session),
			  32 * 1024);
	pin_to_cpu(0);
	succeed(context, perftrace_session_start(session));
	ck_assert_int_eq(can_read(session, 0), 0);
	call_getppid(50);
	ck_assert_int_eq(can_read(session, 0), 0);
	/* A record has some 100 bytes. */
	call_getppid(400);
	ck_assert_int_eq(can_read(session, PATIENCE_MS), 1);
	tally_drain(context, session, &tally);
	ck_assert_uint_eq(tally.num_samples, 450);
	ck_assert_int_eq(can_read(session, 0), 0);
	/* And again. */
	call_getppid(400);
	ck_assert_int_eq(can_read(session, PATIENCE_MS), 1);
	tally_drain(context, session, &tally);
	ck_assert_uint_eq(tally.num_samples, 850);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void wake_at_every_record(struct perftrace_context *context,
				 const struct session_request *request)
{
	struct perftrace_session *session = new_session(context, request);
	struct tally tally = { 0 };
	uint64_t i;

	succeed(context, perftrace_session_start(session));
	for (i = 1; i <= 50; i++) {
		call_getppid(1);
		ck_assert_int_eq(can_read(session, PATIENCE_MS), 1);
		tally_drain(context, session, &tally);
		ck_assert_uint_eq(tally.num_samples, i);
	}
	perftrace_session_free(session);
}

/* Each CPU's ring wakes, whether tasks are traced or all CPUs. */
START_TEST(wakes_at_every_record)
{
	struct perftrace_context *context = new_context();
	struct session_request request = own_calls;
	char filter[128];
	int cpu;

	snprintf(filter, sizeof(filter), GETPPID_CALLS " && common_pid == %d",
		 (int)getpid());
	request.filter = filter;
	request.order = PERFTRACE_ORDER_NONE;
	request.watermark_bytes = 1;
	request.never_flushes = true;
	for (cpu = 0; cpu < 2; cpu++) {
		pin_to_cpu(cpu);
		request.is_self = true;
		wake_at_every_record(context, &request);
		request.is_self = false;
		wake_at_every_record(context, &request);
	}
	perftrace_context_unref(context);
}
END_TEST

/* Below the watermark, and held back by the horizon: the interval shows it. */
/*
 * What a ring calls for may be too young to be delivered. It is looked at again
 * without more news, by a read that waits and by a poller.
 */
START_TEST(looks_again_at_what_was_too_young)
{
	struct perftrace_context *context = new_context();
	struct session_request request = own_calls;
	struct perftrace_session *session;
	struct perftrace_record *record;

	request.watermark_bytes = 1;
	request.never_flushes = true;
	request.horizon_ns = 50000000;
	session = new_session(context, &request);
	pin_to_cpu(0);
	succeed(context, perftrace_session_start(session));
	call_getppid(1);
	ck_assert_int_eq(perftrace_session_read(session, PATIENCE_MS, &record),
			 1);
	ck_assert_int_eq(perftrace_session_read(session, 0, &record), -EAGAIN);
	call_getppid(1);
	ck_assert_int_eq(can_read(session, PATIENCE_MS), 1);
	ck_assert_int_eq(perftrace_session_read(session, 0, &record), -EAGAIN);
	ck_assert_int_eq(can_read(session, PATIENCE_MS), 1);
	ck_assert_int_eq(perftrace_session_read(session, 0, &record), 1);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(wakes_on_the_flush_interval)
{
	struct perftrace_context *context = new_context();
	struct session_request request = own_calls;
	struct perftrace_session *session;
	struct tally tally = { 0 };

	request.flush_interval_ms = 5;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	call_getppid(1);
	while (!tally.num_samples) {
		ck_assert_int_eq(can_read(session, PATIENCE_MS), 1);
		tally_drain(context, session, &tally);
	}
	ck_assert_uint_eq(tally.num_samples, 1);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 1);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(wakes_when_the_command_ends)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { getppid_path(), "10", NULL };
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.command = command,
		.never_flushes = true,
	};
	struct perftrace_session *session = new_session(context, &request);
	struct tally tally = { 0 };

	succeed(context, perftrace_session_start(session));
	ck_assert_int_eq(can_read(session, PATIENCE_MS), 1);
	tally_drain(context, session, &tally);
	expect_account(context, session, &tally, 10);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(wakes_when_the_process_ends)
{
	struct perftrace_context *context = new_context();
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.never_flushes = true,
	};
	struct perftrace_session *session;
	struct perftrace_record *record;
	struct tally tally = { 0 };
	struct caller caller;

	caller_start(&caller, 3);
	request.pid = caller.pid;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	caller_run(&caller, &(struct caller_task){ .num_calls = 20 });
	ck_assert_int_eq(can_read(session, 0), 0);
	caller_end(&caller);
	do {
		ck_assert_int_eq(can_read(session, PATIENCE_MS), 1);
		tally_drain(context, session, &tally);
	} while (perftrace_session_read(session, 0, &record) == -EAGAIN);
	expect_account(context, session, &tally, 60);
	/* What has ended does not keep the caller's loop turning. */
	ck_assert_int_eq(can_read(session, 0), 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* A timeout is no end: what comes later is read. */
START_TEST(reads_on_after_eagain)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &own_calls);
	struct perftrace_record *record;
	struct tally tally = { 0 };
	int i;

	succeed(context, perftrace_session_start(session));
	ck_assert_int_eq(perftrace_session_read(session, 0, &record), -EAGAIN);
	ck_assert_int_eq(perftrace_session_read(session, 1, &record), -EAGAIN);
	ck_assert_int_eq(perftrace_context_get_error_code(context), 0);
	for (i = 0; i < 20; i++) {
		call_getppid(11);
		tally_drain(context, session, &tally);
		ck_assert_int_le(perftrace_session_wait(session, 0), 1);
		tally_drain(context, session, &tally);
	}
	ck_assert_int_eq(perftrace_session_wait(session, PATIENCE_MS), 1);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 220);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void on_alarm(int number)
{
	(void)number;
}

static void set_alarms(bool on)
{
	struct sigaction action = { .sa_handler = on ? on_alarm : SIG_DFL };
	suseconds_t period = on ? 5000 : 0;
	struct itimerval timer = {
		.it_interval.tv_usec = period,
		.it_value.tv_usec = period,
	};

	if (on)
		sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	if (!on)
		sigaction(SIGALRM, &action, NULL);
}

START_TEST(a_signal_ends_the_wait)
{
	struct perftrace_context *context = new_context();
	struct session_request request = own_calls;
	struct perftrace_session *session;
	struct perftrace_record *record;

	request.never_flushes = true;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	set_alarms(true);
	ck_assert_int_eq(perftrace_session_read(session, -1, &record), -EINTR);
	ck_assert_int_eq(perftrace_session_wait(session, -1), -EINTR);
	ck_assert_int_eq(perftrace_session_read(session, PATIENCE_MS, &record),
			 -EINTR);
	set_alarms(false);
	ck_assert_int_eq(perftrace_context_get_error_code(context), 0);
	ck_assert_str_eq(perftrace_context_error(context), "");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(objects_outlive_the_callers_references)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_event *event;
	struct tally tally = { 0 };

	succeed(context,
		perftrace_event_find(context, "syscalls:sys_enter_getppid",
				     &event));
	session = new_session(context,
			      &(struct session_request){ .is_self = true });
	succeed(context,
		perftrace_session_add_event(session, event, NULL, NULL));
	perftrace_event_unref(event);
	perftrace_context_unref(context);
	succeed(context, perftrace_session_start(session));
	call_getppid(3);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 3);
	perftrace_session_free(session);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(nothing_works_before_open),
	TEST(nothing_starts_before_start),
	TEST(nothing_works_after_close),
	TEST(wants_a_source),
	TEST(refuses_odd_timeouts),
	TEST(stop_keeps_what_was_recorded),
	TEST(goes_on_after_stop),
	TEST(close_loses_what_was_not_read),
	TEST(counts_can_be_read_at_any_time),
	TEST(counting_waits_for_the_end),
	TEST(a_thousand_rounds_leave_nothing),
	TEST(wakes_on_the_watermark),
	TEST(wakes_at_every_record),
	TEST(looks_again_at_what_was_too_young),
	TEST(wakes_on_the_flush_interval),
	TEST(wakes_when_the_command_ends),
	TEST(wakes_when_the_process_ends),
	TEST(reads_on_after_eagain),
	TEST(a_signal_ends_the_wait),
	TEST(objects_outlive_the_callers_references),
};

HARNESS_MAIN("session", tests, HARNESS_LIVE)
