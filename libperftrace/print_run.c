/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "print_run.h"

#include <errno.h>

#include "print_data.h"
#include "print_mask.h"
#include "print_pointer.h"
#include "print_program.h"
#include "print_strings.h"
#include "print_write.h"

struct run {
	const struct print_program *program;
	const struct print_names *names;
	struct print_data data;
	struct print_output output;
};

static uint64_t get_value(struct run *run, const struct print_value *value)
{
	return print_get_value(run->program, &run->data, value);
}

/*
 * A width or precision out of the record is an int. Below 0, libtraceevent
 * would call printf(3) with an argument too few.
 */
static int32_t get_star(struct run *run, const struct print_op *op)
{
	int32_t star;

	if (!op->spec.takes_width && !op->spec.takes_precision)
		return 0;
	star = (int32_t)get_value(run, &op->star);
	if (star < 0 || (op->spec.takes_width && star > PRINT_MOST_WIDTH)) {
		run->data.is_cut = true;
		return 0;
	}
	return star;
}

static void write_number(struct run *run, const struct print_op *op)
{
	print_write_number(&run->output, &op->spec, get_star(run, op),
			   get_value(run, &op->value));
}

static void write_string(struct run *run, const struct print_op *op,
			 const char *text, size_t text_bytes)
{
	if (op->spec.is_plain)
		print_write(&run->output, text, strnlen(text, text_bytes));
	else
		print_write_string(&run->output, &op->spec, get_star(run, op),
				   text, text_bytes);
}

static void write_field_string(struct run *run, const struct print_op *op)
{
	size_t left = run->data.raw_bytes - op->place;

	/* A field of no size is the rest of the record. */
	write_string(run, op, (const char *)run->data.raw + op->place,
		     op->size ? op->size : left);
}

/* Up to its zero byte, wherever that is. */
static void write_dynamic_string(struct run *run, const struct print_op *op)
{
	size_t length, offset = print_locate(run->program, &run->data,
					     op->place, &length);

	if (length)
		write_string(run, op, (const char *)run->data.raw + offset,
			     run->data.raw_bytes - offset);
}

static void write_kernel_string(struct run *run, const struct print_op *op)
{
	uint64_t address = print_load(run->data.raw + op->place, op->size);
	size_t text_bytes;
	const char *text =
		print_strings_find(run->names->strings, address, &text_bytes);

	if (text)
		print_write(&run->output, text, text_bytes);
	else
		print_write_hex(&run->output, address);
}

static void write_symbol_text(struct run *run, const struct print_op *op,
			      const struct print_symbol *symbol)
{
	write_string(run, op, run->program->pool + symbol->text,
		     symbol->text_bytes);
}

static void write_delimiter(struct run *run, const struct print_op *op)
{
	print_write(&run->output, run->program->pool + op->text, op->size);
}

/* A number that no flag has, below 0 as a signed one, stands for "none". */
static void write_flags(struct run *run, const struct print_op *op)
{
	const struct print_symbol *symbol = &run->program->symbols[op->place];
	const struct print_symbol *end = symbol + op->count;
	uint64_t left = get_value(run, &op->value);
	bool is_first = true;

	for (; symbol < end; symbol++) {
		if (!left && (int64_t)symbol->number < 0) {
			write_symbol_text(run, op, symbol);
			return;
		}
		if ((int64_t)symbol->number <= 0 ||
		    (left & symbol->number) != symbol->number)
			continue;
		if (!is_first)
			write_delimiter(run, op);
		write_symbol_text(run, op, symbol);
		is_first = false;
		left &= ~symbol->number;
	}
	if (!left)
		return;
	if (!is_first)
		write_delimiter(run, op);
	print_write_address(&run->output, left);
}

static void write_symbol(struct run *run, const struct print_op *op)
{
	const struct print_symbol *symbol = &run->program->symbols[op->place];
	const struct print_symbol *end = symbol + op->count;
	uint64_t number = get_value(run, &op->value);

	for (; symbol < end; symbol++) {
		if (symbol->number == number) {
			write_symbol_text(run, op, symbol);
			return;
		}
	}
	print_write_address(&run->output, number);
}

static size_t get_place(struct run *run, const struct print_op *op,
			size_t *size)
{
	if (op->is_dynamic)
		return print_locate(run->program, &run->data, op->place, size);
	*size = op->size;
	return op->place;
}

/* How many elements of @size bytes there are of @count that are asked for. */
static uint32_t limit(struct run *run, size_t offset, uint32_t count,
		      size_t size)
{
	size_t most = (run->data.raw_bytes - offset) / size;

	if (count <= most)
		return count;
	run->data.is_cut = true;
	return (uint32_t)most;
}

static void write_bytes(struct run *run, const struct print_op *op)
{
	size_t size, offset = get_place(run, op, &size);
	uint32_t i, count = limit(run, offset,
				  (uint32_t)get_value(run, &op->value), 1);

	for (i = 0; i < count; i++) {
		if (i && op->separator)
			print_write_char(&run->output, op->separator);
		print_write_byte(&run->output, run->data.raw[offset + i],
				 false);
	}
}

/* The first element of a size that is none is a byte, and complained of. */
static void write_bad_size(struct run *run, int32_t size, unsigned char byte)
{
	print_write(&run->output, "BAD SIZE:", strlen("BAD SIZE:"));
	print_write_signed(&run->output, size);
	print_write_char(&run->output, ' ');
	print_write_address(&run->output, byte);
}

static void write_array(struct run *run, const struct print_op *op)
{
	size_t size, offset = get_place(run, op, &size);
	int32_t width = (int32_t)get_value(run, &op->star);
	bool is_width = width == 1 || width == 2 || width == 4 || width == 8;
	uint32_t i, count = (uint32_t)get_value(run, &op->value);

	/* Once complained of, 1 is taken for it. */
	size = is_width ? (size_t)width : 1;
	count = limit(run, offset, count, size);
	for (i = 0; i < count; i++, offset += size) {
		if (i)
			print_write_char(&run->output, ' ');
		if (!i && !is_width)
			write_bad_size(run, width, run->data.raw[offset]);
		else
			print_write_decimal(&run->output,
					    print_load(run->data.raw + offset,
						       size));
	}
}

static void write_mask(struct run *run, const struct print_op *op)
{
	size_t size, offset = print_locate(run->program, &run->data, op->place,
					   &size);

	/* libtraceevent asks for gigabytes to write nothing. */
	if (!size && op->code == PRINT_CPUMASK)
		run->data.is_cut = true;
	if (op->code == PRINT_BITMASK)
		print_write_bitmask(&run->output, &op->spec, get_star(run, op),
				    run->data.raw + offset, size);
	else
		print_write_cpumask(&run->output, &op->spec, get_star(run, op),
				    run->data.raw + offset, size);
}

static void write_function(struct run *run, const struct print_op *op)
{
	uint64_t value = get_value(run, &op->value);
	unsigned long long start = value;
	char *module = NULL, *name = NULL;

	if (run->names->resolve)
		name = run->names->resolve(run->names->data, &start, &module);
	if (!name) {
		print_write_address(&run->output, value);
		return;
	}
	print_write(&run->output, name, strlen(name));
	if (!(op->options & PRINT_OPTION_OFFSET))
		return;
	print_write_char(&run->output, '+');
	print_write_address(&run->output, value - start);
}

static void write_address(struct run *run, const struct print_op *op)
{
	uint64_t value = get_value(run, &op->value);

	if (value)
		print_write_address(&run->output, value);
	else
		print_write(&run->output, "(nil)", strlen("(nil)"));
}

static void write_buffer(struct run *run, const struct print_op *op)
{
	size_t i, size, offset = get_place(run, op, &size);
	int32_t wanted = (int32_t)get_value(run, &op->star);

	/* Both are compared without a sign, and the count then has one. */
	if (size > (uint32_t)wanted)
		size = (uint32_t)wanted;
	for (i = 0; i < size; i++) {
		if (i && op->separator)
			print_write_char(&run->output, op->separator);
		print_write_byte(&run->output, run->data.raw[offset + i],
				 false);
	}
}

static void write_pointed(struct run *run, const struct print_op *op)
{
	size_t size, offset = get_place(run, op, &size);
	const unsigned char *at = run->data.raw + offset;

	switch (op->code) {
	case PRINT_MAC:
		print_write_mac(&run->output, op, at);
		break;
	case PRINT_IP4:
		print_write_ip4(&run->output, op, at);
		break;
	case PRINT_IP6:
		print_write_ip6(&run->output, op, at);
		break;
	case PRINT_UUID:
		print_write_uuid(&run->output, op, at);
		break;
	default:
		print_write_sockaddr(&run->output, op, &run->data, offset,
				     size);
	}
}

/* All but what print_run() has time to look at first. */
static void write_other(struct run *run, const struct print_op *op)
{
	switch (op->code) {
	case PRINT_NUMBER:
		write_number(run, op);
		break;
	case PRINT_STRING:
		write_string(run, op, run->program->pool + op->text, op->count);
		break;
	case PRINT_DYNAMIC_STRING:
		write_dynamic_string(run, op);
		break;
	case PRINT_KERNEL_STRING:
		write_kernel_string(run, op);
		break;
	case PRINT_FLAGS:
		write_flags(run, op);
		break;
	case PRINT_SYMBOL:
		write_symbol(run, op);
		break;
	case PRINT_BYTES:
		write_bytes(run, op);
		break;
	case PRINT_ARRAY:
		write_array(run, op);
		break;
	case PRINT_BITMASK:
	case PRINT_CPUMASK:
		write_mask(run, op);
		break;
	case PRINT_FUNCTION:
		write_function(run, op);
		break;
	case PRINT_ADDRESS:
		write_address(run, op);
		break;
	case PRINT_BUFFER:
		write_buffer(run, op);
		break;
	default:
		write_pointed(run, op);
	}
}

static void write_all(struct run *run)
{
	const struct print_program *program = run->program;
	const struct print_op *op = program->ops;
	struct print_output *output = &run->output;

	for (;; op++) {
		switch (op->code) {
		case PRINT_END:
			return;
		case PRINT_LITERAL:
			print_write_pool(output, program->pool + op->text,
					 op->count);
			break;
		case PRINT_SIGNED:
			print_write_signed(
				output,
				print_cut_signed(&op->spec,
						 get_value(run, &op->value)));
			break;
		case PRINT_UNSIGNED:
			print_write_decimal(
				output, print_cut(&op->spec,
						  get_value(run, &op->value)));
			break;
		case PRINT_HEX:
			print_write_hex(output,
					print_cut(&op->spec,
						  get_value(run, &op->value)));
			break;
		case PRINT_FIELD_STRING:
			write_field_string(run, op);
			break;
		case PRINT_JUMP_UNLESS:
			if (!get_value(run, &op->value))
				op = &program->ops[op->place - 1];
			break;
		case PRINT_JUMP:
			op = &program->ops[op->place - 1];
			break;
		default:
			write_other(run, op);
		}
	}
}

int print_run(const struct print_program *program,
	      const struct print_names *names, const void *raw,
	      size_t raw_bytes, char *buffer, size_t room, size_t *text_bytes,
	      bool *is_cut)
{
	struct run run = {
		.program = program,
		.names = names,
		.data = { .raw = raw, .raw_bytes = raw_bytes },
		.output = { .at = buffer, .end = buffer + room },
	};

	if (raw_bytes < program->fixed_bytes ||
	    !print_check_slots(program, &run.data))
		return -EBADMSG;
	write_all(&run);
	if (run.output.is_full)
		return -ENOSPC;
	*text_bytes = (size_t)(run.output.at - buffer);
	*is_cut = run.data.is_cut;
	return 0;
}
