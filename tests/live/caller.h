/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CALLER_H
#define CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A process that already runs, with several threads, and makes an exact number
 * of getppid(2) calls whenever it is told to. Between two tasks all its threads
 * wait.
 */
struct caller {
	pid_t pid;
	size_t num_threads;
	int tasks;
	int answers;
};

struct caller_task {
	uint32_t num_calls;
	/* Made for the task, on top of those that are there. */
	uint32_t new_threads;
	uint32_t new_children;
};

/* @num_threads: with the first one. */
void caller_start(struct caller *caller, size_t num_threads);

/* Returns when it is done; the number of calls that were made in all. */
uint64_t caller_run(struct caller *caller, const struct caller_task *task);

/* The same in two steps, with something else in between. */
void caller_begin(struct caller *caller, const struct caller_task *task);
bool caller_is_done(struct caller *caller);
void caller_await(struct caller *caller);
uint64_t caller_num_calls(const struct caller *caller,
			  const struct caller_task *task);

/* Let it end, and wait for it. */
void caller_end(struct caller *caller);

/* The same, in the calling thread. */
void call_getppid(uint64_t num_calls);

#endif /* CALLER_H */
