/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A batch takes its first record by perftrace_session_read(), with all that it
 * does: waiting, beginning a round, telling at the end what was lost. The others
 * come from the same round, for which nothing is asked of the kernel. When the
 * round is over, the batch is as well, even if it is not full: what it has can
 * be worked upon, and the next call waits for more.
 *
 * A record is taken only when there is room for it, whatever it holds. So none
 * is ever held back here, and single reads and batches can take turns.
 */
#include "batch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch_column.h"
#include "batch_field.h"
#include "batch_fill.h"
#include "batch_record.h"
#include "context.h"
#include "event.h"
#include "export.h"
#include "format.h"
#include "log.h"
#include "opening_readers.h"
#include "reader.h"
#include "session.h"

struct perftrace_batch {
	struct perftrace_context *context;
	struct log *log;
	struct batch_fill fill;
	/* Rows once stood in it. */
	bool was_read;
	/* What came behind the last batch's records. */
	int fault;
	struct failure *reason;
};

PERFTRACE_EXPORT int perftrace_batch_new(struct perftrace_context *context,
					 size_t capacity,
					 struct perftrace_batch **batch)
{
	struct log *log;
	struct perftrace_batch *made;

	assert(context);
	log = context_get_log(context);
	if (!capacity || capacity > INT32_MAX)
		return fail(log, -EINVAL,
			    "a batch of %zu records: it is 1 to %d", capacity,
			    INT32_MAX);
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail_memory(log);
	made->context = perftrace_context_ref(context);
	made->log = log;
	made->fill.capacity = capacity;
	*batch = made;
	return 0;
}

static void clear_entry(struct batch_entry *entry)
{
	batch_column_clear(&entry->column);
	batch_fields_clear(&entry->fields);
}

PERFTRACE_EXPORT void perftrace_batch_free(struct perftrace_batch *batch)
{
	size_t i;

	if (!batch)
		return;
	for (i = 0; i < batch->fill.num_entries; i++)
		clear_entry(&batch->fill.entries[i]);
	free(batch->fill.entries);
	batch_fill_clear(&batch->fill);
	free(batch->reason);
	perftrace_context_unref(batch->context);
	free(batch);
}

static int check_unread(struct perftrace_batch *batch)
{
	if (!batch->was_read)
		return 0;
	return fail(batch->log, -EBUSY,
		    "the batch has been read into: its columns stay as they "
		    "are");
}

/* Takes what is in @entry, in any case but for the column, which is made. */
static int append_entry(struct perftrace_batch *batch,
			struct batch_entry *entry, const char *name,
			const struct batch_type *type, size_t *index)
{
	struct batch_fill *fill = &batch->fill;
	struct batch_entry *larger = realloc(
		fill->entries, (fill->num_entries + 1) * sizeof(*larger));
	int ret = -ENOMEM;

	if (larger) {
		fill->entries = larger;
		ret = batch_column_init(batch->log, &entry->column, name, type,
					fill->capacity);
	}
	if (ret) {
		batch_fields_clear(&entry->fields);
		return fail_memory(batch->log);
	}
	if (index)
		*index = fill->num_entries;
	fill->entries[fill->num_entries++] = *entry;
	return 0;
}

PERFTRACE_EXPORT int perftrace_batch_add_column(struct perftrace_batch *batch,
						int32_t column, size_t *index)
{
	struct batch_entry entry = { .own = batch_record_find(column) };
	int ret;

	assert(batch);
	ret = check_unread(batch);
	if (ret)
		return ret;
	if (!entry.own)
		return fail(batch->log, -EINVAL,
			    "%d is not one of enum perftrace_column",
			    (int)column);
	return append_entry(batch, &entry, entry.own->name, &entry.own->type,
			    index);
}

static int append_fields(struct perftrace_batch *batch,
			 struct batch_fields *fields, const char *name,
			 size_t *index)
{
	struct batch_entry entry = { .fields = *fields };
	struct batch_type type;

	batch_fields_get_type(fields, &type);
	return append_entry(batch, &entry, name, &type, index);
}

PERFTRACE_EXPORT int perftrace_batch_add_field(struct perftrace_batch *batch,
					       struct perftrace_event *event,
					       const char *name, size_t *index)
{
	struct batch_fields fields = { 0 };
	struct perftrace_field *field;
	int ret;

	assert(batch);
	assert(event);
	ret = check_unread(batch);
	if (ret)
		return ret;
	if (event_get_context(event) != batch->context)
		return fail(batch->log, -EINVAL,
			    "%s was looked up in another context than the "
			    "batch's",
			    perftrace_event_get_name(event));
	ret = perftrace_event_find_field(event, name, &field);
	if (!ret)
		ret = batch_fields_add(batch->log, &fields, event, field);
	return ret ? ret : append_fields(batch, &fields, name, index);
}

static int check_session(struct perftrace_batch *batch,
			 const struct session_parts *parts)
{
	if (parts->context == batch->context)
		return 0;
	return fail(batch->log, -EINVAL,
		    "the session is of another context than the batch");
}

/* Once per event, however often that was added. */
static bool has_event(const struct session_parts *parts, size_t count,
		      const struct perftrace_event *event)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (perftrace_source_get_event(parts->sources[i]) == event)
			return true;
	}
	return false;
}

/* The field of each event that has one. */
static int collect_fields(struct perftrace_batch *batch,
			  const struct session_parts *parts, const char *name,
			  struct batch_fields *fields)
{
	size_t i;

	for (i = 0; i < parts->num_sources; i++) {
		struct perftrace_event *event =
			perftrace_source_get_event(parts->sources[i]);
		struct perftrace_field *field;
		struct format *format;
		int ret;

		if (has_event(parts, i, event))
			continue;
		ret = event_get_format(event, &format);
		if (ret)
			return ret;
		field = format_find_field(format, name, strlen(name));
		if (!field)
			continue;
		ret = batch_fields_add(batch->log, fields, event, field);
		if (ret)
			return ret;
	}
	return 0;
}

static int fail_nowhere(struct perftrace_batch *batch,
			const struct session_parts *parts, const char *name)
{
	struct perftrace_field *field;

	/* With one event, that one says what it has. */
	if (parts->num_sources == 1)
		return perftrace_event_find_field(
			perftrace_source_get_event(*parts->sources), name,
			&field);
	return fail(batch->log, -ENOENT,
		    "none of the session's %zu events has a field %s",
		    parts->num_sources, name);
}

PERFTRACE_EXPORT int
perftrace_batch_add_session_field(struct perftrace_batch *batch,
				  struct perftrace_session *session,
				  const char *name, size_t *index)
{
	struct batch_fields fields = { 0 };
	struct session_parts parts;
	int ret;

	assert(batch);
	assert(session);
	session_get_parts(session, &parts);
	ret = check_unread(batch);
	if (!ret)
		ret = check_session(batch, &parts);
	if (!ret && !name)
		ret = fail(batch->log, -EINVAL, "no field name given");
	if (!ret)
		ret = collect_fields(batch, &parts, name, &fields);
	if (!ret && !fields.count)
		ret = fail_nowhere(batch, &parts, name);
	if (ret) {
		batch_fields_clear(&fields);
		return ret;
	}
	return append_fields(batch, &fields, name, index);
}

static struct batch_column *column_of(struct perftrace_batch *batch,
				      size_t index)
{
	assert(batch);
	return index < batch->fill.num_entries ?
		       &batch->fill.entries[index].column :
		       NULL;
}

PERFTRACE_EXPORT int perftrace_batch_set_buffer(struct perftrace_batch *batch,
						size_t column, int32_t buffer,
						void *data, size_t size_bytes)
{
	struct batch_column *changed = column_of(batch, column);
	size_t i;
	int ret;

	if (!changed)
		return fail(batch->log, -EINVAL, "there is no column %zu",
			    column);
	ret = batch_column_set_buffer(batch->log, changed, buffer, data,
				      size_bytes);
	if (ret)
		return ret;
	/* What it held is not in the new one. */
	batch->fill.num_rows = 0;
	for (i = 0; i < batch->fill.num_entries; i++)
		batch_column_begin(&batch->fill.entries[i].column);
	return 0;
}

int batch_begin(struct perftrace_batch *batch,
		struct perftrace_source *const *sources, size_t num_sources)
{
	batch->was_read = true;
	return batch_fill_begin(batch->log, &batch->fill, sources, num_sources);
}

int batch_take_fault(struct perftrace_batch *batch)
{
	int fault = batch->fault;
	struct failure *reason = batch->reason;

	batch->fault = 0;
	batch->reason = NULL;
	if (fault && !reason)
		return fail(batch->log, fault,
			    "what came behind the last batch could not be "
			    "read");
	log_restore(batch->log, reason);
	return fault;
}

/* The rows before it are good, and this call's. */
static void keep_fault(struct perftrace_batch *batch, int fault)
{
	batch->fault = fault;
	batch->reason = log_save(batch->log);
}

bool batch_add(struct perftrace_batch *batch, struct perftrace_record *record)
{
	batch_fill_add(&batch->fill, record);
	return batch_fill_has_room(&batch->fill);
}

size_t batch_add_run(struct perftrace_batch *batch,
		     struct perftrace_record *records, size_t most)
{
	return batch_fill_add_run(&batch->fill, records, most);
}

int batch_end(struct perftrace_batch *batch)
{
	batch_fill_end(&batch->fill);
	return (int)batch->fill.num_rows;
}

/* What the reader has at hand: false when the batch is full. */
static bool take_at_hand(struct perftrace_batch *batch,
			 struct reader_cursor *cursor)
{
	while (cursor->at != cursor->end) {
		size_t left = (size_t)(cursor->end - cursor->at);
		size_t count = batch_add_run(batch, cursor->at, left);

		if (count)
			reader_pop_run(cursor, count);
		else
			batch_add(batch, reader_pop(cursor));
		if (!batch_fill_has_room(&batch->fill))
			return false;
	}
	return true;
}

/* The rest of the reader's round, or as much of it as fits. */
int batch_take(struct perftrace_batch *batch, struct perftrace_record *record,
	       struct reader *reader)
{
	struct reader_cursor *cursor = reader_get_cursor(reader);
	bool has_room = batch_add(batch, record);
	int ret = 1;

	while (has_room && ret > 0) {
		has_room = take_at_hand(batch, cursor);
		if (has_room)
			ret = reader_fill(reader);
	}
	if (ret < 0)
		keep_fault(batch, ret);
	return batch_end(batch);
}

static int check_read(struct perftrace_batch *batch,
		      const struct session_parts *parts)
{
	int ret = check_session(batch, parts);

	if (ret || batch->fill.num_entries)
		return ret;
	return fail(batch->log, -EINVAL, "the batch has no column");
}

PERFTRACE_EXPORT int
perftrace_session_read_batch(struct perftrace_session *session,
			     int32_t timeout_ms, struct perftrace_batch *batch)
{
	struct perftrace_record *record;
	struct session_parts parts;
	int ret;

	assert(session);
	assert(batch);
	session_get_parts(session, &parts);
	ret = check_read(batch, &parts);
	if (!ret)
		ret = batch_begin(batch, parts.sources, parts.num_sources);
	if (!ret)
		ret = batch_take_fault(batch);
	if (!ret)
		ret = perftrace_session_read(session, timeout_ms, &record);
	if (ret <= 0)
		return ret;
	return batch_take(batch, record, opening_get_reader(parts.opening));
}

PERFTRACE_EXPORT size_t
perftrace_batch_get_capacity(struct perftrace_batch *batch)
{
	assert(batch);
	return batch->fill.capacity;
}

PERFTRACE_EXPORT size_t
perftrace_batch_get_num_records(struct perftrace_batch *batch)
{
	assert(batch);
	return batch->fill.num_rows;
}

PERFTRACE_EXPORT size_t
perftrace_batch_get_num_columns(struct perftrace_batch *batch)
{
	assert(batch);
	return batch->fill.num_entries;
}

PERFTRACE_EXPORT const char *
perftrace_batch_get_column_name(struct perftrace_batch *batch, size_t column)
{
	const struct batch_column *asked = column_of(batch, column);

	return asked ? asked->name : NULL;
}

PERFTRACE_EXPORT const char *
perftrace_batch_get_column_format(struct perftrace_batch *batch, size_t column)
{
	const struct batch_column *asked = column_of(batch, column);

	return asked ? asked->type.format : NULL;
}

PERFTRACE_EXPORT size_t
perftrace_batch_get_null_count(struct perftrace_batch *batch, size_t column)
{
	const struct batch_column *asked = column_of(batch, column);

	return asked ? asked->num_nulls : 0;
}

static const struct batch_buffer *buffer_of(struct perftrace_batch *batch,
					    size_t column, int32_t buffer)
{
	const struct batch_column *asked = column_of(batch, column);

	return asked ? batch_column_get_buffer(asked, buffer) : NULL;
}

PERFTRACE_EXPORT const void *
perftrace_batch_get_buffer(struct perftrace_batch *batch, size_t column,
			   int32_t buffer)
{
	const struct batch_buffer *asked = buffer_of(batch, column, buffer);

	return asked ? asked->data : NULL;
}

PERFTRACE_EXPORT size_t perftrace_batch_get_buffer_bytes(
	struct perftrace_batch *batch, size_t column, int32_t buffer)
{
	const struct batch_buffer *asked = buffer_of(batch, column, buffer);

	return asked ? asked->size : 0;
}

PERFTRACE_EXPORT size_t perftrace_batch_get_min_buffer_bytes(
	struct perftrace_batch *batch, size_t column, int32_t buffer)
{
	const struct batch_column *asked = column_of(batch, column);

	return asked ? batch_column_get_min_bytes(asked, buffer) : 0;
}
