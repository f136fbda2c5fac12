/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROGRAM_H
#define PROGRAM_H

/* A program or library that is to be probed: found, opened, and read. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "library_file.h"

struct binary;
struct log;
struct recipe;

struct program {
	struct library_file file;
	/* Of the symbols that were split off; its descriptor is -1: none. */
	struct library_file debug;
	struct binary *binary;
};

/*
 * @name, @pid: as of library_find(). With symbols, those of a separate debug
 * file are read as well, where there is one. Errors are those of library_find()
 * and binary_open(), and -ENOEXEC for a machine other than this one.
 */
int program_open(struct log *log, const char *name, int32_t pid,
		 bool with_symbols, struct program *program);
void program_close(struct program *program);

/*
 * Put into the recipe how the kernel is to be told of the file. That is through
 * its descriptor, which the recipe takes: the file that was read is the one that
 * is probed, whatever comes to its path meanwhile. In tracefs it is the path,
 * for people to read, where that can be written there and is nobody else's to
 * change. -ENOMEM.
 */
int program_give_file(struct log *log, struct program *program, int32_t pid,
		      struct recipe *recipe);

#endif /* PROGRAM_H */
