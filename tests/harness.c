/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS_PER_TEST 120

static const char *suite_name;
static const char *test_name;

/* Of the process, before the test that is running. */
static struct footprint {
	size_t descriptors;
	size_t perf_mappings;
	size_t dynamic_events;
} before;

static size_t count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	ck_assert_ptr_nonnull(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static size_t count_lines(const char *path, const char *with)
{
	FILE *file = fopen(path, "re");
	char line[4096];
	size_t count = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		count += !with || strstr(line, with);
	fclose(file);
	return count;
}

static struct footprint take_footprint(void)
{
	char program[4096] = "", owner[32];

	/* In the group of a probe that this process has made, see owner.c. */
	snprintf(owner, sizeof(owner), "_%d_", (int)getpid());
	/* Other probes are in the test's own program. */
	if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
		ck_abort_msg("readlink: %s", strerror(errno));
	return (struct footprint){
		.descriptors = count_descriptors(),
		.perf_mappings = count_lines("/proc/self/maps", "[perf_event]"),
		/* Others on the machine come and go with their own. */
		.dynamic_events =
			count_lines("/sys/kernel/tracing/dynamic_events",
				    program) +
			count_lines("/sys/kernel/tracing/dynamic_events",
				    owner),
	};
}

static void begin_test_without_events(void)
{
	if (geteuid())
		skip("needs root");
	before = take_footprint();
}

static void begin_live_test(void)
{
	begin_test_without_events();
	if (access("/sys/kernel/tracing/events", R_OK))
		skip("needs tracefs at /sys/kernel/tracing");
}

static void end_live_test(void)
{
	struct footprint after = take_footprint();

	ck_assert_uint_eq(after.descriptors, before.descriptors);
	ck_assert_uint_eq(after.perf_mappings, before.perf_mappings);
	ck_assert_uint_eq(after.dynamic_events, before.dynamic_events);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

void skip(const char *reason, ...)
{
	va_list arguments;

	printf("# SKIP %s:%s: ", suite_name, test_name);
	va_start(arguments, reason);
	vprintf(reason, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	/* To check(3), a process that exits with the expected value passes. */
	_exit(EXIT_SUCCESS);
}

/* What takes longer than any test should is told how long it may. */
static double patience(void)
{
	const char *seconds = getenv("SECONDS_PER_TEST");

	return seconds && atoi(seconds) > 0 ? atoi(seconds) : SECONDS_PER_TEST;
}

/* Every test is a case of its own, so that its name is known in it. */
static Suite *make_suite(const struct harness_test *test,
			 enum harness_kind kind)
{
	Suite *suite = suite_create(suite_name);
	TCase *tcase = tcase_create(test->name);

	tcase_set_timeout(tcase, patience());
	if (kind == HARNESS_LIVE)
		tcase_add_checked_fixture(tcase, begin_live_test,
					  end_live_test);
	if (kind == HARNESS_LIVE_WITHOUT_EVENTS)
		tcase_add_checked_fixture(tcase, begin_test_without_events,
					  end_live_test);
	tcase_add_test(tcase, *test->test);
	suite_add_tcase(suite, tcase);
	return suite;
}

static int run_one(const struct harness_test *test, size_t number,
		   enum harness_kind kind)
{
	SRunner *runner;
	TestResult **results;
	int failed;

	test_name = test->name;
	runner = srunner_create(make_suite(test, kind));
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	results = srunner_results(runner);
	printf("%s %zu - %s:%s\n", failed ? "not ok" : "ok", number, suite_name,
	       test_name);
	if (failed)
		printf("# %s:%d: %s\n", tr_lfile(results[0]),
		       tr_lno(results[0]), tr_msg(results[0]));
	fflush(stdout);
	free(results);
	srunner_free(runner);
	return failed;
}

int harness_run(const char *suite, const struct harness_test *tests,
		size_t count, enum harness_kind kind)
{
	const char *only = getenv("ONLY");
	size_t i;
	int failed = 0;

	suite_name = suite;
	printf("1..%zu\n", count);
	fflush(stdout);
	for (i = 0; i < count; i++) {
		if (!only || !strcmp(only, tests[i].name))
			failed += run_one(&tests[i], i + 1, kind);
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

void harness_stop_reporting(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), fd;

	for (fd = 3; fd < 64; fd++) {
		char link[64], path[PATH_MAX] = "";

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		if (readlink(link, path, sizeof(path) - 1) > 0 &&
		    strstr(path, "/check_"))
			dup2(null, fd);
	}
	close(null);
}

uint64_t harness_file_offset(uintptr_t address)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end, offset;
	char line[PATH_MAX + 128];

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) ==
			    3 &&
		    address >= start && address < end) {
			fclose(maps);
			return address - start + offset;
		}
	}
	ck_abort_msg("no mapping has the address");
}
