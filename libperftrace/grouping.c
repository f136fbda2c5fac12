/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "grouping.h"

/*
 * The kernel's limit is that of what one read(2) of a group returns, 16 KiB: some
 * 1000 members. But for each event that joins, it looks at all that are there
 * (perf_event_validate_size() and perf_group_attach() in kernel/events/core.c),
 * while each leader costs one ioctl more at the start, in which all events of the
 * CPU are scheduled again.
 */
#define MOST_MEMBERS 256

/*
 * An event that is throttled stops its whole group, on newer kernels at least
 * (perf_event_throttle_group()), and what happens meanwhile is not even counted.
 * With a period of 1 no tracepoint is ever throttled: losses.c says why.
 */
bool grouping_takes(uint64_t sample_period)
{
	return sample_period <= 1;
}

bool grouping_add(struct grouping *grouping, size_t num_places)
{
	bool is_first = !grouping->num_groups || num_places > MOST_MEMBERS ||
			grouping->num_members > MOST_MEMBERS - num_places;

	if (is_first) {
		grouping->num_groups++;
		grouping->num_members = 0;
	}
	grouping->num_members += num_places;
	return is_first;
}

bool grouping_pays(size_t num_events)
{
	return num_events > 1;
}
