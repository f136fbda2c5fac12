/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TARGET_H
#define TARGET_H

/* Where a session's events are opened: these CPUs, each for these tasks. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu_list.h"

struct cgroup;
struct log;
struct session_settings;

/* In the place of a task: all tasks. In that of a CPU: any CPU. */
#define ALL_TASKS (-1)
#define ANY_CPU	  (-1)

struct target {
	struct cpu_list cpus;
	int32_t *tids;
	size_t num_tids;
	/* Narrows "all tasks" to those in it; NULL: it does not. */
	struct cgroup *cgroup;
};

/*
 * Find out which CPUs and tasks the settings mean now. @command_pid: of the
 * child that will run the command, or NO_PID. -ENODEV, -ESRCH, -ENOMEM, or what
 * cgroup_open() answers, with the reason. To be cleared, also when the same
 * target is resolved again.
 */
int target_resolve(struct log *log, const struct session_settings *settings,
		   int32_t command_pid, struct target *target);
void target_clear(struct target *target);

/* Which CPUs are online, ascending; to be cleared. With the reason. */
int target_read_online(struct log *log, struct cpu_list *online);

/* Does it stand for tasks, rather than for CPUs? */
bool target_is_task(const struct target *target);

/*
 * Have threads been started since? Opening takes a while, and a thread that a
 * thread already opened has started is followed, one that another has started
 * is not: which it was can't be told afterwards. 1 when there are new ones.
 */
int target_has_grown(struct log *log, const struct session_settings *settings,
		     const struct target *target);

#endif /* TARGET_H */
