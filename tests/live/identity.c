/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define LEVEL_FILE "/proc/sys/kernel/perf_event_paranoid"

#define BIT(capability) (UINT64_C(1) << (capability))
#define ALL		(~UINT64_C(0))

const struct identity identities[] = {
	{ "root", 0, ALL, false, "uid=0" },
	{ "root without capabilities", 0, 0, false, "uid=0,caps=none" },
	{ "user", USER_UID, 0, false, "uid=1000" },
	{ "user with CAP_PERFMON", USER_UID, BIT(CAP_PERFMON), false,
	  "uid=1000,caps=perfmon" },
	{ "user with CAP_SYS_ADMIN", USER_UID, BIT(CAP_SYS_ADMIN), false,
	  "uid=1000,caps=sys_admin" },
	{ "user with CAP_SYS_PTRACE", USER_UID, BIT(CAP_SYS_PTRACE), false,
	  "uid=1000,caps=sys_ptrace" },
	{ "user with CAP_IPC_LOCK", USER_UID, BIT(CAP_IPC_LOCK), false,
	  "uid=1000,caps=ipc_lock" },
	{ "user with CAP_DAC_READ_SEARCH", USER_UID, BIT(CAP_DAC_READ_SEARCH),
	  false, "uid=1000,caps=dac_read_search" },
	{ "root of a user namespace", USER_UID, ALL, true,
	  "userns=other,uid=0,caps=all" },
};

const size_t num_identities = sizeof(identities) / sizeof(identities[0]);

static void set_capabilities(uint64_t wanted)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	ck_assert_int_eq(syscall(SYS_capget, &header, data), 0);
	data[0].permitted &= (uint32_t)wanted;
	data[1].permitted &= (uint32_t)(wanted >> 32);
	data[0].effective = data[0].permitted;
	data[1].effective = data[1].permitted;
	ck_assert_int_eq(syscall(SYS_capset, &header, data), 0);
}

static void become_user(uint32_t uid)
{
	ck_assert_int_eq(prctl(PR_SET_KEEPCAPS, 1), 0);
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setresgid(uid, uid, uid), 0);
	ck_assert_int_eq(setresuid(uid, uid, uid), 0);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(errno);
	close(fd);
}

/* Someone outside writes the map, who may map any user. */
static void __attribute__((noreturn)) write_maps(pid_t pid, int gate)
{
	char path[64], go;

	if (read(gate, &go, 1) != 1)
		_exit(EXIT_FAILURE);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
	write_file(path, "0 1000 1");
	snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)pid);
	write_file(path, "0 1000 1");
	_exit(EXIT_SUCCESS);
}

static void become_root_of_namespace(void)
{
	int gate[2], status;
	pid_t pid = getpid(), writer;

	ck_assert_int_eq(pipe2(gate, O_CLOEXEC), 0);
	writer = fork();
	ck_assert_int_ge(writer, 0);
	if (!writer)
		write_maps(pid, gate[0]);
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	ck_assert_int_eq(write(gate[1], "", 1), 1);
	ck_assert_int_eq(waitpid(writer, &status, 0), writer);
	ck_assert_int_eq(status, 0);
	close(gate[0]);
	close(gate[1]);
	ck_assert_int_eq(setresgid(0, 0, 0), 0);
	ck_assert_int_eq(setresuid(0, 0, 0), 0);
}

void become(const struct identity *identity)
{
	if (identity->is_in_namespace) {
		become_root_of_namespace();
	} else {
		if (identity->uid)
			become_user(identity->uid);
		if (identity->uid || identity->capabilities != ALL)
			set_capabilities(identity->capabilities);
	}
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
}

static void __attribute__((noreturn))
sleep_for_good(uint32_t uid, bool is_dumpable, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (uid && (setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
		_exit(EXIT_FAILURE);
	prctl(PR_SET_DUMPABLE, is_dumpable);
	/* setresuid(2) forgets it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(ready, "", 1) != 1)
		_exit(EXIT_FAILURE);
	close(ready);
	for (;;)
		pause();
}

pid_t start_sleeper(uint32_t uid, bool is_dumpable)
{
	int ready[2];
	pid_t pid;
	char byte;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid)
		sleep_for_good(uid, is_dumpable, ready[1]);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

void end_sleeper(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int read_level(void)
{
	FILE *file = fopen(LEVEL_FILE, "re");
	int level;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%d", &level), 1);
	fclose(file);
	return level;
}

void write_level(int level)
{
	FILE *file = fopen(LEVEL_FILE, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(fprintf(file, "%d", level), 0);
	ck_assert_int_eq(fclose(file), 0);
}
