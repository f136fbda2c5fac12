/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RING_H
#define RING_H

/* One CPU's ring. */

#include <stddef.h>
#include <stdint.h>

struct perf_event_header;
struct ring;

/* Map the ring of a perf descriptor: -errno of mmap(2), told to nobody. */
int ring_map(int fd, size_t data_bytes, struct ring **ring);

/*
 * A ring over memory of the caller's, which stays his: a control page of
 * @page_bytes, then the data. For tests. NULL: no memory.
 */
struct ring *ring_over(void *base, size_t page_bytes, size_t data_bytes);

void ring_free(struct ring *ring);

size_t ring_get_data_bytes(struct ring *ring);

/* For records that do not wrap: a position's place is its remainder. */
const char *ring_get_data(struct ring *ring);

/* Where reading goes on: what ring_release() got last. */
uint64_t ring_get_tail(struct ring *ring);

/*
 * Look how far the kernel has written. What lies between the tail and @end can
 * be read. -EBADMSG when that is more than the ring holds, or when the kernel
 * seems to have gone back; @end is then the kernel's position, and nothing can
 * be read before it.
 */
int ring_refresh(struct ring *ring, uint64_t *end);

/*
 * The record at a position below the end that ring_refresh() found, in one
 * piece: in the ring, or, where it wraps, as a copy that the next such record
 * overwrites. -EBADMSG when there is none in its bytes.
 */
int ring_record_at(struct ring *ring, uint64_t position,
		   const struct perf_event_header **record);

/* What lies before @position may be written over. */
void ring_release(struct ring *ring, uint64_t position);

#endif /* RING_H */
