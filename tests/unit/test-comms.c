/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "comms.h"
#include "harness.h"

/* Above the kernel's highest pid_max: never in /proc. */
#define NOBODY INT32_C(0x40000000)

START_TEST(knows_what_it_was_told)
{
	struct comms *comms = comms_new();

	comms_set(comms, NOBODY, "first");
	comms_set(comms, NOBODY + 1, "second");
	ck_assert_str_eq(comms_get(comms, NOBODY), "first");
	ck_assert_str_eq(comms_get(comms, NOBODY + 1), "second");
	comms_set(comms, NOBODY, "third");
	ck_assert_str_eq(comms_get(comms, NOBODY), "third");
	comms_free(comms);
	comms_free(NULL);
}
END_TEST

START_TEST(cuts_names_like_the_kernel)
{
	struct comms *comms = comms_new();

	comms_set(comms, NOBODY, "0123456789abcdefghi");
	ck_assert_str_eq(comms_get(comms, NOBODY), "0123456789abcde");
	comms_set(comms, NOBODY, "0123456789abcde");
	ck_assert_str_eq(comms_get(comms, NOBODY), "0123456789abcde");
	comms_set(comms, NOBODY, "x");
	ck_assert_str_eq(comms_get(comms, NOBODY), "x");
	comms_free(comms);
}
END_TEST

START_TEST(names_a_child_like_its_parent)
{
	struct comms *comms = comms_new();

	comms_set(comms, NOBODY, "parent");
	comms_set(comms, NOBODY + 1, "its number before");
	comms_fork(comms, NOBODY, NOBODY + 1);
	ck_assert_str_eq(comms_get(comms, NOBODY + 1), "parent");
	comms_set(comms, NOBODY, "renamed");
	ck_assert_str_eq(comms_get(comms, NOBODY + 1), "parent");
	comms_free(comms);
}
END_TEST

START_TEST(knows_the_idle_task)
{
	struct comms *comms = comms_new();

	ck_assert_str_eq(comms_get(comms, 0), "swapper");
	comms_fork(comms, 0, NOBODY);
	ck_assert_str_eq(comms_get(comms, NOBODY), "swapper");
	comms_free(comms);
}
END_TEST

START_TEST(does_not_know_strangers)
{
	struct comms *comms = comms_new();

	ck_assert_ptr_null(comms_get(comms, -1));
	ck_assert_ptr_null(comms_get(comms, NOBODY));
	ck_assert_ptr_null(comms_get(comms, NOBODY));
	comms_fork(comms, NOBODY, NOBODY + 1);
	ck_assert_ptr_null(comms_get(comms, NOBODY + 1));
	comms_free(comms);
}
END_TEST

START_TEST(asks_proc)
{
	struct comms *comms = comms_new();

	ck_assert_int_eq(prctl(PR_SET_NAME, "asked of proc"), 0);
	ck_assert_str_eq(comms_get(comms, getpid()), "asked of proc");
	/* Once: from then on records tell. */
	ck_assert_int_eq(prctl(PR_SET_NAME, "asked again"), 0);
	ck_assert_str_eq(comms_get(comms, getpid()), "asked of proc");
	comms_free(comms);
}
END_TEST

START_TEST(believes_records_before_proc)
{
	struct comms *comms = comms_new();

	comms_set(comms, getpid(), "of a record");
	ck_assert_str_eq(comms_get(comms, getpid()), "of a record");
	comms_free(comms);
}
END_TEST

START_TEST(asks_proc_for_a_child_of_a_stranger)
{
	struct comms *comms = comms_new();

	ck_assert_int_eq(prctl(PR_SET_NAME, "a child"), 0);
	comms_set(comms, getpid(), "its number before");
	comms_fork(comms, NOBODY, getpid());
	ck_assert_str_eq(comms_get(comms, getpid()), "a child");
	comms_free(comms);
}
END_TEST

START_TEST(holds_many)
{
	struct comms *comms = comms_new();
	char name[16];
	int32_t i;

	for (i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "task %d", i);
		comms_set(comms, NOBODY + 256 * i % 65536 + i / 256, name);
	}
	for (i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "task %d", i);
		ck_assert_str_eq(comms_get(comms,
					   NOBODY + 256 * i % 65536 + i / 256),
				 name);
	}
	comms_free(comms);
}
END_TEST

START_TEST(forks_while_it_grows)
{
	struct comms *comms = comms_new();
	int32_t i;

	comms_set(comms, NOBODY, "ancestor");
	for (i = 0; i < 5000; i++) {
		comms_fork(comms, NOBODY + i, NOBODY + i + 1);
		ck_assert_str_eq(comms_get(comms, NOBODY + i + 1), "ancestor");
	}
	comms_free(comms);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(knows_what_it_was_told),
	TEST(cuts_names_like_the_kernel),
	TEST(names_a_child_like_its_parent),
	TEST(knows_the_idle_task),
	TEST(does_not_know_strangers),
	TEST(asks_proc),
	TEST(believes_records_before_proc),
	TEST(asks_proc_for_a_child_of_a_stranger),
	TEST(holds_many),
	TEST(forks_while_it_grows),
};

HARNESS_MAIN("comms", tests, HARNESS_UNIT)
