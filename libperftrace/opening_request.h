/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OPENING_REQUEST_H
#define OPENING_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct access_failure;
struct closer_list;
struct command;
struct log;
struct perftrace_source;
struct session_settings;

/* What is to be opened, or was. */
struct opening_request {
	struct log *log;
	/* Rings that may be made smaller are so here. */
	struct session_settings *settings;
	struct perftrace_source *const *sources;
	size_t num_sources;
	/* NULL: none. */
	struct command *command;
	bool has_format_lost;
	/* Where processes are that close what it held; NULL: it closes itself. */
	struct closer_list *closers;
	/* Filled when a call was refused. */
	struct access_failure *failure;
};

#endif /* OPENING_REQUEST_H */
