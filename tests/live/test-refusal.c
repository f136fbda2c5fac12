/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What can't be opened: the errno, whose fault it is, what would help; that
 * nothing stays open; and that the same session opens when the cause is gone.
 * Whatever changes a process for good happens in a child.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller.h"
#include "harness.h"
#include "setup.h"
#include "tally.h"

#define GETPPID_ENTER "syscalls:sys_enter_getppid"
#define NOBODY	      65534

static const struct session_request own_process = { .is_self = true };

static void expect_nothing_open(struct perftrace_session *session,
				size_t descriptors)
{
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session), 0);
	ck_assert_uint_eq(count_descriptors(), descriptors);
}

static void expect_opens(struct perftrace_context *context,
			 struct perftrace_session *session)
{
	succeed(context, perftrace_session_open(session));
	ck_assert_uint_gt(perftrace_session_get_num_descriptors(session), 0);
}

static void leave_mounts(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL),
			 0);
}

static void unmount_tracefs(void)
{
	/* Where debugfs is mounted, it has tracefs in it. */
	umount2("/sys/kernel/debug", MNT_DETACH);
	ck_assert_int_eq(umount2("/sys/kernel/tracing", MNT_DETACH), 0);
}

static void without_tracefs(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event_list *list;
	struct perftrace_event *event;
	const char *path;

	leave_mounts();
	unmount_tracefs();
	refuse(context, perftrace_context_get_tracefs(context, &path), -ENOENT,
	       "tracefs is not mounted");
	expect_remedy(context, "mount -t tracefs");
	refuse(context,
	       perftrace_event_find(context, "sched:sched_switch", &event),
	       -ENOENT, "tracefs is not mounted");
	refuse(context, perftrace_event_list_new(context, NULL, &list), -ENOENT,
	       "tracefs is not mounted");
	refuse(context, perftrace_context_set_tracefs(context, "/sys"), -ENOENT,
	       "/sys");
	refuse(context, perftrace_context_set_tracefs(context, "/no/such"),
	       -ENOENT, "/no/such");
	refuse(context, perftrace_context_set_tracefs(context, "/etc/passwd"),
	       -ENOTDIR, "/etc/passwd");

	/* Looked for again, and found. */
	ck_assert_int_eq(
		mount("nodev", "/sys/kernel/tracing", "tracefs", 0, NULL), 0);
	succeed(context,
		perftrace_event_find(context, "sched:sched_switch", &event));
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}

START_TEST(tracefs_that_is_not_mounted)
{
	run_in_child(without_tracefs);
}
END_TEST

static char elsewhere[] = "/tmp/perftrace live XXXXXX";

static void with_tracefs_elsewhere(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	const char *path;

	leave_mounts();
	ck_assert_int_eq(mount("nodev", elsewhere, "tracefs", 0, NULL), 0);
	unmount_tracefs();
	succeed(context, perftrace_context_get_tracefs(context, &path));
	ck_assert_str_eq(path, elsewhere);
	session = new_session(context, &own_process);
	succeed(context,
		perftrace_session_add_spec(session, GETPPID_ENTER, NULL));
	expect_opens(context, session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(tracefs_elsewhere)
{
	ck_assert_ptr_nonnull(mkdtemp(elsewhere));
	run_in_child(with_tracefs_elsewhere);
	ck_assert_int_eq(rmdir(elsewhere), 0);
}
END_TEST

/* A host may go where tracefs can't be seen once it has its events. */
static void lose_tracefs(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session = new_session(context, &own_process);

	succeed(context,
		perftrace_session_add_spec(session, GETPPID_ENTER, NULL));
	leave_mounts();
	unmount_tracefs();
	expect_opens(context, session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(tracefs_is_not_needed_to_open)
{
	run_in_child(lose_tracefs);
}
END_TEST

static int read_paranoid(void)
{
	FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
	int level;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%d", &level), 1);
	fclose(file);
	return level;
}

static void become_nobody(void)
{
	ck_assert_int_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
	ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
}

static void look_up_as_nobody(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event_list *list;
	struct perftrace_event *event;
	const char *path;

	become_nobody();
	refuse(context, perftrace_context_get_tracefs(context, &path), -EACCES,
	       "tracefs", "uid 65534");
	expect_remedy(context, "CAP_DAC_READ_SEARCH");
	refuse(context,
	       perftrace_event_find(context, "sched:sched_switch", &event),
	       -EACCES, "tracefs", "uid 65534");
	expect_remedy(context, "root");
	refuse(context, perftrace_event_list_new(context, "sched:*", &list),
	       -EACCES, "uid 65534");
	perftrace_context_unref(context);
}

START_TEST(nobody_looks_an_event_up)
{
	run_in_child(look_up_as_nobody);
}
END_TEST

static void list_as_nobody(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event_list *list;
	struct perftrace_event *event;
	const char *path;

	succeed(context, perftrace_context_get_tracefs(context, &path));
	become_nobody();
	refuse(context,
	       perftrace_event_find(context, "sched:sched_switch", &event),
	       -EACCES, "events/sched/sched_switch/format", "uid 65534");
	expect_remedy(context, "CAP_DAC_READ_SEARCH");
	refuse(context, perftrace_event_list_new(context, NULL, &list), -EACCES,
	       "available_events", "uid 65534");
	expect_remedy(context, "CAP_DAC_READ_SEARCH");
	perftrace_context_unref(context);
}

START_TEST(nobody_reads_a_tracefs_that_root_found)
{
	run_in_child(list_as_nobody);
}
END_TEST

static void add_for_users(struct perftrace_context *context,
			  struct perftrace_session *session, const char *spec)
{
	struct perftrace_source_config *config;

	succeed(context, perftrace_source_config_new(context, &config));
	succeed(context,
		perftrace_source_config_set_exclude_kernel(config, true));
	succeed(context, perftrace_session_add_spec(session, spec, config));
	perftrace_source_config_free(config);
}

/* Root has looked them up; the numbers are all that it takes. */
static void open_as_nobody(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *all, *with_kernel, *with_data, *allowed;
	struct tally tally = { 0 };
	size_t descriptors;

	all = new_session(context,
			  &(struct session_request){ .event = GETPPID_ENTER });
	with_kernel = new_session(context, &own_process);
	succeed(context,
		perftrace_session_add_spec(with_kernel, GETPPID_ENTER, NULL));
	with_data = new_session(context, &own_process);
	add_for_users(context, with_data, "sched:sched_switch");
	allowed = new_session(context, &(struct session_request){
					       .is_self = true,
					       .ring_bytes = 16384,
				       });
	add_for_users(context, allowed, GETPPID_ENTER);
	become_nobody();
	descriptors = count_descriptors();

	refuse(context, perftrace_session_open(all), -EACCES, "on CPU 0",
	       "kernel.perf_event_paranoid", "all tasks");
	expect_remedy(context, "CAP_PERFMON");
	expect_nothing_open(all, descriptors);
	refuse(context, perftrace_session_open(with_kernel), -EACCES,
	       GETPPID_ENTER, "kernel.perf_event_paranoid", "the kernel");
	expect_remedy(context, "exclude_kernel");
	expect_nothing_open(with_kernel, descriptors);
	refuse(context, perftrace_session_open(with_data), -EPERM,
	       "sched:sched_switch", "kernel.perf_event_paranoid", "raw data");
	expect_remedy(context, "CAP_PERFMON");
	expect_nothing_open(with_data, descriptors);

	succeed(context, perftrace_session_start(allowed));
	call_getppid(30);
	succeed(context, perftrace_session_stop(allowed));
	tally_read(context, allowed, &tally);
	expect_account(context, allowed, &tally, 30);
	perftrace_session_free(all);
	perftrace_session_free(with_kernel);
	perftrace_session_free(with_data);
	perftrace_session_free(allowed);
	perftrace_context_unref(context);
}

START_TEST(nobody_opens_what_root_looked_up)
{
	if (read_paranoid() != 2)
		skip("needs kernel.perf_event_paranoid 2");
	run_in_child(open_as_nobody);
}
END_TEST

/* Process 1 is root's. */
static void trace_others_as_nobody(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .pid = 1,
					     .ring_bytes = 4096,
				     });

	add_for_users(context, session, GETPPID_ENTER);
	become_nobody();
	refuse(context, perftrace_session_open(session), -EACCES, "task 1",
	       "someone else");
	expect_remedy(context, "CAP_PERFMON");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(nobody_traces_roots_process)
{
	if (read_paranoid() != 2)
		skip("needs kernel.perf_event_paranoid 2");
	run_in_child(trace_others_as_nobody);
}
END_TEST

static void *trace_own_thread(void *data)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = GETPPID_ENTER,
					     .pid = (int32_t)gettid(),
				     });

	refuse(context, perftrace_session_open(session), -EINVAL, "thread");
	expect_remedy(context, "Tgid");
	perftrace_session_free(session);
	perftrace_context_unref(context);
	return data;
}

START_TEST(thread_for_a_process)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, trace_own_thread, NULL),
			 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

START_TEST(process_that_has_ended)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	char subject[32];
	size_t descriptors;
	siginfo_t info;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid)
		_exit(EXIT_SUCCESS);
	session = new_session(context, &(struct session_request){
					       .event = GETPPID_ENTER,
					       .pid = pid,
				       });
	snprintf(subject, sizeof(subject), "%d", (int)pid);
	descriptors = count_descriptors();
	/* Still to be reaped. */
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	refuse(context, perftrace_session_open(session), -ESRCH, subject,
	       "ended");
	expect_nothing_open(session, descriptors);
	/* And gone. */
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	refuse(context, perftrace_session_open(session), -ESRCH, subject,
	       "no process");
	expect_nothing_open(session, descriptors);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(processor_that_is_not_there)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = GETPPID_ENTER,
					     .cpus = "0,4095",
				     });
	struct perftrace_session_config *config;
	size_t descriptors = count_descriptors();

	refuse(context, perftrace_session_open(session), -ENODEV, "CPU 4095");
	expect_remedy(context, "highest CPU");
	expect_nothing_open(session, descriptors);
	perftrace_session_free(session);

	succeed(context, perftrace_session_config_new(context, &config));
	refuse(context, perftrace_session_config_set_cpus(config, "0,x"),
	       -EINVAL, "\"0,x\"", "column 3");
	ck_assert_int_eq(perftrace_context_get_error_position(context), 2);
	perftrace_session_config_free(config);
	perftrace_context_unref(context);
}
END_TEST

static bool set_cpu_online(const char *value)
{
	int fd = open("/sys/devices/system/cpu/cpu1/online",
		      O_WRONLY | O_CLOEXEC);
	bool is_done = fd >= 0 && write(fd, value, 1) == 1;

	if (fd >= 0)
		close(fd);
	return is_done;
}

/* Nothing is checked until the CPU is back. */
START_TEST(processor_that_is_offline)
{
	struct perftrace_context *context = new_context();
	struct session_request request = { .event = GETPPID_ENTER,
					   .cpus = "1" };
	struct perftrace_session *session = new_session(context, &request);
	struct perftrace_session *all;
	size_t descriptors = count_descriptors(), num_all, num_left;
	char error[512];
	int ret, ret_all;

	request.cpus = NULL;
	all = new_session(context, &request);
	expect_opens(context, all);
	num_all = perftrace_session_get_num_cpus(all);
	perftrace_session_free(all);
	all = new_session(context, &request);
	if (!set_cpu_online("0"))
		skip("CPU 1 can't be taken offline");
	ret = perftrace_session_open(session);
	snprintf(error, sizeof(error), "%s", perftrace_context_error(context));
	ret_all = perftrace_session_open(all);
	num_left = perftrace_session_get_num_cpus(all);
	ck_assert(set_cpu_online("1"));

	ck_assert_int_eq(ret, -ENODEV);
	ck_assert_ptr_nonnull(strstr(error, "CPU 1 is offline"));
	ck_assert_ptr_nonnull(strstr(error, "cpu1/online"));
	ck_assert_int_eq(ret_all, 0);
	ck_assert_uint_eq(num_left, num_all - 1);
	perftrace_session_free(all);
	expect_nothing_open(session, descriptors);
	expect_opens(context, session);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void limit(int resource, rlim_t value)
{
	struct rlimit limits;

	ck_assert_int_eq(getrlimit(resource, &limits), 0);
	limits.rlim_cur = value;
	ck_assert_int_eq(setrlimit(resource, &limits), 0);
}

static void exceed_address_space(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .event = GETPPID_ENTER,
					     .is_self = true,
					     .ring_bytes = 512 << 20,
				     });
	size_t descriptors = count_descriptors();

	limit(RLIMIT_AS, 256 << 20);
	refuse(context, perftrace_session_open(session), -ENOMEM, "ring",
	       "on CPU", "524288 KiB");
	expect_remedy(context, "smaller rings");
	expect_nothing_open(session, descriptors);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(rings_beyond_the_address_space)
{
#ifdef __SANITIZE_ADDRESS__
	skip("AddressSanitizer needs the address space");
#endif
	run_in_child(exceed_address_space);
}
END_TEST

static struct perftrace_session *
new_session_for_users(struct perftrace_context *context, uint64_t ring_bytes)
{
	struct perftrace_session *session =
		new_session(context, &(struct session_request){
					     .is_self = true,
					     .ring_bytes = ring_bytes,
				     });

	add_for_users(context, session, GETPPID_ENTER);
	return session;
}

static void exceed_locked_memory(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *large, *small;
	size_t descriptors;

	large = new_session_for_users(context, 64 << 20);
	small = new_session_for_users(context, 4096);
	limit(RLIMIT_MEMLOCK, 0);
	become_nobody();
	descriptors = count_descriptors();
	refuse(context, perftrace_session_open(large), -EPERM, "ring", "on CPU",
	       "65536 KiB", "locked memory");
	expect_remedy(context, "RLIMIT_MEMLOCK");
	expect_remedy(context, "kernel.perf_event_mlock_kb");
	expect_nothing_open(large, descriptors);
	expect_opens(context, small);
	perftrace_session_free(large);
	perftrace_session_free(small);
	perftrace_context_unref(context);
}

START_TEST(rings_beyond_the_locked_memory)
{
	if (read_paranoid() != 2)
		skip("needs kernel.perf_event_paranoid 2");
	run_in_child(exceed_locked_memory);
}
END_TEST

/* So that descriptors are given one after the other; the next one. */
static int fill_gaps(void)
{
	int fd, highest = 2, last;
	size_t i;

	for (i = 0; i < 1024; i++) {
		if (fcntl((int)i, F_GETFD) >= 0)
			highest = (int)i;
	}
	do
		last = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (last >= 0 && last < highest);
	ck_assert_int_ge(last, 0);
	fd = last;
	close(last);
	return fd;
}

static int open_with_limit(struct perftrace_session *session, rlim_t value)
{
	struct rlimit limits;
	int ret;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limits), 0);
	limit(RLIMIT_NOFILE, value);
	ret = perftrace_session_open(session);
	limit(RLIMIT_NOFILE, limits.rlim_cur);
	return ret;
}

/*
 * Whatever is the first that does not fit, up to where all does. With
 * @room_to_know descriptors it has got to know its CPUs and tasks.
 */
static void exceed_descriptors(const struct session_request *request,
			       int room_to_know)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, GETPPID_ENTER);
	struct perftrace_session *session = new_session(context, request);
	size_t descriptors, needed;
	char number[32];
	int next, room, ret;

	add_event(context, session, GETPPID_ENTER, request);
	add_event(context, session, GETPPID_ENTER, request);
	/* How many that will be. */
	expect_opens(context, session);
	needed = perftrace_session_get_num_descriptors(session);
	perftrace_session_free(session);
	session = new_session(context, request);
	add_event(context, session, GETPPID_ENTER, request);
	add_event(context, session, GETPPID_ENTER, request);
	snprintf(number, sizeof(number), "needs %zu descriptors", needed);

	next = fill_gaps();
	descriptors = count_descriptors();
	for (room = 0; room < (int)needed; room++) {
		ret = open_with_limit(session, (rlim_t)(next + room));
		refuse(context, ret, -EMFILE, "");
		expect_remedy(context, "RLIMIT_NOFILE");
		expect_nothing_open(session, descriptors);
		if (room >= room_to_know)
			refuse(context, ret, -EMFILE, number);
	}
	ret = open_with_limit(session, (rlim_t)(next + room));
	succeed(context, ret);
	perftrace_session_free(session);
	perftrace_session_free(held);
	perftrace_context_unref(context);
}

static void exceed_descriptors_for_a_process(void)
{
	exceed_descriptors(&own_process, 1);
}

static void exceed_descriptors_for_all(void)
{
	exceed_descriptors(&(struct session_request){ .is_self = false }, 1);
}

static void exceed_descriptors_counting(void)
{
	exceed_descriptors(
		&(struct session_request){
			.is_self = true,
			.mode = PERFTRACE_MODE_COUNT,
		},
		1);
}

/* Both pipes to the child come first. */
static void exceed_descriptors_with_a_command(void)
{
	const char *const command[] = { "true", NULL };

	exceed_descriptors(&(struct session_request){ .command = command }, 4);
}

START_TEST(too_many_descriptors)
{
	run_in_child(exceed_descriptors_for_a_process);
	run_in_child(exceed_descriptors_for_all);
	run_in_child(exceed_descriptors_counting);
	run_in_child(exceed_descriptors_with_a_command);
}
END_TEST

START_TEST(settings_that_contradict)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session_config *config;
	struct perftrace_session *session;

	succeed(context, perftrace_session_config_new(context, &config));
	refuse(context, perftrace_session_config_set_pid(config, -2), -EINVAL,
	       "-2");
	refuse(context, perftrace_session_config_set_mode(config, 7), -EINVAL,
	       "7");
	refuse(context, perftrace_session_config_set_clock(config, -1), -EINVAL,
	       "-1");
	refuse(context, perftrace_session_config_set_order(config, 3), -EINVAL,
	       "3");
	refuse(context, perftrace_session_config_set_sideband(config, 8),
	       -EINVAL, "0x8");
	refuse(context,
	       perftrace_session_config_set_horizon_ns(config, 1000000001),
	       -EINVAL, "1000000001");
	refuse(context, perftrace_session_config_set_ring_size_bytes(config, 0),
	       -EINVAL, "0 bytes");
	refuse(context,
	       perftrace_session_config_set_ring_size_bytes(config,
							    (1 << 30) + 1),
	       -EINVAL, "1073741825");
	succeed(context,
		perftrace_session_config_set_ring_size_bytes(config, 8192));
	succeed(context,
		perftrace_session_config_set_watermark_bytes(config, 4097));
	refuse(context, perftrace_session_new(context, config, &session),
	       -EINVAL, "4097", "8192");
	expect_remedy(context, "4096");
	succeed(context,
		perftrace_session_config_set_watermark_bytes(config, 4096));
	succeed(context, perftrace_session_config_set_pid(config, 0));
	succeed(context,
		perftrace_session_config_set_system_wide(config, true));
	refuse(context, perftrace_session_new(context, config, &session),
	       -EINVAL, "process", "system");
	perftrace_session_config_free(config);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(tracefs_that_is_not_mounted),
	TEST(tracefs_elsewhere),
	TEST(tracefs_is_not_needed_to_open),
	TEST(nobody_looks_an_event_up),
	TEST(nobody_reads_a_tracefs_that_root_found),
	TEST(nobody_opens_what_root_looked_up),
	TEST(nobody_traces_roots_process),
	TEST(thread_for_a_process),
	TEST(process_that_has_ended),
	TEST(processor_that_is_not_there),
	TEST(processor_that_is_offline),
	TEST(rings_beyond_the_address_space),
	TEST(rings_beyond_the_locked_memory),
	TEST(too_many_descriptors),
	TEST(settings_that_contradict),
};

HARNESS_MAIN("refusal", tests, HARNESS_LIVE)
