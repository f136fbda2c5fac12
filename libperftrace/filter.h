/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FILTER_H
#define FILTER_H

/* An event filter's text, held against the event's fields. Pure. */

struct format;
struct log;

/*
 * @name: the event, for messages. -EINVAL, with the reason and its position,
 * for a filter that the kernel would refuse, or silently read as something
 * else. What only newer kernels may know is left to the kernel.
 */
int filter_check(struct log *log, const char *name, struct format *format,
		 const char *filter);

#endif /* FILTER_H */
