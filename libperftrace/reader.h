/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef READER_H
#define READER_H

/* From rings to records: merged, taken apart, counted, side-band sorted out. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "source.h"

struct comms_pool;
struct log;
struct manifest;
struct perftrace_source;
struct reader;
struct ring;
struct session_settings;
struct source_row;

/*
 * @rings and @settings: borrowed, to live as long. @has_format_lost: the kernel
 * counts lost records per event. NULL: no memory.
 */
struct reader *reader_new(struct log *log, struct ring *const *rings,
			  size_t num_rings,
			  const struct session_settings *settings,
			  bool has_format_lost);
void reader_free(struct reader *reader);

/* Names of tasks are found together with other readers. @pool: borrowed. */
void reader_share_names(struct reader *reader, struct comms_pool *pool);

/* Samples with this id come from this row of this source. -ENOMEM. */
int reader_bind(struct reader *reader, uint64_t id,
		struct perftrace_source *source, size_t row);

/* Where samples with this id are counted; NULL: nowhere. */
struct source_row *reader_get_row(struct reader *reader, uint64_t id);

/* Remember what a task is called now, before it can end. */
void reader_note_task(struct reader *reader, int32_t tid);

/* What the clock of the records says now. */
uint64_t reader_get_clock_ns(struct reader *reader);

/* As merge_refresh(). @is_final: nothing is added to the rings any more. */
int reader_refresh(struct reader *reader, bool is_final);

/* A round of all that the rings have, where nobody is writing to them. */
int reader_begin(struct reader *reader);

/* Records that have been taken from the rings, and not handed out. */
struct reader_cursor {
	struct perftrace_record *at;
	const struct perftrace_record *end;
};

/* The reader's own, as long as it lives. */
struct reader_cursor *reader_get_cursor(struct reader *reader);

/*
 * Hand the next one out, and count it; NULL: there is none. In sight, for this
 * is done for every record.
 */
static inline struct perftrace_record *reader_pop(struct reader_cursor *cursor)
{
	struct perftrace_record *record = cursor->at;

	if (record == cursor->end)
		return NULL;
	cursor->at = record + 1;
	record->row->delivered++;
	return record;
}

/* The same of the next @count, which are there. */
static inline void reader_pop_run(struct reader_cursor *cursor, size_t count)
{
	const struct perftrace_record *end = cursor->at + count;
	struct perftrace_record *record;

	for (record = cursor->at; record < end; record++)
		record->row->delivered++;
	cursor->at = record;
}

/*
 * Take more from the rings, once all has been handed out: 1; 0: there is no more
 * in this round; -EBADMSG. What was handed out is gone.
 */
int reader_fill(struct reader *reader);

/* One ring more: the next number. Borrowed. -ENOMEM. */
int reader_add_ring(struct reader *reader, struct ring *ring);

/*
 * Nothing was recorded of a CPU between two points in time. It is told in its
 * place, behind what is older than @end_ns; without order, at the end of the round.
 * In the order of @end_ns; first reserve room. -ENOMEM.
 */
int reader_reserve_gap(struct reader *reader);
void reader_add_gap(struct reader *reader, int32_t cpu, uint64_t begin_ns,
		    uint64_t end_ns);

/* Is something held back until it is older? */
bool reader_has_rest(struct reader *reader);

/* How much of the rings is to be looked at once more. */
enum reader_look {
	/* Nothing was written since the last reader_refresh(). */
	READER_HAS_LOOKED,
	/* What is in sight: a record that was being written may not be. */
	READER_LOOKS_QUICKLY,
	READER_LOOKS_LAST,
};

/* Count what was not handed out as discarded. Nothing is written any more. */
void reader_discard(struct reader *reader, enum reader_look look);

/*
 * Deliver what the kernel lost on a ring's CPU beyond what it has reported in
 * the stream: 1 with the record, 0 when @lost_in_all has been reported.
 */
int reader_settle(struct reader *reader, size_t ring, int32_t cpu,
		  uint64_t lost_in_all, struct perftrace_record **record);

uint64_t reader_get_num_violations(struct reader *reader);

/*
 * What goes on elsewhere: where the rings' stream is. As in the manifest. -ENOMEM;
 * -ENOBUFS, with the reason.
 */
int reader_describe(struct reader *reader, struct manifest *manifest);
/* Before the first round. -EBADMSG: the rings have no such records. */
int reader_adopt(struct reader *reader, const struct manifest *manifest);

#endif /* READER_H */
