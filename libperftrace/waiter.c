/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A perf descriptor whose task has ended hangs up, and says so at every look.
 * It is then taken out, so that the session's descriptor does not stay ready
 * for ever; the event loop of the caller would spin.
 *
 * A ring's news is told once: to whichever of the descriptors that write to it
 * is looked at first (perf_poll() takes rb->poll). So each that is watched has
 * to ask for it, also those whose end alone is of interest.
 */
#include "waiter.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "sys.h"

#define MOST_AT_ONCE 16

struct waiter {
	int epoll;
	int timer;
	/* -1: none. */
	int alarm;
	uint32_t interval_ms;
};

static uint64_t make_tag(int fd, enum waiter_subject subject)
{
	return (uint64_t)(uint32_t)fd << 8 | subject;
}

int waiter_new(struct waiter **waiter)
{
	struct waiter *made = calloc(1, sizeof(*made));
	int ret;

	if (!made)
		return -ENOMEM;
	made->timer = made->alarm = -1;
	made->epoll = sys_epoll_create();
	ret = made->epoll < 0 ? made->epoll : 0;
	if (!ret) {
		made->timer = sys_timer_create();
		ret = made->timer < 0 ? made->timer : 0;
	}
	if (!ret)
		ret = waiter_add(made, made->timer, WAITER_TIMER);
	if (ret) {
		waiter_free(made);
		return ret;
	}
	*waiter = made;
	return 0;
}

void waiter_free(struct waiter *waiter)
{
	if (!waiter)
		return;
	sys_close(waiter->alarm);
	sys_close(waiter->timer);
	sys_close(waiter->epoll);
	free(waiter);
}

int waiter_get_fd(struct waiter *waiter)
{
	return waiter->epoll;
}

int waiter_add(struct waiter *waiter, int fd, enum waiter_subject subject)
{
	/* To hang up is told unasked. */
	uint32_t events = subject == WAITER_TASK_END ? 0 : EPOLLIN;

	/* Whoever reaps the command closes it, in another thread perhaps. */
	if (subject == WAITER_COMMAND)
		events |= EPOLLONESHOT;
	return sys_epoll_add(waiter->epoll, fd, events, make_tag(fd, subject));
}

int waiter_add_alarm(struct waiter *waiter)
{
	int alarm = sys_alarm_create();

	if (alarm < 0)
		return alarm;
	waiter->alarm = alarm;
	return waiter_add(waiter, alarm, WAITER_ALARM);
}

void waiter_raise_alarm(struct waiter *waiter)
{
	sys_alarm_raise(waiter->alarm);
}

int waiter_set_timer(struct waiter *waiter, uint32_t interval_ms)
{
	waiter->interval_ms = interval_ms;
	return sys_timer_set(waiter->timer, (uint64_t)interval_ms * 1000000,
			     interval_ms);
}

int waiter_hurry_timer(struct waiter *waiter, uint64_t first_ns)
{
	return sys_timer_set(waiter->timer, first_ns, waiter->interval_ms);
}

static void take_news(struct waiter *waiter, const struct sys_wakeup *wakeup,
		      struct waiter_news *news)
{
	int fd = (int)(wakeup->tag >> 8);

	news->has_any = true;
	switch ((enum waiter_subject)(wakeup->tag & 0xff)) {
	case WAITER_TIMER:
		news->has_timer = true;
		sys_timer_clear(fd);
		break;
	case WAITER_COMMAND:
		news->has_command_ended = true;
		break;
	case WAITER_TASK:
	case WAITER_TASK_END:
		if (wakeup->events & (EPOLLHUP | EPOLLERR)) {
			news->num_tasks_ended++;
			sys_epoll_remove(waiter->epoll, fd);
		}
		break;
	case WAITER_PROCESS:
		news->num_tasks_ended++;
		sys_epoll_remove(waiter->epoll, fd);
		break;
	case WAITER_ALARM:
		sys_alarm_clear(fd);
		break;
	case WAITER_RING:
		if (wakeup->events & (EPOLLHUP | EPOLLERR))
			sys_epoll_remove(waiter->epoll, fd);
		break;
	}
}

int waiter_wait(struct waiter *waiter, int timeout_ms, struct waiter_news *news)
{
	struct sys_wakeup wakeups[MOST_AT_ONCE];
	int i, count = sys_wait(waiter->epoll, wakeups, MOST_AT_ONCE,
				timeout_ms);

	*news = (struct waiter_news){ .has_any = false };
	for (i = 0; i < count; i++)
		take_news(waiter, &wakeups[i], news);
	return count < 0 ? count : 0;
}
