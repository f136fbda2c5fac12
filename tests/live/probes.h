/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROBES_H
#define PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <perftrace/perftrace.h>

#include "setup.h"

/*
 * Probes of the library's own making, the files that are probed, and what
 * stands in tracefs of them.
 */

#define DYNAMIC_EVENTS "/sys/kernel/tracing/dynamic_events"

/* The path of a fixture; good until the fourth call from now. */
const char *fixture(const char *name);
bool has_fixture(const char *name);

/* The running test program. */
const char *own_program(void);

/* Open a fixture that is a library, and take a function of it. */
void *open_library(const char *path);
void *find_function(void *library, const char *name);

/* The event that a spec describes; the spec is printed as by printf(3). */
struct perftrace_event *make_event(struct perftrace_context *context,
				   const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The request's own event is left out, its filter is the event's. */
struct perftrace_session *event_session(struct perftrace_context *context,
					struct perftrace_event *event,
					const struct session_request *request);

/* Of the session's first source. */
uint64_t count_of(struct perftrace_context *context,
		  struct perftrace_session *session);

/* The next record, which must be a sample. NULL: there are no more. */
struct perftrace_record *next_sample(struct perftrace_context *context,
				     struct perftrace_session *session);

/* A sample's value, by the field's name. */
uint64_t get_u64(struct perftrace_context *context,
		 struct perftrace_record *record, const char *name);
int64_t get_s64(struct perftrace_context *context,
		struct perftrace_record *record, const char *name);
const char *get_string(struct perftrace_context *context,
		       struct perftrace_record *record, const char *name);

/* Without the fields that all events have. */
size_t count_fields(struct perftrace_event *event);

/* Lines of dynamic_events that have a text. */
size_t count_lines_with(const char *text);

/* Probes in there whose owner is a process, and the lines of one event. */
size_t count_probes_of(pid_t pid);
size_t count_lines_of(struct perftrace_event *event);

/* Like cp(1); the copy is executable. */
void copy_file(const char *from, const char *to);

#endif /* PROBES_H */
