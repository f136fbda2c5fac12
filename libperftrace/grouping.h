/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GROUPING_H
#define GROUPING_H

/* How the events of a CPU are divided into groups. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* May an event with this attr.sample_period be in a group at all? */
bool grouping_takes(uint64_t sample_period);

/* All zero to begin with. */
struct grouping {
	size_t num_groups;
	/* In the last of them. */
	size_t num_members;
};

/* The next event, of so many places: true when it is in a group of its own. */
bool grouping_add(struct grouping *grouping, size_t num_places);

/* Is there something to be gained from groups, with so many events per CPU? */
bool grouping_pays(size_t num_events);

#endif /* GROUPING_H */
