/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "access_walk.h"
#include "locked.h"

#define ANY	      (-1)
#define WHOLE_SESSION (-1)
#define CLOSES_SLOWLY 50
#define CLOSE_MS      40

static void note_fit(struct walk *walk)
{
	struct finding_request request = {
		.kind = PERFTRACE_FINDING_LIMITED,
		.gate = PERFTRACE_GATE_LOCKED_MEMORY,
		.source = WHOLE_SESSION,
		.cpu = ANY,
		.tid = ANY,
		.subject = "ring",
		.function = "perf_mmap()",
	};
	char message[256];

	if (walk->ring_bytes == walk->plan->ring_bytes)
		return;
	snprintf(message, sizeof(message),
		 "rings of %" PRIu64 " KiB instead of %" PRIu64 " KiB, to fit "
		 "into the %" PRIu64 " KiB of locked memory that the user has "
		 "left",
		 walk->ring_bytes / 1024, walk->plan->ring_bytes / 1024,
		 locked_left_kib(walk->facts));
	request.message = message;
	report_add(walk->report, &request);
}

/* perf_trace_event_unreg() waits for all CPUs, for one event after another. */
static void note_closing(struct walk *walk)
{
	struct finding_request request = {
		.kind = PERFTRACE_FINDING_COSTLY,
		.gate = PERFTRACE_GATE_CLOSING,
		.source = WHOLE_SESSION,
		.cpu = ANY,
		.tid = ANY,
		.subject = "session",
		.function = "perf_trace_event_unreg()",
	};
	size_t count = walk->plan->num_sources;
	char message[256];

	if (count < CLOSES_SLOWLY)
		return;
	snprintf(message, sizeof(message),
		 "to close %zu events may take %s%zu s: the kernel waits for "
		 "all CPUs at the last close of each, some %d ms",
		 count,
		 walk->plan->has_closer ? "another process, not the caller, " :
					  "",
		 (count * CLOSE_MS + 999) / 1000, CLOSE_MS);
	request.message = message;
	report_add(walk->report, &request);
}

/* The child that becomes a command has a number by now; rings are one's own. */
static const struct access_task *find_task(const struct plan *plan,
					   const struct access_failure *failure)
{
	static const struct access_task own = { .tid = ANY,
						.answer = NOT_SENSED,
						.is_own_process = true };
	size_t i;

	if (failure->tid == ANY || !plan->num_tasks)
		return NULL;
	for (i = 0; i < plan->num_tasks; i++) {
		if (plan->tasks[i].tid == failure->tid)
			return &plan->tasks[i];
	}
	return failure->source >= 0 || failure->own == PLAN_SIDEBAND ?
		       plan->tasks :
		       &own;
}

/* The call that failed, as it was. */
static void rebuild_call(const struct walk *walk,
			 const struct access_failure *failure,
			 struct access_call *call)
{
	const struct plan *plan = walk->plan;

	*call = (struct access_call){
		.step = failure->step,
		.attr = failure->own == PLAN_SIDEBAND ? plan->sideband :
							plan->anchor,
		.event = walk_get_own(failure->own),
		.cpu = failure->cpu,
		.ring_bytes = walk->ring_bytes,
		.cgroup_answer = plan->cgroup_answer,
	};
	/* What it lacked first is not known any more. */
	call->num_before = plan_count_descriptors(plan);
	call->num_before -= !!call->num_before;
	call->num_rings_before = plan->num_cpus ? plan->num_cpus - 1 : 0;
	if (failure->source >= 0) {
		call->attr = plan->sources[failure->source].attr;
		call->event = &plan->sources[failure->source].event;
	}
	call->is_cgroup = plan->cgroup &&
			  (failure->source >= 0 || failure->own == PLAN_CGROUP);
	call->task = find_task(plan, failure);
}

/* How likely it is that a rule was it; 0: it was not. */
static int rate(const struct walk *walk, const struct access_rule *rule,
		const struct access_call *call, int32_t error)
{
	int32_t answer;
	enum verdict verdict;

	if (rule->step != call->step || rule->kind != PERFTRACE_FINDING_REFUSED)
		return 0;
	verdict = access_judge(rule, walk->facts, call, &answer);
	/* A security module may answer anything, and mostly these. */
	if (answer != error &&
	    !(!rule->error && (error == -EACCES || error == -EPERM)))
		return 0;
	return verdict == REFUSES   ? 3 :
	       verdict == UNCERTAIN ? 2 :
	       verdict == UNSEEN    ? 1 :
				      0;
}

/* One that says the same as a row above it adds nothing. */
static bool was_named(const struct walk *walk, const size_t *candidates,
		      size_t count, const struct access_rule *rule)
{
	while (count--) {
		if (walk->rules[candidates[count]].gate == rule->gate)
			return true;
	}
	return false;
}

static size_t find_candidates(const struct walk *walk,
			      const struct access_call *call, int32_t error,
			      size_t *candidates)
{
	size_t count = 0, i;
	int rating;

	for (rating = 3; rating > 0; rating--) {
		for (i = 0; i < walk->num_rules; i++) {
			if (rate(walk, &walk->rules[i], call, error) ==
				    rating &&
			    !was_named(walk, candidates, count,
				       &walk->rules[i]))
				candidates[count++] = i;
		}
		/* What explains it for certain needs no guesses next to it. */
		if (rating == 3 && count)
			return 1;
	}
	return count;
}

static void write_candidates(const struct walk *walk, struct hit *hit,
			     const size_t *candidates, size_t count, char *text,
			     size_t room)
{
	size_t i, used = 0;

	for (i = 0; i < count && i < 3; i++) {
		char reason[512];

		walk_explain(walk, &walk->rules[candidates[i]], hit, reason,
			     sizeof(reason));
		if (used < room)
			used += (size_t)snprintf(
				text + used, room - used, "%s%s",
				!i ? count > 1 ? "most likely: " : "" :
				     "; or: ",
				reason);
	}
}

static const char *name_subject(const struct access_failure *failure,
				const struct plan *plan)
{
	if (failure->source >= 0)
		return plan->sources[failure->source].event.name;
	return walk_get_own(failure->own)->name;
}

static void drop_target(struct walk *walk)
{
	const struct finding_request target = {
		.kind = PERFTRACE_FINDING_REFUSED,
		.gate = walk->plan->target_gate,
		.error = walk->plan->target_error,
		.source = WHOLE_SESSION,
	};

	report_drop(walk->report, &target);
}

static void blame(struct walk *walk, const struct access_failure *failure)
{
	size_t candidates[ACCESS_MOST_RULES], count = 0;
	struct finding_request request = {
		.kind = PERFTRACE_FINDING_REFUSED,
		.error = failure->error,
		.source = failure->source,
		.cpu = failure->cpu,
		.tid = failure->tid,
		.message = failure->reason ? failure->reason :
					     "none of the rules that are known "
					     "explains it",
		.function = "",
	};
	struct hit hit = { .error = failure->error };
	const struct access_rule *rule = NULL;
	struct perftrace_finding *finding;
	char subject[512], message[1024];

	rebuild_call(walk, failure, &hit.call);
	/* Of the target, the library's words are the forecast's as well. */
	if (failure->reason && walk->plan->target_error == failure->error) {
		request.gate = walk->plan->target_gate;
		drop_target(walk);
	}
	if (!failure->reason || failure->step == ACCESS_PROBE)
		count = find_candidates(walk, &hit.call, failure->error,
					candidates);
	walk_write_subject(walk, name_subject(failure, walk->plan),
			   failure->cpu, failure->tid, subject,
			   sizeof(subject));
	request.subject = subject;
	if (count) {
		rule = &walk->rules[candidates[0]];
		request.gate = rule->gate;
		request.function = rule->function;
	}
	if (count && !failure->reason) {
		write_candidates(walk, &hit, candidates, count, message,
				 sizeof(message));
		request.message = message;
	}
	report_drop(walk->report, &request);
	finding = report_add_first(walk->report, &request);
	if (rule && !failure->reason) {
		walk_add_remedies(walk, finding, rule, &hit);
	} else if (failure->remedy && *failure->remedy) {
		finding_add_remedy(walk->report, finding,
				   PERFTRACE_REMEDY_OTHER, "%s",
				   failure->remedy);
	}
	walk->error = failure->error;
}

static void add_notes(struct walk *walk)
{
	struct report_numbers numbers;

	note_fit(walk);
	note_closing(walk);
	plan_fill_numbers(walk->plan, walk->facts, &numbers);
	report_set_numbers(walk->report, &numbers);
}

int access_report(const struct facts *facts, const struct plan *plan,
		  const struct access_failure *failure,
		  struct perftrace_report **report)
{
	struct walk walk = { .facts = facts, .plan = plan };
	int ret;

	walk.report = report_new();
	if (!walk.report)
		return -ENOMEM;
	walk.rules = access_get_rules(&walk.num_rules);
	walk.ring_bytes = plan_fit_rings(plan, facts);
	walk_plan(&walk);
	add_notes(&walk);
	if (failure)
		blame(&walk, failure);
	report_set_error(walk.report, walk.error);
	ret = report_finish(walk.report);
	if (ret)
		perftrace_report_unref(walk.report);
	else
		*report = walk.report;
	return ret;
}
