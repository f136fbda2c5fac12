/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SYS_CLOSER_H
#define SYS_CLOSER_H

/* The system calls around the process that closes descriptors. As in sys.h. */

#include <stddef.h>

struct sys_closer;

/*
 * Start it, with copies of @fds, which ascend; they must live until it is let
 * go. -EOPNOTSUPP: the kernel can't (before Linux 5.9); else as of clone(2). No
 * descriptor is closed in either case.
 */
int sys_closer_start(const int *fds, size_t count, struct sys_closer **closer);

/*
 * Those of the caller are closed: it may begin. When the call returns, it has
 * nothing of the caller's but them, and a number for a pidfd: sys_closer_reap().
 */
int sys_closer_let_go(struct sys_closer *closer);

/* Close them, which ascend, for a closer that has been started. */
void sys_close_ascending(const int *fds, size_t count);

/* Has it closed all? Does not wait; 1: yes, and @pidfd is closed. */
int sys_closer_reap(int pidfd);
/* Until it has, or for so long; -1: no end. -EINTR. */
int sys_closer_wait(int pidfd, int timeout_ms);

#endif /* SYS_CLOSER_H */
