/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SESSION_STATE_H
#define SESSION_STATE_H

/* What session.c and its neighbours share, and nobody else sees. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closer.h"
#include "reader.h"
#include "session_config.h"

struct command;
struct lock;
struct log;
struct opening;
struct perftrace_context;
struct perftrace_report;
struct perftrace_reader;
struct perftrace_session;
struct perftrace_source;
struct waiter;

/* Their order is that of a life: session.c tells. */
enum state { NEW, OPEN, RUNNING, STOPPED, CLOSED, HANDED_OVER };

/*
 * Reads some of a session's rings. Where readers are asked for, each may be used
 * by a thread of its own, and what it shares with others is the session's, for
 * which see there; else there is one, and it is as the session.
 */
struct perftrace_reader {
	struct perftrace_session *session;
	/* The session's, or its own. */
	struct log *log;
	/* NULL where events are only counted. */
	struct reader *reader;
	struct reader_cursor *cursor;
	struct waiter *waiter;
	/* Its CPUs: places in the session's list. */
	size_t first_cpu;
	size_t num_cpus;
	/* Tasks that must end for the session to end; 0: it does not. */
	size_t num_tasks;
	size_t num_tasks_ended;
	/* What the rings held when the session stopped is being read. */
	bool is_last_read;
	/* Since the last time that all was read. */
	bool has_timer_called;
	/* The wait has been done by perftrace_session_wait(). */
	bool has_waited;
};

struct perftrace_session {
	struct perftrace_context *context;
	struct log *log;
	struct session_settings settings;
	struct perftrace_source **sources;
	size_t num_sources;
	/* Readers see it change. */
	_Atomic(enum state) state;
	struct command *command;
	/* Held by the one who stops, and by who asks what the kernel counted. */
	struct lock *halt_lock;
	/* Held to ask whether the command has ended. */
	struct lock *command_lock;
	struct opening *opening;
	/* The reader's, or one that is always empty. */
	struct reader_cursor *cursor;
	struct reader_cursor no_cursor;
	/* While it is open. */
	struct perftrace_reader *readers;
	size_t num_readers;
	/* What is left of it here when it was handed over: handover.c says why. */
	struct opening *remains;
	/* Who opened it: a child that was forked since must not stop it. */
	int32_t owner_pid;
	/* What they have been given is still being closed. */
	struct closer_list closers;
	/* There is one to be read. */
	bool has_snapshot;
	/* Of the last opening: for after it is closed. */
	int32_t *cpus;
	size_t num_cpus;
	uint64_t num_violations;
	uint64_t sideband_lost;
	/* Why it could not be opened the last time; NULL: it was. */
	struct perftrace_report *report;
};

/* -EINVAL, with the reason, when it was closed or handed over. */
int session_check_there(struct perftrace_session *session);

/* After it has been opened, or CPUs have joined. -ENOMEM. */
int session_remember_cpus(struct perftrace_session *session);

/* Its records are for its readers to read. */
bool session_has_readers(const struct perftrace_session *session);

bool session_has_command_ended(struct perftrace_session *session);

/*
 * What it traces has ended, or the caller wants no more. From any thread: when
 * this returns, it is stopped.
 */
void session_halt(struct perftrace_session *session);

#endif /* SESSION_STATE_H */
