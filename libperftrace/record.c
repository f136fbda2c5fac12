/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record.h"

#include <assert.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "comms.h"
#include "export.h"
#include "log.h"

/* The bodies of perf_event_open(2), "MMAP layout". */

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

/* Above what the kernel and perf's own files use. */
#define RECORD_OVERWRITTEN 0x70740001

struct overwritten_body {
	uint64_t records, bytes;
};

static const void *body_of(const struct perf_event_header *header)
{
	return header + 1;
}

/* How long the body is, without the sample_id behind it. */
static size_t body_bytes(const struct perf_event_header *header)
{
	return header->size - sizeof(*header) - sizeof(struct record_sample_id);
}

uint64_t record_raw_offset(uint64_t sample_type)
{
	uint64_t offset = sizeof(struct record_sample) + sizeof(uint32_t);

	if (!(sample_type & PERF_SAMPLE_RAW) ||
	    sample_type & PERF_SAMPLE_CALLCHAIN)
		return RECORD_NO_RAW_OFFSET;
	if (sample_type & PERF_SAMPLE_PERIOD)
		offset += sizeof(uint64_t);
	return offset;
}

void record_init(struct perftrace_record *record,
		 const struct record_context *context)
{
	*record = (struct perftrace_record){
		.context = context,
		.kind = PERFTRACE_RECORD_OTHER,
	};
}

struct log *record_get_log(struct perftrace_record *record)
{
	return record->context->log;
}

/* The parts of a sample, in the kernel's order (perf_output_sample()). */
struct sample_parts {
	uint64_t period;
	const uint64_t *callchain;
	size_t num_callchain;
	const void *raw;
	uint32_t raw_bytes;
};

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

static bool take_period(struct sample_parts *parts, struct cursor *cursor)
{
	const uint64_t *period = take(cursor, sizeof(*period));

	if (!period)
		return false;
	parts->period = *period;
	return true;
}

static bool take_callchain(struct sample_parts *parts, struct cursor *cursor)
{
	const uint64_t *count = take(cursor, sizeof(*count));

	if (!count || *count > cursor->left / sizeof(uint64_t))
		return false;
	parts->num_callchain = *count;
	parts->callchain = take(cursor, *count * sizeof(uint64_t));
	return true;
}

static bool take_raw(struct sample_parts *parts, struct cursor *cursor)
{
	const uint32_t *size = take(cursor, sizeof(*size));

	if (!size)
		return false;
	parts->raw_bytes = *size;
	parts->raw = take(cursor, *size);
	return parts->raw;
}

static bool find_parts(const struct perf_event_header *header,
		       const struct record_binding *binding,
		       struct sample_parts *parts)
{
	struct cursor cursor = { (const char *)header +
					 sizeof(struct record_sample),
				 header->size - sizeof(struct record_sample) };
	uint64_t type = binding->sample_type;

	*parts = (struct sample_parts){ .period = binding->period };
	if (type & PERF_SAMPLE_PERIOD && !take_period(parts, &cursor))
		return false;
	if (type & PERF_SAMPLE_CALLCHAIN && !take_callchain(parts, &cursor))
		return false;
	return !(type & PERF_SAMPLE_RAW) || take_raw(parts, &cursor);
}

static bool parse_sample(struct perftrace_record *record,
			 const struct perf_event_header *header,
			 const struct record_binding *binding)
{
	struct sample_parts parts;

	if (!binding || !find_parts(header, binding, &parts))
		return false;
	record->binding = binding;
	record->raw = parts.raw;
	record->raw_bytes = parts.raw_bytes;
	return true;
}

static bool is_task(const struct perf_event_header *header)
{
	return body_bytes(header) >= sizeof(struct task_body);
}

/* With a string that ends inside of the room for it. */
static bool is_comm(const struct perf_event_header *header)
{
	const struct comm_body *body = body_of(header);
	size_t bytes = body_bytes(header);

	return bytes >= sizeof(*body) &&
	       memchr(body->comm, '\0', bytes - sizeof(*body));
}

static bool is_mmap2(const struct perf_event_header *header)
{
	const struct mmap2_body *body = body_of(header);
	size_t bytes = body_bytes(header);

	return bytes >= sizeof(*body) &&
	       memchr(body->path, '\0', bytes - sizeof(*body));
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

static bool is_overwritten(const struct perf_event_header *header)
{
	return body_bytes(header) >= sizeof(struct overwritten_body);
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
	case RECORD_OVERWRITTEN:
		return PERFTRACE_RECORD_OVERWRITTEN;
	default:
		return PERFTRACE_RECORD_OTHER;
	}
}

static bool parse(struct perftrace_record *record,
		  const struct perf_event_header *header,
		  const struct record_binding *binding)
{
	if (header->size < RECORD_SMALLEST_BYTES)
		return false;
	switch (kind_of(header->type)) {
	case PERFTRACE_RECORD_SAMPLE:
		return parse_sample(record, header, binding);
	case PERFTRACE_RECORD_FORK:
	case PERFTRACE_RECORD_EXIT:
		return is_task(header);
	case PERFTRACE_RECORD_COMM:
		return is_comm(header);
	case PERFTRACE_RECORD_MMAP:
		return is_mmap2(header);
	case PERFTRACE_RECORD_LOST:
		return parse_lost(record, header);
	case PERFTRACE_RECORD_OVERWRITTEN:
		return is_overwritten(header);
	default:
		return true;
	}
}

static void follow_names(struct perftrace_record *record)
{
	struct comms *comms = record->context->comms;

	if (record->kind == PERFTRACE_RECORD_COMM)
		comms_set(comms, perftrace_record_get_tid(record),
			  perftrace_record_get_comm(record));
	else if (record->kind == PERFTRACE_RECORD_FORK)
		comms_fork(comms, perftrace_record_get_parent_tid(record),
			   perftrace_record_get_tid(record));
}

static bool is_throttle(enum perftrace_record_kind kind)
{
	return kind == PERFTRACE_RECORD_THROTTLE ||
	       kind == PERFTRACE_RECORD_UNTHROTTLE;
}

int record_parse(struct perftrace_record *record,
		 const struct perf_event_header *header,
		 const struct record_binding *binding)
{
	record_init(record, record->context);
	if (!parse(record, header, binding))
		return fail(record->context->log, -EBADMSG,
			    "a record of type %u and %u bytes makes no sense",
			    header->type, header->size);
	record->header = header;
	record->kind = kind_of(header->type);
	if (binding && is_throttle(record->kind))
		record->throttled = binding->source;
	follow_names(record);
	return 0;
}

void record_make_lost(struct perftrace_record *record, int32_t cpu,
		      uint64_t time, uint64_t lost)
{
	record_init(record, record->context);
	record->kind = PERFTRACE_RECORD_LOST;
	record->made_time = time;
	record->made_cpu = cpu;
	record->lost = lost;
}

void record_fill_overwritten(void *bytes, int32_t cpu, uint64_t time,
			     uint64_t records, uint64_t overwritten_bytes)
{
	struct {
		struct perf_event_header header;
		struct overwritten_body body;
		struct record_sample_id id;
	} made = {
		.header = { .type = RECORD_OVERWRITTEN, .size = sizeof(made) },
		.body = { records, overwritten_bytes },
		.id = { .pid = UINT32_MAX,
			.tid = UINT32_MAX,
			.time = time,
			.cpu = (uint32_t)cpu },
	};

	_Static_assert(sizeof(made) == RECORD_OVERWRITTEN_BYTES, "its size");
	memcpy(bytes, &made, sizeof(made));
}

uint64_t record_read_period(const struct perf_event_header *sample)
{
	const struct record_sample *head = (const void *)sample;
	const uint64_t *period = (const void *)(head + 1);

	return sample->size < sizeof(*head) + sizeof(*period) ? 0 : *period;
}

uint64_t record_read_lost(const struct perf_event_header *lost)
{
	const struct lost_body *body = body_of(lost);

	return body_bytes(lost) < sizeof(*body) ? 0 : body->lost;
}

void record_make_gap(struct perftrace_record *record, int32_t cpu,
		     uint64_t begin, uint64_t end)
{
	record_init(record, record->context);
	record->kind = PERFTRACE_RECORD_GAP;
	record->made_time = end;
	record->made_cpu = cpu;
	record->gap_begin = begin;
}

void record_set_lost(struct perftrace_record *record, uint64_t lost)
{
	record->lost = lost;
}

static const struct record_sample *
sample_of(const struct perftrace_record *record)
{
	return (const void *)record->header;
}

/* What a record of one kind has in its body; NULL: it is of another. */
static const struct task_body *task_of(const struct perftrace_record *record)
{
	if (record->binding || (record->kind != PERFTRACE_RECORD_FORK &&
				record->kind != PERFTRACE_RECORD_EXIT))
		return NULL;
	return body_of(record->header);
}

static const struct comm_body *comm_of(const struct perftrace_record *record)
{
	if (record->binding || record->kind != PERFTRACE_RECORD_COMM)
		return NULL;
	return body_of(record->header);
}

static const struct mmap2_body *map_of(const struct perftrace_record *record)
{
	if (record->binding || record->kind != PERFTRACE_RECORD_MMAP)
		return NULL;
	return body_of(record->header);
}

static const struct overwritten_body *
overwritten_of(const struct perftrace_record *record)
{
	if (record->binding || record->kind != PERFTRACE_RECORD_OVERWRITTEN)
		return NULL;
	return body_of(record->header);
}

/* Of a task that is not the one which wrote the record. */
static const uint32_t *pid_and_tid_of(const struct perftrace_record *record)
{
	const struct comm_body *comm = comm_of(record);
	const struct mmap2_body *map = map_of(record);

	if (record->binding)
		return &sample_of(record)->pid;
	if (comm)
		return &comm->pid;
	if (map)
		return &map->pid;
	return record->header ? &record_sample_id_of(record->header)->pid :
				NULL;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_kind(struct perftrace_record *record)
{
	assert(record);
	return record->binding ? PERFTRACE_RECORD_SAMPLE :
				 (int32_t)record->kind;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_time_ns(struct perftrace_record *record)
{
	assert(record);
	return record->header ? record_time_of(record->header) :
				record->made_time;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_cpu(struct perftrace_record *record)
{
	assert(record);
	if (record->binding)
		return (int32_t)sample_of(record)->cpu;
	if (record->header)
		return (int32_t)record_sample_id_of(record->header)->cpu;
	return record->made_cpu;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_pid(struct perftrace_record *record)
{
	const struct task_body *task;
	const uint32_t *pid;

	assert(record);
	task = task_of(record);
	if (task)
		return (int32_t)task->pid;
	pid = pid_and_tid_of(record);
	return pid ? (int32_t)pid[0] : -1;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_tid(struct perftrace_record *record)
{
	const struct task_body *task;
	const uint32_t *pid;

	assert(record);
	task = task_of(record);
	if (task)
		return (int32_t)task->tid;
	pid = pid_and_tid_of(record);
	return pid ? (int32_t)pid[1] : -1;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_parent_pid(struct perftrace_record *record)
{
	const struct task_body *task;

	assert(record);
	task = task_of(record);
	return task ? (int32_t)task->ppid : -1;
}

PERFTRACE_EXPORT int32_t
perftrace_record_get_parent_tid(struct perftrace_record *record)
{
	const struct task_body *task;

	assert(record);
	task = task_of(record);
	return task ? (int32_t)task->ptid : -1;
}

PERFTRACE_EXPORT const char *
perftrace_record_get_comm(struct perftrace_record *record)
{
	const struct comm_body *comm;

	assert(record);
	comm = comm_of(record);
	return comm ? comm->comm :
		      comms_get(record->context->comms,
				perftrace_record_get_tid(record));
}

PERFTRACE_EXPORT bool perftrace_record_is_exec(struct perftrace_record *record)
{
	assert(record);
	return comm_of(record) &&
	       record->header->misc & PERF_RECORD_MISC_COMM_EXEC;
}

PERFTRACE_EXPORT struct perftrace_source *
perftrace_record_get_source(struct perftrace_record *record)
{
	assert(record);
	return record->binding ? record->binding->source : record->throttled;
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
	struct sample_parts parts;

	assert(record);
	if (!record->binding)
		return 0;
	/* Has been found before, when the record was taken apart. */
	find_parts(record->header, record->binding, &parts);
	return parts.period;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_lost(struct perftrace_record *record)
{
	assert(record);
	return record->binding ? 0 : record->lost;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_overwritten(struct perftrace_record *record)
{
	const struct overwritten_body *body;

	assert(record);
	body = overwritten_of(record);
	return body ? body->records : 0;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_overwritten_bytes(struct perftrace_record *record)
{
	const struct overwritten_body *body;

	assert(record);
	body = overwritten_of(record);
	return body ? body->bytes : 0;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_gap_begin_ns(struct perftrace_record *record)
{
	assert(record);
	return record->binding ? 0 : record->gap_begin;
}

PERFTRACE_EXPORT const void *
perftrace_record_get_raw(struct perftrace_record *record, size_t *size_bytes)
{
	assert(record);
	*size_bytes = record->binding ? record->raw_bytes : 0;
	return record->binding ? record->raw : NULL;
}

PERFTRACE_EXPORT size_t perftrace_record_get_callchain(
	struct perftrace_record *record, const uint64_t **addresses)
{
	struct sample_parts parts = { .callchain = NULL };

	assert(record);
	if (record->binding)
		find_parts(record->header, record->binding, &parts);
	*addresses = parts.callchain;
	return parts.num_callchain;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_map_address(struct perftrace_record *record)
{
	const struct mmap2_body *map;

	assert(record);
	map = map_of(record);
	return map ? map->address : 0;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_map_length_bytes(struct perftrace_record *record)
{
	const struct mmap2_body *map;

	assert(record);
	map = map_of(record);
	return map ? map->length : 0;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_map_offset_bytes(struct perftrace_record *record)
{
	const struct mmap2_body *map;

	assert(record);
	map = map_of(record);
	return map ? map->offset : 0;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_map_device(struct perftrace_record *record)
{
	const struct mmap2_body *map;

	assert(record);
	map = map_of(record);
	return map ? makedev(map->major, map->minor) : 0;
}

PERFTRACE_EXPORT uint64_t
perftrace_record_get_map_inode(struct perftrace_record *record)
{
	const struct mmap2_body *map;

	assert(record);
	map = map_of(record);
	return map ? map->inode : 0;
}

PERFTRACE_EXPORT uint32_t
perftrace_record_get_map_protection(struct perftrace_record *record)
{
	const struct mmap2_body *map;

	assert(record);
	map = map_of(record);
	return map ? map->protection : 0;
}

PERFTRACE_EXPORT uint32_t
perftrace_record_get_map_flags(struct perftrace_record *record)
{
	const struct mmap2_body *map;

	assert(record);
	map = map_of(record);
	return map ? map->flags : 0;
}

PERFTRACE_EXPORT const char *
perftrace_record_get_map_path(struct perftrace_record *record)
{
	const struct mmap2_body *map;

	assert(record);
	map = map_of(record);
	return map ? map->path : NULL;
}
