/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUGGEST_H
#define SUGGEST_H

/* "Did you mean": the names that are spelled most like a wrong one. Pure. */

#include <stdbool.h>
#include <stddef.h>

#define SUGGEST_MAX 3

struct suggestions {
	const char *wrong;
	const char *names[SUGGEST_MAX];
	unsigned int distances[SUGGEST_MAX];
	size_t count;
};

void suggest_begin(struct suggestions *suggestions, const char *wrong);

/* @name must live as long as the suggestions. */
void suggest_offer(struct suggestions *suggestions, const char *name);

/* The same, for a name that is alike for another reason: 0 is the nearest. */
void suggest_insert(struct suggestions *suggestions, const char *name,
		    unsigned int far);

/* "a, b or c"; "" when nothing is alike. */
void suggest_write(const struct suggestions *suggestions, char *text,
		   size_t text_bytes);

#endif /* SUGGEST_H */
