/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules, one by one and in their order. The tables are what kernels were
 * measured to answer; paranoid goes from -1 to 4, of which the last two are a
 * vendor's, as Debian has them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "access_host.h"
#include "export.h"
#include "harness.h"

#define LOWEST	-1
#define HIGHEST 4

static const struct access_rule *hit;

/* A description of a host, an event, and one answer. */
static void expect(const char *host, const struct access_event *event,
		   enum whom whom, unsigned int shape, int32_t error,
		   enum perftrace_gate gate)
{
	struct facts facts;
	int32_t is;

	host_make(&facts, host);
	is = host_try(&facts, event, whom, shape, &hit);
	ck_assert_msg(is == error, "%s, %s: %s, not %s", host, event->name,
		      error_name(is), error_name(error));
	if (error) {
		ck_assert_ptr_nonnull(hit);
		ck_assert_str_eq(perftrace_gate_get_name(hit->gate),
				 perftrace_gate_get_name(gate));
	} else {
		ck_assert_ptr_null(hit);
	}
	facts_clear(&facts);
}

static void expect_ok(const char *host, const struct access_event *event,
		      enum whom whom, unsigned int shape)
{
	expect(host, event, whom, shape, 0, PERFTRACE_GATE_UNKNOWN);
}

/* One line of a table: what is answered at each level. */
struct row {
	const struct access_event *event;
	enum whom whom;
	unsigned int shape;
	const char *answers;
};

static const struct row rows[] = {
#define TRACEPOINT(event)                                                      \
	{ event, SELF, SHAPE_XK, "ok ok ok ok EACCES EACCES " },               \
		{ event, SELF, 0, "ok ok ok EACCES EACCES EACCES " },          \
		{ event, SELF, SHAPE_RAW | SHAPE_XK,                           \
		  "ok EPERM EPERM EPERM EACCES EACCES " },                     \
		{ event, CPU0, SHAPE_XK,                                       \
		  "ok ok EACCES EACCES EACCES EACCES " },                      \
		{ event, CPU0, 0, "ok ok EACCES EACCES EACCES EACCES " },      \
	{                                                                      \
		event, CPU0, SHAPE_RAW | SHAPE_XK,                             \
			"ok EPERM EPERM EPERM EACCES EACCES "                  \
	}
#define FOR_ANYONE(event)                                                      \
	{ event, SELF, SHAPE_XK, "ok ok ok ok EACCES EACCES " },               \
		{ event, SELF, 0, "ok ok ok EACCES EACCES EACCES " },          \
		{ event, SELF, SHAPE_RAW | SHAPE_XK,                           \
		  "ok ok ok ok EACCES EACCES " },                              \
		{ event, CPU0, SHAPE_XK,                                       \
		  "ok ok EACCES EACCES EACCES EACCES " },                      \
	{                                                                      \
		event, CPU0, SHAPE_RAW | SHAPE_XK,                             \
			"ok EPERM EPERM EPERM EACCES EACCES "                  \
	}
#define LOCAL(event, whom, shape)                                              \
	{                                                                      \
		event, whom, shape,                                            \
			"EACCES EACCES EACCES EACCES EACCES EACCES "           \
	}
	TRACEPOINT(&sched_event),
	TRACEPOINT(&named_kprobe),
	FOR_ANYONE(&syscall_event),
	FOR_ANYONE(&named_uprobe),
	{ &function_event, SELF, SHAPE_XK,
	  "ok EPERM EPERM EPERM EACCES EACCES " },
	{ &function_event, SELF, 0, "ok EPERM EPERM EACCES EACCES EACCES " },
	{ &function_event, CPU0, 0, "ok EPERM EPERM EACCES EACCES EACCES " },
	{ &function_event, CPU0, SHAPE_RAW,
	  "EINVAL EPERM EPERM EACCES EACCES EACCES " },
	LOCAL(&local_kprobe, SELF, SHAPE_XK),
	LOCAL(&local_kprobe, SELF, 0),
	LOCAL(&local_kprobe, SELF, SHAPE_RAW | SHAPE_XK),
	LOCAL(&local_kprobe, CPU0, SHAPE_XK),
	LOCAL(&local_kprobe, CPU0, SHAPE_RAW | SHAPE_XK),
	LOCAL(&local_uprobe, SELF, SHAPE_XK),
	LOCAL(&local_uprobe, SELF, 0),
	LOCAL(&local_uprobe, SELF, SHAPE_RAW | SHAPE_XK),
	LOCAL(&local_uprobe, CPU0, SHAPE_XK),
	LOCAL(&local_uprobe, CPU0, SHAPE_RAW | SHAPE_XK),
};

/* The answers to a caller at each level, as a row has them. */
static void write_answers(const char *caller, const struct row *row, char *text,
			  size_t room)
{
	size_t used = 0;
	int level;

	for (level = LOWEST; level <= HIGHEST; level++) {
		struct facts facts;
		char host[128];

		snprintf(host, sizeof(host), "%s,vendor_level=3,paranoid=%d",
			 caller, level);
		host_make(&facts, host);
		used += (size_t)snprintf(
			text + used, room - used, "%s ",
			error_name(host_try(&facts, row->event, row->whom,
					    row->shape, &hit)));
		facts_clear(&facts);
	}
}

static void expect_row(const char *caller, const struct row *row,
		       const char *answers)
{
	char is[128];

	write_answers(caller, row, is, sizeof(is));
	ck_assert_msg(!strcmp(is, answers), "%s, %s%s, shape %u: %s, not %s",
		      caller, row->event->name,
		      row->whom == CPU0 ? " on a CPU" : "", row->shape, is,
		      answers);
}

/* All of these are plain users to perf. */
START_TEST(answers_users_by_the_table)
{
	static const char *const callers[] = {
		"uid=1000",
		"uid=0,caps=none",
		"uid=1000,caps=sys_ptrace",
		"uid=1000,caps=bpf+ipc_lock+dac_override+kill",
		"uid=0,caps=all,userns=other",
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(callers); i++) {
		for (j = 0; j < ARRAY_SIZE(rows); j++)
			expect_row(callers[i], &rows[j], rows[j].answers);
	}
}
END_TEST

static bool samples_functions(const struct row *row)
{
	return row->event == &function_event && row->shape & SHAPE_RAW;
}

START_TEST(answers_monitors_by_the_table)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		expect_row("uid=1000,caps=perfmon", row,
			   row->event == &local_uprobe ?
				   "EACCES EACCES EACCES EACCES EACCES EACCES "
				   "" :
			   samples_functions(row) ?
				   "EINVAL EINVAL EINVAL EINVAL EACCES EACCES "
				   "" :
				   "ok ok ok ok EACCES EACCES ");
	}
}
END_TEST

START_TEST(answers_administrators_by_the_table)
{
	static const char *const callers[] = { "uid=0",
					       "uid=1000,caps=sys_admin" };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(callers); i++) {
		for (j = 0; j < ARRAY_SIZE(rows); j++)
			expect_row(callers[i], &rows[j],
				   samples_functions(&rows[j]) ?
					   "EINVAL EINVAL EINVAL EINVAL EINVAL "
					   "EINVAL " :
					   "ok ok ok ok ok ok ");
	}
}
END_TEST

START_TEST(knows_the_levels_of_vendors)
{
	expect_ok("paranoid=4", &sched_event, SELF, SHAPE_XK);
	expect_ok("paranoid=3,vendor_level=4", &sched_event, SELF, SHAPE_XK);
	expect("paranoid=4,vendor_level=4", &sched_event, SELF, SHAPE_XK,
	       -EACCES, PERFTRACE_GATE_VENDOR_LEVEL);
	expect("paranoid=3,vendor_level=3,caps=perfmon", &sched_event, SELF,
	       SHAPE_XK, -EACCES, PERFTRACE_GATE_VENDOR_LEVEL);
	expect_ok("paranoid=3,vendor_level=3,caps=sys_admin", &sched_event,
		  SELF, 0);
}
END_TEST

START_TEST(asks_in_the_order_of_the_kernel)
{
	/* The id is looked up before the CPU is asked for. */
	expect("paranoid=1,tracefs=empty", &sched_event, CPU0, SHAPE_XK,
	       -EINVAL, PERFTRACE_GATE_EVENT_GONE);
	/* And the raw data; without it, the CPU is what refuses. */
	expect("paranoid=1", &sched_event, CPU0, SHAPE_RAW, -EPERM,
	       PERFTRACE_GATE_RAW);
	expect("paranoid=1", &sched_event, CPU0, 0, -EACCES,
	       PERFTRACE_GATE_CPU);
	expect("paranoid=1", &local_kprobe, CPU0, 0, -EACCES,
	       PERFTRACE_GATE_KPROBE);
	expect("paranoid=1", &local_uprobe, CPU0, 0, -EACCES,
	       PERFTRACE_GATE_UPROBE);
	/* The kernel's side before everything that follows. */
	expect("paranoid=2,lockdown=confidentiality,descriptor_limit=3",
	       &sched_event, CPU0, SHAPE_REGISTERS | SHAPE_RAW, -EACCES,
	       PERFTRACE_GATE_KERNEL);
	expect("paranoid=1,lockdown=confidentiality,tracefs=empty",
	       &sched_event, SELF, SHAPE_REGISTERS, -EPERM,
	       PERFTRACE_GATE_REGISTERS);
	expect("paranoid=1,descriptor_limit=3,tracefs=empty", &sched_event,
	       SELF, 0, -EMFILE, PERFTRACE_GATE_DESCRIPTORS);
	expect("paranoid=3,vendor_level=3,descriptor_limit=3", &sched_event,
	       SELF, 0, -EACCES, PERFTRACE_GATE_VENDOR_LEVEL);
}
END_TEST

START_TEST(lets_filters_answer_first)
{
	struct perf_event_attr attr = { .sample_type = PERF_SAMPLE_STACK_USER,
					.sample_stack_user = 7 };
	struct access_call call = { .step = ACCESS_OPEN,
				    .attr = &attr,
				    .event = &sched_event,
				    .task = &own_task,
				    .cpu = -1 };
	struct facts facts;

	/* Not even what is wrong with the attributes is seen. */
	host_make(&facts, "uid=0,call=EPERM");
	ck_assert_int_eq(access_try(&facts, &call, &hit), -EPERM);
	ck_assert_int_eq(hit->gate, PERFTRACE_GATE_SECCOMP);
	host_change(&facts, "call=works,uid=1000,paranoid=3,vendor_level=3");
	ck_assert_int_eq(access_try(&facts, &call, &hit), -EINVAL);
	ck_assert_int_eq(hit->gate, PERFTRACE_GATE_SETTING);
	facts_clear(&facts);
	expect("uid=0,call=ENOSYS", &local_kprobe, CPU0, 0, -ENOSYS,
	       PERFTRACE_GATE_SECCOMP);
}
END_TEST

START_TEST(refuses_sizes_that_can_not_be)
{
	struct perf_event_attr attr = { .sample_type = PERF_SAMPLE_STACK_USER,
					.sample_stack_user = 65528 };
	struct access_call call = { .step = ACCESS_OPEN,
				    .attr = &attr,
				    .event = &sched_event,
				    .task = &own_task,
				    .cpu = -1 };
	struct facts facts;

	host_make(&facts, "uid=0");
	ck_assert_int_eq(access_try(&facts, &call, NULL), 0);
	attr.sample_stack_user = 65536;
	ck_assert_int_eq(access_try(&facts, &call, NULL), -EINVAL);
	attr.sample_type = PERF_SAMPLE_REGS_USER;
	ck_assert_int_eq(access_try(&facts, &call, NULL), -EINVAL);
	attr.sample_regs_user = 1;
	ck_assert_int_eq(access_try(&facts, &call, NULL), 0);
	attr.sample_type = PERF_SAMPLE_REGS_INTR;
	ck_assert_int_eq(access_try(&facts, &call, NULL), -EINVAL);
	facts_clear(&facts);
}
END_TEST

START_TEST(counts_callchains_to_the_kernel_where_it_does)
{
	unsigned int shape = SHAPE_XK | SHAPE_CALLCHAIN;

	expect("paranoid=2,callchain_is_kernel=yes", &syscall_event, SELF,
	       shape, -EACCES, PERFTRACE_GATE_CALLCHAIN);
	expect_ok("paranoid=2,callchain_is_kernel=no", &syscall_event, SELF,
		  shape);
	expect_ok("paranoid=2,callchain_is_kernel=yes", &syscall_event, SELF,
		  shape | SHAPE_XCK);
	expect_ok("paranoid=1,callchain_is_kernel=yes", &syscall_event, SELF,
		  shape);
	expect_ok("paranoid=2,callchain_is_kernel=yes,caps=perfmon",
		  &syscall_event, SELF, shape);
	/* What includes the kernel is refused for that. */
	expect("paranoid=2,callchain_is_kernel=yes", &syscall_event, SELF,
	       SHAPE_CALLCHAIN, -EACCES, PERFTRACE_GATE_KERNEL);
}
END_TEST

START_TEST(refuses_under_lockdown)
{
	static const char integrity[] = "uid=0,lockdown=integrity";
	static const char full[] = "uid=0,lockdown=confidentiality";

	expect_ok(integrity, &sched_event, SELF, SHAPE_REGISTERS);
	expect_ok(integrity, &local_kprobe, SELF, 0);
	expect(full, &sched_event, SELF, SHAPE_REGISTERS, -EPERM,
	       PERFTRACE_GATE_REGISTERS);
	expect(full, &local_kprobe, SELF, 0, -EPERM, PERFTRACE_GATE_LOCKDOWN);
	/* Since it booted: what is there may be used. */
	expect_ok(full, &sched_event, SELF, SHAPE_RAW);
	expect_ok(full, &named_kprobe, CPU0, SHAPE_RAW);
	expect_ok(full, &local_uprobe, SELF, SHAPE_RAW);
	expect("uid=1000,lockdown=confidentiality", &local_kprobe, SELF,
	       SHAPE_XK, -EACCES, PERFTRACE_GATE_KPROBE);
	/* On the command line. */
	expect("uid=0,lockdown=confidentiality,tracefs=empty", &sched_event,
	       SELF, 0, -EINVAL, PERFTRACE_GATE_EVENT_GONE);
	expect("uid=0,lockdown=confidentiality,tracefs=empty", &function_event,
	       SELF, 0, -EINVAL, PERFTRACE_GATE_EVENT_GONE);
	expect_ok("uid=0,lockdown=confidentiality,tracefs=empty", &local_uprobe,
		  SELF, 0);
}
END_TEST

START_TEST(knows_what_local_uprobes_need)
{
	expect("caps=perfmon,uprobe_needs_admin=yes", &local_uprobe, SELF, 0,
	       -EACCES, PERFTRACE_GATE_UPROBE);
	expect_ok("caps=perfmon,uprobe_needs_admin=no", &local_uprobe, SELF, 0);
	expect_ok("caps=sys_admin,uprobe_needs_admin=yes", &local_uprobe, SELF,
		  0);
	expect("uid=0,uprobe_pmu=no", &local_uprobe, SELF, 0, -ENOENT,
	       PERFTRACE_GATE_PMU);
	expect("uid=0,kprobe_pmu=no", &local_kprobe, SELF, 0, -ENOENT,
	       PERFTRACE_GATE_PMU);
	expect_ok("uid=0,kprobe_pmu=no,uprobe_pmu=no", &named_kprobe, SELF, 0);
}
END_TEST

START_TEST(refuses_single_events_to_root)
{
	expect("uid=0", &irq_work_event, CPU0, SHAPE_RAW, -EPERM,
	       PERFTRACE_GATE_IRQ_WORK);
	expect_ok("uid=0", &irq_work_event, CPU0, 0);
	expect("uid=0", &synthetic_event, CPU0, 0, -ENODEV,
	       PERFTRACE_GATE_SYNTHETIC);
	expect("uid=0", &busy_uprobe, CPU0, 0, -EINTR,
	       PERFTRACE_GATE_UPROBE_BUSY);
	expect("uid=0,function=no", &function_event, SELF, 0, -EPERM,
	       PERFTRACE_GATE_FUNCTION);
	expect_ok("uid=0", &function_event, CPU0,
		  SHAPE_RAW | SHAPE_CALLCHAIN | SHAPE_XCU);
	expect("uid=0", &function_event, CPU0, SHAPE_RAW, -EINVAL,
	       PERFTRACE_GATE_FUNCTION_STACK);
	/* After the levels: who may not see it, is told that. */
	expect("paranoid=2", &busy_uprobe, SELF, 0, -EACCES,
	       PERFTRACE_GATE_KERNEL);
}
END_TEST

START_TEST(knows_which_cpus_there_are)
{
	struct perf_event_attr attr = { .exclude_kernel = 1 };
	struct access_call call = { .step = ACCESS_OPEN,
				    .attr = &attr,
				    .event = &sched_event,
				    .cpu = 1 };
	struct facts facts;

	host_make(&facts, "uid=0,cpus=0,possible_cpus=0-3");
	ck_assert_int_eq(access_try(&facts, &call, NULL), -ENODEV);
	call.cpu = 4;
	ck_assert_int_eq(access_try(&facts, &call, &hit), -EINVAL);
	ck_assert_int_eq(hit->gate, PERFTRACE_GATE_CPU_ABSENT);
	/* A task's event opens there, and stays silent. */
	call.cpu = 1;
	call.task = &own_task;
	ck_assert_int_eq(access_try(&facts, &call, NULL), 0);
	facts_clear(&facts);
}
END_TEST

START_TEST(knows_the_cgroups_answers)
{
	struct perf_event_attr attr = { .exclude_kernel = 1 };
	struct access_call call = { .step = ACCESS_OPEN,
				    .attr = &attr,
				    .event = &sched_event,
				    .is_cgroup = true,
				    .cgroup_answer = -ENOENT };
	struct facts facts;

	host_make(&facts, "uid=1000,paranoid=1");
	/* The place is found before the CPU is asked for. */
	ck_assert_int_eq(access_try(&facts, &call, NULL), -ENOENT);
	call.cgroup_answer = -EBADF;
	ck_assert_int_eq(access_try(&facts, &call, NULL), -EBADF);
	call.cgroup_answer = 0;
	ck_assert_int_eq(access_try(&facts, &call, NULL), -EACCES);
	facts_clear(&facts);
}
END_TEST

START_TEST(limits_the_depth_of_callchains)
{
	struct perf_event_attr attr = { .sample_type = PERF_SAMPLE_CALLCHAIN,
					.sample_max_stack = 128 };
	struct access_call call = { .step = ACCESS_OPEN,
				    .attr = &attr,
				    .event = &sched_event,
				    .task = &own_task,
				    .cpu = -1 };
	struct facts facts;

	host_make(&facts, "uid=0,max_stack=127");
	ck_assert_int_eq(access_try(&facts, &call, NULL), -EOVERFLOW);
	attr.sample_max_stack = 127;
	ck_assert_int_eq(access_try(&facts, &call, NULL), 0);
	facts_clear(&facts);
}
END_TEST

START_TEST(opens_up_to_the_limit_of_descriptors)
{
	struct perf_event_attr attr = { .exclude_kernel = 1 };
	struct access_call call = { .step = ACCESS_OPEN,
				    .attr = &attr,
				    .event = &sched_event,
				    .task = &own_task,
				    .cpu = -1 };
	struct facts facts;

	host_make(&facts, "descriptors=10,descriptor_limit=12");
	call.num_before = 1;
	ck_assert_int_eq(access_try(&facts, &call, NULL), 0);
	call.num_before = 2;
	ck_assert_int_eq(access_try(&facts, &call, NULL), -EMFILE);
	/* Nor do descriptions overflow that nobody means. */
	host_change(&facts, "descriptors=18446744073709551615");
	ck_assert_int_eq(access_try(&facts, &call, NULL), -EMFILE);
	host_change(&facts, "descriptor_limit=unlimited");
	call.num_before = 1 << 30;
	ck_assert_int_eq(access_try(&facts, &call, NULL), 0);
	facts_clear(&facts);
}
END_TEST

static void expect_addresses(const char *host, bool are_hidden)
{
	struct perf_event_attr attr;
	struct access_call call = { .step = ACCESS_USE,
				    .attr = &attr,
				    .event = &sched_event,
				    .cpu = 0 };
	size_t count, i;
	const struct access_rule *rules = access_get_rules(&count);
	struct facts facts;
	int32_t error;

	shape_attr(&attr, SHAPE_RAW | SHAPE_CALLCHAIN);
	host_make(&facts, host);
	for (i = 0; rules[i].gate != PERFTRACE_GATE_ADDRESSES; i++)
		ck_assert_uint_lt(i, count);
	ck_assert_msg(access_judge(&rules[i], &facts, &call, &error) ==
			      (are_hidden ? REFUSES : PASSES),
		      "%s", host);
	/* There are no addresses of the kernel's without its half. */
	attr.exclude_callchain_kernel = 1;
	ck_assert_int_eq(access_judge(&rules[i], &facts, &call, &error),
			 PASSES);
	facts_clear(&facts);
}

START_TEST(knows_who_may_name_addresses)
{
	expect_addresses("paranoid=1,kptr_restrict=0", false);
	expect_addresses("paranoid=2,kptr_restrict=0,caps=perfmon", true);
	expect_addresses("paranoid=2,kptr_restrict=0,caps=perfmon+syslog",
			 false);
	expect_addresses("paranoid=1,kptr_restrict=1", true);
	expect_addresses("paranoid=2,kptr_restrict=1,uid=0", false);
	expect_addresses("paranoid=1,kptr_restrict=2,uid=0", true);
}
END_TEST

static int32_t try_step(enum access_step step, const char *host)
{
	static const struct perf_event_attr attr;
	struct access_call call = {
		.step = step, .attr = &attr, .event = &named_kprobe, .cpu = -1
	};
	struct facts facts;
	int32_t error;

	host_make(&facts, host);
	error = access_try(&facts, &call, NULL);
	facts_clear(&facts);
	return error;
}

START_TEST(asks_tracefs_for_ids_and_for_probes)
{
	ck_assert_int_eq(try_step(ACCESS_LOOKUP, "uid=1000"), -EACCES);
	ck_assert_int_eq(try_step(ACCESS_LOOKUP, "tracefs=readable"), 0);
	ck_assert_int_eq(try_step(ACCESS_LOOKUP, "uid=0"), 0);
	ck_assert_int_eq(try_step(ACCESS_LOOKUP, "tracefs=empty"), -ENODATA);
	ck_assert_int_eq(try_step(ACCESS_LOOKUP, "tracefs=unmounted"), -ENOENT);
	ck_assert_int_eq(try_step(ACCESS_LOOKUP, "tracefs=unknown"), 0);
	ck_assert_int_eq(try_step(ACCESS_PROBE, "uid=1000"), -EACCES);
	ck_assert_int_eq(try_step(ACCESS_PROBE, "tracefs=readable"), -EACCES);
	ck_assert_int_eq(try_step(ACCESS_PROBE, "uid=0"), 0);
	ck_assert_int_eq(try_step(ACCESS_PROBE,
				  "uid=0,lockdown=confidentiality"),
			 -EPERM);
	ck_assert_int_eq(try_step(ACCESS_PROBE,
				  "uid=1000,lockdown=confidentiality"),
			 -EACCES);
	ck_assert_int_eq(try_step(ACCESS_PROBE,
				  "uid=0,lockdown=confidentiality,"
				  "tracefs=writable"),
			 0);
	ck_assert_int_eq(try_step(ACCESS_PROBE, "tracefs=empty"), -ENODATA);
	ck_assert_int_eq(try_step(ACCESS_PROBE, "tracefs=unmounted"), -ENOENT);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(answers_users_by_the_table),
	TEST(answers_monitors_by_the_table),
	TEST(answers_administrators_by_the_table),
	TEST(knows_the_levels_of_vendors),
	TEST(asks_in_the_order_of_the_kernel),
	TEST(lets_filters_answer_first),
	TEST(refuses_sizes_that_can_not_be),
	TEST(counts_callchains_to_the_kernel_where_it_does),
	TEST(refuses_under_lockdown),
	TEST(knows_what_local_uprobes_need),
	TEST(refuses_single_events_to_root),
	TEST(knows_which_cpus_there_are),
	TEST(knows_the_cgroups_answers),
	TEST(limits_the_depth_of_callchains),
	TEST(opens_up_to_the_limit_of_descriptors),
	TEST(knows_who_may_name_addresses),
	TEST(asks_tracefs_for_ids_and_for_probes),
};

HARNESS_MAIN("access", tests, HARNESS_UNIT)
