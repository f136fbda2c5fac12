/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KPROBE_H
#define KPROBE_H

struct perftrace_context;
struct probe_settings;
struct recipe;

/*
 * The recipe for a kprobe or a kretprobe. What can be known of the place
 * beforehand is checked: see perftrace_probe_make_event(). @recipe: initialised.
 */
int kprobe_prepare(struct perftrace_context *context,
		   const struct probe_settings *settings,
		   struct recipe *recipe);

#endif /* KPROBE_H */
