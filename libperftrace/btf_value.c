/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The types of fetch arguments are those of probe_fetch_types in the kernel's
 * kernel/trace/trace_probe.c: u8 to u64, s8 to s64, x8 to x64, string, ustring,
 * arrays TYPE[N] of them, and bitfields b<width>@<offset>/<container size>. A
 * bitfield is cut out of a container of 8, 16, 32 or 64 bits, counted from its
 * lowest bit, and is never negative. Arrays are read from the kernel's memory
 * alone.
 */
#include "btf_value.h"

#include <bpf/btf.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf_text.h"
#include "btf_walk.h"
#include "log.h"

#define WORD_BITS 64

/* A scalar: u, s or x, and how many bits of what was declared with how many. */
struct scalar {
	char letter;
	uint32_t bits;
	uint32_t declared_bits;
	/* In an INT of old, a bitfield begins inside of its type. */
	uint32_t bit_offset;
};

static struct btf_bare bare_type(const struct btf_walk *walk, uint32_t type)
{
	return btf_types_strip(walk->function.btf, type);
}

static bool is_fetchable(uint32_t bits)
{
	return bits == 8 || bits == 16 || bits == 32 || bits == 64;
}

static struct scalar make_scalar(uint32_t bytes, bool is_signed)
{
	return (struct scalar){
		.letter = is_signed ? 's' : 'u',
		.bits = bytes <= 8 ? bytes * 8 : 0,
		.declared_bits = bytes <= 8 ? bytes * 8 : 0,
	};
}

static struct scalar make_integer(const struct btf_type *type)
{
	uint8_t encoding = btf_int_encoding(type);
	struct scalar scalar =
		make_scalar(type->size, encoding & BTF_INT_SIGNED &&
						!(encoding & BTF_INT_BOOL));

	if (btf_int_bits(type) < scalar.bits)
		scalar.bits = btf_int_bits(type);
	scalar.bit_offset = btf_int_offset(type);
	return scalar;
}

/* False for what is no scalar that the kernel fetches. */
static bool classify(const struct btf_type *type, struct scalar *scalar)
{
	switch (btf_kind(type)) {
	case BTF_KIND_INT:
		*scalar = make_integer(type);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		*scalar = make_scalar(type->size, btf_kflag(type));
		break;
	case BTF_KIND_PTR:
		*scalar = make_scalar(sizeof(uint64_t), false);
		scalar->letter = 'x';
		break;
	default:
		return false;
	}
	return scalar->bits && is_fetchable(scalar->declared_bits);
}

static int refuse_composite(struct btf_walk *walk, const struct btf_type *type,
			    const char *text)
{
	char names[200];

	btf_text_write_members(walk->function.btf, type, names, sizeof(names));
	btf_walk_refuse(walk, "it is a whole %s", text);
	return fail_remedy(walk->log, "name a member: %s", names);
}

static int refuse_type(struct btf_walk *walk)
{
	const struct btf_type *type = bare_type(walk, walk->type).type;
	char text[128];

	btf_walk_describe(walk, text, sizeof(text));
	if (btf_is_composite(type))
		return refuse_composite(walk, type, text);
	return btf_walk_refuse(walk, "the kernel fetches no %s", text);
}

/* The scalar's place; that of its container, when it is not one by itself. */
static bool is_whole(const struct btf_walk *walk, const struct scalar *scalar)
{
	uint64_t bit_offset = walk->bit_offset + scalar->bit_offset;

	return is_fetchable(scalar->bits) &&
	       !(bit_offset % (walk->is_in_memory ? 8 : WORD_BITS));
}

/*
 * The container that was declared, where the bits are inside of it: in a packed
 * struct they may not be, and then the smallest does that begins at their byte.
 */
static uint32_t find_container(const struct btf_walk *walk,
			       const struct scalar *scalar, uint64_t *begin)
{
	uint64_t bit_offset = walk->bit_offset + scalar->bit_offset;
	uint32_t size = walk->is_in_memory ? scalar->declared_bits : WORD_BITS;

	*begin = bit_offset / size * size;
	if (bit_offset + scalar->bits <= *begin + size)
		return size;
	if (!walk->is_in_memory)
		return 0;
	*begin = bit_offset / 8 * 8;
	for (size = 8; size <= WORD_BITS; size *= 2) {
		if (bit_offset + scalar->bits <= *begin + size)
			return size;
	}
	return 0;
}

static int write_bits(struct btf_walk *walk, const struct scalar *scalar,
		      struct fetch_argument *argument)
{
	uint64_t begin;
	uint32_t size = find_container(walk, scalar, &begin);

	if (!size)
		return btf_walk_refuse(walk, "its bits lie in two words");
	if (scalar->letter == 's')
		return btf_walk_refuse(walk, "it is signed and a part of a "
					     "word, and the kernel fetches "
					     "such parts without their sign");
	snprintf(argument->type, sizeof(argument->type),
		 "b%" PRIu32 "@%" PRIu64 "/%" PRIu32, scalar->bits,
		 walk->bit_offset + scalar->bit_offset - begin, size);
	return btf_walk_write(walk, begin, argument->text);
}

static int write_scalar(struct btf_walk *walk, struct scalar scalar,
			struct fetch_argument *argument)
{
	if (walk->bits)
		scalar.bits = walk->bits;
	if (scalar.bits > scalar.declared_bits)
		return refuse_type(walk);
	if (!is_whole(walk, &scalar))
		return write_bits(walk, &scalar, argument);
	snprintf(argument->type, sizeof(argument->type), "%c%" PRIu32,
		 scalar.letter, scalar.bits);
	return btf_walk_write(walk, walk->bit_offset + scalar.bit_offset,
			      argument->text);
}

static bool is_byte(const struct btf_type *type)
{
	return btf_is_int(type) && type->size == 1;
}

static bool is_char(const struct btf_walk *walk, const struct btf_type *type)
{
	return is_byte(type) &&
	       !strcmp(btf_types_name(walk->function.btf, type->name_off),
		       "char");
}

/* What arrays need beside a type that fits. */
static int check_array(struct btf_walk *walk, bool is_string)
{
	if (!walk->is_in_memory)
		return btf_walk_refuse(walk, "the kernel fetches no array that "
					     "lies in registers");
	if (walk->is_user && !is_string) {
		btf_walk_refuse(walk, "the kernel fetches no array of user "
				      "memory");
		return fail_remedy(walk->log, "name an element");
	}
	return 0;
}

static int write_array(struct btf_walk *walk, const struct btf_array *array,
		       struct fetch_argument *argument)
{
	const struct btf_type *element = bare_type(walk, array->type).type;
	bool is_string = is_char(walk, element);
	struct scalar scalar;
	int ret = check_array(walk, is_string);

	if (ret)
		return ret;
	if (is_string) {
		snprintf(argument->type, sizeof(argument->type), "string");
		return btf_walk_write(walk, walk->bit_offset, argument->text);
	}
	if (!classify(element, &scalar) || !is_fetchable(scalar.bits))
		return refuse_type(walk);
	if (!array->nelems || array->nelems > FETCH_ELEMENTS_MAX) {
		btf_walk_refuse(walk,
				"the kernel fetches arrays of 1 to %d "
				"elements, and this has %" PRIu32,
				FETCH_ELEMENTS_MAX, array->nelems);
		return fail_remedy(walk->log,
				   "name an element, or a type with "
				   "how many: %c%" PRIu32 "[8]",
				   scalar.letter, scalar.bits);
	}
	snprintf(argument->type, sizeof(argument->type),
		 "%c%" PRIu32 "[%" PRIu32 "]", scalar.letter, scalar.bits,
		 array->nelems);
	return btf_walk_write(walk, walk->bit_offset, argument->text);
}

int btf_value_write(struct btf_walk *walk, struct fetch_argument *argument)
{
	const struct btf_type *type = bare_type(walk, walk->type).type;
	struct scalar scalar;

	if (btf_is_array(type))
		return write_array(walk, btf_array(type), argument);
	if (!classify(type, &scalar))
		return refuse_type(walk);
	return write_scalar(walk, scalar, argument);
}

/* A type that was asked for: TYPE, or TYPE[COUNT]. */
struct asked {
	bool is_string;
	uint32_t count;
};

static int refuse_asked(struct btf_walk *walk, const char *reason)
{
	char text[128];

	btf_walk_describe(walk, text, sizeof(text));
	return btf_walk_refuse(walk, "%s %s", text, reason);
}

static bool is_type_character(char character)
{
	return isalnum((unsigned char)character) ||
	       (character && strchr("_@/%", character));
}

static int parse_count(struct btf_walk *walk, const char *text, uint32_t *count)
{
	char *end;
	unsigned long number = strtoul(text + 1, &end, 10);

	if (!isdigit((unsigned char)text[1]) || strcmp(end, "]"))
		return btf_walk_refuse(walk, "a type ends with its name or "
					     "with [NUMBER]");
	if (!number || number > FETCH_ELEMENTS_MAX)
		return btf_walk_refuse(walk,
				       "the kernel fetches arrays of 1 "
				       "to %d elements",
				       FETCH_ELEMENTS_MAX);
	*count = (uint32_t)number;
	return 0;
}

/* Which names there are is the kernel's to say: newer ones have more. */
static int parse_type(struct btf_walk *walk, const char *type,
		      struct asked *asked)
{
	size_t length = 0;

	while (is_type_character(type[length]))
		length++;
	asked->is_string = (length == 6 && !strncmp(type, "string", 6)) ||
			   (length == 7 && !strncmp(type, "ustring", 7));
	if (!length)
		return btf_walk_refuse(walk, "a type's name is missing");
	if (!type[length])
		return 0;
	walk->position += (int32_t)length;
	if (type[length] != '[')
		return btf_walk_refuse(walk, "a type has no such character");
	return parse_count(walk, type + length, &asked->count);
}

/* From a pointer, or an integer that is used as one, to what it points to. */
static int aim_at_string(struct btf_walk *walk)
{
	const struct btf_type *type = bare_type(walk, walk->type).type;
	const struct btf_type *pointee;
	struct scalar scalar;

	if (btf_is_array(type)) {
		if (!is_byte(bare_type(walk, btf_array(type)->type).type))
			return refuse_asked(walk, "is not an array of bytes");
		return check_array(walk, true);
	}
	if (!classify(type, &scalar) || scalar.bits != WORD_BITS || walk->bits)
		return refuse_asked(walk, "is no address of a string");
	if (!btf_is_ptr(type))
		return btf_walk_follow(walk, 0);
	pointee = bare_type(walk, type->type).type;
	if (btf_is_composite(pointee) || btf_is_fwd(pointee) ||
	    btf_is_func_proto(pointee))
		return refuse_asked(walk, "does not point to a string");
	return btf_walk_follow(walk, type->type);
}

static int aim_at_array(struct btf_walk *walk, const struct asked *asked)
{
	const struct btf_type *type = bare_type(walk, walk->type).type;
	int ret = 0;

	if (btf_is_ptr(type))
		ret = btf_walk_follow(walk, type->type);
	if (ret)
		return ret;
	if (walk->bits || walk->bit_offset % 8)
		return refuse_asked(walk, "is a bitfield, and no array");
	return check_array(walk, asked->is_string);
}

static int check_scalar(struct btf_walk *walk)
{
	const struct btf_type *type = bare_type(walk, walk->type).type;
	struct scalar scalar;

	/* The first of its elements. */
	if (btf_is_array(type))
		type = bare_type(walk, btf_array(type)->type).type;
	if (!classify(type, &scalar))
		return refuse_type(walk);
	if (walk->bits)
		scalar.bits = walk->bits;
	if (is_whole(walk, &scalar) && !scalar.bit_offset)
		return 0;
	refuse_asked(walk, "is a part of a word here, and has a type by that");
	return fail_remedy(walk->log, "leave the type out");
}

int btf_value_write_as(struct btf_walk *walk, const char *type,
		       struct fetch_argument *argument)
{
	struct asked asked = { 0 };
	int ret;

	walk->position = (int32_t)strlen(walk->expression) + 1;
	ret = parse_type(walk, type, &asked);
	if (ret)
		return ret;
	walk->position = (int32_t)strlen(walk->expression) + 1;
	if (asked.count)
		ret = aim_at_array(walk, &asked);
	else if (asked.is_string)
		ret = aim_at_string(walk);
	else
		ret = check_scalar(walk);
	if (ret)
		return ret;
	if (strlen(type) > FETCH_TEXT_LONGEST)
		return btf_walk_refuse(walk, "the kernel has no such type");
	snprintf(argument->type, sizeof(argument->type), "%s", type);
	return btf_walk_write(walk, walk->bit_offset, argument->text);
}
