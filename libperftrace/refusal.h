/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REFUSAL_H
#define REFUSAL_H

/*
 * What the kernel most likely meant: an errno of perf_event_open(2), mmap(2) or
 * ioctl(2), in words. The order of the kernel's checks decides between causes
 * that share an errno.
 */

#include <stddef.h>
#include <stdint.h>

struct descriptors;
struct log;
struct perf_event_attr;
struct refusal;

/* @name: of the event. @wanted: descriptors that the session needs in all. */
int refusal_explain_open(struct log *log, const char *name,
			 const struct perf_event_attr *attr,
			 const struct refusal *refusal, size_t wanted);

int refusal_explain_ring(struct log *log, int error, int32_t cpu,
			 uint64_t ring_bytes, size_t num_rings);

int refusal_explain_filter(struct log *log, const char *name,
			   const char *filter, const struct refusal *refusal);

/* Another call on a descriptor; @what: "enable it". */
int refusal_explain_call(struct log *log, const char *name, const char *what,
			 const struct refusal *refusal);

/* What the session does beside opening events found no descriptor. */
int refusal_explain_shortage(struct log *log, const char *what, size_t wanted);

#endif /* REFUSAL_H */
