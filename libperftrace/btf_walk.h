/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BTF_WALK_H
#define BTF_WALK_H

/*
 * The way from a function's parameter, or its value, to what an expression
 * names: the type of what is reached, and the fetch text that reads it. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf_types.h"
#include "export.h"
#include "fetch.h"
#include "registers.h"

struct log;

struct btf_walk {
	struct log *log;
	const char *function_name;
	const char *expression;
	struct btf_function function;
	enum machine machine;
	bool at_return;
	/* Of the part of the expression that a refusal points to. */
	int32_t position;

	/* What has been reached, and its bits, when they are a bitfield's. */
	uint32_t type;
	uint32_t bits;
	/* From the base, or from the first of the words. */
	uint64_t bit_offset;

	bool is_in_memory;
	/* In memory: the fetch text of the address, and how deep it is. */
	char base[FETCH_TEXT_LONGEST + 1];
	unsigned int dereferences;
	bool is_user;
	bool is_percpu;

	/* Else: words of the arguments, or the one that a function returns. */
	bool is_retval;
	unsigned int word;
	unsigned int words;
};

/* -EINVAL, for a reason, at the position. */
int btf_walk_refuse(struct btf_walk *walk, const char *format, ...)
	PRINTF_FORMAT(2, 3);

/* The beginning. */
int btf_walk_to_parameter(struct btf_walk *walk, const char *name,
			  size_t length);
int btf_walk_to_retval(struct btf_walk *walk);

/* Each from what has been reached. A member's @name stands in the expression. */
int btf_walk_to_pointee(struct btf_walk *walk);
int btf_walk_to_member(struct btf_walk *walk, const char *name, size_t length);
int btf_walk_to_element(struct btf_walk *walk, uint64_t index);
/* An integer or pointer is the address of what has no type. */
int btf_walk_follow(struct btf_walk *walk, uint32_t pointee);

/* What reads 8 bytes or less at @bit_offset. */
int btf_walk_write(struct btf_walk *walk, uint64_t bit_offset,
		   char text[FETCH_TEXT_LONGEST + 1]);

/* "a struct path", "an int", for messages. */
void btf_walk_describe(const struct btf_walk *walk, char *text,
		       size_t text_bytes);

#endif /* BTF_WALK_H */
