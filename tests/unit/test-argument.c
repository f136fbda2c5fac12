/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "argument.h"
#include "definition.h"
#include "harness.h"
#include "log.h"
#include "probe_settings.h"

/* NULL: none. */
static void expect(const char *text, const char *name, const char *expression,
		   const char *type, bool is_raw)
{
	const struct probe_argument source = { (char *)text, 0, true };
	struct log *log = log_new();
	struct argument argument;
	int ret = argument_parse(log, &source, &argument);

	ck_assert_msg(!ret, "%s: %s", text, log_get_error(log));
	ck_assert_str_eq(argument.name, name);
	ck_assert_str_eq(argument.expression, expression);
	ck_assert_pstr_eq(argument.type, type);
	ck_assert_msg(argument.is_raw == is_raw, "%s", text);
	ck_assert(!strncmp(text + argument.offset, expression,
			   strlen(expression)));
	argument_clear(&argument);
	log_free(log);
}

static void expect_refusal(const char *text, int32_t position, int code)
{
	/* As an argument that begins at column 100 of a spec. */
	const struct probe_argument source = { (char *)text, 100, true };
	struct log *log = log_new();
	struct argument argument;

	ck_assert_int_eq(argument_parse(log, &source, &argument), code);
	ck_assert_int_eq(log_get_position(log), 100 + position);
	ck_assert_str_ne(log_get_error(log), "");
	argument_clear(&argument);
	log_free(log);
}

static void expect_bad(const char *text, int32_t position)
{
	expect_refusal(text, position, -EINVAL);
}

START_TEST(knows_expressions_of_c)
{
	expect("dfd", "", "dfd", NULL, false);
	expect("filename:ustring", "", "filename", "ustring", false);
	expect("x=file->f_path.dentry:x64", "x", "file->f_path.dentry", "x64",
	       false);
	expect("*count", "", "*count", NULL, false);
	expect("v=vec[2]:u8[4]", "v", "vec[2]", "u8[4]", false);
	expect("$retval", "", "$retval", NULL, false);
	expect("r=$retval:s32", "r", "$retval", "s32", false);
	expect("$retval->f_mode", "", "$retval->f_mode", NULL, false);
}
END_TEST

START_TEST(leaves_fetch_arguments_alone)
{
	expect("%di", "", "%di", NULL, true);
	expect("a=+0(%si):string", "a", "+0(%si):string", NULL, true);
	expect("$stack0:u8", "", "$stack0:u8", NULL, true);
	expect("$retvalue", "", "$retvalue", NULL, true);
	expect("$comm", "", "$comm", NULL, true);
	expect("@jiffies+8:u64", "", "@jiffies+8:u64", NULL, true);
	expect("i=\\5:u8", "i", "\\5:u8", NULL, true);
	expect("-8(%bp)", "", "-8(%bp)", NULL, true);
	/* Faults that the kernel explains. */
	expect("=@11", "", "=@11", NULL, true);
	expect("&1", "", "&1", NULL, true);
	expect("1x=%di", "", "1x=%di", NULL, true);
}
END_TEST

START_TEST(says_what_is_missing)
{
	expect_bad("arg1=", 5);
	expect_bad("dfd:", 4);
	expect_bad("x=dfd:", 6);
	expect_bad("a2345678901234567890123456789012=%di", 0);
}
END_TEST

START_TEST(takes_one_word_of_one_line)
{
	/* What follows would be another argument, another probe, or nothing. */
	expect_bad("x=%di y", 5);
	expect_bad("%di\n-:foo/bar", 3);
	expect_bad("%di\t", 3);
	expect_bad("%di#,", 3);
	expect_bad("\\\"\303\240\"", 2);
	expect_bad("dfd\r", 3);
}
END_TEST

START_TEST(knows_what_nobody_can_read)
{
	expect_refusal("+0(%di):string[2]", 8, -EOPNOTSUPP);
	expect_refusal("path:ustring[3]", 5, -EOPNOTSUPP);
	expect("+0(%di):string", "", "+0(%di):string", NULL, true);
	expect("+0(%di):u8[2]", "", "+0(%di):u8[2]", NULL, true);
	/* Nothing stands behind a dereference but its type. */
	expect_bad("+0(%di)+10", 7);
	expect_bad("+0(+8(%di)).x:u8", 11);
	expect("@jiffies+10", "", "@jiffies+10", NULL, true);
}
END_TEST

START_TEST(copies_with_a_name)
{
	struct probe_argument source = { (char *)"$retval:s32", 10, true };
	struct definition body;

	definition_begin(&body);
	argument_copy(&source, "retval", &body);
	ck_assert_str_eq(body.text, "retval=$retval:s32");
	ck_assert_int_eq(definition_find(&body, 15), 18);
	source.text = (char *)"own=$retval:s32";
	definition_begin(&body);
	argument_copy(&source, "retval", &body);
	ck_assert_str_eq(body.text, "own=$retval:s32");
	/* Letters were taken out of the spec's: a place in it means nothing. */
	source.is_verbatim = false;
	definition_begin(&body);
	argument_copy(&source, "retval", &body);
	ck_assert_int_eq(definition_find(&body, 9), 10);
}
END_TEST

static void expect_names(const char *const *texts, const char *const *wanted)
{
	struct probe_argument arguments[8] = { 0 };
	struct probe_settings settings = { .arguments = arguments };
	struct argument_names names;
	size_t i;

	for (i = 0; texts[i]; i++)
		arguments[i].text = (char *)texts[i];
	settings.num_arguments = i;
	argument_choose_names(&settings, &names);
	for (i = 0; texts[i]; i++)
		ck_assert_str_eq(names.names[i], wanted[i]);
}

START_TEST(chooses_names)
{
	expect_names((const char *[]){ "%di", "x=%si", "+0(%dx):string", NULL },
		     (const char *[]){ "arg1", "x", "arg3" });
	expect_names((const char *[]){ "$arg2:s32", "+0(%sp):u64", "$retval",
				       NULL },
		     (const char *[]){ "arg2", "arg3", "retval" });
	expect_names((const char *[]){ "%di", "arg1=%si", "%dx", "$arg2",
				       NULL },
		     (const char *[]){ "arg3", "arg1", "arg4", "arg2" });
	expect_names((const char *[]){ "%di", "arg1", "f->arg3:u8", "%si",
				       NULL },
		     (const char *[]){ "arg2", "arg1", "arg3", "arg4" });
	expect_names((const char *[]){ "$arg2x", "$arg0", "$retvals", NULL },
		     (const char *[]){ "arg1", "arg2", "arg3" });
}
END_TEST

START_TEST(reads_numbers_of_arguments)
{
	size_t length = 99;

	ck_assert_uint_eq(argument_read_number("$arg12)", &length), 12);
	ck_assert_uint_eq(length, 6);
	ck_assert_uint_eq(argument_read_number("$arg0", &length), 0);
	ck_assert_uint_eq(argument_read_number("$arg", &length), 0);
	ck_assert_uint_eq(argument_read_number("$arg1x", &length), 0);
	ck_assert_uint_eq(argument_read_number("$arg129", &length), 0);
	ck_assert_uint_eq(argument_read_number("arg1", &length), 0);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(knows_expressions_of_c),
	TEST(leaves_fetch_arguments_alone),
	TEST(says_what_is_missing),
	TEST(takes_one_word_of_one_line),
	TEST(knows_what_nobody_can_read),
	TEST(copies_with_a_name),
	TEST(chooses_names),
	TEST(reads_numbers_of_arguments),
};

HARNESS_MAIN("argument", tests, HARNESS_UNIT)
