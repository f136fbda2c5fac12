/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why groups? To enable an event, the kernel takes down and sets up again all
 * that is enabled on its CPU (ctx_resched() in kernel/events/core.c): one by one,
 * that is quadratic. Members of a group that are opened enabled, under a leader
 * that is not, do not run, and are not set up; enabling the leader starts them
 * all, in one call to the CPU that has been done when the ioctl returns. In the
 * same way they are stopped: group_sched_out() takes all of them from the
 * tracepoints. Their times count only while the leader is enabled, so that each
 * still tells for itself how long it was enabled and ran.
 *
 * The leader is a dummy of its own. An anchor would do on CPUs, but not in a
 * cgroup: a group is of one cgroup, and anchors are of none.
 *
 * Events of tasks are not grouped: for each task and CPU there would have to be
 * a leader, and what starts them is the exec, or the few ioctls of the one
 * process that is followed.
 *
 * A leader goes last. When it goes while members are there, each becomes an
 * event of its own (perf_group_detach()), and, enabled as they are, they would
 * start to run.
 *
 * A leader also tells the numbers of all its members in one read(2), where one
 * of each would cost several milliseconds for some thousands of them at a close.
 *
 * An event with a period above 1 is in none: grouping.c says why.
 *
 * An event that is refused in a group is opened without one: a kernel may have a
 * reason that we do not know of, and its answer to the event alone is the one to
 * be told.
 */
#include "group.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>

#include "grouping.h"
#include "sys.h"
#include "target.h"

struct group {
	/* One for each CPU. */
	struct descriptors *leaders;
	size_t num_members;
	/* What was read last, for one CPU after the other. */
	uint64_t *numbers;
};

struct groups {
	const struct target *target;
	struct perf_event_attr leader;
	struct grouping grouping;
	struct group *groups;
	size_t count;
	/* With the numbers: the kernel tells what each member has lost. */
	bool has_lost;
	bool is_adopted;
};

struct groups *groups_new(const struct perf_event_attr *leader,
			  const struct target *target)
{
	struct groups *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->leader = *leader;
	made->target = target;
	return made;
}

static void close_all(struct groups *groups,
		      void (*close_leaders)(struct descriptors *leaders))
{
	size_t i;

	if (!groups)
		return;
	for (i = 0; i < groups->count; i++) {
		close_leaders(groups->groups[i].leaders);
		free(groups->groups[i].numbers);
	}
	free(groups->groups);
	free(groups);
}

void groups_close(struct groups *groups)
{
	close_all(groups, descriptors_close);
}

void groups_forget(struct groups *groups)
{
	close_all(groups, descriptors_forget);
}

static int make_room(struct groups *groups)
{
	size_t size = (groups->count + 1) * sizeof(*groups->groups);
	struct group *larger = realloc(groups->groups, size);

	if (!larger)
		return -ENOMEM;
	groups->groups = larger;
	larger[groups->count] = (struct group){ .num_members = 0 };
	return 0;
}

static int open_group(struct groups *groups, struct refusal *refusal)
{
	int ret = make_room(groups);

	if (ret) {
		*refusal = (struct refusal){ ret, ANY_CPU, ALL_TASKS, NULL };
		return ret;
	}
	ret = descriptors_open(&groups->leader, 1, groups->target, refusal,
			       &groups->groups[groups->count].leaders);
	groups->count += !ret;
	return ret;
}

int groups_find_leaders(struct groups *groups, size_t num_places,
			struct refusal *refusal, struct descriptors **leaders)
{
	struct grouping before = groups->grouping;
	int ret = 0;

	if (grouping_add(&groups->grouping, num_places))
		ret = open_group(groups, refusal);
	if (ret) {
		groups->grouping = before;
		return ret;
	}
	*leaders = groups->groups[groups->count - 1].leaders;
	return 0;
}

struct group_slot groups_note_members(struct groups *groups, size_t num_places)
{
	struct group *group = &groups->groups[groups->count - 1];
	struct group_slot slot = { groups->count - 1, group->num_members };

	group->num_members += num_places;
	return slot;
}

size_t groups_get_count(const struct groups *groups)
{
	return groups ? groups->count : 0;
}

int groups_enable(struct groups *groups, struct refusal *refusal)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < groups_get_count(groups); i++)
		ret = descriptors_ioctl(groups->groups[i].leaders,
					PERF_EVENT_IOC_ENABLE, 0, refusal);
	return ret;
}

void groups_disable(struct groups *groups)
{
	struct refusal refusal;
	size_t i;

	for (i = 0; i < groups_get_count(groups); i++)
		descriptors_ioctl(groups->groups[i].leaders,
				  PERF_EVENT_IOC_DISABLE, 0, &refusal);
}

/*
 * What read(2) of a leader answers: the number of events, the times, and for
 * each, the leader first and then in the order of opening, its value and what of
 * it was lost.
 */
#define NUM_COMMON 3

static size_t entry_size(const struct groups *groups)
{
	return groups->has_lost ? 2 : 1;
}

static size_t answer_size(const struct groups *groups,
			  const struct group *group)
{
	return NUM_COMMON + entry_size(groups) * (group->num_members + 1);
}

static int read_group(struct groups *groups, struct group *group)
{
	size_t size = answer_size(groups, group), cpu_index, i;
	size_t num_cpus = groups->target->cpus.count;

	free(group->numbers);
	group->numbers = calloc(num_cpus * size, sizeof(uint64_t));
	if (!group->numbers)
		return -ENOMEM;
	for (i = 0; i < num_cpus; i++) {
		uint64_t *numbers = group->numbers + i * size;
		int fd = descriptors_get_fd(group->leaders, i, &cpu_index);
		ssize_t got = sys_read(fd, numbers, size * sizeof(*numbers));

		if (got < 0)
			return (int)got;
		if ((size_t)got != size * sizeof(*numbers) ||
		    *numbers != group->num_members + 1)
			return -EBADMSG;
	}
	return 0;
}

int groups_read(struct groups *groups, bool has_lost)
{
	size_t i;
	int ret = groups->is_adopted ? -ENODATA : 0;

	groups->has_lost = has_lost;
	for (i = 0; !ret && i < groups->count; i++)
		ret = read_group(groups, &groups->groups[i]);
	return ret;
}

void groups_get_reading(const struct groups *groups,
			const struct group_slot *slot, size_t num_places,
			size_t cpu_index, struct reading *reading)
{
	const struct group *group = &groups->groups[slot->group];
	const uint64_t *numbers =
		group->numbers + cpu_index * answer_size(groups, group);
	const uint64_t *entry =
		numbers + NUM_COMMON + entry_size(groups) * (slot->first + 1);
	size_t i;

	reading->enabled_ns += numbers[1];
	reading->running_ns += numbers[2];
	for (i = 0; i < num_places; i++) {
		reading->value += entry[0];
		if (groups->has_lost)
			reading->lost += entry[1];
		entry += entry_size(groups);
	}
}

void groups_list(const struct groups *groups, int **fds)
{
	size_t i;

	for (i = 0; i < groups_get_count(groups); i++)
		descriptors_list(groups->groups[i].leaders, fds);
}

int groups_adopt(struct groups *groups, size_t count, int **fds)
{
	size_t i;
	int ret = 0;

	groups->is_adopted = true;
	for (i = 0; !ret && i < count; i++) {
		ret = make_room(groups);
		if (ret)
			return ret;
		ret = descriptors_adopt(NULL, 1, groups->target, fds,
					&groups->groups[groups->count].leaders);
		groups->count += !ret;
	}
	return ret;
}
