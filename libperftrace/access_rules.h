/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ACCESS_RULES_H
#define ACCESS_RULES_H

/*
 * One row for each check of the kernel's, in its order. Pure: what it needs to
 * know is in the facts and in the call.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <perftrace/report.h>

#include "access_task.h"
#include "facts.h"

struct perf_event_attr;

enum access_class {
	/* One of software: what holds a ring, and the side-band. */
	ACCESS_DUMMY,
	/* What stands in tracefs, and all that behaves like it. */
	ACCESS_TRACEPOINT,
	ACCESS_FUNCTION,
	/* Local probes. */
	ACCESS_KPROBE,
	ACCESS_UPROBE,
};

/* What the rules have to know of an event. */
struct access_event {
	const char *name;
	enum access_class class;
	/* TRACE_EVENT_FL_CAP_ANY: its raw data is free to a task's owner. */
	bool is_for_anyone;
	/* It is raised with the registers of a program. */
	bool is_of_user;
	/* A kprobe or kretprobe, local or named. */
	bool is_kprobe;
	/* It is called by what ftrace has put at the start of functions. */
	enum fact stands_on_ftrace;
	/* Its own record would raise it again. */
	bool is_irq_work;
	bool is_synthetic;
	/* ftrace has it enabled, and excludes perf. */
	bool is_busy;
};

enum access_step {
	/* The event is looked up in tracefs. */
	ACCESS_LOOKUP,
	/* perf_event_open(2). */
	ACCESS_OPEN,
	/* mmap(2) of a ring. */
	ACCESS_RING,
	/* The definition of a probe is written to tracefs. */
	ACCESS_PROBE,
	/* Nothing is refused: what will come of it? */
	ACCESS_USE,
};

/* One call, or what follows from it. */
struct access_call {
	enum access_step step;
	const struct perf_event_attr *attr;
	const struct access_event *event;
	/* NULL: all tasks. */
	const struct access_task *task;
	/* -1: any. */
	int32_t cpu;
	/* All tasks of a cgroup; and what a dummy on it was answered. */
	bool is_cgroup;
	int32_t cgroup_answer;
	/* Descriptors that the session opens before this one. */
	uint64_t num_before;
	/* Of the ring; and what the session's rings before it take. */
	uint64_t ring_bytes;
	uint64_t num_rings_before;
};

enum verdict {
	PASSES,
	REFUSES,
	/* It depends on what is not known, and that is worth saying. */
	UNCERTAIN,
	/* Only the kernel can tell; said when it has refused. */
	UNSEEN,
};

/* No more rows than this: for whoever keeps something for each. */
#define ACCESS_MOST_RULES 80

struct access_rule {
	enum access_step step;
	enum perftrace_gate gate;
	enum perftrace_finding_kind kind;
	/* As an -errno; 0: what the sensor said. */
	int32_t error;
	enum sensor sensor;
	enum verdict (*judge)(const struct facts *facts,
			      const struct access_call *call);
	/* The kernel's function that does so. */
	const char *function;
	/* A phrase; NULL: access_explain() makes one. */
	const char *reason;
};

const struct access_rule *access_get_rules(size_t *count);

#endif /* ACCESS_RULES_H */
