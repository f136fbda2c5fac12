/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ARGUMENT_H
#define ARGUMENT_H

/* An argument's text, "[NAME=]EXPRESSION[:TYPE]", cut into its parts. Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "probe_settings.h"

struct definition;
struct log;

struct argument {
	/* "" when the text gives none. */
	char name[32];
	/* Where the expression is in the text, and its own text. */
	int offset;
	char *expression;
	/* NULL when the text gives none, or is raw. */
	char *type;
	/* A fetch argument of the kernel's own: the text as it stands. */
	bool is_raw;
};

/* -EINVAL with the position, -ENOMEM. To be cleared, also on failure. */
int argument_parse(struct log *log, const struct probe_argument *source,
		   struct argument *argument);
void argument_clear(struct argument *argument);

/*
 * "$arg12" at the start of a text: the number, and how long it is; 0: it is
 * something else.
 */
unsigned int argument_read_number(const char *text, size_t *length);

/*
 * What the fields of raw arguments are called: by their own names, retval, or
 * argN for $argN and for the N-th argument, unless that is another's. The
 * kernel would call $arg2 arg1 if it came first.
 */
struct argument_names {
	char names[MOST_ARGUMENTS][LONGEST_NAME + 1];
};

void argument_choose_names(const struct probe_settings *settings,
			   struct argument_names *names);

/* A raw argument into a definition: its name, unless it has one; its text. */
void argument_copy_name(const struct probe_argument *source, const char *name,
			struct definition *body);
void argument_copy(const struct probe_argument *source, const char *name,
		   struct definition *body);

#endif /* ARGUMENT_H */
