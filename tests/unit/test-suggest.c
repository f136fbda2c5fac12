/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "harness.h"
#include "suggest.h"

/* @names: ended by NULL. */
static void expect(const char *wrong, const char *const names[],
		   const char *text)
{
	struct suggestions suggestions;
	char written[128];
	size_t i;

	suggest_begin(&suggestions, wrong);
	for (i = 0; names[i]; i++)
		suggest_offer(&suggestions, names[i]);
	suggest_write(&suggestions, written, sizeof(written));
	ck_assert_str_eq(written, text);
}

#define NAMES(...)                                                             \
	(const char *const[])                                                  \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}

START_TEST(finds_what_is_spelled_alike)
{
	expect("sched:sched_swich", NAMES("sched:sched_switch", "irq:irq_exit"),
	       "sched:sched_switch");
	expect("cat", NAMES("bat", "cart", "at", "dog"), "bat, cart or at");
	expect("cat", NAMES("cut", "dog"), "cut");
	expect("cat", NAMES("cut", "cot"), "cut or cot");
}
END_TEST

START_TEST(finds_nothing_that_is_not_alike)
{
	expect("sched:sched_switch", NAMES("irq:irq_exit", "x"), "");
	expect("abc", (const char *const[]){ NULL }, "");
	/* Two letters of three: a third of them, and one. */
	expect("abc", NAMES("abx", "axx", "xxx"), "abx or axx");
	expect("abcdef", NAMES("abxxxx", "abcxxx"), "abcxxx");
}
END_TEST

START_TEST(puts_the_nearest_first)
{
	expect("abcdef", NAMES("abcxxf", "abcdex", "abcdef"),
	       "abcdef, abcdex or abcxxf");
	expect("abcdef", NAMES("abcdef", "abcdex", "abcxxf"),
	       "abcdef, abcdex or abcxxf");
}
END_TEST

START_TEST(keeps_the_three_nearest)
{
	expect("abcdef",
	       NAMES("abcxxf", "abcdxx", "xbcdex", "abcdex", "abcdef"),
	       "abcdef, abcdex or abcxxf");
}
END_TEST

START_TEST(keeps_the_order_of_equals)
{
	expect("cat", NAMES("bat", "hat", "rat", "mat"), "bat, hat or rat");
}
END_TEST

START_TEST(passes_over_what_is_too_long)
{
	char longest[129], longer[130];

	memset(longest, 'a', sizeof(longest));
	memset(longer, 'a', sizeof(longer));
	longest[128] = '\0';
	longer[129] = '\0';
	expect(longest, NAMES(longer), "");
	expect(longer, NAMES(longest), "");
	expect(longer + 2, NAMES(longest + 2),
	       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	       "aaaaaa");
}
END_TEST

START_TEST(stays_in_its_room)
{
	struct suggestions suggestions;
	char text[8];
	size_t room;

	suggest_begin(&suggestions, "cat");
	suggest_offer(&suggestions, "bat");
	suggest_offer(&suggestions, "hat");
	for (room = 0; room <= sizeof(text); room++) {
		memset(text, '#', sizeof(text));
		suggest_write(&suggestions, text, room);
		if (room)
			ck_assert_uint_eq(strlen(text), room - 1);
		if (room < sizeof(text))
			ck_assert_int_eq(text[room], '#');
		ck_assert_mem_eq(text, "bat or hat", room ? room - 1 : 0);
	}
}
END_TEST

static const struct harness_test tests[] = {
	TEST(finds_what_is_spelled_alike),
	TEST(finds_nothing_that_is_not_alike),
	TEST(puts_the_nearest_first),
	TEST(keeps_the_three_nearest),
	TEST(keeps_the_order_of_equals),
	TEST(passes_over_what_is_too_long),
	TEST(stays_in_its_room),
};

HARNESS_MAIN("suggest", tests, HARNESS_UNIT)
