/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The calls are gone through in the order in which opening.c makes them, each
 * with the number of descriptors that are open before it: what is refused first
 * is what the caller is answered. The rest is told as well, for whoever mends
 * the first fault wants to know of the second.
 *
 * Findings that differ only in their CPU or task are one.
 */
#include "access_walk.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "grouping.h"
#include "locked.h"

#define ANY	      (-1)
#define WHOLE_SESSION (-1)

static const struct access_event dummies[] = {
	[PLAN_RING] = { .name = "ring", .class = ACCESS_DUMMY },
	[PLAN_SIDEBAND] = { .name = "side-band", .class = ACCESS_DUMMY },
	[PLAN_CGROUP] = { .name = "cgroup", .class = ACCESS_DUMMY },
	[PLAN_SESSION] = { .name = "session", .class = ACCESS_DUMMY },
};

const struct access_event *walk_get_own(enum plan_own own)
{
	return &dummies[own];
}

void walk_write_subject(const struct walk *walk, const char *name, int32_t cpu,
			int32_t tid, char *text, size_t room)
{
	char on[32] = "", of[32] = "";
	const char *cgroup = walk->plan->cgroup;

	if (cpu != ANY)
		snprintf(on, sizeof(on), " on CPU %" PRId32, cpu);
	if (tid != ANY)
		snprintf(of, sizeof(of), " for task %" PRId32, tid);
	snprintf(text, room, "%s%s%s%s%s", name, on, of,
		 cgroup ? " for cgroup " : "", cgroup ? cgroup : "");
}

void walk_note_error(struct walk *walk, int32_t error)
{
	if (!walk->error)
		walk->error = error;
}

/* The shortage is the session's: what one call lacks says little. */
static void write_shortage(const struct walk *walk, char *text, size_t room)
{
	snprintf(text, room,
		 "the session needs %" PRIu64 " descriptors, the process has "
		 "%" PRIu64 " open, and its limit is %" PRIu64,
		 plan_count_descriptors(walk->plan),
		 walk->facts->num_descriptors, walk->facts->descriptor_limit);
}

static void write_locked(const struct walk *walk, const struct hit *hit,
			 char *text, size_t room)
{
	uint64_t ring = locked_ring_kib(walk->facts, hit->call.ring_bytes);
	uint64_t needed = ring * walk->plan->num_cpus;
	uint64_t left = locked_left_kib(walk->facts);

	snprintf(text, room,
		 "%zu rings of %" PRIu64 " KiB each take %" PRIu64 " KiB of "
		 "locked memory, and the user has %" PRIu64 " KiB left%s",
		 walk->plan->num_cpus, hit->call.ring_bytes / 1024, needed,
		 left,
		 needed <= left ? ", unless others of its processes, which "
				  "can't be seen, have used it up" :
				  "");
}

void walk_explain(const struct walk *walk, const struct access_rule *rule,
		  const struct hit *hit, char *text, size_t room)
{
	if (rule->gate == PERFTRACE_GATE_DESCRIPTORS && rule->error == -EMFILE)
		write_shortage(walk, text, room);
	else if (rule->gate == PERFTRACE_GATE_LOCKED_MEMORY &&
		 locked_left_kib(walk->facts) != UNLIMITED)
		write_locked(walk, hit, text, room);
	else
		access_explain(rule, walk->facts, &hit->call, text, room);
}

/* The whole of it, and not just one more. */
static void prepare_remedy(const struct walk *walk,
			   const struct access_rule *rule,
			   struct access_call *call)
{
	if (rule->gate == PERFTRACE_GATE_DESCRIPTORS)
		call->num_before = plan_count_descriptors(walk->plan);
	if (rule->gate == PERFTRACE_GATE_LOCKED_MEMORY)
		call->num_rings_before = walk->plan->num_cpus - 1;
}

/* Of events that differ in their name and number alone, too. */
static bool is_same_event(const struct access_event *a,
			  const struct access_event *b)
{
	return a->class == b->class && a->is_for_anyone == b->is_for_anyone &&
	       a->is_of_user == b->is_of_user && a->is_kprobe == b->is_kprobe &&
	       a->stands_on_ftrace == b->stands_on_ftrace &&
	       a->is_irq_work == b->is_irq_work &&
	       a->is_synthetic == b->is_synthetic && a->is_busy == b->is_busy;
}

static bool has_room(const struct facts *facts, const struct access_call *call)
{
	return call->num_before < facts_free_descriptors(facts);
}

static bool is_same_question(const struct facts *facts,
			     const struct access_call *a,
			     const struct access_call *b)
{
	struct perf_event_attr left = *a->attr, right = *b->attr;

	left.config = right.config;
	return a->step == b->step && a->task == b->task && a->cpu == b->cpu &&
	       a->is_cgroup == b->is_cgroup &&
	       has_room(facts, a) == has_room(facts, b) &&
	       is_same_event(a->event, b->event) &&
	       !memcmp(&left, &right, sizeof(left));
}

void walk_add_remedies(struct walk *walk, struct perftrace_finding *finding,
		       const struct access_rule *rule, struct hit *hit)
{
	prepare_remedy(walk, rule, &hit->call);
	if (!walk->has_searched ||
	    !is_same_question(walk->facts, &walk->searched_call, &hit->call))
		remedy_search(walk->facts, &hit->call, &walk->remedies);
	walk->has_searched = true;
	walk->searched_call = hit->call;
	remedy_add(walk->report, finding, rule, walk->facts, &hit->call,
		   &walk->remedies);
}

static void add_finding(struct walk *walk, const struct access_rule *rule,
			struct hit *hit, const char *name, int64_t source,
			enum perftrace_finding_kind kind)
{
	struct finding_request request = {
		.kind = kind,
		.gate = rule->gate,
		.error = hit->error,
		.source = source,
		.cpu = hit->is_of_several_cpus ? ANY : hit->call.cpu,
		.tid = hit->call.task && !hit->is_of_several_tasks ?
			       hit->call.task->tid :
			       ANY,
		.function = rule->function,
	};
	char subject[512], message[512];
	struct perftrace_finding *finding;

	walk_write_subject(walk, name, request.cpu, request.tid, subject,
			   sizeof(subject));
	walk_explain(walk, rule, hit, message, sizeof(message));
	request.subject = subject;
	request.message = message;
	finding = report_add(walk->report, &request);
	walk_add_remedies(walk, finding, rule, hit);
}

static void note_hit(struct walk *walk, size_t rule,
		     const struct access_call *call, enum verdict verdict,
		     int32_t error)
{
	struct hit *hit = &walk->hits[rule];

	if (hit->verdict == PASSES) {
		walk->order[walk->num_hits++] = rule;
		hit->verdict = verdict;
		hit->error = error;
		hit->call = *call;
		return;
	}
	if (hit->call.cpu != call->cpu)
		hit->is_of_several_cpus = true;
	if (hit->call.task != call->task)
		hit->is_of_several_tasks = true;
	if (verdict == REFUSES)
		hit->verdict = verdict;
}

/* A sensor that explains what a row above it has explained says nothing. */
static bool is_explained(const struct access_rule *rule, bool has_refused)
{
	return rule->sensor != NO_SENSOR && !rule->error && has_refused;
}

/* One call, by every rule; returns whether it is refused. */
static bool judge_call(struct walk *walk, const struct access_call *call)
{
	bool has_refused = false, is_unsure = false;
	size_t i;

	for (i = 0; i < walk->num_rules; i++) {
		const struct access_rule *rule = &walk->rules[i];
		enum verdict verdict;
		int32_t error;

		if (rule->step != call->step)
			continue;
		verdict = access_judge(rule, walk->facts, call, &error);
		if (verdict == PASSES || verdict == UNSEEN ||
		    is_explained(rule, has_refused || is_unsure))
			continue;
		note_hit(walk, i, call, verdict, error);
		if (verdict == REFUSES && !has_refused &&
		    rule->kind == PERFTRACE_FINDING_REFUSED)
			walk_note_error(walk, error);
		has_refused |= verdict == REFUSES;
		is_unsure |= verdict == UNCERTAIN;
	}
	return has_refused;
}

/*
 * What has been found since begin_set(). An earlier call is answered before a
 * later one, whatever the order of the rules.
 */
static void end_set(struct walk *walk, const char *name, int64_t source)
{
	size_t i;

	for (i = 0; i < walk->num_hits; i++) {
		struct hit *hit = &walk->hits[walk->order[i]];
		const struct access_rule *rule = &walk->rules[walk->order[i]];
		bool is_shortage = rule->gate == PERFTRACE_GATE_DESCRIPTORS;

		if (is_shortage && walk->has_shortage)
			continue;
		walk->has_shortage |= is_shortage;
		add_finding(walk, rule, hit, name, source,
			    hit->verdict == REFUSES ?
				    rule->kind :
				    PERFTRACE_FINDING_UNKNOWN);
	}
}

static void begin_set(struct walk *walk)
{
	memset(walk->hits, 0, sizeof(walk->hits));
	walk->num_hits = 0;
}

/* Tasks that have ended since are passed over, unless all have. */
static bool is_passed_over(const struct plan *plan, size_t task)
{
	size_t i;

	if (plan->tasks[task].answer != -ESRCH)
		return false;
	for (i = 0; i < plan->num_tasks; i++) {
		if (plan->tasks[i].answer != -ESRCH)
			return true;
	}
	return false;
}

/* The descriptors of one set of attributes: on each CPU for each task. */
static void walk_opens(struct walk *walk, struct access_call *call,
		       const struct access_task *tasks, size_t num_tasks,
		       size_t num_places)
{
	const struct plan *plan = walk->plan;
	uint64_t first = walk->num_open;
	size_t cpu, task;

	for (cpu = 0; cpu < plan->num_cpus; cpu++) {
		call->cpu = plan->cpus[cpu];
		for (task = 0; task < (num_tasks ? num_tasks : 1); task++) {
			if (num_tasks && tasks == plan->tasks &&
			    is_passed_over(plan, task))
				continue;
			call->task = num_tasks ? &tasks[task] : NULL;
			call->num_before = walk->num_open;
			judge_call(walk, call);
			walk->num_open++;
		}
	}
	/* The same again for other places, but for the descriptors. */
	walk->num_open = first + (walk->num_open - first) * num_places;
	if (walk->num_open > first) {
		call->num_before = walk->num_open - 1;
		judge_call(walk, call);
	}
}

static void walk_set(struct walk *walk, const struct access_event *event,
		     const struct perf_event_attr *attr,
		     const struct access_task *tasks, size_t num_tasks,
		     bool is_cgroup)
{
	struct access_call call = {
		.step = ACCESS_OPEN,
		.attr = attr,
		.event = event,
		.is_cgroup = is_cgroup,
		.cgroup_answer = walk->plan->cgroup_answer,
	};

	begin_set(walk);
	walk_opens(walk, &call, tasks, num_tasks, 1);
	end_set(walk, event->name, WHOLE_SESSION);
}

static void walk_rings(struct walk *walk)
{
	const struct plan *plan = walk->plan;
	struct access_call call = {
		.step = ACCESS_RING,
		.attr = plan->anchor,
		.event = &dummies[PLAN_RING],
		.ring_bytes = walk->ring_bytes,
	};
	size_t i;

	begin_set(walk);
	for (i = 0; i < plan->num_cpus; i++) {
		call.cpu = plan->cpus[i];
		call.num_rings_before = i;
		judge_call(walk, &call);
	}
	end_set(walk, "ring", WHOLE_SESSION);
}

/* The dummies: holders of rings, then what tells of tasks. */
static void walk_dummies(struct walk *walk)
{
	static const struct access_task own = { .tid = ANY,
						.answer = NOT_SENSED,
						.is_own_process = true };
	const struct plan *plan = walk->plan;

	if (plan->cgroup) {
		walk_set(walk, &dummies[PLAN_CGROUP], plan->anchor, NULL, 0,
			 true);
		walk->num_open = plan->num_first;
	}
	if (!plan->ring_bytes)
		return;
	walk_set(walk, &dummies[PLAN_RING], plan->anchor, &own,
		 plan->num_tasks ? 1 : 0, false);
	walk_rings(walk);
	walk_set(walk, &dummies[PLAN_SIDEBAND], plan->sideband, plan->tasks,
		 plan->num_tasks, false);
}

static void walk_use(struct walk *walk, struct access_call *call)
{
	const struct plan *plan = walk->plan;
	size_t cpu;

	call->step = ACCESS_USE;
	call->ring_bytes = walk->ring_bytes;
	call->task = plan->num_tasks ? plan->tasks : NULL;
	for (cpu = 0; cpu < plan->num_cpus; cpu++) {
		call->cpu = plan->cpus[cpu];
		judge_call(walk, call);
	}
}

static void refuse_source(struct walk *walk, const struct plan_source *source,
			  int64_t index)
{
	struct finding_request request = {
		.kind = PERFTRACE_FINDING_REFUSED,
		.gate = PERFTRACE_GATE_SETTING,
		.error = source->error,
		.source = index,
		.cpu = ANY,
		.tid = ANY,
		.subject = source->event.name,
		.message = source->reason,
		.function = "",
	};
	struct perftrace_finding *finding = report_add(walk->report, &request);

	finding_add_remedy(walk->report, finding, PERFTRACE_REMEDY_OTHER, "%s",
			   source->remedy);
	walk_note_error(walk, source->error);
}

static void walk_source(struct walk *walk, const struct plan_source *source,
			int64_t index)
{
	struct access_call call = {
		.attr = source->attr,
		.event = &source->event,
		.cpu = ANY,
		.is_cgroup = walk->plan->cgroup,
		.cgroup_answer = walk->plan->cgroup_answer,
	};

	begin_set(walk);
	if (source->needs_lookup) {
		call.step = ACCESS_LOOKUP;
		judge_call(walk, &call);
	}
	if (source->needs_probe) {
		call.step = ACCESS_PROBE;
		judge_call(walk, &call);
	}
	call.step = ACCESS_OPEN;
	walk_opens(walk, &call, walk->plan->tasks, walk->plan->num_tasks,
		   source->num_places);
	walk_use(walk, &call);
	end_set(walk, source->event.name, index);
}

/* What the session does at last: it waits for all of them at once. */
static void walk_last(struct walk *walk)
{
	static const struct perf_event_attr none;
	struct access_call call = {
		.step = ACCESS_OPEN,
		.attr = &none,
		.event = &dummies[PLAN_RING],
		.cpu = ANY,
		.num_before = walk->num_open + walk->plan->num_last - 1,
	};
	size_t i;

	if (walk->has_shortage || !walk->plan->num_last)
		return;
	begin_set(walk);
	for (i = 0; i < walk->num_rules; i++) {
		int32_t error = walk->rules[i].error;

		if (walk->rules[i].gate != PERFTRACE_GATE_DESCRIPTORS ||
		    error != -EMFILE ||
		    walk->rules[i].judge(walk->facts, &call) != REFUSES)
			continue;
		note_hit(walk, i, &call, REFUSES, error);
		walk_note_error(walk, error);
	}
	end_set(walk, "session", WHOLE_SESSION);
}

static void refuse_target(struct walk *walk)
{
	const struct plan *plan = walk->plan;
	struct finding_request request = {
		.kind = PERFTRACE_FINDING_REFUSED,
		.gate = plan->target_gate,
		.error = plan->target_error,
		.source = WHOLE_SESSION,
		.cpu = ANY,
		.tid = ANY,
		.subject = "target",
		.message = plan->target_reason,
		.function = "",
	};
	struct perftrace_finding *finding = report_add(walk->report, &request);

	if (plan->target_remedy && *plan->target_remedy)
		finding_add_remedy(walk->report, finding,
				   PERFTRACE_REMEDY_OTHER, "%s",
				   plan->target_remedy);
	walk_note_error(walk, plan->target_error);
}

void walk_plan(struct walk *walk)
{
	const struct plan *plan = walk->plan;
	struct grouping grouping = { 0 };
	size_t i;

	walk->num_open = plan->num_first;
	if (plan->target_error)
		refuse_target(walk);
	else
		walk_dummies(walk);
	for (i = 0; i < plan->num_sources; i++) {
		const struct plan_source *source = &plan->sources[i];

		/* Dummies, as those before, and refused for no more. */
		walk->num_open += plan_count_leaders(plan, i, &grouping);
		if (source->error)
			refuse_source(walk, source, (int64_t)i);
		else
			walk_source(walk, source, (int64_t)i);
	}
	walk_last(walk);
}
