/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RECORD_H
#define RECORD_H

/*
 * One record's bytes, taken apart. Pure, but for names of tasks.
 *
 * Every descriptor of a session has sample_id_all and the same first fields in
 * its samples, so that time and id stand at known places of every record:
 *
 *	sample: header, id, pid, tid, time, cpu, ..., as attr_fill_*() ask for
 *	others: header, ..., pid, tid, time, cpu, id
 */

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <perftrace/record.h>

struct comms;
struct log;
struct source_row;

/* What every sample begins with. */
#define RECORD_SAMPLE_TYPE                                                     \
	(PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |         \
	 PERF_SAMPLE_CPU)

/* The layouts of perf_event_open(2), "MMAP layout". */

struct record_sample {
	struct perf_event_header header;
	uint64_t id;
	uint32_t pid, tid;
	uint64_t time;
	uint32_t cpu, reserved;
};

/* What all others end with. */
struct record_sample_id {
	uint32_t pid, tid;
	uint64_t time;
	uint32_t cpu, reserved;
	uint64_t id;
};

#define RECORD_SMALLEST_BYTES 40
_Static_assert(sizeof(struct record_sample) == RECORD_SMALLEST_BYTES &&
		       sizeof(struct perf_event_header) +
				       sizeof(struct record_sample_id) ==
			       RECORD_SMALLEST_BYTES,
	       "both kinds have room for a stamp");

static inline const struct record_sample_id *
record_sample_id_of(const struct perf_event_header *header)
{
	return (const void *)((const char *)header + header->size -
			      sizeof(struct record_sample_id));
}

/* Of a record of RECORD_SMALLEST_BYTES at least. */
static inline uint64_t record_time_of(const struct perf_event_header *header)
{
	if (header->type == PERF_RECORD_SAMPLE)
		return ((const struct record_sample *)header)->time;
	return record_sample_id_of(header)->time;
}

static inline uint64_t record_id_of(const struct perf_event_header *header)
{
	if (header->type == PERF_RECORD_SAMPLE)
		return ((const struct record_sample *)header)->id;
	return record_sample_id_of(header)->id;
}

/* Of samples that have no raw data, or not always at the same place. */
#define RECORD_NO_RAW_OFFSET UINT64_MAX

/* Whose descriptor wrote a sample, and what it asked for. */
struct record_binding {
	struct perftrace_source *source;
	struct perftrace_event *event;
	uint64_t sample_type;
	uint64_t period;
	/* From record_raw_offset(). */
	uint64_t raw_offset;
};

/* Where raw data begins, behind its size, if it always begins there. */
uint64_t record_raw_offset(uint64_t sample_type);

/* What the records of one reader share; borrowed. */
struct record_context {
	struct log *log;
	struct comms *comms;
};

/*
 * A view of one record. In sight of the reader, which fills many at a time, and
 * of those who read a field without a call; all else goes by the functions.
 */
struct perftrace_record {
	const struct record_context *context;
	/* NULL: it was made, or makes no sense. */
	const struct perf_event_header *header;
	/* NULL: no sample; what stands below the line is then in force. */
	const struct record_binding *binding;
	const void *raw;
	/* The reader's: where it is counted when it is handed out. */
	struct source_row *row;
	uint32_t raw_bytes;

	enum perftrace_record_kind kind;
	int32_t made_cpu;
	uint64_t made_time;
	uint64_t lost;
	/* Whose event the kernel has stopped, or lets go on. */
	struct perftrace_source *throttled;
	uint64_t gap_begin;
};

/* A record of nothing. @context: to live as long. */
void record_init(struct perftrace_record *record,
		 const struct record_context *context);

/*
 * Take a record of RECORD_SMALLEST_BYTES at least apart. @binding: of its id,
 * NULL for a record of no source. -EBADMSG, with the reason, when it contradicts
 * itself; nothing of it is then in @record.
 */
int record_parse(struct perftrace_record *record,
		 const struct perf_event_header *header,
		 const struct record_binding *binding);

/*
 * The same of a sample, where that takes no more than to find its raw data.
 * False: it takes record_parse().
 */
static inline bool record_take_sample(struct perftrace_record *record,
				      const struct perf_event_header *header,
				      const struct record_binding *binding)
{
	uint64_t offset = binding->raw_offset, size = header->size;
	const char *raw;
	uint32_t raw_bytes;

	if (size < offset)
		return false;
	raw = (const char *)header + offset;
	raw_bytes = ((const uint32_t *)raw)[-1];
	if (raw_bytes > size - offset)
		return false;
	record->header = header;
	record->binding = binding;
	record->raw = raw;
	record->raw_bytes = raw_bytes;
	return true;
}

/* Make one that says what the kernel counted, but did not write. */
void record_make_lost(struct perftrace_record *record, int32_t cpu,
		      uint64_t time, uint64_t lost);

/*
 * One that no kernel writes: it stands in a snapshot where records were written
 * over, @records of them as far as known, and @bytes.
 */
#define RECORD_OVERWRITTEN_BYTES 56
void record_fill_overwritten(void *bytes, int32_t cpu, uint64_t time,
			     uint64_t records, uint64_t overwritten_bytes);

/* Of a sample of a source with a period of 1. The sizes need no check. */
uint64_t record_read_period(const struct perf_event_header *sample);
/* Of a record of losses. */
uint64_t record_read_lost(const struct perf_event_header *lost);

/* Make one that says since when nothing was recorded on a CPU. */
void record_make_gap(struct perftrace_record *record, int32_t cpu,
		     uint64_t begin, uint64_t end);

/* Say less than the kernel did: some of it has been told before. */
void record_set_lost(struct perftrace_record *record, uint64_t lost);

struct log *record_get_log(struct perftrace_record *record);

#endif /* RECORD_H */
