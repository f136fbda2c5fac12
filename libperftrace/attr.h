/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ATTR_H
#define ATTR_H

/* The one file that fills struct perf_event_attr. Pure. */

#include <stdbool.h>
#include <stddef.h>

struct perf_event_attr;
struct perftrace_event;
struct session_settings;
struct source_settings;

/* What all descriptors of a session have in common. */
struct attr_scope {
	const struct session_settings *session;
	/* Of tasks, followed into what they start, or of CPUs. */
	bool is_task;
	/* Of a task that is about to execute its program. */
	bool enable_on_exec;
	/* The kernel counts lost records per event. */
	bool has_format_lost;
	/* Started and stopped by the leader of a group. */
	bool is_sibling;
};

/* @place: of the event, from 0. */
void attr_fill_source(struct perf_event_attr *attr,
		      const struct attr_scope *scope,
		      struct perftrace_event *event, size_t place,
		      const struct source_settings *settings);

/* Tells of tasks and mappings; counts nothing. */
void attr_fill_sideband(struct perf_event_attr *attr,
			const struct attr_scope *scope);

/* Holds a CPU's ring, which the others write to; never enabled. */
void attr_fill_anchor(struct perf_event_attr *attr,
		      const struct attr_scope *scope);

/* Of a group; counts nothing. */
void attr_fill_leader(struct perf_event_attr *attr,
		      const struct attr_scope *scope);

#endif /* ATTR_H */
