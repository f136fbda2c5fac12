/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The calling conventions of C, as far as the kernel's own functions use them:
 *
 * x86_64, System V Application Binary Interface, AMD64 Supplement, 3.2.3: six
 * registers. A struct of up to 16 bytes takes one or two of them; when they
 * don't suffice, or it is larger or has an unaligned member, it lies on the
 * stack, and those after it may still find a register. The first word on the
 * stack is the return address, so that arguments begin at $stack1.
 *
 * arm64, Procedure Call Standard for the Arm 64-bit Architecture, 6.8.2: eight
 * registers. A struct of up to 16 bytes takes one or two of them; when they
 * don't suffice, it lies on the stack, and so does all that follows. A larger
 * one is passed by reference. 128 bits begin at an even register.
 *
 * On both, an argument on the stack takes whole words of eight bytes. Neither
 * kernel passes floating point in these registers.
 *
 * The numbering of words is that of the kernel's regs_get_kernel_argument(),
 * which is what $argN means: on arm64 it knows the registers alone.
 */
#include "registers.h"

#include <stdio.h>

#include "export.h"

#define WORD_BYTES 8
/* Structs larger than this are never in registers. */
#define SMALL_BYTES 16

static const char *const x86_64_registers[] = { "%di", "%si", "%dx",
						"%cx", "%r8", "%r9" };
static const char *const arm64_registers[] = { "%x0", "%x1", "%x2", "%x3",
					       "%x4", "%x5", "%x6", "%x7" };

static const struct convention {
	const char *const *registers;
	unsigned int count;
	/* The word on the stack that is the first argument there. */
	unsigned int first_on_stack;
	/* $argN reaches the stack. */
	bool has_stack_arguments;
} conventions[] = {
	[MACHINE_X86_64] = { x86_64_registers, ARRAY_SIZE(x86_64_registers), 1,
			     true },
	[MACHINE_ARM64] = { arm64_registers, ARRAY_SIZE(arm64_registers), 0,
			    false },
};

static const struct parameter_place nowhere;

enum machine machine_this(void)
{
#if defined(__x86_64__)
	return MACHINE_X86_64;
#elif defined(__aarch64__)
	return MACHINE_ARM64;
#else
	return MACHINE_UNKNOWN;
#endif
}

static unsigned int to_words(uint32_t bytes)
{
	return bytes / WORD_BYTES + !!(bytes % WORD_BYTES);
}

static struct parameter_place take_registers(struct placement *placement,
					     unsigned int words)
{
	struct parameter_place place = { .word = placement->registers,
					 .words = words };

	placement->registers += words;
	return placement->registers_unknown ? nowhere : place;
}

static struct parameter_place take_stack(struct placement *placement,
					 unsigned int words)
{
	struct parameter_place place = {
		.word = conventions[placement->machine].count +
			placement->stack,
		.words = words,
	};

	placement->stack += words;
	return placement->stack_unknown ? nowhere : place;
}

static bool has_registers(const struct placement *placement, unsigned int words)
{
	return placement->registers + words <=
	       conventions[placement->machine].count;
}

static struct parameter_place place_x86_64(struct placement *placement,
					   struct parameter parameter)
{
	unsigned int words = to_words(parameter.bytes);
	bool is_small = parameter.bytes <= SMALL_BYTES &&
			parameter.kind != PARAMETER_PACKED;

	if (is_small && has_registers(placement, words))
		return take_registers(placement, words);
	/*
	 * The stack is aligned to 16 bytes by the standard, and to 8 by the
	 * kernel: whether there is a gap before it is the compiler's secret.
	 */
	if (parameter.kind == PARAMETER_WIDE)
		placement->stack_unknown = true;
	return take_stack(placement, words);
}

static unsigned int to_even(unsigned int number)
{
	return number + number % 2;
}

static struct parameter_place place_arm64(struct placement *placement,
					  struct parameter parameter)
{
	unsigned int words = to_words(parameter.bytes);
	struct parameter_place place;

	if (parameter.bytes > SMALL_BYTES)
		words = 1;
	if (parameter.kind == PARAMETER_WIDE)
		placement->registers = to_even(placement->registers);
	if (has_registers(placement, words)) {
		place = take_registers(placement, words);
	} else {
		placement->registers = conventions[MACHINE_ARM64].count;
		if (parameter.kind == PARAMETER_WIDE)
			placement->stack = to_even(placement->stack);
		place = take_stack(placement, words);
	}
	place.is_reference = parameter.bytes > SMALL_BYTES;
	return place;
}

/* On arm64 it has a register of its own, x8. */
void placement_begin(struct placement *placement, struct parameter result)
{
	if (placement->machine != MACHINE_X86_64)
		return;
	if (result.kind == PARAMETER_UNKNOWN && result.bytes) {
		placement->registers_unknown = true;
		placement->stack_unknown = true;
	} else if (result.kind == PARAMETER_PACKED ||
		   (result.kind == PARAMETER_STRUCT &&
		    result.bytes > 2 * WORD_BYTES)) {
		placement->registers = 1;
	}
}

struct parameter_place placement_next(struct placement *placement,
				      struct parameter parameter)
{
	if (parameter.kind == PARAMETER_UNKNOWN) {
		placement->registers_unknown = true;
		placement->stack_unknown = true;
	}
	/* GNU C's empty struct takes nothing; floats have their own place. */
	if (parameter.kind >= PARAMETER_FLOAT || !parameter.bytes)
		return nowhere;

	switch (placement->machine) {
	case MACHINE_X86_64:
		return place_x86_64(placement, parameter);
	case MACHINE_ARM64:
		return place_arm64(placement, parameter);
	default:
		return nowhere;
	}
}

bool registers_write_word(enum machine machine, unsigned int word,
			  bool at_return, char *text, size_t text_bytes)
{
	const struct convention *convention = &conventions[machine];
	bool is_register;

	if (machine == MACHINE_UNKNOWN)
		return false;
	is_register = word < convention->count;
	if (at_return && !is_register && !convention->has_stack_arguments)
		return false;

	if (at_return)
		snprintf(text, text_bytes, "$arg%u", word + 1);
	else if (is_register)
		snprintf(text, text_bytes, "%s", convention->registers[word]);
	else
		snprintf(text, text_bytes, "$stack%u",
			 word - convention->count + convention->first_on_stack);
	return true;
}
