/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MERGE_H
#define MERGE_H

/* Many rings, one stream. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lane.h"

struct log;
struct merge;
struct ring;

/* When a record may be handed out: merge.c tells. */
enum merge_order {
	/* As it comes, ring by ring. */
	MERGE_UNORDERED,
	/* By time, when it is older than a horizon. */
	MERGE_TIME,
	/* By time, when merge_refresh() was told that no older one can come. */
	MERGE_CERTAIN,
};

/*
 * @rings: borrowed, and to live as long. @horizon_ns: of MERGE_TIME. NULL: no
 * memory.
 */
struct merge *merge_new(struct log *log, struct ring *const *rings,
			size_t num_rings, enum merge_order order,
			uint64_t horizon_ns);
void merge_free(struct merge *merge);

/*
 * Look how far the rings have been written; a new round begins. @now: of the
 * records' clock, read before this call, and, for MERGE_CERTAIN, before all who
 * were writing have been waited for; UINT64_MAX: nothing is added to the rings
 * any more, hand out all there is.
 */
int merge_refresh(struct merge *merge, uint64_t now);

/*
 * The next records of the round, at most @most: how many; 0 when the round has
 * no more. Each is RECORD_SMALLEST_BYTES long at least. Valid until the next
 * call of this or of merge_refresh(). -EBADMSG when a ring's bytes make no
 * sense: what was visible of that ring behind them is skipped.
 */
int merge_take(struct merge *merge, struct lane_item *items, size_t most);

/*
 * One ring more, with nothing in it that is to be handed out in this round.
 * -ENOMEM.
 */
int merge_add(struct merge *merge, struct ring *ring);

/*
 * Hand out nothing that is younger than @time; UINT64_MAX: everything. Without
 * order it has no effect.
 */
void merge_hold(struct merge *merge, uint64_t time);

/*
 * When merge_take() has no more: has all been handed out that may be, and is not
 * younger than @time? Without order: all of the round.
 */
bool merge_has_reached(struct merge *merge, uint64_t time);

/* Is there a record that is too young to be handed out? */
bool merge_has_rest(struct merge *merge);

/*
 * @left: of the last records of merge_take(), those that count as not read, of
 * all rings. -ENOBUFS: more was read behind @position than there is room for.
 * -ENOMEM.
 */
int merge_get_progress(struct merge *merge, size_t ring,
		       const struct lane_item *left, size_t num_left,
		       struct lane_progress *progress);

/*
 * Go on where another merge of the same rings was, before the first round.
 * -EBADMSG when the ring has no such records.
 */
int merge_set_progress(struct merge *merge, size_t ring,
		       const struct lane_progress *progress);

#endif /* MERGE_H */
