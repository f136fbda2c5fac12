/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A value lies in words or in memory. Words are registers and places on the
 * stack; a struct that is passed by value takes one or two, and its members are
 * parts of them. Following a pointer leads to memory: the text that fetches the
 * pointer becomes the base, from which members and elements are offsets until
 * the next pointer is followed, +OFFSET(BASE). Memory of user space, where the
 * types say that it is, is +uOFFSET(BASE).
 */
#include "btf_walk.h"

#include <bpf/btf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "btf_parameter.h"
#include "btf_text.h"
#include "log.h"
#include "suggest.h"

#define WORD_BITS 64
/* In a struct fetch_insn, an offset is an int. */
#define LARGEST_OFFSET INT32_MAX
/* How much of an expression is repeated in an error. */
#define LONGEST_QUOTE 200

int btf_walk_refuse(struct btf_walk *walk, const char *format, ...)
{
	bool is_long = strlen(walk->expression) > LONGEST_QUOTE;
	char reason[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);

	fail(walk->log, -EINVAL, "%s: \"%.*s%s\": %s", walk->function_name,
	     LONGEST_QUOTE, walk->expression, is_long ? "..." : "", reason);
	return fail_position(walk->log, walk->position);
}

static struct btf_bare bare_type(const struct btf_walk *walk)
{
	return btf_types_strip(walk->function.btf, walk->type);
}

void btf_walk_describe(const struct btf_walk *walk, char *text,
		       size_t text_bytes)
{
	btf_text_write_type(walk->function.btf, walk->type, text, text_bytes);
}

static int refuse_parameter(struct btf_walk *walk, const char *name,
			    size_t length)
{
	char parameters[300];

	btf_walk_refuse(walk, "the function has no parameter %.*s", (int)length,
			name);
	btf_text_write_parameters(&walk->function, parameters,
				  sizeof(parameters));
	return fail_remedy(walk->log, "it is %s(%s)", walk->function_name,
			   parameters);
}

int btf_walk_to_parameter(struct btf_walk *walk, const char *name,
			  size_t length)
{
	struct btf_found_parameter found;

	if (!btf_parameter_find(&walk->function, walk->machine, name, length,
				&found))
		return refuse_parameter(walk, name, length);
	if (!found.place.words)
		return btf_walk_refuse(walk,
				       "%.*s is passed where no probe reads it",
				       (int)length, name);
	walk->type = found.type;
	walk->word = found.place.word;
	walk->words = found.place.words;
	return found.place.is_reference ? btf_walk_follow(walk, found.type) : 0;
}

int btf_walk_to_retval(struct btf_walk *walk)
{
	struct parameter value;

	walk->type = walk->function.prototype->type;
	if (!walk->at_return) {
		btf_walk_refuse(walk, "$retval is for probes of returns");
		return fail_remedy(walk->log, "make it a kretprobe");
	}
	if (btf_is_void(bare_type(walk).type))
		return btf_walk_refuse(walk, "the function returns void");
	value = btf_parameter_describe(walk->function.btf, walk->type);
	if (value.kind > PARAMETER_STRUCT || value.bytes > 16)
		return btf_walk_refuse(walk, "what the function returns is not "
					     "in a register");
	walk->is_retval = true;
	walk->words = 1;
	return 0;
}

static int refuse_length(struct btf_walk *walk)
{
	btf_walk_refuse(walk,
			"as a fetch argument it is longer than %d characters",
			FETCH_TEXT_LONGEST);
	return fail_remedy(walk->log, "the kernel takes no longer ones");
}

static int write_word(struct btf_walk *walk, uint64_t index,
		      char text[FETCH_TEXT_LONGEST + 1])
{
	if (index >= walk->words)
		return btf_walk_refuse(walk, "it lies in a register that no "
					     "probe reads");
	if (walk->is_retval) {
		snprintf(text, FETCH_TEXT_LONGEST + 1, "$retval");
		return 0;
	}
	if (!registers_write_word(
		    walk->machine, walk->word + (unsigned int)index,
		    walk->at_return, text, FETCH_TEXT_LONGEST + 1))
		return btf_walk_refuse(walk, "the argument lies on the stack, "
					     "which is gone at the return");
	return 0;
}

int btf_walk_write(struct btf_walk *walk, uint64_t bit_offset,
		   char text[FETCH_TEXT_LONGEST + 1])
{
	uint64_t offset = bit_offset / 8;
	char memory[FETCH_TEXT_LONGEST + 32];

	if (!walk->is_in_memory)
		return write_word(walk, bit_offset / WORD_BITS, text);
	if (offset > LARGEST_OFFSET)
		return btf_walk_refuse(walk, "it is too far away");
	if (walk->is_percpu)
		return btf_walk_refuse(walk, "the pointer before it is "
					     "per-CPU, not an address");
	if (walk->dereferences == FETCH_DEREFERENCES_MAX)
		return btf_walk_refuse(walk,
				       "there are more than %d "
				       "dereferences",
				       FETCH_DEREFERENCES_MAX);

	snprintf(memory, sizeof(memory), "+%s%" PRIu64 "(%s)",
		 walk->is_user ? "u" : "", offset, walk->base);
	if (strlen(memory) > FETCH_TEXT_LONGEST)
		return refuse_length(walk);
	memcpy(text, memory, strlen(memory) + 1);
	return 0;
}

int btf_walk_follow(struct btf_walk *walk, uint32_t pointee)
{
	struct btf_bare bare = btf_types_strip(walk->function.btf, pointee);
	char address[FETCH_TEXT_LONGEST + 1];
	int ret;

	if (walk->bits || walk->bit_offset % 8 ||
	    (!walk->is_in_memory && walk->bit_offset % WORD_BITS))
		return btf_walk_refuse(walk, "it is not a whole word, and so "
					     "no address");
	ret = btf_walk_write(walk, walk->bit_offset, address);
	if (ret)
		return ret;
	walk->dereferences += walk->is_in_memory;
	memcpy(walk->base, address, sizeof(address));
	walk->is_in_memory = true;
	walk->is_user = bare.is_user;
	walk->is_percpu = bare.is_percpu;
	walk->type = pointee;
	walk->bit_offset = 0;
	return 0;
}

int btf_walk_to_pointee(struct btf_walk *walk)
{
	struct btf_bare bare = bare_type(walk);
	char type[128];

	if (btf_is_ptr(bare.type))
		return btf_walk_follow(walk, bare.type->type);
	btf_walk_describe(walk, type, sizeof(type));
	return btf_walk_refuse(walk, "%s is not a pointer", type);
}

static void suggest_member(void *suggestions, const char *name)
{
	suggest_offer(suggestions, name);
}

static int refuse_member(struct btf_walk *walk,
			 const struct btf_type *composite, const char *name,
			 size_t length)
{
	const struct btf *btf = walk->function.btf;
	struct suggestions suggestions;
	char wrong[64], type[128], names[300];

	btf_walk_describe(walk, type, sizeof(type));
	btf_walk_refuse(walk, "%s has no member %.*s", type, (int)length, name);

	snprintf(wrong, sizeof(wrong), "%.*s", (int)length, name);
	suggest_begin(&suggestions, wrong);
	btf_types_visit_members(btf, composite, suggest_member, &suggestions);
	suggest_write(&suggestions, names, sizeof(names));
	if (*names)
		return fail_remedy(walk->log, "did you mean %s?", names);
	btf_text_write_members(btf, composite, names, sizeof(names));
	return fail_remedy(walk->log, "it has %s", *names ? names : "none");
}

static int refuse_composite(struct btf_walk *walk, const struct btf_type *type)
{
	char text[128];

	btf_walk_describe(walk, text, sizeof(text));
	if (btf_is_ptr(type)) {
		btf_walk_refuse(walk, "%s is a pointer", text);
		return fail_remedy(walk->log, "use -> in place of .");
	}
	if (btf_is_fwd(type)) {
		btf_walk_refuse(walk, "%s is only declared here", text);
		return fail_remedy(walk->log, "its members are known to the "
					      "module that defines it");
	}
	return btf_walk_refuse(walk, "%s is not a struct, and has no members",
			       text);
}

int btf_walk_to_member(struct btf_walk *walk, const char *name, size_t length)
{
	struct btf_bare bare = bare_type(walk);
	struct btf_found_member found;

	if (!btf_is_composite(bare.type))
		return refuse_composite(walk, bare.type);
	walk->position = (int32_t)(name - walk->expression);
	if (!btf_types_find_member(walk->function.btf, bare.type, name, length,
				   &found))
		return refuse_member(walk, bare.type, name, length);
	walk->type = found.type;
	walk->bit_offset += found.bit_offset;
	walk->bits = found.bits;
	return 0;
}

/* Void, functions and what is only declared have no size. */
static int move_to(struct btf_walk *walk, uint32_t type, uint64_t index)
{
	int64_t bytes = btf__resolve_size(walk->function.btf, type);
	char text[128];

	walk->type = type;
	if (bytes < 0) {
		btf_walk_describe(walk, text, sizeof(text));
		return btf_walk_refuse(walk,
				       "%s has no size, so that there is "
				       "no element",
				       text);
	}
	if (bytes && index > LARGEST_OFFSET / (uint64_t)bytes)
		return btf_walk_refuse(walk, "it is too far away");
	walk->bit_offset += index * (uint64_t)bytes * 8;
	return 0;
}

int btf_walk_to_element(struct btf_walk *walk, uint64_t index)
{
	struct btf_bare bare = bare_type(walk);
	const struct btf_array *array;
	char text[128];
	int ret;

	if (btf_is_ptr(bare.type)) {
		ret = btf_walk_follow(walk, bare.type->type);
		return ret ? ret : move_to(walk, walk->type, index);
	}
	btf_walk_describe(walk, text, sizeof(text));
	if (!btf_is_array(bare.type))
		return btf_walk_refuse(walk,
				       "%s is neither an array nor a "
				       "pointer",
				       text);
	array = btf_array(bare.type);
	if (array->nelems && index >= array->nelems)
		return btf_walk_refuse(walk, "%s ends before element %" PRIu64,
				       text, index);
	return move_to(walk, array->type, index);
}
