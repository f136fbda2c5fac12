/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "task_sense.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access_task.h"
#include "sensor.h"
#include "sys.h"
#include "sys_facts.h"

/* "\nUid:\t1000\t1000\t1000\t1000": the fourth is for files. */
static bool read_ids(const char *status, const char *key, uint32_t ids[3])
{
	const char *line = strstr(status, key);

	return line &&
	       sscanf(line + strlen(key), "%" SCNu32 " %" SCNu32 " %" SCNu32,
		      &ids[0], &ids[1], &ids[2]) == 3;
}

static int32_t read_process(const char *status)
{
	static const char key[] = "\nTgid:";
	const char *line = strstr(status, key);

	return line ? (int32_t)strtol(line + strlen(key), NULL, 10) : 0;
}

static bool read_permitted(const char *status, uint64_t *permitted)
{
	static const char key[] = "\nCapPrm:";
	const char *line = strstr(status, key);

	if (line)
		*permitted = strtoull(line + strlen(key), NULL, 16);
	return line;
}

/* What a caller without capabilities is answered. */
struct trial {
	int32_t tid;
	int32_t own_answer;
	int32_t answer;
};

static void try_task(void *data)
{
	struct trial *trial = data;

	trial->own_answer = sensor_ask_task(0);
	trial->answer = sensor_ask_task(trial->tid);
}

/*
 * Of root's own, the owner tells nothing. But it is what decides whether root
 * without capabilities may have events of it, when that may have any.
 */
static enum fact try_dumpable(int32_t tid)
{
	struct trial trial = { .tid = tid };
	const struct sys_call call = {
		.capabilities = 0,
		.function = try_task,
		.data = &trial,
		.data_bytes = sizeof(trial),
		.may_be_killed = true,
	};
	uint32_t uids[3], gids[3];

	sys_get_ids(uids, gids);
	if (uids[0] || gids[0] || sys_call_apart(&call) || trial.own_answer)
		return FACT_UNKNOWN;
	return !trial.answer	       ? FACT_YES :
	       trial.answer == -EACCES ? FACT_NO :
					 FACT_UNKNOWN;
}

/* Files of a process that is not belong to root (task_dump_owner()). */
static enum fact read_dumpable(int32_t tid, uint32_t uid)
{
	struct sys_owner owner;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%" PRId32 "/maps", tid);
	if (sys_get_owner(path, &owner))
		return FACT_UNKNOWN;
	if (!uid)
		return try_dumpable(tid);
	return owner.uid == uid ? FACT_YES : FACT_NO;
}

static void read_status(int32_t tid, struct access_task *task)
{
	char path[64], *status;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%" PRId32 "/status", tid);
	if (sys_read_file(path, &status, &size))
		return;
	task->is_known = read_ids(status, "\nUid:", task->uids) &&
			 read_ids(status, "\nGid:", task->gids) &&
			 read_permitted(status, &task->permitted);
	task->is_own_process = read_process(status) == (int32_t)sys_own_pid();
	free(status);
	task->is_dumpable = read_dumpable(tid, task->uids[1]);
}

void task_sense(int32_t tid, bool is_asked, struct access_task *task)
{
	*task = (struct access_task){ .tid = tid, .answer = NOT_SENSED };
	read_status(tid, task);
	if (is_asked)
		task->answer = sensor_ask_task(tid);
	else if (sys_check_process(tid) == -ESRCH)
		task->answer = -ESRCH;
	/* A shortage is no answer, nor is what another gate says. */
	if (task->answer != -ESRCH && task->answer != -EACCES && task->answer)
		task->answer = NOT_SENSED;
}
