/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BINARY_DEMANGLE_H
#define BINARY_DEMANGLE_H

/* Names of C++, as the linker has them and as people write them. Pure. */

#include <stdbool.h>
#include <stddef.h>

/* Whether this build can read them. */
bool binary_demangle_is_available(void);

/* What the texts that were made in one search may take, all together. */
#define BINARY_DEMANGLE_BYTES ((size_t)128 << 20)

/*
 * As people write it, to be freed; what it took is taken from @bytes_left. NULL
 * when it is no name of C++, when it is one that could grow beyond all measure,
 * or when there is no memory.
 */
char *binary_demangle(const char *mangled, size_t *bytes_left);

/* A part that all names have in common for which a text can stand. */
struct binary_identifier {
	const char *text;
	size_t length;
};

/* The last identifier in a user's text; its length is 0 when there is none. */
void binary_demangle_begin(const char *text,
			   struct binary_identifier *identifier);

/* Whether it is worth to look closer. */
bool binary_demangle_may_match(const char *mangled,
			       const struct binary_identifier *identifier);

enum binary_match {
	BINARY_MATCH_NONE,
	/* Without parameters, or without what follows them. */
	BINARY_MATCH_PART,
	BINARY_MATCH_FULL,
};

/* White space does not count, neither does the type of what is returned. */
enum binary_match binary_demangle_match(const char *mangled,
					const char *demangled,
					const char *text);

#endif /* BINARY_DEMANGLE_H */
