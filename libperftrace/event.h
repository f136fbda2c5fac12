/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include <perftrace/event.h>

struct backing;
struct backing_use;
struct format;
struct lock;
struct log;
struct manifest_event;
struct recipe;

struct perftrace_context *event_get_context(struct perftrace_event *event);

/*
 * The event of a probe. Takes what is in @recipe, in any case; a named probe
 * that must be one is made.
 */
int event_new_probe(struct perftrace_context *context, struct recipe *recipe,
		    struct perftrace_event **event);

/* The function event, limited by a filter to functions; NULL: to none. */
int event_new_function(struct perftrace_context *context, const char *name,
		       const char *filter, struct perftrace_event **event);

/* The filter that belongs to the event; NULL: none. */
const char *event_get_filter(struct perftrace_event *event);

/* One; a marker may have several, each of which is opened. */
size_t event_get_num_places(struct perftrace_event *event);

/* What a probe stands on; NULL: it was there. */
struct backing *event_get_backing(struct perftrace_event *event);

/*
 * To be called before the attributes are filled: a probe may have to be made.
 */
int event_prepare(struct perftrace_event *event, const struct backing_use *use);

/* A probe of the context's that stands in tracefs: it can't go while open. */
bool event_is_named_probe(struct perftrace_event *event);

/* What event_prepare() prepared is closed; or it could not be opened. */
void event_release(struct perftrace_event *event, bool has_failed);

/* The type and the two numbers for perf_event_open(2). */
uint32_t event_get_perf_type(struct perftrace_event *event);
uint64_t event_get_perf_config(struct perftrace_event *event, size_t place);

/* Of a local probe, the place: a text or NULL, and a number. False: none. */
bool event_get_local_place(struct perftrace_event *event, size_t place,
			   const char **text, uint64_t *number);

/* perf_event_open(2) has refused it: a reason of the event's own, or @error. */
int event_explain(struct perftrace_event *event, int error);

/* The parsed format, which the first call of any thread makes; the event's. */
int event_get_format(struct perftrace_event *event, struct format **format);

/* Held to make the format, and to print by it. */
struct lock *event_get_lock(struct perftrace_event *event);
/* The same with the lock held, and the reason in @log. */
int event_make_format(struct perftrace_event *event, struct log *log,
		      struct format **format);
/* With the lock held: has its format been given the kernel's strings before? */
bool event_note_names(struct perftrace_event *event);

/*
 * Is the event still what it was when it was looked up? -ENOENT, with the
 * reason, when it went, or came back under another number.
 */
int event_verify(struct perftrace_event *event);

/* As perftrace_event_get_num_missed(), and no reason is given. */
int event_read_num_missed(struct perftrace_event *event, uint64_t *num_missed);

/* For another process; texts are borrowed. */
void event_describe(struct perftrace_event *event,
		    struct manifest_event *manifest);
/* One that another process has described. A probe of it can't be opened. */
int event_adopt(struct perftrace_context *context,
		const struct manifest_event *manifest,
		struct perftrace_event **event);

#endif /* EVENT_H */
