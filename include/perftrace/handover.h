/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_HANDOVER_H
#define PERFTRACE_HANDOVER_H

#include <stdint.h>

#include <perftrace/context.h>
#include <perftrace/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: handover
 *
 * A session that moves to another process, over a connected UNIX stream socket.
 * The kernel checks permissions when an event is opened, and never again: so a
 * small helper with privileges can open a session and hand it over to a program
 * that has none, neither capabilities nor access to tracefs nor locked memory,
 * whatever kernel.perf_event_paranoid is.
 *
 * One process calls perftrace_session_send(), the other at the same time
 * perftrace_session_receive(). Either the session moves, or both calls fail and
 * it stays where it was, as it was.
 *
 * What is named in tracefs for the session's probes belongs to the sender and
 * goes with its session, and so does the account of the rings' memory: that
 * session must live, with its context, as long as the received one. The simplest
 * way to know is that the receiver keeps its end of the socket open until it has
 * closed the session, and that the sender waits for that.
 */

/**
 * perftrace_session_send() - hand a session over to another process
 * @session: a session that has been opened, and may have been started, read
 *	and stopped
 * @socket_fd: a connected UNIX stream socket; stays the caller's
 * @timeout_ms: how long it may take; -1: as long as it takes
 *
 * On success the session's descriptors are closed here without stopping it, and
 * it can only be closed and freed, which unmaps its rings. Its counts and ledgers
 * are those of this moment, and the result of its command can still be asked
 * for. The record that was read last is not valid any more.
 *
 * On failure the session is as it was, and the connection is shut down, unless
 * the call failed with -EINVAL or -EOPNOTSUPP before it was used.
 *
 * The wait is not interrupted by signals, and no SIGPIPE is raised.
 *
 * Return: 0; -EINVAL when the session is not open, was opened by another
 * process or is gone already, @socket_fd is no UNIX stream socket or @timeout_ms
 * is below -1; -EOPNOTSUPP when the session's command has not been started, or
 * its mode is PERFTRACE_MODE_OVERWRITE; -E2BIG when it has too many events;
 * -ETIMEDOUT; -ECONNRESET when the receiver has gone; what it refused the
 * session with, see perftrace_session_receive(); -ENOMEM; another -errno of
 * sendmsg(2), such as -ETOOMANYREFS.
 */
int perftrace_session_send(struct perftrace_session *session, int32_t socket_fd,
			   int32_t timeout_ms);

/**
 * perftrace_session_receive() - take a session over from another process
 * @context: a context; the session holds a reference
 * @socket_fd: a connected UNIX stream socket; stays the caller's
 * @timeout_ms: how long it may take; -1: as long as it takes; 0: only look
 * @session: the session, open, running or stopped as it was; to be released
 *	with perftrace_session_free()
 *
 * The session is one like any other, but for two things: its probes can't be
 * added to another session, and the result of its command is not known, which
 * is not the caller's child. Nothing is asked of tracefs.
 *
 * Descriptors and numbers are checked. Still take sessions only from whom you
 * would trust with your own process: the sender may have kept a mapping of the
 * rings, and the texts of the formats are parsed as if the kernel had written
 * them.
 *
 * After -EAGAIN and -EINTR nothing has happened, and the call may be repeated.
 * After any other failure the sender knows the reason, if it still listens, and
 * the connection is shut down.
 *
 * Return: 0; -EAGAIN when nothing came in time; -EINTR when a signal handler
 * ran before anything came; -EINVAL when @socket_fd is no UNIX stream socket or
 * @timeout_ms is below -1; -EMFILE when the process may not have so many
 * descriptors; -EBADMSG when what came is no session, or one of another version
 * of the library; -ETIMEDOUT when the sender stopped half-way; -ECONNRESET when
 * it has gone; what it gave up with; -ENOMEM when the rings find no room in the
 * address space; another -errno of recvmsg(2), mmap(2) or epoll_ctl(2).
 */
int perftrace_session_receive(struct perftrace_context *context,
			      int32_t socket_fd, int32_t timeout_ms,
			      struct perftrace_session **session);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_HANDOVER_H */
