/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each call that was made is delivered, or accounted as lost: exactly, whoever
 * makes it, however small the rings are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caller.h"
#include "context.h"
#include "harness.h"
#include "setup.h"
#include "tally.h"

static const uint64_t numbers[] = { 0, 1, 1000, 300000 };

/* Threads, and children: as the helper takes them. */
static const struct shape {
	const char *threads;
	const char *children;
} shapes[] = {
	{ "1", "0" },
	{ "4", "0" },
	{ "2", "3" },
};

#define NUM_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))
#define NUM_SHAPES  (sizeof(shapes) / sizeof(shapes[0]))

struct command {
	char number[24];
	const char *arguments[5];
};

static void make_command(struct command *command, uint64_t number,
			 const struct shape *shape)
{
	snprintf(command->number, sizeof(command->number), "%llu",
		 (unsigned long long)number);
	command->arguments[0] = getppid_path();
	command->arguments[1] = command->number;
	command->arguments[2] = shape->threads;
	command->arguments[3] = shape->children;
	command->arguments[4] = NULL;
}

static struct perftrace_source *only_source(struct perftrace_session *session)
{
	return perftrace_session_get_source(session, 0);
}

static struct tally trace_one(struct perftrace_context *context,
			      const struct session_request *request,
			      uint64_t number)
{
	struct perftrace_session *session = new_session(context, request);
	struct tally tally = { 0 };

	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, number);
	ck_assert_uint_eq(counted_by(context, only_source(session)), number);
	/* And so it stays. */
	perftrace_session_close(session);
	expect_account(context, session, &tally, number);
	perftrace_session_free(session);
	return tally;
}

static struct tally trace_command(struct perftrace_context *context,
				  struct session_request request,
				  uint64_t number, const struct shape *shape)
{
	struct command command;

	make_command(&command, number, shape);
	request.event = SYS_ENTER;
	request.filter = GETPPID_CALLS;
	request.command = command.arguments;
	return trace_one(context, &request, number);
}

/* Every number in every shape; how many were lost. */
static uint64_t trace_commands(struct perftrace_context *context,
			       struct session_request request)
{
	struct perftrace_session *held = hold_event(context, SYS_ENTER);
	uint64_t lost = 0;
	size_t i, j;

	for (i = 0; i < NUM_NUMBERS; i++) {
		for (j = 0; j < NUM_SHAPES; j++)
			lost += trace_command(context, request, numbers[i],
					      &shapes[j])
					.lost;
	}
	perftrace_session_free(held);
	return lost;
}

START_TEST(command_in_order)
{
	struct perftrace_context *context = new_context();

	trace_commands(context, (struct session_request){ .ring_bytes = 0 });
	perftrace_context_unref(context);
}
END_TEST

START_TEST(command_without_order)
{
	struct perftrace_context *context = new_context();

	trace_commands(context, (struct session_request){
					.order = PERFTRACE_ORDER_NONE });
	perftrace_context_unref(context);
}
END_TEST

START_TEST(command_with_tiny_rings)
{
	struct perftrace_context *context = new_context();
	struct session_request request = { .ring_bytes = 4096 };

	ck_assert_uint_gt(trace_commands(context, request), 0);
	request.ring_bytes = 8192;
	ck_assert_uint_gt(trace_commands(context, request), 0);
	request.order = PERFTRACE_ORDER_NONE;
	ck_assert_uint_gt(trace_commands(context, request), 0);
	request.sideband = PERFTRACE_SIDEBAND_TASK | PERFTRACE_SIDEBAND_COMM |
			   PERFTRACE_SIDEBAND_MMAP;
	ck_assert_uint_gt(trace_commands(context, request), 0);
	perftrace_context_unref(context);
}
END_TEST

/* The stream's losses can be the side-band's, which nobody counts then. */
static uint64_t trace_uncounted(struct perftrace_context *context,
				const struct session_request *request,
				uint64_t number)
{
	struct perftrace_session *session = new_session(context, request);
	struct tally tally = { 0 };
	uint64_t lost;

	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &tally);
	lost = lost_by(context, only_source(session));
	ck_assert_uint_eq(tally.num_samples + lost, number);
	ck_assert_uint_eq(delivered_by(context, only_source(session)),
			  tally.num_samples);
	ck_assert_uint_ge(tally.lost, lost);
	perftrace_session_free(session);
	return lost;
}

static void trace_without_counters(uint64_t ring_bytes, bool must_lose)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, SYS_ENTER);
	struct command command;
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.command = command.arguments,
		.ring_bytes = ring_bytes,
	};
	uint64_t lost = 0;
	size_t i, j;

	context_forget_format_lost(context);
	for (i = 0; i < NUM_NUMBERS; i++) {
		for (j = 0; j < NUM_SHAPES; j++) {
			make_command(&command, numbers[i], &shapes[j]);
			lost += trace_uncounted(context, &request, numbers[i]);
		}
	}
	if (must_lose)
		ck_assert_uint_gt(lost, 0);
	perftrace_session_free(held);
	perftrace_context_unref(context);
}

START_TEST(command_without_lost_counters)
{
	trace_without_counters(0, false);
}
END_TEST

START_TEST(tiny_rings_without_lost_counters)
{
	trace_without_counters(4096, true);
}
END_TEST

static void count_command(struct perftrace_context *context, const char *cpus,
			  uint64_t number, const struct shape *shape)
{
	struct command command;
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.command = command.arguments,
		.cpus = cpus,
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_session *session;

	make_command(&command, number, shape);
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	succeed(context, perftrace_session_wait(session, -1));
	ck_assert_uint_eq(counted_by(context, only_source(session)), number);
	perftrace_session_close(session);
	ck_assert_uint_eq(counted_by(context, only_source(session)), number);
	perftrace_session_free(session);
}

START_TEST(command_is_counted)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, SYS_ENTER);
	size_t i, j;

	for (i = 0; i < NUM_NUMBERS; i++) {
		for (j = 0; j < NUM_SHAPES; j++) {
			count_command(context, NULL, numbers[i], &shapes[j]);
			count_command(context, "0-1", numbers[i], &shapes[j]);
		}
	}
	perftrace_session_free(held);
	perftrace_context_unref(context);
}
END_TEST

/* Two tasks on four threads that are there, with some that come later. */
static uint64_t run_tasks(struct caller *caller)
{
	const struct caller_task first = { .num_calls = 700 };
	const struct caller_task second = {
		.num_calls = 900,
		.new_threads = 3,
		.new_children = 2,
	};
	uint64_t made = caller_run(caller, &first);

	return made + caller_run(caller, &second);
}

static uint64_t trace_caller(struct perftrace_context *context,
			     struct session_request request)
{
	const struct caller_task unseen = { .num_calls = 1000 };
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct caller caller;
	uint64_t made;

	caller_start(&caller, 4);
	request.event = SYS_ENTER;
	request.filter = GETPPID_CALLS;
	request.pid = caller.pid;
	session = new_session(context, &request);
	caller_run(&caller, &unseen);
	succeed(context, perftrace_session_start(session));
	made = run_tasks(&caller);
	succeed(context, perftrace_session_stop(session));
	caller_run(&caller, &unseen);
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, made);
	ck_assert_uint_eq(counted_by(context, only_source(session)), made);
	perftrace_session_free(session);
	caller_end(&caller);
	return tally.lost;
}

START_TEST(running_process)
{
	struct perftrace_context *context = new_context();
	/* Also on one CPU alone, all of it fits. */
	struct session_request request = { .ring_bytes = 4 << 20 };

	ck_assert_uint_eq(trace_caller(context, request), 0);
	request.order = PERFTRACE_ORDER_NONE;
	ck_assert_uint_eq(trace_caller(context, request), 0);
	request.ring_bytes = 4096;
	ck_assert_uint_gt(trace_caller(context, request), 0);
	request.order = PERFTRACE_ORDER_TIME;
	ck_assert_uint_gt(trace_caller(context, request), 0);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(running_process_until_it_ends)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct caller caller;
	uint64_t made;

	caller_start(&caller, 4);
	session = new_session(context, &(struct session_request){
					       .event = SYS_ENTER,
					       .filter = GETPPID_CALLS,
					       .pid = caller.pid,
				       });
	succeed(context, perftrace_session_start(session));
	made = run_tasks(&caller);
	caller_end(&caller);
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, made);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* All tasks of all CPUs are traced; the filter leaves one. */
static uint64_t trace_system(struct perftrace_context *context,
			     struct session_request request, uint64_t number)
{
	struct perftrace_session *session;
	struct tally tally = { 0 };
	char filter[128];

	snprintf(filter, sizeof(filter), GETPPID_CALLS " && common_pid == %d",
		 (int)getpid());
	request.event = SYS_ENTER;
	request.filter = filter;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	call_getppid(number);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	ck_assert_uint_eq(counted_by(context, only_source(session)), number);
	ck_assert_uint_eq(tally.num_samples +
				  lost_by(context, only_source(session)),
			  number);
	if (request.ring_bytes)
		ck_assert_uint_gt(tally.lost, 0);
	else
		expect_account(context, session, &tally, number);
	perftrace_session_free(session);
	return tally.lost;
}

START_TEST(whole_system)
{
	struct perftrace_context *context = new_context();
	struct session_request request = { .ring_bytes = 0 };

	ck_assert_uint_eq(trace_system(context, request, 5000), 0);
	request.ring_bytes = 8192;
	ck_assert_uint_gt(trace_system(context, request, 5000), 0);
	request.order = PERFTRACE_ORDER_NONE;
	ck_assert_uint_gt(trace_system(context, request, 5000), 0);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(whole_system_without_lost_counters)
{
	struct perftrace_context *context = new_context();
	struct session_request request = { .ring_bytes = 0 };

	context_forget_format_lost(context);
	ck_assert_uint_eq(trace_system(context, request, 5000), 0);
	request.ring_bytes = 8192;
	ck_assert_uint_gt(trace_system(context, request, 5000), 0);
	perftrace_context_unref(context);
}
END_TEST

/* Under a name that no other process has. */
static void trace_system_with(struct perftrace_context *context,
			      const char *directory)
{
	char path[96], filter[128];
	const char *const command[] = { path, "3000", "1", "2", NULL };
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = filter,
		.command = command,
		.is_system_wide = true,
	};

	snprintf(path, sizeof(path), "%s/calls%d", directory, (int)getpid());
	snprintf(filter, sizeof(filter), GETPPID_CALLS " && COMM == \"%s\"",
		 strrchr(path, '/') + 1);
	ck_assert_int_eq(symlink(getppid_path(), path), 0);
	trace_one(context, &request, 3000);
	unlink(path);
}

/* A whole system is traced until the command has ended. */
START_TEST(whole_system_with_a_command)
{
	struct perftrace_context *context = new_context();
	char directory[] = "/tmp/perftrace-live-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(directory));
	trace_system_with(context, directory);
	rmdir(directory);
	perftrace_context_unref(context);
}
END_TEST

/* A new task's counter starts anew on each CPU: so it stays on one. */
START_TEST(every_tenth)
{
	struct perftrace_context *context = new_context();
	const struct shape alone = { "1", "0" }, many = { "2", "3" };
	struct command command;
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.command = command.arguments,
		.period = 10,
	};
	struct perftrace_session *session;
	struct tally tally = { 0 };
	uint64_t samples;

	pin_to_cpu(0);
	make_command(&command, 1009, &alone);
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 100);
	ck_assert_uint_eq(counted_by(context, only_source(session)), 1009);
	perftrace_session_free(session);

	/*
	 * Ten tasks. The kernel counts towards the period by context, and may
	 * swap those of tasks that inherited the same events when it switches
	 * from one to the other: each context keeps up to nine that make no
	 * sample, and which tens are whole is not known beforehand.
	 */
	make_command(&command, 1017, &many);
	tally = (struct tally){ 0 };
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &tally);
	samples = tally.num_samples + tally.lost;
	expect_account(context, session, &tally, samples);
	ck_assert_uint_le(samples, 1017 / 10);
	ck_assert_uint_ge(samples, (1017 - 10 * 9) / 10);
	ck_assert_uint_eq(counted_by(context, only_source(session)), 1017);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(rows_are_cpus)
{
	struct perftrace_context *context = new_context();
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.is_self = true,
	};
	struct perftrace_session *session;
	struct perftrace_counts *counts;
	struct perftrace_ledger *ledger;
	struct tally tally = { 0 };
	size_t row;

	pin_to_cpu(1);
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	call_getppid(123);
	pin_to_cpu(0);
	call_getppid(45);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 168);

	succeed(context,
		perftrace_source_get_counts(only_source(session), &counts));
	succeed(context,
		perftrace_source_get_ledger(only_source(session), &ledger));
	ck_assert_uint_eq(perftrace_counts_get_num_rows(counts),
			  perftrace_session_get_num_cpus(session));
	for (row = 0; row < 2; row++) {
		uint64_t made = row ? 123 : 45;

		ck_assert_int_eq(perftrace_counts_get_row_cpu(counts, row),
				 perftrace_session_get_cpu(session, row));
		ck_assert_int_eq(perftrace_ledger_get_row_cpu(ledger, row),
				 perftrace_session_get_cpu(session, row));
		ck_assert_uint_eq(perftrace_counts_get_row_value(counts, row),
				  made);
		ck_assert_uint_eq(
			perftrace_ledger_get_row_delivered(ledger, row), made);
		ck_assert_uint_gt(
			perftrace_counts_get_row_enabled_ns(counts, row), 0);
		ck_assert_uint_gt(
			perftrace_counts_get_row_running_ns(counts, row), 0);
	}
	perftrace_counts_free(counts);
	perftrace_ledger_free(ledger);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void expect_source(struct perftrace_context *context,
			  struct perftrace_session *session, size_t index,
			  uint64_t number)
{
	struct perftrace_source *source =
		perftrace_session_get_source(session, index);

	ck_assert_uint_eq(counted_by(context, source), number);
	ck_assert_uint_eq(delivered_by(context, source) +
				  lost_by(context, source),
			  number);
}

/* They share rings; each has books of its own. */
START_TEST(several_sources)
{
	struct perftrace_context *context = new_context();
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.is_self = true,
		.ring_bytes = 4096,
	};
	struct perftrace_session *session;
	struct tally tally = { 0 };

	session = new_session(context, &request);
	add_event(context, session, "raw_syscalls:sys_exit", &request);
	request.filter = NULL;
	add_event(context, session, "syscalls:sys_enter_getppid", &request);
	succeed(context, perftrace_session_start(session));
	call_getppid(20);
	tally_drain(context, session, &tally);
	call_getppid(2000);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	ck_assert_uint_gt(tally.lost, 0);
	expect_account(context, session, &tally, 3 * 2020);
	expect_source(context, session, 0, 2020);
	expect_source(context, session, 1, 2020);
	expect_source(context, session, 2, 2020);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* What was told at the end is not told again when the ring has room. */
START_TEST(lost_before_a_restart)
{
	struct perftrace_context *context = new_context();
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.is_self = true,
		.ring_bytes = 4096,
	};
	struct perftrace_session *session = new_session(context, &request);
	struct tally tally = { 0 };

	pin_to_cpu(0);
	succeed(context, perftrace_session_start(session));
	call_getppid(2000);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	ck_assert_uint_gt(tally.lost, 0);
	succeed(context, perftrace_session_start(session));
	call_getppid(1);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 2001);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(command_in_order),
	TEST(command_without_order),
	TEST(command_with_tiny_rings),
	TEST(command_without_lost_counters),
	TEST(tiny_rings_without_lost_counters),
	TEST(command_is_counted),
	TEST(running_process),
	TEST(running_process_until_it_ends),
	TEST(whole_system),
	TEST(whole_system_without_lost_counters),
	TEST(whole_system_with_a_command),
	TEST(every_tenth),
	TEST(rows_are_cpus),
	TEST(several_sources),
	TEST(lost_before_a_restart),
};

HARNESS_MAIN("exact", tests, HARNESS_LIVE)
