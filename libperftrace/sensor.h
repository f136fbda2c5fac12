/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SENSOR_H
#define SENSOR_H

/*
 * Asking the kernel itself, where its policy can't be read: an event that
 * counts nothing is opened and closed, some 15 us, and leaves no trace.
 */

#include <stdint.h>

#include "facts.h"

struct sensors {
	/* 0 where the kernel has no such PMU. */
	uint32_t kprobe_type;
	uint32_t uprobe_type;
	/* One that is online. */
	int32_t cpu;
};

/* 0: the gates that it asks for were passed; or the -errno of one of them. */
int32_t sensor_ask(const struct sensors *sensors, enum sensor sensor);

/* May the caller have events of a task? 0 or -errno. */
int32_t sensor_ask_task(int32_t tid);

/* The same of a cgroup, by its descriptor, on a CPU. */
int32_t sensor_ask_cgroup(int fd, int32_t cpu);

#endif /* SENSOR_H */
