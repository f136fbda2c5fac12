/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PRINT_MASK_H
#define PRINT_MASK_H

/* Masks of bits, as hexadecimal words and as lists of ranges. */

#include <stddef.h>
#include <stdint.h>

struct print_output;
struct print_spec;

/* @size bytes at @at, the lowest bits first. */
void print_write_bitmask(struct print_output *output,
			 const struct print_spec *spec, int32_t star,
			 const unsigned char *at, size_t size);
void print_write_cpumask(struct print_output *output,
			 const struct print_spec *spec, int32_t star,
			 const unsigned char *at, size_t size);

#endif /* PRINT_MASK_H */
