/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules are those of eval_num_arg() in libtraceevent 1.7.1, found by
 * experiment where they surprise: a field is read unsigned, whatever its type;
 * a cast to a type that it knows masks, and any other does nothing; what is no
 * number, a table of symbols for one, counts as 0.
 */
#include "print_value.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <traceevent/event-parse.h>

#include "print_data.h"
#include "print_program.h"

/* Expressions are nested, and whoever wrote the text may nest them deeply. */
#define MOST_DEPTH PRINT_MOST_DEPTH

void print_refuse(struct print_compiler *compiler, const char *reason)
{
	if (!compiler->reason)
		compiler->reason = reason;
}

static struct print_step *last_step(struct print_compiler *compiler,
				    size_t back)
{
	struct print_program *program = compiler->program;

	if (program->num_steps < compiler->barrier + back)
		return NULL;
	return &program->steps[program->num_steps - back];
}

static uint32_t add(struct print_compiler *compiler, struct print_step step,
		    int32_t pushes)
{
	uint32_t at = (uint32_t)compiler->program->num_steps;

	compiler->depth += pushes;
	if (compiler->depth > MOST_DEPTH)
		print_refuse(compiler, "an expression is nested too deeply");
	print_program_add_step(compiler->program, &step);
	return at;
}

static void add_number(struct print_compiler *compiler, uint64_t number)
{
	add(compiler,
	    (struct print_step){ .code = PRINT_STEP_NUMBER, .number = number },
	    1);
}

/* What lies behind may be reached by a jump, and is not what ran before. */
static uint32_t set_barrier(struct print_compiler *compiler)
{
	compiler->barrier = (uint32_t)compiler->program->num_steps;
	return compiler->barrier;
}

struct tep_format_field *print_find_field(struct print_compiler *compiler,
					  struct tep_format_field *field,
					  const char *name)
{
	if (!field)
		field = tep_find_any_field(compiler->event, name);
	if (!field)
		print_refuse(compiler, "it names a field that is not there");
	return field;
}

uint32_t print_find_slot(struct print_compiler *compiler,
			 struct tep_format_field *field)
{
	struct print_program *program = compiler->program;
	uint32_t i;

	for (i = 0; i < program->num_slots; i++) {
		if (program->slots[i].offset == (uint32_t)field->offset)
			return i;
	}
	print_refuse(compiler, "it takes a field for dynamic that is not");
	return 0;
}

static bool is_loadable(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/*
 * The copy that libtraceevent is handed has the number of the format in it: see
 * format.c.
 */
static bool is_type(const struct tep_format_field *field)
{
	return !strcmp(field->name, "common_type") &&
	       field->size == sizeof(uint16_t);
}

static void compile_field(struct print_compiler *compiler,
			  struct tep_print_arg *arg)
{
	struct tep_format_field *field =
		print_find_field(compiler, arg->field.field, arg->field.name);

	if (!field)
		return;
	if (is_type(field))
		add_number(compiler, (uint16_t)compiler->event->id);
	else if (!is_loadable((uint32_t)field->size))
		add_number(compiler, 0);
	else
		add(compiler,
		    (struct print_step){ .code = PRINT_STEP_LOAD,
					 .size = (uint8_t)field->size,
					 .at = (uint32_t)field->offset },
		    1);
}

static uint64_t type_mask(const char *type, size_t length)
{
	static const struct {
		const char *name;
		uint64_t mask;
	} masks[] = {
		{ "u8", UINT8_MAX },	 { "s8", UINT8_MAX },
		{ "u16", UINT16_MAX },	 { "s16", UINT16_MAX },
		{ "u32", UINT32_MAX },	 { "s32", UINT32_MAX },
		{ "char", UINT8_MAX },	 { "unsigned char", UINT8_MAX },
		{ "short", UINT16_MAX }, { "unsigned short", UINT16_MAX },
		{ "int", UINT32_MAX },	 { "unsigned int", UINT32_MAX },
	};
	size_t i;

	for (i = 0; i < sizeof(masks) / sizeof(*masks); i++) {
		if (strlen(masks[i].name) == length &&
		    !strncmp(masks[i].name, type, length))
			return masks[i].mask;
	}
	return UINT64_MAX;
}

/* What is loaded has no bit that the mask would take. */
static bool is_below(const struct print_step *step, uint64_t mask)
{
	/* Masks are ones up to a width. */
	return step->code == PRINT_STEP_LOAD && mask >> (step->size * 8 - 1);
}

static void add_mask(struct print_compiler *compiler, uint64_t mask)
{
	struct print_step *last = last_step(compiler, 1);

	if (last && last->code == PRINT_STEP_NUMBER)
		last->number &= mask;
	else if (mask != UINT64_MAX && !(last && is_below(last, mask)))
		add(compiler,
		    (struct print_step){ .code = PRINT_STEP_MASK,
					 .number = mask },
		    0);
}

static void compile(struct print_compiler *compiler, struct tep_print_arg *arg);

static void compile_cast(struct print_compiler *compiler,
			 struct tep_print_arg *arg)
{
	const char *type = arg->typecast.type;

	compile(compiler, arg->typecast.item);
	add_mask(compiler, type_mask(type, strlen(type)));
}

/* "u8 *": what it points to. */
static uint64_t pointed_mask(const char *type)
{
	size_t length = strlen(type);

	if (length < 2 || type[length - 1] != '*')
		return UINT64_MAX;
	return type_mask(type, length - 2);
}

/* An index that is known, inside of what every record has, is like a field. */
static bool fold_element(struct print_compiler *compiler, uint32_t size,
			 uint32_t at)
{
	struct print_step *last = last_step(compiler, 1);
	size_t most = compiler->program->fixed_bytes;

	if (!last || last->code != PRINT_STEP_NUMBER ||
	    last->number > most / size ||
	    at + last->number * size + size > most)
		return false;
	*last = (struct print_step){
		.code = PRINT_STEP_LOAD,
		.size = (uint8_t)size,
		.at = at + (uint32_t)last->number * size,
	};
	return true;
}

static void add_element(struct print_compiler *compiler, uint8_t code,
			uint32_t size, uint32_t at, const char *type)
{
	if (!is_loadable(size)) {
		add(compiler, (struct print_step){ .code = PRINT_STEP_MASK },
		    0);
		return;
	}
	if (code != PRINT_STEP_ELEMENT || !fold_element(compiler, size, at))
		add(compiler,
		    (struct print_step){
			    .code = code, .size = (uint8_t)size, .at = at },
		    0);
	if (type)
		add_mask(compiler, pointed_mask(type));
}

/* The index of a dynamic array counts bytes. */
static void compile_dynamic_element(struct print_compiler *compiler,
				    struct tep_format_field *field,
				    const char *type)
{
	uint32_t size = field->elementsize ? field->elementsize : sizeof(long);

	add_element(compiler, PRINT_STEP_DYNAMIC_ELEMENT, size,
		    print_find_slot(compiler, field), type);
}

static void compile_element(struct print_compiler *compiler,
			    struct tep_print_arg *arg)
{
	struct tep_print_arg *array = arg->op.left;
	struct tep_format_field *field;
	const char *type = NULL;

	compile(compiler, arg->op.right);
	for (; array->type == TEP_PRINT_TYPE; array = array->typecast.item) {
		if (!type)
			type = array->typecast.type;
	}
	if (array->type == TEP_PRINT_DYNAMIC_ARRAY) {
		compile_dynamic_element(compiler, array->dynarray.field, type);
		return;
	}
	if (array->type != TEP_PRINT_FIELD) {
		print_refuse(compiler, "it indexes what is no field");
		return;
	}
	field = print_find_field(compiler, array->field.field,
				 array->field.name);
	if (field)
		add_element(compiler, PRINT_STEP_ELEMENT, field->elementsize,
			    (uint32_t)field->offset, type);
}

/* Of both sides, the one that is not asked for is not calculated. */
static void compile_choice(struct print_compiler *compiler,
			   struct tep_print_arg *arg)
{
	struct tep_print_arg *sides = arg->op.right;
	uint32_t unless, jump;

	if (!sides || sides->type != TEP_PRINT_OP) {
		print_refuse(compiler, "a choice has no sides");
		return;
	}
	compile(compiler, arg->op.left);
	unless = add(compiler,
		     (struct print_step){ .code = PRINT_STEP_JUMP_UNLESS }, -1);
	set_barrier(compiler);
	compile(compiler, sides->op.left);
	jump = add(compiler, (struct print_step){ .code = PRINT_STEP_JUMP },
		   -1);
	if (!compiler->program->has_no_memory)
		compiler->program->steps[unless].at = set_barrier(compiler);
	compile(compiler, sides->op.right);
	if (!compiler->program->has_no_memory)
		compiler->program->steps[jump].at = set_barrier(compiler);
}

static const struct {
	char op[3];
	uint8_t code;
} operators[] = {
	{ "&", PRINT_STEP_AND },	 { "|", PRINT_STEP_OR },
	{ "&&", PRINT_STEP_BOTH },	 { "||", PRINT_STEP_EITHER },
	{ "==", PRINT_STEP_EQUAL },	 { "!=", PRINT_STEP_UNEQUAL },
	{ "<", PRINT_STEP_LESS },	 { "<=", PRINT_STEP_LESS_EQUAL },
	{ ">", PRINT_STEP_GREATER },	 { ">=", PRINT_STEP_GREATER_EQUAL },
	{ "<<", PRINT_STEP_SHIFT_LEFT }, { ">>", PRINT_STEP_SHIFT_RIGHT },
	{ "+", PRINT_STEP_ADD },	 { "-", PRINT_STEP_SUBTRACT },
	{ "*", PRINT_STEP_MULTIPLY },	 { "/", PRINT_STEP_DIVIDE },
	{ "%", PRINT_STEP_REMAINDER },
};

/* Most of what could be folded is of the kind 1 << 3 | 0x80. */
static bool fold(struct print_compiler *compiler, uint8_t code)
{
	struct print_step *right = last_step(compiler, 1);
	struct print_step *left = last_step(compiler, 2);
	struct print_data nothing = { 0 };
	uint64_t number;

	if (!left || left->code != PRINT_STEP_NUMBER ||
	    right->code != PRINT_STEP_NUMBER)
		return false;
	number = print_combine(&nothing, code, left->number, right->number);
	if (nothing.is_cut)
		return false;
	left->number = number;
	compiler->program->num_steps--;
	compiler->depth--;
	return true;
}

static void compile_operator(struct print_compiler *compiler,
			     struct tep_print_arg *arg)
{
	size_t i;

	for (i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		if (!strcmp(operators[i].op, arg->op.op))
			break;
	}
	if (i == sizeof(operators) / sizeof(*operators)) {
		print_refuse(compiler, "it has an operator that is not known");
		return;
	}
	compile(compiler, arg->op.left);
	compile(compiler, arg->op.right);
	if (!fold(compiler, operators[i].code))
		add(compiler, (struct print_step){ .code = operators[i].code },
		    -1);
}

/* Of the two, libtraceevent calculates the right side alone. */
static void compile_single(struct print_compiler *compiler,
			   struct tep_print_arg *arg, uint8_t code)
{
	compile(compiler, arg->op.right);
	add(compiler, (struct print_step){ .code = code }, 0);
}

static void compile_op(struct print_compiler *compiler,
		       struct tep_print_arg *arg)
{
	const char *op = arg->op.op;

	if (!strcmp(op, "["))
		compile_element(compiler, arg);
	else if (!strcmp(op, "?"))
		compile_choice(compiler, arg);
	else if (!strcmp(op, "!"))
		compile_single(compiler, arg, PRINT_STEP_NOT);
	else if (!strcmp(op, "~"))
		compile_single(compiler, arg, PRINT_STEP_INVERT);
	else
		compile_operator(compiler, arg);
}

static void compile(struct print_compiler *compiler, struct tep_print_arg *arg)
{
	switch (arg->type) {
	case TEP_PRINT_ATOM:
		add_number(compiler, strtoull(arg->atom.atom, NULL, 0));
		break;
	case TEP_PRINT_FIELD:
		compile_field(compiler, arg);
		break;
	case TEP_PRINT_TYPE:
		compile_cast(compiler, arg);
		break;
	case TEP_PRINT_OP:
		compile_op(compiler, arg);
		break;
	case TEP_PRINT_DYNAMIC_ARRAY_LEN:
		add(compiler,
		    (struct print_step){
			    .code = PRINT_STEP_DYNAMIC_LENGTH,
			    .at = print_find_slot(compiler,
						  arg->dynarray.field) },
		    1);
		break;
	case TEP_PRINT_DYNAMIC_ARRAY:
		print_refuse(compiler, "it prints where a dynamic field lies "
				       "in memory");
		break;
	case TEP_PRINT_FUNC:
		print_refuse(compiler, "it calls a function");
		break;
	default:
		add_number(compiler, 0);
	}
}

static bool is_single(const struct print_program *program, uint32_t first,
		      uint8_t code)
{
	return program->num_steps == first + 1 &&
	       program->steps[first].code == code;
}

void print_compile_value(struct print_compiler *compiler,
			 struct tep_print_arg *arg, struct print_value *value)
{
	struct print_program *program = compiler->program;
	uint32_t first = set_barrier(compiler);

	compiler->depth = 0;
	compile(compiler, arg);
	*value = (struct print_value){ .kind = PRINT_VALUE_STEPS, .at = first };
	if (compiler->reason || program->has_no_memory)
		return;
	if (is_single(program, first, PRINT_STEP_NUMBER)) {
		value->kind = PRINT_VALUE_NUMBER;
		value->number = program->steps[first].number;
		program->num_steps = first;
	} else if (is_single(program, first, PRINT_STEP_LOAD)) {
		value->kind = PRINT_VALUE_LOAD;
		value->at = program->steps[first].at;
		value->size = program->steps[first].size;
		program->num_steps = first;
	} else {
		add(compiler, (struct print_step){ .code = PRINT_STEP_END }, 0);
	}
}
