/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access_task.h"

#include <errno.h>
#include <linux/capability.h>

static bool have_same(const uint32_t ids[3], uint32_t id)
{
	return ids[0] == id && ids[1] == id && ids[2] == id;
}

/* __ptrace_may_access(), of another process, without the capability. */
static enum fact allows_equals(const struct facts *facts, const uint32_t *uids,
			       const uint32_t *gids, uint64_t permitted,
			       enum fact is_dumpable)
{
	if (!have_same(uids, facts->uids[0]) ||
	    !have_same(gids, facts->gids[0]))
		return FACT_NO;
	/* cap_ptrace_access_check(): what the task could do must be mine. */
	if (permitted & ~facts->permitted)
		return FACT_NO;
	return is_dumpable;
}

enum fact access_task_allows(const struct access_task *task,
			     const struct facts *facts)
{
	if (task->is_own_process || facts_have(facts, CAP_SYS_PTRACE))
		return FACT_YES;
	if (facts->is_own && task->answer != NOT_SENSED)
		return task->answer == -EACCES ? FACT_NO : FACT_YES;
	if (task->is_own_child)
		return allows_equals(facts, facts->uids, facts->gids,
				     facts->permitted, facts->is_dumpable);
	if (!task->is_known)
		return FACT_UNKNOWN;
	return allows_equals(facts, task->uids, task->gids, task->permitted,
			     task->is_dumpable);
}
