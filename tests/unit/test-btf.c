/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "btf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_types.h"
#include "harness.h"
#include "log.h"

static struct log *test_log;
static struct btf_types *types;
static struct btf_request request;

static void *read_fake(void *(*make)(size_t *size), size_t *size)
{
	void *bytes = make(size);

	ck_assert_ptr_nonnull(bytes);
	return bytes;
}

static void setup(void)
{
	size_t size;
	void *bytes = read_fake(fake_types_vmlinux, &size);

	test_log = log_new();
	ck_assert_int_eq(btf_types_new(test_log, bytes, size, &types), 0);
	free(bytes);
	request = (struct btf_request){ .machine = MACHINE_X86_64 };
}

static void add_module(void)
{
	size_t size;
	void *bytes = read_fake(fake_types_module, &size);
	int ret = btf_types_add_module(types, "fake", bytes, size);

	ck_assert_msg(!ret, "%s", log_get_error(test_log));
	free(bytes);
}

static void release(void)
{
	btf_types_free(types);
	log_free(test_log);
}

static int resolve(const char *expression, const char *type,
		   struct fetch_argument *argument)
{
	request.expression = expression;
	request.type = type;
	return btf_resolve(types, &request, argument);
}

/* @expected is NAME=TEXT:TYPE. */
static void expect_as(const char *expression, const char *type,
		      const char *expected)
{
	struct fetch_argument argument;
	char text[200];
	int ret = resolve(expression, type, &argument);

	ck_assert_msg(!ret, "%s", log_get_error(test_log));
	snprintf(text, sizeof(text), "%s=%s:%s", argument.name, argument.text,
		 argument.type);
	ck_assert_str_eq(text, expected);
}

static void expect(const char *expression, const char *expected)
{
	expect_as(expression, NULL, expected);
}

static void expect_bad_as(const char *expression, const char *type,
			  int position, const char *words)
{
	struct fetch_argument argument = { .name = "untouched" };

	ck_assert_msg(resolve(expression, type, &argument) == -EINVAL,
		      "%s: %s:%s", expression, argument.text, argument.type);
	ck_assert_msg(strstr(log_get_error(test_log), words), "%s: no \"%s\"",
		      log_get_error(test_log), words);
	ck_assert_msg(log_get_position(test_log) == position, "%s: at %d",
		      log_get_error(test_log), log_get_position(test_log));
	ck_assert_str_eq(argument.name, "untouched");
}

/* Refused at @position for a reason, or with a remedy, with these words. */
static void expect_bad(const char *expression, int position, const char *words)
{
	expect_bad_as(expression, NULL, position, words);
}

START_TEST(scalars_of_x86_64)
{
	setup();
	request.function = "scalars";
	expect("i", "i=%di:s32");
	expect("u", "u=%si:u32");
	expect("ul", "ul=%dx:u64");
	expect("flag", "flag=%cx:u8");
	expect("letter", "letter=%r8:s8");
	expect("s", "s=%r9:s16");
	expect("color", "color=$stack1:u32");
	expect("level", "level=$stack2:s32");
	expect("big", "big=$stack3:u64");
	release();
}
END_TEST

START_TEST(scalars_of_arm64)
{
	setup();
	request.function = "scalars";
	request.machine = MACHINE_ARM64;
	expect("i", "i=%x0:s32");
	expect("color", "color=%x6:u32");
	expect("level", "level=%x7:s32");
	expect("big", "big=$stack0:u64");
	release();
}
END_TEST

START_TEST(refuses_another_machine)
{
	struct fetch_argument argument;

	setup();
	request.function = "scalars";
	request.machine = MACHINE_UNKNOWN;
	ck_assert_int_eq(resolve("i", NULL, &argument), -EOPNOTSUPP);
	release();
}
END_TEST

START_TEST(members_and_elements)
{
	setup();
	request.function = "follow";
	expect("outer", "outer=%di:x64");
	expect("outer->number", "number=+0(%di):s32");
	expect("outer->count", "count=+4(%di):u32");
	expect("outer->next->next->count", "count=+4(+32(+32(%di))):u32");
	expect("outer->inner.a", "a=+40(%di):s32");
	expect("outer->inner.b", "b=+44(%di):s32");
	expect("outer->next->inner.c", "c=+44(+32(%di)):u8");
	expect("outer->words[3]", "words=+80(%di):u64");
	expect("outer->inners[1].c", "c=+644(%di):u8");
	expect("outer->matrix[1][2]", "matrix=+668(%di):s32");
	expect("outer->tail[2]", "tail=+788(%di):u32");
	expect("outer[1].count", "count=+804(%di):u32");
	expect("words[2]", "words=+16($stack1):u64");
	release();
}
END_TEST

START_TEST(types_by_default)
{
	setup();
	request.function = "follow";
	expect("outer->is_on", "is_on=+704(%di):u8");
	expect("outer->letter", "letter=+705(%di):s8");
	expect("outer->color", "color=+708(%di):u32");
	expect("outer->level", "level=+712(%di):s32");
	expect("outer->big", "big=+720(%di):u64");
	expect("outer->callback", "callback=+728(%di):x64");
	expect("outer->label", "label=+736(%di):x64");
	expect("outer->hidden", "hidden=+696(%di):x64");
	expect("outer->name", "name=+8(%di):string");
	expect("outer->end", "end=+780(%di):string");
	expect("outer->octets", "octets=+24(%di):u8[6]");
	expect("outer->words", "words=+56(%di):u64[4]");
	expect("outer->names", "names=+608(%di):x64[3]");
	expect("outer->matrix[1]", "matrix=+660(%di):s32[3]");
	expect("nothing", "nothing=%dx:x64");
	release();
}
END_TEST

START_TEST(stars)
{
	setup();
	request.function = "follow";
	expect("*words", "words=+0($stack1):u64");
	expect("*outer->next->words", "words=+56(+32(%di)):u64");
	expect("*text", "text=+0(%si):s8");
	expect("*pp", "pp=+0(%r9):x64");
	expect("**texts", "texts=+0(+0($stack2)):s8");
	expect("pp[0]->count", "count=+4(+0(%r9)):u32");
	expect_bad("**pp", 0, "it is a whole struct outer");
	expect_bad("***words", 1, "long unsigned int is neither");
	expect_bad("*nothing", 0, "void has no size");
	expect_bad("*****************pp", 16, "too many *");
	release();
}
END_TEST

START_TEST(bitfields)
{
	setup();
	request.function = "follow";
	expect("outer->flags", "flags=+48(%di):b3@0/32");
	expect("outer->mode", "mode=+48(%di):b5@3/32");
	expect("outer->octet", "octet=+50(%di):u8");
	expect("outer->minus_octet", "minus_octet=+51(%di):s8");
	expect("outer->on", "on=+52(%di):b1@0/8");
	expect("outer->late", "late=+52(%di):b7@1/32");
	expect_bad("outer->minus", 7, "without their sign");
	expect("outer->packed.head", "head=+744(%di):b10@0/16");
	expect("outer->packed.short_across", "short_across=+745(%di):b10@2/16");
	expect("outer->packed.across", "across=+746(%di):b30@4/64");
	expect("outer->packed.number", "number=+751(%di):u32");
	expect_bad("outer->packed.lost", 14, "two words");
	expect("outer->old.plain", "plain=+768(%di):u32");
	expect("outer->old.bits", "bits=+772(%di):b3@5/32");
	release();
}
END_TEST

START_TEST(types_that_are_asked_for)
{
	setup();
	request.function = "follow";
	expect_as("outer", "u64", "outer=%di:u64");
	expect_as("outer->count", "x32", "count=+4(%di):x32");
	expect_as("outer->callback", "symbol", "callback=+728(%di):symbol");
	expect_as("outer->callback", "symstr", "callback=+728(%di):symstr");
	expect_as("outer->count", "b4@2/32", "count=+4(%di):b4@2/32");
	expect_as("outer->octets", "x8[6]", "octets=+24(%di):x8[6]");
	expect_as("outer->octets", "x8", "octets=+24(%di):x8");
	expect_as("outer->count", "x8[4]", "count=+4(%di):x8[4]");
	expect_as("outer->many", "u64[64]", "many=+88(%di):u64[64]");
	expect_as("outer->tail", "u32[2]", "tail=+780(%di):u32[2]");
	/* What a pointer points to. */
	expect_as("words", "u64[4]", "words=+0($stack1):u64[4]");
	expect_as("outer->label", "x8[2]", "label=+0(+736(%di)):x8[2]");
	expect_as("outer->octet", "x8", "octet=+50(%di):x8");
	release();
}
END_TEST

START_TEST(strings_that_are_asked_for)
{
	setup();
	request.function = "follow";
	expect_as("text", "string", "text=+0(%si):string");
	expect_as("text", "ustring", "text=+0(%si):ustring");
	expect_as("nothing", "ustring", "nothing=+0(%dx):ustring");
	expect_as("outer->label", "string", "label=+0(+736(%di)):string");
	expect_as("outer->name", "string", "name=+8(%di):string");
	expect_as("outer->name", "ustring", "name=+8(%di):ustring");
	expect_as("outer->octets", "string", "octets=+24(%di):string");
	expect_as("*texts", "string", "texts=+0(+0($stack2)):string");
	expect_as("texts", "string[2]", "texts=+0($stack2):string[2]");
	expect_as("outer->names", "string[3]", "names=+608(%di):string[3]");
	expect_as("outer->names[1]", "string", "names=+0(+616(%di)):string");
	/* An address in an integer. */
	expect_as("*words", "ustring", "words=+0(+0($stack1)):ustring");
	expect_bad_as("outer", "string", 6, "does not point to a string");
	expect_bad_as("outer->count", "string", 13, "no address");
	expect_bad_as("outer->words", "string", 13, "not an array of bytes");
	expect_bad_as("outer->flags", "string", 13, "no address");
	release();
}
END_TEST

START_TEST(says_where_a_type_is_wrong)
{
	char type[80];

	setup();
	request.function = "follow";
	expect_bad_as("outer", "", 6, "name is missing");
	expect_bad_as("outer", "u64 ", 9, "no such character");
	expect_bad_as("outer", "[4]", 6, "name is missing");
	expect_bad_as("words", "u64[", 9, "[NUMBER]");
	expect_bad_as("words", "u64[]", 9, "[NUMBER]");
	expect_bad_as("words", "u64[4", 9, "[NUMBER]");
	expect_bad_as("words", "u64[4]x", 9, "[NUMBER]");
	expect_bad_as("words", "u64[-1]", 9, "[NUMBER]");
	expect_bad_as("words", "u64[0]", 9, "1 to 64");
	expect_bad_as("words", "u64[65]", 9, "1 to 64");
	expect_bad_as("words", "u64[18446744073709551617]", 9, "1 to 64");
	expect_bad_as("outer->flags", "u32", 13, "leave the type out");
	expect_bad_as("outer->flags", "u8[2]", 13, "bitfield");
	expect_bad_as("outer->inner", "u32", 13, "name a member: a, b, c");
	memset(type, 'x', sizeof(type));
	type[sizeof(type) - 1] = '\0';
	expect_bad_as("outer", type, 6, "no such type");
	request.function = "scalars";
	expect_bad_as("ul", "x8[8]", 3, "lies in registers");
	release();
}
END_TEST

START_TEST(says_where_an_expression_is_wrong)
{
	setup();
	request.function = "follow";
	expect_bad("", 0, "name is missing");
	expect_bad("->count", 0, "name is missing");
	expect_bad(" outer", 0, "name is missing");
	expect_bad("1outer", 0, "name is missing");
	expect_bad("outer ", 5, "neither ->");
	expect_bad("outer->", 7, "name is missing");
	expect_bad("outer->1", 7, "name is missing");
	expect_bad("outer-count", 5, "neither ->");
	expect_bad("outer->inner.", 13, "name is missing");
	expect_bad("outer->words[", 13, "a number and a ]");
	expect_bad("outer->words[1", 13, "a number and a ]");
	expect_bad("outer->words[]", 13, "a number and a ]");
	expect_bad("outer->words[-1]", 13, "a number and a ]");
	expect_bad("outer->words[i]", 13, "a number and a ]");
	expect_bad("outer->words[1]x", 15, "neither ->");
	expect_bad("$comm", 0, "only $retval");
	expect_bad("$retvalue", 0, "only $retval");
	expect_bad("$", 0, "only $retval");
	release();
}
END_TEST

START_TEST(says_where_a_name_is_wrong)
{
	setup();
	request.function = "follow";
	expect_bad("outre", 0,
		   "it is follow(struct outer *outer, const char *text, "
		   "void *nothing, struct hidden *hidden, "
		   "int (*callback)(), struct outer **pp, "
		   "long unsigned int *words, const char **texts, "
		   "struct list *list)");
	expect_bad("outer->cuont", 7,
		   "has no member cuont: did you mean count");
	expect_bad("outer->next->inner.zzz", 19, "it has a, b, c");
	expect_bad("outer->inner.aa", 13, "did you mean a?");
	expect_bad("outer->Number", 7, "did you mean number");
	release();
}
END_TEST

START_TEST(says_where_a_step_is_wrong)
{
	setup();
	request.function = "follow";
	expect_bad("outer.count", 5, "use ->");
	expect_bad("outer->inner->a", 12, "struct inner is not a pointer");
	expect_bad("outer->count.a", 12, "not a struct");
	expect_bad("outer->words->a", 12, "is not a pointer");
	expect_bad("outer->label->a", 12, "const char is not a struct");
	expect_bad("nothing->a", 7, "void is not a struct");
	expect_bad("hidden->a", 6, "struct hidden is only declared");
	expect_bad("outer->hidden->a", 13, "struct hidden is only declared");
	expect_bad("callback->a", 8, "is not a struct");
	expect_bad("outer->count[0]", 13, "neither an array nor a pointer");
	expect_bad("outer->words[4]", 13, "ends before element 4");
	expect_bad("outer->matrix[1][3]", 17, "ends before element 3");
	expect_bad("nothing[1]", 8, "void has no size");
	expect_bad("hidden[1]", 7, "struct hidden has no size");
	expect_bad("callback[1]", 9, "has no size");
	expect_bad("outer->tail[999999999]", 12, "too far away");
	expect_bad("outer->tail[1000000000]", 12, "too far away");
	expect_bad("outer->tail[536870911]", 12, "too far away");
	release();
}
END_TEST

START_TEST(says_what_can_not_be_fetched)
{
	setup();
	request.function = "follow";
	expect_bad("outer->inner", 7,
		   "whole struct inner: name a member: a, b");
	expect_bad("outer[0]", 6, "whole struct outer: name a member");
	expect_bad("outer->wide", 7, "fetches no __int128");
	expect_bad("outer->real", 7, "fetches no double");
	expect_bad("outer->inners", 7, "fetches no struct inner[2]");
	expect_bad("outer->matrix", 7, "fetches no int[3][2]");
	expect_bad("outer->many", 7, "this has 65");
	expect_bad("outer->tail", 7, "u32[8]");
	expect_bad("*callback", 0, "has no size");
	release();
}
END_TEST

#define NEXT  "->next"
#define NEXTS NEXT NEXT NEXT NEXT NEXT

START_TEST(keeps_to_the_limits)
{
	setup();
	request.function = "follow";
	/* 57 characters, 62, 67; and as many for the type. */
	expect("outer" NEXTS NEXTS "->count",
	       "count=+4(+32(+32(+32(+32(+32(+32(+32(+32(+32(+32(%di"
	       "))))))))))):u32");
	expect_bad("outer" NEXTS NEXTS NEXT "->count", 0,
		   "longer than 63 characters");
	expect_bad("outer" NEXTS NEXTS NEXT NEXT "->count", 79,
		   "longer than 63 characters");
	/* In the stack's text there are fewer. */
	expect("list" NEXTS NEXTS,
	       "next=+0(+0(+0(+0(+0(+0(+0(+0(+0(+0($stack3)))))))))):x64");
	request.is_return = true;
	expect("list" NEXTS NEXTS NEXT NEXT,
	       "next=+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0($arg9"
	       ")))))))))))):x64");
	request.is_return = false;
	request.function = "of_list";
	expect("list" NEXTS NEXTS NEXT NEXT NEXT,
	       "next=+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(%di"
	       "))))))))))))):x64");
	expect_bad("list" NEXTS NEXTS NEXT NEXT NEXT NEXT, 84,
		   "more than 13 dereferences");
	release();
}
END_TEST

START_TEST(names_the_argument)
{
	setup();
	request.function = "follow";
	expect_bad("outer->a_name_of_more_than_31_characters", 0,
		   "longer than 31 characters");
	request.name = "short_name";
	expect("outer->a_name_of_more_than_31_characters",
	       "short_name=+776(%di):s32");
	request.name = "a_name_of_31_characters_exactly";
	expect("outer", "a_name_of_31_characters_exactly=%di:x64");
	request.name = "a_name_of_32_characters_exactly_";
	expect_bad("outer", 0, "longer than 31 characters");
	request.name = "";
	expect_bad("outer", 0, "no identifier");
	request.name = "1st";
	expect_bad("outer", 0, "no identifier");
	request.name = "a-b";
	expect_bad("outer", 0, "no identifier");
	release();
}
END_TEST

START_TEST(structs_by_value_on_x86_64)
{
	setup();
	request.function = "values";
	expect("uid.val", "val=%di:u32");
	expect("pair.a", "a=%si:s32");
	expect("pair.b", "b=%si:b32@32/64");
	expect("pair.c", "c=%dx:s16");
	/* On the stack, and what follows has a register all the same. */
	expect("large.a", "a=$stack1:s64");
	expect("large.b", "b=$stack2:s64");
	expect("large.c", "c=$stack3:s32");
	expect("word.head", "head=%cx:u8");
	expect("word.tail", "tail=%cx:b8@8/64");
	expect("word.low", "low=%cx:b4@32/64");
	expect("word.high", "high=%cx:b4@36/64");
	expect("word.rest", "rest=%cx:b24@40/64");
	expect_bad("word.delta", 5, "without their sign");
	expect_bad("wide", 0, "fetches no __int128");
	/* %r8 and %r9 are the wide one's. */
	expect("last", "last=$stack4:s32");
	expect_bad("uid", 0, "whole kuid_t: name a member: val");
	expect_bad("pair", 0, "whole struct pair");
	expect_bad_as("pair.b", "x32", 7, "leave the type out");
	release();
}
END_TEST

START_TEST(structs_by_value_on_arm64)
{
	setup();
	request.function = "values";
	request.machine = MACHINE_ARM64;
	expect("uid.val", "val=%x0:u32");
	expect("pair.a", "a=%x1:s32");
	expect("pair.c", "c=%x2:s16");
	/* By reference. */
	expect("large.a", "a=+0(%x3):s64");
	expect("large.c", "c=+16(%x3):s32");
	expect("word.tail", "tail=%x4:b8@8/64");
	/* From an even register on. */
	expect("last", "last=$stack0:s32");
	release();
}
END_TEST

START_TEST(what_has_no_place)
{
	setup();
	request.function = "floats";
	expect_bad("real", 0, "no probe reads it");
	expect("after", "after=%di:s32");
	/* A struct with a double and 128 bits in it; the result is large. */
	request.function = "strange";
	expect("first", "first=%si:s32");
	expect_bad("outer.count", 0, "no probe reads it");
	expect_bad("after", 0, "no probe reads it");
	release();
}
END_TEST

START_TEST(values_of_returns)
{
	setup();
	request.is_return = true;
	request.function = "scalars";
	expect("$retval", "retval=$retval:s32");
	expect_as("$retval", "x32", "retval=$retval:x32");
	request.function = "follow";
	expect("$retval", "retval=$retval:x64");
	expect("$retval->count", "count=+4($retval):u32");
	expect("$retval->next->name", "name=+8(+32($retval)):string");
	expect("*$retval->words", "words=+56($retval):u64");
	expect_bad("$retval->counts", 9, "did you mean count");
	request.function = "values";
	expect("$retval.val", "val=$retval:u32");
	expect_bad("$retval", 0, "whole kuid_t");
	request.function = "get_pair";
	expect("$retval.b", "b=$retval:b32@32/64");
	expect_bad("$retval.c", 8, "in a register that no probe reads");
	request.function = "strange";
	expect_bad("$retval", 0, "not in a register");
	request.function = "floats";
	expect_bad("$retval", 0, "not in a register");
	request.function = "nothing";
	expect_bad("$retval", 0, "returns void");
	request.is_return = false;
	request.function = "scalars";
	expect_bad("$retval", 0, "make it a kretprobe");
	release();
}
END_TEST

START_TEST(parameters_at_returns)
{
	setup();
	request.is_return = true;
	request.function = "scalars";
	expect("i", "i=$arg1:s32");
	expect("big", "big=$arg9:u64");
	request.function = "values";
	expect("pair.c", "c=$arg3:s16");
	expect("large.b", "b=$arg8:s64");
	request.function = "follow";
	expect("outer->count", "count=+4($arg1):u32");
	request.machine = MACHINE_ARM64;
	request.function = "scalars";
	expect("level", "level=$arg8:s32");
	expect_bad("big", 0, "gone at the return");
	release();
}
END_TEST

START_TEST(functions_without_or_with_more)
{
	setup();
	request.function = "nothing";
	expect_bad("a", 0, "it is nothing(void)");
	request.function = "variadic";
	expect("format", "format=%di:x64");
	expect_bad("a", 0, "it is variadic(const char *format, ...)");
	release();
}
END_TEST

/* Which address space, where the types say it. */
START_TEST(tagged_pointers)
{
	setup();
	request.function = "tags";
	expect("outer->count", "count=+u4(%di):u32");
	expect("outer->next->count", "count=+4(+u32(%di)):u32");
	expect("outer->flags", "flags=+u48(%di):b3@0/32");
	expect("outer->name", "name=+u8(%di):string");
	expect_bad("outer->words", 7, "no array of user memory");
	expect("outer->words[1]", "words=+u64(%di):u64");
	expect("text", "text=%si:x64");
	expect_as("text", "ustring", "text=+u0(%si):ustring");
	expect_as("text", "string", "text=+u0(%si):string");
	expect("percpu", "percpu=%dx:x64");
	expect_bad("percpu->count", 8, "per-CPU");
	expect("rcu->count", "count=+4(%cx):u32");
	release();
}
END_TEST

static void expect_missing(const char *function, const char *module, int code,
			   const char *words)
{
	struct fetch_argument argument;

	request.function = function;
	request.module = module;
	ck_assert_int_eq(resolve("a", NULL, &argument), code);
	ck_assert_msg(strstr(log_get_error(test_log), words), "%s: no \"%s\"",
		      log_get_error(test_log), words);
	ck_assert_int_eq(log_get_position(test_log), -1);
}

START_TEST(says_why_there_is_no_function)
{
	setup();
	expect_missing("missing", NULL, -ENOENT, "first=%di:u64");
	expect_missing("no_function", NULL, -ENOENT, "don't have this");
	expect_missing("scalars.isra.0", NULL, -ENOENT, "compiler changed");
	expect_missing("scalars.constprop.0", NULL, -ENOENT,
		       "compiler changed");
	expect_missing("scalars.part.0", NULL, -ENOENT, "compiler changed");
	expect_missing("scalars.cold", NULL, -ENOENT, "compiler changed");
	expect_missing("scalars", "fake", -ENOENT, "module fake are not known");
	expect_missing("differing", NULL, -EADDRNOTAVAIL, "several functions");
	add_module();
	expect_missing("agreeing", "fake", -ENOENT, "module fake don't have");
	request.machine = MACHINE_ARM64;
	expect_missing("missing", NULL, -ENOENT, "first=%x0:u64");
	release();
}
END_TEST

START_TEST(functions_of_modules)
{
	setup();
	add_module();
	request.function = "scalars";
	expect("i", "i=%di:s32");
	request.module = "fake";
	expect("own->own", "own=+800(%di):s32");
	expect("own->outer.next->count", "count=+4(+32(%di)):u32");
	expect_bad("i", 0, "it is scalars(struct own *own)");
	request.function = "of_the_module";
	expect("count", "count=%si:u32");
	request.module = NULL;
	request.function = "scalars";
	expect("i", "i=%di:s32");
	release();
}
END_TEST

/* The running kernel's, which is trusted to have what any kernel has. */
static void setup_own(void)
{
	FILE *file = fopen("/sys/kernel/btf/vmlinux", "re");
	size_t room = 64 << 20, size;
	char *bytes = malloc(room);

	if (!file)
		skip("needs /sys/kernel/btf/vmlinux");
	ck_assert_ptr_nonnull(bytes);
	size = fread(bytes, 1, room, file);
	fclose(file);
	test_log = log_new();
	ck_assert_msg(!btf_types_new(test_log, bytes, size, &types), "%s",
		      log_get_error(test_log));
	free(bytes);
	request = (struct btf_request){ .machine = MACHINE_X86_64 };
}

/* Offsets are the kernel's own, all but the last. */
static void expect_name_of_dentry(const char *expression)
{
	struct fetch_argument argument;
	unsigned int name, dentry;
	char text[64];
	int ret = resolve(expression, "string", &argument);

	ck_assert_msg(!ret, "%s", log_get_error(test_log));
	ck_assert_msg(sscanf(argument.text, "+0(+%u(+%u(", &name, &dentry) == 2,
		      "%s", argument.text);
	snprintf(text, sizeof(text), "+0(+%u(+%u(%%di)))", name, dentry);
	ck_assert_str_eq(argument.text, text);
}

START_TEST(the_running_kernel)
{
	setup_own();
	request.function = "do_sys_openat2";
	expect("dfd", "dfd=%di:s32");
	expect_as("filename", "ustring", "filename=+0(%si):ustring");
	expect("how->flags", "flags=+0(%dx):u64");
	expect("how->resolve", "resolve=+16(%dx):u64");
	expect_bad("how->flgs", 5, "did you mean flags");
	request.function = "vfs_read";
	expect_name_of_dentry("file->f_path.dentry->d_name.name");
	release();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(scalars_of_x86_64),
	TEST(scalars_of_arm64),
	TEST(refuses_another_machine),
	TEST(members_and_elements),
	TEST(types_by_default),
	TEST(stars),
	TEST(bitfields),
	TEST(types_that_are_asked_for),
	TEST(strings_that_are_asked_for),
	TEST(says_where_a_type_is_wrong),
	TEST(says_where_an_expression_is_wrong),
	TEST(says_where_a_name_is_wrong),
	TEST(says_where_a_step_is_wrong),
	TEST(says_what_can_not_be_fetched),
	TEST(keeps_to_the_limits),
	TEST(names_the_argument),
	TEST(structs_by_value_on_x86_64),
	TEST(structs_by_value_on_arm64),
	TEST(what_has_no_place),
	TEST(values_of_returns),
	TEST(parameters_at_returns),
	TEST(functions_without_or_with_more),
	TEST(tagged_pointers),
	TEST(says_why_there_is_no_function),
	TEST(functions_of_modules),
	TEST(the_running_kernel),
};

HARNESS_MAIN("btf", tests, HARNESS_UNIT)
