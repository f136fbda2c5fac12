/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes as one record, and everything that can be asked of it. The first byte
 * says what the samples of its source have.
 *
 * Not perftrace_record_format(): see fuzz-format.c about libtraceevent.
 */
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "comms.h"
#include "fixed_format.h"
#include "format.h"
#include "log.h"
#include "record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t sink;

static struct format *format;
static struct log *event_log;

/* Touch them all: a sanitizer sees whose they are not. */
static void read_bytes(const void *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		sink += ((const unsigned char *)bytes)[i];
}

static void read_text(const char *text)
{
	if (text)
		sink += strlen(text);
}

static void ask_record(struct perftrace_record *record)
{
	const uint64_t *addresses;
	const void *raw;
	size_t size;

	sink += perftrace_record_get_time_ns(record);
	sink += perftrace_record_get_period(record);
	sink += perftrace_record_get_lost(record);
	sink += (uint64_t)perftrace_record_get_parent_pid(record);
	size = perftrace_record_get_callchain(record, &addresses);
	read_bytes(addresses, size * sizeof(*addresses));
	raw = perftrace_record_get_raw(record, &size);
	read_bytes(raw, size);
	read_text(perftrace_record_get_comm(record));
}

static void ask_map(struct perftrace_record *record)
{
	sink += perftrace_record_get_map_address(record);
	sink += perftrace_record_get_map_length_bytes(record);
	sink += perftrace_record_get_map_offset_bytes(record);
	sink += perftrace_record_get_map_device(record);
	sink += perftrace_record_get_map_inode(record);
	sink += perftrace_record_get_map_protection(record);
	sink += perftrace_record_get_map_flags(record);
	read_text(perftrace_record_get_map_path(record));
}

static void ask_array(struct perftrace_record *record,
		      struct perftrace_field *field)
{
	size_t i, count;
	uint64_t number;
	int64_t integer;

	if (perftrace_record_get_num_elements(record, field, &count))
		return;
	for (i = 0; i <= count; i++) {
		if (!perftrace_record_get_element_u64(record, field, i,
						      &number))
			sink += number;
		if (!perftrace_record_get_element_s64(record, field, i,
						      &integer))
			sink += (uint64_t)integer;
	}
}

static void ask_field(struct perftrace_record *record,
		      struct perftrace_field *field)
{
	const char *string;
	const void *bytes;
	uint64_t number;
	int64_t integer;
	size_t size;

	if (!perftrace_record_get_u64(record, field, &number))
		sink += number;
	if (!perftrace_record_get_s64(record, field, &integer))
		sink += (uint64_t)integer;
	if (!perftrace_record_get_string(record, field, &string, &size))
		read_bytes(string, size);
	if (!perftrace_record_get_bytes(record, field, &bytes, &size))
		read_bytes(bytes, size);
	ask_array(record, field);
}

static void ask(struct perftrace_record *record)
{
	size_t i;

	ask_record(record);
	ask_map(record);
	for (i = 0; i < format_get_num_fields(format); i++)
		ask_field(record, format_get_field(format, i));
}

static void fill_binding(uint8_t flags, struct record_binding *binding)
{
	/* Only compared with the fields' owner. */
	binding->event = (struct perftrace_event *)&format;
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

static void parse(const struct perf_event_header *header, uint8_t flags)
{
	struct comms *comms = comms_new();
	struct record_context context = { event_log, comms };
	struct perftrace_record record;
	struct record_binding binding = { 0 };

	if (!comms)
		abort();
	record_init(&record, &context);
	fill_binding(flags, &binding);
	record_parse(&record, header, flags & 8 ? NULL : &binding);
	ask(&record);
	/* As the reader does where it can. */
	if (header->size >= RECORD_SMALLEST_BYTES &&
	    header->type == PERF_RECORD_SAMPLE &&
	    record_take_sample(&record, header, &binding))
		ask(&record);
	comms_free(comms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct perf_event_header *header;
	size_t record_bytes = size ? (size - 1) / 8 * 8 : 0;

	if (!format) {
		event_log = log_new();
		format = fixed_format_new(event_log, &format);
	}
	if (record_bytes < sizeof(*header) || record_bytes > UINT16_MAX)
		return 0;
	header = malloc(record_bytes);
	if (!header)
		abort();
	memcpy(header, data + 1, record_bytes);
	/* The ring has seen to that. */
	header->size = (uint16_t)record_bytes;
	parse(header, data[0]);
	free(header);
	return 0;
}
