/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The library reads a filter before the kernel does: their verdicts must agree,
 * or a user is refused what works, or told nothing about what does not.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness.h"
#include "setup.h"

#define SWITCH	"sched:sched_switch"
#define EXEC	"sched:sched_process_exec"
#define NEWTASK "task:task_newtask"
#define OPENAT	"syscalls:sys_enter_openat"

/* The filter is good, but older kernels do not know it. */
#define NEW (-2)

/* Position of the fault; -1: the filter is good. */
static const struct {
	const char *event;
	const char *filter;
	int32_t position;
} filters[] = {
	/* Comparisons. */
	{ SWITCH, "prev_pid == 1", -1 },
	{ SWITCH, "prev_pid==1", -1 },
	{ SWITCH, "  prev_pid   ==   1  ", -1 },
	{ SWITCH, "prev_pid != 0x10", -1 },
	{ SWITCH, "prev_pid == 010", -1 },
	{ SWITCH, "prev_pid == -1", -1 },
	{ SWITCH, "prev_prio < 100", -1 },
	{ SWITCH, "prev_prio <= 100", -1 },
	{ SWITCH, "prev_prio > 100", -1 },
	{ SWITCH, "prev_prio >= 100", -1 },
	{ SWITCH, "prev_state & 3", -1 },
	{ SWITCH, "common_pid == 1", -1 },
	{ SWITCH, "common_flags & 1", -1 },
	{ SWITCH, "CPU == 1", -1 },
	{ SWITCH, "stacktrace == 1", NEW },
	{ SWITCH, "cpu == 1", -1 },
	{ SWITCH, "prev_pid == CPUS{0-1}", NEW },
	{ SWITCH, "CPU & CPUS{0,1}", NEW },
	{ SWITCH, "CPU != CPUS{1} && prev_pid > 1", NEW },
	/* Strings. */
	{ SWITCH, "prev_comm == \"bash\"", -1 },
	{ SWITCH, "prev_comm != 'bash'", -1 },
	{ SWITCH, "prev_comm ~ \"k*\"", -1 },
	{ SWITCH, "prev_comm == \"\"", -1 },
	{ SWITCH, "COMM == \"bash\"", -1 },
	{ SWITCH, "comm ~ \"b?sh\"", -1 },
	{ EXEC, "filename ~ \"*/sh\"", -1 },
	{ NEWTASK, "comm == \"sh\"", -1 },
	/* Connections. */
	{ SWITCH, "prev_pid == 1 && next_pid == 2", -1 },
	{ SWITCH, "prev_pid == 1||next_pid == 2", -1 },
	{ SWITCH, "prev_pid == 1 && next_pid == 2 || CPU == 1", -1 },
	{ SWITCH, "(prev_pid == 1)", -1 },
	{ SWITCH, "((prev_pid == 1) && (next_pid == 2))", -1 },
	{ SWITCH, "!(prev_pid == 1)", -1 },
	{ SWITCH, "!!(prev_pid == 1)", -1 },
	{ SWITCH, "! ( prev_pid == 1 || ! next_pid == 3 )", -1 },
	{ SWITCH, "!prev_pid == 1", -1 },
	{ OPENAT, "flags & 0x40 && filename.ustring ~ \"/tmp/*\"", -1 },
	{ OPENAT, "filename == \"x\"", -1 },
	{ OPENAT, "dfd == 18446744073709551615", -1 },
	{ NEWTASK, "oom_score_adj == -1000", -1 },
	{ NEWTASK, "clone_flags & 0x100", -1 },

	/* No such field. */
	{ SWITCH, "no_such == 1", 0 },
	{ SWITCH, "prev_pid == 1 && no_such == 1", 17 },
	{ SWITCH, "PREV_PID == 1", 0 },
	{ NEWTASK, "parent == 1", 0 },
	/* No operator, or none that there is. */
	{ SWITCH, "prev_pid", 8 },
	{ SWITCH, "prev_pid 1", 9 },
	{ SWITCH, "prev_pid = 1", 9 },
	{ SWITCH, "prev_pid === 1", 11 },
	{ SWITCH, "prev_pid =! 1", 9 },
	{ SWITCH, "prev_pid ^ 1", 9 },
	/* No value, or one of another kind. */
	{ SWITCH, "prev_pid ==", 11 },
	{ SWITCH, "prev_pid == one", 12 },
	{ SWITCH, "prev_pid == 1x", 12 },
	{ SWITCH, "prev_pid == 0x", 12 },
	{ SWITCH, "prev_pid == 08", 12 },
	{ SWITCH, "prev_pid == --1", 12 },
	{ SWITCH, "prev_pid == \"one\"", 12 },
	{ SWITCH, "prev_pid ~ 1", 11 },
	{ SWITCH, "prev_comm == 1", 13 },
	{ SWITCH, "prev_comm == bash", 13 },
	{ SWITCH, "prev_comm > \"bash\"", 12 },
	{ SWITCH, "prev_comm & \"bash\"", 12 },
	{ SWITCH, "prev_comm == \"bash", 13 },
	{ SWITCH, "prev_comm == 'bash\"", 13 },
	{ SWITCH, "prev_pid == 99999999999999999999999", 12 },
	{ OPENAT, "dfd == 18446744073709551616", 7 },
	{ OPENAT, "dfd == -100", 7 },
	{ OPENAT, "filename != 0", 12 },
	{ SWITCH, "prev_pid < CPUS{0-1}", 11 },
	{ SWITCH, "prev_pid ~ CPUS{0-1}", 11 },
	{ SWITCH, "prev_comm == CPUS{0-1}", 13 },
	{ SWITCH, "CPU == CPUS{}", 7 },
	{ SWITCH, "CPU == CPUS{0", 7 },
	{ SWITCH, "CPU == CPUS", 7 },
	/* Connections that connect nothing. */
	{ SWITCH, "", 0 },
	{ SWITCH, "   ", 3 },
	{ SWITCH, "&&", 0 },
	{ SWITCH, "&& prev_pid == 1", 0 },
	{ SWITCH, "prev_pid == 1 & next_pid == 2", 14 },
	{ SWITCH, "prev_pid == 1 next_pid == 2", 14 },
	{ SWITCH, "prev_pid == 1 && || next_pid == 2", 17 },
	{ SWITCH, "(prev_pid == 1", 14 },
	{ SWITCH, "prev_pid == 1)", 13 },
	{ SWITCH, "()", 1 },
	{ SWITCH, "(prev_pid) == 1", 9 },
	{ SWITCH, "!", 1 },
	{ SWITCH, "prev_pid == 1 !", 14 },
};

#define NUM_FILTERS (sizeof(filters) / sizeof(filters[0]))

static int open_raw(uint64_t id)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_TRACEPOINT,
		.config = id,
		.disabled = 1,
	};

	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

static bool kernel_takes(struct perftrace_event *event, const char *filter)
{
	int ret, fd = open_raw(perftrace_event_get_id(event));

	ck_assert_int_ge(fd, 0);
	ret = ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter);
	close(fd);
	return !ret;
}

static int add(struct perftrace_context *context, struct perftrace_event *event,
	       const char *filter)
{
	struct perftrace_session *session = new_session(
		context, &(struct session_request){ .is_self = true });
	struct perftrace_source_config *config;
	int ret;

	succeed(context, perftrace_source_config_new(context, &config));
	succeed(context, perftrace_source_config_set_filter(config, filter));
	ret = perftrace_session_add_event(session, event, config, NULL);
	perftrace_source_config_free(config);
	perftrace_session_free(session);
	return ret;
}

static void expect_fault(struct perftrace_context *context,
			 struct perftrace_event *event, const char *filter,
			 int32_t position)
{
	refuse(context, add(context, event, filter), -EINVAL,
	       perftrace_event_get_name(event), filter, "column");
	ck_assert_msg(perftrace_context_get_error_position(context) == position,
		      "\"%s\": position %d, not %d: %s", filter,
		      perftrace_context_get_error_position(context), position,
		      perftrace_context_error(context));
}

static void hold(struct perftrace_context *context,
		 struct perftrace_session **held)
{
	held[0] = hold_event(context, SWITCH);
	held[1] = hold_event(context, EXEC);
	held[2] = hold_event(context, NEWTASK);
	held[3] = hold_event(context, OPENAT);
}

START_TEST(verdicts_are_the_kernels)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held[4];
	size_t i;

	hold(context, held);
	for (i = 0; i < NUM_FILTERS; i++) {
		const char *filter = filters[i].filter;
		bool is_good = filters[i].position < 0;
		struct perftrace_event *event;

		succeed(context, perftrace_event_find(context, filters[i].event,
						      &event));
		ck_assert_msg(filters[i].position == NEW ||
				      kernel_takes(event, filter) == is_good,
			      "the kernel says otherwise: %s", filter);
		if (is_good)
			succeed(context, add(context, event, filter));
		else
			expect_fault(context, event, filter,
				     filters[i].position);
		perftrace_event_unref(event);
	}
	for (i = 0; i < 4; i++)
		perftrace_session_free(held[i]);
	perftrace_context_unref(context);
}
END_TEST

/* Some kernels take them; nobody can have meant them. */
START_TEST(refuses_an_operator_with_nothing_behind_it)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, SWITCH);
	struct perftrace_event *event;

	succeed(context, perftrace_event_find(context, SWITCH, &event));
	expect_fault(context, event, "prev_pid == 1 &&", 16);
	expect_fault(context, event, "prev_pid == 1 || ", 17);
	perftrace_event_unref(event);
	perftrace_session_free(held);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(names_the_fields_that_there_are)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event;

	succeed(context, perftrace_event_find(context, SWITCH, &event));
	refuse(context, add(context, event, "nxt_pid == 1"), -EINVAL, SWITCH,
	       "nxt_pid", "no such field");
	expect_remedy(context, "next_pid");
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

/* To the byte, on either side of what the kernel takes. */
START_TEST(long_filters)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *held = hold_event(context, SWITCH);
	struct perftrace_event *event;
	char filter[4200];

	succeed(context, perftrace_event_find(context, SWITCH, &event));
	memset(filter, ' ', sizeof(filter));
	memcpy(filter, "prev_pid == 1", strlen("prev_pid == 1"));
	filter[4095] = '\0';
	ck_assert(kernel_takes(event, filter));
	succeed(context, add(context, event, filter));
	filter[4095] = ' ';
	filter[4096] = '\0';
	ck_assert(!kernel_takes(event, filter));
	refuse(context, add(context, event, filter), -EINVAL, SWITCH, "4095");

	sprintf(filter, "prev_comm == \"%0255d\"", 1);
	ck_assert(kernel_takes(event, filter));
	succeed(context, add(context, event, filter));
	sprintf(filter, "prev_comm == \"%0256d\"", 1);
	ck_assert(!kernel_takes(event, filter));
	refuse(context, add(context, event, filter), -EINVAL, SWITCH, "255");
	perftrace_event_unref(event);
	perftrace_session_free(held);
	perftrace_context_unref(context);
}
END_TEST

/* Deeper than the library looks: the kernel has the last word. */
START_TEST(the_kernels_own_refusal_is_told)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	size_t descriptors;

	session =
		new_session(context, &(struct session_request){
					     .event = SWITCH,
					     .filter = "CPU & CPUS{0-99999999}",
					     .is_self = true,
				     });
	descriptors = count_descriptors();
	refuse(context, perftrace_session_open(session), -EINVAL, SWITCH,
	       "CPUS{0-99999999}", "kernel refuses");
	expect_remedy(context, "");
	ck_assert_uint_eq(count_descriptors(), descriptors);
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(session), 0);
	perftrace_session_free(session);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(verdicts_are_the_kernels),
	TEST(refuses_an_operator_with_nothing_behind_it),
	TEST(names_the_fields_that_there_are),
	TEST(long_filters),
	TEST(the_kernels_own_refusal_is_told),
};

HARNESS_MAIN("filter", tests, HARNESS_LIVE)
