/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HOTPLUG_H
#define HOTPLUG_H

/* CPUs go offline and come back while a session is open. */

#include <stdbool.h>
#include <stdint.h>

struct opening;

/* Before all is enabled. */
void hotplug_start(struct opening *opening);
/* After that: as hotplug_look(), with an answer at once. */
bool hotplug_resume(struct opening *opening);
/* Before all is disabled. */
void hotplug_stop(struct opening *opening);

/*
 * Of a session that runs, now and then: after the rings have been looked at,
 * where there are any. True: the session has CPUs that it did not have before.
 */
bool hotplug_look(struct opening *opening);

#endif /* HOTPLUG_H */
