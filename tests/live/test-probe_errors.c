/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cases that the kernel's own tests have for definitions of probes: its
 * tools/testing/selftests/ftrace/test.d/kprobe/, kprobe_syntax_errors.tc and
 * uprobe_syntax_errors.tc. Each is told to the kernel letter by letter, and
 * what is read out of its error_log points to the same column. Those that can
 * be said with the library's calls are said with these, too: the position in
 * the argument is the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "definition.h"
#include "harness.h"
#include "probed.h"

#define LETTERS_65                                                             \
	"12345678901234567890123456789012345678901234567890123456789012345"

/* 6.1 knows the type and takes it here; those that say this refuse it. */
#define REFUSES_SYMSTR "symstr, %pd/%pD"

#define WITH_BTF   "<argname>"
#define WITH_IMM   "imm-value"
#define WITH_TEXT  "imm-string"
#define WITH_ARRAY "<type>\\[<array-size>\\]"

/* Refused; with a mark before the letter that the kernel points to. */
struct refusal {
	/* What the kernel's README must say of itself, or NULL. */
	const char *needs;
	const char *marked;
};

static const struct refusal definitions[] = {
	{ "r[maxactive]", "p^100 vfs_read" },
	{ "r[maxactive]", "r^1a111 vfs_read" },
	{ "r[maxactive]", "r^100000 vfs_read" },

	{ NULL, "p ^no_such_function" },
	{ NULL, "p ^no-function" },
	{ NULL, "p ^vfs+1000-1000" },
	{ NULL, "r ^vfs_read+10" },
	{ "[+<offset>]%return", "p vfs_read^%back" },
	{ "[+<offset>]%return", "p ^vfs_read+10%return" },

	{ NULL, "p:^/event vfs_read" },
	{ NULL, "p:^" LETTERS_65 "/event vfs_read" },
	{ NULL, "p:^group.1/event vfs_read" },
	{ NULL, "p:^ vfs_read" },
	{ NULL, "p:group/^" LETTERS_65 " vfs_read" },
	{ NULL, "p:group/^event.1 vfs_read" },

	/* The second of two. */
	{ NULL, "p vfs_read twice=@11 ^twice=@12" },
	{ WITH_BTF, "p vfs_read $arg* ^$arg*" },
	{ WITH_BTF, "p vfs_read+20 ^$arg*" },
	{ WITH_BTF, "p kfree ^$arg10" },
	{ "place (kretprobe)", "r vfs_read ^%none" },
	{ WITH_BTF, "r kfree ^$retval" },
};

/* As an argument of a kprobe at vfs_read. */
static const struct refusal arguments[] = {
	{ NULL, "^$retval" },
	{ NULL, "^$stack10000" },
	{ "$arg<N>", "^$arg10000" },
	{ NULL, "^$no_such" },
	{ NULL, "^%no_such" },
	{ NULL, "^@12345678abcde" },
	{ NULL, "^@+10" },
	{ WITH_IMM, "value=\\^x" },
	{ WITH_TEXT, "value=\\\"abcd^" },
	{ NULL, "^+0@0)" },
	{ NULL, "^+0ab1(@0)" },
	{ NULL, "+0(+0(@0^)" },
	{ "$comm", "+0(^$comm)" },
	{ NULL, "^&1" },
	{ WITH_ARRAY, "+0(^+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0"
		      "(@0))))))))))))))" },
	{ WITH_ARRAY, "+0(@11):u8[10^" },
	{ WITH_ARRAY, "+0(@11):u8[10]^a" },
	{ WITH_ARRAY, "+0(@11):u8[^10a]" },
	{ WITH_ARRAY, "+0(@11):u8[^256]" },
	{ NULL, "@11:^no_such_type" },
	{ NULL, "$stack0:^string" },
	{ NULL, "@11:^b10@a/16" },
	{ NULL, "^name12345678901234567890123456789=@11" },
	{ NULL, "^=@11" },
	{ NULL, "^name.1=@11" },
	{ NULL, "^+1234567(+1234567(+1234567(+1234567(+1234567(+1234567"
		"(@1234))))))" },
	{ NULL, "value=^" },
	{ WITH_BTF, "value=^$arg*" },
	{ WITH_BTF, "+0(^$arg*)" },
	{ WITH_BTF, "^no_such" },
};

static const struct refusal in_files[] = {
	{ NULL, "p ^/no_such_file:100" },
	{ NULL, "p ^/sys:100" },
	{ NULL, "p /bin/sh:^10a" },
	{ NULL, "p /bin/sh:10(^1a)" },
	{ NULL, "p /bin/sh:10(10^" },
	{ NULL, "p /bin/sh:10(10)^a" },
	{ NULL, "p /bin/sh:10 ^@+ab" },
	{ NULL, "p /bin/sh:10 ^@symbol" },
	{ "<path>:<offset>[%return]", "p /bin/sh:10^%back" },
	{ "<path>:<offset>[%return]", "p /bin/sh:10(10)^%return" },
	{ REFUSES_SYMSTR, "p /bin/sh:10 $stack0:^symstr" },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Cut the mark out: the text without it, and where it was. */
static size_t unmark(const char *marked, char *text, size_t text_bytes)
{
	size_t column = strcspn(marked, "^");

	ck_assert_uint_lt(strlen(marked), text_bytes);
	snprintf(text, text_bytes, "%.*s%s", (int)column, marked,
		 marked[column] ? marked + column + 1 : "");
	return column;
}

static int write_definition(const char *file, const char *text)
{
	char path[64];
	int fd, ret;

	snprintf(path, sizeof(path), TRACEFS "%s", file);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static void expect_column(const char *text, size_t column)
{
	struct definition *definition = malloc(sizeof(*definition));
	char *log = read_text(TRACEFS "error_log");
	const char *reason = NULL;
	size_t found = 0;

	ck_assert_ptr_nonnull(definition);
	ck_assert_ptr_nonnull(log);
	definition_begin(definition);
	definition_copy(definition, 0, text);
	ck_assert_msg(definition_find_error(definition, log, &reason, &found),
		      "\"%s\" is not in error_log", text);
	ck_assert_msg(found == column, "\"%s\": column %zu, not %zu: %s", text,
		      found, column, reason);
	ck_assert_str_ne(reason, "");
	/* The same in the caller's text. */
	ck_assert_int_eq(definition_find(definition, found), (int32_t)found);
	free(log);
	free(definition);
}

static void refuse_definition(const char *file, const struct refusal *refusal)
{
	char text[256];
	size_t column = unmark(refusal->marked, text, sizeof(text));
	int ret;

	if (refusal->needs && !readme_says(refusal->needs))
		return;
	ret = write_definition(file, text);
	ck_assert_msg(ret < 0, "the kernel takes \"%s\"", text);
	expect_column(text, column);
}

START_TEST(definitions_of_kprobes)
{
	size_t i;

	need_kprobes();
	for (i = 0; i < COUNT(definitions); i++)
		refuse_definition("kprobe_events", &definitions[i]);
}
END_TEST

START_TEST(arguments_of_kprobes)
{
	char marked[256];
	size_t i;

	need_kprobes();
	for (i = 0; i < COUNT(arguments); i++) {
		snprintf(marked, sizeof(marked), "p vfs_read %s",
			 arguments[i].marked);
		refuse_definition("kprobe_events",
				  &(struct refusal){ arguments[i].needs,
						     marked });
	}
}
END_TEST

START_TEST(definitions_of_uprobes)
{
	size_t i;

	for (i = 0; i < COUNT(in_files); i++)
		refuse_definition("uprobe_events", &in_files[i]);
}
END_TEST

/* A second probe of an event must be like the first. */
START_TEST(second_probes)
{
	static const struct refusal others[] = {
		{ NULL, "^r:probe_errors/event kernel_clone" },
		{ NULL, "p:probe_errors/event kernel_clone ^other=\\1" },
		{ NULL, "p:probe_errors/event kernel_clone ^value=\\1:u8" },
		{ NULL, "p:probe_errors/event kernel_clone ^value=\\\"text\"" },
		{ NULL, "^p:probe_errors/event kernel_clone value=\\1" },
	};
	size_t i;

	need_kprobes();
	if (!readme_says(WITH_IMM) || !readme_says("Create/append/"))
		skip("the kernel has one probe for each event");
	ck_assert_int_eq(
		write_definition("kprobe_events",
				 "p:probe_errors/event kernel_clone value=\\1"),
		0);
	for (i = 0; i < COUNT(others); i++)
		refuse_definition("kprobe_events", &others[i]);
	ck_assert_int_eq(
		write_definition("kprobe_events", "-:probe_errors/event"), 0);
}
END_TEST

static int make_with(struct perftrace_context *context, const char *spec,
		     const char *argument)
{
	struct perftrace_event *event;
	struct perftrace_probe *probe;
	int ret;

	succeed(context, perftrace_probe_new_from_spec(context, spec, &probe));
	ret = perftrace_probe_add_argument(probe, argument);
	if (!ret)
		ret = perftrace_probe_make_event(probe, &event);
	if (!ret)
		perftrace_event_unref(event);
	perftrace_probe_free(probe);
	return ret;
}

static void refuse_argument(const char *spec, const struct refusal *refusal)
{
	struct perftrace_context *context;
	char text[256];
	size_t column = unmark(refusal->marked, text, sizeof(text));
	int ret;

	if (refusal->needs && !readme_says(refusal->needs))
		return;
	context = new_context();
	ret = make_with(context, spec, text);
	ck_assert_msg(ret < 0, "%s takes \"%s\"", spec, text);
	ck_assert_msg(perftrace_context_get_error_position(context) ==
			      (int32_t)column,
		      "%s, \"%s\": %d, not %zu: %s", spec, text,
		      perftrace_context_get_error_position(context), column,
		      perftrace_context_error(context));
	ck_assert_uint_eq(count_own_probes(), 0);
	perftrace_context_unref(context);
}

START_TEST(the_library_s_word_for_it)
{
	size_t i;

	need_kprobes();
	for (i = 0; i < COUNT(arguments); i++)
		refuse_argument("kprobe:vfs_read", &arguments[i]);
}
END_TEST

START_TEST(the_library_s_word_for_files)
{
	static const struct refusal in_file[] = {
		{ NULL, "^@+ab" },
		{ NULL, "^@symbol" },
		{ REFUSES_SYMSTR, "$stack0:^symstr" },
		{ NULL, "^%no_such" },
		{ NULL, "name=^$no_such" },
		{ NULL, "%ip:^no_such_type" },
	};
	struct perftrace_context *context = new_context();
	char path[200] = "", spec[256];
	size_t i;

	ck_assert_int_gt(readlink("/proc/self/exe", path, sizeof(path) - 1), 0);
	snprintf(spec, sizeof(spec), "uprobe:%s:main", path);
	for (i = 0; i < COUNT(in_file); i++)
		refuse_argument(spec, &in_file[i]);
	refuse_probe(context, "uprobe:/no_such_file:0x100", -ENOENT, 7,
		     "/no_such_file");
	refuse_probe(context, "uprobe:/sys:0x100", -EISDIR, 7, "/sys");
	refuse_probe(context, "uprobe:/bin/sh:10a", -EINVAL, 17, "no digit");
	perftrace_context_unref(context);
}
END_TEST

/* The position in a spec is that in the argument, and where that begins. */
START_TEST(positions_in_a_spec)
{
	struct perftrace_context *context;

	need_kprobes();
	context = new_context();
	refuse_probe(context, "kprobe:vfs_read(%di, $no_such, count)", -EINVAL,
		     21, "$no_such", "column 22");
	refuse_probe(context, "kprobe,name=my:vfs_read(count, x=%no)", -EINVAL,
		     33, "%no", "column 34");
	refuse_probe(context, "kprobe:vfs_read(+0(%di):u8[256])", -EINVAL, 27,
		     "column 28");
	refuse_probe(context, "kprobe:vfs_read(twice=%di, twice=%si)", -EINVAL,
		     27, "twice");
	refuse_probe(context, "kprobe:vfs_read(count, buf:u128)", -EINVAL, 27,
		     "u128");
	refuse_probe(context, "kretprobe:vfs_read($retval:u7)", -EINVAL, 27,
		     "u7");
	refuse_probe(context, "kprobe:no_such_function(%di)", -ENOENT, 7,
		     "no_such_function");
	perftrace_context_unref(context);
}
END_TEST

START_TEST(kernels_without_kprobes)
{
	struct perftrace_context *context;

	if (!access(TRACEFS "kprobe_events", F_OK))
		skip("the kernel has kprobes");
	context = new_context();
	refuse_probe(context, "kprobe:vfs_read", -EOPNOTSUPP, -1,
		     "kprobe:vfs_read", "no such probes");
	expect_remedy(context, "CONFIG_KPROBE_EVENTS");
	refuse_probe(context, "kretprobe,local:vfs_read", -EOPNOTSUPP, -1,
		     "no local probes", "kprobe PMU");
	refuse_probe(context, "kprobe,named:vfs_read", -EOPNOTSUPP, -1,
		     "no named kprobes", "kprobe_events");
	refuse_probe(context, "kprobe:vfs_read(%di)", -EOPNOTSUPP, -1,
		     "no named kprobes");
	expect_remedy(context, "CONFIG_KPROBE_EVENTS");
	perftrace_context_unref(context);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(definitions_of_kprobes),	 TEST(arguments_of_kprobes),
	TEST(definitions_of_uprobes),	 TEST(second_probes),
	TEST(the_library_s_word_for_it), TEST(the_library_s_word_for_files),
	TEST(positions_in_a_spec),	 TEST(kernels_without_kprobes),
};

HARNESS_MAIN("probe_errors", tests, HARNESS_LIVE)
