/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BINARY_SYMBOLS_H
#define BINARY_SYMBOLS_H

/* The symbols of one or more ELF files that belong together. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct binary_file;
struct log;

enum binary_symbol_kind {
	BINARY_FUNCTION,
	/* Answers which function it stands for, when the program starts. */
	BINARY_INDIRECT,
	BINARY_DATA,
	/* Somewhere in another file. */
	BINARY_IMPORT,
};

struct binary_symbol {
	/* Without its version. */
	const char *name;
	/* NULL when it has none. */
	const char *version;
	/* The source file of a symbol that is not in sight of others, or NULL. */
	const char *source;
	uint64_t address;
	/* 0 when it is not known. */
	uint64_t size;
	enum binary_symbol_kind kind;
	/* What those get who name no version. */
	bool is_default;
	bool owns_name;
};

/* Begin with zeros. */
struct binary_symbols {
	struct binary_symbol *table;
	size_t count;
	/* Symbols for the linker are there, not only those for the loader. */
	bool is_complete;
};

/* Those of @file, in addition. Names are owned by the file or by the table. */
int binary_symbols_add(struct binary_symbols *symbols,
		       struct binary_file *file);
void binary_symbols_release(struct binary_symbols *symbols);

/*
 * A name of the user's, with a version or without: "malloc",
 * "malloc@GLIBC_2.2.5", "malloc@@GLIBC_2.2.5".
 */
struct binary_name {
	const char *text;
	/* Without its version. */
	size_t length;
	/* NULL when there is none. */
	const char *version;
	bool is_default;
};

void binary_name_split(const char *text, struct binary_name *name);

/* Its version counts where @name has one. */
bool binary_symbol_has_name(const struct binary_symbol *symbol,
			    const struct binary_name *name);

/* The function that an address lies in, or NULL. */
const struct binary_symbol *
binary_symbols_find_around(const struct binary_symbols *symbols,
			   uint64_t address);

#endif /* BINARY_SYMBOLS_H */
