/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REGISTERS_H
#define REGISTERS_H

/* Where a function's arguments are when it is entered. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum machine {
	MACHINE_UNKNOWN,
	MACHINE_X86_64,
	MACHINE_ARM64,
};

/* The one that this library was built for. */
enum machine machine_this(void);

enum parameter_kind {
	/* Integers up to 64 bits, bool, enums, pointers. */
	PARAMETER_INTEGER,
	/* 128 bits. */
	PARAMETER_WIDE,
	/* A struct or union of those but the wide ones, by value. */
	PARAMETER_STRUCT,
	/* The same, with a member that is not aligned. */
	PARAMETER_PACKED,
	PARAMETER_FLOAT,
	/* Anything else: what follows it can't be placed either. */
	PARAMETER_UNKNOWN,
};

struct parameter {
	enum parameter_kind kind;
	uint32_t bytes;
};

/*
 * Words are numbered from 0: those in registers, then those on the stack.
 * A parameter that no probe can fetch has none.
 */
struct parameter_place {
	unsigned int word;
	unsigned int words;
	/* The word is the address of the parameter. */
	bool is_reference;
};

/* How far a function's parameters are placed: begins as { .machine = ... }. */
struct placement {
	enum machine machine;
	unsigned int registers;
	unsigned int stack;
	bool registers_unknown;
	bool stack_unknown;
};

/*
 * Before the parameters: on x86_64 the address of where a large result goes is
 * handed over as if it were the first of them.
 */
void placement_begin(struct placement *placement, struct parameter result);

/* For each parameter in turn. */
struct parameter_place placement_next(struct placement *placement,
				      struct parameter parameter);

/*
 * The fetch text of a word: "%di" or "$stack1" at the function's entry; at its
 * return "$arg1", which kernels from 6.9 on keep from the entry. False when
 * there is none.
 */
bool registers_write_word(enum machine machine, unsigned int word,
			  bool at_return, char *text, size_t text_bytes);

#endif /* REGISTERS_H */
