/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "harness.h"

static const int owner;

static struct perftrace_field *make(struct field_description description)
{
	struct perftrace_field *field;

	description.name = description.name ? description.name : "name";
	field = field_new(&description, &owner);
	ck_assert_ptr_nonnull(field);
	return field;
}

static void expect_kind(struct field_description description,
			enum perftrace_field_kind kind, uint32_t element_size)
{
	struct perftrace_field *field = make(description);

	ck_assert_int_eq(perftrace_field_get_kind(field), kind);
	ck_assert_uint_eq(perftrace_field_get_element_size_bytes(field),
			  element_size);
	field_free(field);
}

static void expect_integer(const char *type, uint32_t size)
{
	expect_kind((struct field_description){ .type = type,
						.size = size,
						.element_size = size },
		    PERFTRACE_FIELD_INTEGER, size);
}

static void expect_bytes(const char *type, uint32_t size)
{
	expect_kind((struct field_description){ .type = type,
						.size = size,
						.element_size = size },
		    PERFTRACE_FIELD_BYTES, 1);
}

static void expect_array(const char *type, uint32_t size, uint32_t element_size,
			 enum perftrace_field_kind kind)
{
	expect_kind((struct field_description){ .type = type,
						.size = size,
						.element_size = element_size,
						.is_array = true },
		    kind, kind == PERFTRACE_FIELD_ARRAY ? element_size : 1);
}

/* @width: of an element; 0: the kind is bytes. */
static void expect_dynamic(const char *type, uint32_t said, uint32_t width)
{
	expect_kind((struct field_description){ .type = type,
						.size = 4,
						.element_size = said,
						.is_array = true,
						.is_dynamic = true },
		    width ? PERFTRACE_FIELD_ARRAY : PERFTRACE_FIELD_BYTES,
		    width ? width : 1);
}

/* As the arrays of a probe, whose type does not say how many there are. */
static void expect_uncounted(const char *type, uint32_t size, uint32_t width)
{
	struct field_description description = {
		.name = "name",
		.type = type,
		.size = size,
		.is_array = true,
	};
	struct perftrace_field *field = make(description);

	ck_assert_uint_eq(perftrace_field_get_num_elements(field),
			  width ? size / width : size);
	field_free(field);
	expect_kind(description,
		    width ? PERFTRACE_FIELD_ARRAY : PERFTRACE_FIELD_BYTES,
		    width ? width : 1);
}

START_TEST(copies_what_it_is_told)
{
	char name[] = "pid", type[] = "pid_t";
	struct perftrace_field *field =
		make((struct field_description){ .name = name,
						 .type = type,
						 .offset = 24,
						 .size = 4,
						 .element_size = 4,
						 .is_signed = true,
						 .is_common = true });

	name[0] = type[0] = '#';
	ck_assert_str_eq(perftrace_field_get_name(field), "pid");
	ck_assert_str_eq(perftrace_field_get_type(field), "pid_t");
	ck_assert_uint_eq(perftrace_field_get_offset_bytes(field), 24);
	ck_assert_uint_eq(perftrace_field_get_size_bytes(field), 4);
	ck_assert_uint_eq(perftrace_field_get_num_elements(field), 1);
	ck_assert(perftrace_field_is_signed(field));
	ck_assert(perftrace_field_is_common(field));
	ck_assert(!perftrace_field_is_dynamic(field));
	ck_assert(!perftrace_field_is_relative(field));
	ck_assert_ptr_eq(field_get_owner(field), &owner);
	field_free(field);
	field_free(NULL);
}
END_TEST

START_TEST(knows_integers)
{
	expect_integer("unsigned char", 1);
	expect_integer("char", 1);
	expect_integer("short", 2);
	expect_integer("pid_t", 4);
	expect_integer("unsigned long", 8);
	expect_integer("const char *", 8);
	expect_integer("struct page *", 8);
	expect_integer("enum zone", 4);
	expect_bytes("u128", 16);
	expect_bytes("odd_t", 3);
	expect_bytes("empty", 0);
}
END_TEST

START_TEST(knows_structures)
{
	expect_bytes("struct point", 8);
	expect_bytes("union sigval", 4);
	expect_array("struct point[2]", 16, 8, PERFTRACE_FIELD_BYTES);
	expect_integer("structure_t", 8);
}
END_TEST

START_TEST(knows_text_from_numbers)
{
	expect_array("char[16]", 16, 1, PERFTRACE_FIELD_STRING);
	expect_array("const char[16]", 16, 1, PERFTRACE_FIELD_STRING);
	expect_array("unsigned char[6]", 6, 1, PERFTRACE_FIELD_ARRAY);
	expect_array("u8[16]", 16, 1, PERFTRACE_FIELD_ARRAY);
	expect_array("uchar[16]", 16, 1, PERFTRACE_FIELD_ARRAY);
	expect_array("char *[2]", 16, 8, PERFTRACE_FIELD_ARRAY);
}
END_TEST

START_TEST(knows_arrays)
{
	struct perftrace_field *field = make((struct field_description){
		.type = "int[4]",
		.size = 16,
		.element_size = 4,
		.is_signed = true,
		.is_array = true,
	});

	ck_assert_uint_eq(perftrace_field_get_num_elements(field), 4);
	ck_assert(perftrace_field_is_signed(field));
	field_free(field);
	expect_array("unsigned long[6]", 48, 8, PERFTRACE_FIELD_ARRAY);
	expect_array("odd_t[2]", 6, 3, PERFTRACE_FIELD_BYTES);
	expect_array("int[4]", 2, 0, PERFTRACE_FIELD_BYTES);
	expect_uncounted("u8[]", 3, 1);
	expect_uncounted("u16[]", 8, 2);
	expect_uncounted("s32[]", 8, 4);
	expect_uncounted("u64[]", 512, 8);
	expect_uncounted("u64[]", 12, 0);
	expect_uncounted("odd_t[]", 12, 0);
}
END_TEST

START_TEST(knows_dynamic_text)
{
	struct perftrace_field *field = make((struct field_description){
		.type = "__data_loc char[]",
		.size = 4,
		.element_size = 1,
		.is_signed = true,
		.is_array = true,
		.is_dynamic = true,
	});

	ck_assert_int_eq(perftrace_field_get_kind(field),
			 PERFTRACE_FIELD_STRING);
	ck_assert_uint_eq(perftrace_field_get_num_elements(field), 0);
	ck_assert(!perftrace_field_is_signed(field));
	ck_assert(perftrace_field_is_dynamic(field));
	field_free(field);
}
END_TEST

START_TEST(knows_dynamic_arrays)
{
	expect_dynamic("__data_loc u64[]", 8, 8);
	expect_dynamic("__rel_loc u8[]", 1, 1);
	expect_dynamic("__data_loc unsigned char[]", 0, 1);
	expect_dynamic("__data_loc bool[]", 0, 1);
	expect_dynamic("__data_loc short int[]", 0, 2);
	expect_dynamic("__data_loc unsigned int[]", 0, 4);
	expect_dynamic("__data_loc unsigned[]", 0, 4);
	expect_dynamic("__data_loc int[]", 0, 4);
	expect_dynamic("__data_loc unsigned long[]", 0, sizeof(long));
	expect_dynamic("__data_loc long long[]", 0, 8);
	expect_dynamic("__data_loc __be16[]", 0, 2);
	expect_dynamic("__data_loc __u32[]", 0, 4);
}
END_TEST

/* As probes of the kernel have them: "field:u64 words[]; ... size:24;". */
START_TEST(knows_arrays_without_a_length)
{
	static const struct {
		const char *type;
		uint32_t element_size;
	} types[] = {
		{ "u8[]", 1 },	{ "s8[]", 1 },	{ "u16[]", 2 }, { "s16[]", 2 },
		{ "u32[]", 4 }, { "s32[]", 4 }, { "u64[]", 8 }, { "s64[]", 8 },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct perftrace_field *field = make((struct field_description){
			.type = types[i].type, .size = 24, .is_array = true });

		ck_assert_int_eq(perftrace_field_get_kind(field),
				 PERFTRACE_FIELD_ARRAY);
		ck_assert_uint_eq(perftrace_field_get_num_elements(field),
				  24 / types[i].element_size);
		field_free(field);
	}
	expect_kind((struct field_description){ .type = "pointer_t[]",
						.size = 24,
						.is_array = true },
		    PERFTRACE_FIELD_BYTES, 1);
}
END_TEST

START_TEST(knows_dynamic_bytes)
{
	expect_dynamic("__data_loc struct point[]", 0, 0);
	expect_dynamic("__data_loc struct int[]", 0, 0);
	expect_dynamic("__data_loc pointer_t[]", 0, 0);
	expect_dynamic("__data_loc char *[]", 0, 0);
	expect_kind((struct field_description){ .type = "__data_loc cpumask_t",
						.size = 4,
						.is_dynamic = true },
		    PERFTRACE_FIELD_BYTES, 1);
}
END_TEST

static void expect_place(struct perftrace_field *field, const void *raw,
			 size_t raw_bytes, size_t offset, size_t size)
{
	const void *value;
	size_t value_bytes;

	ck_assert_int_eq(
		field_locate(field, raw, raw_bytes, &value, &value_bytes), 0);
	ck_assert_ptr_eq(value, (const char *)raw + offset);
	ck_assert_uint_eq(value_bytes, size);
}

static void expect_outside(struct perftrace_field *field, const void *raw,
			   size_t raw_bytes)
{
	const void *value;
	size_t value_bytes;

	ck_assert_int_eq(field_locate(field, raw, raw_bytes, &value,
				      &value_bytes),
			 -EBADMSG);
}

START_TEST(locates_in_place)
{
	struct perftrace_field *field = make((struct field_description){
		.type = "int", .offset = 8, .size = 4, .element_size = 4 });
	char raw[32] = { 0 };
	size_t i;

	expect_place(field, raw, 32, 8, 4);
	expect_place(field, raw, 12, 8, 4);
	for (i = 0; i < 12; i++)
		expect_outside(field, raw, i);
	expect_outside(field, NULL, 0);
	field_free(field);
}
END_TEST

START_TEST(does_not_overflow)
{
	struct perftrace_field *far = make((struct field_description){
		.type = "int", .offset = UINT32_MAX, .size = 4 });
	struct perftrace_field *wide = make((struct field_description){
		.type = "odd_t", .offset = 4, .size = UINT32_MAX });
	char raw[32] = { 0 };

	expect_outside(far, raw, 32);
	expect_outside(wide, raw, 32);
	field_free(far);
	field_free(wide);
}
END_TEST

static struct perftrace_field *make_dynamic(bool is_relative)
{
	return make((struct field_description){ .type = "__data_loc char[]",
						.offset = 8,
						.size = 4,
						.element_size = 1,
						.is_array = true,
						.is_dynamic = true,
						.is_relative = is_relative });
}

static void set_word(char *raw, uint32_t length, uint32_t offset)
{
	uint32_t word = length << 16 | offset;

	memcpy(raw + 8, &word, sizeof(word));
}

/* The record's bytes end with their memory. */
static char *make_raw(size_t size)
{
	char *raw = calloc(1, size);

	ck_assert_ptr_nonnull(raw);
	return raw;
}

START_TEST(locates_data_loc)
{
	struct perftrace_field *field = make_dynamic(false);
	char *raw = make_raw(32);

	set_word(raw, 6, 20);
	expect_place(field, raw, 32, 20, 6);
	expect_outside(field, raw, 25);
	set_word(raw, 0, 32);
	expect_place(field, raw, 32, 32, 0);
	set_word(raw, 1, 32);
	expect_outside(field, raw, 32);
	set_word(raw, 0, 33);
	expect_outside(field, raw, 32);
	set_word(raw, 0xffff, 0xffff);
	expect_outside(field, raw, 32);
	expect_outside(field, raw, 11);
	field_free(field);
	free(raw);
}
END_TEST

START_TEST(locates_rel_loc)
{
	struct perftrace_field *field = make_dynamic(true);
	char *raw = make_raw(32);

	set_word(raw, 6, 8);
	expect_place(field, raw, 32, 20, 6);
	set_word(raw, 20, 0);
	expect_place(field, raw, 32, 12, 20);
	set_word(raw, 21, 0);
	expect_outside(field, raw, 32);
	set_word(raw, 0, 21);
	expect_outside(field, raw, 32);
	field_free(field);
	free(raw);
}
END_TEST

START_TEST(refuses_a_location_of_another_width)
{
	struct perftrace_field *field =
		make((struct field_description){ .type = "__data_loc char[]",
						 .size = 8,
						 .is_array = true,
						 .is_dynamic = true });
	char raw[32] = { 0 };

	expect_outside(field, raw, 32);
	field_free(field);
}
END_TEST

static void expect_load(uint32_t size, bool is_signed, uint64_t number)
{
	struct perftrace_field *field = make((struct field_description){
		.type = "int[2]",
		.size = 2 * size,
		.element_size = size,
		.is_signed = is_signed,
		.is_array = true,
	});
	/* At no alignment. */
	unsigned char raw[17];

	memset(raw, 0x11, sizeof(raw));
	memset(raw + 1 + size, 0xfe, size);
	ck_assert_uint_eq(field_load(field, raw + 1, 1), number);
	ck_assert_uint_eq(field_load(field, raw + 1, 0),
			  0x1111111111111111 >> (64 - 8 * size));
	field_free(field);
}

START_TEST(loads_every_width_and_sign)
{
	expect_load(1, false, 0xfe);
	expect_load(2, false, 0xfefe);
	expect_load(4, false, 0xfefefefe);
	expect_load(8, false, 0xfefefefefefefefe);
	expect_load(1, true, 0xfffffffffffffffe);
	expect_load(2, true, 0xfffffffffffffefe);
	expect_load(4, true, 0xfffffffffefefefe);
	expect_load(8, true, 0xfefefefefefefefe);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(copies_what_it_is_told),
	TEST(knows_integers),
	TEST(knows_structures),
	TEST(knows_text_from_numbers),
	TEST(knows_arrays),
	TEST(knows_dynamic_text),
	TEST(knows_dynamic_arrays),
	TEST(knows_arrays_without_a_length),
	TEST(knows_dynamic_bytes),
	TEST(locates_in_place),
	TEST(does_not_overflow),
	TEST(locates_data_loc),
	TEST(locates_rel_loc),
	TEST(refuses_a_location_of_another_width),
	TEST(loads_every_width_and_sign),
};

HARNESS_MAIN("field", tests, HARNESS_UNIT)
