/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SYMBOLS_H
#define SYMBOLS_H

/* The kernel's symbols, /proc/kallsyms: from an address to a name. */

#include <stddef.h>
#include <stdint.h>

struct symbols;

/* Reads nothing yet. NULL: no memory. */
struct symbols *symbols_new(void);
void symbols_free(struct symbols *symbols);

/*
 * The symbol that @address lies in: its name, and its start; the module in
 * @module, NULL for the kernel itself. NULL when there is none, or when the
 * kernel shows no addresses to this user (kptr_restrict).
 *
 * Strings are owned by @symbols.
 */
const char *symbols_find(struct symbols *symbols, uint64_t address,
			 uint64_t *start, const char **module);

/* The same over a given text in the format of /proc/kallsyms, for tests. */
int symbols_parse(struct symbols *symbols, char *text, size_t text_bytes);

#endif /* SYMBOLS_H */
