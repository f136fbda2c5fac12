/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "registers.h"

#include <stdint.h>
#include <string.h>

#include "harness.h"

static const struct parameter integer = { PARAMETER_INTEGER, 8 };
static const struct parameter narrow = { PARAMETER_INTEGER, 1 };
static const struct parameter wide = { PARAMETER_WIDE, 16 };
static const struct parameter pair = { PARAMETER_STRUCT, 12 };
static const struct parameter triple = { PARAMETER_STRUCT, 24 };
static const struct parameter packed = { PARAMETER_PACKED, 9 };
static const struct parameter empty = { PARAMETER_STRUCT, 0 };
static const struct parameter floating = { PARAMETER_FLOAT, 8 };
static const struct parameter unknown = { PARAMETER_UNKNOWN, 8 };

static void expect(struct placement *placement, struct parameter parameter,
		   unsigned int word, unsigned int words)
{
	struct parameter_place place = placement_next(placement, parameter);

	ck_assert_uint_eq(place.words, words);
	ck_assert_uint_eq(place.word, word);
	ck_assert(!place.is_reference);
}

static void expect_nowhere(struct placement *placement,
			   struct parameter parameter)
{
	expect(placement, parameter, 0, 0);
}

static void fill(struct placement *placement, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		expect(placement, integer, i, 1);
}

static void expect_text(enum machine machine, unsigned int word, bool at_return,
			const char *expected)
{
	char text[16] = "";

	ck_assert(registers_write_word(machine, word, at_return, text,
				       sizeof(text)));
	ck_assert_str_eq(text, expected);
}

START_TEST(names_registers_and_stack)
{
	expect_text(MACHINE_X86_64, 0, false, "%di");
	expect_text(MACHINE_X86_64, 1, false, "%si");
	expect_text(MACHINE_X86_64, 2, false, "%dx");
	expect_text(MACHINE_X86_64, 3, false, "%cx");
	expect_text(MACHINE_X86_64, 4, false, "%r8");
	expect_text(MACHINE_X86_64, 5, false, "%r9");
	expect_text(MACHINE_X86_64, 6, false, "$stack1");
	expect_text(MACHINE_X86_64, 9, false, "$stack4");
	expect_text(MACHINE_ARM64, 0, false, "%x0");
	expect_text(MACHINE_ARM64, 7, false, "%x7");
	expect_text(MACHINE_ARM64, 8, false, "$stack0");
	expect_text(MACHINE_ARM64, 10, false, "$stack2");
}
END_TEST

START_TEST(numbers_arguments_at_the_return)
{
	char text[16] = "";

	expect_text(MACHINE_X86_64, 0, true, "$arg1");
	expect_text(MACHINE_X86_64, 6, true, "$arg7");
	expect_text(MACHINE_ARM64, 7, true, "$arg8");
	ck_assert(!registers_write_word(MACHINE_ARM64, 8, true, text,
					sizeof(text)));
	ck_assert(!registers_write_word(MACHINE_UNKNOWN, 0, false, text,
					sizeof(text)));
}
END_TEST

START_TEST(places_integers_in_order)
{
	struct placement x86_64 = { .machine = MACHINE_X86_64 };
	struct placement arm64 = { .machine = MACHINE_ARM64 };

	fill(&x86_64, 6);
	expect(&x86_64, narrow, 6, 1);
	expect(&x86_64, integer, 7, 1);
	fill(&arm64, 8);
	expect(&arm64, narrow, 8, 1);
	expect(&arm64, integer, 9, 1);
}
END_TEST

static void expect_behind(enum machine machine, struct parameter result,
			  unsigned int word)
{
	struct placement placement = { .machine = machine };

	placement_begin(&placement, result);
	expect(&placement, integer, word, 1);
}

/* The caller says where a large result goes. */
START_TEST(leaves_room_for_the_result)
{
	static const struct parameter none = { PARAMETER_UNKNOWN, 0 };
	struct placement placement = { .machine = MACHINE_X86_64 };

	expect_behind(MACHINE_X86_64, none, 0);
	expect_behind(MACHINE_X86_64, integer, 0);
	expect_behind(MACHINE_X86_64, wide, 0);
	expect_behind(MACHINE_X86_64, pair, 0);
	expect_behind(MACHINE_X86_64, floating, 0);
	expect_behind(MACHINE_X86_64, triple, 1);
	expect_behind(MACHINE_X86_64, packed, 1);
	expect_behind(MACHINE_ARM64, triple, 0);
	expect_behind(MACHINE_ARM64, packed, 0);
	placement_begin(&placement, unknown);
	expect_nowhere(&placement, integer);
}
END_TEST

START_TEST(x86_64_lets_later_ones_have_a_register)
{
	struct placement placement = { .machine = MACHINE_X86_64 };

	expect(&placement, pair, 0, 2);
	expect(&placement, triple, 6, 3);
	expect(&placement, packed, 9, 2);
	expect(&placement, integer, 2, 1);
	expect(&placement, pair, 3, 2);
	expect(&placement, pair, 11, 2);
	expect(&placement, integer, 5, 1);
	expect(&placement, integer, 13, 1);
}
END_TEST

START_TEST(arm64_keeps_the_order)
{
	struct placement placement = { .machine = MACHINE_ARM64 };

	fill(&placement, 5);
	expect(&placement, pair, 5, 2);
	expect(&placement, packed, 8, 2);
	expect(&placement, integer, 10, 1);
}
END_TEST

START_TEST(arm64_passes_large_ones_by_reference)
{
	struct placement placement = { .machine = MACHINE_ARM64 };
	struct parameter_place place;

	fill(&placement, 7);
	place = placement_next(&placement, triple);
	ck_assert(place.is_reference);
	ck_assert_uint_eq(place.word, 7);
	ck_assert_uint_eq(place.words, 1);
	place = placement_next(&placement, triple);
	ck_assert(place.is_reference);
	ck_assert_uint_eq(place.word, 8);
	ck_assert_uint_eq(place.words, 1);
}
END_TEST

START_TEST(places_128_bits)
{
	struct placement x86_64 = { .machine = MACHINE_X86_64 };
	struct placement arm64 = { .machine = MACHINE_ARM64 };

	fill(&x86_64, 1);
	expect(&x86_64, wide, 1, 2);
	expect(&x86_64, wide, 3, 2);
	/* The stack may have a gap before it, and then all behind is off. */
	expect_nowhere(&x86_64, wide);
	expect(&x86_64, integer, 5, 1);
	expect_nowhere(&x86_64, integer);

	fill(&arm64, 1);
	expect(&arm64, wide, 2, 2);
	expect(&arm64, integer, 4, 1);
	expect(&arm64, wide, 6, 2);
	expect(&arm64, integer, 8, 1);
	expect(&arm64, wide, 10, 2);
}
END_TEST

START_TEST(skips_what_takes_no_word)
{
	struct placement x86_64 = { .machine = MACHINE_X86_64 };
	struct placement arm64 = { .machine = MACHINE_ARM64 };

	expect_nowhere(&x86_64, empty);
	expect_nowhere(&x86_64, floating);
	expect(&x86_64, integer, 0, 1);
	expect_nowhere(&arm64, empty);
	expect_nowhere(&arm64, floating);
	expect(&arm64, integer, 0, 1);
}
END_TEST

START_TEST(gives_up_behind_the_unknown)
{
	struct placement placement = { .machine = MACHINE_X86_64 };

	expect(&placement, integer, 0, 1);
	expect_nowhere(&placement, unknown);
	expect_nowhere(&placement, integer);
	expect_nowhere(&placement, triple);
}
END_TEST

#ifdef __x86_64__

/* What a function finds, by the numbers of words. */
#define WORDS 16
__attribute__((used)) static uint64_t observed[WORDS];

/* Six registers, and the stack behind the return address. */
void observe(void);
__asm__(".pushsection .text\n"
	".type observe, @function\n"
	"observe:\n"
	"	lea	observed(%rip), %rax\n"
	"	mov	%rdi, 0(%rax)\n"
	"	mov	%rsi, 8(%rax)\n"
	"	mov	%rdx, 16(%rax)\n"
	"	mov	%rcx, 24(%rax)\n"
	"	mov	%r8, 32(%rax)\n"
	"	mov	%r9, 40(%rax)\n"
	"	mov	$1, %ecx\n"
	"1:	mov	(%rsp,%rcx,8), %rdx\n"
	"	mov	%rdx, 40(%rax,%rcx,8)\n"
	"	inc	%ecx\n"
	"	cmp	$11, %ecx\n"
	"	jne	1b\n"
	"	ret\n"
	".popsection\n");

static void expect_observed(struct placement *placement,
			    struct parameter parameter, const void *value)
{
	struct parameter_place place = placement_next(placement, parameter);

	ck_assert_uint_gt(place.words, 0);
	ck_assert_uint_le(place.word + place.words, WORDS);
	ck_assert_mem_eq(&observed[place.word], value, parameter.bytes);
}

struct value_of_8 {
	int a;
	char b;
};

struct value_of_12 {
	int a[3];
};

struct value_of_24 {
	long a;
	int b[4];
};

struct __attribute__((packed)) packed_value {
	char a;
	long b;
};

union value_of_16 {
	char a;
	long b[2];
};

struct nothing {
};

START_TEST(finds_what_the_compiler_passes)
{
	void (*function)(int, struct value_of_12, struct value_of_24,
			 struct nothing, struct packed_value, signed char,
			 union value_of_16, struct value_of_12,
			 struct value_of_8, long) =
		(void (*)(int, struct value_of_12, struct value_of_24,
			  struct nothing, struct packed_value, signed char,
			  union value_of_16, struct value_of_12,
			  struct value_of_8, long))observe;
	struct placement placement = { .machine = MACHINE_X86_64 };
	int first = 0x11111111;
	struct value_of_12 small = { { 0x21, 0x22, 0x23 } };
	struct value_of_24 large = { 0x31, { 0x32, 0x33, 0x34, 0x35 } };
	struct nothing none = {};
	struct packed_value odd = { 0x41, 0x42 };
	signed char octet = 0x51;
	union value_of_16 either = { .b = { 0x61, 0x62 } };
	struct value_of_12 second = { { 0x71, 0x72, 0x73 } };
	struct value_of_8 word = { 0x81, 0x12 };
	long last = 0x91;

	function(first, small, large, none, odd, octet, either, second, word,
		 last);
	expect_observed(&placement, (struct parameter){ PARAMETER_INTEGER, 4 },
			&first);
	expect_observed(&placement, (struct parameter){ PARAMETER_STRUCT, 12 },
			&small);
	expect_observed(&placement, (struct parameter){ PARAMETER_STRUCT, 24 },
			&large);
	expect_nowhere(&placement, empty);
	expect_observed(&placement, (struct parameter){ PARAMETER_PACKED, 9 },
			&odd);
	expect_observed(&placement, (struct parameter){ PARAMETER_INTEGER, 1 },
			&octet);
	expect_observed(&placement, (struct parameter){ PARAMETER_STRUCT, 16 },
			&either);
	expect_observed(&placement, (struct parameter){ PARAMETER_STRUCT, 12 },
			&second);
	expect_observed(&placement, (struct parameter){ PARAMETER_STRUCT, 5 },
			&word);
	expect_observed(&placement, (struct parameter){ PARAMETER_INTEGER, 8 },
			&last);
}
END_TEST

START_TEST(finds_128_bits_that_the_compiler_passes)
{
	void (*function)(int, __int128, double, __int128, int) =
		(void (*)(int, __int128, double, __int128, int))observe;
	struct placement placement = { .machine = MACHINE_X86_64 };
	int first = 0x11, last = 0x41;
	__int128 one = (__int128)0x21 << 64 | 0x22;
	__int128 two = (__int128)0x31 << 64 | 0x32;

	function(first, one, 1.0, two, last);
	expect_observed(&placement, (struct parameter){ PARAMETER_INTEGER, 4 },
			&first);
	expect_observed(&placement, wide, &one);
	expect_nowhere(&placement, floating);
	expect_observed(&placement, wide, &two);
	expect_observed(&placement, (struct parameter){ PARAMETER_INTEGER, 4 },
			&last);
}
END_TEST

#endif

static const struct harness_test tests[] = {
	TEST(names_registers_and_stack),
	TEST(numbers_arguments_at_the_return),
	TEST(places_integers_in_order),
	TEST(leaves_room_for_the_result),
	TEST(x86_64_lets_later_ones_have_a_register),
	TEST(arm64_keeps_the_order),
	TEST(arm64_passes_large_ones_by_reference),
	TEST(places_128_bits),
	TEST(skips_what_takes_no_word),
	TEST(gives_up_behind_the_unknown),
#ifdef __x86_64__
	TEST(finds_what_the_compiler_passes),
	TEST(finds_128_bits_that_the_compiler_passes),
#endif
};

HARNESS_MAIN("registers", tests, HARNESS_UNIT)
