/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_CONTEXT_H
#define PERFTRACE_CONTEXT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: context
 *
 * A context holds everything that the library knows: where tracefs is, what
 * the running kernel can do, the log sink, the last error. There is no other
 * state; two contexts know nothing of each other.
 *
 * Threads: a context, and every object made from it, belongs to one thread at
 * a time. Different contexts are independent. A child that the caller forks
 * must leave its parent's open sessions alone, and not free them either: the
 * rings are not mapped there, and the events would be disabled in the parent.
 *
 * Errors: a function that returns int answers 0 or a positive count on
 * success and -errno on failure. The reason is then in
 * perftrace_context_error() of the context that the object came from, and
 * stays there until the next failure. An argument that makes no sense, such as
 * a NULL string, is -EINVAL; a NULL handle is a bug of the caller's, and ends
 * in assert(3). Functions that release something take NULL.
 */
struct perftrace_context;

/**
 * enum perftrace_log_level - how much a log sink wants to hear
 * @PERFTRACE_LOG_NONE: nothing; the level of a new context
 * @PERFTRACE_LOG_WARNING: something that no return value says, such as bytes
 *	of a ring that had to be skipped
 * @PERFTRACE_LOG_INFO: what the library chose on its own
 * @PERFTRACE_LOG_DEBUG: every failure, and each step of an open
 */
enum perftrace_log_level {
	PERFTRACE_LOG_NONE = 0,
	PERFTRACE_LOG_WARNING = 1,
	PERFTRACE_LOG_INFO = 2,
	PERFTRACE_LOG_DEBUG = 3
};

/**
 * perftrace_context_new() - make a context
 * @context: where the new context goes; to be released with
 *	perftrace_context_unref()
 *
 * Looks at nothing yet: tracefs is searched for when it is first needed, so
 * that its absence can be told with a reason.
 *
 * Return: 0, or -ENOMEM.
 */
int perftrace_context_new(struct perftrace_context **context);

/**
 * perftrace_context_ref() - take one more reference
 * @context: a context
 *
 * Every event, configuration and session holds a reference of its own.
 *
 * Return: @context.
 */
struct perftrace_context *
perftrace_context_ref(struct perftrace_context *context);

/**
 * perftrace_context_unref() - give a reference back
 * @context: a context, or NULL
 *
 * The last reference frees the context.
 */
void perftrace_context_unref(struct perftrace_context *context);

/**
 * perftrace_context_error() - what went wrong last, for people
 * @context: a context
 *
 * Subject, reason and, where one is known, the remedy, in one line without a
 * newline. Answers that are no faults (-EAGAIN and -EINTR of
 * perftrace_session_read(), perftrace_session_wait() and
 * perftrace_session_get_command_result()) leave it alone.
 *
 * Return: a string owned by the context, valid until the next failure; ""
 * when nothing has failed yet. Never NULL.
 */
const char *perftrace_context_error(struct perftrace_context *context);

/**
 * perftrace_context_get_error_code() - what went wrong last, as a number
 * @context: a context
 *
 * Return: the -errno of the last failure, 0 when there was none.
 */
int perftrace_context_get_error_code(struct perftrace_context *context);

/**
 * perftrace_context_get_error_remedy() - what would help
 * @context: a context
 *
 * Return: the remedy part of perftrace_context_error(), "" when the library
 * knows none. Owned by the context, valid until the next failure.
 */
const char *
perftrace_context_get_error_remedy(struct perftrace_context *context);

/**
 * perftrace_context_get_error_position() - where in a text the fault is
 * @context: a context
 *
 * Return: the offset in bytes, counted from 0, of the fault in the text that
 * was refused (a filter, a CPU list, an event's name, the spec of a probe or
 * one of its arguments); -1 when the last failure was not about a text.
 */
int32_t perftrace_context_get_error_position(struct perftrace_context *context);

/**
 * perftrace_context_set_log() - send the log somewhere
 * @context: a context
 * @level: how much of it, one of enum perftrace_log_level
 * @sink: called with @data, the level and one line without a newline, from
 *	inside library calls of the thread that uses the context; it must not
 *	call the library. NULL: no log
 * @data: handed to @sink
 *
 * The library writes nowhere else: never to stdout, stderr or syslog.
 */
void perftrace_context_set_log(struct perftrace_context *context, int32_t level,
			       void (*sink)(void *data, int32_t level,
					    const char *message),
			       void *data);

/**
 * perftrace_context_set_tracefs() - use the tracefs mounted at a path
 * @context: a context
 * @path: a directory with an "events" directory in it, such as
 *	"/proc/1/root/sys/kernel/tracing"; copied. NULL: search again
 *
 * Needed only where the search of perftrace_context_get_tracefs() must not
 * decide.
 *
 * Return: 0; -ENOENT when @path or its "events" directory does not exist,
 * -EACCES or -ENOTDIR when it can't be used, and the path in use stays; -ENOMEM.
 */
int perftrace_context_set_tracefs(struct perftrace_context *context,
				  const char *path);

/**
 * perftrace_context_get_tracefs() - where tracefs is mounted
 * @context: a context
 * @path: the mount point, owned by the context, valid until
 *	perftrace_context_set_tracefs() or the last unref
 *
 * Searched once: a mount of type tracefs wherever it is, else "tracing" below
 * a mount of type debugfs. The library mounts nothing.
 *
 * Return: 0; -ENOENT when tracefs is not mounted, -EACCES when it is, but may
 * not be read, -ENODATA when it is empty, as lockdown leaves it. The error
 * says what to do.
 */
int perftrace_context_get_tracefs(struct perftrace_context *context,
				  const char **path);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_CONTEXT_H */
