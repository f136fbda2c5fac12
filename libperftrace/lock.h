/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LOCK_H
#define LOCK_H

/* One thread at a time; for what several readers of a session share. */

struct lock;

/* NULL: no memory. */
struct lock *lock_new(void);
void lock_free(struct lock *lock);

void lock_take(struct lock *lock);
void lock_release(struct lock *lock);

#endif /* LOCK_H */
