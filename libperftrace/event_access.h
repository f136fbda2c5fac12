/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef EVENT_ACCESS_H
#define EVENT_ACCESS_H

/* What the rules of access.h have to know of an event. */

#include "plan.h"

struct backing_use;
struct dynamic_events;
struct facts;
struct perftrace_context;
struct perftrace_event;

/* Which events in tracefs are probes, and of what kind, is read once. */
int dynamic_events_new(struct perftrace_context *context,
		       struct dynamic_events **events);
void dynamic_events_free(struct dynamic_events *events);

/* All of @source but its attributes. Borrows from the event. */
void event_access_describe(struct perftrace_event *event,
			   const struct dynamic_events *events,
			   const struct facts *facts,
			   const struct backing_use *use,
			   struct plan_source *source);

#endif /* EVENT_ACCESS_H */
