/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RECORDER_H
#define RECORDER_H

/* The flight recorder: of rings that are written over and over, snapshots. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;
struct perftrace_source;
struct reader;
struct recorder;
struct ring;

/* NULL: no memory. */
struct recorder *recorder_new(struct log *log, size_t num_rings,
			      size_t ring_bytes);
/* After the rings that it has given. */
void recorder_free(struct recorder *recorder);

/*
 * Map the next ring, of a descriptor that stays open as long. @ring: in which
 * snapshots of it appear, in memory; to be freed first. -errno of mmap(2), told
 * to nobody; -ENOMEM.
 */
int recorder_map(struct recorder *recorder, int fd, struct ring **ring);

struct recorder_request {
	/* Reads the rings, in the order in which they were mapped. */
	struct reader *reader;
	struct perftrace_source *const *sources;
	size_t num_sources;
	/* By the clock of the records. Younger ones are for the next time. */
	uint64_t now;
	/* Nothing is written any more: all of it, whatever its time. */
	bool is_still;
	/* No older record may come with the next: worth a wait. */
	bool is_certain;
	/* Who is still writing is not waited for. */
	bool is_hurried;
	/* It is for no one: what was not read is lost, and not made room. */
	bool is_closing;
};

/*
 * Take what is new since the last time, and begin a round of the reader's that
 * has all of it; what he had not read is thrown away. -ENOMEM, -errno of
 * read(2), of ioctl(2): with the reason, and nothing is taken.
 */
int recorder_take(struct recorder *recorder,
		  const struct recorder_request *request);

/* How often the kernel had to be held up. */
uint64_t recorder_get_num_pauses(struct recorder *recorder);

#endif /* RECORDER_H */
