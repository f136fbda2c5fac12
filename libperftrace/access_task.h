/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ACCESS_TASK_H
#define ACCESS_TASK_H

/* Whose tasks one may look into. Pure. */

#include <stdbool.h>
#include <stdint.h>

#include "facts.h"

/* A task that events are asked of. */
struct access_task {
	int32_t tid;
	/* A dummy on it, to this caller: 0, -errno, or NOT_SENSED. */
	int32_t answer;
	/* Of the caller itself. */
	bool is_own_process;
	/* A child that the session will start: as the caller is. */
	bool is_own_child;
	/* The rest is known. */
	bool is_known;
	uint32_t uids[3];
	uint32_t gids[3];
	uint64_t permitted;
	enum fact is_dumpable;
};

/* ptrace_may_access(), with PTRACE_MODE_READ_REALCREDS. */
enum fact access_task_allows(const struct access_task *task,
			     const struct facts *facts);

#endif /* ACCESS_TASK_H */
