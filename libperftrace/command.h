/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef COMMAND_H
#define COMMAND_H

/* The program that a session runs. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command;
struct log;

/*
 * Look the program up and fork a child that waits. -ENOENT, -EACCES, -ENOMEM,
 * -EAGAIN with the reason.
 */
int command_prepare(struct log *log, char *const arguments[],
		    struct command **command);

/* Execute it; the -errno of execve(2), with the reason. */
int command_start(struct command *command);

/*
 * Forget it. A child that was not started is ended; one that runs is left to
 * itself; one that has ended is reaped.
 */
void command_free(struct command *command);

/* In a child of the process that prepared it: leave it to that. */
void command_forget(struct command *command);

int32_t command_get_pid(struct command *command);

/* Readable when it has ended; -1 when that is known. */
int command_get_fd(struct command *command);
/* With the pipes to a child that waits. */
size_t command_get_num_descriptors(struct command *command);

/* Has it ended? Reaps it. */
bool command_has_ended(struct command *command);

/* 0; -EAGAIN; -ECHILD: someone else reaped it. */
int command_get_result(struct command *command, int32_t *exit_code,
		       int32_t *signal_number);

/*
 * One that another process has started; @pidfd becomes the command's, -1: it
 * has ended. It goes on when it is freed, and its result is not known.
 */
int command_adopt(struct log *log, int32_t pid, int pidfd,
		  struct command **command);

/* Is it prepared, and not started? */
bool command_is_waiting(struct command *command);

#endif /* COMMAND_H */
