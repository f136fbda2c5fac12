/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BATCH_FIELD_H
#define BATCH_FIELD_H

/* Fields of events that make a column. */

#include <stddef.h>
#include <stdint.h>

#include "batch_column.h"

struct log;
struct perftrace_event;
struct perftrace_field;

/* Those of several events, in one column. Zero: none. */
struct batch_fields {
	struct batch_field *items;
	size_t count;
};

/*
 * Holds a reference to @event. -EINVAL, with the reason, when no type holds
 * what there is and this as well; -ENOMEM.
 */
int batch_fields_add(struct log *log, struct batch_fields *fields,
		     struct perftrace_event *event,
		     struct perftrace_field *field);
void batch_fields_clear(struct batch_fields *fields);

/* The narrowest that holds them all; there is at least one. */
void batch_fields_get_type(const struct batch_fields *fields,
			   struct batch_type *type);

/* The field of an event; NULL: it has none here. */
struct perftrace_field *batch_fields_find(const struct batch_fields *fields,
					  const struct perftrace_event *event);

#endif /* BATCH_FIELD_H */
