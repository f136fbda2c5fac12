/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SYS_FACTS_H
#define SYS_FACTS_H

/* System calls that ask who the caller is and what it may use. As in sys.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct perf_event_attr;

/* Real, effective and saved. */
void sys_get_ids(uint32_t uids[3], uint32_t gids[3]);

/* Others of the same user may look into the process. */
bool sys_is_dumpable(void);

/* The soft RLIMIT_MEMLOCK; UINT64_MAX: none. */
uint64_t sys_locked_limit(void);

/* Descriptors in use that count against the soft RLIMIT_NOFILE. */
int sys_count_descriptors(uint64_t *count);

struct sys_owner {
	uint32_t uid;
	uint32_t gid;
	/* Permission bits alone. */
	uint32_t mode;
};

int sys_get_owner(const char *path, struct sys_owner *owner);

/* 0 when a file can be opened for reading, or for appending; nothing is done. */
int sys_check_readable(const char *path);
int sys_check_appendable(const char *path);

/* Without attributes: -EFAULT comes from the kernel itself. */
int sys_perf_event_open_nothing(void);

/* In the place of a set of capabilities. */
#define SYS_SAME_CAPABILITIES UINT64_MAX

struct sys_call {
	/* The only ones of the effective capabilities that are left. */
	uint64_t capabilities;
	/* It must make system calls alone. */
	void (*function)(void *data);
	/* Of plain bytes: a copy is used, and copied back. */
	void *data;
	size_t data_bytes;
	/*
	 * A filter may be the end of who makes the calls. Then the process has
	 * a copy of the caller's memory and does not share it, which takes
	 * longer: up to Linux 5.15, who dumps core takes all with it that share
	 * its memory (zap_threads()).
	 */
	bool may_be_killed;
};

/*
 * Call a function in a process of its own. No signal tells of its end, and
 * wait(2) does not see it. 0; -errno when it could not be had; -ECHILD when it
 * was killed.
 */
int sys_call_apart(const struct sys_call *call);

#endif /* SYS_FACTS_H */
