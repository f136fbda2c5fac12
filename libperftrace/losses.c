/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Three numbers say what became of an event: what its descriptor counted, what
 * it could not write for want of room (PERF_FORMAT_LOST), and what came out of
 * the ring. The second and the third together are the samples that the kernel
 * made, whatever the first says. They need not be what it counted, which is
 * then unaccounted (kernel/events/core.c):
 *
 *	perf_swevent_event() counts first, and makes no sample of an event that
 *	is not active: one raised for a task that sleeps, or met by the call that
 *	disables it;
 *
 *	perf_swevent_overflow() makes none of an event that is throttled. With a
 *	period of 1 none ever is: only the second and later samples of a single
 *	hit can throttle, and there are none. It takes a weight, as that of
 *	sched:sched_stat_runtime, and a period above 1. Since Linux 6.16 what
 *	happens meanwhile is not even counted (perf_event_throttle()).
 *
 * A throttle record that finds the ring full is counted as a lost sample, and
 * makes what is unaccounted smaller by as much.
 *
 * Before Linux 6.0 the second number does not exist, and is what is left of the
 * first. What stands unread then looks lost.
 */
#include "losses.h"

static uint64_t difference(uint64_t whole, uint64_t part)
{
	return whole > part ? whole - part : 0;
}

void throttling_begin(struct throttling *throttling, uint64_t time_ns)
{
	throttling->num_throttles++;
	if (!throttling->since_ns)
		throttling->since_ns = time_ns;
}

void throttling_end(struct throttling *throttling, uint64_t time_ns)
{
	if (throttling->since_ns)
		throttling->throttled_ns +=
			difference(time_ns, throttling->since_ns);
	throttling->since_ns = 0;
}

/*
 * How many samples the count stands for, before those of @facts; false: not
 * known. Each counter of several keeps a rest of its own below the period.
 */
static bool find_due(const struct loss_facts *facts, uint64_t *due)
{
	uint64_t taken = facts->delivered + facts->discarded;

	if (facts->period == 1 && !facts->has_kernel_lost) {
		*due = difference(facts->counted, facts->taken_period);
		return true;
	}
	if (!facts->period || (facts->period == 1 && facts->has_weight) ||
	    (facts->period != 1 && !facts->has_single_counter))
		return false;
	*due = difference(facts->counted / facts->period, taken);
	return true;
}

void losses_find(const struct loss_facts *facts, struct losses *losses)
{
	uint64_t due = 0;
	bool is_known = find_due(facts, &due);

	*losses = (struct losses){ .overrun = facts->kernel_lost };
	if (facts->has_kernel_lost) {
		losses->has_unaccounted = is_known;
		if (losses->has_unaccounted)
			losses->unaccounted =
				difference(due, facts->kernel_lost);
		return;
	}
	/* What was due while it was throttled was never written. */
	losses->overrun =
		is_known && !facts->was_throttled ? due : facts->reported_lost;
}
