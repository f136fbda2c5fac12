/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel's own tests have for arguments that are well or badly
 * written, and for what is recorded then: in its
 * tools/testing/selftests/ftrace/test.d/kprobe/, kprobe_args*.tc,
 * kprobe_eventname.tc, kretprobe_*.tc and kprobe_non_uniq_symbol.tc; through
 * the library's calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "harness.h"
#include "probed.h"

#define GETPPID SYSTEM_CALL("getppid")

/* A variable of the kernel, and the registers of the machine. */
#define VARIABLE "linux_banner"
#if defined(__aarch64__)
#define REGISTER    "%x0"
#define NO_REGISTER "%ax"
#define SECOND	    "%x1"
#else
#define REGISTER    "%ax"
#define NO_REGISTER "%ex"
#define SECOND	    "%si"
#endif

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const good[] = {
	REGISTER,
	"@" VARIABLE,
	"@" VARIABLE "+10",
	"@" VARIABLE "-10",
	"$stack",
	"$stack0",
	"$stack1",
	"$comm",
	"+0(" REGISTER ")",
	"-0(" REGISTER ")",
	"+10($stack)",
	"+0($stack1)",
	"+10(@" VARIABLE "-10)",
	"+0(+10(+20($stack)))",
	"name=" REGISTER,
	REGISTER ":x16",
	"$comm:string",
	"+0($stack):string",
};

static const char *const bad[] = {
	NO_REGISTER,
	"@",
	"@no_such_variable",
	"@" VARIABLE "*10",
	"@" VARIABLE "/10",
	"@" VARIABLE "%10",
	"@" VARIABLE "&10",
	"@" VARIABLE "|10",
	"$stackp",
	"$stack0+10",
	"$stack1-10",
	"$retval",
	"+(" REGISTER ")",
	"(" REGISTER "+10)",
	"-(" REGISTER ")",
	"(" REGISTER ")",
	"+10($comm)",
	"+0(" REGISTER ")+10",
	"name=other=" REGISTER,
	REGISTER "::x16",
	REGISTER ":y16",
	"x16:" REGISTER,
	"$comm:x64",
	"$stack:string",
	REGISTER ":string",
};

static int make_with(struct perftrace_context *context, const char *argument)
{
	struct perftrace_event *event;
	struct perftrace_probe *probe;
	int ret;

	succeed(context, perftrace_probe_new_from_spec(
				 context, "kprobe:vfs_read", &probe));
	succeed(context, perftrace_probe_add_argument(probe, argument));
	ret = perftrace_probe_make_event(probe, &event);
	if (!ret)
		perftrace_event_unref(event);
	perftrace_probe_free(probe);
	return ret;
}

START_TEST(good_arguments)
{
	struct perftrace_context *context;
	char address[32];
	size_t i;

	need_kprobes();
	context = new_context();
	for (i = 0; i < COUNT(good); i++) {
		int ret = make_with(context, good[i]);

		ck_assert_msg(!ret, "\"%s\": %s", good[i],
			      perftrace_context_error(context));
	}
	snprintf(address, sizeof(address), "@%#lx",
		 (unsigned long)find_address(VARIABLE));
	succeed(context, make_with(context, address));
	perftrace_context_unref(context);
}
END_TEST

START_TEST(bad_arguments)
{
	struct perftrace_context *context;
	size_t i;

	need_kprobes();
	context = new_context();
	for (i = 0; i < COUNT(bad); i++) {
		int ret = make_with(context, bad[i]);
		int position = perftrace_context_get_error_position(context);

		ck_assert_msg(ret < 0, "\"%s\" is taken", bad[i]);
		/* 6.1 gives no reason for one of them. */
		ck_assert_msg((position >= 0 &&
			       position <= (int)strlen(bad[i])) ||
				      strstr(perftrace_context_error(context),
					     "refuses \"p:"),
			      "\"%s\": at %d: %s", bad[i], position,
			      perftrace_context_error(context));
	}
	perftrace_context_unref(context);
}
END_TEST

static void watch_getppid(struct watch *watch, const char *spec)
{
	watch_self(watch, spec);
	getppid();
	watch_stop(watch);
	watch_next(watch);
}

/* The same word in all types of one width, and four bits of it. */
static void compare_types(unsigned int width)
{
	uint64_t mask = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
	struct watch watch;
	char spec[200];
	uint64_t value;

	snprintf(spec, sizeof(spec),
		 "kprobe:" GETPPID "(s=@" VARIABLE ":s%u, u=@" VARIABLE
		 ":u%u, x=@" VARIABLE ":x%u, b=@" VARIABLE ":b4@4/%u, "
		 "word=@" VARIABLE ")",
		 width, width, width, width);
	watch_getppid(&watch, spec);
	value = watch_unsigned(&watch, "word") & mask;
	ck_assert_uint_eq(watch_unsigned(&watch, "u"), value);
	ck_assert_uint_eq(watch_unsigned(&watch, "x"), value);
	ck_assert_uint_eq((uint64_t)watch_signed(&watch, "s") & mask, value);
	ck_assert_uint_eq(watch_unsigned(&watch, "b"), value >> 4 & 15);
	/* "Linu" begins it. */
	ck_assert_uint_eq(value & 0xff, 'L');
	watch_free(&watch);
}

START_TEST(types_of_each_width)
{
	need_kprobes();
	compare_types(8);
	compare_types(16);
	compare_types(32);
	compare_types(64);
}
END_TEST

START_TEST(a_bitfield_in_the_middle)
{
	struct watch watch;

	need_kprobes();
	watch_getppid(&watch, "kprobe:" GETPPID "(@" VARIABLE ":b8@4/32, "
			      "word=@" VARIABLE ":u32)");
	ck_assert_uint_eq(watch_unsigned(&watch, "arg1"),
			  watch_unsigned(&watch, "word") >> 4 & 0xff);
	watch_free(&watch);
}
END_TEST

static void set_name(const char *name)
{
	ck_assert_int_eq(prctl(PR_SET_NAME, name), 0);
}

START_TEST(strings_and_letters)
{
	struct watch watch;
	bool has_char;

	need_kprobes();
	has_char = readme_says("char, string");
	watch_self(&watch, has_char ? "kprobe:__set_task_comm("
				      "text=+0(" SECOND "):string, "
				      "text2=+0(" SECOND "):string, "
				      "letter=+0(" SECOND "):char, "
				      "letters=+0(" SECOND "):char[4])" :
				      "kprobe:__set_task_comm("
				      "text=+0(" SECOND "):string, "
				      "text2=+0(" SECOND "):string)");
	set_name("test name");
	watch_stop(&watch);
	watch_next(&watch);
	watch_expect_string(&watch, "text", "test name");
	watch_expect_string(&watch, "text2", "test name");
	if (has_char) {
		ck_assert_int_eq(watch_signed(&watch, "letter"), 't');
		ck_assert_uint_eq(watch_element(&watch, "letters", 0), 't');
		ck_assert_uint_eq(watch_element(&watch, "letters", 2), 's');
	}
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
}
END_TEST

/* Memory of the kernel is none of the program's. */
START_TEST(memory_of_the_other_side)
{
	static const char link[] = "/tmp/perftrace-probed-link";
	struct watch watch;

	need_kprobes();
	watch_self(&watch, "kprobe:vfs_symlink(right=oldname:string, "
			   "wrong=oldname:ustring)");
	ck_assert_int_eq(symlink("target", link), 0);
	watch_stop(&watch);
	ck_assert_int_eq(unlink(link), 0);
	watch_next(&watch);
	watch_expect_string(&watch, "right", "target");
	watch_expect_string(&watch, "wrong", "");
	watch_expect_rest(&watch, 0);
	watch_free(&watch);
}
END_TEST

START_TEST(values_of_the_stack)
{
	struct watch watch;

	need_kprobes();
	watch_getppid(&watch, "kprobe:" GETPPID "($stack, $stack0, +0($stack), "
			      "$stack1, +8($stack))");
	ck_assert_uint_ne(watch_unsigned(&watch, "arg1"), 0);
	ck_assert_uint_eq(watch_unsigned(&watch, "arg2"),
			  watch_unsigned(&watch, "arg3"));
	ck_assert_uint_eq(watch_unsigned(&watch, "arg4"),
			  watch_unsigned(&watch, "arg5"));
	watch_free(&watch);
}
END_TEST

START_TEST(the_task_s_name)
{
	struct watch watch;

	need_kprobes();
	set_name("whoever");
	watch_getppid(&watch, "kprobe:" GETPPID "(comm=$comm)");
	watch_expect_string(&watch, "comm", "whoever");
	watch_free(&watch);
}
END_TEST

START_TEST(a_return_value)
{
	struct watch watch;

	need_kprobes();
	watch_getppid(&watch,
		      "kretprobe:" GETPPID "($retval, raw=$retval:s32)");
	ck_assert_int_eq(watch_signed(&watch, "retval"), getppid());
	ck_assert_int_eq(watch_signed(&watch, "raw"), getppid());
	watch_free(&watch);
}
END_TEST

/* Of the last call: making another probe opens files, too. */
static uint64_t last_value(struct watch *watch, const char *field)
{
	uint64_t value = 0;
	int ret;

	while ((ret = perftrace_session_read(watch->session, -1,
					     &watch->record)) > 0)
		if (perftrace_record_get_kind(watch->record) ==
		    PERFTRACE_RECORD_SAMPLE)
			value = watch_unsigned(watch, field);
	succeed(watch->context, ret);
	return value;
}

/* An argument at the entry is the one at the return. */
START_TEST(an_entry_argument_at_the_return)
{
	struct watch entry, leave;
	uint64_t value;
	int fd;

	need_kprobes();
	if (!readme_says("kernel return probes support: $retval, $arg<N>"))
		skip("the kernel does not keep arguments until the return");
	watch_self(&entry, "kprobe:vfs_open(arg=$arg1)");
	watch_self(&leave, "kretprobe:vfs_open(arg=$arg1)");
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	watch_stop(&leave);
	watch_stop(&entry);
	value = last_value(&entry, "arg");
	ck_assert_uint_ne(value, 0);
	ck_assert_uint_eq(last_value(&leave, "arg"), value);
	watch_free(&leave);
	watch_free(&entry);
	close(fd);
}
END_TEST

static void expect_line(const char *spec, const char *type)
{
	struct perftrace_context *context = new_context();
	struct perftrace_event *event = make_probe(context, spec);
	char *text = read_text(TRACEFS "kprobe_events"), wanted[200];

	snprintf(wanted, sizeof(wanted), "%s:%s", type,
		 perftrace_event_get_tracefs_name(event));
	*strchr(strchr(wanted, ':') + 1, ':') = '/';
	ck_assert_msg(strstr(text, wanted) != NULL, "no %s in: %s", wanted,
		      text);
	free(text);
	perftrace_event_unref(event);
	ck_assert_uint_eq(count_own_probes(), 0);
	perftrace_context_unref(context);
}

START_TEST(maxactive)
{
	struct perftrace_context *context;

	need_kprobes();
	expect_line("kretprobe,named:inet_csk_accept", "");
	expect_line("kretprobe,maxactive=77:inet_csk_accept", "r77");
	context = new_context();
	refuse_probe(context, "kretprobe,maxactive=1000000:inet_csk_accept",
		     -EINVAL, 20, "1000000");
	refuse_probe(context, "kretprobe,maxactive=10fuzz:inet_csk_accept",
		     -EINVAL, 22, "no digit");
	refuse_probe(context, "areaprobe:inet_csk_accept:x(1)", -EINVAL, 0, "");
	perftrace_context_unref(context);
}
END_TEST

/* The event of a function with a dot in its name has none. */
START_TEST(names_with_a_dot)
{
	char *text, *line, *rest = NULL, spec[200];
	struct perftrace_context *context;
	struct perftrace_event *event;

	need_kprobes();
	text = read_text(TRACEFS "available_filter_functions");
	ck_assert_ptr_nonnull(text);
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (strstr(line, ".isra.") && !strchr(line, ' ') &&
		    count_functions(line) == 1)
			break;
	ck_assert_msg(line != NULL, "the kernel has no .isra function");
	snprintf(spec, sizeof(spec), "kprobe,named:%s", line);
	context = new_context();
	event = make_probe(context, spec);
	ck_assert_ptr_nonnull(strchr(perftrace_event_get_name(event), '.'));
	ck_assert_ptr_null(
		strchr(perftrace_event_get_tracefs_name(event), '.'));
	perftrace_event_unref(event);
	perftrace_context_unref(context);
	free(text);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(good_arguments),	   TEST(bad_arguments),
	TEST(types_of_each_width), TEST(a_bitfield_in_the_middle),
	TEST(strings_and_letters), TEST(memory_of_the_other_side),
	TEST(values_of_the_stack), TEST(the_task_s_name),
	TEST(a_return_value),	   TEST(an_entry_argument_at_the_return),
	TEST(maxactive),	   TEST(names_with_a_dot),
};

HARNESS_MAIN("probe_syntax", tests, HARNESS_LIVE)
