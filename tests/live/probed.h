/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROBED_H
#define PROBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <perftrace/perftrace.h>

#include "setup.h"

/*
 * Probes of the kernel, and what they record of the test's own calls.
 */

/* The function behind a system call. */
#if defined(__aarch64__)
#define SYSTEM_CALL(name) "__arm64_sys_" name
#else
#define SYSTEM_CALL(name) "__x64_sys_" name
#endif

#define TRACEFS "/sys/kernel/tracing/"

/* Ends the test where the kernel has none. */
void need_kprobes(void);

/* A whole file; to be freed. NULL: there is none. */
char *read_text(const char *path);

/* Does tracefs's README say so? */
bool readme_says(const char *text);

/* Of the first symbol of this name; there is one. */
uint64_t find_address(const char *symbol);

/* How many functions of the kernel have this name. */
size_t count_functions(const char *name);

/* Events in tracefs that this process has made. */
size_t count_own_probes(void);

struct perftrace_event *make_probe(struct perftrace_context *context,
				   const char *spec);

/* Making it fails; at the column of @position, counted from 0, or -1. */
#define refuse_probe(context, spec, code, position, ...)                       \
	do {                                                                   \
		struct perftrace_event *refused_event;                         \
		refuse(context, try_event(context, spec, &refused_event),      \
		       code, __VA_ARGS__);                                     \
		ck_assert_msg(perftrace_context_get_error_position(context) == \
				      (position),                              \
			      "%s: at %d, not %d: %s", spec,                   \
			      perftrace_context_get_error_position(context),   \
			      position, perftrace_context_error(context));     \
	} while (0)

/* From a spec to an event, or what refuses it. */
int try_event(struct perftrace_context *context, const char *spec,
	      struct perftrace_event **event);

/* Set by the kernel for 64-bit programs; the C library's name for it is 0. */
#define LARGE_FILE 0100000

/* A file of ten bytes in /tmp, open for reading and writing; one at a time. */
extern char probed_path[];
const char *probed_name(void);
int make_probed(void);
void remove_probed(int fd);

struct expected_field {
	const char *name;
	int32_t kind;
	uint32_t element_size;
	bool is_signed;
};

/* A session with one probe in it. */
struct watch {
	struct perftrace_context *context;
	struct perftrace_event *event;
	struct perftrace_session *session;
	struct perftrace_source *source;
	/* What was read last. */
	struct perftrace_record *record;
};

/* Of the calling process, every hit. */
void watch_self(struct watch *watch, const char *spec);
/* @request: without an event. */
void watch_start(struct watch *watch, const char *spec,
		 const struct session_request *request);
/* The same, without opening it. */
void watch_prepare(struct watch *watch, const char *spec,
		   const struct session_request *request);
void watch_stop(struct watch *watch);

/* Read the next sample: there is one. */
void watch_next(struct watch *watch);
/* Of what was read. */
int64_t watch_signed(struct watch *watch, const char *field);
uint64_t watch_unsigned(struct watch *watch, const char *field);
uint64_t watch_element(struct watch *watch, const char *field, size_t index);
void watch_expect_string(struct watch *watch, const char *field,
			 const char *text);

/* The last fields of the event. */
void watch_expect_fields(struct watch *watch,
			 const struct expected_field *expected, size_t count);

/* Read until the end: so many samples came since, and none was lost. */
void watch_expect_rest(struct watch *watch, uint64_t count);
void watch_free(struct watch *watch);

#endif /* PROBED_H */
