/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What those peers need of an event that know perf_event_open(2) alone. */
#ifndef BENCH_TRACEPOINT_H
#define BENCH_TRACEPOINT_H

#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>

#include "peer.h"

/* The sample that all of them ask for, behind its header. */
struct tracepoint_sample {
	struct perf_event_header header;
	uint64_t identifier;
	uint32_t pid, tid;
	uint64_t time;
	uint32_t cpu, reserved;
	uint32_t raw_size;
	uint8_t raw[];
} __attribute__((packed));

struct tracepoint_field {
	size_t offset, size;
};

/* An attr for an event that is disabled. */
struct perf_event_attr tracepoint_make_attr(const struct load_event *event,
					    const struct peer_request *request);

struct tracepoint_field tracepoint_find_field(const struct load_event *event,
					      const char *name);

/* To be freed. */
char *tracepoint_read_format(const struct load_event *event, size_t *length);

#endif /* BENCH_TRACEPOINT_H */
