/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef IDENTIFIER_H
#define IDENTIFIER_H

/* Names as C has them: letters, digits and underscores. Pure. */

#include <stdbool.h>
#include <stddef.h>

bool identifier_has(char letter);

/* How long the name at the start of a text is; 0: none, or a digit is first. */
size_t identifier_length(const char *text);

#endif /* IDENTIFIER_H */
