/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Snapshots hold the newest, from old to new, each record once; and what they
 * do not hold is counted. Each call says which of its thread's it is.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "caller.h"
#include "context.h"
#include "descriptors.h"
#include "harness.h"
#include "opening.h"
#include "session.h"
#include "setup.h"
#include "tally.h"
#include "truth.h"

#define MOST_WORKERS 8
#define MOST_CPUS    1024
#define NOT_YET	     UINT64_MAX

/* What the snapshots of one session have told. */
struct story {
	struct tally tally;
	uint64_t num_snapshots;
	uint64_t overwritten;
	uint64_t overwritten_bytes;
	uint64_t num_gaps;
	/* The number of each thread's last call. */
	uint64_t last[MOST_WORKERS];
	/* How many calls are missing between two of a thread's. */
	uint64_t missing;
	/* Of the snapshot. */
	uint64_t num_samples;
	bool has_sample[MOST_CPUS];
};

static void begin_story(struct story *story)
{
	size_t i;

	memset(story, 0, sizeof(*story));
	for (i = 0; i < MOST_WORKERS; i++)
		story->last[i] = NOT_YET;
}

static uint64_t argument(struct perftrace_context *context,
			 struct perftrace_record *record, size_t index)
{
	struct perftrace_field *field;
	uint64_t value;

	succeed(context,
		perftrace_event_find_field(perftrace_record_get_event(record),
					   "args", &field));
	succeed(context,
		perftrace_record_get_element_u64(record, field, index, &value));
	return value;
}

static void tell_call(struct perftrace_context *context, struct story *story,
		      struct perftrace_record *record)
{
	uint64_t call = argument(context, record, 0);
	uint64_t worker = argument(context, record, 1), *last;

	ck_assert_uint_lt(worker, MOST_WORKERS);
	last = &story->last[worker];
	/* Neither twice, nor out of order. */
	if (*last != NOT_YET)
		ck_assert_uint_gt(call, *last);
	story->missing += call - (*last == NOT_YET ? 0 : *last + 1);
	*last = call;
}

static void tell_gap(struct story *story, struct perftrace_record *record)
{
	story->num_gaps++;
	story->overwritten += perftrace_record_get_overwritten(record);
	story->overwritten_bytes +=
		perftrace_record_get_overwritten_bytes(record);
	ck_assert(!story->has_sample[perftrace_record_get_cpu(record)]);
	ck_assert_ptr_null(perftrace_record_get_source(record));
	ck_assert_uint_eq(perftrace_record_get_lost(record), 0);
}

static void tell(struct perftrace_context *context, struct story *story,
		 struct perftrace_record *record, bool has_numbers)
{
	struct tally *tally = &story->tally;
	uint64_t time = perftrace_record_get_time_ns(record);
	int32_t cpu = perftrace_record_get_cpu(record);

	ck_assert(cpu >= 0 && cpu < MOST_CPUS);
	if (time < tally->youngest)
		tally->num_inversions++;
	else
		tally->youngest = time;
	switch (perftrace_record_get_kind(record)) {
	case PERFTRACE_RECORD_SAMPLE:
		tally->num_samples++;
		story->num_samples++;
		story->has_sample[cpu] = true;
		if (has_numbers)
			tell_call(context, story, record);
		break;
	case PERFTRACE_RECORD_LOST:
		tally->lost += perftrace_record_get_lost(record);
		break;
	case PERFTRACE_RECORD_OVERWRITTEN:
		tell_gap(story, record);
		break;
	default:
		tally->num_others++;
	}
}

/* At most so many records of it; 0: it ended. */
static int read_some(struct perftrace_context *context,
		     struct perftrace_session *session, struct story *story,
		     uint64_t most, bool has_numbers)
{
	struct perftrace_record *record;
	int ret = 1;

	while (most-- &&
	       (ret = perftrace_session_read(session, 0, &record)) > 0)
		tell(context, story, record, has_numbers);
	succeed(context, ret);
	return ret;
}

static void take(struct perftrace_context *context,
		 struct perftrace_session *session, struct story *story)
{
	succeed(context, perftrace_session_snapshot(session));
	story->num_snapshots++;
	story->num_samples = 0;
	memset(story->has_sample, 0, sizeof(story->has_sample));
}

static void take_and_read(struct perftrace_context *context,
			  struct perftrace_session *session,
			  struct story *story)
{
	take(context, session, story);
	ck_assert_int_eq(read_some(context, session, story, UINT64_MAX, true),
			 0);
}

static struct perftrace_source *only_source(struct perftrace_session *session)
{
	return perftrace_session_get_source(session, 0);
}

static uint64_t overwritten_by(struct perftrace_context *context,
			       struct perftrace_source *source)
{
	struct perftrace_ledger *ledger;
	uint64_t overwritten, sum = 0;
	size_t row;

	succeed(context, perftrace_source_get_ledger(source, &ledger));
	overwritten = perftrace_ledger_get_overwritten(ledger);
	for (row = 0; row < perftrace_ledger_get_num_rows(ledger); row++)
		sum += perftrace_ledger_get_row_overwritten(ledger, row);
	ck_assert_uint_eq(perftrace_ledger_get_row_overwritten(ledger, row), 0);
	perftrace_ledger_free(ledger);
	ck_assert_uint_eq(sum, overwritten);
	return overwritten;
}

/* What was made is delivered, lost or written over; exactly. */
static void expect_books(struct perftrace_context *context,
			 struct perftrace_session *session, uint64_t produced)
{
	struct perftrace_source *source = only_source(session);

	ck_assert_uint_eq(counted_by(context, source), produced);
	ck_assert_uint_eq(delivered_by(context, source) +
				  lost_by(context, source) +
				  overwritten_by(context, source),
			  produced);
}

/* And so the stream has told. */
static void expect_told(struct perftrace_context *context,
			struct perftrace_session *session,
			const struct story *story, uint64_t produced)
{
	struct perftrace_source *source = only_source(session);

	expect_books(context, session, produced);
	ck_assert_uint_eq(story->tally.num_samples,
			  delivered_by(context, source));
	ck_assert_uint_eq(story->overwritten, overwritten_by(context, source));
	ck_assert_uint_eq(story->tally.lost,
			  lost_by(context, source) +
				  perftrace_session_get_sideband_lost(session));
	ck_assert_uint_eq(story->tally.num_inversions,
			  perftrace_session_get_num_order_violations(session));
}

/* The helper's command line. */
struct command {
	char number[24];
	char threads[8];
	const char *arguments[4];
};

static void make_command(struct command *command, uint64_t number,
			 unsigned int num_threads)
{
	snprintf(command->number, sizeof(command->number), "%llu",
		 (unsigned long long)number);
	snprintf(command->threads, sizeof(command->threads), "%u", num_threads);
	command->arguments[0] = getppid_path();
	command->arguments[1] = command->number;
	command->arguments[2] = command->threads;
	command->arguments[3] = NULL;
}

static struct perftrace_session *start(struct perftrace_context *context,
				       struct session_request request,
				       struct command *command)
{
	struct perftrace_session *session;

	request.event = SYS_ENTER;
	/* Also where all tasks are traced. */
	request.filter = GETPPID_CALLS " && COMM == \"getppid\"";
	request.mode = PERFTRACE_MODE_OVERWRITE;
	request.command = command->arguments;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	return session;
}

/* One thread on one CPU: nothing may be missing between what is there. */
static void keep_newest(uint64_t ring_bytes, uint64_t number, bool is_all)
{
	struct perftrace_context *context = new_context();
	struct session_request request = { .ring_bytes = ring_bytes };
	struct perftrace_session *session;
	struct command command;
	struct story story;

	pin_to_cpu(0);
	begin_story(&story);
	make_command(&command, number, 1);
	session = start(context, request, &command);
	succeed(context, perftrace_session_wait(session, -1));
	take_and_read(context, session, &story);
	expect_told(context, session, &story, number);
	ck_assert_uint_eq(story.tally.lost, 0);
	ck_assert_uint_eq(story.tally.num_inversions, 0);
	ck_assert_uint_eq(story.missing, story.overwritten);
	ck_assert_uint_eq(story.last[0] + 1, number);
	ck_assert_int_eq(!story.overwritten, is_all);
	ck_assert_int_eq(!story.overwritten_bytes, is_all);
	/* Nearly full: a sample of this event has 120 bytes at most. */
	if (!is_all)
		ck_assert_uint_gt(story.tally.num_samples,
				  ring_bytes / 120 - 2);
	/* There is no more. */
	take_and_read(context, session, &story);
	expect_told(context, session, &story, number);
	perftrace_session_close(session);
	expect_told(context, session, &story, number);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(keeps_the_newest)
{
	keep_newest(4096, 1000, false);
	keep_newest(65536, 100000, false);
	keep_newest(1 << 20, 100000, false);
}
END_TEST

START_TEST(keeps_all_that_fits)
{
	keep_newest(4096, 0, true);
	keep_newest(65536, 300, true);
	keep_newest(1 << 20, 5000, true);
}
END_TEST

/* As often as one can, while all CPUs write. */
static void storm(struct session_request request, uint64_t number,
		  struct story *story)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	bool is_ordered = request.order != PERFTRACE_ORDER_NONE;
	struct command command;
	int ret;

	begin_story(story);
	make_command(&command, number, 4);
	session = start(context, request, &command);
	while ((ret = perftrace_session_wait(session, 1)) == -EAGAIN) {
		take(context, session, story);
		ck_assert_int_eq(read_some(context, session, story, UINT64_MAX,
					   is_ordered),
				 0);
	}
	succeed(context, ret);
	take(context, session, story);
	ck_assert_int_eq(
		read_some(context, session, story, UINT64_MAX, is_ordered), 0);
	if (is_ordered)
		expect_told(context, session, story, number);
	else
		expect_books(context, session, number);
	ck_assert_uint_gt(story->num_snapshots, 1);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(snapshots_in_a_storm)
{
	struct story story;

	storm((struct session_request){ .ring_bytes = 65536 }, 600000, &story);
	ck_assert_uint_gt(story.overwritten, 0);
	ck_assert_uint_gt(story.overwritten_bytes, 0);
	storm((struct session_request){ .ring_bytes = 1 << 20 }, 600000,
	      &story);
}
END_TEST

START_TEST(snapshots_of_tiny_rings)
{
	struct story story;

	storm((struct session_request){ .ring_bytes = 4096 }, 300000, &story);
	ck_assert_uint_gt(story.overwritten, 0);
}
END_TEST

START_TEST(snapshots_without_order)
{
	struct story story;

	storm((struct session_request){ .ring_bytes = 65536,
					.order = PERFTRACE_ORDER_NONE },
	      300000, &story);
}
END_TEST

START_TEST(snapshots_of_another_clock)
{
	struct story story;

	storm((struct session_request){ .ring_bytes = 65536,
					.clock =
						PERFTRACE_CLOCK_MONOTONIC_RAW },
	      300000, &story);
}
END_TEST

START_TEST(snapshots_in_certain_order)
{
	struct story story;

	storm((struct session_request){ .ring_bytes = 65536,
					.order = PERFTRACE_ORDER_CERTAIN },
	      300000, &story);
	ck_assert_uint_eq(story.tally.num_inversions, 0);
}
END_TEST

/* Of the whole system, until the command has ended; the filter leaves it. */
START_TEST(whole_system)
{
	struct story story;

	storm((struct session_request){ .ring_bytes = 65536,
					.is_system_wide = true },
	      300000, &story);
	ck_assert_uint_gt(story.overwritten, 0);
}
END_TEST

/* The counts of the kernel's that older ones do not have. */
START_TEST(without_lost_counters)
{
	struct perftrace_context *context = new_context();
	struct session_request request = { .ring_bytes = 8192 };
	struct perftrace_session *session;
	struct command command;
	struct story story;

	context_forget_format_lost(context);
	begin_story(&story);
	make_command(&command, 100000, 2);
	session = start(context, request, &command);
	while (perftrace_session_wait(session, 1) == -EAGAIN)
		take_and_read(context, session, &story);
	take_and_read(context, session, &story);
	expect_books(context, session, 100000);
	ck_assert_uint_eq(story.overwritten,
			  overwritten_by(context, only_source(session)));
	perftrace_session_close(session);
	expect_books(context, session, 100000);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static uint64_t run(struct caller *caller, uint32_t num_calls)
{
	const struct caller_task task = { .num_calls = num_calls };

	return caller_run(caller, &task);
}

static struct perftrace_session *
record_process(struct perftrace_context *context, const struct caller *caller,
	       uint64_t ring_bytes)
{
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.mode = PERFTRACE_MODE_OVERWRITE,
		.pid = caller->pid,
		.ring_bytes = ring_bytes,
	};
	struct perftrace_session *session = new_session(context, &request);

	succeed(context, perftrace_session_start(session));
	return session;
}

static void take_unnumbered(struct perftrace_context *context,
			    struct perftrace_session *session,
			    struct story *story)
{
	take(context, session, story);
	ck_assert_int_eq(read_some(context, session, story, UINT64_MAX, false),
			 0);
}

/* Each snapshot has what is new, no more and no less. */
START_TEST(a_snapshot_has_what_is_new)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct caller caller;
	struct story story;
	uint32_t i;

	pin_to_cpu(0);
	caller_start(&caller, 1);
	begin_story(&story);
	session = record_process(context, &caller, 65536);
	take_unnumbered(context, session, &story);
	ck_assert_uint_eq(story.num_samples, 0);
	/* More than the ring holds, in all. */
	for (i = 1; i <= 30; i++) {
		run(&caller, i * 10);
		take_unnumbered(context, session, &story);
		ck_assert_uint_eq(story.num_samples, i * 10);
	}
	ck_assert_uint_eq(story.num_gaps, 0);
	succeed(context, perftrace_session_stop(session));
	run(&caller, 7);
	take_unnumbered(context, session, &story);
	ck_assert_uint_eq(story.num_samples, 0);
	expect_told(context, session, &story, 4650);
	perftrace_session_free(session);
	caller_end(&caller);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(a_gap_is_told)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct caller caller;
	struct story story;

	pin_to_cpu(0);
	caller_start(&caller, 1);
	begin_story(&story);
	session = record_process(context, &caller, 65536);
	run(&caller, 5000);
	take_unnumbered(context, session, &story);
	ck_assert_uint_eq(story.num_gaps, 1);
	ck_assert_uint_gt(story.overwritten_bytes, 0);
	/* All but the few that could have been under way. */
	ck_assert_uint_le(story.overwritten + story.num_samples, 5000);
	ck_assert_uint_ge(story.overwritten + story.num_samples, 5000 - 4);
	run(&caller, 20);
	take_unnumbered(context, session, &story);
	ck_assert_uint_eq(story.num_samples, 20);
	/* Again after a stop. */
	succeed(context, perftrace_session_stop(session));
	take_unnumbered(context, session, &story);
	expect_told(context, session, &story, 5020);
	succeed(context, perftrace_session_start(session));
	run(&caller, 4000);
	succeed(context, perftrace_session_stop(session));
	take_unnumbered(context, session, &story);
	expect_told(context, session, &story, 9020);
	perftrace_session_free(session);
	caller_end(&caller);
	perftrace_context_unref(context);
}
END_TEST

/* What is not read in time has been written over by the caller. */
START_TEST(an_unread_rest_is_counted)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct caller caller;
	struct story story;

	caller_start(&caller, 1);
	begin_story(&story);
	session = record_process(context, &caller, 65536);
	run(&caller, 100);
	take(context, session, &story);
	ck_assert_int_eq(read_some(context, session, &story, 30, false), 1);
	run(&caller, 50);
	take_unnumbered(context, session, &story);
	ck_assert_uint_eq(story.num_samples, 50);
	ck_assert_uint_eq(story.overwritten, 70);
	ck_assert_uint_eq(story.overwritten_bytes, 0);
	run(&caller, 40);
	take(context, session, &story);
	run(&caller, 30);
	perftrace_session_close(session);
	expect_books(context, session, 220);
	ck_assert_uint_eq(lost_by(context, only_source(session)), 70);
	perftrace_session_free(session);
	caller_end(&caller);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(a_close_counts_what_was_left)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct caller caller;
	uint64_t made;

	caller_start(&caller, 2);
	session = record_process(context, &caller, 8192);
	made = run(&caller, 2000);
	perftrace_session_close(session);
	expect_books(context, session, made);
	ck_assert_uint_eq(delivered_by(context, only_source(session)), 0);
	ck_assert_uint_gt(lost_by(context, only_source(session)), 0);
	ck_assert_uint_gt(overwritten_by(context, only_source(session)), 0);
	perftrace_session_free(session);
	caller_end(&caller);
	perftrace_context_unref(context);
}
END_TEST

static void hold_up(struct perftrace_session *session, bool is_held)
{
	struct opening_parts opening;
	struct session_parts parts;
	struct refusal refusal;

	session_get_parts(session, &parts);
	opening_get_parts(parts.opening, &opening);
	ck_assert_int_eq(descriptors_ioctl(opening.anchors,
					   PERF_EVENT_IOC_PAUSE_OUTPUT, is_held,
					   &refusal),
			 0);
}

/* What falls into a pause is counted, and told where it was. */
static void pause_recording(bool has_lost_counters)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_record *record;
	struct caller caller;
	uint64_t count = 0, lost_at = 0;

	if (!has_lost_counters)
		context_forget_format_lost(context);
	pin_to_cpu(0);
	caller_start(&caller, 1);
	session = record_process(context, &caller, 65536);
	run(&caller, 30);
	hold_up(session, true);
	run(&caller, 50);
	hold_up(session, false);
	run(&caller, 20);
	succeed(context, perftrace_session_stop(session));
	succeed(context, perftrace_session_snapshot(session));
	while (perftrace_session_read(session, 0, &record) > 0) {
		uint64_t lost = perftrace_record_get_lost(record);

		count += perftrace_record_get_source(record) != NULL;
		if (!lost)
			continue;
		ck_assert_uint_eq(lost, 50);
		ck_assert_uint_eq(lost_at, 0);
		lost_at = count;
	}
	ck_assert_uint_eq(count, 50);
	ck_assert_uint_eq(lost_at, 30);
	expect_books(context, session, 100);
	ck_assert_uint_eq(lost_by(context, only_source(session)), 50);
	ck_assert_uint_eq(overwritten_by(context, only_source(session)), 0);
	perftrace_session_free(session);
	caller_end(&caller);
	perftrace_context_unref(context);
}

START_TEST(a_pause_is_counted)
{
	pause_recording(true);
	pause_recording(false);
}
END_TEST

/* Two sources in one ring: each has its own books. */
START_TEST(sources_have_their_own_books)
{
	struct perftrace_context *context = new_context();
	struct session_request request;
	struct perftrace_session *session;
	struct caller caller;
	struct story story;
	uint64_t made;
	size_t i;

	caller_start(&caller, 2);
	begin_story(&story);
	request = (struct session_request){
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.mode = PERFTRACE_MODE_OVERWRITE,
		.pid = caller.pid,
		.ring_bytes = 16384,
	};
	session = new_session(context, &request);
	add_event(context, session, "raw_syscalls:sys_exit", &request);
	succeed(context, perftrace_session_start(session));
	made = run(&caller, 3000);
	succeed(context, perftrace_session_stop(session));
	take_unnumbered(context, session, &story);
	for (i = 0; i < 2; i++) {
		struct perftrace_source *source =
			perftrace_session_get_source(session, i);

		ck_assert_uint_eq(counted_by(context, source), made);
		ck_assert_uint_eq(delivered_by(context, source) +
					  lost_by(context, source) +
					  overwritten_by(context, source),
				  made);
		ck_assert_uint_gt(overwritten_by(context, source), 0);
	}
	perftrace_session_free(session);
	caller_end(&caller);
	perftrace_context_unref(context);
}
END_TEST

/* With another period, no count tells how many samples there were. */
START_TEST(an_unknown_number_is_told_as_none)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct caller caller;
	struct story story;

	caller_start(&caller, 1);
	begin_story(&story);
	session = new_session(context, &(struct session_request){
					       .event = SYS_ENTER,
					       .filter = GETPPID_CALLS,
					       .mode = PERFTRACE_MODE_OVERWRITE,
					       .pid = caller.pid,
					       .ring_bytes = 4096,
					       .period = 2,
				       });
	succeed(context, perftrace_session_start(session));
	run(&caller, 4000);
	succeed(context, perftrace_session_stop(session));
	take_unnumbered(context, session, &story);
	ck_assert_uint_gt(story.overwritten_bytes, 0);
	ck_assert_uint_eq(story.overwritten, 0);
	ck_assert_uint_eq(overwritten_by(context, only_source(session)), 0);
	perftrace_session_free(session);
	caller_end(&caller);
	perftrace_context_unref(context);
}
END_TEST

/* Names that were told stay known, from snapshot to snapshot. */
START_TEST(names_outlive_snapshots)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_record *record;
	struct command command;
	size_t count = 0;

	make_command(&command, 100, 1);
	session = start(context, (struct session_request){ .ring_bytes = 0 },
			&command);
	succeed(context, perftrace_session_wait(session, -1));
	succeed(context, perftrace_session_snapshot(session));
	while (perftrace_session_read(session, 0, &record) > 0) {
		ck_assert_str_eq(perftrace_record_get_comm(record), "getppid");
		count++;
	}
	ck_assert_uint_eq(count, 100);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* Rings do not call; the end of the command does. */
START_TEST(only_the_end_wakes)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct caller caller;
	struct pollfd poller = { .events = POLLIN };

	caller_start(&caller, 1);
	session = record_process(context, &caller, 4096);
	poller.fd = perftrace_session_get_fd(session);
	run(&caller, 3000);
	ck_assert_int_eq(poll(&poller, 1, 0), 0);
	ck_assert_int_eq(perftrace_session_wait(session, 0), -EAGAIN);
	caller_end(&caller);
	ck_assert_int_eq(poll(&poller, 1, -1), 1);
	ck_assert_int_eq(perftrace_session_wait(session, -1), 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(is_planned_like_a_stream)
{
	struct perftrace_context *context = new_context();
	struct perftrace_report *report;
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .mode = PERFTRACE_MODE_OVERWRITE,
				     });
	uint64_t num_descriptors;

	report = check(context, session);
	num_descriptors = perftrace_report_get_num_descriptors(report);
	ck_assert(perftrace_report_is_allowed(report));
	ck_assert_uint_gt(perftrace_report_get_locked_kib(report), 0);
	perftrace_report_unref(report);
	succeed(context, perftrace_session_open(session));
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session),
			  num_descriptors);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(says_what_is_not_so)
{
	struct perftrace_context *context = new_context();
	struct session_request request = { .event = SYS_ENTER,
					   .is_self = true };
	struct perftrace_session *session = new_session(context, &request);
	struct perftrace_record *record;
	int sockets[2];

	succeed(context, perftrace_session_start(session));
	refuse(context, perftrace_session_snapshot(session), -EINVAL,
	       "written over");
	expect_remedy(context, "PERFTRACE_MODE_OVERWRITE");
	perftrace_session_free(session);

	request.mode = PERFTRACE_MODE_OVERWRITE;
	session = new_session(context, &request);
	refuse(context, perftrace_session_snapshot(session), -EINVAL,
	       "not been started");
	succeed(context, perftrace_session_start(session));
	refuse(context, perftrace_session_read(session, -1, &record), -EAGAIN,
	       "no snapshot");
	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
	refuse(context, perftrace_session_send(session, sockets[0], 0),
	       -EOPNOTSUPP, "written over");
	close(sockets[0]);
	close(sockets[1]);
	succeed(context, perftrace_session_snapshot(session));
	perftrace_session_close(session);
	refuse(context, perftrace_session_snapshot(session), -EINVAL, "closed");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(keeps_the_newest),
	TEST(keeps_all_that_fits),
	TEST(snapshots_in_a_storm),
	TEST(snapshots_of_tiny_rings),
	TEST(snapshots_without_order),
	TEST(snapshots_of_another_clock),
	TEST(snapshots_in_certain_order),
	TEST(whole_system),
	TEST(without_lost_counters),
	TEST(a_snapshot_has_what_is_new),
	TEST(a_gap_is_told),
	TEST(an_unread_rest_is_counted),
	TEST(a_close_counts_what_was_left),
	TEST(a_pause_is_counted),
	TEST(sources_have_their_own_books),
	TEST(an_unknown_number_is_told_as_none),
	TEST(names_outlive_snapshots),
	TEST(only_the_end_wakes),
	TEST(is_planned_like_a_stream),
	TEST(says_what_is_not_so),
};

HARNESS_MAIN("overwrite", tests, HARNESS_LIVE)
