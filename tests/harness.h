/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HARNESS_H
#define HARNESS_H

/*
 * What every test program has in common. Tests are check(3)'s; each runs in a
 * process of its own. Output is TAP, for tests/summarise.py.
 *
 *	static const struct harness_test tests[] = {
 *		TEST(finds_an_event),
 *	};
 *
 *	HARNESS_MAIN("event", tests, HARNESS_LIVE)
 */

#include <check.h>
#include <stddef.h>
#include <stdint.h>

/* A deprecated macro of check(3)'s; the library's log has a function fail(). */
#undef fail

enum harness_kind {
	/* Needs no kernel. */
	HARNESS_UNIT = 0,
	/*
	 * Needs root and tracefs; leaves no descriptor, no mapping, no child
	 * and no dynamic event behind, or fails.
	 */
	HARNESS_LIVE = 1,
	/* The same, and there may be no events in tracefs. */
	HARNESS_LIVE_WITHOUT_EVENTS = 2,
};

struct harness_test {
	const char *name;
	const TTest **test;
};

/* For functions that START_TEST(name) defines. */
#define TEST(function)                                                         \
	{                                                                      \
		.name = #function, .test = &function                           \
	}

int harness_run(const char *suite, const struct harness_test *tests,
		size_t count, enum harness_kind kind);

#define HARNESS_MAIN(suite, tests, kind)                                       \
	int main(void)                                                         \
	{                                                                      \
		return harness_run(suite, tests,                               \
				   sizeof(tests) / sizeof((tests)[0]), kind);  \
	}

/*
 * End the running test: it can't run here. The reason is printed, and must be
 * in the list of skips that the running kernel may have.
 */
void skip(const char *reason, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/*
 * For a child that will be killed: it tells check(3) nothing from now on, whose
 * file it might leave with half a message in it. That it failed its status says.
 */
void harness_stop_reporting(void);

/* Where in its file is what this process has at an address: by the kernel. */
uint64_t harness_file_offset(uintptr_t address);

#endif /* HARNESS_H */
