/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cpu_watch.h"

#include <errno.h>
#include <stdlib.h>

#define LOOK_INTERVAL_NS 100000000
/* Between two clocks that are read one after the other. */
#define SHORTEST_SLEEP_NS 1000000

struct cpu_watch *cpu_watch_new(size_t count, bool follows_all)
{
	struct cpu_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->cpus = calloc(count, sizeof(*watch->cpus));
	if (!watch->cpus) {
		free(watch);
		return NULL;
	}
	watch->count = count;
	watch->follows_all = follows_all;
	return watch;
}

void cpu_watch_free(struct cpu_watch *watch)
{
	if (!watch)
		return;
	free(watch->cpus);
	free(watch);
}

int cpu_watch_add(struct cpu_watch *watch, uint64_t gap_begin_ns)
{
	size_t count = watch->count + 1;
	struct watched_cpu *larger =
		realloc(watch->cpus, count * sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	watch->cpus = larger;
	watch->cpus[watch->count++] = (struct watched_cpu){
		.state = CPU_GONE,
		.gap_begin_ns = gap_begin_ns,
	};
	return 0;
}

bool cpu_watch_is_due(struct cpu_watch *watch, uint64_t now_ns)
{
	if (now_ns - watch->looked_ns < LOOK_INTERVAL_NS)
		return false;
	watch->looked_ns = now_ns;
	return true;
}

bool cpu_watch_has_signs(struct cpu_watch *watch, const struct cpu_signs *signs)
{
	int64_t slept = signs->asleep_ns - watch->signs.asleep_ns;
	bool has_any = signs->are_unknown ||
		       signs->num_uevents != watch->signs.num_uevents ||
		       slept >= SHORTEST_SLEEP_NS;

	watch->has_new_signs = has_any;
	if (has_any)
		watch->signs = *signs;
	return has_any || watch->is_unsettled;
}

void watched_cpu_start(struct watched_cpu *cpu, uint64_t raw_ns,
		       uint64_t enabled_ns)
{
	cpu->state = CPU_RECORDS;
	cpu->start_ns = raw_ns;
	cpu->start_enabled_ns = enabled_ns;
}

/*
 * That it was alive at some time after one sign says nothing about the next: it
 * may have died since, with a count that is higher than the one that was seen.
 */
bool watched_cpu_judge(struct watched_cpu *cpu, bool is_online,
		       bool has_new_signs, uint64_t enabled_ns)
{
	bool stands_still = cpu->state == CPU_SUSPECT &&
			    enabled_ns == cpu->seen_enabled_ns;

	if (!is_online || stands_still)
		return true;
	cpu->state = has_new_signs ? CPU_SUSPECT : CPU_RECORDS;
	cpu->seen_enabled_ns = enabled_ns;
	return false;
}

void watched_cpu_note_gone(struct watched_cpu *cpu, uint64_t enabled_ns,
			   uint64_t raw_ns, uint64_t now_ns)
{
	uint64_t recorded = enabled_ns - cpu->start_enabled_ns;
	uint64_t passed = raw_ns - cpu->start_ns;
	uint64_t gone = passed > recorded ? passed - recorded : 0;

	cpu->state = CPU_GONE;
	cpu->gap_begin_ns = now_ns > gone ? now_ns - gone : 0;
}
