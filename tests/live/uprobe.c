/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uprobe.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

#define UPROBE_EVENTS "/sys/kernel/tracing/uprobe_events"

void __attribute__((noinline)) probed(int value)
{
	__asm__ volatile("" : : "r"(value));
}

void __attribute__((noinline)) probed_elsewhere(int value)
{
	/* An instruction begins at the fourth byte of it, on all machines. */
	__asm__ volatile("nop\nnop\nnop\nnop\nnop" : : "r"(value));
}

static int write_definition(const char *definition)
{
	int fd = open(UPROBE_EVENTS, O_WRONLY | O_APPEND | O_CLOEXEC), ret = 0;

	ck_assert_int_ge(fd, 0);
	if (write(fd, definition, strlen(definition)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int remove_probe(const char *name)
{
	char definition[128];

	snprintf(definition, sizeof(definition), "-:" UPROBE_GROUP "/%s", name);
	return write_definition(definition);
}

void uprobe_create(const char *name, void (*function)(int),
		   const char *arguments)
{
	char program[PATH_MAX], definition[PATH_MAX + 256];
	ssize_t length = readlink("/proc/self/exe", program, PATH_MAX - 1);

	ck_assert_int_gt(length, 0);
	program[length] = '\0';
	remove_probe(name);
	snprintf(definition, sizeof(definition),
		 "p:" UPROBE_GROUP "/%s %s:%#llx %s", name, program,
		 (unsigned long long)harness_file_offset((uintptr_t)function),
		 arguments);
	ck_assert_int_eq(write_definition(definition), 0);
}

void uprobe_remove(const char *name)
{
	ck_assert_int_eq(remove_probe(name), 0);
}
