/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ACCESS_HOST_H
#define ACCESS_HOST_H

/* Hosts, events and calls for the rules of access.h, by hand. */

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>

#include "access_rules.h"
#include "facts.h"

/* Two CPUs, a plain user, and what the description says. */
void host_make(struct facts *facts, const char *description);
void host_change(struct facts *facts, const char *description);

extern const struct access_event sched_event;
extern const struct access_event syscall_event;
extern const struct access_event function_event;
extern const struct access_event irq_work_event;
extern const struct access_event synthetic_event;
extern const struct access_event local_kprobe;
extern const struct access_event local_uprobe;
extern const struct access_event named_kprobe;
extern const struct access_event named_uprobe;
extern const struct access_event busy_uprobe;
extern const struct access_event dummy_event;

extern const struct access_task own_task;

/* What a session's attributes differ by; none: it counts everything. */
enum shape {
	SHAPE_PLAIN = 0,
	SHAPE_XK = 1,
	/* As a stream has it: raw data of each event. */
	SHAPE_RAW = 2,
	SHAPE_CALLCHAIN = 4,
	SHAPE_XCK = 8,
	SHAPE_XCU = 16,
	SHAPE_REGISTERS = 32,
};

void shape_attr(struct perf_event_attr *attr, unsigned int shape);

enum whom { SELF, CPU0 };

/* To open an event: the answer, and whose it is. */
int32_t host_try(const struct facts *facts, const struct access_event *event,
		 enum whom whom, unsigned int shape,
		 const struct access_rule **hit);

/* "ok", "EACCES". */
const char *error_name(int32_t error);

#endif /* ACCESS_HOST_H */
