/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SESSION_H
#define SESSION_H

#include <perftrace/session.h>

#include "manifest.h"
#include "manifest_fill.h"

struct log *session_get_log(struct perftrace_session *session);

/* What another process is to know of a session; all of it borrowed. */
struct session_loan {
	enum manifest_stage stage;
	const struct session_settings *settings;
	struct manifest_subject subject;
};

/* -EINVAL, with the reason, when it is not open, or not this process's. */
int session_lend(struct perftrace_session *session, struct session_loan *loan);

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
