/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_tracefs.h"
#include "filter.h"
#include "format.h"
#include "harness.h"
#include "log.h"

static const char fields[] =
	"\tfield:int prio;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:unsigned int count;\toffset:12;\tsize:4;\tsigned:0;\n"
	"\tfield:char task[16];\toffset:16;\tsize:16;\tsigned:0;\n"
	"\tfield:__data_loc char[] path;\toffset:32;\tsize:4;\tsigned:0;\n"
	"\tfield:const char * user;\toffset:40;\tsize:8;\tsigned:0;\n"
	"\tfield:void * ip;\toffset:48;\tsize:8;\tsigned:0;\n"
	"\tfield:u8 octets[4];\toffset:56;\tsize:4;\tsigned:0;\n";

static struct log *event_log;
static struct format *format;

static int check(const char *filter)
{
	if (!format) {
		char *text = fake_format("event", 42, fields, "\"\"");

		event_log = log_new();
		ck_assert_int_eq(format_parse(event_log, "system:event", text,
					      strlen(text), &format, &format),
				 0);
		free(text);
	}
	return filter_check(event_log, "system:event", format, filter);
}

/* The format that check() has parsed does for this event, too: it has an ip. */
static int check_function(const char *filter)
{
	return filter_check(event_log, "ftrace:function", format, filter);
}

static void release(void)
{
	format_free(format);
	log_free(event_log);
}

static void expect_good(const char *filter)
{
	int ret = check(filter);

	ck_assert_msg(!ret, "%s", log_get_error(event_log));
}

/* Refused at @column, counted from 0, for a reason with these words in it. */
static void expect_bad(const char *filter, int column, const char *words)
{
	char place[32];

	ck_assert_int_eq(check(filter), -EINVAL);
	ck_assert_int_eq(log_get_position(event_log), column);
	ck_assert_msg(strstr(log_get_error(event_log), words), "%s: no \"%s\"",
		      log_get_error(event_log), words);
	snprintf(place, sizeof(place), "at column %d", column + 1);
	ck_assert_msg(strstr(log_get_error(event_log), place), "%s: no \"%s\"",
		      log_get_error(event_log), place);
}

START_TEST(takes_comparisons_of_numbers)
{
	expect_good("prio == 1");
	expect_good("prio!=1");
	expect_good("prio < -100");
	expect_good("prio <= 0x10");
	expect_good("prio >= 017");
	expect_good("count > 18446744073709551615");
	expect_good("count & 3");
	expect_good("common_pid == 1");
	expect_good("prio == 00000000000000000000001");
	expect_good("ip == 0xffffffff81000000");
	release();
}
END_TEST

START_TEST(takes_comparisons_of_strings)
{
	expect_good("task == \"bash\"");
	expect_good("task != 'it is \"quoted\"'");
	expect_good("task ~ \"k*\"");
	expect_good("path ~ \"*/bin/*\"");
	expect_good("path == \"\"");
	expect_good("user.ustring == \"x\"");
	release();
}
END_TEST

START_TEST(takes_combinations)
{
	expect_good("prio == 1 && count == 2");
	expect_good("prio == 1||count == 2");
	expect_good("(prio == 1)");
	expect_good(" ( prio == 1 || ( count == 2 ) ) && task == \"a\" ");
	expect_good("!(prio == 1)");
	expect_good("!!prio == 1");
	expect_good("! ( ! prio == 1 )");
	expect_good("prio == 1\n&&\tcount == 2");
	release();
}
END_TEST

START_TEST(takes_what_every_event_has)
{
	expect_good("CPU == 0");
	expect_good("cpu < 4");
	expect_good("common_cpu & 1");
	expect_good("COMM ~ \"k*\"");
	expect_good("comm == \"bash\"");
	expect_good("CPU & CPUS{0-3,8}");
	expect_good("ip.function == schedule");
	expect_good("ip.function != 0xffffffff81000000");
	release();
}
END_TEST

START_TEST(names_the_fields_there_are)
{
	expect_bad("pri == 1", 0, "no such field");
	ck_assert_str_eq(log_get_remedy(event_log),
			 "it has prio, count, task, path, user, ip, octets");
	expect_bad("prio == 1 && priox == 1", 13, "no such field");
	release();
}
END_TEST

START_TEST(says_where_a_comparison_is_missing)
{
	expect_bad("", 0, "a comparison is missing");
	expect_bad("  ", 2, "a comparison is missing");
	expect_bad("prio == 1 &&", 12, "a comparison is missing");
	expect_bad("prio == 1 && || count == 1", 13, "a comparison is missing");
	expect_bad("()", 1, "a comparison is missing");
	expect_bad("!", 1, "a comparison is missing");
	expect_bad("== 1", 0, "a comparison is missing");
	expect_bad("!= 1", 0, "a comparison is missing");
	release();
}
END_TEST

START_TEST(says_where_an_operator_is_wrong)
{
	expect_bad("prio", 4, "no operator");
	expect_bad("prio = 1", 5, "no operator");
	expect_bad("prio 1", 5, "no operator");
	expect_bad("task < \"a\"", 7, "==, != or ~");
	expect_bad("task & \"a\"", 7, "==, != or ~");
	expect_bad("prio ~ 1", 7, "quoted string");
	expect_bad("ip.function > schedule", 14, "== or !=");
	expect_bad("prio == 1 count == 1", 10, "neither && nor ||");
	expect_bad("prio == 1 & count == 1", 10, "neither && nor ||");
	release();
}
END_TEST

START_TEST(says_where_a_value_is_wrong)
{
	expect_bad("prio ==", 7, "a value is missing");
	expect_bad("prio == )", 8, "neither a number nor");
	expect_bad("prio == x", 8, "neither a number nor");
	expect_bad("prio == -", 8, "bad number");
	expect_bad("prio == 12x", 8, "bad number");
	expect_bad("prio == 0x", 8, "bad number");
	expect_bad("prio == 08", 8, "bad number");
	expect_bad("prio == 9223372036854775808", 8, "bad number");
	expect_bad("count == 18446744073709551616", 9, "bad number");
	expect_bad("count == -1", 9, "never negative");
	expect_bad("prio == 000000000000000000000001", 8, "too long");
	expect_bad("prio == 1.5", 9, "neither && nor ||");
	expect_bad("ip.function == ", 15, "name is missing");
	release();
}
END_TEST

START_TEST(says_when_the_value_is_of_another_kind)
{
	expect_bad("prio == \"1\"", 8, "with a number");
	expect_bad("octets == \"1\"", 10, "with a number");
	expect_bad("task == 1", 8, "with a quoted string");
	expect_bad("task == bash", 8, "neither a number nor");
	expect_bad("COMM == 1", 8, "with a quoted string");
	release();
}
END_TEST

START_TEST(says_where_a_quote_is_open)
{
	char filter[300];

	expect_bad("task == \"bash", 8, "quote is not closed");
	expect_bad("task == 'bash\"", 8, "quote is not closed");
	snprintf(filter, sizeof(filter), "task == \"%0255d\"", 0);
	expect_good(filter);
	snprintf(filter, sizeof(filter), "task == \"%0256d\"", 0);
	expect_bad(filter, 8, "longer than 255");
	release();
}
END_TEST

START_TEST(says_where_a_parenthesis_is_wrong)
{
	expect_bad("prio == 1)", 9, "not opened");
	expect_bad("(prio == 1))", 11, "not opened");
	expect_bad("(prio == 1", 10, "closing parenthesis");
	expect_bad("((prio == 1)", 12, "closing parenthesis");
	release();
}
END_TEST

START_TEST(says_where_a_cpu_list_is_wrong)
{
	expect_bad("CPU == CPUS", 7, "CPUS takes a list");
	expect_bad("CPU == CPUS{}", 7, "CPUS takes a list");
	expect_bad("CPU == CPUS{1", 7, "CPUS takes a list");
	expect_bad("CPU == CPUS 1}", 7, "CPUS takes a list");
	release();
}
END_TEST

START_TEST(refuses_what_is_longer_than_a_page)
{
	char filter[4097];

	memset(filter, ' ', sizeof(filter));
	memcpy(filter, "prio == 1", 9);
	filter[4095] = '\0';
	expect_good(filter);
	filter[4095] = ' ';
	filter[4096] = '\0';
	ck_assert_int_eq(check(filter), -EINVAL);
	ck_assert_int_eq(log_get_position(event_log), 4095);
	ck_assert_str_eq(log_get_error(event_log),
			 "system:event: the filter is longer than 4095 bytes");
	release();
}
END_TEST

/* What is wrong is worth more than what is right. */
START_TEST(says_why_a_long_filter_is_refused)
{
	char filter[2000];

	memset(filter, ' ', sizeof(filter));
	memcpy(filter + sizeof(filter) - 10, "prio == x", 10);
	expect_bad(filter, sizeof(filter) - 2, "neither a number nor");
	release();
}
END_TEST

START_TEST(takes_names_of_functions)
{
	static const char *const filters[] = {
		"ip == vfs_*",
		"ip == vfs_read || ip == \"vfs write*\"",
		"(ip != sys_*)",
	};
	size_t i;

	ck_assert_int_eq(check("prio == 1"), 0);
	for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		ck_assert_int_eq(check_function(filters[i]), 0);
	ck_assert_int_eq(check_function("ip =="), -EINVAL);
	ck_assert_int_eq(check_function("nothing == vfs_*"), -EINVAL);
	release();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(takes_comparisons_of_numbers),
	TEST(takes_comparisons_of_strings),
	TEST(takes_combinations),
	TEST(takes_what_every_event_has),
	TEST(names_the_fields_there_are),
	TEST(says_where_a_comparison_is_missing),
	TEST(says_where_an_operator_is_wrong),
	TEST(says_where_a_value_is_wrong),
	TEST(says_when_the_value_is_of_another_kind),
	TEST(says_where_a_quote_is_open),
	TEST(says_where_a_parenthesis_is_wrong),
	TEST(says_where_a_cpu_list_is_wrong),
	TEST(refuses_what_is_longer_than_a_page),
	TEST(says_why_a_long_filter_is_refused),
	TEST(takes_names_of_functions),
};

HARNESS_MAIN("filter", tests, HARNESS_UNIT)
