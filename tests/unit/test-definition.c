/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "definition.h"
#include "harness.h"

/* "kprobe:vfs_read($bad, x:u8)" as "p:group/name vfs_read $bad x=%di:u8". */
static void make_example(struct definition *definition)
{
	struct definition body;

	definition_begin(&body);
	definition_copy(&body, 7, "vfs_read");
	definition_add(&body, NO_POSITION, " ");
	definition_copy(&body, 16, "$bad");
	definition_add(&body, NO_POSITION, " ");
	definition_add(&body, 22, "x=%di:u8");
	definition_begin(definition);
	definition_add(definition, NO_POSITION, "p:group/name ");
	definition_join(definition, &body);
}

START_TEST(joins_what_it_was_given)
{
	struct definition definition;

	make_example(&definition);
	ck_assert_str_eq(definition.text,
			 "p:group/name vfs_read $bad x=%di:u8");
	ck_assert_uint_eq(definition.length, strlen(definition.text));
	ck_assert(!definition.is_full);
}
END_TEST

START_TEST(finds_where_a_column_comes_from)
{
	struct definition definition;

	make_example(&definition);
	/* Not the caller's. */
	ck_assert_int_eq(definition_find(&definition, 0), NO_POSITION);
	ck_assert_int_eq(definition_find(&definition, 5), NO_POSITION);
	/* Letter by letter. */
	ck_assert_int_eq(definition_find(&definition, 13), 7);
	ck_assert_int_eq(definition_find(&definition, 16), 10);
	ck_assert_int_eq(definition_find(&definition, 22), 16);
	ck_assert_int_eq(definition_find(&definition, 24), 18);
	/* As a whole. */
	ck_assert_int_eq(definition_find(&definition, 27), 22);
	ck_assert_int_eq(definition_find(&definition, 34), 22);
	/* Where something is missing, and beyond. */
	ck_assert_int_eq(definition_find(&definition, 35), 22);
	ck_assert_int_eq(definition_find(&definition, 36), NO_POSITION);
}
END_TEST

START_TEST(says_when_it_is_full)
{
	struct definition definition, body;
	char long_text[DEFINITION_BYTES];
	size_t i;

	memset(long_text, 'x', sizeof(long_text));
	long_text[DEFINITION_BYTES - 1] = '\0';
	definition_begin(&definition);
	definition_add(&definition, 0, long_text);
	ck_assert(!definition.is_full);
	definition_add(&definition, 0, "y");
	ck_assert(definition.is_full);
	ck_assert_uint_eq(definition.length, DEFINITION_BYTES - 1);

	definition_begin(&definition);
	for (i = 0; i < DEFINITION_PARTS; i++)
		definition_add(&definition, 0, "z");
	ck_assert(!definition.is_full);
	definition_add(&definition, 0, "z");
	ck_assert(definition.is_full);

	definition_begin(&body);
	definition_add(&body, 0, long_text);
	definition_begin(&definition);
	definition_add(&definition, 0, "p:group/name ");
	definition_join(&definition, &body);
	ck_assert(definition.is_full);
	ck_assert_str_eq(definition.text, "p:group/name ");
}
END_TEST

static bool find_error(const char *text, const char **reason, size_t *column)
{
	static char *copy;
	struct definition definition;
	bool is_found;

	free(copy);
	copy = strdup(text);
	ck_assert_ptr_nonnull(copy);
	make_example(&definition);
	is_found = definition_find_error(&definition, copy, reason, column);
	return is_found;
}

#define OURS "  Command: p:group/name vfs_read $bad x=%di:u8\n"

START_TEST(reads_the_error_log)
{
	const char *reason = NULL;
	size_t column = 99;

	ck_assert(find_error(
		"[  134.123456] trace_kprobe: error: Invalid register name\n"
		"  Command: p:other/name vfs_read %none\n"
		"                                 ^\n"
		"[  135.000001] trace_kprobe: error: Invalid $-variable "
		"specified\n" OURS "                                 ^\n"
		"[  136.123456] trace_uprobe: error: Invalid uprobe offset\n"
		"  Command: p /bin/sh:10a\n"
		"                     ^\n",
		&reason, &column));
	ck_assert_str_eq(reason, "Invalid $-variable specified");
	ck_assert_uint_eq(column, 22);
}
END_TEST

START_TEST(takes_the_newest_error)
{
	const char *reason = NULL;
	size_t column = 99;

	ck_assert(find_error("[    1.000001] trace_kprobe: error: Older\n" OURS
			     "           ^\n"
			     "[    2.000001] trace_kprobe: error: Newer\n" OURS
			     "            ^\n",
			     &reason, &column));
	ck_assert_str_eq(reason, "Newer");
	ck_assert_uint_eq(column, 1);
}
END_TEST

START_TEST(finds_no_error_of_others)
{
	const char *reason;
	size_t column;

	ck_assert(!find_error("", &reason, &column));
	ck_assert(!find_error("\n\n^\n           ^\n", &reason, &column));
	ck_assert(!find_error(OURS "           ^\n", &reason, &column));
	ck_assert(!find_error("[    1.000001] trace_kprobe: error: Cut\n" OURS,
			      &reason, &column));
	ck_assert(!find_error("[    1.000001] trace_kprobe: error: Cut\n" OURS
			      "    ^\n",
			      &reason, &column));
	ck_assert(!find_error("[    1.000001] no mark of one\n" OURS
			      "           ^\n",
			      &reason, &column));
	ck_assert(!find_error("[    1.000001] hist:sched: error: Other\n"
			      "  Command: p:group/name vfs_read $bad\n"
			      "           ^\n",
			      &reason, &column));
}
END_TEST

static const struct harness_test tests[] = {
	TEST(joins_what_it_was_given), TEST(finds_where_a_column_comes_from),
	TEST(says_when_it_is_full),    TEST(reads_the_error_log),
	TEST(takes_the_newest_error),  TEST(finds_no_error_of_others),
};

HARNESS_MAIN("definition", tests, HARNESS_UNIT)
