/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "btf_bytes.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "btf_types.h"
#include "fake_types.h"
#include "harness.h"
#include "log.h"

static struct log *test_log;
static uint8_t *bytes;
static size_t size;

static void setup(void)
{
	test_log = log_new();
	bytes = fake_types_vmlinux(&size);
	ck_assert_ptr_nonnull(bytes);
}

static void release(void)
{
	free(bytes);
	log_free(test_log);
}

static struct btf_header *header(void)
{
	return (struct btf_header *)bytes;
}

static struct btf_type *first_type(void)
{
	return (struct btf_type *)(bytes + header()->hdr_len +
				   header()->type_off);
}

/* With the change that was made; and then without it. */
static void expect_bad(int code, const char *words)
{
	ck_assert_int_eq(btf_bytes_check(test_log, "vmlinux", bytes, size),
			 code);
	ck_assert_msg(strstr(log_get_error(test_log), words), "%s: no \"%s\"",
		      log_get_error(test_log), words);
	free(bytes);
	bytes = fake_types_vmlinux(&size);
	ck_assert_int_eq(btf_bytes_check(test_log, "vmlinux", bytes, size), 0);
}

START_TEST(refuses_a_bad_header)
{
	size_t whole;

	setup();
	whole = size;
	size = 0;
	expect_bad(-EINVAL, "not their size");
	size = sizeof(struct btf_header) - 1;
	expect_bad(-EINVAL, "not their size");
	size = whole - 1;
	expect_bad(-EINVAL, "header is damaged");
	header()->magic = 0x1234;
	expect_bad(-EINVAL, "first bytes");
	header()->magic = __builtin_bswap16(BTF_MAGIC);
	expect_bad(-EOPNOTSUPP, "another byte order");
	header()->hdr_len = sizeof(struct btf_header) - 4;
	expect_bad(-EINVAL, "header is damaged");
	header()->hdr_len = UINT32_MAX;
	expect_bad(-EINVAL, "header is damaged");
	header()->type_off = 2;
	expect_bad(-EINVAL, "header is damaged");
	header()->type_len = UINT32_MAX;
	expect_bad(-EINVAL, "header is damaged");
	header()->str_off = UINT32_MAX;
	expect_bad(-EINVAL, "header is damaged");
	header()->str_len++;
	expect_bad(-EINVAL, "header is damaged");
	release();
}
END_TEST

START_TEST(refuses_bad_names)
{
	setup();
	header()->str_len = 0;
	expect_bad(-EINVAL, "names are damaged");
	bytes[size - 1] = 'x';
	expect_bad(-EINVAL, "names are damaged");
	bytes[header()->hdr_len + header()->str_off] = 'x';
	expect_bad(-EINVAL, "names are damaged");
	release();
}
END_TEST

START_TEST(refuses_bad_types)
{
	setup();
	header()->type_len -= 4;
	expect_bad(-EINVAL, "is damaged");
	first_type()->info = 0;
	expect_bad(-EINVAL, "type 1 is damaged");
	first_type()->info = 31u << 24;
	expect_bad(-EOPNOTSUPP, "type 1 is of kind 31");
	first_type()->name_off = header()->str_len;
	expect_bad(-EINVAL, "type 1 is damaged");
	/* As many entries as there is no room for. */
	first_type()->info = BTF_KIND_STRUCT << 24 | 0xffff;
	expect_bad(-EINVAL, "type 1 is damaged");
	release();
}
END_TEST

/* Each word of all types, as a reference or length that leads far away. */
START_TEST(refuses_or_takes_any_word)
{
	uint32_t *words, i, count, refused = 0;

	setup();
	words = (uint32_t *)first_type();
	count = header()->type_len / 4;
	for (i = 0; i < count; i++) {
		uint32_t before = words[i];

		words[i] = UINT32_MAX;
		refused += btf_bytes_check(test_log, "vmlinux", bytes, size) <
			   0;
		words[i] = before;
	}
	ck_assert_uint_gt(refused, count / 2);
	ck_assert_uint_lt(refused, count);
	release();
}
END_TEST

static int printed;

static int count_prints(enum libbpf_print_level level, const char *format,
			va_list arguments)
{
	(void)format;
	(void)arguments;
	printed += level != LIBBPF_DEBUG;
	return 0;
}

/* What this one takes, so does libbpf, and says nothing. */
START_TEST(keeps_libbpf_silent)
{
	struct btf_types *types;
	size_t at;

	setup();
	libbpf_set_print(count_prints);
	for (at = 0; at < size; at += 3) {
		uint8_t before = bytes[at];

		bytes[at] ^= 0x41;
		if (!btf_types_new(test_log, bytes, size, &types))
			btf_types_free(types);
		bytes[at] = before;
	}
	ck_assert_int_eq(printed, 0);
	/* The counter counts. */
	header()->type_len -= 4;
	ck_assert_ptr_null(btf__new(bytes, (uint32_t)size));
	ck_assert_int_gt(printed, 0);
	release();
}
END_TEST

START_TEST(joins_a_module)
{
	struct btf_types *types;
	size_t module_size;
	uint8_t *module = fake_types_module(&module_size);

	setup();
	ck_assert_int_eq(btf_types_new(test_log, bytes, size, &types), 0);
	ck_assert_int_eq(btf_types_add_module(types, "fake", module,
					      module_size - 1),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(log_get_error(test_log), "fake: kernel"));
	ck_assert(!btf_types_has_module(types, "fake"));
	ck_assert_int_eq(
		btf_types_add_module(types, "fake", module, module_size), 0);
	ck_assert(btf_types_has_module(types, "fake"));
	ck_assert_int_eq(btf_types_add_module(types, "fake", module,
					      module_size),
			 -EEXIST);
	/* By itself it is nothing. */
	ck_assert_int_eq(btf_bytes_check(test_log, "fake", module, module_size),
			 -EINVAL);
	btf_types_free(types);
	free(module);
	release();
}
END_TEST

static const struct harness_test tests[] = {
	TEST(refuses_a_bad_header), TEST(refuses_bad_names),
	TEST(refuses_bad_types),    TEST(refuses_or_takes_any_word),
	TEST(keeps_libbpf_silent),  TEST(joins_a_module),
};

HARNESS_MAIN("btf_bytes", tests, HARNESS_UNIT)
