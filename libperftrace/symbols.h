/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SYMBOLS_H
#define SYMBOLS_H

/* The kernel's functions, /proc/kallsyms: between addresses and names. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct suggestions;
struct symbols;

/* Reads nothing yet. NULL: no memory. */
struct symbols *symbols_new(void);
void symbols_free(struct symbols *symbols);

/*
 * The symbol that @address lies in: its name, and its start; the module in
 * @module, NULL for the kernel itself. NULL when there is none, or when the
 * kernel shows no addresses to this user (kptr_restrict).
 *
 * Strings are owned by @symbols, until they are read again.
 */
const char *symbols_find(struct symbols *symbols, uint64_t address,
			 uint64_t *start, const char **module);

/* Longer names are cut. */
struct symbol_name {
	uint64_t start;
	char name[512];
	/* "": the kernel itself. */
	char module[64];
};

/*
 * The same as a copy, by any thread, also while another uses @symbols. False:
 * there is none.
 */
bool symbols_name(struct symbols *symbols, uint64_t address,
		  struct symbol_name *copy);

/* A function of the kernel or of a module. */
struct symbol {
	uint64_t address;
	/* Up to the next symbol; 0: not known. */
	uint64_t size;
	const char *name;
	/* NULL: the kernel itself. */
	const char *module;
};

/*
 * All functions of a name, in the order of their addresses: how many there are
 * at different addresses, though only @room of them are written. @module: only
 * in this one; NULL: in the kernel and all modules. The symbols are read again
 * when there is none, for a module may have been loaded since.
 *
 * -EOPNOTSUPP: the kernel shows no addresses to this user.
 */
int symbols_match(struct symbols *symbols, const char *name, const char *module,
		  struct symbol *matches, size_t room);

/* Is any function of this module known? */
bool symbols_has_module(struct symbols *symbols, const char *module);

/*
 * What the compiler made of a function: "do_open.isra.0 and do_open.part.0";
 * "" when there is none.
 */
void symbols_write_variants(struct symbols *symbols, const char *name,
			    char *text, size_t text_bytes);

/* Offers all names of @module, NULL: of the kernel and all modules. */
void symbols_suggest(struct symbols *symbols, const char *module,
		     struct suggestions *suggestions);

/* The same over a given text in the format of /proc/kallsyms, for tests. */
int symbols_parse(struct symbols *symbols, char *text, size_t text_bytes);

#endif /* SYMBOLS_H */
