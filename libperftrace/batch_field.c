/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "batch_field.h"

#include <errno.h>
#include <stdlib.h>

#include <perftrace/event.h>
#include <perftrace/field.h>

#include "export.h"
#include "log.h"

struct batch_field {
	struct perftrace_event *event;
	struct perftrace_field *field;
};

/* What integers of several fields need. */
struct integer_need {
	uint32_t signed_width;
	uint32_t unsigned_width;
};

static const char *format_of(uint32_t width, bool is_signed)
{
	static const struct {
		uint32_t width;
		const char *formats[2];
	} types[] = {
		{ 1, { "C", "c" } },
		{ 2, { "S", "s" } },
		{ 4, { "I", "i" } },
		{ 8, { "L", "l" } },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types) - 1; i++) {
		if (types[i].width >= width)
			break;
	}
	return types[i].formats[is_signed];
}

static void add_need(struct integer_need *need, struct perftrace_field *field)
{
	uint32_t *width = perftrace_field_is_signed(field) ?
				  &need->signed_width :
				  &need->unsigned_width;
	uint32_t own = perftrace_field_get_size_bytes(field);

	if (own > *width)
		*width = own;
}

static struct integer_need sum_needs(const struct batch_fields *fields)
{
	struct integer_need need = { 0, 0 };
	size_t i;

	for (i = 0; i < fields->count; i++)
		add_need(&need, fields->items[i].field);
	return need;
}

/* Where both signs come, an unsigned number takes a signed one twice as wide. */
static uint32_t width_of(const struct integer_need *need)
{
	uint32_t least = need->signed_width ? 2 * need->unsigned_width :
					      need->unsigned_width;

	return need->signed_width > least ? need->signed_width : least;
}

static bool is_integer(struct perftrace_field *field)
{
	return perftrace_field_get_kind(field) == PERFTRACE_FIELD_INTEGER;
}

static int check_integer(const struct batch_fields *fields,
			 struct perftrace_field *field)
{
	struct integer_need need = sum_needs(fields);

	add_need(&need, field);
	return width_of(&need) <= sizeof(uint64_t) ? 0 : -EINVAL;
}

/* Who reads an array has to know what its elements are. */
static int check_alike(struct perftrace_field *first,
		       struct perftrace_field *field)
{
	if (perftrace_field_get_kind(first) != perftrace_field_get_kind(field))
		return -EINVAL;
	if (is_integer(first))
		return 0;
	return perftrace_field_get_element_size_bytes(first) ==
				       perftrace_field_get_element_size_bytes(
					       field) &&
			       perftrace_field_is_signed(first) ==
				       perftrace_field_is_signed(field) ?
		       0 :
		       -EINVAL;
}

static int fail_mixed(struct log *log, const struct batch_field *first,
		      struct perftrace_event *event,
		      struct perftrace_field *field)
{
	fail(log, -EINVAL,
	     "field %s is \"%s\" in %s and \"%s\" in %s: no column holds both",
	     perftrace_field_get_name(field),
	     perftrace_field_get_type(first->field),
	     perftrace_event_get_name(first->event),
	     perftrace_field_get_type(field), perftrace_event_get_name(event));
	return fail_remedy(log, "give each event a column of its own");
}

/* The one of those that are there that is at odds with it. */
static const struct batch_field *find_odd(const struct batch_fields *fields,
					  struct perftrace_field *field)
{
	size_t i;

	for (i = 0; i < fields->count; i++) {
		struct perftrace_field *other = fields->items[i].field;
		struct batch_fields one = { &fields->items[i], 1 };

		if (check_alike(other, field) ||
		    (is_integer(field) && check_integer(&one, field)))
			return &fields->items[i];
	}
	return &fields->items[0];
}

static int check(struct log *log, const struct batch_fields *fields,
		 struct perftrace_event *event, struct perftrace_field *field)
{
	int ret;

	if (!fields->count)
		return 0;
	ret = check_alike(fields->items[0].field, field);
	if (!ret && is_integer(field))
		ret = check_integer(fields, field);
	return ret ? fail_mixed(log, find_odd(fields, field), event, field) : 0;
}

int batch_fields_add(struct log *log, struct batch_fields *fields,
		     struct perftrace_event *event,
		     struct perftrace_field *field)
{
	struct batch_field *larger;
	int ret = check(log, fields, event, field);

	if (ret)
		return ret;
	larger = realloc(fields->items, (fields->count + 1) * sizeof(*larger));
	if (!larger)
		return fail_memory(log);
	fields->items = larger;
	fields->items[fields->count++] =
		(struct batch_field){ perftrace_event_ref(event), field };
	return 0;
}

void batch_fields_clear(struct batch_fields *fields)
{
	size_t i;

	for (i = 0; i < fields->count; i++)
		perftrace_event_unref(fields->items[i].event);
	free(fields->items);
	*fields = (struct batch_fields){ 0 };
}

/* A location word has 16 bits for the length. */
static size_t longest_of(struct perftrace_field *field)
{
	return perftrace_field_is_dynamic(field) ?
		       UINT16_MAX :
		       perftrace_field_get_size_bytes(field);
}

static void get_integer_type(const struct batch_fields *fields,
			     struct batch_type *type)
{
	struct integer_need need = sum_needs(fields);
	uint32_t width = width_of(&need);

	*type = (struct batch_type){
		.format = format_of(width, need.signed_width),
		.width = width,
		.may_be_null = true,
		.longest = width,
	};
}

void batch_fields_get_type(const struct batch_fields *fields,
			   struct batch_type *type)
{
	size_t i;

	if (is_integer(fields->items[0].field)) {
		get_integer_type(fields, type);
		return;
	}
	*type = (struct batch_type){ .format = "z", .may_be_null = true };
	for (i = 0; i < fields->count; i++) {
		size_t longest = longest_of(fields->items[i].field);

		if (longest > type->longest)
			type->longest = longest;
	}
}

struct perftrace_field *batch_fields_find(const struct batch_fields *fields,
					  const struct perftrace_event *event)
{
	size_t i;

	for (i = 0; i < fields->count; i++) {
		if (fields->items[i].event == event)
			return fields->items[i].field;
	}
	return NULL;
}
