/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "export.h"
#include "field.h"
#include "log.h"
#include "record.h"

static const char *const kind_names[] = {
	[PERFTRACE_FIELD_BYTES] = "bytes",
	[PERFTRACE_FIELD_INTEGER] = "an integer",
	[PERFTRACE_FIELD_STRING] = "a string",
	[PERFTRACE_FIELD_ARRAY] = "an array",
};

static int fail_foreign(struct perftrace_record *record,
			struct perftrace_field *field)
{
	struct perftrace_event *event = perftrace_record_get_event(record);

	if (!event)
		return fail(record_get_log(record), -EINVAL,
			    "field %s: the record is no sample, and has no "
			    "fields",
			    perftrace_field_get_name(field));
	return fail(record_get_log(record), -EINVAL,
		    "field %s belongs to another event than %s, which the "
		    "record is of",
		    perftrace_field_get_name(field),
		    perftrace_event_get_name(event));
}

static int fail_outside(struct perftrace_record *record,
			struct perftrace_field *field, size_t raw_bytes)
{
	return fail(record_get_log(record), -EBADMSG,
		    "field %s lies outside of a record of %zu bytes",
		    perftrace_field_get_name(field), raw_bytes);
}

static int locate(struct perftrace_record *record,
		  struct perftrace_field *field, const void **value,
		  size_t *value_bytes)
{
	size_t raw_bytes;
	const void *raw = perftrace_record_get_raw(record, &raw_bytes);
	int ret;

	assert(field);
	if (field_get_owner(field) != perftrace_record_get_event(record))
		return fail_foreign(record, field);
	ret = field_locate(field, raw, raw_bytes, value, value_bytes);
	return ret ? fail_outside(record, field, raw_bytes) : 0;
}

static int check_kind(struct perftrace_record *record,
		      struct perftrace_field *field,
		      enum perftrace_field_kind wanted)
{
	int32_t kind = perftrace_field_get_kind(field);

	if (kind == (int32_t)wanted)
		return 0;
	return fail(record_get_log(record), -EINVAL,
		    "field %s is %s (%s), not %s",
		    perftrace_field_get_name(field), kind_names[kind],
		    perftrace_field_get_type(field), kind_names[wanted]);
}

static int to_u64(struct perftrace_record *record,
		  struct perftrace_field *field, uint64_t number,
		  uint64_t *value)
{
	if (perftrace_field_is_signed(field) && (int64_t)number < 0)
		return fail(record_get_log(record), -ERANGE,
			    "field %s is %" PRId64
			    ", which no unsigned number is",
			    perftrace_field_get_name(field), (int64_t)number);
	*value = number;
	return 0;
}

static int to_s64(struct perftrace_record *record,
		  struct perftrace_field *field, uint64_t number,
		  int64_t *value)
{
	if (!perftrace_field_is_signed(field) && number > INT64_MAX)
		return fail(record_get_log(record), -ERANGE,
			    "field %s is %" PRIu64
			    ", more than a signed number holds",
			    perftrace_field_get_name(field), number);
	*value = (int64_t)number;
	return 0;
}

static int load(struct perftrace_record *record, struct perftrace_field *field,
		uint64_t *number)
{
	const void *at;
	size_t size;
	int ret = locate(record, field, &at, &size);

	if (!ret)
		ret = check_kind(record, field, PERFTRACE_FIELD_INTEGER);
	if (!ret)
		*number = field_load(field, at, 0);
	return ret;
}

/* An integer at a fixed place of the record's own event; or false. */
static inline bool load_quickly(const struct perftrace_record *record,
				const struct perftrace_field *field,
				uint64_t *number)
{
	assert(record);
	assert(field);
	return record->binding && field->owner == record->binding->event &&
	       field_load_quickly(field, record->raw, record->raw_bytes,
				  number);
}

/* Whatever else there may be, and what is wrong. */
static int load_u64_slowly(struct perftrace_record *record,
			   struct perftrace_field *field, uint64_t *value)
	__attribute__((noinline));

static int load_u64_slowly(struct perftrace_record *record,
			   struct perftrace_field *field, uint64_t *value)
{
	uint64_t number;
	int ret = load(record, field, &number);

	return ret ? ret : to_u64(record, field, number, value);
}

static int load_s64_slowly(struct perftrace_record *record,
			   struct perftrace_field *field, int64_t *value)
	__attribute__((noinline));

static int load_s64_slowly(struct perftrace_record *record,
			   struct perftrace_field *field, int64_t *value)
{
	uint64_t number;
	int ret = load(record, field, &number);

	return ret ? ret : to_s64(record, field, number, value);
}

PERFTRACE_EXPORT int perftrace_record_get_u64(struct perftrace_record *record,
					      struct perftrace_field *field,
					      uint64_t *value)
{
	uint64_t number;

	if (!load_quickly(record, field, &number) ||
	    (field->is_signed && (int64_t)number < 0))
		return load_u64_slowly(record, field, value);
	*value = number;
	return 0;
}

PERFTRACE_EXPORT int perftrace_record_get_s64(struct perftrace_record *record,
					      struct perftrace_field *field,
					      int64_t *value)
{
	uint64_t number;

	if (!load_quickly(record, field, &number) ||
	    (!field->is_signed && (int64_t)number < 0))
		return load_s64_slowly(record, field, value);
	*value = (int64_t)number;
	return 0;
}

PERFTRACE_EXPORT int
perftrace_record_get_string(struct perftrace_record *record,
			    struct perftrace_field *field, const char **string,
			    size_t *length_bytes)
{
	const void *at;
	size_t size;
	int ret = locate(record, field, &at, &size);

	if (!ret)
		ret = check_kind(record, field, PERFTRACE_FIELD_STRING);
	if (ret)
		return ret;
	*string = at;
	*length_bytes = strnlen(at, size);
	return 0;
}

PERFTRACE_EXPORT int perftrace_record_get_bytes(struct perftrace_record *record,
						struct perftrace_field *field,
						const void **bytes,
						size_t *size_bytes)
{
	const void *at;
	size_t size;
	int ret = locate(record, field, &at, &size);

	if (ret)
		return ret;
	*bytes = at;
	*size_bytes = size;
	return 0;
}

static int locate_array(struct perftrace_record *record,
			struct perftrace_field *field, const void **at,
			size_t *count)
{
	size_t size;
	int ret = locate(record, field, at, &size);

	if (!ret)
		ret = check_kind(record, field, PERFTRACE_FIELD_ARRAY);
	if (!ret)
		*count = size / perftrace_field_get_element_size_bytes(field);
	return ret;
}

PERFTRACE_EXPORT int
perftrace_record_get_num_elements(struct perftrace_record *record,
				  struct perftrace_field *field,
				  size_t *num_elements)
{
	const void *at;
	size_t count;
	int ret = locate_array(record, field, &at, &count);

	if (!ret)
		*num_elements = count;
	return ret;
}

static int load_element(struct perftrace_record *record,
			struct perftrace_field *field, size_t index,
			uint64_t *number)
{
	const void *at;
	size_t count;
	int ret = locate_array(record, field, &at, &count);

	if (ret)
		return ret;
	if (index >= count)
		return fail(record_get_log(record), -EINVAL,
			    "field %s has %zu elements, none at %zu",
			    perftrace_field_get_name(field), count, index);
	*number = field_load(field, at, index);
	return 0;
}

PERFTRACE_EXPORT int
perftrace_record_get_element_u64(struct perftrace_record *record,
				 struct perftrace_field *field, size_t index,
				 uint64_t *value)
{
	uint64_t number;
	int ret = load_element(record, field, index, &number);

	return ret ? ret : to_u64(record, field, number, value);
}

PERFTRACE_EXPORT int
perftrace_record_get_element_s64(struct perftrace_record *record,
				 struct perftrace_field *field, size_t index,
				 int64_t *value)
{
	uint64_t number;
	int ret = load_element(record, field, index, &number);

	return ret ? ret : to_s64(record, field, number, value);
}
