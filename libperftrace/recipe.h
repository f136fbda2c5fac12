/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RECIPE_H
#define RECIPE_H

/*
 * What the kernel must be told to make a probe, both ways, once its place and
 * its arguments are known.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "export.h"

struct definition;
struct log;
struct perftrace_context;
struct probe_settings;

struct recipe_place {
	/* Bytes from the start of the function or the file; or an address. */
	uint64_t number;
	/* Where in the file the kernel counts those who look; 0: nowhere. */
	uint64_t reference_counter;
};

struct recipe {
	int32_t kind;
	int32_t mode;
	/* The event's: "kprobe:vfs_read". */
	char *name;

	/* Needs a named probe, and why: for the error of one that insists. */
	const char *needs_named;
	bool is_return;

	/* One, or each place of a marker. */
	struct recipe_place *places;
	size_t num_places;

	/* In tracefs: "p", and what follows the name, for each place. */
	char type[16];
	const char *file;
	struct definition *bodies;

	/*
	 * For perf_event_open(2): the PMU's name, and a function, NULL for an
	 * address; or a file.
	 */
	const char *pmu;
	char *local_text;
	/* Of the file, that local_text leads through; -1: none. */
	int fd;
	/* By which tracefs is told of it; NULL: by local_text. */
	char *path;
	uint64_t device;
	uint64_t inode;

	/* Finds a better reason for a place that the kernel refused; or NULL. */
	int (*explain)(struct perftrace_context *context,
		       const struct recipe *recipe, int error);

	/* What the errors of both ways call the place, and where it is said. */
	char *symbol;
	int32_t symbol_position;
	int32_t offset_position;
};

/* @settings: what all kinds have in common is taken from it. */
int recipe_init(struct log *log, const struct probe_settings *settings,
		struct recipe *recipe);
void recipe_clear(struct recipe *recipe);

/* "KIND:NAME"; where the caller gave no name, the place is one. */
int recipe_set_name(struct log *log, const struct probe_settings *settings,
		    struct recipe *recipe, const char *place, ...)
	PRINTF_FORMAT(4, 5);

/* Room for a number of places, with empty bodies. */
int recipe_add_places(struct log *log, struct recipe *recipe, size_t count);
void recipe_drop_bodies(struct recipe *recipe);

/* How the file is called in a body. */
const char *recipe_get_path(const struct recipe *recipe);

/* Does the path still lead to the file? -ESTALE when it does not. */
int recipe_check_path(struct log *log, const struct recipe *recipe);

/* Of a return probe: it is so many bytes into a function. */
int recipe_fail_inside(struct log *log, const struct recipe *recipe,
		       uint64_t offset);

/* The text of a format file, as tracefs would show it for no arguments. */
int recipe_write_format(struct perftrace_context *context,
			const struct recipe *recipe, char **text);

#endif /* RECIPE_H */
