/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When may a record be handed out?
 *
 * Each CPU writes its own ring, so the oldest record is at the front of one of
 * them; the question is what the rings do not show yet. A record gets its time
 * stamp before it gets its place in the ring, and its place before it is
 * published (perf_prepare_sample(), perf_output_begin(), perf_output_end() in
 * kernel/events/). An empty ring, or a front that is young, says nothing about
 * a record that is stamped and on its way; and inside of one ring neighbours can
 * be inverted, for an interrupt after the stamp and before the place writes its
 * own records first.
 *
 * So the clock decides, not the rings. There are two answers.
 *
 * MERGE_CERTAIN. All of it, from the stamp to the publication, runs with
 * preemption off: tracepoints and probes call perf so, and so do the side-band's
 * writers (perf_iterate_sb()). A region with preemption off is a reader to RCU,
 * and a grace period ends only when every such region that was there at its
 * beginning has ended. A round therefore
 *
 *	1. reads the clock: T,
 *	2. waits for a grace period (membarrier(2), MEMBARRIER_CMD_GLOBAL),
 *	3. reads every ring's head, and sorts all that is visible,
 *	4. hands out what is not younger than T.
 *
 * Claim: no record that comes to sight in a later round is older than T. Be R
 * such a record, stamped at S. It was not published at 3, so it was not at the
 * end of 2. The region that writes it had not begun at the beginning of 2, or the
 * grace period would have waited for its end, and with it for the publication:
 * what nests in an interrupt is published by the outermost writer, which is in
 * its region all the while. So it began after 2 did, and S was read in it, by
 * the same clock, which is monotonic over all CPUs: S >= T. Of one time stamp,
 * two records stand in any order. Sorting all that is visible, and not a window
 * of it, is what makes the claim hold inside of each ring. It takes a grace
 * period per round, some 10 ms, in which the rings fill.
 *
 * MERGE_TIME. A round reads the clock, then every ring's head, and hands out
 * what is older than that reading by the horizon. A record that is missing was
 * published after the heads were read, thus after the clock was; if no CPU takes
 * it longer than the horizon from stamp to publication, its stamp is younger
 * than all that is handed out. That is an assumption about the time that a CPU
 * spends between two points with preemption off: well below a microsecond, unless
 * interrupts nest, or a hypervisor takes the CPU away just there. So the horizon
 * can be set, and each record that comes after a younger one is counted; it is
 * delivered all the same. (On two virtual CPUs with 1.3 million records a second
 * of system calls, timers and the scheduler, a horizon of 10 us let up to 361
 * records come late in a second, one of 100 us none; the default is ten times
 * that.) What is sorted is a window at the front of each ring, of LANE_WINDOW
 * records  * at least: an interrupt that writes more than it holds goes beyond it, and is
 * counted like the above.
 *
 * A ring may hold less than the horizon's worth of records. Where one is more
 * than half full of what is too young, losing records would be the price of
 * keeping them in order. So the horizon yields, a few records at a time, until
 * the ring is not, though never beyond the clock's reading: what came behind that
 * may be in sight in one ring and not in another. MERGE_CERTAIN does not yield.
 *
 * A ring may join later (a CPU has come online). It is read from then on, and
 * nothing is written to it before: what its first records tell happened after
 * the clock of the round in which it joined was read, so both claims hold for it.
 *
 * The fronts of the rings form a heap; from the oldest, records are taken as
 * long as they are older than the front of the second. Nothing is copied but
 * what wraps: windows hold positions, and a ring's tail stays behind the oldest
 * of them, so that memory is bounded by the rings. The tail moves when a
 * sixteenth of the ring has been read, not per record: that store takes the
 * cache line from the CPU that writes.
 */
#include "merge.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "lane.h"
#include "log.h"
#include "record.h"

struct merge {
	struct log *log;
	enum merge_order order;
	uint64_t horizon_ns;
	/* The clock, before the round's heads were read. */
	uint64_t now;
	/* Records up to this time may be handed out in this round. */
	uint64_t limit;
	/* And up to this one, in any round. */
	uint64_t held_from;

	struct lane *lanes;
	size_t num_lanes;
	/* Lanes with something in their window, the oldest first. */
	struct lane **heap;
	size_t heap_size;
	/* Unordered: the lane that is being read. */
	size_t current;
	/* Some lane has to give room back, or has a fault to tell. */
	bool has_chores;
};

static bool is_ordered(const struct merge *merge)
{
	return merge->order != MERGE_UNORDERED;
}

static enum lane_order find_lane_order(enum merge_order order)
{
	switch (order) {
	case MERGE_TIME:
		return LANE_SORTED_IN_PART;
	case MERGE_CERTAIN:
		return LANE_SORTED;
	default:
		return LANE_UNSORTED;
	}
}

struct merge *merge_new(struct log *log, struct ring *const *rings,
			size_t num_rings, enum merge_order order,
			uint64_t horizon_ns)
{
	struct merge *merge = calloc(1, sizeof(*merge));
	size_t i;

	if (!merge)
		return NULL;
	merge->log = log;
	merge->order = order;
	merge->held_from = UINT64_MAX;
	merge->horizon_ns = order == MERGE_TIME ? horizon_ns : 0;
	merge->lanes = calloc(num_rings, sizeof(*merge->lanes));
	merge->heap = calloc(num_rings, sizeof(struct lane *));
	if (!merge->lanes || !merge->heap) {
		merge_free(merge);
		return NULL;
	}
	for (i = 0; i < num_rings; i++) {
		merge->num_lanes++;
		if (lane_init(&merge->lanes[i], rings[i], i,
			      find_lane_order(order))) {
			merge_free(merge);
			return NULL;
		}
	}
	return merge;
}

void merge_free(struct merge *merge)
{
	size_t i;

	if (!merge)
		return;
	for (i = 0; i < merge->num_lanes; i++)
		lane_clear(&merge->lanes[i]);
	free(merge->lanes);
	free(merge->heap);
	free(merge);
}

/* The heap's order stays, wherever its lanes are now. */
static void move_lanes(struct merge *merge, struct lane *lanes)
{
	size_t i;

	for (i = 0; i < merge->heap_size; i++)
		merge->heap[i] = lanes + merge->heap[i]->number;
	free(merge->lanes);
	merge->lanes = lanes;
}

int merge_add(struct merge *merge, struct ring *ring)
{
	size_t count = merge->num_lanes + 1;
	struct lane **heap = realloc(merge->heap, count * sizeof(*heap));
	struct lane *lanes = calloc(count, sizeof(*lanes));

	if (heap)
		merge->heap = heap;
	if (!heap || !lanes ||
	    lane_init(&lanes[count - 1], ring, count - 1,
		      find_lane_order(merge->order))) {
		free(lanes);
		return -ENOMEM;
	}
	memcpy(lanes, merge->lanes, merge->num_lanes * sizeof(*lanes));
	move_lanes(merge, lanes);
	merge->num_lanes = count;
	return 0;
}

bool merge_has_rest(struct merge *merge)
{
	return merge->heap_size;
}

static int skip_visible(struct merge *merge, struct lane *lane)
{
	uint64_t skipped = lane_skip(lane);

	log_warning(merge->log, "ring %zu: %" PRIu64 " bytes skipped",
		    lane->number, skipped);
	return fail(merge->log, -EBADMSG,
		    "ring %zu: its bytes make no sense before %" PRIu64
		    "; %" PRIu64 " were skipped",
		    lane->number, lane->end, skipped);
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
		if (merge->lanes[i].last > merge->lanes[i].first)
			merge->heap[merge->heap_size++] = &merge->lanes[i];
	}
	for (i = merge->heap_size / 2; i-- > 0;)
		sift_down(merge, i);
}

static bool has_much_to_release(const struct lane *lane)
{
	return lane->read - lane_tail(lane) >= lane->release_bytes;
}

/* Of a lane that was read, before the next record is. */
static void note_chores(struct merge *merge, const struct lane *lane)
{
	if (lane->is_faulty || has_much_to_release(lane))
		merge->has_chores = true;
}

/* What waited until the last records were done with. -EBADMSG: a fault. */
static int do_chores(struct merge *merge)
{
	size_t i;

	merge->has_chores = false;
	for (i = 0; i < merge->num_lanes; i++) {
		struct lane *lane = &merge->lanes[i];

		if (has_much_to_release(lane))
			lane_release(lane, lane->release_bytes);
	}
	for (i = 0; i < merge->num_lanes; i++) {
		if (!merge->lanes[i].is_faulty)
			continue;
		/* There may be another. */
		merge->has_chores = true;
		return skip_visible(merge, &merge->lanes[i]);
	}
	return 0;
}

static int refresh_lane(struct merge *merge, struct lane *lane)
{
	if (lane_refresh(lane))
		return skip_visible(merge, lane);
	if (is_ordered(merge))
		lane_fill(lane);
	return lane->is_faulty ? skip_visible(merge, lane) : 0;
}

int merge_refresh(struct merge *merge, uint64_t now)
{
	size_t i;
	int ret = 0;

	merge->now = now;
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
	if (is_ordered(merge))
		build_heap(merge);
	return ret;
}

/* Is some ring more than half full of what was not handed out? */
static bool is_pressed(const struct merge *merge)
{
	size_t i;

	for (i = 0; i < merge->heap_size; i++) {
		const struct lane *lane = merge->heap[i];
		uint64_t position = lane->window[lane->first].position;

		if (lane->end - position > lane->data_bytes / 2)
			return true;
	}
	return false;
}

/* Up to which time may records be handed out just now? */
static uint64_t find_limit(const struct merge *merge)
{
	if (merge->order == MERGE_TIME && merge->heap_size &&
	    front_time(merge->heap[0]) > merge->limit && is_pressed(merge))
		return merge->now;
	return merge->limit;
}

/* Up to which time the front lane's records come before all others. */
static uint64_t find_bound(const struct merge *merge, uint64_t limit)
{
	const struct lane *lane = merge->heap[0], *second;
	uint64_t time;

	if (merge->heap_size == 1)
		return limit;
	second = merge->heap[1];
	if (merge->heap_size > 2 && is_older(merge->heap[2], second))
		second = merge->heap[2];
	/* Not below 0: of two of time 0, the lower ring's is in front. */
	time = front_time(second) - (second->number < lane->number);
	return time < limit ? time : limit;
}

/* From the front lane, what comes before all others. */
static size_t take_run(struct merge *merge, uint64_t bound,
		       struct lane_item *items, size_t most)
{
	struct lane *lane = merge->heap[0];
	const struct lane_place *place = lane->window + lane->first;
	const struct lane_place *stop = lane_stop(lane);
	struct lane_item *item = items;

	if ((size_t)(stop - place) > most)
		stop = place + most;
	for (; place < stop && place->time <= bound; place++) {
		item->header = lane_header(lane, place->position);
		item->ring = lane->number;
		item++;
	}
	lane->first = (size_t)(place - lane->window);
	if (item > items)
		lane->read = place[-1].position;
	note_chores(merge, lane);
	return (size_t)(item - items);
}

/* The front lane has a new front, or none. */
static void settle_front(struct merge *merge)
{
	struct lane *lane = merge->heap[0];

	if (lane_needs_fill(lane)) {
		lane_fill(lane);
		note_chores(merge, lane);
	}
	if (lane->first == lane->last)
		merge->heap[0] = merge->heap[--merge->heap_size];
	if (merge->heap_size > 1)
		sift_down(merge, 0);
}

static void settle_lane(struct merge *merge, struct lane *lane,
			const struct lane_place *place)
{
	const struct lane_place *before = lane->window + lane->first;

	lane->first = (size_t)(place - lane->window);
	if (place > before)
		lane->read = place[-1].position;
	if (lane_needs_fill(lane))
		lane_fill(lane);
	note_chores(merge, lane);
}

static void put_item(struct lane_item *item, const struct lane *lane,
		     const struct lane_place *place)
{
	item->header = lane_header(lane, place->position);
	item->ring = lane->number;
}

/*
 * Two lanes need no heap: where they take turns at every record, to sift is more
 * than to compare. As long as both windows are as long as they must be.
 */
static size_t take_pair(struct merge *merge, uint64_t limit,
			struct lane_item *items, size_t most)
{
	bool is_swapped = merge->heap[0]->number > merge->heap[1]->number;
	struct lane *low = merge->heap[is_swapped];
	struct lane *high = merge->heap[!is_swapped];
	const struct lane_place *a = low->window + low->first;
	const struct lane_place *b = high->window + high->first;
	const struct lane_place *a_stop = lane_stop(low);
	const struct lane_place *b_stop = lane_stop(high);
	struct lane_item *item = items, *end = items + most;

	while (item < end && a < a_stop && b < b_stop) {
		/* Of one time, the lower ring's: as is_older(). */
		if (a->time <= b->time) {
			if (a->time > limit)
				break;
			put_item(item++, low, a++);
		} else {
			if (b->time > limit)
				break;
			put_item(item++, high, b++);
		}
	}
	settle_lane(merge, low, a);
	settle_lane(merge, high, b);
	build_heap(merge);
	return (size_t)(item - items);
}

static size_t take_ordered(struct merge *merge, struct lane_item *items,
			   size_t most)
{
	uint64_t limit = find_limit(merge);
	size_t count = 0;

	if (limit > merge->held_from)
		limit = merge->held_from;
	while (count < most && merge->heap_size &&
	       front_time(merge->heap[0]) <= limit) {
		size_t taken = 0;

		if (merge->heap_size == 2)
			taken = take_pair(merge, limit, items + count,
					  most - count);
		count += taken;
		if (taken)
			continue;
		count += take_run(merge, find_bound(merge, limit),
				  items + count, most - count);
		settle_front(merge);
	}
	return count;
}

static size_t take_unordered(struct merge *merge, struct lane_item *items,
			     size_t most)
{
	size_t count = 0;

	while (!count && merge->current < merge->num_lanes) {
		struct lane *lane = &merge->lanes[merge->current];

		count = lane_take(lane, items, most);
		note_chores(merge, lane);
		/* A fault is told before the next lane is read. */
		if (lane->is_faulty)
			break;
		if (lane->scanned == lane->end)
			merge->current++;
	}
	return count;
}

int merge_take(struct merge *merge, struct lane_item *items, size_t most)
{
	size_t count;
	int ret;

	do {
		ret = merge->has_chores ? do_chores(merge) : 0;
		if (ret)
			return ret;
		count = is_ordered(merge) ? take_ordered(merge, items, most) :
					    take_unordered(merge, items, most);
		/* A fault may have been all there was. */
	} while (!count && merge->has_chores);
	return (int)count;
}

void merge_hold(struct merge *merge, uint64_t time)
{
	merge->held_from = time;
}

bool merge_has_reached(struct merge *merge, uint64_t time)
{
	return !is_ordered(merge) || find_limit(merge) >= time;
}

int merge_get_progress(struct merge *merge, size_t ring,
		       const struct lane_item *left, size_t num_left,
		       struct lane_progress *progress)
{
	return lane_get_progress(&merge->lanes[ring], left, num_left, progress);
}

int merge_set_progress(struct merge *merge, size_t ring,
		       const struct lane_progress *progress)
{
	return lane_set_progress(&merge->lanes[ring], progress);
}
