/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binary_demangle.h"
#include "harness.h"

/* What the demangler makes of a name, without one. */
static enum binary_match match(const char *demangled, const char *text)
{
	return binary_demangle_match("_Z1f", demangled, text);
}

static void expect_full(const char *demangled, const char *text)
{
	ck_assert_msg(match(demangled, text) == BINARY_MATCH_FULL,
		      "%s is not all of %s", text, demangled);
}

static void expect_part(const char *demangled, const char *text)
{
	ck_assert_msg(match(demangled, text) == BINARY_MATCH_PART,
		      "%s is not a part of %s", text, demangled);
}

static void expect_none(const char *demangled, const char *text)
{
	ck_assert_msg(match(demangled, text) == BINARY_MATCH_NONE,
		      "%s matches %s", text, demangled);
}

START_TEST(matches_names_in_full)
{
	expect_full("ns::f(int, char const*)", "ns::f(int, char const*)");
	expect_full("ns::f(int, char const*)", "ns::f(int,char const *)");
	expect_full("ns::f(int)", " ns :: f( int ) ");
	expect_full("ns::f() const", "ns::f() const");
	expect_full("(anonymous namespace)::f(int)",
		    "(anonymous namespace)::f(int)");
	expect_full("core::fmt::write", "core::fmt::write");
	expect_none("ns::f(int)", "ns::f(long)");
	expect_none("ns::f(int)", "ns::f(int");
	expect_none("ns::f(int)", "");
}
END_TEST

START_TEST(matches_names_without_parameters)
{
	expect_part("ns::f(int, char const*)", "ns::f");
	expect_part("ns::f() const", "ns::f()");
	expect_part("ns::f() const", "ns::f");
	expect_part("ns::A::~A()", "ns::A::~A");
	expect_part("(anonymous namespace)::f(int)",
		    "(anonymous namespace)::f");
	expect_part("f(int)::local::g(void (*)(int))", "f(int)::local::g");
	expect_part("f()::{lambda(int)#1}::operator()(char) const",
		    "f()::{lambda(int)#1}::operator()");
	expect_none("ns::f(int)", "f");
	expect_none("ns::f(int)", "ns");
	expect_none("f(int)::local::g()", "f");
	expect_none("f(int)::local::g()", "f(int)");
}
END_TEST

START_TEST(knows_operators)
{
	expect_part("A::operator()(int)", "A::operator()");
	expect_full("A::operator()(int)", "A::operator()(int)");
	expect_part("A::operator<(int)", "A::operator<");
	expect_part("A::operator<<(int)", "A::operator<<");
	expect_part("A::operator->() const", "A::operator->");
	expect_part("A::operator>(A const&)", "A::operator >");
	expect_part("A::operator bool() const", "A::operator bool");
	expect_part("operator new(unsigned long)", "operator new");
	expect_part("bool operator< <int>(int)", "operator< <int>");
	expect_part("operators(int)", "operators");
	expect_none("A::operator bool() const", "bool");
	expect_none("operator new(unsigned long)", "new");
}
END_TEST

START_TEST(leaves_out_what_is_returned)
{
	expect_full("int ns::f<int>(int)", "ns::f<int>(int)");
	expect_full("int ns::f<int>(int)", "int ns::f<int>(int)");
	expect_part("std::vector<int, x> ns::f<int>(int)", "ns::f<int>");
	expect_part("void f<a b>(int) const", "f<a b>");
	expect_none("int ns::f<int>(long int)", "int)");
	expect_none("int ns::f<int>(long int)", "int");
}
END_TEST

START_TEST(leaves_out_what_is_no_function)
{
	ck_assert_int_eq(binary_demangle_match("_ZThn8_N1A1fEv",
					       "non-virtual thunk to A::f()",
					       "A::f()"),
			 BINARY_MATCH_NONE);
	ck_assert_int_eq(binary_demangle_match("_ZThn8_N1A1fEv",
					       "non-virtual thunk to A::f()",
					       "non-virtual thunk to A::f()"),
			 BINARY_MATCH_FULL);
	expect_none("f(int) [clone .cold]", "f(int)");
	expect_none("f(int) [clone .cold]", "f");
	expect_full("f(int) [clone .cold]", "f(int) [clone .cold]");
}
END_TEST

static void expect_identifier(const char *text, const char *expected)
{
	struct binary_identifier identifier;

	binary_demangle_begin(text, &identifier);
	ck_assert_uint_eq(identifier.length, strlen(expected));
	ck_assert(!strncmp(identifier.text, expected, identifier.length));
}

START_TEST(finds_the_last_identifier)
{
	expect_identifier("ns::A::f(int, long)", "f");
	expect_identifier("f", "f");
	expect_identifier("ns::f<int, g<x> > ( a ) const", "f");
	expect_identifier("A::~A()", "A");
	expect_identifier("(anonymous namespace)::f", "f");
	expect_identifier("A::operator()(int)", "");
	expect_identifier("f()::{lambda()#1}", "");
	expect_identifier("", "");
	expect_identifier(">", "");
	expect_identifier("(", "");
	expect_identifier("<<<>>", "");
}
END_TEST

static bool may_match(const char *mangled, const char *text)
{
	struct binary_identifier identifier;

	binary_demangle_begin(text, &identifier);
	return binary_demangle_may_match(mangled, &identifier);
}

START_TEST(looks_for_the_identifier)
{
	ck_assert(may_match("_ZN2ns1A1fEi", "ns::A::f"));
	ck_assert(may_match("_ZN2ns1A1fEi", "A::operator()"));
	ck_assert(may_match("_ZN111111111111aEi", "1111111111a"));
	ck_assert(!may_match("_ZN2ns1A1fEi", "ns::A::g"));
	ck_assert(!may_match("_ZN2ns1A2ffEi", "ns::A::f"));
	ck_assert(!may_match("f", "f"));
}
END_TEST

/* Each refers to the one before it, twice or thrice. */
static void write_explosion(char *text, size_t bytes, int levels)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t used;
	int i, last = 2;

	used = (size_t)snprintf(text, bytes, "_Z1fI1aI1xS0_E");
	for (i = 0; i < levels; i++, last += 2)
		used += (size_t)snprintf(text + used, bytes - used,
					 "1bIS%c_S%c_E", digits[last],
					 digits[last]);
	snprintf(text + used, bytes - used, "EvT_");
}

START_TEST(reads_no_name_that_explodes)
{
	size_t left = BINARY_DEMANGLE_BYTES;
	char name[512], *text;

	if (!binary_demangle_is_available())
		skip("names of C++ are not read by this build");
	write_explosion(name, sizeof(name), 3);
	text = binary_demangle(name, &left);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_lt(left, BINARY_DEMANGLE_BYTES - strlen(text));
	free(text);
	/* 200 bytes, which would become 27 megabytes, */
	write_explosion(name, sizeof(name), 16);
	ck_assert_ptr_null(binary_demangle(name, &left));
	/* and for each of a hundred, a hundred times. */
	ck_assert_ptr_null(binary_demangle(
		"_Z1fIJiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiEEv"
		"DpDpDpDpDpDpT_",
		&left));
}
END_TEST

START_TEST(reads_no_more_than_it_may)
{
	size_t left = 2000;

	if (!binary_demangle_is_available())
		skip("names of C++ are not read by this build");
	free(binary_demangle("_Z1fv", &left));
	free(binary_demangle("_Z1fv", &left));
	ck_assert_uint_eq(left, 0);
	ck_assert_ptr_null(binary_demangle("_Z1fv", &left));
}
END_TEST

static const struct harness_test tests[] = {
	TEST(matches_names_in_full),
	TEST(matches_names_without_parameters),
	TEST(knows_operators),
	TEST(leaves_out_what_is_returned),
	TEST(leaves_out_what_is_no_function),
	TEST(finds_the_last_identifier),
	TEST(looks_for_the_identifier),
	TEST(reads_no_name_that_explodes),
	TEST(reads_no_more_than_it_may),
};

HARNESS_MAIN("binary_demangle", tests, HARNESS_UNIT)
