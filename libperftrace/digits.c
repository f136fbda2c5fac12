/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "digits.h"

#include <endian.h>
#include <stddef.h>
#include <string.h>

static const char pairs[] = "00010203040506070809"
			    "10111213141516171819"
			    "20212223242526272829"
			    "30313233343536373839"
			    "40414243444546474849"
			    "50515253545556575859"
			    "60616263646566676869"
			    "70717273747576777879"
			    "80818283848586878889"
			    "90919293949596979899";

static const uint64_t powers[] = {
	0,
	10,
	100,
	1000,
	10000,
	100000,
	1000000,
	10000000,
	100000000,
	1000000000,
	10000000000,
	100000000000,
	1000000000000,
	10000000000000,
	100000000000000,
	1000000000000000,
	10000000000000000,
	100000000000000000,
	1000000000000000000,
	10000000000000000000U,
};

/* 1233 / 4096 is the logarithm of 2 to the base of 10, and a little more. */
static size_t count_decimal(uint64_t number)
{
	size_t bits = 64 - (size_t)__builtin_clzll(number | 1);
	size_t power = bits * 1233 >> 12;

	return power + 1 - (number < powers[power]);
}

char *digits_decimal(char *at, uint64_t number)
{
	char *end, *digit;

	if (number < 10) {
		*at = (char)('0' + number);
		return at + 1;
	}
	end = digit = at + count_decimal(number);
	while (number >= 100) {
		digit -= 2;
		memcpy(digit, pairs + number % 100 * 2, 2);
		number /= 100;
	}
	if (number >= 10)
		memcpy(at, pairs + number * 2, 2);
	else
		*at = (char)('0' + number);
	return end;
}

/* Eight digits in one word, the first of them in the lowest byte. */
static uint64_t hex_word(uint32_t number)
{
	uint64_t word = __builtin_bswap32(number);

	word = (word | word << 16) & 0x0000ffff0000ffff;
	word = (word | word << 8) & 0x00ff00ff00ff00ff;
	word = (word >> 4 & 0x000f000f000f000f) | (word & 0x000f000f000f000f)
							  << 8;
	/* 6 more than 9 carries: there, letters begin. */
	return word + 0x3030303030303030 +
	       ((word + 0x0606060606060606) >> 4 & 0x0101010101010101) *
		       ('a' - '0' - 10);
}

static void put_word(char *at, uint64_t word)
{
	word = htole64(word);
	memcpy(at, &word, sizeof(word));
}

char *digits_hex(char *at, uint64_t number)
{
	size_t count = (67 - (size_t)__builtin_clzll(number | 1)) / 4;

	number <<= (16 - count) * 4;
	put_word(at, hex_word((uint32_t)(number >> 32)));
	if (count > 8)
		put_word(at + 8, hex_word((uint32_t)number));
	return at + count;
}
