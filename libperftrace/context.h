/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONTEXT_H
#define CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <perftrace/context.h>

struct btf_types;
struct closer_list;
struct log;
struct symbols;

struct log *context_get_log(struct perftrace_context *context);

/*
 * Whether the running kernel counts lost records per event (PERF_FORMAT_LOST):
 * asked of it once, with an event that counts nothing.
 */
bool context_has_format_lost(struct perftrace_context *context);

/* For tests: behave as on a kernel that does not. */
void context_forget_format_lost(struct perftrace_context *context);

/* Is tracefs still where it was found? As perftrace_context_get_tracefs(). */
int context_check_tracefs(struct perftrace_context *context);

/* The names of the kernel's functions, read when they are first needed. */
struct symbols *context_get_symbols(struct perftrace_context *context);

/*
 * The kernel's types, read when they are first needed; of a module as well,
 * unless @module is NULL. -EOPNOTSUPP where the kernel has none.
 */
int context_get_types(struct perftrace_context *context, const char *module,
		      struct btf_types **types);

/*
 * Does the kernel grant this caller probes of a PMU? Asked with an event that
 * has no place, and is refused for that when it is not refused before.
 */
bool context_may_use_pmu(uint32_t type);

/* Processes that close what sessions have left, and outlive them. */
struct closer_list *context_get_closers(struct perftrace_context *context);

/* True once: the first that asks is to sweep up after the dead. */
bool context_takes_turn_to_sweep(struct perftrace_context *context);

#endif /* CONTEXT_H */
