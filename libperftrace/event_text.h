/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef EVENT_TEXT_H
#define EVENT_TEXT_H

#include <stddef.h>

struct log;
struct perftrace_event;

/*
 * The event's decoded fields as text: as much as there is @room for, and no zero
 * byte behind it; *@text_bytes: how long it is altogether. By any thread; @log:
 * its own.
 */
int event_print(struct perftrace_event *event, struct log *log, int cpu,
		const void *raw, size_t raw_bytes, char *buffer, size_t room,
		size_t *text_bytes);

#endif /* EVENT_TEXT_H */
