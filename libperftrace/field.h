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

#endif /* FIELD_H */
