/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UPROBE_H
#define UPROBE_H

/*
 * Dynamic events of the test's own: on functions of the test program, in a
 * group of their own, so that no other event is ever touched.
 */
#define UPROBE_GROUP "perftrace_live"

/* @arguments: fetch arguments, "" for none. Replaces what a killed run left. */
void uprobe_create(const char *name, void (*function)(int),
		   const char *arguments);
void uprobe_remove(const char *name);

/* Something to probe; the argument is in the first register. */
void probed(int value);
void probed_elsewhere(int value);

#ifdef __aarch64__
#define FIRST_REGISTER "%x0"
#else
#define FIRST_REGISTER "%di"
#endif

#endif /* UPROBE_H */
