/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef COMMS_H
#define COMMS_H

/* Which name a thread has, as far as the records read so far tell. */

#include <stdint.h>

struct comms;

/* NULL: no memory. */
struct comms *comms_new(void);
void comms_free(struct comms *comms);

/* @name is cut to the kernel's 15 bytes. Silently forgets for want of memory. */
void comms_set(struct comms *comms, int32_t tid, const char *name);

/*
 * A new thread is called like the one that started it; /proc is asked when that
 * one has no name.
 */
void comms_fork(struct comms *comms, int32_t parent_tid, int32_t tid);

/*
 * The name, asked of /proc when no record has told it; NULL when neither knows.
 * Valid until the next call.
 */
const char *comms_get(struct comms *comms, int32_t tid);

#endif /* COMMS_H */
