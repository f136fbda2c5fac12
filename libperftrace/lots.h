/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LOTS_H
#define LOTS_H

/* How the rings of a session are dealt out to its readers. Pure. */

#include <stddef.h>
#include <stdint.h>

struct log;
struct reader;
struct waiter;

/* The rings of one reader: neighbours; and what it reads and waits with. */
struct lot {
	size_t first_ring;
	size_t num_rings;
	/* NULL where events are only counted. */
	struct reader *reader;
	struct waiter *waiter;
	/* Its own, for its reasons and no sink; NULL: the session's. */
	struct log *log;
	/* Tasks that must end for the session to end, as its waiter knows. */
	size_t num_tasks;
};

/* For how many readers there is a ring; at least 1. */
size_t lots_count(size_t num_rings, uint32_t num_readers);

/* As even as possible; the first ones have a ring more. */
void lots_deal(size_t num_rings, struct lot *lots, size_t num_lots);

/* Whose ring it is. */
struct lot *lots_find(struct lot *lots, size_t num_lots, size_t ring);

#endif /* LOTS_H */
