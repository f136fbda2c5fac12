/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <perftrace/source.h>

#include "attr.h"
#include "descriptors.h"
#include "losses.h"
#include "record.h"

struct access_failure;
struct groups;
struct log;
struct manifest_source;
struct perf_event_attr;
struct perftrace_context;
struct perftrace_source_config;
struct target;

/* One CPU of a source. */
struct source_row {
	int32_t cpu;
	/* Samples handed out, what they stand for, and thrown away unread. */
	uint64_t delivered;
	uint64_t delivered_period;
	uint64_t discarded;
	/* What PERF_RECORD_LOST said of it. */
	uint64_t reported_lost;
	struct throttling throttling;
	/* What the kernel counted, when it was last asked. */
	struct reading reading;

	/* Of snapshots: samples copied, what they stand for, losses told. */
	uint64_t recorded;
	uint64_t recorded_period;
	uint64_t recorded_lost;
	/* Samples that were counted, and were left for the next snapshot. */
	uint64_t left;
	/* Written over by the kernel; not read before the next snapshot. */
	uint64_t overwritten;
	uint64_t skipped;
};

/* Takes the settings out of @config, and checks the filter. */
int source_new(struct log *log, struct perftrace_event *event,
	       struct perftrace_source_config *config,
	       struct perftrace_source **source);
void source_free(struct perftrace_source *source);

/* The attributes with which a place is opened. */
void source_fill_attr(struct perftrace_source *source,
		      const struct attr_scope *scope, size_t place,
		      struct perf_event_attr *attr);

/* Where a source is opened. */
struct source_place {
	const struct target *target;
	/* Whose rings to write to; NULL: none. */
	struct descriptors *anchors;
	/* NULL: in none. */
	struct groups *groups;
};

/* Can it share a group with others of its CPU? */
bool source_may_be_grouped(struct perftrace_source *source,
			   const struct attr_scope *scope);

/*
 * Open it everywhere, not running, with its filter; all or nothing. @failure:
 * filled when a call was refused.
 */
int source_open(struct perftrace_source *source, const struct attr_scope *scope,
		const struct source_place *place,
		struct access_failure *failure);

/*
 * The same on one CPU more, or again: @target has that CPU alone, and @anchor is
 * whose ring to write to, -1: none. What is opened is not the source's yet.
 */
int source_open_part(struct perftrace_source *source,
		     const struct attr_scope *scope,
		     const struct target *target, int anchor,
		     struct access_failure *failure, struct descriptors **part);

/* Rows, and closed places, for @count CPUs: one more than there were. -ENOMEM. */
int source_reserve_rows(struct perftrace_source *source, size_t count,
			int32_t cpu);

/* From now on, it is enabled, disabled and read by itself. */
void source_leave_groups(struct perftrace_source *source);

/* Close, with the numbers of the last update; without @keep, forget them. */
void source_close(struct perftrace_source *source, bool keep);

/*
 * Is it one that another may close later? Not a named probe: it can't be removed
 * before. source_forget_descriptors(): it will be closed.
 */
bool source_may_close_later(struct perftrace_source *source);
void source_forget_descriptors(struct perftrace_source *source);

/* Nothing of one that is started and stopped with its group. */
int source_enable(struct perftrace_source *source);
void source_disable(struct perftrace_source *source);

/* NULL when it is not open. */
struct descriptors *source_get_descriptors(struct perftrace_source *source);

/* How many descriptors it has for each CPU and task. */
size_t source_get_num_places(struct perftrace_source *source);

struct log *source_get_log(struct perftrace_source *source);
const struct record_binding *
source_get_binding(struct perftrace_source *source);
size_t source_get_num_rows(struct perftrace_source *source);
struct source_row *source_get_row(struct perftrace_source *source,
				  size_t index);

/* Ask the kernel for the numbers of all rows; the last ones once closed. */
int source_update(struct perftrace_source *source);
/* The same, and the reason of a failure goes to this log. */
int source_update_in(struct perftrace_source *source, struct log *log);

/* The same, from what groups_read() has read. */
int source_update_from(struct perftrace_source *source,
		       const struct groups *groups);

bool source_is_sampling(struct perftrace_source *source);
void source_get_losses(struct perftrace_source *source, size_t row,
		       struct losses *losses);
/* What is lost, for whatever reason. */
uint64_t source_get_lost(struct perftrace_source *source, size_t row);
uint64_t source_get_overwritten(struct perftrace_source *source, size_t row);

/*
 * How many samples more than known were written over before they were copied,
 * as of the last update, when @unwritten may still be about to be written.
 */
uint64_t source_count_overwritten(struct perftrace_source *source, size_t row,
				  uint64_t unwritten);
/* What was discarded is made room for a snapshot: how many. */
uint64_t source_skip_discarded(struct perftrace_source *source, size_t row);

/*
 * Hits that its probe passed over since the source was opened, as of the last
 * look; false: they are not told.
 */
bool source_get_missed(struct perftrace_source *source, uint64_t *num_missed);
/* Look again; nothing once closed. */
void source_update_missed(struct perftrace_source *source);

/* For another process: texts are borrowed, arrays are @manifest's. -ENOMEM. */
int source_describe(struct perftrace_source *source,
		    struct manifest_source *manifest);
/* One that another process has described, with its event. */
int source_adopt(struct perftrace_context *context,
		 const struct manifest_source *manifest,
		 struct perftrace_source **source);
/* Its descriptors and rows, as of descriptors_adopt(). */
int source_adopt_open(struct perftrace_source *source,
		      const struct manifest_source *manifest,
		      const struct attr_scope *scope,
		      const struct target *target, int **fds);

#endif /* SOURCE_H */
