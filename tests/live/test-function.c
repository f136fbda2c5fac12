/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The function event. Closing one waits until no CPU is in any function that
 * was patched, which takes seconds in a slow machine: there are few opens here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caller.h"
#include "harness.h"
#include "probed.h"
#include "tally.h"

/* What ftrace calls the function behind getppid(2). */
#define FUNCTION "__do_sys_getppid"
#define SPEC	 "function:" FUNCTION

#define NUM_CALLS 50

static const struct session_request own_calls = { .is_self = true };

/* Some vendors' kernels list the event, and refuse all of this to everybody. */
static bool is_granted(void)
{
	char *list = read_text(TRACEFS "available_filter_functions");

	free(list);
	return list;
}

static void need_functions(void)
{
	if (!is_granted())
		skip("the kernel refuses to trace functions");
}

/* Counted, with one descriptor. */
START_TEST(calls_of_one_function)
{
	struct watch watch;

	need_functions();
	watch_start(&watch, SPEC,
		    &(struct session_request){
			    .is_self = true,
			    .mode = PERFTRACE_MODE_COUNT,
		    });
	ck_assert_str_eq(perftrace_event_get_name(watch.event), SPEC);
	ck_assert_int_eq(perftrace_event_get_kind(watch.event),
			 PERFTRACE_EVENT_FUNCTION);
	call_getppid(NUM_CALLS);
	watch_stop(&watch);
	/* Not counted any more. */
	call_getppid(3);
	ck_assert_uint_eq(counted_by(watch.context, watch.source), NUM_CALLS);
	watch_free(&watch);
}
END_TEST

/* Several patterns, with brackets and stars in them. */
START_TEST(calls_of_several_functions)
{
	struct watch watch;
	uint64_t address, ip;

	need_functions();
	watch_self(&watch, "function,name=mine:__do_sys_getp[p]id,"
			   "__do_sys_getuid*");
	ck_assert_str_eq(perftrace_event_get_name(watch.event),
			 "function:mine");
	call_getppid(NUM_CALLS);
	ck_assert_int_eq((int)syscall(SYS_getuid), 0);
	watch_stop(&watch);
	ck_assert_uint_eq(counted_by(watch.context, watch.source),
			  NUM_CALLS + 1);
	watch_next(&watch);
	/* Behind what ftrace puts at the start. */
	address = find_address(FUNCTION);
	ip = watch_unsigned(&watch, "ip");
	ck_assert_uint_ge(ip, address);
	ck_assert_uint_le(ip, address + 4);
	ck_assert_uint_ne(watch_unsigned(&watch, "parent_ip"), 0);
	watch_expect_rest(&watch, NUM_CALLS);
	watch_free(&watch);
}
END_TEST

START_TEST(refused_by_the_kernel)
{
	struct watch watch;
	int ret;

	if (is_granted())
		skip("the kernel grants the function event");
	watch_prepare(&watch, SPEC, &own_calls);
	ret = perftrace_session_open(watch.session);
	refuse(watch.context, ret, -EPERM, SPEC);
	expect_remedy(watch.context, "");
	ck_assert_uint_eq(perftrace_session_get_num_descriptors(watch.session),
			  0);
	watch_free(&watch);
}
END_TEST

START_TEST(patterns_that_fit_nothing)
{
	struct perftrace_context *context;

	need_functions();
	context = new_context();
	refuse_probe(context, "function:no_such_function_*", -ENOENT, 9,
		     "no_such_function_*");
	refuse_probe(context, "function:vfs_read,vfs_raed", -ENOENT, 18,
		     "vfs_raed");
	expect_remedy(context, "did you mean");
	refuse_probe(context, "function:vfs_read,vfs read", -EINVAL, 21,
		     "no pattern");
	refuse_probe(context, "function:vfs_read,", -EINVAL, 18, "no pattern");
	refuse_probe(context, "function:vfs_read,,vfs_write", -EINVAL, 18,
		     "no pattern");
	perftrace_context_unref(context);
}
END_TEST

static void refuse_source(struct perftrace_context *context, const char *filter,
			  uint32_t callchain, int code, const char *part)
{
	struct perftrace_session *session = new_session(context, &own_calls);
	struct perftrace_source_config *config;
	int ret;

	succeed(context, perftrace_source_config_new(context, &config));
	succeed(context, perftrace_source_config_set_filter(config, filter));
	succeed(context,
		perftrace_source_config_set_callchain(config, callchain));
	ret = perftrace_session_add_spec(session, SPEC, config);
	if (!ret)
		ret = perftrace_session_open(session);
	refuse(context, ret, code, part);
	perftrace_source_config_free(config);
	perftrace_session_free(session);
}

START_TEST(what_does_not_go_with_it)
{
	struct perftrace_context *context = new_context();
	struct perftrace_probe *probe;

	refuse_source(context, NULL, PERFTRACE_CALLCHAIN_USER, -EINVAL,
		      "callchain");
	refuse_source(context, NULL,
		      PERFTRACE_CALLCHAIN_USER | PERFTRACE_CALLCHAIN_KERNEL,
		      -EINVAL, "callchain");
	refuse_source(context, "ip == 1", 0, -EINVAL, "filter");
	refuse_probe(context, "function,local:vfs_read", -EOPNOTSUPP, -1,
		     "never local");
	refuse_probe(context, "function,pid=1:vfs_read", -EINVAL, 9, "pid");
	refuse_probe(context, "function:vfs_read(count)", -EINVAL, 17, "");
	succeed(context,
		perftrace_probe_new(context, PERFTRACE_EVENT_FUNCTION, &probe));
	refuse(context, perftrace_probe_add_argument(probe, "count"), -EINVAL,
	       "argument");
	perftrace_probe_free(probe);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(calls_of_one_function),	TEST(calls_of_several_functions),
	TEST(refused_by_the_kernel),	TEST(patterns_that_fit_nothing),
	TEST(what_does_not_go_with_it),
};

HARNESS_MAIN("function", tests, HARNESS_LIVE)
