/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SETUP_H
#define SETUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <check.h>
#include <perftrace/perftrace.h>

/*
 * Contexts and sessions as tests want them, and what a refusal must say.
 */

#define STRINGIFY(text)	 #text
#define STRING_OF(macro) STRINGIFY(macro)

/* The event that every system call raises, and a filter for one of them. */
#define SYS_ENTER     "raw_syscalls:sys_enter"
#define GETPPID_CALLS "id == " STRING_OF(__NR_getppid)

struct perftrace_context *new_context(void);

/* Zero is the default of everything. */
struct session_request {
	const char *event;
	const char *filter;
	uint64_t period;
	uint32_t callchain;

	/* The target: at most one of these. */
	const char *const *command;
	int32_t pid;
	bool is_self;
	/* Also with a command. */
	bool is_system_wide;
	const char *cpus;
	/* Also with CPUs, and system-wide with a command. */
	const char *cgroup;

	int32_t mode;
	int32_t order;
	int32_t clock;
	uint64_t ring_bytes;
	uint32_t watermark_bytes;
	uint32_t flush_interval_ms;
	bool never_flushes;
	uint64_t horizon_ns;
	bool has_no_horizon;
	uint32_t sideband;
	bool has_closer;
	uint32_t num_readers;
};

/* With its event added, not open yet. */
struct perftrace_session *new_session(struct perftrace_context *context,
				      const struct session_request *request);
void add_event(struct perftrace_context *context,
	       struct perftrace_session *session, const char *event,
	       const struct session_request *request);

/*
 * The last close of a tracepoint waits for all CPUs, some 40 ms. A test that
 * opens one over and over holds it meanwhile with a session of its own.
 */
struct perftrace_session *hold_event(struct perftrace_context *context,
				     const char *spec);

/* The path of the helper program getppid. */
const char *getppid_path(void);

void pin_to_cpu(int cpu);

size_t count_descriptors(void);

/* Run a function in a child, which must end well; or its status. */
void run_in_child(void (*function)(void));
int try_in_child(void (*function)(void));

/* Succeeds, or the test fails with the library's reason. */
#define succeed(context, call)                                                 \
	do {                                                                   \
		int64_t succeed_ret = (call);                                  \
		ck_assert_msg(succeed_ret >= 0, "%s: %d: %s", #call,           \
			      (int)succeed_ret,                                \
			      perftrace_context_error(context));               \
	} while (0)

/* Fails with a code, and the error has all these texts in it. */
#define refuse(context, call, code, ...)                                       \
	expect_refusal(context, #call, (call), code,                           \
		       (const char *const[]){ __VA_ARGS__, NULL })

void expect_refusal(struct perftrace_context *context, const char *call,
		    int64_t ret, int code, const char *const parts[]);

/* As refuse(), and there is a remedy with this in it. */
void expect_remedy(struct perftrace_context *context, const char *part);

#endif /* SETUP_H */
