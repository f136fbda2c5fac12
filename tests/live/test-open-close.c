/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events that are started in groups count what they would count alone, and what
 * a process closes for the caller is closed, whatever becomes of the caller.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller.h"
#include "harness.h"
#include "probes.h"
#include "setup.h"
#include "tally.h"
#include "uprobe.h"

#define NUM_CALLS 1000

/* Each is raised once by a getppid(2) call that its filter lets through. */
static const struct {
	const char *event;
	const char *filter;
} calls[] = {
	{ "raw_syscalls:sys_enter", GETPPID_CALLS " && " },
	{ "raw_syscalls:sys_exit", GETPPID_CALLS " && " },
	{ "syscalls:sys_enter_getppid", "" },
	{ "syscalls:sys_exit_getppid", "" },
};

#define NUM_EVENTS (sizeof(calls) / sizeof(calls[0]))

static struct perftrace_session *make(struct perftrace_context *context,
				      int32_t mode, int32_t closer)
{
	struct perftrace_session_config *config;
	struct perftrace_session *session;

	succeed(context, perftrace_session_config_new(context, &config));
	succeed(context, perftrace_session_config_set_mode(config, mode));
	succeed(context, perftrace_session_config_set_closer(config, closer));
	succeed(context, perftrace_session_new(context, config, &session));
	perftrace_session_config_free(config);
	return session;
}

/* Of this process alone, which has one thread. */
static void add_calls(struct perftrace_context *context,
		      struct perftrace_session *session)
{
	char filter[128];
	size_t i;

	for (i = 0; i < NUM_EVENTS; i++) {
		struct session_request request = { .filter = filter };

		snprintf(filter, sizeof(filter), "%scommon_pid == %d",
			 calls[i].filter, (int)getpid());
		add_event(context, session, calls[i].event, &request);
	}
}

/* On each CPU in turn. */
static uint64_t call_everywhere(void)
{
	long num_cpus = sysconf(_SC_NPROCESSORS_ONLN), cpu;

	for (cpu = 0; cpu < num_cpus; cpu++) {
		pin_to_cpu((int)cpu);
		call_getppid(NUM_CALLS);
	}
	return (uint64_t)num_cpus * NUM_CALLS;
}

static void expect_counts(struct perftrace_context *context,
			  struct perftrace_session *session, uint64_t number)
{
	size_t i;

	for (i = 0; i < NUM_EVENTS; i++)
		ck_assert_uint_eq(
			counted_by(context,
				   perftrace_session_get_source(session, i)),
			number);
}

/* Started, stopped and started again; what is done meanwhile does not count. */
static uint64_t run_cycles(struct perftrace_context *context,
			   struct perftrace_session *session)
{
	uint64_t number = 0;
	int i;

	succeed(context, perftrace_session_open(session));
	for (i = 0; i < 3; i++) {
		call_everywhere();
		expect_counts(context, session, number);
		succeed(context, perftrace_session_start(session));
		number += call_everywhere();
		succeed(context, perftrace_session_stop(session));
		expect_counts(context, session, number);
	}
	return number;
}

struct times {
	uint64_t enabled_ns;
	uint64_t running_ns;
};

static struct times times_of(struct perftrace_context *context,
			     struct perftrace_session *session, size_t index)
{
	struct perftrace_counts *counts;
	struct times times;

	succeed(context,
		perftrace_source_get_counts(
			perftrace_session_get_source(session, index), &counts));
	times.enabled_ns = perftrace_counts_get_enabled_ns(counts);
	times.running_ns = perftrace_counts_get_running_ns(counts);
	perftrace_counts_free(counts);
	return times;
}

/* One by one before the close, by groups in it. */
static void expect_same_after_close(struct perftrace_context *context,
				    struct perftrace_session *session,
				    uint64_t number)
{
	struct times before[NUM_EVENTS];
	size_t i;

	for (i = 0; i < NUM_EVENTS; i++)
		before[i] = times_of(context, session, i);
	perftrace_session_close(session);
	expect_counts(context, session, number);
	for (i = 0; i < NUM_EVENTS; i++) {
		struct times after = times_of(context, session, i);

		ck_assert_uint_gt(after.enabled_ns, 0);
		ck_assert_uint_eq(after.enabled_ns, before[i].enabled_ns);
		ck_assert_uint_eq(after.running_ns, before[i].running_ns);
		ck_assert_uint_eq(after.running_ns, after.enabled_ns);
	}
}

static void count_in_cycles(int32_t closer)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		make(context, PERFTRACE_MODE_COUNT, closer);

	add_calls(context, session);
	expect_same_after_close(context, session, run_cycles(context, session));
	ck_assert_int_eq(perftrace_session_wait_closed(session, -1), 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(counts_in_cycles)
{
	count_in_cycles(PERFTRACE_CLOSER_NONE);
	count_in_cycles(PERFTRACE_CLOSER_PROCESS);
}
END_TEST

static void stream_in_cycles(int32_t closer)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		make(context, PERFTRACE_MODE_STREAM, closer);
	struct tally tally = { 0 };
	uint64_t number;

	add_calls(context, session);
	number = run_cycles(context, session);
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, NUM_EVENTS * number);
	expect_same_after_close(context, session, number);
	expect_account(context, session, &tally, NUM_EVENTS * number);
	ck_assert_int_eq(perftrace_session_wait_closed(session, -1), 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(streams_in_cycles)
{
	stream_in_cycles(PERFTRACE_CLOSER_NONE);
	stream_in_cycles(PERFTRACE_CLOSER_PROCESS);
}
END_TEST

/* perf_event_open(2) in a group answers E2BIG. */
static void refuse_groups(void)
{
	const uint32_t group =
		offsetof(struct seccomp_data, args) + 3 * sizeof(uint64_t);
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_perf_event_open, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, group),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UINT32_MAX, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | E2BIG),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = filter,
	};

	ck_assert(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	ck_assert(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static void count_without_groups(void)
{
	refuse_groups();
	count_in_cycles(PERFTRACE_CLOSER_NONE);
	count_in_cycles(PERFTRACE_CLOSER_PROCESS);
}

START_TEST(does_without_groups)
{
	run_in_child(count_without_groups);
}
END_TEST

/* More than fit into one group, as planned, and none is missing. */
START_TEST(fills_several_groups)
{
	struct perftrace_context *context = new_context();
	struct session_request request = { .period = 0 };
	struct perftrace_report *report;
	struct perftrace_session *session;
	size_t i, number = 600;

	session = make(context, PERFTRACE_MODE_COUNT, PERFTRACE_CLOSER_PROCESS);
	add_calls(context, session);
	for (i = NUM_EVENTS; i < number; i++)
		add_event(context, session, "sched:sched_switch", &request);
	succeed(context, perftrace_session_check(session, NULL, &report));
	succeed(context, perftrace_session_open(session));
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session),
			  perftrace_report_get_num_descriptors(report));
	succeed(context, perftrace_session_start(session));
	call_everywhere();
	succeed(context, perftrace_session_stop(session));
	for (i = NUM_EVENTS; i < number; i++) {
		struct perftrace_source *source =
			perftrace_session_get_source(session, i);
		uint64_t before = counted_by(context, source);

		ck_assert_uint_gt(before, 0);
		ck_assert_uint_eq(counted_by(context, source), before);
	}
	perftrace_session_close(session);
	expect_counts(context, session,
		      (uint64_t)sysconf(_SC_NPROCESSORS_ONLN) * NUM_CALLS);
	ck_assert_int_eq(perftrace_session_wait_closed(session, -1), 0);
	perftrace_report_unref(report);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static volatile sig_atomic_t num_signals;

static void count_signal(int number)
{
	(void)number;
	num_signals++;
}

static bool has_child(int options)
{
	siginfo_t info;

	return !waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | options);
}

/* The caller's own wait(2) does not see it, and gets no signal. */
START_TEST(closer_is_no_child_to_wait_for)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		make(context, PERFTRACE_MODE_STREAM, PERFTRACE_CLOSER_PROCESS);

	signal(SIGCHLD, count_signal);
	add_calls(context, session);
	succeed(context, perftrace_session_start(session));
	ck_assert_uint_eq(perftrace_session_get_num_closing(session), 0);
	perftrace_session_close(session);
	ck_assert_int_eq(waitpid(-1, NULL, 0), -1);
	ck_assert_int_eq(errno, ECHILD);
	/* But there is one, and it ends. */
	ck_assert(has_child(__WCLONE));
	ck_assert_int_eq(perftrace_session_wait_closed(session, -1), 0);
	ck_assert_uint_eq(perftrace_session_get_num_closing(session), 0);
	ck_assert(!has_child(__WALL | WNOHANG));
	ck_assert_int_eq(num_signals, 0);
	refuse(context, perftrace_session_wait_closed(session, -2), -EINVAL,
	       "-2 ms");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* Nor does it keep a pipe of the caller's open, whatever its number. */
START_TEST(closer_holds_nothing_else)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		make(context, PERFTRACE_MODE_STREAM, PERFTRACE_CLOSER_PROCESS);
	struct pollfd ends[3];
	int pipes[3][2], i;

	add_calls(context, session);
	/* One below, one in between, where the session left room, one above. */
	ck_assert(!pipe(pipes[0]));
	ck_assert(!pipe(pipes[1]));
	close(pipes[1][0]);
	close(pipes[1][1]);
	succeed(context, perftrace_session_open(session));
	ck_assert(!pipe(pipes[1]));
	ck_assert(!pipe(pipes[2]));
	perftrace_session_close(session);
	for (i = 0; i < 3; i++) {
		close(pipes[i][1]);
		ends[i] = (struct pollfd){ .fd = pipes[i][0] };
	}
	ck_assert_int_eq(poll(ends, 3, 0), 3);
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(ends[i].revents, POLLHUP);
		close(pipes[i][0]);
	}
	ck_assert_int_eq(perftrace_session_wait_closed(session, -1), 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* A session that is freed leaves its closer to the context. */
START_TEST(closer_outlives_its_session)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;

	session = make(context, PERFTRACE_MODE_COUNT, PERFTRACE_CLOSER_PROCESS);
	add_calls(context, session);
	succeed(context, perftrace_session_start(session));
	perftrace_session_free(session);
	ck_assert(has_child(__WCLONE));
	/* The next session of the context reaps it. */
	session = make(context, PERFTRACE_MODE_COUNT, PERFTRACE_CLOSER_NONE);
	ck_assert(!has_child(__WALL | WNOHANG));
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static int told[2];

/* Close, say so, and be killed. */
static void close_and_stay(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		make(context, PERFTRACE_MODE_STREAM, PERFTRACE_CLOSER_PROCESS);

	harness_stop_reporting();
	add_calls(context, session);
	succeed(context, perftrace_session_start(session));
	perftrace_session_close(session);
	ck_assert_int_eq(write(told[1], "", 1), 1);
	pause();
}

START_TEST(caller_is_killed)
{
	pid_t child, reaped;
	char byte;

	/* To see the end of what it leaves. */
	ck_assert(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	ck_assert(!pipe(told));
	child = fork();
	if (!child) {
		close_and_stay();
		_exit(EXIT_FAILURE);
	}
	close(told[1]);
	ck_assert_int_eq(read(told[0], &byte, 1), 1);
	close(told[0]);
	ck_assert(!kill(child, SIGKILL));
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	reaped = waitpid(-1, NULL, __WALL);
	ck_assert(reaped > 0 && reaped != child);
	ck_assert(!has_child(__WALL | WNOHANG));
}
END_TEST

/* It can't be removed while it is open: the caller closes it. */
START_TEST(named_probe_is_removed)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event =
		make_event(context, "uprobe:%s:probed", own_program());
	struct perftrace_session *session;

	session = make(context, PERFTRACE_MODE_COUNT, PERFTRACE_CLOSER_PROCESS);
	add_calls(context, session);
	succeed(context,
		perftrace_session_add_event(session, event, NULL, NULL));
	perftrace_event_unref(event);
	succeed(context, perftrace_session_start(session));
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	call_getppid(7);
	probed(1);
	perftrace_session_close(session);
	expect_counts(context, session, 7);
	ck_assert_uint_eq(counted_by(context, perftrace_session_get_source(
						      session, NUM_EVENTS)),
			  1);
	perftrace_session_free(session);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	ck_assert(has_child(__WCLONE));
	perftrace_context_unref(context);
	ck_assert(!has_child(__WALL | WNOHANG));
}
END_TEST

static const struct harness_test tests[] = {
	TEST(counts_in_cycles),
	TEST(streams_in_cycles),
	TEST(does_without_groups),
	TEST(fills_several_groups),
	TEST(closer_is_no_child_to_wait_for),
	TEST(closer_holds_nothing_else),
	TEST(closer_outlives_its_session),
	TEST(caller_is_killed),
	TEST(named_probe_is_removed),
};

HARNESS_MAIN("open-close", tests, HARNESS_LIVE)
