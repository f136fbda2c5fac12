/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBRARY_WORDS_H
#define LIBRARY_WORDS_H

/* What is said of files that are not found. Pure. */

#include <stdint.h>

struct log;
struct suggestions;

enum { LIBRARY_LIST_BYTES = 512 };

/* What /proc answers about a process. Returns @error. */
int library_fail_process(struct log *log, int error, int32_t pid);

/* Add a path, with ", " in front of all but the first; as far as it fits. */
void library_list(char list[LIBRARY_LIST_BYTES], const char *path);

/*
 * Offer a name, once. What is named as wished but for "lib" in front or a
 * version behind is nearest: libc.so.6 for c, libc and libc.so.
 */
void library_suggest(struct suggestions *suggestions, const char *name);

/* The suggestions as the remedy; @otherwise: when there are none. */
int library_remedy(struct log *log, const struct suggestions *suggestions,
		   const char *otherwise);

#endif /* LIBRARY_WORDS_H */
