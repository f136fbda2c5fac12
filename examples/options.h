/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OPTIONS_H
#define OPTIONS_H

/* What trace, count, handover and flight_recorder are told on their command lines. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <perftrace/perftrace.h>

#define MOST_EVENTS 256

struct options {
	const char *events[MOST_EVENTS];
	/* The -f that follows an -e, or stands before all of them. */
	const char *filters[MOST_EVENTS];
	size_t num_events;
	const char *cpus;
	const char *cgroup;
	int32_t pid;
	bool is_system_wide;
	bool is_quiet;
	bool is_unordered;
	bool has_closer;
	bool has_duration;
	double duration_s;
	/* NULL: none. */
	const char *user;
	/* NULL: none. */
	char **command;
};

/* @letters: the options of getopt(3) that the program has. Exits on misuse. */
void options_parse(struct options *options, int argc, char **argv,
		   const char *letters, const char *usage);

/* Print what went wrong, and exit. */
void die(struct perftrace_context *context, const char *what)
	__attribute__((noreturn));

/* The same of a session that can't start, with all that stands in its way. */
void die_at_start(struct perftrace_context *context,
		  struct perftrace_session *session) __attribute__((noreturn));

/* A session of the options' target and events, or the end. */
struct perftrace_session *
options_make_session(const struct options *options,
		     struct perftrace_context *context, int32_t mode);

/* SIGINT and SIGTERM end the tracing, and not the program. */
void catch_signals(void);
bool was_interrupted(void);

/*
 * How long to wait for news before asking was_interrupted() again; 0 when the
 * duration is over.
 */
int32_t options_time_left_ms(const struct options *options,
			     uint64_t started_ns);
uint64_t clock_ns(void);

/* End a command that still runs; its exit status, as a shell has it. */
int finish_command(struct perftrace_session *session);

#endif /* OPTIONS_H */
