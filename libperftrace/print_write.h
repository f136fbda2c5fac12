/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PRINT_WRITE_H
#define PRINT_WRITE_H

/*
 * Text into a buffer of a fixed size. What does not fit is not written in part:
 * is_full says that something was left out, and the caller comes again with a
 * larger buffer.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "digits.h"
#include "print_program.h"

struct print_output {
	char *at;
	char *end;
	bool is_full;
};

static inline bool print_has_room(struct print_output *output, size_t bytes)
{
	if (__builtin_expect((size_t)(output->end - output->at) >= bytes, 1))
		return true;
	output->is_full = true;
	return false;
}

static inline void print_write(struct print_output *output, const char *text,
			       size_t text_bytes)
{
	if (!print_has_room(output, text_bytes))
		return;
	memcpy(output->at, text, text_bytes);
	output->at += text_bytes;
}

/* From the pool, behind which there is something to read: in whole blocks. */
static inline void print_write_pool(struct print_output *output,
				    const char *text, size_t text_bytes)
{
	size_t done;

	if ((size_t)(output->end - output->at) <
	    text_bytes + PRINT_POOL_SLACK) {
		print_write(output, text, text_bytes);
		return;
	}
	for (done = 0; done < text_bytes; done += PRINT_POOL_SLACK)
		memcpy(output->at + done, text + done, PRINT_POOL_SLACK);
	output->at += text_bytes;
}

static inline void print_write_char(struct print_output *output, char c)
{
	if (print_has_room(output, 1))
		*output->at++ = c;
}

static inline void print_write_decimal(struct print_output *output,
				       uint64_t number)
{
	if (print_has_room(output, DIGITS_ROOM))
		output->at = digits_decimal(output->at, number);
}

static inline void print_write_signed(struct print_output *output,
				      int64_t number)
{
	if (!print_has_room(output, DIGITS_ROOM))
		return;
	if (number < 0)
		*output->at++ = '-';
	output->at = digits_decimal(output->at, number < 0 ? -(uint64_t)number :
							     (uint64_t)number);
}

static inline void print_write_hex(struct print_output *output, uint64_t number)
{
	if (print_has_room(output, DIGITS_ROOM))
		output->at = digits_hex(output->at, number);
}

/* Two hexadecimal digits; upper-case ones are 'A' and on. */
void print_write_byte(struct print_output *output, unsigned char byte,
		      bool is_upper);

/* "0x" and the number, as printf(3) has it for %#llx of all but 0. */
void print_write_address(struct print_output *output, uint64_t number);

/*
 * As printf(3) does by the spec; @star: what '*' stands for, if there is one;
 * not below 0.
 */
void print_write_number(struct print_output *output,
			const struct print_spec *spec, int32_t star,
			uint64_t number);

/* At most @room bytes, up to a zero byte or to the spec's precision. */
void print_write_string(struct print_output *output,
			const struct print_spec *spec, int32_t star,
			const char *text, size_t room);

/* What the spec's length leaves of @number. */
static inline uint64_t print_cut(const struct print_spec *spec, uint64_t number)
{
	return number << spec->unused_bits >> spec->unused_bits;
}

static inline int64_t print_cut_signed(const struct print_spec *spec,
				       uint64_t number)
{
	return (int64_t)(number << spec->unused_bits) >> spec->unused_bits;
}

#endif /* PRINT_WRITE_H */
