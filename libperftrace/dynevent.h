/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DYNEVENT_H
#define DYNEVENT_H

/* Dynamic events in tracefs: made, removed, and swept up after the dead. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct definition;
struct dynevent;
struct log;
struct perftrace_context;

struct dynevent_request {
	/* In tracefs: "kprobe_events" or "uprobe_events". */
	const char *file;
	/* For messages: "kprobe:vfs_read". */
	const char *label;
	/* What the event's name shall begin with; any text. */
	const char *stem;
	/* "p", "r", or "r64". */
	const char *type;
	/* The place and the arguments. */
	const struct definition *body;
};

/*
 * The kernel's refusal comes with its reason, and the place in the caller's
 * text. What dead owners have left is removed on the way, once per context.
 */
int dynevent_new(struct perftrace_context *context,
		 const struct dynevent_request *request,
		 struct dynevent **dynevent);

/*
 * Was the failure that dynevent_new() stored about the place, with no better
 * reason than the kernel's errno? Not one about an argument or a permission.
 */
bool dynevent_is_place(struct log *log, int error);

/* How long it is worth to wait for somebody who holds events open. */
#define DYNEVENT_PATIENCE_MS 100

/*
 * Remove it, and forget it. Left alone in a child that was forked since; one
 * that somebody still holds open stays, and the log is told. @patience_ms: of
 * which what is waited is taken off.
 */
void dynevent_free(struct dynevent *dynevent, int *patience_ms);

/*
 * Is an event of this name a probe of this library's, in whatever process? They
 * go when their owner wants, and others should not hold them by accident.
 */
bool dynevent_is_owned(const char *name);

/* "GROUP:NAME". */
const char *dynevent_get_name(struct dynevent *dynevent);

/* attr.config of perf_event_open(2). */
uint64_t dynevent_get_id(struct dynevent *dynevent);

/* What kprobe_profile counts as missed. -ENOENT: it is not there. */
int dynevent_get_num_missed(struct dynevent *dynevent, uint64_t *num_missed);

/* See perftrace_probe_remove_left_over(). */
int dynevent_remove_left_over(struct perftrace_context *context);

/* The same, once per context, and failures are the log's. */
void dynevent_sweep(struct perftrace_context *context);

/* 0 when the caller may make events of a file; else why not. Not a failure. */
int dynevent_check(struct perftrace_context *context, const char *file);

#endif /* DYNEVENT_H */
