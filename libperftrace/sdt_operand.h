/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SDT_OPERAND_H
#define SDT_OPERAND_H

/* The arguments of a USDT marker, as the kernel's fetch arguments. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registers.h"

struct log;

/* <sys/sdt.h>'s STAP_PROBE12(). */
enum { SDT_OPERANDS_MAX = 12 };

enum sdt_operand_kind {
	/* The argument is what the register holds. */
	SDT_OPERAND_REGISTER,
	/* It lies in memory: the register plus @value. */
	SDT_OPERAND_MEMORY,
	/* It lies in memory: the symbol plus @value. */
	SDT_OPERAND_SYMBOL_MEMORY,
	/* It is @value. */
	SDT_OPERAND_CONSTANT,
	/* The kernel can't fetch it; @reason says why. */
	SDT_OPERAND_UNSUPPORTED,
};

struct sdt_operand {
	enum sdt_operand_kind kind;
	/* 1, 2, 4 or 8 bytes; 0: nobody says, taken for 8, unsigned. */
	int size;
	bool is_signed;
	/* As the kernel spells it; never freed. */
	const char *register_name;
	int64_t value;
	/* Where the symbol's name stands in the text. */
	size_t symbol_position;
	size_t symbol_length;
	/* Ends a sentence that begins with the operand; never freed. */
	const char *reason;
	size_t position;
	size_t length;
};

/*
 * The operands of a note's third string. One that is not understood, or that
 * the kernel can't fetch, is there as unsupported. -E2BIG, with its position:
 * there are more than SDT_OPERANDS_MAX, or than @room.
 */
int sdt_operands_parse(struct log *log, enum machine machine, const char *text,
		       struct sdt_operand *operands, size_t room,
		       size_t *count);

/*
 * The fetch argument and its type, for NAME=TEXT:TYPE.
 *
 * @type: NULL: by the operand's size and sign. Strings and arrays are what the
 * operand points to; with any other type, it is the operand itself.
 * @offset: for memory at a symbol: the address of the symbol plus @value, less
 * the probe's, plus the offset of the probe in its file. (So the kernel reads
 * its @+OFFSET: it adds to where the probe's own segment is mapped. In other
 * segments that is not the offset in the file.) Else ignored.
 *
 * -EINVAL: the operand is unsupported, or the type empty; -E2BIG: longer than
 * what the kernel takes; -ENOSPC: longer than the room.
 */
int sdt_operand_write(const struct sdt_operand *operand, const char *type,
		      int64_t offset, char *text, size_t room, char *type_text,
		      size_t type_room);

#endif /* SDT_OPERAND_H */
