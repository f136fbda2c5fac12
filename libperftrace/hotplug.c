/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When a CPU goes offline, the kernel takes its events off it: they are taken
 * out of the CPU's context (perf_event_exit_cpu_context() in
 * kernel/events/core.c), and stay out of it when the CPU comes back. They can
 * still be read, and enabled without an error or an effect; no descriptor hangs
 * up. What they had written stands in the ring, and what they had counted can
 * be read. So a CPU that comes back gets new events, which are opened like the
 * first, and the old ones are closed when their numbers have been added up.
 *
 * The ring stays: it belongs to the anchor, which counts nothing, and which other
 * events of the same CPU may write to although it is in no context any more.
 * Positions, wake-ups and what is unread go on. A CPU that was offline when the
 * session was opened gets its ring when it joins. Nothing is enabled before its
 * ring is read, so that its records are younger than all that has been handed
 * out: the order is that of merge.c.
 *
 * New events are opened alone, and the others leave their groups, if they are in
 * any: each is enabled, disabled and read by itself from then on.
 *
 * Nobody tells a library of this. Two numbers say, in a microsecond, that nothing
 * has happened: how many uevents the kernel has sent (each CPU that goes or comes
 * is one), and how long the machine has been asleep (all CPUs but one go offline
 * then, without a uevent). When one of them has changed, it may also have been for
 * another reason; and a CPU may have gone and come in between. What tells for
 * certain is how long the kernel says an event has been enabled: it stands still
 * when the event is dead. So this is read twice, with a while in between. The
 * question goes to that CPU, and is therefore not asked without a sign.
 *
 * That number also says when it died. From there until its events are enabled
 * anew nothing was recorded, and nothing counts as produced; a gap in the stream
 * says so. It stands behind all records of the old events and before all of the
 * new: its time is read before those are enabled.
 *
 * A task's events go where the task goes; they are not those of a CPU.
 */
#include "hotplug.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "access_report.h"
#include "attr.h"
#include "cpu_watch.h"
#include "descriptors.h"
#include "group.h"
#include "log.h"
#include "lots.h"
#include "opening.h"
#include "opening_readers.h"
#include "opening_state.h"
#include "reader.h"
#include "refusal.h"
#include "ring.h"
#include "session_config.h"
#include "source.h"
#include "sys.h"
#include "target.h"
#include "waiter.h"

#define UEVENTS_PATH "/sys/kernel/uevent_seqnum"

/* The events of one CPU, before they are the session's. */
struct crew {
	struct target target;
	/* Without a cgroup: opening.c says why. */
	struct target all_tasks;
	int32_t tid;
	struct descriptors *sideband;
	/* One for each source. */
	struct descriptors **sources;
};

static uint64_t read_clock(const struct opening *opening)
{
	return sys_clock_ns(session_settings_clock(opening->request.settings));
}

static void read_signs(struct cpu_signs *signs)
{
	long long num_uevents = 0;

	signs->are_unknown = sys_read_integer(UEVENTS_PATH, &num_uevents) < 0;
	signs->num_uevents = num_uevents;
	signs->asleep_ns = (int64_t)(sys_clock_ns(CLOCK_BOOTTIME) -
				     sys_clock_ns(CLOCK_MONOTONIC));
}

/* The event that tells whether those of its CPU are alive. */
static uint64_t read_enabled_ns(struct opening *opening, size_t index)
{
	struct descriptors *set =
		opening->sideband ?
			opening->sideband :
			source_get_descriptors(opening->request.sources[0]);

	return descriptors_read_enabled_ns(set, index);
}

static void close_crew(struct opening *opening, struct crew *crew)
{
	size_t i;

	descriptors_close(crew->sideband);
	for (i = 0; crew->sources && i < opening->request.num_sources; i++)
		descriptors_close(crew->sources[i]);
	free(crew->sources);
}

static void begin_crew(struct opening *opening, int32_t *cpu, struct crew *crew)
{
	*crew = (struct crew){
		.target = { .cpus = { cpu, 1 }, .num_tids = 1 },
		.tid = ALL_TASKS,
	};
	crew->target.tids = &crew->tid;
	crew->all_tasks = crew->target;
	crew->target.cgroup = opening->target.cgroup;
}

/* Where records go; -1: nowhere. */
static int anchor_of(struct opening *opening, size_t index)
{
	size_t cpu_index;

	return opening->anchors ?
		       descriptors_get_fd(opening->anchors, index, &cpu_index) :
		       -1;
}

static int open_crew(struct opening *opening, size_t index, struct crew *crew)
{
	size_t num_sources = opening->request.num_sources, i;
	struct access_failure failure = ACCESS_NO_FAILURE;
	int anchor = anchor_of(opening, index), ret = 0;

	crew->sources = calloc(num_sources, sizeof(struct descriptors *));
	if (!crew->sources)
		return fail_memory(opening->log);
	if (anchor >= 0)
		ret = opening_open_sideband(opening, &crew->all_tasks, anchor,
					    &crew->sideband);
	for (i = 0; !ret && i < num_sources; i++)
		ret = source_open_part(opening->request.sources[i],
				       &opening->scope, &crew->target, anchor,
				       &failure, &crew->sources[i]);
	return ret;
}

/* Their records are known from the first on. */
static int bind_crew(struct opening *opening, size_t index, struct crew *crew)
{
	size_t i;
	int ret = 0;

	for (i = 0; opening_get_reader(opening) && !ret &&
		    i < opening->request.num_sources;
	     i++)
		ret = opening_bind(opening, opening->request.sources[i],
				   crew->sources[i], index);
	return ret;
}

static int enable(struct opening *opening, struct descriptors *set)
{
	struct refusal refusal;

	if (!set || !descriptors_ioctl(set, PERF_EVENT_IOC_ENABLE, 0, &refusal))
		return 0;
	return refusal_tell(opening->log, "hotplug", "ioctl(ENABLE)", &refusal);
}

static int enable_crew(struct opening *opening, struct crew *crew)
{
	int ret = enable(opening, crew->sideband);
	size_t i;

	for (i = 0; !ret && i < opening->request.num_sources; i++)
		ret = enable(opening, crew->sources[i]);
	return ret;
}

/* They take the places of those that are dead. */
static void take_crew(struct opening *opening, size_t index, struct crew *crew)
{
	size_t i;

	if (crew->sideband)
		descriptors_replace(opening->sideband, index, crew->sideband);
	for (i = 0; i < opening->request.num_sources; i++)
		descriptors_replace(
			source_get_descriptors(opening->request.sources[i]),
			index, crew->sources[i]);
}

/*
 * Only while all is enabled: members whose leader is closed go on by themselves
 * (perf_group_detach()), as do those of a leader that is dead.
 */
static void leave_groups(struct opening *opening)
{
	size_t i;

	for (i = 0; i < opening->request.num_sources; i++)
		source_leave_groups(opening->request.sources[i]);
	groups_close(opening->groups);
	opening->groups = NULL;
}

static int reopen(struct opening *opening, size_t index)
{
	int32_t cpu = opening->target.cpus.cpus[index];
	struct watched_cpu *watched = &opening->watch->cpus[index];
	uint64_t now, raw;
	struct crew crew;
	int ret;

	leave_groups(opening);
	begin_crew(opening, &cpu, &crew);
	ret = open_crew(opening, index, &crew);
	if (!ret)
		ret = bind_crew(opening, index, &crew);
	/* The gap has its place before a record can come behind it. */
	if (!ret && opening_get_reader(opening))
		ret = reader_reserve_gap(opening_get_reader(opening));
	now = read_clock(opening);
	raw = sys_clock_ns(CLOCK_MONOTONIC_RAW);
	if (!ret)
		ret = enable_crew(opening, &crew);
	if (!ret) {
		take_crew(opening, index, &crew);
		if (opening_get_reader(opening))
			reader_add_gap(opening_get_reader(opening), cpu,
				       watched->gap_begin_ns, now);
		watched_cpu_start(watched, raw, 0);
	}
	close_crew(opening, &crew);
	return ret;
}

static void try_reopen(struct opening *opening, size_t index)
{
	int32_t cpu = opening->target.cpus.cpus[index];
	struct failure *before = log_save(opening->log);
	int ret = reopen(opening, index);

	if (!ret)
		log_info(opening->log, "CPU %" PRId32 " is recorded again",
			 cpu);
	else if (ret != -ENODEV)
		log_warning(opening->log,
			    "CPU %" PRId32 " can't be recorded again: %s", cpu,
			    log_get_error(opening->log));
	if (ret)
		opening->watch->is_unsettled = true;
	log_restore(opening->log, before);
}

static void note_gone(struct opening *opening, size_t index,
		      uint64_t enabled_ns)
{
	leave_groups(opening);
	watched_cpu_note_gone(&opening->watch->cpus[index], enabled_ns,
			      sys_clock_ns(CLOCK_MONOTONIC_RAW),
			      read_clock(opening));
	log_info(opening->log, "CPU %" PRId32 " has gone offline",
		 opening->target.cpus.cpus[index]);
}

static void look_at(struct opening *opening, size_t index, bool is_online)
{
	struct watched_cpu *cpu = &opening->watch->cpus[index];

	if (cpu->state != CPU_GONE) {
		uint64_t enabled_ns = read_enabled_ns(opening, index);

		if (watched_cpu_judge(cpu, is_online,
				      opening->watch->has_new_signs,
				      enabled_ns))
			note_gone(opening, index, enabled_ns);
	}
	if (cpu->state == CPU_GONE && is_online)
		try_reopen(opening, index);
	if (cpu->state == CPU_SUSPECT)
		opening->watch->is_unsettled = true;
}

static bool has_cpu(const struct cpu_list *cpus, int32_t cpu)
{
	size_t i;

	/* Not ascending: they stand as they came. */
	for (i = 0; i < cpus->count; i++) {
		if (cpus->cpus[i] == cpu)
			return true;
	}
	return false;
}

/* The rest of what a ring takes; 0, or nothing has changed. */
static int add_ring(struct opening *opening, struct descriptors *anchor)
{
	size_t index = opening->num_rings, cpu_index;
	int fd = descriptors_get_fd(anchor, 0, &cpu_index), ret;
	struct ring **rings =
		realloc(opening->rings, (index + 1) * sizeof(struct ring *));

	if (!rings)
		return -ENOMEM;
	opening->rings = rings;
	ret = ring_map(fd, opening->request.settings->ring_bytes,
		       &rings[index]);
	if (ret)
		return ret;
	ret = waiter_add(opening->lots[0].waiter, fd, WAITER_RING);
	if (!ret)
		ret = reader_add_ring(opening_get_reader(opening),
				      rings[index]);
	if (ret) {
		ring_free(rings[index]);
		return ret;
	}
	opening->num_rings++;
	opening->lots[0].num_rings++;
	descriptors_replace(opening->anchors, index, anchor);
	return 0;
}

static int add_anchor(struct opening *opening, struct crew *crew)
{
	struct descriptors *anchor;
	struct perf_event_attr attr;
	struct refusal refusal;
	int ret;

	attr_fill_anchor(&attr, &opening->scope);
	ret = descriptors_open(&attr, 1, &crew->all_tasks, &refusal, &anchor);
	if (ret)
		return ret;
	ret = add_ring(opening, anchor);
	descriptors_close(anchor);
	return ret;
}

/* Room for one CPU more, everywhere; if there is none, no harm is done. */
static int make_room(struct opening *opening, int32_t cpu)
{
	size_t count = opening->target.cpus.count + 1, i;
	int ret = cpu_list_reserve(&opening->target.cpus, count);

	if (!ret && opening->anchors)
		ret = cpu_list_reserve(&opening->anchor_target.cpus, count);
	if (!ret && opening->anchors)
		ret = descriptors_reserve(opening->anchors, count);
	if (!ret && opening->sideband)
		ret = descriptors_reserve(opening->sideband, count);
	for (i = 0; !ret && i < opening->request.num_sources; i++)
		ret = source_reserve_rows(opening->request.sources[i], count,
					  cpu);
	return ret;
}

/* A place among those of the session, with a ring and without events. */
static int join(struct opening *opening, int32_t cpu)
{
	struct crew crew;
	int ret = make_room(opening, cpu);

	begin_crew(opening, &cpu, &crew);
	if (!ret)
		ret = cpu_watch_add(opening->watch, opening->watch->started_ns);
	if (ret)
		return ret;
	if (opening->anchors)
		ret = add_anchor(opening, &crew);
	if (ret) {
		opening->watch->count--;
		return ret;
	}
	cpu_list_append(&opening->target.cpus, cpu);
	if (opening->anchors)
		cpu_list_append(&opening->anchor_target.cpus, cpu);
	return 0;
}

static bool try_join(struct opening *opening, int32_t cpu)
{
	int ret = join(opening, cpu);

	if (!ret)
		return true;
	opening->watch->is_unsettled = ret == -ENODEV;
	if (ret != -ENODEV)
		log_warning(opening->log,
			    "CPU %" PRId32 " came online, and has no ring: %s",
			    cpu, strerror(-ret));
	return false;
}

static bool join_new(struct opening *opening, const struct cpu_list *online)
{
	bool has_joined = false;
	size_t i;

	for (i = 0; opening->watch->follows_all && i < online->count; i++) {
		int32_t cpu = online->cpus[i];

		if (!has_cpu(&opening->target.cpus, cpu))
			has_joined |= try_join(opening, cpu);
	}
	return has_joined;
}

static bool look_at_all(struct opening *opening, const struct cpu_list *online)
{
	bool has_joined;
	size_t i;

	opening->watch->is_unsettled = false;
	has_joined = join_new(opening, online);
	for (i = 0; i < opening->target.cpus.count; i++)
		look_at(opening, i,
			cpu_list_has(online, opening->target.cpus.cpus[i]));
	return has_joined;
}

static int read_online(struct opening *opening, struct cpu_list *online)
{
	struct failure *before = log_save(opening->log);
	int ret = target_read_online(opening->log, online);

	log_restore(opening->log, before);
	return ret;
}

bool hotplug_look(struct opening *opening)
{
	struct cpu_watch *watch = opening->watch;
	struct cpu_signs signs;
	struct cpu_list online;
	bool has_joined;

	if (!watch || !cpu_watch_is_due(watch, sys_clock_ns(CLOCK_MONOTONIC)))
		return false;
	read_signs(&signs);
	if (!cpu_watch_has_signs(watch, &signs))
		return false;
	if (read_online(opening, &online)) {
		watch->is_unsettled = true;
		return false;
	}
	has_joined = look_at_all(opening, &online);
	cpu_list_clear(&online);
	return has_joined;
}

/*
 * What happened while nothing was recorded is no gap. Whether events have died
 * meanwhile is seen when they are enabled and do not count the time.
 */
void hotplug_start(struct opening *opening)
{
	struct cpu_watch *watch = opening->watch;
	uint64_t now;
	size_t i;

	if (!watch)
		return;
	now = read_clock(opening);
	watch->started_ns = now;
	for (i = 0; i < watch->count; i++) {
		struct watched_cpu *cpu = &watch->cpus[i];

		if (cpu->state == CPU_GONE)
			cpu->gap_begin_ns = now;
		else
			watched_cpu_start(cpu,
					  sys_clock_ns(CLOCK_MONOTONIC_RAW),
					  read_enabled_ns(opening, i));
	}
	watch->is_unsettled = true;
}

/* Whether the events of a CPU are dead, without a while in between. */
static void look_at_once(struct opening *opening, size_t index, bool is_online)
{
	struct watched_cpu *cpu = &opening->watch->cpus[index];
	bool has_new_signs = true, is_dead;
	uint64_t enabled_ns;

	if (cpu->state == CPU_GONE)
		return;
	do {
		enabled_ns = read_enabled_ns(opening, index);
		is_dead = watched_cpu_judge(cpu, is_online, has_new_signs,
					    enabled_ns);
		has_new_signs = false;
	} while (cpu->state == CPU_SUSPECT && !is_dead);
	if (is_dead)
		note_gone(opening, index, enabled_ns);
}

/* True: there was a reason to, and @online is to be cleared. */
static bool judge_at_once(struct opening *opening, struct cpu_list *online)
{
	struct cpu_signs signs;
	size_t i;

	read_signs(&signs);
	if (!cpu_watch_has_signs(opening->watch, &signs) ||
	    read_online(opening, online))
		return false;
	for (i = 0; i < opening->watch->count; i++)
		look_at_once(opening, i,
			     cpu_list_has(online,
					  opening->target.cpus.cpus[i]));
	opening->watch->has_new_signs = false;
	return true;
}

bool hotplug_resume(struct opening *opening)
{
	struct cpu_list online;
	bool has_joined;

	if (!opening->watch || !judge_at_once(opening, &online))
		return false;
	has_joined = look_at_all(opening, &online);
	cpu_list_clear(&online);
	return has_joined;
}

/* What is missing until the end. */
void hotplug_stop(struct opening *opening)
{
	struct cpu_watch *watch = opening->watch;
	struct cpu_list online;
	uint64_t now;
	size_t i;

	if (!watch)
		return;
	if (judge_at_once(opening, &online))
		cpu_list_clear(&online);
	if (!opening_get_reader(opening))
		return;
	now = read_clock(opening);
	for (i = 0; i < watch->count; i++) {
		if (watch->cpus[i].state == CPU_GONE &&
		    !reader_reserve_gap(opening_get_reader(opening)))
			reader_add_gap(opening_get_reader(opening),
				       opening->target.cpus.cpus[i],
				       watch->cpus[i].gap_begin_ns, now);
	}
}
