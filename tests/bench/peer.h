/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What each way of reading events implements; peer.c has the main() that puts
 * them all under the same loads and measures them alike. None returns when it
 * fails.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load.h"

struct peer_request {
	/* One of those that the peer has. */
	const char *mode;
	size_t num_cpus;
	size_t ring_bytes;
	/* Of a ring: how much it takes for a wake-up. */
	uint32_t watermark_bytes;
	/* Wake up at each event. */
	int wakes_at_each;
	/* Nothing is read: it is opened and closed. */
	bool opens_alone;
};

struct peer_tally {
	uint64_t delivered;
	/* So that what was read is of use. */
	uint64_t field_sum;
	uint64_t text_bytes;
	uint64_t last_time;
	uint64_t inversions;
};

/* Know the events: load_get_event(). */
void peer_prepare(const struct peer_request *request);

/* Open them on all CPUs, without any being recorded yet. */
void peer_open(void);

void peer_start(void);
void peer_stop(void);

/*
 * Wait for something to read, as long as there is nothing, and read all that
 * there is. Its name is that which callgrind is told.
 */
void peer_drain(struct peer_tally *tally, int timeout_ms);

/* What was lost, as far as the peer knows, after everything was read. */
uint64_t peer_count_lost(void);

void peer_close(void);

/* What goes on after it is over. */
void peer_end(void);

/* For those that see the time stamps. */
static inline void peer_check_order(struct peer_tally *tally, uint64_t time)
{
	tally->inversions += time < tally->last_time;
	tally->last_time = time;
}

#endif /* BENCH_PEER_H */
