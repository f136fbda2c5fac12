/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every text is expected of the compiled print format, and of libtraceevent.
 * What only a kernel's formats have, tests/live/test-print.c compares.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_tracefs.h"
#include "format.h"
#include "harness.h"
#include "log.h"

#define LOCATION(offset, length) ((uint32_t)(length) << 16 | (uint32_t)(offset))

/* As the fields below say. */
struct event {
	uint16_t type;
	uint8_t flags, preempt_count;
	int32_t pid;
	int32_t number;
	int16_t half;
	uint8_t octet;
	uint8_t flag;
	uint64_t wide;
	uint64_t list[3];
	char comm[8];
	uint32_t name;
	uint32_t bytes;
	uint32_t near_name;
	uint32_t mask;
	uint8_t mac[6];
	uint8_t unused[2];
	uint8_t ip4[4];
	uint8_t ip6[16];
	uint32_t socket;
	uint64_t where;
	uint32_t words[4];
	/* Offset 128. */
	char text[32];
	uint8_t octets[32];
};

#define TEXT   128
#define OCTETS 160

static const char fields[] =
	"\tfield:int number;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:short half;\toffset:12;\tsize:2;\tsigned:1;\n"
	"\tfield:unsigned char octet;\toffset:14;\tsize:1;\tsigned:0;\n"
	"\tfield:bool flag;\toffset:15;\tsize:1;\tsigned:0;\n"
	"\tfield:u64 wide;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long list[3];\toffset:24;\tsize:24;\tsigned:0;\n"
	"\tfield:char comm[8];\toffset:48;\tsize:8;\tsigned:0;\n"
	"\tfield:__data_loc char[] name;\toffset:56;\tsize:4;\tsigned:0;\n"
	"\tfield:__data_loc u8[] bytes;\toffset:60;\tsize:4;\tsigned:0;\n"
	"\tfield:__rel_loc char[] near;\toffset:64;\tsize:4;\tsigned:0;\n"
	"\tfield:__data_loc unsigned long[] mask;\toffset:68;\tsize:4;"
	"\tsigned:0;\n"
	"\tfield:u8 mac[6];\toffset:72;\tsize:6;\tsigned:0;\n"
	"\tfield:u8 ip4[4];\toffset:80;\tsize:4;\tsigned:0;\n"
	"\tfield:u8 ip6[16];\toffset:84;\tsize:16;\tsigned:0;\n"
	"\tfield:__data_loc u8[] socket;\toffset:100;\tsize:4;\tsigned:0;\n"
	"\tfield:const char * where;\toffset:104;\tsize:8;\tsigned:0;\n"
	"\tfield:u32 words[4];\toffset:112;\tsize:16;\tsigned:0;\n";

static struct log *event_log;
static struct event event;

static char *resolve(void *data, unsigned long long *address, char **module)
{
	static char name[] = "function";

	(void)data;
	(void)module;
	if (*address < 0x1000)
		return NULL;
	*address = 0x1000;
	return name;
}

static void begin(void)
{
	event_log = log_new();
	event = (struct event){
		.type = 42,
		.number = -7,
		.half = -2,
		.octet = 200,
		.flag = 1,
		.wide = 0x123456789abcdef0,
		.list = { 10, 20, 30 },
		.comm = "task",
		.name = LOCATION(TEXT, 6),
		.bytes = LOCATION(OCTETS, 4),
		.near_name = LOCATION(TEXT - 68, 6),
		.mask = LOCATION(OCTETS + 8, 8),
		.mac = { 0x00, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f },
		.ip4 = { 192, 168, 1, 20 },
		.ip6 = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
		.socket = LOCATION(OCTETS + 16, 16),
		.where = 0x2000,
		.words = { 1, 2, 3, 0xffffffff },
		.text = "hello",
		.octets = { 0xde, 0xad, 0xbe,
			    0xef, [8] = 0x0d, [12] = 0x80, [16] = 2, [18] = 0x1f,
			    0x90, 127, 0, 0, 1 },
	};
}

static struct format *make(const char *print)
{
	char strings[] = "0x2000 : \"a string\\n\"\n";
	char *text = fake_format("event", 42, fields, print);
	struct format *format;

	ck_assert_int_eq(format_parse(event_log, "test:event", text,
				      strlen(text), event_log, &format),
			 0);
	free(text);
	ck_assert_int_eq(format_add_strings(format, event_log, strings), 0);
	format_set_resolver(format, resolve, NULL);
	return format;
}

static void expect_slow(struct format *format, const char *expected)
{
	const char *text;
	size_t text_bytes;

	ck_assert_int_eq(format_print_slowly(format, event_log, 0, &event,
					     sizeof(event), &text, &text_bytes),
			 0);
	ck_assert_str_eq(text, expected);
	ck_assert_uint_eq(text_bytes, strlen(expected));
}

static void expect_quick(struct format *format, const char *expected,
			 bool is_cut)
{
	const char *text;
	size_t text_bytes;
	bool was_cut;

	ck_assert_msg(!format_compile(format), "%s", format_compile(format));
	ck_assert_int_eq(format_print_quickly(format, event_log, &event,
					      sizeof(event), &text, &text_bytes,
					      &was_cut),
			 0);
	ck_assert_str_eq(text, expected);
	ck_assert_uint_eq(text_bytes, strlen(expected));
	ck_assert_int_eq(was_cut, is_cut);
}

static void expect(const char *print, const char *expected)
{
	struct format *format = make(print);

	expect_quick(format, expected, false);
	expect_slow(format, expected);
	format_free(format);
}

/* Where libtraceevent would read or calculate what there is not. */
static void expect_cut(const char *print, const char *expected)
{
	struct format *format = make(print);

	expect_quick(format, expected, true);
	format_free(format);
}

static void expect_refusal(const char *print, const char *reason)
{
	struct format *format = make(print);

	ck_assert_str_eq(format_compile(format), reason);
	format_free(format);
}

static void end(void)
{
	log_free(event_log);
}

START_TEST(prints_literals)
{
	begin();
	expect("\"\"", "");
	expect("\"100%% a\\tb\\n\\\\ \\q\"", "100% a\tb\n\\ q");
	expect("\"a rather long literal, of more than a block\"",
	       "a rather long literal, of more than a block");
	expect("\"one \" \"two\"", "one two");
	expect("\"%td\", REC->number", ">t<d");
	end();
}
END_TEST

START_TEST(prints_numbers)
{
	begin();
	expect("\"%d %u %x\", REC->number, REC->number, REC->number",
	       "-7 4294967289 fffffff9");
	/* Fields are not sign-extended. */
	expect("\"%ld %d %i\", REC->number, REC->half, REC->half",
	       "4294967289 65534 65534");
	expect("\"%hd %hu %hhd %hhu\", REC->half, REC->half, REC->octet, "
	       "REC->octet",
	       "-2 65534 -56 200");
	expect("\"%llx %lu %zu %Lu %d\", REC->wide, REC->wide, REC->wide, "
	       "REC->wide, REC->wide",
	       "123456789abcdef0 1311768467463790320 1311768467463790320 "
	       "1311768467463790320 -1698898192");
	expect("\"%d %d\", REC->flag, REC->comm", "1 1802723700");
	expect("\"%d\", REC->common_type", "42");
	end();
}
END_TEST

START_TEST(prints_numbers_in_shape)
{
	begin();
	event.number = 44;
	expect("\"[%5d|%-5d|%05d|%.4d|%6.4d]\", REC->number, REC->number, "
	       "REC->number, REC->number, REC->number",
	       "[   44|44   |00044|0044|  0044]");
	expect("\"[%08lx|%#x|%#o|%#08x|%X|%o]\", REC->wide, REC->number, "
	       "REC->number, REC->number, REC->octet, REC->octet",
	       "[123456789abcdef0|0x2c|054|0x00002c|C8|310]");
	expect("\"[%*d|%.*d|%-4x|%08.4x]\", 4, REC->number, 4, REC->number, "
	       "REC->number, REC->number",
	       "[  44|0044|2c  |    002c]");
	event.number = 0;
	expect("\"[%#x|%#o|%.0d|%#.0o|%5.0x|%x]\", REC->number, REC->number, "
	       "REC->number, REC->number, REC->number, REC->number",
	       "[0|0||0|     |0]");
	event.number = -5;
	expect("\"[%05d|%-5d|%5d]\", REC->number, REC->number, "
	       "REC->number",
	       "[-0005|-5   |   -5]");
	end();
}
END_TEST

START_TEST(calculates)
{
	begin();
	event.number = 6;
	expect("\"%d %d %d %d\", REC->number + 2, REC->number * 3, "
	       "REC->number / 4, REC->number % 4",
	       "8 18 1 2");
	expect("\"%d %d %d\", REC->number << 2, REC->number >> 1, "
	       "REC->number & 3 | 8",
	       "24 3 10");
	expect("\"%d %d %d %d %d %d\", REC->number == 6, REC->number != 6, "
	       "REC->number < 7, REC->number <= 5, REC->number > 5, "
	       "REC->number >= 7",
	       "1 0 1 0 1 0");
	expect("\"%d %d %d %d %d\", !REC->number, REC->number && 0, "
	       "REC->number || 0, ~REC->number, -REC->number",
	       "0 0 1 -7 -6");
	expect("\"%d\", REC->number ? REC->octet : REC->half", "200");
	expect("\"%d\", (REC->number - 6) ? REC->octet : (REC->flag ? 5 : 4)",
	       "5");
	expect("\"%d\", ((1 << 3 | 7) + 1) * REC->number", "96");
	expect("\"%lx %lx %lx\", (u8)REC->wide, (unsigned short)REC->wide, "
	       "(pid_t)REC->wide",
	       "f0 def0 123456789abcdef0");
	expect("\"%s\", REC->number == 6 ? \"yes\" : \"no\"", "yes");
	end();
}
END_TEST

START_TEST(prints_elements)
{
	begin();
	expect("\"%lu %lu\", REC->list[0], REC->list[2]", "10 30");
	expect("\"%u\", REC->words[REC->flag]", "2");
	/* Beyond the record is nothing, beyond the array its neighbour. */
	expect("\"%lu\", REC->list[100]", "0");
	expect("\"%x\", REC->list[3]", "6b736174");
	expect("\"%x %x\", ((u8 *)__get_dynamic_array(bytes))[0], "
	       "((u8 *)__get_dynamic_array(bytes))[3]",
	       "de ef");
	expect("\"%d\", __get_dynamic_array_len(bytes)", "4");
	end();
}
END_TEST

START_TEST(prints_strings)
{
	begin();
	expect("\"<%s> <%8s> <%-8s> <%.2s> <%.*s>\", REC->comm, REC->comm, "
	       "REC->comm, REC->comm, 3, REC->comm",
	       "<task> <    task> <task    > <ta> <tas>");
	memcpy(event.comm, "12345678", 8);
	expect("\"<%s>\", REC->comm", "<12345678>");
	expect("\"<%s> <%s> <%10s>\", __get_str(name), __get_rel_str(near), "
	       "__get_str(name)",
	       "<hello> <hello> <     hello>");
	expect("\"<%s>\", \"literal\"", "<literal>");
	event.name = LOCATION(TEXT, 0);
	expect("\"<%10s>\", __get_str(name)", "<>");
	/* Its length does not end it. */
	event.name = LOCATION(TEXT, 1);
	expect("\"<%s>\", __get_str(name)", "<hello>");
	/* No number is a string, and a cast makes none. */
	expect("\"<%s> <%s>\", REC->number + 1, (char *)REC->comm", "<> <>");
	end();
}
END_TEST

START_TEST(prints_strings_of_the_kernel)
{
	begin();
	expect("\"<%s> <%20s>\", REC->where, REC->where",
	       "<a string> <a string>");
	event.where = 0x2001;
	expect("\"<%s>\", REC->where", "<2001>");
	end();
}
END_TEST

START_TEST(prints_symbols)
{
	static const char print[] =
		"\"<%s> <%6s>\", __print_symbolic(REC->number, { 0, \"zero\" }, "
		"{ 1, \"one\" }, { 0x10, \"more\" }), "
		"__print_symbolic(REC->flag, { 1, \"one\" })";

	begin();
	event.number = 0;
	expect(print, "<zero> <   one>");
	event.number = 16;
	expect(print, "<more> <   one>");
	event.number = 17;
	event.flag = 0;
	expect(print, "<0x11> <0x0>");
	event.number = 1;
	expect("\"%s\", __print_symbolic(REC->number, { TIMER_SOFTIRQ, "
	       "\"TIMER\" })",
	       "TIMER");
	end();
}
END_TEST

START_TEST(prints_flags)
{
	static const char print[] =
		"\"<%s>\", __print_flags(REC->number, \"|\", { 1, \"a\" }, "
		"{ 2, \"b\" }, { 0x10, \"c\" })";

	begin();
	event.number = 0;
	expect(print, "<>");
	event.number = 0x12;
	expect(print, "<b|c>");
	event.number = 0x21;
	expect(print, "<a|0x20>");
	event.number = 0x20;
	expect(print, "<0x20>");
	event.number = 3;
	expect("\"<%4s>\", __print_flags(REC->number, \"\", { 1, \"a\" }, "
	       "{ 2, \"b\" })",
	       "<   a   b>");
	event.number = 0;
	expect("\"%s\", REC->number ? __print_flags(REC->number, \"|\", "
	       "{ 1, \"a\" }) : \"none\"",
	       "none");
	end();
}
END_TEST

START_TEST(prints_bytes_and_arrays)
{
	begin();
	expect("\"%s\", __print_hex(REC->mac, 6)", "00 1b 2c 3d 4e 5f");
	expect("\"%s\", __print_hex_str(__get_dynamic_array(bytes), "
	       "__get_dynamic_array_len(bytes))",
	       "deadbeef");
	expect("\"%s\", __print_array(REC->words, 4, 4)", "1 2 3 4294967295");
	expect("\"%s\", __print_array(__get_dynamic_array(bytes), 4, 1)",
	       "222 173 190 239");
	expect("\"%s\", __print_array(REC->words, 2, 3)", "BAD SIZE:3 0x1 0");
	expect("\"<%s> <%20s>\", __get_bitmask(mask), __get_bitmask(mask)",
	       "<00000080,0000000d> <   00000080,0000000d>");
	expect("\"<%s>\", __get_cpumask(mask)", "<0,2-3,39>");
	expect("\"%*ph %*phN %*phC %*phD %ph\", 4, "
	       "__get_dynamic_array(bytes), 2, __get_dynamic_array(bytes), 9, "
	       "__get_dynamic_array(bytes), 2, __get_dynamic_array(bytes), "
	       "__get_dynamic_array(bytes)",
	       "de ad be ef dead de:ad:be:ef de-ad de");
	end();
}
END_TEST

START_TEST(prints_pointers)
{
	begin();
	expect("\"%p %p\", REC->wide, (void *)0", "0x123456789abcdef0 (nil)");
	expect("\"%px\", REC->where", "0x2000x");
	event.wide = 0x1004;
	expect("\"%pS %ps\", (void *)REC->wide, (void *)REC->wide",
	       "function+0x4 function");
	event.wide = 5;
	expect("\"%pS\", (void *)REC->wide", "0x5");
	end();
}
END_TEST

START_TEST(prints_addresses)
{
	begin();
	expect("\"%pM %pm %pMF %pMR\", REC->mac, REC->mac, REC->mac, REC->mac",
	       "00:1b:2c:3d:4e:5f 001b2c3d4e5f 00-1b-2c-3d-4e-5f "
	       "5f:4e:3d:2c:1b:00");
	expect("\"%pI4 %pi4 %pI4l\", REC->ip4, REC->ip4, REC->ip4",
	       "192.168.1.20 192.168.001.020 20.1.168.192");
	expect("\"%pI6 %pi6 %pI6c\", REC->ip6, REC->ip6, REC->ip6",
	       "2001:0db8:0000:0000:0000:0000:0000:0001 "
	       "20010db8000000000000000000000001 2001:db8::1");
	expect("\"%pU %pUL\", REC->ip6, REC->ip6",
	       "20010db8-0000-0000-0000-000000000001 "
	       "B80D0120-0000-0000-0000-000000000001");
	expect("\"%pISpc %pIS\", __get_dynamic_array(socket), "
	       "__get_dynamic_array(socket)",
	       "127.0.0.1:8080 127.0.0.1");
	end();
}
END_TEST

START_TEST(compresses_addresses)
{
	static const char print[] = "\"%pI6c\", REC->ip6";
	static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 10, 0, 0, 1 };
	static const uint8_t isatap[16] = { 0xfe, 0x80, [10] = 0x5e, 0xfe,
					    10,	  0,	0,	     1 };
	static const uint8_t gaps[16] = { [5] = 1, [9] = 2, [15] = 3 };
	static const uint8_t single[16] = { 0, 1, 0, 0, 0, 1, 0, 1,
					    0, 1, 0, 1, 0, 1, 0, 1 };

	begin();
	memset(event.ip6, 0, sizeof(event.ip6));
	expect(print, "::");
	memcpy(event.ip6, mapped, sizeof(mapped));
	expect(print, "::ffff:10.0.0.1");
	memcpy(event.ip6, isatap, sizeof(isatap));
	expect(print, "fe80::5efe:10.0.0.1");
	memcpy(event.ip6, gaps, sizeof(gaps));
	expect(print, "::1:0:2:0:0:3");
	memcpy(event.ip6, single, sizeof(single));
	expect(print, "1:0:1:1:1:1:1:1");
	end();
}
END_TEST

/* Lengths that lead outside of the record are cut. */
START_TEST(stays_inside_of_the_record)
{
	begin();
	event.number = 1000000;
	event.bytes = LOCATION(sizeof(event) - 2, 2);
	expect_cut("\"<%s>\", __print_hex(__get_dynamic_array(bytes), "
		   "REC->number)",
		   "<00 00>");
	expect_cut("\"%s\", __print_array(__get_dynamic_array(bytes), "
		   "REC->number, 2)",
		   "0");
	expect_cut("\"%lu\", REC->list[REC->wide]", "0");
	event.number = -1;
	expect_cut("\"<%.*s>\", REC->number, REC->comm", "<>");
	end();
}
END_TEST

START_TEST(does_not_divide_by_zero)
{
	begin();
	event.number = 0;
	expect_cut("\"%d %d\", 5 / REC->number, 5 % REC->number", "0 0");
	/* The other side of a choice is not calculated. */
	expect("\"%d\", REC->number ? 5 / REC->number : 3", "3");
	end();
}
END_TEST

static void expect_outside(struct format *format, size_t raw_bytes,
			   const char *field)
{
	unsigned char *raw = malloc(raw_bytes ? raw_bytes : 1);
	char text[128], reason[128];
	size_t text_bytes;

	ck_assert_ptr_nonnull(raw);
	memcpy(raw, &event, raw_bytes);
	ck_assert_int_eq(format_print(format, event_log, 0, raw, raw_bytes,
				      text, sizeof(text), &text_bytes),
			 -EBADMSG);
	snprintf(reason, sizeof(reason),
		 "field %s lies outside of a record of %zu bytes", field,
		 raw_bytes);
	ck_assert_str_eq(log_get_error(event_log), reason);
	free(raw);
}

START_TEST(refuses_records_that_lie)
{
	struct format *format;

	begin();
	format = make("\"%s\", __get_str(name)");
	ck_assert_ptr_null(format_compile(format));
	expect_outside(format, 0, "common_type");
	expect_outside(format, 127, "name");
	event.name = event.bytes = event.near_name = event.mask = event.socket =
		0;
	expect_outside(format, 127, "words");
	event.name = LOCATION(TEXT, 6);
	expect_outside(format, 128, "name");
	event.name = LOCATION(0xffff, 0);
	expect_outside(format, sizeof(event), "name");
	event.name = LOCATION(TEXT, 0xffff);
	expect_outside(format, sizeof(event), "name");
	event.name = LOCATION(0, sizeof(event));
	event.near_name = LOCATION(sizeof(event), 0);
	expect_outside(format, sizeof(event), "near");
	format_free(format);
	end();
}
END_TEST

/* A string's end is the record's, where there is no other. */
START_TEST(ends_strings_with_the_record)
{
	begin();
	memset(event.octets, 'x', sizeof(event.octets));
	event.name = LOCATION(sizeof(event) - 3, 2);
	event.mask = event.socket = LOCATION(TEXT, 0);
	expect("\"<%s>\", __get_str(name)", "<xxx>");
	end();
}
END_TEST

static void expect_part(struct format *format, size_t room,
			const char *expected)
{
	char text[128];
	size_t text_bytes;

	memset(text, '?', sizeof(text));
	ck_assert_int_eq(format_print(format, event_log, 0, &event,
				      sizeof(event), room ? text : NULL, room,
				      &text_bytes),
			 0);
	ck_assert_uint_eq(text_bytes, strlen(expected));
	if (room > text_bytes)
		room = text_bytes;
	ck_assert_mem_eq(text, expected, room);
	ck_assert_int_eq(text[room], '?');
}

START_TEST(fills_the_room_that_there_is)
{
	static const char expected[] =
		"a literal of some length, -7, task, hello";
	struct format *format;
	size_t room;

	begin();
	format = make("\"a literal of some length, %d, %s, %s\", REC->number, "
		      "REC->comm, __get_str(name)");
	for (room = 0; room < sizeof(expected); room++)
		expect_part(format, room, expected);
	format_free(format);
	end();
}
END_TEST

START_TEST(grows_for_long_texts)
{
	struct format *format;
	char expected[12001];

	begin();
	memset(expected, ' ', sizeof(expected) - 1);
	expected[sizeof(expected) - 1] = '\0';
	memcpy(expected + 3996, "task", 4);
	memcpy(expected + 7996, "task", 4);
	memcpy(expected + 11996, "task", 4);
	format =
		make("\"%4000s%4000s%4000s\", REC->comm, REC->comm, REC->comm");
	expect_quick(format, expected, false);
	expect_slow(format, expected);
	format_free(format);
	end();
}
END_TEST

START_TEST(says_what_it_does_not_compile)
{
	begin();
	expect_refusal("\"%d\", unknown(REC->number)",
		       "libtraceevent has not understood it");
	expect_refusal("\"%d %d\", REC->number",
		       "libtraceevent has not understood it");
	expect_refusal("\"%1-d\", REC->number",
		       "it has a conversion without a certain meaning");
	expect_refusal("\"%99999d\", REC->number",
		       "it has a conversion without a certain meaning");
	expect_refusal("\"%c\", REC->octet",
		       "it has a %c or %+, which versions of libtraceevent do "
		       "not agree on");
	expect_refusal("\"%+d\", REC->number",
		       "it has a %c or %+, which versions of libtraceevent do "
		       "not agree on");
	expect_refusal("\"%d\", REC->number ^ 1",
		       "it has an operator that is not known");
	expect_refusal("\"%p\", __get_dynamic_array(bytes)",
		       "it prints where a dynamic field lies in memory");
	expect_refusal("\"%pI4\", REC->ip6",
		       "it prints as an address a field of another size");
	expect_refusal("\"%pM\", __get_dynamic_array(bytes)",
		       "it prints as an address what is no field");
	expect_refusal("\"%d\", REC->unknown",
		       "it names a field that is not there");
	expect_refusal("\"%s\", __get_str(comm)",
		       "it takes a field for dynamic that is not");
	end();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(prints_literals),
	TEST(prints_numbers),
	TEST(prints_numbers_in_shape),
	TEST(calculates),
	TEST(prints_elements),
	TEST(prints_strings),
	TEST(prints_strings_of_the_kernel),
	TEST(prints_symbols),
	TEST(prints_flags),
	TEST(prints_bytes_and_arrays),
	TEST(prints_pointers),
	TEST(prints_addresses),
	TEST(compresses_addresses),
	TEST(stays_inside_of_the_record),
	TEST(does_not_divide_by_zero),
	TEST(refuses_records_that_lie),
	TEST(ends_strings_with_the_record),
	TEST(fills_the_room_that_there_is),
	TEST(grows_for_long_texts),
	TEST(says_what_it_does_not_compile),
};

HARNESS_MAIN("print", tests, HARNESS_UNIT)
