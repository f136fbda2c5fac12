/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "suggest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 128

static unsigned int smallest(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int least = a < b ? a : b;

	return least < c ? least : c;
}

/*
 * How many letters must be put in, left out or replaced (Levenshtein), one row
 * of the table at a time.
 */
static unsigned int distance(const char *left, const char *right)
{
	size_t left_length = strlen(left), right_length = strlen(right), i, j;
	unsigned int row[LONGEST + 1];

	if (left_length > LONGEST || right_length > LONGEST)
		return UINT32_MAX;
	for (j = 0; j <= right_length; j++)
		row[j] = (unsigned int)j;
	for (i = 1; i <= left_length; i++) {
		unsigned int diagonal = row[0];

		row[0] = (unsigned int)i;
		for (j = 1; j <= right_length; j++) {
			unsigned int above = row[j];

			row[j] = smallest(above + 1, row[j - 1] + 1,
					  diagonal + (left[i - 1] !=
						      right[j - 1]));
			diagonal = above;
		}
	}
	return row[right_length];
}

void suggest_begin(struct suggestions *suggestions, const char *wrong)
{
	suggestions->wrong = wrong;
	suggestions->count = 0;
}

void suggest_offer(struct suggestions *suggestions, const char *name)
{
	unsigned int far = distance(suggestions->wrong, name);

	/* A third of the letters wrong is another word. */
	if (far <= strlen(suggestions->wrong) / 3 + 1)
		suggest_insert(suggestions, name, far);
}

void suggest_insert(struct suggestions *suggestions, const char *name,
		    unsigned int far)
{
	size_t place = suggestions->count, i;

	for (i = 0; i < suggestions->count; i++) {
		if (!strcmp(suggestions->names[i], name))
			return;
	}
	while (place && far < suggestions->distances[place - 1])
		place--;
	if (place == SUGGEST_MAX)
		return;
	if (suggestions->count < SUGGEST_MAX)
		suggestions->count++;
	memmove(&suggestions->names[place + 1], &suggestions->names[place],
		(suggestions->count - place - 1) * sizeof(char *));
	memmove(&suggestions->distances[place + 1],
		&suggestions->distances[place],
		(suggestions->count - place - 1) * sizeof(unsigned int));
	suggestions->names[place] = name;
	suggestions->distances[place] = far;
}

void suggest_write(const struct suggestions *suggestions, char *text,
		   size_t text_bytes)
{
	size_t i, used = 0;

	if (text_bytes)
		text[0] = '\0';
	for (i = 0; i < suggestions->count && used < text_bytes; i++) {
		const char *separator = !i			    ? "" :
					i + 1 == suggestions->count ? " or " :
								      ", ";

		used += (size_t)snprintf(text + used, text_bytes - used, "%s%s",
					 separator, suggestions->names[i]);
	}
}
