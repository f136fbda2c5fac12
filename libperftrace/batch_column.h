/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BATCH_COLUMN_H
#define BATCH_COLUMN_H

/* A column of a batch: its arrays, as Arrow lays them out. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;

/* enum perftrace_buffer */
#define BATCH_NUM_BUFFERS 3

struct batch_type {
	/* Arrow's, a string literal. */
	const char *format;
	/* Of an integer; 0: bytes, with offsets. */
	uint32_t width;
	bool may_be_null;
	/* How many bytes a value may have at most. */
	size_t longest;
};

struct batch_buffer {
	void *data;
	size_t size;
	/* The caller's is not ours to free. */
	bool is_own;
};

struct batch_column {
	char *name;
	struct batch_type type;
	size_t capacity;
	struct batch_buffer buffers[BATCH_NUM_BUFFERS];
	/* Of what it holds now. */
	size_t used_bytes;
	size_t num_nulls;
};

/* With arrays of its own. -ENOMEM, and there is nothing to clear. */
int batch_column_init(struct log *log, struct batch_column *column,
		      const char *name, const struct batch_type *type,
		      size_t capacity);
void batch_column_clear(struct batch_column *column);

/* 0 when the column has no such array. */
size_t batch_column_get_min_bytes(const struct batch_column *column,
				  int32_t buffer);
/* NULL when the column has none. */
const struct batch_buffer *
batch_column_get_buffer(const struct batch_column *column, int32_t buffer);

/* -EINVAL, with the reason. */
int batch_column_set_buffer(struct log *log, struct batch_column *column,
			    int32_t buffer, void *data, size_t size);

/* Start over with no row. */
void batch_column_begin(struct batch_column *column);
/* Eight rows more will come, or some of them. */
void batch_column_begin_rows(struct batch_column *column, size_t first_row);
/* No row more comes. */
void batch_column_end(struct batch_column *column, size_t num_rows);

/* Does another value fit, however long it is? */
bool batch_column_has_room(const struct batch_column *column);

/* Rows come one behind the other. A number is cut to the column's width. */
void batch_column_put_number(struct batch_column *column, size_t row,
			     uint64_t number);
/* At most as many as the longest value has. */
void batch_column_put_bytes(struct batch_column *column, size_t row,
			    const void *bytes, size_t size);
void batch_column_put_null(struct batch_column *column, size_t row);

#endif /* BATCH_COLUMN_H */
