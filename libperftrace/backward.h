/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BACKWARD_H
#define BACKWARD_H

/* One CPU's ring that is written backward, copied while it is written. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backward;

/* @fd: borrowed. -errno of mmap(2), told to nobody; -ENOMEM. */
int backward_map(int fd, size_t data_bytes, struct backward **ring);

/* Over memory of the caller's, as ring_over(). For tests. */
struct backward *backward_over(void *base, size_t page_bytes,
			       size_t data_bytes);
void backward_free(struct backward *ring);

/* What was copied: the records of @head, the newest, and upward. */
struct backward_copy {
	uint64_t head;
	/* How much was copied in one piece. */
	size_t bytes;
	/* How much there was to be copied. */
	size_t wanted_bytes;
};

/*
 * Copy what lies below @since into a buffer as large as the ring, while the
 * kernel may write. @is_still: it does not.
 */
void backward_copy(struct backward *ring, uint64_t since, bool is_still,
		   void *buffer, struct backward_copy *copy);

/* Did the kernel write over more than half of it before it was copied? */
bool backward_was_overtaken(const struct backward_copy *copy);

/*
 * The same with the ring's output held up; what falls into the pause is counted
 * as lost by the kernel. -errno of the ioctl, and then nothing is copied.
 */
int backward_copy_paused(struct backward *ring, uint64_t since, void *buffer,
			 struct backward_copy *copy);

#endif /* BACKWARD_H */
