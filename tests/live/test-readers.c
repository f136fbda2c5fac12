/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Several threads read one session: each call is in one stream or accounted as
 * lost in one, all streams end, and no reader sees what is another's.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller.h"
#include "context.h"
#include "harness.h"
#include "setup.h"
#include "tally.h"

#define MOST_READERS 256

/* What a thread makes of its reader. Assertions are for the main thread. */
struct work {
	struct perftrace_reader *reader;
	pthread_t thread;
	/* Of the thread, once it runs. */
	pid_t tid;
	bool prints;
	struct tally tally;
	uint64_t num_strays;
	uint64_t num_bad_lines;
	uint64_t num_lines;
	/* What ended it. */
	int ret;
};

static struct work works[MOST_READERS];

static bool reads_cpu(struct perftrace_reader *reader, int32_t cpu)
{
	size_t i, count = perftrace_reader_get_num_cpus(reader);

	for (i = 0; i < count; i++) {
		if (perftrace_reader_get_cpu(reader, i) == cpu)
			return true;
	}
	return false;
}

static void print_sample(struct work *work, struct perftrace_record *record)
{
	char line[300];
	int64_t length = perftrace_record_format(record, line, sizeof(line));

	work->num_lines++;
	if (length <= 0 || length >= (int64_t)sizeof(line) ||
	    !strstr(line, SYS_ENTER ": NR " STRING_OF(__NR_getppid) " ("))
		work->num_bad_lines++;
}

static void take_record(struct work *work, struct perftrace_record *record)
{
	tally_add(&work->tally, record);
	if (!reads_cpu(work->reader, perftrace_record_get_cpu(record)))
		work->num_strays++;
	if (work->prints && perftrace_record_get_event(record))
		print_sample(work, record);
}

static void read_to_the_end(struct work *work)
{
	struct perftrace_record *record;

	while ((work->ret = perftrace_reader_read(work->reader, -1, &record)) >
	       0)
		take_record(work, record);
}

static void *run_reader(void *data)
{
	struct work *work = data;

	__atomic_store_n(&work->tid, gettid(), __ATOMIC_RELEASE);
	read_to_the_end(work);
	return NULL;
}

static size_t start_threads(struct perftrace_session *session, bool prints)
{
	size_t i, count = perftrace_session_get_num_readers(session);

	ck_assert_uint_ge(count, 1);
	ck_assert_uint_le(count, MOST_READERS);
	for (i = 0; i < count; i++) {
		works[i] = (struct work){
			.reader = perftrace_session_get_reader(session, i),
			.prints = prints,
		};
		ck_assert_int_eq(pthread_create(&works[i].thread, NULL,
						run_reader, &works[i]),
				 0);
	}
	return count;
}

/* The sum of what they have read. */
static struct tally join_threads(size_t count)
{
	struct tally sum = { 0 };
	size_t i;

	for (i = 0; i < count; i++) {
		const struct tally *tally = &works[i].tally;

		ck_assert_int_eq(pthread_join(works[i].thread, NULL), 0);
		ck_assert_msg(!works[i].ret, "reader %zu: %s", i,
			      perftrace_reader_error(works[i].reader));
		ck_assert_uint_eq(works[i].num_strays, 0);
		ck_assert_uint_eq(works[i].num_bad_lines, 0);
		sum.num_samples += tally->num_samples;
		sum.lost += tally->lost;
		sum.num_others += tally->num_others;
		sum.num_inversions += tally->num_inversions;
	}
	return sum;
}

static struct session_request calls_of(const char *const *command,
				       uint32_t num_readers)
{
	return (struct session_request){
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.command = command,
		.num_readers = num_readers,
	};
}

static size_t num_cpus_online(void)
{
	return (size_t)sysconf(_SC_NPROCESSORS_ONLN);
}

/* The readers' CPUs are the session's, in their order, and evenly dealt out. */
static void expect_deal(struct perftrace_session *session, size_t num_readers)
{
	size_t num_cpus = perftrace_session_get_num_cpus(session);
	size_t next = 0, i, j;

	ck_assert_uint_eq(perftrace_session_get_num_readers(session),
			  num_readers < num_cpus ? num_readers : num_cpus);
	for (i = 0; i < perftrace_session_get_num_readers(session); i++) {
		struct perftrace_reader *reader =
			perftrace_session_get_reader(session, i);
		size_t count = perftrace_reader_get_num_cpus(reader);

		ck_assert_uint_ge(count, num_cpus / num_readers);
		ck_assert_uint_le(count, num_cpus / num_readers + 1);
		for (j = 0; j < count; j++)
			ck_assert_int_eq(perftrace_reader_get_cpu(reader, j),
					 perftrace_session_get_cpu(session,
								   next++));
		ck_assert_int_eq(perftrace_reader_get_cpu(reader, count), -1);
	}
	ck_assert_uint_eq(next, num_cpus);
	ck_assert_ptr_null(perftrace_session_get_reader(session, i));
}

static void deal_out(struct perftrace_context *context, uint32_t num_readers)
{
	struct session_request request = calls_of(NULL, num_readers);
	struct perftrace_session *session = new_session(context, &request);
	size_t before = count_descriptors();

	ck_assert_uint_eq(perftrace_session_get_num_readers(session), 0);
	ck_assert_ptr_null(perftrace_session_get_reader(session, 0));
	succeed(context, perftrace_session_open(session));
	ck_assert_uint_eq(count_descriptors() - before,
			  perftrace_session_get_num_descriptors(session));
	expect_deal(session, num_readers);
	perftrace_session_close(session);
	ck_assert_uint_eq(perftrace_session_get_num_readers(session), 0);
	perftrace_session_free(session);
}

START_TEST(deals_out_cpus)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, SYS_ENTER);
	uint32_t num_cpus = (uint32_t)num_cpus_online();

	deal_out(context, 1);
	deal_out(context, 2);
	deal_out(context, num_cpus);
	deal_out(context, num_cpus + 3);
	deal_out(context, UINT32_MAX);
	perftrace_session_free(held);
	perftrace_context_unref(context);
}
END_TEST

/* What the forecast says of descriptors is what the session holds. */
START_TEST(plans_descriptors)
{
	struct perftrace_context *context = new_context();
	struct session_request request = calls_of(NULL, 2);
	struct perftrace_session *session = new_session(context, &request);
	struct perftrace_report *report;
	uint64_t planned;

	succeed(context, perftrace_session_check(session, NULL, &report));
	planned = perftrace_report_get_num_descriptors(report);
	perftrace_report_unref(report);
	succeed(context, perftrace_session_open(session));
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session),
			  planned);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(session_is_read_by_its_readers_alone)
{
	struct perftrace_context *context = new_context();
	struct session_request request = calls_of(NULL, 1);
	struct perftrace_session *session = new_session(context, &request);
	struct perftrace_record *record;
	int sockets[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets), 0);
	succeed(context, perftrace_session_start(session));
	refuse(context, perftrace_session_read(session, 0, &record), -EINVAL,
	       "readers");
	refuse(context, perftrace_session_wait(session, 0), -EINVAL, "readers");
	refuse(context, perftrace_session_get_fd(session), -EINVAL, "reader");
	refuse(context, perftrace_session_send(session, sockets[0], 0), -EINVAL,
	       "readers");
	perftrace_session_free(session);
	close(sockets[0]);
	close(sockets[1]);
	perftrace_context_unref(context);
}
END_TEST

static const char *const *make_storm(uint64_t number)
{
	static char text[24];
	static const char *arguments[5];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	arguments[0] = getppid_path();
	arguments[1] = text;
	arguments[2] = "2";
	arguments[3] = "3";
	return arguments;
}

/* Nobody but the readers does anything: they see the end, and all end. */
static struct tally trace_storm(struct perftrace_context *context,
				struct session_request request, uint64_t number,
				bool prints)
{
	struct perftrace_session *session = new_session(context, &request);
	struct tally tally;
	int32_t code, signal;
	size_t i, count;

	succeed(context, perftrace_session_start(session));
	count = start_threads(session, prints);
	tally = join_threads(count);
	expect_account(context, session, &tally, number);
	ck_assert_uint_eq(tally.num_inversions,
			  perftrace_session_get_num_order_violations(session));
	succeed(context,
		perftrace_session_get_command_result(session, &code, &signal));
	ck_assert_int_eq(code, 0);
	/* And so it stays. */
	for (i = 0; i < count; i++) {
		struct perftrace_record *record;

		ck_assert_int_eq(
			perftrace_reader_read(works[i].reader, -1, &record), 0);
	}
	perftrace_session_close(session);
	expect_account(context, session, &tally, number);
	perftrace_session_free(session);
	return tally;
}

START_TEST(storm_in_any_number_of_threads)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, SYS_ENTER);
	const char *const *storm = make_storm(300000);
	uint32_t num_readers;

	for (num_readers = 1; num_readers <= 3; num_readers++)
		trace_storm(context, calls_of(storm, num_readers), 300000,
			    false);
	perftrace_session_free(held);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(losses_are_told_by_their_reader)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, SYS_ENTER);
	struct session_request request = calls_of(make_storm(300000), 2);
	struct tally tally;

	request.ring_bytes = 4096;
	tally = trace_storm(context, request, 300000, false);
	ck_assert_uint_gt(tally.lost, 0);
	request.order = PERFTRACE_ORDER_CERTAIN;
	tally = trace_storm(context, request, 300000, false);
	ck_assert_uint_gt(tally.lost, 0);
	ck_assert_uint_eq(tally.num_inversions, 0);
	perftrace_session_free(held);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(command_on_the_whole_system)
{
	struct perftrace_context *context = new_context();
	struct session_request request = calls_of(make_storm(20000), 2);

	request.is_system_wide = true;
	/* Others may call it, too, and nobody counts them. */
	request.filter = GETPPID_CALLS " && common_pid == 0";
	trace_storm(context, request, 0, false);
	perftrace_context_unref(context);
}
END_TEST

/* Of one event, with one handle of libtraceevent's. */
START_TEST(prints_in_threads)
{
	struct perftrace_context *context = new_context();
	struct session_request request = calls_of(make_storm(40000), 2);
	struct tally tally;
	uint64_t num_lines = 0;
	size_t i;

	request.ring_bytes = 4 << 20;
	tally = trace_storm(context, request, 40000, true);
	for (i = 0; i < MOST_READERS; i++)
		num_lines += works[i].num_lines;
	ck_assert_uint_eq(num_lines, tally.num_samples);
	perftrace_context_unref(context);
}
END_TEST

/* As /proc says. */
static bool is_asleep(pid_t tid)
{
	char path[64], text[64];
	bool is_asleep = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "r");
	if (file && fgets(text, sizeof(text), file))
		is_asleep = strstr(text, ") S ");
	if (file)
		fclose(file);
	return is_asleep;
}

static void await_sleep(struct work *work)
{
	pid_t tid;

	do
		tid = __atomic_load_n(&work->tid, __ATOMIC_ACQUIRE);
	while (!tid || !is_asleep(tid));
}

START_TEST(stop_wakes_all)
{
	struct perftrace_context *context = new_context();
	struct session_request request = calls_of(NULL, UINT32_MAX);
	struct perftrace_session *session;
	size_t i, count;

	/* Nobody writes to the rings, and no timer ticks. */
	request.filter = "id == -2";
	request.never_flushes = true;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	count = start_threads(session, false);
	for (i = 0; i < count; i++)
		await_sleep(&works[i]);
	succeed(context, perftrace_session_stop(session));
	ck_assert_uint_eq(join_threads(count).num_samples, 0);
	refuse(context, perftrace_session_stop(session), -EINVAL,
	       "not running");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(goes_on_after_a_stop)
{
	struct perftrace_context *context = new_context();
	struct session_request request = calls_of(NULL, 2);
	struct perftrace_session *session;
	struct tally tally = { 0 };
	int round;

	request.is_self = true;
	session = new_session(context, &request);
	for (round = 1; round <= 3; round++) {
		struct tally more;
		size_t count;

		succeed(context, perftrace_session_start(session));
		count = start_threads(session, false);
		call_getppid(5000);
		succeed(context, perftrace_session_stop(session));
		more = join_threads(count);
		tally.num_samples += more.num_samples;
		tally.lost += more.lost;
		expect_account(context, session, &tally,
			       (uint64_t)round * 5000);
	}
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* What nobody has read counts as lost. */
START_TEST(closes_with_records_unread)
{
	struct perftrace_context *context = new_context();
	struct session_request request = calls_of(NULL, 2);
	struct perftrace_session *session;
	struct perftrace_source *source;

	request.is_self = true;
	session = new_session(context, &request);
	source = perftrace_session_get_source(session, 0);
	succeed(context, perftrace_session_start(session));
	call_getppid(500);
	perftrace_session_close(session);
	ck_assert_uint_eq(delivered_by(context, source), 0);
	ck_assert_uint_eq(lost_by(context, source), 500);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* Each sees the end of the tasks by itself, on CPUs of its own. */
START_TEST(processes_end)
{
	const struct caller_task task = { 60000, 2, 2 };
	struct perftrace_context *context = new_context();
	struct session_request request = calls_of(NULL, 2);
	struct perftrace_session *session;
	struct caller caller;
	struct tally tally;
	uint64_t number;
	size_t count;

	caller_start(&caller, 3);
	request.pid = caller.pid;
	request.ring_bytes = 64 * 1024;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	count = start_threads(session, false);
	number = caller_run(&caller, &task);
	caller_end(&caller);
	tally = join_threads(count);
	expect_account(context, session, &tally, number);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(errors_are_the_readers_own)
{
	struct perftrace_context *context = new_context();
	struct session_request request = calls_of(NULL, 2);
	struct perftrace_session *session;
	struct perftrace_reader *first, *last;
	struct perftrace_record *record;
	size_t count;

	request.filter = "id == -2";
	session = new_session(context, &request);
	succeed(context, perftrace_session_open(session));
	count = perftrace_session_get_num_readers(session);
	first = perftrace_session_get_reader(session, 0);
	last = perftrace_session_get_reader(session, count - 1);
	ck_assert_int_eq(perftrace_reader_read(first, 0, &record), -EINVAL);
	ck_assert_str_eq(perftrace_reader_error(first),
			 "the session has not been started");
	if (count > 1)
		ck_assert_str_eq(perftrace_reader_error(last), "");
	succeed(context, perftrace_session_start(session));
	ck_assert_int_eq(perftrace_reader_read(last, -2, &record), -EINVAL);
	ck_assert_ptr_nonnull(
		strstr(perftrace_reader_error(last), "a timeout of -2 ms"));
	ck_assert_int_eq(perftrace_reader_read(last, 0, &record), -EAGAIN);
	if (count > 1)
		ck_assert_str_eq(perftrace_reader_error(first),
				 "the session has not been started");
	ck_assert_str_eq(perftrace_context_error(context), "");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* It takes its name on one CPU, and calls on another. */
static void rename_and_move(void)
{
	pin_to_cpu(0);
	if (!fork()) {
		prctl(PR_SET_NAME, "renamed");
		pin_to_cpu(1);
		call_getppid(10);
		_exit(EXIT_SUCCESS);
	}
	wait(NULL);
}

/* By the time that they are read, the task is gone, and only a record tells. */
START_TEST(names_are_known_to_all)
{
	struct perftrace_context *context = new_context();
	struct session_request request = calls_of(NULL, UINT32_MAX);
	struct perftrace_record *record;
	struct perftrace_session *session;
	struct perftrace_reader *reader;
	int num_named = 0;

	if (num_cpus_online() < 2)
		skip("needs two CPUs");
	request.cpus = "0,1";
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	run_in_child(rename_and_move);
	succeed(context, perftrace_session_stop(session));
	reader = perftrace_session_get_reader(session, 0);
	while (perftrace_reader_read(reader, 0, &record) > 0)
		;
	reader = perftrace_session_get_reader(session, 1);
	while (perftrace_reader_read(reader, 0, &record) > 0) {
		const char *name = perftrace_record_get_comm(record);

		num_named += name && !strcmp(name, "renamed");
	}
	ck_assert_int_eq(num_named, 10);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(deals_out_cpus),
	TEST(plans_descriptors),
	TEST(session_is_read_by_its_readers_alone),
	TEST(storm_in_any_number_of_threads),
	TEST(losses_are_told_by_their_reader),
	TEST(command_on_the_whole_system),
	TEST(prints_in_threads),
	TEST(stop_wakes_all),
	TEST(goes_on_after_a_stop),
	TEST(closes_with_records_unread),
	TEST(processes_end),
	TEST(errors_are_the_readers_own),
	TEST(names_are_known_to_all),
};

HARNESS_MAIN("readers", tests, HARNESS_LIVE)
