/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef READER_H
#define READER_H

/* From rings to records: merged, taken apart, counted, side-band sorted out. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;
struct manifest;
struct perftrace_record;
struct perftrace_source;
struct reader;
struct ring;
struct session_settings;

/* @rings and @settings: borrowed, to live as long. NULL: no memory. */
struct reader *reader_new(struct log *log, struct ring *const *rings,
			  size_t num_rings,
			  const struct session_settings *settings);
void reader_free(struct reader *reader);

/* Samples with this id come from this row of this source. -ENOMEM. */
int reader_bind(struct reader *reader, uint64_t id,
		struct perftrace_source *source, size_t row);

/* Remember what a task is called now, before it can end. */
void reader_note_task(struct reader *reader, int32_t tid);

/* As merge_refresh(). @is_final: nothing is added to the rings any more. */
int reader_refresh(struct reader *reader, bool is_final);

/* 1: a record that is to be delivered; 0: none in this round; -EBADMSG. */
int reader_next(struct reader *reader, struct perftrace_record **record);

/* Is something held back until it is older? */
bool reader_has_rest(struct reader *reader);

/* Count what stands in the rings as discarded. Nothing is written any more. */
void reader_discard(struct reader *reader);

/*
 * Deliver what the kernel lost on a ring's CPU beyond what it has reported in
 * the stream: 1 with the record, 0 when @lost_in_all has been reported.
 */
int reader_settle(struct reader *reader, size_t ring, int32_t cpu,
		  uint64_t lost_in_all, struct perftrace_record **record);

uint64_t reader_get_num_violations(struct reader *reader);

/* What goes on elsewhere: where the rings' stream is. As in the manifest. */
void reader_describe(struct reader *reader, struct manifest *manifest);
/* Before the first round. -EBADMSG: the rings have no such records. */
int reader_adopt(struct reader *reader, const struct manifest *manifest);

#endif /* READER_H */
