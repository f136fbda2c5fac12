/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CPUs go offline and come back while they are recorded. A session blocks in its
 * read until it tells of it, so no test waits for a time; what is called on
 * a CPU that is known to be recorded is delivered or counted as lost, exactly.
 *
 * Only where MAY_TAKE_CPUS_OFFLINE is set: a machine may have other users.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "caller.h"
#include "harness.h"
#include "setup.h"
#include "tally.h"

#define GETPPID_ENTER "syscalls:sys_enter_getppid"
#define MOST_CPUS     64

/* Of the CPU that goes, and how its time went. */
struct gaps {
	size_t count;
	int32_t cpu;
	uint64_t begin_ns;
	uint64_t end_ns;
};

static void require_hotplug(void)
{
	if (!getenv("MAY_TAKE_CPUS_OFFLINE"))
		skip("no CPU may be taken offline here: set "
		     "MAY_TAKE_CPUS_OFFLINE where nobody misses it");
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		skip("there is one CPU only");
}

static void set_online(int cpu, bool is_online)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online",
		 cpu);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(is_online ? "1" : "0", file);
	ck_assert_msg(!fclose(file), "CPU %d: online is %d: %s", cpu, is_online,
		      strerror(errno));
}

static void call_on(int cpu, uint64_t num_calls)
{
	pin_to_cpu(cpu);
	call_getppid(num_calls);
	pin_to_cpu(0);
}

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void note(struct gaps *gaps, struct perftrace_record *record)
{
	uint64_t begin = perftrace_record_get_gap_begin_ns(record);

	ck_assert_uint_gt(begin, 0);
	ck_assert_uint_le(begin, perftrace_record_get_time_ns(record));
	gaps->count++;
	gaps->cpu = perftrace_record_get_cpu(record);
	gaps->begin_ns = begin;
	gaps->end_ns = perftrace_record_get_time_ns(record);
}

/* Until the next gap: what stands before it. */
static void read_to_gap(struct perftrace_context *context,
			struct perftrace_session *session, struct tally *tally,
			struct gaps *gaps)
{
	struct perftrace_record *record;
	int32_t kind;

	do {
		succeed(context, perftrace_session_read(session, -1, &record));
		kind = perftrace_record_get_kind(record);
		if (kind == PERFTRACE_RECORD_GAP)
			note(gaps, record);
		else
			tally_add(tally, record);
	} while (kind != PERFTRACE_RECORD_GAP);
}

/* Until the end; gaps among it. */
static void read_to_end(struct perftrace_context *context,
			struct perftrace_session *session, struct tally *tally,
			struct gaps *gaps)
{
	struct perftrace_record *record;
	int ret;

	while ((ret = perftrace_session_read(session, -1, &record)) > 0) {
		if (perftrace_record_get_kind(record) == PERFTRACE_RECORD_GAP)
			note(gaps, record);
		else
			tally_add(tally, record);
	}
	succeed(context, ret);
}

static struct perftrace_session *start(struct perftrace_context *context,
				       struct session_request request)
{
	static char filter[64];
	struct perftrace_session *session;

	snprintf(filter, sizeof(filter), "common_pid == %d", (int)getpid());
	if (!request.filter)
		request.filter = filter;
	if (!request.event)
		request.event = GETPPID_ENTER;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	return session;
}

static void finish(struct perftrace_context *context,
		   struct perftrace_session *session, struct tally *tally,
		   struct gaps *gaps, uint64_t produced)
{
	succeed(context, perftrace_session_stop(session));
	read_to_end(context, session, tally, gaps);
	expect_account(context, session, tally, produced);
	ck_assert_uint_eq(counted_by(context,
				     perftrace_session_get_source(session, 0)),
			  produced);
	perftrace_session_close(session);
	expect_account(context, session, tally, produced);
	perftrace_session_free(session);
}

static void go_and_come(const struct session_request *request, bool is_ordered)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct gaps gaps = { 0 };
	uint64_t before, gone, back;

	require_hotplug();
	session = start(context, *request);
	call_on(1, 300);
	call_on(0, 200);
	before = clock_ns();
	set_online(1, false);
	gone = clock_ns();
	call_on(0, 50);
	back = clock_ns();
	set_online(1, true);
	read_to_gap(context, session, &tally, &gaps);
	ck_assert_int_eq(gaps.cpu, 1);
	/* In its place: behind all that was called before it came. */
	ck_assert_uint_eq(tally.num_samples, 550);
	ck_assert_uint_ge(gaps.end_ns, back);
	/* Two clocks of the kernel's, over a second or so. */
	ck_assert_uint_ge(gaps.begin_ns + 50000000, before);
	ck_assert_uint_le(gaps.begin_ns, gone + 50000000);
	call_on(1, 70);
	call_on(0, 7);
	finish(context, session, &tally, &gaps, 627);
	ck_assert_uint_eq(gaps.count, 1);
	if (is_ordered)
		ck_assert_uint_eq(tally.num_inversions, 0);
	perftrace_context_unref(context);
}

START_TEST(cpu_that_comes_back)
{
	const struct session_request request = { .event = NULL };

	go_and_come(&request, true);
}
END_TEST

START_TEST(cpu_that_comes_back_in_certain_order)
{
	const struct session_request request = {
		.order = PERFTRACE_ORDER_CERTAIN
	};

	go_and_come(&request, true);
}
END_TEST

START_TEST(cpu_that_comes_back_without_order)
{
	const struct session_request request = { .order =
							 PERFTRACE_ORDER_NONE };

	go_and_come(&request, false);
}
END_TEST

START_TEST(cpu_of_a_list)
{
	const struct session_request request = { .cpus = "0-1" };

	go_and_come(&request, true);
}
END_TEST

START_TEST(probes)
{
	const struct session_request local = {
		.event = "kprobe:__x64_sys_getppid"
	};
	const struct session_request named = {
		.event = "kprobe:__x64_sys_getppid($comm:string)"
	};

	go_and_come(&local, true);
	go_and_come(&named, true);
}
END_TEST

/* So many events that they are started in groups. */
START_TEST(groups)
{
	struct perftrace_context *context = new_context();
	struct session_request mine = { .event = GETPPID_ENTER };
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct gaps gaps = { 0 };
	char filter[64];

	require_hotplug();
	snprintf(filter, sizeof(filter), "common_pid == %d", (int)getpid());
	mine.filter = filter;
	session = new_session(context, &mine);
	succeed(context, perftrace_session_add_spec(
				 session, "syscalls:sys_exit_get*", NULL));
	succeed(context, perftrace_session_start(session));
	call_on(1, 40);
	set_online(1, false);
	set_online(1, true);
	read_to_gap(context, session, &tally, &gaps);
	call_on(1, 20);
	succeed(context, perftrace_session_stop(session));
	call_on(1, 500);
	succeed(context, perftrace_session_start(session));
	call_on(0, 3);
	call_on(1, 4);
	succeed(context, perftrace_session_stop(session));
	read_to_end(context, session, &tally, &gaps);
	ck_assert_uint_eq(counted_by(context,
				     perftrace_session_get_source(session, 0)),
			  67);
	ck_assert_uint_eq(
		delivered_by(context, perftrace_session_get_source(session, 0)),
		67);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* Nobody looks while it is away: the list of CPUs that are online has not changed. */
START_TEST(again_and_again)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct gaps gaps = { 0 };
	uint64_t produced = 0, i;

	require_hotplug();
	session = start(context, (struct session_request){ .event = NULL });
	for (i = 1; i <= 8; i++) {
		call_on(1, 10 * i);
		set_online(1, false);
		set_online(1, true);
		read_to_gap(context, session, &tally, &gaps);
		produced += 10 * i;
		ck_assert_uint_eq(tally.num_samples, produced);
		ck_assert_uint_eq(gaps.count, i);
	}
	finish(context, session, &tally, &gaps, produced);
	ck_assert_uint_eq(gaps.count, 8);
	perftrace_context_unref(context);
}
END_TEST

static void expect_cpus(struct perftrace_session *session, size_t count)
{
	ck_assert_uint_eq(perftrace_session_get_num_cpus(session), count);
}

START_TEST(offline_at_the_start)
{
	struct perftrace_context *context = new_context();
	size_t num_cpus = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct gaps gaps = { 0 };

	require_hotplug();
	set_online(1, false);
	session = start(context, (struct session_request){ .event = NULL });
	expect_cpus(session, num_cpus - 1);
	call_on(0, 40);
	set_online(1, true);
	read_to_gap(context, session, &tally, &gaps);
	ck_assert_int_eq(gaps.cpu, 1);
	expect_cpus(session, num_cpus);
	ck_assert_int_eq(perftrace_session_get_cpu(session, num_cpus - 1), 1);
	call_on(1, 300);
	call_on(0, 2);
	/* It goes like any other. */
	set_online(1, false);
	set_online(1, true);
	read_to_gap(context, session, &tally, &gaps);
	call_on(1, 5);
	finish(context, session, &tally, &gaps, 347);
	ck_assert_uint_eq(tally.num_inversions, 0);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(last_records)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct gaps gaps = { 0 };

	require_hotplug();
	session = start(context, (struct session_request){ .event = NULL });
	call_on(1, 300);
	set_online(1, false);
	tally_drain(context, session, &tally);
	finish(context, session, &tally, &gaps, 300);
	/* What is missing until the end is told at the end. */
	ck_assert_uint_eq(gaps.count, 1);
	ck_assert_uint_eq(tally.num_inversions, 0);
	set_online(1, true);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(lost_before_it_went)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct gaps gaps = { 0 };

	require_hotplug();
	session =
		start(context, (struct session_request){ .ring_bytes = 4096 });
	call_on(1, 1000);
	set_online(1, false);
	set_online(1, true);
	read_to_gap(context, session, &tally, &gaps);
	ck_assert_uint_lt(tally.num_samples, 1000);
	call_on(1, 1000);
	finish(context, session, &tally, &gaps, 2000);
	ck_assert_uint_gt(tally.lost, 0);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(close_while_it_is_away)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_source *source;

	require_hotplug();
	session = start(context, (struct session_request){ .event = NULL });
	source = perftrace_session_get_source(session, 0);
	call_on(1, 30);
	set_online(1, false);
	perftrace_session_close(session);
	ck_assert_uint_eq(counted_by(context, source), 30);
	ck_assert_uint_eq(lost_by(context, source), 30);
	perftrace_session_free(session);
	set_online(1, true);
	perftrace_context_unref(context);
}
END_TEST

/* What happens while the session is stopped is seen when it starts. */
START_TEST(stop_and_start)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct gaps gaps = { 0 };

	require_hotplug();
	session = start(context, (struct session_request){ .event = NULL });
	call_on(1, 30);
	set_online(1, false);
	succeed(context, perftrace_session_stop(session));
	read_to_end(context, session, &tally, &gaps);
	ck_assert_uint_eq(gaps.count, 1);
	set_online(1, true);
	succeed(context, perftrace_session_start(session));
	call_on(1, 400);
	succeed(context, perftrace_session_stop(session));
	set_online(1, false);
	set_online(1, true);
	succeed(context, perftrace_session_start(session));
	call_on(1, 500);
	/* Away at the start, and back while it runs. */
	succeed(context, perftrace_session_stop(session));
	set_online(1, false);
	read_to_end(context, session, &tally, &gaps);
	succeed(context, perftrace_session_start(session));
	set_online(1, true);
	read_to_gap(context, session, &tally, &gaps);
	call_on(1, 6);
	finish(context, session, &tally, &gaps, 936);
	ck_assert_uint_eq(tally.num_inversions, 0);
	perftrace_context_unref(context);
}
END_TEST

/* Between its opening and its start, too. */
START_TEST(gone_before_the_start)
{
	struct perftrace_context *context = new_context();
	const struct session_request request = { .event = GETPPID_ENTER };
	struct perftrace_session *session = new_session(context, &request);
	struct tally tally = { 0 };
	struct gaps gaps = { 0 };

	require_hotplug();
	succeed(context, perftrace_session_open(session));
	set_online(1, false);
	set_online(1, true);
	succeed(context, perftrace_session_start(session));
	call_on(1, 60);
	finish(context, session, &tally, &gaps, 60);
	perftrace_context_unref(context);
}
END_TEST

static uint64_t count_now(struct perftrace_context *context,
			  struct perftrace_session *session)
{
	return counted_by(context, perftrace_session_get_source(session, 0));
}

/* One call after the other, until they are counted. */
static uint64_t await_counting(struct perftrace_context *context,
			       struct perftrace_session *session)
{
	uint64_t before = count_now(context, session), now;

	do {
		ck_assert_int_eq(perftrace_session_wait(session, 20), -EAGAIN);
		call_on(1, 1);
		now = count_now(context, session);
	} while (now == before);
	return now;
}

START_TEST(counting)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	uint64_t now;

	require_hotplug();
	session = start(context, (struct session_request){
					 .mode = PERFTRACE_MODE_COUNT });
	call_on(1, 500);
	set_online(1, false);
	ck_assert_uint_eq(count_now(context, session), 500);
	call_on(0, 30);
	set_online(1, true);
	now = await_counting(context, session);
	ck_assert_uint_eq(now, 531);
	call_on(1, 1000);
	ck_assert_uint_eq(count_now(context, session), now + 1000);
	perftrace_session_close(session);
	ck_assert_uint_eq(count_now(context, session), now + 1000);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* Its events go where the task goes. */
START_TEST(task)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct gaps gaps = { 0 };

	require_hotplug();
	session = start(context, (struct session_request){ .is_self = true });
	call_on(1, 10);
	set_online(1, false);
	call_on(0, 20);
	set_online(1, true);
	call_on(1, 30);
	finish(context, session, &tally, &gaps, 60);
	ck_assert_uint_eq(gaps.count, 0);
	perftrace_context_unref(context);
}
END_TEST

struct receipt {
	struct perftrace_context *context;
	struct perftrace_session *session;
	int socket;
};

static void *receive(void *data)
{
	struct receipt *receipt = data;

	succeed(receipt->context,
		perftrace_session_receive(receipt->context, receipt->socket,
					  20000, &receipt->session));
	return NULL;
}

static struct perftrace_session *hand_over(struct perftrace_context *context,
					   struct perftrace_session *session,
					   struct perftrace_context *other)
{
	struct receipt receipt = { .context = other };
	pthread_t receiver;
	int ends[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	receipt.socket = ends[1];
	ck_assert_int_eq(pthread_create(&receiver, NULL, receive, &receipt), 0);
	succeed(context, perftrace_session_send(session, ends[0], 20000));
	pthread_join(receiver, NULL);
	close(ends[0]);
	close(ends[1]);
	perftrace_session_free(session);
	return receipt.session;
}

/* Received in the same process: what was replaced and what is away goes along. */
START_TEST(handed_over)
{
	struct perftrace_context *context = new_context(), *other;
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct gaps gaps = { 0 };

	require_hotplug();
	other = new_context();
	session = start(context, (struct session_request){ .event = NULL });
	call_on(1, 100);
	set_online(1, false);
	set_online(1, true);
	read_to_gap(context, session, &tally, &gaps);
	call_on(1, 10);
	set_online(1, false);
	session = hand_over(context, session, other);
	set_online(1, true);
	read_to_gap(other, session, &tally, &gaps);
	ck_assert_uint_eq(tally.num_samples, 110);
	call_on(1, 5);
	finish(other, session, &tally, &gaps, 115);
	perftrace_context_unref(other);
	perftrace_context_unref(context);
}
END_TEST

/* Threads that call on all CPUs, as far as those are there. */
struct storm {
	pthread_t threads[MOST_CPUS];
	size_t num_threads;
	bool has_ended;
};

static struct storm storm;

static void *call_until_the_end(void *data)
{
	int cpu = (int)(intptr_t)data;
	cpu_set_t set;

	while (!__atomic_load_n(&storm.has_ended, __ATOMIC_ACQUIRE)) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		/* Refused while it is away: then it is where it is. */
		sched_setaffinity(0, sizeof(set), &set);
		call_getppid(100);
	}
	return NULL;
}

static void *take_cpus_away(void *data)
{
	size_t round, num_rounds = *(const size_t *)data;

	for (round = 0; round < num_rounds; round++) {
		int cpu = 1 + (int)(round % (storm.num_threads - 1));

		set_online(cpu, false);
		if (round % 2)
			set_online(1 + (int)((round - 1) %
					     (storm.num_threads - 1)),
				   true);
	}
	for (round = 1; round < storm.num_threads; round++)
		set_online((int)round, true);
	__atomic_store_n(&storm.has_ended, true, __ATOMIC_RELEASE);
	return NULL;
}

static void begin_storm(pthread_t *hotplugger, size_t *num_rounds)
{
	size_t i;

	storm = (struct storm){
		.num_threads = (size_t)sysconf(_SC_NPROCESSORS_ONLN),
	};
	for (i = 0; i < storm.num_threads; i++)
		ck_assert_int_eq(pthread_create(&storm.threads[i], NULL,
						call_until_the_end,
						(void *)(intptr_t)i),
				 0);
	ck_assert_int_eq(pthread_create(hotplugger, NULL, take_cpus_away,
					num_rounds),
			 0);
}

static void read_storm(struct perftrace_context *context,
		       struct perftrace_session *session, struct tally *tally,
		       struct gaps *gaps)
{
	struct perftrace_record *record;
	int ret;

	while (!__atomic_load_n(&storm.has_ended, __ATOMIC_ACQUIRE)) {
		ret = perftrace_session_read(session, 100, &record);
		if (ret == -EAGAIN)
			continue;
		succeed(context, ret);
		if (perftrace_record_get_kind(record) == PERFTRACE_RECORD_GAP)
			note(gaps, record);
		else
			tally_add(tally, record);
	}
}

static void withstand_storm(struct session_request request)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct gaps gaps = { 0 };
	pthread_t hotplugger;
	size_t num_rounds = 12, i;

	require_hotplug();
	request.event = SYS_ENTER;
	request.filter = GETPPID_CALLS;
	session = start(context, request);
	begin_storm(&hotplugger, &num_rounds);
	read_storm(context, session, &tally, &gaps);
	pthread_join(hotplugger, NULL);
	for (i = 0; i < storm.num_threads; i++)
		pthread_join(storm.threads[i], NULL);
	succeed(context, perftrace_session_stop(session));
	read_to_end(context, session, &tally, &gaps);
	ck_assert_uint_ge(gaps.count, 1);
	expect_account(context, session, &tally, count_now(context, session));
	printf("# %llu samples, %llu lost, %zu gaps\n",
	       (unsigned long long)tally.num_samples,
	       (unsigned long long)tally.lost, gaps.count);
	if (request.order == PERFTRACE_ORDER_CERTAIN)
		ck_assert_uint_eq(tally.num_inversions, 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(storm_in_certain_order)
{
	withstand_storm(
		(struct session_request){ .order = PERFTRACE_ORDER_CERTAIN });
}
END_TEST

START_TEST(storm_without_order)
{
	withstand_storm(
		(struct session_request){ .order = PERFTRACE_ORDER_NONE });
}
END_TEST

START_TEST(storm_with_small_rings)
{
	withstand_storm((struct session_request){ .ring_bytes = 8192 });
}
END_TEST

static const struct harness_test tests[] = {
	TEST(cpu_that_comes_back),
	TEST(cpu_that_comes_back_in_certain_order),
	TEST(cpu_that_comes_back_without_order),
	TEST(cpu_of_a_list),
	TEST(probes),
	TEST(groups),
	TEST(again_and_again),
	TEST(offline_at_the_start),
	TEST(last_records),
	TEST(lost_before_it_went),
	TEST(close_while_it_is_away),
	TEST(stop_and_start),
	TEST(gone_before_the_start),
	TEST(counting),
	TEST(task),
	TEST(handed_over),
	TEST(storm_in_certain_order),
	TEST(storm_without_order),
	TEST(storm_with_small_rings),
};

HARNESS_MAIN("hotplug", tests, HARNESS_LIVE)
