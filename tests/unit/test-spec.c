/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/probe.h>

#include "harness.h"
#include "log.h"
#include "probe_settings.h"
#include "spec.h"

static struct log *spec_log;
static struct probe_settings settings;

static void parse(const char *spec)
{
	int ret;

	if (!spec_log)
		spec_log = log_new();
	probe_settings_clear(&settings);
	ck_assert_msg(spec_is_probe(spec), "%s", spec);
	ret = spec_parse(spec_log, spec, &settings);
	ck_assert_msg(!ret, "%s", log_get_error(spec_log));
}

/* Refused at @column, counted from 0, for a reason with these words in it. */
static void expect_bad(const char *spec, int column, const char *words)
{
	char place[32];

	if (!spec_log)
		spec_log = log_new();
	probe_settings_clear(&settings);
	ck_assert_int_eq(spec_parse(spec_log, spec, &settings), -EINVAL);
	ck_assert_msg(strstr(log_get_error(spec_log), words), "%s: no \"%s\"",
		      log_get_error(spec_log), words);
	ck_assert_msg(log_get_position(spec_log) == column, "%s: at %d",
		      log_get_error(spec_log), (int)log_get_position(spec_log));
	snprintf(place, sizeof(place), "at column %d", column + 1);
	ck_assert_msg(strstr(log_get_error(spec_log), place), "%s: no \"%s\"",
		      log_get_error(spec_log), place);
}

static void expect_argument(size_t index, const char *text, int position)
{
	ck_assert_uint_lt(index, settings.num_arguments);
	ck_assert_str_eq(settings.arguments[index].text, text);
	ck_assert_int_eq(settings.arguments[index].position, position);
}

static void release(void)
{
	probe_settings_clear(&settings);
	log_free(spec_log);
	spec_log = NULL;
}

START_TEST(knows_probes_from_other_events)
{
	ck_assert(spec_is_probe("kprobe:x"));
	ck_assert(spec_is_probe("kretprobe,named:x"));
	ck_assert(spec_is_probe("usdt:"));
	ck_assert(!spec_is_probe("kprobe"));
	ck_assert(!spec_is_probe("kprobes:x"));
	ck_assert(!spec_is_probe("sched:sched_switch"));
	ck_assert(!spec_is_probe("k*:x"));
	ck_assert(!spec_is_probe(""));
}
END_TEST

START_TEST(reads_kernel_functions)
{
	parse("kprobe:vfs_read");
	ck_assert_int_eq(settings.kind, PERFTRACE_EVENT_KPROBE);
	ck_assert_int_eq(settings.mode, PERFTRACE_PROBE_AUTO);
	ck_assert_int_eq(settings.place, PLACE_SYMBOL);
	ck_assert_str_eq(settings.symbol, "vfs_read");
	ck_assert_int_eq(settings.symbol_position, 7);
	ck_assert_ptr_null(settings.module);
	ck_assert(!settings.has_arguments);

	parse("kretprobe:ext4:ext4_file_open.isra.0+0x10");
	ck_assert_int_eq(settings.kind, PERFTRACE_EVENT_KRETPROBE);
	ck_assert_str_eq(settings.module, "ext4");
	ck_assert_int_eq(settings.module_position, 10);
	ck_assert_str_eq(settings.symbol, "ext4_file_open.isra.0");
	ck_assert_uint_eq(settings.offset, 16);
	ck_assert_int_eq(settings.offset_position, 37);

	parse("kprobe:0xffffffff81234560(%di)");
	ck_assert_int_eq(settings.place, PLACE_ADDRESS);
	ck_assert_uint_eq(settings.offset, 0xffffffff81234560);
	ck_assert_ptr_null(settings.symbol);
	release();
}
END_TEST

START_TEST(reads_places_in_files)
{
	parse("uprobe:/bin/bash:readline");
	ck_assert_int_eq(settings.kind, PERFTRACE_EVENT_UPROBE);
	ck_assert_str_eq(settings.path, "/bin/bash");
	ck_assert_int_eq(settings.path_position, 7);
	ck_assert_str_eq(settings.symbol, "readline");
	ck_assert_int_eq(settings.symbol_position, 17);

	parse("uretprobe:libc.so.6:malloc@@GLIBC_2.2.5+4");
	ck_assert_str_eq(settings.path, "libc.so.6");
	ck_assert_str_eq(settings.symbol, "malloc@@GLIBC_2.2.5");
	ck_assert_uint_eq(settings.offset, 4);

	parse("uprobe:a.out:0x401136");
	ck_assert_int_eq(settings.place, PLACE_ADDRESS);
	ck_assert_uint_eq(settings.offset, 0x401136);

	parse("uprobe:a.out:+4406");
	ck_assert_int_eq(settings.place, PLACE_FILE_OFFSET);
	ck_assert_uint_eq(settings.offset, 4406);
	release();
}
END_TEST

START_TEST(reads_quoted_texts)
{
	parse("uprobe:\"/a b:c\\\"d\\\\\":\"ns::f(int, char)\"+8($arg1)");
	ck_assert_str_eq(settings.path, "/a b:c\"d\\");
	ck_assert_int_eq(settings.path_position, 8);
	ck_assert_str_eq(settings.symbol, "ns::f(int, char)");
	ck_assert_uint_eq(settings.offset, 8);
	expect_argument(0, "$arg1", 42);

	parse("uprobe:a.out:ns::f");
	ck_assert_str_eq(settings.symbol, "ns::f");
	release();
}
END_TEST

START_TEST(reads_markers)
{
	parse("usdt:/bin/app:shop:sale");
	ck_assert_int_eq(settings.kind, PERFTRACE_EVENT_USDT);
	ck_assert_str_eq(settings.provider, "shop");
	ck_assert_str_eq(settings.symbol, "sale");
	ck_assert(!settings.has_arguments);

	parse("usdt:/bin/app:\"a:b\"");
	ck_assert_ptr_null(settings.provider);
	ck_assert_str_eq(settings.symbol, "a:b");
	parse("usdt:/bin/app:\"a:b\":\"c:(d\"(arg1)");
	ck_assert_str_eq(settings.provider, "a:b");
	ck_assert_str_eq(settings.symbol, "c:(d");

	parse("usdt:/bin/app:sale()");
	ck_assert_ptr_null(settings.provider);
	ck_assert_str_eq(settings.symbol, "sale");
	ck_assert(settings.has_arguments);
	ck_assert_uint_eq(settings.num_arguments, 0);
	release();
}
END_TEST

START_TEST(reads_patterns)
{
	parse("function:vfs_*,ksys_read");
	ck_assert_int_eq(settings.kind, PERFTRACE_EVENT_FUNCTION);
	ck_assert_str_eq(settings.symbol, "vfs_*,ksys_read");
	release();
}
END_TEST

START_TEST(reads_options)
{
	parse("kretprobe,maxactive=64,named,name=sent:tcp_sendmsg");
	ck_assert_uint_eq(settings.max_active, 64);
	ck_assert_int_eq(settings.mode, PERFTRACE_PROBE_NAMED);
	ck_assert_str_eq(settings.name, "sent");
	ck_assert_str_eq(settings.symbol, "tcp_sendmsg");

	parse("uprobe,pid=4242,local:libc.so.6:malloc");
	ck_assert_int_eq(settings.pid, 4242);
	ck_assert_int_eq(settings.mode, PERFTRACE_PROBE_LOCAL);
	release();
}
END_TEST

START_TEST(reads_arguments)
{
	parse("kprobe:do_sys_openat2(dfd, filename:ustring )");
	ck_assert_uint_eq(settings.num_arguments, 2);
	expect_argument(0, "dfd", 22);
	expect_argument(1, "filename:ustring", 27);

	parse("kprobe:f(a=+0(+8(%di)):string,\\\"x,)y\",\"$b, c\", d)");
	ck_assert_uint_eq(settings.num_arguments, 4);
	expect_argument(0, "a=+0(+8(%di)):string", 9);
	expect_argument(1, "\\\"x,)y\"", 30);
	expect_argument(2, "$b, c", 39);
	expect_argument(3, "d", 47);
	ck_assert(settings.arguments[2].is_verbatim);
	parse("kprobe:f(\"a=+0(%\\si)\")");
	expect_argument(0, "a=+0(%si)", 10);
	ck_assert(!settings.arguments[0].is_verbatim);

	parse("kprobe:f( )");
	ck_assert_uint_eq(settings.num_arguments, 0);
	ck_assert(settings.has_arguments);
	release();
}
END_TEST

START_TEST(says_where_a_place_is_wrong)
{
	expect_bad("probe:x", 0, "no kind of probe");
	expect_bad("kprobe:", 7, "symbol is missing");
	expect_bad("kprobe:f+", 9, "number is missing");
	expect_bad("kprobe:f+x", 9, "number is missing");
	expect_bad("kprobe:f+8x", 10, "no digit");
	expect_bad("kprobe:f+99999999999999999999", 9, "too large");
	expect_bad("kprobe:m:", 9, "symbol is missing");
	expect_bad("kprobe:12g", 9, "no digit");
	expect_bad("uprobe:", 7, "file is missing");
	expect_bad("uprobe:/bin/sh", 14, "place in the file");
	expect_bad("uprobe:/bin/sh:", 15, "symbol is missing");
	expect_bad("uprobe:/bin/sh:+", 16, "number is missing");
	expect_bad("uprobe:\"/bin/sh:f", 7, "not closed");
	expect_bad("uprobe:\"\":f", 7, "empty");
	expect_bad("usdt:/bin/sh:", 13, "name is missing");
	expect_bad("usdt:/bin/sh::x", 13, "name is missing");
	expect_bad("function:", 9, "pattern is missing");
	release();
}
END_TEST

START_TEST(says_where_an_option_is_wrong)
{
	expect_bad("kprobe,:f", 7, "the options are");
	expect_bad("kprobe,fast:f", 7, "the options are");
	expect_bad("kprobe,locally:f", 12, "colon is missing");
	expect_bad("kprobe,local", 12, "colon is missing");
	release();
}
END_TEST

START_TEST(says_where_an_argument_is_wrong)
{
	expect_bad("kprobe:f(a", 8, "not closed");
	expect_bad("kprobe:f(a,", 11, "argument is missing");
	expect_bad("kprobe:f(a,)", 11, "argument is missing");
	expect_bad("kprobe:f(,a)", 9, "argument is missing");
	expect_bad("kprobe:f(\"a\" b)", 13, "comma is missing");
	expect_bad("kprobe:f(a)b", 11, "should end here");
	expect_bad("kprobe:f(\"a)", 9, "not closed");
	expect_bad("function:f(a)", 10, "no arguments");
	release();
}
END_TEST

START_TEST(says_where_a_number_is_out_of_range)
{
	expect_bad("kretprobe,maxactive=0:f", 20, "out of range");
	expect_bad("kretprobe,maxactive=4097:f", 20, "out of range");
	expect_bad("kretprobe,maxactive=1a111:f", 21, "no digit");
	expect_bad("kprobe,maxactive=4:f", 7, "goes with kretprobe");
	expect_bad("uprobe,pid=0:/bin/sh:f", 11, "out of range");
	expect_bad("kprobe,pid=1:f", 7, "goes with files");
	expect_bad("kprobe,name=1a:f", 12, "a name is of letters");
	expect_bad("kprobe,name=a-b:f", 12, "a name is of letters");
	expect_bad("kprobe,name=a2345678901234567890123456789012:f", 12,
		   "a name is of letters");
	release();
}
END_TEST

START_TEST(bounds_the_number_of_arguments)
{
	char spec[16 + 2 * (MOST_ARGUMENTS + 1)];
	size_t i;

	strcpy(spec, "kprobe:f(a");
	for (i = 1; i < MOST_ARGUMENTS; i++)
		strcat(spec, ",a");
	strcat(spec, ")");
	parse(spec);
	ck_assert_uint_eq(settings.num_arguments, MOST_ARGUMENTS);
	spec[strlen(spec) - 1] = '\0';
	strcat(spec, ",a)");
	probe_settings_clear(&settings);
	ck_assert_int_eq(spec_parse(spec_log, spec, &settings), -EINVAL);
	ck_assert_int_eq(log_get_position(spec_log), (int)strlen(spec) - 2);
	release();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(knows_probes_from_other_events),
	TEST(reads_kernel_functions),
	TEST(reads_places_in_files),
	TEST(reads_quoted_texts),
	TEST(reads_markers),
	TEST(reads_patterns),
	TEST(reads_options),
	TEST(reads_arguments),
	TEST(says_where_a_place_is_wrong),
	TEST(says_where_an_option_is_wrong),
	TEST(says_where_an_argument_is_wrong),
	TEST(says_where_a_number_is_out_of_range),
	TEST(bounds_the_number_of_arguments),
};

HARNESS_MAIN("spec", tests, HARNESS_UNIT)
