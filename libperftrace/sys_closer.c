/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys_closer.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#define STACK_BYTES 65536

/* In memory that both processes have. */
struct sys_closer {
	const int *fds;
	size_t count;
	pid_t parent;
	int pidfd;
	char *stack;
	/* Opened by the caller. */
	uint32_t gate;
	/* Until the kernel clears it, the child is in this memory. */
	uint32_t is_here;
};

/* errno is the caller's, who goes on: it is written here, and not read there. */
static void close_between(int above, int below)
{
	if (above + 1 < below)
		syscall(SYS_close_range, (unsigned int)above + 1,
			(unsigned int)below - 1, 0);
}

static void close_others(const struct sys_closer *closer)
{
	int last = -1;
	size_t i;

	for (i = 0; i < closer->count; i++) {
		close_between(last, closer->fds[i]);
		last = closer->fds[i];
	}
	syscall(SYS_close_range, (unsigned int)last + 1, UINT_MAX, 0);
}

/*
 * On a stack that AddressSanitizer does not know, and that nothing unwinds. To
 * return is exit(2), in which the kernel closes what is left.
 */
__attribute__((no_sanitize_address)) static int closer_main(void *argument)
{
	struct sys_closer *closer = argument;

	/* The caller's end before the gate opens would leave it shut. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != closer->parent)
		return 0;
	close_others(closer);
	while (!__atomic_load_n(&closer->gate, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, &closer->gate, FUTEX_WAIT, 0, NULL);
	return 0;
}

/* Without a signal for its end, which is thus no news of a wait(2) either. */
#define CLOSER_FLAGS (CLONE_VM | CLONE_PIDFD | CLONE_CHILD_CLEARTID)

static int start_without_signals(struct sys_closer *closer)
{
	sigset_t all, old;
	pid_t child;
	int ret;

	/* The caller's handlers must not run in a process that shares memory. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	child = clone(closer_main, closer->stack + STACK_BYTES, CLOSER_FLAGS,
		      closer, &closer->pidfd, NULL, &closer->is_here);
	ret = child < 0 ? -errno : 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ret;
}

static void free_closer(struct sys_closer *closer)
{
	if (closer->stack)
		munmap(closer->stack, STACK_BYTES);
	free(closer);
}

static bool can_close_ranges(void)
{
	/* There is no such descriptor, and it has to be no fault. */
	return !syscall(SYS_close_range, UINT_MAX, UINT_MAX, 0);
}

int sys_closer_start(const int *fds, size_t count, struct sys_closer **closer)
{
	struct sys_closer *made;
	int ret;

	if (!can_close_ranges())
		return -EOPNOTSUPP;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->fds = fds;
	made->count = count;
	made->parent = getpid();
	made->is_here = 1;
	made->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (made->stack == MAP_FAILED) {
		free(made);
		return -ENOMEM;
	}
	ret = start_without_signals(made);
	if (ret) {
		free_closer(made);
		return ret;
	}
	*closer = made;
	return 0;
}

void sys_close_ascending(const int *fds, size_t count)
{
	size_t first = 0, i;

	for (i = 1; i <= count; i++) {
		if (i < count && fds[i] == fds[i - 1] + 1)
			continue;
		syscall(SYS_close_range, (unsigned int)fds[first],
			(unsigned int)fds[i - 1], 0);
		first = i;
	}
}

int sys_closer_let_go(struct sys_closer *closer)
{
	int pidfd = closer->pidfd;

	__atomic_store_n(&closer->gate, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &closer->gate, FUTEX_WAKE, 1);
	/* The kernel's own wake-up is of a shared futex. */
	while (__atomic_load_n(&closer->is_here, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, &closer->is_here, FUTEX_WAIT, 1, NULL);
	free_closer(closer);
	return pidfd;
}

int sys_closer_reap(int pidfd)
{
	siginfo_t info = { .si_pid = 0 };

	if (!sys_poll_in(pidfd))
		return 0;
	/* Unless someone else did: it has ended in any case. */
	while (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info,
		      WEXITED | WNOHANG | __WCLONE) &&
	       errno == EINTR)
		;
	close(pidfd);
	return 1;
}

int sys_closer_wait(int pidfd, int timeout_ms)
{
	struct pollfd entry = { .fd = pidfd, .events = POLLIN };
	int ret = poll(&entry, 1, timeout_ms);

	return ret < 0 ? -errno : ret;
}
