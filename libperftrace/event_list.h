/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef EVENT_LIST_H
#define EVENT_LIST_H

/* The names of the events that there are: perftrace/event.h has it all. */

#include <perftrace/event.h>

#include "suggest.h"

/* Offer the names that perf can open for a wrong one. */
void event_list_suggest(struct perftrace_event_list *list,
			struct suggestions *suggestions);

#endif /* EVENT_LIST_H */
