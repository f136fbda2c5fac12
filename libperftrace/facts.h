/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FACTS_H
#define FACTS_H

/*
 * Who asks, and what the kernel that is asked is like: all that decides whether
 * an event can be had, as plain data.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu_list.h"

#define UNLIMITED UINT64_MAX

/* What may not be known. */
enum fact { FACT_UNKNOWN = -1, FACT_NO = 0, FACT_YES = 1 };

enum lockdown {
	LOCKDOWN_UNKNOWN = -1,
	LOCKDOWN_NONE,
	LOCKDOWN_INTEGRITY,
	LOCKDOWN_CONFIDENTIALITY,
	/* One of the first two: the kernel was asked for what the third bars. */
	LOCKDOWN_NOT_CONFIDENTIALITY,
};

/* What the caller can do with tracefs, each more than the one before. */
enum tracefs_access {
	TRACEFS_UNKNOWN = -1,
	TRACEFS_UNMOUNTED,
	/* Tracing was disabled when the kernel booted. */
	TRACEFS_EMPTY,
	TRACEFS_UNREADABLE,
	/* Ids and formats. */
	TRACEFS_READABLE,
	/* Named probes can be made. */
	TRACEFS_WRITABLE,
};

enum seccomp { SECCOMP_OFF = 0, SECCOMP_STRICT = 1, SECCOMP_FILTER = 2 };

/*
 * Calls of perf_event_open(2) that change nothing, each of which ends at one of
 * the kernel's checks: a PERF_COUNT_SW_DUMMY event on the caller itself, unless
 * said otherwise.
 */
enum sensor {
	NO_SENSOR = -1,
	/* No attributes at all: EFAULT comes from the kernel itself. */
	SENSOR_CALL,
	/* exclude_kernel. */
	SENSOR_OPEN,
	/* Without it. */
	SENSOR_KERNEL,
	/* exclude_kernel, but with the kernel's half of callchains. */
	SENSOR_CALLCHAIN,
	/* exclude_kernel, all tasks of a CPU. */
	SENSOR_CPU,
	SENSOR_REGISTERS,
	/* The two PMUs of probes, without a place. */
	SENSOR_KPROBE,
	SENSOR_UPROBE,
	NUM_SENSORS,
};

/* In the place of an -errno: not asked; and the end of who calls. */
#define NOT_SENSED 1
#define CALL_KILLS (-4095)

#define NO_LEVEL	INT32_MAX
#define LONGEST_MODULES 128

struct facts {
	/* The caller: real, effective and saved. */
	uint32_t uids[3];
	uint32_t gids[3];
	/* Bits of capabilities, in the caller's user namespace. */
	uint64_t effective;
	uint64_t permitted;
	enum fact is_initial_userns;
	enum fact is_dumpable;
	int32_t seccomp;
	/* What the system call answers, whatever it is asked; 0: it depends. */
	int32_t call_error;

	/* The kernel's policy. */
	int32_t paranoid;
	/*
	 * From which level on a vendor's patch refuses everything to those
	 * without CAP_SYS_ADMIN: it lies between these two. NO_LEVEL: none.
	 */
	int32_t vendor_level_min;
	int32_t vendor_level_max;
	/* A callchain of the kernel's needs what the kernel's events need. */
	enum fact callchain_is_kernel;
	/* Local uprobes: CAP_SYS_ADMIN, or else CAP_PERFMON. */
	enum fact uprobe_needs_admin;
	enum lockdown lockdown;
	char modules[LONGEST_MODULES];
	int32_t kptr_restrict;
	uint64_t max_sample_rate;
	uint64_t max_stack;
	enum fact has_ftrace;
	enum fact has_kprobes_armed;
	/* May the function event be used at all? */
	enum fact has_function;

	/* What there is. */
	struct cpu_list online_cpus;
	struct cpu_list possible_cpus;
	enum fact has_kprobe_pmu;
	enum fact has_uprobe_pmu;
	enum tracefs_access tracefs;
	uint32_t tracefs_uid;
	uint32_t tracefs_gid;
	uint32_t tracefs_mode;

	/* Limits, and what is used of them. */
	uint64_t page_bytes;
	uint64_t mlock_kib;
	uint64_t memlock_bytes;
	uint64_t pinned_kib;
	/* Of rings of the caller's user, as far as they can be seen. */
	uint64_t locked_kib;
	uint64_t descriptor_limit;
	uint64_t num_descriptors;

	/*
	 * What the sensors said to this caller. Worth nothing once anything
	 * above was changed by hand.
	 */
	bool is_own;
	int32_t sensed[NUM_SENSORS];
};

/* A kernel without patches and a user without privileges; nothing sensed. */
void facts_init(struct facts *facts);
void facts_clear(struct facts *facts);
int facts_copy(const struct facts *from, struct facts *to);

/* Does the caller have a capability that counts, and so for perf? */
bool facts_have(const struct facts *facts, int capability);
bool facts_have_perfmon(const struct facts *facts);

/* How many more the process may open; UNLIMITED. */
uint64_t facts_free_descriptors(const struct facts *facts);

/* Do its files let the caller write, whatever lockdown says? */
bool facts_own_tracefs(const struct facts *facts);

/* What the caller can do with tracefs, from who it is and who owns it. */
void facts_derive_tracefs(struct facts *facts);

#endif /* FACTS_H */
