/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "log.h"
#include "session_config.h"
#include "sys.h"

#define CPUS_DIRECTORY "/sys/devices/system/cpu"

static int fail_reading(struct log *log, int error, const char *path,
			const char *remedy)
{
	fail(log, error, "%s can't be read: %s", path, strerror(-error));
	if (error == -EMFILE)
		remedy = "raise RLIMIT_NOFILE (ulimit -n)";
	return remedy ? fail_remedy(log, "%s", remedy) : error;
}

static int read_cpus(struct log *log, const char *file, struct cpu_list *cpus)
{
	size_t size, position;
	char *text;
	int ret = sys_read_file(file, &text, &size);

	if (!ret) {
		ret = cpu_list_parse(text, cpus, &position);
		free(text);
	}
	return ret ? fail_reading(log, ret, file, "mount sysfs at /sys") : 0;
}

int target_read_online(struct log *log, struct cpu_list *online)
{
	return read_cpus(log, CPUS_DIRECTORY "/online", online);
}

static int fail_cpu(struct log *log, int32_t cpu)
{
	struct cpu_list present;

	if (read_cpus(log, CPUS_DIRECTORY "/present", &present))
		return log_get_code(log);
	if (cpu_list_has(&present, cpu)) {
		fail(log, -ENODEV, "CPU %" PRId32 " is offline", cpu);
		fail_remedy(log,
			    "echo 1 > " CPUS_DIRECTORY "/cpu%" PRId32 "/online",
			    cpu);
	} else {
		fail(log, -ENODEV, "there is no CPU %" PRId32, cpu);
		fail_remedy(log, "the highest CPU of this machine is %" PRId32,
			    present.cpus[present.count - 1]);
	}
	cpu_list_clear(&present);
	return -ENODEV;
}

static int check_online(struct log *log, const struct cpu_list *wanted,
			const struct cpu_list *online)
{
	size_t i;

	for (i = 0; i < wanted->count; i++) {
		if (!cpu_list_has(online, wanted->cpus[i]))
			return fail_cpu(log, wanted->cpus[i]);
	}
	return 0;
}

static int resolve_cpus(struct log *log, const struct cpu_list *wanted,
			struct cpu_list *cpus)
{
	struct cpu_list online;
	int ret = target_read_online(log, &online);

	if (ret)
		return ret;
	if (!wanted->count) {
		*cpus = online;
		return 0;
	}
	ret = check_online(log, wanted, &online);
	cpu_list_clear(&online);
	if (!ret && cpu_list_copy(wanted, cpus))
		ret = fail_memory(log);
	return ret;
}

/* A task is counted on whatever CPU it runs: one descriptor does. */
static int any_cpu(struct log *log, struct cpu_list *cpus)
{
	cpus->cpus = malloc(sizeof(*cpus->cpus));
	if (!cpus->cpus)
		return fail_memory(log);
	cpus->cpus[0] = ANY_CPU;
	cpus->count = 1;
	return 0;
}

static int one_task(struct log *log, int32_t tid, struct target *target)
{
	target->tids = malloc(sizeof(*target->tids));
	if (!target->tids)
		return fail_memory(log);
	target->tids[0] = tid;
	target->num_tids = 1;
	return 0;
}

/* The number of a thread would find its process in /proc, and mean another. */
static int check_process(struct log *log, int32_t pid)
{
	int fd = sys_pidfd_open(pid);

	sys_close(fd);
	/* The errno differs between kernels. */
	if (fd == -EINVAL || fd == -ENOENT) {
		fail(log, -EINVAL, "%" PRId32 " is a thread, not a process",
		     pid);
		return fail_remedy(log,
				   "its process is the Tgid in "
				   "/proc/%" PRId32 "/status",
				   pid);
	}
	if (fd == -ESRCH)
		return fail(log, -ESRCH, "there is no process %" PRId32, pid);
	return 0;
}

static int list_threads(struct log *log, int32_t pid, int32_t **tids,
			size_t *num_tids)
{
	char path[64];
	int ret;

	if (!pid)
		pid = sys_own_pid();
	ret = check_process(log, pid);
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "/proc/%" PRId32 "/task", pid);
	ret = sys_list_numbers(path, tids, num_tids);
	if (ret == -ENOENT || ret == -ESRCH || (!ret && !*num_tids))
		return fail(log, -ESRCH, "there is no process %" PRId32, pid);
	if (ret == -ENOMEM)
		return fail_memory(log);
	return ret ? fail_reading(log, ret, path, NULL) : 0;
}

static int resolve_tasks(struct log *log,
			 const struct session_settings *settings,
			 int32_t command_pid, struct target *target)
{
	if (settings->is_system_wide)
		return one_task(log, ALL_TASKS, target);
	if (command_pid != NO_PID)
		return one_task(log, command_pid, target);
	if (settings->pid != NO_PID)
		return list_threads(log, settings->pid, &target->tids,
				    &target->num_tids);
	return one_task(log, ALL_TASKS, target);
}

int target_resolve(struct log *log, const struct session_settings *settings,
		   int32_t command_pid, struct target *target)
{
	int ret;

	*target = (struct target){ .num_tids = 0 };
	ret = resolve_tasks(log, settings, command_pid, target);
	if (!ret && settings->cgroup)
		ret = cgroup_open(log, settings->cgroup, &target->cgroup);
	if (ret) {
		target_clear(target);
		return ret;
	}
	if (settings->mode == PERFTRACE_MODE_COUNT && target_is_task(target) &&
	    !settings->cpus.count)
		ret = any_cpu(log, &target->cpus);
	else
		ret = resolve_cpus(log, &settings->cpus, &target->cpus);
	if (ret)
		target_clear(target);
	return ret;
}

void target_clear(struct target *target)
{
	cpu_list_clear(&target->cpus);
	free(target->tids);
	target->tids = NULL;
	target->num_tids = 0;
	cgroup_close(target->cgroup);
	target->cgroup = NULL;
}

bool target_is_task(const struct target *target)
{
	return target->tids[0] != ALL_TASKS;
}

static bool has_tid(const struct target *target, int32_t tid)
{
	size_t i;

	for (i = 0; i < target->num_tids; i++) {
		if (target->tids[i] == tid)
			return true;
	}
	return false;
}

int target_has_grown(struct log *log, const struct session_settings *settings,
		     const struct target *target)
{
	size_t i, num_tids;
	int32_t *tids;
	int ret = 0;

	if (!target_is_task(target) || settings->pid == NO_PID)
		return 0;
	ret = list_threads(log, settings->pid, &tids, &num_tids);
	if (ret)
		return ret;
	for (i = 0; !ret && i < num_tids; i++)
		ret = !has_tid(target, tids[i]);
	free(tids);
	return ret;
}
