/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PRINT_STRINGS_H
#define PRINT_STRINGS_H

/* Strings of the kernel's own, by their addresses: tracefs's printk_formats. */

#include <stddef.h>
#include <stdint.h>

struct print_strings;

/* NULL: no memory. */
struct print_strings *print_strings_new(void);
void print_strings_free(struct print_strings *strings);

/*
 * @text: "\"text\"" or "\"text\\n\"", of which the quotes and the end of line
 * are left out. -ENOMEM. print_strings_sort() is to be called behind the last.
 */
int print_strings_add(struct print_strings *strings, uint64_t address,
		      const char *text);
void print_strings_sort(struct print_strings *strings);

/* NULL: none lies there. */
const char *print_strings_find(const struct print_strings *strings,
			       uint64_t address, size_t *text_bytes);

#endif /* PRINT_STRINGS_H */
