/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where every record went: delivered and lost are what the load has produced,
 * for each source, whoever reads, however slowly, and whether anybody does.
 *
 * The load knows what it produced. It has a name of its own, by which a filter
 * leaves nothing of anybody else.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "caller.h"
#include "context.h"
#include "export.h"
#include "harness.h"
#include "probes.h"
#include "setup.h"
#include "tally.h"

#define PAGE 4096

static char own_filter[96];

/* To be called before the caller is started, which takes the name over. */
static void take_name(void)
{
	char name[16];

	snprintf(name, sizeof(name), "ledger%d", (int)getpid());
	ck_assert_int_eq(prctl(PR_SET_NAME, name), 0);
	snprintf(own_filter, sizeof(own_filter),
		 GETPPID_CALLS " && COMM == \"%s\"", name);
}

/* What a ledger says in all, after its rows have been held against it. */
struct books {
	uint64_t delivered;
	uint64_t lost;
	uint64_t overrun;
	uint64_t discarded;
	uint64_t unaccounted;
	uint64_t num_throttles;
	uint64_t throttled_ns;
	bool has_unaccounted;
	bool has_missed;
	uint64_t missed;
};

static void add_row(struct books *sum, struct perftrace_ledger *ledger,
		    size_t row)
{
	sum->delivered += perftrace_ledger_get_row_delivered(ledger, row);
	sum->lost += perftrace_ledger_get_row_lost(ledger, row);
	sum->overrun += perftrace_ledger_get_row_overrun(ledger, row);
	sum->discarded += perftrace_ledger_get_row_discarded(ledger, row);
	sum->unaccounted += perftrace_ledger_get_row_unaccounted(ledger, row);
	sum->num_throttles +=
		perftrace_ledger_get_row_num_throttles(ledger, row);
	sum->throttled_ns += perftrace_ledger_get_row_throttled_ns(ledger, row);
}

static void expect_rows(const struct books *books,
			struct perftrace_ledger *ledger)
{
	size_t row, num_rows = perftrace_ledger_get_num_rows(ledger);
	struct books sum = { 0 };

	/* One beyond the end adds nothing. */
	for (row = 0; row <= num_rows; row++)
		add_row(&sum, ledger, row);
	ck_assert_uint_eq(sum.delivered, books->delivered);
	ck_assert_uint_eq(sum.lost, books->lost);
	ck_assert_uint_eq(sum.overrun, books->overrun);
	ck_assert_uint_eq(sum.discarded, books->discarded);
	ck_assert_uint_eq(sum.num_throttles, books->num_throttles);
	ck_assert_uint_eq(sum.throttled_ns, books->throttled_ns);
	if (books->has_unaccounted)
		ck_assert_uint_eq(sum.unaccounted, books->unaccounted);
	else
		ck_assert_uint_eq(books->unaccounted, 0);
}

static struct books read_books(struct perftrace_context *context,
			       struct perftrace_session *session, size_t source)
{
	struct perftrace_ledger *ledger;
	struct books books;

	succeed(context, perftrace_source_get_ledger(
				 perftrace_session_get_source(session, source),
				 &ledger));
	books = (struct books){
		.delivered = perftrace_ledger_get_delivered(ledger),
		.lost = perftrace_ledger_get_lost(ledger),
		.overrun = perftrace_ledger_get_overrun(ledger),
		.discarded = perftrace_ledger_get_discarded(ledger),
		.unaccounted = perftrace_ledger_get_unaccounted(ledger),
		.num_throttles = perftrace_ledger_get_num_throttles(ledger),
		.throttled_ns = perftrace_ledger_get_throttled_ns(ledger),
		.has_unaccounted = perftrace_ledger_has_unaccounted(ledger),
		.has_missed = perftrace_ledger_has_missed(ledger),
		.missed = perftrace_ledger_get_missed(ledger),
	};
	ck_assert_uint_eq(books.overrun + books.discarded, books.lost);
	expect_rows(&books, ledger);
	perftrace_ledger_free(ledger);
	return books;
}

/* Of a source that was not throttled, and all of whose samples have an end. */
static struct books expect_books(struct perftrace_context *context,
				 struct perftrace_session *session,
				 size_t source, uint64_t produced)
{
	struct books books = read_books(context, session, source);

	ck_assert_uint_eq(books.delivered + books.lost, produced);
	ck_assert_uint_eq(books.unaccounted, 0);
	ck_assert_uint_eq(books.num_throttles, 0);
	ck_assert_uint_eq(books.throttled_ns, 0);
	ck_assert(!books.has_missed);
	ck_assert_uint_eq(books.missed, 0);
	return books;
}

/* What is tried with every kind of session. */
struct variant {
	uint64_t ring_bytes;
	int32_t order;
	/* Of the caller alone, with what it starts; else all that runs. */
	bool is_task;
	bool has_no_counters;
	uint64_t period;
};

static const struct variant variants[] = {
	{ PAGE, PERFTRACE_ORDER_TIME, false, false, 0 },
	{ PAGE, PERFTRACE_ORDER_NONE, false, false, 0 },
	{ 4 * PAGE, PERFTRACE_ORDER_TIME, true, false, 0 },
	{ PAGE, PERFTRACE_ORDER_NONE, true, false, 0 },
	{ 1 << 20, PERFTRACE_ORDER_TIME, false, false, 0 },
	{ PAGE, PERFTRACE_ORDER_TIME, false, true, 0 },
	{ PAGE, PERFTRACE_ORDER_NONE, true, true, 0 },
	{ 1 << 20, PERFTRACE_ORDER_TIME, true, true, 0 },
};

struct scene {
	struct perftrace_context *context;
	struct perftrace_session *held;
	struct caller caller;
	struct session_request request;
	struct perftrace_session *session;
};

static void scene_begin(struct scene *scene, const struct variant *variant,
			size_t num_threads)
{
	take_name();
	caller_start(&scene->caller, num_threads);
	scene->context = new_context();
	scene->held = hold_event(scene->context, SYS_ENTER);
	if (variant->has_no_counters)
		context_forget_format_lost(scene->context);
	scene->request = (struct session_request){
		.event = SYS_ENTER,
		.filter = own_filter,
		.ring_bytes = variant->ring_bytes,
		.order = variant->order,
		.period = variant->period,
		.pid = variant->is_task ? scene->caller.pid : 0,
	};
	scene->session = new_session(scene->context, &scene->request);
}

static void scene_start(struct scene *scene)
{
	succeed(scene->context, perftrace_session_start(scene->session));
}

static void scene_stop(struct scene *scene)
{
	succeed(scene->context, perftrace_session_stop(scene->session));
}

static void scene_end(struct scene *scene)
{
	perftrace_session_free(scene->session);
	perftrace_session_free(scene->held);
	perftrace_context_unref(scene->context);
	caller_end(&scene->caller);
}

/* One record at a time while the storm runs; a slow reader loses most. */
static void read_slowly(struct scene *scene, struct tally *tally,
			uint32_t pause_us)
{
	struct perftrace_record *record;

	while (!caller_is_done(&scene->caller)) {
		int ret = perftrace_session_read(scene->session, 1, &record);

		if (ret == -EAGAIN)
			continue;
		succeed(scene->context, ret);
		tally->num_samples += perftrace_record_get_kind(record) ==
				      PERFTRACE_RECORD_SAMPLE;
		tally->lost += perftrace_record_get_lost(record);
		if (pause_us)
			usleep(pause_us);
	}
	caller_await(&scene->caller);
}

static void storm(struct scene *scene, uint32_t pause_us)
{
	const struct caller_task task = { .num_calls = 20000 };
	struct tally tally = { 0 };
	uint64_t made = caller_num_calls(&scene->caller, &task);
	struct books books;

	scene_start(scene);
	caller_begin(&scene->caller, &task);
	read_slowly(scene, &tally, pause_us);
	scene_stop(scene);
	tally_read(scene->context, scene->session, &tally);
	books = expect_books(scene->context, scene->session, 0, made);
	ck_assert_uint_eq(books.delivered, tally.num_samples);
	ck_assert_uint_eq(books.discarded, 0);
	/* Of what was lost, the stream told all. */
	ck_assert_uint_ge(tally.lost, books.lost);
	ck_assert_uint_eq(
		counted_by(scene->context,
			   perftrace_session_get_source(scene->session, 0)),
		made);
	perftrace_session_close(scene->session);
	expect_books(scene->context, scene->session, 0, made);
}

START_TEST(reader_in_a_storm)
{
	struct scene scene;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		scene_begin(&scene, &variants[i], 2);
		storm(&scene, 0);
		scene_end(&scene);
	}
}
END_TEST

START_TEST(slow_reader_in_a_storm)
{
	struct scene scene;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		scene_begin(&scene, &variants[i], 2);
		storm(&scene, 100);
		scene_end(&scene);
	}
}
END_TEST

/* Threads and children come and go while their parents' rings are full. */
START_TEST(forks_in_a_storm)
{
	const struct caller_task task = {
		.num_calls = 2000,
		.new_threads = 3,
		.new_children = 4,
	};
	struct scene scene;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		struct tally tally = { 0 };

		scene_begin(&scene, &variants[i], 2);
		scene_start(&scene);
		caller_begin(&scene.caller, &task);
		read_slowly(&scene, &tally, 10);
		scene_stop(&scene);
		tally_read(scene.context, scene.session, &tally);
		expect_books(scene.context, scene.session, 0,
			     caller_num_calls(&scene.caller, &task));
		scene_end(&scene);
	}
}
END_TEST

/* Nobody read a thing, or somebody left in the middle. */
static void close_unread(struct scene *scene, size_t num_read)
{
	const struct caller_task task = { .num_calls = 300 };
	struct perftrace_record *record;
	uint64_t made, num_samples = 0;
	struct books books;

	scene_start(scene);
	made = caller_run(&scene->caller, &task);
	while (num_read--) {
		int ret = perftrace_session_read(scene->session, 0, &record);

		if (ret != 1)
			break;
		num_samples += perftrace_record_get_kind(record) ==
			       PERFTRACE_RECORD_SAMPLE;
	}
	perftrace_session_close(scene->session);
	books = expect_books(scene->context, scene->session, 0, made);
	ck_assert_uint_eq(books.delivered, num_samples);
	ck_assert_uint_gt(books.discarded, 0);
	if (scene->request.ring_bytes == PAGE)
		ck_assert_uint_gt(books.overrun, 0);
	else if (scene->request.ring_bytes > 4 * PAGE)
		ck_assert_uint_eq(books.overrun, 0);
}

START_TEST(close_without_reading)
{
	struct scene scene;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		scene_begin(&scene, &variants[i], 2);
		close_unread(&scene, 0);
		scene_end(&scene);
		scene_begin(&scene, &variants[i], 2);
		close_unread(&scene, 7);
		scene_end(&scene);
	}
}
END_TEST

/*
 * Calls while it is stopped are nobody's; those while it runs are known. Every
 * second time it is read to its end, and every fifth a few records.
 */
static void stop_and_start(struct scene *scene)
{
	const struct caller_task seen = { .num_calls = 40 };
	const struct caller_task unseen = { .num_calls = 11 };
	struct tally tally = { 0 };
	uint64_t made = 0;
	size_t i;

	for (i = 0; i < 40; i++) {
		scene_start(scene);
		made += caller_run(&scene->caller, &seen);
		if (i % 5 == 4)
			tally_drain(scene->context, scene->session, &tally);
		scene_stop(scene);
		caller_run(&scene->caller, &unseen);
		if (i % 2)
			tally_read(scene->context, scene->session, &tally);
	}
	tally_read(scene->context, scene->session, &tally);
	ck_assert_uint_eq(
		expect_books(scene->context, scene->session, 0, made).delivered,
		tally.num_samples);
}

START_TEST(stops_and_starts)
{
	struct scene scene;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		scene_begin(&scene, &variants[i], 2);
		stop_and_start(&scene);
		scene_end(&scene);
	}
}
END_TEST

/*
 * In the middle of a storm only the kernel knows how many calls it saw. One
 * that the disabling call meets half-way is counted, and makes no sample.
 */
static void stop_and_start_in_a_storm(struct scene *scene)
{
	const struct caller_task task = { .num_calls = 200000 };
	struct perftrace_record *record;
	struct tally tally = { 0 };
	uint64_t counted;
	struct books books;
	size_t num_stops = 0;

	scene_start(scene);
	caller_begin(&scene->caller, &task);
	/* It has begun. */
	ck_assert_int_eq(perftrace_session_read(scene->session, -1, &record),
			 1);
	tally.num_samples++;
	do {
		scene_stop(scene);
		if (num_stops++ % 4 == 3)
			tally_read(scene->context, scene->session, &tally);
		scene_start(scene);
		if (num_stops % 3)
			tally_drain(scene->context, scene->session, &tally);
	} while (!caller_is_done(&scene->caller));
	scene_stop(scene);
	tally_read(scene->context, scene->session, &tally);
	caller_await(&scene->caller);
	counted = counted_by(scene->context,
			     perftrace_session_get_source(scene->session, 0));
	books = read_books(scene->context, scene->session, 0);
	ck_assert_uint_eq(books.delivered, tally.num_samples);
	ck_assert_uint_eq(books.delivered + books.lost + books.unaccounted,
			  counted);
	ck_assert_uint_le(books.unaccounted,
			  2 * (num_stops + 1) * scene->caller.num_threads);
}

START_TEST(stops_and_starts_in_a_storm)
{
	struct scene scene;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		scene_begin(&scene, &variants[i], 2);
		stop_and_start_in_a_storm(&scene);
		scene_end(&scene);
	}
}
END_TEST

/* Two of twenty are hot, and what they lose is told of each by itself. */
static const char *const cold[] = {
	"acct",	       "adjtimex",     "capget",      "capset",
	"chroot",      "settimeofday", "getpriority", "getresgid",
	"getresuid",   "getsid",       "mlockall",    "munlockall",
	"personality", "pivot_root",   "sethostname", "setpriority",
	"swapoff",     "swapon",
};

static void add_cold(struct scene *scene)
{
	struct session_request request = { .ring_bytes = 0 };
	char event[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cold); i++) {
		snprintf(event, sizeof(event), "syscalls:sys_enter_%s",
			 cold[i]);
		request.filter = strchr(own_filter, 'C');
		add_event(scene->context, scene->session, event, &request);
	}
}

START_TEST(two_of_twenty_are_hot)
{
	const struct caller_task task = { .num_calls = 30000 };
	struct tally tally = { 0 };
	struct scene scene;
	uint64_t made;
	size_t i;

	scene_begin(&scene, &variants[0], 2);
	add_event(scene.context, scene.session, "raw_syscalls:sys_exit",
		  &scene.request);
	add_cold(&scene);
	made = caller_num_calls(&scene.caller, &task);
	scene_start(&scene);
	caller_begin(&scene.caller, &task);
	read_slowly(&scene, &tally, 50);
	scene_stop(&scene);
	tally_read(scene.context, scene.session, &tally);
	for (i = 0; i < 2; i++)
		ck_assert_uint_gt(expect_books(scene.context, scene.session, i,
					       made)
					  .overrun,
				  0);
	for (i = 2; i < 2 + ARRAY_SIZE(cold); i++)
		expect_books(scene.context, scene.session, i, 0);
	expect_account(scene.context, scene.session, &tally, 2 * made);
	scene_end(&scene);
}
END_TEST

/* Every third of a thousand calls on each CPU, with counters and without. */
static void count_thirds(bool has_no_counters, uint64_t ring_bytes)
{
	const struct variant variant = { ring_bytes, PERFTRACE_ORDER_TIME,
					 false, has_no_counters, 3 };
	struct tally tally = { 0 };
	struct scene scene;
	struct books books;
	int cpu;

	scene_begin(&scene, &variant, 1);
	scene_start(&scene);
	for (cpu = 0; cpu < 2; cpu++) {
		pin_to_cpu(cpu);
		call_getppid(1000);
	}
	scene_stop(&scene);
	tally_read(scene.context, scene.session, &tally);
	books = expect_books(scene.context, scene.session, 0, 2 * 333);
	ck_assert_uint_eq(books.delivered, tally.num_samples);
	ck_assert_uint_eq(!books.lost, ring_bytes > PAGE);
	ck_assert_uint_eq(books.has_unaccounted, !has_no_counters);
	scene_end(&scene);
}

START_TEST(every_third)
{
	count_thirds(false, 1 << 20);
	count_thirds(false, PAGE);
	count_thirds(true, 1 << 20);
	count_thirds(true, PAGE);
}
END_TEST

/* Its weight, nanoseconds, makes many samples of a hit. */
static struct perftrace_session *
start_throttled(struct perftrace_context *context, uint64_t ring_bytes)
{
	struct session_request request = {
		.event = "sched:sched_stat_runtime",
		.period = 2,
		.cpus = "0",
		.ring_bytes = ring_bytes,
	};
	struct perftrace_session *session = new_session(context, &request);

	succeed(context, perftrace_session_start(session));
	return session;
}

/* Until the kernel has stopped it a few times, and let it go on. */
static void await_throttles(struct perftrace_context *context,
			    struct perftrace_session *session,
			    uint64_t num_throttles[2])
{
	struct perftrace_source *source =
		perftrace_session_get_source(session, 0);
	struct perftrace_record *record;

	while (num_throttles[0] < 3 || num_throttles[1] < 3) {
		int32_t kind;

		succeed(context, perftrace_session_read(session, -1, &record));
		kind = perftrace_record_get_kind(record);
		if (kind != PERFTRACE_RECORD_THROTTLE &&
		    kind != PERFTRACE_RECORD_UNTHROTTLE)
			continue;
		ck_assert_ptr_eq(perftrace_record_get_source(record), source);
		ck_assert_ptr_null(perftrace_record_get_event(record));
		num_throttles[kind == PERFTRACE_RECORD_UNTHROTTLE]++;
	}
}

START_TEST(throttled_event)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = start_throttled(context, 1 << 20);
	uint64_t num_throttles[2] = { 0, 0 }, counted;
	struct tally tally = { 0 };
	struct books books;

	await_throttles(context, session, num_throttles);
	books = read_books(context, session, 0);
	ck_assert_uint_eq(books.num_throttles, num_throttles[0]);
	ck_assert_uint_gt(books.throttled_ns, 0);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	counted = count_of(context, session);
	books = read_books(context, session, 0);
	ck_assert_uint_ge(books.num_throttles, num_throttles[0]);
	ck_assert_uint_eq(books.delivered + books.lost + books.unaccounted,
			  counted / 2);
	ck_assert_uint_gt(books.unaccounted, 0);
	printf("# throttled %" PRIu64 " times, %" PRIu64 " ns; %" PRIu64
	       " delivered, %" PRIu64 " lost, %" PRIu64 " unaccounted\n",
	       books.num_throttles, books.throttled_ns, books.delivered,
	       books.lost, books.unaccounted);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/*
 * Since Linux 6.16 the kernel stops the whole group of an event that it
 * throttles: what stands next to one in a session must not be of its group.
 */
START_TEST(others_are_not_throttled_with_it)
{
	struct perftrace_context *context = new_context();
	struct session_request request = { .period = 1 };
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct books books;

	take_name();
	pin_to_cpu(0);
	session = new_session(context,
			      &(struct session_request){
				      .event = "sched:sched_stat_runtime",
				      .period = 2,
				      .cpus = "0",
			      });
	request.filter = own_filter;
	add_event(context, session, SYS_ENTER, &request);
	succeed(context, perftrace_session_start(session));
	call_getppid(300000);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	ck_assert_uint_eq(counted_by(context,
				     perftrace_session_get_source(session, 1)),
			  300000);
	expect_books(context, session, 1, 300000);
	books = read_books(context, session, 0);
	ck_assert_uint_gt(books.unaccounted, 0);
	ck_assert_uint_eq(books.delivered + books.lost + books.unaccounted,
			  count_of(context, session) / 2);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(reader_in_a_storm),     TEST(slow_reader_in_a_storm),
	TEST(forks_in_a_storm),	     TEST(close_without_reading),
	TEST(stops_and_starts),	     TEST(stops_and_starts_in_a_storm),
	TEST(two_of_twenty_are_hot), TEST(every_third),
	TEST(throttled_event),	     TEST(others_are_not_throttled_with_it),
};

HARNESS_MAIN("ledger", tests, HARNESS_LIVE)
