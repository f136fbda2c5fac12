/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "symbols.h"

static struct symbols *parse(const char *text, size_t text_bytes)
{
	struct symbols *symbols = symbols_new();
	char *copy = malloc(text_bytes + 1);

	ck_assert_ptr_nonnull(symbols);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, text_bytes + 1);
	ck_assert_int_eq(symbols_parse(symbols, copy, text_bytes), 0);
	return symbols;
}

static void expect(struct symbols *symbols, uint64_t address, const char *name,
		   uint64_t start)
{
	const char *module;
	uint64_t found = 0;

	ck_assert_pstr_eq(symbols_find(symbols, address, &found, &module),
			  name);
	ck_assert_uint_eq(found, start);
}

static const char kernel[] = "ffffffff81000100 T second\n"
			     "ffffffff81000000 T first\n"
			     "ffffffff81000200 t third\n"
			     "ffffffff81000180 d data\n"
			     "ffffffff810001c0 W weak\n"
			     "ffffffffc0000000 t driver\t[module]\n"
			     "0000000000000000 T hidden\n";

START_TEST(finds_what_an_address_lies_in)
{
	struct symbols *symbols = parse(kernel, strlen(kernel));

	expect(symbols, 0xffffffff81000000, "first", 0xffffffff81000000);
	expect(symbols, 0xffffffff810000ff, "first", 0xffffffff81000000);
	expect(symbols, 0xffffffff81000100, "second", 0xffffffff81000100);
	expect(symbols, 0xffffffff810001bf, "second", 0xffffffff81000100);
	expect(symbols, 0xffffffff810001c1, "weak", 0xffffffff810001c0);
	expect(symbols, 0xffffffff81000201, "third", 0xffffffff81000200);
	symbols_free(symbols);
	symbols_free(NULL);
}
END_TEST

START_TEST(finds_nothing_where_nothing_is)
{
	struct symbols *symbols = parse(kernel, strlen(kernel));

	expect(symbols, 0, NULL, 0);
	expect(symbols, 0xffffffff80ffffff, NULL, 0);
	expect(symbols, 0xffffffffb0000000, NULL, 0);
	expect(symbols, UINT64_MAX, NULL, 0);
	symbols_free(symbols);
}
END_TEST

START_TEST(tells_the_module)
{
	struct symbols *symbols = parse(kernel, strlen(kernel));
	const char *module;
	uint64_t start;

	ck_assert_str_eq(symbols_find(symbols, 0xffffffffc0000010, &start,
				      &module),
			 "driver");
	ck_assert_str_eq(module, "module");
	ck_assert_str_eq(symbols_find(symbols, 0xffffffff81000000, &start,
				      &module),
			 "first");
	ck_assert_ptr_null(module);
	symbols_free(symbols);
}
END_TEST

START_TEST(takes_the_first_of_several_names)
{
	static const char text[] = "00000000000ff000 T before\n"
				   "0000000000100000 T beta\n"
				   "0000000000100000 T alpha\n"
				   "0000000000100000 T gamma\n";
	struct symbols *symbols = parse(text, strlen(text));

	expect(symbols, 0x100000, "beta", 0x100000);
	expect(symbols, 0x100001, "beta", 0x100000);
	symbols_free(symbols);
}
END_TEST

START_TEST(passes_over_other_lines)
{
	static const char text[] = "\n"
				   "nonsense\n"
				   "1000\n"
				   "1000 T\n"
				   "1000 Tname\n"
				   "2000 T good\n"
				   "3000 T no newline";
	struct symbols *symbols = parse(text, strlen(text));

	expect(symbols, 0x1fff, NULL, 0);
	expect(symbols, 0x2000, "good", 0x2000);
	expect(symbols, 0x3000, "no newline", 0x3000);
	symbols_free(symbols);
}
END_TEST

START_TEST(finds_nothing_in_nothing)
{
	struct symbols *symbols = parse("", 0);

	expect(symbols, 0x1000, NULL, 0);
	symbols_free(symbols);
}
END_TEST

/* kptr_restrict. */
START_TEST(finds_nothing_when_addresses_are_hidden)
{
	static const char text[] = "0000000000000000 T first\n"
				   "0000000000000000 T second\n";
	struct symbols *symbols = parse(text, strlen(text));

	expect(symbols, 0x10, NULL, 0);
	symbols_free(symbols);
}
END_TEST

START_TEST(bears_zero_bytes)
{
	static const char text[] = "1000 T a\0002000 T b\0003000 T c\n4000 T d";
	struct symbols *symbols = parse(text, sizeof(text) - 1);

	expect(symbols, 0x1000, "a", 0x1000);
	expect(symbols, 0x4000, "d", 0x4000);
	symbols_free(symbols);
}
END_TEST

START_TEST(forgets_the_text_before)
{
	struct symbols *symbols = parse(kernel, strlen(kernel));

	ck_assert_int_eq(symbols_parse(symbols, strdup("5000 T new\n"), 11), 0);
	expect(symbols, 0x5000, "new", 0x5000);
	expect(symbols, 0xffffffff81000000, NULL, 0);
	symbols_free(symbols);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(finds_what_an_address_lies_in),
	TEST(finds_nothing_where_nothing_is),
	TEST(tells_the_module),
	TEST(takes_the_first_of_several_names),
	TEST(passes_over_other_lines),
	TEST(finds_nothing_in_nothing),
	TEST(finds_nothing_when_addresses_are_hidden),
	TEST(bears_zero_bytes),
	TEST(forgets_the_text_before),
};

HARNESS_MAIN("symbols", tests, HARNESS_UNIT)
