/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whatever depends on a record's source alone is found out before the first
 * record is taken: which number the source has, and for each column at which
 * offset its event has the value. A record costs a look at whose it is, and a
 * load and a store per column.
 *
 * The plans are those of the sources that the session had at the last read. An
 * address may be given again to another session's source, so that they are
 * compared at each read, with their events. Those of which a column has a field
 * are held by the column and are what they were; of the others, nothing is read.
 */
#include "batch_fill.h"

#include <stdlib.h>
#include <string.h>

#include <perftrace/batch.h>

#include "batch_record.h"
#include "field.h"
#include "log.h"
#include "record.h"

struct batch_step {
	enum {
		STEP_NULL,
		STEP_SOURCE,
		/* Of the record's own. */
		STEP_TIME,
		STEP_CPU,
		STEP_PID,
		STEP_TID,
		STEP_U64,
		STEP_S32,
		STEP_RARE,
		/* An integer in place, as wide as the column. */
		STEP_COPY_1,
		STEP_COPY_2,
		STEP_COPY_4,
		STEP_COPY_8,
		/* In place, and the column is wider. */
		STEP_WIDEN,
		STEP_STRING,
		STEP_BYTES,
	} kind;
	/* Of an integer in place. */
	uint32_t offset, end;
	union {
		const struct batch_own *own;
		const struct perftrace_field *field;
	};
};

struct batch_plan {
	struct perftrace_source *source;
	struct perftrace_event *event;
	int32_t number;
	const struct batch_step *steps;
};

void batch_fill_clear(struct batch_fill *fill)
{
	free(fill->plans);
	free(fill->steps);
	free(fill->table);
	free(fill->bytes_columns);
	fill->plans = NULL;
	fill->steps = NULL;
	fill->table = NULL;
	fill->bytes_columns = NULL;
	fill->last = NULL;
	fill->num_sources = fill->num_bytes_columns = fill->room = 0;
}

/* The source's place in the table, or the empty one where it belongs. */
static struct batch_plan **find(const struct batch_fill *fill,
				const struct perftrace_source *source)
{
	uint64_t hash = (uintptr_t)source * UINT64_C(0x9e3779b97f4a7c15);
	size_t place = (size_t)(hash >> 32) & (fill->room - 1);

	while (fill->table[place] && fill->table[place]->source != source)
		place = (place + 1) & (fill->room - 1);
	return &fill->table[place];
}

static bool allocate(struct batch_fill *fill, size_t num_sources)
{
	size_t num_plans = num_sources + 1;

	fill->room = 2;
	while (fill->room < 2 * num_plans)
		fill->room *= 2;
	fill->table = calloc(fill->room, sizeof(*fill->table));
	fill->plans = calloc(num_plans, sizeof(*fill->plans));
	fill->steps =
		calloc(num_plans * fill->num_entries, sizeof(*fill->steps));
	fill->bytes_columns =
		calloc(fill->num_entries, sizeof(*fill->bytes_columns));
	return fill->table && fill->plans && fill->steps && fill->bytes_columns;
}

static struct batch_step own_step(const struct batch_own *own)
{
	struct batch_step step = { .kind = STEP_RARE, .own = own };

	if (own->get_u64 == perftrace_record_get_time_ns)
		step.kind = STEP_TIME;
	else if (own->get_s32 == perftrace_record_get_cpu)
		step.kind = STEP_CPU;
	else if (own->get_s32 == perftrace_record_get_pid)
		step.kind = STEP_PID;
	else if (own->get_s32 == perftrace_record_get_tid)
		step.kind = STEP_TID;
	else if (own->get_u64)
		step.kind = STEP_U64;
	else if (own->get_s32)
		step.kind = STEP_S32;
	else if (!own->get_u32 && !own->get_bool && !own->get_bytes)
		step.kind = STEP_SOURCE;
	return step;
}

static struct batch_step integer_step(struct perftrace_field *field,
				      uint32_t width)
{
	uint32_t own_width = perftrace_field_get_size_bytes(field);
	uint32_t offset = perftrace_field_get_offset_bytes(field);
	struct batch_step step = {
		.kind = STEP_WIDEN,
		.offset = offset,
		.end = offset + own_width,
		.field = field,
	};

	/* Nothing lies beyond that; the sum would overflow. */
	if (offset > UINT16_MAX)
		step.kind = STEP_NULL;
	else if (own_width == width)
		step.kind = width == 1 ? STEP_COPY_1 :
			    width == 2 ? STEP_COPY_2 :
			    width == 4 ? STEP_COPY_4 :
					 STEP_COPY_8;
	return step;
}

static struct batch_step field_step(struct perftrace_field *field,
				    uint32_t width)
{
	if (!field)
		return (struct batch_step){ .kind = STEP_NULL };
	if (width)
		return integer_step(field, width);
	return (struct batch_step){
		.kind = perftrace_field_get_kind(field) ==
					PERFTRACE_FIELD_STRING ?
				STEP_STRING :
				STEP_BYTES,
		.field = field,
	};
}

static struct batch_step step_of(const struct batch_entry *entry,
				 const struct perftrace_event *event)
{
	if (entry->own)
		return own_step(entry->own);
	return field_step(batch_fields_find(&entry->fields, event),
			  entry->column.type.width);
}

static struct batch_plan *make_plan(struct batch_fill *fill, size_t index,
				    struct perftrace_event *event)
{
	struct batch_plan *plan = &fill->plans[index];
	struct batch_step *steps = &fill->steps[index * fill->num_entries];
	size_t i;

	plan->event = event;
	plan->number = (int32_t)index;
	plan->steps = steps;
	for (i = 0; i < fill->num_entries; i++)
		steps[i] = step_of(&fill->entries[i], event);
	return plan;
}

static void list_bytes_columns(struct batch_fill *fill)
{
	size_t i;

	for (i = 0; i < fill->num_entries; i++) {
		struct batch_column *column = &fill->entries[i].column;

		if (!column->type.width)
			fill->bytes_columns[fill->num_bytes_columns++] = column;
	}
}

static int make_plans(struct log *log, struct batch_fill *fill,
		      struct perftrace_source *const *sources,
		      size_t num_sources)
{
	size_t i;

	batch_fill_clear(fill);
	if (!allocate(fill, num_sources)) {
		batch_fill_clear(fill);
		return fail_memory(log);
	}
	for (i = 0; i < num_sources; i++) {
		struct batch_plan *plan = make_plan(
			fill, i, perftrace_source_get_event(sources[i]));

		plan->source = sources[i];
		*find(fill, sources[i]) = plan;
	}
	/* Of records that no source has written. */
	fill->last = make_plan(fill, num_sources, NULL);
	fill->plans[num_sources].number = -1;
	*find(fill, NULL) = &fill->plans[num_sources];
	fill->num_sources = num_sources;
	list_bytes_columns(fill);
	return 0;
}

static bool has_plans(const struct batch_fill *fill,
		      struct perftrace_source *const *sources,
		      size_t num_sources)
{
	size_t i;

	if (!fill->plans || fill->num_sources != num_sources)
		return false;
	for (i = 0; i < num_sources; i++) {
		if (fill->plans[i].source != sources[i] ||
		    fill->plans[i].event !=
			    perftrace_source_get_event(sources[i]))
			return false;
	}
	return true;
}

int batch_fill_begin(struct log *log, struct batch_fill *fill,
		     struct perftrace_source *const *sources,
		     size_t num_sources)
{
	size_t i;

	fill->num_rows = 0;
	for (i = 0; i < fill->num_entries; i++)
		batch_column_begin(&fill->entries[i].column);
	return has_plans(fill, sources, num_sources) ?
		       0 :
		       make_plans(log, fill, sources, num_sources);
}

bool batch_fill_has_room(const struct batch_fill *fill)
{
	size_t i;

	if (fill->num_rows == fill->capacity)
		return false;
	for (i = 0; i < fill->num_bytes_columns; i++) {
		if (!batch_column_has_room(fill->bytes_columns[i]))
			return false;
	}
	return true;
}

/* That of none when it is not the session's. */
static const struct batch_plan *look_up(const struct batch_fill *fill,
					const struct perftrace_source *source)
{
	const struct batch_plan *plan = *find(fill, source);

	return plan ? plan : &fill->plans[fill->num_sources];
}

static const struct batch_plan *find_plan(struct batch_fill *fill,
					  const struct perftrace_record *record)
{
	const struct perftrace_source *source =
		record->binding ? record->binding->source : NULL;

	if (fill->last->source != source)
		fill->last = look_up(fill, source);
	return fill->last;
}

static void put_rare(struct batch_column *column, size_t row,
		     const struct batch_own *own,
		     struct perftrace_record *record)
{
	const void *bytes;
	size_t size;

	if (own->get_u32) {
		batch_column_put_number(column, row, own->get_u32(record));
		return;
	}
	if (own->get_bool) {
		batch_column_put_number(column, row, own->get_bool(record));
		return;
	}
	bytes = own->get_bytes(record, &size);
	if (bytes)
		batch_column_put_bytes(column, row, bytes, size);
	else
		batch_column_put_null(column, row);
}

struct raw {
	const char *data;
	size_t size;
};

static void put_located(struct batch_column *column, size_t row,
			const struct batch_step *step, const struct raw *raw)
{
	const void *value;
	size_t size;

	if (field_locate(step->field, raw->data, raw->size, &value, &size)) {
		batch_column_put_null(column, row);
		return;
	}
	if (step->kind == STEP_WIDEN)
		batch_column_put_number(column, row,
					field_load(step->field, value, 0));
	else if (step->kind == STEP_STRING)
		batch_column_put_bytes(column, row, value,
				       strnlen(value, size));
	else
		batch_column_put_bytes(column, row, value, size);
}

/* @width is a constant: a load and a store. */
#define COPY(width)                                                            \
	do {                                                                   \
		if (step->end <= raw->size)                                    \
			memcpy(values + row * (width),                         \
			       raw->data + step->offset, width);               \
		else                                                           \
			batch_column_put_null(column, row);                    \
	} while (0)

static void put_value(struct batch_column *column, size_t row,
		      const struct batch_step *step,
		      const struct batch_plan *plan,
		      struct perftrace_record *record, const struct raw *raw)
{
	char *values = column->buffers[PERFTRACE_BUFFER_VALUES].data;

	switch (step->kind) {
	case STEP_NULL:
		batch_column_put_null(column, row);
		break;
	case STEP_SOURCE:
		((int32_t *)values)[row] = plan->number;
		break;
	case STEP_TIME:
	case STEP_U64:
		((uint64_t *)values)[row] = step->own->get_u64(record);
		break;
	case STEP_CPU:
	case STEP_PID:
	case STEP_TID:
	case STEP_S32:
		((int32_t *)values)[row] = step->own->get_s32(record);
		break;
	case STEP_RARE:
		put_rare(column, row, step->own, record);
		break;
	case STEP_COPY_1:
		COPY(1);
		break;
	case STEP_COPY_2:
		COPY(2);
		break;
	case STEP_COPY_4:
		COPY(4);
		break;
	case STEP_COPY_8:
		COPY(8);
		break;
	default:
		put_located(column, row, step, raw);
	}
}

static void begin_rows(struct batch_fill *fill, size_t first_row)
{
	size_t i;

	for (i = 0; i < fill->num_entries; i++)
		batch_column_begin_rows(&fill->entries[i].column, first_row);
}

void batch_fill_add(struct batch_fill *fill, struct perftrace_record *record)
{
	const struct batch_plan *plan = find_plan(fill, record);
	/* Of a record of no source, nobody reads them. */
	const struct raw raw = { record->raw, record->raw_bytes };
	size_t row = fill->num_rows++, i;

	if (row % 8 == 0)
		begin_rows(fill, row);
	for (i = 0; i < fill->num_entries; i++)
		put_value(&fill->entries[i].column, row, &plan->steps[i], plan,
			  record, &raw);
}

static const struct record_sample *
sample_of(const struct perftrace_record *record)
{
	return (const void *)record->header;
}

/* Where the width is a constant. */
#define COPY_RUN(width)                                                        \
	do {                                                                   \
		for (i = 0; i < count; i++) {                                  \
			const struct raw run = { records[i].raw,               \
						 records[i].raw_bytes };       \
			const struct raw *raw = &run;                          \
			size_t row = first_row + i;                            \
                                                                               \
			COPY(width);                                           \
		}                                                              \
	} while (0)

#define SAMPLE_RUN(type, member)                                               \
	do {                                                                   \
		for (i = 0; i < count; i++)                                    \
			((type *)values)[first_row + i] =                      \
				(type)sample_of(&records[i])->member;          \
	} while (0)

/* One column of a run of samples: what it is, is asked once. */
static void put_run(struct batch_column *column, size_t first_row,
		    const struct batch_step *step,
		    const struct batch_plan *plan,
		    struct perftrace_record *records, size_t count)
{
	char *values = column->buffers[PERFTRACE_BUFFER_VALUES].data;
	size_t i;

	switch (step->kind) {
	case STEP_TIME:
		SAMPLE_RUN(uint64_t, time);
		break;
	case STEP_CPU:
		SAMPLE_RUN(int32_t, cpu);
		break;
	case STEP_PID:
		SAMPLE_RUN(int32_t, pid);
		break;
	case STEP_TID:
		SAMPLE_RUN(int32_t, tid);
		break;
	case STEP_COPY_1:
		COPY_RUN(1);
		break;
	case STEP_COPY_2:
		COPY_RUN(2);
		break;
	case STEP_COPY_4:
		COPY_RUN(4);
		break;
	case STEP_COPY_8:
		COPY_RUN(8);
		break;
	default:
		for (i = 0; i < count; i++) {
			const struct raw raw = { records[i].raw,
						 records[i].raw_bytes };

			put_value(column, first_row + i, step, plan,
				  &records[i], &raw);
		}
	}
}

/* Samples that the same descriptors have written. */
static size_t count_run(const struct perftrace_record *records, size_t most)
{
	size_t count = 0;

	while (count < most && records[count].binding == records->binding)
		count++;
	return count;
}

size_t batch_fill_add_run(struct batch_fill *fill,
			  struct perftrace_record *records, size_t most)
{
	size_t room = fill->capacity - fill->num_rows, first = fill->num_rows;
	const struct batch_plan *plan;
	size_t count, row, i;

	/* Where bytes are put, room is to be asked for at each record. */
	if (!records->binding || fill->num_bytes_columns)
		return 0;
	count = count_run(records, most < room ? most : room);
	plan = find_plan(fill, records);
	for (row = (first + 7) / 8 * 8; row < first + count; row += 8)
		begin_rows(fill, row);
	for (i = 0; i < fill->num_entries; i++)
		put_run(&fill->entries[i].column, first, &plan->steps[i], plan,
			records, count);
	fill->num_rows += count;
	return count;
}

void batch_fill_end(struct batch_fill *fill)
{
	size_t i;

	for (i = 0; i < fill->num_entries; i++)
		batch_column_end(&fill->entries[i].column, fill->num_rows);
}
