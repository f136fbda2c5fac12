/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CPU_WATCH_H
#define CPU_WATCH_H

/* What is known of the CPUs of a session that come and go: hotplug.c. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cpu_state {
	CPU_RECORDS,
	/* Something has happened; whether its events are dead is to be seen. */
	CPU_SUSPECT,
	/* Its events are dead: the CPU is offline, or was. */
	CPU_GONE,
};

struct watched_cpu {
	enum cpu_state state;
	/* CLOCK_MONOTONIC_RAW, and the kernel's count, when events were enabled. */
	uint64_t start_ns;
	uint64_t start_enabled_ns;
	/* The count when it became suspect. */
	uint64_t seen_enabled_ns;
	/* When it went, by the clock of records. */
	uint64_t gap_begin_ns;
};

/* What changes when a CPU has gone, or come; and at other times. */
struct cpu_signs {
	/* They could not be read: anything may have happened. */
	bool are_unknown;
	int64_t num_uevents;
	/* How long the machine has slept. */
	int64_t asleep_ns;
};

struct cpu_watch {
	struct watched_cpu *cpus;
	size_t count;
	/* Others join when they come online. */
	bool follows_all;
	struct cpu_signs signs;
	bool has_new_signs;
	/* There is something to be looked at again, whatever the signs say. */
	bool is_unsettled;
	uint64_t looked_ns;
	/* When the session started. */
	uint64_t started_ns;
};

/* NULL: no memory. */
struct cpu_watch *cpu_watch_new(size_t count, bool follows_all);
/* Takes NULL. */
void cpu_watch_free(struct cpu_watch *watch);

/* One more, which has been gone so far. -ENOMEM. */
int cpu_watch_add(struct cpu_watch *watch, uint64_t gap_begin_ns);

/* Often enough that nobody waits for it, seldom enough to cost nothing. */
bool cpu_watch_is_due(struct cpu_watch *watch, uint64_t now_ns);

/* Do the signs call for a look at the CPUs? They are then the new ones. */
bool cpu_watch_has_signs(struct cpu_watch *watch,
			 const struct cpu_signs *signs);

/* Its events are enabled from now on. */
void watched_cpu_start(struct watched_cpu *cpu, uint64_t raw_ns,
		       uint64_t enabled_ns);

/*
 * Of one that is not gone, some time after it was asked for the last time.
 * @enabled_ns: how long its event has been enabled. True: its events are dead.
 */
bool watched_cpu_judge(struct watched_cpu *cpu, bool is_online,
		       bool has_new_signs, uint64_t enabled_ns);

/* @now_ns of the records' clock, and @raw_ns, are of the same moment. */
void watched_cpu_note_gone(struct watched_cpu *cpu, uint64_t enabled_ns,
			   uint64_t raw_ns, uint64_t now_ns);

#endif /* CPU_WATCH_H */
