/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FACTS_TEXT_H
#define FACTS_TEXT_H

/* Facts as text, and back. Pure. */

#include <stdbool.h>
#include <stddef.h>

struct facts;
struct log;

/*
 * Change facts as a text says: "uid=1000,paranoid=3". What follows from a
 * change follows. -EINVAL, with the position and the reason; -ENOMEM. After a
 * failure the facts are what they were.
 */
int facts_parse(struct log *log, struct facts *facts, const char *text);

/*
 * All of them, in the same language. As snprintf(3): the length, whether it
 * fitted or not.
 */
size_t facts_write(const struct facts *facts, char *text, size_t room);

/* The word for one, as facts_write() has it; false: there is no such key. */
bool facts_write_one(const struct facts *facts, const char *key, char *text,
		     size_t room);

#endif /* FACTS_TEXT_H */
