/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "ld_cache.h"

/* A cache of three entries, with its strings behind them. */
struct cache {
	unsigned char bytes[512];
	size_t size;
	/* Of the newer format's header. */
	size_t start;
};

static void put_u32(struct cache *cache, size_t at, uint32_t value)
{
	size_t i;

	for (i = 0; i < 4; i++)
		cache->bytes[at + i] = (unsigned char)(value >> 8 * i);
}

static size_t entry_at(const struct cache *cache, size_t index)
{
	return cache->start + 48 + 24 * index;
}

static void put_entry(struct cache *cache, size_t index, uint32_t flags,
		      const char *name, const char *path)
{
	size_t at = entry_at(cache, index);

	put_u32(cache, at, flags);
	put_u32(cache, at + 4, (uint32_t)(cache->size - cache->start));
	memcpy(cache->bytes + cache->size, name, strlen(name) + 1);
	cache->size += strlen(name) + 1;
	put_u32(cache, at + 8, (uint32_t)(cache->size - cache->start));
	memcpy(cache->bytes + cache->size, path, strlen(path) + 1);
	cache->size += strlen(path) + 1;
}

static void make_cache(struct cache *cache, size_t start)
{
	memset(cache, 0, sizeof(*cache));
	cache->start = start;
	memcpy(cache->bytes + start, "glibc-ld.so.cache1.1", 20);
	put_u32(cache, start + 20, 3);
	cache->bytes[start + 28] = 2;
	cache->size = entry_at(cache, 3);
	put_entry(cache, 0, 0x0303, "libz.so.1", "/lib/libz.so.1");
	put_entry(cache, 1, 0x0a03, "libc.so.6", "/arm/libc.so.6");
	put_entry(cache, 2, 0x0303, "libc.so.6", "/lib/libc.so.6");
	/* Both halves of hwcap. */
	put_u32(cache, entry_at(cache, 2) + 16, 5);
	put_u32(cache, entry_at(cache, 2) + 20, 6);
}

static void expect_entries(const struct cache *made)
{
	struct ld_cache_entry entry;
	struct ld_cache cache;

	ck_assert_int_eq(ld_cache_parse(made->bytes, made->size, &cache), 0);
	ck_assert_uint_eq(cache.count, 3);
	ck_assert_int_eq(ld_cache_entry(&cache, 0, &entry), 0);
	ck_assert_uint_eq(entry.flags, ld_cache_flags(MACHINE_X86_64));
	ck_assert_uint_eq(entry.hwcap, 0);
	ck_assert_str_eq(entry.name, "libz.so.1");
	ck_assert_str_eq(entry.path, "/lib/libz.so.1");
	ck_assert_int_eq(ld_cache_entry(&cache, 1, &entry), 0);
	ck_assert_uint_eq(entry.flags, ld_cache_flags(MACHINE_ARM64));
	ck_assert_str_eq(entry.path, "/arm/libc.so.6");
	ck_assert_int_eq(ld_cache_entry(&cache, 2, &entry), 0);
	ck_assert_uint_eq(entry.hwcap, UINT64_C(0x600000005));
	ck_assert_str_eq(entry.name, "libc.so.6");
	ck_assert_str_eq(entry.path, "/lib/libc.so.6");
}

START_TEST(reads_entries)
{
	struct cache made;

	make_cache(&made, 0);
	expect_entries(&made);
	/* As glibc wrote it before it stated the byte order. */
	made.bytes[28] = 0;
	expect_entries(&made);
	/* The other bits are not of the byte order. */
	made.bytes[28] = 0xfe;
	expect_entries(&made);
}
END_TEST

START_TEST(passes_over_the_older_format)
{
	struct cache made;

	/* Two entries of 12 bytes end at 40; three at 52, rounded to 56. */
	make_cache(&made, 40);
	memcpy(made.bytes, "ld.so-1.7.0", 11);
	put_u32(&made, 12, 2);
	expect_entries(&made);
	make_cache(&made, 56);
	memcpy(made.bytes, "ld.so-1.7.0", 11);
	put_u32(&made, 12, 3);
	expect_entries(&made);
}
END_TEST

static void expect_damaged(const void *bytes, size_t size)
{
	struct ld_cache cache;
	/* Where it ends, the sanitizer watches. */
	void *copy = malloc(size ? size : 1);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes, size);
	ck_assert_int_eq(ld_cache_parse(copy, size, &cache), -EBADMSG);
	free(copy);
}

START_TEST(refuses_other_files)
{
	struct cache made;

	make_cache(&made, 0);
	expect_damaged("", 0);
	expect_damaged("glibc-ld.so.cache1.1", 20);
	made.bytes[19] = '2';
	expect_damaged(made.bytes, made.size);
	make_cache(&made, 0);
	made.bytes[28] = 3;
	expect_damaged(made.bytes, made.size);
	made.bytes[28] = 1;
	expect_damaged(made.bytes, made.size);
}
END_TEST

START_TEST(refuses_more_entries_than_bytes)
{
	struct cache made;

	make_cache(&made, 0);
	expect_damaged(made.bytes, entry_at(&made, 3) - 1);
	put_u32(&made, 20, UINT32_MAX);
	expect_damaged(made.bytes, made.size);
	/* 24 times this is 8, in 32 bits. */
	put_u32(&made, 20, 0xaaaaaab);
	expect_damaged(made.bytes, made.size);
}
END_TEST

START_TEST(refuses_an_older_format_beyond_the_file)
{
	struct cache made;

	make_cache(&made, 40);
	memcpy(made.bytes, "ld.so-1.7.0", 11);
	put_u32(&made, 12, UINT32_MAX);
	expect_damaged(made.bytes, made.size);
	put_u32(&made, 12, 2);
	expect_damaged(made.bytes, 40);
	expect_damaged(made.bytes, 16);
	expect_damaged(made.bytes, 15);
	expect_damaged(made.bytes, 11);
}
END_TEST

START_TEST(refuses_strings_beyond_the_file)
{
	struct ld_cache_entry entry = { .name = "old" };
	struct ld_cache cache;
	struct cache made;
	void *copy;

	make_cache(&made, 0);
	put_u32(&made, entry_at(&made, 0) + 4, (uint32_t)made.size);
	put_u32(&made, entry_at(&made, 1) + 8, UINT32_MAX);
	/* The last string is that of the last entry: it loses its end. */
	copy = malloc(made.size - 1);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, made.bytes, made.size - 1);
	ck_assert_int_eq(ld_cache_parse(copy, made.size - 1, &cache), 0);
	ck_assert_int_eq(ld_cache_entry(&cache, 0, &entry), -EBADMSG);
	ck_assert_int_eq(ld_cache_entry(&cache, 1, &entry), -EBADMSG);
	ck_assert_int_eq(ld_cache_entry(&cache, 2, &entry), -EBADMSG);
	ck_assert_str_eq(entry.name, "old");
	free(copy);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(reads_entries),
	TEST(passes_over_the_older_format),
	TEST(refuses_other_files),
	TEST(refuses_more_entries_than_bytes),
	TEST(refuses_an_older_format_beyond_the_file),
	TEST(refuses_strings_beyond_the_file),
};

HARNESS_MAIN("ld_cache", tests, HARNESS_UNIT)
