/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef COURIER_H
#define COURIER_H

/*
 * Bytes and descriptors, all of them and by a deadline, over a UNIX stream
 * socket. Every call answers 0 or, with the reason, -ETIMEDOUT, -ECONNRESET when
 * the other side has gone, or another -errno of the socket's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;

struct courier {
	struct log *log;
	int fd;
	uint64_t deadline_ns;
	/* Bytes have come or gone: the connection is in the middle of something. */
	bool has_begun;
};

/* -EINVAL: no such socket, or no such timeout. */
int courier_begin(struct courier *courier, struct log *log, int fd,
		  int32_t timeout_ms);

int courier_send(struct courier *courier, const void *bytes, size_t size);

/*
 * Until something has come, a signal's handler ends the wait with -EINTR, and
 * the deadline with -EAGAIN: nothing has happened then.
 */
int courier_receive(struct courier *courier, void *bytes, size_t size);

int courier_send_descriptors(struct courier *courier, const int *fds,
			     size_t count);

/*
 * -EMFILE when the process can't take so many, -EBADMSG when others come than
 * @count. Those in @fds are then closed.
 */
int courier_receive_descriptors(struct courier *courier, int *fds,
				size_t count);

/* What has been sent is there, and no more will be: do not wait any longer. */
void courier_close_line(struct courier *courier);

#endif /* COURIER_H */
