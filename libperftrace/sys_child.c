/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

/* Not readdir(3), which allocates. */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

static void close_entry(const struct entry *entry, int gate, int report,
			int directory)
{
	int fd = atoi(entry->name);
	int flags = entry->name[0] == '.' ? -1 : fcntl(fd, F_GETFD);

	if (flags >= 0 && flags & FD_CLOEXEC && fd != gate && fd != report &&
	    fd != directory)
		close(fd);
}

/*
 * The exec will close them, but may be long in coming: until then the copies
 * would keep the events of other sessions open.
 */
static void close_early(int gate, int report)
{
	char buffer[1024] __attribute__((aligned(8)));
	int directory = open("/proc/self/fd", O_RDONLY | O_CLOEXEC);
	long got, at;

	while ((got = syscall(SYS_getdents64, directory, buffer,
			      sizeof(buffer))) > 0) {
		for (at = 0; at < got;) {
			const struct entry *entry = (void *)(buffer + at);

			close_entry(entry, gate, report, directory);
			at += entry->length;
		}
	}
	sys_close(directory);
}

/*
 * In the child. Only async-signal-safe calls: the caller may have threads, one
 * of which may have held the allocator's lock at the fork.
 */
static void __attribute__((noreturn))
child_main(int gate, int report, const char *path, char *const arguments[])
{
	ssize_t got;
	char go;
	int error;

	close_early(gate, report);
	do
		got = read(gate, &go, 1);
	while (got < 0 && errno == EINTR);
	if (got == 1) {
		execv(path, arguments);
		error = errno;
		if (write(report, &error, sizeof(error)) < 0)
			_exit(126);
	}
	_exit(127);
}

static void close_pipe(int pipe[2])
{
	sys_close(pipe[0]);
	sys_close(pipe[1]);
}

int sys_child_fork(const char *path, char *const arguments[],
		   struct sys_child *child)
{
	int gate[2] = { -1, -1 }, report[2] = { -1, -1 }, ret;
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC) || pipe2(report, O_CLOEXEC)) {
		ret = -errno;
		close_pipe(gate);
		return ret;
	}
	pid = fork();
	if (pid < 0) {
		ret = -errno;
		close_pipe(gate);
		close_pipe(report);
		return ret;
	}
	if (!pid) {
		close(gate[1]);
		child_main(gate[0], report[1], path, arguments);
	}
	close(gate[0]);
	close(report[1]);
	child->pid = pid;
	child->gate = gate[1];
	child->report = report[0];
	child->pidfd = sys_pidfd_open(pid);
	if (child->pidfd < 0) {
		ret = child->pidfd;
		sys_child_abandon(child);
		return ret;
	}
	return 0;
}

void sys_child_forget(struct sys_child *child)
{
	sys_close(child->gate);
	sys_close(child->report);
	sys_close(child->pidfd);
	child->gate = child->report = child->pidfd = -1;
}

int sys_child_start(struct sys_child *child)
{
	int error = 0;
	ssize_t got;

	/*
	 * The gate is a pipe whose only reader is the child: were it gone, a
	 * write would raise SIGPIPE in the caller. It can only be gone when it
	 * was killed; then the byte is not needed either.
	 */
	sigset_t pipe_signal, old;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &old);
	got = write(child->gate, "", 1);
	if (got < 0) {
		struct timespec now = { 0, 0 };

		sigtimedwait(&pipe_signal, NULL, &now);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);

	/* Ends with the exec, which closes the other end. */
	got = sys_read(child->report, &error, sizeof(error));
	sys_close(child->gate);
	sys_close(child->report);
	child->gate = child->report = -1;
	return got == (ssize_t)sizeof(error) ? -error : 0;
}

void sys_child_abandon(struct sys_child *child)
{
	/*
	 * Closing the gate would not do: a child that another session forked
	 * meanwhile holds a copy of it until it executes.
	 */
	if (child->pidfd < 0)
		kill(child->pid, SIGKILL);
	else
		syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	sys_child_forget(child);
}

int sys_child_reap(struct sys_child *child, int *exit_code, int *signal_number)
{
	siginfo_t info = { .si_pid = 0 };
	int ret;

	do
		ret = waitid((idtype_t)P_PIDFD, (id_t)child->pidfd, &info,
			     WEXITED | WNOHANG);
	while (ret < 0 && errno == EINTR);
	if (ret < 0) {
		ret = -errno;
		sys_child_forget(child);
		return ret;
	}
	if (!info.si_pid)
		return 0;
	*exit_code = info.si_code == CLD_EXITED ? info.si_status : -1;
	*signal_number = info.si_code == CLD_EXITED ? 0 : info.si_status;
	sys_child_forget(child);
	return 1;
}
