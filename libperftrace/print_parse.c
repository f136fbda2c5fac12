/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libtraceevent 1.7.1 reads a print format into a text and a tree for each
 * argument (event-parse.h has the trees), and walks both for every record.
 * Here the walk is done once. Text has to come out the same, byte for byte,
 * so its oddities are kept; the tests print every event of a kernel both ways.
 *
 *	%d of a short	fields are not sign-extended: 65535, not -1
 *	%s of a cast	prints nothing, like any argument that is no string
 *	%s of a pointer	the kernel's string if it is in printk_formats, or else
 *			the address without "0x", both without width
 *	%s of flags	width and precision are of each flag, not of all;
 *			what no flag stands for is appended as "0x..."
 *	%s of an empty dynamic field
 *			prints nothing, not even its width
 *	%p		"(nil)" for 0, without width
 *	%px, %pK, %pd	like %p, and the letter is printed behind it
 *	%td, %q		the letter, as ">t<"
 *	%c, %+d		the same, but newer versions know them: not compiled
 *
 * Where it is not certain, or where libtraceevent itself reads what is not
 * there, there is no program, and libtraceevent is left to it.
 */
#include "print_parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <traceevent/event-parse.h>

#include "print_program.h"
#include "print_spec.h"
#include "print_value.h"

/* The text of a print format, and the arguments that are left. */
struct walk {
	struct print_compiler compiler;
	const char *at;
	struct tep_print_arg *arg;
};

static void refuse(struct walk *walk, const char *reason)
{
	print_refuse(&walk->compiler, reason);
}

static uint32_t add_op(struct walk *walk, const struct print_op *op)
{
	uint32_t at = (uint32_t)walk->compiler.program->num_ops;

	print_program_add_op(walk->compiler.program, op);
	return at;
}

static void add_text(struct walk *walk, struct print_op op, const char *text,
		     size_t text_bytes)
{
	op.text = print_program_add_text(walk->compiler.program, text,
					 text_bytes);
	op.count = (uint32_t)text_bytes;
	add_op(walk, &op);
}

static void add_literal(struct walk *walk, const char *text, size_t text_bytes)
{
	if (text_bytes)
		add_text(walk, (struct print_op){ .code = PRINT_LITERAL }, text,
			 text_bytes);
}

static struct tep_print_arg *take_arg(struct walk *walk)
{
	struct tep_print_arg *arg = walk->arg;

	if (!arg)
		refuse(walk, "it has too few arguments");
	else
		walk->arg = arg->next;
	return arg;
}

/*
 * eval_flag() of libtraceevent: some names of numbers are in format files as
 * they are in the kernel's source.
 */
static uint64_t symbol_number(const char *text)
{
	static const struct {
		const char *name;
		uint64_t number;
	} known[] = {
		{ "HI_SOFTIRQ", 0 },	    { "TIMER_SOFTIRQ", 1 },
		{ "NET_TX_SOFTIRQ", 2 },    { "NET_RX_SOFTIRQ", 3 },
		{ "BLOCK_SOFTIRQ", 4 },	    { "IRQ_POLL_SOFTIRQ", 5 },
		{ "TASKLET_SOFTIRQ", 6 },   { "SCHED_SOFTIRQ", 7 },
		{ "HRTIMER_SOFTIRQ", 8 },   { "RCU_SOFTIRQ", 9 },
		{ "HRTIMER_NORESTART", 0 }, { "HRTIMER_RESTART", 1 },
	};
	size_t i;

	if (isdigit((unsigned char)*text))
		return strtoull(text, NULL, 0);
	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!strcmp(known[i].name, text))
			return known[i].number;
	}
	return UINT64_MAX;
}

static void add_symbols(struct walk *walk, struct print_op *op,
			const struct tep_print_flag_sym *symbol)
{
	struct print_program *program = walk->compiler.program;
	size_t first = program->num_symbols;

	for (; symbol; symbol = symbol->next)
		print_program_add_symbol(program, symbol_number(symbol->value),
					 symbol->str);
	op->place = (uint32_t)first;
	op->count = (uint32_t)(program->num_symbols - first);
	add_op(walk, op);
}

static void compile_flags(struct walk *walk, struct print_op op,
			  struct tep_print_arg *arg)
{
	const char *delimiter = arg->flags.delim ? arg->flags.delim : "";

	op.code = PRINT_FLAGS;
	op.size = (uint32_t)strlen(delimiter);
	op.text = print_program_add_text(walk->compiler.program, delimiter,
					 op.size);
	print_compile_value(&walk->compiler, arg->flags.field, &op.value);
	add_symbols(walk, &op, arg->flags.flags);
}

static void compile_symbol(struct walk *walk, struct print_op op,
			   struct tep_print_arg *arg)
{
	op.code = PRINT_SYMBOL;
	print_compile_value(&walk->compiler, arg->symbol.field, &op.value);
	add_symbols(walk, &op, arg->symbol.symbols);
}

/* Where an array lies that is printed as bytes or numbers. */
static void set_place(struct walk *walk, struct print_op *op,
		      struct tep_print_arg *arg)
{
	struct tep_format_field *field;

	if (arg->type == TEP_PRINT_DYNAMIC_ARRAY) {
		op->is_dynamic = true;
		op->place =
			print_find_slot(&walk->compiler, arg->dynarray.field);
		return;
	}
	if (arg->type != TEP_PRINT_FIELD) {
		refuse(walk, "it prints an array that is no field");
		return;
	}
	field = print_find_field(&walk->compiler, arg->field.field,
				 arg->field.name);
	if (!field)
		return;
	op->place = (uint32_t)field->offset;
	op->size = (uint32_t)field->size;
}

static void compile_bytes(struct walk *walk, struct print_op op,
			  struct tep_print_arg *arg)
{
	op.code = PRINT_BYTES;
	op.separator = arg->type == TEP_PRINT_HEX ? ' ' : '\0';
	set_place(walk, &op, arg->hex.field);
	print_compile_value(&walk->compiler, arg->hex.size, &op.value);
	add_op(walk, &op);
}

static void compile_array(struct walk *walk, struct print_op op,
			  struct tep_print_arg *arg)
{
	op.code = PRINT_ARRAY;
	set_place(walk, &op, arg->int_array.field);
	print_compile_value(&walk->compiler, arg->int_array.count, &op.value);
	print_compile_value(&walk->compiler, arg->int_array.el_size, &op.star);
	add_op(walk, &op);
}

static void compile_dynamic(struct walk *walk, struct print_op op, uint8_t code,
			    struct tep_format_field *field, const char *name)
{
	field = print_find_field(&walk->compiler, field, name);
	if (!field)
		return;
	op.code = code;
	op.place = print_find_slot(&walk->compiler, field);
	add_op(walk, &op);
}

static void compile_field_string(struct walk *walk, struct print_op op,
				 struct tep_print_arg *arg)
{
	struct tep_format_field *field = print_find_field(
		&walk->compiler, arg->field.field, arg->field.name);

	if (!field)
		return;
	op.code = PRINT_FIELD_STRING;
	op.place = (uint32_t)field->offset;
	op.size = (uint32_t)field->size;
	if (!(field->flags & TEP_FIELD_IS_ARRAY) && field->size == sizeof(long))
		op.code = PRINT_KERNEL_STRING;
	add_op(walk, &op);
}

static void compile_string(struct walk *walk, struct print_op op,
			   struct tep_print_arg *arg);

static void set_target(struct walk *walk, uint32_t jump)
{
	struct print_program *program = walk->compiler.program;

	if (!program->has_no_memory)
		program->ops[jump].place = (uint32_t)program->num_ops;
}

static void compile_string_choice(struct walk *walk, struct print_op op,
				  struct tep_print_arg *arg)
{
	struct print_op jump = { .code = PRINT_JUMP_UNLESS };
	struct tep_print_arg *sides = arg->op.right;
	uint32_t unless, over;

	/* Other operators are not for strings, and print nothing. */
	if (arg->op.op[0] != '?')
		return;
	if (!sides || sides->type != TEP_PRINT_OP) {
		refuse(walk, "a choice has no sides");
		return;
	}
	print_compile_value(&walk->compiler, arg->op.left, &jump.value);
	unless = add_op(walk, &jump);
	compile_string(walk, op, sides->op.left);
	over = add_op(walk, &(struct print_op){ .code = PRINT_JUMP });
	set_target(walk, unless);
	compile_string(walk, op, sides->op.right);
	set_target(walk, over);
}

static void compile_string(struct walk *walk, struct print_op op,
			   struct tep_print_arg *arg)
{
	switch (arg->type) {
	case TEP_PRINT_ATOM:
		op.code = PRINT_STRING;
		add_text(walk, op, arg->atom.atom, strlen(arg->atom.atom));
		break;
	case TEP_PRINT_FIELD:
		compile_field_string(walk, op, arg);
		break;
	case TEP_PRINT_FLAGS:
		compile_flags(walk, op, arg);
		break;
	case TEP_PRINT_SYMBOL:
		compile_symbol(walk, op, arg);
		break;
	case TEP_PRINT_HEX:
	case TEP_PRINT_HEX_STR:
		compile_bytes(walk, op, arg);
		break;
	case TEP_PRINT_INT_ARRAY:
		compile_array(walk, op, arg);
		break;
	case TEP_PRINT_STRING:
		compile_dynamic(walk, op, PRINT_DYNAMIC_STRING,
				arg->string.field, arg->string.string);
		break;
	case TEP_PRINT_BITMASK:
		compile_dynamic(walk, op, PRINT_BITMASK, arg->bitmask.field,
				arg->bitmask.bitmask);
		break;
	case TEP_PRINT_CPUMASK:
		compile_dynamic(walk, op, PRINT_CPUMASK, arg->bitmask.field,
				arg->bitmask.bitmask);
		break;
	case TEP_PRINT_OP:
		compile_string_choice(walk, op, arg);
		break;
	case TEP_PRINT_FUNC:
	case TEP_PRINT_BSTRING:
		refuse(walk, "it calls a function");
		break;
	default:
		break;
	}
}

static uint8_t number_code(const struct print_spec *spec)
{
	if (!spec->is_plain)
		return PRINT_NUMBER;
	switch (spec->conversion) {
	case 'd':
		return PRINT_SIGNED;
	case 'u':
		return PRINT_UNSIGNED;
	case 'x':
		return PRINT_HEX;
	default:
		return PRINT_NUMBER;
	}
}

/* A conversion that printf(3) is asked for by libtraceevent. */
static void compile_conversion(struct walk *walk, size_t length)
{
	struct print_op op = { 0 };
	struct tep_print_arg *arg;

	if (!print_spec_parse(walk->at, length, &op.spec)) {
		refuse(walk, "it has a conversion without a certain meaning");
		return;
	}
	if (op.spec.takes_width || op.spec.takes_precision) {
		arg = take_arg(walk);
		if (arg)
			print_compile_value(&walk->compiler, arg, &op.star);
	}
	arg = take_arg(walk);
	if (!arg)
		return;
	if (op.spec.conversion == 's') {
		compile_string(walk, op, arg);
		return;
	}
	op.code = number_code(&op.spec);
	print_compile_value(&walk->compiler, arg, &op.value);
	add_op(walk, &op);
}

static void compile_function(struct walk *walk, struct print_op op,
			     struct tep_print_arg *arg, char letter)
{
	op.code = letter ? PRINT_FUNCTION : PRINT_ADDRESS;
	op.options = letter == 'S' || letter == 'F' ? PRINT_OPTION_OFFSET : 0;
	print_compile_value(&walk->compiler, arg, &op.value);
	add_op(walk, &op);
}

/* "%ph": only of a dynamic field, and without '*' a single byte. */
static void compile_buffer(struct walk *walk, struct print_op op,
			   struct tep_print_arg *arg, char letter)
{
	op.code = PRINT_BUFFER;
	op.separator = letter == 'C' ? ':' :
		       letter == 'D' ? '-' :
		       letter == 'N' ? '\0' :
				       ' ';
	if (arg->type != TEP_PRINT_DYNAMIC_ARRAY)
		refuse(walk, "it prints as a buffer what is no dynamic field");
	else
		set_place(walk, &op, arg);
	add_op(walk, &op);
}

static void set_mac(struct print_op *op, const char *letters)
{
	op->code = PRINT_MAC;
	op->separator = letters[0] == 'm' ? '\0' :
			letters[1] == 'F' ? '-' :
					    ':';
	op->options = letters[1] == 'R' ? PRINT_OPTION_REVERSED : 0;
}

static void set_uuid(struct print_op *op, const char *letters)
{
	op->code = PRINT_UUID;
	if (letters[1] == 'L' || letters[1] == 'B')
		op->options |= PRINT_OPTION_UPPER;
	if (letters[1] == 'L' || letters[1] == 'l')
		op->options |= PRINT_OPTION_REVERSED;
}

/* The machine's own order is the little end first: 'h' is 'l'. */
static void set_order(struct print_op *op, char letter)
{
	if (letter == 'l' || (letter == 'h' && !tep_is_bigendian()))
		op->options |= PRINT_OPTION_REVERSED;
}

static bool set_address(struct print_op *op, const char *letters)
{
	const char *rest = letters + 2;

	if (letters[0] == 'i')
		op->options |= PRINT_OPTION_SMALL;
	if (letters[0] == 'I' && letters[1] == 'S' && *rest == 'p') {
		op->options |= PRINT_OPTION_PORT;
		rest++;
	}
	if (letters[0] == 'I' && letters[1] != '4' && *rest == 'c') {
		op->options |= PRINT_OPTION_COMPACT;
		rest++;
	}
	switch (letters[1]) {
	case '4':
		op->code = PRINT_IP4;
		break;
	case '6':
		op->code = PRINT_IP6;
		return true;
	case 'S':
		op->code = PRINT_SOCKADDR;
		break;
	default:
		return false;
	}
	set_order(op, *rest);
	return true;
}

/* All of a fixed size: another would print a complaint. */
static size_t pointed_size(uint8_t code)
{
	switch (code) {
	case PRINT_MAC:
		return 6;
	case PRINT_IP4:
		return 4;
	case PRINT_IP6:
	case PRINT_UUID:
		return 16;
	default:
		return 0;
	}
}

static void compile_pointed(struct walk *walk, struct print_op op,
			    struct tep_print_arg *arg)
{
	while (arg->type == TEP_PRINT_TYPE)
		arg = arg->typecast.item;
	if (arg->type != TEP_PRINT_FIELD && op.code != PRINT_SOCKADDR) {
		refuse(walk, "it prints as an address what is no field");
		return;
	}
	set_place(walk, &op, arg);
	if (!walk->compiler.reason && pointed_size(op.code) &&
	    pointed_size(op.code) != op.size)
		refuse(walk, "it prints as an address a field of another size");
	add_op(walk, &op);
}

static void compile_pointer_arg(struct walk *walk, struct print_op op,
				struct tep_print_arg *arg, const char *letters)
{
	switch (letters[0]) {
	case 'M':
	case 'm':
		set_mac(&op, letters);
		break;
	case 'U':
		set_uuid(&op, letters);
		break;
	case 'I':
	case 'i':
		if (set_address(&op, letters))
			break;
		/* An address of no kind prints nothing. */
		return;
	case 'h':
		compile_buffer(walk, op, arg, letters[1]);
		return;
	default:
		compile_function(walk, op, arg, letters[0]);
		return;
	}
	compile_pointed(walk, op, arg);
}

/* "%pS", "%*ph"; @length is up to the 'p'. */
static size_t compile_pointer(struct walk *walk, size_t length)
{
	char letters[8] = { 0 };
	const char *behind = walk->at + length;
	size_t more = print_spec_pointer_length(behind);
	struct print_op op = { .star.number = 1 };
	struct tep_print_arg *arg;

	if (more >= sizeof(letters)) {
		refuse(walk, "it has a pointer with too many letters");
		return length;
	}
	memcpy(letters, behind, more);
	if (memchr(walk->at, '*', length)) {
		arg = take_arg(walk);
		if (arg)
			print_compile_value(&walk->compiler, arg, &op.star);
	}
	arg = take_arg(walk);
	if (arg)
		compile_pointer_arg(walk, op, arg, letters);
	return length + more;
}

/* A letter that libtraceevent does not know; arguments of '*' are used up. */
static void compile_unknown(struct walk *walk, size_t length)
{
	char text[] = { '>', walk->at[length - 1], '<' };

	if (memchr(walk->at, '*', length))
		take_arg(walk);
	add_literal(walk, text, sizeof(text));
}

static size_t compile_percent(struct walk *walk)
{
	size_t length = print_spec_length(walk->at);

	if (!length) {
		refuse(walk, "it ends in the middle of a conversion");
		return 0;
	}
	if (length > 30)
		refuse(walk, "it has a conversion of many letters");
	else if (walk->at[length - 1] == 'c' || memchr(walk->at, '+', length))
		refuse(walk, "it has a %c or %+, which versions of "
			     "libtraceevent do not agree on");
	else if (walk->at[length - 1] == 'p')
		return compile_pointer(walk, length);
	else if (strchr("duixXos", walk->at[length - 1]))
		compile_conversion(walk, length);
	else
		compile_unknown(walk, length);
	return length;
}

static char unescape(char letter)
{
	switch (letter) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	default:
		return letter;
	}
}

/* Up to the next conversion. */
static size_t compile_literal(struct walk *walk)
{
	const char *at = walk->at;
	size_t used = 0;
	char *text = malloc(strlen(at) + 1);

	if (!text) {
		walk->compiler.program->has_no_memory = true;
		return strlen(at);
	}
	for (; *at && !(*at == '%' && at[1] != '%'); at++) {
		if (*at == '\\' && !at[1]) {
			refuse(walk, "it ends in the middle of an escape");
			continue;
		}
		if (*at == '\\')
			text[used++] = unescape(*++at);
		else
			text[used++] = *at == '%' ? *++at : *at;
	}
	add_literal(walk, text, used);
	free(text);
	return (size_t)(at - walk->at);
}

static void compile_text(struct walk *walk)
{
	const struct print_compiler *compiler = &walk->compiler;

	while (*walk->at && !compiler->reason &&
	       !compiler->program->has_no_memory) {
		if (walk->at[0] == '%' && walk->at[1] != '%')
			walk->at += compile_percent(walk);
		else
			walk->at += compile_literal(walk);
	}
	add_op(walk, &(struct print_op){ .code = PRINT_END });
}

/* What field_locate() will ask of a record, for every field. */
static void add_fields(struct walk *walk, const struct tep_format_field *field)
{
	struct print_program *program = walk->compiler.program;

	for (; field; field = field->next) {
		size_t end = (size_t)field->offset + (size_t)field->size;

		if (end > program->fixed_bytes)
			program->fixed_bytes = end;
		if (!(field->flags & TEP_FIELD_IS_DYNAMIC))
			continue;
		if (field->size != sizeof(uint32_t))
			refuse(walk, "it has a dynamic field of another size");
		print_program_add_slot(program, (uint32_t)field->offset,
				       field->flags & TEP_FIELD_IS_RELATIVE);
	}
}

static void compile_event(struct walk *walk)
{
	struct tep_event *event = walk->compiler.event;

	if (event->flags & TEP_EVENT_FL_FAILED || !event->print_fmt.format) {
		refuse(walk, "libtraceevent has not understood it");
		return;
	}
	if (event->flags & TEP_EVENT_FL_ISBPRINT) {
		refuse(walk, "its records have print formats of their own");
		return;
	}
	add_fields(walk, event->format.common_fields);
	add_fields(walk, event->format.fields);
	walk->at = event->print_fmt.format;
	walk->arg = event->print_fmt.args;
	compile_text(walk);
}

int print_compile(struct tep_event *event, struct print_program **program,
		  const char **reason)
{
	struct walk walk = { .compiler.event = event };

	walk.compiler.program = print_program_new();
	if (!walk.compiler.program)
		return -ENOMEM;
	compile_event(&walk);
	if (!walk.compiler.reason && !walk.compiler.program->has_no_memory) {
		*program = walk.compiler.program;
		return 0;
	}
	*reason = walk.compiler.reason;
	print_program_free(walk.compiler.program);
	return walk.compiler.reason ? -EOPNOTSUPP : -ENOMEM;
}
