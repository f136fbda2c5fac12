/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ARGUMENT_H
#define ARGUMENT_H

/* An argument's text, "[NAME=]EXPRESSION[:TYPE]", cut into its parts. Pure. */

#include <stdbool.h>

struct definition;
struct log;
struct probe_argument;

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

/* Into a definition as it stands; as @name where it has none of its own. */
void argument_copy(const struct probe_argument *source,
		   const struct argument *argument, const char *name,
		   struct definition *body);

#endif /* ARGUMENT_H */
