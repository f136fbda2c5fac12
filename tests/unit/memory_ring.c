/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory_ring.h"

#include <check.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "ring.h"

#define PAGE_BYTES 4096

void memory_ring_make(struct memory_ring *memory, size_t data_bytes,
		      uint64_t start)
{
	memory->control = calloc(1, PAGE_BYTES + data_bytes);
	ck_assert_ptr_nonnull(memory->control);
	memory->control->data_head = start;
	memory->control->data_tail = start;
	memory->data = (unsigned char *)memory->control + PAGE_BYTES;
	memory->data_bytes = data_bytes;
	memory->ring = ring_over(memory->control, PAGE_BYTES, data_bytes);
	ck_assert_ptr_nonnull(memory->ring);
}

void memory_ring_clear(struct memory_ring *memory)
{
	ring_free(memory->ring);
	free(memory->control);
}

bool memory_ring_write(struct memory_ring *memory,
		       const struct perf_event_header *record)
{
	uint64_t head = memory->control->data_head;
	size_t i;

	if (head + record->size - memory->control->data_tail >
	    memory->data_bytes)
		return false;
	for (i = 0; i < record->size; i++)
		memory->data[(head + i) % memory->data_bytes] =
			((const unsigned char *)record)[i];
	memory->control->data_head = head + record->size;
	return true;
}

uint64_t memory_ring_get_head(struct memory_ring *memory)
{
	return memory->control->data_head;
}

uint64_t memory_ring_get_tail(struct memory_ring *memory)
{
	return memory->control->data_tail;
}

void memory_ring_set_head(struct memory_ring *memory, uint64_t head)
{
	memory->control->data_head = head;
}

struct perf_event_header *memory_ring_header(struct memory_ring *memory,
					     uint64_t position)
{
	return (void *)(memory->data + position % memory->data_bytes);
}
