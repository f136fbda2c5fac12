/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SESSION_H
#define SESSION_H

#include <perftrace/session.h>

#include "forecast.h"
#include "manifest.h"

struct closer_list;
struct command;
struct log;
struct opening;
struct session_settings;

/* What it consists of; all of it borrowed, and NULL where there is none. */
struct session_parts {
	struct perftrace_context *context;
	struct log *log;
	const struct session_settings *settings;
	struct perftrace_report *report;
	struct opening *opening;
	struct perftrace_source *const *sources;
	size_t num_sources;
	struct command *command;
	struct closer_list *closers;
};

void session_get_parts(struct perftrace_session *session,
		       struct session_parts *parts);

/* Before it is opened: those that were added last. */
void session_drop_sources(struct perftrace_session *session, size_t num_left);

struct forecast_request
session_make_forecast_request(struct perftrace_session *session);

/* -EINVAL, with the reason, when it is not open, or not this process's. */
int session_check_loan(struct perftrace_session *session,
		       enum manifest_stage *stage);

/* It lives on elsewhere: close what is open but the rings, disable nothing. */
void session_give_away(struct perftrace_session *session);

/* What another process has left; what is taken of it is replaced by NULL. */
struct session_estate {
	const struct manifest *manifest;
	/* Adopted already; allocated, as many as the manifest has. */
	struct perftrace_source **sources;
	/* NULL: none. */
	struct command *command;
	/* As in opening_adopt(). */
	int *fds;
};

/* It lives on where it came from: free it, and disable nothing. */
void session_decline(struct perftrace_session *session);

/* -ENOMEM, -EBADMSG, -errno of mmap(2), with the reason. */
int session_adopt(struct perftrace_context *context,
		  struct session_estate *estate,
		  struct perftrace_session **session);

#endif /* SESSION_H */
