/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands: how they end, why they do not start, and that they are the caller's
 * children in all other respects.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "setup.h"
#include "tally.h"

static struct perftrace_session *new_command(struct perftrace_context *context,
					     const char *const command[])
{
	return new_session(context, &(struct session_request){
					    .event = SYS_ENTER,
					    .filter = GETPPID_CALLS,
					    .command = command,
				    });
}

static void expect_result(struct perftrace_context *context,
			  struct perftrace_session *session, int32_t exit_code,
			  int32_t signal_number)
{
	int32_t code = -2, number = -2;

	succeed(context,
		perftrace_session_get_command_result(session, &code, &number));
	ck_assert_int_eq(code, exit_code);
	ck_assert_int_eq(number, signal_number);
}

static void run_shell(const char *script, int32_t exit_code,
		      int32_t signal_number)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { "sh", "-c", script, NULL };
	struct perftrace_session *session = new_command(context, command);
	struct tally tally = { 0 };

	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &tally);
	expect_result(context, session, exit_code, signal_number);
	perftrace_session_close(session);
	expect_result(context, session, exit_code, signal_number);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(exit_codes)
{
	run_shell("exit 0", 0, 0);
	run_shell("exit 7", 7, 0);
	run_shell("exit 255", 255, 0);
}
END_TEST

START_TEST(deaths_by_signal)
{
	run_shell("kill -KILL $$", -1, SIGKILL);
	run_shell("kill -TERM $$", -1, SIGTERM);
}
END_TEST

START_TEST(has_no_result_before_its_end)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { "sh", "-c", "kill -STOP $$", NULL };
	struct perftrace_session *session = new_command(context, command);
	int32_t code, number;
	pid_t pid;

	refuse(context,
	       perftrace_session_get_command_result(session, &code, &number),
	       -EINVAL, "command");
	ck_assert_int_eq(perftrace_session_get_command_pid(session), -1);
	succeed(context, perftrace_session_open(session));
	refuse(context,
	       perftrace_session_get_command_result(session, &code, &number),
	       -EINVAL, "command");
	succeed(context, perftrace_session_start(session));
	pid = perftrace_session_get_command_pid(session);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, NULL, WUNTRACED), pid);
	ck_assert_int_eq(perftrace_session_get_command_result(session, &code,
							      &number),
			 -EAGAIN);
	kill(pid, SIGCONT);
	tally_read(context, session, &(struct tally){ 0 });
	expect_result(context, session, 0, 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(sessions_without_one)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = hold_event(context, SYS_ENTER);
	int32_t code, number;

	refuse(context,
	       perftrace_session_get_command_result(session, &code, &number),
	       -EINVAL, "command");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void expect_nothing_open(struct perftrace_context *context,
				struct perftrace_session *session,
				size_t descriptors)
{
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session), 0);
	ck_assert_int_eq(perftrace_session_get_command_pid(session), -1);
	ck_assert_uint_eq(count_descriptors(), descriptors);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	refuse(context, perftrace_session_get_fd(session), -EINVAL, "not open");
}

START_TEST(program_that_is_not_there)
{
	struct perftrace_context *context = new_context();
	const char *const by_name[] = { "no-such-program", "x", NULL };
	const char *const by_path[] = { "/no/such/program", NULL };
	struct perftrace_session *session = new_command(context, by_name);
	size_t descriptors = count_descriptors();

	refuse(context, perftrace_session_open(session), -ENOENT,
	       "no-such-program");
	expect_nothing_open(context, session, descriptors);
	refuse(context, perftrace_session_start(session), -ENOENT,
	       "no-such-program");
	expect_nothing_open(context, session, descriptors);
	perftrace_session_free(session);

	session = new_command(context, by_path);
	refuse(context, perftrace_session_start(session), -ENOENT,
	       "/no/such/program");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* A file of the test's own, removed again with its directory. */
struct program {
	char directory[64];
	char path[80];
};

static void program_make(struct program *program, const char *content,
			 mode_t mode)
{
	FILE *file;

	strcpy(program->directory, "/tmp/perftrace-live-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(program->directory));
	snprintf(program->path, sizeof(program->path), "%s/program",
		 program->directory);
	file = fopen(program->path, "we");
	ck_assert_ptr_nonnull(file);
	fputs(content, file);
	fclose(file);
	ck_assert_int_eq(chmod(program->path, mode), 0);
}

static void program_remove(struct program *program)
{
	unlink(program->path);
	rmdir(program->directory);
}

START_TEST(program_that_may_not_be_executed)
{
	struct perftrace_context *context = new_context();
	struct program program;
	const char *const command[] = { program.path, NULL };
	const char *const directory[] = { "/tmp", NULL };
	struct perftrace_session *session;
	size_t descriptors;

	program_make(&program, "#!/bin/sh\nexit 3\n", 0644);
	session = new_command(context, command);
	descriptors = count_descriptors();
	refuse(context, perftrace_session_open(session), -EACCES, program.path);
	expect_nothing_open(context, session, descriptors);
	/* Once the cause is gone, it works. */
	ck_assert_int_eq(chmod(program.path, 0755), 0);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &(struct tally){ 0 });
	expect_result(context, session, 3, 0);
	perftrace_session_free(session);

	session = new_command(context, directory);
	refuse(context, perftrace_session_open(session), -EACCES, "/tmp");
	perftrace_session_free(session);
	program_remove(&program);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(program_of_no_known_format)
{
	struct perftrace_context *context = new_context();
	struct program program;
	const char *const command[] = { program.path, NULL };
	struct perftrace_session *session;
	size_t descriptors;
	FILE *file;

	program_make(&program, "garbage", 0755);
	session = new_command(context, command);
	descriptors = count_descriptors();
	succeed(context, perftrace_session_open(session));
	ck_assert_int_gt(perftrace_session_get_command_pid(session), 0);
	refuse(context, perftrace_session_start(session), -ENOEXEC,
	       program.path);
	ck_assert_ptr_nonnull(perftrace_session_get_report(session));
	ck_assert_int_eq(perftrace_report_get_error_code(
				 perftrace_session_get_report(session)),
			 -ENOEXEC);
	expect_nothing_open(context, session, descriptors);
	file = fopen(program.path, "we");
	ck_assert_ptr_nonnull(file);
	fputs("#!/bin/sh\nexit 4\n", file);
	fclose(file);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &(struct tally){ 0 });
	expect_result(context, session, 4, 0);
	perftrace_session_free(session);
	program_remove(&program);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(one_that_never_starts_goes_with_the_session)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { getppid_path(), "1", NULL };
	struct perftrace_session *session = new_command(context, command);
	size_t descriptors = count_descriptors();

	succeed(context, perftrace_session_open(session));
	ck_assert_int_gt(perftrace_session_get_command_pid(session), 0);
	ck_assert_uint_eq(count_descriptors() - descriptors,
			  perftrace_session_get_num_descriptors(session));
	perftrace_session_close(session);
	expect_nothing_open(context, session, descriptors);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* Replace a standard stream by a pipe; the end to read from. */
static int capture(int stream, int *original)
{
	int ends[2];

	fflush(NULL);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	*original = fcntl(stream, F_DUPFD_CLOEXEC, 10);
	ck_assert_int_eq(dup2(ends[1], stream), stream);
	close(ends[1]);
	return ends[0];
}

static void expect_captured(int stream, int original, int from,
			    const char *text)
{
	char read_text[256] = "";
	size_t used = 0;
	ssize_t got;

	/* Closes the last writing end. */
	dup2(original, stream);
	close(original);
	while ((got = read(from, read_text + used,
			   sizeof(read_text) - used - 1)) > 0)
		used += (size_t)got;
	close(from);
	ck_assert_str_eq(read_text, text);
}

START_TEST(streams_are_the_callers)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { "sh", "-c",
					"echo to out; echo to err >&2", NULL };
	struct perftrace_session *session = new_command(context, command);
	int original_out, original_err, from_out, from_err;

	from_out = capture(STDOUT_FILENO, &original_out);
	from_err = capture(STDERR_FILENO, &original_err);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &(struct tally){ 0 });
	expect_captured(STDOUT_FILENO, original_out, from_out, "to out\n");
	expect_captured(STDERR_FILENO, original_err, from_err, "to err\n");
	expect_result(context, session, 0, 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* The fourth is the directory that ls(1) reads. */
START_TEST(inherits_no_descriptor)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { "ls", "/proc/self/fd", NULL };
	struct perftrace_session *session = new_command(context, command);
	int original, from, fd;

	/* Those of whoever runs the test. */
	for (fd = 3; fd < 256; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	from = capture(STDOUT_FILENO, &original);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &(struct tally){ 0 });
	expect_captured(STDOUT_FILENO, original, from, "0\n1\n2\n3\n");
	expect_result(context, session, 0, 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void expect_unknown_result(struct perftrace_context *context,
				  struct perftrace_session *session)
{
	int32_t code, number;
	char pid[16];

	snprintf(pid, sizeof(pid), "%d",
		 (int)perftrace_session_get_command_pid(session));
	refuse(context,
	       perftrace_session_get_command_result(session, &code, &number),
	       -ECHILD, pid, "SIGCHLD");
}

START_TEST(host_that_ignores_sigchld)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { getppid_path(), "100", "2", NULL };
	struct perftrace_session *session = new_command(context, command);
	struct tally tally = { 0 };

	signal(SIGCHLD, SIG_IGN);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &tally);
	signal(SIGCHLD, SIG_DFL);
	expect_account(context, session, &tally, 100);
	expect_unknown_result(context, session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(host_that_reaps)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { getppid_path(), "100", "2", NULL };
	struct perftrace_session *session = new_command(context, command);
	struct tally tally = { 0 };
	pid_t pid;

	succeed(context, perftrace_session_start(session));
	pid = perftrace_session_get_command_pid(session);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 100);
	expect_unknown_result(context, session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* A child of the host's own is not the library's to reap. */
START_TEST(other_children_are_left_alone)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { getppid_path(), "10", NULL };
	struct perftrace_session *session = new_command(context, command);
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid)
		_exit(9);
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &(struct tally){ 0 });
	expect_result(context, session, 0, 0);
	perftrace_session_free(session);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 9);
	perftrace_context_unref(context);
}
END_TEST

/* It waits for a line on descriptor 9. */
static struct perftrace_session *
start_waiting(struct perftrace_context *context, int *gate)
{
	static const char *const command[] = { "sh", "-c",
					       "read line <&9; exit 5", NULL };
	struct perftrace_session *session = new_command(context, command);
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(dup2(ends[0], 9), 9);
	succeed(context, perftrace_session_start(session));
	close(9);
	close(ends[0]);
	*gate = ends[1];
	return session;
}

START_TEST(close_leaves_it_running)
{
	struct perftrace_context *context = new_context();
	int gate, status;
	struct perftrace_session *session = start_waiting(context, &gate);
	pid_t pid = perftrace_session_get_command_pid(session);
	int32_t code, number;

	perftrace_session_close(session);
	ck_assert_int_eq(perftrace_session_get_command_pid(session), pid);
	ck_assert_int_eq(perftrace_session_get_command_result(session, &code,
							      &number),
			 -EAGAIN);
	perftrace_session_free(session);
	ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
	ck_assert_int_eq(write(gate, "\n", 1), 1);
	close(gate);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 5);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(result_after_close)
{
	struct perftrace_context *context = new_context();
	int gate;
	struct perftrace_session *session = start_waiting(context, &gate);
	pid_t pid = perftrace_session_get_command_pid(session);
	siginfo_t info;

	perftrace_session_close(session);
	ck_assert_int_eq(write(gate, "\n", 1), 1);
	close(gate);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	expect_result(context, session, 5, 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(stopped_session_leaves_it_running)
{
	struct perftrace_context *context = new_context();
	int gate;
	struct perftrace_session *session = start_waiting(context, &gate);
	struct perftrace_record *record;

	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &(struct tally){ 0 });
	succeed(context, perftrace_session_start(session));
	ck_assert_int_eq(perftrace_session_read(session, 0, &record), -EAGAIN);
	ck_assert_int_eq(write(gate, "\n", 1), 1);
	close(gate);
	tally_read(context, session, &(struct tally){ 0 });
	expect_result(context, session, 5, 0);
	refuse(context, perftrace_session_start(session), -EINVAL,
	       "command has ended");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* What the command left behind is not waited for. */
START_TEST(ends_before_its_children)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = {
		"sh", "-c", "sh -c 'read line <&9; exit 0' & exit 6", NULL
	};
	struct perftrace_session *session = new_command(context, command);
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(dup2(ends[0], 9), 9);
	succeed(context, perftrace_session_start(session));
	close(9);
	close(ends[0]);
	tally_read(context, session, &(struct tally){ 0 });
	expect_result(context, session, 6, 0);
	perftrace_session_free(session);
	close(ends[1]);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(excludes_a_process)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { "true", NULL };
	const char *const empty[] = { NULL };
	struct perftrace_session_config *config;

	succeed(context, perftrace_session_config_new(context, &config));
	refuse(context, perftrace_session_config_set_command(config, empty),
	       -EINVAL, "command");
	succeed(context, perftrace_session_config_set_command(config, command));
	refuse(context, perftrace_session_config_set_pid(config, 1), -EINVAL,
	       "command");
	succeed(context, perftrace_session_config_set_command(config, NULL));
	succeed(context, perftrace_session_config_set_pid(config, 1));
	refuse(context, perftrace_session_config_set_command(config, command),
	       -EINVAL, "pid");
	perftrace_session_config_free(config);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(exit_codes),
	TEST(deaths_by_signal),
	TEST(has_no_result_before_its_end),
	TEST(sessions_without_one),
	TEST(program_that_is_not_there),
	TEST(program_that_may_not_be_executed),
	TEST(program_of_no_known_format),
	TEST(one_that_never_starts_goes_with_the_session),
	TEST(streams_are_the_callers),
	TEST(inherits_no_descriptor),
	TEST(host_that_ignores_sigchld),
	TEST(host_that_reaps),
	TEST(other_children_are_left_alone),
	TEST(close_leaves_it_running),
	TEST(result_after_close),
	TEST(stopped_session_leaves_it_running),
	TEST(ends_before_its_children),
	TEST(excludes_a_process),
};

HARNESS_MAIN("command", tests, HARNESS_LIVE)
