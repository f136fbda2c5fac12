/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdbool.h>

struct perftrace_session;

/*
 * Of a session with a recorder, as recorder_take(). @is_closing: all is disabled,
 * and what is taken is for no one.
 */
int snapshot_take(struct perftrace_session *session, bool is_closing);

#endif /* SNAPSHOT_H */
