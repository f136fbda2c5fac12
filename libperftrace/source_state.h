/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SOURCE_STATE_H
#define SOURCE_STATE_H

/* What source.c and source_adopt.c share, and nobody else sees. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "group.h"
#include "record.h"
#include "source_config.h"

struct descriptors;
struct log;
struct perftrace_event;
struct perftrace_source;
struct source_row;
struct target;

struct perftrace_source {
	struct log *log;
	struct perftrace_event *event;
	struct source_settings settings;
	struct record_binding binding;
	struct descriptors *descriptors;
	/* Each stays where it is: records in sight point to it. */
	struct source_row *rows;
	size_t num_first_rows;
	struct source_row **more_rows;
	size_t num_rows;
	bool has_format_lost;
	bool is_sampling;
	bool is_overwritten;
	/* One descriptor for each CPU, and none of it in other tasks. */
	bool has_single_counter;
	/* Of its probe: before it was opened, and since. */
	bool has_missed;
	uint64_t missed_before;
	uint64_t num_missed;
	/* The event is ready for its descriptors. */
	bool is_prepared;
	/* Its descriptors are members of groups; where they are, unless adopted. */
	bool is_grouped;
	struct group_slot slot;
};

/* -ENOMEM, with the reason. */
int source_make_rows(struct perftrace_source *source,
		     const struct target *target);

#endif /* SOURCE_STATE_H */
