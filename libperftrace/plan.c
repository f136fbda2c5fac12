/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan.h"

#include <linux/perf_event.h>

#include "grouping.h"
#include "locked.h"

uint64_t plan_count_opens(const struct plan *plan)
{
	return plan->num_cpus * (plan->num_tasks ? plan->num_tasks : 1);
}

static bool is_taken(const struct plan *plan, size_t source)
{
	return grouping_takes(plan->sources[source].attr->sample_period);
}

/* Events of tasks are in none. */
static bool has_groups(const struct plan *plan)
{
	size_t num_events = 0, i;

	for (i = 0; i < plan->num_sources; i++) {
		if (is_taken(plan, i))
			num_events += plan->sources[i].num_places;
	}
	return !plan->num_tasks && grouping_pays(num_events);
}

uint64_t plan_count_leaders(const struct plan *plan, size_t source,
			    struct grouping *grouping)
{
	if (!is_taken(plan, source) ||
	    !grouping_add(grouping, plan->sources[source].num_places) ||
	    !has_groups(plan))
		return 0;
	return plan->num_cpus;
}

uint64_t plan_count_descriptors(const struct plan *plan)
{
	uint64_t needed = plan->num_first + plan->num_last;
	struct grouping grouping = { 0 };
	size_t i;

	if (plan->ring_bytes)
		needed += plan->num_cpus + plan_count_opens(plan);
	for (i = 0; i < plan->num_sources; i++) {
		needed += plan_count_leaders(plan, i, &grouping);
		needed += plan_count_opens(plan) * plan->sources[i].num_places;
	}
	return needed;
}

uint64_t plan_fit_rings(const struct plan *plan, const struct facts *facts)
{
	uint64_t bytes = plan->ring_bytes, left = locked_left_kib(facts);

	while (plan->min_ring_bytes && bytes / 2 >= plan->min_ring_bytes &&
	       left / locked_ring_kib(facts, bytes) < plan->num_cpus)
		bytes /= 2;
	return bytes;
}

void plan_fill_numbers(const struct plan *plan, const struct facts *facts,
		       struct report_numbers *numbers)
{
	/* Nobody knows how many CPUs and tasks there would be. */
	if (plan->target_error) {
		*numbers = (struct report_numbers){
			.num_descriptors_available =
				facts_free_descriptors(facts),
			.locked_kib_available = locked_left_kib(facts),
		};
		return;
	}
	*numbers = (struct report_numbers){
		.num_descriptors = plan_count_descriptors(plan),
		.num_descriptors_available = facts_free_descriptors(facts),
		.locked_kib_available = locked_left_kib(facts),
		.ring_bytes = plan_fit_rings(plan, facts),
	};
	if (numbers->ring_bytes)
		numbers->locked_kib =
			plan->num_cpus *
			locked_ring_kib(facts, numbers->ring_bytes);
}
