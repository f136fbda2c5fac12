/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tasks of one cgroup, in one that each test makes for itself. Where no
 * hierarchy is mounted, as in a machine that has booted nothing else, the test
 * mounts cgroup2 out of the sight of others.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <mntent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller.h"
#include "harness.h"
#include "setup.h"
#include "tally.h"
#include "truth.h"

#define MOUNT_POINT "/sys/fs/cgroup"
#define PREFIX	    "perftrace-test-"
#define NOBODY	    65534

/* Where the hierarchy is mounted, and the test's own cgroup in it. */
static char root[512];
static char name[64];
static char directory[640];
/* Nobody but the test uses the hierarchy. */
static bool is_bare;

static bool is_wanted(const struct mntent *entry, bool is_first_version)
{
	return is_first_version ? !strcmp(entry->mnt_type, "cgroup") &&
					  hasmntopt(entry, "perf_event") :
				  !strcmp(entry->mnt_type, "cgroup2");
}

static bool find_root(bool is_first_version)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;

	ck_assert_ptr_nonnull(mounts);
	while ((entry = getmntent(mounts))) {
		if (is_wanted(entry, is_first_version))
			break;
	}
	if (entry)
		snprintf(root, sizeof(root), "%s", entry->mnt_dir);
	endmntent(mounts);
	return entry;
}

static void leave_mounts(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL),
			 0);
}

static void mount_hierarchy(const char *type, const char *options)
{
	leave_mounts();
	if (mount("none", MOUNT_POINT, type, 0, options))
		skip("%s can't be mounted at " MOUNT_POINT ": %s", type,
		     strerror(errno));
	snprintf(root, sizeof(root), "%s", MOUNT_POINT);
	is_bare = true;
}

static void write_to(const char *where, const char *file, const char *text)
{
	char path[800];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", where, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_msg(write(fd, text, strlen(text)) == (ssize_t)strlen(text),
		      "%s to %s: %s", text, path, strerror(errno));
	close(fd);
}

/* Of tests that failed: a process that died can't remove its cgroup. */
static void remove_left_over(void)
{
	char pattern[640];
	glob_t found;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/" PREFIX "*", root);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++) {
		const char *pid = strrchr(found.gl_pathv[i], '-') + 1;

		if (kill(atoi(pid), 0))
			rmdir(found.gl_pathv[i]);
	}
	globfree(&found);
}

static void make_cgroup(void)
{
	remove_left_over();
	snprintf(name, sizeof(name), PREFIX "%d", (int)getpid());
	snprintf(directory, sizeof(directory), "%s/%s", root, name);
	ck_assert_msg(!mkdir(directory, 0755), "%s: %s", directory,
		      strerror(errno));
}

static void begin(void)
{
	if (!find_root(true) && !find_root(false))
		mount_hierarchy("cgroup2", NULL);
	/* Any controller brings that of perf events along. */
	if (is_bare)
		write_to(root, "cgroup.subtree_control", "+pids");
	make_cgroup();
}

static void end(void)
{
	ck_assert_msg(!rmdir(directory), "%s: %s", directory, strerror(errno));
}

static void move_to(const char *where, pid_t pid)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", (int)pid);
	write_to(where, "cgroup.procs", text);
}

static const struct session_request inside = {
	.event = SYS_ENTER,
	.filter = GETPPID_CALLS,
	.cgroup = name,
};

static struct session_request counted_inside(void)
{
	struct session_request request = inside;

	request.mode = PERFTRACE_MODE_COUNT;
	return request;
}

static struct perftrace_source *only_source(struct perftrace_session *session)
{
	return perftrace_session_get_source(session, 0);
}

/* One caller in the cgroup, another outside, and the test is outside, too. */
static uint64_t call_around(struct caller *in, struct caller *out)
{
	static const struct caller_task task = {
		.num_calls = 50,
		.new_threads = 1,
		.new_children = 2,
	};
	uint64_t wanted = caller_run(in, &task);

	caller_run(out, &task);
	call_getppid(7);
	return wanted + caller_run(in, &task);
}

static void start_callers(struct caller *in, struct caller *out)
{
	caller_start(in, 2);
	caller_start(out, 2);
	move_to(directory, in->pid);
}

/* In reverse: the second has a copy of the pipe that tells the first to end. */
static void end_callers(struct caller *in, struct caller *out)
{
	caller_end(out);
	caller_end(in);
}

START_TEST(counts_what_is_inside)
{
	struct session_request request = counted_inside();
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct caller in, out;
	uint64_t wanted;

	begin();
	start_callers(&in, &out);
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	wanted = call_around(&in, &out);
	ck_assert_uint_eq(counted_by(context, only_source(session)), wanted);
	succeed(context, perftrace_session_stop(session));
	call_around(&in, &out);
	ck_assert_uint_eq(counted_by(context, only_source(session)), wanted);
	perftrace_session_free(session);
	end_callers(&in, &out);
	end();
	perftrace_context_unref(context);
}
END_TEST

/* How many records were lost. */
static uint64_t stream(const struct session_request *request)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct caller in, out;
	uint64_t wanted;

	start_callers(&in, &out);
	session = new_session(context, request);
	succeed(context, perftrace_session_start(session));
	wanted = call_around(&in, &out);
	succeed(context, perftrace_session_stop(session));
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, wanted);
	perftrace_session_free(session);
	end_callers(&in, &out);
	perftrace_context_unref(context);
	return tally.lost;
}

START_TEST(streams_what_is_inside)
{
	struct session_request request = inside;

	begin();
	ck_assert_uint_eq(stream(&request), 0);
	request.cgroup = directory;
	ck_assert_uint_eq(stream(&request), 0);
	end();
}
END_TEST

START_TEST(loses_of_what_is_inside)
{
	struct session_request request = inside;

	begin();
	request.ring_bytes = 4096;
	ck_assert_uint_gt(stream(&request), 0);
	request.order = PERFTRACE_ORDER_NONE;
	ck_assert_uint_gt(stream(&request), 0);
	end();
}
END_TEST

START_TEST(looks_at_what_is_below)
{
	struct session_request request = counted_inside();
	struct perftrace_context *context = new_context();
	static const struct caller_task task = { .num_calls = 30 };
	struct perftrace_session *session;
	struct caller caller;
	char below[700];

	begin();
	snprintf(below, sizeof(below), "%s/below", directory);
	ck_assert_int_eq(mkdir(below, 0755), 0);
	caller_start(&caller, 1);
	move_to(below, caller.pid);
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	ck_assert_uint_eq(caller_run(&caller, &task), 30);
	ck_assert_uint_eq(counted_by(context, only_source(session)), 30);
	perftrace_session_free(session);
	caller_end(&caller);
	ck_assert_int_eq(rmdir(below), 0);
	end();
	perftrace_context_unref(context);
}
END_TEST

START_TEST(follows_who_moves)
{
	struct session_request request = counted_inside();
	struct perftrace_context *context = new_context();
	static const struct caller_task task = { .num_calls = 20 };
	struct perftrace_session *session;
	struct caller caller;

	begin();
	caller_start(&caller, 2);
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	caller_run(&caller, &task);
	ck_assert_uint_eq(counted_by(context, only_source(session)), 0);
	move_to(directory, caller.pid);
	caller_run(&caller, &task);
	ck_assert_uint_eq(counted_by(context, only_source(session)), 40);
	move_to(root, caller.pid);
	caller_run(&caller, &task);
	ck_assert_uint_eq(counted_by(context, only_source(session)), 40);
	perftrace_session_free(session);
	caller_end(&caller);
	end();
	perftrace_context_unref(context);
}
END_TEST

/* It starts and is named outside, and is gone before its record is read. */
static void move_in_and_call(void)
{
	prctl(PR_SET_NAME, "moves-in");
	move_to(directory, getpid());
	call_getppid(1);
}

START_TEST(knows_the_names_of_those_who_moved_in)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_record *record;

	begin();
	session = new_session(context, &inside);
	succeed(context, perftrace_session_start(session));
	run_in_child(move_in_and_call);
	succeed(context, perftrace_session_stop(session));
	ck_assert_int_eq(perftrace_session_read(session, -1, &record), 1);
	ck_assert_int_eq(perftrace_record_get_kind(record),
			 PERFTRACE_RECORD_SAMPLE);
	ck_assert_str_eq(perftrace_record_get_comm(record), "moves-in");
	ck_assert_int_eq(perftrace_session_read(session, -1, &record), 0);
	perftrace_session_free(session);
	end();
	perftrace_context_unref(context);
}
END_TEST

static int sender_end;

static void *send_session(void *session)
{
	perftrace_session_send(session, sender_end, -1);
	return session;
}

/* To another context, which has not heard of a cgroup. */
static struct perftrace_session *hand_over(struct perftrace_session *session,
					   struct perftrace_context *context)
{
	struct perftrace_session *received;
	pthread_t thread;
	int ends[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	sender_end = ends[0];
	ck_assert_int_eq(pthread_create(&thread, NULL, send_session, session),
			 0);
	succeed(context,
		perftrace_session_receive(context, ends[1], -1, &received));
	pthread_join(thread, NULL);
	close(ends[0]);
	close(ends[1]);
	return received;
}

static void stream_handed_over(void)
{
	struct perftrace_context *context = new_context();
	struct perftrace_context *other = new_context();
	struct perftrace_session *session, *received;
	struct tally tally = { 0 };
	struct caller in, out;
	uint64_t wanted;

	start_callers(&in, &out);
	session = new_session(context, &inside);
	succeed(context, perftrace_session_start(session));
	wanted = call_around(&in, &out);
	received = hand_over(session, other);
	wanted += call_around(&in, &out);
	succeed(other, perftrace_session_stop(received));
	tally_read(other, received, &tally);
	expect_account(other, received, &tally, wanted);
	perftrace_session_free(received);
	perftrace_session_free(session);
	end_callers(&in, &out);
	perftrace_context_unref(other);
	perftrace_context_unref(context);
}

START_TEST(is_handed_over)
{
	begin();
	stream_handed_over();
	end();
}
END_TEST

static uint64_t count_on(const char *cpus, struct caller *caller)
{
	struct session_request request = counted_inside();
	struct perftrace_context *context = new_context();
	static const struct caller_task task = { .num_calls = 10 };
	struct perftrace_session *session;
	uint64_t count;

	request.cpus = cpus;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	caller_run(caller, &task);
	count = counted_by(context, only_source(session));
	perftrace_session_free(session);
	perftrace_context_unref(context);
	return count;
}

START_TEST(keeps_to_the_listed_cpus)
{
	struct caller caller;

	begin();
	pin_to_cpu(0);
	caller_start(&caller, 1);
	move_to(directory, caller.pid);
	ck_assert_uint_eq(count_on("0", &caller), 10);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		ck_assert_uint_eq(count_on("1", &caller), 0);
	caller_end(&caller);
	end();
}
END_TEST

START_TEST(ends_with_the_command)
{
	const char *command[] = { getppid_path(), "100", NULL };
	static const struct caller_task task = { .num_calls = 40 };
	struct perftrace_context *context = new_context();
	struct session_request request = inside;
	struct perftrace_session *session;
	struct tally tally = { 0 };
	struct caller caller;

	begin();
	caller_start(&caller, 1);
	move_to(directory, caller.pid);
	request.command = command;
	request.is_system_wide = true;
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	caller_run(&caller, &task);
	/* The end of the stream is that of the command. */
	tally_read(context, session, &tally);
	expect_account(context, session, &tally, 40);
	perftrace_session_free(session);
	caller_end(&caller);
	end();
	perftrace_context_unref(context);
}
END_TEST

static void expect_descriptors(int32_t mode)
{
	struct perftrace_context *context = new_context();
	struct session_request request = inside;
	struct perftrace_session *session;
	size_t before;

	request.mode = mode;
	session = new_session(context, &request);
	before = count_descriptors();
	succeed(context, perftrace_session_open(session));
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session),
			  count_descriptors() - before);
	perftrace_session_close(session);
	ck_assert_uint_eq(count_descriptors(), before);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(counts_its_descriptors)
{
	begin();
	expect_descriptors(PERFTRACE_MODE_STREAM);
	expect_descriptors(PERFTRACE_MODE_COUNT);
	end();
}
END_TEST

START_TEST(outlives_its_cgroup)
{
	struct session_request request = counted_inside();
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;

	begin();
	session = new_session(context, &request);
	succeed(context, perftrace_session_start(session));
	run_in_child(move_in_and_call);
	end();
	call_getppid(3);
	ck_assert_uint_eq(counted_by(context, only_source(session)), 1);
	perftrace_session_free(session);
	session = new_session(context, &request);
	refuse(context, perftrace_session_open(session), -ENOENT,
	       "there is no cgroup", name);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static void refuse_cgroup(const char *cgroup, int code, const char *part,
			  const char *remedy)
{
	struct perftrace_context *context = new_context();
	struct session_request request = inside;
	size_t before = count_descriptors();
	struct perftrace_session *session;

	request.cgroup = cgroup;
	session = new_session(context, &request);
	refuse(context, perftrace_session_open(session), code, cgroup, part);
	if (remedy)
		expect_remedy(context, remedy);
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session), 0);
	ck_assert_uint_eq(count_descriptors(), before);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(refuses_what_is_no_cgroup)
{
	char path[700];

	begin();
	refuse_cgroup("no/such", -ENOENT, root, "/proc/PID/cgroup");
	refuse_cgroup("/no/such", -ENOENT, "there is no cgroup /no/such", "");
	refuse_cgroup("cgroup.procs", -ENOTDIR, "directory", NULL);
	refuse_cgroup("/tmp", -EBADF, "not the directory of a cgroup", root);
	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	refuse_cgroup(path, -ENOTDIR, "directory", NULL);
	end();
}
END_TEST

/* A hierarchy with a name and no controller, of the first version. */
static void refuse_other_hierarchy(void)
{
	char other[] = "/tmp/perftrace cgroup XXXXXX";
	int ret;

	ck_assert_ptr_nonnull(mkdtemp(other));
	leave_mounts();
	ret = mount("none", other, "cgroup", 0, "none,name=perftrace-test");
	if (!ret) {
		refuse_cgroup(other, -EBADF,
			      "hierarchy without the perf_event controller",
			      root);
		ck_assert_int_eq(umount(other), 0);
	}
	ck_assert_int_eq(rmdir(other), 0);
	ck_assert_msg(!ret, "no hierarchy of the first version");
}

START_TEST(refuses_another_hierarchy)
{
	begin();
	run_in_child(refuse_other_hierarchy);
	end();
}
END_TEST

static void lose_hierarchies(void)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct perftrace_context *context = new_context();
	struct session_request request = inside;
	struct perftrace_session *session;
	char path[64];

	leave_mounts();
	while (find_root(true) || find_root(false))
		ck_assert_int_eq(umount2(root, MNT_DETACH), 0);
	refuse_cgroup(name, -ENOENT, "no hierarchy", "mount -t cgroup2");
	/* A directory is all that it takes. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	request.cgroup = path;
	session = new_session(context, &request);
	succeed(context, perftrace_session_open(session));
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(needs_no_mount_for_a_directory)
{
	begin();
	run_in_child(lose_hierarchies);
	end();
}
END_TEST

static void open_as_nobody(void)
{
	struct perftrace_context *context = new_context();
	struct session_request request = counted_inside();
	struct perftrace_session *session = new_session(context, &request);

	ck_assert_int_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
	ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
	refuse(context, perftrace_session_open(session), -EACCES,
	       " for cgroup ", directory, "kernel.perf_event_paranoid");
	expect_remedy(context, "CAP_PERFMON");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

START_TEST(nobody_is_refused)
{
	begin();
	run_in_child(open_as_nobody);
	end();
}
END_TEST

static bool has_passed_a_controller_on(void)
{
	char path[640], text[2] = "";
	FILE *file;
	bool has;

	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", root);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	has = fgets(text, sizeof(text), file) && *text != '\n';
	fclose(file);
	return has;
}

static void open_without_controller(int32_t mode)
{
	struct perftrace_context *context = new_context();
	struct session_request request = inside;
	struct perftrace_session *session;

	request.mode = mode;
	session = new_session(context, &request);
	ck_assert_int_eq(expect_truth(context, session, PERFTRACE_GATE_CGROUP),
			 -ENOENT);
	refuse(context, perftrace_session_open(session), -ENOENT,
	       " for cgroup ", directory, "controller is not enabled");
	expect_remedy(context, "cgroup.subtree_control");
	perftrace_session_free(session);
	perftrace_context_unref(context);
}

/* Before all others: they enable it for good. */
START_TEST(cgroups_without_the_controller)
{
	if (find_root(true) || find_root(false))
		skip("the machine's cgroups have the controller");
	mount_hierarchy("cgroup2", NULL);
	if (has_passed_a_controller_on())
		skip("the machine's cgroups have had the controller");
	make_cgroup();
	open_without_controller(PERFTRACE_MODE_STREAM);
	open_without_controller(PERFTRACE_MODE_COUNT);
	/* What the remedy says helps. */
	write_to(root, "cgroup.subtree_control", "+pids");
	expect_descriptors(PERFTRACE_MODE_STREAM);
	end();
}
END_TEST

/* After all others: it takes the controller away from cgroup2. */
START_TEST(hierarchies_of_version_1)
{
	struct session_request request = inside;

	if (find_root(true) || find_root(false))
		skip("the machine's controllers are in use");
	mount_hierarchy("cgroup", "perf_event");
	make_cgroup();
	stream(&request);
	end();
	ck_assert_int_eq(umount(root), 0);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(cgroups_without_the_controller),
	TEST(counts_what_is_inside),
	TEST(streams_what_is_inside),
	TEST(loses_of_what_is_inside),
	TEST(looks_at_what_is_below),
	TEST(follows_who_moves),
	TEST(knows_the_names_of_those_who_moved_in),
	TEST(is_handed_over),
	TEST(keeps_to_the_listed_cpus),
	TEST(ends_with_the_command),
	TEST(counts_its_descriptors),
	TEST(outlives_its_cgroup),
	TEST(refuses_what_is_no_cgroup),
	TEST(refuses_another_hierarchy),
	TEST(needs_no_mount_for_a_directory),
	TEST(nobody_is_refused),
	TEST(hierarchies_of_version_1),
};

HARNESS_MAIN("cgroup", tests, HARNESS_LIVE)
