/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef EVENT_H
#define EVENT_H

#include <stdint.h>

#include <perftrace/event.h>

struct format;

struct perftrace_context *event_get_context(struct perftrace_event *event);

/* The type for perf_event_open(2). */
uint32_t event_get_perf_type(struct perftrace_event *event);

/* The parsed format, which the first call makes; owned by the event. */
int event_get_format(struct perftrace_event *event, struct format **format);

/* The event's decoded fields as text, valid until the next call. */
int event_print(struct perftrace_event *event, int cpu, const void *raw,
		size_t raw_bytes, const char **text, size_t *text_bytes);

/*
 * Is the event still what it was when it was looked up? -ENOENT, with the
 * reason, when it went, or came back under another number.
 */
int event_verify(struct perftrace_event *event);

#endif /* EVENT_H */
