/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PRINT_DATA_H
#define PRINT_DATA_H

/*
 * The record that is printed. Nothing is read outside of it: bytes behind its
 * end are zero, as they are where libtraceevent is handed a copy.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "print_program.h"

struct print_data {
	const unsigned char *raw;
	size_t raw_bytes;
	/*
	 * Something led far outside of the record, or had no meaning:
	 * libtraceevent would read what is not its, or divide by zero.
	 */
	bool is_cut;
};

/* Of 1, 2, 4 or 8 bytes, all inside; they need not be aligned. */
static inline uint64_t print_load(const unsigned char *at, size_t size)
{
	uint64_t word;
	uint32_t half;
	uint16_t quarter;

	switch (size) {
	case 1:
		return *at;
	case 2:
		memcpy(&quarter, at, sizeof(quarter));
		return quarter;
	case 4:
		memcpy(&half, at, sizeof(half));
		return half;
	default:
		memcpy(&word, at, sizeof(word));
		return word;
	}
}

/* The same of what may lie outside. */
uint64_t print_load_anywhere(const struct print_data *data, size_t offset,
			     size_t size);

/*
 * Where a slot's value begins, and how long it is said to be: inside of the
 * record, once print_check_slots() has seen to that.
 */
static inline size_t print_locate(const struct print_program *program,
				  const struct print_data *data, uint32_t slot,
				  size_t *length)
{
	const struct print_slot *place = &program->slots[slot];
	uint32_t word =
		(uint32_t)print_load(data->raw + place->offset, sizeof(word));
	size_t offset = word & 0xffff;

	*length = word >> 16;
	return place->is_relative ? offset + place->offset + sizeof(word) :
				    offset;
}

/* The record's fixed part is there. */
bool print_check_slots(const struct print_program *program,
		       const struct print_data *data);

/* What a step of two numbers makes of them. */
uint64_t print_combine(struct print_data *data, uint8_t code, uint64_t left,
		       uint64_t right);

/* What the steps from @first on leave. */
uint64_t print_calculate(const struct print_program *program,
			 struct print_data *data, uint32_t first);

static inline uint64_t print_get_value(const struct print_program *program,
				       struct print_data *data,
				       const struct print_value *value)
{
	if (__builtin_expect(value->kind == PRINT_VALUE_LOAD, 1))
		return print_load(data->raw + value->at, value->size);
	if (value->kind == PRINT_VALUE_NUMBER)
		return value->number;
	return print_calculate(program, data, value->at);
}

#endif /* PRINT_DATA_H */
