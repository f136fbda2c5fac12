/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes as records, one behind the other, that become rows of a batch. The first
 * two bytes say what the samples have, and how little the batch holds.
 *
 * Each value is held against what the record's own functions say, and what the
 * batch holds in the end against Arrow's rules.
 */
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "comms.h"
#include "context.h"
#include "event.h"
#include "fixed_format.h"
#include "manifest.h"
#include "record.h"
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct perftrace_context *context;
static struct perftrace_source *source;
static struct perftrace_event *event;

struct fuzzed {
	struct perftrace_batch *batch;
	struct comms *comms;
	struct record_context record_context;
	struct perftrace_record storage;
	struct perftrace_record *record;
	struct record_binding binding;
	size_t num_rows;
};

static void expect(bool is_so)
{
	if (!is_so)
		abort();
}

static void make_source(void)
{
	const struct manifest_source manifest = {
		.event = { .kind = PERFTRACE_EVENT_TRACEPOINT,
			   .name = "test:event",
			   .tracefs_name = "test:event",
			   .id = 42,
			   .text = fixed_format_text },
	};

	expect(!perftrace_context_new(&context));
	expect(!source_adopt(context, &manifest, &source));
	event = perftrace_source_get_event(source);
}

static void add_columns(struct perftrace_batch *batch)
{
	int64_t i, count = perftrace_event_get_num_fields(event);
	int32_t own;

	expect(count > 0);
	for (i = 0; i < count; i++) {
		struct perftrace_field *field;

		expect(!perftrace_event_get_field(event, (size_t)i, &field));
		expect(!perftrace_batch_add_field(
			batch, event, perftrace_field_get_name(field), NULL));
	}
	for (own = 0; own <= PERFTRACE_COLUMN_MAP_PATH; own++)
		expect(!perftrace_batch_add_column(batch, own, NULL));
}

static bool is_valid(struct perftrace_batch *batch, size_t column, size_t row)
{
	const uint8_t *validity = perftrace_batch_get_buffer(
		batch, column, PERFTRACE_BUFFER_VALIDITY);

	return !validity || (validity[row / 8] >> row % 8 & 1);
}

static void check_offsets(struct perftrace_batch *batch, size_t column,
			  size_t num_rows)
{
	const int32_t *offsets = perftrace_batch_get_buffer(
		batch, column, PERFTRACE_BUFFER_OFFSETS);
	size_t row;

	expect(!offsets[0]);
	for (row = 0; row < num_rows; row++) {
		expect(offsets[row + 1] >= offsets[row]);
		expect(is_valid(batch, column, row) ||
		       offsets[row + 1] == offsets[row]);
	}
	expect((size_t)offsets[num_rows] <=
	       perftrace_batch_get_buffer_bytes(batch, column,
						PERFTRACE_BUFFER_VALUES));
}

static void check_batch(struct perftrace_batch *batch, size_t num_rows)
{
	size_t column, count = perftrace_batch_get_num_columns(batch);

	for (column = 0; column < count; column++) {
		size_t row, num_nulls = 0;

		for (row = 0; row < num_rows; row++)
			num_nulls += !is_valid(batch, column, row);
		expect(num_nulls ==
		       perftrace_batch_get_null_count(batch, column));
		if (perftrace_batch_get_buffer(batch, column,
					       PERFTRACE_BUFFER_OFFSETS))
			check_offsets(batch, column, num_rows);
	}
}

static const void *find_bytes(const struct fuzzed *fuzzed, size_t column,
			      size_t *size)
{
	const int32_t *offsets = perftrace_batch_get_buffer(
		fuzzed->batch, column, PERFTRACE_BUFFER_OFFSETS);
	const char *values = perftrace_batch_get_buffer(
		fuzzed->batch, column, PERFTRACE_BUFFER_VALUES);
	const int32_t *own = &offsets[fuzzed->num_rows - 1];

	*size = (size_t)(own[1] - own[0]);
	return values + own[0];
}

/* As wide as the field: no other event has a say in it. */
static void check_integer(const struct fuzzed *fuzzed, size_t column,
			  struct perftrace_field *field)
{
	size_t width = perftrace_field_get_size_bytes(field), size;
	const char *values = perftrace_batch_get_buffer(
		fuzzed->batch, column, PERFTRACE_BUFFER_VALUES);
	const void *bytes;

	expect(!perftrace_record_get_bytes(fuzzed->record, field, &bytes,
					   &size));
	expect(!memcmp(values + (fuzzed->num_rows - 1) * width, bytes, width));
}

static int get_value(const struct fuzzed *fuzzed, struct perftrace_field *field,
		     const void **bytes, size_t *size)
{
	if (perftrace_field_get_kind(field) == PERFTRACE_FIELD_STRING)
		return perftrace_record_get_string(fuzzed->record, field,
						   (const char **)bytes, size);
	return perftrace_record_get_bytes(fuzzed->record, field, bytes, size);
}

static void check_field(const struct fuzzed *fuzzed, size_t column,
			struct perftrace_field *field)
{
	bool is_there = is_valid(fuzzed->batch, column, fuzzed->num_rows - 1);
	const void *expected, *bytes;
	size_t expected_size, size;
	int ret = get_value(fuzzed, field, &expected, &expected_size);

	expect(is_there == !ret);
	if (ret)
		return;
	if (perftrace_field_get_kind(field) == PERFTRACE_FIELD_INTEGER) {
		check_integer(fuzzed, column, field);
		return;
	}
	bytes = find_bytes(fuzzed, column, &size);
	expect(size == expected_size && !memcmp(bytes, expected, size));
}

static void check_row(const struct fuzzed *fuzzed)
{
	int64_t i, count = perftrace_event_get_num_fields(event);

	for (i = 0; i < count; i++) {
		struct perftrace_field *field;

		expect(!perftrace_event_get_field(event, (size_t)i, &field));
		check_field(fuzzed, (size_t)i, field);
	}
}

static void end_batch(struct fuzzed *fuzzed)
{
	expect(batch_end(fuzzed->batch) == (int)fuzzed->num_rows);
	check_batch(fuzzed->batch, fuzzed->num_rows);
	fuzzed->num_rows = 0;
}

static void add(struct fuzzed *fuzzed, const struct perf_event_header *header)
{
	bool has_room;

	if (record_parse(fuzzed->record, header, &fuzzed->binding))
		return;
	if (!fuzzed->num_rows)
		expect(!batch_begin(fuzzed->batch, &source, 1));
	fuzzed->num_rows++;
	has_room = batch_add(fuzzed->batch, fuzzed->record);
	check_row(fuzzed);
	if (!has_room)
		end_batch(fuzzed);
}

/* As the ring sees to it: whole, and a multiple of 8. */
static size_t add_first(struct fuzzed *fuzzed, const uint8_t *data, size_t left)
{
	struct perf_event_header *header;
	uint16_t size;

	memcpy(&size, data + offsetof(struct perf_event_header, size),
	       sizeof(size));
	size &= (uint16_t)~7u;
	if (size < RECORD_SMALLEST_BYTES || size > left)
		size = (uint16_t)((left < 65528 ? left : 65528) & ~(size_t)7);
	header = malloc(size);
	expect(header);
	memcpy(header, data, size);
	header->size = size;
	add(fuzzed, header);
	free(header);
	return size;
}

static void fill_binding(struct record_binding *binding, uint8_t flags)
{
	binding->source = source;
	binding->event = event;
	binding->period = 1;
	binding->sample_type = RECORD_SAMPLE_TYPE;
	if (flags & 1)
		binding->sample_type |= PERF_SAMPLE_PERIOD;
	if (flags & 2)
		binding->sample_type |= PERF_SAMPLE_CALLCHAIN;
	if (flags & 4)
		binding->sample_type |= PERF_SAMPLE_RAW;
	binding->raw_offset = record_raw_offset(binding->sample_type);
}

static void begin(struct fuzzed *fuzzed, const uint8_t *head)
{
	*fuzzed = (struct fuzzed){ .comms = comms_new() };
	fuzzed->record_context =
		(struct record_context){ context_get_log(context),
					 fuzzed->comms };
	fuzzed->record = &fuzzed->storage;
	record_init(fuzzed->record, &fuzzed->record_context);
	fill_binding(&fuzzed->binding, head[0]);
	expect(!perftrace_batch_new(context, head[1] % 16 + 1, &fuzzed->batch));
	add_columns(fuzzed->batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzzed fuzzed;
	size_t at = 2;

	if (size < 2)
		return 0;
	if (!context)
		make_source();
	begin(&fuzzed, data);
	while (size - at >= RECORD_SMALLEST_BYTES)
		at += add_first(&fuzzed, data + at, size - at);
	if (fuzzed.num_rows)
		end_batch(&fuzzed);
	perftrace_batch_free(fuzzed.batch);
	comms_free(fuzzed.comms);
	return 0;
}
