/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_RECORD_H
#define PERFTRACE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <perftrace/event.h>
#include <perftrace/field.h>
#include <perftrace/source.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: record
 *
 * What perftrace_session_read() hands out: a view of one record in its ring.
 * It, and every pointer got from it, is valid until the next read, wait, stop,
 * snapshot or close of the same session. Nothing is copied unless the record wraps around the
 * ring's end.
 *
 * The layouts are those of perf_event_open(2), "MMAP layout".
 */
struct perftrace_record;

/**
 * enum perftrace_record_kind - what a record is
 * @PERFTRACE_RECORD_OTHER: a record of the kernel's that this version has no
 *	reader for
 * @PERFTRACE_RECORD_SAMPLE: an event happened
 * @PERFTRACE_RECORD_LOST: records were lost here; perftrace_record_get_lost()
 * @PERFTRACE_RECORD_THROTTLE: the kernel stopped an event for this tick
 * @PERFTRACE_RECORD_UNTHROTTLE: and lets it go on
 * @PERFTRACE_RECORD_FORK: a task started
 * @PERFTRACE_RECORD_EXIT: a task ended
 * @PERFTRACE_RECORD_COMM: a task has a new name
 * @PERFTRACE_RECORD_MMAP: a task mapped a file
 * @PERFTRACE_RECORD_OVERWRITTEN: records were written over before this
 *	snapshot of the CPU; perftrace_record_get_overwritten()
 * @PERFTRACE_RECORD_GAP: nothing was recorded of this CPU for a while, for it was
 *	offline; perftrace_record_get_gap_begin_ns()
 */
enum perftrace_record_kind {
	PERFTRACE_RECORD_OTHER = 0,
	PERFTRACE_RECORD_SAMPLE = 1,
	PERFTRACE_RECORD_LOST = 2,
	PERFTRACE_RECORD_THROTTLE = 3,
	PERFTRACE_RECORD_UNTHROTTLE = 4,
	PERFTRACE_RECORD_FORK = 5,
	PERFTRACE_RECORD_EXIT = 6,
	PERFTRACE_RECORD_COMM = 7,
	PERFTRACE_RECORD_MMAP = 8,
	PERFTRACE_RECORD_OVERWRITTEN = 9,
	PERFTRACE_RECORD_GAP = 10
};

/**
 * perftrace_record_get_kind() - what the record is
 * @record: a record
 *
 * Return: one of enum perftrace_record_kind; later versions may add to it.
 */
int32_t perftrace_record_get_kind(struct perftrace_record *record);

/**
 * perftrace_record_get_time_ns() - when
 * @record: a record
 *
 * Return: nanoseconds of the session's clock.
 */
uint64_t perftrace_record_get_time_ns(struct perftrace_record *record);

/**
 * perftrace_record_get_cpu() - where
 * @record: a record
 *
 * Return: the kernel's number of the CPU that wrote the record.
 */
int32_t perftrace_record_get_cpu(struct perftrace_record *record);

/**
 * perftrace_record_get_pid() - whose process
 * @record: a record
 *
 * Return: the process id in the caller's pid namespace; 0 for the idle task,
 * -1 for a task that is gone or not in the namespace. For a fork that of the
 * new task.
 */
int32_t perftrace_record_get_pid(struct perftrace_record *record);

/**
 * perftrace_record_get_tid() - whose thread
 * @record: a record
 *
 * Return: the thread id, as perftrace_record_get_pid().
 */
int32_t perftrace_record_get_tid(struct perftrace_record *record);

/**
 * perftrace_record_get_parent_pid() - who forked
 * @record: a record
 *
 * Return: the process id of the parent for a fork or an exit; -1 otherwise.
 */
int32_t perftrace_record_get_parent_pid(struct perftrace_record *record);

/**
 * perftrace_record_get_parent_tid() - which thread forked
 * @record: a record
 *
 * Return: the thread id of the parent for a fork or an exit; -1 otherwise.
 */
int32_t perftrace_record_get_parent_tid(struct perftrace_record *record);

/**
 * perftrace_record_get_comm() - the task's name
 * @record: a record
 *
 * Return: the new name for PERFTRACE_RECORD_COMM; otherwise the name that the
 * record's thread had when the record was read, as far as the session has seen
 * it or /proc knows it; NULL when neither has. Owned by the record.
 */
const char *perftrace_record_get_comm(struct perftrace_record *record);

/**
 * perftrace_record_is_exec() - does the new name come from an exec?
 * @record: a record
 *
 * Return: true for a PERFTRACE_RECORD_COMM that execve(2) caused.
 */
bool perftrace_record_is_exec(struct perftrace_record *record);

/**
 * perftrace_record_get_source() - which event of the session
 * @record: a record
 *
 * Return: the source of a sample, and of the records that say that it was
 * throttled or is no more, owned by the session; NULL for a record that belongs
 * to none.
 */
struct perftrace_source *
perftrace_record_get_source(struct perftrace_record *record);

/**
 * perftrace_record_get_event() - which event
 * @record: a record
 *
 * Return: the event of a sample's source, whose fields the record has, owned by
 * the session; NULL for a record that is no sample.
 */
struct perftrace_event *
perftrace_record_get_event(struct perftrace_record *record);

/**
 * perftrace_record_get_period() - how many events a sample stands for
 * @record: a record
 *
 * Return: the period of a sample, 0 for other records. An event that carries a
 * weight, as sched:sched_stat_runtime does its nanoseconds, has that weight for
 * a period when each of its events is sampled.
 */
uint64_t perftrace_record_get_period(struct perftrace_record *record);

/**
 * perftrace_record_get_lost() - how many records are missing here
 * @record: a record
 *
 * The number covers all sources of the CPU's ring; whose they were is in the
 * ledgers. What the kernel has counted but not reported by the end of the
 * stream comes as last records of this kind.
 *
 * Return: the number for PERFTRACE_RECORD_LOST, 0 for others.
 */
uint64_t perftrace_record_get_lost(struct perftrace_record *record);

/**
 * perftrace_record_get_overwritten() - how many records were written over here
 * @record: a record
 *
 * The number covers all sources of the CPU's ring; whose they were is in the
 * ledgers. It has no side-band records, and no samples of sources whose count
 * is no number of samples: with a period other than 1, or of an event that
 * carries a weight. While the session runs, a few may be told by the next
 * snapshot only, or, when more than a ring was written meanwhile, all.
 *
 * Return: the number for PERFTRACE_RECORD_OVERWRITTEN; 0 when it is not known,
 * and for others.
 */
uint64_t perftrace_record_get_overwritten(struct perftrace_record *record);

/**
 * perftrace_record_get_overwritten_bytes() - how much was written over here
 * @record: a record
 *
 * Return: how many bytes of records of any kind the CPU's ring has had between
 * the snapshot before and the next record of the CPU, always exact; 0 when the
 * record tells only of more that are known of an earlier gap or that were not
 * read in time, and for others than PERFTRACE_RECORD_OVERWRITTEN.
 */
uint64_t
perftrace_record_get_overwritten_bytes(struct perftrace_record *record);

/**
 * perftrace_record_get_gap_begin_ns() - since when nothing was recorded of a CPU
 * @record: a record
 *
 * The CPU, perftrace_record_get_cpu(), had gone offline, or came online only now.
 * What happened there until perftrace_record_get_time_ns() is neither in the
 * stream nor in the counts nor in the ledgers. The beginning is reckoned from how
 * long the kernel says that the CPU's events were enabled; it is that of the
 * session's start for a CPU that was offline then.
 *
 * Return: a time in nanoseconds, by the session's clock, for
 * PERFTRACE_RECORD_GAP; 0 for others.
 */
uint64_t perftrace_record_get_gap_begin_ns(struct perftrace_record *record);

/**
 * perftrace_record_get_raw() - the event's data as the kernel wrote it
 * @record: a record
 * @size_bytes: how long it is, the kernel's padding included
 *
 * Return: the data in the ring, aligned to 4 bytes; NULL and 0 for records
 * without.
 */
const void *perftrace_record_get_raw(struct perftrace_record *record,
				     size_t *size_bytes);

/**
 * perftrace_record_get_callchain() - the stack, when it was asked for
 * @record: a record
 * @addresses: the innermost frame first, in the ring, with the kernel's
 *	PERF_CONTEXT_KERNEL and PERF_CONTEXT_USER markers
 *
 * Return: the number of addresses; 0, and NULL, without a callchain.
 */
size_t perftrace_record_get_callchain(struct perftrace_record *record,
				      const uint64_t **addresses);

/**
 * perftrace_record_get_map_address() - where a file was mapped
 * @record: a record
 *
 * Return: the address for PERFTRACE_RECORD_MMAP, 0 for others.
 */
uint64_t perftrace_record_get_map_address(struct perftrace_record *record);

/**
 * perftrace_record_get_map_length_bytes() - how much was mapped
 * @record: a record
 *
 * Return: the length for PERFTRACE_RECORD_MMAP, 0 for others.
 */
uint64_t perftrace_record_get_map_length_bytes(struct perftrace_record *record);

/**
 * perftrace_record_get_map_offset_bytes() - from where in the file
 * @record: a record
 *
 * Return: the offset for PERFTRACE_RECORD_MMAP, 0 for others.
 */
uint64_t perftrace_record_get_map_offset_bytes(struct perftrace_record *record);

/**
 * perftrace_record_get_map_device() - on which device the file is
 * @record: a record
 *
 * Return: the device as makedev(3) builds it, for PERFTRACE_RECORD_MMAP; 0 for
 * others, and for mappings without a file.
 */
uint64_t perftrace_record_get_map_device(struct perftrace_record *record);

/**
 * perftrace_record_get_map_inode() - which file it is
 * @record: a record
 *
 * Return: the inode number for PERFTRACE_RECORD_MMAP, 0 for others.
 */
uint64_t perftrace_record_get_map_inode(struct perftrace_record *record);

/**
 * perftrace_record_get_map_protection() - how it was mapped
 * @record: a record
 *
 * Return: the PROT_ bits of mmap(2) for PERFTRACE_RECORD_MMAP, 0 for others.
 */
uint32_t perftrace_record_get_map_protection(struct perftrace_record *record);

/**
 * perftrace_record_get_map_flags() - how it was mapped
 * @record: a record
 *
 * Return: the MAP_ bits of mmap(2) for PERFTRACE_RECORD_MMAP, 0 for others.
 */
uint32_t perftrace_record_get_map_flags(struct perftrace_record *record);

/**
 * perftrace_record_get_map_path() - the file's path
 * @record: a record
 *
 * Return: the path as the task saw it, or the kernel's name for a mapping
 * without a file, such as "[vdso]"; NULL for other records. Owned by the
 * record.
 */
const char *perftrace_record_get_map_path(struct perftrace_record *record);

/**
 * perftrace_record_get_u64() - an integer field
 * @record: a sample
 * @field: an integer field of the sample's event
 * @value: the value
 *
 * Return: 0; -EINVAL when @field is of another event or no integer; -ERANGE
 * when the value is negative; -EBADMSG when the record is too short for the
 * field.
 */
int perftrace_record_get_u64(struct perftrace_record *record,
			     struct perftrace_field *field, uint64_t *value);

/**
 * perftrace_record_get_s64() - an integer field
 * @record: a sample
 * @field: an integer field of the sample's event
 * @value: the value
 *
 * Return: as perftrace_record_get_u64(); -ERANGE when the value is above
 * INT64_MAX.
 */
int perftrace_record_get_s64(struct perftrace_record *record,
			     struct perftrace_field *field, int64_t *value);

/**
 * perftrace_record_get_string() - a string field
 * @record: a sample
 * @field: a string field of the sample's event, in place or dynamic
 * @string: where it starts, in the ring; not ended by a zero byte where the
 *	kernel filled the whole array
 * @length_bytes: how long it is without the zero byte
 *
 * Return: 0; -EINVAL when @field is of another event or no string; -EBADMSG
 * when it does not lie inside of the record.
 */
int perftrace_record_get_string(struct perftrace_record *record,
				struct perftrace_field *field,
				const char **string, size_t *length_bytes);

/**
 * perftrace_record_get_bytes() - any field as it stands
 * @record: a sample
 * @field: a field of the sample's event, of any kind
 * @bytes: where the value starts, in the ring; not aligned
 * @size_bytes: how long it is; for a dynamic field that of the value
 *
 * Return: 0; -EINVAL when @field is of another event; -EBADMSG when it does
 * not lie inside of the record.
 */
int perftrace_record_get_bytes(struct perftrace_record *record,
			       struct perftrace_field *field,
			       const void **bytes, size_t *size_bytes);

/**
 * perftrace_record_get_num_elements() - how long an array is
 * @record: a sample
 * @field: an array field of the sample's event, in place or dynamic
 * @num_elements: the number of its elements
 *
 * Return: 0; -EINVAL when @field is of another event or no array; -EBADMSG
 * when it does not lie inside of the record.
 */
int perftrace_record_get_num_elements(struct perftrace_record *record,
				      struct perftrace_field *field,
				      size_t *num_elements);

/**
 * perftrace_record_get_element_u64() - one element of an array
 * @record: a sample
 * @field: an array field of the sample's event
 * @index: from 0
 * @value: the value
 *
 * Return: as perftrace_record_get_u64(); -EINVAL also when @index is too
 * large.
 */
int perftrace_record_get_element_u64(struct perftrace_record *record,
				     struct perftrace_field *field,
				     size_t index, uint64_t *value);

/**
 * perftrace_record_get_element_s64() - one element of an array
 * @record: a sample
 * @field: an array field of the sample's event
 * @index: from 0
 * @value: the value
 *
 * Return: as perftrace_record_get_s64(); -EINVAL also when @index is too
 * large.
 */
int perftrace_record_get_element_s64(struct perftrace_record *record,
				     struct perftrace_field *field,
				     size_t index, int64_t *value);

/**
 * perftrace_record_format() - a record as a line of text
 * @record: a record of any kind
 * @buffer: where the text goes, always ended by a zero byte; NULL when
 *	@size_bytes is 0
 * @size_bytes: how much room there is
 *
 * Laid out like a line of perf-script(1): command, thread, CPU, time in
 * seconds, event, decoded fields. Without a newline.
 *
 * Return: the length of the whole text without the zero byte, also when it did
 * not fit, like snprintf(3); -EBADMSG when the event's format makes no sense;
 * -ENOMEM.
 */
int64_t perftrace_record_format(struct perftrace_record *record, char *buffer,
				size_t size_bytes);

/**
 * perftrace_record_format_fields() - only the decoded fields
 * @record: a sample
 * @buffer: as perftrace_record_format()
 * @size_bytes: how much room there is
 *
 * The event's print format applied to the record, as after the event's name in
 * a line of perf-script(1): libtraceevent's text, byte for byte, by a print
 * format that is compiled once. Bytes of @buffer behind the text may change.
 *
 * Return: as perftrace_record_format(); -EINVAL when the record is no sample.
 */
int64_t perftrace_record_format_fields(struct perftrace_record *record,
				       char *buffer, size_t size_bytes);

/**
 * perftrace_record_print() - write a record as a line of text
 * @record: a record of any kind
 * @fd: a descriptor that is open for writing, such as 1
 *
 * Writes perftrace_record_format() and a newline with write(2), around any
 * stdio buffer of the caller's. Goes on after a signal and after a short write;
 * where the descriptor does not block, -EAGAIN may leave part of a line
 * written.
 *
 * Return: 0; what perftrace_record_format() returns; the -errno of write(2).
 */
int perftrace_record_print(struct perftrace_record *record, int32_t fd);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_RECORD_H */
