/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The arrays are those of the Arrow columnar format, "Physical Memory Layout":
 *
 *	integers	validity, values
 *	bytes		validity, offsets (int32_t, from 0), values
 *
 * in the machine's byte order, which Arrow wants to be the little one. Validity
 * is a bit per row, the lowest of a byte first. Behind the last row, what the
 * last byte has of bits is 0, and all else is of no meaning.
 *
 * Nothing ever moves: who has mapped an array into another language reads it
 * for as long as the batch lives. So bytes have a room that does not grow, and a
 * record is taken only when it will fit, whatever it holds: then it need never
 * be put back.
 */
#include "batch_column.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/batch.h>

#include "log.h"

/* What Arrow asks for, and what it recommends. */
#define LEAST_ALIGNMENT 8
#define ALIGNMENT	64

/* How much room per row bytes have that may be long, but seldom are. */
#define USUAL_BYTES 64

static const char *const buffer_names[BATCH_NUM_BUFFERS] = {
	[PERFTRACE_BUFFER_VALUES] = "values",
	[PERFTRACE_BUFFER_OFFSETS] = "offsets",
	[PERFTRACE_BUFFER_VALIDITY] = "validity",
};

static bool has_buffer(const struct batch_column *column, int32_t buffer)
{
	switch (buffer) {
	case PERFTRACE_BUFFER_VALUES:
		return true;
	case PERFTRACE_BUFFER_OFFSETS:
		return !column->type.width;
	case PERFTRACE_BUFFER_VALIDITY:
		return column->type.may_be_null;
	default:
		return false;
	}
}

size_t batch_column_get_min_bytes(const struct batch_column *column,
				  int32_t buffer)
{
	if (!has_buffer(column, buffer))
		return 0;
	switch (buffer) {
	case PERFTRACE_BUFFER_OFFSETS:
		return (column->capacity + 1) * sizeof(int32_t);
	case PERFTRACE_BUFFER_VALIDITY:
		return (column->capacity + 7) / 8;
	default:
		return column->type.width ?
			       column->capacity * column->type.width :
			       column->type.longest;
	}
}

/* Of the column's own: enough for most, where all would be too much. */
static size_t choose_bytes(const struct batch_column *column, int32_t buffer)
{
	size_t all, most;

	if (buffer != PERFTRACE_BUFFER_VALUES || column->type.width)
		return batch_column_get_min_bytes(column, buffer);
	all = column->capacity * column->type.longest;
	most = column->capacity * USUAL_BYTES + column->type.longest;
	if (most > INT32_MAX)
		most = INT32_MAX;
	return all < most ? all : most;
}

static bool make_buffer(struct batch_column *column, int32_t buffer)
{
	struct batch_buffer *made = &column->buffers[buffer];
	size_t room;

	if (!has_buffer(column, buffer))
		return true;
	made->size = choose_bytes(column, buffer);
	room = (made->size / ALIGNMENT + 1) * ALIGNMENT;
	made->data = aligned_alloc(ALIGNMENT, room);
	made->is_own = true;
	if (made->data)
		memset(made->data, 0, room);
	return made->data;
}

static void drop_buffer(struct batch_buffer *buffer)
{
	if (buffer->is_own)
		free(buffer->data);
	*buffer = (struct batch_buffer){ 0 };
}

int batch_column_init(struct log *log, struct batch_column *column,
		      const char *name, const struct batch_type *type,
		      size_t capacity)
{
	bool has_all;
	int32_t i;

	*column = (struct batch_column){ .type = *type, .capacity = capacity };
	column->name = strdup(name);
	has_all = column->name;
	for (i = 0; has_all && i < BATCH_NUM_BUFFERS; i++)
		has_all = make_buffer(column, i);
	if (has_all)
		return 0;
	batch_column_clear(column);
	return fail_memory(log);
}

void batch_column_clear(struct batch_column *column)
{
	size_t i;

	for (i = 0; i < BATCH_NUM_BUFFERS; i++)
		drop_buffer(&column->buffers[i]);
	free(column->name);
}

const struct batch_buffer *
batch_column_get_buffer(const struct batch_column *column, int32_t buffer)
{
	return has_buffer(column, buffer) ? &column->buffers[buffer] : NULL;
}

int batch_column_set_buffer(struct log *log, struct batch_column *column,
			    int32_t buffer, void *data, size_t size)
{
	size_t least = batch_column_get_min_bytes(column, buffer);

	if (!has_buffer(column, buffer))
		return fail(log, -EINVAL, "column %s has no buffer %d",
			    column->name, (int)buffer);
	if (!data)
		return fail(log, -EINVAL, "column %s: no memory for its %s",
			    column->name, buffer_names[buffer]);
	if ((uintptr_t)data % LEAST_ALIGNMENT)
		return fail(log, -EINVAL,
			    "column %s: the memory for its %s is not aligned "
			    "to %d bytes",
			    column->name, buffer_names[buffer],
			    LEAST_ALIGNMENT);
	if (size < least)
		return fail(log, -EINVAL,
			    "column %s: %zu bytes for its %s are too few, it "
			    "takes %zu",
			    column->name, size, buffer_names[buffer], least);
	drop_buffer(&column->buffers[buffer]);
	column->buffers[buffer] =
		(struct batch_buffer){ .data = data, .size = size };
	return 0;
}

static int32_t *offsets_of(struct batch_column *column)
{
	return column->buffers[PERFTRACE_BUFFER_OFFSETS].data;
}

static uint8_t *validity_of(struct batch_column *column)
{
	return column->buffers[PERFTRACE_BUFFER_VALIDITY].data;
}

void batch_column_begin(struct batch_column *column)
{
	column->used_bytes = 0;
	column->num_nulls = 0;
	if (!column->type.width)
		offsets_of(column)[0] = 0;
}

/* A null takes its bit away, so that a value need not touch it. */
void batch_column_begin_rows(struct batch_column *column, size_t first_row)
{
	if (column->type.may_be_null)
		validity_of(column)[first_row / 8] = 0xff;
}

void batch_column_end(struct batch_column *column, size_t num_rows)
{
	if (column->type.may_be_null && num_rows % 8)
		validity_of(column)[num_rows / 8] &=
			(uint8_t)((1u << num_rows % 8) - 1);
}

bool batch_column_has_room(const struct batch_column *column)
{
	size_t room = column->buffers[PERFTRACE_BUFFER_VALUES].size;

	if (column->type.width)
		return true;
	/* What an offset can say. */
	if (room > INT32_MAX)
		room = INT32_MAX;
	return column->type.longest <= room - column->used_bytes;
}

void batch_column_put_number(struct batch_column *column, size_t row,
			     uint64_t number)
{
	void *values = column->buffers[PERFTRACE_BUFFER_VALUES].data;

	switch (column->type.width) {
	case 1:
		((uint8_t *)values)[row] = (uint8_t)number;
		break;
	case 2:
		((uint16_t *)values)[row] = (uint16_t)number;
		break;
	case 4:
		((uint32_t *)values)[row] = (uint32_t)number;
		break;
	default:
		((uint64_t *)values)[row] = number;
	}
}

void batch_column_put_bytes(struct batch_column *column, size_t row,
			    const void *bytes, size_t size)
{
	char *values = column->buffers[PERFTRACE_BUFFER_VALUES].data;

	memcpy(values + column->used_bytes, bytes, size);
	column->used_bytes += size;
	offsets_of(column)[row + 1] = (int32_t)column->used_bytes;
}

void batch_column_put_null(struct batch_column *column, size_t row)
{
	validity_of(column)[row / 8] &= (uint8_t) ~(1u << row % 8);
	column->num_nulls++;
	if (column->type.width)
		batch_column_put_number(column, row, 0);
	else
		offsets_of(column)[row + 1] = (int32_t)column->used_bytes;
}
