/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A snapshot, while recording goes on:
 *
 *	clock -> copy every ring -> counts -> turn the copies around -> reader
 *
 * The copies come first and one right after the other, for what matters is what
 * was there when the snapshot was asked for. They end at different times, and so
 * what is younger than the clock's reading is left for the next snapshot: all
 * CPUs end at the same moment. A ring is held up only if the kernel was about to
 * overtake the copy (backward.c).
 *
 * A record that was stamped before the clock was read, and published after its
 * ring was copied, comes with the next snapshot, and late. Where the order is to
 * be certain, the copies wait until there is no such record.
 *
 * Turned around, the records stand in memory which the reader reads like rings
 * of the kernel's: merged in time, counted, named. Nothing is added behind his
 * back, so that each round has all that there is.
 *
 * What was written over since the last snapshot is known in bytes: positions
 * count them. How many records that were is what the kernel has counted for a
 * descriptor, less what it lost and less all that was copied, of this and of
 * earlier snapshots. Recording goes on, so the counts are of a later time than
 * the copy; what was written in between stands in the ring, and is looked up
 * there. A context that was interrupted may have counted a record and not have
 * written it yet, each of the four that can be nested one; they are left out.
 * So of a running session the number is not too large, and what it is short of
 * is told later: after the last snapshot of a session that was stopped it is
 * exact, and so is the sum of what was told.
 *
 * It is not known where a count is no number of samples: with a period other
 * than 1, or of an event that carries a weight. Then 0 is told.
 */
#include "recorder.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "backward.h"
#include "log.h"
#include "overwrite.h"
#include "reader.h"
#include "record.h"
#include "ring.h"
#include "source.h"
#include "sys.h"

/* PERF_NR_CONTEXTS: a task, a softirq, an interrupt, an NMI. */
#define MOST_UNWRITTEN 4

struct lane {
	struct backward *backward;
	/* Positions from here upward have been taken. */
	uint64_t since;
	char *copy;
	struct backward_copy copied;
	/* Of the copy: what is too young, and behind it what is taken. */
	size_t younger_bytes;
	size_t taken_bytes;
	uint64_t oldest_time;

	/* What was written over before that, and is not told yet. */
	uint64_t gap_bytes;
	uint64_t gap_records;
	bool was_overwritten;
	/* All that was written since the copy could be counted. */
	bool is_counted;

	/* The ring in memory. */
	struct perf_event_mmap_page *control;
	char *data;
};

struct recorder {
	struct log *log;
	size_t ring_bytes;
	struct lane *lanes;
	size_t num_lanes;
	/* What was written since a copy. */
	char *later;
	uint64_t num_pauses;
};

/* Memory that is there: faults would come while the kernel writes on. */
static char *make_buffer(size_t size)
{
	volatile char *buffer = malloc(size);
	size_t i, step = sys_page_bytes();

	for (i = 0; buffer && i < size; i += step)
		buffer[i] = 0;
	return (char *)buffer;
}

struct recorder *recorder_new(struct log *log, size_t num_rings,
			      size_t ring_bytes)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (!recorder)
		return NULL;
	recorder->log = log;
	recorder->ring_bytes = ring_bytes;
	recorder->lanes = calloc(num_rings, sizeof(*recorder->lanes));
	recorder->later = make_buffer(ring_bytes);
	if (recorder->lanes && recorder->later)
		return recorder;
	recorder_free(recorder);
	return NULL;
}

void recorder_free(struct recorder *recorder)
{
	size_t i;

	if (!recorder)
		return;
	for (i = 0; i < recorder->num_lanes; i++) {
		backward_free(recorder->lanes[i].backward);
		free(recorder->lanes[i].copy);
		free(recorder->lanes[i].control);
	}
	free(recorder->lanes);
	free(recorder->later);
	free(recorder);
}

int recorder_map(struct recorder *recorder, int fd, struct ring **ring)
{
	struct lane *lane = &recorder->lanes[recorder->num_lanes++];
	size_t bytes = recorder->ring_bytes, page_bytes = sys_page_bytes();
	int ret = backward_map(fd, bytes, &lane->backward);

	if (ret)
		return ret;
	lane->copy = make_buffer(bytes);
	lane->control = (void *)make_buffer(page_bytes + bytes);
	if (!lane->copy || !lane->control)
		return -ENOMEM;
	memset(lane->control, 0, page_bytes);
	lane->data = (char *)lane->control + page_bytes;
	*ring = ring_over(lane->control, page_bytes, bytes);
	return *ring ? 0 : -ENOMEM;
}

static int copy_lane(struct recorder *recorder, struct lane *lane,
		     bool is_still)
{
	int ret;

	backward_copy(lane->backward, lane->since, is_still, lane->copy,
		      &lane->copied);
	if (!backward_was_overtaken(&lane->copied))
		return 0;
	ret = backward_copy_paused(lane->backward, lane->since, lane->copy,
				   &lane->copied);
	recorder->num_pauses++;
	return ret ? fail(recorder->log, ret, "ioctl(PAUSE_OUTPUT): %s",
			  strerror(-ret)) :
		     0;
}

static int copy_all(struct recorder *recorder, bool is_still)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < recorder->num_lanes; i++)
		ret = copy_lane(recorder, &recorder->lanes[i], is_still);
	return ret;
}

static bool has_gap(const struct lane *lane)
{
	return lane->since - lane->copied.head > lane->copied.bytes;
}

static struct source_row *row_of(struct reader *reader,
				 const struct perf_event_header *record)
{
	return reader_get_row(reader, record_id_of(record));
}

/* What is in the ring, counted already, and not taken. */
static void count_left(struct reader *reader, const char *bytes, size_t size)
{
	struct overwrite_unit unit;
	size_t at = 0;

	while (overwrite_next(bytes, size, &at, &unit) > 0) {
		struct source_row *row = row_of(reader, unit.record);

		if (row && unit.record->type == PERF_RECORD_SAMPLE)
			row->left++;
	}
}

static void count_later(struct recorder *recorder, struct lane *lane,
			struct reader *reader, bool is_still)
{
	struct backward_copy later;

	backward_copy(lane->backward, lane->copied.head, is_still,
		      recorder->later, &later);
	lane->is_counted = lane->copied.head - later.head == later.bytes;
	count_left(reader, recorder->later, later.bytes);
}

static void forget_left(const struct recorder_request *request)
{
	size_t i, row;

	for (i = 0; i < request->num_sources; i++) {
		struct perftrace_source *source = request->sources[i];

		for (row = 0; row < source_get_num_rows(source); row++)
			source_get_row(source, row)->left = 0;
	}
}

static int read_counts(const struct recorder_request *request)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < request->num_sources; i++)
		ret = source_update(request->sources[i]);
	return ret;
}

/* The counts, and what they have that the copies have not. */
static int look_at_counts(struct recorder *recorder,
			  const struct recorder_request *request)
{
	bool is_needed = false;
	size_t i;
	int ret;

	forget_left(request);
	for (i = 0; i < recorder->num_lanes; i++) {
		struct lane *lane = &recorder->lanes[i];

		is_needed |= lane->was_overwritten |= has_gap(lane);
	}
	if (!is_needed)
		return 0;
	ret = read_counts(request);
	for (i = 0; !ret && i < recorder->num_lanes; i++) {
		if (recorder->lanes[i].was_overwritten)
			count_later(recorder, &recorder->lanes[i],
				    request->reader, request->is_still);
	}
	return ret;
}

/* What was not read by now never will be. */
static void skip_rest(struct recorder *recorder,
		      const struct recorder_request *request)
{
	size_t i, row;

	reader_discard(request->reader, READER_HAS_LOOKED);
	/* Let go of the memory. */
	reader_begin(request->reader);
	for (i = 0; !request->is_closing && i < request->num_sources; i++) {
		struct perftrace_source *source = request->sources[i];

		for (row = 0; row < source_get_num_rows(source); row++)
			recorder->lanes[row].gap_records +=
				source_skip_discarded(source, row);
	}
}

static void note_unit(struct lane *lane, struct reader *reader,
		      const struct overwrite_unit *unit)
{
	struct source_row *row = row_of(reader, unit->record);

	if (unit->time < lane->oldest_time)
		lane->oldest_time = unit->time;
	if (row && unit->record->type == PERF_RECORD_SAMPLE) {
		row->recorded++;
		row->recorded_period += record_read_period(unit->record);
	}
	row = unit->lost ? row_of(reader, unit->lost) : NULL;
	if (row)
		row->recorded_lost += record_read_lost(unit->lost);
}

static void note_units(struct lane *lane, struct reader *reader)
{
	const char *bytes = lane->copy + lane->younger_bytes;
	struct overwrite_unit unit;
	size_t at = 0;

	lane->oldest_time = UINT64_MAX;
	while (overwrite_next(bytes, lane->taken_bytes, &at, &unit) > 0)
		note_unit(lane, reader, &unit);
}

/* Decide what is taken of the copy. */
static void choose(struct recorder *recorder, struct lane *lane,
		   const struct recorder_request *request)
{
	const size_t room = recorder->ring_bytes - RECORD_OVERWRITTEN_BYTES;
	size_t size = lane->copied.bytes, younger = 0;

	if (!request->is_still)
		younger =
			overwrite_count_younger(lane->copy, size, request->now);
	size -= younger;
	/* Also what tells of the gap must find room. */
	if ((has_gap(lane) || lane->gap_records) && size > room)
		size = room;
	if (overwrite_measure(lane->copy + younger, size, &lane->taken_bytes))
		log_warning(recorder->log,
			    "ring %zu: its bytes make no sense behind %zu",
			    (size_t)(lane - recorder->lanes),
			    younger + lane->taken_bytes);
	lane->younger_bytes = younger;
	count_left(request->reader, lane->copy, younger);
	lane->gap_bytes +=
		lane->since - lane->copied.head - younger - lane->taken_bytes;
	lane->since = lane->copied.head + younger;
}

static void count_overwritten(struct recorder *recorder,
			      struct perftrace_source *source, bool is_still)
{
	uint64_t unwritten = is_still ? 0 : MOST_UNWRITTEN;
	size_t row;

	for (row = 0; row < source_get_num_rows(source); row++) {
		struct lane *lane = &recorder->lanes[row];

		if (lane->was_overwritten && lane->is_counted)
			lane->gap_records += source_count_overwritten(
				source, row, unwritten);
	}
}

static void write_at(struct recorder *recorder, struct lane *lane,
		     uint64_t position, const void *bytes, size_t size)
{
	size_t offset = position & (recorder->ring_bytes - 1);
	size_t first = recorder->ring_bytes - offset;

	if (first > size)
		first = size;
	memcpy(lane->data + offset, bytes, first);
	memcpy(lane->data, (const char *)bytes + first, size - first);
}

static void write_gap(struct recorder *recorder, struct lane *lane, int32_t cpu,
		      uint64_t now)
{
	uint64_t gap[RECORD_OVERWRITTEN_BYTES / sizeof(uint64_t)];
	uint64_t time = lane->taken_bytes ? lane->oldest_time : now;

	if (!lane->gap_bytes && !lane->gap_records)
		return;
	record_fill_overwritten(gap, cpu, time, lane->gap_records,
				lane->gap_bytes);
	write_at(recorder, lane, lane->control->data_head, gap, sizeof(gap));
	lane->control->data_head += sizeof(gap);
	lane->gap_records = lane->gap_bytes = 0;
}

/* From the newest, which goes to the end, to the oldest. */
static void write_turned(struct recorder *recorder, struct lane *lane)
{
	const char *bytes = lane->copy + lane->younger_bytes;
	uint64_t end = lane->control->data_head + lane->taken_bytes;
	uint64_t position = end;
	struct overwrite_unit unit;
	size_t at = 0;

	while (overwrite_next(bytes, lane->taken_bytes, &at, &unit) > 0) {
		position -= unit.size;
		write_at(recorder, lane, position, unit.bytes, unit.size);
	}
	lane->control->data_head = end;
}

static void hand_over(struct recorder *recorder,
		      const struct recorder_request *request)
{
	size_t i;

	for (i = 0; i < recorder->num_lanes; i++) {
		struct lane *lane = &recorder->lanes[i];
		int32_t cpu = source_get_row(request->sources[0], i)->cpu;

		write_gap(recorder, lane, cpu, request->now);
		write_turned(recorder, lane);
	}
}

int recorder_take(struct recorder *recorder,
		  const struct recorder_request *request)
{
	size_t i;
	int ret;

	/* Who was in the middle of a record when the clock was read. */
	if ((request->is_still && !request->is_hurried) || request->is_certain)
		sys_grace_period();
	ret = copy_all(recorder, request->is_still);
	if (!ret)
		ret = look_at_counts(recorder, request);
	if (ret)
		return ret;
	skip_rest(recorder, request);
	for (i = 0; i < recorder->num_lanes; i++) {
		choose(recorder, &recorder->lanes[i], request);
		note_units(&recorder->lanes[i], request->reader);
	}
	for (i = 0; i < request->num_sources; i++)
		count_overwritten(recorder, request->sources[i],
				  request->is_still);
	hand_over(recorder, request);
	return reader_begin(request->reader);
}

uint64_t recorder_get_num_pauses(struct recorder *recorder)
{
	return recorder->num_pauses;
}
