/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "print_program.h"

#include <stdlib.h>
#include <string.h>

struct print_program *print_program_new(void)
{
	return calloc(1, sizeof(struct print_program));
}

void print_program_free(struct print_program *program)
{
	if (!program)
		return;
	free(program->ops);
	free(program->steps);
	free(program->symbols);
	free(program->slots);
	free(program->pool);
	free(program);
}

/* Room for @wanted elements of @size bytes; @array stays valid when not. */
static bool grow(struct print_program *program, void **array, size_t *room,
		 size_t wanted, size_t size)
{
	size_t larger = *room ? *room * 2 : 8;
	void *grown;

	if (wanted <= *room)
		return true;
	if (larger < wanted)
		larger = wanted;
	grown = reallocarray(*array, larger, size);
	if (!grown) {
		program->has_no_memory = true;
		return false;
	}
	*array = grown;
	*room = larger;
	return true;
}

void print_program_add_op(struct print_program *program,
			  const struct print_op *op)
{
	if (grow(program, (void **)&program->ops, &program->room_ops,
		 program->num_ops + 1, sizeof(*op)))
		program->ops[program->num_ops++] = *op;
}

void print_program_add_step(struct print_program *program,
			    const struct print_step *step)
{
	if (grow(program, (void **)&program->steps, &program->room_steps,
		 program->num_steps + 1, sizeof(*step)))
		program->steps[program->num_steps++] = *step;
}

void print_program_add_slot(struct print_program *program, uint32_t offset,
			    bool is_relative)
{
	if (grow(program, (void **)&program->slots, &program->room_slots,
		 program->num_slots + 1, sizeof(*program->slots)))
		program->slots[program->num_slots++] =
			(struct print_slot){ .offset = offset,
					     .is_relative = is_relative };
}

void print_program_add_symbol(struct print_program *program, uint64_t number,
			      const char *text)
{
	struct print_symbol symbol = {
		.number = number,
		.text_bytes = (uint32_t)strlen(text),
	};

	symbol.text = print_program_add_text(program, text, symbol.text_bytes);
	if (grow(program, (void **)&program->symbols, &program->room_symbols,
		 program->num_symbols + 1, sizeof(symbol)))
		program->symbols[program->num_symbols++] = symbol;
}

uint32_t print_program_add_text(struct print_program *program, const char *text,
				size_t text_bytes)
{
	size_t start = program->pool_bytes;

	if (!grow(program, (void **)&program->pool, &program->room_pool,
		  start + text_bytes + PRINT_POOL_SLACK, 1))
		return 0;
	memcpy(program->pool + start, text, text_bytes);
	memset(program->pool + start + text_bytes, 0, PRINT_POOL_SLACK);
	program->pool_bytes += text_bytes;
	return (uint32_t)start;
}
