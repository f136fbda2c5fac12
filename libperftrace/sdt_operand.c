/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A USDT marker is a nop and a note that says where its arguments are. The note
 * is made by <sys/sdt.h>, which has the compiler write every argument as an
 * operand of the assembler's language, with its size in front:
 *
 *	operands := { operand " " }
 *	operand  := [ ["-"] bytes ["f"] "@" ] place
 *
 * "-" is for signed integers, "f" for floating point. The place is whatever the
 * compiler had the argument in. On x86_64, in AT&T's syntax:
 *
 *	place    := "$" number | "%" register
 *	          | [sum] "(" "%" register ")" | sum [ "(%rip)" ]
 *	sum      := term { ("+" | "-") term }, where a term is a number, or
 *	            a symbol, but for one symbol at most
 *
 * and on arm64, where spaces stand within brackets:
 *
 *	place    := ["#"] number | register
 *	          | "[" register [ "," ["#"] number ] "]"
 *
 * https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation has the
 * notes; what stands in them is what gcc and clang emit. What is written is
 * the fetch argument of Documentation/trace/uprobetracer.rst that reads the
 * same place. There is none for a sum of registers, for floating point, and
 * for thread-local variables.
 */
#include "sdt_operand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "log.h"

/* MAX_ARGSTR_LEN in kernel/trace/trace_probe.h, of argument, colon and type. */
#define LONGEST_ARGUMENT 63

static const char not_understood[] = "is not understood";
static const char too_large[] = "has a number of more than 64 bits";
static const char has_index[] =
	"is addressed by two registers, and the kernel takes one";
static const char is_vector[] =
	"is in a register for floating point, which the kernel does not keep";

/* A part of the text. */
struct reader {
	const char *at;
	const char *end;
};

struct register_use {
	/* As the kernel spells it; NULL: a constant zero. */
	const char *name;
	int size;
};

static bool is_digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

static bool is_space(char letter)
{
	return letter == ' ' || letter == '\t' || letter == '\n';
}

static bool is_at(const struct reader *reader, char letter)
{
	return reader->at < reader->end && *reader->at == letter;
}

static bool is_at_digit(const struct reader *reader)
{
	return reader->at < reader->end && is_digit(*reader->at);
}

static void skip_spaces(struct reader *reader)
{
	while (reader->at < reader->end && is_space(*reader->at))
		reader->at++;
}

static bool skip(struct reader *reader, char letter)
{
	skip_spaces(reader);
	if (!is_at(reader, letter))
		return false;
	reader->at++;
	return true;
}

static bool is_at_end(struct reader *reader)
{
	skip_spaces(reader);
	return reader->at == reader->end;
}

static bool is_symbol_letter(char letter)
{
	return is_digit(letter) || (letter >= 'a' && letter <= 'z') ||
	       (letter >= 'A' && letter <= 'Z') || letter == '_' ||
	       letter == '.' || letter == '$' || (unsigned char)letter >= 0x80;
}

static size_t word_length(const struct reader *reader)
{
	const char *at = reader->at;

	while (at < reader->end && is_symbol_letter(*at))
		at++;
	return (size_t)(at - reader->at);
}

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && !memcmp(text, word, length);
}

/* Digits, as the assembler reads them: 0x and 0 in front are bases. */
static const char *read_magnitude(struct reader *reader, uint64_t *magnitude)
{
	char *end;

	if (!is_at_digit(reader))
		return not_understood;
	errno = 0;
	*magnitude = strtoull(reader->at, &end, 0);
	if (errno)
		return too_large;
	reader->at = end;
	return NULL;
}

/* All 64 bits may be used, whether with a sign or without one. */
static const char *read_number(struct reader *reader, int64_t *number)
{
	bool is_negative = skip(reader, '-');
	const char *reason;
	uint64_t magnitude;

	reason = read_magnitude(reader, &magnitude);
	if (reason)
		return reason;
	if (is_negative && magnitude > (uint64_t)INT64_MAX + 1)
		return too_large;
	*number = (int64_t)(is_negative ? -magnitude : magnitude);
	return NULL;
}

static const char *read_constant(struct reader *reader,
				 struct sdt_operand *operand)
{
	const char *reason = read_number(reader, &operand->value);

	operand->kind = SDT_OPERAND_CONSTANT;
	if (reason)
		return reason;
	return is_at_end(reader) ? NULL : not_understood;
}

static const char *find_x86_64_register(const char *text, size_t length,
					struct register_use *use)
{
	static const struct {
		/* 8, 4, 2 and 1 byte. */
		const char *names[4];
		const char *kernel_name;
	} registers[] = {
		{ { "rax", "eax", "ax", "al" }, "ax" },
		{ { "rbx", "ebx", "bx", "bl" }, "bx" },
		{ { "rcx", "ecx", "cx", "cl" }, "cx" },
		{ { "rdx", "edx", "dx", "dl" }, "dx" },
		{ { "rsi", "esi", "si", "sil" }, "si" },
		{ { "rdi", "edi", "di", "dil" }, "di" },
		{ { "rbp", "ebp", "bp", "bpl" }, "bp" },
		{ { "rsp", "esp", "sp", "spl" }, "sp" },
		{ { "r8", "r8d", "r8w", "r8b" }, "r8" },
		{ { "r9", "r9d", "r9w", "r9b" }, "r9" },
		{ { "r10", "r10d", "r10w", "r10b" }, "r10" },
		{ { "r11", "r11d", "r11w", "r11b" }, "r11" },
		{ { "r12", "r12d", "r12w", "r12b" }, "r12" },
		{ { "r13", "r13d", "r13w", "r13b" }, "r13" },
		{ { "r14", "r14d", "r14w", "r14b" }, "r14" },
		{ { "r15", "r15d", "r15w", "r15b" }, "r15" },
		{ { "rip", "rip", "rip", "rip" }, "ip" },
	};
	size_t i, j;

	for (i = 0; i < 4 * ARRAY_SIZE(registers); i++) {
		j = i % 4;
		if (!is_word(text, length, registers[i / 4].names[j]))
			continue;
		use->name = registers[i / 4].kernel_name;
		use->size = 8 >> j;
		return NULL;
	}
	if (length == 2 && strchr("abcd", text[0]) && text[1] == 'h')
		return "is in the second byte of a register, and the kernel "
		       "fetches the first ones";
	if (length > 3 && !memcmp(text + 1, "mm", 2))
		return is_vector;
	return length ? "is in a register that the kernel does not keep" :
			not_understood;
}

static const char *read_x86_64_register(struct reader *reader,
					struct register_use *use)
{
	size_t length = word_length(reader);
	const char *name = reader->at;

	reader->at += length;
	if (is_at(reader, ':'))
		return "is in a thread-local variable";
	return find_x86_64_register(name, length, use);
}

static const char *use_register(const struct register_use *use,
				struct sdt_operand *operand)
{
	if (!use->name) {
		operand->kind = SDT_OPERAND_CONSTANT;
		return NULL;
	}
	operand->kind = SDT_OPERAND_REGISTER;
	operand->register_name = use->name;
	/* The name is narrower than the register, and nothing else says so. */
	if (!operand->size)
		operand->size = use->size;
	return NULL;
}

static const char *use_base(const struct register_use *use,
			    struct sdt_operand *operand)
{
	if (!use->name || use->size != 8)
		return "is addressed by a part of a register";
	/* The kernel has 32 bits for it, and cuts the rest off. */
	if (operand->value > INT32_MAX || operand->value < INT32_MIN)
		return "lies further from its register than the kernel counts";
	operand->kind = SDT_OPERAND_MEMORY;
	operand->register_name = use->name;
	return NULL;
}

static const char *add_symbol(struct reader *reader, const char *text,
			      struct sdt_operand *operand)
{
	if (operand->symbol_length)
		return "is addressed by two symbols";
	operand->symbol_length = word_length(reader);
	if (!operand->symbol_length)
		return not_understood;
	operand->symbol_position = (size_t)(reader->at - text);
	reader->at += operand->symbol_length;
	return is_at(reader, '@') ? "is addressed through the linker's tables" :
				    NULL;
}

static const char *add_number(struct reader *reader, bool is_negative,
			      struct sdt_operand *operand)
{
	const char *reason;
	uint64_t magnitude;

	reason = read_magnitude(reader, &magnitude);
	if (reason)
		return reason;
	if (magnitude > INT64_MAX ||
	    __builtin_add_overflow(operand->value,
				   is_negative ? -(int64_t)magnitude :
						 (int64_t)magnitude,
				   &operand->value))
		return too_large;
	return NULL;
}

static const char *read_sum(struct reader *reader, const char *text,
			    struct sdt_operand *operand)
{
	const char *reason = NULL;
	bool is_first = true;

	while (!reason && !is_at_end(reader) && !is_at(reader, '(')) {
		bool is_negative = skip(reader, '-');

		if (!is_negative && !skip(reader, '+') && !is_first)
			return not_understood;
		is_first = false;
		if (is_at_digit(reader))
			reason = add_number(reader, is_negative, operand);
		else if (is_negative)
			reason = not_understood;
		else
			reason = add_symbol(reader, text, operand);
	}
	return reason;
}

static const char *use_symbol(struct sdt_operand *operand)
{
	operand->kind = SDT_OPERAND_SYMBOL_MEMORY;
	return operand->symbol_length ? NULL : "is at an address of no symbol";
}

/* Behind the sum. */
static const char *read_x86_64_base(struct reader *reader,
				    struct sdt_operand *operand)
{
	struct register_use use = { .name = NULL };
	const char *reason;

	if (is_at_end(reader))
		return use_symbol(operand);
	skip(reader, '(');
	if (is_at(reader, ','))
		return has_index;
	if (!skip(reader, '%'))
		return not_understood;
	reason = read_x86_64_register(reader, &use);
	if (reason)
		return reason;
	if (skip(reader, ','))
		return has_index;
	if (!skip(reader, ')') || !is_at_end(reader))
		return not_understood;
	if (!strcmp(use.name, "ip"))
		return use_symbol(operand);
	if (operand->symbol_length)
		return "is addressed by a symbol and a register";
	return use_base(&use, operand);
}

static const char *read_x86_64(struct reader *reader, const char *text,
			       struct sdt_operand *operand)
{
	struct register_use use = { .name = NULL };
	const char *reason;

	if (skip(reader, '$')) {
		if (is_at_digit(reader) || is_at(reader, '-'))
			return read_constant(reader, operand);
		return "is the address of a symbol, which the linker chose";
	}
	if (skip(reader, '%')) {
		reason = read_x86_64_register(reader, &use);
		if (!reason && !is_at_end(reader))
			reason = not_understood;
		return reason ? reason : use_register(&use, operand);
	}
	if (is_at_end(reader))
		return not_understood;
	reason = read_sum(reader, text, operand);
	return reason ? reason : read_x86_64_base(reader, operand);
}

static const char *find_arm64_numbered(const char *text, size_t length,
				       struct register_use *use)
{
	static const char *const names[] = {
		"x0",  "x1",  "x2",  "x3",  "x4",  "x5",  "x6",	 "x7",
		"x8",  "x9",  "x10", "x11", "x12", "x13", "x14", "x15",
		"x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23",
		"x24", "x25", "x26", "x27", "x28", "x29", "x30",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!is_word(text + 1, length - 1, names[i] + 1))
			continue;
		use->name = names[i];
		use->size = text[0] == 'x' ? 8 : 4;
		return NULL;
	}
	return not_understood;
}

static const char *read_arm64_register(struct reader *reader,
				       struct register_use *use)
{
	static const struct {
		const char *name;
		struct register_use use;
	} named[] = {
		{ "sp", { "sp", 8 } },	{ "wsp", { "sp", 4 } },
		{ "fp", { "x29", 8 } }, { "lr", { "x30", 8 } },
		{ "xzr", { NULL, 8 } }, { "wzr", { NULL, 4 } },
	};
	size_t length, i;
	const char *name;

	skip_spaces(reader);
	length = word_length(reader);
	name = reader->at;
	reader->at += length;
	for (i = 0; i < ARRAY_SIZE(named); i++) {
		if (!is_word(name, length, named[i].name))
			continue;
		*use = named[i].use;
		return NULL;
	}
	if (length < 2 || !is_digit(name[1]))
		return not_understood;
	if (name[0] == 'x' || name[0] == 'w')
		return find_arm64_numbered(name, length, use);
	return strchr("bhsdqvzp", name[0]) ? is_vector : not_understood;
}

/* Behind the base's comma. */
static const char *read_arm64_offset(struct reader *reader,
				     struct sdt_operand *operand)
{
	skip(reader, '#');
	skip_spaces(reader);
	if (is_at(reader, ':'))
		return "is addressed by a symbol and a register";
	if (!is_at_digit(reader) && !is_at(reader, '-'))
		return has_index;
	return read_number(reader, &operand->value);
}

static const char *read_arm64_memory(struct reader *reader,
				     struct sdt_operand *operand)
{
	struct register_use use = { .name = NULL };
	const char *reason;

	reason = read_arm64_register(reader, &use);
	if (!reason && skip(reader, ','))
		reason = read_arm64_offset(reader, operand);
	if (reason)
		return reason;
	if (!skip(reader, ']'))
		return not_understood;
	if (!is_at_end(reader))
		return "changes the register that it is addressed by";
	return use_base(&use, operand);
}

static const char *read_arm64(struct reader *reader,
			      struct sdt_operand *operand)
{
	struct register_use use = { .name = NULL };
	const char *reason;

	if (skip(reader, '['))
		return read_arm64_memory(reader, operand);
	if (skip(reader, '#') || is_at_digit(reader) || is_at(reader, '-'))
		return read_constant(reader, operand);
	reason = read_arm64_register(reader, &use);
	if (!reason && !is_at_end(reader))
		reason = not_understood;
	return reason ? reason : use_register(&use, operand);
}

/* Where the size's "@" stands; NULL: there is no size in front. */
static const char *find_size_end(const char *at)
{
	at += *at == '-';
	if (!is_digit(*at))
		return NULL;
	while (is_digit(*at))
		at++;
	at += *at == 'f';
	return *at == '@' ? at : NULL;
}

static const char *read_size(struct reader *reader, struct sdt_operand *operand)
{
	const char *end = find_size_end(reader->at);
	const char *digits;

	if (!end)
		return NULL;
	operand->is_signed = skip(reader, '-');
	digits = reader->at;
	reader->at = end + 1;
	if (end[-1] == 'f')
		return "is of floating point, and the kernel fetches integers";
	if (end - digits != 1 || !strchr("1248", *digits))
		return "is not of 1, 2, 4 or 8 bytes";
	operand->size = *digits - '0';
	return NULL;
}

static void parse_operand(enum machine machine, const char *text,
			  size_t position, size_t length,
			  struct sdt_operand *operand)
{
	struct reader reader = {
		.at = text + position,
		.end = text + position + length,
	};

	*operand = (struct sdt_operand){
		.position = position,
		.length = length,
	};
	operand->reason = read_size(&reader, operand);
	if (!operand->reason)
		operand->reason = machine == MACHINE_ARM64 ?
					  read_arm64(&reader, operand) :
					  read_x86_64(&reader, text, operand);
	if (operand->reason)
		operand->kind = SDT_OPERAND_UNSUPPORTED;
}

/*
 * Spaces separate operands, but for those within brackets. Even there an
 * operand begins where a size stands, so that one that lacks its bracket does
 * not take those behind it along.
 */
static size_t operand_length(const char *text)
{
	const char *at = text;
	int depth = 0;

	for (; *at; at++) {
		if (*at == '(' || *at == '[')
			depth++;
		else if (*at == ')' || *at == ']')
			depth--;
		else if (is_space(*at) && (depth <= 0 || find_size_end(at + 1)))
			break;
	}
	return (size_t)(at - text);
}

int sdt_operands_parse(struct log *log, enum machine machine, const char *text,
		       struct sdt_operand *operands, size_t room, size_t *count)
{
	size_t position = 0, used = 0, length;

	if (room > SDT_OPERANDS_MAX)
		room = SDT_OPERANDS_MAX;
	for (;; position += length) {
		while (is_space(text[position]))
			position++;
		if (!text[position])
			break;
		length = operand_length(text + position);
		if (used == room) {
			fail(log, -E2BIG, "more than %zu arguments", room);
			return fail_position(log, (int32_t)position);
		}
		parse_operand(machine, text, position, length,
			      &operands[used++]);
	}
	*count = used;
	return 0;
}

/* NULL: there is none. */
static int write_place(const struct sdt_operand *operand, int64_t offset,
		       char *text, size_t room)
{
	long long value = operand->value;

	switch (operand->kind) {
	case SDT_OPERAND_REGISTER:
		return snprintf(text, room, "%%%s", operand->register_name);
	case SDT_OPERAND_MEMORY:
		return snprintf(text, room, "%+lld(%%%s)", value,
				operand->register_name);
	case SDT_OPERAND_SYMBOL_MEMORY:
		return snprintf(text, room, "@+%lld", (long long)offset);
	case SDT_OPERAND_CONSTANT:
		return snprintf(text, room, "\\%lld", value);
	case SDT_OPERAND_UNSUPPORTED:
		break;
	}
	return -EINVAL;
}

/* "string", "ustring", and arrays of anything. */
static bool is_pointed_to(const char *type)
{
	return !strncmp(type, "string", 6) || !strncmp(type, "ustring", 7) ||
	       strchr(type, '[');
}

static int type_by_size(const struct sdt_operand *operand, char *text,
			size_t room)
{
	int size = operand->size ? operand->size : 8;

	return snprintf(text, room, "%c%d", operand->is_signed ? 's' : 'u',
			8 * size);
}

int sdt_operand_write(const struct sdt_operand *operand, const char *type,
		      int64_t offset, char *text, size_t room, char *type_text,
		      size_t type_room)
{
	char place[LONGEST_ARGUMENT + 1], argument[LONGEST_ARGUMENT + 1];
	char by_size[8];
	size_t length;

	if (write_place(operand, offset, place, sizeof(place)) < 0)
		return -EINVAL;
	if (!type) {
		type_by_size(operand, by_size, sizeof(by_size));
		type = by_size;
	}
	if (!*type)
		return -EINVAL;
	snprintf(argument, sizeof(argument),
		 is_pointed_to(type) ? "+0(%s)" : "%s", place);
	length = strlen(argument);
	if (length + 1 + strlen(type) > LONGEST_ARGUMENT)
		return -E2BIG;
	if (length >= room || strlen(type) >= type_room)
		return -ENOSPC;
	memcpy(text, argument, length + 1);
	memcpy(type_text, type, strlen(type) + 1);
	return 0;
}
