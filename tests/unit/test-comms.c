/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
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

/* Each has a copy, which a name that the other was told makes old. */
START_TEST(shares_what_others_were_told)
{
	struct comms_pool *pool = comms_pool_new();
	struct comms *one = comms_new(), *other = comms_new();

	comms_share(one, pool);
	comms_share(other, pool);
	ck_assert_ptr_null(comms_get(other, NOBODY));
	comms_set(one, NOBODY, "first");
	ck_assert_str_eq(comms_get(other, NOBODY), "first");
	ck_assert_str_eq(comms_get(other, NOBODY), "first");
	comms_set(other, NOBODY, "second");
	ck_assert_str_eq(comms_get(one, NOBODY), "second");
	comms_fork(one, NOBODY, NOBODY + 1);
	ck_assert_str_eq(comms_get(other, NOBODY + 1), "second");
	comms_set(one, NOBODY, "third");
	ck_assert_str_eq(comms_get(other, NOBODY + 1), "second");
	ck_assert_str_eq(comms_get(other, NOBODY), "third");
	comms_free(one);
	ck_assert_str_eq(comms_get(other, NOBODY), "third");
	comms_free(other);
	comms_pool_free(pool);
	comms_pool_free(NULL);
}
END_TEST

#define NUM_NAMES 20000

struct teller {
	struct comms *comms;
	int32_t first;
	size_t num_wrong;
};

/* Names tasks of its own, and asks for those of both. */
static void *tell(void *data)
{
	struct teller *teller = data;
	char name[16];
	int32_t i;

	for (i = 0; i < NUM_NAMES; i++) {
		const char *found;

		snprintf(name, sizeof(name), "task %d",
			 teller->first + i % 500);
		comms_set(teller->comms, NOBODY + teller->first + i % 500,
			  name);
		found = comms_get(teller->comms,
				  NOBODY + teller->first + i % 500);
		teller->num_wrong += !found || strcmp(found, name);
		found = comms_get(teller->comms, NOBODY + i % 1000);
		teller->num_wrong += found && strncmp(found, "task ", 5);
	}
	return NULL;
}

START_TEST(is_told_by_two_threads)
{
	struct comms_pool *pool = comms_pool_new();
	struct teller tellers[2] = { { comms_new(), 0, 0 },
				     { comms_new(), 500, 0 } };
	pthread_t threads[2];
	int i;

	for (i = 0; i < 2; i++) {
		comms_share(tellers[i].comms, pool);
		ck_assert_int_eq(pthread_create(&threads[i], NULL, tell,
						&tellers[i]),
				 0);
	}
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	for (i = 0; i < 2; i++) {
		ck_assert_uint_eq(tellers[i].num_wrong, 0);
		ck_assert_str_eq(comms_get(tellers[i].comms, NOBODY + 499),
				 "task 499");
		ck_assert_str_eq(comms_get(tellers[i].comms, NOBODY + 500),
				 "task 500");
		comms_free(tellers[i].comms);
	}
	comms_pool_free(pool);
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
	TEST(shares_what_others_were_told),
	TEST(is_told_by_two_threads),
};

HARNESS_MAIN("comms", tests, HARNESS_UNIT)
