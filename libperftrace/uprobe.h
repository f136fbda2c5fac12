/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UPROBE_H
#define UPROBE_H

struct perftrace_context;
struct probe_settings;
struct recipe;

/*
 * The recipe for a uprobe or a uretprobe. See perftrace_probe_make_event().
 * @recipe: initialised.
 */
int uprobe_prepare(struct perftrace_context *context,
		   const struct probe_settings *settings,
		   struct recipe *recipe);

#endif /* UPROBE_H */
