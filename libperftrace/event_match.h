/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef EVENT_MATCH_H
#define EVENT_MATCH_H

/* All the events that one text means: a name, a pattern, or a probe. */

#include <stddef.h>

struct perftrace_context;
struct perftrace_event;

/* In order, each with a reference. To be cleared. */
struct event_match {
	struct perftrace_event **events;
	size_t count;
};

/* As perftrace_session_add_spec(); on failure there is none. */
int event_match_find(struct perftrace_context *context, const char *spec,
		     struct event_match *match);
void event_match_clear(struct event_match *match);

#endif /* EVENT_MATCH_H */
