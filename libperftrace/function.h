/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FUNCTION_H
#define FUNCTION_H

struct perftrace_context;
struct perftrace_event;
struct probe_settings;

/*
 * The function event, limited to the functions of a pattern. See
 * perftrace_probe_make_event().
 */
int function_make_event(struct perftrace_context *context,
			const struct probe_settings *settings,
			struct perftrace_event **event);

#endif /* FUNCTION_H */
