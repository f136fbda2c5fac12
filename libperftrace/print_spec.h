/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PRINT_SPEC_H
#define PRINT_SPEC_H

/* Conversions of a print format, as libtraceevent tells them apart. */

#include <stdbool.h>
#include <stddef.h>

struct print_spec;

/*
 * How long the conversion is that begins with the '%' at @text, up to and with
 * the letter that it ends with, 'p' included, or any that is none; 0: there is
 * no end to it.
 */
size_t print_spec_length(const char *text);

/*
 * A conversion to d, i, u, x, X, o, c or s, 'i' read as 'd'. False: there is
 * something in it that printf(3) has no certain meaning for.
 */
bool print_spec_parse(const char *text, size_t length, struct print_spec *spec);

/* How many letters behind the 'p' at @text[-1] belong to it. */
size_t print_spec_pointer_length(const char *text);

#endif /* PRINT_SPEC_H */
