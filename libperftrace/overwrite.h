/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OVERWRITE_H
#define OVERWRITE_H

/* What stands in a ring that is written backward, and over and over. Pure. */

#include <stddef.h>
#include <stdint.h>

struct perf_event_header;

/* What the kernel reserved room for at once: a record, what it lost before. */
struct overwrite_unit {
	const void *bytes;
	size_t size;
	uint64_t time;
	/* The record, behind the one that tells of losses. */
	const struct perf_event_header *record;
	/* The latter; NULL: nothing was lost. */
	const struct perf_event_header *lost;
};

/*
 * The unit at @at, which moves behind it, to the next older one: 1; 0 when no
 * more is whole; -EBADMSG when what stands there is none.
 *
 * @bytes: aligned to 8, the newest record first; @size: how many can be trusted.
 */
int overwrite_next(const void *bytes, size_t size, size_t *at,
		   struct overwrite_unit *unit);

/*
 * How many bytes of records are younger than @time, up to the first that is
 * not.
 */
size_t overwrite_count_younger(const void *bytes, size_t size, uint64_t time);

/* How many bytes are whole records. -EBADMSG: as above, behind them. */
int overwrite_measure(const void *bytes, size_t size, size_t *whole);

#endif /* OVERWRITE_H */
