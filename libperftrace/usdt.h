/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef USDT_H
#define USDT_H

struct perftrace_context;
struct probe_settings;
struct recipe;

/*
 * The recipe for all places of a marker. See perftrace_probe_make_event().
 * @recipe: initialised.
 */
int usdt_prepare(struct perftrace_context *context,
		 const struct probe_settings *settings, struct recipe *recipe);

#endif /* USDT_H */
