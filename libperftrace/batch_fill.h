/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BATCH_FILL_H
#define BATCH_FILL_H

/* Records become rows. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch_column.h"
#include "batch_field.h"

struct batch_own;
struct log;
struct perftrace_record;
struct perftrace_source;

/* A column, and where its values come from. */
struct batch_entry {
	struct batch_column column;
	/* NULL: from fields. */
	const struct batch_own *own;
	struct batch_fields fields;
};

/* How a record of one source becomes a row; and how a value does. */
struct batch_plan;
struct batch_step;

struct batch_fill {
	struct batch_entry *entries;
	size_t num_entries;
	size_t capacity;
	size_t num_rows;

	/* In the order of the session's sources; the last: of none. */
	struct batch_plan *plans;
	size_t num_sources;
	/* Of each plan, one per column. */
	struct batch_step *steps;
	/* By source: open addressing, at most half full. */
	struct batch_plan **table;
	size_t room;
	/* Whose record came last: most come from the same source again. */
	const struct batch_plan *last;
	/* Where room may run out before the rows do. */
	struct batch_column **bytes_columns;
	size_t num_bytes_columns;
};

/* All but the entries. */
void batch_fill_clear(struct batch_fill *fill);

/* Start over, with records of these sources. -ENOMEM. */
int batch_fill_begin(struct log *log, struct batch_fill *fill,
		     struct perftrace_source *const *sources,
		     size_t num_sources);

/* Does one record more fit, whatever is in it? */
bool batch_fill_has_room(const struct batch_fill *fill);
void batch_fill_add(struct batch_fill *fill, struct perftrace_record *record);
/*
 * Of those that come next, as many as are samples of one source and are sure to
 * fit, column by column: how many; 0: it takes batch_fill_add().
 */
size_t batch_fill_add_run(struct batch_fill *fill,
			  struct perftrace_record *records, size_t most);
void batch_fill_end(struct batch_fill *fill);

#endif /* BATCH_FILL_H */
