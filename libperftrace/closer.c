/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What takes long in a close is the kernel's: for each tracepoint whose last
 * event goes, it waits until no CPU can be in it any more, some 40 ms, one
 * tracepoint after the other under a mutex (perf_trace_event_unreg() in
 * kernel/trace/trace_event_perf.c). Whoever closes last waits. More threads, or
 * close_range(2), or leaving it to exit change nothing of it. What changes
 * something for the caller is to not be the last.
 *
 * Who is the last, then? A thread of the caller's would be: the process could not
 * end before it. A child that was forked is independent, but to fork is to copy
 * the caller's page tables (45 ms for a GiB of small pages), at the close, or at
 * the open for a keeper that takes copies over a socket; and it holds the memory
 * that the caller then changes. So the closing process is a clone that shares the
 * caller's memory, has descriptors of its own, and ends at once:
 *
 *	caller					closing process
 *	clone(CLONE_VM), not CLONE_FILES ---->	has copies of all descriptors
 *	closes its own				closes all that are not for it
 *	unmaps the rings			waits at the gate
 *	opens the gate  ------------------->	exit(2): leaves the memory,
 *	has gone on  <---------------------	then closes
 *
 * In exit(2) the kernel first gives up the memory (exit_mm()), then the table of
 * descriptors and the directory (exit_files(), exit_fs()), and closes what was in
 * it after that (exit_task_work()). So while it closes, the process holds nothing
 * of the caller's: no memory, no pipe, no directory, no mount. It executes no
 * instruction any more, and needs none of the library's text. Nothing can stop
 * it half-way: not a signal, and not the end of the caller.
 *
 * The gate is shut until the caller has closed its own descriptors, for else the
 * caller could be the last, and until the rings are unmapped: that holds each
 * event for a moment (perf_mmap_close()), and who lets an event go last frees it.
 * When the caller is killed before, the closing process is, too, and the kernel
 * closes for both.
 *
 * It sends no signal when it ends, and wait(2) does not see it without __WALL or
 * __WCLONE. Until it is reaped it stays as a zombie, for which the session looks,
 * and, after that, the context, whenever a session of it is made or freed.
 *
 * What goes otherwise: another tracer that opens an event meanwhile waits for the
 * mutex, for as long as the tracepoint takes that is being closed. The kernel
 * tells of no steps in between, so all descriptors count until the last is
 * closed. And a named probe can be removed only when its event is closed: those
 * are closed by the caller, who waits for them.
 *
 * Another way would be not to open so many: raw_syscalls:sys_enter and sys_exit
 * with a filter on their number deliver the calls of any number of syscalls:*
 * events, and are closed in two waits. But records would be of other events,
 * with other fields and another text: that is for the caller to choose.
 */
#include "closer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sys.h"
#include "sys_closer.h"

struct closer {
	/* Until it is let go; then only its end matters. */
	struct sys_closer *process;
	int *fds;
	size_t count;
	int pidfd;
};

static int compare_fds(const void *left, const void *right)
{
	int a = *(const int *)left, b = *(const int *)right;

	return (a > b) - (a < b);
}

static void free_closer(struct closer *closer)
{
	free(closer->fds);
	free(closer);
}

static struct closer *make_closer(const int *fds, size_t count)
{
	struct closer *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->count = count;
	made->pidfd = -1;
	made->fds = malloc(count * sizeof(*fds));
	if (!made->fds) {
		free(made);
		return NULL;
	}
	memcpy(made->fds, fds, count * sizeof(*fds));
	qsort(made->fds, count, sizeof(*fds), compare_fds);
	return made;
}

int closer_new(const int *fds, size_t count, struct closer **closer)
{
	struct closer *made = make_closer(fds, count);
	int ret;

	if (!made)
		return -ENOMEM;
	ret = sys_closer_start(made->fds, count, &made->process);
	if (ret) {
		free_closer(made);
		return ret;
	}
	sys_close_ascending(made->fds, count);
	*closer = made;
	return 0;
}

int closer_list_make_room(struct closer_list *list)
{
	size_t size = (list->count + 1) * sizeof(struct closer *);
	struct closer **larger = realloc(list->closers, size);

	if (!larger)
		return -ENOMEM;
	list->closers = larger;
	return 0;
}

void closer_let_go(struct closer *closer, struct closer_list *list)
{
	closer->pidfd = sys_closer_let_go(closer->process);
	closer->process = NULL;
	free(closer->fds);
	closer->fds = NULL;
	list->closers[list->count++] = closer;
}

size_t closer_list_count(struct closer_list *list)
{
	size_t num_left = 0, num_fds = 0, i;

	for (i = 0; i < list->count; i++) {
		struct closer *closer = list->closers[i];

		if (sys_closer_reap(closer->pidfd)) {
			free_closer(closer);
			continue;
		}
		num_fds += closer->count;
		list->closers[num_left++] = closer;
	}
	list->count = num_left;
	return num_fds;
}

int closer_list_wait(struct closer_list *list, int32_t timeout_ms)
{
	uint64_t deadline_ns = sys_deadline_ns(timeout_ms);
	int ret;

	while (closer_list_count(list)) {
		ret = sys_closer_wait(list->closers[0]->pidfd,
				      sys_time_left_ms(deadline_ns));
		if (ret <= 0)
			return ret ? ret : -EAGAIN;
	}
	return 0;
}

/* It goes on; nobody reaps it but the caller's end. */
static void forget(struct closer *closer)
{
	sys_close(closer->pidfd);
	free_closer(closer);
}

void closer_list_move(struct closer_list *from, struct closer_list *to)
{
	closer_list_count(from);
	while (from->count) {
		struct closer *closer = from->closers[--from->count];

		if (closer_list_make_room(to))
			forget(closer);
		else
			to->closers[to->count++] = closer;
	}
	closer_list_clear(from);
}

void closer_list_clear(struct closer_list *list)
{
	closer_list_count(list);
	while (list->count)
		forget(list->closers[--list->count]);
	free(list->closers);
	list->closers = NULL;
}
