/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FIELD_H
#define FIELD_H

/*
 * Where a value lies in an event's raw data, and how to get it out: pure, and
 * never a byte outside of the data that it is handed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <perftrace/field.h>

/* What a format file says of a field; the strings are copied. */
struct field_description {
	const char *name;
	const char *type;
	uint32_t offset;
	uint32_t size;
	uint32_t element_size;
	bool is_signed;
	bool is_array;
	bool is_dynamic;
	bool is_relative;
	bool is_common;
};

/*
 * In sight of those who read a field of every record, and can't afford a call;
 * all else goes by the functions.
 */
struct perftrace_field {
	const void *owner;
	/*
	 * Of an integer at a fixed place: where it ends, and the 8 bytes that end
	 * with it; UINT32_MAX for any other.
	 */
	uint32_t end;
	int32_t tail_offset;
	/* What of these 8 bytes comes before it, in bits. */
	uint8_t shift;
	bool is_signed;
	uint8_t kind;
	bool is_dynamic;
	bool is_relative;
	bool is_common;
	uint32_t offset;
	uint32_t size;
	uint32_t element_size;
	char *name;
	char *type;
};

/* @owner: what the field belongs to; only ever compared. */
struct perftrace_field *field_new(const struct field_description *description,
				  const void *owner);
void field_free(struct perftrace_field *field);

const void *field_get_owner(const struct perftrace_field *field);

/* Where the value lies; -EBADMSG when that is not inside of the data. */
int field_locate(const struct perftrace_field *field, const void *raw,
		 size_t raw_bytes, const void **value, size_t *value_bytes);

/*
 * Element @index of a value that field_locate() found, sign-extended to 64 bits
 * when the field is signed. The caller has checked the index.
 */
uint64_t field_load(const struct perftrace_field *field, const void *value,
		    size_t index);

/*
 * The value of an integer at a fixed place, as field_load() has it. False: it
 * takes field_locate(), or the data ends before it. @raw: inside of a record, 8
 * bytes behind its start at least; so that one load serves every width.
 */
static inline bool field_load_quickly(const struct perftrace_field *field,
				      const void *raw, size_t raw_bytes,
				      uint64_t *number)
{
	uint64_t tail;

	if (field->end > raw_bytes)
		return false;
	memcpy(&tail, (const char *)raw + field->tail_offset, sizeof(tail));
	*number = field->is_signed ? (uint64_t)((int64_t)tail >> field->shift) :
				     tail >> field->shift;
	return true;
}

#endif /* FIELD_H */
