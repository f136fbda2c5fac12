/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A ring that is mapped without PROT_WRITE is never full: the kernel asks for
 * no data_tail, and writes over the oldest (rb->overwrite in
 * kernel/events/ring_buffer.c). So nothing stops it from doing that while the
 * ring is copied. With head the position of the newest record,
 *
 *	head <= positions of what is whole < head + size,
 *
 * and head goes down. The oldest is copied first, a piece at a time, and after
 * each piece the head is looked at again: what then lies at head + size and
 * above may have been written over before it was copied, and is no more than
 * what was written since the copy began. Copying is faster than tracing, so that
 * the kernel does not catch up; if it does, because the reader was kept from its
 * CPU, all that is older is given up too, for records are found from the newest
 * on alone.
 *
 * The head that can be seen is not all. A record gets its place before it is
 * written, and the head moves after that; if an interrupt comes between, all
 * that it writes is not published either until the record that it interrupted
 * is. The place of such a record is where the oldest ones are. Therefore an
 * eighth of the ring, the oldest, is not trusted as long as it is written:
 *
 *	a copy is wrong only if a CPU writes an eighth of its ring between the
 *	place of a record and its publication,
 *
 * which is code with preemption off. That holds for the paused ring too: it
 * stops those that come, not those that are on their way.
 */
#include "backward.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "sys.h"

#define PIECE_BYTES	     16384
#define UNTRUSTED_BYTES(all) ((all) / 8)

struct backward {
	struct perf_event_mmap_page *control;
	const char *data;
	size_t data_bytes;
	int fd;
	/* As in ring.c. */
	pid_t owner;
};

struct backward *backward_over(void *base, size_t page_bytes, size_t data_bytes)
{
	struct backward *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return NULL;
	ring->control = base;
	ring->data = (const char *)base + page_bytes;
	ring->data_bytes = data_bytes;
	ring->fd = -1;
	return ring;
}

int backward_map(int fd, size_t data_bytes, struct backward **ring)
{
	struct backward *made;
	void *base;
	int ret = sys_map_overwritten_ring(fd, data_bytes, &base);

	if (ret)
		return ret;
	made = backward_over(base, sys_page_bytes(), data_bytes);
	if (!made) {
		sys_unmap_ring(base, data_bytes);
		return -ENOMEM;
	}
	made->fd = fd;
	made->owner = sys_own_pid();
	*ring = made;
	return 0;
}

void backward_free(struct backward *ring)
{
	if (!ring)
		return;
	if (ring->owner && ring->owner == sys_own_pid())
		sys_unmap_ring(ring->control, ring->data_bytes);
	free(ring);
}

static uint64_t load_head(struct backward *ring)
{
	return __atomic_load_n(&ring->control->data_head, __ATOMIC_ACQUIRE);
}

static void copy_piece(struct backward *ring, uint64_t position, size_t size,
		       char *to)
{
	size_t offset = position & (ring->data_bytes - 1);
	size_t first = ring->data_bytes - offset;

	if (first > size)
		first = size;
	memcpy(to, ring->data + offset, first);
	memcpy(to + first, ring->data, size - first);
}

/* How much from @head upward can't have been written over by now. */
static size_t intact_bytes(struct backward *ring, uint64_t head,
			   size_t trusted_bytes)
{
	uint64_t newer;

	/* What was read before is read before the head is. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	newer = head - load_head(ring);
	return newer < trusted_bytes ? trusted_bytes - newer : 0;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

void backward_copy(struct backward *ring, uint64_t since, bool is_still,
		   void *buffer, struct backward_copy *copy)
{
	size_t trusted_bytes = ring->data_bytes, left;
	uint64_t head = load_head(ring);

	if (!is_still)
		trusted_bytes -= UNTRUSTED_BYTES(ring->data_bytes);
	copy->head = head;
	/* Positions may overflow; a lie is no more than a full ring. */
	copy->wanted_bytes = trusted_bytes;
	if (since - head < trusted_bytes)
		copy->wanted_bytes = (size_t)(since - head);
	copy->bytes = left = copy->wanted_bytes;
	while (left) {
		size_t size = smaller(left, PIECE_BYTES), intact;

		left -= size;
		copy_piece(ring, head + left, size, (char *)buffer + left);
		intact = intact_bytes(ring, head, trusted_bytes);
		if (intact < left + size)
			copy->bytes = smaller(copy->bytes, intact);
	}
}

bool backward_was_overtaken(const struct backward_copy *copy)
{
	return copy->bytes < copy->wanted_bytes / 2;
}

int backward_copy_paused(struct backward *ring, uint64_t since, void *buffer,
			 struct backward_copy *copy)
{
	int ret = sys_perf_ioctl(ring->fd, PERF_EVENT_IOC_PAUSE_OUTPUT, 1);

	if (ret)
		return ret;
	backward_copy(ring, since, false, buffer, copy);
	return sys_perf_ioctl(ring->fd, PERF_EVENT_IOC_PAUSE_OUTPUT, 0);
}
