/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "export.h"
#include "log.h"
#include "source.h"

struct perftrace_counts {
	struct source_row sum;
	size_t num_rows;
	struct source_row rows[];
};

static struct perftrace_counts *take(struct perftrace_source *source)
{
	size_t i, num_rows = source_get_num_rows(source);
	struct perftrace_counts *counts =
		calloc(1, sizeof(*counts) + num_rows * sizeof(*counts->rows));

	if (!counts)
		return NULL;
	counts->num_rows = num_rows;
	for (i = 0; i < num_rows; i++) {
		const struct source_row *row = source_get_row(source, i);

		counts->rows[i] = *row;
		counts->sum.reading.value += row->reading.value;
		counts->sum.reading.enabled_ns += row->reading.enabled_ns;
		counts->sum.reading.running_ns += row->reading.running_ns;
	}
	return counts;
}

PERFTRACE_EXPORT int
perftrace_source_get_counts(struct perftrace_source *source,
			    struct perftrace_counts **counts)
{
	struct perftrace_counts *made;
	int ret;

	assert(source);
	if (!source_get_num_rows(source))
		return fail(source_get_log(source), -EINVAL,
			    "%s was never open, and has no counts",
			    perftrace_event_get_name(
				    perftrace_source_get_event(source)));
	ret = source_update(source);
	if (ret)
		return ret;
	made = take(source);
	if (!made)
		return fail_memory(source_get_log(source));
	*counts = made;
	return 0;
}

PERFTRACE_EXPORT void perftrace_counts_free(struct perftrace_counts *counts)
{
	free(counts);
}

PERFTRACE_EXPORT uint64_t
perftrace_counts_get_value(struct perftrace_counts *counts)
{
	assert(counts);
	return counts->sum.reading.value;
}

PERFTRACE_EXPORT uint64_t
perftrace_counts_get_enabled_ns(struct perftrace_counts *counts)
{
	assert(counts);
	return counts->sum.reading.enabled_ns;
}

PERFTRACE_EXPORT uint64_t
perftrace_counts_get_running_ns(struct perftrace_counts *counts)
{
	assert(counts);
	return counts->sum.reading.running_ns;
}

PERFTRACE_EXPORT size_t
perftrace_counts_get_num_rows(struct perftrace_counts *counts)
{
	assert(counts);
	return counts->num_rows;
}

static const struct source_row *row_of(struct perftrace_counts *counts,
				       size_t row)
{
	static const struct source_row none = { .cpu = -1 };

	assert(counts);
	return row < counts->num_rows ? &counts->rows[row] : &none;
}

PERFTRACE_EXPORT int32_t
perftrace_counts_get_row_cpu(struct perftrace_counts *counts, size_t row)
{
	return row_of(counts, row)->cpu;
}

PERFTRACE_EXPORT uint64_t
perftrace_counts_get_row_value(struct perftrace_counts *counts, size_t row)
{
	return row_of(counts, row)->reading.value;
}

PERFTRACE_EXPORT uint64_t
perftrace_counts_get_row_enabled_ns(struct perftrace_counts *counts, size_t row)
{
	return row_of(counts, row)->reading.enabled_ns;
}

PERFTRACE_EXPORT uint64_t
perftrace_counts_get_row_running_ns(struct perftrace_counts *counts, size_t row)
{
	return row_of(counts, row)->reading.running_ns;
}
