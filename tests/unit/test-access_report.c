/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is said of a session beforehand, on hosts that users have: each is a
 * description, as perftrace_facts_set() takes it.
 */
#include <errno.h>

#include "access_plan.h"
#include "export.h"
#include "harness.h"

#define DEBIAN	      "paranoid=3,vendor_level=3"
#define UBUNTU	      "paranoid=4,vendor_level=4"
#define FEDORA	      "paranoid=2"
#define DOCKER	      "paranoid=2,seccomp=filter,uid=0,caps=chown+kill+setuid"
#define POD	      "paranoid=2,seccomp=off,uid=0,caps=perfmon"
#define LOCKED	      "paranoid=2,lockdown=integrity"
#define SECRET_BOOT   "paranoid=2,lockdown=confidentiality,tracefs=empty"
#define SECRET_LATER  "paranoid=2,lockdown=confidentiality"
#define SECRET_READER SECRET_LATER ",tracefs=readable"

/* One event of one session on one host: the errno, and the gates. */
static void expect(const char *host, enum made_target target,
		   enum made_mode mode, const struct access_event *event,
		   unsigned int shape, int32_t error, const char *refusing,
		   const char *silencing)
{
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, target, mode);
	plan_add(&plan, event, shape);
	report = plan_ask(&plan, host);
	expect_error(report, error);
	expect_gates(report, REFUSED, refusing);
	expect_gates(report, SILENT, silencing);
	ck_assert(perftrace_report_can_deliver(report) ==
		  (!error && !*silencing));
	perftrace_report_unref(report);
}

static void expect_refused(const char *host, enum made_target target,
			   enum made_mode mode,
			   const struct access_event *event, unsigned int shape,
			   int32_t error, const char *refusing)
{
	expect(host, target, mode, event, shape, error, refusing, "");
}

static void expect_ok(const char *host, enum made_target target,
		      enum made_mode mode, const struct access_event *event,
		      unsigned int shape)
{
	expect(host, target, mode, event, shape, 0, "", "");
}

static void expect_silent(const char *host, enum made_target target,
			  const struct access_event *event)
{
	expect(host, target, COUNT, event, SHAPE_XK, 0, "", "exclude_kernel");
}

static void expect_remedies_of(const char *host, enum made_target target,
			       enum made_mode mode,
			       const struct access_event *event,
			       unsigned int shape, int32_t gate,
			       const char *remedies)
{
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, target, mode);
	plan_add(&plan, event, shape);
	report = plan_ask(&plan, host);
	expect_remedies(report, gate, 0, remedies);
	perftrace_report_unref(report);
}

START_TEST(foresees_debian)
{
	static const struct access_event *const events[] = {
		&sched_event,  &syscall_event, &function_event,
		&local_kprobe, &local_uprobe,  &named_kprobe,
	};
	struct perftrace_report *report;
	struct made_plan plan;
	size_t i;

	/* Nothing at all: not even the dummies of the session's own. */
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		plan_make(&plan, OWN_PROCESS, STREAM);
		plan_add(&plan, events[i], SHAPE_XK);
		report = plan_ask(&plan, DEBIAN);
		expect_error(report, -EACCES);
		ck_assert_str_eq(
			perftrace_finding_get_subject(
				perftrace_report_get_finding(report, 0)),
			"ring");
		ck_assert_int_eq(
			perftrace_finding_get_gate(
				perftrace_report_get_finding(report, 0)),
			PERFTRACE_GATE_VENDOR_LEVEL);
		perftrace_report_unref(report);
		expect_ok(DEBIAN ",uid=0", OWN_PROCESS, STREAM, events[i], 0);
		expect_ok(DEBIAN ",uid=0", ALL_CPUS, STREAM, events[i], 0);
		expect_ok(DEBIAN ",uid=0", CHILD, COUNT, events[i], 0);
	}
	expect_refused(DEBIAN, OWN_PROCESS, COUNT, &syscall_event, SHAPE_XK,
		       -EACCES, "vendor_level");
	expect_refused(DEBIAN, ALL_CPUS, COUNT, &sched_event, 0, -EACCES,
		       "vendor_level kernel cpu");
	expect_refused(DEBIAN ",caps=perfmon", ALL_CPUS, COUNT, &sched_event, 0,
		       -EACCES, "vendor_level");
}
END_TEST

START_TEST(helps_on_debian)
{
	expect_remedies_of(DEBIAN, OWN_PROCESS, COUNT, &syscall_event, SHAPE_XK,
			   PERFTRACE_GATE_VENDOR_LEVEL,
			   "capability CAP_SYS_ADMIN; "
			   "sysctl kernel.perf_event_paranoid=2; " HAND_OVER);
	/* CAP_PERFMON is no help here, and level 2 not enough. */
	expect_remedies_of(DEBIAN, OWN_PROCESS, STREAM, &sched_event, 0,
			   PERFTRACE_GATE_RAW,
			   "capability CAP_SYS_ADMIN; "
			   "sysctl kernel.perf_event_paranoid=-1; " HAND_OVER);
	expect_remedies_of(DEBIAN ",caps=perfmon", ALL_CPUS, STREAM,
			   &sched_event, 0, PERFTRACE_GATE_VENDOR_LEVEL,
			   "capability CAP_SYS_ADMIN; "
			   "sysctl kernel.perf_event_paranoid=2; " HAND_OVER);
}
END_TEST

START_TEST(foresees_ubuntu)
{
	expect_refused(UBUNTU, OWN_PROCESS, COUNT, &syscall_event, SHAPE_XK,
		       -EACCES, "vendor_level");
	expect_refused(UBUNTU ",caps=perfmon", OWN_PROCESS, COUNT,
		       &syscall_event, SHAPE_XK, -EACCES, "vendor_level");
	/* A level lower is the kernel's own 2. */
	expect_ok("paranoid=3,vendor_level=4", OWN_PROCESS, COUNT,
		  &syscall_event, SHAPE_XK);
	expect_ok(UBUNTU ",uid=0", ALL_CPUS, STREAM, &sched_event, 0);
	expect_remedies_of(UBUNTU, OWN_PROCESS, COUNT, &syscall_event, SHAPE_XK,
			   PERFTRACE_GATE_VENDOR_LEVEL,
			   "capability CAP_SYS_ADMIN; "
			   "sysctl kernel.perf_event_paranoid=2; " HAND_OVER);
}
END_TEST

START_TEST(foresees_fedora)
{
	expect_ok(FEDORA, OWN_PROCESS, COUNT, &syscall_event, SHAPE_XK);
	expect_ok(FEDORA, OWN_PROCESS, STREAM, &syscall_event, SHAPE_XK);
	expect_ok(FEDORA, CHILD, STREAM, &syscall_event, SHAPE_XK);
	expect_ok(FEDORA, OTHER_TASK, STREAM, &syscall_event, SHAPE_XK);
	expect_ok(FEDORA, OWN_PROCESS, STREAM, &named_uprobe, SHAPE_XK);
	expect_refused(FEDORA, OWN_PROCESS, STREAM, &syscall_event, 0, -EACCES,
		       "kernel");
	expect_refused(FEDORA, OWN_PROCESS, COUNT, &sched_event, 0, -EACCES,
		       "kernel");
	expect_refused(FEDORA, OWN_PROCESS, STREAM, &sched_event, 0, -EACCES,
		       "kernel raw");
	expect(FEDORA, OWN_PROCESS, STREAM, &sched_event, SHAPE_XK, -EPERM,
	       "raw", "exclude_kernel");
	expect_refused(FEDORA, OWN_PROCESS, COUNT, &function_event, 0, -EACCES,
		       "kernel function");
	expect_refused(FEDORA, OWN_PROCESS, COUNT, &local_kprobe, 0, -EACCES,
		       "kernel kprobe");
	expect_refused(FEDORA, OWN_PROCESS, COUNT, &local_uprobe, SHAPE_XK,
		       -EACCES, "uprobe");
	expect_refused(FEDORA, ALL_CPUS, COUNT, &syscall_event, SHAPE_XK,
		       -EACCES, "cpu");
	/* The ring, the side-band and the event itself. */
	expect_refused(FEDORA, ALL_CPUS, STREAM, &syscall_event, SHAPE_XK,
		       -EACCES, "cpu cpu raw cpu");
	expect_refused(FEDORA ",uid=1001", OTHER_TASK, COUNT, &syscall_event,
		       SHAPE_XK, -EACCES, "task");
	expect_refused(FEDORA ",uid=1001", OTHER_TASK, STREAM, &syscall_event,
		       SHAPE_XK, -EACCES, "task task");
}
END_TEST

START_TEST(foresees_root_on_fedora)
{
	static const enum made_target targets[] = { OWN_PROCESS, OTHER_TASK,
						    ALL_CPUS, CHILD };
	static const struct access_event *const events[] = {
		&sched_event,  &syscall_event, &function_event, &local_kprobe,
		&local_uprobe, &named_kprobe,  &named_uprobe,
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		for (j = 0; j < ARRAY_SIZE(events); j++) {
			expect_ok(FEDORA ",uid=0", targets[i], STREAM,
				  events[j], 0);
			expect_ok(FEDORA ",uid=0", targets[i], COUNT, events[j],
				  0);
		}
	}
}
END_TEST

START_TEST(helps_on_fedora)
{
	expect_remedies_of(FEDORA, OWN_PROCESS, STREAM, &syscall_event, 0,
			   PERFTRACE_GATE_KERNEL,
			   "setting exclude_kernel=1; capability CAP_PERFMON; "
			   "sysctl kernel.perf_event_paranoid=1; " HAND_OVER);
	/* Without the kernel, it would not be raised: that is no remedy. */
	expect_remedies_of(FEDORA, OWN_PROCESS, COUNT, &sched_event, 0,
			   PERFTRACE_GATE_KERNEL,
			   "capability CAP_PERFMON; "
			   "sysctl kernel.perf_event_paranoid=1; " HAND_OVER);
	expect_remedies_of(FEDORA, OWN_PROCESS, STREAM, &sched_event, 0,
			   PERFTRACE_GATE_KERNEL,
			   "capability CAP_PERFMON; "
			   "sysctl kernel.perf_event_paranoid=-1; " HAND_OVER);
	expect_remedies_of("paranoid=1", OWN_PROCESS, STREAM, &sched_event, 0,
			   PERFTRACE_GATE_RAW,
			   "setting mode=count; capability CAP_PERFMON; "
			   "sysctl kernel.perf_event_paranoid=-1; " HAND_OVER);
	expect_remedies_of(FEDORA, ALL_CPUS, COUNT, &syscall_event, SHAPE_XK,
			   PERFTRACE_GATE_CPU,
			   "setting pid=PID; capability CAP_PERFMON; "
			   "sysctl kernel.perf_event_paranoid=0; " HAND_OVER);
	expect_remedies_of(FEDORA ",uid=1001", OTHER_TASK, COUNT,
			   &syscall_event, SHAPE_XK, PERFTRACE_GATE_TASK,
			   "capability CAP_PERFMON; "
			   "capability CAP_SYS_PTRACE; " HAND_OVER);
	expect_remedies_of(FEDORA, OWN_PROCESS, COUNT, &local_kprobe, 0,
			   PERFTRACE_GATE_KPROBE,
			   "capability CAP_PERFMON; " HAND_OVER);
	expect_remedies_of(FEDORA, OWN_PROCESS, COUNT, &local_uprobe, SHAPE_XK,
			   PERFTRACE_GATE_UPROBE,
			   "capability CAP_SYS_ADMIN; "
			   "other let root write the probe to tracefs, and "
			   "open it by its name; " HAND_OVER);
}
END_TEST

START_TEST(tells_of_events_that_stay_silent)
{
	static const struct access_event *const silent[] = { &sched_event,
							     &named_kprobe };
	static const struct access_event *const heard[] = { &syscall_event,
							    &named_uprobe };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(silent); i++) {
		expect_silent(FEDORA, OWN_PROCESS, silent[i]);
		expect_silent(FEDORA, CHILD, silent[i]);
		expect_silent(FEDORA ",uid=0", ALL_CPUS, silent[i]);
	}
	for (i = 0; i < ARRAY_SIZE(heard); i++) {
		expect_ok(FEDORA, OWN_PROCESS, COUNT, heard[i], SHAPE_XK);
		expect_ok(FEDORA ",uid=0", ALL_CPUS, COUNT, heard[i], SHAPE_XK);
	}
	expect(FEDORA ",uid=0,ftrace_enabled=no", ALL_CPUS, COUNT,
	       &function_event, 0, 0, "", "ftrace_disabled");
	expect(FEDORA ",uid=0,kprobes_armed=no", ALL_CPUS, COUNT, &local_kprobe,
	       0, 0, "", "kprobes_disarmed");
	expect(FEDORA ",uid=0,kprobes_armed=no", ALL_CPUS, COUNT, &named_kprobe,
	       0, 0, "", "kprobes_disarmed");
	expect(FEDORA ",uid=0,cpus=0", OWN_PROCESS, STREAM, &sched_event, 0, 0,
	       "", "cpu_offline");
	expect_refused(FEDORA ",uid=0,cpus=0", ALL_CPUS, COUNT, &sched_event, 0,
		       -ENODEV, "cpu_offline");
}
END_TEST

static void expect_filtered(const char *host, int32_t error)
{
	struct perftrace_report *report;
	struct made_plan plan;
	size_t i;

	plan_make(&plan, OWN_PROCESS, STREAM);
	plan_add(&plan, &syscall_event, SHAPE_XK);
	report = plan_ask(&plan, host);
	expect_error(report, error);
	/* The ring, the side-band, and the event. */
	expect_gates(report, REFUSED, "seccomp seccomp seccomp");
	for (i = 0; i < 3; i++) {
		struct perftrace_finding *finding =
			perftrace_report_get_finding(report, i);

		ck_assert_int_eq(perftrace_finding_get_error_code(finding),
				 error);
		ck_assert_uint_eq(perftrace_finding_get_num_remedies(finding),
				  1);
		ck_assert_str_eq(perftrace_finding_get_remedy(finding, 0),
				 "let the seccomp profile allow "
				 "perf_event_open");
	}
	perftrace_report_unref(report);
}

START_TEST(foresees_docker)
{
	expect_filtered(DOCKER ",call=EPERM", -EPERM);
	expect_filtered(DOCKER ",call=ENOSYS", -ENOSYS);
	/* With a profile that allows it, it is a plain user's. */
	expect_ok(DOCKER, OWN_PROCESS, STREAM, &syscall_event, SHAPE_XK);
	expect_refused(DOCKER, OWN_PROCESS, COUNT, &sched_event, 0, -EACCES,
		       "kernel");
	expect_refused(DOCKER, ALL_CPUS, COUNT, &syscall_event, SHAPE_XK,
		       -EACCES, "cpu");
}
END_TEST

START_TEST(foresees_a_pod)
{
	expect_ok(POD, ALL_CPUS, STREAM, &sched_event, 0);
	expect_ok(POD, OTHER_TASK, STREAM, &sched_event, 0);
	expect_ok(POD, ALL_CPUS, STREAM, &local_kprobe, 0);
	expect_ok(POD, ALL_CPUS, STREAM, &function_event, 0);
	expect_refused(POD, ALL_CPUS, STREAM, &local_uprobe, 0, -EACCES,
		       "uprobe");
	/* On a node of Debian's, it has nothing of it. */
	expect_refused(DEBIAN ",uid=0,caps=perfmon", ALL_CPUS, COUNT,
		       &sched_event, 0, -EACCES, "vendor_level");
	/* Rings are as for anybody. */
	expect_refused(POD ",memlock_bytes=0,mlock_kib=4", ALL_CPUS, STREAM,
		       &sched_event, 0, -EPERM, "locked_memory");
}
END_TEST

START_TEST(foresees_lockdown)
{
	/* Integrity is nothing to perf. */
	expect_ok(LOCKED ",uid=0", ALL_CPUS, STREAM, &local_kprobe, 0);
	expect_ok(LOCKED ",uid=0", ALL_CPUS, STREAM, &sched_event, 0);
	expect_ok(LOCKED, OWN_PROCESS, STREAM, &syscall_event, SHAPE_XK);

	expect_refused(SECRET_BOOT ",uid=0", ALL_CPUS, STREAM, &sched_event, 0,
		       -EINVAL, "event_gone");
	expect_refused(SECRET_BOOT ",uid=0", ALL_CPUS, COUNT, &function_event,
		       0, -EINVAL, "event_gone");
	expect_refused(SECRET_BOOT ",uid=0", ALL_CPUS, COUNT, &local_kprobe, 0,
		       -EPERM, "lockdown");
	expect_ok(SECRET_BOOT ",uid=0", ALL_CPUS, COUNT, &local_uprobe, 0);

	expect_ok(SECRET_LATER ",uid=0", ALL_CPUS, STREAM, &sched_event, 0);
	expect_ok(SECRET_READER ",uid=0", ALL_CPUS, STREAM, &named_kprobe, 0);
	expect_refused(SECRET_LATER ",uid=0", ALL_CPUS, COUNT, &local_kprobe, 0,
		       -EPERM, "lockdown");
	expect_remedies_of(SECRET_LATER ",uid=0", ALL_CPUS, COUNT,
			   &local_kprobe, 0, PERFTRACE_GATE_LOCKDOWN,
			   "other boot the kernel without "
			   "lockdown=confidentiality");
}
END_TEST

/* Of an event by name that somebody else looks up, or must write first. */
static void expect_named(const char *host, bool is_new, int32_t error,
			 const char *gates, const char *remedies)
{
	struct perftrace_report *report;
	struct plan_source *source;
	struct made_plan plan;

	plan_make(&plan, ALL_CPUS, COUNT);
	source = plan_add(&plan, &named_kprobe, 0);
	source->needs_lookup = !is_new;
	source->needs_probe = is_new;
	report = plan_ask(&plan, host);
	expect_error(report, error);
	expect_gates(report, REFUSED, gates);
	if (error)
		expect_remedies(report,
				error == -EPERM ? PERFTRACE_GATE_LOCKDOWN :
						  PERFTRACE_GATE_TRACEFS,
				0, remedies);
	perftrace_report_unref(report);
}

START_TEST(foresees_what_tracefs_is_needed_for)
{
	expect_named(FEDORA ",uid=0", false, 0, "", "");
	expect_named(FEDORA ",uid=0", true, 0, "", "");
	expect_named(POD ",uid=5,caps=perfmon", false, -EACCES, "tracefs",
		     "capability CAP_DAC_READ_SEARCH; "
		     "capability CAP_DAC_OVERRIDE; "
		     "command mount -o remount,gid=GROUP,mode=750 "
		     "/sys/kernel/tracing; " HAND_OVER);
	expect_named(POD ",uid=5,caps=perfmon", true, -EACCES, "tracefs",
		     "capability CAP_DAC_OVERRIDE; " HAND_OVER);
	expect_named(FEDORA, true, -EACCES, "tracefs kernel cpu",
		     "capability CAP_DAC_OVERRIDE; " HAND_OVER);
	/* Nobody can make probes any more, and what is there can be had. */
	expect_named(SECRET_LATER ",uid=0", true, -EPERM, "lockdown",
		     "other boot the kernel without lockdown=confidentiality");
	expect_named(SECRET_LATER, true, -EACCES, "tracefs kernel cpu", "");
	expect_named(SECRET_LATER ",uid=0", false, 0, "", "");
	expect_named(SECRET_BOOT ",uid=0", true, -ENODATA, "tracefs event_gone",
		     "");
	expect_named(FEDORA ",uid=0,tracefs=unmounted", true, -ENOENT,
		     "tracefs",
		     "command mount -t tracefs nodev /sys/kernel/tracing");
}
END_TEST

START_TEST(passes_on_what_the_library_refuses)
{
	struct perftrace_report *report;
	struct plan_source *source;
	struct made_plan plan;

	plan_make(&plan, OWN_PROCESS, COUNT);
	source = plan_add(&plan, &named_uprobe, 0);
	source->error = -EOPNOTSUPP;
	source->reason = "it can't be followed";
	source->remedy = "take another";
	report = plan_ask(&plan, "uid=0");
	expect_error(report, -EOPNOTSUPP);
	expect_gates(report, REFUSED, "setting");
	expect_remedies(report, PERFTRACE_GATE_SETTING, 0,
			"other take another");
	perftrace_report_unref(report);

	plan_make(&plan, OWN_PROCESS, COUNT);
	plan_add(&plan, &sched_event, 0);
	plan.plan.target_error = -ESRCH;
	plan.plan.target_gate = PERFTRACE_GATE_TASK_GONE;
	plan.plan.target_reason = "there is no process 5";
	report = plan_ask(&plan, "uid=0");
	expect_error(report, -ESRCH);
	expect_gates(report, REFUSED, "task_gone");
	perftrace_report_unref(report);
}
END_TEST

/* Ten dozens of them: what it costs to close is said. */
START_TEST(warns_of_what_takes_long)
{
	struct plan_source sources[60];
	struct perf_event_attr attr;
	struct perftrace_report *report;
	struct made_plan plan;
	size_t i;

	shape_attr(&attr, 0);
	plan_make(&plan, ALL_CPUS, COUNT);
	for (i = 0; i < ARRAY_SIZE(sources); i++)
		sources[i] = (struct plan_source){ .event = sched_event,
						   .attr = &attr,
						   .num_places = 1 };
	plan.plan.sources = sources;
	plan.plan.num_sources = ARRAY_SIZE(sources);
	report = plan_ask(&plan, "uid=0");
	expect_gates(report, COSTLY, "closing");
	ck_assert_ptr_null(strstr(perftrace_finding_get_message(find_finding(
					  report, PERFTRACE_GATE_CLOSING, -1)),
				  "not the caller"));
	expect_error(report, 0);
	perftrace_report_unref(report);

	plan.plan.has_closer = true;
	report = plan_ask(&plan, "uid=0");
	ck_assert_ptr_nonnull(
		strstr(perftrace_finding_get_message(find_finding(
			       report, PERFTRACE_GATE_CLOSING, -1)),
		       "may take another process, not the caller, "));
	perftrace_report_unref(report);

	plan_make(&plan, ALL_CPUS, COUNT);
	plan_add(&plan, &function_event, 0);
	report = plan_ask(&plan, "uid=0");
	expect_gates(report, COSTLY, "function_cost");
	perftrace_report_unref(report);
}
END_TEST

START_TEST(puts_findings_in_order)
{
	struct perftrace_report *report;
	struct made_plan plan;
	int32_t last = -1;
	size_t i, rank = 0;
	static const int32_t order[] = { REFUSED, SILENT, UNKNOWN, LIMITED,
					 COSTLY };

	plan_make(&plan, OWN_PROCESS, STREAM);
	plan.plan.min_ring_bytes = 4096;
	plan_add(&plan, &function_event, SHAPE_CALLCHAIN | SHAPE_XCU);
	plan_add(&plan, &sched_event, SHAPE_XK);
	plan_add(&plan, &local_kprobe, 0);
	plan_add(&plan, &irq_work_event, 0);
	report = plan_ask(&plan, "caps=perfmon,lockdown=unknown,kptr_restrict=1"
				 ",memlock_bytes=0,mlock_kib=64");
	expect_gates(report, REFUSED, "irq_work");
	expect_gates(report, SILENT, "exclude_kernel");
	expect_gates(report, UNKNOWN, "lockdown");
	expect_gates(report, LIMITED, "addresses locked_memory");
	expect_gates(report, COSTLY, "function_cost");
	for (i = 0; i < perftrace_report_get_num_findings(report); i++) {
		int32_t kind = perftrace_finding_get_kind(
			perftrace_report_get_finding(report, i));

		while (kind != last)
			last = order[rank++];
	}
	ck_assert(!perftrace_report_is_certain(report));
	perftrace_report_unref(report);
}
END_TEST

START_TEST(names_one_cpu_or_none)
{
	struct perftrace_report *report;
	struct perftrace_finding *finding;
	struct made_plan plan;

	plan_make(&plan, ALL_CPUS, COUNT);
	plan_add(&plan, &sched_event, 0);
	report = plan_ask(&plan, "uid=0,cpus=0");
	finding = find_finding(report, PERFTRACE_GATE_CPU_OFFLINE, 0);
	ck_assert_int_eq(perftrace_finding_get_cpu(finding), 1);
	ck_assert_str_eq(perftrace_finding_get_subject(finding),
			 "sched:sched_switch on CPU 1");
	ck_assert_str_eq(perftrace_finding_get_remedy(finding, 0),
			 "echo 1 > /sys/devices/system/cpu/cpu1/online");
	perftrace_report_unref(report);

	report = plan_ask(&plan, "paranoid=1");
	finding = find_finding(report, PERFTRACE_GATE_CPU, 0);
	ck_assert_int_eq(perftrace_finding_get_cpu(finding), -1);
	ck_assert_str_eq(perftrace_finding_get_subject(finding),
			 "sched:sched_switch");
	perftrace_report_unref(report);
}
END_TEST

START_TEST(passes_over_tasks_that_have_ended)
{
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, OTHER_TASK, COUNT);
	plan_add(&plan, &syscall_event, SHAPE_XK);
	plan.tasks[0].answer = -ESRCH;
	plan_add_task(&plan, 78);
	report = plan_ask(&plan, FEDORA);
	expect_error(report, 0);
	perftrace_report_unref(report);

	/* Also as the last one. */
	plan.tasks[0].answer = NOT_SENSED;
	plan.tasks[1].answer = -ESRCH;
	report = plan_ask(&plan, FEDORA);
	expect_error(report, 0);
	perftrace_report_unref(report);

	plan.tasks[0].answer = -ESRCH;
	report = plan_ask(&plan, FEDORA);
	expect_error(report, -ESRCH);
	expect_gates(report, REFUSED, "task_gone");
	perftrace_report_unref(report);
}
END_TEST

START_TEST(helps_root_of_a_namespace)
{
	static const char rootless[] = FEDORA ",uid=0,caps=all,userns=other";

	expect_remedies_of(rootless, OWN_PROCESS, COUNT, &sched_event, 0,
			   PERFTRACE_GATE_KERNEL,
			   "capability CAP_PERFMON; "
			   "sysctl kernel.perf_event_paranoid=1; " HAND_OVER);
	expect_remedies_of(rootless, OWN_PROCESS, COUNT, &local_uprobe,
			   SHAPE_XK, PERFTRACE_GATE_UPROBE,
			   "capability CAP_SYS_ADMIN; "
			   "other let root write the probe to tracefs, and "
			   "open it by its name; " HAND_OVER);
}
END_TEST

START_TEST(offers_nothing_against_what_is_not_known)
{
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, OWN_PROCESS, COUNT);
	plan_add(&plan, &named_uprobe, SHAPE_XK)->needs_probe = true;
	report = plan_ask(&plan, FEDORA ",tracefs=unknown");
	expect_gates(report, UNKNOWN, "tracefs");
	expect_remedies(report, PERFTRACE_GATE_TRACEFS, 0, "");
	perftrace_report_unref(report);
}
END_TEST

START_TEST(puts_refusals_in_the_order_of_calls)
{
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, ALL_CPUS, COUNT);
	plan_add(&plan, &sched_event, 0);
	plan.cpus[0] = 1;
	plan.cpus[1] = 5;
	report = plan_ask(&plan, "uid=0,cpus=0,possible_cpus=0-3");
	expect_error(report, -ENODEV);
	expect_gates(report, REFUSED, "cpu_offline cpu_absent");
	perftrace_report_unref(report);

	plan.cpus[1] = 0;
	report = plan_ask(&plan, "uid=0,cpus=0,possible_cpus=0-3,"
				 "descriptors=3,descriptor_limit=4");
	expect_error(report, -ENODEV);
	expect_gates(report, REFUSED, "cpu_offline descriptors");
	perftrace_report_unref(report);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(foresees_debian),
	TEST(helps_on_debian),
	TEST(foresees_ubuntu),
	TEST(foresees_fedora),
	TEST(foresees_root_on_fedora),
	TEST(helps_on_fedora),
	TEST(tells_of_events_that_stay_silent),
	TEST(foresees_docker),
	TEST(foresees_a_pod),
	TEST(foresees_lockdown),
	TEST(foresees_what_tracefs_is_needed_for),
	TEST(passes_on_what_the_library_refuses),
	TEST(warns_of_what_takes_long),
	TEST(puts_findings_in_order),
	TEST(names_one_cpu_or_none),
	TEST(passes_over_tasks_that_have_ended),
	TEST(helps_root_of_a_namespace),
	TEST(offers_nothing_against_what_is_not_known),
	TEST(puts_refusals_in_the_order_of_calls),
};

HARNESS_MAIN("access_report", tests, HARNESS_UNIT)
