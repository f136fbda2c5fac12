/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "digits.h"
#include "harness.h"

static void expect_same(uint64_t number)
{
	char expected[DIGITS_ROOM], written[DIGITS_ROOM];
	size_t length;

	snprintf(expected, sizeof(expected), "%" PRIu64, number);
	length = (size_t)(digits_decimal(written, number) - written);
	ck_assert_uint_eq(length, strlen(expected));
	ck_assert_mem_eq(written, expected, length);

	snprintf(expected, sizeof(expected), "%" PRIx64, number);
	length = (size_t)(digits_hex(written, number) - written);
	ck_assert_uint_eq(length, strlen(expected));
	ck_assert_mem_eq(written, expected, length);
}

START_TEST(writes_every_small_number)
{
	uint64_t number;

	for (number = 0; number < 70000; number++)
		expect_same(number);
}
END_TEST

static void expect_around(uint64_t number)
{
	expect_same(number - 1);
	expect_same(number);
	expect_same(number + 1);
}

/* Where there is one digit more, in either. */
START_TEST(writes_numbers_of_every_length)
{
	uint64_t number = 1;
	unsigned int i;

	for (i = 0; i < 64; i++)
		expect_around((uint64_t)1 << i);
	for (i = 0; i < 20; i++, number *= 10)
		expect_around(number);
	expect_around(UINT64_MAX);
	expect_same(0x0123456789abcdef);
	expect_same(0xfedcba9876543210);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(writes_every_small_number),
	TEST(writes_numbers_of_every_length),
};

HARNESS_MAIN("digits", tests, HARNESS_UNIT)
