/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DEFINITION_H
#define DEFINITION_H

/*
 * A probe's definition as tracefs takes it, which remembers from where in the
 * caller's text each of its parts came. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* WRITE_BUFSIZE in kernel/trace/trace.c, less a newline and a zero byte. */
#define DEFINITION_BYTES 4095

/*
 * MAX_TRACE_ARGS in kernel/trace/trace_probe.h, each a space, its name, a value
 * and a type, with what stands between them; and a place.
 */
#define DEFINITION_PARTS (128 * 7 + 8)

/* No part of the caller's text. */
#define NO_POSITION (-1)

struct definition {
	char text[DEFINITION_BYTES];
	size_t length;
	/* A part did not fit; the text is not to be used. */
	bool is_full;
	struct definition_part {
		uint16_t start;
		uint16_t length;
		int32_t position;
		/* Copied letter by letter: a place in it is one in the source. */
		bool is_verbatim;
	} parts[DEFINITION_PARTS];
	size_t num_parts;
};

void definition_begin(struct definition *definition);

/* Append what the library made; its source as a whole is at @position. */
void definition_add(struct definition *definition, int32_t position,
		    const char *text);

/* Append what the caller wrote at @position. */
void definition_copy(struct definition *definition, int32_t position,
		     const char *text);

/* Append another definition, with what it remembers. */
void definition_join(struct definition *definition,
		     const struct definition *rest);

/* Where in the caller's text column @column comes from; NO_POSITION. */
int32_t definition_find(const struct definition *definition, size_t column);

/* The part that column @column lies in; NULL: none. */
const struct definition_part *
definition_find_part(const struct definition *definition, size_t column);

/*
 * What the kernel said of a definition that it refused, out of the text of
 * tracefs's "error_log": the newest entry for this command. @reason is cut out
 * of @log_text, which is changed; @column counts from 0. False: there is none.
 */
bool definition_find_error(const struct definition *definition, char *log_text,
			   const char **reason, size_t *column);

#endif /* DEFINITION_H */
