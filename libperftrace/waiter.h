/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef WAITER_H
#define WAITER_H

/* One descriptor to poll for everything that a session waits for. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct waiter;

/* What a descriptor tells when it becomes ready. */
enum waiter_subject {
	/* A ring reached its watermark. */
	WAITER_RING,
	/* The flush interval has passed. */
	WAITER_TIMER,
	/* The command has ended. */
	WAITER_COMMAND,
	/* A task that is traced, and all that it started, have ended. */
	WAITER_TASK,
	/* The same, where its ring has no news for anyone. */
	WAITER_TASK_END,
	/* The process that is counted has ended. */
	WAITER_PROCESS,
	/* Another thread has something to say. */
	WAITER_ALARM,
};

struct waiter_news {
	bool has_any;
	bool has_timer;
	bool has_command_ended;
	size_t num_tasks_ended;
};

int waiter_new(struct waiter **waiter);
void waiter_free(struct waiter *waiter);

int waiter_get_fd(struct waiter *waiter);
int waiter_add(struct waiter *waiter, int fd, enum waiter_subject subject);

/* To be called once, where another thread may raise it. */
int waiter_add_alarm(struct waiter *waiter);
/* By any thread: whoever waits, or will, is woken once. */
void waiter_raise_alarm(struct waiter *waiter);

/* 0: stop it. */
int waiter_set_timer(struct waiter *waiter, uint32_t interval_ms);

/* Let the timer's next tick come earlier. */
int waiter_hurry_timer(struct waiter *waiter, uint64_t first_ns);

/* @timeout_ms as of epoll_wait(2). 0, also when there is no news; -EINTR. */
int waiter_wait(struct waiter *waiter, int timeout_ms,
		struct waiter_news *news);

#endif /* WAITER_H */
