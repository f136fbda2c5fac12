/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A guest in its host process: quiet, and gone without a trace.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller.h"
#include "harness.h"
#include "setup.h"
#include "tally.h"

#define MOST_DESCRIPTORS 1024
#define NUM_SIGNALS	 65

static void note_descriptors(bool open[MOST_DESCRIPTORS])
{
	int fd;

	for (fd = 0; fd < MOST_DESCRIPTORS; fd++)
		open[fd] = fcntl(fd, F_GETFD) >= 0;
}

/* How many there are that were not there before: all of them CLOEXEC. */
static size_t check_new_descriptors(const bool before[MOST_DESCRIPTORS])
{
	size_t count = 0;
	int fd;

	for (fd = 0; fd < MOST_DESCRIPTORS; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (before[fd] || flags < 0)
			continue;
		ck_assert_msg(flags & FD_CLOEXEC, "%d is not CLOEXEC", fd);
		count++;
	}
	return count;
}

static void expect_cloexec(const struct session_request *request)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, request);
	bool before[MOST_DESCRIPTORS];

	note_descriptors(before);
	succeed(context, perftrace_session_open(session));
	ck_assert_uint_eq(check_new_descriptors(before),
			  perftrace_session_get_num_descriptors(session));
	succeed(context, perftrace_session_start(session));
	ck_assert_uint_eq(check_new_descriptors(before),
			  perftrace_session_get_num_descriptors(session));
	if (request->command)
		succeed(context, perftrace_session_wait(session, -1));
	perftrace_session_close(session);
	perftrace_session_free(session);
	ck_assert_uint_eq(check_new_descriptors(before), 0);
	perftrace_context_unref(context);
}

START_TEST(descriptors_are_not_inherited)
{
	const char *const command[] = { getppid_path(), "0", NULL };
	struct session_request request = { .event = SYS_ENTER,
					   .filter = GETPPID_CALLS };

	expect_cloexec(&request);
	request.is_self = true;
	expect_cloexec(&request);
	request.mode = PERFTRACE_MODE_COUNT;
	expect_cloexec(&request);
	request.is_self = false;
	request.command = command;
	expect_cloexec(&request);
	request.mode = PERFTRACE_MODE_STREAM;
	expect_cloexec(&request);
}
END_TEST

/* A bit of everything, and of what fails. */
static void use_and_misuse(void)
{
	struct perftrace_context *context = new_context();
	const char *const none[] = { "no-such-program", NULL };
	const char *const command[] = { getppid_path(), "2000", "2", "2",
					NULL };
	struct session_request request = { .event = SYS_ENTER,
					   .filter = GETPPID_CALLS,
					   .command = none,
					   .ring_bytes = 4096,
					   .sideband =
						   PERFTRACE_SIDEBAND_TASK };
	struct perftrace_session *session;
	struct perftrace_event *event;
	struct tally tally = { 0 };

	ck_assert_int_lt(perftrace_event_find(context, "no:such", &event), 0);
	ck_assert_int_lt(perftrace_event_find(context, "rubbish", &event), 0);
	session = new_session(context, &request);
	ck_assert_int_lt(perftrace_session_start(session), 0);
	ck_assert_int_lt(perftrace_session_add_spec(session, "no:*", NULL), 0);
	perftrace_session_free(session);

	request.command = command;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &tally);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

/* A file in place of both streams; what is in it by the end. */
static off_t measure_output(void (*function)(void))
{
	FILE *file = tmpfile();
	int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
	int err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	struct stat status;

	ck_assert_ptr_nonnull(file);
	fflush(NULL);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	function();
	fflush(NULL);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	ck_assert_int_eq(fstat(fileno(file), &status), 0);
	fclose(file);
	return status.st_size;
}

static void print_something(void)
{
	printf("out");
	fprintf(stderr, "err");
}

START_TEST(prints_nothing)
{
	ck_assert_int_eq(measure_output(print_something), 6);
	ck_assert_int_eq(measure_output(use_and_misuse), 0);
}
END_TEST

static void read_signals(struct sigaction actions[NUM_SIGNALS],
			 sigset_t *blocked)
{
	int number;

	for (number = 1; number <= SIGRTMAX; number++)
		sigaction(number, NULL, &actions[number]);
	pthread_sigmask(SIG_BLOCK, NULL, blocked);
}

START_TEST(leaves_signals_alone)
{
	struct sigaction before[NUM_SIGNALS] = { 0 };
	struct sigaction after[NUM_SIGNALS] = { 0 };
	sigset_t blocked_before, blocked_after;
	int number;

	ck_assert_int_lt(SIGRTMAX, NUM_SIGNALS);
	read_signals(before, &blocked_before);
	use_and_misuse();
	read_signals(after, &blocked_after);
	for (number = 1; number <= SIGRTMAX; number++) {
		ck_assert_msg(before[number].sa_handler ==
					      after[number].sa_handler &&
				      before[number].sa_flags ==
					      after[number].sa_flags,
			      "signal %d has another handler", number);
		ck_assert_int_eq(sigismember(&blocked_before, number),
				 sigismember(&blocked_after, number));
	}
}
END_TEST

/* Its end of the pipe is gone when it is told to go. */
START_TEST(raises_no_signal)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { getppid_path(), "1", NULL };
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .filter = GETPPID_CALLS,
					     .command = command,
				     });
	int32_t code, number;
	siginfo_t info;
	sigset_t pending;
	pid_t pid;

	succeed(context, perftrace_session_open(session));
	pid = perftrace_session_get_command_pid(session);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &(struct tally){ 0 });
	succeed(context,
		perftrace_session_get_command_result(session, &code, &number));
	ck_assert_int_eq(code, -1);
	ck_assert_int_eq(number, SIGKILL);
	ck_assert_int_eq(sigpending(&pending), 0);
	ck_assert(!sigismember(&pending, SIGPIPE));
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static size_t count_threads(void)
{
	DIR *directory = opendir("/proc/self/task");
	struct dirent *entry;
	size_t count = 0;

	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory)))
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

START_TEST(starts_no_thread)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .filter = GETPPID_CALLS,
					     .is_self = true,
				     });
	struct perftrace_record *record;

	ck_assert_uint_eq(count_threads(), 1);
	succeed(context, perftrace_session_start(session));
	call_getppid(10);
	ck_assert_uint_eq(count_threads(), 1);
	ck_assert_int_eq(perftrace_session_read(session, -1, &record), 1);
	ck_assert_uint_eq(count_threads(), 1);
	perftrace_session_free(session);
	ck_assert_uint_eq(count_threads(), 1);
	perftrace_context_unref(context);
}
END_TEST

static void trace_own_thread(struct perftrace_context *context,
			     uint64_t num_calls)
{
	struct session_request request = { .event = SYS_ENTER,
					   .is_self = true };
	struct perftrace_session *session;
	struct tally tally = { 0 };
	char filter[128];

	snprintf(filter, sizeof(filter), GETPPID_CALLS " && common_pid == %d",
		 (int)gettid());
	request.filter = filter;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	call_getppid(num_calls);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	ck_assert_uint_eq(tally.num_samples, num_calls);
	expect_account(context, session, &tally, num_calls);
	perftrace_session_free(session);
}

/* Errors are the context's: each finds its own. */
static void *use_a_context(void *data)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event;
	const char *name = data;
	uint64_t i;

	for (i = 1; i <= 25; i++) {
		refuse(context, perftrace_event_find(context, name, &event),
		       -ENOENT, name);
		trace_own_thread(context, 40 * i);
		ck_assert_ptr_nonnull(
			strstr(perftrace_context_error(context), name));
	}
	perftrace_context_unref(context);
	return NULL;
}

static size_t count_samples(struct perftrace_context *context,
			    struct perftrace_session *session)
{
	struct perftrace_record *record;
	size_t count = 0;
	int ret;

	while ((ret = perftrace_session_read(session, -1, &record)) == 1)
		count += perftrace_record_get_kind(record) ==
			 PERFTRACE_RECORD_SAMPLE;
	succeed(context, ret);
	return count;
}

START_TEST(contexts_are_independent)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, SYS_ENTER);
	pthread_t threads[3];
	char names[3][16] = { "no:such_a", "no:such_b", "no:such_c" };
	size_t i;

	for (i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL,
						use_a_context, names[i]),
				 0);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	perftrace_session_free(held);
	perftrace_context_unref(context);
}
END_TEST

/* A child lets go of what it inherited; the parent's goes on. */
START_TEST(a_forked_child_disturbs_nothing)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { "true", NULL };
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .filter = GETPPID_CALLS,
					     .is_self = true,
				     });
	struct perftrace_session *waiting = new_session(
		context, &(struct session_request){ .event = SYS_ENTER,
						    .command = command });
	struct perftrace_record *record;
	int32_t exit_code, signal_number;
	int status;
	pid_t pid;

	succeed(context, perftrace_session_start(session));
	succeed(context, perftrace_session_open(waiting));
	call_getppid(5);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		perftrace_session_free(session);
		perftrace_session_free(waiting);
		perftrace_context_unref(context);
		_exit(EXIT_SUCCESS);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	call_getppid(5);
	succeed(context, perftrace_session_stop(session));
	ck_assert_uint_eq(count_samples(context, session), 10);
	succeed(context, perftrace_session_start(waiting));
	while (perftrace_session_read(waiting, -1, &record) > 0)
		;
	succeed(context, perftrace_session_get_command_result(
				 waiting, &exit_code, &signal_number));
	ck_assert_int_eq(exit_code, 0);
	perftrace_session_free(session);
	perftrace_session_free(waiting);
	perftrace_context_unref(context);
}
END_TEST

struct lines {
	size_t count;
	int32_t highest;
	bool has_newline;
};

static void take_line(void *data, int32_t level, const char *message)
{
	struct lines *lines = data;

	lines->count++;
	if (level > lines->highest)
		lines->highest = level;
	lines->has_newline |= !!strchr(message, '\n');
}

START_TEST(logs_to_whoever_asks)
{
	struct perftrace_context *context = new_context();
	struct lines lines = { 0 };
	struct perftrace_event *event;
	size_t before;

	perftrace_context_set_log(context, PERFTRACE_LOG_DEBUG, take_line,
				  &lines);
	ck_assert_int_lt(perftrace_event_find(context, "no:such", &event), 0);
	trace_own_thread(context, 5);
	ck_assert_uint_gt(lines.count, 1);
	ck_assert_int_eq(lines.highest, PERFTRACE_LOG_DEBUG);
	ck_assert(!lines.has_newline);

	lines = (struct lines){ 0 };
	perftrace_context_set_log(context, PERFTRACE_LOG_INFO, take_line,
				  &lines);
	ck_assert_int_lt(perftrace_event_find(context, "no:such", &event), 0);
	trace_own_thread(context, 5);
	ck_assert_int_eq(lines.highest, PERFTRACE_LOG_INFO);

	before = lines.count;
	perftrace_context_set_log(context, PERFTRACE_LOG_DEBUG, NULL, NULL);
	ck_assert_int_lt(perftrace_event_find(context, "no:such", &event), 0);
	ck_assert_uint_eq(lines.count, before);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(descriptors_are_not_inherited),
	TEST(prints_nothing),
	TEST(leaves_signals_alone),
	TEST(raises_no_signal),
	TEST(starts_no_thread),
	TEST(contexts_are_independent),
	TEST(a_forked_child_disturbs_nothing),
	TEST(logs_to_whoever_asks),
};

HARNESS_MAIN("manners", tests, HARNESS_LIVE)
