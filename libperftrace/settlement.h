/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SETTLEMENT_H
#define SETTLEMENT_H

#include <stddef.h>

struct log;
struct opening;
struct perftrace_record;
struct perftrace_source;
struct reader;

/* Of one reader, at the end of its stream. */
struct settlement {
	struct log *log;
	struct opening *opening;
	struct perftrace_source *const *sources;
	size_t num_sources;
	struct reader *reader;
	/* Whose rings it reads. */
	size_t first_cpu;
	size_t num_cpus;
};

/*
 * All that was written has been handed out: tell what the kernel has counted as
 * lost beyond that. 1 with a record, 0 when all is told. Of several readers, by
 * one at a time: all sources are asked for their numbers.
 */
int settle(const struct settlement *settlement,
	   struct perftrace_record **record);

#endif /* SETTLEMENT_H */
