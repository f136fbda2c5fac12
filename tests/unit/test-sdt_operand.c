/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "export.h"
#include "harness.h"
#include "log.h"
#include "sdt_operand.h"

static struct sdt_operand parse_one(enum machine machine, const char *text)
{
	struct sdt_operand operand;
	struct log *log = log_new();
	size_t count = 0;

	ck_assert_int_eq(
		sdt_operands_parse(log, machine, text, &operand, 1, &count), 0);
	ck_assert_msg(count == 1, "%s: %zu operands", text, count);
	ck_assert_uint_eq(operand.position, 0);
	ck_assert_msg(operand.length == strlen(text), "%s: %zu bytes long",
		      text, operand.length);
	log_free(log);
	return operand;
}

struct written {
	const char *text;
	/* The fetch argument, a colon, and the type. */
	const char *expected;
	const char *type;
};

static void expect_written(enum machine machine, const struct written *rows,
			   size_t count)
{
	char text[64], type[64], both[130];
	size_t i;

	for (i = 0; i < count; i++) {
		struct sdt_operand operand = parse_one(machine, rows[i].text);

		ck_assert_msg(!operand.reason, "%s %s", rows[i].text,
			      operand.reason);
		ck_assert_int_eq(sdt_operand_write(&operand, rows[i].type, 4660,
						   text, sizeof(text), type,
						   sizeof(type)),
				 0);
		snprintf(both, sizeof(both), "%s:%s", text, type);
		ck_assert_msg(!strcmp(both, rows[i].expected), "%s: %s, not %s",
			      rows[i].text, both, rows[i].expected);
	}
}

struct refused {
	const char *text;
	const char *words;
};

static void expect_refused(enum machine machine, const struct refused *rows,
			   size_t count)
{
	char text[64], type[64];
	size_t i;

	for (i = 0; i < count; i++) {
		struct sdt_operand operand = parse_one(machine, rows[i].text);

		ck_assert_msg(operand.kind == SDT_OPERAND_UNSUPPORTED,
			      "%s is taken", rows[i].text);
		ck_assert_msg(strstr(operand.reason, rows[i].words),
			      "%s %s: no \"%s\"", rows[i].text, operand.reason,
			      rows[i].words);
		ck_assert_int_eq(sdt_operand_write(&operand, NULL, 0, text,
						   sizeof(text), type,
						   sizeof(type)),
				 -EINVAL);
	}
}

START_TEST(writes_registers_of_x86_64)
{
	static const struct written rows[] = {
		{ "-4@%edi", "%di:s32", NULL },
		{ "8@%rax", "%ax:u64", NULL },
		{ "-8@%rbx", "%bx:s64", NULL },
		{ "1@%al", "%ax:u8", NULL },
		{ "-1@%sil", "%si:s8", NULL },
		{ "2@%ax", "%ax:u16", NULL },
		{ "-2@%bp", "%bp:s16", NULL },
		{ "4@%r8d", "%r8:u32", NULL },
		{ "2@%r15w", "%r15:u16", NULL },
		{ "1@%r10b", "%r10:u8", NULL },
		{ "8@%r12", "%r12:u64", NULL },
		{ "8@%rsp", "%sp:u64", NULL },
		{ "8@%rip", "%ip:u64", NULL },
		/* The size is what was passed, not what holds it. */
		{ "4@%rdi", "%di:u32", NULL },
		{ "%edi", "%di:u32", NULL },
		{ "%rdi", "%di:u64", NULL },
		{ "%dl", "%dx:u8", NULL },
	};

	expect_written(MACHINE_X86_64, rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(writes_memory_of_x86_64)
{
	static const struct written rows[] = {
		{ "-4@-20(%rbp)", "-20(%bp):s32", NULL },
		{ "8@(%rax)", "+0(%ax):u64", NULL },
		{ "8@8(%rsp)", "+8(%sp):u64", NULL },
		{ "2@0x10(%r9)", "+16(%r9):u16", NULL },
		{ "4@8+16(%rsp)", "+24(%sp):u32", NULL },
		{ "4@-8+4-2(%rsp)", "-6(%sp):u32", NULL },
		{ "16(%rsp)", "+16(%sp):u64", NULL },
		{ "8@-2147483648(%rax)", "-2147483648(%ax):u64", NULL },
		{ "8@2147483647(%rax)", "+2147483647(%ax):u64", NULL },
		{ "4@sym(%rip)", "@+4660:u32", NULL },
		{ "4@sym+8(%rip)", "@+4660:u32", NULL },
		{ "-4@-4+x(%rip)", "@+4660:s32", NULL },
		{ "4@sym", "@+4660:u32", NULL },
	};

	expect_written(MACHINE_X86_64, rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(writes_constants_of_x86_64)
{
	static const struct written rows[] = {
		{ "8@$5", "\\5:u64", NULL },
		{ "-4@$-1", "\\-1:s32", NULL },
		{ "-4@$0x7f", "\\127:s32", NULL },
		{ "1@$0", "\\0:u8", NULL },
		{ "$7", "\\7:u64", NULL },
		{ "8@$18446744073709551615", "\\-1:u64", NULL },
		{ "-8@$-9223372036854775808", "\\-9223372036854775808:s64",
		  NULL },
	};

	expect_written(MACHINE_X86_64, rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(refuses_what_x86_64_can_not_fetch)
{
	static const struct refused rows[] = {
		{ "8@2147483648(%rax)", "further from its register" },
		{ "8@-9223372036854775807(%rax)", "further from its register" },
		{ "8@(%rax,%rbx,8)", "two registers" },
		{ "8@16(%rax,%rbx)", "two registers" },
		{ "8@(,%rax,8)", "two registers" },
		{ "8f@%xmm0", "floating point" },
		{ "4f@-20(%rbp)", "floating point" },
		{ "8@%xmm0", "floating point" },
		{ "8@%ymm12", "floating point" },
		{ "1@%ah", "second byte" },
		{ "8@%st", "does not keep" },
		{ "8@%fs:0xfffffffffffffff8", "thread-local" },
		{ "4@%fs:errno@tpoff", "thread-local" },
		{ "8@x@GOTPCREL(%rip)", "linker's tables" },
		{ "8@$.LC0", "address of a symbol" },
		{ "8@$x+4", "address of a symbol" },
		{ "4@8(%rip)", "no symbol" },
		{ "4@0x601040", "no symbol" },
		{ "4@x(%rax)", "a symbol and a register" },
		{ "4@x+y(%rip)", "two symbols" },
		{ "4@8(%esp)", "part of a register" },
		{ "16@%xmm0", "1, 2, 4 or 8 bytes" },
		{ "0@%eax", "1, 2, 4 or 8 bytes" },
		{ "3@%eax", "1, 2, 4 or 8 bytes" },
		{ "-4@$18446744073709551616", "64 bits" },
		{ "-4@$-9223372036854775809", "64 bits" },
		{ "8@9223372036854775808(%rax)", "64 bits" },
		{ "8@9223372036854775807+1(%rax)", "64 bits" },
		{ "8@-9223372036854775807-2(%rax)", "64 bits" },
	};

	expect_refused(MACHINE_X86_64, rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(refuses_what_is_not_of_x86_64)
{
	static const struct refused rows[] = {
		{ "8@", "not understood" },
		{ "@", "not understood" },
		{ "-", "not understood" },
		{ "8@%", "not understood" },
		{ "8@%foo", "does not keep" },
		{ "8@%rax)", "not understood" },
		{ "8@%rax+8", "not understood" },
		{ "8@(rax)", "not understood" },
		{ "8@(%rax", "not understood" },
		{ "8@(%rax)8", "not understood" },
		{ "8@-x(%rip)", "not understood" },
		{ "8@1f(%rip)", "not understood" },
		{ "8@8++8(%rax)", "not understood" },
		{ "8@$", "address of a symbol" },
		{ "8@$-", "not understood" },
		{ "8@$5x", "not understood" },
		{ "8@[sp, 16]", "not understood" },
	};

	expect_refused(MACHINE_X86_64, rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(writes_arm64)
{
	static const struct written rows[] = {
		{ "-4@x0", "%x0:s32", NULL },
		{ "4@w1", "%x1:u32", NULL },
		{ "w1", "%x1:u32", NULL },
		{ "8@x30", "%x30:u64", NULL },
		{ "8@fp", "%x29:u64", NULL },
		{ "8@lr", "%x30:u64", NULL },
		{ "8@sp", "%sp:u64", NULL },
		{ "-4@wzr", "\\0:s32", NULL },
		{ "8@[sp]", "+0(%sp):u64", NULL },
		{ "8@[sp, 16]", "+16(%sp):u64", NULL },
		{ "8@[sp,16]", "+16(%sp):u64", NULL },
		{ "-4@[x29, -20]", "-20(%x29):s32", NULL },
		{ "8@[x0, #16]", "+16(%x0):u64", NULL },
		{ "8@[x0, #-16]", "-16(%x0):u64", NULL },
		{ "-8@5", "\\5:s64", NULL },
		{ "-8@-5", "\\-5:s64", NULL },
		{ "8@#5", "\\5:u64", NULL },
		{ "4@#-1", "\\-1:u32", NULL },
	};

	expect_written(MACHINE_ARM64, rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(refuses_what_arm64_can_not_fetch)
{
	static const struct refused rows[] = {
		{ "8@[x1,x2]", "two registers" },
		{ "8@[x1, x2, lsl 3]", "two registers" },
		{ "8@[x1, w2, sxtw 2]", "two registers" },
		{ "8@[x0, #:lo12:x]", "a symbol and a register" },
		{ "8@[x0, 16]!", "changes the register" },
		{ "8@[x0],16", "changes the register" },
		{ "8f@d0", "floating point" },
		{ "8@d0", "floating point" },
		{ "16@q0", "1, 2, 4 or 8 bytes" },
		{ "8@[w0]", "part of a register" },
		{ "8@[xzr]", "part of a register" },
		{ "8@x31", "not understood" },
		{ "8@x01", "not understood" },
		{ "8@x", "not understood" },
		{ "8@foo", "not understood" },
		{ "8@[sp", "not understood" },
		{ "8@[sp 16]", "not understood" },
		{ "8@[sp, 1.5]", "not understood" },
		{ "8@[sp, 4294967296]", "further from its register" },
		{ "8@%rax", "not understood" },
		{ "8@", "not understood" },
		{ "8@#", "not understood" },
	};

	expect_refused(MACHINE_ARM64, rows, ARRAY_SIZE(rows));
}
END_TEST

/* Strings and arrays are not in the argument: it is where they begin. */
START_TEST(writes_the_types_of_the_caller)
{
	static const struct written rows[] = {
		{ "8@%rdi", "+0(%di):string", "string" },
		{ "8@%rdi", "+0(%di):ustring", "ustring" },
		{ "8@%rdi", "+0(%di):x32[4]", "x32[4]" },
		{ "8@-20(%rbp)", "+0(-20(%bp)):string", "string" },
		{ "8@name(%rip)", "+0(@+4660):string", "string" },
		{ "8@$4202500", "+0(\\4202500):string", "string" },
		{ "8@%rdi", "%di:x64", "x64" },
		{ "-4@-20(%rbp)", "-20(%bp):b4@0/32", "b4@0/32" },
	};

	expect_written(MACHINE_X86_64, rows, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(tells_where_a_symbol_stands)
{
	static const struct {
		const char *text;
		const char *symbol;
		int64_t value;
	} rows[] = {
		{ "4@sym(%rip)", "sym", 0 },
		{ "4@sym+8(%rip)", "sym", 8 },
		{ "4@sym-8(%rip)", "sym", -8 },
		{ "-4@-4+x(%rip)", "x", -4 },
		{ "4@4+_a.b$1+8(%rip)", "_a.b$1", 12 },
		{ "counter.0(%rip)", "counter.0", 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sdt_operand operand =
			parse_one(MACHINE_X86_64, rows[i].text);
		const char *symbol = rows[i].symbol;

		ck_assert_int_eq(operand.kind, SDT_OPERAND_SYMBOL_MEMORY);
		ck_assert_int_eq(operand.value, rows[i].value);
		ck_assert_uint_eq(operand.symbol_length, strlen(symbol));
		ck_assert_mem_eq(rows[i].text + operand.symbol_position, symbol,
				 strlen(symbol));
	}
}
END_TEST

static void expect_split(enum machine machine, const char *text,
			 const char *const *parts, size_t count)
{
	struct sdt_operand operands[SDT_OPERANDS_MAX];
	struct log *log = log_new();
	size_t got = 99, i;

	ck_assert_int_eq(sdt_operands_parse(log, machine, text, operands,
					    SDT_OPERANDS_MAX, &got),
			 0);
	ck_assert_uint_eq(got, count);
	for (i = 0; i < count; i++) {
		ck_assert_uint_eq(operands[i].length, strlen(parts[i]));
		ck_assert_mem_eq(text + operands[i].position, parts[i],
				 strlen(parts[i]));
	}
	log_free(log);
}

START_TEST(separates_operands)
{
	static const char *const x86_64[] = { "-4@%edi", "8@(%rax, %rbx, 8)",
					      "8@$5" };
	static const char *const arm64[] = { "8@[sp, 16]", "4@w1",
					     "-4@[x29, -20]" };
	static const char *const broken[] = { "8@[sp, 16", "4@w1" };
	static const char *const closed[] = { "8@]", "4@w1" };
	static const char *const odd[] = { "8@8", "(" };

	expect_split(MACHINE_X86_64, "", NULL, 0);
	expect_split(MACHINE_X86_64, "  ", NULL, 0);
	expect_split(MACHINE_X86_64, "-4@%edi 8@(%rax, %rbx, 8) 8@$5", x86_64,
		     3);
	expect_split(MACHINE_X86_64, " -4@%edi  8@(%rax, %rbx, 8)\t8@$5 ",
		     x86_64, 3);
	expect_split(MACHINE_ARM64, "8@[sp, 16] 4@w1 -4@[x29, -20]", arm64, 3);
	expect_split(MACHINE_ARM64, "8@[sp, 16 4@w1", broken, 2);
	expect_split(MACHINE_ARM64, "8@] 4@w1", closed, 2);
	expect_split(MACHINE_X86_64, "8@8 (", odd, 2);
}
END_TEST

START_TEST(takes_what_it_can_of_several)
{
	struct sdt_operand operands[SDT_OPERANDS_MAX];
	struct log *log = log_new();
	size_t count = 0;

	ck_assert_int_eq(sdt_operands_parse(log, MACHINE_X86_64,
					    "-4@%edi 8f@%xmm0 8@$5", operands,
					    SDT_OPERANDS_MAX, &count),
			 0);
	ck_assert_uint_eq(count, 3);
	ck_assert_int_eq(operands[0].kind, SDT_OPERAND_REGISTER);
	ck_assert_int_eq(operands[1].kind, SDT_OPERAND_UNSUPPORTED);
	ck_assert_int_eq(operands[2].kind, SDT_OPERAND_CONSTANT);
	log_free(log);
}
END_TEST

START_TEST(refuses_more_than_there_can_be)
{
	struct sdt_operand operands[20];
	struct log *log = log_new();
	const char *text = "1@$1 1@$2 1@$3 1@$4 1@$5 1@$6 1@$7 1@$8 1@$9 "
			   "1@$10 1@$11 1@$12 1@$13";
	size_t count = 99;

	ck_assert_int_eq(sdt_operands_parse(log, MACHINE_X86_64, text, operands,
					    ARRAY_SIZE(operands), &count),
			 -E2BIG);
	ck_assert_int_eq(log_get_position(log),
			 (int32_t)(strstr(text, "1@$13") - text));
	ck_assert_int_eq(sdt_operands_parse(log, MACHINE_X86_64, "1@$1 1@$2",
					    operands, 1, &count),
			 -E2BIG);
	ck_assert_int_eq(log_get_position(log), 5);
	ck_assert_uint_eq(count, 99);
	log_free(log);
}
END_TEST

START_TEST(writes_nothing_that_has_no_room)
{
	struct sdt_operand operand = parse_one(MACHINE_X86_64, "8@-20(%rbp)");
	char text[9] = "text", type[4] = "old", long_type[64];

	ck_assert_int_eq(sdt_operand_write(&operand, NULL, 0, text, 8, type, 4),
			 -ENOSPC);
	ck_assert_int_eq(sdt_operand_write(&operand, NULL, 0, text, 9, type, 3),
			 -ENOSPC);
	ck_assert_str_eq(text, "text");
	ck_assert_str_eq(type, "old");
	ck_assert_int_eq(sdt_operand_write(&operand, NULL, 0, text, 9, type, 4),
			 0);
	ck_assert_str_eq(text, "-20(%bp)");
	ck_assert_int_eq(sdt_operand_write(&operand, "", 0, text, 9, type, 4),
			 -EINVAL);
	/* With argument and colon, 63 bytes; then 64. */
	memset(long_type, 'x', sizeof(long_type));
	long_type[54] = '\0';
	ck_assert_int_eq(sdt_operand_write(&operand, long_type, 0, text, 9,
					   type, 4),
			 -ENOSPC);
	long_type[54] = 'x';
	long_type[55] = '\0';
	ck_assert_int_eq(sdt_operand_write(&operand, long_type, 0, text, 9,
					   type, 4),
			 -E2BIG);
}
END_TEST

START_TEST(keeps_the_sign_of_an_offset)
{
	struct sdt_operand operand = parse_one(MACHINE_X86_64, "8@x(%rip)");
	char text[64], type[8];

	ck_assert_int_eq(sdt_operand_write(&operand, NULL, INT64_MIN, text,
					   sizeof(text), type, sizeof(type)),
			 0);
	/* kstrtol() reads what is behind "@+". */
	ck_assert_str_eq(text, "@+-9223372036854775808");
}
END_TEST

static const struct harness_test tests[] = {
	TEST(writes_registers_of_x86_64),
	TEST(writes_memory_of_x86_64),
	TEST(writes_constants_of_x86_64),
	TEST(refuses_what_x86_64_can_not_fetch),
	TEST(refuses_what_is_not_of_x86_64),
	TEST(writes_arm64),
	TEST(refuses_what_arm64_can_not_fetch),
	TEST(writes_the_types_of_the_caller),
	TEST(tells_where_a_symbol_stands),
	TEST(separates_operands),
	TEST(takes_what_it_can_of_several),
	TEST(refuses_more_than_there_can_be),
	TEST(writes_nothing_that_has_no_room),
	TEST(keeps_the_sign_of_an_offset),
};

HARNESS_MAIN("sdt_operand", tests, HARNESS_UNIT)
