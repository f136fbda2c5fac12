/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What records say, held against what the test itself did.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "caller.h"
#include "harness.h"
#include "setup.h"
#include "tally.h"

static struct perftrace_field *field_of(struct perftrace_context *context,
					struct perftrace_record *record,
					const char *name)
{
	struct perftrace_event *event = perftrace_record_get_event(record);
	struct perftrace_field *field;

	ck_assert_ptr_nonnull(event);
	succeed(context, perftrace_event_find_field(event, name, &field));
	return field;
}

static int64_t signed_value(struct perftrace_context *context,
			    struct perftrace_record *record, const char *name)
{
	int64_t value;

	succeed(context,
		perftrace_record_get_s64(
			record, field_of(context, record, name), &value));
	return value;
}

static uint64_t unsigned_value(struct perftrace_context *context,
			       struct perftrace_record *record,
			       const char *name)
{
	uint64_t value;

	succeed(context,
		perftrace_record_get_u64(
			record, field_of(context, record, name), &value));
	return value;
}

static void expect_string(struct perftrace_context *context,
			  struct perftrace_record *record, const char *name,
			  const char *text)
{
	const char *string;
	size_t length;

	succeed(context, perftrace_record_get_string(
				 record, field_of(context, record, name),
				 &string, &length));
	ck_assert_uint_eq(length, strlen(text));
	ck_assert_mem_eq(string, text, length);
}

static bool is_event(struct perftrace_record *record, const char *name)
{
	struct perftrace_event *event = perftrace_record_get_event(record);

	return event && !strcmp(perftrace_event_get_name(event), name);
}

/* The next sample of any event. */
static struct perftrace_record *next_sample(struct perftrace_context *context,
					    struct perftrace_session *session)
{
	struct perftrace_record *record;
	int ret;

	do {
		ret = perftrace_session_read(session, -1, &record);
		succeed(context, ret);
		ck_assert_int_eq(ret, 1);
	} while (perftrace_record_get_kind(record) != PERFTRACE_RECORD_SAMPLE);
	return record;
}

static void expect_end(struct perftrace_session *session)
{
	struct perftrace_record *record;

	ck_assert_int_eq(perftrace_session_read(session, -1, &record), 0);
}

START_TEST(pointers_and_results)
{
	static const char path[] = "/no/such/file";
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(
		context, &(struct session_request){ .is_self = true });
	struct perftrace_record *record;
	uint64_t number;

	add_event(context, session, "syscalls:sys_enter_openat",
		  &(struct session_request){ .filter = "flags == 0x80001" });
	add_event(context, session, "syscalls:sys_exit_openat",
		  &(struct session_request){ .filter = "ret == -2" });
	succeed(context, perftrace_session_start(session));
	ck_assert_int_eq(openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC), -1);
	succeed(context, perftrace_session_stop(session));

	record = next_sample(context, session);
	ck_assert(is_event(record, "syscalls:sys_enter_openat"));
	ck_assert_uint_eq(unsigned_value(context, record, "filename"),
			  (uintptr_t)path);
	ck_assert_int_eq((int)unsigned_value(context, record, "dfd"), AT_FDCWD);
	ck_assert_int_eq(signed_value(context, record, "__syscall_nr"),
			 SYS_openat);
	ck_assert_int_eq(signed_value(context, record, "common_pid"), gettid());

	record = next_sample(context, session);
	ck_assert(is_event(record, "syscalls:sys_exit_openat"));
	ck_assert_int_eq(signed_value(context, record, "ret"), -ENOENT);
	refuse(context,
	       perftrace_record_get_u64(
		       record, field_of(context, record, "ret"), &number),
	       -ERANGE, "ret", "-2");
	expect_end(session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(fields_of_other_kinds_and_events)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .filter = GETPPID_CALLS,
					     .is_self = true,
				     });
	struct perftrace_record *record;
	struct perftrace_event *other;
	struct perftrace_field *field;
	const char *string;
	const void *bytes;
	uint64_t number;
	size_t size;

	succeed(context, perftrace_session_start(session));
	call_getppid(1);
	succeed(context, perftrace_session_stop(session));
	record = next_sample(context, session);

	field = field_of(context, record, "id");
	ck_assert_int_eq(perftrace_field_get_kind(field),
			 PERFTRACE_FIELD_INTEGER);
	refuse(context,
	       perftrace_record_get_string(record, field, &string, &size),
	       -EINVAL, "id", "integer");
	refuse(context, perftrace_record_get_num_elements(record, field, &size),
	       -EINVAL, "id", "integer");
	succeed(context,
		perftrace_record_get_bytes(record, field, &bytes, &size));
	ck_assert_uint_eq(size, 8);
	ck_assert_mem_eq(bytes, (&(long){ SYS_getppid }), 8);

	succeed(context,
		perftrace_event_find(context, "sched:sched_switch", &other));
	succeed(context, perftrace_event_find_field(other, "next_pid", &field));
	refuse(context, perftrace_record_get_u64(record, field, &number),
	       -EINVAL, "next_pid", SYS_ENTER);
	perftrace_event_unref(other);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(arrays)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .filter = GETPPID_CALLS,
					     .is_self = true,
				     });
	struct perftrace_record *record;
	struct perftrace_field *args;
	uint64_t value;
	int64_t number;
	size_t count, i;

	succeed(context, perftrace_session_start(session));
	syscall(SYS_getppid, 1L, 22L, 333L, 4444L, -1L, 666666L);
	succeed(context, perftrace_session_stop(session));
	record = next_sample(context, session);
	ck_assert_int_eq(signed_value(context, record, "id"), SYS_getppid);
	args = field_of(context, record, "args");
	ck_assert_int_eq(perftrace_field_get_kind(args), PERFTRACE_FIELD_ARRAY);
	succeed(context,
		perftrace_record_get_num_elements(record, args, &count));
	ck_assert_uint_eq(count, 6);
	for (i = 0; i < count; i++) {
		static const uint64_t wanted[] = { 1,	 22,	     333,
						   4444, UINT64_MAX, 666666 };

		succeed(context, perftrace_record_get_element_u64(record, args,
								  i, &value));
		ck_assert_uint_eq(value, wanted[i]);
	}
	refuse(context,
	       perftrace_record_get_element_s64(record, args, 4, &number),
	       -ERANGE, "args");
	refuse(context,
	       perftrace_record_get_element_u64(record, args, 6, &value),
	       -EINVAL, "args", "6");
	refuse(context, perftrace_record_get_u64(record, args, &value), -EINVAL,
	       "args", "array");
	expect_end(session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* In place, and with its length in the record. */
START_TEST(strings)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(
		context, &(struct session_request){ .is_self = true });
	struct perftrace_record *record;
	struct perftrace_field *field;
	int status;
	pid_t pid;

	add_event(context, session, "task:task_newtask",
		  &(struct session_request){ .period = 1 });
	add_event(context, session, "sched:sched_process_exec",
		  &(struct session_request){ .period = 1 });
	prctl(PR_SET_NAME, "fifteen letters");
	succeed(context, perftrace_session_start(session));
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		execl(getppid_path(), "getppid", "0", NULL);
		_exit(EXIT_FAILURE);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	succeed(context, perftrace_session_stop(session));

	record = next_sample(context, session);
	ck_assert(is_event(record, "task:task_newtask"));
	ck_assert_int_eq(signed_value(context, record, "pid"), pid);
	expect_string(context, record, "comm", "fifteen letters");
	ck_assert_int_eq(perftrace_record_get_pid(record), getpid());

	record = next_sample(context, session);
	ck_assert(is_event(record, "sched:sched_process_exec"));
	ck_assert_int_eq(signed_value(context, record, "pid"), pid);
	expect_string(context, record, "filename", getppid_path());
	field = field_of(context, record, "filename");
	ck_assert(perftrace_field_is_dynamic(field));
	ck_assert_int_eq(perftrace_record_get_pid(record), pid);
	expect_end(session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* The records of one kind, in the order in which they came. */
struct seen {
	size_t num_forks, num_exits, num_comms, num_maps;
	bool has_program;
};

static void see_map(struct perftrace_record *record, struct seen *seen)
{
	const char *path = perftrace_record_get_map_path(record);
	struct stat status;

	seen->num_maps++;
	ck_assert_ptr_nonnull(path);
	ck_assert_uint_gt(perftrace_record_get_map_length_bytes(record), 0);
	ck_assert_uint_ne(perftrace_record_get_map_address(record), 0);
	if (strcmp(path, getppid_path()))
		return;
	seen->has_program = true;
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(perftrace_record_get_map_inode(record),
			  status.st_ino);
	ck_assert_uint_eq(major(perftrace_record_get_map_device(record)),
			  major(status.st_dev));
	ck_assert_uint_eq(minor(perftrace_record_get_map_device(record)),
			  minor(status.st_dev));
	ck_assert(perftrace_record_get_map_protection(record) & 4);
}

static void see(struct perftrace_record *record, pid_t command,
		struct seen *seen)
{
	ck_assert_ptr_null(perftrace_record_get_event(record));
	ck_assert_ptr_null(perftrace_record_get_source(record));
	ck_assert_uint_eq(perftrace_record_get_period(record), 0);
	switch (perftrace_record_get_kind(record)) {
	case PERFTRACE_RECORD_FORK:
		seen->num_forks++;
		ck_assert_int_ne(perftrace_record_get_pid(record), command);
		ck_assert_int_eq(perftrace_record_get_parent_pid(record),
				 command);
		ck_assert_int_eq(perftrace_record_get_parent_tid(record),
				 command);
		ck_assert_str_eq(perftrace_record_get_comm(record), "getppid");
		break;
	case PERFTRACE_RECORD_EXIT:
		seen->num_exits++;
		break;
	case PERFTRACE_RECORD_COMM:
		seen->num_comms++;
		ck_assert(perftrace_record_is_exec(record));
		ck_assert_int_eq(perftrace_record_get_pid(record), command);
		ck_assert_int_eq(perftrace_record_get_tid(record), command);
		ck_assert_str_eq(perftrace_record_get_comm(record), "getppid");
		break;
	case PERFTRACE_RECORD_MMAP:
		see_map(record, seen);
		break;
	default:
		ck_abort_msg("a record of kind %d",
			     (int)perftrace_record_get_kind(record));
	}
}

START_TEST(sideband)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { getppid_path(), "0", "1", "3", NULL };
	struct perftrace_session *session = new_session(
		context, &(struct session_request){
				 .event = SYS_ENTER,
				 .filter = GETPPID_CALLS,
				 .command = command,
				 .sideband = PERFTRACE_SIDEBAND_TASK |
					     PERFTRACE_SIDEBAND_COMM |
					     PERFTRACE_SIDEBAND_MMAP,
			 });
	struct perftrace_record *record;
	struct seen seen = { 0 };
	pid_t pid;
	int ret;

	succeed(context, perftrace_session_start(session));
	pid = perftrace_session_get_command_pid(session);
	while ((ret = perftrace_session_read(session, -1, &record)) > 0)
		see(record, pid, &seen);
	succeed(context, ret);
	ck_assert_uint_eq(seen.num_forks, 3);
	/* The three, and the command. */
	ck_assert_uint_eq(seen.num_exits, 4);
	ck_assert_uint_eq(seen.num_comms, 1);
	ck_assert(seen.has_program);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* Followed all the same, but not delivered. */
START_TEST(sideband_is_silent_unless_asked_for)
{
	struct perftrace_context *context = new_context();
	const char *const command[] = { getppid_path(), "40", "2", "2", NULL };
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .filter = GETPPID_CALLS,
					     .command = command,
				     });
	struct perftrace_record *record;
	int ret, count = 0;

	succeed(context, perftrace_session_start(session));
	while ((ret = perftrace_session_read(session, -1, &record)) > 0) {
		ck_assert_int_eq(perftrace_record_get_kind(record),
				 PERFTRACE_RECORD_SAMPLE);
		ck_assert_str_eq(perftrace_record_get_comm(record), "getppid");
		count++;
	}
	succeed(context, ret);
	ck_assert_int_eq(count, 40);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* The name changes between two calls. */
START_TEST(names_at_their_time)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(
		context, &(struct session_request){
				 .event = SYS_ENTER,
				 .filter = GETPPID_CALLS,
				 .is_self = true,
				 .sideband = PERFTRACE_SIDEBAND_COMM,
			 });
	struct perftrace_record *record;

	succeed(context, perftrace_session_start(session));
	prctl(PR_SET_NAME, "before");
	call_getppid(1);
	prctl(PR_SET_NAME, "after");
	call_getppid(1);
	succeed(context, perftrace_session_stop(session));

	ck_assert_int_eq(perftrace_session_read(session, -1, &record), 1);
	ck_assert_int_eq(perftrace_record_get_kind(record),
			 PERFTRACE_RECORD_COMM);
	ck_assert(!perftrace_record_is_exec(record));
	ck_assert_str_eq(perftrace_record_get_comm(record), "before");
	record = next_sample(context, session);
	ck_assert_str_eq(perftrace_record_get_comm(record), "before");
	record = next_sample(context, session);
	ck_assert_str_eq(perftrace_record_get_comm(record), "after");
	expect_end(session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/*
 * syscall(2) keeps no frame: behind the address in it stands where the function
 * that called it returns to.
 */
static uint64_t return_address;

static void __attribute__((noinline)) call_in_frame(void)
{
	return_address = (uintptr_t)__builtin_return_address(0);
	syscall(SYS_getppid);
	__asm__ volatile("");
}

struct chain {
	size_t num_kernel, num_user;
	bool has_caller;
};

static struct chain trace_chain(uint32_t callchain)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .filter = GETPPID_CALLS,
					     .is_self = true,
					     .callchain = callchain,
				     });
	struct chain chain = { 0, 0, false };
	struct perftrace_record *record;
	const uint64_t *addresses;
	bool is_user = false;
	size_t i, count;

	succeed(context, perftrace_session_start(session));
	call_in_frame();
	succeed(context, perftrace_session_stop(session));
	record = next_sample(context, session);
	count = perftrace_record_get_callchain(record, &addresses);
	for (i = 0; i < count; i++) {
		uint64_t address = addresses[i];

		if (address == (uint64_t)PERF_CONTEXT_USER)
			is_user = true;
		if (address >= (uint64_t)PERF_CONTEXT_MAX)
			continue;
		chain.num_kernel += !is_user;
		chain.num_user += is_user;
		ck_assert_int_eq(address >> 63, !is_user);
		if (address == return_address)
			chain.has_caller = true;
	}
	/* The raw data stands behind the chain. */
	ck_assert_int_eq(signed_value(context, record, "id"), SYS_getppid);
	perftrace_session_free(session);
	perftrace_context_unref(context);
	return chain;
}

START_TEST(callchains)
{
	struct chain chain;

	chain = trace_chain(PERFTRACE_CALLCHAIN_NONE);
	ck_assert_uint_eq(chain.num_kernel + chain.num_user, 0);
	chain = trace_chain(PERFTRACE_CALLCHAIN_KERNEL);
	ck_assert_uint_gt(chain.num_kernel, 0);
	ck_assert_uint_eq(chain.num_user, 0);
	chain = trace_chain(PERFTRACE_CALLCHAIN_USER);
	ck_assert_uint_eq(chain.num_kernel, 0);
	ck_assert_uint_gt(chain.num_user, 1);
	ck_assert(chain.has_caller);
	chain = trace_chain(PERFTRACE_CALLCHAIN_KERNEL |
			    PERFTRACE_CALLCHAIN_USER);
	ck_assert_uint_gt(chain.num_kernel, 0);
	ck_assert(chain.has_caller);
}
END_TEST

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void expect_clock(int32_t clock, clockid_t id)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .filter = GETPPID_CALLS,
					     .is_self = true,
					     .clock = clock,
				     });
	uint64_t before[20], after[20], time;
	int i;

	succeed(context, perftrace_session_start(session));
	for (i = 0; i < 20; i++) {
		before[i] = now_ns(id);
		call_getppid(1);
		after[i] = now_ns(id);
	}
	succeed(context, perftrace_session_stop(session));
	for (i = 0; i < 20; i++) {
		time = perftrace_record_get_time_ns(
			next_sample(context, session));
		/* The fast clock of the kernel may lag by an update's slew. */
		ck_assert_uint_ge(time + 2000, before[i]);
		ck_assert_uint_le(time, after[i] + 2000);
	}
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(clocks)
{
	expect_clock(PERFTRACE_CLOCK_MONOTONIC, CLOCK_MONOTONIC);
	expect_clock(PERFTRACE_CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_RAW);
}
END_TEST

START_TEST(processors_and_threads)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .filter = GETPPID_CALLS,
					     .is_self = true,
				     });
	struct perftrace_record *record;
	int i;

	succeed(context, perftrace_session_start(session));
	for (i = 0; i < 20; i++) {
		pin_to_cpu(i % 2);
		call_getppid(1);
	}
	succeed(context, perftrace_session_stop(session));
	for (i = 0; i < 20; i++) {
		record = next_sample(context, session);
		ck_assert_int_eq(perftrace_record_get_cpu(record), i % 2);
		ck_assert_int_eq(perftrace_record_get_pid(record), getpid());
		ck_assert_int_eq(perftrace_record_get_tid(record), gettid());
		ck_assert_int_eq(perftrace_record_get_parent_pid(record), -1);
		ck_assert_uint_eq(perftrace_record_get_period(record), 1);
		ck_assert_ptr_eq(perftrace_record_get_source(record),
				 perftrace_session_get_source(session, 0));
	}
	expect_end(session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void expect_order(const char *const command[],
			 const struct session_request *base)
{
	struct perftrace_context *context = new_context();
	struct session_request request = *base;
	struct perftrace_session *session;
	struct tally tally = { 0 };

	request.event = SYS_ENTER;
	request.filter = GETPPID_CALLS;
	request.command = command;
	session = new_session(context, &request);
	add_event(context, session, "sched:sched_switch",
		  &(struct session_request){ .period = 1 });
	succeed(context, perftrace_session_start(session));
	tally_read(context, session, &tally);
	ck_assert_uint_gt(tally.num_samples, 100);
	ck_assert_uint_eq(tally.num_inversions,
			  perftrace_session_get_num_order_violations(session));
	/* A hypervisor may take a CPU away for longer than the horizon. */
	ck_assert_uint_le(tally.num_inversions, tally.num_samples / 1000);
	perftrace_session_close(session);
	ck_assert_uint_eq(tally.num_inversions,
			  perftrace_session_get_num_order_violations(session));
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(time_does_not_go_back)
{
	const char *const command[] = { getppid_path(), "100000", "8", "2",
					NULL };

	expect_order(command, &(struct session_request){ .ring_bytes = 0 });
	expect_order(command, &(struct session_request){ .ring_bytes = 16384 });
	/* A reader at the writers' heels. */
	expect_order(command, &(struct session_request){
				      .ring_bytes = 4 << 20,
				      .watermark_bytes = 1,
			      });
	expect_order(command,
		     &(struct session_request){ .is_system_wide = true });
}
END_TEST

/* A second at most: then the test is too slow to tell, and passes. */
START_TEST(young_records_are_held_back)
{
	struct perftrace_context *context = new_context();
	struct session_request request = {
		.event = SYS_ENTER,
		.filter = GETPPID_CALLS,
		.is_self = true,
		.horizon_ns = 1000000000,
	};
	struct perftrace_session *session = new_session(context, &request);
	struct tally tally = { 0 };
	uint64_t begin;

	succeed(context, perftrace_session_start(session));
	begin = now_ns(CLOCK_MONOTONIC);
	call_getppid(10);
	tally_drain(context, session, &tally);
	if (now_ns(CLOCK_MONOTONIC) - begin < request.horizon_ns)
		ck_assert_uint_eq(tally.num_samples, 0);
	/* When nothing can come any more, nothing is waited for. */
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 10);
	perftrace_session_free(session);

	request.horizon_ns = 0;
	request.has_no_horizon = true;
	tally = (struct tally){ 0 };
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	call_getppid(10);
	tally_drain(context, session, &tally);
	ck_assert_uint_eq(tally.num_samples, 10);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void *call_once(void *data)
{
	prctl(PR_SET_NAME, "a thread");
	call_getppid(1);
	return data;
}

static void fork_and_wait(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static uint64_t read_weights(struct perftrace_context *context,
			     struct perftrace_session *session)
{
	struct perftrace_record *record;
	uint64_t sum = 0, weight;

	while (perftrace_session_read(session, -1, &record) == 1) {
		ck_assert_int_eq(perftrace_record_get_kind(record),
				 PERFTRACE_RECORD_SAMPLE);
		weight = perftrace_record_get_period(record);
		ck_assert_uint_eq(weight,
				  unsigned_value(context, record, "runtime"));
		sum += weight;
	}
	return sum;
}

/* An event that counts by nanoseconds: one sample each, and none throttled. */
START_TEST(weights)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(
		context, &(struct session_request){
				 .event = "sched:sched_stat_runtime",
				 .is_self = true,
			 });
	struct perftrace_counts *counts;
	int i;

	succeed(context, perftrace_session_start(session));
	for (i = 0; i < 20; i++)
		fork_and_wait();
	succeed(context, perftrace_session_stop(session));
	succeed(context,
		perftrace_source_get_counts(
			perftrace_session_get_source(session, 0), &counts));
	ck_assert_uint_gt(perftrace_counts_get_value(counts), 20);
	ck_assert_uint_eq(read_weights(context, session),
			  perftrace_counts_get_value(counts));
	perftrace_counts_free(counts);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

/* A thread that is gone by the time when its record is read. */
START_TEST(threads_that_are_gone)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .filter = GETPPID_CALLS,
					     .is_self = true,
				     });
	struct perftrace_record *record;
	pthread_t thread;

	succeed(context, perftrace_session_start(session));
	ck_assert_int_eq(pthread_create(&thread, NULL, call_once, NULL), 0);
	pthread_join(thread, NULL);
	succeed(context, perftrace_session_stop(session));
	record = next_sample(context, session);
	ck_assert_str_eq(perftrace_record_get_comm(record), "a thread");
	ck_assert_int_eq(perftrace_record_get_pid(record), getpid());
	ck_assert_int_ne(perftrace_record_get_tid(record), gettid());
	expect_end(session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(texts)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = SYS_ENTER,
					     .filter = GETPPID_CALLS,
					     .is_self = true,
				     });
	struct perftrace_record *record;
	char text[512], part[16], wanted[512];
	int ends[2];
	int64_t length;

	prctl(PR_SET_NAME, "texts");
	pin_to_cpu(1);
	succeed(context, perftrace_session_start(session));
	syscall(SYS_getppid, 0xaL, 0xbL, 0L, 0L, 0L, 0x1fL);
	succeed(context, perftrace_session_stop(session));
	record = next_sample(context, session);

	length = perftrace_record_format_fields(record, text, sizeof(text));
	ck_assert_str_eq(text,
			 "NR " STRING_OF(__NR_getppid) " (a, b, 0, 0, 0, 1f)");
	ck_assert_int_eq(length, strlen(text));

	length = perftrace_record_format(record, text, sizeof(text));
	ck_assert_int_eq(length, strlen(text));
	snprintf(wanted, sizeof(wanted), "%16s %7d [001] ", "texts", gettid());
	ck_assert_int_eq(strncmp(text, wanted, strlen(wanted)), 0);
	ck_assert_ptr_nonnull(
		strstr(text, ": " SYS_ENTER ": NR " STRING_OF(__NR_getppid)));
	ck_assert_int_eq(perftrace_record_format(record, part, sizeof(part)),
			 length);
	ck_assert_int_eq(strncmp(part, text, sizeof(part) - 1), 0);
	ck_assert_uint_eq(strlen(part), sizeof(part) - 1);
	ck_assert_int_eq(perftrace_record_format(record, NULL, 0), length);

	ck_assert_int_eq(pipe(ends), 0);
	succeed(context, perftrace_record_print(record, ends[1]));
	ck_assert_int_eq(read(ends[0], wanted, sizeof(wanted)), length + 1);
	ck_assert_mem_eq(wanted, text, (size_t)length);
	ck_assert_int_eq(wanted[length], '\n');
	close(ends[0]);
	close(ends[1]);
	refuse(context, perftrace_record_print(record, ends[1]), -EBADF,
	       "write");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(pointers_and_results),
	TEST(fields_of_other_kinds_and_events),
	TEST(arrays),
	TEST(strings),
	TEST(sideband),
	TEST(sideband_is_silent_unless_asked_for),
	TEST(names_at_their_time),
	TEST(callchains),
	TEST(clocks),
	TEST(processors_and_threads),
	TEST(time_does_not_go_back),
	TEST(young_records_are_held_back),
	TEST(weights),
	TEST(threads_that_are_gone),
	TEST(texts),
};

HARNESS_MAIN("record", tests, HARNESS_LIVE)
