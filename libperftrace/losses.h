/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LOSSES_H
#define LOSSES_H

/* What is known of one CPU of a source, and what follows from it. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What PERF_RECORD_THROTTLE and PERF_RECORD_UNTHROTTLE said. */
struct throttling {
	uint64_t num_throttles;
	uint64_t throttled_ns;
	/* When the kernel stopped the event; 0: it runs. */
	uint64_t since_ns;
};

void throttling_begin(struct throttling *throttling, uint64_t time_ns);
/* Of an event whose throttle record was lost, nothing is known. */
void throttling_end(struct throttling *throttling, uint64_t time_ns);

struct loss_facts {
	/* attr.sample_period. */
	uint64_t period;
	/* One counter makes all its samples: no other task's, no other place's. */
	bool has_single_counter;
	/* Each hit counts for more than one. */
	bool has_weight;
	/* PERF_FORMAT_LOST: @kernel_lost is known. */
	bool has_kernel_lost;
	uint64_t kernel_lost;
	uint64_t counted;
	/* Samples. */
	uint64_t delivered, discarded;
	/* Without PERF_FORMAT_LOST alone: what both of them stand for. */
	uint64_t taken_period;
	/* What PERF_RECORD_LOST said. */
	uint64_t reported_lost;
	bool was_throttled;
};

struct losses {
	/* Samples that found their ring full. */
	uint64_t overrun;
	/* Samples that would have been due by the count, and are nowhere. */
	uint64_t unaccounted;
	bool has_unaccounted;
};

void losses_find(const struct loss_facts *facts, struct losses *losses);

#endif /* LOSSES_H */
