/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Per CPU an anchor holds the ring, and all other descriptors of that CPU write
 * to it (PERF_EVENT_IOC_SET_OUTPUT). The anchor counts nothing and is never
 * enabled. It is there because a ring's wake-ups reach the poller through the
 * descriptor that was mapped, and that of a task hangs up for good when the
 * task ends, while others may still write to the ring: so the anchor belongs to
 * the CPU, or, where the caller may trace tasks alone, to the caller.
 *
 * A side-band descriptor next to the sources follows the names of tasks.
 *
 * Threads of a process that is already running are opened one by one, and may
 * start others meanwhile: when such are seen, all is closed and opened again.
 */
#include "opening.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "access_report.h"
#include "attr.h"
#include "closer.h"
#include "command.h"
#include "cpu_watch.h"
#include "descriptors.h"
#include "group.h"
#include "grouping.h"
#include "log.h"
#include "lots.h"
#include "opening_closer.h"
#include "opening_readers.h"
#include "opening_state.h"
#include "reader.h"
#include "recorder.h"
#include "refusal.h"
#include "ring.h"
#include "session_config.h"
#include "source.h"
#include "sys.h"
#include "target.h"

#define MOST_ATTEMPTS 8

/* A call of the session's own was refused. */
static int refuse(struct opening *opening, enum access_step step,
		  enum plan_own own, const char *call,
		  const struct refusal *refusal)
{
	static const char *const names[] = {
		[PLAN_RING] = "ring",
		[PLAN_SIDEBAND] = "side-band",
		[PLAN_CGROUP] = "cgroup",
		[PLAN_SESSION] = "session",
	};

	*opening->request.failure = (struct access_failure){
		.has_call = true,
		.step = step,
		.source = -1,
		.own = own,
		.error = refusal->error,
		.cpu = refusal->cpu,
		.tid = refusal->tid,
	};
	return refusal_tell(opening->log, names[own], call, refusal);
}

/* What the session does beside opening events. */
static int refuse_other(struct opening *opening, const char *what, int error)
{
	struct refusal refusal = { error, ANY_CPU, ALL_TASKS, NULL };

	return refuse(opening, ACCESS_OPEN, PLAN_SESSION, what, &refusal);
}

int opening_place_anchors(struct opening *opening)
{
	struct target *anchors = &opening->anchor_target;

	anchors->tids = malloc(sizeof(*anchors->tids));
	if (!anchors->tids ||
	    cpu_list_copy(&opening->target.cpus, &anchors->cpus))
		return fail_memory(opening->log);
	anchors->tids[0] = opening->scope.is_task ? (int32_t)sys_own_pid() :
						    ALL_TASKS;
	anchors->num_tids = 1;
	return 0;
}

static int open_anchors(struct opening *opening)
{
	struct perf_event_attr attr;
	struct refusal refusal;
	int ret = opening_place_anchors(opening);

	if (ret)
		return ret;
	attr_fill_anchor(&attr, &opening->scope);
	if (descriptors_open(&attr, 1, &opening->anchor_target, &refusal,
			     &opening->anchors))
		return refuse(opening, ACCESS_OPEN, PLAN_RING,
			      "perf_event_open", &refusal);
	return 0;
}

static int refuse_ring(struct opening *opening, size_t index, int error)
{
	struct refusal refusal = { error, opening->target.cpus.cpus[index],
				   ALL_TASKS, NULL };

	return refuse(opening, ACCESS_RING, PLAN_RING, "mmap", &refusal);
}

static int map_ring(struct opening *opening, int fd, struct ring **ring)
{
	const struct session_settings *settings = opening->request.settings;

	if (settings->mode != PERFTRACE_MODE_OVERWRITE)
		return ring_map(fd, settings->ring_bytes, ring);
	if (!opening->recorder)
		opening->recorder = recorder_new(opening->log,
						 opening->target.cpus.count,
						 settings->ring_bytes);
	return opening->recorder ? recorder_map(opening->recorder, fd, ring) :
				   -ENOMEM;
}

int opening_map_rings(struct opening *opening)
{
	size_t count = opening->target.cpus.count, cpu_index, i;

	opening->rings = calloc(count, sizeof(*opening->rings));
	if (!opening->rings)
		return fail_memory(opening->log);
	for (i = 0; i < count; i++) {
		int fd = descriptors_get_fd(opening->anchors, i, &cpu_index);
		int ret = map_ring(opening, fd, &opening->rings[i]);

		if (ret)
			return refuse_ring(opening, i, ret);
		opening->num_rings++;
	}
	return 0;
}

/*
 * Of a cgroup, the tasks of the CPUs: one that is started or named outside and
 * moves into the cgroup, or is started into it, would have a name that nobody
 * told, or the one of a task that had its number before.
 */
static const struct target *choose_sideband_target(struct opening *opening)
{
	return opening->target.cgroup ? &opening->anchor_target :
					&opening->target;
}

int opening_open_sideband(struct opening *opening, const struct target *target,
			  int anchor, struct descriptors **sideband)
{
	struct perf_event_attr attr;
	struct refusal refusal;

	attr_fill_sideband(&attr, &opening->scope);
	if (descriptors_open(&attr, 1, target, &refusal, sideband))
		return refusal_tell(opening->log, "side-band",
				    "perf_event_open", &refusal);
	if (descriptors_ioctl(*sideband, PERF_EVENT_IOC_SET_OUTPUT,
			      (uintptr_t)anchor, &refusal))
		return refusal_tell(opening->log, "side-band",
				    "ioctl(SET_OUTPUT)", &refusal);
	return 0;
}

static int open_sideband(struct opening *opening)
{
	struct perf_event_attr attr;
	struct refusal refusal;

	attr_fill_sideband(&attr, &opening->scope);
	if (descriptors_open(&attr, 1, choose_sideband_target(opening),
			     &refusal, &opening->sideband))
		return refuse(opening, ACCESS_OPEN, PLAN_SIDEBAND,
			      "perf_event_open", &refusal);
	if (descriptors_redirect(opening->sideband, opening->anchors, &refusal))
		return refusal_tell(opening->log, "side-band",
				    "ioctl(SET_OUTPUT)", &refusal);
	return 0;
}

int opening_bind(struct opening *opening, struct perftrace_source *source,
		 struct descriptors *set, size_t first_row)
{
	size_t i, row;
	uint64_t id;
	int ret = 0;

	for (i = 0; !ret && i < descriptors_get_count(set); i++) {
		if (descriptors_get_fd(set, i, &row) < 0)
			continue;
		ret = descriptors_get_id(set, i, &id);
		if (ret)
			return fail(opening->log, ret, "ioctl(ID): %s",
				    strerror(-ret));
		ret = reader_bind(lots_find(opening->lots, opening->num_lots,
					    first_row + row)
					  ->reader,
				  id, source, first_row + row);
	}
	return ret;
}

int opening_bind_source(struct opening *opening,
			struct perftrace_source *source)
{
	return opening_bind(opening, source, source_get_descriptors(source), 0);
}

static int open_source(struct opening *opening, size_t index)
{
	struct perftrace_source *source = opening->request.sources[index];
	struct source_place place = {
		.target = &opening->target,
		.anchors = opening->anchors,
		.groups = opening->groups,
	};
	int ret = source_open(source, &opening->scope, &place,
			      opening->request.failure);

	if (!ret && opening->lots)
		ret = opening_bind_source(opening, source);
	if (ret)
		opening->request.failure->source = (int64_t)index;
	return ret;
}

static void close_rings(struct opening *opening)
{
	size_t i;

	for (i = 0; i < opening->num_rings; i++)
		ring_free(opening->rings[i]);
	free(opening->rings);
	recorder_free(opening->recorder);
	opening->recorder = NULL;
	descriptors_close(opening->anchors);
	target_clear(&opening->anchor_target);
	opening->anchors = NULL;
	opening->rings = NULL;
	opening->num_rings = 0;
}

/* A watermark is that of the descriptor which the ring is mapped from. */
static int open_mapped(struct opening *opening)
{
	int ret = open_anchors(opening);

	return ret ? ret : opening_map_rings(opening);
}

/* What refused larger ones is not what stops the session any more. */
static void note_fit(struct opening *opening)
{
	*opening->request.failure = ACCESS_NO_FAILURE;
	log_info(opening->log, "rings of %" PRIu64 " KiB, to fit",
		 opening->request.settings->ring_bytes / 1024);
}

/* Halved until they fit, where they may be. */
static int open_fitting(struct opening *opening)
{
	struct session_settings *settings = opening->request.settings;
	int ret = open_mapped(opening);

	while ((ret == -EPERM || ret == -ENOMEM) && settings->min_ring_bytes &&
	       settings->ring_bytes / 2 >= settings->min_ring_bytes &&
	       opening->request.failure->step == ACCESS_RING) {
		close_rings(opening);
		session_settings_fit(settings, settings->ring_bytes / 2);
		ret = open_mapped(opening);
		if (!ret)
			note_fit(opening);
	}
	return ret;
}

static int open_rings(struct opening *opening)
{
	int ret = open_fitting(opening);

	if (!ret)
		ret = open_sideband(opening);
	return ret ? ret : opening_make_readers(opening);
}

/*
 * What is wrong with a cgroup is learnt from an event with which nothing can be
 * wrong: an errno of a probe's could mean its place as well.
 */
static int check_cgroup(struct opening *opening)
{
	struct descriptors *trial;
	struct perf_event_attr attr;
	struct refusal refusal;

	attr_fill_anchor(&attr, &opening->scope);
	if (descriptors_open(&attr, 1, &opening->target, &refusal, &trial))
		return refuse(opening, ACCESS_OPEN, PLAN_CGROUP,
			      "perf_event_open", &refusal);
	descriptors_close(trial);
	return 0;
}

int opening_make_groups(struct opening *opening)
{
	struct perf_event_attr leader;

	attr_fill_leader(&leader, &opening->scope);
	opening->groups = groups_new(&leader, &opening->target);
	return opening->groups ? 0 : fail_memory(opening->log);
}

static bool is_to_be_grouped(const struct opening *opening)
{
	const struct opening_request *request = &opening->request;
	size_t num_events = 0, i;

	for (i = 0; i < request->num_sources; i++) {
		if (source_may_be_grouped(request->sources[i], &opening->scope))
			num_events +=
				source_get_num_places(request->sources[i]);
	}
	return !opening->scope.is_task && grouping_pays(num_events);
}

static int open_sources(struct opening *opening)
{
	size_t i;
	int ret = 0;

	if (is_to_be_grouped(opening))
		ret = opening_make_groups(opening);
	for (i = 0; !ret && i < opening->request.num_sources; i++)
		ret = open_source(opening, i);
	return ret;
}

/* Everything, for the target as it is now. */
static int open_target(struct opening *opening)
{
	const struct opening_request *request = &opening->request;
	int32_t command_pid = NO_PID;
	int ret;

	if (request->command)
		command_pid = command_get_pid(request->command);
	ret = target_resolve(opening->log, request->settings, command_pid,
			     &opening->target);
	if (ret)
		return ret;
	opening->scope = (struct attr_scope){
		.session = request->settings,
		.is_task = target_is_task(&opening->target),
		.has_format_lost = request->has_format_lost,
	};
	opening->scope.enable_on_exec = opening->scope.is_task &&
					request->command;
	if (opening->target.cgroup)
		ret = check_cgroup(opening);
	if (!ret && request->settings->mode != PERFTRACE_MODE_COUNT)
		ret = open_rings(opening);
	return ret ? ret : open_sources(opening);
}

static void close_descriptors(struct opening *opening, bool keep)
{
	size_t i;

	for (i = 0; i < opening->request.num_sources; i++)
		source_close(opening->request.sources[i], keep);
	groups_close(opening->groups);
	opening->groups = NULL;
	opening_free_readers(opening);
	descriptors_close(opening->sideband);
	descriptors_close(opening->anchors);
	opening->sideband = opening->anchors = NULL;
}

static void close_target(struct opening *opening, bool keep)
{
	struct closer *closer;

	if (keep)
		opening_read_numbers(opening);
	closer = opening_start_closer(opening);
	close_descriptors(opening, keep);
	close_rings(opening);
	target_clear(&opening->target);
	cpu_watch_free(opening->watch);
	opening->watch = NULL;
	if (closer)
		closer_let_go(closer, opening->request.closers);
}

void opening_close_itself(struct opening *opening)
{
	opening->request.closers = NULL;
}

static int has_grown(struct opening *opening)
{
	int ret = target_has_grown(opening->log, opening->request.settings,
				   &opening->target);

	if (ret == -EMFILE)
		return refuse_other(opening, "/proc", ret);
	return ret;
}

static int open_all(struct opening *opening)
{
	int attempt, ret;

	for (attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
		ret = open_target(opening);
		if (!ret)
			ret = has_grown(opening);
		if (ret <= 0)
			return ret;
		log_info(opening->log,
			 "process %d has started threads while "
			 "they were opened; trying again",
			 (int)opening->request.settings->pid);
		close_target(opening, false);
	}
	fail(opening->log, -EAGAIN,
	     "process %d starts threads faster than they can be opened",
	     (int)opening->request.settings->pid);
	return fail_remedy(opening->log,
			   "trace all CPUs with a filter on common_pid, or "
			   "start the program as the session's command");
}

int opening_open_waiters(struct opening *opening)
{
	int ret = opening_add_waiters(opening);

	if (ret == -EMFILE)
		return refuse_other(opening, "epoll", ret);
	return ret ? fail(opening->log, ret, "epoll: %s", strerror(-ret)) : 0;
}

int opening_make_watch(struct opening *opening, bool follows_all)
{
	if (opening->scope.is_task || opening_has_readers(opening) ||
	    opening->request.settings->mode == PERFTRACE_MODE_OVERWRITE)
		return 0;
	opening->watch = cpu_watch_new(opening->target.cpus.count, follows_all);
	return opening->watch ? 0 : fail_memory(opening->log);
}

int opening_new(const struct opening_request *request, struct opening **opening)
{
	struct opening *made = calloc(1, sizeof(*made));
	int ret;

	if (!made)
		return fail_memory(request->log);
	made->request = *request;
	made->log = request->log;
	made->process = -1;
	ret = open_all(made);
	if (!ret)
		ret = opening_make_watch(made, !request->settings->cpus.count);
	if (!ret)
		ret = opening_open_waiters(made);
	if (ret) {
		opening_free(made, false);
		return ret;
	}
	log_info(made->log, "%zu descriptors, %zu rings of %llu bytes",
		 opening_get_num_descriptors(made), made->num_rings,
		 (unsigned long long)request->settings->ring_bytes);
	*opening = made;
	return 0;
}

static void close_process(struct opening *opening)
{
	sys_close(opening->process);
	opening->process = -1;
}

void opening_free(struct opening *opening, bool keep)
{
	if (!opening)
		return;
	close_process(opening);
	close_target(opening, keep);
	free(opening);
}

void opening_give_away(struct opening *opening)
{
	close_process(opening);
	opening_read_numbers(opening);
	close_descriptors(opening, true);
}

/* CPUs are looked at now and then, also where there is nothing to be read. */
int opening_resume(struct opening *opening)
{
	const struct opening_request *request = &opening->request;
	struct refusal refusal;
	size_t i;
	int ret = 0;

	if (opening->sideband &&
	    descriptors_ioctl(opening->sideband, PERF_EVENT_IOC_ENABLE, 0,
			      &refusal))
		ret = refusal_tell(opening->log, "side-band", "ioctl(ENABLE)",
				   &refusal);
	if (!ret && groups_enable(opening->groups, &refusal))
		ret = refusal_tell(opening->log, "group", "ioctl(ENABLE)",
				   &refusal);
	for (i = 0; !ret && i < request->num_sources; i++)
		ret = source_enable(request->sources[i]);
	if (!ret)
		opening_start_timers(opening);
	if (ret)
		opening_disable(opening);
	return ret;
}

int opening_enable(struct opening *opening)
{
	if (!opening->scope.enable_on_exec)
		return opening_resume(opening);
	opening_start_timers(opening);
	return 0;
}

void opening_disable(struct opening *opening)
{
	struct refusal refusal;
	size_t i;

	groups_disable(opening->groups);
	for (i = 0; i < opening->request.num_sources; i++)
		source_disable(opening->request.sources[i]);
	if (opening->sideband)
		descriptors_ioctl(opening->sideband, PERF_EVENT_IOC_DISABLE, 0,
				  &refusal);
	opening_stop_timers(opening);
}

struct recorder *opening_get_recorder(struct opening *opening)
{
	return opening->recorder;
}

size_t opening_get_num_descriptors(struct opening *opening)
{
	/* A poller, its timer and its alarm. */
	size_t per_lot = opening_has_readers(opening) ? 3 : 2, i;
	size_t count = per_lot * opening->num_lots + !!opening->target.cgroup;

	count += descriptors_count_open(opening->anchors) +
		 descriptors_count_open(opening->sideband);
	count += groups_get_count(opening->groups) * opening->target.cpus.count;
	for (i = 0; i < opening->request.num_sources; i++)
		count += descriptors_count_open(
			source_get_descriptors(opening->request.sources[i]));
	if (opening->request.command)
		count += command_get_num_descriptors(opening->request.command);
	return count + (opening->process >= 0);
}
