/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PRINT_VALUE_H
#define PRINT_VALUE_H

/* Expressions of a print format, compiled to steps. */

#include <stdbool.h>
#include <stdint.h>

struct print_program;
struct print_value;
struct tep_event;
struct tep_format_field;
struct tep_print_arg;

/* Behind what is already there, for both kinds of jumps. */
struct print_compiler {
	struct tep_event *event;
	struct print_program *program;
	/* Why not; the first reason stays. NULL: none. */
	const char *reason;
	/* Of the steps: how deep the stack is; no step before is folded. */
	int32_t depth;
	uint32_t barrier;
};

void print_refuse(struct print_compiler *compiler, const char *reason);

/* What libtraceevent calculates of an argument that it takes for a number. */
void print_compile_value(struct print_compiler *compiler,
			 struct tep_print_arg *arg, struct print_value *value);

/* The field of an argument; NULL, and a refusal: there is none. */
struct tep_format_field *print_find_field(struct print_compiler *compiler,
					  struct tep_format_field *field,
					  const char *name);

/* The slot of a dynamic field. */
uint32_t print_find_slot(struct print_compiler *compiler,
			 struct tep_format_field *field);

#endif /* PRINT_VALUE_H */
