/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FAKE_TRACEFS_H
#define FAKE_TRACEFS_H

/*
 * A directory that looks like tracefs, and a context that reads it. Each test
 * has its own, in a new directory below $TMPDIR or /tmp.
 */

#include <stdint.h>

struct perftrace_context;

struct fake_tracefs {
	char root[256];
	struct perftrace_context *context;
};

void fake_tracefs_make(struct fake_tracefs *fake);

/* Remove the directory, give the context back. */
void fake_tracefs_clear(struct fake_tracefs *fake);

/* Write a file below the root, with the directories it is in. */
void fake_tracefs_write(struct fake_tracefs *fake, const char *file,
			const char *text);
void fake_tracefs_remove(struct fake_tracefs *fake, const char *file);

/*
 * Add an event: its directory, its id file, a line in available_events. @fields
 * and @print: of the format file, behind the common fields.
 */
void fake_tracefs_add(struct fake_tracefs *fake, const char *name, uint64_t id,
		      const char *fields, const char *print);

/* The whole text of a format file; to be freed. */
char *fake_format(const char *name, uint64_t id, const char *fields,
		  const char *print);

#endif /* FAKE_TRACEFS_H */
