/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "log.h"

struct heard {
	size_t count;
	int32_t level;
	char line[2048];
};

static void hear(void *data, int32_t level, const char *message)
{
	struct heard *heard = data;

	heard->count++;
	heard->level = level;
	snprintf(heard->line, sizeof(heard->line), "%s", message);
}

START_TEST(has_no_failure_at_first)
{
	struct log *log = log_new();

	ck_assert_str_eq(log_get_error(log), "");
	ck_assert_str_eq(log_get_remedy(log), "");
	ck_assert_int_eq(log_get_code(log), 0);
	ck_assert_int_eq(log_get_position(log), -1);
	log_free(log);
	log_free(NULL);
}
END_TEST

START_TEST(keeps_the_last_failure)
{
	struct log *log = log_new();

	ck_assert_int_eq(fail(log, -ENOENT, "%s: no such event", "a:b"),
			 -ENOENT);
	ck_assert_str_eq(log_get_error(log), "a:b: no such event");
	ck_assert_int_eq(log_get_code(log), -ENOENT);
	ck_assert_int_eq(fail_remedy(log, "did you mean %s?", "a:c"), -ENOENT);
	ck_assert_str_eq(log_get_error(log),
			 "a:b: no such event: did you mean a:c?");
	ck_assert_str_eq(log_get_remedy(log), "did you mean a:c?");
	ck_assert_int_eq(fail_position(log, 7), -ENOENT);
	ck_assert_int_eq(log_get_position(log), 7);
	log_free(log);
}
END_TEST

START_TEST(forgets_the_failure_before)
{
	struct log *log = log_new();

	fail(log, -EINVAL, "first");
	fail_remedy(log, "remedy");
	fail_position(log, 3);
	ck_assert_int_eq(fail_memory(log), -ENOMEM);
	ck_assert_str_eq(log_get_error(log), "out of memory");
	ck_assert_str_eq(log_get_remedy(log), "");
	ck_assert_int_eq(log_get_position(log), -1);
	log_free(log);
}
END_TEST

START_TEST(may_quote_the_failure_before)
{
	struct log *log = log_new();

	fail(log, -EINVAL, "inner");
	fail(log, -EIO, "outer, for %s", log_get_error(log));
	ck_assert_str_eq(log_get_error(log), "outer, for inner");
	fail_remedy(log, "%s", log_get_error(log));
	ck_assert_str_eq(log_get_remedy(log), "outer, for inner");
	log_free(log);
}
END_TEST

START_TEST(cuts_what_is_too_long)
{
	struct log *log = log_new();
	char long_text[5000];

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	fail(log, -EINVAL, "%s", long_text);
	fail_remedy(log, "%s", long_text);
	ck_assert_uint_gt(strlen(log_get_error(log)), 1000);
	ck_assert_uint_lt(strlen(log_get_error(log)), 2000);
	ck_assert_ptr_nonnull(strstr(log_get_error(log), log_get_remedy(log)));
	log_free(log);
}
END_TEST

START_TEST(tells_the_sink_what_it_wants_to_hear)
{
	struct heard heard = { 0 };
	struct log *log = log_new();

	log_set_sink(log, 2, hear, &heard);
	log_debug(log, "debug");
	ck_assert_uint_eq(heard.count, 0);
	log_info(log, "info %d", 5);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert_int_eq(heard.level, 2);
	ck_assert_str_eq(heard.line, "info 5");
	log_warning(log, "warning");
	ck_assert_uint_eq(heard.count, 2);
	ck_assert_int_eq(heard.level, 1);
	log_free(log);
}
END_TEST

START_TEST(tells_of_failures_when_debugging)
{
	struct heard heard = { 0 };
	struct log *log = log_new();

	log_set_sink(log, 3, hear, &heard);
	fail(log, -EINVAL, "100%% %s", "%s%n");
	ck_assert_uint_eq(heard.count, 1);
	ck_assert_int_eq(heard.level, 3);
	ck_assert_str_eq(heard.line, "100% %s%n");
	log_free(log);
}
END_TEST

START_TEST(is_one_line_whatever_it_quotes)
{
	struct log *log = log_new();

	fail(log, -EINVAL, "filter \"%s\"", "a\nb\tc\033");
	fail_remedy(log, "not %s", "x\ny");
	ck_assert_str_eq(log_get_error(log), "filter \"a b c \": not x y");
	log_free(log);
}
END_TEST

START_TEST(tells_nobody_without_a_sink)
{
	struct heard heard = { 0 };
	struct log *log = log_new();

	log_warning(log, "nobody");
	log_set_sink(log, 3, hear, &heard);
	log_set_sink(log, 3, NULL, NULL);
	log_warning(log, "nobody");
	fail(log, -EINVAL, "nobody");
	ck_assert_uint_eq(heard.count, 0);
	log_free(log);
}
END_TEST

START_TEST(puts_back_what_failed_before)
{
	struct log *log = log_new();
	struct failure *before;

	fail(log, -EINVAL, "first");
	fail_remedy(log, "remedy");
	fail_position(log, 7);
	before = log_save(log);
	ck_assert_ptr_nonnull(before);
	fail(log, -ENOENT, "second");
	log_restore(log, before);
	ck_assert_str_eq(log_get_error(log), "first: remedy");
	ck_assert_str_eq(log_get_remedy(log), "remedy");
	ck_assert_int_eq(log_get_code(log), -EINVAL);
	ck_assert_int_eq(log_get_position(log), 7);
	/* Where there was no memory to save it. */
	fail(log, -ENOENT, "third");
	log_restore(log, NULL);
	ck_assert_str_eq(log_get_error(log), "third");
	log_free(log);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(has_no_failure_at_first),
	TEST(keeps_the_last_failure),
	TEST(forgets_the_failure_before),
	TEST(may_quote_the_failure_before),
	TEST(cuts_what_is_too_long),
	TEST(tells_the_sink_what_it_wants_to_hear),
	TEST(tells_of_failures_when_debugging),
	TEST(is_one_line_whatever_it_quotes),
	TEST(tells_nobody_without_a_sink),
	TEST(puts_back_what_failed_before),
};

HARNESS_MAIN("log", tests, HARNESS_UNIT)
