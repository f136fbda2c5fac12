/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "suggest.h"
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
	struct symbol_name copy;
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
	ck_assert(symbols_name(symbols, 0xffffffffc0000010, &copy));
	ck_assert_str_eq(copy.name, "driver");
	ck_assert_str_eq(copy.module, "module");
	ck_assert_uint_eq(copy.start, 0xffffffffc0000000);
	ck_assert(symbols_name(symbols, 0xffffffff81000000, &copy));
	ck_assert_str_eq(copy.name, "first");
	ck_assert_str_eq(copy.module, "");
	ck_assert(!symbols_name(symbols, 1, &copy));
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

static const char twins[] = "ffffffff81000000 t do_open\n"
			    "ffffffff81000040 t do_open.isra.0\n"
			    "ffffffff81000060 t do_open.part.1\n"
			    "ffffffff81000100 T vfs_open\n"
			    "ffffffff81000180 t show\n"
			    "ffffffff81000180 t show\n"
			    "ffffffff81000200 t show\n"
			    "ffffffff81000240 d data\n"
			    "ffffffffc0000000 t show\t[driver]\n"
			    "ffffffffc0000080 t vfs_opem\t[driver]\n";

START_TEST(finds_all_functions_of_a_name)
{
	struct symbols *symbols = parse(twins, strlen(twins));
	struct symbol matches[4];

	ck_assert_int_eq(symbols_match(symbols, "vfs_open", NULL, matches, 4),
			 1);
	ck_assert_uint_eq(matches[0].address, 0xffffffff81000100);
	ck_assert_uint_eq(matches[0].size, 0x80);
	ck_assert_str_eq(matches[0].name, "vfs_open");
	ck_assert_ptr_null(matches[0].module);
	/* Two of one address are one. */
	ck_assert_int_eq(symbols_match(symbols, "show", NULL, matches, 4), 3);
	ck_assert_uint_eq(matches[0].address, 0xffffffff81000180);
	ck_assert_uint_eq(matches[0].size, 0x80);
	ck_assert_uint_eq(matches[1].address, 0xffffffff81000200);
	ck_assert_uint_eq(matches[2].address, 0xffffffffc0000000);
	ck_assert_str_eq(matches[2].module, "driver");
	/* More than there is room for. */
	matches[1].address = 1;
	ck_assert_int_eq(symbols_match(symbols, "show", NULL, matches, 1), 3);
	ck_assert_uint_eq(matches[1].address, 1);
	ck_assert_int_eq(symbols_match(symbols, "data", NULL, matches, 4), 0);
	/* Of the last one the end is not known. */
	ck_assert_int_eq(symbols_match(symbols, "vfs_opem", NULL, matches, 4),
			 1);
	ck_assert_uint_eq(matches[0].size, 0);
	symbols_free(symbols);
}
END_TEST

START_TEST(finds_functions_of_a_module)
{
	struct symbols *symbols = parse(twins, strlen(twins));
	struct symbol match;

	ck_assert_int_eq(symbols_match(symbols, "show", "driver", &match, 1),
			 1);
	ck_assert_uint_eq(match.address, 0xffffffffc0000000);
	ck_assert_int_eq(
		symbols_match(symbols, "vfs_open", "driver", &match, 1), 0);
	ck_assert(symbols_has_module(symbols, "driver"));
	ck_assert(!symbols_has_module(symbols, "drive"));
	symbols_free(symbols);
}
END_TEST

START_TEST(says_when_addresses_are_hidden)
{
	static const char hidden[] = "0000000000000000 T vfs_open\n";
	struct symbols *symbols = parse(hidden, strlen(hidden));
	struct symbol match;

	ck_assert_int_eq(symbols_match(symbols, "vfs_open", NULL, &match, 1),
			 -EOPNOTSUPP);
	symbols_free(symbols);
}
END_TEST

START_TEST(names_what_the_compiler_made)
{
	struct symbols *symbols = parse(twins, strlen(twins));
	char text[64];

	symbols_write_variants(symbols, "do_open", text, sizeof(text));
	ck_assert_str_eq(text, "do_open.isra.0, do_open.part.1");
	symbols_write_variants(symbols, "vfs_open", text, sizeof(text));
	ck_assert_str_eq(text, "");
	symbols_write_variants(symbols, "do_open", text, 10);
	ck_assert_str_eq(text, "do_open.i");
	symbols_free(symbols);
}
END_TEST

START_TEST(offers_names)
{
	struct symbols *symbols = parse(twins, strlen(twins));
	struct suggestions suggestions;
	char text[64];

	suggest_begin(&suggestions, "vfs_oper");
	symbols_suggest(symbols, NULL, &suggestions);
	suggest_write(&suggestions, text, sizeof(text));
	ck_assert_str_eq(text, "vfs_open or vfs_opem");
	suggest_begin(&suggestions, "vfs_oper");
	symbols_suggest(symbols, "driver", &suggestions);
	suggest_write(&suggestions, text, sizeof(text));
	ck_assert_str_eq(text, "vfs_opem");
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
	TEST(finds_all_functions_of_a_name),
	TEST(finds_functions_of_a_module),
	TEST(says_when_addresses_are_hidden),
	TEST(names_what_the_compiler_made),
	TEST(offers_names),
};

HARNESS_MAIN("symbols", tests, HARNESS_UNIT)
