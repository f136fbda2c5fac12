/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes as the copy of a ring that was written over: what is found in it is
 * whole, in one piece, and the same each time.
 */
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "overwrite.h"
#include "record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t sink;

static void read_bytes(const struct perf_event_header *record)
{
	size_t i;

	for (i = 0; i < record->size; i++)
		sink += ((const unsigned char *)record)[i];
}

static void check_unit(const struct overwrite_unit *unit, const char *at)
{
	size_t size = unit->record->size;
	uint64_t time = record_time_of(unit->record);

	if (unit->bytes != at || !unit->size || unit->size % 8)
		abort();
	if (!unit->lost && time != unit->time)
		abort();
	read_bytes(unit->record);
	if (unit->lost) {
		sink += record_read_lost(unit->lost);
		size += unit->lost->size;
	} else if (unit->record->type == PERF_RECORD_SAMPLE) {
		sink += record_read_period(unit->record);
	}
	if (size != unit->size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t at = 0, before = 0, whole, younger;
	/* Ends with the bytes, so that a sanitizer sees whoever goes beyond. */
	char *bytes = malloc(size + 1);
	struct overwrite_unit unit;
	uint64_t first_time = 0;
	int ret;

	if (!bytes)
		abort();
	memcpy(bytes, data, size);
	while ((ret = overwrite_next(bytes, size, &at, &unit)) > 0) {
		check_unit(&unit, bytes + before);
		if (!before)
			first_time = unit.time;
		before = at;
	}
	if (at != before || at > size)
		abort();
	if (overwrite_measure(bytes, size, &whole) != ret || whole != at)
		abort();
	/* A part has no more than the whole. */
	overwrite_measure(bytes, size / 2, &whole);
	if (whole > size / 2 || whole > at)
		abort();
	younger = overwrite_count_younger(bytes, size, 0);
	if (younger > at || overwrite_count_younger(bytes, size, first_time))
		abort();
	free(bytes);
	return 0;
}
