/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DIGITS_H
#define DIGITS_H

/* Numbers as text, without printf(3)'s reading of a format for each. */

#include <stdint.h>

/*
 * What either of the two may write, though only a part of it stands behind the
 * digits that are returned.
 */
#define DIGITS_ROOM 24

/* Write @number at @at, and give the end of it; no zero byte follows. */
char *digits_decimal(char *at, uint64_t number);
char *digits_hex(char *at, uint64_t number);

#endif /* DIGITS_H */
