/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reader.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <time.h>

#include "comms.h"
#include "log.h"
#include "manifest.h"
#include "merge.h"
#include "record.h"
#include "ring.h"
#include "session_config.h"
#include "source.h"
#include "sys.h"

/* Of one descriptor: found by the id in its records. */
struct slot {
	uint64_t id;
	struct perftrace_source *source;
	size_t row;
};

struct reader {
	struct log *log;
	const struct session_settings *settings;
	struct comms *comms;
	struct perftrace_record *record;
	struct merge *merge;
	/* What PERF_RECORD_LOST has said, by ring. */
	uint64_t *reported_lost;
	/* Of that, what reader_settle() told before the kernel did, by ring. */
	uint64_t *told_ahead;

	/* Open addressing, at most half full; an id is never 0. */
	struct slot *slots;
	size_t room;
	size_t used;
};

struct reader *reader_new(struct log *log, struct ring *const *rings,
			  size_t num_rings,
			  const struct session_settings *settings)
{
	struct reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->log = log;
	reader->settings = settings;
	reader->comms = comms_new();
	reader->reported_lost = calloc(num_rings, sizeof(uint64_t));
	reader->told_ahead = calloc(num_rings, sizeof(uint64_t));
	reader->merge = merge_new(log, rings, num_rings,
				  settings->order == PERFTRACE_ORDER_TIME,
				  settings->horizon_ns);
	if (reader->comms)
		reader->record = record_new(log, reader->comms);
	if (!reader->record || !reader->reported_lost || !reader->told_ahead ||
	    !reader->merge) {
		reader_free(reader);
		return NULL;
	}
	return reader;
}

void reader_free(struct reader *reader)
{
	if (!reader)
		return;
	merge_free(reader->merge);
	record_free(reader->record);
	comms_free(reader->comms);
	free(reader->reported_lost);
	free(reader->told_ahead);
	free(reader->slots);
	free(reader);
}

/* The id's slot, or the empty one where it belongs. */
static struct slot *find(struct slot *slots, size_t room, uint64_t id)
{
	size_t place = (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
		       (room - 1);

	while (slots[place].id && slots[place].id != id)
		place = (place + 1) & (room - 1);
	return &slots[place];
}

static int grow(struct reader *reader)
{
	size_t room = reader->room ? 2 * reader->room : 64, i;
	struct slot *slots = calloc(room, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (i = 0; i < reader->room; i++) {
		struct slot *slot = &reader->slots[i];

		if (slot->id)
			*find(slots, room, slot->id) = *slot;
	}
	free(reader->slots);
	reader->slots = slots;
	reader->room = room;
	return 0;
}

void reader_note_task(struct reader *reader, int32_t tid)
{
	comms_get(reader->comms, tid);
}

int reader_bind(struct reader *reader, uint64_t id,
		struct perftrace_source *source, size_t row)
{
	if (2 * (reader->used + 1) > reader->room && grow(reader))
		return fail_memory(reader->log);
	*find(reader->slots, reader->room, id) =
		(struct slot){ id, source, row };
	reader->used++;
	return 0;
}

static struct slot *look_up(struct reader *reader, uint64_t id)
{
	struct slot *slot;

	if (!reader->room)
		return NULL;
	slot = find(reader->slots, reader->room, id);
	return slot->id ? slot : NULL;
}

int reader_refresh(struct reader *reader, bool is_final)
{
	int clock = reader->settings->clock == PERFTRACE_CLOCK_MONOTONIC_RAW ?
			    CLOCK_MONOTONIC_RAW :
			    CLOCK_MONOTONIC;

	return merge_refresh(reader->merge,
			     is_final ? UINT64_MAX : sys_clock_ns(clock));
}

/* The caller has asked for it, or must not miss it. */
static bool is_wanted(const struct reader *reader, int32_t kind)
{
	uint32_t sideband = reader->settings->sideband;

	switch (kind) {
	case PERFTRACE_RECORD_FORK:
	case PERFTRACE_RECORD_EXIT:
		return sideband & PERFTRACE_SIDEBAND_TASK;
	case PERFTRACE_RECORD_COMM:
		return sideband & PERFTRACE_SIDEBAND_COMM;
	default:
		return true;
	}
}

static struct source_row *row_of(const struct slot *slot)
{
	return slot ? source_get_row(slot->source, slot->row) : NULL;
}

/* The next record of any kind, taken apart; its ring and its row. */
static int next_record(struct reader *reader, size_t *ring,
		       struct source_row **row)
{
	const struct perf_event_header *header;
	struct record_stamp stamp;
	struct slot *slot;
	int ret = merge_next(reader->merge, &header, ring);

	if (ret <= 0)
		return ret;
	/* Was read once already, by the merge. */
	record_read_stamp(header, &stamp);
	slot = look_up(reader, stamp.id);
	ret = record_parse(reader->record, header,
			   slot ? source_get_binding(slot->source) : NULL);
	*row = row_of(slot);
	return ret ? ret : 1;
}

static void count(struct reader *reader, size_t ring, struct source_row *row)
{
	uint64_t lost = perftrace_record_get_lost(reader->record);

	reader->reported_lost[ring] += lost;
	if (!row)
		return;
	row->reported_lost += lost;
	if (!perftrace_record_get_source(reader->record))
		return;
	row->delivered++;
	row->delivered_period += perftrace_record_get_period(reader->record);
}

/*
 * A session that was stopped, read to its end and started again: the kernel
 * reports now what reader_settle() has told already. False when that is all.
 */
static bool is_news(struct reader *reader, size_t ring)
{
	uint64_t lost = perftrace_record_get_lost(reader->record);
	uint64_t *ahead = &reader->told_ahead[ring];
	uint64_t known = lost < *ahead ? lost : *ahead;

	*ahead -= known;
	record_set_lost(reader->record, lost - known);
	return !known || lost > known;
}

int reader_next(struct reader *reader, struct perftrace_record **record)
{
	struct source_row *row;
	bool has_news;
	size_t ring;
	int ret;

	do {
		ret = next_record(reader, &ring, &row);
		if (ret <= 0)
			return ret;
		has_news = is_news(reader, ring);
		count(reader, ring, row);
	} while (!has_news ||
		 !is_wanted(reader, perftrace_record_get_kind(reader->record)));
	*record = reader->record;
	return 1;
}

bool reader_has_rest(struct reader *reader)
{
	return merge_has_rest(reader->merge);
}

void reader_discard(struct reader *reader)
{
	struct source_row *row;
	size_t ring;
	int ret;

	reader_refresh(reader, true);
	while ((ret = next_record(reader, &ring, &row))) {
		if (ret > 0 && row &&
		    perftrace_record_get_source(reader->record))
			row->discarded++;
	}
}

int reader_settle(struct reader *reader, size_t ring, int32_t cpu,
		  uint64_t lost_in_all, struct perftrace_record **record)
{
	uint64_t reported = reader->reported_lost[ring];

	if (lost_in_all <= reported)
		return 0;
	record_make_lost(reader->record, cpu, merge_get_time(reader->merge),
			 lost_in_all - reported);
	reader->told_ahead[ring] += lost_in_all - reported;
	reader->reported_lost[ring] = lost_in_all;
	*record = reader->record;
	return 1;
}

uint64_t reader_get_num_violations(struct reader *reader)
{
	return merge_get_num_violations(reader->merge);
}

void reader_describe(struct reader *reader, struct manifest *manifest)
{
	size_t i;

	for (i = 0; i < manifest->num_cpus; i++) {
		struct manifest_ring *ring = &manifest->rings[i];

		ring->reported_lost = reader->reported_lost[i];
		ring->told_ahead = reader->told_ahead[i];
		merge_get_progress(reader->merge, i, &ring->progress);
	}
	manifest->youngest = merge_get_time(reader->merge);
	manifest->num_violations = merge_get_num_violations(reader->merge);
}

int reader_adopt(struct reader *reader, const struct manifest *manifest)
{
	size_t i;

	for (i = 0; i < manifest->num_cpus; i++) {
		const struct manifest_ring *ring = &manifest->rings[i];
		int ret = merge_set_progress(reader->merge, i, &ring->progress);

		if (ret)
			return fail(reader->log, ret,
				    "ring %zu has no records where the reader "
				    "is said to be",
				    i);
		reader->reported_lost[i] = ring->reported_lost;
		reader->told_ahead[i] = ring->told_ahead;
	}
	merge_set_time(reader->merge, manifest->youngest,
		       manifest->num_violations);
	return 0;
}
