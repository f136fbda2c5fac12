/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SESSION_STATE_H
#define SESSION_STATE_H

/* What session.c and session_read.c share, and nobody else sees. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closer.h"
#include "reader.h"
#include "session_config.h"

struct command;
struct log;
struct opening;
struct perftrace_context;
struct perftrace_report;
struct perftrace_session;
struct perftrace_source;

/* Their order is that of a life: session.c tells. */
enum state { NEW, OPEN, RUNNING, STOPPED, CLOSED, HANDED_OVER };

struct perftrace_session {
	struct perftrace_context *context;
	struct log *log;
	struct session_settings settings;
	struct perftrace_source **sources;
	size_t num_sources;
	enum state state;
	struct command *command;
	struct opening *opening;
	/* The reader's, or one that is always empty. */
	struct reader_cursor *cursor;
	struct reader_cursor no_cursor;
	/* What is left of it here when it was handed over: handover.c says why. */
	struct opening *remains;
	/* Who opened it: a child that was forked since must not stop it. */
	int32_t owner_pid;
	/* What the rings held when the session stopped is being read. */
	bool is_last_read;
	size_t num_tasks_ended;
	/* What they have been given is still being closed. */
	struct closer_list closers;
	/* There is one to be read. */
	bool has_snapshot;
	/* Of the last opening: for after it is closed. */
	int32_t *cpus;
	size_t num_cpus;
	uint64_t num_violations;
	uint64_t sideband_lost;
	/* Since the last time that all was read. */
	bool has_timer_called;
	/* The wait has been done by perftrace_session_wait(). */
	bool has_waited;
	/* Why it could not be opened the last time; NULL: it was. */
	struct perftrace_report *report;
};

/* -EINVAL, with the reason, when it was closed or handed over. */
int session_check_there(struct perftrace_session *session);

/* What it traces has ended, or the caller wants no more. */
void session_halt(struct perftrace_session *session);

#endif /* SESSION_STATE_H */
