/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OPENING_CLOSER_H
#define OPENING_CLOSER_H

struct closer;
struct opening;

/* The last numbers of all sources, before anything is closed. */
void opening_read_numbers(struct opening *opening);

/*
 * Give away what takes long. NULL: it is not allowed, or not to be had, and has
 * to be closed here. To be let go when all else is closed, and the rings are.
 */
struct closer *opening_start_closer(struct opening *opening);

#endif /* OPENING_CLOSER_H */
