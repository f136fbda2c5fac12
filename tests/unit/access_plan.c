/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access_plan.h"

#include <stdio.h>

#include "harness.h"

#define ANY_CPU (-1)

/* Uid and gid are those of the plain user of facts_init(). */
static void describe_other(struct access_task *task, int32_t tid)
{
	int i;

	*task = (struct access_task){ .tid = tid,
				      .answer = NOT_SENSED,
				      .is_known = true,
				      .is_dumpable = FACT_YES };
	for (i = 0; i < 3; i++)
		task->uids[i] = task->gids[i] = 1000;
}

static void make_target(struct made_plan *made, enum made_target target)
{
	struct plan *plan = &made->plan;

	plan->tasks = made->tasks;
	plan->num_tasks = target != ALL_CPUS;
	if (target == OTHER_TASK)
		describe_other(&made->tasks[0], 77);
	else if (target == CHILD)
		made->tasks[0] = (struct access_task){ .tid = -1,
						       .answer = NOT_SENSED,
						       .is_own_child = true };
	else
		made->tasks[0] = own_task;
	plan->num_first = target == CHILD ? 3 : 0;
	plan->num_last = 2;
	if (made->mode == COUNT && plan->num_tasks && target != CHILD)
		plan->num_last++;
}

static void make_dummy(struct perf_event_attr *attr)
{
	shape_attr(attr, SHAPE_XK);
	attr->type = PERF_TYPE_SOFTWARE;
	attr->config = PERF_COUNT_SW_DUMMY;
}

void plan_make(struct made_plan *made, enum made_target target,
	       enum made_mode mode)
{
	int32_t i;

	*made = (struct made_plan){ .mode = mode };
	make_dummy(&made->anchor);
	make_dummy(&made->sideband);
	made->plan.anchor = &made->anchor;
	made->plan.sideband = &made->sideband;
	made->plan.sources = made->sources;
	made->plan.cgroup_answer = NOT_SENSED;
	made->plan.cpus = made->cpus;
	made->plan.num_cpus = MADE_CPUS;
	for (i = 0; i < MADE_CPUS; i++)
		made->cpus[i] = i;
	make_target(made, target);
	if (mode == STREAM) {
		made->plan.ring_bytes = MADE_RING;
	} else if (made->plan.num_tasks) {
		made->plan.num_cpus = 1;
		made->cpus[0] = ANY_CPU;
	}
}

struct plan_source *plan_add(struct made_plan *made,
			     const struct access_event *event,
			     unsigned int shape)
{
	size_t index = made->plan.num_sources++;
	struct plan_source *source = &made->sources[index];

	ck_assert_uint_lt(index, MADE_SOURCES);
	if (made->mode == STREAM)
		shape |= SHAPE_RAW;
	/* Without callchains, both halves are excluded. */
	if (made->mode == STREAM && !(shape & SHAPE_CALLCHAIN))
		shape |= SHAPE_XCK | SHAPE_XCU;
	shape_attr(&made->attrs[index], shape);
	*source = (struct plan_source){ .event = *event,
					.attr = &made->attrs[index],
					.num_places = 1 };
	return source;
}

struct access_task *plan_add_task(struct made_plan *made, int32_t tid)
{
	struct access_task *task = &made->tasks[made->plan.num_tasks++];

	ck_assert_uint_le(made->plan.num_tasks, MADE_TASKS);
	describe_other(task, tid);
	return task;
}

struct perftrace_report *plan_blame(const struct made_plan *made,
				    const char *host,
				    const struct access_failure *failure)
{
	struct perftrace_report *report = NULL;
	struct facts facts;

	host_make(&facts, host);
	ck_assert_int_eq(access_report(&facts, &made->plan, failure, &report),
			 0);
	facts_clear(&facts);
	return report;
}

struct perftrace_report *plan_ask(const struct made_plan *made,
				  const char *host)
{
	return plan_blame(made, host, NULL);
}

static void write_gates(struct perftrace_report *report, int32_t kind,
			char *text, size_t room)
{
	size_t i, used = 0;

	*text = '\0';
	for (i = 0; i < perftrace_report_get_num_findings(report); i++) {
		struct perftrace_finding *finding =
			perftrace_report_get_finding(report, i);

		if (perftrace_finding_get_kind(finding) == kind)
			used += (size_t)snprintf(
				text + used, room - used, "%s%s",
				used ? " " : "",
				perftrace_gate_get_name(
					perftrace_finding_get_gate(finding)));
	}
}

void expect_gates(struct perftrace_report *report, int32_t kind,
		  const char *gates)
{
	char text[1024];

	write_gates(report, kind, text, sizeof(text));
	ck_assert_str_eq(text, gates);
}

void expect_error(struct perftrace_report *report, int32_t error)
{
	ck_assert_str_eq(error_name(perftrace_report_get_error_code(report)),
			 error_name(error));
	ck_assert(perftrace_report_is_allowed(report) == !error);
}

struct perftrace_finding *find_finding(struct perftrace_report *report,
				       int32_t gate, int64_t source)
{
	size_t i;

	for (i = 0; i < perftrace_report_get_num_findings(report); i++) {
		struct perftrace_finding *finding =
			perftrace_report_get_finding(report, i);

		if (perftrace_finding_get_gate(finding) == gate &&
		    perftrace_finding_get_source_index(finding) == source)
			return finding;
	}
	ck_abort_msg("no finding of %s", perftrace_gate_get_name(gate));
}

void expect_remedies(struct perftrace_report *report, int32_t gate,
		     int64_t source, const char *remedies)
{
	struct perftrace_finding *finding = find_finding(report, gate, source);
	size_t i, used = 0;
	char text[2048] = "";

	for (i = 0; i < perftrace_finding_get_num_remedies(finding); i++)
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, "%s%s %s",
			i ? "; " : "",
			perftrace_remedy_kind_get_name(
				perftrace_finding_get_remedy_kind(finding, i)),
			perftrace_finding_get_remedy(finding, i));
	ck_assert_str_eq(text, remedies);
}
