/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is traced: processes of our own that produce an exact number of events,
 * each pinned to a CPU, and which events those are.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_MOST_CPUS 64

struct load_event {
	/* SYSTEM:NAME; NULL for the probe at load_probed(). */
	char *name;
	/* Only what the load's processes do, or NULL. */
	char *filter;
};

struct load_request {
	/*
	 * "syscalls": getppid(2). "switches": two processes per CPU that wake
	 * one another. "probes": calls of load_probed(). "mix": system calls,
	 * which pass two tracepoints of twenty. Or "none".
	 */
	const char *name;
	int cpus[LOAD_MOST_CPUS];
	size_t num_cpus;
	/* By each process, each time that the load runs. */
	uint64_t operations;
	/* 0, or of SCHED_FIFO. */
	int priority;
};

/* Start the processes, which wait. Ends the program when it can't. */
void load_prepare(const struct load_request *request);

/* Every event that the tracefs directory's pattern names, as "syscalls/" "*". */
void load_add_events(const char *pattern);

size_t load_get_num_events(void);
const struct load_event *load_get_event(size_t index);

/* The field of the first event that is read; NULL without a load. */
const char *load_get_field(void);

/* Where load_probed() stands in /proc/self/exe. */
uint64_t load_get_probe_offset(void);
void load_probed(void);

/* Of the load's processes; 0 for more than there are. */
int load_get_pid(size_t index);

void load_begin(void);
bool load_has_ended(void);

/* Until all processes have done their work and sleep; the events produced. */
uint64_t load_await(void);

/* The processor time of an operation, of the last time. */
double load_get_operation_ns(void);

#endif /* BENCH_LOAD_H */
