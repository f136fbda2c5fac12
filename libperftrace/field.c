/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "field.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

static bool is_word(const char *text, const char *at, size_t length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	if (at > text && strchr(letters, at[-1]))
		return false;
	return !at[length] || !strchr(letters, at[length]);
}

static bool has_word(const char *text, const char *word)
{
	const char *at = text;

	while ((at = strstr(at, word))) {
		if (is_word(text, at, strlen(word)))
			return true;
		at++;
	}
	return false;
}

/*
 * "char name[16]" is text; "unsigned char address[6]" and "u8 address[16]" are
 * numbers, for which libtraceevent's TEP_FIELD_IS_STRING would be set, too. A
 * "char *table[4]" is an array of pointers.
 */
static bool is_text(const struct field_description *description)
{
	return description->is_array && has_word(description->type, "char") &&
	       !has_word(description->type, "unsigned") &&
	       !strchr(description->type, '*');
}

static bool is_integer_width(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static bool is_structure(const struct field_description *description)
{
	return (has_word(description->type, "struct") ||
		has_word(description->type, "union")) &&
	       !strchr(description->type, '*');
}

/*
 * libtraceevent knows how wide an element of "__data_loc u64[]" is, but of
 * "__data_loc unsigned int[]" it says 0, and so of "u16 name[]", which is how
 * a probe's u16[4] is written: how many there are, its size says
 * (traceprobe_define_arg_fields() in kernel/trace/trace_probe.c). 0 here: no
 * integer.
 */
static uint32_t element_width(const struct field_description *description)
{
	/* What may stand behind another word comes behind it. */
	static const struct {
		const char *word;
		uint32_t size;
	} widths[] = {
		{ "char", 1 },
		{ "bool", 1 },
		{ "short", 2 },
		{ "long long", 8 },
		{ "long", sizeof(long) },
		{ "int", 4 },
		{ "unsigned", 4 },
		{ "u8", 1 },
		{ "s8", 1 },
		{ "u16", 2 },
		{ "s16", 2 },
		{ "u32", 4 },
		{ "s32", 4 },
		{ "u64", 8 },
		{ "s64", 8 },
		{ "__u8", 1 },
		{ "__s8", 1 },
		{ "__u16", 2 },
		{ "__s16", 2 },
		{ "__be16", 2 },
		{ "__le16", 2 },
		{ "__u32", 4 },
		{ "__s32", 4 },
		{ "__be32", 4 },
		{ "__le32", 4 },
		{ "__u64", 8 },
		{ "__s64", 8 },
		{ "__be64", 8 },
		{ "__le64", 8 },
	};
	size_t i;

	if (description->element_size || strchr(description->type, '*') ||
	    !(description->is_dynamic || strstr(description->type, "[]")))
		return description->element_size;
	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		if (has_word(description->type, widths[i].word))
			break;
	}
	if (i == ARRAY_SIZE(widths) ||
	    (!description->is_dynamic && description->size % widths[i].size))
		return 0;
	return widths[i].size;
}

static enum perftrace_field_kind
choose_kind(const struct field_description *description)
{
	if (is_text(description))
		return PERFTRACE_FIELD_STRING;
	if (is_structure(description))
		return PERFTRACE_FIELD_BYTES;
	if (description->is_array)
		return is_integer_width(element_width(description)) ?
			       PERFTRACE_FIELD_ARRAY :
			       PERFTRACE_FIELD_BYTES;
	if (description->is_dynamic)
		return PERFTRACE_FIELD_BYTES;
	return is_integer_width(description->size) ? PERFTRACE_FIELD_INTEGER :
						     PERFTRACE_FIELD_BYTES;
}

static uint32_t choose_element_size(const struct field_description *description,
				    enum perftrace_field_kind kind)
{
	switch (kind) {
	case PERFTRACE_FIELD_INTEGER:
		return description->size;
	case PERFTRACE_FIELD_ARRAY:
		return element_width(description);
	default:
		return 1;
	}
}

/*
 * An integer ends 8 bytes that start before it, in the record if not in the raw
 * data. Its bytes come last there where the lowest comes first.
 */
static void prepare_load(struct perftrace_field *field)
{
	field->end = UINT32_MAX;
	if (field->kind != PERFTRACE_FIELD_INTEGER || field->is_dynamic ||
	    field->offset > UINT16_MAX ||
	    __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return;
	field->end = field->offset + field->size;
	field->tail_offset = (int32_t)field->end - (int32_t)sizeof(uint64_t);
	field->shift = (uint8_t)(64 - 8 * field->size);
}

struct perftrace_field *field_new(const struct field_description *description,
				  const void *owner)
{
	struct perftrace_field *field = calloc(1, sizeof(*field));

	if (!field)
		return NULL;
	field->owner = owner;
	field->offset = description->offset;
	field->size = description->size;
	field->kind = (uint8_t)choose_kind(description);
	field->element_size = choose_element_size(
		description, (enum perftrace_field_kind)field->kind);
	field->is_signed = description->is_signed &&
			   field->kind != PERFTRACE_FIELD_STRING &&
			   field->kind != PERFTRACE_FIELD_BYTES;
	field->is_dynamic = description->is_dynamic;
	prepare_load(field);
	field->is_relative = description->is_relative;
	field->is_common = description->is_common;
	field->name = strdup(description->name);
	field->type = strdup(description->type);
	if (!field->name || !field->type) {
		field_free(field);
		return NULL;
	}
	return field;
}

void field_free(struct perftrace_field *field)
{
	if (!field)
		return;
	free(field->name);
	free(field->type);
	free(field);
}

const void *field_get_owner(const struct perftrace_field *field)
{
	return field->owner;
}

/*
 * The location word of a dynamic field: the length in the upper half, the
 * offset in the lower, counted from the start of the data (__data_loc) or from
 * the end of the word itself (__rel_loc): include/trace/stages/ of the kernel.
 */
static int locate_dynamic(const struct perftrace_field *field, const void *raw,
			  size_t raw_bytes, const void **value,
			  size_t *value_bytes)
{
	uint32_t word;
	size_t offset, length;

	memcpy(&word, (const char *)raw + field->offset, sizeof(word));
	offset = word & 0xffff;
	length = word >> 16;
	if (field->is_relative)
		offset += field->offset + sizeof(word);
	if (offset > raw_bytes || length > raw_bytes - offset)
		return -EBADMSG;
	*value = (const char *)raw + offset;
	*value_bytes = length;
	return 0;
}

int field_locate(const struct perftrace_field *field, const void *raw,
		 size_t raw_bytes, const void **value, size_t *value_bytes)
{
	if (field->size > raw_bytes || field->offset > raw_bytes - field->size)
		return -EBADMSG;
	if (field->is_dynamic)
		return field->size == sizeof(uint32_t) ?
			       locate_dynamic(field, raw, raw_bytes, value,
					      value_bytes) :
			       -EBADMSG;
	*value = (const char *)raw + field->offset;
	*value_bytes = field->size;
	return 0;
}

/* Raw data stands 4 bytes off the record's alignment of 8: always copy. */
#define LOAD(type, at)                                                         \
	({                                                                     \
		type number;                                                   \
		memcpy(&number, at, sizeof(number));                           \
		number;                                                        \
	})

uint64_t field_load(const struct perftrace_field *field, const void *value,
		    size_t index)
{
	const char *at = (const char *)value + index * field->element_size;

	switch (field->element_size) {
	case 1:
		return field->is_signed ? (uint64_t)(int64_t)LOAD(int8_t, at) :
					  LOAD(uint8_t, at);
	case 2:
		return field->is_signed ? (uint64_t)(int64_t)LOAD(int16_t, at) :
					  LOAD(uint16_t, at);
	case 4:
		return field->is_signed ? (uint64_t)(int64_t)LOAD(int32_t, at) :
					  LOAD(uint32_t, at);
	default:
		return LOAD(uint64_t, at);
	}
}

PERFTRACE_EXPORT const char *
perftrace_field_get_name(struct perftrace_field *field)
{
	assert(field);
	return field->name;
}

PERFTRACE_EXPORT const char *
perftrace_field_get_type(struct perftrace_field *field)
{
	assert(field);
	return field->type;
}

PERFTRACE_EXPORT int32_t perftrace_field_get_kind(struct perftrace_field *field)
{
	assert(field);
	return field->kind;
}

PERFTRACE_EXPORT uint32_t
perftrace_field_get_offset_bytes(struct perftrace_field *field)
{
	assert(field);
	return field->offset;
}

PERFTRACE_EXPORT uint32_t
perftrace_field_get_size_bytes(struct perftrace_field *field)
{
	assert(field);
	return field->size;
}

PERFTRACE_EXPORT uint32_t
perftrace_field_get_element_size_bytes(struct perftrace_field *field)
{
	assert(field);
	return field->element_size;
}

PERFTRACE_EXPORT uint32_t
perftrace_field_get_num_elements(struct perftrace_field *field)
{
	assert(field);
	return field->is_dynamic ? 0 : field->size / field->element_size;
}

PERFTRACE_EXPORT bool perftrace_field_is_signed(struct perftrace_field *field)
{
	assert(field);
	return field->is_signed;
}

PERFTRACE_EXPORT bool perftrace_field_is_dynamic(struct perftrace_field *field)
{
	assert(field);
	return field->is_dynamic;
}

PERFTRACE_EXPORT bool perftrace_field_is_relative(struct perftrace_field *field)
{
	assert(field);
	return field->is_relative;
}

PERFTRACE_EXPORT bool perftrace_field_is_common(struct perftrace_field *field)
{
	assert(field);
	return field->is_common;
}
