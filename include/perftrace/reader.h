/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_READER_H
#define PERFTRACE_READER_H

/**
 * DOC: readers
 *
 * A session may be read by several threads: it then has readers, each of which
 * reads the rings of some of its CPUs. How many there are to be,
 * perftrace_session_config_set_num_readers() says. The library starts no thread:
 * which thread uses which reader, and whether one uses several, is the
 * caller's.
 *
 * A reader belongs to one thread at a time, and so do its records; different
 * readers are independent of each other and of the session's thread. What that
 * may do meanwhile: perftrace_session_stop(), which wakes all readers,
 * perftrace_session_get_command_result(), and whatever asks nothing of what was
 * read. perftrace_session_start(), of a session that was stopped, and
 * perftrace_session_close(), ledgers, counts and order violations are for when
 * no reader is inside of a call.
 *
 * Time order holds within a reader. Losses are told by the reader of the CPU
 * that had them.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct perftrace_reader;
struct perftrace_record;

/**
 * perftrace_reader_read() - the next record of the reader's CPUs
 * @reader: a reader of a session that has been started
 * @timeout_ms: how long to wait for one; -1: as long as it takes; 0: do not
 *	wait
 * @record: the record, valid until the next read of this reader, or until the
 *	session is closed; to be used by this thread
 *
 * As perftrace_session_read(). Whoever first sees the end of what the session
 * traces stops it, and wakes all others: each reader then hands out what its
 * rings hold, then what was lost, then answers 0.
 *
 * Return: 1 with a record; 0 at the end of the reader's stream; -EAGAIN when
 * there was none in time; -EINTR when a signal handler ran while it waited;
 * -EBADMSG when a ring's bytes make no sense: what could not be read is
 * skipped, the next call goes on; -EINVAL when the session has not been
 * started, or @timeout_ms is below -1; -ENOMEM; -errno of read(2) at the end of
 * the stream. The reason is in perftrace_reader_error(), not in the context.
 */
int perftrace_reader_read(struct perftrace_reader *reader, int32_t timeout_ms,
			  struct perftrace_record **record);

/**
 * perftrace_reader_get_fd() - one descriptor for an event loop
 * @reader: a reader
 *
 * An epoll(7) descriptor, owned by the session, that polls readable when there
 * may be something for this reader to read, or the session was stopped. After a
 * wake-up, call perftrace_reader_read() with a timeout of 0 until it does not
 * answer 1.
 *
 * Return: the descriptor.
 */
int32_t perftrace_reader_get_fd(struct perftrace_reader *reader);

/**
 * perftrace_reader_error() - what went wrong last in this reader, for people
 * @reader: a reader
 *
 * Also of what was done with its records, as perftrace_record_format(). No log
 * sink is told of it: that is the context's, and so another thread's.
 *
 * Return: reason and remedy, "" when nothing has failed; owned by the reader,
 * valid until its next failure.
 */
const char *perftrace_reader_error(struct perftrace_reader *reader);

/**
 * perftrace_reader_get_num_cpus() - how many CPUs it reads
 * @reader: a reader
 *
 * Return: the number, at least 1.
 */
size_t perftrace_reader_get_num_cpus(struct perftrace_reader *reader);

/**
 * perftrace_reader_get_cpu() - the n-th CPU that it reads
 * @reader: a reader
 * @index: from 0
 *
 * CPUs of a reader are neighbours in the session's list. A thread that reads
 * may be bound to them, or kept away from them.
 *
 * Return: the kernel's CPU number; -1 when @index is too large.
 */
int32_t perftrace_reader_get_cpu(struct perftrace_reader *reader, size_t index);

/**
 * perftrace_reader_get_num_order_violations() - records that came late
 * @reader: a reader
 *
 * Return: how many records this reader delivered after one with a later time
 * stamp, as perftrace_session_get_num_order_violations(), which is their sum.
 */
uint64_t
perftrace_reader_get_num_order_violations(struct perftrace_reader *reader);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_READER_H */
