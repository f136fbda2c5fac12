/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_FACTS_H
#define PERFTRACE_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include <perftrace/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: facts
 *
 * What decides whether an event can be had: who asks, with which capabilities
 * and limits, and how the kernel is set up. perftrace_facts_new() finds it out;
 * perftrace_facts_set() changes it, for the question of what would happen to
 * somebody else, or elsewhere. perftrace-access(7) lists the keys.
 *
 * Facts are gathered once and do not change by themselves: after setuid(2), a
 * change of a sysctl or of a limit, call perftrace_facts_refresh().
 */
struct perftrace_facts;

/**
 * perftrace_facts_new() - gather the facts about the caller and its kernel
 * @context: a context; the facts hold a reference
 * @facts: the facts; to be released with perftrace_facts_free()
 *
 * Reads files of /proc, /sys and tracefs, and opens and closes some events that
 * count nothing. Where the caller has capabilities, this is done by a process
 * without them as well, which ends before the call returns, raises no signal and
 * is not seen by wait(2). It shares the caller's memory; where a seccomp filter
 * might end who makes such a call, it has a copy, and asks first.
 *
 * What can't be found out stays unknown.
 *
 * Return: 0, or -ENOMEM.
 */
int perftrace_facts_new(struct perftrace_context *context,
			struct perftrace_facts **facts);

/**
 * perftrace_facts_free() - release facts
 * @facts: facts, or NULL
 */
void perftrace_facts_free(struct perftrace_facts *facts);

/**
 * perftrace_facts_refresh() - gather them again
 * @facts: facts
 *
 * What was set by hand is forgotten.
 *
 * Return: 0, or -ENOMEM, and the facts are what they were.
 */
int perftrace_facts_refresh(struct perftrace_facts *facts);

/**
 * perftrace_facts_set() - change facts by a description
 * @facts: facts
 * @description: KEY=VALUE, any number of them, with commas or white space
 *	between: "uid=1000,caps=perfmon+ipc_lock,paranoid=3"
 *
 * What follows from a change is changed with it: a uid brings the capabilities
 * that such a user has, and what it can do with tracefs.
 *
 * Return: 0; -EINVAL, with the position of the fault, and nothing is changed;
 * -ENOMEM.
 */
int perftrace_facts_set(struct perftrace_facts *facts, const char *description);

/**
 * perftrace_facts_format() - all facts as a description
 * @facts: facts
 * @buffer: room for the text and the zero byte that ends it
 * @size_bytes: of @buffer; 0: only the length is wanted
 *
 * A line for each, "KEY=VALUE", which perftrace_facts_set() understands.
 *
 * Return: the length without the zero byte, whether it fitted or not.
 */
int64_t perftrace_facts_format(struct perftrace_facts *facts, char *buffer,
			       size_t size_bytes);

/**
 * perftrace_facts_get() - one fact
 * @facts: facts
 * @key: such as "paranoid"
 * @buffer: room for the value and the zero byte that ends it
 * @size_bytes: of @buffer; 0: only the length is wanted
 *
 * Return: the length without the zero byte, whether it fitted or not; -ENOENT
 * when there is no such key.
 */
int64_t perftrace_facts_get(struct perftrace_facts *facts, const char *key,
			    char *buffer, size_t size_bytes);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_FACTS_H */
