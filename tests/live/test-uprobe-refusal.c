/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is refused of uprobes, by the library and by the kernel, and whether the
 * caller is told where the fault is.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "probes.h"
#include "setup.h"
#include "uprobe.h"

/*
 * @text has %s for this program's path, and a caret before where the fault is
 * said to be; without one it has no position.
 */
static int32_t take_caret(const char *text, char *clean, size_t size)
{
	const char *hole = strstr(text, "%s");
	char *caret;

	if (hole)
		snprintf(clean, size, "%.*s%s%s", (int)(hole - text), text,
			 own_program(), hole + 2);
	else
		snprintf(clean, size, "%s", text);
	caret = strchr(clean, '^');
	if (!caret)
		return -1;
	memmove(caret, caret + 1, strlen(caret));
	return (int32_t)(caret - clean);
}

struct fault {
	const char *text;
	int code;
	const char *words;
	const char *remedy;
};

static void expect_position(struct perftrace_context *context, const char *text,
			    int32_t position)
{
	ck_assert_msg(perftrace_context_get_error_position(context) == position,
		      "%s: the fault is at %d, not at %d: %s", text,
		      (int)position,
		      (int)perftrace_context_get_error_position(context),
		      perftrace_context_error(context));
}

static void expect_fault(const struct fault *fault)
{
	struct perftrace_context *context = new_context();
	struct perftrace_probe *probe;
	struct perftrace_event *event = (void *)1;
	char spec[2 * PATH_MAX];
	int32_t position = take_caret(fault->text, spec, sizeof(spec));

	succeed(context, perftrace_probe_new_from_spec(context, spec, &probe));
	expect_refusal(context, spec, perftrace_probe_make_event(probe, &event),
		       fault->code,
		       (const char *const[]){ fault->words, NULL });
	ck_assert_ptr_eq(event, (void *)1);
	expect_position(context, spec, position);
	if (fault->remedy)
		expect_remedy(context, fault->remedy);
	perftrace_probe_free(probe);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}

static void expect_faults(const struct fault *faults, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		expect_fault(&faults[i]);
}

#define EXPECT_FAULTS(faults)                                                  \
	expect_faults(faults, sizeof(faults) / sizeof((faults)[0]))

START_TEST(places_that_do_not_exist)
{
	static const struct fault faults[] = {
		{ "uprobe:%s:^probd", -ENOENT, "probd", "probed" },
		{ "uprobe:%s:^probed_elsewher(%di)", -ENOENT, "probed_elsewher",
		  "probed_elsewhere" },
		{ "uprobe:^/no/such/file:probed", -ENOENT, "/no/such/file",
		  NULL },
		{ "uprobe,named:^libno-such.so.1:probed", -ENOENT,
		  "libno-such.so.1", NULL },
		{ "uprobe:^/etc/passwd:probed", -ENOEXEC, "/etc/passwd", NULL },
		{ "uprobe:^/etc:probed", -EISDIR, "/etc", NULL },
		{ "uprobe:%s:^printf", -ENOENT, "printf", "libc.so.6" },
	};

	EXPECT_FAULTS(faults);
}
END_TEST

START_TEST(offsets_that_make_no_sense)
{
	static const struct fault faults[] = {
		{ "uprobe:%s:probed+^4096", -EINVAL, "4096", NULL },
		{ "uprobe:%s:probed+^0xffffffffffffffff", -EINVAL,
		  "outside of the function", NULL },
		{ "uretprobe:%s:probed+^1", -EINVAL, "return probe", NULL },
		{ "uprobe:%s:^0x7fffffffffff", -EINVAL, "0x7fffffffffff",
		  NULL },
		{ "uprobe:%s:+^0x7fffffffffff", -EINVAL, "0x7fffffffffff",
		  NULL },
		{ "uprobe:%s:^0", -EINVAL, "", NULL },
	};

	EXPECT_FAULTS(faults);
}
END_TEST

START_TEST(arguments_that_a_program_has_not)
{
	static const struct fault faults[] = {
		{ "uprobe:%s:probed(^value)", -EINVAL, "value", "$arg1" },
		{ "uprobe:%s:probed($arg1,  ^value->member:u8)", -EINVAL,
		  "value", "$arg1" },
		{ "uprobe:%s:probed(x=^value)", -EINVAL, "value", "$arg1" },
		{ "uprobe:%s:probed_elsewhere+4(^$arg1)", -EINVAL, "$arg1",
		  "offset" },
		{ "uprobe:%s:probed_elsewhere+4(%di, a=+0(^$arg2):string)",
		  -EINVAL, "$arg2", "offset" },
		{ "uretprobe:%s:probed($retval, ^$arg1)", -EINVAL, "$arg1",
		  NULL },
	};

	EXPECT_FAULTS(faults);
}
END_TEST

/* What the kernel finds, in a text that the library has translated for it. */
START_TEST(arguments_that_the_kernel_refuses)
{
	static const struct fault faults[] = {
		{ "uprobe:%s:probed(a=$arg1:^u65)", -EINVAL, "Unknown type",
		  NULL },
		{ "uprobe:%s:probed($arg1, $arg2, b=$arg3:^nope)", -EINVAL,
		  "Unknown type", NULL },
		{ "uprobe:%s:probed($arg1, ^%nope)", -EINVAL,
		  "Invalid register name", NULL },
		{ "uprobe:%s:probed(+0($arg1):string, x=+0(^%nope):u8)",
		  -EINVAL, "Invalid register name", NULL },
		{ "uprobe:%s:probed(^$none)", -EINVAL, "Invalid $-variable",
		  NULL },
		{ "uprobe:%s:probed(v=^$nonesuch)", -EINVAL,
		  "Invalid $-variable", NULL },
		{ "uprobe:%s:probed($arg1, ^$retval)", -EINVAL, "$retval",
		  NULL },
		{ "uprobe:%s:probed(same=$arg1, ^same=$arg2)", -EINVAL,
		  "already used", NULL },
		{ "uprobe:%s:probed(a=$arg1:^string)", -EINVAL, "tring", NULL },
		{ "uprobe:%s:probed(b=$arg1:^b4@2/7)", -EINVAL, "", NULL },
		{ "uprobe:%s:probed(^0abc=$arg1)", -EINVAL, "rgument name",
		  NULL },
		{ "uprobe:%s:probed(^common_pid=$arg1)", -EINVAL,
		  "already used", NULL },
		{ "uprobe:%s:probed(a=+0($arg1):u8[^65])", -EINVAL, "rray",
		  NULL },
	};

	EXPECT_FAULTS(faults);
}
END_TEST

START_TEST(local_probes_with_arguments)
{
	static const struct fault faults[] = {
		{ "uprobe,local:%s:probed($arg1)", -EOPNOTSUPP, "local", NULL },
		{ "uretprobe,local:%s:probed($retval)", -EOPNOTSUPP, "local",
		  NULL },
	};

	EXPECT_FAULTS(faults);
}
END_TEST

/* An argument that was added is a text of its own, with its own columns. */
START_TEST(arguments_that_were_added)
{
	static const struct {
		const char *good;
		const char *bad;
		int position;
	} cases[] = {
		{ NULL, "value", 0 },
		{ "$arg1:s32", "named=value", 6 },
		{ "+0($arg1):string", "x=%nope", 2 },
		{ "$arg2", "a=$arg1:u65", 8 },
	};
	struct perftrace_context *context = new_context();
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	size_t i;

	for (i = 0; i < 4; i++) {
		succeed(context,
			perftrace_probe_new(context, PERFTRACE_EVENT_UPROBE,
					    &probe));
		succeed(context,
			perftrace_probe_set_path(probe, own_program()));
		succeed(context, perftrace_probe_set_symbol(probe, "probed"));
		if (cases[i].good)
			succeed(context, perftrace_probe_add_argument(
						 probe, cases[i].good));
		succeed(context,
			perftrace_probe_add_argument(probe, cases[i].bad));
		refuse(context, perftrace_probe_make_event(probe, &event),
		       -EINVAL, "uprobe:probed");
		expect_position(context, cases[i].bad, cases[i].position);
		perftrace_probe_free(probe);
	}
	perftrace_context_unref(context);
}
END_TEST

/* Before anything is looked up. */
START_TEST(specs_that_can_not_be_read)
{
	static const struct fault faults[] = {
		{ "^uprobes:%s:probed", -EINVAL, "no kind of probe", NULL },
		{ "uprobe,local^host:%s:probed", -EINVAL, "", NULL },
		{ "uprobe,^quick:%s:probed", -EINVAL, "options", NULL },
		{ "uprobe,^maxactive=3:%s:probed", -EINVAL, "kretprobe", NULL },
		{ "uprobe,name=^1st:%s:probed", -EINVAL, "", NULL },
		{ "uprobe,pid=^0:%s:probed", -EINVAL, "out of range", NULL },
		{ "uprobe:/bin/true^", -EINVAL, "colon", NULL },
		{ "uprobe:^:probed", -EINVAL, "file is missing", NULL },
		{ "uprobe:%s:^", -EINVAL, "symbol is missing", NULL },
		{ "uprobe:%s:probed+^x", -EINVAL, "number", NULL },
		{ "uprobe:%s:12^z", -EINVAL, "digit", NULL },
		{ "uprobe:%s:probed^($arg1", -EINVAL, "not closed", NULL },
		{ "uprobe:%s:probed^(+0($arg1)", -EINVAL, "not closed", NULL },
		{ "uprobe:%s:probed($arg1,^)", -EINVAL, "missing", NULL },
		{ "uprobe:%s:probed($arg1)^x", -EINVAL, "end here", NULL },
		{ "uprobe:^\"%s:probed", -EINVAL, "not closed", NULL },
	};
	struct perftrace_context *context = new_context();
	struct perftrace_probe *probe;
	char spec[2 * PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		int32_t position =
			take_caret(faults[i].text, spec, sizeof(spec));

		expect_refusal(context, spec,
			       perftrace_probe_new_from_spec(context, spec,
							     &probe),
			       faults[i].code,
			       (const char *const[]){ faults[i].words, NULL });
		expect_position(context, spec, position);
	}
	perftrace_context_unref(context);
}
END_TEST

/* The session's way, and again with the position. */
START_TEST(sessions_refuse_the_same)
{
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	char spec[2 * PATH_MAX];
	int32_t position = take_caret("uprobe:%s:probed(a=$arg1:^u65)", spec,
				      sizeof(spec));

	succeed(context, perftrace_session_new(context, NULL, &session));
	refuse(context, perftrace_session_add_spec(session, spec, NULL),
	       -EINVAL, "Unknown type");
	expect_position(context, spec, position);
	position = take_caret("uprobe:%s:^nothing_here", spec, sizeof(spec));
	refuse(context, perftrace_session_add_spec(session, spec, NULL),
	       -ENOENT, "nothing_here");
	expect_position(context, spec, position);
	ck_assert_uint_eq(perftrace_session_get_num_sources(session), 0);
	perftrace_session_free(session);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(processes_that_have_ended)
{
	struct perftrace_context *context = new_context();
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	succeed(context,
		perftrace_probe_new(context, PERFTRACE_EVENT_UPROBE, &probe));
	succeed(context, perftrace_probe_set_path(probe, "libc.so.6"));
	succeed(context, perftrace_probe_set_symbol(probe, "malloc"));
	refuse(context, perftrace_probe_set_pid(probe, -1), -EINVAL, "-1");
	succeed(context, perftrace_probe_set_pid(probe, pid));
	refuse(context, perftrace_probe_make_event(probe, &event), -ESRCH,
	       "process");
	perftrace_probe_free(probe);
	perftrace_context_unref(context);
}
END_TEST

START_TEST(probes_that_are_not_complete)
{
	struct perftrace_context *context = new_context();
	struct perftrace_probe *probe;
	struct perftrace_event *event;

	succeed(context,
		perftrace_probe_new(context, PERFTRACE_EVENT_UPROBE, &probe));
	refuse(context, perftrace_probe_make_event(probe, &event), -EINVAL,
	       "uprobe");
	succeed(context, perftrace_probe_set_symbol(probe, "probed"));
	refuse(context, perftrace_probe_make_event(probe, &event), -EINVAL,
	       "no file");
	perftrace_probe_free(probe);
	succeed(context, perftrace_probe_new(context, PERFTRACE_EVENT_URETPROBE,
					     &probe));
	succeed(context, perftrace_probe_set_path(probe, own_program()));
	refuse(context, perftrace_probe_make_event(probe, &event), -EINVAL,
	       "no place");
	refuse(context, perftrace_probe_set_module(probe, "ext4"), -EINVAL,
	       "module");
	refuse(context, perftrace_probe_set_provider(probe, "libc"), -EINVAL,
	       "provider");
	refuse(context, perftrace_probe_set_offset_bytes(probe, 1), -EINVAL,
	       "offset");
	refuse(context, perftrace_probe_set_max_active(probe, 1), -EINVAL,
	       "maxactive");
	perftrace_probe_free(probe);
	perftrace_context_unref(context);
}
END_TEST

/* Longer than the kernel's line, and more than it takes. */
START_TEST(definitions_that_are_too_long)
{
	struct perftrace_context *context = new_context();
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	char argument[64];
	int i;

	succeed(context,
		perftrace_probe_new(context, PERFTRACE_EVENT_UPROBE, &probe));
	succeed(context, perftrace_probe_set_path(probe, own_program()));
	succeed(context, perftrace_probe_set_symbol(probe, "probed"));
	for (i = 0; i < 128; i++) {
		snprintf(argument, sizeof(argument),
			 "a_name_of_thirty_letters_%d=$arg1:u64", 10000 + i);
		succeed(context, perftrace_probe_add_argument(probe, argument));
	}
	refuse(context, perftrace_probe_add_argument(probe, "$arg1"), -EINVAL,
	       "128");
	refuse(context, perftrace_probe_make_event(probe, &event), -E2BIG,
	       "4094");
	perftrace_probe_free(probe);
	ck_assert_uint_eq(count_probes_of(getpid()), 0);
	perftrace_context_unref(context);
}
END_TEST

/* As many as there may be, if they are short. */
START_TEST(as_many_arguments_as_there_may_be)
{
	static const struct session_request request = { .is_self = true };
	struct perftrace_context *context = new_context();
	struct perftrace_session *session;
	struct perftrace_record *record;
	struct perftrace_probe *probe;
	struct perftrace_event *event;
	char argument[64];
	int i;

	succeed(context,
		perftrace_probe_new(context, PERFTRACE_EVENT_UPROBE, &probe));
	succeed(context, perftrace_probe_set_path(probe, own_program()));
	succeed(context, perftrace_probe_set_symbol(probe, "probed"));
	for (i = 0; i < 128; i++) {
		snprintf(argument, sizeof(argument), "v%d=$arg1:s32", i);
		succeed(context, perftrace_probe_add_argument(probe, argument));
	}
	succeed(context, perftrace_probe_make_event(probe, &event));
	perftrace_probe_free(probe);
	ck_assert_uint_eq(count_fields(event), 129);
	session = event_session(context, event, &request);
	succeed(context, perftrace_session_start(session));
	probed(-4242);
	succeed(context, perftrace_session_stop(session));
	record = next_sample(context, session);
	ck_assert_ptr_nonnull(record);
	for (i = 0; i < 128; i++) {
		snprintf(argument, sizeof(argument), "v%d", i);
		ck_assert_int_eq(get_s64(context, record, argument), -4242);
	}
	perftrace_session_free(session);
	perftrace_event_unref(event);
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(places_that_do_not_exist),
	TEST(offsets_that_make_no_sense),
	TEST(arguments_that_a_program_has_not),
	TEST(arguments_that_the_kernel_refuses),
	TEST(local_probes_with_arguments),
	TEST(arguments_that_were_added),
	TEST(specs_that_can_not_be_read),
	TEST(sessions_refuse_the_same),
	TEST(processes_that_have_ended),
	TEST(probes_that_are_not_complete),
	TEST(definitions_that_are_too_long),
	TEST(as_many_arguments_as_there_may_be),
};

HARNESS_MAIN("uprobe-refusal", tests, HARNESS_LIVE)
