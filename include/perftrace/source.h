/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_SOURCE_H
#define PERFTRACE_SOURCE_H

#include <perftrace/counts.h>
#include <perftrace/event.h>
#include <perftrace/ledger.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: source
 *
 * One event in one session: its descriptors, what it counted, what was lost.
 * Borrowed from its session (perftrace_session_get_source()) and freed with
 * it.
 */
struct perftrace_source;

/**
 * perftrace_source_get_event() - the event that the source opens
 * @source: a source
 *
 * Return: the event, borrowed from the source.
 */
struct perftrace_event *
perftrace_source_get_event(struct perftrace_source *source);

/**
 * perftrace_source_get_counts() - what the kernel counted
 * @source: a source
 * @counts: a snapshot; to be released with perftrace_counts_free()
 *
 * Reads every descriptor of the source. After perftrace_session_close() the
 * last numbers are given.
 *
 * Return: 0; -EINVAL when the session was never opened; -ENOMEM; the -errno
 * of read(2).
 */
int perftrace_source_get_counts(struct perftrace_source *source,
				struct perftrace_counts **counts);

/**
 * perftrace_source_get_ledger() - what was delivered and what was lost
 * @source: a source
 * @ledger: a snapshot; to be released with perftrace_ledger_free()
 *
 * Reads every descriptor of the source. After perftrace_session_close() the
 * last numbers are given, and what stood unread in the rings is lost.
 *
 * Return: 0; -EINVAL when the session was never opened or only counts;
 * -ENOMEM; the -errno of read(2).
 */
int perftrace_source_get_ledger(struct perftrace_source *source,
				struct perftrace_ledger **ledger);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_SOURCE_H */
