/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What it costs to ask whether an event can be had, and what to have one: in one
 * run, round after round, so that both are measured on the same machine in the
 * same minute. Nothing is asserted.
 */
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <perftrace/perftrace.h>

#include "access_report.h"
#include "facts_snapshot.h"
#include "plan.h"

#define ROUNDS	     7
#define MOST_SOURCES 690
#define SCHED_SWITCH "sched:sched_switch"
#define SCHED_ID     "/sys/kernel/tracing/events/sched/sched_switch/id"

struct bench {
	struct perftrace_context *context;
	/* The caller's, and a plain user's. */
	struct perftrace_facts *own;
	struct perftrace_facts *plain;
	struct perftrace_session *session;
	struct perf_event_attr anchor;
	struct perf_event_attr attr;
	struct perf_event_attr dummy;
	struct perf_event_attr sched;
	struct plan_source sources[MOST_SOURCES];
	struct plan plan;
	/* Somewhere else, as long as the program runs. */
	int held;
};

struct subject {
	const char *name;
	unsigned int repeats;
	/* 0, or it can't be measured here. */
	int (*run)(struct bench *bench);
	double micros[ROUNDS];
	bool has_failed;
};

static int report_on(struct bench *bench, struct perftrace_facts *facts,
		     size_t num_sources)
{
	struct perftrace_report *report;

	bench->plan.num_sources = num_sources;
	if (access_report(facts_snapshot_get(facts), &bench->plan, NULL,
			  &report))
		return -1;
	perftrace_report_unref(report);
	return 0;
}

static int report_one(struct bench *bench)
{
	return report_on(bench, bench->own, 1);
}

static int report_one_refused(struct bench *bench)
{
	return report_on(bench, bench->plain, 1);
}

static int report_many(struct bench *bench)
{
	return report_on(bench, bench->own, MOST_SOURCES);
}

static int report_many_refused(struct bench *bench)
{
	return report_on(bench, bench->plain, MOST_SOURCES);
}

static int format_many_refused(struct bench *bench)
{
	struct perftrace_report *report;
	static char text[65536];

	bench->plan.num_sources = MOST_SOURCES;
	if (access_report(facts_snapshot_get(bench->plain), &bench->plan, NULL,
			  &report))
		return -1;
	perftrace_report_format(report, text, sizeof(text));
	perftrace_report_unref(report);
	return 0;
}

static int gather_facts(struct bench *bench)
{
	struct perftrace_facts *facts;

	if (perftrace_facts_new(bench->context, &facts))
		return -1;
	perftrace_facts_free(facts);
	return 0;
}

static int check_with(struct bench *bench, struct perftrace_facts *facts)
{
	struct perftrace_report *report;

	if (!bench->session ||
	    perftrace_session_check(bench->session, facts, &report))
		return -1;
	perftrace_report_unref(report);
	return 0;
}

static int check_session(struct bench *bench)
{
	return check_with(bench, bench->own);
}

static int check_session_afresh(struct bench *bench)
{
	return check_with(bench, NULL);
}

static int open_event(struct perf_event_attr *attr, int32_t tid, int32_t cpu)
{
	return (int)syscall(SYS_perf_event_open, attr, tid, cpu, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

static int open_dummy(struct bench *bench)
{
	int fd = open_event(&bench->dummy, 0, -1);

	return fd < 0 ? fd : close(fd);
}

static int open_held(struct bench *bench)
{
	int fd = bench->held < 0 ? -1 : open_event(&bench->sched, 0, -1);

	return fd < 0 ? fd : close(fd);
}

static struct subject subjects[] = {
	{ "open and close a dummy event", 2000, open_dummy, { 0 }, false },
	{ "open and close " SCHED_SWITCH ", held elsewhere",
	  2000,
	  open_held,
	  { 0 },
	  false },
	{ "access_report(), 1 source, allowed", 5000, report_one, { 0 }, false },
	{ "access_report(), 1 source, refused",
	  2000,
	  report_one_refused,
	  { 0 },
	  false },
	{ "access_report(), 690 sources, allowed",
	  20,
	  report_many,
	  { 0 },
	  false },
	{ "access_report(), 690 sources, refused",
	  5,
	  report_many_refused,
	  { 0 },
	  false },
	{ "the same, and perftrace_report_format()",
	  5,
	  format_many_refused,
	  { 0 },
	  false },
	{ "perftrace_session_check(), facts given",
	  200,
	  check_session,
	  { 0 },
	  false },
	{ "perftrace_session_check(), facts gathered",
	  20,
	  check_session_afresh,
	  { 0 },
	  false },
	{ "perftrace_facts_new()", 20, gather_facts, { 0 }, false },
};

#define NUM_SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))

static double now_micros(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void measure(struct bench *bench, struct subject *subject, size_t round)
{
	double start = now_micros();
	unsigned int i;

	for (i = 0; i < subject->repeats && !subject->has_failed; i++)
		subject->has_failed = subject->run(bench);
	subject->micros[round] = (now_micros() - start) / subject->repeats;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static void print_all(void)
{
	size_t i;

	printf("us, of %d rounds %28s %10s %21s %8s\n", ROUNDS, "", "median",
	       "least..most", "dummies");
	for (i = 0; i < NUM_SUBJECTS; i++) {
		struct subject *subject = &subjects[i];

		qsort(subject->micros, ROUNDS, sizeof(double), compare);
		if (subject->has_failed)
			printf("%-44s %10s\n", subject->name, "-");
		else
			printf("%-44s %10.2f %10.2f..%9.2f %8.2f\n",
			       subject->name, subject->micros[ROUNDS / 2],
			       subject->micros[0], subject->micros[ROUNDS - 1],
			       subject->micros[ROUNDS / 2] /
				       subjects[0].micros[ROUNDS / 2]);
	}
}

/* As of a stream of raw data of all tasks. */
static void make_plan(struct bench *bench)
{
	static const int32_t cpus[] = { 0, 1 };
	size_t i;

	bench->anchor = bench->dummy;
	bench->attr = bench->sched;
	bench->attr.sample_period = 1;
	bench->attr.sample_type = PERF_SAMPLE_RAW;
	for (i = 0; i < MOST_SOURCES; i++)
		bench->sources[i] = (struct plan_source){
			.event = { .name = "syscalls:sys_enter_read",
				   .class = ACCESS_TRACEPOINT,
				   .is_for_anyone = true,
				   .is_of_user = true },
			.attr = &bench->attr,
			.num_places = 1,
		};
	bench->plan = (struct plan){ .sources = bench->sources,
				     .anchor = &bench->anchor,
				     .sideband = &bench->anchor,
				     .cpus = cpus,
				     .num_cpus = 2,
				     .cgroup_answer = NOT_SENSED,
				     .ring_bytes = 65536,
				     .num_last = 2 };
}

static void make_events(struct bench *bench)
{
	FILE *file = fopen(SCHED_ID, "re");
	unsigned int id = 0;

	bench->dummy = (struct perf_event_attr){
		.size = sizeof(bench->dummy),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.disabled = 1,
		.exclude_kernel = 1,
	};
	bench->sched = bench->dummy;
	bench->sched.type = PERF_TYPE_TRACEPOINT;
	bench->sched.exclude_kernel = 0;
	if (file && fscanf(file, "%u", &id) == 1)
		bench->sched.config = id;
	if (file)
		fclose(file);
	bench->held = id ? open_event(&bench->sched, 0, -1) : -1;
}

static void make_session(struct bench *bench)
{
	struct perftrace_session_config *config;

	if (perftrace_session_config_new(bench->context, &config))
		exit(EXIT_FAILURE);
	if (perftrace_session_new(bench->context, config, &bench->session))
		bench->session = NULL;
	perftrace_session_config_free(config);
	if (!bench->session ||
	    perftrace_session_add_spec(bench->session, SCHED_SWITCH, NULL) > 0)
		return;
	perftrace_session_free(bench->session);
	bench->session = NULL;
}

int main(void)
{
	static struct bench bench;
	size_t round, i;

	if (perftrace_context_new(&bench.context) ||
	    perftrace_facts_new(bench.context, &bench.own) ||
	    perftrace_facts_new(bench.context, &bench.plain) ||
	    perftrace_facts_set(bench.plain,
				"uid=1000,paranoid=2,descriptor_limit=4096") ||
	    perftrace_facts_set(bench.own, "descriptor_limit=4096"))
		return EXIT_FAILURE;
	make_events(&bench);
	make_plan(&bench);
	make_session(&bench);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < NUM_SUBJECTS; i++)
			measure(&bench, &subjects[i], round);
	}
	print_all();
	if (bench.held >= 0)
		close(bench.held);
	perftrace_session_free(bench.session);
	perftrace_facts_free(bench.own);
	perftrace_facts_free(bench.plain);
	perftrace_context_unref(bench.context);
	return EXIT_SUCCESS;
}
