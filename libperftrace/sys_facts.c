/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys_facts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys.h"

void sys_get_ids(uint32_t uids[3], uint32_t gids[3])
{
	getresuid(&uids[0], &uids[1], &uids[2]);
	getresgid(&gids[0], &gids[1], &gids[2]);
}

bool sys_is_dumpable(void)
{
	return prctl(PR_GET_DUMPABLE) == 1;
}

uint64_t sys_locked_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return 0;
	return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

int sys_count_descriptors(uint64_t *count)
{
	uint64_t limit = sys_descriptor_limit(), own;
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!directory)
		return -errno;
	*count = 0;
	own = (uint64_t)dirfd(directory);
	while ((entry = readdir(directory))) {
		uint64_t fd = strtoull(entry->d_name, NULL, 10);

		/* Those above a limit that was lowered take no room. */
		*count += entry->d_name[0] != '.' && fd != own && fd < limit;
	}
	closedir(directory);
	return 0;
}

int sys_get_owner(const char *path, struct sys_owner *owner)
{
	struct stat status;

	if (stat(path, &status))
		return -errno;
	owner->uid = status.st_uid;
	owner->gid = status.st_gid;
	owner->mode = status.st_mode & 07777;
	return 0;
}

static int check_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int sys_check_readable(const char *path)
{
	return check_open(path, O_RDONLY);
}

/* Without O_TRUNC, which empties the list of probes. */
int sys_check_appendable(const char *path)
{
	return check_open(path, O_WRONLY | O_APPEND);
}

int sys_perf_event_open_nothing(void)
{
	return syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0UL) < 0 ? -errno :
									0;
}

/* In memory that both processes have. */
struct call {
	const struct sys_call *request;
	void *data;
	/* Why it was not made, as an -errno. */
	int error;
	bool is_over;
};

static int keep_capabilities(uint64_t capabilities)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	data[0].effective &= (uint32_t)capabilities;
	data[1].effective &= (uint32_t)(capabilities >> 32);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

/* On a stack that AddressSanitizer does not know, and that nothing unwinds. */
__attribute__((no_sanitize_address)) static int call_main(void *argument)
{
	struct call *call = argument;

	/* A filter may let nobody change them: then it is not even tried. */
	if (call->request->capabilities != SYS_SAME_CAPABILITIES)
		call->error = keep_capabilities(call->request->capabilities);
	if (!call->error)
		call->request->function(call->data);
	call->is_over = true;
	_exit(0);
}

#define CHILD_STACK_BYTES 65536

static int run_child(struct call *call, char *stack)
{
	int flags = call->request->may_be_killed ? 0 : CLONE_VM;
	pid_t child;
	int ret;

	/* CLONE_VFORK: it has ended when the call returns. */
	child = clone(call_main, stack + CHILD_STACK_BYTES, flags | CLONE_VFORK,
		      call);
	if (child < 0)
		return -errno;
	do
		/* Not waitpid(3), where a thread can be cancelled. */
		ret = (int)syscall(SYS_wait4, child, NULL, __WCLONE, NULL);
	while (ret < 0 && errno == EINTR);
	return call->is_over ? call->error : -ECHILD;
}

static int call_without_signals(struct call *call)
{
	sigset_t all, old;
	char *stack = mmap(NULL, CHILD_STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	int ret;

	if (stack == MAP_FAILED)
		return -errno;
	/* The caller's handlers must not run in a process that shares memory. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = run_child(call, stack);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	munmap(stack, CHILD_STACK_BYTES);
	return ret;
}

int sys_call_apart(const struct sys_call *request)
{
	size_t bytes = sizeof(struct call) + request->data_bytes;
	struct call *call = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int ret;

	if (call == MAP_FAILED)
		return -errno;
	*call = (struct call){ .request = request, .data = call + 1 };
	memcpy(call->data, request->data, request->data_bytes);
	ret = call_without_signals(call);
	if (!ret)
		memcpy(request->data, call->data, request->data_bytes);
	munmap(call, bytes);
	return ret;
}
