/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PRINT_RUN_H
#define PRINT_RUN_H

/* A compiled print format, applied to a record. Pure, and without allocation. */

#include <stdbool.h>
#include <stddef.h>

struct print_program;
struct print_strings;

/* What a record does not say itself. */
struct print_names {
	/* Names of functions, as format_set_resolver() wants them; or NULL. */
	char *(*resolve)(void *data, unsigned long long *address,
			 char **module);
	void *data;
	/* NULL: none. */
	const struct print_strings *strings;
};

/*
 * Write at most @room bytes, and no zero byte behind them. *@is_cut: the record
 * leads outside of itself by more than libtraceevent's copy of it allows, or
 * divides by zero: the text is then what the record has, and libtraceevent is
 * not to be asked.
 *
 * -EBADMSG: a field does not lie inside of the record. -ENOSPC: @room is too
 * small.
 */
int print_run(const struct print_program *program,
	      const struct print_names *names, const void *raw,
	      size_t raw_bytes, char *buffer, size_t room, size_t *text_bytes,
	      bool *is_cut);

#endif /* PRINT_RUN_H */
