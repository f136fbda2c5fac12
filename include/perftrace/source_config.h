/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_SOURCE_CONFIG_H
#define PERFTRACE_SOURCE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include <perftrace/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: source_config
 *
 * The settings of one event in a session, with a default for each. Copied when
 * the event is added. A setting that is refused leaves the one in force.
 */
struct perftrace_source_config;

/**
 * enum perftrace_callchain - which half of the stack; to be combined with |
 * @PERFTRACE_CALLCHAIN_NONE: no callchain
 * @PERFTRACE_CALLCHAIN_KERNEL: the kernel's half
 * @PERFTRACE_CALLCHAIN_USER: the program's half, by frame pointers
 */
enum perftrace_callchain {
	PERFTRACE_CALLCHAIN_NONE = 0,
	PERFTRACE_CALLCHAIN_KERNEL = 1,
	PERFTRACE_CALLCHAIN_USER = 2
};

/**
 * perftrace_source_config_new() - make a configuration of defaults
 * @context: the context that is told why a setting was refused
 * @config: the configuration; to be released with
 *	perftrace_source_config_free()
 *
 * Return: 0, or -ENOMEM.
 */
int perftrace_source_config_new(struct perftrace_context *context,
				struct perftrace_source_config **config);

/**
 * perftrace_source_config_free() - release a configuration
 * @config: a configuration, or NULL
 */
void perftrace_source_config_free(struct perftrace_source_config *config);

/**
 * perftrace_source_config_set_filter() - let the kernel pass over records
 * @config: a configuration
 * @filter: an expression over the event's fields in the kernel's syntax, such
 *	as "prev_prio < 100 && next_comm ~ \"k*\""
 *	(Documentation/trace/events.rst, section 5 of the kernel); copied.
 *	NULL: no filter, the default; an empty text is refused when the event
 *	is added
 *
 * Checked against the event's fields when the event is added, and set on all
 * of the source's descriptors or on none. It also applies to counts.
 *
 * Return: 0, or -ENOMEM.
 */
int perftrace_source_config_set_filter(struct perftrace_source_config *config,
				       const char *filter);

/**
 * perftrace_source_config_set_period() - sample every n-th event
 * @config: a configuration
 * @period: from 1, every event, the default, to 2^63 - 1
 *
 * With a period above 1 delivered and lost count samples, not events;
 * perftrace_source_get_counts() still counts events.
 *
 * Return: 0, or -EINVAL.
 */
int perftrace_source_config_set_period(struct perftrace_source_config *config,
				       uint64_t period);

/**
 * perftrace_source_config_set_callchain() - record the stack
 * @config: a configuration
 * @callchain: enum perftrace_callchain values, combined;
 *	PERFTRACE_CALLCHAIN_NONE by default
 *
 * The depth is limited by the kernel.perf_event_max_stack sysctl.
 *
 * Return: 0, or -EINVAL.
 */
int perftrace_source_config_set_callchain(
	struct perftrace_source_config *config, uint32_t callchain);

/**
 * perftrace_source_config_set_exclude_kernel() - only what users do
 * @config: a configuration
 * @exclude_kernel: true: events that the kernel raises on its own behalf are
 *	passed over; false is the default
 *
 * What an unprivileged user has to set to open an event at
 * kernel.perf_event_paranoid 2. Of the tracepoints, only syscalls:* then
 * deliver anything: the others are raised with kernel registers.
 *
 * Return: 0.
 */
int perftrace_source_config_set_exclude_kernel(
	struct perftrace_source_config *config, bool exclude_kernel);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_SOURCE_CONFIG_H */
