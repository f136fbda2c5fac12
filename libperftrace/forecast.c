/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "forecast.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "access_report.h"
#include "attr.h"
#include "backing.h"
#include "cgroup.h"
#include "context.h"
#include "event_access.h"
#include "log.h"
#include "lots.h"
#include "plan.h"
#include "sensor.h"
#include "session_config.h"
#include "source.h"
#include "sys.h"
#include "target.h"
#include "task_sense.h"

/* Of a child that waits to become a command. */
#define COMMAND_DESCRIPTORS 3
/* The poller and its timer. */
#define WAITER_DESCRIPTORS 2
/* Of each, where there are several readers. */
#define ALARM_DESCRIPTORS 1

struct forecast {
	const struct forecast_request *request;
	const struct facts *facts;
	struct plan plan;
	struct target target;
	struct attr_scope scope;
	struct plan_source *sources;
	struct access_task *tasks;
	struct perf_event_attr *attrs;
	struct perf_event_attr anchor;
	struct perf_event_attr sideband;
	struct dynamic_events *events;
	char *reason;
	char *remedy;
};

static bool is_counting(const struct forecast *forecast)
{
	return forecast->request->settings->mode == PERFTRACE_MODE_COUNT;
}

/* A child is what the session would be: the caller stands for it. */
static bool has_command_alone(const struct forecast *forecast)
{
	const struct session_settings *settings = forecast->request->settings;

	return settings->command && !settings->is_system_wide;
}

static bool has_absent_cpu(const struct forecast *forecast)
{
	const struct cpu_list *wanted = &forecast->request->settings->cpus;
	const struct cpu_list *possible = &forecast->facts->possible_cpus;

	return wanted->count && possible->count &&
	       wanted->cpus[wanted->count - 1] >
		       possible->cpus[possible->count - 1];
}

static enum perftrace_gate find_target_gate(const struct forecast *forecast,
					    int error)
{
	if (error == -ESRCH)
		return PERFTRACE_GATE_TASK_GONE;
	if (error == -ENODEV)
		return has_absent_cpu(forecast) ? PERFTRACE_GATE_CPU_ABSENT :
						  PERFTRACE_GATE_CPU_OFFLINE;
	if (error == -EMFILE)
		return PERFTRACE_GATE_DESCRIPTORS;
	if (forecast->request->settings->cgroup)
		return PERFTRACE_GATE_CGROUP;
	return PERFTRACE_GATE_SETTING;
}

/* The words are the library's; the caller's last error stays what it was. */
static int note_target_failure(struct forecast *forecast, int error)
{
	struct log *log = context_get_log(forecast->request->context);
	const char *remedy = log_get_remedy(log);

	forecast->reason = strdup(log_get_reason(log));
	forecast->remedy = remedy ? strdup(remedy) : NULL;
	if (!forecast->reason || (remedy && !forecast->remedy))
		return -ENOMEM;
	forecast->plan.target_error = error;
	forecast->plan.target_gate = find_target_gate(forecast, error);
	forecast->plan.target_reason = forecast->reason;
	forecast->plan.target_remedy = forecast->remedy;
	return 0;
}

static int resolve_target(struct forecast *forecast)
{
	const struct session_settings *settings = forecast->request->settings;
	struct log *log = context_get_log(forecast->request->context);
	struct failure *before = log_save(log);
	int32_t command_pid =
		has_command_alone(forecast) ? (int32_t)sys_own_pid() : NO_PID;
	int ret = target_resolve(log, settings, command_pid, &forecast->target);

	if (ret && ret != -ENOMEM)
		ret = note_target_failure(forecast, ret);
	log_restore(log, before);
	return ret;
}

static int describe_tasks(struct forecast *forecast)
{
	struct target *target = &forecast->target;
	size_t i;

	if (!target->num_tids || !target_is_task(target))
		return 0;
	forecast->tasks = calloc(target->num_tids, sizeof(*forecast->tasks));
	if (!forecast->tasks)
		return -ENOMEM;
	for (i = 0; i < target->num_tids; i++)
		task_sense(target->tids[i], forecast->facts->is_own,
			   &forecast->tasks[i]);
	if (has_command_alone(forecast))
		forecast->tasks[0] = (struct access_task){
			.tid = ALL_TASKS,
			.answer = NOT_SENSED,
			.is_own_child = true,
		};
	forecast->plan.tasks = forecast->tasks;
	forecast->plan.num_tasks = target->num_tids;
	return 0;
}

/* Where a filter may be the end of who asks, the kernel is not asked. */
static bool may_ask(const struct forecast *forecast)
{
	return !forecast->facts->call_error;
}

static void describe_cgroup(struct forecast *forecast)
{
	struct plan *plan = &forecast->plan;
	struct cgroup *cgroup = forecast->target.cgroup;

	plan->cgroup_answer = NOT_SENSED;
	if (!cgroup)
		return;
	plan->cgroup = cgroup_get_path(cgroup);
	if (may_ask(forecast))
		plan->cgroup_answer = sensor_ask_cgroup(
			cgroup_get_fd(cgroup), forecast->target.cpus.cpus[0]);
}

/* Those of the host that is described, unless some were chosen. */
static void describe_cpus(struct forecast *forecast)
{
	const struct cpu_list *cpus = &forecast->target.cpus;
	const struct facts *facts = forecast->facts;
	bool is_any = cpus->count == 1 && cpus->cpus[0] == ANY_CPU;

	if (!facts->is_own && !is_any && facts->online_cpus.count &&
	    !forecast->request->settings->cpus.count)
		cpus = &facts->online_cpus;
	forecast->plan.cpus = cpus->cpus;
	forecast->plan.num_cpus = cpus->count;
}

static void describe_rings(struct forecast *forecast)
{
	const struct session_settings *settings = forecast->request->settings;
	struct plan *plan = &forecast->plan;

	attr_fill_anchor(&forecast->anchor, &forecast->scope);
	attr_fill_sideband(&forecast->sideband, &forecast->scope);
	plan->anchor = &forecast->anchor;
	plan->sideband = &forecast->sideband;
	if (is_counting(forecast))
		return;
	plan->ring_bytes = settings->ring_bytes;
	plan->min_ring_bytes = settings->min_ring_bytes;
}

static void count_descriptors(struct forecast *forecast)
{
	const struct session_settings *settings = forecast->request->settings;
	struct plan *plan = &forecast->plan;

	plan->num_first = (settings->command ? COMMAND_DESCRIPTORS : 0) +
			  !!forecast->target.cgroup;
	plan->num_last = WAITER_DESCRIPTORS;
	if (settings->mode == PERFTRACE_MODE_STREAM && settings->num_readers)
		plan->num_last =
			lots_count(plan->num_cpus, settings->num_readers) *
			(WAITER_DESCRIPTORS + ALARM_DESCRIPTORS);
	plan->has_closer = settings->closer == PERFTRACE_CLOSER_PROCESS;
	if (is_counting(forecast) && !settings->command && plan->num_tasks)
		plan->num_last++;
}

static int describe_sources(struct forecast *forecast)
{
	const struct forecast_request *request = forecast->request;
	struct backing_use use = {
		.num_descriptors = plan_count_opens(&forecast->plan),
		.is_inherited = forecast->scope.is_task,
	};
	size_t i;

	forecast->sources =
		calloc(request->num_sources, sizeof(*forecast->sources));
	forecast->attrs =
		calloc(request->num_sources, sizeof(*forecast->attrs));
	if (!forecast->sources || !forecast->attrs ||
	    dynamic_events_new(request->context, &forecast->events))
		return -ENOMEM;
	for (i = 0; i < request->num_sources; i++) {
		event_access_describe(
			perftrace_source_get_event(request->sources[i]),
			forecast->events, forecast->facts, &use,
			&forecast->sources[i]);
		source_fill_attr(request->sources[i], &forecast->scope, 0,
				 &forecast->attrs[i]);
		forecast->sources[i].attr = &forecast->attrs[i];
	}
	forecast->plan.sources = forecast->sources;
	forecast->plan.num_sources = request->num_sources;
	return 0;
}

static int describe(struct forecast *forecast)
{
	const struct forecast_request *request = forecast->request;
	int ret = resolve_target(forecast);

	if (ret)
		return ret;
	ret = describe_tasks(forecast);
	if (ret)
		return ret;
	forecast->scope = (struct attr_scope){
		.session = request->settings,
		.is_task = forecast->plan.num_tasks,
		.has_format_lost = may_ask(forecast) &&
				   context_has_format_lost(request->context),
	};
	describe_cgroup(forecast);
	describe_cpus(forecast);
	describe_rings(forecast);
	count_descriptors(forecast);
	return describe_sources(forecast);
}

static void clear(struct forecast *forecast)
{
	dynamic_events_free(forecast->events);
	target_clear(&forecast->target);
	free(forecast->sources);
	free(forecast->attrs);
	free(forecast->tasks);
	free(forecast->reason);
	free(forecast->remedy);
}

int forecast_make(const struct forecast_request *request,
		  const struct facts *facts,
		  const struct access_failure *failure,
		  struct perftrace_report **report)
{
	struct forecast forecast = { .request = request, .facts = facts };
	int ret = describe(&forecast);

	if (!ret)
		ret = access_report(facts, &forecast.plan, failure, report);
	clear(&forecast);
	return ret;
}
