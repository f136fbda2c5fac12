/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef WORLD_H
#define WORLD_H

#include <stddef.h>

/*
 * A PID namespace for a test of its own. Others on the machine can't tell
 * whether its processes live, and leave their probes alone.
 */

/*
 * Run a function as the first process of one, with /proc to match. It must end
 * within so many seconds, by a slow machine's clock, and is killed otherwise;
 * no process is left, nor a probe: one that the function left is a failure.
 */
void run_in_world(void (*function)(void), unsigned int seconds);

/* Lines of dynamic_events whose owner is of this process's namespace. */
size_t count_probes_of_world(void);

/* By how much this machine is slower than usual. */
unsigned int slowness(void);

#endif /* WORLD_H */
