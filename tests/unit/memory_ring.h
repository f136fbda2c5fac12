/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MEMORY_RING_H
#define MEMORY_RING_H

/*
 * A ring without a kernel: the test writes it, as kernel/events/ring_buffer.c
 * would. The memory ends with the ring, so that a sanitizer sees whoever reads
 * beyond.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct perf_event_header;
struct perf_event_mmap_page;
struct ring;

struct memory_ring {
	struct perf_event_mmap_page *control;
	unsigned char *data;
	size_t data_bytes;
	struct ring *ring;
};

/* @start: where head and tail stand; a multiple of 8. */
void memory_ring_make(struct memory_ring *memory, size_t data_bytes,
		      uint64_t start);
void memory_ring_clear(struct memory_ring *memory);

/* Like the kernel: false, and nothing written, when the ring is full. */
bool memory_ring_write(struct memory_ring *memory,
		       const struct perf_event_header *record);

uint64_t memory_ring_get_head(struct memory_ring *memory);
uint64_t memory_ring_get_tail(struct memory_ring *memory);

/* Unlike the kernel. */
void memory_ring_set_head(struct memory_ring *memory, uint64_t head);

/* The header of the record that was written at a position. */
struct perf_event_header *memory_ring_header(struct memory_ring *memory,
					     uint64_t position);

#endif /* MEMORY_RING_H */
