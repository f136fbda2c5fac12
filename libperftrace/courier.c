/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel takes 253 descriptors at once. They go with a number that says how
 * many they are; what is received ends behind the byte that descriptors came
 * with, so that those of two messages are never mixed up.
 */
#include "courier.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "log.h"
#include "sys.h"
#include "sys_socket.h"

int courier_begin(struct courier *courier, struct log *log, int fd,
		  int32_t timeout_ms)
{
	int ret = sys_socket_check(fd);

	if (ret == -EPROTOTYPE)
		return fail(log, -EINVAL,
			    "descriptor %d is a socket, but not a UNIX stream "
			    "socket",
			    fd);
	if (ret)
		return fail(log, -EINVAL, "descriptor %d: %s", fd,
			    strerror(-ret));
	if (timeout_ms < -1)
		return fail(log, -EINVAL,
			    "a timeout of %" PRId32 " ms: it is -1 or more",
			    timeout_ms);
	*courier = (struct courier){
		.log = log,
		.fd = fd,
		.deadline_ns = sys_deadline_ns(timeout_ms),
	};
	return 0;
}

static int fail_socket(struct courier *courier, int error)
{
	if (error == -EPIPE || error == -ECONNRESET)
		return fail(courier->log, -ECONNRESET,
			    "the other side has closed the connection");
	return fail(courier->log, error, "the socket: %s", strerror(-error));
}

static int wait_for_it(struct courier *courier, bool is_to_send)
{
	int ret = sys_socket_wait(courier->fd, is_to_send,
				  sys_time_left_ms(courier->deadline_ns));

	if (ret > 0 || (ret == -EINTR && courier->has_begun))
		return 0;
	if (ret == -EINTR)
		return fail(courier->log, ret, "a signal came first");
	if (ret < 0)
		return fail_socket(courier, ret);
	if (!courier->has_begun && !is_to_send)
		return fail(courier->log, -EAGAIN,
			    "nothing has come over the socket in time");
	return fail(courier->log, -ETIMEDOUT,
		    "the other side did not answer in time");
}

/* Some of it, or 0 after a wait. */
static ssize_t send_some(struct courier *courier, const void *bytes,
			 size_t size, const int *fds, size_t num_fds)
{
	ssize_t sent = sys_socket_send(courier->fd, bytes, size, fds, num_fds);

	courier->has_begun = true;
	if (sent == -EAGAIN)
		return wait_for_it(courier, true);
	return sent < 0 ? fail_socket(courier, (int)sent) : sent;
}

int courier_send(struct courier *courier, const void *bytes, size_t size)
{
	const char *rest = bytes;

	while (size) {
		ssize_t sent = send_some(courier, rest, size, NULL, 0);

		if (sent < 0)
			return (int)sent;
		rest += sent;
		size -= (size_t)sent;
	}
	return 0;
}

int courier_receive(struct courier *courier, void *bytes, size_t size)
{
	char *rest = bytes;
	int ret;

	while (size) {
		ssize_t got = sys_socket_receive(courier->fd, rest, size, NULL,
						 NULL, NULL);

		if (got == -EAGAIN) {
			ret = wait_for_it(courier, false);
			if (ret)
				return ret;
			continue;
		}
		if (got <= 0)
			return fail_socket(courier,
					   got ? (int)got : -ECONNRESET);
		courier->has_begun = true;
		rest += got;
		size -= (size_t)got;
	}
	return 0;
}

static int send_chunk(struct courier *courier, const int *fds, size_t count)
{
	uint64_t number = count;
	ssize_t sent;

	do
		sent = send_some(courier, &number, sizeof(number), fds, count);
	while (!sent);
	if (sent < 0)
		return (int)sent;
	/* The descriptors are gone; the rest of the number follows. */
	return courier_send(courier, (char *)&number + sent,
			    sizeof(number) - (size_t)sent);
}

int courier_send_descriptors(struct courier *courier, const int *fds,
			     size_t count)
{
	int ret = 0;

	while (!ret && count) {
		size_t chunk = count < SYS_MOST_DESCRIPTORS ?
				       count :
				       SYS_MOST_DESCRIPTORS;

		ret = send_chunk(courier, fds, chunk);
		fds += chunk;
		count -= chunk;
	}
	return ret;
}

static void close_all(const int *fds, size_t count)
{
	while (count)
		sys_close(fds[--count]);
}

static int fail_count(struct courier *courier, bool is_cut, size_t wanted,
		      size_t got)
{
	if (!is_cut)
		return fail(courier->log, -EBADMSG,
			    "%zu descriptors have come, where at most %zu "
			    "were to",
			    got, wanted);
	fail(courier->log, -EMFILE,
	     "this process can take %zu of %zu descriptors more, and no more",
	     got, wanted);
	return fail_remedy(courier->log, "raise RLIMIT_NOFILE (ulimit -n)");
}

/* A number, and as many descriptors; which are closed if that is not so. */
static int receive_chunk(struct courier *courier, int *fds, size_t room,
			 size_t *count)
{
	int chunk[SYS_MOST_DESCRIPTORS];
	uint64_t number;
	size_t got = 0;
	bool is_cut;
	ssize_t size;
	int ret = 0;

	do {
		size = sys_socket_receive(courier->fd, &number, sizeof(number),
					  chunk, &got, &is_cut);
		if (size == -EAGAIN)
			ret = wait_for_it(courier, false);
	} while (size == -EAGAIN && !ret);
	if (ret)
		return ret;
	if (size <= 0)
		return fail_socket(courier, size ? (int)size : -ECONNRESET);
	if (is_cut || !got || got > room || size != sizeof(number) ||
	    number != got) {
		close_all(chunk, got);
		return fail_count(courier, is_cut, room, got);
	}
	memcpy(fds, chunk, got * sizeof(*fds));
	*count = got;
	return 0;
}

int courier_receive_descriptors(struct courier *courier, int *fds, size_t count)
{
	size_t had = 0, got;

	while (had < count) {
		int ret = receive_chunk(courier, fds + had, count - had, &got);

		if (ret) {
			close_all(fds, had);
			return ret;
		}
		had += got;
	}
	return 0;
}

void courier_close_line(struct courier *courier)
{
	sys_socket_shut_down(courier->fd);
	courier->deadline_ns = sys_deadline_ns(0);
}
