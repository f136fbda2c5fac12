/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup.h"

#include <dirent.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct perftrace_context *new_context(void)
{
	struct perftrace_context *context;

	ck_assert_int_eq(perftrace_context_new(&context), 0);
	return context;
}

static void set_target(struct perftrace_context *context,
		       struct perftrace_session_config *config,
		       const struct session_request *request)
{
	if (request->command)
		succeed(context, perftrace_session_config_set_command(
					 config, request->command));
	if (request->pid || request->is_self)
		succeed(context,
			perftrace_session_config_set_pid(config, request->pid));
	if (request->cpus)
		succeed(context, perftrace_session_config_set_cpus(
					 config, request->cpus));
	succeed(context,
		perftrace_session_config_set_cgroup(config, request->cgroup));
	succeed(context, perftrace_session_config_set_system_wide(
				 config, request->is_system_wide));
}

static void set_rings(struct perftrace_context *context,
		      struct perftrace_session_config *config,
		      const struct session_request *request)
{
	if (request->ring_bytes)
		succeed(context, perftrace_session_config_set_ring_size_bytes(
					 config, request->ring_bytes));
	if (request->flush_interval_ms || request->never_flushes)
		succeed(context, perftrace_session_config_set_flush_interval_ms(
					 config, request->flush_interval_ms));
	if (request->num_readers)
		succeed(context, perftrace_session_config_set_num_readers(
					 config, request->num_readers));
	if (request->horizon_ns || request->has_no_horizon)
		succeed(context, perftrace_session_config_set_horizon_ns(
					 config, request->horizon_ns));
	succeed(context, perftrace_session_config_set_watermark_bytes(
				 config, request->watermark_bytes));
}

static void configure(struct perftrace_context *context,
		      struct perftrace_session_config *config,
		      const struct session_request *request)
{
	set_target(context, config, request);
	set_rings(context, config, request);
	succeed(context,
		perftrace_session_config_set_mode(config, request->mode));
	succeed(context,
		perftrace_session_config_set_order(config, request->order));
	succeed(context,
		perftrace_session_config_set_clock(config, request->clock));
	succeed(context,
		perftrace_session_config_set_closer(
			config, request->has_closer ? PERFTRACE_CLOSER_PROCESS :
						      PERFTRACE_CLOSER_NONE));
	succeed(context, perftrace_session_config_set_sideband(
				 config, request->sideband));
}

struct perftrace_session *new_session(struct perftrace_context *context,
				      const struct session_request *request)
{
	struct perftrace_session_config *config;
	struct perftrace_session *session;

	succeed(context, perftrace_session_config_new(context, &config));
	configure(context, config, request);
	succeed(context, perftrace_session_new(context, config, &session));
	perftrace_session_config_free(config);
	if (request->event)
		add_event(context, session, request->event, request);
	return session;
}

void add_event(struct perftrace_context *context,
	       struct perftrace_session *session, const char *event,
	       const struct session_request *request)
{
	struct perftrace_source_config *config;

	succeed(context, perftrace_source_config_new(context, &config));
	succeed(context,
		perftrace_source_config_set_filter(config, request->filter));
	succeed(context, perftrace_source_config_set_callchain(
				 config, request->callchain));
	if (request->period)
		succeed(context, perftrace_source_config_set_period(
					 config, request->period));
	succeed(context, perftrace_session_add_spec(session, event, config));
	perftrace_source_config_free(config);
}

struct perftrace_session *hold_event(struct perftrace_context *context,
				     const char *spec)
{
	struct session_request request = {
		.event = spec,
		.is_self = true,
		.mode = PERFTRACE_MODE_COUNT,
	};
	struct perftrace_session *session = new_session(context, &request);

	succeed(context, perftrace_session_open(session));
	return session;
}

const char *getppid_path(void)
{
	const char *path = getenv("GETPPID");

	ck_assert_msg(path != NULL, "set GETPPID to the path of the helper");
	return path;
}

void pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

size_t count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	ck_assert_ptr_nonnull(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

int try_in_child(void (*function)(void))
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		function();
		_exit(EXIT_SUCCESS);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

void run_in_child(void (*function)(void))
{
	ck_assert_int_eq(try_in_child(function), 0);
}

void expect_refusal(struct perftrace_context *context, const char *call,
		    int64_t ret, int code, const char *const parts[])
{
	const char *error = perftrace_context_error(context);

	ck_assert_msg(ret == code, "%s is %d, not %d: %s", call, (int)ret, code,
		      error);
	ck_assert_int_eq(perftrace_context_get_error_code(context), code);
	for (; *parts; parts++)
		ck_assert_msg(strstr(error, *parts) != NULL,
			      "%s: no \"%s\" in: %s", call, *parts, error);
}

void expect_remedy(struct perftrace_context *context, const char *part)
{
	const char *remedy = perftrace_context_get_error_remedy(context);

	ck_assert_msg(*part ? strstr(remedy, part) != NULL : *remedy != '\0',
		      "no \"%s\" in the remedy: %s", part,
		      perftrace_context_error(context));
}
