/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

/*
 * One source's attributes, opened on every CPU and task of a target: all, or
 * none. There is one attribute for each place of the event.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reading.h"

struct perf_event_attr;
struct descriptors;
struct target;

/* Which call was refused, where, and with what. */
struct refusal {
	int error;
	int32_t cpu;
	int32_t tid;
	/* NULL: not of one; borrowed from the target. */
	const char *cgroup;
};

/*
 * A task that has ended since the target was resolved is left out, unless there
 * is no other. On failure nothing is open, and @refusal says what was refused.
 */
int descriptors_open(const struct perf_event_attr *attrs, size_t num_attrs,
		     const struct target *target, struct refusal *refusal,
		     struct descriptors **descriptors);

/*
 * The same, in the groups of @leaders, one for each CPU: for a target that is no
 * task.
 */
int descriptors_open_siblings(const struct perf_event_attr *attrs,
			      size_t num_attrs, const struct target *target,
			      struct descriptors *leaders,
			      struct refusal *refusal,
			      struct descriptors **descriptors);

/*
 * The same of descriptors that another process has opened: those of @fds that
 * @is_open says, in the order of their places; NULL: all. Each that is taken is
 * replaced by -1, and @fds moves on. -EBADMSG: one is none of perf's.
 */
int descriptors_adopt(const bool *is_open, size_t num_attrs,
		      const struct target *target, int **fds,
		      struct descriptors **descriptors);
void descriptors_close(struct descriptors *descriptors);
/* Another has closed them, or will. */
void descriptors_forget(struct descriptors *descriptors);

/* Places for this many CPUs of the target, those that come not open. -ENOMEM. */
int descriptors_reserve(struct descriptors *descriptors, size_t num_cpus);

/*
 * On one CPU of a target without tasks, put those of @part, which were opened with
 * the same attributes on that CPU alone, in place of those that are there. What
 * these have counted stays in the sums, and they are closed.
 */
void descriptors_replace(struct descriptors *descriptors, size_t cpu_index,
			 struct descriptors *part);

size_t descriptors_get_count(struct descriptors *descriptors);
/* For each CPU and task. */
size_t descriptors_get_num_attrs(struct descriptors *descriptors);

/* Which places are open, to be freed. NULL: no memory. */
bool *descriptors_list_open(struct descriptors *descriptors);
size_t descriptors_count_open(struct descriptors *descriptors);
/* Those that are open, in the order of their places; @fds moves on. */
void descriptors_list(struct descriptors *descriptors, int **fds);

/*
 * The @index-th descriptor, the place of its CPU in the target's list, and
 * its id in records. -1: its task had ended.
 */
int descriptors_get_fd(struct descriptors *descriptors, size_t index,
		       size_t *cpu_index);
int descriptors_get_id(struct descriptors *descriptors, size_t index,
		       uint64_t *id);

/* An ioctl with the same argument on all. */
int descriptors_ioctl(struct descriptors *descriptors, unsigned long request,
		      uintptr_t argument, struct refusal *refusal);

/* Write to the rings of @anchors, one for each CPU of the target. */
int descriptors_redirect(struct descriptors *descriptors,
			 struct descriptors *anchors, struct refusal *refusal);

/*
 * @readings: one for each CPU of the target; added to. The places of an event
 * are enabled and run together, so that their time is counted once.
 */
int descriptors_read(struct descriptors *descriptors, int has_lost,
		     struct reading *readings);

/* How long the first event of a CPU has been enabled; 0: there is none. */
uint64_t descriptors_read_enabled_ns(struct descriptors *descriptors,
				     size_t cpu_index);

/* What was counted by those that have been replaced, for one CPU. */
const struct reading *descriptors_get_past(struct descriptors *descriptors,
					   size_t cpu_index);
void descriptors_set_past(struct descriptors *descriptors, size_t cpu_index,
			  const struct reading *past);

#endif /* DESCRIPTORS_H */
