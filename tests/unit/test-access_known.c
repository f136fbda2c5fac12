/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whom a task belongs to, what is not known, and what the kernel was asked.
 */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "access.h"
#include "access_host.h"
#include "harness.h"

static const struct access_rule *hit;

/* Another process's task, of uid and gid 1000. */
static struct access_task make_other(void)
{
	struct access_task task = { .tid = 77,
				    .answer = NOT_SENSED,
				    .is_known = true,
				    .is_dumpable = FACT_YES };
	int i;

	for (i = 0; i < 3; i++)
		task.uids[i] = task.gids[i] = 1000;
	return task;
}

static int32_t try_task(const char *host, const struct access_task *task)
{
	struct perf_event_attr attr;
	struct access_call call = { .step = ACCESS_OPEN,
				    .attr = &attr,
				    .event = &sched_event,
				    .task = task,
				    .cpu = -1 };
	struct facts facts;
	int32_t error;

	shape_attr(&attr, SHAPE_XK);
	host_make(&facts, host);
	error = access_try(&facts, &call, &hit);
	facts_clear(&facts);
	return error;
}

START_TEST(lets_a_user_trace_its_own)
{
	struct access_task task = make_other();

	ck_assert_int_eq(try_task("uid=1000,gid=1000", &task), 0);
	ck_assert_int_eq(try_task("uid=1001,gid=1000", &task), -EACCES);
	ck_assert_int_eq(hit->gate, PERFTRACE_GATE_TASK);
	ck_assert_int_eq(try_task("uid=1000,gid=1001", &task), -EACCES);
	/* It is the caller's real ids that count. */
	ck_assert_int_eq(try_task("uid=1000:0:0,gid=1000,caps=none", &task), 0);
	ck_assert_int_eq(try_task("uid=0:1000:0,gid=1000,caps=none", &task),
			 -EACCES);
}
END_TEST

START_TEST(wants_all_six_ids_to_be_the_same)
{
	int i;

	for (i = 0; i < 3; i++) {
		struct access_task task = make_other();

		task.uids[i] = 0;
		ck_assert_int_eq(try_task("uid=1000,gid=1000", &task), -EACCES);
		task = make_other();
		task.gids[i] = 0;
		ck_assert_int_eq(try_task("uid=1000,gid=1000", &task), -EACCES);
	}
}
END_TEST

START_TEST(refuses_tasks_that_are_protected)
{
	struct access_task task = make_other();

	task.is_dumpable = FACT_NO;
	ck_assert_int_eq(try_task("uid=1000,gid=1000", &task), -EACCES);
	/* A capability that the caller lacks. */
	task = make_other();
	task.permitted = UINT64_C(1) << CAP_NET_RAW;
	ck_assert_int_eq(try_task("uid=1000,gid=1000", &task), -EACCES);
	ck_assert_int_eq(
		try_task("uid=1000,gid=1000,permitted=net_raw+kill", &task), 0);
	/* Not even root without capabilities may watch root. */
	task = make_other();
	memset(task.uids, 0, sizeof(task.uids));
	memset(task.gids, 0, sizeof(task.gids));
	task.permitted = UINT64_C(0x1ffffffffff);
	ck_assert_int_eq(try_task("uid=0,gid=0,caps=none", &task), -EACCES);
	ck_assert_int_eq(try_task("uid=0,gid=0", &task), 0);
}
END_TEST

START_TEST(lets_capabilities_open_other_tasks)
{
	struct access_task task = make_other();

	task.is_dumpable = FACT_NO;
	ck_assert_int_eq(try_task("uid=5,caps=sys_ptrace", &task), 0);
	ck_assert_int_eq(try_task("uid=5,caps=perfmon", &task), 0);
	ck_assert_int_eq(try_task("uid=5,caps=sys_admin", &task), 0);
	ck_assert_int_eq(try_task("uid=5,caps=kill+dac_override", &task),
			 -EACCES);
	/* Another namespace's count for nothing. */
	ck_assert_int_eq(try_task("uid=0,caps=all,userns=other", &task),
			 -EACCES);
	/* No level does: even at -1 it is asked. */
	ck_assert_int_eq(try_task("uid=5,paranoid=-1", &task), -EACCES);
}
END_TEST

START_TEST(takes_a_child_for_the_caller)
{
	struct access_task child = { .tid = -1,
				     .answer = NOT_SENSED,
				     .is_own_child = true };

	ck_assert_int_eq(try_task("uid=1000", &child), 0);
	ck_assert_int_eq(try_task("uid=1000,dumpable=no", &child), -EACCES);
	ck_assert_int_eq(
		try_task("uid=1000,dumpable=no,caps=sys_ptrace", &child), 0);
}
END_TEST

START_TEST(tells_of_tasks_that_are_gone)
{
	struct access_task task = make_other();

	task.answer = -ESRCH;
	ck_assert_int_eq(try_task("uid=0", &task), -ESRCH);
	ck_assert_int_eq(try_task("uid=5", &task), -ESRCH);
	ck_assert_int_eq(try_task("uid=5,descriptor_limit=3", &task), -EMFILE);
}
END_TEST

/* What a gate's rule says of a call. */
static enum verdict judge(const struct facts *facts, enum perftrace_gate gate,
			  const struct access_event *event,
			  const struct access_task *task, unsigned int shape)
{
	struct perf_event_attr attr;
	struct access_call call = { .step = ACCESS_OPEN,
				    .attr = &attr,
				    .event = event,
				    .task = task,
				    .cpu = task ? -1 : 0 };
	size_t count, i;
	const struct access_rule *rules = access_get_rules(&count);
	int32_t error;

	shape_attr(&attr, shape);
	for (i = 0; i < count; i++) {
		if (rules[i].gate == gate && rules[i].step == ACCESS_OPEN)
			return access_judge(&rules[i], facts, &call, &error);
	}
	ck_abort_msg("no rule");
}

static void expect_uncertain(const char *host, enum perftrace_gate gate,
			     const struct access_event *event,
			     unsigned int shape)
{
	struct facts facts;

	host_make(&facts, host);
	ck_assert_msg(judge(&facts, gate, event, &own_task, shape) == UNCERTAIN,
		      "%s", host);
	/* What is not known refuses nothing. */
	ck_assert_int_eq(host_try(&facts, event, SELF, shape, &hit), 0);
	facts_clear(&facts);
}

START_TEST(is_uncertain_of_what_is_not_known)
{
	expect_uncertain("paranoid=3,vendor_level=3..none",
			 PERFTRACE_GATE_VENDOR_LEVEL, &sched_event, SHAPE_XK);
	expect_uncertain("callchain_is_kernel=unknown",
			 PERFTRACE_GATE_CALLCHAIN, &syscall_event,
			 SHAPE_XK | SHAPE_CALLCHAIN);
	expect_uncertain("uid=0,lockdown=unknown", PERFTRACE_GATE_REGISTERS,
			 &sched_event, SHAPE_REGISTERS);
	expect_uncertain("uid=0,lockdown=unknown", PERFTRACE_GATE_LOCKDOWN,
			 &local_kprobe, 0);
	expect_uncertain("caps=perfmon,uprobe_needs_admin=unknown",
			 PERFTRACE_GATE_UPROBE, &local_uprobe, 0);
}
END_TEST

START_TEST(is_uncertain_of_tasks_that_it_does_not_know)
{
	struct access_task task = { .tid = 77, .answer = NOT_SENSED };
	struct facts facts;

	host_make(&facts, "uid=1000,gid=1000");
	ck_assert_int_eq(judge(&facts, PERFTRACE_GATE_TASK, &sched_event, &task,
			       SHAPE_XK),
			 UNCERTAIN);
	task = make_other();
	task.is_dumpable = FACT_UNKNOWN;
	ck_assert_int_eq(judge(&facts, PERFTRACE_GATE_TASK, &sched_event, &task,
			       SHAPE_XK),
			 UNCERTAIN);
	facts_clear(&facts);
	host_make(&facts, "uid=0,function=unknown");
	ck_assert_int_eq(host_try(&facts, &function_event, SELF, 0, &hit), 0);
	facts_clear(&facts);
}
END_TEST

/* The caller itself, who has asked the kernel. */
static void make_own(struct facts *facts, const char *host)
{
	int i;

	host_make(facts, host);
	facts->is_own = true;
	for (i = 0; i < NUM_SENSORS; i++)
		facts->sensed[i] = 0;
}

START_TEST(believes_sensors_that_passed)
{
	struct facts facts;

	make_own(&facts, "paranoid=3,vendor_level=3");
	ck_assert_int_eq(host_try(&facts, &sched_event, CPU0, 0, &hit), 0);
	ck_assert_int_eq(host_try(&facts, &local_kprobe, SELF, 0, &hit), 0);
	ck_assert_int_eq(host_try(&facts, &local_uprobe, SELF, 0, &hit), 0);
	/* There is none for the raw data. */
	ck_assert_int_eq(host_try(&facts, &sched_event, SELF, SHAPE_RAW, &hit),
			 -EPERM);
	/* To others they say nothing. */
	facts.is_own = false;
	ck_assert_int_eq(host_try(&facts, &sched_event, CPU0, 0, &hit),
			 -EACCES);
	facts_clear(&facts);
}
END_TEST

START_TEST(deduces_where_sensors_were_not_asked)
{
	struct facts facts;

	make_own(&facts, "paranoid=1");
	facts.sensed[SENSOR_CPU] = NOT_SENSED;
	facts.sensed[SENSOR_KPROBE] = NOT_SENSED;
	ck_assert_int_eq(host_try(&facts, &sched_event, CPU0, 0, &hit),
			 -EACCES);
	ck_assert_int_eq(host_try(&facts, &local_kprobe, SELF, 0, &hit),
			 -EACCES);
	facts_clear(&facts);
}
END_TEST

static void expect_module(int sensor, int32_t answer,
			  const struct access_event *event, enum whom whom,
			  unsigned int shape)
{
	struct facts facts;

	make_own(&facts, "uid=0,modules=selinux");
	facts.sensed[sensor] = answer;
	ck_assert_int_eq(host_try(&facts, event, whom, shape, &hit), answer);
	ck_assert_int_eq(hit->gate, PERFTRACE_GATE_SECURITY_MODULE);
	facts_clear(&facts);
}

START_TEST(blames_modules_for_what_no_rule_explains)
{
	struct facts facts;

	expect_module(SENSOR_OPEN, -EACCES, &sched_event, SELF, SHAPE_XK);
	expect_module(SENSOR_OPEN, -EPERM, &sched_event, SELF, SHAPE_XK);
	expect_module(SENSOR_KERNEL, -EACCES, &sched_event, SELF, 0);
	expect_module(SENSOR_CPU, -EACCES, &sched_event, CPU0, 0);

	/* Only of those whom the sensor is about. */
	make_own(&facts, "uid=0");
	facts.sensed[SENSOR_KERNEL] = -EACCES;
	facts.sensed[SENSOR_CPU] = -EACCES;
	ck_assert_int_eq(host_try(&facts, &sched_event, SELF, SHAPE_XK, &hit),
			 0);
	facts_clear(&facts);
}
END_TEST

START_TEST(prefers_rules_to_modules)
{
	struct facts facts;

	make_own(&facts, "paranoid=2");
	facts.sensed[SENSOR_KERNEL] = -EACCES;
	facts.sensed[SENSOR_CPU] = -EACCES;
	ck_assert_int_eq(host_try(&facts, &sched_event, SELF, 0, &hit),
			 -EACCES);
	ck_assert_int_eq(hit->gate, PERFTRACE_GATE_KERNEL);
	ck_assert_int_eq(host_try(&facts, &sched_event, CPU0, SHAPE_XK, &hit),
			 -EACCES);
	ck_assert_int_eq(hit->gate, PERFTRACE_GATE_CPU);
	facts_clear(&facts);
}
END_TEST

START_TEST(lets_sensors_decide_what_is_not_known)
{
	struct facts facts;

	make_own(&facts, "caps=perfmon,uprobe_needs_admin=unknown,"
			 "lockdown=unknown");
	ck_assert_int_eq(host_try(&facts, &local_uprobe, SELF, 0, &hit), 0);
	ck_assert_int_eq(judge(&facts, PERFTRACE_GATE_UPROBE, &local_uprobe,
			       &own_task, 0),
			 PASSES);
	facts.sensed[SENSOR_UPROBE] = -EACCES;
	ck_assert_int_eq(host_try(&facts, &local_uprobe, SELF, 0, &hit),
			 -EACCES);
	ck_assert_int_eq(hit->gate, PERFTRACE_GATE_UPROBE);
	facts.sensed[SENSOR_KPROBE] = -EPERM;
	ck_assert_int_eq(host_try(&facts, &local_kprobe, SELF, 0, &hit),
			 -EPERM);
	ck_assert_int_eq(hit->gate, PERFTRACE_GATE_LOCKDOWN);
	facts_clear(&facts);
}
END_TEST

START_TEST(believes_what_a_task_was_asked)
{
	struct perf_event_attr attr = { .exclude_kernel = 1 };
	struct access_task task = make_other();
	struct access_call call = { .step = ACCESS_OPEN,
				    .attr = &attr,
				    .event = &sched_event,
				    .task = &task,
				    .cpu = -1 };
	struct facts facts;

	make_own(&facts, "uid=5");
	task.answer = 0;
	ck_assert_int_eq(access_try(&facts, &call, NULL), 0);
	task.answer = -EACCES;
	memset(facts.uids, 0, sizeof(facts.uids));
	ck_assert_int_eq(access_try(&facts, &call, NULL), -EACCES);
	/* To others it says nothing. */
	task.answer = 0;
	facts.is_own = false;
	ck_assert_int_eq(access_try(&facts, &call, NULL), -EACCES);
	facts_clear(&facts);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(lets_a_user_trace_its_own),
	TEST(wants_all_six_ids_to_be_the_same),
	TEST(refuses_tasks_that_are_protected),
	TEST(lets_capabilities_open_other_tasks),
	TEST(takes_a_child_for_the_caller),
	TEST(tells_of_tasks_that_are_gone),
	TEST(is_uncertain_of_what_is_not_known),
	TEST(is_uncertain_of_tasks_that_it_does_not_know),
	TEST(believes_sensors_that_passed),
	TEST(deduces_where_sensors_were_not_asked),
	TEST(blames_modules_for_what_no_rule_explains),
	TEST(prefers_rules_to_modules),
	TEST(lets_sensors_decide_what_is_not_known),
	TEST(believes_what_a_task_was_asked),
};

HARNESS_MAIN("access_known", tests, HARNESS_UNIT)
