/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sys.h"
#include "sys_child.h"

enum command_state { WAITING, RUNNING, ENDED, REAPED_BY_OTHERS };

struct command {
	struct log *log;
	char *path;
	struct sys_child child;
	enum command_state state;
	int exit_code;
	int signal_number;
	/* The child of another process. */
	bool is_adopted;
};

/* execvp(3)'s search, before the fork: it is not safe after one. */
static int search_path(const char *name, char **path)
{
	const char *list = getenv("PATH"), *end;
	int refused = -ENOENT;

	if (!list)
		list = "/bin:/usr/bin";
	for (;; list = end + 1) {
		int length, ret;

		end = list + strcspn(list, ":");
		length = (int)(end - list);
		if (asprintf(path, "%.*s%s%s", length, list, length ? "/" : "",
			     name) < 0)
			return -ENOMEM;
		ret = sys_check_executable(*path);
		if (!ret)
			return 0;
		free(*path);
		if (ret == -EACCES)
			refused = ret;
		if (!*end)
			return refused;
	}
}

static int find_program(const char *name, char **path)
{
	int ret;

	if (!strchr(name, '/'))
		return search_path(name, path);
	ret = sys_check_executable(name);
	if (ret)
		return ret;
	*path = strdup(name);
	return *path ? 0 : -ENOMEM;
}

static int fail_command(struct log *log, int error, const char *name)
{
	if (error == -ENOMEM)
		return fail_memory(log);
	fail(log, error, "command %s: %s", name, strerror(-error));
	if (error == -EMFILE)
		return fail_remedy(log, "raise RLIMIT_NOFILE (ulimit -n)");
	return error;
}

int command_prepare(struct log *log, char *const arguments[],
		    struct command **command)
{
	struct command *made = calloc(1, sizeof(*made));
	int ret;

	if (!made)
		return fail_memory(log);
	made->log = log;
	ret = find_program(arguments[0], &made->path);
	if (!ret) {
		ret = sys_child_fork(made->path, arguments, &made->child);
		if (ret)
			free(made->path);
	}
	if (ret) {
		free(made);
		return fail_command(log, ret, arguments[0]);
	}
	*command = made;
	return 0;
}

int command_start(struct command *command)
{
	int ret = sys_child_start(&command->child);

	command->state = RUNNING;
	if (!ret)
		return 0;
	/* The child has exited over it. */
	sys_child_abandon(&command->child);
	command->state = ENDED;
	return fail_command(command->log, ret, command->path);
}

static bool has_adopted_ended(struct command *command)
{
	if (sys_poll_in(command->child.pidfd))
		command->state = REAPED_BY_OTHERS;
	return command->state > RUNNING;
}

bool command_has_ended(struct command *command)
{
	int ret;

	if (command->state != RUNNING)
		return command->state > RUNNING;
	if (command->is_adopted)
		return has_adopted_ended(command);
	ret = sys_child_reap(&command->child, &command->exit_code,
			     &command->signal_number);
	if (ret > 0)
		command->state = ENDED;
	else if (ret < 0)
		command->state = REAPED_BY_OTHERS;
	return ret;
}

void command_forget(struct command *command)
{
	if (!command)
		return;
	sys_child_forget(&command->child);
	free(command->path);
	free(command);
}

void command_free(struct command *command)
{
	if (!command)
		return;
	if (command->state == WAITING)
		sys_child_abandon(&command->child);
	else
		command_has_ended(command);
	command_forget(command);
}

int32_t command_get_pid(struct command *command)
{
	return command->child.pid;
}

int command_get_fd(struct command *command)
{
	return command->child.pidfd;
}

size_t command_get_num_descriptors(struct command *command)
{
	const struct sys_child *child = &command->child;

	return (child->pidfd >= 0) + (child->gate >= 0) + (child->report >= 0);
}

int command_get_result(struct command *command, int32_t *exit_code,
		       int32_t *signal_number)
{
	if (!command_has_ended(command))
		return -EAGAIN;
	if (command->is_adopted)
		return fail(command->log, -ECHILD,
			    "the result of process %d is not known: the "
			    "session was handed over, and the process is "
			    "another's child",
			    (int)command->child.pid);
	if (command->state == REAPED_BY_OTHERS)
		return fail(command->log, -ECHILD,
			    "the result of process %d is not known: the "
			    "program reaped it itself, or ignores SIGCHLD",
			    (int)command->child.pid);
	*exit_code = command->exit_code;
	*signal_number = command->signal_number;
	return 0;
}

int command_adopt(struct log *log, int32_t pid, int pidfd,
		  struct command **command)
{
	struct command *made = calloc(1, sizeof(*made));

	if (!made) {
		sys_close(pidfd);
		return fail_memory(log);
	}
	made->log = log;
	made->is_adopted = true;
	made->state = pidfd < 0 ? REAPED_BY_OTHERS : RUNNING;
	made->child = (struct sys_child){
		.pid = pid,
		.pidfd = pidfd,
		.gate = -1,
		.report = -1,
	};
	*command = made;
	return 0;
}

bool command_is_waiting(struct command *command)
{
	return command->state == WAITING;
}
