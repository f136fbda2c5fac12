/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who reads the rings of an opening, and who waits for what. Where readers are
 * asked for, each has some of the rings, and all that its thread writes to: what
 * they share is the names of tasks, for which see comms.c.
 */
#include "opening_readers.h"

#include <errno.h>
#include <stdlib.h>

#include "command.h"
#include "comms.h"
#include "descriptors.h"
#include "log.h"
#include "lots.h"
#include "opening_state.h"
#include "reader.h"
#include "session_config.h"
#include "source.h"
#include "sys.h"
#include "target.h"
#include "waiter.h"

bool opening_is_streaming(const struct opening *opening)
{
	return opening->request.settings->mode == PERFTRACE_MODE_STREAM;
}

/* Each in a thread of its own, and with a log of its own. */
bool opening_has_readers(const struct opening *opening)
{
	return opening_is_streaming(opening) &&
	       opening->request.settings->num_readers;
}

static bool is_counting_process(const struct opening *opening)
{
	return opening->request.settings->mode == PERFTRACE_MODE_COUNT &&
	       !opening->request.command && target_is_task(&opening->target);
}

/*
 * Records tell of the names of tasks that start, not of those that are there.
 * What one reader notes, all know.
 */
static void note_tasks(struct opening *opening)
{
	struct reader *reader = opening->lots[0].reader;
	size_t i;

	if (opening->request.command)
		reader_note_task(reader,
				 command_get_pid(opening->request.command));
	for (i = 0; opening->scope.is_task && i < opening->target.num_tids; i++)
		reader_note_task(reader, opening->target.tids[i]);
}

static int make_lots(struct opening *opening)
{
	uint32_t num_readers = opening_has_readers(opening) ?
				       opening->request.settings->num_readers :
				       1;
	size_t count = lots_count(opening->num_rings, num_readers);

	opening->lots = calloc(count, sizeof(*opening->lots));
	if (!opening->lots)
		return -ENOMEM;
	opening->num_lots = count;
	lots_deal(opening->num_rings, opening->lots, count);
	return 0;
}

static int make_reader(struct opening *opening, struct lot *lot)
{
	if (opening_has_readers(opening)) {
		lot->log = log_new();
		if (!lot->log)
			return -ENOMEM;
	}
	lot->reader = reader_new(lot->log ? lot->log : opening->log,
				 opening->rings + lot->first_ring,
				 lot->num_rings, opening->request.settings,
				 opening->request.has_format_lost);
	if (!lot->reader)
		return -ENOMEM;
	if (opening->names)
		reader_share_names(lot->reader, opening->names);
	return 0;
}

static int make_all_readers(struct opening *opening)
{
	int ret = make_lots(opening);
	size_t i;

	if (opening_has_readers(opening)) {
		opening->names = comms_pool_new();
		if (!opening->names)
			return -ENOMEM;
	}
	for (i = 0; !ret && i < opening->num_lots; i++)
		ret = make_reader(opening, &opening->lots[i]);
	return ret;
}

int opening_make_readers(struct opening *opening)
{
	if (make_all_readers(opening))
		return fail_memory(opening->log);
	note_tasks(opening);
	return 0;
}

void opening_free_readers(struct opening *opening)
{
	size_t i;

	for (i = 0; i < opening->num_lots; i++) {
		struct lot *lot = &opening->lots[i];

		reader_free(lot->reader);
		waiter_free(lot->waiter);
		log_free(lot->log);
	}
	free(opening->lots);
	comms_pool_free(opening->names);
	opening->lots = NULL;
	opening->num_lots = 0;
	opening->names = NULL;
}

/* The descriptors from @first on. */
static int watch(struct lot *lot, struct descriptors *set,
		 enum waiter_subject subject, size_t first, size_t count)
{
	size_t i, cpu_index;

	for (i = first; i < first + count; i++) {
		int fd = descriptors_get_fd(set, i, &cpu_index), ret = 0;

		if (fd < 0)
			continue;
		ret = waiter_add(lot->waiter, fd, subject);
		if (ret)
			return ret;
		lot->num_tasks += subject != WAITER_RING;
	}
	return 0;
}

/* Without a ring, a perf descriptor hangs up from the start. */
static int watch_process(struct opening *opening, struct lot *lot)
{
	int32_t pid = opening->request.settings->pid;

	if (opening->process < 0)
		opening->process = sys_pidfd_open(pid ? pid : sys_own_pid());
	if (opening->process < 0)
		return opening->process;
	lot->num_tasks = 1;
	return waiter_add(lot->waiter, opening->process, WAITER_PROCESS);
}

/*
 * One descriptor per task tells of its end, and of that of all it started: the
 * events of a child go with it, and one CPU's do so for all. The child that
 * becomes the command has a descriptor of its own for that.
 *
 * Several readers each watch the tasks on a CPU of theirs: on another's, they
 * would take the news of its ring.
 */
static int watch_all(struct opening *opening, struct lot *lot)
{
	struct command *command = opening->request.command;
	struct descriptors *first =
		source_get_descriptors(opening->request.sources[0]);
	size_t num_tids = opening->target.num_tids;
	int ret = 0;

	if (opening_has_readers(opening))
		ret = waiter_add_alarm(lot->waiter);
	if (!ret && opening_is_streaming(opening))
		ret = watch(lot, opening->anchors, WAITER_RING, lot->first_ring,
			    lot->num_rings);
	if (!ret && command && command_get_fd(command) >= 0)
		ret = waiter_add(lot->waiter, command_get_fd(command),
				 WAITER_COMMAND);
	if (!ret && is_counting_process(opening))
		return watch_process(opening, lot);
	if (!ret && !command && opening->scope.is_task)
		ret = watch(lot, first,
			    opening->recorder ? WAITER_TASK_END : WAITER_TASK,
			    lot->first_ring * num_tids, num_tids);
	return ret;
}

static int open_waiter(struct opening *opening, struct lot *lot)
{
	int ret = waiter_new(&lot->waiter);

	return ret ? ret : watch_all(opening, lot);
}

int opening_add_waiters(struct opening *opening)
{
	int ret = opening->lots ? 0 : make_lots(opening);
	size_t i;

	for (i = 0; !ret && i < opening->num_lots; i++)
		ret = open_waiter(opening, &opening->lots[i]);
	return ret;
}

bool opening_has_timer(const struct opening *opening)
{
	return opening_is_streaming(opening) || opening->watch;
}

void opening_start_timers(struct opening *opening)
{
	size_t i;

	for (i = 0; opening_has_timer(opening) && i < opening->num_lots; i++)
		waiter_set_timer(opening->lots[i].waiter,
				 opening->request.settings->flush_interval_ms);
}

void opening_stop_timers(struct opening *opening)
{
	/* Others' are for their threads to stop. */
	if (!opening_has_readers(opening))
		waiter_set_timer(opening->lots[0].waiter, 0);
}

struct reader *opening_get_reader(struct opening *opening)
{
	return opening->lots[0].reader;
}

size_t opening_get_num_lots(struct opening *opening)
{
	return opening->num_lots;
}

struct lot *opening_get_lot(struct opening *opening, size_t index)
{
	return &opening->lots[index];
}

void opening_raise_alarms(struct opening *opening)
{
	size_t i;

	for (i = 0; opening_has_readers(opening) && i < opening->num_lots; i++)
		waiter_raise_alarm(opening->lots[i].waiter);
}
