/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OPENING_H
#define OPENING_H

/* What the kernel sees of a session: all of it, or nothing. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "opening_request.h"

struct access_failure;
struct command;
struct cpu_watch;
struct descriptors;
struct groups;
struct log;
struct opening;
struct perftrace_source;
struct reader;
struct recorder;
struct session_settings;
struct target;

/* @request: copied; what it points to must live as long. */
int opening_new(const struct opening_request *request,
		struct opening **opening);

/*
 * Close everything, or leave it to a process to close, where there may be one.
 * With @keep, sources keep their numbers.
 */
void opening_free(struct opening *opening, bool keep);

/* In a child that has only copies: nothing of it takes long. */
void opening_close_itself(struct opening *opening);

/* Nothing, where the exec of the command does it. */
int opening_enable(struct opening *opening);

/* Enable again what opening_disable() disabled. */
int opening_resume(struct opening *opening);
void opening_disable(struct opening *opening);

/* NULL but in PERFTRACE_MODE_OVERWRITE. */
struct recorder *opening_get_recorder(struct opening *opening);

size_t opening_get_num_descriptors(struct opening *opening);

size_t opening_get_num_cpus(struct opening *opening);
int32_t opening_get_cpu(struct opening *opening, size_t index);

/*
 * Side-band records that found their ring full: of all CPUs, and added to
 * @by_cpu, by their places, unless it is NULL.
 */
uint64_t opening_get_sideband_lost(struct opening *opening, uint64_t *by_cpu);

/* What it consists of, beside its sources and the command; borrowed. */
struct opening_parts {
	const struct target *target;
	bool has_format_lost;
	/* NULL where events are only counted. */
	struct descriptors *anchors;
	struct descriptors *sideband;
	/* NULL: none. */
	struct groups *groups;
	/* The only one. */
	struct reader *reader;
	/* NULL: of tasks. */
	const struct cpu_watch *watch;
	/* Of the process that is counted; -1: none. */
	int process;
};

void opening_get_parts(struct opening *opening, struct opening_parts *parts);

/*
 * Close all but the mappings of the rings, and disable nothing; sources keep
 * their numbers. What remains can only be freed.
 */
void opening_give_away(struct opening *opening);

#endif /* OPENING_H */
