/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record.h"

#include <assert.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "comms.h"
#include "export.h"
#include "field.h"
#include "log.h"

/* The layouts of perf_event_open(2), "MMAP layout". */

struct sample_head {
	struct perf_event_header header;
	uint64_t id;
	uint32_t pid, tid;
	uint64_t time;
	uint32_t cpu, reserved;
};

struct sample_id {
	uint32_t pid, tid;
	uint64_t time;
	uint32_t cpu, reserved;
	uint64_t id;
};

struct task_body {
	uint32_t pid, ppid, tid, ptid;
	uint64_t time;
};

struct comm_body {
	uint32_t pid, tid;
	char comm[];
};

struct mmap2_body {
	uint32_t pid, tid;
	uint64_t address, length, offset;
	uint32_t major, minor;
	uint64_t inode, inode_generation;
	uint32_t protection, flags;
	char path[];
};

struct lost_body {
	uint64_t id, lost;
};

struct perftrace_record {
	struct log *log;
	struct comms *comms;
	const struct record_binding *binding;
	enum perftrace_record_kind kind;
	bool is_exec;
	uint64_t time;
	int32_t cpu, pid, tid, parent_pid, parent_tid;
	uint64_t period;
	uint64_t lost;
	const void *raw;
	size_t raw_bytes;
	const uint64_t *callchain;
	size_t num_callchain;
	const char *comm;
	const struct mmap2_body *map;
};

static const void *body_of(const struct perf_event_header *header)
{
	return header + 1;
}

static const struct sample_id *
sample_id_of(const struct perf_event_header *header)
{
	return (const void *)((const char *)header + header->size -
			      sizeof(struct sample_id));
}

/* How long the body is, without the sample_id behind it. */
static size_t body_bytes(const struct perf_event_header *header)
{
	return header->size - sizeof(*header) - sizeof(struct sample_id);
}

int record_read_stamp(const struct perf_event_header *header,
		      struct record_stamp *stamp)
{
	if (header->type == PERF_RECORD_SAMPLE) {
		const struct sample_head *head = (const void *)header;

		if (header->size < sizeof(*head))
			return -EBADMSG;
		stamp->time = head->time;
		stamp->id = head->id;
		return 0;
	}
	if (header->size < sizeof(*header) + sizeof(struct sample_id))
		return -EBADMSG;
	stamp->time = sample_id_of(header)->time;
	stamp->id = sample_id_of(header)->id;
	return 0;
}

struct perftrace_record *record_new(struct log *log, struct comms *comms)
{
	struct perftrace_record *record = calloc(1, sizeof(*record));

	if (!record)
		return NULL;
	record->log = log;
	record->comms = comms;
	return record;
}

void record_free(struct perftrace_record *record)
{
	free(record);
}

struct log *record_get_log(struct perftrace_record *record)
{
	return record->log;
}

static void clear(struct perftrace_record *record)
{
	struct log *log = record->log;
	struct comms *comms = record->comms;

	*record = (struct perftrace_record){
		.log = log,
		.comms = comms,
		.parent_pid = -1,
		.parent_tid = -1,
	};
}

/* The parts of a sample, in the kernel's order (perf_output_sample()). */
struct cursor {
	const char *at;
	size_t left;
};

static const void *take(struct cursor *cursor, size_t size)
{
	const void *part = cursor->at;

	if (size > cursor->left)
		return NULL;
	cursor->at += size;
	cursor->left -= size;
	return part;
}

static bool take_period(struct perftrace_record *record, struct cursor *cursor)
{
	const uint64_t *period = take(cursor, sizeof(*period));

	if (!period)
		return false;
	record->period = *period;
	return true;
}

static bool take_callchain(struct perftrace_record *record,
			   struct cursor *cursor)
{
	const uint64_t *count = take(cursor, sizeof(*count));

	if (!count || *count > cursor->left / sizeof(uint64_t))
		return false;
	record->num_callchain = *count;
	record->callchain = take(cursor, *count * sizeof(uint64_t));
	return true;
}

static bool take_raw(struct perftrace_record *record, struct cursor *cursor)
{
	const uint32_t *size = take(cursor, sizeof(*size));

	if (!size)
		return false;
	record->raw_bytes = *size;
	record->raw = take(cursor, *size);
	return record->raw;
}

static bool parse_sample(struct perftrace_record *record,
			 const struct perf_event_header *header)
{
	const struct sample_head *head = (const void *)header;
	struct cursor cursor = { (const char *)(head + 1),
				 header->size - sizeof(*head) };
	uint64_t type = record->binding->sample_type;

	record->time = head->time;
	record->cpu = (int32_t)head->cpu;
	record->pid = (int32_t)head->pid;
	record->tid = (int32_t)head->tid;
	record->period = record->binding->period;
	if (type & PERF_SAMPLE_PERIOD && !take_period(record, &cursor))
		return false;
	if (type & PERF_SAMPLE_CALLCHAIN && !take_callchain(record, &cursor))
		return false;
	return !(type & PERF_SAMPLE_RAW) || take_raw(record, &cursor);
}

static void parse_sample_id(struct perftrace_record *record,
			    const struct perf_event_header *header)
{
	const struct sample_id *id = sample_id_of(header);

	record->time = id->time;
	record->cpu = (int32_t)id->cpu;
	record->pid = (int32_t)id->pid;
	record->tid = (int32_t)id->tid;
}

static bool parse_task(struct perftrace_record *record,
		       const struct perf_event_header *header)
{
	const struct task_body *body = body_of(header);

	if (body_bytes(header) < sizeof(*body))
		return false;
	record->pid = (int32_t)body->pid;
	record->tid = (int32_t)body->tid;
	record->parent_pid = (int32_t)body->ppid;
	record->parent_tid = (int32_t)body->ptid;
	return true;
}

/* A string that ends inside of its @room bytes. */
static bool is_string(const char *text, size_t room)
{
	return memchr(text, '\0', room);
}

static bool parse_comm(struct perftrace_record *record,
		       const struct perf_event_header *header)
{
	const struct comm_body *body = body_of(header);
	size_t bytes = body_bytes(header);

	if (bytes < sizeof(*body) ||
	    !is_string(body->comm, bytes - sizeof(*body)))
		return false;
	record->pid = (int32_t)body->pid;
	record->tid = (int32_t)body->tid;
	record->comm = body->comm;
	record->is_exec = header->misc & PERF_RECORD_MISC_COMM_EXEC;
	return true;
}

static bool parse_mmap2(struct perftrace_record *record,
			const struct perf_event_header *header)
{
	const struct mmap2_body *body = body_of(header);
	size_t bytes = body_bytes(header);

	if (bytes < sizeof(*body) ||
	    !is_string(body->path, bytes - sizeof(*body)))
		return false;
	record->pid = (int32_t)body->pid;
	record->tid = (int32_t)body->tid;
	record->map = body;
	return true;
}

static bool parse_lost(struct perftrace_record *record,
		       const struct perf_event_header *header)
{
	const struct lost_body *body = body_of(header);

	if (body_bytes(header) < sizeof(*body))
		return false;
	record->lost = body->lost;
	return true;
}

static enum perftrace_record_kind kind_of(uint32_t type)
{
	switch (type) {
	case PERF_RECORD_SAMPLE:
		return PERFTRACE_RECORD_SAMPLE;
	case PERF_RECORD_LOST:
		return PERFTRACE_RECORD_LOST;
	case PERF_RECORD_THROTTLE:
		return PERFTRACE_RECORD_THROTTLE;
	case PERF_RECORD_UNTHROTTLE:
		return PERFTRACE_RECORD_UNTHROTTLE;
	case PERF_RECORD_FORK:
		return PERFTRACE_RECORD_FORK;
	case PERF_RECORD_EXIT:
		return PERFTRACE_RECORD_EXIT;
	case PERF_RECORD_COMM:
		return PERFTRACE_RECORD_COMM;
	case PERF_RECORD_MMAP2:
		return PERFTRACE_RECORD_MMAP;
	default:
		return PERFTRACE_RECORD_OTHER;
	}
}

static bool parse_body(struct perftrace_record *record,
		       const struct perf_event_header *header)
{
	switch (record->kind) {
	case PERFTRACE_RECORD_FORK:
	case PERFTRACE_RECORD_EXIT:
		return parse_task(record, header);
	case PERFTRACE_RECORD_COMM:
		return parse_comm(record, header);
	case PERFTRACE_RECORD_MMAP:
		return parse_mmap2(record, header);
	case PERFTRACE_RECORD_LOST:
		return parse_lost(record, header);
	default:
		return true;
	}
}

static void follow_names(struct perftrace_record *record)
{
	if (record->kind == PERFTRACE_RECORD_COMM)
		comms_set(record->comms, record->tid, record->comm);
	else if (record->kind == PERFTRACE_RECORD_FORK)
		comms_fork(record->comms, record->parent_tid, record->tid);
}

static bool parse(struct perftrace_record *record,
		  const struct perf_event_header *header)
{
	struct record_stamp stamp;

	if (record_read_stamp(header, &stamp))
		return false;
	if (record->kind == PERFTRACE_RECORD_SAMPLE)
		return record->binding && parse_sample(record, header);
	parse_sample_id(record, header);
	return parse_body(record, header);
}

int record_parse(struct perftrace_record *record,
		 const struct perf_event_header *header,
		 const struct record_binding *binding)
{
	clear(record);
	record->kind = kind_of(header->type);
	if (record->kind == PERFTRACE_RECORD_SAMPLE)
		record->binding = binding;
	if (!parse(record, header)) {
		/* Sizes may have been taken, and what they are of not. */
		clear(record);
		return fail(record->log, -EBADMSG,
			    "a record of type %u and %u bytes makes no sense",
			    header->type, header->size);
	}
	follow_names(record);
	return 0;
}

void record_make_lost(struct perftrace_record *record, int32_t cpu,
		      uint64_t time, uint64_t lost)
{
	clear(record);
	record->kind = PERFTRACE_RECORD_LOST;
	record->time = time;
	record->cpu = cpu;
	record->pid = record->tid = -1;
	record->lost = lost;
}

void record_set_lost(struct perftrace_record *record, uint64_t lost)
{
	record->lost = lost;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_kind(struct perftrace_record *record)
{
	assert(record);
	return (int32_t)record->kind;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_time_ns(struct perftrace_record *record)
{
	assert(record);
	return record->time;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_cpu(struct perftrace_record *record)
{
	assert(record);
	return record->cpu;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_pid(struct perftrace_record *record)
{
	assert(record);
	return record->pid;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_tid(struct perftrace_record *record)
{
	assert(record);
	return record->tid;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_parent_pid(struct perftrace_record *record)
{
	assert(record);
	return record->parent_pid;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_parent_tid(struct perftrace_record *record)
{
	assert(record);
	return record->parent_tid;
}

PERFTRACE_EXPORT const char *
perftrace_record_get_comm(struct perftrace_record *record)
{
	assert(record);
	return record->comm ? record->comm :
			      comms_get(record->comms, record->tid);
}

PERFTRACE_EXPORT bool perftrace_record_is_exec(struct perftrace_record *record)
{
	assert(record);
	return record->is_exec;
}

PERFTRACE_EXPORT struct perftrace_source *
perftrace_record_get_source(struct perftrace_record *record)
{
	assert(record);
	return record->binding ? record->binding->source : NULL;
}

PERFTRACE_EXPORT struct perftrace_event *
perftrace_record_get_event(struct perftrace_record *record)
{
	assert(record);
	return record->binding ? record->binding->event : NULL;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_period(struct perftrace_record *record)
{
	assert(record);
	return record->period;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_lost(struct perftrace_record *record)
{
	assert(record);
	return record->lost;
}

PERFTRACE_EXPORT const void *
perftrace_record_get_raw(struct perftrace_record *record, size_t *size_bytes)
{
	assert(record);
	*size_bytes = record->raw_bytes;
	return record->raw;
}

PERFTRACE_EXPORT size_t perftrace_record_get_callchain(
	struct perftrace_record *record, const uint64_t **addresses)
{
	assert(record);
	*addresses = record->callchain;
	return record->num_callchain;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_map_address(struct perftrace_record *record)
{
	assert(record);
	return record->map ? record->map->address : 0;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_map_length_bytes(struct perftrace_record *record)
{
	assert(record);
	return record->map ? record->map->length : 0;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_map_offset_bytes(struct perftrace_record *record)
{
	assert(record);
	return record->map ? record->map->offset : 0;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_map_device(struct perftrace_record *record)
{
	assert(record);
	return record->map ? makedev(record->map->major, record->map->minor) :
			     0;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_map_inode(struct perftrace_record *record)
{
	assert(record);
	return record->map ? record->map->inode : 0;
}

PERFTRACE_EXPORT uint32_t
perftrace_record_get_map_protection(struct perftrace_record *record)
{
	assert(record);
	return record->map ? record->map->protection : 0;
}

PERFTRACE_EXPORT uint32_t
perftrace_record_get_map_flags(struct perftrace_record *record)
{
	assert(record);
	return record->map ? record->map->flags : 0;
}

PERFTRACE_EXPORT const char *
perftrace_record_get_map_path(struct perftrace_record *record)
{
	assert(record);
	return record->map ? record->map->path : NULL;
}
