/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "cpu_list.h"
#include "harness.h"

static void expect(const char *text, size_t count, const int32_t *cpus)
{
	struct cpu_list list;
	size_t position, i;

	ck_assert_int_eq(cpu_list_parse(text, &list, &position), 0);
	ck_assert_uint_eq(list.count, count);
	for (i = 0; i < count; i++)
		ck_assert_int_eq(list.cpus[i], cpus[i]);
	cpu_list_clear(&list);
}

static void expect_fault(const char *text, size_t where)
{
	struct cpu_list list;
	size_t position = 1000;

	ck_assert_int_eq(cpu_list_parse(text, &list, &position), -EINVAL);
	ck_assert_uint_eq(position, where);
}

START_TEST(parses_numbers_and_ranges)
{
	expect("0", 1, (int32_t[]){ 0 });
	expect("0-3\n", 4, (int32_t[]){ 0, 1, 2, 3 });
	expect("0,2-3,8", 4, (int32_t[]){ 0, 2, 3, 8 });
}
END_TEST

START_TEST(sorts_and_unites)
{
	expect("3,1,3,0-1", 3, (int32_t[]){ 0, 1, 3 });
}
END_TEST

START_TEST(says_where_the_fault_is)
{
	expect_fault("", 0);
	expect_fault("x", 0);
	expect_fault("0,", 2);
	expect_fault("0,,1", 2);
	expect_fault("0-", 2);
	expect_fault("3-1", 2);
	expect_fault("0 1", 1);
	expect_fault("-1", 0);
	expect_fault("0,99999999999", 2);
}
END_TEST

START_TEST(finds_members)
{
	struct cpu_list list;
	size_t position;

	ck_assert_int_eq(cpu_list_parse("1,4-5", &list, &position), 0);
	ck_assert(cpu_list_has(&list, 1));
	ck_assert(cpu_list_has(&list, 5));
	ck_assert(!cpu_list_has(&list, 2));
	ck_assert(!cpu_list_has(&list, -1));
	cpu_list_clear(&list);
	ck_assert(!cpu_list_has(&list, 1));
}
END_TEST

static const struct harness_test tests[] = {
	TEST(parses_numbers_and_ranges),
	TEST(sorts_and_unites),
	TEST(says_where_the_fault_is),
	TEST(finds_members),
};

HARNESS_MAIN("cpu_list", tests, HARNESS_UNIT)
