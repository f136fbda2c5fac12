/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys_socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define DESCRIPTOR_BYTES (SYS_MOST_DESCRIPTORS * sizeof(int))

/* Credentials and labels come first, where the caller asked for them. */
#define OTHER_BYTES 512

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(DESCRIPTOR_BYTES) + OTHER_BYTES];
};

static int get_option(int fd, int option, int *value)
{
	socklen_t size = sizeof(*value);

	return getsockopt(fd, SOL_SOCKET, option, value, &size) ? -errno : 0;
}

int sys_socket_check(int fd)
{
	int domain, type;
	int ret = get_option(fd, SO_DOMAIN, &domain);

	if (!ret)
		ret = get_option(fd, SO_TYPE, &type);
	if (ret)
		return ret;
	return domain == AF_UNIX && type == SOCK_STREAM ? 0 : -EPROTOTYPE;
}

static void put_descriptors(struct msghdr *message, union control *control,
			    const int *fds, size_t num_fds)
{
	size_t size = num_fds * sizeof(*fds);

	memset(control, 0, sizeof(*control));
	control->header.cmsg_level = SOL_SOCKET;
	control->header.cmsg_type = SCM_RIGHTS;
	control->header.cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(&control->header), fds, size);
	message->msg_control = control;
	message->msg_controllen = CMSG_SPACE(size);
}

ssize_t sys_socket_send(int fd, const void *bytes, size_t size, const int *fds,
			size_t num_fds)
{
	struct iovec part = { .iov_base = (void *)bytes, .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control;
	ssize_t sent;

	if (num_fds)
		put_descriptors(&message, &control, fds, num_fds);
	do
		sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

static size_t take_descriptors(struct msghdr *message, int *fds)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	size_t size;

	for (; header; header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level != SOL_SOCKET ||
		    header->cmsg_type != SCM_RIGHTS)
			continue;
		/* The kernel makes one of them, as large as there is room. */
		size = header->cmsg_len - CMSG_LEN(0);
		memcpy(fds, CMSG_DATA(header), size);
		return size / sizeof(*fds);
	}
	return 0;
}

ssize_t sys_socket_receive(int fd, void *bytes, size_t size, int *fds,
			   size_t *num_fds, bool *is_cut)
{
	struct iovec part = { .iov_base = bytes, .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control;
	ssize_t got;

	if (fds) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	do
		got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	if (fds) {
		*num_fds = take_descriptors(&message, fds);
		*is_cut = message.msg_flags & MSG_CTRUNC;
	}
	return got;
}

int sys_socket_wait(int fd, bool is_to_send, int timeout_ms)
{
	struct pollfd entry = {
		.fd = fd,
		.events = is_to_send ? POLLOUT : POLLIN,
	};
	int ret = poll(&entry, 1, timeout_ms);

	return ret < 0 ? -errno : ret;
}

void sys_socket_shut_down(int fd)
{
	shutdown(fd, SHUT_RDWR);
}
