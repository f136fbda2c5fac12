/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes.h"

unsigned int slowness(void)
{
	/* What check(3) lengthens its own patience by. */
	const char *multiplier = getenv("CK_TIMEOUT_MULTIPLIER");

	return multiplier && atoi(multiplier) > 1 ?
		       (unsigned int)atoi(multiplier) :
		       1;
}

/* The second number of an owner's group: "_1234abcd_". */
static void name_namespace(const char *link, char text[16])
{
	struct stat status;

	ck_assert_int_eq(stat(link, &status), 0);
	snprintf(text, 16, "_%08x_", (unsigned int)status.st_ino);
}

static bool is_of(const char *line, const char *namespace)
{
	const char *group = strstr(line, ":perftrace_");
	const size_t boot = strlen(":perftrace_") + 8;

	return group && strlen(group) > boot + 10 &&
	       !memcmp(group + boot, namespace, 10);
}

/* Visit, and by the way count, what a namespace has. */
static size_t visit(const char *namespace, void (*function)(const char *line))
{
	FILE *file = fopen(DYNAMIC_EVENTS, "re");
	char line[3 * PATH_MAX];
	size_t count = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (!is_of(line, namespace))
			continue;
		count++;
		if (function)
			function(line);
	}
	if (file)
		fclose(file);
	return count;
}

size_t count_probes_of_world(void)
{
	char namespace[16];

	name_namespace("/proc/self/ns/pid", namespace);
	return visit(namespace, NULL);
}

/* Nobody else would ever do it. */
static void remove_line(const char *line)
{
	int fd = open(DYNAMIC_EVENTS, O_WRONLY | O_APPEND | O_CLOEXEC);
	const char *name = strchr(line, ':');
	char text[256];

	snprintf(text, sizeof(text), "-%.*s", (int)strcspn(name, " "), name);
	printf("# left: %s\n", text + 2);
	/* Several lines may be one event. */
	if (write(fd, text, strlen(text)) < 0 && errno != ENOENT)
		perror("# removal");
	close(fd);
}

static volatile sig_atomic_t is_late;

static void be_late(int number)
{
	(void)number;
	is_late = 1;
}

static void __attribute__((noreturn)) begin_world(void (*function)(void))
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount("proc", "/proc", "proc", 0, NULL), 0);
	function();
	_exit(EXIT_SUCCESS);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		ck_assert_int_eq(errno, EINTR);
		if (is_late)
			kill(pid, SIGKILL);
	}
	return status;
}

/* Who has been outside of the namespace can't go into it, only its children. */
static void supervise(void (*function)(void), unsigned int seconds)
{
	struct sigaction action = { .sa_handler = be_late };
	char namespace[16];
	size_t num_left;
	int status;
	pid_t pid;

	ck_assert_int_eq(unshare(CLONE_NEWPID), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid)
		begin_world(function);
	name_namespace("/proc/self/ns/pid_for_children", namespace);
	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	alarm(seconds);
	status = wait_for(pid);
	alarm(0);
	num_left = visit(namespace, remove_line);
	ck_assert_msg(!is_late, "not done after %u s", seconds);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(num_left, 0);
}

/* In a child, for this process could have none any more. */
void run_in_world(void (*function)(void), unsigned int seconds)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		supervise(function, seconds * slowness());
		_exit(EXIT_SUCCESS);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
