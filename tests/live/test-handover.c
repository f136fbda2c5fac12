/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sessions that root opens and a user without any privilege reads: exactly, from
 * wherever they are in their life; and what becomes of both sides when one of
 * them fails. The receiver is a child, and makes the calls that are counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller.h"
#include "harness.h"
#include "probes.h"
#include "setup.h"
#include "tally.h"
#include "uprobe.h"

#define GETPPID_ENTER "syscalls:sys_enter_getppid"
#define PARANOID      "/proc/sys/kernel/perf_event_paranoid"
#define NOBODY	      65534
#define LONG_MS	      20000

/* A child, and the other end of its socket. */
struct receiver {
	pid_t pid;
	int socket;
};

static void become_nobody(void)
{
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
	ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
}

static void connect_pair(int ends[2])
{
	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
}

static void start_receiver(struct receiver *receiver, void (*receive)(int))
{
	int ends[2];

	connect_pair(ends);
	receiver->socket = ends[0];
	receiver->pid = fork();
	ck_assert_int_ge(receiver->pid, 0);
	if (!receiver->pid) {
		close(ends[0]);
		receive(ends[1]);
		_exit(EXIT_SUCCESS);
	}
	close(ends[1]);
}

/* As a helper waits before it frees its session. */
static void await_end(struct receiver *receiver)
{
	int status;
	char byte;

	ck_assert_int_eq(recv(receiver->socket, &byte, 1, 0), 0);
	close(receiver->socket);
	ck_assert_int_eq(waitpid(receiver->pid, &status, 0), receiver->pid);
	ck_assert_int_eq(status, 0);
}

static size_t count_inherited(void)
{
	size_t count = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) == 0;
	return count;
}

static struct perftrace_session *
receive_session(struct perftrace_context *context, int socket)
{
	struct perftrace_session *session;
	size_t num_inherited = count_inherited();

	succeed(context,
		perftrace_session_receive(context, socket, LONG_MS, &session));
	ck_assert_uint_eq(count_inherited(), num_inherited);
	return session;
}

/* All CPUs, and the calls of one process. */
static struct perftrace_session *session_on(struct perftrace_context *context,
					    pid_t pid,
					    struct session_request request)
{
	char filter[64];

	snprintf(filter, sizeof(filter), "common_pid == %d", (int)pid);
	request.filter = filter;
	if (!request.event)
		request.event = GETPPID_ENTER;
	return new_session(context, &request);
}

static void send_session(struct perftrace_context *context,
			 struct perftrace_session *session,
			 struct receiver *receiver)
{
	succeed(context,
		perftrace_session_send(session, receiver->socket, LONG_MS));
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session), 0);
}

static void hand_over(void (*receive)(int),
		      const struct session_request *request, bool is_running)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct receiver receiver;

	start_receiver(&receiver, receive);
	session = session_on(context, receiver.pid, *request);
	succeed(context, is_running ? perftrace_session_start(session) :
				      perftrace_session_open(session));
	send_session(context, session, &receiver);
	await_end(&receiver);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

static void stop_and_count(struct perftrace_context *context,
			   struct perftrace_session *session, uint64_t calls)
{
	struct tally tally = { 0 };

	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, calls);
	ck_assert_uint_eq(tally.num_samples, calls);
	ck_assert_uint_eq(tally.num_inversions, 0);
}

static void expect_record(struct perftrace_context *context,
			  struct perftrace_session *session)
{
	struct perftrace_record *record;
	struct perftrace_field *field;
	char text[512];

	succeed(context, perftrace_session_read(session, LONG_MS, &record));
	ck_assert_int_eq(perftrace_record_get_kind(record),
			 PERFTRACE_RECORD_SAMPLE);
	ck_assert_int_eq(perftrace_record_get_pid(record), getpid());
	ck_assert_str_eq(
		perftrace_event_get_name(perftrace_record_get_event(record)),
		GETPPID_ENTER);
	succeed(context,
		perftrace_event_find_field(perftrace_record_get_event(record),
					   "__syscall_nr", &field));
	ck_assert_int_eq(get_s64(context, record, "__syscall_nr"),
			 __NR_getppid);
	ck_assert_int_gt(perftrace_record_format(record, text, sizeof(text)),
			 0);
	ck_assert_ptr_nonnull(strstr(text, GETPPID_ENTER));
	ck_assert_str_ne(perftrace_record_get_comm(record), "");
}

static void read_as_nobody(int socket)
{
	struct perftrace_context *context;
	struct perftrace_session *session;
	struct perftrace_event *event;

	become_nobody();
	context = new_context();
	refuse(context, perftrace_event_find(context, GETPPID_ENTER, &event),
	       -EACCES, "");
	session = receive_session(context, socket);
	call_getppid(1);
	expect_record(context, session);
	call_getppid(29);
	succeed(context, perftrace_session_stop(session));
	while (next_sample(context, session))
		;
	ck_assert_uint_eq(
		delivered_by(context, perftrace_session_get_source(session, 0)),
		30);
	ck_assert_uint_eq(counted_by(context,
				     perftrace_session_get_source(session, 0)),
			  30);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(nobody_reads_what_root_opened)
{
	hand_over(read_as_nobody, &(struct session_request){ .period = 1 },
		  true);
}
END_TEST

static char swap_paranoid(char value)
{
	int fd = open(PARANOID, O_RDWR | O_CLOEXEC);
	char before = 0;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(read(fd, &before, 1), 1);
	if (write(fd, &value, 1) != 1)
		before = 0;
	close(fd);
	return before;
}

static void at_paranoid_3(void)
{
	hand_over(read_as_nobody, &(struct session_request){ .period = 1 },
		  true);
}

/* Put back whatever happens in the child. */
START_TEST(the_most_paranoid_kernel)
{
	char before = swap_paranoid('3');
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		at_paranoid_3();
		_exit(EXIT_SUCCESS);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	swap_paranoid(before);
	ck_assert_int_eq(status, 0);
}
END_TEST

static void lock_no_memory(void)
{
	const struct rlimit none = { 0, 0 };

	ck_assert_int_eq(setrlimit(RLIMIT_MEMLOCK, &none), 0);
}

/* Memory that is charged to this process, in KiB; large below zero. */
static uint64_t count_pinned(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	uint64_t kilobytes = 0;
	char line[256];

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "VmPin: %" SCNu64, &kilobytes);
	fclose(file);
	return kilobytes;
}

static void read_large_rings(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;

	lock_no_memory();
	become_nobody();
	session = receive_session(context, socket);
	ck_assert_uint_eq(perftrace_session_get_ring_size_bytes(session),
			  32 << 20);
	call_getppid(1000);
	stop_and_count(context, session, 1000);
	ck_assert_uint_eq(count_pinned(), 0);
	perftrace_session_free(session);
	ck_assert_uint_eq(count_pinned(), 0);
	perftrace_context_unref(context);
}

START_TEST(rings_beyond_the_locked_memory)
{
	uint64_t before = count_pinned();

	hand_over(read_large_rings,
		  &(struct session_request){ .ring_bytes = 32 << 20 }, true);
	ck_assert_uint_eq(count_pinned(), before);
}
END_TEST

static void start_and_restart(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_record *record;

	become_nobody();
	session = receive_session(context, socket);
	refuse(context, perftrace_session_read(session, 0, &record), -EINVAL,
	       "not been started");
	call_getppid(5);
	succeed(context, perftrace_session_start(session));
	call_getppid(10);
	succeed(context, perftrace_session_stop(session));
	call_getppid(5);
	succeed(context, perftrace_session_start(session));
	call_getppid(10);
	stop_and_count(context, session, 20);
	perftrace_session_close(session);
	ck_assert_uint_eq(
		delivered_by(context, perftrace_session_get_source(session, 0)),
		20);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(open_and_not_started)
{
	hand_over(start_and_restart, &(struct session_request){ .period = 1 },
		  false);
}
END_TEST

/* No flush: the wake-up by the watermark is the ring's alone. */
static void wait_for_the_watermark(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_record *record;

	become_nobody();
	session = receive_session(context, socket);
	/* That of the handing over. */
	succeed(context, perftrace_session_wait(session, LONG_MS));
	ck_assert_int_eq(perftrace_session_read(session, 0, &record), -EAGAIN);
	ck_assert_int_eq(perftrace_session_wait(session, 0), -EAGAIN);
	call_getppid(100);
	succeed(context, perftrace_session_wait(session, LONG_MS));
	stop_and_count(context, session, 100);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(wake_ups_at_the_watermark)
{
	hand_over(wait_for_the_watermark,
		  &(struct session_request){
			  .ring_bytes = 65536,
			  .watermark_bytes = 2048,
			  .never_flushes = true,
		  },
		  true);
}
END_TEST

static void count_as_nobody(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_record *record;

	become_nobody();
	session = receive_session(context, socket);
	call_getppid(50);
	refuse(context, perftrace_session_read(session, 0, &record), -EINVAL,
	       "counts");
	succeed(context, perftrace_session_stop(session));
	ck_assert_uint_eq(counted_by(context,
				     perftrace_session_get_source(session, 0)),
			  50);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(counts_without_rings)
{
	hand_over(count_as_nobody,
		  &(struct session_request){ .mode = PERFTRACE_MODE_COUNT },
		  true);
}
END_TEST

/* What the parent has read, what it left, and what comes after. */
static void read_the_rest(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_source *source;
	struct tally tally = { 0 };

	become_nobody();
	session = receive_session(context, socket);
	source = perftrace_session_get_source(session, 0);
	ck_assert_uint_eq(delivered_by(context, source), 37);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	ck_assert_uint_eq(tally.num_samples, 63);
	ck_assert_uint_eq(delivered_by(context, source), 100);
	ck_assert_uint_eq(lost_by(context, source), 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

static void read_some(struct perftrace_context *context,
		      struct perftrace_session *session, size_t count)
{
	struct perftrace_record *record;

	while (count--)
		succeed(context,
			perftrace_session_read(session, LONG_MS, &record));
}

static void hand_over_half_read(int32_t order)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct receiver receiver;

	start_receiver(&receiver, read_the_rest);
	session = session_on(context, getpid(),
			     (struct session_request){ .order = order });
	succeed(context, perftrace_session_start(session));
	call_getppid(100);
	read_some(context, session, 37);
	send_session(context, session, &receiver);
	ck_assert_uint_eq(
		delivered_by(context, perftrace_session_get_source(session, 0)),
		37);
	await_end(&receiver);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(half_read)
{
	hand_over_half_read(PERFTRACE_ORDER_TIME);
	hand_over_half_read(PERFTRACE_ORDER_NONE);
}
END_TEST

static void read_what_is_left(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_source *source;
	struct tally tally = { 0 };

	become_nobody();
	session = receive_session(context, socket);
	source = perftrace_session_get_source(session, 0);
	tally_read(context, session, &tally);
	ck_assert_uint_gt(lost_by(context, source), 0);
	ck_assert_uint_eq(delivered_by(context, source), tally.num_samples + 5);
	ck_assert_uint_eq(
		delivered_by(context, source) + lost_by(context, source), 5000);
	/* Others on the CPU may have started tasks. */
	ck_assert_uint_eq(tally.lost,
			  lost_by(context, source) +
				  perftrace_session_get_sideband_lost(session));
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(stopped_with_losses)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct receiver receiver;

	pin_to_cpu(0);
	start_receiver(&receiver, read_what_is_left);
	session = session_on(context, getpid(),
			     (struct session_request){ .ring_bytes = 4096 });
	succeed(context, perftrace_session_start(session));
	call_getppid(5000);
	succeed(context, perftrace_session_stop(session));
	read_some(context, session, 5);
	send_session(context, session, &receiver);
	await_end(&receiver);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

#define NUM_SOURCES 150

static void read_many(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;

	become_nobody();
	session = receive_session(context, socket);
	ck_assert_uint_eq(perftrace_session_get_num_sources(session),
			  NUM_SOURCES);
	call_getppid(3);
	stop_and_count(context, session, 3 * NUM_SOURCES);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(more_descriptors_than_one_message_takes)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct receiver receiver;
	char filter[64];
	size_t i;

	start_receiver(&receiver, read_many);
	snprintf(filter, sizeof(filter), "common_pid == %d", (int)receiver.pid);
	session = session_on(context, receiver.pid,
			     (struct session_request){ .period = 1 });
	for (i = 1; i < NUM_SOURCES; i++)
		add_event(context, session, GETPPID_ENTER,
			  &(struct session_request){ .filter = filter });
	succeed(context, perftrace_session_start(session));
	ck_assert_uint_gt(perftrace_session_get_num_descriptors(session), 253);
	send_session(context, session, &receiver);
	await_end(&receiver);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void read_probe(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session, *other;
	struct perftrace_event *event;
	struct perftrace_record *record;
	uint64_t num_missed;
	int i;

	become_nobody();
	session = receive_session(context, socket);
	event = perftrace_source_get_event(
		perftrace_session_get_source(session, 0));
	ck_assert_str_eq(perftrace_event_get_name(event), "uprobe:probed");
	ck_assert_int_eq(perftrace_event_get_kind(event),
			 PERFTRACE_EVENT_UPROBE);
	ck_assert_str_ne(perftrace_event_get_tracefs_name(event), "");
	for (i = 0; i < 7; i++)
		probed(i);
	succeed(context, perftrace_session_stop(session));
	for (i = 0; i < 7; i++) {
		record = next_sample(context, session);
		ck_assert_ptr_nonnull(record);
		ck_assert_int_eq(get_s64(context, record, "value"), i);
	}
	ck_assert_ptr_null(next_sample(context, session));

	refuse(context, perftrace_event_get_num_missed(event, &num_missed),
	       -EOPNOTSUPP, "uprobe:probed", "another process");
	other = new_session(context, &(struct session_request){
					     .is_self = true,
				     });
	succeed(context, perftrace_session_add_event(other, event, NULL, NULL));
	refuse(context, perftrace_session_open(other), -EOPNOTSUPP,
	       "uprobe:probed", "another process");
	perftrace_session_free(other);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

static void hand_over_probe(const char *mode)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event =
		make_event(context, "uprobe%s:%s:probed(value=$arg1:s32)", mode,
			   own_program());
	struct perftrace_session *session;
	struct receiver receiver;

	start_receiver(&receiver, read_probe);
	session = event_session(context, event,
				&(struct session_request){ .period = 1 });
	perftrace_event_unref(event);
	succeed(context, perftrace_session_start(session));
	send_session(context, session, &receiver);
	ck_assert_uint_eq(count_probes_of(getpid()), 1);
	await_end(&receiver);
	perftrace_session_free(session);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}

START_TEST(named_probe)
{
	hand_over_probe(",named");
}
END_TEST

static void read_local_probe(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_event *event;
	struct perftrace_record *record;
	char text[256];

	pin_to_cpu(0);
	become_nobody();
	session = receive_session(context, socket);
	event = perftrace_source_get_event(
		perftrace_session_get_source(session, 0));
	ck_assert_str_eq(perftrace_event_get_tracefs_name(event), "");
	probed(1);
	succeed(context, perftrace_session_stop(session));
	record = next_sample(context, session);
	ck_assert_ptr_nonnull(record);
	ck_assert_int_gt(perftrace_record_format(record, text, sizeof(text)),
			 0);
	ck_assert_ptr_nonnull(strstr(text, "uprobe:probed"));
	ck_assert_ptr_null(next_sample(context, session));
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(local_probe)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event =
		make_event(context, "uprobe,local:%s:probed", own_program());
	struct perftrace_session *session;
	struct receiver receiver;

	start_receiver(&receiver, read_local_probe);
	session = event_session(context, event,
				&(struct session_request){ .cpus = "0" });
	perftrace_event_unref(event);
	succeed(context, perftrace_session_start(session));
	send_session(context, session, &receiver);
	await_end(&receiver);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void follow_a_command(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };
	int32_t code, signal;

	become_nobody();
	session = receive_session(context, socket);
	ck_assert_int_gt(perftrace_session_get_command_pid(session), 0);
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 40);
	refuse(context,
	       perftrace_session_get_command_result(session, &code, &signal),
	       -ECHILD, "handed over");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

static void hand_over_command(bool has_ended)
{
	const char *const command[] = { getppid_path(), "40", NULL };
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct receiver receiver;
	int32_t code, signal;

	start_receiver(&receiver, follow_a_command);
	session = new_session(context, &(struct session_request){
					       .event = GETPPID_ENTER,
					       .command = command,
				       });
	succeed(context, perftrace_session_open(session));
	refuse(context, perftrace_session_send(session, receiver.socket, 0),
	       -EOPNOTSUPP, "command");
	expect_remedy(context, "start the session");
	succeed(context, perftrace_session_start(session));
	if (has_ended) {
		while (perftrace_session_wait(session, LONG_MS) > 0)
			;
		succeed(context, perftrace_session_get_command_result(
					 session, &code, &signal));
	}
	send_session(context, session, &receiver);
	await_end(&receiver);
	succeed(context,
		perftrace_session_get_command_result(session, &code, &signal));
	ck_assert_int_eq(code, 0);
	ck_assert_int_eq(signal, 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(session_of_a_command)
{
	hand_over_command(false);
	hand_over_command(true);
}
END_TEST

/* Until the process has ended, which the parent sees to. */
static void follow_a_process(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };

	become_nobody();
	session = receive_session(context, socket);
	tally_read(context, session, &tally);
	ck_assert_uint_eq(tally.num_samples, 3 * 20 + 3 * 30);
	expect_account(context, session, &tally, 3 * 20 + 3 * 30);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

static void count_a_process(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	int ret;

	become_nobody();
	session = receive_session(context, socket);
	while ((ret = perftrace_session_wait(session, LONG_MS)) > 0)
		;
	succeed(context, ret);
	ck_assert_uint_eq(counted_by(context,
				     perftrace_session_get_source(session, 0)),
			  3 * 20 + 3 * 30);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

static void hand_over_process(void (*receive)(int), int32_t mode)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct receiver receiver;
	struct caller caller;

	/* First, or the child would hold the caller's pipes open. */
	start_receiver(&receiver, receive);
	caller_start(&caller, 3);
	session = new_session(context, &(struct session_request){
					       .event = GETPPID_ENTER,
					       .pid = caller.pid,
					       .mode = mode,
				       });
	succeed(context, perftrace_session_start(session));
	caller_run(&caller, &(struct caller_task){ .num_calls = 20 });
	send_session(context, session, &receiver);
	caller_run(&caller, &(struct caller_task){ .num_calls = 30 });
	caller_end(&caller);
	await_end(&receiver);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(session_of_a_process)
{
	hand_over_process(follow_a_process, PERFTRACE_MODE_STREAM);
	hand_over_process(count_a_process, PERFTRACE_MODE_COUNT);
}
END_TEST

static void send_and_end(struct receiver *sender, pid_t target)
{
	struct perftrace_context *context;
	struct perftrace_session *session;
	int ends[2];

	connect_pair(ends);
	sender->socket = ends[0];
	sender->pid = fork();
	ck_assert_int_ge(sender->pid, 0);
	if (sender->pid) {
		close(ends[1]);
		return;
	}
	context = new_context();
	session = new_session(context, &(struct session_request){
					       .event = GETPPID_ENTER,
					       .pid = target,
				       });
	succeed(context, perftrace_session_start(session));
	succeed(context, perftrace_session_send(session, ends[1], LONG_MS));
	_exit(EXIT_SUCCESS);
}

/* The rings of a process belong to the sender, and hang up when it ends. */
START_TEST(sender_that_ends)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct receiver sender;
	struct caller caller;

	caller_start(&caller, 2);
	send_and_end(&sender, caller.pid);
	session = receive_session(context, sender.socket);
	await_end(&sender);
	caller_run(&caller, &(struct caller_task){ .num_calls = 25 });
	read_some(context, session, 10);
	tally.num_samples = 10;
	caller_end(&caller);
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 2 * 25);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* On to a third process. */
static void pass_it_on(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct receiver receiver;

	start_receiver(&receiver, read_the_rest);
	become_nobody();
	session = receive_session(context, socket);
	read_some(context, session, 30);
	send_session(context, session, &receiver);
	await_end(&receiver);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(handed_over_twice)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct receiver receiver;

	start_receiver(&receiver, pass_it_on);
	session = session_on(context, getpid(),
			     (struct session_request){ .period = 1 });
	succeed(context, perftrace_session_start(session));
	call_getppid(100);
	read_some(context, session, 7);
	send_session(context, session, &receiver);
	await_end(&receiver);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void just_take(int socket)
{
	struct perftrace_context *context = new_context();

	perftrace_session_free(receive_session(context, socket));
	perftrace_context_unref(context);
}

START_TEST(what_is_left_with_the_sender)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_record *record;
	struct perftrace_source *source;
	struct receiver receiver;
	size_t descriptors;

	start_receiver(&receiver, just_take);
	session = session_on(context, getpid(),
			     (struct session_request){ .period = 1 });
	descriptors = count_descriptors();
	refuse(context, perftrace_session_send(session, receiver.socket, -1),
	       -EINVAL, "not open");
	succeed(context, perftrace_session_start(session));
	call_getppid(10);
	send_session(context, session, &receiver);
	ck_assert_uint_eq(count_descriptors(), descriptors);
	refuse(context, perftrace_session_start(session), -EINVAL,
	       "handed over");
	refuse(context, perftrace_session_open(session), -EINVAL,
	       "handed over");
	refuse(context, perftrace_session_stop(session), -EINVAL,
	       "handed over");
	refuse(context, perftrace_session_read(session, 0, &record), -EINVAL,
	       "handed over");
	refuse(context, perftrace_session_wait(session, 0), -EINVAL,
	       "handed over");
	refuse(context, perftrace_session_get_fd(session), -EINVAL,
	       "handed over");
	refuse(context, perftrace_session_send(session, receiver.socket, -1),
	       -EINVAL, "handed over");
	source = perftrace_session_get_source(session, 0);
	ck_assert_uint_eq(counted_by(context, source), 10);
	ck_assert_uint_eq(delivered_by(context, source), 0);
	perftrace_session_close(session);
	await_end(&receiver);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* The session of a sender that failed is as good as before. */
static void expect_usable(struct perftrace_context *context,
			  struct perftrace_session *session, uint64_t before)
{
	call_getppid(20);
	stop_and_count(context, session, before + 20);
}

static struct perftrace_session *
running_session(struct perftrace_context *context)
{
	struct perftrace_session *session = session_on(
		context, getpid(), (struct session_request){ .period = 1 });

	succeed(context, perftrace_session_start(session));
	call_getppid(10);
	return session;
}

static void hang_up(int socket)
{
	close(socket);
}

/* It has come, and is not answered. */
static void read_and_hang_up(int socket)
{
	char byte;

	ck_assert_int_eq(recv(socket, &byte, 1, 0), 1);
}

static void fail_to_send(void (*receive)(int), int32_t timeout_ms, int code)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct receiver receiver;

	start_receiver(&receiver, receive);
	session = running_session(context);
	refuse(context,
	       perftrace_session_send(session, receiver.socket, timeout_ms),
	       code, "other side");
	await_end(&receiver);
	expect_usable(context, session, 10);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

static void wait_for_the_end(int socket)
{
	char bytes[4096];

	while (recv(socket, bytes, sizeof(bytes), 0) > 0)
		;
}

START_TEST(receiver_that_dies_or_sleeps)
{
	fail_to_send(hang_up, -1, -ECONNRESET);
	fail_to_send(read_and_hang_up, -1, -ECONNRESET);
	fail_to_send(wait_for_the_end, 50, -ETIMEDOUT);
}
END_TEST

#define ROOM_SOCKETS 64

static int sender_ends[ROOM_SOCKETS], receiver_ends[ROOM_SOCKETS];

static void allow_descriptors(rlim_t value)
{
	struct rlimit limits;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limits), 0);
	limits.rlim_cur = value;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limits), 0);
}

/* Whatever is the first that does not fit, up to where all does. */
static void receive_with_little_room(int socket)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	/* In the gap that the parent's end has left. */
	int filler = dup(socket), next = dup(socket), room, ret = -EMFILE;
	size_t descriptors = count_descriptors() - 1;

	ck_assert_int_lt(filler, next);
	close(next);
	become_nobody();
	for (room = 0; ret == -EMFILE; room++) {
		ck_assert_int_lt(room, ROOM_SOCKETS);
		allow_descriptors((rlim_t)(next + room));
		ret = perftrace_session_receive(context, receiver_ends[room],
						LONG_MS, &session);
		allow_descriptors(256);
		if (ret) {
			refuse(context, ret, -EMFILE, "");
			expect_remedy(context, "RLIMIT_NOFILE");
			ck_assert_uint_eq(count_descriptors(), descriptors);
		}
	}
	succeed(context, ret);
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session),
			  (size_t)room - 1);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(receiver_without_descriptors)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct receiver receiver;
	int i, ret = -EMFILE;

	for (i = 0; i < ROOM_SOCKETS; i++) {
		int ends[2];

		connect_pair(ends);
		sender_ends[i] = ends[0];
		receiver_ends[i] = ends[1];
	}
	start_receiver(&receiver, receive_with_little_room);
	session = running_session(context);
	for (i = 0; ret == -EMFILE; i++) {
		ret = perftrace_session_send(session, sender_ends[i], LONG_MS);
		if (ret) {
			refuse(context, ret, -EMFILE, "other side",
			       "RLIMIT_NOFILE");
			ck_assert_uint_gt(
				perftrace_session_get_num_descriptors(session),
				0);
		}
	}
	succeed(context, ret);
	await_end(&receiver);
	for (i = 0; i < ROOM_SOCKETS; i++) {
		close(sender_ends[i]);
		close(receiver_ends[i]);
	}
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* An offer as it stands in the socket, without its descriptors. */
struct offer {
	char bytes[65536];
	size_t size;
	size_t num_fds;
};

struct sending {
	struct perftrace_context *context;
	struct perftrace_session *session;
	int socket;
	int ret;
};

static void *send_in_thread(void *data)
{
	struct sending *sending = data;

	sending->ret = perftrace_session_send(sending->session, sending->socket,
					      LONG_MS);
	return NULL;
}

static void capture(struct offer *offer)
{
	struct sending sending = { .context = new_context() };
	uint64_t numbers[4];
	pthread_t thread;
	int ends[2];

	connect_pair(ends);
	sending.session = running_session(sending.context);
	sending.socket = ends[0];
	ck_assert_int_eq(
		pthread_create(&thread, NULL, send_in_thread, &sending), 0);
	ck_assert_int_eq(recv(ends[1], offer->bytes, sizeof(numbers),
			      MSG_WAITALL),
			 sizeof(numbers));
	memcpy(numbers, offer->bytes, sizeof(numbers));
	offer->size = sizeof(numbers) + numbers[2];
	offer->num_fds = numbers[3];
	ck_assert_uint_lt(offer->size, sizeof(offer->bytes));
	ck_assert_int_eq(recv(ends[1], offer->bytes + sizeof(numbers),
			      numbers[2], MSG_WAITALL),
			 (ssize_t)numbers[2]);
	close(ends[1]);
	pthread_join(thread, NULL);
	ck_assert_int_eq(sending.ret, -ECONNRESET);
	close(ends[0]);
	expect_usable(sending.context, sending.session, 10);
	perftrace_session_free(sending.session);
	perftrace_context_unref(sending.context);
}

static void send_foreign(int socket, size_t count)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(253 * sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET } };
	uint64_t number = count;
	struct iovec part = { &number, sizeof(number) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), i;

	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
	for (i = 0; i < (int)count; i++)
		memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &fd,
		       sizeof(fd));
	ck_assert_int_eq(sendmsg(socket, &message, 0), sizeof(number));
	close(fd);
}

/* All that the other side says, then nothing more. */
static void refuse_offer(const struct offer *offer, size_t num_fds, int code,
			 const char *reason)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	size_t descriptors;
	int ends[2];

	connect_pair(ends);
	ck_assert_int_eq(send(ends[0], offer->bytes, offer->size, 0),
			 (ssize_t)offer->size);
	if (num_fds)
		send_foreign(ends[0], num_fds);
	shutdown(ends[0], SHUT_WR);
	descriptors = count_descriptors();
	refuse(context,
	       perftrace_session_receive(context, ends[1], LONG_MS, &session),
	       code, reason);
	ck_assert_uint_eq(count_descriptors(), descriptors);
	close(ends[0]);
	close(ends[1]);
	perftrace_context_unref(context);
}

static void damage(const struct offer *offer, size_t at, uint64_t value,
		   int code, const char *reason)
{
	struct offer damaged = *offer;

	memcpy(damaged.bytes + at, &value, sizeof(value));
	refuse_offer(&damaged, 0, code, reason);
}

/* Whatever becomes of it, nothing is left open. */
static void damage_anywhere(const struct offer *offer, size_t at)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct offer damaged = *offer;
	int ends[2];

	memset(damaged.bytes + at, 0xff, 8);
	connect_pair(ends);
	ck_assert_int_eq(send(ends[0], damaged.bytes, damaged.size, 0),
			 (ssize_t)damaged.size);
	send_foreign(ends[0], damaged.num_fds);
	close(ends[0]);
	ck_assert_int_lt(
		perftrace_session_receive(context, ends[1], 0, &session), 0);
	close(ends[1]);
	perftrace_context_unref(context);
}

START_TEST(bytes_of_a_stranger)
{
	static struct offer offer, part;
	size_t at, descriptors;

	capture(&offer);
	damage(&offer, 0, 0x6f6c6c6568, -EBADMSG, "no session");
	damage(&offer, 0, UINT64_C(3) << 32 | 0x4f485450, -EBADMSG,
	       "version 3 of");
	damage(&offer, 8, 2, -EBADMSG, "message 2");
	damage(&offer, 16, UINT64_MAX, -EBADMSG, "too large");
	damage(&offer, 24, UINT64_MAX, -EBADMSG, "too large");
	damage(&offer, 24, offer.num_fds + 1, -EBADMSG, "are said to come");
	damage(&offer, 32, 7, -EBADMSG, "makes no sense before byte");
	refuse_offer(&offer, 0, -ECONNRESET, "closed");
	refuse_offer(&offer, offer.num_fds, -EBADMSG, "perf event");
	refuse_offer(&offer, offer.num_fds + 1, -EBADMSG, "have come");
	part = offer;
	part.size = 20;
	refuse_offer(&part, 0, -ECONNRESET, "closed");
	part.size = offer.size - 1;
	refuse_offer(&part, 0, -ECONNRESET, "closed");
	descriptors = count_descriptors();
	for (at = 32; at + 8 <= offer.size; at += 8)
		damage_anywhere(&offer, at);
	ck_assert_uint_eq(count_descriptors(), descriptors);
}
END_TEST

static void note_signal(int number)
{
	(void)number;
}

static void interrupt_receive(struct perftrace_context *context, int socket)
{
	struct sigaction action = { .sa_handler = note_signal };
	struct perftrace_session *session;
	const struct itimerval soon = { { 0, 20000 }, { 0, 20000 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	refuse(context,
	       perftrace_session_receive(context, socket, LONG_MS, &session),
	       -EINTR, "signal");
	setitimer(ITIMER_REAL, &never, NULL);
}

START_TEST(sockets_and_times)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = running_session(context), *other;
	int pipe_ends[2], pair[2], packets[2];

	connect_pair(pair);
	ck_assert_int_eq(pipe2(pipe_ends, O_CLOEXEC), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    packets),
			 0);
	refuse(context, perftrace_session_send(session, -1, 0), -EINVAL,
	       "descriptor -1");
	refuse(context, perftrace_session_send(session, pipe_ends[1], 0),
	       -EINVAL, "descriptor");
	refuse(context, perftrace_session_send(session, packets[0], 0), -EINVAL,
	       "stream socket");
	refuse(context, perftrace_session_send(session, pair[0], -2), -EINVAL,
	       "-2 ms");
	refuse(context,
	       perftrace_session_receive(context, packets[0], 0, &other),
	       -EINVAL, "stream socket");
	refuse(context, perftrace_session_receive(context, pair[0], 0, &other),
	       -EAGAIN, "in time");
	refuse(context, perftrace_session_receive(context, pair[0], 20, &other),
	       -EAGAIN, "in time");
	interrupt_receive(context, pair[0]);
	/* Nothing has happened to it. */
	refuse(context, perftrace_session_send(session, pair[0], 20),
	       -ETIMEDOUT, "in time");
	refuse(context, perftrace_session_send(session, pair[0], 20),
	       -ECONNRESET, "closed");
	expect_usable(context, session, 10);
	for (int i = 0; i < 2; i++) {
		close(pair[i]);
		close(packets[i]);
		close(pipe_ends[i]);
	}
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(nobody_reads_what_root_opened),
	TEST(the_most_paranoid_kernel),
	TEST(rings_beyond_the_locked_memory),
	TEST(open_and_not_started),
	TEST(wake_ups_at_the_watermark),
	TEST(counts_without_rings),
	TEST(half_read),
	TEST(stopped_with_losses),
	TEST(more_descriptors_than_one_message_takes),
	TEST(named_probe),
	TEST(local_probe),
	TEST(session_of_a_command),
	TEST(session_of_a_process),
	TEST(sender_that_ends),
	TEST(handed_over_twice),
	TEST(what_is_left_with_the_sender),
	TEST(receiver_that_dies_or_sleeps),
	TEST(receiver_without_descriptors),
	TEST(bytes_of_a_stranger),
	TEST(sockets_and_times),
};

HARNESS_MAIN("handover", tests, HARNESS_LIVE)
