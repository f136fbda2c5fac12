/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_SESSION_H
#define PERFTRACE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <perftrace/context.h>
#include <perftrace/event.h>
#include <perftrace/facts.h>
#include <perftrace/reader.h>
#include <perftrace/record.h>
#include <perftrace/report.h>
#include <perftrace/session_config.h>
#include <perftrace/source.h>
#include <perftrace/source_config.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: session
 *
 * A set of events, opened together on a target, read together through one ring
 * per CPU. Its life:
 *
 *   new -> add ... -> [open ->] start -> read ... -> stop -> read ... -> free
 *
 * perftrace_session_open() opens everything or nothing and leaves it disabled;
 * perftrace_session_start() opens what is not open yet, and enables it.
 * perftrace_session_stop() disables it; what stands in the rings can still be
 * read, and then perftrace_session_read() answers 0.
 * perftrace_session_close() gives everything back to the kernel and keeps the
 * numbers. A closed session can't be opened again.
 */
struct perftrace_session;

/**
 * perftrace_session_new() - make a session
 * @context: a context; the session holds a reference
 * @config: the settings, copied; NULL: the defaults, all online CPUs
 * @session: the session; to be released with perftrace_session_free()
 *
 * Return: 0; -EINVAL when the settings contradict each other; -ENOMEM.
 */
int perftrace_session_new(struct perftrace_context *context,
			  struct perftrace_session_config *config,
			  struct perftrace_session **session);

/**
 * perftrace_session_free() - close a session and forget it
 * @session: a session, or NULL
 *
 * As perftrace_session_close(), and frees the session, its sources and its
 * record. In a child that was forked since the session was opened, the
 * parent's session goes on untouched.
 */
void perftrace_session_free(struct perftrace_session *session);

/**
 * perftrace_session_add_event() - add an event
 * @session: a session that is not open yet
 * @event: an event of the session's context; the session holds a reference
 * @config: the settings, copied; NULL: the defaults
 * @source: the event in this session, borrowed from it; may be NULL
 *
 * An event may be added more than once, with different settings.
 *
 * Return: 0; -EBUSY when the session has been opened; -EINVAL when the filter
 * is wrong, with its position, or @event is of another context; -EBADMSG when
 * the event's format makes no sense; -ENOMEM.
 */
int perftrace_session_add_event(struct perftrace_session *session,
				struct perftrace_event *event,
				struct perftrace_source_config *config,
				struct perftrace_source **source);

/**
 * perftrace_session_add_spec() - look events up and add them
 * @session: a session that is not open yet
 * @spec: "SYSTEM:NAME", a pattern as for perftrace_event_list_new(), or a
 *	probe such as "kprobe:vfs_read(count)", all as in perftrace-spec(7)
 * @config: the settings, copied; NULL: the defaults
 *
 * Adds all or none. Sources keep the order in which they were added.
 *
 * Return: the number of events added, at least 1; -ENOENT when nothing
 * matches; what perftrace_event_find(), perftrace_probe_new_from_spec(),
 * perftrace_probe_make_event() and perftrace_session_add_event() return.
 */
int perftrace_session_add_spec(struct perftrace_session *session,
			       const char *spec,
			       struct perftrace_source_config *config);

/**
 * perftrace_session_get_num_sources() - how many events were added
 * @session: a session
 *
 * Return: the number.
 */
size_t perftrace_session_get_num_sources(struct perftrace_session *session);

/**
 * perftrace_session_get_source() - the n-th event that was added
 * @session: a session
 * @index: from 0
 *
 * Return: the source, borrowed from the session; NULL when @index is too
 * large.
 */
struct perftrace_source *
perftrace_session_get_source(struct perftrace_session *session, size_t index);

/**
 * perftrace_session_check() - will it open, and if not, why?
 * @session: a session with at least one source
 * @facts: who asks, and of which kernel; NULL: the caller, as it is now
 * @report: what perftrace_session_open() would answer, and all that is to be
 *	said for and against the session; to be released with
 *	perftrace_report_unref()
 *
 * Nothing is opened. With facts that were gathered before, it is a computation
 * that looks up the target and the probes in tracefs, and asks the kernel about
 * no other event than those that count nothing.
 *
 * Return: 0, whatever the report says; -EINVAL when the session has no source;
 * -EBUSY when it is open, for what it holds would count against it; -ENOMEM.
 */
int perftrace_session_check(struct perftrace_session *session,
			    struct perftrace_facts *facts,
			    struct perftrace_report **report);

/**
 * perftrace_session_get_report() - why it could not be opened
 * @session: a session
 *
 * Return: what the last call of perftrace_session_open() or
 * perftrace_session_start() failed for, in full: its first finding is the
 * refusal itself. Borrowed from the session, valid until it is opened again or
 * freed; NULL when it was opened, or never tried.
 */
struct perftrace_report *
perftrace_session_get_report(struct perftrace_session *session);

/**
 * perftrace_session_open() - open everything, disabled
 * @session: a session with at least one source
 *
 * All or nothing: after a failure nothing is open, the command's child is
 * gone, and the call may be repeated. The error names the event, the CPU, the
 * task, what the kernel answered and which of its checks most likely did.
 *
 * Return: 0; -EINVAL when the session has no source or was closed, the pid is
 * that of a thread, or the kernel does not know a setting; -EBUSY when it is
 * open already; -EOPNOTSUPP when a probe that is to be local would have to
 * follow what a task starts, or the kernel can't tell when order is certain
 * (PERFTRACE_ORDER_CERTAIN); -ESTALE when a file that is to be probed was
 * replaced since the event was made; -ENODEV for a CPU that is absent or
 * offline, and for an event that is not for perf; -ESRCH when the process does
 * not exist or has ended; -EAGAIN when it starts threads faster than they can
 * be opened; -ENOENT when an event has vanished since it was looked up, or
 * there is no such program; -EACCES and -EPERM when the kernel refuses; -EINTR
 * when ftrace holds a probe; -EMFILE and -ENFILE when the descriptors do not
 * suffice; -ENOMEM; another -errno of the kernel's, which the error names.
 */
int perftrace_session_open(struct perftrace_session *session);

/**
 * perftrace_session_start() - open if need be, and enable
 * @session: a session
 *
 * For a command: lets it execute, and tracing begins with that. A stopped
 * session goes on.
 *
 * Return: 0; what perftrace_session_open() returns; -EINVAL when it runs
 * already or has been closed; the -errno of execve(2), and nothing is open.
 */
int perftrace_session_start(struct perftrace_session *session);

/**
 * perftrace_session_stop() - disable, keep what was recorded
 * @session: a session that runs
 *
 * From its return on, no record is added to any ring. Those that are there
 * can be read. A command goes on running.
 *
 * Return: 0; -EINVAL when the session does not run.
 */
int perftrace_session_stop(struct perftrace_session *session);

/**
 * perftrace_session_close() - give everything back to the kernel
 * @session: a session
 *
 * Closes all descriptors and unmaps all rings; records that were not read are
 * gone and count as lost. Counts and ledgers stay. Closing again does nothing.
 *
 * The kernel waits for all CPUs at the last close of each tracepoint, some
 * 40 ms, one after the other: a session of hundreds of events takes many
 * seconds to close. perftrace_session_config_set_closer() lets another process
 * do it: then the call returns at once, and perftrace_session_get_num_closing()
 * tells what remains. Named probes are closed by the caller in any case, for they
 * have to be closed before they can be removed.
 *
 * A command that was not started is ended. One that still runs is left to
 * itself, and perftrace_session_get_command_result() goes on to tell of it,
 * through the one descriptor that stays open, until perftrace_session_free();
 * after that it is a child like any other, for the caller to reap by its pid.
 */
void perftrace_session_close(struct perftrace_session *session);

/**
 * perftrace_session_get_num_closing() - what remains of a close
 * @session: a session
 *
 * Descriptors that were left to another process to close, also those of an
 * opening that failed. All of them count until the last is closed: the kernel
 * tells of no steps in between.
 *
 * Return: the number; 0 when nothing remains, and with PERFTRACE_CLOSER_NONE.
 */
size_t perftrace_session_get_num_closing(struct perftrace_session *session);

/**
 * perftrace_session_wait_closed() - wait until nothing remains of a close
 * @session: a session
 * @timeout_ms: how long to wait; -1: as long as it takes; 0: do not wait
 *
 * What the session held goes on to be closed in any case, also when it is freed
 * or when the caller ends.
 *
 * Return: 0 when all is closed; -EAGAIN when it was not in time; -EINTR when a
 * signal's handler has run; -EINVAL for another timeout.
 */
int perftrace_session_wait_closed(struct perftrace_session *session,
				  int32_t timeout_ms);

/**
 * perftrace_session_read() - the next record
 * @session: a session that has been opened with PERFTRACE_MODE_STREAM
 * @timeout_ms: how long to wait for one; -1: as long as it takes; 0: do not
 *	wait
 * @record: the record, valid until the next read, wait, stop or close of the
 *	session
 *
 * The stream ends when the session has been stopped, when the command has
 * ended, or when the process and all that it started have ended, and all
 * rings are empty. From then on nothing is held back for the horizon's sake, and
 * no call waits.
 *
 * Bytes that make no sense are skipped. No PERFTRACE_RECORD_LOST stands in their
 * place, for how many records they were is not known.
 *
 * In PERFTRACE_MODE_OVERWRITE it never waits: it hands out the last snapshot.
 *
 * Return: 1 with a record; 0 at the end of the stream or of the snapshot;
 * -EAGAIN when there was none in time, or no snapshot has been taken; -EINTR when a signal handler ran while it waited; -EBADMSG
 * when a ring's bytes make no sense: what could not be read is skipped, the
 * next call goes on; -EINVAL when the session has not been started, has been
 * closed, only counts or has readers, or @timeout_ms is below -1; -ENOMEM.
 */
int perftrace_session_read(struct perftrace_session *session,
			   int32_t timeout_ms,
			   struct perftrace_record **record);

/**
 * perftrace_session_snapshot() - take what the rings hold
 * @session: a session of PERFTRACE_MODE_OVERWRITE that has been started
 *
 * Recording goes on. perftrace_session_read() then hands out the records from
 * the last snapshot until this call, or the newest of them that the rings still
 * hold, from old to new; a PERFTRACE_RECORD_OVERWRITTEN stands before those of
 * each CPU of which some were written over. At the end of the snapshot it
 * answers 0. What has not been read of a snapshot when the next is taken is
 * gone, and counted as overwritten.
 *
 * Of a session that has been stopped, or whose command or process has ended,
 * the snapshot is the last, and has all that is left.
 *
 * Return: 0; -EINVAL when the session has not been started, has been closed, or
 * is of another mode; -EBADMSG when the memory of the snapshots makes no sense;
 * -ENOMEM; -errno of read(2) or ioctl(2) on a perf event. When it fails, nothing
 * is taken.
 */
int perftrace_session_snapshot(struct perftrace_session *session);

/**
 * perftrace_session_wait() - wait for news without reading
 * @session: a session that has been started, in any mode
 * @timeout_ms: how long; -1: as long as it takes; 0: only look
 *
 * How a session of PERFTRACE_MODE_COUNT learns that its command or process has
 * ended, or, of CPUs, that one has come back.
 *
 * Return: 1 when there may be something to read; 0 when the session is
 * stopped, or what it traces has ended, and it has been stopped over it;
 * -EAGAIN when there was no news in time; -EINTR when a signal handler ran
 * while it waited; -EINVAL when the session has not been started, has been
 * closed or has readers, or @timeout_ms is below -1.
 */
int perftrace_session_wait(struct perftrace_session *session,
			   int32_t timeout_ms);

/**
 * perftrace_session_get_fd() - one descriptor for any event loop
 * @session: a session that has been opened
 *
 * An epoll(7) descriptor, owned by the session, that polls readable when there
 * may be something to read or the command has ended. After a wake-up, call
 * perftrace_session_read() with a timeout of 0 until it does not answer 1: the
 * kernel tells a ring's news once.
 *
 * Return: the descriptor; -EINVAL when the session is not open, or has readers.
 */
int32_t perftrace_session_get_fd(struct perftrace_session *session);

/**
 * perftrace_session_get_num_readers() - how many readers it has
 * @session: a session
 *
 * Return: the number, of a session that is open and for which readers were
 * asked (perftrace_session_config_set_num_readers()); 0 otherwise.
 */
size_t perftrace_session_get_num_readers(struct perftrace_session *session);

/**
 * perftrace_session_get_reader() - the n-th of them
 * @session: a session
 * @index: from 0; the first one reads the first CPUs
 *
 * Return: the reader, owned by the session, until that is closed or could not
 * be started; NULL when @index is too large.
 */
struct perftrace_reader *
perftrace_session_get_reader(struct perftrace_session *session, size_t index);

/**
 * perftrace_session_get_command_pid() - the process that runs the command
 * @session: a session with a command that has been opened
 *
 * Return: the process id, a child of the caller; -1 without a command.
 */
int32_t perftrace_session_get_command_pid(struct perftrace_session *session);

/**
 * perftrace_session_get_command_result() - how the command ended
 * @session: a session with a command
 * @exit_code: the argument of exit(3), 0 to 255; -1 when a signal ended it
 * @signal_number: the signal that ended it; 0 when it exited
 *
 * Return: 0; -EAGAIN while it runs; -EINVAL without a command or before the
 * start; -ECHILD when the caller reaped it, or ignores SIGCHLD, and the result
 * is not known.
 */
int perftrace_session_get_command_result(struct perftrace_session *session,
					 int32_t *exit_code,
					 int32_t *signal_number);

/**
 * perftrace_session_get_num_cpus() - on how many CPUs the session is open
 * @session: a session
 *
 * It grows when CPUs come online that were not when the session was opened; those
 * that go offline stay.
 *
 * Return: the number; 0 when it was never opened. Where tasks are counted
 * without a CPU list, 1: any CPU.
 */
size_t perftrace_session_get_num_cpus(struct perftrace_session *session);

/**
 * perftrace_session_get_cpu() - the n-th CPU that the session is open on
 * @session: a session
 * @index: from 0
 *
 * Return: the kernel's CPU number; -1 for any CPU, and when @index is too
 * large.
 */
int32_t perftrace_session_get_cpu(struct perftrace_session *session,
				  size_t index);

/**
 * perftrace_session_get_ring_size_bytes() - how large each ring is
 * @session: a session
 *
 * Return: the size after rounding up, also in PERFTRACE_MODE_COUNT, where there
 * are no rings.
 */
uint64_t
perftrace_session_get_ring_size_bytes(struct perftrace_session *session);

/**
 * perftrace_session_get_watermark_bytes() - when a ring wakes the reader
 * @session: a session
 *
 * Return: the watermark in force, or what it would be in PERFTRACE_MODE_COUNT.
 */
uint32_t
perftrace_session_get_watermark_bytes(struct perftrace_session *session);

/**
 * perftrace_session_get_num_descriptors() - how many descriptors it holds
 * @session: a session
 *
 * Return: the number, 0 when it is not open.
 */
size_t perftrace_session_get_num_descriptors(struct perftrace_session *session);

/**
 * perftrace_session_get_num_order_violations() - records that came late
 * @session: a session
 *
 * Return: how many records were delivered after one with a later time stamp.
 * A longer horizon makes them fewer; PERFTRACE_ORDER_CERTAIN has none. 0 with
 * PERFTRACE_ORDER_NONE, which promises nothing.
 */
uint64_t
perftrace_session_get_num_order_violations(struct perftrace_session *session);

/**
 * perftrace_session_get_sideband_lost() - side-band records that were lost
 * @session: a session
 *
 * Return: how many fork, exit, comm and mmap records found their ring full, as
 * of the last read of the counters at the end of the stream, or of now while
 * the session is open. 0 where the kernel does not count per event.
 */
uint64_t perftrace_session_get_sideband_lost(struct perftrace_session *session);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_SESSION_H */
