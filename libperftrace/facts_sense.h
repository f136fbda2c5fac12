/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FACTS_SENSE_H
#define FACTS_SENSE_H

/* The facts about the calling thread and the running kernel. */

struct facts;
struct perftrace_context;

/* What can't be found out stays unknown. -ENOMEM. To be cleared. */
int facts_sense(struct perftrace_context *context, struct facts *facts);

#endif /* FACTS_SENSE_H */
