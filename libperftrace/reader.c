/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reader.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "comms.h"
#include "log.h"
#include "manifest.h"
#include "merge.h"
#include "record.h"
#include "ring.h"
#include "session_config.h"
#include "source.h"
#include "sys.h"

/*
 * Records are taken from the merge in runs of samples, and handed out one by one.
 * What is no sample comes alone: names of tasks, and what was lost, are told to
 * nobody before the samples in front of it have been.
 */
#define MOST_AT_ONCE 64
/* Of what is taken at once no ring shall be too full. */
#define SMALLEST_SHARE 16
#define TYPICAL_BYTES  128

/* Of one descriptor: found by the id in its records. */
struct slot {
	uint64_t id;
	const struct record_binding *binding;
	struct source_row *row;
	/* Up to a power of two: it is found by a shift. */
	uint64_t unused;
};

struct reader {
	struct log *log;
	const struct session_settings *settings;
	bool is_ordered;
	bool has_format_lost;
	struct record_context context;
	struct merge *merge;
	size_t num_rings;
	/* From the merge, and those of them that have been taken apart. */
	struct lane_item items[MOST_AT_ONCE];
	size_t most_items;
	size_t num_items;
	size_t next_item;
	struct perftrace_record records[MOST_AT_ONCE];
	struct reader_cursor cursor;
	/* Where records are counted that nobody is told of. */
	struct source_row uncounted;
	/* The youngest time stamp handed out, and those that came after one. */
	uint64_t youngest;
	uint64_t num_violations;
	/* What PERF_RECORD_LOST has said, by ring. */
	uint64_t *reported_lost;
	/* Of that, what reader_settle() told before the kernel did, by ring. */
	uint64_t *told_ahead;

	/* To be told, in the order of their ends. */
	struct manifest_gap *gaps;
	size_t num_gaps;

	/* Open addressing, at most half full; an id is never 0. */
	struct slot *slots;
	size_t room;
	size_t used;
	/* The upper bits of a product are a place. */
	unsigned int shift;
};

static enum merge_order find_order(const struct session_settings *settings)
{
	switch (settings->order) {
	case PERFTRACE_ORDER_NONE:
		return MERGE_UNORDERED;
	case PERFTRACE_ORDER_CERTAIN:
		return MERGE_CERTAIN;
	default:
		return MERGE_TIME;
	}
}

static size_t choose_most_items(const struct session_settings *settings)
{
	uint64_t most = settings->ring_bytes / SMALLEST_SHARE / TYPICAL_BYTES;

	if (most < 1)
		return 1;
	return most < MOST_AT_ONCE ? (size_t)most : MOST_AT_ONCE;
}

struct reader *reader_new(struct log *log, struct ring *const *rings,
			  size_t num_rings,
			  const struct session_settings *settings,
			  bool has_format_lost)
{
	enum merge_order order = find_order(settings);
	struct reader *reader = calloc(1, sizeof(*reader));
	size_t i;

	if (!reader)
		return NULL;
	reader->log = log;
	reader->settings = settings;
	reader->num_rings = num_rings;
	reader->is_ordered = order != MERGE_UNORDERED;
	reader->has_format_lost = has_format_lost;
	reader->most_items = choose_most_items(settings);
	reader->context =
		(struct record_context){ .log = log, .comms = comms_new() };
	for (i = 0; i < MOST_AT_ONCE; i++)
		record_init(&reader->records[i], &reader->context);
	reader->cursor.at = reader->records;
	reader->cursor.end = reader->records;
	reader->reported_lost = calloc(num_rings, sizeof(uint64_t));
	reader->told_ahead = calloc(num_rings, sizeof(uint64_t));
	reader->merge =
		merge_new(log, rings, num_rings, order, settings->horizon_ns);
	if (!reader->context.comms || !reader->reported_lost ||
	    !reader->told_ahead || !reader->merge) {
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
	comms_free(reader->context.comms);
	free(reader->reported_lost);
	free(reader->told_ahead);
	free(reader->gaps);
	free(reader->slots);
	free(reader);
}

void reader_share_names(struct reader *reader, struct comms_pool *pool)
{
	comms_share(reader->context.comms, pool);
}

struct reader_cursor *reader_get_cursor(struct reader *reader)
{
	return &reader->cursor;
}

static size_t hash(uint64_t id, unsigned int shift)
{
	return (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> shift);
}

/* The id's slot, or the empty one where it belongs. */
static struct slot *find(const struct reader *reader, uint64_t id)
{
	size_t place = hash(id, reader->shift);

	while (reader->slots[place].id && reader->slots[place].id != id)
		place = (place + 1) & (reader->room - 1);
	return &reader->slots[place];
}

static int grow(struct reader *reader)
{
	struct slot *old = reader->slots, *slots;
	size_t old_room = reader->room, i;
	size_t room = old_room ? 2 * old_room : 64;

	slots = calloc(room, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	reader->slots = slots;
	reader->room = room;
	reader->shift = 64 - (unsigned int)__builtin_ctzll(room);
	for (i = 0; i < old_room; i++) {
		if (old[i].id)
			*find(reader, old[i].id) = old[i];
	}
	free(old);
	return 0;
}

void reader_note_task(struct reader *reader, int32_t tid)
{
	comms_get(reader->context.comms, tid);
}

int reader_bind(struct reader *reader, uint64_t id,
		struct perftrace_source *source, size_t row)
{
	if (2 * (reader->used + 1) > reader->room && grow(reader))
		return fail_memory(reader->log);
	*find(reader, id) = (struct slot){
		.id = id,
		.binding = source_get_binding(source),
		.row = source_get_row(source, row),
	};
	reader->used++;
	return 0;
}

static bool look_up(const struct reader *reader, uint64_t id,
		    const struct slot **slot)
{
	*slot = reader->room ? find(reader, id) : NULL;
	if (*slot && !(*slot)->id)
		*slot = NULL;
	return *slot;
}

struct source_row *reader_get_row(struct reader *reader, uint64_t id)
{
	const struct slot *slot;

	return look_up(reader, id, &slot) ? slot->row : NULL;
}

uint64_t reader_get_clock_ns(struct reader *reader)
{
	return sys_clock_ns(session_settings_clock(reader->settings));
}

/*
 * An event that has been disabled may have been in the middle of a record: the
 * interrupt that disabled it came between stamp and publication. So the last look
 * waits for writers in every order, where the kernel lets it.
 */
int reader_refresh(struct reader *reader, bool is_final)
{
	uint64_t now = is_final ? UINT64_MAX : reader_get_clock_ns(reader);

	if (is_final || reader->settings->order == PERFTRACE_ORDER_CERTAIN)
		sys_grace_period();
	return merge_refresh(reader->merge, now);
}

int reader_begin(struct reader *reader)
{
	return merge_refresh(reader->merge, UINT64_MAX);
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

static void count_lost(struct reader *reader, size_t ring,
		       const struct slot *slot, uint64_t lost)
{
	reader->reported_lost[ring] += lost;
	if (slot)
		slot->row->reported_lost += lost;
}

/*
 * A session that was stopped, read to its end and started again: the kernel
 * reports now what reader_settle() has told already. False when that is all.
 */
static bool is_news(struct reader *reader, size_t ring,
		    struct perftrace_record *record)
{
	uint64_t lost = perftrace_record_get_lost(record);
	uint64_t *ahead = &reader->told_ahead[ring];
	uint64_t known = lost < *ahead ? lost : *ahead;

	*ahead -= known;
	record_set_lost(record, lost - known);
	return !known || lost > known;
}

static void expose(struct reader *reader, size_t count)
{
	reader->cursor.at = reader->records;
	reader->cursor.end = reader->records + count;
}

static void note_time(struct reader *reader, uint64_t time)
{
	if (time >= reader->youngest)
		reader->youngest = time;
	else
		reader->num_violations += reader->is_ordered;
}

/* The run of samples that comes next: every record comes by here. */
static size_t take_samples(struct reader *reader)
{
	const struct lane_item *item = reader->items + reader->next_item;
	const struct lane_item *end = reader->items + reader->num_items;
	const struct slot *slots = reader->slots;
	struct perftrace_record *record = reader->records;
	uint64_t youngest = reader->youngest, num_violations = 0;
	unsigned int shift = reader->shift;

	for (; item < end; item++, record++) {
		const struct record_sample *sample = (const void *)item->header;
		const struct slot *slot;

		if (sample->header.type != PERF_RECORD_SAMPLE)
			break;
		slot = &slots[hash(sample->id, shift)];
		if (slot->id != sample->id &&
		    !look_up(reader, sample->id, &slot))
			break;
		if (!record_take_sample(record, item->header, slot->binding))
			break;
		record->row = slot->row;
		if (sample->time >= youngest)
			youngest = sample->time;
		else
			num_violations++;
	}
	reader->youngest = youngest;
	if (reader->is_ordered)
		reader->num_violations += num_violations;
	reader->next_item = (size_t)(item - reader->items);
	return (size_t)(record - reader->records);
}

/* A sample that has to be looked at more closely, or that nobody knows. */
static int take_sample(struct reader *reader, const struct slot *slot)
{
	struct perftrace_record *record = reader->records;

	/* It was taken apart as one, so it has a slot. */
	record->row = slot->row;
	/* Where it is not asked for, it has no price either. */
	if (!reader->has_format_lost)
		slot->row->delivered_period +=
			perftrace_record_get_period(record);
	return 1;
}

static void count_throttle(struct source_row *row,
			   struct perftrace_record *record)
{
	uint64_t time = perftrace_record_get_time_ns(record);

	switch (perftrace_record_get_kind(record)) {
	case PERFTRACE_RECORD_THROTTLE:
		throttling_begin(&row->throttling, time);
		break;
	case PERFTRACE_RECORD_UNTHROTTLE:
		throttling_end(&row->throttling, time);
		break;
	default:
		break;
	}
}

/* 1: it is to be delivered. */
static int take_other(struct reader *reader, size_t ring,
		      const struct slot *slot)
{
	struct perftrace_record *record = reader->records;
	bool has_news = is_news(reader, ring, record);

	record->row = &reader->uncounted;
	count_lost(reader, ring, slot, perftrace_record_get_lost(record));
	if (slot)
		count_throttle(slot->row, record);
	return has_news && is_wanted(reader, perftrace_record_get_kind(record));
}

/* A record of any kind: 1; 0: it is not to be delivered; -EBADMSG. */
static int take_record(struct reader *reader)
{
	const struct lane_item *item = &reader->items[reader->next_item++];
	struct perftrace_record *record = reader->records;
	const struct slot *slot;
	int ret;

	look_up(reader, record_id_of(item->header), &slot);
	ret = record_parse(record, item->header, slot ? slot->binding : NULL);
	/* A sample that can't be read is gone, as if it was left unread. */
	if (ret && slot && item->header->type == PERF_RECORD_SAMPLE)
		slot->row->discarded++;
	if (ret)
		return ret;
	if (perftrace_record_get_event(record))
		ret = take_sample(reader, slot);
	else
		ret = take_other(reader, item->ring, slot);
	if (ret)
		note_time(reader, record_time_of(item->header));
	return ret;
}

static int take_items(struct reader *reader)
{
	int ret;

	if (reader->next_item < reader->num_items)
		return 1;
	reader->num_items = reader->next_item = 0;
	ret = merge_take(reader->merge, reader->items, reader->most_items);
	if (ret > 0)
		reader->num_items = (size_t)ret;
	return ret;
}

/* How many records come next: samples in a run, or one of any kind. */
static int take_next(struct reader *reader)
{
	size_t count = 0;

	/* Where periods are added up, they come one by one. */
	if (reader->has_format_lost && reader->room)
		count = take_samples(reader);
	return count ? (int)count : take_record(reader);
}

static void hold_for_gap(struct reader *reader)
{
	merge_hold(reader->merge,
		   reader->num_gaps ? reader->gaps->end_ns - 1 : UINT64_MAX);
}

static void drop_gap(struct reader *reader)
{
	reader->num_gaps--;
	memmove(reader->gaps, reader->gaps + 1,
		reader->num_gaps * sizeof(*reader->gaps));
	hold_for_gap(reader);
}

/* Of all that is older, nothing is left: 1; 0: there is, or there is no gap. */
static int take_gap(struct reader *reader)
{
	const struct manifest_gap *gap = reader->gaps;
	struct perftrace_record *record = reader->records;

	if (!reader->num_gaps || !merge_has_reached(reader->merge, gap->end_ns))
		return 0;
	record_make_gap(record, gap->cpu, gap->begin_ns, gap->end_ns);
	record->row = &reader->uncounted;
	note_time(reader, gap->end_ns);
	drop_gap(reader);
	expose(reader, 1);
	return 1;
}

int reader_reserve_gap(struct reader *reader)
{
	struct manifest_gap *larger =
		realloc(reader->gaps, (reader->num_gaps + 1) * sizeof(*larger));

	if (!larger)
		return fail_memory(reader->log);
	reader->gaps = larger;
	return 0;
}

void reader_add_gap(struct reader *reader, int32_t cpu, uint64_t begin_ns,
		    uint64_t end_ns)
{
	reader->gaps[reader->num_gaps++] =
		(struct manifest_gap){ cpu, begin_ns, end_ns };
	hold_for_gap(reader);
}

static int grow_numbers(uint64_t **numbers, size_t count)
{
	uint64_t *larger = realloc(*numbers, count * sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	larger[count - 1] = 0;
	*numbers = larger;
	return 0;
}

int reader_add_ring(struct reader *reader, struct ring *ring)
{
	size_t count = reader->num_rings + 1;

	if (grow_numbers(&reader->reported_lost, count) ||
	    grow_numbers(&reader->told_ahead, count) ||
	    merge_add(reader->merge, ring))
		return fail_memory(reader->log);
	reader->num_rings = count;
	return 0;
}

int reader_fill(struct reader *reader)
{
	int ret;

	expose(reader, 0);
	do {
		ret = take_items(reader);
		if (!ret)
			return take_gap(reader);
		if (ret < 0)
			return ret;
		ret = take_next(reader);
	} while (!ret);
	if (ret < 0)
		return ret;
	expose(reader, (size_t)ret);
	return 1;
}

bool reader_has_rest(struct reader *reader)
{
	return reader->num_gaps || merge_has_rest(reader->merge);
}

static void discard_taken(struct reader *reader)
{
	struct perftrace_record *record = reader->cursor.at;

	for (; record != reader->cursor.end; record++)
		record->row->discarded++;
	expose(reader, 0);
}

void reader_discard(struct reader *reader, enum reader_look look)
{
	discard_taken(reader);
	if (look == READER_LOOKS_LAST)
		reader_refresh(reader, true);
	else if (look == READER_LOOKS_QUICKLY)
		merge_refresh(reader->merge, UINT64_MAX);
	while (reader_fill(reader))
		discard_taken(reader);
}

int reader_settle(struct reader *reader, size_t ring, int32_t cpu,
		  uint64_t lost_in_all, struct perftrace_record **record)
{
	uint64_t reported = reader->reported_lost[ring];

	if (lost_in_all <= reported)
		return 0;
	record_make_lost(reader->records, cpu, reader->youngest,
			 lost_in_all - reported);
	reader->told_ahead[ring] += lost_in_all - reported;
	reader->reported_lost[ring] = lost_in_all;
	*record = reader->records;
	return 1;
}

uint64_t reader_get_num_violations(struct reader *reader)
{
	return reader->num_violations;
}

static int fail_progress(struct reader *reader, size_t ring, int error)
{
	if (error == -ENOMEM)
		return fail_memory(reader->log);
	fail(reader->log, error,
	     "ring %zu: its records are too far out of order to say which of "
	     "them have been read",
	     ring);
	return fail_remedy(reader->log, "read on, and try again");
}

static int describe_gaps(struct reader *reader, struct manifest *manifest)
{
	size_t bytes = reader->num_gaps * sizeof(*reader->gaps);

	manifest->gaps = malloc(bytes ? bytes : 1);
	if (!manifest->gaps)
		return fail_memory(reader->log);
	if (bytes)
		memcpy(manifest->gaps, reader->gaps, bytes);
	manifest->num_gaps = reader->num_gaps;
	return 0;
}

static int adopt_gaps(struct reader *reader, const struct manifest *manifest)
{
	size_t i;

	for (i = 0; i < manifest->num_gaps; i++) {
		const struct manifest_gap *gap = &manifest->gaps[i];

		if (reader_reserve_gap(reader))
			return -ENOMEM;
		reader_add_gap(reader, gap->cpu, gap->begin_ns, gap->end_ns);
	}
	return 0;
}

int reader_describe(struct reader *reader, struct manifest *manifest)
{
	size_t num_exposed = (size_t)(reader->cursor.end - reader->cursor.at);
	size_t first_left = reader->next_item - num_exposed, i;

	for (i = 0; i < manifest->num_cpus; i++) {
		struct manifest_ring *ring = &manifest->rings[i];
		int ret = merge_get_progress(reader->merge, i,
					     reader->items + first_left,
					     reader->num_items - first_left,
					     &ring->progress);

		if (ret)
			return fail_progress(reader, i, ret);
		ring->reported_lost = reader->reported_lost[i];
		ring->told_ahead = reader->told_ahead[i];
	}
	manifest->youngest = reader->youngest;
	manifest->num_violations = reader->num_violations;
	return describe_gaps(reader, manifest);
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
	reader->youngest = manifest->youngest;
	reader->num_violations = manifest->num_violations;
	return adopt_gaps(reader, manifest);
}
