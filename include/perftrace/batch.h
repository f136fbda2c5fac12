/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_BATCH_H
#define PERFTRACE_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include <perftrace/context.h>
#include <perftrace/event.h>
#include <perftrace/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: batch
 *
 * The next N records as columns: an array per column, a row per record. One
 * call of perftrace_session_read_batch() takes what many calls of
 * perftrace_session_read() would, which matters where a call is dear, as
 * through a foreign-function interface.
 *
 * A batch is made with its capacity, gets its columns, and is filled over and
 * over. Its arrays stay where they are, so that a caller maps them once. They
 * are laid out as the Arrow columnar format lays out arrays of these types, and
 * can be handed on through the Arrow C Data Interface without a copy:
 *
 *   values	integers of the machine's byte order, one per row; or bytes, those
 *		of all rows one behind the other
 *   offsets	only for bytes: int32_t, one more than there are rows, from 0;
 *		the bytes of row n are those from offsets[n] up to offsets[n + 1]
 *   validity	only where there may be nulls: a bit per row, the lowest bit of a
 *		byte first; 1: there is a value, 0: null
 *
 * Under a null, an integer is 0, and bytes are none.
 */
struct perftrace_batch;

/**
 * enum perftrace_column - what of a record itself makes a column
 * @PERFTRACE_COLUMN_KIND: perftrace_record_get_kind(); int32_t
 * @PERFTRACE_COLUMN_TIME_NS: perftrace_record_get_time_ns(); uint64_t
 * @PERFTRACE_COLUMN_CPU: perftrace_record_get_cpu(); int32_t
 * @PERFTRACE_COLUMN_PID: perftrace_record_get_pid(); int32_t
 * @PERFTRACE_COLUMN_TID: perftrace_record_get_tid(); int32_t
 * @PERFTRACE_COLUMN_SOURCE: the number of perftrace_record_get_source() in
 *	perftrace_session_get_source(), -1 for none; int32_t
 * @PERFTRACE_COLUMN_PERIOD: perftrace_record_get_period(); uint64_t
 * @PERFTRACE_COLUMN_LOST: perftrace_record_get_lost(); uint64_t
 * @PERFTRACE_COLUMN_PARENT_PID: perftrace_record_get_parent_pid(); int32_t
 * @PERFTRACE_COLUMN_PARENT_TID: perftrace_record_get_parent_tid(); int32_t
 * @PERFTRACE_COLUMN_IS_EXEC: perftrace_record_is_exec(), 0 or 1; uint8_t
 * @PERFTRACE_COLUMN_COMM: perftrace_record_get_comm(); bytes, null for none.
 *	A name that the session does not know is asked of /proc, once.
 * @PERFTRACE_COLUMN_CALLCHAIN: perftrace_record_get_callchain(), 8 bytes per
 *	address; bytes, null for none
 * @PERFTRACE_COLUMN_RAW: perftrace_record_get_raw(); bytes, null for none
 * @PERFTRACE_COLUMN_MAP_ADDRESS: perftrace_record_get_map_address(); uint64_t
 * @PERFTRACE_COLUMN_MAP_LENGTH_BYTES: perftrace_record_get_map_length_bytes();
 *	uint64_t
 * @PERFTRACE_COLUMN_MAP_OFFSET_BYTES: perftrace_record_get_map_offset_bytes();
 *	uint64_t
 * @PERFTRACE_COLUMN_MAP_DEVICE: perftrace_record_get_map_device(); uint64_t
 * @PERFTRACE_COLUMN_MAP_INODE: perftrace_record_get_map_inode(); uint64_t
 * @PERFTRACE_COLUMN_MAP_PROTECTION: perftrace_record_get_map_protection();
 *	uint32_t
 * @PERFTRACE_COLUMN_MAP_FLAGS: perftrace_record_get_map_flags(); uint32_t
 * @PERFTRACE_COLUMN_MAP_PATH: perftrace_record_get_map_path(); bytes, null for
 *	none
 *
 * Integers are what the functions return, and never null.
 */
enum perftrace_column {
	PERFTRACE_COLUMN_KIND = 0,
	PERFTRACE_COLUMN_TIME_NS = 1,
	PERFTRACE_COLUMN_CPU = 2,
	PERFTRACE_COLUMN_PID = 3,
	PERFTRACE_COLUMN_TID = 4,
	PERFTRACE_COLUMN_SOURCE = 5,
	PERFTRACE_COLUMN_PERIOD = 6,
	PERFTRACE_COLUMN_LOST = 7,
	PERFTRACE_COLUMN_PARENT_PID = 8,
	PERFTRACE_COLUMN_PARENT_TID = 9,
	PERFTRACE_COLUMN_IS_EXEC = 10,
	PERFTRACE_COLUMN_COMM = 11,
	PERFTRACE_COLUMN_CALLCHAIN = 12,
	PERFTRACE_COLUMN_RAW = 13,
	PERFTRACE_COLUMN_MAP_ADDRESS = 14,
	PERFTRACE_COLUMN_MAP_LENGTH_BYTES = 15,
	PERFTRACE_COLUMN_MAP_OFFSET_BYTES = 16,
	PERFTRACE_COLUMN_MAP_DEVICE = 17,
	PERFTRACE_COLUMN_MAP_INODE = 18,
	PERFTRACE_COLUMN_MAP_PROTECTION = 19,
	PERFTRACE_COLUMN_MAP_FLAGS = 20,
	PERFTRACE_COLUMN_MAP_PATH = 21
};

/**
 * enum perftrace_buffer - the arrays of a column
 * @PERFTRACE_BUFFER_VALUES: the integers, or the bytes of all rows
 * @PERFTRACE_BUFFER_OFFSETS: where each row's bytes begin and end
 * @PERFTRACE_BUFFER_VALIDITY: which rows have a value
 */
enum perftrace_buffer {
	PERFTRACE_BUFFER_VALUES = 0,
	PERFTRACE_BUFFER_OFFSETS = 1,
	PERFTRACE_BUFFER_VALIDITY = 2
};

/**
 * perftrace_batch_new() - make a batch
 * @context: a context; the batch holds a reference
 * @capacity: how many records it takes at most, 1 to INT32_MAX
 * @batch: the batch, without a column; to be released with
 *	perftrace_batch_free()
 *
 * Return: 0; -EINVAL when @capacity is out of range; -ENOMEM.
 */
int perftrace_batch_new(struct perftrace_context *context, size_t capacity,
			struct perftrace_batch **batch);

/**
 * perftrace_batch_free() - release a batch
 * @batch: a batch, or NULL
 *
 * With the arrays that it owns; the caller's stay as they are.
 */
void perftrace_batch_free(struct perftrace_batch *batch);

/**
 * perftrace_batch_add_column() - add what is known of every record
 * @batch: a batch that was not read into yet
 * @column: one of enum perftrace_column
 * @index: the column's number, from 0 in the order in which they are added;
 *	may be NULL
 *
 * Return: 0; -EINVAL when there is no such column; -EBUSY when the batch has
 * been read into; -ENOMEM.
 */
int perftrace_batch_add_column(struct perftrace_batch *batch, int32_t column,
			       size_t *index);

/**
 * perftrace_batch_add_field() - add a field of one event
 * @batch: a batch that was not read into yet
 * @event: an event of the batch's context; the batch holds a reference
 * @name: the field's name
 * @index: as in perftrace_batch_add_column()
 *
 * A PERFTRACE_FIELD_INTEGER keeps its width and its sign. A
 * PERFTRACE_FIELD_STRING is bytes, up to its zero byte; PERFTRACE_FIELD_ARRAY
 * and PERFTRACE_FIELD_BYTES are bytes, all of them, an array's elements in the
 * machine's byte order. Null in records that are no samples of @event, and in
 * one in which the value does not lie inside of the record.
 *
 * Return: 0; -ENOENT when the event has no such field, with those spelled
 * alike; -EINVAL when @event is of another context; -EBADMSG when its format
 * makes no sense; -EBUSY when the batch has been read into; -ENOMEM.
 */
int perftrace_batch_add_field(struct perftrace_batch *batch,
			      struct perftrace_event *event, const char *name,
			      size_t *index);

/**
 * perftrace_batch_add_session_field() - add a field of a session's events
 * @batch: a batch that was not read into yet
 * @session: a session of the batch's context, with its events added
 * @name: the field's name
 * @index: as in perftrace_batch_add_column()
 *
 * As perftrace_batch_add_field(), with the values of all events of the session
 * that have such a field now, and null for the others. Integers of several
 * widths or signs are widened to the narrowest type that holds them all.
 *
 * Return: 0; -ENOENT when no event has such a field; -EINVAL when the fields'
 * kinds differ, or no integer holds them all, with the two events named, or
 * @session is of another context; -EBADMSG when the format of an event makes
 * no sense; -EBUSY when the batch has been read into; -ENOMEM.
 */
int perftrace_batch_add_session_field(struct perftrace_batch *batch,
				      struct perftrace_session *session,
				      const char *name, size_t *index);

/**
 * perftrace_batch_set_buffer() - let an array be the caller's
 * @batch: a batch
 * @column: the column's number
 * @buffer: one of enum perftrace_buffer, which the column has
 * @data: the array; borrowed until another takes its place or the batch is
 *	freed; a multiple of 8, better of 64
 * @size_bytes: how large it is, at least
 *	perftrace_batch_get_min_buffer_bytes()
 *
 * Without this, the batch's own memory is used. May be called between reads,
 * so that what was read can be passed on while the next is read elsewhere; the
 * batch is empty then.
 *
 * More room for bytes than the least lets a batch take more records.
 *
 * Return: 0; -EINVAL when there is no such column or array, @data is NULL or
 * not aligned, or too small.
 */
int perftrace_batch_set_buffer(struct perftrace_batch *batch, size_t column,
			       int32_t buffer, void *data, size_t size_bytes);

/**
 * perftrace_session_read_batch() - the next records, as columns
 * @session: as for perftrace_session_read(), of the batch's context
 * @timeout_ms: how long to wait for the first record, as there
 * @batch: a batch with at least one column; what it holds is replaced
 *
 * Records of all kinds come in the order in which perftrace_session_read()
 * would hand them out; the two may take turns. Waits for the first alone, and
 * takes what then is there, up to the batch's capacity. It ends earlier when
 * the room for a column's bytes might not suffice for one more record; that
 * comes with the next batch.
 *
 * Return: the number of records, 1 or more; 0 at the end of the stream; what
 * perftrace_session_read() returns below 0, and the batch is empty: -EAGAIN,
 * -EINTR, -EBADMSG, -EINVAL, -ENOMEM; -EINVAL also when the batch has no column
 * or is of another context. What fails behind a first record is returned by the
 * next read into the same batch.
 */
int perftrace_session_read_batch(struct perftrace_session *session,
				 int32_t timeout_ms,
				 struct perftrace_batch *batch);

/**
 * perftrace_batch_get_capacity() - how many records it takes at most
 * @batch: a batch
 *
 * Return: the number.
 */
size_t perftrace_batch_get_capacity(struct perftrace_batch *batch);

/**
 * perftrace_batch_get_num_records() - how many records it holds
 * @batch: a batch
 *
 * Return: the number, which is the length of each column.
 */
size_t perftrace_batch_get_num_records(struct perftrace_batch *batch);

/**
 * perftrace_batch_get_num_columns() - how many columns were added
 * @batch: a batch
 *
 * Return: the number.
 */
size_t perftrace_batch_get_num_columns(struct perftrace_batch *batch);

/**
 * perftrace_batch_get_column_name() - what a column is called
 * @batch: a batch
 * @column: the column's number
 *
 * Return: the field's name, or "time_ns" for PERFTRACE_COLUMN_TIME_NS and so
 * on; owned by the batch. NULL when there is no such column.
 */
const char *perftrace_batch_get_column_name(struct perftrace_batch *batch,
					    size_t column);

/**
 * perftrace_batch_get_column_format() - a column's type
 * @batch: a batch
 * @column: the column's number
 *
 * Return: a format string of the Arrow C Data Interface: "c", "s", "i", "l" for
 * signed integers of 1, 2, 4, 8 bytes, "C", "S", "I", "L" for unsigned ones, "z"
 * for bytes. Owned by the library; NULL when there is no such column.
 */
const char *perftrace_batch_get_column_format(struct perftrace_batch *batch,
					      size_t column);

/**
 * perftrace_batch_get_null_count() - how many rows of a column are null
 * @batch: a batch
 * @column: the column's number
 *
 * Return: the number; 0 when there is no such column.
 */
size_t perftrace_batch_get_null_count(struct perftrace_batch *batch,
				      size_t column);

/**
 * perftrace_batch_get_buffer() - an array of a column
 * @batch: a batch
 * @column: the column's number
 * @buffer: one of enum perftrace_buffer
 *
 * It stays at its place until perftrace_batch_set_buffer() or
 * perftrace_batch_free(); its content changes with each read. The batch's own
 * are aligned to 64 bytes.
 *
 * Return: the array, owned by the batch or by who set it; NULL when there is no
 * such column, or the column has no such array.
 */
const void *perftrace_batch_get_buffer(struct perftrace_batch *batch,
				       size_t column, int32_t buffer);

/**
 * perftrace_batch_get_buffer_bytes() - how large an array is
 * @batch: a batch
 * @column: the column's number
 * @buffer: one of enum perftrace_buffer
 *
 * Return: the size; 0 when there is no such column or array.
 */
size_t perftrace_batch_get_buffer_bytes(struct perftrace_batch *batch,
					size_t column, int32_t buffer);

/**
 * perftrace_batch_get_min_buffer_bytes() - how large an array must be
 * @batch: a batch
 * @column: the column's number
 * @buffer: one of enum perftrace_buffer
 *
 * For bytes, it is the room for the longest value that may come: the field's
 * size, or 65535 where a record says how long the value is.
 *
 * Return: the least size; 0 when there is no such column or array.
 */
size_t perftrace_batch_get_min_buffer_bytes(struct perftrace_batch *batch,
					    size_t column, int32_t buffer);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_BATCH_H */
