/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When may a record be handed out?
 *
 * Each CPU writes its own ring, so the oldest record is at the front of one of
 * them; the question is what the rings do not show yet. A record gets its time
 * stamp before it gets its place in the ring, and its place before it is
 * published (perf_prepare_sample(), perf_output_begin(), perf_output_end() in
 * kernel/events/). An empty ring, or a front that is young, says nothing about
 * a record that is stamped and on its way.
 *
 * So the clock decides, not the rings. A round reads the clock, then every
 * ring's head, in this order, and hands out what is older than that reading by
 * the horizon:
 *
 *	a record missing from the round was published after the heads were read,
 *	thus after the clock was; if it takes no CPU longer than the horizon from
 *	stamp to publication, its stamp is younger than all that is handed out.
 *
 * The assumption is about the time that a CPU spends between two points of the
 * kernel with preemption off: well below a microsecond, unless interrupts nest,
 * or the hypervisor takes the CPU away just there. It is an assumption, not a
 * proof; so the horizon can be set, and each record that comes after a younger
 * one is counted. Such a record is still delivered. (On two virtual CPUs with
 * 1.3 million records a second of system calls, timers and the scheduler, a
 * horizon of 10 us let up to 361 records come late in a second, one of 100 us
 * none; the default is ten times that.)
 *
 * Inside of one ring, neighbours can be inverted: an interrupt after the stamp
 * and before the place writes its own records first. Each ring therefore has a
 * window, in which the records at its front are kept sorted by an insertion
 * that almost always ends at once. An interrupt that writes more records than
 * the window holds goes beyond it, and is counted like the above.
 *
 * The fronts of the rings form a heap. Nothing is copied: windows hold
 * positions, and a ring's tail stays behind the oldest of them, so that memory
 * is bounded by the rings. The tail moves when a sixteenth of the ring has been
 * read, not per record: that store takes the cache line from the CPU that
 * writes.
 */
#include "merge.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "record.h"
#include "ring.h"

#define WINDOW 32
_Static_assert(2 * WINDOW == MERGE_MOST_HELD_BACK, "as large as a window");

struct place {
	uint64_t time;
	uint64_t position;
};

struct lane {
	struct ring *ring;
	size_t number;
	/* How much is read before the tail moves. */
	size_t release_bytes;
	/* Up to where records have been taken into the window. */
	uint64_t scanned;
	/* Up to where the ring was written at the round's start. */
	uint64_t end;
	/* Sorted by time: window[first] .. window[first + count - 1]. */
	struct place window[2 * WINDOW];
	size_t first;
	size_t count;
};

struct merge {
	struct log *log;
	bool is_ordered;
	uint64_t horizon_ns;
	/* Records up to this time may be handed out in this round. */
	uint64_t limit;
	uint64_t youngest;
	uint64_t num_violations;

	struct lane *lanes;
	size_t num_lanes;
	/* Lanes with something in their window, the oldest first. */
	struct lane **heap;
	size_t heap_size;
	/* Unordered: the lane that is being read. */
	size_t current;
	/* The lane that the last record came from, and where it is. */
	struct lane *last;
	uint64_t last_position;
};

struct merge *merge_new(struct log *log, struct ring *const *rings,
			size_t num_rings, bool is_ordered, uint64_t horizon_ns)
{
	struct merge *merge = calloc(1, sizeof(*merge));
	size_t i;

	if (!merge)
		return NULL;
	merge->log = log;
	merge->is_ordered = is_ordered;
	merge->horizon_ns = horizon_ns;
	merge->num_lanes = num_rings;
	merge->lanes = calloc(num_rings, sizeof(*merge->lanes));
	merge->heap = calloc(num_rings, sizeof(struct lane *));
	if (!merge->lanes || !merge->heap) {
		merge_free(merge);
		return NULL;
	}
	for (i = 0; i < num_rings; i++) {
		merge->lanes[i].ring = rings[i];
		merge->lanes[i].number = i;
		merge->lanes[i].release_bytes =
			ring_get_data_bytes(rings[i]) / 16;
		merge->lanes[i].scanned = ring_get_tail(rings[i]);
		merge->lanes[i].end = merge->lanes[i].scanned;
	}
	return merge;
}

void merge_free(struct merge *merge)
{
	if (!merge)
		return;
	free(merge->lanes);
	free(merge->heap);
	free(merge);
}

bool merge_has_rest(struct merge *merge)
{
	return merge->heap_size;
}

uint64_t merge_get_time(struct merge *merge)
{
	return merge->youngest;
}

uint64_t merge_get_num_violations(struct merge *merge)
{
	return merge->num_violations;
}

static int skip_visible(struct merge *merge, struct lane *lane)
{
	uint64_t skipped = lane->end - lane->scanned;

	/* The end may have gone back. */
	if (skipped > ring_get_data_bytes(lane->ring))
		skipped = 0;

	lane->scanned = lane->end;
	log_warning(merge->log, "ring %zu: %" PRIu64 " bytes skipped",
		    lane->number, skipped);
	return fail(merge->log, -EBADMSG,
		    "ring %zu: its bytes make no sense before %" PRIu64
		    "; %" PRIu64 " were skipped",
		    lane->number, lane->end, skipped);
}

static int read_stamp(struct lane *lane, struct record_stamp *stamp,
		      size_t *size)
{
	const struct perf_event_header *record;
	int ret = ring_record_at(lane->ring, lane->scanned, &record);

	if (ret)
		return ret;
	*size = record->size;
	return record_read_stamp(record, stamp);
}

/* Of one time, records stay in the order of the ring. */
static bool is_behind(const struct place *place, uint64_t time,
		      uint64_t position)
{
	if (place->time != time)
		return place->time > time;
	return (int64_t)(place->position - position) > 0;
}

static void insert(struct lane *lane, uint64_t time, uint64_t position)
{
	struct place *window;
	size_t at = lane->count;

	if (lane->first + lane->count == 2 * WINDOW) {
		memmove(lane->window, lane->window + lane->first,
			lane->count * sizeof(*lane->window));
		lane->first = 0;
	}
	window = lane->window + lane->first;
	while (at && is_behind(&window[at - 1], time, position)) {
		window[at] = window[at - 1];
		at--;
	}
	window[at] = (struct place){ time, position };
	lane->count++;
}

static int fill_window(struct merge *merge, struct lane *lane)
{
	struct record_stamp stamp;
	size_t size;

	while (lane->count < WINDOW && lane->scanned != lane->end) {
		if (read_stamp(lane, &stamp, &size))
			return skip_visible(merge, lane);
		insert(lane, stamp.time, lane->scanned);
		lane->scanned += size;
	}
	return 0;
}

static uint64_t front_time(const struct lane *lane)
{
	return lane->window[lane->first].time;
}

/* Of two records of one time, that of the lower ring: a stable order. */
static bool is_older(const struct lane *a, const struct lane *b)
{
	if (front_time(a) != front_time(b))
		return front_time(a) < front_time(b);
	return a->number < b->number;
}

static void sift_down(struct merge *merge, size_t at)
{
	struct lane **heap = merge->heap, *lane = heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= merge->heap_size)
			break;
		if (child + 1 < merge->heap_size &&
		    is_older(heap[child + 1], heap[child]))
			child++;
		if (!is_older(heap[child], lane))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = lane;
}

static void build_heap(struct merge *merge)
{
	size_t i;

	merge->heap_size = 0;
	for (i = 0; i < merge->num_lanes; i++) {
		if (merge->lanes[i].count)
			merge->heap[merge->heap_size++] = &merge->lanes[i];
	}
	for (i = merge->heap_size / 2; i-- > 0;)
		sift_down(merge, i);
}

/* The oldest byte that is still wanted. */
static uint64_t oldest_position(const struct lane *lane)
{
	const struct place *place = lane->window + lane->first;
	uint64_t oldest = lane->scanned;
	size_t i;

	for (i = 0; i < lane->count; i++) {
		if (place[i].position < oldest)
			oldest = place[i].position;
	}
	return oldest;
}

/* Give back what has been read, once the last record is done with. */
static void release(struct lane *lane, uint64_t at_least)
{
	uint64_t oldest = oldest_position(lane);

	if (oldest - ring_get_tail(lane->ring) >= at_least)
		ring_release(lane->ring, oldest);
}

static void finish_last(struct merge *merge)
{
	struct lane *lane = merge->last;

	merge->last = NULL;
	if (lane && merge->last_position - ring_get_tail(lane->ring) >=
			    lane->release_bytes)
		release(lane, lane->release_bytes);
}

static int refresh_lane(struct merge *merge, struct lane *lane)
{
	int ret;

	release(lane, 1);
	ret = ring_refresh(lane->ring, &lane->end);
	if (!ret)
		return merge->is_ordered ? fill_window(merge, lane) : 0;
	/* More than the ring holds: nothing of it can be trusted. */
	lane->count = 0;
	return skip_visible(merge, lane);
}

int merge_refresh(struct merge *merge, uint64_t now)
{
	size_t i;
	int ret = 0;

	finish_last(merge);
	if (now == UINT64_MAX)
		merge->limit = UINT64_MAX;
	else
		merge->limit =
			now > merge->horizon_ns ? now - merge->horizon_ns : 0;
	for (i = 0; i < merge->num_lanes; i++) {
		int fault = refresh_lane(merge, &merge->lanes[i]);

		if (fault)
			ret = fault;
	}
	merge->current = 0;
	if (merge->is_ordered)
		build_heap(merge);
	return ret;
}

static void note_time(struct merge *merge, uint64_t time)
{
	if (time >= merge->youngest)
		merge->youngest = time;
	else if (merge->is_ordered)
		merge->num_violations++;
}

static int hand_out(struct merge *merge, struct lane *lane, uint64_t position,
		    const struct perf_event_header **record, size_t *ring)
{
	/* Checked when it was taken into the window. */
	if (ring_record_at(lane->ring, position, record))
		return skip_visible(merge, lane);
	merge->last = lane;
	merge->last_position = position;
	*ring = lane->number;
	return 1;
}

static int next_ordered(struct merge *merge,
			const struct perf_event_header **record, size_t *ring)
{
	struct lane *lane;
	struct place place;
	int ret;

	if (!merge->heap_size)
		return 0;
	lane = merge->heap[0];
	place = lane->window[lane->first];
	if (place.time > merge->limit)
		return 0;
	lane->first++;
	lane->count--;
	ret = fill_window(merge, lane);
	if (!lane->count)
		merge->heap[0] = merge->heap[--merge->heap_size];
	if (merge->heap_size)
		sift_down(merge, 0);
	if (ret) {
		/* The record is good; the fault behind it is told first. */
		insert(lane, place.time, place.position);
		build_heap(merge);
		return ret;
	}
	note_time(merge, place.time);
	return hand_out(merge, lane, place.position, record, ring);
}

static int next_unordered(struct merge *merge,
			  const struct perf_event_header **record, size_t *ring)
{
	struct record_stamp stamp;
	struct lane *lane;
	uint64_t position;
	size_t size;

	while (merge->current < merge->num_lanes) {
		lane = &merge->lanes[merge->current];
		if (lane->scanned == lane->end) {
			merge->current++;
			continue;
		}
		position = lane->scanned;
		if (read_stamp(lane, &stamp, &size))
			return skip_visible(merge, lane);
		lane->scanned += size;
		note_time(merge, stamp.time);
		return hand_out(merge, lane, position, record, ring);
	}
	return 0;
}

int merge_next(struct merge *merge, const struct perf_event_header **record,
	       size_t *ring)
{
	finish_last(merge);
	return merge->is_ordered ? next_ordered(merge, record, ring) :
				   next_unordered(merge, record, ring);
}

void merge_get_progress(struct merge *merge, size_t ring,
			struct merge_progress *progress)
{
	const struct lane *lane = &merge->lanes[ring];
	size_t i;

	*progress = (struct merge_progress){
		.scanned = lane->scanned,
		.num_held_back = lane->count,
	};
	for (i = 0; i < lane->count; i++)
		progress->held_back[i] = lane->window[lane->first + i].position;
}

/* Does a position lie in what is there to be read? */
static bool is_in_ring(struct lane *lane, uint64_t position, uint64_t end)
{
	uint64_t tail = ring_get_tail(lane->ring);

	return position - tail <= end - tail && !(position % 8);
}

int merge_set_progress(struct merge *merge, size_t ring,
		       const struct merge_progress *progress)
{
	struct lane *lane = &merge->lanes[ring];
	const struct perf_event_header *record;
	struct record_stamp stamp;
	uint64_t end;
	size_t i;

	if (progress->num_held_back > MERGE_MOST_HELD_BACK ||
	    ring_refresh(lane->ring, &end) ||
	    !is_in_ring(lane, progress->scanned, end))
		return -EBADMSG;
	for (i = 0; i < progress->num_held_back; i++) {
		uint64_t position = progress->held_back[i];

		if (!is_in_ring(lane, position, progress->scanned) ||
		    ring_record_at(lane->ring, position, &record) ||
		    record_read_stamp(record, &stamp))
			return -EBADMSG;
		insert(lane, stamp.time, position);
	}
	lane->scanned = lane->end = progress->scanned;
	return 0;
}

void merge_set_time(struct merge *merge, uint64_t youngest,
		    uint64_t num_violations)
{
	merge->youngest = youngest;
	merge->num_violations = num_violations;
}
