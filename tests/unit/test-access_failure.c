/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call was refused: which gate was it? */
#include <errno.h>
#include <string.h>

#include "access_plan.h"
#include "harness.h"

#define ENOTSUPP 524
#define ROOT	 "uid=0"

static struct perftrace_report *blame(const char *host, enum made_target target,
				      enum made_mode mode,
				      const struct access_event *event,
				      unsigned int shape, int32_t error)
{
	struct access_failure failure = { .has_call = true,
					  .step = ACCESS_OPEN,
					  .source = 0,
					  .error = error,
					  .cpu = 1,
					  .tid = -1 };
	struct made_plan plan;

	plan_make(&plan, target, mode);
	plan_add(&plan, event, shape);
	if (target != ALL_CPUS)
		failure.tid = plan.tasks[0].tid;
	return plan_blame(&plan, host, &failure);
}

static void check_finding(struct perftrace_report *report, int32_t error,
			  const char *gate, const char *message)
{
	struct perftrace_finding *first =
		perftrace_report_get_finding(report, 0);

	ck_assert_ptr_nonnull(first);
	ck_assert_int_eq(perftrace_finding_get_kind(first), REFUSED);
	ck_assert_int_eq(perftrace_finding_get_error_code(first), error);
	ck_assert_int_eq(perftrace_report_get_error_code(report), error);
	ck_assert_int_eq(perftrace_finding_get_cpu(first), 1);
	ck_assert_str_eq(
		perftrace_gate_get_name(perftrace_finding_get_gate(first)),
		gate);
	ck_assert_str_eq(perftrace_finding_get_message(first), message);
	ck_assert(!perftrace_report_is_allowed(report));
}

static void expect(const char *host, enum made_target target,
		   const struct access_event *event, unsigned int shape,
		   int32_t error, const char *gate, const char *message)
{
	struct perftrace_report *report =
		blame(host, target, STREAM, event, shape, error);

	check_finding(report, error, gate, message);
	perftrace_report_unref(report);
}

static void expect_unknown(const struct access_event *event, int32_t error)
{
	struct perftrace_report *report =
		blame(ROOT, OWN_PROCESS, STREAM, event, 0, error);

	check_finding(report, error, "unknown",
		      "none of the rules that are known explains it");
	ck_assert_str_eq(perftrace_finding_get_kernel_function(
				 perftrace_report_get_finding(report, 0)),
			 "");
	/* Nothing is invented to help, either. */
	expect_remedies(report, PERFTRACE_GATE_UNKNOWN, 0, "");
	perftrace_report_unref(report);
}

#define MODULE                                                                 \
	"none of the kernel's own rules explains it: a security module or a "  \
	"vendor's patch"

START_TEST(explains_eacces)
{
	expect("paranoid=2", OWN_PROCESS, &sched_event, 0, -EACCES, "kernel",
	       "kernel.perf_event_paranoid is 2, and the event includes the "
	       "kernel");
	expect("paranoid=3,vendor_level=3", OWN_PROCESS, &sched_event, 0,
	       -EACCES, "vendor_level",
	       "kernel.perf_event_paranoid is 3, and this kernel refuses "
	       "everything at that level to those without CAP_SYS_ADMIN");
	expect("paranoid=0", OWN_PROCESS, &local_uprobe, 0, -EACCES, "uprobe",
	       "local uprobes need CAP_SYS_ADMIN");
	expect("paranoid=-1,uid=5", OTHER_TASK, &sched_event, 0, -EACCES,
	       "task", "the task belongs to someone else or is protected");
	expect(ROOT, ALL_CPUS, &sched_event, 0, -EACCES, "security_module",
	       MODULE);
	expect(ROOT ",modules=selinux", ALL_CPUS, &sched_event, 0, -EACCES,
	       "security_module",
	       "none of the kernel's own rules explains it: a security module "
	       "(selinux) or a vendor's patch");
}
END_TEST

START_TEST(explains_eperm)
{
	expect("paranoid=1", OWN_PROCESS, &sched_event, 0, -EPERM, "raw",
	       "kernel.perf_event_paranoid is 1, and the event's raw data is "
	       "asked for");
	expect(ROOT ",lockdown=confidentiality", ALL_CPUS, &local_kprobe, 0,
	       -EPERM, "lockdown",
	       "the kernel is locked down (confidentiality)");
	expect(ROOT ",function=no", ALL_CPUS, &function_event, 0, -EPERM,
	       "function",
	       "this kernel lists the function event, and lets nobody have "
	       "it");
	expect(ROOT, ALL_CPUS, &irq_work_event, 0, -EPERM, "irq_work",
	       "the kernel lets nobody record this event: the interrupt that "
	       "wakes the reader would raise it again");
	expect(ROOT, ALL_CPUS, &sched_event, 0, -EPERM, "security_module",
	       MODULE);
}
END_TEST

/* The most likely one first; all that the rules leave open. */
START_TEST(lists_candidates_in_order)
{
	expect(ROOT ",function=unknown", ALL_CPUS, &function_event, 0, -EPERM,
	       "function",
	       "most likely: this kernel lists the function event, and lets "
	       "nobody have it; or: " MODULE);
	expect("paranoid=3,vendor_level=3..none,caps=perfmon", OWN_PROCESS,
	       &sched_event, 0, -EACCES, "vendor_level",
	       "most likely: kernel.perf_event_paranoid is 3, and some "
	       "vendors' kernels refuse everything at that level to those without "
	       "CAP_SYS_ADMIN; or: " MODULE);
	expect(ROOT ",lockdown=unknown", ALL_CPUS, &local_kprobe, 0, -EPERM,
	       "lockdown",
	       "most likely: the kernel is locked down (confidentiality); "
	       "or: " MODULE);
}
END_TEST

START_TEST(explains_einval)
{
	expect(ROOT, ALL_CPUS, &sched_event, 0, -EINVAL, "event_gone",
	       "the kernel does not know the event or one of its settings");
	expect(ROOT, ALL_CPUS, &local_kprobe, 0, -EINVAL, "place",
	       "the kernel does not let this place be probed");
	expect(ROOT, ALL_CPUS, &local_uprobe, 0, -EINVAL, "place",
	       "the kernel does not let this place be probed, or its semaphore "
	       "is counted at another one");
	expect(ROOT, ALL_CPUS, &function_event, SHAPE_CALLCHAIN, -EINVAL,
	       "function_stack",
	       "the function event can't follow the stack of a program: to "
	       "read it is to call functions");
}
END_TEST

static void expect_remedy(const struct access_event *event, int32_t error,
			  const char *gate, const char *message,
			  const char *remedies)
{
	struct perftrace_report *report =
		blame(ROOT, ALL_CPUS, STREAM, event, 0, error);

	check_finding(report, error, gate, message);
	expect_remedies(report,
			perftrace_finding_get_gate(
				perftrace_report_get_finding(report, 0)),
			0, remedies);
	perftrace_report_unref(report);
}

START_TEST(explains_places)
{
	expect_remedy(&local_kprobe, -ENOENT, "place",
		      "the kernel does not find the place",
		      "other it may have gone since it was looked up");
	expect_remedy(&local_uprobe, -ENOENT, "place",
		      "the kernel does not find the place",
		      "other it may have gone since it was looked up");
	expect_remedy(&local_kprobe, -EADDRNOTAVAIL, "place",
		      "several functions have this name",
		      "other choose one by its address");
	expect_remedy(&local_kprobe, -EILSEQ, "place",
		      "the place is in the middle of an instruction", "");
	expect_remedy(&local_uprobe, -ENOTSUPP, "place",
		      "there is a breakpoint or another instruction that the "
		      "kernel can't step over",
		      "other remove the breakpoint that is there");
	expect_remedy(&local_uprobe, -EIO, "place",
		      "the file is on a file system that can't have probes",
		      "");
}
END_TEST

START_TEST(explains_what_is_in_use)
{
	expect_remedy(&named_uprobe, -EINTR, "uprobe_busy",
		      "the probe is in use by ftrace, which excludes perf",
		      "other disable it there: echo 0 > its enable file in "
		      "tracefs");
	expect_remedy(&sched_event, -ENODEV, "cpu_offline",
		      "the CPU is offline",
		      "command echo 1 > /sys/devices/system/cpu/cpu1/online");
	expect_remedy(&sched_event, -ENOMEM, "memory",
		      "the kernel has no memory left for it",
		      "other use smaller rings, or open fewer events on fewer "
		      "CPUs");
	expect_remedy(&sched_event, -ENFILE, "descriptors",
		      "the machine has no more open files to give: fs.file-max",
		      "");
	/* Two for the rings, the side-band and the event; two to wait. */
	expect_remedy(
		&sched_event, -EMFILE, "descriptors",
		"the session needs 8 descriptors, the process has 3 open, "
		"and its limit is 1024",
		"");
	expect("uid=0", OTHER_TASK, &sched_event, 0, -ESRCH, "task_gone",
	       "the process has ended");
}
END_TEST

START_TEST(invents_nothing)
{
	expect_unknown(&sched_event, -E2BIG);
	expect_unknown(&sched_event, -EBUSY);
	expect_unknown(&sched_event, -EOPNOTSUPP);
	expect_unknown(&sched_event, -ENOSYS);
	expect_unknown(&sched_event, -ENOTSUPP);
	/* No rule of this event's has it. */
	expect_unknown(&sched_event, -ENOENT);
	expect_unknown(&sched_event, -EADDRNOTAVAIL);
	expect_unknown(&sched_event, -EILSEQ);
	expect_unknown(&named_kprobe, -EINTR);
	expect_unknown(&local_uprobe, -EILSEQ);
	/* The event of a task on a CPU that is offline is opened. */
	expect_unknown(&sched_event, -ENODEV);
}
END_TEST

START_TEST(tells_each_refusal_once)
{
	struct perftrace_report *report = blame(
		"paranoid=2", OWN_PROCESS, COUNT, &sched_event, 0, -EACCES);

	expect_gates(report, REFUSED, "kernel");
	expect_remedies(report, PERFTRACE_GATE_KERNEL, 0,
			"capability CAP_PERFMON; "
			"sysctl kernel.perf_event_paranoid=1; " HAND_OVER);
	perftrace_report_unref(report);

	/* What has been refused comes first, and the rest is foreseen. */
	report = blame("paranoid=2", OWN_PROCESS, COUNT, &local_kprobe, 0,
		       -EACCES);
	expect_gates(report, REFUSED, "kernel kprobe");
	perftrace_report_unref(report);
	report = blame("paranoid=2", OWN_PROCESS, COUNT, &local_kprobe, 0,
		       -EBUSY);
	expect_gates(report, REFUSED, "unknown kernel kprobe");
	perftrace_report_unref(report);
}
END_TEST

static void expect_ring(const char *host, int32_t error, const char *gate,
			const char *message)
{
	struct access_failure failure = { .has_call = true,
					  .step = ACCESS_RING,
					  .source = -1,
					  .error = error,
					  .cpu = 1,
					  .tid = -1 };
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, ALL_CPUS, STREAM);
	plan_add(&plan, &sched_event, 0);
	report = plan_blame(&plan, host, &failure);
	check_finding(report, error, gate, message);
	ck_assert_str_eq(perftrace_finding_get_subject(
				 perftrace_report_get_finding(report, 0)),
			 "ring on CPU 1");
	perftrace_report_unref(report);
}

START_TEST(explains_rings)
{
	expect_ring("uid=5,caps=perfmon,memlock_bytes=65536", -EPERM,
		    "locked_memory",
		    "2 rings of 512 KiB each take 1032 KiB of locked memory, "
		    "and the user has 1096 KiB left, unless others of its "
		    "processes, which can't be seen, have used it up");
	expect_ring("uid=5,caps=perfmon,memlock_bytes=0,mlock_kib=4", -EPERM,
		    "locked_memory",
		    "2 rings of 512 KiB each take 1032 KiB of locked memory, "
		    "and the user has 8 KiB left");
	expect_ring(ROOT, -ENOMEM, "memory",
		    "512 KiB are more than the kernel has or gives to one "
		    "ring");
	/* It binds nobody with CAP_IPC_LOCK. */
	expect_ring(ROOT, -EPERM, "unknown",
		    "none of the rules that are known explains it");
}
END_TEST

/* The library's own words stand, and its code. */
START_TEST(keeps_what_is_known)
{
	struct access_failure failure = { .source = -1,
					  .error = -EAGAIN,
					  .cpu = 1,
					  .tid = -1,
					  .reason = "it starts threads faster",
					  .remedy = "trace all CPUs" };
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, ALL_CPUS, STREAM);
	plan_add(&plan, &sched_event, 0);
	report = plan_blame(&plan, ROOT, &failure);
	check_finding(report, -EAGAIN, "unknown", "it starts threads faster");
	expect_remedies(report, PERFTRACE_GATE_UNKNOWN, -1,
			"other trace all CPUs");
	perftrace_report_unref(report);
}
END_TEST

START_TEST(names_the_sideband)
{
	struct access_failure failure = { .has_call = true,
					  .step = ACCESS_OPEN,
					  .source = -1,
					  .own = PLAN_SIDEBAND,
					  .error = -EACCES,
					  .cpu = 1,
					  .tid = 77 };
	struct perftrace_report *report;
	struct made_plan plan;

	plan_make(&plan, OTHER_TASK, STREAM);
	plan_add(&plan, &syscall_event, SHAPE_XK);
	report = plan_blame(&plan, "uid=5", &failure);
	check_finding(report, -EACCES, "task",
		      "the task belongs to someone else or is protected");
	ck_assert_str_eq(perftrace_finding_get_subject(
				 perftrace_report_get_finding(report, 0)),
			 "side-band on CPU 1 for task 77");
	ck_assert_int_eq(perftrace_finding_get_tid(
				 perftrace_report_get_finding(report, 0)),
			 77);
	perftrace_report_unref(report);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(explains_eacces),
	TEST(explains_eperm),
	TEST(lists_candidates_in_order),
	TEST(explains_einval),
	TEST(explains_places),
	TEST(explains_what_is_in_use),
	TEST(invents_nothing),
	TEST(tells_each_refusal_once),
	TEST(explains_rings),
	TEST(keeps_what_is_known),
	TEST(names_the_sideband),
};

HARNESS_MAIN("access_failure", tests, HARNESS_UNIT)
