/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PRINT_PROGRAM_H
#define PRINT_PROGRAM_H

/*
 * A print format, compiled: what print_parse.c makes of libtraceevent's tree,
 * and print_run.c applies to a record. It refers to nothing of libtraceevent's.
 *
 * An op writes a piece of text, or jumps forward. What it writes comes from its
 * place in the record, or from its value, which is calculated by steps: they
 * push numbers on a stack, and the last one left is the value. All numbers are
 * unsigned and 64 bits wide; fields are not sign-extended. That is so in
 * libtraceevent, and its text is to be had byte for byte.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How deep the stack of a calculation may get. */
#define PRINT_MOST_DEPTH 16

/* The largest width and precision that a conversion may ask for. */
#define PRINT_MOST_WIDTH 4096

enum print_step_code {
	PRINT_STEP_END,
	PRINT_STEP_NUMBER,
	PRINT_STEP_LOAD,
	/* Take the index; @at: where the array begins, or its slot. */
	PRINT_STEP_ELEMENT,
	PRINT_STEP_DYNAMIC_ELEMENT,
	PRINT_STEP_DYNAMIC_LENGTH,
	PRINT_STEP_MASK,
	/* Jump when the number taken is 0, and always. */
	PRINT_STEP_JUMP_UNLESS,
	PRINT_STEP_JUMP,
	PRINT_STEP_NOT,
	PRINT_STEP_INVERT,
	PRINT_STEP_AND,
	PRINT_STEP_OR,
	PRINT_STEP_BOTH,
	PRINT_STEP_EITHER,
	PRINT_STEP_EQUAL,
	PRINT_STEP_UNEQUAL,
	PRINT_STEP_LESS,
	PRINT_STEP_LESS_EQUAL,
	PRINT_STEP_GREATER,
	PRINT_STEP_GREATER_EQUAL,
	PRINT_STEP_SHIFT_LEFT,
	PRINT_STEP_SHIFT_RIGHT,
	PRINT_STEP_ADD,
	PRINT_STEP_SUBTRACT,
	PRINT_STEP_MULTIPLY,
	PRINT_STEP_DIVIDE,
	PRINT_STEP_REMAINDER,
};

struct print_step {
	uint8_t code;
	/* 1, 2, 4 or 8: of what is loaded. */
	uint8_t size;
	/* Offset, slot, or the step to go on with. */
	uint32_t at;
	uint64_t number;
};

enum print_value_kind {
	PRINT_VALUE_NUMBER,
	PRINT_VALUE_LOAD,
	PRINT_VALUE_STEPS,
};

struct print_value {
	uint8_t kind;
	uint8_t size;
	/* Offset of a load; the first step. */
	uint32_t at;
	uint64_t number;
};

/* What printf(3) knows of a conversion. */
struct print_spec {
	char conversion;
	/* How many bits of 64 its length leaves out. */
	uint8_t unused_bits;
	/* There is nothing else but the conversion and the length. */
	bool is_plain;
	bool is_left;
	bool has_plus;
	bool has_hash;
	bool has_zero;
	/* One of them is given by the op's star. */
	bool takes_width;
	bool takes_precision;
	/* 0 and -1: none. */
	int32_t width;
	int32_t precision;
};

enum print_op_code {
	PRINT_END,
	PRINT_LITERAL,
	/* Numbers with nothing but a conversion. */
	PRINT_SIGNED,
	PRINT_UNSIGNED,
	PRINT_HEX,
	/* Any other. */
	PRINT_NUMBER,
	PRINT_STRING,
	PRINT_FIELD_STRING,
	PRINT_DYNAMIC_STRING,
	/* Where the kernel's own string lies. */
	PRINT_KERNEL_STRING,
	PRINT_FLAGS,
	PRINT_SYMBOL,
	PRINT_BYTES,
	PRINT_ARRAY,
	PRINT_BITMASK,
	PRINT_CPUMASK,
	PRINT_FUNCTION,
	PRINT_ADDRESS,
	PRINT_MAC,
	PRINT_IP4,
	PRINT_IP6,
	PRINT_SOCKADDR,
	PRINT_UUID,
	PRINT_BUFFER,
	PRINT_JUMP_UNLESS,
	PRINT_JUMP,
};

/* Of PRINT_FUNCTION and pointers; what each means, print_pointer.c says. */
enum print_option {
	PRINT_OPTION_OFFSET = 1,
	PRINT_OPTION_REVERSED = 1,
	PRINT_OPTION_UPPER = 2,
	PRINT_OPTION_SMALL = 4,
	PRINT_OPTION_COMPACT = 8,
	PRINT_OPTION_PORT = 16,
};

struct print_op {
	uint8_t code;
	uint8_t options;
	/* 0: none. */
	char separator;
	bool is_dynamic;
	struct print_spec spec;
	/* Offset or slot of what is printed, and for how many bytes. */
	uint32_t place;
	uint32_t size;
	/* In the pool; the first symbol and how many; where to go on. */
	uint32_t text;
	uint32_t count;
	struct print_value value;
	/* '*' of a conversion; the size of an array's element. */
	struct print_value star;
};

/* Of __print_flags() and __print_symbolic(). */
struct print_symbol {
	uint64_t number;
	uint32_t text;
	uint32_t text_bytes;
};

/* A field that says where its value lies. */
struct print_slot {
	uint32_t offset;
	bool is_relative;
};

struct print_program {
	struct print_op *ops;
	size_t num_ops, room_ops;
	struct print_step *steps;
	size_t num_steps, room_steps;
	struct print_symbol *symbols;
	size_t num_symbols, room_symbols;
	struct print_slot *slots;
	size_t num_slots, room_slots;
	char *pool;
	size_t pool_bytes, room_pool;
	/* A record must be as long as this for its fields to lie in it. */
	size_t fixed_bytes;
	bool has_no_memory;
};

/* NULL: no memory. What is added says so in has_no_memory. */
struct print_program *print_program_new(void);
void print_program_free(struct print_program *program);

/* Behind what is in the pool, PRINT_POOL_SLACK bytes can be read. */
#define PRINT_POOL_SLACK 16

void print_program_add_op(struct print_program *program,
			  const struct print_op *op);
void print_program_add_step(struct print_program *program,
			    const struct print_step *step);
void print_program_add_slot(struct print_program *program, uint32_t offset,
			    bool is_relative);
void print_program_add_symbol(struct print_program *program, uint64_t number,
			      const char *text);

/* Where in the pool the text begins. */
uint32_t print_program_add_text(struct print_program *program, const char *text,
				size_t text_bytes);

#endif /* PRINT_PROGRAM_H */
