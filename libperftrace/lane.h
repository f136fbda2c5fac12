/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LANE_H
#define LANE_H

/*
 * One ring's records on their way into the stream: merge.c tells what for. The
 * struct is in sight of the merge, which takes a record from it in a few
 * instructions.
 */

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring;

/* How many records at a ring's front are sorted at least. */
#define LANE_WINDOW 32

struct lane_place {
	uint64_t time;
	uint64_t position;
};

struct lane_item {
	const struct perf_event_header *header;
	/* The number of its ring. */
	size_t ring;
};

/* Room for what an interrupt, or a few, put in front of the record it broke. */
#define LANE_MOST_TAKEN 64

/* Up to where a ring was read, and what was read behind that. */
struct lane_progress {
	uint64_t position;
	uint64_t taken[LANE_MOST_TAKEN];
	size_t num_taken;
};

struct lane {
	struct ring *ring;
	const char *data;
	uint64_t data_bytes;
	size_t number;
	/* How much is read before the tail moves. */
	uint64_t release_bytes;
	/* Up to where records have been taken into the window. */
	uint64_t scanned;
	/* Up to where the ring was written at the round's start. */
	uint64_t end;
	/* Up to where records have been handed out, or further. */
	uint64_t read;
	/* Its bytes make no sense at @scanned, and it has to be told. */
	bool is_faulty;

	/* Sorted by time: window[first] .. window[last - 1]; NULL: not sorted. */
	struct lane_place *window;
	size_t room;
	size_t first;
	size_t last;
	/* Its positions do not ascend. */
	bool is_inverted;

	/* Handed out by another merge; ascending. */
	uint64_t taken[LANE_MOST_TAKEN];
	size_t num_taken;
};

/* What is sorted of a ring. */
enum lane_order { LANE_UNSORTED, LANE_SORTED_IN_PART, LANE_SORTED };

/* @ring: borrowed. -ENOMEM. */
int lane_init(struct lane *lane, struct ring *ring, size_t number,
	      enum lane_order order);
void lane_clear(struct lane *lane);

/*
 * Look how far the ring has been written, and give back what has been read.
 * -EBADMSG: nothing of it can be trusted.
 */
int lane_refresh(struct lane *lane);

/*
 * Take as much into the window as it holds. A record that is none makes the lane
 * faulty.
 */
void lane_fill(struct lane *lane);

/* Unsorted: the next records, as they come; also up to one that is none. */
size_t lane_take(struct lane *lane, struct lane_item *items, size_t most);

/* Skip what is visible: how many bytes. */
uint64_t lane_skip(struct lane *lane);

/* Let what has been read be written over, when it is that much. */
void lane_release(struct lane *lane, uint64_t at_least);

/* The record of a position, that wraps, as a copy; or any. NULL: there is none. */
const struct perf_event_header *lane_find(const struct lane *lane,
					  uint64_t position);

/* As merge_get_progress() and merge_set_progress(). */
int lane_get_progress(const struct lane *lane, const struct lane_item *left,
		      size_t num_left, struct lane_progress *progress);
int lane_set_progress(struct lane *lane, const struct lane_progress *progress);

static inline bool lane_may_scan(const struct lane *lane)
{
	return lane->scanned != lane->end && !lane->is_faulty;
}

/* How far the window can be emptied, and still be as long as it must be. */
static inline const struct lane_place *lane_stop(const struct lane *lane)
{
	const struct lane_place *last = lane->window + lane->last;

	if (!lane_may_scan(lane))
		return last;
	return lane->last - lane->first < LANE_WINDOW ?
		       lane->window + lane->first :
		       last - LANE_WINDOW + 1;
}

static inline bool lane_needs_fill(const struct lane *lane)
{
	return lane->last - lane->first < LANE_WINDOW && lane_may_scan(lane);
}

/* Of a record that was scanned. */
static inline const struct perf_event_header *
lane_header(const struct lane *lane, uint64_t position)
{
	uint64_t offset = position & (lane->data_bytes - 1);
	const struct perf_event_header *header =
		(const void *)(lane->data + offset);

	if (offset + header->size > lane->data_bytes)
		return lane_find(lane, position);
	return header;
}

uint64_t lane_tail(const struct lane *lane);

#endif /* LANE_H */
