/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lane.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "ring.h"

/* What is read ahead at once. */
#define AHEAD 128

/* Between the record that is looked at and the one that will be soon. */
#define PREFETCH_BYTES 1024

/* All that a ring can hold, where all is sorted. */
static size_t choose_room(struct ring *ring, enum lane_order order)
{
	if (order == LANE_SORTED)
		return ring_get_data_bytes(ring) / RECORD_SMALLEST_BYTES + 1;
	return LANE_WINDOW + AHEAD;
}

int lane_init(struct lane *lane, struct ring *ring, size_t number,
	      enum lane_order order)
{
	*lane = (struct lane){
		.ring = ring,
		.data = ring_get_data(ring),
		.data_bytes = ring_get_data_bytes(ring),
		.number = number,
		.release_bytes = ring_get_data_bytes(ring) / 16,
		.scanned = ring_get_tail(ring),
		.end = ring_get_tail(ring),
		.read = ring_get_tail(ring),
	};
	if (order == LANE_UNSORTED)
		return 0;
	lane->room = choose_room(ring, order);
	lane->window = calloc(lane->room, sizeof(*lane->window));
	return lane->window ? 0 : -ENOMEM;
}

void lane_clear(struct lane *lane)
{
	free(lane->window);
}

uint64_t lane_tail(const struct lane *lane)
{
	return ring_get_tail(lane->ring);
}

/* What lies in one piece from a position on, and may be records. */
static uint64_t bytes_in_a_piece(const struct lane *lane, uint64_t position)
{
	uint64_t to_end = lane->end - position;
	uint64_t to_wrap =
		lane->data_bytes - (position & (lane->data_bytes - 1));

	if (position % 8)
		return 0;
	return to_end < to_wrap ? to_end : to_wrap;
}

static const struct perf_event_header *header_at(const struct lane *lane,
						 uint64_t position)
{
	return (const void *)(lane->data + (position & (lane->data_bytes - 1)));
}

/* Is it a record, of the bytes that are left? Those suffice for the smallest. */
static bool is_whole(uint64_t size, uint64_t left)
{
	return size - RECORD_SMALLEST_BYTES <= left - RECORD_SMALLEST_BYTES &&
	       !(size % 8);
}

/* Of any record; NULL: there is none. */
const struct perf_event_header *lane_find(const struct lane *lane,
					  uint64_t position)
{
	const struct perf_event_header *header;

	if (ring_record_at(lane->ring, position, &header) ||
	    header->size < RECORD_SMALLEST_BYTES)
		return NULL;
	return header;
}

/* Of one time, records stay in the order of the ring. */
static bool is_behind(const struct lane_place *place, uint64_t time,
		      uint64_t position)
{
	if (place->time != time)
		return place->time > time;
	return (int64_t)(place->position - position) > 0;
}

static void insert(struct lane *lane, uint64_t time, uint64_t position)
{
	struct lane_place *first = lane->window + lane->first;
	struct lane_place *at = lane->window + lane->last++;

	while (at > first && is_behind(at - 1, time, position)) {
		*at = at[-1];
		at--;
		lane->is_inverted = true;
	}
	*at = (struct lane_place){ time, position };
}

/*
 * Take in what needs no care: in one piece, and not older than what is there.
 * Every record comes by here.
 */
static void scan_quickly(struct lane *lane)
{
	struct lane_place *at = lane->window + lane->last;
	const struct lane_place *stop = lane->window + lane->room;
	uint64_t newest = lane->last > lane->first ? at[-1].time : 0;
	uint64_t position = lane->scanned;
	uint64_t left = bytes_in_a_piece(lane, position);
	const struct perf_event_header *header = header_at(lane, position);

	while (at < stop && left >= RECORD_SMALLEST_BYTES) {
		uint64_t size = header->size, time;

		if (!is_whole(size, left))
			break;
		time = record_time_of(header);
		if (time < newest)
			break;
		newest = time;
		*at++ = (struct lane_place){ time, position };
		position += size;
		left -= size;
		header = (const void *)((const char *)header + size);
		__builtin_prefetch((const char *)header + PREFETCH_BYTES);
	}
	lane->last = (size_t)(at - lane->window);
	lane->scanned = position;
}

/* Has another merge handed it out? */
static bool was_taken(struct lane *lane, uint64_t position)
{
	if (!lane->num_taken || lane->taken[0] != position)
		return false;
	memmove(lane->taken, lane->taken + 1,
		--lane->num_taken * sizeof(*lane->taken));
	return true;
}

static void scan_one(struct lane *lane)
{
	const struct perf_event_header *header = lane_find(lane, lane->scanned);

	if (!header) {
		lane->is_faulty = true;
		return;
	}
	if (!was_taken(lane, lane->scanned))
		insert(lane, record_time_of(header), lane->scanned);
	lane->scanned += header->size;
}

void lane_fill(struct lane *lane)
{
	memmove(lane->window, lane->window + lane->first,
		(lane->last - lane->first) * sizeof(*lane->window));
	lane->last -= lane->first;
	lane->first = 0;
	if (!lane->last)
		lane->is_inverted = false;
	while (lane->last < lane->room && lane_may_scan(lane)) {
		if (!lane->num_taken)
			scan_quickly(lane);
		if (lane->last < lane->room && lane_may_scan(lane))
			scan_one(lane);
	}
}

/* The oldest byte that is still wanted, once all that was taken is done with. */
static uint64_t oldest_position(const struct lane *lane)
{
	uint64_t tail = ring_get_tail(lane->ring), oldest = lane->scanned;
	size_t i;

	if (lane->first == lane->last)
		return oldest;
	if (!lane->is_inverted)
		return lane->window[lane->first].position;
	for (i = lane->first; i < lane->last; i++) {
		if (lane->window[i].position - tail < oldest - tail)
			oldest = lane->window[i].position;
	}
	return oldest;
}

void lane_release(struct lane *lane, uint64_t at_least)
{
	uint64_t oldest = oldest_position(lane);

	if (oldest - ring_get_tail(lane->ring) >= at_least)
		ring_release(lane->ring, oldest);
}

int lane_refresh(struct lane *lane)
{
	int ret;

	lane_release(lane, 1);
	ret = ring_refresh(lane->ring, &lane->end);
	if (!ret)
		return 0;
	lane->first = lane->last = 0;
	lane->read = lane->end;
	return ret;
}

uint64_t lane_skip(struct lane *lane)
{
	uint64_t skipped = lane->end - lane->scanned;

	lane->scanned = lane->end;
	lane->is_faulty = false;
	/* The end may have gone back. */
	return skipped > lane->data_bytes ? 0 : skipped;
}

/* Of one lane, what lies in one piece. */
static size_t take_piece(struct lane *lane, struct lane_item *items,
			 size_t most)
{
	uint64_t position = lane->scanned;
	uint64_t left = bytes_in_a_piece(lane, position);
	const struct perf_event_header *header = header_at(lane, position);
	struct lane_item *item = items, *stop = items + most;

	while (item < stop && left >= RECORD_SMALLEST_BYTES) {
		uint64_t size = header->size;

		if (!is_whole(size, left))
			break;
		*item++ = (struct lane_item){ header, lane->number };
		position += size;
		left -= size;
		header = (const void *)((const char *)header + size);
		__builtin_prefetch((const char *)header + PREFETCH_BYTES);
	}
	lane->scanned = position;
	return (size_t)(item - items);
}

/* One that wraps. */
static size_t take_one(struct lane *lane, struct lane_item *item)
{
	const struct perf_event_header *header = lane_find(lane, lane->scanned);

	if (!header) {
		lane->is_faulty = true;
		return 0;
	}
	*item = (struct lane_item){ header, lane->number };
	lane->scanned += header->size;
	return 1;
}

size_t lane_take(struct lane *lane, struct lane_item *items, size_t most)
{
	size_t count = 0;

	while (count < most && lane_may_scan(lane)) {
		count += take_piece(lane, items + count, most - count);
		if (count < most && lane_may_scan(lane))
			count += take_one(lane, items + count);
	}
	lane->read = lane->scanned;
	return count;
}

/* The record that lies at the end of the ring and at its start. */
static uint64_t find_wrapping(const struct lane *lane)
{
	uint64_t position = ring_get_tail(lane->ring);
	uint64_t left = lane->data_bytes - (position & (lane->data_bytes - 1));

	for (;;) {
		uint64_t size = header_at(lane, position)->size;

		if (!size || size > left)
			return position;
		position += size;
		left -= size;
	}
}

/* Of a record of merge_take(). */
static uint64_t find_position(const struct lane *lane,
			      const struct perf_event_header *header)
{
	uint64_t tail = ring_get_tail(lane->ring);
	uintptr_t offset = (uintptr_t)header - (uintptr_t)lane->data;

	if (offset < lane->data_bytes)
		return tail + ((offset - tail) & (lane->data_bytes - 1));
	return find_wrapping(lane);
}

static int compare_positions(const void *left, const void *right)
{
	int64_t distance =
		(int64_t)(*(const uint64_t *)left - *(const uint64_t *)right);

	return (distance > 0) - (distance < 0);
}

/* Where those records are that have been scanned and not read; ascending. */
static size_t list_unread(const struct lane *lane, const struct lane_item *left,
			  size_t num_left, uint64_t *positions)
{
	size_t i, count = 0;

	for (i = lane->first; i < lane->last; i++)
		positions[count++] = lane->window[i].position;
	for (i = 0; i < num_left; i++) {
		if (left[i].ring == lane->number)
			positions[count++] =
				find_position(lane, left[i].header);
	}
	qsort(positions, count, sizeof(*positions), compare_positions);
	return count;
}

static int note_taken(struct lane_progress *progress, uint64_t position)
{
	if (progress->num_taken == LANE_MOST_TAKEN)
		return -ENOBUFS;
	progress->taken[progress->num_taken++] = position;
	return 0;
}

/* From the oldest unread one on, all that is not in @unread was read. */
static int find_taken(const struct lane *lane, const uint64_t *unread,
		      size_t num_unread, struct lane_progress *progress)
{
	uint64_t position = progress->position;
	size_t i = 0;

	while (position != lane->scanned) {
		const struct perf_event_header *header =
			lane_find(lane, position);

		if (!header)
			return -EBADMSG;
		if (i < num_unread && unread[i] == position)
			i++;
		else if (note_taken(progress, position))
			return -ENOBUFS;
		position += header->size;
	}
	for (i = 0; i < lane->num_taken; i++) {
		if (note_taken(progress, lane->taken[i]))
			return -ENOBUFS;
	}
	return 0;
}

int lane_get_progress(const struct lane *lane, const struct lane_item *left,
		      size_t num_left, struct lane_progress *progress)
{
	size_t most = lane->last - lane->first + num_left, num_unread;
	uint64_t *unread = calloc(most + 1, sizeof(*unread));
	int ret;

	if (!unread)
		return -ENOMEM;
	num_unread = list_unread(lane, left, num_left, unread);
	*progress = (struct lane_progress){
		.position = num_unread ? unread[0] : lane->scanned,
	};
	ret = find_taken(lane, unread, num_unread, progress);
	free(unread);
	return ret;
}

/* Does a position lie in what is there to be read? */
static bool is_in_ring(struct lane *lane, uint64_t position, uint64_t end)
{
	uint64_t tail = ring_get_tail(lane->ring);

	return position - tail <= end - tail && !(position % 8);
}

/* Behind the position, and ascending. */
static bool are_taken(struct lane *lane, const struct lane_progress *progress,
		      uint64_t end)
{
	uint64_t before = progress->position;
	size_t i;

	for (i = 0; i < progress->num_taken; i++) {
		uint64_t position = progress->taken[i];

		if (!is_in_ring(lane, position, end) ||
		    (int64_t)(position - before) <= 0)
			return false;
		before = position;
	}
	return true;
}

int lane_set_progress(struct lane *lane, const struct lane_progress *progress)
{
	uint64_t end;

	if (progress->num_taken > LANE_MOST_TAKEN ||
	    ring_refresh(lane->ring, &end) ||
	    !is_in_ring(lane, progress->position, end) ||
	    !are_taken(lane, progress, end))
		return -EBADMSG;
	memcpy(lane->taken, progress->taken,
	       progress->num_taken * sizeof(*lane->taken));
	lane->num_taken = progress->num_taken;
	lane->scanned = lane->end = lane->read = progress->position;
	return 0;
}
