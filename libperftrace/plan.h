/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PLAN_H
#define PLAN_H

/*
 * Everything that opening a session asks of the kernel: sources, CPUs, tasks and
 * rings; and what it takes. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "access_rules.h"
#include "report.h"

struct grouping;
struct perf_event_attr;

/* One event of the session. */
struct plan_source {
	struct access_event event;
	const struct perf_event_attr *attr;
	/* Each is opened for each CPU and task. */
	size_t num_places;
	/* Probes that have to be written to tracefs first. */
	bool needs_probe;
	/* It has to be looked up, by somebody other than the caller. */
	bool needs_lookup;
	/* The library itself refuses it, for this reason. */
	int32_t error;
	const char *reason;
	const char *remedy;
};

/* Events of the session's own. */
enum plan_own {
	PLAN_RING,
	PLAN_SIDEBAND,
	/* Tried, to see whether the cgroup can have any. */
	PLAN_CGROUP,
	/* What is no event: its target, its command, its poller. */
	PLAN_SESSION,
};

struct plan {
	const struct plan_source *sources;
	size_t num_sources;

	/* NULL where there are no rings. */
	const struct perf_event_attr *anchor;
	const struct perf_event_attr *sideband;

	const int32_t *cpus;
	size_t num_cpus;
	/* None: all tasks. */
	const struct access_task *tasks;
	size_t num_tasks;

	/* NULL: none. */
	const char *cgroup;
	int32_t cgroup_answer;

	uint64_t ring_bytes;
	/* They may be made smaller, down to this; 0: they may not. */
	uint64_t min_ring_bytes;

	/* Descriptors beside those of events: opened before and after them. */
	uint64_t num_first;
	uint64_t num_last;

	/* Not the caller closes them. */
	bool has_closer;

	/* The target can't be had at all: the library's own words. 0: it can. */
	int32_t target_error;
	enum perftrace_gate target_gate;
	const char *target_reason;
	const char *target_remedy;
};

/* Of one set of attributes, for each CPU and task. */
uint64_t plan_count_opens(const struct plan *plan);

/* The leaders of groups that are opened before a source; each in its turn. */
uint64_t plan_count_leaders(const struct plan *plan, size_t source,
			    struct grouping *grouping);

/* What the session will hold. */
uint64_t plan_count_descriptors(const struct plan *plan);

/* How large the rings will be, where they may fit themselves in. */
uint64_t plan_fit_rings(const struct plan *plan, const struct facts *facts);

/* All of it, and what there is of each. */
void plan_fill_numbers(const struct plan *plan, const struct facts *facts,
		       struct report_numbers *numbers);

#endif /* PLAN_H */
