/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_types.h"

#include <bpf/btf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Used by the fuzzers, too, and so without check(3). */
static int id(int ret)
{
	if (ret < 0)
		abort();
	return ret;
}

struct types {
	struct btf *btf;
	int s32, u32, s16, u16, u8, s64, u64, wide, real, boolean, character;
	int color, level, big;
	int pointer, text, callback, nameless_callback;
	int kuid, pair, large, hidden, outer, outer_pointer, word_struct;
};

static int integer(struct btf *btf, const char *name, size_t bytes,
		   int encoding)
{
	return id(btf__add_int(btf, name, bytes, encoding));
}

static void field(struct types *types, const char *name, int type, uint32_t bit,
		  uint32_t bits)
{
	id(btf__add_field(types->btf, name, type, bit, bits));
}

/* What libbpf's interface can't make. */
static struct btf_type *change(struct types *types, int type)
{
	return (struct btf_type *)btf__type_by_id(types->btf, (uint32_t)type);
}

static int array(struct types *types, int element, uint32_t count)
{
	return id(btf__add_array(types->btf, types->u64, element, count));
}

static int pointer(struct types *types, int pointee)
{
	return id(btf__add_ptr(types->btf, pointee));
}

static void add_scalars(struct types *types)
{
	struct btf *btf = types->btf;

	types->s32 = integer(btf, "int", 4, BTF_INT_SIGNED);
	types->u32 = integer(btf, "unsigned int", 4, 0);
	types->s16 = integer(btf, "short int", 2, BTF_INT_SIGNED);
	types->u16 = integer(btf, "short unsigned int", 2, 0);
	types->u8 = id(btf__add_typedef(btf, "u8",
					integer(btf, "unsigned char", 1, 0)));
	types->s64 = integer(btf, "long int", 8, BTF_INT_SIGNED);
	types->u64 = integer(btf, "long unsigned int", 8, 0);
	types->wide = integer(btf, "__int128", 16, BTF_INT_SIGNED);
	types->real = id(btf__add_float(btf, "double", 8));
	types->boolean = integer(btf, "_Bool", 1, BTF_INT_BOOL);
	types->character = integer(btf, "char", 1, BTF_INT_SIGNED);

	types->color = id(btf__add_enum(btf, "color", 4));
	id(btf__add_enum_value(btf, "RED", 1));
	types->level = id(btf__add_enum(btf, "level", 4));
	id(btf__add_enum_value(btf, "LOW", -1));
	types->big = id(btf__add_enum64(btf, "big", 8, false));
	id(btf__add_enum64_value(btf, "HUGE", 1ull << 40));
}

static void add_pointers(struct types *types)
{
	struct btf *btf = types->btf;
	int prototype;

	types->pointer = pointer(types, 0);
	types->text = pointer(types, id(btf__add_const(btf, types->character)));
	prototype = id(btf__add_func_proto(btf, types->s32));
	types->callback = pointer(types, prototype);
}

/*
 *	typedef struct { unsigned int val; } kuid_t;
 *	struct pair { int a; unsigned int b; short c; };
 *	struct large { long a; long b; int c; };
 *	struct word { u8 head; u8 tail; short delta; unsigned int low:4, high:4;
 *		      unsigned int rest:24; };
 */
static void add_values(struct types *types)
{
	struct btf *btf = types->btf;
	int structure = id(btf__add_struct(btf, NULL, 4));

	field(types, "val", types->u32, 0, 0);
	types->kuid = id(btf__add_typedef(btf, "kuid_t", structure));

	types->pair = id(btf__add_struct(btf, "pair", 12));
	field(types, "a", types->s32, 0, 0);
	field(types, "b", types->u32, 32, 0);
	field(types, "c", types->s16, 64, 0);

	types->large = id(btf__add_struct(btf, "large", 24));
	field(types, "a", types->s64, 0, 0);
	field(types, "b", types->s64, 64, 0);
	field(types, "c", types->s32, 128, 0);

	types->word_struct = id(btf__add_struct(btf, "word", 8));
	field(types, "head", types->u8, 0, 0);
	field(types, "tail", types->u8, 8, 0);
	field(types, "delta", types->s16, 16, 0);
	field(types, "low", types->u32, 32, 4);
	field(types, "high", types->u32, 36, 4);
	field(types, "rest", types->u32, 40, 24);
}

/* struct inner { int a; union { int b; u8 c; }; }; */
static int add_inner(struct types *types)
{
	int nameless = id(btf__add_union(types->btf, NULL, 4)), inner;

	field(types, "b", types->s32, 0, 0);
	field(types, "c", types->u8, 0, 0);
	inner = id(btf__add_struct(types->btf, "inner", 8));
	field(types, "a", types->s32, 0, 0);
	field(types, NULL, nameless, 32, 0);
	return inner;
}

/*
 *	struct {
 *		unsigned int flags:3;
 *		unsigned int mode:5;
 *		int minus:4;
 *		unsigned int :4;
 *		unsigned int octet:8;
 *		int minus_octet:8;
 *		_Bool on:1;
 *		unsigned int late:7;
 *	};
 */
static int add_bitfields(struct types *types)
{
	int nameless = id(btf__add_struct(types->btf, NULL, 8));

	field(types, "flags", types->u32, 0, 3);
	field(types, "mode", types->u32, 3, 5);
	field(types, "minus", types->s32, 8, 4);
	field(types, "octet", types->u32, 16, 8);
	field(types, "minus_octet", types->s32, 24, 8);
	field(types, "on", types->boolean, 32, 1);
	field(types, "late", types->u32, 33, 7);
	return nameless;
}

/* Bits that do not stay in the word that they are declared with. */
static int add_packed(struct types *types)
{
	int packed = id(btf__add_struct(types->btf, "packed", 24));

	field(types, "head", types->u16, 0, 10);
	field(types, "short_across", types->u16, 10, 10);
	field(types, "across", types->u32, 20, 30);
	field(types, "number", types->u32, 56, 0);
	field(types, "lost", types->u64, 93, 62);
	return packed;
}

/* As before the encoding with a flag: the bits are the type's. */
static int add_old(struct types *types)
{
	int bits = integer(types->btf, "unsigned int", 4, 0), old;
	uint32_t encoding = 5 << 16 | 3;

	memcpy(change(types, bits) + 1, &encoding, sizeof(encoding));
	old = id(btf__add_struct(types->btf, "old", 8));
	field(types, "plain", types->u32, 0, 0);
	field(types, "bits", bits, 32, 0);
	return old;
}

struct field {
	const char *name;
	int type;
	uint32_t bytes;
};

/* One behind the other, each in so many bytes. */
static void add_fields(struct types *types, const struct field *fields,
		       size_t count)
{
	uint32_t at = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		field(types, fields[i].name, fields[i].type, at * 8, 0);
		at += fields[i].bytes;
	}
}

#define OUTER_BYTES 800

static void add_outer(struct types *types)
{
	struct btf *btf = types->btf;
	int inner = add_inner(types), bits = add_bitfields(types);
	int packed = add_packed(types), old = add_old(types);
	int next = pointer(types, 0);
	struct field fields[] = {
		/* 0 */
		{ "number", id(btf__add_const(btf, types->s32)), 4 },
		{ "count", types->u32, 4 },
		{ "name", array(types, types->character, 16), 16 },
		{ "octets", array(types, types->u8, 6), 8 },
		/* 32 */
		{ "next", next, 8 },
		{ "inner", inner, 8 },
		/* 48 */
		{ NULL, bits, 8 },
		{ "words", array(types, types->u64, 4), 32 },
		/* 88 */
		{ "many", array(types, types->u64, 65), 520 },
		/* 608 */
		{ "names", array(types, types->text, 3), 24 },
		{ "inners", array(types, inner, 2), 16 },
		/* 648 */
		{ "matrix", array(types, array(types, types->s32, 3), 2), 24 },
		/* 672 */
		{ "wide", types->wide, 16 },
		{ "real", types->real, 8 },
		{ "hidden", pointer(types, types->hidden), 8 },
		/* 704 */
		{ "is_on", types->boolean, 1 },
		{ "letter", types->character, 3 },
		{ "color", types->color, 4 },
		{ "level", types->level, 8 },
		/* 720 */
		{ "big", types->big, 8 },
		{ "callback", types->callback, 8 },
		{ "label", types->text, 8 },
		/* 744 */
		{ "packed", packed, 24 },
		/* 768 */
		{ "old", old, 8 },
		{ "a_name_of_more_than_31_characters", types->s32, 4 },
		{ "tail", array(types, types->u32, 0), 0 },
		/* 780 */
		{ "end", array(types, types->character, 0), 0 },
	};

	types->outer = id(btf__add_struct(btf, "outer", OUTER_BYTES));
	change(types, next)->type = (uint32_t)types->outer;
	types->outer_pointer = next;
	add_fields(types, fields, sizeof(fields) / sizeof(fields[0]));
}

static void add_function(struct types *types, const char *name, int returned,
			 const struct field *parameters, size_t count)
{
	int prototype = id(btf__add_func_proto(types->btf, returned));
	size_t i;

	for (i = 0; i < count; i++)
		id(btf__add_func_param(types->btf, parameters[i].name,
				       parameters[i].type));
	id(btf__add_func(types->btf, name, BTF_FUNC_STATIC, prototype));
}

#define ADD_FUNCTION(types, name, returned, ...)                               \
	add_function((types), (name), (returned),                              \
		     (const struct field[]){ __VA_ARGS__ },                    \
		     sizeof((const struct field[]){ __VA_ARGS__ }) /           \
			     sizeof(struct field))

/* struct list { struct list *next; }; */
static int add_list(struct types *types)
{
	int next = pointer(types, 0);
	int list = id(btf__add_struct(types->btf, "list", 8));

	field(types, "next", next, 0, 0);
	change(types, next)->type = (uint32_t)list;
	return next;
}

static void add_plain_functions(struct types *types)
{
	ADD_FUNCTION(types, "scalars", types->s32, { "i", types->s32, 0 },
		     { "u", types->u32, 0 }, { "ul", types->u64, 0 },
		     { "flag", types->boolean, 0 },
		     { "letter", types->character, 0 }, { "s", types->s16, 0 },
		     { "color", types->color, 0 }, { "level", types->level, 0 },
		     { "big", types->big, 0 });
	ADD_FUNCTION(types, "follow", types->outer_pointer,
		     { "outer", types->outer_pointer, 0 },
		     { "text", types->text, 0 },
		     { "nothing", types->pointer, 0 },
		     { "hidden", pointer(types, types->hidden), 0 },
		     { "callback", types->callback, 0 },
		     { "pp", pointer(types, types->outer_pointer), 0 },
		     { "words", pointer(types, types->u64), 0 },
		     { "texts", pointer(types, types->text), 0 },
		     { "list", add_list(types), 0 });
	ADD_FUNCTION(types, "of_list", 0, { "list", add_list(types), 0 });
	add_function(types, "nothing", 0, NULL, 0);
	/* void variadic(const char *format, ...) */
	ADD_FUNCTION(types, "variadic", 0, { "format", types->text, 0 },
		     { NULL, 0, 0 });
}

static void add_functions_of_values(struct types *types)
{
	ADD_FUNCTION(types, "values", types->kuid, { "uid", types->kuid, 0 },
		     { "pair", types->pair, 0 }, { "large", types->large, 0 },
		     { "word", types->word_struct, 0 },
		     { "wide", types->wide, 0 }, { "last", types->s32, 0 });
	ADD_FUNCTION(types, "floats", types->real, { "real", types->real, 0 },
		     { "after", types->s32, 0 });
	ADD_FUNCTION(types, "strange", types->large, { "first", types->s32, 0 },
		     { "outer", types->outer, 0 }, { "after", types->s32, 0 });
	add_function(types, "get_pair", types->pair, NULL, 0);
}

static int tagged(struct types *types, const char *tag, int type)
{
	return pointer(types, id(btf__add_type_tag(types->btf, tag, type)));
}

static void add_other_functions(struct types *types)
{
	struct btf *btf = types->btf;

	ADD_FUNCTION(types, "tags", types->s32,
		     { "outer", tagged(types, "user", types->outer), 0 },
		     { "text", tagged(types, "user", types->character), 0 },
		     { "percpu", tagged(types, "percpu", types->outer), 0 },
		     { "rcu", tagged(types, "rcu", types->outer), 0 });

	ADD_FUNCTION(types, "differing", 0, { "a", types->s32, 0 });
	ADD_FUNCTION(types, "differing", 0, { "a", types->u32, 0 });
	ADD_FUNCTION(types, "agreeing", 0, { "a", types->s32, 0 });
	ADD_FUNCTION(types, "agreeing", 0, { "a", types->s32, 0 });
	/* Only its type is called that. */
	id(btf__add_typedef(btf, "no_function", types->s32));
}

static void add_all(struct types *types)
{
	add_scalars(types);
	add_pointers(types);
	add_values(types);
	types->hidden = id(btf__add_fwd(types->btf, "hidden", BTF_FWD_STRUCT));
	add_outer(types);
	add_plain_functions(types);
	add_functions_of_values(types);
	add_other_functions(types);
}

static void *copy_bytes(const struct btf *btf, size_t *size)
{
	uint32_t bytes;
	const void *raw = btf__raw_data(btf, &bytes);
	void *copy = malloc(bytes);

	if (!raw || !copy)
		abort();
	*size = bytes;
	return memcpy(copy, raw, bytes);
}

void *fake_types_vmlinux(size_t *size)
{
	struct types types = { .btf = btf__new_empty() };
	void *bytes;

	add_all(&types);
	bytes = copy_bytes(types.btf, size);
	btf__free(types.btf);
	return bytes;
}

/*
 *	struct own { struct outer outer; int own; };
 *	int scalars(struct own *own);
 *	int of_the_module(struct own *own, unsigned int count);
 */
void *fake_types_module(size_t *size)
{
	struct types types = { .btf = btf__new_empty() };
	struct btf *base = types.btf;
	int own, own_pointer;
	void *bytes;

	add_all(&types);
	types.btf = btf__new_empty_split(base);
	own = id(btf__add_struct(types.btf, "own", OUTER_BYTES + 4));
	field(&types, "outer", types.outer, 0, 0);
	field(&types, "own", types.s32, OUTER_BYTES * 8, 0);
	own_pointer = pointer(&types, own);
	ADD_FUNCTION(&types, "scalars", types.s32, { "own", own_pointer, 0 });
	ADD_FUNCTION(&types, "of_the_module", types.s32,
		     { "own", own_pointer, 0 }, { "count", types.u32, 0 });
	bytes = copy_bytes(types.btf, size);
	btf__free(types.btf);
	btf__free(base);
	return bytes;
}
