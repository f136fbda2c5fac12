/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BATCH_RECORD_H
#define BATCH_RECORD_H

/* What every record has for a column: enum perftrace_column. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch_column.h"

struct perftrace_record;

struct batch_own {
	const char *name;
	struct batch_type type;
	/* The one that there is; none for PERFTRACE_COLUMN_SOURCE. */
	uint64_t (*get_u64)(struct perftrace_record *record);
	int32_t (*get_s32)(struct perftrace_record *record);
	uint32_t (*get_u32)(struct perftrace_record *record);
	bool (*get_bool)(struct perftrace_record *record);
	/* NULL: null. */
	const void *(*get_bytes)(struct perftrace_record *record, size_t *size);
};

/* NULL: there is no such column. */
const struct batch_own *batch_record_find(int32_t column);

#endif /* BATCH_RECORD_H */
