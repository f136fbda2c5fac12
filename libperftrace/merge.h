/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MERGE_H
#define MERGE_H

/* Many rings, one stream. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;
struct merge;
struct perf_event_header;
struct ring;

/*
 * @rings: borrowed, and to live as long. @is_ordered: by time, a record only
 * when it is older than @horizon_ns by the clock; else ring by ring.
 * NULL: no memory.
 */
struct merge *merge_new(struct log *log, struct ring *const *rings,
			size_t num_rings, bool is_ordered, uint64_t horizon_ns);
void merge_free(struct merge *merge);

/*
 * Look how far the rings have been written; a new round begins. @now: of the
 * records' clock, read before this call; UINT64_MAX: nothing is added to the
 * rings any more, hand out all there is.
 */
int merge_refresh(struct merge *merge, uint64_t now);

/*
 * The next record of the round, and the number of its ring: 1; 0 when the round
 * has no more. Valid until the next call. -EBADMSG when a ring's bytes make no
 * sense: what was visible of that ring is skipped.
 */
int merge_next(struct merge *merge, const struct perf_event_header **record,
	       size_t *ring);

/* Is there a record that is too young to be handed out? */
bool merge_has_rest(struct merge *merge);

/* The youngest time stamp handed out so far. */
uint64_t merge_get_time(struct merge *merge);
uint64_t merge_get_num_violations(struct merge *merge);

/* The window of a ring, and room for a fault that stands behind its front. */
#define MERGE_MOST_HELD_BACK 64

/* Up to where a ring was read, and what was passed over before that. */
struct merge_progress {
	uint64_t scanned;
	uint64_t held_back[MERGE_MOST_HELD_BACK];
	size_t num_held_back;
};

void merge_get_progress(struct merge *merge, size_t ring,
			struct merge_progress *progress);

/*
 * Go on where another merge of the same rings was, before the first round.
 * -EBADMSG when the ring has no such records.
 */
int merge_set_progress(struct merge *merge, size_t ring,
		       const struct merge_progress *progress);
void merge_set_time(struct merge *merge, uint64_t youngest,
		    uint64_t num_violations);

#endif /* MERGE_H */
