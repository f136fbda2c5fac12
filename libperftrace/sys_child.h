/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SYS_CHILD_H
#define SYS_CHILD_H

/* The system calls around a child process. As in sys.h. */

#include <sys/types.h>

/*
 * A child that waits to execute a program. sys_child_start() lets it go on and
 * answers execve(2)'s error; sys_child_abandon() makes one that was not
 * started exit, and reaps it.
 */
struct sys_child {
	pid_t pid;
	int pidfd;
	int gate;
	int report;
};

int sys_child_fork(const char *path, char *const arguments[],
		   struct sys_child *child);
int sys_child_start(struct sys_child *child);
void sys_child_abandon(struct sys_child *child);

/* Close what belongs to it, and leave it alone. */
void sys_child_forget(struct sys_child *child);

/*
 * 1 and how the child ended, without waiting for it; 0 while it runs; -ECHILD
 * when someone else reaped it.
 */
int sys_child_reap(struct sys_child *child, int *exit_code, int *signal_number);

#endif /* SYS_CHILD_H */
