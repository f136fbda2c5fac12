/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ring of kernel/events/ring_buffer.c, as its reader sees it.
 *
 * A control page, then 2^n pages of data. Positions count bytes since the ring
 * was made and never wrap; a position's place is its remainder by the size of
 * the data. The kernel owns data_head, the reader owns data_tail, and
 *
 *	tail <= every position being read <= end <= data_head <= tail + size.
 *
 * data_head is loaded with acquire: the records before it are then complete
 * (perf_output_put_handle() stores them before it, barrier C there pairs with
 * this load). data_tail is stored with release: the kernel must not overwrite
 * what is still being read (barrier D pairs with A of __perf_output_begin()).
 *
 * A record is a header and a body, a multiple of 8 bytes, at most 65,528. Since
 * positions are multiples of 8 too, a header never wraps, a body may. The tail
 * moves only when the reader says so, so that several records can be looked at
 * at once.
 *
 * Only the kernel writes here. Still no number from the ring is used unchecked:
 * the same code reads bytes that come from elsewhere, and a fault must not
 * become a crash of the program that traces.
 */
#include "ring.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "sys.h"

#define LARGEST_RECORD 65536

struct ring {
	struct perf_event_mmap_page *control;
	const char *data;
	size_t data_bytes;
	uint64_t tail;
	uint64_t end;
	/* One record that wraps, in one piece; touched only then. */
	char *wrapped;
	/* Who mapped it: its children have no such mapping. 0: nobody. */
	pid_t owner;
};

struct ring *ring_over(void *base, size_t page_bytes, size_t data_bytes)
{
	struct ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return NULL;
	ring->wrapped = malloc(LARGEST_RECORD);
	if (!ring->wrapped) {
		free(ring);
		return NULL;
	}
	ring->control = base;
	ring->data = (const char *)base + page_bytes;
	ring->data_bytes = data_bytes;
	ring->tail = ring->end = ring->control->data_tail;
	return ring;
}

int ring_map(int fd, size_t data_bytes, struct ring **ring)
{
	struct ring *made;
	void *base;
	int ret = sys_map_ring(fd, data_bytes, &base);

	if (ret)
		return ret;
	made = ring_over(base, sys_page_bytes(), data_bytes);
	if (!made) {
		sys_unmap_ring(base, data_bytes);
		return -ENOMEM;
	}
	made->owner = sys_own_pid();
	*ring = made;
	return 0;
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	if (ring->owner && ring->owner == sys_own_pid())
		sys_unmap_ring(ring->control, ring->data_bytes);
	free(ring->wrapped);
	free(ring);
}

size_t ring_get_data_bytes(struct ring *ring)
{
	return ring->data_bytes;
}

const char *ring_get_data(struct ring *ring)
{
	return ring->data;
}

uint64_t ring_get_tail(struct ring *ring)
{
	return ring->tail;
}

int ring_refresh(struct ring *ring, uint64_t *end)
{
	uint64_t head =
		__atomic_load_n(&ring->control->data_head, __ATOMIC_ACQUIRE);
	/* Counted from the tail: positions may overflow. */
	uint64_t before = ring->end - ring->tail;
	uint64_t now = head - ring->tail;

	ring->end = *end = head;
	return now > ring->data_bytes || now < before ? -EBADMSG : 0;
}

static const void *copy_wrapped(struct ring *ring, size_t offset, size_t size)
{
	size_t first = ring->data_bytes - offset;

	memcpy(ring->wrapped, ring->data + offset, first);
	memcpy(ring->wrapped + first, ring->data, size - first);
	return ring->wrapped;
}

int ring_record_at(struct ring *ring, uint64_t position,
		   const struct perf_event_header **record)
{
	size_t offset = position & (ring->data_bytes - 1);
	uint64_t available = ring->end - position;
	const struct perf_event_header *header;
	size_t size;

	/* A position beyond the end has more "available" than there is. */
	if (position % 8 || available < sizeof(*header) ||
	    available > ring->data_bytes)
		return -EBADMSG;
	header = (const void *)(ring->data + offset);
	size = header->size;
	if (size < sizeof(*header) || size % 8 || size > available)
		return -EBADMSG;
	if (offset + size > ring->data_bytes)
		*record = copy_wrapped(ring, offset, size);
	else
		*record = header;
	return 0;
}

void ring_release(struct ring *ring, uint64_t position)
{
	ring->tail = position;
	__atomic_store_n(&ring->control->data_tail, position, __ATOMIC_RELEASE);
}
