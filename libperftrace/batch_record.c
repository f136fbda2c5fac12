/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "batch_record.h"

#include <string.h>

#include <perftrace/batch.h>

#include "export.h"

static const void *get_text(const char *text, size_t *size)
{
	*size = text ? strlen(text) : 0;
	return text;
}

static const void *get_comm(struct perftrace_record *record, size_t *size)
{
	return get_text(perftrace_record_get_comm(record), size);
}

static const void *get_map_path(struct perftrace_record *record, size_t *size)
{
	return get_text(perftrace_record_get_map_path(record), size);
}

static const void *get_callchain(struct perftrace_record *record, size_t *size)
{
	const uint64_t *addresses;

	*size = perftrace_record_get_callchain(record, &addresses) *
		sizeof(*addresses);
	return addresses;
}

#define S32(member)                                                            \
	{                                                                      \
		.name = #member, .type = { .format = "i", .width = 4 },        \
		.get_s32 = perftrace_record_get_##member                       \
	}
#define U32(member)                                                            \
	{                                                                      \
		.name = #member, .type = { .format = "I", .width = 4 },        \
		.get_u32 = perftrace_record_get_##member                       \
	}
#define U64(member)                                                            \
	{                                                                      \
		.name = #member, .type = { .format = "L", .width = 8 },        \
		.get_u64 = perftrace_record_get_##member                       \
	}
/* A record's size is of 16 bits: nothing in it is longer. */
#define BYTES(member, get)                                                     \
	{                                                                      \
		.name = #member,                                               \
		.type = { .format = "z",                                       \
			  .may_be_null = true,                                 \
			  .longest = UINT16_MAX },                             \
		.get_bytes = get                                               \
	}

static const struct batch_own columns[] = {
	[PERFTRACE_COLUMN_KIND] = S32(kind),
	[PERFTRACE_COLUMN_TIME_NS] = U64(time_ns),
	[PERFTRACE_COLUMN_CPU] = S32(cpu),
	[PERFTRACE_COLUMN_PID] = S32(pid),
	[PERFTRACE_COLUMN_TID] = S32(tid),
	[PERFTRACE_COLUMN_SOURCE] = { .name = "source",
				      .type = { .format = "i", .width = 4 } },
	[PERFTRACE_COLUMN_PERIOD] = U64(period),
	[PERFTRACE_COLUMN_LOST] = U64(lost),
	[PERFTRACE_COLUMN_PARENT_PID] = S32(parent_pid),
	[PERFTRACE_COLUMN_PARENT_TID] = S32(parent_tid),
	[PERFTRACE_COLUMN_IS_EXEC] = { .name = "is_exec",
				       .type = { .format = "C", .width = 1 },
				       .get_bool = perftrace_record_is_exec },
	[PERFTRACE_COLUMN_COMM] = BYTES(comm, get_comm),
	[PERFTRACE_COLUMN_CALLCHAIN] = BYTES(callchain, get_callchain),
	[PERFTRACE_COLUMN_RAW] = BYTES(raw, perftrace_record_get_raw),
	[PERFTRACE_COLUMN_MAP_ADDRESS] = U64(map_address),
	[PERFTRACE_COLUMN_MAP_LENGTH_BYTES] = U64(map_length_bytes),
	[PERFTRACE_COLUMN_MAP_OFFSET_BYTES] = U64(map_offset_bytes),
	[PERFTRACE_COLUMN_MAP_DEVICE] = U64(map_device),
	[PERFTRACE_COLUMN_MAP_INODE] = U64(map_inode),
	[PERFTRACE_COLUMN_MAP_PROTECTION] = U32(map_protection),
	[PERFTRACE_COLUMN_MAP_FLAGS] = U32(map_flags),
	[PERFTRACE_COLUMN_MAP_PATH] = BYTES(map_path, get_map_path),
};

const struct batch_own *batch_record_find(int32_t column)
{
	return column >= 0 && (size_t)column < ARRAY_SIZE(columns) ?
		       &columns[column] :
		       NULL;
}
