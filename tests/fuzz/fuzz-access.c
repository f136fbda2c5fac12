/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any facts, any plan and any failure as a report: refusals come first and the
 * first one's errno is the report's, and what is said to help does.
 *
 * The bytes are numbers that choose; when there are no more, all are 0.
 */
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "access_report.h"
#include "capability.h"
#include "facts.h"
#include "facts_text.h"
#include "log.h"
#include "plan.h"
#include "report.h"

#define MOST_SOURCES 3
#define MOST_CPUS    4
#define MOST_TASKS   3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

struct made {
	struct facts facts;
	struct plan plan;
	struct plan_source sources[MOST_SOURCES];
	struct perf_event_attr attrs[MOST_SOURCES];
	struct perf_event_attr dummy;
	int32_t cpus[MOST_CPUS];
	struct access_task tasks[MOST_TASKS];
	struct access_failure failure;
	bool has_failed;
};

static uint8_t take(struct input *input)
{
	if (!input->size)
		return 0;
	input->size--;
	return *input->data++;
}

static uint32_t choose(struct input *input, uint32_t count)
{
	return take(input) % count;
}

static bool flip(struct input *input)
{
	return take(input) & 1;
}

static uint64_t take_number(struct input *input)
{
	return (uint64_t)take(input) << choose(input, 30);
}

static enum fact take_fact(struct input *input)
{
	return (enum fact)((int)choose(input, 3) - 1);
}

/* Some of the capabilities that matter, or all. */
static uint64_t take_capabilities(struct input *input)
{
	static const uint8_t some[] = { 1, 2, 14, 19, 21, 34, 38, 39 };
	uint8_t bits = take(input);
	uint64_t set = 0;
	size_t i;

	for (i = 0; i < sizeof(some); i++)
		set |= bits >> i & 1 ? UINT64_C(1) << some[i] : 0;
	return bits == 255 ? ALL_CAPABILITIES : set;
}

static void make_caller(struct input *input, struct facts *facts)
{
	int i;

	for (i = 0; i < 3; i++) {
		facts->uids[i] = choose(input, 3);
		facts->gids[i] = choose(input, 3);
	}
	facts->effective = take_capabilities(input);
	facts->permitted = facts->effective | take_capabilities(input);
	facts->is_initial_userns = take_fact(input);
	facts->is_dumpable = take_fact(input);
	facts->seccomp = (int32_t)choose(input, 3);
	facts->call_error = choose(input, 8) ? 0 : -(int32_t)take(input);
}

static void make_policy(struct input *input, struct facts *facts)
{
	static const int32_t levels[] = { 3, 4, NO_LEVEL };
	uint32_t least = choose(input, 3);

	facts->paranoid = (int32_t)choose(input, 6) - 1;
	facts->vendor_level_min = levels[least];
	facts->vendor_level_max = levels[least + choose(input, 3 - least)];
	facts->callchain_is_kernel = take_fact(input);
	facts->uprobe_needs_admin = take_fact(input);
	facts->lockdown = (enum lockdown)((int)choose(input, 5) - 1);
	facts->kptr_restrict = (int32_t)choose(input, 3);
	facts->has_ftrace = take_fact(input);
	facts->has_kprobes_armed = take_fact(input);
	facts->has_function = take_fact(input);
	facts->has_kprobe_pmu = take_fact(input);
	facts->has_uprobe_pmu = take_fact(input);
	facts->tracefs = (enum tracefs_access)((int)choose(input, 6) - 1);
	facts->tracefs_uid = choose(input, 2);
	facts->tracefs_mode = flip(input) ? 0700 : 0750;
}

static void make_limits(struct input *input, struct facts *facts)
{
	facts->mlock_kib = take_number(input);
	facts->memlock_bytes = flip(input) ? UNLIMITED : take_number(input);
	facts->pinned_kib = choose(input, 4) ? 0 : take_number(input);
	facts->locked_kib = choose(input, 4) ? 0 : take_number(input);
	facts->descriptor_limit = flip(input) ? UNLIMITED : take(input);
	facts->num_descriptors = choose(input, 32);
}

/* The first half of what the sensors say is what rules would say anyway. */
static void make_sensors(struct input *input, struct facts *facts)
{
	static const int32_t answers[] = { NOT_SENSED, 0, -13, -1 };
	int i;

	facts->is_own = flip(input);
	for (i = 0; i < NUM_SENSORS; i++)
		facts->sensed[i] = facts->is_own ? answers[choose(input, 4)] :
						   NOT_SENSED;
}

static void make_facts(struct input *input, struct log *notes,
		       struct facts *facts)
{
	facts_init(facts);
	if (facts_parse(notes, facts, "cpus=0-1,possible_cpus=0-3"))
		abort();
	make_caller(input, facts);
	make_policy(input, facts);
	make_limits(input, facts);
	make_sensors(input, facts);
}

static void make_attr(struct input *input, struct perf_event_attr *attr)
{
	uint8_t bits = take(input);

	*attr = (struct perf_event_attr){ .size = sizeof(*attr) };
	attr->exclude_kernel = bits & 1;
	attr->exclude_callchain_kernel = bits >> 1 & 1;
	attr->exclude_callchain_user = bits >> 2 & 1;
	attr->watermark = bits >> 3 & 1;
	attr->wakeup_watermark = bits & 8 ? 1U << choose(input, 30) : 0;
	attr->sample_period = bits >> 4 & 1;
	attr->sample_type = (bits & 32 ? PERF_SAMPLE_RAW : 0) |
			    (bits & 64 ? PERF_SAMPLE_CALLCHAIN : 0) |
			    (bits & 128 ? PERF_SAMPLE_REGS_INTR : 0);
	attr->sample_regs_intr = bits & 128 ? choose(input, 4) : 0;
}

static void make_source(struct input *input, struct plan_source *source,
			struct perf_event_attr *attr)
{
	uint8_t bits = take(input);

	make_attr(input, attr);
	*source = (struct plan_source){
		.event = { .name = "event",
			   .class = 1 + choose(input, 4),
			   .is_for_anyone = bits & 1,
			   .is_of_user = bits & 2,
			   .is_kprobe = bits & 4,
			   .is_irq_work = (bits & 24) == 24,
			   .is_synthetic = (bits & 40) == 40,
			   .is_busy = (bits & 48) == 48 },
		.attr = attr,
		.num_places = choose(input, 4),
		.needs_probe = bits & 64,
		.needs_lookup = bits & 128,
		.reason = "the library's own",
		.remedy = "another",
		.error = choose(input, 16) ? 0 : -22,
	};
}

static void make_task(struct input *input, struct access_task *task)
{
	static const int32_t answers[] = { NOT_SENSED, NOT_SENSED, 0, -13, -3 };
	int i;

	*task = (struct access_task){
		.tid = (int32_t)choose(input, 4),
		.answer = answers[choose(input, 5)],
		.is_own_process = !choose(input, 4),
		.is_own_child = !choose(input, 4),
		.is_known = flip(input),
		.permitted = take_capabilities(input),
		.is_dumpable = take_fact(input),
	};
	for (i = 0; i < 3; i++)
		task->uids[i] = task->gids[i] = choose(input, 2);
}

static void make_target(struct input *input, struct made *made)
{
	struct plan *plan = &made->plan;
	size_t i;

	plan->num_cpus = 1 + choose(input, MOST_CPUS);
	for (i = 0; i < plan->num_cpus; i++)
		made->cpus[i] = (int32_t)choose(input, 6) - 1;
	plan->num_tasks = choose(input, MOST_TASKS + 1);
	for (i = 0; i < plan->num_tasks; i++)
		make_task(input, &made->tasks[i]);
	if (plan->num_tasks)
		return;
	/* All tasks of any CPU can't be asked for. */
	for (i = 0; i < plan->num_cpus; i++)
		made->cpus[i] = made->cpus[i] < 0 ? 0 : made->cpus[i];
	plan->cgroup = flip(input) ? "group" : NULL;
}

static void make_plan(struct input *input, struct made *made)
{
	static const int32_t answers[] = { NOT_SENSED, 0, -2, -9 };
	struct plan *plan = &made->plan;
	size_t i;

	made->dummy = (struct perf_event_attr){ .exclude_kernel = 1 };
	*plan = (struct plan){
		.sources = made->sources,
		.num_sources = choose(input, MOST_SOURCES + 1),
		.anchor = &made->dummy,
		.sideband = &made->dummy,
		.cpus = made->cpus,
		.tasks = made->tasks,
		.cgroup_answer = answers[choose(input, 4)],
		.ring_bytes =
			flip(input) ? UINT64_C(4096) << choose(input, 20) : 0,
		.min_ring_bytes = flip(input) ? 4096 : 0,
		.num_first = choose(input, 4),
		.num_last = choose(input, 4),
		.target_error = choose(input, 16) ? 0 : -3,
		.target_gate = PERFTRACE_GATE_TASK_GONE,
		.target_reason = "there is none",
	};
	make_target(input, made);
	for (i = 0; i < plan->num_sources; i++)
		make_source(input, &made->sources[i], &made->attrs[i]);
}

static void make_failure(struct input *input, struct made *made)
{
	int32_t source = (int32_t)choose(input, MOST_SOURCES + 1) - 1;

	made->has_failed = flip(input);
	made->failure = (struct access_failure){
		.has_call = flip(input),
		.step = choose(input, 4),
		.source = source < (int32_t)made->plan.num_sources ? source :
								     -1,
		.own = (enum plan_own)(flip(input) + 2 * flip(input)),
		.error = -1 - (int32_t)(flip(input) ? choose(input, 132) : 523),
		.cpu = made->cpus[choose(input, (uint32_t)made->plan.num_cpus)],
		.tid = made->plan.num_tasks ? made->tasks[0].tid : -1,
	};
	if (flip(input))
		made->failure.reason = "the library's own";
}

static void check_order(struct perftrace_report *report)
{
	size_t count = perftrace_report_get_num_findings(report), i;
	int32_t error = perftrace_report_get_error_code(report);
	bool has_passed = false;

	for (i = 0; i < count; i++) {
		struct perftrace_finding *finding =
			perftrace_report_get_finding(report, i);
		bool is_refused = perftrace_finding_get_kind(finding) ==
				  PERFTRACE_FINDING_REFUSED;

		if (is_refused && has_passed)
			abort();
		has_passed |= !is_refused;
		if (!i && is_refused &&
		    perftrace_finding_get_error_code(finding) != error)
			abort();
		if (!i && !is_refused && error)
			abort();
		if (!*perftrace_finding_get_message(finding) ||
		    !*perftrace_finding_get_subject(finding))
			abort();
	}
	if (perftrace_report_is_allowed(report) != !error)
		abort();
}

static void check_text(struct perftrace_report *report)
{
	size_t length = (size_t)perftrace_report_format(report, NULL, 0);
	char *text = malloc(length + 1);

	if (!text)
		abort();
	if ((size_t)perftrace_report_format(report, text, length + 1) !=
		    length ||
	    strlen(text) != length)
		abort();
	free(text);
}

/* As somebody would who takes the advice. */
static bool apply(struct facts *facts, int32_t kind, const char *remedy)
{
	static const char level[] = "kernel.perf_event_paranoid=";
	uint64_t bit = 0;

	if (kind == PERFTRACE_REMEDY_SYSCTL &&
	    !strncmp(remedy, level, strlen(level))) {
		facts->paranoid =
			(int32_t)strtol(remedy + strlen(level), NULL, 10);
		return true;
	}
	if (kind != PERFTRACE_REMEDY_CAPABILITY)
		return false;
	if (!capability_read_names(remedy, &bit))
		abort();
	if (facts->is_initial_userns == FACT_NO)
		facts->effective = facts->permitted = 0;
	facts->is_initial_userns = FACT_YES;
	facts->effective |= bit;
	facts->permitted |= bit;
	return true;
}

/* Every call that is made for the source. */
static void check_calls(const struct made *made, const struct facts *facts,
			const struct plan_source *source, int32_t tid)
{
	const struct plan *plan = &made->plan;
	struct access_call call = {
		.step = ACCESS_OPEN,
		.attr = source->attr,
		.event = &source->event,
		.is_cgroup = plan->cgroup,
		.cgroup_answer = plan->cgroup_answer,
	};
	size_t i, j;

	for (i = 0; i < plan->num_cpus; i++) {
		call.cpu = plan->cpus[i];
		for (j = 0; j < (plan->num_tasks ? plan->num_tasks : 1); j++) {
			call.task = plan->num_tasks ? &plan->tasks[j] : NULL;
			if (call.task && call.task->tid != tid)
				continue;
			if (!access_try(facts, &call, NULL))
				return;
		}
	}
	abort();
}

/* Other calls than perf_event_open(2) have remedies of their own. */
static bool is_of_open(int32_t gate)
{
	return gate != PERFTRACE_GATE_TRACEFS &&
	       gate != PERFTRACE_GATE_DESCRIPTORS &&
	       gate != PERFTRACE_GATE_LOCKED_MEMORY;
}

/* Each remedy alone makes at least the call that was refused pass. */
static void check_remedies(const struct made *made,
			   struct perftrace_finding *finding)
{
	int64_t index = perftrace_finding_get_source_index(finding);
	int32_t tid = perftrace_finding_get_tid(finding);
	size_t count = perftrace_finding_get_num_remedies(finding), i;

	if (index < 0 || !is_of_open(perftrace_finding_get_gate(finding)) ||
	    perftrace_finding_get_kind(finding) != PERFTRACE_FINDING_REFUSED ||
	    made->plan.num_tasks > 1 || made->plan.num_cpus > 1)
		return;
	if (made->plan.num_tasks)
		tid = made->tasks[0].tid;
	for (i = 0; i < count; i++) {
		struct facts facts = made->facts;

		facts.is_own = false;
		if (apply(&facts, perftrace_finding_get_remedy_kind(finding, i),
			  perftrace_finding_get_remedy(finding, i)))
			check_calls(made, &facts, &made->plan.sources[index],
				    tid);
	}
}

static void check_report(const struct made *made)
{
	struct perftrace_report *report;
	size_t i;

	if (access_report(&made->facts, &made->plan,
			  made->has_failed ? &made->failure : NULL, &report))
		abort();
	check_order(report);
	check_text(report);
	for (i = 0; i < perftrace_report_get_num_findings(report); i++)
		check_remedies(made, perftrace_report_get_finding(report, i));
	perftrace_report_unref(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct log *notes;
	struct input input = { data, size };
	struct made made = { .has_failed = false };

	if (!notes)
		notes = log_new();
	if (!notes)
		abort();
	make_facts(&input, notes, &made.facts);
	make_plan(&input, &made);
	make_failure(&input, &made);
	check_report(&made);
	facts_clear(&made.facts);
	return 0;
}
