/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SETTLEMENT_H
#define SETTLEMENT_H

#include <stddef.h>

struct opening;
struct perftrace_record;
struct perftrace_source;

/*
 * The end of a stream: 1 with a record of what was lost and not reported, 0
 * when all has been; -ENOMEM, -errno of read(2).
 */
int settle(struct opening *opening, struct perftrace_source *const *sources,
	   size_t num_sources, struct perftrace_record **record);

#endif /* SETTLEMENT_H */
