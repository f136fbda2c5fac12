/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "program.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binary.h"
#include "library.h"
#include "library_debug.h"
#include "log.h"
#include "recipe.h"
#include "registers.h"

/* Programs of 32 bits run here, too. */
static bool is_native(uint16_t machine)
{
	switch (machine_this()) {
	case MACHINE_X86_64:
		return machine == EM_X86_64 || machine == EM_386;
	case MACHINE_ARM64:
		return machine == EM_AARCH64 || machine == EM_ARM;
	default:
		return true;
	}
}

static int find_debug(struct log *log, int32_t pid, struct program *program)
{
	const uint8_t *build_id = NULL;
	size_t length = binary_get_build_id(program->binary, &build_id);
	uint32_t crc = 0;
	const char *link = binary_get_debug_link(program->binary, &crc);

	return library_find_debug(log, pid, program->file.path, build_id,
				  length, link, crc, &program->debug);
}

/* A debug file that is no good is told to the log: the program may do without. */
static void add_debug(struct log *log, int32_t pid, struct program *program)
{
	struct failure *before = log_save(log);
	struct binary *debug;
	int ret = find_debug(log, pid, program);

	if (ret) {
		program->debug.fd = -1;
		log_restore(log, before);
		return;
	}
	ret = binary_open(log, program->debug.fd, program->debug.path, &debug);
	if (!ret) {
		ret = binary_set_debug(program->binary, debug);
		if (ret)
			binary_free(debug);
	}
	if (ret)
		log_info(log, "%s is not used: %s", program->debug.path,
			 log_get_error(log));
	else
		log_debug(log, "symbols of %s are in %s", program->file.path,
			  program->debug.path);
	log_restore(log, before);
}

static int read_file(struct log *log, int32_t pid, bool with_symbols,
		     struct program *program)
{
	const char *path = program->file.path;
	int ret = binary_open(log, program->file.fd, path, &program->binary);

	if (ret)
		return ret;
	if (!is_native(binary_get_machine(program->binary)))
		return fail(log, -ENOEXEC,
			    "%s is of another machine (ELF machine %u)", path,
			    binary_get_machine(program->binary));
	if (with_symbols)
		add_debug(log, pid, program);
	return 0;
}

int program_open(struct log *log, const char *name, int32_t pid,
		 bool with_symbols, struct program *program)
{
	struct program made = { .debug.fd = -1 };
	int ret = library_find(log, name, pid, &made.file);

	if (ret)
		return ret;
	ret = read_file(log, pid, with_symbols, &made);
	if (ret) {
		program_close(&made);
		return ret;
	}
	*program = made;
	return 0;
}

void program_close(struct program *program)
{
	binary_free(program->binary);
	if (program->debug.fd >= 0)
		library_file_clear(&program->debug);
	library_file_clear(&program->file);
}

/*
 * tracefs splits a definition at white space, by the Latin-1 of its own
 * _ctype[], and ends it at '#'. What lies below /proc goes with its process.
 */
static bool is_plain(const char *path)
{
	const char *at;

	for (at = path; *at; at++) {
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f ||
		    *at == '#')
			return false;
	}
	return strncmp(path, "/proc/", 6) != 0;
}

int program_give_file(struct log *log, struct program *program, int32_t pid,
		      struct recipe *recipe)
{
	if (asprintf(&recipe->local_text, "/proc/self/fd/%d",
		     program->file.fd) < 0) {
		recipe->local_text = NULL;
		return fail_memory(log);
	}
	recipe->fd = program->file.fd;
	program->file.fd = -1;
	recipe->device = program->file.device;
	recipe->inode = program->file.inode;
	/* In a container, links on the way may change at any time. */
	if (pid || !is_plain(program->file.path))
		return 0;
	recipe->path = strdup(program->file.path);
	return recipe->path ? 0 : fail_memory(log);
}
