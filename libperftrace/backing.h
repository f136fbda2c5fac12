/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BACKING_H
#define BACKING_H

/* What stands behind the event of a probe: something named, or local, or none. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backing;
struct perftrace_context;
struct recipe;

/*
 * Takes what is in @recipe, in any case. A named probe is made at once when it
 * must be one.
 */
int backing_new(struct perftrace_context *context, struct recipe *recipe,
		struct backing **backing);
void backing_free(struct backing *backing);

size_t backing_get_num_places(struct backing *backing);

/* How it will be opened. */
enum backing_way {
	/* It stands in tracefs. */
	BACKING_NAMED,
	BACKING_LOCAL,
	BACKING_TO_BE_NAMED,
	/* It is to be local, and to follow what its task starts. */
	BACKING_IMPOSSIBLE,
};

#define BACKING_CANNOT_FOLLOW                                                  \
	"a local probe can't follow what a task starts: the kernel would "     \
	"read its place from the memory of the task"
#define BACKING_FOLLOW_REMEDY                                                  \
	"trace all CPUs with a filter on common_pid, or let the probe be "     \
	"named"

/* Of each place so many descriptors, which may follow what their task starts. */
struct backing_use {
	size_t num_descriptors;
	bool is_inherited;
};

/* What somebody is granted. */
struct backing_grant {
	bool may_be_local;
	bool may_be_named;
	/* Not the caller: what stands in tracefs would have to be made again. */
	bool is_other;
};

enum backing_way backing_foresee(const struct backing *backing,
				 const struct backing_use *use,
				 const struct backing_grant *grant);

/*
 * Be ready to be opened: choose, unless it has been chosen, and make the named
 * probe where that is the choice.
 */
int backing_prepare(struct backing *backing, const struct backing_use *use);

/*
 * What backing_prepare() prepared is closed. After a failed open, a named probe
 * that was made for it goes again, unless somebody else has opened it since.
 */
void backing_release(struct backing *backing, bool has_failed);

/* "GROUP:NAME" of a place; NULL while it does not stand in tracefs. */
const char *backing_get_tracefs_name(struct backing *backing, size_t place);

const struct recipe *backing_get_recipe(struct backing *backing);

/* For perf_event_open(2): of the way that was chosen. */
uint64_t backing_get_config(struct backing *backing, size_t place);

/* The same of local probes: 0 where the kernel has no such PMU. */
uint32_t backing_get_local_type(struct backing *backing);

/* @text: NULL for an address alone. */
void backing_get_local_place(struct backing *backing, size_t place,
			     const char **text, uint64_t *number);

/* -EOPNOTSUPP: it is not named. */
int backing_get_num_missed(struct backing *backing, uint64_t *num_missed);

/* perf_event_open(2) has refused a local probe: a better reason, or @error. */
int backing_explain(struct backing *backing, int error);

#endif /* BACKING_H */
