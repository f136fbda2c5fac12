/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bytes.h"

#include <check.h>
#include <linux/perf_event.h>
#include <string.h>

void put(struct bytes *bytes, const void *part, size_t size)
{
	ck_assert_uint_le(size, sizeof(bytes->data) - bytes->count);
	memcpy(bytes->data + bytes->count, part, size);
	bytes->count += size;
}

void put_u16(struct bytes *bytes, uint16_t number)
{
	put(bytes, &number, sizeof(number));
}

void put_u32(struct bytes *bytes, uint32_t number)
{
	put(bytes, &number, sizeof(number));
}

void put_u64(struct bytes *bytes, uint64_t number)
{
	put(bytes, &number, sizeof(number));
}

void put_text(struct bytes *bytes, const char *text)
{
	put(bytes, text, strlen(text) + 1);
}

void pad(struct bytes *bytes)
{
	while (bytes->count % 8)
		put(bytes, "", 1);
}

void begin_record(struct bytes *bytes, uint32_t type, uint16_t misc)
{
	bytes->count = 0;
	put_u32(bytes, type);
	put_u16(bytes, misc);
	put_u16(bytes, 0);
}

void begin_sample(struct bytes *bytes, const struct stamp *stamp)
{
	begin_record(bytes, PERF_RECORD_SAMPLE, 0);
	put_u64(bytes, stamp->id);
	put_u32(bytes, stamp->pid);
	put_u32(bytes, stamp->tid);
	put_u64(bytes, stamp->time);
	put_u32(bytes, stamp->cpu);
	put_u32(bytes, 0);
}

void put_raw(struct bytes *bytes, const void *raw, size_t size)
{
	size_t padded = (size + sizeof(uint32_t) + 7) / 8 * 8;

	put_u32(bytes, (uint32_t)(padded - sizeof(uint32_t)));
	put(bytes, raw, size);
	pad(bytes);
}

void put_sample_id(struct bytes *bytes, const struct stamp *stamp)
{
	put_u32(bytes, stamp->pid);
	put_u32(bytes, stamp->tid);
	put_u64(bytes, stamp->time);
	put_u32(bytes, stamp->cpu);
	put_u32(bytes, 0);
	put_u64(bytes, stamp->id);
}

const struct perf_event_header *end_record(struct bytes *bytes)
{
	struct perf_event_header *header = (void *)bytes->data;

	header->size = (uint16_t)bytes->count;
	return header;
}

const struct perf_event_header *make_timed(struct bytes *bytes, uint64_t time,
					   uint64_t id)
{
	struct stamp stamp = { .time = time, .id = id };

	begin_record(bytes, PERF_RECORD_THROTTLE, 0);
	put_sample_id(bytes, &stamp);
	return end_record(bytes);
}
