/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef COMMS_H
#define COMMS_H

/* Which name a thread has, as far as the records read so far tell. */

#include <stdint.h>

struct comms;
struct comms_pool;

/* NULL: no memory. */
struct comms *comms_new(void);
void comms_free(struct comms *comms);

/*
 * What several readers know together, each in a thread of its own: a task that
 * was named on the CPUs of one writes records on those of another. NULL: no
 * memory.
 */
struct comms_pool *comms_pool_new(void);
void comms_pool_free(struct comms_pool *pool);

/* From now on; @pool: borrowed. Each struct comms is still one thread's. */
void comms_share(struct comms *comms, struct comms_pool *pool);

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
