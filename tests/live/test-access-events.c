/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events and machines that are special: what is said of them beforehand is what
 * comes of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "access.h"
#include "context.h"
#include "facts.h"
#include "facts_sense.h"
#include "harness.h"
#include "probed.h"
#include "setup.h"
#include "truth.h"
#include "uprobe.h"

#define CPU_1_ONLINE   "/sys/devices/system/cpu/cpu1/online"
#define FTRACE_ENABLED "/proc/sys/kernel/ftrace_enabled"
#define KPROBES_SWITCH "/sys/kernel/debug/kprobes/enabled"
#define DYNAMIC_EVENTS TRACEFS "dynamic_events"

static bool write_text(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	bool is_written;

	if (fd < 0)
		return false;
	is_written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return is_written;
}

static struct perftrace_session *session_of(struct perftrace_context *context,
					    const char *event, int32_t mode)
{
	return new_session(context, &(struct session_request){
					    .event = event,
					    .is_self = true,
					    .mode = mode,
					    .ring_bytes = 4096,
				    });
}

START_TEST(uprobe_that_ftrace_holds)
{
	static const char enable[] = TRACEFS "events/" UPROBE_GROUP
					     "/busy/enable";
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;

	uprobe_create("busy", probed, "");
	ck_assert(write_text(enable, 0, "1"));
	session = session_of(context, UPROBE_GROUP ":busy",
			     PERFTRACE_MODE_STREAM);
	ck_assert_int_eq(expect_truth(context, session,
				      PERFTRACE_GATE_UPROBE_BUSY),
			 -EINTR);
	expect_remedy(context, "echo 0 >");
	/* What the remedy says. */
	ck_assert(write_text(enable, 0, "0"));
	ck_assert_int_eq(
		expect_truth(context, session, PERFTRACE_GATE_UPROBE_BUSY), 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
	uprobe_remove("busy");
}
END_TEST

START_TEST(event_that_its_record_would_raise)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event;
	struct perftrace_session *session;

	if (perftrace_event_find(context, "irq_vectors:irq_work_exit", &event))
		skip("the kernel has no irq_vectors:irq_work_exit");
	perftrace_event_unref(event);
	session = session_of(context, "irq_vectors:irq_work_exit",
			     PERFTRACE_MODE_STREAM);
	ck_assert_int_eq(expect_truth(context, session,
				      PERFTRACE_GATE_IRQ_WORK),
			 -EPERM);
	ck_assert(has_remedy(first(perftrace_session_get_report(session)),
			     "mode=count"));
	perftrace_session_free(session);
	session = session_of(context, "irq_vectors:irq_work_exit",
			     PERFTRACE_MODE_COUNT);
	ck_assert_int_eq(
		expect_truth(context, session, PERFTRACE_GATE_IRQ_WORK), 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(event_that_is_not_for_perf)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;

	if (!write_text(DYNAMIC_EVENTS, O_APPEND,
			"s:synthetic/perftrace_live u64 number"))
		skip("the kernel has no synthetic events");
	session = session_of(context, "synthetic:perftrace_live",
			     PERFTRACE_MODE_COUNT);
	ck_assert_int_eq(expect_truth(context, session,
				      PERFTRACE_GATE_SYNTHETIC),
			 -ENODEV);
	perftrace_session_free(session);
	perftrace_context_unref(context);
	ck_assert(write_text(DYNAMIC_EVENTS, O_APPEND,
			     "-:synthetic/perftrace_live"));
}
END_TEST

/* What the session counts of ten calls, and whether that was foreseen. */
static void expect_silence(struct perftrace_context *context, const char *spec,
			   int32_t expected_gate)
{
	struct perftrace_session *session =
		session_of(context, spec, PERFTRACE_MODE_COUNT);
	struct perftrace_report *report = check(context, session);
	bool is_silent = !perftrace_report_can_deliver(report);
	struct perftrace_counts *counts;
	int i;

	ck_assert_msg(perftrace_report_is_allowed(report), "%s", spec);
	ck_assert_msg(has_gate(report, expected_gate,
			       PERFTRACE_FINDING_SILENT) == is_silent,
		      "%s", spec);
	perftrace_report_unref(report);
	succeed(context, perftrace_session_start(session));
	for (i = 0; i < 10; i++)
		syscall(SYS_getppid);
	succeed(context, perftrace_session_stop(session));
	succeed(context,
		perftrace_source_get_counts(
			perftrace_session_get_source(session, 0), &counts));
	ck_assert_msg(is_silent == !perftrace_counts_get_value(counts),
		      "%s: %llu, and it was said to be %s", spec,
		      (unsigned long long)perftrace_counts_get_value(counts),
		      is_silent ? "silent" : "heard");
	perftrace_counts_free(counts);
	perftrace_session_free(session);
}

static const char *const kernel_probes[] = {
	"kprobe,local:" SYSTEM_CALL("getppid"),
	"kprobe,named:" SYSTEM_CALL("getppid"),
	"kretprobe,named:" SYSTEM_CALL("getppid"),
	/* Of a function with several names, ftrace knows one. */
	"function:*_sys_getppid",
};

#define NUM_PROBES (sizeof(kernel_probes) / sizeof(kernel_probes[0]))

/* An instruction that is not the first, and is always executed. */
static void write_inner_place(struct perftrace_context *context, char *spec,
			      size_t room)
{
	struct perftrace_event *event;
	int offset;

	for (offset = 9; offset < 32; offset++) {
		snprintf(spec, room, "kprobe,named:%s+%d",
			 SYSTEM_CALL("getppid"), offset);
		if (try_event(context, spec, &event))
			continue;
		perftrace_event_unref(event);
		return;
	}
	ck_abort_msg("no instruction");
}

static int32_t gate;

static void expect_of_all(void)
{
	struct perftrace_context *context = new_context();
	char inner[64];
	size_t i;

	write_inner_place(context, inner, sizeof(inner));
	for (i = 0; i < NUM_PROBES; i++)
		expect_silence(context, kernel_probes[i], gate);
	expect_silence(context, inner, gate);
	perftrace_context_unref(context);
}

/* With a switch of the machine off and on: on, in any case, at the end. */
static void expect_switch(const char *path)
{
	int off, on;

	ck_assert(write_text(path, 0, "0"));
	off = try_in_child(expect_of_all);
	ck_assert(write_text(path, 0, "1"));
	on = try_in_child(expect_of_all);
	ck_assert_int_eq(off, 0);
	ck_assert_int_eq(on, 0);
}

START_TEST(ftrace_that_is_disabled)
{
	need_kprobes();
	gate = PERFTRACE_GATE_FTRACE_DISABLED;
	expect_switch(FTRACE_ENABLED);
}
END_TEST

START_TEST(kprobes_that_are_disarmed)
{
	need_kprobes();
	if (access(KPROBES_SWITCH, W_OK))
		skip("needs debugfs at /sys/kernel/debug");
	gate = PERFTRACE_GATE_KPROBES_DISARMED;
	expect_switch(KPROBES_SWITCH);
}
END_TEST

/* Of the rules, and of the kernel: all tasks of CPU 1, and this one on it. */
static void ask_of_cpu_1(bool is_online)
{
	static const struct access_event event = { .name = "dummy",
						   .class = ACCESS_DUMMY };
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
	};
	struct access_task self = { .answer = NOT_SENSED,
				    .is_own_process = true };
	struct access_call call = {
		.step = ACCESS_OPEN,
		.attr = &attr,
		.event = &event,
		.cpu = 1,
	};
	struct perftrace_context *context = new_context();
	struct facts facts;
	int fd;

	ck_assert_int_eq(facts_sense(context, &facts), 0);
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 1, -1, 0UL);
	ck_assert_int_eq(access_try(&facts, &call, NULL), fd < 0 ? -errno : 0);
	ck_assert_int_eq(fd >= 0, is_online);
	if (fd >= 0)
		close(fd);
	call.task = &self;
	fd = (int)syscall(SYS_perf_event_open, &attr, 0, 1, -1, 0UL);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(access_try(&facts, &call, NULL), 0);
	close(fd);
	facts_clear(&facts);
	perftrace_context_unref(context);
}

START_TEST(processor_that_is_offline)
{
	if (!write_text(CPU_1_ONLINE, 0, "0"))
		skip("CPU 1 can't be taken offline");
	ask_of_cpu_1(false);
	ck_assert(write_text(CPU_1_ONLINE, 0, "1"));
	ask_of_cpu_1(true);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(uprobe_that_ftrace_holds),
	TEST(event_that_its_record_would_raise),
	TEST(event_that_is_not_for_perf),
	TEST(ftrace_that_is_disabled),
	TEST(kprobes_that_are_disarmed),
	TEST(processor_that_is_offline),
};

HARNESS_MAIN("access-events", tests, HARNESS_LIVE)
