/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "parcel.h"

struct values {
	uint64_t u64;
	uint32_t u32;
	int32_t s32;
	bool flag;
	const char *text, *empty, *none;
	size_t count;
	uint64_t *elements;
};

static void transfer(struct parcel *parcel, struct values *values)
{
	size_t i;

	parcel_u64(parcel, &values->u64);
	parcel_u32(parcel, &values->u32);
	parcel_s32(parcel, &values->s32);
	parcel_bool(parcel, &values->flag);
	parcel_text(parcel, &values->text);
	parcel_text(parcel, &values->empty);
	parcel_text(parcel, &values->none);
	parcel_count(parcel, &values->count, sizeof(uint64_t));
	values->elements = parcel_allocate(parcel, values->elements,
					   values->count, sizeof(uint64_t));
	for (i = 0; values->elements && i < values->count; i++)
		parcel_u64(parcel, &values->elements[i]);
}

static void write_values(struct parcel *parcel)
{
	uint64_t elements[] = { 1, UINT64_MAX, 3 };
	struct values values = {
		.u64 = UINT64_MAX,
		.u32 = UINT32_MAX,
		.s32 = INT32_MIN,
		.flag = true,
		.text = "eight by",
		.empty = "",
		.count = 3,
		.elements = elements,
	};

	parcel_begin_writing(parcel);
	transfer(parcel, &values);
	ck_assert_int_eq(parcel_end(parcel), 0);
}

static int read_values(const char *bytes, size_t size, struct values *values)
{
	struct parcel parcel;

	memset(values, 0, sizeof(*values));
	parcel_begin_reading(&parcel, bytes, size);
	transfer(&parcel, values);
	return parcel_end(&parcel);
}

START_TEST(comes_out_as_it_went_in)
{
	struct parcel parcel;
	struct values values;

	write_values(&parcel);
	ck_assert_int_eq(read_values(parcel.written, parcel.size, &values), 0);
	ck_assert_uint_eq(values.u64, UINT64_MAX);
	ck_assert_uint_eq(values.u32, UINT32_MAX);
	ck_assert_int_eq(values.s32, INT32_MIN);
	ck_assert(values.flag);
	ck_assert_str_eq(values.text, "eight by");
	ck_assert_str_eq(values.empty, "");
	ck_assert_ptr_null(values.none);
	ck_assert_uint_eq(values.count, 3);
	ck_assert_uint_eq(values.elements[1], UINT64_MAX);
	free(values.elements);
	parcel_clear(&parcel);
}
END_TEST

START_TEST(is_whole_or_refused)
{
	struct parcel parcel;
	struct values values;
	char *longer;
	size_t size;

	write_values(&parcel);
	for (size = 0; size < parcel.size; size++) {
		/* So that a sanitizer sees each byte behind it. */
		char *part = malloc(size ? size : 1);

		memcpy(part, parcel.written, size);
		ck_assert_int_eq(read_values(part, size, &values), -EBADMSG);
		free(values.elements);
		free(part);
	}
	longer = calloc(1, parcel.size + 8);
	memcpy(longer, parcel.written, parcel.size);
	ck_assert_int_eq(read_values(longer, parcel.size + 8, &values),
			 -EBADMSG);
	free(values.elements);
	free(longer);
	parcel_clear(&parcel);
}
END_TEST

static void begin(struct parcel *parcel, const uint64_t *numbers, size_t count)
{
	parcel_begin_reading(parcel, numbers, count * sizeof(*numbers));
}

START_TEST(numbers_that_do_not_fit)
{
	const uint64_t large[] = { UINT64_C(1) << 32 }, two[] = { 2 };
	struct parcel parcel;
	uint32_t u32 = 7;
	int32_t s32 = 7;
	bool flag;

	begin(&parcel, large, 1);
	parcel_u32(&parcel, &u32);
	ck_assert_int_eq(parcel_end(&parcel), -EBADMSG);
	ck_assert_uint_eq(u32, 0);
	begin(&parcel, large, 1);
	parcel_s32(&parcel, &s32);
	ck_assert_int_eq(parcel_end(&parcel), -EBADMSG);
	begin(&parcel, two, 1);
	parcel_bool(&parcel, &flag);
	ck_assert_int_eq(parcel_end(&parcel), -EBADMSG);
	ck_assert(!flag);
}
END_TEST

static void refuse_text(const uint64_t *numbers, size_t count)
{
	struct parcel parcel;
	const char *text = "";

	begin(&parcel, numbers, count);
	parcel_text(&parcel, &text);
	ck_assert_int_eq(parcel_end(&parcel), -EBADMSG);
	ck_assert_ptr_null(text);
}

START_TEST(texts_that_do_not_end)
{
	refuse_text((const uint64_t[]){ 8, UINT64_MAX }, 2);
	refuse_text((const uint64_t[]){ 2, 0 }, 2);
	refuse_text((const uint64_t[]){ 9, 0x61 }, 2);
	refuse_text((const uint64_t[]){ UINT64_MAX, 0x61 }, 2);
	refuse_text((const uint64_t[]){ UINT64_MAX - 1, 0x61 }, 2);
	refuse_text((const uint64_t[]){ UINT64_MAX - 7, 0x61 }, 2);
}
END_TEST

START_TEST(more_than_there_is)
{
	const uint64_t numbers[] = { 3, 0, 0 };
	struct parcel parcel;
	size_t count;

	begin(&parcel, numbers, 3);
	parcel_count(&parcel, &count, 8);
	ck_assert_int_eq(parcel_end(&parcel), -EBADMSG);
	ck_assert_uint_eq(count, 0);
	ck_assert_ptr_null(parcel_allocate(&parcel, NULL, 1, 1));
	begin(&parcel, numbers, 3);
	parcel_count(&parcel, &count, 5);
	ck_assert_uint_eq(count, 3);
}
END_TEST

START_TEST(grows)
{
	struct parcel parcel;
	uint64_t i;

	parcel_begin_writing(&parcel);
	for (i = 0; i < 10000; i++)
		parcel_u64(&parcel, &i);
	ck_assert_int_eq(parcel_end(&parcel), 0);
	ck_assert_uint_eq(parcel.size, 80000);
	memcpy(&i, parcel.written + 79992, 8);
	ck_assert_uint_eq(i, 9999);
	parcel_clear(&parcel);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(comes_out_as_it_went_in), TEST(is_whole_or_refused),
	TEST(numbers_that_do_not_fit), TEST(texts_that_do_not_end),
	TEST(more_than_there_is),      TEST(grows),
};

HARNESS_MAIN("parcel", tests, HARNESS_UNIT)
