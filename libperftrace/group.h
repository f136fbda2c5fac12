/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GROUP_H
#define GROUP_H

/* The groups of a session's events, on each CPU: group.c says why. */

#include <stdbool.h>
#include <stddef.h>

#include "descriptors.h"

struct groups;
struct perf_event_attr;
struct target;

/* @target, of CPUs or a cgroup, must live as long. NULL: no memory. */
struct groups *groups_new(const struct perf_event_attr *leader,
			  const struct target *target);
/* After their members. Takes NULL. */
void groups_close(struct groups *groups);
/* As descriptors_forget(). */
void groups_forget(struct groups *groups);

/* The leaders that the next event, of so many places, is to be opened with. */
int groups_find_leaders(struct groups *groups, size_t num_places,
			struct refusal *refusal, struct descriptors **leaders);

/* Where an event is: its first place, in one of the groups. */
struct group_slot {
	size_t group;
	size_t first;
};

/* What groups_find_leaders() was asked for is open. */
struct group_slot groups_note_members(struct groups *groups, size_t num_places);

size_t groups_get_count(const struct groups *groups);

/* What they lead starts, and stops, on one CPU after the other. */
int groups_enable(struct groups *groups, struct refusal *refusal);
void groups_disable(struct groups *groups);

/*
 * Ask for the numbers of all members at once; then they are added to @reading as
 * by descriptors_read(). -ENODATA: not of groups that were adopted.
 */
int groups_read(struct groups *groups, bool has_lost);
void groups_get_reading(const struct groups *groups,
			const struct group_slot *slot, size_t num_places,
			size_t cpu_index, struct reading *reading);

/* As descriptors_list() and descriptors_adopt(); in the latter, @count groups. */
void groups_list(const struct groups *groups, int **fds);
int groups_adopt(struct groups *groups, size_t count, int **fds);

#endif /* GROUP_H */
