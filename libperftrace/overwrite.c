/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A ring with attr.write_backward grows downward: each record is written below
 * the one before, data_head stands at the newest, and from there upward they
 * follow one another from new to old, until the first that a newer one has been
 * written over. The oldest is therefore cut anywhere, and only found to be so
 * because its size leads beyond the bytes that can be trusted.
 *
 * What was lost before a record, the kernel tells in the same piece of room as
 * the record, in front of it (__perf_output_begin() in
 * kernel/events/ring_buffer.c). In a forward ring this is the order of time; in
 * this one it is the only place where it is not, so the two stay together.
 */
#include "overwrite.h"

#include <errno.h>
#include <linux/perf_event.h>

#include "record.h"

/* 1: there is a record; 0: it is cut; -EBADMSG. */
static int look_at(const char *bytes, size_t size, size_t at,
		   const struct perf_event_header **record)
{
	const struct perf_event_header *header = (const void *)(bytes + at);

	if (size - at < sizeof(*header))
		return 0;
	if (header->size < RECORD_SMALLEST_BYTES || header->size % 8)
		return -EBADMSG;
	if (header->size > size - at)
		return 0;
	*record = header;
	return 1;
}

int overwrite_next(const void *bytes, size_t size, size_t *at,
		   struct overwrite_unit *unit)
{
	const struct perf_event_header *first, *second;
	int ret = look_at(bytes, size, *at, &first);

	if (ret <= 0)
		return ret;
	*unit = (struct overwrite_unit){
		.bytes = first,
		.size = first->size,
		.time = record_time_of(first),
		.record = first,
	};
	if (first->type == PERF_RECORD_LOST) {
		/* A part of a unit is none. */
		ret = look_at(bytes, size, *at + first->size, &second);
		if (ret <= 0)
			return ret;
		unit->size += second->size;
		unit->record = second;
		unit->lost = first;
	}
	*at += unit->size;
	return 1;
}

size_t overwrite_count_younger(const void *bytes, size_t size, uint64_t time)
{
	struct overwrite_unit unit;
	size_t at = 0, younger = 0;

	while (overwrite_next(bytes, size, &at, &unit) > 0 && unit.time > time)
		younger = at;
	return younger;
}

int overwrite_measure(const void *bytes, size_t size, size_t *whole)
{
	struct overwrite_unit unit;
	int ret;

	*whole = 0;
	do
		ret = overwrite_next(bytes, size, whole, &unit);
	while (ret > 0);
	return ret;
}
