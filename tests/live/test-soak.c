/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sessions of every kind, one after the other, for as long as SOAK_SECONDS says
 * (10 by default; an hour's worth of rounds is 600 on a machine that is not
 * emulated): of each source, what was delivered and lost is what the load has
 * produced. SOAK_SEED chooses the rounds; the seed is printed, and with it what
 * a round was that failed.
 *
 * A round that ends in the middle of a storm has the kernel's count alone for
 * truth. All others have the load's own number, and the count must be that.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "caller.h"
#include "context.h"
#include "export.h"
#include "harness.h"
#include "setup.h"
#include "tally.h"

#define PAGE	     4096
#define NUM_THREADS  2
#define MOST_SOURCES 6
/* A round has no more tasks and CPUs, on each of which it can happen once. */
#define MOST_HALF_WAY 32

/* Each call raises each of these once; the others are raised by nobody. */
static const char *const hot[] = {
	SYS_ENTER,
	"raw_syscalls:sys_exit",
	"syscalls:sys_enter_getppid",
	"syscalls:sys_exit_getppid",
};
static const char *const cold[] = {
	"syscalls:sys_enter_chroot",
	"syscalls:sys_enter_swapon",
};

enum target { EVERYTHING, ONE_CPU, TASK, TASK_ON_CPUS, COMMAND, NUM_TARGETS };
enum reading { NOT_AT_ALL, SLOWLY, STEADILY, BY_BATCH, NUM_READINGS };
enum ending { READ_ALL, READ_SOME, UNREAD, IN_A_STORM, NUM_ENDINGS };

struct plan {
	int32_t mode;
	int32_t order;
	enum target target;
	enum ending ending;
	uint64_t ring_bytes;
	uint64_t period;
	bool has_no_counters;
	bool has_closer;
	uint64_t num_calls;
	size_t num_steps;
	size_t num_sources;
	const char *sources[MOST_SOURCES];
};

struct round {
	struct plan plan;
	char text[256];
	struct perftrace_context *context;
	struct perftrace_session *session;
	struct caller *caller;
	/* Of kinds, sources and losses; NULL: not made yet. */
	struct perftrace_batch *batch;
	uint64_t made;
	/* By source. */
	uint64_t num_samples[MOST_SOURCES];
	uint64_t told_lost;
};

static struct totals {
	uint64_t num_rounds;
	uint64_t produced;
	uint64_t delivered;
	uint64_t overrun;
	uint64_t discarded;
	uint64_t overwritten;
	uint64_t unaccounted;
	uint64_t counted;
	uint64_t num_asked;
} totals;

static uint64_t random_state;
static char own_name[16];

static uint64_t draw(uint64_t below)
{
	/* splitmix64, which takes any seed. */
	uint64_t mixed = random_state += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	return (mixed ^ mixed >> 31) % below;
}

static bool draws_one_of(uint64_t number)
{
	return !draw(number);
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool is_streaming(const struct plan *plan)
{
	return plan->mode == PERFTRACE_MODE_STREAM;
}

static bool is_recording(const struct plan *plan)
{
	return plan->mode == PERFTRACE_MODE_OVERWRITE;
}

/* One counter on each CPU: what makes whole periods is then known. */
static bool has_single_counters(const struct plan *plan)
{
	return plan->target == EVERYTHING || plan->target == ONE_CPU;
}

/* Each source once. */
static void draw_sources(struct plan *plan)
{
	size_t first = draw(ARRAY_SIZE(hot)), i;
	size_t num_hot = 1 + draw(ARRAY_SIZE(hot));

	for (i = 0; i < num_hot; i++)
		plan->sources[i] = hot[(first + i) % ARRAY_SIZE(hot)];
	plan->num_sources = num_hot;
	for (i = draw(ARRAY_SIZE(cold) + 1); i-- > 0;)
		plan->sources[plan->num_sources++] = cold[i];
}

static int32_t draw_mode(void)
{
	static const int32_t modes[] = {
		PERFTRACE_MODE_STREAM, PERFTRACE_MODE_STREAM,
		PERFTRACE_MODE_STREAM, PERFTRACE_MODE_STREAM,
		PERFTRACE_MODE_COUNT,  PERFTRACE_MODE_OVERWRITE,
	};

	return modes[draw(ARRAY_SIZE(modes))];
}

/* Each look of the last takes its time. */
static int32_t draw_order(void)
{
	static const int32_t orders[] = {
		PERFTRACE_ORDER_NONE, PERFTRACE_ORDER_NONE,
		PERFTRACE_ORDER_NONE, PERFTRACE_ORDER_TIME,
		PERFTRACE_ORDER_TIME, PERFTRACE_ORDER_CERTAIN,
	};

	return orders[draw(ARRAY_SIZE(orders))];
}

static void draw_plan(struct plan *plan)
{
	static const uint64_t pages[] = { 1, 1, 2, 4, 16, 64, 256, 1024 };
	static const uint64_t periods[] = { 2, 3, 10, 1000 };

	*plan = (struct plan){
		.mode = draw_mode(),
		.order = draw_order(),
		.target = draw(NUM_TARGETS),
		.ending = draw(NUM_ENDINGS),
		.ring_bytes = PAGE * pages[draw(ARRAY_SIZE(pages))],
		.period = 1,
		.has_no_counters = draws_one_of(5),
		.has_closer = draws_one_of(3),
		.num_calls = 100 + draw(draws_one_of(4) ? 60000 : 6000),
		.num_steps = 1 + draw(4),
	};
	/* How many periods were written over, nobody knows. */
	if (!is_recording(plan) && has_single_counters(plan) && draws_one_of(4))
		plan->period = periods[draw(ARRAY_SIZE(periods))];
	/* What was written over is exact for one that was stopped. */
	if (is_recording(plan) && plan->ending == IN_A_STORM)
		plan->ending = READ_ALL;
	draw_sources(plan);
}

static void describe(struct round *round)
{
	static const char *const targets[] = { "all CPUs", "CPU 0", "a task",
					       "a task on CPUs", "a command" };
	static const char *const endings[] = { "read", "read in part", "unread",
					       "in a storm" };
	const struct plan *plan = &round->plan;

	snprintf(round->text, sizeof(round->text),
		 "round %" PRIu64 ": mode %d, order %d, %s, %s, %" PRIu64
		 " pages, period %" PRIu64 "%s%s, %zu steps of %" PRIu64
		 " calls, %zu sources",
		 totals.num_rounds, (int)plan->mode, (int)plan->order,
		 targets[plan->target], endings[plan->ending],
		 plan->ring_bytes / PAGE, plan->period,
		 plan->has_no_counters ? ", without lost counters" : "",
		 plan->has_closer ? ", with a closer" : "", plan->num_steps,
		 plan->num_calls, plan->num_sources);
}

#define expect_equal(round, what, have, want)                                  \
	ck_assert_msg((have) == (want), "%s: %s is %" PRIu64 ", not %" PRIu64, \
		      (round)->text, what, (uint64_t)(have), (uint64_t)(want))

/* Calls of the task's threads, and of what it starts, by that name. */
static void make_filter(const struct plan *plan, const char *event,
			char *filter, size_t filter_bytes)
{
	bool is_raw = !strncmp(event, "raw", 3);

	snprintf(filter, filter_bytes, "%s%sCOMM == \"%s\"",
		 is_raw ? GETPPID_CALLS : "", is_raw ? " && " : "",
		 plan->target == COMMAND ? "getppid" : own_name);
}

static void add_sources(struct round *round)
{
	struct session_request request = { .period = round->plan.period };
	char filter[128];
	size_t i;

	request.filter = filter;
	for (i = 0; i < round->plan.num_sources; i++) {
		make_filter(&round->plan, round->plan.sources[i], filter,
			    sizeof(filter));
		add_event(round->context, round->session,
			  round->plan.sources[i], &request);
	}
}

static void open_round(struct round *round)
{
	const struct plan *plan = &round->plan;
	bool is_task = plan->target == TASK || plan->target == TASK_ON_CPUS;
	char number[24];
	const char *command[] = { getppid_path(), number, "2", "0", NULL };
	struct session_request request = {
		.mode = plan->mode,
		.order = plan->order,
		.ring_bytes = plan->ring_bytes,
		.pid = is_task ? round->caller->pid : 0,
		.cpus = plan->target == ONE_CPU	     ? "0" :
			plan->target == TASK_ON_CPUS ? "0-1" :
						       NULL,
		.command = plan->target == COMMAND ? command : NULL,
		.has_closer = plan->has_closer,
	};

	snprintf(number, sizeof(number), "%" PRIu64, 2 * plan->num_calls);
	round->session = new_session(round->context, &request);
	add_sources(round);
	succeed(round->context, perftrace_session_start(round->session));
}

static void note_record(struct round *round, struct perftrace_record *record)
{
	struct perftrace_source *source = perftrace_record_get_source(record);
	size_t i;

	round->told_lost += perftrace_record_get_lost(record);
	if (perftrace_record_get_kind(record) != PERFTRACE_RECORD_SAMPLE)
		return;
	for (i = 0; i < round->plan.num_sources; i++)
		round->num_samples[i] += source == perftrace_session_get_source(
							   round->session, i);
}

/* 1: a record; 0: the stream has ended; -EAGAIN. */
static int read_one(struct round *round, int32_t timeout_ms)
{
	struct perftrace_record *record;
	int ret = perftrace_session_read(round->session, timeout_ms, &record);

	if (ret != -EAGAIN)
		succeed(round->context, ret);
	if (ret == 1)
		note_record(round, record);
	return ret;
}

static void make_batch(struct round *round)
{
	static const int32_t columns[] = { PERFTRACE_COLUMN_KIND,
					   PERFTRACE_COLUMN_SOURCE,
					   PERFTRACE_COLUMN_LOST };
	size_t i;

	succeed(round->context,
		perftrace_batch_new(round->context, 1 + draw(300),
				    &round->batch));
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		succeed(round->context,
			perftrace_batch_add_column(round->batch, columns[i],
						   NULL));
}

static const void *values_of(struct round *round, size_t column)
{
	return perftrace_batch_get_buffer(round->batch, column,
					  PERFTRACE_BUFFER_VALUES);
}

static void note_batch(struct round *round, int num_records)
{
	const int32_t *kinds = values_of(round, 0);
	const int32_t *sources = values_of(round, 1);
	const uint64_t *lost = values_of(round, 2);
	int i;

	for (i = 0; i < num_records; i++) {
		round->told_lost += lost[i];
		if (kinds[i] == PERFTRACE_RECORD_SAMPLE)
			round->num_samples[sources[i]]++;
	}
}

/* As read_one(). */
static int read_batch(struct round *round, int32_t timeout_ms)
{
	int ret;

	if (!round->batch)
		make_batch(round);
	ret = perftrace_session_read_batch(round->session, timeout_ms,
					   round->batch);
	if (ret < 0 && ret != -EAGAIN)
		succeed(round->context, ret);
	if (ret > 0)
		note_batch(round, ret);
	return ret > 0 ? 1 : ret;
}

static void read_rest(struct round *round)
{
	bool by_batch = draws_one_of(3);

	while ((by_batch ? read_batch(round, -1) : read_one(round, -1)) == 1)
		;
}

/* Up to now; none of it twice, and none of it later. */
static void read_newest(struct round *round)
{
	succeed(round->context, perftrace_session_snapshot(round->session));
	read_rest(round);
}

static void read_until_done(struct round *round, enum reading reading)
{
	useconds_t pause_us = (useconds_t)(1 + draw(200));

	while (reading != NOT_AT_ALL && !caller_is_done(round->caller)) {
		if (reading == BY_BATCH)
			read_batch(round, 1);
		else
			read_one(round, 1);
		if (reading == SLOWLY)
			usleep(pause_us);
	}
	caller_await(round->caller);
}

/* A ledger at any time says no more than there was. */
static void ask_ledger(struct round *round)
{
	struct perftrace_ledger *ledger;
	size_t source = draw(round->plan.num_sources);

	succeed(round->context,
		perftrace_source_get_ledger(
			perftrace_session_get_source(round->session, source),
			&ledger));
	expect_equal(round, "delivered so far",
		     perftrace_ledger_get_delivered(ledger),
		     round->num_samples[source]);
	ck_assert_msg(perftrace_ledger_get_delivered(ledger) +
				      perftrace_ledger_get_lost(ledger) <=
			      round->made,
		      "%s: more than was made so far", round->text);
	perftrace_ledger_free(ledger);
	totals.num_asked++;
}

static struct caller_task draw_task(const struct plan *plan)
{
	struct caller_task task = { .num_calls = (uint32_t)plan->num_calls };

	if (draws_one_of(3))
		task.new_threads = (uint32_t)draw(4);
	if (draws_one_of(4))
		task.new_children = (uint32_t)draw(3);
	return task;
}

/* What happens while it is stopped is nobody's. */
static void pause_session(struct round *round)
{
	const struct caller_task unseen = { .num_calls = 17 };

	succeed(round->context, perftrace_session_stop(round->session));
	caller_run(round->caller, &unseen);
	if (is_streaming(&round->plan) && draws_one_of(2))
		read_rest(round);
	succeed(round->context, perftrace_session_start(round->session));
}

static void run_steps(struct round *round)
{
	bool is_stream = is_streaming(&round->plan);
	size_t i;

	for (i = 0; i < round->plan.num_steps; i++) {
		struct caller_task task = draw_task(&round->plan);

		caller_begin(round->caller, &task);
		read_until_done(round,
				is_stream ? draw(NUM_READINGS) : NOT_AT_ALL);
		round->made += caller_num_calls(round->caller, &task);
		if (is_stream && draws_one_of(2))
			ask_ledger(round);
		if (is_recording(&round->plan) && draws_one_of(2))
			read_newest(round);
		if (draws_one_of(3))
			pause_session(round);
	}
}

/* The storm goes on; how much of it was seen is for the kernel to say. */
static void end_in_a_storm(struct round *round)
{
	struct caller_task task = draw_task(&round->plan);
	uint64_t left = draw(2000);

	caller_begin(round->caller, &task);
	while (is_streaming(&round->plan) && left--)
		read_one(round, 0);
	perftrace_session_close(round->session);
	caller_await(round->caller);
}

static void end_round(struct round *round)
{
	uint64_t left = draw(500);

	if (round->plan.ending == IN_A_STORM) {
		end_in_a_storm(round);
		return;
	}
	if (!is_streaming(&round->plan) || round->plan.ending == UNREAD)
		left = 0;
	while (left-- && read_one(round, 0) == 1)
		;
	if (round->plan.ending == READ_ALL)
		succeed(round->context, perftrace_session_stop(round->session));
	if (round->plan.ending == READ_ALL && is_streaming(&round->plan))
		read_rest(round);
	if (round->plan.ending == READ_ALL && is_recording(&round->plan))
		read_newest(round);
	perftrace_session_close(round->session);
}

/* It ends by itself, and only then is it known that it is over. */
static void run_command(struct round *round)
{
	round->made = 2 * round->plan.num_calls;
	if (is_streaming(&round->plan))
		read_rest(round);
	else
		succeed(round->context,
			perftrace_session_wait(round->session, -1));
	if (is_recording(&round->plan))
		read_newest(round);
	perftrace_session_close(round->session);
}

/* The samples that the counts of the CPUs stand for. */
static uint64_t read_counts(struct round *round, size_t source, uint64_t *value)
{
	struct perftrace_counts *counts;
	uint64_t due = 0;
	size_t row;

	succeed(round->context,
		perftrace_source_get_counts(
			perftrace_session_get_source(round->session, source),
			&counts));
	*value = perftrace_counts_get_value(counts);
	for (row = 0; row < perftrace_counts_get_num_rows(counts); row++)
		due += perftrace_counts_get_row_value(counts, row) /
		       round->plan.period;
	perftrace_counts_free(counts);
	return due;
}

static void expect_ledger(struct round *round, size_t source, uint64_t due)
{
	struct perftrace_ledger *ledger;
	uint64_t delivered, lost, overwritten, unaccounted;

	succeed(round->context,
		perftrace_source_get_ledger(
			perftrace_session_get_source(round->session, source),
			&ledger));
	delivered = perftrace_ledger_get_delivered(ledger);
	lost = perftrace_ledger_get_lost(ledger);
	overwritten = perftrace_ledger_get_overwritten(ledger);
	/* Which of a hit met half-way was written over is not known. */
	unaccounted = is_recording(&round->plan) ?
			      due - delivered - lost - overwritten :
			      perftrace_ledger_get_unaccounted(ledger);
	expect_equal(round, "delivered", delivered, round->num_samples[source]);
	expect_equal(round, "delivered + lost + overwritten + unaccounted",
		     delivered + lost + overwritten + unaccounted, due);
	/* Disabling meets one hit half-way, on each CPU, of each task. */
	if (round->plan.ending != IN_A_STORM || round->plan.target == COMMAND)
		expect_equal(round, "unaccounted", unaccounted, 0);
	ck_assert_msg(unaccounted <= MOST_HALF_WAY,
		      "%s: %" PRIu64 " unaccounted", round->text, unaccounted);
	expect_equal(round, "throttles",
		     perftrace_ledger_get_num_throttles(ledger), 0);
	totals.produced += due;
	totals.delivered += delivered;
	totals.overrun += perftrace_ledger_get_overrun(ledger);
	totals.discarded += perftrace_ledger_get_discarded(ledger);
	totals.overwritten += overwritten;
	totals.unaccounted += unaccounted;
	perftrace_ledger_free(ledger);
}

/* On CPU 0 alone the load can't know what it made. */
static bool knows_made(const struct plan *plan)
{
	return plan->target == COMMAND ||
	       (plan->target != ONE_CPU && plan->ending != IN_A_STORM);
}

static bool is_cold(const char *event)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cold); i++) {
		if (event == cold[i])
			return true;
	}
	return false;
}

static void expect_source(struct round *round, size_t source)
{
	bool is_hot = !is_cold(round->plan.sources[source]);
	uint64_t value, due = read_counts(round, source, &value);

	if (knows_made(&round->plan) || !is_hot)
		expect_equal(round, round->plan.sources[source], value,
			     is_hot ? round->made : 0);
	totals.counted += value;
	if (is_streaming(&round->plan) || is_recording(&round->plan))
		expect_ledger(round, source, due);
}

/* Who has read to the end was told in the stream of all that is missing. */
static void expect_told(struct round *round)
{
	uint64_t lost = perftrace_session_get_sideband_lost(round->session);
	size_t i;

	if (!is_streaming(&round->plan) || round->plan.has_no_counters ||
	    (round->plan.ending != READ_ALL && round->plan.target != COMMAND))
		return;
	for (i = 0; i < round->plan.num_sources; i++)
		lost += lost_by(round->context, perftrace_session_get_source(
							round->session, i));
	expect_equal(round, "told as lost", round->told_lost, lost);
}

static void run_round(struct round *round)
{
	size_t i;

	describe(round);
	open_round(round);
	if (round->plan.target == COMMAND) {
		run_command(round);
	} else {
		run_steps(round);
		end_round(round);
	}
	for (i = 0; i < round->plan.num_sources; i++)
		expect_source(round, i);
	expect_told(round);
	perftrace_batch_free(round->batch);
	perftrace_session_free(round->session);
	totals.num_rounds++;
}

static void print_totals(double seconds)
{
	printf("# %.0f s: %" PRIu64 " rounds, %" PRIu64
	       " events counted; %" PRIu64 " produced = %" PRIu64
	       " delivered + %" PRIu64 " overrun + %" PRIu64
	       " discarded + %" PRIu64 " overwritten + %" PRIu64
	       " met half-way; %" PRIu64 " ledgers asked for\n",
	       seconds, totals.num_rounds, totals.counted, totals.produced,
	       totals.delivered, totals.overrun, totals.discarded,
	       totals.overwritten, totals.unaccounted, totals.num_asked);
	fflush(stdout);
}

static void hold_all(struct perftrace_context *context,
		     struct perftrace_session *held[])
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hot); i++)
		*held++ = hold_event(context, hot[i]);
	for (i = 0; i < ARRAY_SIZE(cold); i++)
		*held++ = hold_event(context, cold[i]);
}

static void run_rounds(struct perftrace_context *contexts[2],
		       struct caller *caller, double seconds)
{
	double begin = now_s(), line = begin + 60;

	while (now_s() < begin + seconds) {
		struct round round = { .caller = caller };

		draw_plan(&round.plan);
		round.context = contexts[round.plan.has_no_counters];
		run_round(&round);
		if (now_s() < line)
			continue;
		print_totals(now_s() - begin);
		line += 60;
	}
	print_totals(now_s() - begin);
	expect_equal(&(struct round){ .text = "in all" }, "produced",
		     totals.delivered + totals.overrun + totals.discarded +
			     totals.overwritten + totals.unaccounted,
		     totals.produced);
}

static double soak_seconds(void)
{
	return (double)number_from("SOAK_SECONDS", 10);
}

START_TEST(every_round_adds_up)
{
	struct perftrace_session *held[ARRAY_SIZE(hot) + ARRAY_SIZE(cold)];
	struct perftrace_context *contexts[2];
	struct caller caller;
	size_t i;

	random_state = number_from("SOAK_SEED", 1);
	printf("# SOAK_SEED=%" PRIu64 "\n", random_state);
	fflush(stdout);
	snprintf(own_name, sizeof(own_name), "soak%d", (int)getpid());
	ck_assert_int_eq(prctl(PR_SET_NAME, own_name), 0);
	caller_start(&caller, NUM_THREADS);
	contexts[0] = new_context();
	contexts[1] = new_context();
	context_forget_format_lost(contexts[1]);
	hold_all(contexts[0], held);
	run_rounds(contexts, &caller, soak_seconds());
	for (i = 0; i < ARRAY_SIZE(held); i++)
		perftrace_session_free(held[i]);
	perftrace_context_unref(contexts[0]);
	perftrace_context_unref(contexts[1]);
	caller_end(&caller);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(every_round_adds_up),
};

/* What is held open takes its time to close. */
int main(void)
{
	char seconds[32];

	snprintf(seconds, sizeof(seconds), "%.0f", soak_seconds() + 100);
	setenv("SECONDS_PER_TEST", seconds, 0);
	return harness_run("soak", tests, ARRAY_SIZE(tests), HARNESS_LIVE);
}
