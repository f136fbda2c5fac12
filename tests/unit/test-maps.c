/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "maps.h"

static const char line[] =
	"55a46a656000-55a46a65c000 r-xp 00002000 fe:1a 247498     "
	"                /usr/bin/head\n";

START_TEST(reads_a_line)
{
	const char *text = line;
	struct mapping mapping;
	char path[64];

	ck_assert(maps_next(&text, &mapping));
	ck_assert_uint_eq(mapping.start, 0x55a46a656000);
	ck_assert_uint_eq(mapping.end, 0x55a46a65c000);
	ck_assert(mapping.is_executable);
	ck_assert_uint_eq(mapping.major, 0xfe);
	ck_assert_uint_eq(mapping.minor, 0x1a);
	ck_assert_uint_eq(mapping.inode, 247498);
	ck_assert(maps_path(&mapping, path, sizeof(path)));
	ck_assert_str_eq(path, "/usr/bin/head");
	ck_assert(!maps_next(&text, &mapping));
}
END_TEST

/* What is behind the inode, as a path; NULL: none. */
static const char *path_of(const char *behind)
{
	static char path[64];
	struct mapping mapping;
	char text[256];
	const char *at = text;

	snprintf(text, sizeof(text), "1000-2000 r--p 00000000 00:01 7%s",
		 behind);
	ck_assert(maps_next(&at, &mapping));
	ck_assert_uint_eq(mapping.inode, 7);
	ck_assert(!mapping.is_executable);
	return maps_path(&mapping, path, sizeof(path)) ? path : NULL;
}

START_TEST(reads_paths)
{
	ck_assert_str_eq(path_of("   /a b  c\n"), "/a b  c");
	ck_assert_str_eq(path_of("   /a b \n"), "/a b ");
	ck_assert_str_eq(path_of(" /a\\012b\n"), "/a\nb");
	ck_assert_str_eq(path_of(" /a\\01\n"), "/a\\01");
	ck_assert_str_eq(path_of(" /a (deleted)\n"), "/a (deleted)");
	ck_assert_str_eq(path_of(" /end"), "/end");
	ck_assert_ptr_null(path_of("\n"));
	ck_assert_ptr_null(path_of(""));
	ck_assert_ptr_null(path_of("   [heap]\n"));
	ck_assert_ptr_null(path_of("   anon_inode:x\n"));
}
END_TEST

START_TEST(refuses_paths_without_room)
{
	const char *text = line;
	struct mapping mapping;
	char path[14];

	ck_assert(maps_next(&text, &mapping));
	ck_assert(!maps_path(&mapping, path, 13));
	ck_assert(maps_path(&mapping, path, 14));
}
END_TEST

START_TEST(cuts_the_mark_of_deleted_files)
{
	char deleted[] = "/a (deleted)", other[] = "/a (deleted) ";
	char twice[] = "/a (deleted) (deleted)", shorter[] = "(deleted)";

	ck_assert(maps_cut_deleted(deleted));
	ck_assert_str_eq(deleted, "/a");
	ck_assert(!maps_cut_deleted(other));
	ck_assert(maps_cut_deleted(twice));
	ck_assert_str_eq(twice, "/a (deleted)");
	ck_assert(!maps_cut_deleted(shorter));
}
END_TEST

START_TEST(passes_over_what_is_no_mapping)
{
	static const char *const bad[] = {
		"",
		"1000 r-xp 00000000 00:01 7 /a",
		"1000-2000",
		"1000-2000 r-x 00000000 00:01 7 /a",
		"1000-2000 r-xps 00000000 00:01 7 /a",
		"1000-2000 r-xp 00000000 0001 7 /a",
		"1000-2000 r-xp 00000000 00:01",
		"1000-2000 r-xp 00000000 00:01 ",
		"1000-2000 r-xp 00000000 00:01 x /a",
		"1000-2000 r-xp 00000000 00:01 7/a",
		"1000-2000 r-xp 00000000 1ffffffff:01 7 /a",
		"-1000-2000 r-xp 00000000 00:01 7 /a",
		" 1000-2000 r-xp 00000000 00:01 7 /a",
		"1000-\n2000 r-xp 00000000 00:01 7 /a",
	};
	struct mapping mapping;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[256];
		const char *at = text;

		snprintf(text, sizeof(text), "%s\n3000-4000 rwxp 0 0:0 0",
			 bad[i]);
		ck_assert_msg(maps_next(&at, &mapping), "behind %s", bad[i]);
		ck_assert_msg(mapping.start == 0x3000, "%s is taken", bad[i]);
		ck_assert(!maps_next(&at, &mapping));
		ck_assert_uint_eq(*at, 0);
	}
}
END_TEST

/* The kernel's own writing: this function is in one of its mappings. */
START_TEST(reads_the_running_kernels)
{
	FILE *file = fopen("/proc/self/maps", "re");
	uintptr_t here = (uintptr_t)reads_the_running_kernels_fn;
	struct mapping mapping;
	char text[512], path[512];
	size_t lines = 0, found = 0;

	ck_assert_ptr_nonnull(file);
	while (fgets(text, sizeof(text), file)) {
		const char *at = text;

		lines++;
		ck_assert_msg(maps_next(&at, &mapping), "%s", text);
		if (here < mapping.start || here >= mapping.end)
			continue;
		found++;
		ck_assert(mapping.is_executable);
		ck_assert(maps_path(&mapping, path, sizeof(path)));
		ck_assert_ptr_nonnull(strstr(path, "/test-maps"));
	}
	fclose(file);
	ck_assert_uint_gt(lines, 4);
	ck_assert_uint_eq(found, 1);
}
END_TEST

static const struct harness_test tests[] = {
	TEST(reads_a_line),
	TEST(reads_paths),
	TEST(refuses_paths_without_room),
	TEST(cuts_the_mark_of_deleted_files),
	TEST(passes_over_what_is_no_mapping),
	TEST(reads_the_running_kernels),
};

HARNESS_MAIN("maps", tests, HARNESS_UNIT)
