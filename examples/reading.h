/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef READING_H
#define READING_H

/* What trace, handover and flight_recorder do with a session that runs. */

#include <stdbool.h>

#include <perftrace/perftrace.h>

#include "options.h"

/* To stdout, with its newline. */
void print_record(struct perftrace_context *context,
		  struct perftrace_record *record);

/* Print records until there is nothing more to come; 0, or -errno. */
int read_all(const struct options *options, struct perftrace_context *context,
	     struct perftrace_session *session);

/* A full disk must not look like a trace without records. */
bool flush_records(void);

/* To stderr, a line per event. */
void print_summary(struct perftrace_context *context,
		   struct perftrace_session *session);

#endif /* READING_H */
