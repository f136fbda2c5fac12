/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "owner.h"

static struct owner identify(void)
{
	struct owner owner;

	ck_assert_int_eq(owner_identify(&owner), 0);
	return owner;
}

static const struct owner example = {
	.boot = 0x0a1b2c3d,
	.pid_namespace = 0xeffffffc,
	.time_namespace = 0xeffffffa,
	.pid = 4194303,
	.start_ticks = 123456789012,
};

START_TEST(writes_and_reads_a_group)
{
	char group[OWNER_GROUP_BYTES];
	struct owner owner;

	owner_write_group(&example, group);
	ck_assert_str_eq(group, "perftrace_0a1b2c3d_effffffc_effffffa_4194303_"
				"123456789012");
	ck_assert(owner_parse_group(group, &owner));
	ck_assert_mem_eq(&owner, &example, sizeof(owner));
}
END_TEST

START_TEST(knows_groups_of_others)
{
	static const char *const others[] = {
		"",
		"kprobes",
		"perftrace_",
		"perftrace_live",
		"perftrace_0a1b2c3d_effffffc_effffffa_4194303",
		"perftrace_0a1b2c3d_effffffc_effffffa_4194303_",
		"perftrace_0a1b2c3d_effffffc_effffffa_4194303_1x",
		"perftrace_0a1b2c3d_effffffc_effffffa_4194303_1_2",
		"perftrace_0a1b2c3d_effffffc_effffffa_04194303_1",
		"perftrace_0a1b2c3d_effffffc_effffffa_-1_1",
		"perftrace_0a1b2c3d_effffffc_effffffa_0_1",
		"perftrace_0A1B2C3D_effffffc_effffffa_4194303_1",
		"perftrace_a1b2c3d_effffffc_effffffa_4194303_1",
		"perftrace_0x1b2c3d_effffffc_effffffa_4194303_1",
		"xperftrace_0a1b2c3d_effffffc_effffffa_4194303_1",
		"perftrace_0a1b2c3d_effffffc_effffffa_4194303_+1",
		"perftrace_0a1b2c3d_effffffc_effffffa_4194303_ 1",
	};
	struct owner owner;
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(!owner_parse_group(others[i], &owner), "%s",
			      others[i]);
}
END_TEST

START_TEST(names_the_running_process)
{
	struct owner own = identify(), again = identify();

	ck_assert_int_eq(own.pid, getpid());
	ck_assert_uint_ne(own.boot, 0);
	ck_assert_uint_ne(own.pid_namespace, 0);
	ck_assert_uint_ne(own.start_ticks, 0);
	ck_assert_mem_eq(&own, &again, sizeof(own));
	ck_assert(!owner_is_dead(&own, &own));
}
END_TEST

/* A child that waits, as it names itself. */
static pid_t start_child(struct owner *owner)
{
	int pipe_ends[2];
	pid_t pid;

	ck_assert_int_eq(pipe(pipe_ends), 0);
	pid = fork();
	if (!pid) {
		if (owner_identify(owner) ||
		    write(pipe_ends[1], owner, sizeof(*owner)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(read(pipe_ends[0], owner, sizeof(*owner)),
			 sizeof(*owner));
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	return pid;
}

START_TEST(tells_the_living_from_the_dead)
{
	struct owner own = identify(), child;
	siginfo_t info;
	pid_t pid = start_child(&child);

	ck_assert_int_eq(child.pid, pid);
	ck_assert(!owner_is_dead(&child, &own));
	kill(pid, SIGKILL);
	/* Ended, but not reaped. */
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert(owner_is_dead(&child, &own));
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(owner_is_dead(&child, &own));
}
END_TEST

static void *stay(void *data)
{
	for (;;)
		pause();
	return data;
}

static void wait_for_zombie(pid_t pid)
{
	char path[64], line[512] = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	do {
		FILE *file = fopen(path, "re");

		ck_assert_ptr_nonnull(file);
		ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
		fclose(file);
	} while (strrchr(line, ')')[2] != 'Z');
}

/* Its first thread has ended, and another goes on. */
START_TEST(lets_the_threads_of_an_ended_leader_live)
{
	struct owner own = identify(), child;
	int pipe_ends[2];
	pid_t pid;

	ck_assert_int_eq(pipe(pipe_ends), 0);
	pid = fork();
	if (!pid) {
		pthread_t thread;

		if (owner_identify(&child) ||
		    pthread_create(&thread, NULL, stay, NULL) ||
		    write(pipe_ends[1], &child, sizeof(child)) < 0)
			_exit(1);
		syscall(SYS_exit, 0);
	}
	ck_assert_int_eq(read(pipe_ends[0], &child, sizeof(child)),
			 sizeof(child));
	wait_for_zombie(pid);
	ck_assert(!owner_is_dead(&child, &own));
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(owner_is_dead(&child, &own));
}
END_TEST

START_TEST(knows_a_number_that_was_given_again)
{
	struct owner own = identify(), earlier = own;

	earlier.start_ticks--;
	ck_assert(owner_is_dead(&earlier, &own));
}
END_TEST

/* tracefs is gone with it: somebody does not see the true number. */
START_TEST(does_not_judge_other_boots)
{
	struct owner own = identify(), other = own;

	other.pid = INT32_MAX;
	other.boot++;
	ck_assert(!owner_is_dead(&other, &own));
}
END_TEST

START_TEST(does_not_judge_without_start_times)
{
	struct owner own = identify(), other = own;

	other.pid = INT32_MAX;
	ck_assert(owner_is_dead(&other, &own));
	other.start_ticks = 0;
	ck_assert(!owner_is_dead(&other, &own));
	other.start_ticks = 1;
	own.start_ticks = 0;
	ck_assert(!owner_is_dead(&other, &own));
}
END_TEST

/* The first process of a PID namespace that has no /proc of its own. */
static void report_identity(int end)
{
	struct owner owner;

	if (owner_identify(&owner) || write(end, &owner, sizeof(owner)) < 0)
		_exit(1);
	_exit(0);
}

/* As "unshare --pid --fork"; a process that did it starts no more threads. */
static void enter_namespace(int end)
{
	pid_t pid;

	if (unshare(CLONE_NEWPID))
		_exit(1);
	pid = fork();
	if (!pid)
		report_identity(end);
	_exit(waitpid(pid, NULL, 0) != pid);
}

START_TEST(takes_no_start_time_of_others)
{
	struct owner owner;
	int pipe_ends[2];
	pid_t pid;

	if (geteuid())
		skip("needs root");
	ck_assert_int_eq(pipe(pipe_ends), 0);
	pid = fork();
	if (!pid)
		enter_namespace(pipe_ends[1]);
	ck_assert_int_eq(read(pipe_ends[0], &owner, sizeof(owner)),
			 sizeof(owner));
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(owner.pid, 1);
	ck_assert_uint_eq(owner.start_ticks, 0);
}
END_TEST

START_TEST(does_not_judge_other_namespaces)
{
	struct owner own = identify(), other = own;

	/* No process here, but there may be one there. */
	other.pid = INT32_MAX;
	other.pid_namespace++;
	ck_assert(!owner_is_dead(&other, &own));
	other.pid_namespace--;
	other.time_namespace++;
	ck_assert(!owner_is_dead(&other, &own));
	other.time_namespace--;
	ck_assert(owner_is_dead(&other, &own));
}
END_TEST

static const struct harness_test tests[] = {
	TEST(writes_and_reads_a_group),
	TEST(knows_groups_of_others),
	TEST(names_the_running_process),
	TEST(tells_the_living_from_the_dead),
	TEST(lets_the_threads_of_an_ended_leader_live),
	TEST(knows_a_number_that_was_given_again),
	TEST(does_not_judge_other_boots),
	TEST(does_not_judge_without_start_times),
	TEST(takes_no_start_time_of_others),
	TEST(does_not_judge_other_namespaces),
};

HARNESS_MAIN("owner", tests, HARNESS_UNIT)
