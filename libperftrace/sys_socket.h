/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SYS_SOCKET_H
#define SYS_SOCKET_H

/*
 * Bytes and descriptors over a UNIX stream socket, without waiting and without
 * SIGPIPE. -EAGAIN where it would have to wait.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* SCM_MAX_FD: what the kernel takes at once. */
#define SYS_MOST_DESCRIPTORS 253

/* 0; -EPROTOTYPE when it is another kind of socket; -ENOTSOCK, -EBADF. */
int sys_socket_check(int fd);

/* How many bytes were sent; the descriptors go with the first one. */
ssize_t sys_socket_send(int fd, const void *bytes, size_t size, const int *fds,
			size_t num_fds);

/*
 * How many bytes have come, 0 at the end; and descriptors, close-on-exec, of
 * which there is room for SYS_MOST_DESCRIPTORS. NULL: those that come are
 * closed. @is_cut: the process could not take all.
 */
ssize_t sys_socket_receive(int fd, void *bytes, size_t size, int *fds,
			   size_t *num_fds, bool *is_cut);

/* 1: it is ready, or broken; 0: not in time; -EINTR. */
int sys_socket_wait(int fd, bool is_to_send, int timeout_ms);

/* In both directions; what has come before can still be received. */
void sys_socket_shut_down(int fd);

#endif /* SYS_SOCKET_H */
