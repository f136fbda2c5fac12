/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PERFTRACE_FIELD_H
#define PERFTRACE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: field
 *
 * A field says where in an event's raw data a value is and how to read it. It
 * is borrowed from its event (perftrace_event_get_field()) and lives as long;
 * it never changes. Values are read with perftrace_record_get_u64() and its
 * sisters.
 *
 * The facts are those of the event's format file, Documentation/trace/events.rst
 * section 2.1 of the kernel.
 */
struct perftrace_field;

/**
 * enum perftrace_field_kind - which reader fits a field
 * @PERFTRACE_FIELD_BYTES: a structure or anything else without a better kind;
 *	perftrace_record_get_bytes()
 * @PERFTRACE_FIELD_INTEGER: 1, 2, 4 or 8 bytes, pointers, enums, bools;
 *	perftrace_record_get_u64(), perftrace_record_get_s64()
 * @PERFTRACE_FIELD_STRING: characters, in place or dynamic;
 *	perftrace_record_get_string()
 * @PERFTRACE_FIELD_ARRAY: integers of one width, in place or dynamic;
 *	perftrace_record_get_element_u64() and its sisters
 *
 * perftrace_record_get_bytes() reads a field of any kind.
 */
enum perftrace_field_kind {
	PERFTRACE_FIELD_BYTES = 0,
	PERFTRACE_FIELD_INTEGER = 1,
	PERFTRACE_FIELD_STRING = 2,
	PERFTRACE_FIELD_ARRAY = 3
};

/**
 * perftrace_field_get_name() - the field's name
 * @field: a field
 *
 * Return: the name, such as "next_pid"; owned by the event.
 */
const char *perftrace_field_get_name(struct perftrace_field *field);

/**
 * perftrace_field_get_type() - the field's C type as the kernel spells it
 * @field: a field
 *
 * Return: the type, such as "char[16]" or "__data_loc char[]"; owned by the
 * event.
 */
const char *perftrace_field_get_type(struct perftrace_field *field);

/**
 * perftrace_field_get_kind() - which reader fits
 * @field: a field
 *
 * Return: one of enum perftrace_field_kind.
 */
int32_t perftrace_field_get_kind(struct perftrace_field *field);

/**
 * perftrace_field_get_offset_bytes() - where the field starts
 * @field: a field
 *
 * Return: the offset in the raw data. For a dynamic field that of its 4-byte
 * location word.
 */
uint32_t perftrace_field_get_offset_bytes(struct perftrace_field *field);

/**
 * perftrace_field_get_size_bytes() - how long the field is in place
 * @field: a field
 *
 * Return: the size. For a dynamic field 4, the size of its location word; the
 * length of the value differs from record to record.
 */
uint32_t perftrace_field_get_size_bytes(struct perftrace_field *field);

/**
 * perftrace_field_get_element_size_bytes() - how wide one value is
 * @field: a field
 *
 * Return: the width of an integer, of an array's element, 1 for a string, 1
 * for bytes.
 */
uint32_t perftrace_field_get_element_size_bytes(struct perftrace_field *field);

/**
 * perftrace_field_get_num_elements() - how many values stand in place
 * @field: a field
 *
 * Return: the length of an array or string in elements; 1 for an integer; 0
 * for a dynamic field, whose length perftrace_record_get_num_elements() tells.
 */
uint32_t perftrace_field_get_num_elements(struct perftrace_field *field);

/**
 * perftrace_field_is_signed() - are the values signed?
 * @field: a field
 *
 * Return: true for a signed integer and for an array of them.
 */
bool perftrace_field_is_signed(struct perftrace_field *field);

/**
 * perftrace_field_is_dynamic() - does the value stand elsewhere in the record?
 * @field: a field
 *
 * Return: true for __data_loc and __rel_loc fields.
 */
bool perftrace_field_is_dynamic(struct perftrace_field *field);

/**
 * perftrace_field_is_relative() - is the location counted from the field?
 * @field: a field
 *
 * Return: true for __rel_loc, false for __data_loc, whose location counts from
 * the start of the raw data, and for fields in place.
 */
bool perftrace_field_is_relative(struct perftrace_field *field);

/**
 * perftrace_field_is_common() - has every event this field?
 * @field: a field
 *
 * Return: true for common_type, common_flags, common_preempt_count and
 * common_pid.
 */
bool perftrace_field_is_common(struct perftrace_field *field);

#ifdef __cplusplus
}
#endif

#endif /* PERFTRACE_FIELD_H */
