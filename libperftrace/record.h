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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <perftrace/record.h>

struct comms;
struct log;
struct perf_event_header;

/* What every sample begins with. */
#define RECORD_SAMPLE_TYPE                                                     \
	(PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |         \
	 PERF_SAMPLE_CPU)

/* Enough to sort a record and to find whose it is. */
struct record_stamp {
	uint64_t time;
	uint64_t id;
};

/* -EBADMSG when the record is too short. Its size has been checked. */
int record_read_stamp(const struct perf_event_header *header,
		      struct record_stamp *stamp);

/* Whose descriptor wrote a sample, and what it asked for. */
struct record_binding {
	struct perftrace_source *source;
	struct perftrace_event *event;
	uint64_t sample_type;
	uint64_t period;
};

/* NULL: no memory. @log and @comms are borrowed. */
struct perftrace_record *record_new(struct log *log, struct comms *comms);
void record_free(struct perftrace_record *record);

/*
 * Take a record apart. @binding: of its id, NULL for a record of no source.
 * -EBADMSG, with the reason, when it contradicts itself; nothing of it is then
 * in @record.
 */
int record_parse(struct perftrace_record *record,
		 const struct perf_event_header *header,
		 const struct record_binding *binding);

/* Make one that says what the kernel counted, but did not write. */
void record_make_lost(struct perftrace_record *record, int32_t cpu,
		      uint64_t time, uint64_t lost);

/* Say less than the kernel did: some of it has been told before. */
void record_set_lost(struct perftrace_record *record, uint64_t lost);

struct log *record_get_log(struct perftrace_record *record);

#endif /* RECORD_H */
