/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "print_data.h"

uint64_t print_load_anywhere(const struct print_data *data, size_t offset,
			     size_t size)
{
	unsigned char bytes[sizeof(uint64_t)] = { 0 };
	size_t left;

	if (offset < data->raw_bytes) {
		left = data->raw_bytes - offset;
		memcpy(bytes, data->raw + offset, left < size ? left : size);
	}
	return print_load(bytes, size);
}

bool print_check_slots(const struct print_program *program,
		       const struct print_data *data)
{
	size_t i, offset, length;

	for (i = 0; i < program->num_slots; i++) {
		offset = print_locate(program, data, (uint32_t)i, &length);
		if (offset > data->raw_bytes ||
		    length > data->raw_bytes - offset)
			return false;
	}
	return true;
}

/*
 * libtraceevent counts in 32 bits, and takes what is at the end of them for a
 * place before the record.
 */
static uint64_t load_element(struct print_data *data,
			     const struct print_step *step, uint64_t start,
			     uint64_t index)
{
	uint32_t offset = (uint32_t)(start + index);

	if (offset > (uint32_t)INT32_MAX - step->size) {
		data->is_cut = true;
		return 0;
	}
	if (offset + step->size > data->raw_bytes)
		return 0;
	return print_load(data->raw + offset, step->size);
}

static uint64_t load_dynamic(const struct print_program *program,
			     struct print_data *data,
			     const struct print_step *step, uint64_t index)
{
	size_t length, offset = print_locate(program, data, step->at, &length);

	return load_element(data, step, offset, index);
}

static uint64_t get_dynamic_length(const struct print_program *program,
				   struct print_data *data, uint32_t slot)
{
	size_t length;

	print_locate(program, data, slot, &length);
	return length;
}

static uint64_t divide(struct print_data *data, uint8_t code, uint64_t left,
		       uint64_t right)
{
	if (!right) {
		data->is_cut = true;
		return 0;
	}
	return code == PRINT_STEP_DIVIDE ? left / right : left % right;
}

uint64_t print_combine(struct print_data *data, uint8_t code, uint64_t left,
		       uint64_t right)
{
	switch (code) {
	case PRINT_STEP_AND:
		return left & right;
	case PRINT_STEP_OR:
		return left | right;
	case PRINT_STEP_BOTH:
		return left && right;
	case PRINT_STEP_EITHER:
		return left || right;
	case PRINT_STEP_EQUAL:
		return left == right;
	case PRINT_STEP_UNEQUAL:
		return left != right;
	case PRINT_STEP_LESS:
		return left < right;
	case PRINT_STEP_LESS_EQUAL:
		return left <= right;
	case PRINT_STEP_GREATER:
		return left > right;
	case PRINT_STEP_GREATER_EQUAL:
		return left >= right;
	/* As the machines do it that libtraceevent runs on. */
	case PRINT_STEP_SHIFT_LEFT:
		return left << (right & 63);
	case PRINT_STEP_SHIFT_RIGHT:
		return left >> (right & 63);
	case PRINT_STEP_ADD:
		return left + right;
	case PRINT_STEP_SUBTRACT:
		return left - right;
	case PRINT_STEP_MULTIPLY:
		return left * right;
	default:
		return divide(data, code, left, right);
	}
}

uint64_t print_calculate(const struct print_program *program,
			 struct print_data *data, uint32_t first)
{
	uint64_t stack[PRINT_MOST_DEPTH + 1], *top = stack;
	const struct print_step *step = &program->steps[first];

	/* The compiler has seen that it neither over- nor underflows. */
	for (;; step++) {
		switch (step->code) {
		case PRINT_STEP_END:
			return *top;
		case PRINT_STEP_NUMBER:
			*++top = step->number;
			break;
		case PRINT_STEP_LOAD:
			*++top = print_load(data->raw + step->at, step->size);
			break;
		case PRINT_STEP_ELEMENT:
			*top = load_element(data, step, step->at,
					    *top * step->size);
			break;
		case PRINT_STEP_DYNAMIC_ELEMENT:
			*top = load_dynamic(program, data, step, *top);
			break;
		case PRINT_STEP_DYNAMIC_LENGTH:
			*++top = get_dynamic_length(program, data, step->at);
			break;
		case PRINT_STEP_MASK:
			*top &= step->number;
			break;
		case PRINT_STEP_JUMP_UNLESS:
			if (!*top--)
				step = &program->steps[step->at - 1];
			break;
		case PRINT_STEP_JUMP:
			step = &program->steps[step->at - 1];
			break;
		case PRINT_STEP_NOT:
			*top = !*top;
			break;
		case PRINT_STEP_INVERT:
			*top = ~*top;
			break;
		default:
			top--;
			*top = print_combine(data, step->code, *top, top[1]);
		}
	}
}
