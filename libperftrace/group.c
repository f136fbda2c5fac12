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
 * An event that is refused in a group is opened without one: a kernel may have a
 * reason that we do not know of, and its answer to the event alone is the one to
 * be told.
 */
#include "group.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>

#include "grouping.h"
#include "target.h"

struct groups {
	const struct target *target;
	struct perf_event_attr leader;
	struct grouping grouping;
	/* Each set has one for each CPU. */
	struct descriptors **sets;
	size_t num_sets;
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

void groups_close(struct groups *groups)
{
	size_t i;

	if (!groups)
		return;
	for (i = 0; i < groups->num_sets; i++)
		descriptors_close(groups->sets[i]);
	free(groups->sets);
	free(groups);
}

static int make_room(struct groups *groups)
{
	size_t size = (groups->num_sets + 1) * sizeof(struct descriptors *);
	struct descriptors **larger = realloc(groups->sets, size);

	if (!larger)
		return -ENOMEM;
	groups->sets = larger;
	return 0;
}

static int open_set(struct groups *groups, struct refusal *refusal)
{
	int ret = make_room(groups);

	if (ret) {
		*refusal = (struct refusal){ ret, ANY_CPU, ALL_TASKS, NULL };
		return ret;
	}
	ret = descriptors_open(&groups->leader, 1, groups->target, refusal,
			       &groups->sets[groups->num_sets]);
	groups->num_sets += !ret;
	return ret;
}

int groups_find_leaders(struct groups *groups, size_t num_places,
			struct refusal *refusal, struct descriptors **leaders)
{
	struct grouping before = groups->grouping;
	int ret = 0;

	if (grouping_add(&groups->grouping, num_places))
		ret = open_set(groups, refusal);
	if (ret) {
		groups->grouping = before;
		return ret;
	}
	*leaders = groups->sets[groups->num_sets - 1];
	return 0;
}

size_t groups_get_count(const struct groups *groups)
{
	return groups ? groups->num_sets : 0;
}

int groups_enable(struct groups *groups, struct refusal *refusal)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < groups_get_count(groups); i++)
		ret = descriptors_ioctl(groups->sets[i], PERF_EVENT_IOC_ENABLE,
					0, refusal);
	return ret;
}

void groups_disable(struct groups *groups)
{
	struct refusal refusal;
	size_t i;

	for (i = 0; i < groups_get_count(groups); i++)
		descriptors_ioctl(groups->sets[i], PERF_EVENT_IOC_DISABLE, 0,
				  &refusal);
}

void groups_list(const struct groups *groups, int **fds)
{
	size_t i;

	for (i = 0; i < groups_get_count(groups); i++)
		descriptors_list(groups->sets[i], fds);
}

int groups_adopt(struct groups *groups, size_t count, int **fds)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < count; i++) {
		ret = make_room(groups);
		if (ret)
			return ret;
		ret = descriptors_adopt(NULL, 1, groups->target, fds,
					&groups->sets[groups->num_sets]);
		groups->num_sets += !ret;
	}
	return ret;
}
